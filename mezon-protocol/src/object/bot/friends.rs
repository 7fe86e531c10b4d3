//! The friends of this account.

use super::Bot;
use crate::api::{AddFriends, Api, BlockFriends, DeleteFriends, ListFriends, UnblockFriends};
use crate::call::Call;
use crate::id::UserId;
use crate::object::{Backend, Friend, FriendsQuery, Page, not_found};
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
    /// A page of friends, and of those who have asked or been asked, or are blocked.
    ///
    /// The server does not filter by state, so a page may hold less than the limit and yet not be the last.
    #[doc(alias = "ListFriends")]
    #[doc(alias = "get_list_friends")]
    pub fn list_friends(&self, query: FriendsQuery) -> B::Outcome<Page<Friend<B>>> {
        let (backend, wanted) = (self.backend.clone(), query.state);
        let state = wanted.map_or(0, |state| state.number());
        let request = api::ListFriendsRequest { limit: query.limit, state, cursor: query.cursor };
        self.backend.call(Api::<ListFriends>::new(request).then(move |_, list| {
            let friends = list.friends.iter().filter_map(|friend| Friend::new(friend, &backend));
            let is_wanted = |friend: &Friend<B>| wanted.is_none_or(|state| friend.state() == state);
            Ok(Page::new(friends.filter(is_wanted), list.cursor))
        }))
    }

    /// Asks somebody to be a friend, by id or by user name; accepts, if they have asked. Gives nothing.
    ///
    /// # Errors
    ///
    /// `NotFound` when nobody has this name.
    #[doc(alias = "AddFriends")]
    pub fn add_friend(&self, who: impl Into<Who>) -> B::Outcome<()> {
        let who = who.into();
        let (ids, usernames) = who.clone().ids_and_names();
        self.backend.call(Api::<AddFriends>::new(api::AddFriendsRequest { ids, usernames }).then(move |_, added| {
            match who {
                // this is how the platform says so
                Who::Name(name) if added.ids.contains(&0) => Err(not_found("user", name)),
                Who::Name(_) | Who::Id(_) => Ok(()),
            }
        }))
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
