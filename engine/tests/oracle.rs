//! Random schemes and rows: the engine grades as a naive reading of the document does, and the
//! canonical form of a document says the same as the document.

mod common;

use std::collections::BTreeMap;

use common::oracle::{self, Cell, Outcome};
use common::random::{self, AS_OF, Tape};
use customer_tiering_engine::grade::Sheet;
use customer_tiering_engine::study::Cells;
use customer_tiering_engine::study::cells::{BEYOND, Scale, short_key};
use customer_tiering_engine::{Compiled, Scheme};
use proptest::prelude::*;
use rust_decimal::Decimal;
use serde_json::{Value as Json, json};

fn graded(compiled: &Compiled, row: &[Cell], floats: bool) -> (Outcome, Option<Option<i128>>) {
    let as_of = compiled.as_of_date(AS_OF);
    let mut sheet = common::fill(compiled, row, floats).unwrap();
    let score = compiled.scheme.score.as_ref().map(|_| {
        let score = compiled.score(&as_of, &mut sheet.clone());
        score.ok().flatten().map(|score| score.mantissa * 10_i128.pow(24 - score.scale))
    });
    let cells = compiled.cells(&as_of);
    if let Some(cells) = &cells {
        ways_into_the_table_agree(cells, row, &sheet, floats);
    }
    let tabled = cells.and_then(|cells| cells.tier(&sheet.slots));
    let tier = compiled.tier(&as_of, &mut sheet);
    if let Some(tabled) = tabled {
        assert_eq!(Ok(tabled), tier, "{row:?} (floats: {floats}) by the table of regions");
    }
    let outcome = match tier {
        Err(_) => Outcome::Error,
        Ok(None) => Outcome::Ungraded,
        Ok(Some(tier)) => Outcome::Tier(compiled.scheme.tiers[tier].code.clone()),
    };
    (outcome, score)
}

/// The bins of a row as they are looked up, without grading it; nothing where it cannot be graded. `None` if no bins can be looked up.
fn looked_up(compiled: &Compiled, row: &[Cell], floats: bool) -> Option<Vec<String>> {
    let axes = compiled.bin_axes(&compiled.as_of_date(AS_OF))?;
    let sheet = common::fill(compiled, row, floats).unwrap();
    let bins = axes.iter().map(|(input, axis)| axis.share(sheet.slots[*input]));
    let bins: Option<Vec<usize>> =
        bins.map(|bin| Some(bin as usize).filter(|bin| *bin < BEYOND as usize)).collect();
    let code = |(place, bin): (usize, usize)| compiled.scheme.characteristics[place].bins[bin].code.clone();
    let characteristics = compiled.scheme.characteristics.len();
    Some(bins.unwrap_or_default().into_iter().take(characteristics).enumerate().map(code).collect())
}

/// Numbers and texts have the same place in the table whether they were read as values before or not.
fn ways_into_the_table_agree(cells: &Cells, row: &[Cell], sheet: &Sheet, floats: bool) {
    for (input, (cell, value)) in row.iter().zip(&sheet.slots).enumerate() {
        let axis = cells.axis(input);
        match (cell, &axis.scale) {
            (Cell::Number(number), Scale::Numbers(numbers))
                if !floats && number.abs() < Decimal::from(10_i64.pow(12)) =>
            {
                let fine = number.abs() * Decimal::from(10_000);
                let ten_thousandths = fine.trunc().to_string().parse().unwrap();
                if let Some(short) = &numbers.short {
                    let key = short_key(number.is_sign_negative(), ten_thousandths, !fine.is_integer());
                    let share = short.share(key);
                    let near = share == BEYOND && !fine.is_integer();
                    assert!(near || share == axis.share(*value), "{number}");
                }
                if number.is_integer() {
                    assert_eq!(
                        numbers.wholes.share(number.trunc().to_string().parse().unwrap()),
                        axis.share(*value),
                        "{number}"
                    );
                }
            }
            (Cell::Text(text), Scale::Texts(texts)) => {
                assert_eq!(texts.share(text.as_bytes()), axis.share(*value), "{text:?}");
            }
            _ => {}
        }
    }
}

fn tape() -> impl Strategy<Value = Vec<u16>> {
    prop::collection::vec(any::<u16>(), 0..400)
}

