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
        let all_bins = |axis: usize| &self.scheme.characteristics[characteristics[axis]].bins;
        let widths: Vec<usize> = (0..characteristics.len()).map(|axis| all_bins(axis).len()).collect();
        let size: usize = widths.iter().product();
        if size > CELLS {
            return Err(fault(
                "$.decision.cells",
                format!("a matrix of {size} cells"),
                format!("at most {CELLS} cells"),
            ));
        }
        let mut tiers: Vec<Option<u16>> = vec![None; size];
        for (position, cell) in decision.cells.as_deref().unwrap_or_default().iter().enumerate() {
            let path = format!("$.decision.cells[{position}]");
            if cell.at.len() != widths.len() {
                let found = format!("{} bin codes", cell.at.len());
                return Err(fault(
                    format!("{path}.at"),
                    found,
                    format!("{}, one of each characteristic", widths.len()),
                ));
            }
            let mut offset = 0;
            for (axis, code) in cell.at.iter().enumerate() {
                let bin = all_bins(axis).iter().position(|bin| bin.code == *code).ok_or_else(|| {
                    let codes = one_of(all_bins(axis).iter().map(|bin| bin.code.as_str()));
                    let expected = format!("a bin code of {:?}: {codes}", names[axis]);
                    fault(format!("{path}.at[{axis}]"), document::quoted(code), expected)
                })?;
                offset = offset * widths[axis] + bin;
            }
            let tier = self.tier(&format!("{path}.tier"), &cell.tier)?;
            if tiers[offset].replace(tier).is_some() {
                return Err(fault(
                    format!("{path}.at"),
                    format!("{} again", cell.at.join(" × ")),
                    "each cell once",
                ));
            }
        }
        if let Some(gap) = tiers.iter().position(Option::is_none) {
            let mut rest = gap;
            let mut codes = Vec::new();
            for axis in (0..widths.len()).rev() {
                codes.push(all_bins(axis)[rest % widths[axis]].code.as_str());
                rest /= widths[axis];
            }
            codes.reverse();
            return Err(fault(
                "$.decision.cells",
                format!("no cell for {}", codes.join(" × ")),
                format!("all {size} combinations of bins"),
            ));
        }
        Ok(Plan::Matrix { characteristics, widths, tiers: tiers.into_iter().flatten().collect() })
    }
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
