//! What aggregates build: values that can be merged, and stored as bytes and as text.

use allocator_api2::alloc::{Allocator, Global};

use crate::error::{Error, ErrorKind, Result, sentence};

/// A mergeable value. `A` says where it lives: aggregates put their states into the memory of the
/// aggregate, where the server counts and frees it.
pub trait Mergeable<A: Allocator + Clone>: Sized {
    /// What errors call it.
    const WHAT: &'static str;

    /// An equal value that lives in `memory`.
    fn copy(&self, memory: A) -> Self;

    /// Adds what another one has seen.
    ///
    /// # Errors
    ///
    /// `InvalidValue` if the two do not belong together; `NumberOutOfRange` and `TooLarge` if they are too much together.
    fn merge(&mut self, other: &Self) -> Result<()>;

    /// Its bytes; equal values have equal bytes.
    fn encode(&self) -> Vec<u8>;

    /// From bytes, which may come from anywhere.
    ///
    /// # Errors
    ///
    /// `BadBytes` for what [`Mergeable::encode`] has not written.
    fn decode(bytes: &[u8], memory: A) -> Result<Self>;
}

/// A value with a text form that reads back exactly: JSON of what people look at, and of what only travels between
/// processes its bytes as hexadecimal digits.
pub trait Textual: Mergeable<Global> {
    /// As text.
    fn to_text(&self) -> String {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let bytes = self.encode();
        let mut text = String::with_capacity(BYTES.len() + 2 * bytes.len());
        text.push_str(BYTES);
        for byte in bytes {
            text.push(DIGITS[usize::from(byte >> 4)] as char);
            text.push(DIGITS[usize::from(byte & 15)] as char);
        }
        text
    }

    /// From text.
    ///
    /// # Errors
    ///
    /// `NotJson` for another shape, or parts that contradict each other; `BadBytes` for bytes that make no value.
    fn from_text(text: &str) -> Result<Self> {
        let bytes = text.strip_prefix(BYTES).and_then(|digits| {
            let pairs = digits.as_bytes().chunks(2).map(|pair| match pair {
                [high, low] => Some((hexadecimal(*high)? << 4) | hexadecimal(*low)?),
                _ => None,
            });
            pairs.collect::<Option<Vec<u8>>>()
        });
        let Some(bytes) = bytes else {
            return Err(Error::new(ErrorKind::NotJson, format!("invalid {}", Self::WHAT))
                .detail(format!("Its text form is {BYTES} and pairs of hexadecimal digits."))
                .hint("Values of this type are made by aggregates, which pass them between processes."));
        };
        Self::decode(&bytes, Global)
    }
}

/// What stands before bytes as text, as the server writes them.
const BYTES: &str = "\\x";

fn hexadecimal(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).map(|value| value as u8)
}

/// Reads the JSON text of a value that errors call `what`.
pub(crate) fn from_json<T: serde::de::DeserializeOwned>(what: &str, text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|error| {
        Error::new(ErrorKind::NotJson, format!("invalid {what}"))
            .detail(format!("{error}."))
            .hint("Values of this type are made by aggregates; their text form is JSON.")
    })
}

/// The error for a text form whose parts contradict each other.
pub(crate) fn contradiction(what: &str, why: &str) -> Error {
    Error::new(ErrorKind::NotJson, format!("invalid {what}")).detail(sentence(why))
}

/// The greatest count: what a bigint holds, as which SQL sees it.
pub(crate) const MAX_COUNT: u64 = i64::MAX as u64;

/// The count of two values together. Every count within them then fits, too.
///
/// # Errors
///
/// `NumberOutOfRange` beyond what a bigint holds.
pub fn sum_of_counts(own: u64, other: u64) -> Result<u64> {
    own.checked_add(other).filter(|sum| *sum <= MAX_COUNT).ok_or_else(|| {
        Error::new(ErrorKind::NumberOutOfRange, format!("more than {MAX_COUNT} values"))
            .hint("No table has so many rows: look for a value that was merged with itself.")
    })
}
