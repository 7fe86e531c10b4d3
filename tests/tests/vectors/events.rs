//! What the server says: each line is fed, as bytes, to a client that is Ready, and judged by what its user would see.

use std::collections::BTreeMap;

use bytes::Bytes;
use mezon_protocol::api::{Api, ListClanDescs, Method};
use mezon_protocol::call::{Answer, Ephemeral, EphemeralAction, OneStep, Request, SendMessage, Via};
use mezon_protocol::content::{decode_attachments, decode_mentions, decode_reactions, decode_references};
use mezon_protocol::event::{Lifecycle, Push};
use mezon_protocol::machine::{Shared, State, Stats};
use mezon_protocol::object::Message;
use mezon_protocol::proto::api;
use mezon_protocol::proto::realtime::{self, envelope};
use mezon_protocol::route::Route;
use mezon_protocol::wire::{self, Encoder};
use mezon_protocol::{ChannelId, Error, ErrorKind, Event, EventKind, RawEvent, Sent, UserId};
use mezon_tests::backend::{Called, Collector};
use mezon_tests::hand::{self, Hand, Lists, bare, cid_of};
use mezon_tests::vectors::{frames, text, unhex};
use prost::Message as _;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::{json, member};

/// Checks a line.
pub(crate) fn check(line: &Value) {
    match text(&line["kind"]) {
        "push" | "message" => {
            encodes_alike(line);
            is_pushed(line);
        }
        "reply" | "error" => {
            encodes_alike(line);
            is_answered(line);
        }
        "raw" => is_answered(line),
        "lenient" => is_lenient(line),
        "malformed" => is_dropped(line),
        "older" => is_ignored(line),
        kind => panic!("a kind of line that this test does not know: {kind}"),
    }
}

/// What our types decode from a frame, and our encoder writes, is what the line says, and the cid comes last.
fn encodes_alike(line: &Value) {
    for frame in frames(line) {
        let envelope = realtime::Envelope::decode(frame.clone()).expect("a frame of the schema");
        let scan = wire::scan(&frame).expect("a frame of the schema");
        assert_eq!(scan.cid, envelope.cid);
        let cid = u16::try_from(envelope.cid).expect("a cid that a client gave");
        let Some(member) = envelope.message else { panic!("no member") };
        assert_eq!(Some(EventKind::of(&member)), EventKind::from_field(scan.field));
        let written = Encoder::new().envelope(cid, &member);
        assert_eq!(json::decode(json::ENVELOPE, &written), line["decoded"]);
        assert!(cid == 0 || written.ends_with(&bare(cid)));
    }
}

fn is_pushed(line: &Value) {
    let mut client = Client::new();
    client.ask_beside();
    client.receive(line);
    let event = client.only_event();
    assert_eq!(event_json(&event), line["decoded"]);
    let kind = event.kind().expect("a member that is known");
    if line["kind"] == "push" {
        assert_eq!((kind.name(), u64::from(kind.field())), (text(&line["event"]), number(&line["field_number"])));
        client.expect_unaffected();
        return;
    }
    let (Event::Message(message) | Event::MessageUpdated(message) | Event::MessageDeleted(message)) = &event else {
        panic!("no message: {event:?}")
    };
    is_message(line, message);
    match message.code() {
        1 => assert!(matches!(event, Event::MessageUpdated(_))),
        2 => assert!(matches!(event, Event::MessageDeleted(_))),
        _ => assert!(matches!(event, Event::Message(_))),
    }
    client.expect_unaffected();
}

/// A message as its user reads it: text and lists.
fn is_message(line: &Value, message: &Message<Collector>) {
    let content = text(&line["decoded"]["channel_message"]["content"]);
    assert_eq!(message.raw_content(), content);
    // one has a line feed in its JSON, which is then read as if it were escaped
    let value: Value = serde_json::from_str(&content.replace('\n', "\\n")).expect("content is JSON");
    let expected = value.as_str().or(value["t"].as_str()).expect("it has a text");
    assert_eq!(message.text(), expected);
    assert_eq!(message.content().as_text(), expected);
    if let Value::Object(object) = value {
        assert_eq!(Value::from(message.content().into_json()), Value::from(object));
    }

    if let Some(expected) = line["expect"].get("mentions") {
        assert_eq!(mentions(message), normal_list("mezon.api.MessageMention", expected));
    }
    if let Some(code) = line["expect"].get("code") {
        assert_eq!(u64::try_from(message.code()), Ok(number(code)));
    }
    let of_line = |name: &str, kind| normal_list(kind, line["lists"].get(name).unwrap_or(&json!([])));
    if line.get("lists").is_none() {
        return;
    }
    assert_eq!(mentions(message), of_line("mentions", "mezon.api.MessageMention"));
    let attachments = decode_attachments(message.data().attachments()).into_iter().map(api::MessageAttachment::from);
    assert_eq!(list(attachments, "mezon.api.MessageAttachment"), of_line("attachments", "mezon.api.MessageAttachment"));
    let references = decode_references(message.data().references()).into_iter().map(api::MessageRef::from);
    assert_eq!(list(references, "mezon.api.MessageRef"), of_line("references", "mezon.api.MessageRef"));
    let reactions = decode_reactions(message.data().reactions()).into_iter().map(api::MessageReaction::from);
    assert_eq!(list(reactions, "mezon.api.MessageReaction"), of_line("reactions", "mezon.api.MessageReaction"));
}

