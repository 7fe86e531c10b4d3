//! Handlers: who is called when something happens, and in which order.
//!
//! ```text
//!   Receiver ──event──► those who wait for it
//!                  └──► lane of its channel ──► Turn: its handlers, one after the other
//! ```
//!
//! Events of one channel are handled in order, those of different channels side by side, up to a bound. When so much is
//! waiting that the lanes are full no more events are taken, and the server is held back as for any slow receiver.

mod clicks;
mod commands;
mod components;
mod dispatcher;
mod friends;
mod life;
mod lifeline;
mod methods;
mod outcome;
mod registry;
mod run;
mod stop;
mod turn;
mod waits;

pub use clicks::SecondClick;
pub use commands::{CommandCall, Commands};
pub use dispatcher::Dispatch;
pub use outcome::{Async, HandlerError, HandlerResult, IntoJob, Job, Plain};
pub use registry::HandlerId;
pub use run::Run;
pub use turn::{Failure, FailureCause};

pub(crate) use clicks::Clicks;
pub(crate) use dispatcher::Dispatcher;
pub(crate) use registry::{Handlers, Topic};
pub(crate) use stop::{StopRequest, Stopper};
pub(crate) use waits::{WAITS, Waits};
