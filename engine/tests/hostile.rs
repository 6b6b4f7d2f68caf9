//! Documents that mean harm: an error or a scheme, never a panic, and never a long time.

mod common;

use std::time::Duration;

use common::processor::Stopwatch;
use customer_tiering_engine::study::check::check;
use customer_tiering_engine::{Compiled, ErrorKind};
use serde_json::{Value as Json, json};

/// Parses within a second of a processor (ten in a debug build).
fn parse(text: &str) -> customer_tiering_engine::Result<Compiled> {
    let watch = Stopwatch::start();
    let outcome = Compiled::parse(text);
    let limit = Duration::from_secs(if cfg!(debug_assertions) { 10 } else { 1 });
    assert!(watch.used() < limit, "{:?} for {:.80}", watch.used(), text);
    outcome
}

fn kind(text: &str) -> ErrorKind {
    let error = parse(text).unwrap_err();
    let detail = error.detail.clone().unwrap_or_default();
    assert!(!detail.is_empty() && detail.len() < 4000, "{:.80}: {error:?}", text);
    error.kind
}

#[test]
fn what_is_no_json_is_not_json() {
    let cut = r#"{"scheme": "x"#;
    for text in [
        "",
        " ",
        "{",
        "[1,",
        "nul",
        "{'a': 1}",
        "NaN",
        "Infinity",
        "{\"a\": 01}",
        "\u{feff}{}",
        "{} {}",
        cut,
        "\"\\ud800\"",
        "\u{0}",
    ] {
        assert_eq!(kind(text), ErrorKind::NotJson, "{text:?}");
    }
}

#[test]
fn json_of_another_shape_is_invalid() {
    for text in [
        "null",
        "[]",
        "{}",
        "1",
        "1e999",
        "true",
        "\"scheme\"",
        r#"{"scheme": null}"#,
        r#"{"scheme": "a", "scheme": "b"}"#,
        "{\"scheme\": \"a\\u0000b\"}",
    ] {
        assert_eq!(kind(text), ErrorKind::InvalidValue, "{text:?}");
    }
}

#[test]
fn nesting_and_size_have_an_end() {
    assert_eq!(kind(&"[".repeat(10_000)), ErrorKind::TooLarge);
    assert_eq!(kind(&format!("{}{}", "[".repeat(10_000), "]".repeat(10_000))), ErrorKind::TooLarge);
    assert_eq!(kind(&r#"{"a":"#.repeat(10_000)), ErrorKind::TooLarge);
    assert_eq!(kind(&" ".repeat(10_000_000)), ErrorKind::TooLarge);
    assert_eq!(kind(&format!("{:?}", "x".repeat(10_000_000))), ErrorKind::TooLarge);
}

fn scheme(inputs: Json, when: Json) -> Json {
    json!({"scheme": "x", "inputs": inputs, "decision": {"method": "rules", "rules": [{"when": when, "tier": "A"}],
        "otherwise": "B"}, "tiers": [{"code": "A"}, {"code": "B"}]})
}

#[test]
fn conditions_nest_as_deep_as_json_does() {
    let leaf = json!({"input": "n", "gt": 1});
    let (mut last, mut depth) = (None, 0_u32);
    let mut when = leaf;
    loop {
        let document = scheme(json!([{"name": "n", "type": "number"}]), when.clone());
        match parse(&document.to_string()) {
            Ok(compiled) => last = Some((compiled, depth)),
            Err(error) => {
                assert_eq!(error.kind, ErrorKind::TooLarge, "{error}");
                break;
            }
        }
        depth += 1;
        when = match depth % 3 {
            0 => json!({"all": [when]}),
            1 => json!({"not": when}),
            _ => json!({"any": [when]}),
        };
    }
    let (compiled, depth) = last.unwrap();
    assert!(depth > 50, "{depth}");
    let as_of = common::as_of(&compiled, "2026-01-15");
    // An odd number of `not` turns the test round.
    let odd = depth.div_ceil(3) % 2 == 1;
    for (n, holds) in [(1, odd), (2, !odd)] {
        let tier = common::tier(&compiled, &as_of, &json!({"n": n}), false).unwrap();
        assert_eq!(tier.as_deref(), Some(if holds { "A" } else { "B" }));
    }
    assert!(check(&compiled, &mut || Ok(())).unwrap().is_empty());
}

#[test]
fn long_lists_take_linear_time() {
    let texts: Vec<String> = (0..30_000).map(|n| format!("t{n}")).collect();
    let document = scheme(json!([{"name": "t", "type": "text"}]), json!({"input": "t", "in": texts}));
    parse(&document.to_string()).unwrap();
    let days: Vec<String> = (0..20_000).map(|n| format!("P{}D", n % 10_000)).collect();
    let document = scheme(json!([{"name": "d", "type": "date"}]), json!({"input": "d", "in": days}));
    parse(&document.to_string()).unwrap();
    let numbers: Vec<u32> = (0..40_000).collect();
    let document = scheme(json!([{"name": "n", "type": "number"}]), json!({"input": "n", "in": numbers}));
    parse(&document.to_string()).unwrap();
    let document =
        scheme(json!([{"name": "n", "type": "number", "allowed": numbers}]), json!({"input": "n", "eq": 1}));
    assert_eq!(kind(&document.to_string()), ErrorKind::InvalidValue);
}

#[test]
fn long_names_make_no_long_errors() {
    let long = "甲".repeat(300_000);
    let inputs = json!([{"name": "n", "type": "number"}]);
    for when in [
        json!({"input": long, "gt": 1}),
        json!({"input": "n", "eq": long}),
        json!({"input": "n", "within": long}),
    ] {
        assert_eq!(kind(&scheme(inputs.clone(), when).to_string()), ErrorKind::InvalidValue);
    }
    let mut document = scheme(inputs, json!({"input": "n", "gt": 1}));
    for (key, value) in
        [("scheme", json!(long)), ("timezone", json!(long)), ("score", json!({"weights": {long.clone(): 1}}))]
    {
        let kept = document[key].clone();
        document[key] = value;
        assert_eq!(kind(&document.to_string()), ErrorKind::InvalidValue);
        document[key] = kept;
    }
    document[&long] = json!(1);
    assert_eq!(kind(&document.to_string()), ErrorKind::InvalidValue);
}

#[test]
fn a_row_value_makes_no_long_error_either() {
    let document =
        scheme(json!([{"name": "t", "type": "text", "allowed": ["a"]}]), json!({"input": "t", "eq": "a"}));
    let compiled = common::compiled(&document);
    let error = compiled.inputs[0].text("x".repeat(1_000_000).as_bytes()).unwrap_err();
    assert!(error.detail.unwrap().len() < 1000);
    let error = compiled.inputs[0].text(b"\xff\xfe\0").unwrap_err();
    assert_eq!(error.kind, ErrorKind::InvalidValue);
}

#[test]
fn a_check_of_too_much_says_so() {
    let names: Vec<String> = (0..30).map(|n| format!("n{n}")).collect();
    let inputs: Vec<Json> = names.iter().map(|name| json!({"name": name, "type": "number"})).collect();
    let tests: Vec<Json> = names.iter().map(|name| json!({"input": name, "gt": 1})).collect();
    let compiled = common::compiled(&scheme(json!(inputs), json!({"all": tests})));
    let findings = check(&compiled, &mut || Ok(())).unwrap();
    assert_eq!(findings.iter().map(|finding| finding.kind.code()).collect::<Vec<_>>(), ["not_checked"]);
}
