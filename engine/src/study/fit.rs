//! Cut points from a population: the customers one has are ranked, and the bins take their shares.
//!
//! A characteristic that waits gets its bins, a score its cuts. Equal values always share a bin. The bins
//! from the best on take as many customers (or as much of the summed value) as their cumulative share
//! allows, but at least the best value; so a class never grows beyond its share because of equal values,
//! and a class that they leave empty stays in the document with two equal ends.

mod readings;
#[cfg(test)]
mod tests;

use allocator_api2::alloc::{Allocator, Global};
use allocator_api2::vec::Vec;

use crate::aggregate::codec::{Reader, Writer};
use crate::aggregate::distribution::{Distribution, HAIR, Sorted};
use crate::aggregate::value_type::{MAX_COUNT, Mergeable, sum_of_counts};
use crate::error::{Error, ErrorKind, Result};
use crate::grade::Compiled;
use crate::grade::as_of::{AsOf, Sheet};
use crate::grade::binning::Scale;
use crate::grade::value::{OnMissing, Value};
use crate::number::{Number, Scalar, key_float};
use crate::scheme::{Best, Characteristic, Fit, Fitted, Scheme, ShareOf};
use crate::study::readings::FromReadings;

/// Farther than any cut point that a document can hold.
pub(crate) const BEYOND: f64 = 1e16;

const TAG: u8 = b'f';

/// What one pass over a population fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Target {
    Characteristic(usize),
    Score,
}

/// A pass over a population. What it fits depends on the scheme: the characteristics if any of them
/// waits; then the cuts of the score, which depend on them; and if nothing waits, all anew.
#[derive(Debug, Clone)]
pub struct Fitting<A: Allocator + Clone = Global> {
    parts: Vec<Distribution<A>, A>,
    customers: u64,
    /// The values of the customer at hand.
    values: Vec<Option<f64>, A>,
}

impl Compiled {
    /// Whether cut points wait to be fitted.
    pub fn is_unfitted(&self) -> bool {
        self.unfitted.is_some()
    }

    /// What the next pass fits.
    fn fit_targets(&self) -> Result<std::vec::Vec<Target>> {
        let fits = |(index, characteristic): (usize, &crate::scheme::Characteristic)| {
            let of_shares = characteristic.fit.is_some() && !characteristic.is_learned();
            of_shares.then_some(Target::Characteristic(index))
        };
        let characteristics: std::vec::Vec<Target> =
            self.scheme.characteristics.iter().enumerate().filter_map(fits).collect();
        let to_outcome = self.scheme.characteristics.iter().any(Characteristic::waits_for_outcome)
            || self.scheme.decision.fit.as_ref().is_some_and(Fit::is_to_outcome);
        if characteristics.is_empty() && to_outcome {
            return Err(Error::new(
                ErrorKind::NotReady,
                format!("scheme {:?} is fitted to an outcome, not to shares", self.name()),
            )
            .hint(format!(
                "SELECT * FROM tiering.fit_scorecard('{name}', 'your_table', outcome => 'your_column') fits it.",
                name = self.scheme.scheme
            )));
        }
        let bins_wait = self.binnings.iter().any(|binning| matches!(binning.scale, Scale::Unfitted));
        let score = self.scheme.decision.fit.is_some();
        if score && (characteristics.is_empty() || (self.is_unfitted() && !bins_wait)) {
            return Ok(vec![Target::Score]);
        }
        if characteristics.is_empty() {
            let what = format!("scheme {:?} has nothing to fit", self.name());
            return Err(Error::invalid(what)
                .detail("None of its characteristics has a \"fit\", nor has its score.")
                .hint("Give a characteristic with bins a fit such as {\"share_of\": \"customers\", \"cuts\": [0.2, 0.7]}."));
        }
        Ok(characteristics)
    }
}

impl Scheme {
    /// The scheme with the cut points that a fit can give taken out, so that they wait for one.
    pub fn unfit(&mut self) {
        self.population = None;
        for characteristic in
            self.characteristics.iter_mut().filter(|characteristic| characteristic.fit.is_some())
        {
            let fitted = characteristic.fitted.take();
            if characteristic.is_learned() {
                characteristic.baseline = None;
                characteristic.bins.iter_mut().for_each(|bin| bin.points = None);
                // Bins that were typed stay as they were typed.
                if fitted.is_some() {
                    characteristic.bins.clear();
                }
                continue;
            }
            for bin in &mut characteristic.bins {
                (bin.gte, bin.gt, bin.lt, bin.lte, bin.basis) = (None, None, None, None, None);
            }
        }
        if let Some(score) = self.score.as_mut().filter(|score| score.fitted.is_some()) {
            score.fitted = None;
            score.initial = Number::ZERO;
        }
        if self.decision.fit.is_some() {
            self.decision.fitted = None;
            self.decision.cuts.iter_mut().flatten().for_each(|cut| (cut.gte, cut.basis) = (None, None));
        }
    }
}

