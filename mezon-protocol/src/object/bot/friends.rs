//! The friends of this account.

use super::Bot;
use crate::api::{Api, BlockFriends, DeleteFriends, UnblockFriends};
use crate::call::{AddFriend, Call, FriendState, ListFriends};
use crate::id::UserId;
use crate::object::{Backend, Friend, Page};
use crate::proto::api;

/// Somebody, by id or by user name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    /// By id.
    Id(UserId),
    /// By user name.
    Name(String),
}

impl From<UserId> for Who {
    fn from(user: UserId) -> Self {
        Self::Id(user)
    }
}

impl From<&str> for Who {
    fn from(name: &str) -> Self {
        Self::Name(name.to_owned())
    }
}

impl From<String> for Who {
    fn from(name: String) -> Self {
        Self::Name(name)
    }
}

impl Who {
    fn ids_and_names(self) -> (Vec<i64>, Vec<String>) {
        match self {
            Self::Id(user) => (vec![user.get()], Vec::new()),
            Self::Name(name) => (Vec::new(), vec![name]),
        }
    }
}

impl<B: Backend> Bot<B> {
    /// A page of friends, and of those who have asked or been asked, or are blocked; with a state those in that state
    /// alone. A limit of 0 leaves it to the server; the first page has an empty cursor. A page may hold less than the
    /// limit and yet not be the last.
    #[doc(alias = "ListFriends")]
    #[doc(alias = "get_list_friends")]
    pub fn list_friends(
        &self,
        limit: i32,
        state: Option<FriendState>,
        cursor: impl Into<String>,
    ) -> B::Outcome<Page<Friend<B>>> {
        let backend = self.backend.clone();
        self.backend.call(ListFriends { limit, state, cursor: cursor.into() }.then(move |_, list| {
            Ok(Page::new(list.friends.iter().filter_map(|friend| Friend::new(friend, &backend)), list.cursor))
        }))
    }

    /// Asks somebody to be a friend, by id or by user name; accepts, if they have asked. Gives nothing.
    ///
    /// # Errors
    ///
    /// `NotFound` when nobody has this name.
    #[doc(alias = "AddFriends")]
    pub fn add_friend(&self, who: impl Into<Who>) -> B::Outcome<()> {
        self.backend.call(match who.into() {
            Who::Id(user) => AddFriend { user, username: String::new() },
            Who::Name(username) => AddFriend { user: UserId::NONE, username },
        })
    }

    /// Accepts that somebody has asked to be a friend; gives nothing.
    pub fn accept_friend(&self, user: impl Into<UserId>) -> B::Outcome<()> {
        self.add_friend(Who::Id(user.into()))
    }

    /// Ends a friendship, takes a request back, or turns one down; gives nothing.
    #[doc(alias = "DeleteFriends")]
    pub fn remove_friend(&self, who: impl Into<Who>) -> B::Outcome<()> {
        let (ids, usernames) = who.into().ids_and_names();
        self.backend.call(Api::<DeleteFriends>::new(api::DeleteFriendsRequest { ids, usernames }))
    }

    /// Blocks somebody; gives nothing.
    #[doc(alias = "BlockFriends")]
    pub fn block(&self, who: impl Into<Who>) -> B::Outcome<()> {
        let (ids, usernames) = who.into().ids_and_names();
        self.backend.call(Api::<BlockFriends>::new(api::BlockFriendsRequest { ids, usernames }))
    }

    /// Unblocks somebody; gives nothing.
    #[doc(alias = "UnblockFriends")]
    pub fn unblock(&self, who: impl Into<Who>) -> B::Outcome<()> {
        let (ids, usernames) = who.into().ids_and_names();
        self.backend.call(Api::<UnblockFriends>::new(api::BlockFriendsRequest { ids, usernames }))
    }
}
