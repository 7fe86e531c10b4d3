//! What users can rely on, by the numbers of the capabilities: C1 lifecycle, C3 direct messages, C4 health, C5 shutdown,
//! C6 answers from the event alone, C7 route memory, C8 join and resend, C9 messages by user id, C10 typed errors,
//! C13 own messages, C24 start-up.

use std::collections::BTreeSet;
use std::time::Duration;

use mezon_protocol::event::{Cause, Fatal, JoinTarget};
use mezon_protocol::machine::{HealthStatus, InboxLimits, Machine, State};
use mezon_protocol::proto::api::ChannelMessage;
use mezon_protocol::proto::realtime::{ChannelMessageSend, Envelope, envelope::Message};
use mezon_protocol::{ChannelId, ClanId, Config, Content, ErrorKind, Event, Interest, Now, Sent, TopicId, UserId};
use mezon_sandbox::{NewChannel, World, WorldBuilder};
use mezon_tests::sim::{Sim, SimEvent};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

struct Scene {
    sim: Sim,
    alice: UserId,
    clan: ClanId,
    general: ChannelId,
}

fn build(prepare: impl FnOnce(&mut WorldBuilder), adjust: impl FnOnce(Config) -> Config) -> Scene {
    let mut world = World::builder().seed(9);
    let bot = world.bot("bot", "the-key");
    let alice = world.person("alice");
    let clan = world.clan("Clan A");
    world.everyone_in(clan);
    let general = world.channel(clan, "general");
    prepare(&mut world);
    let config = adjust(Config::bot(bot, "the-key").unwrap().use_tls(false));
    Scene { sim: Sim::new(config, world.build(), 9), alice, clan, general }
}

fn ready() -> Scene {
    let mut scene = build(|_| {}, |config| config);
    scene.sim.connect();
    scene.sim.take_events();
    scene
}

/// The lifecycle events, by name.
fn names(events: &[SimEvent]) -> Vec<&'static str> {
    let name = |event: &SimEvent| match event {
        Event::Connecting { .. } => "Connecting",
        Event::Connected => "Connected",
        Event::Ready { resumed: false, .. } => "Ready",
        Event::Ready { resumed: true, .. } => "Ready again",
        Event::BackfillDone { .. } => "BackfillDone",
        Event::Disconnected { will_retry_in: Some(_), .. } => "Disconnected, will retry",
        Event::Disconnected { .. } => "Disconnected",
        Event::Fatal { .. } => "Fatal",
        Event::SessionRefreshed { .. } => "SessionRefreshed",
        _ => "other",
    };
    events.iter().map(name).collect()
}

fn messages(events: &[SimEvent]) -> Vec<String> {
    let text = |event: &SimEvent| match event {
        Event::Message(message) => Some(message.text().into_owned()),
        _ => None,
    };
    events.iter().filter_map(text).collect()
}

/// The channels that were asked to be joined, in order.
fn channel_joins(sim: &Sim) -> Vec<ChannelId> {
    let joined = |envelope: Envelope| match envelope.message {
        Some(Message::ChannelJoin(join)) => Some(join.channel_id.into()),
        _ => None,
    };
    sim.world().envelopes().filter_map(|sent| sent.decode().and_then(joined)).collect()
}

/// The last message that the bot sent, as it went over the wire.
fn last_send(sim: &Sim) -> ChannelMessageSend {
    let world = sim.world();
    let envelope = world.envelopes().next_back().and_then(|sent| sent.decode()).unwrap();
    let Some(Message::ChannelMessageSend(send)) = envelope.message else { panic!("no send") };
    *send
}

#[test]
fn c1_a_first_login_and_a_dropped_socket_are_seen_in_order() {
    let Scene { mut sim, .. } = build(|_| {}, |config| config);
    sim.connect();
    assert_eq!(names(&sim.take_events()), ["Connecting", "Connected", "Ready"]);
    let bot = sim.bot_id;
    sim.act(|world, now| world.drop_connection(now, bot, 1001));
    sim.run_for(10 * SECOND);
    let events = sim.take_events();
    assert_eq!(names(&events), ["Disconnected, will retry", "Connecting", "Connected", "Ready again", "BackfillDone"]);
    let Event::Disconnected { cause: Cause::ClosedByServer { code: Some(1000 | 1001) }, .. } = events[0] else {
        panic!("{:?}", events[0]);
    };
    let Event::Ready { gap: Some(gap), .. } = events[3] else { panic!("{:?}", events[3]) };
    assert!(gap > SECOND / 2 && gap < 5 * SECOND, "{gap:?}");
    sim.tell(Machine::close);
    assert_eq!(names(&sim.take_events()), ["Disconnected"]);
}

