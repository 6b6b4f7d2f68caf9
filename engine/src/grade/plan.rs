//! A scheme in the form that grades: made by [`crate::compile`], read by [`crate::grade`].

use jiff::tz::TimeZone;

use crate::grade::as_of::DateCut;
use crate::grade::binning::Binning;
use crate::grade::condition::Node;
use crate::grade::odds::Odds;
use crate::grade::stability::Margins;
use crate::grade::value::InputSlot;
use crate::scheme::{HitPolicy, Reasons, Scheme};
use crate::time::fiscal::FiscalCalendar;

/// A scheme ready to grade.
///
/// ```
/// use customer_tiering_engine::Compiled;
/// use jiff::civil::date;
///
/// # fn main() -> customer_tiering_engine::Result<()> {
/// let scheme = Compiled::parse(r#"{
///     "scheme": "by_orders",
///     "inputs": [{"name": "orders", "type": "integer"}],
///     "characteristics": [{"name": "orders", "input": "orders",
///         "bins": [{"code": "regular", "gte": 10}, {"code": "new", "lt": 10}]}],
///     "decision": {"method": "bands", "characteristic": "orders"},
///     "tiers": [{"code": "regular"}, {"code": "new"}]
/// }"#)?;
/// let mut customer = scheme.sheet();
/// customer.slots[0] = scheme.inputs[0].integer(12)?;
/// let tier = scheme.tier(&scheme.as_of_date(date(2026, 1, 31)), &mut customer)?;
/// assert_eq!(tier.map(|tier| scheme.scheme.tiers[tier].code.as_str()), Some("regular"));
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Compiled {
    /// The document it was compiled from.
    pub scheme: Scheme,
    /// The inputs, in the order of the positional call.
    pub inputs: Vec<InputSlot>,
    pub(crate) zone: TimeZone,
    /// What words for periods of the fiscal year count by.
    pub(crate) fiscal: FiscalCalendar,
    pub(crate) binnings: Vec<Binning>,
    pub(crate) date_cuts: Vec<DateCut>,
    pub(crate) score: Option<ScoreCard>,
    pub(crate) dimensions: Vec<DimensionCard>,
    pub(crate) decision: Plan,
    /// What the margins of stability are measured on.
    pub(crate) margins: Option<Margins>,
    pub(crate) unfitted: Option<String>,
}

impl Compiled {
    /// The name that the document gives itself.
    pub fn name(&self) -> &str {
        &self.scheme.scheme
    }
}

/// The weighted points of each bin, as integers of one scale.
#[derive(Debug)]
pub(crate) struct ScoreCard {
    /// Digits after the point.
    pub scale: u32,
    pub initial: i128,
    pub parts: Vec<ScorePart>,
    /// How the weight of missing values is spread, if it is.
    pub reweight: Option<Reweight>,
    pub reasons: Option<Reasons>,
    pub odds: Option<Odds>,
}

#[derive(Debug)]
pub(crate) struct ScorePart {
    pub characteristic: usize,
    /// Weight × points, by bin.
    pub weighted: Vec<i128>,
    /// The weight, on a scale of its own, if weights are spread; else 0.
    pub weight: i128,
    /// The bin of missing values that leaves its weight to the other parts.
    pub unknown: Option<u16>,
}

/// Weights on the scale of [`ScorePart::weight`].
#[derive(Debug)]
pub(crate) struct Reweight {
    /// Of all parts.
    pub total: i128,
    /// The least of it that must be known, above 0.
    pub least: i128,
}

/// A dimension of the score.
#[derive(Debug)]
pub(crate) struct DimensionCard {
    /// Which parts of the card count.
    pub parts: Vec<usize>,
    /// What brings their sum to the scale of the bounds.
    pub factor: i128,
    /// The least sum of each class but the last.
    pub bounds: Vec<i128>,
    /// The sum of the weights, as digits and how many of them stand after the point.
    pub weight: (i128, u32),
}

/// The decision, with tiers and characteristics by index.
#[derive(Debug)]
pub(crate) enum Plan {
    Rules { hit_policy: HitPolicy, rules: Vec<(Node, u16)>, otherwise: Option<u16> },
    Bands { characteristic: usize, tiers: Vec<u16> },
    Score { cuts: Vec<(i128, u16)>, last: u16 },
    Matrix { characteristics: Vec<usize>, widths: Vec<usize>, tiers: Vec<u16> },
}

impl Compiled {
    /// The time zone in which timestamps become dates.
    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }
}
