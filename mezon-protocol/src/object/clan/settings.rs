//! What a clan has beside channels, members and roles: voice rooms, emoji, stickers, events, webhooks, settings.

use super::Clan;
use crate::api::{
    Api, CreateEvent, DeleteByIdClanEmoji, DeleteClanStickerById, DeleteEvent, GetNotificationClan, ListClanWebhook,
    ListEvents, SetNotificationClanSetting,
};
use crate::call::{Call, ListVoiceUsers, VoiceRoom};
use crate::id::EmojiId;
use crate::object::{Backend, NameScope};
use crate::proto::api;

/// Of what somebody is notified.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NotificationLevel {
    /// As what is above it says: the category for a channel, the clan for a category.
    #[default]
    Inherited,
    /// Of every message.
    All,
    /// Of mentions alone.
    Mentions,
    /// Of nothing.
    Nothing,
    /// A number that this build does not know.
    Other(i32),
}

impl NotificationLevel {
    pub(in crate::object) const fn number(self) -> i32 {
        match self {
            Self::Inherited => 0,
            Self::All => 1,
            Self::Mentions => 2,
            Self::Nothing => 3,
            Self::Other(number) => number,
        }
    }
}

impl From<i32> for NotificationLevel {
    fn from(number: i32) -> Self {
        match number {
            0 => Self::Inherited,
            1 => Self::All,
            2 => Self::Mentions,
            3 => Self::Nothing,
            number => Self::Other(number),
        }
    }
}

impl<B: Backend> Clan<B> {
    /// True if somebody in the clan has this nickname.
    #[doc(alias = "CheckDuplicateName")]
    pub fn is_nick_taken(&self, nick: impl Into<String>) -> B::Outcome<bool> {
        self.api().check_duplicate_name(nick, NameScope::NickName(self.id))
    }

    /// Who is in its voice rooms; a room with nobody in it is not listed. The clan of the query is filled in.
    ///
    /// ```
    /// use mezon_protocol::call::{ListVoiceUsers, VoiceRoom};
    /// use mezon_protocol::object::{Backend, Clan};
    ///
    /// fn first_ten<B: Backend>(clan: &Clan<B>) -> B::Outcome<Vec<VoiceRoom>> {
    ///     clan.list_channel_voice_users(ListVoiceUsers { limit: 10, ..ListVoiceUsers::new(clan.id()) })
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// `InvalidArgument` when the limit is not from 1 to 500.
    #[doc(alias = "ListChannelVoiceUsers")]
    pub fn list_channel_voice_users(&self, query: ListVoiceUsers) -> B::Outcome<Vec<VoiceRoom>> {
        self.api().list_channel_voice_users(ListVoiceUsers { clan: self.id, ..query })
    }

    /// Its emoji, as the wire has them.
    #[doc(alias = "GetListEmojisByUserId")]
    pub fn list_emojis(&self) -> B::Outcome<Vec<api::ClanEmoji>> {
        self.api().list_clan_emoji_by_clan_id(self.id)
    }

    /// Deletes an emoji; gives nothing.
    #[doc(alias = "DeleteByIdClanEmoji")]
    pub fn delete_emoji(&self, emoji: impl Into<EmojiId>) -> B::Outcome<()> {
        let request =
            api::ClanEmojiDeleteRequest { id: emoji.into().get(), clan_id: self.id.get(), ..Default::default() };
        self.backend.call(Api::<DeleteByIdClanEmoji>::new(request))
    }

    /// Its stickers and sounds, as the wire has them.
    #[doc(alias = "GetListStickersByUserId")]
    pub fn list_stickers(&self) -> B::Outcome<Vec<api::ClanSticker>> {
        self.api().list_clan_stickers_by_clan_id(self.id)
    }

    /// Deletes a sticker or sound; gives nothing.
    #[doc(alias = "DeleteClanStickerById")]
    pub fn delete_sticker(&self, sticker: i64) -> B::Outcome<()> {
        let request = api::ClanStickerDeleteRequest { id: sticker, clan_id: self.id.get(), ..Default::default() };
        self.backend.call(Api::<DeleteClanStickerById>::new(request))
    }

    /// The events in its calendar, as the wire has them.
    #[doc(alias = "ListEvents")]
    pub fn list_events(&self) -> B::Outcome<Vec<api::EventManagement>> {
        let request = api::ListEventsRequest { clan_id: self.id.get() };
        self.backend.call(Api::<ListEvents>::new(request).then(|_, list| Ok(list.events)))
    }

    /// Puts an event into its calendar, described as the wire wants it; its `clan_id` is filled in. Gives the event.
    #[doc(alias = "CreateEvent")]
    pub fn create_event(&self, event: api::CreateEventRequest) -> B::Outcome<api::EventManagement> {
        self.backend.call(Api::<CreateEvent>::new(api::CreateEventRequest { clan_id: self.id.get(), ..event }))
    }

    /// Takes an event out of its calendar; gives nothing.
    #[doc(alias = "DeleteEvent")]
    pub fn delete_event(&self, event: &api::EventManagement) -> B::Outcome<()> {
        let request = api::DeleteEventRequest {
            event_id: event.id,
            clan_id: self.id.get(),
            channel_id: event.channel_id,
            creator_id: event.creator_id,
            event_label: event.title.clone(),
        };
        self.backend.call(Api::<DeleteEvent>::new(request))
    }

    /// Its webhooks, which send direct messages to its members, as the wire has them. Their URLs are secrets.
    #[doc(alias = "ListClanWebhook")]
    pub fn list_webhooks(&self) -> B::Outcome<Vec<api::ClanWebhook>> {
        let request = api::ListClanWebhookRequest { clan_id: self.id.get() };
        self.backend.call(Api::<ListClanWebhook>::new(request).then(|_, list| Ok(list.list_clan_webhooks)))
    }

    /// Of what this account is notified here.
    #[doc(alias = "get_notification_clan_setting")]
    pub fn notification_level(&self) -> B::Outcome<NotificationLevel> {
        let request = api::NotificationClan { clan_id: self.id.get() };
        self.backend.call(
            Api::<GetNotificationClan>::new(request).then(|_, setting| Ok(setting.notification_setting_type.into())),
        )
    }

    /// Sets of what this account is notified here; gives nothing.
    #[doc(alias = "SetNotificationClanSetting")]
    pub fn set_notification_level(&self, level: NotificationLevel) -> B::Outcome<()> {
        let request = api::SetDefaultNotificationRequest {
            clan_id: self.id.get(),
            notification_type: level.number(),
            ..Default::default()
        };
        self.backend.call(Api::<SetNotificationClanSetting>::new(request))
    }
}
