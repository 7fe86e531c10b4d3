//! API calls over HTTP: what is repeated and what never is, tokens, and the rate limit.

use std::time::Duration;

use mezon_protocol::event::{Cause, Lifecycle};
use mezon_protocol::exchange::{HttpFailure, HttpResponse};
use mezon_protocol::machine::{Machine, State, Transmit};
use mezon_protocol::proto::api;
use mezon_protocol::{Config, Error, ErrorKind, RawEvent, Sent, UserId};
use mezon_sandbox::World;
use mezon_tests::hand::{self, Hand};
use mezon_tests::sim::Sim;
use prost::Message as _;

const SECOND: Duration = Duration::from_secs(1);

struct Scene {
    sim: Sim,
    alice: UserId,
}

/// A bot that is not connected: all that it asks for goes over HTTP.
fn scene() -> Scene {
    let mut world = World::builder().seed(11);
    let bot = world.bot("bot", "the-key");
    let alice = world.person("alice");
    let clan = world.clan("Clan A");
    world.everyone_in(clan);
    let config = Config::bot(bot, "the-key").unwrap().use_tls(false);
    Scene { sim: Sim::new(config, world.build(), 11), alice }
}

#[test]
fn a_call_without_a_connection_logs_in_first_and_only_once() {
    let Scene { mut sim, .. } = scene();
    let calls: Vec<_> = (0..3).map(|_| sim.bot.list_clans()).collect();
    for call in calls {
        assert_eq!(sim.finish(call).unwrap().len(), 1);
    }
    assert_eq!(sim.world().counters().logins, 1);
    assert_eq!(sim.machine.state(), State::Disconnected);
}

#[test]
fn what_changes_nothing_is_repeated_twice_after_passing_failures() {
    for status in [429, 500, 502, 503, 504] {
        let Scene { mut sim, .. } = scene();
        sim.act(|world, _| world.http_status("ListClanDescs", status, 2, None));
        let clans = sim.bot.list_clans();
        assert_eq!(sim.finish(clans).unwrap().len(), 1, "status {status}");
        assert_eq!(sim.world().counters().calls("ListClanDescs"), 3);

        sim.act(|world, _| world.http_status("ListClanDescs", status, 5, None));
        let clans = sim.bot.list_clans();
        sim.finish(clans).unwrap_err();
        assert_eq!(sim.world().counters().calls("ListClanDescs"), 6, "it has an end");
    }
}

#[test]
fn what_changes_something_is_never_repeated() {
    for status in [429, 500, 503] {
        let Scene { mut sim, alice } = scene();
        sim.act(|world, _| world.http_status("CreateChannelDesc", status, 1, Some(3 * SECOND)));
        let create = sim.bot.user(alice).open_direct();
        let error = sim.finish(create).unwrap_err();
        assert_eq!(error.sent(), Sent::Yes);
        assert_eq!(error.retry_after(), (status == 429).then_some(3 * SECOND));
        assert_eq!(sim.world().counters().calls("CreateChannelDesc"), 1);
    }
}

#[test]
fn what_breaks_off_while_under_way_may_have_been_done() {
    let Scene { mut sim, alice } = scene();
    sim.finish(sim.bot.list_clans()).unwrap();
    let create = sim.bot.user(alice).open_direct();
    sim.run_until(5 * SECOND, |sim| sim.http_log.last().is_some_and(|(_, name)| name == "CreateChannelDesc"));
    sim.break_http();
    let error = sim.finish(create).unwrap_err();
    assert_eq!((error.kind(), error.sent()), (&ErrorKind::Disconnected, Sent::Unknown));
}

#[test]
fn a_refused_token_is_renewed_and_the_call_repeated_once() {
    let Scene { mut sim, alice } = scene();
    sim.finish(sim.bot.list_clans()).unwrap();
    sim.act(|world, _| world.http_status("CreateChannelDesc", 401, 1, None));
    let create = sim.bot.user(alice).open_direct();
    sim.finish(create).unwrap();
    assert_eq!(sim.world().counters().logins, 2);

    sim.act(|world, _| world.http_status("CreateChannelDesc", 401, 2, None));
    let create = sim.bot.user(alice).open_direct();
    let error = sim.finish(create).unwrap_err();
    assert!(error.requires_login(), "{error:?}");
    assert_eq!(sim.world().counters().logins, 3);
}

#[test]
fn a_token_that_is_about_to_expire_is_renewed_before_the_call() {
    let Scene { mut sim, .. } = scene();
    sim.finish(sim.bot.list_clans()).unwrap();
    sim.run_for(Duration::from_secs(3600 - 30));
    sim.finish(sim.bot.list_clans()).unwrap();
    assert_eq!(sim.world().counters().logins, 2);
}

