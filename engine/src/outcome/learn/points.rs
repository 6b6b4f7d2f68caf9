//! From the combinations of bins to points: the regression, what its owner must look at, and cuts at probabilities.

use allocator_api2::alloc::{Allocator, Global};

use super::{Lesson, note};
use crate::error::{Error, Result};
use crate::grade::Compiled;
use crate::grade::odds::Odds;
use crate::number::Number;
use crate::outcome::WEIGHT_UNIT;
use crate::outcome::census::Census;
use crate::outcome::combinations::Table;
use crate::outcome::evidence::{Split, information_value, split};
use crate::outcome::regression::{Coefficient, Design, Found, fit};
use crate::scheme::{
    Characteristic, Fitted, Learned, LearnedBin, LearnedCharacteristic, LearnedFinding, Population, Scaling,
    Scheme, Score, WrongSign,
};
use crate::study::fit::too_large;
use crate::study::population::Headcount;

/// An information value from which on an input is suspected of being the outcome itself (Siddiqi 2017, chapter 8, finds values over 0.5
/// suspicious already; 1 is beyond what an honest input reaches).
const SUSPICIOUS: f64 = 1.0;

/// An information value below which all bins say the same.
const NOTHING: f64 = 1e-12;

/// The scaling that a score gets if it has none: 500 points are even odds, 20 more double them.
fn usual_scaling() -> Scaling {
    let number = |whole: f64| Number::rounded(whole, 0).unwrap_or(Number::ONE);
    Scaling { points_to_double_odds: number(20.0), base_points: number(500.0), base_odds: Number::ONE }
}

impl<A: Allocator + Clone> Census<A> {
    /// The scheme with the points of this pass; `at` says as of when, ISO 8601.
    ///
    /// `interrupted` is called now and then and may stop the search with an error.
    ///
    /// # Errors
    ///
    /// `InvalidValue` if all customers have the outcome, or nobody; `NumberOutOfRange` for points that a document cannot
    /// hold; those of `interrupted`.
    pub fn finish(
        &self,
        scheme: &Compiled,
        at: &str,
        interrupted: &mut dyn FnMut() -> Result<()>,
    ) -> Result<Lesson> {
        let whole = self.seen.both()?;
        let mut document = scheme.scheme.clone();
        document.population = None;
        let score = document.score.get_or_insert_with(Score::default);
        let scaling = score.scaling.get_or_insert_with(usual_scaling).clone();
        let how = score.fit.clone().unwrap_or_default();
        let mut learnt: Vec<Column<'_>> = Vec::new();
        let characteristics = document.characteristics.iter_mut().filter(|one| one.is_learned());
        for (characteristic, splits) in characteristics.zip(self.bins()) {
            learnt.push(Column::new(characteristic, splits, whole));
        }
        let (combinations, _) = self.combinations.united(Global);
        let splits: Vec<Split> = combinations.counts.iter().map(|counts| split(*counts)).collect();
        let numbers: Vec<Vec<f64>> = learnt.iter().map(|column| column.evidence.clone()).collect();
        let packing = &self.combinations.packing;
        let design = Design { packing, words: &combinations.words, splits: &splits, numbers: &numbers };
        let kept = design.whole();
        if !kept.has_both() {
            return Err(Error::invalid("too few customers have the outcome, or too few have not")
                .detail("There are so many combinations of bins that only a part of them is looked at.")
                .hint("Fit fewer characteristics, or give them fewer bins: \"max_bins\"."));
        }
        let ridge = how.ridge.nearest_f64();
        let found = loop {
            let chosen: Vec<bool> = learnt.iter().map(|column| column.finding.is_none()).collect();
            let found = fit(design, &chosen, ridge, interrupted)?;
            if how.wrong_sign == WrongSign::Keep || !drop_worst(&mut learnt, &found) {
                break found;
            }
        };
        for (column, coefficient) in learnt.iter_mut().zip(&found.coefficients) {
            column.finding = match (column.finding, coefficient) {
                (None, None) => Some(LearnedFinding::Redundant),
                (None, Some(coefficient)) if coefficient.is_negative() => Some(LearnedFinding::WrongSign),
                (finding, _) => finding,
            };
        }
        let warnings = warnings(&learnt, &found);
        let odds = Odds::from(&scaling);
        let points = |log_odds: f64| {
            let points = odds.points(log_odds);
            Number::rounded(points, how.decimals).ok_or_else(|| too_large(Some(points)))
        };
        let mut by_name = std::collections::BTreeMap::new();
        for (column, coefficient) in learnt.iter_mut().zip(&found.coefficients) {
            let value = coefficient.map_or(0.0, |coefficient| coefficient.value);
            let mut mean = 0.0;
            for ((bin, evidence), split) in
                column.characteristic.bins.iter_mut().zip(&column.evidence).zip(&column.splits)
            {
                let own = points(value * evidence)?;
                bin.points = Some(own);
                mean += own.nearest_f64() * split.all() / whole.all();
            }
            column.characteristic.baseline = Number::rounded(mean, how.decimals);
            by_name.insert(
                column.characteristic.name.clone(),
                column.note(value, coefficient.map(|coefficient| coefficient.standard_error))?,
            );
        }
        let initial = odds.score(found.intercept);
        score.initial = Number::rounded(initial, how.decimals).ok_or_else(|| too_large(Some(initial)))?;
        score.fitted = Some(Learned {
            n: figure(whole.all())?,
            events: figure(whole.events)?,
            at: at.to_owned(),
            intercept: figure(found.intercept)?,
            log_likelihood: figure(found.log_likelihood)?,
            converged: found.converged,
            iterations: found.iterations,
            sampled: figure(kept.all() / whole.all())?,
            characteristics: by_name,
        });
        cut(&mut document, odds, how.decimals, whole, at)?;
        document.population = self.population(&document, &combinations, at)?;
        Ok(Lesson { scheme: document, warnings })
    }

