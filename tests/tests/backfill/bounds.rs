//! What is fetched, what is told, and what stays within bounds.

use mezon_protocol::machine::{BackfillPolicy, BeyondReason, Machine, Rate, State};
use mezon_protocol::object::History;
use mezon_protocol::{Config, Event, MessageId, UserId};
use mezon_tests::sim::Sim;

use crate::town::{MINUTE, SECOND, Town};

/// The connection of the bot ends, this happens, and it is back.
fn while_away(town: &mut Town, act: impl FnOnce(&mut Town)) {
    let bot = town.sim.bot_id;
    let before = town.sim.machine.stats().ready;
    town.sim.act(|world, now| world.abort(now, bot));
    act(town);
    town.await_ready(before);
}

/// What came of messages, in order.
fn told(sim: &mut Sim) -> Vec<(&'static str, MessageId, bool)> {
    let tell = |event: Event<_>| match event {
        Event::Message(message) => Some(("said", message.id(), message.is_replayed())),
        Event::MessageUpdated(message) => Some(("edited", message.id(), message.is_replayed())),
        Event::MessageDeleted(message) => Some(("removed", message.id(), message.is_replayed())),
        _ => None,
    };
    sim.take_events().into_iter().filter_map(tell).collect()
}

#[test]
fn what_was_edited_or_removed_meanwhile_is_told_and_remembered() {
    let mut town = Town::new(1, |config| config);
    let (channel, alice) = town.channels[0];
    let say = |sim: &mut Sim| sim.act(|world, now| world.say(now, alice, channel, "first"));
    let (edited, removed) = (say(&mut town.sim), say(&mut town.sim));
    town.sim.run_for(2 * SECOND);
    town.sim.take_events();
    let mut said = MessageId::NONE;
    while_away(&mut town, |town| {
        town.sim.act(|world, now| world.edit(now, alice, edited, "second"));
        town.sim.act(|world, now| world.delete(now, alice, removed));
        said = say(&mut town.sim);
    });
    town.sim.run_for(SECOND);
    // the message at which the page begins cannot be judged by it: it is the one before those
    let told = told(&mut town.sim);
    assert_eq!(told, [("removed", removed, true), ("said", said, true)]);

    let mut newer = MessageId::NONE;
    town.sim.run_for(2 * SECOND);
    while_away(&mut town, |town| {
        town.sim.act(|world, now| world.edit(now, alice, said, "second"));
        newer = say(&mut town.sim);
    });
    town.sim.run_for(SECOND);
    assert_eq!(self::told(&mut town.sim), [("edited", said, true), ("said", newer, true)]);
    let messages = town.sim.bot.channel(channel).messages();
    assert_eq!(messages.get(said).unwrap().text(), "second");
    assert!(messages.get(newer).is_some() && messages.get(removed).is_none());
}

#[test]
fn a_conversation_that_began_meanwhile_is_not_missed() {
    let mut town = Town::new(2, |config| config);
    let bot = town.sim.bot_id;
    let mut said = MessageId::NONE;
    while_away(&mut town, |town| {
        said = town.sim.act(|world, now| {
            let grace = world.add_user(now, mezon_sandbox::NewUser::person("grace"));
            world.dm(now, grace, bot, "hello?")
        });
        town.sim.run_for(SECOND / 2);
    });
    town.sim.run_for(5 * SECOND);
    assert_eq!(told(&mut town.sim), [("said", said, true)]);
}

#[test]
fn a_topic_that_was_heard_is_caught_up_with() {
    let mut town = Town::new(3, |config| config);
    let (channel, alice) = town.channels[0];
    let topic = town.sim.act(|world, now| {
        let root = world.say(now, alice, channel, "let us talk");
        let topic = world.open_topic(now, alice, root);
        world.say_in_topic(now, alice, topic, "first");
        topic
    });
    town.sim.run_for(SECOND);
    town.sim.take_events();
    let mut said = Vec::new();
    while_away(&mut town, |town| {
        let say = |world: &mut mezon_sandbox::World, now| world.say_in_topic(now, alice, topic, "more");
        said.extend([town.sim.act(say), town.sim.act(say)]);
    });
    town.sim.run_for(SECOND);
    assert_eq!(told(&mut town.sim), said.into_iter().map(|id| ("said", id, true)).collect::<Vec<_>>());
}

#[test]
fn own_messages_of_the_gap_are_marked_as_own() {
    let mut town = Town::new(4, |config| config);
    let (channel, _) = town.channels[0];
    let bot = town.sim.bot_id;
    while_away(&mut town, |town| {
        town.sim.act(|world, now| world.say(now, bot, channel, "from another place"));
    });
    town.sim.run_for(SECOND);
    let events = town.sim.take_events();
    let own = events.iter().find_map(|event| if let Event::Message(message) = event { Some(message) } else { None });
    assert!(own.is_some_and(|message| message.is_own() && message.is_replayed()));
}

