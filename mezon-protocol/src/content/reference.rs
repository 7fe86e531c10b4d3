//! References: the message that a message replies to.

use std::fmt;

use serde_json::{Value, json};

use super::lists::{Element, Fields};
use crate::id::{MessageId, UserId};
use crate::proto::api::{MessageRef, MessageRefList};

/// A message that is quoted by a reply, with what is needed to display it. Wire type `api.MessageRef`.
#[doc(alias = "ApiMessageRef")]
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reference {
    /// The quoted message (`message_ref_id`).
    pub message_id: MessageId,
    /// The message that quotes (`message_id`); 0 when sending.
    pub quoted_by: MessageId,
    /// The content of the quoted message (`content`), as the text of its JSON.
    pub content: String,
    /// Whether the quoted message has attachments (`has_attachment`).
    pub has_attachment: bool,
    /// Kind of the reference (`ref_type`); 0 is a reply, others are not known.
    pub kind: i32,
    /// Who wrote the quoted message (`message_sender_id`).
    pub sender_id: UserId,
    /// The author's name as displayed (`message_sender_username`): senders put nickname, display name or user name here,
    /// the first that there is.
    pub sender_name: String,
    /// Address of the author's avatar (`message_sender_avatar`).
    pub sender_avatar: String,
    /// The author's nickname in the clan (`message_sender_clan_nick`).
    pub sender_clan_nick: String,
    /// The author's display name (`message_sender_display_name`).
    pub sender_display_name: String,
}

impl Reference {
    /// A reply to that message, of which nothing else is known.
    pub fn to(message_id: MessageId) -> Self {
        Self { message_id, ..Self::default() }
    }
}

/// Does not show the quoted content.
impl fmt::Debug for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reference")
            .field("message_id", &self.message_id)
            .field("sender_id", &self.sender_id)
            .field("content_len", &self.content.len())
            .finish_non_exhaustive()
    }
}

impl From<MessageRef> for Reference {
    fn from(proto: MessageRef) -> Self {
        Self {
            message_id: proto.message_ref_id.into(),
            quoted_by: proto.message_id.into(),
            content: proto.content,
            has_attachment: proto.has_attachment,
            kind: proto.ref_type,
            sender_id: proto.message_sender_id.into(),
            sender_name: proto.message_sender_username,
            sender_avatar: proto.message_sender_avatar,
            sender_clan_nick: proto.message_sender_clan_nick,
            sender_display_name: proto.message_sender_display_name,
        }
    }
}

impl From<Reference> for MessageRef {
    fn from(reference: Reference) -> Self {
        Self {
            message_id: reference.quoted_by.get(),
            message_ref_id: reference.message_id.get(),
            content: reference.content,
            has_attachment: reference.has_attachment,
            ref_type: reference.kind,
            message_sender_id: reference.sender_id.get(),
            message_sender_username: reference.sender_name,
            message_sender_avatar: reference.sender_avatar,
            message_sender_clan_nick: reference.sender_clan_nick,
            message_sender_display_name: reference.sender_display_name,
        }
    }
}

impl Element for Reference {
    type List = MessageRefList;
    const KEYS: &'static [&'static str] = &["references", "refs"];

    fn from_list(list: MessageRefList) -> impl Iterator<Item = Self> {
        list.refs.into_iter().map(Self::from)
    }

    fn from_fields(fields: Fields) -> Self {
        let mut sender_avatar = fields.text("message_sender_avatar");
        if sender_avatar.is_empty() {
            // an old misspelling that is still about
            sender_avatar = fields.text("mesages_sender_avatar");
        }
        Self {
            message_id: fields.id("message_ref_id"),
            quoted_by: fields.id("message_id"),
            content: fields.text("content"),
            has_attachment: fields.flag("has_attachment"),
            kind: i32::try_from(fields.integer("ref_type")).unwrap_or(0),
            sender_id: fields.id("message_sender_id"),
            sender_name: fields.text("message_sender_username"),
            sender_avatar,
            sender_clan_nick: fields.text("message_sender_clan_nick"),
            sender_display_name: fields.text("message_sender_display_name"),
        }
    }

    fn into_json(self) -> Value {
        let wire = MessageRef::from(self);
        json!({
            "message_id": wire.message_id.to_string(),
            "message_ref_id": wire.message_ref_id.to_string(),
            "content": wire.content,
            "has_attachment": wire.has_attachment,
            "ref_type": wire.ref_type,
            "message_sender_id": wire.message_sender_id.to_string(),
            "message_sender_username": wire.message_sender_username,
            "message_sender_avatar": wire.message_sender_avatar,
            "message_sender_clan_nick": wire.message_sender_clan_nick,
            "message_sender_display_name": wire.message_sender_display_name,
        })
    }

    fn is_meaningful(&self) -> bool {
        !self.message_id.is_none()
    }
}