/// Row 14.
#[test]
fn c1_refused_credentials_are_fatal_at_once() {
    for status in [400, 401, 403, 404] {
        let Scene { mut sim, .. } = build(|_| {}, |config| config);
        sim.act(|world, _| world.refuse_login(status, 1, None));
        sim.tell(Machine::connect);
        let waiting = sim.bot.call(mezon_protocol::call::WaitReady);
        let error = sim.finish(waiting).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Auth(_)) && error.requires_login(), "{error:?}");
        let events = sim.take_events();
        assert_eq!(names(&events), ["Connecting", "Fatal"]);
        assert!(matches!(events[1], Event::Fatal { reason: Fatal::Refused(_) }));
        assert_eq!(sim.machine.state(), State::Closed);
        sim.run_for(10 * MINUTE);
        assert_eq!(sim.http_log.len(), 1);
    }
}

#[test]
fn c1_a_refused_token_is_replaced_at_once_but_at_most_twice() {
    let Scene { mut sim, .. } = ready();
    let bot = sim.bot_id;
    sim.act(|world, now| {
        world.refuse_connect(401, 1);
        world.abort(now, bot);
    });
    sim.run_for(10 * SECOND);
    let events = sim.take_events();
    let expected = [
        "Disconnected, will retry",
        "Connecting",
        "Disconnected, will retry",
        "Connecting",
        "SessionRefreshed",
        "Connected",
        "Ready again",
        "BackfillDone",
    ];
    assert_eq!(names(&events), expected);
    let Event::Disconnected { cause: Cause::Rejected { status: 401 }, will_retry_in: Some(Duration::ZERO) } = events[2]
    else {
        panic!("{:?}", events[2]);
    };

    sim.act(|world, now| {
        world.refuse_connect(401, 4);
        world.abort(now, bot);
    });
    sim.run_for(5 * MINUTE);
    let retries: Vec<_> = sim
        .take_events()
        .into_iter()
        .filter_map(|event| match event {
            Event::Disconnected { cause: Cause::Rejected { .. }, will_retry_in } => will_retry_in,
            _ => None,
        })
        .collect();
    assert_eq!(retries.iter().filter(|delay| delay.is_zero()).count(), 2, "{retries:?}");
    assert_eq!(retries.len(), 4);
    assert_eq!(sim.machine.state(), State::Ready);
}

/// Rows 15, 16, 21.
#[test]
fn c1_without_auto_reconnect_a_drop_is_reported_and_that_is_all() {
    let Scene { mut sim, .. } = build(|_| {}, |config| config.auto_reconnect(false));
    sim.connect();
    sim.take_events();
    let bot = sim.bot_id;
    sim.act(|world, now| world.abort(now, bot));
    sim.run_for(10 * MINUTE);
    assert_eq!(names(&sim.take_events()), ["Disconnected"]);
    assert_eq!(sim.machine.state(), State::Disconnected);
}

#[test]
fn a_passing_login_failure_ends_the_first_attempt_unless_login_is_to_be_retried() {
    let Scene { mut sim, .. } = build(|_| {}, |config| config);
    sim.act(|world, _| world.refuse_login(503, 1, None));
    sim.tell(Machine::connect);
    let waiting = sim.bot.call(mezon_protocol::call::WaitReady);
    let error = sim.finish(waiting).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::ConnectFailed(cause) if matches!(**cause, Cause::Login(_))), "{error:?}");

    let Scene { mut sim, .. } = build(
        |_| {},
        |mut config| {
            config.retry_login = true;
            config
        },
    );
    sim.act(|world, _| world.refuse_login(429, 1, Some(20 * SECOND)));
    sim.connect();
    assert!(sim.now().elapsed >= 20 * SECOND, "Retry-After was not obeyed: {:?}", sim.now());
}

