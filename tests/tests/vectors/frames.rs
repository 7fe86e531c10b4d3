//! What clients say: the same wish makes our client say the same, but for the differences that are on purpose.

use mezon_protocol::api::ListRoles;
use mezon_protocol::call::{ListVoiceUsers, QuickMenuEntry};
use mezon_protocol::exchange::HttpRequest;
use mezon_protocol::proto::api;
use mezon_protocol::{ClanId, UserId};
use mezon_tests::hand::{self, Hand};
use mezon_tests::vectors::{text, unhex};
use prost::Message as _;
use serde_json::{Map, Value, json};

use crate::json;
use crate::ledger_lines;
use crate::requests::{request_type, rpc_of};
use crate::scene::{CLAN, CREATED_AT, Scene, THREAD, envelope, is_python, lists};

/// Whether a line is compared with what ours writes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Written {
    /// It is, and they agree but for differences on purpose.
    Alike,
    /// This library has no call for it.
    NotCovered,
}

/// Has our client do what the line's did, and compares the requests.
pub(crate) fn write(line: &Value) -> Written {
    let operation = text(&line["operation"]);
    match (text(&line["step"]), operation) {
        ("login", "zk") => ledger_lines::proves_alike(line),
        ("send_token", "mmn") => ledger_lines::pays_alike(line),
        ("login" | "reconnects" | "heartbeat", _) => connects_alike(line),
        ("send" | "send_rich" | "send_unicode" | "reply" | "react" | "unreact", _)
        | ("ephemeral" | "ephemeral_ref" | "ephemeral_update", _)
        | ("update_own" | "delete_own", _)
        | ("dm_existing" | "buttons", _)
        | ("dm_new", "channel_join" | "channel_message_send")
        | ("socket_join_leave" | "socket_typing" | "socket_last_seen", _)
        | ("socket_update_remove" | "send_token", "channel_message_send")
        | ("socket_status" | "bad_channel" | "thread_must_join", _) => asks_alike(line),
        ("receive_message" | "dm_new" | "voice_users" | "list_roles" | "quick_menu", _) => calls_alike(line),
        _ => return Written::NotCovered,
    }
    Written::Alike
}

/// Login, lists and joins, all of them twice; then the first ping.
fn connects_alike(line: &Value) {
    let lists = lists();
    let mut hand = Hand::new(hand::config());
    hand.machine.connect(hand.now());
    let (mut frames, mut exchanges) = hand.make_ready(&lists);
    if line["step"] == "reconnects" {
        hand.receive_close(1001);
        (frames, exchanges) = hand.make_ready(&lists);
    }
    if line["operation"] == "ping" {
        // On purpose: the first one is due after ten seconds, and not at once.
        assert!(!frames.iter().any(|frame| envelope(frame).get("ping").is_some()));
        while hand.now().elapsed.as_secs() < 10 {
            assert!(hand.pass(), "a ping is due");
        }
        frames = hand.frames();
    }

    match text(&line["operation"]) {
        "ws-upgrade" => upgrades_alike(line, &hand.upgrade),
        "http:authenticate" => authenticates_alike(line, &exchanges[0]),
        "http:ListChannelDescs" if line["hex"] != "2803" => {
            // The channels of each clan are not asked for on the way to Ready, but when the user does.
            calls_alike(line);
        }
        operation if operation.starts_with("http:") => {
            let name = rpc_of(line).expect("an API call");
            let mut of_name = exchanges.iter().filter(|request| request.url.ends_with(name));
            is_same_exchange(line, of_name.next().expect("the list is asked for"));
            assert_eq!(of_name.count(), 0, "once");
        }
        _ => {
            let expected = json::without_cid(&line["decoded"]);
            let same = frames.iter().filter(|frame| envelope(frame) == expected);
            assert_eq!(same.count(), 1);
        }
    }
}

fn upgrades_alike(line: &Value, upgrade: &[u8]) {
    let head = std::str::from_utf8(upgrade).expect("a head of HTTP").to_ascii_lowercase();
    let target = text(&line["path"]).replace("<jwt>", hand::TOKEN);
    assert!(head.starts_with(&format!("get {target} http/1.1\r\n")), "{head}");
    let value = |name: &str| {
        let prefix = format!("{}: ", name.to_ascii_lowercase());
        head.lines().find_map(|line| line.strip_prefix(&prefix)).map(str::to_owned)
    };
    for (name, expected) in line["headers"].as_object().expect("headers") {
        match name.as_str() {
            // On purpose: neither compression nor a sub-protocol is asked for.
            "Sec-WebSocket-Extensions" | "Sec-WebSocket-Protocol" => assert_eq!(value(name), None),
            _ => assert_eq!(value(name).as_deref(), Some(text(expected)), "{name}"),
        }
    }
}

