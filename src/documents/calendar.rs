//! The type `tiering.calendar` and what can be asked of a calendar, by name or as a value.

use std::cell::RefCell;
use std::rc::Rc;

use customer_tiering_engine::calendar::{self, BUILTIN, Calendar, CalendarFile, Convention, Extension};
use customer_tiering_engine::time::duration::Period;
use customer_tiering_engine::{Error, Result};
use jiff::civil::Date;
use pgrx::pg_sys::Datum;
use serde_json::json;

use crate::documents::by_name::ByName;
use crate::documents::document_type::{self, DocumentType, stored};
use crate::documents::lookup;
use crate::documents::stored::{Digest, Stored, digest_of, store};
use crate::error::warn;
use crate::pg::call::{Call, documents_datum, json_text_datum, jsonb_datum, pg_function, text_datum};
use crate::pg::date::{date, date_datum};
use crate::pg::snapshot::statement_start;

/// The documents of type `tiering.calendar`.
struct CalendarType;

impl DocumentType for CalendarType {
    const WHAT: &'static str = "calendar";

    fn canonical(text: &str) -> Result<String> {
        Ok(Calendar::parse(text)?.canonical())
    }
}

pg_function!(calendar_in, document_type::input::<CalendarType>);
pg_function!(calendar_recv, document_type::receive::<CalendarType>);
pg_function!(calendar_from_jsonb, document_type::from_jsonb::<CalendarType>);

fn calendar_name(call: &mut Call) -> Result<Option<Datum>> {
    let Some(stored) = stored(call, 0)? else { return Ok(None) };
    Ok(text_datum(lookup::calendar(stored)?.name()))
}
pg_function!(calendar_name);

fn calendar_known_from(call: &mut Call) -> Result<Option<Datum>> {
    let Some(stored) = stored(call, 0)? else { return Ok(None) };
    lookup::calendar(stored)?.document().known_from.map_or(Ok(None), |day| date_datum(day.0))
}
pg_function!(calendar_known_from);

fn calendar_known_until(call: &mut Call) -> Result<Option<Datum>> {
    let Some(stored) = stored(call, 0)? else { return Ok(None) };
    lookup::calendar(stored)?.document().known_until.map_or(Ok(None), |day| date_datum(day.0))
}
pg_function!(calendar_known_until);

fn calendar_days_without_hours(call: &mut Call) -> Result<Option<Datum>> {
    let Some(stored) = stored(call, 0)? else { return Ok(None) };
    let days: Vec<String> =
        lookup::calendar(stored)?.days_without_hours().iter().map(ToString::to_string).collect();
    Ok(if days.is_empty() { None } else { text_datum(&days.join(", ")) })
}
pg_function!(calendar_days_without_hours);

fn extended_calendar(call: &mut Call) -> Result<Option<Datum>> {
    let (Some(stored), Some(text)) = (stored(call, 0)?, call.jsonb_text(1)) else { return Ok(None) };
    let calendar = calendar::extended(&*lookup::calendar(stored)?, &Extension::parse(text)?)?;
    Ok(store(&calendar.canonical()))
}
pg_function!(extended_calendar);

/// (text of an .ics file) → its name, and its days with the titles of their events.
fn calendar_file(call: &mut Call) -> Result<Option<Datum>> {
    let Some(text) = call.text(0) else { return Ok(None) };
    let file = CalendarFile::parse(text)?;
    let days = file.days.into_iter().map(|(day, title)| json!({"day": day.to_string(), "title": title}));
    Ok(jsonb_datum(json!({"name": file.name, "days": days.collect::<Vec<_>>()})))
}
pg_function!(calendar_file);

fn calendar_json_schema(_: &mut Call) -> Result<Option<Datum>> {
    json_text_datum(&calendar::json_schema())
}
pg_function!(calendar_json_schema);

fn preset_calendars(_: &mut Call) -> Result<Option<Datum>> {
    documents_datum(BUILTIN)
}
pg_function!(preset_calendars);

