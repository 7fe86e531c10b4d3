//! Defects that were found in other SDKs, and that this one must not have: one test each, in virtual time.
//!
//! | no. | the defect | test |
//! |---|---|---|
//! | 1 | an attempt that errors never settles, and none follows | `d01` |
//! | 1b | an attempt that times out starts two chains of retries | `d01b` |
//! | 2 | a stale chain runs the whole join sequence again after success | `d02` |
//! | 3 | after n reconnects an added channel is joined n + 1 times | `d03` |
//! | 4 | an expired token is used for ever | `d04` |
//! | 5 | retry timers survive a close | `d05` |
//! | 6 | a request's timer and entry stay after its time-out; a late answer hits something | `d06` |
//! | 7 | pending requests are not failed when the connection ends | `d07` |
//! | 8 | cids overflow 16 bits | `d08` |
//! | 9 | login retries leave the previous socket open | `d09` |
//! | 10 | a queue is polled for the life of the process, even after close | `d10` |
//! | 11 | errors are bare texts | `d11` |
//! | 12 | the heartbeat of an old connection closes the new one | `d12` |
//! | 13 | logging in twice makes two reconnect loops | `d13` |
//! | 14 | a drop during the joins of a reconnect starts a second loop | `d14` |
//! | 15 | after a close, later handlers never fire | `d15` |
//! | 16 | one undecodable frame ends the listener | `d16` |
//! | 17 | a changed socket endpoint is ignored on reconnect | `d17` |
//! | 18 | giving up after some attempts, with a log line only | `d18` |
//! | 19 | error and close both start a retry | `d19` |
//! | 20 | after a socket failure the same call is replayed over HTTP | `d20` |
//! | 21 | sending on a closed socket returns silently | `d21` |
//! | 22 | after a socket time-out the call is replayed over HTTP | `d22` |
//! | 23 | a retry that sleeps survives the close | `d23` |
//! | 24 | answers are also raised as events | `d24` |
//! | 25 | error answers to plain requests are ignored | `d25` |
//! | 26 | a stored wake-up makes every backoff return at once | `d26` |
//! | 27 | state shared by all sockets of a process; sends that never time out | `d27` |
//! | 28 | one read is taken for one frame | `d28` (its other parts concern the TCP transport and TLS) |
//! | 29 | joins are sent without waiting for their answers | `d29` |

use std::collections::BTreeSet;
use std::time::Duration;

use mezon_protocol::event::{Cause, JoinTarget};
use mezon_protocol::machine::{BackoffPolicy, Machine, SocketEnd, State, Wake};
use mezon_protocol::{ChannelId, ClanId, Config, ErrorKind, Event, Sent, UserId};
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

fn scene_with(adjust: impl FnOnce(Config) -> Config) -> Scene {
    let mut world = World::builder().seed(7);
    let bot = world.bot("bot", "the-key");
    let alice = world.person("alice");
    let clan = world.clan("Clan A");
    world.everyone_in(clan);
    let general = world.channel(clan, "general");
    world.dm(alice, bot);
    let config = adjust(Config::bot(bot, "the-key").unwrap().use_tls(false));
    Scene { sim: Sim::new(config, world.build(), 7), alice, clan, general }
}

fn scene() -> Scene {
    scene_with(|config| config)
}

fn ready() -> Scene {
    let mut scene = scene();
    scene.sim.connect();
    scene.sim.take_events();
    scene
}

/// Ends the connection, and runs until it is Ready again.
fn reconnect(sim: &mut Sim) {
    drop_connection(sim);
    assert!(sim.run_until(5 * MINUTE, |sim| sim.machine.state() == State::Ready), "{:?}", sim.events);
}

fn drop_connection(sim: &mut Sim) {
    let bot = sim.bot_id;
    sim.act(|world, now| world.abort(now, bot));
    sim.run_until(SECOND, |sim| sim.machine.state() != State::Ready);
}

fn disconnects(events: &[SimEvent]) -> Vec<(Cause, Option<Duration>)> {
    let of = |event: &SimEvent| match event {
        Event::Disconnected { cause, will_retry_in } => Some((cause.clone(), *will_retry_in)),
        _ => None,
    };
    events.iter().filter_map(of).collect()
}

