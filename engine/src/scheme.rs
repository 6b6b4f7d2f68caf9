//! The scheme document: what a customer is graded on, how, and what follows from the grade.
//!
//! The structs mirror the JSON one to one and refuse unknown keys; their doc comments become the
//! descriptions of the JSON Schema. What serde cannot see (that names resolve, that bins neither
//! overlap nor leave a gap …) is checked by [`crate::compile`], which [`Scheme::parse`] runs, so that
//! no broken scheme ever exists as a value.

mod characteristic;
mod decision;
mod dimension;
mod fiscal_year;
mod input;
pub mod overlay;
pub mod presets;
mod tier;
pub mod vocabulary;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use characteristic::{
    Best, Bin, Characteristic, Fit, FitTo, Fitted, Learned, LearnedBin, LearnedCharacteristic,
    LearnedFinding, Population, Reasons, Scaling, Score, ScoreFit, ScoreMissing, ShareOf, Trend, WrongSign,
};
pub use decision::{Cell, Condition, Cut, Decision, HitPolicy, Method, Rule};
pub use dimension::{Class, Dimension};
pub(crate) use fiscal_year::Contradiction;
pub use fiscal_year::{FiscalYear, NumberedBy, WeekPattern};
pub use input::{Input, InputType, Missing};
pub use tier::{Action, Area, Audience, DemoteOn, Followup, Response, Stability, Step, Term, Tier};

use crate::document;
use crate::document::text::Text;

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
    /// The IANA time zone in which "today" and timestamps become dates; without one, or with UTC, that of the database.
    #[serde(default = "utc", skip_serializing_if = "is_utc")]
    pub timezone: String,
    /// The fiscal year of the business, which `this_fiscal_quarter` and the like in dates, terms and days of demotion count by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fiscal_year: Option<FiscalYear>,
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

/// Whether a figure is the source's or our default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Basis {
    /// The source document gives it.
    Source,
    /// A sensible default of ours.
    Default,
}

impl Scheme {
    /// A scheme of what every scheme has, and nothing else.
    pub(crate) fn bare(name: String, inputs: Vec<Input>, decision: Decision, tiers: Vec<Tier>) -> Scheme {
        Scheme {
            scheme: name,
            title: None,
            purpose: None,
            industry: None,
            source: None,
            timezone: utc(),
            fiscal_year: None,
            inputs,
            characteristics: Vec::new(),
            score: None,
            decision,
            tiers,
            stability: None,
            population: None,
        }
    }

    /// The document as canonical JSON: keys in the order of this module, defaults left out, numbers
    /// normalised. Two documents that say the same have the same canonical form.
    pub fn canonical(&self) -> String {
        document::canonical(self)
    }

    /// Whether it names a time zone of its own: any but UTC.
    pub fn has_timezone(&self) -> bool {
        !is_utc(&self.timezone)
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
