//! The aggregate `tiering.rfm` and what can be asked of its values.

use customer_tiering_engine::aggregate::rfm::{Currency, Rfm, later_purchases, other_currency};
use customer_tiering_engine::number::ExactSum;
use customer_tiering_engine::time::date::{MICROSECONDS_PER_DAY, day_number, timestamp_out_of_range};
use customer_tiering_engine::time::zone::NamedZone;
use customer_tiering_engine::{Error, Result};
use jiff::Timestamp;
use pgrx::IntoDatum;
use pgrx::pg_sys::Datum;

use crate::aggregates::aggregate::{kept, prefetch_state, state_or, state_type, value};
use crate::grading::reader::{instant, microseconds, since_1970};
use crate::pg::call::{Call, pg_function, utf8};
use crate::pg::date::date;
use crate::pg::memory::Memory;
use crate::pg::name_type::{self, Name};
use crate::pg::numeric;

type State = Rfm<Memory>;

/// The type of the argument that says when.
#[derive(Clone, Copy)]
enum When {
    TimestampTz,
    Date,
}

/// The type of the argument that says how much.
#[derive(Clone, Copy)]
enum Amount {
    Numeric,
    Float4,
    Float8,
}

/// (state, when, amount [, zone] [, currency]) → state. Rows in which any of them is NULL do not count.
#[inline]
fn add(call: &Call, when: When, how_much: Amount, zoned: bool, priced: bool) -> Result<Option<Datum>> {
    let (Some(at), Some(amount)) = (call.arg(1), call.arg(2)) else { return Ok(call.arg(0)) };
    prefetch_state::<State>(call);
    let zone = if zoned {
        let Some(name) = call.bytes(3) else { return Ok(call.arg(0)) };
        zone_of(call, name)?
    } else {
        None
    };
    let currency = if priced {
        let Some(code) = call.bytes(3 + usize::from(zoned)) else { return Ok(call.arg(0)) };
        Some(Currency::parse(utf8(code))?)
    } else {
        None
    };
    let (at, day) = match when {
        When::TimestampTz => {
            let at = since_1970(at.value() as i64)?;
            (at, NamedZone::day(zone, at)?)
        }
        When::Date => {
            let day = day_since_1970(at)?;
            (i64::from(day) * MICROSECONDS_PER_DAY, day)
        }
    };
    let amount = match how_much {
        // SAFETY: the SQL declaration says that the argument is a numeric.
        Amount::Numeric => match numeric::decimal(unsafe { crate::pg::call::payload(amount) }) {
            Ok(amount) => amount?,
            Err(special) => return Err(not_finite(special)),
        },
        Amount::Float4 => of_float(shortest(f32::from_bits(amount.value() as u32)))?,
        Amount::Float8 => of_float(f64::from_bits(amount.value() as u64))?,
    };
    let mut rfm = state_or(call, |memory| Ok(State::new(zone, memory).in_currency(currency)))?;
    if zoned && !same(rfm.zone(), zone) {
        return Err(Error::invalid("the time zone changes within an aggregate")
            .hint("Pass the same zone for every order of a customer."));
    }
    if priced && rfm.currency() != currency {
        return Err(other_currency(rfm.currency(), currency));
    }
    rfm.add(at, day, amount)?;
    Ok(kept(rfm))
}

#[inline]
fn of_float(amount: f64) -> Result<ExactSum> {
    if amount.is_finite() { ExactSum::from_float(amount) } else { Err(not_finite(amount)) }
}

/// The double nearest to the shortest decimal that reads back as this real: 0.1 for 0.1, not the
/// 0.10000000149011612 that it is.
fn shortest(amount: f32) -> f64 {
    amount.to_string().parse().unwrap_or(f64::from(amount))
}

fn same(a: Option<&'static NamedZone>, b: Option<&'static NamedZone>) -> bool {
    match (a, b) {
        (None, None) => true,
        (Some(a), Some(b)) => core::ptr::eq(a, b),
        _ => false,
    }
}

/// The type `tiering.time_zone`.
struct ZoneName;

impl Name for ZoneName {
    const WHAT: &'static str = "time zone";

