//! Schemes in the formats of others: what they say is what the scheme says.

mod common;

use std::fmt::Write;

use common::oracle::{self, Cell, Outcome};
use common::random::{self, AS_OF, Tape};
use customer_tiering_engine::interchange::dmn::{Choice, scheme_from_dmn, scheme_to_dmn};
use customer_tiering_engine::interchange::pmml::{self, scheme_from_pmml, scheme_to_pmml};
use customer_tiering_engine::interchange::sql::Names;
use customer_tiering_engine::scheme::presets::PRESETS;
use customer_tiering_engine::scheme::{InputType, Missing};
use customer_tiering_engine::{Compiled, ErrorKind, Scheme};
use proptest::prelude::*;
use serde_json::{Map, Value as Json, json};

fn tape() -> impl Strategy<Value = Vec<u16>> {
    prop::collection::vec(any::<u16>(), 0..400)
}

/// Random numbers, the same on every machine.
fn numbers(mut state: u64) -> impl FnMut(usize) -> Vec<u16> {
    move |length| {
        (0..length)
            .map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                (state >> 48) as u16
            })
            .collect()
    }
}

fn outcome(compiled: &Compiled, row: &[Cell]) -> Outcome {
    let as_of = compiled.as_of_date(AS_OF);
    match common::fill(compiled, row, false).and_then(|mut sheet| compiled.tier(&as_of, &mut sheet)) {
        Err(_) => Outcome::Error,
        Ok(None) => Outcome::Ungraded,
        Ok(Some(tier)) => Outcome::Tier(compiled.scheme.tiers[tier].code.clone()),
    }
}

// --- SQL ---

/// A row as a jsonb object of PostgreSQL reads it.
fn row_object(scheme: &Scheme, row: &[Cell]) -> Json {
    let cells = scheme.inputs.iter().zip(row).map(|(input, cell)| {
        let value = match cell {
            Cell::Null => Json::Null,
            Cell::Number(number) => Json::Number(number.to_string().parse().unwrap()),
            Cell::Text(text) => json!(text),
            Cell::Boolean(value) => json!(value),
            Cell::Date(date) => json!(date.to_string()),
            Cell::Period(..) => panic!("no row has a period"),
        };
        (input.name.clone(), value)
    });
    Json::Object(cells.collect())
}

/// Random schemes and rows for the suite `interchange`, which grades them on a server and runs the SQL that they become:
/// a case a line, written to the file that `INTERCHANGE_CASES` names.
#[test]
fn random_cases_for_a_server() {
    let Some(path) = std::env::var_os("INTERCHANGE_CASES") else { return };
    let count = std::env::var("INTERCHANGE_COUNT").ok().and_then(|count| count.parse().ok()).unwrap_or(200);
    let state = std::env::var("INTERCHANGE_STATE").ok().and_then(|state| state.parse().ok()).unwrap_or(1);
    let mut numbers = numbers(state);
    let mut lines = String::new();
    for _ in 0..count {
        let document = random::scheme(&mut Tape::new(numbers(400)), 4);
        let compiled = common::compiled(&document);
        let mut tape = Tape::new(numbers(400));
        let rows: Vec<Json> = (0..40)
            .map(|_| row_object(&compiled.scheme, &random::row(&mut tape, &compiled.scheme)))
            .collect();
        let types: Map<String, Json> = compiled
            .scheme
            .inputs
            .iter()
            .map(|input| {
                let kind = match input.kind {
                    InputType::Number => "numeric",
                    InputType::Integer => "bigint",
                    InputType::Text => "text",
                    InputType::Boolean => "boolean",
                    InputType::Date => "date",
                };
                (input.name.clone(), json!(kind))
            })
            .collect();
        writeln!(lines, "{}", json!({"scheme": document, "types": types, "rows": rows})).unwrap();
    }
    std::fs::write(path, lines).unwrap();
}

fn to_sql(document: &Json, names: &Names) -> String {
    common::compiled(document).to_sql(names).unwrap()
}

fn by_rules(hit_policy: &str) -> Json {
    json!({
        "scheme": "s",
        "inputs": [{"name": "spend", "type": "number"}, {"name": "last", "type": "date", "missing": "null"},
            {"name": "kind", "type": "text", "allowed": ["shop", "it's"], "missing": {"default": "shop"}}],
        "decision": {"method": "rules", "hit_policy": hit_policy, "rules": [
            {"when": {"all": [{"input": "spend", "gte": 10.5}, {"input": "last", "within": "P14M3D"}]}, "tier": "B"},
            {"when": {"any": [{"input": "last", "is_missing": true}, {"input": "kind", "eq": "it's"}]}, "tier": "A"}],
            "otherwise": "C"},
        "tiers": [{"code": "A"}, {"code": "B"}, {"code": "C"}]
    })
}

