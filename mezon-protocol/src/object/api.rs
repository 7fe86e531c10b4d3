//! The calls of the API from a handle: all of them by type or by name, and those with words of their own.

use std::borrow::Cow;

use bytes::Bytes;
use serde_json::Value;

use super::Backend;
use crate::api::{
    Api as ApiCall, CheckDuplicateName, CreateExternalMezonMeet, CreateLinkInviteUser, GenerateMeetToken,
    GetListEmojisByUserId, GetListStickersByUserId, GetNotificationCategory, GetNotificationChannel,
    GetNotificationClan, GetNotificationReactMessage, InviteUser, ListChannelByUserId, ListQuickMenuAccess, Method,
    Page, Paged, Pages, RawApi,
};
use crate::call::{
    AddFriend, AddQuickMenu, Call, DeleteQuickMenu, FriendState, HashtagDmList, ListFriends, ListVoiceUsers, Map,
    QuickMenuEntry, TransactionDetail, UpdateStatus, VoiceRoom, WithToken,
};
use crate::error::{Error, ErrorKind};
use crate::id::{CategoryId, ChannelId, ClanId, UserId};
use crate::proto::api as wire;
use crate::proto::realtime::HashtagDm;
use crate::rest::media::PlayMedia;
use crate::secret::Secret;

/// gRPC's code for a call that a server does not have.
const UNIMPLEMENTED: i32 = 12;

/// The API of the platform: any call of [`crate::api`], and words for what bots ask for most.
///
/// Calls go over the socket when it is open, else over HTTP. With a token of one's own, by
/// [`with_token`](Self::with_token), all of them go over HTTP.
#[derive(Clone, Debug)]
pub struct Api<B> {
    backend: B,
    token: Option<Secret>,
}

/// What a name is to be the name of, and where it must not be taken already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NameScope {
    /// A clan, among all clans.
    Clan,
    /// A channel in a category.
    Channel(CategoryId),
    /// A thread in a channel.
    Thread(ChannelId),
    /// A nick name in a clan.
    NickName(ClanId),
}

impl NameScope {
    /// `type` and `condition_id`.
    const fn to_wire(self) -> (i32, i64) {
        match self {
            Self::Clan => (0, 0),
            Self::Channel(category) => (2, category.get()),
            Self::Thread(channel) => (3, channel.get()),
            Self::NickName(clan) => (4, clan.get()),
        }
    }
}

/// Any call, by type or by name.
impl<B: Backend> Api<B> {
    pub(super) const fn new(backend: B) -> Self {
        Self { backend, token: None }
    }

    /// The same, with this bearer token in place of the session's, and over HTTP only.
    #[must_use]
    pub fn with_token(&self, token: impl Into<Secret>) -> Self {
        Self { backend: self.backend.clone(), token: Some(token.into()) }
    }

    /// A call of the table; gives its answer, as the wire has it.
    pub fn call<M: Method>(&self, request: M::Request) -> B::Outcome<M::Response> {
        self.run(ApiCall::<M>::new(request))
    }

    /// A call by its name, with the encoded request; gives the encoded answer. See [`RawApi`].
    pub fn raw(&self, name: impl Into<Cow<'static, str>>, body: impl Into<Bytes>) -> B::Outcome<Bytes> {
        self.run(RawApi::new(name, body))
    }

    /// One page of a list; gives what is on it, and the pages after it. See [`Pages`].
    pub fn page<M: Paged>(&self, pages: Pages<M>) -> B::Outcome<Page<M>> {
        self.run(pages)
    }

    fn run<C: Call>(&self, call: C) -> B::Outcome<C::Output> {
        self.backend.call(WithToken::new(call, self.token.clone()))
    }

    fn list<M: Method, T: Send + 'static>(
        &self,
        request: M::Request,
        items: impl FnOnce(M::Response) -> T + Send + 'static,
    ) -> B::Outcome<T> {
        self.run(Map::new(ApiCall::<M>::new(request), |answer: Result<_, Error>| answer.map(items)))
    }
}

/// Transactions, quick menus and media.
impl<B: Backend> Api<B> {
    /// What the platform knows of a transaction; gives JSON as it came. `NotFound` when there is none.
    #[doc(alias = "list_transaction_detail")]
    #[doc(alias = "listTransactionDetail")]
    pub fn transaction_detail(&self, transaction_id: impl Into<String>) -> B::Outcome<Value> {
        self.run(TransactionDetail(transaction_id.into()))
    }

    /// The same as [`transaction_detail`](Self::transaction_detail).
    pub fn list_transaction_detail(&self, transaction_id: impl Into<String>) -> B::Outcome<Value> {
        self.transaction_detail(transaction_id)
    }

    /// Adds an entry to a quick menu; gives its id.
    #[doc(alias = "addQuickMenuAccess")]
    pub fn add_quick_menu_access(&self, entry: QuickMenuEntry) -> B::Outcome<i64> {
        self.run(AddQuickMenu(entry))
    }

