use super::*;

fn read_back(text: &str) -> String {
    read(text).unwrap_or_else(|problem| panic!("{text}: {problem:?}")).to_string()
}

#[test]
fn cells_are_written_as_they_are_read() {
    for (text, written) in [
        ("", "-"),
        (" - ", "-"),
        ("5", "5"),
        ("-5.50", "-5.5"),
        (".5", "0.5"),
        ("1e3", "1000"),
        ("<5", "< 5"),
        (">= -1", ">= -1"),
        ("[1..2)", "[1..2)"),
        ("]1..2[", "(1..2)"),
        ("[1 .. 2]", "[1..2]"),
        ("[1.5..2]", "[1.5..2]"),
        ("\"a\",\"b\"", "\"a\", \"b\""),
        ("not(\"a\" , < 5)", "not(\"a\", < 5)"),
        ("not (true)", "not(true)"),
        ("null", "null"),
        ("not(null)", "not(null)"),
        ("date(\"2024-02-29\")", "date(\"2024-02-29\")"),
        ("< @\"2024-02-29\"", "< date(\"2024-02-29\")"),
        ("\"\\u7532 \\\"x\\\" \\\\\"", "\"甲 \\\"x\\\" \\\\\""),
        ("\"\\uD83D\\uDE00\"", "\"😀\""),
        ("\"line\\nbreak\"", "\"line\\u000Abreak\""),
    ] {
        assert_eq!(read_back(text), written, "{text}");
        assert_eq!(read_back(written), written, "{text}");
    }
}

#[test]
fn negation_is_true_of_a_missing_value_where_feel_says_so() {
    let condition = |text: &str| serde_json::to_value(condition(&read(text).unwrap(), "x").unwrap()).unwrap();
    let missing = serde_json::json!({"input": "x", "is_missing": true});
    assert_eq!(condition("not(\"a\")"), serde_json::json!({"any": [{"input": "x", "ne": "a"}, missing]}));
    assert_eq!(condition("not(\"a\", null)"), serde_json::json!({"input": "x", "ne": "a"}));
    assert_eq!(condition("not(< 5)"), serde_json::json!({"not": {"input": "x", "lt": 5}}));
    assert_eq!(condition("null"), missing);
    assert_eq!(condition("not(null)"), serde_json::json!({"input": "x", "is_missing": false}));
    assert_eq!(condition("[1..5]"), serde_json::json!({"input": "x", "between": [1, 5]}));
}
