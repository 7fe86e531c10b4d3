//! Emoji and stickers of clans.

use mezon_protocol::ClanId;
use mezon_protocol::proto::api;
use mezon_protocol::proto::realtime::{self, envelope::Message};

use super::{CHANGED, CREATED, Call, DELETED};
use crate::world::World;
use crate::world::describe::seconds;
use crate::world::refusal::{INVALID_ARGUMENT, Refusal};

handlers! {
    AddClanSticker => add_sticker,
    CreateClanEmoji => create_emoji,
    DeleteByIdClanEmoji => delete_emoji,
    DeleteClanStickerById => delete_sticker,
    GetListEmojisByUserId => list_emoji,
    GetListStickersByUserId => list_stickers,
    UpdateClanEmojiById => update_emoji,
    UpdateClanStickerById => update_sticker,
}

impl World {
    /// The emoji of all clans of whoever asks.
    fn list_emoji(&mut self, call: Call, (): ()) -> Result<api::EmojiListedResponse, Refusal> {
        let own = self.records.emoji.values().filter(|emoji| self.clan_of_member(call.user(), emoji.clan_id).is_ok());
        Ok(api::EmojiListedResponse { emoji_list: own.cloned().collect() })
    }

    fn create_emoji(&mut self, call: Call, request: api::ClanEmojiCreateRequest) -> Result<(), Refusal> {
        let clan = self.clan_of_member(call.user(), request.clan_id)?;
        let (clan_id, logo, clan_name) = (clan.id.get(), clan.logo.clone(), clan.name.clone());
        let emoji = api::ClanEmoji {
            id: if request.id == 0 { self.ids.next(call.now) } else { request.id },
            src: request.source,
            shortname: named(request.shortname)?,
            category: request.category,
            creator_id: call.user().get(),
            clan_id,
            logo,
            clan_name,
            is_for_sale: request.is_for_sale,
        };
        self.tell_emoji(call, &emoji, CREATED);
        self.records.emoji.insert(emoji.id, emoji);
        Ok(())
    }

    fn update_emoji(&mut self, call: Call, request: api::ClanEmojiUpdateRequest) -> Result<(), Refusal> {
        let mut emoji = self.emoji_for(call, request.id)?;
        emoji.shortname = named(request.shortname)?;
        self.tell_emoji(call, &emoji, CHANGED);
        self.records.emoji.insert(emoji.id, emoji);
        Ok(())
    }

    fn delete_emoji(&mut self, call: Call, request: api::ClanEmojiDeleteRequest) -> Result<(), Refusal> {
        let emoji = self.emoji_for(call, request.id)?;
        self.records.emoji.remove(&emoji.id);
        self.tell_emoji(call, &emoji, DELETED);
        Ok(())
    }

    fn emoji_for(&self, call: Call, id: i64) -> Result<api::ClanEmoji, Refusal> {
        let emoji = self.records.emoji.get(&id).ok_or_else(|| Refusal::new(INVALID_ARGUMENT, "emoji not found"))?;
        self.clan_of_member(call.user(), emoji.clan_id).map(|_| emoji.clone())
    }

    fn tell_emoji(&mut self, call: Call, emoji: &api::ClanEmoji, action: i32) {
        let event = realtime::EventEmoji {
            id: emoji.id,
            clan_id: emoji.clan_id,
            short_name: emoji.shortname.clone(),
            source: emoji.src.clone(),
            category: emoji.category.clone(),
            action,
            user_id: call.user().get(),
            logo: emoji.logo.clone(),
            clan_name: emoji.clan_name.clone(),
            is_for_sale: emoji.is_for_sale,
        };
        self.tell_clan(ClanId::new(emoji.clan_id), Message::EventEmoji(Box::new(event)));
    }

    fn list_stickers(&mut self, call: Call, (): ()) -> Result<api::StickerListedResponse, Refusal> {
        let stickers = self.records.stickers.values();
        let own = stickers.filter(|sticker| self.clan_of_member(call.user(), sticker.clan_id).is_ok());
        Ok(api::StickerListedResponse { stickers: own.cloned().collect() })
    }

    fn add_sticker(&mut self, call: Call, request: api::ClanStickerAddRequest) -> Result<(), Refusal> {
        let clan = self.clan_of_member(call.user(), request.clan_id)?;
        let (clan_id, logo, clan_name) = (clan.id, clan.logo.clone(), clan.name.clone());
        let sticker = api::ClanSticker {
            id: if request.id == 0 { self.ids.next(call.now) } else { request.id },
            source: request.source,
            shortname: named(request.shortname)?,
            category: request.category,
            creator_id: call.user().get(),
            create_time_seconds: seconds(call.now),
            clan_id: clan_id.get(),
            logo,
            clan_name,
            media_type: request.media_type,
            is_for_sale: request.is_for_sale,
        };
        let event = realtime::StickerCreateEvent {
            clan_id: clan_id.get(),
            source: sticker.source.clone(),
            shortname: sticker.shortname.clone(),
            category: sticker.category.clone(),
            creator_id: sticker.creator_id,
            sticker_id: sticker.id,
            logo: sticker.logo.clone(),
            clan_name: sticker.clan_name.clone(),
        };
        self.records.stickers.insert(sticker.id, sticker);
        self.tell_clan(clan_id, Message::StickerCreateEvent(Box::new(event)));
        Ok(())
    }

    fn update_sticker(&mut self, call: Call, request: api::ClanStickerUpdateByIdRequest) -> Result<(), Refusal> {
        let mut sticker = self.sticker_for(call, request.id)?;
        sticker.shortname = named(request.shortname)?;
        sticker.source = request.source;
        sticker.category = request.category;
        let event = realtime::StickerUpdateEvent {
            shortname: sticker.shortname.clone(),
            sticker_id: sticker.id,
            user_id: call.user().get(),
        };
        let clan = ClanId::new(sticker.clan_id);
        self.records.stickers.insert(sticker.id, sticker);
        self.tell_clan(clan, Message::StickerUpdateEvent(Box::new(event)));
        Ok(())
    }

    fn delete_sticker(&mut self, call: Call, request: api::ClanStickerDeleteRequest) -> Result<(), Refusal> {
        let sticker = self.sticker_for(call, request.id)?;
        self.records.stickers.remove(&sticker.id);
        let event = realtime::StickerDeleteEvent { sticker_id: sticker.id, user_id: call.user().get() };
        self.tell_clan(ClanId::new(sticker.clan_id), Message::StickerDeleteEvent(Box::new(event)));
        Ok(())
    }

    fn sticker_for(&self, call: Call, id: i64) -> Result<api::ClanSticker, Refusal> {
        let sticker = self.records.stickers.get(&id);
        let sticker = sticker.ok_or_else(|| Refusal::new(INVALID_ARGUMENT, "sticker not found"))?;
        self.clan_of_member(call.user(), sticker.clan_id).map(|_| sticker.clone())
    }
}

fn named(shortname: String) -> Result<String, Refusal> {
    if shortname.is_empty() { Err(Refusal::new(INVALID_ARGUMENT, "a short name is missing")) } else { Ok(shortname) }
}
