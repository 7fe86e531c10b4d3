//! What a light client sends.

use serde_json::Value;

use crate::content::{Attachment, Content};
use crate::error::{Error, ErrorKind};
use crate::id::ChannelId;

/// A message to a channel of direct messages, or to a group.
///
/// ```
/// use mezon_protocol::content::Attachment;
/// use mezon_protocol::light::SendMessagePayload;
/// use serde_json::json;
///
/// let text = SendMessagePayload::new(17, "Hello, world!");
/// let picture = SendMessagePayload::json(17, json!({"t": "Look!"}))?
///     .attachments([Attachment::new("https://cdn.mezon.ai/path/to/image.png", "image/png")])
///     .hide_link(true);
/// assert_eq!(picture.attachments.len(), 1);
/// # Ok::<(), mezon_protocol::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct SendMessagePayload {
    /// Where it goes.
    pub channel_id: ChannelId,
    /// What it says.
    pub content: Content,
    /// Files that are uploaded already. Default none.
    pub attachments: Vec<Attachment>,
    /// Whether it is sent without previews of its links. It notifies nobody more, or less. Default false.
    #[doc(alias = "hideLink")]
    pub hide_link: bool,
    /// The kind of message. Default 0, an ordinary one.
    pub code: i32,
}

impl SendMessagePayload {
    /// A message of a text, or of any content.
    pub fn new(channel: impl Into<ChannelId>, content: impl Into<Content>) -> Self {
        let (channel_id, content) = (channel.into(), content.into());
        Self { channel_id, content, attachments: Vec::new(), hide_link: false, code: 0 }
    }

    /// A message whose content is JSON: an object with the keys of the platform, or a text.
    ///
    /// # Errors
    ///
    /// `InvalidArgument` when it is neither.
    pub fn json(channel: impl Into<ChannelId>, content: Value) -> Result<Self, Error> {
        match content {
            Value::String(text) => Ok(Self::new(channel, text)),
            content @ Value::Object(_) => Ok(Self::new(channel, Content::from_json(content)?)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => {
                let why = "the content of a message is a text or a JSON object".into();
                Err(Error::unsent(ErrorKind::InvalidArgument(why)))
            }
        }
    }

    /// With these files.
    #[must_use]
    pub fn attachments(mut self, attachments: impl IntoIterator<Item = Attachment>) -> Self {
        self.attachments.extend(attachments);
        self
    }

    /// Without previews of links, or with them.
    #[must_use]
    pub const fn hide_link(mut self, hide: bool) -> Self {
        self.hide_link = hide;
        self
    }

    /// Of this kind.
    #[must_use]
    pub const fn code(mut self, code: i32) -> Self {
        self.code = code;
        self
    }

    /// All of it as a content.
    pub fn into_content(self) -> Content {
        let content = self.content.with_attachments(self.attachments).code(self.code);
        if self.hide_link { content.hide_link() } else { content }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Rows 264, 277.
    #[test]
    fn content_is_a_text_or_an_object() {
        let text = |payload: SendMessagePayload| payload.into_content().as_text().to_owned();
        assert_eq!(text(SendMessagePayload::json(5, json!("hi")).unwrap()), "hi");
        assert_eq!(text(SendMessagePayload::json(5, json!({"t": "hi", "own": 1})).unwrap()), "hi");
        for other in [json!(null), json!(7), json!([])] {
            assert!(SendMessagePayload::json(5, other).is_err());
        }
    }

    /// Row 265.
    #[test]
    fn hiding_links_takes_previews_away_and_notifies_nobody() {
        let content = json!({"t": "see https://a.test", "mk": [
            {"type": "lk", "s": 4, "e": 18}, {"type": "lk_ogp", "s": 18, "e": 19, "url": "https://a.test"},
        ]});
        let payload = SendMessagePayload::json(5, content).unwrap();
        assert!(!payload.hide_link, "not unless it is asked for");
        assert_eq!(payload.clone().into_content().link_previews().len(), 1);
        let hidden = payload.hide_link(true).into_content();
        assert!(hidden.link_previews().is_empty() && !hidden.is_mention_everyone());
        assert_eq!(hidden.as_text(), "see https://a.test");
    }
}
