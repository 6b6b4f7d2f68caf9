//! Inputs put into bins, their points, and how cut points follow from a population.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Basis, Dimension};
use crate::document::text::Text;
use crate::number::{Number, Scalar};

/// An input put into bins (PMML: Characteristic).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Characteristic {
    /// The name.
    pub name: String,
    /// The input that is binned.
    pub input: String,
    /// What people call it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<Text>,
    /// The bins; together they cover every value exactly once. None, or without points: a fit to an outcome makes them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bins: Vec<Bin>,
    /// How the cut points follow from a population; bins without bounds wait for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fit: Option<Fit>,
    /// The population that the cut points were fitted to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fitted: Option<Fitted>,
    /// The points that reason codes are measured against (PMML: baselineScore).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<Number>,
    /// The reason code; default is the name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// One bin: an interval, a set of values, or the missing values.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Bin {
    /// The code, unique within the characteristic.
    pub code: String,
    /// Values below this. For a date: a day, or a duration from the as-of day (`P30D`, `-P30D`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lt: Option<Scalar>,
    /// Values up to and including this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lte: Option<Scalar>,
    /// Values above this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gt: Option<Scalar>,
    /// Values from this on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gte: Option<Scalar>,
    /// Just these values.
    #[serde(default, rename = "in", skip_serializing_if = "Option::is_none")]
    pub among: Option<Vec<Scalar>>,
    /// All values that no bin lists, beside those that this one does.
    #[serde(default, skip_serializing_if = "is_false")]
    pub other: bool,
    /// The missing values.
    #[serde(default, skip_serializing_if = "is_false")]
    pub missing: bool,
    /// The partial score.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub points: Option<Number>,
    /// Whether the cut point is the source's or ours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basis: Option<Basis>,
}

impl Bin {
    /// Whether it has any bound.
    pub fn is_interval(&self) -> bool {
        self.lt.is_some() || self.lte.is_some() || self.gt.is_some() || self.gte.is_some()
    }

    /// Whether it is a set of values: those that it lists, or that no other bin does.
    pub fn is_set(&self) -> bool {
        self.among.is_some() || self.other
    }

    /// Whether a fit found nobody for it: two equal ends, of which one does not belong to it.
    pub(crate) fn is_vacant(&self) -> bool {
        self.gte.is_some() && self.gte == self.lt
    }
}

fn is_false(value: &bool) -> bool {
    !value
}

/// How cut points follow from a population: by shares of it (`share_of`), or by what came of it (`to`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Fit {
    /// What is shared out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share_of: Option<ShareOf>,
    /// What the bins, and their points, are to tell apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<FitTo>,
    /// Shares: so many equal parts: 5 for quintiles.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parts: Option<u32>,
    /// Shares: cumulative shares from the best on, ascending, between 0 and 1: 0.2 and 0.7 for ABC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cuts: Option<Vec<Number>>,
    /// Shares: which end is the best.
    #[serde(default, skip_serializing_if = "is_high")]
    pub best: Best,
    /// Outcome: how many bins a characteristic has at most, that of the missing values not counted; default 6.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_bins: Option<u32>,
    /// Outcome: the least share of all customers in a bin; default 0.05.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_share: Option<Number>,
    /// Outcome: how the rate of the outcome goes along the bins of a number; default auto.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trend: Option<Trend>,
    /// Outcome, for the cuts of a score: the probabilities from which on the tiers begin, descending.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probability: Option<Vec<Number>>,
    /// Whether the shares are the source's or ours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basis: Option<Basis>,
}

impl Fit {
    /// Whether it is to an outcome.
    pub fn is_to_outcome(&self) -> bool {
        self.to.is_some()
    }
}

/// What a fit is to, other than shares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum FitTo {
    /// Something that came true of some customers and not of others.
    Outcome,
}

/// How the rate of an outcome goes along the bins of a number, from the lowest values on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Trend {
    /// Up or down, whichever tells more.
    #[default]
    Auto,
    /// It never falls.
    Up,
    /// It never rises.
    Down,
    /// As it will.
    Free,
}

fn is_high(best: &Best) -> bool {
    *best == Best::High
}

/// What a fit shares out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ShareOf {
    /// The number of customers, ranked by the value.
    Customers,
    /// The summed value (Pareto).
    Value,
}

/// Which end of a scale is the best.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Best {
    /// The highest values.
    #[default]
    High,
    /// The lowest values.
    Low,
}

/// The population that cut points were fitted to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Fitted {
    /// How many customers.
    pub n: u64,
    /// When, ISO 8601.
    pub at: String,
    /// The smallest value; none where values are no numbers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<Number>,
    /// The largest value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<Number>,
}

/// How many customers of a population each bin and each tier has.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Population {
    /// How many customers.
    pub n: u64,
    /// As of when, ISO 8601.
    pub at: String,
    /// How many of them got no tier.
    pub ungraded: u64,
    /// By characteristic and code of the bin, of the customers that have all inputs they need.
    pub bins: BTreeMap<String, BTreeMap<String, u64>>,
    /// By tier.
    pub tiers: BTreeMap<String, u64>,
}

/// The sum of weighted partial scores (PMML: Scorecard).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Score {
    /// What the sum begins with.
    #[serde(default = "zero", skip_serializing_if = "is_zero")]
    pub initial: Number,
    /// The weight of each characteristic; 1 where left out.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub weights: BTreeMap<String, Number>,
    /// What becomes of the weight of a characteristic whose bin for missing values has no points.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing: Option<ScoreMissing>,
    /// With `missing`: the least share of the weight that must be known for there to be a score.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub least_weight: Option<Number>,
    /// How reason codes measure the distance from the baseline (PMML: reasonCodeAlgorithm).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reasons: Option<Reasons>,
    /// Sides of the score that explanations show on their own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dimensions: Vec<Dimension>,
    /// What the score says of the odds of an outcome.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scaling: Option<Scaling>,
    /// How points are made by a fit to an outcome.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fit: Option<ScoreFit>,
    /// The customers, and what came of them, that the points were fitted to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fitted: Option<Learned>,
}

