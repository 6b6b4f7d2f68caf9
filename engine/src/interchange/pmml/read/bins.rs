//! The attributes of a characteristic as bins. The first attribute whose predicate is true counts; bins are apart.

use std::collections::{BTreeSet, HashSet};

use roxmltree::Node;

use crate::document::quoted;
use crate::error::Result;
use crate::interchange::embedded::OURS;
use crate::interchange::pmml::predicate::{Subject, fault, unsupported};
use crate::interchange::sets::{Set, Values, interval};
use crate::interchange::unary::{Cell, Literal, Test};
use crate::interchange::xml::children;
use crate::number::{Number, Scalar, integer_key};
use crate::scheme::{Bin, InputType};

use super::field::Field;

/// The bins of a characteristic as they grow.
pub(super) struct Bins {
    /// What no attribute has taken yet.
    left: Set,
    bins: Vec<Bin>,
    codes: HashSet<String>,
    /// Whether the file lists the values of the field.
    listed: bool,
    /// What other values than the listed ones are: as missing.
    invalid_is_missing: bool,
}

impl Bins {
    pub fn new(field: &Field, subject: &mut Subject<'_>, node: Node<'_, '_>) -> Result<Bins> {
        let mut left = subject.everything();
        if !field.values.is_empty() {
            left.values = match field.kind {
                InputType::Text => {
                    let words = field.values.iter().map(|value| subject.text(node, &value.word()));
                    Values::Texts(words.collect::<Result<BTreeSet<u32>>>()?, false)
                }
                InputType::Number | InputType::Integer | InputType::Boolean | InputType::Date => {
                    let mut keys: Vec<(i128, i128)> =
                        field.values.iter().filter_map(Scalar::number).map(|n| (n.key(), n.key())).collect();
                    keys.sort_unstable();
                    keys.dedup();
                    Values::Ordered(keys)
                }
            };
        }
        Ok(Bins {
            left,
            bins: Vec::new(),
            codes: HashSet::new(),
            listed: !field.values.is_empty(),
            invalid_is_missing: field.invalid_is_missing,
        })
    }

    /// An attribute takes what no other has before it.
    pub fn take(
        &mut self,
        subject: &Subject<'_>,
        node: Node<'_, '_>,
        taken: Set,
        points: Number,
    ) -> Result<()> {
        let values = self.left.values.clone().and(taken.values.clone());
        let missing = taken.missing == Some(true) && self.left.missing == Some(true);
        self.left.values = self.left.values.clone().and(taken.values.not());
        if missing {
            self.left.missing = Some(false);
        }
        let ours = |extension: &Node<'_, '_>| {
            extension.attribute("extender") == Some(OURS) && extension.attribute("name") == Some("code")
        };
        let named = children(node).find(ours).and_then(|extension| extension.attribute("value"));
        let bin = |code: &str| Bin { code: code.to_owned(), points: Some(points), ..Bin::default() };
        let mut made: Vec<Bin> = Vec::new();
        match values {
            Values::Ordered(intervals) if self.listed => {
                let numbers = intervals.iter().filter_map(|keys| match interval(subject.kind, *keys) {
                    Test::Is(literal) => Some(literal),
                    Test::Within(..) | Test::Missing => None,
                });
                let numbers: Vec<Literal> = numbers.collect();
                if !numbers.is_empty() {
                    let code = numbers.iter().map(Literal::to_string).collect::<Vec<_>>().join(", ");
                    let among = Some(numbers.iter().map(Literal::scalar).collect());
                    made.push(Bin { among, ..bin(&code) });
                }
            }
            Values::Ordered(intervals) => {
                for keys in intervals.into_iter().filter(|keys| holds_a_value(subject.kind, *keys)) {
                    let test = interval(subject.kind, keys);
                    let code = Cell::OneOf(vec![test.clone()]).to_string();
                    let (low, high) = match test {
                        Test::Is(literal) => (Some((literal.clone(), true)), Some((literal, true))),
                        Test::Within(low, high) => (low, high),
                        Test::Missing => (None, None),
                    };
                    let end = |end: &Option<(Literal, bool)>, inclusive: bool| {
                        end.as_ref().filter(|(_, belongs)| *belongs == inclusive).map(|(at, _)| at.scalar())
                    };
                    made.push(Bin {
                        gte: end(&low, true),
                        gt: end(&low, false),
                        lte: end(&high, true),
                        lt: end(&high, false),
                        ..bin(&code)
                    });
                }
            }
            Values::Texts(codes, others) => {
                let words: Vec<&String> =
                    codes.iter().filter_map(|code| subject.texts.get(*code as usize)).collect();
                if others {
                    made.push(Bin { other: true, ..bin("other") });
                } else if !words.is_empty() {
                    let code = words.iter().map(|word| word.as_str()).collect::<Vec<_>>().join(", ");
                    let among = Some(words.into_iter().map(|word| Scalar::Text(word.clone())).collect());
                    made.push(Bin { among, ..bin(&code) });
                }
            }
            Values::Truth(no, yes) => {
                let values: Vec<Scalar> = [(no, false), (yes, true)]
                    .iter()
                    .filter(|(there, _)| *there)
                    .map(|(_, value)| Scalar::Boolean(*value))
                    .collect();
                if !values.is_empty() {
                    let code = values.iter().map(Scalar::word).collect::<Vec<_>>().join(", ");
                    made.push(Bin { among: Some(values), ..bin(&code) });
                }
            }
        }
        if missing {
            made.push(Bin { missing: true, ..bin("missing") });
            if self.invalid_is_missing {
                made.push(Bin { other: true, ..bin("invalid") });
            }
        }
        if let (Some(named), [only]) = (named, &mut made[..]) {
            named.clone_into(&mut only.code);
        }
        for mut bin in made {
            bin.code = self.free(&bin.code);
            self.bins.push(bin);
        }
        Ok(())
    }