fn authenticates_alike(line: &Value, request: &HttpRequest) {
    is_same_target(line, request);
    let json = |body: &[u8]| serde_json::from_slice::<Value>(body).expect("the body is JSON");
    assert_eq!(json(request.body.bytes().unwrap()), json(&unhex(text(&line["hex"]))));
    assert_eq!(
        json(request.body.bytes().unwrap()),
        json!({"account": {"appid": hand::BOT.to_string(), "token": hand::API_KEY}})
    );
    let mut expected = line["headers"].clone();
    // On purpose: the body is JSON, and is labelled so.
    assert_eq!(expected["content-type"], "application/proto");
    expected["content-type"] = json!("application/json");
    if is_python(line) {
        // On purpose: Basic with the key as the user, and not as Python prints bytes.
        expected["authorization"] = json!("Basic dGVzdC1ib3QtdG9rZW46");
    }
    has_headers(&expected, request);
}

/// A call of the API, made over HTTP because no socket is open.
fn calls_alike(line: &Value) {
    let mut hand = Hand::new(hand::config());
    let body = unhex(text(&line["hex"]));
    let bot = hand.bot();
    match rpc_of(line) {
        Some("ListChannelDescs") => {
            let request = api::ListChannelDescsRequest::decode(&body[..]).expect("a message of the schema");
            let _ = bot.clan(request.clan_id).list_channels();
        }
        Some("ListChannelDetail") => {
            let request = api::ListChannelDetailRequest::decode(&body[..]).expect("a message of the schema");
            let _ = bot.channel(request.channel_id).fetch();
        }
        Some("CreateChannelDesc") => {
            let _ = bot.user(text(&line["inputs"]["user_id"]).parse::<UserId>().expect("an id")).open_direct();
        }
        Some("ListChannelVoiceUsers") => {
            let clan = text(&line["inputs"]["clan_id"]).parse::<ClanId>().expect("an id");
            let _ = bot.api().list_channel_voice_users(ListVoiceUsers::new(clan));
        }
        Some("ListRoles") => {
            let request = api::RoleListEventRequest::decode(&body[..]).expect("a message of the schema");
            let _ = bot.api().call::<ListRoles>(request);
        }
        Some("AddQuickMenuAccess") => {
            let entry: QuickMenuEntry = serde_json::from_value(line["inputs"].clone()).expect("an entry");
            let _ = bot.api().add_quick_menu_access(entry);
        }
        Some("DeleteQuickMenuAccess") => {
            let _ = bot.api().delete_quick_menu_access(hand::BOT);
        }
        name => panic!("an API call that this test does not make: {name:?}"),
    }
    let exchanges = hand.exchanges();
    let [(login, _)] = &exchanges[..] else { panic!("no login") };
    let session = api::Session { token: hand::TOKEN.into(), user_id: hand::BOT, ..Default::default() };
    hand.respond(*login, 200, session.encode_to_vec());
    let exchanges = hand.exchanges();
    let [(_, request)] = &exchanges[..] else { panic!("no request") };
    is_same_exchange(line, request);
}

fn is_same_exchange(line: &Value, request: &HttpRequest) {
    is_same_target(line, request);
    has_headers(&line["headers"], request);
    let name = rpc_of(line).expect("an API call");
    let kind = request_type(name);
    let ours = json::decode(kind, request.body.bytes().unwrap());
    let mut theirs = json::decode(kind, &unhex(text(&line["hex"])));
    match name {
        // The id is made of the time at which the line was recorded.
        "AddQuickMenuAccess" => theirs["id"] = ours["id"].clone(),
        // On purpose: the bot stands in its own field, and not in that of the entry.
        "DeleteQuickMenuAccess" => {
            assert_eq!((&theirs["id"], theirs.get("bot_id")), (&ours["bot_id"], None));
            theirs = json!({ "bot_id": theirs["id"] });
        }
        _ => {}
    }
    assert_eq!(ours, theirs);
}

fn is_same_target(line: &Value, request: &HttpRequest) {
    assert_eq!(request.method.as_str(), text(&line["method"]));
    assert_eq!(request.url, format!("http://127.0.0.1:7350{}", text(&line["path"])));
}

