//! Working calendars: which days are worked, counting in working days, and when something is due.
//!
//! A [`Document`] is what users write; a [`Calendar`] is the same, checked and made fast. Every
//! question is answered in logarithmic time whatever the distance, so that no input can keep a server
//! busy: the weekly pattern has a closed form, and the dates that differ from it are few and sorted.

mod builtin;
mod clock_time;
mod document;
mod extend;
mod file;
mod hours;
mod response;

use std::fmt;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use builtin::{BUILTIN, EVERY_DAY, builtin};
pub use clock_time::{ClockTime, Weekday};
pub use document::{Document, json_schema};
pub use extend::{Extension, extended};
pub use file::CalendarFile;
pub use hours::{Hours, Shift, WeekHours};
pub use response::{Pause, response_due, working_time_between};

use hours::Timetable;

use crate::document::{fault, quoted};
use crate::error::{Error, Result};
use crate::time::date::{date_of, day_number, out_of_range};
use crate::time::duration::Period;

/// A checked working calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    document: Document,
    /// Whether the weekday is worked, Monday first.
    week: [bool; 7],
    /// Working days of a week before the weekday, Monday first; `[7]` is those of the whole week.
    before: [i32; 8],
    /// Numbers of the days whose status is not that of their weekday, ascending.
    exceptions: Vec<i32>,
    /// Working days gained or lost by the first `i` exceptions.
    gained: Vec<i32>,
    /// When working days are worked.
    timetable: Timetable,
}

/// What happens to a date that is no working day: the business day conventions of the 2006 ISDA
/// Definitions, section 4.12.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Convention {
    /// It stays.
    #[default]
    None,
    /// The next working day.
    Following,
    /// The working day before.
    Preceding,
    /// The next working day, unless that is in another month; then the working day before.
    ModifiedFollowing,
}

impl Convention {
    /// All conventions with their names in documents and SQL.
    pub const NAMES: [(&'static str, Convention); 4] = [
        ("none", Convention::None),
        ("following", Convention::Following),
        ("preceding", Convention::Preceding),
        ("modified_following", Convention::ModifiedFollowing),
    ];

    /// The convention of a name.
    ///
    /// # Errors
    ///
    /// `InvalidValue` for any other name.
    pub fn parse(name: &str) -> Result<Convention> {
        let known = Self::NAMES.iter().find(|(n, _)| *n == name);
        known.map(|(_, c)| *c).ok_or_else(|| {
            Error::invalid(format!("unknown business day convention {}", quoted(name)))
                .hint("Use 'none', 'following', 'preceding' or 'modified_following'.")
        })
    }
}

impl fmt::Display for Convention {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = Self::NAMES.iter().find(|(_, c)| c == self);
        f.write_str(name.map_or("", |(n, _)| n))
    }
}

impl Calendar {
    /// Reads and checks a calendar document.
    ///
    /// # Errors
    ///
    /// Those of [`crate::document::parse`] and [`Calendar::new`].
    pub fn parse(text: &str) -> Result<Calendar> {
        Calendar::new(crate::document::parse(clock_time::WHAT, text)?)
    }

    /// Checks a calendar document and prepares it.
    ///
    /// # Errors
    ///
    /// `InvalidValue`, with the JSON path, if the document contradicts itself.
    pub fn new(mut document: Document) -> Result<Calendar> {
        document.check()?;
        document.sort();
        let mut week = [false; 7];
        for day in &document.working_days {
            week[*day as usize] = true;
        }
        let mut before = [0; 8];
        for i in 0..7 {
            before[i + 1] = before[i] + i32::from(week[i]);
        }
        let mut exceptions: Vec<i32> = document
            .holidays
            .iter()
            .chain(&document.provisional)
            .filter(|d| week[weekday(day_number(d.0))])
            .chain(document.workdays.iter().filter(|d| !week[weekday(day_number(d.0))]))
            .map(|d| day_number(d.0))
            .collect();
        exceptions.sort_unstable();
        let mut gained = vec![0; exceptions.len() + 1];
        for (i, day) in exceptions.iter().enumerate() {
            gained[i + 1] = gained[i] + if week[weekday(*day)] { -1 } else { 1 };
        }
        let timetable = Timetable::new(document.hours.as_ref(), &document.hours_on)?;
        let calendar = Calendar { document, week, before, exceptions, gained, timetable };
        calendar.check_hours()?;
        Ok(calendar)
    }

