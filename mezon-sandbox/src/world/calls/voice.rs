//! Voice rooms and streams: who is in them, tokens for them, and media that plays.

use std::collections::BTreeSet;

use mezon_protocol::proto::realtime::{self, envelope::Message};
use mezon_protocol::proto::{self, api};
use mezon_protocol::{ChannelId, Now, UserId};

use super::Call;
use crate::world::World;
use crate::world::model::{Channel, ChannelKind};
use crate::world::refusal::{INVALID_ARGUMENT, Refusal};

handlers! {
    AddAgentToChannel => add_agent,
    CreateExternalMezonMeet => make_meeting,
    DisconnectAgent => remove_agent,
    GenerateMeetToken => meet_token,
    ListChannelVoiceUsers => list_voice_users,
    ListStreamingChannelUsers => list_streaming_users,
    MuteParticipantMezonMeet => mute_participant,
    RemoveParticipantMezonMeet => remove_participant,
}

/// The `action` of a participant event. Assumed: the numbers are not documented.
const REMOVED: i32 = 1;
const MUTED: i32 = 2;

/// The page of voice users when no limit is given, and the largest one.
const MOST_USERS: i32 = 500;

impl World {
    /// Somebody enters a voice room, or begins to watch a stream. Those who joined the clan are told; nothing happens
    /// when it was there already.
    ///
    /// # Panics
    ///
    /// When there is no such user or channel, or the channel is no room.
    pub fn join_voice(&mut self, now: Now, user: UserId, room: ChannelId) {
        self.user_or_panic(user);
        assert!(is_room(self.channel_or_panic(room)), "the channel {room} is no voice room");
        self.enter_room(now, user, room);
    }

    /// Somebody leaves a voice room, or a stream. Nothing happens when it was not there.
    pub fn leave_voice(&mut self, now: Now, user: UserId, room: ChannelId) {
        self.exit_room(now, user, room);
    }

    /// True for voice rooms and stages.
    pub fn is_room(&self, channel: ChannelId) -> bool {
        self.channels.get(&channel).is_some_and(is_room)
    }

    /// Who is in a voice room, or watches a stream.
    pub fn voice_users(&self, room: ChannelId) -> Vec<UserId> {
        self.records.rooms.get(&room).into_iter().flatten().copied().collect()
    }

    pub(in crate::world) fn enter_room(&mut self, _now: Now, user: UserId, room: ChannelId) {
        let Some(channel) = self.channels.get(&room).filter(|channel| is_room(channel)) else { return };
        let inside = self.records.rooms.entry(room).or_default();
        let first = inside.is_empty();
        if !inside.insert(user) {
            return;
        }
        let (clan, streams) = (channel.clan, channel.kind == ChannelKind::Streaming);
        let label = channel.name.clone();
        let participant = self.username(user).unwrap_or_default().to_owned();
        let clan_name = self.clan_name(clan).unwrap_or_default().to_owned();
        if streams {
            let event = realtime::StreamingJoinedEvent {
                clan_id: clan.get(),
                clan_name,
                id: room.get(),
                participant,
                user_id: user.get(),
                streaming_channel_label: label,
                streaming_channel_id: room.get(),
            };
            return self.tell_clan(clan, Message::StreamingJoinedEvent(Box::new(event)));
        }
        if first {
            let event =
                realtime::VoiceStartedEvent { id: room.to_string(), clan_id: clan.get(), voice_channel_id: room.get() };
            self.tell_clan(clan, Message::VoiceStartedEvent(Box::new(event)));
        }
        let event = realtime::VoiceJoinedEvent {
            clan_id: clan.get(),
            clan_name,
            id: room.to_string(),
            participant,
            user_id: user.get(),
            voice_channel_label: label,
            voice_channel_id: room.get(),
            last_screenshot: String::new(),
        };
        self.tell_clan(clan, Message::VoiceJoinedEvent(Box::new(event)));
    }

