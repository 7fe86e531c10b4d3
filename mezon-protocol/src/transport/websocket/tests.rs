use proptest::prelude::*;

use super::*;
use crate::secret::Secret;
use crate::transport::ApiChunk;
use crate::wire::testing::hex;

const BINARY: u8 = 0x82;
const TEXT: u8 = 0x81;
const CLOSE: u8 = 0x88;
const PING: u8 = 0x89;

fn new_client() -> WebSocket {
    let request = ClientRequest::new("localhost", Secret::from("/ws?token=abc")).unwrap();
    WebSocket::client(&request, WebSocketLimits::default())
}

fn new_server() -> WebSocket {
    WebSocket::server(WebSocketLimits::default(), |_| Ok(()))
}

fn output(socket: &mut WebSocket) -> Vec<u8> {
    let mut out = Vec::new();
    socket.output(&mut out);
    out
}

fn drain(socket: &mut WebSocket) -> Vec<Incoming> {
    std::iter::from_fn(|| socket.poll_incoming()).collect()
}

/// Carries bytes from one to the other, and gives what came out there.
fn carry(from: &mut WebSocket, to: &mut WebSocket) -> Vec<Incoming> {
    to.receive(&output(from));
    drain(to)
}

fn connected() -> (WebSocket, WebSocket) {
    let (mut client, mut server) = (new_client(), new_server());
    assert_eq!(carry(&mut client, &mut server), [Incoming::Open]);
    assert_eq!(carry(&mut server, &mut client), [Incoming::Open]);
    (client, server)
}

/// A frame as a server writes it.
fn server_frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![first];
    match payload.len() {
        length @ 0..=125 => frame.push(u8::try_from(length).unwrap()),
        length @ 126..=0xffff => {
            frame.push(126);
            frame.extend_from_slice(&u16::try_from(length).unwrap().to_be_bytes());
        }
        length => {
            frame.push(127);
            frame.extend_from_slice(&u64::try_from(length).unwrap().to_be_bytes());
        }
    }
    frame.extend_from_slice(payload);
    frame
}

/// Frames that a client wrote, with the mask taken off: first byte and payload.
fn unmasked(mut bytes: &[u8]) -> Vec<(u8, Vec<u8>)> {
    let mut frames = Vec::new();
    while let [first, length, rest @ ..] = bytes {
        assert_eq!(length & 0x80, 0x80, "a client masks");
        let length = usize::from(length & 0x7f);
        assert!(length < 126, "short frames only");
        let (mask, rest) = rest.split_at(4);
        let (payload, rest) = rest.split_at(length);
        frames.push((*first, payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask).collect()));
        bytes = rest;
    }
    frames
}

fn received(bytes: &[u8]) -> Vec<Incoming> {
    let (mut client, _) = connected();
    client.receive(bytes);
    drain(&mut client)
}

fn envelope(bytes: impl Into<Bytes>) -> Incoming {
    Incoming::Frame(Frame::Envelope(bytes.into()))
}

fn junk(junk: Junk) -> Incoming {
    Incoming::Frame(Frame::Junk(junk))
}

#[test]
fn frames_pass_in_both_directions() {
    let (mut client, mut server) = connected();
    let chunk = ApiChunk { cid: 9, code: 3, fin: true, payload: "no".into() };
    let frames = [
        (Frame::Envelope("abc".into()), envelope("abc")),
        (Frame::Api(chunk.clone()), Incoming::Frame(Frame::Api(chunk))),
        (Frame::Ping(1), envelope(hex("b201000801"))),
        (Frame::Pong(300), envelope(hex("ba010008ac02"))),
    ];
    for (frame, expected) in frames {
        client.send(frame.clone()).unwrap();
        assert_eq!(carry(&mut client, &mut server), std::slice::from_ref(&expected));
        server.send(frame).unwrap();
        assert_eq!(carry(&mut server, &mut client), [expected]);
    }
    client.send(Frame::Junk(Junk::Text)).unwrap();
    assert_eq!(output(&mut client), b"");
}

#[test]
fn messages_are_told_apart_by_their_first_byte() {
    let chunk = |cid, code, fin, payload: &str| {
        Incoming::Frame(Frame::Api(ApiChunk { cid, code, fin, payload: hex(payload).into() }))
    };
    let table = [
        (BINARY, "0801ba0100", envelope(hex("0801ba0100"))),
        (BINARY, "00000000", envelope(hex("00000000"))),
        (BINARY, "32", envelope(hex("32"))),
        (BINARY, "ff0009000000ff0a03616263", chunk(9, 0, true, "0a03616263")),
        (BINARY, "ff0009000000000a03", chunk(9, 0, false, "0a03")),
        (BINARY, "ff0009000300ff", chunk(9, 3, true, "")),
        (BINARY, "ffea60000000ff6e6f626f6479", chunk(60000, 0, true, "6e6f626f6479")),
        (BINARY, "ff00090000", junk(Junk::CutRaw)),
        (BINARY, "ff", junk(Junk::CutRaw)),
        (BINARY, "", junk(Junk::Empty)),
        (TEXT, "68656c6c6f", junk(Junk::Text)),
        (TEXT, "", junk(Junk::Text)),
    ];
    for (first, payload, expected) in table {
        assert_eq!(received(&server_frame(first, &hex(payload))), [expected], "{payload}");
    }
}