fn mentions(message: &Message<Collector>) -> Vec<Value> {
    let mentions = decode_mentions(message.data().mentions()).into_iter().map(api::MessageMention::from);
    list(mentions, "mezon.api.MessageMention")
}

fn list<M: prost::Message>(elements: impl Iterator<Item = M>, kind: &str) -> Vec<Value> {
    elements.map(|element| json::decode(kind, &element.encode_to_vec())).collect()
}

fn normal_list(kind: &str, elements: &Value) -> Vec<Value> {
    elements.as_array().expect("a list").iter().map(|element| json::normal(kind, element)).collect()
}

/// Lets the cids of the line be pending, and compares their ends, in their order, with what the line expects.
fn is_answered(line: &Value) {
    let expect = &line["expect"];
    let mut client = Client::new();
    let awaited = awaited(expect, line["kind"] == "raw");
    let pending: Vec<_> = awaited.into_iter().map(|(cid, is_api)| (cid, client.pend(cid, is_api))).collect();
    client.ask_beside();

    let mut ends = Vec::new();
    for frame in frames(line) {
        client.hand.receive(&frame);
        for event in client.hand.events() {
            let RawEvent::Push(push) = event else { panic!("the connection has changed: {event:?}") };
            let name = EventKind::from_field(push.field).map(EventKind::name).expect("a known member");
            ends.push((json!(if name == "message_typing_event" { "typing" } else { name }), None));
        }
        for (cid, order) in &pending {
            if let Some(end) = client.hand.end(order) {
                ends.push((json!(cid), Some(end)));
            }
        }
    }

    if line["id"] == "error/without_cid" {
        assert!(matches!(&ends[..], [(name, None)] if name == "error"), "{ends:?}");
    } else if let Some(order) = expect.get("order") {
        let named = |(name, end): &(Value, Option<_>)| match end {
            Some(Ok(Answer::Member { field: 23, .. })) => json!(format!("pong {name}")),
            _ => name.clone(),
        };
        assert_eq!(Value::from(ends.iter().map(named).collect::<Vec<_>>()), *order);
    } else {
        assert_eq!(ends.len(), 1, "{ends:?}");
    }
    for (name, end) in ends {
        let Some(end) = end else { continue };
        let body = expect["bodies"].get(name.to_string()).or(expect.get("body"));
        is_end(line, end, body);
    }
    client.expect_unaffected();
    has_typed_output(line);
}

/// The end of one request.
fn is_end(line: &Value, end: Result<Answer, Error>, body: Option<&Value>) {
    let expect = &line["expect"];
    if expect.get("rejects_cid").is_some() {
        let error = end.expect_err("a refusal");
        assert_eq!(error.sent(), Sent::Yes);
        let ErrorKind::Refused { code, message } = error.kind() else { panic!("{error:?}") };
        assert_eq!(json!(code), expect["code"]);
        if let Some(expected) = expect.get("message") {
            assert_eq!(message, text(expected));
        }
        return;
    }
    match end.expect("an answer") {
        Answer::Member { field, body } => {
            if let Some(decoded) = line.get("decoded") {
                assert_eq!(json::decode_member(field, &body), json::without_cid(decoded));
            }
        }
        Answer::Api(bytes) => {
            if let Some(body) = body {
                assert_eq!(bytes, unhex(text(body)));
            }
            if let Some(len) = expect.get("body_len") {
                assert_eq!(bytes.len() as u64, number(len));
                assert_eq!(Sha256::digest(&bytes)[..], unhex(text(&expect["body_sha256"])));
            }
            if let Some(kind) = line["decoded"].get("type") {
                assert_eq!(json::decode(&format!("mezon.{}", text(kind)), &bytes), line["decoded"]["value"]);
            }
        }
        answer @ (Answer::Start
        | Answer::Http(_)
        | Answer::Side { .. }
        | Answer::Elapsed
        | Answer::Ready
        | Answer::Renewed) => {
            panic!("no answer of the server: {answer:?}")
        }
    }
}

