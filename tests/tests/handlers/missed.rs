//! What was missed while the connection was away reaches the handlers.

use std::collections::{BTreeMap, VecDeque};
use std::time::Instant;

use mezon_protocol::machine::HeartbeatPolicy;
use mezon_protocol::{ChannelId, MessageId};

use crate::adapters::Adapter;
use crate::town::{SOON, Town, reports};

/// How much is said, and how often the connection drops meanwhile.
const MESSAGES: usize = 10_000;
const DROPS: usize = 40;

/// C1.
pub fn ten_thousand_messages_with_drops_between_arrive_once_and_in_order<R: Adapter>() {
    let town = Town::<R>::with(|config| {
        config.heartbeat = HeartbeatPolicy { interval: SOON / 50, timeout: SOON / 50 };
        config.backoff.cap = SOON / 200;
        config.retry_login = true;
    });
    let (tell, heard) = reports();
    town.client.on_message(move |message| tell.send((message.channel_id(), message.id(), message.is_replayed())));
    let (ready, is_ready) = reports();
    town.client.on_ready(move |_| ready.send(()));
    let running = town.run();
    is_ready.next();
    let start = Instant::now();
    let (mut expected, mut replayed) = (BTreeMap::<ChannelId, VecDeque<MessageId>>::new(), 0);
    let mut check = |expected: &mut BTreeMap<ChannelId, VecDeque<MessageId>>, (channel, id, is_replayed)| {
        let next = expected.get_mut(&channel).and_then(VecDeque::pop_front);
        assert_eq!(next, Some(id), "in {channel}, replayed: {is_replayed}");
        replayed += usize::from(is_replayed);
    };
    let mut rng = fastrand::Rng::with_seed(11);
    for part in 0..DROPS {
        for _ in 0..MESSAGES / DROPS {
            let channel = town.channels[rng.usize(..town.channels.len())];
            let id = town.sandbox.say(town.alice, channel, "hi");
            expected.entry(channel).or_default().push_back(id);
        }
        // so that some come live, and the bounds of the backfill are not reached
        let at_most = if part % 3 == 0 { 0 } else { 500 };
        while expected.values().map(VecDeque::len).sum::<usize>() > at_most {
            check(&mut expected, heard.next());
        }
        match part % 4 {
            0 => town.sandbox.drop_connection(town.bot, 1001),
            // some go unnoticed for a while
            1 if part < 8 => town.sandbox.half_open(town.bot),
            _ => town.sandbox.abort(town.bot),
        };
    }
    while expected.values().any(|left| !left.is_empty()) {
        check(&mut expected, heard.next());
    }
    println!("{MESSAGES} messages, {DROPS} drops, {replayed} replayed, in {:?}", start.elapsed());
    assert!(replayed > 0);
    town.end(running);
}

/// C1.
pub fn replayed_messages_can_be_passed_over_and_the_end_is_told<R: Adapter>() {
    for wanted in [true, false] {
        let town = Town::<R>::new();
        let (tell, told) = reports();
        let done = tell.clone();
        // an order of its own: handlers of a connection's life and those of a channel do not wait for each other
        let (gone, is_gone) = reports();
        town.client.on_message(move |message| tell.send(format!("{} {}", message.text(), message.is_replayed())));
        town.client.on_backfill_done(move |report| done.send(format!("done: {}", report.messages)));
        town.client.on_disconnected(move |_| gone.send(()));
        town.client.handle_replayed(wanted);
        let (ready, is_ready) = reports();
        town.client.on_ready(move |_| ready.send(()));
        let running = town.run();
        is_ready.next();
        town.say("live");
        assert_eq!(told.next(), "live false");
        // in one moment, so that the bot cannot be back in between
        town.sandbox.with(|world, now| {
            world.abort(now, town.bot);
            world.say(now, town.alice, town.general, "missed");
        });
        is_gone.next();
        let mut rest = if wanted { told.take(2) } else { vec![told.next()] };
        rest.sort();
        assert_eq!(rest, if wanted { vec!["done: 1", "missed true"] } else { vec!["done: 1"] });
        town.say("live again");
        assert_eq!(told.next(), "live again false");
        town.client.close();
        running.end().unwrap();
    }
}
