//! A whole bot on one screen: it greets, knows commands, and takes orders by a form.
//!
//! ```sh
//! cargo run --example one_screen      # in a sandbox, with two people who use it
//! MEZON_BOT_ID=... MEZON_API_KEY=... cargo run --example one_screen       # on the platform
//! ```

// The bot:
use mezon_tokio::{Button, ButtonClick, Client, Command, CommandCall, Commands, ComponentId, Content, Embed};
use mezon_tokio::{HandlerResult, Input, Row, UserId, component_id};

component_id! {
    /// The button of an order, for who began it.
    struct Order("order", 1) { by: UserId }
}

fn set_up(client: &Client) {
    client.on_message(|message| async move {
        if message.text() == "hello" { message.reply("Hello! I know *help.").await.map(drop) } else { Ok(()) }
    });
    client.commands(
        Commands::new("*")
            .mention_prefix()
            .with_help()
            .command(Command::new("ping").about("Answers"), |call| async move { call.reply("pong").await })
            .command(Command::new("tea").about("Takes an order").args::<(Option<u32>,)>(&["cups"]), tea),
    );
    client.on_component(order);
    client.on_stale_component(|click, _| async move { click.reply_ephemeral("This button is out of date.").await });
}

async fn tea(call: CommandCall) -> HandlerResult {
    let (cups,): (Option<u32>,) = call.parse()?;
    let cups = Input::new("cups").kind("number").default_value(cups.unwrap_or(1));
    let button = Button::new(Order { by: call.sender_id() }.encode()?, "Order");
    let form = Embed::new().title("Tea").input("Cups", cups);
    call.reply(Content::text("").embed(form).row(Row::new([button]))).await?;
    Ok(())
}

async fn order(click: ButtonClick, order: Order) -> HandlerResult {
    if click.user_id() != order.by {
        click.reply_ephemeral("This is not your order.").await?;
        return Ok(());
    }
    match click.form().number::<u32>("cups") {
        Ok(cups) => click.edit_message(format!("{} tea, coming", cups.unwrap_or(1))).await?,
        Err(error) => drop(click.reply_ephemeral(error.to_string()).await?),
    }
    Ok(())
}

// ... and that is all of it.

use std::time::Duration;

use mezon_sandbox::{Matching, Sandbox, Unmet, World};
use mezon_tokio::{Config, MessageId};

#[tokio::main(flavor = "current_thread")]
async fn main() -> HandlerResult {
    if std::env::var_os("MEZON_BOT_ID").is_none() {
        return in_a_sandbox().await;
    }
    let client = Client::new(Config::from_vars(|name| std::env::var(name).ok())?)?;
    set_up(&client);
    Ok(client.run().await?)
}

const SOON: Duration = Duration::from_secs(10);

/// A small Mezon in this process, where people use the bot, and get what they expect.
async fn in_a_sandbox() -> HandlerResult {
    let mut world = World::builder();
    let (alice, bob) = (world.person("alice"), world.person("bob"));
    let bot = world.bot("teapot", "a-key");
    let clan = world.clan("Clan A");
    world.everyone_in(clan);
    let general = world.channel(clan, "general");
    let sandbox = Sandbox::start(world.build())?;
    let conversation = sandbox.follow();

    let config = Config::bot(bot, "a-key")?.host("127.0.0.1").port(sandbox.port()).use_tls(false).without_rate_limits();
    let client = Client::new(config)?;
    set_up(&client);
    let running = tokio::spawn(client.run());
    client.connect().await?;

    let hello = sandbox.say(alice, general, "hello");
    sandbox.expect_reply(hello, "Hello! I know *help.", SOON).await?;
    let ping = sandbox.say(bob, general, "*ping");
    sandbox.expect_reply(ping, "pong", SOON).await?;
    let help = sandbox.mention(bob, general, bot, "");
    sandbox.expect_reply(help, Matching::contains("*tea [cups]"), SOON).await?;
    sandbox.slash(bob, general, bot, "/ping");
    sandbox.expect_whisper(bob, "pong", SOON).await?;

    let much = sandbox.say(alice, general, "*tea much");
    sandbox.expect_reply(much, Matching::contains("argument 1 (cups)"), SOON).await?;
    let button = Order { by: alice }.encode()?;
    let form = form_of(&sandbox, sandbox.say(alice, general, "*tea")).await?;
    sandbox.fill(alice, form).text("cups", "three").submit(&button);
    sandbox.expect_whisper(alice, Matching::contains("not a valid number"), SOON).await?;

    let form = form_of(&sandbox, sandbox.say(alice, general, "*tea 2")).await?;
    sandbox.click(bob, form, "order:0:as-it-once-was", "");
    sandbox.expect_whisper(bob, "This button is out of date.", SOON).await?;
    sandbox.fill(bob, form).submit(&button);
    sandbox.expect_whisper(bob, "This is not your order.", SOON).await?;
    sandbox.fill(alice, form).text("cups", "3").submit(&button);
    sandbox.expect_edit(form, "3 tea, coming", SOON).await?;

    client.shutdown(SOON).await;
    running.await??;
    for line in conversation.try_iter() {
        println!("{line}");
    }
    Ok(())
}

/// The form that answers an order.
async fn form_of(sandbox: &Sandbox, order: MessageId) -> Result<MessageId, Unmet> {
    Ok(sandbox.expect_reply(order, Matching::any(), SOON).await?.message)
}
