//! From customers to a model: scale, find the maximum, say how it went.
//!
//! Times and amounts are divided by their mean, so that the search is the same whatever the unit.

use super::data::{Cohort, Purchases, Spend, Watch};
use super::model::{Exclusion, Model, NO_REPEAT, TimeUnit};
use super::models::{Fitted, Found, Kind, PurchaseModel, Scaled, SpendModel};
use crate::error::{Error, ErrorKind, Result};

/// The model of `kind` that makes the purchases of `customers`, each with how many there are
/// of them, most likely; `unit` is that of their recency and age.
///
/// Equal data give equal bits, in any order and division into counts. `interrupted` is called once in ten
/// thousand terms and may stop the fit with an error.
///
/// Data that do not determine the parameters are no error: the result then has `converged` false, the
/// reason, and the best parameters that were found, which are finite and positive.
///
/// # Errors
///
/// `MissingValue` without customers; `InvalidValue` if `kind` is a model of spend; `NumberOutOfRange` for counts beyond 2^64 or times so large or small
/// that a parameter cannot be represented; whatever `interrupted` returns.
pub fn fit_purchases(
    kind: Kind,
    customers: impl IntoIterator<Item = (Purchases, u64)>,
    unit: TimeUnit,
    interrupted: &mut dyn FnMut() -> Result<()>,
) -> Result<Model> {
    let mut population = Cohort::new(customers)?;
    let n = some(population.n)?;
    let scale = positive_or_one(population.mean(Purchases::age));
    let repeats = population.mean(|customer| customer.frequency() as f64);
    for (customer, _) in &mut population.customers {
        *customer = customer.scaled(scale);
    }
    let nothing = if population.customers.iter().all(|(customer, _)| customer.age() == 0.0) {
        Some("every age is zero, so nothing has been observed")
    } else if repeats == 0.0 {
        Some("no customer has a repeat purchase")
    } else {
        None
    };
    // A rate of purchases twice the mean, since many have dropped out.
    let rate = 2.0 * repeats.clamp(1e-3, 1e3);
    let customers = Scaled { population: &population, scale, nothing };
    let found = PurchaseModel::fit(kind, &customers, rate, &mut Watch::new(interrupted));
    let found = found.unwrap_or_else(|| Err(wrong_model(kind)))?;
    // Each repeat purchase is a density in time.
    Ok(model(found.map(Fitted::Purchases), Some(unit), population.n, repeats * n * scale.ln()))
}

/// The model of `kind` that makes the spend of `customers`, each with how many there are of
/// them, most likely. Customers without repeat purchases are left out and counted as excluded.
///
/// Otherwise as [`fit_purchases`].
///
/// # Errors
///
/// `MissingValue` if no customer has a repeat purchase; `InvalidValue` if `kind` is a model of purchases;
/// otherwise as [`fit_purchases`].
pub fn fit_spend(
    kind: Kind,
    customers: impl IntoIterator<Item = (Spend, u64)>,
    interrupted: &mut dyn FnMut() -> Result<()>,
) -> Result<Model> {
    let mut population = Cohort::new(customers)?;
    let mut excluded = 0;
    population.customers.retain(|(customer, count)| {
        let out = customer.frequency() == 0;
        excluded += if out { *count } else { 0 };
        !out
    });
    population.n -= excluded;
    if population.n == 0 && excluded > 0 {
        return Err(Error::new(ErrorKind::MissingValue, "no customers to fit a model to")
            .detail(format!("None of {excluded} customers has a repeat purchase."))
            .hint("Gamma-Gamma looks at the spend of the purchases after the first."));
    }
    let n = some(population.n)?;
    let scale = positive_or_one(population.mean(Spend::mean));
    for (customer, _) in &mut population.customers {
        *customer = customer.scaled(scale);
    }
    let first = population.customers.first().map(|(customer, _)| customer.mean());
    let same = population.customers.iter().all(|(customer, _)| Some(customer.mean()) == first);
    let nothing = same.then_some("the mean spend of all customers is the same");
    let customers = Scaled { population: &population, scale, nothing };
    let found = SpendModel::fit(kind, &customers, &mut Watch::new(interrupted));
    let found = found.unwrap_or_else(|| Err(wrong_model(kind)))?;
    // Each mean is a density in money.
    let mut model = model(found.map(Fitted::Spend), None, population.n, n * scale.ln());
    if excluded > 0 {
        model.excluded.push(Exclusion { reason: NO_REPEAT.to_owned(), customers: excluded });
    }
    Ok(model)
}

/// How many customers, of which there must be some.
fn some(n: u64) -> Result<f64> {
    if n > 0 {
        return Ok(n as f64);
    }
    Err(Error::new(ErrorKind::MissingValue, "no customers to fit a model to")
        .detail("The data have no row.")
        .hint("Look at the condition that selects the customers."))
}

fn positive_or_one(scale: f64) -> f64 {
    if scale > 0.0 { scale } else { 1.0 }
}

/// The model that a search in scaled figures found; `densities` is by how much the scale makes the logarithm of
/// the likelihood greater.
fn model(found: Found<Fitted>, unit: Option<TimeUnit>, customers: u64, densities: f64) -> Model {
    Model {
        fitted: found.law,
        unit,
        log_likelihood: Some(found.log_likelihood - densities),
        customers,
        excluded: Vec::new(),
        converged: found.reason.is_none(),
        iterations: found.iterations,
        reason: found.reason,
    }
}

/// The error for a model of purchases where one of spend is due, or the other way round.
pub(super) fn wrong_model(kind: Kind) -> Error {
    Error::invalid(format!("a {} model says nothing about these data", kind.name()))
        .detail("Gamma-Gamma is about the spend of a purchase, the other models about how many there are.")
        .hint("Give a model of the other sort.")
}
