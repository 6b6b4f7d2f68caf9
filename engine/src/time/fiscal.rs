//! Years, quarters and months: those of the calendar, and those of a fiscal year, which begins on another day or
//! has whole weeks (4-4-5, 4-5-4, 5-4-4: the retail calendars). And the words by which a document names one that
//! lies so many before or after that of a day: `this_quarter`, `last_fiscal_year`, `next_2_fiscal_months`.
//!
//! The words are those of reports in CRM systems, such as the date literals of Salesforce (`THIS_FISCAL_QUARTER`,
//! `LAST_N_QUARTERS:n`). A year of weeks ends on a weekday: on the last of a month, or on the one nearest to a day
//! (26 CFR 1.441-2, 52-53-week taxable years). The calendar of the National Retail Federation is 4-5-4 and
//! ends on the Saturday nearest to 31 January.

mod words;

use std::fmt;

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};

use crate::document::{quoted, text_value};
use crate::error::{Error, Result};
use crate::limits::{DURATION_YEARS, YEARS};
use crate::time::date::MonthDay;

const MONTHS: i32 = 12;
const WEEKS_OF_QUARTER: i32 = 13;

/// What a year is divided into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unit {
    /// Not divided.
    Year,
    /// Four of a year.
    Quarter,
    /// Twelve of a year, three of a quarter.
    Month,
}

impl Unit {
    /// Reads `year`, `quarter` or `month`.
    ///
    /// # Errors
    ///
    /// `InvalidValue` for any other text.
    pub fn parse(text: &str) -> Result<Unit> {
        Unit::named(text).ok_or_else(|| {
            Error::invalid(format!("unknown unit {}", quoted(text))).hint("Use year, quarter or month.")
        })
    }

    fn named(text: &str) -> Option<Unit> {
        [Unit::Year, Unit::Quarter, Unit::Month].into_iter().find(|unit| unit.name() == text)
    }

    /// The word of documents.
    pub fn name(self) -> &'static str {
        match self {
            Unit::Year => "year",
            Unit::Quarter => "quarter",
            Unit::Month => "month",
        }
    }

    fn months(self) -> i32 {
        match self {
            Unit::Year => MONTHS,
            Unit::Quarter => 3,
            Unit::Month => 1,
        }
    }
}

/// When a year of whole weeks ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum YearEnd {
    /// On the weekday that is nearest to a day.
    Nearest(MonthDay),
    /// On the last of these weekdays in a month.
    LastOf(i8),
}

/// A year of whole weeks, thirteen a quarter; the 53rd, if there is one, belongs to the last month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Weeks {
    /// The weeks of the months of a quarter.
    pub months: [u8; 3],
    /// The last weekday of the year.
    pub ends: Weekday,
    /// When it is.
    pub at: YearEnd,
}

impl Weeks {
    /// The last day of the year that ends in a year of the calendar, or a few days beyond.
    fn last_day(self, year: i32) -> Date {
        match self.at {
            YearEnd::LastOf(month) => {
                on(year, |year| Date::new(year, month, 1).ok()?.nth_weekday_of_month(-1, self.ends).ok())
            }
            YearEnd::Nearest(day) => {
                let anchor = on(year, |year| day.in_year(year));
                // From three days before to three days after.
                let days = (i32::from(anchor.weekday().until(self.ends)) + 3) % 7 - 3;
                anchor.saturating_add(days.days())
            }
        }
    }

    /// The weeks of a quarter before one of its months.
    fn before(self, month: i32) -> i32 {
        self.months.into_iter().take(month.unsigned_abs() as usize).map(i32::from).sum()
    }

    /// The months from the beginning until a date.
    fn months_until(self, date: Date) -> i32 {
        let of_calendar = i32::from(date.year());
        // A year that ends near to 1 January may end in December before; one near to 31 December, in January after.
        let year = (of_calendar - 1..=of_calendar + 1).find(|year| date <= self.last_day(*year));
        let year = year.unwrap_or(of_calendar + 2);
        let first = following(self.last_day(year - 1));
        let weeks = (first.until(date).map_or(0, |span| span.get_days()) / 7).min(4 * WEEKS_OF_QUARTER - 1);
        let begun = |month: &i32| self.before(*month) <= weeks % WEEKS_OF_QUARTER;
        year * MONTHS + weeks / WEEKS_OF_QUARTER * 3 + (0..3).rev().find(begun).unwrap_or(0)
    }

