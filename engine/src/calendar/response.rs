//! When an answer is due: elapsed time, or working hours of working days.

use jiff::civil::{Date, DateTime};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, Timestamp};

use super::Calendar;
use crate::error::{Error, ErrorKind, Result};
use crate::limits::RESPONSE_WORKING_DAYS;
use crate::time::clock::Clock;
use crate::time::date::{date_of, day_number, out_of_range};
use crate::time::duration::ServiceTime;

/// A time in which a clock stands still: from `start` (since ever if `None`) until `end` (not ended yet if `None`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pause {
    /// When it began.
    pub start: Option<Timestamp>,
    /// When it ended.
    pub end: Option<Timestamp>,
}

/// The instant by which what was opened at `opened` must be answered.
///
/// On the `calendar` clock that is plain elapsed time. The `working` clock stands still outside the
/// working hours of working days in zone `tz` (a working day without `hours` counts whole, as
/// long as it really is where clocks change):
///
/// 1. what is opened outside them is opened when they next begin;
/// 2. days of the target are that many working days on, at the same local time; if that is not within the hours of
///    the day, when they end before it, or else when they begin;
/// 3. hours, minutes and seconds run only in working hours. What ends with them is due at their end.
///
/// A shift over midnight belongs to the day on which it begins.
///
/// Either clock stands still during `pauses`, which must be in ascending order and must not overlap: what
/// they take from it comes on top. `None` while a pause goes on that began before the answer was due.
///
/// # Errors
///
/// `DateOutOfRange` outside the years -9999 to 9999, or after more than 40 000 working days.
pub fn response_due(
    opened: Timestamp,
    within: &ServiceTime,
    clock: Clock,
    calendar: &Calendar,
    tz: &TimeZone,
    pauses: impl IntoIterator<Item = Pause>,
) -> Result<Option<Timestamp>> {
    let refuse = || out_of_range(format!("response time out of range: {opened} + {within}"));
    let work = WorkingClock { calendar, tz };
    let mut due = match clock {
        Clock::Calendar => opened.checked_add(within.elapsed()).map_err(|_| refuse())?,
        Clock::Working => work.due(opened, within)?,
    };
    for pause in pauses {
        let start = pause.start.map_or(opened, |start| start.max(opened));
        if start >= due {
            break;
        }
        let Some(end) = pause.end else { return Ok(None) };
        if end <= start {
            continue;
        }
        due = match clock {
            Clock::Calendar => due.checked_add(end.duration_since(start)).map_err(|_| refuse())?,
            Clock::Working => work.after(due, work.between(start, end)?)?,
        };
    }
    Ok(Some(due))
}

/// The time that the working clock runs from one instant to another, pauses left out; negative if `to` is earlier.
/// It is the inverse of [`response_due`]: what is due within this time after `from` is due at `to`, or when the
/// hours before `to` ended.
///
/// # Errors
///
/// `DateOutOfRange` over more than 40 000 working days, and at the end of the year 9999.
pub fn working_time_between(
    from: Timestamp,
    to: Timestamp,
    calendar: &Calendar,
    tz: &TimeZone,
    pauses: impl IntoIterator<Item = Pause>,
) -> Result<SignedDuration> {
    let work = WorkingClock { calendar, tz };
    let (first, last) = (from.min(to), from.max(to));
    let mut worked = work.between(first, last)?;
    for pause in pauses {
        let start = pause.start.map_or(first, |start| start.max(first));
        if start >= last {
            break;
        }
        let end = pause.end.map_or(last, |end| end.min(last));
        if start < end {
            worked -= work.between(start, end)?;
        }
    }
    Ok(if from <= to { worked } else { -worked })
}

/// The clock that runs in the working hours of working days in a zone.
struct WorkingClock<'a> {
    calendar: &'a Calendar,
    tz: &'a TimeZone,
}

