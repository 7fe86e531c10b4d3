//! Who hears what, and how it gets there.

use bytes::Bytes;
use mezon_protocol::proto::realtime::{self, envelope::Message};
use mezon_protocol::transport::Frame;
use mezon_protocol::wire::chunks;
use mezon_protocol::{ChannelId, ClanId, Now, UserId};
use prost::Message as _;

use super::World;
use super::connection::{Action, ConnId, Connection, Outgoing};
use super::model::Channel;
use super::refusal::Refusal;
use super::timers::Planned;

/// The clan of direct messages.
pub(super) const NO_CLAN: ClanId = ClanId::NONE;

/// Answers that faults may hold back or swallow, and those that they leave alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// The acknowledgement of a message that was sent, edited or deleted.
    Ack,
    Other,
}

impl World {
    /// True when the user may see the channel at all: as a member, or because its whole clan may.
    pub(super) fn sees(&self, user: UserId, channel: &Channel) -> bool {
        if channel.members.contains(&user) || channel.roles.iter().any(|role| self.has_role(user, *role)) {
            return true;
        }
        channel.is_public() && self.clans.get(&channel.clan).is_some_and(|clan| clan.members.contains(&user))
    }

    /// True when the connection has joined what it takes to hear the channel and to write in it.
    pub(super) fn hears(&self, connection: &Connection, channel: &Channel) -> bool {
        if !self.sees(connection.user, channel) {
            return false;
        }
        if connection.joins.channels.contains(&channel.id) {
            return true;
        }
        if channel.kind.is_direct() {
            // Pseudo clan 0 is enough only for those who are in no clan.
            let homeless = self.users.get(&connection.user).is_some_and(|user| user.clans.is_empty());
            return homeless && connection.joins.clans.contains(&NO_CLAN);
        }
        if channel.names_members() {
            return connection.covered.contains(&channel.id);
        }
        connection.joins.clans.contains(&channel.clan)
    }

    /// The connections that hear a channel; of a bot's several ones the newest, if so set.
    pub(super) fn listeners(&self, channel: ChannelId) -> Vec<ConnId> {
        let Some(channel) = self.channels.get(&channel) else { return Vec::new() };
        let mut listeners: Vec<(ConnId, UserId)> = Vec::new();
        for (conn, connection) in &self.connections {
            if !self.hears(connection, channel) {
                continue;
            }
            let is_bot = self.users.get(&connection.user).is_some_and(super::model::User::is_bot);
            if is_bot && self.settings.newest_connection_hears {
                listeners.retain(|(_, user)| *user != connection.user);
            }
            listeners.push((*conn, connection.user));
        }
        listeners.into_iter().map(|(conn, _)| conn).collect()
    }

    /// The connections that joined a clan and belong to its members.
    pub(super) fn clan_listeners(&self, clan: ClanId) -> Vec<ConnId> {
        let Some(members) = self.clans.get(&clan).map(|clan| &clan.members) else { return Vec::new() };
        let joined =
            |connection: &Connection| connection.joins.clans.contains(&clan) && members.contains(&connection.user);
        self.connections.iter().filter(|(_, connection)| joined(connection)).map(|(conn, _)| *conn).collect()
    }

    /// Pushes an event to those who joined a clan.
    pub(super) fn tell_clan(&mut self, clan: ClanId, event: Message) {
        let listeners = self.clan_listeners(clan);
        self.push(&listeners, event);
    }

    /// Pushes an event to those who hear a channel.
    pub(super) fn tell_channel(&mut self, channel: ChannelId, event: Message) {
        let listeners = self.listeners(channel);
        self.push(&listeners, event);
    }

    /// Pushes what must not overtake a message to those who hear its channel: later, if what came before is held back.
    pub(super) fn tell_in_turn(&mut self, channel: ChannelId, event: impl FnOnce(&Self) -> Message) {
        if let Some(at) = self.agenda.held(channel) {
            let event = event(self);
            return self.agenda.plan(at, Planned::Tell(channel, event));
        }
        let listeners = self.listeners(channel);
        if !listeners.is_empty() {
            let event = event(self);
            self.push(&listeners, event);
        }
    }

