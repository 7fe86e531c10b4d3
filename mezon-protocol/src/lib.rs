//! The Mezon chat platform as a pure state machine.
#![deny(missing_docs)]

pub mod api;
pub mod call;
mod clock;
mod config;
pub mod content;
mod endpoint;
mod error;
pub mod event;
pub mod exchange;
mod id;
mod lenient;
pub mod machine;
pub mod object;
pub mod proto;
pub mod route;
mod secret;
mod session;
mod time;
pub mod transport;
pub mod wire;

pub use clock::ClockOffset;
pub use config::Config;
pub use content::Content;
pub use endpoint::{Endpoint, InvalidEndpoint};
pub use error::{Error, ErrorKind, Sent};
pub use event::{Event, EventKind, Interest, RawEvent};
pub use id::{ANONYMOUS, CategoryId, ChannelId, ClanId, EmojiId, HERE, InvalidId, MessageId, RoleId, TopicId, UserId};
pub use machine::Machine;
pub use secret::Secret;
pub use session::{InvalidSession, Session, SessionExport};
pub use time::Now;
