//! The server's clock against ours.
//!
//! Tokens expire by the server's clock. A machine whose clock is wrong would renew them too late, or all the time; so
//! each HTTP response is asked what time it was over there.

use std::time::UNIX_EPOCH;

use crate::time::Now;

/// How far the server's clock may be off the corrected one before the correction changes, in seconds. The header
/// counts whole seconds and is as old as the response took to arrive, so less than this is noise.
const TOLERANCE: u64 = 2;

/// 2020-01-01 and 2100-01-01, in seconds since 1970: what lies outside is no statement about the time.
const PLAUSIBLE: std::ops::Range<u64> = 1_577_836_800..4_102_444_800;

/// What has to be added to our wall clock to get the server's.
///
/// ```
/// use mezon_protocol::{ClockOffset, Now};
/// use std::time::Duration;
///
/// let mut clock = ClockOffset::default();
/// let now = Now::new(Duration::ZERO, Duration::from_secs(1_767_225_000)); // ten minutes slow
/// clock.observe(now, "Thu, 01 Jan 2026 00:00:00 GMT");
/// assert_eq!(clock.unix_seconds(now), 1_767_225_600);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ClockOffset {
    seconds: i64,
}

impl ClockOffset {
    /// Learns from the `Date` header of a response that arrived now. True if the correction changed.
    ///
    /// Ignored are headers that are no HTTP date, dates before 2020 or after 2099, and differences of up to 2 s to
    /// the corrected clock: the correction does not flap with the rounding. A larger difference replaces the
    /// correction at once, however large: a machine without a battery begins in 1970.
    pub fn observe(&mut self, now: Now, date_header: &str) -> bool {
        let Some(server) = parse(date_header) else {
            tracing::debug!("ignored a Date header that is no plausible date");
            return false;
        };
        if server.abs_diff(self.unix_seconds(now)) <= TOLERANCE {
            return false;
        }
        let seconds = difference(server, now.unix_seconds());
        // a clock that was set right in the meantime is trusted to the second
        let seconds = if seconds.unsigned_abs() <= TOLERANCE { 0 } else { seconds };
        let changed = seconds != self.seconds;
        self.seconds = seconds;
        tracing::debug!(seconds, "the server's clock differs from ours");
        changed
    }

    /// Seconds since 1970 by the server's clock.
    pub fn unix_seconds(&self, now: Now) -> u64 {
        now.unix_seconds().saturating_add_signed(self.seconds)
    }

    /// The correction in seconds: positive if the server's clock is ahead of ours.
    pub const fn seconds(&self) -> i64 {
        self.seconds
    }
}

fn parse(date_header: &str) -> Option<u64> {
    let date = httpdate::parse_http_date(date_header.trim()).ok()?;
    let seconds = date.duration_since(UNIX_EPOCH).ok()?.as_secs();
    PLAUSIBLE.contains(&seconds).then_some(seconds)
}

/// `server - ours`; `ours` is the driver's word and may be anything.
fn difference(server: u64, ours: u64) -> i64 {
    let clamp = |seconds: u64| i64::try_from(seconds).unwrap_or(i64::MAX);
    clamp(server).saturating_sub(clamp(ours))
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::*;

    const NEW_YEAR: u64 = 1_767_225_600;

    #[test]
    fn a_clock_that_is_off_is_corrected_in_both_directions() {
        for ours in [NEW_YEAR - 600, NEW_YEAR + 600, 0, 17] {
            let mut clock = ClockOffset::default();
            assert!(clock.observe(at(ours), &date(NEW_YEAR)));
            assert_eq!(clock.unix_seconds(at(ours)), NEW_YEAR);
            assert_eq!(clock.unix_seconds(at(ours + 5)), NEW_YEAR + 5);
        }
    }

    #[test]
    fn differences_by_rounding_change_nothing() {
        let mut clock = ClockOffset::default();
        for server in NEW_YEAR - 2..=NEW_YEAR + 2 {
            assert!(!clock.observe(at(NEW_YEAR), &date(server)));
        }
        assert_eq!(clock.seconds(), 0);

        assert!(clock.observe(at(NEW_YEAR), &date(NEW_YEAR + 3)));
        for server in NEW_YEAR + 1..=NEW_YEAR + 5 {
            assert!(!clock.observe(at(NEW_YEAR), &date(server)));
        }
        assert_eq!(clock.seconds(), 3);
    }

    #[test]
    fn a_clock_that_was_set_right_needs_no_correction_any_more() {
        let mut clock = ClockOffset::default();
        clock.observe(at(NEW_YEAR - 600), &date(NEW_YEAR));
        assert!(clock.observe(at(NEW_YEAR + 10), &date(NEW_YEAR + 11)));
        assert_eq!(clock.seconds(), 0);
    }

    #[test]
    fn what_is_no_plausible_date_is_ignored() {
        let mut clock = ClockOffset::default();
        let before_1970 = "Wed, 31 Dec 1969 23:59:59 GMT";
        for header in ["", "yesterday", "1767225600", before_1970, &date(0), &date(1_577_836_799), &date(4_102_444_800)]
        {
            assert!(!clock.observe(at(NEW_YEAR), header), "{header:?}");
        }
        assert_eq!(clock, ClockOffset::default());
    }

    #[test]
    fn an_absurd_clock_of_ours_does_no_harm() {
        let mut clock = ClockOffset::default();
        assert!(clock.observe(at(u64::MAX), &date(NEW_YEAR)));
        clock.unix_seconds(at(0));
        clock.unix_seconds(at(u64::MAX));
    }

    fn at(unix: u64) -> Now {
        Now::new(Duration::ZERO, Duration::from_secs(unix))
    }

    fn date(unix: u64) -> String {
        httpdate::fmt_http_date(SystemTime::UNIX_EPOCH + Duration::from_secs(unix))
    }
}
