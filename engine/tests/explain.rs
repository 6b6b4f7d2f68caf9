//! Explanations: what decided, which values, bins and points led there, the reasons, and the nearest
//! change that would give a better tier.

mod common;

use common::oracle::{self, Cell, Outcome};
use common::random::{self, AS_OF, Tape};
use common::{brute, compiled, explain};
use customer_tiering_engine::scheme::InputType;
use customer_tiering_engine::{Compiled, Scheme};
use jiff::civil::Date;
use proptest::prelude::*;
use rust_decimal::Decimal;
use serde_json::{Value as Json, json};

const DAY: &str = "2026-01-15";

#[test]
fn a_rule_explains_itself() {
    let scheme = Compiled::parse(preset("sales_readiness")).unwrap();
    let explanation = explain(&scheme, DAY, &json!({"expected_close": "2026-01-20"}));
    assert_eq!(
        explanation,
        json!({
            "scheme": "sales_readiness", "version": null, "as_of": DAY, "tier": "D", "method": "rules",
            "decided_by": {"rule": 7, "when": {"input": "demand", "eq": "latent"},
                "annotation": {"en": "The demand is still latent", "zh": "需求尚属潜在"}},
            "inputs": {"demand": "latent", "expected_close": "2026-01-20"},
            "missing": [], "defaulted": ["demand"], "characteristics": [], "score": null, "reasons": [],
            "nearest_change": {"input": "demand", "from": "latent", "needs": "explicit", "tier": "A"}
        })
    );
    let explanation = explain(&scheme, DAY, &json!({"demand": "explicit"}));
    assert_eq!(explanation["missing"], json!(["expected_close"]));
    assert_eq!(explanation["tier"], "D");
    assert_eq!(
        explanation["nearest_change"],
        json!({"input": "expected_close", "from": null, "needs": {"gte": "2026-04-16", "lte": "2026-07-15"}, "tier": "C"})
    );
    let explanation = explain(&scheme, DAY, &json!({"demand": "explicit", "expected_close": "2026-07-20"}));
    assert_eq!(
        explanation["nearest_change"],
        json!({"input": "expected_close", "from": "2026-07-20", "needs": {"lte": "2026-07-15"}, "tier": "C"})
    );
    let explanation = explain(&scheme, DAY, &json!({"demand": "explicit", "expected_close": "2026-01-20"}));
    assert_eq!(explanation["nearest_change"], Json::Null);
}

fn preset(name: &str) -> &'static str {
    customer_tiering_engine::scheme::presets::PRESETS.iter().find(|(known, _)| *known == name).unwrap().1
}

fn scored() -> Json {
    json!({
        "scheme": "points", "timezone": "Asia/Shanghai",
        "inputs": [
            {"name": "spend", "type": "number"},
            {"name": "orders", "type": "integer", "missing": {"default": 0}},
            {"name": "vip", "type": "boolean", "missing": "null"}],
        "characteristics": [
            {"name": "s", "input": "spend", "baseline": 2, "reason": "LOW_SPEND", "bins": [
                {"code": "1", "lt": 10, "points": 0.1}, {"code": "2", "gte": 10, "points": 2}]},
            {"name": "o", "input": "orders", "baseline": 2, "bins": [
                {"code": "1", "lte": 3, "points": 0.1}, {"code": "2", "gt": 3, "points": 2}]},
            {"name": "v", "input": "vip", "baseline": 5, "bins": [
                {"code": "yes", "in": [true], "points": 5}, {"code": "no", "in": [false], "points": 0},
                {"code": "?", "missing": true, "points": 0}]}],
        "score": {"initial": 0.01, "weights": {"s": 0.1, "o": 0.2}, "reasons": "points_below"},
        "decision": {"method": "score", "cuts": [{"tier": "A", "gte": 5}, {"tier": "B", "gte": 0.4}, {"tier": "C"}]},
        "tiers": [{"code": "A"}, {"code": "B"}, {"code": "C"}]
    })
}

