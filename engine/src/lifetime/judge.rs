//! What a model expects of a whole population, to be set against what happened.

use super::data::{Cohort, Purchases, Spend, Watch};
use super::fit::wrong_model;
use super::model::Model;
use super::models::Fitted;
use super::past::{finite, time};
use super::scorer::Scorer;
use crate::error::{Error, Result};

/// The logarithm of the likelihood that a model of purchases gives to `customers`, who need not be those it
/// was fitted to: the greater of two models' suits them better. `interrupted` is called once in ten
/// thousand terms.
///
/// # Errors
///
/// `InvalidValue` for a model of spend; `NumberOutOfRange` if the result is, or for more than 2^64 customers;
/// whatever `interrupted` returns.
pub fn log_likelihood(
    model: &Model,
    customers: impl IntoIterator<Item = (Purchases, u64)>,
    interrupted: &mut dyn FnMut() -> Result<()>,
) -> Result<f64> {
    let Fitted::Purchases(law) = model.fitted else { return Err(wrong_model(model.kind())) };
    let population = Cohort::new(customers)?;
    finite(law.log_likelihood(&population, &mut Watch::new(interrupted))?, "log-likelihood")
}

/// The same for a model of spend, of the customers who have repeat purchases.
///
/// # Errors
///
/// `InvalidValue` for a model of purchases; otherwise as [`log_likelihood`].
pub fn spend_log_likelihood(
    model: &Model,
    customers: impl IntoIterator<Item = (Spend, u64)>,
    interrupted: &mut dyn FnMut() -> Result<()>,
) -> Result<f64> {
    let Fitted::Spend(law) = model.fitted else { return Err(wrong_model(model.kind())) };
    let repeaters = customers.into_iter().filter(|(customer, _)| customer.frequency() > 0);
    let population = Cohort::new(repeaters)?;
    finite(law.log_likelihood(&population, &mut Watch::new(interrupted))?, "log-likelihood")
}

/// The repeat purchases that a population is expected to have made until each of `at`.
///
/// `births` are the times of first purchases with how many customers had theirs then, on the same clock
/// as `at`, in units of the model. A customer adds what [`Scorer::expected_purchases_new`] says of the
/// time since the first purchase, nothing before it: the tracking plot of Fader, Hardie & Lee (2005).
///
/// `interrupted` is called for each of `at` and may stop with an error.
///
/// # Errors
///
/// `InvalidValue` for a time that is not finite; `NumberOutOfRange` as for [`Scorer::p_alive`]; whatever
/// `interrupted` returns.
pub fn expected_repeat_purchases(
    scorer: &Scorer,
    births: &[(f64, u64)],
    at: &[f64],
    interrupted: &mut dyn FnMut() -> Result<()>,
) -> Result<Vec<f64>> {
    if births.iter().map(|(birth, _)| birth).chain(at).any(|time| !time.is_finite()) {
        return Err(Error::invalid("times must be finite")
            .detail("A time of a first purchase, or one to look at, is infinite or NaN.")
            .hint("Count times from one common start, in the model's unit."));
    }
    at.iter()
        .map(|now| {
            interrupted()?;
            let mut sum = 0.0;
            for (birth, customers) in births.iter().filter(|(birth, _)| birth < now) {
                let age = time("time", now - birth)?;
                sum += *customers as f64 * scorer.expected_purchases_new(age)?;
            }
            finite(sum, "expected number of purchases")
        })
        .collect()
}