impl WorkingClock<'_> {
    /// When a target without pauses is reached.
    fn due(&self, opened: Timestamp, within: &ServiceTime) -> Result<Timestamp> {
        let (mut date, mut at) = self.first_open(opened)?;
        if within.days() > 0 {
            let local = self.tz.to_datetime(at);
            // At most 100 years, so it fits.
            let days = i32::try_from(within.days()).unwrap_or(i32::MAX);
            let after_midnight = day_number(local.date()) - day_number(date);
            date = self.calendar.add_workdays(date, days)?;
            let day = date_of(day_number(date) + after_midnight)
                .ok_or_else(|| out_of_range(format!("date out of range: {date} + P1D")))?;
            at = self.within_hours(date, reached(self.tz, day.to_datetime(local.time()))?)?;
        }
        self.after(at, SignedDuration::from_secs(within.time_seconds() as i64))
    }

    /// `at`, if it lies in the hours of the day; else when those before it end, or when the first begin.
    fn within_hours(&self, date: Date, at: Timestamp) -> Result<Timestamp> {
        let hours = self.hours(date)?;
        match (hours.iter().rev().find(|(start, _)| *start <= at), hours.first()) {
            (Some((_, end)), _) => Ok(at.min(*end)),
            (None, Some((start, _))) => Ok(*start),
            (None, None) => Ok(self.first_open(at)?.1),
        }
    }

    /// The first instant not before `from` at which the clock runs, and the day to which it belongs.
    fn first_open(&self, from: Timestamp) -> Result<(Date, Timestamp)> {
        self.walk(from, None, |date, start, _| Ok(Some((date, start))))?.ok_or_else(|| self.too_far(from))
    }

    /// The first instant at which the clock has run that long since `at`.
    fn after(&self, at: Timestamp, mut left: SignedDuration) -> Result<Timestamp> {
        if left.is_zero() {
            return Ok(at);
        }
        let found = self.walk(at, None, |_, start, end| {
            let open = end.duration_since(start);
            if left <= open {
                let due = start.checked_add(left);
                return due
                    .map(Some)
                    .map_err(|_| out_of_range(format!("time out of range: {start} + {left}")));
            }
            left -= open;
            Ok(None)
        })?;
        found.ok_or_else(|| self.too_far(at))
    }

    /// How long the clock runs from one instant to a later one.
    fn between(&self, from: Timestamp, to: Timestamp) -> Result<SignedDuration> {
        let mut worked = SignedDuration::ZERO;
        let last = self.tz.to_datetime(to).date();
        let ended = self.walk(from, Some(last), |_, start, end| {
            if start < to {
                worked += end.min(to).duration_since(start);
            }
            Ok((end >= to).then_some(()))
        })?;
        // All days were seen, or there are more than we look at.
        match ended {
            Some(()) => Ok(worked),
            None if self.calendar.workdays_between(self.tz.to_datetime(from).date(), last)
                < i64::from(RESPONSE_WORKING_DAYS) - 2 =>
            {
                Ok(worked)
            }
            None => Err(self.too_far(from)),
        }
    }

    /// Shows the working hours from the instant `from` on, each with the day to which it belongs, until `visit`
    /// has an answer, or past the day `last`.
    fn walk<T>(
        &self,
        from: Timestamp,
        last: Option<Date>,
        mut visit: impl FnMut(Date, Timestamp, Timestamp) -> Result<Option<T>>,
    ) -> Result<Option<T>> {
        let today = self.tz.to_datetime(from).date();
        // A shift that began yesterday may go on.
        let begin = match today.yesterday() {
            Ok(yesterday) if self.calendar.timetable.overnight() => yesterday,
            _ => today,
        };
        let mut date = self.next_workday(begin, 0, last)?;
        for _ in 0..RESPONSE_WORKING_DAYS {
            let Some(day) = date.filter(|day| last.is_none_or(|last| *day <= last)) else { break };
            for (start, end) in self.hours(day)? {
                if from < end
                    && let Some(answer) = visit(day, start.max(from), end)?
                {
                    return Ok(Some(answer));
                }
            }
            date = self.next_workday(day, 1, last)?;
        }
        Ok(None)
    }

    /// A working day later on; `None` if there is none before the end of time, which is no error for
    /// somebody who does not look beyond `last`.
    fn next_workday(&self, date: Date, days: i32, last: Option<Date>) -> Result<Option<Date>> {
        match self.calendar.add_workdays(date, days) {
            Err(_) if last.is_some() => Ok(None),
            found => found.map(Some),
        }
    }

    /// The working hours of a working day.
    fn hours(&self, date: Date) -> Result<Vec<(Timestamp, Timestamp)>> {
        let hours = self.calendar.timetable.of(day_number(date));
        let mut open = Vec::with_capacity(hours.len());
        for (start, end) in hours {
            let (start, end) = (instant(self.tz, date, *start)?, instant(self.tz, date, *end)?);
            // A clock change may swallow them.
            if start < end {
                open.push((start, end));
            }
        }
        Ok(open)
    }

    #[cold]
    fn too_far(&self, from: Timestamp) -> Error {
        Error::new(ErrorKind::DateOutOfRange, format!("response time out of range after {from}"))
            .detail(format!(
                "It takes more than {RESPONSE_WORKING_DAYS} working days of calendar \"{}\".",
                self.calendar.name()
            ))
            .hint("Use a shorter time, or a calendar with longer hours.")
    }
}

/// The instant that many minutes after midnight by the local clock, 1440 and more being on the next day.
fn instant(tz: &TimeZone, date: Date, minutes: u16) -> Result<Timestamp> {
    const DAY: u16 = 24 * 60;
    let (date, minutes) = match minutes.checked_sub(DAY) {
        Some(minutes) => {
            (date.tomorrow().map_err(|_| out_of_range(format!("date out of range: {date} + P1D")))?, minutes)
        }
        None => (date, minutes),
    };
    // Below 24:00, so hour and minute fit.
    reached(tz, date.at((minutes / 60) as i8, (minutes % 60) as i8, 0, 0))
}

/// The first instant at which the local clock shows `local` or, where it jumps, more.
fn reached(tz: &TimeZone, local: DateTime) -> Result<Timestamp> {
    let ambiguous = tz.to_ambiguous_timestamp(local);
    let jumps = matches!(ambiguous.offset(), AmbiguousOffset::Gap { .. });
    let instant = ambiguous.compatible().map_err(|_| out_of_range(format!("time out of range: {local}")))?;
    if jumps {
        // As far after the jump as `local` is after its start; wanted is the jump itself.
        let after = instant.saturating_add(SignedDuration::from_nanos(1)).unwrap_or(instant);
        if let Some(jump) = tz.preceding(after).next() {
            return Ok(jump.timestamp());
        }
    }
    Ok(instant)
}
