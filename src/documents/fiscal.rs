//! Years, quarters and months of a fiscal year, for queries of one's own.

use std::cell::Cell;

use customer_tiering_engine::scheme::FiscalYear;
use customer_tiering_engine::time::fiscal::{FiscalCalendar, Unit};
use customer_tiering_engine::{Error, Result};
use jiff::civil::Date;
use pgrx::pg_sys::Datum;

use crate::pg::call::{Call, pg_function, text_datum};
use crate::pg::date::{date, date_datum};

/// What a call site keeps between rows: the text of a fiscal year, and what it says.
type Site = Cell<Option<(String, FiscalCalendar)>>;

/// The arguments that both functions have: a day, a unit, a fiscal year.
fn arguments(call: &Call) -> Result<Option<(Date, Unit, FiscalCalendar)>> {
    let (Some(day), Some(unit), Some(text)) = (call.arg(0), call.text(1), call.jsonb_text(2)) else {
        return Ok(None);
    };
    let site = call.site::<Site>(Cell::default);
    let calendar = match site.take() {
        Some((known, calendar)) if known == text => calendar,
        _ => FiscalYear::parse(text)?,
    };
    site.set(Some((text.to_owned(), calendar)));
    Ok(Some((date(day)?, Unit::parse(unit)?, calendar)))
}

fn fiscal_period(call: &mut Call) -> Result<Option<Datum>> {
    let Some((day, unit, calendar)) = arguments(call)? else { return Ok(None) };
    Ok(text_datum(&calendar.label(unit, day)))
}
pg_function!(fiscal_period);

/// The most that a period may lie ahead or back: more than any date does.
const AHEAD: i32 = 1_000_000;

fn fiscal_period_begins(call: &mut Call) -> Result<Option<Datum>> {
    let Some(ahead) = call.get::<i32>(3) else { return Ok(None) };
    let Some((day, unit, calendar)) = arguments(call)? else { return Ok(None) };
    let begins = calendar.around(unit, day, ahead.clamp(-AHEAD, AHEAD)).0;
    if begins == Date::MAX || begins == Date::MIN {
        return Err(Error::new(customer_tiering_engine::ErrorKind::DateOutOfRange, "date out of range")
            .detail(format!("The period that is {ahead} after that of {day} does not begin between the years -9999 and 9999."))
            .hint("Use a smaller step."));
    }
    date_datum(begins)
}
pg_function!(fiscal_period_begins);
