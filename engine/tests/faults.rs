//! Every way in which a document can be wrong: where it is said to be wrong, what was found there and
//! what is expected instead.

mod common;

use customer_tiering_engine::{Compiled, ErrorKind};
use serde_json::{Value as Json, json};

/// A scheme of every kind of input and characteristic.
fn base(decision: Json) -> Json {
    json!({
        "scheme": "base",
        "inputs": [
            {"name": "spend", "type": "number"},
            {"name": "orders", "type": "integer"},
            {"name": "demand", "type": "text", "allowed": ["explicit", "latent", "none"]},
            {"name": "member", "type": "boolean", "missing": "null"},
            {"name": "last", "type": "date", "missing": "null"},
            {"name": "city", "type": "text"},
            {"name": "stars", "type": "integer", "allowed": [1, 2, 3]}
        ],
        "characteristics": [
            {"name": "s", "input": "spend", "bins": [
                {"code": "high", "gte": 100, "points": 2}, {"code": "low", "lt": 100, "points": 1}]},
            {"name": "o", "input": "orders", "bins": [{"code": "few", "lte": 3}, {"code": "many", "gte": 4}]},
            {"name": "d", "input": "demand", "bins": [
                {"code": "yes", "in": ["explicit", "latent"]}, {"code": "no", "in": ["none"]}]},
            {"name": "m", "input": "member", "bins": [
                {"code": "in", "in": [true]}, {"code": "out", "in": [false]}, {"code": "?", "missing": true}]},
            {"name": "l", "input": "last", "bins": [
                {"code": "old", "lt": "-P1M"}, {"code": "new", "gte": "-P1M"}, {"code": "?", "missing": true}]},
            {"name": "t", "input": "stars", "bins": [
                {"code": "A", "in": [3]}, {"code": "B", "in": [2]}, {"code": "C", "in": [1]}]}
        ],
        "score": {},
        "decision": decision,
        "tiers": [{"code": "A"}, {"code": "B"}, {"code": "C"}]
    })
}

fn rules() -> Json {
    base(
        json!({"method": "rules", "rules": [{"when": {"input": "spend", "gte": 1}, "tier": "A"}], "otherwise": "C"}),
    )
}

fn bands() -> Json {
    base(json!({"method": "bands", "characteristic": "t"}))
}

fn score() -> Json {
    base(
        json!({"method": "score", "cuts": [{"tier": "A", "gte": 2}, {"tier": "B", "gte": 1.5}, {"tier": "C"}]}),
    )
}

fn matrix() -> Json {
    base(json!({"method": "matrix", "characteristics": ["s", "o"], "cells": [
        {"at": ["high", "many"], "tier": "A"}, {"at": ["high", "few"], "tier": "B"},
        {"at": ["low", "many"], "tier": "B"}, {"at": ["low", "few"], "tier": "C"}]}))
}

/// Puts `value` at a JSON pointer; a last segment `-` appends, `null` of an array's end removes.
fn put(document: &mut Json, pointer: &str, value: Json) {
    let (parent, last) = pointer.rsplit_once('/').unwrap();
    match document.pointer_mut(parent).unwrap_or_else(|| panic!("{pointer}")) {
        Json::Object(members) => {
            members.insert(last.to_owned(), value);
        }
        Json::Array(items) if last == "-" => items.push(value),
        Json::Array(items) if value == "remove" => {
            items.remove(last.parse().unwrap());
        }
        Json::Array(items) => items[last.parse::<usize>().unwrap()] = value,
        other => panic!("{pointer} in {other}"),
    }
}

type Row = (fn() -> Json, &'static [(&'static str, &'static str)], &'static str);

