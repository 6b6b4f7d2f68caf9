//! The elementary regions of an input: the cut points of a scheme divide its values into points and
//! open intervals within which every value is graded alike. One representative of each is enough to
//! check a scheme exactly, and to find the nearest change that would help a customer.

use serde_json::{Value as Json, json};

use crate::grade::as_of::AsOf;
use crate::grade::binning::Scale;
use crate::grade::condition::Reads;
use crate::grade::plan::{Compiled, Plan};
use crate::grade::value::{NumberCut, OTHER_TEXT, OnMissing, Value};
use crate::number::{describe_key, integer_key};
use crate::scheme::InputType;
use crate::time::date::date_of;

/// A set of values that are graded alike.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Region {
    /// One of them.
    pub value: Value,
    /// The lower end and whether it belongs to the region (numbers and dates).
    pub low: Option<(i128, bool)>,
    /// The upper end.
    pub high: Option<(i128, bool)>,
}

impl Region {
    fn discrete(value: Value) -> Self {
        Region { value, low: None, high: None }
    }
}

impl Compiled {
    /// The regions of an input, in ascending order where it has one.
    pub(crate) fn regions(&self, input: usize, as_of: &AsOf) -> Vec<Region> {
        let slot = &self.inputs[input];
        let mut regions = match slot.kind {
            InputType::Text => {
                let named = (0..slot.texts.len()).map(|code| Region::discrete(Value::Text(code as u32)));
                let other = (!slot.restricted).then(|| Region::discrete(Value::Text(OTHER_TEXT)));
                named.chain(other).collect()
            }
            InputType::Boolean => {
                vec![Value::Boolean(false), Value::Boolean(true)].into_iter().map(Region::discrete).collect()
            }
            InputType::Number | InputType::Integer if slot.restricted => {
                keys(&self.cuts(input, as_of)).into_iter().map(|key| point(Value::Exact(key), key)).collect()
            }
            InputType::Number => split(&keys(&self.cuts(input, as_of)), 1, Value::Exact),
            InputType::Integer => split(&keys(&self.cuts(input, as_of)), integer_key(1), Value::Exact),
            InputType::Date => {
                let mut regions = split(&keys(&self.cuts(input, as_of)), 1, |day| Value::Day(day as i32));
                // Nothing beyond the calendar, to which cuts near its ends are clamped.
                regions.retain(|region| matches!(region.value, Value::Day(day) if date_of(day).is_some()));
                regions
            }
        };
        if slot.on_missing == OnMissing::Null {
            regions.push(Region::discrete(Value::Missing));
        }
        regions
    }

    /// Where the scheme cuts a number or date input, ascending: the values themselves where only these are allowed.
    pub(crate) fn cuts(&self, input: usize, as_of: &AsOf) -> Vec<NumberCut> {
        let slot = &self.inputs[input];
        let mut cuts = Vec::new();
        if slot.restricted {
            cuts.clone_from(&slot.allowed);
            cuts.sort_unstable_by_key(|cut| cut.key);
            return cuts;
        }
        for binning in self.binnings.iter().filter(|binning| binning.input == input) {
            match &binning.scale {
                Scale::Numbers { uppers, .. } => cuts.extend(uppers.iter().map(|upper| upper.cut)),
                Scale::Days { uppers, .. } => {
                    cuts.extend(uppers.iter().map(|upper| NumberCut::day(as_of.cuts[upper.cut])));
                }
                Scale::NumberList(_) | Scale::Texts { .. } | Scale::Boolean { .. } | Scale::Unfitted => {}
            }
        }
        match &self.decision {
            Plan::Rules { rules, .. } => {
                for (node, _) in rules {
                    node.reads(&mut |reads| match reads {
                        Reads::NumberCut(of, cut) if of == input => cuts.push(cut),
                        Reads::DayCut(of, cut) if of == input => cuts.push(NumberCut::day(as_of.cuts[cut])),
                        Reads::NumberCut(..) | Reads::DayCut(..) => {}
                        Reads::Input(_) | Reads::Characteristic(_) => {}
                    });
                }
            }
            // They look at bins only.
            Plan::Bands { .. } | Plan::Score { .. } | Plan::Matrix { .. } => {}
        }
        cuts.sort_unstable_by_key(|cut| cut.key);
        cuts.dedup_by_key(|cut| cut.key);
        cuts
    }

    /// A region as JSON: a value, or bounds in the words of a bin.
    pub(crate) fn describe(&self, input: usize, region: &Region) -> Json {
        match region.value {
            Value::Missing => Json::Null,
            Value::Boolean(value) => json!(value),
            Value::Text(OTHER_TEXT) => json!({"other": true}),
            Value::Text(code) => json!(self.inputs[input].texts[code as usize]),
            Value::Exact(_) | Value::Float(_) | Value::Day(_) => match (region.low, region.high) {
                (Some((low, true)), Some((high, true))) if low == high => self.edge(input, low),
                (None, None) => json!({"is_missing": false}),
                (low, high) => {
                    let mut bounds = serde_json::Map::new();
                    if let Some((low, inclusive)) = low {
                        bounds.insert(if inclusive { "gte" } else { "gt" }.to_owned(), self.edge(input, low));
                    }
                    if let Some((high, inclusive)) = high {
                        bounds
                            .insert(if inclusive { "lte" } else { "lt" }.to_owned(), self.edge(input, high));
                    }
                    Json::Object(bounds)
                }
            },
        }
    }

    /// An end of a region as JSON: a number or a date.
    pub(crate) fn edge(&self, input: usize, edge: i128) -> Json {
        match self.inputs[input].kind {
            InputType::Date => date_of(edge as i32).map_or(Json::Null, |date| json!(date.to_string())),
            InputType::Number | InputType::Integer | InputType::Text | InputType::Boolean => {
                describe_key(edge).parse().map_or(Json::Null, Json::Number)
            }
        }
    }
}

fn keys(cuts: &[NumberCut]) -> Vec<i128> {
    cuts.iter().map(|cut| cut.key).collect()
}

fn point(value: Value, at: i128) -> Region {
    Region { value, low: Some((at, true)), high: Some((at, true)) }
}

/// Points and open intervals between the cuts, as far as they hold a multiple of the grid.
fn split(cuts: &[i128], grid: i128, value: impl Fn(i128) -> Value) -> Vec<Region> {
    let open = |low: Option<i128>, high: Option<i128>| {
        let inside = match (low, high) {
            (Some(low), _) => (low.div_euclid(grid) + 1) * grid,
            (None, Some(high)) => (-((-high).div_euclid(grid)) - 1) * grid,
            (None, None) => 0,
        };
        high.is_none_or(|high| inside < high).then(|| Region {
            value: value(inside),
            low: low.map(|low| (low, false)),
            high: high.map(|high| (high, false)),
        })
    };
    let mut regions = Vec::with_capacity(2 * cuts.len() + 1);
    regions.extend(open(None, cuts.first().copied()));
    for (position, &cut) in cuts.iter().enumerate() {
        if cut % grid == 0 {
            regions.push(point(value(cut), cut));
        }
        regions.extend(open(Some(cut), cuts.get(position + 1).copied()));
    }
    regions
}
