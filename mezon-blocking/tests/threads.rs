//! What a client leaves behind: nothing. One test in a process of its own, as it counts threads by name.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)]

mod town;

use std::fs;

use mezon_blocking::{Client, Error, ErrorKind};
use town::{PATIENCE, Town, heard};

/// The threads of the client that the system knows of.
fn threads() -> Vec<String> {
    let tasks = fs::read_dir("/proc/self/task").unwrap();
    // one that ends meanwhile has no name any more
    let names = tasks.filter_map(|task| fs::read_to_string(task.unwrap().path().join("comm")).ok());
    let names = names.map(|name| name.trim().to_owned());
    names.filter(|name| name == "mezon" || name.starts_with("mezon-http") || name.starts_with("mezon-conn")).collect()
}

/// The system may still list a thread that has been waited for, for a moment.
fn no_threads() {
    let start = std::time::Instant::now();
    while !threads().is_empty() {
        assert!(start.elapsed() < PATIENCE, "{:?}", threads());
        std::thread::yield_now();
    }
}

/// Rows 26, 30.
#[test]
fn no_thread_is_left_behind_however_it_ends() {
    let town = Town::new();
    let client = Client::new(town.config()).unwrap();
    let events = client.events();
    assert!(threads().is_empty());
    client.connect().unwrap();
    assert!(threads().contains(&"mezon".to_owned()), "{:?}", threads());
    client.shutdown(PATIENCE);
    no_threads();

    client.connect().unwrap();
    client.close();
    client.shutdown(PATIENCE);
    no_threads();

    client.connect().unwrap();
    let channel = client.channel(town.general);
    drop(events);
    drop(client);
    no_threads();
    town.connections(0);
    assert_eq!(channel.send("anybody?").unwrap_err(), Error::unsent(ErrorKind::Closed));

    // events are enough to go on
    let client = town.login();
    let mut events = client.events();
    let channel = client.channel(town.general);
    drop(client);
    channel.send("still here").unwrap();
    town.sandbox.say(town.alice, town.general, "hello");
    assert_eq!(heard(&mut events), "hello");
    drop(events);
    no_threads();

    // a client that is still busy elsewhere
    let client = town.login();
    town.sandbox.with(|world, _| world.delay_http(PATIENCE));
    std::thread::scope(|scope| {
        let slow = scope.spawn(|| client.authenticate());
        while client.health().pending_calls == 0 {
            std::thread::yield_now();
        }
        client.close();
        slow.join().unwrap().unwrap_err();
    });
    drop(client);
    no_threads();
}
