//! Grading: slots to bins, bins to score, and the decision. Nothing here allocates per customer.

pub(crate) mod as_of;
pub(crate) mod binning;
pub(crate) mod condition;
pub mod fingerprints;
pub(crate) mod odds;
pub(crate) mod plan;
pub(crate) mod score;
pub mod stability;
pub mod value;

use jiff::Timestamp;
use jiff::civil::Date;

pub use as_of::{AsOf, Sheet};
pub use odds::{Odds, probability};
pub use plan::Compiled;
pub use score::ScoreValue;

use crate::error::{Error, ErrorKind, Result};
use crate::scheme::{Characteristic, HitPolicy};
use crate::time::date::SECONDS_PER_DAY;
use as_of::Bins;
use binning::Binning;
use plan::{Plan, ScoreCard};
use stability::{Grade, Measure, Settled, Standing};
use value::{InputSlot, OnMissing, Value};

/// What decided the tier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DecidedBy {
    Rule(usize),
    Otherwise,
    Bin(u16),
    Cut(usize),
    Cell,
}

impl Compiled {
    /// Refuses a scheme whose cut points are still to be fitted.
    ///
    /// # Errors
    ///
    /// `NotReady`, if they are.
    pub fn ensure_fitted(&self) -> Result<()> {
        match &self.unfitted {
            None => Ok(()),
            Some(path) => Err(Error::new(
                ErrorKind::NotReady,
                format!("scheme {:?} is not fitted yet", self.name()),
            )
            .detail(match self.is_learned() {
                true => format!("What is missing at {path} is to be fitted to an outcome, and has not been."),
                false => {
                    format!("The cut points at {path} are to be fitted to a population, and have not been.")
                }
            })
            .hint(match self.is_learned() {
                true => format!(
                    "SELECT * FROM tiering.fit_scorecard('{name}', 'your_table', outcome => 'your_column') fits them; then approve the version.",
                    name = self.scheme.scheme
                ),
                false => format!(
                    "SELECT tiering.fit_scheme('{name}', 'your_table') fits them; then approve the version.",
                    name = self.scheme.scheme
                ),
            })),
        }
    }

    /// Whether some of its bins or points come of a fit to an outcome.
    pub fn is_learned(&self) -> bool {
        self.scheme.characteristics.iter().any(Characteristic::is_learned)
    }

    /// What the score says of the odds of an outcome.
    pub fn odds(&self) -> Option<Odds> {
        self.score.as_ref().and_then(|card| card.odds)
    }

    /// The probability of the outcome; `None` if the customer stays ungraded.
    ///
    /// # Errors
    ///
    /// `NotReady` for a scheme whose score says nothing of probabilities; otherwise as [`Compiled::score`].
    pub fn probability(&self, as_of: &AsOf, sheet: &mut Sheet) -> Result<Option<f64>> {
        let Some(odds) = self.odds() else {
            return Err(Error::new(
                ErrorKind::NotReady,
                format!("scheme {:?} gives no probability", self.name()),
            )
            .detail("Its score says nothing of the odds of an outcome.")
            .hint("tiering.fit_scorecard() fits a score to an outcome; or give the score a \"scaling\" of your own."));
        };
        let score = self.score(as_of, sheet)?;
        Ok(score.map(|score| probability(odds.log_odds(score.nearest_f64()))))
    }

    /// The as-of day of an instant, in the zone of the scheme.
    pub fn as_of(&self, instant: Timestamp) -> AsOf {
        self.as_of_date(self.zone.to_datetime(instant).date())
    }

    /// The as-of day itself.
    pub fn as_of_date(&self, date: Date) -> AsOf {
        AsOf { date, cuts: self.date_cuts.iter().map(|cut| cut.resolve(date)).collect() }
    }

    /// The day of an instant in the zone of the scheme, in days since 1970-01-01.
    #[inline]
    pub fn day_of(&self, instant: Timestamp) -> i32 {
        let seconds = instant.as_second() + i64::from(self.zone.to_offset(instant).seconds());
        seconds.div_euclid(SECONDS_PER_DAY) as i32
    }

