//! Calendar dates as documents write them, and as numbers that can be counted with.

use std::fmt;

use jiff::civil::Date;

use crate::document::{quoted, text_value};
use crate::error::{Error, ErrorKind, Result};

/// Seconds of a day of the calendar, leap seconds not counted (as everywhere in SQL).
pub const SECONDS_PER_DAY: i64 = 86_400;

/// Microseconds of such a day.
pub const MICROSECONDS_PER_DAY: i64 = SECONDS_PER_DAY * 1_000_000;

/// A date in a document: `YYYY-MM-DD` and nothing else (ISO 8601 extended format, years 0001-9999).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IsoDate(pub Date);

impl IsoDate {
    /// Reads `YYYY-MM-DD`.
    ///
    /// # Errors
    ///
    /// `InvalidValue` for any other format and for days that do not exist.
    pub fn parse(text: &str) -> Result<IsoDate> {
        let wrong = || {
            Error::invalid(format!("found {}, expected a date YYYY-MM-DD", quoted(text)))
                .hint("Write the date as year, month and day, such as 2024-02-29.")
        };
        let bytes = text.as_bytes();
        let shaped = bytes.len() == 10
            && bytes
                .iter()
                .enumerate()
                .all(|(i, b)| if i == 4 || i == 7 { *b == b'-' } else { b.is_ascii_digit() });
        if !shaped || text.starts_with("0000") {
            return Err(wrong());
        }
        text.parse().map(IsoDate).map_err(|_| wrong())
    }
}

/// The day of `YYYY-MM-DD`, in days since 1970-01-01; `None` for any other text, and for days that do not exist. What
/// [`IsoDate`] reads, for values that come in great numbers.
#[inline]
pub fn iso_day(text: &[u8]) -> Option<i32> {
    let [y0, y1, y2, y3, b'-', m0, m1, b'-', d0, d1] = <[u8; 10]>::try_from(text).ok()? else { return None };
    let digits = [y0, y1, y2, y3, m0, m1, d0, d1].map(|byte| i16::from(byte.wrapping_sub(b'0')));
    if digits.iter().any(|digit| *digit > 9) {
        return None;
    }
    let [y0, y1, y2, y3, m0, m1, d0, d1] = digits;
    let year = 1000 * y0 + 100 * y1 + 10 * y2 + y3;
    let date = Date::new(year, (10 * m0 + m1) as i8, (10 * d0 + d1) as i8).ok().filter(|_| year > 0)?;
    Some(day_number(date))
}

impl fmt::Display for IsoDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

text_value!(IsoDate, "a date YYYY-MM-DD", "^[0-9]{4}-[0-9]{2}-[0-9]{2}$");

/// A day of every year: `MM-DD`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MonthDay {
    month: i8,
    day: i8,
}

impl MonthDay {
    /// Reads `MM-DD`.
    ///
    /// # Errors
    ///
    /// `InvalidValue` for any other format and for days that no year has.
    pub fn parse(text: &str) -> Result<MonthDay> {
        // 2000 has a 29 February.
        match IsoDate::parse(&format!("2000-{text}")) {
            Ok(IsoDate(day)) => Ok(MonthDay::of(day)),
            Err(_) => Err(Error::invalid(format!("found {}, expected a day MM-DD", quoted(text)))
                .hint("Write the month and the day, such as 03-01.")),
        }
    }

    /// The day of a date.
    pub fn of(date: Date) -> MonthDay {
        MonthDay { month: date.month(), day: date.day() }
    }

    /// Its first date that is not before another; 29 February is 28 February in a year without it. None after the
    /// last year of the calendar.
    pub fn next_from(self, from: Date) -> Option<Date> {
        let this = self.in_year(from.year()).filter(|date| *date >= from);
        this.or_else(|| self.in_year(from.year().checked_add(1)?))
    }

    /// Its date in a year; 29 February is 28 February in a year without it. None beyond the years of the calendar.
    pub fn in_year(self, year: i16) -> Option<Date> {
        Date::new(year, self.month, self.day).or_else(|_| Date::new(year, self.month, self.day - 1)).ok()
    }

    /// The month and the day of it.
    pub fn parts(self) -> (i8, i8) {
        (self.month, self.day)
    }