#[test]
fn rules_are_conditions_in_the_order_of_the_hit_policy() {
    let first = "CASE
  WHEN \"kind\" NOT IN ('shop', ('it' || CHR(39) || 's')) THEN NULL
  WHEN \"spend\" IS NULL THEN NULL
  WHEN \"spend\" >= 10.5 AND \"last\" <= CAST(CURRENT_DATE + INTERVAL '14' MONTH + INTERVAL '3' DAY AS DATE) THEN 'B'
  WHEN \"last\" IS NULL OR COALESCE(\"kind\", 'shop') = ('it' || CHR(39) || 's') THEN 'A'
  ELSE 'C'
END";
    assert_eq!(to_sql(&by_rules("first"), &Names::default()), first);
    let priority = to_sql(&by_rules("priority"), &Names::default());
    assert!(priority.find("'A'") < priority.find("'B'"), "{priority}");
    let unique =
        to_sql(&by_rules("unique"), &Names { refused: "ERROR('two')".to_owned(), ..Names::default() });
    assert!(unique.contains("THEN 1 ELSE 0 END > 1 THEN ERROR('two')"), "{unique}");
}

#[test]
fn names_are_those_that_are_given() {
    let names = Names {
        columns: [("spend", "c.revenue"), ("kind", "lower(c.kind)")]
            .map(|(name, column)| (name.to_owned(), column.to_owned()))
            .into(),
        as_of: " 2024-01-31 ".to_owned(),
        refused: "'?'".to_owned(),
    };
    let sql = to_sql(&by_rules("first"), &names);
    for part in ["c.revenue >= 10.5", "(lower(c.kind)) NOT IN", "\"last\" <= DATE '2025-04-03'", "THEN '?'"] {
        assert!(sql.contains(part), "{part} in {sql}");
    }
    let compiled = common::compiled(&by_rules("first"));
    let with = |name: &str, text: &str| Names {
        columns: [(name.to_owned(), text.to_owned())].into(),
        ..Names::default()
    };
    assert_eq!(compiled.to_sql(&with("turnover", "x")).unwrap_err().kind, ErrorKind::UndefinedObject);
    assert_eq!(compiled.to_sql(&with("spend", " ")).unwrap_err().kind, ErrorKind::InvalidValue);
    let early = Names { as_of: "0001-01-31".to_owned(), ..Names::default() };
    let relative = json!({"scheme": "s", "inputs": [{"name": "d", "type": "date"}],
        "decision": {"method": "rules", "rules": [{"when": {"input": "d", "gt": "-P1Y"}, "tier": "A"}]}, "tiers": [{"code": "A"}]});
    assert_eq!(common::compiled(&relative).to_sql(&early).unwrap_err().kind, ErrorKind::NotSupported);
}

#[test]
fn scores_are_whole_numbers_of_their_last_digit() {
    let document = |weight: &str| -> Json {
        serde_json::from_str(&format!(
            r#"{{"scheme": "s", "inputs": [{{"name": "n", "type": "integer"}}],
            "characteristics": [{{"name": "c", "input": "n", "bins": [{{"code": "x", "gte": 5, "points": 0.25}}, {{"code": "y", "lt": 5, "points": -1}}]}}],
            "score": {{"initial": 0.1, "weights": {{"c": {weight}}}}},
            "decision": {{"method": "score", "cuts": [{{"tier": "A", "gte": 0.5}}, {{"tier": "B"}}]}}, "tiers": [{{"code": "A"}}, {{"code": "B"}}]}}"#
        ))
        .unwrap()
    };
    let sql = to_sql(&document("2"), &Names::default());
    let expected = "WHEN (10\n      + CASE WHEN \"n\" >= 5 THEN 50 ELSE -200 END) >= 50 THEN 'A'\n  ELSE 'B'";
    assert!(sql.contains(expected), "{sql}");
    assert!(to_sql(&document("2000000000"), &Names::default()).contains("CAST(10 AS BIGINT)"));
    assert!(to_sql(&document("2000000000.000000001"), &Names::default()).contains("AS DECIMAL(38, 0))"));
}

