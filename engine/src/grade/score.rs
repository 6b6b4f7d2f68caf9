//! Exact scores.

use crate::grade::as_of::Bins;
use crate::grade::plan::ScoreCard;
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
    /// The weighted points of some parts, without the initial score.
    pub(crate) fn sum_of(&self, parts: &[usize], bins: &Bins) -> i128 {
        parts
            .iter()
            .map(|part| &self.parts[*part])
            .map(|part| part.weighted[bins[part.characteristic] as usize])
            .sum()
    }

    #[inline]
    pub(crate) fn sum(&self, bins: &Bins) -> i128 {
        self.parts
            .iter()
            .fold(self.initial, |sum, part| sum + part.weighted[bins[part.characteristic] as usize])
    }
}
