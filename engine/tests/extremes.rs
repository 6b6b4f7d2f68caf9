//! Values at the ends of their types: graded as their size says, or refused, but never a panic.

mod common;

use common::compiled;
use customer_tiering_engine::grade::value::Value;
use customer_tiering_engine::number::{integer_key, key};
use customer_tiering_engine::{Compiled, ErrorKind};
use jiff::Timestamp;
use jiff::civil::{Date, date};
use serde_json::{Value as Json, json};

fn sign(kind: &str) -> Compiled {
    compiled(&json!({
        "scheme": "sign",
        "inputs": [{"name": "x", "type": kind}],
        "characteristics": [{"name": "c", "input": "x", "baseline": 3, "bins": [
            {"code": "A", "gt": 9999999999999999_i64, "points": 2}, {"code": "B", "gt": 0, "lte": 9999999999999999_i64, "points": 1},
            {"code": "C", "gte": 0, "lte": 0, "points": 0}, {"code": "D", "lt": 0, "points": -1}]}],
        "score": {},
        "decision": {"method": "bands", "characteristic": "c"},
        "tiers": [{"code": "A"}, {"code": "B"}, {"code": "C"}, {"code": "D"}]
    }))
}

/// The tier of a value; its explanation must not fail either.
fn tier(scheme: &Compiled, value: Value) -> String {
    let as_of = common::as_of(scheme, "2026-01-15");
    let mut sheet = scheme.sheet();
    sheet.slots[0] = value;
    let tier = scheme.tier(&as_of, &mut sheet).unwrap().unwrap();
    let explanation = scheme.explain(&as_of, &mut sheet, &[Json::Null], None).unwrap();
    let code = scheme.scheme.tiers[tier].code.clone();
    assert_eq!(explanation["tier"], *code);
    assert_eq!(explanation["nearest_change"] == Json::Null, code == "A", "{value:?}: {explanation}");
    assert!(!explanation["nearest_change"].to_string().contains("gte\":null"), "{explanation}");
    code
}

#[test]
fn exact_numbers_of_any_size() {
    let scheme = sign("number");
    let slot = &scheme.inputs[0];
    let ten37 = 10_i128.pow(37);
    for (negative, units, beyond, expected) in [
        (false, ten37, false, "A"),
        (false, ten37, true, "A"),
        (true, ten37, true, "D"),
        (false, i128::MAX, true, "A"),
        (true, i128::MAX, true, "D"),
        (false, 9_999_999_999_999_999 * 10_i128.pow(12), false, "B"),
        (false, 9_999_999_999_999_999 * 10_i128.pow(12), true, "A"),
        (false, 0, true, "B"),
        (true, 0, true, "D"),
        (false, 0, false, "C"),
        (true, 0, false, "C"),
    ] {
        let value = slot.exact(key(negative, units, beyond)).unwrap();
        assert_eq!(tier(&scheme, value), expected, "{negative} {units} {beyond}");
    }
    for (value, expected) in [(i64::MIN, "D"), (i64::MAX, "A"), (0, "C"), (-1, "D")] {
        assert_eq!(tier(&scheme, slot.integer(value).unwrap()), expected);
        assert_eq!(slot.integer(value).unwrap(), Value::Exact(integer_key(value)));
    }
}

#[test]
fn floats_of_any_size() {
    let scheme = sign("number");
    for (float, expected) in [
        (f64::MAX, "A"),
        (f64::MIN, "D"),
        (1e30, "A"),
        (-1e30, "D"),
        (1e16, "B"), // the double nearest to the cut 9999999999999999, as in a comparison in SQL
        (1.0000000000000002e16, "A"),
        (f64::MIN_POSITIVE, "B"),
        (5e-324, "B"),
        (-5e-324, "D"),
        (0.0, "C"),
        (-0.0, "C"),
    ] {
        assert_eq!(tier(&scheme, scheme.inputs[0].float(float).unwrap()), expected, "{float}");
    }
    for float in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let error = scheme.inputs[0].float(float).unwrap_err();
        assert_eq!(error.kind, ErrorKind::InvalidValue);
    }
}

#[test]
fn whole_numbers_of_any_size() {
    let scheme = sign("integer");
    let slot = &scheme.inputs[0];
    for (value, expected) in [(i64::MIN, "D"), (i64::MAX, "A"), (1, "B")] {
        assert_eq!(tier(&scheme, slot.integer(value).unwrap()), expected);
    }
    assert_eq!(tier(&scheme, slot.float(f64::MAX).unwrap()), "A");
    assert_eq!(tier(&scheme, slot.float(-1e300).unwrap()), "D");
    for refused in [
        slot.float(0.5),
        slot.float(5e-324),
        slot.exact(key(false, 1, false)),
        slot.exact(key(true, 0, true)),
    ] {
        let error = refused.unwrap_err();
        assert_eq!(error.message, "input \"x\" is not a whole number");
    }
}

