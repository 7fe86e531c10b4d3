//! What clients say: each request, and its answers, are read and written again.

use bytes::Bytes;
use mezon_protocol::proto::{api, realtime};
use mezon_protocol::wire::{self, Encoder};
use mezon_tests::hand;
use mezon_tests::vectors::{text, unhex};
use prost::Message as _;
use serde_json::{Value, json};

use crate::json;

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

pub(crate) fn request_type(name: &str) -> &'static str {
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
pub(crate) fn rpc_of(line: &Value) -> Option<&str> {
    text(&line["operation"]).strip_prefix("http:").filter(|name| *name != "authenticate")
}
