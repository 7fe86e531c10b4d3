//! The content of messages.
//!
//! [`Content`] is what a message says: a JSON object, with `t` for its text, together with what travels beside it:
//! mentions, attachments, the quoted message, and options of the sending. Plain text converts by itself:
//!
//! ```
//! use mezon_protocol::{Content, TopicId, UserId};
//!
//! let plain: Content = "hi".into();
//! assert_eq!(plain.to_json_text(), r#"{"t":"hi"}"#);
//!
//! let more = Content::text("hi").mention(UserId::new(7)).topic(TopicId::new(9));
//! assert_eq!(more.mentions().len(), 1);
//! ```
//!
//! | to write | take |
//! |---|---|
//! | a table, a list, code | [`Content::pre`] |
//! | a text with mentions, links, bold parts | [`Text`], or [`Content::markdown`] |
//! | a card, a form | [`Embed`], with [`Content::embed`] |
//! | buttons | [`Button`] in a [`Row`], with [`Content::row`] |
//! | the same by the names of the other bot SDKs | [`InteractiveBuilder`], [`ButtonBuilder`] |
//! | more than one message can hold | [`Content::split`] |
//! | what this crate has no word for | [`Content::with`], [`Content::from_json`] |
//!
//! What is received is read leniently and loses nothing: keys that this crate does not know keep their place and their
//! value, so that a message can be forwarded. It is decoded where it is asked for: [`Content::spans`] has the marked
//! parts of the text, [`Content::embeds`] and [`Content::rows`] what is below it. The lists that come beside it are read
//! by [`decode_mentions`] and its siblings.
//!
//! Offsets into a text count UTF-16 units, as the platform does.

mod attachment;
mod body;
mod builder;
mod chunk;
mod code;
mod component;
mod embed;
mod json;
mod keys;
mod kind;
mod link;
mod lists;
mod markdown;
mod mention;
mod numbered;
mod options;
mod parse;
mod preview;
mod reaction;
mod reference;
mod span;
mod spans;
mod text;
mod text_builder;
mod utf16;

pub use attachment::Attachment;
pub use builder::{ButtonBuilder, InteractiveBuilder};
pub use code::MessageCode;
pub use component::{
    Animation, AnimationConfig, Button, ButtonStyle, Component, DatePicker, Grid, GridItem, Input, InputFieldOption,
    Radio, RadioFieldOption, Row, Select, SelectFieldOption, SelectKind,
};
pub use embed::{
    Color, Embed, EmbedAuthor, EmbedField, EmbedFooter, EmbedImage, ImageSize, InvalidColor, PALETTE, Timestamp,
};
pub use keys::{CallLog, CallLogKind, TopicInfo};
pub use kind::{Contact, Location, Poll, PollAnswer, TokenMessage};
pub use link::LinkKind;
pub(crate) use lists::list_to_json;
pub use lists::{decode_attachments, decode_mentions, decode_reactions, decode_references};
pub use mention::Mention;
pub use options::Encoded;
pub use preview::LinkPreview;
pub use reaction::Reaction;
pub use reference::Reference;
pub use serde_json;
pub use span::{Span, SpanKind};
pub(crate) use text::text_of;
pub use text_builder::Text;

use std::fmt;

use serde_json::{Map, Value};

use self::body::Body;
use self::component::with_rows;
use self::options::Options;
use self::utf16::utf16_len;
use crate::error::{Error, ErrorKind};

/// What a message says, and what travels beside it.
///
/// It is made from a text, a [`Text`] with spans, or JSON; embeds, components and the rest are added to it. What comes
/// in is read by the same type.
///
/// The text of a message is private: `Debug` shows its length and the keys of the content, not what they hold.
#[doc(alias = "ChannelMessageContent")]
#[derive(Clone, Default, PartialEq)]
pub struct Content {
    body: Body,
    /// None as long as nothing is set: plain text stays small.
    options: Option<Box<Options>>,
}

impl Content {
    /// The longest content that the platform takes, in UTF-16 units of its JSON: 3992 ASCII letters as plain text.
    pub const DEFAULT_LIMIT: usize = 4000;

    /// Plain text (`t`).
    #[doc(alias = "t")]
    pub fn text(text: impl Into<String>) -> Self {
        Self::from(Body::text(text.into()))
    }

    /// A text that is one block of code, for tables and the like; see [`Text`] for more.
    ///
    /// ```
    /// use mezon_protocol::Content;
    ///
    /// assert_eq!(Content::pre("1 😀").to_json_text(), r#"{"t":"1 😀","mk":[{"type":"pre","s":0,"e":4}]}"#);
    /// ```
    pub fn pre(text: impl AsRef<str>) -> Self {
        Text::new().pre(text).into()
    }

