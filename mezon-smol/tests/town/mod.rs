//! A sandbox with a channel, a person and a bot, and what the tests of the client have in common.

use std::future::Future;
use std::time::Duration;

use mezon_sandbox::{Sandbox, World};
use mezon_smol::{ChannelId, Config, Event, Events, UserId};

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
}

/// Fails a test that would hang.
pub(crate) async fn patiently<F: Future>(future: F) -> F::Output {
    let too_late = async {
        smol::Timer::after(PATIENCE).await;
        panic!("it should not take this long")
    };
    smol::future::or(future, too_late).await
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
