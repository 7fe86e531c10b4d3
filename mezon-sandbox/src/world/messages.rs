//! Messages: how they come into the world, change and go, whoever does it and however the request came.

use std::time::Duration;

use mezon_protocol::proto::api;
use mezon_protocol::proto::realtime::{self, envelope::Message};
use mezon_protocol::{ChannelId, MessageId, Now, UserId};

use super::World;
use super::connection::ConnId;
use super::describe::seconds;
use super::model::{ChannelKind, Stored};
use super::refusal::{INTERNAL, INVALID_ARGUMENT, PERMISSION_DENIED, RESOURCE_EXHAUSTED, Refusal};
use super::text::{text_of, utf16_len};
use super::transcript::{Said, What};

/// Codes of pushed messages that are about an earlier one.
pub(super) const EDITED: i32 = 1;
const DELETED: i32 = 2;

/// In which [`sends_per_second`](super::Settings::sends_per_second) counts.
const RATE_PERIOD: Duration = Duration::from_secs(1);

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Caller {
    /// A person, through the world's own methods.
    Person(UserId),
    /// A client over HTTP: no joins apply.
    Http(UserId),
    /// A client over its connection.
    Socket(UserId, ConnId),
    /// What was posted to a webhook of this number, which that user has made. No joins apply.
    Hook(UserId, i64),
}

impl Caller {
    pub(super) fn user(self) -> UserId {
        match self {
            Self::Person(user) | Self::Http(user) | Self::Socket(user, _) | Self::Hook(user, _) => user,
        }
    }

    pub(super) fn is_client(self) -> bool {
        match self {
            Self::Person(_) => false,
            Self::Http(_) | Self::Socket(..) | Self::Hook(..) => true,
        }
    }

    /// The same for what calls bring about by themselves: no joins apply.
    pub(super) fn without_joins(self) -> Self {
        match self {
            Self::Socket(user, _) => Self::Http(user),
            Self::Person(_) | Self::Http(_) | Self::Hook(..) => self,
        }
    }
}

impl World {
    /// A message is sent: stored, written down, and pushed to those who listen, its sender among them.
    pub(super) fn post(
        &mut self,
        now: Now,
        caller: Caller,
        send: realtime::ChannelMessageSend,
    ) -> Result<MessageId, Refusal> {
        let channel = ChannelId::new(send.channel_id);
        if send.id != 0 {
            return Err(Refusal::new(INTERNAL, "the id of a message is not the client's to set"));
        }
        self.check_route(caller, channel, send.clan_id, send.mode)?;
        self.check_content(caller, &send.content)?;
        if let Some(refusal) = caller.is_client().then(|| self.faults.take_send_refusal()).flatten() {
            return Err(refusal);
        }
        self.check_ban(now, caller, channel)?;
        self.check_rate(now, caller)?;
        if self.channels.get(&channel).is_some_and(|channel| channel.asleep) {
            self.wake_thread(channel);
        }
        let id = self.store(now, caller, channel, send);
        if caller.is_client() {
            self.counters.messages_from_clients += 1;
        }
        self.announce_new(id);
        self.record_said(now, id, caller.is_client(), What::Said);
        Ok(id)
    }

    /// A message gets another content. Mentions and attachments that are not given anew are gone.
    pub(super) fn edit_stored(
        &mut self,
        now: Now,
        caller: Caller,
        update: realtime::ChannelMessageUpdate,
    ) -> Result<Stored, Refusal> {
        let id = MessageId::new(update.message_id);
        self.check_route(caller, ChannelId::new(update.channel_id), update.clan_id, update.mode)?;
        self.check_content(caller, &update.content)?;
        self.check_own(caller, ChannelId::new(update.channel_id), id)?;
        let stored = self.stored_mut(id).ok_or_else(Refusal::no_message)?;
        let before = text_of(&std::mem::replace(&mut stored.content, update.content));
        stored.mentions = update.mentions;
        stored.attachments = update.attachments;
        stored.hide_edited = update.hide_editted;
        stored.updated_seconds = seconds(now);
        let stored = stored.clone();
        self.announce(&stored, EDITED);
        let said = Said { before: Some(before), ..self.said(&stored, caller.is_client()) };
        self.record(now, What::Edited(said));
        Ok(stored)
    }

