//! Messages that are sent once, whatever happens to the program.

use std::fmt;
use std::time::Duration;

use super::{Backend, Channel, Message, SentMessage, User};
use crate::call::{Destination, reference_to};
use crate::content::Content;
use crate::error::{Error, ErrorKind};

/// A message that is to be sent once.
#[non_exhaustive]
pub struct Once {
    /// What names it.
    pub key: String,
    /// Where it goes.
    pub to: Destination,
    /// What it says.
    pub content: Content,
    /// How long it may wait, if it is said.
    pub within: Option<Duration>,
}

impl Once {
    /// The error of those who keep no outbox.
    pub fn unsupported() -> Error {
        Error::unsent(ErrorKind::Unsupported("sending once needs a store that keeps an outbox".into()))
    }
}

/// Shows where it goes, and nothing of what it says.
impl fmt::Debug for Once {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Once").field("key", &self.key).field("to", &self.to).finish_non_exhaustive()
    }
}

/// # Sending once
impl<B: Backend> Channel<B> {
    /// Sends a message once, however often it is queued under this key, and although the program may be killed in between:
    /// it is kept in the client's store, and what is left there is sent at the next start. Gives a handle on it; of a
    /// key that was sent before, on that message.
    ///
    /// It begins at once, and goes on when nobody waits for the end. It waits for its turn as in [`queue`](Self::queue), for
    /// 24 h ([`OutboxPolicy::kept_timeout`](crate::call::OutboxPolicy::kept_timeout)). When it may have left already the
    /// newest messages of the channel are looked through before it is sent again; one of our own that says the same, and
    /// was sent in another way since then, is taken for it. A key has 1 to 128 bytes, belongs to the account, and is
    /// remembered for a week. It is used up when the message was sent, was refused or has expired.
    ///
    /// # Errors
    ///
    /// `Unsupported` without a store that keeps an outbox, `Store` when it cannot be kept there: nothing was sent then.
    /// `Closed` when the client ends first: it is sent at the next start.
    pub fn queue_once(&self, key: impl Into<String>, content: impl Into<Content>) -> B::Outcome<SentMessage<B>> {
        self.keep_in_outbox(key.into(), content.into(), None)
    }

    /// As [`queue_once`](Self::queue_once), with a time of its own to wait.
    pub fn queue_once_within(
        &self,
        key: impl Into<String>,
        within: Duration,
        content: impl Into<Content>,
    ) -> B::Outcome<SentMessage<B>> {
        self.keep_in_outbox(key.into(), content.into(), Some(within))
    }

    fn keep_in_outbox(&self, key: String, content: Content, within: Option<Duration>) -> B::Outcome<SentMessage<B>> {
        let (to, content) = (Destination::Channel(self.id(), self.route()), self.within_topic(content));
        self.backend().send_once(Once { key, to, content, within })
    }
}

/// # Sending once
impl<B: Backend> User<B> {
    /// Sends a direct message once; gives a handle on it. See [`Channel::queue_once`].
    pub fn queue_once(&self, key: impl Into<String>, content: impl Into<Content>) -> B::Outcome<SentMessage<B>> {
        self.keep_in_outbox(key.into(), content.into(), None)
    }

    /// As [`queue_once`](Self::queue_once), with a time of its own to wait.
    pub fn queue_once_within(
        &self,
        key: impl Into<String>,
        within: Duration,
        content: impl Into<Content>,
    ) -> B::Outcome<SentMessage<B>> {
        self.keep_in_outbox(key.into(), content.into(), Some(within))
    }

    fn keep_in_outbox(&self, key: String, content: Content, within: Option<Duration>) -> B::Outcome<SentMessage<B>> {
        self.backend().send_once(Once { key, to: Destination::User(self.id()), content, within })
    }
}

/// # Sending once
impl<B: Backend> Message<B> {
    /// Replies to it once, although it may be given again after a reconnect or a restart: its id is the key. Gives the
    /// reply. See [`Channel::queue_once`].
    pub fn queue_reply_once(&self, content: impl Into<Content>) -> B::Outcome<SentMessage<B>> {
        let content = self.in_topic(content.into().reference(reference_to(self.data())));
        let to = Destination::Channel(self.channel_id(), Some(self.route()));
        self.backend().send_once(Once { key: format!("reply-{}", self.id()), to, content, within: None })
    }
}
