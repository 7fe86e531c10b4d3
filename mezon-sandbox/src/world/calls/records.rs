//! What the calls write, by topic.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use mezon_protocol::proto::api;
use mezon_protocol::{CategoryId, ChannelId, ClanId, MessageId, RoleId, TopicId, UserId};

use super::alerts::{Alerts, Scope};
use super::canvases::Canvas;
use super::friends::Tie;
use super::invites::Invite;
use super::members::Ban;
use super::permissions::Subject;
use super::pins::Pin;
use super::polls::Poll;
use super::roles::Role;
use super::topics::Topic;
use super::webhooks::Hook;
use crate::world::logins::Code;

/// The records. Each belongs to the file of the same name.
#[derive(Debug, Default)]
pub(in crate::world) struct Records {
    pub(in crate::world) alerts: BTreeMap<(UserId, Scope), Alerts>,
    pub(in crate::world) bans: Vec<Ban>,
    pub(in crate::world) canvases: BTreeMap<i64, Canvas>,
    pub(in crate::world) categories: BTreeMap<CategoryId, api::CategoryDesc>,
    pub(in crate::world) clan_order: BTreeMap<(UserId, ClanId), i32>,
    /// Direct channels that a user has put away.
    pub(in crate::world) closed: BTreeSet<(UserId, ChannelId)>,
    /// Codes that people may log in by.
    pub(in crate::world) codes: BTreeMap<String, Code>,
    pub(in crate::world) emoji: BTreeMap<i64, api::ClanEmoji>,
    pub(in crate::world) events: BTreeMap<i64, api::EventManagement>,
    /// How the first stands to the second.
    pub(in crate::world) friends: BTreeMap<(UserId, UserId), Tie>,
    pub(in crate::world) hooks: BTreeMap<i64, Hook>,
    pub(in crate::world) invites: BTreeMap<i64, Invite>,
    pub(in crate::world) liked: BTreeSet<(UserId, ChannelId)>,
    pub(in crate::world) menus: BTreeMap<i64, api::QuickMenuAccess>,
    pub(in crate::world) notifications: BTreeMap<UserId, VecDeque<api::Notification>>,
    pub(in crate::world) onboarding: BTreeMap<i64, api::OnboardingItem>,
    /// What is allowed and denied in channels, by the id of the permission.
    pub(in crate::world) permissions: BTreeMap<(ChannelId, Subject), BTreeMap<i64, i32>>,
    pub(in crate::world) pins: BTreeMap<i64, Pin>,
    pub(in crate::world) polls: BTreeMap<i64, Poll>,
    /// Logins that another device is to confirm, and who has.
    pub(in crate::world) qr_logins: BTreeMap<i64, Option<UserId>>,
    pub(in crate::world) reaction_alerts: BTreeSet<(UserId, i64)>,
    pub(in crate::world) roles: BTreeMap<RoleId, Role>,
    /// Who is in a voice room, or watches a stream.
    pub(in crate::world) rooms: BTreeMap<ChannelId, BTreeSet<UserId>>,
    /// The last message that a user has seen.
    pub(in crate::world) seen: BTreeMap<(UserId, ChannelId), MessageId>,
    pub(in crate::world) steps: BTreeMap<(UserId, ClanId), i32>,
    pub(in crate::world) stickers: BTreeMap<i64, api::ClanSticker>,
    pub(in crate::world) topics: BTreeMap<TopicId, Topic>,
}

impl Records {
    /// How many records there are.
    pub(in crate::world) fn len(&self) -> usize {
        let by_user = self.alerts.len() + self.clan_order.len() + self.closed.len() + self.friends.len();
        let marks = self.liked.len() + self.reaction_alerts.len() + self.seen.len() + self.steps.len();
        let of_clans =
            self.bans.len() + self.categories.len() + self.emoji.len() + self.events.len() + self.hooks.len();
        let more_of_clans = self.invites.len() + self.onboarding.len() + self.roles.len() + self.stickers.len();
        let of_channels = self.canvases.len() + self.permissions.len() + self.pins.len() + self.polls.len();
        let logins = self.codes.len() + self.qr_logins.len();
        by_user + marks + of_clans + more_of_clans + of_channels + logins + self.topics.len() + self.menus.len()
    }

    /// A channel goes, and with it what belongs to it.
    pub(in crate::world) fn forget_channel(&mut self, channel: ChannelId) {
        self.alerts.retain(|(_, scope), _| *scope != Scope::Channel(channel.get()));
        self.bans.retain(|ban| ban.channel != channel);
        self.canvases.retain(|_, canvas| canvas.channel != channel);
        self.closed.retain(|(_, closed)| *closed != channel);
        self.hooks.retain(|_, hook| hook.channel != channel);
        self.liked.retain(|(_, liked)| *liked != channel);
        self.permissions.retain(|(place, _), _| *place != channel);
        self.pins.retain(|_, pin| pin.channel != channel);
        self.polls.retain(|_, poll| poll.channel != channel);
        self.rooms.remove(&channel);
        self.seen.retain(|(_, seen), _| *seen != channel);
        self.topics.retain(|_, topic| topic.channel != channel);
    }

    /// A clan goes, its channels have gone already.
    pub(in crate::world) fn forget_clan(&mut self, clan: ClanId) {
        let id = clan.get();
        self.bans.retain(|ban| ban.clan != clan);
        self.categories.retain(|_, category| category.clan_id != id);
        self.emoji.retain(|_, emoji| emoji.clan_id != id);
        self.events.retain(|_, event| event.clan_id != id);
        self.hooks.retain(|_, hook| hook.clan != clan);
        self.invites.retain(|_, invite| invite.clan != clan);
        self.onboarding.retain(|_, item| item.clan_id != id);
        self.roles.retain(|_, role| role.clan != clan);
        self.stickers.retain(|_, sticker| sticker.clan_id != id);
    }

    /// Some invitation to a clan, 0 for none.
    pub(in crate::world) fn invite_to(&self, clan: ClanId) -> i64 {
        self.invites.iter().find(|(_, invite)| invite.clan == clan).map(|(id, _)| *id).unwrap_or_default()
    }
}
