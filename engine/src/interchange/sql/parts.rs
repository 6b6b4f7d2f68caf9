//! Literals, comparisons, sums and CASE expressions as texts.

use std::fmt::Write;

use jiff::civil::Date;

use crate::error::{Error, ErrorKind, Result};
use crate::grade::condition::Compare;
use crate::grade::plan::ScoreCard;
use crate::grade::value::NumberCut;
use crate::number::describe_key;

/// A line break of ours, until the expression is done: those of the caller's own expressions stay as they are.
pub(super) const BREAK: char = '\u{1}';

/// What holds of nobody.
pub(super) const NEVER: &str = "1 = 0";

pub(super) fn date_literal(date: Date) -> Result<String> {
    if date.year() < 1 {
        return Err(Error::new(ErrorKind::NotSupported, "date before the year 1 cannot be written in SQL")
            .detail(format!("The scheme compares with {date}."))
            .hint("Give a later as-of day."));
    }
    Ok(format!("DATE '{date}'"))
}

/// A text as a literal that dialects with and without backslash escapes read the same.
pub(super) fn text_literal(text: &str) -> String {
    let mut parts = Vec::new();
    let mut plain = String::new();
    for letter in text.chars() {
        if letter == '\'' || letter == '\\' || letter.is_control() {
            if !plain.is_empty() {
                parts.push(format!("'{}'", std::mem::take(&mut plain)));
            }
            parts.push(format!("CHR({})", u32::from(letter)));
        } else {
            plain.push(letter);
        }
    }
    if !plain.is_empty() || parts.is_empty() {
        parts.push(format!("'{plain}'"));
    }
    match &parts[..] {
        [one] => one.clone(),
        _ => format!("({})", parts.join(" || ")),
    }
}

/// The farthest that a sum of points may be from zero.
pub(super) fn reach(card: &ScoreCard) -> u128 {
    let largest =
        |weighted: &Vec<i128>| weighted.iter().map(|points| points.unsigned_abs()).max().unwrap_or(0);
    let parts: u128 = card.parts.iter().map(|part| largest(&part.weighted)).sum();
    card.initial.unsigned_abs() + parts
}

/// The type in which whole numbers are added up and multiplied.
#[derive(Clone, Copy)]
pub(super) enum Room {
    Integer,
    Bigint,
    Decimal,
}

pub(super) fn room(farthest: u128) -> Room {
    match farthest {
        0..=0x7FFF_FFFF => Room::Integer,
        0x8000_0000..=0x7FFF_FFFF_FFFF_FFFF => Room::Bigint,
        _ => Room::Decimal,
    }
}

/// A sum in brackets; its first term says in which type it is taken.
pub(super) fn added(room: Room, first: i128, parts: Vec<String>) -> String {
    let first = match room {
        Room::Integer => first.to_string(),
        Room::Bigint => format!("CAST({first} AS BIGINT)"),
        Room::Decimal => format!("CAST({first} AS DECIMAL(38, 0))"),
    };
    let mut text = format!("({first}");
    for part in parts {
        let _ = write!(text, "{BREAK}    + {part}");
    }
    text + ")"
}

pub(super) fn number(cut: NumberCut) -> String {
    describe_key(cut.key)
}

pub(super) fn truth(value: bool) -> &'static str {
    if value { "TRUE" } else { "FALSE" }
}

pub(super) fn sign(compare: Compare) -> &'static str {
    match compare {
        Compare::Lt => "<",
        Compare::Lte => "<=",
        Compare::Gt => ">",
        Compare::Gte => ">=",
        Compare::Eq => "=",
        Compare::Ne => "<>",
    }
}

/// Whether a value is one of these, or none of them.
pub(super) fn among(value: &str, literals: Vec<String>, expected: bool) -> String {
    match (&literals[..], expected) {
        ([one], true) => format!("{value} = {one}"),
        ([one], false) => format!("{value} <> {one}"),
        (_, true) => format!("{value} IN ({})", literals.join(", ")),
        (_, false) => format!("{value} NOT IN ({})", literals.join(", ")),
    }
}

/// Whether a value is in a bin of a scale whose bins end at these cuts, ascending; none if no value is.
pub(super) fn interval(value: &str, cuts: &[(String, bool)], bins: &[u16], bin: u16) -> Option<String> {
    let place = bins.iter().position(|of| *of == bin)?;
    let lower = place.checked_sub(1).and_then(|below| cuts.get(below));
    let lower =
        lower.map(|(cut, inclusive)| format!("{value} {} {cut}", if *inclusive { ">" } else { ">=" }));
    let upper = cuts.get(place);
    let upper =
        upper.map(|(cut, inclusive)| format!("{value} {} {cut}", if *inclusive { "<=" } else { "<" }));
    Some(match (lower, upper) {
        (None, None) => format!("{value} IS NOT NULL"),
        (Some(one), None) | (None, Some(one)) => one,
        (Some(lower), Some(upper)) => format!("{lower} AND {upper}"),
    })
}

/// A CASE expression as it grows.
#[derive(Default)]
pub(super) struct Case {
    whens: Vec<(String, String)>,
    otherwise: Option<String>,
    one_line: bool,
}

impl Case {
    pub fn on_one_line() -> Self {
        Case { one_line: true, ..Case::default() }
    }

    pub fn when(&mut self, condition: &str, result: &str) {
        if condition != NEVER {
            self.whens.push((condition.to_owned(), result.to_owned()));
        }
    }

    pub fn otherwise(&mut self, result: &str) {
        self.otherwise = Some(result.to_owned());
    }

    pub fn is_empty(&self) -> bool {
        self.whens.is_empty()
    }

    pub fn end(self) -> String {
        let deeper = format!("{BREAK}  ");
        let between = if self.one_line { " " } else { &deeper };
        let inner = |text: &str| if self.one_line { text.to_owned() } else { text.replace(BREAK, &deeper) };
        let mut text = "CASE".to_owned();
        if self.whens.is_empty() {
            let _ = write!(text, "{between}WHEN {NEVER} THEN NULL");
        }
        for (condition, result) in &self.whens {
            let _ = write!(text, "{between}WHEN {} THEN {}", inner(condition), inner(result));
        }
        if let Some(result) = &self.otherwise {
            let _ = write!(text, "{between}ELSE {}", inner(result));
        }
        let end = if self.one_line { ' ' } else { BREAK };
        format!("{text}{end}END")
    }
}
