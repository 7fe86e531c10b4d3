//! Processes that are killed and started again, with a store that has what was written before.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use mezon_protocol::event::{Cause, MessageData};
use mezon_protocol::machine::{BackfillPolicy, Machine};
use mezon_protocol::object::Message;
use mezon_protocol::proto::api;
use mezon_protocol::store::{Change, LeftOff, MemoryStore, MessageStore as _, Position, Tracker};
use mezon_protocol::{ChannelId, Event, MessageId, UserId};
use mezon_tests::backend::Collector;
use mezon_tests::sim::SimEvent;
use prost::Message as _;

use crate::town::{MINUTE, SECOND, Town};

/// How often the process is killed.
const KILLS: usize = 60;

/// Whose store it is.
const BOT: UserId = UserId::new(17);

/// What one process after the other does with the messages that it is given.
struct Life {
    town: Town,
    store: MemoryStore,
    /// Whether the store may lose its last moments.
    is_late: bool,
    process: Process,
    said: BTreeMap<ChannelId, Vec<MessageId>>,
    /// What was handled, in order, by all processes.
    handled: BTreeMap<ChannelId, Vec<MessageId>>,
    /// What was handled, and the store never heard of it.
    unknown: BTreeSet<MessageId>,
    replayed: usize,
}

/// What is gone when a process is killed.
#[derive(Default)]
struct Process {
    tracker: Tracker,
    unwritten: VecDeque<Change>,
    /// What is being handled, in each channel one after the other.
    running: BTreeMap<ChannelId, VecDeque<Position>>,
}

impl Life {
    fn new(seed: u64, is_late: bool) -> Self {
        let mut life = Self {
            town: Town::new(seed, |config| config),
            store: MemoryStore::new(),
            is_late,
            process: Process::default(),
            said: BTreeMap::new(),
            handled: BTreeMap::new(),
            unknown: BTreeSet::new(),
            replayed: 0,
        };
        // the town has taken the first events
        let unix = life.town.sim.now().unix.as_secs().try_into().unwrap();
        let process = &mut life.process;
        for event in [SimEvent::Connected, SimEvent::Ready { resumed: false, gap: None }] {
            process.tracker.take(&event, BOT, || unix, |change| process.unwritten.push_back(change));
        }
        life
    }

    /// Some time goes by, in which people talk and the process works.
    fn go_on(&mut self) {
        let Town { sim, channels, rng, .. } = &mut self.town;
        let count = rng.usize(..20);
        let said = sim.act(|world, now| {
            let say = |_| {
                let (channel, person) = channels[rng.usize(..channels.len())];
                (channel, world.say(now, person, channel, "hi"))
            };
            (0..count).map(say).collect::<Vec<_>>()
        });
        for (channel, id) in said {
            self.said.entry(channel).or_default().push(id);
        }
        self.town.sim.run_for(SECOND / 10);
        self.take();
        self.handle_some();
        self.write_some();
    }

    fn take(&mut self) {
        let process = &mut self.process;
        for event in self.town.sim.take_events() {
            if let Event::Message(message) = &event {
                process.unwritten.extend(Change::of(message.data()));
                self.replayed += usize::from(message.is_replayed());
            }
            if let Some(position) =
                process.tracker.take(&event, BOT, || 0, |change| process.unwritten.push_back(change))
            {
                process.running.entry(position.route.channel).or_default().push_back(position);
            }
        }
    }

    fn handle_some(&mut self) {
        for (channel, running) in &mut self.process.running {
            let count = self.town.rng.usize(..=running.len());
            for position in running.drain(..count) {
                self.handled.entry(*channel).or_default().push(position.message);
                self.process.unwritten.push_back(Change::Handled(BOT, position));
            }
        }
    }

    fn write_some(&mut self) {
        let unwritten = &mut self.process.unwritten;
        let count = if self.is_late { self.town.rng.usize(..=unwritten.len()) } else { unwritten.len() };
        let changes: Vec<_> = unwritten.drain(..count).collect();
        self.store.apply(&changes).unwrap();
    }

    /// All that was taken is handled, and the store knows it.
    fn settle(&mut self) {
        self.take();
        while self.process.running.values().any(|running| !running.is_empty()) {
            self.handle_some();
        }
        self.write_some();
    }

    fn say(&mut self, channel: ChannelId, person: UserId) -> MessageId {
        let id = self.town.sim.act(|world, now| world.say(now, person, channel, "hi"));
        self.town.sim.run_for(SECOND);
        id
    }

