//! S2, help: whoever only mentions the bot is shown its commands, as preformatted text. A mention is as good as the prefix,
//! arguments come as values of their types, and wrong ones are answered before the handler is called.
//!
//! `cargo run --example s02_help`

use mezon_examples::{AnyError, scenes, stage};
use mezon_tokio::{Client, Command, CommandCall, Commands, Error};

type Expert = (u32, String);

pub async fn bot(client: Client) -> Result<(), Error> {
    let expert = Command::new("expert").about("Makes somebody an expert 🐙").args::<Expert>(&["level", "name"]);
    client.commands(Commands::new("*").mention_prefix().with_help().command(expert, make_expert));
    client.run().await
}

async fn make_expert(call: CommandCall) -> Result<(), AnyError> {
    let (level, name): Expert = call.parse()?;
    call.reply(format!("{name} is an expert of level {level} now.")).await?;
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), AnyError> {
    stage::play(bot, scenes::help).await
}
