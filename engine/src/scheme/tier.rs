//! What follows from a tier: rhythm, service target, strategy; and what keeps customers in theirs.

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Basis;
use crate::calendar::Convention;
use crate::document::text::Text;
use crate::document::{quoted, text_value};
use crate::error::{Error, Result};
use crate::number::Number;
use crate::time::clock::Clock;
use crate::time::date::MonthDay;
use crate::time::duration::{Period, ServiceTime};

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
    /// More service targets by name, such as `next_reply` and `resolution`; `target_due()` tells when each is due.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub targets: BTreeMap<String, Response>,
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
    /// How long after a change of tier the first contact is due at the earliest; without it, on the day of the change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grace: Option<Period>,
    /// Contacts that come first, each so long after the customer came into the tier; the cadence counts after the last of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<Step>,
    /// Channels that have a rhythm of their own besides, such as a visit every half year; `channels_due` lists them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub channels: BTreeMap<String, Period>,
    /// Whether the cadence is the source's or ours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basis: Option<Basis>,
}

/// One contact of a sequence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// How long after the customer came into the tier.
    pub after: Period,
    /// By which channel: `phone` …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
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
    /// The code by which it is ticked off when a contact is logged: an item of a check-list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check: Option<String>,
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
    /// How long a tier is kept at least, whether the grade is better or worse.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minimum_stay: Option<Period>,
    /// How long a tier is kept at least if the grade is lower; a better one comes at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub term: Option<Period>,
    /// On which days of the year customers go down.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub demote_on: Option<DemoteOn>,
}

/// The days on which customers go down: one anchor, from which every year has one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DemoteOn {
    /// On none.
    Never,
    /// The day on which the customer came to the tier.
    TierAnniversary,
    /// The day since which the company has the customer.
    CustomerAnniversary,
    /// The same day for all.
    Day(MonthDay),
}

impl DemoteOn {
    /// Reads `never`, `tier_anniversary`, `customer_anniversary` or a day such as `03-01`.
    ///
    /// # Errors
    ///
    /// `InvalidValue` for any other text and for days that no year has.
    pub fn parse(text: &str) -> Result<DemoteOn> {
        match text {
            "never" => Ok(DemoteOn::Never),
            "tier_anniversary" => Ok(DemoteOn::TierAnniversary),
            "customer_anniversary" => Ok(DemoteOn::CustomerAnniversary),
            _ => MonthDay::parse(text).map(DemoteOn::Day).map_err(|_| {
                Error::invalid(format!("found {}, expected {}", quoted(text), DEMOTE_ON))
                    .hint("Name one anchor: 03-01 is the first of March of every year.")
            }),
        }
    }
}

const DEMOTE_ON: &str = "a day MM-DD, tier_anniversary, customer_anniversary or never";

impl fmt::Display for DemoteOn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DemoteOn::Never => f.write_str("never"),
            DemoteOn::TierAnniversary => f.write_str("tier_anniversary"),
            DemoteOn::CustomerAnniversary => f.write_str("customer_anniversary"),
            DemoteOn::Day(day) => day.fmt(f),
        }
    }
}

text_value!(
    DemoteOn,
    "a day MM-DD, tier_anniversary, customer_anniversary or never",
    "^([0-9]{2}-[0-9]{2}|tier_anniversary|customer_anniversary|never)$"
);
