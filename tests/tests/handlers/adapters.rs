//! What the tests need to know of an adapter.

use std::future::{self, Future};
use std::sync::LazyLock;

use mezon_blocking::Threads;
use mezon_client::{Client, Dispatch, Runtime};
use mezon_protocol::Error;
use mezon_smol::SmolRuntime;
use mezon_tokio::TokioRuntime;

pub trait Adapter: Runtime {
    /// True if handlers are called on threads, and calls wait.
    const ON_THREADS: bool = false;

    /// Runs the handlers on this thread until the end.
    fn run(client: &Client<Self>, dispatch: Dispatch) -> Result<(), Error>;

    /// Waits for an answer.
    fn answer<T: Send + 'static>(answered: Self::Answered<T>) -> T;

    /// Waits for an answer in a handler; where one waits it has come already.
    fn later<T: Send + 'static>(answered: Self::Answered<T>) -> impl Future<Output = T> + Send;
}

/// On a thread of its own, so that the driver does not end with the run that has started it.
static TOKIO: LazyLock<tokio::runtime::Runtime> =
    LazyLock::new(|| tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap());

impl Adapter for TokioRuntime {
    fn run(client: &Client<Self>, dispatch: Dispatch) -> Result<(), Error> {
        TOKIO.block_on(client.run_with(dispatch))
    }

    fn answer<T: Send + 'static>(answered: Self::Answered<T>) -> T {
        answered.wait()
    }

    fn later<T: Send + 'static>(answered: Self::Answered<T>) -> impl Future<Output = T> + Send {
        answered
    }
}

impl Adapter for SmolRuntime {
    fn run(client: &Client<Self>, dispatch: Dispatch) -> Result<(), Error> {
        if let Some(driver) = client.driver() {
            smol::spawn(driver).detach();
        }
        smol::block_on(client.run_with(dispatch))
    }

    fn answer<T: Send + 'static>(answered: Self::Answered<T>) -> T {
        answered.wait()
    }

    fn later<T: Send + 'static>(answered: Self::Answered<T>) -> impl Future<Output = T> + Send {
        answered
    }
}

impl Adapter for Threads {
    const ON_THREADS: bool = true;

    fn run(client: &Client<Self>, dispatch: Dispatch) -> Result<(), Error> {
        client.run_with(dispatch)
    }

    fn answer<T: Send + 'static>(answered: T) -> T {
        answered
    }

    fn later<T: Send + 'static>(answered: T) -> impl Future<Output = T> + Send {
        future::ready(answered)
    }
}
