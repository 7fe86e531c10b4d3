//! Emoji, stickers and sounds.

use crate::proto::api as wire;

methods! {
    /// All emoji that we may use, of all our clans in one answer.
    GetListEmojisByUserId = 16, reads, () => wire::EmojiListedResponse;
    /// The emoji that we used last.
    EmojiRecentList = 15, reads, () => wire::EmojiRecentList;
    /// Adds an emoji to a clan. `id` is the number in the key of the uploaded image, `source` its public URL.
    CreateClanEmoji = 117, writes, wire::ClanEmojiCreateRequest => ();
    /// Renames an emoji.
    UpdateClanEmojiById = 119, writes, wire::ClanEmojiUpdateRequest => ();
    /// Deletes an emoji.
    DeleteByIdClanEmoji = 118, writes, wire::ClanEmojiDeleteRequest => ();
    /// All stickers and sounds that we may use, of all our clans in one answer.
    GetListStickersByUserId = 25, reads, () => wire::StickerListedResponse;
    /// Adds a sticker (`media_type` 0) or a sound (1) to a clan. `id` is the number in the key of the uploaded file.
    AddClanSticker = 124, writes, wire::ClanStickerAddRequest => ();
    /// Changes a sticker or sound. All fields are plain: send what shall stay, too.
    UpdateClanStickerById = 125, writes, wire::ClanStickerUpdateByIdRequest => ();
    /// Deletes a sticker or sound.
    DeleteClanStickerById = 126, writes, wire::ClanStickerDeleteRequest => ();
    /// Emoji and stickers that can be bought, by page.
    ListForSaleItems = 53, reads, wire::ListForSaleItemsRequest => wire::ForSaleItemList;
}
