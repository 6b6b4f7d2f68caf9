//! When a customer is due: `next_followup_due`, `response_due`, `target_due` and their primitives. A call site keeps
//! schemes, calendars and whatever else it has read, so that a row costs look-ups in memory alone.

use std::collections::BTreeSet;
use std::iter;
use std::rc::Rc;

use customer_tiering_engine::calendar::{self, Calendar, Convention, EVERY_DAY, Pause};
use customer_tiering_engine::document::quoted;
use customer_tiering_engine::scheme::{Response, Tier};
use customer_tiering_engine::time::clock::Clock;
use customer_tiering_engine::time::date::{date_of, timestamp_out_of_range};
use customer_tiering_engine::time::duration::{Period, ServiceTime};
use customer_tiering_engine::time::zone::zone;
use customer_tiering_engine::{Compiled, Error, ErrorKind, Result};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use pgrx::IntoDatum;
use pgrx::pg_sys::Datum;

use crate::documents::by_name::ByName;
use crate::documents::calendar::WorkCalendar;
use crate::documents::lookup;
use crate::grading::reader::{instant, microseconds};
use crate::pg::call::{Call, pg_function, utf8};
use crate::pg::date::{date, date_datum, interval_datum};
use crate::pg::multirange::TimeRanges;
use crate::pg::snapshot::transaction_start;

/// The tiers of a scheme, to be found by code.
struct Tiers {
    scheme: Rc<Compiled>,
    /// Places among the tiers of the scheme, in the order of their codes.
    sorted: Vec<usize>,
}

impl Tiers {
    fn named(name: &str) -> Result<Tiers> {
        let scheme = lookup::scheme_at_home(name)?.compiled;
        let tiers = &scheme.scheme.tiers;
        let mut sorted: Vec<usize> = (0..tiers.len()).collect();
        sorted.sort_unstable_by_key(|place| tiers[*place].code.as_bytes());
        Ok(Tiers { sorted, scheme })
    }

    #[inline]
    fn find(&self, code: &[u8]) -> Result<&Tier> {
        let tiers = &self.scheme.scheme.tiers;
        match self.sorted.binary_search_by(|place| tiers[*place].code.as_bytes().cmp(code)) {
            Ok(found) => Ok(&tiers[self.sorted[found]]),
            Err(_) => Err(self.unknown(utf8(code))),
        }
    }

    #[cold]
    fn unknown(&self, code: &str) -> Error {
        const SHOWN: usize = 20;
        let scheme = &self.scheme.scheme;
        let codes: Vec<String> = scheme.tiers.iter().take(SHOWN).map(|tier| quoted(&tier.code)).collect();
        let more = if scheme.tiers.len() > SHOWN { " …" } else { "" };
        let message = format!("scheme {:?} has no tier {}", scheme.scheme, quoted(code));
        Error::new(ErrorKind::UndefinedObject, message)
            .hint(format!("Its tiers, best first: {}{more}.", codes.join(", ")))
    }

    /// Whether any tier has a target of a name.
    #[cold]
    fn has_target(&self, name: &str) -> bool {
        self.scheme.scheme.tiers.iter().any(|tier| tier.targets.contains_key(name))
    }

    #[cold]
    fn unknown_target(&self, name: &str) -> Error {
        let scheme = &self.scheme.scheme;
        let names: BTreeSet<&str> =
            scheme.tiers.iter().flat_map(|tier| tier.targets.keys()).map(String::as_str).collect();
        let known: Vec<String> = iter::once("response").chain(names).map(quoted).collect();
        let message = format!("scheme {:?} has no target {}", scheme.scheme, quoted(name));
        Error::new(ErrorKind::UndefinedObject, message).hint(format!("Its targets: {}.", known.join(", ")))
    }

    /// The day of a timestamptz in the zone of the scheme.
    #[inline]
    fn day(&self, at: i64) -> Result<Date> {
        let day = self.scheme.day_of(instant(at)?);
        date_of(day).ok_or_else(timestamp_out_of_range)
    }
}

/// What a call site of the functions by name keeps between rows.
#[derive(Default)]
struct Site {
    schemes: ByName<Tiers>,
    calendars: ByName<WorkCalendar>,
    /// That of the database, under no name.
    usual_calendar: ByName<Option<WorkCalendar>>,
    every_day: Option<Calendar>,
}

/// The calendar where none is named.
fn usual_calendar(_: &str) -> Result<Option<WorkCalendar>> {
    lookup::defaults()?.calendar.map(|name| WorkCalendar::named(&name)).transpose()
}

