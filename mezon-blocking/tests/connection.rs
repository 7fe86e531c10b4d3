//! The connection under a client: lost and found again while nobody looks, and slow exchanges beside it.
#![allow(clippy::unwrap_used, clippy::wildcard_enum_match_arm)]

mod town;

use std::thread;
use std::time::{Duration, Instant};

use mezon_blocking::{Client, Event};
use town::{PATIENCE, Town, event, heard};

#[test]
fn a_dropped_connection_is_replaced_while_the_script_does_nothing() {
    let town = Town::new();
    let client = town.login();
    for abort in [true, false] {
        let before = town.sandbox.with(|world, _| world.counters().connects);
        if abort {
            town.sandbox.abort(town.bot)
        } else {
            town.sandbox.drop_connection(town.bot, 1001)
        };
        // this thread calls nothing of the client meanwhile
        let again = town.sandbox.until("another connection", PATIENCE, move |world| world.counters().connects > before);
        again.wait().unwrap();
        client.connect().unwrap();
        client.channel(town.general).send("still here").unwrap();
    }
    assert_eq!(client.health().reconnects, 2);
    let mut events = client.events();
    for _ in 0..2 {
        event(&mut events, |event| matches!(event, Event::Disconnected { will_retry_in: Some(_), .. }));
        event(&mut events, |event| matches!(event, Event::Ready { resumed: true, .. }));
    }
    town.sandbox.say(town.alice, town.general, "still there?");
    assert_eq!(heard(&mut events), "still there?");
}

#[test]
fn events_and_calls_over_the_socket_do_not_wait_for_a_slow_http_exchange() {
    let town = Town::new();
    let client = Client::login(town.config().timeout(PATIENCE * 6)).unwrap();
    let mut events = client.events();
    town.sandbox.with(|world, _| world.delay_http(PATIENCE * 3));
    // more than there are threads for
    let slow: Vec<_> = (0..6)
        .map(|_| {
            let client = client.clone();
            thread::spawn(move || client.authenticate())
        })
        .collect();
    let pending = || client.health().pending_calls;
    let start = Instant::now();
    while pending() < slow.len() {
        assert!(start.elapsed() < PATIENCE, "they are begun");
        thread::yield_now();
    }
    town.sandbox.say(town.alice, town.general, "quick");
    assert_eq!(heard(&mut events), "quick");
    client.channel(town.general).send("quick, too").unwrap();
    assert!(start.elapsed() < PATIENCE);
    assert_eq!(pending(), slow.len());

    // and closing cuts them
    client.close();
    for slow in slow {
        slow.join().unwrap().unwrap_err();
    }
    client.shutdown(PATIENCE);
    assert!(start.elapsed() < PATIENCE * 2);
}

#[test]
fn an_http_exchange_that_has_taken_too_long_leaves_its_thread_to_the_next() {
    let town = Town::new();
    let mut config = town.config().timeout(Duration::from_secs(1));
    config.retry_login = true;
    let client = Client::login(config).unwrap();
    town.sandbox.with(|world, _| world.delay_http(PATIENCE * 3));
    let start = Instant::now();
    for _ in 0..6 {
        client.authenticate().unwrap_err();
    }
    town.sandbox.with(|world, _| world.delay_http(Duration::ZERO));
    // one that is in time may be too late for a slow machine
    while client.authenticate().is_err() {
        assert!(start.elapsed() < PATIENCE * 2);
    }
}
