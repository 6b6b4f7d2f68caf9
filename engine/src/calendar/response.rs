//! When an answer is due: elapsed time, or working hours of working days.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, Timestamp};

use super::Calendar;
use super::document::ClockTime;
use crate::error::{Error, ErrorKind, Result};
use crate::time::clock::Clock;
use crate::time::date::out_of_range;
use crate::time::duration::ServiceTime;

/// Working days that a response time may extend over before it is refused: more than a century, and
/// the bound of the work done.
const MAX_WORKING_DAYS: u32 = 40_000;

/// The instant by which what was opened at `opened` must be answered.
///
/// On the `calendar` clock that is plain elapsed time. The `working` clock stands still outside the
/// working hours of working days in zone `tz` (a working day without `hours` counts whole, as
/// long as it really is where clocks change):
///
/// 1. what is opened outside them is opened when they next begin;
/// 2. days of the target are that many working days on, at the same local time;
/// 3. hours, minutes and seconds run only in working hours. What ends with them is due at their end.
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
) -> Result<Timestamp> {
    let refuse = || out_of_range(format!("response time out of range: {opened} + {within}"));
    if clock == Clock::Calendar {
        return opened.checked_add(within.elapsed()).map_err(|_| refuse());
    }
    let (mut date, mut at) = first_open(calendar, tz, opened)?;
    if within.days() > 0 {
        let time = tz.to_datetime(at).time();
        date = calendar.add_workdays(date, i32::try_from(within.days()).map_err(|_| refuse())?)?;
        at = reached(tz, date.to_datetime(time))?;
    }
    // At most 100 years, so it fits.
    let mut left = SignedDuration::from_secs(within.time_seconds() as i64);
    if left.is_zero() {
        return Ok(at);
    }
    for _ in 0..MAX_WORKING_DAYS {
        for (start, end) in open_hours(calendar, tz, date, at)? {
            let open = end.duration_since(start);
            if left <= open {
                return start.checked_add(left).map_err(|_| refuse());
            }
            left -= open;
        }
        date = next_workday(calendar, date)?;
    }
    Err(too_far(opened, calendar))
}

/// The first instant not before `opened` at which the working clock runs, and its local date.
fn first_open(calendar: &Calendar, tz: &TimeZone, opened: Timestamp) -> Result<(Date, Timestamp)> {
    let mut date = calendar.add_workdays(tz.to_datetime(opened).date(), 0)?;
    // Today's hours may be over, and a clock change may swallow those of another day; not more.
    for _ in 0..MAX_WORKING_DAYS {
        if let Some((start, _)) = open_hours(calendar, tz, date, opened)?.first() {
            return Ok((date, *start));
        }
        date = next_workday(calendar, date)?;
    }
    Err(too_far(opened, calendar))
}

/// The working hours of a working day that remain from the instant `from` on.
fn open_hours(
    calendar: &Calendar,
    tz: &TimeZone,
    date: Date,
    from: Timestamp,
) -> Result<Vec<(Timestamp, Timestamp)>> {
    const WHOLE_DAY: [[ClockTime; 2]; 1] = [[ClockTime::START, ClockTime::END]];
    let hours = calendar.document().hours.as_deref().unwrap_or(&WHOLE_DAY);
    let mut open = Vec::with_capacity(hours.len());
    for [start, end] in hours {
        let start = instant(tz, date, *start)?.max(from);
        let end = instant(tz, date, *end)?;
        if start < end {
            open.push((start, end));
        }
    }
    Ok(open)
}

fn next_workday(calendar: &Calendar, date: Date) -> Result<Date> {
    calendar.add_workdays(date, 1)
}

fn instant(tz: &TimeZone, date: Date, time: ClockTime) -> Result<Timestamp> {
    if time == ClockTime::END {
        let tomorrow =
            date.tomorrow().map_err(|_| out_of_range(format!("date out of range: {date} + P1D")))?;
        return reached(tz, tomorrow.to_datetime(Time::midnight()));
    }
    // Below 24:00, so hour and minute fit.
    let minutes = time.minutes();
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

fn too_far(opened: Timestamp, calendar: &Calendar) -> Error {
    Error::new(ErrorKind::DateOutOfRange, format!("response time out of range after {opened}"))
        .detail(format!(
            "It takes more than {MAX_WORKING_DAYS} working days of calendar \"{}\".",
            calendar.name()
        ))
        .hint("Use a shorter response time, or a calendar with longer hours.")
}
