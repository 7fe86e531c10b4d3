//! A client that is connected anew while its last connection is still ending. On one thread, so that it is told all of it
//! before it does any.
#![allow(clippy::unwrap_used)]

mod town;

use std::pin::pin;
use std::sync::mpsc::channel;
use std::time::Duration;

use mezon_protocol::event::Cause;
use mezon_protocol::store::MemoryStore;
use mezon_tokio::{Client, ErrorKind, Event, LightClient, LightSocket, SocketConnectOptions};
use town::{PATIENCE, Town, patiently, poll_once};

/// It waited for the end of the new connection.
#[tokio::test]
async fn a_shutdown_is_over_although_somebody_connects_at_once() {
    let town = Town::new();
    let client = town.login().await;
    let ended = client.shutdown(PATIENCE);
    patiently(client.connect()).await.unwrap();
    patiently(ended).await;
    patiently(client.channel(town.general).send("here again")).await.unwrap();
    patiently(client.shutdown(PATIENCE)).await;
    town.connections(0).await;
}

/// It was sent by the next driver only.
#[tokio::test]
async fn what_was_queued_once_is_sent_when_a_closed_client_is_connected_at_once() {
    let town = Town::new();
    let client = Client::builder(town.config()).store(MemoryStore::new()).build().unwrap();
    patiently(client.connect()).await.unwrap();
    town.sandbox.with(|world, _| world.swallow_acks(1));
    let mut sending = pin!(client.channel(town.general).queue_once("a key", "once"));
    assert!(poll_once(sending.as_mut()).is_pending());
    town.sandbox.expect_message(town.general, "once", PATIENCE).await.unwrap();
    client.close();
    patiently(client.connect()).await.unwrap();
    assert!(patiently(sending).await.is_err());
    patiently(async {
        while !client.outbox().await.unwrap().is_empty() {
            tokio::task::yield_now().await;
        }
    })
    .await;
    assert_eq!(town.sandbox.with(|world, _| world.counters().messages_from_clients), 1, "it had arrived");
}

/// The driver beside which the handlers were called had ended in between.
#[tokio::test]
async fn handlers_of_a_light_socket_are_called_although_it_was_awaited_late() {
    let town = Town::new();
    let light = LightClient::of(Client::new(town.config()).unwrap());
    let socket = LightSocket::new(&light);
    let (tell, told) = channel();
    socket.on_channel_message(move |message| tell.send(message.text().into_owned()).unwrap());
    patiently(socket.connect(SocketConnectOptions::default())).await.unwrap();

    let connecting = socket.connect(SocketConnectOptions::default());
    patiently(light.client().shutdown(PATIENCE)).await;
    patiently(connecting).await.unwrap();
    town.sandbox.say(town.alice, town.general, "hello");
    let heard = patiently(async {
        loop {
            match told.try_recv() {
                Ok(text) => break text,
                Err(_) => tokio::task::yield_now().await,
            }
        }
    });
    assert_eq!(heard.await, "hello");
}

/// It was online without anybody who could close it.
#[tokio::test]
async fn a_client_that_is_dropped_before_its_connecting_is_awaited_leaves_no_connection() {
    let town = Town::new();
    let client = Client::new(town.config()).unwrap();
    let connecting = client.connect();
    drop(client);
    patiently(connecting).await.unwrap();
    town.connections(0).await;

    let light = LightClient::of(Client::new(town.config()).unwrap());
    let connecting = LightSocket::new(&light).connect(SocketConnectOptions::default());
    drop(light);
    patiently(connecting).await.unwrap();
    town.connections(0).await;
}

/// Those who waited were counted as calls.
#[tokio::test]
async fn many_who_wait_for_an_event_leave_room_for_calls() {
    let town = Town::new();
    let mut config = town.config();
    config.max_pending = 2;
    let client = patiently(Client::login(config)).await.unwrap();
    let waiting: Vec<_> = (0..100).map(|_| client.wait_for(|_| false, Duration::MAX)).collect();
    patiently(client.channel(town.general).send("and yet")).await.unwrap();
    assert_eq!((client.waiting(), waiting.len()), (100, 100));
}

/// It was told that it is not connected, and nothing was told to those who take events.
#[tokio::test]
async fn a_client_with_a_store_that_is_closed_before_it_has_begun_to_connect_is_closed() {
    let town = Town::new();
    let client = Client::builder(town.config()).store(MemoryStore::new()).build().unwrap();
    let mut events = client.events();
    let mut connecting = pin!(client.connect());
    assert!(poll_once(connecting.as_mut()).is_pending());
    client.close();
    assert_eq!(*patiently(connecting).await.unwrap_err().kind(), ErrorKind::Closed);
    town::event(&mut events, |event| matches!(event, Event::Disconnected { cause: Cause::Closed, .. })).await;
    assert_eq!(town.sandbox.with(|world, _| world.counters().logins), 0);
}
