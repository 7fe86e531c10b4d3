//! What a performance rig runs, on smol: see `bench_client`. One thread does everything.

extern crate mezon_smol as sdk;

mod bench;
mod rig;

fn main() -> Result<(), rig::AnyError> {
    smol::block_on(runtime::EXECUTOR.run(bench::run()))
}

mod runtime {
    use std::future::Future;
    use std::time::Duration;

    use mezon_smol::{Client, Config, Error};
    use smol::{Executor, Task, Timer};

    pub(crate) static EXECUTOR: Executor<'_> = Executor::new();

    pub(crate) async fn login(config: Config) -> Result<Client, Error> {
        let (client, driver, _) = Client::with_driver(config)?;
        EXECUTOR.spawn(driver).detach();
        client.connect().await?;
        Ok(client)
    }

    pub(crate) fn spawn<T: Send + 'static>(task: impl Future<Output = T> + Send + 'static) -> Task<T> {
        EXECUTOR.spawn(task)
    }

    /// Nothing, if it takes longer.
    pub(crate) async fn timeout<T>(limit: Duration, future: impl Future<Output = T>) -> Option<T> {
        let too_late = async {
            Timer::after(limit).await;
            None
        };
        smol::future::or(async { Some(future.await) }, too_late).await
    }
}