fn next_followup_due(call: &mut Call) -> Result<Option<Datum>> {
    let call = &*call;
    let (Some(scheme), Some(code)) = (call.bytes(0), call.bytes(1)) else { return Ok(None) };
    let site = call.site(Site::default);
    let tiers = site.schemes.get(scheme, Tiers::named)?;
    let tier = tiers.find(code)?;
    let calendar = match call.bytes(3) {
        Some(name) => Some(site.calendars.get(name, WorkCalendar::named)?),
        None => site.usual_calendar.get(b"", usual_calendar)?.as_ref(),
    };
    let Some(followup) = &tier.followup else { return Ok(None) };
    let due = match (call.arg(2), calendar) {
        (Some(at), Some(calendar)) => {
            let last = tiers.day(at.value() as i64)?;
            calendar.followup_due(last, &followup.every, followup.workday)?
        }
        (Some(at), None) => followup.every.add_to(tiers.day(at.value() as i64)?)?,
        (None, Some(calendar)) => calendar.due_at_once(tiers.day(transaction_start())?, followup.workday)?,
        (None, None) => tiers.day(transaction_start())?,
    };
    date_datum(due)
}
pg_function!(next_followup_due);

fn response_due(call: &mut Call) -> Result<Option<Datum>> {
    let call = &*call;
    let (Some(scheme), Some(code), Some(opened)) = (call.bytes(0), call.bytes(1), call.arg(2)) else {
        return Ok(None);
    };
    let site = call.site(Site::default);
    let tiers = site.schemes.get(scheme, Tiers::named)?;
    let tier = tiers.find(code)?;
    let calendar = match call.bytes(3) {
        Some(name) => Some(site.calendars.get(name, WorkCalendar::named)?),
        None => site.usual_calendar.get(b"", usual_calendar)?.as_ref(),
    };
    let Some(response) = &tier.response else { return Ok(None) };
    let target = Target { within: &response.within, clock: response.clock, zone: tiers.scheme.zone() };
    target.due(instant(opened.value() as i64)?, calendar, &mut site.every_day, pauses(call, 4))
}
pg_function!(response_due);

/// The named target of a tier, `response` the one of that key; none if other tiers have it alone.
fn named_target<'a>(tiers: &'a Tiers, code: &[u8], name: &str) -> Result<Option<Target<'a>>> {
    let tier = tiers.find(code)?;
    let response = match name {
        "response" => tier.response.as_ref(),
        _ => tier.targets.get(name),
    };
    if response.is_none() && name != "response" && !tiers.has_target(name) {
        return Err(tiers.unknown_target(name));
    }
    let target = |response: &'a Response| Target {
        within: &response.within,
        clock: response.clock,
        zone: tiers.scheme.zone(),
    };
    Ok(response.map(target))
}

fn target_due(call: &mut Call) -> Result<Option<Datum>> {
    let call = &*call;
    let (Some(scheme), Some(code), Some(name), Some(opened)) =
        (call.bytes(0), call.bytes(1), call.bytes(2), call.arg(3))
    else {
        return Ok(None);
    };
    let site = call.site(Site::default);
    let target = named_target(site.schemes.get(scheme, Tiers::named)?, code, utf8(name))?;
    let calendar = match call.bytes(4) {
        Some(name) => Some(site.calendars.get(name, WorkCalendar::named)?),
        None => site.usual_calendar.get(b"", usual_calendar)?.as_ref(),
    };
    let Some(target) = target else { return Ok(None) };
    target.due(instant(opened.value() as i64)?, calendar, &mut site.every_day, pauses(call, 5))
}
pg_function!(target_due);

/// How much of the time of a target is used, as a share.
fn target_used(call: &mut Call) -> Result<Option<Datum>> {
    let call = &*call;
    let (Some(scheme), Some(code), Some(name), Some(opened), Some(at)) =
        (call.bytes(0), call.bytes(1), call.bytes(2), call.arg(3), call.arg(4))
    else {
        return Ok(None);
    };
    let site = call.site(Site::default);
    let target = named_target(site.schemes.get(scheme, Tiers::named)?, code, utf8(name))?;
    let calendar = match call.bytes(5) {
        Some(name) => Some(site.calendars.get(name, WorkCalendar::named)?),
        None => site.usual_calendar.get(b"", usual_calendar)?.as_ref(),
    };
    let Some(target) = target else { return Ok(None) };
    let (opened, at) = (instant(opened.value() as i64)?, instant(at.value() as i64)?);
    let used = target.used(opened, at, calendar, &mut site.every_day, || pauses(call, 6))?;
    Ok(used.into_datum())
}
pg_function!(target_used);

