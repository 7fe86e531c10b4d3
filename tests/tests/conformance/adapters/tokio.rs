//! mezon-tokio.

use std::sync::OnceLock;
use std::time::Duration;

use mezon_client::{Events, Receiver, Run, Source};
use mezon_protocol::Error;
use mezon_tokio::{Answer, Client, Pending, TokioRuntime};
use tokio::runtime::{Builder, Runtime};

use super::client::{Host, adapter};
use crate::bot::Adapter;

pub const ADAPTER: Adapter = adapter::<Tokio>("tokio");

struct Tokio;

impl Host for Tokio {
    type Runtime = TokioRuntime;

    fn drive(_: &Client) {}

    fn start(client: &Client) {
        let _runtime = runtime().enter();
        client.start().unwrap();
    }

    fn wait<T: Send + 'static>(outcome: Pending<T>) -> Result<T, Error> {
        runtime().block_on(outcome)
    }

    fn answer<T: Send + 'static>(answered: Answer<T>) -> T {
        runtime().block_on(answered)
    }

    fn ran(ran: Run<TokioRuntime>) -> Result<(), Error> {
        runtime().block_on(ran)
    }

    fn next<S: Source + 'static>(events: &mut Events<S>, within: Duration) -> Option<Option<S::Item>> {
        let next = async { tokio::time::timeout(within, events.next()).await };
        runtime().block_on(next).ok()
    }

    fn undecodable(events: &Events<Receiver<TokioRuntime>>) -> u64 {
        events.undecodable()
    }
}

/// With a thread of its own, so that drivers go on while a scenario does something else.
fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap())
}
