//! Time per frame. `cargo bench -p mezon-protocol`.

mod fixture;

use bytes::Bytes;
use divan::{Bencher, black_box};
use mezon_protocol::Secret;
use mezon_protocol::proto::realtime::Envelope;
use mezon_protocol::transport::{ClientRequest, Frame, Transport, WebSocket, WebSocketLimits};
use mezon_protocol::wire::{Encoder, Fields, scan};
use prost::Message as _;

fn main() {
    divan::main();
}

/// The kind and cid of a pushed message.
#[divan::bench]
fn scan_message(bencher: Bencher) {
    let frame = fixture::channel_message();
    bencher.bench(|| scan(black_box(&frame)));
}

/// The kind and cid of an acknowledgement.
#[divan::bench]
fn scan_ack(bencher: Bencher) {
    let frame = [0x08, 0x09, 0x3a, 0x04, 0x08, 0x05, 0x10, 0x06];
    bencher.bench(|| scan(black_box(&frame)));
}

/// A share of the message within the frame.
#[divan::bench]
fn scan_message_and_take_its_body(bencher: Bencher) {
    let frame = Bytes::from(fixture::channel_message());
    bencher.bench(|| scan(black_box(&frame)).map(|scan| scan.body(&frame)));
}

/// All fields of a message, undecoded.
#[divan::bench]
fn walk_the_fields_of_a_message(bencher: Bencher) {
    let frame = Bytes::from(fixture::channel_message());
    let body = scan(&frame).map(|scan| scan.body(&frame)).unwrap_or_default();
    bencher.bench(|| Fields::new(black_box(&body)).flatten().map(|field| field.number).sum::<u32>());
}

/// What a frame costs when it is decoded whole: the measure for the others.
#[divan::bench]
fn decode_message_with_prost(bencher: Bencher) {
    let frame = fixture::channel_message();
    bencher.bench(|| Envelope::decode(black_box(&frame[..])));
}

/// A message to be sent, with its cid.
#[divan::bench]
fn encode_send(bencher: Bencher) {
    let (member, mut encoder) = (fixture::send(), Encoder::new());
    bencher.bench_local(|| encoder.envelope(7, black_box(&member)));
}

/// A message through the WebSocket of a client that reads one message at a time.
#[divan::bench]
fn receive_message_over_websocket(bencher: Bencher) {
    let (mut client, mut server) = connected();
    let mut bytes = Vec::new();
    server.send(Frame::Envelope(fixture::channel_message().into())).expect("the server is open");
    server.output(&mut bytes);
    bencher.bench_local(|| {
        client.receive(black_box(&bytes));
        client.poll_incoming()
    });
}

/// A message out through the WebSocket of a client, masked.
#[divan::bench]
fn send_message_over_websocket(bencher: Bencher) {
    let (mut client, _) = connected();
    let (member, mut encoder, mut out) = (fixture::send(), Encoder::new(), Vec::new());
    bencher.bench_local(|| {
        out.clear();
        client.send(Frame::Envelope(encoder.envelope(7, black_box(&member)))).expect("the client is open");
        client.output(&mut out);
        out.len()
    });
}

fn connected() -> (WebSocket, WebSocket) {
    let limits = WebSocketLimits::default();
    let request = ClientRequest::new("localhost", Secret::from("/ws")).expect("a valid request");
    let (mut client, mut server) = (WebSocket::client(&request, limits), WebSocket::server(limits, |_| Ok(())));
    let mut bytes = Vec::new();
    client.output(&mut bytes);
    server.receive(&bytes);
    bytes.clear();
    server.output(&mut bytes);
    client.receive(&bytes);
    while client.poll_incoming().is_some() || server.poll_incoming().is_some() {}
    (client, server)
}
