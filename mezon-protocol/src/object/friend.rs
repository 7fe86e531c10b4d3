//! Friends, and those who may become so.

use super::{Backend, User};
use crate::call::FriendState;
use crate::id::UserId;
use crate::proto::api;

/// A friend, or one who has asked or been asked, or is blocked.
#[derive(Clone, Debug)]
pub struct Friend<B> {
    user: User<B>,
    state: FriendState,
    update_time_seconds: u32,
}

impl<B: Backend> Friend<B> {
    pub(super) fn new(friend: &api::Friend, backend: &B) -> Option<Self> {
        let user = friend.user.as_ref()?;
        let info = backend
            .memory(|memory| memory.note_names(user.id.into(), &user.username, &user.display_name, &user.avatar_url))?;
        Some(Self {
            user: User::known(info, backend.clone()),
            state: FriendState::from_wire(friend.state),
            update_time_seconds: friend.update_time_seconds,
        })
    }

    /// Who it is.
    pub const fn user(&self) -> &User<B> {
        &self.user
    }

    /// Their id.
    pub const fn id(&self) -> UserId {
        self.user.id()
    }

    /// How they stand to this account.
    pub const fn state(&self) -> FriendState {
        self.state
    }

    /// Since when, in seconds since 1970.
    pub const fn update_time_seconds(&self) -> u32 {
        self.update_time_seconds
    }

    /// Accepts that they have asked; gives nothing.
    pub fn accept(&self) -> B::Outcome<()> {
        self.user.add_friend()
    }

    /// Ends the friendship, takes back the request, or turns theirs down; gives nothing.
    pub fn remove(&self) -> B::Outcome<()> {
        self.user.remove_friend()
    }

    /// Blocks them; gives nothing.
    pub fn block(&self) -> B::Outcome<()> {
        self.user.block()
    }

    /// Unblocks them; gives nothing.
    pub fn unblock(&self) -> B::Outcome<()> {
        self.user.unblock()
    }
}
