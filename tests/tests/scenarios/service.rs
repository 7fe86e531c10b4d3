//! The client in a web service.

use std::net::SocketAddr;

use mezon_examples::web::{Answer, ask};
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::oneshot::{Sender, channel};
use tokio::task::JoinHandle;

use crate::bots::web_service::{Served, serve};
use crate::rig::{QUIET, SOON, Town};

struct Service {
    town: Town,
    /// Also kept here, so that its address is not given to a test that runs beside.
    door: std::net::TcpListener,
    address: SocketAddr,
    stop: Sender<()>,
    serving: JoinHandle<Served>,
}

impl Service {
    async fn start() -> Self {
        let town = Town::open().unwrap();
        let door = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        door.set_nonblocking(true).unwrap();
        let address = door.local_addr().unwrap();
        let (stop, stopped) = channel();
        let listener = TcpListener::from_std(door.try_clone().unwrap()).unwrap();
        let serving = tokio::spawn(serve(town.config().unwrap(), listener, async { drop(stopped.await) }));
        Self { town, door, address, stop, serving }
    }

    async fn get(&self, path: &str) -> Answer {
        ask(self.address, path, "", None).await.unwrap()
    }

    async fn end(self) -> (Town, std::net::TcpListener) {
        drop(self.stop);
        self.serving.await.unwrap().unwrap();
        (self.town, self.door)
    }
}

/// Row 212.
#[tokio::test]
async fn the_first_request_finds_the_client_ready_and_the_end_of_the_service_is_its_end() {
    let service = Service::start().await;
    let (status, health) = service.get("/health").await;
    assert_eq!(status, 200, "{health}");
    let address = service.address;
    let (town, _door) = service.end().await;
    let answer = tokio::time::timeout(QUIET, ask(address, "/health", "", None)).await;
    assert!(!matches!(answer, Ok(Ok(_))), "nobody answers any more");
    assert!(
        town.sandbox.with(|world, _| world.tail(1).contains("the client left")),
        "the service waits for the good-bye"
    );
}

/// Rows 212, 213.
#[tokio::test]
async fn voice_users_are_json_with_ids_as_text() {
    let service = Service::start().await;
    let Service { town, .. } = &service;
    let path = format!("/clan/{}/voice-users", town.clan);
    assert_eq!(service.get(&path).await, (200, json!([])));
    town.sandbox.join_voice(town.alice, town.room);
    let (status, rooms) = service.get(&path).await;
    assert_eq!(status, 200, "{rooms}");
    assert_eq!(rooms[0]["channel_id"], json!(town.room.to_string()));
    assert_eq!(rooms[0]["user_ids"], json!([town.alice.to_string()]));
    service.end().await;
}

/// Row 212.
#[tokio::test]
async fn what_the_platform_refuses_and_a_lost_connection_have_statuses_of_their_own() {
    let service = Service::start().await;
    let (status, refusal) = service.get("/clan/1840000000000000999/voice-users").await;
    assert!(status >= 400 && refusal["error"].is_string(), "{status} {refusal}");
    service.town.sandbox.with(|world, now| {
        world.refuse_connect(503, 1000);
        world.abort(now, service.town.bot)
    });
    let dead = async { while service.get("/health").await.0 != 503 {} };
    tokio::time::timeout(SOON, dead).await.expect("the drop is noticed");
    service.end().await;
}
