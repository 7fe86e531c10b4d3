//! What clients say: each line is read and written again, and the same wish makes our client say the same.

use bytes::Bytes;
use mezon_protocol::call::{JoinChannel, LeaveChannel, MarkSeen, SendMessage};
use mezon_protocol::content::{Attachment, Mention};
use mezon_protocol::exchange::HttpRequest;
use mezon_protocol::object::{Channel, Message};
use mezon_protocol::proto::{api, realtime};
use mezon_protocol::route::{ChannelKind, Mode, Route};
use mezon_protocol::wire::{self, Encoder};
use mezon_protocol::{ChannelId, ClanId, Content, EmojiId, ErrorKind, Event, MessageId, UserId};
use mezon_tests::backend::{Called, Collector};
use mezon_tests::hand::{self, Hand, Lists, cid_of};
use mezon_tests::vectors::{frames, text, unhex};
use prost::Message as _;
use serde_json::{Map, Value, json};

use crate::json;

/// Whether a line is compared with what ours writes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Written {
    /// It is, and they agree but for differences on purpose.
    Alike,
    /// This library has no call for it.
    NotCovered,
}

const CLAN: i64 = 1_779_000_000_000_000_100;
const OTHER_CLAN: i64 = 1_779_000_000_000_000_200;
const CHANNEL: i64 = 1_779_000_000_000_000_101;
const THREAD: i64 = 1_779_000_000_000_000_103;
const DIRECT: i64 = 1_779_000_000_000_000_301;
const ALICE: i64 = 1_830_000_000_000_000_011;
/// The first message of the run, by Alice.
const FIRST_MESSAGE: i64 = 1_999_000_000_000_000_001;
/// The answer to the first message that the client sends.
const OWN_MESSAGE: i64 = 1_999_000_000_000_000_002;
const CREATED_AT: u32 = 1_767_225_600;
const OWN_AVATAR: &str = "https://cdn.test/testbot.png";

// Reading

/// Our types read a request, and our encoder writes it alike, with its cid last; its answers likewise.
pub(crate) fn read(line: &Value) {
    if line["transport"] == "ws" {
        reads_alike(&unhex(text(&line["hex"])), &line["decoded"]);
    } else if let Some(name) = rpc_of(line) {
        let (kind, body) = (request_type(name), unhex(text(&line["hex"])));
        assert_eq!(json::decode(kind, &again(name, &body)), json::decode(kind, &body));
    }
    if let Some(decoded) = line.get("body_decoded") {
        let request = &line["decoded"]["api_request_event"];
        let event = realtime::Envelope::decode(&unhex(text(&line["hex"]))[..]).expect("a frame of the schema");
        let Some(realtime::envelope::Message::ApiRequestEvent(event)) = event.message else { panic!("no API request") };
        let name = text(&request["api_name"]);
        assert_eq!(json::decode(request_type(name), &again(name, &event.body)), *decoded);
        assert_eq!(json::decode(request_type(name), &event.body), *decoded);
    }
    let answers = line["answer"].as_array().map_or(&[][..], Vec::as_slice);
    for frame in answers.iter().map(|hex| Bytes::from(unhex(text(hex)))) {
        let Some(chunk) = wire::raw::read(&frame) else {
            reads_alike(&frame, &line["answer_decoded"]);
            continue;
        };
        let header = json!({
            "cid": chunk.cid, "code": chunk.code, "fin": chunk.fin, "payload_len": chunk.payload.len(),
        });
        assert_eq!(header, line["answer_decoded"]);
        let mut written = Vec::new();
        wire::raw::write(&chunk, &mut written);
        assert_eq!(written, frame);
    }
}

