//! What a user wants to be notified of: settings of clans, categories and channels.

use std::time::Duration;

use mezon_protocol::proto::api;
use mezon_protocol::proto::realtime::{self, envelope::Message};
use mezon_protocol::{Now, UserId};

use super::Call;
use crate::world::World;
use crate::world::describe::seconds;
use crate::world::model::CATEGORY;
use crate::world::refusal::{INVALID_ARGUMENT, Refusal};
use crate::world::timers::Planned;

handlers! {
    DeleteNotiReactMessage => forget_reactions,
    DeleteNotificationCategorySetting => forget_category,
    DeleteNotificationChannel => forget_channel_alerts,
    GetChannelCategoryNotiSettingsList => list_alerts,
    GetNotificationCategory => category_alerts,
    GetNotificationChannel => channel_alerts,
    GetNotificationClan => clan_alerts,
    GetNotificationReactMessage => reaction_alerts,
    ListMutedChannel => list_muted,
    SetMuteCategory => mute_category,
    SetMuteChannel => mute_channel,
    SetNotificationCategorySetting => set_category_alerts,
    SetNotificationChannelSetting => set_channel_alerts,
    SetNotificationClanSetting => set_clan_alerts,
    SetNotificationReactMessage => set_reaction_alerts,
}

/// What a setting is about. Ids of clans, channels and categories are unique together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::world) enum Scope {
    Clan(i64),
    Category(i64),
    Channel(i64),
}

/// One setting of one user.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::world) struct Alerts {
    /// 0 default, 1 all, 2 mentions, 3 nothing.
    kind: i32,
    muted: Option<Mute>,
    clan: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mute {
    ForEver,
    /// By the time that has elapsed: the clock may be set meanwhile.
    Until(Now),
}

/// The `mute_time` that has no end.
const FOR_EVER: i32 = -1;
/// The largest kind of setting.
const LARGEST_KIND: i32 = 3;

impl World {
    fn clan_alerts(&mut self, call: Call, request: api::NotificationClan) -> Result<api::NotificationSetting, Refusal> {
        let clan = self.clan_of_member(call.user(), request.clan_id)?.id.get();
        let alerts = self.alerts(call.user(), Scope::Clan(clan));
        Ok(api::NotificationSetting { id: clan, notification_setting_type: alerts.kind })
    }

    fn set_clan_alerts(&mut self, call: Call, request: api::SetDefaultNotificationRequest) -> Result<(), Refusal> {
        let clan = self.clan_of_member(call.user(), request.clan_id)?.id.get();
        self.set_kind(call, Scope::Clan(clan), clan, request.notification_type)
    }

    fn channel_alerts(
        &mut self,
        call: Call,
        request: api::NotificationChannel,
    ) -> Result<api::NotificationUserChannel, Refusal> {
        let channel = self.channel_of_viewer(call.user(), request.channel_id)?.id.get();
        Ok(wire(channel, self.alerts(call.user(), Scope::Channel(channel)), call.now))
    }

    fn set_channel_alerts(&mut self, call: Call, request: api::SetNotificationRequest) -> Result<(), Refusal> {
        let channel = self.channel_of_viewer(call.user(), request.channel_category_id)?.id.get();
        self.set_kind(call, Scope::Channel(channel), request.clan_id, request.notification_type)
    }

    fn forget_channel_alerts(&mut self, call: Call, request: api::NotificationChannel) -> Result<(), Refusal> {
        self.records.alerts.remove(&(call.user(), Scope::Channel(request.channel_id)));
        Ok(())
    }

    fn category_alerts(
        &mut self,
        call: Call,
        request: api::DefaultNotificationCategory,
    ) -> Result<api::NotificationUserChannel, Refusal> {
        let alerts = self.alerts(call.user(), Scope::Category(request.category_id));
        Ok(api::NotificationUserChannel { channel_id: 0, ..wire(request.category_id, alerts, call.now) })
    }

    fn set_category_alerts(&mut self, call: Call, request: api::SetNotificationRequest) -> Result<(), Refusal> {
        let category = request.channel_category_id;
        self.set_kind(call, Scope::Category(category), request.clan_id, request.notification_type)
    }

    fn forget_category(&mut self, call: Call, request: api::DefaultNotificationCategory) -> Result<(), Refusal> {
        self.records.alerts.remove(&(call.user(), Scope::Category(request.category_id)));
        Ok(())
    }

    fn mute_channel(&mut self, call: Call, request: api::SetMuteRequest) -> Result<(), Refusal> {
        let channel = self.channel_of_viewer(call.user(), request.id)?;
        let (id, clan) = (channel.id.get(), channel.clan.get());
        self.mute(call, Scope::Channel(id), clan, request.mute_time);
        let alerts = self.alerts(call.user(), Scope::Channel(id));
        let mut event = wire(id, alerts, call.now);
        // Here it is the time at which it ends, not how long it lasts.
        if let Some(Mute::Until(end)) = alerts.muted {
            event.time_mute_seconds = i32::try_from(seconds(end)).unwrap_or(i32::MAX);
        }
        self.tell_user(call.user(), Message::NotiUserChannel(Box::new(event)));
        Ok(())
    }

    fn mute_category(&mut self, call: Call, request: api::SetMuteRequest) -> Result<(), Refusal> {
        self.mute(call, Scope::Category(request.id), request.clan_id, request.mute_time);
        Ok(())
    }

