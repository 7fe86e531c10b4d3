//! Times in embeds.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::time::Now;

/// A time as an embed holds it: a text by RFC 3339, as `2026-01-02T03:04:05.678Z`.
///
/// It is made from a [`Now`], a [`SystemTime`], or the time since 1970; what is given as text is kept as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timestamp(String);

impl Timestamp {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<Now> for Timestamp {
    fn from(now: Now) -> Self {
        now.unix.into()
    }
}

/// Times before 1970 become 1970.
impl From<SystemTime> for Timestamp {
    fn from(time: SystemTime) -> Self {
        time.duration_since(UNIX_EPOCH).unwrap_or_default().into()
    }
}

/// Since 1970, in UTC.
impl From<Duration> for Timestamp {
    fn from(since_1970: Duration) -> Self {
        let seconds = since_1970.as_secs();
        let (year, month, day) = date(seconds / 86_400);
        let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
        let millis = since_1970.subsec_millis();
        Self(format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z"))
    }
}

impl From<String> for Timestamp {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&str> for Timestamp {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl From<Timestamp> for String {
    fn from(timestamp: Timestamp) -> Self {
        timestamp.0
    }
}

/// Year, month and day of a day since 1970.
const fn date(days: u64) -> (u64, u64, u64) {
    // Counted from March, so that the leap day is the last of a year: years of 400, 100, 4 and 1. 1970 began 306 days
    // after the 1st of March 1969, and 719,468 days lie between year 0 and 1970.
    let days = days + 719_468;
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = era * 400 + year_of_era + if month <= 2 { 1 } else { 0 };
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_in_utc_with_milliseconds() {
        let table = [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_399_999, "2000-02-28T23:59:59.999Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (1_767_323_045_678, "2026-01-02T03:04:05.678Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
        ];
        for (millis, text) in table {
            assert_eq!(Timestamp::from(Duration::from_millis(millis)).as_str(), text);
            assert_eq!(Timestamp::from(UNIX_EPOCH + Duration::from_millis(millis)).as_str(), text);
        }
        assert_eq!(Timestamp::from(UNIX_EPOCH - Duration::from_secs(1)).as_str(), "1970-01-01T00:00:00.000Z");
        let _ = Timestamp::from(Duration::MAX);
    }

    #[test]
    fn no_day_is_left_out_and_none_comes_twice() {
        let mut last = date(0);
        for day in 1..200_000 {
            let next = date(day);
            assert!(next > last && (1..=12).contains(&next.1) && (1..=31).contains(&next.2), "{next:?}");
            assert_eq!(next.2 == 1, next.1 != last.1, "{next:?}");
            last = next;
        }
        assert_eq!(date(0), (1970, 1, 1));
    }
}
