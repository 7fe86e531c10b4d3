use std::sync::{Arc, Mutex};

use proptest::prelude::*;

use super::*;
use crate::wire::testing::hex;

const SMALL: AbridgedLimits = AbridgedLimits { envelope: 1024, chunk: 2048, outgoing: 512, handshake: 256 };

fn new_client() -> Abridged {
    Abridged::client(&Secret::from("abc"), AbridgedLimits::default())
}

fn output(codec: &mut Abridged) -> Vec<u8> {
    let mut out = Vec::new();
    codec.output(&mut out);
    out
}

fn drain(codec: &mut Abridged) -> Vec<Incoming> {
    std::iter::from_fn(|| codec.poll_incoming()).collect()
}

fn open_client(limits: AbridgedLimits) -> Abridged {
    let mut client = Abridged::client(&Secret::from("abc"), limits);
    assert_eq!(drain(&mut client), [Incoming::Open]);
    output(&mut client);
    client
}

fn open_server(limits: AbridgedLimits) -> Abridged {
    let mut server = Abridged::server(limits, |token| if token == "abc" { Ok(()) } else { Err(401.into()) });
    server.receive(&hex("ef0161626300"));
    assert_eq!(drain(&mut server), [Incoming::Open]);
    server
}

fn at_client(bytes: &[u8]) -> Vec<Incoming> {
    let mut client = open_client(AbridgedLimits::default());
    client.receive(bytes);
    drain(&mut client)
}

fn at_server(bytes: &[u8]) -> Vec<Incoming> {
    let mut server = open_server(AbridgedLimits::default());
    server.receive(bytes);
    drain(&mut server)
}

fn envelope(bytes: &str) -> Incoming {
    Incoming::Frame(Frame::Envelope(hex(bytes).into()))
}

fn api(cid: u16, code: u16, fin: bool, payload: &str) -> Incoming {
    Incoming::Frame(Frame::Api(ApiChunk { cid, code, fin, payload: hex(payload).into() }))
}

fn pong(cid: u16) -> Incoming {
    Incoming::Frame(Frame::Pong(cid))
}

fn failed(incoming: &[Incoming]) -> bool {
    matches!(incoming.last(), Some(Incoming::Closed(Closed::Protocol(_))))
}

#[test]
fn a_client_begins_with_its_token() {
    for (length, head, whole) in
        [(3, "ef01", 6), (504, "ef7e", 506), (507, "ef7f7f0000", 513), (600, "ef7f960000", 605)]
    {
        let token = "a".repeat(length);
        let mut client = Abridged::client(&Secret::from(token.as_str()), AbridgedLimits::default());
        assert_eq!(drain(&mut client), [Incoming::Open]);
        let written = output(&mut client);
        assert_eq!(written.len(), whole, "{length}");
        assert!(written.starts_with(&hex(head)), "{length}");
        assert!(written[hex(head).len()..].starts_with(token.as_bytes()));
        let seen = Arc::new(Mutex::new(String::new()));
        let slot = seen.clone();
        let mut server = Abridged::server(AbridgedLimits::default(), move |token| {
            *slot.lock().unwrap() = token.to_owned();
            Ok(())
        });
        server.receive(&written);
        assert_eq!(drain(&mut server), [Incoming::Open]);
        assert_eq!(*seen.lock().unwrap(), token);
    }
    assert_eq!(output(&mut new_client()), hex("ef0161626300"));
}

#[test]
fn the_known_frames_of_a_server_are_read() {
    let table = [
        ("00012c", vec![pong(300)]),
        ("0208093a0408051006", vec![envelope("08093a0408051006")]),
        // padding, and more of it than is needed
        ("02c201021005000000", vec![envelope("c201021005")]),
        ("020858220000000000", vec![envelope("08582200")]),
        // pushes as a WebSocket has them, with zeros of their own
        ("8205c201021005", vec![envelope("c201021005")]),
        ("8204085822008200", vec![envelope("08582200"), Incoming::Frame(Frame::Junk(Junk::Empty))]),
        ("827e0005c201021005", vec![envelope("c201021005")]),
        ("827f0000000000000005c201021005", vec![envelope("c201021005")]),
        // the long form of a short frame
        ("7f02000008093a0408051006", vec![envelope("08093a0408051006")]),
        ("7f000000", vec![Incoming::Frame(Frame::Junk(Junk::Empty))]),
        ("0100000000", vec![Incoming::Frame(Frame::Junk(Junk::Empty))]),
        ("ff0009000000ff000000050a03616263", vec![api(9, 0, true, "0a03616263")]),
        ("ff0009000500ff00000000", vec![api(9, 5, true, "")]),
        ("8900 8a0161 000001", vec![pong(1)]),
        ("8800", vec![Incoming::Closed(Closed::Peer { code: None })]),
        ("880203e9000001", vec![Incoming::Closed(Closed::Peer { code: Some(1001) })]),
    ];
    for (bytes, expected) in table {
        assert_eq!(at_client(&hex(&bytes.replace(' ', ""))), expected, "{bytes}");
    }
}

