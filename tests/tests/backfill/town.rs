//! A bot in fifty channels of every kind, people who talk in all of them, and the ledger of what has to arrive.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use mezon_protocol::machine::{BackfillReport, BackoffPolicy, State};
use mezon_protocol::{ChannelId, Config, Event, MessageId, UserId};
use mezon_sandbox::{NewChannel, World};
use mezon_tests::sim::Sim;

pub(crate) const SECOND: Duration = Duration::from_secs(1);
pub(crate) const MINUTE: Duration = Duration::from_secs(60);

/// The people, the bot, and where they talk.
pub(crate) struct Town {
    pub(crate) sim: Sim,
    pub(crate) channels: Vec<(ChannelId, UserId)>,
    pub(crate) ledger: Ledger,
    pub(crate) rng: fastrand::Rng,
}

/// What was said and has not arrived, in order.
#[derive(Default)]
pub(crate) struct Ledger {
    expected: BTreeMap<ChannelId, VecDeque<MessageId>>,
    pub(crate) said: usize,
    pub(crate) live: usize,
    pub(crate) replayed: usize,
    pub(crate) reports: Vec<BackfillReport>,
}

impl Town {
    pub(crate) fn new(seed: u64, adjust: impl FnOnce(Config) -> Config) -> Self {
        let mut world = World::builder().seed(seed);
        let bot = world.bot("bot", "the-key");
        let people = ["alice", "bob", "carol", "dave", "eve", "frank"].map(|name| world.person(name));
        let clans = ["A", "B"].map(|name| world.clan(name));
        let mut channels = Vec::new();
        for clan in clans {
            world.everyone_in(clan);
            channels.extend((0..19).map(|n| (world.channel(clan, &format!("channel-{n}")), people[n % 6])));
        }
        let threads: Vec<_> = (0..4)
            .map(|n| {
                world
                    .add_channel(clans[n % 2], NewChannel::thread(channels[20 * (n % 2)].0, "thread", [bot, people[n]]))
            })
            .collect();
        channels.extend(threads.iter().enumerate().map(|(n, thread)| (*thread, people[n])));
        channels.extend(people.map(|person| (world.dm(person, bot), person)));
        channels.extend([0, 1].map(|n| (world.group("group", [bot, people[n], people[n + 2]]), people[n])));
        assert_eq!(channels.len(), 50);
        let settings = world.settings();
        settings.transcript_limit = 10;
        settings.envelope_limit = 10;
        settings.history_limit = 400;
        let mut config = Config::bot(bot, "the-key").unwrap().use_tls(false).without_rate_limits();
        config.join_groups = true;
        config.backoff = BackoffPolicy { first: SECOND / 10, cap: SECOND, ..BackoffPolicy::default() };
        let mut sim = Sim::new(adjust(config), world.build(), seed);
        sim.connect();
        for thread in threads {
            let join = sim.bot.channel(thread).join();
            sim.finish(join).unwrap();
        }
        sim.take_events();
        Self { sim, channels, ledger: Ledger::default(), rng: fastrand::Rng::with_seed(seed) }
    }

    /// People say so many things, one after the other within `time`.
    pub(crate) fn talk(&mut self, count: usize, time: Duration) {
        let steps = count.div_ceil(20).max(1);
        for step in 0..steps {
            let now_said = count / steps + usize::from(step < count % steps);
            let (channels, rng) = (&self.channels, &mut self.rng);
            let said = self.sim.act(|world, now| {
                (0..now_said)
                    .map(|_| {
                        let (channel, person) = channels[rng.usize(..channels.len())];
                        (channel, world.say(now, person, channel, "hi"))
                    })
                    .collect::<Vec<_>>()
            });
            for (channel, id) in said {
                self.ledger.said += 1;
                self.ledger.expected.entry(channel).or_default().push_back(id);
            }
            self.sim.run_for(time / steps as u32);
            self.check();
        }
    }

    /// What has arrived is what was to arrive next, in each channel.
    pub(crate) fn check(&mut self) {
        for event in self.sim.take_events() {
            match event {
                Event::Message(message) => {
                    let (channel, id) = (message.channel_id(), message.id());
                    let expected = self.ledger.expected.get_mut(&channel).and_then(VecDeque::pop_front);
                    assert_eq!(Some(id), expected, "in {channel}, replayed: {}", message.is_replayed());
                    let count = if message.is_replayed() { &mut self.ledger.replayed } else { &mut self.ledger.live };
                    *count += 1;
                }
                Event::BackfillDone { report } => self.ledger.reports.push(*report),
                Event::Lagged { dropped } => panic!("{dropped} events were dropped"),
                _ => {}
            }
        }
    }

    /// Breaks the connection in some way.
    pub(crate) fn drop_somehow(&mut self) {
        let bot = self.sim.bot_id;
        match self.rng.u8(..4) {
            0 => self.sim.act(|world, now| world.drop_connection(now, bot, 1001)),
            1 => self.sim.act(|world, _| world.half_open(bot)),
            _ => self.sim.act(|world, now| world.abort(now, bot)),
        };
    }

    /// Runs until the connection is Ready again.
    pub(crate) fn await_ready(&mut self, before: u64) {
        let is_ready = |sim: &Sim| sim.machine.state() == State::Ready && sim.machine.stats().ready > before;
        assert!(self.sim.run_until(10 * MINUTE, is_ready), "{:?}", self.sim.machine.state());
    }

    /// Runs until all that was missed has been given.
    pub(crate) fn await_done(&mut self) {
        let reports = self.ledger.reports.len();
        for _ in 0..600 {
            self.check();
            if self.ledger.reports.len() > reports {
                return;
            }
            self.sim.run_for(SECOND / 10);
        }
        panic!("the backfill has not ended within a minute");
    }

    /// Nothing is left that was said and has not arrived.
    pub(crate) fn missing(&self) -> usize {
        self.ledger.expected.values().map(VecDeque::len).sum()
    }
}