#[test]
fn c3_direct_messages_arrive_although_the_bot_is_in_a_clan() {
    let Scene { mut sim, alice, .. } = ready();
    let bot = sim.bot_id;
    let channel = sim.act(|world, now| world.open_dm(now, alice, bot));
    sim.run_for(5 * SECOND);
    assert!(sim.joined().contains(&JoinTarget::Channel(channel)));
    sim.act(|world, now| world.dm(now, alice, bot, "hello"));
    sim.run_for(5 * SECOND);
    sim.act(|world, now| world.abort(now, bot));
    sim.run_for(10 * SECOND);
    sim.act(|world, now| world.dm(now, alice, bot, "again"));
    sim.run_for(5 * SECOND);
    assert_eq!(messages(&sim.take_events()), ["hello", "again"]);
}

#[test]
fn c3_joining_a_first_clan_does_not_cost_the_direct_messages() {
    let mut world = World::builder().seed(3);
    let bot = world.bot("bot", "the-key");
    let alice = world.person("alice");
    let clan = world.clan("Clan A");
    world.member(clan, alice);
    world.dm(alice, bot);
    let config = Config::bot(bot, "the-key").unwrap().use_tls(false);
    let mut sim = Sim::new(config, world.build(), 3);
    sim.connect();
    sim.act(|world, now| world.dm(now, alice, bot, "before"));
    sim.run_for(5 * SECOND);
    sim.act(|world, now| world.add_to_clan(now, clan, bot));
    sim.run_for(5 * SECOND);
    assert!(sim.joined().contains(&JoinTarget::Clan(clan)));
    let direct = sim.world().direct_channel(alice, bot).unwrap();
    assert_eq!(channel_joins(&sim), [direct, direct], "the direct channel is joined again after the clan");
    sim.act(|world, now| world.dm(now, alice, bot, "after"));
    sim.run_for(5 * SECOND);
    assert_eq!(messages(&sim.take_events()), ["before", "after"]);
}

#[test]
fn c4_health_tells_dead_quiet_and_alive() {
    let Scene { mut sim, alice, general, .. } = build(|_| {}, |config| config);
    assert_eq!(sim.machine.health(sim.now()).status, HealthStatus::Dead);
    sim.connect();
    sim.act(|world, now| world.say(now, alice, general, "hi"));
    sim.run_for(SECOND);
    let health = sim.machine.health(sim.now());
    assert_eq!(health.status, HealthStatus::Alive);
    assert!(health.last_message_age.is_some_and(|age| age <= SECOND), "{health:?}");
    sim.run_for(6 * MINUTE);
    let health = sim.machine.health(sim.now());
    assert_eq!(health.status, HealthStatus::Quiet);
    assert!(health.last_pong_age.is_some_and(|age| age <= 11 * SECOND), "{health:?}");
    assert_eq!(sim.machine.stats().events[6], 1);
    sim.reachable = false;
    let bot = sim.bot_id;
    sim.act(|world, now| world.abort(now, bot));
    sim.run_for(SECOND);
    assert_eq!(sim.machine.health(sim.now()).status, HealthStatus::Dead);
}

/// Row 31.
#[test]
fn c4_health_is_that_of_the_moment_it_is_asked_for_and_not_of_the_last_input() {
    let Scene { sim, .. } = ready();
    let later = Now { elapsed: sim.now().elapsed + 5 * MINUTE, ..sim.now() };
    assert_eq!(sim.machine.health(sim.now()).status, HealthStatus::Alive);
    assert_eq!(sim.machine.health(later).status, HealthStatus::Quiet);
}

#[test]
fn c5_shutdown_lets_pending_calls_end_and_takes_no_more() {
    let Scene { mut sim, general, .. } = ready();
    sim.act(|world, _| world.delay_acks(2 * SECOND));
    let pending = sim.bot.channel(general).send("last words");
    sim.run_for(SECOND * 2);
    sim.tell(|machine, now| machine.shutdown(now, 5 * SECOND));
    let refused = sim.bot.channel(general).send("too late");
    let error = sim.finish(refused).unwrap_err();
    assert_eq!((error.kind(), error.sent()), (&ErrorKind::Closed, Sent::No));
    assert_ne!(sim.machine.state(), State::Closed);
    assert!(sim.finish(pending).is_ok());
    assert_eq!(sim.machine.state(), State::Closed);
    sim.tell(|machine, now| machine.shutdown(now, 5 * SECOND));
    sim.run_for(SECOND);
    assert_eq!(sim.world().connections_of(sim.bot_id).len(), 0);
    assert_eq!(sim.machine.poll_timeout(), None);
}

