//! Login, tokens, connecting.

use bytes::Bytes;
use mezon_protocol::proto::api;
use prost::Message as _;

use super::rig::{BOT, KEY, Rig, SECOND};
use crate::world::{Request, What};

fn login_request(accept: &str, id: &str, key: &str) -> Request {
    let body = serde_json::json!({"account": {"appid": id, "token": key}}).to_string();
    Request {
        method: "POST".to_owned(),
        path: "/v2/apps/authenticate/token?".to_owned(),
        headers: vec![("Accept".to_owned(), accept.to_owned())],
        body: Bytes::from(body.into_bytes()),
    }
}

#[test]
fn a_login_gives_a_protobuf_session_that_points_to_this_world() {
    let mut rig = Rig::new();
    rig.world.settings_mut().ws_url = "ws://127.0.0.1:1234".to_owned();
    let session = rig.login();
    assert_eq!(session.user_id, BOT.get());
    assert_eq!(session.ws_url, "ws://127.0.0.1:1234");
    assert_eq!(session.token.split('.').count(), 3);
    assert_eq!(rig.world.counters().logins, 1);
}

#[test]
fn a_login_without_accept_proto_gives_json_with_ids_as_text() {
    let mut rig = Rig::new();
    let response = rig.world.handle_http(rig.now, &login_request("*/*", &BOT.to_string(), KEY));
    let session: serde_json::Value = serde_json::from_slice(&response.body).unwrap();
    assert_eq!(session["user_id"], BOT.to_string());
    assert!(session["refresh_token"].is_string());
}

#[test]
fn wrong_keys_unknown_bots_and_people_are_refused_with_401() {
    let mut rig = Rig::new();
    let alice = rig.alice.to_string();
    for (id, key) in [(BOT.to_string().as_str(), "wrong"), ("5", KEY), (&alice, "")] {
        let response = rig.world.handle_http(rig.now, &login_request("application/x-protobuf", id, key));
        assert_eq!(response.status, 401, "{id}");
        let error: serde_json::Value = serde_json::from_slice(&response.body).unwrap();
        assert_eq!(error["code"], "unauthenticated");
    }
    assert_eq!(rig.world.counters().logins_refused, 3);
}

#[test]
fn with_any_key_an_unknown_bot_becomes_a_member_of_every_clan() {
    let mut rig = Rig::new();
    rig.world.settings_mut().any_key = true;
    let response = rig.world.handle_http(rig.now, &login_request("application/x-protobuf", "77", "whatever"));
    let session = api::Session::decode(response.body).unwrap();
    let clans = rig.rpc(&session.token, "ListClanDescs", &());
    assert_eq!(api::ClanDescList::decode(clans.body).unwrap().clandesc.len(), 1);
}

#[test]
fn a_person_logs_in_with_an_id_token_and_gets_json() {
    let mut rig = Rig::new();
    let body = serde_json::json!({"id_token": "x", "user_id": rig.alice.to_string(), "username": "alice"}).to_string();
    let path = "/v2/account/authenticate/idtoken".to_owned();
    let request =
        Request { method: "POST".to_owned(), path, headers: Vec::new(), body: Bytes::from(body.into_bytes()) };
    let response = rig.world.handle_http(rig.now, &request);
    let session: serde_json::Value = serde_json::from_slice(&response.body).unwrap();
    assert!(rig.try_connect(session["token"].as_str().unwrap()).is_ok());
}

#[test]
fn every_answer_carries_the_date_of_the_world() {
    let mut rig = Rig::new();
    let response = rig.http("/nowhere", "", Vec::new());
    assert_eq!(response.status, 404);
    assert_eq!(response.header("date"), Some("Thu, 01 Jan 2026 00:00:00 GMT"));
}

#[test]
fn a_missing_bearer_is_401_and_an_expired_one_403() {
    let mut rig = Rig::new();
    assert_eq!(rig.rpc("nonsense", "GetAccount", &()).status, 401);
    let token = rig.login().token;
    assert_eq!(rig.rpc(&token, "GetAccount", &()).status, 200);
    rig.wait(rig.world.settings().token_lifetime);
    assert_eq!(rig.rpc(&token, "GetAccount", &()).status, 403);
}

#[test]
fn a_connection_needs_the_path_and_a_valid_token() {
    let mut rig = Rig::new();
    let token = rig.login().token;
    assert_eq!(rig.world.connect(rig.now, &format!("/other?token={token}")), Err(404));
    assert_eq!(rig.world.connect(rig.now, "/ws?format=protobuf"), Err(401));
    assert_eq!(rig.try_connect("nonsense"), Err(401));
    assert!(rig.try_connect(&token).is_ok());
    rig.world.expire_tokens();
    assert_eq!(rig.try_connect(&token), Err(401));
    assert_eq!(rig.world.counters().connects_refused, 4);
}

