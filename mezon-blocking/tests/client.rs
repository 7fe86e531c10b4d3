//! What a client does for its user: log in, talk, be called from many threads, end.
#![allow(clippy::unwrap_used, clippy::wildcard_enum_match_arm)]

mod town;

use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::Duration;

use mezon_blocking::protocol::route::RouteStore;
use mezon_blocking::{
    Channel, ChannelId, Client, Config, Error, ErrorKind, Event, EventKind, Events, HealthStatus, NoEvent, Route, Sent,
    State,
};
use town::{PATIENCE, Town, event, heard};

#[test]
fn it_answers_a_message_by_a_reply_and_edits_it() {
    let town = Town::new();
    let client = town.login();
    let ping = town.sandbox.say(town.alice, town.general, "*ping");

    let message = client.events().try_for_each(|event| match event {
        Event::Message(message) => ControlFlow::Break(message),
        _ => ControlFlow::Continue(()),
    });
    let message = message.break_value().unwrap();
    assert_eq!((message.text().as_ref(), message.sender_id(), message.is_own()), ("*ping", town.alice, false));
    let reply = message.reply("pong").unwrap();
    reply.edit("pong: 1 ms").unwrap();
    message.channel().send("anything else?").unwrap();

    let said = town.sandbox.expect_reply(ping, "pong", PATIENCE).wait().unwrap();
    assert_eq!(said.message, reply.id());
    town.sandbox.expect_edit(reply.id(), "pong: 1 ms", PATIENCE).wait().unwrap();
    town.sandbox.expect_message(town.general, "anything else?", PATIENCE).wait().unwrap();
}

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
fn more_calls_than_the_limit_fail_at_once_and_unsent() {
    let town = Town::new();
    town.sandbox.with(|world, _| world.swallow_acks(1));
    let mut config = town.config();
    config.max_pending = 1;
    let client = Client::login(config).unwrap();
    let channel = client.channel(town.general);
    let other = channel.clone();
    let unanswered = thread::spawn(move || other.send("one"));
    town.sandbox.expect_message(town.general, "one", PATIENCE).wait().unwrap();
    let refused = channel.send("two").unwrap_err();
    assert_eq!(refused, Error::unsent(ErrorKind::TooManyInFlight));
    client.close();
    let error = unanswered.join().unwrap().unwrap_err();
    assert_eq!((error.kind(), error.sent()), (&ErrorKind::Closed, Sent::Unknown));
}

#[test]
fn what_happened_before_somebody_listens_is_not_lost() {
    let town = Town::new();
    let client = town.login();
    town.sandbox.say(town.alice, town.general, "early");
    client.channel(town.general).send("now it has been read").unwrap();

    let mut events = client.events();
    let first = events.next().unwrap();
    assert!(matches!(first, Event::Connecting { attempt: 0 }), "{first:?}");
    assert_eq!(heard(&mut events), "early");
}

