//! The value of a customer still to come.

use super::data::{Purchases, Spend};
use super::scorer::{Scorer, SpendScorer, finite, time};
use crate::error::{Error, Result};

/// The most periods of a horizon.
pub const MAX_PERIODS: usize = 10_000;

/// How far ahead value is counted, and how it is discounted; made once for many customers.
///
/// Over periods of one unit of the model's time, with H the horizon, d the discount rate per unit and E(t)
/// the purchases expected until t from now:
///
/// value = M Σ_k (E(t_k) - E(t_(k - 1))) / (1 + d)^(t_k), t_k = min(k, H), k = 1 … ⌈H⌉
///
/// M being the expected spend of a purchase. What is bought within a period counts as bought at its end;
/// a last period that is cut short ends at the horizon. This is `customer_lifetime_value` of the Python
/// package Lifetimes (C. Davidson-Pilon), there with periods of a month; the idea is that of P. Fader, B.
/// Hardie, K. Lee, RFM and CLV: Using Iso-value Curves for Customer Base Analysis, Journal of Marketing
/// Research 42 (2005). The product rests on Gamma-Gamma's assumption that how much is spent does not depend
/// on how often; no costs are taken off.
#[derive(Debug, Clone)]
pub struct Horizon {
    /// The ends of the periods.
    ends: Vec<f64>,
    /// By how much the discount factor falls after each, so that the sum is Σ E(t_k) times these, free
    /// of differences.
    weights: Vec<f64>,
}

impl Horizon {
    /// `horizon` units of time, `discount_rate` per unit.
    ///
    /// # Errors
    ///
    /// `InvalidValue` unless both are finite and not negative, and the horizon has at most
    /// [`MAX_PERIODS`] periods.
    pub fn new(horizon: f64, discount_rate: f64) -> Result<Horizon> {
        let horizon = time("horizon", horizon)?;
        if !(discount_rate.is_finite() && discount_rate >= 0.0) {
            return Err(Error::invalid("discount rate must be finite and not negative")
                .detail(format!("It is {discount_rate}."))
                .hint("Give the rate per unit of the model's time, such as 0.01 for one per cent."));
        }
        if horizon > MAX_PERIODS as f64 {
            return Err(Error::invalid("horizon has too many periods")
                .detail(format!("It has {horizon}, at most {MAX_PERIODS} are counted."))
                .hint("Fit the model in a longer unit of time."));
        }
        let ends: Vec<f64> = (1..=horizon.ceil() as usize).map(|k| horizon.min(k as f64)).collect();
        // The sum by parts. Without discount only the last one remains, and its E is all it takes.
        let factor = |end: f64| (-end * discount_rate.ln_1p()).exp();
        let next = ends.iter().skip(1).map(|end| factor(*end)).chain([0.0]);
        let (ends, weights) = ends
            .iter()
            .zip(next)
            .map(|(end, next)| (*end, factor(*end) - next))
            .filter(|(_, weight)| *weight > 0.0)
            .unzip();
        Ok(Horizon { ends, weights })
    }

    /// The discounted value of what the customer will buy within the horizon.
    ///
    /// # Errors
    ///
    /// Those of [`SpendScorer::expected_spend`] and [`Scorer::expected_purchases`].
    pub fn value(
        &self,
        scorer: &Scorer,
        spend_scorer: &SpendScorer,
        purchases: &Purchases,
        spend: &Spend,
    ) -> Result<f64> {
        let spend = spend_scorer.expected_spend(spend)?;
        let mut expected = [0.0; 32];
        let mut sum = 0.0;
        for (ends, weights) in self.ends.chunks(expected.len()).zip(self.weights.chunks(expected.len())) {
            let expected = &mut expected[..ends.len()];
            scorer.expected_at(ends, purchases, expected);
            sum += expected.iter().zip(weights).map(|(expected, weight)| expected * weight).sum::<f64>();
        }
        finite(spend * sum, "lifetime value")
    }
}