    fn mute(&mut self, call: Call, scope: Scope, clan: i64, time: i32) {
        let alerts = self.records.alerts.entry((call.user(), scope)).or_default();
        alerts.clan = clan;
        alerts.muted = match u64::try_from(time) {
            Ok(0) => None,
            Ok(time) => {
                let end = call.now + Duration::from_secs(time);
                self.agenda.plan(end.elapsed, Planned::Unmute(call.user(), scope));
                Some(Mute::Until(end))
            }
            Err(_) if time == FOR_EVER => Some(Mute::ForEver),
            Err(_) => None,
        };
        if alerts.muted.is_none() {
            self.tell_unmuted(call.user(), scope);
        }
    }

    /// The time of a mute has come; nothing when it was set anew meanwhile.
    pub(in crate::world) fn unmute(&mut self, now: Now, user: UserId, scope: Scope) {
        let Some(alerts) = self.records.alerts.get_mut(&(user, scope)) else { return };
        if matches!(alerts.muted, Some(Mute::Until(end)) if end.elapsed <= now.elapsed) {
            alerts.muted = None;
            self.tell_unmuted(user, scope);
        }
    }

    fn tell_unmuted(&mut self, user: UserId, scope: Scope) {
        let clan_id = self.alerts(user, scope).clan;
        let mut event = realtime::UnmuteEvent { clan_id, ..realtime::UnmuteEvent::default() };
        match scope {
            Scope::Channel(channel) => event.channel_id = channel,
            Scope::Category(category) => event.category_id = category,
            Scope::Clan(_) => {}
        }
        self.tell_user(user, Message::UnmuteEvent(Box::new(event)));
    }

    fn list_muted(
        &mut self,
        call: Call,
        request: api::ListMutedChannelRequest,
    ) -> Result<api::MutedChannelList, Refusal> {
        let own = self.own_alerts(call.user(), request.clan_id);
        let muted = own.filter_map(|(scope, alerts)| match scope {
            Scope::Channel(channel) if alerts.muted.is_some() => Some(channel),
            Scope::Channel(_) | Scope::Category(_) | Scope::Clan(_) => None,
        });
        Ok(api::MutedChannelList { muted_list: muted.collect() })
    }

    fn list_alerts(
        &mut self,
        call: Call,
        request: api::NotificationClan,
    ) -> Result<api::NotificationChannelCategorySettingList, Refusal> {
        let clan = self.clan_of_member(call.user(), request.clan_id)?.id.get();
        let setting = |(scope, alerts): (Scope, Alerts)| {
            let (id, label, title) = match scope {
                Scope::Channel(id) => (id, self.channel_name(id.into()).unwrap_or_default(), "channel"),
                Scope::Category(id) => (id, CATEGORY.to_owned(), "category"),
                Scope::Clan(_) => return None,
            };
            Some(api::NotificationChannelCategorySetting {
                id,
                channel_category_label: label,
                notification_setting_type: alerts.kind,
                channel_category_title: title.to_owned(),
                action: i32::from(alerts.muted.is_none()),
            })
        };
        let list = self.own_alerts(call.user(), clan).filter_map(setting).collect();
        Ok(api::NotificationChannelCategorySettingList { notification_channel_category_settings_list: list })
    }

    /// The answer names a channel only when its reactions are told.
    fn reaction_alerts(
        &mut self,
        call: Call,
        request: api::NotifiReactMessage,
    ) -> Result<api::NotifiReactMessage, Refusal> {
        let channel = self.channel_of_viewer(call.user(), request.channel_id)?.id.get();
        let on = self.records.reaction_alerts.contains(&(call.user(), channel));
        let answer = api::NotifiReactMessage { id: channel, user_id: call.user().get(), channel_id: channel };
        Ok(if on { answer } else { api::NotifiReactMessage::default() })
    }

    fn set_reaction_alerts(&mut self, call: Call, request: api::NotificationChannel) -> Result<(), Refusal> {
        let channel = self.channel_of_viewer(call.user(), request.channel_id)?.id.get();
        self.records.reaction_alerts.insert((call.user(), channel));
        Ok(())
    }

    fn forget_reactions(&mut self, call: Call, request: api::NotificationChannel) -> Result<(), Refusal> {
        self.records.reaction_alerts.remove(&(call.user(), request.channel_id));
        Ok(())
    }

    fn alerts(&self, user: UserId, scope: Scope) -> Alerts {
        self.records.alerts.get(&(user, scope)).copied().unwrap_or_default()
    }

    fn own_alerts(&self, user: UserId, clan: i64) -> impl Iterator<Item = (Scope, Alerts)> {
        let own = self.records.alerts.iter().filter(move |((whose, _), alerts)| *whose == user && alerts.clan == clan);
        own.map(|((_, scope), alerts)| (*scope, *alerts))
    }

    fn set_kind(&mut self, call: Call, scope: Scope, clan: i64, kind: i32) -> Result<(), Refusal> {
        if !(0..=LARGEST_KIND).contains(&kind) {
            return Err(Refusal::new(INVALID_ARGUMENT, "unknown kind of notification setting"));
        }
        let alerts = self.records.alerts.entry((call.user(), scope)).or_default();
        alerts.kind = kind;
        alerts.clan = clan;
        Ok(())
    }
}

fn wire(id: i64, alerts: Alerts, now: Now) -> api::NotificationUserChannel {
    let time_mute_seconds = match alerts.muted {
        None => 0,
        Some(Mute::ForEver) => FOR_EVER,
        Some(Mute::Until(end)) => i32::try_from(seconds(end).saturating_sub(seconds(now))).unwrap_or(i32::MAX),
    };
    api::NotificationUserChannel {
        id,
        notification_setting_type: alerts.kind,
        time_mute_seconds,
        active: i32::from(alerts.muted.is_none()),
        channel_id: id,
    }
}
