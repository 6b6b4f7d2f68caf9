//! The aggregates that measure whether tiering works: net promoter score, satisfaction, repeat purchase,
//! churn, retention.

use customer_tiering_engine::aggregate::measure::Share;
use customer_tiering_engine::aggregate::rfm::Rfm;
use customer_tiering_engine::time::zone::NamedZone;
use customer_tiering_engine::{Error, Result};
use pgrx::IntoDatum;
use pgrx::pg_sys::{self, Datum};

use crate::aggregates::aggregate::{Held, kept, state, state_or, state_type};
use crate::aggregates::rfm::{bought, days};
use crate::grading::reader::instant;
use crate::pg::call::{Call, pg_function};

fn share(call: &Call) -> Result<Held<'_, Share>> {
    state_or(call, |_| Ok(Share::default()))
}

fn nps(call: &mut Call) -> Result<Option<Datum>> {
    let Some(score) = call.get::<f64>(1) else { return Ok(call.arg(0)) };
    let mut share = share(call)?;
    share.add_recommendation(score)?;
    Ok(kept(share))
}
pg_function!(nps_add, nps);

fn csat(call: &mut Call) -> Result<Option<Datum>> {
    let (Some(score), Some(threshold)) = (call.get::<f64>(1), call.get::<f64>(2)) else {
        return Ok(call.arg(0));
    };
    if score.is_nan() || threshold.is_nan() {
        return Err(
            Error::invalid("score or threshold is NaN").hint("Turn it into NULL: nullif(score, 'NaN').")
        );
    }
    let mut share = share(call)?;
    share.add(score >= threshold)?;
    Ok(kept(share))
}
pg_function!(csat_add, csat);

/// Adds a customer for whom something holds or not; one of whom that is not known does not count.
fn count(call: &Call, holds: Option<bool>) -> Result<Option<Datum>> {
    let Some(holds) = holds else { return Ok(call.arg(0)) };
    let mut share = share(call)?;
    share.add(holds)?;
    Ok(kept(share))
}

/// (state, boolean) → state: the query says for whom it holds.
fn count_condition(call: &mut Call) -> Result<Option<Datum>> {
    count(call, call.get::<bool>(1))
}
pg_function!(csat_add_satisfied, count_condition);
pg_function!(churn_rate_add_churned, count_condition);
pg_function!(retention_add_retained, count_condition);

/// What holds or not of the customer whose purchases an argument holds; `None` if there are none.
fn of_buyer(
    call: &Call,
    index: usize,
    holds: impl FnOnce(&Rfm) -> Result<Option<bool>>,
) -> Result<Option<bool>> {
    match bought(call, index)? {
        Some(rfm) => holds(&rfm),
        None => Ok(None),
    }
}

fn repeat_rate(call: &mut Call) -> Result<Option<Datum>> {
    count(call, of_buyer(call, 1, |rfm| Ok(Some(rfm.days().len() > 1)))?)
}
pg_function!(repeat_rate_add, repeat_rate);

/// How a call site of `churned` or `churn_rate` knows which cutoff it has computed.
#[derive(PartialEq)]
struct Inactivity {
    as_of: i64,
    /// Months, days and microseconds of an interval.
    inactive_for: (i32, i32, i64),
    zone: Option<*const NamedZone>,
}

/// What churn is counted by, for values of one zone.
#[derive(Clone, Copy)]
struct Cutoff {
    /// The as-of day.
    day: i32,
    /// Who bought last before this time is silent.
    since: i64,
    /// Its day, and whether it is the first moment of it.
    since_day: i32,
    is_whole: bool,
}

