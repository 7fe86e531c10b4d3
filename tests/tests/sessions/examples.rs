//! The examples for users, against a sandbox.
#![allow(clippy::duplicate_mod, reason = "each example is a crate of its own elsewhere")]

use std::fs;
use std::sync::mpsc;

use mezon_blocking::LightClient;

use crate::light::town::{SOON, sandbox};

#[path = "../../../examples/dm_chat.rs"]
mod dm_chat;
#[path = "../../../examples/saved_session.rs"]
mod saved_session;

/// Rows 225, 226, 231.
#[test]
fn a_script_logs_in_once_and_starts_from_what_it_has_stored() {
    let (sandbox, login) = sandbox(|_| {});
    let bob = sandbox.with(|world, _| world.user_named("bob")).unwrap();
    let file = std::env::temp_dir().join(format!("mezon-script-{}.json", std::process::id()));
    let run = || saved_session::run(&file, &login, bob).unwrap();
    assert!(run());
    assert!(!run());
    sandbox.with(|world, _| world.revoke_sessions(login.user_id));
    assert!(run(), "the session is over");
    fs::write(&file, "no session").unwrap();
    assert!(run(), "somebody has written into the file");
    fs::remove_file(&file).unwrap();
    let chat = sandbox.with(|world, _| world.direct_channel(login.user_id, bob)).unwrap();
    let said = sandbox.with(|world, _| world.said_by_clients().filter(|said| said.channel == chat).count());
    assert_eq!(said, 4);
}

/// Rows 220, 237, 253, 258, 262, 272.
#[test]
fn two_people_talk_in_the_terminal() {
    let (sandbox, login) = sandbox(|_| {});
    let (alice, bob) = (login.user_id, sandbox.with(|world, _| world.user_named("bob")).unwrap());
    let chat = sandbox.with(|world, _| world.direct_channel(alice, bob)).unwrap();
    let client = LightClient::authenticate(login).unwrap();
    let (tell, told) = mpsc::channel();
    let mut said = ["Hello!", "And you?"].into_iter();
    let lines = std::iter::from_fn(|| {
        // bob has something to say first
        sandbox.say(bob, chat, "How are you?");
        assert_eq!(told.recv_timeout(SOON).unwrap(), "bob: How are you?");
        said.next().map(str::to_owned)
    });
    dm_chat::chat(&client, bob, lines, move |who, text| tell.send(format!("{who}: {text}")).unwrap()).unwrap();
    for text in ["Hello!", "And you?"] {
        sandbox.expect_message(chat, text, SOON).wait().unwrap();
    }
}
