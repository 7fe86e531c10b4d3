//! A bot in a clan with Alice and Bob.

use std::time::Duration;

use mezon_protocol::object::{Channel, Clan, Message};
use mezon_protocol::{ChannelId, ClanId, Config, Error, ErrorKind, Event, MessageId, UserId};
use mezon_sandbox::{NewChannel, World};
use mezon_tests::backend::{Called, Collector};
use mezon_tests::sim::Sim;

pub struct Scene {
    pub sim: Sim,
    pub alice: UserId,
    pub bob: UserId,
    /// In no clan.
    pub stranger: UserId,
    pub clan: ClanId,
    pub general: ChannelId,
    pub voice: ChannelId,
}

/// A bot that is Ready.
pub fn scene() -> Scene {
    scene_with(|config| config)
}

pub fn scene_with(adjust: impl FnOnce(Config) -> Config) -> Scene {
    let mut world = World::builder().seed(3);
    let bot = world.bot("bot", "the-key");
    let (alice, bob) = (world.person("alice"), world.person("bob"));
    let clan = world.clan("Clan A");
    world.everyone_in(clan);
    let stranger = world.person("stranger");
    world.nick(clan, alice, "Al");
    let general = world.channel(clan, "general");
    let voice = world.add_channel(clan, NewChannel::voice("stage"));
    let config = Config::bot(bot, "the-key").unwrap().use_tls(false).without_rate_limits();
    let mut sim = Sim::new(adjust(config), world.build(), 3);
    sim.connect();
    sim.take_events();
    Scene { sim, alice, bob, stranger, clan, general, voice }
}

impl Scene {
    pub fn clan(&self) -> Clan<Collector> {
        self.sim.bot.clan(self.clan)
    }

    pub fn channel(&self) -> Channel<Collector> {
        self.sim.bot.channel(self.general)
    }

    pub fn end<T>(&mut self, called: Called<T>) -> Result<T, Error> {
        self.sim.finish(called)
    }

    /// The end of a call that must succeed.
    pub fn ok<T>(&mut self, called: Called<T>) -> T {
        self.sim.finish(called).unwrap_or_else(|error| panic!("{error:?}"))
    }

    /// The end of a call that must fail.
    pub fn kind_of<T>(&mut self, called: Called<T>) -> ErrorKind {
        match self.sim.finish(called) {
            Ok(_) => panic!("it was to fail"),
            Err(error) => error.kind().clone(),
        }
    }

    /// How often the server was asked this, by whatever way.
    pub fn asked(&self, name: &str) -> u64 {
        self.sim.world().counters().calls(name)
    }

    /// Lets what was done arrive.
    pub fn pass(&mut self) {
        self.sim.run_for(Duration::from_millis(100));
    }

    /// Alice says something in the channel; what the bot hears of it.
    pub fn hear(&mut self, text: &str) -> Message<Collector> {
        let (alice, general) = (self.alice, self.general);
        self.hear_in(alice, general, text)
    }

    pub fn hear_in(&mut self, user: UserId, channel: ChannelId, text: &str) -> Message<Collector> {
        let said = self.sim.act(|world, now| world.say(now, user, channel, text));
        self.pass();
        let events = self.sim.take_events().into_iter();
        let mut messages =
            events.filter_map(|event| if let Event::Message(message) = event { Some(message) } else { None });
        messages.find(|message| message.id() == said).expect("the message was pushed")
    }

    /// What the server has as the text of a message.
    pub fn text_of(&self, message: MessageId) -> Option<String> {
        self.sim.world().text_of(message)
    }
}
