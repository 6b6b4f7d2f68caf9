//! Which time counts.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::document::quoted;
use crate::error::{Error, Result};

/// What counts towards a service target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Clock {
    /// All time; a day is 24 hours.
    #[default]
    Calendar,
    /// Working hours of working days.
    Working,
}

impl Clock {
    /// The clock of a name, `calendar` or `working`.
    ///
    /// # Errors
    ///
    /// `InvalidValue` for any other name.
    pub fn parse(name: &str) -> Result<Clock> {
        match name {
            "calendar" => Ok(Clock::Calendar),
            "working" => Ok(Clock::Working),
            _ => Err(Error::invalid(format!("unknown clock {}", quoted(name)))
                .hint("Use 'calendar' for elapsed time or 'working' for working hours.")),
        }
    }
}

impl std::fmt::Display for Clock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Clock::Calendar => "calendar",
            Clock::Working => "working",
        })
    }
}
