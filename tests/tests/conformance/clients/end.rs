//! How a client ends, and what keeps it going.

use std::thread;
use std::time::Duration;

use mezon_protocol::machine::{HealthStatus, State};
use mezon_protocol::{Error, ErrorKind, Event, Sent};

use super::scene::{SOON, Scene, event};
use crate::adapters::client::Host;
use crate::bot::Link;

pub fn pending_calls<H: Host>(link: Link) {
    let scene = Scene::<H>::connected(link);
    let mut events = scene.client.events();
    let channel = scene.client.channel(scene.general);
    let send = |text: &'static str| {
        let channel = channel.clone();
        let sending = thread::spawn(move || H::wait(channel.send(text)));
        scene.sandbox.expect_message(scene.general, text, SOON).wait().unwrap();
        sending
    };

    // those that can end do
    scene.sandbox.with(|world, _| world.delay_acks(Duration::from_millis(50)));
    let last = send("one last thing");
    H::answer(scene.client.shutdown(Duration::MAX));
    last.join().unwrap().unwrap();
    scene.connections(0);
    event::<H>(&mut events, |event| matches!(event, Event::Disconnected { will_retry_in: None, .. }));
    assert_eq!(H::answer(scene.client.state()), State::Closed);
    assert_eq!(H::answer(scene.client.health()).status, HealthStatus::Dead);
    assert_eq!(H::answer(scene.client.stats()).ready, 1);
    assert_eq!(H::wait(channel.send("too late")).unwrap_err(), Error::unsent(ErrorKind::Closed));
    H::answer(scene.client.shutdown(SOON));

    // the others are waited for no longer than was said
    let scene = Scene::<H>::connected(link);
    scene.sandbox.with(|world, _| world.swallow_acks(1));
    let channel = scene.client.channel(scene.general);
    let unanswered = thread::spawn(move || H::wait(channel.send("is anybody there?")));
    scene.sandbox.expect_message(scene.general, "is anybody there?", SOON).wait().unwrap();
    H::answer(scene.client.shutdown(Duration::from_millis(10)));
    let error = unanswered.join().unwrap().unwrap_err();
    assert_eq!((error.kind(), error.sent()), (&ErrorKind::Closed, Sent::Unknown));
}

/// Rows 26, 30.
pub fn events_are_enough<H: Host>(link: Link) {
    let scene = Scene::<H>::connected(link);
    let events = scene.client.events();
    let channel = scene.client.channel(scene.general);
    let Scene { sandbox, client, bot, .. } = scene;
    drop(client);
    H::wait(channel.send("events are enough")).unwrap();
    drop(events);
    sandbox.until("no connection", SOON, move |world| world.connections_of(bot).is_empty()).wait().unwrap();
    assert_eq!(H::wait(channel.send("anybody?")).unwrap_err(), Error::unsent(ErrorKind::Closed));
}
