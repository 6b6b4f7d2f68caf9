//! The aggregates that fit a scorecard to an outcome: `tiering.outcome_bins`, `tiering.outcome_points`; and the one that
//! judges it: `tiering.outcome_trial`.

use customer_tiering_engine::outcome::learn::Lesson;
use customer_tiering_engine::outcome::trial::Trial;
use customer_tiering_engine::outcome::{Census, FineBins, Followed, Learnt, Seen, Waiting};
use customer_tiering_engine::{Compiled, Error, Result};
use pgrx::pg_sys::Datum;

use crate::aggregates::aggregate::{state, state_type};
use crate::aggregates::pass::{Pass, transition};
use crate::documents::stored::store;
use crate::error::{notice, warn};
use crate::grading::customer::Customer;
use crate::pg::call::{Call, interrupted, jsonb_datum, pg_function};
use crate::pg::memory::Memory;

/// The place of the first input among the arguments: after state, scheme, as-of, outcome and weight.
const FIRST_INPUT: usize = 5;

/// The same where it is told who was held out of the fit.
const FIRST_INPUT_OF_TRIAL: usize = 6;

/// Parts of equally many customers.
const PARTS: usize = 10;

/// What came of the customer of this row. A weight of NULL is none.
fn followed(call: &Call) -> Followed {
    Followed { outcome: call.get(3), weight: call.get(4).unwrap_or(0.0) }
}

/// The characteristics that wait, and the inputs whose texts are read.
type BinsPlan = (Waiting, Vec<usize>);

fn bins_add(call: &mut Call) -> Result<Option<Datum>> {
    let followed = followed(call);
    let plan = |scheme: &Compiled| {
        let waiting = Waiting::of(scheme);
        let texts: Vec<usize> = waiting.texts(scheme).collect();
        Ok((waiting, texts))
    };
    let begin = |scheme: &Compiled, memory| Ok(FineBins::new(scheme, memory));
    let fits = |fine: &FineBins<Memory>, scheme: &Compiled| Ok(fine.is_of(scheme));
    let call: &Call = call;
    let quick = |fine: &mut FineBins<Memory>, (waiting, _): &BinsPlan, customer: &mut Customer| {
        let Some((scheme, numbers)) = customer.numbers(call) else { return Ok(false) };
        fine.add_numbers(scheme, waiting, numbers, followed)
    };
    transition(call, FIRST_INPUT, plan, begin, fits, quick, |fine, (waiting, texts), customer| {
        customer.words(call, FIRST_INPUT, texts.iter().copied())?;
        fine.add(&customer.compiled, waiting, &customer.as_of, &mut customer.sheet, followed)
    })
}
pg_function!(outcome_bins_add_customer, bins_add);

fn bins_final(call: &mut Call) -> Result<Option<Datum>> {
    let Some(pass) = state::<Pass<FineBins<Memory>, Memory>>(call, 0)? else { return Ok(None) };
    pass.aside.report(of_whom_is_known(pass.seen.seen()))?;
    let compiled = pass.compiled(call, |fine, scheme| Ok(fine.is_of(scheme)))?;
    give(pass.seen.finish(&compiled, &pass.at()?, &mut interrupted)?)
}
pg_function!(outcome_bins_finish, bins_final);

state_type!(outcome_values, Pass<FineBins<Memory>, Memory>, Pass<FineBins>);

fn points_add(call: &mut Call) -> Result<Option<Datum>> {
    let followed = followed(call);
    let call: &Call = call;
    let quick = |census: &mut Census<Memory>, learnt: &Learnt, customer: &mut Customer| {
        let Some((_, bins)) = customer.bins(call) else { return Ok(false) };
        census.add_bins(learnt, bins, followed).map(|()| true)
    };
    transition(
        call,
        FIRST_INPUT,
        Learnt::of,
        Census::new,
        Census::is_of,
        quick,
        |census, learnt, customer| {
            census.add(&customer.compiled, learnt, &customer.as_of, &mut customer.sheet, followed)
        },
    )
}
pg_function!(outcome_points_add_customer, points_add);

fn points_final(call: &mut Call) -> Result<Option<Datum>> {
    let Some(pass) = state::<Pass<Census<Memory>, Memory>>(call, 0)? else { return Ok(None) };
    let seen = *pass.seen.seen();
    pass.aside.report(of_whom_is_known(&seen))?;
    let compiled = pass.compiled(call, Census::is_of)?;
    let lesson = pass.seen.finish(&compiled, &pass.at()?, &mut interrupted)?;
    left_out(seen.without_outcome, "because the outcome is NULL");
    left_out(seen.ungraded, "for lack of an input");
    give(lesson)
}
pg_function!(outcome_points_finish, points_final);

state_type!(outcome_combinations, Pass<Census<Memory>, Memory>, Pass<Census>);

fn trial_add(call: &mut Call) -> Result<Option<Datum>> {
    let followed = followed(call);
    let held_out = call.get(5).unwrap_or(false);
    let begin = |scheme: &Compiled, memory| Ok(Trial::new(scheme, memory));
    let fits = |trial: &Trial<Memory>, scheme: &Compiled| Ok(trial.is_of(scheme));
    let call: &Call = call;
    let quick = |trial: &mut Trial<Memory>, (): &(), customer: &mut Customer| {
        let Some((scheme, bins)) = customer.bins(call) else { return Ok(false) };
        trial.add_bins(scheme, bins, followed, held_out)
    };
    transition(
        call,
        FIRST_INPUT_OF_TRIAL,
        Compiled::ensure_fitted,
        begin,
        fits,
        quick,
        |trial, (), customer| {
            trial.add(&customer.compiled, &customer.as_of, &mut customer.sheet, followed, held_out)
        },
    )
}
pg_function!(outcome_trial_add_customer, trial_add);

fn trial_final(call: &mut Call) -> Result<Option<Datum>> {
    let Some(pass) = state::<Pass<Trial<Memory>, Memory>>(call, 0)? else { return Ok(None) };
    pass.aside.report(pass.seen.customers())?;
    let compiled = pass.compiled(call, |trial, scheme| Ok(trial.is_of(scheme)))?;
    let verdicts = pass.seen.finish(&compiled, PARTS)?;
    let json = serde_json::to_value(verdicts);
    json.map(jsonb_datum).map_err(|error| Error::invalid(error.to_string()))
}
pg_function!(outcome_trial_finish, trial_final);

state_type!(outcome_scores, Pass<Trial<Memory>, Memory>, Pass<Trial>);

/// Rows that could be read.
fn of_whom_is_known(seen: &Seen) -> u64 {
    seen.customers + seen.without_outcome + seen.ungraded
}

fn left_out(customers: u64, why: &str) {
    if customers > 0 {
        let plural = if customers == 1 { " was" } else { "s were" };
        notice(Error::invalid(format!("{customers} customer{plural} left out {why}")));
    }
}

/// The document of a lesson, after what its owner must look at.
fn give(lesson: Lesson) -> Result<Option<Datum>> {
    let canonical = lesson.scheme.canonical();
    // What the figures make of the document is looked at as if somebody had typed it.
    Compiled::parse(&canonical)?;
    lesson.warnings.into_iter().for_each(warn);
    Ok(store(&canonical))
}
