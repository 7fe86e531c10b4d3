//! Where a bot plays: on the platform if the environment has credentials, otherwise in a small Mezon of its own, where
//! people play a scene with it.

use std::future::Future;
use std::io;
use std::time::Duration;

use mezon_sandbox::{Matching, NewChannel, Sandbox, World};
use mezon_tokio::{ChannelId, ClanId, Client, Config, Error, UserId};

pub type AnyError = Box<dyn std::error::Error + Send + Sync>;

/// How long people wait for what a bot says, and a bot for its last calls.
pub const SOON: Duration = Duration::from_secs(10);

const KEY: &str = "a-key";

/// A small Mezon: a clan with two people, a bot, a channel and a voice room.
pub struct Town {
    pub sandbox: Sandbox,
    pub alice: UserId,
    pub bob: UserId,
    pub bot: UserId,
    pub clan: ClanId,
    pub general: ChannelId,
    pub room: ChannelId,
}

impl Town {
    pub fn open() -> io::Result<Self> {
        let mut world = World::builder();
        let (alice, bob, bot) = (world.person("alice"), world.person("bob"), world.bot("bot", KEY));
        let clan = world.clan("Clan A");
        world.everyone_in(clan);
        let general = world.channel(clan, "general");
        let room = world.add_channel(clan, NewChannel::voice("lounge"));
        Ok(Self { sandbox: Sandbox::start(world.build())?, alice, bob, bot, clan, general, room })
    }

    /// For the bot, which needs no manners here.
    pub fn config(&self) -> Result<Config, Error> {
        let config = Config::bot(self.bot, KEY)?.host("127.0.0.1").port(self.sandbox.port()).use_tls(false);
        let mut config = config.without_rate_limits();
        config.services = self.sandbox.services();
        config.ledger.plain_loopback = true;
        Ok(config)
    }
}

/// Whether the environment has credentials for the platform.
pub fn has_credentials() -> bool {
    std::env::var_os("MEZON_BOT_ID").is_some()
}

/// Runs a bot on the platform until Ctrl-C; without credentials it plays a scene, which is printed.
pub async fn play<B, E>(
    bot: impl FnOnce(Client) -> B,
    scene: impl AsyncFnOnce(&Town) -> Result<(), AnyError>,
) -> Result<(), AnyError>
where
    B: Future<Output = Result<(), E>> + Send + 'static,
    E: Into<AnyError> + Send + 'static,
{
    if has_credentials() {
        let client = Client::login(Config::from_vars(|name| std::env::var(name).ok())?).await?;
        println!("ready; Ctrl-C ends it");
        let running = tokio::spawn(bot(client.clone()));
        tokio::signal::ctrl_c().await?;
        client.shutdown(SOON).await;
        return running.await?.map_err(Into::into);
    }
    let town = Town::open()?;
    let talk = town.sandbox.follow();
    let client = Client::login(town.config()?).await?;
    let running = tokio::spawn(bot(client.clone()));
    let played = scene(&town).await;
    client.shutdown(SOON).await;
    for line in talk.try_iter() {
        println!("{line}");
    }
    played?;
    running.await?.map_err(Into::into)
}

/// A message that has this in it anywhere: in its text, its embeds, its buttons.
pub fn showing(part: impl Into<String>) -> Matching {
    let part = part.into();
    Matching::when(format!("{part:?} somewhere in it"), move |said| said.content.contains(&part))
}
