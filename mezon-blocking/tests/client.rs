//! Calls from many threads, and waiting for events.
#![allow(clippy::unwrap_used, clippy::wildcard_enum_match_arm)]

mod town;

use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::Duration;

use mezon_blocking::protocol::route::RouteStore;
use mezon_blocking::{Channel, ChannelId, Client, ErrorKind, Event, Events, NoEvent, Route};
use town::{PATIENCE, Town, event, heard};

#[test]
fn many_threads_call_at_the_same_time_and_each_gets_its_own_answer() {
    let town = Town::new();
    town.sandbox.with(|world, _| world.delay_acks(Duration::from_millis(20)));
    let client = town.login();
    let threads: Vec<_> = (0..16)
        .map(|_| {
            let channel = client.channel(town.general);
            thread::spawn(move || channel.send("hello").unwrap().id())
        })
        .collect();
    let mut ids: Vec<_> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 16);
}

#[test]
fn nothing_yet_and_nothing_any_more_are_told_apart() {
    let town = Town::new();
    let client = town.login();
    let mut events = client.events();
    event(&mut events, |event| matches!(event, Event::Ready { .. }));
    assert_eq!(events.next_timeout(Duration::ZERO).unwrap_err(), NoEvent::Timeout);
    assert_eq!(events.next_timeout(Duration::from_millis(10)).unwrap_err(), NoEvent::Timeout);
    town.sandbox.say(town.alice, town.general, "now");
    assert_eq!(heard(&mut events), "now");
    client.close();
    event(&mut events, |event| matches!(event, Event::Disconnected { .. }));
    assert_eq!(events.next_timeout(PATIENCE).unwrap_err(), NoEvent::Ended);
    assert!(events.next_timeout(Duration::MAX).is_err());
}

/// A store that calls where it must not, once it has been given a channel.
struct Caller {
    channel: Arc<Mutex<Option<Channel>>>,
    refused: mpsc::Sender<ErrorKind>,
}

impl RouteStore for Caller {
    fn get(&mut self, _: ChannelId) -> Option<Route> {
        if let Some(channel) = self.channel.lock().unwrap().take() {
            self.refused.send(channel.typing().unwrap_err().kind().clone()).unwrap();
        }
        None
    }

    fn put(&mut self, _: Route) {}

    fn remove(&mut self, _: ChannelId) {}
}

#[test]
fn a_call_on_the_drivers_own_thread_is_refused() {
    let town = Town::new();
    let (refused, kinds) = mpsc::channel();
    let channel = Arc::new(Mutex::new(None));
    let store = Caller { channel: Arc::clone(&channel), refused };
    let client = Client::builder(town.config()).routes(store).build().unwrap();
    client.connect().unwrap();
    *channel.lock().unwrap() = Some(client.channel(town.general));
    client.channel(town.general).send("looked up").unwrap();
    assert!(matches!(kinds.recv_timeout(PATIENCE).unwrap(), ErrorKind::Unsupported(_)));
}

#[test]
fn the_public_types_can_be_used_from_any_thread() {
    fn is_send<T: Send>() {}
    fn is_sync<T: Sync>() {}
    is_send::<Client>();
    is_sync::<Client>();
    is_send::<Events>();
    is_send::<Event>();
}
