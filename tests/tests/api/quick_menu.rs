//! Transactions, quick menus and media: the four calls that other clients have beside the API's own.

use bytes::Bytes;
use mezon_protocol::api::{AddQuickMenuAccess, DeleteQuickMenuAccess, ListQuickMenuAccess};
use mezon_protocol::call::QuickMenuEntry;
use mezon_protocol::exchange::Method;
use mezon_protocol::proto::api as wire;
use mezon_protocol::rest::media::PlayMedia;
use mezon_protocol::{ErrorKind, Sent};
use serde_json::{Value, json};

use crate::scene::{API, Desk, header, status};

/// Rows 180, 187.
#[test]
fn a_transaction_comes_as_the_json_that_the_platform_has() {
    let mut desk = Desk::new();
    let call = desk.api().with_token("bearer").list_transaction_detail("a/b c");
    let answer = desk.finish(call, |request| {
        assert_eq!(request.method, Method::Get);
        assert_eq!(request.url, format!("{API}/v2/transaction/a%2Fb%20c"));
        assert_eq!(header(request, "authorization"), "Bearer bearer");
        assert_eq!(header(request, "accept"), "application/json");
        status(200, r#"{"id":"7","amount":100}"#)
    });
    assert_eq!(answer.unwrap(), json!({"id": "7", "amount": 100}));
}

/// Row 181.
#[test]
fn a_transaction_needs_an_id_that_exists() {
    let mut desk = Desk::new();
    for id in ["", "  "] {
        let error = desk.finish(desk.api().transaction_detail(id), |_| panic!("nothing is sent")).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::InvalidArgument(_)));
        assert_eq!(error.sent(), Sent::No);
    }
    for code in [404, 405, 410, 501] {
        let error = desk.finish(desk.api().transaction_detail("7"), |_| status(code, Bytes::new())).unwrap_err();
        assert_eq!(error.kind(), &ErrorKind::NotFound { what: "transaction 7".into() }, "{code}");
    }
    let error = desk.finish(desk.api().transaction_detail("7"), |_| status(400, "no such format")).unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Refused { code: 3, message: "no such format".into() });
    let error = desk.finish(desk.api().transaction_detail("7"), |_| status(200, "<html>")).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Decode(_)));
}

/// Rows 182, 184, 187.
#[test]
fn a_menu_entry_gets_an_id_and_belongs_to_us() {
    let mut desk = Desk::new();
    let body = json!({
        "clan_id": "1840000000000000001", "menu_name": "Help", "action_msg": "/help", "bot_id": 21, "menu_type": 1,
        "background": "",
    });
    let entry: QuickMenuEntry = serde_json::from_value(body).unwrap();
    let call = desk.api().add_quick_menu_access(entry);
    let (sent, id) = desk.one::<AddQuickMenuAccess, _>(call, &());
    assert_eq!((sent.bot_id, sent.clan_id, sent.menu_type), (21, 1_840_000_000_000_000_001, 1));
    assert_eq!((sent.menu_name.as_str(), sent.action_msg.as_str()), ("Help", "/help"));
    assert_eq!(id.unwrap(), sent.id);

    let call = desk.api().add_quick_menu_access(QuickMenuEntry::new("More", "/more"));
    let (second, _) = desk.one::<AddQuickMenuAccess, _>(call, &());
    assert_eq!(second.bot_id, 17, "our own");
    assert!(second.id > sent.id && sent.id > 0);

    let nameless = desk.api().add_quick_menu_access(QuickMenuEntry::new("", "/x"));
    let error = desk.finish(nameless, |_| panic!("nothing is sent")).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::InvalidArgument(_)));
}

/// Rows 183, 184, 187.
#[test]
fn menu_entries_are_deleted_by_the_bot_they_belong_to() {
    let mut desk = Desk::new();
    let call = desk.api().delete_quick_menu_access(21);
    let (sent, done) = desk.one::<DeleteQuickMenuAccess, _>(call, &());
    done.unwrap();
    assert_eq!((sent.id, sent.bot_id), (0, 21));

    let call = desk.api().delete_quick_menu_entry(99);
    let (sent, done) = desk.one::<DeleteQuickMenuAccess, _>(call, &());
    done.unwrap();
    assert_eq!((sent.id, sent.bot_id), (99, 17));
}

#[test]
fn menu_entries_are_listed() {
    let mut desk = Desk::new();
    let entry = wire::QuickMenuAccess { id: 3, ..Default::default() };
    let call = desk.api().list_quick_menu_access(21, 5, QuickMenuEntry::QUICK);
    let (sent, list) =
        desk.one::<ListQuickMenuAccess, _>(call, &wire::QuickMenuAccessList { list_menus: vec![entry.clone()] });
    assert_eq!((sent.bot_id, sent.channel_id, sent.menu_type), (21, 5, 2));
    assert_eq!(list.unwrap(), [entry]);
}

/// Rows 185, 186, 187.
#[test]
fn media_is_played_by_a_server_of_its_own() {
    let mut desk = Desk::new();
    let media = PlayMedia {
        room_name: "room".into(),
        participant_identity: "17".into(),
        participant_name: "bot".into(),
        url: "https://cdn.test/a.mp3".into(),
        name: "song".into(),
    };
    let call = desk.api().with_token("bearer").play_media(media.clone());
    let answer = desk.finish(call, |request| {
        assert_eq!(request.method, Method::Post);
        assert_eq!(request.url, "https://stn.mezon.ai/api/playmedia");
        assert_eq!(header(request, "authorization"), "Bearer bearer");
        assert_eq!(header(request, "content-type"), "application/json");
        let body: Value = serde_json::from_slice(request.body.bytes().unwrap()).unwrap();
        assert_eq!(
            body,
            json!({
                "room_name": "room", "participant_identity": "17", "participant_name": "bot",
                "url": "https://cdn.test/a.mp3", "name": "song",
            })
        );
        status(200, r#"{"ok":true}"#)
    });
    assert_eq!(answer.unwrap(), json!({"ok": true}));
    let call = desk.api().play_media(media);
    assert_eq!(desk.finish(call, |_| status(204, Bytes::new())).unwrap(), Value::Null);

    let error = desk.finish(desk.api().play_media(PlayMedia::default()), |_| panic!("nothing is sent")).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::InvalidArgument(_)), "no voice channel has no room");
}
