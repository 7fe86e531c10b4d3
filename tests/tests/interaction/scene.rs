//! A bot in a channel with Alice and Bob.

use std::time::Duration;

use mezon_protocol::{ChannelId, ClanId, Config, Event, MessageId, UserId};
use mezon_sandbox::{What, World};
use mezon_tests::backend::Collector;
use mezon_tests::sim::{Sim, SimEvent};

pub const SECOND: Duration = Duration::from_secs(1);
pub const MILLISECOND: Duration = Duration::from_millis(1);

pub struct Scene {
    pub sim: Sim,
    pub alice: UserId,
    pub bob: UserId,
    pub clan: ClanId,
    pub general: ChannelId,
    pub other: ChannelId,
}

/// A bot that is not connected yet.
pub fn build(adjust: impl FnOnce(Config) -> Config) -> Scene {
    let mut world = World::builder().seed(11);
    let bot = world.bot("bot", "the-key");
    let (alice, bob) = (world.person("alice"), world.person("bob"));
    let clan = world.clan("Clan A");
    world.everyone_in(clan);
    let (general, other) = (world.channel(clan, "general"), world.channel(clan, "other"));
    let config = adjust(Config::bot(bot, "the-key").unwrap().use_tls(false));
    Scene { sim: Sim::new(config, world.build(), 11), alice, bob, clan, general, other }
}

/// A bot that is Ready.
pub fn ready() -> Scene {
    ready_with(|config| config)
}

pub fn ready_with(adjust: impl FnOnce(Config) -> Config) -> Scene {
    let mut scene = build(adjust);
    scene.sim.connect();
    scene.sim.take_events();
    scene
}

impl Scene {
    /// Alice says something in the channel; what the bot gets.
    pub fn hear(&mut self, text: &str) -> mezon_protocol::object::Message<Collector> {
        let (alice, general) = (self.alice, self.general);
        self.sim.act(|world, now| world.say(now, alice, general, text));
        self.last_message()
    }

    /// The message that the bot gets next.
    pub fn last_message(&mut self) -> mezon_protocol::object::Message<Collector> {
        self.sim.run_for(SECOND / 10);
        let message = |event: SimEvent| match event {
            Event::Message(message) => Some(message),
            _ => None,
        };
        self.sim.take_events().into_iter().filter_map(message).next_back().expect("a message")
    }

    /// When the bot's edits of a message were made, and what they say.
    pub fn edits(&self, of: MessageId) -> Vec<(Duration, String)> {
        let edit = |at: Duration, what: &What| match what {
            What::Edited(said) if said.message == of => Some((at, said.text.clone())),
            _ => None,
        };
        self.sim.world().transcript().filter_map(|entry| edit(entry.at.elapsed, &entry.what)).collect()
    }

    /// What the bot has said in a channel, in order.
    pub fn said(&self, channel: ChannelId) -> Vec<String> {
        let world = self.sim.world();
        world.said_by_clients().filter(|said| said.channel == channel).map(|said| said.text.clone()).collect()
    }
}
