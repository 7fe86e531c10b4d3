//! C11: messages that wait for the connection, and for those before them.

use std::time::Duration;

use mezon_protocol::call::WhenFull;
use mezon_protocol::machine::State;
use mezon_protocol::object::SentMessage;
use mezon_protocol::{Config, ErrorKind, Machine, Sent};
use mezon_tests::backend::{Called, Collector};

use crate::scene::{SECOND, Scene, build, ready, ready_with};

type Sending = Called<SentMessage<Collector>>;

/// Takes the network away for so long; what is going on then has happened.
fn drop_for(scene: &mut Scene, time: Duration) {
    let bot = scene.sim.bot_id;
    scene.sim.reachable = false;
    scene.sim.act(|world, now| world.abort(now, bot));
    scene.sim.run_for(time);
    scene.sim.reachable = true;
}

fn queue_all(scene: &Scene, texts: &[&str]) -> Vec<Sending> {
    texts.iter().map(|text| scene.sim.bot.channel(scene.general).queue(*text)).collect()
}

fn kind(result: Result<SentMessage<Collector>, mezon_protocol::Error>) -> (ErrorKind, Sent) {
    let error = result.expect_err("an error");
    (error.kind().clone(), error.sent())
}

#[test]
fn what_is_queued_while_the_socket_is_down_is_sent_in_order_and_what_has_expired_is_reported() {
    let mut scene = ready();
    drop_for(&mut scene, SECOND);
    let hasty = scene.sim.bot.channel(scene.general).queue_within(2 * SECOND, "too late");
    let queued = queue_all(&scene, &["one", "two", "three"]);
    scene.sim.reachable = false;
    scene.sim.run_for(4 * SECOND);
    assert_eq!(kind(scene.sim.finish(hasty)), (ErrorKind::Expired, Sent::No));
    assert!(scene.said(scene.general).is_empty());
    scene.sim.reachable = true;
    for sending in queued {
        scene.sim.finish(sending).unwrap();
    }
    assert_eq!(scene.said(scene.general), ["one", "two", "three"]);
    assert_eq!(scene.sim.machine.state(), State::Ready);
}

#[test]
fn one_message_of_a_channel_is_under_way_at_a_time_and_channels_do_not_wait_for_each_other() {
    let mut scene = ready();
    scene.sim.act(|world, _| world.delay_acks(2 * SECOND));
    let queued = queue_all(&scene, &["one", "two"]);
    let other = scene.sim.bot.channel(scene.other).queue("elsewhere");
    scene.sim.run_for(SECOND);
    assert_eq!((scene.said(scene.general), scene.said(scene.other)), (vec!["one".into()], vec!["elsewhere".into()]));
    for sending in queued.into_iter().chain([other]) {
        scene.sim.finish(sending).unwrap();
    }
    assert_eq!(scene.said(scene.general), ["one", "two"]);
}

#[test]
fn what_may_have_left_is_not_sent_again_and_the_rest_goes_on() {
    let mut scene = ready();
    scene.sim.act(|world, _| world.swallow_acks(1));
    let mut queued = queue_all(&scene, &["in doubt", "next"]);
    scene.sim.run_for(SECOND);
    drop_for(&mut scene, 4 * SECOND);
    let next = queued.pop().unwrap();
    let doubt = queued.pop().unwrap();
    assert_eq!(kind(scene.sim.finish(doubt)), (ErrorKind::Disconnected, Sent::Unknown));
    scene.sim.finish(next).unwrap();
    assert_eq!(scene.said(scene.general), ["in doubt", "next"]);
}

#[test]
fn what_was_about_to_leave_when_the_connection_broke_goes_over_the_next() {
    let mut scene = ready_with(|mut config| {
        // so that the second waits, unencoded, for the rate limit
        config.socket_rates = vec![mezon_protocol::machine::Rate::new(1, 5 * SECOND)];
        config
    });
    let (alice, general, other) = (scene.alice, scene.general, scene.other);
    for channel in [general, other] {
        scene.sim.act(|world, now| world.say(now, alice, channel, "so that the route is known"));
    }
    scene.sim.run_for(6 * SECOND);
    let first = scene.sim.bot.channel(scene.general).queue("first");
    let second = scene.sim.bot.channel(scene.other).queue("second");
    scene.sim.finish(first).unwrap();
    assert!(scene.said(scene.other).is_empty());
    drop_for(&mut scene, SECOND);
    scene.sim.finish(second).unwrap();
    assert_eq!(scene.said(scene.other), ["second"]);
}

#[test]
fn an_item_that_is_refused_or_wrong_ends_with_its_own_error_and_the_next_has_its_turn() {
    let mut scene = ready();
    scene.sim.act(|world, _| world.refuse_sends(7, "no", 1));
    let long = scene.sim.bot.channel(scene.general).queue("x".repeat(5000));
    let mut queued = queue_all(&scene, &["refused", "taken"]);
    let taken = queued.pop().unwrap();
    let refused = queued.pop().unwrap();
    assert!(matches!(kind(scene.sim.finish(long)), (ErrorKind::TooLong { .. }, Sent::No)));
    assert!(matches!(kind(scene.sim.finish(refused)), (ErrorKind::Refused { code: 7, .. }, Sent::Yes)));
    scene.sim.finish(taken).unwrap();
}

