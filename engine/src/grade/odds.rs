//! From scores to probabilities of an outcome, and back.

use std::f64::consts::LN_2;

use crate::scheme::Scaling;

/// What a score says of the odds of an outcome.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Odds {
    base_points: f64,
    /// Log-odds at the base.
    base: f64,
    /// So many points more double the odds.
    doubling: f64,
}

impl From<&Scaling> for Odds {
    fn from(scaling: &Scaling) -> Self {
        Odds {
            base_points: scaling.base_points.nearest_f64(),
            base: libm::log(scaling.base_odds.nearest_f64()),
            doubling: scaling.points_to_double_odds.nearest_f64(),
        }
    }
}

/// The probability with these log-odds.
pub fn probability(log_odds: f64) -> f64 {
    1.0 / (1.0 + libm::exp(-log_odds))
}

impl Odds {
    /// The log-odds of a score.
    pub fn log_odds(&self, score: f64) -> f64 {
        self.base + (score - self.base_points) / self.doubling * LN_2
    }

    /// The score of log-odds.
    pub fn score(&self, log_odds: f64) -> f64 {
        self.base_points + self.points(log_odds - self.base)
    }

    /// How many points so much more in log-odds is.
    pub fn points(&self, log_odds: f64) -> f64 {
        log_odds / LN_2 * self.doubling
    }
}
