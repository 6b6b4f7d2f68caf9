use super::*;
use proptest::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Debug, Deserialize, Serialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Sample {
    name: String,
    #[serde(default)]
    counts: Vec<u32>,
    #[serde(default)]
    pair: Option<[u32; 2]>,
    #[serde(default)]
    day: Option<Day>,
    #[serde(default)]
    inner: Option<Box<Sample>>,
    #[serde(default)]
    cut: Option<Cut>,
    #[serde(default)]
    number: Option<serde_json::Number>,
}

#[derive(Debug, Deserialize, Serialize, PartialEq)]
#[serde(rename_all = "snake_case")]
enum Day {
    Mon,
    Tue,
}

#[derive(Debug, Deserialize, Serialize, PartialEq)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Cut {
    Fit { parts: u32 },
    At(u32),
}

fn error(text: &str) -> Error {
    parse::<Sample>("sample", text).unwrap_err()
}

#[track_caller]
fn check(text: &str, detail: &str, hint: &str) {
    let error = error(text);
    assert_eq!(error.kind, ErrorKind::InvalidValue);
    assert_eq!(error.message, "invalid sample document");
    assert_eq!(error.detail.as_deref(), Some(detail));
    assert_eq!(error.hint.as_deref(), Some(hint));
}

#[test]
fn wrong_shapes_are_named() {
    check("[]", "At $: found [], expected an object.", "Write an object there.");
    check(
        r#"{"name":"a","inner":["b"]}"#,
        r#"At $.inner: found ["b"], expected an object."#,
        "Write an object there.",
    );
    check("{}", "At $: the key \"name\" is missing.", "Add \"name\" to the object.");
    check(
        r#"{"name":"a","counts":[1,"two"]}"#,
        "At $.counts[1]: found \"two\", expected a whole number of at least 0.",
        "Write a whole number of at least 0 there.",
    );
    check(
        r#"{"name":"a","counts":{}}"#,
        "At $.counts: found {}, expected an array.",
        "Write an array there.",
    );
    check(
        r#"{"name":"a","counts":[-1.50]}"#,
        "At $.counts[0]: found -1.50, expected a whole number in range.",
        "Write a whole number there, without fraction or exponent.",
    );
    check(
        r#"{"name":"a","inner":{"name":"b","day":"monday"}}"#,
        "At $.inner.day: found \"monday\", expected \"mon\" or \"tue\".",
        "Perhaps you meant \"mon\".",
    );
    check(
        r#"{"name":"a","pair":[1]}"#,
        "At $.pair: found [1], expected an array of length 2.",
        "Write an array of length 2 there.",
    );
    check(
        r#"{"name":"a","inner":{"name":"b","count":[]}}"#,
        "At $.inner: unknown key \"count\", expected one of \"name\", \"counts\", \"pair\", \"day\", \"inner\", \"cut\", \"number\".",
        "Perhaps you meant \"counts\".",
    );
    check(
        r#"{"name":"a","cut":{"fit":{"parts":"x"}}}"#,
        "At $.cut.fit.parts: found \"x\", expected a whole number of at least 0.",
        "Write a whole number of at least 0 there.",
    );
    check(
        r#"{"name":"a","cut":{"fit":{"odd part":1}}}"#,
        "At $.cut.fit: unknown key \"odd part\", expected \"parts\".",
        "Remove the key, or correct its spelling.",
    );
    check(
        r#"{"name":"a","cut":{"fix":{}}}"#,
        "At $.cut: found {\"fix\":{}}, expected \"fit\" or \"at\".",
        "Perhaps you meant \"fit\".",
    );
    check(
        r#"{"name":"a","inner":{"name":"b","name":"c"}}"#,
        "At $.inner: the key \"name\" is there twice.",
        "Keep one of the two.",
    );
}

#[test]
fn long_values_are_cut() {
    let detail = error(&format!(r#"{{"name":["{}"]}}"#, "长".repeat(5000))).detail.unwrap();
    assert!(detail.chars().count() < 120 && detail.contains('…'), "{detail}");
}

#[test]
fn not_json() {
    let error = error("{\"name\": \"a\",\n \"counts\": [1,]}");
    assert_eq!(error.kind, ErrorKind::NotJson);
    assert_eq!(error.message, "sample document is not JSON");
    assert_eq!(error.detail.unwrap(), "At line 2 column 15: trailing comma.");
    for text in [
        "",
        "{",
        "nul",
        "{} x",
        "{'a':1}",
        "\u{feff}{}",
        "NaN",
        "\"\\ud800\"",
        "{\"name\":\"\\ud800\\u0041\"}",
        "\"a\0b\"",
    ] {
        let error = self::error(text);
        assert_eq!(error.kind, ErrorKind::NotJson, "{text}");
        assert!(error.detail.unwrap().starts_with("At line 1 column "), "{text}");
    }
}

#[test]
fn nul_is_refused_in_texts_and_keys() {
    check(
        r#"{"name":"a\u0000b"}"#,
        "At $.name: a text with the character U+0000.",
        "Leave out \\u0000; PostgreSQL cannot store it in a text.",
    );
    assert_eq!(error(r#"{"name":"a","\u0000":1}"#).kind, ErrorKind::InvalidValue);
}

#[test]
fn size_and_depth_are_bounded() {
    assert_eq!(error(&" ".repeat(DOCUMENT_BYTES + 1)).kind, ErrorKind::TooLarge);
    for text in
        ["[".repeat(10_000), r#"{"inner":"#.repeat(10_000), "[".repeat(500_000) + &"]".repeat(500_000)]
    {
        assert_eq!(error(&text).kind, ErrorKind::TooLarge);
        assert_eq!(parse::<serde_json::Value>("sample", &text).unwrap_err().kind, ErrorKind::TooLarge);
    }
    let deep = "[".repeat(127) + &"]".repeat(127);
    assert!(parse::<serde_json::Value>("sample", &deep).is_ok());
}

#[test]
fn numbers_keep_their_digits() {
    for digits in ["1.50", "0.1", "-3", "123456789012345678901234567890.12", "1e400", "18446744073709551616"]
    {
        let sample: Sample = parse("sample", &format!(r#"{{"name":"a","number":{digits}}}"#)).unwrap();
        let number = sample.number.unwrap().to_string();
        assert_eq!(number.replace("e+", "e"), digits);
    }
    // A user who knows how serde_json hands over numbers gains nothing.
    let odd = r#"{"name":"a","number":{"$serde_json::private::Number":"1","x":2}}"#;
    assert_eq!(error(odd).kind, ErrorKind::InvalidValue);
    assert_eq!(error(r#"{"$serde_json::private::Number":"one"}"#).kind, ErrorKind::InvalidValue);
    assert_eq!(error(r#"{"$serde_json::private::Number":{}}"#).kind, ErrorKind::InvalidValue);
}

#[test]
fn identifiers() {
    for good in ["a", "_", "cn", "abc_share", "x9", &"a".repeat(63)] {
        assert!(is_identifier(good), "{good}");
    }
    for bad in ["", "9a", "A", "a-b", "a b", "é", &"a".repeat(64)] {
        assert!(!is_identifier(bad), "{bad}");
    }
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,40}|[\\[\\]{}\",:0-9a-z\\\\ -]{0,40}") {
        let _ = parse::<Sample>("sample", &text);
        if let Ok(value) = parse::<Value>("value", &text) {
            prop_assert_eq!(parse::<Value>("value", &canonical(&value)).unwrap(), value);
        }
    }
}
