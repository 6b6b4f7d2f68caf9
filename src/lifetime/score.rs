//! What a model predicts for one customer. The call site keeps the model that it scored with last.

use customer_tiering_engine::Result;
use customer_tiering_engine::aggregate::rfm::Rfm;
use customer_tiering_engine::lifetime::{Horizon, Model, Purchases, Scorer, Spend, SpendScorer, TimeUnit};
use pgrx::IntoDatum;
use pgrx::pg_sys::Datum;

use crate::aggregates::aggregate::value;
use crate::aggregates::rfm::{day_of, day_since_1970};
use crate::documents::lookup;
use crate::documents::stored::{Digest, Stored, digest_of};
use crate::pg::call::{Call, interrupted, pg_function};

/// What `make` makes of the model in an argument, made again when another model comes.
#[inline]
fn of_model<T>(
    known: &mut Option<(Digest, T)>,
    model: Datum,
    make: impl FnOnce(&Model) -> Result<T>,
) -> Result<&T> {
    // SAFETY: the SQL declarations of the functions below say that it is a model.
    let digest = unsafe { digest_of(model) }?;
    if known.as_ref().is_none_or(|(of, _)| *of != digest) {
        // SAFETY: as above.
        let model = lookup::lifetime_model(unsafe { Stored::from_datum(model) }?)?;
        *known = Some((digest, make(&model)?));
    }
    match known {
        Some((_, made)) => Ok(made),
        None => unreachable!("it was made just now"),
    }
}

/// The scorer of the model that is the first argument.
#[inline]
fn scorer(call: &Call) -> Result<Option<&Scorer>> {
    let Some(model) = call.arg(0) else { return Ok(None) };
    of_model(call.site(|| None), model, Scorer::new).map(Some)
}

/// Those of the models that are the first two.
type Scorers = (Option<(Digest, Scorer)>, Option<(Digest, SpendScorer)>, Option<([u64; 2], Horizon)>);

#[inline]
fn number(call: &Call, index: usize) -> Option<f64> {
    call.arg(index).map(|datum| f64::from_bits(datum.value() as u64))
}

/// Frequency, recency and age, which begin at an argument.
#[inline]
fn figures(call: &Call, first: usize) -> Result<Option<Purchases>> {
    let (Some(frequency), Some(recency), Some(age)) =
        (call.get::<i64>(first), number(call, first + 1), number(call, first + 2))
    else {
        return Ok(None);
    };
    Purchases::new(frequency, recency, age).map(Some)
}

/// How a function gets the as-of day of an rfm value.
type DayOf = fn(&Rfm, Datum) -> Result<i32>;

fn date(_: &Rfm, date: Datum) -> Result<i32> {
    day_since_1970(date)
}

/// An rfm value and the as-of day, which begin at an argument.
#[inline]
fn rfm(call: &Call, first: usize, day: DayOf) -> Result<Option<(Rfm, i32)>> {
    let Some(as_of) = call.arg(first + 1) else { return Ok(None) };
    let Some(rfm) = value::<Rfm>(call, first)? else { return Ok(None) };
    let as_of = day(&rfm, as_of)?;
    Ok(Some((rfm, as_of)))
}

/// The purchases of an rfm value; none if the first of them is later, or none at all.
#[inline]
fn purchases(call: &Call, first: usize, day: DayOf, scorer: &Scorer) -> Result<Option<Purchases>> {
    let Some((rfm, as_of)) = rfm(call, first, day)? else { return Ok(None) };
    Ok(Purchases::of_rfm(&rfm, as_of, unit(scorer)).ok())
}

fn unit(scorer: &Scorer) -> TimeUnit {
    // A model of purchases has a unit, or it would not have been read.
    scorer.unit().unwrap_or(TimeUnit::Day)
}

fn datum(value: Option<f64>) -> Option<Datum> {
    value.and_then(IntoDatum::into_datum)
}

/// A C function: its name, and what it returns for a call.
macro_rules! score {
    ($name:ident, |$call:ident| $value:expr) => {
        fn $name($call: &mut Call) -> Result<Option<Datum>> {
            Ok(datum($value))
        }
        pg_function!($name);
    };
}

