//! The decision: rules, bands and matrix. (Scores are a file of their own.)

use crate::document;
use crate::error::Result;
use crate::limits::{CELLS, RULES};
use crate::scheme::{Decision, Method};

use super::{Builder, fault, one_of};
use crate::grade::plan::{Plan, ScoreCard};

impl Builder<'_> {
    pub(super) fn decide(&mut self) -> Result<(Option<ScoreCard>, Plan)> {
        let decision = &self.scheme.decision;
        only_keys_of_method(decision)?;
        let plan = match decision.method {
            Method::Rules => self.rules(decision)?,
            Method::Bands => self.bands(decision)?,
            Method::Matrix => self.matrix(decision)?,
            Method::Score => {
                let (card, plan) = self.score_decision(decision)?;
                return Ok((Some(card), plan));
            }
        };
        let card = match &self.scheme.score {
            Some(_) => Some(self.score_card(0)?),
            None => None,
        };
        Ok((card, plan))
    }

    fn rules(&mut self, decision: &Decision) -> Result<Plan> {
        let rules = decision.rules.as_deref().unwrap_or_default();
        if rules.is_empty() || rules.len() > RULES {
            return Err(fault(
                "$.decision.rules",
                format!("{} rules", rules.len()),
                format!("1 to {RULES} rules"),
            ));
        }
        let mut compiled = Vec::with_capacity(rules.len());
        for (position, rule) in rules.iter().enumerate() {
            let path = format!("$.decision.rules[{position}]");
            let node = self.condition(&format!("{path}.when"), &rule.when)?;
            compiled.push((node, self.tier(&format!("{path}.tier"), &rule.tier)?));
        }
        let otherwise =
            decision.otherwise.as_deref().map(|tier| self.tier("$.decision.otherwise", tier)).transpose()?;
        Ok(Plan::Rules { hit_policy: decision.hit_policy.unwrap_or_default(), rules: compiled, otherwise })
    }

    fn bands(&mut self, decision: &Decision) -> Result<Plan> {
        let path = "$.decision.characteristic";
        let Some(name) = &decision.characteristic else {
            return Err(fault(path, "nothing", "the characteristic whose bins are the tiers"));
        };
        let characteristic = self.characteristic(path, name)?;
        let bins = &self.scheme.characteristics[characteristic].bins;
        let tiers = bins
            .iter()
            .enumerate()
            .map(|(bin, entry)| {
                self.tier(&format!("$.characteristics[{characteristic}].bins[{bin}].code"), &entry.code)
            })
            .collect::<Result<_>>()?;
        Ok(Plan::Bands { characteristic, tiers })
    }

    fn matrix(&mut self, decision: &Decision) -> Result<Plan> {
        let characteristics = self.axes(decision)?;
        let axes: Vec<Axis<'_>> = characteristics.iter().map(|axis| self.axis(*axis)).collect();
        let size: usize = axes.iter().map(|axis| axis.bins.len()).product();
        if size > CELLS {
            let expected = format!("at most {CELLS} cells");
            return Err(fault("$.decision.cells", format!("a matrix of {size} cells"), expected));
        }
        let mut tiers: Vec<Option<u16>> = vec![None; size];
        for (position, cell) in decision.cells.as_deref().unwrap_or_default().iter().enumerate() {
            let path = format!("$.decision.cells[{position}]");
            let place = place_of(&format!("{path}.at"), &cell.at, &axes)?;
            let tier = self.tier(&format!("{path}.tier"), &cell.tier)?;
            if tiers[place].replace(tier).is_some() {
                let found = format!("{} again", cell.at.join(" × "));
                return Err(fault(format!("{path}.at"), found, "each cell once"));
            }
        }
        if let Some(gap) = tiers.iter().position(Option::is_none) {
            let found = format!("no cell for {}", codes_at(gap, &axes).join(" × "));
            return Err(fault("$.decision.cells", found, format!("all {size} combinations of bins")));
        }
        let widths = axes.iter().map(|axis| axis.bins.len()).collect();
        Ok(Plan::Matrix { characteristics, widths, tiers: tiers.into_iter().flatten().collect() })
    }

    /// The characteristics whose bins are the edges of the matrix.
    fn axes(&self, decision: &Decision) -> Result<Vec<usize>> {
        let path = "$.decision.characteristics";
        let names = decision.characteristics.as_deref().unwrap_or_default();
        if !(2..=3).contains(&names.len()) {
            return Err(fault(path, format!("{} characteristics", names.len()), "2 or 3 characteristics"));
        }
        let mut characteristics = Vec::new();
        for (position, name) in names.iter().enumerate() {
            let path = format!("{path}[{position}]");
            let characteristic = self.characteristic(&path, name)?;
            if characteristics.contains(&characteristic) {
                return Err(fault(path, format!("{name:?} again"), "different characteristics"));
            }
            characteristics.push(characteristic);
        }
        Ok(characteristics)
    }

    fn axis(&self, characteristic: usize) -> Axis<'_> {
        let characteristic = &self.scheme.characteristics[characteristic];
        Axis {
            name: &characteristic.name,
            bins: characteristic.bins.iter().map(|bin| bin.code.as_str()).collect(),
        }
    }
}

