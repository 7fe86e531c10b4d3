//! Time as an input: the core never reads a clock.

use std::time::Duration;

/// The moment at which something happens, as seen by whoever drives the core.
///
/// Two readings, because they answer different questions: `elapsed` never goes back and is what deadlines are made
/// of; `unix` is the wall clock, which token expiry is judged by and which may jump. Neither is a
/// [`std::time::Instant`]: that can only be made by a clock, and no file can hold it.
///
/// ```
/// use mezon_protocol::Now;
/// use std::time::Duration;
///
/// let start = Now::new(Duration::ZERO, Duration::from_secs(1_767_225_600));
/// let later = start + Duration::from_secs(5);
/// assert_eq!(later.elapsed, Duration::from_secs(5));
/// assert_eq!(later.unix_seconds(), 1_767_225_605);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Now {
    /// Since an origin that the driver chooses, usually its start. Never goes back.
    pub elapsed: Duration,
    /// Since 1970-01-01 00:00 UTC.
    pub unix: Duration,
}

impl Now {
    /// A moment from its two readings.
    pub const fn new(elapsed: Duration, unix: Duration) -> Self {
        Self { elapsed, unix }
    }

    /// Whole seconds since 1970, as tokens count them.
    pub const fn unix_seconds(&self) -> u64 {
        self.unix.as_secs()
    }
}

impl std::ops::Add<Duration> for Now {
    type Output = Self;

    fn add(self, by: Duration) -> Self {
        Self::new(self.elapsed.saturating_add(by), self.unix.saturating_add(by))
    }
}
