//! The score: weighted points as integers of one scale, and the cuts on that scale.

use crate::document;
use crate::error::Result;
use crate::number::{FRACTION_DIGITS, Number};
use crate::scheme::{Decision, Reasons};

use super::bins::check_fit;
use super::{Builder, fault};
use crate::grade::plan::{Plan, ScoreCard, ScorePart};

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
            check_fit("$.decision.fit", fit, cuts.len(), "cuts")?;
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
            .map(|(bound, tier)| {
                Some((rescale(bound.decimal().mantissa(), bound.decimal().scale(), card.scale)?, *tier))
            })
            .collect::<Option<Vec<_>>>()
            .ok_or_else(|| fault(path, "cuts of too many digits", "a score of at most 38 digits"))?;
        let last = tiers[tiers.len() - 1];
        Ok((card, Plan::Score { cuts: scaled, last }))
    }

    pub(super) fn score_card(&self, digits: u32) -> Result<ScoreCard> {
        let Some(score) = &self.scheme.score else {
            return Err(fault("$.score", "nothing", "a score"));
        };
        for name in score.weights.keys() {
            let member = if document::is_identifier(name) {
                format!(".{name}")
            } else {
                format!("[{}]", document::quoted(name))
            };
            self.characteristic(&format!("$.score.weights{member}"), name)?;
        }
        // The products first, each as mantissa and scale; then all on the finest scale.
        let mut products: Vec<(usize, Vec<(i128, u32)>)> = Vec::new();
        let too_long =
            |path: String| fault(path, "more digits than a score can hold", "a score of at most 38 digits");
        for (index, characteristic) in self.scheme.characteristics.iter().enumerate() {
            let path = format!("$.characteristics[{index}]");
            let weight = score.weights.get(&characteristic.name).copied();
            if characteristic.bins.iter().all(|bin| bin.points.is_none()) {
                if weight.is_some() {
                    let found = format!("a weight for {:?}, whose bins have no points", characteristic.name);
                    return Err(fault(
                        format!("$.score.weights.{}", characteristic.name),
                        found,
                        "points in its bins",
                    ));
                }
                continue;
            }
            let weight = weight.unwrap_or(Number::ONE);
            let mut weighted = Vec::new();
            for (bin, entry) in characteristic.bins.iter().enumerate() {
                let path = format!("{path}.bins[{bin}].points");
                let Some(points) = entry.points else {
                    return Err(fault(path, "no points", "points, since other bins have them"));
                };
                weighted.push(product(weight, points).ok_or_else(|| too_long(path))?);
            }
            products.push((index, weighted));
        }
        if products.is_empty() {
            return Err(fault(
                "$.score",
                "no characteristic with points",
                "points in the bins of a characteristic",
            ));
        }
        let initial = (score.initial.decimal().mantissa(), score.initial.decimal().scale());
        let scale = products
            .iter()
            .flat_map(|(_, weighted)| weighted)
            .chain([&initial, &(0, digits)])
            .map(|(_, scale)| *scale)
            .max()
            .unwrap_or(0);
        let build = || -> Option<ScoreCard> {
            let mut reach = rescale(initial.0, initial.1, scale)?.checked_abs()?;
            let mut parts = Vec::new();
            for (characteristic, weighted) in &products {
                let weighted =
                    weighted.iter().map(|(m, s)| rescale(*m, *s, scale)).collect::<Option<Vec<i128>>>()?;
                // No sum of a row can overflow if the largest of every part does not.
                reach = reach.checked_add(
                    weighted
                        .iter()
                        .map(|points| points.checked_abs())
                        .collect::<Option<Vec<_>>>()?
                        .into_iter()
                        .max()?,
                )?;
                parts.push(ScorePart { characteristic: *characteristic, weighted });
            }
            let any_baseline = self.scheme.characteristics.iter().any(|c| c.baseline.is_some());
            let reasons = score.reasons.or(any_baseline.then_some(Reasons::PointsBelow));
            (reach < i128::MAX / 4).then_some(ScoreCard {
                scale,
                initial: rescale(initial.0, initial.1, scale)?,
                parts,
                reasons,
            })
        };
        build().ok_or_else(|| too_long("$.score".to_owned()))
    }
}

/// `weight` × `points`, exactly.
pub(super) fn product(weight: Number, points: Number) -> Option<(i128, u32)> {
    let (weight, points) = (weight.decimal(), points.decimal());
    Some((weight.mantissa().checked_mul(points.mantissa())?, weight.scale() + points.scale()))
}

pub(super) fn rescale(mantissa: i128, from: u32, to: u32) -> Option<i128> {
    debug_assert!(to <= 2 * FRACTION_DIGITS);
    mantissa.checked_mul(10_i128.checked_pow(to.checked_sub(from)?)?)
}
