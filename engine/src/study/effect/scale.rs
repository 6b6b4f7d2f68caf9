//! Figures as parts of the largest of their kind, by powers of two, and what comes of the parts as what it is of the figures.

use super::{Effect, Estimate, Unit};
use crate::error::{Error, ErrorKind, Result};

/// The binary exponents of the largest figures of each kind.
pub(super) struct Scale {
    value: i32,
    per: i32,
    value_before: i32,
    per_before: i32,
}

impl Scale {
    pub(super) fn of<'a>(units: impl Iterator<Item = &'a Unit> + Clone) -> Scale {
        let exponent = |figure: fn(&Unit) -> f64| {
            libm::frexp(units.clone().fold(0.0_f64, |most, unit| most.max(figure(unit).abs()))).1
        };
        Scale {
            value: exponent(|unit| unit.value),
            per: exponent(|unit| unit.per),
            value_before: exponent(|unit| unit.value_before),
            per_before: exponent(|unit| unit.per_before),
        }
    }

    pub(super) fn parts(&self, units: &[Unit]) -> Vec<Unit> {
        let part = |unit: &Unit| Unit {
            value: libm::scalbn(unit.value, -self.value),
            per: libm::scalbn(unit.per, -self.per),
            value_before: libm::scalbn(unit.value_before, -self.value_before),
            per_before: libm::scalbn(unit.per_before, -self.per_before),
        };
        units.iter().map(part).collect()
    }

    /// A ratio of parts as what it is of the figures themselves.
    fn ratio(&self, of_parts: f64) -> Result<f64> {
        whole(of_parts, self.value - self.per)
    }

    fn estimate(&self, of_parts: Estimate) -> Result<Estimate> {
        Ok(Estimate {
            value: self.ratio(of_parts.value)?,
            error: self.ratio(of_parts.error)?,
            low: self.ratio(of_parts.low)?,
            high: self.ratio(of_parts.high)?,
        })
    }

    pub(super) fn effect(&self, of_parts: Effect) -> Result<Effect> {
        let ratio = |part: f64| self.ratio(part);
        Ok(Effect {
            treated: of_parts.treated.map(ratio).transpose()?,
            held_out: of_parts.held_out.map(ratio).transpose()?,
            treated_before: (of_parts.treated_before)
                .map(|part| whole(part, self.value_before - self.per_before))
                .transpose()?,
            difference: of_parts.difference.map(|parts| self.estimate(parts)).transpose()?,
            bootstrap: of_parts.bootstrap.map(|(low, high)| Ok((ratio(low)?, ratio(high)?))).transpose()?,
            detectable: of_parts.detectable.map(ratio).transpose()?,
            adjusted: of_parts.adjusted.map(|parts| self.estimate(parts)).transpose()?,
        })
    }
}

fn whole(part: f64, exponent: i32) -> Result<f64> {
    let number = libm::scalbn(part, exponent);
    if number.is_finite() {
        return Ok(number);
    }
    Err(Error::new(ErrorKind::NumberOutOfRange, "an effect is larger than any number")
        .detail("The figures of customers, or an interval about their difference, come to more than 1.8e308.")
        .hint("Look for customers whose figures are no real amounts."))
}