impl<A: Allocator + Clone> Fitting<A> {
    /// Before the first customer.
    ///
    /// # Errors
    ///
    /// `InvalidValue` if there is nothing to fit.
    pub fn new(scheme: &Compiled, memory: A) -> Result<Self> {
        Ok(Fitting::nobody(scheme.fit_targets()?.len(), memory))
    }

    /// Whether these are the figures that the next pass of this scheme fits: they are as many.
    ///
    /// # Errors
    ///
    /// `InvalidValue` if there is nothing to fit.
    pub fn is_of(&self, scheme: &Compiled) -> Result<bool> {
        Ok(self.parts.len() == scheme.fit_targets()?.len())
    }

    /// How many customers were taken note of.
    pub fn customers(&self) -> u64 {
        self.customers
    }

    /// Takes note of the customer in the sheet; of none of its values if there is an error.
    ///
    /// # Errors
    ///
    /// Those of [`Targets::values`].
    #[inline]
    pub fn add(
        &mut self,
        scheme: &Compiled,
        targets: &Targets,
        as_of: &AsOf,
        sheet: &mut Sheet,
    ) -> Result<()> {
        self.values.clear();
        targets.values(scheme, as_of, sheet, |value| self.values.push(value))?;
        for (part, value) in self.parts.iter_mut().zip(&self.values) {
            if let Some(value) = value {
                part.add(*value)?;
            }
        }
        self.customers += 1;
        Ok(())
    }
}

/// What a pass fits, looked up once.
#[derive(Debug)]
pub struct Targets(std::vec::Vec<Target>);

impl Targets {
    /// For the next pass of this scheme.
    ///
    /// # Errors
    ///
    /// `InvalidValue` if there is nothing to fit.
    pub fn of(scheme: &Compiled) -> Result<Self> {
        scheme.fit_targets().map(Targets)
    }

    /// Gives the value that each of the figures of the pass has of the customer in the sheet.
    ///
    /// # Errors
    ///
    /// `MissingValue` where the scheme wants a value, `NumberOutOfRange` for one beyond all cut points; those of
    /// [`Compiled::score`] where the score is what is fitted.
    #[inline]
    pub fn values(
        &self,
        scheme: &Compiled,
        as_of: &AsOf,
        sheet: &mut Sheet,
        mut give: impl FnMut(Option<f64>),
    ) -> Result<()> {
        for target in &self.0 {
            let value = match target {
                Target::Characteristic(index) => {
                    let input = scheme.binnings[*index].input;
                    match (sheet.slots[input], scheme.inputs[input].on_missing) {
                        (Value::Missing, OnMissing::Default(value)) => value,
                        (Value::Missing, OnMissing::Error) => {
                            return Err(scheme.inputs[input].missing_error());
                        }
                        (value, _) => value,
                    }
                }
                Target::Score => match scheme.score(as_of, sheet)? {
                    Some(score) => Value::Float(score.nearest_f64()),
                    None => Value::Missing,
                },
            };
            let value = match value {
                Value::Exact(key) => Some(key_float(key)),
                Value::Float(value) => Some(value),
                _ => None,
            };
            if let Some(value) = value
                && value.abs() >= BEYOND
            {
                return Err(too_large(Some(value)).finding("out of range"));
            }
            give(value);
        }
        Ok(())
    }
}

/// A fitted scheme.
#[derive(Debug)]
pub struct Outcome {
    /// The scheme with the cut points filled in.
    pub scheme: Scheme,
    /// What its owner should know.
    pub notices: std::vec::Vec<Error>,
}