    fn checked(name: &str) -> Result<String> {
        Ok(NamedZone::get(name)?.map_or_else(|| "UTC".to_owned(), |zone| zone.name.to_string()))
    }
}
pg_function!(time_zone_in, name_type::input::<ZoneName>);
pg_function!(time_zone_recv, name_type::receive::<ZoneName>);

/// The type `tiering.currency_code`.
struct CurrencyCode;

impl Name for CurrencyCode {
    const WHAT: &'static str = "currency code";

    fn checked(name: &str) -> Result<String> {
        Ok(Currency::parse(name)?.code().to_owned())
    }
}
pg_function!(currency_code_in, name_type::input::<CurrencyCode>);
pg_function!(currency_code_recv, name_type::receive::<CurrencyCode>);

/// The zone of a name, which a call site remembers.
#[inline]
fn zone_of(call: &Call, name: &[u8]) -> Result<Option<&'static NamedZone>> {
    let known = call.site::<Option<(Box<[u8]>, Option<&'static NamedZone>)>>(|| None);
    match known {
        Some((known, zone)) if **known == *name => Ok(*zone),
        _ => {
            let zone = NamedZone::get(utf8(name))?;
            *known = Some((name.into(), zone));
            Ok(zone)
        }
    }
}

#[cold]
fn not_finite(amount: f64) -> Error {
    Error::invalid(format!("amount is {}", if amount.is_nan() { "NaN" } else { "infinite" }))
        .detail("Only finite amounts can be summed.")
        .hint("Leave it out with FILTER, or turn it into NULL.")
}

/// A date as a day since 1970-01-01.
pub fn day_since_1970(datum: Datum) -> Result<i32> {
    Ok(day_number(date(datum)?))
}

macro_rules! transition {
    ($name:ident, $when:ident, $amount:ident, $zoned:literal, $priced:literal) => {
        fn $name(call: &mut Call) -> Result<Option<Datum>> {
            add(call, When::$when, Amount::$amount, $zoned, $priced)
        }
        pg_function!($name);
    };
}
transition!(rfm_add_numeric, TimestampTz, Numeric, false, false);
transition!(rfm_add_float8, TimestampTz, Float8, false, false);
transition!(rfm_add_numeric_zone, TimestampTz, Numeric, true, false);
transition!(rfm_add_float8_zone, TimestampTz, Float8, true, false);
transition!(rfm_add_float4, TimestampTz, Float4, false, false);
transition!(rfm_add_float4_zone, TimestampTz, Float4, true, false);
transition!(rfm_add_date_float4, Date, Float4, false, false);
transition!(rfm_add_date_numeric, Date, Numeric, false, false);
transition!(rfm_add_date_float8, Date, Float8, false, false);
transition!(rfm_add_numeric_currency, TimestampTz, Numeric, true, true);
transition!(rfm_add_float8_currency, TimestampTz, Float8, true, true);
transition!(rfm_add_float4_currency, TimestampTz, Float4, true, true);
transition!(rfm_add_date_numeric_currency, Date, Numeric, false, true);
transition!(rfm_add_date_float8_currency, Date, Float8, false, true);
transition!(rfm_add_date_float4_currency, Date, Float4, false, true);

state_type!(rfm, State, Rfm);

/// An accessor: the name of the C function, and what it reads.
macro_rules! accessor {
    ($name:ident, |$rfm:ident, $call:ident| $read:expr) => {
        fn $name($call: &mut Call) -> Result<Option<Datum>> {
            let Some($rfm) = value::<Rfm>($call, 0)? else { return Ok(None) };
            $read
        }
        pg_function!($name);
    };
}

/// The day of an as-of argument, in the zone of the value.
fn as_of(call: &Call, rfm: &Rfm) -> Result<Option<i32>> {
    call.arg(1).map(|at| day_of(rfm, at)).transpose()
}

/// The day of a timestamptz, in the zone of the value.
pub fn day_of(rfm: &Rfm, at: Datum) -> Result<i32> {
    NamedZone::day(rfm.zone(), instant(at.value() as i64)?.as_microsecond())
}

fn as_of_date(call: &Call) -> Result<Option<i32>> {
    call.arg(1).map(day_since_1970).transpose()
}

