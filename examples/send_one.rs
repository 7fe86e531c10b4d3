//! Sends one message: `cargo run --example send_one`.

use mezon_blocking::Client;

mod stage;

fn main() -> Result<(), stage::AnyError> {
    let stage = stage::set()?;
    let client = Client::login(stage.config)?;
    let sent = client.channel(stage.channel).send("Hello from a script!")?;
    println!("sent as {}", sent.id());
    Ok(())
}
