//! What a frame is and whom it answers, without decoding it.
//!
//! An envelope is a cid and one member of a oneof. Both are found by walking the top-level tags, in any order; the
//! member itself is not looked into. Of several members the last one counts, as protobuf has it: a member that comes
//! again right after itself is merged, which is the same as decoding the pieces one after the other.

use std::borrow::Cow;
use std::ops::{Range, RangeInclusive};

use bytes::Bytes;

use super::fields::{Field, Fields, Value};

/// The field numbers of the members that the schema of this release knows.
pub const MEMBERS: RangeInclusive<u32> = 2..=100;

/// What the top level of an envelope says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scan {
    /// The cid: 0 for what the server pushes.
    ///
    /// A cid that this client gave is in `1..=65535`, but the server may send any value, negative ones included.
    pub cid: i32,
    /// The field number of the member, 0 when there is none. A number that the schema knows ([`MEMBERS`]) wins over
    /// one that it does not know; else the last one wins.
    pub field: u32,
    /// Where in the frame the encoded member is: its last piece when it is [`repeated`](Self::repeated).
    pub body: Range<usize>,
    /// True when the member came in more than one piece.
    pub repeated: bool,
}

impl Scan {
    /// The encoded member as a share of its frame. It is copied only when it came in pieces.
    ///
    /// `frame` is the frame that was scanned; with another one the bytes have no meaning.
    #[must_use]
    pub fn body(&self, frame: &Bytes) -> Bytes {
        if self.repeated {
            return Bytes::from(joined(frame, self.field));
        }
        if self.body.start > self.body.end || self.body.end > frame.len() {
            return Bytes::new();
        }
        frame.slice(self.body.clone())
    }

    /// The encoded member, borrowed from its frame. It is copied only when it came in pieces.
    ///
    /// `frame` is the frame that was scanned; with another one the bytes have no meaning.
    #[must_use]
    pub fn bytes<'a>(&self, frame: &'a [u8]) -> Cow<'a, [u8]> {
        if self.repeated {
            return Cow::Owned(joined(frame, self.field));
        }
        Cow::Borrowed(frame.get(self.body.clone()).unwrap_or_default())
    }

    /// False if the frame is no envelope: its cid is no integer. That is how an older wire wrote it, whose ids would be
    /// misread as well.
    fn take(&mut self, field: Field<'_>) -> bool {
        match (field.number, field.value) {
            (1, Value::Varint(_)) => self.cid = field.value.as_i32().unwrap_or_default(),
            (1, Value::Fixed64(_) | Value::Bytes(_) | Value::Fixed32(_)) => return false,
            (number, Value::Bytes(bytes)) if replaces(number, self.field) => {
                self.repeated = number == self.field;
                self.field = number;
                self.body = field.end - bytes.len()..field.end;
            }
            (_, Value::Varint(_) | Value::Fixed64(_) | Value::Bytes(_) | Value::Fixed32(_)) => {}
        }
        true
    }
}

/// A frame that is no protobuf message, and what was read before that showed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("malformed envelope (cid {cid}, field {field})")]
pub struct Malformed {
    /// The cid, 0 when none was read. A request with this cid is over: its answer cannot be understood.
    pub cid: i32,
    /// The field number of the last complete member, 0 when none was read.
    pub field: u32,
}

/// Walks the top level of an envelope.
///
/// Unknown fields and members of the wrong wire type are skipped. An empty frame is an envelope without anything in it.
///
/// # Errors
///
/// [`Malformed`] when the frame is cut, no protobuf message, or has a cid that is no integer. That the member itself can be decoded is not checked.
///
/// ```
/// use mezon_protocol::wire::scan;
///
/// // An ack: cid 9, and field 7 with four bytes.
/// let frame = [0x08, 0x09, 0x3a, 0x04, 0x08, 0x05, 0x10, 0x06];
/// let scan = scan(&frame).unwrap();
/// assert_eq!((scan.cid, scan.field, scan.body), (9, 7, 4..8));
/// ```
#[inline]
pub fn scan(frame: &[u8]) -> Result<Scan, Malformed> {
    let mut scan = Scan::default();
    for field in Fields::new(frame) {
        if !field.is_ok_and(|field| scan.take(field)) {
            return Err(Malformed { cid: scan.cid, field: scan.field });
        }
    }
    Ok(scan)
}

/// Whether a member with this number takes the place of the one found before it.
#[inline]
fn replaces(number: u32, found: u32) -> bool {
    MEMBERS.contains(&number) || !MEMBERS.contains(&found)
}

