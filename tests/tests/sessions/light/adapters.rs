//! What the tests need to know of an adapter.

use std::sync::LazyLock;

use futures_lite::future::block_on;
use mezon_blocking::Threads;
use mezon_client::{Client, LightClient, Runtime};
use mezon_protocol::Error;
use mezon_protocol::light::AuthenticateConfig;
use mezon_smol::SmolRuntime;
use mezon_tokio::TokioRuntime;

pub trait Adapter: Runtime {
    /// Does something where drivers can be started.
    fn within<T>(act: impl FnOnce() -> T) -> T {
        act()
    }

    /// Starts the driver of a client, where that is for the user to do.
    fn start(_: &Client<Self>) {}

    /// Waits for an answer.
    fn answer<T: Send + 'static>(answered: Self::Answered<T>) -> T;

    fn authenticate(config: AuthenticateConfig) -> Result<LightClient<Self>, Error>;
}

/// Waits for the end of a call.
pub fn end<R: Adapter, T: Send + 'static>(outcome: impl FnOnce() -> R::Outcome<T>) -> Result<T, Error> {
    R::within(|| block_on(R::ended(outcome())))
}

static TOKIO: LazyLock<tokio::runtime::Runtime> =
    LazyLock::new(|| tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap());

impl Adapter for TokioRuntime {
    fn within<T>(act: impl FnOnce() -> T) -> T {
        let _entered = TOKIO.enter();
        act()
    }

    fn answer<T: Send + 'static>(answered: Self::Answered<T>) -> T {
        answered.wait()
    }

    fn authenticate(config: AuthenticateConfig) -> Result<LightClient<Self>, Error> {
        TOKIO.block_on(async { LightClient::<Self>::authenticate(config).await })
    }
}

impl Adapter for SmolRuntime {
    fn start(client: &Client<Self>) {
        if let Some(driver) = client.driver() {
            smol::spawn(driver).detach();
        }
    }

    fn answer<T: Send + 'static>(answered: Self::Answered<T>) -> T {
        answered.wait()
    }

    fn authenticate(config: AuthenticateConfig) -> Result<LightClient<Self>, Error> {
        let client = Client::new(config.config()?)?;
        Self::start(&client);
        block_on(LightClient::<Self>::log_in(client, config.log_in()))
    }
}

impl Adapter for Threads {
    fn answer<T: Send + 'static>(answered: T) -> T {
        answered
    }

    fn authenticate(config: AuthenticateConfig) -> Result<LightClient<Self>, Error> {
        LightClient::<Self>::authenticate(config)
    }
}
