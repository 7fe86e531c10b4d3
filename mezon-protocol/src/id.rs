//! Identifiers: 64-bit integers on the wire, one Rust type for each kind of thing.
//!
//! `0` means "none" everywhere on the platform, so there is no `Option` around an id: ask [`UserId::is_none`].
//! Text is accepted wherever it is a decimal integer and refused otherwise; it never becomes a silent 0.

use std::fmt;
use std::str::FromStr;

use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::error::Error;

/// A text that is not a decimal 64-bit integer was given where an id is wanted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an id: {text:?} is no decimal 64-bit integer")]
pub struct InvalidId {
    text: String,
}

impl InvalidId {
    /// The offending text, shortened to 64 characters.
    fn new(text: &str) -> Self {
        Self { text: text.chars().take(64).collect() }
    }
}

/// What stands for an id: the id itself, an integer, or decimal text.
///
/// ```
/// use mezon_protocol::{ChannelId, IntoId};
///
/// let id: ChannelId = "1779000000000000101".into_id()?;
/// assert_eq!(id, 1_779_000_000_000_000_101_i64.into_id()?);
/// assert!(IntoId::<ChannelId>::into_id("general").is_err());
/// # Ok::<(), mezon_protocol::Error>(())
/// ```
pub trait IntoId<I> {
    /// The id.
    ///
    /// # Errors
    ///
    /// `InvalidArgument` for text that is no decimal integer, and for integers that are too large.
    fn into_id(self) -> Result<I, Error>;
}

impl<T, I> IntoId<I> for T
where
    T: TryInto<I>,
    Error: From<T::Error>,
{
    fn into_id(self) -> Result<I, Error> {
        Ok(self.try_into()?)
    }
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        ///
        /// Written as decimal text by serde, as the platform's JSON does; read from text or number.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(i64);

        impl $name {
            /// No such thing: the platform's 0.
            pub const NONE: Self = Self(0);

            /// An id from its integer.
            pub const fn new(value: i64) -> Self {
                Self(value)
            }

            /// The integer that goes on the wire.
            pub const fn get(self) -> i64 {
                self.0
            }

            /// True for 0, which stands for "none".
            pub const fn is_none(self) -> bool {
                self.0 == 0
            }
        }

        impl From<i64> for $name {
            fn from(value: i64) -> Self {
                Self(value)
            }
        }

        impl From<$name> for i64 {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                text.trim().parse().map(Self).map_err(|_| InvalidId::new(text))
            }
        }

        impl TryFrom<&str> for $name {
            type Error = InvalidId;

            fn try_from(text: &str) -> Result<Self, InvalidId> {
                text.parse()
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;

            fn try_from(text: String) -> Result<Self, InvalidId> {
                text.parse()
            }
        }

        impl TryFrom<&String> for $name {
            type Error = InvalidId;

            fn try_from(text: &String) -> Result<Self, InvalidId> {
                text.parse()
            }
        }

        impl TryFrom<u64> for $name {
            type Error = InvalidId;

            fn try_from(value: u64) -> Result<Self, InvalidId> {
                i64::try_from(value).map(Self).map_err(|_| InvalidId::new(&value.to_string()))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_any(IdVisitor).map(Self)
            }
        }
    )*};
}

ids! {
    /// A user, a bot included.
    UserId;
    /// A clan (elsewhere: server, guild). 0 is the space of direct and group messages.
    ClanId;
    /// A channel of any type: text, thread, group, direct messages, voice.
    ChannelId;
    /// A message. Ids of the server grow with time.
    MessageId;
    /// A role of a clan.
    RoleId;
    /// A custom emoji.
    EmojiId;
    /// A discussion opened on a message.
    TopicId;
    /// A category that groups channels.
    CategoryId;
}

/// The user id by which "@here" is mentioned.
pub const HERE: UserId = UserId::new(1_775_731_111_020_111_321);

/// The shared account under which anonymous messages appear.
pub const ANONYMOUS: UserId = UserId::new(1_767_478_432_163_172_999);

struct IdVisitor;

impl Visitor<'_> for IdVisitor {
    type Value = i64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an id: a 64-bit integer, or one as decimal text")
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<i64, E> {
        Ok(value)
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<i64, E> {
        i64::try_from(value).map_err(E::custom)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<i64, E> {
        text.trim().parse().map_err(|_| E::custom(InvalidId::new(text)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_integer_give_the_same_id() {
        assert_eq!("1840000000000000001".parse(), Ok(UserId::new(1_840_000_000_000_000_001)));
        assert_eq!(UserId::try_from("7"), Ok(UserId::from(7)));
    }

    #[test]
    fn text_that_is_no_integer_is_refused_and_never_zero() {
        for text in ["", "abc", "12x", "1.0", "0x10", "9223372036854775808"] {
            assert!(text.parse::<UserId>().is_err(), "{text:?}");
        }
        assert!(UserId::try_from(u64::MAX).is_err());
    }

    #[test]
    fn json_is_written_as_text_and_read_from_text_or_number() {
        let id = ChannelId::new(1_779_000_000_000_000_101);
        assert_eq!(serde_json::to_string(&id).unwrap(), "\"1779000000000000101\"");
        for json in ["\"1779000000000000101\"", "1779000000000000101"] {
            assert_eq!(serde_json::from_str::<ChannelId>(json).unwrap(), id);
        }
        assert!(serde_json::from_str::<ChannelId>("\"x\"").is_err());
        assert!(serde_json::from_str::<ChannelId>("1.5").is_err());
    }
}