    /// A message goes.
    pub(super) fn delete_stored(
        &mut self,
        now: Now,
        caller: Caller,
        remove: &realtime::ChannelMessageRemove,
    ) -> Result<Stored, Refusal> {
        let (channel, id) = (ChannelId::new(remove.channel_id), MessageId::new(remove.message_id));
        self.check_route(caller, channel, remove.clan_id, remove.mode)?;
        self.check_own(caller, channel, id)?;
        self.record_said(now, id, caller.is_client(), What::Deleted);
        let removed = self.channels.get_mut(&channel).and_then(|channel| channel.messages.remove(&id));
        let mut stored = removed.ok_or_else(Refusal::no_message)?;
        self.message_channels.remove(&id);
        self.forget_pin(id);
        stored.content.clear();
        self.announce(&stored, DELETED);
        Ok(stored)
    }

    /// A message that only its receivers see. It is not stored.
    pub(super) fn whisper(
        &mut self,
        now: Now,
        caller: Caller,
        send: realtime::EphemeralMessageSend,
    ) -> Result<api::ChannelMessage, Refusal> {
        let message = send.message.ok_or_else(|| Refusal::new(INVALID_ARGUMENT, "a message is missing"))?;
        self.check_route(caller, ChannelId::new(message.channel_id), message.clan_id, message.mode)?;
        self.check_content(caller, &message.content)?;
        let receivers: Vec<UserId> = send.receiver_ids.into_iter().map(UserId::new).collect();
        let mut stored = self.new_stored(now, caller, message);
        let addressed = MessageId::new(std::mem::take(&mut stored.addressed));
        if !addressed.is_none() {
            stored.message.id = addressed;
        }
        let stored = stored.message;
        let wire = self.wire_message(&stored, stored.code);
        let heard = |(conn, connection): (&ConnId, &super::connection::Connection)| {
            receivers.contains(&connection.user).then_some(*conn)
        };
        let listeners: Vec<ConnId> = self.connections.iter().filter_map(heard).collect();
        self.push(&listeners, Message::ChannelMessage(Box::new(wire.clone())));
        let said = self.said(&stored, caller.is_client());
        self.record(now, What::Whispered { said, receivers });
        Ok(wire)
    }

    /// Pushes a stored message as a new one.
    fn announce_new(&mut self, id: MessageId) {
        if let Some(stored) = self.stored(id).cloned() {
            self.announce(&stored, stored.code);
            if stored.topic != 0 {
                self.tell_of_topic(&stored);
            }
        }
    }

    pub(super) fn announce(&mut self, stored: &Stored, code: i32) {
        let event = |world: &Self| Message::ChannelMessage(Box::new(world.wire_message(stored, code)));
        self.tell_in_turn(stored.channel, event);
    }

    /// Refuses what the caller may not see, what it has not joined, and what is addressed wrongly.
    pub(super) fn check_route(&self, caller: Caller, channel: ChannelId, clan: i64, mode: i32) -> Result<(), Refusal> {
        let channel = self.channels.get(&channel).ok_or_else(Refusal::no_channel)?;
        if !self.sees(caller.user(), channel) {
            return Err(Refusal::no_channel());
        }
        let joined = match caller {
            Caller::Person(_) | Caller::Http(_) | Caller::Hook(..) => true,
            Caller::Socket(_, conn) => {
                self.connections.get(&conn).is_some_and(|connection| self.hears(connection, channel))
            }
        };
        if !joined {
            return Err(Refusal::must_join());
        }
        if !caller.is_client() || !self.settings.strict_routes {
            return Ok(());
        }
        if clan != channel.clan.get() {
            return Err(Refusal::new(INVALID_ARGUMENT, "the channel does not belong to the clan"));
        }
        let mode_matters = match channel.kind {
            ChannelKind::Text | ChannelKind::Group | ChannelKind::Direct | ChannelKind::Thread => true,
            // Clients disagree about the mode of these.
            ChannelKind::Streaming | ChannelKind::App | ChannelKind::Announcement | ChannelKind::Voice => false,
        };
        if mode_matters && mode != channel.kind.mode() {
            return Err(Refusal::new(INVALID_ARGUMENT, "the mode does not fit the channel"));
        }
        Ok(())
    }

