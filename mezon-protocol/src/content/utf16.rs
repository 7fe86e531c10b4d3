//! UTF-16 units, in which the platform counts, beside the bytes of Rust's texts.

use std::ops::Range;

/// UTF-16 units of the UTF-8 text `bytes`.
pub(super) fn utf16_len(bytes: &[u8]) -> usize {
    // one unit for each first byte of a character, one more for those outside of the basic plane, which have four bytes
    bytes.iter().map(|byte| usize::from(*byte & 0xc0 != 0x80) + usize::from(*byte >= 0xf0)).sum()
}

/// A place in a text, always between two characters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) unit: usize,
    pub(super) byte: usize,
}

/// A part of a text, in both counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) units: Range<usize>,
    pub(super) bytes: Range<usize>,
}

/// Finds places in a text. Each costs a walk of a few characters, however many there are: spans come from others, and
/// a text with ten thousand of them must not take ten thousand walks through all of it.
pub(super) struct Utf16Index<'a> {
    text: &'a str,
    end: Place,
    /// The character that holds each [`STEP`]th unit; none for ASCII, where units are bytes.
    marks: Vec<Place>,
}

const STEP: usize = 64;

impl<'a> Utf16Index<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let mut marks = Vec::new();
        if text.is_ascii() {
            return Self { text, end: Place { unit: text.len(), byte: text.len() }, marks };
        }
        let mut unit = 0;
        for (byte, char) in text.char_indices() {
            let next = unit + char.len_utf16();
            if next > marks.len() * STEP {
                marks.push(Place { unit, byte });
            }
            unit = next;
        }
        Self { text, end: Place { unit, byte: text.len() }, marks }
    }

    /// The place at this unit, the beginning of the character if it is inside of one, the end if it is beyond.
    pub(super) fn place(&self, unit: usize) -> Place {
        if unit >= self.end.unit {
            return self.end;
        }
        let Some(mut place) = self.marks.get(unit / STEP).copied() else {
            return Place { unit, byte: unit };
        };
        for char in self.text[place.byte..].chars() {
            let next = place.unit + char.len_utf16();
            if next > unit {
                break;
            }
            place = Place { unit: next, byte: place.byte + char.len_utf8() };
        }
        place
    }

    /// What lies between two units, as [`place`](Self::place) understands them; `None` if that is nothing.
    pub(super) fn part(&self, start: i64, end: i64) -> Option<Part> {
        let place = |unit: i64| self.place(usize::try_from(unit.max(0)).unwrap_or(usize::MAX));
        let (start, end) = (place(start), place(end));
        (start.unit < end.unit).then_some(Part { units: start.unit..end.unit, bytes: start.byte..end.byte })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_offset_inside_of_a_character_counts_as_its_beginning() {
        let index = Utf16Index::new("a😀b");
        let places = [(0, 0, 0), (1, 1, 1), (2, 1, 1), (3, 3, 5), (4, 4, 6), (5, 4, 6)];
        for (asked, unit, byte) in places {
            assert_eq!(index.place(asked), Place { unit, byte }, "{asked}");
        }
        assert_eq!(index.part(1, 2), None);
        assert_eq!(index.part(-7, i64::MAX), Some(Part { units: 0..4, bytes: 0..6 }));
        assert_eq!(index.part(3, 1), None);
    }

    proptest! {
        #[test]
        fn every_place_is_where_a_walk_through_the_text_finds_it(
            text in "[a-zà-ỹ😀-😏\u{300}]{0,200}",
            asked in 0..300_usize,
        ) {
            let mut walked = Place::default();
            for char in text.chars() {
                if walked.unit + char.len_utf16() > asked {
                    break;
                }
                walked = Place { unit: walked.unit + char.len_utf16(), byte: walked.byte + char.len_utf8() };
            }
            let index = Utf16Index::new(&text);
            prop_assert_eq!(index.place(asked), walked);
            prop_assert_eq!(index.end.unit, text.encode_utf16().count());
            prop_assert_eq!(utf16_len(text.as_bytes()), index.end.unit);
        }
    }
}
