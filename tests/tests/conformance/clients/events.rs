//! Who gets the events, and when.

use std::thread;
use std::time::Instant;

use mezon_protocol::{Event, EventKind};

use super::scene::{SOON, Scene, event, next_text};
use crate::adapters::client::Host;
use crate::bot::Link;

pub fn receivers<H: Host>(link: Link) {
    let scene = Scene::<H>::connected(link);
    scene.say("early");
    H::wait(scene.client.channel(scene.general).send("now it has been read")).unwrap();

    // what happened before somebody listens is not lost
    let mut earlier = scene.client.events();
    let first = H::next(&mut earlier, SOON).flatten().unwrap();
    assert!(matches!(first, Event::Connecting { attempt: 0 }), "{first:?}");

    // a later one takes over, and gets what was not read
    let mut later = scene.client.events();
    drop(earlier);
    assert_eq!(next_text::<H>(&mut later), "early");
    let mut latest = scene.client.events();
    scene.say("hello");
    assert_eq!(next_text::<H>(&mut latest), "hello");
    while let Some(event) = H::next(&mut later, SOON).expect("the one that was replaced ends") {
        assert!(!matches!(event, Event::Message(message) if !message.is_own()));
    }
}

/// Row 31.
pub fn undecodable<H: Host>(link: Link) {
    let scene = Scene::<H>::connected(link);
    let mut events = scene.client.events();
    // a typing event whose bytes are no message
    let typing = EventKind::Typing.field();
    let tag = (typing << 3 | 2) as u8;
    let bytes = vec![tag | 0x80, (typing >> 4) as u8, 1, 0xff];
    assert!(scene.sandbox.with(|world, _| world.send_bytes(scene.bot, bytes)));
    scene.say("after it");
    assert_eq!(next_text::<H>(&mut events), "after it");
    assert_eq!(H::undecodable(&events), 1);
}

/// It holds the server back, loses nothing, and delays no answer.
pub fn slow_receiver<H: Host>(link: Link) {
    const MESSAGES: usize = 2000;
    const BOUND: usize = 16;
    let scene = Scene::<H>::connected_with(link, |mut config| {
        config.inbox.pause_at_events = BOUND;
        config
    });
    let mut events = scene.client.events();
    let padding = "x".repeat(2000);
    for k in 0..MESSAGES {
        scene.say(&format!("{k} {padding}"));
    }

    // as many as one read brings may come on top
    let (most, begun) = (BOUND + 64 * 1024 / padding.len(), Instant::now());
    let waiting = loop {
        let waiting = H::answer(scene.client.health()).waiting_events;
        if waiting >= BOUND {
            break waiting;
        }
        assert!(begun.elapsed() < SOON * 6, "{waiting} events wait");
        thread::yield_now();
    };
    assert!(waiting <= most, "{waiting}");

    H::wait(scene.client.channel(scene.general).send("an answer")).unwrap();
    for k in 0..MESSAGES {
        let text = next_text::<H>(&mut events);
        assert_eq!(text.split(' ').next(), Some(k.to_string().as_str()));
    }
}

/// Reading goes on, and what is lost is counted.
pub fn without_receiver<H: Host>(link: Link) {
    const MESSAGES: u64 = 3000;
    let scene = Scene::<H>::connected(link);
    for k in 0..MESSAGES {
        scene.say(&k.to_string());
    }
    H::wait(scene.client.channel(scene.general).send("done")).unwrap();

    let (mut events, mut received, mut lost) = (scene.client.events(), 0, 0);
    while received + lost < MESSAGES {
        match event::<H>(&mut events, |event| matches!(event, Event::Message(_) | Event::Lagged { .. })) {
            Event::Message(message) => {
                assert_eq!(message.text(), received.to_string());
                received += 1;
            }
            Event::Lagged { dropped } => lost += dropped,
            _ => unreachable!(),
        }
    }
    assert!(lost > 0 && received >= 1000, "{received} received, {lost} lost");
}
