//! Stability: what becomes of a change of tier. A scheme may ask that a value passes a cut point by a
//! margin, that a lower grade lasts, that a customer goes down by so many tiers at once, and stays for so
//! long in each.

use jiff::civil::Date;

use crate::scheme::{Bin, DemoteOn, Method, Scheme, Stability};
use crate::time::date::MonthDay;
use crate::time::fiscal::FiscalCalendar;

/// What margins are measured on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// The score.
    Score,
    /// The number whose bins are the tiers: an input, by its place.
    Input(usize),
}

/// Where each tier begins on the measure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Margins {
    pub(crate) measure: Measure,
    /// Larger is better; otherwise the cuts are those of the negative.
    ascending: bool,
    /// By tier, as comparison keys. The last tier most often begins nowhere.
    cuts: Vec<Option<i128>>,
}

/// The tier that a customer has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// The tier, 0 is the best.
    pub tier: usize,
    /// The day since which the customer has it.
    pub since: Date,
    /// The day since which a lower grade waits.
    pub pending_since: Option<Date>,
    /// The day since which the company has the customer; where it is not known, that since which he has the tier.
    pub joined: Option<Date>,
}

/// What the criteria say of a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grade {
    /// The tier, 0 is the best.
    pub tier: usize,
    /// What the margins are measured on, as a comparison key.
    pub measure: Option<i128>,
}

/// What stability makes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settled {
    /// The tier that is assigned, 0 is the best.
    pub tier: usize,
    /// The day since which a lower grade waits.
    pub pending_since: Option<Date>,
}

impl Margins {
    /// `None` where nothing can be measured: rules, matrices, bands that are no numbers or do not stand in
    /// the order of the tiers.
    pub(crate) fn of(scheme: &Scheme) -> Option<Margins> {
        let decision = &scheme.decision;
        let (measure, ascending, cuts) = match decision.method {
            Method::Rules | Method::Matrix => return None,
            Method::Score => {
                let cuts = decision.cuts.as_deref().unwrap_or_default();
                let begins = |code: &str| {
                    cuts.iter().find(|cut| cut.tier == code && cut.gte.is_some())?.gte.map(|gte| gte.key())
                };
                (Measure::Score, true, by_tier(scheme, begins))
            }
            Method::Bands => {
                let name = decision.characteristic.as_deref()?;
                let chosen = scheme.characteristics.iter().find(|one| one.name == name)?;
                let place = scheme.inputs.iter().position(|input| input.name == chosen.input)?;
                let numeric = scheme.inputs[place].kind.is_numeric();
                if !numeric || chosen.bins.iter().any(Bin::is_set) {
                    return None;
                }
                let bin = |code: &str| chosen.bins.iter().find(|bin| bin.code == code);
                let lower = by_tier(scheme, |code| bin(code).and_then(lower_end));
                // The better tiers lie above, or else below.
                if lower.first().is_some_and(Option::is_some) {
                    (Measure::Input(place), true, lower)
                } else {
                    let upper = by_tier(scheme, |code| bin(code).and_then(upper_end).map(|key| -key));
                    (Measure::Input(place), false, upper)
                }
            }
        };
        let given: Vec<i128> = cuts.iter().flatten().copied().collect();
        let ordered = given.windows(2).all(|pair| pair[0] >= pair[1]);
        (!given.is_empty() && ordered).then_some(Margins { measure, ascending, cuts })
    }

    /// How far up a better grade goes: to the best tier whose cut point lies as far below.
    fn up(&self, standing: usize, grade: Grade, margin: i128) -> usize {
        let Some(value) = self.value(grade) else { return grade.tier };
        let reached = |tier: &usize| self.cut(*tier).is_some_and(|cut| value >= cut + margin);
        (grade.tier..standing).find(reached).unwrap_or(standing)
    }

    /// How far down a worse grade goes: past every tier whose cut point lies as far above.
    fn down(&self, standing: usize, grade: Grade, margin: i128) -> usize {
        let Some(value) = self.value(grade) else { return grade.tier };
        let held = |tier: &usize| self.cut(*tier).is_some_and(|cut| value > cut - margin);
        (standing..grade.tier).find(held).unwrap_or(grade.tier)
    }

    fn cut(&self, tier: usize) -> Option<i128> {
        self.cuts.get(tier).copied().flatten()
    }

    fn value(&self, grade: Grade) -> Option<i128> {
        grade.measure.map(|key| if self.ascending { key } else { -key })
    }
}

