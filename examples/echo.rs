//! A bot that answers: `*ping` gets a reply, which is then edited to say how long it took; all else is echoed.
//!
//! ```sh
//! cargo run --example echo        # in a sandbox, with two people who talk to it
//! MEZON_BOT_ID=... MEZON_API_KEY=... cargo run --example echo     # on the platform, until Ctrl-C
//! ```

use std::time::{Duration, Instant};

use mezon_sandbox::{Matching, Sandbox, World};
use mezon_tokio::{Client, Config, Error, Event, Events, Message};

type AnyError = Box<dyn std::error::Error>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), AnyError> {
    if std::env::var_os("MEZON_BOT_ID").is_some() { on_the_platform().await } else { in_a_sandbox().await }
}

/// The bot.
async fn run(mut events: Events) {
    while let Some(event) = events.next().await {
        match event {
            // its own messages arrive, too, and must not be answered
            Event::Message(message) if message.is_own() || message.is_system() => {}
            Event::Message(message) => {
                if let Err(error) = answer(&message).await {
                    eprintln!("message {} is left without an answer: {error}", message.id());
                }
            }
            Event::Disconnected { cause, will_retry_in: Some(delay) } => eprintln!("{cause}; again in {delay:?}"),
            Event::Fatal { reason } => eprintln!("{reason}"),
            _ => {}
        }
    }
}

/// Replies go to where the message came from: channel, thread or direct messages, and into its topic.
async fn answer(message: &Message) -> Result<(), Error> {
    if message.text() != "*ping" {
        message.channel().send(message.text()).await?;
        return Ok(());
    }
    let start = Instant::now();
    let reply = message.reply("pong").await?;
    reply.edit(format!("pong: {:.1} ms", start.elapsed().as_secs_f64() * 1000.0)).await?;
    Ok(())
}

async fn on_the_platform() -> Result<(), AnyError> {
    let client = Client::login(Config::from_vars(|name| std::env::var(name).ok())?).await?;
    println!("ready; Ctrl-C ends it");
    tokio::select! {
        () = run(client.events()) => {}
        interrupted = tokio::signal::ctrl_c() => interrupted?,
    }
    client.shutdown(Duration::from_secs(5)).await;
    Ok(())
}

/// A small Mezon in this process: a clan with a channel, two people, and the bot.
async fn in_a_sandbox() -> Result<(), AnyError> {
    let mut world = World::builder();
    let (alice, bob) = (world.person("alice"), world.person("bob"));
    let bot = world.bot("echo", "a-key");
    let clan = world.clan("Clan A");
    world.everyone_in(clan);
    let general = world.channel(clan, "general");
    let sandbox = Sandbox::start(world.build())?;
    let conversation = sandbox.follow();

    let config = Config::bot(bot, "a-key")?.host("127.0.0.1").port(sandbox.port()).use_tls(false).without_rate_limits();
    let client = Client::login(config).await?;
    let bot = tokio::spawn(run(client.events()));

    let soon = Duration::from_secs(10);
    let hello = sandbox.say(alice, general, "Hello, is anybody here?");
    sandbox.expect_message(general, "Hello, is anybody here?", soon).await?;
    sandbox.react(bob, hello, "👋");
    let ping = sandbox.say(bob, general, "*ping");
    let pong = sandbox.expect_reply(ping, Matching::any(), soon).await?;
    sandbox.expect_edit(pong.message, Matching::contains(" ms"), soon).await?;
    sandbox.say(alice, general, "Xin chào, 👋!");
    sandbox.expect_message(general, "Xin chào, 👋!", soon).await?;

    client.shutdown(Duration::from_secs(5)).await;
    bot.await?;
    for line in conversation.try_iter() {
        println!("{line}");
    }
    Ok(())
}
