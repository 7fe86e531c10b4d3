//! As `graceful`, on smol: `cargo run --example graceful_smol`.
// Rows 27, 28, 30.

use std::time::Duration;

use async_signal::{Signal, Signals};
use futures_lite::{FutureExt as _, StreamExt as _};
use mezon_smol::{Client, Event, Events};

mod stage;

fn main() -> Result<(), stage::AnyError> {
    smol::block_on(async {
        let stage = stage::set()?;
        let (client, driver, events) = Client::with_driver(stage.config)?;
        let driver = smol::spawn(driver);
        client.connect().await?;
        client.channel(stage.channel).send("I am here.").await?;
        let mut signals = Signals::new([Signal::Int, Signal::Term])?;
        let told_to_stop = async {
            signals.next().await;
        };
        run(events).or(told_to_stop).await;
        // calls that are under way may end; nothing is left behind
        client.shutdown(Duration::from_secs(5)).await;
        driver.await;
        println!("good-bye");
        Ok(())
    })
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
