//! The effect of a treatment, from the figures of the customers of two groups.

use customer_tiering_engine::study::effect::{Settings, Unit, effect};
use customer_tiering_engine::{Error, Result};
use pgrx::IntoDatum;
use pgrx::pg_sys::Datum;

use crate::pg::call::{Call, pg_function};

/// The customers of a group: four arrays side by side, NULL counts as 0.
fn units(call: &Call, first: usize) -> Result<Vec<Unit>> {
    let column = |index: usize| call.get::<Vec<Option<f64>>>(first + index).unwrap_or_default();
    let [value, per, value_before, per_before] = [0, 1, 2, 3].map(column);
    if [&per, &value_before, &per_before].iter().any(|other| other.len() != value.len()) {
        return Err(Error::invalid("the arrays of a group differ in length")
            .hint("Aggregate them together: array_agg(value), array_agg(per), …"));
    }
    let at = |column: &[Option<f64>], index: usize| column[index].unwrap_or(0.0);
    Ok((0..value.len())
        .map(|index| Unit {
            value: at(&value, index),
            per: at(&per, index),
            value_before: at(&value_before, index),
            per_before: at(&per_before, index),
        })
        .collect())
}

/// treated, held out, difference, error, low, high, bootstrap low and high, detectable, adjusted, its low and high, treated before.
fn estimate(call: &mut Call) -> Result<Option<Datum>> {
    let (Some(confidence), Some(replicates), Some(seed)) =
        (call.get::<f64>(8), call.get::<i32>(9), call.get::<i64>(10))
    else {
        return Ok(None);
    };
    let replicates = u32::try_from(replicates).map_err(|_| {
        Error::invalid("a bootstrap cannot draw a negative number of times").hint("Give 0 to leave it out.")
    })?;
    let settings = Settings { confidence, replicates, seed: seed as u64 };
    let mut watch = || {
        pgrx::check_for_interrupts!();
        Ok(())
    };
    let found = effect(&units(call, 0)?, &units(call, 4)?, settings, &mut watch)?;
    let (difference, adjusted) = (found.difference, found.adjusted);
    let figures: Vec<Option<f64>> = vec![
        found.treated,
        found.held_out,
        difference.map(|difference| difference.value),
        difference.map(|difference| difference.error),
        difference.map(|difference| difference.low),
        difference.map(|difference| difference.high),
        found.bootstrap.map(|(low, _)| low),
        found.bootstrap.map(|(_, high)| high),
        found.detectable,
        adjusted.map(|adjusted| adjusted.value),
        adjusted.map(|adjusted| adjusted.low),
        adjusted.map(|adjusted| adjusted.high),
        found.treated_before,
    ];
    Ok(figures.into_datum())
}
pg_function!(estimate_effect, estimate);
