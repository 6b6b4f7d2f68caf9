//! From what serde says of JSON with the wrong shape to what a user can act on.

use serde_json::Value;
use serde_path_to_error::{Path, Segment};

use crate::error::Error;

/// Characters of a value that an error shows.
const EXCERPT: usize = 60;

/// The error for serde's `message` about the value at `path` of `tree`.
pub(super) fn describe(what: &str, tree: &Value, path: &Path, message: &str) -> Error {
    let error = super::fault(what, "", "");
    let place = json_path(path);
    let rest = |prefix: &str| message.strip_prefix(prefix);

    if rest("unknown field `").is_some() {
        return unknown_key(error, path, expected_of(message));
    }
    if let Some(name) = rest("missing field `").and_then(|m| m.split('`').next()) {
        return error
            .detail(format!("At {place}: the key {} is missing.", super::quoted(name)))
            .hint(format!("Add {} to the object.", super::quoted(name)));
    }
    if let Some(name) = rest("duplicate field `").and_then(|m| m.split('`').next()) {
        let name = super::quoted(name);
        return error
            .detail(format!("At {place}: the key {name} is there twice."))
            .hint("Keep one of the two.");
    }
    let wrong = ["invalid type: ", "invalid value: ", "invalid length ", "unknown variant `"];
    if wrong.iter().any(|w| message.starts_with(w)) {
        let expected = plain(expected_of(message));
        let found = resolve(tree, path);
        let near = match found {
            Value::String(word) => nearest(word, words(&expected)),
            Value::Object(one) if one.len() == 1 => one.keys().find_map(|k| nearest(k, words(&expected))),
            _ => None,
        };
        let error = mismatch(what, &place, found, &expected);
        return match near {
            Some(near) => error.hint(format!("Perhaps you meant {}.", super::quoted(near))),
            None => error,
        };
    }
    if message == "invalid number" {
        // What serde_json says of a fraction, sign or size that an integer cannot have.
        return error
            .detail(format!(
                "At {place}: found {}, expected a whole number in range.",
                excerpt(resolve(tree, path))
            ))
            .hint("Write a whole number there, without fraction or exponent.");
    }
    if message.starts_with("data did not match any variant") {
        let found = excerpt(resolve(tree, path));
        return error
            .detail(format!("At {place}: found {found}, which has none of the forms that are allowed there."))
            .hint("Compare it with the JSON Schema of the document.");
    }
    split_hint(error, message, &place)
}

/// The error for a value of another kind than `expected`.
pub(super) fn mismatch(what: &str, place: &str, found: &Value, expected: &str) -> Error {
    super::fault(what, place, format!("found {}, expected {expected}.", excerpt(found)))
        .hint(format!("Write {expected} there."))
}

/// What serde takes besides the documented form: an array for an object, whose keys would go by their order, and
/// an object with one key for a word. `written` is the same document as we write it. Gives the path from here,
/// what was found and what was expected.
pub(super) fn undocumented<'a>(
    tree: &'a Value,
    written: &Value,
) -> Option<(String, &'a Value, &'static str)> {
    match (tree, written) {
        (Value::Array(_), Value::Object(_)) => Some((String::new(), tree, "an object")),
        (Value::Object(_), Value::String(_)) => Some((String::new(), tree, "a word")),
        (Value::Array(tree), Value::Array(written)) => {
            tree.iter().zip(written).enumerate().find_map(|(i, (tree, written))| {
                undocumented(tree, written)
                    .map(|(path, found, expected)| (format!("[{i}]{path}"), found, expected))
            })
        }
        (Value::Object(tree), Value::Object(written)) => tree.iter().find_map(|(key, tree)| {
            undocumented(tree, written.get(key)?)
                .map(|(path, found, expected)| (member(key) + &path, found, expected))
        }),
        _ => None,
    }
}

/// An error whose message came from one of our own types: `message`, perhaps with the lines that
/// the `Display` of [`Error`] gives to DETAIL and HINT.
pub(super) fn split_hint(error: Error, message: &str, place: &str) -> Error {
    let (message, hint) = match message.split_once("\nHINT: ") {
        Some((message, hint)) => (message, Some(hint)),
        None => (message, None),
    };
    let detail = match message.split_once("\nDETAIL: ") {
        Some((message, detail)) => format!("At {place}: {message}. {detail}"),
        None => format!("At {place}: {message}."),
    };
    let error = error.detail(detail);
    match hint {
        Some(hint) => error.hint(hint),
        None => error,
    }
}

