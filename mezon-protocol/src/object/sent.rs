//! Messages of one's own, by what the server said when it took them.

use std::sync::Arc;
use std::time::Duration;

use super::message_ref::message_actions;
use super::{Backend, Channel, Editable, Message, MessageRef};
use crate::call::{Answer, Call, EditTarget, MessageAddress, Sent, Step};
use crate::config::Config;
use crate::content::Content;
use crate::error::Error;
use crate::id::{MessageId, UserId};
use crate::machine::Shared;
use crate::store::Change;

/// A message that was sent. It can be edited, deleted and so on at once, and is remembered as if it had been received.
#[derive(Clone, Debug)]
pub struct SentMessage<B> {
    sent: Arc<Sent>,
    own_id: UserId,
    backend: B,
}

impl<B: Backend> SentMessage<B> {
    /// Its id.
    #[doc(alias = "message_id")]
    pub fn id(&self) -> MessageId {
        self.sent.message_id
    }

    /// What was sent, and what the server said of it.
    pub fn sent(&self) -> &Sent {
        &self.sent
    }

    /// What an edit or a removal needs to know of it.
    pub fn address(&self) -> MessageAddress {
        MessageAddress {
            route: self.sent.route,
            message_id: self.sent.message_id,
            topic_id: self.sent.topic_id,
            sender_id: self.own_id,
            created_at: self.sent.created_at,
        }
    }

    /// The channel it was sent into, and the topic if it has one.
    pub fn channel(&self) -> Channel<B> {
        Channel::by_route(self.sent.route, self.sent.topic_id, self.backend.clone())
    }

    /// The message as if it had been received: with text, lists, and a sender, which is this account.
    pub fn to_message(&self) -> Message<B> {
        Message::new(Arc::new(self.sent.to_message(self.own_id)), self.backend.clone())
    }

    /// The same message as an id in a channel, without what it says.
    pub fn handle(&self) -> MessageRef<B> {
        MessageRef::at(self.address(), !self.sent.attachments.is_empty(), self.backend.clone())
    }

    /// For edits of which only the latest counts: as many as you like, few of which are made.
    pub fn editable(&self) -> Editable<B> {
        let target = EditTarget {
            kept_mentions: self.sent.mentions.clone(),
            kept_attachments: self.sent.attachments.clone(),
            ..EditTarget::at(self.address())
        };
        Editable::new(target, self.backend.clone())
    }

    /// Replaces its content; gives the message as it is then. Mentions and attachments stay unless the content brings
    /// its own.
    #[doc(alias = "update")]
    #[doc(alias = "UpdateChannelMessage")]
    pub fn edit(&self, content: impl Into<Content>) -> B::Outcome<Message<B>> {
        self.to_message().edit(content)
    }
}

message_actions!(SentMessage);

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
        let step = self.call.resume(shared, answer);
        step.map(|sent| {
            let (sent, own_id) = (Arc::new(sent), shared.own_id());
            self.backend.memory(|memory| memory.note_sent(&sent, own_id));
            self.backend.keep(|| Some(Change::Add(sent.to_message(own_id))));
            SentMessage { sent, own_id, backend: self.backend.clone() }
        })
    }

    fn timeout(&self, config: &Config) -> Duration {
        self.call.timeout(config)
    }
}
