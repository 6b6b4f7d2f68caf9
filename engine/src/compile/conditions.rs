//! Conditions of decision tables: subjects resolved, constants typed.

use crate::document;
use crate::error::Result;
use crate::grade::as_of::{PeriodEnd, REFERENCE_DAYS};
use crate::grade::condition::{Compare, Node};
use crate::grade::value::{NumberCut, OnMissing};
use crate::number::Scalar;
use crate::scheme::{Condition, InputType};
use crate::time::date::IsoDate;
use crate::time::duration::Offset;
use crate::time::fiscal::RelativePeriod;

use super::constants::{constant, number_constant, text_constant};
use super::{Builder, fault, one_of};

impl Builder<'_> {
    pub(super) fn condition(&mut self, path: &str, condition: &Condition) -> Result<Node> {
        let groups = [condition.all.is_some(), condition.any.is_some(), condition.not.is_some()];
        let tests_something = condition.input.is_some() || condition.characteristic.is_some();
        let alone = groups.iter().filter(|group| **group).count() + usize::from(tests_something);
        if alone != 1 || (condition.input.is_some() && condition.characteristic.is_some()) {
            return Err(fault(
                path,
                if alone == 0 {
                    "a condition without a subject"
                } else {
                    "a condition with several subjects"
                },
                "exactly one of \"input\", \"characteristic\", \"all\", \"any\", \"not\"",
            ));
        }
        if !tests_something && has_tests(condition) {
            return Err(fault(path, "a test without a subject", "\"input\" or \"characteristic\" beside it"));
        }
        let mut list = |key: &str, conditions: &[Condition]| -> Result<Box<[Node]>> {
            if conditions.is_empty() {
                return Err(fault(format!("{path}.{key}"), "an empty list", "at least one condition"));
            }
            conditions
                .iter()
                .enumerate()
                .map(|(position, inner)| self.condition(&format!("{path}.{key}[{position}]"), inner))
                .collect()
        };
        if let Some(conditions) = &condition.all {
            return Ok(Node::All(list("all", conditions)?));
        }
        if let Some(conditions) = &condition.any {
            return Ok(Node::Any(list("any", conditions)?));
        }
        if let Some(inner) = &condition.not {
            return Ok(Node::Not(Box::new(self.condition(&format!("{path}.not"), inner)?)));
        }
        let mut nodes = match (&condition.input, &condition.characteristic) {
            (Some(name), _) => {
                let input = self.input(&format!("{path}.input"), name)?;
                self.input_tests(path, condition, input)?
            }
            (None, Some(name)) => {
                let characteristic = self.characteristic(&format!("{path}.characteristic"), name)?;
                self.bin_tests(path, condition, characteristic)?
            }
            (None, None) => Vec::new(),
        };
        match (nodes.pop(), nodes.is_empty()) {
            (None, _) => Err(fault(path, "no test", "a test such as \"eq\", \"gte\" or \"is_missing\"")),
            (Some(node), true) => Ok(node),
            (Some(node), false) => {
                nodes.push(node);
                Ok(Node::All(nodes.into()))
            }
        }
    }

    fn input_tests(&mut self, path: &str, condition: &Condition, input: usize) -> Result<Vec<Node>> {
        let mut nodes = Vec::new();
        if let Some(expected) = condition.is_missing {
            nodes.push(self.missing_test(path, expected, input)?);
        }
        for (key, how, scalar) in self.comparisons(path, condition, input)? {
            nodes.push(self.comparison(&format!("{path}.{key}"), input, how, &scalar)?);
        }
        if let Some(ends) = &condition.between {
            self.lower_end_first(path, ends)?;
        }
        if let Some(among) = &condition.among {
            nodes.push(self.membership(&format!("{path}.in"), among, input)?);
        }
        Ok(nodes)
    }

    fn lower_end_first(&self, path: &str, (low, high): &(Scalar, Scalar)) -> Result<()> {
        let reversed = match (low, high) {
            (Scalar::Number(low), Scalar::Number(high)) => low > high,
            (Scalar::Text(low), Scalar::Text(high)) => {
                matches!((IsoDate::parse(low), IsoDate::parse(high)), (Ok(low), Ok(high)) if low > high)
                    || self.is_later(low, high)
            }
            _ => false,
        };
        if reversed {
            return Err(fault(format!("{path}.between"), format!("{low} to {high}"), "the lower end first"));
        }
        Ok(())
    }

    /// Whether one period begins after the end of another, whatever the as-of day.
    fn is_later(&self, one: &str, other: &str) -> bool {
        let (Ok((one, of_one)), Ok((other, of_other))) =
            (self.relative_period("", one), self.relative_period("", other))
        else {
            return false;
        };
        REFERENCE_DAYS.iter().all(|day| one.resolve(of_one, *day).0 > other.resolve(of_other, *day).1)
    }

    fn missing_test(&self, path: &str, expected: bool, input: usize) -> Result<Node> {
        let slot = &self.inputs[input];
        if slot.on_missing == OnMissing::Null {
            return Ok(Node::IsMissing { input, expected });
        }
        Err(fault(
            format!("{path}.is_missing"),
            format!("a test of input {:?}, whose missing values never get here", slot.name),
            "\"missing\": \"null\" at the input",
        ))
    }

    /// What an input is compared with, and how, by the key that says so.
    fn comparisons(
        &self,
        path: &str,
        condition: &Condition,
        input: usize,
    ) -> Result<Vec<(&'static str, Compare, Scalar)>> {
        let (low, high) = condition.between.clone().unzip();
        let mut comparisons = Vec::new();
        for (key, how, scalar) in [
            ("eq", Compare::Eq, condition.eq.clone()),
            ("ne", Compare::Ne, condition.ne.clone()),
            ("lt", Compare::Lt, condition.lt.clone()),
            ("lte", Compare::Lte, condition.lte.clone()),
            ("gt", Compare::Gt, condition.gt.clone()),
            ("gte", Compare::Gte, condition.gte.clone()),
            ("between[0]", Compare::Gte, low),
            ("between[1]", Compare::Lte, high),
        ] {
            comparisons.extend(scalar.map(|scalar| (key, how, scalar)));
        }
        for (key, how, offset) in
            [("within", Compare::Lte, &condition.within), ("after", Compare::Gt, &condition.after)]
        {
            if let Some(offset) = offset {
                self.distance(&format!("{path}.{key}"), offset, input)?;
                comparisons.push((key, how, Scalar::Text(offset.clone())));
            }
        }
        Ok(comparisons)
    }

    /// Dates alone have a distance from the as-of day, which must be written as a duration.
    fn distance(&self, path: &str, offset: &str, input: usize) -> Result<()> {
        let kind = self.inputs[input].kind;
        if !kind.is_date() {
            return Err(fault(path, format!("input of type {}", kind.name()), "a date input"));
        }
        match Offset::parse(offset) {
            Ok(_) => Ok(()),
            Err(error) => {
                let expected = "a duration from the as-of day such as \"P1M\"";
                let hint = error.hint.unwrap_or(error.message);
                Err(fault(path, document::quoted(offset), expected).hint(hint))
            }
        }
    }

    fn membership(&mut self, path: &str, among: &[Scalar], input: usize) -> Result<Node> {
        if among.is_empty() {
            return Err(fault(path, "an empty list", "at least one value"));
        }
        let equalities = among
            .iter()
            .enumerate()
            .map(|(place, scalar)| self.comparison(&format!("{path}[{place}]"), input, Compare::Eq, scalar));
        Ok(merge_texts(equalities.collect::<Result<_>>()?))
    }

    fn comparison(&mut self, path: &str, input: usize, compare: Compare, scalar: &Scalar) -> Result<Node> {
        let kind = self.inputs[input].kind;
        let equality = matches!(compare, Compare::Eq | Compare::Ne);
        match kind {
            InputType::Number | InputType::Integer => {
                if equality {
                    constant(path, &self.inputs[input], scalar)?;
                }
                Ok(Node::Number { input, compare, cut: NumberCut::from(number_constant(path, scalar)?) })
            }
            InputType::Date => {
                let text = text_constant(path, scalar, "a date or a duration")?;
                self.day_comparison(path, input, compare, text)
            }
            InputType::Text if equality => {
                let text = text_constant(path, scalar, "a text")?;
                let code = self.text_code(path, input, text)?;
                Ok(Node::Text { input, codes: [code].into(), expected: compare == Compare::Eq })
            }
            InputType::Boolean if equality => match scalar {
                Scalar::Boolean(value) => {
                    Ok(Node::Boolean { input, value: if compare == Compare::Eq { *value } else { !*value } })
                }
                other => Err(fault(path, other, "true or false")),
            },
            InputType::Text | InputType::Boolean => {
                Err(fault(path, format!("an order over a {} input", kind.name()), "\"eq\", \"ne\" or \"in\""))
            }
        }
    }

    /// A period has a first and a last day: what is later is so than the last, what is equal lies between them.
    fn day_comparison(&mut self, path: &str, input: usize, compare: Compare, text: &str) -> Result<Node> {
        let mut day = |compare, end| -> Result<Node> {
            Ok(Node::Day { input, compare, cut: self.date_cut(path, text, end)? })
        };
        match compare {
            Compare::Eq if RelativePeriod::is_meant(text) => Ok(Node::All(
                [day(Compare::Gte, PeriodEnd::First)?, day(Compare::Lte, PeriodEnd::Last)?].into(),
            )),
            Compare::Ne if RelativePeriod::is_meant(text) => Ok(Node::Any(
                [day(Compare::Lt, PeriodEnd::First)?, day(Compare::Gt, PeriodEnd::Last)?].into(),
            )),
            Compare::Gt | Compare::Lte => day(compare, PeriodEnd::Last),
            Compare::Lt | Compare::Gte | Compare::Eq | Compare::Ne => day(compare, PeriodEnd::First),
        }
    }

    fn bin_tests(&self, path: &str, condition: &Condition, characteristic: usize) -> Result<Vec<Node>> {
        let unfit = Condition {
            characteristic: condition.characteristic.clone(),
            eq: condition.eq.clone(),
            ne: condition.ne.clone(),
            among: condition.among.clone(),
            ..Condition::default()
        };
        if unfit != *condition {
            return Err(fault(
                path,
                "another test of a characteristic",
                "\"eq\", \"ne\" or \"in\" with bin codes",
            ));
        }
        let bins = &self.scheme.characteristics[characteristic].bins;
        let bin = |path: String, scalar: &Scalar| -> Result<u16> {
            let code = text_constant(&path, scalar, "a bin code")?;
            bins.iter().position(|bin| bin.code == code).map(|bin| bin as u16).ok_or_else(|| {
                let codes = one_of(bins.iter().map(|bin| bin.code.as_str()));
                fault(path, scalar, format!("a bin code: {codes}"))
            })
        };
        let mut nodes = Vec::new();
        for (key, scalar, expected) in [("eq", &condition.eq, true), ("ne", &condition.ne, false)] {
            if let Some(scalar) = scalar {
                let bins = [bin(format!("{path}.{key}"), scalar)?].into();
                nodes.push(Node::Bin { characteristic, bins, expected });
            }
        }
        if let Some(among) = &condition.among {
            let bins: Box<[u16]> = among
                .iter()
                .enumerate()
                .map(|(place, scalar)| bin(format!("{path}.in[{place}]"), scalar))
                .collect::<Result<_>>()?;
            if bins.is_empty() {
                return Err(fault(format!("{path}.in"), "an empty list", "at least one bin code"));
            }
            nodes.push(Node::Bin { characteristic, bins, expected: true });
        }
        Ok(nodes)
    }
}

fn has_tests(condition: &Condition) -> bool {
    let groups = Condition {
        all: condition.all.clone(),
        any: condition.any.clone(),
        not: condition.not.clone(),
        ..Condition::default()
    };
    groups != *condition
}

/// Several equal tests of one text input as one look into a set.
fn merge_texts(nodes: Vec<Node>) -> Node {
    let mut merged: Vec<u32> = Vec::new();
    let mut subject = None;
    for node in &nodes {
        match node {
            Node::Text { input, codes, expected: true } => {
                merged.extend_from_slice(codes);
                subject = Some(*input);
            }
            _ => return Node::Any(nodes.into()),
        }
    }
    match subject {
        Some(input) => Node::Text { input, codes: merged.into(), expected: true },
        None => Node::Any(nodes.into()),
    }
}
