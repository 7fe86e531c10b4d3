//! What an embed is made of: author, pictures, footer.

use std::fmt;

use serde_json::{Map, Value};

use crate::content::json::{Json, Reader, Writer};

/// Who is named above the title of an embed.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct EmbedAuthor {
    /// The name.
    pub name: String,
    /// Address of a small picture (`icon_url`).
    pub icon_url: Option<String>,
    /// Where the name leads to (`url`).
    pub url: Option<String>,
    rest: Map<String, Value>,
}

impl EmbedAuthor {
    /// An author by name.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }

    /// With a small picture, by its address.
    #[must_use]
    pub fn icon_url(mut self, url: impl Into<String>) -> Self {
        self.icon_url = Some(url.into());
        self
    }

    /// With an address that the name leads to.
    #[must_use]
    pub fn url(mut self, url: impl Into<String>) -> Self {
        self.url = Some(url.into());
        self
    }
}

impl<T: Into<String>> From<T> for EmbedAuthor {
    fn from(name: T) -> Self {
        Self::new(name)
    }
}

impl Json for EmbedAuthor {
    fn read(value: Value) -> Option<Self> {
        let mut reader = Reader::new(value)?;
        Some(Self {
            name: reader.text("name").unwrap_or_default(),
            icon_url: reader.text("icon_url"),
            url: reader.text("url"),
            rest: reader.rest(),
        })
    }

    fn write(self) -> Value {
        let writer = Writer::default().put("name", self.name);
        writer.put_some("icon_url", self.icon_url).put_some("url", self.url).end(self.rest)
    }
}

/// The line at the bottom of an embed.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct EmbedFooter {
    /// What it says.
    pub text: String,
    /// Address of a small picture (`icon_url`).
    pub icon_url: Option<String>,
    rest: Map<String, Value>,
}

impl EmbedFooter {
    /// A footer with a text.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// With a small picture, by its address.
    #[must_use]
    pub fn icon_url(mut self, url: impl Into<String>) -> Self {
        self.icon_url = Some(url.into());
        self
    }
}

impl<T: Into<String>> From<T> for EmbedFooter {
    fn from(text: T) -> Self {
        Self::new(text)
    }
}

impl Json for EmbedFooter {
    fn read(value: Value) -> Option<Self> {
        let mut reader = Reader::new(value)?;
        let text = reader.text("text").unwrap_or_default();
        Some(Self { text, icon_url: reader.text("icon_url"), rest: reader.rest() })
    }

    fn write(self) -> Value {
        Writer::default().put("text", self.text).put_some("icon_url", self.icon_url).end(self.rest)
    }
}

/// A picture in an embed.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct EmbedImage {
    /// Its address.
    pub url: String,
    /// How wide it is shown; clients take 400 pixels if nothing is said.
    pub width: Option<ImageSize>,
    /// How high it is shown; clients take 300 pixels if nothing is said.
    pub height: Option<ImageSize>,
    rest: Map<String, Value>,
}

impl EmbedImage {
    /// A picture by its address.
    pub fn new(url: impl Into<String>) -> Self {
        Self { url: url.into(), ..Self::default() }
    }

    /// With the size in which it is shown, such as `800` pixels, or [`ImageSize::Auto`].
    #[must_use]
    pub fn size(mut self, width: impl Into<ImageSize>, height: impl Into<ImageSize>) -> Self {
        self.width = Some(width.into());
        self.height = Some(height.into());
        self
    }
}

impl<T: Into<String>> From<T> for EmbedImage {
    fn from(url: T) -> Self {
        Self::new(url)
    }
}

impl Json for EmbedImage {
    fn read(value: Value) -> Option<Self> {
        let mut reader = Reader::new(value)?;
        Some(Self {
            url: reader.text("url").unwrap_or_default(),
            width: reader.text("width").map(ImageSize::from),
            height: reader.text("height").map(ImageSize::from),
            rest: reader.rest(),
        })
    }

    fn write(self) -> Value {
        let writer = Writer::default().put("url", self.url);
        let writer = writer.put_some("width", self.width.map(|size| size.to_string()));
        writer.put_some("height", self.height.map(|size| size.to_string())).end(self.rest)
    }
}

/// How wide or high a picture is shown. Sent as text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ImageSize {
    /// As it comes: `auto`.
    #[default]
    Auto,
    /// So many pixels.
    Pixels(u32),
    /// Any other text, such as `800px`.
    Other(String),
}

impl From<u32> for ImageSize {
    fn from(pixels: u32) -> Self {
        Self::Pixels(pixels)
    }
}

/// An empty text is [`ImageSize::Auto`].
impl From<&str> for ImageSize {
    fn from(text: &str) -> Self {
        match text {
            "" | "auto" => Self::Auto,
            _ => text.parse().map_or_else(|_| Self::Other(text.to_owned()), Self::Pixels),
        }
    }
}

impl From<String> for ImageSize {
    fn from(text: String) -> Self {
        Self::from(text.as_str())
    }
}

impl fmt::Display for ImageSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str("auto"),
            Self::Pixels(pixels) => pixels.fmt(f),
            Self::Other(text) => f.write_str(text),
        }
    }
}
