//! Friends.

use crate::proto::api as wire;

methods! {
    /// Friends and invitations, by page: `cursor` of the answer goes into the next request. Every answer has a
    /// `state`: 0 friend, 1 invited by us, 2 has invited us, 3 blocked. As a filter 0 seems to mean all.
    ListFriends = 14, reads, wire::ListFriendsRequest => wire::FriendList;
    /// Invites users, by id or name; accepts where they have invited us. A 0 among the ids of the answer is a name
    /// that nobody has.
    AddFriends = 57, writes, wire::AddFriendsRequest => wire::AddFriendsResponse;
    /// Ends friendships; takes back or turns down invitations.
    DeleteFriends = 76, writes, wire::DeleteFriendsRequest => ();
    /// Blocks users.
    BlockFriends = 60, writes, wire::BlockFriendsRequest => ();
    /// Unblocks users.
    UnblockFriends = 61, writes, wire::BlockFriendsRequest => ();
    /// True if a user follows us.
    IsFollower = 206, reads, wire::IsFollowerRequest => wire::IsFollowerResponse;
}
