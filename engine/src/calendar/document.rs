//! The calendar as users write it, and what makes it valid.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::hours::{Hours, Shift};
use crate::document::text::Text;
use crate::document::{IDENTIFIER_PATTERN, fault, is_identifier, quoted, text_value};
use crate::error::{Error, Result};
use crate::time::date::IsoDate;

/// What errors call the document.
pub(super) const WHAT: &str = "calendar";

/// A working calendar: a weekly pattern and the dates that differ from it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "Working calendar")]
pub struct Document {
    /// The name of the calendar.
    #[schemars(regex(pattern = IDENTIFIER_PATTERN))]
    pub calendar: String,
    /// The name for people.
    pub title: Text,
    /// Where the dates come from, and on what terms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The days of the week that are worked.
    #[schemars(length(min = 1, max = 7))]
    pub working_days: Vec<Weekday>,
    /// Dates that are not worked although their weekday is. A date may be there twice, when two holidays fall on it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub holidays: Vec<IsoDate>,
    /// Dates that are worked although their weekday is not: make-up working days.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub workdays: Vec<IsoDate>,
    /// Working hours in local time, as pairs of start and end: one list for all working days, or lists by weekday
    /// (`{"mon": [["09:00", "18:00"]], "sat": [["09:00", "13:00"]], "other": …}`). The whole day if left out. An end
    /// that is not after the start is on the next day (`["22:00", "06:00"]`); the shift belongs to the day on which it
    /// begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hours: Option<Hours>,
    /// Hours of single working days, such as half holidays: `{"2026-12-24": [["09:00", "12:00"]]}`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub hours_on: BTreeMap<IsoDate, Vec<Shift>>,
    /// The first day for which the exceptions are known; since ever if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub known_from: Option<IsoDate>,
    /// The last day for which the exceptions are known; for ever if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub known_until: Option<IsoDate>,
    /// Dates outside of what is known that are holidays by rule, such as those of a law whose yearly notice is not
    /// out. They count as not worked, and the calendar is still not known for them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub provisional: Vec<IsoDate>,
}

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

/// The JSON Schema of the calendar document.
pub fn json_schema() -> String {
    crate::document::canonical(&schemars::schema_for!(Document))
}

impl Document {
    /// Checks what the shape alone does not say.
    pub(super) fn check(&self) -> Result<()> {
        if !is_identifier(&self.calendar) {
            return Err(fault(
                WHAT,
                "$.calendar",
                format!(
                    "found {}, expected a name of lower-case letters, digits and _.",
                    quoted(&self.calendar)
                ),
            )
            .hint("Begin with a letter or _ and write at most 63 characters, such as cn or my_branch."));
        }
        self.check_week()?;
        self.check_dates()?;
        self.check_provisional()
    }

    /// Puts the lists in ascending order, each date once, so that equal calendars have equal texts.
    pub(super) fn sort(&mut self) {
        self.working_days.sort_unstable();
        for dates in [&mut self.holidays, &mut self.workdays, &mut self.provisional] {
            dates.sort_unstable();
            dates.dedup();
        }
    }

    fn check_week(&self) -> Result<()> {
        if self.working_days.is_empty() {
            return Err(fault(WHAT, "$.working_days", "found [], expected at least one day.")
                .hint("List the days of the week that are worked, such as [\"mon\", \"tue\"]."));
        }
        for (i, day) in self.working_days.iter().enumerate() {
            if self.working_days[..i].contains(day) {
                let sentence = format!("\"{day}\" is there twice.");
                return Err(
                    fault(WHAT, &format!("$.working_days[{i}]"), sentence).hint("Remove one of the two.")
                );
            }
        }
        Ok(())
    }

    fn check_dates(&self) -> Result<()> {
        if let (Some(from), Some(until)) = (self.known_from, self.known_until)
            && from > until
        {
            return Err(fault(
                WHAT,
                "$.known_until",
                format!("found \"{until}\", which is before known_from {from}."),
            )
            .hint("Write the first day in known_from and the last in known_until."));
        }
        let mut seen = HashMap::new();
        for (list, dates) in [("holidays", &self.holidays), ("workdays", &self.workdays)] {
            for (i, date) in dates.iter().enumerate() {
                let path = format!("$.{list}[{i}]");
                if self.known_from.is_some_and(|from| *date < from)
                    || self.known_until.is_some_and(|until| *date > until)
                {
                    return Err(fault(
                        WHAT,
                        &path,
                        format!("\"{date}\" is outside known_from and known_until."),
                    )
                    .hint("Widen known_from and known_until, or remove the date."));
                }
                // Two holidays may fall on one date, and say the same of it.
                if seen.insert(date, list).is_some_and(|before| before != list) {
                    return Err(fault(WHAT, &path, format!("\"{date}\" is a holiday too."))
                        .hint("Keep the date in holidays or in workdays, not in both."));
                }
            }
        }
        Ok(())
    }

    fn check_provisional(&self) -> Result<()> {
        for (i, date) in self.provisional.iter().enumerate() {
            if self.known_from.is_none_or(|from| from <= *date)
                && self.known_until.is_none_or(|until| *date <= until)
            {
                let sentence = format!("\"{date}\" is a date for which the calendar is known.");
                return Err(fault(WHAT, &format!("$.provisional[{i}]"), sentence)
                    .hint("List it in holidays, or let known_until be before it."));
            }
        }
        Ok(())
    }
}
