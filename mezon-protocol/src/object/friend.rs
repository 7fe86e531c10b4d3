//! Friends, and those who may become so.

use super::{Backend, User};
use crate::id::UserId;
use crate::proto::api;

/// How somebody stands to this account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FriendState {
    /// A friend.
    Friend,
    /// This account has asked, and waits for their answer.
    Invited,
    /// They have asked, and wait for the answer of this account.
    HasInvited,
    /// This account has blocked them.
    Blocked,
    /// A number that this build does not know.
    Other(i32),
}

impl FriendState {
    /// The platform's number.
    pub const fn number(self) -> i32 {
        match self {
            Self::Friend => 0,
            Self::Invited => 1,
            Self::HasInvited => 2,
            Self::Blocked => 3,
            Self::Other(number) => number,
        }
    }
}

impl From<i32> for FriendState {
    fn from(number: i32) -> Self {
        match number {
            0 => Self::Friend,
            1 => Self::Invited,
            2 => Self::HasInvited,
            3 => Self::Blocked,
            number => Self::Other(number),
        }
    }
}

/// Which friends are asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FriendsQuery {
    /// How many at most. Default 1000.
    pub limit: i32,
    /// How they stand to this account; `None`, the default, for all.
    pub state: Option<FriendState>,
    /// Where to go on; empty, the default, for the beginning.
    pub cursor: String,
}

impl Default for FriendsQuery {
    fn default() -> Self {
        Self { limit: 1000, state: None, cursor: String::new() }
    }
}

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
        let info = backend.memory(|memory| {
            memory.note_names(user.id.into(), &user.username, &user.display_name, &user.avatar_url)
        })?;
        Some(Self {
            user: User::known(info, backend.clone()),
            state: friend.state.into(),
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
