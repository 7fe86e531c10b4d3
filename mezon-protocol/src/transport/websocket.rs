//! The WebSocket transport: tungstenite's engine run over memory, and the handshake before it.
//!
//! ```text
//!   Handshake ──101──► Open ──close frame, violation──► Ended
//!       └─────────other status, not HTTP───────────────►
//! ```
//!
//! A message of the WebSocket is one frame: binary messages that begin with `ff` are pieces of API answers, all other
//! binary messages are envelopes. Protocol pings are answered here and reported to nobody.

pub(super) mod handshake;

use std::collections::VecDeque;
use std::{fmt, io};

use bytes::{Bytes, BytesMut};
use tungstenite::Message;
use tungstenite::protocol::frame::coding::CloseCode;
use tungstenite::protocol::{CloseFrame, Role, WebSocketConfig, WebSocketContext};

pub use self::handshake::{ClientRequest, InvalidRequest, Refusal};
use self::handshake::{Handshake, Progress};
use super::{Closed, Frame, Incoming, Junk, SendError, Transport};
use crate::wire::{Encoder, raw};

/// The engine zero-fills this much before each read, so the small size is the fast one; it is also most of what an idle
/// connection holds.
const READ_BUFFER_BYTES: usize = 8 * 1024;

/// Answers to protocol pings that wait to be written. What is beyond is not answered, which the standard allows.
const PONG_BYTES: usize = 64 * 1024;

/// An output buffer that has grown beyond this is not kept.
const KEPT_OUTPUT_BYTES: usize = 64 * 1024;

/// A queue of frames that has grown beyond this many is not kept: a read full of empty messages makes it large.
const KEPT_INCOMING: usize = 1024;

/// What a WebSocket carries at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WebSocketLimits {
    /// Bytes of a received message; a larger one ends the connection. Default: 16 MiB and 64 bytes.
    pub message: usize,
    /// Bytes of a received envelope; a larger one is [`Junk::Oversized`]. Default: 1 MiB.
    pub envelope: usize,
    /// Bytes of a sent message; a larger one is refused with [`SendError::TooLarge`]. Default: 1 MiB.
    pub outgoing: usize,
    /// Bytes of the peer's side of the handshake. Default: 16 KiB.
    pub handshake: usize,
}

impl Default for WebSocketLimits {
    fn default() -> Self {
        Self { message: 16 * 1024 * 1024 + 64, envelope: 1024 * 1024, outgoing: 1024 * 1024, handshake: 16 * 1024 }
    }
}

/// A WebSocket as a byte codec, on either side of it.
///
/// No sub-protocol and no compression is offered or taken. Take the [`output`](Transport::output) before sending more:
/// what is sent waits there, and only the caller knows how much that may be.
pub struct WebSocket {
    state: State,
    limits: WebSocketLimits,
    encoder: Encoder,
    output: Vec<u8>,
    /// How much of the output is answers to the peer's pings.
    pongs: usize,
    incoming: VecDeque<Incoming>,
}

enum State {
    Handshake(Handshake),
    Open(Box<WebSocketContext>),
    Ended,
}

impl WebSocket {
    /// The client's side: the request is in the output at once.
    #[must_use]
    pub fn client(request: &ClientRequest, limits: WebSocketLimits) -> Self {
        let mut output = Vec::new();
        let handshake = Handshake::client(request, limits.handshake, &mut output);
        Self { output, ..Self::new(handshake, limits) }
    }

    /// The server's side. `decide` is given the path and query of the request, and takes or refuses it.
    ///
    /// A refusal is written as an HTTP answer, then the codec reports [`Closed::Status`] with the status it wrote.
    #[must_use]
    pub fn server(limits: WebSocketLimits, decide: impl FnOnce(&str) -> Result<(), Refusal> + Send + 'static) -> Self {
        Self::new(Handshake::server(Box::new(decide), limits.handshake), limits)
    }

    fn new(handshake: Handshake, limits: WebSocketLimits) -> Self {
        Self {
            state: State::Handshake(handshake),
            limits,
            encoder: Encoder::new(),
            output: Vec::new(),
            pongs: 0,
            incoming: VecDeque::new(),
        }
    }

    fn shake_hands(&mut self, handshake: Handshake, bytes: &[u8]) {
        let role = match handshake {
            Handshake::Client { .. } => Role::Client,
            Handshake::Server { .. } => Role::Server,
        };
        match handshake.receive(bytes, &mut self.output) {
            Progress::More(handshake) => self.state = State::Handshake(handshake),
            Progress::Closed(closed) => self.end(closed),
            Progress::Open(rest) => {
                let context = WebSocketContext::from_partially_read(rest, role, Some(self.limits.config()));
                self.incoming.push_back(Incoming::Open);
                self.read(Box::new(context), &[]);
            }
        }
    }