proptest! {
    #![proptest_config(common::config(100))]

    #[test]
    fn the_engine_grades_as_the_document_reads(choices in tape(), rows in prop::collection::vec(any::<u16>(), 240)) {
        let document = random::scheme(&mut Tape::new(choices), 4);
        let compiled = common::compiled(&document);
        let mut tape = Tape::new(rows);
        for _ in 0..20 {
            let row = random::row(&mut tape, &compiled.scheme);
            let expected = oracle::grade(&compiled.scheme, AS_OF, &row);
            // A float column cannot hold what differs in the fourteenth digit only.
            let short = row.iter().all(|cell| !matches!(cell, Cell::Number(n) if n.normalize().scale() > 12 || n.abs() > Decimal::from(1000) && n.scale() > 2));
            for floats in [false, true].into_iter().take(1 + usize::from(short)) {
                let (outcome, score) = graded(&compiled, &row, floats);
                prop_assert_eq!(&outcome, &expected.outcome, "{:?} (floats: {}) in {}", row, floats, document);
                if let (Some(score), false) = (score, expected.bins.is_empty()) {
                    prop_assert_eq!(score, expected.score, "{:?} in {}", row, document);
                }
                if let Some(bins) = looked_up(&compiled, &row, floats) {
                    prop_assert_eq!(bins, expected.bins.clone(), "{:?} (floats: {}) in {}", row, floats, document);
                }
            }
        }
    }

    #[test]
    fn the_canonical_form_says_the_same(choices in tape()) {
        let document = random::scheme(&mut Tape::new(choices), 4);
        let scheme = Scheme::parse(&document.to_string()).unwrap();
        let canonical = scheme.canonical();
        prop_assert_eq!(&Scheme::parse(&canonical).unwrap(), &scheme);
        for order in [Order::Alphabet, Order::Reverse, Order::Jsonb] {
            let other = Scheme::parse(&written(&document, order)).unwrap();
            prop_assert_eq!(other.canonical(), canonical.as_str());
        }
    }
}

#[derive(Clone, Copy)]
enum Order {
    Alphabet,
    Reverse,
    /// As jsonb stores keys: by length, then by bytes.
    Jsonb,
}

/// The document with its keys in another order, and white space.
fn written(json: &Json, order: Order) -> String {
    match json {
        Json::Object(members) => {
            let mut keys: Vec<&String> = members.keys().collect();
            match order {
                Order::Alphabet => keys.sort(),
                Order::Reverse => keys.sort_by(|a, b| b.cmp(a)),
                Order::Jsonb => keys.sort_by_key(|key| (key.len(), *key)),
            }
            let members: Vec<String> = keys
                .into_iter()
                .map(|key| format!("{:?} : {}", key, written(&members[key], order)))
                .collect();
            format!("{{ {} }}", members.join(" ,\n"))
        }
        Json::Array(items) => {
            let items: Vec<String> = items.iter().map(|item| written(item, order)).collect();
            format!("[ {} ]", items.join(", "))
        }
        other => other.to_string(),
    }
}

fn canonical(document: &Json) -> String {
    Scheme::parse(&document.to_string()).unwrap_or_else(|error| panic!("{error}\n{document}")).canonical()
}

#[test]
fn defaults_and_spellings_of_numbers_do_not_matter() {
    let short = json!({
        "scheme": "s",
        "inputs": [{"name": "n", "type": "number"}],
        "characteristics": [{"name": "c", "input": "n", "bins": [
            {"code": "A", "gte": 1500, "points": 0}, {"code": "B", "lt": 1500, "points": 0.5}]}],
        "score": {},
        "decision": {"method": "bands", "characteristic": "c"},
        "tiers": [{"code": "A", "followup": {"every": "P1M"}}, {"code": "B"}]
    });
    let long = r#"{
        "scheme": "s", "timezone": "UTC", "title": null, "stability": null,
        "inputs": [{"name": "n", "type": "number", "allowed": [], "missing": "ungraded", "unit": null}],
        "characteristics": [{"name": "c", "input": "n", "baseline": null, "bins": [
            {"code": "A", "gte": 1.50e3, "points": -0.0, "missing": false}, {"code": "B", "lt": 1500.000, "points": 5E-1}]}],
        "score": {"initial": 0.00, "weights": {}},
        "decision": {"method": "bands", "characteristic": "c", "cuts": null},
        "tiers": [{"code": "A", "strategy": [], "followup": {"every": "P01M", "workday": "none"}}, {"code": "B"}]
    }"#;
    let mut workday: Json = serde_json::from_str(&canonical(&short)).unwrap();
    let default = workday["tiers"][0]["followup"]["workday"].take();
    let long = long.replace("\"none\"", &default.to_string());
    assert_eq!(Scheme::parse(&long).unwrap().canonical(), canonical(&short));
    assert!(
        canonical(&short).contains(r#""points":0},{"code":"B","lt":1500,"points":0.5}"#),
        "{}",
        canonical(&short)
    );
}

#[test]
fn what_differs_has_another_canonical_form() {
    let base: Json = serde_json::from_str(customer_tiering_engine::scheme::presets::PRESETS[0].1).unwrap();
    let mut seen = BTreeMap::from([(canonical(&base), "base")]);
    for (pointer, value) in [
        ("/timezone", json!("Asia/Shanghai")),
        ("/title", json!({"en": "Other", "zh": "其他"})),
        ("/source", json!("X")),
        ("/stability", json!({"demote_steps": 1})),
    ] {
        let mut document = base.clone();
        document[&pointer[1..]] = value;
        assert_eq!(seen.insert(canonical(&document), pointer), None);
    }
}
