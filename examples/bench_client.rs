//! What a performance rig runs: a client that counts what is pushed at it, or times what it sends.
//!
//! The rig's gateway is named by `MEZON_HOST` and so on, the scenario by `BENCH_SCENARIO`: `blast`, `ack`, `fanin` or
//! `reconnect`, of size `BENCH_N`. `BENCH_UNTHROTTLED=1` lifts the client's own rate limits, `BENCH_INTEREST=messages`
//! subscribes to messages alone, `BENCH_RUNTIME=multi` takes the multi-thread runtime.

extern crate mezon_tokio as sdk;

mod bench;
mod rig;

fn main() -> Result<(), rig::AnyError> {
    use tokio::runtime::Builder;
    let multi = rig::var("BENCH_RUNTIME").as_deref() == Some("multi");
    let mut runtime = if multi { Builder::new_multi_thread() } else { Builder::new_current_thread() };
    runtime.enable_all().build()?.block_on(bench::run())
}

mod runtime {
    use std::future::Future;
    use std::time::Duration;

    use mezon_tokio::{Client, Config, Error};

    pub(crate) async fn login(config: Config) -> Result<Client, Error> {
        Client::login(config).await
    }

    pub(crate) fn spawn<T: Send + 'static>(
        task: impl Future<Output = T> + Send + 'static,
    ) -> impl Future<Output = T> + Send {
        let task = tokio::spawn(task);
        async { task.await.expect("no task panics") }
    }

    /// Nothing, if it takes longer.
    pub(crate) async fn timeout<T>(limit: Duration, future: impl Future<Output = T>) -> Option<T> {
        tokio::time::timeout(limit, future).await.ok()
    }
}