fn reads_alike(frame: &[u8], decoded: &Value) {
    let envelope = realtime::Envelope::decode(frame).expect("a frame of the schema");
    let cid = u16::try_from(envelope.cid).expect("a cid that a client gave");
    assert_eq!(wire::scan(frame).map(|scan| scan.cid), Ok(envelope.cid));
    let written = match &envelope.message {
        Some(member) => Encoder::new().envelope(cid, member),
        None => hand::bare(cid),
    };
    assert_eq!(json::decode(json::ENVELOPE, &written), *decoded);
    assert!(written.ends_with(&hand::bare(cid)));
}

/// The body of an API request, through our own type.
fn again(name: &str, body: &[u8]) -> Vec<u8> {
    fn through<M: prost::Message + Default>(body: &[u8]) -> Vec<u8> {
        M::decode(body).expect("a message of the schema").encode_to_vec()
    }
    match name {
        "ListClanDescs" => through::<api::ListClanDescRequest>(body),
        "ListChannelDescs" => through::<api::ListChannelDescsRequest>(body),
        "ListChannelDetail" => through::<api::ListChannelDetailRequest>(body),
        "CreateChannelDesc" => through::<api::CreateChannelDescRequest>(body),
        "ListChannelVoiceUsers" => through::<api::ListChannelUsersRequest>(body),
        "ListRoles" => through::<api::RoleListEventRequest>(body),
        "AddQuickMenuAccess" | "DeleteQuickMenuAccess" => through::<api::QuickMenuAccess>(body),
        "UpdateChannelMessage" => through::<realtime::ChannelMessageUpdate>(body),
        "DeleteChannelMessage" => through::<realtime::ChannelMessageRemove>(body),
        _ => panic!("an API call that this test does not know: {name}"),
    }
}

fn request_type(name: &str) -> &'static str {
    match name {
        "ListClanDescs" => "mezon.api.ListClanDescRequest",
        "ListChannelDescs" => "mezon.api.ListChannelDescsRequest",
        "ListChannelDetail" => "mezon.api.ListChannelDetailRequest",
        "CreateChannelDesc" => "mezon.api.CreateChannelDescRequest",
        "ListChannelVoiceUsers" => "mezon.api.ListChannelUsersRequest",
        "ListRoles" => "mezon.api.RoleListEventRequest",
        "AddQuickMenuAccess" | "DeleteQuickMenuAccess" => "mezon.api.QuickMenuAccess",
        "UpdateChannelMessage" => "mezon.realtime.ChannelMessageUpdate",
        "DeleteChannelMessage" => "mezon.realtime.ChannelMessageRemove",
        _ => panic!("an API call that this test does not know: {name}"),
    }
}

/// The name of the call that a line makes over HTTP.
fn rpc_of(line: &Value) -> Option<&str> {
    text(&line["operation"]).strip_prefix("http:").filter(|name| *name != "authenticate")
}

// Writing