/// (rfm, as_of, interval), from the argument `first` on: whether the customer is silent for so long, if known. The interval is counted back in the zone of
/// the value, not in that of the session, so that the answer depends on the arguments alone. Of a value that goes on after the as-of day it is known on which
/// day the last order until then was, which nearly always tells.
fn is_silent(call: &Call, first: usize) -> Result<Option<bool>> {
    let (Some(as_of), Some(inactive_for)) = (call.arg(first + 1), call.arg(first + 2)) else {
        return Ok(None);
    };
    // SAFETY: an interval, as the SQL declares.
    let inactive_for = unsafe {
        let interval = &*inactive_for.cast_mut_ptr::<pg_sys::Interval>();
        (interval.month, interval.day, interval.time)
    };
    of_buyer(call, first, |rfm| {
        let as_of = instant(as_of.value() as i64)?.as_microsecond();
        let zone = rfm.zone();
        let key = Inactivity { as_of, inactive_for, zone: zone.map(core::ptr::from_ref) };
        let cutoff = match call.site::<Option<(Inactivity, Cutoff)>>(|| None) {
            Some((known, of)) if *known == key => *of,
            place => {
                let (months, days, rest) = inactive_for;
                let since = NamedZone::before(zone, as_of, months, days, rest)?;
                let since_day = NamedZone::day(zone, since)?;
                let is_whole = NamedZone::day(zone, since.saturating_sub(1)).is_ok_and(|day| day < since_day);
                let of = Cutoff { day: NamedZone::day(zone, as_of)?, since, since_day, is_whole };
                place.insert((key, of)).1
            }
        };
        let until = |day: i32| rfm.days().last_until(day);
        Ok(match (rfm.first_and_last_day(), rfm.first_and_last_at()) {
            (Some((first, _)), _) if first > cutoff.day => None,
            (Some((_, last)), _) if last > cutoff.day => match until(cutoff.day) {
                Some(day) if day == cutoff.since_day && !cutoff.is_whole => return Err(unknown_time()),
                day => day.map(|day| day < cutoff.since_day),
            },
            (_, at) => at.map(|(_, last_at)| last_at < cutoff.since),
        })
    })
}

#[cold]
fn unknown_time() -> Error {
    Error::invalid("an rfm value goes on after the as-of day, and does not tell when its last order until then was")
        .detail("That was on the day on which the silence begins. The value knows the days of its orders, not the time of each.")
        .hint("Let the silence begin at midnight, or leave later orders out before they are summed up: rfm(at, amount) FILTER (WHERE at < …).")
}

fn churn_rate(call: &mut Call) -> Result<Option<Datum>> {
    count(call, is_silent(call, 1)?)
}
pg_function!(churn_rate_add, churn_rate);

/// (rfm, as_of, interval) → boolean
fn churned(call: &mut Call) -> Result<Option<Datum>> {
    Ok(is_silent(call, 0)?.and_then(IntoDatum::into_datum))
}
pg_function!(churned);

/// (rfm, from, until, again_until), from the argument `first` on: whether who bought in the first period bought again in the second, if known. With the day
/// until which orders are known after them, it is not while the second period is not over by then.
fn bought_again(call: &Call, first: usize) -> Result<Option<bool>> {
    let Some([from, until, again_until]) = days(call, first + 1)? else { return Ok(None) };
    if from >= until || until >= again_until {
        return Err(Error::invalid("the days of a retention do not ascend")
            .detail(
                "It looks at who bought from the first day to before the second, and again before the third.",
            )
            .hint("For example: retention(r, '2026-01-01', '2026-02-01', '2026-03-01')."));
    }
    if call.count() > first + 4 {
        match days(call, first + 4)? {
            Some([known_until]) if known_until >= again_until => {}
            _ => return Ok(None),
        }
    }
    let again = |rfm: &Rfm| rfm.bought_between(from, until).then(|| rfm.bought_between(until, again_until));
    of_buyer(call, first, |rfm| Ok(again(rfm)))
}

fn retention(call: &mut Call) -> Result<Option<Datum>> {
    count(call, bought_again(call, 1)?)
}
pg_function!(retention_add, retention);

/// (rfm, from, until, again_until [, known_until]) → boolean
fn retained(call: &mut Call) -> Result<Option<Datum>> {
    Ok(bought_again(call, 0)?.and_then(IntoDatum::into_datum))
}
pg_function!(retained);

state_type!(customer_share, Share, Share);

/// So many times the share, as a numeric with all its digits.
fn times(call: &Call, factor: i64) -> Result<Option<Datum>> {
    let Some(share) = state::<Share>(call, 0)? else { return Ok(None) };
    if share.of == 0 {
        return Ok(None);
    }
    // SAFETY: a function of the server that takes any number.
    let numeric = |number: i64| Some(Datum::from(unsafe { pg_sys::int64_to_numeric(number) }));
    // SAFETY: functions of the server over numerics that it made.
    Ok(unsafe {
        let counted = [numeric(share.counted), numeric(factor)];
        let counted = pgrx::direct_function_call_as_datum(pg_sys::numeric_mul, &counted);
        pgrx::direct_function_call_as_datum(pg_sys::numeric_div, &[counted, numeric(share.of as i64)])
    })
}

fn final_share(call: &mut Call) -> Result<Option<Datum>> {
    times(call, 1)
}
pg_function!(share_final, final_share);

fn final_nps(call: &mut Call) -> Result<Option<Datum>> {
    times(call, 100)
}
pg_function!(nps_final, final_nps);