    /// Reads messages until the bytes are used up. The engine keeps what is left of a message.
    fn read(&mut self, mut context: Box<WebSocketContext>, bytes: &[u8]) {
        let mut pipe = Pipe { input: bytes, output: &mut self.output, muted: false };
        let closed = loop {
            match context.read(&mut pipe) {
                Ok(Message::Binary(message)) => {
                    self.incoming.push_back(Incoming::Frame(frame(message, self.limits.envelope)));
                }
                Ok(Message::Text(_)) => self.incoming.push_back(Incoming::Frame(Frame::Junk(Junk::Text))),
                Ok(Message::Ping(_)) => {
                    let before = pipe.output.len();
                    pipe.muted = self.pongs >= PONG_BYTES;
                    // Writing to memory does not fail; when we are closing there is no answer to write.
                    let _ = context.flush(&mut pipe);
                    pipe.muted = false;
                    self.pongs += pipe.output.len() - before;
                }
                Ok(Message::Pong(_) | Message::Frame(_)) => {}
                Ok(Message::Close(frame)) => {
                    // A server's engine reports the end of the connection here, after it has written the answer.
                    let _ = context.flush(&mut pipe);
                    break Closed::Peer { code: frame.map(|frame| frame.code.into()) };
                }
                Err(tungstenite::Error::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => {
                    self.state = State::Open(context);
                    return;
                }
                Err(error) => break Closed::Protocol(describe(&error)),
            }
        };
        self.end(closed);
    }

    fn end(&mut self, closed: Closed) {
        self.state = State::Ended;
        self.incoming.push_back(Incoming::Closed(closed));
    }
}

impl Transport for WebSocket {
    fn receive(&mut self, bytes: &[u8]) {
        match std::mem::replace(&mut self.state, State::Ended) {
            State::Handshake(handshake) => self.shake_hands(handshake, bytes),
            State::Open(context) => self.read(context, bytes),
            State::Ended => {}
        }
    }

    fn poll_incoming(&mut self) -> Option<Incoming> {
        let incoming = self.incoming.pop_front();
        if incoming.is_none() && self.incoming.capacity() > KEPT_INCOMING {
            self.incoming = VecDeque::new();
        }
        incoming
    }

    /// Takes a frame to be written. Of [`Frame::Junk`] there is nothing to write.
    fn send(&mut self, frame: Frame) -> Result<(), SendError> {
        let State::Open(context) = &mut self.state else {
            return Err(SendError::NotOpen);
        };
        if !context.can_write() {
            return Err(SendError::NotOpen);
        }
        let message = match frame {
            Frame::Envelope(bytes) => bytes,
            Frame::Api(chunk) => {
                let mut message = BytesMut::with_capacity(raw::HEADER_BYTES + chunk.payload.len());
                raw::write(&chunk, &mut message);
                message.freeze()
            }
            Frame::Ping(cid) => self.encoder.ping(cid),
            Frame::Pong(cid) => self.encoder.pong(cid),
            Frame::Junk(_) => return Ok(()),
        };
        let limit = self.limits.outgoing;
        if message.len() > limit {
            return Err(SendError::TooLarge { limit });
        }
        let mut pipe = Pipe { input: &[], output: &mut self.output, muted: false };
        // Writing to memory does not fail, and the engine holds nothing back, so only the size could be refused here.
        context.write(&mut pipe, Message::Binary(message)).map_err(|_| SendError::TooLarge { limit })
    }

    /// Sends a close frame with code 1000. What the peer had on its way still comes, then [`Closed::Peer`] when it has
    /// answered. During the handshake there is nothing to send: the codec ends and reports nothing.
    fn close(&mut self) {
        match &mut self.state {
            State::Handshake(_) => self.state = State::Ended,
            State::Open(context) => {
                let mut pipe = Pipe { input: &[], output: &mut self.output, muted: false };
                let frame = CloseFrame { code: CloseCode::Normal, reason: "".into() };
                // Writing to memory does not fail.
                let _ = context.close(&mut pipe, Some(frame));
            }
            State::Ended => {}
        }
    }

    fn output(&mut self, out: &mut Vec<u8>) {
        self.pongs = 0;
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

impl fmt::Debug for WebSocket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match &self.state {
            State::Handshake(_) => "handshake",
            State::Open(_) => "open",
            State::Ended => "ended",
        };
        // The buffers hold what must not be printed.
        f.debug_struct("WebSocket").field("state", &state).finish_non_exhaustive()
    }
}

impl WebSocketLimits {
    fn config(&self) -> WebSocketConfig {
        WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER_BYTES)
            .write_buffer_size(0)
            // The longest header of a frame has 14 bytes. The engine never holds more than one frame back.
            .max_write_buffer_size(self.outgoing.max(PONG_BYTES).saturating_add(14))
            .max_message_size(Some(self.message))
            .max_frame_size(Some(self.message))
    }
}

/// What a binary message is.
fn frame(message: Bytes, envelope_limit: usize) -> Frame {
    match message.first() {
        None => Frame::Junk(Junk::Empty),
        Some(&raw::FIRST_BYTE) => raw::read(&message).map_or(Frame::Junk(Junk::CutRaw), Frame::Api),
        Some(_) if message.len() > envelope_limit => Frame::Junk(Junk::Oversized),
        Some(_) => Frame::Envelope(message),
    }
}

/// What to say of an error of the engine, without anything that was sent or received.
fn describe(error: &tungstenite::Error) -> String {
    if let tungstenite::Error::Protocol(error) = error {
        error.to_string()
    } else if let tungstenite::Error::Capacity(error) = error {
        error.to_string()
    } else {
        // What remains for an engine that reads and writes memory. Its own text would quote the bytes.
        "a text is not UTF-8".to_owned()
    }
}

/// The network as the engine sees it: the bytes at hand, and a place for those to be written.
struct Pipe<'a> {
    input: &'a [u8],
    output: &'a mut Vec<u8>,
    /// While true, what is written is thrown away.
    muted: bool,
}

impl io::Read for Pipe<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.input.is_empty() {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        self.input.read(buffer)
    }
}

impl io::Write for Pipe<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if !self.muted {
            self.output.extend_from_slice(bytes);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
