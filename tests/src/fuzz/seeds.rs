//! Where the fuzzer begins: inputs made from the recorded vectors, the same every time.

mod contents;

use std::collections::BTreeMap;
use std::fs;

use bytes::Bytes;
use serde_json::Value;

use crate::hand::message;
use crate::vectors::{EVENTS, FRAMES, frames, lines, own_folder, text, unhex};

/// Frames above this length are left out: what they show, shorter ones show as well.
const MAX_FRAME: usize = 1024;

/// For each target, the inputs by the names of their files.
pub fn all() -> BTreeMap<&'static str, BTreeMap<String, Vec<u8>>> {
    let mut seeds = Seeds::default();
    for line in lines(own_folder(), EVENTS) {
        let of_line: Vec<_> = frames(&line).into_iter().filter(|frame| frame.len() <= MAX_FRAME).collect();
        seeds.add_server_frames(&name(&line), &of_line);
    }
    for line in lines(own_folder(), FRAMES).iter().filter(|line| line["transport"] == "ws") {
        seeds.add_request(&name(line), &unhex(text(&line["hex"])));
    }
    seeds.add_contents();
    seeds.add_handshakes();
    seeds.add_streams();
    seeds.add_lives();
    seeds.add_recording();
    seeds.0
}

#[derive(Default)]
struct Seeds(BTreeMap<&'static str, BTreeMap<String, Vec<u8>>>);

impl Seeds {
    fn add(&mut self, target: &'static str, name: &str, input: Vec<u8>) {
        self.0.entry(target).or_default().insert(format!("seed-{name}"), input);
    }

    fn add_server_frames(&mut self, name: &str, frames: &[Bytes]) {
        for (place, frame) in frames.iter().enumerate().filter(|(_, frame)| frame.first() != Some(&0xff)) {
            self.add("envelope", &format!("{name}-{place}"), frame.to_vec());
        }
        // pushes of which each is like the next say nothing new of what follows
        if frames.is_empty() || name.starts_with("push") {
            return;
        }
        if name.starts_with("raw") {
            self.add("reassembly", name, frames.iter().flat_map(|frame| block(frame)).collect());
        }
        let messages = frames.iter().flat_map(|frame| message(0x2, frame));
        self.add("websocket", name, [2, 0].into_iter().chain(messages).collect());
        // requests of either kind, then the frames, each as the answer to the latest of them and as it is
        let steps = frames.iter().flat_map(|frame| match frame.first() {
            Some(0xff) if frame.len() >= 7 => {
                let not_fin = u8::from(frame[5..7] != [0, 0xff]);
                [&[2, 0, not_fin | 2, frame[3], frame[4]][..], &block(&frame[7..])].concat()
            }
            _ => [&[1, 0][..], &block(frame), &[0], &block(frame)].concat(),
        });
        let is_api = if name.starts_with("raw") { 6 } else { 0 };
        let program = [0, 14, is_api, 0, 5, 6, 18, 255].into_iter().chain(steps).chain([17, 255]);
        self.add("machine", name, program.collect());
    }

    /// A recording of which the end has been cut off.
    fn add_recording(&mut self) {
        let file = own_folder().join("../recordings/tokio-1.mezonrec");
        let mut recording = fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        recording.truncate(12_000);
        self.add("recording", "life", recording);
    }

    fn add_request(&mut self, name: &str, frame: &[u8]) {
        self.add("envelope", name, frame.to_vec());
        self.add("websocket", name, [&[3, 6][..], &masked(frame)].concat());
    }

    fn add_contents(&mut self) {
        for (name, content) in contents::all() {
            self.add("content", &name, content.to_string().into());
        }
    }

    fn add_handshakes(&mut self) {
        let request = "GET /ws?token=jwt HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
            Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
        let accepted = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
            Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
        let refused = "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n";
        self.add(
            "websocket",
            "handshake-request",
            [&[1, 20], request.as_bytes(), &masked(b"\x08\x01\xb2\x01\x00")].concat(),
        );
        self.add("websocket", "handshake-accepted", [&[0, 20], accepted.as_bytes()].concat());
        self.add("websocket", "handshake-refused", [&[0, 20], refused.as_bytes()].concat());
        let controls = [message(0x9, b"ping"), message(0xa, b"pong"), message(0x1, b"text"), message(0x8, &[3, 0xe9])];
        self.add("websocket", "controls", [&[2, 2][..], &controls.concat()].concat());
        // a message in two fragments with a ping in between
        let fragments = [&[2, 0, 0x02, 1, 0x08][..], &message(0x9, b""), &[0x80, 1, 0x01]].concat();
        self.add("websocket", "fragments", fragments);
    }

    /// Streams of abridged TCP: what a server sends, what a client sends, and how the two begin.
    fn add_streams(&mut self) {
        let known = "0000010208093a0408051006ff0009000000ff00000000";
        let from_server = [
            ("known", known),
            ("padded", "02c20102100500000002085822000000000001000000007f02000000c2010210050000000000"),
            ("pushed", "8205c201021005827e0005c20102100582000000078900"),
            ("api", "ff0009000000000000000161ff000a000300ff0000000163ff0009000000ff000000050a03616263"),
            ("close", "8a0100880203e9"),
            ("no-frame", "00000190"),
            ("masked", "8285"),
            ("too-large", "ff0009000000ff01000001"),
            ("too-long", "7f010100"),
        ];
        for (name, stream) in from_server {
            self.add("abridged", &format!("server-{name}"), [&[0, 3][..], &unhex(stream)].concat());
        }
        for (name, answer) in [
            ("401", "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n"),
            ("503", "HTTP/1.0 503 Away\r\nRetry-After: 7\r\n\r\n"),
            ("no-status", "HTTP/1.1 x\r\n\r\n"),
            ("request", "GET / HTTP/1.1\r\n\r\n"),
        ] {
            self.add("abridged", &format!("http-{name}"), [&[0, 6][..], answer.as_bytes()].concat());
        }
        let requests = "00012c011a000807041a0a0880a080fa8bebaad218080700007f010000001a000807";
        self.add("abridged", "client-requests", [&[3, 2][..], &unhex(requests)].concat());
        let greeting = |token: &str| [&[1, 4][..], &unhex(token), &unhex(requests)].concat();
        self.add("abridged", "client-taken", greeting("ef016a777400"));
        self.add("abridged", "client-taken-long", greeting("ef7f0100006a777400"));
        self.add("abridged", "client-refused", greeting("ef0161626300"));
        self.add("abridged", "client-without-token", greeting(""));
    }

    /// Whole lives of a connection, as programs for the Machine.
    fn add_lives(&mut self) {
        let session = [0x0a, 3, b'j', b'w', b't'];
        let connect: &[u8] = &[20];
        let login = [&[11, 5, 0, 0][..], &block(&session), &[0]].concat();
        let open: &[u8] = &[9, 0];
        let list = [&[11, 5, 0, 0][..], &block(&[]), &[0]].concat();
        let joined: &[u8] = &[18, 255, 3, 0, 13];
        let life =
            |flags: u8, rest: &[u8]| [&[flags], connect, &login, open, &list, &list, joined, joined, rest].concat();
        for flags in [1, 3, 5, 9, 17] {
            self.add(
                "machine",
                &format!("life-{flags}"),
                life(flags, &[17, 255, 10, 0, 3, 0xe9, 0, 13, 9, 0, 18, 255]),
            );
        }
        let refused = [&[1, 20, 11, 3, 1, 145][..], &block(b"no"), &[0]].concat();
        self.add("machine", "login-refused", refused);
        self.add("machine", "unreachable", [&[1, 20][..], &login, &[7, 2, 0, 13, 13, 13]].concat());
        for kind in 0..14 {
            // a call of each kind: sent, in doubt, given up
            let call = [14, kind, 0, 5, 6, 18, 255, 3, 0, 14, kind, 2, 5, 6, 18, 255, 13, 12, 4, 0, 22];
            self.add("machine", &format!("call-{kind}"), [&[0][..], &call].concat());
        }
        self.add("machine", "heartbeat", vec![0, 13, 18, 255, 3, 0, 13, 18, 255, 13, 13, 13, 9, 0]);
        self.add("machine", "shutdown", vec![0, 14, 0, 0, 5, 6, 18, 1, 23, 1, 0, 3, 0]);
    }
}

fn name(line: &Value) -> String {
    text(&line["id"]).replace("mezon-sdk-python@1.8.1", "python").replace("mezon-sdk@2.8.53", "sdk").replace('/', "-")
}

fn block(bytes: &[u8]) -> Vec<u8> {
    let len = u16::try_from(bytes.len()).expect("seeds are small");
    [&len.to_be_bytes()[..], bytes].concat()
}

/// A message of a WebSocket as a client writes it, with a mask of zeros.
fn masked(payload: &[u8]) -> Vec<u8> {
    let whole = message(0x2, payload);
    let head = whole.len() - payload.len();
    let mut masked = whole[..head].to_vec();
    masked[1] |= 0x80;
    masked.extend([0; 4]);
    masked.extend(payload);
    masked
}