/// What a score makes of values that are missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ScoreMissing {
    /// Their weight is spread over the characteristics that are known, in proportion. The score is rounded to
    /// six digits after the point, or to more if points and cuts have more.
    Reweight,
}

impl Characteristic {
    /// Whether its points come of a fit to an outcome.
    pub fn is_learned(&self) -> bool {
        self.fit.as_ref().is_some_and(Fit::is_to_outcome)
    }

    /// Whether they have not come yet.
    pub fn waits_for_outcome(&self) -> bool {
        self.is_learned() && self.bins.iter().all(|bin| bin.points.is_none())
    }
}

impl Default for Score {
    fn default() -> Self {
        Score {
            initial: Number::ZERO,
            weights: BTreeMap::new(),
            missing: None,
            least_weight: None,
            reasons: None,
            dimensions: Vec::new(),
            scaling: None,
            fit: None,
            fitted: None,
        }
    }
}

fn zero() -> Number {
    Number::ZERO
}

fn is_zero(number: &Number) -> bool {
    *number == Number::ZERO
}

/// What a score says of the odds of an outcome: odds are the probability that it comes by the probability that
/// it does not, and grow with the score.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scaling {
    /// So many points more double the odds.
    pub points_to_double_odds: Number,
    /// A score at which the odds are `base_odds`.
    pub base_points: Number,
    /// The odds at `base_points`; 1 is a probability of one half.
    pub base_odds: Number,
}

/// How points are made by a fit to an outcome.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScoreFit {
    /// Digits of points after the point.
    #[serde(default, skip_serializing_if = "is_none_digits")]
    pub decimals: u32,
    /// How much a sum of squared coefficients costs: the log-likelihood less `ridge` / 2 × that sum is made largest.
    #[serde(default = "zero", skip_serializing_if = "is_zero")]
    pub ridge: Number,
    /// What becomes of a characteristic whose coefficient is negative, so that a better bin would lower the score.
    #[serde(default, skip_serializing_if = "is_kept")]
    pub wrong_sign: WrongSign,
}

impl Default for ScoreFit {
    fn default() -> Self {
        ScoreFit { decimals: 0, ridge: Number::ZERO, wrong_sign: WrongSign::Keep }
    }
}

fn is_none_digits(decimals: &u32) -> bool {
    *decimals == 0
}

/// What becomes of a characteristic whose coefficient has the wrong sign.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum WrongSign {
    /// It stays, and is reported.
    #[default]
    Keep,
    /// It gets no points, and the others are fitted without it.
    Drop,
}

fn is_kept(wrong_sign: &WrongSign) -> bool {
    *wrong_sign == WrongSign::Keep
}

/// A logistic regression, and the customers that it was fitted to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Learned {
    /// How many customers, by weight.
    pub n: Number,
    /// How many of them had the outcome, by weight.
    pub events: Number,
    /// As of when, ISO 8601.
    pub at: String,
    /// The log-odds of somebody whose weights of evidence are all zero.
    pub intercept: Number,
    /// The logarithm of the likelihood.
    pub log_likelihood: Number,
    /// Whether the search came to an end. If not, the outcome can be told too well: the points are no estimates.
    pub converged: bool,
    /// How many steps it took.
    pub iterations: u32,
    /// Which part of the customers, by weight, the regression was fitted to, if there were too many different ones.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub sampled: Number,
    /// By characteristic.
    pub characteristics: BTreeMap<String, LearnedCharacteristic>,
}

fn one() -> Number {
    Number::ONE
}

fn is_one(number: &Number) -> bool {
    *number == Number::ONE
}

/// What a fit to an outcome found of a characteristic.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LearnedCharacteristic {
    /// How much it tells of the outcome by itself.
    pub information_value: Number,
    /// What its weight of evidence is multiplied by; 0 if it was left out.
    pub coefficient: Number,
    /// The standard error of the coefficient; none if it was left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub standard_error: Option<Number>,
    /// Why it was left out, or what is wrong with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finding: Option<LearnedFinding>,
    /// By code of the bin.
    pub bins: BTreeMap<String, LearnedBin>,
}

/// What a fit may find of a characteristic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LearnedFinding {
    /// All customers are in one bin: left out.
    Constant,
    /// The others say all that it says: left out.
    Redundant,
    /// Its coefficient is negative: beside the others, a better bin lowers the score.
    WrongSign,
    /// Left out because its coefficient would be negative.
    Dropped,
}

impl LearnedFinding {
    /// The JSON name.
    pub fn name(self) -> &'static str {
        match self {
            LearnedFinding::Constant => "constant",
            LearnedFinding::Redundant => "redundant",
            LearnedFinding::WrongSign => "wrong_sign",
            LearnedFinding::Dropped => "dropped",
        }
    }
}

/// What came of the customers in a bin.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LearnedBin {
    /// How many customers, by weight.
    pub n: Number,
    /// How many of them had the outcome, by weight.
    pub events: Number,
    /// The weight of evidence: the logarithm of the bin's share of the events by its share of the others.
    pub weight_of_evidence: Number,
}

/// The direction in which a partial score is a reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reasons {
    /// Baseline minus partial score: what kept the score down.
    PointsBelow,
    /// Partial score minus baseline: what drove it up.
    PointsAbove,
}
