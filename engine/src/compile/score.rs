//! The score: weighted points as integers of one scale, and the cuts on that scale.

use crate::document;
use crate::error::{Error, Result};
use crate::limits::SUM_DIGITS;
use crate::number::{FRACTION_DIGITS, Number};
use crate::scheme::{Characteristic, Decision, Reasons, Score, ScoreMissing};

use super::fit::{check_fit, check_probabilities};
use super::{Builder, fault};
use crate::grade::odds::Odds;
use crate::grade::plan::{Plan, Reweight, ScoreCard, ScorePart};

impl Builder<'_> {
    pub(super) fn score_decision(&mut self, decision: &Decision) -> Result<(ScoreCard, Plan)> {
        let path = "$.decision.cuts";
        let cuts = decision.cuts.as_deref().unwrap_or_default();
        let Some((last, upper)) = cuts.split_last() else {
            return Err(fault(path, "no cuts", "the cut points from the best tier down"));
        };
        if last.gte.is_some() {
            return Err(fault(
                format!("{path}[{}].gte", cuts.len() - 1),
                "a bound at the last tier, below which nothing would be graded",
                "a last cut without \"gte\"",
            ));
        }
        if let Some(fit) = &decision.fit {
            match fit.is_to_outcome() {
                true => check_probabilities("$.decision.fit", fit, cuts.len())?,
                false => check_fit("$.decision.fit", fit, cuts.len(), "cuts")?,
            }
        }
        let waits = decision.fit.is_some() && upper.iter().all(|cut| cut.gte.is_none());
        if waits {
            self.unfitted.get_or_insert_with(|| path.to_owned());
        }
        let mut bounds: Vec<Number> = Vec::new();
        for (position, cut) in upper.iter().enumerate() {
            let path = format!("{path}[{position}].gte");
            match (cut.gte, bounds.last()) {
                (None, _) if waits => {}
                (None, _) => return Err(fault(path, "no bound", "a score; only the last cut has none")),
                // Equal cuts: a fit found nobody for the tier.
                (Some(bound), Some(previous))
                    if bound > *previous || (bound == *previous && decision.fitted.is_none()) =>
                {
                    return Err(fault(path, bound, format!("less than {previous}, the cut before it")));
                }
                (Some(bound), _) => bounds.push(bound),
            }
        }
        let tiers = cuts
            .iter()
            .enumerate()
            .map(|(position, cut)| self.tier(&format!("{path}[{position}].tier"), &cut.tier))
            .collect::<Result<Vec<u16>>>()?;
        if self.scheme.score.is_none() {
            return Err(fault("$.score", "nothing", "a score, since the decision is made by it"));
        }
        let digits = bounds.iter().map(|bound| bound.decimal().scale()).max().unwrap_or(0);
        let card = self.score_card(digits)?;
        let scaled = bounds
            .iter()
            .zip(&tiers)
            .map(|(bound, tier)| Some((Product::of(*bound).on(card.scale)?, *tier)))
            .collect::<Option<Vec<_>>>()
            .ok_or_else(|| {
                fault(path, "cuts of too many digits", format!("a score of at most {SUM_DIGITS} digits"))
            })?;
        let last = tiers[tiers.len() - 1];
        Ok((card, Plan::Score { cuts: scaled, last }))
    }

    /// The weighted points of all bins, on the finest scale that they and `digits` after the point need.
    pub(super) fn score_card(&self, digits: u32) -> Result<ScoreCard> {
        let Some(score) = &self.scheme.score else {
            return Err(fault("$.score", "nothing", "a score"));
        };
        self.check_weights(score)?;
        check_scaling(score)?;
        let products = self.products(score)?;
        self.check_missing(score, &products)?;
        let initial = Product::of(score.initial);
        let all = products.iter().flat_map(|part| &part.weighted).chain([&initial]);
        let digits = digits.max(if score.missing.is_some() { REWEIGHTED_DIGITS } else { 0 });
        let scale = all.map(|product| product.scale).max().unwrap_or(0).max(digits);
        let any_baseline = self.scheme.characteristics.iter().any(|c| c.baseline.is_some());
        let reasons = score.reasons.or(any_baseline.then_some(Reasons::PointsBelow));
        let card = on_scale(scale, initial, &products, reasons).and_then(|card| match score.missing {
            Some(ScoreMissing::Reweight) => reweighted(card, &products, score.least_weight),
            None => Some(card),
        });
        let card = card.ok_or_else(|| too_long("$.score".to_owned()))?;
        Ok(ScoreCard { odds: score.scaling.as_ref().map(Odds::from), ..card })
    }

    /// Weights are those of characteristics that there are.
    fn check_weights(&self, score: &Score) -> Result<()> {
        for name in score.weights.keys() {
            let member = if document::is_identifier(name) {
                format!(".{name}")
            } else {
                format!("[{}]", document::quoted(name))
            };
            self.characteristic(&format!("$.score.weights{member}"), name)?;
        }
        Ok(())
    }

    /// Of each characteristic that counts, weight × points by bin.
    fn products(&self, score: &Score) -> Result<Vec<Weighed>> {
        let mut products = Vec::new();
        for (index, characteristic) in self.scheme.characteristics.iter().enumerate() {
            let weight = score.weights.get(&characteristic.name).copied();
            if characteristic.is_learned() && weight.is_some() {
                let path = format!("$.score.weights.{}", characteristic.name);
                let found = format!(
                    "a weight for {:?}, whose points come of a fit to an outcome",
                    characteristic.name
                );
                return Err(fault(path, found, "no weight: the fit weighs"));
            }
            if characteristic.waits_for_outcome() {
                continue;
            }
            if characteristic.bins.iter().all(|bin| bin.points.is_none()) {
                if weight.is_some() {
                    let path = format!("$.score.weights.{}", characteristic.name);
                    let found = format!("a weight for {:?}, whose bins have no points", characteristic.name);
                    return Err(fault(path, found, "points in its bins"));
                }
                continue;
            }
            let weight = weight.unwrap_or(Number::ONE);
            let mut unknown = None;
            let mut weighted = Vec::new();
            for (bin, entry) in characteristic.bins.iter().enumerate() {
                let path = format!("$.characteristics[{index}].bins[{bin}].points");
                if entry.missing && entry.points.is_none() && score.missing.is_some() {
                    unknown = Some(bin as u16);
                }
                let points = match entry.points {
                    Some(points) => points,
                    None if unknown == Some(bin as u16) => Number::ZERO,
                    None => return Err(fault(path, "no points", "points, since other bins have them")),
                };
                weighted.push(product(weight, points).ok_or_else(|| too_long(path))?);
            }
            products.push(Weighed { characteristic: index, weight, weighted, unknown });
        }
        if products.is_empty() && !self.scheme.characteristics.iter().any(Characteristic::is_learned) {
            let expected = "points in the bins of a characteristic";
            return Err(fault("$.score", "no characteristic with points", expected));
        }
        Ok(products)
    }

    /// What is said of missing values can be done.
    fn check_missing(&self, score: &Score, products: &[Weighed]) -> Result<()> {
        if score.missing.is_none() {
            return match score.least_weight {
                Some(least) => Err(fault(
                    "$.score.least_weight",
                    least,
                    "\"missing\": \"reweight\" beside it, or no such key",
                )),
                None => Ok(()),
            };
        }
        if let Some(least) = score.least_weight.filter(|least| *least <= Number::ZERO || *least > Number::ONE)
        {
            return Err(fault("$.score.least_weight", least, "a share of the weight above 0, up to 1"));
        }
        if let Some(learned) = self.scheme.characteristics.iter().find(|c| c.is_learned()) {
            let found =
                format!("\"reweight\", while the points of {:?} come of a fit to an outcome", learned.name);
            return Err(fault("$.score.missing", found, "no such key: the fit gives missing values points"));
        }
        if let Some(part) = products.iter().find(|part| part.weight <= Number::ZERO) {
            let name = &self.scheme.characteristics[part.characteristic].name;
            let expected = "a weight above 0, since the weights are shares of a whole";
            return Err(fault(format!("$.score.weights.{name}"), part.weight, expected));
        }
        if products.iter().all(|part| part.unknown.is_none()) {
            let found = "\"reweight\", while no bin leaves its weight to the others";
            return Err(fault(
                "$.score.missing",
                found,
                "a bin with \"missing\": true and without \"points\"",
            ));
        }
        Ok(())
    }
}

