//! The members of clans: who they are there, and how they go.

use mezon_protocol::proto::api;
use mezon_protocol::proto::realtime::{self, envelope::Message};
use mezon_protocol::{ChannelId, ClanId, Now, UserId};

use super::{Call, page};
use crate::world::World;
use crate::world::describe::{seconds, wire_user};
use crate::world::model::{Clan, User};
use crate::world::refusal::{INVALID_ARGUMENT, PERMISSION_DENIED, Refusal};

handlers! {
    BanClanUsers => ban,
    GetUserProfileOnClan => clan_profile,
    IsBanned => is_banned_for,
    ListBannedUsers => list_banned,
    ListClanUsers => list_clan_users,
    ListClanUsersStatus => list_statuses,
    ListUserOnline => list_online,
    RemoveClanUsers => kick,
    UnbanClanUsers => unban,
    UpdateUserProfileByClan => update_clan_profile,
}

/// A ban, from one channel, or with channel 0 from the clan.
#[derive(Clone, Debug)]
pub(in crate::world) struct Ban {
    pub(super) clan: ClanId,
    pub(super) channel: ChannelId,
    user: UserId,
    by: UserId,
    /// Seconds; 0 has no end.
    time: i32,
    ends_seconds: u32,
    reason: String,
}

impl Ban {
    fn holds(&self, now: Now) -> bool {
        self.time == 0 || seconds(now) < self.ends_seconds
    }
}

/// The `action` of a ban event. Assumed.
const BANNED: i32 = 1;
const UNBANNED: i32 = 0;

impl World {
    fn list_clan_users(
        &mut self,
        call: Call,
        request: api::ListClanUsersRequest,
    ) -> Result<api::ClanUserList, Refusal> {
        let clan = self.clan_of_member(call.user(), request.clan_id)?;
        let member = |user: &UserId| api::clan_user_list::ClanUser {
            user: self.users.get(user).map(wire_user),
            role_id: self.role_ids_of(*user, clan.id),
            clan_nick: clan.nicks.get(user).cloned().unwrap_or_default(),
            clan_avatar: clan.avatars.get(user).cloned().unwrap_or_default(),
            clan_id: clan.id.get(),
        };
        let clan_users = clan.members.iter().map(member).collect();
        Ok(api::ClanUserList { clan_users, clan_id: clan.id.get(), ..api::ClanUserList::default() })
    }

    fn list_statuses(
        &mut self,
        call: Call,
        request: api::ListClanUsersStatusRequest,
    ) -> Result<api::ClanUserStatusList, Refusal> {
        let clan = self.clan_of_member(call.user(), request.clan_id)?;
        let entry = |user: &User| api::ClanUserStatusEntry {
            user_id: user.id.get(),
            user_status: user.details.user_status.clone(),
        };
        Ok(api::ClanUserStatusList { clan_user_statuses: self.members(clan).map(entry).collect() })
    }

    /// People always are; bots while they are connected.
    fn list_online(
        &mut self,
        call: Call,
        request: api::ListUserOnlineRequest,
    ) -> Result<api::ListUserOnlineResponse, Refusal> {
        let clan = self.clan_of_member(call.user(), request.clan_id)?;
        let online = self.members(clan).filter(|user| self.is_online(user)).map(wire_user);
        let total_count = i32::try_from(online.clone().count()).unwrap_or(i32::MAX);
        Ok(api::ListUserOnlineResponse { users: page(online, request.limit, request.page), total_count })
    }

    fn members<'a>(&'a self, clan: &'a Clan) -> impl Iterator<Item = &'a User> + Clone {
        clan.members.iter().filter_map(|user| self.users.get(user))
    }

    fn kick(&mut self, call: Call, request: api::RemoveClanUsersRequest) -> Result<(), Refusal> {
        let clan = self.clan_of_member(call.user(), request.clan_id)?;
        let (id, owner) = (clan.id, clan.owner);
        for user in request.user_ids.into_iter().map(UserId::new) {
            if user == owner {
                return Err(Refusal::new(PERMISSION_DENIED, "the owner cannot be removed"));
            }
            if self.users.contains_key(&user) {
                self.remove_from_clan(call.now, id, user);
            }
        }
        Ok(())
    }

    fn ban(&mut self, call: Call, request: api::BanClanUsersRequest) -> Result<(), Refusal> {
        let clan = self.clan_of_member(call.user(), request.clan_id)?.id;
        if request.user_ids.is_empty() || !request.user_ids.iter().all(|id| self.users.contains_key(&UserId::new(*id)))
        {
            return Err(Refusal::new(INVALID_ARGUMENT, "nobody is named, or somebody who does not exist"));
        }
        let channel = match request.channel_id {
            0 => ChannelId::NONE,
            channel => self.channel_of_viewer(call.user(), channel)?.id,
        };
        let time = request.ban_time.max(0);
        for user in request.user_ids.iter().map(|user| UserId::new(*user)) {
            self.lift_ban(clan, channel, user);
            self.records.bans.push(Ban {
                clan,
                channel,
                user,
                by: call.user(),
                time,
                ends_seconds: seconds(call.now).saturating_add(time.unsigned_abs()),
                reason: request.reason.clone(),
            });
        }
        self.tell_ban(call.user(), clan, channel, request.user_ids.clone(), BANNED, time);
        if channel.is_none() {
            for user in request.user_ids.into_iter().map(UserId::new) {
                self.remove_from_clan(call.now, clan, user);
            }
        }
        Ok(())
    }