    pub(in crate::world) fn exit_room(&mut self, _now: Now, user: UserId, room: ChannelId) {
        let Some(inside) = self.records.rooms.get_mut(&room) else { return };
        if !inside.remove(&user) {
            return;
        }
        let empty = inside.is_empty();
        let Some(channel) = self.channels.get(&room) else { return };
        let clan = channel.clan;
        if channel.kind == ChannelKind::Streaming {
            let event = realtime::StreamingLeavedEvent {
                id: room.get(),
                clan_id: clan.get(),
                streaming_channel_id: room.to_string(),
                streaming_user_id: user.to_string(),
            };
            return self.tell_clan(clan, Message::StreamingLeavedEvent(Box::new(event)));
        }
        let event = realtime::VoiceLeavedEvent {
            id: room.to_string(),
            clan_id: clan.get(),
            voice_channel_id: room.get(),
            voice_user_id: user.get(),
        };
        self.tell_clan(clan, Message::VoiceLeavedEvent(Box::new(event)));
        if empty {
            let event =
                realtime::VoiceEndedEvent { id: room.get(), clan_id: clan.get(), voice_channel_id: room.to_string() };
            self.tell_clan(clan, Message::VoiceEndedEvent(Box::new(event)));
        }
    }

    /// The meeting code that channels are described with.
    pub(in crate::world) fn shown_meeting_code(&self, channel: &Channel) -> String {
        let has_one = channel.kind == ChannelKind::Voice && self.settings.meeting_codes;
        if has_one { channel.meeting_code() } else { String::new() }
    }

    /// The room of that name: its meeting code, or its id if it has none.
    pub(in crate::world) fn room_named(&self, name: &str) -> Option<ChannelId> {
        let has_codes = self.settings.meeting_codes;
        let name_of = |room: &Channel| if has_codes { room.meeting_code() } else { room.id.to_string() };
        let mut rooms = self.channels.values().filter(|channel| is_room(channel));
        rooms.find(|room| name_of(room) == name).map(|room| room.id)
    }

    /// Without a channel those of all rooms of the clan.
    fn list_voice_users(
        &mut self,
        call: Call,
        request: api::ListChannelUsersRequest,
    ) -> Result<api::VoiceChannelUserList, Refusal> {
        if !(0..=MOST_USERS).contains(&request.limit) {
            return Err(Refusal::new(INVALID_ARGUMENT, "the limit is between 1 and 500"));
        }
        let rooms = self.rooms_for(call, &request)?;
        let limit = usize::try_from(request.limit).ok().filter(|limit| *limit > 0).unwrap_or(usize::MAX);
        let wire = |(channel, users): (&Channel, &BTreeSet<UserId>)| api::VoiceChannelUser {
            user_ids: users.iter().map(UserId::to_string).collect(),
            channel_id: channel.id.get(),
            room_name: channel.meeting_code(),
            share_screen_ids: Vec::new(),
        };
        Ok(api::VoiceChannelUserList { voice_channel_users: rooms.map(wire).take(limit).collect() })
    }

    fn list_streaming_users(
        &mut self,
        call: Call,
        request: api::ListChannelUsersRequest,
    ) -> Result<api::StreamingChannelUserList, Refusal> {
        let rooms = self.rooms_for(call, &request)?.filter(|(channel, _)| channel.kind == ChannelKind::Streaming);
        let wire = |(channel, user): (&Channel, &UserId)| api::StreamingChannelUser {
            id: channel.id.get(),
            user_id: user.get(),
            channel_id: channel.id.get(),
            participant: self.username(*user).unwrap_or_default().to_owned(),
        };
        let users = rooms.flat_map(|(channel, users)| users.iter().map(move |user| (channel, user)));
        Ok(api::StreamingChannelUserList { streaming_channel_users: users.map(wire).collect() })
    }

