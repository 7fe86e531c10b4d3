//! What people do with what a bot has sent: clicks, forms, menus; and what a bot needs to handle many of them.
//!
//! All of it is pure, and can be used in any event loop:
//!
//! - [`Form`] reads what was filled in; [`FormReader`] collects what is wrong with it.
//! - [`ComponentId`] puts a type into the id of a button, and [`ComponentRouter`] finds it again: see
//!   [`component_id!`](crate::component_id).

mod component;
mod date;
mod declare;
mod field;
mod form;
mod form_reader;
mod router;

pub use component::{ComponentId, ComponentIdError, ComponentIdTooLong, FieldReader, FieldWriter, MAX_COMPONENT_ID};
pub use date::{Date, InvalidDate};
pub use field::ComponentField;
pub use form::Form;
pub use form_reader::{FieldError, FieldProblem, FormErrors, FormReader};
pub use router::{ComponentRouter, Unrouted};
