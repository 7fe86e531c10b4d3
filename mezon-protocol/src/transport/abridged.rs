//! The abridged TCP transport: frames in a stream, each telling its own length.
//!
//! ```text
//!   client   ef, token as a frame ──► open at once: there is no answer
//!   server   Greeting ──token taken──► Open ──violation──► Ended
//!                └─────token refused: an HTTP answer────►
//! ```
//!
//! How frames look is in [`frame`]. A server that refuses a client writes an HTTP answer where a frame would begin, or
//! just closes. The end of the stream itself is the business of whoever owns the socket.

mod frame;

use std::fmt;

use bytes::{BufMut, Bytes, BytesMut};

use self::frame::{Found, Head, Kind};
use super::websocket::handshake::{end_of_head, read_status, refuse};
use super::{ApiChunk, Closed, Frame, Incoming, Junk, Refusal, SendError, Transport};
use crate::secret::Secret;
use crate::wire::raw;

/// What a client's stream begins with.
const GREETING: u8 = 0xef;

/// A buffer that held a larger frame is left to that frame, so that small ones behind it do not keep it alive.
const KEPT_INPUT_BYTES: usize = 64 * 1024;

/// An output buffer that has grown beyond this is not kept.
const KEPT_OUTPUT_BYTES: usize = 64 * 1024;

/// What the abridged TCP transport carries at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AbridgedLimits {
    /// Bytes of a received envelope with its padding; a larger one ends the connection. Default: 1 MiB.
    pub envelope: usize,
    /// Bytes of a received piece of an API answer; a larger one ends the connection. Default: 16 MiB.
    pub chunk: usize,
    /// Bytes of a sent frame, header and padding included; a larger one is refused with [`SendError::TooLarge`].
    /// Default: 4,096, as the platform takes no more. More than 64 MiB no frame can have.
    pub outgoing: usize,
    /// Bytes of the token, and of an HTTP answer in its place. Default: 16 KiB.
    pub handshake: usize,
}

impl Default for AbridgedLimits {
    fn default() -> Self {
        Self { envelope: 1024 * 1024, chunk: 16 * 1024 * 1024, outgoing: 4096, handshake: 16 * 1024 }
    }
}

/// The abridged TCP transport as a byte codec, on either side of it.
///
/// Take the [`output`](Transport::output) before sending more: what is sent waits there, and only the caller knows how
/// much that may be.
///
/// What a client sends loses the zeros at its end, as the server cannot tell them from padding. An envelope ends in
/// none when its cid, which is not 0, is written last.
pub struct Abridged {
    state: State,
    role: Role,
    limits: AbridgedLimits,
    /// What has come and is no whole frame yet, or was not polled.
    input: BytesMut,
    output: Vec<u8>,
}

/// Decides about the token of a client.
type Decide = Box<dyn FnOnce(&str) -> Result<(), Refusal> + Send>;

enum State {
    /// The server waits for a token.
    Greeting(Decide),
    /// This is to be told next, and then frames are read or, after a [`Incoming::Closed`], nothing more.
    Telling(Incoming),
    Open,
    Ended,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Client,
    Server,
}

impl Abridged {
    /// The client's side: the token is in the output at once, and frames may be sent at once.
    ///
    /// The server does not say that it takes the token. When it does not, the codec reports [`Closed::Status`], or the
    /// stream just ends.
    #[must_use]
    pub fn client(token: &Secret, limits: AbridgedLimits) -> Self {
        let mut client = Self::new(State::Telling(Incoming::Open), Role::Client, limits);
        if token.expose().len() > limits.handshake.min(frame::MAX_PADDED) {
            client.end(protocol("the token is too large"));
        } else {
            client.output.push(GREETING);
            frame::write_padded(token.expose().as_bytes(), &mut client.output);
        }
        client
    }