/// Applies each row's patches (pointer and JSON) and compares the DETAIL, all rows in one failure.
fn all(rows: &[Row]) {
    let mut wrong = Vec::new();
    for (document, patches, expected) in rows {
        let mut document = document();
        for (pointer, value) in *patches {
            put(&mut document, pointer, value.parse().unwrap_or_else(|e| panic!("{value}: {e}")));
        }
        match Compiled::parse(&document.to_string()) {
            Ok(_) => wrong.push(format!("{patches:?}\n  accepted instead of\n  {expected}")),
            Err(error) => {
                let detail = error.detail.clone().unwrap_or_default();
                if detail != *expected {
                    wrong.push(format!("{patches:?}\n  {detail}\n  instead of\n  {expected}"));
                }
                if error.kind != ErrorKind::InvalidValue
                    || error.message != "invalid scheme document"
                    || !detail.starts_with("At $")
                    || !detail.ends_with('.')
                    || error.hint.as_ref().is_none_or(|hint| !hint.ends_with(['.', '}', '?']))
                {
                    wrong.push(format!("{patches:?}\n  {error:?}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {} rows\n{}", wrong.len(), rows.len(), wrong.join("\n"));
}

#[test]
fn the_bases_are_valid() {
    for document in [rules(), bands(), score(), matrix()] {
        common::compiled(&document);
    }
}

#[test]
fn names_codes_and_counts() {
    all(&[
        (
            rules,
            &[("/scheme", r#""My scheme""#)],
            r#"At $.scheme: found "My scheme", expected a name of at most 63 characters: a letter or underscore, then letters, digits and underscores, in lower case."#,
        ),
        (
            rules,
            &[("/timezone", r#""Mars/Olympus""#)],
            r#"At $.timezone: found "Mars/Olympus", expected an IANA time zone such as "Asia/Shanghai"."#,
        ),
        (rules, &[("/inputs", "[]")], "At $.inputs: found 0 inputs, expected 1 to 98 inputs."),
        (rules, &[("/tiers", "[]")], "At $.tiers: found 0 tiers, expected 1 to 1000 tiers."),
        (
            rules,
            &[("/inputs/0/name", r#""1st""#)],
            r#"At $.inputs[0].name: found "1st", expected a name of at most 63 bytes: a letter or underscore, then letters, digits and underscores."#,
        ),
        (
            rules,
            &[("/inputs/1/name", r#""spend""#)],
            r#"At $.inputs[1].name: found "spend", expected a name other than that of $.inputs[0]."#,
        ),
        (
            rules,
            &[("/characteristics/1/name", r#""s""#)],
            r#"At $.characteristics[1].name: found "s", expected a name other than that of $.characteristics[0]."#,
        ),
        (
            rules,
            &[("/tiers/2/code", r#""A""#)],
            r#"At $.tiers[2].code: found "A", expected a code other than that of $.tiers[0]."#,
        ),
        (
            rules,
            &[("/tiers/2/code", r#""""#)],
            r#"At $.tiers[2].code: found "", expected a code of 1 to 63 bytes without control characters or outer blanks."#,
        ),
        (
            rules,
            &[("/tiers/2/code", r#"" A""#)],
            r#"At $.tiers[2].code: found " A", expected a code of 1 to 63 bytes without control characters or outer blanks."#,
        ),
        (
            rules,
            &[("/characteristics/0/bins/1/code", r#""high""#)],
            r#"At $.characteristics[0].bins[1].code: found "high", expected a code other than that of $.characteristics[0].bins[0]."#,
        ),
        (
            rules,
            &[("/characteristics/0/bins", "[]")],
            "At $.characteristics[0].bins: found 0 bins, expected 1 to 1000 bins.",
        ),
        (
            rules,
            &[("/characteristics/0/input", r#""age""#)],
            r#"At $.characteristics[0].input: found "age", expected a declared input: "spend", "orders", "demand", "member", "last", "city", "stars"."#,
        ),
        (
            rules,
            &[("/decision/rules", "[]")],
            "At $.decision.rules: found 0 rules, expected 1 to 10000 rules.",
        ),
        (
            rules,
            &[("/decision/rules/0/tier", r#""Z""#)],
            r#"At $.decision.rules[0].tier: found "Z", expected a declared tier: "A", "B", "C"."#,
        ),
        (
            rules,
            &[("/decision/otherwise", r#""Z""#)],
            r#"At $.decision.otherwise: found "Z", expected a declared tier: "A", "B", "C"."#,
        ),
        (
            rules,
            &[("/stability", r#"{"promote_margin": -0.1}"#)],
            "At $.stability.promote_margin: found -0.1, expected a margin of at least 0.",
        ),
        (
            rules,
            &[("/stability", r#"{"demote_steps": 0}"#)],
            "At $.stability.demote_steps: found 0, expected at least 1 step, or no such key for no limit.",
        ),
        (
            rules,
            &[("/stability", r#"{"demote_on": "02-30"}"#)],
            r#"At $.stability.demote_on: found "02-30", expected a day MM-DD, tier_anniversary, customer_anniversary, fiscal_year, fiscal_quarter, year, quarter or never."#,
        ),
        (
            rules,
            &[("/stability", r#"{"demote_on": ["01-01", "tier_anniversary"]}"#)],
            r#"At $.stability.demote_on: found ["01-01","tier_anniversary"], expected a day MM-DD, tier_anniversary, customer_anniversary, fiscal_year, fiscal_quarter, year, quarter or never."#,
        ),
        (
            rules,
            &[("/stability", r#"{"demote_on": "fiscal_year"}"#)],
            r#"At $.stability.demote_on: found fiscal_year, expected "fiscal_year" in the document, such as {"begins": "04-01"}."#,
        ),
        (
            rules,
            &[("/stability", r#"{"term": "next_fiscal_year"}"#)],
            r#"At $.stability.term: found next_fiscal_year, expected "fiscal_year" in the document, such as {"begins": "04-01"}."#,
        ),
        (
            rules,
            &[("/stability", r#"{"term": "last_year"}"#)],
            r#"At $.stability.term: invalid term "last_year". It ends before it begins."#,
        ),
        (
            rules,
            &[("/stability", r#"{"term": "this_week"}"#)],
            r#"At $.stability.term: found "this_week", expected a period such as this_fiscal_quarter, last_year or next_2_quarters."#,
        ),
        (
            rules,
            &[("/stability", r#"{"term": "this_month", "minimum_stay": "P1Y"}"#)],
            r#"At $.stability.term: found this_month, expected a longer time than "minimum_stay", P1Y, within which nobody moves at all."#,
        ),
        (
            rules,
            &[("/stability", r#"{"demote_on": "never", "term": "this_year"}"#)],
            r#"At $.stability.term: found a rule for going down, expected no such key, since "demote_on" says that nobody goes down."#,
        ),
        (
            rules,
            &[("/stability", r#"{"demote_on": "never", "term": "P1Y"}"#)],
            r#"At $.stability.term: found a rule for going down, expected no such key, since "demote_on" says that nobody goes down."#,
        ),
        (
            rules,
            &[("/stability", r#"{"minimum_stay": "P3M", "term": "P80D"}"#)],
            r#"At $.stability.term: found P80D, expected a longer time than "minimum_stay", P3M, within which nobody moves at all."#,
        ),
        (
            rules,
            &[("/tiers/0/targets", r#"{"response": {"within": "PT1H", "clock": "working"}}"#)],
            r#"At $.tiers[0].targets: found "response", expected another name, since "response" of the tier is the target of that name."#,
        ),
        (
            rules,
            &[("/tiers/0/followup", r#"{"every": "P1W", "grace": "P3D", "steps": [{"after": "P1D"}]}"#)],
            r#"At $.tiers[0].followup.grace: found P3D, expected no such key, since the first of "steps" says when the first contact is due."#,
        ),
        (
            rules,
            &[(
                "/tiers/0/followup",
                r#"{"every": "P1W", "steps": [{"after": "P1D"}, {"after": "P30D"}, {"after": "P1M"}]}"#,
            )],
            "At $.tiers[0].followup.steps[2].after: found P1M, expected a longer time than that of the step before, P30D.",
        ),
        (
            rules,
            &[("/tiers/0/followup", r#"{"every": "P1W", "steps": [{"after": "P1D", "channel": ""}]}"#)],
            r#"At $.tiers[0].followup.steps[0].channel: found "", expected a code of 1 to 63 bytes without control characters or outer blanks."#,
        ),
        (
            rules,
            &[("/tiers/0/followup", r#"{"every": "P1W", "channels": {" visit": "P6M"}}"#)],
            r#"At $.tiers[0].followup.channels: found " visit", expected a code of 1 to 63 bytes without control characters or outer blanks."#,
        ),
        (
            rules,
            &[("/tiers/0/followup", r#"{"every": "P1W", "channels": {"phone": "P6M", "电话": "P5M"}}"#)],
            r#"At $.tiers[0].followup.channels: found "电话", expected each channel once, which "phone" names as well."#,
        ),
        (
            rules,
            &[("/tiers/0/followup", r#"{"every": "P1W", "channels": {"visit": "P0D"}}"#)],
            r#"At $.tiers[0].followup.channels.visit: invalid period "P0D". It is zero."#,
        ),
    ]);
}

#[test]
fn ninety_nine_inputs() {
    let mut document = rules();
    for number in 0..91 {
        put(&mut document, "/inputs/-", json!({"name": format!("x{number}"), "type": "number"}));
    }
    common::compiled(&document);
    put(&mut document, "/inputs/-", json!({"name": "one_more", "type": "number"}));
    let error = Compiled::parse(&document.to_string()).unwrap_err();
    assert_eq!(error.detail.unwrap(), "At $.inputs: found 99 inputs, expected 1 to 98 inputs.");
}

#[test]
fn allowed_and_default_values() {
    all(&[
        (
            rules,
            &[("/inputs/2/allowed", r#"["a", 1]"#)],
            "At $.inputs[2].allowed[1]: found 1, expected a text.",
        ),
        (
            rules,
            &[("/inputs/2/allowed", r#"["a", "b", "a"]"#)],
            r#"At $.inputs[2].allowed[2]: found "a" again, expected each value once."#,
        ),
        (
            rules,
            &[("/inputs/6/allowed", r#"[1, 2, 1.0]"#)],
            "At $.inputs[6].allowed[2]: found 1 again, expected each value once.",
        ),
        (
            rules,
            &[("/inputs/6/allowed", r#"[1.5]"#)],
            "At $.inputs[6].allowed[0]: found 1.5, expected a whole number.",
        ),
        (
            rules,
            &[("/inputs/6/allowed", r#"["1"]"#)],
            r#"At $.inputs[6].allowed[0]: found "1", expected a number."#,
        ),
        (
            rules,
            &[("/inputs/4/allowed", r#"["2026-01-01"]"#)],
            "At $.inputs[4].allowed[0]: found allowed values of a date input, expected none.",
        ),
        (
            rules,
            &[("/inputs/0/missing", r#"{"default": "x"}"#)],
            r#"At $.inputs[0].missing.default: found "x", expected a value of type number."#,
        ),
        (
            rules,
            &[("/inputs/1/missing", r#"{"default": 1.5}"#)],
            r#"At $.inputs[1].missing.default: found 1.5, expected a value that input "orders" may have."#,
        ),
        (
            rules,
            &[("/inputs/2/missing", r#"{"default": "other"}"#)],
            r#"At $.inputs[2].missing.default: found "other", expected a value that input "demand" may have."#,
        ),
        (
            rules,
            &[("/inputs/4/missing", r#"{"default": "P30D"}"#)],
            r#"At $.inputs[4].missing.default: found "P30D", expected a date such as "2026-01-31"."#,
        ),
        (
            rules,
            &[("/inputs/0/missing", r#""zero""#)],
            r#"At $.inputs[0].missing: found "zero", expected one of "ungraded", "error", "null", "default"."#,
        ),
        (
            rules,
            &[("/inputs/0/type", r#""float""#)],
            r#"At $.inputs[0].type: found "float", expected one of "number", "integer", "text", "boolean", "date"."#,
        ),
    ]);
}

#[test]
fn bins() {
    all(&[
        (
            rules,
            &[("/characteristics/0/bins/1/lt", "99")],
            r#"At $.characteristics[0].bins: found a gap between bins "low" and "high", expected bins that cover every value exactly once."#,
        ),
        (
            rules,
            &[("/characteristics/0/bins/1/lt", "101")],
            r#"At $.characteristics[0].bins: found bins "low" and "high", which overlap, expected bins that cover every value exactly once."#,
        ),
        (
            rules,
            &[("/characteristics/0/bins/1", r#"{"code": "low", "lte": 100, "points": 1}"#)],
            r#"At $.characteristics[0].bins: found bins "low" and "high", which overlap, expected bins that cover every value exactly once."#,
        ),
        (
            rules,
            &[("/characteristics/0/bins/0", r#"{"code": "high", "gt": 100, "points": 1}"#)],
            r#"At $.characteristics[0].bins: found a gap between bins "low" and "high", expected bins that cover every value exactly once."#,
        ),
        (
            rules,
            &[("/characteristics/0/bins/1/gte", "0")],
            r#"At $.characteristics[0].bins: found no bin for the values below bin "low", expected bins that cover every value exactly once."#,
        ),
        (
            rules,
            &[("/characteristics/0/bins/0/lt", "1000")],
            r#"At $.characteristics[0].bins: found no bin for the values above bin "high", expected bins that cover every value exactly once."#,
        ),
        (
            rules,
            &[("/characteristics/0/bins/0/lt", "100")],
            r#"At $.characteristics[0].bins: found bin "high", which can hold no value, expected bins that cover every value exactly once."#,
        ),
        (
            rules,
            &[("/characteristics/0/bins/0/gt", "5")],
            r#"At $.characteristics[0].bins[0]: found "gt" beside "gte", expected one of them."#,
        ),
        (
            rules,
            &[("/characteristics/0/bins/0/gte", r#""100""#)],
            r#"At $.characteristics[0].bins[0].gte: found "100", expected a number."#,
        ),
        (
            rules,
            &[("/characteristics/0/bins/0/gte", "[1]")],
            "At $.characteristics[0].bins[0].gte: found [1], expected a number, a text or a boolean.",
        ),
        // An object in the place of a number is told where it stands, not by what reads numbers.
        (
            rules,
            &[("/inputs/0/min", r#"{"gte": 1}"#)],
            r#"At $.inputs[0].min: found {"gte":1}, expected a number."#,
        ),
        (
            rules,
            &[("/characteristics/1/bins/1/gte", "5")],
            r#"At $.characteristics[1].bins: found a gap between bins "few" and "many", expected bins that cover every value exactly once."#,
        ),
        (
            rules,
            &[("/characteristics/1/bins/1/gte", "2.5")],
            r#"At $.characteristics[1].bins: found bins "few" and "many", which overlap, expected bins that cover every value exactly once."#,
        ),
        (
            rules,
            &[("/characteristics/1/bins/-", r#"{"code": "none", "gt": 3, "lt": 4}"#)],
            r#"At $.characteristics[1].bins: found bin "none", which can hold no value, expected bins that cover every value exactly once."#,
        ),
        (
            rules,
            &[("/characteristics/0/bins/-", r#"{"code": "?", "missing": true, "points": 0}"#)],
            r#"At $.characteristics[0].bins[2]: found a bin for missing values that input "spend" never passes on, expected "missing": "null" at the input."#,
        ),
        (
            rules,
            &[("/characteristics/0/bins/0/missing", "true")],
            r#"At $.characteristics[0].bins[0]: found "missing" beside bounds, expected a bin of its own for the missing values."#,
        ),
        (
            rules,
            &[("/characteristics/3/bins/-", r#"{"code": "??", "missing": true}"#)],
            "At $.characteristics[3].bins[3]: found a second bin for missing values, expected at most one.",
        ),
        (
            rules,
            &[("/characteristics/3/bins/2", r#""remove""#)],
            r#"At $.characteristics[3].bins: found no bin for the missing values that input "member" passes on, expected one bin with "missing": true."#,
        ),
        (
            rules,
            &[("/characteristics/3/bins", r#"[{"code": "?", "missing": true}]"#)],
            "At $.characteristics[3].bins: found only a bin for missing values, expected bins for the values too.",
        ),
        (
            rules,
            &[("/characteristics/3/bins/1", r#""remove""#)],
            "At $.characteristics[3].bins: found no bin for false, expected every value of the input in exactly one bin.",
        ),
        (
            rules,
            &[("/characteristics/2/bins/1", r#""remove""#)],
            r#"At $.characteristics[2].bins: found no bin for "none", expected every value of the input in exactly one bin."#,
        ),
        (
            rules,
            &[("/characteristics/5/bins/2", r#""remove""#)],
            "At $.characteristics[5].bins: found no bin for 1, expected every value of the input in exactly one bin.",
        ),
        (
            rules,
            &[("/characteristics/2/bins/1/in", r#"["none", "latent"]"#)],
            r#"At $.characteristics[2].bins[1].in[1]: found "latent", which is in bin "yes" too, expected each value in one bin."#,
        ),
        (
            rules,
            &[("/characteristics/2/bins/1/in", r#"["nope"]"#)],
            r#"At $.characteristics[2].bins[1].in[0]: found "nope", expected a value that input "demand" may have."#,
        ),
        (
            rules,
            &[("/characteristics/2/bins/-", r#"{"code": "x", "in": []}"#)],
            "At $.characteristics[2].bins[2].in: found an empty list, expected at least one value.",
        ),
        (
            rules,
            &[("/characteristics/2/bins/-", r#"{"code": "x", "gt": 3}"#)],
            r#"At $.characteristics[2].bins[2]: found a bin without "in" among bins with it, expected "in": [...] in every bin."#,
        ),
        (
            rules,
            &[("/characteristics/2/bins/0/lt", "3")],
            r#"At $.characteristics[2].bins[0]: found "in" beside bounds, expected either a set of values or an interval."#,
        ),
        (
            rules,
            &[("/characteristics/2/input", r#""city""#)],
            r#"At $.characteristics[2].bins: found sets of values over input "city", which may have any value, expected "other": true in one bin, or an input with "allowed", so that the bins cover every value."#,
        ),
        (
            rules,
            &[("/characteristics/2/bins", r#"[{"code": "x", "lt": "m"}, {"code": "y", "gte": "m"}]"#)],
            r#"At $.characteristics[2].bins: found intervals over an input of type text, expected "in": [...] in every bin."#,
        ),
    ]);
}

#[test]
fn date_bins() {
    all(&[
        (
            rules,
            &[("/characteristics/4/bins/0/lt", r#""-P30D""#)],
            r#"At $.characteristics[4].bins: found bins "old" and "new", which overlap, expected bins that cover every value exactly once."#,
        ),
        (
            rules,
            &[("/characteristics/4/bins/0/lt", r#""-P2M""#)],
            r#"At $.characteristics[4].bins: found a gap between bins "old" and "new", expected bins that cover every value exactly once."#,
        ),
        (
            rules,
            &[
                ("/characteristics/4/bins/0/lt", r#""2026-01-01""#),
                ("/characteristics/4/bins/1/gte", r#""2026-01-02""#),
            ],
            r#"At $.characteristics[4].bins: found a gap between bins "old" and "new", expected bins that cover every value exactly once."#,
        ),
        (
            rules,
            &[("/characteristics/4/bins/0/lt", r#""2026-01-01""#)],
            r#"At $.characteristics[4].bins: found days beside durations, whose order depends on the as-of day, expected either days or durations from the as-of day."#,
        ),
        (
            rules,
            &[("/characteristics/4/bins/0/lt", r#""2026-02-30""#)],
            r#"At $.characteristics[4].bins[0].lt: found "2026-02-30", expected a date such as "2026-01-31", a duration such as "P30D" or a period such as "this_quarter"."#,
        ),
        (
            rules,
            &[("/characteristics/4/bins/0/lt", r#""P-1D""#)],
            r#"At $.characteristics[4].bins[0].lt: found "P-1D", expected a duration from the as-of day such as "P30D" or "-P1M"."#,
        ),
        (
            rules,
            &[("/characteristics/4/bins/0/lt", r#""P1DT2H""#)],
            r#"At $.characteristics[4].bins[0].lt: found "P1DT2H", expected a duration from the as-of day such as "P30D" or "-P1M"."#,
        ),
        (
            rules,
            &[("/characteristics/4/bins/0/lt", "30")],
            "At $.characteristics[4].bins[0].lt: found 30, expected a date or a duration.",
        ),
    ]);
    all(&[
        (
            rules,
            &[("/characteristics/4/bins/0/lt", r#""this_year""#)],
            r#"At $.characteristics[4].bins: found durations beside periods, whose order depends on the as-of day, expected either days, durations from the as-of day, or periods."#,
        ),
        (
            rules,
            &[
                ("/characteristics/4/bins/0/lt", r#""this_year""#),
                ("/characteristics/4/bins/1/gte", r#""this_quarter""#),
            ],
            r#"At $.characteristics[4].bins: found a gap between bins "old" and "new", expected bins that cover every value exactly once."#,
        ),
        // In the first quarter the second bin would be empty.
        (
            rules,
            &[(
                "/characteristics/4/bins",
                r#"[{"code": "1", "lt": "this_year"}, {"code": "2", "gte": "this_year", "lt": "this_quarter"},
                    {"code": "3", "gte": "this_quarter"}, {"code": "?", "missing": true}]"#,
            )],
            r#"At $.characteristics[4].bins: found bin "2", which can hold no value, expected bins that cover every value exactly once."#,
        ),
    ]);
    // A period ends where the next one begins.
    let mut document = rules();
    put(
        &mut document,
        "/characteristics/4/bins",
        json!([
        {"code": "1", "lt": "last_quarter"}, {"code": "2", "gte": "last_quarter", "lte": "last_quarter"},
        {"code": "3", "gt": "last_quarter", "lte": "this_quarter"}, {"code": "4", "gte": "next_quarter"},
        {"code": "?", "missing": true}]),
    );
    common::compiled(&document);
    // Neighbouring days are neighbours, in either notation.
    for (lt, gte) in
        [(r#"{"code":"old","lte":"2025-12-31"}"#, "2026-01-01"), (r#"{"code":"old","lte":"-P31D"}"#, "-P30D")]
    {
        let mut document = rules();
        put(&mut document, "/characteristics/4/bins/0", lt.parse().unwrap());
        put(&mut document, "/characteristics/4/bins/1/gte", gte.into());
        common::compiled(&document);
    }
    // Ordered on every as-of day, though of two units.
    let mut document = rules();
    put(
        &mut document,
        "/characteristics/4/bins",
        json!([
        {"code": "1", "lt": "P27D"}, {"code": "2", "gte": "P27D", "lt": "P1M"}, {"code": "3", "gte": "P1M"},
        {"code": "?", "missing": true}]),
    );
    common::compiled(&document);
}

#[test]
fn fiscal_years() {
    for (year, expected) in [
        ("{}", r#"At $.fiscal_year: found neither "begins" nor "weeks", expected one of them."#),
        (r#"{"begins": "04-31"}"#, r#"At $.fiscal_year.begins: found "04-31", expected a day MM-DD"#),
        (
            r#"{"begins": "01-29"}"#,
            "At $.fiscal_year.begins: found 01-29, expected a day that every month has, up to the 28th.",
        ),
        (
            r#"{"begins": "04-01", "weeks": "4-4-5"}"#,
            r#"At $.fiscal_year.weeks: found "4-4-5", expected no such key beside "begins", since a year has months or weeks."#,
        ),
        (
            r#"{"begins": "04-01", "nearest": "01-31"}"#,
            r#"At $.fiscal_year.nearest: found 01-31, expected no such key beside "begins", which says when each year ends."#,
        ),
        (
            r#"{"weeks": "4-4-5"}"#,
            r#"At $.fiscal_year: found "weeks" without "ends", expected the last weekday of the year, such as "ends": "sat"."#,
        ),
        (
            r#"{"weeks": "4-4-5", "ends": "sat"}"#,
            r#"At $.fiscal_year: found a year of weeks without its end, expected "nearest": "01-31", the day to which the weekday is nearest, or "last_of_month": 1."#,
        ),
        (
            r#"{"weeks": "4-4-5", "ends": "sat", "nearest": "01-31", "last_of_month": 1}"#,
            r#"At $.fiscal_year.last_of_month: found 1, expected no such key beside "nearest", since a year ends once."#,
        ),
        (
            r#"{"weeks": "4-4-5", "ends": "sat", "last_of_month": 13}"#,
            "At $.fiscal_year.last_of_month: found 13, expected a month, 1 to 12.",
        ),
        (
            r#"{"weeks": "5-5-3", "ends": "sat", "last_of_month": 1}"#,
            r#"At $.fiscal_year.weeks: found "5-5-3", expected one of "4-4-5", "4-5-4", "5-4-4"."#,
        ),
    ] {
        let mut document = rules();
        document["fiscal_year"] = year.parse().unwrap();
        let error = customer_tiering_engine::Compiled::parse(&document.to_string()).unwrap_err();
        assert!(error.detail.as_deref().unwrap_or_default().starts_with(expected), "{year}: {error:?}");
        assert!(error.hint.is_some(), "{year}: {error:?}");
        // A fiscal year that stands alone is refused alike.
        assert!(customer_tiering_engine::scheme::FiscalYear::parse(year).is_err(), "{year}");
    }
}

#[test]
fn fits() {
    all(&[
        (
            rules,
            &[("/characteristics/0/fit", r#"{"share_of": "customers"}"#)],
            r#"At $.characteristics[0].fit: found neither "parts" nor "cuts", expected exactly one of them."#,
        ),
        (
            rules,
            &[("/characteristics/0/fit", r#"{"share_of": "customers", "parts": 2, "cuts": [0.5]}"#)],
            r#"At $.characteristics[0].fit: found "parts" beside "cuts", expected exactly one of them."#,
        ),
        (
            rules,
            &[("/characteristics/0/fit", r#"{"share_of": "customers", "parts": 5}"#)],
            "At $.characteristics[0].fit: found 5 parts for 2 bins, expected as many parts as bins.",
        ),
        (
            rules,
            &[("/characteristics/0/fit", r#"{"share_of": "customers", "parts": 1}"#)],
            "At $.characteristics[0].fit: found 1 parts, expected at least 2 parts, between which there is a cut point.",
        ),
        (
            rules,
            &[("/characteristics/0/fit", r#"{"share_of": "value", "cuts": [0.8, 0.8]}"#)],
            "At $.characteristics[0].fit.cuts[1]: found 0.8, expected a share above 0.8 and below 1.",
        ),
        (
            rules,
            &[("/characteristics/0/fit", r#"{"share_of": "value", "cuts": [1]}"#)],
            "At $.characteristics[0].fit.cuts[0]: found 1, expected a share above 0 and below 1.",
        ),
        (
            rules,
            &[("/characteristics/2/fit", r#"{"share_of": "customers", "parts": 2}"#)],
            "At $.characteristics[2].fit: found a fit over an input that is no number, expected a numeric input.",
        ),
        (
            rules,
            &[("/characteristics/0/fit", r#"{"share_of": "orders", "parts": 2}"#)],
            r#"At $.characteristics[0].fit.share_of: found "orders", expected "customers" or "value"."#,
        ),
        (
            score,
            &[("/decision/fit", r#"{"share_of": "customers", "parts": 2}"#)],
            "At $.decision.fit: found 2 parts for 3 cuts, expected as many parts as cuts.",
        ),
        (
            score,
            &[
                ("/decision/fit", r#"{"share_of": "customers", "parts": 3}"#),
                ("/decision/cuts/1", r#"{"tier": "B"}"#),
            ],
            "At $.decision.cuts[1].gte: found no bound, expected a score; only the last cut has none.",
        ),
    ]);
}

#[test]
fn characteristics_and_cuts_may_wait_for_a_fit_together() {
    let mut document = score();
    put(
        &mut document,
        "/characteristics/0",
        json!({"name": "s", "input": "spend",
        "fit": {"share_of": "customers", "parts": 2},
        "bins": [{"code": "high", "points": 2}, {"code": "low", "points": 1}]}),
    );
    put(
        &mut document,
        "/decision",
        json!({"method": "score", "fit": {"share_of": "customers", "parts": 3},
        "cuts": [{"tier": "A"}, {"tier": "B"}, {"tier": "C"}]}),
    );
    let scheme = common::compiled(&document);
    let error = scheme.ensure_fitted().unwrap_err();
    assert_eq!(error.kind, ErrorKind::NotReady);
    assert!(error.detail.unwrap().contains("$.characteristics[0].bins"));
    assert!(error.hint.unwrap().contains("tiering.fit_scheme('base'"));
}

#[test]
fn conditions() {
    const WHEN: &str = "/decision/rules/0/when";
    all(&[
        (
            rules,
            &[(WHEN, "{}")],
            r#"At $.decision.rules[0].when: found a condition without a subject, expected exactly one of "input", "characteristic", "all", "any", "not"."#,
        ),
        (
            rules,
            &[(WHEN, r#"{"eq": 1}"#)],
            r#"At $.decision.rules[0].when: found a condition without a subject, expected exactly one of "input", "characteristic", "all", "any", "not"."#,
        ),
        (
            rules,
            &[(WHEN, r#"{"input": "spend", "characteristic": "s", "eq": 1}"#)],
            r#"At $.decision.rules[0].when: found a condition with several subjects, expected exactly one of "input", "characteristic", "all", "any", "not"."#,
        ),
        (
            rules,
            &[(WHEN, r#"{"input": "spend", "all": []}"#)],
            r#"At $.decision.rules[0].when: found a condition with several subjects, expected exactly one of "input", "characteristic", "all", "any", "not"."#,
        ),
        (
            rules,
            &[(WHEN, r#"{"all": [{"input": "spend", "gt": 1}], "eq": 1}"#)],
            r#"At $.decision.rules[0].when: found a test without a subject, expected "input" or "characteristic" beside it."#,
        ),
        (
            rules,
            &[(WHEN, r#"{"all": []}"#)],
            "At $.decision.rules[0].when.all: found an empty list, expected at least one condition.",
        ),
        (
            rules,
            &[(WHEN, r#"{"not": {"any": []}}"#)],
            "At $.decision.rules[0].when.not.any: found an empty list, expected at least one condition.",
        ),
        (
            rules,
            &[(WHEN, r#"{"input": "spend"}"#)],
            r#"At $.decision.rules[0].when: found no test, expected a test such as "eq", "gte" or "is_missing"."#,
        ),
        (
            rules,
            &[(WHEN, r#"{"any": [{"input": "spend", "gt": 1}, {"input": "spent", "gt": 1}]}"#)],
            r#"At $.decision.rules[0].when.any[1].input: found "spent", expected a declared input: "spend", "orders", "demand", "member", "last", "city", "stars"."#,
        ),
        (
            rules,
            &[(WHEN, r#"{"characteristic": "x", "eq": "1"}"#)],
            r#"At $.decision.rules[0].when.characteristic: found "x", expected a declared characteristic: "s", "o", "d", "m", "l", "t"."#,
        ),
        (
            rules,
            &[(WHEN, r#"{"characteristic": "s", "eq": "x"}"#)],
            r#"At $.decision.rules[0].when.eq: found "x", expected a bin code: "high", "low"."#,
        ),
        (
            rules,
            &[(WHEN, r#"{"characteristic": "s", "eq": 5}"#)],
            "At $.decision.rules[0].when.eq: found 5, expected a bin code.",
        ),
        (
            rules,
            &[(WHEN, r#"{"characteristic": "s", "in": []}"#)],
            "At $.decision.rules[0].when.in: found an empty list, expected at least one bin code.",
        ),
        (
            rules,
            &[(WHEN, r#"{"characteristic": "s", "in": ["high", "x"]}"#)],
            r#"At $.decision.rules[0].when.in[1]: found "x", expected a bin code: "high", "low"."#,
        ),
        (
            rules,
            &[(WHEN, r#"{"characteristic": "s", "gt": "low"}"#)],
            r#"At $.decision.rules[0].when: found another test of a characteristic, expected "eq", "ne" or "in" with bin codes."#,
        ),
        (
            rules,
            &[(WHEN, r#"{"characteristic": "m", "is_missing": true}"#)],
            r#"At $.decision.rules[0].when: found another test of a characteristic, expected "eq", "ne" or "in" with bin codes."#,
        ),
        (
            rules,
            &[(WHEN, r#"{"input": "spend", "is_missing": true}"#)],
            r#"At $.decision.rules[0].when.is_missing: found a test of input "spend", whose missing values never get here, expected "missing": "null" at the input."#,
        ),
        (
            rules,
            &[(WHEN, r#"{"input": "spend", "gt": "1"}"#)],
            r#"At $.decision.rules[0].when.gt: found "1", expected a number."#,
        ),
        (
            rules,
            &[(WHEN, r#"{"input": "orders", "eq": 1.5}"#)],
            r#"At $.decision.rules[0].when.eq: found 1.5, expected a value that input "orders" may have."#,
        ),
        (
            rules,
            &[(WHEN, r#"{"input": "stars", "in": [1, 7]}"#)],
            r#"At $.decision.rules[0].when.in[1]: found 7, expected a value that input "stars" may have."#,
        ),
        (
            rules,
            &[(WHEN, r#"{"input": "spend", "in": []}"#)],
            "At $.decision.rules[0].when.in: found an empty list, expected at least one value.",
        ),
        (
            rules,
            &[(WHEN, r#"{"input": "spend", "between": [1, "2"]}"#)],
            r#"At $.decision.rules[0].when.between[1]: found "2", expected a number."#,
        ),
        (
            rules,
            &[(WHEN, r#"{"input": "spend", "between": [2, 1]}"#)],
            "At $.decision.rules[0].when.between: found 2 to 1, expected the lower end first.",
        ),
        (
            rules,
            &[(WHEN, r#"{"input": "last", "between": ["2026-02-01", "2026-01-01"]}"#)],
            r#"At $.decision.rules[0].when.between: found "2026-02-01" to "2026-01-01", expected the lower end first."#,
        ),
        (
            rules,
            &[(WHEN, r#"{"input": "demand", "eq": "hot"}"#)],
            r#"At $.decision.rules[0].when.eq: found "hot", expected an allowed value of input "demand": "explicit", "latent", "none"."#,
        ),
        (
            rules,
            &[(WHEN, r#"{"input": "demand", "eq": true}"#)],
            "At $.decision.rules[0].when.eq: found true, expected a text.",
        ),
        (
            rules,
            &[(WHEN, r#"{"input": "demand", "lt": "m"}"#)],
            r#"At $.decision.rules[0].when.lt: found an order over a text input, expected "eq", "ne" or "in"."#,
        ),
        (
            rules,
            &[(WHEN, r#"{"input": "member", "eq": "yes"}"#)],
            r#"At $.decision.rules[0].when.eq: found "yes", expected true or false."#,
        ),
        (
            rules,
            &[(WHEN, r#"{"input": "member", "gte": true}"#)],
            r#"At $.decision.rules[0].when.gte: found an order over a boolean input, expected "eq", "ne" or "in"."#,
        ),
        (
            rules,
            &[(WHEN, r#"{"input": "spend", "within": "P1M"}"#)],
            "At $.decision.rules[0].when.within: found input of type number, expected a date input.",
        ),
        (
            rules,
            &[(WHEN, r#"{"input": "last", "within": "P-1D"}"#)],
            r#"At $.decision.rules[0].when.within: found "P-1D", expected a duration from the as-of day such as "P1M"."#,
        ),
        (
            rules,
            &[(WHEN, r#"{"input": "last", "after": "2026-01-01"}"#)],
            r#"At $.decision.rules[0].when.after: found "2026-01-01", expected a duration from the as-of day such as "P1M"."#,
        ),
        (
            rules,
            &[(WHEN, r#"{"input": "last", "gt": 5}"#)],
            "At $.decision.rules[0].when.gt: found 5, expected a date or a duration.",
        ),
        (
            rules,
            &[(WHEN, r#"{"input": "last", "eq": "yesterday"}"#)],
            r#"At $.decision.rules[0].when.eq: found "yesterday", expected a date such as "2026-01-31", a duration such as "P30D" or a period such as "this_quarter"."#,
        ),
        (
            rules,
            &[(WHEN, r#"{"input": "last", "eq": "this_week"}"#)],
            r#"At $.decision.rules[0].when.eq: found "this_week", expected a period such as "this_fiscal_quarter", "last_year" or "next_2_quarters"."#,
        ),
        (
            rules,
            &[(WHEN, r#"{"input": "last", "in": ["this_quarter", "last_fiscal_quarter"]}"#)],
            r#"At $.decision.rules[0].when.in[1]: found "last_fiscal_quarter", expected "fiscal_year" in the document, such as {"begins": "04-01"}."#,
        ),
        (
            rules,
            &[(WHEN, r#"{"input": "last", "between": ["this_quarter", "last_quarter"]}"#)],
            r#"At $.decision.rules[0].when.between: found "this_quarter" to "last_quarter", expected the lower end first."#,
        ),
        (
            rules,
            &[(WHEN, r#"{"input": "last", "within": "this_quarter"}"#)],
            r#"At $.decision.rules[0].when.within: found "this_quarter", expected a duration from the as-of day such as "P1M"."#,
        ),
        (
            rules,
            &[("/inputs/4/missing", r#"{"default": "this_year"}"#)],
            r#"At $.inputs[4].missing.default: found "this_year", expected a date such as "2026-01-31"."#,
        ),
    ]);
}

#[test]
fn decisions() {
    all(&[
        (
            rules,
            &[("/decision/cuts", "[]")],
            r#"At $.decision.cuts: found a key that method "rules" does not know, expected only keys of this one: "hit_policy", "rules", "otherwise"."#,
        ),
        (
            bands,
            &[("/decision/rules", "[]")],
            r#"At $.decision.rules: found a key that method "bands" does not know, expected only keys of this one: "characteristic"."#,
        ),
        (
            bands,
            &[("/decision", r#"{"method": "bands"}"#)],
            "At $.decision.characteristic: found nothing, expected the characteristic whose bins are the tiers.",
        ),
        (
            bands,
            &[("/decision/characteristic", r#""x""#)],
            r#"At $.decision.characteristic: found "x", expected a declared characteristic: "s", "o", "d", "m", "l", "t"."#,
        ),
        (
            bands,
            &[("/decision/characteristic", r#""s""#)],
            r#"At $.characteristics[0].bins[0].code: found "high", expected a declared tier: "A", "B", "C"."#,
        ),
        (
            bands,
            &[("/decision/method", r#""band""#)],
            r#"At $.decision.method: found "band", expected one of "rules", "bands", "score", "matrix"."#,
        ),
        (
            score,
            &[("/decision/cuts", "[]")],
            "At $.decision.cuts: found no cuts, expected the cut points from the best tier down.",
        ),
        (
            score,
            &[("/decision/cuts/2/gte", "0")],
            r#"At $.decision.cuts[2].gte: found a bound at the last tier, below which nothing would be graded, expected a last cut without "gte"."#,
        ),
        (
            score,
            &[("/decision/cuts/1/gte", "2")],
            "At $.decision.cuts[1].gte: found 2, expected less than 2, the cut before it.",
        ),
        (
            score,
            &[("/decision/cuts/1", r#"{"tier": "B"}"#)],
            "At $.decision.cuts[1].gte: found no bound, expected a score; only the last cut has none.",
        ),
        (
            score,
            &[("/decision/cuts/1/tier", r#""Z""#)],
            r#"At $.decision.cuts[1].tier: found "Z", expected a declared tier: "A", "B", "C"."#,
        ),
        (
            score,
            &[("/score", "null")],
            "At $.score: found nothing, expected a score, since the decision is made by it.",
        ),
        (
            score,
            &[("/score/weights", r#"{"x": 1}"#)],
            r#"At $.score.weights.x: found "x", expected a declared characteristic: "s", "o", "d", "m", "l", "t"."#,
        ),
        (
            score,
            &[("/score/weights", r#"{"x y": 1}"#)],
            r#"At $.score.weights["x y"]: found "x y", expected a declared characteristic: "s", "o", "d", "m", "l", "t"."#,
        ),
        (
            score,
            &[("/score/weights", r#"{"o": 1}"#)],
            r#"At $.score.weights.o: found a weight for "o", whose bins have no points, expected points in its bins."#,
        ),
        (
            score,
            &[("/score/missing", r#""reweight""#)],
            r#"At $.score.missing: found "reweight", while no bin leaves its weight to the others, expected a bin with "missing": true and without "points"."#,
        ),
        (
            score,
            &[("/score/least_weight", "0.5")],
            r#"At $.score.least_weight: found 0.5, expected "missing": "reweight" beside it, or no such key."#,
        ),
        (
            score,
            &[("/score/missing", r#""reweight""#), ("/score/least_weight", "0")],
            "At $.score.least_weight: found 0, expected a share of the weight above 0, up to 1.",
        ),
        (
            score,
            &[("/score/missing", r#""reweight""#), ("/score/least_weight", "1.1")],
            "At $.score.least_weight: found 1.1, expected a share of the weight above 0, up to 1.",
        ),
        (
            score,
            &[("/score/missing", r#""reweight""#), ("/score/weights", r#"{"s": -1}"#)],
            "At $.score.weights.s: found -1, expected a weight above 0, since the weights are shares of a whole.",
        ),
        (
            score,
            &[
                ("/score/missing", r#""reweight""#),
                ("/characteristics/3/bins/0/points", "1"),
                ("/characteristics/3/bins/1/points", "0"),
                ("/score/weights", r#"{"m": 1000000000000.000000000001}"#),
            ],
            "At $.score: found more digits than a score can hold, expected a score of at most 38 digits.",
        ),
        (
            score,
            &[("/characteristics/1/bins/0/points", "1")],
            "At $.characteristics[1].bins[1].points: found no points, expected points, since other bins have them.",
        ),
        (
            score,
            &[("/characteristics/0", r#""remove""#)],
            "At $.score: found no characteristic with points, expected points in the bins of a characteristic.",
        ),
        (
            score,
            &[
                ("/score/weights", r#"{"s": 1234567890123456.123456789012}"#),
                ("/characteristics/0/bins/0/points", "1234567890123456.123456789012"),
            ],
            "At $.characteristics[0].bins[0].points: found more digits than a score can hold, expected a score of at most 38 digits.",
        ),
        (
            score,
            &[
                ("/score/weights", r#"{"s": -9223372.036854775808}"#),
                ("/characteristics/0/bins/0/points", "18446744.073709551616"),
            ],
            "At $.score: found more digits than a score can hold, expected a score of at most 38 digits.",
        ),
        (
            matrix,
            &[("/decision/characteristics", r#"["s"]"#)],
            "At $.decision.characteristics: found 1 characteristics, expected 2 or 3 characteristics.",
        ),
        (
            matrix,
            &[("/decision/characteristics", r#"["s", "s"]"#)],
            r#"At $.decision.characteristics[1]: found "s" again, expected different characteristics."#,
        ),
        (
            matrix,
            &[("/decision/characteristics", r#"["s", "x"]"#)],
            r#"At $.decision.characteristics[1]: found "x", expected a declared characteristic: "s", "o", "d", "m", "l", "t"."#,
        ),
        (
            matrix,
            &[("/decision/cells/3", r#""remove""#)],
            "At $.decision.cells: found no cell for low × few, expected all 4 combinations of bins.",
        ),
        (
            matrix,
            &[("/decision/cells/3/at", r#"["low", "many"]"#)],
            "At $.decision.cells[3].at: found low × many again, expected each cell once.",
        ),
        (
            matrix,
            &[("/decision/cells/3/at", r#"["low"]"#)],
            "At $.decision.cells[3].at: found 1 bin codes, expected 2, one of each characteristic.",
        ),
        (
            matrix,
            &[("/decision/cells/3/at", r#"["few", "low"]"#)],
            r#"At $.decision.cells[3].at[0]: found "few", expected a bin code of "s": "high", "low"."#,
        ),
        (
            matrix,
            &[("/decision/cells/3/tier", r#""Z""#)],
            r#"At $.decision.cells[3].tier: found "Z", expected a declared tier: "A", "B", "C"."#,
        ),
    ]);
}

/// A score of one characteristic, and one side of it.
fn sided() -> Json {
    let mut document = score();
    put(
        &mut document,
        "/score",
        json!({"dimensions": [{"name": "size", "of": ["s"], "classes": [
            {"code": "big", "gte": 1.5}, {"code": "small"}]}]}),
    );
    document
}

#[test]
fn dimensions() {
    assert!(Compiled::parse(&sided().to_string()).is_ok());
    all(&[
        (
            sided,
            &[("/score/dimensions/0/name", r#""1""#)],
            r#"At $.score.dimensions[0].name: found "1", expected a name of at most 63 bytes: a letter or underscore, then letters, digits and underscores."#,
        ),
        (
            sided,
            &[("/score/dimensions/-", r#"{"name": "size", "of": ["s"], "classes": [{"code": "all"}]}"#)],
            r#"At $.score.dimensions[1].name: found "size", expected a name other than that of $.score.dimensions[0]."#,
        ),
        (
            sided,
            &[("/score/dimensions/0/of", "[]")],
            "At $.score.dimensions[0].of: found no characteristic, expected at least one characteristic.",
        ),
        (
            sided,
            &[("/score/dimensions/0/of", r#"["x"]"#)],
            r#"At $.score.dimensions[0].of[0]: found "x", expected a declared characteristic: "s", "o", "d", "m", "l", "t"."#,
        ),
        (
            sided,
            &[("/score/dimensions/0/of", r#"["o"]"#)],
            r#"At $.score.dimensions[0].of[0]: found "o", whose bins have no points, expected a characteristic with points."#,
        ),
        (
            sided,
            &[("/score/dimensions/0/of", r#"["s", "s"]"#)],
            r#"At $.score.dimensions[0].of[1]: found "s" again, expected each characteristic once."#,
        ),
        (
            sided,
            &[("/score/weights", r#"{"s": -1}"#)],
            r#"At $.score.dimensions[0].of[0]: found "s" of weight -1, expected a characteristic of positive weight."#,
        ),
        (
            sided,
            &[("/score/dimensions/0/classes", "[]")],
            "At $.score.dimensions[0].classes: found no classes, expected the classes from the best down.",
        ),
        (
            sided,
            &[("/score/dimensions/0/classes/1/code", r#""big""#)],
            r#"At $.score.dimensions[0].classes[1].code: found "big", expected a code other than that of $.score.dimensions[0].classes[0]."#,
        ),
        (
            sided,
            &[("/score/dimensions/0/classes/1/gte", "0")],
            r#"At $.score.dimensions[0].classes[1].gte: found a bound at the last class, below which nothing would be named, expected a last class without "gte"."#,
        ),
        (
            sided,
            &[("/score/dimensions/0/classes/0/gte", "null")],
            "At $.score.dimensions[0].classes[0].gte: found no bound, expected points; only the last class has none.",
        ),
        (
            sided,
            &[(
                "/score/dimensions/0/classes",
                r#"[{"code": "a", "gte": 1}, {"code": "b", "gte": 1}, {"code": "c"}]"#,
            )],
            "At $.score.dimensions[0].classes[1].gte: found 1, expected less than 1, the class before it.",
        ),
        // Sixteen digits before and twelve after the point, twice: 56 digits are no number of 128 bits.
        (
            sided,
            &[
                ("/score/weights", r#"{"s": 1234567890123456.123456789012}"#),
                ("/score/dimensions/0/classes/0/gte", "1234567890123456.123456789012"),
            ],
            "At $.score.dimensions[0]: found more digits than a score can hold, expected a score of at most 38 digits.",
        ),
    ]);
}

#[test]
fn numbers_and_shapes() {
    all(&[
        (
            rules,
            &[("/characteristics/0/bins/0/points", "1e400")],
            "At $.characteristics[0].bins[0].points: found 1e+400, expected a number of at most 16 digits before and 12 after the point.",
        ),
        (
            rules,
            &[("/characteristics/0/bins/0/gte", "10000000000000000")],
            "At $.characteristics[0].bins[0].gte: found 10000000000000000, expected a number of at most 16 digits before and 12 after the point.",
        ),
        (
            rules,
            &[("/characteristics/0/bins/0/gte", "0.0000000000001")],
            "At $.characteristics[0].bins[0].gte: found 0.0000000000001, expected a number of at most 16 digits before and 12 after the point.",
        ),
        (
            rules,
            &[("/characteristics/0/bins/0/points", r#""NaN""#)],
            r#"At $.characteristics[0].bins[0].points: found "NaN", expected a number."#,
        ),
        (
            rules,
            &[("/decision/rules/0/when/gt", "null"), ("/decision/rules/0/when/gte", r#""NaN""#)],
            r#"At $.decision.rules[0].when.gte: found "NaN", expected a number."#,
        ),
        (
            rules,
            &[("/decision/rules/0/when/gtt", "1")],
            r#"At $.decision.rules[0].when: unknown key "gtt", expected one of "input", "characteristic", "eq", "ne", "in", "lt", "lte", "gt", "gte", "between", "is_missing", "within", "after", "all", "any", "not"."#,
        ),
        (
            rules,
            &[("/tiers/0/titel", "{}")],
            r#"At $.tiers[0]: unknown key "titel", expected one of "code", "title", "description", "followup", "response", "targets", "includes", "strategy"."#,
        ),
        (rules, &[("/tiers/0/title", "{}")], "At $.tiers[0].title: a text in no language."),
        (rules, &[("/tiers/0/title", r#""A""#)], r#"At $.tiers[0].title: found "A", expected an object."#),
        (
            rules,
            &[("/tiers/0/followup", r#"{"every": "P-1D"}"#)],
            r#"At $.tiers[0].followup.every: invalid period "P-1D". It has a sign where none may stand."#,
        ),
        (rules, &[("/tiers", "{}")], "At $.tiers: found {}, expected an array."),
        (rules, &[("/decision", r#"{"rules": []}"#)], r#"At $.decision: the key "method" is missing."#),
    ]);
}
