//! Who is in a clan.

use crate::proto::api as wire;

methods! {
    /// The users of a clan, all in one answer.
    ListClanUsers = 3, reads, wire::ListClanUsersRequest => wire::ClanUserList;
    /// The status texts of a clan's users.
    ListClanUsersStatus = 20, reads, wire::ListClanUsersStatusRequest => wire::ClanUserStatusList;
    /// The users of a clan that are online, by page from 0.
    ListUserOnline = 45, reads, wire::ListUserOnlineRequest => wire::ListUserOnlineResponse;
    /// Kicks users out of a clan.
    RemoveClanUsers = 90, writes, wire::RemoveClanUsersRequest => ();
    /// Bans users from a channel of a clan, for `ban_time` seconds; 0 is for ever.
    BanClanUsers = 91, writes, wire::BanClanUsersRequest => ();
    /// Takes a ban back. Needs clan, channel and users; the other fields mean nothing.
    UnbanClanUsers = 202, writes, wire::BanClanUsersRequest => ();
    /// Who is banned from a channel of a clan.
    ListBannedUsers = 203, reads, wire::BannedUserListRequest => wire::BannedUserList;
    /// True if we are banned from a channel.
    IsBanned = 36, reads, wire::IsBannedRequest => wire::IsBannedResponse;
    /// Our nick name and avatar in a clan.
    GetUserProfileOnClan = 34, reads, wire::ClanProfileRequest => wire::ClanProfile;
    /// Sets our nick name and avatar in a clan. What is `None` stays as it is.
    UpdateUserProfileByClan = 81, writes, wire::UpdateClanProfileRequest => ();
}