#[test]
fn c5_a_shutdown_whose_time_is_up_closes_in_any_case() {
    let Scene { mut sim, general, .. } = ready();
    sim.act(|world, _| world.swallow_acks(1));
    let pending = sim.bot.channel(general).send("hello");
    sim.run_for(SECOND * 2);
    sim.tell(|machine, now| machine.shutdown(now, SECOND));
    let error = sim.finish(pending).unwrap_err();
    assert_eq!((error.kind(), error.sent()), (&ErrorKind::Closed, Sent::Unknown));
    assert_eq!(sim.machine.state(), State::Closed);
}

#[test]
fn c6_answers_work_from_the_event_alone_in_channel_thread_and_direct_messages() {
    let Scene { mut sim, alice, clan, general } = ready();
    let bot = sim.bot_id;
    let thread = sim
        .act(|world, now| world.create_channel(now, clan, alice, NewChannel::thread(general, "thread", [alice, bot])));
    sim.run_for(5 * SECOND);
    sim.act(|world, now| {
        world.say(now, alice, general, "in the channel");
        world.say(now, alice, thread, "in the thread");
        world.dm(now, alice, bot, "directly");
    });
    sim.run_for(5 * SECOND);
    let events = sim.take_events();
    let received: Vec<_> = events
        .iter()
        .filter_map(|event| match event {
            Event::Message(message) => Some(message),
            _ => None,
        })
        .collect();
    assert_eq!(received.len(), 3, "{events:?}");
    let calls_before = sim.http_log.len();
    for message in received {
        let reply = sim.finish(message.reply("reply")).unwrap();
        sim.finish(reply.edit("edited")).unwrap();
        sim.finish(message.channel().send("send")).unwrap();
        sim.finish(message.react(0, ":ok:")).unwrap();
        assert_eq!(reply.sent().route.channel, message.channel_id());
        assert_eq!(sim.world().text_of(reply.id()).as_deref(), Some("edited"));
    }
    assert_eq!(sim.http_log.len(), calls_before, "no lookup is needed");
}

#[test]
fn c6_a_reply_keeps_the_topic_and_quotes_the_message() {
    let Scene { mut sim, alice, general, .. } = ready();
    sim.act(|world, now| world.say(now, alice, general, "question"));
    sim.run_for(SECOND);
    let events = sim.take_events();
    let [Event::Message(message)] = &events[..] else { panic!("{events:?}") };
    sim.finish(message.reply(Content::text("answer").topic(TopicId::new(77)))).unwrap();
    let send = last_send(&sim);
    assert_eq!(send.topic_id, 77);
    let reference = &send.references[0];
    assert_eq!(reference.message_ref_id, message.id().get());
    assert_eq!(reference.message_sender_id, alice.get());
    assert_eq!(reference.content, message.raw_content());

    let in_topic = ChannelMessage { message_id: 5, topic_id: 88, ..message.data().to_proto() };
    let bot = sim.bot_id;
    sim.take_events();
    sim.act(|world, _| world.push_event(bot, Message::ChannelMessage(Box::new(in_topic))));
    sim.run_for(SECOND);
    let events = sim.take_events();
    let [Event::Message(message)] = &events[..] else { panic!("{events:?}") };
    sim.finish(message.reply("in the topic")).unwrap();
    assert_eq!(last_send(&sim).topic_id, 88);
    sim.finish(message.channel().send("there too")).unwrap();
    assert_eq!(last_send(&sim).topic_id, 88);
}

#[test]
fn a_thread_that_becomes_active_is_joined() {
    let Scene { mut sim, alice, clan, general } = ready();
    let bot = sim.bot_id;
    let new = NewChannel::thread(general, "thread", [alice, bot]).asleep();
    let thread = sim.act(|world, now| world.create_channel(now, clan, alice, new));
    sim.run_for(5 * SECOND);
    let before = channel_joins(&sim).len();
    sim.finish(sim.bot.channel(thread).leave()).unwrap();
    sim.act(|world, _| world.wake_thread(thread));
    sim.run_for(5 * SECOND);
    assert_eq!(channel_joins(&sim).len(), before + 1);
    assert!(sim.joined().contains(&JoinTarget::Channel(thread)));
}