#[test]
fn a_full_outbox_refuses_the_newest_or_drops_the_oldest() {
    let small = |when_full| {
        move |mut config: Config| {
            config.outbox.limit = 2;
            config.outbox.when_full = when_full;
            config
        }
    };
    for (when_full, fails, kind_of_it, said) in [
        (WhenFull::RefuseNewest, 2, ErrorKind::TooManyInFlight, ["a", "b"]),
        (WhenFull::DropOldest, 0, ErrorKind::Displaced, ["b", "c"]),
    ] {
        let mut scene = ready_with(small(when_full));
        drop_for(&mut scene, SECOND);
        for (number, sending) in queue_all(&scene, &["a", "b", "c"]).into_iter().enumerate() {
            let result = scene.sim.finish(sending);
            if number == fails {
                assert_eq!(kind(result), (kind_of_it.clone(), Sent::No));
            } else {
                result.unwrap();
            }
        }
        assert_eq!(scene.said(scene.general), said);
    }
}

#[test]
fn direct_messages_are_queued_by_user() {
    let mut scene = ready();
    drop_for(&mut scene, SECOND);
    let (alice, bob) = (scene.sim.bot.user(scene.alice), scene.sim.bot.user(scene.bob));
    let queued = [alice.queue("for alice"), bob.queue("for bob"), alice.queue("for alice, too")];
    for sending in queued {
        scene.sim.finish(sending).unwrap();
    }
    let world = scene.sim.world();
    let (channel, bot) = (world.direct_channel(scene.alice, scene.sim.bot_id), scene.sim.bot_id);
    let said: Vec<_> = world.messages_in(channel.unwrap()).into_iter().filter_map(|id| world.text_of(id)).collect();
    assert_eq!(said, ["for alice", "for alice, too"]);
    assert!(world.direct_channel(scene.bob, bot).is_some());
}

#[test]
fn shutdown_sends_what_is_queued_within_its_deadline() {
    let mut scene = ready();
    let queued = queue_all(&scene, &["one", "two", "three"]);
    scene.sim.run_for(Duration::ZERO);
    scene.sim.tell(|machine, now| machine.shutdown(now, 5 * SECOND));
    for sending in queued {
        scene.sim.finish(sending).unwrap();
    }
    assert_eq!(scene.said(scene.general), ["one", "two", "three"]);
    assert!(scene.sim.run_until(SECOND, |sim| sim.machine.state() == State::Closed));
}

#[test]
fn shutdown_waits_for_the_connection_and_at_its_deadline_gives_up() {
    for back in [true, false] {
        let mut scene = ready();
        drop_for(&mut scene, SECOND);
        let queued = queue_all(&scene, &["last words"]);
        scene.sim.reachable = back;
        scene.sim.run_for(Duration::ZERO);
        scene.sim.tell(|machine, now| machine.shutdown(now, 10 * SECOND));
        let result = scene.sim.finish(queued.into_iter().next().unwrap());
        if back {
            result.unwrap();
        } else {
            assert_eq!(kind(result), (ErrorKind::Closed, Sent::No));
        }
        assert!(scene.sim.run_until(SECOND, |sim| sim.machine.state() == State::Closed));
    }
}

#[test]
fn a_cancelled_item_gives_its_place_to_the_next() {
    let mut scene = ready();
    drop_for(&mut scene, SECOND);
    let mut queued = queue_all(&scene, &["cancelled", "sent"]);
    scene.sim.run_for(Duration::ZERO);
    let sent = queued.pop().unwrap();
    let ticket = queued.pop().unwrap().ticket;
    scene.sim.tell(|machine, now| machine.cancel(now, ticket));
    scene.sim.finish(sent).unwrap();
    assert_eq!(scene.said(scene.general), ["sent"]);
}

#[test]
fn a_client_without_a_socket_sends_over_http_one_after_the_other() {
    let mut scene = build(|config| config);
    for sending in queue_all(&scene, &["one", "two"]) {
        scene.sim.finish(sending).unwrap();
    }
    assert_eq!(scene.said(scene.general), ["one", "two"]);
    scene.sim.tell(Machine::close);
    let closed = queue_all(&scene, &["three"]).pop().unwrap();
    assert_eq!(kind(scene.sim.finish(closed)).0, ErrorKind::Closed);
}

/// What ended well was said, what was surely not sent was not; in order, and nothing twice.
#[test]
fn whatever_breaks_nothing_is_said_twice_or_out_of_order() {
    for seed in 0..30 {
        let mut scene = ready();
        let mut rng = fastrand::Rng::with_seed(seed);
        let period = Duration::from_millis(rng.u64(700..3000));
        scene.sim.act(|world, now| world.drop_every(now, Some(period)));
        let mut queued = Vec::new();
        for number in 0..60 {
            let channel = if rng.bool() { scene.general } else { scene.other };
            let text = format!("{number:02}");
            let within = Duration::from_secs(rng.u64(2..30));
            queued.push((channel, text.clone(), scene.sim.bot.channel(channel).queue_within(within, text)));
            scene.sim.run_for(Duration::from_millis(rng.u64(..400)));
        }
        let mut unsure = 0;
        for (channel, text, sending) in queued {
            match scene.sim.finish(sending).map_err(|error| error.sent()) {
                Ok(_) => assert!(scene.said(channel).contains(&text), "seed {seed}: {text} was not said"),
                Err(Sent::No) => assert!(!scene.said(channel).contains(&text), "seed {seed}: {text} was said"),
                Err(_) => unsure += 1,
            }
        }
        assert!(unsure < 30, "seed {seed}: {unsure} in doubt");
        for channel in [scene.general, scene.other] {
            let said = scene.said(channel);
            let mut in_order = said.clone();
            in_order.sort();
            in_order.dedup();
            assert_eq!(said, in_order, "seed {seed}");
        }
    }
}
