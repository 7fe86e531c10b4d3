//! A message in the form in which the stores of all bot SDKs have it: ids as text, content and lists as JSON.

use std::fmt;

use bytes::Bytes;
use prost::Message as _;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::content::{Attachment, Mention, Reaction, Reference, list_to_json};
use crate::event::MessageData;
use crate::id::UserId;
use crate::proto::api;

/// A message as it is stored.
///
/// What the server pushed can be had again by [`to_message`](Self::to_message). The names of its fields are those of the
/// columns that other SDKs use.
#[derive(Clone, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct StoredMessage {
    /// The message: the decimal id, or whatever text it was stored with.
    #[doc(alias = "message_id")]
    pub id: String,
    /// The channel.
    pub channel_id: String,
    /// The clan; `None` for direct and group messages.
    pub clan_id: Option<String>,
    /// Who sent it.
    pub sender_id: Option<String>,
    /// Its content: a JSON object, or a text if it is none.
    pub content: Value,
    /// The list of mentions.
    pub mentions: Value,
    /// The list of attachments.
    pub attachments: Value,
    /// The list of reactions.
    pub reactions: Value,
    /// The list of messages that it answers.
    #[doc(alias = "msg_references")]
    pub references: Value,
    /// The discussion it belongs to.
    pub topic_id: Option<String>,
    /// When it was sent, in seconds since 1970.
    pub create_time_seconds: Option<i64>,
    /// What else the server said of it, such as the names of its sender: a `mezon.api.ChannelMessage` without what is
    /// above, encoded. Empty where another SDK has stored it.
    #[serde(skip)]
    pub details: Vec<u8>,
}

impl StoredMessage {
    /// A message with nothing in it. Ids are ids, integers, or any text.
    pub fn new(id: impl ToString, channel_id: impl ToString) -> Self {
        let none = || Value::Array(Vec::new());
        Self {
            id: id.to_string(),
            channel_id: channel_id.to_string(),
            content: Value::Object(Map::new()),
            mentions: none(),
            attachments: none(),
            reactions: none(),
            references: none(),
            ..Self::default()
        }
    }

    /// The message as it was pushed; `None` if its ids are not those of the platform, or what is stored of it makes no sense.
    /// `own_id` is who we are, 0 if that is not known.
    pub fn to_message(&self, own_id: UserId) -> Option<MessageData> {
        let id = |text: &Option<String>| text.as_deref().and_then(|text| text.parse().ok()).unwrap_or(0);
        let message = api::ChannelMessage {
            message_id: self.id.parse().ok()?,
            channel_id: self.channel_id.parse().ok()?,
            clan_id: id(&self.clan_id),
            sender_id: id(&self.sender_id),
            content: content_from_json(&self.content),
            mentions: list_from_json(&self.mentions),
            attachments: list_from_json(&self.attachments),
            reactions: list_from_json(&self.reactions),
            references: list_from_json(&self.references),
            topic_id: id(&self.topic_id),
            create_time_seconds: self.create_time_seconds.and_then(|time| time.try_into().ok()).unwrap_or(0),
            ..api::ChannelMessage::decode(&*self.details).ok()?
        };
        MessageData::parse(Bytes::from(message.encode_to_vec()), own_id).ok()
    }
}

impl From<&MessageData> for StoredMessage {
    fn from(data: &MessageData) -> Self {
        let id = |id: i64| (id != 0).then(|| id.to_string());
        Self {
            clan_id: id(data.clan_id().get()),
            sender_id: id(data.sender_id().get()),
            content: content_to_json(data.content()),
            mentions: list_to_json::<Mention>(data.mentions()),
            attachments: list_to_json::<Attachment>(data.attachments()),
            reactions: list_to_json::<Reaction>(data.reactions()),
            references: list_to_json::<Reference>(data.references()),
            topic_id: id(data.topic_id().get()),
            create_time_seconds: Some(data.create_time_seconds()).filter(|time| *time != 0).map(i64::from),
            details: details(data),
            ..Self::new(data.message_id(), data.channel_id())
        }
    }
}

/// Shows ids, and nothing of what was written.
impl fmt::Debug for StoredMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredMessage")
            .field("id", &self.id)
            .field("channel_id", &self.channel_id)
            .field("sender_id", &self.sender_id)
            .finish_non_exhaustive()
    }
}

fn details(data: &MessageData) -> Vec<u8> {
    let details = api::ChannelMessage {
        code: data.code(),
        username: data.username().to_owned(),
        avatar: data.avatar().to_owned(),
        channel_label: data.channel_label().to_owned(),
        clan_logo: data.clan_logo().to_owned(),
        category_name: data.category_name().to_owned(),
        display_name: data.display_name().to_owned(),
        clan_nick: data.clan_nick().to_owned(),
        clan_avatar: data.clan_avatar().to_owned(),
        referenced_message: data.referenced_message().to_owned(),
        update_time_seconds: data.update_time_seconds(),
        mode: data.mode(),
        hide_editted: data.hide_edited(),
        is_public: data.is_public(),
        ..Default::default()
    };
    details.encode_to_vec()
}

/// What is no JSON object is kept to the letter, as a text.
fn content_to_json(raw: &str) -> Value {
    if raw.is_empty() {
        return Value::Object(Map::new());
    }
    match serde_json::from_str(raw) {
        Ok(object @ Value::Object(_)) => object,
        Ok(_) | Err(_) => Value::String(raw.to_owned()),
    }
}

fn content_from_json(content: &Value) -> String {
    match content {
        Value::Null => String::new(),
        Value::String(raw) => raw.clone(),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => content.to_string(),
    }
}

/// Lists are read as JSON as well as encoded.
fn list_from_json(list: &Value) -> Vec<u8> {
    match list {
        Value::Array(elements) if !elements.is_empty() => list.to_string().into_bytes(),
        Value::Object(_) => list.to_string().into_bytes(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => Vec::new(),
    }
}
