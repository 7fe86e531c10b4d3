//! What people do with what a bot has sent: clicks, forms, menus; and what a bot needs to handle many of them.
//!
//! All of it is pure, and can be used in any event loop:
//!
//! - [`Form`] reads what was filled in; [`FormReader`] collects what is wrong with it.
//! - [`ComponentId`] puts a type into the id of a button, and [`ComponentRouter`] finds it again: see
//!   [`component_id!`](crate::component_id).
//! - [`Standby`] waits for the next click or message that a [`Filter`] describes, until a deadline.
//! - [`Guard`] lets one handler run per key, so that a double click counts once; [`Lanes`] keep the order of what has the
//!   same key, and run different keys in parallel.

mod component;
mod date;
mod declare;
mod field;
mod filter;
mod form;
mod form_reader;
mod guard;
mod lanes;
mod router;
mod standby;

pub use component::{ComponentId, ComponentIdError, ComponentIdTooLong, FieldReader, FieldWriter, MAX_COMPONENT_ID};
pub use date::{Date, InvalidDate};
pub use field::ComponentField;
pub use filter::Filter;
pub use form::Form;
pub use form_reader::{FieldError, FieldProblem, FormErrors, FormReader};
pub use guard::{Entry, Guard};
pub use lanes::{LaneLimits, Lanes, NotTaken};
pub use router::{ComponentRouter, Unrouted};
pub use standby::{Outcome, Standby, TooManyWaits, WaitId};