    /// A message of that channel.
    pub(super) fn message_in(&self, channel: ChannelId, message: i64) -> Result<&Stored, Refusal> {
        let stored = self.stored(MessageId::new(message));
        stored.filter(|stored| stored.channel == channel).ok_or_else(Refusal::no_message)
    }

    fn check_ban(&self, now: Now, caller: Caller, channel: ChannelId) -> Result<(), Refusal> {
        match self.ban_in(now, caller.user(), channel) {
            Some(_) if caller.is_client() => Err(Refusal::new(PERMISSION_DENIED, "banned from the channel")),
            Some(_) | None => Ok(()),
        }
    }

    /// Counts the messages of a client within the running second.
    fn check_rate(&mut self, now: Now, caller: Caller) -> Result<(), Refusal> {
        let Some(limit) = self.settings.sends_per_second.filter(|_| caller.is_client()) else { return Ok(()) };
        let (since, sent) = self.rates.entry(caller.user()).or_insert((now.elapsed, 0));
        if now.elapsed.saturating_sub(*since) >= RATE_PERIOD {
            (*since, *sent) = (now.elapsed, 0);
        }
        if *sent >= limit {
            return Err(Refusal::new(RESOURCE_EXHAUSTED, "too many messages"));
        }
        *sent += 1;
        Ok(())
    }

    fn check_content(&self, caller: Caller, content: &str) -> Result<(), Refusal> {
        match self.settings.content_limit {
            Some(limit) if caller.is_client() && utf16_len(content) > limit => {
                Err(Refusal::new(INVALID_ARGUMENT, format!("content is longer than {limit}")))
            }
            Some(_) | None => Ok(()),
        }
    }

    fn check_own(&self, caller: Caller, channel: ChannelId, id: MessageId) -> Result<(), Refusal> {
        let stored = self.stored(id).filter(|stored| stored.channel == channel).ok_or_else(Refusal::no_message)?;
        if stored.author == caller.user() {
            return Ok(());
        }
        Err(Refusal::new(PERMISSION_DENIED, "the message is somebody else's"))
    }

    fn store(&mut self, now: Now, caller: Caller, channel: ChannelId, send: realtime::ChannelMessageSend) -> MessageId {
        let stored = self.new_stored(now, caller, send).message;
        let id = stored.id;
        self.message_channels.insert(id, channel);
        let limit = self.settings.history_limit.max(1);
        let mut forgotten = Vec::new();
        if let Some(channel) = self.channels.get_mut(&channel) {
            channel.messages.insert(id, stored);
            while channel.messages.len() > limit {
                forgotten.extend(channel.messages.pop_first().map(|(id, _)| id));
            }
        }
        for old in forgotten {
            self.message_channels.remove(&old);
        }
        id
    }

    fn new_stored(&mut self, now: Now, caller: Caller, send: realtime::ChannelMessageSend) -> Unstored {
        let webhook = match caller {
            Caller::Hook(_, hook) => self.records.hooks.get(&hook).map(|hook| (hook.name.clone(), hook.avatar.clone())),
            Caller::Person(_) | Caller::Http(_) | Caller::Socket(..) => None,
        };
        let message = Stored {
            id: MessageId::new(self.ids.next(now)),
            channel: ChannelId::new(send.channel_id),
            author: if webhook.is_some() { UserId::NONE } else { caller.user() },
            anonymous: send.anonymous_message,
            webhook,
            code: send.code,
            content: send.content,
            mentions: send.mentions,
            attachments: send.attachments,
            references: send.references,
            reactions: Vec::new(),
            topic: send.topic_id,
            hide_edited: false,
            created_seconds: seconds(now),
            updated_seconds: seconds(now),
        };
        Unstored { message, addressed: send.id }
    }
}

/// A message that is not stored yet, and the id that its sender addressed, which only ephemeral ones may have.
struct Unstored {
    message: Stored,
    addressed: i64,
}
