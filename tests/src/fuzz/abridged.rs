//! The codec of abridged TCP in both roles, fed with any bytes. However the bytes are cut, the same comes out.

use mezon_protocol::Secret;
use mezon_protocol::transport::{Abridged, AbridgedLimits, Frame, Incoming, Transport};

use super::Input;

/// Small, so that the bounds are met.
const LIMITS: AbridgedLimits = AbridgedLimits { envelope: 1024, chunk: 4096, outgoing: 1024, handshake: 512 };

/// Takes the bytes that a peer sends. The first byte says whether they are for a client or a server, and the latter
/// before or after the token; the second one how they are cut.
pub fn abridged(data: &[u8]) {
    let mut input = Input(data);
    let (mode, cut) = (input.byte(), usize::from(input.byte()) + 1);
    let whole = frames(mode, [input.0].into_iter());
    let pieces = frames(mode, input.0.chunks(cut));
    assert_eq!(whole, pieces, "cut every {cut} bytes");
    carry(mode, &whole);
}

fn frames<'a>(mode: u8, pieces: impl Iterator<Item = &'a [u8]>) -> Vec<Incoming> {
    let mut codec = codec(mode);
    let mut incoming = Vec::new();
    let mut received = 0;
    for piece in pieces {
        received += piece.len();
        codec.receive(piece);
        incoming.extend(std::iter::from_fn(|| codec.poll_incoming()));
        let mut output = Vec::new();
        codec.output(&mut output);
        // nothing but the refusal of a token is written by itself
        assert!(output.len() <= 256, "{} bytes for {}", output.len(), piece.len());
    }
    for incoming in &incoming {
        match incoming {
            Incoming::Frame(Frame::Envelope(frame)) => assert!(!frame.is_empty() && frame.len() <= LIMITS.envelope),
            Incoming::Frame(Frame::Api(chunk)) => assert!(chunk.payload.len() <= LIMITS.chunk),
            Incoming::Frame(Frame::Ping(_) | Frame::Pong(_) | Frame::Junk(_))
            | Incoming::Open
            | Incoming::Closed(_) => {}
        }
    }
    let ends = incoming.iter().filter(|incoming| matches!(incoming, Incoming::Closed(_))).count();
    assert!(ends <= 1 && incoming.len() <= received + 1);
    if ends == 1 {
        assert!(matches!(incoming.last(), Some(Incoming::Closed(_))), "nothing comes after the end");
        assert!(codec.send(Frame::Ping(1)).is_err());
    }
    codec.close();
    incoming
}

/// What has come from a peer, sent on by the codec of that peer, comes to the same on this side.
fn carry(mode: u8, incoming: &[Incoming]) {
    let (mut from, mut to) = (codec(!mode & 1 | 2), codec(mode | 2));
    for incoming in incoming {
        // an envelope that ends in zeros, or is none, cannot be told from its padding
        let Incoming::Frame(frame) = incoming else { continue };
        let survives = match frame {
            Frame::Envelope(bytes) => bytes.last() != Some(&0),
            Frame::Api(_) | Frame::Ping(_) | Frame::Pong(_) => true,
            Frame::Junk(_) => false,
        };
        if !survives || from.send(frame.clone()).is_err() {
            continue;
        }
        let mut bytes = Vec::new();
        from.output(&mut bytes);
        to.receive(&bytes);
        let arrived = to.poll_incoming();
        let Some(Incoming::Frame(Frame::Envelope(arrived))) = &arrived else {
            assert_eq!(arrived.as_ref(), Some(incoming));
            continue;
        };
        let Frame::Envelope(sent) = frame else { panic!("{frame:?} became an envelope") };
        // what is no envelope arrives with its padding
        assert!(arrived.starts_with(sent) && arrived[sent.len()..].iter().all(|byte| *byte == 0));
    }
}

/// Even: a client. Odd: a server, with 2 after it has taken a token.
fn codec(mode: u8) -> Abridged {
    let mut client = Abridged::client(&Secret::from("jwt"), LIMITS);
    let mut greeting = Vec::new();
    client.output(&mut greeting);
    assert_eq!(client.poll_incoming(), Some(Incoming::Open));
    if mode & 1 == 0 {
        return client;
    }
    let decide = |token: &str| if token == "jwt" { Ok(()) } else { Err(401.into()) };
    let mut server = Abridged::server(LIMITS, decide);
    if mode & 2 != 0 {
        server.receive(&greeting);
        assert_eq!(server.poll_incoming(), Some(Incoming::Open));
    }
    server
}
