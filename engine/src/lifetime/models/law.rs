//! What a law of customers is to the rest of the engine.

use crate::error::Result;
use crate::lifetime::data::{Cohort, Purchases, Spend, Watch};
use crate::lifetime::numerics::newton::Expansion;
use crate::lifetime::past::Past;

/// A parameter of a law; all are positive and finite.
#[derive(Debug)]
pub(in crate::lifetime) struct Parameter {
    /// As the paper and the document call it.
    pub name: &'static str,
    /// What it is a measure of.
    pub measure: Measure,
    /// What it says of the customers if a fit lets it run to zero; the rest of a sentence.
    pub at_zero: &'static str,
    /// The same for infinity.
    pub at_infinity: &'static str,
}

/// What a parameter is a measure of, which decides its range and whether it has a unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::lifetime) enum Measure {
    /// The shape of a distribution: a number without a unit.
    Shape,
    /// The rate of a distribution: a time or an amount, in the unit of the data.
    Rate,
}

impl Measure {
    /// Beyond, the distribution is a point or has all its mass at the ends, for all that data can tell. Rates
    /// are in mean ages or mean spends.
    pub(super) fn range(self) -> (f64, f64) {
        match self {
            Measure::Shape => (1e-7, 1e5),
            Measure::Rate => (1e-10, 1e10),
        }
    }
}

impl Parameter {
    /// A shape of which zero and infinity say nothing in particular.
    pub(super) const fn shape(name: &'static str) -> Parameter {
        Parameter { name, measure: Measure::Shape, at_zero: "", at_infinity: "" }
    }

    /// Such a rate.
    pub(super) const fn rate(name: &'static str) -> Parameter {
        Parameter { measure: Measure::Rate, ..Parameter::shape(name) }
    }

    pub(super) const fn at_zero(self, at_zero: &'static str) -> Parameter {
        Parameter { at_zero, ..self }
    }

    pub(super) const fn at_infinity(self, at_infinity: &'static str) -> Parameter {
        Parameter { at_infinity, ..self }
    }
}

/// A law with its parameters, of which there are `N`.
pub(in crate::lifetime) trait Law<const N: usize>: Copy {
    /// What it speaks of: [`Purchases`] or [`Spend`].
    type Customer: Copy + Ord;

    /// The parameters, in the order of the paper.
    const PARAMETERS: [Parameter; N];

    /// The law with these parameters.
    fn at(parameters: [f64; N]) -> Self;

    /// Its parameters.
    fn parameters(&self) -> [f64; N];

    /// The log-likelihood of a population with its derivatives by the parameters.
    fn expansion(&self, population: &Cohort<Self::Customer>, watch: &mut Watch<'_>) -> Result<Expansion<N>>;
}

/// A law of when customers buy, and when they stop.
pub(in crate::lifetime) trait PurchaseLaw<const N: usize>:
    Law<N, Customer = Purchases>
{
    /// Where a search begins, for a shape of the distribution of purchase rates and the mean of these, in
    /// purchases per mean age.
    fn start(shape: f64, rate: f64) -> [f64; N];

    /// The probability that the customer has not dropped out by now.
    fn p_alive(&self, customer: &Purchases) -> f64;

    /// Expected purchases after now until each of `times`, which ascend, into `expected`.
    fn expected_purchases(&self, customer: &Purchases, times: &[f64], expected: &mut [f64]);

    /// Expected repeat purchases of somebody within `time` after the first purchase, E[X(t)] of the papers.
    fn expected_purchases_new(&self, time: f64) -> f64;

    /// How the expected purchases continue before now.
    fn past(&self, customer: &Purchases) -> Past;
}

/// A law of what a purchase is worth.
pub(in crate::lifetime) trait SpendLaw<const N: usize>: Law<N, Customer = Spend> {
    /// Where searches begin, amounts in mean spends.
    const STARTS: [[f64; N]; 2];

    /// Whether there is a spend to expect of the customer.
    fn has_expectation(&self, customer: &Spend) -> bool;

    /// The spend to expect of each of the customer's purchases.
    fn expected_spend(&self, customer: &Spend) -> Result<f64>;
}