    /// Compares the hours with the days: whether days with hours are worked, make-up days have any, and none overlap.
    fn check_hours(&self) -> Result<()> {
        let document = &self.document;
        for date in document.hours_on.keys() {
            if !self.is_workday(date.0) {
                let sentence = "the date is not worked, but has hours.";
                return Err(fault(clock_time::WHAT, &format!("$.hours_on[\"{date}\"]"), sentence)
                    .hint("List the date in workdays, take it out of holidays, or take its hours away."));
            }
        }
        for (i, date) in document.workdays.iter().enumerate() {
            if self.timetable.of(day_number(date.0)).is_empty() {
                let sentence = format!("\"{date}\" is worked, but has no hours.");
                return Err(fault(clock_time::WHAT, &format!("$.workdays[{i}]"), sentence).hint(
                    "Write \"other\" in hours for the days that it does not name, or the date in hours_on.",
                ));
            }
        }
        if let Some(Hours::ByWeekday(hours)) = &document.hours
            && let Some(day) = hours.named().find(|day| {
                !self.week[*day as usize]
                    && !document.workdays.iter().any(|d| weekday(day_number(d.0)) == *day as usize)
            })
        {
            let sentence = format!("{day} has hours, but is not worked.");
            return Err(fault(clock_time::WHAT, &format!("$.hours.{day}"), sentence)
                .hint("Add the day to working_days, or take its hours away."));
        }
        self.timetable.check_neighbours(&self.week, &document.workdays, |day| self.works(day))
    }

    /// The working days of the week that have no hours, so that the working clock stands still on them.
    pub fn days_without_hours(&self) -> Vec<Weekday> {
        let without =
            |day: &Weekday| self.week[*day as usize] && self.timetable.of_weekday(*day as usize).is_empty();
        Weekday::ALL.into_iter().filter(without).collect()
    }

    /// The document, with its lists sorted.
    pub fn document(&self) -> &Document {
        &self.document
    }

    /// The compact JSON text of the document.
    pub fn canonical(&self) -> String {
        crate::document::canonical(&self.document)
    }

    /// The name of the calendar.
    pub fn name(&self) -> &str {
        &self.document.calendar
    }

    /// Whether the date is a working day. Outside what the calendar [covers](Calendar::covers), the
    /// weekly pattern answers.
    pub fn is_workday(&self, date: Date) -> bool {
        self.works(day_number(date))
    }

    /// Whether the calendar is known for the date: from `known_from` to `known_until`, both included.
    /// A calendar without these is known for ever.
    pub fn covers(&self, date: Date) -> bool {
        self.document.known_from.is_none_or(|from| from.0 <= date)
            && self.document.known_until.is_none_or(|until| date <= until.0)
    }

    /// Working days in `[from, to)`; negative, of `[to, from)`, if `to` is earlier.
    pub fn workdays_between(&self, from: Date, to: Date) -> i64 {
        i64::from(self.count(day_number(to))) - i64::from(self.count(day_number(from)))
    }

    /// The working day `days` working days after `date`, or before it if negative: the one working day
    /// `r` with `workdays_between(date, r) = days`. A date that is no working day counts as the
    /// next one, so 0 gives `date` itself or the next working day (`roll='following'` in NumPy's
    /// `busday_offset`).
    ///
    /// # Errors
    ///
    /// `DateOutOfRange` outside the years -9999 to 9999.
    pub fn add_workdays(&self, date: Date, days: i32) -> Result<Date> {
        let start = day_number(date);
        let wanted = i64::from(self.count(start)) + i64::from(days);
        i32::try_from(wanted)
            .ok()
            .and_then(|wanted| self.workday(start, wanted))
            .and_then(date_of)
            .ok_or_else(|| out_of_range(format!("date out of range: {date} and {days} working days")))
    }