    /// The customers by bin and tier, if the combinations tell: each counts as one, none was left out, and what is learned
    /// decides.
    fn population(
        &self,
        document: &Scheme,
        combinations: &Table<Global>,
        at: &str,
    ) -> Result<Option<Population>> {
        let scheme = Compiled::parse(&document.canonical())?;
        let mut bins = vec![0; scheme.binnings.len()];
        if !self.seen.are_all() || scheme.ensure_fitted().is_err() || self.bins().len() < bins.len() {
            return Ok(None);
        }
        let mut heads = Headcount::new(&scheme, Global);
        for row in combinations.rows() {
            let levels = self.combinations.packing.unpack(row.words);
            bins.iter_mut().zip(levels).for_each(|(bin, level)| *bin = level);
            if !heads.add_like(&scheme, &bins, row.counts.iter().sum::<u64>() / WEIGHT_UNIT) {
                return Ok(None);
            }
        }
        Ok((heads.customers() == self.seen.customers).then(|| heads.finish(&scheme, at)))
    }
}

/// A figure of a note, to twelve digits after the point.
fn figure(value: f64) -> Result<Number> {
    Number::rounded(value, crate::number::FRACTION_DIGITS).ok_or_else(|| too_large(Some(value)))
}

/// A characteristic on its way to points.
struct Column<'d> {
    characteristic: &'d mut Characteristic,
    splits: Vec<Split>,
    /// The weight of evidence of each bin.
    evidence: Vec<f64>,
    information: f64,
    finding: Option<LearnedFinding>,
}

impl<'d> Column<'d> {
    fn new(characteristic: &'d mut Characteristic, splits: Vec<Split>, whole: Split) -> Self {
        let evidence = splits.iter().map(|split| split.weight_of_evidence(whole)).collect();
        let information = information_value(&splits, whole);
        let finding = (information <= NOTHING).then_some(LearnedFinding::Constant);
        Column { characteristic, splits, evidence, information, finding }
    }

