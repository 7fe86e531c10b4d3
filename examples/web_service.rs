//! A client in a web service, here of axum: it logs in before the first request is taken, handlers of requests have it
//! as their state, and after the last request it says good-bye.
//!
//! ```sh
//! cargo run --example web_service     # in a sandbox; asks itself who is in the voice rooms
//! MEZON_BOT_ID=... MEZON_API_KEY=... cargo run --example web_service      # on the platform, until Ctrl-C
//! curl http://127.0.0.1:8080/health
//! curl http://127.0.0.1:8080/clan/1840000000000000001/voice-users
//! ```

use std::future::Future;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use mezon_examples::stage::{self, AnyError, SOON, Town};
use mezon_examples::web;
use mezon_tokio::{ClanId, Client, Config, Error, ErrorKind, HealthStatus, ListVoiceUsers, VoiceRoom};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

pub type Served = Result<(), AnyError>;

// Rows 212, 213.
/// Serves until `stop`, and takes leave of the platform when the last request is answered.
pub async fn serve(config: Config, door: TcpListener, stop: impl Future<Output = ()> + Send + 'static) -> Served {
    let client = Client::login(config).await?;
    let app = Router::new()
        .route("/health", get(health))
        .route("/clan/{id}/voice-users", get(voice_users))
        .with_state(client.clone());
    let served = axum::serve(door, app).with_graceful_shutdown(stop).await;
    client.shutdown(SOON).await;
    Ok(served?)
}

async fn health(State(client): State<Client>) -> (StatusCode, Json<Value>) {
    let status = client.health().await.status;
    let code = if status == HealthStatus::Dead { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK };
    (code, Json(json!({ "status": format!("{status:?}") })))
}

async fn voice_users(State(client): State<Client>, Path(id): Path<ClanId>) -> Result<Json<Vec<VoiceRoom>>, Refusal> {
    Ok(Json(client.clan(id).list_channel_voice_users(ListVoiceUsers::new(id)).await?))
}

/// An error as an answer.
struct Refusal(Error);

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let code = match self.0.kind() {
            ErrorKind::NotFound { .. } => StatusCode::NOT_FOUND,
            ErrorKind::NotConnected | ErrorKind::Disconnected | ErrorKind::Closed => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::BAD_GATEWAY,
        };
        (code, Json(json!({ "error": self.0.to_string() }))).into_response()
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Served {
    if stage::has_credentials() {
        let door = TcpListener::bind("127.0.0.1:8080").await?;
        let config = Config::from_vars(|name| std::env::var(name).ok())?;
        return serve(config, door, async { drop(tokio::signal::ctrl_c().await) }).await;
    }
    let town = Town::open()?;
    town.sandbox.join_voice(town.alice, town.room);
    let door = TcpListener::bind("127.0.0.1:0").await?;
    let (address, voice_users) = (door.local_addr()?, format!("/clan/{}/voice-users", town.clan));
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = tokio::spawn(serve(town.config()?, door, async { drop(stopped.await) }));
    for path in ["/health", &voice_users] {
        println!("{path}: {:?}", web::ask(address, path, "", None).await?);
    }
    drop(stop);
    serving.await?
}
