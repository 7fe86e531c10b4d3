//! What our presence says.

use super::{Answer, OneStep, Request};
use crate::error::Error;
use crate::machine::Shared;
use crate::proto::realtime::{StatusUpdate, envelope};

/// Sets the text of our presence; `None` makes us appear offline, which an empty text does not. Ends with nothing.
#[doc(alias = "StatusUpdate")]
#[derive(Debug)]
pub struct UpdateStatus(
    /// The text.
    pub Option<String>,
);

impl OneStep for UpdateStatus {
    type Output = ();

    fn request(&mut self, _: &mut Shared) -> Result<Request, Error> {
        let update = StatusUpdate { status: self.0.take() };
        Ok(Request::Member(envelope::Message::StatusUpdate(Box::new(update))))
    }

    fn output(&mut self, _: &mut Shared, _: Answer) -> Result<(), Error> {
        Ok(())
    }
}
