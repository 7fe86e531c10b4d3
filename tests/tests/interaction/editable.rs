//! C12: edits of which only the latest counts.

use std::time::Duration;

use mezon_protocol::machine::State;
use mezon_protocol::object::{Editable, SentMessage};
use mezon_protocol::{Content, ErrorKind, Event, Machine, Sent};
use mezon_tests::backend::Collector;

use crate::scene::{MILLISECOND, SECOND, Scene, ready, ready_with};

const GAP: Duration = Duration::from_millis(400);

fn send(scene: &mut Scene) -> SentMessage<Collector> {
    let sending = scene.sim.bot.channel(scene.general).send("...");
    let sent = scene.sim.finish(sending).unwrap();
    scene.sim.take_events();
    sent
}

/// Sets a content every so often, and runs all that time.
fn set_often(scene: &mut Scene, message: &Editable<Collector>, times: u32, every: Duration) {
    for number in 1..=times {
        let set = message.set(format!("{number}"));
        scene.sim.run_for(Duration::ZERO);
        assert!(scene.sim.has_ended(&set), "a set does not wait");
        scene.sim.finish(set).unwrap();
        scene.sim.run_for(every);
    }
}

#[test]
fn fifty_sets_in_a_second_are_at_most_four_edits_and_the_last_equals_the_last_set() {
    let mut scene = ready();
    let sent = send(&mut scene);
    set_often(&mut scene, &sent.editable(), 50, SECOND / 50);
    scene.sim.run_for(SECOND);
    let edits = scene.edits(sent.id());
    assert!(edits.len() <= 4, "{edits:?}");
    assert_eq!((edits[0].1.as_str(), edits.last().unwrap().1.as_str()), ("1", "50"));
    let gaps: Vec<_> = edits.windows(2).map(|pair| pair[1].0 - pair[0].0).collect();
    assert!(gaps.iter().all(|gap| *gap >= GAP - MILLISECOND), "{gaps:?}");
    scene.sim.run_for(60 * SECOND);
    assert_eq!(scene.edits(sent.id()).len(), edits.len(), "and then nothing");
    let idle = scene.sim.machine.poll_timeout().map(|deadline| deadline.reason);
    assert_ne!(idle, Some(mezon_protocol::machine::Wake::Edit));
}

#[test]
fn one_edit_is_under_way_at_a_time_however_slow_the_server_is() {
    let mut scene = ready();
    let sent = send(&mut scene);
    scene.sim.act(|world, _| world.delay_acks(2 * SECOND));
    set_often(&mut scene, &sent.editable(), 50, SECOND / 10);
    scene.sim.run_for(10 * SECOND);
    let edits = scene.edits(sent.id());
    assert!(edits.windows(2).all(|pair| pair[1].0 - pair[0].0 >= 2 * SECOND), "{edits:?}");
    assert_eq!(edits.last().unwrap().1, "50");
}

#[test]
fn the_gap_can_be_set_and_a_received_message_can_be_edited_by_its_handle() {
    let mut scene = ready();
    let sent = send(&mut scene);
    scene.sim.run_for(SECOND);
    let sending = scene.sim.bot.channel(scene.general).send("own");
    scene.sim.finish(sending).unwrap();
    let own = scene.last_message();
    assert!(own.is_own());
    set_often(&mut scene, &own.editable().min_gap(SECOND / 10), 20, SECOND / 20);
    scene.sim.run_for(SECOND);
    let edits = scene.edits(own.id());
    assert!((10..=12).contains(&edits.len()), "{edits:?}");
    assert!(scene.edits(sent.id()).is_empty());
}

#[test]
fn flush_waits_for_what_was_set_last() {
    let mut scene = ready();
    let sent = send(&mut scene);
    let message = sent.editable();
    let nothing = message.flush();
    scene.sim.finish(nothing).unwrap();
    for text in ["a", "b", "c"] {
        let set = message.set(text);
        scene.sim.finish(set).unwrap();
    }
    let flush = message.flush();
    scene.sim.run_for(GAP / 2);
    assert!(!scene.sim.has_ended(&flush));
    scene.sim.finish(flush).unwrap();
    assert_eq!(scene.edits(sent.id()).last().unwrap().1, "c");
    let again = message.flush();
    scene.sim.run_for(Duration::ZERO);
    assert!(scene.sim.has_ended(&again));
}