    fn unban(&mut self, call: Call, request: api::BanClanUsersRequest) -> Result<(), Refusal> {
        let clan = self.clan_of_member(call.user(), request.clan_id)?.id;
        let channel = ChannelId::new(request.channel_id);
        for user in request.user_ids.iter().map(|user| UserId::new(*user)) {
            self.lift_ban(clan, channel, user);
        }
        self.tell_ban(call.user(), clan, channel, request.user_ids, UNBANNED, 0);
        Ok(())
    }

    fn lift_ban(&mut self, clan: ClanId, channel: ChannelId, user: UserId) {
        self.records.bans.retain(|ban| (ban.clan, ban.channel, ban.user) != (clan, channel, user));
    }

    fn tell_ban(&mut self, by: UserId, clan: ClanId, channel: ChannelId, users: Vec<i64>, action: i32, time: i32) {
        let concerned: Vec<UserId> = users.iter().map(|user| UserId::new(*user)).collect();
        let event = realtime::BannedUserEvent {
            user_ids: users,
            action,
            banner_id: by.get(),
            channel_id: channel.get(),
            clan_id: clan.get(),
            ban_time: time,
        };
        self.tell_clan_and(clan, &concerned, Message::BanUserEvent(Box::new(event)));
    }

    /// Without a channel those of all channels of the clan.
    fn list_banned(&mut self, call: Call, request: api::BannedUserListRequest) -> Result<api::BannedUserList, Refusal> {
        let clan = self.clan_of_member(call.user(), request.clan_id)?.id;
        let wanted = |ban: &&Ban| {
            let channel = request.channel_id == 0 || ban.channel.get() == request.channel_id;
            ban.clan == clan && channel && ban.holds(call.now)
        };
        let wire = |ban: &Ban| api::BannedUser {
            channel_id: ban.channel.get(),
            banned_id: ban.user.get(),
            banner_id: ban.by.get(),
            ban_time: ban.time,
            reason: ban.reason.clone(),
        };
        Ok(api::BannedUserList { banned_users: self.records.bans.iter().filter(wanted).map(wire).collect() })
    }

    fn is_banned_for(&mut self, call: Call, request: api::IsBannedRequest) -> Result<api::IsBannedResponse, Refusal> {
        let channel = self.channel_of_viewer(call.user(), request.channel_id)?.id;
        let ban = self.ban_in(call.now, call.user(), channel);
        let ends = ban.filter(|ban| ban.time > 0).map(|ban| ban.ends_seconds).unwrap_or_default();
        Ok(api::IsBannedResponse {
            is_banned: ban.is_some(),
            expired_ban_time: i32::try_from(ends).unwrap_or(i32::MAX),
        })
    }

    pub(in crate::world) fn ban_in(&self, now: Now, user: UserId, channel: ChannelId) -> Option<&Ban> {
        let mut bans = self.records.bans.iter();
        bans.find(|ban| ban.user == user && ban.channel == channel && ban.holds(now))
    }

    pub(in crate::world) fn is_banned_from(&self, now: Now, user: UserId, clan: ClanId) -> bool {
        let mut bans = self.records.bans.iter();
        bans.any(|ban| ban.user == user && ban.clan == clan && ban.channel.is_none() && ban.holds(now))
    }

    fn clan_profile(&mut self, call: Call, request: api::ClanProfileRequest) -> Result<api::ClanProfile, Refusal> {
        let clan = self.clan_of_member(call.user(), request.clan_id)?;
        Ok(api::ClanProfile {
            user_id: call.user().get(),
            nick_name: clan.nicks.get(&call.user()).cloned().unwrap_or_default(),
            avatar: clan.avatars.get(&call.user()).cloned().unwrap_or_default(),
            clan_id: clan.id.get(),
            about: self.users.get(&call.user()).map(|user| user.details.about_me.clone()).unwrap_or_default(),
        })
    }

    fn update_clan_profile(&mut self, call: Call, request: api::UpdateClanProfileRequest) -> Result<(), Refusal> {
        let clan = self.clan_of_member(call.user(), request.clan_id)?.id;
        let Some(clan) = self.clans.get_mut(&clan) else { return Ok(()) };
        if let Some(nick) = request.nick_name {
            clan.nicks.insert(call.user(), nick);
        }
        if let Some(avatar) = request.avatar {
            clan.avatars.insert(call.user(), avatar);
        }
        let event = realtime::ClanProfileUpdatedEvent {
            user_id: call.user().get(),
            clan_nick: clan.nicks.get(&call.user()).cloned().unwrap_or_default(),
            clan_avatar: clan.avatars.get(&call.user()).cloned().unwrap_or_default(),
            clan_id: clan.id.get(),
        };
        let clan = clan.id;
        self.tell_clan(clan, Message::ClanProfileUpdatedEvent(Box::new(event)));
        Ok(())
    }
}
