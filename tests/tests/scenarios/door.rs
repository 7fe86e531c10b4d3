//! S9.

use std::net::SocketAddr;
use std::time::Duration;

use mezon_examples::web::{Answer, ask};
use mezon_protocol::MessageId;
use mezon_sandbox::NewUser;
use mezon_tokio::Config;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::bots::s09_door::bot;
use crate::rig::{Play, QUIET, SOON, Town};

const KEY: &str = "the key of the house";

struct Door {
    play: Play,
    address: SocketAddr,
}

impl Door {
    async fn open(change: impl FnOnce(&mut Config)) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let play = Play::start_in(Town::open().unwrap(), change, |client| bot(client, listener, KEY.into())).await;
        Self { play, address }
    }

    async fn post(&self, order: Value) -> Answer {
        ask(self.address, "/messages", KEY, Some(order)).await.unwrap()
    }

    async fn health(&self) -> Answer {
        ask(self.address, "/health", KEY, None).await.unwrap()
    }
}

fn message_id(answer: &Value) -> MessageId {
    answer["message_id"].as_str().expect("an id as text").parse().unwrap()
}

#[tokio::test]
async fn what_is_posted_is_said_and_its_id_is_the_answer() {
    let door = Door::open(|_| {}).await;
    let Play { town, .. } = &door.play;
    let order = json!({ "channel_id": town.general, "text": "Coffee is ready.", "mentions": [town.alice, town.bob] });
    let (status, answer) = door.post(order).await;
    let said = town.sandbox.expect_message(town.general, "Coffee is ready.", SOON).await.unwrap();
    assert_eq!((status, message_id(&answer)), (200, said.message));
    assert_eq!(said.mentions, [town.alice, town.bob]);

    let carol = town.sandbox.with(|world, now| world.add_user(now, NewUser::person("carol")));
    let (status, answer) = door.post(json!({ "user_id": carol, "text": "You have a parcel." })).await;
    let said = town.sandbox.expect_dm(carol, "You have a parcel.", SOON).await.unwrap();
    assert_eq!((status, message_id(&answer)), (200, said.message));
    door.play.end().await;
}

#[tokio::test]
async fn what_cannot_be_said_has_a_status_of_its_own() {
    let door = Door::open(|_| {}).await;
    let general = door.play.general;
    let unknown = door.post(json!({ "channel_id": "1840000000000000999", "text": "Hello?" })).await;
    assert_eq!(unknown.0, 404, "{unknown:?}");
    let long = door.post(json!({ "channel_id": general, "text": "x".repeat(5000) })).await;
    assert_eq!(long.0, 400, "{long:?}");
    let odd = door.post(json!({ "channel_id": "the one on the left", "text": "Hello?" })).await;
    assert_eq!(odd.0, 400, "{odd:?}");
    let elsewhere = ask(door.address, "/coffee", KEY, None).await.unwrap();
    assert_eq!(elsewhere.0, 404);
    for path in ["/health", "/messages"] {
        let stranger = ask(door.address, path, "guessed", Some(json!({ "channel_id": general, "text": "Boo" }))).await;
        assert_eq!(stranger.unwrap().0, 401);
    }
    door.play.sandbox.expect_nothing(door.play.bot, QUIET).await.unwrap();
    door.play.end().await;
}

#[tokio::test]
async fn while_there_is_no_connection_nothing_is_taken_and_the_health_is_dead() {
    let door = Door::open(|_| {}).await;
    let Play { town, .. } = &door.play;
    assert_eq!(door.post(json!({ "channel_id": town.general, "text": "one" })).await.0, 200);
    assert_eq!(door.health().await.0, 200);

    town.sandbox.with(|world, now| {
        world.refuse_connect(503, 1000);
        world.abort(now, town.bot)
    });
    let gone = async { while door.health().await.0 != 503 {} };
    tokio::time::timeout(SOON, gone).await.expect("the drop is noticed");
    let refused = door.post(json!({ "channel_id": town.general, "text": "two" })).await;
    assert_eq!((refused.0, &refused.1["sent"]), (503, &json!("No")));
    town.sandbox.expect_message(town.general, "one", SOON).await.unwrap();
    town.sandbox.expect_nothing(town.general, QUIET).await.unwrap();
    door.play.client.close();
}

#[tokio::test]
async fn a_quiet_connection_is_healthy_and_says_for_how_long_it_has_been() {
    let door = Door::open(|config| config.quiet_after = Duration::from_millis(1)).await;
    let Play { town, .. } = &door.play;
    town.sandbox.say(town.alice, town.general, "Good night.");
    let heard = async { while door.health().await.1["message_age"].is_null() {} };
    tokio::time::timeout(SOON, heard).await.expect("the message is heard");
    town.sandbox.expect_nothing(town.general, Duration::from_millis(2)).await.unwrap();
    let (status, health) = door.health().await;
    assert_eq!((status, &health["status"]), (200, &json!("Quiet")));
    assert!(health["message_age"].as_f64() >= Some(0.001) && health["frame_age"].is_f64(), "{health}");
    door.play.end().await;
}
