//! The check finds what is wrong with a scheme, and exactly that.

mod common;

use std::collections::BTreeSet;

use common::languages::is_cjk;
use common::oracle::{self, Outcome};
use common::random::{self, Tape};
use common::{brute, compiled, periods};
use customer_tiering_engine::document::text::Lang;
use customer_tiering_engine::scheme::{HitPolicy, Method};
use customer_tiering_engine::study::check::{Finding, FindingKind, Severity, check};
use customer_tiering_engine::{Compiled, Error, ErrorKind};
use jiff::civil::{Date, date};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

fn findings(document: &Json) -> Vec<Finding> {
    check(&compiled(document), &mut || Ok(())).unwrap()
}

fn table(hit_policy: &str, rules: Json, otherwise: Option<&str>) -> Json {
    json!({
        "scheme": "t",
        "inputs": [{"name": "n", "type": "number"}, {"name": "k", "type": "integer", "missing": "null"}],
        "decision": {"method": "rules", "hit_policy": hit_policy, "rules": rules, "otherwise": otherwise},
        "tiers": [{"code": "A"}, {"code": "B"}]
    })
}

/// What was found, in short: kind, path, example.
fn short(document: &Json) -> Vec<(&'static str, String, Json)> {
    findings(document).into_iter().map(|f| (f.kind.code(), f.path, f.example)).collect()
}

fn found(kind: &'static str, path: &str, example: Json) -> (&'static str, String, Json) {
    (kind, path.to_owned(), example)
}

#[test]
fn every_finding_is_told_in_both_languages() {
    let kinds = [
        FindingKind::Gap { count: 1, trials: 4 },
        FindingKind::Overlap { rules: (0, 1), count: 2, trials: 4 },
        FindingKind::UnreachableRule { rule: 0 },
        FindingKind::UnreachableCell { codes: vec!["1".to_owned(), "2".to_owned()] },
        FindingKind::TierNeverGiven { tier: "4".to_owned() },
        FindingKind::BinsOutOfOrder,
        FindingKind::Unfitted,
        FindingKind::TooManyCombinations { inputs: 7 },
        FindingKind::TooManyScores,
    ];
    let codes: BTreeSet<&str> = kinds.iter().map(FindingKind::code).collect();
    assert_eq!(codes, FindingKind::CODES.into(), "one of each");
    for kind in &kinds {
        let (en, zh) = (kind.message(Lang::En), kind.message(Lang::Zh));
        assert!(!en.chars().any(is_cjk), "{en}");
        assert!(!zh.chars().any(|letter| letter.is_ascii_alphabetic()) && zh.ends_with('。'), "{zh}");
        let digits = |text: &str| {
            let mut digits: Vec<char> = text.chars().filter(char::is_ascii_digit).collect();
            digits.sort_unstable();
            digits
        };
        assert_eq!(digits(&en), digits(&zh), "{zh}");
    }
}

#[test]
fn a_gap_is_shown_with_an_example() {
    let rules = json!([{"when": {"input": "n", "lt": 10}, "tier": "A"}, {"when": {"input": "n", "gt": 10}, "tier": "B"}]);
    assert_eq!(
        short(&table("first", rules.clone(), None)),
        [found("gap", "$.decision.rules", json!({"n": 10}))]
    );
    assert_eq!(short(&table("first", rules, Some("A"))), []);
    let missing = json!([{"when": {"input": "k", "lt": 10}, "tier": "A"}, {"when": {"input": "k", "gte": 10}, "tier": "B"}]);
    assert_eq!(
        short(&table("first", missing.clone(), None)),
        [found("gap", "$.decision.rules", json!({"k": null}))]
    );
    let finding = findings(&table("first", missing, None)).remove(0);
    assert_eq!(finding.kind.severity(), Severity::Warning);
    assert_eq!(
        finding.kind.message(Lang::En),
        "No rule matches in 1 of 4 combinations; those customers stay ungraded."
    );
}