#[test]
fn a_later_receiver_takes_over_and_gets_what_was_not_read() {
    let town = Town::new();
    let client = town.login();
    let mut earlier = client.events();
    event(&mut earlier, |event| matches!(event, Event::Connecting { .. }));

    let mut later = client.events();
    drop(earlier);
    event(&mut later, |event| matches!(event, Event::Connected));
    while later.next_timeout(Duration::from_millis(10)).is_ok() {}
    let waiting = thread::spawn(move || later.next().is_none());
    let mut latest = client.events();
    assert!(waiting.join().unwrap());
    town.sandbox.say(town.alice, town.general, "hello");
    assert_eq!(heard(&mut latest), "hello");
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

/// Row 31.
#[test]
fn an_event_that_cannot_be_decoded_is_skipped_and_counted() {
    let town = Town::new();
    let client = town.login();
    let mut events = client.events();
    // a typing event whose bytes are no message
    let typing = EventKind::Typing.field();
    let tag = (typing << 3 | 2) as u8;
    town.sandbox.with(|world, _| assert!(world.send_bytes(town.bot, vec![tag | 0x80, (typing >> 4) as u8, 1, 0xff])));
    town.sandbox.say(town.alice, town.general, "after it");
    assert_eq!(heard(&mut events), "after it");
    assert_eq!(events.undecodable(), 1);
}

#[test]
fn connecting_twice_changes_nothing() {
    let town = Town::new();
    let client = town.login();
    assert_eq!(client.connect().unwrap().user_id(), town.bot);
    assert_eq!(town.sandbox.with(|world, _| world.counters().connects), 1);
}

#[test]
fn shutdown_lets_the_calls_of_other_threads_end() {
    let town = Town::new();
    town.sandbox.with(|world, _| world.delay_acks(Duration::from_millis(50)));
    let client = town.login();
    let mut events = client.events();
    let channel = client.channel(town.general);
    let other = channel.clone();
    let last = thread::spawn(move || other.send("one last thing"));
    town.sandbox.expect_message(town.general, "one last thing", PATIENCE).wait().unwrap();

    client.shutdown(PATIENCE);
    last.join().unwrap().unwrap();
    town.connections(0);
    event(&mut events, |event| matches!(event, Event::Disconnected { will_retry_in: None, .. }));
    assert!(events.next().is_none());

    client.shutdown(PATIENCE);
    assert_eq!((client.state(), client.health().status), (State::Closed, HealthStatus::Dead));
    assert_eq!(client.stats().ready, 1);
    assert_eq!(channel.send("too late").unwrap_err(), Error::unsent(ErrorKind::Closed));
}

#[test]
fn shutdown_does_not_wait_longer_than_it_was_told() {
    let town = Town::new();
    town.sandbox.with(|world, _| world.swallow_acks(1));
    let client = town.login();
    let channel = client.channel(town.general);
    let unanswered = thread::spawn(move || channel.send("is anybody there?"));
    town.sandbox.expect_message(town.general, "is anybody there?", PATIENCE).wait().unwrap();
    client.shutdown(Duration::from_millis(10));
    let error = unanswered.join().unwrap().unwrap_err();
    assert_eq!((error.kind(), error.sent()), (&ErrorKind::Closed, Sent::Unknown));
}

#[test]
fn a_closed_client_can_be_connected_again() {
    let town = Town::new();
    let client = town.login();
    client.close();
    town.connections(0);
    client.shutdown(PATIENCE);
    client.connect().unwrap();
    let mut events = client.events();
    town.sandbox.say(town.alice, town.general, "welcome back");
    assert_eq!(heard(&mut events), "welcome back");
}

#[test]
fn without_a_driver_nothing_hangs() {
    let town = Town::new();
    let client = Client::new(town.config()).unwrap();
    let refused = client.channel(town.general).send("hello?").unwrap_err();
    assert_eq!(refused, Error::unsent(ErrorKind::NotConnected));
    assert_eq!(client.health().status, HealthStatus::Dead);
    assert!(client.session().is_none());
    assert_eq!(client.events().next_timeout(Duration::ZERO).unwrap_err(), NoEvent::Timeout);
}

#[test]
fn a_script_that_only_sends_needs_no_connection() {
    let town = Town::new();
    let client = Client::new(town.config()).unwrap();
    client.start().unwrap();
    assert_eq!(client.list_clans().unwrap().len(), 1);
    client.channel(town.general).send("by HTTP").unwrap();
    assert_eq!(town.sandbox.with(|world, _| world.counters().connects), 0);
}

/// Row 14.
#[test]
fn a_refused_login_says_so() {
    let town = Town::new();
    let config = Config::bot(town.bot, "wrong").unwrap().host("127.0.0.1").port(town.sandbox.port()).use_tls(false);
    let error = Client::login(config).unwrap_err();
    assert!(error.requires_login(), "{error:?}");
}

#[test]
fn a_server_that_is_not_there_says_so() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let config = Config::bot(17_i64, "key").unwrap().host("127.0.0.1").port(port).use_tls(false);
    let error = Client::login(config).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::ConnectFailed(_)), "{error:?}");
}

#[test]
fn what_cannot_work_is_refused_before_any_io() {
    let config = Config::bot(17_i64, "").unwrap();
    assert!(matches!(Client::new(config).unwrap_err().kind(), ErrorKind::Config(_)));
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
