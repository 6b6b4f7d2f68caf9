//! Predicates of PMML: which values of a field an attribute takes.

use std::collections::HashMap;

use roxmltree::Node;

use crate::document::quoted;
use crate::error::{Error, Result};
use crate::grade::condition::Compare;
use crate::interchange::sets::{Set, Values, compared};
use crate::interchange::xml::{self, children};
use crate::limits::{ALLOWED_VALUES, PREDICATES};
use crate::number::Number;
use crate::scheme::InputType;
use crate::time::date::{IsoDate, day_number};

/// What errors call such a file.
pub(super) const PMML: &str = "PMML";

pub(super) fn fault(node: Node<'_, '_>, sentence: impl AsRef<str>) -> Error {
    xml::fault(PMML, node, sentence)
}

pub(super) fn unsupported(node: Node<'_, '_>, sentence: impl AsRef<str>) -> Error {
    xml::unsupported(PMML, node, sentence)
}

/// A field as predicates see it: its type, and the texts that they name.
pub(super) struct Subject<'f> {
    pub name: &'f str,
    pub kind: InputType,
    pub texts: Vec<String>,
    /// Their places.
    index: HashMap<String, u32>,
}

impl Subject<'_> {
    /// A field of which nothing is said yet.
    pub fn new(name: &str, kind: InputType) -> Subject<'_> {
        Subject { name, kind, texts: Vec::new(), index: HashMap::new() }
    }

    /// The place of a text among those that are named.
    pub fn text(&mut self, node: Node<'_, '_>, text: &str) -> Result<u32> {
        if let Some(code) = self.index.get(text) {
            return Ok(*code);
        }
        if self.texts.len() == ALLOWED_VALUES {
            return Err(fault(
                node,
                format!("more than {ALLOWED_VALUES} values of field {}.", quoted(self.name)),
            ));
        }
        let code = self.texts.len() as u32;
        self.texts.push(text.to_owned());
        self.index.insert(text.to_owned(), code);
        Ok(code)
    }

    /// All values, the missing one among them.
    pub fn everything(&self) -> Set {
        Set { values: Values::all(self.kind), missing: Some(true) }
    }

    /// The values of which the predicate of an attribute is true.
    pub fn taken(&mut self, node: Node<'_, '_>) -> Result<Set> {
        let parts = node.descendants().filter(Node::is_element).count();
        if parts > PREDICATES {
            return Err(fault(node, format!("{parts} predicates, expected at most {PREDICATES}."))
                .hint("List values in a SimpleSetPredicate."));
        }
        self.values(node)
    }

    /// The values of which a predicate is true; false and unknown are told apart as PMML does, since they differ when they
    /// are combined.
    fn values(&mut self, node: Node<'_, '_>) -> Result<Set> {
        match node.tag_name().name() {
            "True" => Ok(self.everything()),
            "False" => Ok(self.everything().not()),
            "SimplePredicate" => self.simple(node),
            "SimpleSetPredicate" => self.set(node),
            "CompoundPredicate" => self.compound(node),
            _ => Err(unsupported(node, "it is no predicate that is read.")
                .hint("Write SimplePredicate, SimpleSetPredicate, CompoundPredicate, True or False.")),
        }
    }

    fn simple(&mut self, node: Node<'_, '_>) -> Result<Set> {
        let operator = attribute(node, "operator")?;
        let known = Set { values: Values::all(self.kind), missing: Some(false) };
        let compare = match operator {
            "isMissing" => return Ok(known.not()),
            "isNotMissing" => return Ok(known),
            "equal" => Compare::Eq,
            "notEqual" => Compare::Ne,
            "lessThan" => Compare::Lt,
            "lessOrEqual" => Compare::Lte,
            "greaterThan" => Compare::Gt,
            "greaterOrEqual" => Compare::Gte,
            other => {
                return Err(fault(node, format!("unknown operator {}.", quoted(other)))
                    .hint("Write equal, notEqual, lessThan, lessOrEqual, greaterThan, greaterOrEqual, isMissing or isNotMissing."));
            }
        };
        let value = attribute(node, "value")?;
        Ok(Set { values: self.compared(node, compare, value)?, missing: None })
    }

    fn compared(&mut self, node: Node<'_, '_>, compare: Compare, value: &str) -> Result<Values> {
        let wrong = |what: &str| {
            fault(node, format!("found {}, while field {} is {what}.", quoted(value), quoted(self.name)))
                .hint("Write a value of the dataType of the field.")
        };
        let equality = matches!(compare, Compare::Eq | Compare::Ne);
        match self.kind {
            InputType::Number | InputType::Integer => {
                let number = number(node, value)?;
                Ok(compared(compare, number.key()))
            }
            InputType::Date => {
                let day = IsoDate::parse(value.trim()).map_err(|_| wrong("a date"))?;
                Ok(compared(compare, 2 * i128::from(day_number(day.0))))
            }
            InputType::Boolean if equality => {
                let truth = match value.trim() {
                    "true" | "1" => true,
                    "false" | "0" => false,
                    _ => return Err(wrong("a boolean")),
                };
                Ok(if truth == (compare == Compare::Eq) {
                    Values::Truth(false, true)
                } else {
                    Values::Truth(true, false)
                })
            }
            InputType::Text if equality => {
                Ok(Values::Texts([self.text(node, value)?].into(), compare == Compare::Ne))
            }
            InputType::Boolean => Err(wrong("a boolean, which has no order")),
            InputType::Text => Err(unsupported(node, "found an order over texts.")
                .hint("List the texts in a SimpleSetPredicate.")),
        }
    }

    fn set(&mut self, node: Node<'_, '_>) -> Result<Set> {
        let negated = match attribute(node, "booleanOperator")? {
            "isIn" => false,
            "isNotIn" => true,
            other => {
                return Err(fault(node, format!("unknown booleanOperator {}.", quoted(other)))
                    .hint("Write isIn or isNotIn."));
            }
        };
        let Some(array) = xml::child(node, "Array") else { return Err(fault(node, "no <Array>.")) };
        let words = words(array)?;
        if words.len() > ALLOWED_VALUES {
            return Err(fault(array, format!("{} values, expected at most {ALLOWED_VALUES}.", words.len())));
        }
        let mut listed = Set { values: Values::all(self.kind).not(), missing: None };
        for word in words {
            let values = self.compared(array, Compare::Eq, &word)?;
            listed = listed.or(Set { values, missing: None });
        }
        Ok(if negated { listed.not() } else { listed })
    }

    fn compound(&mut self, node: Node<'_, '_>) -> Result<Set> {
        let parts = predicates(node).map(|part| self.values(part)).collect::<Result<Vec<Set>>>()?;
        let operator = attribute(node, "booleanOperator")?;
        let joined = match operator {
            "and" => parts.into_iter().reduce(Set::and),
            "or" => parts.into_iter().reduce(Set::or),
            "xor" | "surrogate" => {
                return Err(unsupported(node, format!("booleanOperator {} is not read.", quoted(operator)))
                    .hint("Write the predicate with and, or and isMissing."));
            }
            other => {
                return Err(fault(node, format!("unknown booleanOperator {}.", quoted(other)))
                    .hint("Write and or or."));
            }
        };
        joined.ok_or_else(|| fault(node, "no predicate inside."))
    }
}

