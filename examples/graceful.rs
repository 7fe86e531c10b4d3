//! Runs until Ctrl-C, SIGTERM or a *stop, and ends in good order: `cargo run --example graceful`.
// Rows 27, 28, 30.

use std::time::Duration;

use mezon_tokio::{Client, Event, Events};
use tokio::signal::ctrl_c;
use tokio::signal::unix::{SignalKind, signal};

mod stage;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), stage::AnyError> {
    let stage = stage::set()?;
    let client = Client::login(stage.config).await?;
    client.channel(stage.channel).send("I am here.").await?;
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        () = run(client.events()) => {}
        interrupted = ctrl_c() => interrupted?,
        _ = terminate.recv() => {}
    }
    // calls that are under way may end; nothing is left behind
    client.shutdown(Duration::from_secs(5)).await;
    println!("good-bye");
    Ok(())
}

async fn run(mut events: Events) {
    while let Some(event) = events.next().await {
        match event {
            Event::Message(message) if message.text() == "*stop" => return,
            Event::Disconnected { cause, .. } => println!("{cause}"),
            _ => {}
        }
    }
}