    /// The date, moved to a working day as `convention` says.
    ///
    /// # Errors
    ///
    /// `DateOutOfRange` outside the years -9999 to 9999.
    pub fn adjust(&self, date: Date, convention: Convention) -> Result<Date> {
        if convention == Convention::None || self.is_workday(date) {
            return Ok(date);
        }
        // No working day: going back one from the next working day is the one before.
        match convention {
            Convention::Preceding => self.add_workdays(date, -1),
            Convention::ModifiedFollowing => match self.add_workdays(date, 0) {
                Ok(next) if (next.year(), next.month()) == (date.year(), date.month()) => Ok(next),
                _ => self.add_workdays(date, -1),
            },
            _ => self.add_workdays(date, 0),
        }
    }

    fn works(&self, day: i32) -> bool {
        self.week[weekday(day)] != self.exceptions.binary_search(&day).is_ok()
    }

    /// Working days before `day`, from an arbitrary but fixed zero.
    fn count(&self, day: i32) -> i32 {
        // Day -3 is the Monday before 1970-01-01.
        let weeks = (day + 3).div_euclid(7);
        let pattern = weeks * self.before[7] + self.before[weekday(day)];
        pattern + self.gained[self.exceptions.partition_point(|e| *e < day)]
    }

    /// The working day that has `wanted` working days before it, looked for from `start` outwards.
    fn workday(&self, start: i32, wanted: i32) -> Option<i32> {
        let (first, last) = (day_number(Date::MIN), day_number(Date::MAX));
        // Widen [low, high) until the day lies in it: count(low) <= wanted < count(high).
        let (mut low, mut high) = (start, start + 1);
        let mut step = 8;
        while self.count(high) <= wanted {
            if high > last {
                return None;
            }
            low = high;
            high = (high + step).min(last + 1);
            step *= 2;
        }
        while self.count(low) > wanted {
            if low <= first {
                return None;
            }
            high = low;
            low = (low - step).max(first);
            step *= 2;
        }
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            if self.count(middle) <= wanted {
                low = middle;
            } else {
                high = middle;
            }
        }
        Some(low)
    }
}

/// Monday is 0.
fn weekday(day: i32) -> usize {
    // 1970-01-01, day 0, was a Thursday.
    (day + 3).rem_euclid(7) as usize
}

/// When a customer last followed up on `last` is due again: `last` plus the cadence, moved to a
/// working day by the convention.
///
/// A due date lies after `last`. Where going back would not leave it there (every day,
/// `preceding`, last contact on a Friday), it goes to the next working day instead; else the customer would be due
/// again and again on the day of the contact.
///
/// # Errors
///
/// `DateOutOfRange` outside the years -9999 to 9999.
pub fn followup_due(last: Date, every: &Period, workday: Convention, calendar: &Calendar) -> Result<Date> {
    followup_dates(last, every, workday, calendar).map(|(_, due)| due)
}

/// The two dates of [`followup_due`]: `last` plus the cadence, and the due date it was moved to. The answer
/// rests on what the calendar knows of both.
///
/// # Errors
///
/// As for [`followup_due`].
pub fn followup_dates(
    last: Date,
    every: &Period,
    workday: Convention,
    calendar: &Calendar,
) -> Result<(Date, Date)> {
    let plain = every.add_to(last)?;
    let due = match calendar.adjust(plain, workday) {
        Ok(due) if due > last => due,
        Err(error) if workday == Convention::Following => return Err(error),
        _ => calendar.adjust(plain, Convention::Following)?,
    };
    Ok((plain, due))
}

#[cfg(test)]
mod tests;
