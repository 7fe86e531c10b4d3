//! A bot that runs in a town, and what it has asked of the server.

use std::future::Future;
use std::ops::Deref;
use std::time::Duration;

use mezon_examples::stage::AnyError;
pub use mezon_examples::stage::{SOON, Town, showing};
use mezon_protocol::proto::realtime::envelope::Message as Member;
use mezon_sandbox::{Sandbox, World};
use mezon_tokio::{Client, Config};
use tokio::task::JoinHandle;

/// For so long nothing must happen where nothing is expected.
pub const QUIET: Duration = Duration::from_millis(100);

/// A running bot. It derefs to the town it runs in.
pub struct Play {
    pub town: Town,
    pub client: Client,
    running: JoinHandle<Result<(), AnyError>>,
}

impl Play {
    pub async fn start<B, E>(bot: impl FnOnce(Client) -> B) -> Self
    where
        B: Future<Output = Result<(), E>> + Send + 'static,
        E: Into<AnyError>,
    {
        Self::start_in(Town::open().unwrap(), |_| {}, bot).await
    }

    pub async fn start_in<B, E>(town: Town, change: impl FnOnce(&mut Config), bot: impl FnOnce(Client) -> B) -> Self
    where
        B: Future<Output = Result<(), E>> + Send + 'static,
        E: Into<AnyError>,
    {
        let mut config = town.config().unwrap();
        change(&mut config);
        let client = Client::login(config).await.unwrap();
        let listed = |world: &World| world.counters().calls("ListChannelDescs") > 0;
        town.sandbox.until("the direct channels are listed, too", SOON, listed).await.unwrap();
        let bot = bot(client.clone());
        let running = tokio::spawn(async move { bot.await.map_err(Into::into) });
        Self { town, client, running }
    }

    /// The bot must have ended well, and have left nobody waiting.
    pub async fn end(self) -> Town {
        self.client.shutdown(SOON).await;
        self.running.await.unwrap().unwrap();
        assert_eq!(self.client.waiting(), 0, "somebody still waits for an event");
        self.town
    }

    /// How many calls of the API there have been, over HTTP and over the socket.
    pub fn api_calls(&self) -> u64 {
        self.sandbox.with(|world, _| {
            let counters = world.counters();
            counters.http_calls.values().chain(counters.socket_calls.values()).sum()
        })
    }

    /// What the bot has sent over the socket, pings left out, with the times.
    pub fn sent(&self) -> Vec<(Duration, Member)> {
        sent(&self.sandbox)
    }
}

impl Deref for Play {
    type Target = Town;

    fn deref(&self) -> &Town {
        &self.town
    }
}

/// What clients have sent over the socket, pings left out, with the times.
pub fn sent(sandbox: &Sandbox) -> Vec<(Duration, Member)> {
    sandbox.with(|world, _| {
        let members = world.envelopes().filter_map(|sent| Some((sent.at.elapsed, sent.decode()?.message?)));
        members.filter(|(_, member)| !matches!(member, Member::Ping(_))).collect()
    })
}