    /// The server's side. `decide` is given the token, and takes or refuses it.
    ///
    /// A refusal is written as an HTTP answer, then the codec reports [`Closed::Status`] with the status it wrote.
    #[must_use]
    pub fn server(limits: AbridgedLimits, decide: impl FnOnce(&str) -> Result<(), Refusal> + Send + 'static) -> Self {
        Self::new(State::Greeting(Box::new(decide)), Role::Server, limits)
    }

    fn new(state: State, role: Role, limits: AbridgedLimits) -> Self {
        Self { state, role, limits, input: BytesMut::new(), output: Vec::new() }
    }

    fn end(&mut self, closed: Closed) {
        self.state = State::Telling(Incoming::Closed(closed));
        self.input = BytesMut::new();
    }

    /// Reads the token that the stream begins with, once it is complete, and decides about it.
    fn read_greeting(&mut self, decide: Decide) {
        self.state = match self.greeting() {
            Ok(Some(token)) => match decide(&token) {
                Ok(()) => State::Telling(Incoming::Open),
                Err(refusal) => {
                    let status = refuse(refusal, &mut self.output);
                    return self.end(Closed::Status { status, retry_after: refusal.retry_after });
                }
            },
            Ok(None) => State::Greeting(decide),
            Err(closed) => return self.end(closed),
        };
    }

    /// Takes the token from the input.
    fn greeting(&mut self) -> Result<Option<String>, Closed> {
        let Some((first, rest)) = self.input.split_first() else { return Ok(None) };
        if *first != GREETING {
            return Err(protocol("the client does not begin with a token"));
        }
        let Some(head) = frame::padded_head(rest, self.limits.handshake.saturating_add(3))? else { return Ok(None) };
        let token = rest[head.start..].get(..head.length).map(frame::without_zeros);
        let Some(token) = token else { return Ok(None) };
        let token = std::str::from_utf8(token).map_err(|_| protocol("the token is no text"))?.to_owned();
        let _ = self.input.split_to(1 + head.start + head.length);
        Ok(Some(token))
    }

    /// The next frame, or how the stream has ended, `None` when more bytes are needed.
    fn read(&mut self) -> Option<Incoming> {
        loop {
            let found = match self.role {
                Role::Client => frame::find_from_server(&self.input, &self.limits),
                Role::Server => frame::find_from_client(&self.input, &self.limits),
            };
            let head = match found {
                Ok(Found::Frame(head)) => head,
                Ok(Found::Nothing) => return None,
                Ok(Found::Http) => return self.read_refusal().map(|closed| self.last(closed)),
                Err(closed) => return Some(self.last(closed)),
            };
            if self.input.len() - head.start < head.length {
                return None;
            }
            let mut whole = self.input.split_to(head.start + head.length).freeze();
            let payload = whole.split_off(head.start);
            if head.length > KEPT_INPUT_BYTES {
                self.input = BytesMut::from(&self.input[..]);
            }
            match self.take(head, payload) {
                Taken::Frame(frame) => return Some(Incoming::Frame(frame)),
                Taken::Nothing => {}
                Taken::Close(code) => return Some(self.last(Closed::Peer { code })),
            }
        }
    }

    fn take(&self, head: Head, payload: Bytes) -> Taken {
        let frame = match head.kind {
            Kind::Beat(cid) if self.role == Role::Client => Frame::Pong(cid),
            Kind::Beat(cid) => Frame::Ping(cid),
            Kind::Padded => {
                let length = match self.role {
                    Role::Client => frame::envelope_length(&payload),
                    Role::Server => frame::without_zeros(&payload).len(),
                };
                envelope(payload.slice(..length))
            }
            Kind::Whole => envelope(payload),
            Kind::Raw(raw::Header { cid, code, fin }) => Frame::Api(ApiChunk { cid, code, fin, payload }),
            Kind::Skipped => return Taken::Nothing,
            Kind::Close => return Taken::Close(payload.first_chunk().copied().map(u16::from_be_bytes)),
        };
        Taken::Frame(frame)
    }

