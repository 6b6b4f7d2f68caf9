//! The calendar as users write it, and what makes it valid.

use std::collections::{BTreeMap, HashMap};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::clock_time::{WHAT, Weekday};
use super::hours::{Hours, Shift};
use crate::document::text::Text;
use crate::document::{IDENTIFIER_PATTERN, fault, is_identifier, quoted};
use crate::error::Result;
use crate::time::date::IsoDate;

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
