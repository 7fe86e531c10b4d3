//! Rows of buttons, the way the bot SDKs build them.

use crate::content::component::{Button, ButtonStyle, Component, Row};

/// Collects buttons. Nothing is checked: ids may repeat, labels may be empty.
///
/// ```
/// // Rows 141, 142, 144, 146.
/// use mezon_protocol::Content;
/// use mezon_protocol::content::{ButtonBuilder, ButtonStyle};
///
/// let mut buttons = ButtonBuilder::new();
/// buttons
///     .add_button("accept", "Accept", ButtonStyle::Success)
///     .add_button("decline", "Decline", ButtonStyle::Danger)
///     .link_button("help", "Help", "https://help.mezon.ai");
/// let content = Content::text("Do you agree?").row(buttons.build_row());
/// assert_eq!(content, Content::text("Do you agree?").components(buttons.build()));
/// ```
#[derive(Clone, Debug, Default)]
pub struct ButtonBuilder {
    buttons: Vec<Button>,
}

impl ButtonBuilder {
    /// No buttons.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a button.
    #[doc(alias = "addButton")]
    pub fn add_button(&mut self, id: impl Into<String>, label: impl Into<String>, style: ButtonStyle) -> &mut Self {
        self.add(Button::new(id, label).style(style))
    }

    /// Adds a button with an address, which it opens instead of sending a click, or a disabled one. An empty address is
    /// none. For a style of [`ButtonStyle::Link`] the address should not be missing, but may.
    pub fn add_button_with<'a>(
        &mut self,
        id: impl Into<String>,
        label: impl Into<String>,
        style: ButtonStyle,
        url: impl Into<Option<&'a str>>,
        disabled: bool,
    ) -> &mut Self {
        let mut button = Button::new(id, label).style(style).disabled(disabled);
        button.url = url.into().filter(|url| !url.is_empty()).map(Into::into);
        self.add(button)
    }

    /// Adds a button that opens an address.
    pub fn link_button(
        &mut self,
        id: impl Into<String>,
        label: impl Into<String>,
        url: impl Into<String>,
    ) -> &mut Self {
        self.add(Button::link(id, label, url))
    }

    /// Adds a button that was made elsewhere.
    pub fn add(&mut self, button: Button) -> &mut Self {
        self.buttons.push(button);
        self
    }

    /// Takes all buttons away.
    pub fn clear(&mut self) -> &mut Self {
        self.buttons.clear();
        self
    }

    /// The buttons so far, for [`Content::components`](crate::Content::components). Buttons that are added later do not
    /// appear in them.
    pub fn build(&self) -> Vec<Component> {
        self.buttons.iter().cloned().map(Component::Button).collect()
    }

    /// The buttons so far as one action row.
    pub fn build_row(&self) -> Row {
        Row::new(self.buttons.iter().cloned())
    }
}