    fn note(&self, coefficient: f64, standard_error: Option<f64>) -> Result<LearnedCharacteristic> {
        let bins = self.characteristic.bins.iter().zip(&self.splits).zip(&self.evidence);
        let bins = bins.map(|((bin, split), evidence)| {
            let note = LearnedBin {
                n: figure(split.all())?,
                events: figure(split.events)?,
                weight_of_evidence: figure(*evidence)?,
            };
            Ok((bin.code.clone(), note))
        });
        Ok(LearnedCharacteristic {
            information_value: figure(self.information)?,
            coefficient: figure(coefficient)?,
            // Of a regression that did not end it may be beyond all numbers of a document.
            standard_error: standard_error.and_then(|error| figure(error).ok()),
            finding: self.finding,
            bins: bins.collect::<Result<_>>()?,
        })
    }
}

/// Leaves out the characteristic with the most negative coefficient, if there is one.
fn drop_worst(learnt: &mut [Column<'_>], found: &Found) -> bool {
    let value = |place: &usize| found.coefficients[*place].map_or(0.0, |coefficient| coefficient.value);
    let negative = |place: &usize| found.coefficients[*place].is_some_and(Coefficient::is_negative);
    let worst = (0..learnt.len()).filter(negative).min_by(|one, other| value(one).total_cmp(&value(other)));
    match worst {
        Some(place) => {
            learnt[place].finding = Some(LearnedFinding::Dropped);
            true
        }
        None => false,
    }
}

fn warnings(learnt: &[Column<'_>], found: &Found) -> Vec<Error> {
    let mut warnings = Vec::new();
    for column in learnt.iter().filter(|column| column.information > SUSPICIOUS) {
        warnings.push(
            Error::invalid(format!(
                "input {:?} tells the outcome suspiciously well",
                column.characteristic.input
            ))
            .detail(format!(
                "The information value of characteristic {:?} is {:.2}; above 1 an input is most often the outcome itself, or known only after it.",
                column.characteristic.name, column.information
            ))
            .hint("See that the input was known before the outcome; leave the characteristic out if it was not."),
        );
    }
    if !found.converged {
        warnings.push(
            Error::invalid("the regression did not converge")
                .detail(format!(
                    "After {} steps the coefficients still grow: some combination of bins tells the outcome perfectly.",
                    found.iterations
                ))
                .hint("Leave out the input that does, give it wider bins, or set a ridge such as 1: options => '{\"ridge\": 1}'."),
        );
    }
    let wrong: Vec<&str> = learnt
        .iter()
        .filter(|column| column.finding == Some(LearnedFinding::WrongSign))
        .map(|column| column.characteristic.name.as_str())
        .collect();
    if !wrong.is_empty() {
        warnings.push(
            Error::invalid(format!("coefficients of the wrong sign: {}", wrong.join(", ")))
                .detail("Beside the other characteristics, their better bins lower the score; most often they say what another says.")
                .hint("options => '{\"wrong_sign\": \"drop\"}' leaves them out."),
        );
    }
    warnings
}

/// The cuts of the tiers, where they stand at probabilities; cuts by shares are those of other points now.
fn cut(document: &mut Scheme, odds: Odds, decimals: u32, whole: Split, at: &str) -> Result<()> {
    let decision = &mut document.decision;
    let Some(fit) = &decision.fit else { return Ok(()) };
    decision.fitted = None;
    for cut in decision.cuts.iter_mut().flatten() {
        (cut.gte, cut.basis) = (None, None);
    }
    let Some(probabilities) = &fit.probability else { return Ok(()) };
    for (cut, probability) in decision.cuts.iter_mut().flatten().zip(probabilities) {
        let probability = probability.nearest_f64();
        let score = odds.score(libm::log(probability / (1.0 - probability)));
        // Scores are whole numbers of the last digit of points: the least of them that is enough.
        let digit = 10_f64.powi(decimals as i32);
        let least = (score * digit - 1e-6).ceil() / digit;
        cut.gte = Some(Number::rounded(least, decimals).ok_or_else(|| too_large(Some(least)))?);
    }
    decision.fitted = Some(Fitted { at: at.to_owned(), ..note(whole.all(), None, None) });
    Ok(())
}
