//! Where an event belongs, and whom it concerns.

use super::Event;
use crate::id::{ChannelId, UserId};
use crate::object::Backend;
use crate::proto::realtime;

/// The channel of an event: of messages by their handle, of the rest by a field of the wire type.
macro_rules! channel {
    (
        $event:expr;
        methods { $($handle:ident)* }
        fields { $($kind:ident.$field:ident)* }
    ) => {
        match $event {
            $(Event::$handle(event) => Some(event.channel_id()),)*
            $(Event::$kind(event) => Some(ChannelId::new(event.$field)),)*
            // the others are in no channel
            _ => None,
        }
    };
}

impl<B: Backend> Event<B> {
    /// The channel in which it happened; `None` for what happens elsewhere, such as in a clan or to a friend.
    ///
    /// Handlers of events of one channel run one after the other.
    #[must_use]
    pub fn channel_id(&self) -> Option<ChannelId> {
        let channel = channel! {
            self;
            methods {
                Message MessageUpdated MessageDeleted Reaction ButtonClicked DropdownSelected UsersAddedToChannel
            }
            fields {
                ChannelPresence.channel_id Typing.channel_id LastSeenMoved.channel_id
                UserJoinedVoice.voice_channel_id UserLeftVoice.voice_channel_id VoiceStarted.voice_channel_id
                ChannelCreated.channel_id ChannelDeleted.channel_id ChannelUpdated.channel_id PinChanged.channel_id
                UsersRemovedFromChannel.channel_id CoffeeGiven.channel_id UserJoinedStreaming.streaming_channel_id
                StreamingStarted.channel_id StreamingEnded.channel_id PermissionsSet.channel_id
                PermissionsChanged.channel_id Unmuted.channel_id CallSignal.channel_id
                IncomingCall.channel_id TopicCreated.channel_id ChannelAppUsed.channel_id WebhookChanged.channel_id
                NotificationSettingChanged.channel_id CanvasChanged.channel_id MessageUnpinned.channel_id
                MeetingStateChanged.channel_id VoiceReaction.channel_id MarkedAsRead.channel_id
                UserBanChanged.channel_id ArchivedThreadActivated.channel_id AiAgentToggled.channel_id
                ChannelArchiveChanged.channel_id ScreenShareChanged.voice_channel_id VoiceInteraction.voice_channel_id
            }
        };
        channel.filter(|channel| !channel.is_none())
    }
}

impl realtime::UserChannelAdded {
    /// The channel; 0 when the server names none.
    #[must_use]
    pub fn channel_id(&self) -> ChannelId {
        self.channel_desc.as_ref().map_or(ChannelId::NONE, |channel| channel.channel_id.into())
    }

    /// Who was added.
    pub fn user_ids(&self) -> impl Iterator<Item = UserId> {
        self.users.iter().map(|user| user.user_id.into())
    }
}

impl realtime::UserChannelRemoved {
    /// The channel.
    #[must_use]
    pub fn channel_id(&self) -> ChannelId {
        self.channel_id.into()
    }

    /// Who was removed, or left.
    pub fn user_ids(&self) -> impl Iterator<Item = UserId> {
        self.user_ids.iter().map(|user| (*user).into())
    }
}

impl realtime::UserClanRemoved {
    /// Who was removed, or left.
    pub fn user_ids(&self) -> impl Iterator<Item = UserId> {
        self.user_ids.iter().map(|user| (*user).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proto::api;

    /// Rows 106, 107.
    #[test]
    fn who_was_added_or_removed_and_where_is_read_alike() {
        let users = [5, 6].map(|user_id| realtime::UserProfileRedis { user_id, ..Default::default() });
        let channel = api::ChannelDescription { channel_id: 9, ..Default::default() };
        let added =
            realtime::UserChannelAdded { channel_desc: Some(channel), users: users.into(), ..Default::default() };
        let removed = realtime::UserChannelRemoved { channel_id: 9, user_ids: vec![5, 6], ..Default::default() };
        let expected = [UserId::new(5), UserId::new(6)];
        assert!(added.user_ids().eq(expected) && removed.user_ids().eq(expected));
        assert_eq!(added.channel_id(), removed.channel_id());
        assert!(realtime::UserChannelAdded::default().channel_id().is_none());
    }
}