#[test]
fn whole_numbers_leave_no_gap_between_neighbours() {
    let rules = json!([{"when": {"input": "k", "lte": 3}, "tier": "A"}, {"when": {"input": "k", "gte": 4}, "tier": "B"},
        {"when": {"input": "k", "is_missing": true}, "tier": "B"}]);
    assert_eq!(short(&table("unique", rules, None)), []);
}

#[test]
fn overlaps_matter_under_unique_and_any() {
    let rules = json!([{"when": {"input": "n", "lte": 10}, "tier": "A"}, {"when": {"input": "n", "gte": 10}, "tier": "B"}]);
    let overlap = [found("overlap", "$.decision.rules[1]", json!({"n": 10}))];
    assert_eq!(short(&table("unique", rules.clone(), None)), overlap);
    assert_eq!(short(&table("any", rules.clone(), None)), overlap);
    assert_eq!(findings(&table("any", rules.clone(), None))[0].kind.severity(), Severity::Error);
    assert_eq!(short(&table("first", rules.clone(), None)), []);
    assert_eq!(short(&table("priority", rules, None)), []);
    let agreeing = json!([{"when": {"input": "n", "lte": 10}, "tier": "A"}, {"when": {"input": "n", "gte": 10}, "tier": "A"}]);
    assert_eq!(
        short(&table("any", agreeing, Some("B"))),
        [found("tier_never_given", "$.tiers[1]", Json::Null)]
    );
}

#[test]
fn rules_that_never_decide() {
    let never = |rule: usize| found("unreachable_rule", &format!("$.decision.rules[{rule}]"), Json::Null);
    let shadowed = json!([{"when": {"input": "n", "gt": 1}, "tier": "A"}, {"when": {"input": "n", "gt": 2}, "tier": "B"}]);
    assert_eq!(short(&table("first", shadowed.clone(), Some("B"))), [never(1)]);
    assert_eq!(short(&table("priority", shadowed, Some("B"))), [never(1)]);
    let contradiction = json!([
        {"when": {"all": [{"input": "n", "gt": 2}, {"input": "n", "lt": 1}]}, "tier": "A"},
        {"when": {"input": "k", "gt": 2, "lt": 3}, "tier": "A"},
        {"when": {"input": "n", "gt": 2, "lt": 3}, "tier": "A"}]);
    assert_eq!(short(&table("first", contradiction, Some("B"))), [never(0), never(1)]);
}

#[test]
fn cells_that_nobody_can_be_in() {
    let document = json!({
        "scheme": "m",
        "inputs": [{"name": "n", "type": "number"}],
        "characteristics": [
            {"name": "x", "input": "n", "bins": [{"code": "1", "lt": 5}, {"code": "2", "gte": 5}]},
            {"name": "y", "input": "n", "bins": [{"code": "1", "lt": 7}, {"code": "2", "gte": 7}]}],
        "decision": {"method": "matrix", "characteristics": ["x", "y"], "cells": [
            {"at": ["1", "1"], "tier": "A"}, {"at": ["1", "2"], "tier": "C"},
            {"at": ["2", "1"], "tier": "B"}, {"at": ["2", "2"], "tier": "A"}]},
        "tiers": [{"code": "A"}, {"code": "B"}, {"code": "C"}]
    });
    let findings = findings(&document);
    assert_eq!(findings[0].kind.message(Lang::En), "No customer can be in cell 1 × 2.");
    assert_eq!(findings[1].kind.message(Lang::En), "No customer can get tier \"C\".");
    assert_eq!(findings.len(), 2);
}

