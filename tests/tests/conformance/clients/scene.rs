//! A client before a server.

use std::time::Duration;

use mezon_client::{Client, Driven, Receiver, Runtime};
use mezon_protocol::{ChannelId, ClanId, Config, Event, MessageId, UserId};
use mezon_sandbox::{NewChannel, Sandbox, World};

use crate::adapters::client::{self, Host, connect};
use crate::bot::Link;

/// Long enough for the slowest machine; nothing waits for it when all is well.
pub const SOON: Duration = Duration::from_secs(20);

pub type Events<H> = <<H as Host>::Runtime as Runtime>::Events<Receiver<<H as Host>::Runtime>>;
pub type Heard<H> = Event<Driven<<H as Host>::Runtime>>;

/// A bot and alice in a clan with a channel and a thread.
pub struct Scene<H: Host> {
    pub sandbox: Sandbox,
    pub client: Client<H::Runtime>,
    pub config: Config,
    pub bot: UserId,
    pub alice: UserId,
    pub clan: ClanId,
    pub general: ChannelId,
    pub thread: ChannelId,
}

impl<H: Host> Scene<H> {
    pub fn new(link: Link) -> Self {
        Self::with(link, |config| config)
    }

    pub fn with(link: Link, adjust: impl FnOnce(Config) -> Config) -> Self {
        let mut world = World::builder().seed(32);
        let (bot, alice) = (world.bot("bot", "the-key"), world.person("alice"));
        let clan = world.clan("Clan A");
        world.everyone_in(clan);
        let general = world.channel(clan, "general");
        let thread = world.add_channel(clan, NewChannel::thread(general, "thread", [bot, alice]));
        let mut config = Config::bot(bot, "the-key").unwrap().without_rate_limits().transport(link.transport);
        config.backoff.first = Duration::from_millis(10);
        let (sandbox, config, client) = client::client::<H>(world.build(), adjust(config), link);
        Self { sandbox, client, config, bot, alice, clan, general, thread }
    }

    pub fn connected(link: Link) -> Self {
        Self::connected_with(link, |config| config)
    }

    pub fn connected_with(link: Link, adjust: impl FnOnce(Config) -> Config) -> Self {
        let scene = Self::with(link, adjust);
        connect::<H>(&scene.client).unwrap();
        scene
    }

    /// Alice says something.
    pub fn say(&self, text: &str) -> MessageId {
        self.sandbox.say(self.alice, self.general, text)
    }

    /// The next message of somebody else.
    pub fn heard(&self) -> Heard<H> {
        next_heard::<H>(&mut self.client.events())
    }

    /// Waits until the bot has as many connections.
    pub fn connections(&self, count: usize) {
        let bot = self.bot;
        let has_so_many = move |world: &World| world.connections_of(bot).len() == count;
        self.sandbox.until(format!("{count} connections"), SOON, has_so_many).wait().unwrap();
    }
}

/// Passes over what comes until it is what is wanted.
pub fn event<H: Host>(events: &mut Events<H>, is_wanted: impl Fn(&Heard<H>) -> bool) -> Heard<H> {
    loop {
        let event = H::next(events, SOON).flatten().expect("the events should go on");
        if is_wanted(&event) {
            return event;
        }
    }
}

pub fn next_heard<H: Host>(events: &mut Events<H>) -> Heard<H> {
    event::<H>(events, |event| matches!(event, Event::Message(message) if !message.is_own()))
}

/// The text of the next message of somebody else.
pub fn next_text<H: Host>(events: &mut Events<H>) -> String {
    let Event::Message(message) = next_heard::<H>(events) else { unreachable!() };
    message.text().into_owned()
}
