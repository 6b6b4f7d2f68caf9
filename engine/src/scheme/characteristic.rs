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
    /// The bins; together they cover every value exactly once.
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
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
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

    /// Whether a fit found nobody for it: two equal ends, of which one does not belong to it.
    pub(crate) fn is_vacant(&self) -> bool {
        self.gte.is_some() && self.gte == self.lt
    }
}

fn is_false(value: &bool) -> bool {
    !value
}

/// How cut points follow from a population.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Fit {
    /// What is shared out.
    pub share_of: ShareOf,
    /// So many equal parts: 5 for quintiles.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parts: Option<u32>,
    /// Cumulative shares from the best on, ascending, between 0 and 1: 0.2 and 0.7 for ABC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cuts: Option<Vec<Number>>,
    /// Which end is the best.
    #[serde(default, skip_serializing_if = "is_high")]
    pub best: Best,
    /// Whether the shares are the source's or ours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basis: Option<Basis>,
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
    /// The smallest value.
    pub min: Number,
    /// The largest value.
    pub max: Number,
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
    /// How reason codes measure the distance from the baseline (PMML: reasonCodeAlgorithm).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reasons: Option<Reasons>,
    /// Sides of the score that explanations show on their own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dimensions: Vec<Dimension>,
}

fn zero() -> Number {
    Number::ZERO
}

fn is_zero(number: &Number) -> bool {
    *number == Number::ZERO
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
