//! Years, quarters and months, read day by day: no arithmetic but the day before and the day after.

use customer_tiering_engine::scheme::{FiscalYear, Scheme};
use jiff::civil::{Date, Weekday, date};
use serde_json::Value as Json;

pub fn is_word(text: &str) -> bool {
    ["this_", "last_", "next_"].iter().any(|which| text.starts_with(which))
}

/// What a document says of the fiscal year: the day on which it begins, or how its weeks lie.
enum Years {
    Months(i8, i8),
    Weeks { months: Vec<i32>, ends: Weekday, nearest: (i8, i8) },
}

fn years(word: &str, year: Option<&FiscalYear>) -> Years {
    if !word.contains("fiscal") {
        return Years::Months(1, 1);
    }
    let document: Json = serde_json::to_value(year.unwrap()).unwrap();
    let day = |text: &Json| {
        let (month, day) = text.as_str().unwrap().split_once('-').unwrap();
        (month.parse().unwrap(), day.parse().unwrap())
    };
    if let Some(begins) = document.get("begins") {
        let (month, day) = day(begins);
        return Years::Months(month, day);
    }
    let months = document["weeks"].as_str().unwrap().split('-').map(|weeks| weeks.parse().unwrap()).collect();
    assert_eq!(document["ends"], "sat");
    Years::Weeks { months, ends: Weekday::Saturday, nearest: day(&document["nearest"]) }
}

fn days(from: Date, to: Date) -> i32 {
    from.until(to).unwrap().get_days()
}

impl Years {
    fn begins_year(&self, on: Date) -> bool {
        match self {
            Years::Months(month, day) => (on.month(), on.day()) == (*month, *day),
            Years::Weeks { ends, nearest, .. } => {
                let end = on.yesterday().unwrap();
                let near = |year: i16| days(date(year, nearest.0, nearest.1), end).abs() <= 3;
                end.weekday() == *ends && (end.year() - 1..=end.year() + 1).any(near)
            }
        }
    }

    fn begins(&self, unit: &str, on: Date) -> bool {
        match (self, unit) {
            (_, "year") => self.begins_year(on),
            (Years::Months(month, day), _) => {
                let months = if unit == "quarter" { 3 } else { 1 };
                on.day() == *day && (on.month() - month).rem_euclid(months) == 0
            }
            (Years::Weeks { months, .. }, _) => {
                let mut first = on;
                while !self.begins_year(first) {
                    first = first.yesterday().unwrap();
                }
                let weeks = days(first, on);
                // The 53rd week begins nothing.
                if weeks % 7 != 0 || weeks / 7 > 51 {
                    return false;
                }
                let within = weeks / 7 % 13;
                within == 0 || unit == "month" && (within == months[0] || within == months[0] + months[1])
            }
        }
    }

    fn first_day(&self, unit: &str, of: Date) -> Date {
        let mut first = of;
        while !self.begins(unit, first) {
            first = first.yesterday().unwrap();
        }
        first
    }

    fn last_day(&self, unit: &str, of: Date) -> Date {
        let mut last = of;
        while !self.begins(unit, last.tomorrow().unwrap()) {
            last = last.tomorrow().unwrap();
        }
        last
    }
}

/// The words in a part of a document.
fn words(part: &Json, found: &mut Vec<String>) {
    match part {
        Json::String(text) if is_word(text) => found.push(text.clone()),
        Json::Array(parts) => parts.iter().for_each(|part| words(part, found)),
        Json::Object(parts) => parts.values().for_each(|part| words(part, found)),
        _ => {}
    }
}

/// The first days of the twelve months of a year, from the first year on that begins after a day, by each calendar that
/// the words of bins and decision count by.
pub fn beginnings(scheme: &Scheme, after: Date) -> Vec<Date> {
    let document = serde_json::to_value(scheme).unwrap();
    let mut found = Vec::new();
    ["characteristics", "decision"].iter().for_each(|key| words(&document[key], &mut found));
    let mut days = Vec::new();
    for word in found {
        let years = years(&word, scheme.fiscal_year.as_ref());
        let mut day = after;
        while !years.begins_year(day) {
            day = day.tomorrow().unwrap();
        }
        for _ in 0..12 {
            days.push(day);
            day = day.tomorrow().unwrap();
            while !years.begins("month", day) {
                day = day.tomorrow().unwrap();
            }
        }
    }
    days.sort_unstable();
    days.dedup();
    days
}

/// The first and the last day of what a word such as `last_2_fiscal_quarters` names.
pub fn resolve(word: &str, as_of: Date, year: Option<&FiscalYear>) -> (Date, Date) {
    let years = years(word, year);
    let unit = ["year", "quarter", "month"]
        .into_iter()
        .find(|unit| word.trim_end_matches('s').ends_with(unit))
        .unwrap();
    let number = word.split('_').find_map(|part| part.parse().ok()).unwrap_or(1);
    let (mut first, mut last) = (years.first_day(unit, as_of), years.last_day(unit, as_of));
    for step in 0..number {
        if word.starts_with("last_") {
            let end = first.yesterday().unwrap();
            first = years.first_day(unit, end);
            last = if step == 0 { end } else { last };
        }
        if word.starts_with("next_") {
            let begin = last.tomorrow().unwrap();
            last = years.last_day(unit, begin);
            first = if step == 0 { begin } else { first };
        }
    }
    (first, last)
}
