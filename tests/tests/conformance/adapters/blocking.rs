//! mezon-blocking.

use std::time::Duration;

use mezon_blocking::{Client, Event, Events, Threads};
use mezon_protocol::Error;

use super::client::{Host, adapter};
use crate::bot::Adapter;

pub const ADAPTER: Adapter = adapter::<Blocking>("blocking");

struct Blocking;

impl Host for Blocking {
    type Runtime = Threads;

    fn drive(_: &Client) {}

    fn wait<T: Send + 'static>(outcome: Result<T, Error>) -> Result<T, Error> {
        outcome
    }

    fn answer<T: Send + 'static>(answered: T) -> T {
        answered
    }

    fn ran(ran: Result<(), Error>) -> Result<(), Error> {
        ran
    }

    fn next(events: &mut Events, within: Duration) -> Option<Event> {
        events.next_timeout(within).ok()
    }
}
