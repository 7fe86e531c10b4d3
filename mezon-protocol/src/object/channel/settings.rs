//! What a channel is called and who may see it, and of what we are notified.

use std::time::Duration;

use super::Channel;
use crate::api::{
    Api, DeleteChannelDesc, GenerateWebhook, GetNotificationChannel, ListWebhookByChannelId,
    RemoveParticipantMezonMeet, SetMuteChannel, SetNotificationChannelSetting, UpdateChannelDesc, UpdateChannelPrivate,
};
use crate::call::{Call, ChannelDetail, Recall};
use crate::content::serde_json::Value;
use crate::id::{CategoryId, RoleId, UserId};
use crate::object::clan::raw;
use crate::object::{Backend, Kept, NotificationLevel};
use crate::proto::api;
use crate::rest::media::PlayMedia;
use crate::route::ChannelKind;

/// A change of a channel. What is `None` stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChannelChange {
    /// Its name.
    #[doc(alias = "channel_label")]
    pub name: Option<String>,
    /// What it is about; empty for nothing.
    pub topic: Option<String>,
    /// The URL of its picture; empty for none.
    #[doc(alias = "channel_avatar")]
    pub avatar: Option<String>,
    /// The category that it is shown in.
    pub category_id: Option<CategoryId>,
    /// Whether it is for adults.
    pub age_restricted: Option<bool>,
}

/// The notification level of a channel, and for how long it is muted.
///
/// The time that is left is in `time_mute_seconds`: -1 for ever.
pub type ChannelNotification = api::NotificationUserChannel;

impl<B: Backend> Channel<B> {
    /// Changes it; gives nothing. It is looked up first, as the platform has no way to leave some fields out.
    #[doc(alias = "UpdateChannelDesc")]
    pub fn update(&self, change: ChannelChange) -> B::Outcome<()> {
        self.backend.call(ChannelDetail(self.id).look_up(move |_, now| {
            Ok(Api::<UpdateChannelDesc>::new(api::UpdateChannelDescRequest {
                clan_id: now.clan_id,
                channel_id: now.channel_id,
                channel_label: change.name,
                category_id: change.category_id.map_or(now.category_id, CategoryId::get),
                app_id: now.app_id,
                topic: change.topic.unwrap_or(now.topic),
                age_restricted: change.age_restricted.map_or(now.age_restricted, i32::from),
                e2ee: now.e2ee,
                channel_avatar: change.avatar,
            }))
        }))
    }

    /// Gives it another name; gives nothing.
    pub fn rename(&self, name: impl Into<String>) -> B::Outcome<()> {
        self.update(ChannelChange { name: Some(name.into()), ..ChannelChange::default() })
    }

    /// Makes it private, for these users and for those who have one of these roles; gives nothing.
    #[doc(alias = "UpdateChannelPrivate")]
    pub fn make_private(
        &self,
        users: impl IntoIterator<Item = UserId>,
        roles: impl IntoIterator<Item = RoleId>,
    ) -> B::Outcome<()> {
        self.set_private(true, raw(users), roles.into_iter().map(RoleId::get).collect())
    }

    /// Makes it public; gives nothing.
    #[doc(alias = "UpdateChannelPrivate")]
    pub fn make_public(&self) -> B::Outcome<()> {
        self.set_private(false, Vec::new(), Vec::new())
    }

    fn set_private(&self, is_private: bool, user_ids: Vec<i64>, role_ids: Vec<i64>) -> B::Outcome<()> {
        self.on_route(move |route| {
            Api::<UpdateChannelPrivate>::new(api::ChangeChannelPrivateRequest {
                clan_id: route.clan.get(),
                channel_id: route.channel.get(),
                channel_private: is_private.into(),
                user_ids,
                role_ids,
            })
        })
    }

    /// Deletes it, be it a channel or a thread; gives nothing.
    #[doc(alias = "DeleteChannelDesc")]
    pub fn delete(&self) -> B::Outcome<()> {
        let backend = self.backend.clone();
        self.on_route(move |route| {
            let request = api::DeleteChannelDescRequest { clan_id: route.clan.get(), channel_id: route.channel.get() };
            Api::<DeleteChannelDesc>::new(request).then(move |_, ()| {
                backend.memory(|memory| memory.forget_channel(route.channel));
                Ok(())
            })
        })
    }

