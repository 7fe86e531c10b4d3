//! Where an example plays: on the platform if the environment has credentials, otherwise in a sandbox of its own, where
//! alice replies to the bot's first message and then says *stop.

use std::sync::Arc;
use std::time::Duration;

use mezon_blocking::{ChannelId, Config};
use mezon_sandbox::{Matching, Sandbox, World};

pub type AnyError = Box<dyn std::error::Error + Send + Sync>;

/// What an example needs to log in, and the channel to talk in.
pub struct Stage {
    pub config: Config,
    /// On the platform: `MEZON_CHANNEL_ID`.
    pub channel: ChannelId,
    _sandbox: Option<Arc<Sandbox>>,
}

pub fn set() -> Result<Stage, AnyError> {
    let var = |name: &str| std::env::var(name).ok();
    if var("MEZON_BOT_ID").is_some() {
        let channel: i64 = var("MEZON_CHANNEL_ID").ok_or("MEZON_CHANNEL_ID is not set")?.parse()?;
        return Ok(Stage { config: Config::from_vars(var)?, channel: channel.into(), _sandbox: None });
    }
    let mut world = World::builder();
    let (alice, bot) = (world.person("alice"), world.bot("helper", "a-key"));
    let clan = world.clan("Clan A");
    world.everyone_in(clan);
    let channel = world.channel(clan, "general");
    let sandbox = Arc::new(Sandbox::start(world.build())?);
    let config = Config::bot(bot, "a-key")?.host("127.0.0.1").port(sandbox.port()).use_tls(false).without_rate_limits();

    let first = sandbox.expect_message(channel, Matching::any(), Duration::from_secs(60));
    let town = Arc::clone(&sandbox);
    std::thread::spawn(move || {
        if let Ok(said) = first.wait() {
            let reply = town.reply(alice, said.message, "Fine, and you?");
            town.react(alice, reply, "👋");
            town.say(alice, channel, "*stop");
        }
    });
    Ok(Stage { config, channel, _sandbox: Some(sandbox) })
}