/// A calendar at a call site. Its answers for days for which it is not known come with a WARNING, one
/// a statement and calendar.
pub struct WorkCalendar {
    digest: Digest,
    calendar: Rc<Calendar>,
}

impl WorkCalendar {
    /// The calendar of a name.
    pub fn named(name: &str) -> Result<WorkCalendar> {
        let (digest, calendar) = lookup::named_calendar(name)?;
        Ok(WorkCalendar { digest, calendar })
    }

    /// The calendar that an argument of type `tiering.calendar` is, kept in `place` between calls.
    ///
    /// # Safety
    ///
    /// `datum` is of type `tiering.calendar`.
    #[inline]
    pub unsafe fn value(place: &mut Option<WorkCalendar>, datum: Datum) -> Result<&WorkCalendar> {
        // SAFETY: passed on to the caller.
        let digest = unsafe { digest_of(datum) }?;
        if place.as_ref().is_none_or(|known| known.digest != digest) {
            // SAFETY: passed on to the caller; compiling copies all it needs.
            let calendar = lookup::calendar(unsafe { Stored::from_datum(datum) }?)?;
            *place = Some(WorkCalendar { digest, calendar });
        }
        place.as_ref().ok_or_else(|| Error::invalid("no calendar"))
    }

    /// The calendar itself, whose answers come without a WARNING.
    pub fn calendar(&self) -> &Calendar {
        &self.calendar
    }

    /// The date on which a customer last contacted on `last` is due.
    #[inline]
    pub fn followup_due(&self, last: Date, every: &Period, workday: Convention) -> Result<Date> {
        let (plain, due) = calendar::followup_dates(last, every, workday, &self.calendar)?;
        if workday != Convention::None {
            self.consult(plain);
            self.consult(due);
        }
        Ok(due)
    }

    /// The date on which a customer who was never contacted is due: `today`, or the next working day
    /// where the convention wants one. Never a day before today, which would be overdue at once.
    pub fn due_at_once(&self, today: Date, workday: Convention) -> Result<Date> {
        if workday == Convention::None {
            return Ok(today);
        }
        let due = self.calendar.add_workdays(today, 0)?;
        self.consult(today);
        self.consult(due);
        Ok(due)
    }

    /// Notes that the answer depends on the day: if the calendar is not known for it, whoever asks is told.
    #[inline]
    pub fn consult(&self, day: Date) {
        if !self.calendar.covers(day) {
            self.warn_once(day);
        }
    }

    fn warn_once(&self, day: Date) {
        /// So many calendars of a statement are remembered.
        const REMEMBERED: usize = 256;
        thread_local! {
            static WARNED: RefCell<(i64, Vec<Digest>)> = const { RefCell::new((0, Vec::new())) };
        }
        // The statement of the client, not the snapshot: what PL/pgSQL runs in a loop for one
        // statement warns once, and two statements of a transaction, whose snapshots may be equal, warn
        // each. A parallel worker is a process of its own and may repeat the warning.
        let statement = statement_start();
        let first = WARNED.with_borrow_mut(|(of, digests)| {
            if *of != statement || digests.len() >= REMEMBERED {
                *of = statement;
                digests.clear();
            }
            let first = !digests.contains(&self.digest);
            if first {
                digests.push(self.digest);
            }
            first
        });
        if first {
            warn(self.unknown_day(day));
        }
    }

    #[cold]
    fn unknown_day(&self, day: Date) -> Error {
        let document = self.calendar.document();
        let name = self.calendar.name();
        let known = match (document.known_from, document.known_until) {
            (Some(from), Some(until)) => format!("It is known from {from} to {until}."),
            (Some(from), None) => format!("It is known from {from} on."),
            (None, Some(until)) => format!("It is known until {until}."),
            (None, None) => "It is known for ever.".to_owned(),
        };
        let answers = if document.provisional.is_empty() {
            "For other days its weekly pattern answers, without holidays and make-up working days."
        } else {
            "For other days its weekly pattern and its provisional holidays answer, without make-up working days."
        };
        let hint = match calendar::builtin(name) {
            _ if document.known_until.is_some_and(|until| until.0 < day) => format!(
                "Add newer days: SELECT tiering.extend_calendar('{name}', holidays => '{{…}}', workdays => '{{…}}', until => '…')."
            ),
            Some(_) => format!(
                "Import older data under a name of your own: SELECT tiering.import_calendar('my_{name}', document)."
            ),
            None => format!("Import older data: SELECT tiering.import_calendar('{name}', document)."),
        };
        Error::invalid(format!("calendar {name:?} is not known for {day}"))
            .detail(format!("{known} {answers}"))
            .hint(hint)
    }
}