/// All headers of the line, and beside them only who we are.
fn has_headers(expected: &Value, request: &HttpRequest) {
    let masked = |value: &str| value.replace(hand::TOKEN, "<jwt>");
    let headers = request.headers.iter().filter(|(name, _)| *name != "user-agent");
    let headers: Map<_, _> = headers.map(|(name, value)| ((*name).to_owned(), masked(value.expose()).into())).collect();
    assert_eq!(Value::from(headers), *expected);
}

/// What the client asks for over the open socket.
fn asks_alike(line: &Value) {
    let mut scene = Scene::new(line);
    let asked = scene.play(line);
    let mut expected = json::without_cid(&line["decoded"]);
    if let Some(body) = line.get("body_decoded") {
        expected = json!({ "api_name": expected["api_request_event"]["api_name"], "body": body });
    }
    let of_operation = |request: &&Value| request.get(member_of(line)).is_some();
    let same: Vec<_> = asked.iter().filter(of_operation).collect();
    let [first, more @ ..] = &same[..] else { panic!("not asked for: {asked:?}") };
    let (ours, theirs) = without_differences(line, (*first).clone(), expected);
    assert_eq!(ours, theirs);
    if line["step"] == "thread_must_join" {
        // On purpose: the channel is joined, and the message sent once more.
        let join = json!({"channel_join": {
            "clan_id": CLAN.to_string(), "channel_id": THREAD.to_string(), "channel_type": 7,
        }});
        assert_eq!(asked, [(*first).clone(), join, (*first).clone()]);
    } else {
        assert!(more.is_empty(), "asked for once");
    }
}

/// Where in our requests the counterpart of the line's is.
fn member_of(line: &Value) -> &str {
    match text(&line["step"]) {
        "update_own" | "delete_own" => "api_name",
        _ => text(&line["operation"]),
    }
}

/// Both requests, with the differences that are on purpose taken out of them, and nothing else.
fn without_differences(line: &Value, mut ours: Value, mut theirs: Value) -> (Value, Value) {
    let step = text(&line["step"]);
    if matches!(step, "reply" | "ephemeral_ref") {
        // The reference also says what is known of the attachments and the other names of the sender.
        let reference = reference_mut(&mut ours);
        assert_eq!(reference.remove("message_sender_display_name"), Some(json!("Alice A")));
        if is_python(line) {
            // Theirs means to have the avatar as well, but loses it.
            assert_eq!(reference.remove("message_sender_avatar"), Some(json!("https://cdn.test/alice.png")));
        }
    }
    if step == "update_own" && !is_python(line) {
        // True only if there is a topic.
        assert_eq!(
            theirs["body"].as_object_mut().and_then(|body| body.remove("is_update_msg_topic")),
            Some(json!(true))
        );
    }
    if step == "update_own" && is_python(line) {
        // By the API, with the time at which the message was created, which its body has room for since June 2026.
        let mut body = theirs["channel_message_update"].clone();
        assert_eq!(body.as_object_mut().and_then(|body| body.remove("is_update_msg_topic")), Some(json!(true)));
        body["create_time_seconds"] = json!(CREATED_AT);
        theirs = json!({ "api_name": "UpdateChannelMessage", "body": body });
    }
    if step == "delete_own" && is_python(line) {
        // By the API.
        theirs = json!({ "api_name": "DeleteChannelMessage", "body": theirs["channel_message_remove"] });
    }
    if is_python(line) {
        // No nulls, no blanks, no escapes for what is not ASCII.
        compact_content(&mut theirs);
    }
    (ours, theirs)
}

fn reference_mut(request: &mut Value) -> &mut Map<String, Value> {
    let request = if request.get("channel_message_send").is_some() {
        &mut request["channel_message_send"]
    } else {
        &mut request["ephemeral_message_send"]["message"]
    };
    request["references"][0].as_object_mut().expect("a reference")
}

/// Rewrites the content of a message wherever it is; that of a reference is somebody else's, and stays.
fn compact_content(value: &mut Value) {
    let Value::Object(object) = value else { return };
    for (key, value) in object {
        if let (Value::String(content), "content") = (&mut *value, key.as_str()) {
            let mut json: Map<String, Value> = serde_json::from_str(content).expect("content is a JSON object");
            json.retain(|_, value| !value.is_null());
            *content = Value::from(json).to_string();
        }
        compact_content(value);
    }
}
