//! The members of the Envelope, one line each: the one list from which kinds and events are made.
//!
//! ```text
//! Variant = field, "wire name", direction(handler, "its names elsewhere"), Generated(wire type), "what it says";
//! ```
//!
//! `Variant` is the name in [`EventKind`](super::EventKind) and [`Event`](super::Event), `Generated` the one in
//! [`envelope::Message`](crate::proto::realtime::envelope::Message). `handles` are those that are decoded into more
//! than their wire type; their variants of `Event` are written by hand. `handler` is the method by which clients register
//! a handler; there is one for what the server pushes.

/// Hands the whole table to the macro that is named. Clients make the methods that register handlers from it.
#[doc(hidden)]
#[macro_export]
macro_rules! __members_of_the_envelope {
    ($then:ident) => {
        $then! {
            handles {
                Message = 6, "channel_message", Push(on_message, "on_channel_message"),
                    ChannelMessage(api::ChannelMessage),
                    "A message: new, edited or deleted.";
                Reaction = 26, "message_reaction_event", Both(on_reaction, "on_message_reaction"),
                    MessageReactionEvent(api::MessageReaction),
                    "A reaction was added to a message, or taken back.";
                ButtonClicked = 60, "message_button_clicked", Push(on_button_clicked, "on_message_button_clicked"),
                    MessageButtonClicked(realtime::MessageButtonClicked),
                    "A button in a message of this bot was pressed.";
                DropdownSelected = 64, "dropdown_box_selected", Push(on_dropdown_selected, "on_dropdown_box_selected"),
                    DropdownBoxSelected(realtime::DropdownBoxSelected),
                    "A choice was made in a select box in a message of this bot.";
                QuickMenuTriggered = 84, "quick_menu_event", Both(on_quick_menu_triggered, "on_quick_menu_event"),
                    QuickMenuEvent(realtime::QuickMenuDataEvent),
                    "A user chose an entry of the quick menu of this bot.";
            }
            boxed {
                JoinedChannel = 2, "channel", Reply, Channel(realtime::Channel),
                    "A channel that was joined; older servers answer a join with it.";
                ClanJoinRequest = 3, "clan_join", Request, ClanJoin(realtime::ClanJoin),
                    "The request to receive what happens in a clan.";
                ChannelJoinRequest = 4, "channel_join", Request, ChannelJoin(realtime::ChannelJoin),
                    "The request to receive what happens in a channel.";
                ChannelLeaveRequest = 5, "channel_leave", Request, ChannelLeave(realtime::ChannelLeave),
                    "The request to receive no more of a channel.";
                MessageAcknowledged = 7, "channel_message_ack", Reply, ChannelMessageAck(realtime::ChannelMessageAck),
                    "The server took a message.";
                MessageSendRequest = 8, "channel_message_send", Request,
                    ChannelMessageSend(realtime::ChannelMessageSend),
                    "The request to send a message.";
                MessageUpdateRequest = 9, "channel_message_update", Request,
                    ChannelMessageUpdate(realtime::ChannelMessageUpdate),
                    "The request to edit a message.";
                MessageRemoveRequest = 10, "channel_message_remove", Request,
                    ChannelMessageRemove(realtime::ChannelMessageRemove),
                    "The request to delete a message.";
                ChannelPresence = 11, "channel_presence_event", Push(on_channel_presence),
                    ChannelPresenceEvent(realtime::ChannelPresenceEvent),
                    "Users opened a channel that was joined, or closed it; who is a member does not change.";
                ServerError = 12, "error", Push(on_server_error), Error(realtime::Error),
                    "The server reports an error that belongs to no request.";
                Notifications = 13, "notifications", Push(on_notifications, "on_notification"),
                    Notifications(realtime::Notifications),
                    "Notifications for this account, friend requests among them.";
                Rpc = 14, "rpc", Both(on_rpc), Rpc(api::Rpc),
                    "A function of the server was called; nothing is known to use it.";
                StatusSnapshot = 15, "status", Reply, Status(realtime::Status),
                    "Who of the followed users is online.";
                StatusFollowRequest = 16, "status_follow", Request, StatusFollow(realtime::StatusFollow),
                    "The request to hear of the status of users.";
                StatusPresence = 17, "status_presence_event", Push(on_status_presence),
                    StatusPresenceEvent(realtime::StatusPresenceEvent),
                    "Users that are followed went online or offline.";
                StatusUnfollowRequest = 18, "status_unfollow", Request, StatusUnfollow(realtime::StatusUnfollow),
                    "The request to hear no more of the status of users.";
                StatusUpdateRequest = 19, "status_update", Request, StatusUpdate(realtime::StatusUpdate),
                    "The request to change the own status.";
                StreamData = 20, "stream_data", Push(on_stream_data), StreamData(realtime::StreamData),
                    "Data on a stream of the server.";
                StreamPresence = 21, "stream_presence_event", Push(on_stream_presence),
                    StreamPresenceEvent(realtime::StreamPresenceEvent),
                    "Users came to a stream of the server, or left it.";
                Ping = 22, "ping", Request, Ping(realtime::Ping),
                    "The question whether the other side is alive.";
                Pong = 23, "pong", Reply, Pong(realtime::Pong),
                    "The answer to a ping.";
                Typing = 24, "message_typing_event", Both(on_typing), MessageTypingEvent(realtime::MessageTypingEvent),
                    "Somebody is typing.";
                LastSeenMoved = 25, "last_seen_message_event", Both(on_last_seen_moved),
                    LastSeenMessageEvent(realtime::LastSeenMessageEvent),
                    "The mark up to which a channel is read was moved, by another device of this account.";
                UserJoinedVoice = 27, "voice_joined_event", Both(on_user_joined_voice, "on_voice_joined_event"),
                    VoiceJoinedEvent(realtime::VoiceJoinedEvent),
                    "A user entered a voice channel.";
                UserLeftVoice = 28, "voice_leaved_event", Both(on_user_left_voice, "on_voice_leaved_event"),
                    VoiceLeavedEvent(realtime::VoiceLeavedEvent),
                    "A user left a voice channel.";
                VoiceStarted = 29, "voice_started_event", Push(on_voice_started, "on_voice_started_event"),
                    VoiceStartedEvent(realtime::VoiceStartedEvent),
                    "A voice channel became active.";
                VoiceEnded = 30, "voice_ended_event", Push(on_voice_ended, "on_voice_ended_event"),
                    VoiceEndedEvent(realtime::VoiceEndedEvent),
                    "A voice channel is no longer active.";
                ChannelCreated = 31, "channel_created_event", Push(on_channel_created),
                    ChannelCreatedEvent(realtime::ChannelCreatedEvent),
                    "A channel or thread was created.";
                ChannelDeleted = 32, "channel_deleted_event", Push(on_channel_deleted),
                    ChannelDeletedEvent(realtime::ChannelDeletedEvent),
                    "A channel or thread was deleted.";
                ChannelUpdated = 33, "channel_updated_event", Push(on_channel_updated),
                    ChannelUpdatedEvent(realtime::ChannelUpdatedEvent),
                    "A channel changed. Of type 7 and with status 1: a thread became active.";
                PinChanged = 34, "last_pin_message_event", Both(on_pin_changed),
                    LastPinMessageEvent(realtime::LastPinMessageEvent),
                    "A message was pinned or unpinned; `operation` says which.";
                CustomStatusChanged = 35, "custom_status_event", Both(on_custom_status_changed),
                    CustomStatusEvent(realtime::CustomStatusEvent),
                    "A user changed the text of their status.";
                UsersAddedToChannel = 36, "user_channel_added_event",
                    Push(on_users_added_to_channel, "on_user_channel_added"),
                    UserChannelAddedEvent(realtime::UserChannelAdded),
                    "Users, perhaps this account, were added to a channel, thread, group or direct conversation.";
                UsersRemovedFromChannel = 37, "user_channel_removed_event",
                    Push(on_users_removed_from_channel, "on_user_channel_removed", "on_channel_user_removed"),
                    UserChannelRemovedEvent(realtime::UserChannelRemoved),
                    "Users, perhaps this account, were removed from a channel, thread or group, or left it.";
                UsersRemovedFromClan = 38, "user_clan_removed_event",
                    Push(on_users_removed_from_clan, "on_user_clan_removed"),
                    UserClanRemovedEvent(realtime::UserClanRemoved),
                    "Users, perhaps this account, were removed from a clan, or left it.";
                ClanUpdated = 39, "clan_updated_event", Push(on_clan_updated),
                    ClanUpdatedEvent(realtime::ClanUpdatedEvent),
                    "A clan changed.";
                ClanProfileUpdated = 40, "clan_profile_updated_event", Push(on_clan_profile_updated),
                    ClanProfileUpdatedEvent(realtime::ClanProfileUpdatedEvent),
                    "A user changed their nickname or avatar of one clan.";
                NameChecked = 41, "check_name_existed_event", Request,
                    CheckNameExistedEvent(realtime::CheckNameExistedEvent),
                    "The question whether a name is taken, and its answer.";
                UserProfileUpdated = 42, "user_profile_updated_event", Push(on_user_profile_updated),
                    UserProfileUpdatedEvent(realtime::UserProfileUpdatedEvent),
                    "A user changed their profile.";
                UserJoinedClan = 43, "add_clan_user_event", Push(on_user_joined_clan, "on_add_clan_user"),
                    AddClanUserEvent(realtime::AddClanUserEvent),
                    "A user, perhaps this account, joined a clan.";
                CalendarEventChanged = 44, "clan_event_created",
                    Push(on_calendar_event_changed, "on_clan_event_created"),
                    ClanEventCreated(api::CreateEventRequest),
                    "An event in the calendar of a clan was created or changed.";
                RoleAssigned = 45, "role_assign_event", Push(on_role_assigned, "on_role_assign"),
                    RoleAssignEvent(realtime::RoleAssignedEvent),
                    "A role was given to users or taken from them.";
                ClanDeleted = 46, "clan_deleted_event", Push(on_clan_deleted),
                    ClanDeletedEvent(realtime::ClanDeletedEvent),
                    "A clan was deleted.";
                CoffeeGiven = 47, "give_coffee_event", Push(on_coffee_given, "on_give_coffee"),
                    GiveCoffeeEvent(api::GiveCoffeeEvent),
                    "A user gave another one a coffee.";
                StickerCreated = 48, "sticker_create_event", Push(on_sticker_created),
                    StickerCreateEvent(realtime::StickerCreateEvent),
                    "A sticker was created.";
                StickerUpdated = 49, "sticker_update_event", Push(on_sticker_updated),
                    StickerUpdateEvent(realtime::StickerUpdateEvent),
                    "A sticker changed.";
                StickerDeleted = 50, "sticker_delete_event", Push(on_sticker_deleted),
                    StickerDeleteEvent(realtime::StickerDeleteEvent),
                    "A sticker was deleted.";
                RoleChanged = 51, "role_event", Push(on_role_changed, "on_role_event"), RoleEvent(realtime::RoleEvent),
                    "A role was created, changed or deleted; `status` says which.";
                EmojiChanged = 52, "event_emoji", Push(on_emoji_changed), EventEmoji(realtime::EventEmoji),
                    "An emoji of a clan was created, changed or deleted; `action` says which.";
                UserJoinedStreaming = 53, "streaming_joined_event",
                    Push(on_user_joined_streaming, "on_streaming_joined_event"),
                    StreamingJoinedEvent(realtime::StreamingJoinedEvent),
                    "A user entered a streaming channel.";
                UserLeftStreaming = 54, "streaming_leaved_event",
                    Push(on_user_left_streaming, "on_streaming_leaved_event"),
                    StreamingLeavedEvent(realtime::StreamingLeavedEvent),
                    "A user left a streaming channel.";
                StreamingStarted = 55, "streaming_started_event", Push(on_streaming_started),
                    StreamingStartedEvent(realtime::StreamingStartedEvent),
                    "A streaming channel became active.";
                StreamingEnded = 56, "streaming_ended_event", Push(on_streaming_ended),
                    StreamingEndedEvent(realtime::StreamingEndedEvent),
                    "A streaming channel is no longer active.";
                PermissionsSet = 57, "permission_set_event", Push(on_permissions_set),
                    PermissionSetEvent(realtime::PermissionSetEvent),
                    "The permissions of a role or user in a channel were set.";
                PermissionsChanged = 58, "permission_changed_event", Push(on_permissions_changed),
                    PermissionChangedEvent(realtime::PermissionChangedEvent),
                    "The permissions of a user in a channel changed.";
                TokensSent = 59, "token_sent_event", Both(on_tokens_sent, "on_token_send"),
                    TokenSentEvent(api::TokenSentEvent),
                    "Tokens were sent from one user to another.";
                Unmuted = 61, "unmute_event", Push(on_unmuted), UnmuteEvent(realtime::UnmuteEvent),
                    "A channel, category or clan is no longer muted for this account.";
                CallSignal = 62, "webrtc_signaling_fwd", Both(on_call_signal, "on_webrtc_signaling_fwd"),
                    WebrtcSignalingFwd(realtime::WebrtcSignalingFwd),
                    "A signal of a call between two users.";
                ActivitiesUpdated = 63, "list_activity", Push(on_activities_updated),
                    ListActivity(realtime::ListActivity),
                    "What users are doing, such as playing a game, changed.";
                IncomingCall = 65, "incoming_call_push", Both(on_incoming_call),
                    IncomingCallPush(realtime::IncomingCallPush),
                    "Somebody calls.";
                TopicCreated = 66, "sd_topic_event", Push(on_topic_created), SdTopicEvent(realtime::SdTopicEvent),
                    "A discussion was opened on a message.";
                FollowRequest = 67, "follow_event", Request, FollowEvent(realtime::FollowEvent),
                    "The request to follow.";
                ChannelAppUsed = 68, "channel_app_event", Both(on_channel_app_used),
                    ChannelAppEvent(realtime::ChannelAppEvent),
                    "A user did something with the app of a channel; `action` says what.";
                UserStatusChanged = 69, "user_status_event", Push(on_user_status_changed),
                    UserStatusEvent(realtime::UserStatusEvent),
                    "The status of a user changed.";
                FriendRemoved = 70, "remove_friend", Push(on_friend_removed), RemoveFriend(realtime::RemoveFriend),
                    "A friendship with this account ended.";
                WebhookChanged = 71, "webhook_event", Push(on_webhook_changed), WebhookEvent(api::Webhook),
                    "A webhook was created or changed.";
                NotificationSettingChanged = 72, "noti_user_channel", Push(on_notification_setting_changed),
                    NotiUserChannel(api::NotificationUserChannel),
                    "How this account is notified of a channel changed.";
                ChannelAppJoined = 73, "join_channel_app_data", Push(on_channel_app_joined),
                    JoinChannelAppData(realtime::JoinChannelAppData),
                    "A user opened the app of a channel.";
                CanvasChanged = 74, "canvas_event", Push(on_canvas_changed), CanvasEvent(realtime::ChannelCanvas),
                    "A canvas of a channel was created, changed or deleted; `status` says which.";
                MessageUnpinned = 75, "unpin_message_event", Push(on_message_unpinned),
                    UnpinMessageEvent(realtime::UnpinMessageEvent),
                    "A message was unpinned.";
                CategoryChanged = 76, "category_event", Push(on_category_changed),
                    CategoryEvent(realtime::CategoryEvent),
                    "A category was created, changed or deleted; `status` says which.";
                MeetingStateChanged = 77, "handle_participant_meet_state_event", Both(on_meeting_state_changed),
                    HandleParticipantMeetStateEvent(realtime::HandleParticipantMeetStateEvent),
                    "A participant joined (`state` 0) or left (1) a meeting.";
                AccountDeleted = 78, "delete_account_event", Push(on_account_deleted),
                    DeleteAccountEvent(realtime::DeleteAccountEvent),
                    "An account was deleted.";
                EphemeralSendRequest = 79, "ephemeral_message_send", Request,
                    EphemeralMessageSend(realtime::EphemeralMessageSend),
                    "The request to send a message that one user alone sees.";
                FriendBlocked = 80, "block_friend", Push(on_friend_blocked), BlockFriend(realtime::BlockFriend),
                    "A user was blocked.";
                VoiceReaction = 81, "voice_reaction_send", Both(on_voice_reaction),
                    VoiceReactionSend(realtime::VoiceReactionSend),
                    "Somebody reacted with emoji in a voice channel.";
                MarkedAsRead = 82, "mark_as_read", Push(on_marked_as_read), MarkAsRead(realtime::MarkAsRead),
                    "A channel, category or clan was marked as read, by another device of this account.";
                LegacyData = 83, "list_data_socket", Both(on_legacy_data), ListDataSocket(realtime::ListDataSocket),
                    "A list that was asked for in a way that is no longer used.";
                FriendUnblocked = 85, "un_block_friend", Push(on_friend_unblocked),
                    UnBlockFriend(realtime::UnblockFriend),
                    "A user is no longer blocked.";
                MeetParticipantChanged = 86, "meet_participant_event", Push(on_meet_participant_changed),
                    MeetParticipantEvent(realtime::MeetParticipantEvent),
                    "Somebody joined or left a meeting; `action` says which.";
                OwnershipTransferred = 87, "transfer_ownership_event", Push(on_ownership_transferred),
                    TransferOwnershipEvent(realtime::TransferOwnershipEvent),
                    "A clan has a new owner.";
                FriendAdded = 88, "add_friend", Push(on_friend_added), AddFriend(realtime::AddFriend),
                    "A user wants to be a friend of this account, or has become one.";
                UserBanChanged = 89, "ban_user_event", Push(on_user_ban_changed),
                    BanUserEvent(realtime::BannedUserEvent),
                    "Users were banned, or a ban was lifted; `action` says which.";
                ArchivedThreadActivated = 90, "active_archived_thread", Both(on_archived_thread_activated),
                    ActiveArchivedThread(realtime::ActiveArchivedThread),
                    "A thread was taken out of the archive.";
                AnonymousSettingChanged = 91, "allow_anonymous_event", Push(on_anonymous_setting_changed),
                    AllowAnonymousEvent(realtime::AllowAnonymousEvent),
                    "A clan allows or forbids anonymous messages; `allow` says which.";
                ApiRequest = 92, "api_request_event", Request, ApiRequestEvent(realtime::ApiRequestEvent),
                    "A call of the API over the socket.";
                ClanCreated = 93, "clan_created_event", Push(on_clan_created),
                    ClanCreatedEvent(realtime::ClanCreatedEvent),
                    "A clan was created.";
                AiAgentToggled = 94, "aiagent_enabled_event", Push(on_ai_agent_toggled, "on_ai_agent_enabled_event"),
                    AiagentEnabledEvent(realtime::AiAgentEnabledEvent),
                    "The AI agent of a channel was switched on or off; `enabled` says which.";
                BannedUsersListed = 95, "list_channel_users_banned_event", Push(on_banned_users_listed),
                    ListChannelUsersBannedEvent(realtime::ListChannelUsersBannedEvent),
                    "Who is banned.";
                SessionGiven = 96, "refresh_session_event", Push(on_session_given), RefreshSessionEvent(api::Session),
                    "New credentials of this account. They are taken over by themselves: see `SessionRefreshed`.";
                ChannelArchiveChanged = 97, "channel_archive_event",
                    Push(on_channel_archive_changed, "on_channel_archive"),
                    ChannelArchiveEvent(realtime::ChannelArchiveEvent),
                    "A channel was archived (`active` 0) or taken out of the archive (1).";
                TopicUpdated = 98, "topic_in_message_event", Push(on_topic_updated),
                    TopicInMessageEvent(realtime::TopicInMessageEvent),
                    "What a message shows of the discussion on it changed: the count of replies, the time of the last.";
                ScreenShareChanged = 99, "screen_share_event", Push(on_screen_share_changed),
                    ScreenShareEvent(realtime::ScreenShareEvent),
                    "A user began or ended to share their screen; `is_sharing` says which.";
                VoiceInteraction = 100, "voice_interactive_event", Both(on_voice_interaction),
                    VoiceInteractiveEvent(realtime::VoiceInteractiveEvent),
                    "A user did something to another one in a voice channel; `event_type` says what.";
            }
        }
    };
}

pub(super) use __members_of_the_envelope as members;
