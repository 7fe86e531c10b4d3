//! The keys of a content that are neither spans, embeds nor components.

use serde_json::{Value, json};

use super::component::{Component, Row, read_rows};
use super::embed::Embed;
use super::json::{Json, read_list, write_list};
use super::numbered::numbered;
use super::{Attachment, Content, MessageCode};
use crate::id::{TopicId, UserId};
use crate::lenient;

numbered! {
    /// What a [`CallLog`] tells of.
    CallLogKind {
        /// Not said.
        #[default]
        Unknown = 0,
        /// The call began.
        Start = 1,
        /// Nobody answered.
        Timeout = 2,
        /// The call came to its end.
        Finish = 3,
        /// The call was declined.
        Reject = 4,
        /// The caller gave up.
        Cancel = 5,
    }
}

/// What a message tells of a call between two users (`callLog`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CallLog {
    /// What happened (`callLogType`).
    pub kind: CallLogKind,
    /// Whether it was a call with pictures (`isVideo`).
    pub is_video: bool,
    /// Whether clients offer to call back (`showCallBack`).
    pub show_call_back: bool,
}

/// The discussion that was opened on a message, as the content of the message names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TopicInfo {
    /// The topic (`tp`).
    pub topic_id: TopicId,
    /// Who opened it (`cid`), 0 if that is not said.
    pub creator_id: UserId,
}

/// What is in the JSON, typed. Nothing here fails: what cannot be read counts as absent.
impl Content {
    /// A buzz, which rings at its readers: an ordinary content with [`MessageCode::Buzz`].
    pub fn buzz(content: impl Into<Self>) -> Self {
        content.into().code(MessageCode::Buzz)
    }

    /// The content of another message, marked as forwarded (`fwd`). All keys and the attachments are kept; what else
    /// was beside it (mentions, references, topic, flags) is not.
    ///
    /// The attachments of a received message are not in its content; add them:
    ///
    /// ```
    /// # use mezon_protocol::{Content, object::{Backend, Message}};
    /// fn forward<B: Backend>(message: &Message<B>) -> Content {
    ///     Content::forward(message.content()).with_attachments(message.attachments())
    /// }
    /// ```
    pub fn forward(original: impl Into<Self>) -> Self {
        let mut original = original.into();
        let attachments = original.options.take().unwrap_or_default().attachments;
        original.with("fwd", true).with_attachments(attachments)
    }

    /// True if it was forwarded (`fwd`).
    #[doc(alias = "fwd")]
    pub fn is_forwarded(&self) -> bool {
        lenient::flag(self.get("fwd"))
    }

    /// True if clients show it as a card (`isCard`).
    #[doc(alias = "isCard")]
    pub fn is_card(&self) -> bool {
        lenient::flag(self.either("isCard", "is_card"))
    }

    /// With one more embed.
    #[must_use]
    pub fn embed(self, embed: Embed) -> Self {
        self.edit(|map| {
            let mut embeds = into_list(map.shift_remove("embed"));
            embeds.push(embed.write());
            map.insert("embed".to_owned(), Value::Array(embeds));
        })
    }

    /// The embeds.
    pub fn embeds(&self) -> Vec<Embed> {
        read_list(into_list(self.get("embed").cloned()))
    }

    /// With one more row of components below it: a [`Row`], or one button or input alone.
    #[must_use]
    pub fn row(self, row: impl Into<Row>) -> Self {
        self.edit(|map| {
            let mut rows = map.shift_remove("components").map(read_rows).unwrap_or_default();
            rows.push(row.into());
            map.insert("components".to_owned(), write_list(rows));
        })
    }

    /// With one more row, of these components.
    #[must_use]
    pub fn components<C: Into<Component>>(self, components: impl IntoIterator<Item = C>) -> Self {
        self.row(Row::new(components))
    }

    /// The rows of components below it. Components that stand in the list without a row are one.
    pub fn rows(&self) -> Vec<Row> {
        self.get("components").cloned().map(read_rows).unwrap_or_default()
    }

    /// The first text of a thread that is created with the message (`contentThread`). Nobody reads it any more.
    #[doc(alias = "contentThread")]
    pub fn thread_text(&self) -> Option<&str> {
        self.get("contentThread").and_then(Value::as_str)
    }

    /// The discussion that was opened on the message (`tp`, `cid`).
    #[doc(alias = "tp")]
    pub fn topic_info(&self) -> Option<TopicInfo> {
        let topic_id: TopicId = lenient::id(self.get("tp"));
        (!topic_id.is_none()).then(|| TopicInfo { topic_id, creator_id: lenient::id(self.get("cid")) })
    }

    /// Naming a discussion that was opened on the message, to edit that message with. To write *into* a topic see
    /// [`topic`](Self::topic).
    #[must_use]
    pub fn with_topic_info(self, topic_id: TopicId, creator_id: UserId) -> Self {
        self.with("tp", topic_id.to_string()).with("cid", creator_id.to_string())
    }

    /// Id and title of the canvases to which the text links (`cvtt`).
    #[doc(alias = "cvtt")]
    pub fn canvas_titles(&self) -> impl Iterator<Item = (&str, &str)> {
        let titles = self.get("cvtt").and_then(Value::as_object).into_iter().flatten();
        titles.filter_map(|(canvas, title)| Some((canvas.as_str(), title.as_str()?)))
    }

    /// What it tells of a call (`callLog`).
    #[doc(alias = "callLog")]
    pub fn call_log(&self) -> Option<CallLog> {
        let log = self.either("callLog", "call_log")?.as_object()?;
        let flag = |keys: [&str; 2]| lenient::flag(lenient::find(log, &keys));
        let kind = lenient::integer(lenient::find(log, &["callLogType", "call_log_type"]));
        Some(CallLog {
            kind: kind.and_then(|kind| i32::try_from(kind).ok()).unwrap_or_default().into(),
            is_video: flag(["isVideo", "is_video"]),
            show_call_back: flag(["showCallBack", "show_call_back"]),
        })
    }

    /// The keys of the attachments that are uploaded already, where the sender uploads after sending
    /// (`presign_finish`); `None` if nothing is pending. See [`Attachment::upload_key`].
    #[doc(alias = "presign_finish")]
    pub fn finished_uploads(&self) -> Option<Vec<&str>> {
        let keys = self.get("presign_finish")?.as_array()?;
        Some(keys.iter().filter_map(Value::as_str).collect())
    }

    /// With the keys of the attachments that are uploaded already. Others at the platform's file store count as
    /// pending, and clients drop them after ten minutes, unless an edit names them too.
    #[must_use]
    pub fn with_finished_uploads<'a>(self, attachments: impl IntoIterator<Item = &'a Attachment>) -> Self {
        let keys: Vec<_> = attachments.into_iter().map(Attachment::upload_key).collect();
        self.with("presign_finish", json!(keys))
    }

    /// When the message was created, where an edit repeats it (`create_time_seconds`): seconds since 1970.
    #[doc(alias = "create_time_seconds")]
    pub fn created_at(&self) -> Option<u64> {
        lenient::seconds(self.get("create_time_seconds"))
    }

    fn either(&self, key: &str, alias: &str) -> Option<&Value> {
        self.get(key).or_else(|| self.get(alias))
    }
}

/// The elements of a list; a single object is one of one.
fn into_list(value: Option<Value>) -> Vec<Value> {
    match value {
        Some(Value::Array(list)) => list,
        Some(object @ Value::Object(_)) => vec![object],
        Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) | None => Vec::new(),
    }
}

#[cfg(test)]
mod tests;
