//! Envelopes and API answers as bytes.
//!
//! The cid is written last. A server that has to strip zero padding (abridged TCP) would otherwise damage a member that
//! ends in a zero byte; a non-zero varint never does.

use bytes::{BufMut, Bytes, BytesMut};
use prost::encoding::{WireType, encode_key, encode_varint, encoded_len_varint};

use crate::proto::realtime::{Ping, Pong, envelope::Message};
use crate::transport::ApiChunk;

/// How much is reserved at once: some frames of the usual size.
const BUFFER_BYTES: usize = 4 * 1024;

/// A larger envelope gets a buffer of its own, so that the reused one stays small.
const REUSED_BYTES: usize = 64 * 1024;

/// How much of an API answer the server puts into one raw frame.
const CHUNK_BYTES: usize = 4096;

/// Writes envelopes into one buffer, which is used again as soon as the frames cut from it are gone.
///
/// ```
/// use mezon_protocol::wire::Encoder;
///
/// let mut encoder = Encoder::new();
/// assert_eq!(encoder.ping(1), [0xb2, 0x01, 0x00, 0x08, 0x01][..]);
/// ```
#[derive(Debug, Default)]
pub struct Encoder {
    buffer: BytesMut,
}

impl Encoder {
    /// An encoder without a buffer yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// An envelope with a member. A cid of 0 is not written: what the server pushes has none.
    #[must_use]
    pub fn envelope(&mut self, cid: u16, member: &Message) -> Bytes {
        let length = member.encoded_len() + cid_len(cid);
        if length > REUSED_BYTES {
            let mut buffer = BytesMut::with_capacity(length);
            write(&mut buffer, cid, member);
            return buffer.freeze();
        }
        self.reserve(length);
        write(&mut self.buffer, cid, member);
        self.buffer.split().freeze()
    }

    /// An envelope with nothing but a cid: how a server acknowledges what has no answer of its own.
    #[must_use]
    pub fn bare(&mut self, cid: u16) -> Bytes {
        self.reserve(cid_len(cid));
        write_cid(&mut self.buffer, cid);
        self.buffer.split().freeze()
    }

    /// A ping.
    #[must_use]
    pub fn ping(&mut self, cid: u16) -> Bytes {
        self.envelope(cid, &Message::Ping(Box::new(Ping {})))
    }

    /// A pong.
    #[must_use]
    pub fn pong(&mut self, cid: u16) -> Bytes {
        self.envelope(cid, &Message::Pong(Box::new(Pong {})))
    }

    fn reserve(&mut self, length: usize) {
        if self.buffer.capacity() < length {
            self.buffer.reserve(length.max(BUFFER_BYTES));
        }
    }
}

/// An API answer in pieces of 4096 bytes, as the server sends it. Each piece has the code; there is at least one.
pub fn chunks(cid: u16, code: u16, mut body: Bytes) -> impl Iterator<Item = ApiChunk> {
    let mut ended = false;
    std::iter::from_fn(move || {
        if ended {
            return None;
        }
        let payload = body.split_to(body.len().min(CHUNK_BYTES));
        ended = body.is_empty();
        Some(ApiChunk { cid, code, fin: ended, payload })
    })
}

fn write(buffer: &mut BytesMut, cid: u16, member: &Message) {
    member.encode(buffer);
    write_cid(buffer, cid);
}

fn write_cid(buffer: &mut impl BufMut, cid: u16) {
    if cid != 0 {
        encode_key(1, WireType::Varint, buffer);
        encode_varint(u64::from(cid), buffer);
    }
}

