//! What is doubtful about a scheme, before anyone relies on it: gaps and overlaps of a decision
//! table, rules and cells that nothing reaches, tiers that nobody can get, bins out of order.
//!
//! The check is exact: one representative of every combination of elementary regions is graded.

mod finding;

use std::collections::{BTreeMap, HashSet};

use serde_json::{Map, Value as Json};

use crate::error::Result;
use crate::grade::as_of::{AsOf, DateCut, REFERENCE_DAYS, Sheet};
use crate::grade::binning::Scale;
use crate::grade::condition::Reads;
use crate::grade::plan::{Compiled, Plan};
use crate::grade::score::Known;
use crate::limits::{CHECK_SUMS, CHECK_TRIALS};
use crate::scheme::HitPolicy;
use crate::study::regions::Region;

pub use finding::{Finding, FindingKind, Severity};

/// Everything doubtful about a scheme, worst first.
///
/// `interrupted` is called now and then and may stop the check with an error.
///
/// # Errors
///
/// Those of `interrupted`.
pub fn check(scheme: &Compiled, interrupted: &mut dyn FnMut() -> Result<()>) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    bins_out_of_order(scheme, &mut findings);
    if let Some(path) = &scheme.unfitted {
        findings.push(Finding::at(path, FindingKind::Unfitted));
        return Ok(findings);
    }
    match &scheme.decision {
        Plan::Score { cuts, last } => score(scheme, cuts, *last, interrupted, &mut findings)?,
        Plan::Rules { .. } | Plan::Bands { .. } | Plan::Matrix { .. } => {
            combinations(scheme, interrupted, &mut findings)?
        }
    }
    findings.sort_by_key(|finding| finding.kind.severity());
    Ok(findings)
}

fn bins_out_of_order(scheme: &Compiled, findings: &mut Vec<Finding>) {
    for (position, binning) in scheme.binnings.iter().enumerate() {
        let (Scale::Numbers { bins, .. } | Scale::Days { bins, .. }) = &binning.scale else { continue };
        if !bins.is_sorted() && !bins.iter().rev().is_sorted() {
            let path = format!("$.characteristics[{position}].bins");
            findings.push(Finding::at(path, FindingKind::BinsOutOfOrder));
        }
    }
}

/// Counts by what happened, each with the first example.
#[derive(Default)]
struct Trials {
    count: usize,
    gaps: Option<(usize, Json)>,
    overlaps: BTreeMap<(usize, usize), (usize, Json)>,
    rules: HashSet<usize>,
    cells: HashSet<usize>,
    tiers: HashSet<usize>,
}

fn combinations(
    scheme: &Compiled,
    interrupted: &mut dyn FnMut() -> Result<()>,
    findings: &mut Vec<Finding>,
) -> Result<()> {
    let inputs = deciding_inputs(scheme);
    let mut days = DateCut::reference_days(&scheme.date_cuts);
    if scheme.date_cuts.iter().all(|cut| matches!(cut, DateCut::Day(_))) {
        days.truncate(1);
    }
    let mut trials = Trials::default();
    for day in days {
        let as_of = scheme.as_of_date(day);
        let regions: Vec<Vec<Region>> = inputs.iter().map(|&input| scheme.regions(input, &as_of)).collect();
        let rules = match &scheme.decision {
            Plan::Rules { rules, .. } => rules.len(),
            Plan::Bands { .. } | Plan::Matrix { .. } | Plan::Score { .. } => 1,
        };
        let size = regions.iter().try_fold(rules, |size, of| size.checked_mul(of.len()));
        if size.is_none_or(|size| size > CHECK_TRIALS) {
            let kind = FindingKind::TooManyCombinations { inputs: inputs.len() };
            findings.push(Finding::at("$.decision", kind));
            return Ok(());
        }
        try_all(scheme, &as_of, &inputs, &regions, interrupted, &mut trials)?;
    }
    report(scheme, &trials, findings);
    Ok(())
}

