//! What a client does for its user: log in, talk, be cancelled, end.
#![allow(clippy::unwrap_used, clippy::wildcard_enum_match_arm)]

mod town;

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use mezon_smol::{Client, Config, Error, ErrorKind, Event, Events, HealthStatus, Pending, Sent, State};
use town::{PATIENCE, Town, event, heard, patiently, start};

#[test]
fn it_answers_a_message_by_a_reply_and_edits_it() {
    smol::block_on(async {
        let town = Town::new();
        let (_client, mut events) = town.login().await;
        let ping = town.sandbox.say(town.alice, town.general, "*ping");

        let message = event(&mut events, |event| matches!(event, Event::Message(_))).await;
        let Event::Message(message) = message else { unreachable!() };
        assert_eq!((message.text().as_ref(), message.sender_id(), message.is_own()), ("*ping", town.alice, false));
        let reply = patiently(message.reply("pong")).await.unwrap();
        patiently(reply.edit("pong: 1 ms")).await.unwrap();
        patiently(message.channel().send("anything else?")).await.unwrap();

        let said = town.sandbox.expect_reply(ping, "pong", PATIENCE).await.unwrap();
        assert_eq!(said.message, reply.id());
        town.sandbox.expect_edit(reply.id(), "pong: 1 ms", PATIENCE).await.unwrap();
        town.sandbox.expect_message(town.general, "anything else?", PATIENCE).await.unwrap();
    });
}

#[test]
fn what_happened_before_somebody_listens_is_not_lost() {
    smol::block_on(async {
        let town = Town::new();
        let (client, events) = town.login().await;
        drop(events);
        town.sandbox.say(town.alice, town.general, "early");
        patiently(client.channel(town.general).send("now it has been read")).await.unwrap();

        let mut events = client.events();
        let first = patiently(events.next()).await.unwrap();
        assert!(matches!(first, Event::Connecting { attempt: 0 }), "{first:?}");
        assert_eq!(heard(&mut events).await, "early");
    });
}

#[test]
fn a_later_receiver_takes_over_and_gets_what_was_not_read() {
    smol::block_on(async {
        let town = Town::new();
        let (client, mut earlier) = town.login().await;
        event(&mut earlier, |event| matches!(event, Event::Connecting { .. })).await;

        let mut later = client.events();
        drop(earlier);
        event(&mut later, |event| matches!(event, Event::Connected)).await;
        let mut latest = client.events();
        town.sandbox.say(town.alice, town.general, "hello");
        assert_eq!(heard(&mut latest).await, "hello");
        while let Some(event) = patiently(later.next()).await {
            assert!(!matches!(event, Event::Message(_)));
        }
    });
}

/// Row 31.
#[test]
fn an_event_that_cannot_be_decoded_is_skipped_and_counted() {
    smol::block_on(async {
        let town = Town::new();
        let (_client, mut events) = town.login().await;
        // a typing event whose bytes are no message
        let typing = mezon_smol::EventKind::Typing.field();
        let tag = (typing << 3 | 2) as u8;
        town.sandbox
            .with(|world, _| assert!(world.send_bytes(town.bot, vec![tag | 0x80, (typing >> 4) as u8, 1, 0xff])));
        town.sandbox.say(town.alice, town.general, "after it");
        assert_eq!(heard(&mut events).await, "after it");
        assert_eq!(events.undecodable(), 1);
    });
}

#[test]
fn a_driver_that_waits_for_a_closed_client_ends_when_that_is_closed_again() {
    smol::block_on(async {
        let town = Town::new();
        let client = Client::new(town.config()).unwrap();
        client.close();
        let driver = smol::spawn(client.driver().unwrap());
        drop(client);
        patiently(driver).await;
    });
}

#[test]
fn connecting_twice_changes_nothing() {
    smol::block_on(async {
        let town = Town::new();
        let (client, _events) = town.login().await;
        let session = patiently(client.connect()).await.unwrap();
        assert_eq!(session.user_id(), town.bot);
        assert_eq!(town.sandbox.with(|world, _| world.counters().connects), 1);
    });
}

#[test]
fn calls_start_in_the_order_of_their_first_poll() {
    smol::block_on(async {
        let town = Town::new();
        let (client, _events) = town.login().await;
        let channel = client.channel(town.general);
        patiently(channel.fetch()).await.unwrap();
        let (mut first, mut second) = (pin!(channel.send("made first")), pin!(channel.send("polled first")));
        assert!(poll_once(second.as_mut()).is_pending());
        assert!(poll_once(first.as_mut()).is_pending());
        let (first, second) = (patiently(first).await.unwrap(), patiently(second).await.unwrap());
        assert!(second.id() < first.id());
    });
}

