//! Predictions of a model for one customer.

use super::data::{Purchases, Spend};
use super::model::{Model, TimeUnit};
use super::models::{Fitted, Kind, PurchaseModel, SpendModel};
use super::past::{Past, finite, time};
use crate::error::{Error, Result};

/// A model of purchases, ready to predict.
#[derive(Debug, Clone, Copy)]
pub struct Scorer {
    law: PurchaseModel,
    unit: Option<TimeUnit>,
}

impl Scorer {
    /// For a model of purchases.
    ///
    /// # Errors
    ///
    /// `InvalidValue` for a model of spend.
    pub fn new(model: &Model) -> Result<Scorer> {
        let Fitted::Purchases(law) = model.fitted else {
            return Err(Error::invalid(format!(
                "a {} model does not predict purchases",
                model.kind().name()
            ))
            .detail("Gamma-Gamma is about what a purchase is worth, not about how many there will be.")
            .hint(format!("Give a model of {} here.", fit_functions(true))));
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
        finite(self.law.p_alive(customer), "probability of being alive")
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
        let expected = self.law.expected_purchases_new(horizon);
        finite(expected, "expected number of purchases")
    }

    /// [`Scorer::expected_purchases`] for several ascending horizons, unchecked.
    pub(super) fn expected_at(&self, times: &[f64], customer: &Purchases, expected: &mut [f64]) {
        self.law.expected_purchases(customer, times, expected);
    }

    /// How the purchases expected of a customer continue before now, for [`Horizon`](super::horizon::Horizon).
    pub(super) fn past(&self, customer: &Purchases) -> Past {
        self.law.past(customer)
    }
}

/// A model of spend, ready to predict.
#[derive(Debug, Clone, Copy)]
pub struct SpendScorer {
    law: SpendModel,
}

impl SpendScorer {
    /// For a model of spend.
    ///
    /// # Errors
    ///
    /// `InvalidValue` for a model of purchases.
    pub fn new(model: &Model) -> Result<SpendScorer> {
        let Fitted::Spend(law) = model.fitted else {
            return Err(Error::invalid(format!("a {} model does not predict spend", model.kind().name()))
                .detail("It is about how many purchases there will be, not about what one is worth.")
                .hint(format!("Give a model of {} here.", fit_functions(false))));
        };
        Ok(SpendScorer { law })
    }

    /// Whether there is a spend to expect of the customer; where there is none,
    /// [`expected_spend`](SpendScorer::expected_spend) fails.
    pub fn has_expectation(&self, customer: &Spend) -> bool {
        self.law.has_expectation(customer)
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

/// The SQL functions that fit models of purchases, or of spend: `fit_a(), fit_b() or fit_c()`.
fn fit_functions(of_purchases: bool) -> String {
    let kinds = Kind::ALL.iter().filter(|kind| kind.is_of_purchases() == of_purchases);
    let mut names: Vec<String> = kinds.map(|kind| format!("fit_{}()", kind.name())).collect();
    match (names.pop(), names.is_empty()) {
        (Some(last), false) => format!("{} or {last}", names.join(", ")),
        (last, _) => last.unwrap_or_default(),
    }
}