/// The path in the customary notation: `$.tiers[0]["odd key"]`.
pub(super) fn json_path(path: &Path) -> String {
    let mut text = String::from("$");
    for segment in path {
        match segment {
            Segment::Seq { index } => text.push_str(&format!("[{index}]")),
            Segment::Map { key } | Segment::Enum { variant: key } => text.push_str(&member(key)),
            Segment::Unknown => {}
        }
    }
    text
}

fn member(key: &str) -> String {
    if super::is_identifier(&key.to_ascii_lowercase()) {
        format!(".{key}")
    } else {
        format!("[{}]", super::quoted(key))
    }
}

/// A value as compact JSON, cut after [`EXCERPT`] characters.
pub(super) fn excerpt(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(EXCERPT) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

fn resolve<'a>(tree: &'a Value, path: &Path) -> &'a Value {
    let mut value = tree;
    for segment in path {
        let next = match segment {
            Segment::Seq { index } => value.get(index),
            Segment::Map { key } | Segment::Enum { variant: key } => value.get(key),
            Segment::Unknown => None,
        };
        // Inside an enum written as a bare word there is nothing further to go into.
        let Some(next) = next else { break };
        value = next;
    }
    value
}

fn unknown_key(error: Error, path: &Path, expected: &str) -> Error {
    // serde_path_to_error has the unknown key as the last segment.
    let segments: Vec<&Segment> = path.iter().collect();
    let key = match segments.last() {
        Some(Segment::Map { key }) => key.clone(),
        _ => String::new(),
    };
    let mut place = json_path(path);
    place.truncate(place.len().saturating_sub(member(&key).len()).max(1));
    let expected = plain(expected);
    let error = error.detail(if expected.is_empty() || expected.contains("there are no") {
        format!("At {place}: unknown key {}, expected no key at all.", super::quoted(&key))
    } else {
        format!("At {place}: unknown key {}, expected {expected}.", super::quoted(&key))
    });
    error.hint(match nearest(&key, words(&expected)) {
        Some(near) => format!("Perhaps you meant {}.", super::quoted(near)),
        None => "Remove the key, or correct its spelling.".to_string(),
    })
}

/// What follows the last `, expected `; the names there are ours, what precedes may be the user's.
fn expected_of(message: &str) -> &str {
    message.rfind(", expected ").map_or("", |at| &message[at + ", expected ".len()..])
}

/// Serde's word for a type in the words of JSON.
fn plain(expected: &str) -> String {
    let text = match expected {
        "a sequence" => "an array",
        "a map" | "a struct" => "an object",
        "a borrowed string" | "str" => "a string",
        "string or map" | "variant identifier" => "a word or an object with one key",
        "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number of at least 0",
        "i8" | "i16" | "i32" | "i64" | "isize" => "a whole number",
        "f32" | "f64" | "a JSON number" => "a number",
        "unit" => "null",
        other if other.starts_with("struct ") => "an object",
        other if other.starts_with("enum ") => "a word or an object with one key",
        other => return other.replace('`', "\""),
    };
    text.to_string()
}

/// The quoted words of an expectation.
fn words(expected: &str) -> impl Iterator<Item = &str> {
    expected.split('"').skip(1).step_by(2)
}

/// The candidate that `word` is probably a slip for.
pub(super) fn nearest<'a>(word: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let length = word.chars().count();
    if length > EXCERPT {
        return None;
    }
    let lower = word.to_lowercase();
    candidates
        .map(|c| {
            let begins = c.len() >= 3 && lower.starts_with(c) || length >= 3 && c.starts_with(&lower);
            (if begins { 1 } else { distance(&lower, c) }, c)
        })
        .filter(|(d, c)| *d <= 1 + c.chars().count() / 5 && *d < length.max(2))
        .min_by_key(|(d, _)| *d)
        .map(|(_, c)| c)
}

/// Levenshtein's distance: letters to insert, delete or replace.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}
