//! Truth of `"basis": "source"`: an action that says so shares a phrase with a clause of the source for
//! that very tier. The clauses are in `catalogue/quotations.json`.
//!
//! The fault that this keeps away: measures of our own, or of another tier, that pass for the source's.

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use common::languages::{is_cjk, none};
use customer_tiering_engine::document::text::Lang;
use customer_tiering_engine::scheme::presets::{OVERLAYS, PRESETS};
use customer_tiering_engine::scheme::{Action, Basis};
use customer_tiering_engine::{Overlay, Scheme};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Quotation {
    quote: String,
    /// Of which tiers the source says it; empty for an overlay.
    #[serde(default)]
    tiers: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Quotations {
    schemes: BTreeMap<String, Vec<Quotation>>,
    overlays: BTreeMap<String, Vec<Quotation>>,
}

fn quotations() -> Quotations {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../catalogue/quotations.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// Words that nearly every sentence of the trade has: to share them means nothing.
const COMMONPLACE: [&str; 5] = ["客户", "服务", "提供", "产品", "需求"];

/// How many characters of `text` stand in runs of two or more that `quote` has too, commonplaces aside.
fn shared(text: &str, quote: &str) -> usize {
    let characters: Vec<char> = text.chars().collect();
    let mut in_common = BTreeSet::new();
    for (start, pair) in characters.windows(2).enumerate() {
        let word: String = pair.iter().collect();
        let counts = pair.iter().all(|c| c.is_alphanumeric() && !"，。；：、".contains(*c));
        if counts && quote.contains(&word) && !COMMONPLACE.contains(&&*word) {
            in_common.extend([start, start + 1]);
        }
    }
    in_common.len()
}

/// A phrase: three characters.
const PHRASE: usize = 3;

fn supported(place: &str, action: &Action, quotes: &[&str], faults: &mut Vec<String>) {
    if action.basis != Some(Basis::Source) {
        return;
    }
    let text = action.action.get(Lang::Zh);
    let Some(best) = quotes.iter().max_by_key(|quote| shared(text, quote)) else {
        faults.push(format!("{place}: no quotation for {text:?}, which claims to be the source's"));
        return;
    };
    if shared(text, best) < PHRASE {
        faults
            .push(format!("{place}: {text:?} shares no phrase with what the source says; nearest: {best:?}"));
    }
    if let Some(target) = action.service_target.as_ref().map(|target| target.get(Lang::Zh))
        && !quotes
            .iter()
            .any(|quote| !figures(target).is_empty() && figures(target).is_subset(&figures(quote)))
    {
        faults.push(format!("{place}: the source gives no figure such as {target:?} with {text:?}"));
    }
}

/// Periods in words, and what stands for them: the source writes some of them in two ways.
const PERIODS: [(&str, &str); 8] = [
    ("每天", "day"),
    ("每日", "day"),
    ("每周", "week"),
    ("一周", "week"),
    ("每年", "year"),
    ("每一年", "year"),
    ("一个月", "1"),
    ("三个月", "3"),
];

/// The figures of a text: its numbers in digits, and its periods.
fn figures(text: &str) -> BTreeSet<&str> {
    let digits = text.split(|c: char| !c.is_ascii_digit()).filter(|number| !number.is_empty());
    let periods = PERIODS.iter().filter(|(word, _)| text.contains(word)).map(|(_, period)| *period);
    digits.chain(periods).collect()
}

#[test]
fn what_claims_to_be_the_sources_is() {
    let quotations = quotations();
    let mut faults = Vec::new();
    for (name, document) in PRESETS {
        let of_scheme = quotations.schemes.get(*name).map_or(&[][..], Vec::as_slice);
        for tier in Scheme::parse(document).unwrap().tiers {
            let of_tier = of_scheme.iter().filter(|quotation| quotation.tiers.contains(&tier.code));
            let quotes: Vec<&str> = of_tier.map(|quotation| &*quotation.quote).collect();
            for action in &tier.strategy {
                supported(&format!("{name} {}", tier.code), action, &quotes, &mut faults);
            }
        }
    }
    for (name, document) in OVERLAYS {
        let of_overlay = quotations.overlays.get(*name).map_or(&[][..], Vec::as_slice);
        let quotes: Vec<&str> = of_overlay.iter().map(|quotation| &*quotation.quote).collect();
        for action in &Overlay::parse(document).unwrap().strategy {
            supported(name, action, &quotes, &mut faults);
        }
    }
    none(faults);
}

#[test]
fn every_quotation_is_short_and_serves_an_action() {
    let quotations = quotations();
    let mut faults = Vec::new();
    let mut judge = |place: String, quotation: &Quotation, actions: &[Action]| {
        let quote = &quotation.quote;
        if quote.chars().count() > 80 || !quote.chars().any(is_cjk) {
            faults.push(format!("{place}: a clause is quoted, not a paragraph: {quote:?}"));
        }
        let serves = actions.iter().any(|action| {
            action.basis == Some(Basis::Source) && shared(action.action.get(Lang::Zh), quote) >= PHRASE
        });
        if !serves {
            faults.push(format!("{place}: nothing that is marked as the source's follows from {quote:?}"));
        }
    };
    for (name, of_scheme) in &quotations.schemes {
        let (_, document) = PRESETS.iter().find(|(known, _)| known == name).expect(name);
        let scheme = Scheme::parse(document).unwrap();
        for quotation in of_scheme {
            assert!(!quotation.tiers.is_empty(), "{name}: a quotation of no tier");
            for code in &quotation.tiers {
                let (_, tier) = scheme.tier(code).expect(code);
                judge(format!("{name} {code}"), quotation, &tier.strategy);
            }
        }
    }
    for (name, of_overlay) in &quotations.overlays {
        let (_, document) = OVERLAYS.iter().find(|(known, _)| known == name).expect(name);
        let overlay = Overlay::parse(document).unwrap();
        for quotation in of_overlay {
            assert!(quotation.tiers.is_empty(), "{name}: overlays have no tiers");
            judge(name.clone(), quotation, &overlay.strategy);
        }
    }
    none(faults);
}

#[test]
fn commonplaces_are_no_phrase() {
    assert_eq!(shared("为客户提供产品", "客户需求、服务、产品"), 0);
    assert_eq!(shared("专属客服团队", "企业可能会提供专属客服团队"), 6);
    assert!(shared("生日、购车纪念日、长途出行前问候", "包括营销活动、服务优惠、客户关怀等") < PHRASE);
}