impl<A: Allocator + Clone> Fitting<A> {
    /// The scheme with the cut points of this pass; `at` says as of when, ISO 8601.
    ///
    /// # Errors
    ///
    /// `InvalidValue`: no customer has a value, shares of a value that is negative;
    /// `NumberOutOfRange`: a cut point that a document cannot hold.
    pub fn finish(&self, scheme: &Compiled, at: &str) -> Result<Outcome> {
        let mut outcome = Outcome { scheme: scheme.scheme.clone(), notices: std::vec::Vec::new() };
        let document = &mut outcome.scheme;
        document.population = None;
        let targets = scheme.fit_targets()?;
        for (part, target) in self.parts.iter().zip(&targets) {
            let sorted = part.sorted();
            match target {
                Target::Characteristic(index) => {
                    let characteristic = &mut document.characteristics[*index];
                    let Some(fit) = characteristic.fit.clone() else { continue };
                    let what = format!("input {:?}", characteristic.input);
                    let whole = scheme.inputs[scheme.binnings[*index].input].kind.is_whole();
                    let cuts = cut_points(&fit, &sorted, &what, whole, self.customers)?;
                    characteristic.fitted = Some(fitted(&sorted, at)?);
                    let mut bins: std::vec::Vec<_> =
                        characteristic.bins.iter_mut().filter(|bin| !bin.missing).collect();
                    for (place, bin) in bins.iter_mut().enumerate() {
                        let better = place.checked_sub(1).map(|place| Scalar::Number(cuts[place]));
                        let worse = cuts.get(place).map(|cut| Scalar::Number(*cut));
                        let (low, high) =
                            if fit.best == Best::High { (worse, better) } else { (better, worse) };
                        (bin.gte, bin.gt, bin.lt, bin.lte) = (low, None, high, None);
                        bin.basis = None;
                    }
                    let codes = bins.iter().map(|bin| bin.code.as_str());
                    let what = format!("characteristic {:?}", characteristic.name);
                    outcome.notices.extend(empty(&what, "bin", codes, &cuts, &sorted));
                }
                Target::Score => {
                    let Some(fit) = document.decision.fit.clone() else { continue };
                    let cuts = cut_points(&fit, &sorted, "the score", false, self.customers)?;
                    document.decision.fitted = Some(fitted(&sorted, at)?);
                    let tiers = document.decision.cuts.iter_mut().flatten();
                    for (cut, point) in tiers.zip(&cuts) {
                        (cut.gte, cut.basis) = (Some(*point), None);
                    }
                    let codes = document.decision.cuts.iter().flatten().map(|cut| cut.tier.as_str());
                    outcome.notices.extend(empty("the score", "tier", codes, &cuts, &sorted));
                }
            }
        }
        if targets != [Target::Score] && document.decision.fit.is_some() {
            // These scores are of other bins.
            document.decision.fitted = None;
            document.decision.cuts.iter_mut().flatten().for_each(|cut| cut.gte = None);
        }
        Ok(outcome)
    }
}

/// The note on a population.
fn fitted(sorted: &Sorted, at: &str) -> Result<Fitted> {
    let number =
        |value: Option<f64>| value.and_then(Number::at_most).map(Some).ok_or_else(|| too_large(value));
    Ok(Fitted {
        n: sorted.count(),
        at: at.to_owned(),
        min: number(sorted.min())?,
        max: number(sorted.max())?,
    })
}

pub(crate) fn too_large(value: Option<f64>) -> Error {
    Error::new(ErrorKind::NumberOutOfRange, "a cut point has too many digits")
        .detail(format!(
            "A value is {}; cut points have up to 16 digits before the point.",
            value.unwrap_or(f64::NAN)
        ))
        .hint("Count in a larger unit, such as thousands.")
}

/// A notice that bins are empty, if some are.
fn empty<'c>(
    what: &str,
    kind: &str,
    codes: impl Iterator<Item = &'c str>,
    cuts: &[Number],
    sorted: &Sorted,
) -> Option<Error> {
    let codes: std::vec::Vec<&str> = codes.collect();
    let all_equal = sorted.spans.len() == 1;
    let between =
        cuts.windows(2).zip(&codes[1..]).filter(|(pair, _)| pair[0] == pair[1]).map(|(_, code)| code);
    let nobody = codes.first().filter(|_| all_equal).into_iter().chain(between);
    let nobody: std::vec::Vec<String> = nobody.map(|code| format!("{code:?}")).collect();
    if nobody.is_empty() {
        return None;
    }
    let plural = if nobody.len() == 1 { "" } else { "s" };
    let notice = Error::invalid(format!("{what}: nobody is in {kind}{plural} {}", nobody.join(", ")));
    Some(match sorted.spans.first() {
        Some(only) if all_equal => notice
            .detail(format!("All {} values are {}; no cut point divides them.", only.count, only.low))
            .hint("Fit to customers that differ, or give the cut points yourself."),
        _ => notice
            .detail("Too many customers have equal values, which always share a bin.")
            .hint("Fewer parts, or cut points of your own, would avoid it."),
    })
}