    /// Deletes the entries of a bot, or of our own for 0; gives nothing.
    #[doc(alias = "deleteQuickMenuAccess")]
    pub fn delete_quick_menu_access(&self, bot: impl Into<UserId>) -> B::Outcome<()> {
        self.run(DeleteQuickMenu { id: 0, bot_id: bot.into() })
    }

    /// Deletes one entry of our own by its id; gives nothing.
    pub fn delete_quick_menu_entry(&self, id: i64) -> B::Outcome<()> {
        self.run(DeleteQuickMenu { id, bot_id: UserId::NONE })
    }

    /// The entries of a bot in a channel; gives them as the wire has them. Channel 0 is everywhere; the type is
    /// [`QuickMenuEntry::FLASH`] or [`QuickMenuEntry::QUICK`], 0 for both.
    #[doc(alias = "listQuickMenuAccess")]
    pub fn list_quick_menu_access(
        &self,
        bot: impl Into<UserId>,
        channel: impl Into<ChannelId>,
        menu_type: i32,
    ) -> B::Outcome<Vec<wire::QuickMenuAccess>> {
        let (bot_id, channel_id) = (bot.into().get(), channel.into().get());
        let request = wire::ListQuickMenuAccessRequest { bot_id, channel_id, menu_type };
        self.list::<ListQuickMenuAccess, _>(request, |answer| answer.list_menus)
    }

    /// Plays media in a voice channel; gives what the media server says.
    #[doc(alias = "playMedia")]
    pub fn play_media(&self, media: PlayMedia) -> B::Outcome<Value> {
        self.run(media)
    }
}

/// Names, lists and settings.
impl<B: Backend> Api<B> {
    /// True if a clan of this name exists.
    #[doc(alias = "checkDuplicateClanName")]
    pub fn check_duplicate_clan_name(&self, name: impl Into<String>) -> B::Outcome<bool> {
        self.check_duplicate_name(name, NameScope::Clan)
    }

