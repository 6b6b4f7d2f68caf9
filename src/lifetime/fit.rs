//! The aggregates that fit models of lifetime value. Their state is a gathering of customers, the same for
//! all models of purchases: what the server computes for several of them in one query it gathers once.

use allocator_api2::alloc::Global;
use customer_tiering_engine::aggregate::rfm::Rfm;
use customer_tiering_engine::aggregate::value_type::Mergeable;
use customer_tiering_engine::error::sentence;
use customer_tiering_engine::lifetime::{
    Excluded, Figures, Gathered, Kind, Model, Purchases, Spend, SpendScorer, TimeUnit, another_unit,
};
use customer_tiering_engine::{Error, ErrorKind, Result};
use pgrx::pg_sys::Datum;

use crate::aggregates::aggregate::{Held, kept, state, state_or, state_type, value};
use crate::aggregates::rfm::{day_of, day_since_1970};
use crate::documents::stored::store;
use crate::error::{notice, warn};
use crate::pg::call::{Call, interrupted, pg_function};
use crate::pg::memory::Memory;
use crate::pg::numeric;

type Buyers = Gathered<Purchases, Memory>;
type Spenders = Gathered<Spend, Memory>;

/// Without a unit, times are days: those that the accessors of an rfm value give.
const DAYS: TimeUnit = TimeUnit::Day;

/// The unit that an argument names.
#[inline]
fn unit(call: &Call, index: usize) -> Result<TimeUnit> {
    match call.text(index) {
        Some(name) => TimeUnit::parse(name),
        None => {
            Err(Error::invalid("unit of time is NULL")
                .hint("Write 'day', 'week', 'month', 'quarter' or 'year'."))
        }
    }
}

/// The buyers so far, whose times are in `unit`.
#[inline]
fn buyers(call: &Call, unit: TimeUnit) -> Result<Held<'_, Buyers>> {
    let buyers: Held<'_, Buyers> = state_or(call, |memory| Ok(Buyers::new(Some(unit), memory)))?;
    if buyers.unit() == Some(unit) { Ok(buyers) } else { Err(another_unit()) }
}

/// (state, frequency, recency, age) in `unit` → state.
#[inline]
fn add_figures(call: &Call, unit: TimeUnit) -> Result<Option<Datum>> {
    let mut buyers = buyers(call, unit)?;
    buyers.add(match (call.arg(1), call.arg(2), call.arg(3)) {
        (Some(frequency), Some(recency), Some(age)) => {
            Ok(Purchases::new(frequency.value() as i64, float(recency), float(age))?)
        }
        _ => Err(Excluded::Missing),
    });
    Ok(kept(buyers))
}

#[inline]
fn float(datum: Datum) -> f64 {
    f64::from_bits(datum.value() as u64)
}

fn add_days(call: &mut Call) -> Result<Option<Datum>> {
    add_figures(call, DAYS)
}
pg_function!(lifetime_add_days, add_days);

fn add_units(call: &mut Call) -> Result<Option<Datum>> {
    add_figures(call, unit(call, 4)?)
}
pg_function!(lifetime_add_units, add_units);

/// (state, rfm, as_of, unit) → state.
#[inline]
fn add_rfm(call: &Call, day: impl FnOnce(&Rfm, Datum) -> Result<i32>) -> Result<Option<Datum>> {
    let unit = unit(call, 3)?;
    let mut buyers = buyers(call, unit)?;
    buyers.add(match (value::<Rfm>(call, 1)?, call.arg(2)) {
        (Some(rfm), Some(as_of)) => Purchases::of_rfm(&rfm, day(&rfm, as_of)?, unit),
        _ => Err(Excluded::Missing),
    });
    Ok(kept(buyers))
}

fn add_rfm_timestamptz(call: &mut Call) -> Result<Option<Datum>> {
    add_rfm(call, day_of)
}
pg_function!(lifetime_add_rfm, add_rfm_timestamptz);

fn add_rfm_date(call: &mut Call) -> Result<Option<Datum>> {
    add_rfm(call, |_, date| day_since_1970(date))
}
pg_function!(lifetime_add_rfm_date, add_rfm_date);

fn spenders(call: &Call) -> Result<Held<'_, Spenders>> {
    state_or(call, |memory| Ok(Spenders::new(None, memory)))
}

/// (state, frequency, mean spend) → state. Who has no repeat purchase has no mean.
#[inline]
fn add_mean(call: &Call, float: impl FnOnce(Datum) -> f64) -> Result<Option<Datum>> {
    let mut spenders = spenders(call)?;
    spenders.add(match (call.get::<i64>(1), call.arg(2)) {
        (Some(0), _) => Ok(Spend::new(0, 0.0)?),
        (Some(frequency), Some(mean)) => Ok(Spend::new(frequency, float(mean))?),
        _ => Err(Excluded::Missing),
    });
    Ok(kept(spenders))
}

