//! Friends: invitations, acceptance, blocks.
//!
//! ```text
//!            A adds B                 B adds A
//!   strangers ─────► A sent, B received ─────► friends        deleting, by either side, leads back to strangers
//!        A blocks B: A's side is "blocked"; B's side forgets A, and what B asks of A reaches nobody
//! ```

use mezon_protocol::UserId;
use mezon_protocol::proto::api;
use mezon_protocol::proto::api::friend::State;
use mezon_protocol::proto::realtime::{self, envelope::Message};

use super::{Call, cursor_page, notifications};
use crate::world::World;
use crate::world::describe::{seconds, wire_user};
use crate::world::refusal::{INVALID_ARGUMENT, Refusal};

handlers! {
    AddFriends => add_friends,
    BlockFriends => block_friends,
    DeleteFriends => delete_friends,
    IsFollower => is_follower,
    ListFriends => list_friends,
    UnblockFriends => unblock_friends,
}

/// How a user stands to another.
#[derive(Clone, Copy, Debug)]
pub(in crate::world) struct Tie {
    state: State,
    since_seconds: u32,
}

impl World {
    /// A state of 0 lists all, as "friend" cannot be told from "not asked for".
    fn list_friends(&mut self, call: Call, request: api::ListFriendsRequest) -> Result<api::FriendList, Refusal> {
        let own = self.records.friends.iter().filter(|((from, _), tie)| {
            *from == call.user() && (request.state == 0 || request.state == tie.state as i32)
        });
        let friends = own.map(|((_, to), tie)| api::Friend {
            user: self.users.get(to).map(wire_user),
            state: tie.state as i32,
            update_time_seconds: tie.since_seconds,
            source_id: call.user().get(),
        });
        let (friends, cursor) = cursor_page(friends.collect(), request.limit, &request.cursor);
        Ok(api::FriendList { friends, cursor })
    }

    fn add_friends(&mut self, call: Call, request: api::AddFriendsRequest) -> Result<api::AddFriendsResponse, Refusal> {
        let mut response = api::AddFriendsResponse { usernames: request.usernames.clone(), ..Default::default() };
        let by_name = request.usernames.iter().map(|name| self.user_named(name).unwrap_or_default());
        let by_name: Vec<UserId> = by_name.collect();
        // By name and by id the same one: one request.
        let by_id = request.ids.into_iter().map(UserId::new).filter(|id| !by_name.contains(id)).collect::<Vec<_>>();
        if by_id.iter().chain(&by_name).any(|user| *user == call.user()) {
            return Err(Refusal::new(INVALID_ARGUMENT, "nobody is a friend of one's own"));
        }
        for user in by_name.into_iter().chain(by_id) {
            let known = self.users.contains_key(&user);
            if known {
                self.add_friend(call.now, call.user(), user);
            }
            response.ids.push(if known { user.get() } else { 0 });
        }
        Ok(response)
    }

    /// Invites somebody, or accepts the invitation of the other.
    pub(in crate::world) fn add_friend(&mut self, now: mezon_protocol::Now, from: UserId, to: UserId) {
        let since_seconds = seconds(now);
        let tie = |state| Tie { state, since_seconds };
        match (self.tie(from, to), self.tie(to, from)) {
            // A block has to be lifted first; and who is blocked does not learn of it.
            (Some(State::Blocked), _) | (_, Some(State::Blocked)) => {}
            (Some(State::InviteReceived), _) => {
                self.records.friends.insert((from, to), tie(State::Friend));
                self.records.friends.insert((to, from), tie(State::Friend));
                self.tell_friend(from, to);
                self.tell_friend(to, from);
            }
            (Some(State::Friend | State::InviteSent), _) => {}
            (None, _) => {
                self.records.friends.insert((from, to), tie(State::InviteSent));
                self.records.friends.insert((to, from), tie(State::InviteReceived));
                self.notify(now, from, to, notifications::FRIEND_REQUEST, "wants to be your friend");
            }
        }
    }

    fn delete_friends(&mut self, call: Call, request: api::DeleteFriendsRequest) -> Result<(), Refusal> {
        for user in self.named(&request.ids, &request.usernames) {
            self.cut_tie(call.user(), user);
        }
        Ok(())
    }

    fn block_friends(&mut self, call: Call, request: api::BlockFriendsRequest) -> Result<(), Refusal> {
        for user in self.named(&request.ids, &request.usernames) {
            self.cut_tie(call.user(), user);
            let tie = Tie { state: State::Blocked, since_seconds: seconds(call.now) };
            self.records.friends.insert((call.user(), user), tie);
            let event = realtime::BlockFriend { user_id: call.user().get() };
            self.tell_user(user, Message::BlockFriend(Box::new(event)));
        }
        Ok(())
    }

    fn unblock_friends(&mut self, call: Call, request: api::BlockFriendsRequest) -> Result<(), Refusal> {
        for user in self.named(&request.ids, &request.usernames) {
            if self.tie(call.user(), user) != Some(State::Blocked) {
                continue;
            }
            self.records.friends.remove(&(call.user(), user));
            let Some(own) = self.users.get(&call.user()) else { continue };
            let event = realtime::UnblockFriend {
                user_id: own.id.get(),
                username: own.username.clone(),
                avatar: own.avatar.clone(),
                display_name: own.display_name.clone(),
                status: own.details.status.clone(),
                user_status: own.details.user_status.clone(),
            };
            self.tell_user(user, Message::UnBlockFriend(Box::new(event)));
        }
        Ok(())
    }

    fn is_follower(&mut self, call: Call, request: api::IsFollowerRequest) -> Result<api::IsFollowerResponse, Refusal> {
        let is_follower = self.tie(UserId::new(request.follow_id), call.user()) == Some(State::Friend);
        Ok(api::IsFollowerResponse { follow_id: request.follow_id, is_follower })
    }

    /// True when the two are friends.
    pub fn are_friends(&self, a: UserId, b: UserId) -> bool {
        self.tie(a, b) == Some(State::Friend)
    }

    fn tie(&self, from: UserId, to: UserId) -> Option<State> {
        self.records.friends.get(&(from, to)).map(|tie| tie.state)
    }

    /// Ends what is between the two, but no block by the other.
    fn cut_tie(&mut self, from: UserId, to: UserId) {
        if self.records.friends.remove(&(from, to)).is_none() || self.tie(to, from) == Some(State::Blocked) {
            return;
        }
        self.records.friends.remove(&(to, from));
        self.tell_user(to, Message::RemoveFriend(Box::new(realtime::RemoveFriend { user_id: from.get() })));
    }

    fn tell_friend(&mut self, whom: UserId, about: UserId) {
        let Some(user) = self.users.get(&about) else { return };
        let event = realtime::AddFriend {
            user_id: user.id.get(),
            username: user.username.clone(),
            display_name: user.display_name.clone(),
            avatar: user.avatar.clone(),
        };
        self.tell_user(whom, Message::AddFriend(Box::new(event)));
    }

    /// Those that exist, each once.
    fn named(&self, ids: &[i64], usernames: &[String]) -> Vec<UserId> {
        let by_name = usernames.iter().filter_map(|name| self.user_named(name));
        let mut all: Vec<UserId> = ids.iter().map(|id| UserId::new(*id)).chain(by_name).collect();
        all.retain(|user| self.users.contains_key(user));
        all.sort_unstable();
        all.dedup();
        all
    }
}