    /// Of what this account is notified here.
    #[doc(alias = "get_notification_channel_setting")]
    pub fn notification(&self) -> B::Outcome<ChannelNotification> {
        let request = api::NotificationChannel { channel_id: self.id.get() };
        self.backend.call(Api::<GetNotificationChannel>::new(request))
    }

    /// Sets of what this account is notified here; gives nothing.
    #[doc(alias = "SetNotificationChannelSetting")]
    pub fn set_notification_level(&self, level: NotificationLevel) -> B::Outcome<()> {
        self.on_route(move |route| {
            Api::<SetNotificationChannelSetting>::new(api::SetNotificationRequest {
                channel_category_id: route.channel.get(),
                notification_type: level.number(),
                clan_id: route.clan.get(),
            })
        })
    }

    /// Is not notified of anything here for this long, in whole seconds, or with `None` for ever; gives nothing.
    #[doc(alias = "SetMuteChannel")]
    pub fn mute(&self, time: Option<Duration>) -> B::Outcome<()> {
        let seconds = time.map_or(-1, |time| i32::try_from(time.as_secs().max(1)).unwrap_or(i32::MAX));
        self.set_mute(seconds)
    }

    /// Is notified again; gives nothing.
    #[doc(alias = "SetMuteChannel")]
    pub fn unmute(&self) -> B::Outcome<()> {
        self.set_mute(0)
    }

    fn set_mute(&self, mute_time: i32) -> B::Outcome<()> {
        self.on_route(move |route| {
            Api::<SetMuteChannel>::new(api::SetMuteRequest {
                id: route.channel.get(),
                mute_time,
                active: (mute_time == 0).into(),
                clan_id: route.clan.get(),
            })
        })
    }

    /// Plays media in it, as a voice room; gives what the media server says. The room of what is played is filled in: its
    /// meeting code, or its id if it has none. It is looked up if it is not known.
    ///
    /// The account is in the room for as long as it plays: the end is its own
    /// [`UserLeftVoice`](crate::Event::UserLeftVoice).
    ///
    /// # Errors
    ///
    /// `InvalidArgument` when it is no voice room.
    #[doc(alias = "playMedia")]
    pub fn play_media(&self, media: PlayMedia) -> B::Outcome<Value> {
        let (id, backend) = (self.id, self.backend.clone());
        let known = move || Self::get(&backend, None, id).filter(|channel| !channel.meeting_code().is_empty());
        let detail = ChannelDetail(id).merged().then(Self::keep(self.backend.clone()));
        self.backend.call(
            Recall::new(known, detail).look_up(|_, channel| Ok(PlayMedia { room_name: channel.room_name(), ..media })),
        )
    }

    /// The room on the voice server; empty if it is none.
    fn room_name(&self) -> String {
        match self.meeting_code() {
            "" if self.kind() == Some(ChannelKind::VOICE) => self.id.to_string(),
            code => code.to_owned(),
        }
    }

    /// Puts a user, or this account, out of it, as a voice room; gives nothing.
    #[doc(alias = "RemoveParticipantMezonMeet")]
    pub fn remove_from_voice(&self, user: impl Into<UserId>) -> B::Outcome<()> {
        let user_id = user.into().get();
        self.on_route(move |route| {
            let (channel_id, clan_id) = (route.channel.get(), route.clan.get());
            Api::<RemoveParticipantMezonMeet>::new(api::MeetParticipantRequest { user_id, channel_id, clan_id })
        })
    }

    /// Its webhooks, as the wire has them. Their URLs are secrets.
    #[doc(alias = "ListWebhookByChannelId")]
    pub fn list_webhooks(&self) -> B::Outcome<Vec<api::Webhook>> {
        self.on_route(|route| {
            let request = api::WebhookListRequest { channel_id: route.channel.get(), clan_id: route.clan.get() };
            Api::<ListWebhookByChannelId>::new(request).then(|_, list| Ok(list.webhooks))
        })
    }

    /// Creates a webhook with a name and the URL of an avatar; gives it as the wire has it. Its URL is a secret.
    #[doc(alias = "GenerateWebhook")]
    pub fn create_webhook(
        &self,
        name: impl Into<String>,
        avatar: impl Into<String>,
    ) -> B::Outcome<api::WebhookGenerateResponse> {
        let (webhook_name, avatar) = (name.into(), avatar.into());
        self.on_route(move |route| {
            Api::<GenerateWebhook>::new(api::WebhookCreateRequest {
                webhook_name,
                channel_id: route.channel.get(),
                avatar,
                clan_id: route.clan.get(),
            })
        })
    }
}
