//! When a session is refreshed, and what ends it.

use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use mezon_protocol::api::{Api, GetAccount};
use mezon_protocol::call::{LogOut, RefreshSession, Submission, Ticket, Via};
use mezon_protocol::exchange::HttpResponse;
use mezon_protocol::machine::{State, Transmit};
use mezon_protocol::proto::api;
use mezon_protocol::{Config, ErrorKind, Event, Machine, Now, Session, SessionExport};
use mezon_tests::sim::EPOCH;
use prost::Message as _;

use crate::scene::{DAY, HOUR, MINUTE, SECOND, Scene};

/// Row 245.
#[test]
fn the_session_of_a_connected_user_is_refreshed_in_time_and_told_to_be_stored() {
    let mut scene = Scene::new();
    scene.sim.connect();
    let first = scene.session().export();
    scene.sim.run_for(7 * MINUTE);
    assert_eq!(scene.refreshes(), 0);
    scene.sim.run_for(2 * MINUTE);
    assert_eq!((scene.refreshes(), scene.logins()), (1, 1));
    assert_eq!(scene.sessions_told(), 1);
    let told = scene.sim.events.iter().find_map(|event| match event {
        Event::SessionRefreshed { session } => Some(session.export()),
        _ => None,
    });
    let now = scene.session().export();
    assert_eq!(told, Some(now.clone()), "it comes with the event");
    assert!(now.token != first.token && now.refresh_token != first.refresh_token);
    assert_eq!(now.session_id, first.session_id, "what the answer does not have stays");
    scene.sim.run_for(HOUR);
    assert_eq!(scene.sim.machine.state(), State::Ready);
    assert!((7..10).contains(&scene.refreshes()), "{}", scene.refreshes());
    assert_eq!(scene.logins(), 1);
}

/// Row 245.
#[test]
fn an_expired_token_is_refreshed_before_it_is_used_and_before_connecting() {
    let mut scene = Scene::new();
    scene.sim.run_for(HOUR);
    assert_eq!(scene.refreshes(), 0, "nobody needs it");
    let call = scene.sim.bot.call(Api::<GetAccount>::new(()));
    assert!(scene.sim.finish(call).is_ok());
    assert_eq!(scene.refreshes(), 1);
    scene.sim.run_for(HOUR);
    scene.sim.connect();
    assert_eq!((scene.refreshes(), scene.logins()), (2, 1));
}

/// Row 230.
#[test]
fn all_who_want_a_new_token_share_one_exchange() {
    let mut scene = Scene::new();
    scene.sim.run_for(HOUR);
    let asked: Vec<_> = (0..5).map(|_| scene.sim.bot.call(RefreshSession)).collect();
    let call = scene.sim.bot.call(Api::<GetAccount>::new(()).via(Via::Http));
    let tokens: Vec<_> = asked.into_iter().map(|asked| scene.sim.finish(asked).unwrap().token().clone()).collect();
    assert!(scene.sim.finish(call).is_ok());
    assert_eq!(scene.refreshes(), 1);
    assert!(tokens.iter().all(|token| token == scene.session().token()));
}

#[test]
fn an_outage_leaves_the_session_as_it_is_and_is_tried_again_with_growing_delays() {
    let mut scene = Scene::new();
    scene.sim.connect();
    scene.sim.act(|world, _| world.http_status("SessionRefresh", 500, 6, None));
    scene.sim.run_for(9 * MINUTE);
    let tries: Vec<_> =
        scene.sim.http_log.iter().filter(|(_, name)| name == "SessionRefresh").map(|(at, _)| *at).collect();
    assert!(tries.len() > 4, "{tries:?}");
    let delays: Vec<_> = tries.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(delays[3] > delays[0], "{delays:?}");
    scene.sim.run_for(5 * MINUTE);
    assert_eq!((scene.refreshes(), scene.logins(), scene.logins_required()), (1, 1, 0));
    assert_eq!(scene.sim.machine.state(), State::Ready);
}

#[test]
fn a_refresh_that_is_refused_ends_the_session_and_says_so_once() {
    let mut scene = Scene::new();
    scene.sim.connect();
    scene.sim.act(|world, _| world.http_status("SessionRefresh", 401, 1, None));
    scene.sim.run_for(HOUR);
    assert_eq!((scene.logins_required(), scene.refreshes(), scene.logins()), (1, 0, 1));
    assert_eq!(scene.sim.machine.state(), State::Ready, "what is connected stays so");
    let call = scene.sim.bot.call(Api::<GetAccount>::new(()).via(Via::Http));
    assert!(scene.sim.finish(call).unwrap_err().requires_login());
    let asked = scene.sim.bot.call(RefreshSession);
    assert!(scene.sim.finish(asked).unwrap_err().requires_login());
    let alice = scene.alice;
    scene.sim.act(|world, now| world.abort(now, alice));
    scene.sim.run_for(MINUTE);
    assert_eq!(scene.sim.machine.state(), State::Closed);
    assert!(scene.sim.events.iter().any(|event| matches!(event, Event::Fatal { .. })));
    assert_eq!((scene.logins_required(), scene.logins()), (1, 1), "nobody has logged in");
}