fn no_frame(first: u8) -> Closed {
    Closed::Protocol(format!("no frame begins with {first:02x}"))
}

#[test]
fn pieces_of_two_answers_keep_their_cids() {
    let bytes = hex("ff0009000000000000000161ff000a000000ff0000000163ff0009000000ff0000000162");
    assert_eq!(at_client(&bytes), [api(9, 0, false, "61"), api(10, 0, true, "63"), api(9, 0, true, "62")]);
}

#[test]
fn the_known_stream_may_be_cut_at_every_position() {
    let bytes = hex("0000010208093a0408051006ff0009000000ff00000000");
    let expected = [pong(1), envelope("08093a0408051006"), api(9, 0, true, "")];
    for at in 0..=bytes.len() {
        let mut client = open_client(AbridgedLimits::default());
        client.receive(&bytes[..at]);
        let mut incoming = drain(&mut client);
        client.receive(&bytes[at..]);
        incoming.extend(drain(&mut client));
        assert_eq!(incoming, expected, "cut at {at}");
    }
}

#[test]
fn the_known_frames_of_a_client_are_written_and_read() {
    let table = [
        ("1a000807", "011a000807"),
        ("1a0a0880a080fa8bebaad2180807", "041a0a0880a080fa8bebaad21808070000"),
        (
            "22180880a080b6a8f7ffd8181080a080baa8f7ffd8181801200108 08",
            "0722180880a080b6a8f7ffd8181080a080baa8f7ffd818180120010808",
        ),
        ("e2051108 02120d4c697374436c616e44657363730809", "06e205110802120d4c697374436c616e446573637308090000"),
    ];
    for (payload, framed) in table {
        let payload = hex(&payload.replace(' ', ""));
        let mut client = open_client(AbridgedLimits::default());
        client.send(Frame::Envelope(payload.clone().into())).unwrap();
        assert_eq!(output(&mut client), hex(framed), "{framed}");
        assert_eq!(at_server(&hex(framed)), [Incoming::Frame(Frame::Envelope(payload.into()))]);
    }
    let mut client = open_client(AbridgedLimits::default());
    client.send(Frame::Ping(1)).unwrap();
    client.send(Frame::Ping(300)).unwrap();
    client.send(Frame::Envelope(vec![1; 600].into())).unwrap();
    let written = output(&mut client);
    assert_eq!(written[..10], hex("00000100012c7f960000"));
    assert_eq!(written.len(), 610);
    assert_eq!(at_server(&written)[..2], [Incoming::Frame(Frame::Ping(1)), Incoming::Frame(Frame::Ping(300))]);
}

#[test]
fn what_a_server_writes_a_client_reads() {
    let chunk = ApiChunk { cid: 9, code: 5, fin: true, payload: Bytes::from_static(b"abc") };
    let frames = [
        Frame::Pong(7),
        Frame::Envelope(hex("08582200").into()),
        Frame::Api(chunk),
        Frame::Envelope([&[0x82, 0x01, 0xd0, 0x0f][..], &[1; 2000]].concat().into()),
    ];
    let mut server = open_server(AbridgedLimits::default());
    for frame in &frames {
        server.send(frame.clone()).unwrap();
    }
    let frames = frames.map(Incoming::Frame);
    assert_eq!(at_client(&output(&mut server)), frames);
}

#[test]
fn the_length_of_the_padding_is_found_by_the_fields() {
    let table = [
        ("", 0),
        ("00", 0),
        ("0000000000", 0),
        ("0807", 2),
        ("08072200", 4),
        ("0807220000000000", 4),
        ("0800", 2),
        ("08000000", 2),
        // fixed widths that end in zeros
        ("0d00000000", 5),
        ("0900000000000000000000", 9),
        // no envelope: left as it is, for those who report it
        ("08070001", 4),
        ("0807000100", 5),
        ("1a0500", 3),
        ("0b00", 2),
        ("8000", 2),
        ("0880", 2),
    ];
    for (payload, length) in table {
        assert_eq!(frame::envelope_length(&hex(payload)), length, "{payload}");
    }
}

#[test]
fn what_is_no_frame_ends_the_connection() {
    for bytes in ["90", "80", "81", "83", "8b", "fe", "ef", "82ff", "8285", "887e", "89fe", "ff0009000000ff01000001"] {
        assert!(failed(&at_client(&hex(&format!("{bytes}0000000000000000")))), "{bytes}");
    }
    for bytes in ["80", "82", "88", "ef", "ff"] {
        assert!(failed(&at_server(&hex(bytes))), "{bytes}");
    }
    for bytes in ["GET / HTTP/1.1", "POST /", "HTTP/1.1 abc\r\n\r\n", "HTTP/2\r\n\r\n"] {
        assert!(failed(&at_client(bytes.as_bytes())), "{bytes}");
    }
}

