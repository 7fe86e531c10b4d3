//! Corners in the life of a connection that the fuzzer and readers have found, each as a test of its own.

use std::time::Duration;

use mezon_protocol::api::{Api, ListClanDescs};
use mezon_protocol::call::Via;
use mezon_protocol::event::{Cause, JoinTarget, Lifecycle};
use mezon_protocol::machine::{SocketEnd, State, Transmit};
use mezon_protocol::{ClanId, Config, ErrorKind, Machine, RawEvent};
use mezon_sandbox::World;
use mezon_tests::hand::{self, Hand, Lists};
use mezon_tests::sim::Sim;

const SECOND: Duration = Duration::from_secs(1);
const PATIENCE: Duration = Duration::from_secs(30);

/// Otherwise the adapter hears `CloseSocket` before `OpenSocket`, opens it all the same, and keeps it for ever.
#[test]
fn a_socket_that_is_let_go_before_the_adapter_knows_of_it_is_not_opened() {
    let mut hand = Hand::ready(hand::config(), &Lists::default());
    let _call = hand.bot().call(Api::<ListClanDescs>::new(Default::default()).via(Via::Http));
    assert_eq!(hand.exchanges().len(), 1);
    let socket = hand.socket().unwrap();
    hand.machine.handle_socket_closed(hand.now(), socket, SocketEnd::Eof);
    hand.machine.shutdown(hand.now(), PATIENCE);
    // a timer that comes late, as after a sleep: reconnecting and the end of the last call are due at once
    hand.machine.handle_timeout(hand.now() + Duration::from_secs(15));
    assert_eq!(hand.machine.state(), State::Closed);
    while let Some(transmit) = hand.machine.poll_transmit() {
        assert!(!matches!(transmit, Transmit::OpenSocket { .. } | Transmit::CloseSocket { .. }), "{transmit:?}");
    }
}

#[test]
fn a_connection_that_is_lost_during_a_shutdown_is_not_made_again() {
    let mut hand = Hand::ready(hand::config(), &Lists::default());
    let call = hand.bot().channel(1).fetch();
    assert_eq!(hand.frames().len(), 1);
    hand.machine.shutdown(hand.now(), PATIENCE);
    let socket = hand.socket().unwrap();
    hand.machine.handle_socket_closed(hand.now(), socket, SocketEnd::Eof);
    assert_eq!(hand.machine.state(), State::Closed);
    assert_eq!(hand.machine.poll_timeout(), None);
    assert_eq!(hand.end(&call).unwrap().unwrap_err().kind(), &ErrorKind::Disconnected);
    assert_eq!(ends(&mut hand), 1);
}

#[test]
fn a_shutdown_that_is_cut_short_is_told_of_once() {
    let mut hand = Hand::ready(hand::config(), &Lists::default());
    let call = hand.bot().channel(1).fetch();
    assert_eq!(hand.frames().len(), 1);
    hand.machine.shutdown(hand.now(), PATIENCE);
    hand.machine.close(hand.now());
    assert!(hand.end(&call).unwrap().is_err());
    assert_eq!(ends(&mut hand), 1);
}

#[test]
fn reconnecting_during_a_shutdown_with_nothing_left_to_wait_for_closes() {
    let mut hand = Hand::ready(hand::config(), &Lists::default());
    let _call = hand.bot().channel(1).fetch();
    assert_eq!(hand.frames().len(), 1);
    hand.machine.shutdown(hand.now(), PATIENCE);
    hand.machine.reconnect(hand.now());
    assert_eq!(hand.machine.state(), State::Closed);
    assert_eq!(ends(&mut hand), 1);
}

/// How often the user is told that the connection has ended; the last time because it was closed.
fn ends(hand: &mut Hand) -> usize {
    let mut ends = hand.events();
    ends.retain(|event| matches!(event, RawEvent::Lifecycle(Lifecycle::Disconnected { .. })));
    let closed = Lifecycle::Disconnected { cause: Cause::Closed, will_retry_in: None };
    assert_eq!(ends.last(), Some(&RawEvent::Lifecycle(closed)));
    ends.len()
}

#[test]
fn endless_times_in_the_configuration_mean_no_limit_and_overflow_nothing() {
    let mut world = World::builder().seed(21);
    let bot = world.bot("bot", "the-key");
    let alice = world.person("alice");
    let clan = world.clan("Clan A");
    world.everyone_in(clan);
    let general = world.channel(clan, "general");
    let mut config = Config::bot(bot, "the-key").unwrap().use_tls(false);
    config.timeout = Duration::MAX;
    config.call_timeout = Duration::MAX;
    config.connect_timeout = Duration::MAX;
    config.heartbeat.timeout = Duration::MAX;
    config.backoff.first = Duration::MAX;
    config.quiet_after = Duration::MAX;
    let mut sim = Sim::new(config, world.build(), 21);
    sim.connect();
    sim.act(|world, now| world.say(now, alice, general, "hi"));
    let sent = sim.bot.channel(general).send("hello");
    sim.finish(sent).unwrap();
    sim.act(|world, now| world.abort(now, bot));
    sim.run_for(Duration::from_secs(60));
    assert!(sim.tell(|machine, _| machine.poll_timeout()).is_some());
}

/// A bot in one of two clans, and the other clan.
fn two_clans() -> (Sim, ClanId) {
    let mut world = World::builder().seed(21);
    let bot = world.bot("bot", "the-key");
    let (first, second) = (world.clan("Clan A"), world.clan("Clan B"));
    world.member(first, bot);
    let mut config = Config::bot(bot, "the-key").unwrap().use_tls(false).without_rate_limits();
    config.retry_login = true;
    (Sim::new(config, world.build(), 21), second)
}

/// The lists that the first attempt had asked for were taken for enough: the clan was not heard of until the connection broke.
#[test]
fn a_clan_that_we_came_into_between_two_attempts_is_joined() {
    let (mut sim, clan) = two_clans();
    sim.act(|world, _| world.refuse_connect(503, 1));
    sim.tell(Machine::connect);
    assert!(sim.run_until(PATIENCE, |sim| matches!(sim.machine.state(), State::Reconnecting { .. })));
    let bot = sim.bot_id;
    sim.act(|world, now| world.join_clan(now, bot, clan));
    sim.run_for(PATIENCE);
    assert!(sim.joined().contains(&JoinTarget::Clan(clan)), "{:?}", sim.joined());
}

/// Lists that were under way when the connection broke were taken for those of the next one.
#[test]
fn a_clan_that_we_came_into_while_old_lists_were_under_way_is_joined() {
    let (mut sim, clan) = two_clans();
    sim.connect();
    let bot = sim.bot_id;
    sim.act(|world, now| {
        world.delay_http(6 * SECOND);
        world.abort(now, bot);
    });
    assert!(sim.run_until(PATIENCE, |sim| sim.machine.stats().ready == 2));
    sim.run_for(SECOND);
    sim.act(|world, now| world.abort(now, bot));
    assert!(sim.run_until(SECOND, |sim| sim.machine.state() != State::Ready));
    sim.act(|world, now| {
        world.delay_http(Duration::ZERO);
        world.join_clan(now, bot, clan);
    });
    sim.run_for(PATIENCE);
    assert!(sim.joined().contains(&JoinTarget::Clan(clan)), "{:?}", sim.joined());
}
