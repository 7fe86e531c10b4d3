//! A sandbox with a channel, a person and a bot, and what the tests of the client have in common.
#![allow(dead_code, reason = "not every test needs all of it")]

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use mezon_sandbox::{Sandbox, World};
use mezon_tokio::{ChannelId, Client, Config, Event, Events, UserId};

pub(crate) const KEY: &str = "a-key";

/// Long enough for the slowest machine; nothing waits for it when all is well.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct Town {
    pub(crate) sandbox: Sandbox,
    pub(crate) alice: UserId,
    pub(crate) bot: UserId,
    pub(crate) general: ChannelId,
}

impl Town {
    pub(crate) fn new() -> Self {
        let mut world = World::builder();
        let (alice, bot) = (world.person("alice"), world.bot("helper", KEY));
        let clan = world.clan("Clan A");
        world.everyone_in(clan);
        let general = world.channel(clan, "general");
        Self { sandbox: Sandbox::start(world.build()).unwrap(), alice, bot, general }
    }

    /// How to reach it, without TLS and without waiting for anything on purpose.
    pub(crate) fn config(&self) -> Config {
        let config = Config::bot(self.bot, KEY).unwrap().host("127.0.0.1").port(self.sandbox.port()).use_tls(false);
        let mut config = config.without_rate_limits();
        config.backoff.first = Duration::from_millis(10);
        config
    }

    pub(crate) async fn login(&self) -> Client {
        patiently(Client::login(self.config())).await.unwrap()
    }

    /// Waits until the bot has as many connections.
    pub(crate) async fn connections(&self, count: usize) {
        let bot = self.bot;
        let says = format!("{count} connections");
        self.sandbox.until(says, PATIENCE, move |world| world.connections_of(bot).len() == count).await.unwrap();
    }
}

/// Polls without waiting to be woken.
pub(crate) fn poll_once<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// Fails a test that would hang.
pub(crate) async fn patiently<F: Future>(future: F) -> F::Output {
    tokio::time::timeout(PATIENCE, future).await.expect("it should not take this long")
}

/// The first event that satisfies the condition.
pub(crate) async fn event(events: &mut Events, condition: impl Fn(&Event) -> bool) -> Event {
    patiently(async {
        loop {
            let event = events.next().await.expect("the events should go on");
            if condition(&event) {
                return event;
            }
        }
    })
    .await
}