    /// Working space for this scheme.
    pub fn sheet(&self) -> Sheet {
        let inputs = self.inputs.len();
        Sheet {
            slots: vec![Value::Missing; inputs],
            bins: vec![0; self.binnings.len()],
            words: vec![Vec::new(); inputs],
        }
    }

    /// The index of the tier (0 is the best); `None` if the customer stays ungraded.
    ///
    /// # Errors
    ///
    /// `MissingValue` for a missing input whose absence is an error; `InvalidValue` if rules conflict, or a value
    /// fits no bin (as in a scheme that waits for a fit).
    #[inline]
    pub fn tier(&self, as_of: &AsOf, sheet: &mut Sheet) -> Result<Option<usize>> {
        if !self.prepare(as_of, sheet)? {
            return Ok(None);
        }
        Ok(self.decide(as_of, &sheet.slots, &sheet.bins)?.map(|(tier, _)| tier as usize))
    }

    /// The score; `None` if the customer stays ungraded, or less of the weight is known than the scheme asks for.
    ///
    /// # Errors
    ///
    /// `NotReady` for a scheme without a score; `MissingValue` and a value that fits no bin as for
    /// [`Compiled::tier`].
    pub fn score(&self, as_of: &AsOf, sheet: &mut Sheet) -> Result<Option<ScoreValue>> {
        let card = self.card()?;
        if !self.prepare(as_of, sheet)? {
            return Ok(None);
        }
        Ok(card.score(&sheet.bins))
    }

    /// The score card.
    ///
    /// # Errors
    ///
    /// `NotReady` for a scheme without a score.
    #[inline]
    pub(crate) fn card(&self) -> Result<&ScoreCard> {
        self.score.as_ref().ok_or_else(|| {
            Error::new(ErrorKind::NotReady, format!("scheme {:?} has no score", self.name()))
                .detail(format!("It decides by {} alone.", self.scheme.decision.method.name()))
                .hint("Give it a \"score\" and \"points\" in the bins, or call customer_tier().")
        })
    }

    /// What the margins of the scheme are measured on; `None` if they have no measure.
    pub fn measure(&self) -> Option<Measure> {
        self.margins.as_ref().map(|margins| margins.measure)
    }

    /// What stability makes of a grade that differs from the tier that a customer has.
    pub fn settle(&self, standing: Standing, grade: Grade, today: Date) -> Settled {
        match &self.scheme.stability {
            Some(rules) => rules.settle(self.margins.as_ref(), self.fiscal, standing, grade, today),
            None => Settled { tier: grade.tier, pending_since: None },
        }
    }

    /// The day until which the tier of a customer is valid, who has it since a day: on it, it can be lowered next.
    /// `None` if that can be on any day, or never.
    pub fn kept_until(&self, since: Date, joined: Option<Date>, today: Date) -> Option<Date> {
        self.scheme.stability.as_ref()?.kept_until(self.fiscal, since, joined, today)
    }

    /// Fills in defaults. False if a missing input leaves the customer ungraded.
    #[inline]
    pub(crate) fn fill_in(&self, sheet: &mut Sheet) -> Result<bool> {
        let mut graded = true;
        for (slot, input) in sheet.slots.iter_mut().zip(&self.inputs) {
            if *slot == Value::Missing {
                match input.on_missing {
                    OnMissing::Null => {}
                    OnMissing::Default(value) => *slot = value,
                    OnMissing::Error => return Err(input.missing_error()),
                    OnMissing::Ungraded => graded = false,
                }
            }
        }
        Ok(graded)
    }

    /// Fills in defaults and bins. False if a missing input leaves the customer ungraded.
    #[inline]
    pub(crate) fn prepare(&self, as_of: &AsOf, sheet: &mut Sheet) -> Result<bool> {
        if !self.fill_in(sheet)? {
            return Ok(false);
        }
        for (bin, binning) in sheet.bins.iter_mut().zip(&self.binnings) {
            let value = sheet.slots[binning.input];
            *bin = binning.bin(as_of, value).ok_or_else(|| {
                Error::invalid(format!("input {:?} fits no bin", self.inputs[binning.input].name))
                    .detail(format!("Found {value:?}."))
            })?;
        }
        Ok(true)
    }

