//! Messages of one's own, by what the server said when it took them.

use std::time::Duration;

use super::{Backend, Editable};
use crate::call::{Answer, Call, DeleteMessage, EditMessage, EditTarget, MessageAddress, Sent, Step};
use crate::config::Config;
use crate::content::Content;
use crate::error::Error;
use crate::id::{MessageId, UserId};
use crate::machine::Shared;

/// A message that was sent.
#[derive(Clone, Debug)]
pub struct SentMessage<B> {
    sent: Sent,
    backend: B,
}

impl<B: Backend> SentMessage<B> {
    /// Its id.
    pub const fn id(&self) -> MessageId {
        self.sent.message_id
    }

    /// What the server said of it.
    pub const fn sent(&self) -> &Sent {
        &self.sent
    }

    /// What an edit or a removal needs to know of it.
    pub const fn address(&self) -> MessageAddress {
        MessageAddress {
            route: self.sent.route,
            message_id: self.sent.message_id,
            topic_id: self.sent.topic_id,
            sender_id: UserId::NONE,
            created_at: self.sent.created_at,
        }
    }

    /// Replaces its content; gives nothing. Mentions and attachments stay unless the content brings its own.
    #[doc(alias = "UpdateChannelMessage")]
    pub fn edit(&self, content: impl Into<Content>) -> B::Outcome<()> {
        let Sent { mentions, attachments, .. } = self.sent.clone();
        self.backend.call(EditMessage {
            message: self.address(),
            content: content.into(),
            kept_mentions: mentions,
            kept_attachments: attachments,
        })
    }

    /// For edits of which only the latest counts: as many as you like, few of which are made.
    pub fn editable(&self) -> Editable<B> {
        let Sent { mentions, attachments, .. } = self.sent.clone();
        let target =
            EditTarget { kept_mentions: mentions, kept_attachments: attachments, ..EditTarget::at(self.address()) };
        Editable::new(target, self.backend.clone())
    }

    /// Deletes it; gives nothing.
    #[doc(alias = "DeleteChannelMessage")]
    pub fn delete(&self) -> B::Outcome<()> {
        let has_attachment = !self.sent.attachments.is_empty();
        self.backend.call(DeleteMessage { message: self.address(), has_attachment })
    }
}

/// A call that sends, and ends with a handle on what was sent.
#[derive(Debug)]
pub(super) struct Attach<C, B> {
    call: C,
    backend: B,
}

impl<C, B> Attach<C, B> {
    pub(super) const fn new(call: C, backend: B) -> Self {
        Self { call, backend }
    }
}

impl<C: Call<Output = Sent>, B: Backend> Call for Attach<C, B> {
    type Output = SentMessage<B>;

    fn resume(&mut self, shared: &mut Shared, answer: Result<Answer, Error>) -> Step<Self::Output> {
        self.call.resume(shared, answer).map(|sent| SentMessage { sent, backend: self.backend.clone() })
    }

    fn timeout(&self, config: &Config) -> Duration {
        self.call.timeout(config)
    }
}
