//! The member of the Envelope that an event is, encoded anew: what a user is given, without what the event only borrows
//! from its frame.

use mezon_protocol::Event;
use prost::Message;

macro_rules! members {
    ($($name:ident,)*) => {
        /// `None` for the life of the connection.
        pub(crate) fn encode<B: mezon_protocol::object::Backend>(event: &Event<B>) -> Option<Vec<u8>> {
            Some(match event {
                Event::Message(message) | Event::MessageUpdated(message) | Event::MessageDeleted(message) => {
                    message.data().to_proto().encode_to_vec()
                }
                Event::Reaction(reaction) => reaction.as_proto().encode_to_vec(),
                Event::ButtonClicked(click) => click.as_proto().encode_to_vec(),
                Event::DropdownSelected(change) => change.as_proto().encode_to_vec(),
                Event::QuickMenuTriggered(chosen) => chosen.as_proto().encode_to_vec(),
                $(Event::$name(member) => member.encode_to_vec(),)*
                Event::Unknown { bytes, .. } => bytes.to_vec(),
                _ => return None,
            })
        }
    };
}

members! {
    JoinedChannel, ClanJoinRequest, ChannelJoinRequest, ChannelLeaveRequest, MessageAcknowledged,
    MessageSendRequest, MessageUpdateRequest, MessageRemoveRequest, ChannelPresence, ServerError,
    Notifications, Rpc, StatusSnapshot, StatusFollowRequest, StatusPresence, StatusUnfollowRequest,
    StatusUpdateRequest, StreamData, StreamPresence, Ping, Pong, Typing, LastSeenMoved, UserJoinedVoice,
    UserLeftVoice, VoiceStarted, VoiceEnded, ChannelCreated, ChannelDeleted, ChannelUpdated, PinChanged,
    CustomStatusChanged, UsersAddedToChannel, UsersRemovedFromChannel, UsersRemovedFromClan, ClanUpdated,
    ClanProfileUpdated, NameChecked, UserProfileUpdated, UserJoinedClan, CalendarEventChanged, RoleAssigned,
    ClanDeleted, CoffeeGiven, StickerCreated, StickerUpdated, StickerDeleted, RoleChanged, EmojiChanged,
    UserJoinedStreaming, UserLeftStreaming, StreamingStarted, StreamingEnded, PermissionsSet,
    PermissionsChanged, TokensSent, Unmuted, CallSignal, ActivitiesUpdated, IncomingCall,
    TopicCreated, FollowRequest, ChannelAppUsed, UserStatusChanged, FriendRemoved, WebhookChanged,
    NotificationSettingChanged, ChannelAppJoined, CanvasChanged, MessageUnpinned, CategoryChanged,
    MeetingStateChanged, AccountDeleted, EphemeralSendRequest, FriendBlocked, VoiceReaction, MarkedAsRead,
    LegacyData, FriendUnblocked, MeetParticipantChanged, OwnershipTransferred, FriendAdded,
    UserBanChanged, ArchivedThreadActivated, AnonymousSettingChanged, ApiRequest, ClanCreated, AiAgentToggled,
    BannedUsersListed, SessionGiven, ChannelArchiveChanged, TopicUpdated, ScreenShareChanged, VoiceInteraction,
}
