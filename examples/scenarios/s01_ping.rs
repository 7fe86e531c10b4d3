//! S1, ping: the bot replies at once, then edits its reply to say how long that took. The same few lines do it in a
//! channel, a thread, a topic and in direct messages: a reply goes to where the message came from.
//!
//! `cargo run --example s01_ping`

use std::time::Instant;

use mezon_examples::{AnyError, scenes, stage};
use mezon_tokio::{Client, Command, CommandCall, Commands, Error};

pub async fn bot(client: Client) -> Result<(), Error> {
    client.commands(Commands::new("*").command(Command::new("ping").about("Says how far away I am"), ping));
    client.run().await
}

async fn ping(call: CommandCall) -> Result<(), Error> {
    let asked = Instant::now();
    let pong = call.message().reply("pong").await?;
    pong.edit(format!("pong, {:.1} ms", asked.elapsed().as_secs_f64() * 1000.0)).await?;
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), AnyError> {
    stage::play(bot, scenes::ping).await
}
