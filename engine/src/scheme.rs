//! The scheme document: what a customer is graded on, how, and what follows from the grade.
//!
//! The structs mirror the JSON one to one and refuse unknown keys; their doc comments become the
//! descriptions of the JSON Schema. What serde cannot see (that names resolve, that bins neither
//! overlap nor leave a gap …) is checked by [`crate::compile`], which [`Scheme::parse`] runs, so that
//! no broken scheme ever exists as a value.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::calendar::{Clock, Convention};
use crate::compile::Compiled;
use crate::document;
use crate::duration::{Period, ServiceTime};
use crate::error::Result;
use crate::number::{Number, Scalar};
use crate::text::Text;

/// What a customer is graded on, how, and what follows from the grade.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scheme {
    /// The name: a letter or underscore, then letters, digits and underscores.
    pub scheme: String,
    /// What people call it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<Text>,
    /// What it is good for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<Text>,
    /// The business it was made for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub industry: Option<Text>,
    /// Where it comes from: an id or a citation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The IANA time zone in which "today" and timestamps become dates.
    #[serde(default = "utc", skip_serializing_if = "is_utc")]
    pub timezone: String,
    /// What is known of a customer, in the order of the positional call.
    pub inputs: Vec<Input>,
    /// Inputs put into bins.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub characteristics: Vec<Characteristic>,
    /// The sum of the weighted points of the characteristics.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<Score>,
    /// How the tier follows.
    pub decision: Decision,
    /// The tiers, best first; the order is the rank.
    pub tiers: Vec<Tier>,
    /// What keeps a customer from moving back and forth.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stability: Option<Stability>,
    /// The customers it was fitted to, bin by bin and tier by tier; `scheme_drift()` compares with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub population: Option<Population>,
}

fn utc() -> String {
    "UTC".to_owned()
}

fn is_utc(zone: &String) -> bool {
    zone == "UTC"
}

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum InputType {
    /// A decimal number.
    Number,
    /// A whole number.
    Integer,
    /// A text, compared byte by byte.
    Text,
    /// True or false.
    Boolean,
    /// A day.
    Date,
}

impl InputType {
    /// The JSON name.
    pub fn name(self) -> &'static str {
        match self {
            InputType::Number => "number",
            InputType::Integer => "integer",
            InputType::Text => "text",
            InputType::Boolean => "boolean",
            InputType::Date => "date",
        }
    }
}

/// What happens when a value is missing (NULL).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Missing {
    /// The customer gets no tier; the explanation says which input was missing.
    #[default]
    Ungraded,
    /// Grading fails.
    Error,
    /// Rules see `is_missing`, bins with `missing: true` take it.
    Null,
    /// This value is used instead.
    Default(Scalar),
}

/// One thing known of a customer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The name, by which rows and jsonb bind.
    pub name: String,
    /// What the value is.
    #[serde(rename = "type")]
    pub kind: InputType,
    /// What people call it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<Text>,
    /// What it means exactly.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Text>,
    /// The unit: days, orders, a currency …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<Text>,
    /// Other names that columns with this meaning bear, in any language.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub synonyms: Vec<String>,
    /// The least plausible number. Grading takes any; `check_inputs()` reports what is outside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<Number>,
    /// The greatest plausible number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<Number>,
    /// The only values it may have (text, number, integer).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allowed: Vec<Scalar>,
    /// What happens when it is missing.
    #[serde(default, skip_serializing_if = "is_ungraded")]
    pub missing: Missing,
}

fn is_ungraded(missing: &Missing) -> bool {
    *missing == Missing::Ungraded
}

/// Whether a figure is the source's or our default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Basis {
    /// The source document gives it.
    Source,
    /// A sensible default of ours.
    Default,
}

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

/// One tier and what follows from it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tier {
    /// The code: what `customer_tier()` returns.
    pub code: String,
    /// What people call it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<Text>,
    /// Who belongs here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Text>,
    /// The rhythm of follow-ups.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub followup: Option<Followup>,
    /// The service target.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response: Option<Response>,
    /// A lower tier whose strategy is owed to this tier too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub includes: Option<String>,
    /// How the tier is served.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub strategy: Vec<Action>,
}

/// The rhythm of follow-ups.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Followup {
    /// The cadence, an ISO 8601 duration of days, weeks, months or years.
    pub every: Period,
    /// How a due day that is no working day moves (business-day convention).
    #[serde(default)]
    pub workday: Convention,
    /// Whether the cadence is the source's or ours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basis: Option<Basis>,
}

/// A service target.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Response {
    /// The time within which the customer is answered.
    pub within: ServiceTime,
    /// Whether all time counts or only working time.
    pub clock: Clock,
    /// Whether the target is the source's or ours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basis: Option<Basis>,
}

/// One thing done for the customers of a tier.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Action {
    /// The field of service.
    pub area: Area,
    /// What is done.
    pub action: Text,
    /// The role that does it: `account_manager` …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// By which channel: `phone` …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// What is promised: "within 4 working hours".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_target: Option<Text>,
    /// Who may be told.
    #[serde(default, skip_serializing_if = "is_internal")]
    pub audience: Audience,
    /// Whether the source or we say so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basis: Option<Basis>,
}

fn is_internal(audience: &Audience) -> bool {
    *audience == Audience::Internal
}

/// The fields of service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Area {
    /// Who the customer's contact person is.
    Contact,
    /// How and how often one talks.
    Communication,
    /// How fast one answers.
    Response,
    /// What is offered.
    Offers,
    /// What is set aside.
    Resources,
    /// What the customer is taught.
    Training,
    /// What the customer does alone.
    SelfService,
    /// What is looked at again.
    Review,
}

/// Who may be told of an action.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Audience {
    /// An entitlement that the customer may be shown.
    Public,
    /// Our own business.
    #[default]
    Internal,
}

/// What keeps a customer from moving back and forth between tiers.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Stability {
    /// How far beyond a cut point a value must be to move up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub promote_margin: Option<Number>,
    /// How far below a cut point a value must be to move down.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub demote_margin: Option<Number>,
    /// How long a lower grade must last before it counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub demote_after: Option<Period>,
    /// How many tiers down at most at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub demote_steps: Option<u32>,
    /// How long a tier is kept at least.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minimum_stay: Option<Period>,
}

impl Scheme {
    /// Reads and validates a document.
    pub fn parse(text: &str) -> Result<Scheme> {
        Ok(Compiled::parse(text)?.scheme)
    }

    /// The document as canonical JSON: keys in the order of this module, defaults left out, numbers
    /// normalised. Two documents that say the same have the same canonical form.
    pub fn canonical(&self) -> String {
        document::canonical(self)
    }

    /// The rank of a tier, 1 is the best.
    pub fn tier(&self, code: &str) -> Option<(usize, &Tier)> {
        self.tiers
            .iter()
            .enumerate()
            .find(|(_, tier)| tier.code == code)
            .map(|(index, tier)| (index + 1, tier))
    }
}

/// The JSON Schema of the scheme document.
pub fn json_schema() -> serde_json::Value {
    schemars::schema_for!(Scheme).to_value()
}
