//! mezon-blocking.

use std::time::Duration;

use mezon_blocking::{Client, Events, NoEvent, Threads};
use mezon_client::{Runtime, Source};
use mezon_protocol::Error;

use super::client::{Host, adapter};
use crate::bot::Adapter;

pub const ADAPTER: Adapter = adapter::<Blocking>("blocking");

struct Blocking;

impl Host for Blocking {
    type Runtime = Threads;

    fn drive(_: &Client) {}

    fn start(client: &Client) {
        client.start().unwrap();
    }

    fn wait<T: Send + 'static>(outcome: Result<T, Error>) -> Result<T, Error> {
        outcome
    }

    fn answer<T: Send + 'static>(answered: T) -> T {
        answered
    }

    fn ran(ran: Result<(), Error>) -> Result<(), Error> {
        ran
    }

    fn next<S: Source + 'static>(
        events: &mut <Threads as Runtime>::Events<S>,
        within: Duration,
    ) -> Option<Option<S::Item>> {
        match events.next_timeout(within) {
            Ok(event) => Some(Some(event)),
            Err(NoEvent::Timeout) => None,
            Err(NoEvent::Ended) => Some(None),
        }
    }

    fn undecodable(events: &Events) -> u64 {
        events.undecodable()
    }
}
