//! Friends and invitations.

use super::{Answer, OneStep, Request, Via};
use crate::api::{self, AddFriends};
use crate::error::{Error, ErrorKind};
use crate::id::UserId;
use crate::machine::Shared;
use crate::proto::api as wire;

/// How we stand with somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FriendState {
    /// Friends.
    Friend,
    /// We have sent an invitation.
    InviteSent,
    /// We have been sent an invitation.
    InviteReceived,
    /// Blocked.
    Blocked,
    /// What this crate does not know yet.
    Other(i32),
}

impl FriendState {
    /// From the number on the wire.
    pub const fn from_wire(state: i32) -> Self {
        match state {
            0 => Self::Friend,
            1 => Self::InviteSent,
            2 => Self::InviteReceived,
            3 => Self::Blocked,
            other => Self::Other(other),
        }
    }

    /// The number on the wire.
    pub const fn to_wire(self) -> i32 {
        match self {
            Self::Friend => 0,
            Self::InviteSent => 1,
            Self::InviteReceived => 2,
            Self::Blocked => 3,
            Self::Other(other) => other,
        }
    }
}

/// One page of our friends. Ends with the friends and the cursor of the next page, empty at the end.
///
/// On the wire a filter by friends cannot be told from none, so what is not in the state that was asked for is taken
/// out here as well; a page may be short, or empty, without being the last.
#[derive(Debug)]
pub struct ListFriends {
    /// How many, at most; 0 leaves it to the server.
    pub limit: i32,
    /// Only those in this state.
    pub state: Option<FriendState>,
    /// Where to go on; empty for the first page.
    pub cursor: String,
}

impl OneStep for ListFriends {
    type Output = wire::FriendList;

    fn request(&mut self, _: &mut Shared) -> Result<Request, Error> {
        let state = self.state.map_or(0, FriendState::to_wire);
        let request = wire::ListFriendsRequest { limit: self.limit, state, cursor: std::mem::take(&mut self.cursor) };
        Ok(api::request::<api::ListFriends>(&request, Via::Auto))
    }

    fn output(&mut self, _: &mut Shared, answer: Answer) -> Result<wire::FriendList, Error> {
        let mut list = api::response::<api::ListFriends>(answer)?;
        if let Some(state) = self.state {
            list.friends.retain(|friend| friend.state == state.to_wire());
        }
        Ok(list)
    }
}

/// Invites a user, by id, by name, or both; accepts where the user has invited us. Ends with nothing; `NotFound` when
/// nobody has the name.
#[derive(Debug)]
pub struct AddFriend {
    /// The user; 0 for none.
    pub user: UserId,
    /// The user's name; empty for none.
    pub username: String,
}

impl OneStep for AddFriend {
    type Output = ();

    fn request(&mut self, _: &mut Shared) -> Result<Request, Error> {
        if self.user.is_none() && self.username.is_empty() {
            return Err(Error::unsent(ErrorKind::InvalidArgument("a friend needs an id or a name".into())));
        }
        let request = wire::AddFriendsRequest {
            ids: Some(self.user.get()).into_iter().filter(|id| *id != 0).collect(),
            usernames: Some(self.username.clone()).into_iter().filter(|name| !name.is_empty()).collect(),
        };
        Ok(api::request::<AddFriends>(&request, Via::Auto))
    }

    fn output(&mut self, _: &mut Shared, answer: Answer) -> Result<(), Error> {
        // an id of 0 stands for a name that nobody has
        if api::response::<AddFriends>(answer)?.ids.contains(&0) {
            return Err(Error::answered(ErrorKind::NotFound { what: format!("user {}", self.username) }));
        }
        Ok(())
    }
}