/// What a function answers: the arguments after the calendar stand in the call.
type Answer = fn(&Call, &WorkCalendar) -> Result<Option<Datum>>;

fn by_name(call: &Call, answer: Answer) -> Result<Option<Datum>> {
    let Some(name) = call.bytes(0) else { return Ok(None) };
    let site = call.site(ByName::<WorkCalendar>::default);
    answer(call, site.get(name, WorkCalendar::named)?)
}

fn by_value(call: &Call, answer: Answer) -> Result<Option<Datum>> {
    let Some(datum) = call.arg(0) else { return Ok(None) };
    // SAFETY: the SQL declarations of the functions below say that it is a calendar.
    answer(call, unsafe { WorkCalendar::value(call.site(|| None), datum) }?)
}

fn workday(call: &Call, calendar: &WorkCalendar) -> Result<Option<Datum>> {
    let Some(day) = call.arg(1) else { return Ok(None) };
    let day = date(day)?;
    calendar.consult(day);
    Ok(Some(Datum::from(calendar.calendar.is_workday(day))))
}

fn added(call: &Call, calendar: &WorkCalendar) -> Result<Option<Datum>> {
    let (Some(day), Some(days)) = (call.arg(1), call.get::<i32>(2)) else { return Ok(None) };
    let day = date(day)?;
    let result = calendar.calendar.add_workdays(day, days)?;
    calendar.consult(day);
    calendar.consult(result);
    date_datum(result)
}

fn between(call: &Call, calendar: &WorkCalendar) -> Result<Option<Datum>> {
    let (Some(from), Some(to)) = (call.arg(1), call.arg(2)) else { return Ok(None) };
    let (from, to) = (date(from)?, date(to)?);
    // The later day is not counted.
    let (first, end) = if from <= to { (from, to) } else { (to, from) };
    if let Ok(last) = end.yesterday()
        && first <= last
    {
        calendar.consult(first);
        calendar.consult(last);
    }
    Ok(Some(Datum::from(calendar.calendar.workdays_between(from, to))))
}

fn covers(call: &Call, calendar: &WorkCalendar) -> Result<Option<Datum>> {
    let Some(day) = call.arg(1) else { return Ok(None) };
    Ok(Some(Datum::from(calendar.calendar.covers(date(day)?))))
}

fn is_workday(call: &mut Call) -> Result<Option<Datum>> {
    by_name(call, workday)
}
pg_function!(is_workday);

fn is_workday_of(call: &mut Call) -> Result<Option<Datum>> {
    by_value(call, workday)
}
pg_function!(is_workday_of);

fn add_workdays(call: &mut Call) -> Result<Option<Datum>> {
    by_name(call, added)
}
pg_function!(add_workdays);

fn add_workdays_of(call: &mut Call) -> Result<Option<Datum>> {
    by_value(call, added)
}
pg_function!(add_workdays_of);

fn workdays_between(call: &mut Call) -> Result<Option<Datum>> {
    by_name(call, between)
}
pg_function!(workdays_between);

fn workdays_between_of(call: &mut Call) -> Result<Option<Datum>> {
    by_value(call, between)
}
pg_function!(workdays_between_of);

fn calendar_covers(call: &mut Call) -> Result<Option<Datum>> {
    by_name(call, covers)
}
pg_function!(calendar_covers);

fn calendar_covers_of(call: &mut Call) -> Result<Option<Datum>> {
    by_value(call, covers)
}
pg_function!(calendar_covers_of);