#[test]
fn nothing_comes_after_the_end() {
    let mut client = open_client(AbridgedLimits::default());
    client.receive(&hex("00000190"));
    client.receive(&hex("000001"));
    assert_eq!(drain(&mut client), [pong(1), Incoming::Closed(no_frame(0x90))]);
    client.receive(&hex("000001"));
    assert_eq!(client.poll_incoming(), None);
    assert_eq!(client.send(Frame::Ping(1)), Err(SendError::NotOpen));
    let mut closed = open_client(AbridgedLimits::default());
    closed.close();
    closed.receive(&hex("000001"));
    assert_eq!(closed.poll_incoming(), None);
    assert_eq!((closed.send(Frame::Ping(1)), output(&mut closed)), (Err(SendError::NotOpen), vec![]));
}

#[test]
fn an_answer_of_http_is_a_refusal() {
    let table = [
        ("HTTP/1.1 401 Unauthorized\r\n\r\n", 401, None),
        ("HTTP/1.1 401 \r\nContent-Length: 5\r\n\r\nnever", 401, None),
        ("HTTP/1.0 503 Away\r\nretry-after: 7\r\n\r\n", 503, Some(7)),
    ];
    for (answer, status, retry_after) in table {
        let closed = Incoming::Closed(Closed::Status { status, retry_after });
        assert_eq!(at_client(answer.as_bytes()), std::slice::from_ref(&closed), "{answer}");
        // at any frame boundary, and cut anywhere
        let mut client = open_client(AbridgedLimits::default());
        let mut incoming = Vec::new();
        for byte in [&[0, 0, 1], answer.as_bytes()].concat() {
            client.receive(&[byte]);
            incoming.extend(drain(&mut client));
        }
        assert_eq!(incoming, [pong(1), closed]);
    }
}

#[test]
fn a_server_refuses_a_token_with_an_answer_of_http() {
    let refusal = Refusal { status: 503, retry_after: Some(7) };
    let mut server = Abridged::server(AbridgedLimits::default(), move |_| Err(refusal));
    server.receive(&output(&mut new_client()));
    let closed = Incoming::Closed(Closed::Status { status: 503, retry_after: Some(7) });
    assert_eq!(drain(&mut server), std::slice::from_ref(&closed));
    assert_eq!(at_client(&output(&mut server)), [closed]);
    assert_eq!(server.send(Frame::Pong(1)), Err(SendError::NotOpen));
}

#[test]
fn a_server_takes_nothing_but_a_token_first() {
    for bytes in [&b"GET /"[..], &hex("000001"), &hex("ef00"), &hex("ef80"), &hex("ef01ff000000"), &hex("ef7fffffff")] {
        let mut server = Abridged::server(AbridgedLimits::default(), |_| Ok(()));
        assert_eq!(server.send(Frame::Pong(1)), Err(SendError::NotOpen));
        server.receive(bytes);
        assert!(failed(&drain(&mut server)), "{bytes:02x?}");
    }
}

#[test]
fn limits_are_met_before_the_payload_comes() {
    let table = [
        ("7f000100", false),
        ("7f010100", true),
        ("827e0400", false),
        ("827e0401", true),
        ("827fffffffffffffffff", true),
        ("ff0009000000ff00000800", false),
        ("ff0009000000ff00000801", true),
        ("ff0009000000ffffffffff", true),
    ];
    for (bytes, too_large) in table {
        let mut client = open_client(SMALL);
        client.receive(&hex(bytes));
        assert_eq!(failed(&drain(&mut client)), too_large, "{bytes}");
    }
    let mut client = open_client(SMALL);
    client.receive(format!("HTTP/1.1 401 No\r\nx: {}", "y".repeat(256)).as_bytes());
    assert!(failed(&drain(&mut client)));
    let mut client = Abridged::client(&Secret::from("a".repeat(257)), SMALL);
    assert!(failed(&drain(&mut client)));
    assert_eq!(output(&mut client), b"");
}

