//! The unary tests of DMN's simple expression language (S-FEEL, DMN 1.3 chapter 9): what stands in a cell of a decision
//! table, such as `-`, `>= 18`, `[5..10)`, `"a", "b"`, `not("c")`.

mod reader;
#[cfg(test)]
mod tests;

use std::fmt;

use jiff::civil::Date;

use crate::number::{Number, Scalar};
use crate::scheme::{Condition, InputType};

pub(super) use reader::{Problem, read, read_literal, read_literals};

/// A constant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Literal {
    Number(Number),
    Text(String),
    Boolean(bool),
    Date(Date),
}

impl Literal {
    /// The type of an input that has such values.
    pub fn kind(&self) -> InputType {
        match self {
            Literal::Number(_) => InputType::Number,
            Literal::Text(_) => InputType::Text,
            Literal::Boolean(_) => InputType::Boolean,
            Literal::Date(_) => InputType::Date,
        }
    }

    /// As a document of ours holds it.
    pub fn scalar(&self) -> Scalar {
        match self {
            Literal::Number(number) => Scalar::Number(*number),
            Literal::Text(text) => Scalar::Text(text.clone()),
            Literal::Boolean(value) => Scalar::Boolean(*value),
            Literal::Date(date) => Scalar::Text(date.to_string()),
        }
    }
}

/// As S-FEEL writes it.
impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Literal::Number(number) => number.fmt(f),
            Literal::Text(text) => {
                f.write_str("\"")?;
                for letter in text.chars() {
                    match letter {
                        '"' | '\\' => write!(f, "\\{letter}")?,
                        letter if letter.is_control() => write!(f, "\\u{:04X}", u32::from(letter))?,
                        letter => write!(f, "{letter}")?,
                    }
                }
                f.write_str("\"")
            }
            Literal::Boolean(value) => value.fmt(f),
            Literal::Date(date) => write!(f, "date(\"{date}\")"),
        }
    }
}

/// The end of an interval: the bound, and whether it belongs to it.
pub(super) type End = Option<(Literal, bool)>;

/// One test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Test {
    Is(Literal),
    Within(End, End),
    Missing,
}

/// What stands in a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Cell {
    /// `-`: anything.
    Any,
    /// One of these.
    OneOf(Vec<Test>),
    /// None of these.
    NoneOf(Vec<Test>),
}

impl Cell {
    /// The constants of all tests.
    pub fn literals(&self) -> impl Iterator<Item = &Literal> {
        let tests: &[Test] = match self {
            Cell::Any => &[],
            Cell::OneOf(tests) | Cell::NoneOf(tests) => tests,
        };
        tests
            .iter()
            .flat_map(|test| match test {
                Test::Is(literal) => [Some(literal), None],
                Test::Within(low, high) => [low, high].map(|end| end.as_ref().map(|(literal, _)| literal)),
                Test::Missing => [None, None],
            })
            .flatten()
    }
}

/// As S-FEEL writes it.
impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |tests: &[Test]| tests.iter().map(Test::to_string).collect::<Vec<_>>().join(", ");
        match self {
            Cell::Any => f.write_str("-"),
            Cell::OneOf(tests) => f.write_str(&list(tests)),
            Cell::NoneOf(tests) => write!(f, "not({})", list(tests)),
        }
    }
}

impl fmt::Display for Test {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Test::Is(literal) => literal.fmt(f),
            Test::Missing => f.write_str("null"),
            Test::Within(None, None) => f.write_str("-"),
            Test::Within(Some((low, inclusive)), None) => {
                write!(f, "{} {low}", if *inclusive { ">=" } else { ">" })
            }
            Test::Within(None, Some((high, inclusive))) => {
                write!(f, "{} {high}", if *inclusive { "<=" } else { "<" })
            }
            Test::Within(Some((low, from)), Some((high, to))) => {
                write!(f, "{}{low}..{high}{}", if *from { '[' } else { '(' }, if *to { ']' } else { ')' })
            }
        }
    }
}

/// The condition on an input that a cell stands for; none for any value. The input passes missing values on: `not("a")`
/// holds of them, since FEEL's null equals no text, and `not(< 5)` does not, since null is neither less than a number nor not.
pub(super) fn condition(cell: &Cell, input: &str) -> Option<Condition> {
    let on = || Condition { input: Some(input.to_owned()), ..Condition::default() };
    let is_missing = |missing: bool| Condition { is_missing: Some(missing), ..on() };
    let any = |conditions: Vec<Condition>| Condition { any: Some(conditions), ..Condition::default() };
    let (tests, negated) = match cell {
        Cell::Any => return None,
        Cell::OneOf(tests) => (tests, false),
        Cell::NoneOf(tests) => (tests, true),
    };
    let mut equal = Vec::new();
    let mut parts = Vec::new();
    let mut missing = false;
    for test in tests {
        match test {
            Test::Is(literal) => equal.push(literal.scalar()),
            Test::Missing => missing = true,
            Test::Within(Some((low, true)), Some((high, true))) => {
                parts.push(Condition { between: Some((low.scalar(), high.scalar())), ..on() });
            }
            Test::Within(low, high) => {
                let bound = |end: &End, inclusive: bool| {
                    end.as_ref()
                        .filter(|(_, belongs)| *belongs == inclusive)
                        .map(|(literal, _)| literal.scalar())
                };
                let (gte, gt) = (bound(low, true), bound(low, false));
                let (lte, lt) = (bound(high, true), bound(high, false));
                parts.push(Condition { gte, gt, lte, lt, ..on() });
            }
        }
    }
    let only_equal = parts.is_empty();
    match (equal.len(), negated && only_equal) {
        (0, _) => {}
        (1, true) => parts.push(Condition { ne: equal.pop(), ..on() }),
        (1, false) => parts.insert(0, Condition { eq: equal.pop(), ..on() }),
        (_, true) => {
            let among = Condition { among: Some(equal), ..on() };
            parts.push(Condition { not: Some(Box::new(among)), ..Condition::default() });
        }
        (_, false) => parts.insert(0, Condition { among: Some(equal), ..on() }),
    }
    let one = |mut parts: Vec<Condition>| if parts.len() == 1 { parts.pop() } else { Some(any(parts)) };
    match (negated, only_equal) {
        (false, _) => {
            if missing {
                parts.push(is_missing(true));
            }
            one(parts)
        }
        (true, _) if parts.is_empty() => Some(is_missing(false)),
        (true, true) => {
            if !missing {
                parts.push(is_missing(true));
            }
            one(parts)
        }
        // Unknown of a missing value, as it should be.
        (true, false) => Some(Condition { not: one(parts).map(Box::new), ..Condition::default() }),
    }
}
