//! What the Machine says, in a form that can be compared for ever: names and numbers, no prose, nothing secret.

use std::fmt;
use std::time::Duration;

use super::record::{FrameOut, HttpStart, OpenSocket, Out, PushOut, Refused, ReplyOut};
use super::redact::holds_secrets;
use super::settings::{nanos, wide};
use crate::call::{Answer, Reply};
use crate::error::{Error, Sent};
use crate::event::{JoinTarget, Lifecycle, RawEvent};
use crate::exchange::{HttpRequest, printable};
use crate::machine::{BackfillReport, RequestId, Transmit};
use crate::memory::News;
use crate::transport::{Frame, SendError};
use crate::wire;

/// Tells contents apart. The same on every platform; any change of it would need a new version of the format.
pub(crate) fn digest(bytes: &[u8]) -> u32 {
    const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut state = wide(bytes.len());
    for chunk in bytes.chunks(8) {
        let mut word = [0; 8];
        word[..chunk.len()].copy_from_slice(chunk);
        let product = u128::from(state ^ u64::from_le_bytes(word)) * u128::from(SPREAD);
        state = (product as u64 ^ (product >> 64) as u64).wrapping_add(1);
    }
    (state ^ state >> 32) as u32
}

/// The name of a variant.
pub(crate) fn name(value: &impl fmt::Debug) -> String {
    let mut text = format!("{value:?}");
    let end = text.find(|c: char| !c.is_alphanumeric()).unwrap_or(text.len());
    text.truncate(end);
    text
}

pub(crate) fn error(error: &Error) -> String {
    let sent = match error.sent() {
        Sent::No => "not sent",
        Sent::Unknown => "perhaps sent",
        Sent::Yes => "sent",
    };
    format!("{}, {sent}", name(error.kind()))
}

/// What a call was told.
pub(crate) fn answer(answer: &Result<Answer, Error>) -> String {
    match answer {
        Ok(Answer::Start) => "start".into(),
        Ok(Answer::Member { field, .. }) => format!("member {field}"),
        Ok(Answer::Api(_)) => "API".into(),
        Ok(Answer::Http(response)) => format!("HTTP {}", response.status),
        Ok(Answer::Side { key, result: Ok(response) }) => format!("side {key}: HTTP {}", response.status),
        Ok(Answer::Side { key, result: Err(why) }) => format!("side {key}: {}", error(why)),
        Ok(Answer::Renewed) => "renewed".into(),
        Ok(Answer::Elapsed) => "elapsed".into(),
        Ok(Answer::Ready) => "ready".into(),
        Err(why) => error(why),
    }
}

/// That a call ends where it stands.
pub(crate) fn interruption(why: &Error) -> String {
    format!("interrupted: {}", error(why))
}

/// How a call ended.
pub(crate) fn end<T>(output: Option<&Result<T, Error>>) -> String {
    match output {
        Some(Ok(_)) => "ok".into(),
        Some(Err(why)) => error(why),
        None => "without an output".into(),
    }
}

/// Who reads the answer to an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reader {
    /// The Machine, which looks for a session in it: of a bot that logs in,
    Login,
    /// or of a user whose session is refreshed.
    Refresh,
    /// The Machine, which looks at the status alone.
    Probe,
    /// The Machine.
    Machine,
    /// A call, of which nothing is recorded but that there was one.
    Call,
}

pub(crate) fn transmit(transmit: &Transmit, reader: impl FnOnce(RequestId) -> Reader) -> Out {
    match transmit {
        Transmit::OpenSocket { socket, host, port } => {
            Out::OpenSocket(OpenSocket { socket: socket.0, host: host.clone(), port: u32::from(*port) })
        }
        Transmit::CloseSocket { socket, .. } => Out::CloseSocket(socket.0),
        Transmit::Http { id, request } => {
            let (what, digest) = match reader(*id) {
                Reader::Call => (String::new(), 0),
                Reader::Login | Reader::Refresh | Reader::Probe => (place(request), 0),
                Reader::Machine => (place(request), request.body.bytes().map_or(0, |body| digest(body))),
            };
            Out::Http(HttpStart { id: id.0, what, digest })
        }
        Transmit::CancelHttp { id } => Out::CancelHttp(id.0),
    }
}

/// The method, and as much of the URL as may be shown.
pub(crate) fn place(request: &HttpRequest) -> String {
    format!("{} {}", request.method.as_str(), printable(&request.url))
}

