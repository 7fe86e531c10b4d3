//! Ids as the platform makes them: they grow with time, and hold it.
//!
//! ```text
//!   milliseconds since the epoch (42 bits) | node (10 bits, always 1) | step within the millisecond (12 bits)
//! ```

use mezon_protocol::Now;

/// The moment from which ids count, in milliseconds since 1970: that of the classic snowflake.
const EPOCH_MS: u64 = 1_288_834_974_657;

/// Ids made before the world has seen a clock belong to this moment: 2025-01-01 00:00 UTC, in milliseconds.
const FOUNDED_MS: u64 = 1_735_689_600_000;

const NODE: u64 = 1;
const STEPS: u64 = 1 << 12;

/// Makes ids. Never gives one twice, even when the clock stands still or steps back.
#[derive(Clone, Debug)]
pub(super) struct Snowflakes {
    last_ms: u64,
    step: u64,
}

impl Snowflakes {
    pub(super) fn new() -> Self {
        Self { last_ms: FOUNDED_MS, step: 0 }
    }

    /// The next id at that time; a full millisecond goes on in the one after it.
    pub(super) fn next(&mut self, now: Now) -> i64 {
        let now_ms = u64::try_from(now.unix.as_millis()).unwrap_or(u64::MAX);
        if now_ms > self.last_ms {
            (self.last_ms, self.step) = (now_ms, 0);
        }
        if self.step == STEPS {
            (self.last_ms, self.step) = (self.last_ms + 1, 0);
        }
        let id = ((self.last_ms - EPOCH_MS) << 22) | (NODE << 12) | self.step;
        self.step += 1;
        i64::try_from(id & (u64::MAX >> 1)).expect("the top bit is cleared")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::time::Duration;

    use super::*;

    #[test]
    fn ids_grow_even_when_the_clock_steps_back() {
        let mut ids = Snowflakes::new();
        let late = ids.next(Now::new(Duration::ZERO, Duration::from_secs(1_800_000_000)));
        let early = ids.next(Now::new(Duration::ZERO, Duration::from_secs(1_700_000_000)));
        assert!(early > late);
    }

    #[test]
    fn more_ids_than_one_millisecond_holds_stay_distinct() {
        let mut ids = Snowflakes::new();
        let made: BTreeSet<i64> = (0..10_000).map(|_| ids.next(Now::default())).collect();
        assert_eq!(made.len(), 10_000);
    }

    #[test]
    fn an_id_holds_the_time_at_which_it_was_made() {
        let mut ids = Snowflakes::new();
        let id = ids.next(Now::new(Duration::ZERO, Duration::from_secs(1_767_225_600)));
        assert_eq!((id.unsigned_abs() >> 22) + EPOCH_MS, 1_767_225_600_000);
    }
}
