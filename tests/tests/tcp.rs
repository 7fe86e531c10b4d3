//! The same bot over abridged TCP: what differs from the WebSocket, and what must not.

use std::time::Duration;

use mezon_protocol::call::ListChannels;
use mezon_protocol::event::Cause;
use mezon_protocol::machine::{Machine, State};
use mezon_protocol::proto::realtime::envelope::Message;
use mezon_protocol::{ChannelId, ClanId, Config, ErrorKind, Event, Sent, TransportKind, UserId};
use mezon_sandbox::{NewChannel, World};
use mezon_tests::sim::{Sim, SimEvent};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

struct Scene {
    sim: Sim,
    alice: UserId,
    clan: ClanId,
    general: ChannelId,
}

fn scene() -> Scene {
    let mut world = World::builder().seed(3);
    let bot = world.bot("bot", "the-key");
    let alice = world.person("alice");
    let clan = world.clan("Clan A");
    world.everyone_in(clan);
    let general = world.channel(clan, "general");
    let mut world = world.build();
    world.settings_mut().tcp_url = "tcp.example:7349".to_owned();
    let config = Config::bot(bot, "the-key").unwrap().use_tls(false).transport(TransportKind::Tcp);
    Scene { sim: Sim::new(config, world, 3), alice, clan, general }
}

fn ready() -> Scene {
    let mut scene = scene();
    scene.sim.connect();
    scene.sim.take_events();
    scene
}

/// Breaks the connection, and gives the events until it is Ready again.
fn break_off(sim: &mut Sim, prepare: impl FnOnce(&mut World)) -> Vec<SimEvent> {
    let bot = sim.bot_id;
    sim.act(|world, now| {
        prepare(world);
        world.abort(now, bot);
    });
    assert!(sim.run_until(SECOND, |sim| sim.machine.state() != State::Ready));
    assert!(sim.run_until(MINUTE, |sim| sim.machine.state() == State::Ready));
    sim.take_events()
}

fn causes(events: &[SimEvent]) -> Vec<&Cause> {
    fn cause(event: &SimEvent) -> Option<&Cause> {
        match event {
            Event::Disconnected { cause, .. } => Some(cause),
            _ => None,
        }
    }
    events.iter().filter_map(cause).collect()
}

fn hears(sim: &mut Sim, alice: UserId, general: ChannelId, text: &str) -> bool {
    sim.act(|world, now| world.say(now, alice, general, text));
    sim.run_for(SECOND);
    sim.take_events().iter().any(|event| matches!(event, Event::Message(message) if message.text() == text))
}

#[test]
fn a_bot_connects_where_the_session_says_and_sends_and_edits() {
    let Scene { mut sim, alice, general, .. } = ready();
    assert_eq!(sim.dialed, [("tcp.example".to_owned(), 7349)]);
    assert!(hears(&mut sim, alice, general, "hello"));
    let send = sim.bot.channel(general).send("first");
    let sent = sim.finish(send).unwrap();
    // the answer to an edit comes as a raw frame, its length in the header
    sim.finish(sent.edit("second")).unwrap();
    assert_eq!(sim.world().text_of(sent.id()).as_deref(), Some("second"));
    assert_eq!(sim.world().counters().socket_calls.get("UpdateChannelMessage"), Some(&1));
    assert_eq!((sim.machine.stats().malformed, sim.machine.stats().junk), (0, 0));
}

#[test]
fn a_list_in_pieces_is_put_together() {
    let Scene { mut sim, alice, general, clan } = ready();
    sim.act(|world, now| {
        for number in 0..200 {
            world.create_channel(now, clan, alice, NewChannel::text(format!("channel {number}")));
        }
    });
    let list = sim.bot.call(ListChannels(clan));
    let channels = sim.finish(list).unwrap();
    assert!(channels.len() > 200 && channels.iter().any(|channel| channel.channel_id == general.get()));
}

#[test]
fn pushes_in_the_frames_of_a_websocket_are_heard() {
    let Scene { mut sim, alice, general, .. } = ready();
    // a typing event, and a pong nobody waits for
    sim.inject(&[0x82, 0x05, 0xc2, 0x01, 0x02, 0x10, 0x05, 0x00, 0x00, 0x07]);
    let events = sim.take_events();
    assert!(matches!(events[..], [Event::Typing(_)]), "{events:?}");
    assert!(hears(&mut sim, alice, general, "still here"));
}

#[test]
fn after_a_drop_everything_is_joined_again() {
    let Scene { mut sim, alice, general, .. } = ready();
    let before = sim.joined();
    let events = break_off(&mut sim, |_| {});
    assert!(matches!(causes(&events)[..], [Cause::Lost(_)]), "{events:?}");
    assert_eq!(sim.joined(), before);
    assert!(hears(&mut sim, alice, general, "back"));
    assert_eq!(sim.world().counters().logins, 1);
}

