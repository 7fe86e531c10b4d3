//! What holds whatever a peer sends: recorded frames that were cut, bent or made up, and inputs in any order.

use std::sync::LazyLock;

use bytes::Bytes;
use mezon_protocol::machine::State;
use mezon_protocol::transport::{ApiChunk, Frame, Incoming};
use mezon_protocol::wire::{self, Encoder, Outcome, Reassembly, ReassemblyLimits, chunks};
use mezon_tests::fuzz;
use mezon_tests::hand::{self, Hand, Lists, bare};
use mezon_tests::vectors::{self, EVENTS, FRAMES, text, unhex};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::Value;

/// All recorded frames of ordinary length.
static RECORDED: LazyLock<Vec<Bytes>> = LazyLock::new(|| {
    let events = vectors::lines(vectors::own_folder(), EVENTS);
    let requests = vectors::lines(vectors::own_folder(), FRAMES);
    let requests =
        requests.iter().filter(|line| line["transport"] == "ws").map(|line| unhex(text(&line["hex"])).into());
    events.iter().flat_map(vectors::frames).chain(requests).filter(|frame: &Bytes| frame.len() < 4096).collect()
});

fn recorded() -> impl Strategy<Value = Vec<u8>> {
    select(RECORDED.as_slice()).prop_map(|frame| frame.to_vec())
}

/// A recorded frame, cut or with some bits or bytes turned, or two of them in one, or none at all.
fn any_frame() -> impl Strategy<Value = Vec<u8>> {
    let cut = (recorded(), any::<Index>()).prop_map(|(mut frame, at)| {
        frame.truncate(at.index(frame.len() + 1));
        frame
    });
    let bent = (recorded(), vec((any::<Index>(), 0..8_u8), 1..4)).prop_map(|(mut frame, bits)| {
        for (at, bit) in bits.iter().filter(|_| !frame.is_empty()).collect::<Vec<_>>() {
            let at = at.index(frame.len());
            frame[at] ^= 1 << bit;
        }
        frame
    });
    let spliced = (recorded(), recorded(), any::<Index>()).prop_map(|(frame, mut other, at)| {
        let at = at.index(other.len() + 1);
        other.splice(at..at, frame);
        other
    });
    prop_oneof![cut, bent, spliced, recorded(), vec(any::<u8>(), 0..64)]
}

/// JSON with the keys of a content, of spans, embeds and components, and values that may or may not go with them.
fn any_content() -> impl Strategy<Value = Value> {
    const KEYS: [&str; 44] = [
        "t",
        "s",
        "e",
        "type",
        "mk",
        "hg",
        "ej",
        "lk",
        "vk",
        "lky",
        "mentions",
        "embed",
        "components",
        "component",
        "fields",
        "inputs",
        "options",
        "id",
        "url",
        "name",
        "value",
        "label",
        "style",
        "pool",
        "duration",
        "color",
        "image",
        "footer",
        "width",
        "max_options",
        "valueSelected",
        "question",
        "answers",
        "cvtt",
        "callLog",
        "presign_finish",
        "channelId",
        "emojiid",
        "user_id",
        "language",
        "timestamp",
        "author",
        "inline",
        "new",
    ];
    let text = prop_oneof!["[a-cà😀*`\n ]{0,40}", "b|pre|lk|lk_ogp|c|https://a.test|#5865F2|[0-9]{1,3}"];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-3..40_i64).prop_map(Value::from),
        (0..9_i64).prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text.prop_map(Value::from),
    ];
    let entries = |value: BoxedStrategy<Value>| {
        let entry = (select(&KEYS[..]), value).prop_map(|(key, value)| (key.to_owned(), value));
        vec(entry, 0..8).prop_map(|entries| entries.into_iter().collect::<Value>())
    };
    let value = leaf.prop_recursive(6, 60, 6, move |inner| {
        prop_oneof![vec(inner.clone(), 0..4).prop_map(Value::from), entries(inner.boxed())]
    });
    entries(value.boxed())
}

