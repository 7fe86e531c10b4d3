use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use proptest::prelude::*;

use super::*;

const EXP: u64 = 1_767_225_600;
const BOT: UserId = UserId::new(1_840_000_000_000_000_001);

#[test]
fn a_login_answer_is_read_from_protobuf_whatever_its_label() {
    let body = wire().encode_to_vec();
    for label in [None, Some("text/plain; charset=utf-8"), Some("application/json"), Some("application/x-protobuf")] {
        let session = Session::decode(&body, label).unwrap();
        assert_eq!(session, Session::from_proto(&wire()).unwrap());
    }
    // the first byte, the tag of `user_id`, is a blank, and the id a brace
    let body = [&[0x20, b'{', 0x12, 1][..], b"t"].concat();
    assert_eq!(Session::decode(&body, None).unwrap().user_id(), UserId::new(123));
}

#[test]
fn a_login_answer_is_read_from_json_in_either_case_with_ids_as_text_or_number() {
    let token = jwt(EXP);
    for json in [
        format!(
            r#"{{"token":"{token}","refresh_token":"r","user_id":"1840000000000000001","api_url":"https://a","ws_url":"w",
                "id_token":"i","session_id":"s","tcp_url":"t","is_remember":true,"created":1,"more":{{}}}}"#
        ),
        format!(
            r#" {{"token":"{token}","refreshToken":"r","userId":1840000000000000001,"apiUrl":"https://a","wsUrl":"w",
                "idToken":"i","sessionId":"s","tcpUrl":"t","isRemember":"true","created":true,"refresh_token":null}}"#
        ),
    ] {
        let session = Session::decode(json.as_bytes(), Some("application/json")).unwrap();
        assert_eq!(session, Session::decode(json.as_bytes(), None).unwrap());
        assert_eq!(session.token().expose(), token);
        assert_eq!(session.refresh_token().expose(), "r");
        assert_eq!(session.id_token().expose(), "i");
        assert_eq!(session.session_id().expose(), "s");
        assert_eq!((session.api_url(), session.ws_url(), session.tcp_url()), ("https://a", "w", "t"));
        assert_eq!((session.user_id(), session.username()), (BOT, "bot"));
        assert!(session.is_remember() && session.is_created());
    }
}

#[test]
fn an_answer_without_a_token_is_no_session() {
    for body in [&b""[..], b"{}", br#"{"token":""}"#, br#"{"token":null}"#, br#"{"token":7}"#] {
        assert_eq!(Session::decode(body, None), Err(InvalidSession::NoToken), "{body:?}");
    }
    for body in [&b"<html>"[..], b"{", b"[]", b"\xff\xff"] {
        assert_eq!(Session::decode(body, None), Err(InvalidSession::Undecodable), "{body:?}");
    }
}

#[test]
fn the_user_id_of_the_answer_goes_before_that_of_the_token() {
    assert_eq!(Session::from_proto(&wire()).unwrap().user_id(), UserId::new(7));
    let session = Session::from_proto(&api::Session { user_id: 0, ..wire() }).unwrap();
    assert_eq!(session.user_id(), BOT);
}

#[test]
fn a_token_is_expired_from_the_second_that_it_names() {
    let session = Session::from_proto(&wire()).unwrap();
    assert_eq!(session.expires_at(), Some(EXP));
    assert!(!session.is_expired(EXP - 1));
    assert!(session.is_expired(EXP));

    let margin = Duration::from_secs(60);
    assert!(!session.expires_within(EXP - 61, margin));
    assert!(session.expires_within(EXP - 60, margin));
    assert!(session.expires_within(u64::MAX, Duration::MAX));

    assert_eq!(session.refresh_expires_at(), Some(EXP + 1000));
    assert!(!session.is_refresh_expired(EXP + 999));
    assert!(session.is_refresh_expired(EXP + 1000));
}

#[test]
fn a_token_that_is_no_jwt_is_valid_until_refused() {
    let session = Session::from_proto(&api::Session { token: "opaque".into(), ..Default::default() }).unwrap();
    assert_eq!((session.expires_at(), session.user_id(), session.username()), (None, UserId::NONE, ""));
    assert!(!session.is_expired(u64::MAX));
    assert!(!session.is_refresh_expired(u64::MAX));
}

#[test]
fn an_update_changes_what_it_names_and_erases_nothing() {
    let mut session = Session::from_proto(&wire()).unwrap();
    let before = session.clone();
    assert!(!session.apply(&api::Session::default()));
    assert!(!session.apply(&wire()));
    assert_eq!(session, before);

    assert!(session.apply(&api::Session { token: jwt(EXP + 600), ..Default::default() }));
    assert_eq!(session.expires_at(), Some(EXP + 600));
    assert_eq!(session.refresh_token(), before.refresh_token());
    assert_eq!(session.user_id(), UserId::new(7));

    assert!(session.apply(&api::Session { session_id: "AAA2".into(), ..Default::default() }));
    assert_eq!(session.session_id().expose(), "AAA2");

    assert!(session.apply(&api::Session { refresh_token: "opaque".into(), ..Default::default() }));
    assert_eq!(session.refresh_expires_at(), None);

    assert!(session.apply(&api::Session { ws_url: "other.host".into(), user_id: 8, ..Default::default() }));
    assert_eq!((session.ws_url(), session.user_id()), ("other.host", UserId::new(8)));
}

