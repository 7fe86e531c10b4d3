//! What travels beside the JSON of a message: lists, flags, and where it goes.

use super::{Attachment, Content, Mention, Reference};
use crate::error::Error;
use crate::id::{HERE, TopicId};
use crate::proto::api;

/// What is set on a [`Content`].
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Options {
    pub(super) mentions: Vec<Mention>,
    pub(super) attachments: Vec<Attachment>,
    pub(super) references: Vec<Reference>,
    pub(super) mention_everyone: bool,
    pub(super) anonymous: bool,
    pub(super) topic: Option<TopicId>,
    pub(super) code: i32,
}

/// A [`Content`] as the wire wants it, made by [`Content::encode`].
#[derive(Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct Encoded {
    /// The JSON text.
    pub content: String,
    /// Who is mentioned.
    pub mentions: Vec<api::MessageMention>,
    /// The files.
    pub attachments: Vec<api::MessageAttachment>,
    /// The quoted messages.
    pub references: Vec<api::MessageRef>,
    /// Whether everyone is notified.
    pub mention_everyone: bool,
    /// Whether the author is hidden.
    pub anonymous: bool,
    /// The topic that was asked for; `None` if none was, then a reply inherits that of its message.
    pub topic: Option<TopicId>,
    /// The type of the message, 0 for an ordinary one.
    pub code: i32,
}

impl Encoded {
    pub(super) fn new(content: String, options: Options) -> Result<Self, Error> {
        for attachment in &options.attachments {
            attachment.check()?;
        }
        Ok(Self {
            content,
            mentions: options.mentions.into_iter().map(Into::into).collect(),
            attachments: options.attachments.into_iter().map(Into::into).collect(),
            references: options.references.into_iter().map(Into::into).collect(),
            mention_everyone: options.mention_everyone,
            anonymous: options.anonymous,
            topic: options.topic,
            code: options.code,
        })
    }
}

/// Shows lengths and flags only.
impl std::fmt::Debug for Encoded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Encoded")
            .field("content_len", &self.content.len())
            .field("mentions", &self.mentions.len())
            .field("attachments", &self.attachments.len())
            .field("references", &self.references.len())
            .field("mention_everyone", &self.mention_everyone)
            .field("anonymous", &self.anonymous)
            .field("topic", &self.topic)
            .field("code", &self.code)
            .finish()
    }
}

/// What travels beside the JSON. Each of these adds to what is set already, or replaces a single value.
impl Content {
    /// Notifies a user or a role: takes a `UserId`, a `RoleId`, or a [`Mention`] with a name and a place in the text.
    /// Mentioning [`HERE`] also sets [`mention_everyone`](Self::mention_everyone).
    #[must_use]
    pub fn mention(mut self, mention: impl Into<Mention>) -> Self {
        let mention = mention.into();
        let options = self.options_mut();
        options.mention_everyone |= mention.user_id == HERE;
        options.mentions.push(mention);
        self
    }

    /// Notifies everyone in the channel, without a mention in the text.
    #[must_use]
    pub fn mention_everyone(mut self) -> Self {
        self.options_mut().mention_everyone = true;
        self
    }

    /// Adds a file that is uploaded already: an [`Uploaded`](crate::upload::Uploaded), say.
    #[must_use]
    pub fn attachment(mut self, attachment: impl Into<Attachment>) -> Self {
        self.options_mut().attachments.push(attachment.into());
        self
    }

    /// Adds a file by its address and MIME type; short for [`attachment`](Self::attachment).
    #[must_use]
    pub fn attach_url(self, url: impl Into<String>, file_type: impl Into<String>) -> Self {
        self.attachment(Attachment::new(url, file_type))
    }

    /// Adds several files that are uploaded already, such as those of another message.
    #[must_use]
    pub fn with_attachments<A: Into<Attachment>>(self, attachments: impl IntoIterator<Item = A>) -> Self {
        attachments.into_iter().fold(self, Self::attachment)
    }

    /// Quotes a message: this one is a reply to it.
    #[must_use]
    pub fn reference(mut self, reference: Reference) -> Self {
        self.options_mut().references.push(reference);
        self
    }

    /// Goes to this topic of the channel. [`TopicId::NONE`] keeps a reply to a message in a topic out of it.
    #[must_use]
    pub fn topic(mut self, topic: TopicId) -> Self {
        self.options_mut().topic = Some(topic);
        self
    }

    /// Hides the author behind the account that all anonymous messages share.
    #[must_use]
    pub fn anonymous(mut self) -> Self {
        self.options_mut().anonymous = true;
        self
    }

    /// Sets the kind of the message: a [`MessageCode`](super::MessageCode), or the platform's number for it. 0, the
    /// default, is an ordinary message.
    #[must_use]
    pub fn code(mut self, code: impl Into<i32>) -> Self {
        self.options_mut().code = code.into();
        self
    }

    /// Whom [`mention`](Self::mention) has added.
    pub fn mentions(&self) -> &[Mention] {
        self.options.as_deref().map_or(&[], |options| &options.mentions)
    }

    /// What [`attachment`](Self::attachment) has added.
    pub fn attachments(&self) -> &[Attachment] {
        self.options.as_deref().map_or(&[], |options| &options.attachments)
    }

    /// What [`reference`](Self::reference) has added.
    pub fn references(&self) -> &[Reference] {
        self.options.as_deref().map_or(&[], |options| &options.references)
    }

    /// Whether everyone is notified.
    pub fn is_mention_everyone(&self) -> bool {
        self.options.as_deref().is_some_and(|options| options.mention_everyone)
    }

    /// Whether the author is hidden.
    pub fn is_anonymous(&self) -> bool {
        self.options.as_deref().is_some_and(|options| options.anonymous)
    }

    /// The topic that was asked for, `None` if none was.
    pub fn topic_id(&self) -> Option<TopicId> {
        self.options.as_deref().and_then(|options| options.topic)
    }

    /// The type of the message, the platform's `code`.
    pub fn message_code(&self) -> i32 {
        self.options.as_deref().map_or(0, |options| options.code)
    }

    pub(super) fn mentions_mut(&mut self) -> &mut [Mention] {
        self.options.as_deref_mut().map_or(&mut [], |options| &mut options.mentions)
    }

    fn options_mut(&mut self) -> &mut Options {
        self.options.get_or_insert_default()
    }
}