/// The elements inside another one that are no extensions.
pub(super) fn predicates<'a, 'i>(node: Node<'a, 'i>) -> impl Iterator<Item = Node<'a, 'i>> {
    children(node).filter(|inside| inside.tag_name().name() != "Extension")
}

pub(super) fn attribute<'a>(node: Node<'a, '_>, name: &str) -> Result<&'a str> {
    node.attribute(name).ok_or_else(|| {
        fault(node, format!("the attribute {name} is missing."))
            .hint(format!("Write {name}=\"…\" in the element."))
    })
}

/// A number, exactly.
pub(super) fn number(node: Node<'_, '_>, text: &str) -> Result<Number> {
    let text = text.trim();
    text.parse().map_err(|expected: String| match text.parse::<f64>() {
        Ok(float) if float.is_finite() => {
            unsupported(node, format!("found {}, expected {expected}.", quoted(text)))
                .hint("Round the number; a scheme holds numbers of so many digits.")
        }
        _ => fault(node, format!("found {}, expected a number.", quoted(text)))
            .hint("Write digits with a point, without separators."),
    })
}

/// The words of an array: blanks between them, or double quotes around them.
fn words(node: Node<'_, '_>) -> Result<Vec<String>> {
    let text = xml::text(node);
    let mut words = Vec::new();
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        if letter.is_whitespace() {
            continue;
        }
        let mut word = String::new();
        if letter == '"' {
            loop {
                match letters.next() {
                    Some('\\') => word.extend(letters.next()),
                    Some('"') => break,
                    Some(letter) => word.push(letter),
                    None => return Err(fault(node, "a closing double quote is missing.")),
                }
            }
        } else {
            word.push(letter);
            while let Some(letter) = letters.next_if(|letter| !letter.is_whitespace()) {
                word.push(letter);
            }
        }
        words.push(word);
    }
    Ok(words)
}
