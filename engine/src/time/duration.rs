//! Lengths of time as ISO 8601 durations: how often ([`Period`]), how far from the as-of day
//! ([`Offset`]), how soon ([`ServiceTime`]).
//!
//! The notation is that of ISO 8601-1:2019, 5.5.2.3, with weeks allowed beside the other units. Each
//! unit stands at most once, largest first, with a whole number. What was written is kept: `P14M`
//! stays `P14M`, only zero units and leading zeros go.

mod words;

use std::fmt::{self, Write};

use jiff::civil::Date;
use jiff::{SignedDuration, Span};

use crate::document::{quoted, text_value};
use crate::error::{Error, Result};
use crate::limits::DURATION_DAYS;
use crate::time::date::{SECONDS_PER_DAY, out_of_range};

/// A month in sixteenths of a day: a twelfth of 365.25 days is a whole number of them.
const MONTH_SIXTEENTHS: u64 = 487;

/// A cadence in whole days: years, months, weeks and days, positive, at most 100 years.
///
/// ```
/// use customer_tiering_engine::time::duration::Period;
///
/// assert_eq!(Period::parse("P1M").unwrap().to_string(), "P1M");
/// assert!(Period::parse("PT1H").is_err());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Period {
    units: Units,
}

/// A signed distance from the as-of day in whole days: a [`Period`] that may be zero or negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Offset {
    negative: bool,
    units: Units,
}

/// A service target: days, hours, minutes and seconds, positive, at most 100 years.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ServiceTime {
    days: u32,
    hours: u32,
    minutes: u32,
    seconds: u32,
}

impl Period {
    /// Reads a duration such as `P1D`, `P2W`, `P1M`, `P1Y2M`.
    ///
    /// # Errors
    ///
    /// `InvalidValue` for any other text, zero, a negative one and one longer than 100 years.
    pub fn parse(text: &str) -> Result<Period> {
        const HINT: &str = "Write whole years, months, weeks or days, such as P1D, P15D, P2W, P1M or P1Y2M.";
        let units = Units::parse(text).map_err(|problem| refuse("period", text, problem, HINT))?;
        if units.is_zero() {
            return Err(refuse("period", text, "It is zero.", HINT));
        }
        Ok(Period { units })
    }

    /// The date this long after `date`: years and months first, clamped to the end of the month (31
    /// January + `P1M` is 28 or 29 February), then weeks and days.
    ///
    /// # Errors
    ///
    /// `DateOutOfRange` past the year 9999.
    pub fn add_to(&self, date: Date) -> Result<Date> {
        date.checked_add(self.units.span())
            .map_err(|_| out_of_range(format!("date out of range: {date} + {self}")))
    }
}

impl Offset {
    /// Reads a duration such as `P30D`, `-P1M`, `P0D`: after, before, on the as-of day.
    ///
    /// # Errors
    ///
    /// `InvalidValue` for any other text and one longer than 100 years.
    pub fn parse(text: &str) -> Result<Offset> {
        const HINT: &str = "Write whole years, months, weeks or days after the as-of day, such as P30D or P1M, \
                            or before it, such as -P30D; P0D is the day itself.";
        let (negative, magnitude) = match text.strip_prefix('-') {
            Some(magnitude) => (true, magnitude),
            None => (false, text),
        };
        let units = Units::parse(magnitude).map_err(|problem| refuse("offset", text, problem, HINT))?;
        Ok(Offset { negative: negative && !units.is_zero(), units })
    }

    /// Whether it goes back, and how many months (years among them), then days (weeks among them).
    pub fn months_and_days(&self) -> (bool, u32, u32) {
        let Units { years, months, weeks, days } = self.units;
        (self.negative, 12 * years + months, 7 * weeks + days)
    }

    /// The date this far from `as_of`, months clamped to their end as in [`Period::add_to`]; the first
    /// or last date of the calendar if it would lie beyond.
    pub fn resolve(&self, as_of: Date) -> Date {
        let span = self.units.span();
        if self.negative { as_of.saturating_sub(span) } else { as_of.saturating_add(span) }
    }
}

impl ServiceTime {
    /// Reads a duration such as `PT30M`, `PT4H`, `P1D`, `P2DT4H`.
    ///
    /// # Errors
    ///
    /// `InvalidValue` for any other text, zero, a negative one and one longer than 100 years.
    pub fn parse(text: &str) -> Result<ServiceTime> {
        const HINT: &str = "Write whole days, hours, minutes or seconds, such as PT30M, PT4H, P1D or P2DT4H.";
        let refuse = |problem| refuse("service time", text, problem, HINT);
        let (day, time) = match text.split_once('T') {
            Some((day, time)) => (day, Some(time)),
            None => (text, None),
        };
        let day = day.strip_prefix('P').ok_or_else(|| refuse(NO_P))?;
        if day.is_empty() && time.is_none() || time.is_some_and(str::is_empty) {
            return Err(refuse("A number and a unit are missing."));
        }
        let [days] = numbers(day, ["D"]).map_err(refuse)?;
        let [hours, minutes, seconds] = numbers(time.unwrap_or(""), ["H", "M", "S"]).map_err(refuse)?;
        let result = ServiceTime { days, hours, minutes, seconds };
        let total = u64::from(days) * SECONDS_PER_DAY.unsigned_abs() + result.time_seconds();
        match total {
            0 => Err(refuse("It is zero.")),
            _ if total > u64::from(DURATION_DAYS) * SECONDS_PER_DAY.unsigned_abs() => Err(refuse(TOO_LONG)),
            _ => Ok(result),
        }
    }

