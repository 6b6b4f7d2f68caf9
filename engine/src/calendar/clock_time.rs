//! Times of day and days of the week, as calendars write them.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::document::{quoted, text_value};
use crate::error::{Error, Result};

/// What errors call the document.
pub(super) const WHAT: &str = "calendar";

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Weekday {
    /// Monday.
    Mon,
    /// Tuesday.
    Tue,
    /// Wednesday.
    Wed,
    /// Thursday.
    Thu,
    /// Friday.
    Fri,
    /// Saturday.
    Sat,
    /// Sunday.
    Sun,
}

impl Weekday {
    /// Monday to Sunday.
    pub(super) const ALL: [Weekday; 7] =
        [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri, Weekday::Sat, Weekday::Sun];

    /// What people call it, in English and Chinese.
    pub fn name(self) -> (&'static str, &'static str) {
        match self {
            Weekday::Mon => ("Monday", "星期一"),
            Weekday::Tue => ("Tuesday", "星期二"),
            Weekday::Wed => ("Wednesday", "星期三"),
            Weekday::Thu => ("Thursday", "星期四"),
            Weekday::Fri => ("Friday", "星期五"),
            Weekday::Sat => ("Saturday", "星期六"),
            Weekday::Sun => ("Sunday", "星期日"),
        }
    }
}

impl fmt::Display for Weekday {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(["mon", "tue", "wed", "thu", "fri", "sat", "sun"][*self as usize])
    }
}

/// A local time of day in whole minutes, `HH:MM`, from `00:00` to `24:00`, the end of the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClockTime {
    minutes: u16,
}

impl ClockTime {
    /// The start of a day.
    pub(super) const START: ClockTime = ClockTime { minutes: 0 };
    /// The end of a day.
    pub(super) const END: ClockTime = ClockTime { minutes: 24 * 60 };

    /// Reads `HH:MM`.
    ///
    /// # Errors
    ///
    /// `InvalidValue` for any other format, and beyond 24:00.
    pub fn parse(text: &str) -> Result<ClockTime> {
        let two = |t: &str| match t.as_bytes() {
            [a @ b'0'..=b'9', b @ b'0'..=b'9'] => Some(u16::from(a - b'0') * 10 + u16::from(b - b'0')),
            _ => None,
        };
        text.split_once(':')
            .and_then(|(h, m)| Some((two(h)?, two(m)?)))
            .filter(|(h, m)| *m < 60 && h * 60 + m <= Self::END.minutes)
            .map(|(h, m)| ClockTime { minutes: h * 60 + m })
            .ok_or_else(|| {
                Error::invalid(format!("found {}, expected a time of day HH:MM", quoted(text)))
                    .hint("Write hours and minutes with two digits each, such as 09:00; 24:00 is the end of the day.")
            })
    }

    /// Minutes after 00:00, at most 1440.
    pub fn minutes(&self) -> u16 {
        self.minutes
    }
}

impl fmt::Display for ClockTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.minutes / 60, self.minutes % 60)
    }
}

text_value!(ClockTime, "a time of day HH:MM", "^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$");
