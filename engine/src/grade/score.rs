//! Exact scores.

use rust_decimal::Decimal;

use crate::grade::as_of::Bins;
use crate::grade::plan::ScoreCard;

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
        // The quotient of two exact doubles is rounded once.
        if self.mantissa.unsigned_abs() < 1 << 53 && self.scale <= 22 {
            return self.mantissa as f64 / 10_f64.powi(self.scale as i32);
        }
        self.to_string().parse().unwrap_or(f64::NAN)
    }
}

impl std::fmt::Display for ScoreValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match Decimal::try_from_i128_with_scale(self.mantissa, self.scale) {
            Ok(decimal) => decimal.normalize().fmt(f),
            // Beyond 28 digits: place the point by hand.
            Err(_) => {
                let digits =
                    format!("{:0width$}", self.mantissa.unsigned_abs(), width = self.scale as usize + 1);
                let (whole, fraction) = digits.split_at(digits.len() - self.scale as usize);
                let sign = if self.mantissa < 0 { "-" } else { "" };
                let fraction = fraction.trim_end_matches('0');
                if fraction.is_empty() {
                    write!(f, "{sign}{whole}")
                } else {
                    write!(f, "{sign}{whole}.{fraction}")
                }
            }
        }
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