#[test]
fn c7_a_click_is_answered_without_a_lookup_where_the_channel_was_seen_and_with_one_otherwise() {
    let Scene { mut sim, alice, clan, general } = ready();
    let other = sim.act(|world, now| world.create_channel(now, clan, alice, NewChannel::text("unseen")));
    let bot = sim.bot_id;
    sim.act(|world, now| world.abort(now, bot));
    sim.run_for(20 * SECOND);
    let menu = sim.finish(sim.bot.channel(general).send("menu")).unwrap();
    sim.run_for(SECOND);
    sim.take_events();
    sim.act(|world, _| world.click(alice, menu.id(), "yes", ""));
    sim.run_for(SECOND);
    let events = sim.take_events();
    let [Event::ButtonClicked(click)] = &events[..] else { panic!("{events:?}") };
    assert_eq!((click.button_id(), click.user_id(), click.message_id()), ("yes", alice, menu.id()));
    let lookups = sim.world().counters().calls("ListChannelDetail");
    sim.finish(click.channel().send("thank you")).unwrap();
    assert_eq!(sim.world().counters().calls("ListChannelDetail"), lookups);
    let _ = other;
}

#[test]
fn c7_sending_by_id_looks_a_channel_up_once() {
    let Scene { mut sim, general, .. } = ready();
    let channel = sim.bot.channel(general);
    for text in ["one", "two", "three"] {
        sim.finish(channel.send(text)).unwrap();
    }
    assert_eq!(sim.world().counters().calls("ListChannelDetail"), 1);
    assert_eq!(sim.world().messages_in(general).len(), 3);
    let unknown = sim.finish(sim.bot.channel(ChannelId::new(12345)).send("nowhere")).unwrap_err();
    assert_eq!(unknown.sent(), Sent::No);
}

#[test]
fn c8_a_send_that_needs_a_join_succeeds_with_exactly_one_copy() {
    let Scene { mut sim, alice, clan, general } = ready();
    let bot = sim.bot_id;
    let thread = sim.act(|world, now| {
        world.create_channel(now, clan, alice, NewChannel::thread(general, "asleep", [alice, bot]).asleep())
    });
    sim.run_for(SECOND);
    sim.act(|world, _| world.refuse_sends(3, "Must join channel before sending messages", 1));
    sim.finish(sim.bot.channel(thread).send("wake up")).unwrap();
    assert_eq!(sim.world().messages_in(thread).len(), 1);
    assert!(sim.joined().contains(&JoinTarget::Channel(thread)));

    for message in ["channel not found", "something else"] {
        sim.act(|world, _| world.refuse_sends(3, message, 1));
        let error = sim.finish(sim.bot.channel(thread).send("again")).unwrap_err();
        assert_eq!(error.kind(), &ErrorKind::Refused { code: 3, message: message.into() });
    }
    assert_eq!(sim.world().messages_in(thread).len(), 1);
}

#[test]
fn c9_a_direct_message_reaches_a_user_who_never_wrote() {
    let Scene { mut sim, alice, .. } = ready();
    let bot = sim.bot_id;
    let user = sim.bot.user(alice);
    sim.finish(user.send("welcome")).unwrap();
    sim.finish(user.send("once more")).unwrap();
    assert_eq!(sim.world().counters().calls("CreateChannelDesc"), 1);
    let channel = sim.world().direct_channel(bot, alice).unwrap();
    assert_eq!(sim.world().messages_in(channel).len(), 2);
    sim.act(|world, now| world.dm(now, alice, bot, "thanks"));
    sim.run_for(SECOND);
    assert!(messages(&sim.take_events()).contains(&"thanks".to_owned()), "the answer did not arrive");
}

/// A bot without a clan, one that it will be added to, and somebody to talk to.
fn homeless() -> (Sim, ClanId, UserId) {
    let mut world = World::builder().seed(3);
    let bot = world.bot("bot", "the-key");
    let alice = world.person("alice");
    let clan = world.clan("Clan A");
    world.member(clan, alice);
    let mut sim = Sim::new(Config::bot(bot, "the-key").unwrap().use_tls(false), world.build(), 3);
    sim.connect();
    (sim, clan, alice)
}