    /// Whether the next day is in another year.
    pub fn is_last_of_year(self) -> bool {
        (self.month, self.day) == (12, 31)
    }
}

impl fmt::Display for MonthDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}-{:02}", self.month, self.day)
    }
}

text_value!(MonthDay, "a day MM-DD", "^[0-9]{2}-[0-9]{2}$");

/// The first supported day, that of the first year of [`YEARS`](crate::limits::YEARS), in days since 1970-01-01.
pub const FIRST_DAY: i32 = -4_371_587;
/// The last one.
pub const LAST_DAY: i32 = 2_932_896;

/// The error for an instant that has no day in the calendar.
#[cold]
pub fn timestamp_out_of_range() -> Error {
    Error::new(ErrorKind::DateOutOfRange, "timestamp out of range")
        .detail("Finite timestamps from -9999-01-02 to 9999-12-30 are read.")
        .hint("Give a time in that range.")
}

/// Years of the calendar repeat after so many days, which are 400 years.
const DAYS_OF_400_YEARS: i32 = 146_097;

/// From 0000-03-01, with which years begin here so that the day of February comes last, to 1970-01-01.
const MARCH_OF_YEAR_0: i32 = 719_468;

/// Days since 1970-01-01, a Thursday.
pub fn day_number(date: Date) -> i32 {
    let month = i32::from(date.month());
    let year = i32::from(date.year()) - i32::from(month <= 2);
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + i32::from(date.day()) - 1;
    era * DAYS_OF_400_YEARS + of_era * 365 + of_era / 4 - of_era / 100 + of_year - MARCH_OF_YEAR_0
}

/// The date with that [`day_number`], if there is one.
pub fn date_of(day: i32) -> Option<Date> {
    let day = day.checked_add(MARCH_OF_YEAR_0)?;
    let (era, of_era) = (day.div_euclid(DAYS_OF_400_YEARS), day.rem_euclid(DAYS_OF_400_YEARS));
    // Of the days that leap years have more than others.
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let of_month = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = era * 400 + year + i32::from(month <= 2);
    Date::new(i16::try_from(year).ok()?, month as i8, of_month as i8).ok()
}

/// The error for a date before -9999-01-01 or after 9999-12-31.
pub(crate) fn out_of_range(what: impl Into<String>) -> Error {
    Error::new(ErrorKind::DateOutOfRange, what)
        .detail("The result is not between the years -9999 and 9999.")
        .hint("Use a smaller step, or a start nearer to today.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::SignedDuration;
    use jiff::civil::date;
    use proptest::prelude::*;

    #[test]
    fn the_first_and_the_last_day() {
        let (first, last) = crate::limits::YEARS;
        assert_eq!(day_number(date(first, 1, 1)), FIRST_DAY);
        assert_eq!(day_number(date(last, 12, 31)), LAST_DAY);
    }

    #[test]
    fn reads_one_format_only() {
        assert_eq!(IsoDate::parse("2024-02-29").unwrap().0, date(2024, 2, 29));
        for wrong in [
            "2023-02-29",
            "2024-2-9",
            "20240229",
            "2024-02-29T00:00",
            "0000-01-01",
            "",
            "２０２４-02-29",
            "+024-02-29",
        ] {
            assert_eq!(IsoDate::parse(wrong).unwrap_err().kind, ErrorKind::InvalidValue, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn numbers_are_dates(day in -4_371_587i32..=2_932_896) {
            let found = date_of(day).unwrap();
            prop_assert_eq!(day_number(found), day);
            let counted = date(1970, 1, 1).checked_add(SignedDuration::from_hours(i64::from(day) * 24));
            prop_assert_eq!(Some(found), counted.ok());
        }
    }

    #[test]
    fn numbers_end_with_the_calendar() {
        assert_eq!(date_of(day_number(Date::MIN)), Some(Date::MIN));
        assert_eq!(date_of(day_number(Date::MAX)), Some(Date::MAX));
        assert_eq!(date_of(day_number(Date::MAX) + 1), None);
        assert_eq!(date_of(i32::MAX), None);
        assert_eq!(date_of(i32::MIN), None);
    }
}