    /// The input, by its place, for lack or because of which a customer cannot be graded; `None` if it is none
    /// by itself.
    pub fn unusable(&self, as_of: &AsOf, sheet: &Sheet) -> Option<usize> {
        let lacking = |(slot, input): (&Value, &InputSlot)| {
            *slot == Value::Missing && input.on_missing == OnMissing::Error
        };
        let homeless = |binning: &&Binning| binning.bin(as_of, sheet.slots[binning.input]).is_none();
        sheet
            .slots
            .iter()
            .zip(&self.inputs)
            .position(lacking)
            .or_else(|| self.binnings.iter().find(homeless).map(|binning| binning.input))
    }

    pub(crate) fn bins<'s>(&self, sheet: &'s Sheet) -> &'s Bins {
        &sheet.bins
    }

    #[inline]
    pub(crate) fn decide(
        &self,
        as_of: &AsOf,
        slots: &[Value],
        bins: &Bins,
    ) -> Result<Option<(u16, DecidedBy)>> {
        match &self.decision {
            Plan::Rules { hit_policy, rules, otherwise } => {
                let mut matching = rules
                    .iter()
                    .enumerate()
                    .filter(|(_, (node, _))| node.eval(as_of, slots, bins) == Some(true))
                    .map(|(rule, (_, tier))| (*tier, DecidedBy::Rule(rule)));
                let found = match hit_policy {
                    HitPolicy::First => matching.next(),
                    HitPolicy::Priority => matching.min_by_key(|(tier, _)| *tier),
                    HitPolicy::Unique | HitPolicy::Any => {
                        let first = matching.next();
                        let other = matching.find(|(tier, _)| {
                            *hit_policy == HitPolicy::Unique || first.is_some_and(|(known, _)| known != *tier)
                        });
                        match (first, other) {
                            (Some((_, DecidedBy::Rule(one))), Some((_, DecidedBy::Rule(two)))) => {
                                return Err(self.conflict(*hit_policy, one, two));
                            }
                            _ => first,
                        }
                    }
                };
                Ok(found.or(otherwise.map(|tier| (tier, DecidedBy::Otherwise))))
            }
            Plan::Bands { .. } | Plan::Score { .. } | Plan::Matrix { .. } => {
                Ok(self.decide_by_bins(bins).flatten())
            }
        }
    }

    /// The same where the bins alone decide; `None` where rules do, which look at values.
    #[inline]
    pub(crate) fn decide_by_bins(&self, bins: &Bins) -> Option<Option<(u16, DecidedBy)>> {
        Some(match &self.decision {
            Plan::Rules { .. } => return None,
            Plan::Bands { characteristic, tiers } => {
                let bin = bins[*characteristic];
                tiers.get(bin as usize).map(|tier| (*tier, DecidedBy::Bin(bin)))
            }
            Plan::Score { cuts, last } => {
                let sum = self.score.as_ref().map_or(Some(0), |card| card.sum(bins));
                sum.map(|sum| {
                    let cut: usize = cuts.iter().map(|(bound, _)| usize::from(sum < *bound)).sum();
                    let tier = cuts.get(cut).map_or(*last, |(_, tier)| *tier);
                    (tier, DecidedBy::Cut(cut))
                })
            }
            Plan::Matrix { characteristics, widths, tiers } => {
                let cell = characteristics
                    .iter()
                    .zip(widths)
                    .fold(0, |cell, (characteristic, width)| cell * width + bins[*characteristic] as usize);
                tiers.get(cell).map(|tier| (*tier, DecidedBy::Cell))
            }
        })
    }

    fn conflict(&self, hit_policy: HitPolicy, one: usize, two: usize) -> Error {
        let (message, detail) = match hit_policy {
            HitPolicy::Any => ("rules that match give different tiers", "any"),
            _ => ("several rules match", "unique"),
        };
        Error::invalid(message)
            .detail(format!(
                "Rules {} and {} of scheme {:?}, whose hit policy is {detail:?}.",
                one + 1,
                two + 1,
                self.scheme.scheme
            ))
            .hint("tiering.check_scheme() shows where rules overlap; hit policy \"first\" takes the first.")
    }
}