    /// Any JSON object, for what this crate has no word for. Keys that it knows are left out if they are `null`, and
    /// components that stand in `components` without a row get one.
    ///
    /// # Errors
    ///
    /// `InvalidArgument` if it is no object.
    pub fn from_json(json: Value) -> Result<Self, Error> {
        match json {
            Value::Object(map) => Ok(Self::from(map)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
                Err(Error::unsent(ErrorKind::InvalidArgument("the content of a message is a JSON object".to_owned())))
            }
        }
    }

    /// The content of a received message, from its `content` field. Never fails:
    ///
    /// 1. blank text and `[]` are an empty text;
    /// 2. a JSON object is the content, its keys and their order kept;
    /// 3. a JSON text that holds a JSON object is that object (it was encoded twice); any other JSON text is the text,
    ///    and any other JSON value is a text as it stands;
    /// 4. where that does not work, it is tried once more with line feeds and carriage returns escaped;
    /// 5. all else is a text as it stands.
    ///
    /// JSON nested deeper than 127 levels counts as no JSON.
    pub fn parse(raw: &str) -> Self {
        Self::from(parse::parse(raw))
    }

    /// The text (`t`), empty if there is none.
    pub fn as_text(&self) -> &str {
        self.body.as_text()
    }

    /// The value of a key of the JSON object; a `null` is none.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.body.get(key)
    }

    /// The keys of the JSON object, in their order.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.body.keys()
    }

    /// With a key of the JSON object set, replacing what was there; `null` takes a known key away. Components without a
    /// row get one, as in [`from_json`](Self::from_json).
    #[must_use]
    pub fn with(self, key: impl Into<String>, value: impl Into<Value>) -> Self {
        let (key, value) = (key.into(), value.into());
        let value = if key == "components" { with_rows(value) } else { value };
        self.edit(|map| {
            map.insert(key, value);
        })
    }

    /// The JSON object, without what travels beside it.
    pub fn into_json(self) -> Map<String, Value> {
        self.body.into_map()
    }

    /// The JSON object as it is sent: compact, characters outside of ASCII as they are, and nothing escaped but what
    /// JSON requires.
    pub fn to_json_text(&self) -> String {
        self.body.to_json_text()
    }

    /// Length of [`to_json_text`](Self::to_json_text) in UTF-16 units, by which the platform limits messages.
    pub fn utf16_len(&self) -> usize {
        self.body.utf16_len()
    }

    /// Whether the content is within a limit in UTF-16 units of its JSON; `None` stands for no limit. What travels
    /// beside the JSON does not count.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::TooLong`], with the length and the limit.
    pub fn check_limit(&self, limit: impl Into<Option<usize>>) -> Result<(), Error> {
        match limit.into() {
            Some(limit) => within(self.utf16_len(), limit),
            None => Ok(()),
        }
    }

    /// Everything as the wire wants it. Limit as in [`check_limit`](Self::check_limit).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::TooLong`], with the length and the limit; `InvalidArgument` for an attachment above
    /// [`Attachment::MAX_SIZE`].
    pub fn encode(self, limit: impl Into<Option<usize>>) -> Result<Encoded, Error> {
        let content = self.to_json_text();
        if let Some(limit) = limit.into() {
            within(utf16_len(content.as_bytes()), limit)?;
        }
        Encoded::new(content, self.options.map(|options| *options).unwrap_or_default())
    }

    fn edit(mut self, edit: impl FnOnce(&mut Map<String, Value>)) -> Self {
        let mut map = std::mem::take(&mut self.body).into_map();
        edit(&mut map);
        self.body = map.into();
        self
    }
}

fn within(len: usize, limit: usize) -> Result<(), Error> {
    if len > limit {
        return Err(Error::unsent(ErrorKind::TooLong { len, limit }));
    }
    Ok(())
}

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Content")
            .field("text_len", &self.as_text().len())
            .field("keys", &self.keys().collect::<Vec<_>>())
            .field("options", &self.options)
            .finish()
    }
}

impl From<Body> for Content {
    fn from(body: Body) -> Self {
        Self { body, options: None }
    }
}

/// As [`Content::from_json`].
impl From<Map<String, Value>> for Content {
    fn from(mut map: Map<String, Value>) -> Self {
        if let Some(components) = map.get_mut("components") {
            *components = with_rows(components.take());
        }
        Self::from(Body::from(map))
    }
}

impl From<&str> for Content {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}

impl From<String> for Content {
    fn from(text: String) -> Self {
        Self::text(text)
    }
}

impl From<&String> for Content {
    fn from(text: &String) -> Self {
        Self::text(text.as_str())
    }
}

/// A message that is an embed and nothing else.
impl From<Embed> for Content {
    fn from(embed: Embed) -> Self {
        Self::default().embed(embed)
    }
}

impl From<std::borrow::Cow<'_, str>> for Content {
    fn from(text: std::borrow::Cow<'_, str>) -> Self {
        Self::text(text)
    }
}

#[cfg(test)]
mod tests;
