//! Time per frame. `cargo bench -p mezon-protocol`.

mod fixture;

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use divan::{Bencher, black_box};
use mezon_protocol::call::{Call, SendMessage, Submission, Ticket};
use mezon_protocol::event::Push;
use mezon_protocol::machine::{BackfillPolicy, Machine, SocketId};
use mezon_protocol::memory::{CacheLimits, Memory};
use mezon_protocol::object::Backend;
use mezon_protocol::proto::realtime::Envelope;
use mezon_protocol::route::{Mode, Route};
use mezon_protocol::transport::{ClientRequest, Frame, Incoming, Transport, WebSocket, WebSocketLimits};
use mezon_protocol::wire::{Encoder, Fields, scan};
use mezon_protocol::{Event, Interest, Now, RawEvent, Secret};
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
#[divan::bench(sample_size = 500)]
fn decode_message_with_prost(bencher: Bencher) {
    let frame = fixture::channel_message();
    bencher.bench(|| Envelope::decode(black_box(&frame[..])));
}

/// A message to be sent, with its cid.
#[divan::bench(sample_size = 500)]
fn encode_send(bencher: Bencher) {
    let (member, mut encoder) = (fixture::send(), Encoder::new());
    bencher.bench_local(|| encoder.envelope(7, black_box(&member)));
}

/// Runs no calls: for decoding events only.
#[derive(Clone)]
struct Nobody;

impl Backend for Nobody {
    type Outcome<T: Send + 'static> = ();

    fn call<C: Call>(&self, _: C) {}
}

/// From the frame to the event as the Machine gives it, without and with remembering how far its channel was given.
#[divan::bench(sample_size = 500, args = [false, true])]
fn machine_message_to_raw_event(bencher: Bencher, remembers: bool) {
    let policy = if remembers { BackfillPolicy::default() } else { BackfillPolicy::OFF };
    let (mut machine, socket) = fixture::ready::ready(fixture::ready::config().backfill(policy));
    let mut frames = fixture::frames();
    let mut next = move || {
        let frame = Bytes::from(frames.next().expect("without end"));
        drop(frame.clone());
        frame
    };
    for _ in 0..2000 {
        machine.handle_incoming(Now::default(), socket, Incoming::Frame(Frame::Envelope(next())));
        drop(machine.poll_event());
    }
    bencher.with_inputs(next).bench_local_values(|frame| {
        machine.handle_incoming(Now::default(), socket, Incoming::Frame(Frame::Envelope(frame)));
        machine.poll_event()
    });
}

fn ready(recorded: bool) -> (Machine, SocketId) {
    let config = fixture::ready::config();
    if recorded { fixture::ready::recorded(config) } else { fixture::ready::ready(config) }
}

/// From the frame to the event as the user takes it: decoded, its text read.
#[divan::bench(sample_size = 500)]
fn machine_message_to_decoded_event(bencher: Bencher) {
    let (mut machine, socket) = fixture::ready::ready(fixture::ready::config());
    let frame = shared_frame();
    bencher.bench_local(|| {
        machine.handle_incoming(Now::default(), socket, Incoming::Frame(Frame::Envelope(frame.clone())));
        let event = machine.poll_event().map(|raw| Event::decode(raw, &Nobody));
        let Some(Ok(Event::Message(message))) = event else { panic!("a message was pushed") };
        black_box(message.text().len())
    });
}

/// Of many messages by several people, without and with a memory that is full: what it costs to remember.
#[divan::bench(sample_size = 500, args = [false, true])]
fn decode_and_remember(bencher: Bencher, remembers: bool) {
    let limits = if remembers { CacheLimits::default() } else { CacheLimits::OFF };
    let backend = Remembers(Arc::new(Mutex::new(Memory::new(limits))));
    let mut pushes = fixture::messages().map(push);
    for push in pushes.by_ref().take(2000) {
        drop(Event::decode(RawEvent::Push(push), &backend));
    }
    bencher.with_inputs(|| pushes.next().expect("without end")).bench_local_values(|push| {
        let Ok(Event::Message(message)) = Event::decode(RawEvent::Push(push), &backend) else {
            panic!("a message was pushed")
        };
        black_box(message.text().len())
    });
}

fn push(body: Vec<u8>) -> Push {
    let body = Bytes::from(body);
    drop(body.clone());
    Push { field: 6, body, own_id: 1.into(), replayed: false }
}

/// Runs no calls, and remembers.
#[derive(Clone)]
struct Remembers(Arc<Mutex<Memory>>);

impl Backend for Remembers {
    type Outcome<T: Send + 'static> = ();

    fn call<C: Call>(&self, _: C) {}

    fn memory<T>(&self, access: impl FnOnce(&mut Memory) -> T) -> T {
        access(&mut self.0.lock().expect("nobody panics with it"))
    }
}

/// The same frame when nobody wants messages.
#[divan::bench(sample_size = 500)]
fn machine_message_that_nobody_wants(bencher: Bencher) {
    let config = fixture::ready::config().interest(Interest::NONE);
    let (mut machine, socket) = fixture::ready::ready(config);
    let frame = shared_frame();
    bencher.bench_local(|| {
        machine.handle_incoming(Now::default(), socket, Incoming::Frame(Frame::Envelope(frame.clone())));
    });
}

/// A whole send: submitted, encoded, acknowledged, its reply taken; without and with a recording of it.
#[divan::bench(sample_size = 500, args = [false, true])]
fn machine_send_to_reply(bencher: Bencher, recorded: bool) {
    let (mut machine, socket) = ready(recorded);
    let route = Route::of_message(2.into(), 1.into(), Mode::CHANNEL, true);
    let mut ticket = 0;
    bencher.bench_local(|| {
        ticket += 1;
        let call = SendMessage::new(route, "Sunny, 21 degrees, hardly any wind");
        machine.submit(Now::default(), Submission::new(Ticket(ticket), call));
        let cid = sent_cid(&mut machine);
        let ack = [&[0x08, 0x80 | cid as u8, (cid >> 7) as u8 | 0x80, (cid >> 14) as u8][..], ACK].concat();
        machine.handle_incoming(Now::default(), socket, Incoming::Frame(Frame::Envelope(ack.into())));
        machine.poll_reply().and_then(|reply| reply.take::<SendMessage>()).expect("the send has ended")
    });
}

/// An acknowledgement of message 6 in channel 5, without its cid.
const ACK: &[u8] = &[0x3a, 0x04, 0x08, 0x05, 0x10, 0x06];

fn sent_cid(machine: &mut Machine) -> i32 {
    let Some(Frame::Envelope(frame)) = machine.poll_frame() else { panic!("a send was submitted") };
    scan(&frame).map(|scan| scan.cid).unwrap_or_default()
}

/// A frame as it comes out of a read buffer: sharing it allocates nothing.
fn shared_frame() -> Bytes {
    let frame = Bytes::from(fixture::channel_message());
    drop(frame.clone());
    frame
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
#[divan::bench(sample_size = 500)]
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
