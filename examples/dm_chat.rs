//! Two people talk in the terminal, each line a message: `cargo run --example dm_chat`. In a sandbox the other one answers;
//! on the platform set `MEZON_ID_TOKEN`, `MEZON_USER_ID`, `MEZON_USERNAME` and `MEZON_PEER_ID`.

use std::io;
use std::sync::mpsc;
use std::time::Duration;

use mezon_blocking::{LightClient, LightSocket, SendMessagePayload, SocketConnectOptions, UserId};

mod person;

use person::AnyError;

/// Talks to a user until there are no more lines; what the user says is shown as it comes.
pub fn chat(
    client: &LightClient,
    peer: UserId,
    lines: impl IntoIterator<Item = String>,
    show: impl Fn(&str, &str) + Send + Sync + 'static,
) -> Result<(), AnyError> {
    let chat = client.create_dm(peer)?.id();
    let socket = LightSocket::new(client);
    socket.on_channel_message(move |message| {
        if message.channel_id() == chat {
            show(message.sender_name(), &message.text());
        }
    });
    socket.connect(
        SocketConnectOptions::default()
            .on_error(|error| eprintln!("{error}"))
            .on_disconnect(|| eprintln!("(disconnected)")),
    )?;
    socket.join_dm_channel(chat)?;
    for line in lines.into_iter().filter(|line| !line.trim().is_empty()) {
        socket.send_dm(SendMessagePayload::new(chat, line.trim()))?;
    }
    socket.disconnect();
    Ok(())
}

#[allow(dead_code, reason = "tests call what it calls")]
fn main() -> Result<(), AnyError> {
    let person = person::set()?;
    let client = LightClient::authenticate(person.login.clone())?;
    let (tell, told) = mpsc::channel();
    let in_sandbox = person.sandbox.is_some();
    println!("Say something; an empty line or Ctrl-D ends it.");
    let mut is_first = true;
    let lines = std::iter::from_fn(move || {
        // in a sandbox the answer comes before the next line
        if in_sandbox && !std::mem::take(&mut is_first) {
            let _ = told.recv_timeout(Duration::from_secs(2));
        }
        let line = io::stdin().lines().next()?.ok()?;
        (!line.is_empty()).then_some(line)
    });
    chat(&client, person.peer, lines, move |who, text| {
        println!("{who}: {text}");
        // nobody may listen, on the platform
        let _ = tell.send(());
    })
}