/// The pauses that an argument of type tstzmultirange lists, if the function has one and it is not NULL.
fn pauses(call: &Call, argument: usize) -> Option<Pauses> {
    let datum = if argument < call.count() { call.arg(argument) } else { None };
    // SAFETY: the SQL declarations say that it is a tstzmultirange.
    datum.map(|datum| unsafe { Pauses::from_datum(datum) })
}

/// A service target.
struct Target<'a> {
    within: &'a ServiceTime,
    clock: Clock,
    zone: &'a TimeZone,
}

impl Target<'_> {
    fn due(
        &self,
        opened: Timestamp,
        calendar: Option<&WorkCalendar>,
        every_day: &mut Option<Calendar>,
        pauses: Option<Pauses>,
    ) -> Result<Option<Datum>> {
        let days = match (calendar, &mut *every_day) {
            (Some(calendar), _) => calendar.calendar(),
            (None, Some(calendar)) => calendar,
            (None, place) => place.insert(Calendar::parse(EVERY_DAY)?),
        };
        let pauses = pauses.into_iter().flatten();
        let Some(due) = calendar::response_due(opened, self.within, self.clock, days, self.zone, pauses)?
        else {
            return Ok(None);
        };
        if let (Some(calendar), Clock::Working) = (calendar, self.clock) {
            calendar.consult(self.zone.to_datetime(opened).date());
            calendar.consult(self.zone.to_datetime(due).date());
        }
        Ok(Some(Datum::from(microseconds(due))))
    }
}

impl Target<'_> {
    /// The share of its time that is used at a time: 1 when the answer is due. The clock of a target of elapsed time
    /// runs around every day. None while a pause without an end holds the clock.
    fn used(
        &self,
        opened: Timestamp,
        at: Timestamp,
        calendar: Option<&WorkCalendar>,
        every_day: &mut Option<Calendar>,
        pauses: impl Fn() -> Option<Pauses>,
    ) -> Result<Option<f64>> {
        let calendar = calendar.filter(|_| self.clock == Clock::Working);
        let days = match (calendar, &mut *every_day) {
            (Some(calendar), _) => calendar.calendar(),
            (None, Some(calendar)) => calendar,
            (None, place) => place.insert(Calendar::parse(EVERY_DAY)?),
        };
        let listed = || pauses().into_iter().flatten();
        let Some(due) = calendar::response_due(opened, self.within, self.clock, days, self.zone, listed())?
        else {
            return Ok(None);
        };
        if let Some(calendar) = calendar {
            calendar.consult(self.zone.to_datetime(opened).date());
            calendar.consult(self.zone.to_datetime(due).date());
        }
        let until = |end| calendar::working_time_between(opened, end, days, self.zone, listed());
        let (used, whole) = (until(at.max(opened))?, until(due)?);
        Ok(Some(used.as_secs_f64() / whole.as_secs_f64()))
    }
}

/// The texts that were read last, and what was read from each: the rows of a query have few of them, one a tier.
struct Read<T>(Vec<(Box<[u8]>, T)>);

/// How many texts are kept.
const READ: usize = 16;

impl<T> Default for Read<T> {
    fn default() -> Self {
        Read(Vec::new())
    }
}

impl<T> Read<T> {
    #[inline]
    fn get(&mut self, text: &[u8], parse: impl FnOnce(&str) -> Result<T>) -> Result<&T> {
        if let Some(place) = self.0.iter().position(|(known, _)| **known == *text) {
            return Ok(&self.0[place].1);
        }
        let read = parse(utf8(text))?;
        if self.0.len() >= READ {
            self.0.remove(0);
        }
        self.0.push((text.into(), read));
        Ok(&self.0[self.0.len() - 1].1)
    }
}

/// What a call site of `followup_due` keeps between rows.
#[derive(Default)]
struct FollowupSite {
    every: Read<Period>,
    workday: Read<Convention>,
    calendar: Option<WorkCalendar>,
}

fn followup_due(call: &mut Call) -> Result<Option<Datum>> {
    let call = &*call;
    let (Some(last), Some(every), Some(workday)) = (call.arg(0), call.bytes(1), call.bytes(2)) else {
        return Ok(None);
    };
    let site = call.site(FollowupSite::default);
    let every = site.every.get(every, Period::parse)?;
    let workday = *site.workday.get(workday, Convention::parse)?;
    let last = date(last)?;
    let due = match call.arg(3) {
        Some(datum) => {
            // SAFETY: the SQL declaration says that it is a calendar.
            let calendar = unsafe { WorkCalendar::value(&mut site.calendar, datum) }?;
            calendar.followup_due(last, every, workday)?
        }
        None => every.add_to(last)?,
    };
    date_datum(due)
}
pg_function!(followup_due);

