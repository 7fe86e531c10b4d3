//! Records in words.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use prost::Message;

use super::format::Record;
use super::record::{Arrived, Before, CallStep, Out, What, Wish};
use crate::event::EventKind;
use crate::proto::realtime::Envelope;
use crate::wire;

/// Something that was recorded in another way than it was replayed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// What was recorded, in words.
    pub recorded: String,
    /// What the Machine did instead.
    pub replayed: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "recorded: {}; replayed: {}", self.recorded, self.replayed)
    }
}

/// A record; with the messages in it if `whole`.
pub(crate) fn record(record: &Record, whole: bool) -> String {
    match record {
        Record::Input(input) => input.what.as_ref().map(what).unwrap_or_default(),
        Record::FromCodec(from) => from.arrived.as_ref().map(|arrived| arrival(arrived, whole)).unwrap_or_default(),
        Record::CallStep(step) => call_step(step, whole),
        Record::Taken(taken) => taken.out.as_ref().map(out).unwrap_or_default(),
    }
}

pub(crate) fn nothing() -> String {
    "nothing".into()
}

/// Calls that the Machine makes by itself have numbers of their own.
pub(crate) fn ticket(ticket: u64) -> String {
    if ticket >> 63 == 1 { format!("{} of its own", ticket << 1 >> 1) } else { ticket.to_string() }
}

pub(crate) fn what(what: &What) -> String {
    match what {
        What::Connect(()) => "connect".into(),
        What::Submit(submit) => {
            format!("submit call {}, which may take {:?}", ticket(submit.ticket), nanos(submit.timeout))
        }
        What::Cancel(number) => format!("cancel call {}", ticket(*number)),
        What::Reconnect(()) => "reconnect".into(),
        What::Close(()) => "close".into(),
        What::Shutdown(time) => format!("shut down within {:?}", nanos(*time)),
        What::Opened(socket) => format!("socket {socket} is open"),
        What::Received(socket) => format!("bytes from socket {socket}"),
        What::Ignored(socket) => format!("bytes from socket {socket}, which is of no interest"),
        What::Ended(ended) => {
            let how = ["ended", "failed", "cannot be opened"][ended.kind.min(2) as usize];
            format!("socket {} {how}{}", ended.socket, because(&ended.why))
        }
        What::Http(end) => match end.failure {
            0 => format!("exchange {} is answered with status {}, {}", end.id, end.status, http_body(end)),
            _ => format!("exchange {} has failed{}", end.id, because(&end.why)),
        },
        What::Timeout(()) => "time has passed".into(),
        What::Session(_) => "start from a session".into(),
        What::Disconnect(()) => "disconnect".into(),
        What::LeftOff(left_off) => format!("go on from where {} channels were left", left_off.streams.len()),
        What::CallTimeout(time) => format!("calls may take {:?} from now on", nanos(*time)),
        What::OnFull(drops) => format!("events that nobody takes {}", if *drops { "are dropped" } else { "wait" }),
    }
}

fn because(why: &str) -> String {
    if why.is_empty() { String::new() } else { format!(": {why}") }
}

fn http_body(end: &super::record::HttpEnd) -> String {
    match (&end.session, end.withheld) {
        (Some(_), _) => "a session".into(),
        (None, 0) => format!("{} bytes", end.body.len()),
        (None, withheld) => format!("{withheld} bytes, not recorded"),
    }
}

fn arrival(arrived: &Arrived, whole: bool) -> String {
    match arrived {
        Arrived::Open(()) => "the transport is open".into(),
        Arrived::Envelope(bytes) => format!("a frame: {}", envelope(bytes, whole)),
        Arrived::Answer(answer) => {
            format!("a frame: {} cid {}, {} bytes, not recorded", member(answer.field), answer.cid, answer.withheld)
        }
        Arrived::Malformed(cid) => format!("a frame that cannot be read, cid {cid}"),
        Arrived::Chunk(chunk) => {
            let end = if chunk.fin { ", the last" } else { "" };
            format!(
                "a piece of an API answer: cid {}, code {}, {} bytes{end}",
                chunk.cid,
                chunk.code,
                chunk.payload.len() as u64 + chunk.withheld
            )
        }
        Arrived::Ping(cid) => format!("a ping, cid {cid}"),
        Arrived::Pong(cid) => format!("a pong, cid {cid}"),
        Arrived::Junk(_) => "a frame without a meaning".into(),
        Arrived::Closed(closed) => match (closed.kind, closed.code) {
            (0, Some(code)) => format!("the transport was closed with code {code}"),
            (0, None) => "the transport was closed".into(),
            (1, code) => format!("the handshake was answered with status {}", code.unwrap_or_default()),
            (2, _) => format!("TLS has failed{}", because(&closed.why)),
            _ => format!("the rules of the transport were broken{}", because(&closed.why)),
        },
    }
}