/// E12: who did not answer the survey is not worse for it.
#[test]
fn weights_of_missing_values_are_spread() {
    let part = |name: &str, input: &str, cut: i32| {
        json!({"name": name, "input": input, "baseline": 100, "bins": [{"code": "hi", "gte": cut, "points": 100},
            {"code": "lo", "lt": cut, "points": 0}, {"code": "m", "missing": true}]})
    };
    let input = |name: &str| json!({"name": name, "type": "number", "missing": "null"});
    let mut document = json!({
        "scheme": "health", "timezone": "UTC", "inputs": [input("usage"), input("nps"), input("tickets")],
        "characteristics": [part("u", "usage", 50), part("n", "nps", 8), part("t", "tickets", 3)],
        "score": {"weights": {"u": 0.5, "n": 0.3, "t": 0.2}, "missing": "reweight", "least_weight": 0.5},
        "decision": {"method": "score", "cuts": [{"tier": "green", "gte": 80}, {"tier": "yellow", "gte": 50}, {"tier": "red"}]},
        "tiers": [{"code": "green"}, {"code": "yellow"}, {"code": "red"}]
    });
    let found = |document: &Json, row: Json| {
        let explained = explain(&compiled(document), DAY, &row);
        json!([explained["tier"], explained["score"], explained["known_weight"]])
    };
    assert_eq!(found(&document, json!({"usage": 60, "nps": 9, "tickets": 3})), json!(["green", 100, 1]));
    assert_eq!(found(&document, json!({"usage": 60, "tickets": 3})), json!(["green", 100, 0.7]));
    // 0.5 / 0.7 of 100
    assert_eq!(found(&document, json!({"usage": 60, "tickets": 1})), json!(["yellow", 71.428571, 0.7]));
    assert_eq!(found(&document, json!({"nps": 9, "tickets": 3})), json!(["green", 100, 0.5]));
    assert_eq!(found(&document, json!({"nps": 9})), json!([null, null, 0.3]));
    assert_eq!(found(&document, json!({})), json!([null, null, 0]));
    let reasons = explain(&compiled(&document), DAY, &json!({"usage": 60, "tickets": 1}))["reasons"].clone();
    assert_eq!(reasons, json!([{"code": "t", "characteristic": "t", "points": 100}]));
    // A dimension is judged by what is known of it; where nothing is, it has no class.
    let mut sided = document.clone();
    sided["score"]["dimensions"] = json!([
        {"name": "use", "of": ["u", "t"], "classes": [{"code": "good", "gte": 71}, {"code": "poor"}]},
        {"name": "mood", "of": ["n"], "classes": [{"code": "good", "gte": 50}, {"code": "poor"}]}]);
    let sides = |row: Json| explain(&compiled(&sided), DAY, &row)["dimensions"].clone();
    assert_eq!(
        sides(json!({"usage": 60})),
        json!([{"name": "use", "class": "good", "score": 100}, {"name": "mood", "class": null, "score": null}])
    );
    // 0.5 / 0.7 of 100, as in the score.
    assert_eq!(
        sides(json!({"usage": 60, "nps": 1, "tickets": 1})),
        json!([{"name": "use", "class": "good", "score": 71.43}, {"name": "mood", "class": "poor", "score": 0}])
    );
    // Without a least weight, anything known will do; points of missing values count as any others.
    document["score"].as_object_mut().unwrap().remove("least_weight");
    assert_eq!(found(&document, json!({"nps": 9})), json!(["green", 100, 0.3]));
    assert_eq!(found(&document, json!({})), json!([null, null, 0]));
    document["characteristics"][2]["bins"][2]["points"] = json!(0);
    assert_eq!(found(&document, json!({"nps": 9})), json!(["yellow", 60, 0.5]));
    assert_eq!(found(&document, json!({})), json!(["red", 0, 0.2]));
}

