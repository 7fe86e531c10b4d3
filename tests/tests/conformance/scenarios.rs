//! The scenarios.

use std::time::Duration;

use mezon_protocol::route::{Mode, Route};
use mezon_protocol::{ChannelId, ClanId, Config, ErrorKind, Sent, UserId};
use mezon_sandbox::World;

use crate::bot::{Adapter, Bot, Link, Seen};

pub type Scenario = fn(&mut Scene);

/// All of them, by the names under which the documentation lists them.
pub const SCENARIOS: &[(&str, Scenario)] = &[
    ("connect and joins", connects_and_joins),
    ("calls", calls),
    ("errors", errors),
    ("time-outs", timeouts),
    ("reconnect after a drop", reconnects),
    ("a half-open connection is noticed", half_open),
    ("a slow user loses nothing", back_pressure),
    ("a large answer", large_answer),
    ("many events, in order", many_events),
    ("shutdown", shuts_down),
];

const SOON: Duration = Duration::from_secs(10);

/// A bot and a person in a clan with one channel.
pub struct Scene {
    bot: Box<dyn Bot>,
    bot_id: UserId,
    alice: UserId,
    clan: ClanId,
    general: ChannelId,
}

impl Scene {
    pub fn new(adapter: &Adapter, link: Link) -> Self {
        let mut world = World::builder().seed(31);
        let bot_id = world.bot("bot", "the-key");
        let alice = world.person("alice");
        let clan = world.clan("Clan A");
        world.everyone_in(clan);
        let general = world.channel(clan, "general");
        for k in 0..500 {
            world.channel(clan, &format!("another channel with a name that takes room, number {k}"));
        }
        let mut config = Config::bot(bot_id, "the-key").unwrap().without_rate_limits();
        config.call_timeout = Duration::from_millis(400);
        config.heartbeat.interval = Duration::from_millis(200);
        config.heartbeat.timeout = Duration::from_millis(200);
        config.backoff.first = Duration::from_millis(20);
        config.transport = link.transport;
        let bot = (adapter.start)(world.build(), config, link);
        Self { bot, bot_id, alice, clan, general }
    }

    fn route(&self) -> Route {
        Route::of_message(self.general, self.clan, Mode::CHANNEL, true)
    }

    fn say(&mut self, text: &str) {
        let (alice, general) = (self.alice, self.general);
        self.bot.act(&mut |world, now| {
            world.say(now, alice, general, text);
        });
    }

    /// Asks the world something.
    fn ask<T>(&mut self, question: impl Fn(&World) -> T) -> T {
        let mut answer = None;
        self.bot.act(&mut |world, _| answer = Some(question(world)));
        answer.expect("it was asked")
    }

    /// Passes over what comes until it is this.
    fn wait_for(&mut self, wanted: &Seen) {
        while let Some(seen) = self.bot.next(SOON) {
            if seen == *wanted {
                return;
            }
        }
        panic!("{wanted:?} did not come");
    }

    fn ready(&mut self) {
        self.bot.connect().unwrap();
        self.wait_for(&Seen::Ready { resumed: false });
    }
}

fn hers(text: &str) -> Seen {
    Seen::Message { text: text.into(), own: false }
}

fn connects_and_joins(scene: &mut Scene) {
    scene.ready();
    let (bot, clan) = (scene.bot_id, scene.clan);
    let joins = scene.ask(|world| world.joins(bot));
    assert!(joins.clans.contains(&clan) && joins.clans.contains(&ClanId::NONE));
    scene.say("hello");
    scene.wait_for(&hers("hello"));
}

fn calls(scene: &mut Scene) {
    scene.ready();
    let route = scene.route();
    let id = scene.bot.send(route, "from the bot").unwrap();
    scene.wait_for(&Seen::Message { text: "from the bot".into(), own: true });
    scene.bot.edit_last("edited").unwrap();
    assert_eq!(scene.ask(|world| world.text_of(id)).as_deref(), Some("edited"));
}

fn errors(scene: &mut Scene) {
    let route = scene.route();
    let error = scene.bot.send(route, &"x".repeat(5000)).unwrap_err();
    assert_eq!(error.sent(), Sent::No);
    scene.ready();
    scene.bot.act(&mut |world, _| world.refuse_sends(7, "no", 1));
    let error = scene.bot.send(route, "refused").unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Refused { code: 7, message: "no".into() });
    assert_eq!(error.sent(), Sent::Yes);
    let error = scene.bot.send(route, &"x".repeat(5000)).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::TooLong { .. }), "{error:?}");
}

fn timeouts(scene: &mut Scene) {
    scene.ready();
    scene.bot.act(&mut |world, _| world.swallow_acks(1));
    let route = scene.route();
    let error = scene.bot.send(route, "swallowed").unwrap_err();
    assert_eq!((error.kind(), error.sent()), (&ErrorKind::Timeout, Sent::Unknown));
    scene.bot.send(route, "the next one").unwrap();
    let general = scene.general;
    assert_eq!(scene.ask(|world| world.messages_in(general).len()), 2, "nothing was sent twice");
}

fn reconnects(scene: &mut Scene) {
    scene.ready();
    let bot = scene.bot_id;
    let before = scene.ask(|world| world.joins(bot));
    scene.bot.act(&mut |world, now| {
        world.abort(now, bot);
    });
    scene.wait_for(&Seen::Disconnected);
    scene.wait_for(&Seen::Ready { resumed: true });
    assert_eq!(scene.ask(|world| world.joins(bot)), before);
    scene.say("back again?");
    scene.wait_for(&hers("back again?"));
}

fn half_open(scene: &mut Scene) {
    scene.ready();
    let bot = scene.bot_id;
    scene.bot.act(&mut |world, _| {
        world.half_open(bot);
    });
    scene.wait_for(&Seen::Disconnected);
    scene.wait_for(&Seen::Ready { resumed: true });
}

fn back_pressure(scene: &mut Scene) {
    scene.ready();
    let texts: Vec<_> = (0..3000).map(|k| format!("message {k}")).collect();
    for text in &texts {
        scene.say(text);
    }
    // an answer is not held up by events that nobody takes
    let route = scene.route();
    scene.bot.send(route, "in between").unwrap();
    for text in &texts {
        scene.wait_for(&hers(text));
    }
}

fn large_answer(scene: &mut Scene) {
    scene.ready();
    let clan = scene.clan;
    assert_eq!(scene.bot.channels_of(clan).unwrap(), 501);
}

fn many_events(scene: &mut Scene) {
    scene.ready();
    for k in 0..1000 {
        scene.say(&format!("message {k}"));
        if k % 10 == 9 {
            for k in k - 9..=k {
                assert_eq!(scene.bot.next(SOON), Some(hers(&format!("message {k}"))));
            }
        }
    }
}

fn shuts_down(scene: &mut Scene) {
    scene.ready();
    scene.bot.shutdown(SOON);
    let route = scene.route();
    let error = scene.bot.send(route, "too late").unwrap_err();
    assert_eq!((error.kind(), error.sent()), (&ErrorKind::Closed, Sent::No));
    scene.wait_for(&Seen::Disconnected);
    assert_eq!(scene.bot.next(Duration::from_millis(50)), None);
    scene.bot.shutdown(SOON);
}