    fn rooms_for(
        &self,
        call: Call,
        request: &api::ListChannelUsersRequest,
    ) -> Result<impl Iterator<Item = (&Channel, &BTreeSet<UserId>)>, Refusal> {
        let wanted = match request.channel_id {
            0 => {
                self.clan_of_member(call.user(), request.clan_id)?;
                ChannelId::NONE
            }
            channel => self.channel_of_viewer(call.user(), channel)?.id,
        };
        let clan = request.clan_id;
        let of_clan = move |channel: &Channel| channel.id == wanted || (wanted.is_none() && channel.clan.get() == clan);
        let rooms = self.records.rooms.iter().filter(|(_, users)| !users.is_empty());
        let rooms = rooms.filter_map(|(room, users)| self.channels.get(room).map(|channel| (channel, users)));
        Ok(rooms.filter(move |(channel, _)| of_clan(channel) && self.sees(call.user(), channel)))
    }

    /// Opaque here; the live service gives one for its media server.
    fn meet_token(
        &mut self,
        call: Call,
        request: api::GenerateMeetTokenRequest,
    ) -> Result<api::GenerateMeetTokenResponse, Refusal> {
        if request.channel_id != 0 {
            self.channel_of_viewer(call.user(), request.channel_id)?;
        }
        let token = format!("sandbox.{}.{}.{}", call.user(), request.channel_id, request.room_name);
        Ok(api::GenerateMeetTokenResponse { token })
    }

    fn make_meeting(&mut self, call: Call, (): ()) -> Result<api::GenerateMezonMeetResponse, Refusal> {
        let meet_id = self.ids.next(call.now);
        Ok(api::GenerateMezonMeetResponse {
            meet_id,
            room_name: format!("room-{meet_id}"),
            external_link: format!("https://mezon.ai/meet/room-{meet_id}"),
            creator_id: call.user().get(),
            event_id: 0,
        })
    }

    fn remove_participant(&mut self, call: Call, request: api::MeetParticipantRequest) -> Result<(), Refusal> {
        let room = self.channel_of_viewer(call.user(), request.channel_id)?.id;
        self.tell_participant(room, request.user_id, REMOVED);
        self.exit_room(call.now, UserId::new(request.user_id), room);
        Ok(())
    }

    fn mute_participant(&mut self, call: Call, request: api::MeetParticipantRequest) -> Result<(), Refusal> {
        let room = self.channel_of_viewer(call.user(), request.channel_id)?.id;
        self.tell_participant(room, request.user_id, MUTED);
        Ok(())
    }

    fn tell_participant(&mut self, room: ChannelId, user: i64, action: i32) {
        let Some(channel) = self.channels.get(&room) else { return };
        let clan = channel.clan;
        let event = proto::MeetParticipantEvent {
            user_id: user,
            room_name: channel.meeting_code(),
            channel_id: room.get(),
            clan_id: clan.get(),
            action,
            ..proto::MeetParticipantEvent::default()
        };
        self.tell_clan_and(clan, &[UserId::new(user)], Message::MeetParticipantEvent(Box::new(event)));
    }

    fn add_agent(&mut self, call: Call, request: api::UpdateAiAgentRequest) -> Result<(), Refusal> {
        self.tell_agent(call, request, true)
    }

    fn remove_agent(&mut self, call: Call, request: api::UpdateAiAgentRequest) -> Result<(), Refusal> {
        self.tell_agent(call, request, false)
    }

    fn tell_agent(&mut self, call: Call, request: api::UpdateAiAgentRequest, enabled: bool) -> Result<(), Refusal> {
        let channel = self.channel_of_viewer(call.user(), request.channel_id)?;
        let clan = channel.clan;
        let event = realtime::AiAgentEnabledEvent {
            clan_id: clan.get(),
            channel_id: channel.id.get(),
            room_name: request.room_name,
            enabled,
        };
        self.tell_clan(clan, Message::AiagentEnabledEvent(Box::new(event)));
        Ok(())
    }
}

fn is_room(channel: &Channel) -> bool {
    matches!(channel.kind, ChannelKind::Voice | ChannelKind::Streaming)
}
