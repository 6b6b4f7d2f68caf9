//! What follows from a tier: rhythm, service target, strategy; and what keeps customers in theirs.

use std::collections::BTreeMap;
use std::fmt;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Basis;
use crate::calendar::Convention;
use crate::document::text::Text;
use crate::document::{quoted, text_value};
use crate::error::{Error, Result};
use crate::number::Number;
use crate::time::clock::Clock;
use crate::time::date::{MonthDay, out_of_range};
use crate::time::duration::{Period, ServiceTime};
use crate::time::fiscal::{FiscalCalendar, RelativePeriod, Unit};

/// One tier and what follows from it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
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
    /// How long a tier is kept at least if the grade is lower, `P1Y`, or until the end of which year or quarter,
    /// `next_fiscal_year`; a better one comes at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub term: Option<Term>,
    /// On which days of the year customers go down.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub demote_on: Option<DemoteOn>,
}

/// How long a tier is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Term {
    /// For so long.
    For(Period),
    /// Until the end of a year, quarter or month, counted from that in which the customer came to the tier.
    Until(RelativePeriod),
}

impl Term {
    /// Reads a period such as `P1Y`, or `this_fiscal_year`, `next_quarter` and the like.
    ///
    /// # Errors
    ///
    /// `InvalidValue` for any other text, also for what ends before it begins.
    pub fn parse(text: &str) -> Result<Term> {
        if !RelativePeriod::is_meant(text) {
            return Period::parse(text).map(Term::For);
        }
        let until = RelativePeriod::parse(text)?;
        if until.is_past() {
            return Err(Error::invalid(format!("invalid term {}", quoted(text)))
                .detail("It ends before it begins.")
                .hint("this_fiscal_year ends with the year in which a customer comes to the tier, next_fiscal_year a year later."));
        }
        Ok(Term::Until(until))
    }

    /// The first day after it, for who came to the tier on a day.
    ///
    /// # Errors
    ///
    /// `DateOutOfRange` past the year 9999.
    pub fn end(&self, since: Date, fiscal: FiscalCalendar) -> Result<Date> {
        match self {
            Term::For(period) => period.add_to(since),
            Term::Until(until) => {
                let last = until.resolve(until.calendar(fiscal), since).1;
                last.tomorrow().map_err(|_| out_of_range(format!("date out of range: the end of {until}")))
            }
        }
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Term::For(period) => period.fmt(f),
            Term::Until(until) => until.fmt(f),
        }
    }
}

text_value!(
    Term,
    "a period such as P1Y, or until the end of which one: this_fiscal_year, next_quarter",
    "^(P([0-9]+[YMWD])+|(this|next)_(fiscal_)?(year|quarter|month)|next_[1-9][0-9]*_(fiscal_)?(years|quarters|months))$"
);

/// The days on which customers go down: one anchor, from which every year has the same days.
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
    /// The first day of each year, quarter or month, of the fiscal year or of the calendar.
    Beginning {
        /// Whether of the fiscal year.
        fiscal: bool,
        /// Of each of these.
        unit: Unit,
    },
}

impl DemoteOn {
    /// Reads `never`, `tier_anniversary`, `customer_anniversary`, `fiscal_year`, `quarter` and the like, or a day such as `03-01`.
    ///
    /// # Errors
    ///
    /// `InvalidValue` for any other text and for days that no year has.
    pub fn parse(text: &str) -> Result<DemoteOn> {
        match text {
            "never" => Ok(DemoteOn::Never),
            "tier_anniversary" => Ok(DemoteOn::TierAnniversary),
            "customer_anniversary" => Ok(DemoteOn::CustomerAnniversary),
            _ => DemoteOn::beginning(text).or_else(|| MonthDay::parse(text).ok().map(DemoteOn::Day)).ok_or_else(|| {
                Error::invalid(format!("found {}, expected {}", quoted(text), DEMOTE_ON))
                    .hint("Name one anchor: 03-01 is the first of March of every year, fiscal_year the first day of each fiscal year.")
            }),
        }
    }

    fn beginning(text: &str) -> Option<DemoteOn> {
        let (fiscal, unit) = text.strip_prefix("fiscal_").map_or((false, text), |unit| (true, unit));
        Some(DemoteOn::Beginning { fiscal, unit: Unit::parse(unit).ok()? })
    }
}

const DEMOTE_ON: &str = "a day MM-DD, tier_anniversary, customer_anniversary, fiscal_year, fiscal_quarter, year, quarter or never";

impl fmt::Display for DemoteOn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DemoteOn::Never => f.write_str("never"),
            DemoteOn::TierAnniversary => f.write_str("tier_anniversary"),
            DemoteOn::CustomerAnniversary => f.write_str("customer_anniversary"),
            DemoteOn::Day(day) => day.fmt(f),
            DemoteOn::Beginning { fiscal, unit } => {
                write!(f, "{}{}", if *fiscal { "fiscal_" } else { "" }, unit.name())
            }
        }
    }
}

text_value!(
    DemoteOn,
    "a day MM-DD, tier_anniversary, customer_anniversary, fiscal_year, fiscal_quarter, year, quarter or never",
    "^([0-9]{2}-[0-9]{2}|tier_anniversary|customer_anniversary|never|(fiscal_)?(year|quarter|month))$"
);
