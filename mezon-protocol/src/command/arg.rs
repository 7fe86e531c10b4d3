//! What an argument of a command can be.

use super::word::Word;
use super::{ArgProblem, ArgReader};
use crate::content::Mention;
use crate::id::{ChannelId, ClanId, MessageId, RoleId, UserId};

/// A type that an argument can be read into: numbers, texts, flags, ids, mentions; an [`Option`] of one, which may be
/// absent at the end, and a [`Vec`], which takes all that is left.
///
/// A text takes one word or quoted text; as the last argument it takes all that is left.
pub trait FromArg: Sized {
    /// What is wanted, for an error: "a whole number".
    const EXPECTED: &'static str;

    /// Reads one word; `None` if it is not what is wanted.
    fn from_word(word: &Word) -> Option<Self>;

    /// Reads as much as belongs to the argument: one word, as a rule.
    ///
    /// # Errors
    ///
    /// What is wrong.
    fn take(args: &mut ArgReader<'_>, is_last: bool) -> Result<Self, ArgProblem> {
        let _ = is_last;
        let word = args.word().ok_or(ArgProblem::Missing)?;
        Self::from_word(word).ok_or_else(|| ArgProblem::invalid(Self::EXPECTED, word.text()))
    }

    /// How it is written in a help text.
    fn usage(name: &str, is_last: bool) -> String {
        let _ = is_last;
        format!("<{name}>")
    }
}

macro_rules! parsed {
    ($($type:ident $expected:literal;)*) => {$(
        impl FromArg for $type {
            const EXPECTED: &'static str = $expected;

            fn from_word(word: &Word) -> Option<Self> {
                word.text().parse().ok()
            }
        }
    )*};
}

parsed! {
    i8 "a whole number from -128 to 127";
    i16 "a whole number from -32768 to 32767";
    i32 "a whole number";
    i64 "a whole number";
    u8 "a whole number from 0 to 255";
    u16 "a whole number from 0 to 65535";
    u32 "a whole number, not negative";
    u64 "a whole number, not negative";
    char "one character";
}

macro_rules! floats {
    ($($type:ident)*) => {$(
        impl FromArg for $type {
            const EXPECTED: &'static str = "a number";

            fn from_word(word: &Word) -> Option<Self> {
                word.text().parse().ok().filter(|number: &Self| number.is_finite())
            }
        }
    )*};
}

floats!(f32 f64);

macro_rules! ids {
    ($($type:ident $expected:literal;)*) => {$(
        impl FromArg for $type {
            const EXPECTED: &'static str = $expected;

            fn from_word(word: &Word) -> Option<Self> {
                word.text().parse().ok().filter(|id: &Self| !id.is_none())
            }
        }
    )*};
}

ids! {
    ChannelId "the id of a channel";
    ClanId "the id of a clan";
    MessageId "the id of a message";
}

/// A mention of one user, or the id.
impl FromArg for UserId {
    const EXPECTED: &'static str = "a user";

    fn from_word(word: &Word) -> Option<Self> {
        let id = match word.mention() {
            Some(mention) if mention.is_here() => Self::NONE,
            Some(mention) => mention.user_id,
            None => word.text().parse().ok()?,
        };
        (!id.is_none()).then_some(id)
    }
}

/// A mention of a role, or the id.
impl FromArg for RoleId {
    const EXPECTED: &'static str = "a role";

    fn from_word(word: &Word) -> Option<Self> {
        let id = match word.mention() {
            Some(mention) => mention.role_id,
            None => word.text().parse().ok()?,
        };
        (!id.is_none()).then_some(id)
    }
}

/// A mention of anybody.
impl FromArg for Mention {
    const EXPECTED: &'static str = "a mention";

    fn from_word(word: &Word) -> Option<Self> {
        word.mention().cloned()
    }
}

impl FromArg for bool {
    const EXPECTED: &'static str = "yes or no";

    fn from_word(word: &Word) -> Option<Self> {
        match word.text().to_ascii_lowercase().as_str() {
            "yes" | "true" | "on" | "1" => Some(true),
            "no" | "false" | "off" | "0" => Some(false),
            _ => None,
        }
    }
}

impl FromArg for String {
    const EXPECTED: &'static str = "a text";

    fn from_word(word: &Word) -> Option<Self> {
        Some(word.text().to_owned())
    }

    fn take(args: &mut ArgReader<'_>, is_last: bool) -> Result<Self, ArgProblem> {
        let text = if is_last { args.rest() } else { args.word().map(Word::text) };
        text.map(str::to_owned).ok_or(ArgProblem::Missing)
    }

    fn usage(name: &str, is_last: bool) -> String {
        if is_last { format!("<{name}...>") } else { format!("<{name}>") }
    }
}

impl<T: FromArg> FromArg for Option<T> {
    const EXPECTED: &'static str = T::EXPECTED;

    fn from_word(word: &Word) -> Option<Self> {
        T::from_word(word).map(Some)
    }

    fn take(args: &mut ArgReader<'_>, is_last: bool) -> Result<Self, ArgProblem> {
        if args.is_empty() { Ok(None) } else { T::take(args, is_last).map(Some) }
    }

    fn usage(name: &str, is_last: bool) -> String {
        let usage = T::usage(name, is_last);
        format!("[{}]", usage.trim_matches(['<', '>', '[', ']']))
    }
}

impl<T: FromArg> FromArg for Vec<T> {
    const EXPECTED: &'static str = T::EXPECTED;

    fn from_word(word: &Word) -> Option<Self> {
        T::from_word(word).map(|one| vec![one])
    }

    fn take(args: &mut ArgReader<'_>, _: bool) -> Result<Self, ArgProblem> {
        let mut all = Self::new();
        while !args.is_empty() {
            all.push(T::take(args, false)?);
        }
        Ok(all)
    }

    fn usage(name: &str, _: bool) -> String {
        format!("[{name}...]")
    }
}