#[test]
fn scores_that_nobody_can_reach() {
    let mut document = json!({
        "scheme": "s",
        "inputs": [{"name": "n", "type": "number"}],
        "characteristics": [
            {"name": "x", "input": "n", "bins": [{"code": "1", "lt": 5, "points": 10}, {"code": "2", "gte": 5, "points": 0}]},
            {"name": "y", "input": "n", "bins": [{"code": "1", "lt": 5, "points": 0}, {"code": "2", "gte": 5, "points": 10}]}],
        "score": {"weights": {"y": 0.5}},
        "decision": {"method": "score", "cuts": [{"tier": "A", "gte": 15}, {"tier": "B", "gte": 10}, {"tier": "C"}]},
        "tiers": [{"code": "A"}, {"code": "B"}, {"code": "C"}]
    });
    // Both read one input, so 10 and 5 are never added.
    assert_eq!(short(&document), [found("tier_never_given", "$.tiers[0]", Json::Null)]);
    document["inputs"].as_array_mut().unwrap().push(json!({"name": "m", "type": "number"}));
    document["characteristics"][1]["input"] = json!("m");
    assert_eq!(short(&document), []);
}

#[test]
fn weights_that_are_spread_reach_scores_of_their_own() {
    let known = |name: &str| {
        json!({"name": name, "input": name, "bins": [{"code": "1", "lt": 5, "points": 60}, {"code": "2", "gte": 5, "points": 0},
            {"code": "?", "missing": true}]})
    };
    let mut document = json!({
        "scheme": "s",
        "inputs": [{"name": "n", "type": "number", "missing": "null"}, {"name": "m", "type": "number", "missing": "null"}],
        "characteristics": [known("n"), known("m")],
        "score": {"missing": "reweight", "weights": {"n": 1, "m": 3}},
        // 0, 60, 180 and 240 where both are known; 0 and 240 where one is
        "decision": {"method": "score", "cuts": [{"tier": "A", "gte": 240}, {"tier": "B", "gte": 200}, {"tier": "C"}]},
        "tiers": [{"code": "A"}, {"code": "B"}, {"code": "C"}]
    });
    assert_eq!(short(&document), [found("tier_never_given", "$.tiers[1]", Json::Null)]);
    document["characteristics"][0]["bins"][0]["points"] = json!(55);
    assert_eq!(short(&document), []);
}

#[test]
fn order_of_bins_and_unfitted_schemes_are_noted() {
    let mut document = json!({
        "scheme": "b",
        "inputs": [{"name": "n", "type": "number"}],
        "characteristics": [{"name": "x", "input": "n", "bins": [
            {"code": "A", "gte": 1, "lt": 2}, {"code": "B", "lt": 1}, {"code": "C", "gte": 2}]}],
        "decision": {"method": "bands", "characteristic": "x"},
        "tiers": [{"code": "A"}, {"code": "B"}, {"code": "C"}]
    });
    assert_eq!(short(&document), [found("bins_out_of_order", "$.characteristics[0].bins", Json::Null)]);
    document["characteristics"][0]["bins"] = json!([{"code": "A"}, {"code": "B"}, {"code": "C"}]);
    document["characteristics"][0]["fit"] = json!({"share_of": "customers", "parts": 3});
    assert_eq!(short(&document), [found("unfitted", "$.characteristics[0].bins", Json::Null)]);
    assert_eq!(findings(&document)[0].kind.severity(), Severity::Notice);
}

#[test]
fn the_check_can_be_interrupted() {
    let rules = json!([{"when": {"input": "n", "lt": 10}, "tier": "A"}]);
    let stop = Error::new(ErrorKind::NotReady, "stop");
    let outcome = check(&compiled(&table("first", rules, None)), &mut || Err(stop.clone()));
    assert_eq!(outcome, Err(stop));
}

/// The check's own reference days: short and long months, a leap day; and where the months of its periods begin.
const DAYS: [Date; 4] = [date(2023, 1, 31), date(2023, 3, 1), date(2024, 2, 29), date(2024, 7, 31)];

fn paths(findings: &[Finding], kind: &str) -> BTreeSet<String> {
    findings
        .iter()
        .filter(|finding| finding.kind.code() == kind)
        .map(|finding| finding.path.clone())
        .collect()
}