fn attempts(events: &[SimEvent]) -> usize {
    events.iter().filter(|event| matches!(event, Event::Connecting { .. })).count()
}

#[test]
fn d01_an_attempt_that_errors_settles_and_others_follow() {
    let Scene { mut sim, .. } = scene();
    sim.reachable = false;
    sim.tell(Machine::connect);
    let waiting = sim.bot.call(mezon_protocol::call::WaitReady);
    let error = sim.finish(waiting).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::ConnectFailed(cause) if matches!(**cause, Cause::Unreachable(_))));
    assert_eq!(sim.machine.state(), State::Disconnected);

    sim.reachable = true;
    sim.connect();
    sim.reachable = false;
    drop_connection(&mut sim);
    sim.run_for(10 * MINUTE);
    let tried = sim.dialed.len();
    sim.run_for(10 * MINUTE);
    assert!(sim.dialed.len() > tried, "attempts have stopped");
    sim.reachable = true;
    assert!(sim.run_until(5 * MINUTE, |sim| sim.machine.state() == State::Ready));
}

#[test]
fn d01b_an_attempt_that_times_out_starts_one_chain_of_retries() {
    let Scene { mut sim, .. } = ready();
    sim.latency = MINUTE;
    drop_connection(&mut sim);
    sim.run_until(3 * MINUTE, |sim| sim.machine.state() != State::Ready);
    sim.take_events();
    sim.dialed.clear();
    sim.run_for(20 * MINUTE);
    let events = sim.take_events();
    assert!(disconnects(&events).iter().all(|(cause, _)| *cause == Cause::ConnectTimeout), "{events:?}");
    assert_eq!(attempts(&events), sim.dialed.len(), "each attempt opens one socket");
    let delays: Vec<_> = disconnects(&events).into_iter().filter_map(|(_, delay)| delay).collect();
    assert!(delays.iter().skip(7).all(|delay| *delay >= 30 * SECOND), "backoff was defeated: {delays:?}");
}

/// Row 25.
#[test]
fn d02_after_success_nothing_is_joined_or_opened_again() {
    let Scene { mut sim, .. } = ready();
    reconnect(&mut sim);
    sim.run_for(10 * SECOND);
    let (joins, sockets) = (sim.world().counters().joins, sim.dialed.len());
    sim.run_for(60 * MINUTE);
    assert_eq!((sim.world().counters().joins, sim.dialed.len()), (joins, sockets));
}

#[test]
fn d03_an_added_channel_is_joined_once_whatever_the_number_of_reconnects() {
    let Scene { mut sim, alice, clan, .. } = ready();
    for _ in 0..5 {
        reconnect(&mut sim);
    }
    sim.run_for(10 * SECOND);
    let before = sim.world().counters().joins;
    let bot = sim.bot_id;
    let private = sim.act(|world, now| world.create_channel(now, clan, alice, NewChannel::private("new", [alice])));
    sim.act(|world, now| world.add_to_channel(now, private, bot));
    sim.run_for(10 * SECOND);
    assert!(sim.joined().contains(&JoinTarget::Channel(private)));
    assert_eq!(sim.world().counters().joins, before + 1);
}

/// Row 23.
#[test]
fn d04_an_expired_token_is_replaced_before_reconnecting() {
    let Scene { mut sim, .. } = ready();
    let logins = sim.world().counters().logins;
    sim.run_for(2 * 60 * MINUTE);
    reconnect(&mut sim);
    assert_eq!(sim.world().counters().logins, logins + 1);
    assert_eq!(sim.world().counters().connects_refused, 0, "the expired token was not even tried");

    sim.act(|world, _| world.expire_tokens());
    reconnect(&mut sim);
    assert_eq!(
        sim.world().counters().connects_refused,
        1,
        "a token that only the server knows to be bad is tried once"
    );
}

