//! The low-level side of a client: what is done with its socket.

use std::fmt;

use mezon_protocol::call::{
    DeleteMessage, EditMessage, JoinChannel, JoinClan, LeaveChannel, MarkSeen, MessageAddress, RawMember, React, Typing,
};
use mezon_protocol::machine::State;
use mezon_protocol::object::{Backend as _, Bot, Receivers, SentMessage};
use mezon_protocol::proto::realtime::envelope;
use mezon_protocol::route::Route;
use mezon_protocol::{ClanId, Content, MessageId};

use crate::handle::Driven;
use crate::runtime::Runtime;

/// The low-level side of a client: joins, writes and whole members of the Envelope, addressed by hand.
///
/// It is another handle on the same client, from [`Client::socket`](crate::Client::socket): the connection is kept up
/// beneath it, and it does not keep the connection. Its requests are counted and limited as all others are, and fail with
/// `NotConnected` while there is no connection. Bots seldom need it, as the handles of the object model know their
/// address; what is not here by name is a call of [`Bot::api`], or a member to [`send`](Self::send).
#[doc(alias = "socket_manager")]
#[doc(alias = "DefaultSocket")]
pub struct Socket<R: Runtime> {
    backend: Driven<R>,
}

/// # Joining
impl<R: Runtime> Socket<R> {
    /// Joins a clan, and with it its public channels, now and on every connection to come; gives nothing. The clans that
    /// we are in are joined without it.
    #[doc(alias = "join_clan_chat")]
    #[doc(alias = "joinClanChat")]
    pub fn join_clan(&self, clan: impl Into<ClanId>) -> R::Outcome<()> {
        self.backend.call(JoinClan(clan.into()))
    }

    /// Joins a channel, now and on every connection to come; gives nothing.
    #[doc(alias = "join_chat")]
    #[doc(alias = "joinChat")]
    pub fn join_channel(&self, channel: Route) -> R::Outcome<()> {
        self.backend.call(JoinChannel(channel))
    }

    /// Leaves a channel, and does not join it again; gives nothing.
    #[doc(alias = "leave_chat")]
    #[doc(alias = "leaveChat")]
    pub fn leave_channel(&self, channel: Route) -> R::Outcome<()> {
        self.backend.call(LeaveChannel(channel))
    }
}

/// # Writing
impl<R: Runtime> Socket<R> {
    /// Sends a message; gives a handle on it.
    #[doc(alias = "write_chat_message")]
    #[doc(alias = "writeChatMessage")]
    pub fn send_message(&self, channel: Route, content: impl Into<Content>) -> R::Outcome<SentMessage<Driven<R>>> {
        self.bot().channel_at(channel).send(content)
    }

    /// Shows a message to some users only; gives its id.
    #[doc(alias = "write_ephemeral_message")]
    #[doc(alias = "writeEphemeralMessage")]
    pub fn send_ephemeral(
        &self,
        channel: Route,
        receivers: impl Into<Receivers>,
        content: impl Into<Content>,
    ) -> R::Outcome<MessageId> {
        self.bot().channel_at(channel).send_ephemeral(receivers, content)
    }

    /// Replaces what a message says, with its mentions and attachments; gives nothing.
    #[doc(alias = "update_chat_message")]
    #[doc(alias = "updateChatMessage")]
    pub fn edit_message(&self, message: MessageAddress, content: impl Into<Content>) -> R::Outcome<()> {
        let (kept_mentions, kept_attachments) = (Vec::new(), Vec::new());
        self.backend.call(EditMessage { message, content: content.into(), kept_mentions, kept_attachments })
    }

    /// Deletes a message; gives nothing.
    #[doc(alias = "remove_chat_message")]
    #[doc(alias = "removeChatMessage")]
    pub fn delete_message(&self, message: MessageAddress) -> R::Outcome<()> {
        self.backend.call(DeleteMessage { message, has_attachment: false })
    }

    /// Adds a reaction, or takes one back; gives nothing.
    #[doc(alias = "write_message_reaction")]
    #[doc(alias = "writeMessageReaction")]
    pub fn react(&self, reaction: React) -> R::Outcome<()> {
        self.backend.call(reaction)
    }

    /// Shows that we are typing; gives nothing.
    #[doc(alias = "write_message_typing")]
    #[doc(alias = "writeMessageTyping")]
    pub fn typing(&self, channel: Route) -> R::Outcome<()> {
        self.backend.call(Typing(channel))
    }

    /// Moves the mark up to which a channel is read; gives nothing.
    #[doc(alias = "write_last_seen_message")]
    #[doc(alias = "writeLastSeenMessage")]
    pub fn mark_seen(&self, seen: MarkSeen) -> R::Outcome<()> {
        self.backend.call(seen)
    }

    /// Sends any member of the Envelope, and gives the member that answers; `None` where the server answers without one.
    /// What the platform does not know, it may answer by closing the connection.
    #[doc(alias = "write_custom_status")]
    #[doc(alias = "write_last_pin_message")]
    #[doc(alias = "write_voice_joined")]
    #[doc(alias = "write_voice_leaved")]
    pub fn send(&self, member: envelope::Message) -> R::Outcome<Option<envelope::Message>> {
        self.backend.call(RawMember::new(member))
    }

    /// As [`send`](Self::send), for what has no answer: ends as soon as it is on its way, and gives nothing.
    pub fn notify(&self, member: envelope::Message) -> R::Outcome<Option<envelope::Message>> {
        self.backend.call(RawMember::new(member).without_answer())
    }
}

/// # The connection
impl<R: Runtime> Socket<R> {
    /// Whether requests can be made: the socket is open, if perhaps not everything is joined yet.
    #[doc(alias = "isOpen")]
    #[doc(alias = "is_open")]
    pub fn is_connected(&self) -> R::Answered<bool> {
        self.backend.shared.ask(|machine, _| machine.is_open())
    }

    /// Where the connection stands.
    pub fn state(&self) -> R::Answered<State> {
        self.backend.shared.ask(|machine, _| machine.state())
    }

    /// Replaces the connection by a fresh one; the session is kept. Does nothing without a driver.
    pub fn reconnect(&self) {
        self.backend.shared.reconnect();
    }

    /// Closes the client, as [`Client::close`](crate::Client::close) does. Closing twice changes nothing.
    #[doc(alias = "disconnect")]
    pub fn close(&self) {
        self.backend.shared.close();
    }

    fn bot(&self) -> Bot<Driven<R>> {
        Bot::new(self.backend.clone())
    }

    pub(crate) const fn new(backend: Driven<R>) -> Self {
        Self { backend }
    }

    /// The socket of a client; none before there is a session.
    pub(crate) fn of(backend: Driven<R>) -> R::Answered<Option<Self>> {
        let shared = std::sync::Arc::clone(&backend.shared);
        shared.ask(move |machine, _| machine.session().map(|_| Self { backend }))
    }
}

impl<R: Runtime> Clone for Socket<R> {
    fn clone(&self) -> Self {
        Self { backend: self.backend.clone() }
    }
}

impl<R: Runtime> fmt::Debug for Socket<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Socket").field("runtime", &self.backend).finish()
    }
}