#[test]
fn c9_a_channel_that_a_list_shows_while_it_is_being_opened_is_joined_once() {
    for wait in (0..2500).step_by(10) {
        let (mut sim, clan, alice) = homeless();
        let bot = sim.bot_id;
        sim.act(|world, now| world.add_to_clan(now, clan, bot));
        sim.run_for(Duration::from_millis(wait));
        sim.finish(sim.bot.user(alice).send("welcome")).unwrap();
        sim.run_for(5 * SECOND);
        let direct = sim.world().direct_channel(alice, bot).unwrap();
        assert_eq!(channel_joins(&sim), [direct], "after {wait} ms");
    }
}

#[test]
fn c9_a_direct_channel_that_was_opened_is_joined_again_after_the_bot_came_into_a_clan() {
    let (mut sim, clan, alice) = homeless();
    let bot = sim.bot_id;
    sim.finish(sim.bot.user(alice).send("welcome")).unwrap();
    sim.act(|world, now| world.add_to_clan(now, clan, bot));
    sim.run_for(5 * SECOND);
    let direct = sim.world().direct_channel(alice, bot).unwrap();
    assert_eq!(channel_joins(&sim), [direct, direct]);
}

#[test]
fn c9_an_opened_channel_whose_join_is_refused_is_joined_later() {
    let (mut sim, _, alice) = homeless();
    let bot = sim.bot_id;
    let direct = sim.act(|world, now| world.open_dm(now, bot, alice));
    sim.act(|world, _| world.refuse_join(direct, 1));
    sim.finish(sim.bot.user(alice).send("welcome")).unwrap_err();
    sim.run_for(5 * SECOND);
    sim.act(|world, now| world.dm(now, alice, bot, "hello?"));
    sim.run_for(5 * SECOND);
    assert_eq!(messages(&sim.take_events()), ["hello?"]);
}

#[test]
fn c9_a_stale_direct_channel_is_replaced() {
    let Scene { mut sim, alice, .. } = ready();
    let bot = sim.bot_id;
    sim.finish(sim.bot.user(alice).send("one")).unwrap();
    sim.act(|world, _| world.refuse_sends(3, "channel not found", 1));
    sim.finish(sim.bot.user(alice).send("two")).unwrap();
    assert_eq!(sim.world().counters().calls("CreateChannelDesc"), 2);
    let channel = sim.world().direct_channel(bot, alice).unwrap();
    assert_eq!(sim.world().messages_in(channel).len(), 2);
}

#[test]
fn c10_each_kind_of_failure_has_its_type_and_says_whether_it_was_sent() {
    let Scene { mut sim, general, .. } = ready();
    let channel = sim.bot.channel(general);
    let error = sim.finish(channel.send("x".repeat(5000))).unwrap_err();
    assert_eq!((error.kind(), error.sent()), (&ErrorKind::TooLong { len: 5008, limit: 4000 }, Sent::No));
    let error = sim.finish(channel.send_ephemeral([], "nobody")).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::InvalidArgument(_)));
    sim.act(|world, _| world.refuse_sends(7, "permission denied", 1));
    let error = sim.finish(channel.send("no")).unwrap_err();
    assert_eq!(
        (error.kind(), error.sent()),
        (&ErrorKind::Refused { code: 7, message: "permission denied".into() }, Sent::Yes)
    );
    sim.act(|world, _| world.http_status("CreateChannelDesc", 429, 1, Some(3 * SECOND)));
    let create = sim.bot.user(UserId::new(5)).open_direct();
    let error = sim.finish(create).unwrap_err();
    assert!(!matches!(error.kind(), ErrorKind::Timeout), "{error:?}");
}

#[test]
fn c10_more_calls_than_the_limit_are_refused_unsent() {
    let Scene { mut sim, general, .. } = build(
        |_| {},
        |mut config| {
            config.max_pending = 10;
            config
        },
    );
    sim.connect();
    sim.act(|world, _| world.delay_acks(SECOND));
    let calls: Vec<_> = (0..12).map(|k| sim.bot.channel(general).send(format!("message {k}"))).collect();
    let results: Vec<_> = calls.into_iter().map(|call| sim.finish(call)).collect();
    let refused: Vec<_> = results.iter().filter_map(|result| result.as_ref().err()).collect();
    assert_eq!(refused.len(), 2);
    assert!(refused.iter().all(|error| matches!(error.kind(), ErrorKind::TooManyInFlight) && error.sent() == Sent::No));
}

