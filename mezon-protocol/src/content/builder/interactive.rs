//! Embeds and forms, the way the bot SDKs build them.

use serde_json::{Map, Value};

use crate::content::component::{
    Animation, AnimationConfig, Component, DatePicker, Input, InputFieldOption, Radio, RadioFieldOption, Select,
    SelectFieldOption,
};
use crate::content::embed::{
    Color, Embed, EmbedAuthor, EmbedField, EmbedFooter, EmbedImage, ImageSize, PALETTE, Timestamp,
};
use crate::time::Now;

const FOOTER_TEXT: &str = "Powered by Mezon";
const FOOTER_ICON: &str =
    concat!("https://cdn.mezon.vn/1837043892743049216/1840654271217930240/", "1827994776956309500/857_0246x0w.webp");

/// Builds an embed with the platform's footer.
///
/// The bot SDKs give it a random colour and the time. This crate has neither chance nor clock, so [`new`](Self::new)
/// takes the first colour of the [`PALETTE`] and no time; give them with [`with_color`](Self::with_color) and
/// [`with_timestamp`](Self::with_timestamp), or both with [`seeded`](Self::seeded).
///
/// What is set twice counts as it was set last; what is added stands in its order. Where the SDKs have an optional
/// argument, `None` is taken.
///
/// ```
/// // Rows 147, 148, 149, 150, 151, 153, 158, 163, 164, 165, 166.
/// use mezon_protocol::Content;
/// use mezon_protocol::content::{ButtonBuilder, ButtonStyle, InteractiveBuilder, SelectFieldOption};
/// use std::time::SystemTime;
///
/// let countries = [SelectFieldOption::new("Vietnam", "vn"), SelectFieldOption::new("France", "fr")];
/// let mut form = InteractiveBuilder::new("User Survey").with_timestamp(SystemTime::now());
/// form.set_description("Please fill out this survey")
///     .set_color("#5865F2")
///     .set_author("Survey Bot", "https://example.com/icon.png", None)
///     .set_footer("Thank you", None)
///     .add_field("Prize", "A coffee", true)
///     .add_input_field("username", "Username", "Enter your username", None, "Choose a unique username")
///     .add_select_field("country", "Country", countries, None, "Select your country");
/// let mut buttons = ButtonBuilder::new();
/// buttons.add_button("submit", "Submit", ButtonStyle::Success);
///
/// let content = Content::text("").embed(form.build()).row(buttons.build_row());
/// assert_eq!(content.embeds()[0].title.as_deref(), Some("User Survey"));
/// ```
#[derive(Clone, Debug)]
pub struct InteractiveBuilder {
    embed: Embed,
}

/// Without a title.
impl Default for InteractiveBuilder {
    fn default() -> Self {
        let mut embed = Embed::new().color(PALETTE[0]).footer(EmbedFooter::new(FOOTER_TEXT).icon_url(FOOTER_ICON));
        // it is sent even if there are none
        embed.rest = Map::from_iter([("fields".to_owned(), Value::Array(Vec::new()))]);
        Self { embed }
    }
}

impl InteractiveBuilder {
    /// An embed with a title; see [`default`](Self::default) for one without.
    pub fn new(title: impl Into<String>) -> Self {
        let mut builder = Self::default();
        builder.embed.title = Some(title.into());
        builder
    }

    /// An embed as the bot SDKs begin it: with a colour of the [`PALETTE`], the same for the same seed, and the time.
    pub fn seeded(title: impl Into<String>, seed: u64, now: Now) -> Self {
        Self::new(title).with_color(Color::from_palette(seed)).with_timestamp(now)
    }

    /// With this colour, in place of the first of the [`PALETTE`].
    #[must_use]
    pub fn with_color(mut self, color: impl Into<Color>) -> Self {
        self.embed.color = Some(color.into());
        self
    }

    /// With this time in the footer.
    #[must_use]
    pub fn with_timestamp(mut self, timestamp: impl Into<Timestamp>) -> Self {
        self.embed.timestamp = Some(timestamp.into());
        self
    }

    /// Sets the colour to a text of the form `#RRGGBB`. It is not checked, and sent as it is.
    #[doc(alias = "setColor")]
    pub fn set_color(&mut self, color: impl Into<String>) -> &mut Self {
        let text = color.into();
        self.embed.color = text.parse().ok().filter(|color: &Color| color.to_string() == text);
        self.embed.rest.insert("color".to_owned(), text.into());
        self
    }

    /// Sets the title.
    #[doc(alias = "setTitle")]
    pub fn set_title(&mut self, title: impl Into<String>) -> &mut Self {
        self.embed.title = Some(title.into());
        self
    }

    /// Sets the address that the title leads to.
    #[doc(alias = "setURL")]
    pub fn set_url(&mut self, url: impl Into<String>) -> &mut Self {
        self.embed.url = Some(url.into());
        self
    }

