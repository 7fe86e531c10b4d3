//! The client: its session, and what it does over HTTP.

use std::time::Duration;

use mezon_client::{Client, LightClient};
use mezon_protocol::api::GetAccount;
use mezon_protocol::light::{AuthenticationError, ClientInitConfig};
use mezon_protocol::machine::State;
use mezon_protocol::store::MemoryStore;
use mezon_protocol::{ErrorKind, UserId, replay};
use mezon_tests::DEAD_PORT;
use mezon_tests::recording::Recording;

use super::adapters::{Adapter, end};
use super::town::{Town, next, quick, reports, sandbox};

/// Rows 220, 223, 273.
pub fn a_user_logs_in_by_an_id_token<R: Adapter>() {
    let (sandbox, config) = sandbox(|_| {});
    let client = R::authenticate(config.clone()).unwrap();
    assert_eq!(client.user_id(), config.user_id);
    assert_eq!(R::answer(client.state()), State::Disconnected, "no connection is made by it");
    assert_eq!(sandbox.with(|world, _| world.counters().logins), 1);
}

/// Row 224.
pub fn a_login_that_is_refused_says_why<R: Adapter>() {
    let (sandbox, config) = sandbox(|_| {});
    let refused = |config| AuthenticationError::from(R::authenticate(config).unwrap_err());
    let mut nobody = config.clone();
    nobody.user_id = UserId::new(5);
    let error = refused(nobody);
    assert_eq!(error.status_code, Some(401));
    assert!(error.message.contains("unknown user"), "{error}");
    sandbox.with(|world, _| world.refuse_login(503, 1, None));
    assert_eq!(refused(config.clone()).status_code, Some(503));
    let mut nowhere = config;
    nowhere.gateway_url = format!("http://127.0.0.1:{DEAD_PORT}");
    assert_eq!(refused(nowhere).status_code, None);
}

/// Rows 225, 226, 227, 232, 233, 234, 235, 275.
pub fn a_session_is_stored_and_restored<R: Adapter>() {
    let town = Town::<R>::new();
    let stored = R::answer(town.client.export_session());
    assert_eq!(stored.user_id, town.alice);
    assert_eq!(R::answer(town.client.get_token()), stored.token);
    assert_eq!(R::answer(town.client.get_refresh_token()), stored.refresh_token);
    let session = R::answer(town.client.get_session()).unwrap();
    assert_eq!(R::answer(town.client.session()), Some(session.clone()));
    assert_eq!(session.user_id(), town.alice);
    let json = serde_json::to_string(&stored).unwrap();
    let without_ws_url = ClientInitConfig { ws_url: String::new(), ..ClientInitConfig::from_json(&json).unwrap() };
    let logins = town.sandbox.with(|world, _| world.counters().logins);
    for config in [ClientInitConfig::from_json(&json).unwrap(), without_ws_url] {
        let client = R::within(|| LightClient::<R>::init_client(config)).unwrap();
        R::start(&client);
        assert_eq!(client.user_id(), town.alice);
        end::<R, _>(|| client.connect()).unwrap();
        client.close();
    }
    assert_eq!(town.sandbox.with(|world, _| world.counters().logins), logins);
    let broken = ClientInitConfig { token: "no-token".into(), ..stored };
    let error = R::within(|| LightClient::<R>::init_client(broken)).unwrap_err();
    assert_eq!(error.message, "Session error: token is no JSON web token");
}

/// Rows 228, 230, 231.
pub fn a_session_that_has_expired_is_refreshed<R: Adapter>() {
    let town = Town::<R>::with(|_| {}, |settings| settings.token_lifetime = Duration::ZERO);
    let client = &town.client;
    assert!(R::answer(client.is_session_expired()));
    assert!(!R::answer(client.is_refresh_session_expired()));
    let before = R::answer(client.export_session());
    town.sandbox.with(|world, _| world.settings_mut().token_lifetime = Duration::from_secs(3600));
    let session = end::<R, _>(|| client.refresh_session()).unwrap();
    assert!(!R::answer(client.is_session_expired()));
    let after = R::answer(client.export_session());
    assert!(after.token != before.token && after.refresh_token != before.refresh_token);
    assert_eq!(&after.token, session.token());
    assert_eq!(town.sandbox.with(|world, _| world.counters().refreshes), 1);
}