#[test]
fn what_is_too_large_is_not_written() {
    let mut client = open_client(AbridgedLimits::default());
    // 4 bytes of header, and a multiple of 4
    client.send(Frame::Envelope(vec![1; 4092].into())).unwrap();
    assert_eq!(output(&mut client).len(), 4096);
    let refused = client.send(Frame::Envelope(vec![1; 4093].into()));
    assert_eq!(refused, Err(SendError::TooLarge { limit: 4096 }));
    assert_eq!(output(&mut client), b"");
    let mut server = open_server(SMALL);
    let mut chunk = ApiChunk { cid: 1, code: 0, fin: true, payload: vec![0; 501].into() };
    server.send(Frame::Api(chunk.clone())).unwrap();
    assert_eq!(output(&mut server).len(), 512);
    chunk.payload = vec![0; 502].into();
    assert_eq!(server.send(Frame::Api(chunk)), Err(SendError::TooLarge { limit: 512 }));
}

#[test]
fn nothing_is_written_for_what_the_stream_has_no_form_of() {
    let mut client = open_client(AbridgedLimits::default());
    client.send(Frame::Envelope(Bytes::new())).unwrap();
    client.send(Frame::Junk(Junk::Text)).unwrap();
    client.send(Frame::Api(ApiChunk { cid: 1, code: 0, fin: true, payload: Bytes::new() })).unwrap();
    assert_eq!(output(&mut client), b"");
}

#[test]
fn the_token_is_not_printed() {
    assert!(!format!("{:?}", new_client()).contains("abc"));
}

#[test]
fn a_small_frame_does_not_keep_a_large_one_alive() {
    let mut client = open_client(AbridgedLimits::default());
    let large = [&hex("ff0009000000ff00100000")[..], &vec![1; 1 << 20], &hex("000001")].concat();
    client.receive(&large);
    assert_eq!(drain(&mut client).len(), 2);
    client.receive(&hex("00"));
    assert!(client.input.capacity() < KEPT_INPUT_BYTES);
}

/// Frames as a server sends them, with what they come to.
fn server_frames() -> impl Strategy<Value = Vec<Frame>> {
    let bytes = || proptest::collection::vec(any::<u8>(), 0..700);
    // a field of bytes, so that the padding can be told from what is before it
    let envelope = bytes().prop_map(|body| {
        let length = u16::try_from(body.len()).unwrap();
        let [low, high] = [u8::try_from(length & 0x7f).unwrap() | 0x80, u8::try_from(length >> 7).unwrap()];
        Frame::Envelope([&[0x3a, low, high][..], &body].concat().into())
    });
    let chunk = (any::<(u16, u16, bool)>(), bytes())
        .prop_map(|((cid, code, fin), payload)| Frame::Api(ApiChunk { cid, code, fin, payload: payload.into() }));
    proptest::collection::vec(prop_oneof![envelope, chunk, any::<u16>().prop_map(Frame::Pong)], 0..8)
}

fn in_pieces(codec: &mut Abridged, mut bytes: &[u8], cuts: &[usize]) -> Vec<Incoming> {
    let mut incoming = Vec::new();
    let mut cuts = cuts.iter().cycle();
    while !bytes.is_empty() {
        let (piece, rest) = bytes.split_at(*cuts.next().unwrap_or(&bytes.len()).min(&bytes.len()));
        codec.receive(piece);
        incoming.extend(drain(codec));
        bytes = rest;
    }
    incoming
}

proptest! {
    #[test]
    fn any_split_gives_the_frames_that_were_sent(frames in server_frames(), cuts in proptest::collection::vec(1..40_usize, 1..9)) {
        let mut server = open_server(AbridgedLimits::default());
        for frame in &frames {
            server.send(frame.clone()).unwrap();
        }
        let mut client = open_client(AbridgedLimits::default());
        let expected: Vec<_> = frames.into_iter().map(Incoming::Frame).collect();
        prop_assert_eq!(in_pieces(&mut client, &output(&mut server), &cuts), expected);
    }

    #[test]
    fn random_bytes_are_bounded_and_come_to_the_same_however_cut(
        bytes in proptest::collection::vec(prop_oneof![any::<u8>(), 0..4_u8, Just(0x7f), Just(0x82), Just(0xff)], 0..1200),
        cuts in proptest::collection::vec(1..40_usize, 1..9),
        is_server: bool,
    ) {
        let open = || if is_server { open_server(SMALL) } else { open_client(SMALL) };
        let mut whole = open();
        whole.receive(&bytes);
        let expected = drain(&mut whole);
        prop_assert!(whole.input.len() <= SMALL.chunk + frame::RAW_HEADER_BYTES);
        prop_assert_eq!(in_pieces(&mut open(), &bytes, &cuts), expected);
    }

    #[test]
    fn padding_is_told_from_the_zeros_of_an_envelope(body in proptest::collection::vec(0..3_u8, 0..100), zeros in 0..9_usize) {
        let length = u8::try_from(body.len()).unwrap();
        let envelope = [&[0x3a, length][..], &body].concat();
        let padded = [&envelope[..], &vec![0; zeros]].concat();
        prop_assert_eq!(frame::envelope_length(&padded), envelope.len());
    }
}
