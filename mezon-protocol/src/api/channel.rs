//! Channels of all kinds, who is in them, and what is unread.

use crate::proto::api as wire;

methods! {
    /// The channels of a clan; with type 3 and clan 0 those of direct messages, with type 2 and clan 0 groups too.
    ///
    /// The largest answer of all. No cursor ever comes back: ask by `page`, from 1.
    ListChannelDescs = 0, reads, wire::ListChannelDescsRequest => wire::ChannelDescList;
    /// All channels that we can see, of all clans and of direct messages.
    ListChannelByUserId = 32, reads, () => wire::ChannelDescList;
    /// One channel. An answer with channel id 0 means that there is none.
    ListChannelDetail = 39, reads, wire::ListChannelDetailRequest => wire::ChannelDescription;
    /// Creates a channel, thread, group or direct-message channel; for the last the existing one if there is one.
    ///
    /// Text: type 1 and a category. Thread: type 7 and the parent. Direct messages: clan 0, type 3, private, the
    /// other user. Group: the same with type 2. Code 11 means that the clan has as many channels as it may.
    CreateChannelDesc = 66, writes, wire::CreateChannelDescRequest => wire::ChannelDescription;
    /// Changes a channel. `channel_label` and `channel_avatar` stay as they are when `None`, but `topic`,
    /// `category_id`, `app_id`, `age_restricted` and `e2ee` are plain: left out, they are erased. Fetch the channel
    /// first and send what it has.
    UpdateChannelDesc = 112, writes, wire::UpdateChannelDescRequest => ();
    /// Deletes a channel or a thread.
    DeleteChannelDesc = 72, writes, wire::DeleteChannelDescRequest => ();
    /// Makes a channel private (1) or public (0), and says who may see it.
    UpdateChannelPrivate = 113, writes, wire::ChangeChannelPrivateRequest => ();
    /// Archives a channel or a thread; `ActiveArchivedThread` takes it back.
    ArchiveChannel = 85, writes, wire::ArchiveChannelRequest => ();
    /// The archived channels of a clan.
    ListArchivedChannelDescs = 38, reads,
        wire::ListArchivedChannelDescsRequest => wire::ListArchivedChannelDescsResponse;
    /// Adds users to a private channel, thread or group.
    AddChannelUsers = 58, writes, wire::AddChannelUsersRequest => ();
    /// Removes users from a channel, thread or group.
    RemoveChannelUsers = 83, writes, wire::RemoveChannelUsersRequest => ();
    /// Who is in a channel, by page: `cursor` of the answer goes into the next request.
    ListChannelUsers = 42, reads, wire::ListChannelUsersRequest => wire::ChannelUserList;
    /// Who could be added to a channel, as lists side by side.
    ListChannelUsersUC = 47, reads, wire::AllUsersAddChannelRequest => wire::AllUsersAddChannelResponse;
    /// Hides a channel of direct messages from our list.
    CloseDMByChannelId = 73, writes, wire::DeleteChannelDescRequest => ();
    /// Shows a channel of direct messages in our list again.
    OpenDMByChannelId = 74, writes, wire::DeleteChannelDescRequest => ();
    /// The channels of a clan as its administrators see them: creators, message counts, members. By page from 1.
    ListChannelSetting = 50, reads, wire::ChannelSettingListRequest => wire::ChannelSettingListResponse;
    /// The unread counts of a clan's channels, by page from 1.
    ListChannelBadgeCount = 18, reads, wire::ListChannelBadgeCountRequest => wire::ListChannelBadgeCountResponse;
    /// Marks a channel as read; without a channel a category, without both the whole clan.
    MarkAsRead = 208, writes, wire::MarkAsReadRequest => ();
    /// The channels of a clan that we have marked.
    GetListFavoriteChannel = 22, reads, wire::ListFavoriteChannelRequest => wire::ListFavoriteChannelResponse;
    /// Marks a channel as a favourite of ours.
    AddChannelFavorite = 140, writes, wire::AddFavoriteChannelRequest => wire::AddFavoriteChannelResponse;
    /// Takes the mark away.
    RemoveChannelFavorite = 141, writes, wire::RemoveFavoriteChannelRequest => ();
}