/// Where bins begin and end, from the best to the worst: the least value of the upper neighbour. `whole` says
/// that values are whole numbers.
fn cut_points(
    fit: &Fit,
    sorted: &Sorted,
    what: &str,
    whole: bool,
    customers: u64,
) -> Result<std::vec::Vec<Number>> {
    let spans = &sorted.spans;
    let (Some(first), Some(last)) = (spans.first(), spans.last()) else {
        return Err(Error::invalid(format!("nothing to fit {what} to"))
            .detail(match customers {
                0 => "The population is empty.".to_owned(),
                n => format!("Of {n} customers none has a value."),
            })
            .hint("tiering.check_inputs() shows what is missing."));
    };
    if spans.len() == 1 {
        // Nothing divides equal values: they share the worst bin, as all but a few that are equal would.
        let cut = match fit.best {
            Best::Low => Number::at_most(first.low),
            Best::High if whole => Number::at_most(first.low + 1.0),
            Best::High => Number::above(first.low),
        };
        let cut = cut.ok_or_else(|| too_large(Some(first.low)))?;
        return Ok(vec![cut; shares(fit).len()]);
    }
    if fit.share_of == Some(ShareOf::Value) && !sorted.shares_have_meaning() {
        return Err(Error::invalid(format!("{what} cannot be fitted by shares of the value"))
            .detail(format!(
                "The values go from {} to {}; their shares of the sum mean nothing.",
                first.low, last.high
            ))
            .hint("Values must not be negative, nor all be zero; or fit by \"share_of\": \"customers\"."));
    }
    let weight = |place: usize| match fit.share_of {
        Some(ShareOf::Value) => spans[place].sum,
        Some(ShareOf::Customers) | None => spans[place].count as f64,
    };
    let from_best: std::vec::Vec<usize> = match fit.best {
        Best::High => (0..spans.len()).rev().collect(),
        Best::Low => (0..spans.len()).collect(),
    };
    let total: f64 = from_best.iter().map(|place| weight(*place)).sum();
    let mut cuts = std::vec::Vec::new();
    let (mut taken, mut reached) = (0, 0.0);
    for share in shares(fit) {
        let allowed = share * total * (1.0 + HAIR);
        while taken + 1 < from_best.len() && (taken == 0 || reached + weight(from_best[taken]) <= allowed) {
            reached += weight(from_best[taken]);
            taken += 1;
        }
        let (better, worse) = (from_best[taken.max(1) - 1], from_best[taken.max(1)]);
        let low = spans[better.max(worse)].low;
        cuts.push(Number::at_most(low).ok_or_else(|| too_large(Some(low)))?);
    }
    Ok(cuts)
}

fn shares(fit: &Fit) -> std::vec::Vec<f64> {
    match (&fit.cuts, fit.parts) {
        (Some(cuts), _) => cuts.iter().map(|cut| cut.nearest_f64()).collect(),
        (None, Some(parts)) => (1..parts).map(|part| f64::from(part) / f64::from(parts)).collect(),
        (None, None) => std::vec::Vec::new(),
    }
}

impl<A: Allocator + Clone> Mergeable<A> for Fitting<A> {
    const WHAT: &'static str = "fit";

    fn copy(&self, memory: A) -> Self {
        let mut parts = Vec::with_capacity_in(self.parts.len(), memory.clone());
        parts.extend(self.parts.iter().map(|part| part.copy(memory.clone())));
        Fitting { parts, customers: self.customers, values: Vec::new_in(memory) }
    }

    fn merge(&mut self, other: &Self) -> Result<()> {
        if self.parts.len() != other.parts.len() {
            return Err(Error::invalid("fits of different schemes cannot be merged"));
        }
        self.customers = sum_of_counts(self.customers, other.customers)?;
        self.parts.iter_mut().zip(&other.parts).try_for_each(|(own, other)| own.merge(other))
    }

    fn encode(&self) -> std::vec::Vec<u8> {
        let mut writer = Writer::new(TAG);
        writer.unsigned(u128::from(self.customers));
        writer.unsigned(self.parts.len() as u128);
        self.parts.iter().for_each(|part| writer.bytes(&part.encode()));
        writer.finish()
    }

    fn decode(bytes: &[u8], memory: A) -> Result<Self> {
        let mut reader = Reader::new(bytes, TAG, Self::WHAT)?;
        let customers = reader.fits()?;
        if customers > MAX_COUNT {
            return Err(reader.broken("there are too many customers"));
        }
        let mut parts = Vec::new_in(memory.clone());
        for _ in 0..reader.length()? {
            parts.push(Distribution::decode(reader.bytes()?, memory.clone())?);
        }
        reader.finish()?;
        Ok(Fitting { parts, customers, values: Vec::new_in(memory) })
    }
}