/// What the call that asks for such an answer makes of it.
fn has_typed_output(line: &Value) {
    let Some(cid) = line["expect"].get("resolves_cid") else { return };
    let mut client = Client::new();
    client.burn(cid_from(cid) - 1);
    let route = Route::direct(ChannelId::new(7));
    let bot = client.hand.bot();
    if let Some(ack) = line["decoded"].get("channel_message_ack") {
        let order = bot.call(SendMessage::new(route, "hi"));
        client.exchange(line);
        let sent = client.hand.end(&order).expect("an end").expect("the message was taken");
        assert_eq!(sent.message_id.get().to_string(), text(&ack["message_id"]));
        assert_eq!(u64::from(sent.created_at), number(&ack["create_time_seconds"]));
    } else if let Some(message) = line["decoded"].get("channel_message") {
        let order = bot.call(Ephemeral::new(route, [UserId::new(1)], EphemeralAction::Send, "hi"));
        client.exchange(line);
        let id = client.hand.end(&order).expect("an end").expect("the message was taken");
        assert_eq!(id.get().to_string(), text(&message["message_id"]));
    } else if line["decoded"]["type"] == "api.ClanDescList" {
        let order = bot.list_clans();
        client.exchange(line);
        let clandesc = client.hand.end(&order).expect("an end").expect("a list");
        let list = api::ClanDescList { clandesc };
        assert_eq!(json::decode("mezon.api.ClanDescList", &list.encode_to_vec()), line["decoded"]["value"]);
    }
}

fn is_lenient(line: &Value) {
    let mut client = Client::new();
    match text(&line["event"]) {
        "cid_last" => return is_answered(line),
        "duplicate_ack" => {
            let order = client.pend(5, false);
            client.ask_beside();
            client.receive(line);
            let end = client.hand.end(&order).expect("an end").expect("an acknowledgement");
            assert!(matches!(end, Answer::Member { field: 7, .. }));
            assert_eq!(client.stats().unknown_answers, 1);
            assert!(client.hand.events().is_empty());
        }
        "cid_negative" | "unknown_cid" => {
            client.ask_beside();
            client.receive(line);
            assert_eq!(client.stats().unknown_answers, 1);
            assert!(client.hand.events().is_empty());
        }
        "unknown_oneof_member" => {
            client.ask_beside();
            client.receive(line);
            let event = client.only_event();
            assert!(matches!(&event, Event::Unknown { field: 900, bytes } if bytes == "hello"), "{event:?}");
        }
        _ => {
            client.ask_beside();
            client.receive(line);
            let event = client.only_event();
            assert_eq!(event_json(&event), line["decoded"]);
            if let Some(name) = line["expect"].get("event") {
                assert_eq!(event.kind().map(EventKind::name), name.as_str());
            }
            if let Some(users) = line["expect"].get("user_ids") {
                let Event::UsersRemovedFromClan(removed) = &event else { panic!("{event:?}") };
                assert_eq!(json!(removed.user_ids.iter().map(i64::to_string).collect::<Vec<_>>()), *users);
            }
        }
    }
    client.expect_unaffected();
}

/// Dropped and counted, or ignored; nothing else happens.
fn is_dropped(line: &Value) {
    let mut client = Client::new();
    if line["event"] == "raw_body_not_protobuf" {
        client.burn(29);
        let order = client.hand.bot().call(Api::<ListClanDescs>::new(Default::default()));
        client.exchange(line);
        let error = client.hand.end(&order).expect("an end").expect_err("nothing that can be decoded");
        assert!(matches!(error.kind(), ErrorKind::Decode(_)), "{error:?}");
        return client.expect_unaffected();
    }
    client.ask_beside();
    client.receive(line);
    let stats = client.stats();
    let counts = (stats.malformed, stats.junk, stats.unknown_answers);
    let expected = match text(&line["event"]) {
        "empty" | "text_frame" | "text_json" => (0, 1, 0),
        "raw_unknown_cid" => (0, 0, 1),
        _ => (1, 0, 0),
    };
    assert_eq!(counts, expected);
    assert!(client.hand.events().is_empty());
    client.expect_unaffected();
}

/// Of an earlier wire: nobody is given it, and nothing comes of it.
fn is_ignored(line: &Value) {
    let mut client = Client::new();
    client.ask_beside();
    client.receive(line);
    for event in client.hand.events() {
        // the receiver of the events says so, and goes on
        assert!(Event::decode(event, &client.hand.backend()).is_err());
    }
    client.expect_unaffected();
}

/// A client that is Ready, and requests that are pending while it is fed with a line that does not speak of them.
struct Client {
    hand: Hand,
    last_cid: u16,
    beside: Vec<(u16, Called<Answer>)>,
}

