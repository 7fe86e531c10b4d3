//! What is done most often in a world, without the detour over [`Sandbox::with`].

use std::time::Duration;

use mezon_protocol::ledger::Amount;
use mezon_protocol::{ChannelId, ClanId, MessageId, TopicId, UserId};

use super::{Expectation, Sandbox};
use crate::world::Reach;
use crate::{Filling, Joins, LedgerView, Matching, Said, Scope, World};

/// # What people do
///
/// As the methods of [`World`] with the same names, which say when they panic.
impl Sandbox {
    /// Somebody says something in a channel.
    pub fn say(&self, user: UserId, channel: ChannelId, text: &str) -> MessageId {
        self.with(|world, now| world.say(now, user, channel, text))
    }

    /// Somebody replies to a message.
    pub fn reply(&self, user: UserId, to: MessageId, text: &str) -> MessageId {
        self.with(|world, now| world.reply(now, user, to, text))
    }

    /// Somebody mentions a user: the text is put after `@name` and a blank.
    pub fn mention(&self, user: UserId, channel: ChannelId, whom: UserId, text: &str) -> MessageId {
        self.with(|world, now| world.mention(now, user, channel, whom, text))
    }

    /// Somebody writes to a bot directly.
    pub fn dm(&self, user: UserId, to: UserId, text: &str) -> MessageId {
        self.with(|world, now| world.dm(now, user, to, text))
    }

    /// Somebody edits an own message.
    pub fn edit(&self, user: UserId, message: MessageId, text: &str) {
        self.with(|world, now| world.edit(now, user, message, text));
    }

    /// Somebody deletes an own message.
    pub fn delete(&self, user: UserId, message: MessageId) {
        self.with(|world, now| world.delete(now, user, message));
    }

    /// Somebody reacts to a message.
    pub fn react(&self, user: UserId, message: MessageId, emoji: &str) {
        self.with(|world, now| world.react(now, user, message, emoji));
    }

    /// Somebody takes a reaction back.
    pub fn unreact(&self, user: UserId, message: MessageId, emoji: &str) {
        self.with(|world, now| world.unreact(now, user, message, emoji));
    }

    /// Somebody types.
    pub fn type_in(&self, user: UserId, channel: ChannelId) {
        self.with(|world, _| world.type_in(user, channel));
    }

    /// Somebody presses a button of a message.
    pub fn click(&self, user: UserId, message: MessageId, button: &str, extra_data: &str) {
        self.with(|world, _| world.click(user, message, button, extra_data));
    }

    /// Somebody begins to fill in the form of a message.
    pub fn fill(&self, user: UserId, message: MessageId) -> Filling<'_> {
        Filling::new(self, user, message)
    }

    /// Somebody chooses in a select of a message, outside of a form.
    pub fn choose(&self, user: UserId, message: MessageId, select: &str, value: &str) {
        self.with(|world, _| world.choose(user, message, select, value));
    }

    /// Somebody selects in a box of a message, as older clients tell it.
    pub fn dropdown(&self, user: UserId, message: MessageId, select: &str, values: &[&str]) {
        self.with(|world, _| world.dropdown(user, message, select, values));
    }

    /// Somebody chooses an entry of a bot's quick menu.
    pub fn quick_menu(&self, user: UserId, bot: UserId, menu: &str, channel: ChannelId, target: Option<MessageId>) {
        self.with(|world, now| world.quick_menu(now, user, bot, menu, channel, target));
    }

    /// Somebody gives a bot a slash command, which nobody else sees.
    pub fn slash(&self, user: UserId, channel: ChannelId, bot: UserId, command: &str) -> MessageId {
        self.with(|world, now| world.slash(now, user, channel, bot, command))
    }

    /// Somebody votes in the poll of a message, by the places of the answers.
    pub fn vote(&self, user: UserId, message: MessageId, answers: &[i32]) {
        self.with(|world, now| world.vote(now, user, message, answers));
    }

    /// Somebody opens a topic on a message.
    pub fn open_topic(&self, user: UserId, message: MessageId) -> TopicId {
        self.with(|world, now| world.open_topic(now, user, message))
    }

    /// Somebody says something in a topic.
    pub fn say_in_topic(&self, user: UserId, topic: TopicId, text: &str) -> MessageId {
        self.with(|world, now| world.say_in_topic(now, user, topic, text))
    }

    /// Somebody opens a thread below a channel, with these members besides.
    pub fn open_thread(
        &self,
        user: UserId,
        parent: ChannelId,
        name: &str,
        members: impl IntoIterator<Item = UserId>,
    ) -> ChannelId {
        self.with(|world, now| world.open_thread(now, user, parent, name, members))
    }

    /// Somebody joins a clan.
    pub fn join_clan(&self, user: UserId, clan: ClanId) {
        self.with(|world, now| world.join_clan(now, user, clan));
    }

    /// Somebody leaves a clan.
    pub fn leave_clan(&self, user: UserId, clan: ClanId) {
        self.with(|world, now| world.leave_clan(now, user, clan));
    }

    /// Somebody leaves a thread or a group.
    pub fn leave(&self, user: UserId, channel: ChannelId) {
        self.with(|world, now| world.leave(now, user, channel));
    }

    /// Somebody enters a voice room, or begins to watch a stream.
    pub fn join_voice(&self, user: UserId, room: ChannelId) {
        self.with(|world, now| world.join_voice(now, user, room));
    }

    /// Somebody leaves a voice room, or a stream.
    pub fn leave_voice(&self, user: UserId, room: ChannelId) {
        self.with(|world, now| world.leave_voice(now, user, room));
    }

    /// Somebody asks another for friendship, or accepts.
    pub fn befriend(&self, user: UserId, other: UserId) {
        self.with(|world, now| world.befriend(now, user, other));
    }

    /// Somebody sends whole tokens. Gives the hash of the transaction.
    pub fn send_tokens(&self, from: UserId, to: UserId, amount: u64, note: &str) -> String {
        self.with(|world, now| world.send_tokens(now, from, to, amount, note))
    }
}

