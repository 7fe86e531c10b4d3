//! Prints what a bot has stored, without a connection: `cargo run --example offline_messages [file [channel]]`. Without a
//! channel, the newest message of each; without a file, what a bot has stored that talks in a sandbox first.

use std::path::{Path, PathBuf};
use std::{env, fs};

use mezon_blocking::{Client, Event};
use mezon_store::{MessageDb, MessageStore as _};

mod stage;

// Row 191.
fn main() -> Result<(), stage::AnyError> {
    let mut arguments = env::args().skip(1);
    if let Some(file) = arguments.next() {
        return print(PathBuf::from(file), arguments.next());
    }
    let folder = env::temp_dir().join(format!("mezon-offline-{}", std::process::id()));
    let file = folder.join("messages.db");
    let printed = talk(&file).and_then(|channel| {
        print(file.clone(), None)?;
        print(file, Some(channel))
    });
    fs::remove_dir_all(folder)?;
    printed
}

fn print(file: PathBuf, channel: Option<String>) -> Result<(), stage::AnyError> {
    if !file.exists() {
        return Err(format!("{} is not there", file.display()).into());
    }
    let mut db = MessageDb::at(file);
    let Some(channel) = channel else {
        println!("{} messages in {}", db.count_all()?, db.path().display());
        for (channel, newest) in db.newest()? {
            println!("channel {channel}: {} messages, the newest is {newest}", db.get_message_count(channel)?);
        }
        return Ok(());
    };
    for message in db.get_messages_by_channel(&channel, MessageDb::LIMIT, 0)? {
        let sender = message.sender_id.as_deref().unwrap_or("nobody");
        println!("{} {sender}: {}", message.id, message.content["t"].as_str().unwrap_or_default());
    }
    Ok(())
}

/// A bot with a store, which says something and hears the answer. Gives the channel.
fn talk(file: &Path) -> Result<String, stage::AnyError> {
    let stage = stage::set()?;
    let client = Client::builder(stage.config).store(MessageDb::at(file)).build()?;
    client.connect()?;
    client.channel(stage.channel).send("How are you?")?;
    let is_last = |event: &Event| matches!(event, Event::Message(message) if message.text() == "*stop");
    client.events().find(is_last);
    Ok(stage.channel.to_string())
}
