//! A protobuf message as a row of (number, value) pairs, read without decoding it.
//!
//! The reader checks every bound and copies nothing. It knows the wire types varint, 64 bit, length-delimited and
//! 32 bit; groups, field number 0 and whatever runs past the end end the row with an error.

/// Reads a varint: its value and the count of bytes it took.
///
/// `None` when the bytes end within it, or when it does not fit into 64 bits.
///
/// ```
/// use mezon_protocol::wire::varint;
///
/// assert_eq!(varint(&[0xac, 0x02, 0xff]), Some((300, 2)));
/// assert_eq!(varint(&[0xac]), None);
/// ```
#[inline(always)]
#[must_use]
pub fn varint(bytes: &[u8]) -> Option<(u64, usize)> {
    match *bytes {
        [first, ..] if first < 0x80 => Some((u64::from(first), 1)),
        [first, second, ..] if second < 0x80 => Some((u64::from(first & 0x7f) | u64::from(second) << 7, 2)),
        [] | [_] | [_, _, ..] => long_varint(bytes),
    }
}

fn long_varint(bytes: &[u8]) -> Option<(u64, usize)> {
    if let Some((low, after)) = bytes.split_first_chunk::<8>() {
        let word = u64::from_le_bytes(*low);
        let ends = !word & 0x8080_8080_8080_8080;
        if ends != 0 {
            let len = ends.trailing_zeros() / 8 + 1;
            return Some((compact(word & (u64::MAX >> (64 - 8 * len))), len as usize));
        }
        // 9 bytes, as ids have
        if let [high @ ..0x80, ..] = after {
            return Some((compact(word) | u64::from(*high) << 56, 9));
        }
    }
    varint_by_bytes(bytes)
}

/// Joins the low seven bits of eight bytes, neighbours first.
const fn compact(word: u64) -> u64 {
    let word = word & 0x7f7f_7f7f_7f7f_7f7f;
    let word = (word & 0x007f_007f_007f_007f) | (word & 0x7f00_7f00_7f00_7f00) >> 1;
    let word = (word & 0x0000_3fff_0000_3fff) | (word & 0x3fff_0000_3fff_0000) >> 2;
    (word & 0x0fff_ffff) | (word & 0x0fff_ffff_0000_0000) >> 4
}

#[cold]
fn varint_by_bytes(bytes: &[u8]) -> Option<(u64, usize)> {
    let mut value = 0;
    for (index, &byte) in bytes.iter().take(10).enumerate() {
        value |= u64::from(byte & 0x7f) << (7 * index);
        if byte < 0x80 {
            // The tenth byte has room for one bit.
            return (index < 9 || byte <= 1).then_some((value, index + 1));
        }
    }
    None
}

/// The value of a field as the wire has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    /// Wire type 0: integers, booleans and enums.
    Varint(u64),
    /// Wire type 1: eight bytes, little-endian.
    Fixed64(u64),
    /// Wire type 2: texts, bytes, messages and packed lists.
    Bytes(&'a [u8]),
    /// Wire type 5: four bytes, little-endian.
    Fixed32(u32),
}

impl<'a> Value<'a> {
    /// The value of an `int64` field, an id for instance; `None` for another wire type.
    #[inline]
    #[must_use]
    #[allow(clippy::cast_possible_wrap)]
    pub fn as_i64(self) -> Option<i64> {
        match self {
            Self::Varint(value) => Some(value as i64),
            Self::Fixed64(_) | Self::Bytes(_) | Self::Fixed32(_) => None,
        }
    }

    /// The value of an `int32` field; `None` for another wire type. As in protobuf, only the low 32 bits count.
    #[inline]
    #[must_use]
    #[allow(clippy::cast_possible_truncation)]
    pub fn as_i32(self) -> Option<i32> {
        self.as_i64().map(|value| value as i32)
    }

    /// The value of a `bool` field; `None` for another wire type.
    #[inline]
    #[must_use]
    pub fn as_bool(self) -> Option<bool> {
        self.as_i64().map(|value| value != 0)
    }

    /// The bytes of a text, a message or a list; `None` for another wire type.
    #[inline]
    #[must_use]
    pub fn as_bytes(self) -> Option<&'a [u8]> {
        match self {
            Self::Bytes(bytes) => Some(bytes),
            Self::Varint(_) | Self::Fixed64(_) | Self::Fixed32(_) => None,
        }
    }
}

/// One field of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field<'a> {
    /// The field number, from 1 on.
    pub number: u32,
    /// What it holds.
    pub value: Value<'a>,
    /// Where in the message the field ends. The bytes of a [`Value::Bytes`] are the last ones before it.
    pub end: usize,
}

/// The bytes are no protobuf message from here on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a protobuf field")]
pub struct InvalidField;

/// The fields of a message in the order of the wire, without decoding it.
///
/// A field may come more than once; of a number or a text the last one counts. After an error nothing more comes.
///
/// ```
/// use mezon_protocol::wire::{Fields, Value};
///
/// let message = [0x08, 0x05, 0x12, 0x02, b'h', b'i'];
/// let fields: Vec<_> = Fields::new(&message).map(|field| field.unwrap()).collect();
/// assert_eq!(fields[0].value, Value::Varint(5));
/// assert_eq!((fields[1].number, fields[1].value), (2, Value::Bytes(b"hi")));
/// ```
#[derive(Clone, Debug)]
pub struct Fields<'a> {
    message: &'a [u8],
    at: usize,
}

