//! Conditions as rows of a decision table: of each input, the set of its values.
//!
//! A condition is any tree of tests. In the logic of SQL and FEEL it is true where one row of its disjunctive normal form
//! is; a row says of each input which values it may have, and that is what a table can write into a cell.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

use crate::error::{Error, ErrorKind, Result};
use crate::grade::as_of::DateCut;
use crate::grade::binning::{Binning, Scale};
use crate::grade::condition::{Compare, Node};
use crate::grade::plan::Compiled;
use crate::grade::value::OnMissing;
use crate::limits::ROWS_OF_A_RULE;
use crate::number::describe_key;
use crate::scheme::InputType;
use crate::time::date::date_of;

use super::unary::{Cell, End, Literal, Test};

/// Values of an input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Values {
    /// Closed intervals of comparison keys, ascending and apart. A bound that a document writes is an even key, so that
    /// its neighbours stand for what is just beside it; of a day, the key is twice its number.
    Ordered(Vec<(i128, i128)>),
    /// Texts by their code, or all but these.
    Texts(BTreeSet<u32>, bool),
    /// Whether false and true belong to it.
    Truth(bool, bool),
}

impl Values {
    pub fn all(kind: InputType) -> Values {
        match kind {
            InputType::Number | InputType::Integer | InputType::Date => {
                Values::Ordered(vec![(i128::MIN, i128::MAX)])
            }
            InputType::Text => Values::Texts(BTreeSet::new(), true),
            InputType::Boolean => Values::Truth(true, true),
        }
    }

    pub fn not(self) -> Values {
        match self {
            Values::Ordered(intervals) => {
                let mut gaps = Vec::new();
                let mut from = Some(i128::MIN);
                for (low, high) in intervals {
                    if let Some(start) = from.filter(|start| *start < low) {
                        gaps.push((start, low - 1));
                    }
                    from = high.checked_add(1);
                }
                gaps.extend(from.map(|start| (start, i128::MAX)));
                Values::Ordered(gaps)
            }
            Values::Texts(codes, others) => Values::Texts(codes, !others),
            Values::Truth(no, yes) => Values::Truth(!no, !yes),
        }
    }

    pub fn and(self, other: Values) -> Values {
        match (self, other) {
            (Values::Ordered(mine), Values::Ordered(theirs)) => {
                let mut both = Vec::new();
                for (low, high) in mine {
                    let parts = theirs.iter().map(|(from, to)| (low.max(*from), high.min(*to)));
                    both.extend(parts.filter(|(low, high)| low <= high));
                }
                Values::Ordered(both)
            }
            (Values::Truth(no, yes), Values::Truth(other_no, other_yes)) => {
                Values::Truth(no && other_no, yes && other_yes)
            }
            (Values::Texts(mine, false), Values::Texts(theirs, others))
            | (Values::Texts(theirs, others), Values::Texts(mine, false)) => Values::Texts(
                mine.into_iter().filter(|code| theirs.contains(code) != others).collect(),
                false,
            ),
            (Values::Texts(mine, true), Values::Texts(theirs, true)) => Values::Texts(&mine | &theirs, true),
            // Two conditions on one input are of its one type.
            (mine, _) => mine,
        }
    }

    pub fn is_empty(&self) -> bool {
        match self {
            Values::Ordered(intervals) => intervals.is_empty(),
            Values::Texts(codes, others) => codes.is_empty() && !others,
            Values::Truth(no, yes) => !no && !yes,
        }
    }
}

/// What a condition says of one input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Set {
    pub values: Values,
    /// Of a missing value: true, false or unknown.
    pub missing: Option<bool>,
}

impl Set {
    pub fn not(self) -> Set {
        Set { values: self.values.not(), missing: self.missing.map(|missing| !missing) }
    }

    /// One of two holds where not both fail.
    pub fn or(self, other: Set) -> Set {
        self.not().and(other.not()).not()
    }

    pub fn and(self, other: Set) -> Set {
        let missing = match (self.missing, other.missing) {
            (Some(false), _) | (_, Some(false)) => Some(false),
            (Some(true), Some(true)) => Some(true),
            _ => None,
        };
        Set { values: self.values.and(other.values), missing }
    }

    /// Whether nobody is in it.
    fn is_empty(&self) -> bool {
        self.values.is_empty() && self.missing != Some(true)
    }

