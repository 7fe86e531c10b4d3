//! A send of which only the id of the message counts.

use std::time::Duration;

use crate::call::{Answer, Call, SendMessage, Step};
use crate::config::Config;
use crate::error::Error;
use crate::id::MessageId;
use crate::machine::Shared;

/// Sends, and ends with the id of the message.
#[derive(Debug)]
pub(super) struct SendForId(pub(super) SendMessage);

impl Call for SendForId {
    type Output = MessageId;

    fn resume(&mut self, shared: &mut Shared, answer: Result<Answer, Error>) -> Step<MessageId> {
        self.0.resume(shared, answer).map(|sent| sent.message_id)
    }

    fn timeout(&self, config: &Config) -> Duration {
        self.0.timeout(config)
    }
}