    /// Sets who is named above the title: name, picture, and address. Empty ones are none.
    #[doc(alias = "setAuthor")]
    pub fn set_author<'a>(
        &mut self,
        name: impl Into<String>,
        icon_url: impl Into<Option<&'a str>>,
        url: impl Into<Option<&'a str>>,
    ) -> &mut Self {
        let mut author = EmbedAuthor::new(name);
        author.icon_url = not_empty(icon_url);
        author.url = not_empty(url);
        self.embed.author = Some(author);
        self
    }

    /// Sets the text below the title.
    #[doc(alias = "setDescription")]
    pub fn set_description(&mut self, description: impl Into<String>) -> &mut Self {
        self.embed.description = Some(description.into());
        self
    }

    /// Sets the small picture at the side.
    #[doc(alias = "setThumbnail")]
    pub fn set_thumbnail(&mut self, url: impl Into<String>) -> &mut Self {
        self.embed.thumbnail = Some(EmbedImage::new(url));
        self
    }

    /// Sets the large picture and its size: pixels as number or text, or [`ImageSize::Auto`].
    #[doc(alias = "setImage")]
    pub fn set_image(
        &mut self,
        url: impl Into<String>,
        width: impl Into<ImageSize>,
        height: impl Into<ImageSize>,
    ) -> &mut Self {
        self.embed.image = Some(EmbedImage::new(url).size(width, height));
        self
    }

    /// Sets text and picture of the footer, in place of the platform's.
    #[doc(alias = "setFooter")]
    pub fn set_footer<'a>(&mut self, text: impl Into<String>, icon_url: impl Into<Option<&'a str>>) -> &mut Self {
        let mut footer = EmbedFooter::new(text);
        footer.icon_url = not_empty(icon_url);
        self.embed.footer = Some(footer);
        self
    }

    /// Adds a field with a value.
    #[doc(alias = "addField")]
    pub fn add_field(&mut self, name: impl Into<String>, value: impl Into<String>, inline: bool) -> &mut Self {
        self.embed.fields.push(EmbedField::new(name, value).inline(inline));
        self
    }

    /// Adds a line or an area to type into.
    #[doc(alias = "addInputField")]
    pub fn add_input_field<'a>(
        &mut self,
        id: impl Into<String>,
        name: impl Into<String>,
        placeholder: impl Into<Option<&'a str>>,
        options: impl Into<Option<InputFieldOption>>,
        description: impl Into<Option<&'a str>>,
    ) -> &mut Self {
        let mut input = Input::new(id).options(options.into().unwrap_or_default());
        input.placeholder = placeholder.into().map(Into::into);
        self.add_input(name, input, description)
    }

    /// Adds a box to choose from.
    #[doc(alias = "addSelectField")]
    pub fn add_select_field<'a, O: Into<SelectFieldOption>>(
        &mut self,
        id: impl Into<String>,
        name: impl Into<String>,
        options: impl IntoIterator<Item = O>,
        value_selected: impl Into<Option<SelectFieldOption>>,
        description: impl Into<Option<&'a str>>,
    ) -> &mut Self {
        let mut select = Select::new(id, options);
        select.selected = value_selected.into();
        self.add_input(name, select, description)
    }

    /// Adds choices that are all in view: one of them to be chosen, or several if `max_options` is given and the names
    /// of the options differ; [`Radio::several`] cares for both.
    #[doc(alias = "addRadioField")]
    pub fn add_radio_field<'a, O: Into<RadioFieldOption>>(
        &mut self,
        id: impl Into<String>,
        name: impl Into<String>,
        options: impl IntoIterator<Item = O>,
        description: impl Into<Option<&'a str>>,
        max_options: impl Into<Option<u32>>,
    ) -> &mut Self {
        let mut radio = Radio::new(id, options);
        radio.max_options = max_options.into().filter(|max| *max > 0);
        self.add_input(name, radio, description)
    }

    /// Adds a calendar.
    #[doc(alias = "addDatePickerField")]
    #[doc(alias = "add_date_picker_field")]
    pub fn add_datepicker_field<'a>(
        &mut self,
        id: impl Into<String>,
        name: impl Into<String>,
        description: impl Into<Option<&'a str>>,
    ) -> &mut Self {
        self.add_input(name, DatePicker::new(id), description)
    }

    /// Adds an animation.
    #[doc(alias = "addAnimation")]
    pub fn add_animation<'a>(
        &mut self,
        id: impl Into<String>,
        config: AnimationConfig,
        name: impl Into<Option<&'a str>>,
        description: impl Into<Option<&'a str>>,
    ) -> &mut Self {
        self.add_input(name.into().unwrap_or_default(), Animation::new(id, config), description)
    }

    /// Adds any other input.
    pub fn add_input<'a>(
        &mut self,
        name: impl Into<String>,
        input: impl Into<Component>,
        description: impl Into<Option<&'a str>>,
    ) -> &mut Self {
        let description = description.into().unwrap_or_default();
        self.embed.fields.push(EmbedField::new(name, description).input(input));
        self
    }

    /// The embed so far. What is set later does not appear in it.
    pub fn build(&self) -> Embed {
        self.embed.clone()
    }
}

fn not_empty<'a>(text: impl Into<Option<&'a str>>) -> Option<String> {
    text.into().filter(|text| !text.is_empty()).map(Into::into)
}
