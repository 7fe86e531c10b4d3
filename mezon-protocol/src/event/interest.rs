//! Which events somebody wants: a set of kinds that is asked once for every frame.

use std::fmt;

use super::EventKind;

/// The kinds of pushes that are wanted; the others are dropped unread.
///
/// It is about pushes alone: what the library needs for itself it reads anyway, and what happens to the connection is
/// always reported. [`ALL`](Self::ALL) is the default.
///
/// ```
/// use mezon_protocol::event::{EventKind, Interest};
///
/// let interest = Interest::messages().with(EventKind::Reaction);
/// assert!(interest.contains(EventKind::Message.field()));
/// assert!(!interest.contains(EventKind::Typing.field()));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Interest {
    /// One bit for each field number below 128; those that this build does not know are all like `unknown`.
    kinds: u128,
    /// Members that this build does not know.
    unknown: bool,
}

impl Interest {
    /// Everything, members that this build does not know included.
    pub const ALL: Self = Self { kinds: u128::MAX, unknown: true };

    /// Nothing.
    pub const NONE: Self = Self { kinds: 0, unknown: false };

    /// Messages alone: new, edited and deleted.
    #[must_use]
    pub const fn messages() -> Self {
        Self::NONE.with(EventKind::Message)
    }

    /// This kind too.
    #[must_use]
    pub const fn with(self, kind: EventKind) -> Self {
        Self { kinds: self.kinds | bit(kind), ..self }
    }

    /// Not this kind.
    #[must_use]
    pub const fn without(self, kind: EventKind) -> Self {
        Self { kinds: self.kinds & !bit(kind), ..self }
    }

    /// Also, or not, the members that this build does not know.
    #[must_use]
    pub const fn with_unknown(self, wanted: bool) -> Self {
        let known = self.kinds & KNOWN;
        Self { kinds: if wanted { known | !KNOWN } else { known }, unknown: wanted }
    }

    /// Everything but these members, and perhaps those beyond the numbers that this build has bits for.
    pub(crate) fn except(fields: &[u32], unknown: bool) -> Self {
        let known = fields.iter().filter(|field| **field < u128::BITS);
        Self { kinds: known.fold(u128::MAX, |kinds, field| kinds & !(1 << field)), unknown }
    }

    /// True if the member with this field number is wanted.
    #[must_use]
    pub const fn contains(self, field: u32) -> bool {
        if field < u128::BITS { self.kinds >> field & 1 == 1 } else { self.unknown }
    }
}

impl Default for Interest {
    fn default() -> Self {
        Self::ALL
    }
}

impl FromIterator<EventKind> for Interest {
    fn from_iter<I: IntoIterator<Item = EventKind>>(kinds: I) -> Self {
        kinds.into_iter().fold(Self::NONE, Self::with)
    }
}

impl fmt::Debug for Interest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::ALL {
            return f.write_str("Interest::ALL");
        }
        let kinds = EventKind::ALL.iter().filter(|kind| self.contains(kind.field()));
        let unknown = self.unknown.then_some(&"unknown");
        f.write_str("Interest ")?;
        f.debug_set().entries(kinds).entries(unknown).finish()
    }
}

/// The bits of the kinds that this build knows.
const KNOWN: u128 = {
    let mut known = 0;
    let mut i = 0;
    while i < EventKind::ALL.len() {
        known |= bit(EventKind::ALL[i]);
        i += 1;
    }
    known
};

const fn bit(kind: EventKind) -> u128 {
    1 << kind.field()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_wants_every_kind_and_what_is_unknown() {
        for field in [2, 6, 100, 101, 127, 128, 5000, u32::MAX] {
            assert!(Interest::ALL.contains(field), "{field}");
            assert!(!Interest::NONE.contains(field), "{field}");
        }
    }

    #[test]
    fn kinds_are_added_and_taken_out() {
        let interest = Interest::messages().with(EventKind::VoiceInteraction).without(EventKind::Message);
        let wanted: Vec<_> = EventKind::ALL.iter().filter(|kind| interest.contains(kind.field())).collect();
        assert_eq!(wanted, [&EventKind::VoiceInteraction]);
        assert_eq!(interest, [EventKind::VoiceInteraction].into_iter().collect());
    }

    #[test]
    fn unknown_members_follow_a_flag_of_their_own() {
        let every_known: Interest = EventKind::ALL.iter().copied().collect();
        assert!(!every_known.contains(101) && !every_known.contains(300));
        assert_eq!(every_known.with_unknown(true), Interest::ALL);
        assert_eq!(Interest::ALL.with_unknown(false), every_known);
        assert!(Interest::NONE.with_unknown(true).contains(101));
        assert!(!Interest::NONE.with_unknown(true).contains(100));
    }

    #[test]
    fn it_is_shown_by_names() {
        let interest = Interest::messages().with_unknown(true);
        assert_eq!(format!("{interest:?}"), "Interest {Message, \"unknown\"}");
        assert_eq!(format!("{:?}", Interest::default()), "Interest::ALL");
    }
}