#[test]
fn a_score_is_exact_and_its_reasons_are_in_order() {
    let scheme = compiled(&scored());
    assert_eq!(
        explain(&scheme, DAY, &json!({"spend": 5})),
        json!({
            "scheme": "points", "version": null, "as_of": DAY, "tier": "C", "method": "score",
            "decided_by": {"cut": 3, "gte": null},
            "inputs": {"spend": 5, "orders": 0, "vip": null},
            "missing": ["vip"], "defaulted": ["orders"],
            "characteristics": [
                {"name": "s", "input": "spend", "bin": "1", "partial_score": 0.1},
                {"name": "o", "input": "orders", "bin": "1", "partial_score": 0.1},
                {"name": "v", "input": "vip", "bin": "?", "partial_score": 0}],
            "score": 0.04,
            "reasons": [
                {"code": "v", "characteristic": "v", "points": 5},
                {"code": "LOW_SPEND", "characteristic": "s", "points": 1.9},
                {"code": "o", "characteristic": "o", "points": 1.9}],
            // From C to B is nearer in rank than to A, whatever it costs.
            "nearest_change": {"input": "orders", "from": 0, "needs": {"gte": 4}, "tier": "B"}
        })
    );
    let top = explain(&scheme, DAY, &json!({"spend": 10, "orders": 4, "vip": true}));
    assert_eq!(
        (&top["score"], &top["reasons"], &top["nearest_change"]),
        (&json!(5.61), &json!([]), &Json::Null)
    );
    assert_eq!(top["decided_by"], json!({"cut": 1, "gte": 5}));
    let mut above = scored();
    above["score"]["reasons"] = json!("points_above");
    above["characteristics"][0]["baseline"] = json!(-1);
    let explanation = explain(&compiled(&above), DAY, &json!({"spend": 10, "orders": 4, "vip": true}));
    assert_eq!(explanation["reasons"], json!([{"code": "LOW_SPEND", "characteristic": "s", "points": 3}]));
}

#[test]
fn the_sides_of_a_score_stand_beside_the_tier_and_their_classes_are_exact() {
    let mut document = scored();
    document["score"]["dimensions"] = json!([
        {"name": "buys", "title": {"en": "Buying"}, "of": ["s", "o"], "classes": [
            {"code": "much", "title": {"en": "Much", "zh": "多"}, "gte": 0.1}, {"code": "nothing"}]},
        {"name": "vip", "of": ["v"], "classes": [{"code": "any"}]}]);
    // Weights of 0.1 and 0.2 and twice 0.1 points: the mean is 0.1 exactly, which no binary fraction is.
    let explanation = explain(&compiled(&document), DAY, &json!({"spend": 5}));
    assert_eq!(
        explanation["dimensions"],
        json!([
            {"name": "buys", "title": {"en": "Buying"}, "class": "much", "class_title": {"en": "Much", "zh": "多"}, "score": 0.1},
            {"name": "vip", "class": "any", "score": 0}])
    );
    assert_eq!(explanation["score"], json!(0.04));
    document["score"]["dimensions"][0]["classes"][0]["gte"] = json!(0.100000000001);
    let explanation = explain(&compiled(&document), DAY, &json!({"spend": 5}));
    assert_eq!(explanation["dimensions"][0]["class"], "nothing");
    // 2 at weight 0.1 and 0.1 at weight 0.2 make (0.2 + 0.02) / 0.3.
    let explanation = explain(&compiled(&document), DAY, &json!({"spend": 10}));
    assert_eq!(explanation["dimensions"][0]["score"], json!(0.73));
    let ungraded = explain(&compiled(&document), DAY, &json!({"orders": 4}));
    assert!(ungraded.get("dimensions").is_none());
    let parsed = Scheme::parse(&document.to_string()).unwrap();
    assert_eq!(Scheme::parse(&parsed.canonical()).unwrap(), parsed);
}

#[test]
fn a_missing_input_leaves_nothing_to_explain() {
    let scheme = compiled(&scored());
    assert_eq!(
        explain(&scheme, DAY, &json!({"orders": 4})),
        json!({
            "scheme": "points", "version": null, "as_of": DAY, "tier": null, "method": "score", "decided_by": null,
            "inputs": {"spend": null, "orders": 4, "vip": null}, "missing": ["spend", "vip"], "defaulted": [],
            "characteristics": [], "score": null, "reasons": [], "nearest_change": null
        })
    );
}

