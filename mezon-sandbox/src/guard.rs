//! Calls into the user's code, which may panic wherever it is called, also on a thread that others depend on.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Asks a function of the user's. The error is the text with which it panicked; it is not to be asked again then, as it
/// may have broken what it refers to.
pub(crate) fn ask<R>(function: impl FnOnce() -> R) -> Result<R, String> {
    catch_unwind(AssertUnwindSafe(function)).map_err(|panic| text(&*panic))
}

fn text(panic: &(dyn Any + Send)) -> String {
    let literal = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    literal.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no text".to_owned())
}
