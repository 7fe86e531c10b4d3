//! What can stand in the id of a component.

use crate::id::{CategoryId, ChannelId, ClanId, EmojiId, MessageId, RoleId, TopicId, UserId};

/// A value that can be a field of a [`ComponentId`](super::ComponentId): integers, flags, ids, texts, an [`Option`] of
/// each, and what [`component_field!`](crate::component_field) declares.
pub trait ComponentField: Sized {
    /// Writes it; whatever it writes is escaped where it must be.
    fn write(&self, out: &mut String);

    /// Reads it from what was written; `None` if that is not possible.
    fn read(text: &str) -> Option<Self>;
}

macro_rules! printed_and_parsed {
    ($($type:ty)*) => {$(
        impl ComponentField for $type {
            fn write(&self, out: &mut String) {
                out.push_str(&self.to_string());
            }

            fn read(text: &str) -> Option<Self> {
                text.parse().ok()
            }
        }
    )*};
}

printed_and_parsed!(i8 i16 i32 i64 u8 u16 u32 u64 char);
printed_and_parsed!(UserId ClanId ChannelId MessageId RoleId EmojiId TopicId CategoryId);

impl ComponentField for bool {
    fn write(&self, out: &mut String) {
        out.push(if *self { '1' } else { '0' });
    }

    fn read(text: &str) -> Option<Self> {
        match text {
            "1" => Some(true),
            "0" => Some(false),
            _ => None,
        }
    }
}

impl ComponentField for String {
    fn write(&self, out: &mut String) {
        out.push_str(self);
    }

    fn read(text: &str) -> Option<Self> {
        Some(text.to_owned())
    }
}

/// Nothing for `None`, an equals sign before the value else.
impl<T: ComponentField> ComponentField for Option<T> {
    fn write(&self, out: &mut String) {
        if let Some(value) = self {
            out.push('=');
            value.write(out);
        }
    }

    fn read(text: &str) -> Option<Self> {
        match text.strip_prefix('=') {
            Some(value) => T::read(value).map(Some),
            None => text.is_empty().then_some(None),
        }
    }
}

/// Appends a text without colons and percent signs of its own.
pub(super) fn escape(text: &str, out: &mut String) {
    for char in text.chars() {
        match char {
            ':' => out.push_str("%3A"),
            '%' => out.push_str("%25"),
            char => out.push(char),
        }
    }
}

/// The text that was escaped; `None` if nothing was escaped to this.
pub(super) fn unescape(text: &str) -> Option<String> {
    let mut pieces = text.split('%');
    let mut out = pieces.next()?.to_owned();
    for piece in pieces {
        let (char, rest) = match piece.split_at_checked(2)? {
            ("3A", rest) => (':', rest),
            ("25", rest) => ('%', rest),
            _ => return None,
        };
        out.push(char);
        out.push_str(rest);
    }
    Some(out)
}