#[test]
fn texts_are_literals_that_every_dialect_reads_alike() {
    let document = json!({"scheme": "s", "inputs": [{"name": "t", "type": "text"}],
        "decision": {"method": "rules", "rules": [{"when": {"input": "t", "in": ["", "a\\b", "line\nbreak", "甲"]}, "tier": "A"}]},
        "tiers": [{"code": "A"}]});
    let sql = to_sql(&document, &Names::default());
    assert!(
        sql.contains(r#""t" IN ('', ('a' || CHR(92) || 'b'), ('line' || CHR(10) || 'break'), '甲')"#),
        "{sql}"
    );
}

#[test]
fn presets_become_sql_unless_they_wait_for_a_fit() {
    let mut written = 0;
    for (name, document) in PRESETS {
        match Compiled::parse(document).unwrap().to_sql(&Names::default()) {
            Ok(_) => written += 1,
            Err(error) => assert_eq!(error.kind, ErrorKind::NotReady, "{name}: {error}"),
        }
    }
    assert!(written > PRESETS.len() / 2, "{written} of {}", PRESETS.len());
}

// --- DMN ---

/// The scheme without what a decision table does not say of it.
fn by_table(compiled: &Compiled) -> Option<Compiled> {
    let file = match scheme_to_dmn(compiled, false) {
        Ok(file) => file,
        Err(error) => {
            assert_eq!(error.kind, ErrorKind::NotSupported, "{error}");
            return None;
        }
    };
    let scheme = scheme_from_dmn(&file, &Choice::default()).unwrap_or_else(|error| panic!("{error}\n{file}"));
    Some(common::compiled(&serde_json::from_str(&scheme.canonical()).unwrap()))
}

proptest! {
    #![proptest_config(common::config(200))]

    #[test]
    fn a_decision_table_grades_as_its_scheme(choices in tape(), rows in prop::collection::vec(any::<u16>(), 240)) {
        let document = random::scheme(&mut Tape::new(choices), 4);
        let compiled = common::compiled(&document);
        if let Some(again) = by_table(&compiled) {
            let mut tape = Tape::new(rows);
            for _ in 0..20 {
                let row = random::row(&mut tape, &compiled.scheme);
                // A table knows no other missing value than one that rules see.
                let known = row.iter().zip(&compiled.scheme.inputs).all(|(cell, input)| {
                    *cell != Cell::Null || input.missing == Missing::Null
                });
                if known {
                    let expected = oracle::grade(&compiled.scheme, AS_OF, &row).outcome;
                    prop_assert_eq!(outcome(&again, &row), expected, "{:?} in {}\nas\n{}", row, document, again.scheme.canonical());
                }
            }
        }
    }

    #[test]
    fn a_file_gives_back_the_scheme_that_it_was_written_of(choices in tape()) {
        let compiled = common::compiled(&random::scheme(&mut Tape::new(choices), 4));
        if let Ok(file) = scheme_to_dmn(&compiled, true) {
            prop_assert_eq!(&scheme_from_dmn(&file, &Choice::default()).unwrap(), &compiled.scheme);
            // So it does with other white space between elements.
            let spaced = file.replace(">\n", ">\r\n\t");
            prop_assert_eq!(&scheme_from_dmn(&spaced, &Choice::default()).unwrap(), &compiled.scheme);
        }
    }
}

/// A table of so many rules, as an editor saves it.
fn large(rules: usize) -> String {
    let mut file = String::from(
        r#"<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" name="large" namespace="n"><decision name="large"><decisionTable hitPolicy="FIRST">
        <input><inputExpression typeRef="number"><text>amount</text></inputExpression></input>
        <input><inputExpression typeRef="string"><text>region</text></inputExpression></input>
        <output/>"#,
    );
    for rule in 0..rules {
        let region = rule % 500;
        let tier = rule % 9;
        let next = rule + 1;
        writeln!(
            file,
            r#"<rule id="r{rule}"><inputEntry id="r{rule}a"><text>[{rule}..{next})</text></inputEntry>
            <inputEntry id="r{rule}b"><text>"r{region}"</text></inputEntry>
            <outputEntry id="r{rule}t"><text>"T{tier}"</text></outputEntry></rule>"#
        )
        .unwrap();
    }
    file + "</decisionTable></decision></definitions>"
}

#[test]
fn ten_thousand_rules_are_read_and_written_in_a_second() {
    let limit = std::time::Duration::from_secs(if cfg!(debug_assertions) { 10 } else { 1 });
    let file = large(10_000);
    let watch = common::processor::Stopwatch::start();
    let scheme = scheme_from_dmn(&file, &Choice::default()).unwrap();
    let read = watch.used();
    let compiled = Compiled::in_zone(scheme, "UTC").unwrap();
    let watch = common::processor::Stopwatch::start();
    let written = scheme_to_dmn(&compiled, true).unwrap();
    let writing = watch.used();
    let watch = common::processor::Stopwatch::start();
    assert_eq!(scheme_from_dmn(&written, &Choice::default()).unwrap(), compiled.scheme);
    let back = watch.used();
    println!("read {read:?}, written {writing:?}, read again {back:?}");
    assert!(read < limit && writing < limit && back < 3 * limit, "{read:?}, {writing:?}, {back:?}");
}

// --- PMML ---

/// The scheme without what a scorecard does not say of it.
fn by_scorecard(compiled: &Compiled) -> Option<Compiled> {
    let unsupported = |error: customer_tiering_engine::Error| {
        assert_eq!(error.kind, ErrorKind::NotSupported, "{error}");
        None
    };
    let file = match scheme_to_pmml(compiled, false) {
        Ok(file) => file,
        Err(error) => return unsupported(error),
    };
    match scheme_from_pmml(&file, &pmml::Choice::default()) {
        Ok(scheme) => Some(common::compiled(&serde_json::from_str(&scheme.canonical()).unwrap())),
        // Weights times points of more digits than a document holds.
        Err(error) if error.detail.as_ref().is_some_and(|detail| detail.contains("digits")) => {
            unsupported(error)
        }
        Err(error) => panic!("{error}\n{file}"),
    }
}

/// A random scheme that decides by its score, if it has one.
fn scored(choices: Vec<u16>) -> Json {
    let mut document = random::scheme(&mut Tape::new(choices), 4);
    if document.get("score").is_some() {
        document["decision"] = json!({"method": "score", "cuts": [
            {"tier": "T2", "gte": 2.5}, {"tier": "T1", "gte": 0}, {"tier": "T3", "gte": -3}, {"tier": "T6"}]});
    }
    document
}

proptest! {
    #![proptest_config(common::config(300))]

    #[test]
    fn a_scorecard_grades_as_its_scheme(choices in tape(), rows in prop::collection::vec(any::<u16>(), 240)) {
        let document = scored(choices);
        let compiled = common::compiled(&document);
        if let Some(again) = by_scorecard(&compiled) {
            let mut tape = Tape::new(rows);
            for _ in 0..20 {
                let row = random::row(&mut tape, &compiled.scheme);
                let expected = oracle::grade(&compiled.scheme, AS_OF, &row);
                let known: Vec<Cell> = again.scheme.inputs.iter().map(|input| {
                    row[compiled.scheme.inputs.iter().position(|other| other.name == input.name).unwrap()].clone()
                }).collect();
                prop_assert_eq!(&outcome(&again, &known), &expected.outcome, "{:?} in {}\nas\n{}", row, document, again.scheme.canonical());
                if expected.score.is_some() {
                    // each has the days of its own bounds
                    let (then, then_again) = (compiled.as_of_date(AS_OF), again.as_of_date(AS_OF));
                    let mut before = common::fill(&compiled, &row, false).unwrap();
                    let mut after = common::fill(&again, &known, false).unwrap();
                    prop_assert_eq!(compiled.score(&then, &mut before).unwrap().map(|s| s.to_string()), again.score(&then_again, &mut after).unwrap().map(|s| s.to_string()));
                    prop_assert_eq!(compiled.reason_codes(&then, &mut before).unwrap(), again.reason_codes(&then_again, &mut after).unwrap());
                }
            }
        }
    }

    #[test]
    fn a_scorecard_gives_back_the_scheme_that_it_was_written_of(choices in tape()) {
        let compiled = common::compiled(&scored(choices));
        if let Ok(file) = scheme_to_pmml(&compiled, true) {
            prop_assert_eq!(&scheme_from_pmml(&file, &pmml::Choice::default()).unwrap(), &compiled.scheme);
            if by_scorecard(&compiled).is_some() {
                let spaced = file.replace(">\n", ">\r\n\t");
                prop_assert_eq!(&scheme_from_pmml(&spaced, &pmml::Choice::default()).unwrap(), &compiled.scheme);
            }
        }
    }
}

/// That the tests above compare something.
#[test]
fn many_random_schemes_have_a_file() {
    let mut numbers = numbers(7);
    let (mut tables, mut scorecards, mut explained) = (0, 0, 0);
    for _ in 0..200 {
        let choices = numbers(400);
        tables += usize::from(
            by_table(&common::compiled(&random::scheme(&mut Tape::new(choices.clone()), 4))).is_some(),
        );
        let scored = common::compiled(&scored(choices));
        if let Some(card) = by_scorecard(&scored) {
            scorecards += 1;
            explained += usize::from(card.scheme.characteristics.iter().all(|c| c.baseline.is_some()));
        }
    }
    assert!(tables > 40 && scorecards > 20 && explained > 2, "{tables}, {scorecards}, {explained}");
}
