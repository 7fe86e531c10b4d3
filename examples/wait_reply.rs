//! Asks and waits for a reply, between any two events for a minute at most: `cargo run --example wait_reply`.
use mezon_blocking::{Client, Event};
use std::time::Duration;

mod stage;

fn main() -> Result<(), stage::AnyError> {
    let stage = stage::set()?;
    let client = Client::login(stage.config)?;
    let question = client.channel(stage.channel).send("How are you?")?;
    let mut events = client.events();
    loop {
        let Event::Message(message) = events.next_timeout(Duration::from_secs(60))? else { continue };
        if message.references().iter().any(|reference| reference.message_id == question.id()) {
            println!("{} replied: {}", message.sender_name(), message.text());
            return Ok(());
        }
    }
}
