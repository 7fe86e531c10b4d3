//! Who is in a clan, and who may not be.

use std::time::Duration;

use super::Clan;
use crate::api::{
    Api, BanClanUsers, ListBannedUsers, ListClanUsers, RemoveClanUsers, UnbanClanUsers, UpdateUserProfileByClan,
};
use crate::call::Call;
use crate::id::{ChannelId, UserId};
use crate::object::{Backend, User};
use crate::proto::api;

/// Who is banned, from where, and for how long.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ban {
    /// The channel that they are banned from.
    pub channel: ChannelId,
    /// Who.
    pub users: Vec<UserId>,
    /// For how long, in whole seconds; `None`, the default, for ever.
    pub time: Option<Duration>,
    /// Why.
    pub reason: String,
}

impl<B: Backend> Clan<B> {
    /// All its members. They are remembered with their nicknames and roles.
    #[doc(alias = "ListClanUsers")]
    pub fn list_members(&self) -> B::Outcome<Vec<User<B>>> {
        self.backend.call(self.listing_members())
    }

    pub(in crate::object) fn listing_members(&self) -> impl Call<Output = Vec<User<B>>> + use<B> {
        let (clan, backend) = (self.id, self.backend.clone());
        let request = api::ListClanUsersRequest { clan_id: clan.get() };
        Api::<ListClanUsers>::new(request).merged().then(move |_, list| {
            let infos: Vec<_> = backend.memory(|memory| {
                list.clan_users.iter().filter_map(|member| memory.note_member(clan, member)).collect()
            });
            Ok(infos.into_iter().map(|info| User::known(info, backend.clone())).collect())
        })
    }

    /// Puts users out of the clan; gives nothing. They may come back.
    #[doc(alias = "RemoveClanUsers")]
    pub fn kick(&self, users: impl IntoIterator<Item = UserId>) -> B::Outcome<()> {
        let request = api::RemoveClanUsersRequest { clan_id: self.id.get(), user_ids: raw(users) };
        self.backend.call(Api::<RemoveClanUsers>::new(request))
    }

    /// Bans users from a channel; gives nothing.
    #[doc(alias = "BanClanUsers")]
    pub fn ban(&self, ban: Ban) -> B::Outcome<()> {
        let seconds = ban.time.map_or(0, |time| i32::try_from(time.as_secs().max(1)).unwrap_or(i32::MAX));
        let request = api::BanClanUsersRequest {
            clan_id: self.id.get(),
            channel_id: ban.channel.get(),
            user_ids: raw(ban.users),
            ban_time: seconds,
            reason: ban.reason,
        };
        self.backend.call(Api::<BanClanUsers>::new(request))
    }

    /// Takes a ban back; gives nothing.
    #[doc(alias = "UnbanClanUsers")]
    pub fn unban(&self, channel: impl Into<ChannelId>, users: impl IntoIterator<Item = UserId>) -> B::Outcome<()> {
        let request = api::BanClanUsersRequest {
            clan_id: self.id.get(),
            channel_id: channel.into().get(),
            user_ids: raw(users),
            ..Default::default()
        };
        self.backend.call(Api::<UnbanClanUsers>::new(request))
    }

    /// Who is banned from a channel, as the wire has it.
    #[doc(alias = "ListBannedUsers")]
    pub fn list_banned(&self, channel: impl Into<ChannelId>) -> B::Outcome<Vec<api::BannedUser>> {
        let request = api::BannedUserListRequest { clan_id: self.id.get(), channel_id: channel.into().get() };
        self.backend.call(Api::<ListBannedUsers>::new(request).then(|_, list| Ok(list.banned_users)))
    }

    /// Makes a link by which users can join, and land in a channel; gives it as the wire has it. The platform does not
    /// document the unit of `expiry_time`; 0 leaves it to the server.
    #[doc(alias = "CreateLinkInviteUser")]
    pub fn create_invite(&self, channel: impl Into<ChannelId>, expiry_time: i32) -> B::Outcome<api::LinkInviteUser> {
        self.api().create_invite(self.id, channel, expiry_time)
    }

    /// Sets our own nickname here, empty for none; gives nothing.
    #[doc(alias = "UpdateUserProfileByClan")]
    pub fn set_nick(&self, nick: impl Into<String>) -> B::Outcome<()> {
        let request =
            api::UpdateClanProfileRequest { clan_id: self.id.get(), nick_name: Some(nick.into()), avatar: None };
        self.backend.call(Api::<UpdateUserProfileByClan>::new(request))
    }

    /// Sets the URL of our own avatar here, empty for none; gives nothing.
    #[doc(alias = "UpdateUserProfileByClan")]
    pub fn set_avatar(&self, url: impl Into<String>) -> B::Outcome<()> {
        let request =
            api::UpdateClanProfileRequest { clan_id: self.id.get(), nick_name: None, avatar: Some(url.into()) };
        self.backend.call(Api::<UpdateUserProfileByClan>::new(request))
    }
}

pub(in crate::object) fn raw(users: impl IntoIterator<Item = UserId>) -> Vec<i64> {
    users.into_iter().map(UserId::get).collect()
}
