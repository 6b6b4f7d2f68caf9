//! A scorecard tried on customers of whom the outcome is known: how they scored and which tier they had, by outcome, of
//! those that it was fitted to and those that were held out.

use allocator_api2::alloc::{Allocator, Global};
use allocator_api2::vec::Vec;
use serde::Serialize;

use super::evidence::{Split, Units, add, split, units};
use super::judgement::{Judgement, Scored, judge};
use super::seen::{Followed, Seen};
use crate::aggregate::codec::{Reader, Writer};
use crate::aggregate::distribution::{Distribution, EXACT, Limit};
use crate::aggregate::value_type::Mergeable;
use crate::error::{Error, Result};
use crate::grade::Compiled;
use crate::grade::ScoreValue;
use crate::grade::as_of::{AsOf, Sheet};
use crate::limits::FIT_EXACT_VALUES;

const TAG: u8 = b'T';

/// The customers of one part.
#[derive(Debug, Clone)]
struct Part<A: Allocator + Clone> {
    seen: Seen,
    /// The scores of those without the outcome and of those with it.
    scores: [Distribution<A>; 2],
    /// By tier; at last those without one.
    tiers: Vec<Units, A>,
}

/// Customers by score, tier and outcome.
#[derive(Debug, Clone)]
pub struct Trial<A: Allocator + Clone = Global> {
    parts: [Part<A>; 2],
}

/// How a scorecard did with the customers of a part.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Verdict {
    /// `fit` or `holdout`.
    pub part: &'static str,
    /// Rows without a known outcome, which do not count.
    pub without_outcome: u64,
    /// Rows that the scheme leaves ungraded, which do not count.
    pub ungraded: u64,
    /// How well the score tells the outcome.
    #[serde(flatten)]
    pub judgement: Judgement,
    /// What came of each tier, best first; customers without one are not among them.
    pub tiers: std::vec::Vec<OfTier>,
}

/// What came of a tier.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OfTier {
    /// The tier.
    pub tier: String,
    /// The customers, by weight.
    pub n: f64,
    /// Those with the outcome.
    pub events: f64,
    /// Their share; none of nobody.
    pub rate: Option<f64>,
}

impl<A: Allocator + Clone> Part<A> {
    fn new(tiers: usize, memory: A) -> Self {
        let scores = || Distribution::new(EXACT, Limit::Coarsen(FIT_EXACT_VALUES), memory.clone());
        let (scores, mut counts) = ([scores(), scores()], Vec::new_in(memory));
        counts.resize(tiers, [0, 0]);
        Part { seen: Seen::default(), scores, tiers: counts }
    }

    #[inline]
    fn count(&mut self, score: ScoreValue, tier: Option<u16>, (outcome, units): (usize, u64)) -> Result<()> {
        self.seen.count(outcome, units);
        if units > 0 {
            self.scores[outcome].add_times(score.nearest_f64(), units)?;
            let without = self.tiers.len() - 1;
            self.tiers[tier.map_or(without, usize::from)][outcome] += units;
        }
        Ok(())
    }
}

impl<A: Allocator + Clone> Trial<A> {
    /// Nobody yet.
    pub fn new(scheme: &Compiled, memory: A) -> Self {
        let tiers = scheme.scheme.tiers.len() + 1;
        Trial { parts: [Part::new(tiers, memory.clone()), Part::new(tiers, memory)] }
    }

    /// Whether these are tiers of this scheme: they are as many.
    pub fn is_of(&self, scheme: &Compiled) -> bool {
        self.parts.iter().all(|part| part.tiers.len() == scheme.scheme.tiers.len() + 1)
    }

    /// How many rows count.
    pub fn customers(&self) -> u64 {
        self.parts.iter().map(|part| part.seen.customers).sum()
    }

    /// Counts the customer in the sheet, who was held out of the fit or not; nowhere if there is an error.
    ///
    /// # Errors
    ///
    /// Those of [`Compiled::score`] and [`Compiled::tier`]; `InvalidValue` for a weight that is negative or not finite.
    #[inline]
    pub fn add(
        &mut self,
        scheme: &Compiled,
        as_of: &AsOf,
        sheet: &mut Sheet,
        followed: Followed,
        held_out: bool,
    ) -> Result<()> {
        let part = &mut self.parts[usize::from(held_out)];
        let Some(known) = part.seen.take(scheme, sheet, followed)? else { return Ok(()) };
        let Some(score) = scheme.score(as_of, sheet)? else { return Ok(()) };
        let decided = scheme.decide(as_of, &sheet.slots, &sheet.bins)?;
        part.count(score, decided.map(|(tier, _)| tier), known)
    }

