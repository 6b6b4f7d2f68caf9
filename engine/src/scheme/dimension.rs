//! Sides of a score that are looked at on their own, each with classes that have a name.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Basis;
use crate::document::text::Text;
use crate::number::Number;

/// One side of the score: some of its characteristics, and the classes that their weighted mean falls
/// into. It decides nothing; explanations show it beside the tier.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Dimension {
    /// The name.
    pub name: String,
    /// What people call it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<Text>,
    /// The characteristics whose points count, by the weights of the score.
    pub of: Vec<String>,
    /// The classes, best first.
    pub classes: Vec<Class>,
}

/// One class of a dimension.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Class {
    /// The code.
    pub code: String,
    /// What people call it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<Text>,
    /// The least weighted mean of the points; left out for the last class.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gte: Option<Number>,
    /// Whether the figure is the source's or ours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basis: Option<Basis>,
}