    /// True if a name is taken.
    pub fn check_duplicate_name(&self, name: impl Into<String>, scope: NameScope) -> B::Outcome<bool> {
        let (r#type, condition_id) = scope.to_wire();
        let request = wire::CheckDuplicateNameRequest { name: name.into(), r#type, condition_id };
        self.list::<CheckDuplicateName, _>(request, |answer| answer.is_duplicate)
    }

    /// The emoji of a clan; gives them as the wire has them.
    #[doc(alias = "listClanEmojiByClanId")]
    pub fn list_clan_emoji_by_clan_id(&self, clan: impl Into<ClanId>) -> B::Outcome<Vec<wire::ClanEmoji>> {
        let clan = clan.into().get();
        self.list::<GetListEmojisByUserId, _>((), move |mut answer| {
            answer.emoji_list.retain(|emoji| emoji.clan_id == clan);
            answer.emoji_list
        })
    }

    /// The stickers and sounds of a clan; gives them as the wire has them.
    #[doc(alias = "listClanStickersByClanId")]
    pub fn list_clan_stickers_by_clan_id(&self, clan: impl Into<ClanId>) -> B::Outcome<Vec<wire::ClanSticker>> {
        let clan = clan.into().get();
        self.list::<GetListStickersByUserId, _>((), move |mut answer| {
            answer.stickers.retain(|sticker| sticker.clan_id == clan);
            answer.stickers
        })
    }

    /// All channels that we can see; gives their descriptions, as the wire has them.
    #[doc(alias = "listChannelByUserId")]
    pub fn list_channel_by_user_id(&self) -> B::Outcome<Vec<wire::ChannelDescription>> {
        self.list::<ListChannelByUserId, _>((), |answer| answer.channeldesc)
    }

    /// Channels that can be named in a message to these users, from 1 to 100 of them. See [`HashtagDmList`] for what
    /// this can be today.
    #[doc(alias = "hashtagDMList")]
    pub fn hashtag_dm_list(&self, users: impl IntoIterator<Item = UserId>, limit: usize) -> B::Outcome<Vec<HashtagDm>> {
        self.run(HashtagDmList { users: users.into_iter().collect(), limit })
    }

    /// What of a channel notifies us; gives it as the wire has it.
    #[doc(alias = "getNotificationChannelSetting")]
    pub fn get_notification_channel_setting(
        &self,
        channel: impl Into<ChannelId>,
    ) -> B::Outcome<wire::NotificationUserChannel> {
        self.call::<GetNotificationChannel>(wire::NotificationChannel { channel_id: channel.into().get() })
    }

    /// What of a category notifies us; gives it as the wire has it.
    #[doc(alias = "getNotificationCategorySetting")]
    pub fn get_notification_category_setting(
        &self,
        category: impl Into<CategoryId>,
    ) -> B::Outcome<wire::NotificationUserChannel> {
        self.call::<GetNotificationCategory>(wire::DefaultNotificationCategory { category_id: category.into().get() })
    }

    /// What of a clan notifies us; gives it as the wire has it.
    #[doc(alias = "getNotificationClanSetting")]
    pub fn get_notification_clan_setting(&self, clan: impl Into<ClanId>) -> B::Outcome<wire::NotificationSetting> {
        self.call::<GetNotificationClan>(wire::NotificationClan { clan_id: clan.into().get() })
    }

    /// Whether reactions in a channel notify us; gives it as the wire has it. `Unsupported` where the server does not
    /// know this call any more.
    #[doc(alias = "getNotificationReactMessage")]
    pub fn get_notification_react_message(
        &self,
        channel: impl Into<ChannelId>,
    ) -> B::Outcome<wire::NotifiReactMessage> {
        let request = wire::NotifiReactMessage { channel_id: channel.into().get(), ..Default::default() };
        self.run(Map::new(ApiCall::<GetNotificationReactMessage>::new(request), supported))
    }
}

/// People: friends, invitations, presence, voice.
impl<B: Backend> Api<B> {
    /// One page of our friends and invitations; gives them, and the cursor of the next page, empty at the end.
    ///
    /// `limit` 0 leaves it to the server; without a state all are listed; `cursor` is empty for the first page.
    #[doc(alias = "getListFriends")]
    pub fn list_friends(
        &self,
        limit: i32,
        state: Option<FriendState>,
        cursor: impl Into<String>,
    ) -> B::Outcome<wire::FriendList> {
        self.run(ListFriends { limit, state, cursor: cursor.into() })
    }

    /// Accepts the invitation of a user; gives nothing.
    #[doc(alias = "acceptFriend")]
    pub fn accept_friend(&self, user: impl Into<UserId>) -> B::Outcome<()> {
        self.run(AddFriend { user: user.into(), username: String::new() })
    }

    /// Invites a user by name, by id, or by both: empty and 0 stand for neither. Gives nothing; `NotFound` when nobody
    /// has the name.
    #[doc(alias = "addFriend")]
    pub fn add_friend(&self, username: impl Into<String>, user: impl Into<UserId>) -> B::Outcome<()> {
        self.run(AddFriend { user: user.into(), username: username.into() })
    }

    /// Makes a link by which users can join a clan, and come out in a channel; gives it as the wire has it. What
    /// `expiry_time` counts is not documented; 0 leaves it to the server.
    #[doc(alias = "createLinkInviteUser")]
    pub fn create_invite(
        &self,
        clan: impl Into<ClanId>,
        channel: impl Into<ChannelId>,
        expiry_time: i32,
    ) -> B::Outcome<wire::LinkInviteUser> {
        let (clan_id, channel_id) = (clan.into().get(), channel.into().get());
        self.call::<CreateLinkInviteUser>(wire::LinkInviteUserRequest { clan_id, channel_id, expiry_time })
    }

    /// Joins the clan of an invitation; gives what the platform says of it.
    /// [`ShowInvite`](crate::rest::invite::ShowInvite) looks at it without joining.
    #[doc(alias = "inviteUser")]
    pub fn accept_invite(&self, invite_id: i64) -> B::Outcome<wire::InviteUserRes> {
        self.call::<InviteUser>(wire::InviteUserRequest { invite_id })
    }

    /// Sets the text of our presence; `None` makes us appear offline, which an empty text does not. Gives nothing, and
    /// needs the socket.
    #[doc(alias = "updateStatus")]
    pub fn update_status(&self, status: Option<&str>) -> B::Outcome<()> {
        self.run(UpdateStatus(status.map(str::to_owned)))
    }

    /// Who is in the voice channels of a clan; gives a [`VoiceRoom`] for each channel with users, which can be written
    /// as JSON. The limit must be from 1 to 500.
    #[doc(alias = "listChannelVoiceUsers")]
    pub fn list_channel_voice_users(&self, options: ListVoiceUsers) -> B::Outcome<Vec<VoiceRoom>> {
        self.run(options)
    }

    /// A token for the voice server; gives it.
    #[doc(alias = "generateMeetToken")]
    pub fn generate_meet_token(
        &self,
        channel: impl Into<ChannelId>,
        room_name: impl Into<String>,
    ) -> B::Outcome<Secret> {
        let request = wire::GenerateMeetTokenRequest { channel_id: channel.into().get(), room_name: room_name.into() };
        self.list::<GenerateMeetToken, _>(request, |answer| Secret::from(answer.token))
    }

    /// Creates a meeting that people without an account can join; gives its link and more.
    #[doc(alias = "createExternalMezonMeet")]
    pub fn create_external_meet(&self) -> B::Outcome<wire::GenerateMezonMeetResponse> {
        self.call::<CreateExternalMezonMeet>(())
    }
}

/// A server that does not know a call is said not to support it.
fn supported<T>(answer: Result<T, Error>) -> Result<T, Error> {
    answer.map_err(|error| {
        if !matches!(error.kind(), ErrorKind::NotFound { .. } | ErrorKind::Refused { code: UNIMPLEMENTED, .. }) {
            return error;
        }
        Error::new(ErrorKind::Unsupported("the server does not know this call".into()), error.sent())
    })
}
