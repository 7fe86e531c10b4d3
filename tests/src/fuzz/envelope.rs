//! Everything that is done with one frame: scanned, decoded as an event, its lists and its content read. Where the
//! generated decoder understands a frame, ours understands the same.

use bytes::Bytes;
use mezon_protocol::content::{decode_attachments, decode_mentions, decode_reactions, decode_references};
use mezon_protocol::event::{MessageData, Push};
use mezon_protocol::object::Message;
use mezon_protocol::proto::{api, realtime};
use mezon_protocol::wire::{self, raw};
use mezon_protocol::{Content, Event, EventKind, RawEvent, UserId};
use prost::Message as _;

use crate::backend::Collector;

/// Takes one frame of the server.
pub fn envelope(data: &[u8]) {
    let frame = Bytes::copy_from_slice(data);
    let _ = raw::read(&frame);
    scans_like_the_decoder(&frame);
    parses_like_the_decoder(&frame);
    if let Ok(scan) = wire::scan(&frame) {
        let body = scan.body(&frame);
        assert!(body.len() <= frame.len());
        assert_eq!(body, *scan.bytes(&frame));
        event(scan.field, body);
    }
    // the lists and the content come from others than the server
    lists(data);
    content(&String::from_utf8_lossy(data));
}

fn scans_like_the_decoder(frame: &Bytes) {
    let Ok(envelope) = realtime::Envelope::decode(frame.clone()) else { return };
    let scan = wire::scan(frame).expect("what is an envelope can be scanned");
    assert_eq!(scan.cid, envelope.cid);
    match &envelope.message {
        Some(member) => assert_eq!(Some(EventKind::of(member)), EventKind::from_field(scan.field)),
        None => assert!(EventKind::from_field(scan.field).is_none()),
    }
}

fn parses_like_the_decoder(body: &Bytes) {
    let parsed = MessageData::parse(body.clone(), UserId::NONE);
    match api::ChannelMessage::decode(body.clone()) {
        Ok(message) => assert_eq!(parsed.map(|data| data.to_proto()), Ok(message)),
        Err(_) => assert!(parsed.is_err(), "a message that is none"),
    }
}

fn event(field: u32, body: Bytes) {
    let push = Push { field, body, own_id: UserId::new(1), replayed: false };
    let Ok(event) = Event::decode(RawEvent::Push(push), &Collector::default()) else { return };
    let _ = format!("{event:?}");
    if let Event::Message(message) | Event::MessageUpdated(message) | Event::MessageDeleted(message) = &event {
        read(message);
        assert_eq!(message.detached().data().to_proto(), message.data().to_proto());
    }
}

fn read(message: &Message<Collector>) {
    let _ = (message.mentions_me(), message.sender_name(), message.address(), message.reactions());
    let _ = (message.attachments(), message.references());
    assert_eq!(message.text(), message.content().as_text());
    content(message.raw_content());
}

fn lists(bytes: &[u8]) {
    for mention in decode_mentions(bytes) {
        let _ = api::MessageMention::from(mention);
    }
    for attachment in decode_attachments(bytes) {
        let _ = api::MessageAttachment::from(attachment);
    }
    for reference in decode_references(bytes) {
        let _ = api::MessageRef::from(reference);
    }
    for reaction in decode_reactions(bytes) {
        let _ = api::MessageReaction::from(reaction);
    }
}

/// What is read is sent as it was read.
fn content(raw: &str) {
    let content = Content::parse(raw);
    let sent = content.to_json_text();
    assert_eq!(content.utf16_len(), sent.encode_utf16().count());
    let again = Content::parse(&sent);
    assert_eq!(again.as_text(), content.as_text());
    assert_eq!(again.to_json_text(), sent);
}