fn ready() -> Hand {
    Hand::ready(hand::config(), &Lists::default())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_frame_is_read_as_the_decoder_reads_it_or_not_at_all(frame in any_frame()) {
        fuzz::envelope(&frame);
    }

    #[test]
    fn any_content_can_be_read_marked_up_and_split(json in any_content()) {
        fuzz::content(json.to_string().as_bytes());
    }

    #[test]
    fn no_frame_ends_the_connection_or_lets_a_request_hang(frames in vec(any_frame(), 1..8)) {
        let mut hand = ready();
        let call = hand.bot().call(mezon_protocol::call::ListClans);
        let cid = hand::cid_of(&hand.frames()[0]);
        let mut end = None;
        for frame in frames {
            hand.receive(&frame);
            end = end.or(hand.end(&call));
            prop_assert_eq!(hand.machine.state(), State::Ready);
        }
        hand.receive_api(cid, 0, Bytes::new());
        prop_assert!(end.or(hand.end(&call)).is_some());
        let health = hand.machine.health(hand.now());
        prop_assert_eq!(health.pending_calls, 0);
        prop_assert!(health.waiting_events <= 16);
    }

    #[test]
    fn events_come_out_in_the_order_in_which_they_came_in(frames in vec(recorded(), 0..12)) {
        let is_raw = |frame: &Vec<u8>| frame.first() == Some(&0xff);
        // answers to requests that this connection has not made are events, if they are of a kind that is pushed
        let is_push = |frame: &Vec<u8>| wire::scan(frame).is_ok_and(|scan| scan.cid == 0);
        let frames: Vec<_> = frames.into_iter().filter(|frame| is_raw(frame) || is_push(frame)).collect();
        let mut whole = ready();
        for frame in &frames {
            whole.receive(frame);
        }
        let mut pushes = ready();
        for frame in frames.iter().filter(|frame| is_push(frame)) {
            pushes.receive(frame);
        }
        prop_assert_eq!(whole.events(), pushes.events());
    }

    #[test]
    fn what_is_encoded_is_scanned_alike(cid in any::<u16>(), frame in recorded()) {
        use prost::Message;
        use mezon_protocol::proto::realtime::Envelope;
        let Ok(Envelope { message: Some(member), .. }) = Envelope::decode(&frame[..]) else { return Ok(()) };
        let encoded = Encoder::new().envelope(cid, &member);
        let scan = wire::scan(&encoded).unwrap();
        prop_assert_eq!(scan.cid, i32::from(cid));
        prop_assert_eq!(Envelope::decode(encoded).unwrap().message, Some(member));
    }

    #[test]
    fn answers_in_pieces_are_whole_however_they_are_interleaved(
        bodies in vec(vec(any::<u8>(), 0..10_000), 1..4),
        order in vec(any::<Index>(), 0..12),
    ) {
        let mut left: Vec<Vec<ApiChunk>> = bodies.iter().zip(1..).map(|(body, cid)| {
            let mut pieces: Vec<_> = chunks(cid, 0, body.clone().into()).collect();
            pieces.reverse();
            pieces
        }).collect();
        let mut reassembly = Reassembly::new(ReassemblyLimits::default());
        let mut whole = vec![None; bodies.len()];
        let turns = order.iter().map(|turn| turn.index(bodies.len())).chain((0..bodies.len()).cycle()).take(64);
        for turn in turns {
            let Some(piece) = left[turn].pop() else { continue };
            match reassembly.push(piece) {
                Outcome::Incomplete => {}
                Outcome::Complete { cid, body, .. } => whole[usize::from(cid) - 1] = Some(body.to_vec()),
                outcome @ (Outcome::TooLarge { .. } | Outcome::Evicted { .. }) => prop_assert!(false, "{:?}", outcome),
            }
        }
        prop_assert_eq!(whole, bodies.into_iter().map(Some).collect::<Vec<_>>());
        prop_assert_eq!(reassembly.bytes(), 0);
    }

    #[test]
    fn a_client_that_takes_no_events_holds_no_more_than_its_bound(frames in vec(any_frame(), 1..64)) {
        let mut config = hand::config();
        (config.inbox.pause_at_bytes, config.inbox.drop_at_bytes) = (1024, 8192);
        let mut hand = Hand::ready(config, &Lists::default());
        let socket = hand.socket().unwrap();
        let bytes: usize = frames.iter().map(Vec::len).sum();
        for frame in frames {
            // below the codec: whoever feeds a paused Machine all the same must not make it grow either
            let incoming = Incoming::Frame(Frame::Envelope(frame.into()));
            hand.machine.handle_incoming(hand.now(), socket, incoming);
        }
        let health = hand.machine.health(hand.now());
        prop_assert!(health.waiting_events <= 8192 / size_of::<mezon_protocol::RawEvent>() + 1);
        prop_assert!(hand.machine.join_targets().count() <= 1 + bytes);
    }

    #[test]
    fn every_call_ends_once_whatever_happens_around_it(program in vec(any::<u8>(), 0..400)) {
        fuzz::machine(&program);
    }

    #[test]
    fn pieces_of_answers_stay_within_their_bounds(data in vec(any_frame(), 0..8)) {
        let blocks = data.iter().flat_map(|frame| {
            let len = u16::try_from(frame.len()).expect("recorded frames are small");
            [&len.to_be_bytes()[..], frame].concat()
        });
        fuzz::reassembly(&blocks.collect::<Vec<_>>());
    }

    #[test]
    fn a_websocket_says_the_same_however_its_bytes_are_cut(
        mode in 0..4_u8,
        cut in any::<u8>(),
        frames in vec(any_frame(), 0..4),
    ) {
        let messages = frames.iter().flat_map(|frame| hand::message(0x2, frame));
        fuzz::websocket(&[mode, cut].into_iter().chain(messages).collect::<Vec<_>>());
    }
}

#[test]
fn answers_that_nobody_waits_for_leave_nothing_behind() {
    let mut hand = ready();
    for cid in 2..=u16::MAX {
        let socket = hand.socket().unwrap();
        let chunk = ApiChunk { cid, code: 0, fin: false, payload: Bytes::from_static(b"piece") };
        hand.machine.handle_incoming(hand.now(), socket, Incoming::Frame(Frame::Api(chunk)));
        hand.machine.handle_incoming(hand.now(), socket, Incoming::Frame(Frame::Envelope(bare(cid))));
    }
    assert_eq!(hand.machine.stats().unknown_answers, 2 * u64::from(u16::MAX - 1));
    assert_eq!((hand.events(), hand.frames()), (vec![], vec![]));
}