/// The server answers a dead refresh token as it does in an outage.
#[test]
fn a_revoked_session_is_found_out_by_asking_for_the_account() {
    let mut scene = Scene::new();
    let alice = scene.alice;
    scene.sim.act(|world, _| world.revoke_sessions(alice));
    let call = scene.sim.bot.call(Api::<GetAccount>::new(()));
    let error = scene.sim.finish(call).unwrap_err();
    assert!(error.requires_login(), "{error:?}");
    assert_eq!(error.status(), None, "the call itself was not answered");
    scene.sim.run_for(SECOND);
    assert_eq!((scene.logins_required(), scene.logins()), (1, 1));
}

#[test]
fn a_token_that_is_refused_in_an_outage_is_no_end() {
    let mut scene = Scene::new();
    scene.sim.act(|world, _| {
        world.http_status("GetAccount", 401, 1, None);
        world.http_status("SessionRefresh", 500, 1, None);
    });
    let call = scene.sim.bot.call(Api::<GetAccount>::new(()));
    assert!(scene.sim.finish(call).is_err());
    assert_eq!(scene.logins_required(), 0, "the account could be asked for");
    let call = scene.sim.bot.call(Api::<GetAccount>::new(()));
    assert!(scene.sim.finish(call).is_ok());
    assert_eq!(scene.refreshes(), 1);
}

/// Row 229.
#[test]
fn a_refresh_token_that_has_expired_ends_the_session() {
    let mut scene = Scene::new();
    scene.sim.run_for(8 * DAY);
    assert!(scene.sim.machine.is_refresh_expired(scene.sim.now()));
    scene.sim.tell(Machine::connect);
    scene.sim.run_for(MINUTE);
    assert_eq!(scene.sim.machine.state(), State::Closed);
    assert_eq!((scene.logins_required(), scene.logins(), scene.refreshes()), (1, 1, 0));
}

#[test]
fn nobody_logs_in_without_having_been_told_to() {
    let mut machine = Machine::new(Config::user(), 1, Now::default()).unwrap();
    machine.connect(Now::default());
    assert!(machine.poll_transmit().is_none());
    assert_eq!(machine.state(), State::Closed);
}

/// Row 230.
#[test]
fn a_wrong_clock_is_corrected_by_the_date_of_the_server() {
    let token = |expires: u64| {
        let payload = BASE64_URL_SAFE_NO_PAD.encode(format!(r#"{{"exp":{expires},"uid":7}}"#));
        format!("e30.{payload}.sig")
    };
    let epoch = EPOCH.as_secs();
    // an hour ahead: by it the token has expired, and so will the next
    let now = Now::new(Duration::ZERO, EPOCH + HOUR);
    let mut machine = Machine::new(Config::user(), 1, now).unwrap();
    let mut export = SessionExport::default();
    export.token = token(epoch + 600).into();
    export.refresh_token = token(epoch + 604_800).into();
    machine.restore_session(Session::restore(export).unwrap());
    machine.submit(now, Submission::new(Ticket(1), Api::<GetAccount>::new(())));
    let Some(Transmit::Http { id, request }) = machine.poll_transmit() else { panic!("a refresh") };
    assert!(request.url.ends_with("/mezon.api.Mezon/SessionRefresh"));
    let key = &request.headers[0].1;
    assert_eq!(key.expose(), "Basic SFRUUDNtM3pvblByMGRrZXk6", "the server key, not the token");
    let renewed = api::Session { token: token(epoch + 610), ..Default::default() };
    let headers = vec![("date".to_owned(), "Thu, 01 Jan 2026 00:00:10 GMT".to_owned())];
    machine.handle_http(now, id, Ok(HttpResponse { status: 200, headers, body: renewed.encode_to_vec().into() }));
    let Some(Transmit::Http { request, .. }) = machine.poll_transmit() else { panic!("the call") };
    assert!(request.url.ends_with("/mezon.api.Mezon/GetAccount"));
    assert!(!machine.is_session_expired(now));
}

#[test]
fn a_token_that_lasts_for_less_than_the_margin_is_used_all_the_same() {
    let mut scene = Scene::with(1, |_| {}, |settings| settings.token_lifetime = 20 * SECOND);
    scene.sim.run_for(MINUTE);
    let call = scene.sim.bot.call(Api::<GetAccount>::new(()));
    assert!(scene.sim.finish(call).is_ok());
    assert_eq!(scene.refreshes(), 1);
}

#[test]
fn what_the_server_pushes_is_taken_over_and_not_printed() {
    let mut scene = Scene::new();
    scene.sim.connect();
    let before = scene.session().export();
    let alice = scene.alice;
    scene.sim.act(|world, now| world.push_session(now, alice));
    scene.sim.run_for(SECOND);
    let after = scene.session().export();
    assert!(after.token != before.token && after.session_id != before.session_id);
    assert_eq!(scene.sessions_told(), 1);
    assert_eq!(scene.sim.machine.state(), State::Ready);
    let printed = format!("{:?}", scene.sim.events);
    assert!(!printed.contains(after.token.expose()) && !printed.contains(after.session_id.expose()));
}

#[test]
fn who_logs_out_is_out() {
    let mut scene = Scene::new();
    let out = scene.sim.bot.call(LogOut);
    scene.sim.finish(out).unwrap();
    let call = scene.sim.bot.call(Api::<GetAccount>::new(()));
    assert!(matches!(scene.sim.finish(call).unwrap_err().kind(), ErrorKind::Auth(_)));
    assert_eq!(scene.refreshes(), 0);
    let stored = serde_json::to_string(&scene.session().export()).unwrap();
    scene.restart(&stored);
    let call = scene.sim.bot.call(Api::<GetAccount>::new(()));
    assert!(scene.sim.finish(call).unwrap_err().requires_login());
}