    /// Where missing values never get as far as the rules, it does not matter what holds of them.
    fn without_missing(self, passes: bool) -> Set {
        Set { missing: self.missing.filter(|_| passes), ..self }
    }
}

/// Of each input that a rule asks for, which values it may have.
type Sets = BTreeMap<usize, Set>;

/// The rows of a decision table that a condition is: one of them holds where the condition does.
pub(super) struct Rows<'s> {
    scheme: &'s Compiled,
    rows: Vec<Sets>,
}

impl<'s> Rows<'s> {
    /// # Errors
    ///
    /// `NotSupported` for days that move with the as-of day, and for a condition of too many rows. `path` is its place.
    pub fn of(scheme: &'s Compiled, node: &Node, path: &str) -> Result<Rows<'s>> {
        Ok(Rows { scheme, rows: rows(scheme, node, false, path)? })
    }

    /// The row of bins of several characteristics.
    pub fn of_bins(scheme: &'s Compiled, bins: &[(usize, u16)], path: &str) -> Result<Rows<'s>> {
        let node = |(characteristic, bin): &(usize, u16)| Node::Bin {
            characteristic: *characteristic,
            bins: [*bin].into(),
            expected: true,
        };
        Rows::of(scheme, &Node::All(bins.iter().map(node).collect()), path)
    }

    /// Whether no customer can be in two of the rows.
    pub fn are_apart(&self) -> bool {
        let apart = |one: &Sets, other: &Sets| {
            one.iter().any(|(input, set)| {
                other.get(input).is_some_and(|theirs| {
                    let both = set.clone().and(theirs.clone());
                    both.values.is_empty() && (both.missing != Some(true) || !self.passes_missing(*input))
                })
            })
        };
        self.rows.iter().enumerate().all(|(at, one)| self.rows[..at].iter().all(|other| apart(one, other)))
    }

    fn passes_missing(&self, input: usize) -> bool {
        self.scheme.inputs[input].on_missing == OnMissing::Null
    }

    /// What stands in the cells of each row, in the order of the inputs.
    pub fn cells(&self) -> Vec<Vec<Cell>> {
        let inputs = 0..self.scheme.inputs.len();
        let cell =
            |sets: &Sets, input: usize| sets.get(&input).map_or(Cell::Any, |set| self.cell(input, set));
        self.rows.iter().map(|sets| inputs.clone().map(|input| cell(sets, input)).collect()).collect()
    }

    fn cell(&self, input: usize, set: &Set) -> Cell {
        // A missing value that never gets as far as the rules may be said to pass or not.
        let missing = if self.passes_missing(input) { Some(set.missing == Some(true)) } else { None };
        let mut negated = false;
        let mut tests: Vec<Test> = match &set.values {
            all @ Values::Ordered(intervals)
                if *intervals == [(i128::MIN, i128::MAX)]
                    || allowed_numbers(self.scheme, input).as_ref() == Some(all) =>
            {
                negated = true;
                Vec::new()
            }
            Values::Ordered(intervals) => {
                intervals.iter().map(|keys| interval(self.scheme.inputs[input].kind, *keys)).collect()
            }
            Values::Texts(codes, others) => {
                negated = *others;
                let texts = codes.iter().filter_map(|code| self.scheme.inputs[input].known_text(*code));
                texts.map(|text| Test::Is(Literal::Text(text.to_owned()))).collect()
            }
            Values::Truth(true, true) => {
                negated = true;
                Vec::new()
            }
            Values::Truth(no, yes) => {
                let values = [(*no, false), (*yes, true)].into_iter().filter(|(belongs, _)| *belongs);
                values.map(|(_, value)| Test::Is(Literal::Boolean(value))).collect()
            }
        };
        // not("a") holds of a missing value, "a" does not.
        match (negated, missing) {
            (true, Some(false)) => tests.push(Test::Missing),
            (false, Some(true)) => tests.push(Test::Missing),
            _ => {}
        }
        match (negated, tests.is_empty()) {
            (true, true) => Cell::Any,
            (true, false) => Cell::NoneOf(tests),
            (false, _) => Cell::OneOf(tests),
        }
    }
}

/// The test of an interval of keys.
pub(super) fn interval(kind: InputType, (low, high): (i128, i128)) -> Test {
    let literal = |key: i128| match kind {
        InputType::Date => i32::try_from(key / 2).ok().and_then(date_of).map(Literal::Date),
        InputType::Number | InputType::Integer | InputType::Text | InputType::Boolean => {
            describe_key(key).parse().ok().map(Literal::Number)
        }
    };
    if low == high
        && low % 2 == 0
        && let Some(point) = literal(low)
    {
        return Test::Is(point);
    }
    // An odd key is what lies just beside an even one, inside of the interval.
    let end = |key: i128, inside: i128, farthest: i128| -> End {
        if key == farthest {
            return None;
        }
        let belongs = key % 2 == 0;
        literal(if belongs { key } else { key - inside }).map(|literal| (literal, belongs))
    };
    Test::Within(end(low, 1, i128::MIN), end(high, -1, i128::MAX))
}

fn too_many(path: &str) -> Error {
    Error::new(ErrorKind::NotSupported, "condition that takes too many rows of a decision table")
        .detail(format!(
            "At {path}: \"any\" and \"not\" over several inputs make more than {ROWS_OF_A_RULE} rows of it."
        ))
        .hint("Make several rules of it.")
}

/// The rows of a condition, or of its opposite.
fn rows(scheme: &Compiled, node: &Node, negated: bool, path: &str) -> Result<Vec<Sets>> {
    match node {
        Node::Not(inner) => rows(scheme, inner, !negated, path),
        Node::All(nodes) | Node::Any(nodes) => {
            let mut parts = Vec::new();
            for node in nodes {
                parts.push(rows(scheme, node, negated, path)?);
            }
            match matches!(node, Node::All(_)) != negated {
                true => crossed(parts, path),
                false => joined(parts, path),
            }
        }
        _ => {
            let (input, set) = test(scheme, node, path)?;
            let passes = scheme.inputs[input].on_missing == OnMissing::Null;
            let mut set = if negated { set.not() } else { set }.without_missing(passes);
            if let Some(allowed) = allowed_numbers(scheme, input) {
                set.values = set.values.and(allowed);
            }
            Ok(if set.is_empty() { Vec::new() } else { vec![Sets::from([(input, set)])] })
        }
    }
}

/// Rows of which one holds; those on one input alone become one.
fn joined(parts: Vec<Vec<Sets>>, path: &str) -> Result<Vec<Sets>> {
    let mut all: Vec<Sets> = Vec::new();
    for row in parts.into_iter().flatten() {
        let same = |other: &&mut Sets| row.len() == 1 && other.len() == 1 && row.keys().eq(other.keys());
        match all.iter_mut().find(same) {
            Some(other) => {
                for (input, set) in row {
                    if let Some(theirs) = other.get_mut(&input) {
                        *theirs = theirs.clone().or(set);
                    }
                }
            }
            None => all.push(row),
        }
        if all.len() > ROWS_OF_A_RULE {
            return Err(too_many(path));
        }
    }
    Ok(all)
}

/// Rows that hold where one of each part does.
fn crossed(parts: Vec<Vec<Sets>>, path: &str) -> Result<Vec<Sets>> {
    let mut all = vec![Sets::new()];
    for part in parts {
        if all.len().saturating_mul(part.len()) > ROWS_OF_A_RULE {
            return Err(too_many(path));
        }
        let mut next = Vec::new();
        for row in &all {
            for other in &part {
                let mut both = row.clone();
                for (input, set) in other {
                    let met = match both.remove(input) {
                        Some(mine) => mine.and(set.clone()),
                        None => set.clone(),
                    };
                    both.insert(*input, met);
                }
                if both.values().all(|set| !set.is_empty()) {
                    next.push(both);
                }
            }
        }
        all = next;
    }
    Ok(all)
}

/// The numbers that an input may have, if the scheme lists them.
fn allowed_numbers(scheme: &Compiled, input: usize) -> Option<Values> {
    let allowed = &scheme.inputs[input].allowed;
    let mut points: Vec<(i128, i128)> = allowed.iter().map(|cut| (cut.key, cut.key)).collect();
    points.sort_unstable();
    (!points.is_empty()).then_some(Values::Ordered(points))
}

/// What one test says of its input.
fn test(scheme: &Compiled, node: &Node, path: &str) -> Result<(usize, Set)> {
    let unknown = |values: Values| Set { values, missing: None };
    Ok(match node {
        Node::IsMissing { input, expected } => {
            let all = Values::all(scheme.inputs[*input].kind);
            let known = Set { values: all, missing: Some(false) };
            (*input, if *expected { known.not() } else { known })
        }
        Node::Number { input, compare, cut } => (*input, unknown(compared(*compare, cut.key))),
        Node::Day { input, compare, cut } => {
            (*input, unknown(compared(*compare, 2 * i128::from(day(scheme, *cut, path)?))))
        }
        Node::Text { input, codes, expected } => {
            (*input, unknown(Values::Texts(codes.iter().copied().collect(), !expected)))
        }
        Node::Boolean { input, value } => (*input, unknown(Values::Truth(!value, *value))),
        Node::Bin { characteristic, bins, expected } => {
            let binning = &scheme.binnings[*characteristic];
            let mut none =
                Set { values: Values::all(scheme.inputs[binning.input].kind), missing: Some(true) };
            for bin in bins {
                none = none.and(in_bin(scheme, binning, *bin, path)?.not());
            }
            (binning.input, if *expected { none.not() } else { none })
        }
        // Those are taken apart before.
        Node::All(_) | Node::Any(_) | Node::Not(_) => (0, unknown(Values::Truth(false, false))),
    })
}

/// A day of the document, which does not move.
fn day(scheme: &Compiled, cut: usize, path: &str) -> Result<i32> {
    let moving: &dyn Display = match &scheme.date_cuts[cut] {
        DateCut::Day(day) => return Ok(*day),
        DateCut::Relative(offset) => offset,
        DateCut::Period(period, ..) => period,
    };
    Err(Error::new(ErrorKind::NotSupported, "day that moves with the as-of day")
        .detail(format!(
            "At {path}: {moving} is counted from the as-of day, for which the format has no word."
        ))
        .hint("Make the number of days an input of its own, or write a date."))
}

/// The values that compare so with a key.
pub(super) fn compared(compare: Compare, key: i128) -> Values {
    let at = |low: i128, high: i128| Values::Ordered(vec![(low, high)]);
    match compare {
        Compare::Lt => at(i128::MIN, key - 1),
        Compare::Lte => at(i128::MIN, key),
        Compare::Gt => at(key + 1, i128::MAX),
        Compare::Gte => at(key, i128::MAX),
        Compare::Eq => at(key, key),
        Compare::Ne => at(key, key).not(),
    }
}

/// The values in a bin.
fn in_bin(scheme: &Compiled, binning: &Binning, bin: u16, path: &str) -> Result<Set> {
    let missing = Some(binning.missing == Some(bin));
    let slot = &scheme.inputs[binning.input];
    let nothing = Values::all(slot.kind).not();
    let between = |lower: Option<(i128, bool)>, upper: Option<(i128, bool)>| {
        // What the bin below takes of its upper end is not this one's.
        let low = lower.map_or(i128::MIN, |(key, inclusive)| key + i128::from(inclusive));
        let high = upper.map_or(i128::MAX, |(key, inclusive)| key - i128::from(!inclusive));
        Values::Ordered(if low <= high { vec![(low, high)] } else { Vec::new() })
    };
    let values = match &binning.scale {
        Scale::Numbers { uppers, bins } => {
            let end = |place: usize| uppers.get(place).map(|upper| (upper.cut.key, upper.inclusive));
            match bins.iter().position(|of| *of == bin) {
                Some(place) => between(place.checked_sub(1).and_then(end), end(place)),
                None => nothing,
            }
        }
        Scale::Days { uppers, bins } => {
            let end = |place: usize| match uppers.get(place) {
                Some(upper) => Ok(Some((2 * i128::from(day(scheme, upper.cut, path)?), upper.inclusive))),
                None => Ok(None),
            };
            match bins.iter().position(|of| *of == bin) {
                Some(place) => {
                    let lower = place.checked_sub(1).map(end).transpose()?;
                    between(lower.flatten(), end(place)?)
                }
                None => nothing,
            }
        }
        Scale::NumberList(list) => {
            let mut keys: Vec<(i128, i128)> =
                list.iter().filter(|(_, of)| *of == bin).map(|(cut, _)| (cut.key, cut.key)).collect();
            keys.sort_unstable();
            Values::Ordered(keys)
        }
        Scale::Texts { bins, other } => {
            let is_other = *other == Some(bin);
            let codes = (0..).zip(bins).filter(|(_, of)| (**of == bin) != is_other).map(|(code, _)| code);
            Values::Texts(codes.collect(), is_other)
        }
        Scale::Boolean { no, yes } => Values::Truth(*no == bin, *yes == bin),
        Scale::Unfitted => nothing,
    };
    Ok(Set { values, missing })
}