    fn first_day(self, months: i32) -> Date {
        let (before, month) = (months.div_euclid(MONTHS) - 1, months.rem_euclid(MONTHS));
        if !(i32::from(YEARS.0)..=i32::from(YEARS.1)).contains(&before) {
            return on(before, |_| None);
        }
        let weeks = month / 3 * WEEKS_OF_QUARTER + self.before(month % 3);
        following(self.last_day(before)).saturating_add(weeks.weeks())
    }
}

/// How a year begins and is divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Division {
    /// Into twelve months, each from the same day on, which every month has.
    Months {
        /// The month in which the year begins.
        month: i8,
        /// The day of it.
        day: i8,
    },
    /// Into whole weeks.
    Weeks(Weeks),
}

/// Years, and by which of their days they are numbered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FiscalCalendar {
    /// How each begins and is divided.
    pub division: Division,
    /// Whether they have the number of the calendar year of their first day; otherwise of their last.
    pub by_first_day: bool,
}

impl FiscalCalendar {
    /// The years, quarters and months of the calendar.
    pub const CIVIL: FiscalCalendar =
        FiscalCalendar { division: Division::Months { month: 1, day: 1 }, by_first_day: true };

    /// The years, quarters or months from the beginning until a date, so that neighbours differ by one.
    fn ordinal(self, unit: Unit, date: Date) -> i32 {
        let months = match self.division {
            Division::Months { month, day } => {
                i32::from(date.year()) * MONTHS + i32::from(date.month() - month)
                    - i32::from(date.day() < day)
            }
            Division::Weeks(weeks) => weeks.months_until(date),
        };
        months.div_euclid(unit.months())
    }

    /// The first day; the first or last date of the calendar if it would lie beyond.
    fn first_day(self, unit: Unit, ordinal: i32) -> Date {
        let months = ordinal * unit.months();
        match self.division {
            Division::Months { month, day } => {
                let months = months + i32::from(month) - 1;
                let place = months.rem_euclid(MONTHS) as i8 + 1;
                on(months.div_euclid(MONTHS), |year| Date::new(year, place, day).ok())
            }
            Division::Weeks(weeks) => weeks.first_day(months),
        }
    }

    /// The number that people give the year with an ordinal.
    fn number(self, year: i32) -> i32 {
        match self.division {
            Division::Months { month: 1, day: 1 } => year,
            Division::Months { .. } => year + i32::from(!self.by_first_day),
            // By the day that the end is near to, so that the number does not depend on how weeks fall.
            Division::Weeks(Weeks { at, .. }) => {
                let ends_with_the_calendar = match at {
                    YearEnd::LastOf(month) => month == 12,
                    YearEnd::Nearest(day) => day.is_last_of_year(),
                };
                year - i32::from(self.by_first_day && !ends_with_the_calendar)
            }
        }
    }

    /// The first and the last day of the year, quarter or month that lies `ahead` after that of a date, or before it.
    pub fn around(self, unit: Unit, date: Date, ahead: i32) -> (Date, Date) {
        let ordinal = self.ordinal(unit, date) + ahead;
        (self.first_day(unit, ordinal), preceding(self.first_day(unit, ordinal + 1)))
    }

    /// What people call the year, quarter or month of a date: `2026`, `2026-Q3`, `2026-M07`.
    pub fn label(self, unit: Unit, date: Date) -> String {
        let ordinal = self.ordinal(unit, date);
        let of_year = MONTHS / unit.months();
        let year = self.number(ordinal.div_euclid(of_year));
        let place = ordinal.rem_euclid(of_year) + 1;
        match unit {
            Unit::Year => format!("{year:04}"),
            Unit::Quarter => format!("{year:04}-Q{place}"),
            Unit::Month => format!("{year:04}-M{place:02}"),
        }
    }

    /// The first date, not before another, on which a year, quarter or month begins. None after the last day of the calendar.
    pub fn next_beginning(self, unit: Unit, from: Date) -> Option<Date> {
        let ordinal = self.ordinal(unit, from);
        let beginnings = [self.first_day(unit, ordinal), self.first_day(unit, ordinal + 1)];
        beginnings.into_iter().find(|first| *first >= from && *first < Date::MAX)
    }
}

/// A date of a year; the first or last of the calendar for a year beyond.
fn on(year: i32, date: impl Fn(i16) -> Option<Date>) -> Date {
    let beyond = if year < 0 { Date::MIN } else { Date::MAX };
    i16::try_from(year).ok().and_then(date).unwrap_or(beyond)
}