/// Weight × points of a characteristic, by bin.
struct Weighed {
    characteristic: usize,
    weight: Number,
    weighted: Vec<Product>,
    /// The bin that leaves its weight to the others.
    unknown: Option<u16>,
}

/// A quotient of weights may have no end: so many digits after the point are kept at least.
const REWEIGHTED_DIGITS: u32 = 6;

/// What a score says of odds, and how its points are made, is of figures that serve.
fn check_scaling(score: &Score) -> Result<()> {
    if let Some(scaling) = &score.scaling {
        let positive =
            [("points_to_double_odds", scaling.points_to_double_odds), ("base_odds", scaling.base_odds)];
        if let Some((key, number)) = positive.iter().find(|(_, number)| *number <= Number::ZERO) {
            return Err(fault(format!("$.score.scaling.{key}"), number, "a number above 0"));
        }
    }
    if let Some(fit) = &score.fit {
        if fit.decimals > LEARNED_DECIMALS {
            let expected = format!("0 to {LEARNED_DECIMALS} digits");
            return Err(fault("$.score.fit.decimals", fit.decimals, expected));
        }
        if fit.ridge < Number::ZERO {
            return Err(fault("$.score.fit.ridge", fit.ridge, "0 or more"));
        }
    }
    Ok(())
}

