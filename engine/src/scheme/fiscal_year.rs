//! The fiscal year of a business, as a document says it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::calendar::Weekday;
use crate::document::{self, quoted};
use crate::error::{Error, Result};
use crate::time::date::MonthDay;
use crate::time::fiscal::{Division, FiscalCalendar, Weeks, YearEnd};

/// A fiscal year: of twelve months from a day on, `{"begins": "04-01"}`, or of whole weeks,
/// `{"weeks": "4-5-4", "ends": "sat", "nearest": "01-31"}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FiscalYear {
    /// The day on which it begins, and of which each of its months begins: at most the 28th.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub begins: Option<MonthDay>,
    /// The weeks of the months of a quarter, for a year of 52 weeks; a 53rd belongs to the last month.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weeks: Option<WeekPattern>,
    /// The last weekday of a year of weeks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends: Option<Weekday>,
    /// A year of weeks ends on that weekday which is nearest to this day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nearest: Option<MonthDay>,
    /// A year of weeks ends on the last such weekday of this month, 1 to 12.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 12))]
    pub last_of_month: Option<u8>,
    /// By which of its days a year has its number: fiscal 2026 ends in 2026, or begins in it.
    #[serde(default, skip_serializing_if = "NumberedBy::is_last_day")]
    pub numbered_by: NumberedBy,
}

/// How many weeks the months of a quarter have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum WeekPattern {
    /// Four, four, five.
    #[serde(rename = "4-4-5")]
    FourFourFive,
    /// Four, five, four.
    #[serde(rename = "4-5-4")]
    FourFiveFour,
    /// Five, four, four.
    #[serde(rename = "5-4-4")]
    FiveFourFour,
}

impl WeekPattern {
    fn weeks(self) -> [u8; 3] {
        match self {
            WeekPattern::FourFourFive => [4, 4, 5],
            WeekPattern::FourFiveFour => [4, 5, 4],
            WeekPattern::FiveFourFour => [5, 4, 4],
        }
    }

    /// As documents write it.
    pub fn name(self) -> &'static str {
        match self {
            WeekPattern::FourFourFive => "4-4-5",
            WeekPattern::FourFiveFour => "4-5-4",
            WeekPattern::FiveFourFour => "5-4-4",
        }
    }
}

/// The day by whose calendar year a fiscal year is numbered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NumberedBy {
    /// The first.
    FirstDay,
    /// The last.
    #[default]
    LastDay,
}

impl NumberedBy {
    fn is_last_day(&self) -> bool {
        *self == NumberedBy::LastDay
    }
}

/// What is wrong with a fiscal year: the key, what was found, what was expected.
pub(crate) struct Contradiction {
    pub(crate) key: &'static str,
    pub(crate) found: String,
    pub(crate) expected: &'static str,
}

fn contradiction(key: &'static str, found: impl Into<String>, expected: &'static str) -> Contradiction {
    Contradiction { key, found: found.into(), expected }
}

impl FiscalYear {
    /// Reads a document that is nothing else.
    ///
    /// # Errors
    ///
    /// Those of [`document::parse`]; `InvalidValue` with the path for what contradicts itself.
    pub fn parse(text: &str) -> Result<FiscalCalendar> {
        let year: FiscalYear = document::parse("fiscal year", text).map_err(with_examples)?;
        year.calendar().map_err(|Contradiction { key, found, expected }| {
            let detail = format!("found {found}, expected {expected}.");
            with_examples(document::fault("fiscal year", &format!("${key}"), detail))
        })
    }

    /// The years that it says.
    pub(crate) fn calendar(&self) -> std::result::Result<FiscalCalendar, Contradiction> {
        let by_first_day = self.numbered_by == NumberedBy::FirstDay;
        let division = match (&self.begins, self.weeks) {
            (None, None) => {
                return Err(contradiction("", "neither \"begins\" nor \"weeks\"", "one of them"));
            }
            (Some(_), Some(weeks)) => {
                let expected = "no such key beside \"begins\", since a year has months or weeks";
                return Err(contradiction(".weeks", quoted(weeks.name()), expected));
            }
            (Some(begins), None) => {
                let (month, day) = begins.parts();
                if day > 28 {
                    return Err(contradiction(
                        ".begins",
                        begins.to_string(),
                        "a day that every month has, up to the 28th",
                    ));
                }
                self.without_weeks()?;
                Division::Months { month, day }
            }
            (None, Some(pattern)) => {
                let Some(ends) = self.ends else {
                    return Err(contradiction(
                        "",
                        "\"weeks\" without \"ends\"",
                        "the last weekday of the year, such as \"ends\": \"sat\"",
                    ));
                };
                let at = self.year_end()?;
                // Seven of them, from Monday on, as there.
                let ends = jiff::civil::Weekday::from_monday_zero_offset(ends as i8)
                    .unwrap_or(jiff::civil::Weekday::Saturday);
                Division::Weeks(Weeks { months: pattern.weeks(), ends, at })
            }
        };
        Ok(FiscalCalendar { division, by_first_day })
    }

    fn without_weeks(&self) -> std::result::Result<(), Contradiction> {
        let given = [
            (".ends", self.ends.map(|ends| ends.to_string())),
            (".nearest", self.nearest.map(|nearest| nearest.to_string())),
            (".last_of_month", self.last_of_month.map(|month| month.to_string())),
        ];
        for (key, found) in given {
            if let Some(found) = found {
                return Err(contradiction(
                    key,
                    found,
                    "no such key beside \"begins\", which says when each year ends",
                ));
            }
        }
        Ok(())
    }

    fn year_end(&self) -> std::result::Result<YearEnd, Contradiction> {
        match (self.nearest, self.last_of_month) {
            (Some(day), None) => Ok(YearEnd::Nearest(day)),
            (None, Some(month @ 1..=12)) => Ok(YearEnd::LastOf(month as i8)),
            (None, Some(month)) => {
                Err(contradiction(".last_of_month", month.to_string(), "a month, 1 to 12"))
            }
            (Some(_), Some(month)) => {
                let expected = "no such key beside \"nearest\", since a year ends once";
                Err(contradiction(".last_of_month", month.to_string(), expected))
            }
            (None, None) => Err(contradiction(
                "",
                "a year of weeks without its end",
                "\"nearest\": \"01-31\", the day to which the weekday is nearest, or \"last_of_month\": 1",
            )),
        }
    }
}

fn with_examples(error: Error) -> Error {
    if error.hint.is_some() {
        return error;
    }
    error.hint(r#"{"begins": "04-01"} is a year from April on, {"weeks": "4-5-4", "ends": "sat", "nearest": "01-31"} one of weeks."#)
}