fn brute_force(compiled: &Compiled, findings: &[Finding]) -> Result<(), TestCaseError> {
    let scheme = &compiled.scheme;
    let (mut gap, mut overlap) = (false, false);
    let mut deciding = BTreeSet::new();
    let mut given = BTreeSet::new();
    let mut cells = BTreeSet::new();
    for day in DAYS.into_iter().chain(periods::beginnings(scheme, DAYS[0])) {
        let rows = brute::rows(scheme, day, 1500);
        prop_assume!(rows.is_some());
        for row in rows.unwrap_or_default() {
            let graded = oracle::grade(scheme, day, &row);
            let decision = &scheme.decision;
            // A score that asks for a least weight leaves customers out by intention.
            gap |= graded.outcome == Outcome::Ungraded && decision.method != Method::Score;
            overlap |= graded.outcome == Outcome::Error;
            if let Some(rules) = &decision.rules {
                match (decision.hit_policy.unwrap_or_default(), &graded.outcome) {
                    (HitPolicy::First, _) => deciding.extend(graded.matching.first().copied()),
                    (HitPolicy::Priority, Outcome::Tier(tier)) => {
                        deciding
                            .extend(graded.matching.iter().copied().find(|&rule| rules[rule].tier == *tier));
                    }
                    _ => {
                        given.extend(graded.matching.iter().map(|&rule| rules[rule].tier.clone()));
                        deciding.extend(graded.matching);
                    }
                }
            }
            if let Outcome::Tier(tier) = graded.outcome {
                given.insert(tier);
            }
            if let Some(axes) = &decision.characteristics {
                let cell: Vec<String> = axes
                    .iter()
                    .map(|axis| scheme.characteristics.iter().position(|c| c.name == *axis).unwrap())
                    .map(|at| graded.bins[at].clone())
                    .collect();
                cells.insert(cell.join(" × "));
            }
        }
    }
    prop_assert_eq!(findings.iter().any(|f| f.kind.code() == "gap"), gap);
    prop_assert_eq!(findings.iter().any(|f| f.kind.code() == "overlap"), overlap);
    let rules = scheme.decision.rules.as_ref().map_or(0, Vec::len);
    let idle =
        (0..rules).filter(|rule| !deciding.contains(rule)).map(|rule| format!("$.decision.rules[{rule}]"));
    prop_assert_eq!(paths(findings, "unreachable_rule"), idle.collect());
    let never = scheme.tiers.iter().enumerate().filter(|(_, tier)| !given.contains(&tier.code));
    prop_assert_eq!(
        paths(findings, "tier_never_given"),
        never.map(|(at, _)| format!("$.tiers[{at}]")).collect()
    );
    if scheme.decision.method == Method::Matrix {
        let reported: BTreeSet<String> = findings
            .iter()
            .filter(|f| f.kind.code() == "unreachable_cell")
            .map(|f| {
                f.kind.message(Lang::En)["No customer can be in cell ".len()..]
                    .trim_end_matches('.')
                    .to_owned()
            })
            .collect();
        let all = scheme.decision.cells.iter().flatten().map(|cell| cell.at.join(" × "));
        prop_assert_eq!(reported, all.filter(|cell| !cells.contains(cell)).collect());
    }
    Ok(())
}

proptest! {
    #![proptest_config(common::config(80))]

    #[test]
    fn the_check_finds_what_brute_force_finds(choices in prop::collection::vec(any::<u16>(), 0..300)) {
        let document = random::scheme(&mut Tape::new(choices), 2);
        let compiled = compiled(&document);
        let findings = check(&compiled, &mut || Ok(())).unwrap();
        brute_force(&compiled, &findings).map_err(|error| match error {
            TestCaseError::Fail(reason) => TestCaseError::fail(format!("{reason}\n{document}\n{findings:?}")),
            reject => reject,
        })?;
    }
}
