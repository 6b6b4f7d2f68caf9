//! The aggregates `tiering.fit`, which fills in the cut points of a scheme, and `tiering.population`,
//! which counts customers by bin and tier.

use customer_tiering_engine::study::fit::{Fitting, Targets};
use customer_tiering_engine::study::population::{Headcount, Places};
use customer_tiering_engine::{Compiled, Error, Result};
use pgrx::pg_sys::Datum;

use crate::aggregates::aggregate::{state, state_type};
use crate::aggregates::parts;
use crate::aggregates::pass::{Pass, read, transition};
use crate::documents::document_type::stored;
use crate::documents::lookup;
use crate::documents::stored::{Seen, Stored, contents, store};
use crate::error::notice;
use crate::grading::customer::Customer;
use crate::pg::call::{Call, jsonb_datum, pg_function, varlena};
use crate::pg::memory::Memory;

/// The place of the first input among the arguments: after state, scheme and as-of.
const FIRST_INPUT: usize = 3;

fn fit_add(call: &mut Call) -> Result<Option<Datum>> {
    let add = |fitting: &mut Fitting<Memory>, targets: &Targets, customer: &mut Customer| {
        fitting.add(&customer.compiled, targets, &customer.as_of, &mut customer.sheet)
    };
    transition(call, FIRST_INPUT, Targets::of, Fitting::new, Fitting::is_of, read, add)
}
pg_function!(fit_add_customer, fit_add);

fn fit_reading(call: &mut Call) -> Result<Option<Datum>> {
    let call = &*call;
    parts::write::<Fitting<Memory>>(call, Targets::of, |targets, customer, writer| {
        customer.numbers(call).is_some_and(|(scheme, numbers)| targets.write_numbers(scheme, numbers, writer))
    })
}
pg_function!(fit_reading);
pg_function!(fit_add_reading, parts::add::<Fitting<Memory>>, quick = parts::quick_add::<Fitting<Memory>>);

fn fit_final(call: &mut Call) -> Result<Option<Datum>> {
    let Some(pass) = state::<Pass<Fitting<Memory>, Memory>>(call, 0)? else { return Ok(None) };
    pass.aside.report(pass.seen.customers())?;
    let compiled = pass.compiled(call, Fitting::is_of)?;
    let outcome = pass.seen.finish(&compiled, &pass.at()?)?;
    let canonical = outcome.scheme.canonical();
    // Cut points that lie too close together for a document would not make a valid one.
    Compiled::parse(&canonical)?;
    outcome.notices.into_iter().for_each(notice);
    Ok(store(&canonical))
}
pg_function!(fit_finish, fit_final);

state_type!(fitting, Pass<Fitting<Memory>, Memory>, Pass<Fitting>);

fn population_add(call: &mut Call) -> Result<Option<Datum>> {
    let call = &*call;
    let begin = |scheme: &Compiled, memory| Ok(Headcount::new(scheme, memory));
    let fits = |census: &Headcount<Memory>, scheme: &Compiled| Ok(census.is_of(scheme));
    let quick = |census: &mut Headcount<Memory>, (): &(), customer: &mut Customer| {
        let Some((scheme, bins)) = customer.bins(call) else { return Ok(false) };
        Ok(census.add_like(scheme, bins, 1))
    };
    let add = |census: &mut Headcount<Memory>, (): &(), customer: &mut Customer| {
        census.add(&customer.compiled, &customer.as_of, &mut customer.sheet)
    };
    transition(call, FIRST_INPUT, Compiled::ensure_fitted, begin, fits, quick, add)
}
pg_function!(population_add_customer, population_add);

fn population_reading(call: &mut Call) -> Result<Option<Datum>> {
    let call = &*call;
    parts::write::<Headcount<Memory>>(call, Places::of, |places, customer, writer| {
        customer.bins(call).is_some_and(|(scheme, bins)| places.write_like(scheme, bins, writer))
    })
}
pg_function!(population_reading);
pg_function!(
    population_add_reading,
    parts::add::<Headcount<Memory>>,
    quick = parts::quick_add::<Headcount<Memory>>
);

fn population_final(call: &mut Call) -> Result<Option<Datum>> {
    let Some(pass) = state::<Pass<Headcount<Memory>, Memory>>(call, 0)? else { return Ok(None) };
    pass.aside.report(pass.seen.customers())?;
    let compiled = pass.compiled(call, |census, scheme| Ok(census.is_of(scheme)))?;
    let population = pass.seen.finish(&compiled, &pass.at()?);
    let json = serde_json::to_value(population);
    json.map(jsonb_datum).map_err(|error| Error::invalid(error.to_string()))
}
pg_function!(population_finish, population_final);

state_type!(headcount, Pass<Headcount<Memory>, Memory>, Pass<Headcount>);

/// Written as an argument of `fit()`, it is called for every row: the call site keeps the document.
fn unfitted(call: &mut Call) -> Result<Option<Datum>> {
    let Some(datum) = call.arg(0) else { return Ok(None) };
    let known = call.site::<Option<(Seen, Box<[u32]>)>>(|| None);
    if let Some((seen, document)) = known
        // SAFETY: the SQL declaration says that it is a scheme.
        && unsafe { seen.is(datum) }?
    {
        return Ok(Some(Datum::from(document.as_ptr())));
    }
    // SAFETY: as above.
    let stored = unsafe { Stored::from_datum(datum) }?;
    let mut scheme = lookup::scheme(stored)?.scheme.clone();
    scheme.unfit();
    let canonical = scheme.canonical();
    Compiled::parse(&canonical)?;
    let (_, document) = known.insert((Seen::new(stored.digest), varlena(&contents(&canonical))));
    Ok(Some(Datum::from(document.as_ptr())))
}
pg_function!(unfitted_scheme, unfitted);

fn is_unfitted(call: &mut Call) -> Result<Option<Datum>> {
    let Some(stored) = stored(call, 0)? else { return Ok(None) };
    Ok(Some(Datum::from(lookup::scheme(stored)?.is_unfitted())))
}
pg_function!(scheme_is_unfitted, is_unfitted);