#[test]
fn a_new_token_that_says_nothing_keeps_the_name_but_not_the_expiry() {
    let mut session = Session::from_proto(&api::Session { user_id: 0, ..wire() }).unwrap();
    assert!(session.apply(&api::Session { token: "opaque".into(), ..Default::default() }));
    assert_eq!(session.expires_at(), None);
    assert_eq!((session.user_id(), session.username()), (BOT, "bot"));
    assert_eq!(session.vars().get("m").map(String::as_str), Some("true"));
}

#[test]
fn an_update_does_not_replace_an_endpoint_by_what_is_none() {
    let mut session = Session::from_proto(&wire()).unwrap();
    let update = api::Session { ws_url: "no host".into(), api_url: "u:p@h".into(), ..Default::default() };
    assert!(!session.apply(&update));
    assert_eq!(session, Session::from_proto(&wire()).unwrap());
}

#[test]
fn each_endpoint_has_its_fallback() {
    let login: Endpoint = "http://login.test:7350".parse().unwrap();
    let table = [
        // api_url, ws_url, tcp_url -> api, socket, tcp
        (["", "", ""], ["http://login.test:7350", "http://login.test:7350", "http://login.test:7350"]),
        (["", "sock.test", ""], ["http://login.test:7350", "http://sock.test", "http://sock.test"]),
        (["https://a.test:8443", "", ""], ["https://a.test:8443", "https://a.test:8443", "https://a.test:8443"]),
        (["a.test", "s.test", "t.test:7349"], ["https://a.test", "https://s.test", "https://t.test:7349"]),
        (["http://a.test", "s.test", "tcp://t.test"], ["http://a.test", "http://s.test", "http://t.test"]),
        (["http://a.test", "wss://s.test/ws", ""], ["http://a.test", "https://s.test", "https://s.test"]),
    ];
    for ([api_url, ws_url, tcp_url], expected) in table {
        let wire = api::Session {
            token: "t".into(),
            api_url: api_url.into(),
            ws_url: ws_url.into(),
            tcp_url: tcp_url.into(),
            ..Default::default()
        };
        let session = Session::from_proto(&wire).unwrap();
        let endpoints = [session.api_endpoint(&login), session.ws_endpoint(&login), session.tcp_endpoint(&login)];
        assert_eq!(endpoints.map(|endpoint| endpoint.unwrap().base_url()), expected);
    }
}

#[test]
fn an_endpoint_that_cannot_be_used_does_not_stand_in_the_way_of_the_others() {
    let login: Endpoint = "login.test".parse().unwrap();
    let wire = api::Session { token: "t".into(), api_url: "a b".into(), ws_url: "s.test".into(), ..Default::default() };
    let session = Session::from_proto(&wire).unwrap();
    assert_eq!(session.api_endpoint(&login), Err(InvalidEndpoint::Host));
    assert_eq!(session.ws_endpoint(&login).unwrap().base_url(), "https://s.test");
}

#[test]
fn what_is_exported_can_be_stored_and_restored() {
    let session = Session::from_proto(&wire()).unwrap();
    let stored = serde_json::to_string(&session.export()).unwrap();
    assert!(stored.contains(r#""user_id":"7""#), "{stored}");
    let export: SessionExport = serde_json::from_str(&stored).unwrap();
    assert_eq!(export, session.export());
    assert_eq!(Session::restore(export).unwrap(), session);
}

#[test]
fn a_stored_session_needs_only_its_token() {
    let export: SessionExport = serde_json::from_str(r#"{"token":"opaque","expires_at":1767225600}"#).unwrap();
    let session = Session::restore(export).unwrap();
    assert_eq!(session.expires_at(), Some(EXP));
    assert_eq!(Session::restore(SessionExport::default()), Err(InvalidSession::NoToken));
}

#[test]
fn the_expiry_in_the_token_goes_before_the_stored_one() {
    let mut export = Session::from_proto(&wire()).unwrap().export();
    export.expires_at = Some(1);
    assert_eq!(Session::restore(export).unwrap().expires_at(), Some(EXP));
}

#[test]
fn nothing_that_is_printed_shows_a_secret() {
    let wire = api::Session {
        token: "hunter2-token".into(),
        refresh_token: "hunter2-refresh".into(),
        id_token: "hunter2-id".into(),
        session_id: "hunter2-session".into(),
        api_url: "https://user:hunter2-url@h".into(),
        ..Default::default()
    };
    let session = Session::from_proto(&wire).unwrap();
    let login: Endpoint = "login.test".parse().unwrap();
    let error = session.api_endpoint(&login).unwrap_err();
    let printed = format!("{session:?} {session:#?} {:?} {error} {error:?}", session.export());
    assert!(!printed.contains("hunter2"), "{printed}");
}

proptest! {
    #[test]
    fn no_body_makes_us_panic(body: Vec<u8>, json in "\\{\"token\":[\"a-z0-9.{}:,\\[\\]]{0,40}\\}") {
        let _ = Session::decode(&body, None);
        let _ = Session::decode(&body, Some("application/json"));
        let _ = Session::decode(json.as_bytes(), None);
    }
}

fn wire() -> api::Session {
    api::Session {
        created: false,
        token: jwt(EXP),
        refresh_token: jwt(EXP + 1000),
        user_id: 7,
        is_remember: true,
        api_url: "https://api.test".into(),
        id_token: "id".into(),
        ws_url: "sock.test".into(),
        session_id: "AAA1".into(),
        tcp_url: "tcp.test:7349".into(),
    }
}

fn jwt(exp: u64) -> String {
    let payload = format!(r#"{{"exp":{exp},"uid":"1840000000000000001","usn":"bot","vrs":{{"m":"true"}}}}"#);
    format!("e30.{}.sig", BASE64_URL_SAFE_NO_PAD.encode(payload))
}
