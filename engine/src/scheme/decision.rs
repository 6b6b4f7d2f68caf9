//! How the tier follows: rules, bands, score or matrix.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Basis, Fit, Fitted};
use crate::document::text::Text;
use crate::number::{Number, Scalar};

/// The four ways in which a tier is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Method {
    /// A DMN decision table: `rules`, `hit_policy`, `otherwise`.
    Rules,
    /// The bins of one `characteristic` are the tiers.
    Bands,
    /// The score against `cuts`.
    Score,
    /// Two or three `characteristics` and the tier of each of the `cells`.
    Matrix,
}

impl Method {
    /// The JSON name.
    pub fn name(self) -> &'static str {
        match self {
            Method::Rules => "rules",
            Method::Bands => "bands",
            Method::Score => "score",
            Method::Matrix => "matrix",
        }
    }
}

/// How the tier follows. Which keys apply depends on `method`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// Rules, bands, score or matrix.
    pub method: Method,
    /// Rules: what happens when several match; default `first`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hit_policy: Option<HitPolicy>,
    /// Rules: the table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rules: Option<Vec<Rule>>,
    /// Rules: the tier when none matches; without it the customer stays ungraded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub otherwise: Option<String>,
    /// Bands: the characteristic whose bin codes are tier codes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub characteristic: Option<String>,
    /// Matrix: two or three characteristics.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub characteristics: Option<Vec<String>>,
    /// Matrix: the tier of each combination of bins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cells: Option<Vec<Cell>>,
    /// Score: the cut points from the best tier down; the last has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cuts: Option<Vec<Cut>>,
    /// Score: how the cut points follow from a population.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fit: Option<Fit>,
    /// Score: the population that the cut points were fitted to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fitted: Option<Fitted>,
}

impl Decision {
    /// A decision by a method, of which nothing else is said yet.
    pub(crate) fn by(method: Method) -> Decision {
        Decision {
            method,
            hit_policy: None,
            rules: None,
            otherwise: None,
            characteristic: None,
            characteristics: None,
            cells: None,
            cuts: None,
            fit: None,
            fitted: None,
        }
    }
}

/// What happens when several rules match (DMN hit policies).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum HitPolicy {
    /// The first in document order decides.
    #[default]
    First,
    /// Only one may match; several are an error.
    Unique,
    /// Several may match if they give the same tier.
    Any,
    /// The best tier among those that match.
    Priority,
}

/// One line of a decision table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// The condition.
    pub when: Condition,
    /// The tier it gives.
    pub tier: String,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub annotation: Option<Text>,
    /// Whether its figures are the source's or ours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basis: Option<Basis>,
}

/// A condition: tests of one input or characteristic (all must hold), or `all`, `any`, `not`. A test
/// of a missing value is unknown, as in SQL, and an unknown condition does not match.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// The input that is tested.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<String>,
    /// The characteristic whose bin is tested (by `eq`, `ne`, `in`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub characteristic: Option<String>,
    /// Equal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub eq: Option<Scalar>,
    /// Not equal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ne: Option<Scalar>,
    /// One of these.
    #[serde(default, rename = "in", skip_serializing_if = "Option::is_none")]
    pub among: Option<Vec<Scalar>>,
    /// Below.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lt: Option<Scalar>,
    /// Up to and including.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lte: Option<Scalar>,
    /// Above.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gt: Option<Scalar>,
    /// From this on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gte: Option<Scalar>,
    /// From the first to the second, both included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub between: Option<(Scalar, Scalar)>,
    /// Missing (true) or known (false).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_missing: Option<bool>,
    /// A date up to so long after the as-of day, past days included: `P1M`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<String>,
    /// A date later than so long after the as-of day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// All of these hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub all: Option<Vec<Condition>>,
    /// One of these holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub any: Option<Vec<Condition>>,
    /// This does not hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not: Option<Box<Condition>>,
}

/// One cell of a matrix.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cell {
    /// A bin code of each characteristic, in their order.
    pub at: Vec<String>,
    /// The tier it gives.
    pub tier: String,
    /// Whether the source or we say so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basis: Option<Basis>,
}

/// One cut point of a score.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cut {
    /// The tier from this score on.
    pub tier: String,
    /// The score; left out for the last tier, and until fitted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gte: Option<Number>,
    /// Whether the figure is the source's or ours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basis: Option<Basis>,
}
