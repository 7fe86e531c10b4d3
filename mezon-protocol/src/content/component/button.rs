//! Buttons.

use serde_json::Value;

use super::{Kind, Rest, Wrapper, payload_object};
use crate::content::json::{Reader, Writer};
use crate::content::numbered::numbered;

numbered! {
    /// The look of a button.
    #[doc(alias = "EButtonMessageStyle")]
    #[doc(alias = "ButtonMessageStyle")]
    ButtonStyle {
        /// Blue, the default.
        #[default]
        #[doc(alias = "PRIMARY")]
        Primary = 1,
        /// Grey.
        #[doc(alias = "SECONDARY")]
        Secondary = 2,
        /// Green.
        #[doc(alias = "SUCCESS")]
        Success = 3,
        /// Red.
        #[doc(alias = "DANGER")]
        Danger = 4,
        /// As a link. It opens its address if it has one, and is clicked like any other if not.
        #[doc(alias = "LINK")]
        Link = 5,
    }
}

/// A button. A click on it comes as an event that names its id.
///
/// ```
/// use mezon_protocol::Content;
/// use mezon_protocol::content::{Button, ButtonStyle, Row};
///
/// let row = Row::new([
///     Button::new("yes", "Yes").style(ButtonStyle::Success),
///     Button::new("no", "No").style(ButtonStyle::Danger),
///     Button::link("help", "Help", "https://example.com"),
/// ]);
/// let content = Content::text("Sure?").row(row);
/// # assert_eq!(content.rows()[0].components.len(), 3);
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Button {
    /// What a click names. May be used to hold what the bot needs to know then.
    pub id: String,
    /// What is written on it.
    pub label: String,
    /// Its look.
    pub style: ButtonStyle,
    /// The address that it opens. A button with one sends no click, whatever its style.
    pub url: Option<String>,
    /// Whether it does nothing (`disable`).
    pub disabled: bool,
    /// A symbol on it; `PLAY` and `PAUSE` are known.
    pub icon: Option<String>,
    rest: Rest,
}

impl Button {
    /// A button of the default style.
    pub fn new(id: impl Into<String>, label: impl Into<String>) -> Self {
        Self { id: id.into(), label: label.into(), ..Self::default() }
    }

    /// A button that opens an address, and sends no click.
    pub fn link(id: impl Into<String>, label: impl Into<String>, url: impl Into<String>) -> Self {
        Self::new(id, label).style(ButtonStyle::Link).url(url)
    }

    /// With this look.
    #[must_use]
    pub const fn style(mut self, style: ButtonStyle) -> Self {
        self.style = style;
        self
    }

    /// With an address that it opens, instead of sending a click.
    #[must_use]
    pub fn url(mut self, url: impl Into<String>) -> Self {
        self.url = Some(url.into());
        self
    }

    /// Doing nothing, or not.
    #[must_use]
    pub const fn disabled(mut self, disabled: bool) -> Self {
        self.disabled = disabled;
        self
    }

    /// With a symbol, `PLAY` or `PAUSE`.
    #[must_use]
    pub fn icon(mut self, icon: impl Into<String>) -> Self {
        self.icon = Some(icon.into());
        self
    }
}

impl Kind for Button {
    const TYPE: i32 = 1;

    fn read(id: String, wrapper: Reader, payload: Value) -> Option<Self> {
        let mut payload = payload_object(payload)?;
        Some(Self {
            id,
            label: payload.text("label").unwrap_or_default(),
            style: payload.integer("style").map_or_else(ButtonStyle::default, i32::into),
            url: payload.text("url").filter(|url| !url.is_empty()),
            disabled: payload.flag("disable"),
            icon: payload.text("icon"),
            rest: Rest::of(wrapper, payload),
        })
    }

    fn write(self) -> Wrapper {
        let payload = Writer::default()
            .put("label", self.label)
            .put("style", i32::from(self.style))
            .put_some("url", self.url)
            .put_true("disable", self.disabled)
            .put_some("icon", self.icon)
            .end(self.rest.payload);
        Wrapper { id: self.id, other: self.rest.wrapper, payload }
    }
}
