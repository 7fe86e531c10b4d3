//! The kinds of what the server pushes.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use super::table::members;
use crate::proto::realtime::envelope;

/// Who sends a member of the Envelope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// The server, on its own.
    Push,
    /// The client, as a request.
    Request,
    /// Either: a request of one client is pushed to others.
    Both,
    /// The server, in answer to a request.
    Reply,
}

macro_rules! kinds {
    (
        handles { $($handles:tt)* }
        boxed { $($boxed:tt)* }
    ) => {
        kinds! { @rows $($handles)* $($boxed)* }
    };
    (@rows $(
        $kind:ident = $field:literal, $wire:tt, $direction:ident $(($on:ident $(, $alias:literal)*))?,
            $generated:ident($type:ty), $doc:literal;
    )*) => {
        /// What was pushed: the member of the [`Envelope`](crate::proto::realtime::Envelope) that was set.
        ///
        /// A kind has the name of its variant in [`Event`](super::Event). There is one for each member, also for those
        /// that only clients send.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        #[repr(u8)]
        pub enum EventKind {
            $(
                #[doc = $doc]
                #[doc = ""]
                #[doc = concat!("Wire name: `", $wire, "`.")]
                #[doc(alias = $wire)]
                $kind = $field,
            )*
        }

        impl EventKind {
            /// Every kind of this build.
            pub const ALL: &'static [Self] = &[$(Self::$kind),*];

            /// The kind with this field number in the Envelope, `None` if this build knows no such member.
            #[must_use]
            pub const fn from_field(field: u32) -> Option<Self> {
                match field {
                    $($field => Some(Self::$kind),)*
                    _ => None,
                }
            }

            /// The kind with this name on the wire, such as `channel_message`.
            #[must_use]
            pub fn from_name(name: &str) -> Option<Self> {
                match name {
                    $($wire => Some(Self::$kind),)*
                    _ => None,
                }
            }

            /// The kind of a member of the Envelope.
            #[must_use]
            pub const fn of(member: &envelope::Message) -> Self {
                match member {
                    $(envelope::Message::$generated(_) => Self::$kind,)*
                }
            }

            /// Its name on the wire, such as `channel_message`.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$kind => $wire,)*
                }
            }

            /// Who sends it.
            #[must_use]
            pub const fn direction(self) -> Direction {
                match self {
                    $(Self::$kind => Direction::$direction,)*
                }
            }
        }
    };
}

members!(kinds);

impl EventKind {
    /// Its field number in the Envelope.
    #[must_use]
    pub const fn field(self) -> u32 {
        self as u32
    }

    /// True for what the server pushes on its own, false for mere requests and answers.
    #[must_use]
    pub const fn is_push(self) -> bool {
        matches!(self.direction(), Direction::Push | Direction::Both)
    }
}

/// A name that no event has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no event with the name {0:?}")]
pub struct UnknownKind(String);

/// A kind is no name that could be unknown.
impl From<Infallible> for UnknownKind {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

/// Reads a name as the wire has it, in any case and with or without `_event` at its end: `channel_message`,
/// `CHANNEL_CREATED_EVENT` and `give_coffee` are all understood.
impl FromStr for EventKind {
    type Err = UnknownKind;

    fn from_str(name: &str) -> Result<Self, UnknownKind> {
        let lower = name.trim().to_ascii_lowercase();
        let found = Self::from_name(&lower)
            .or_else(|| Self::from_name(&format!("{lower}_event")))
            .or_else(|| Self::from_name(lower.strip_suffix("_event")?));
        found.ok_or_else(|| UnknownKind(name.to_owned()))
    }
}

impl TryFrom<&str> for EventKind {
    type Error = UnknownKind;

    fn try_from(name: &str) -> Result<Self, UnknownKind> {
        name.parse()
    }
}

impl fmt::Display for EventKind {
    /// Writes the name on the wire.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kinds_are_the_members_two_to_a_hundred_each_once() {
        let mut fields: Vec<u32> = EventKind::ALL.iter().map(|kind| kind.field()).collect();
        fields.sort_unstable();
        assert_eq!(fields, (2..=100).collect::<Vec<_>>());
    }

    #[test]
    fn a_kind_is_found_by_field_and_by_name() {
        for &kind in EventKind::ALL {
            assert_eq!(EventKind::from_field(kind.field()), Some(kind));
            assert_eq!(EventKind::from_name(kind.name()), Some(kind));
        }
        for field in [0, 1, 101, 128, u32::MAX] {
            assert_eq!(EventKind::from_field(field), None);
        }
        assert_eq!(EventKind::from_name("channel_massage"), None);
    }

    /// Row 125.
    #[test]
    fn names_are_read_as_other_clients_write_them() {
        for (name, kind) in [
            ("CHANNEL_MESSAGE", EventKind::Message),
            ("message_reaction_event", EventKind::Reaction),
            ("USER_CLAN_REMOVED", EventKind::UsersRemovedFromClan),
            ("give_coffee", EventKind::CoffeeGiven),
            ("clan_event_created", EventKind::CalendarEventChanged),
            ("message_button_clicked_event", EventKind::ButtonClicked),
        ] {
            assert_eq!(name.parse(), Ok(kind));
        }
        assert_eq!(
            EventKind::try_from("nonsense").unwrap_err().to_string(),
            "there is no event with the name \"nonsense\""
        );
    }

    #[test]
    fn pushes_are_told_from_requests_and_answers() {
        for push in [EventKind::Message, EventKind::Reaction, EventKind::Typing, EventKind::ServerError] {
            assert!(push.is_push(), "{push}");
        }
        for other in [EventKind::Ping, EventKind::Pong, EventKind::ApiRequest, EventKind::MessageAcknowledged] {
            assert!(!other.is_push(), "{other}");
        }
    }

    #[test]
    fn a_kind_is_shown_by_its_name_on_the_wire() {
        assert_eq!(EventKind::UserLeftVoice.to_string(), "voice_leaved_event");
    }
}
