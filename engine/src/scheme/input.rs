//! What a customer is graded on: the inputs of a scheme.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::document::text::Text;
use crate::number::{Number, Scalar, integer_key};

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum InputType {
    /// A decimal number.
    Number,
    /// A whole number.
    Integer,
    /// A text, compared byte by byte.
    Text,
    /// True or false.
    Boolean,
    /// A day.
    Date,
}

impl InputType {
    /// All of them.
    pub const ALL: [InputType; 5] =
        [InputType::Number, InputType::Integer, InputType::Text, InputType::Boolean, InputType::Date];

    /// The JSON name.
    pub fn name(self) -> &'static str {
        match self {
            InputType::Number => "number",
            InputType::Integer => "integer",
            InputType::Text => "text",
            InputType::Boolean => "boolean",
            InputType::Date => "date",
        }
    }

    /// Whether its values are numbers.
    #[inline]
    pub fn is_numeric(self) -> bool {
        match self {
            InputType::Number | InputType::Integer => true,
            InputType::Text | InputType::Boolean | InputType::Date => false,
        }
    }

    /// Whether its values are days.
    pub fn is_date(self) -> bool {
        match self {
            InputType::Date => true,
            InputType::Number | InputType::Integer | InputType::Text | InputType::Boolean => false,
        }
    }

    /// Whether its values are true and false.
    pub fn is_truth(self) -> bool {
        match self {
            InputType::Boolean => true,
            InputType::Number | InputType::Integer | InputType::Text | InputType::Date => false,
        }
    }

    /// Whether its values are texts.
    pub fn is_text(self) -> bool {
        match self {
            InputType::Text => true,
            InputType::Number | InputType::Integer | InputType::Boolean | InputType::Date => false,
        }
    }

    /// Whether its values have an order, so that bins and conditions may be intervals.
    pub fn is_ordered(self) -> bool {
        self.is_numeric() || self.is_date()
    }

    /// How far apart neighbouring values are, on the scale of comparison keys; none if there are no neighbours.
    pub fn unit(self) -> Option<i128> {
        match self {
            InputType::Integer => Some(integer_key(1)),
            InputType::Date => Some(1),
            InputType::Number | InputType::Text | InputType::Boolean => None,
        }
    }

    /// Whether it is a number without a fraction.
    #[inline]
    pub fn is_whole(self) -> bool {
        match self {
            InputType::Integer => true,
            InputType::Number | InputType::Text | InputType::Boolean | InputType::Date => false,
        }
    }
}

/// What happens when a value is missing (NULL).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Missing {
    /// The customer gets no tier; the explanation says which input was missing.
    #[default]
    Ungraded,
    /// Grading fails.
    Error,
    /// Rules see `is_missing`, bins with `missing: true` take it.
    Null,
    /// This value is used instead.
    Default(Scalar),
}

/// One thing known of a customer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The name, by which rows and jsonb bind.
    pub name: String,
    /// What the value is.
    #[serde(rename = "type")]
    pub kind: InputType,
    /// What people call it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<Text>,
    /// What it means exactly.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Text>,
    /// The unit: days, orders, a currency …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<Text>,
    /// Other names that columns with this meaning bear, in any language.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub synonyms: Vec<String>,
    /// The least plausible number. Grading takes any; `check_inputs()` reports what is outside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<Number>,
    /// The greatest plausible number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<Number>,
    /// The only values it may have (text, number, integer).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allowed: Vec<Scalar>,
    /// What people call the allowed values, by value: `suggest_mapping()` finds them in columns.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub value_titles: BTreeMap<String, Text>,
    /// What happens when it is missing.
    #[serde(default, skip_serializing_if = "is_ungraded")]
    pub missing: Missing,
}

impl Input {
    /// Whether a number, by its key, lies between the least and the greatest plausible one.
    pub fn is_plausible(&self, key: i128) -> bool {
        self.min.is_none_or(|min| min.key() <= key) && self.max.is_none_or(|max| key <= max.key())
    }
}

fn is_ungraded(missing: &Missing) -> bool {
    *missing == Missing::Ungraded
}
