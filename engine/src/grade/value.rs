//! Values on their way into a grading: one `Copy` slot per input, converted once per row, so that all
//! comparisons afterwards are comparisons of integers.

use crate::document;
use crate::error::{Error, ErrorKind, Result};
use crate::limits::SHOWN;
use crate::number::{self, Number, describe_key};
use crate::scheme::InputType;
use crate::time::date::{FIRST_DAY, IsoDate, LAST_DAY, day_number};

/// What an input holds for the customer being graded.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value {
    /// NULL.
    Missing,
    /// An exact number as its comparison key ([`number::key`]).
    Exact(i128),
    /// A floating-point number, finite.
    Float(f64),
    /// A text: its place among the texts that the scheme names, or [`OTHER_TEXT`].
    Text(u32),
    /// A truth value.
    Boolean(bool),
    /// A date in days since 1970-01-01.
    Day(i32),
}

/// The code of a text that the scheme does not name.
pub const OTHER_TEXT: u32 = u32::MAX;

/// What happens to a missing value, with the default already converted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum OnMissing {
    Ungraded,
    Error,
    Null,
    Default(Value),
}

/// A compiled constant: an exact number for exact values, the nearest double for floats.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct NumberCut {
    pub key: i128,
    pub float: f64,
}

impl NumberCut {
    /// A day, which is compared as a whole number.
    pub(crate) fn day(day: i32) -> Self {
        NumberCut { key: i128::from(day), float: f64::from(day) }
    }
}

impl From<Number> for NumberCut {
    fn from(number: Number) -> Self {
        NumberCut { key: number.key(), float: number.nearest_f64() }
    }
}

/// One input of a compiled scheme: takes raw values, refuses what may not be.
#[derive(Debug)]
pub struct InputSlot {
    /// The name.
    pub name: String,
    /// What the value is.
    pub kind: InputType,
    pub(crate) on_missing: OnMissing,
    /// The texts that matter: the allowed ones, then those that rules name.
    pub(crate) texts: Vec<Box<str>>,
    pub(crate) allowed: Vec<NumberCut>,
    pub(crate) restricted: bool,
}

impl InputSlot {
    /// Whether it takes all whole numbers.
    #[inline(always)]
    pub fn takes_wholes(&self) -> bool {
        self.allowed.is_empty()
    }

    /// Whether it takes all numbers.
    #[inline(always)]
    pub fn takes_numbers(&self) -> bool {
        self.allowed.is_empty() && !self.kind.is_whole()
    }

    /// An exact number, by its key.
    ///
    /// # Errors
    ///
    /// `InvalidValue` for a fraction where whole numbers are due, and for a number that is not allowed.
    #[inline(always)]
    pub fn exact(&self, key: i128) -> Result<Value> {
        if self.kind.is_whole() && key % number::integer_key(1) != 0 {
            return Err(self.not_whole(&describe_key(key)));
        }
        self.permitted(key)
    }

    #[inline(always)]
    fn permitted(&self, key: i128) -> Result<Value> {
        if !self.allowed.is_empty() && !self.allowed.iter().any(|cut| cut.key == key) {
            return Err(self.not_allowed(&describe_key(key)));
        }
        Ok(Value::Exact(key))
    }

    /// A whole number.
    ///
    /// # Errors
    ///
    /// `InvalidValue` for a number that is not allowed.
    #[inline(always)]
    pub fn integer(&self, value: i64) -> Result<Value> {
        self.permitted(number::integer_key(value))
    }

    /// A floating-point number; NaN and the infinities are refused.
    ///
    /// # Errors
    ///
    /// `InvalidValue` for NaN and the infinities, and as for [`InputSlot::exact`].
    #[inline(always)]
    pub fn float(&self, value: f64) -> Result<Value> {
        if !value.is_finite() {
            return Err(self.not_finite(value));
        }
        if self.kind.is_whole() && value.fract() != 0.0 {
            return Err(self.not_whole(&value.to_string()));
        }
        if !self.allowed.is_empty() && !self.allowed.iter().any(|cut| cut.float == value) {
            return Err(self.not_allowed(&value.to_string()));
        }
        Ok(Value::Float(value))
    }

    /// A text.
    ///
    /// # Errors
    ///
    /// `InvalidValue` for a text that is not allowed.
    #[inline(always)]
    pub fn text(&self, value: &[u8]) -> Result<Value> {
        match self.texts.iter().position(|text| text.as_bytes() == value) {
            Some(code) => Ok(Value::Text(code as u32)),
            None if self.restricted => {
                Err(self.not_allowed(&document::quoted(&String::from_utf8_lossy(value))))
            }
            None => Ok(Value::Text(OTHER_TEXT)),
        }
    }