fn envelope(bytes: &Bytes, whole: bool) -> String {
    let scan = wire::scan(bytes).unwrap_or_default();
    let cid = if scan.cid == 0 { String::new() } else { format!(" cid {}", scan.cid) };
    let short = format!("{}{cid}, {} bytes", member(scan.field), bytes.len());
    match Envelope::decode(bytes.clone()) {
        Ok(Envelope { message: Some(message), .. }) if whole => format!("{short}: {message:?}"),
        _ => short,
    }
}

fn member(field: u32) -> String {
    match EventKind::from_field(field) {
        Some(kind) => kind.name().into(),
        None if field == 0 => "nothing but the".into(),
        None => format!("member {field}"),
    }
}

fn call_step(step: &CallStep, whole: bool) -> String {
    let wish = match &step.wish {
        None => nothing(),
        Some(Wish::Member(bytes)) => format!("send {}", envelope(bytes, whole)),
        Some(Wish::Notice(bytes)) => format!("send {}, without an answer", envelope(bytes, whole)),
        Some(Wish::Api(request)) if step.is_read => format!("read by {}", request.name),
        Some(Wish::Api(request)) => format!("call {}", request.name),
        Some(Wish::Exchange(request)) => format!("call {} over HTTP", request.name),
        Some(Wish::Http(request)) => format!("perform {}", request.place),
        Some(Wish::SideBySide(sides)) => format!("begin {} exchanges beside those under way", sides.begin.len()),
        Some(Wish::Renew(())) => "have a new token".into(),
        Some(Wish::Payment(_)) => "wait for its turn to pay".into(),
        Some(Wish::Wait(time)) => format!("wait for {:?}", nanos(*time)),
        Some(Wish::AwaitReady(())) => "wait until Ready".into(),
        Some(Wish::Outbox(turn)) if turn.user != 0 => format!("wait for its turn to user {}", turn.user),
        Some(Wish::Outbox(turn)) => format!("wait for its turn in channel {}", turn.channel),
        Some(Wish::Edit(message)) => format!("wait for the edit of message {message}"),
        Some(Wish::Done(end)) => format!("end: {end}"),
    };
    format!("call {} is told: {}; it wants to {wish}", ticket(step.ticket), step.answer)
}

pub(crate) fn out(out: &Out) -> String {
    match out {
        Out::OpenSocket(open) => format!("open socket {} to {}:{}", open.socket, open.host, open.port),
        Out::CloseSocket(socket) => format!("close socket {socket}"),
        Out::Http(start) if start.what.is_empty() => format!("exchange {} of a call", start.id),
        Out::Http(start) => format!("exchange {}: {}{}", start.id, start.what, digest(start.digest)),
        Out::CancelHttp(id) => format!("cancel exchange {id}"),
        Out::Frame(frame) => {
            let refused = if frame.refused.is_some() { ", which the transport does not take" } else { "" };
            let what = if frame.field == 0 { "ping".into() } else { member(frame.field) };
            format!("write {what} cid {}, {} bytes{}{refused}", frame.cid, frame.len, digest(frame.digest))
        }
        Out::NoFrame(()) => "no frame".into(),
        Out::Reply(reply) => format!("call {} has ended: {}", ticket(reply.ticket), reply.end),
        Out::Push(push) => {
            let missed = if push.replayed { " that was missed" } else { "" };
            format!("event {}{missed}, {} bytes{}", member(push.field), push.len, digest(push.digest))
        }
        Out::Life(text) => format!("event: {text}"),
        Out::NoEvent(()) => "no event".into(),
        Out::News(text) => format!("listed: {text}"),
    }
}

fn digest(digest: u32) -> String {
    if digest == 0 { String::new() } else { format!(" ({digest:08x})") }
}

pub(crate) fn before(before: &Before) -> String {
    let deadline = match before.deadline {
        Some(at) => format!("deadline {:?} ({})", nanos(at), before.reason),
        None => "no deadline".into(),
    };
    let reading = if before.paused { "reading paused" } else { "reading" };
    let Before { transmits, replies, events, news, .. } = before;
    format!("{deadline}, {reading}, not taken: {transmits} transmits, {replies} replies, {events} events, {news} news")
}

const fn nanos(time: u64) -> Duration {
    Duration::from_nanos(time)
}
