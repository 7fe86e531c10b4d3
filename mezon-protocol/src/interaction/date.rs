//! A day of the calendar, as date pickers give it.

use std::fmt;
use std::str::FromStr;

/// A day of the Gregorian calendar, from 0001-01-01 to 9999-12-31.
///
/// ```
/// use mezon_protocol::interaction::Date;
///
/// let date: Date = "2026-02-28".parse()?;
/// assert_eq!((date.year(), date.month(), date.day()), (2026, 2, 28));
/// assert!("2026-02-29".parse::<Date>().is_err());
/// # Ok::<(), mezon_protocol::interaction::InvalidDate>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

/// Not a day of the calendar, or not written as `YYYY-MM-DD`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a date: YYYY-MM-DD is wanted")]
pub struct InvalidDate;

impl Date {
    /// A day, if there is such a day.
    pub fn new(year: u16, month: u8, day: u8) -> Option<Self> {
        let exists = (1..=9999).contains(&year) && day >= 1 && day <= days_of(year, month);
        exists.then_some(Self { year, month, day })
    }

    /// The year, 1 to 9999.
    pub const fn year(self) -> u16 {
        self.year
    }

    /// The month, 1 to 12.
    pub const fn month(self) -> u8 {
        self.month
    }

    /// The day of the month, 1 to 31.
    pub const fn day(self) -> u8 {
        self.day
    }
}

/// How many days a month has; none if there is no such month.
const fn days_of(year: u16, month: u8) -> u8 {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 0,
    }
}

impl FromStr for Date {
    type Err = InvalidDate;

    fn from_str(text: &str) -> Result<Self, InvalidDate> {
        let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = text.trim().as_bytes() else { return Err(InvalidDate) };
        let year = number(&[*y1, *y2, *y3, *y4]).ok_or(InvalidDate)?;
        let month = number(&[*m1, *m2]).ok_or(InvalidDate)?;
        let day = number(&[*d1, *d2]).ok_or(InvalidDate)?;
        Self::new(year, month as u8, day as u8).ok_or(InvalidDate)
    }
}

/// The value of at most four decimal digits.
fn number(digits: &[u8]) -> Option<u16> {
    digits.iter().try_fold(0, |sum, digit| digit.is_ascii_digit().then(|| sum * 10 + u16::from(digit - b'0')))
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_days_of_the_calendar_are_dates() {
        for good in ["2026-08-17", "2024-02-29", "2000-02-29", "0001-01-01", "9999-12-31", " 2026-08-17 "] {
            assert_eq!(good.parse::<Date>().unwrap().to_string(), good.trim());
        }
        for bad in [
            "34343-12-22",
            "2026-02-29",
            "1900-02-29",
            "2026-13-01",
            "2026-00-01",
            "2026-04-31",
            "2026-01-00",
            "0000-01-01",
            "2026-1-1",
            "2026/01/01",
            "26-01-01",
            "+026-01-01",
            "2026-01-01T00:00",
            "",
            "today",
            "２０２６-01-01",
        ] {
            assert_eq!(bad.parse::<Date>(), Err(InvalidDate), "{bad}");
        }
    }

    #[test]
    fn days_are_ordered_as_in_time() {
        assert!(Date::new(2025, 12, 31) < Date::new(2026, 1, 1));
        assert!(Date::new(2026, 1, 31) < Date::new(2026, 2, 1));
    }
}
