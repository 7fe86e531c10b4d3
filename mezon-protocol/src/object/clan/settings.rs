//! What a clan has beside channels, members and roles: emoji, stickers, events, webhooks, settings.

use super::Clan;
use crate::api::{
    Api, CheckDuplicateName, CreateEvent, DeleteByIdClanEmoji, DeleteClanStickerById, DeleteEvent,
    GetListEmojisByUserId, GetListStickersByUserId, GetNotificationClan, ListClanWebhook, ListEvents,
    SetNotificationClanSetting,
};
use crate::call::Call;
use crate::id::EmojiId;
use crate::object::Backend;
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

/// The type by which names of clans are checked.
const CLAN_NAME: i32 = 0;
/// The type by which nicknames are checked, with the clan as condition.
const NICK: i32 = 4;

/// The call that says whether a name is taken.
pub(in crate::object) fn is_taken(name: String, kind: i32, condition_id: i64) -> impl Call<Output = bool> {
    let request = api::CheckDuplicateNameRequest { name, r#type: kind, condition_id };
    Api::<CheckDuplicateName>::new(request).then(|_, answer| Ok(answer.is_duplicate))
}

/// The call that says whether the name of a clan is taken.
pub(in crate::object) fn is_clan_name_taken(name: String) -> impl Call<Output = bool> {
    is_taken(name, CLAN_NAME, 0)
}

impl<B: Backend> Clan<B> {
    /// True if somebody in the clan has this nickname.
    #[doc(alias = "CheckDuplicateName")]
    pub fn is_nick_taken(&self, nick: impl Into<String>) -> B::Outcome<bool> {
        self.backend.call(is_taken(nick.into(), NICK, self.id.get()))
    }

    /// Its emoji, as the wire has them.
    #[doc(alias = "list_clan_emoji_by_clan_id")]
    pub fn list_emojis(&self) -> B::Outcome<Vec<api::ClanEmoji>> {
        let clan = self.id.get();
        self.backend.call(Api::<GetListEmojisByUserId>::new(()).merged().then(move |_, list| {
            Ok(list.emoji_list.into_iter().filter(|emoji| emoji.clan_id == clan).collect())
        }))
    }

    /// Deletes an emoji; gives nothing.
    #[doc(alias = "DeleteByIdClanEmoji")]
    pub fn delete_emoji(&self, emoji: impl Into<EmojiId>) -> B::Outcome<()> {
        let request =
            api::ClanEmojiDeleteRequest { id: emoji.into().get(), clan_id: self.id.get(), ..Default::default() };
        self.backend.call(Api::<DeleteByIdClanEmoji>::new(request))
    }

    /// Its stickers and sounds, as the wire has them.
    #[doc(alias = "list_clan_stickers_by_clan_id")]
    pub fn list_stickers(&self) -> B::Outcome<Vec<api::ClanSticker>> {
        let clan = self.id.get();
        self.backend.call(Api::<GetListStickersByUserId>::new(()).merged().then(move |_, list| {
            Ok(list.stickers.into_iter().filter(|sticker| sticker.clan_id == clan).collect())
        }))
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
        self.backend
            .call(Api::<GetNotificationClan>::new(request).then(|_, setting| Ok(setting.notification_setting_type.into())))
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
