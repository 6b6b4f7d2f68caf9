//! Overlay and strategy documents: what is read, what is written, what is refused.

use customer_tiering_engine::ErrorKind;
use customer_tiering_engine::scheme::overlay::{Overlay, canonical_strategy, json_schema, parse_strategy};

const ACTION: &str = r#"{"area":"contact","action":{"en":"Call"}}"#;

fn overlay(name: &str, group: &str, actions: usize) -> String {
    let strategy = vec![ACTION; actions].join(",");
    format!(r#"{{"overlay":"{name}","group":"{group}","title":{{"zh":"甲"}},"strategy":[{strategy}]}}"#)
}

#[test]
fn round_trips_without_defaults() {
    let document = r#"{"strategy":[{"action":{"en":"Call"},"audience":"internal","area":"contact"}],
        "title":{"en":"Night owls"},"group":"habits","overlay":"night_owls"}"#;
    let parsed = Overlay::parse(document).unwrap();
    let canonical = parsed.canonical();
    assert_eq!(
        canonical,
        r#"{"overlay":"night_owls","group":"habits","title":{"en":"Night owls"},"strategy":[{"area":"contact","action":{"en":"Call"}}]}"#
    );
    assert_eq!(Overlay::parse(&canonical).unwrap(), parsed);
    assert!(Overlay::parse(&overlay("a", "b", 200)).is_ok());
}

#[test]
fn refuses_names_that_are_no_identifiers_and_too_few_or_many_actions() {
    let detail = |document: &str| {
        let error = Overlay::parse(document).unwrap_err();
        assert_eq!((error.kind, &*error.message), (ErrorKind::InvalidValue, "invalid overlay document"));
        error.detail.unwrap()
    };
    assert!(
        detail(&overlay("Night owls", "b", 1)).starts_with("At $.overlay: found \"Night owls\", expected")
    );
    assert!(detail(&overlay("a", "", 1)).starts_with("At $.group: found \"\", expected a name"));
    assert_eq!(detail(&overlay("a", "b", 0)), "At $.strategy: found 0 actions, expected 1 to 200.");
    assert_eq!(detail(&overlay("a", "b", 201)), "At $.strategy: found 201 actions, expected 1 to 200.");
    let unknown = overlay("a", "b", 1).replace("\"group\"", "\"tier\":1,\"group\"");
    assert!(detail(&unknown).contains("unknown key \"tier\""));
    assert_eq!(Overlay::parse("overlay").unwrap_err().kind, ErrorKind::NotJson);
}

#[test]
fn a_strategy_is_an_array_of_actions() {
    let actions = parse_strategy(&format!("[{ACTION}, {ACTION}]")).unwrap();
    assert_eq!(canonical_strategy(&actions), format!("[{ACTION},{ACTION}]"));
    assert_eq!(canonical_strategy(&parse_strategy("[]").unwrap()), "[]");
    let refused = |text: &str| parse_strategy(text).unwrap_err();
    let many = refused(&format!("[{}]", vec![ACTION; 201].join(",")));
    assert_eq!(many.detail.unwrap(), "At $: found 201 actions, expected at most 200.");
    let error = refused(r#"[{"area":"kontakt","action":{"en":"Call"}}]"#);
    assert_eq!(error.message, "invalid strategy document");
    assert!(error.detail.unwrap().starts_with("At $[0].area: "));
    assert_eq!(refused("{}").kind, ErrorKind::InvalidValue);
}

#[test]
fn the_schema_knows_the_limits() {
    let schema = json_schema();
    assert_eq!(schema["properties"]["strategy"]["maxItems"], 200);
    assert_eq!(schema["additionalProperties"], false);
}
