//! Why a customer has a tier: what decided it, which bins and points led there, the reason codes of
//! the score, and the nearest change of one input that would give a better tier.

use rust_decimal::Decimal;
use serde_json::{Map, Value as Json, json};

use crate::error::Result;
use crate::grade::Compiled;
use crate::grade::as_of::{AsOf, Bins, Sheet};
use crate::grade::odds::probability;
use crate::grade::plan::ScoreCard;
use crate::grade::value::{OnMissing, Value};
use crate::grade::{DecidedBy, ScoreValue};
use crate::number::{float_key, integer_key, json_number};
use crate::scheme::{Characteristic, Missing, Reasons};
use crate::study::regions::Region;

fn reason_code(characteristic: &Characteristic) -> &str {
    characteristic.reason.as_ref().unwrap_or(&characteristic.name)
}

/// Days of a change that weighs as much as doubling a number: a month is a step that people think in.
const DAYS_A_MONTH: f64 = 30.0;

impl Compiled {
    /// The explanation of one grading. `given` are the input values as they came, for display;
    /// `version` is that of the stored scheme, if there is one.
    ///
    /// # Errors
    ///
    /// Those of [`Compiled::tier`].
    pub fn explain(
        &self,
        as_of: &AsOf,
        sheet: &mut Sheet,
        given: &[Json],
        version: Option<i32>,
    ) -> Result<Json> {
        let missing: Vec<usize> =
            (0..self.inputs.len()).filter(|&i| sheet.slots[i] == Value::Missing).collect();
        let names = |keep: &dyn Fn(&OnMissing) -> bool| -> Vec<&str> {
            missing
                .iter()
                .map(|&input| &self.inputs[input])
                .filter(|input| keep(&input.on_missing))
                .map(|input| input.name.as_str())
                .collect()
        };
        let defaulted = names(&|on_missing| matches!(on_missing, OnMissing::Default(_)));
        let still_missing = names(&|on_missing| !matches!(on_missing, OnMissing::Default(_)));
        let graded = self.prepare(as_of, sheet)?;
        let bins = self.bins(sheet);
        let decided = if graded { self.decide(as_of, &sheet.slots, bins)? } else { None };
        let tier = decided.map(|(tier, _)| tier as usize);

        let mut explanation = Map::new();
        let mut put = |key: &str, value: Json| explanation.insert(key.to_owned(), value);
        put("scheme", json!(self.name()));
        put("version", json!(version));
        put("as_of", json!(as_of.date.to_string()));
        put("tier", json!(tier.map(|tier| &self.scheme.tiers[tier].code)));
        put("method", json!(self.scheme.decision.method.name()));
        put("decided_by", decided.map_or(Json::Null, |(_, by)| self.decided_by(by, bins)));
        let inputs = self.shown_inputs(sheet, given);
        put("inputs", inputs.clone());
        put("missing", json!(still_missing));
        put("defaulted", json!(defaulted));
        put("characteristics", if graded { self.shown_characteristics(bins) } else { json!([]) });
        let score = self.score.as_ref().filter(|_| graded);
        let sum = score.and_then(|card| Some(ScoreValue { mantissa: card.sum(bins)?, scale: card.scale }));
        put("score", sum.map_or(Json::Null, |sum| number(sum.mantissa, sum.scale)));
        if let Some((card, rule)) = score.and_then(|card| Some((card, card.reweight.as_ref()?))) {
            put("known_weight", mean((card.known(bins).weight, 0), (rule.total, 0)));
        }
        if let Some((odds, sum)) = score.and_then(|card| card.odds).zip(sum) {
            put("probability", json!(probability(odds.log_odds(sum.nearest_f64()))));
        }
        if let Some(card) = score.filter(|_| !self.dimensions.is_empty()) {
            put("dimensions", self.shown_dimensions(card, bins));
        }
        put("reasons", if graded { self.reasons(bins) } else { json!([]) });
        let nearest = if graded { self.nearest_change(as_of, sheet, tier, &inputs)? } else { Json::Null };
        explanation.insert("nearest_change".to_owned(), nearest);
        Ok(Json::Object(explanation))
    }