    /// What an HTTP answer in the place of a frame means, once its head is complete.
    fn read_refusal(&mut self) -> Option<Closed> {
        let end = end_of_head(&self.input);
        if end.unwrap_or(self.input.len()) > self.limits.handshake {
            return Some(protocol("the head of the server's answer is too large"));
        }
        let end = end?;
        Some(read_status(&mut self.input[..end]).unwrap_or_else(|| protocol("the server's answer is malformed")))
    }

    /// Ends at once, and gives the end to be told.
    fn last(&mut self, closed: Closed) -> Incoming {
        self.state = State::Ended;
        self.input = BytesMut::new();
        Incoming::Closed(closed)
    }
}

/// What a frame in the stream has come to.
enum Taken {
    Frame(Frame),
    Nothing,
    Close(Option<u16>),
}

fn envelope(bytes: Bytes) -> Frame {
    if bytes.is_empty() { Frame::Junk(Junk::Empty) } else { Frame::Envelope(bytes) }
}

fn protocol(why: &str) -> Closed {
    Closed::Protocol(why.to_owned())
}

impl Transport for Abridged {
    fn receive(&mut self, bytes: &[u8]) {
        match self.state {
            State::Ended | State::Telling(Incoming::Closed(_)) => {}
            State::Greeting(_) | State::Open | State::Telling(_) => self.input.put_slice(bytes),
        }
    }

    fn poll_incoming(&mut self) -> Option<Incoming> {
        if matches!(self.state, State::Greeting(_)) {
            if let State::Greeting(decide) = std::mem::replace(&mut self.state, State::Ended) {
                self.read_greeting(decide);
            }
        }
        match &self.state {
            State::Greeting(_) | State::Ended => None,
            State::Open => self.read(),
            State::Telling(incoming) => {
                let incoming = incoming.clone();
                let has_ended = matches!(incoming, Incoming::Closed(_));
                self.state = if has_ended { State::Ended } else { State::Open };
                Some(incoming)
            }
        }
    }

    /// Takes a frame to be written. Of [`Frame::Junk`] and of an empty envelope there is nothing to write, nor of a
    /// [`Frame::Api`] on the client's side; pings are for the client and pongs for the server, and look the same.
    fn send(&mut self, frame: Frame) -> Result<(), SendError> {
        match self.state {
            State::Open | State::Telling(Incoming::Open) => {}
            State::Greeting(_) | State::Telling(_) | State::Ended => return Err(SendError::NotOpen),
        }
        let limit = self.limits.outgoing.min(frame::MAX_PADDED);
        let fits = |length: usize| if length > limit { Err(SendError::TooLarge { limit }) } else { Ok(()) };
        match frame {
            Frame::Envelope(bytes) if bytes.is_empty() => {}
            Frame::Envelope(bytes) => {
                fits(frame::padded_length(bytes.len()))?;
                frame::write_padded(&bytes, &mut self.output);
            }
            Frame::Api(_) if self.role == Role::Client => {}
            Frame::Api(chunk) => {
                fits(frame::RAW_HEADER_BYTES + chunk.payload.len())?;
                frame::write_raw(&chunk, &mut self.output);
            }
            Frame::Ping(cid) | Frame::Pong(cid) => frame::write_beat(cid, &mut self.output),
            Frame::Junk(_) => {}
        }
        Ok(())
    }

    /// Ends and reports nothing: the protocol has no words for it, so the end of the stream says it.
    fn close(&mut self) {
        self.state = State::Ended;
        self.input = BytesMut::new();
    }

    fn output(&mut self, out: &mut Vec<u8>) {
        if out.is_empty() {
            std::mem::swap(out, &mut self.output);
        } else {
            out.append(&mut self.output);
        }
        if self.output.capacity() > KEPT_OUTPUT_BYTES {
            self.output = Vec::new();
        }
    }
}

impl fmt::Debug for Abridged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match &self.state {
            State::Greeting(_) => "handshake",
            State::Open | State::Telling(Incoming::Open) => "open",
            State::Ended | State::Telling(_) => "ended",
        };
        // The buffers hold what must not be printed.
        f.debug_struct("Abridged").field("role", &self.role).field("state", &state).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
