//! Prints what a bot has stored, without a connection: `cargo run --example offline_messages [file [channel]]`. Without a
//! channel, the newest message of each.

use mezon_store::{MessageDb, MessageStore as _, StoreError};

// Row 191.
fn main() -> Result<(), StoreError> {
    let mut arguments = std::env::args().skip(1);
    let mut db = arguments.next().map_or_else(MessageDb::new, MessageDb::at);
    println!("{} messages in {}", db.count_all()?, db.path().display());
    let Some(channel) = arguments.next() else {
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
