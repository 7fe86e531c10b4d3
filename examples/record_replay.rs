//! Records what a client does, and plays it once more without any server: `cargo run --example record_replay`.

use mezon_blocking::protocol::replay::Player;
use mezon_blocking::{Client, assert_replays};

mod stage;

fn main() -> Result<(), stage::AnyError> {
    let stage = stage::set()?;
    let file = std::env::temp_dir().join(format!("hello-{}.mezonrec", std::process::id()));
    let client = Client::builder(stage.config).record(&file).build()?;
    client.connect()?;
    client.channel(stage.channel).send("Hello from a script!")?;
    client.end_recording();

    let mut player = Player::new(std::fs::File::open(&file)?)?;
    while let Some(step) = player.step()? {
        println!("{step}");
    }
    println!("in the end: {:?}", player.machine().state());

    // and this is all that a test needs
    assert_replays(&file);
    Ok(std::fs::remove_file(file)?)
}
