//! Sends a picture: `cargo run --example send_picture -- cat.png`.

use mezon_blocking::{Client, Content, upload};

mod stage;

// Rows 240, 244.
fn main() -> Result<(), stage::AnyError> {
    let stage = stage::set()?;
    let picture = match std::env::args().nth(1) {
        Some(path) => upload::file(path)?,
        None => {
            upload::bytes("square.svg", "<svg xmlns='http://www.w3.org/2000/svg'><rect width='9' height='9'/></svg>")
        }
    };
    let client = Client::login(stage.config)?;
    let picture = client.upload(picture.on_progress(|sent, size| println!("{sent} of {size} bytes")))?;
    println!("it is at {}", picture.url);
    client.channel(stage.channel).send(Content::text("Look at this!").attachment(picture))?;
    Ok(())
}