#[test]
fn d05_closing_cancels_the_next_attempt() {
    let Scene { mut sim, .. } = ready();
    sim.reachable = false;
    drop_connection(&mut sim);
    assert!(matches!(sim.machine.state(), State::Reconnecting { .. }));
    sim.tell(Machine::close);
    sim.reachable = true;
    let sockets = sim.dialed.len();
    sim.tell(Machine::connect);
    sim.run_for(5 * MINUTE);
    assert_eq!(sim.dialed.len(), sockets + 1, "the old attempt came back beside the new one");
    assert_eq!(sim.machine.state(), State::Ready);
}

#[test]
fn d06_a_call_that_timed_out_is_forgotten_and_its_late_answer_reaches_nobody() {
    let Scene { mut sim, general, .. } = ready();
    sim.act(|world, _| world.delay_acks(15 * SECOND));
    let late = sim.bot.channel(general).send("late");
    let error = sim.finish(late).unwrap_err();
    assert_eq!((error.kind(), error.sent()), (&ErrorKind::Timeout, Sent::Unknown));
    assert_eq!(sim.machine.health(sim.now()).pending_calls, 0);
    sim.act(|world, _| world.delay_acks(Duration::ZERO));
    let next = sim.bot.channel(general).send("next");
    let next = sim.finish(next).unwrap();
    sim.run_for(10 * SECOND);
    assert_eq!(sim.machine.stats().late_answers, 1);
    assert_eq!(sim.world().text_of(next.id()).as_deref(), Some("next"));
}

#[test]
fn d07_pending_calls_fail_at_once_when_the_connection_ends() {
    let Scene { mut sim, general, .. } = ready();
    sim.act(|world, _| world.swallow_acks(1));
    let pending = sim.bot.channel(general).send("hello");
    sim.run_for(SECOND);
    assert!(!sim.has_ended(&pending));
    drop_connection(&mut sim);
    assert!(sim.has_ended(&pending), "the call waits although its connection is gone");
    let error = sim.finish(pending).unwrap_err();
    assert_eq!((error.kind(), error.sent()), (&ErrorKind::Disconnected, Sent::Unknown));
}

#[test]
fn d08_after_65535_requests_api_answers_still_find_their_calls() {
    let Scene { mut sim, general, .. } = scene_with(Config::without_rate_limits);
    sim.connect();
    let channel = sim.bot.channel(general);
    for _ in 0..132 {
        let batch: Vec<_> = (0..500).map(|_| channel.typing()).collect();
        for typing in batch {
            sim.finish(typing).unwrap();
        }
        sim.forget_ended();
    }
    assert!(sim.machine.stats().requests > 65_535);
    let sent = channel.send("hello");
    let sent = sim.finish(sent).unwrap();
    sim.finish(sent.edit("edited")).unwrap();
    assert_eq!(sim.world().text_of(sent.id()).as_deref(), Some("edited"));
}

#[test]
fn d09_no_attempt_leaves_a_socket_open() {
    let Scene { mut sim, .. } = ready();
    for fault in 0..20 {
        sim.act(|world, _| match fault % 4 {
            0 => world.close_at_once(2),
            1 => world.swallow_joins(2),
            2 => world.refuse_connect(503, 2),
            _ => world.refuse_login(500, 2, None),
        });
        reconnect(&mut sim);
        sim.run_for(MINUTE);
        assert_eq!(sim.world().connections_of(sim.bot_id).len(), 1);
    }
}

#[test]
fn d10_an_idle_client_wakes_for_its_heartbeat_only_and_a_closed_one_never() {
    let Scene { mut sim, .. } = ready();
    sim.run_for(MINUTE);
    assert_eq!(sim.machine.poll_timeout().map(|deadline| deadline.reason), Some(Wake::Heartbeat));
    sim.tell(Machine::close);
    assert_eq!(sim.machine.poll_timeout(), None);
}

#[test]
fn d11_errors_are_typed() {
    let Scene { mut sim, general, .. } = scene();
    let typing = sim.bot.channel(general).typing();
    let error = sim.finish(typing).unwrap_err();
    assert_eq!(error.sent(), Sent::No);
    assert!(matches!(error.kind(), ErrorKind::NotConnected), "{error:?}");
}