#[test]
fn c13_own_messages_are_marked() {
    let Scene { mut sim, alice, general, .. } = ready();
    sim.finish(sim.bot.channel(general).send("mine")).unwrap();
    sim.act(|world, now| world.say(now, alice, general, "hers"));
    sim.run_for(SECOND);
    let events = sim.take_events();
    let [Event::Message(mine), Event::Message(hers)] = &events[..] else { panic!("{events:?}") };
    assert!(mine.is_own() && !hers.is_own());
    assert_eq!(mine.sender_id(), sim.bot_id);
}

#[test]
fn c24_ready_needs_no_channel_lists() {
    let big = |world: &mut WorldBuilder| {
        for clan in 0..200 {
            let clan = world.clan(&format!("clan {clan}"));
            world.everyone_in(clan);
            for channel in 0..200 {
                world.channel(clan, &format!("channel {channel}"));
            }
        }
    };
    let Scene { mut sim, .. } = build(big, Config::without_rate_limits);
    sim.connect();
    let names: Vec<_> = sim.http_log.iter().map(|(_, name)| name.as_str()).collect();
    assert_eq!(names, ["token", "ListClanDescs", "ListChannelDescs"]);
    assert!(sim.now().elapsed < SECOND / 10, "{:?}", sim.now());
    assert_eq!(sim.joined().len(), 202);
}

#[test]
fn by_default_joins_are_spaced_and_http_calls_too() {
    let many = |world: &mut WorldBuilder| {
        for clan in 0..20 {
            let clan = world.clan(&format!("clan {clan}"));
            world.everyone_in(clan);
        }
    };
    let Scene { mut sim, .. } = build(many, |config| config);
    sim.connect();
    assert!(sim.now().elapsed > 21 * SECOND / 20, "{:?}", sim.now());
    let calls: Vec<_> = sim.http_log.iter().filter(|(_, name)| name.starts_with("List")).map(|(at, _)| *at).collect();
    assert!(calls.windows(2).all(|pair| pair[1] - pair[0] >= Duration::from_millis(1024)), "{calls:?}");
}

#[test]
fn a_burst_is_spread_by_the_rate_limit_and_none_of_it_times_out() {
    let Scene { mut sim, general, .. } = ready();
    sim.finish(sim.bot.channel(general).send("first")).unwrap();
    let start = sim.now().elapsed;
    let calls: Vec<_> = (0..1000).map(|k| sim.bot.channel(general).send(format!("message {k}"))).collect();
    for call in calls {
        sim.finish(call).unwrap();
    }
    let took = sim.now().elapsed - start;
    assert!(took >= MINUTE && took < 2 * MINUTE + SECOND * 10, "{took:?}");
    let texts: Vec<_> = {
        let world = sim.world();
        world.messages_in(general).iter().skip(1).filter_map(|id| world.text_of(*id)).collect()
    };
    assert_eq!(texts, (0..1000).map(|k| format!("message {k}")).collect::<Vec<_>>(), "the order was not kept");
}

#[test]
fn a_user_who_takes_no_events_holds_the_server_back_and_loses_nothing() {
    let limits = InboxLimits { pause_at_events: 10, ..InboxLimits::default() };
    let Scene { mut sim, alice, general, .. } = build(
        |_| {},
        |mut config| {
            config.inbox = limits;
            config
        },
    );
    sim.connect();
    sim.takes_events = false;
    for k in 0..10 {
        sim.act(|world, now| world.say(now, alice, general, &format!("message {k}")));
    }
    sim.run_for(SECOND);
    assert!(!sim.machine.wants_read());
    let ack = sim.bot.channel(general).send("an answer is awaited");
    sim.run_for(SECOND / 125);
    assert!(sim.machine.wants_read(), "while an answer is awaited reading goes on");
    sim.finish(ack).unwrap();
    assert!(!sim.machine.wants_read());
    sim.run_for(10 * MINUTE);
    assert_eq!(sim.machine.state(), State::Ready, "a slow user looked like a dead server");
    sim.takes_events = true;
    sim.run_for(SECOND);
    assert_eq!(messages(&sim.take_events()).len(), 11);
}