#[test]
fn bands_and_matrix() {
    let scheme = Compiled::parse(preset("abc_share")).unwrap();
    let explanation = explain(&scheme, DAY, &json!({"annual_value": 42000}));
    assert_eq!(explanation["decided_by"]["bin"]["code"], "B");
    assert_eq!(explanation["decided_by"]["bin"]["gte"], 10000);
    assert_eq!(
        explanation["nearest_change"],
        json!({"input": "annual_value", "from": 42000, "needs": {"gte": 100000}, "tier": "A"})
    );
    let scheme = Compiled::parse(preset("scale_by_potential")).unwrap();
    let explanation = explain(&scheme, DAY, &json!({"annual_volume": 120000, "potential": "ordinary"}));
    assert_eq!(explanation["tier"], "medium_ordinary");
    let cell = explanation["decided_by"]["cell"].as_object().unwrap();
    assert_eq!(cell.len(), 2);
    assert_eq!(explanation["nearest_change"]["input"], "potential");
}

fn two_tiers(input: Json, when: Json) -> Compiled {
    let mut input = input;
    input["name"] = json!("x");
    compiled(&json!({"scheme": "two", "inputs": [input],
        "decision": {"method": "rules", "rules": [{"when": when, "tier": "A"}], "otherwise": "B"},
        "tiers": [{"code": "A"}, {"code": "B"}]}))
}

#[test]
fn nearest_changes_by_type() {
    let needs = |input: Json, when: Json, row: Json| {
        let explanation = explain(&two_tiers(input, when), DAY, &row);
        assert_eq!(explanation["tier"], "B", "{row}");
        explanation["nearest_change"].get("needs").cloned().unwrap_or(Json::Null)
    };
    let test = |key: &str, value: Json| json!({"input": "x", key: value});
    let number = json!({"type": "number"});
    let integer = json!({"type": "integer"});
    let day = json!({"type": "date"});
    assert_eq!(needs(number.clone(), test("gte", json!(10)), json!({"x": 9.99})), json!({"gte": 10}));
    assert_eq!(needs(number.clone(), test("gt", json!(10)), json!({"x": 10})), json!({"gt": 10}));
    assert_eq!(needs(number.clone(), test("lt", json!(10)), json!({"x": 10})), json!({"lt": 10}));
    assert_eq!(needs(number.clone(), test("lte", json!(-2.5)), json!({"x": 0})), json!({"lte": -2.5}));
    assert_eq!(needs(integer.clone(), test("gt", json!(10)), json!({"x": 3})), json!({"gte": 11}));
    assert_eq!(needs(integer.clone(), test("lt", json!(2.5)), json!({"x": 3})), json!({"lte": 2}));
    assert_eq!(needs(integer.clone(), test("gt", json!(2.5)), json!({"x": 0})), json!({"gte": 3}));
    assert_eq!(
        needs(day.clone(), test("after", json!("P1M")), json!({"x": "2026-01-15"})),
        json!({"gte": "2026-02-16"})
    );
    assert_eq!(
        needs(day.clone(), test("within", json!("P1M")), json!({"x": "2026-02-16"})),
        json!({"lte": "2026-02-15"})
    );
    // Just one value serves: more would be too much.
    assert_eq!(needs(number.clone(), test("eq", json!(5)), json!({"x": 3})), json!(5));
    assert_eq!(needs(integer, test("in", json!([4, 9])), json!({"x": 3})), json!(4));
    assert_eq!(needs(day, test("eq", json!("P1D")), json!({"x": "2026-01-15"})), json!("2026-01-16"));
    let text = json!({"type": "text"});
    assert_eq!(needs(text.clone(), test("in", json!(["b", "a"])), json!({"x": "c"})), json!("b"));
    assert_eq!(needs(text, test("ne", json!("b")), json!({"x": "b"})), json!({"other": true}));
    assert_eq!(needs(json!({"type": "boolean"}), test("eq", json!(true)), json!({"x": false})), json!(true));
    let or_null = json!({"type": "number", "missing": "null"});
    assert_eq!(needs(or_null.clone(), test("gte", json!(10)), json!({})), json!({"gte": 10}));
    // A value cannot be made missing.
    assert_eq!(needs(or_null, test("is_missing", json!(true)), json!({"x": 1})), Json::Null);
    assert_eq!(
        needs(number, json!({"all": [test("gt", json!(2)), test("lt", json!(1))]}), json!({"x": 1})),
        Json::Null
    );
}

