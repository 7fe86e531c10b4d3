//! Embeds: cards below the text of a message, with a title, pictures, fields, and the inputs of forms.

mod color;
mod field;
mod parts;
mod timestamp;

use std::fmt;

use serde_json::{Map, Value};

pub use self::color::{Color, InvalidColor, PALETTE};
pub use self::field::EmbedField;
pub use self::parts::{EmbedAuthor, EmbedFooter, EmbedImage, ImageSize};
pub use self::timestamp::Timestamp;
use super::component::Component;
use super::json::{Json, Reader, Writer, read_list, write_list};

/// A card below the text of a message. Everything in it is optional.
///
/// ```
/// use mezon_protocol::Content;
/// use mezon_protocol::content::{Embed, Input};
///
/// let embed = Embed::new()
///     .title("Order 7")
///     .color(0x57F287)
///     .field("Item", "Coffee", true)
///     .field("Price", "3000", true)
///     .input("Note", Input::new("note").placeholder("Anything else?"))
///     .footer("Thank you");
/// let content = Content::text("").embed(embed);
/// assert_eq!(content.embeds()[0].fields[1].value, "3000");
/// ```
///
/// Keys that it has no word for are kept when it is read, and are written again.
#[doc(alias = "IInteractiveMessageProps")]
#[derive(Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct Embed {
    /// The colour of its edge (`color`).
    pub color: Option<Color>,
    /// The title.
    pub title: Option<String>,
    /// Where the title leads to (`url`).
    pub url: Option<String>,
    /// Who is named above the title.
    pub author: Option<EmbedAuthor>,
    /// The text below the title.
    pub description: Option<String>,
    /// A small picture at the side; its size does not count.
    pub thumbnail: Option<EmbedImage>,
    /// The fields, in their order.
    pub fields: Vec<EmbedField>,
    /// A large picture.
    pub image: Option<EmbedImage>,
    /// The time that is shown in the footer.
    pub timestamp: Option<Timestamp>,
    /// The line at the bottom.
    pub footer: Option<EmbedFooter>,
    pub(super) rest: Map<String, Value>,
}

impl Embed {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// From its JSON object; `None` if it is no object. What cannot be read in it counts as absent.
    pub fn from_json(json: Value) -> Option<Self> {
        Self::read(json)
    }

    /// With a title.
    #[must_use]
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = Some(title.into());
        self
    }

    /// With an address that the title leads to.
    #[must_use]
    pub fn url(mut self, url: impl Into<String>) -> Self {
        self.url = Some(url.into());
        self
    }

    /// With a text below the title.
    #[must_use]
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// With a colour, such as `0x57F287`. A text is parsed into a [`Color`] first.
    #[must_use]
    pub fn color(mut self, color: impl Into<Color>) -> Self {
        self.color = Some(color.into());
        self
    }

    /// With a name above the title, or an [`EmbedAuthor`] with picture and address.
    #[must_use]
    pub fn author(mut self, author: impl Into<EmbedAuthor>) -> Self {
        self.author = Some(author.into());
        self
    }

    /// With a small picture at the side, by its address.
    #[must_use]
    pub fn thumbnail(mut self, url: impl Into<String>) -> Self {
        self.thumbnail = Some(EmbedImage::new(url));
        self
    }

    /// With a large picture: by its address, or an [`EmbedImage`] with its size.
    #[must_use]
    pub fn image(mut self, image: impl Into<EmbedImage>) -> Self {
        self.image = Some(image.into());
        self
    }

    /// With a time in the footer: that of a `Now`, of a `SystemTime`, or an RFC 3339 text.
    #[must_use]
    pub fn timestamp(mut self, timestamp: impl Into<Timestamp>) -> Self {
        self.timestamp = Some(timestamp.into());
        self
    }

    /// With a line at the bottom, or an [`EmbedFooter`] with a picture.
    #[must_use]
    pub fn footer(mut self, footer: impl Into<EmbedFooter>) -> Self {
        self.footer = Some(footer.into());
        self
    }

    /// With one more field. Up to three inline ones in a row stand side by side.
    #[must_use]
    pub fn field(mut self, name: impl Into<String>, value: impl Into<String>, inline: bool) -> Self {
        self.fields.push(EmbedField::new(name, value).inline(inline));
        self
    }

    /// With one more field that holds an input of a form: what is chosen or typed there comes with the next click on a
    /// button of the message.
    #[must_use]
    pub fn input(mut self, name: impl Into<String>, input: impl Into<Component>) -> Self {
        self.fields.push(EmbedField::new(name, "").input(input));
        self
    }

    /// With any key of its JSON object, for what this crate has no word for. Where it has one, that one counts.
    #[must_use]
    pub fn with(mut self, key: impl Into<String>, value: impl Into<Value>) -> Self {
        self.rest.insert(key.into(), value.into());
        self
    }

    /// The keys that this crate has no word for, or whose value it cannot read.
    pub const fn unknown(&self) -> &Map<String, Value> {
        &self.rest
    }
}

impl Json for Embed {
    fn read(value: Value) -> Option<Self> {
        let mut reader = Reader::new(value)?;
        Some(Self {
            color: reader.part("color"),
            title: reader.text("title"),
            url: reader.text("url"),
            author: reader.part("author"),
            description: reader.text("description"),
            thumbnail: reader.part("thumbnail"),
            fields: read_list(reader.list("fields")),
            image: reader.part("image"),
            timestamp: reader.text("timestamp").map(Timestamp::from),
            footer: reader.part("footer"),
            rest: reader.rest(),
        })
    }

    fn write(self) -> Value {
        let fields = (!self.fields.is_empty()).then(|| write_list(self.fields));
        Writer::default()
            .put_some("color", self.color.map(Json::write))
            .put_some("title", self.title)
            .put_some("url", self.url)
            .put_some("author", self.author.map(Json::write))
            .put_some("description", self.description)
            .put_some("thumbnail", self.thumbnail.map(Json::write))
            .put_some("fields", fields)
            .put_some("image", self.image.map(Json::write))
            .put_some("timestamp", self.timestamp.map(String::from))
            .put_some("footer", self.footer.map(Json::write))
            .end(self.rest)
    }
}

impl From<Embed> for Value {
    fn from(embed: Embed) -> Self {
        embed.write()
    }
}

/// Shows how much there is, not what it says.
impl fmt::Debug for Embed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Embed")
            .field("color", &self.color)
            .field("has_title", &self.title.is_some())
            .field("fields", &self.fields)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