#[test]
fn unwanted_events_are_dropped_but_still_serve_the_core() {
    let Scene { mut sim, alice, clan, general } = build(|_| {}, |config| config.interest(Interest::messages()));
    sim.connect();
    sim.take_events();
    let bot = sim.bot_id;
    sim.act(|world, _| world.type_in(alice, general));
    let thread = sim
        .act(|world, now| world.create_channel(now, clan, alice, NewChannel::thread(general, "thread", [alice, bot])));
    sim.run_for(5 * SECOND);
    assert_eq!(sim.take_events().len(), 0);
    assert!(sim.machine.stats().uninteresting > 0);
    assert!(sim.joined().contains(&JoinTarget::Channel(thread)));
}

#[test]
fn a_session_pushed_by_the_server_is_taken_over_without_reconnecting() {
    let Scene { mut sim, .. } = ready();
    let before = sim.machine.session().unwrap().token().clone();
    let bot = sim.bot_id;
    sim.run_for(5 * SECOND);
    sim.act(|world, now| world.push_session(now, bot));
    sim.run_for(SECOND);
    assert!(names(&sim.take_events()).contains(&"SessionRefreshed"));
    assert_ne!(sim.machine.session().unwrap().token(), &before);
    assert_eq!(sim.machine.state(), State::Ready);
}

#[test]
fn what_is_left_or_deleted_is_not_joined_again() {
    let Scene { mut sim, alice, clan, general } = ready();
    let bot = sim.bot_id;
    let threads: Vec<_> = (0..2)
        .map(|k| {
            let new = NewChannel::thread(general, format!("thread {k}"), [alice, bot]);
            sim.act(|world, now| world.create_channel(now, clan, alice, new))
        })
        .collect();
    sim.run_for(5 * SECOND);
    sim.finish(sim.bot.channel(threads[0]).leave()).unwrap();
    sim.act(|world, _| world.delete_channel(threads[1], alice));
    sim.run_for(SECOND);
    sim.act(|world, now| world.abort(now, bot));
    sim.run_for(20 * SECOND);
    let expected: BTreeSet<_> = [JoinTarget::Clan(0.into()), JoinTarget::Clan(clan)].into();
    assert_eq!(sim.joined(), expected);
}

#[test]
fn a_send_only_client_needs_no_socket() {
    let Scene { mut sim, general, .. } = build(|_| {}, |config| config);
    sim.finish(sim.bot.channel(general).send("over http")).unwrap();
    assert_eq!(sim.dialed.len(), 0);
    assert_eq!(sim.world().messages_in(general).len(), 1);
    assert_eq!(sim.world().counters().calls("SendChannelMessage"), 1);
}

#[test]
fn a_call_that_is_cancelled_ends_silently_and_takes_back_what_is_queued() {
    let Scene { mut sim, general, .. } = ready();
    sim.finish(sim.bot.channel(general).send("first")).unwrap();
    let calls: Vec<_> = (0..100).map(|k| sim.bot.channel(general).send(format!("message {k}"))).collect();
    sim.run_for(SECOND / 10);
    for call in &calls {
        let ticket = call.ticket;
        sim.tell(|machine, now| machine.cancel(now, ticket));
    }
    sim.run_for(MINUTE);
    assert!(sim.world().messages_in(general).len() <= 61, "what was queued has been sent all the same");
    assert_eq!(sim.machine.health(sim.now()).pending_calls, 0);
}

#[test]
fn groups_are_joined_when_that_is_asked_for() {
    for join_groups in [false, true] {
        let mut world = World::builder().seed(13);
        let bot = world.bot("bot", "the-key");
        let alice = world.person("alice");
        let direct = world.dm(alice, bot);
        let groups: Vec<_> = (0..600).map(|k| world.group(&format!("group {k}"), [alice, bot])).collect();
        let mut config = Config::bot(bot, "the-key").unwrap().use_tls(false).without_rate_limits();
        config.join_groups = join_groups;
        let mut sim = Sim::new(config, world.build(), 13);
        sim.connect();
        let joined = sim.joined();
        assert!(joined.contains(&JoinTarget::Channel(direct)));
        assert!(groups.iter().all(|group| joined.contains(&JoinTarget::Channel(*group)) == join_groups));
    }
}