#[test]
fn dates_of_any_age() {
    let scheme = compiled(&json!({
        "scheme": "dates", "timezone": "Pacific/Kiritimati",
        "inputs": [{"name": "x", "type": "date"}],
        "characteristics": [{"name": "c", "input": "x", "bins": [
            {"code": "A", "gte": "P100Y"}, {"code": "B", "gte": "-P100Y", "lt": "P100Y"}, {"code": "C", "lt": "-P100Y"}]}],
        "decision": {"method": "bands", "characteristic": "c"},
        "tiers": [{"code": "A"}, {"code": "B"}, {"code": "C"}]
    }));
    let mut sheet = scheme.sheet();
    for as_of in [Date::MIN, date(1, 1, 1), date(2026, 1, 15), Date::MAX] {
        let as_of = scheme.as_of_date(as_of);
        let mut last = usize::MAX;
        for day in [i32::MIN, common::day(Date::MIN), -1, 0, 1, common::day(Date::MAX), i32::MAX] {
            sheet.slots[0] = Value::Day(day);
            let tier = scheme.tier(&as_of, &mut sheet).unwrap().unwrap();
            assert!(tier <= last, "a later day in a lower tier: {day}");
            last = tier;
            let explanation = scheme.explain(&as_of, &mut sheet, &[Json::Null], None).unwrap();
            assert!(!explanation["nearest_change"].to_string().contains(":null}"), "{explanation}");
        }
        assert_eq!(last, 0);
    }
    for instant in [Timestamp::MIN, Timestamp::UNIX_EPOCH, Timestamp::MAX] {
        let as_of = scheme.as_of(instant);
        assert_eq!(scheme.day_of(instant), common::day(as_of.date));
    }
    assert_eq!(scheme.day_of("2026-01-15T10:00:00Z".parse().unwrap()), common::day(date(2026, 1, 16)));
    // Before 1979 the island was on the other side of the date line.
    assert_eq!(scheme.day_of("1969-12-31T09:59:59Z".parse().unwrap()), -2);
}

#[test]
fn scores_are_exact_or_refused() {
    let scored = |weight: &str, points: &str| {
        Compiled::parse(&format!(
            r#"{{"scheme": "s", "inputs": [{{"name": "x", "type": "boolean"}}],
            "characteristics": [{{"name": "c", "input": "x", "baseline": 9999999999999999.999999999999, "bins": [
                {{"code": "t", "in": [true], "points": {points}}}, {{"code": "f", "in": [false], "points": 0}}]}}],
            "score": {{"weights": {{"c": {weight}}}, "initial": 0.000000000001}},
            "decision": {{"method": "score", "cuts": [{{"tier": "A", "gte": 0.000000000002}}, {{"tier": "B"}}]}},
            "tiers": [{{"code": "A"}}, {{"code": "B"}}]}}"#
        ))
    };
    let score = |scheme: &Compiled| {
        let as_of = common::as_of(scheme, "2026-01-15");
        let mut sheet = common::sheet(scheme, &json!({"x": true}), false).unwrap();
        scheme.explain(&as_of, &mut sheet, &[json!(true)], None).unwrap();
        scheme.score(&as_of, &mut sheet).unwrap().unwrap().to_string()
    };
    for (weight, points, expected) in [
        ("1", "0.1", "0.100000000001"),
        ("-1", "0.000000000001", "0"),
        ("9999999999999999", "0.000000000001", "10000"),
        ("0.000000000001", "0.000000000001", "0.000000000001000000000001"),
        ("9999999999999999", "1000000000", "9999999999999999000000000.000000000001"),
        ("-9999999999999999", "1000000000", "-9999999999999998999999999.999999999999"),
    ] {
        let scheme = scored(weight, points).unwrap_or_else(|error| panic!("{weight} {points}: {error}"));
        assert_eq!(score(&scheme), expected, "{weight} {points}");
    }
    for (weight, points) in [
        ("9999999999999999.999999999999", "9999999999999999.999999999999"),
        ("-9223372.036854775808", "18446744.073709551616"),
        ("9999999999999999", "9999999999999999"),
    ] {
        let detail = scored(weight, points).unwrap_err().detail.unwrap();
        assert!(detail.contains("more digits than a score can hold"), "{weight} {points}: {detail}");
    }
}