/// Has our client do what the line's did, and compares the requests.
pub(crate) fn write(line: &Value) -> Written {
    let operation = text(&line["operation"]);
    match (text(&line["step"]), operation) {
        ("login" | "reconnects" | "heartbeat", "zk") => return Written::NotCovered,
        ("login" | "reconnects" | "heartbeat", _) => connects_alike(line),
        ("send" | "send_rich" | "send_unicode" | "reply" | "react" | "unreact", _)
        | ("ephemeral" | "ephemeral_ref" | "ephemeral_update", _)
        | ("update_own" | "delete_own", _)
        | ("dm_existing", _)
        | ("dm_new", "channel_join" | "channel_message_send")
        | ("socket_join_leave" | "socket_typing" | "socket_last_seen", _)
        | ("socket_update_remove", "channel_message_send")
        | ("bad_channel" | "thread_must_join", _) => asks_alike(line),
        ("receive_message" | "dm_new", _) => calls_alike(line),
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
    assert_eq!(json(&request.body), json(&unhex(text(&line["hex"]))));
    assert_eq!(json(&request.body), json!({"account": {"appid": hand::BOT.to_string(), "token": hand::API_KEY}}));
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
    let kind = request_type(rpc_of(line).expect("an API call"));
    assert_eq!(json::decode(kind, &request.body), json::decode(kind, &unhex(text(&line["hex"]))));
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

fn is_python(line: &Value) -> bool {
    line["client"] == "mezon-sdk-python"
}

/// An envelope that the client has sent, without its cid.
fn envelope(frame: &[u8]) -> Value {
    json::without_cid(&json::decode(json::ENVELOPE, frame))
}

fn lists() -> Lists {
    let direct = api::ChannelDescription { channel_id: DIRECT, r#type: 3, user_ids: vec![ALICE], ..Default::default() };
    Lists { clans: vec![CLAN, OTHER_CLAN], direct: vec![direct] }
}

/// A client that is Ready and has received Alice's message, and a server that takes whatever it asks for.
struct Scene {
    hand: Hand,
    message: Message<Collector>,
    /// The answer to the next message that is sent, if it is not the usual one.
    refusal: Option<realtime::Error>,
    /// The id of a channel that is created.
    created: i64,
}

impl Scene {
    fn new(line: &Value) -> Self {
        let mut hand = Hand::ready(hand::config(), &lists());
        let message = push(&mut hand, alices_message(line));
        if !is_python(line) {
            push(&mut hand, own_message());
        }
        let created = line["decoded"]["channel_join"]["channel_id"].as_str();
        let created = created.or(line["decoded"]["channel_message_send"]["channel_id"].as_str());
        let created = created.and_then(|id| id.parse().ok()).unwrap_or(1);
        Self { hand, message, refusal: None, created }
    }

    /// Does what the line's step asks for, and gives the requests that come of it.
    fn play(&mut self, line: &Value) -> Vec<Value> {
        let inputs = &line["inputs"];
        let (bot, content) = (self.hand.bot(), content(line));
        let user = || id::<UserId>(&inputs["user_id"]);
        match text(&line["step"]) {
            "send" | "send_rich" | "send_unicode" => {
                let called =
                    bot.channel(id::<ChannelId>(inputs.get("channel_id").unwrap_or(&Value::Null))).send(content);
                self.run(called).0
            }
            "socket_update_remove" => {
                let code = inputs["code"].as_i64().and_then(|code| i32::try_from(code).ok()).expect("a code");
                let called = self.channel().send(content.code(code));
                self.run(called).0
            }
            "reply" => {
                let called = self.message.reply(content);
                self.run(called).0
            }
            step @ ("react" | "unreact") => {
                let (emoji_id, emoji) = (id::<EmojiId>(&inputs["emoji_id"]), text(&inputs["emoji"]));
                let react = if step == "react" { Message::react } else { Message::unreact };
                let called = react(&self.message, emoji_id, emoji);
                self.run(called).0
            }
            step @ ("update_own" | "delete_own") => {
                let called = self.channel().send("plain text");
                let sent = self.run(called).1.expect("the message was taken");
                let called = if step == "update_own" { sent.edit(content) } else { sent.delete() };
                self.run(called).0
            }
            "ephemeral" => {
                let called = self.channel().send_ephemeral(receivers(inputs), content);
                self.run(called).0
            }
            "ephemeral_ref" => {
                let called = self.message.reply_ephemeral(content);
                self.run(called).0
            }
            "ephemeral_update" => {
                let message = id::<MessageId>(&inputs["message_id"]);
                let called = self.channel().update_ephemeral(receivers(inputs), message, content);
                self.run(called).0
            }
            "dm_existing" => {
                let called = bot.user(user()).send(content);
                let asked = self.run(called).0;
                assert_eq!(asked.len(), 1, "the channel is known from the lists");
                asked
            }
            "dm_new" => {
                let called = bot.user(user()).send(content);
                let asked = self.run(called).0;
                let create = api::CreateChannelDescRequest {
                    r#type: 3,
                    channel_private: 1,
                    user_ids: vec![user().get()],
                    ..Default::default()
                };
                let body = json::decode("mezon.api.CreateChannelDescRequest", &create.encode_to_vec());
                assert_eq!(asked[0], json!({ "api_name": "CreateChannelDesc", "body": body }));
                asked
            }
            "socket_join_leave" if line["operation"] == "channel_join" => {
                let called = bot.call(JoinChannel(thread()));
                self.run(called).0
            }
            "socket_join_leave" => {
                let called = bot.call(LeaveChannel(thread()));
                self.run(called).0
            }
            "socket_typing" => {
                let called = self.channel().typing();
                self.run(called).0
            }
            "socket_last_seen" => {
                let seen_at = inputs["timestamp_seconds"].as_u64().and_then(|at| u32::try_from(at).ok());
                let called = bot.call(MarkSeen { message: self.message.address(), seen_at: seen_at.expect("a time") });
                self.run(called).0
            }
            "bad_channel" => self.send_refused(line, Route { channel: id(&inputs["channel_id"]), ..channel() }),
            "thread_must_join" => {
                self.refusal = Some(refusal_of(line));
                let called = bot.call(SendMessage::new(Route { is_public: true, ..thread() }, content));
                let (asked, end) = self.run(called);
                assert!(end.is_ok(), "{end:?}");
                asked
            }
            step => panic!("a step that this test cannot play: {step}"),
        }
    }

    /// The refusal is not of the kind that joining helps against: nothing else is asked for.
    fn send_refused(&mut self, line: &Value, route: Route) -> Vec<Value> {
        self.refusal = Some(refusal_of(line));
        let called = self.hand.bot().call(SendMessage::new(route, "x"));
        let (asked, end) = self.run(called);
        let error = end.expect_err("a refusal");
        let refusal = refusal_of(line);
        assert_eq!(*error.kind(), ErrorKind::Refused { code: refusal.code, message: refusal.message });
        assert_eq!(asked.len(), 1);
        asked
    }

    fn channel(&self) -> Channel<Collector> {
        self.hand.bot().channel(CHANNEL)
    }

    /// The requests of a call, each of them answered, and its end.
    fn run<T>(&mut self, called: Called<T>) -> (Vec<Value>, Result<T, mezon_protocol::Error>) {
        let mut asked = Vec::new();
        loop {
            let frames = self.hand.frames();
            for frame in &frames {
                asked.push(self.answer(frame));
            }
            assert!(self.hand.exchanges().is_empty(), "all goes over the socket");
            if let Some(end) = self.hand.end(&called) {
                return (asked, end);
            }
            assert!(!frames.is_empty(), "it neither asks nor ends");
        }
    }

    fn answer(&mut self, frame: &[u8]) -> Value {
        let request = envelope(frame);
        let cid = cid_of(frame);
        if let Some(api_request) = request.get("api_request_event") {
            let created = api::ChannelDescription { channel_id: self.created, r#type: 3, ..Default::default() };
            self.hand.receive_api(cid, 0, created.encode_to_vec());
            let name = text(&api_request["api_name"]);
            let decoded = realtime::Envelope::decode(frame).expect("our own frame");
            let Some(realtime::envelope::Message::ApiRequestEvent(event)) = decoded.message else { panic!() };
            return json!({ "api_name": name, "body": json::decode(request_type(name), &event.body) });
        }
        let ack = realtime::ChannelMessageAck {
            message_id: OWN_MESSAGE,
            create_time_seconds: CREATED_AT,
            ..Default::default()
        };
        let answer = match request.get("channel_message_send").map(|_| self.refusal.take()) {
            Some(Some(refusal)) => Encoder::new().envelope(cid, &realtime::envelope::Message::Error(refusal.into())),
            Some(None) => Encoder::new().envelope(cid, &realtime::envelope::Message::ChannelMessageAck(ack.into())),
            None => hand::bare(cid),
        };
        self.hand.receive(&answer);
        request
    }
}

/// A message that comes in, as its user has it.
fn push(hand: &mut Hand, message: api::ChannelMessage) -> Message<Collector> {
    let member = realtime::envelope::Message::ChannelMessage(message.into());
    hand.receive(&Encoder::new().envelope(0, &member));
    let event = hand.events().pop().expect("the message");
    let Ok(Event::Message(message)) = Event::decode(event, &hand.backend()) else { panic!("no message") };
    message
}

fn alices_message(line: &Value) -> api::ChannelMessage {
    let content = if is_python(line) { r#"{"t": "hello python"}"# } else { r#"{"t":"hello bot"}"# };
    api::ChannelMessage {
        clan_id: CLAN,
        channel_id: CHANNEL,
        message_id: FIRST_MESSAGE,
        sender_id: ALICE,
        username: "alice".into(),
        avatar: "https://cdn.test/alice.png".into(),
        content: content.into(),
        display_name: "Alice A".into(),
        mode: 2,
        is_public: true,
        ..Default::default()
    }
}

/// By it the client learns its own avatar.
fn own_message() -> api::ChannelMessage {
    api::ChannelMessage {
        clan_id: CLAN,
        channel_id: CHANNEL,
        message_id: OWN_MESSAGE,
        sender_id: hand::BOT,
        avatar: OWN_AVATAR.into(),
        content: r#"{"t":"hi"}"#.into(),
        mode: 2,
        is_public: true,
        ..Default::default()
    }
}

fn channel() -> Route {
    let (channel, clan) = (ChannelId::new(CHANNEL), ClanId::new(CLAN));
    let (kind, mode) = (ChannelKind::TEXT, Mode::CHANNEL);
    Route { channel, clan, kind, mode, is_public: true, parent: ChannelId::NONE }
}

fn thread() -> Route {
    let (kind, mode) = (ChannelKind::THREAD, Mode::THREAD);
    Route { channel: ChannelId::new(THREAD), kind, mode, is_public: false, ..channel() }
}

/// The content that was asked for, with what travels beside it.
fn content(line: &Value) -> Content {
    let inputs = &line["inputs"];
    let mut content =
        Content::from_json(inputs.get("content").cloned().unwrap_or_else(|| json!({}))).expect("an object");
    if matches!((text(&line["step"]), is_python(line)), ("dm_existing" | "dm_new", true)) {
        // it was recorded with another text than the one that was asked for
        content = Content::text("hi there");
    }
    for mention in inputs["mentions"].as_array().map_or(&[][..], Vec::as_slice) {
        let offset = |key: &str| mention[key].as_u64().and_then(|at| u32::try_from(at).ok()).expect("an offset");
        let of_user = Mention::user(id(&mention["user_id"])).named(text(&mention["username"]));
        content = content.mention(of_user.at(offset("s")..offset("e")));
    }
    for attachment in inputs["attachments"].as_array().map_or(&[][..], Vec::as_slice) {
        let number = |key: &str| attachment[key].as_u64().and_then(|n| u32::try_from(n).ok()).expect("a number");
        let mut file = Attachment::new(text(&attachment["url"]), text(&attachment["filetype"]));
        file.file_name = text(&attachment["filename"]).into();
        (file.size, file.width, file.height) = (number("size").into(), number("width"), number("height"));
        content = content.attachment(file);
    }
    if inputs["mention_everyone"] == true { content.mention_everyone() } else { content }
}

fn receivers(inputs: &Value) -> Vec<UserId> {
    inputs["receivers"].as_array().expect("a list").iter().map(id).collect()
}

fn refusal_of(line: &Value) -> realtime::Error {
    let answer = frames(&json!({ "frames": line["answer"] }));
    let Some(realtime::envelope::Message::Error(error)) =
        realtime::Envelope::decode(answer[0].clone()).expect("a frame of the schema").message
    else {
        panic!("no refusal")
    };
    *error
}

fn id<T: From<i64>>(value: &Value) -> T {
    text(value).parse::<i64>().expect("an id").into()
}