    /// A code that no other bin has, and that is none too long.
    fn free(&mut self, wanted: &str) -> String {
        let plain: String = wanted.chars().filter(|letter| !letter.is_control()).collect();
        let mut base = plain.trim().to_owned();
        while base.len() > 56 {
            base.pop();
        }
        let base = base.trim_end();
        let base = if base.is_empty() { "empty" } else { base };
        let mut code = base.to_owned();
        let mut number = 2;
        while !self.codes.insert(code.clone()) {
            code = format!("{base} {number}");
            number += 1;
        }
        code
    }

    /// All bins, if every value is in one; of texts that no attribute takes, the ones that one does: others have no
    /// score, and are not allowed.
    pub fn end(self, subject: &Subject<'_>, node: Node<'_, '_>) -> Result<(Vec<Bin>, Vec<Scalar>)> {
        if self.invalid_is_missing && self.left.missing == Some(true) {
            return Err(unsupported(
                node,
                "values that are not listed count as missing, which no attribute takes.",
            )
            .hint("Add an attribute for missing values."));
        }
        let hint = "Add a last <Attribute> with <True/>, so that every value has points.";
        match &self.left.values {
            Values::Ordered(intervals) => {
                if let Some(keys) = intervals.iter().find(|keys| holds_a_value(subject.kind, **keys)) {
                    let gap = interval(subject.kind, *keys);
                    return Err(fault(node, format!("no attribute takes the values {gap}.")).hint(hint));
                }
            }
            Values::Texts(codes, true) => {
                let words = codes.iter().filter_map(|code| subject.texts.get(*code as usize));
                let allowed: Vec<Scalar> = words.map(|word| Scalar::Text(word.clone())).collect();
                if allowed.is_empty() {
                    return Err(fault(node, "no attribute takes any value.").hint(hint));
                }
                return Ok((self.bins, allowed));
            }
            Values::Texts(codes, false) => {
                if let Some(word) = codes.iter().find_map(|code| subject.texts.get(*code as usize)) {
                    return Err(fault(node, format!("no attribute takes {}.", quoted(word))).hint(hint));
                }
            }
            Values::Truth(no, yes) => {
                if *no || *yes {
                    return Err(fault(node, format!("no attribute takes {yes}.")).hint(hint));
                }
            }
        }
        Ok((self.bins, Vec::new()))
    }
}

/// Whether an interval of keys has a value: between two whole numbers or days there is none.
fn holds_a_value(kind: InputType, (low, high): (i128, i128)) -> bool {
    let unit = match kind {
        InputType::Integer => integer_key(1),
        InputType::Date => 2,
        InputType::Number | InputType::Text | InputType::Boolean => return low <= high,
    };
    low == i128::MIN || high == i128::MAX || high.div_euclid(unit) * unit >= low
}