    /// What the process is told of messages after its start, within a while.
    fn told(&mut self) -> Vec<(&'static str, MessageId)> {
        self.town.sim.run_for(MINUTE);
        let tell = |event| match event {
            Event::Message(message) => Some(("said", message.id())),
            Event::MessageUpdated(message) => Some(("edited", message.id())),
            Event::MessageDeleted(message) => Some(("removed", message.id())),
            _ => None,
        };
        self.town.sim.take_events().into_iter().filter_map(tell).collect()
    }

    /// Kills the process.
    fn kill(&mut self) {
        let process = std::mem::take(&mut self.process);
        let lost = |change| if let Change::Handled(_, position) = change { Some(position.message) } else { None };
        self.unknown.extend(process.unwritten.into_iter().filter_map(lost));
        let seed = self.town.rng.u64(..);
        self.town.sim.restart(self.town.config.clone(), seed);
    }

    fn start(&mut self) {
        let left_off =
            LeftOff::read(&mut self.store, BOT, &self.town.config.backfill).unwrap().expect("the store was used");
        self.town.sim.tell(|machine, _| machine.set_left_off(left_off));
        self.town.sim.tell(Machine::connect);
    }

    fn live(&mut self) {
        for _ in 0..KILLS {
            for _ in 0..self.town.rng.usize(1..80) {
                self.go_on();
                if self.town.rng.u8(..40) == 0 {
                    self.town.drop_somehow();
                }
            }
            self.kill();
            if self.town.rng.bool() {
                // nobody is there for a while
                (0..self.town.rng.usize(..50)).for_each(|_| self.go_on());
            }
            self.start();
        }
        self.town.sim.run_for(10 * MINUTE);
        self.settle();
    }

    fn count(&self) -> usize {
        self.said.values().map(Vec::len).sum()
    }
}

#[test]
fn a_process_that_is_killed_and_started_again_handles_each_message_once_and_in_order() {
    let mut life = Life::new(21, false);
    life.live();
    assert_eq!(life.handled, life.said);
    println!("{} messages, {KILLS} kills, {} replayed, none lost, none twice", life.count(), life.replayed);
    assert!(life.replayed > 0);
}

#[test]
fn a_store_that_loses_its_last_moments_has_those_handled_again_and_no_others() {
    let mut life = Life::new(22, true);
    life.live();
    let mut again = 0;
    for (channel, said) in &life.said {
        let mut first_times = Vec::new();
        for id in &life.handled[channel] {
            if first_times.last().is_some_and(|last| id <= last) {
                assert!(life.unknown.contains(id), "the store knew that {id} was handled");
                again += 1;
            } else {
                first_times.push(*id);
            }
        }
        assert_eq!(&first_times, said, "in {channel}");
    }
    println!("{} messages, {KILLS} kills, {} replayed, none lost, {again} twice", life.count(), life.replayed);
    assert!(again > 0);
}

#[test]
fn the_first_message_of_a_channel_is_given_again_if_it_was_not_handled_however_long_that_took() {
    let mut life = Life::new(23, false);
    let [(busy, alice), (new, bob)] = [life.town.channels[0], life.town.channels[1]];
    let slow = life.say(new, bob);
    life.take();
    for _ in 0..10 {
        life.town.sim.run_for(MINUTE);
        life.say(busy, alice);
        life.take();
        // the other one is still being handled
        let running = life.process.running.remove(&new);
        life.settle();
        life.process.running.extend(running.map(|running| (new, running)));
    }
    life.kill();
    life.start();
    assert_eq!(life.told(), [("said", slow)]);
}

#[test]
fn what_somebody_has_deleted_from_the_store_is_not_given_again() {
    let mut life = Life::new(24, false);
    let (channel, alice) = life.town.channels[0];
    let said: Vec<_> = (0..5).map(|_| life.say(channel, alice)).collect();
    life.settle();
    life.store.apply(&[Change::Remove(channel, said[1]), Change::Remove(channel, said[3])]).unwrap();
    life.kill();
    let missed = life.say(channel, alice);
    life.start();
    assert_eq!(life.told(), [("said", missed)]);
}