    /// Counts the customer whose bins these are, as [`Trial::add`] would. False, and counts it nowhere, if they do not say which tier it
    /// has.
    ///
    /// # Errors
    ///
    /// Those of [`Trial::add`].
    #[inline]
    pub fn add_bins(
        &mut self,
        scheme: &Compiled,
        bins: &[u16],
        followed: Followed,
        held_out: bool,
    ) -> Result<bool> {
        let Some(decided) = scheme.decide_by_bins(bins) else { return Ok(false) };
        let part = &mut self.parts[usize::from(held_out)];
        if let Some(known) = part.seen.take_followed(followed)?
            && let Some(score) = scheme.card()?.score(bins)
        {
            part.count(score, decided.map(|(tier, _)| tier), known)?;
        }
        Ok(true)
    }

    /// How the scorecard did, in so many equal parts of the customers; of those held out only if there are any.
    ///
    /// # Errors
    ///
    /// `NumberOutOfRange` if they are too many together.
    pub fn finish(&self, scheme: &Compiled, parts: usize) -> Result<std::vec::Vec<Verdict>> {
        let mut verdicts = std::vec::Vec::new();
        for (part, name) in self.parts.iter().zip(["fit", "holdout"]) {
            if part.seen == Seen::default() && name == "holdout" {
                continue;
            }
            let sides = Distribution::side_by_side(&part.scores[0], &part.scores[1])?;
            let scored: std::vec::Vec<Scored> = sides
                .iter()
                .map(|(span, units)| Scored { score: span.middle, split: split(*units) })
                .collect();
            let of_tier = |(tier, units): (&crate::scheme::Tier, &Units)| {
                let split: Split = split(*units);
                let rate = (split.all() > 0.0).then(|| split.rate());
                OfTier { tier: tier.code.clone(), n: split.all(), events: split.events, rate }
            };
            verdicts.push(Verdict {
                part: name,
                without_outcome: part.seen.without_outcome,
                ungraded: part.seen.ungraded,
                judgement: judge(&scored, scheme.odds(), parts),
                tiers: scheme.scheme.tiers.iter().zip(&part.tiers).map(of_tier).collect(),
            });
        }
        Ok(verdicts)
    }
}

impl<A: Allocator + Clone> Mergeable<A> for Trial<A> {
    const WHAT: &'static str = "trial of a scorecard";

    fn copy(&self, memory: A) -> Self {
        let copy = |part: &Part<A>| {
            let mut tiers = Vec::with_capacity_in(part.tiers.len(), memory.clone());
            tiers.extend_from_slice(&part.tiers);
            let scores = [part.scores[0].copy(memory.clone()), part.scores[1].copy(memory.clone())];
            Part { seen: part.seen, scores, tiers }
        };
        Trial { parts: [copy(&self.parts[0]), copy(&self.parts[1])] }
    }

    fn merge(&mut self, other: &Self) -> Result<()> {
        for (own, other) in self.parts.iter_mut().zip(&other.parts) {
            if own.tiers.len() != other.tiers.len() {
                return Err(Error::invalid("trials of different schemes cannot be merged"));
            }
            own.seen.merge(&other.seen)?;
            for (own, other) in own.scores.iter_mut().zip(&other.scores) {
                own.merge(other)?;
            }
            own.tiers.iter_mut().zip(&other.tiers).for_each(|(own, other)| add(own, *other));
        }
        Ok(())
    }

    fn encode(&self) -> std::vec::Vec<u8> {
        let mut writer = Writer::new(TAG);
        for part in &self.parts {
            part.seen.encode(&mut writer);
            part.scores.iter().for_each(|scores| writer.bytes(&scores.encode()));
            writer.unsigned(part.tiers.len() as u128);
            part.tiers.iter().flatten().for_each(|count| writer.unsigned(u128::from(*count)));
        }
        writer.finish()
    }

    fn decode(bytes: &[u8], memory: A) -> Result<Self> {
        let mut reader = Reader::new(bytes, TAG, Self::WHAT)?;
        let mut part = || {
            let seen = Seen::decode(&mut reader)?;
            let mut scores = || Distribution::decode(reader.bytes()?, memory.clone());
            let scores = [scores()?, scores()?];
            let mut tiers = Vec::new_in(memory.clone());
            let mut left = seen.units;
            for _ in 0..reader.length()? {
                let counts = units(&mut reader)?;
                for (left, count) in left.iter_mut().zip(counts) {
                    let rest = left.checked_sub(count);
                    *left = rest.ok_or_else(|| reader.broken("its counts are not those of its customers"))?;
                }
                tiers.push(counts);
            }
            let limit = Limit::Coarsen(FIT_EXACT_VALUES);
            if scores.iter().any(|scores| scores.limit() != limit) {
                return Err(reader.broken("its scores are told apart too finely, or too coarsely"));
            }
            if left != [0, 0] || (0..2).any(|side| scores[side].finite_count() != seen.units[side]) {
                return Err(reader.broken("its counts are not those of its customers"));
            }
            Ok(Part { seen, scores, tiers })
        };
        let parts = [part()?, part()?];
        reader.finish()?;
        Ok(Trial { parts })
    }
}