/// An edge of a matrix: a characteristic, and the codes of its bins.
struct Axis<'a> {
    name: &'a str,
    bins: Vec<&'a str>,
}

/// Where the tier of a cell stands: the last axis runs fastest.
fn place_of(path: &str, at: &[String], axes: &[Axis<'_>]) -> Result<usize> {
    if at.len() != axes.len() {
        let expected = format!("{}, one of each characteristic", axes.len());
        return Err(fault(path, format!("{} bin codes", at.len()), expected));
    }
    let mut place = 0;
    for (position, (axis, code)) in axes.iter().zip(at).enumerate() {
        let bin = axis.bins.iter().position(|bin| bin == code).ok_or_else(|| {
            let codes = one_of(axis.bins.iter().copied());
            let expected = format!("a bin code of {:?}: {codes}", axis.name);
            fault(format!("{path}[{position}]"), document::quoted(code), expected)
        })?;
        place = place * axis.bins.len() + bin;
    }
    Ok(place)
}

/// The bins of the cell whose tier stands at a place.
fn codes_at<'a>(mut place: usize, axes: &[Axis<'a>]) -> Vec<&'a str> {
    let mut codes = Vec::new();
    for axis in axes.iter().rev() {
        codes.push(axis.bins[place % axis.bins.len()]);
        place /= axis.bins.len();
    }
    codes.reverse();
    codes
}

fn only_keys_of_method(decision: &Decision) -> Result<()> {
    use Method::{Bands, Matrix, Rules, Score};
    let keys = [
        ("hit_policy", decision.hit_policy.is_some(), Rules),
        ("rules", decision.rules.is_some(), Rules),
        ("otherwise", decision.otherwise.is_some(), Rules),
        ("characteristic", decision.characteristic.is_some(), Bands),
        ("characteristics", decision.characteristics.is_some(), Matrix),
        ("cells", decision.cells.is_some(), Matrix),
        ("cuts", decision.cuts.is_some(), Score),
        ("fit", decision.fit.is_some(), Score),
        ("fitted", decision.fitted.is_some(), Score),
    ];
    match keys.iter().find(|(_, given, method)| *given && *method != decision.method) {
        None => Ok(()),
        Some((key, ..)) => {
            let fitting: Vec<&str> =
                keys.iter().filter(|(.., method)| *method == decision.method).map(|(key, ..)| *key).collect();
            Err(fault(
                format!("$.decision.{key}"),
                format!("a key that method {:?} does not know", decision.method.name()),
                format!("only keys of this one: {}", one_of(fitting.into_iter())),
            ))
        }
    }
}