impl<'a> Fields<'a> {
    /// The fields of `message`.
    #[inline]
    #[must_use]
    pub fn new(message: &'a [u8]) -> Self {
        Self { message, at: 0 }
    }

    #[inline(always)]
    fn read(&self) -> Option<Field<'a>> {
        let (tag, taken) = varint(self.message.get(self.at..)?)?;
        let number = u32::try_from(tag >> 3).ok().filter(|number| (1..1 << 29).contains(number))?;
        let start = self.at + taken;
        let rest = self.message.get(start..)?;
        let (value, taken) = match tag & 7 {
            0 => {
                let (value, taken) = varint(rest)?;
                (Value::Varint(value), taken)
            }
            1 => (Value::Fixed64(u64::from_le_bytes(*rest.first_chunk()?)), 8),
            2 => {
                let (length, taken) = varint(rest)?;
                let end = taken.checked_add(usize::try_from(length).ok()?)?;
                (Value::Bytes(rest.get(taken..end)?), end)
            }
            5 => (Value::Fixed32(u32::from_le_bytes(*rest.first_chunk()?)), 4),
            _ => return None,
        };
        Some(Field { number, value, end: start + taken })
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Result<Field<'a>, InvalidField>;

    // always: what becomes of a field depends on its kind alone, which the caller's match then decides
    #[inline(always)]
    fn next(&mut self) -> Option<Self::Item> {
        if self.at >= self.message.len() {
            return None;
        }
        let field = self.read();
        self.at = field.map_or(self.message.len(), |field| field.end);
        Some(field.ok_or(InvalidField))
    }
}

impl std::iter::FusedIterator for Fields<'_> {}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn varints_are_read_up_to_64_bits_and_not_beyond() {
        type Case<'a> = (&'a [u8], Option<(u64, usize)>);
        let table: [Case; 9] = [
            (&[], None),
            (&[0x00], Some((0, 1))),
            (&[0x7f], Some((127, 1))),
            (&[0x80], None),
            (&[0x80, 0x01], Some((128, 2))),
            (&[0x80, 0x80, 0x00], Some((0, 3))),
            (&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01], Some((u64::MAX, 10))),
            (&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02], None),
            (&[0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00], None),
        ];
        for (bytes, expected) in table {
            assert_eq!(varint(bytes), expected, "{bytes:02x?}");
        }
    }

    #[test]
    fn every_wire_type_is_read() {
        let message = [
            0x08, 0xac, 0x02, // 1: 300
            0x11, 1, 0, 0, 0, 0, 0, 0, 0, // 2: 1 in 64 bits
            0x1a, 0x02, 0x61, 0x62, // 3: "ab"
            0x25, 2, 0, 0, 0, // 4: 2 in 32 bits
        ];
        let fields: Vec<_> = Fields::new(&message).map(|field| field.unwrap()).collect();
        assert_eq!(
            fields,
            [
                Field { number: 1, value: Value::Varint(300), end: 3 },
                Field { number: 2, value: Value::Fixed64(1), end: 12 },
                Field { number: 3, value: Value::Bytes(b"ab"), end: 16 },
                Field { number: 4, value: Value::Fixed32(2), end: 21 },
            ]
        );
    }

    #[test]
    fn what_is_no_field_ends_the_row_with_one_error() {
        let table: [&[u8]; 12] = [
            &[0x00, 0x00],                                                       // field 0
            &[0x80],                                                             // cut tag
            &[0x08],                                                             // no value
            &[0x08, 0x80],                                                       // cut value
            &[0x09, 1, 2, 3, 4, 5, 6, 7],                                        // cut 64 bits
            &[0x0d, 1, 2, 3],                                                    // cut 32 bits
            &[0x0a, 0x01],                                                       // length past the end
            &[0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01], // the largest length
            &[0x0b],                                                             // start of a group
            &[0x0c],                                                             // end of a group
            &[0x0e],                                                             // wire type 6
            &[0x80, 0x80, 0x80, 0x80, 0x80, 0x01, 0x00],                         // field number above 2^29
        ];
        for bytes in table {
            let mut fields = Fields::new(bytes);
            assert_eq!(fields.next(), Some(Err(InvalidField)), "{bytes:02x?}");
            assert_eq!(fields.next(), None, "{bytes:02x?}");
        }
    }

    #[test]
    fn values_are_read_as_what_the_schema_says() {
        assert_eq!(Value::Varint(u64::MAX).as_i64(), Some(-1));
        assert_eq!(Value::Varint(u64::MAX).as_i32(), Some(-1));
        assert_eq!(Value::Varint(1 << 32).as_i32(), Some(0));
        assert_eq!(Value::Varint(2).as_bool(), Some(true));
        assert_eq!(Value::Bytes(b"x").as_bytes(), Some(&b"x"[..]));
        assert_eq!(Value::Bytes(b"x").as_i64(), None);
        assert_eq!(Value::Fixed64(1).as_i64(), None);
        assert_eq!(Value::Fixed32(1).as_bytes(), None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_to_an_end(bytes in proptest::collection::vec(any::<u8>(), 0..256)) {
            let mut end = 0;
            for field in Fields::new(&bytes).flatten() {
                prop_assert!(field.end > end && field.end <= bytes.len());
                end = field.end;
            }
        }

        #[test]
        fn a_varint_is_read_as_it_was_written(value in any::<u64>()) {
            let mut bytes = Vec::new();
            prost::encoding::encode_varint(value, &mut bytes);
            prop_assert_eq!(varint(&bytes), Some((value, bytes.len())));
        }
    }
}