    fn decided_by(&self, by: DecidedBy, bins: &Bins) -> Json {
        let decision = &self.scheme.decision;
        match by {
            DecidedBy::Rule(rule) => {
                let mut shown = Map::new();
                shown.insert("rule".to_owned(), json!(rule + 1));
                let entry = decision.rules.as_ref().and_then(|rules| rules.get(rule));
                if let Some(entry) = entry {
                    shown.insert("when".to_owned(), json!(entry.when));
                    if let Some(annotation) = &entry.annotation {
                        shown.insert("annotation".to_owned(), json!(annotation));
                    }
                }
                Json::Object(shown)
            }
            DecidedBy::Otherwise => json!({"otherwise": true}),
            DecidedBy::Bin(bin) => {
                let entry = decision.characteristic.as_ref().and_then(|name| {
                    self.scheme.characteristics.iter().find(|characteristic| characteristic.name == *name)
                });
                match entry.and_then(|entry| Some((entry, entry.bins.get(bin as usize)?))) {
                    Some((entry, bin)) => json!({"characteristic": entry.name, "bin": bin}),
                    None => Json::Null,
                }
            }
            DecidedBy::Cut(cut) => match decision.cuts.as_ref().and_then(|cuts| cuts.get(cut)) {
                Some(entry) => json!({"cut": cut + 1, "gte": entry.gte}),
                None => Json::Null,
            },
            DecidedBy::Cell => {
                let names = decision.characteristics.as_deref().unwrap_or_default();
                let cell: Map<String, Json> = names
                    .iter()
                    .filter_map(|name| {
                        let at = self.scheme.characteristics.iter().position(|c| c.name == *name)?;
                        Some((
                            name.clone(),
                            json!(self.scheme.characteristics[at].bins[bins[at] as usize].code),
                        ))
                    })
                    .collect();
                json!({"cell": cell})
            }
        }
    }

    /// The values that were graded: as given, or the default that took their place.
    fn shown_inputs(&self, sheet: &Sheet, given: &[Json]) -> Json {
        let shown = self.inputs.iter().enumerate().map(|(position, input)| {
            let value = match (given.get(position), &self.scheme.inputs[position].missing) {
                (None | Some(Json::Null), Missing::Default(default))
                    if sheet.slots[position] != Value::Missing =>
                {
                    json!(default)
                }
                (value, _) => value.cloned().unwrap_or(Json::Null),
            };
            (input.name.clone(), value)
        });
        Json::Object(shown.collect())
    }

    fn shown_characteristics(&self, bins: &Bins) -> Json {
        let shown = self.scheme.characteristics.iter().enumerate().map(|(position, characteristic)| {
            let bin = bins[position] as usize;
            let mut entry = Map::new();
            entry.insert("name".to_owned(), json!(characteristic.name));
            entry.insert("input".to_owned(), json!(characteristic.input));
            entry.insert("bin".to_owned(), json!(characteristic.bins[bin].code));
            if let Some(points) = characteristic.bins[bin].points {
                entry.insert("partial_score".to_owned(), json!(points));
            }
            Json::Object(entry)
        });
        Json::Array(shown.collect())
    }

    /// By dimension the weighted mean of its points and the class that it falls into; null if nothing of it is known.
    fn shown_dimensions(&self, card: &ScoreCard, bins: &Bins) -> Json {
        let documents = self.scheme.score.iter().flat_map(|score| &score.dimensions);
        let shown = documents.zip(&self.dimensions).map(|(document, dimension)| {
            let sum = card.sum_of(&dimension.parts, bins);
            // Compiling made sure that the product holds.
            let class = sum.map(|sum| {
                let place = dimension.bounds.iter().position(|bound| sum * dimension.factor >= *bound);
                &document.classes[place.unwrap_or(dimension.bounds.len())]
            });
            let mut entry = Map::new();
            entry.insert("name".to_owned(), json!(document.name));
            if let Some(title) = &document.title {
                entry.insert("title".to_owned(), json!(title));
            }
            entry.insert("class".to_owned(), json!(class.map(|class| &class.code)));
            if let Some(title) = class.and_then(|class| class.title.as_ref()) {
                entry.insert("class_title".to_owned(), json!(title));
            }
            let shown = sum.map_or(Json::Null, |sum| mean((sum, card.scale), dimension.weight));
            entry.insert("score".to_owned(), shown);
            Json::Object(entry)
        });
        Json::Array(shown.collect())
    }

