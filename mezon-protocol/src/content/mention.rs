//! Mentions: who is called upon by a message.

use std::ops::Range;

use serde_json::{Value, json};

use super::lists::{Element, Fields};
use crate::id::{HERE, RoleId, UserId};
use crate::proto::api::{MessageMention, MessageMentionList};

/// A user or a role that a message calls upon. Wire type `api.MessageMention`.
///
/// ```
/// use mezon_protocol::UserId;
/// use mezon_protocol::content::Mention;
///
/// let mention = Mention::user(UserId::new(7)).named("bob").at(3..7); // "😀 @bob"
/// assert_eq!(mention.range(), 3..7);
/// ```
#[doc(alias = "ApiMessageMention")]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Mention {
    /// The user (`user_id`), 0 if a role is mentioned; [`HERE`] for everyone who is present.
    pub user_id: UserId,
    /// The role (`role_id`), 0 if a user is mentioned.
    pub role_id: RoleId,
    /// The user's name (`username`), for display; may be empty.
    pub username: String,
    /// The role's name (`rolename`), for display; may be empty.
    pub role_name: String,
    /// Where the covered text, `@` included, begins (`s`): in UTF-16 units of the message's text.
    pub start: u32,
    /// Where it ends (`e`), exclusive. Nothing is covered, and the mention counts all the same, if it is not greater
    /// than `start`.
    pub end: u32,
    /// When it was made (`create_time_seconds`), seconds since 1970; 0 if not said.
    pub created_at: u32,
    pub(crate) id: i64,
}

impl Mention {
    /// A mention of a user.
    pub fn user(user_id: UserId) -> Self {
        Self { user_id, ..Self::default() }
    }

    /// A mention of all who have a role.
    pub fn role(role_id: RoleId) -> Self {
        Self { role_id, ..Self::default() }
    }

    /// A mention of everyone who is present, "@here".
    pub fn here() -> Self {
        Self::user(HERE)
    }

    /// With the name that is displayed, without `@`.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> Self {
        if self.role_id.is_none() {
            self.username = name.into();
        } else {
            self.role_name = name.into();
        }
        self
    }

    /// Covering this part of the text, counted in UTF-16 units, `@` included.
    #[must_use]
    pub const fn at(mut self, range: Range<u32>) -> Self {
        self.start = range.start;
        self.end = range.end;
        self
    }

    /// The covered part of the text, in UTF-16 units.
    pub const fn range(&self) -> Range<u32> {
        self.start..self.end
    }

    /// True for "@here", in each of the ways in which it is written.
    pub fn is_here(&self) -> bool {
        self.user_id == HERE || (self.user_id.is_none() && self.role_id.is_none() && self.username == "here")
    }
}

impl From<UserId> for Mention {
    fn from(user_id: UserId) -> Self {
        Self::user(user_id)
    }
}

impl From<RoleId> for Mention {
    fn from(role_id: RoleId) -> Self {
        Self::role(role_id)
    }
}

impl From<MessageMention> for Mention {
    fn from(proto: MessageMention) -> Self {
        Self {
            user_id: proto.user_id.into(),
            role_id: proto.role_id.into(),
            username: proto.username,
            role_name: proto.rolename,
            start: u32::try_from(proto.s).unwrap_or(0),
            end: u32::try_from(proto.e).unwrap_or(0),
            created_at: proto.create_time_seconds,
            id: proto.id,
        }
    }
}

/// Offsets that the wire cannot hold become the largest that it can.
impl From<Mention> for MessageMention {
    fn from(mention: Mention) -> Self {
        Self {
            id: mention.id,
            user_id: mention.user_id.get(),
            username: mention.username,
            role_id: mention.role_id.get(),
            rolename: mention.role_name,
            create_time_seconds: mention.created_at,
            s: i32::try_from(mention.start).unwrap_or(i32::MAX),
            e: i32::try_from(mention.end).unwrap_or(i32::MAX),
        }
    }
}

impl Element for Mention {
    type List = MessageMentionList;
    const KEYS: &'static [&'static str] = &["mentions"];

    fn from_list(list: MessageMentionList) -> impl Iterator<Item = Self> {
        list.mentions.into_iter().map(Self::from)
    }

    fn from_fields(fields: Fields) -> Self {
        // an old way to write "@here"
        let user_id = if fields.text("user_id") == "here" { HERE } else { fields.id("user_id") };
        Self {
            user_id,
            role_id: fields.id("role_id"),
            username: fields.text("username"),
            role_name: fields.text("rolename"),
            start: u32::try_from(fields.integer("s")).unwrap_or(0),
            end: u32::try_from(fields.integer("e")).unwrap_or(0),
            created_at: u32::try_from(fields.integer("create_time_seconds")).unwrap_or(0),
            id: fields.integer("id"),
        }
    }

    fn into_json(self) -> Value {
        let wire = MessageMention::from(self);
        json!({
            "id": wire.id.to_string(),
            "user_id": wire.user_id.to_string(),
            "username": wire.username,
            "role_id": wire.role_id.to_string(),
            "rolename": wire.rolename,
            "create_time_seconds": wire.create_time_seconds,
            "s": wire.s,
            "e": wire.e,
        })
    }

    fn is_meaningful(&self) -> bool {
        !(self.user_id.is_none() && self.role_id.is_none() && self.username.is_empty() && self.role_name.is_empty())
    }
}