fn following(date: Date) -> Date {
    date.saturating_add(1.day())
}

/// The last day of the calendar has none after it that would begin something else.
fn preceding(date: Date) -> Date {
    if date == Date::MAX { date } else { date.saturating_sub(1.day()) }
}

/// A year, quarter or month, or several in a row, counted from that of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RelativePeriod {
    /// Whether it is one of the fiscal year.
    pub fiscal: bool,
    /// What is counted.
    pub unit: Unit,
    first: i32,
    last: i32,
}

impl RelativePeriod {
    /// Reads `this_quarter`, `last_fiscal_year`, `next_month`, `last_4_fiscal_quarters` and the like. Several in a row end before
    /// the one of the day, or begin after it.
    ///
    /// # Errors
    ///
    /// `InvalidValue` for any other text, and for more than 100 years.
    pub fn parse(text: &str) -> Result<RelativePeriod> {
        RelativePeriod::read(text).ok_or_else(|| {
            Error::invalid(format!("found {}, expected {EXPECTED}", quoted(text))).hint(
                "Write this, last or next, and year, quarter or month, of the fiscal year with fiscal_ before it: this_fiscal_quarter, last_year, last_4_fiscal_quarters.",
            )
        })
    }

    fn read(text: &str) -> Option<RelativePeriod> {
        let (which, rest) = text.split_once('_')?;
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (number, name) = match digits {
            0 => (1, rest),
            _ if rest.starts_with('0') => return None,
            _ => {
                let number = rest[..digits].parse::<i32>().ok()?;
                (number, rest[digits..].strip_prefix('_')?.strip_suffix('s')?)
            }
        };
        let (fiscal, name) = name.strip_prefix("fiscal_").map_or((false, name), |name| (true, name));
        let unit = Unit::named(name)?;
        let most = DURATION_YEARS * MONTHS / unit.months();
        let several = digits > 0;
        if several && !(2..=most).contains(&number) {
            return None;
        }
        let (first, last) = match which {
            "this" if !several => (0, 0),
            "last" => (-number, -1),
            "next" => (1, number),
            _ => return None,
        };
        Some(RelativePeriod { fiscal, unit, first, last })
    }

    /// Whether a text means to be such a word.
    pub fn is_meant(text: &str) -> bool {
        ["this_", "last_", "next_"].iter().any(|which| text.starts_with(which))
    }

    /// The calendar that it counts by: the fiscal one, if it is one of the fiscal year.
    pub fn calendar(&self, fiscal: FiscalCalendar) -> FiscalCalendar {
        if self.fiscal { fiscal } else { FiscalCalendar::CIVIL }
    }

    /// Whether it ends before the day from which it is counted.
    pub fn is_past(&self) -> bool {
        self.last < 0
    }

    /// The first and the last day, counted from a date.
    pub fn resolve(&self, calendar: FiscalCalendar, date: Date) -> (Date, Date) {
        let first = calendar.around(self.unit, date, self.first).0;
        (first, calendar.around(self.unit, date, self.last).1)
    }

    /// How many in a row; 1 for a single one.
    pub fn number(&self) -> i32 {
        self.last - self.first + 1
    }

    /// Whether it is the one of the day, lies before it, or after it.
    pub fn side(&self) -> std::cmp::Ordering {
        self.first.cmp(&0)
    }
}

const EXPECTED: &str = "a period such as this_fiscal_quarter, last_year or next_2_quarters";

impl fmt::Display for RelativePeriod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.side() {
            std::cmp::Ordering::Less => "last_",
            std::cmp::Ordering::Equal => "this_",
            std::cmp::Ordering::Greater => "next_",
        })?;
        if self.number() > 1 {
            write!(f, "{}_", self.number())?;
        }
        let plural = if self.number() > 1 { "s" } else { "" };
        write!(f, "{}{}{plural}", if self.fiscal { "fiscal_" } else { "" }, self.unit.name())
    }
}

text_value!(
    RelativePeriod,
    "a period such as this_fiscal_quarter, last_year or next_2_quarters",
    "^((this|last|next)_(fiscal_)?(year|quarter|month)|(last|next)_[1-9][0-9]*_(fiscal_)?(years|quarters|months))$"
);

#[cfg(test)]
mod tests;