impl Client {
    fn new() -> Self {
        let hand = Hand::ready(hand::config(), &Lists::default());
        let stats = hand.machine.stats();
        assert_eq!(stats.malformed + stats.junk + stats.unknown_answers, 0);
        Self { hand, last_cid: 1, beside: Vec::new() }
    }

    /// Makes requests of either kind that no line answers.
    fn ask_beside(&mut self) {
        self.beside = vec![self.ask(false), self.ask(true)];
    }

    /// Feeds the client with the line.
    fn receive(&mut self, line: &Value) {
        for frame in frames(line) {
            self.hand.receive(&frame);
        }
        if let Some(text) = line["text"].as_str() {
            self.hand.receive_text(text);
        }
    }

    /// Sends what was asked for, and feeds the client with the line, which is the answer.
    fn exchange(&mut self, line: &Value) {
        let asked = self.hand.frames();
        assert_eq!(asked.len(), 1);
        self.receive(line);
    }

    /// A request that is pending with this cid.
    fn pend(&mut self, cid: u16, is_api: bool) -> Called<Answer> {
        self.burn(cid - 1);
        let (given, order) = self.ask(is_api);
        assert_eq!(given, cid);
        order
    }

    /// Makes and answers requests up to and with this cid. The first cid is that of a join.
    fn burn(&mut self, last: u16) {
        while self.last_cid < last {
            let (cid, order) = self.ask(false);
            self.hand.receive(&bare(cid));
            assert!(self.hand.end(&order).is_some());
        }
    }

    fn ask(&mut self, is_api: bool) -> (u16, Called<Answer>) {
        let order = self.hand.bot().call(Ask { is_api });
        let frames = self.hand.frames();
        self.last_cid = cid_of(&frames[0]);
        (self.last_cid, order)
    }

    /// The one event that came, as its user has it.
    fn only_event(&mut self) -> Event<Collector> {
        let mut events = self.hand.events();
        if events.iter().any(|event| matches!(event, RawEvent::Push(Push { field: 96, .. }))) {
            events.retain(|event| !matches!(event, RawEvent::Lifecycle(Lifecycle::SessionRefreshed { .. })));
        }
        let [event] = <[RawEvent; 1]>::try_from(events).expect("one event");
        Event::decode(event, &self.hand.backend()).expect("it can be decoded")
    }

    fn stats(&self) -> &Stats {
        self.hand.machine.stats()
    }

    /// The connection is up, no fault is left over, and the other requests get their answers.
    fn expect_unaffected(mut self) {
        assert_eq!(self.hand.machine.state(), State::Ready);
        assert!(self.hand.events().is_empty());
        for (cid, order) in std::mem::take(&mut self.beside) {
            assert!(self.hand.end(&order).is_none(), "{cid} was not answered");
            self.hand.receive(&bare(cid));
            assert!(matches!(self.hand.end(&order), Some(Ok(_))), "{cid} was answered");
        }
        assert_eq!(self.hand.machine.health(self.hand.now()).pending_calls, 0);
    }
}

/// A request of either kind, whose output is the answer as it came.
struct Ask {
    is_api: bool,
}

impl OneStep for Ask {
    type Output = Answer;

    fn request(&mut self, _: &mut Shared) -> Result<Request, Error> {
        Ok(if self.is_api {
            Request::Api { rpc: &const { ListClanDescs::RPC }, body: Bytes::new(), via: Via::Socket }
        } else {
            Request::Member(envelope::Message::MessageTypingEvent(Box::default()))
        })
    }

    fn output(&mut self, _: &mut Shared, answer: Answer) -> Result<Answer, Error> {
        Ok(answer)
    }
}

/// The cids that a line wants pending, lowest first, and whether they are those of API calls.
fn awaited(expect: &Value, is_api: bool) -> BTreeMap<u16, bool> {
    let order = expect["order"].as_array().map_or(&[][..], Vec::as_slice).iter();
    let pings = order.clone().filter_map(|end| end.as_str()?.strip_prefix("pong ")?.parse().ok());
    let answers = [&expect["resolves_cid"], &expect["rejects_cid"]].into_iter().chain(order);
    let answers = answers.filter(|cid| cid.is_u64()).map(cid_from);
    answers.map(|cid| (cid, is_api)).chain(pings.map(|cid| (cid, false))).collect()
}

fn cid_from(value: &Value) -> u16 {
    u16::try_from(number(value)).expect("a cid")
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or_else(|| panic!("{value} is no number"))
}

/// An event as the JSON of the envelope that it came in.
fn event_json(event: &Event<Collector>) -> Value {
    let field = event.kind().expect("a member that is known").field();
    json::decode_member(field, &member::encode(event).expect("something that was pushed"))
}
