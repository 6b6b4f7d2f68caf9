//! Reading and writing the JSON documents that users write: schemes, calendars and what follows.
//!
//! One door for all of them, so that each kind of mistake is reported in the same way: where (a JSON
//! path), what was found, what was expected, and what to type instead.

mod shape;
pub mod text;
mod tree;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::error::Category;

use crate::error::{Error, ErrorKind, Result};
use crate::limits::{DOCUMENT_BYTES, DOCUMENT_LEVELS};

/// Reads a document: `what` is its kind as errors name it (`calendar`, `scheme`), `text` is JSON.
///
/// Beyond what serde checks, an object may not have a key twice, no text may hold U+0000, which
/// PostgreSQL cannot store, and an object must be an object: serde would take an array of its values.
///
/// # Errors
///
/// - `TooLarge`: more than [`DOCUMENT_BYTES`], or nested deeper than [`DOCUMENT_LEVELS`];
/// - `NotJson`: not JSON; the DETAIL has line and column;
/// - `InvalidValue`: JSON of another shape; the DETAIL has path, what was found and what was expected.
pub fn parse<T: DeserializeOwned + Serialize>(what: &str, text: &str) -> Result<T> {
    if text.len() > DOCUMENT_BYTES {
        return Err(Error::new(ErrorKind::TooLarge, format!("{what} document is too large"))
            .detail(format!("The document has {} bytes, at most {DOCUMENT_BYTES} are read.", text.len()))
            .hint("Split the document, or leave out what it does not need."));
    }
    let tree = read_tree(what, text)?;
    let document: T = serde_path_to_error::deserialize(&tree)
        .map_err(|e| shape::describe(what, &tree, e.path(), &e.inner().to_string()))?;
    match shape::undocumented(&tree, &written(serde_json::to_value(&document))) {
        None => Ok(document),
        Some((path, found, expected)) => Err(shape::mismatch(what, &format!("${path}"), found, expected)),
    }
}

/// The compact JSON text of a document: no white space, keys in the order of the type's fields.
///
/// # Panics
///
/// If the `Serialize` of `T` itself fails; derived ones on types whose maps have text keys never do.
pub fn canonical<T: Serialize + ?Sized>(document: &T) -> String {
    written(serde_json::to_string(document))
}

fn written<J>(json: serde_json::Result<J>) -> J {
    match json {
        Ok(json) => json,
        Err(e) => unreachable!("a document type that cannot be written as JSON: {e}"),
    }
}

/// An error about the value at `path` (such as `$.holidays[3]`) of a document that has the right
/// shape but makes no sense. `sentence` says what was found and what was expected, without the path.
pub fn fault(what: &str, path: &str, sentence: impl AsRef<str>) -> Error {
    Error::invalid(format!("invalid {what} document")).detail(format!("At {path}: {}", sentence.as_ref()))
}

/// Whether `name` may name a scheme, calendar or the like: `[a-z_][a-z0-9_]{0,62}`, which PostgreSQL
/// takes unquoted and does not truncate.
pub fn is_identifier(name: &str) -> bool {
    let bytes = name.as_bytes();
    bytes.len() <= 63
        && bytes.first().is_some_and(|b| b.is_ascii_lowercase() || *b == b'_')
        && bytes.iter().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'_')
}

/// The regular expression of [`is_identifier`], for JSON Schemas.
pub const IDENTIFIER_PATTERN: &str = "^[a-z_][a-z0-9_]{0,62}$";

/// The candidate that a misspelt word most likely means, if one is near.
pub fn nearest<'a>(word: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    shape::nearest(word, candidates)
}

/// Text as it stands in an error: in double quotes, escaped as in JSON, shortened if it is long.
pub fn quoted(text: &str) -> String {
    shape::excerpt(&Value::from(text))
}

/// Syntax, depth, duplicate keys and U+0000, before any type looks at it.
fn read_tree(what: &str, text: &str) -> Result<Value> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let outcome = serde_path_to_error::deserialize::<_, tree::Tree>(&mut reader);
    let (path, error) = match outcome {
        Ok(tree::Tree(value)) => match reader.end() {
            Ok(()) => return Ok(value),
            Err(e) => (None, e),
        },
        Err(e) => (Some(e.path().clone()), e.into_inner()),
    };
    let message = error.to_string();
    let reason = message.strip_suffix(&format!(" at line {} column {}", error.line(), error.column()));
    let reason = reason.unwrap_or(&message);
    if reason.starts_with("recursion limit") {
        return Err(Error::new(ErrorKind::TooLarge, format!("{what} document is nested too deeply"))
            .detail(format!(
                "Line {} column {} is below {DOCUMENT_LEVELS} levels.",
                error.line(),
                error.column()
            ))
            .hint("Write the document with fewer arrays and objects inside each other."));
    }
    if error.classify() == Category::Data {
        let path = path.map_or_else(|| "$".to_string(), |p| shape::json_path(&p));
        return Err(shape::split_hint(fault(what, &path, ""), reason, &path));
    }
    Err(Error::new(ErrorKind::NotJson, format!("{what} document is not JSON"))
        .detail(format!("At line {} column {}: {reason}.", error.line(), error.column()))
        .hint(
            "Put keys and texts in double quotes, a comma between elements but none after the last, \
             and no comments.",
        ))
}

/// Serde and JSON Schema for a type that a document holds as one text: it has `parse(&str) ->
/// Result<Self>`, `Display`, and `PATTERN`.
macro_rules! text_value {
    ($type:ty, $expected:literal, $pattern:expr) => {
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
                struct Visitor;
                impl serde::de::Visitor<'_> for Visitor {
                    type Value = $type;
                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str($expected)
                    }
                    fn visit_str<E: serde::de::Error>(self, text: &str) -> std::result::Result<$type, E> {
                        <$type>::parse(text).map_err(E::custom)
                    }
                }
                deserializer.deserialize_str(Visitor)
            }
        }

        impl schemars::JsonSchema for $type {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($type).into()
            }
            fn schema_id() -> std::borrow::Cow<'static, str> {
                concat!(module_path!(), "::", stringify!($type)).into()
            }
            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({"type": "string", "description": $expected, "pattern": $pattern})
            }
        }
    };
}
pub(crate) use text_value;

#[cfg(test)]
mod tests;