/// The inputs that the decision reads, directly or through a characteristic.
fn deciding_inputs(scheme: &Compiled) -> Vec<usize> {
    let mut inputs = Vec::new();
    let of_characteristic = |characteristic: usize| scheme.binnings[characteristic].input;
    match &scheme.decision {
        Plan::Rules { rules, .. } => {
            for (node, _) in rules {
                node.reads(&mut |reads| {
                    inputs.push(match reads {
                        Reads::Input(input) | Reads::NumberCut(input, _) | Reads::DayCut(input, _) => input,
                        Reads::Characteristic(characteristic) => of_characteristic(characteristic),
                    });
                });
            }
        }
        Plan::Bands { characteristic, .. } => inputs.push(of_characteristic(*characteristic)),
        Plan::Matrix { characteristics, .. } => {
            inputs.extend(characteristics.iter().map(|&c| of_characteristic(c)))
        }
        Plan::Score { .. } => {}
    }
    inputs.sort_unstable();
    inputs.dedup();
    inputs
}

fn try_all(
    scheme: &Compiled,
    as_of: &AsOf,
    inputs: &[usize],
    regions: &[Vec<Region>],
    interrupted: &mut dyn FnMut() -> Result<()>,
    trials: &mut Trials,
) -> Result<()> {
    // Inputs that decide nothing get any value, so that none is missing.
    let mut base = scheme.sheet();
    for input in 0..scheme.inputs.len() {
        if let Some(region) = scheme.regions(input, as_of).first() {
            base.slots[input] = region.value;
        }
    }
    let mut odometer = vec![0; inputs.len()];
    loop {
        if trials.count.is_multiple_of(4096) {
            interrupted()?;
        }
        let mut sheet = base.clone();
        for (place, &input) in inputs.iter().enumerate() {
            sheet.slots[input] = regions[place][odometer[place]].value;
        }
        let example = || {
            let shown = inputs.iter().enumerate().map(|(place, &input)| {
                (scheme.inputs[input].name.clone(), scheme.describe(input, &regions[place][odometer[place]]))
            });
            Json::Object(shown.collect::<Map<_, _>>())
        };
        try_one(scheme, as_of, &mut sheet, trials, &example)?;
        // The next combination.
        let Some(wheel) = (0..inputs.len()).find(|&wheel| odometer[wheel] + 1 < regions[wheel].len()) else {
            return Ok(());
        };
        odometer[wheel] += 1;
        odometer[..wheel].fill(0);
    }
}

fn try_one(
    scheme: &Compiled,
    as_of: &AsOf,
    sheet: &mut Sheet,
    trials: &mut Trials,
    example: &dyn Fn() -> Json,
) -> Result<()> {
    trials.count += 1;
    if !scheme.prepare(as_of, sheet)? {
        return Ok(());
    }
    let bins = scheme.bins(sheet);
    match &scheme.decision {
        Plan::Rules { hit_policy, rules, otherwise } => {
            let matching: Vec<usize> = (0..rules.len())
                .filter(|&rule| rules[rule].0.eval(as_of, &sheet.slots, bins) == Some(true))
                .collect();
            match (matching.first(), otherwise) {
                (None, None) => trials.gaps.get_or_insert_with(|| (0, example())).0 += 1,
                (None, Some(tier)) => {
                    trials.tiers.insert(usize::from(*tier));
                }
                (Some(&first), _) => {
                    for pair in matching.windows(2) {
                        let conflict = match hit_policy {
                            HitPolicy::Unique => true,
                            HitPolicy::Any => rules[pair[0]].1 != rules[pair[1]].1,
                            HitPolicy::First | HitPolicy::Priority => false,
                        };
                        if conflict {
                            trials.overlaps.entry((pair[0], pair[1])).or_insert_with(|| (0, example())).0 +=
                                1;
                        }
                    }
                    let deciding = match hit_policy {
                        HitPolicy::First => vec![first],
                        HitPolicy::Priority => {
                            matching.iter().copied().min_by_key(|&rule| rules[rule].1).into_iter().collect()
                        }
                        HitPolicy::Unique | HitPolicy::Any => matching,
                    };
                    trials.tiers.extend(deciding.iter().map(|&rule| usize::from(rules[rule].1)));
                    trials.rules.extend(deciding);
                }
            }
        }
        Plan::Matrix { characteristics, widths, .. } => {
            let cell = characteristics
                .iter()
                .zip(widths)
                .fold(0, |cell, (&characteristic, width)| cell * width + usize::from(bins[characteristic]));
            trials.cells.insert(cell);
            trials.tiers.extend(scheme.decide(as_of, &sheet.slots, bins)?.map(|(tier, _)| usize::from(tier)));
        }
        Plan::Bands { .. } | Plan::Score { .. } => {
            trials.tiers.extend(scheme.decide(as_of, &sheet.slots, bins)?.map(|(tier, _)| usize::from(tier)));
        }
    }
    Ok(())
}

