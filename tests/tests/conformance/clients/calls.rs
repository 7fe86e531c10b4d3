//! Calls of a client.

use std::thread;

use mezon_protocol::{Config, Error, ErrorKind, Event, Sent};

use super::scene::{SOON, Scene};
use crate::adapters::client::Host;
use crate::bot::Link;

/// Row 34.
pub fn talk<H: Host>(link: Link) {
    let scene = Scene::<H>::connected(link);
    let ping = scene.say("*ping");
    let Event::Message(message) = scene.heard() else { unreachable!() };
    assert_eq!((message.text().as_ref(), message.sender_id(), message.is_own()), ("*ping", scene.alice, false));

    let reply = H::wait(message.reply("pong")).unwrap();
    assert_eq!(reply.to_message().sender_id(), scene.client.id());
    H::wait(reply.edit("pong: 1 ms")).unwrap();
    H::wait(message.channel().send("anything else?")).unwrap();

    let said = scene.sandbox.expect_reply(ping, "pong", SOON).wait().unwrap();
    assert_eq!(said.message, reply.id());
    scene.sandbox.expect_edit(reply.id(), "pong: 1 ms", SOON).wait().unwrap();
    scene.sandbox.expect_message(scene.general, "anything else?", SOON).wait().unwrap();
    // nothing of it went over HTTP
    let by_socket = |world: &mezon_sandbox::World| world.counters().socket_calls.get("UpdateChannelMessage").copied();
    assert_eq!(scene.sandbox.with(|world, _| by_socket(world)), Some(1));
}

pub fn too_many<H: Host>(link: Link) {
    let scene = Scene::<H>::connected_with(link, |config| Config { max_pending: 1, ..config });
    scene.sandbox.with(|world, _| world.swallow_acks(1));
    let channel = scene.client.channel(scene.general);
    let other = channel.clone();
    let unanswered = thread::spawn(move || H::wait(other.send("one")));
    scene.sandbox.expect_message(scene.general, "one", SOON).wait().unwrap();
    assert_eq!(H::wait(channel.send("two")).unwrap_err(), Error::unsent(ErrorKind::TooManyInFlight));
    scene.client.close();
    let error = unanswered.join().unwrap().unwrap_err();
    assert_eq!((error.kind(), error.sent()), (&ErrorKind::Closed, Sent::Unknown));
}