    /// Pushes an event to a user, whatever was joined.
    pub(super) fn tell_user(&mut self, user: UserId, event: Message) {
        let connections = self.connections_of(user);
        self.push(&connections, event);
    }

    /// Pushes an event to those who joined a clan, and to these users, whatever they joined.
    pub(super) fn tell_clan_and(&mut self, clan: ClanId, users: &[UserId], event: Message) {
        let mut told = self.clan_listeners(clan);
        for conn in users.iter().flat_map(|user| self.connections_of(*user)) {
            if !told.contains(&conn) {
                told.push(conn);
            }
        }
        self.push(&told, event);
    }

    /// Pushes an event to those who joined a clan in which the user is, and to the user.
    pub(super) fn tell_acquaintances(&mut self, user: UserId, event: Message) {
        let mut told = self.connections_of(user);
        let clans = self.users.get(&user).map(|user| user.clans.clone()).unwrap_or_default();
        for conn in clans.into_iter().flat_map(|clan| self.clan_listeners(clan)) {
            if !told.contains(&conn) {
                told.push(conn);
            }
        }
        self.push(&told, event);
    }

    /// Pushes an event.
    pub(super) fn push(&mut self, listeners: &[ConnId], event: Message) {
        if listeners.is_empty() {
            return;
        }
        let frame = envelope(0, Some(event));
        let copies = if self.faults.take_duplicate() { 2 } else { 1 };
        for _ in 0..copies {
            for conn in listeners {
                self.counters.pushes += 1;
                self.transmit(*conn, Action::Frame(frame.clone()));
            }
        }
    }

    /// Answers a request that came as an envelope.
    pub(super) fn answer(&mut self, now: Now, conn: ConnId, cid: i32, kind: Answer, message: Option<Message>) {
        self.answer_frames(now, conn, kind, [envelope(cid, message)]);
    }

    /// Refuses a request that came as an envelope.
    pub(super) fn refuse(&mut self, conn: ConnId, cid: i32, code: i32, message: impl Into<String>) {
        let error = realtime::Error { code, message: message.into(), ..realtime::Error::default() };
        self.transmit(conn, Action::Frame(envelope(cid, Some(Message::Error(Box::new(error))))));
    }

    /// Answers an API call that came over the socket.
    pub(super) fn answer_call(
        &mut self,
        now: Now,
        conn: ConnId,
        cid: u16,
        kind: Answer,
        result: Result<Vec<u8>, Refusal>,
    ) {
        let (code, body) = match result {
            Ok(body) => (0, Bytes::from(body)),
            Err(refusal) => (refusal.code, Bytes::from(refusal.message)),
        };
        self.answer_frames(now, conn, kind, chunks(cid, code, body).map(Frame::Api));
    }

    fn answer_frames(&mut self, now: Now, conn: ConnId, kind: Answer, frames: impl IntoIterator<Item = Frame>) {
        if kind == Answer::Ack && self.faults.take_swallowed_ack() {
            return;
        }
        let delay = self.faults.ack_delay();
        for frame in frames {
            if kind == Answer::Ack && !delay.is_zero() {
                self.agenda.plan(now.elapsed.saturating_add(delay), Planned::Send(conn, frame));
            } else {
                self.transmit(conn, Action::Frame(frame));
            }
        }
    }

    /// Hands something to a connection, unless it has ended or nothing gets through to it.
    pub(super) fn transmit(&mut self, conn: ConnId, action: Action) {
        if self.connections.get(&conn).is_some_and(|connection| !connection.half_open) {
            self.outgoing.push_back(Outgoing { conn, action });
        }
    }
}

/// An envelope as a frame. The server writes the cid first.
pub(super) fn envelope(cid: i32, message: Option<Message>) -> Frame {
    Frame::Envelope(Bytes::from(realtime::Envelope { cid, message }.encode_to_vec()))
}
