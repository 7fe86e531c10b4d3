//! The scenarios.

use std::time::Duration;

use mezon_protocol::event::Cause;
use mezon_protocol::ledger::SendToken;
use mezon_protocol::machine::State;
use mezon_protocol::route::{Mode, Route};
use mezon_protocol::{ChannelId, ClanId, Config, ErrorKind, Sent, UserId};
use mezon_sandbox::{LedgerCall, LedgerFault, World};

use crate::bot::{Adapter, Bot, Link, Seen};

/// What a bot goes through.
pub struct Scenario {
    /// Under which the documentation lists it.
    pub name: &'static str,
    adjust: fn(Config) -> Config,
    act: fn(&mut Scene),
}

impl Scenario {
    const fn new(name: &'static str, act: fn(&mut Scene)) -> Self {
        Self { name, adjust: |config| config, act }
    }

    pub fn run(&self, adapter: &Adapter, link: Link) {
        (self.act)(&mut Scene::new(adapter, link, self.adjust));
    }
}

/// All of them.
pub const SCENARIOS: &[Scenario] = &[
    Scenario::new("connect and joins", connects_and_joins),
    Scenario::new("calls", calls),
    Scenario::new("errors", errors),
    Scenario { name: "time-outs", adjust: impatient, act: timeouts },
    Scenario { name: "a slow login", adjust: |config| config.timeout(Duration::from_millis(100)), act: slow_login },
    Scenario::new("reconnect after a drop", reconnects),
    Scenario { name: "no reconnect if not wanted", adjust: |config| config.auto_reconnect(false), act: stays_away },
    Scenario::new("a token that has expired", expired_token),
    Scenario { name: "a half-open connection is noticed", adjust: watchful, act: half_open },
    Scenario::new("nonsense from the server", nonsense),
    Scenario::new("a slow user loses nothing", back_pressure),
    Scenario::new("a large answer", large_answer),
    Scenario::new("many events, in order", many_events),
    Scenario::new("payments", payments),
    Scenario::new("a ledger that is out of order", ledger_outage),
    Scenario::new("shutdown", shuts_down),
];

const SOON: Duration = Duration::from_secs(10);

/// A bot and a person in a clan with one channel.
pub struct Scene {
    bot: Box<dyn Bot>,
    bot_id: UserId,
    alice: UserId,
    clan: ClanId,
    general: ChannelId,
    /// Direct messages with alice.
    direct: ChannelId,
}

