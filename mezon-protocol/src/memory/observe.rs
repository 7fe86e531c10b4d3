//! What events change in memory.

use std::sync::Arc;

use super::{ChannelInfo, ClanInfo, Memory};
use crate::event::{Event, EventKind};
use crate::id::{ClanId, UserId};
use crate::proto::realtime;

/// True if an event of this kind may change what is remembered. Messages are taken on a way of their own.
pub(crate) const fn concerns(kind: EventKind) -> bool {
    matches!(
        kind,
        EventKind::ChannelCreated
            | EventKind::ChannelUpdated
            | EventKind::ChannelDeleted
            | EventKind::UsersAddedToChannel
            | EventKind::UsersRemovedFromChannel
            | EventKind::UsersRemovedFromClan
            | EventKind::ClanCreated
            | EventKind::ClanUpdated
            | EventKind::ClanDeleted
            | EventKind::OwnershipTransferred
            | EventKind::ClanProfileUpdated
            | EventKind::UserProfileUpdated
            | EventKind::UserJoinedClan
            | EventKind::RoleChanged
            | EventKind::RoleAssigned
    )
}

impl Memory {
    /// Learns from an event. `own_id` is who we are.
    #[expect(clippy::wildcard_enum_match_arm, reason = "from the other events there is nothing to learn")]
    pub fn observe<B>(&mut self, event: &Event<B>, own_id: UserId) {
        match event {
            Event::ChannelCreated(event) => {
                self.change_channel(event.channel_id, |channel| channel.create(event));
            }
            Event::ChannelUpdated(event) => {
                self.change_channel(event.channel_id, |channel| channel.update(event));
            }
            Event::ChannelDeleted(event) => self.forget_channel(event.channel_id.into()),
            Event::UsersAddedToChannel(event) => self.on_users_added(event, own_id),
            Event::UsersRemovedFromChannel(event) if event.user_ids.contains(&own_id.get()) => {
                self.forget_channel(event.channel_id.into());
            }
            Event::UsersRemovedFromClan(event) => self.on_users_left(event.clan_id.into(), &event.user_ids, own_id),
            Event::ClanCreated(event) => {
                let info = ClanInfo::from(event.as_ref());
                self.clans.set(info.id, Arc::new(info));
            }
            Event::ClanUpdated(event) => self.change_clan(event.clan_id, |clan| clan.update(event)),
            Event::ClanDeleted(event) => self.forget_clan(event.clan_id.into()),
            Event::OwnershipTransferred(event) => {
                self.change_clan(event.clan_id, |clan| clan.owner_id = event.curr_owner.into());
            }
            Event::ClanProfileUpdated(event) => self.on_clan_profile(event),
            Event::UserProfileUpdated(event) => {
                self.change_known_user(event.user_id, |user| {
                    user.learn_profile("", &event.display_name, &event.avatar);
                });
            }
            Event::UserJoinedClan(event) => self.on_user_joined(event, own_id),
            // what the numbers of its status mean is not known: it is fetched anew when it is wanted
            Event::RoleChanged(event) => {
                if let Some(role) = &event.role {
                    self.roles.remove(&role.id.into());
                }
            }
            Event::RoleAssigned(event) => self.on_role_assigned(event),
            // what was listed before may have changed while we were away
            Event::Ready { resumed: true, .. } => self.listed.clear(),
            _ => {}
        }
    }

    /// In its place, so that nothing else that is kept of the channel is lost.
    fn change_channel(&mut self, channel: i64, change: impl FnOnce(&mut ChannelInfo)) {
        if channel == 0 {
            return;
        }
        let mut info = self.channels.get(&channel.into()).cloned().unwrap_or_default();
        change(Arc::make_mut(&mut info));
        self.channels.set(channel.into(), info);
    }

    fn change_clan(&mut self, clan: i64, change: impl FnOnce(&mut ClanInfo)) {
        if let Some(clan) = self.clans.get_mut(&clan.into()) {
            change(Arc::make_mut(clan));
        }
    }

    fn change_known_user(&mut self, user: i64, change: impl FnOnce(&mut super::UserInfo)) {
        if let Some(user) = self.users.get_mut(&user.into()) {
            change(Arc::make_mut(user));
        }
    }

    fn on_users_added(&mut self, event: &realtime::UserChannelAdded, own_id: UserId) {
        for user in &event.users {
            self.note_profile(user);
        }
        let Some(channel) = event.channel_desc.as_ref() else { return };
        if !event.users.iter().any(|user| user.user_id == own_id.get()) {
            return;
        }
        let mut channel = channel.clone();
        if channel.clan_id == 0 {
            channel.clan_id = event.clan_id;
        }
        if channel.user_ids.is_empty() {
            channel.user_ids = event.users.iter().map(|user| user.user_id).filter(|id| *id != own_id.get()).collect();
        }
        self.note_channel(&channel);
    }

    /// Those who are seen in no other clan, and whom we do not talk with, are forgotten.
    fn on_users_left(&mut self, clan: ClanId, users: &[i64], own_id: UserId) {
        if users.contains(&own_id.get()) {
            self.forget_clan(clan);
        }
        for user in users.iter().map(|user| UserId::new(*user)) {
            let Some(info) = self.users.get_mut(&user) else { continue };
            let info = Arc::make_mut(info);
            info.clans.retain(|member| member.clan_id != clan);
            let is_elsewhere = !info.clans.is_empty() || user == own_id;
            if !is_elsewhere && self.direct_channel(user).is_none() {
                self.users.remove(&user);
            }
        }
    }

    fn on_user_joined(&mut self, event: &realtime::AddClanUserEvent, own_id: UserId) {
        let Some(user) = &event.user else { return };
        self.note_profile(user);
        self.change_known_user(user.user_id, |user| {
            user.member_mut(event.clan_id.into());
        });
        let clan = ClanId::new(event.clan_id);
        if user.user_id == own_id.get() && !self.clans.contains(&clan) {
            // its name comes with the list of clans, which the Machine asks for now
            self.clans.set(clan, Arc::new(ClanInfo { id: clan, ..ClanInfo::default() }));
        }
    }

    fn on_clan_profile(&mut self, event: &realtime::ClanProfileUpdatedEvent) {
        self.change_known_user(event.user_id, |user| {
            user.learn_member(event.clan_id.into(), &event.clan_nick, &event.clan_avatar);
        });
    }

    fn on_role_assigned(&mut self, event: &realtime::RoleAssignedEvent) {
        let (Ok(clan), role) = (event.clan_id.parse::<ClanId>(), event.role_id.into()) else { return };
        for user in &event.user_ids_assigned {
            self.change_known_user(*user, |user| user.member_mut(clan).give_role(role));
        }
        for user in &event.user_ids_removed {
            self.change_known_user(*user, |user| user.member_mut(clan).take_role(role));
        }
    }

    fn note_profile(&mut self, user: &realtime::UserProfileRedis) {
        self.change_user(user.user_id.into(), |info| {
            info.learn_profile(&user.username, &user.display_name, &user.avatar);
        });
    }
}
