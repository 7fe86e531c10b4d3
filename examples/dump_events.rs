//! Events as JSON lines, until somebody says *stop: `cargo run --example dump_events`.
use mezon_blocking::{Client, Event};

mod stage;

fn main() -> Result<(), stage::AnyError> {
    let stage = stage::set()?;
    let client = Client::login(stage.config)?;
    client.channel(stage.channel).send("I am listening.")?;
    for event in client.events() {
        match event {
            Event::Message(message) if message.text() == "*stop" => break,
            Event::Message(m) => println!(r#"{{"kind":"message","id":"{}","sender":"{}"}}"#, m.id(), m.sender_id()),
            Event::Reaction(r) => println!(r#"{{"kind":"reaction","message":"{}"}}"#, r.message_id()),
            other => println!(r#"{{"kind":"{}"}}"#, other.kind().map_or("lifecycle", |kind| kind.name())),
        }
    }
    Ok(())
}