#[test]
fn d12_what_an_old_socket_still_says_does_not_touch_the_new_one() {
    let Scene { mut sim, .. } = ready();
    let old = sim.socket().unwrap();
    let bot = sim.bot_id;
    sim.act(|world, _| world.half_open(bot));
    assert!(sim.run_until(MINUTE, |sim| sim.machine.state() != State::Ready));
    assert!(sim.run_until(MINUTE, |sim| sim.machine.state() == State::Ready));
    assert_eq!(disconnects(&sim.take_events())[0].0, Cause::HeartbeatTimeout);
    sim.tell(|machine, now| machine.handle_socket_closed(now, old, SocketEnd::Failed("reset".into())));
    sim.tell(|machine, now| machine.handle_bytes(now, old, &[0xff; 64]));
    sim.tell(|machine, now| machine.handle_socket_opened(now, old));
    sim.run_for(10 * MINUTE);
    assert_eq!(sim.machine.state(), State::Ready);
    assert_eq!(disconnects(&sim.take_events()), []);
}

#[test]
fn d13_connecting_twice_changes_nothing() {
    let Scene { mut sim, .. } = scene();
    sim.tell(Machine::connect);
    sim.tell(Machine::connect);
    sim.connect();
    sim.tell(Machine::connect);
    assert_eq!(sim.world().counters().logins, 1);
    sim.take_events();
    reconnect(&mut sim);
    sim.run_for(MINUTE);
    assert_eq!(attempts(&sim.take_events()), 1);
    assert_eq!(sim.world().counters().connects, 2);
}

#[test]
fn d14_a_drop_during_the_joins_of_a_reconnect_leaves_one_chain() {
    let Scene { mut sim, .. } = ready();
    for _ in 0..5 {
        drop_connection(&mut sim);
        let is_joining = |sim: &Sim| sim.events.iter().any(|event| matches!(event, Event::Connected));
        sim.take_events();
        assert!(sim.run_until(MINUTE, is_joining));
        assert_eq!(sim.machine.state(), State::Connecting);
    }
    drop_connection(&mut sim);
    sim.take_events();
    assert!(sim.run_until(5 * MINUTE, |sim| sim.machine.state() == State::Ready));
    sim.run_for(5 * MINUTE);
    assert_eq!(attempts(&sim.take_events()), 1);
    assert_eq!(sim.world().connections_of(sim.bot_id).len(), 1);
}

#[test]
fn d15_events_come_again_after_a_close_and_another_connect() {
    let Scene { mut sim, alice, general, .. } = ready();
    sim.tell(Machine::close);
    sim.run_for(SECOND);
    sim.connect();
    sim.take_events();
    sim.act(|world, now| world.say(now, alice, general, "still there?"));
    sim.run_for(SECOND);
    assert!(matches!(&sim.take_events()[..], [Event::Message(_)]));
}

#[test]
fn d16_undecodable_frames_are_counted_and_the_connection_stays() {
    let Scene { mut sim, alice, general, .. } = ready();
    let frames: [&[u8]; 6] = [b"", b"2", b"3", b"\0\0\0\0", b"\x32\xff\xff\xff\xff\x07\x08", b"\xff\x00"];
    for frame in frames {
        sim.push_frame(frame.to_vec());
    }
    sim.act(|world, now| world.say(now, alice, general, "hi"));
    sim.run_for(SECOND);
    assert!(matches!(&sim.take_events()[..], [Event::Message(_)]));
    let stats = sim.machine.stats();
    assert_eq!(stats.malformed + stats.junk, 6);
}

/// Row 17.
#[test]
fn d17_a_moved_endpoint_is_used_for_the_next_connection() {
    let Scene { mut sim, .. } = ready();
    sim.act(|world, _| {
        world.move_endpoint("ws://127.0.0.2:7777");
        world.expire_tokens();
    });
    reconnect(&mut sim);
    assert_eq!(sim.dialed.last(), Some(&("127.0.0.2".to_owned(), 7777)));
}

