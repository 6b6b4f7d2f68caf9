//! What predictions have in common: how they continue into the past, and what may be asked and answered.

use crate::error::{Error, ErrorKind, Result};

/// How E continues into the past, which decides how many points of time stand for all. It is analytic but for
/// times further back than `distance`. With τ = t / `distance`, none of its values before now is more than
/// E'(0) |t| (1 - |τ|)^-`order`, and E(t) is at least E'(0) t / (1 + `fall` τ).
#[derive(Debug, Clone, Copy)]
pub(super) struct Past {
    pub distance: f64,
    pub order: f64,
    pub fall: f64,
}

/// A time that may be asked about.
pub(super) fn time(what: &str, value: f64) -> Result<f64> {
    if value.is_finite() && value >= 0.0 {
        // Adding zero turns -0 into 0.
        return Ok(value + 0.0);
    }
    Err(Error::invalid(format!("{what} must be finite and not negative"))
        .detail(format!("It is {value}."))
        .hint("Give a number of the model's units of time."))
}

/// A prediction that is a number.
pub(super) fn finite(value: f64, what: &str) -> Result<f64> {
    if value.is_finite() {
        return Ok(value);
    }
    Err(Error::new(ErrorKind::NumberOutOfRange, format!("{what} is out of range"))
        .detail("The parameters of the model, or the customer's figures, are too extreme.")
        .hint("Look whether the fit converged, and at the figures."))
}
