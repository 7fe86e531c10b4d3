//! What is told by polling: when calls start and are cancelled, and when the driver ends.
#![allow(clippy::unwrap_used, clippy::wildcard_enum_match_arm)]

mod town;

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::Duration;

use mezon_tokio::{Client, Config, Error, ErrorKind, Event, Events, HealthStatus, Pending, State};
use town::{PATIENCE, Town, event, patiently, poll_once};

#[tokio::test]
async fn calls_start_in_the_order_of_their_first_poll() {
    let town = Town::new();
    let client = town.login().await;
    let channel = client.channel(town.general);
    patiently(channel.fetch()).await.unwrap();
    let (mut first, mut second) = (pin!(channel.send("made first")), pin!(channel.send("polled first")));
    assert!(poll_once(second.as_mut()).is_pending());
    assert!(poll_once(first.as_mut()).is_pending());
    let (first, second) = (patiently(first).await.unwrap(), patiently(second).await.unwrap());
    assert!(second.id() < first.id());
}

#[tokio::test]
async fn a_call_that_is_never_polled_is_never_made() {
    let town = Town::new();
    let client = town.login().await;
    drop(client.channel(town.general).send("unsaid"));
    let saying = client.channel(town.general).send("said");
    patiently(saying).await.unwrap();
    assert_eq!(town.sandbox.with(|world, _| world.counters().messages_from_clients), 1);
}

#[tokio::test]
async fn dropping_a_call_cancels_it() {
    let town = Town::new();
    town.sandbox.with(|world, _| world.swallow_acks(1));
    let mut config = town.config();
    config.max_pending = 1;
    let client = patiently(Client::login(config)).await.unwrap();
    let channel = client.channel(town.general);
    let mut unanswered = Box::pin(channel.send("nobody will ever know"));
    assert!(poll_once(unanswered.as_mut()).is_pending());
    town.sandbox.expect_message(town.general, "nobody will ever know", PATIENCE).await.unwrap();
    assert_eq!(client.health().await.pending_calls, 1);

    drop(unanswered);
    assert_eq!(client.health().await.pending_calls, 0);
    patiently(channel.send("and on it goes")).await.unwrap();
}

#[tokio::test]
async fn shutdown_lets_pending_calls_end_and_the_driver_with_them() {
    let town = Town::new();
    town.sandbox.with(|world, _| world.delay_acks(Duration::from_millis(50)));
    let (client, driver, mut events) = Client::with_driver(town.config()).unwrap();
    let driver = tokio::spawn(driver);
    patiently(client.connect()).await.unwrap();
    let channel = client.channel(town.general);
    let mut last = pin!(channel.send("one last thing"));
    assert!(poll_once(last.as_mut()).is_pending());

    patiently(client.shutdown(Duration::MAX)).await;
    patiently(driver).await.unwrap();
    patiently(last).await.unwrap();
    town.connections(0).await;
    event(&mut events, |event| matches!(event, Event::Disconnected { will_retry_in: None, .. })).await;
    assert!(events.next().await.is_none());

    patiently(client.shutdown(PATIENCE)).await;
    assert_eq!((client.state().await, client.health().await.status), (State::Closed, HealthStatus::Dead));
    assert_eq!(client.stats().await.ready, 1);
    let refused = patiently(channel.send("too late")).await.unwrap_err();
    assert_eq!(refused, Error::unsent(ErrorKind::Closed));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_call_ends_whenever_the_client_is_closed() {
    let town = Town::new();
    for round in 1..=20 {
        let client = town.login().await;
        let callers: Vec<_> = (0..16)
            .map(|_| {
                let channel = client.channel(town.general);
                tokio::spawn(async move {
                    loop {
                        if let Err(error) = channel.send("and again").await {
                            return error;
                        }
                    }
                })
            })
            .collect();
        let (says, count) = ("messages".to_owned(), 50 * round);
        town.sandbox.until(says, PATIENCE, move |world| world.counters().messages_from_clients >= count).await.unwrap();
        if round % 2 == 0 {
            client.close()
        } else {
            drop(client)
        };
        for caller in callers {
            assert_eq!(patiently(caller).await.unwrap().kind(), &ErrorKind::Closed);
        }
    }
}

/// Rows 26, 30.
#[tokio::test]
async fn the_driver_ends_when_client_and_events_are_dropped_whatever_handles_are_kept() {
    let town = Town::new();
    let (client, driver, events) = Client::with_driver(town.config()).unwrap();
    let driver = tokio::spawn(driver);
    patiently(client.connect()).await.unwrap();
    let channel = client.channel(town.general);

    drop(client);
    patiently(channel.send("events are enough")).await.unwrap();
    drop(events);
    patiently(driver).await.unwrap();
    town.connections(0).await;
    let refused = patiently(channel.send("anybody?")).await.unwrap_err();
    assert_eq!(refused, Error::unsent(ErrorKind::Closed));
}

#[tokio::test]
async fn a_driver_that_is_dropped_closes_its_client() {
    let town = Town::new();
    let (client, driver, mut events) = Client::with_driver(town.config()).unwrap();
    let mut waiting = pin!(client.list_clans());
    assert!(poll_once(waiting.as_mut()).is_pending());
    drop(driver);
    let refused = patiently(waiting).await.unwrap_err();
    assert_eq!(refused, Error::unsent(ErrorKind::Closed));
    assert!(patiently(events.next()).await.is_none());
    assert_eq!(client.state().await, State::Closed);
}

#[test]
fn a_runtime_that_ends_takes_the_driver_with_it() {
    let town = Town::new();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let client = runtime.block_on(town.login());
    drop(runtime);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let refused = runtime.block_on(client.channel(town.general).send("hello?")).unwrap_err();
    assert_eq!(refused.kind(), &ErrorKind::Closed);
}

/// Row 1.
#[test]
fn connecting_outside_of_a_runtime_is_refused() {
    let client = Client::new(Config::bot(17_i64, "key").unwrap().use_tls(false)).unwrap();
    let Poll::Ready(Err(error)) = poll_once(pin!(client.connect())) else { panic!("it should fail at once") };
    assert!(matches!(error.kind(), ErrorKind::Unsupported(_)), "{error:?}");
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
    is_send::<mezon_tokio::Driver>();
    is_unpin::<mezon_tokio::Driver>();
    is_send::<Pending<std::rc::Rc<()>>>();
    is_unpin::<Pending<std::marker::PhantomPinned>>();
}

/// Row 89.
#[tokio::test]
async fn events_are_a_stream() {
    use futures_core::Stream as _;
    let town = Town::new();
    let client = town.login().await;
    let mut events = client.events();
    let first = patiently(poll_fn(|cx| Pin::new(&mut events).poll_next(cx))).await;
    assert!(matches!(first, Some(Event::Connecting { .. })));
}