/// What somebody had bought by the end of the as-of day, if all that the value holds is of that time.
///
/// # Errors
///
/// `InvalidValue` if something was bought later: the value knows sums, not the amounts of single days.
fn ensure_none_later(call: &Call, rfm: &Rfm) -> Result<()> {
    if call.count() > 1
        && let (Some(as_of), Some(last)) = (as_of(call, rfm)?, last_day(rfm))
        && last > as_of
    {
        return Err(later_purchases());
    }
    Ok(())
}

/// The last day with a purchase until the end of a day.
fn last_day_until(rfm: &Rfm, day: i32) -> Option<i32> {
    rfm.days().last_until(day)
}

/// Days from the last purchase before the end of a day to that day.
fn recency_on(rfm: &Rfm, day: Option<i32>) -> Option<Datum> {
    days_since(day, day.and_then(|day| last_day_until(rfm, day)))
}

/// Days from the first purchase to a day that is not before it.
fn age_on(rfm: &Rfm, day: Option<i32>) -> Option<Datum> {
    days_since(day, first_day(rfm).filter(|first| day.is_some_and(|day| *first <= day)))
}

fn days_since(day: Option<i32>, since: Option<i32>) -> Option<Datum> {
    day.zip(since).and_then(|(day, since)| (day - since).into_datum())
}

fn first_day(rfm: &Rfm) -> Option<i32> {
    rfm.days().first()
}

fn last_day(rfm: &Rfm) -> Option<i32> {
    rfm.days().last()
}

fn timestamp(at: Option<i64>) -> Result<Option<Datum>> {
    let at = at.map(Timestamp::from_microsecond).transpose().map_err(|_| timestamp_out_of_range())?;
    Ok(at.map(|at| Datum::from(microseconds(at))))
}

accessor!(rfm_recency, |rfm, call| Ok(recency_on(&rfm, as_of(call, &rfm)?)));
accessor!(rfm_recency_date, |rfm, call| Ok(recency_on(&rfm, as_of_date(call)?)));
accessor!(rfm_age, |rfm, call| Ok(age_on(&rfm, as_of(call, &rfm)?)));
accessor!(rfm_age_date, |rfm, call| Ok(age_on(&rfm, as_of_date(call)?)));

// Of all that the value holds, or with an as-of, which nothing may be later than.
accessor!(rfm_frequency, |rfm, call| {
    ensure_none_later(call, &rfm)?;
    Ok((rfm.purchases() as i64).into_datum())
});
accessor!(rfm_refunds, |rfm, call| {
    ensure_none_later(call, &rfm)?;
    Ok((rfm.refunds() as i64).into_datum())
});
accessor!(rfm_monetary, |rfm, call| {
    ensure_none_later(call, &rfm)?;
    Ok(numeric::decimal_datum(rfm.monetary()))
});
accessor!(rfm_currency, |rfm, _call| Ok(rfm.currency().and_then(|currency| currency.code().into_datum())));
accessor!(rfm_repeat_monetary, |rfm, _call| Ok(numeric::decimal_datum(rfm.repeat_monetary()?)));
accessor!(rfm_first_at, |rfm, call| {
    ensure_none_later(call, &rfm)?;
    timestamp(rfm.first_and_last_at().map(|at| at.0))
});
accessor!(rfm_last_at, |rfm, call| {
    ensure_none_later(call, &rfm)?;
    timestamp(rfm.first_and_last_at().map(|at| at.1))
});
accessor!(rfm_repeat_days, |rfm, call| {
    ensure_none_later(call, &rfm)?;
    Ok(rfm.days().len().checked_sub(1).and_then(|days| (days as i32).into_datum()))
});
accessor!(rfm_repeat_span, |rfm, _call| Ok(days_since(last_day(&rfm), first_day(&rfm))));

/// A customer who bought something.
pub fn bought(call: &Call, index: usize) -> Result<Option<Rfm>> {
    Ok(value::<Rfm>(call, index)?.filter(|rfm| rfm.purchases() > 0))
}

/// Days of date arguments, for aggregates over rfm values.
pub fn days<const N: usize>(call: &Call, first: usize) -> Result<Option<[i32; N]>> {
    let mut days = [0; N];
    for (place, day) in days.iter_mut().enumerate() {
        match call.arg(first + place) {
            Some(date) => *day = day_since_1970(date)?,
            None => return Ok(None),
        }
    }
    Ok(Some(days))
}