fn by_tier(scheme: &Scheme, begins: impl Fn(&str) -> Option<i128>) -> Vec<Option<i128>> {
    scheme.tiers.iter().map(|tier| begins(&tier.code)).collect()
}

fn lower_end(bin: &Bin) -> Option<i128> {
    bin.gte.as_ref().or(bin.gt.as_ref())?.number().map(|number| number.key())
}

fn upper_end(bin: &Bin) -> Option<i128> {
    bin.lte.as_ref().or(bin.lt.as_ref())?.number().map(|number| number.key())
}

impl Stability {
    /// The tier that a customer gets who has one, and whose grade is another: margins first, then the
    /// minimum stay (no change either way before), then how long a lower grade must last and the tier is kept, then
    /// the day of the year, and how many tiers down it goes at once (then it must last again).
    pub(crate) fn settle(
        &self,
        margins: Option<&Margins>,
        fiscal: FiscalCalendar,
        standing: Standing,
        grade: Grade,
        today: Date,
    ) -> Settled {
        let better = grade.tier < standing.tier;
        let margin = if better { self.promote_margin } else { self.demote_margin };
        let target = match (margins, margin) {
            (Some(margins), Some(margin)) if better => margins.up(standing.tier, grade, margin.key()),
            (Some(margins), Some(margin)) => margins.down(standing.tier, grade, margin.key()),
            _ => grade.tier,
        };
        if target <= standing.tier {
            // A stay that would end after the last day of the calendar does not end.
            let stays = self
                .minimum_stay
                .is_some_and(|stay| stay.add_to(standing.since).map_or(true, |end| today < end));
            return Settled { tier: if stays { standing.tier } else { target }, pending_since: None };
        }
        let pending_since = standing.pending_since.unwrap_or(today);
        // Of several gradings on one day only the first steps down: a retier that is run again does not go on.
        let stepped_today =
            self.demote_steps.is_some() && standing.pending_since.is_some_and(|since| since >= today);
        let lasted = match &self.demote_after {
            Some(period) => period.add_to(pending_since).ok(),
            None => Some(pending_since.min(today)),
        };
        let falls = lasted.and_then(|lasted| self.falls_on(fiscal, standing.since, standing.joined, lasted));
        if stepped_today || falls.is_none_or(|falls| today < falls) {
            return Settled { tier: standing.tier, pending_since: Some(pending_since) };
        }
        let lowest = self.demote_steps.map_or(target, |steps| standing.tier.saturating_add(steps as usize));
        Settled { tier: target.min(lowest), pending_since: (target > lowest).then_some(today) }
    }

    /// The first day, from one on, on which a customer may go down who has a tier since a day. None: never; what would end
    /// after the last day of the calendar does not end.
    fn falls_on(
        &self,
        fiscal: FiscalCalendar,
        since: Date,
        joined: Option<Date>,
        from: Date,
    ) -> Option<Date> {
        let mut first = from;
        if let Some(stay) = &self.minimum_stay {
            first = first.max(stay.add_to(since).ok()?);
        }
        if let Some(term) = &self.term {
            first = first.max(term.end(since, fiscal).ok()?);
        }
        let day = match self.demote_on {
            None => return Some(first),
            Some(DemoteOn::Never) => return None,
            Some(DemoteOn::TierAnniversary) => MonthDay::of(since),
            Some(DemoteOn::CustomerAnniversary) => MonthDay::of(joined.unwrap_or(since)),
            Some(DemoteOn::Day(day)) => day,
            Some(DemoteOn::Beginning { fiscal: of_fiscal_year, unit }) => {
                let calendar = if of_fiscal_year { fiscal } else { FiscalCalendar::CIVIL };
                return calendar.next_beginning(unit, first.max(since.tomorrow().ok()?));
            }
        };
        // Who came to the tier on such a day has it until the next one.
        day.next_from(first.max(since.tomorrow().ok()?))
    }

    /// The day on which the tier of a customer can be lowered next, whatever the grade, so that it is valid until then.
    /// None: it can be lowered on any day, or never.
    pub(crate) fn kept_until(
        &self,
        fiscal: FiscalCalendar,
        since: Date,
        joined: Option<Date>,
        today: Date,
    ) -> Option<Date> {
        self.falls_on(fiscal, since, joined, today.tomorrow().ok()?).filter(|falls| {
            self.demote_on.is_some()
                || self.falls_on(fiscal, since, joined, today).is_some_and(|now| now == *falls)
        })
    }
}