impl Scene {
    fn new(adapter: &Adapter, link: Link, adjust: fn(Config) -> Config) -> Self {
        let mut world = World::builder().seed(31);
        let bot_id = world.bot("bot", "the-key");
        let alice = world.person("alice");
        let clan = world.clan("Clan A");
        world.everyone_in(clan);
        let general = world.channel(clan, "general");
        let direct = world.dm(alice, bot_id);
        for k in 0..500 {
            world.channel(clan, &format!("another channel with a name that takes room, number {k}"));
        }
        let mut config = Config::bot(bot_id, "the-key").unwrap().without_rate_limits();
        config.backoff.first = Duration::from_millis(20);
        config.transport = link.transport;
        let bot = (adapter.start)(world.build(), adjust(config), link);
        Self { bot, bot_id, alice, clan, general, direct }
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

    /// Passes over what comes until the connection ends; says why, and whether another attempt follows.
    fn disconnected(&mut self) -> (Cause, bool) {
        while let Some(seen) = self.bot.next(SOON) {
            if let Seen::Disconnected { cause, retries } = seen {
                return (cause, retries);
            }
        }
        panic!("the connection did not end");
    }

    fn ready(&mut self) {
        self.bot.connect().unwrap();
        self.wait_for(&Seen::Ready { resumed: false });
    }
}

fn impatient(mut config: Config) -> Config {
    config.call_timeout = Duration::from_secs(2);
    config
}

fn watchful(mut config: Config) -> Config {
    config.heartbeat.interval = Duration::from_millis(200);
    // a loaded machine must not look like a dead server
    config.heartbeat.timeout = Duration::from_secs(2);
    config.retry_login = true;
    config
}

fn hers(text: &str) -> Seen {
    Seen::Message { text: text.into(), own: false }
}

fn thanks(user: UserId) -> SendToken {
    SendToken::to(user, 1000).note("Thanks").key("thanks-1")
}

/// Rows 20, 68, 82.
fn payments(scene: &mut Scene) {
    scene.ready();
    let (bot, alice) = (scene.bot_id, scene.alice);
    scene.bot.act(&mut |world, _| {
        world.set_balance(bot, 5000);
        world.ledger_fault(LedgerCall::AddTransaction, LedgerFault::BreakAnswer, 1);
    });
    let response = scene.bot.pay(thanks(alice)).unwrap();
    assert!(response.ok, "{response:?}");
    assert_eq!(scene.bot.pay(thanks(alice)).unwrap(), response);
    // the receiver is told so, by a direct message
    scene.wait_for(&Seen::Message { text: "Funds Transferred: 1,000₫ | Thanks".into(), own: true });
    let mut paid = 0;
    scene.bot.act(&mut |world, now| paid = world.ledger(now).between(bot, alice).len());
    assert_eq!(paid, 1);
}

/// Rows 20, 79. Whatever becomes of the ledger, there is a login and there is chat.
fn ledger_outage(scene: &mut Scene) {
    scene.bot.act(&mut |world, _| world.ledger_chaos(LedgerCall::Any, LedgerFault::Status(503), 1.0));
    scene.ready();
    let (bot, alice, route) = (scene.bot_id, scene.alice, scene.route());
    let error = scene.bot.pay(thanks(alice)).unwrap_err();
    assert_eq!(error.sent(), Sent::No);
    scene.bot.send(route, "still here").unwrap();
    scene.bot.act(&mut |world, _| {
        world.set_balance(bot, 5000);
        world.end_ledger_faults();
    });
    assert!(scene.bot.pay(thanks(alice)).unwrap().ok);
}

/// Rows 14, 18, 19, 209, 210.
fn connects_and_joins(scene: &mut Scene) {
    scene.bot.connect().unwrap();
    let (bot, clan, direct) = (scene.bot_id, scene.clan, scene.direct);
    assert_eq!(scene.ask(|world| world.connections_of(bot).len()), 1);
    let joins = scene.ask(|world| world.joins(bot));
    assert!(joins.clans.contains(&clan) && joins.clans.contains(&ClanId::NONE));
    assert!(joins.channels.contains(&direct));
    scene.wait_for(&Seen::Ready { resumed: false });
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

/// Row 31.
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

/// Row 7.
fn slow_login(scene: &mut Scene) {
    scene.bot.act(&mut |world, _| world.delay_http(SOON));
    let error = scene.bot.connect().unwrap_err();
    let ErrorKind::ConnectFailed(cause) = error.kind() else { panic!("{error:?}") };
    assert!(matches!(&**cause, Cause::Login(error) if *error.kind() == ErrorKind::Timeout), "{cause:?}");
}

/// Rows 15, 22, 25.
fn reconnects(scene: &mut Scene) {
    scene.ready();
    let bot = scene.bot_id;
    let before = scene.ask(|world| world.joins(bot));
    scene.bot.act(&mut |world, now| {
        world.abort(now, bot);
    });
    assert!(scene.disconnected().1);
    scene.wait_for(&Seen::Ready { resumed: true });
    assert_eq!(scene.ask(|world| world.joins(bot)), before);
    scene.say("back again?");
    scene.wait_for(&hers("back again?"));
}

/// Rows 15, 16, 21.
fn stays_away(scene: &mut Scene) {
    scene.ready();
    let bot = scene.bot_id;
    scene.bot.act(&mut |world, now| {
        world.abort(now, bot);
    });
    assert!(!scene.disconnected().1);
    assert_eq!(scene.bot.next(Duration::from_millis(100)), None);
    assert_eq!(scene.bot.state(), State::Disconnected);
    assert_eq!(scene.ask(|world| world.counters().connects), 1);
}

/// Row 23.
fn expired_token(scene: &mut Scene) {
    scene.ready();
    let bot = scene.bot_id;
    let before = scene.ask(|world| world.joins(bot));
    scene.bot.act(&mut |world, now| {
        world.expire_tokens();
        world.abort(now, bot);
    });
    scene.wait_for(&Seen::Ready { resumed: true });
    assert_eq!(scene.ask(|world| world.counters().logins), 2);
    assert_eq!(scene.ask(|world| world.joins(bot)), before);
}

/// Row 208.
fn half_open(scene: &mut Scene) {
    scene.ready();
    let bot = scene.bot_id;
    scene.bot.act(&mut |world, _| {
        world.half_open(bot);
    });
    assert_eq!(scene.disconnected(), (Cause::HeartbeatTimeout, true));
    scene.wait_for(&Seen::Ready { resumed: true });
}

/// Row 31.
fn nonsense(scene: &mut Scene) {
    scene.ready();
    let bot = scene.bot_id;
    let bytes: [&[u8]; 3] = [b"", b"\xff", b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"];
    for bytes in bytes {
        scene.bot.act(&mut |world, _| assert!(world.send_bytes(bot, bytes)));
    }
    scene.say("and now for something sensible");
    scene.wait_for(&hers("and now for something sensible"));
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

/// Row 26.
fn shuts_down(scene: &mut Scene) {
    scene.ready();
    scene.bot.shutdown(SOON);
    let route = scene.route();
    let error = scene.bot.send(route, "too late").unwrap_err();
    assert_eq!((error.kind(), error.sent()), (&ErrorKind::Closed, Sent::No));
    assert_eq!(scene.disconnected(), (Cause::Closed, false));
    assert_eq!(scene.bot.next(Duration::from_millis(50)), None);
    scene.bot.shutdown(SOON);
}
