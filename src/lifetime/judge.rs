//! What an rfm value says of the time before a day, and of the time after it.

use customer_tiering_engine::aggregate::rfm::Rfm;
use customer_tiering_engine::{Error, Result};
use pgrx::IntoDatum;
use pgrx::datum::Date;
use pgrx::pg_sys::Datum;

use crate::aggregates::aggregate::value;
use crate::aggregates::rfm::day_since_1970;
use crate::pg::call::{Call, pg_function};
use crate::pg::date::POSTGRES_EPOCH_DAYS;

fn purchase_days(call: &mut Call) -> Result<Option<Datum>> {
    let Some(rfm) = value::<Rfm>(call, 0)? else { return Ok(None) };
    let days = rfm.days().iter().map(|day| Date::saturating_from_raw(day - POSTGRES_EPOCH_DAYS));
    Ok(days.collect::<Vec<_>>().into_datum())
}
pg_function!(rfm_purchase_days, purchase_days);

/// (rfm, at, until) → {repeat days until `at`, days from the first to the last of these, days from the first
/// to `at`, days with purchases after it until `until`}. None if the first purchase is after `at`.
fn split(call: &mut Call) -> Result<Option<Datum>> {
    let (Some(at), Some(rfm)) = (call.arg(1), value::<Rfm>(call, 0)?) else { return Ok(None) };
    let at = day_since_1970(at)?;
    let until = call.arg(2).map_or(Ok(i32::MAX), day_since_1970)?;
    if until < at {
        return Err(Error::invalid("the hold-out ends before it begins").hint("until must not be before at."));
    }
    let days = rfm.days();
    let (Some(first), Some(last)) = (days.first(), days.last_until(at)) else { return Ok(None) };
    let (seen, all) = (days.count_until(at), days.count_until(until));
    let figures = [
        seen as i64 - 1,
        i64::from(last) - i64::from(first),
        i64::from(at) - i64::from(first),
        all.saturating_sub(seen) as i64,
    ];
    Ok(figures.to_vec().into_datum())
}
pg_function!(rfm_split, split);
