//! PostgreSQL's dates and those of the engine.

use customer_tiering_engine::time::date::{date_of, day_number};
use customer_tiering_engine::{Error, ErrorKind, Result};
use jiff::civil::Date;
use pgrx::IntoDatum;
use pgrx::pg_sys::Datum;

/// Days from 1970-01-01 to 2000-01-01, where PostgreSQL counts from.
pub const POSTGRES_EPOCH_DAYS: i32 = 10_957;

/// The first date of PostgreSQL, 4714-11-24 BC, in its own count.
const FIRST_DAY: i32 = -2_451_545;

/// A datum of type date as a date.
#[inline]
pub fn date(datum: Datum) -> Result<Date> {
    let days = datum.value() as i32;
    days.checked_add(POSTGRES_EPOCH_DAYS).filter(|_| days != i32::MIN).and_then(date_of).ok_or_else(|| {
        Error::new(ErrorKind::DateOutOfRange, "date out of range")
            .detail("Finite dates up to the year 9999 are supported.")
            .hint("Turn an infinite date into NULL, for example with nullif(value, 'infinity').")
    })
}

/// A date as a datum of type date.
#[inline]
pub fn date_datum(date: Date) -> Result<Option<Datum>> {
    let days = day_number(date) - POSTGRES_EPOCH_DAYS;
    if days < FIRST_DAY {
        return Err(Error::new(ErrorKind::DateOutOfRange, format!("date out of range: {date}"))
            .detail("PostgreSQL has no dates before 4714-11-24 BC."));
    }
    Ok(Some(Datum::from(days)))
}

/// Microseconds as a datum of type interval, without days and months.
pub fn interval_datum(microseconds: i64) -> Option<Datum> {
    pgrx::datum::Interval::from_micros(microseconds).into_datum()
}