/// What a call site of the `response_due` by values keeps between rows.
#[derive(Default)]
struct ResponseSite {
    within: Read<ServiceTime>,
    clock: Read<Clock>,
    zone: Read<TimeZone>,
    calendar: Option<WorkCalendar>,
    every_day: Option<Calendar>,
}

fn response_due_of(call: &mut Call) -> Result<Option<Datum>> {
    let call = &*call;
    let (Some(opened), Some(within), Some(clock), Some(name)) =
        (call.arg(0), call.bytes(1), call.bytes(2), call.bytes(3))
    else {
        return Ok(None);
    };
    let site = call.site(ResponseSite::default);
    let target = Target {
        within: site.within.get(within, ServiceTime::parse)?,
        clock: *site.clock.get(clock, Clock::parse)?,
        zone: site.zone.get(name, zone)?,
    };
    let calendar = match call.arg(4) {
        // SAFETY: the SQL declaration says that it is a calendar.
        Some(datum) => Some(unsafe { WorkCalendar::value(&mut site.calendar, datum) }?),
        None => None,
    };
    target.due(instant(opened.value() as i64)?, calendar, &mut site.every_day, pauses(call, 5))
}
pg_function!(response_due_of);

/// Pauses, read from the ranges of a multirange as they are asked for.
struct Pauses(TimeRanges);

impl Pauses {
    /// # Safety
    ///
    /// `datum` is a tstzmultirange that lives as long as the call.
    unsafe fn from_datum(datum: Datum) -> Self {
        // SAFETY: passed on to the caller.
        Pauses(unsafe { TimeRanges::from_datum(datum) })
    }
}

impl Iterator for Pauses {
    type Item = Pause;

    fn next(&mut self) -> Option<Pause> {
        // There may be a million of them.
        pgrx::check_for_interrupts!();
        let (start, end) = self.0.find(|(_, end)| *end != Some(i64::MIN))?;
        // Infinite timestamps are open ends; PostgreSQL has none earlier than the years that are read, but later ones.
        let start = match start.filter(|start| *start != i64::MIN) {
            Some(start) => Some(instant(start).ok()?),
            None => None,
        };
        Some(Pause { start, end: end.and_then(|end| instant(end).ok()) })
    }
}

/// What a call site of `working_time_between` keeps between rows.
#[derive(Default)]
struct WorkingTimeSite {
    named: ByName<WorkCalendar>,
    value: Option<WorkCalendar>,
    zone: Read<TimeZone>,
}

/// The working time between the second and the third argument, in the zone of the fourth, without the pauses of
/// the fifth.
fn working_time(call: &Call, calendar: &WorkCalendar, zone: &TimeZone) -> Result<Option<Datum>> {
    let (Some(from), Some(to)) = (call.arg(1), call.arg(2)) else { return Ok(None) };
    let (from, to) = (instant(from.value() as i64)?, instant(to.value() as i64)?);
    let pauses = pauses(call, 4).into_iter().flatten();
    let worked = calendar::working_time_between(from, to, calendar.calendar(), zone, pauses)?;
    calendar.consult(zone.to_datetime(from).date());
    calendar.consult(zone.to_datetime(to).date());
    let microseconds = i64::try_from(worked.as_micros()).map_err(|_| timestamp_out_of_range())?;
    Ok(interval_datum(microseconds))
}

fn working_time_between(call: &mut Call) -> Result<Option<Datum>> {
    let call = &*call;
    let (Some(name), Some(zone_name)) = (call.bytes(0), call.bytes(3)) else { return Ok(None) };
    let site = call.site(WorkingTimeSite::default);
    let calendar = site.named.get(name, WorkCalendar::named)?;
    working_time(call, calendar, site.zone.get(zone_name, zone)?)
}
pg_function!(working_time_between);

fn working_time_between_of(call: &mut Call) -> Result<Option<Datum>> {
    let call = &*call;
    let (Some(datum), Some(zone_name)) = (call.arg(0), call.bytes(3)) else { return Ok(None) };
    let site = call.site(WorkingTimeSite::default);
    // SAFETY: the SQL declaration says that it is a calendar.
    let calendar = unsafe { WorkCalendar::value(&mut site.value, datum) }?;
    working_time(call, calendar, site.zone.get(zone_name, zone)?)
}
pg_function!(working_time_between_of);