#[test]
fn wrong_credentials_fail_the_calls_that_need_a_token() {
    let Scene { mut sim, .. } = scene();
    sim.act(|world, _| world.refuse_login(401, 1, None));
    let calls = [sim.bot.list_clans(), sim.bot.list_clans()];
    for call in calls {
        let error = sim.finish(call).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Auth(_)), "{error:?}");
        assert_eq!(error.sent(), Sent::No);
    }
}

#[test]
fn an_answer_that_never_comes_is_given_up_and_asked_for_again_where_that_is_safe() {
    let Scene { mut sim, alice } = scene();
    sim.finish(sim.bot.list_clans()).unwrap();
    sim.latency = 20 * SECOND;
    let create = sim.bot.user(alice).open_direct();
    let error = sim.finish(create).unwrap_err();
    assert_eq!((error.kind(), error.sent()), (&ErrorKind::Timeout, Sent::Unknown));
    assert_eq!(sim.http_log.iter().filter(|(_, name)| name == "CreateChannelDesc").count(), 1);
}

#[test]
fn a_client_that_is_connected_lists_over_the_socket() {
    let Scene { mut sim, .. } = scene();
    sim.connect();
    let over_http = sim.http_log.len();
    assert_eq!(sim.finish(sim.bot.list_clans()).unwrap().len(), 1);
    assert_eq!(sim.http_log.len(), over_http);
    sim.tell(Machine::close);
    let error = sim.finish(sim.bot.list_clans()).unwrap_err();
    assert_eq!((error.kind(), error.sent()), (&ErrorKind::Closed, Sent::No));
}

#[test]
fn a_fresh_session_is_given_and_not_stored() {
    let Scene { mut sim, .. } = scene();
    sim.connect();
    let stored = sim.machine.session().unwrap().token().clone();
    let session = sim.finish(sim.bot.authenticate()).unwrap();
    assert_eq!(session.user_id(), sim.bot_id);
    assert_eq!(sim.machine.session().unwrap().token(), &stored);
}

/// Row 17.
#[test]
fn after_a_login_all_traffic_goes_where_the_session_says() {
    let mut hand = Hand::new(hand::config());
    hand.machine.connect(hand.now());
    let (login, request) = hand.exchanges().remove(0);
    assert!(request.url.starts_with("http://127.0.0.1:7350/"), "{}", request.url);
    let session = api::Session {
        token: hand::TOKEN.into(),
        user_id: hand::BOT,
        api_url: "http://api.example.com:7351".into(),
        ws_url: "ws://socket.example.com:7352".into(),
        ..Default::default()
    };
    let response = HttpResponse { status: 200, headers: Vec::new(), body: session.encode_to_vec().into() };
    hand.machine.handle_http(hand.now(), login, Ok(response));
    let transmits: Vec<_> = std::iter::from_fn(|| hand.machine.poll_transmit()).collect();
    let socket = transmits.iter().find_map(|transmit| match transmit {
        Transmit::OpenSocket { host, port, .. } => Some((host.as_str(), *port)),
        _ => None,
    });
    assert_eq!(socket, Some(("socket.example.com", 7352)));
    let list = transmits.iter().find_map(|transmit| match transmit {
        Transmit::Http { request, .. } => Some(request.url.as_str()),
        _ => None,
    });
    assert_eq!(list, Some("http://api.example.com:7351/mezon.api.Mezon/ListClanDescs"));
}

#[test]
fn a_login_that_fails_by_tls_says_so_to_its_calls_and_is_tried_again_where_an_unreachable_one_is() {
    for retry_login in [false, true] {
        let mut config = hand::config();
        config.retry_login = retry_login;
        let mut hand = Hand::new(config);
        hand.machine.connect(hand.now());
        let call = hand.bot().list_clans();
        let (login, _) = hand.exchanges().remove(0);
        hand.machine.handle_http(hand.now(), login, Err(HttpFailure::Tls("expired".into())));
        assert_eq!(hand.end(&call).unwrap().unwrap_err(), Error::unsent(ErrorKind::Tls("expired".into())));
        let disconnected = |event| match event {
            RawEvent::Lifecycle(Lifecycle::Disconnected { cause, will_retry_in }) => Some((cause, will_retry_in)),
            _ => None,
        };
        let (cause, will_retry_in) = hand.events().into_iter().find_map(disconnected).unwrap();
        assert_eq!((cause, will_retry_in.is_some()), (Cause::Tls("expired".into()), retry_login));
    }
}