/// The pieces of a member that came in several, one after the other.
#[cold]
fn joined(frame: &[u8], member: u32) -> Vec<u8> {
    let mut found = 0;
    let mut body = Vec::new();
    for field in Fields::new(frame).map_while(Result::ok) {
        let Value::Bytes(bytes) = field.value else { continue };
        if field.number == 1 || !replaces(field.number, found) {
            continue;
        }
        if field.number != found {
            body.clear();
        }
        found = field.number;
        if found == member {
            body.extend_from_slice(bytes);
        }
    }
    body
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use prost::Message as _;

    use super::*;
    use crate::proto::realtime::{Envelope, envelope::Message};
    use crate::wire::testing::{hex, typing};

    fn found(scan: &Scan) -> (i32, u32, Range<usize>, bool) {
        (scan.cid, scan.field, scan.body.clone(), scan.repeated)
    }

    #[test]
    fn kind_and_cid_are_found_in_any_order() {
        let table = [
            ("", (0, 0, 0..0, false)),
            ("0809", (9, 0, 0..0, false)),
            ("b201000801", (1, 22, 3..3, false)),
            ("0801ba0100", (1, 23, 5..5, false)),
            ("08093a0408051006", (9, 7, 4..8, false)),
            ("3a04080510060809", (9, 7, 2..6, false)),
            ("c201021005", (0, 24, 3..5, false)),
            ("08ffff03ba0100", (65535, 23, 7..7, false)),
            ("08dfd403ba0100", (59999, 23, 7..7, false)),
            ("08ffffffffffffffffff01ba0100", (-1, 23, 14..14, false)),
            ("0800c201021005", (0, 24, 5..7, false)),
            // The last cid counts.
            ("08010802", (2, 0, 0..0, false)),
        ];
        for (bytes, expected) in table {
            assert_eq!(found(&scan(&hex(bytes)).unwrap()), expected, "{bytes}");
        }
    }

    #[test]
    fn the_example_of_an_error_is_found() {
        let mut frame = hex("0809622d08031229");
        frame.extend_from_slice(b"Must join channel before sending messages");
        assert_eq!(found(&scan(&frame).unwrap()), (9, 12, 4..49, false));
    }

    #[test]
    fn what_is_not_known_is_skipped() {
        let table = [
            // Field 900, a text, is no member that we know, but nothing else is there.
            ("a2380568656c6c6f", (0, 900, 3..8, false)),
            // A known member wins over an unknown one, whichever comes last.
            ("a2380161ba0100", (0, 23, 7..7, false)),
            ("ba0100a2380161", (0, 23, 3..3, false)),
            // Of two unknown ones the last wins.
            ("a2380161aa38016208ac02", (300, 901, 7..8, false)),
            // Members with the wrong wire type, and fixed-width fields.
            ("18011d000000001900000000000000003a00", (0, 7, 18..18, false)),
        ];
        for (bytes, expected) in table {
            assert_eq!(found(&scan(&hex(bytes)).unwrap()), expected, "{bytes}");
        }
    }

    #[test]
    fn the_last_member_wins() {
        let frame = Bytes::from(hex("3202088fc201021005"));
        // The first member's bytes are not looked at.
        let scan = scan(&frame).unwrap();
        assert_eq!(found(&scan), (0, 24, 7..9, false));
        assert_eq!(scan.body(&frame), hex("1005"));
    }

    #[test]
    fn a_member_in_pieces_is_joined() {
        let frame = Bytes::from(hex("c2010a10e580aefbb0e291d818c2010a188b80dc97dee9ddb219"));
        let scan = scan(&frame).unwrap();
        assert!(scan.repeated);
        assert_eq!(scan.body(&frame), hex("10e580aefbb0e291d818188b80dc97dee9ddb219"));
        assert_eq!(*scan.bytes(&frame), scan.body(&frame)[..]);
    }

    #[test]
    fn only_the_pieces_after_the_last_other_member_are_joined() {
        let table = [
            // 24, 23, 24: what came before the pong is gone.
            ("c2010108ba0100c201021005", "1005", false),
            // 24, 23, 24, 24.
            ("c2010108ba0100c2010110c2010105", "1005", true),
            // An unknown member in between changes nothing.
            ("c2010110a2380161c2010105", "1005", true),
            // Nor does a cid.
            ("c20101100809c2010105", "1005", true),
            // Unknown members in pieces.
            ("a2380161a2380162", "6162", true),
        ];
        for (bytes, body, repeated) in table {
            let frame = Bytes::from(hex(bytes));
            let scan = scan(&frame).unwrap();
            assert_eq!(scan.repeated, repeated, "{bytes}");
            assert_eq!(scan.body(&frame), hex(body), "{bytes}");
            assert_eq!(scan.bytes(&frame), hex(body), "{bytes}");
        }
    }

    #[test]
    fn malformed_frames_still_give_the_cid_when_it_came_first() {
        let table = [
            ("329f0108e480aefb", 0, 0),
            ("32ffffffff0708e480aefbb0e291d81810e580aefbb0e2", 0, 0),
            ("00000000", 0, 0),
            ("32", 0, 0),
            ("33", 0, 0),
            ("080932", 9, 0),
            ("0809ba010033", 9, 23),
            ("ba01000809ff", 9, 23),
        ];
        for (bytes, cid, field) in table {
            assert_eq!(scan(&hex(bytes)), Err(Malformed { cid, field }), "{bytes}");
        }
    }

    #[test]
    fn a_frame_of_an_older_wire_with_its_string_cid_is_no_envelope() {
        for (bytes, field) in [("0a0131ba0100", 0), ("0a00ba0100", 0), ("ba01000a0131", 23), ("0d00000000ba0100", 0)] {
            assert_eq!(scan(&hex(bytes)), Err(Malformed { cid: 0, field }), "{bytes}");
            assert!(Envelope::decode(&hex(bytes)[..]).is_err());
        }
    }

    #[test]
    fn a_fault_inside_the_member_is_not_looked_for() {
        assert_eq!(found(&scan(&hex("320342107a")).unwrap()), (0, 6, 2..5, false));
    }

    #[test]
    fn the_body_of_another_frame_is_empty_or_nonsense_but_no_panic() {
        let scan = scan(&hex("3a0408051006")).unwrap();
        assert_eq!(scan.body(&Bytes::from_static(b"ab")), b""[..]);
        assert_eq!(scan.bytes(b"ab"), &b""[..]);
        let odd = Scan { body: Range { start: 5, end: 2 }, ..scan };
        assert_eq!(odd.body(&Bytes::from_static(b"abcdefgh")), b""[..]);
        assert_eq!(odd.bytes(b"abcdefgh"), &b""[..]);
    }

    #[test]
    fn the_members_are_those_of_the_schema() {
        for field in 2..=110_u32 {
            let mut frame = Vec::new();
            prost::encoding::encode_key(field, prost::encoding::WireType::LengthDelimited, &mut frame);
            frame.push(0);
            let known = Envelope::decode(&frame[..]).unwrap().message.is_some();
            assert_eq!(known, MEMBERS.contains(&field), "field {field}");
        }
    }

    /// One top-level field of an envelope, well-formed but in any order and number.
    fn field() -> impl Strategy<Value = Vec<u8>> {
        let cid = any::<i32>().prop_map(|cid| Envelope { cid, message: None }.encode_to_vec());
        let member = (any::<i64>(), any::<i64>()).prop_map(|(channel_id, sender_id)| {
            let message = Some(Message::MessageTypingEvent(Box::new(typing(channel_id, sender_id))));
            Envelope { cid: 0, message }.encode_to_vec()
        });
        let pong = Just(hex("ba0100"));
        let unknown = proptest::collection::vec(any::<u8>(), 0..4).prop_map(|bytes| {
            let mut field = hex("a238");
            field.push(u8::try_from(bytes.len()).unwrap());
            field.extend(bytes);
            field
        });
        prop_oneof![cid, member, pong, unknown]
    }

    proptest! {
        #[test]
        fn the_scan_agrees_with_the_decoder(fields in proptest::collection::vec(field(), 0..6)) {
            let frame = Bytes::from(fields.concat());
            let expected = Envelope::decode(frame.clone()).unwrap();
            let scan = scan(&frame).unwrap();
            prop_assert_eq!(scan.cid, expected.cid);
            match expected.message {
                Some(Message::MessageTypingEvent(typing)) => {
                    prop_assert_eq!(scan.field, 24);
                    let body = crate::proto::realtime::MessageTypingEvent::decode(scan.body(&frame)).unwrap();
                    prop_assert_eq!(body, *typing);
                }
                Some(Message::Pong(_)) => prop_assert_eq!(scan.field, 23),
                None => prop_assert!(scan.field == 0 || scan.field == 900),
                other => prop_assert!(false, "{:?}", other),
            }
        }

        #[test]
        fn any_bytes_are_scanned(bytes in proptest::collection::vec(any::<u8>(), 0..512)) {
            if let Ok(scan) = scan(&bytes) {
                let body = scan.bytes(&bytes);
                prop_assert!(body.len() <= bytes.len());
            }
        }

        #[test]
        fn a_cut_frame_is_scanned(fields in proptest::collection::vec(field(), 0..4), cut in any::<prop::sample::Index>()) {
            let frame = fields.concat();
            let _ = scan(&frame[..cut.index(frame.len() + 1)]);
        }
    }
}