/// The most digits after the point that learned points are rounded to: far more than they are known to.
const LEARNED_DECIMALS: u32 = 6;

/// The farthest that a score may reach. It leaves two bits of room: the difference of two scores, as the
/// explanation of a change takes it, then fits too, and twice that for a comparison.
const FARTHEST: i128 = i128::MAX / 4;

pub(super) fn too_long(path: String) -> Error {
    fault(path, "more digits than a score can hold", format!("a score of at most {SUM_DIGITS} digits"))
}

/// All products as integers of one scale; none if that takes too many digits.
fn on_scale(
    scale: u32,
    initial: Product,
    products: &[Weighed],
    reasons: Option<Reasons>,
) -> Option<ScoreCard> {
    let initial = initial.on(scale)?;
    // No sum of a row can overflow if the largest of every part does not.
    let mut reach = initial.checked_abs()?;
    let mut parts = Vec::new();
    for Weighed { characteristic, weighted, unknown, .. } in products {
        let weighted = weighted.iter().map(|product| product.on(scale)).collect::<Option<Vec<i128>>>()?;
        let mut largest = 0;
        for points in &weighted {
            largest = points.checked_abs()?.max(largest);
        }
        reach = reach.checked_add(largest)?;
        parts.push(ScorePart { characteristic: *characteristic, weighted, weight: 0, unknown: *unknown });
    }
    (reach < FARTHEST).then_some(ScoreCard { scale, initial, parts, reweight: None, reasons, odds: None })
}

/// The card with the weights by which missing values are spread; none if that takes too many digits.
fn reweighted(mut card: ScoreCard, products: &[Weighed], least: Option<Number>) -> Option<ScoreCard> {
    let scale = products.iter().map(|part| part.weight.decimal().scale()).max()?;
    let mut total = 0_i128;
    let mut reach = card.initial.checked_abs()?;
    for (part, weighed) in card.parts.iter_mut().zip(products) {
        part.weight = Product::of(weighed.weight).on(scale)?;
        total = total.checked_add(part.weight)?;
        let largest = part.weighted.iter().map(|points| points.unsigned_abs()).max()?;
        reach = reach.checked_add(i128::try_from(largest).ok()?)?;
    }
    // Nothing of a row overflows: neither its sum times the weight of all, nor what is made of that.
    if reach.checked_mul(total)? >= FARTHEST {
        return None;
    }
    let least = match least {
        Some(share) => {
            let share = Product::of(share);
            let unit = Product::step(0).on(share.scale)?;
            let of = total.checked_mul(share.mantissa)?;
            of / unit + i128::from(of % unit > 0)
        }
        None => 1,
    };
    card.reweight = Some(Reweight { total, least });
    Some(card)
}

/// A weight times points, or one of the two alone: `mantissa` × 10^-`scale`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Product {
    mantissa: i128,
    pub scale: u32,
}

impl Product {
    /// A number as it stands.
    pub fn of(number: Number) -> Product {
        Product { mantissa: number.decimal().mantissa(), scale: number.decimal().scale() }
    }

    /// One step of a scale: 10^-`scale`.
    pub fn step(scale: u32) -> Product {
        Product { mantissa: 1, scale }
    }

    /// As an integer of a finer scale; none if it has too many digits.
    pub fn on(self, scale: u32) -> Option<i128> {
        debug_assert!(scale <= 2 * FRACTION_DIGITS);
        self.mantissa.checked_mul(10_i128.checked_pow(scale.checked_sub(self.scale)?)?)
    }
}

/// `weight` × `points`, exactly.
pub(super) fn product(weight: Number, points: Number) -> Option<Product> {
    let (weight, points) = (weight.decimal(), points.decimal());
    let mantissa = weight.mantissa().checked_mul(points.mantissa())?;
    Some(Product { mantissa, scale: weight.scale() + points.scale() })
}