/// A frame that is about to be sent.
pub(crate) fn frame(frame: &Frame) -> FrameOut {
    let (field, cid, bytes) = match frame {
        Frame::Envelope(bytes) => {
            let scan = wire::scan(bytes).unwrap_or_default();
            (scan.field, scan.cid, &bytes[..])
        }
        Frame::Ping(cid) | Frame::Pong(cid) => (0, i32::from(*cid), &[][..]),
        Frame::Api(_) | Frame::Junk(_) => (0, 0, &[][..]),
    };
    let digest = if holds_secrets(field) { 0 } else { digest(bytes) };
    FrameOut { field, cid, len: wide(bytes.len()), digest, refused: None }
}

pub(crate) fn refusal(result: &Result<(), SendError>) -> Option<Refused> {
    match result {
        Ok(()) => None,
        Err(SendError::NotOpen) => Some(Refused { limit: None }),
        Err(SendError::TooLarge { limit }) => Some(Refused { limit: Some(wide(*limit)) }),
    }
}

pub(crate) fn reply(reply: &Reply) -> Out {
    Out::Reply(ReplyOut { ticket: reply.ticket.0, end: reply.call.end() })
}

pub(crate) fn event(event: Option<&RawEvent>) -> Out {
    match event {
        None => Out::NoEvent(()),
        Some(RawEvent::Lifecycle(event)) => Out::Life(life(event)),
        Some(RawEvent::Push(push)) => {
            let digest = if holds_secrets(push.field) { 0 } else { digest(&push.body) };
            Out::Push(PushOut { field: push.field, len: wide(push.body.len()), digest, replayed: push.replayed })
        }
    }
}

fn life(event: &Lifecycle) -> String {
    match event {
        Lifecycle::Connecting { attempt } => format!("connecting, attempt {attempt}"),
        Lifecycle::Connected => "connected".into(),
        Lifecycle::Ready { resumed: false, gap: None } => "ready".into(),
        Lifecycle::Ready { resumed: false, gap: Some(gap) } => format!("ready after {}", time(*gap)),
        Lifecycle::Ready { resumed: true, gap: None } => "ready again".into(),
        Lifecycle::Ready { resumed: true, gap: Some(gap) } => format!("ready again after {}", time(*gap)),
        Lifecycle::Disconnected { cause, will_retry_in: None } => {
            format!("disconnected: {}, no next attempt", name(cause))
        }
        Lifecycle::Disconnected { cause, will_retry_in: Some(wait) } => {
            format!("disconnected: {}, next attempt in {}", name(cause), time(*wait))
        }
        Lifecycle::Fatal { reason } => format!("fatal: {}", name(reason)),
        Lifecycle::JoinFailed { target, error: why } => {
            let target = match target {
                JoinTarget::Clan(clan) => format!("clan {clan}"),
                JoinTarget::Channel(channel) => format!("channel {channel}"),
            };
            format!("join of {target} failed: {}", error(why))
        }
        Lifecycle::SessionRefreshed { .. } => "session refreshed".into(),
        Lifecycle::LoginRequired { reason } => format!("login required: {}", error(reason)),
        Lifecycle::BackfillDone { report } => {
            let BackfillReport { channels, messages, edits, removals, beyond, more_beyond } = &**report;
            let beyond = beyond.len() + more_beyond;
            format!(
                "{messages} missed messages of {channels} channels, {edits} edits, {removals} removals, {beyond} beyond"
            )
        }
        Lifecycle::Lagged { dropped } => format!("lagged by {dropped}"),
    }
}

/// Exact, and independent of how the standard library writes times.
fn time(time: Duration) -> String {
    let nanos = nanos(time);
    format!("{}.{:09} s", nanos / 1_000_000_000, nanos % 1_000_000_000)
}

pub(crate) fn news(news: &News) -> Out {
    Out::News(match news {
        News::Clans(clans) => format!("{} clans", clans.len()),
        News::Channels(channels) => format!("{} channels", channels.len()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;
    use crate::event::Cause;

    /// These values are in recordings that were made long ago.
    #[test]
    fn a_digest_is_what_it_was() {
        for (bytes, expected) in
            [(&b""[..], 0), (b"a", 0xef232253), (b"12345678", 0xddaae91a), (b"123456789", 0x07f255d2)]
        {
            assert_eq!(digest(bytes), expected, "{bytes:?}");
        }
        assert_ne!(digest(&[0; 8]), digest(&[0; 16]));
        assert_ne!(digest(b"ab"), digest(b"ba"));
    }

    #[test]
    fn names_have_no_prose() {
        let refused = ErrorKind::Refused { code: 7, message: "no, secret".into() };
        assert_eq!(error(&Error::answered(refused)), "Refused, sent");
        assert_eq!(name(&Cause::Lost("secret".into())), "Lost");
        assert_eq!(name(&Cause::HttpStatus { status: 503 }), "HttpStatus");
    }
}
