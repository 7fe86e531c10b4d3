//! Exchanges over HTTP that carry a bearer token.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use bytes::Bytes;

use crate::api::Rpc;
use crate::exchange::Method;
use crate::secret::Secret;

/// The path below which the calls of the API are, one for each name.
const RPC_PATH: &str = "/mezon.api.Mezon/";

/// An exchange over HTTP with a bearer token: it waits for the rate limit and for a session, and a refused token is
/// renewed, once.
///
/// Its answer comes as [`Answer::Api`](super::Answer::Api); a status that is no success as an error.
#[derive(Clone)]
pub struct Exchange {
    /// What it is called in errors.
    pub name: Cow<'static, str>,
    /// The method.
    pub method: Method,
    /// Where it goes.
    pub to: Target,
    /// What its body is, and what is asked for.
    pub format: Format,
    /// The body.
    pub body: Bytes,
    /// The token; without one the session's.
    pub token: Option<Secret>,
    /// True if it may be repeated after a passing failure.
    pub idempotent: bool,
    /// How long the server may take; without it as the configuration says.
    pub timeout: Option<Duration>,
}

/// Where an [`Exchange`] goes.
#[derive(Clone, PartialEq, Eq)]
pub enum Target {
    /// A path, with its slash, where the session says that the API is.
    Api(Cow<'static, str>),
    /// An absolute URL.
    Url(String),
}

/// The media type of an [`Exchange`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// `application/proto`, as the calls of the API have it.
    Protobuf,
    /// `application/json`.
    Json,
}

impl Format {
    /// The media type as it stands in a header.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Protobuf => "application/proto",
            Self::Json => "application/json",
        }
    }
}

impl Exchange {
    /// A call of the API.
    pub(crate) fn rpc(rpc: &Rpc, body: Bytes) -> Self {
        Self { idempotent: rpc.idempotent, timeout: rpc.timeout, ..Self::named(rpc.name.into(), body) }
    }

    /// A call of the API that is in no table. The name goes into the URL as it is.
    pub(crate) fn named(name: Cow<'static, str>, body: Bytes) -> Self {
        let to = Target::Api(format!("{RPC_PATH}{name}").into());
        Self { format: Format::Protobuf, body, ..Self::json(name, Method::Post, to) }
    }

    /// One that is no call of the API: it speaks JSON, and is not repeated.
    pub(crate) const fn json(name: Cow<'static, str>, method: Method, to: Target) -> Self {
        let body = Bytes::new();
        Self { name, method, to, format: Format::Json, body, token: None, idempotent: false, timeout: None }
    }
}

/// Shows neither target nor body: both may hold credentials.
impl fmt::Debug for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exchange").field("name", &self.name).field("method", &self.method).finish_non_exhaustive()
    }
}

/// Shows no URL: it may hold credentials.
impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Api(_) => f.write_str("Api(..)"),
            Self::Url(_) => f.write_str("Url(..)"),
        }
    }
}
