//! What the platform offers over HTTP beside the calls of its API.
//!
//! | module | what | with what credentials |
//! |---|---|---|
//! | [`webhook`] | posting to channels and to members of clans | the URL of the webhook |
//! | [`oauth`] | logging users in to an application of one's own | those of the application |
//! | `launch` (feature of that name) | checking the launch data of channel apps; no HTTP at all | the app's secret |
//! | [`login`] | logging in as a user | a password, a code, an id token; the gateway's server key |
//! | [`invite`] | looking at invitations, and at public clans | the gateway's server key |
//! | [`media`] | playing media in a voice channel | the session |
//! | [`agent`] | the events of AI agents, as a stream | the bot's API key |
//!
//! Most give a [`RestCall`]: run it with [`Bot::call`](crate::object::Bot::call) on any runtime, or take the
//! [`HttpRequest`] out of it and perform that yourself.
//!
//! Where the servers are, [`Services`] says; it is part of the [`Config`](crate::Config).

pub mod agent;
mod call;
pub mod invite;
#[cfg(feature = "launch")]
pub mod launch;
pub mod login;
pub mod media;
pub mod oauth;
mod services;
pub mod webhook;

pub use call::RestCall;
pub(crate) use call::undecodable;
pub use services::Services;
#[cfg(feature = "ledger")]
pub(crate) use services::join;

use bytes::Bytes;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC};
use serde_json::Value;

use crate::error::Error;
use crate::exchange::{HttpRequest, Method};
use crate::machine::Shared;

/// What is escaped in one component of a URL: all but letters, digits, and `-._~`.
pub(crate) const COMPONENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A JSON answer; `null` where there is none.
pub(crate) fn json(name: &str, body: &[u8]) -> Result<Value, Error> {
    if body.is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_slice(body).map_err(|error| undecodable(name, error))
}

/// The largest answer that is taken from the gateway's own routes.
const MAX_GATEWAY_RESPONSE: usize = 4 << 20;

/// A request of a route of the gateway's own: it wants the server key, takes JSON, and answers in protobuf.
fn gateway_request(shared: &Shared, method: Method, path: &str, body: Bytes) -> HttpRequest {
    HttpRequest {
        method,
        url: shared.login.base_url() + path,
        headers: vec![
            ("authorization", shared.config.services.server_key.basic()),
            ("accept", "application/x-protobuf".into()),
            ("content-type", "application/json".into()),
            ("user-agent", shared.config.user_agent.as_str().into()),
        ],
        body: body.into(),
        max_response: MAX_GATEWAY_RESPONSE,
        timeout: None,
    }
}