#[test]
fn an_envelope_at_the_limit_passes_and_one_above_it_is_junk() {
    let limit = WebSocketLimits::default().envelope;
    let at_limit = vec![8; limit];
    assert_eq!(received(&server_frame(BINARY, &at_limit)), [envelope(at_limit)]);
    assert_eq!(received(&server_frame(BINARY, &vec![8; limit + 1])), [junk(Junk::Oversized)]);
}

#[test]
fn a_piece_of_an_answer_may_have_16_mib_and_no_message_more_than_64_bytes_above() {
    let limit = WebSocketLimits::default().message;
    let largest = server_frame(BINARY, &vec![0xff; limit]);
    let [Incoming::Frame(Frame::Api(chunk))] = &received(&largest)[..] else { panic!("not taken") };
    assert_eq!(chunk.payload.len(), limit - raw::HEADER_BYTES);
    // The header alone tells, before a byte of the message has come or room was made for it.
    let header = &server_frame(BINARY, &vec![0xff; limit + 1])[..10];
    assert!(matches!(&received(header)[..], [Incoming::Closed(Closed::Protocol(_))]));
    let fragments = [server_frame(0x02, &vec![1; limit]), server_frame(0x80, b"x")].concat();
    assert!(matches!(&received(&fragments)[..], [Incoming::Closed(Closed::Protocol(_))]));
}

#[test]
fn fragments_make_one_frame() {
    let bytes = [
        server_frame(0x02, b"ab"),
        server_frame(PING, b"in between"),
        server_frame(0x00, b""),
        server_frame(0x80, b"cd"),
    ];
    assert_eq!(received(&bytes.concat()), [envelope("abcd")]);
}

#[test]
fn an_envelope_is_not_copied_out_of_the_read_buffer() {
    let (mut client, _) = connected();
    client.receive(&[server_frame(BINARY, b"abc"), server_frame(BINARY, b"def")].concat());
    let [Incoming::Frame(Frame::Envelope(first)), Incoming::Frame(Frame::Envelope(second))] = &drain(&mut client)[..]
    else {
        panic!("two envelopes")
    };
    assert_eq!(first.as_ptr() as usize + 5, second.as_ptr() as usize);
}

#[test]
fn protocol_pings_are_answered_and_not_reported() {
    let (mut client, _) = connected();
    client.receive(&[server_frame(PING, b"one"), server_frame(BINARY, b"x"), server_frame(PING, b"two")].concat());
    assert_eq!(drain(&mut client), [envelope("x")]);
    assert_eq!(unmasked(&output(&mut client)), [(0x8a, b"one".to_vec()), (0x8a, b"two".to_vec())]);
}

#[test]
fn pings_without_end_do_not_fill_the_output() {
    let (mut client, _) = connected();
    let pings = server_frame(PING, &[7; 125]).repeat(100);
    for _ in 0..1000 {
        client.receive(&pings);
    }
    assert!(client.output.len() < PONG_BYTES + 200);
    assert_eq!(drain(&mut client), []);
    output(&mut client);
    client.receive(&server_frame(PING, b"again"));
    assert_eq!(unmasked(&output(&mut client)), [(0x8a, b"again".to_vec())]);
    client.send(Frame::Envelope("x".into())).unwrap();
    assert_eq!(unmasked(&output(&mut client)), [(BINARY, b"x".to_vec())]);
}

#[test]
fn a_read_full_of_empty_messages_leaves_nothing_large_behind() {
    let (mut client, _) = connected();
    client.receive(&server_frame(BINARY, b"").repeat(30_000));
    assert_eq!(drain(&mut client).len(), 30_000);
    assert!(client.incoming.capacity() <= KEPT_INCOMING);
}