#[test]
fn a_call_that_is_never_polled_is_never_made() {
    smol::block_on(async {
        let town = Town::new();
        let (client, _events) = town.login().await;
        drop(client.channel(town.general).send("unsaid"));
        let saying = client.channel(town.general).send("said");
        patiently(saying).await.unwrap();
        assert_eq!(town.sandbox.with(|world, _| world.counters().messages_from_clients), 1);
    });
}

#[test]
fn dropping_a_call_cancels_it() {
    smol::block_on(async {
        let town = Town::new();
        town.sandbox.with(|world, _| world.swallow_acks(1));
        let mut config = town.config();
        config.max_pending = 1;
        let (client, _events) = start(config).await.unwrap();
        let channel = client.channel(town.general);
        let mut unanswered = Box::pin(channel.send("nobody will ever know"));
        assert!(poll_once(unanswered.as_mut()).is_pending());
        town.sandbox.expect_message(town.general, "nobody will ever know", PATIENCE).await.unwrap();
        assert_eq!(client.health().await.pending_calls, 1);

        drop(unanswered);
        assert_eq!(client.health().await.pending_calls, 0);
        patiently(channel.send("and on it goes")).await.unwrap();
    });
}

#[test]
fn more_calls_than_the_limit_fail_at_once_and_unsent() {
    smol::block_on(async {
        let town = Town::new();
        town.sandbox.with(|world, _| world.swallow_acks(1));
        let mut config = town.config();
        config.max_pending = 1;
        let (client, _events) = start(config).await.unwrap();
        let channel = client.channel(town.general);
        let mut unanswered = pin!(channel.send("one"));
        assert!(poll_once(unanswered.as_mut()).is_pending());
        let refused = patiently(channel.send("two")).await.unwrap_err();
        assert_eq!(refused, Error::unsent(ErrorKind::TooManyInFlight));
    });
}

#[test]
fn shutdown_lets_pending_calls_end_and_the_driver_with_them() {
    smol::block_on(async {
        let town = Town::new();
        town.sandbox.with(|world, _| world.delay_acks(Duration::from_millis(50)));
        let (client, driver, mut events) = Client::with_driver(town.config()).unwrap();
        let driver = smol::spawn(driver);
        patiently(client.connect()).await.unwrap();
        let channel = client.channel(town.general);
        let mut last = pin!(channel.send("one last thing"));
        assert!(poll_once(last.as_mut()).is_pending());

        patiently(client.shutdown(PATIENCE)).await;
        patiently(driver).await;
        patiently(last).await.unwrap();
        town.connections(0).await;
        event(&mut events, |event| matches!(event, Event::Disconnected { will_retry_in: None, .. })).await;
        assert!(events.next().await.is_none());

        patiently(client.shutdown(PATIENCE)).await;
        assert_eq!((client.state().await, client.health().await.status), (State::Closed, HealthStatus::Dead));
        assert_eq!(client.stats().await.ready, 1);
        let refused = patiently(channel.send("too late")).await.unwrap_err();
        assert_eq!(refused, Error::unsent(ErrorKind::Closed));
    });
}

#[test]
fn shutdown_does_not_wait_longer_than_it_was_told() {
    smol::block_on(async {
        let town = Town::new();
        town.sandbox.with(|world, _| world.swallow_acks(1));
        let (client, _events) = town.login().await;
        let channel = client.channel(town.general);
        let mut unanswered = pin!(channel.send("is anybody there?"));
        assert!(poll_once(unanswered.as_mut()).is_pending());
        town.sandbox.expect_message(town.general, "is anybody there?", PATIENCE).await.unwrap();

        patiently(client.shutdown(Duration::from_millis(10))).await;
        let error = patiently(unanswered).await.unwrap_err();
        assert_eq!((error.kind(), error.sent()), (&ErrorKind::Closed, Sent::Unknown));
    });
}

#[test]
fn a_closed_client_can_be_connected_again() {
    smol::block_on(async {
        let town = Town::new();
        let (client, _events) = town.login().await;
        client.close();
        town.connections(0).await;
        patiently(client.shutdown(PATIENCE)).await;
        let refused = patiently(client.connect()).await.unwrap_err();
        assert_eq!(refused, Error::unsent(ErrorKind::Closed));

        let driver = smol::spawn(client.driver().unwrap());
        assert!(client.driver().is_none());
        // it waits to be told
        smol::Timer::after(Duration::from_millis(20)).await;
        assert!(!driver.is_finished());
        driver.detach();
        patiently(client.connect()).await.unwrap();
        let mut events = client.events();
        town.sandbox.say(town.alice, town.general, "welcome back");
        assert_eq!(heard(&mut events).await, "welcome back");
    });
}

