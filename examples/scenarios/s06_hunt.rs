//! S6, a game with a menu: `*hunt` shows one, of which the buttons are the hunter's alone. A new hunt closes the one
//! before, and after a while without a click it expires. Nothing is left of a hunt that is over, however many there
//! were, and nobody waits for anybody else: `cargo run --example s06_hunt`.

use std::collections::HashMap;
use std::time::Duration;

use mezon_examples::{AnyError, Shared, scenes, stage};
use mezon_tokio::{Button, ButtonStyle, Client, Command, CommandCall, Commands, ComponentId, Content, Error, UserId};
use mezon_tokio::{SentMessage, component_id};
use tokio::sync::oneshot::{Receiver, Sender, channel};

component_id! { pub enum Press("hunt", 1) { Attack = "a", Flee = "f" } }

pub async fn bot(client: Client, idle: Duration) -> Result<(), Error> {
    let hunts = Shared::<HashMap<UserId, Sender<()>>>::default();
    let woods = client.clone();
    client.commands(Commands::new("*").command(Command::new("hunt").about("Goes hunting"), move |call| {
        let (running, closed) = channel();
        // with what is replaced, the hunt before ends
        hunts.lock().insert(call.sender_id(), running);
        // on its own: others in the channel are not to wait for it
        tokio::spawn(begin(woods.clone(), call, idle, closed));
    }));
    client.run().await
}

async fn begin(client: Client, call: CommandCall, idle: Duration, closed: Receiver<()>) {
    let hunted = async {
        let menu = call.message().reply(card(3)?).await?;
        let end = hunt(&client, &menu, call.sender_id(), idle, closed).await?;
        menu.editable().set(end).await
    };
    if let Err(error) = hunted.await {
        eprintln!("a hunt has failed: {error}");
    }
}

async fn hunt(
    client: &Client,
    menu: &SentMessage,
    hunter: UserId,
    idle: Duration,
    mut closed: Receiver<()>,
) -> Result<&'static str, Error> {
    let mut life = 3;
    let mut next = client.next_click(menu.id(), Some(hunter), idle);
    loop {
        let click = tokio::select! {
            click = &mut next => click,
            _ = &mut closed => return Ok("closed"),
        };
        let Some(click) = click else { return Ok("expired") };
        // before anything is done about this one, so that none is missed meanwhile
        next = client.next_click(menu.id(), Some(hunter), idle);
        match click.component() {
            Ok(Press::Attack) if life > 1 => life -= 1,
            Ok(Press::Attack) => return Ok("You have won."),
            Ok(Press::Flee) => return Ok("You have fled."),
            Err(_) => {}
        }
        menu.editable().set(card(life)?).await?;
    }
}

fn card(life: u32) -> Result<Content, Error> {
    let attack = Button::new(Press::Attack.encode()?, "Attack").style(ButtonStyle::Danger);
    let flee = Button::new(Press::Flee.encode()?, "Flee");
    Ok(Content::text(format!("A boar! {}", "❤".repeat(life as usize))).row(vec![attack, flee]))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), AnyError> {
    stage::play(|client| bot(client, Duration::from_secs(300)), scenes::hunt).await
}