    /// Reason codes (PMML 4.4, Scorecard): per characteristic the distance of its partial score from
    /// its baseline; only positive ones, largest first, ties in document order. A partial score is the
    /// points of the bin before weighting: weights such as 100/10/1 spell a code, no importance.
    fn reasons(&self, bins: &Bins) -> Json {
        let shown = self.distances(bins).into_iter().map(|(distance, characteristic)| {
            json!({
                "code": reason_code(characteristic),
                "characteristic": characteristic.name,
                "points": json_number(distance.normalize()).ok(),
            })
        });
        Json::Array(shown.collect())
    }

    /// The reason codes of a customer, the weightiest first, without the rest of the explanation; none if
    /// the customer stays ungraded or the scheme has no score with baselines.
    ///
    /// # Errors
    ///
    /// Those of [`Compiled::tier`].
    pub fn reason_codes(&self, as_of: &AsOf, sheet: &mut Sheet) -> Result<Vec<&str>> {
        if !self.prepare(as_of, sheet)? {
            return Ok(Vec::new());
        }
        Ok(self
            .distances(self.bins(sheet))
            .into_iter()
            .map(|(_, characteristic)| reason_code(characteristic))
            .collect())
    }

    fn distances(&self, bins: &Bins) -> Vec<(Decimal, &Characteristic)> {
        let Some((card, direction)) = self.score.as_ref().and_then(|card| Some((card, card.reasons?))) else {
            return Vec::new();
        };
        let mut distances: Vec<(Decimal, &Characteristic)> = card
            .parts
            .iter()
            .filter_map(|part| {
                let characteristic = &self.scheme.characteristics[part.characteristic];
                let baseline = characteristic.baseline?.decimal();
                let partial = characteristic.bins[bins[part.characteristic] as usize].points?.decimal();
                let distance = match direction {
                    Reasons::PointsBelow => baseline - partial,
                    Reasons::PointsAbove => partial - baseline,
                };
                (distance > Decimal::ZERO).then_some((distance, characteristic))
            })
            .collect();
        distances.sort_by_key(|(distance, _)| std::cmp::Reverse(*distance));
        distances
    }

    /// The smallest change of one input that gives the next better tier: of the better tiers within
    /// reach the nearest in rank, then the least change in proportion to the value (a date moves in
    /// units of 30 days; a text, a truth value or a missing value changes by 1).
    fn nearest_change(
        &self,
        as_of: &AsOf,
        sheet: &Sheet,
        tier: Option<usize>,
        inputs: &Json,
    ) -> Result<Json> {
        let rank = tier.unwrap_or(self.scheme.tiers.len());
        let mut trial = sheet.clone();
        let mut best: Option<(usize, f64, Json)> = None;
        for input in 0..self.inputs.len() {
            let own = sheet.slots[input];
            let ways = self.ways(as_of, &mut trial, input);
            for (place, (region, reached)) in ways.iter().enumerate() {
                let Some(reached) = reached.filter(|reached| *reached < rank) else { continue };
                // A bound on one side is enough if still farther is no worse.
                let worse = |way: Option<&(Region, Option<usize>)>| {
                    way.is_some_and(|(_, beyond)| beyond.is_none_or(|beyond| beyond > reached))
                };
                let ends = (place > 0 && worse(ways.get(place - 1)), worse(ways.get(place + 1)));
                let (needs, size) = self.step(input, own, region, ends);
                let better = best
                    .as_ref()
                    .is_none_or(|(known, least, _)| reached > *known || (reached == *known && size < *least));
                if better {
                    let change = json!({
                        "input": self.inputs[input].name,
                        "from": inputs[&self.inputs[input].name],
                        "needs": needs,
                        "tier": self.scheme.tiers[reached].code,
                    });
                    best = Some((reached, size, change));
                }
            }
            trial.slots[input] = own;
        }
        Ok(best.map_or(Json::Null, |(_, _, change)| change))
    }

