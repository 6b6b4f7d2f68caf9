//! Overlays and strategies: actions that stand outside a scheme. An overlay adds what a kind of
//! customer needs to the strategy of whatever tier; a strategy takes the place of that of one tier.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::document::text::Text;
use crate::document::{self, IDENTIFIER_PATTERN, fault, is_identifier, quoted};
use crate::error::Result;
use crate::limits::ACTIONS;
use crate::scheme::Action;

/// What is done for a kind of customer beside the strategy of the tier.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "Overlay")]
pub struct Overlay {
    /// The name.
    #[schemars(regex(pattern = IDENTIFIER_PATTERN))]
    pub overlay: String,
    /// What it is one of: `special_group`, `personality` …
    #[schemars(regex(pattern = IDENTIFIER_PATTERN))]
    pub group: String,
    /// What people call it.
    pub title: Text,
    /// Whom it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Text>,
    /// Where it comes from: an id or a citation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// What is done.
    #[schemars(length(min = 1, max = ACTIONS))]
    pub strategy: Vec<Action>,
}

impl Overlay {
    /// Reads and checks an overlay document.
    ///
    /// ```
    /// use customer_tiering_engine::Overlay;
    ///
    /// # fn main() -> customer_tiering_engine::Result<()> {
    /// let vegan = Overlay::parse(r#"{"overlay": "vegan", "group": "taste", "title": {"en": "Vegan"},
    ///     "strategy": [{"area": "offers", "action": {"en": "No leather"}}]}"#)?;
    /// assert_eq!(vegan.strategy.len(), 1);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`document::parse`]; `InvalidValue` for a name that is no identifier, and unless there
    /// are 1 to [`ACTIONS`] actions.
    pub fn parse(text: &str) -> Result<Overlay> {
        let overlay: Overlay = document::parse("overlay", text)?;
        for (path, name) in [("$.overlay", &overlay.overlay), ("$.group", &overlay.group)] {
            if !is_identifier(name) {
                return Err(fault(
                    "overlay",
                    path,
                    format!(
                        "found {}, expected a name of at most 63 characters: a letter or underscore, then \
                         letters, digits and underscores, in lower case.",
                        quoted(name)
                    ),
                )
                .hint(OVERLAY_HINT));
            }
        }
        let count = overlay.strategy.len();
        if count == 0 || count > ACTIONS {
            let sentence = format!("found {count} actions, expected 1 to {ACTIONS}.");
            return Err(fault("overlay", "$.strategy", sentence).hint(OVERLAY_HINT));
        }
        Ok(overlay)
    }

    /// The document as canonical JSON: keys in the order of this module, defaults left out.
    pub fn canonical(&self) -> String {
        document::canonical(self)
    }
}

const OVERLAY_HINT: &str =
    "An overlay has \"overlay\", \"group\", \"title\" and a \"strategy\" of actions as a tier has it.";

/// The JSON Schema of the overlay document.
pub fn json_schema() -> serde_json::Value {
    schemars::schema_for!(Overlay).to_value()
}

/// Reads the strategy of a tier: a JSON array of at most [`ACTIONS`] actions, none for no strategy.
///
/// # Errors
///
/// Those of [`document::parse`]; `InvalidValue` for more than [`ACTIONS`] actions.
pub fn parse_strategy(text: &str) -> Result<Vec<Action>> {
    let actions: Vec<Action> = document::parse("strategy", text)?;
    if actions.len() > ACTIONS {
        let sentence = format!("found {} actions, expected at most {ACTIONS}.", actions.len());
        return Err(fault("strategy", "$", sentence).hint(
            "Keep what is really done for the tier; put what only some customers need into overlays.",
        ));
    }
    Ok(actions)
}

/// A strategy as canonical JSON: keys in the order of [`Action`], defaults left out.
pub fn canonical_strategy(actions: &[Action]) -> String {
    document::canonical(actions)
}