#[test]
fn nothing_of_the_handshake_is_printed() {
    let (client, server) = (new_client(), new_server());
    assert_eq!(format!("{client:?} {server:?}"), r#"WebSocket { state: "handshake", .. } "#.repeat(2).trim_end());
}

#[test]
fn a_peer_that_closes_is_answered_and_nothing_comes_after() {
    let (mut client, _) = connected();
    client.receive(&[server_frame(CLOSE, b"\x03\xe9gone"), server_frame(BINARY, b"late")].concat());
    assert_eq!(drain(&mut client), [Incoming::Closed(Closed::Peer { code: Some(1001) })]);
    assert_eq!(unmasked(&output(&mut client)), [(CLOSE, b"\x03\xe9gone".to_vec())]);
    client.receive(&server_frame(BINARY, b"later"));
    client.close();
    assert_eq!(client.send(Frame::Ping(1)), Err(SendError::NotOpen));
    assert_eq!(drain(&mut client), []);
    assert_eq!(output(&mut client), b"");
}

#[test]
fn a_close_without_a_code_is_told_without_one() {
    assert_eq!(received(&server_frame(CLOSE, b"")), [Incoming::Closed(Closed::Peer { code: None })]);
}

#[test]
fn closing_sends_code_1000_and_waits_for_the_answer() {
    let (mut client, mut server) = connected();
    server.send(Frame::Envelope("on its way".into())).unwrap();
    client.close();
    client.close();
    assert_eq!(client.send(Frame::Ping(1)), Err(SendError::NotOpen));
    let farewell = output(&mut client);
    assert_eq!(unmasked(&farewell), [(CLOSE, b"\x03\xe8".to_vec())]);
    server.receive(&farewell);
    assert_eq!(drain(&mut server), [Incoming::Closed(Closed::Peer { code: Some(1000) })]);
    let last = carry(&mut server, &mut client);
    assert_eq!(last, [envelope("on its way"), Incoming::Closed(Closed::Peer { code: Some(1000) })]);
}

#[test]
fn closing_both_at_once_ends_both() {
    let (mut client, mut server) = connected();
    client.close();
    server.close();
    let (from_client, from_server) = (output(&mut client), output(&mut server));
    server.receive(&from_client);
    client.receive(&from_server);
    let closed = [Incoming::Closed(Closed::Peer { code: Some(1000) })];
    assert_eq!(drain(&mut client), closed);
    assert_eq!(drain(&mut server), closed);
}

#[test]
fn closing_during_the_handshake_ends_in_silence() {
    let (mut client, mut server) = (new_client(), new_server());
    carry(&mut client, &mut server);
    client.close();
    assert_eq!(carry(&mut server, &mut client), []);
    assert_eq!(output(&mut client), b"");
}

#[test]
fn nothing_is_sent_before_the_handshake_is_complete() {
    let mut client = new_client();
    assert_eq!(client.send(Frame::Ping(1)), Err(SendError::NotOpen));
    assert!(String::from_utf8(output(&mut client)).unwrap().ends_with("\r\n\r\n"));
    assert_eq!(output(&mut client), b"");
}

#[test]
fn a_message_at_the_limit_is_sent_and_a_larger_one_refused() {
    let (mut client, mut server) = connected();
    let limit = WebSocketLimits::default().outgoing;
    let message = Bytes::from(vec![1; limit]);
    client.send(Frame::Envelope(message.clone())).unwrap();
    assert_eq!(carry(&mut client, &mut server), [envelope(message)]);
    assert_eq!(client.send(Frame::Envelope(vec![1; limit + 1].into())), Err(SendError::TooLarge { limit }));
    assert_eq!(output(&mut client), b"");
    client.send(Frame::Envelope("x".into())).unwrap();
    assert_eq!(carry(&mut client, &mut server), [envelope("x")]);
}

#[test]
fn output_is_appended() {
    let (mut client, _) = connected();
    client.send(Frame::Ping(1)).unwrap();
    let mut out = b"before".to_vec();
    client.output(&mut out);
    assert!(out.starts_with(b"before\x82"));
}

#[test]
fn violations_end_the_connection_with_a_text_that_tells_nothing_of_the_bytes() {
    let table = [
        vec![0x82, 0x81, 1, 2, 3, 4, 5],            // masked by a server
        server_frame(0xc2, b"secret"),              // a reserved bit: compression
        server_frame(0x83, b"secret"),              // an unknown kind of data
        server_frame(0x8b, b"secret"),              // an unknown control frame
        server_frame(0x80, b"secret"),              // a fragment of nothing
        server_frame(0x09, b"secret"),              // a control frame in fragments
        server_frame(TEXT, b"secret\xff"),          // not UTF-8
        server_frame(CLOSE, b"\x03"),               // half a code
        server_frame(CLOSE, b"\x03\xe8secret\xff"), // not UTF-8
        [server_frame(0x02, b"secret"), server_frame(BINARY, b"x")].concat(),
    ];
    for bytes in table {
        let incoming = received(&[&bytes[..], &server_frame(BINARY, b"late")].concat());
        let [Incoming::Closed(Closed::Protocol(text))] = &incoming[..] else { panic!("{bytes:02x?}: {incoming:?}") };
        assert!(!text.contains("secret"), "{text}");
    }
}

#[test]
fn a_server_refuses_frames_that_are_not_masked() {
    let (_, mut server) = connected();
    server.receive(&server_frame(BINARY, b"x"));
    assert!(matches!(&drain(&mut server)[..], [Incoming::Closed(Closed::Protocol(_))]));
}

#[test]
fn a_refused_client_learns_the_status() {
    let mut client = new_client();
    let mut server = WebSocket::server(WebSocketLimits::default(), |target| {
        assert_eq!(target, "/ws?token=abc");
        Err(401.into())
    });
    let closed = [Incoming::Closed(Closed::Status { status: 401, retry_after: None })];
    assert_eq!(carry(&mut client, &mut server), closed);
    assert_eq!(carry(&mut server, &mut client), closed);
}

#[test]
fn frames_in_the_same_read_as_the_answer_are_kept() {
    let (mut client, mut server) = (new_client(), new_server());
    carry(&mut client, &mut server);
    server.send(Frame::Envelope("early".into())).unwrap();
    assert_eq!(carry(&mut server, &mut client), [Incoming::Open, envelope("early")]);
}

#[test]
fn a_transport_can_be_sent_to_another_thread() {
    fn sent<T: Send>() {}
    sent::<WebSocket>();
    sent::<Box<dyn Transport>>();
}

/// Everything that a server may say after the handshake.
fn conversation() -> Vec<u8> {
    let mut bytes = Vec::new();
    bytes.extend(server_frame(BINARY, &hex("0801ba0100")));
    bytes.extend(server_frame(BINARY, &hex("ff0009000000000a03")));
    bytes.extend(server_frame(PING, b"p"));
    bytes.extend(server_frame(BINARY, &vec![8; 20_000]));
    bytes.extend(server_frame(TEXT, "text é".as_bytes()));
    bytes.extend(server_frame(BINARY, b""));
    bytes.extend(server_frame(0x02, b"ab"));
    bytes.extend(server_frame(0x80, b"cd"));
    bytes.extend(server_frame(BINARY, &hex("ff0009000000ff")));
    bytes.extend(server_frame(CLOSE, b"\x03\xe8"));
    bytes
}

/// What a new client makes of the handshake and these bytes, cut into parts of the given lengths.
fn cut(bytes: &[u8], lengths: &[usize]) -> Vec<Incoming> {
    let (mut client, mut server) = (new_client(), new_server());
    carry(&mut client, &mut server);
    let mut answer = output(&mut server);
    answer.extend_from_slice(bytes);
    let mut rest = &answer[..];
    let mut incoming = Vec::new();
    for length in lengths {
        let (part, after) = rest.split_at((*length).min(rest.len()));
        client.receive(part);
        incoming.extend(drain(&mut client));
        rest = after;
    }
    client.receive(rest);
    incoming.extend(drain(&mut client));
    incoming
}

#[test]
fn every_single_byte_may_be_a_read_of_its_own() {
    let bytes = conversation();
    let incoming = cut(&bytes, &vec![1; bytes.len() + 200]);
    assert_eq!(incoming, cut(&bytes, &[]));
    assert_eq!(incoming.len(), 9);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_cut_of_the_bytes_gives_the_same_frames(lengths in proptest::collection::vec(0..3000_usize, 0..40)) {
        let bytes = conversation();
        prop_assert_eq!(cut(&bytes, &lengths), cut(&bytes, &[]));
    }

    #[test]
    fn any_bytes_end_in_order(bytes in proptest::collection::vec(any::<u8>(), 0..600), lengths in proptest::collection::vec(0..99_usize, 0..9)) {
        let incoming = cut(&bytes, &lengths);
        let ends = incoming.iter().position(|incoming| matches!(incoming, Incoming::Closed(_)));
        prop_assert!(ends.is_none_or(|end| end + 1 == incoming.len()));
    }

    #[test]
    fn a_flipped_bit_does_not_panic(at in any::<prop::sample::Index>(), bit in 0..8_u8, cut_at in any::<prop::sample::Index>()) {
        let mut bytes = conversation();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        let incoming = cut(&bytes[..cut_at.index(bytes.len() + 1)], &[]);
        prop_assert!(incoming.len() <= bytes.len());
    }

    #[test]
    fn any_bytes_in_place_of_a_handshake_do_not_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200), begun in any::<bool>()) {
        let mut head = if begun { b"HTTP/1.1 ".to_vec() } else { b"GET ".to_vec() };
        head.extend_from_slice(&bytes);
        head.extend_from_slice(b"\r\n\r\n");
        for mut socket in [new_client(), new_server()] {
            socket.receive(&head);
            let incoming = drain(&mut socket);
            let closed = matches!(&incoming[..], [Incoming::Closed(_)]);
            prop_assert!(closed, "{:?}", incoming);
        }
    }
}
