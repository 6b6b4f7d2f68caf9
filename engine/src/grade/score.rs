//! Exact scores.

use crate::grade::as_of::Bins;
use crate::grade::plan::{ScoreCard, ScorePart};
use crate::number::decimal::{quotient, written_short};

/// An exact score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ScoreValue {
    /// The digits.
    pub mantissa: i128,
    /// How many of them stand after the point.
    pub scale: u32,
}

impl ScoreValue {
    /// The nearest double.
    pub(crate) fn nearest_f64(self) -> f64 {
        let magnitude = quotient(self.mantissa.unsigned_abs(), self.scale);
        let signed = magnitude.map(|magnitude| if self.mantissa < 0 { -magnitude } else { magnitude });
        signed.unwrap_or_else(|| self.to_string().parse().unwrap_or(f64::NAN))
    }
}

impl std::fmt::Display for ScoreValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&written_short(self.mantissa < 0, self.mantissa.unsigned_abs(), self.scale))
    }
}

impl ScoreCard {
    /// The weighted points of some parts, without the initial score. Where weights are spread, the known parts stand for all of
    /// them; none if there is none.
    pub(crate) fn sum_of(&self, parts: &[usize], bins: &Bins) -> Option<i128> {
        let parts = || parts.iter().map(|part| &self.parts[*part]);
        let known =
            parts().fold(Known::default(), |known, part| known + part.known(bins[part.characteristic]));
        let total: i128 = parts().map(|part| part.weight).sum();
        match (&self.reweight, known.weight) {
            (None, _) => Some(known.sum),
            (Some(_), 0) => None,
            // No more than what compiling made sure of for the whole score.
            (Some(_), weight) => Some(rounded_quotient(known.sum * total, weight)),
        }
    }

    /// The score; none if too little of the weight is known.
    #[inline]
    pub(crate) fn sum(&self, bins: &Bins) -> Option<i128> {
        if self.reweight.is_some() {
            return self.finish(self.known(bins));
        }
        Some(
            self.parts
                .iter()
                .fold(self.initial, |sum, part| sum + part.weighted[bins[part.characteristic] as usize]),
        )
    }

    /// The same as an exact number.
    #[inline]
    pub(crate) fn score(&self, bins: &Bins) -> Option<ScoreValue> {
        self.sum(bins).map(|mantissa| ScoreValue { mantissa, scale: self.scale })
    }

    /// What is known of a customer, where weights are spread.
    pub(crate) fn known(&self, bins: &Bins) -> Known {
        self.parts.iter().fold(Known::default(), |known, part| known + part.known(bins[part.characteristic]))
    }

    /// The score of what is known; none if that is too little. Compiling made sure that the product holds.
    pub(crate) fn finish(&self, known: Known) -> Option<i128> {
        match &self.reweight {
            None => Some(self.initial + known.sum),
            Some(rule) if known.weight == rule.total => Some(self.initial + known.sum),
            Some(rule) => (known.weight >= rule.least)
                .then(|| self.initial + rounded_quotient(known.sum * rule.total, known.weight)),
        }
    }
}

impl ScorePart {
    /// What a bin adds to the score.
    pub(crate) fn known(&self, bin: u16) -> Known {
        if self.unknown == Some(bin) {
            return Known::default();
        }
        Known { sum: self.weighted[usize::from(bin)], weight: self.weight }
    }
}

/// Weighted points of what is known, and its weight.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub(crate) struct Known {
    pub sum: i128,
    pub weight: i128,
}

impl std::ops::Add for Known {
    type Output = Known;

    fn add(self, other: Known) -> Known {
        Known { sum: self.sum + other.sum, weight: self.weight + other.weight }
    }
}

/// Halves go away from zero, as `round(numeric)` does it.
fn rounded_quotient(dividend: i128, divisor: i128) -> i128 {
    let (quotient, rest) = (dividend / divisor, dividend % divisor);
    match rest.abs() >= divisor - rest.abs() {
        true => quotient + rest.signum(),
        false => quotient,
    }
}
