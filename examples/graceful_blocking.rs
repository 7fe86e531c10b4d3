//! Runs until a *stop, and ends in good order: `cargo run --example graceful_blocking`. Ctrl-C and SIGTERM end the process
//! as any other: no thread of the client holds it.
// Rows 27, 28, 30.

use std::time::Duration;

use mezon_blocking::{Client, Event};

mod stage;

fn main() -> Result<(), stage::AnyError> {
    let stage = stage::set()?;
    let client = Client::login(stage.config)?;
    client.channel(stage.channel).send("I am here.")?;
    for event in client.events() {
        match event {
            Event::Message(message) if message.text() == "*stop" => break,
            Event::Disconnected { cause, .. } => println!("{cause}"),
            _ => {}
        }
    }
    // calls of other threads may end; no thread is left behind
    client.shutdown(Duration::from_secs(5));
    println!("good-bye");
    Ok(())
}
