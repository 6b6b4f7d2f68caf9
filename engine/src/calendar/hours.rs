//! Working hours: the same on every working day, by weekday, or for single dates; shifts may end on the next day.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use jiff::civil::Date;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};

use super::clock_time::{ClockTime, WHAT, Weekday};
use crate::document::fault;
use crate::error::{Error, Result};
use crate::time::date::{IsoDate, date_of, day_number};

/// Local times from which until which somebody works. An end that is not after the start is on the next day.
pub type Shift = [ClockTime; 2];

/// When working days are worked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Hours {
    /// The same hours on every working day.
    EveryDay(Vec<Shift>),
    /// Hours by weekday.
    ByWeekday(WeekHours),
}

/// Hours by weekday. A working day that has none of its own and no `other` is a day without hours: it counts as a
/// working day, and the working clock stands still on it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WeekHours {
    /// Hours of Mondays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mon: Option<Vec<Shift>>,
    /// Hours of Tuesdays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tue: Option<Vec<Shift>>,
    /// Hours of Wednesdays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wed: Option<Vec<Shift>>,
    /// Hours of Thursdays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thu: Option<Vec<Shift>>,
    /// Hours of Fridays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fri: Option<Vec<Shift>>,
    /// Hours of Saturdays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sat: Option<Vec<Shift>>,
    /// Hours of Sundays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sun: Option<Vec<Shift>>,
    /// Hours of all working days, make-up working days among them, whose weekday is not named here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other: Option<Vec<Shift>>,
}

impl WeekHours {
    /// The hours of the seven weekdays, Monday first.
    fn days(&self) -> [&Option<Vec<Shift>>; 7] {
        [&self.mon, &self.tue, &self.wed, &self.thu, &self.fri, &self.sat, &self.sun]
    }

    /// The weekdays that have hours of their own.
    pub(super) fn named(&self) -> impl Iterator<Item = Weekday> {
        Weekday::ALL.into_iter().zip(self.days()).filter(|(_, hours)| hours.is_some()).map(|(day, _)| day)
    }
}

// By hand, because serde's own reading of an untagged enum forgets where the fault lies.
impl<'de> Deserialize<'de> for Hours {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct HoursVisitor;
        impl<'de> Visitor<'de> for HoursVisitor {
            type Value = Hours;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an array of pairs of times, or an object with such arrays by weekday")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> std::result::Result<Hours, A::Error> {
                Deserialize::deserialize(SeqAccessDeserializer::new(seq)).map(Hours::EveryDay)
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> std::result::Result<Hours, A::Error> {
                Deserialize::deserialize(MapAccessDeserializer::new(map)).map(Hours::ByWeekday)
            }
        }
        deserializer.deserialize_any(HoursVisitor)
    }
}

impl JsonSchema for Hours {
    fn schema_name() -> Cow<'static, str> {
        "Hours".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let every_day = generator.subschema_for::<Vec<Shift>>();
        let by_weekday = generator.subschema_for::<WeekHours>();
        schemars::json_schema!({
            "description": "When working days are worked: the same hours on every one, or hours by weekday.",
            "anyOf": [every_day, by_weekday]
        })
    }
}

/// The hours of every working day, checked, as minutes after its midnight. An end past 1440 is on the next day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Timetable {
    /// By weekday, Monday first.
    week: [Vec<Minutes>; 7],
    /// Dates with hours of their own, by day number, ascending.
    dates: Vec<(i32, Vec<Minutes>)>,
    /// Whether a shift ends on the day after.
    overnight: bool,
}

/// The minutes from which until which somebody works.
pub(super) type Minutes = (u16, u16);

const DAY: u16 = 24 * 60;

impl Timetable {
    /// Checks the hours one by one; [`Timetable::check_neighbours`] compares those of one day and the next.
    pub(super) fn new(hours: Option<&Hours>, dates: &BTreeMap<IsoDate, Vec<Shift>>) -> Result<Timetable> {
        let week = match hours {
            None => std::array::from_fn(|_| vec![(0, DAY)]),
            Some(Hours::EveryDay(shifts)) => {
                let minutes = minutes("$.hours", shifts, WHOLE_DAYS)?;
                std::array::from_fn(|_| minutes.clone())
            }
            Some(Hours::ByWeekday(by_weekday)) => by_weekday_minutes(by_weekday)?,
        };
        let mut special = Vec::with_capacity(dates.len());
        for (date, shifts) in dates {
            let path = format!("$.hours_on[\"{date}\"]");
            special.push((
                day_number(date.0),
                minutes(&path, shifts, "List the date in holidays if nobody works on it.")?,
            ));
        }
        let overnight = week.iter().chain(special.iter().map(|(_, m)| m)).any(|m| tail(m) > 0);
        Ok(Timetable { week, dates: special, overnight })
    }

    /// Whether any shift ends on the day after.
    pub(super) fn overnight(&self) -> bool {
        self.overnight
    }

    /// The hours of a weekday, Monday being 0.
    pub(super) fn of_weekday(&self, weekday: usize) -> &[Minutes] {
        &self.week[weekday]
    }