#[test]
fn a_float_changes_like_the_decimal_it_shows() {
    let scheme = two_tiers(json!({"type": "number"}), json!({"input": "x", "gte": 0.3}));
    let as_of = common::as_of(&scheme, DAY);
    let mut sheet = common::sheet(&scheme, &json!({"x": 0.1}), true).unwrap();
    let explanation = scheme.explain(&as_of, &mut sheet, &[json!(0.1)], Some(7)).unwrap();
    assert_eq!(explanation["version"], 7);
    assert_eq!(explanation["nearest_change"]["needs"], json!({"gte": 0.3}));
}

/// What a change costs, by the definition in the reference.
fn cost(kind: InputType, own: &Cell, other: &Cell) -> f64 {
    let decimal = |decimal: Decimal| decimal.to_string().parse::<f64>().unwrap();
    match (own, other) {
        (Cell::Number(own), Cell::Number(other)) => {
            let distance = decimal((own - other).abs());
            if own.is_zero() { distance } else { distance / decimal(own.abs()) }
        }
        (Cell::Date(own), Cell::Date(other)) => {
            f64::from((common::day(*own) - common::day(*other)).abs()) / 30.0
        }
        _ => {
            assert!(
                *own == Cell::Null
                    || !matches!(kind, InputType::Number | InputType::Integer | InputType::Date)
            );
            1.0
        }
    }
}

/// A value that satisfies `needs`, as near to its end as can be.
fn satisfying(scheme: &Scheme, input: usize, own: &Cell, needs: &Json) -> Cell {
    let kind = scheme.inputs[input].kind;
    let cell = |json: &Json| match (kind, json) {
        (InputType::Date, Json::String(text)) => Cell::Date(text.parse::<Date>().unwrap()),
        (_, Json::String(text)) => Cell::Text(text.clone()),
        (_, Json::Bool(value)) => Cell::Boolean(*value),
        (_, other) => Cell::Number(other.to_string().parse().unwrap()),
    };
    let Json::Object(bounds) = needs else { return cell(needs) };
    if bounds.contains_key("is_missing") {
        return if kind == InputType::Date { Cell::Date(AS_OF) } else { Cell::Number(Decimal::ZERO) };
    }
    if bounds.contains_key("other") {
        return Cell::Text("some other text".to_owned());
    }
    let price = |bound: &Json| cost(kind, own, &cell(bound));
    let nearest = bounds.iter().min_by(|(_, one), (_, other)| price(one).total_cmp(&price(other)));
    let (key, bound) = nearest.unwrap();
    let tiny = if kind == InputType::Number { Decimal::new(1, 14) } else { Decimal::ONE };
    match (key.as_str(), cell(bound)) {
        ("gte" | "lte", cell) => cell,
        ("gt", Cell::Number(bound)) => Cell::Number(bound + tiny),
        ("lt", Cell::Number(bound)) => Cell::Number(bound - tiny),
        ("gt", Cell::Date(bound)) => Cell::Date(bound.tomorrow().unwrap()),
        ("lt", Cell::Date(bound)) => Cell::Date(bound.yesterday().unwrap()),
        (key, cell) => panic!("{key} {cell:?}"),
    }
}

