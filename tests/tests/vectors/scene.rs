//! The clan that the requests were recorded in, and the steps that were recorded, taken by our client.

use mezon_protocol::call::{JoinChannel, LeaveChannel, MarkSeen, SendMessage};
use mezon_protocol::content::{Attachment, ButtonBuilder, ButtonStyle, Mention};
use mezon_protocol::object::{Channel, Message};
use mezon_protocol::proto::{api, realtime};
use mezon_protocol::route::{ChannelKind, Mode, Route};
use mezon_protocol::wire::Encoder;
use mezon_protocol::{ChannelId, ClanId, Content, EmojiId, ErrorKind, Event, MessageId, UserId};
use mezon_tests::backend::{Called, Collector};
use mezon_tests::hand::{self, Hand, Lists, cid_of};
use mezon_tests::vectors::{frames, text};
use prost::Message as _;
use serde_json::{Value, json};

use crate::json;
use crate::requests::request_type;

pub(crate) const CLAN: i64 = 1_779_000_000_000_000_100;
const OTHER_CLAN: i64 = 1_779_000_000_000_000_200;
const CHANNEL: i64 = 1_779_000_000_000_000_101;
pub(crate) const THREAD: i64 = 1_779_000_000_000_000_103;
const DIRECT: i64 = 1_779_000_000_000_000_301;
const ALICE: i64 = 1_830_000_000_000_000_011;
/// The first message of the run, by Alice.
const FIRST_MESSAGE: i64 = 1_999_000_000_000_000_001;
/// The answer to the first message that the client sends.
const OWN_MESSAGE: i64 = 1_999_000_000_000_000_002;
pub(crate) const CREATED_AT: u32 = 1_767_225_600;
const OWN_AVATAR: &str = "https://cdn.test/testbot.png";

/// True for a line of the client in Python, whose habits differ more.
pub(crate) fn is_python(line: &Value) -> bool {
    line["client"] == "mezon-sdk-python"
}

/// An envelope that the client has sent, without its cid.
pub(crate) fn envelope(frame: &[u8]) -> Value {
    json::without_cid(&json::decode(json::ENVELOPE, frame))
}

/// What a login finds.
pub(crate) fn lists() -> Lists {
    let direct = api::ChannelDescription { channel_id: DIRECT, r#type: 3, user_ids: vec![ALICE], ..Default::default() };
    Lists { clans: vec![CLAN, OTHER_CLAN], direct: vec![direct] }
}

/// A client that is Ready and has received Alice's message, and a server that takes whatever it asks for.
pub(crate) struct Scene {
    hand: Hand,
    message: Message<Collector>,
    /// The answer to the next message that is sent, if it is not the usual one.
    refusal: Option<realtime::Error>,
    /// The id of a channel that is created.
    created: i64,
}

impl Scene {
    pub(crate) fn new(line: &Value) -> Self {
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
    pub(crate) fn play(&mut self, line: &Value) -> Vec<Value> {
        let inputs = &line["inputs"];
        let (bot, content) = (self.hand.bot(), content(line));
        let user = || id::<UserId>(&inputs["user_id"]);
        match text(&line["step"]) {
            "send" | "send_rich" | "send_unicode" => {
                let called =
                    bot.channel(id::<ChannelId>(inputs.get("channel_id").unwrap_or(&Value::Null))).send(content);
                self.run(called).0
            }
            "buttons" => {
                // of the buttons that were asked for, the first was sent
                let [id, label, style] = [0, 1, 2].map(|part| text(&inputs["buttons"][0][part]));
                assert_eq!(style, "style 3 (success)");
                let mut buttons = ButtonBuilder::new();
                buttons.add_button(id, label, ButtonStyle::Success);
                let called = self.channel().send(Content::text("choose").components(buttons.build()));
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
                if step == "update_own" { self.run(sent.edit(content)).0 } else { self.run(sent.delete()).0 }
            }
            "ephemeral" => {
                let called = self.channel().send_ephemeral(receivers(inputs), content);
                self.run(called).0
            }
            "socket_status" => {
                let called = bot.api().update_status(Some(text(&inputs["status"])));
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
            "send_token" => {
                // that they were sent, the platform tells
                let event = api::TokenSentEvent {
                    sender_id: hand::BOT,
                    receiver_id: id(&inputs["receiver_id"]),
                    amount: inputs["amount"].as_i64().and_then(|amount| amount.try_into().ok()).expect("an amount"),
                    note: text(&inputs["note"]).into(),
                    transaction_id: "t".into(),
                    ..Default::default()
                };
                let member = realtime::envelope::Message::TokenSentEvent(event.into());
                self.hand.receive(&Encoder::new().envelope(0, &member));
                self.hand.receive(&Encoder::new().envelope(0, &member));
                let frames = self.hand.frames();
                frames.iter().map(|frame| self.answer(frame)).collect()
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