    /// The known values of an input with the tier that each would give, neighbours of one tier together.
    fn ways(&self, as_of: &AsOf, trial: &mut Sheet, input: usize) -> Vec<(Region, Option<usize>)> {
        let unit = self.inputs[input].kind.unit();
        let ordered = !self.inputs[input].restricted && self.inputs[input].kind.is_ordered();
        let mut ways: Vec<(Region, Option<usize>)> = Vec::new();
        for mut region in self.regions(input, as_of) {
            if region.value == Value::Missing {
                continue;
            }
            trial.slots[input] = region.value;
            // A scheme with conflicting rules may refuse the trial; that region is no way up.
            let reached = self.tier(as_of, trial).ok().flatten();
            // Among whole numbers and days, above 3 is from 4 on.
            if let (Some(unit), Some((low, false))) = (unit, region.low) {
                region.low = Some(((low.div_euclid(unit) + 1) * unit, true));
            }
            if let (Some(unit), Some((high, false))) = (unit, region.high) {
                region.high = Some(((-((-high).div_euclid(unit)) - 1) * unit, true));
            }
            match ways.last_mut() {
                Some((last, known)) if ordered && *known == reached => last.high = region.high,
                _ => ways.push((region, reached)),
            }
        }
        ways
    }

    /// The nearest end of a region as seen from a value, and how far it is. `ends` tell whether the
    /// region must be left neither downwards nor upwards.
    fn step(&self, input: usize, own: Value, region: &Region, ends: (bool, bool)) -> (Json, f64) {
        let Some(own) = ordinal(own) else { return (self.describe(input, region), 1.0) };
        let (key, edge, ends_beyond) = match (region.low, region.high) {
            (Some((low, inclusive)), _) if low >= own => (if inclusive { "gte" } else { "gt" }, low, ends.1),
            (_, Some((high, inclusive))) if high <= own => {
                (if inclusive { "lte" } else { "lt" }, high, ends.0)
            }
            _ => return (self.describe(input, region), 1.0),
        };
        let distance = edge.abs_diff(own) as f64;
        let size = if self.inputs[input].kind.is_date() {
            distance / DAYS_A_MONTH
        } else if own == 0 {
            distance / integer_key(1) as f64
        } else {
            distance / own.unsigned_abs() as f64
        };
        if ends_beyond || self.inputs[input].restricted {
            return (self.describe(input, region), size);
        }
        let mut needs = Map::new();
        needs.insert(key.to_owned(), self.edge(input, edge));
        (Json::Object(needs), size)
    }
}

/// A number or day on the scale of region ends.
fn ordinal(value: Value) -> Option<i128> {
    match value {
        Value::Exact(key) => Some(key),
        Value::Float(float) => Some(float_key(float)),
        Value::Day(day) => Some(i128::from(day)),
        _ => None,
    }
}

/// A sum divided by weights, to two digits after the point: it is shown, the class is decided exactly.
fn mean((sum, scale): (i128, u32), (weight, places): (i128, u32)) -> Json {
    let quotient = || {
        let sum = Decimal::try_from_i128_with_scale(sum, scale).ok()?;
        let weight = Decimal::try_from_i128_with_scale(weight, places).ok()?;
        json_number(sum.checked_div(weight)?.round_dp(2).normalize()).ok()
    };
    quotient().map_or(Json::Null, |number| json!(number))
}

fn number(mantissa: i128, scale: u32) -> Json {
    ScoreValue { mantissa, scale }.to_string().parse().map_or(Json::Null, Json::Number)
}
