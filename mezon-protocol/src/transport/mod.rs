//! Transports as byte codecs: bytes in, frames out; frames in, bytes out. No socket is owned here.
//!
//! ```text
//!   network ──bytes──►  Tls  ──bytes──►  WebSocket or Abridged  ──frames──►  Machine (or the sandbox's server)
//!   network ◄─bytes───       ◄─bytes───                         ◄─frames───
//! ```
//!
//! Every codec exists in both roles, so that a local server is made of the same code as the client.

mod abridged;
#[cfg(feature = "tls")]
mod tls;
mod websocket;

use bytes::Bytes;

pub use abridged::{Abridged, AbridgedLimits};
#[cfg(feature = "tls")]
pub use tls::{Tls, TlsSetupError};
pub use websocket::{ClientRequest, InvalidRequest, Refusal, WebSocket, WebSocketLimits};

/// One unit of the protocol, whatever carries it.
///
/// A frame as it comes from the server borrows from the buffer that was read: it is a reference-counted slice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Frame {
    /// One protobuf `Envelope`, undecoded. A ping over WebSocket is one of these.
    Envelope(Bytes),
    /// A piece of an API answer.
    Api(ApiChunk),
    /// A native ping (abridged TCP), with its cid. On WebSocket sending one writes an envelope.
    Ping(u16),
    /// A native pong (abridged TCP), with its cid. On WebSocket sending one writes an envelope.
    Pong(u16),
    /// Something that the protocol has no meaning for (a text message, an empty or cut frame): to be counted and ignored.
    Junk(Junk),
}

/// A piece of an API answer: a raw frame, `ff` first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiChunk {
    /// The cid of the request.
    pub cid: u16,
    /// The response code: 0, or one of gRPC. That of the last piece counts.
    pub code: u16,
    /// True for the last piece.
    pub fin: bool,
    /// The bytes of this piece, possibly none.
    pub payload: Bytes,
}

/// Why a frame has no meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Junk {
    /// A text message: the protocol is binary.
    Text,
    /// A message without a byte.
    Empty,
    /// A raw frame shorter than its header.
    CutRaw,
    /// An envelope above the limit for envelopes.
    Oversized,
}

/// What a codec gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Incoming {
    /// The handshake is complete: frames may be sent. Over abridged TCP the server may refuse the client even after it,
    /// as it has no other answer.
    Open,
    /// A frame.
    Frame(Frame),
    /// The transport has ended; nothing more will come out of it.
    Closed(Closed),
}

/// How a transport ended.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Closed {
    /// The peer closed in good order, with its code if it gave one.
    #[error("closed by the peer (code {code:?})")]
    Peer {
        /// The WebSocket close code.
        code: Option<u16>,
    },
    /// The handshake was answered by an HTTP status other than 101; over abridged TCP, by any.
    #[error("the handshake was answered with HTTP status {status}")]
    Status {
        /// The HTTP status.
        status: u16,
        /// `Retry-After` in seconds, when the answer had one.
        retry_after: Option<u64>,
    },
    /// TLS failed: a certificate, a host name, or not TLS at all.
    #[error("TLS failed: {0}")]
    Tls(String),
    /// The peer broke the rules of the transport.
    #[error("transport error: {0}")]
    Protocol(String),
}

/// A frame could not be taken: the transport is not open, or the frame is larger than it carries.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SendError {
    /// The handshake is not complete, or the transport has ended.
    #[error("the transport is not open")]
    NotOpen,
    /// The frame is larger than the transport carries.
    #[error("the frame is larger than {limit} bytes")]
    TooLarge {
        /// The bound in bytes.
        limit: usize,
    },
}

/// A transport as a byte codec.
///
/// After each [`receive`](Self::receive) call [`poll_incoming`](Self::poll_incoming) until it returns `None`; after
/// either of them, and after [`send`](Self::send), there may be [`output`](Self::output).
pub trait Transport: Send {
    /// Takes bytes that came from the network, cut anywhere.
    fn receive(&mut self, bytes: &[u8]);

    /// The next thing that the bytes so far have brought, `None` when more are needed.
    #[must_use]
    fn poll_incoming(&mut self) -> Option<Incoming>;

    /// Takes a frame to be written.
    ///
    /// # Errors
    ///
    /// [`SendError`] when the transport is not open, or the frame is larger than it carries. Nothing is written then.
    fn send(&mut self, frame: Frame) -> Result<(), SendError>;

    /// Begins an orderly close: the codec writes what its protocol says for it.
    fn close(&mut self);

    /// Appends the bytes that are to be written to the network.
    fn output(&mut self, out: &mut Vec<u8>);
}

impl<T: Transport + ?Sized> Transport for Box<T> {
    fn receive(&mut self, bytes: &[u8]) {
        (**self).receive(bytes);
    }

    fn poll_incoming(&mut self) -> Option<Incoming> {
        (**self).poll_incoming()
    }

    fn send(&mut self, frame: Frame) -> Result<(), SendError> {
        (**self).send(frame)
    }

    fn close(&mut self) {
        (**self).close();
    }

    fn output(&mut self, out: &mut Vec<u8>) {
        (**self).output(out);
    }
}