impl Reach for &Sandbox {
    fn with(&mut self, act: &mut dyn FnMut(&mut World)) {
        Sandbox::with(self, |world, _| act(world));
    }
}

/// # What is expected
///
/// As the methods of [`World`] with the same names. What happened before the expectation was made counts, unless it met
/// another one: it does not matter which of the two is first.
impl Sandbox {
    /// Expects a client to reply to a message.
    pub fn expect_reply(&self, to: MessageId, matching: impl Into<Matching>, within: Duration) -> Expectation<Said> {
        Expectation::of_message(self.shared.expect(|world, now| world.expect_reply(now, to, matching, within)))
    }

    /// Expects a client to send a message in a channel.
    pub fn expect_message(
        &self,
        channel: ChannelId,
        matching: impl Into<Matching>,
        within: Duration,
    ) -> Expectation<Said> {
        Expectation::of_message(self.shared.expect(|world, now| world.expect_message(now, channel, matching, within)))
    }

    /// Expects a client to edit a message.
    pub fn expect_edit(
        &self,
        message: MessageId,
        matching: impl Into<Matching>,
        within: Duration,
    ) -> Expectation<Said> {
        Expectation::of_message(self.shared.expect(|world, now| world.expect_edit(now, message, matching, within)))
    }

    /// Expects a client to send that user a direct message.
    pub fn expect_dm(&self, user: UserId, matching: impl Into<Matching>, within: Duration) -> Expectation<Said> {
        Expectation::of_message(self.shared.expect(|world, now| world.expect_dm(now, user, matching, within)))
    }

    /// Expects a client to send a message that only that user sees, perhaps among others.
    pub fn expect_whisper(&self, user: UserId, matching: impl Into<Matching>, within: Duration) -> Expectation<Said> {
        Expectation::of_message(self.shared.expect(|world, now| world.expect_whisper(now, user, matching, within)))
    }

    /// Expects a client to react to a message with an emoji.
    pub fn expect_reaction(&self, message: MessageId, emoji: &str, within: Duration) -> Expectation<()> {
        Expectation::of_state(self.shared.expect(|world, now| world.expect_reaction(now, message, emoji, within)))
    }

    /// Expects that no client says, whispers or edits anything there for so long.
    pub fn expect_nothing(&self, scope: impl Into<Scope>, for_: Duration) -> Expectation<()> {
        Expectation::of_state(self.shared.expect(|world, now| world.expect_nothing(now, scope, for_)))
    }

    /// Expects something to become true of the world, such as that a bot has joined a channel. `says` describes it in
    /// failures. The function is called after each step of the world, under its lock; if it panics, the expectation is
    /// [`Unmet`](crate::Unmet) and names the panic.
    ///
    /// ```
    /// use mezon_sandbox::{Sandbox, World};
    /// use std::time::Duration;
    ///
    /// let sandbox = Sandbox::start(World::builder().build())?;
    /// let nobody = sandbox.until("no login", Duration::from_secs(1), |world| world.counters().logins == 0);
    /// nobody.wait()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn until(
        &self,
        says: impl Into<String>,
        within: Duration,
        holds: impl Fn(&World) -> bool + Send + 'static,
    ) -> Expectation<()> {
        Expectation::of_state(self.shared.until(says.into(), within, Box::new(holds)))
    }
}

/// # The ledger
impl Sandbox {
    /// What a user has.
    pub fn balance(&self, user: UserId) -> Amount {
        self.with(|world, _| world.balance(user))
    }

    /// All that is on the ledger.
    pub fn ledger(&self) -> LedgerView {
        self.with(|world, now| world.ledger(now))
    }
}

/// # What goes wrong
///
/// The faults of connections. Those of requests and sessions are methods of [`World`], to be called in
/// [`with`](Sandbox::with).
impl Sandbox {
    /// Closes the user's connections in good order, with a WebSocket close frame of that code. Gives their number.
    pub fn drop_connection(&self, user: UserId, code: u16) -> usize {
        self.with(|world, now| world.drop_connection(now, user, code))
    }

    /// Ends the user's TCP connections without a close frame. Gives their number.
    pub fn abort(&self, user: UserId) -> usize {
        self.with(|world, now| world.abort(now, user))
    }

    /// Lets the user's connections stay, but everything sent either way vanishes. Gives their number.
    pub fn half_open(&self, user: UserId) -> usize {
        self.with(|world, _| world.half_open(user))
    }

    /// What the user's newest connection has joined.
    pub fn joins(&self, user: UserId) -> Joins {
        self.with(|world, _| world.joins(user))
    }
}