#[test]
fn a_percent_encoded_token_is_understood() {
    let mut rig = Rig::new();
    let token = rig.login().token.replace('.', "%2E");
    assert!(rig.try_connect(&token).is_ok());
}

#[test]
fn a_refresh_token_renews_the_session_and_anything_else_is_500() {
    let mut rig = Rig::new();
    let session = rig.login();
    let request = api::SessionRefreshRequest { token: session.refresh_token, ..api::SessionRefreshRequest::default() };
    rig.wait(SECOND);
    let renewed = api::Session::decode(rig.rpc("", "SessionRefresh", &request).body).unwrap();
    assert!(rig.try_connect(&renewed.token).is_ok());
    let wrong = api::SessionRefreshRequest { token: session.token, ..api::SessionRefreshRequest::default() };
    assert_eq!(rig.rpc("", "SessionRefresh", &wrong).status, 500);
}

#[test]
fn a_refresh_token_is_good_until_the_next_one_is_used() {
    let mut rig = Rig::new();
    let refresh = |rig: &mut Rig, token: &str| {
        let request = api::SessionRefreshRequest { token: token.to_owned(), ..api::SessionRefreshRequest::default() };
        let response = rig.rpc("", "SessionRefresh", &request);
        (response.status == 200).then(|| api::Session::decode(response.body).unwrap().refresh_token)
    };
    let first = rig.login().refresh_token;
    let lost = refresh(&mut rig, &first).unwrap();
    let second = refresh(&mut rig, &first).expect("an answer that got lost is no harm");
    assert_ne!(lost, second);
    let third = refresh(&mut rig, &second).unwrap();
    assert_eq!(refresh(&mut rig, &first), None);
    rig.world.revoke_sessions(BOT);
    assert_eq!(refresh(&mut rig, &third), None);
}

#[test]
fn people_have_a_credential_for_the_socket_alone() {
    let mut rig = Rig::new();
    let body = serde_json::json!({"account": {"email": "alice@mezon.test", "password": "x"}}).to_string();
    let path = "/v2/account/authenticate/email".to_owned();
    let headers = vec![("Accept".to_owned(), "application/x-protobuf".to_owned())];
    let request = Request { method: "POST".to_owned(), path, headers, body: Bytes::from(body.into_bytes()) };
    let session = api::Session::decode(rig.world.handle_http(rig.now, &request).body).unwrap();
    assert_eq!(rig.rpc(&session.session_id, "GetAccount", &()).status, 401);
    assert!(rig.try_connect(&session.session_id).is_ok());
    assert!(rig.login().session_id.is_empty(), "bots have none");
}

#[test]
fn an_endpoint_that_moves_is_named_by_the_next_session() {
    let mut rig = Rig::new();
    rig.world.move_endpoint("ws://127.0.0.1:9");
    assert_eq!(rig.login().ws_url, "ws://127.0.0.1:9");
}

#[test]
fn what_a_client_wants_performed_arrives_as_it_would_over_http() {
    use mezon_protocol::Secret;
    use mezon_protocol::exchange::{HttpRequest, Method};
    let request = Request::from(&HttpRequest {
        method: Method::Post,
        url: "https://127.0.0.1:80/mezon.api.Mezon/GetAccount?x=1".to_owned(),
        headers: vec![("authorization", Secret::from("Bearer t"))],
        body: Bytes::from_static(b"b").into(),
        max_response: 1,
        timeout: None,
    });
    assert_eq!((request.method.as_str(), request.path.as_str()), ("POST", "/mezon.api.Mezon/GetAccount?x=1"));
    assert_eq!(request.header("Authorization"), Some("Bearer t"));
}

#[test]
fn the_same_seed_and_inputs_give_the_same_tokens() {
    assert_eq!(Rig::new().login().token, Rig::new().login().token);
}

#[test]
fn the_end_of_a_connection_is_in_the_transcript_and_a_late_one_is_ignored() {
    let mut rig = Rig::new();
    let conn = rig.connect();
    rig.world.disconnected(rig.now, conn);
    rig.world.disconnected(rig.now, conn);
    let ends = rig.world.transcript().filter(|entry| matches!(entry.what, What::Disconnected { .. })).count();
    assert_eq!(ends, 1);
    assert_eq!(rig.world.newest_connection(rig.bot), None);
}
