//! The WebSocket codec in both roles, fed with any bytes. However the bytes are cut, the same comes out.

use mezon_protocol::Secret;
use mezon_protocol::transport::{ClientRequest, Frame, Incoming, Transport, WebSocket, WebSocketLimits};

use super::Input;

/// Small, so that the bounds are met.
const LIMITS: WebSocketLimits = WebSocketLimits { message: 4096, envelope: 1024, outgoing: 1024, handshake: 2048 };

/// Takes the bytes that a peer sends. The first byte says whether they are for a client or a server, before or after
/// the handshake; the second one how they are cut.
pub fn websocket(data: &[u8]) {
    let mut input = Input(data);
    let (mode, cut) = (input.byte(), usize::from(input.byte()) + 1);
    let whole = frames(mode, [input.0].into_iter());
    let pieces = frames(mode, input.0.chunks(cut));
    assert_eq!(whole, pieces, "cut every {cut} bytes");
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
        // a pong for a ping, a close for a close, or a refused handshake
        assert!(output.len() <= 8 * piece.len() + 1024, "{} bytes for {}", output.len(), piece.len());
        if incoming.last().is_some_and(|last| matches!(last, Incoming::Closed(_))) {
            break;
        }
    }
    for incoming in &incoming {
        if let Incoming::Frame(Frame::Envelope(frame)) = incoming {
            assert!(frame.len() <= LIMITS.envelope);
        }
    }
    let ends = incoming.iter().filter(|incoming| matches!(incoming, Incoming::Closed(_))).count();
    assert!(ends <= 1 && incoming.len() <= received + 2);
    if ends == 1 {
        assert!(matches!(incoming.last(), Some(Incoming::Closed(_))), "nothing comes after the end");
        assert!(codec.send(Frame::Ping(1)).is_err());
    }
    codec.close();
    incoming
}

fn codec(mode: u8) -> WebSocket {
    let request = ClientRequest::new("localhost", Secret::from("/ws")).expect("visible characters");
    let mut client = WebSocket::client(&request, LIMITS);
    let mut server = WebSocket::server(LIMITS, |_| Ok(()));
    if mode & 2 != 0 {
        shake_hands(&mut client, &mut server);
    }
    if mode & 1 == 0 { client } else { server }
}

fn shake_hands(client: &mut WebSocket, server: &mut WebSocket) {
    let mut bytes = Vec::new();
    client.output(&mut bytes);
    server.receive(&bytes);
    bytes.clear();
    server.output(&mut bytes);
    client.receive(&bytes);
    assert_eq!((client.poll_incoming(), server.poll_incoming()), (Some(Incoming::Open), Some(Incoming::Open)));
}
