//! The socket side: one envelope in, its answer and what follows from it out.

use mezon_protocol::proto::realtime::{self, envelope::Message};
use mezon_protocol::transport::Frame;
use mezon_protocol::wire::Fields;
use mezon_protocol::{ChannelId, ClanId, MessageId, Now, UserId};
use prost::Message as _;

use super::World;
use super::calls::{self, Call};
use super::connection::{Action, ConnId};
use super::counters::Counters;
use super::delivery::Answer;
use super::faults::{Target, join_refused};
use super::messages::Caller;
use super::model::ChannelKind;
use super::refusal::{MISSING_PAYLOAD, Refusal, UNRECOGNIZED_PAYLOAD};
use super::transcript::{SentEnvelope, What};

/// A request that came as an envelope.
#[derive(Clone, Copy, Debug)]
struct Asked {
    now: Now,
    conn: ConnId,
    user: UserId,
    cid: i32,
}

impl World {
    /// A client sent a frame. Frames of connections that have ended, or that are half-open, are ignored.
    pub fn handle_frame(&mut self, now: Now, conn: ConnId, frame: Frame) {
        let Some(connection) = self.connections.get(&conn).filter(|connection| !connection.half_open) else { return };
        let user = connection.user;
        match frame {
            Frame::Envelope(bytes) => {
                self.record_envelope(SentEnvelope { at: now, conn, user, bytes: bytes.clone() });
                match realtime::Envelope::decode(bytes.clone()) {
                    Ok(realtime::Envelope { cid, message }) => {
                        self.on_envelope(Asked { now, conn, user, cid }, message)
                    }
                    Err(_) => self.on_undecodable(conn, &bytes),
                }
            }
            Frame::Ping(cid) => {
                self.counters.pings += 1;
                if !self.faults.take_swallowed_pong() {
                    self.transmit(conn, Action::Frame(Frame::Pong(cid)));
                }
            }
            // A client has no reason to send these.
            Frame::Pong(_) | Frame::Api(_) | Frame::Junk(_) => self.counters.undecodable += 1,
        }
    }