#[test]
fn the_driver_ends_when_client_and_events_are_dropped_whatever_handles_are_kept() {
    smol::block_on(async {
        let town = Town::new();
        let (client, driver, events) = Client::with_driver(town.config()).unwrap();
        let driver = smol::spawn(driver);
        patiently(client.connect()).await.unwrap();
        let channel = client.channel(town.general);

        drop(client);
        patiently(channel.send("events are enough")).await.unwrap();
        drop(events);
        patiently(driver).await;
        town.connections(0).await;
        let refused = patiently(channel.send("anybody?")).await.unwrap_err();
        assert_eq!(refused, Error::unsent(ErrorKind::Closed));
    });
}

#[test]
fn a_driver_that_is_dropped_closes_its_client() {
    smol::block_on(async {
        let town = Town::new();
        let (client, driver, mut events) = Client::with_driver(town.config()).unwrap();
        let mut waiting = pin!(client.list_clans());
        assert!(poll_once(waiting.as_mut()).is_pending());
        drop(driver);
        let refused = patiently(waiting).await.unwrap_err();
        assert_eq!(refused, Error::unsent(ErrorKind::Closed));
        assert!(patiently(events.next()).await.is_none());
        assert_eq!(client.state().await, State::Closed);
    });
}

#[test]
fn without_a_driver_nothing_hangs() {
    smol::block_on(async {
        let town = Town::new();
        let client = Client::new(town.config()).unwrap();
        let refused = patiently(client.channel(town.general).send("hello?")).await.unwrap_err();
        assert_eq!(refused, Error::unsent(ErrorKind::NotConnected));
        assert_eq!(client.health().await.status, HealthStatus::Dead);
        assert!(client.session().await.is_none());
    });
}

#[test]
fn a_script_that_only_sends_needs_no_connection() {
    smol::block_on(async {
        let town = Town::new();
        let client = Client::new(town.config()).unwrap();
        smol::spawn(client.driver().unwrap()).detach();
        let clans = patiently(client.list_clans()).await.unwrap();
        assert_eq!(clans.len(), 1);
        patiently(client.channel(town.general).send("by HTTP")).await.unwrap();
        assert_eq!(town.sandbox.with(|world, _| world.counters().connects), 0);
    });
}

/// Row 14.
#[test]
fn a_refused_login_says_so() {
    smol::block_on(async {
        let town = Town::new();
        let config = Config::bot(town.bot, "wrong").unwrap().host("127.0.0.1").port(town.sandbox.port()).use_tls(false);
        let error = start(config).await.unwrap_err();
        assert!(error.requires_login(), "{error:?}");
    });
}

#[test]
fn a_server_that_is_not_there_says_so() {
    smol::block_on(async {
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let config = Config::bot(17_i64, "key").unwrap().host("127.0.0.1").port(port).use_tls(false);
        let error = start(config).await.unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::ConnectFailed(_)), "{error:?}");
    });
}

#[test]
fn what_cannot_work_is_refused_before_any_io() {
    let config = Config::bot(17_i64, "").unwrap();
    assert!(matches!(Client::new(config).unwrap_err().kind(), ErrorKind::Config(_)));
}

#[test]
fn the_public_types_can_be_used_from_any_thread() {
    fn is_send<T: Send>() {}
    fn is_sync<T: Sync>() {}
    fn is_unpin<T: Unpin>() {}
    is_send::<Client>();
    is_sync::<Client>();
    is_send::<Events>();
    is_unpin::<Events>();
    is_send::<Event>();
    is_send::<mezon_smol::Driver>();
    is_unpin::<mezon_smol::Driver>();
    is_send::<Pending<std::rc::Rc<()>>>();
    is_unpin::<Pending<std::marker::PhantomPinned>>();
}

#[test]
fn events_are_a_stream() {
    smol::block_on(async {
        use futures_core::Stream as _;
        let town = Town::new();
        let (_client, mut events) = town.login().await;
        let first = patiently(poll_fn(|cx| Pin::new(&mut events).poll_next(cx))).await;
        assert!(matches!(first, Some(Event::Connecting { .. })));
    });
}

fn poll_once<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}