/// Row 229.
pub fn what_nobody_can_refresh_wants_a_login<R: Adapter>() {
    let town = Town::<R>::with(
        |_| {},
        |settings| (settings.token_lifetime, settings.refresh_lifetime) = (Duration::ZERO, Duration::ZERO),
    );
    assert!(R::answer(town.client.is_refresh_session_expired()));
    let error = end::<R, _>(|| town.client.refresh_session()).unwrap_err();
    assert!(error.requires_login(), "{error}");
}

/// Rows 237, 238, 272.
pub fn channels_are_created<R: Adapter>() {
    let town = Town::<R>::new();
    let direct = end::<R, _>(|| town.client.create_dm(town.bob)).unwrap();
    assert_eq!(direct.id(), town.direct, "the one that exists");
    let other = end::<R, _>(|| town.client.create_dm(town.carol)).unwrap();
    let known = town.sandbox.with(|world, _| world.direct_channel(town.alice, town.carol));
    assert_eq!(Some(other.id()), known);
    let group = end::<R, _>(|| town.client.create_group_dm([town.bob, town.carol])).unwrap();
    assert!(!group.id().is_none());
    let error = end::<R, _>(|| town.client.create_group_dm([])).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::InvalidArgument(_)));
}

/// Rows 236, 246, 247.
pub fn the_layers_below_can_be_reached<R: Adapter>() {
    let (sandbox, login) = sandbox(|_| {});
    let client = Client::new(quick(&login)).unwrap();
    R::start(&client);
    let light = end::<R, _>(|| LightClient::log_in(client, login.log_in())).unwrap();
    let account = end::<R, _>(|| light.api().call::<GetAccount>(())).unwrap();
    assert_eq!(account.user.map(|user| user.id), Some(login.user_id.get()));
    let socket = light.create_socket(false, None);
    assert!(!R::answer(socket.is_connected()));
    end::<R, _>(|| light.client().connect()).unwrap();
    assert!(R::answer(socket.is_connected()));
    let channel = sandbox.with(|world, _| world.channel_named("friends")).unwrap();
    let route = mezon_protocol::route::Route::group(channel);
    end::<R, _>(|| socket.join_channel(route)).unwrap();
    // the client is from now on
    let impatient = light.create_socket(true, Some(Duration::from_millis(50)));
    sandbox.with(|world, _| world.swallow_acks(1));
    let error = end::<R, _>(|| impatient.send_message(route, "anybody?")).unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Timeout);
}

/// A store, and a recording.
pub fn what_a_builder_sets_is_there_for_a_light_client<R: Adapter>() {
    let (sandbox, login) = sandbox(|_| {});
    let written = Recording::default();
    let builder = Client::builder(quick(&login)).store(MemoryStore::new()).record_to(written.clone());
    let town = Town::<R>::of(sandbox, &login, builder.build().unwrap());
    let socket = town.connected();
    let (tell, told) = reports();
    socket.on_channel_message(move |message| tell.send(message.text().into_owned()));
    town.say("hello");
    assert_eq!(next(&told), "hello");
    end::<R, _>(|| socket.send_dm(town.hello())).unwrap();
    let stored = R::answer(town.client.stored(town.direct, 10, 0)).unwrap();
    let texts: Vec<_> = stored.iter().map(|message| message.text().into_owned()).collect();
    assert_eq!(texts, ["Hello, world!", "hello"]);
    R::answer(town.client.end_recording());
    let summary = replay::check(&*written.whole()).unwrap();
    assert!(summary.steps > 0 && !summary.is_torn, "{summary:?}");
}
