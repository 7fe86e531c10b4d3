//! The protocol driven by hand, with every input and output printed: what to read before writing a loop of one's own.
//!
//! There is no network here. The server is a script: a login, two empty lists, an answer to each request, one message.
//!
//! ```sh
//! cargo run --example by_hand
//! ```

use std::time::Duration;

use mezon_protocol::call::{Call, SendMessage, Submission, Ticket};
use mezon_protocol::exchange::HttpResponse;
use mezon_protocol::machine::{Machine, SocketId, State, Transmit};
use mezon_protocol::object::Backend;
use mezon_protocol::proto::api;
use mezon_protocol::proto::realtime::{ChannelMessageAck, Envelope, envelope};
use mezon_protocol::transport::{Frame, Incoming};
use mezon_protocol::{Config, Error, Event, Now, RawEvent};
use prost::Message as _;

fn main() -> Result<(), Error> {
    // time is an input; a real loop reads a clock
    let mut now = Now::new(Duration::ZERO, Duration::from_secs(1_767_225_600));
    let mut machine = Machine::new(Config::bot(17_i64, "a-key")?.use_tls(false).without_rate_limits(), 1, now)?;
    let mut socket = None;

    println!("> connect");
    machine.connect(now);
    while machine.state() != State::Ready {
        drain(&mut machine, now, &mut socket);
        now = now + Duration::from_millis(5);
    }

    println!("> a message comes in");
    let socket = socket.expect("a Machine that is Ready has a socket");
    machine.handle_incoming(now, socket, Incoming::Frame(push()));
    let message = std::iter::from_fn(|| machine.poll_event()).find_map(received);
    let route = message.expect("it was pushed just now").route();

    println!("> submit a call");
    machine.submit(now, Submission::new(Ticket(1), SendMessage::new(route, "hello to you, too")));
    drain(&mut machine, now, &mut Some(socket));
    while let Some(reply) = machine.poll_reply() {
        let sent = reply.take::<SendMessage>().expect("the only call was a send")?;
        println!("  reply: the message has the id {}", sent.message_id);
    }

    println!("> close");
    machine.close(now);
    drain(&mut machine, now, &mut None);
    Ok(())
}

/// Takes every output, and lets the script answer it.
fn drain(machine: &mut Machine, now: Now, socket: &mut Option<SocketId>) {
    while let Some(transmit) = machine.poll_transmit() {
        println!("  transmit: {transmit:?}");
        match transmit {
            Transmit::Http { id, request } => {
                let body = if request.url.ends_with("/token") { session().into() } else { Default::default() };
                machine.handle_http(now, id, Ok(HttpResponse { status: 200, headers: Vec::new(), body }));
            }
            Transmit::OpenSocket { socket: opened, .. } => {
                *socket = Some(opened);
                machine.handle_socket_opened(now, opened);
                // below the codec: bytes would go in by `handle_bytes`, and come out by `poll_write`
                machine.handle_incoming(now, opened, Incoming::Open);
            }
            Transmit::CloseSocket { .. } | Transmit::CancelHttp { .. } => {}
        }
    }
    while let (Some(socket), Some(frame)) = (*socket, machine.poll_frame()) {
        let Frame::Envelope(bytes) = frame else { continue };
        let request = Envelope::decode(bytes).expect("the Machine writes envelopes");
        println!("  frame: cid {} {:?}", request.cid, request.message);
        machine.handle_incoming(now, socket, Incoming::Frame(answer(request)));
    }
    while let Some(event) = machine.poll_event() {
        println!("  event: {event:?}");
    }
    if let Some(deadline) = machine.poll_timeout() {
        println!("  timeout: at {:?}, for {:?}", deadline.at, deadline.reason);
    }
}

fn session() -> Vec<u8> {
    let url = "http://127.0.0.1".to_owned();
    api::Session { token: "a-token".into(), user_id: 17, api_url: url, ..Default::default() }.encode_to_vec()
}

/// What the server says to a request: a send is acknowledged, anything else comes back as it is.
fn answer(request: Envelope) -> Frame {
    let message = match request.message {
        Some(envelope::Message::ChannelMessageSend(send)) => {
            let ack = ChannelMessageAck { channel_id: send.channel_id, message_id: 1001, ..Default::default() };
            Some(envelope::Message::ChannelMessageAck(Box::new(ack)))
        }
        other => other,
    };
    Frame::Envelope(Envelope { cid: request.cid, message }.encode_to_vec().into())
}

fn push() -> Frame {
    let message = api::ChannelMessage {
        clan_id: 1,
        channel_id: 2,
        message_id: 1000,
        sender_id: 3,
        username: "alice".into(),
        content: r#"{"t":"hello"}"#.into(),
        mode: 2,
        is_public: true,
        ..Default::default()
    };
    let message = Some(envelope::Message::ChannelMessage(Box::new(message)));
    Frame::Envelope(Envelope { cid: 0, message }.encode_to_vec().into())
}

/// Runs no calls: the handles of this example are only read. A loop of one's own submits them to its Machine.
#[derive(Clone)]
struct ReadOnly;

impl Backend for ReadOnly {
    type Outcome<T: Send + 'static> = ();

    fn call<C: Call>(&self, _: C) {}
}

fn received(raw: RawEvent) -> Option<mezon_protocol::object::Message<ReadOnly>> {
    let Ok(Event::Message(message)) = Event::decode(raw, &ReadOnly) else { return None };
    println!("  event: {} says {:?}", message.sender_name(), message.text());
    Some(message)
}
