//! S9, an HTTP door: other programs say things through the bot. `POST /messages` with `user_id` or `channel_id`, `text`
//! and `mentions` gives the id of the message, `GET /health` the state of the connection; both want the bearer key.
//!
//! `cargo run --example s09_door`; on the platform it wants a `DOOR_KEY`, and is at 127.0.0.1:8080.

use mezon_examples::stage::{self, AnyError, Town};
use mezon_examples::web::{self, Answer, Asked};
use mezon_tokio::{ChannelId, Client, Content, Error, ErrorKind, Health, HealthStatus, Secret, UserId};
use serde::Deserialize;
use serde_json::json;
use tokio::net::TcpListener;

#[derive(Default, Deserialize)]
#[serde(default)]
struct Order {
    user_id: Option<UserId>,
    channel_id: ChannelId,
    text: String,
    mentions: Vec<UserId>,
}

pub async fn bot(client: Client, door: TcpListener, key: Secret) -> Result<(), Error> {
    let asked = client.clone();
    tokio::select! {
        () = web::serve(door, move |ask| answer(asked.clone(), key.clone(), ask)) => Ok(()),
        ended = client.run() => ended,
    }
}

async fn answer(client: Client, key: Secret, asked: Asked) -> Answer {
    match (asked.method.as_str(), asked.path.as_str()) {
        _ if key != Secret::from(asked.bearer) => (401, json!({ "error": "the key is missing or wrong" })),
        ("GET", "/health") => health(&client).await,
        ("POST", "/messages") => match serde_json::from_slice(&asked.body) {
            Ok(order) => send(&client, order).await.unwrap_or_else(|error| refusal(&error)),
            Err(error) => (400, json!({ "error": error.to_string() })),
        },
        _ => (404, json!({ "error": "there is nothing here" })),
    }
}

async fn send(client: &Client, order: Order) -> Result<Answer, Error> {
    let content = order.mentions.into_iter().fold(Content::text(order.text), Content::mention);
    let sent = match order.user_id {
        Some(user) => client.dm(user).send(content).await?,
        None => client.channel(order.channel_id).send(content).await?,
    };
    Ok((200, json!({ "message_id": sent.id() })))
}

fn refusal(error: &Error) -> Answer {
    let status = match error.kind() {
        ErrorKind::TooLong { .. } | ErrorKind::InvalidArgument(_) => 400,
        ErrorKind::NotFound { .. } => 404,
        ErrorKind::NotConnected | ErrorKind::Disconnected | ErrorKind::Closed => 503,
        _ => 502, // what the platform has against it
    };
    (status, json!({ "error": error.to_string(), "sent": format!("{:?}", error.sent()) }))
}

async fn health(client: &Client) -> Answer {
    let Health { status, last_frame_age, last_message_age, .. } = client.health().await;
    let [frame, message] = [last_frame_age, last_message_age].map(|age| age.map(|age| age.as_secs_f64()));
    let body = json!({ "status": format!("{status:?}"), "frame_age": frame, "message_age": message });
    (if status == HealthStatus::Dead { 503 } else { 200 }, body)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), AnyError> {
    let on_platform = stage::has_credentials();
    let key = if on_platform { std::env::var("DOOR_KEY")? } else { "a-key".into() };
    let door = TcpListener::bind(if on_platform { "127.0.0.1:8080" } else { "127.0.0.1:0" }).await?;
    let (address, knocker) = (door.local_addr()?, key.clone());
    let scene = async |town: &Town| {
        let order = json!({ "channel_id": town.general, "text": "Coffee is ready.", "mentions": [town.alice] });
        println!("{:?}", web::ask(address, "/messages", &knocker, Some(order)).await?);
        Ok(())
    };
    stage::play(move |client| bot(client, door, key.into()), scene).await
}