#[test]
fn d18_it_never_gives_up_unless_told_to() {
    let Scene { mut sim, .. } = ready();
    sim.reachable = false;
    drop_connection(&mut sim);
    sim.run_for(24 * 60 * MINUTE);
    assert!(sim.dialed.len() > 1000);
    assert!(matches!(sim.machine.state(), State::Reconnecting { .. } | State::Connecting));

    let Scene { mut sim, .. } = scene_with(|mut config| {
        config.backoff = BackoffPolicy { max_attempts: Some(3), ..config.backoff };
        config
    });
    sim.connect();
    sim.reachable = false;
    drop_connection(&mut sim);
    sim.run_for(10 * MINUTE);
    assert_eq!(sim.dialed.len(), 1 + 3);
    assert!(matches!(sim.events.last(), Some(Event::Fatal { .. })), "giving up must be said");
}

#[test]
fn d19_a_close_frame_followed_by_an_error_is_one_end() {
    let Scene { mut sim, .. } = ready();
    let socket = sim.socket().unwrap();
    sim.inject(&[0x88, 0x02, 0x03, 0xe9]);
    sim.tell(|machine, now| machine.handle_socket_closed(now, socket, SocketEnd::Failed("reset".into())));
    sim.tell(|machine, now| machine.handle_socket_closed(now, socket, SocketEnd::Eof));
    sim.run_for(MINUTE);
    let events = sim.take_events();
    assert_eq!(disconnects(&events).len(), 1);
    assert_eq!(attempts(&events), 1);
}

#[test]
fn d20_what_may_have_left_is_not_replayed_when_the_socket_fails() {
    let Scene { mut sim, general, .. } = ready();
    sim.act(|world, _| world.swallow_acks(1));
    let pending = sim.bot.channel(general).send("once");
    sim.run_for(SECOND);
    reconnect(&mut sim);
    sim.finish(pending).unwrap_err();
    sim.run_for(MINUTE);
    assert_eq!(sim.world().counters().messages_from_clients, 1);
    assert_eq!(sim.world().messages_in(general).len(), 1);
    assert_eq!(sim.world().counters().calls("SendChannelMessage"), 0);
}

#[test]
fn d21_a_send_without_a_connection_fails_at_once() {
    let Scene { mut sim, alice, general, .. } = ready();
    sim.act(|world, now| world.say(now, alice, general, "so that the route is known"));
    sim.run_for(SECOND);
    sim.reachable = false;
    drop_connection(&mut sim);
    let before = sim.now();
    let send = sim.bot.channel(general).typing();
    let error = sim.finish(send).unwrap_err();
    assert_eq!((error.kind(), error.sent()), (&ErrorKind::NotConnected, Sent::No));
    assert_eq!(sim.now(), before, "it took time to say so");
}

#[test]
fn d22_what_timed_out_on_the_socket_is_not_replayed_over_http() {
    let Scene { mut sim, general, .. } = ready();
    sim.act(|world, _| world.swallow_acks(2));
    let send = sim.bot.channel(general).send("once");
    let error = sim.finish(send).unwrap_err();
    assert_eq!((error.kind(), error.sent()), (&ErrorKind::Timeout, Sent::Unknown));
    sim.run_for(MINUTE);
    assert_eq!(sim.world().messages_in(general).len(), 1);
    assert_eq!(sim.world().counters().calls("SendChannelMessage"), 0);
}

#[test]
fn d23_closing_during_a_backoff_is_final_at_once() {
    let Scene { mut sim, .. } = ready();
    sim.reachable = false;
    drop_connection(&mut sim);
    sim.tell(Machine::close);
    assert_eq!(sim.machine.state(), State::Closed);
    sim.reachable = true;
    let sockets = sim.dialed.len();
    sim.run_for(10 * MINUTE);
    assert_eq!((sim.machine.state(), sim.dialed.len()), (State::Closed, sockets));
}

#[test]
fn d24_answers_are_not_events() {
    let Scene { mut sim, general, .. } = ready();
    let sent = sim.bot.channel(general).send("hello");
    sim.finish(sent).unwrap();
    let typing = sim.bot.channel(general).typing();
    sim.finish(typing).unwrap();
    sim.run_for(MINUTE);
    let events = sim.take_events();
    assert!(matches!(&events[..], [Event::Message(own)] if own.is_own()), "{events:?}");
}

