//! Any JSON, with what `serde_json::Value` would let pass refused: a key twice, and U+0000.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// The key under which serde_json (feature `arbitrary_precision`) hands over a number as text.
const NUMBER_KEY: &str = "$serde_json::private::Number";

/// A JSON value that has passed the checks.
pub(super) struct Tree(pub(super) Value);

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TreeVisitor).map(Tree)
    }
}

struct TreeVisitor;

fn storable<E: Error>(text: &str) -> Result<(), E> {
    if text.contains('\0') {
        return Err(E::custom(
            "a text with the character U+0000\nHINT: Leave out \\u0000; PostgreSQL cannot store it in a text.",
        ));
    }
    Ok(())
}

impl<'de> Visitor<'de> for TreeVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        storable(value)?;
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut elements = Vec::new();
        while let Some(Tree(element)) = seq.next_element()? {
            elements.push(element);
        }
        Ok(Value::Array(elements))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut members = Map::new();
        while let Some(key) = map.next_key::<String>()? {
            if key == NUMBER_KEY {
                let digits: String = map.next_value()?;
                let number: Number = digits.parse().map_err(|_| A::Error::custom("a reserved key"))?;
                // No more keys follow a number; an object that a user gave this key may have some.
                return match map.next_key::<String>()? {
                    None if members.is_empty() => Ok(Value::Number(number)),
                    _ => Err(A::Error::custom("a reserved key")),
                };
            }
            storable(&key)?;
            if members.contains_key(&key) {
                let key = super::quoted(&key);
                return Err(A::Error::custom(format!(
                    "the key {key} is there twice\nHINT: Keep one of the two."
                )));
            }
            let Tree(value) = map.next_value()?;
            members.insert(key, value);
        }
        Ok(Value::Object(members))
    }
}