fn minimal(compiled: &Compiled, row: &[Cell]) -> Result<(), TestCaseError> {
    let scheme = &compiled.scheme;
    let as_of = compiled.as_of_date(AS_OF);
    let mut sheet = common::fill(compiled, row, false).unwrap();
    let graded = oracle::grade(scheme, AS_OF, row);
    let explained = compiled.explain(&as_of, &mut sheet, &[], None);
    if graded.outcome == Outcome::Error {
        prop_assert!(explained.is_err());
        return Ok(());
    }
    let explanation = explained.unwrap();
    let nearest = &explanation["nearest_change"];
    let missing_for_good = row
        .iter()
        .zip(&scheme.inputs)
        .any(|(cell, input)| *cell == Cell::Null && input.missing == Default::default());
    if missing_for_good {
        prop_assert_eq!(nearest, &Json::Null);
        return Ok(());
    }
    let rank = |tier: &str| scheme.tier(tier).unwrap().0;
    let now = match &graded.outcome {
        Outcome::Tier(tier) => rank(tier),
        _ => usize::MAX,
    };
    // Defaults are where a change begins.
    let from: Vec<Cell> = row
        .iter()
        .zip(&scheme.inputs)
        .map(|(cell, input)| match (cell, explanation["inputs"].get(&input.name)) {
            (Cell::Null, Some(Json::Null)) | (Cell::Null, None) => Cell::Null,
            (Cell::Null, Some(default)) => match (input.kind, default) {
                (InputType::Date, Json::String(text)) => Cell::Date(text.parse().unwrap()),
                (_, Json::String(text)) => Cell::Text(text.clone()),
                (_, Json::Bool(value)) => Cell::Boolean(*value),
                (_, other) => Cell::Number(other.to_string().parse().unwrap()),
            },
            (cell, _) => cell.clone(),
        })
        .collect();
    let mut best: Option<(usize, f64)> = None;
    for input in 0..row.len() {
        for candidate in brute::candidates(scheme, input, AS_OF) {
            if candidate == Cell::Null {
                continue;
            }
            let mut changed = row.to_vec();
            let price = cost(scheme.inputs[input].kind, &from[input], &candidate);
            changed[input] = candidate;
            let Outcome::Tier(tier) = oracle::grade(scheme, AS_OF, &changed).outcome else { continue };
            let reached = rank(&tier);
            if reached < now
                && best.is_none_or(|(known, least)| reached > known || reached == known && price < least)
            {
                best = Some((reached, price));
            }
        }
    }
    let Some((reached, price)) = best else {
        prop_assert_eq!(nearest, &Json::Null);
        return Ok(());
    };
    prop_assert_eq!(nearest["tier"].as_str(), Some(scheme.tiers[reached - 1].code.as_str()));
    let input = scheme.inputs.iter().position(|input| nearest["input"] == *input.name).unwrap();
    let value = satisfying(scheme, input, &from[input], &nearest["needs"]);
    let mut changed = row.to_vec();
    let said = cost(scheme.inputs[input].kind, &from[input], &value);
    changed[input] = value;
    prop_assert_eq!(
        oracle::grade(scheme, AS_OF, &changed).outcome,
        Outcome::Tier(nearest["tier"].as_str().unwrap().to_owned())
    );
    // Open ends have no smallest change, hence the tolerance; of a value of more than twelve digits it is only known between which two it lies.
    let tiny = |cell: &Cell| match cell {
        Cell::Number(own) if !own.is_zero() => {
            let step = if own.normalize().scale() > 12 { 1e-12 } else { 3e-14 };
            step / own.abs().to_string().parse::<f64>().unwrap()
        }
        _ => 0.0,
    };
    let slack: f64 = from.iter().map(tiny).fold(1e-9, f64::max);
    prop_assert!((said - price).abs() <= slack * said.max(1.0), "said {}, found {}", said, price);
    Ok(())
}

proptest! {
    #![proptest_config(common::config(100))]

    #[test]
    fn the_nearest_change_works_and_none_is_nearer(choices in prop::collection::vec(any::<u16>(), 0..300), rows in prop::collection::vec(any::<u16>(), 100)) {
        let document = random::scheme(&mut Tape::new(choices), 3);
        let compiled = compiled(&document);
        let mut tape = Tape::new(rows);
        for _ in 0..10 {
            let row = random::row(&mut tape, &compiled.scheme);
            minimal(&compiled, &row).map_err(|error| match error {
                TestCaseError::Fail(reason) => TestCaseError::fail(format!("{reason}\n{row:?}\n{document}")),
                reject => reject,
            })?;
        }
    }
}
