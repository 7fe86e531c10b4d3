//! What the light client is made of, apart from I/O: what it is told, what it sends, and its errors.
//!
//! The light client is a small layer over the whole one, for users who talk in direct messages and groups, by the names of
//! the light SDK for JavaScript. Adapters have it as `LightClient` and `LightSocket`.
//!
//! As calls have one [`Error`](crate::Error) everywhere, so have these; the three classes of that SDK are made from it by
//! `?` or `map_err`:
//!
//! ```
//! use mezon_protocol::light::AuthenticationError;
//! use mezon_protocol::{Error, ErrorKind};
//!
//! fn log_in(answer: Result<(), Error>) -> Result<(), AuthenticationError> {
//!     Ok(answer?)
//! }
//!
//! let error = log_in(Err(Error::answered(ErrorKind::Auth("no such user".into())))).unwrap_err();
//! assert_eq!(error.message, "the credentials were refused: no such user");
//! assert_eq!(error.status_code, None); // a number if the server refused by an HTTP status
//! ```

mod call;
mod config;
mod error;
mod payload;

pub use call::{ConnectOnce, JoinWhenOpen, SendWhenOpen};
pub use config::{AuthenticateConfig, ClientInitConfig};
pub use error::{AuthenticationError, SessionError, SocketError};
pub use payload::SendMessagePayload;

/// Where the light client logs in unless it is told otherwise.
#[doc(alias = "MEZON_GW_URL")]
pub const GATEWAY_URL: &str = "https://gw.mezon.ai";

/// The server key of the light client unless it is told otherwise. The platform's own gateway may want another: see
/// [`Services::server_key`](crate::rest::Services::server_key).
pub const DEFAULT_SERVER_KEY: &str = "DefaultServerKey";

/// How often a join looks whether the socket is open.
pub const SOCKET_READY_MAX_RETRY: u32 = 20;

/// How long a join waits before it looks for the second time whether the socket is open; twice as long each time after.
/// All of it takes no longer than [`Config::connect_timeout`](crate::Config::connect_timeout).
pub const SOCKET_READY_RETRY_DELAY: std::time::Duration = std::time::Duration::from_millis(100);