#[test]
fn what_is_beyond_the_bound_is_told_with_its_channel_and_its_place() {
    let policy = BackfillPolicy { per_channel: 100, ..BackfillPolicy::default() };
    let mut town = Town::new(5, |config| config.backfill(policy));
    let (channel, alice) = town.channels[0];
    town.sim.act(|world, now| world.say(now, alice, channel, "heard"));
    town.sim.run_for(SECOND);
    town.sim.take_events();
    let mut said = Vec::new();
    while_away(&mut town, |town| {
        said.extend((0..250).map(|_| town.sim.act(|world, now| world.say(now, alice, channel, "hi"))));
    });
    let live = town.sim.act(|world, now| world.say(now, alice, channel, "live"));
    town.sim.run_for(SECOND);
    let events = town.sim.take_events();
    let report = events.iter().find_map(|event| match event {
        Event::BackfillDone { report } => Some(report),
        _ => None,
    });
    let report = report.unwrap();
    let [beyond] = report.beyond[..] else { panic!("{report:?}") };
    assert_eq!(
        (report.channels, report.messages, beyond.channel, beyond.reason),
        (1, 100, channel, BeyondReason::Limit)
    );
    assert!(beyond.after == said[99] && beyond.until >= said[249], "{beyond:?}");
    let last = events.iter().rev().find_map(|event| match event {
        Event::Message(message) => Some(message.id()),
        _ => None,
    });
    assert_eq!(last, Some(live));
}

/// Calls go first, as the backfill has half of the rate at most.
#[test]
fn it_keeps_to_the_rates_and_leaves_room_for_calls() {
    let limited = |mut config: Config| {
        config.socket_rates = vec![Rate::new(10, SECOND)];
        config
    };
    let mut town = Town::new(6, limited);
    town.talk(500, 10 * SECOND);
    while_away(&mut town, |town| town.talk(600, SECOND));
    let requests = |sim: &Sim| sim.machine.stats().requests;
    let (start, before) = (town.sim.now().elapsed, requests(&town.sim));
    let (channel, _) = town.channels[0];
    town.sim.run_for(SECOND);
    let call = town.sim.bot.channel(channel).history(History::Newest, 10);
    let asked_at = town.sim.now().elapsed;
    town.sim.finish(call).unwrap();
    assert!(town.sim.now().elapsed - asked_at < SECOND, "a call does not wait for the whole");
    town.await_done();
    let seconds = (town.sim.now().elapsed - start).as_secs();
    let count = requests(&town.sim) - before;
    assert!(count > 30 && count <= 6 * (seconds + 1), "{count} in {seconds} s");
}

#[test]
fn nothing_is_asked_for_while_events_are_not_taken() {
    let mut town = Town::new(7, |mut config| {
        config.inbox.pause_at_events = 60;
        config
    });
    town.talk(500, SECOND);
    town.sim.run_for(SECOND);
    town.check();
    let mut before = 0;
    while_away(&mut town, |town| {
        town.talk(1000, SECOND / 100);
        town.sim.takes_events = false;
        before = town.sim.machine.stats().requests;
    });
    town.sim.run_for(5 * SECOND);
    let waiting = town.sim.machine.waiting_events();
    assert!((60..200).contains(&waiting), "{waiting} events wait");
    town.sim.takes_events = true;
    town.sim.run_for(SECOND);
    town.check();
    assert_eq!(town.missing(), 0);
}

#[test]
fn a_shutdown_or_a_close_in_the_middle_ends_at_once() {
    for shuts_down in [true, false] {
        let mut town = Town::new(8, |config| config);
        town.talk(500, SECOND);
        while_away(&mut town, |town| town.talk(1000, SECOND / 100));
        town.sim.tell(|machine, now| if shuts_down { machine.shutdown(now, MINUTE) } else { machine.close(now) });
        assert_eq!(town.sim.machine.state(), State::Closed);
        assert_eq!(town.sim.machine.health(town.sim.now()).pending_calls, 0);
        let pending = town.sim.machine.poll_timeout();
        assert_eq!(pending, None);
    }
}

#[test]
fn after_a_close_what_was_said_before_the_next_connect_is_not_missed() {
    let mut town = Town::new(9, |config| config);
    let (channel, alice): (_, UserId) = town.channels[0];
    town.sim.act(|world, now| world.say(now, alice, channel, "heard"));
    town.sim.run_for(SECOND);
    town.sim.tell(Machine::close);
    town.sim.act(|world, now| world.say(now, alice, channel, "nobody listens"));
    town.sim.connect();
    town.sim.take_events();
    let mut said = MessageId::NONE;
    while_away(&mut town, |town| said = town.sim.act(|world, now| world.say(now, alice, channel, "missed")));
    town.sim.run_for(SECOND);
    assert_eq!(told(&mut town.sim).last(), Some(&("said", said, true)));
}
