//! The aggregates `tiering.distribution` and `tiering.exact_distribution`, and what can be asked of their
//! values.

use allocator_api2::alloc::Global;
use customer_tiering_engine::aggregate::distribution::{Distribution, EXACT, Limit, Sorted, bits_for};
use customer_tiering_engine::limits::DISTRIBUTION_BUCKETS;
use customer_tiering_engine::{Error, Result};
use pgrx::IntoDatum;
use pgrx::pg_sys::Datum;

use crate::aggregates::aggregate::{kept, known_state, state_or, state_type, value};
use crate::pg::call::{Call, pg_function};
use crate::pg::memory::Memory;
use crate::pg::numeric;

type State = Distribution<Memory>;

/// The relative error unless one asks for another.
const RELATIVE_ERROR: f64 = 0.01;

/// Which aggregate it is.
#[derive(Clone, Copy)]
enum Kind {
    Default,
    /// The relative error is the second argument.
    Chosen,
    Exact,
}

#[inline]
fn add(call: &Call, kind: Kind, number: impl FnOnce(Datum) -> f64) -> Result<Option<Datum>> {
    let Some(datum) = call.arg(1) else { return Ok(call.arg(0)) };
    let mut state = state_or(call, |memory| begin(call, kind, memory))?;
    if matches!(kind, Kind::Chosen) && state.asked() != chosen_bits(call)? {
        return Err(Error::invalid("the relative error changes within an aggregate")
            .hint("Pass one relative error for all values of a group."));
    }
    state.add(number(datum))?;
    Ok(kept(state))
}

/// The precision that the second argument asks for.
fn chosen_bits(call: &Call) -> Result<u8> {
    bits_for(call.get::<f64>(2).ok_or_else(|| {
        Error::invalid("relative error is NULL").hint("Give a number from 0.0001 to 0.1, or leave it out.")
    })?)
}

#[cold]
fn begin(call: &Call, kind: Kind, memory: Memory) -> Result<State> {
    let (bits, limit) = match kind {
        Kind::Default => (bits_for(RELATIVE_ERROR)?, Limit::Coarsen(DISTRIBUTION_BUCKETS)),
        Kind::Chosen => (chosen_bits(call)?, Limit::Coarsen(DISTRIBUTION_BUCKETS)),
        Kind::Exact => (EXACT, Limit::Refuse),
    };
    Ok(State::new(bits, limit, memory))
}

#[inline]
fn float8(datum: Datum) -> f64 {
    f64::from_bits(datum.value() as u64)
}

#[inline]
fn numeric(datum: Datum) -> f64 {
    // SAFETY: the SQL declarations of the functions below say that it is a numeric.
    unsafe { numeric::float(datum) }
}

macro_rules! transition {
    ($name:ident, $kind:ident, $number:ident) => {
        fn $name(call: &mut Call) -> Result<Option<Datum>> {
            add(call, Kind::$kind, $number)
        }
        pg_function!($name);
    };
}
/// Counts a value whose bucket is at hand.
#[inline(always)]
fn quick(call: &Call) -> Option<Datum> {
    let value = float8(call.arg(1)?);
    let mut state = known_state::<State>(call)?;
    if state.add_known(value) { kept(state) } else { None }
}

fn distribution_add_float8(call: &mut Call) -> Result<Option<Datum>> {
    add(call, Kind::Default, float8)
}
pg_function!(distribution_add_float8, distribution_add_float8, quick = quick);
transition!(distribution_add_numeric, Default, numeric);
transition!(distribution_add_float8_error, Chosen, float8);
transition!(distribution_add_numeric_error, Chosen, numeric);
transition!(distribution_add_float8_exact, Exact, float8);
transition!(distribution_add_numeric_exact, Exact, numeric);

state_type!(distribution, State, Distribution);

/// An accessor: the name of the C function, and what it reads from the values in order.
macro_rules! accessor {
    ($name:ident, |$sorted:ident, $call:ident| $read:expr) => {
        fn $name($call: &mut Call) -> Result<Option<Datum>> {
            let Some($sorted) = sorted($call)? else { return Ok(None) };
            Ok($read.and_then(IntoDatum::into_datum))
        }
        pg_function!($name);
    };
}

fn sorted(call: &Call) -> Result<Option<Sorted>> {
    Ok(value::<Distribution<Global>>(call, 0)?.map(|distribution| distribution.sorted()))
}

/// A function of one further number; NULL gives NULL.
fn of_number<T>(call: &Call, read: impl FnOnce(f64) -> Result<Option<T>>) -> Result<Option<T>> {
    call.get::<f64>(1).map_or(Ok(None), read)
}

accessor!(distribution_count, |sorted, _call| Some(sorted.count() as i64));
accessor!(distribution_sum, |sorted, _call| Some(sorted.sum()?));
accessor!(distribution_mean, |sorted, _call| sorted.mean());
accessor!(distribution_min, |sorted, _call| sorted.min());
accessor!(distribution_max, |sorted, _call| sorted.max());
accessor!(distribution_gini, |sorted, _call| sorted.gini());
accessor!(distribution_quantile, |sorted, call| { of_number(call, |q| sorted.quantile(q))? });
accessor!(distribution_rank, |sorted, call| { of_number(call, |value| Ok(sorted.rank(value)))? });
accessor!(distribution_value_share_cut, |sorted, call| {
    of_number(call, |share| sorted.value_share_cut(share))?
});
accessor!(distribution_share_above, |sorted, call| {
    of_number(call, |value| Ok(sorted.share_above(value)))?
});
accessor!(distribution_quantiles, |sorted, call| {
    match call.get::<Vec<Option<f64>>>(1) {
        Some(shares) => {
            let quantile = |q: Option<f64>| q.map_or(Ok(None), |q| sorted.quantile(q));
            Some(shares.into_iter().map(quantile).collect::<Result<Vec<Option<f64>>>>()?)
        }
        None => None,
    }
});
accessor!(distribution_lorenz, |sorted, call| {
    match call.get::<i32>(1) {
        Some(steps @ 1..=10_000) => {
            let curve = sorted.lorenz(steps as u32);
            curve.map(|points| points.into_iter().map(|(_, value)| value).collect::<Vec<f64>>())
        }
        Some(steps) => {
            return Err(Error::invalid(format!("{steps} steps of a Lorenz curve"))
                .detail("A curve has 1 to 10000 steps.")
                .hint("The default is 20."));
        }
        None => None,
    }
});

fn relative_error(call: &mut Call) -> Result<Option<Datum>> {
    Ok(value::<Distribution<Global>>(call, 0)?.and_then(|value| value.relative_error().into_datum()))
}
pg_function!(distribution_relative_error, relative_error);