    /// A text compared without regard to case, as the type `citext` is.
    ///
    /// # Errors
    ///
    /// `InvalidValue` for a text that is not allowed.
    pub fn text_ignoring_case(&self, value: &str) -> Result<Value> {
        if let Some(code) = self.texts.iter().position(|text| **text == *value) {
            return Ok(Value::Text(code as u32));
        }
        let folded = value.to_lowercase();
        match self.texts.iter().position(|text| text.to_lowercase() == folded) {
            Some(code) => Ok(Value::Text(code as u32)),
            None => self.text(value.as_bytes()),
        }
    }

    /// A date, in days since 1970-01-01.
    ///
    /// # Errors
    ///
    /// `DateOutOfRange` outside of the supported years.
    #[inline(always)]
    pub fn day(&self, day: i64) -> Result<Value> {
        if (i64::from(FIRST_DAY)..=i64::from(LAST_DAY)).contains(&day) {
            return Ok(Value::Day(day as i32));
        }
        Err(self.date_out_of_range())
    }

    /// The error for a date beyond those of the calendar.
    #[cold]
    pub fn date_out_of_range(&self) -> Error {
        Error::new(ErrorKind::DateOutOfRange, format!("date out of range for input {:?}", self.name))
            .detail("Dates from year -9999 to year 9999 are supported.")
            .hint("Correct the value, or turn it into NULL.")
            .finding("out of range")
    }

    /// A date as ISO 8601 text.
    ///
    /// # Errors
    ///
    /// `InvalidValue` for any other text.
    pub fn iso_date(&self, text: &str) -> Result<Value> {
        match IsoDate::parse(text.trim()) {
            Ok(date) => Ok(Value::Day(day_number(date.0))),
            Err(error) => Err(Error::invalid(format!("invalid date for input {:?}", self.name))
                .detail(format!("Found {text:?}, expected a date YYYY-MM-DD."))
                .hint(error.hint.unwrap_or_default())
                .finding("not a date")),
        }
    }

    /// The error for NaN and the infinities.
    #[cold]
    pub fn not_finite(&self, value: f64) -> Error {
        Error::invalid(format!(
            "input {:?} is {}",
            self.name,
            if value.is_nan() { "NaN" } else { "infinite" }
        ))
        .detail("Only finite numbers can be graded.")
        .hint("Turn it into NULL, for example with nullif(value, 'NaN').")
        .finding("not finite")
    }

    #[cold]
    fn not_whole(&self, found: &str) -> Error {
        Error::invalid(format!("input {:?} is not a whole number", self.name))
            .detail(format!("Found {found}; the scheme declares the input as integer."))
            .hint("Round the value, or declare the input as number.")
            .finding("not whole")
    }

    #[cold]
    fn not_allowed(&self, found: &str) -> Error {
        // Only the first of a long list, and whether there are more.
        const MORE: usize = SHOWN + 1;
        let mut allowed: Vec<String> = match self.kind {
            InputType::Text => self.texts.iter().take(MORE).map(|text| document::quoted(text)).collect(),
            InputType::Number | InputType::Integer | InputType::Boolean | InputType::Date => {
                self.allowed.iter().take(MORE).map(|cut| describe_key(cut.key)).collect()
            }
        };
        if let Some(beyond) = allowed.get_mut(SHOWN) {
            *beyond = "…".to_owned();
        }
        Error::invalid(format!("value not allowed for input {:?}", self.name))
            .detail(format!("Found {found}, allowed: {}.", allowed.join(", ")))
            .hint("Map the value to an allowed one in the query, or derive a scheme that allows it.")
            .finding("not allowed")
    }

    /// The error for a missing value where the scheme wants one.
    #[cold]
    pub fn missing_error(&self) -> Error {
        Error::new(ErrorKind::MissingValue, format!("input {:?} is missing", self.name))
            .detail("The scheme does not grade customers without it.")
            .hint(format!(
                "Supply a value, or derive a scheme with another \"missing\" for {:?}: \"ungraded\", \"null\" or {{\"default\": …}}.",
                self.name
            ))
            .finding("missing")
    }

    /// The text of a code, if the scheme names it.
    pub fn known_text(&self, code: u32) -> Option<&str> {
        self.texts.get(code as usize).map(|text| &**text)
    }

    /// Whether a value is of the type of the input, and one that it may have.
    pub fn takes(&self, value: Value) -> bool {
        match value {
            Value::Missing => true,
            Value::Exact(_) | Value::Float(_) => self.kind.is_numeric(),
            Value::Text(code) => self.kind.is_text() && (!self.restricted || self.known_text(code).is_some()),
            Value::Boolean(_) => self.kind.is_truth(),
            Value::Day(_) => self.kind.is_date(),
        }
    }

    /// Whether a missing value is an error.
    pub fn must_be_there(&self) -> bool {
        self.on_missing == OnMissing::Error
    }
}
