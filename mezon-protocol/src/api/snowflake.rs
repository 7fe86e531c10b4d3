//! Ids that clients make themselves.

use crate::time::Now;

/// 2020-01-01 00:00 UTC in milliseconds since 1970: where these ids begin to count.
const EPOCH_MILLIS: u64 = 1_577_836_800_000;

/// How many ids fit into a millisecond.
const PER_MILLI: u64 = 1 << 12;

/// Data centre 1, worker 1, as all clients have it.
const ORIGIN: i64 = (1 << 17) | (1 << 12);

/// Makes the ids that the platform leaves to its clients: those of quick-menu entries, and file names of emoji and
/// stickers.
///
/// ```text
/// milliseconds since 2020    data centre    worker    sequence in this millisecond
///                41 bits     5 bits: 1      5 bits: 1 12 bits, from 0
/// ```
///
/// The sequence never runs into the other bits, and a clock that steps back makes no id twice: both are met by going on
/// in the millisecond after the last id.
///
/// ```
/// use mezon_protocol::Now;
/// use mezon_protocol::api::Snowflakes;
/// use std::time::Duration;
///
/// let now = Now::new(Duration::ZERO, Duration::from_millis(1_785_000_000_000));
/// let mut ids = Snowflakes::default();
/// assert_eq!(ids.next(now), 868905438412935168);
/// assert_eq!(ids.next(now), 868905438412935169);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Snowflakes {
    /// Of the next id, at least: milliseconds and sequence as one number.
    next: u64,
}

impl Snowflakes {
    /// The next id: always larger than the one before.
    pub fn next(&mut self, now: Now) -> i64 {
        let millis = u64::try_from(now.unix.as_millis()).unwrap_or(u64::MAX).saturating_sub(EPOCH_MILLIS);
        // 41 bits last until 2089; a clock that is further on is broken
        let earliest = millis.min((1 << 41) - 1) * PER_MILLI;
        let id = self.next.max(earliest);
        self.next = id + 1;
        let (millis, sequence) = (id / PER_MILLI, id % PER_MILLI);
        ((millis as i64) << 22) | ORIGIN | sequence as i64
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn at(millis: u64) -> Now {
        Now::new(Duration::ZERO, Duration::from_millis(EPOCH_MILLIS + millis))
    }

    #[test]
    fn a_full_millisecond_goes_on_in_the_next() {
        let mut ids = Snowflakes::default();
        let made: Vec<_> = (0..5000).map(|_| ids.next(at(7))).collect();
        assert!(made.windows(2).all(|pair| pair[0] < pair[1]));
        assert_eq!(made[4095] - made[0], 4095);
        assert_eq!(made[4096] >> 22, 8);
        assert_eq!(made[4096] & 0xfff, 0);
        assert!(made.iter().all(|id| id >> 12 & 0x3ff == 0b1_00001), "data centre and worker stay as they are");
    }

    #[test]
    fn a_clock_that_steps_back_repeats_nothing() {
        let mut ids = Snowflakes::default();
        let first = ids.next(at(1000));
        assert!(ids.next(at(10)) > first);
        assert!(ids.next(Now::default()) > first);
        assert_eq!(ids.next(at(2000)) >> 22, 2000);
    }

    #[test]
    fn an_absurd_clock_makes_positive_ids_still() {
        let mut ids = Snowflakes::default();
        for _ in 0..3 {
            assert!(ids.next(Now::new(Duration::ZERO, Duration::MAX)) > 0);
        }
    }
}