    fn on_envelope(&mut self, asked: Asked, message: Option<Message>) {
        let Some(message) = message else {
            return self.refuse(asked.conn, asked.cid, MISSING_PAYLOAD, "Missing message.");
        };
        #[expect(
            clippy::wildcard_enum_match_arm,
            reason = "what this Mezon does not know it echoes, as the live one does"
        )]
        match message {
            Message::Ping(_) => self.on_ping(asked),
            Message::ClanJoin(join) => self.on_clan_join(asked, &join),
            Message::ChannelJoin(join) => self.on_channel_join(asked, &join),
            Message::ChannelLeave(leave) => self.on_channel_leave(asked, &leave),
            Message::ChannelMessageSend(send) => self.on_send(asked, *send),
            Message::ChannelMessageUpdate(update) => self.on_update(asked, *update),
            Message::ChannelMessageRemove(remove) => self.on_remove(asked, &remove),
            Message::EphemeralMessageSend(send) => self.on_whisper(asked, *send),
            Message::MessageReactionEvent(reaction) => self.on_reaction(asked, *reaction),
            Message::MessageTypingEvent(typing) => self.on_typing(asked, *typing),
            Message::LastSeenMessageEvent(seen) => {
                let channel = seen.channel_id;
                self.on_seen(asked, &seen);
                self.on_passed_on(asked, channel, Message::LastSeenMessageEvent(seen));
            }
            Message::LastPinMessageEvent(pin) => {
                let channel = pin.channel_id;
                self.on_passed_on(asked, channel, Message::LastPinMessageEvent(pin));
            }
            Message::VoiceJoinedEvent(joined) => self.on_voice(asked, joined.voice_channel_id, |world, room| {
                world.enter_room(asked.now, asked.user, room);
                Message::VoiceJoinedEvent(joined)
            }),
            Message::VoiceLeavedEvent(left) => self.on_voice(asked, left.voice_channel_id, |world, room| {
                world.exit_room(asked.now, asked.user, room);
                Message::VoiceLeavedEvent(left)
            }),
            Message::CheckNameExistedEvent(check) => {
                let exist = self.name_exists(&check.name, check.r#type, check.condition_id);
                let answer = realtime::CheckNameExistedEvent { exist, ..*check };
                self.acknowledge(asked, Some(Message::CheckNameExistedEvent(Box::new(answer))));
            }
            Message::CustomStatusEvent(status) => self.on_custom_status(asked, *status),
            Message::StatusFollow(follow) => self.on_status_follow(asked, &follow),
            Message::StatusUnfollow(_) | Message::StatusUpdate(_) => self.acknowledge(asked, None),
            Message::ApiRequestEvent(call) => self.on_call(asked, &call),
            other => self.acknowledge(asked, Some(other)),
        }
    }

    fn on_undecodable(&mut self, conn: ConnId, bytes: &[u8]) {
        self.counters.undecodable += 1;
        if let Some(cid) = readable_cid(bytes) {
            self.refuse(conn, cid, UNRECOGNIZED_PAYLOAD, "Unrecognized message.");
        }
    }

    fn on_ping(&mut self, asked: Asked) {
        self.counters.pings += 1;
        if !self.faults.take_swallowed_pong() {
            self.acknowledge(asked, Some(Message::Pong(Box::default())));
        }
    }

    fn on_clan_join(&mut self, asked: Asked, join: &realtime::ClanJoin) {
        let clan = ClanId::new(join.clan_id);
        let known = clan.is_none() || self.clans.get(&clan).is_some_and(|clan| clan.members.contains(&asked.user));
        let granted = if known { Ok(()) } else { Err(Refusal::no_clan()) };
        if !self.admit_join(asked, Target::Clan(clan), granted) {
            return;
        }
        let covered = self.covered_by(asked.user, clan);
        if let Some(connection) = self.connections.get_mut(&asked.conn) {
            connection.joins.clans.insert(clan);
            connection.covered.extend(covered);
        }
        self.acknowledge(asked, Some(Message::ClanJoin(Box::new(*join))));
    }

    fn on_channel_join(&mut self, asked: Asked, join: &realtime::ChannelJoin) {
        let id = ChannelId::new(join.channel_id);
        let channel = self.channels.get(&id).filter(|channel| self.sees(asked.user, channel));
        let granted = channel.map(|_| ()).ok_or_else(Refusal::no_channel);
        if !self.admit_join(asked, Target::Channel(id), granted) {
            return;
        }
        if let Some(connection) = self.connections.get_mut(&asked.conn) {
            connection.joins.channels.insert(id);
        }
        let answer = if self.settings.echo_channel_join {
            Message::ChannelJoin(Box::new(*join))
        } else {
            Message::Channel(Box::new(self.wire_joined(asked.conn, asked.user, id)))
        };
        self.acknowledge(asked, Some(answer));
    }

    fn on_channel_leave(&mut self, asked: Asked, leave: &realtime::ChannelLeave) {
        if let Some(connection) = self.connections.get_mut(&asked.conn) {
            connection.joins.channels.remove(&ChannelId::new(leave.channel_id));
        }
        self.acknowledge(asked, None);
    }

    fn on_send(&mut self, asked: Asked, send: realtime::ChannelMessageSend) {
        let posted = self.post(asked.now, asked.caller(), send);
        let ack = posted.and_then(|id| {
            let stored = self.stored(id).ok_or_else(Refusal::no_message)?;
            Ok(self.wire_ack(stored, stored.code))
        });
        self.ack_or_refuse(asked, ack);
    }

    fn on_update(&mut self, asked: Asked, update: realtime::ChannelMessageUpdate) {
        let edited = self.edit_stored(asked.now, asked.caller(), update);
        let ack = edited.map(|stored| self.wire_ack(&stored, 1));
        self.ack_or_refuse(asked, ack);
    }

    fn on_remove(&mut self, asked: Asked, remove: &realtime::ChannelMessageRemove) {
        let deleted = self.delete_stored(asked.now, asked.caller(), remove);
        let ack = deleted.map(|stored| self.wire_ack(&stored, 2));
        self.ack_or_refuse(asked, ack);
    }

    fn on_whisper(&mut self, asked: Asked, send: realtime::EphemeralMessageSend) {
        match self.whisper(asked.now, asked.caller(), send) {
            Ok(message) => self.acknowledge(asked, Some(Message::ChannelMessage(Box::new(message)))),
            Err(refusal) => self.refuse_with(asked, refusal),
        }
    }

    fn on_reaction(&mut self, asked: Asked, reaction: mezon_protocol::proto::api::MessageReaction) {
        match self.put_reaction(asked.now, asked.caller(), reaction) {
            Ok(reaction) => self.acknowledge(asked, Some(Message::MessageReactionEvent(Box::new(reaction)))),
            Err(refusal) => self.refuse_with(asked, refusal),
        }
    }

    fn on_typing(&mut self, asked: Asked, mut typing: realtime::MessageTypingEvent) {
        if let Some(user) = self.users.get(&asked.user) {
            typing.sender_id = user.id.get();
            typing.sender_username.clone_from(&user.username);
            typing.sender_display_name.clone_from(&user.display_name);
        }
        let channel = typing.channel_id;
        self.on_passed_on(asked, channel, Message::MessageTypingEvent(Box::new(typing)));
    }

    /// What goes to all others who hear the channel, and back to whoever asked as the answer.
    fn on_passed_on(&mut self, asked: Asked, channel: i64, event: Message) {
        let channel = ChannelId::new(channel);
        if !self.channels.get(&channel).is_some_and(|channel| self.sees(asked.user, channel)) {
            return self.refuse_with(asked, Refusal::no_channel());
        }
        let mut others = self.listeners(channel);
        others.retain(|conn| *conn != asked.conn);
        self.push(&others, event.clone());
        self.acknowledge(asked, Some(event));
    }

    fn on_seen(&mut self, asked: Asked, seen: &realtime::LastSeenMessageEvent) {
        let (channel, message) = (ChannelId::new(seen.channel_id), MessageId::new(seen.message_id));
        if self.stored(message).is_some_and(|stored| stored.channel == channel) {
            self.mark_seen(asked.user, channel, message);
        }
    }

    /// A client enters or leaves a room. What is no room is echoed like anything that is not known.
    fn on_voice(&mut self, asked: Asked, room: i64, act: impl FnOnce(&mut Self, ChannelId) -> Message) {
        let room = self.channels.get(&ChannelId::new(room)).filter(|channel| self.sees(asked.user, channel));
        let room = room.map(|room| room.id).unwrap_or_default();
        let answer = act(self, room);
        self.acknowledge(asked, Some(answer));
    }

    fn on_custom_status(&mut self, asked: Asked, status: realtime::CustomStatusEvent) {
        let mut event = status.clone();
        event.user_id = asked.user.get();
        event.username = self.username(asked.user).unwrap_or_default().to_owned();
        let mut others = self.clan_listeners(ClanId::new(status.clan_id));
        others.retain(|conn| *conn != asked.conn);
        self.push(&others, Message::CustomStatusEvent(Box::new(event)));
        self.acknowledge(asked, Some(Message::CustomStatusEvent(Box::new(status))));
    }

    fn on_status_follow(&mut self, asked: Asked, follow: &realtime::StatusFollow) {
        let followed = |user: &&super::model::User| {
            follow.user_ids.contains(&user.id.get()) || follow.usernames.contains(&user.username)
        };
        let online = self
            .users
            .values()
            .filter(followed)
            .filter_map(|user| self.newest_connection(user.id).map(|conn| self.wire_presence(conn, user)));
        let presences = online.collect();
        self.acknowledge(asked, Some(Message::Status(Box::new(realtime::Status { presences }))));
    }

    fn on_call(&mut self, asked: Asked, call: &realtime::ApiRequestEvent) {
        // The header of raw answers has 16 bits for it; a client that counts on gets what is left of its cid.
        let cid = u16::try_from(asked.cid & 0xffff).expect("masked to 16 bits");
        let name = call.api_name.as_str();
        Counters::count(&mut self.counters.socket_calls, if calls::exists(name) { name } else { "?" });
        let result = match self.faults.take_call_refusal(name) {
            Some(refusal) => Err(refusal),
            None => self.call(Call { now: asked.now, caller: asked.caller() }, name, &call.body),
        };
        if let Err(refusal) = &result {
            self.record_refusal(asked.now, asked.user, refusal);
        }
        let kind = if result.is_ok() { calls::answer_kind(name) } else { Answer::Other };
        self.answer_call(asked.now, asked.conn, cid, kind, result);
    }

    /// Decides about a join: faults first, then the rules. True when it is to be performed and answered.
    fn admit_join(&mut self, asked: Asked, target: Target, granted: Result<(), Refusal>) -> bool {
        if self.faults.take_swallowed_join() {
            return false;
        }
        let refused = self.faults.take_join_refusal(target).then(|| join_refused(target));
        if let Some(refusal) = refused.or_else(|| granted.err()) {
            self.refuse_with(asked, refusal);
            return false;
        }
        self.counters.joins += 1;
        self.record(asked.now, What::Joined { conn: asked.conn, target });
        true
    }

    /// The channels with members of their own that a clan join makes audible: those that the user is in by then.
    fn covered_by(&self, user: UserId, clan: ClanId) -> Vec<ChannelId> {
        let Some(user) = self.users.get(&user) else { return Vec::new() };
        let of_clan = user.channels.iter().filter_map(|id| self.channels.get(id)).filter(|channel| {
            !clan.is_none()
                && channel.clan == clan
                && (channel.kind != ChannelKind::Thread || !self.settings.threads_need_join)
        });
        of_clan.map(|channel| channel.id).collect()
    }

    fn acknowledge(&mut self, asked: Asked, message: Option<Message>) {
        self.answer(asked.now, asked.conn, asked.cid, Answer::Other, message);
    }

    fn ack_or_refuse(&mut self, asked: Asked, ack: Result<realtime::ChannelMessageAck, Refusal>) {
        match ack {
            Ok(ack) => {
                let ack = Message::ChannelMessageAck(Box::new(ack));
                self.answer(asked.now, asked.conn, asked.cid, Answer::Ack, Some(ack));
            }
            Err(refusal) => self.refuse_with(asked, refusal),
        }
    }

    fn refuse_with(&mut self, asked: Asked, refusal: Refusal) {
        self.record_refusal(asked.now, asked.user, &refusal);
        self.refuse(asked.conn, asked.cid, i32::from(refusal.code), refusal.message);
    }
}

impl Asked {
    fn caller(self) -> Caller {
        Caller::Socket(self.user, self.conn)
    }
}

/// The cid of an envelope that does not decode, if one stands before the place where it breaks.
fn readable_cid(bytes: &[u8]) -> Option<i32> {
    Fields::new(bytes)
        .map_while(Result::ok)
        .filter(|field| field.number == 1)
        .last()
        .and_then(|field| field.value.as_i32())
}