fn report(scheme: &Compiled, trials: &Trials, findings: &mut Vec<Finding>) {
    if let Some((count, example)) = &trials.gaps {
        let kind = FindingKind::Gap { count: *count, trials: trials.count };
        findings.push(Finding { kind, path: "$.decision.rules".to_owned(), example: example.clone() });
    }
    for (rules, (count, example)) in &trials.overlaps {
        let kind = FindingKind::Overlap { rules: *rules, count: *count, trials: trials.count };
        let path = format!("$.decision.rules[{}]", rules.1);
        findings.push(Finding { kind, path, example: example.clone() });
    }
    match &scheme.decision {
        Plan::Rules { rules, .. } => {
            for rule in (0..rules.len()).filter(|rule| !trials.rules.contains(rule)) {
                let path = format!("$.decision.rules[{rule}]");
                findings.push(Finding::at(path, FindingKind::UnreachableRule { rule }));
            }
        }
        Plan::Matrix { tiers, widths, characteristics } => {
            for cell in (0..tiers.len()).filter(|cell| !trials.cells.contains(cell)) {
                let mut codes = Vec::new();
                let mut rest = cell;
                for (&characteristic, width) in characteristics.iter().zip(widths).rev() {
                    codes.push(scheme.scheme.characteristics[characteristic].bins[rest % width].code.clone());
                    rest /= width;
                }
                codes.reverse();
                findings.push(Finding::at("$.decision.cells", FindingKind::UnreachableCell { codes }));
            }
        }
        Plan::Bands { .. } | Plan::Score { .. } => {}
    }
    never_given(scheme, &trials.tiers, findings);
}

fn never_given(scheme: &Compiled, given: &HashSet<usize>, findings: &mut Vec<Finding>) {
    for (position, tier) in scheme.scheme.tiers.iter().enumerate().filter(|(tier, _)| !given.contains(tier)) {
        let kind = FindingKind::TierNeverGiven { tier: tier.code.clone() };
        findings.push(Finding::at(format!("$.tiers[{position}]"), kind));
    }
}

/// Which sums the characteristics can reach, input by input: bins of one input are not independent.
fn score(
    scheme: &Compiled,
    cuts: &[(i128, u16)],
    last: u16,
    interrupted: &mut dyn FnMut() -> Result<()>,
    findings: &mut Vec<Finding>,
) -> Result<()> {
    let Some(card) = &scheme.score else { return Ok(()) };
    let as_of = scheme.as_of_date(REFERENCE_DAYS[0]);
    let mut inputs: Vec<usize> =
        card.parts.iter().map(|part| scheme.binnings[part.characteristic].input).collect();
    inputs.sort_unstable();
    inputs.dedup();
    let mut sums = HashSet::from([Known::default()]);
    for input in inputs {
        interrupted()?;
        let steps: HashSet<Known> = scheme
            .regions(input, &as_of)
            .iter()
            .map(|region| {
                let parts =
                    card.parts.iter().filter(|part| scheme.binnings[part.characteristic].input == input);
                parts
                    .filter_map(|part| {
                        let bin = scheme.binnings[part.characteristic].bin(&as_of, region.value)?;
                        Some(part.known(bin))
                    })
                    .fold(Known::default(), |known, part| known + part)
            })
            .collect();
        let too_many = sums.len().saturating_mul(steps.len()) > CHECK_TRIALS;
        if !too_many {
            sums = sums.iter().flat_map(|sum| steps.iter().map(move |step| *sum + *step)).collect();
        }
        if too_many || sums.len() > CHECK_SUMS {
            findings.push(Finding::at("$.decision.cuts", FindingKind::TooManyScores));
            return Ok(());
        }
    }
    let given = sums
        .into_iter()
        .filter_map(|known| card.finish(known))
        .map(|sum| cuts.iter().find(|(bound, _)| sum >= *bound).map_or(last, |(_, tier)| *tier))
        .map(usize::from)
        .collect();
    never_given(scheme, &given, findings);
    Ok(())
}
