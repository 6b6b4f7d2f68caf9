//! Predictions of a model for one customer.

use super::data::{Purchases, Spend};
use super::model::{Model, Parameters, TimeUnit};
use super::past::{Past, finite, time};
use crate::error::{Error, Result};
use crate::lifetime::models::bg_nbd::BetaGeometric;
use crate::lifetime::models::gamma_gamma::GammaGamma;
use crate::lifetime::models::pareto_nbd::ParetoNbd;

/// A model of purchases, ready to predict.
#[derive(Debug, Clone, Copy)]
pub struct Scorer {
    law: Law,
    unit: Option<TimeUnit>,
}

#[derive(Debug, Clone, Copy)]
enum Law {
    BetaGeometric(BetaGeometric),
    Pareto(ParetoNbd),
}

impl Scorer {
    /// For a model of purchases.
    ///
    /// # Errors
    ///
    /// `InvalidValue` for Gamma-Gamma.
    pub fn new(model: &Model) -> Result<Scorer> {
        let law = match model.parameters() {
            Parameters::BgNbd { r, alpha, a, b } => {
                Law::BetaGeometric(BetaGeometric { r, alpha, a, b, from_the_first: false })
            }
            Parameters::MbgNbd { r, alpha, a, b } => {
                Law::BetaGeometric(BetaGeometric { r, alpha, a, b, from_the_first: true })
            }
            Parameters::ParetoNbd { r, alpha, s, beta } => Law::Pareto(ParetoNbd { r, alpha, s, beta }),
            Parameters::GammaGamma { .. } => {
                return Err(Error::invalid("a gamma_gamma model does not predict purchases")
                    .detail(
                        "Gamma-Gamma is about what a purchase is worth, not about how many there will be.",
                    )
                    .hint("Give a model of fit_bg_nbd(), fit_mbg_nbd() or fit_pareto_nbd() here."));
            }
        };
        Ok(Scorer { law, unit: model.unit() })
    }

    /// The unit in which times are counted.
    pub fn unit(&self) -> Option<TimeUnit> {
        self.unit
    }

    /// The probability that the customer has not dropped out by now.
    ///
    /// # Errors
    ///
    /// `NumberOutOfRange` if the parameters are so extreme that it cannot be computed.
    pub fn p_alive(&self, customer: &Purchases) -> Result<f64> {
        let p = match &self.law {
            Law::BetaGeometric(law) => law.p_alive(customer),
            Law::Pareto(law) => law.p_alive(customer),
        };
        finite(p, "probability of being alive")
    }

    /// How many purchases to expect of the customer within `horizon` from now.
    ///
    /// # Errors
    ///
    /// `InvalidValue` for a horizon that is negative, infinite or NaN; `NumberOutOfRange` as for
    /// [`Scorer::p_alive`].
    pub fn expected_purchases(&self, horizon: f64, customer: &Purchases) -> Result<f64> {
        let mut expected = [0.0];
        self.expected_at(&[time("horizon", horizon)?], customer, &mut expected);
        finite(expected[0], "expected number of purchases")
    }

    /// How many repeat purchases to expect within `horizon` of the first purchase, of somebody of whom
    /// nothing else is known.
    ///
    /// # Errors
    ///
    /// As [`Scorer::expected_purchases`].
    pub fn expected_purchases_new(&self, horizon: f64) -> Result<f64> {
        let horizon = time("horizon", horizon)?;
        let expected = match &self.law {
            Law::BetaGeometric(law) => law.expected_purchases_new(horizon),
            Law::Pareto(law) => law.expected_purchases_new(horizon),
        };
        finite(expected, "expected number of purchases")
    }

    /// [`Scorer::expected_purchases`] for several ascending horizons, unchecked.
    pub(super) fn expected_at(&self, times: &[f64], customer: &Purchases, expected: &mut [f64]) {
        match &self.law {
            Law::BetaGeometric(law) => law.expected_purchases(customer, times, expected),
            Law::Pareto(law) => law.expected_purchases(customer, times, expected),
        }
    }

    /// How the purchases expected of a customer continue before now, for [`Horizon`](super::value::Horizon).
    pub(super) fn past(&self, customer: &Purchases) -> Past {
        match &self.law {
            Law::BetaGeometric(law) => law.past(customer),
            Law::Pareto(law) => law.past(customer),
        }
    }
}

/// A model of spend, ready to predict.
#[derive(Debug, Clone, Copy)]
pub struct SpendScorer {
    law: GammaGamma,
}

impl SpendScorer {
    /// For a Gamma-Gamma model.
    ///
    /// # Errors
    ///
    /// `InvalidValue` for any other.
    pub fn new(model: &Model) -> Result<SpendScorer> {
        match model.parameters() {
            Parameters::GammaGamma { p, q, v } => Ok(SpendScorer { law: GammaGamma { p, q, v } }),
            other => Err(Error::invalid(format!("a {} model does not predict spend", other.kind().name()))
                .detail("It is about how many purchases there will be, not about what one is worth.")
                .hint("Give a model of fit_gamma_gamma() here.")),
        }
    }

    /// The spend to expect of each further purchase of the customer; without repeat purchases, the
    /// mean over the population.
    ///
    /// # Errors
    ///
    /// `NumberOutOfRange` if that mean is infinite (p x + q ≤ 1, for somebody without repeat purchases
    /// q ≤ 1).
    pub fn expected_spend(&self, customer: &Spend) -> Result<f64> {
        finite(self.law.expected_spend(customer)?, "expected spend")
    }
}