    /// The hours of a day, supposed that it is worked.
    pub(super) fn of(&self, day: i32) -> &[Minutes] {
        match self.dates.binary_search_by_key(&day, |(of, _)| *of) {
            Ok(place) => &self.dates[place].1,
            Err(_) => &self.week[super::weekday(day)],
        }
    }

    /// Refuses a shift that goes on when the hours of the next day have begun. `works` says whether a day is
    /// worked, `week` the same of weekdays.
    pub(super) fn check_neighbours(
        &self,
        week: &[bool; 7],
        make_up: &[IsoDate],
        works: impl Fn(i32) -> bool,
    ) -> Result<()> {
        if !self.overnight {
            return Ok(());
        }
        for (first, second) in (0..7).map(|i| (i, (i + 1) % 7)) {
            if week[first] && week[second] && collide(&self.week[first], &self.week[second]) {
                let names = (Weekday::ALL[first].to_string(), Weekday::ALL[second].to_string());
                return Err(overlap("$.hours", names, &self.week[first], &self.week[second]));
            }
        }
        let dates = make_up.iter().map(|d| (day_number(d.0), "$.workdays".to_owned()));
        let special = self.dates.iter().map(|(day, _)| (*day, "$.hours_on".to_owned()));
        for (day, path) in dates.chain(special) {
            for first in [day - 1, day] {
                let hours = (self.of(first), self.of(first + 1));
                if works(first) && works(first + 1) && collide(hours.0, hours.1) {
                    let name = |day| date_of(day).map_or_else(String::new, |d: Date| d.to_string());
                    return Err(overlap(&path, (name(first), name(first + 1)), hours.0, hours.1));
                }
            }
        }
        Ok(())
    }
}

const WHOLE_DAYS: &str =
    "Write the hours, such as [[\"09:00\", \"18:00\"]], or leave the key out for whole days.";

fn by_weekday_minutes(hours: &WeekHours) -> Result<[Vec<Minutes>; 7]> {
    const NO_HOURS: &str =
        "Write the hours, such as [[\"09:00\", \"18:00\"]], or leave the day out if it has none.";
    if *hours == WeekHours::default() {
        return Err(fault(WHAT, "$.hours", "found {}, expected hours of at least one day.").hint(WHOLE_DAYS));
    }
    let other = match &hours.other {
        Some(shifts) => minutes("$.hours.other", shifts, NO_HOURS)?,
        None => Vec::new(),
    };
    let mut week: [Vec<Minutes>; 7] = Default::default();
    for ((of, given), day) in week.iter_mut().zip(hours.days()).zip(Weekday::ALL) {
        *of = match given {
            Some(shifts) => minutes(&format!("$.hours.{day}"), shifts, NO_HOURS)?,
            None => other.clone(),
        };
    }
    Ok(week)
}

/// The hours of one day in minutes, in order and without overlap.
fn minutes(path: &str, shifts: &[Shift], none: &str) -> Result<Vec<Minutes>> {
    if shifts.is_empty() {
        return Err(fault(WHAT, path, "found [], expected at least one pair of times.").hint(none));
    }
    let mut minutes = Vec::with_capacity(shifts.len());
    let mut last = ClockTime::START;
    for (i, [start, end]) in shifts.iter().enumerate() {
        let refuse = |sentence: String| fault(WHAT, &format!("{path}[{i}]"), sentence);
        if *start == ClockTime::END {
            return Err(refuse("found \"24:00\", where hours begin.".to_owned())
                .hint("Hours begin at 23:59 at the latest; 00:00 of the next day belongs to the next day."));
        }
        if start == end {
            return Err(refuse(format!("found \"{start}\" to \"{end}\", which may be no time or a whole day."))
                .hint("Write [\"00:00\", \"24:00\"] for a whole day, or 24 hours in two pairs, such as [\"09:00\", \"21:00\"], [\"21:00\", \"09:00\"]."));
        }
        if minutes.last().is_some_and(|(_, end)| *end > DAY) {
            return Err(refuse(format!("\"{start}\" follows hours that end on the next day."))
                .hint("Order the hours by their start; only the last pair of a day may go over midnight."));
        }
        if *start < last {
            return Err(refuse(format!("\"{start}\" is before \"{last}\", where the hours above end."))
                .hint("Order the hours by their start and let none overlap."));
        }
        last = *end;
        minutes.push((start.minutes(), if end < start { DAY + end.minutes() } else { end.minutes() }));
    }
    Ok(minutes)
}

/// The minute of the next day on which the hours end; 0 if they end before.
fn tail(hours: &[Minutes]) -> u16 {
    hours.last().map_or(0, |(_, end)| end.saturating_sub(DAY))
}

fn collide(first: &[Minutes], second: &[Minutes]) -> bool {
    second.first().is_some_and(|(start, _)| *start < tail(first))
}

#[cold]
fn overlap(path: &str, (first, second): (String, String), a: &[Minutes], b: &[Minutes]) -> Error {
    let time = |minutes: u16| format!("{:02}:{:02}", minutes / 60, minutes % 60);
    let begun = b.first().map_or(0, |(start, _)| *start);
    fault(
        WHAT,
        path,
        format!(
            "the hours of {first} end on {second} at {}, when those of {second} have begun at {}.",
            time(tail(a)),
            time(begun)
        ),
    )
    .hint("Let the shift over midnight end before the next day begins, or the next day begin later.")
}
