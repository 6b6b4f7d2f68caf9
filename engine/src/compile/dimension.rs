//! The dimensions of a score: bounds of means made bounds of sums, so that classes are exact.

use super::score::{Product, product, too_long};
use super::{Builder, code, fault, identifier, index};
use crate::error::Result;
use crate::grade::plan::{DimensionCard, ScoreCard};
use crate::number::Number;
use crate::scheme::{Characteristic, Dimension};

impl Builder<'_> {
    pub(super) fn dimensions(&self, card: Option<&ScoreCard>) -> Result<Vec<DimensionCard>> {
        let (Some(score), Some(card)) = (&self.scheme.score, card) else { return Ok(Vec::new()) };
        if self.scheme.characteristics.iter().any(Characteristic::waits_for_outcome) {
            // Classes are bounds of points, which have not come yet.
            return Ok(Vec::new());
        }
        let path = "$.score.dimensions";
        index(path, "name", score.dimensions.iter().map(|dimension| dimension.name.as_str()), identifier)?;
        score
            .dimensions
            .iter()
            .enumerate()
            .map(|(position, dimension)| self.dimension(&format!("{path}[{position}]"), dimension, card))
            .collect()
    }

    fn dimension(&self, path: &str, dimension: &Dimension, card: &ScoreCard) -> Result<DimensionCard> {
        if dimension.of.is_empty() {
            return Err(fault(format!("{path}.of"), "no characteristic", "at least one characteristic"));
        }
        let mut parts = Vec::new();
        let mut weights: Vec<Number> = Vec::new();
        for (place, name) in dimension.of.iter().enumerate() {
            let path = format!("{path}.of[{place}]");
            let characteristic = self.characteristic(&path, name)?;
            let Some(part) = card.parts.iter().position(|part| part.characteristic == characteristic) else {
                let found = format!("{name:?}, whose bins have no points");
                return Err(fault(path, found, "a characteristic with points"));
            };
            if parts.contains(&part) {
                return Err(fault(path, format!("{name:?} again"), "each characteristic once"));
            }
            let weights_of_score = self.scheme.score.as_ref().map(|score| &score.weights);
            let weight = weights_of_score.and_then(|weights| weights.get(name)).copied();
            let weight = weight.unwrap_or(Number::ONE);
            if weight <= Number::ZERO {
                let found = format!("{name:?} of weight {weight}");
                return Err(fault(path, found, "a characteristic of positive weight"));
            }
            parts.push(part);
            weights.push(weight);
        }
        let classes = format!("{path}.classes");
        index(&classes, "code", dimension.classes.iter().map(|class| class.code.as_str()), code)?;
        let Some((last, upper)) = dimension.classes.split_last() else {
            return Err(fault(classes, "no classes", "the classes from the best down"));
        };
        if last.gte.is_some() {
            let found = "a bound at the last class, below which nothing would be named";
            let place = format!("{classes}[{}].gte", upper.len());
            return Err(fault(place, found, "a last class without \"gte\""));
        }
        let mut bounds: Vec<Number> = Vec::new();
        for (place, class) in upper.iter().enumerate() {
            let path = format!("{classes}[{place}].gte");
            match (class.gte, bounds.last()) {
                (None, _) => return Err(fault(path, "no bound", "points; only the last class has none")),
                (Some(bound), Some(before)) if bound >= *before => {
                    return Err(fault(path, bound, format!("less than {before}, the class before it")));
                }
                (Some(bound), _) => bounds.push(bound),
            }
        }
        on_one_scale(card, parts, &weights, &bounds).ok_or_else(|| too_long(path.to_owned()))
    }
}

/// The sum that a mean of `bound` is, for each bound, on a scale that holds them all; none if it has too
/// many digits.
fn on_one_scale(
    card: &ScoreCard,
    parts: Vec<usize>,
    weights: &[Number],
    bounds: &[Number],
) -> Option<DimensionCard> {
    let products: Vec<Vec<Product>> = bounds
        .iter()
        .map(|bound| weights.iter().map(|weight| product(*weight, *bound)).collect::<Option<Vec<_>>>())
        .collect::<Option<_>>()?;
    let scale = products.iter().flatten().map(|product| product.scale).chain([card.scale]).max()?;
    let factor = Product::step(card.scale).on(scale)?;
    // What a row can add up to must not overflow either.
    let mut reach = 0_i128;
    for part in &parts {
        let largest = card.parts[*part].weighted.iter().map(|points| points.unsigned_abs()).max()?;
        reach = reach.checked_add(i128::try_from(largest).ok()?)?;
    }
    // Where weights are spread, what is known may stand for all, however little it weighs.
    if let (Some(rule), Some(least)) =
        (&card.reweight, parts.iter().map(|part| card.parts[*part].weight).min())
    {
        reach = reach.checked_mul(rule.total / least.max(1) + 1)?;
    }
    reach.checked_mul(factor)?;
    let bounds = products
        .iter()
        .map(|of| of.iter().try_fold(0_i128, |sum, product| sum.checked_add(product.on(scale)?)))
        .collect::<Option<Vec<i128>>>()?;
    let places = weights.iter().map(|weight| weight.decimal().scale()).max()?;
    let weight =
        weights.iter().try_fold(0_i128, |sum, weight| sum.checked_add(Product::of(*weight).on(places)?))?;
    Some(DimensionCard { parts, factor, bounds, weight: (weight, places) })
}