fn add_mean_float8(call: &mut Call) -> Result<Option<Datum>> {
    add_mean(call, float)
}
pg_function!(spend_add_float8, add_mean_float8);

fn add_mean_numeric(call: &mut Call) -> Result<Option<Datum>> {
    // SAFETY: the SQL declaration says that it is a numeric.
    add_mean(call, |mean| unsafe { numeric::float(mean) })
}
pg_function!(spend_add_numeric, add_mean_numeric);

/// (state, rfm [, as_of]) → state.
#[inline]
fn add_spend(call: &Call, as_of: impl FnOnce(&Rfm) -> Result<Option<Option<i32>>>) -> Result<Option<Datum>> {
    let mut spenders = spenders(call)?;
    spenders.add(match value::<Rfm>(call, 1)? {
        Some(rfm) => match as_of(&rfm)? {
            Some(as_of) => Spend::of_rfm(&rfm, as_of)?,
            None => Err(Excluded::Missing),
        },
        None => Err(Excluded::Missing),
    });
    Ok(kept(spenders))
}

fn add_spend_rfm(call: &mut Call) -> Result<Option<Datum>> {
    add_spend(call, |_| Ok(Some(None)))
}
pg_function!(spend_add_rfm, add_spend_rfm);

fn add_spend_rfm_timestamptz(call: &mut Call) -> Result<Option<Datum>> {
    add_spend(call, |rfm| call.arg(2).map(|at| day_of(rfm, at).map(Some)).transpose())
}
pg_function!(spend_add_rfm_as_of, add_spend_rfm_timestamptz);

fn add_spend_rfm_date(call: &mut Call) -> Result<Option<Datum>> {
    add_spend(call, |_| call.arg(2).map(|date| day_since_1970(date).map(Some)).transpose())
}
pg_function!(spend_add_rfm_date, add_spend_rfm_date);

state_type!(purchase_summary, Buyers, Gathered<Purchases, Global>);
state_type!(spend_summary, Spenders, Gathered<Spend, Global>);

/// The model as a value. Without a customer who says anything it is NULL, and a NOTICE says why; a model
/// that does not converge is one, and a WARNING says why not.
fn fitted(
    outcome: Result<Model>,
    excluded: impl Iterator<Item = (&'static str, u64)>,
) -> Result<Option<Datum>> {
    let model = match outcome {
        Ok(model) => model,
        Err(mut error) if error.kind == ErrorKind::MissingValue => {
            let left_out: Vec<_> = excluded.map(|(why, n)| format!("{n} ({why})")).collect();
            if !left_out.is_empty() {
                error.detail = Some(format!("Left out: {}.", left_out.join(", ")));
            }
            notice(error);
            return Ok(None);
        }
        Err(error) => return Err(error),
    };
    if let Some(reason) = model.reason() {
        warn(
            Error::new(ErrorKind::NotReady, format!("the fit of {} did not converge", model.kind().name()))
                .detail(sentence(reason))
                .hint(
                    "The model has the best parameters that were found, and \"converged\": false. More \
                     customers, a longer time or another model may help.",
                ),
        );
    }
    if let Ok(scorer) = SpendScorer::new(&model)
        && !scorer.has_expectation(&Spend::new(0, 0.0)?)
    {
        warn(
            Error::new(ErrorKind::NotReady, "the model has no expected spend for customers without repeat purchases")
                .detail(
                    "A few customers spend so much more than the others that the mean over all of them is infinite. \
                     expected_spend() and customer_lifetime_value() are NULL for these customers.",
                )
                .hint("Fit it to data with fewer extreme values, or give these customers a spend of your own choice."),
        );
    }
    Ok(store(&model.canonical()))
}

fn finish<C: Figures + 'static>(call: &Call, kind: Kind) -> Result<Option<Datum>>
where
    Gathered<C, Memory>: Mergeable<Memory>,
{
    let Some(gathered) = state::<Gathered<C, Memory>>(call, 0)? else { return Ok(None) };
    let outcome = gathered.fit(kind, &mut interrupted);
    fitted(outcome, gathered.excluded())
}

/// The final functions of the aggregates: one line a model.
macro_rules! final_functions {
    ($($name:ident $kind:ident of $figures:ty;)*) => { $(
        fn $name(call: &mut Call) -> Result<Option<Datum>> {
            finish::<$figures>(call, Kind::$kind)
        }
        pg_function!($name);
    )* };
}
final_functions! {
    bg_nbd_final BgNbd of Purchases;
    mbg_nbd_final MbgNbd of Purchases;
    pareto_nbd_final ParetoNbd of Purchases;
    gamma_gamma_final GammaGamma of Spend;
}