    /// The days: of 24 hours on the calendar clock, working days on the working clock.
    pub fn days(&self) -> u32 {
        self.days
    }

    /// Hours, minutes and seconds together, in seconds.
    pub fn time_seconds(&self) -> u64 {
        u64::from(self.hours) * 3_600 + u64::from(self.minutes) * 60 + u64::from(self.seconds)
    }

    /// The whole as elapsed time, a day being 24 hours.
    pub fn elapsed(&self) -> SignedDuration {
        // At most 100 years, so the sum fits.
        SignedDuration::from_secs(i64::from(self.days) * SECONDS_PER_DAY + self.time_seconds() as i64)
    }
}

/// Years, months, weeks and days, together at most 100 years.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Units {
    years: u32,
    months: u32,
    weeks: u32,
    days: u32,
}

const NO_P: &str = "It does not begin with P.";
const TOO_LONG: &str = "It is longer than 100 years.";

impl Units {
    fn parse(text: &str) -> std::result::Result<Units, &'static str> {
        if text.starts_with('-') || text.starts_with('+') {
            return Err("It has a sign where none may stand.");
        }
        let body = text.strip_prefix('P').ok_or(NO_P)?;
        if body.is_empty() {
            return Err("A number and a unit are missing.");
        }
        if body.contains('T') {
            return Err("It has a time of day, but whole days are counted here.");
        }
        let [years, months, weeks, days] = numbers(body, ["Y", "M", "W", "D"])?;
        let all_months = u64::from(years) * 12 + u64::from(months);
        let all_days = u64::from(weeks) * 7 + u64::from(days);
        if all_months * MONTH_SIXTEENTHS + all_days * 16 > u64::from(DURATION_DAYS) * 16 {
            return Err(TOO_LONG);
        }
        Ok(Units { years, months, weeks, days })
    }

    fn is_zero(&self) -> bool {
        (self.years, self.months, self.weeks, self.days) == (0, 0, 0, 0)
    }

    /// The same for jiff, whose limits lie far beyond 100 years of any unit.
    fn span(&self) -> Span {
        Span::new().years(self.years).months(self.months).weeks(self.weeks).days(self.days)
    }
}

/// The numbers before each of the designators, which must come in this order; 0 for one that is not there.
fn numbers<const N: usize>(
    text: &str,
    designators: [&str; N],
) -> std::result::Result<[u32; N], &'static str> {
    let mut found = [0; N];
    let mut rest = text;
    for (number, designator) in found.iter_mut().zip(designators) {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        if let Some(after) = rest[digits..].strip_prefix(designator) {
            *number = match rest[..digits].trim_start_matches('0') {
                "" if digits == 0 => return Err("A unit has no number before it."),
                "" => 0,
                // Below 10^10 and above 2^32 is too long in any unit, as is everything longer.
                significant => significant.parse().map_err(|_| TOO_LONG)?,
            };
            rest = after;
        }
    }
    match rest.trim_start_matches(|c: char| c.is_ascii_digit()).chars().next() {
        None if rest.is_empty() => Ok(found),
        None => Err("A number has no unit after it."),
        Some('-' | '+') => Err("It has a sign where none may stand."),
        Some('.' | ',') => Err("It has a fraction, but only whole numbers are counted."),
        Some(_) => Err("It has a unit that is unknown, there twice or out of order."),
    }
}

fn refuse(what: &str, text: &str, problem: &str, hint: &str) -> Error {
    Error::invalid(format!("invalid {what} {}", quoted(text))).detail(problem).hint(hint)
}

fn write_units(f: &mut fmt::Formatter<'_>, units: &[(u32, char)]) -> fmt::Result {
    for (number, designator) in units.iter().filter(|(n, _)| *n > 0) {
        write!(f, "{number}{designator}")?;
    }
    Ok(())
}

impl fmt::Display for Units {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('P')?;
        if self.is_zero() {
            return f.write_str("0D");
        }
        write_units(f, &[(self.years, 'Y'), (self.months, 'M'), (self.weeks, 'W'), (self.days, 'D')])
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.units.fmt(f)
    }
}

impl fmt::Display for Offset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.negative {
            f.write_char('-')?;
        }
        self.units.fmt(f)
    }
}

impl fmt::Display for ServiceTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('P')?;
        write_units(f, &[(self.days, 'D')])?;
        if self.time_seconds() > 0 {
            f.write_char('T')?;
        }
        write_units(f, &[(self.hours, 'H'), (self.minutes, 'M'), (self.seconds, 'S')])
    }
}

text_value!(Period, "a period such as P1D, P2W or P1M", "^P([0-9]+[YMWD])+$");
text_value!(Offset, "an offset such as P30D or -P30D", "^-?P([0-9]+[YMWD])+$");
text_value!(ServiceTime, "a service time such as PT4H or P1D", "^P([0-9]+D|([0-9]+D)?T([0-9]+[HMS])+)$");

#[cfg(test)]
mod tests;