#[inline]
fn p_alive_of(call: &Call, who: impl FnOnce(&Scorer) -> Result<Option<Purchases>>) -> Result<Option<f64>> {
    let Some(scorer) = scorer(call)? else { return Ok(None) };
    who(scorer)?.map(|who| scorer.p_alive(&who)).transpose()
}
score!(p_alive, |call| p_alive_of(call, |_| figures(call, 1))?);
score!(p_alive_rfm, |call| p_alive_of(call, |scorer| purchases(call, 1, day_of, scorer))?);
score!(p_alive_rfm_date, |call| p_alive_of(call, |scorer| purchases(call, 1, date, scorer))?);

#[inline]
fn expected_of(call: &Call, who: impl FnOnce(&Scorer) -> Result<Option<Purchases>>) -> Result<Option<f64>> {
    let (Some(scorer), Some(horizon)) = (scorer(call)?, number(call, 1)) else { return Ok(None) };
    who(scorer)?.map(|who| scorer.expected_purchases(horizon, &who)).transpose()
}
score!(expected_purchases, |call| expected_of(call, |_| figures(call, 2))?);
score!(expected_purchases_rfm, |call| expected_of(call, |scorer| purchases(call, 2, day_of, scorer))?);
score!(expected_purchases_rfm_date, |call| expected_of(call, |scorer| purchases(call, 2, date, scorer))?);
score!(expected_purchases_new, |call| {
    let (Some(scorer), Some(time)) = (scorer(call)?, number(call, 1)) else { return Ok(None) };
    Some(scorer.expected_purchases_new(time)?)
});

#[inline]
fn spend_of(call: &Call, who: impl FnOnce() -> Result<Option<Spend>>) -> Result<Option<f64>> {
    let Some(model) = call.arg(0) else { return Ok(None) };
    let scorer = of_model(call.site(|| None), model, SpendScorer::new)?;
    let who = who()?.filter(|who| scorer.has_expectation(who));
    who.map(|who| scorer.expected_spend(&who)).transpose()
}

/// Frequency and mean spend.
#[inline]
fn spend(call: &Call, frequency: usize, mean: usize) -> Result<Option<Spend>> {
    let (Some(frequency), Some(mean)) = (call.get::<i64>(frequency), number(call, mean)) else {
        return Ok(None);
    };
    Spend::new(frequency, mean).map(Some)
}
score!(expected_spend, |call| spend_of(call, || spend(call, 1, 2))?);
score!(expected_spend_rfm, |call| {
    spend_of(call, || match value::<Rfm>(call, 1)? {
        Some(rfm) => Ok(Spend::of_rfm(&rfm, None)?.ok()),
        None => Ok(None),
    })?
});

/// The value of a customer; horizon and discount rate begin at argument `terms`.
#[inline]
fn value_of(
    call: &Call,
    terms: usize,
    who: impl FnOnce(&Scorer) -> Result<Option<(Purchases, Spend)>>,
) -> Result<Option<f64>> {
    let (Some(model), Some(spend_model)) = (call.arg(0), call.arg(1)) else { return Ok(None) };
    let (Some(horizon), Some(rate)) = (number(call, terms), number(call, terms + 1)) else { return Ok(None) };
    let (known, known_spend, known_horizon) = call.site::<Scorers>(|| (None, None, None));
    let scorer = of_model(known, model, Scorer::new)?;
    let spend_scorer = of_model(known_spend, spend_model, SpendScorer::new)?;
    let bits = [horizon.to_bits(), rate.to_bits()];
    let ahead = match known_horizon {
        Some((of, ahead)) if *of == bits => ahead,
        _ => &mut known_horizon.insert((bits, Horizon::new(horizon, rate)?)).1,
    };
    let Some((purchases, spend)) = who(scorer)?.filter(|(_, spend)| spend_scorer.has_expectation(spend))
    else {
        return Ok(None);
    };
    ahead.value(scorer, spend_scorer, &purchases, &spend, &mut interrupted).map(Some)
}

#[inline]
fn value_of_rfm(call: &Call, day: DayOf) -> Result<Option<f64>> {
    value_of(call, 4, |scorer| {
        let Some((rfm, as_of)) = rfm(call, 2, day)? else { return Ok(None) };
        let Ok(purchases) = Purchases::of_rfm(&rfm, as_of, unit(scorer)) else { return Ok(None) };
        Ok(Spend::of_rfm(&rfm, Some(as_of))?.ok().map(|spend| (purchases, spend)))
    })
}
score!(lifetime_value, |call| value_of(call, 6, |_| Ok(figures(call, 2)?.zip(spend(call, 2, 5)?)))?);
score!(lifetime_value_rfm, |call| value_of_rfm(call, day_of)?);
score!(lifetime_value_rfm_date, |call| value_of_rfm(call, date)?);
