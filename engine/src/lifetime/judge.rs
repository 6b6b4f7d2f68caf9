//! What a model expects of a whole population, to be set against what happened.

use super::scorer::{Scorer, time};
use crate::error::{Error, ErrorKind, Result};

/// The repeat purchases that a population is expected to have made until each of `at`.
///
/// `births` are the times of first purchases with how many customers had theirs then, on the same clock
/// as `at`, in units of the model. A customer adds what [`Scorer::expected_purchases_new`] says of the
/// time since the first purchase, nothing before it: the "tracking plot" of Fader, Hardie & Lee (2005),
/// figure 2.
///
/// `interrupted` is called for each of `at` and may stop with an error.
///
/// # Errors
///
/// `InvalidValue` for a time that is not finite; `NumberOutOfRange` as for [`Scorer::p_alive`].
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
            if sum.is_finite() {
                return Ok(sum);
            }
            Err(Error::new(ErrorKind::NumberOutOfRange, "expected number of purchases is out of range"))
        })
        .collect()
}