#[test]
fn a_refused_token_is_replaced_at_once() {
    let Scene { mut sim, alice, general, .. } = ready();
    let events = break_off(&mut sim, |world| world.refuse_connect(401, 1));
    assert!(matches!(causes(&events)[..], [Cause::Lost(_), Cause::Rejected { status: 401 }]), "{events:?}");
    assert_eq!(sim.world().counters().logins, 2);
    assert!(hears(&mut sim, alice, general, "back"));
}

#[test]
fn an_expired_token_is_refused_and_replaced() {
    let Scene { mut sim, .. } = ready();
    let events = break_off(&mut sim, World::expire_tokens);
    assert!(matches!(causes(&events)[..], [Cause::Lost(_), Cause::Rejected { status: 401 }]), "{events:?}");
    assert_eq!(sim.world().counters().logins, 2);
}

#[test]
fn a_status_that_may_pass_keeps_the_token() {
    let Scene { mut sim, .. } = ready();
    let events = break_off(&mut sim, |world| world.refuse_connect(503, 1));
    assert!(matches!(causes(&events)[..], [Cause::Lost(_), Cause::HttpStatus { status: 503 }]), "{events:?}");
    assert_eq!(sim.world().counters().logins, 1);
}

#[test]
fn two_silent_closes_at_once_lead_to_a_new_login_and_one_does_not() {
    for (times, logins) in [(1, 1), (2, 2)] {
        let Scene { mut sim, alice, general, .. } = ready();
        let events = break_off(&mut sim, |world| world.close_at_once(times));
        let at_once = causes(&events).into_iter().filter(|cause| **cause == Cause::ClosedAtOnce).count();
        assert_eq!(at_once, times as usize, "{events:?}");
        assert_eq!(sim.world().counters().logins, logins);
        assert!(hears(&mut sim, alice, general, "back"));
    }
}

#[test]
fn a_message_too_large_for_a_frame_is_not_sent_and_harms_nothing() {
    let Scene { mut sim, general, .. } = ready();
    let send = sim.bot.channel(general).send("ä".repeat(3000));
    let error = sim.finish(send).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::TooLarge { limit: 4096 }), "{error:?}");
    assert_eq!(error.sent(), Sent::No);
    let send = sim.bot.channel(general).send("ä".repeat(1500));
    sim.finish(send).unwrap();
    assert_eq!(sim.world().counters().connects, 1);
}

#[test]
fn native_pings_keep_the_connection_for_minutes() {
    let Scene { mut sim, alice, general, .. } = ready();
    sim.run_for(5 * MINUTE);
    assert_eq!((sim.machine.state(), sim.world().counters().connects), (State::Ready, 1));
    assert!((28..=30).contains(&sim.world().counters().pings), "{}", sim.world().counters().pings);
    let is_ping = |sent: &mezon_sandbox::SentEnvelope| {
        sent.decode().is_some_and(|envelope| matches!(envelope.message, Some(Message::Ping(_))))
    };
    assert!(!sim.world().envelopes().any(is_ping), "a ping is no envelope here");
    let age = sim.machine.health(sim.now()).last_pong_age.unwrap();
    assert!(age < 11 * SECOND, "{age:?}");
    assert!(hears(&mut sim, alice, general, "still here"));
}

#[test]
fn a_half_open_connection_is_noticed_and_replaced() {
    let Scene { mut sim, alice, general, .. } = ready();
    let bot = sim.bot_id;
    sim.act(|world, _| world.half_open(bot));
    sim.run_for(30 * SECOND);
    let events = sim.take_events();
    assert!(matches!(causes(&events)[..], [Cause::HeartbeatTimeout]), "{events:?}");
    assert!(hears(&mut sim, alice, general, "back"));
}

#[test]
fn bytes_that_are_no_frame_replace_the_connection() {
    let Scene { mut sim, alice, general, .. } = ready();
    sim.inject(&[0x90]);
    sim.run_for(5 * SECOND);
    let events = sim.take_events();
    assert!(matches!(causes(&events)[..], [Cause::Transport(_)]), "{events:?}");
    assert!(hears(&mut sim, alice, general, "back"));
}

#[test]
fn closing_ends_the_stream_and_calls_on_it() {
    let Scene { mut sim, general, .. } = ready();
    let send = sim.bot.channel(general).send("late");
    sim.tell(Machine::close);
    let error = sim.finish(send).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Closed), "{error:?}");
    sim.run_for(SECOND);
    assert!(sim.world().connections_of(sim.bot_id).is_empty());
}
