//! Users.

use super::sent::Attach;
use super::{Backend, SentMessage};
use crate::call::{CreateDirect, Queued, SendDirect};
use crate::content::Content;
use crate::id::UserId;
use crate::route::Route;

/// A user, as somebody to write to.
#[derive(Clone, Debug)]
pub struct User<B> {
    id: UserId,
    backend: B,
}

impl<B: Backend> User<B> {
    pub(crate) const fn new(id: UserId, backend: B) -> Self {
        Self { id, backend }
    }

    /// Their id.
    pub const fn id(&self) -> UserId {
        self.id
    }

    /// Sends a direct message, opening the channel if there is none; gives a handle on the
    /// message.
    #[doc(alias = "send_dm")]
    pub fn send(&self, content: impl Into<Content>) -> B::Outcome<SentMessage<B>> {
        self.backend.call(Attach::new(SendDirect::new(self.id, content), self.backend.clone()))
    }

    /// Sends a direct message as soon as that is possible; gives a handle on it. See [`Channel::queue`](super::Channel::queue).
    pub fn queue(&self, content: impl Into<Content>) -> B::Outcome<SentMessage<B>> {
        self.backend.call(Attach::new(Queued::to_user(self.id, content), self.backend.clone()))
    }

    /// Opens the channel for direct messages, or finds the one that exists; gives the route to it.
    #[doc(alias = "create_dm_channel")]
    pub fn open_direct(&self) -> B::Outcome<Route> {
        self.backend.call(CreateDirect::new(self.id))
    }
}
