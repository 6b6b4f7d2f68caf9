//! The value of a customer still to come.

use std::cell::OnceCell;

use super::data::{Purchases, Spend};
use super::numerics::quadrature::Rule;
use super::past::{Past, finite, time};
use super::scorer::{Scorer, SpendScorer};
use crate::error::{Error, Result};
use crate::limits::HORIZON_PERIODS;

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
///
/// Summed up by parts, that is Σ E(t_k) times how much the discount factor falls after t_k: positive terms,
/// free of differences. E is so smooth that a few points of time, well chosen, say the same as the hundreds of
/// periods that there may be ([`Rule::condensed`]).
#[derive(Debug, Clone)]
pub struct Horizon {
    /// The ends of the periods, and by how much the discount factor falls after each.
    periods: Rule,
    /// Shorter sums to the same effect, of [`SIZES`] terms.
    shorter: [OnceCell<Rule>; SIZES.len()],
    /// The logarithm of the accuracy asked of them, as far as it does not depend on the customer.
    demand: f64,
}

/// Terms of the shorter sums: four go through the series of BG/NBD side by side.
const SIZES: [usize; 14] = [4, 8, 12, 16, 20, 24, 28, 32, 40, 48, 64, 96, 160, 320];
/// How much a shorter sum may differ from that over all periods, as a share of it.
const DIFFERENCE: f64 = 1e-12;
/// A term smaller than this part of the first one is lost in rounding.
const NEGLIGIBLE: f64 = 1e-20;

impl Horizon {
    /// `horizon` units of time, `discount_rate` per unit.
    ///
    /// # Errors
    ///
    /// `InvalidValue` unless both are finite and not negative, and the horizon has at most
    /// [`HORIZON_PERIODS`] periods.
    pub fn new(horizon: f64, discount_rate: f64) -> Result<Horizon> {
        let horizon = time("horizon", horizon)?;
        if !(discount_rate.is_finite() && discount_rate >= 0.0) {
            return Err(Error::invalid("discount rate must be finite and not negative")
                .detail(format!("It is {discount_rate}."))
                .hint("Give the rate per unit of the model's time, such as 0.01 for one per cent."));
        }
        if horizon > HORIZON_PERIODS as f64 {
            return Err(Error::invalid("horizon has too many periods")
                .detail(format!("It has {horizon}, at most {HORIZON_PERIODS} are counted."))
                .hint("Fit the model in a longer unit of time."));
        }
        let ends: Vec<f64> = (1..=horizon.ceil() as usize).map(|k| horizon.min(k as f64)).collect();
        // Without discount only the last one remains, and its E is all it takes.
        let factor = |end: f64| (-end * discount_rate.ln_1p()).exp();
        let next = ends.iter().skip(1).map(|end| factor(*end)).chain([0.0]);
        let mut least = 0.0;
        let (points, weights): (Vec<f64>, Vec<f64>) = ends
            .iter()
            .zip(next)
            .map(|(end, next)| (*end, factor(*end) - next))
            .filter(|(end, weight)| {
                // E is concave, so a term is at most the first one times this.
                let most = end * weight;
                least = if least == 0.0 { NEGLIGIBLE * most } else { least };
                most > least
            })
            .unzip();
        let periods = Rule { points, weights };
        let last = periods.points.last().copied().unwrap_or(0.0);
        // E being concave, the sum is at least this part of what it would be if all were bought in the end.
        let early = periods.terms().map(|(end, weight)| weight * end / last).sum::<f64>();
        let demand = 2.5 + (periods.weights.iter().sum::<f64>() / early / DIFFERENCE).ln();
        Ok(Horizon { periods, shorter: Default::default(), demand })
    }

    /// The shortest sum that says the same of a customer as that over all periods.
    ///
    /// A Gauss rule of n points and weights that add up to W is off by at most 4 W M ρ / (ρ - 1) ρ^-2n if the
    /// function is at most M on the ellipse around the interval whose half axes add up to ρ times half its
    /// length (L. Trefethen, Is Gauss quadrature better than Clenshaw-Curtis?, SIAM Review 50 (2008), section
    /// 4). The wider the ellipse, the closer it comes to where E is infinite.
    fn sum_for(&self, past: Past) -> &Rule {
        let (Some(first), Some(last)) = (self.periods.points.first(), self.periods.points.last()) else {
            return &self.periods;
        };
        // How far into the past the ellipse reaches: about the best for some ten points.
        let reach = 16.0 / (16.0 + past.order);
        let axis = (last + first + 2.0 * reach * past.distance) / (last - first);
        let ahead = last / past.distance;
        // The most on the ellipse against E at the end: there, E is below its tangent at now.
        let most = (2.0 + 1.0 / ahead) * (1.0 + past.fall * ahead);
        let accuracy = self.demand + most.ln() - past.order * (-reach).ln_1p();
        let enough = 0.5 * accuracy / axis.acosh();
        // Neither is what is hardly shorter worth the making, nor is what is no number at most anything.
        let shorter = |size: &usize| enough <= *size as f64 && 3 * size <= 2 * self.periods.points.len();
        match SIZES.iter().position(shorter) {
            Some(i) => self.shorter[i].get_or_init(|| self.periods.condensed(SIZES[i])),
            None => &self.periods,
        }
    }

    /// The discounted value of what the customer will buy within the horizon. `interrupted` is called now and
    /// then, since a series may have many terms for each of many periods.
    ///
    /// # Errors
    ///
    /// Those of [`SpendScorer::expected_spend`] and [`Scorer::expected_purchases`]; whatever `interrupted`
    /// returns.
    pub fn value(
        &self,
        scorer: &Scorer,
        spend_scorer: &SpendScorer,
        purchases: &Purchases,
        spend: &Spend,
        interrupted: &mut dyn FnMut() -> Result<()>,
    ) -> Result<f64> {
        let spend = spend_scorer.expected_spend(spend)?;
        let purchases = discounted(self.sum_for(scorer.past(purchases)), scorer, purchases, interrupted)?;
        finite(spend * purchases, "lifetime value")
    }
}

/// The purchases expected, each times the discount factor of when it is expected.
fn discounted(
    sum: &Rule,
    scorer: &Scorer,
    purchases: &Purchases,
    interrupted: &mut dyn FnMut() -> Result<()>,
) -> Result<f64> {
    let mut expected = [0.0; 32];
    let mut total = 0.0;
    for (times, weights) in sum.points.chunks(expected.len()).zip(sum.weights.chunks(expected.len())) {
        let expected = &mut expected[..times.len()];
        interrupted()?;
        scorer.expected_at(times, purchases, expected);
        total += expected.iter().zip(weights).map(|(expected, weight)| expected * weight).sum::<f64>();
    }
    Ok(total)
}