#[test]
fn flush_gives_the_error_of_the_last_edit_and_a_later_edit_may_succeed() {
    let mut scene = ready();
    let sent = send(&mut scene);
    let message = sent.editable();
    scene.sim.act(|world, _| world.refuse_call("UpdateChannelMessage", 7, "not yours", 1));
    let (set, flush) = (message.set("refused"), message.flush());
    scene.sim.finish(set).unwrap();
    let error = scene.sim.finish(flush).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Refused { code: 7, .. }), "{error:?}");
    assert_eq!(error.sent(), Sent::Yes);
    let (set, flush) = (message.set("taken"), message.flush());
    scene.sim.finish(set).unwrap();
    scene.sim.finish(flush).unwrap();
    assert_eq!(scene.edits(sent.id()).last().unwrap().1, "taken");
}

#[test]
fn what_is_too_long_fails_at_once() {
    let mut scene = ready();
    let sent = send(&mut scene);
    let set = sent.editable().set("x".repeat(5000));
    let error = scene.sim.finish(set).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::TooLong { limit: 4000, .. }), "{error:?}");
}

#[test]
fn the_number_of_messages_with_edits_under_way_is_bounded() {
    let mut scene = ready_with(|mut config| {
        config.max_edited = 1;
        config
    });
    let (first, second) = (send(&mut scene), send(&mut scene));
    let (set, refused) = (first.editable().set("a"), second.editable().set("b"));
    scene.sim.finish(set).unwrap();
    let error = scene.sim.finish(refused).unwrap_err();
    assert_eq!((error.kind(), error.sent()), (&ErrorKind::TooManyInFlight, Sent::No));
    scene.sim.run_for(SECOND);
    let set = second.editable().set("c");
    scene.sim.finish(set).unwrap();
}

#[test]
fn edits_keep_what_the_message_mentions() {
    let mut scene = ready();
    let content = Content::text("@alice").mention(mezon_protocol::content::Mention::user(scene.alice).at(0..6));
    let sending = scene.sim.bot.channel(scene.general).send(content);
    let sent = scene.sim.finish(sending).unwrap();
    scene.sim.take_events();
    let set = sent.editable().set("@alice, again");
    scene.sim.finish(set).unwrap();
    scene.sim.run_for(SECOND);
    let updated = scene.sim.take_events().into_iter().find_map(|event| match event {
        Event::MessageUpdated(message) => Some(message),
        _ => None,
    });
    assert_eq!(updated.unwrap().mentions()[0].user_id, scene.alice);
}

#[test]
fn shutdown_makes_the_last_edit_without_waiting_for_the_gap() {
    let mut scene = ready();
    let sent = send(&mut scene);
    let message = sent.editable().min_gap(60 * SECOND);
    for text in ["a", "b", "c"] {
        let set = message.set(text);
        scene.sim.finish(set).unwrap();
    }
    scene.sim.tell(|machine, now| machine.shutdown(now, 5 * SECOND));
    assert!(scene.sim.run_until(SECOND, |sim| sim.machine.state() == State::Closed));
    assert_eq!(scene.edits(sent.id()).last().unwrap().1, "c");
}

#[test]
fn close_ends_a_flush_and_makes_no_edit() {
    let mut scene = ready();
    let sent = send(&mut scene);
    let message = sent.editable();
    for text in ["a", "b"] {
        let set = message.set(text);
        scene.sim.finish(set).unwrap();
    }
    let flush = message.flush();
    scene.sim.run_for(SECOND / 10);
    scene.sim.tell(Machine::close);
    let error = scene.sim.finish(flush).unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Closed);
    scene.sim.run_for(60 * SECOND);
    assert_eq!(scene.edits(sent.id()).len(), 1);
}