fn cid_len(cid: u16) -> usize {
    if cid == 0 { 0 } else { 1 + encoded_len_varint(u64::from(cid)) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use prost::Message as _;

    use super::*;
    use crate::proto::realtime::{ApiRequestEvent, ChannelJoin, ClanJoin, Envelope};
    use crate::wire::scan;
    use crate::wire::testing::{hex, typing};

    #[test]
    fn the_cid_is_written_last() {
        let join = |clan_id| Message::ClanJoin(Box::new(ClanJoin { clan_id, ..ClanJoin::default() }));
        let table = [
            (7, join(0), "1a000807"),
            (7, join(1_775_732_550_744_936_448), "1a0a0880a080fa8bebaad2180807"),
            (
                8,
                Message::ChannelJoin(Box::new(ChannelJoin {
                    clan_id: 1_779_484_504_377_790_464,
                    channel_id: 1_779_484_504_386_179_072,
                    channel_type: 1,
                    is_public: true,
                })),
                "22180880a080b6a8f7ffd8181080a080baa8f7ffd818180120010808",
            ),
            (
                9,
                Message::ApiRequestEvent(Box::new(ApiRequestEvent {
                    api_index: 2,
                    api_name: "ListClanDescs".to_owned(),
                    ..ApiRequestEvent::default()
                })),
                "e205110802120d4c697374436c616e44657363730809",
            ),
            (0, Message::MessageTypingEvent(Box::new(typing(5, 0))), "c201021005"),
        ];
        let mut encoder = Encoder::new();
        for (cid, member, bytes) in table {
            assert_eq!(encoder.envelope(cid, &member), hex(bytes), "{member:?}");
        }
    }

    #[test]
    fn pings_pongs_and_bare_answers_are_the_known_bytes() {
        let mut encoder = Encoder::new();
        assert_eq!(encoder.ping(1), hex("b201000801"));
        assert_eq!(encoder.pong(1), hex("ba01000801"));
        assert_eq!(encoder.pong(300), hex("ba010008ac02"));
        assert_eq!(encoder.bare(9), hex("0809"));
        assert_eq!(encoder.bare(0), hex(""));
    }

    #[test]
    fn the_buffer_is_used_again_when_its_frames_are_gone() {
        let mut encoder = Encoder::new();
        let first = encoder.ping(1).as_ptr() as usize;
        let mut fresh = 0;
        for _ in 0..10_000 {
            let at = encoder.ping(1).as_ptr() as usize;
            fresh += usize::from(!(first..first + BUFFER_BYTES).contains(&at));
        }
        assert_eq!(fresh, 0);
    }

    #[test]
    fn frames_that_are_kept_stay_as_they_are() {
        let mut encoder = Encoder::new();
        let frames: Vec<_> = (1..=5000).map(|cid| encoder.ping(cid)).collect();
        for (cid, frame) in (1..).zip(frames) {
            assert_eq!(scan(&frame).unwrap().cid, cid);
        }
    }

    #[test]
    fn a_large_envelope_does_not_make_the_buffer_large() {
        let mut encoder = Encoder::new();
        let member = Message::ApiRequestEvent(Box::new(ApiRequestEvent {
            body: vec![7; 2 * REUSED_BYTES],
            ..ApiRequestEvent::default()
        }));
        let frame = encoder.envelope(3, &member);
        assert_eq!(scan(&frame).unwrap().cid, 3);
        assert_eq!(encoder.buffer.capacity(), 0);
    }

    #[test]
    fn an_answer_is_cut_into_pieces_of_4096_bytes() {
        for (length, sizes) in
            [(0, vec![0]), (1, vec![1]), (4096, vec![4096]), (4097, vec![4096, 1]), (10_000, vec![4096, 4096, 1808])]
        {
            let body = Bytes::from(vec![1; length]);
            let pieces: Vec<_> = chunks(5, 3, body.clone()).collect();
            assert_eq!(pieces.iter().map(|piece| piece.payload.len()).collect::<Vec<_>>(), sizes);
            assert!(pieces.iter().all(|piece| piece.cid == 5 && piece.code == 3));
            assert_eq!(pieces.iter().filter(|piece| piece.fin).count(), 1);
            assert!(pieces.last().unwrap().fin);
            assert_eq!(pieces.iter().flat_map(|piece| piece.payload.to_vec()).collect::<Vec<_>>(), body);
        }
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_found_and_decoded_again(cid in any::<u16>(), channel in any::<i64>(), sender in any::<i64>()) {
            let member = Message::MessageTypingEvent(Box::new(typing(channel, sender)));
            let frame = Encoder::new().envelope(cid, &member);
            let scan = scan(&frame).unwrap();
            prop_assert_eq!((scan.cid, scan.field), (i32::from(cid), 24));
            let envelope = Envelope::decode(frame.clone()).unwrap();
            prop_assert_eq!(envelope, Envelope { cid: i32::from(cid), message: Some(member) });
        }
    }
}