#[test]
fn what_was_edited_or_removed_while_nobody_was_there_is_told() {
    let mut life = Life::new(25, false);
    let (channel, alice) = life.town.channels[0];
    let said: Vec<_> = (0..4).map(|_| life.say(channel, alice)).collect();
    life.settle();
    life.kill();
    life.town.sim.act(|world, now| world.edit(now, alice, said[1], "second"));
    life.town.sim.act(|world, now| world.delete(now, alice, said[2]));
    let missed = life.say(channel, alice);
    life.start();
    assert_eq!(life.told(), [("edited", said[1]), ("removed", said[2]), ("said", missed)]);
}

#[test]
fn a_thread_that_was_heard_is_heard_again() {
    let mut life = Life::new(26, false);
    let (thread, alice) = life.town.channels[38];
    life.say(thread, alice);
    life.settle();
    life.kill();
    life.start();
    life.town.sim.run_for(MINUTE);
    let live = life.say(thread, alice);
    assert_eq!(life.told(), [("said", live)]);
}

#[test]
fn channels_that_are_too_many_to_be_remembered_are_not_given_again() {
    let mut life = Life::new(27, false);
    life.town.config.backfill.max_channels = 10;
    let channels = life.town.channels.clone();
    for (channel, person) in &channels {
        life.say(*channel, *person);
    }
    life.settle();
    life.kill();
    let missed = channels[..10].iter().map(|(channel, person)| ("said", life.say(*channel, *person)));
    let missed: Vec<_> = missed.collect();
    life.start();
    let mut told = life.told();
    told.sort_unstable();
    assert_eq!(told, missed);
}

#[test]
fn how_long_nobody_was_there_is_told() {
    let mut life = Life::new(28, false);
    life.say(life.town.channels[0].0, life.town.channels[0].1);
    life.settle();
    life.kill();
    life.town.sim.run_for(60 * MINUTE);
    life.start();
    life.town.sim.run_for(MINUTE);
    let ready = life.town.sim.take_events().into_iter().find_map(|event| match event {
        Event::Ready { resumed, gap } => Some((resumed, gap)),
        _ => None,
    });
    let (resumed, gap) = ready.unwrap();
    let gap = gap.unwrap();
    assert!(!resumed && gap >= 60 * MINUTE && gap < 63 * MINUTE, "{gap:?}");
}

#[test]
fn while_something_may_be_missed_the_store_is_not_told_that_everything_was_given() {
    let mut life = Life::new(29, false);
    let (channel, alice) = life.town.channels[0];
    let told_of = |life: &mut Life, event: Option<SimEvent>| {
        let process = &mut life.process;
        if let Some(event) = event {
            process.tracker.take(&event, BOT, || 0, |change| process.unwritten.push_back(change));
        }
        life.town.sim.run_for(2 * MINUTE);
        life.say(channel, alice);
        life.take();
        std::mem::take(&mut life.process.unwritten).iter().any(|change| matches!(change, Change::Seen(..)))
    };
    assert!(told_of(&mut life, None));
    assert!(!told_of(&mut life, Some(Event::Disconnected { cause: Cause::Replaced, will_retry_in: Some(SECOND) })));
    assert!(!told_of(&mut life, Some(Event::Ready { resumed: true, gap: Some(SECOND) })));
    assert!(told_of(&mut life, Some(Event::BackfillDone { report: Box::default() })));
}

#[test]
fn ids_and_bounds_at_their_ends_are_no_overflow() {
    let mut life = Life::new(30, false);
    let (channel, alice) = life.town.channels[0];
    for id in [i64::MIN, -1, i64::MAX] {
        let message = api::ChannelMessage { channel_id: channel.get(), message_id: id, ..Default::default() };
        let data = MessageData::parse(message.encode_to_vec().into(), BOT).unwrap();
        let event = SimEvent::Message(Message::new(data.into(), Collector::default()));
        let told = life.process.tracker.take(&event, BOT, || 0, |_| {});
        assert_eq!(told.unwrap().message.get(), id);
        let handled = Change::Handled(BOT, Position { message: id.into(), ..told.unwrap() });
        life.store.apply(&[handled, Change::Begun(BOT, u32::MAX)]).unwrap();
    }
    let bounds = BackfillPolicy { remembered: 0, max_channels: 0, ..BackfillPolicy::default() };
    let left_off = LeftOff::read(&mut life.store, BOT, &bounds).unwrap().unwrap();
    assert_eq!((left_off.floor.get(), left_off.streams.len()), (i64::MAX, 0));

    life.say(channel, alice);
    life.kill();
    life.start();
    assert!(life.told().is_empty(), "all of it lies before");
}