#[test]
fn d25_a_refused_join_is_an_error_for_who_asked_and_an_event_for_the_join_set() {
    let Scene { mut sim, alice, clan, .. } = ready();
    let bot = sim.bot_id;
    let thread = sim.act(|world, now| world.create_channel(now, clan, alice, NewChannel::private("p", [alice, bot])));
    sim.run_for(SECOND);
    sim.act(|world, _| world.refuse_join(thread, 1));
    let join = sim.bot.channel(thread).join();
    let error = sim.finish(join).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Refused { .. }));

    sim.act(|world, _| world.refuse_join(clan, 1));
    sim.take_events();
    reconnect(&mut sim);
    let failed =
        |event: &SimEvent| matches!(event, Event::JoinFailed { target: JoinTarget::Clan(c), .. } if *c == clan);
    assert_eq!(sim.take_events().iter().filter(|event| failed(event)).count(), 1);
    sim.run_for(5 * SECOND);
    assert!(sim.joined().contains(&JoinTarget::Clan(clan)), "it was not tried again");
}

#[test]
fn d26_nothing_that_happens_meanwhile_shortens_a_backoff() {
    let Scene { mut sim, general, .. } = ready();
    sim.reachable = false;
    drop_connection(&mut sim);
    sim.run_for(10 * MINUTE);
    assert!(sim.run_until(2 * MINUTE, |sim| matches!(sim.machine.state(), State::Reconnecting { .. })));
    let State::Reconnecting { at, .. } = sim.machine.state() else { unreachable!() };
    let sockets = sim.dialed.len();
    for _ in 0..20 {
        let typing = sim.bot.channel(general).typing();
        sim.finish(typing).unwrap_err();
        sim.tell(Machine::handle_timeout);
        sim.tell(Machine::connect);
    }
    sim.run_until(at - sim.now().elapsed - SECOND / 100, |_| false);
    assert_eq!(sim.dialed.len(), sockets);
}

#[test]
fn d27_clients_share_nothing_and_sends_time_out() {
    let (mut first, mut second) = (ready(), scene());
    assert_eq!(second.sim.machine.state(), State::Disconnected);
    second.sim.connect();
    let fresh = second.sim.take_events();
    assert!(fresh.iter().any(|event| matches!(event, Event::Ready { resumed: false, gap: None })), "{fresh:?}");
    first.sim.act(|world, _| world.swallow_acks(1));
    let start = first.sim.now().elapsed;
    let send = first.sim.bot.channel(first.general).send("hello");
    first.sim.finish(send).unwrap_err();
    assert_eq!(first.sim.now().elapsed - start, 10 * SECOND);
}

#[test]
fn d28_frames_are_found_however_the_stream_is_cut() {
    let Scene { mut sim, alice, general, .. } = ready();
    // the simulated network cuts at random; a burst makes many frames share one read
    for k in 0..200 {
        sim.act(|world, now| world.say(now, alice, general, &format!("message {k}")));
    }
    sim.run_for(SECOND);
    let texts: Vec<_> = sim
        .take_events()
        .iter()
        .filter_map(|event| match event {
            Event::Message(message) => Some(message.text().into_owned()),
            _ => None,
        })
        .collect();
    assert_eq!(texts, (0..200).map(|k| format!("message {k}")).collect::<Vec<_>>());
}

#[test]
fn d29_ready_waits_for_the_answer_to_every_join() {
    let Scene { mut sim, clan, .. } = scene();
    sim.act(|world, _| world.swallow_joins(1));
    sim.tell(Machine::connect);
    sim.run_for(9 * SECOND);
    assert_eq!(sim.machine.state(), State::Connecting, "Ready with a join unanswered");
    assert!(sim.run_until(10 * SECOND, |sim| sim.machine.state() == State::Ready));
    let joined: BTreeSet<_> = sim.joined();
    assert!(joined.contains(&JoinTarget::Clan(0.into())) && joined.contains(&JoinTarget::Clan(clan)));
}
