//! Conditions, compiled: a small tree over slots, bins and date cuts, evaluated in the three-valued
//! logic of SQL and FEEL (a test of a missing value is unknown).

use crate::grade::as_of::{AsOf, Bins};
use crate::grade::value::{NumberCut, Value};

/// A comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Compare {
    Lt,
    Lte,
    Gt,
    Gte,
    Eq,
    Ne,
}

impl Compare {
    #[inline]
    fn holds<T: PartialOrd>(self, left: T, right: T) -> bool {
        match self {
            Compare::Lt => left < right,
            Compare::Lte => left <= right,
            Compare::Gt => left > right,
            Compare::Gte => left >= right,
            Compare::Eq => left == right,
            Compare::Ne => left != right,
        }
    }
}

/// A node of a compiled condition.
#[derive(Debug)]
pub(crate) enum Node {
    All(Box<[Node]>),
    Any(Box<[Node]>),
    Not(Box<Node>),
    IsMissing { input: usize, expected: bool },
    Number { input: usize, compare: Compare, cut: NumberCut },
    Day { input: usize, compare: Compare, cut: usize },
    Text { input: usize, codes: Box<[u32]>, expected: bool },
    Boolean { input: usize, value: bool },
    Bin { characteristic: usize, bins: Box<[u16]>, expected: bool },
}

impl Node {
    /// True, false, or unknown (`None`).
    pub(crate) fn eval(&self, as_of: &AsOf, slots: &[Value], bins: &Bins) -> Option<bool> {
        match self {
            Node::All(nodes) => {
                let mut result = Some(true);
                for node in nodes {
                    match node.eval(as_of, slots, bins) {
                        Some(true) => {}
                        Some(false) => return Some(false),
                        None => result = None,
                    }
                }
                result
            }
            Node::Any(nodes) => {
                let mut result = Some(false);
                for node in nodes {
                    match node.eval(as_of, slots, bins) {
                        Some(true) => return Some(true),
                        Some(false) => {}
                        None => result = None,
                    }
                }
                result
            }
            Node::Not(node) => node.eval(as_of, slots, bins).map(|value| !value),
            Node::IsMissing { input, expected } => Some((slots[*input] == Value::Missing) == *expected),
            Node::Number { input, compare, cut } => match slots[*input] {
                Value::Exact(key) => Some(compare.holds(key, cut.key)),
                Value::Float(float) => Some(compare.holds(float, cut.float)),
                _ => None,
            },
            Node::Day { input, compare, cut } => match slots[*input] {
                Value::Day(day) => Some(compare.holds(day, as_of.cuts[*cut])),
                _ => None,
            },
            Node::Text { input, codes, expected } => match slots[*input] {
                Value::Text(code) => Some(codes.contains(&code) == *expected),
                _ => None,
            },
            Node::Boolean { input, value } => match slots[*input] {
                Value::Boolean(found) => Some(found == *value),
                _ => None,
            },
            Node::Bin { characteristic, bins: wanted, expected } => {
                Some(wanted.contains(&bins[*characteristic]) == *expected)
            }
        }
    }

    /// Calls `visit` for each input and characteristic that the condition reads.
    pub(crate) fn reads(&self, visit: &mut dyn FnMut(Reads)) {
        match self {
            Node::All(nodes) | Node::Any(nodes) => nodes.iter().for_each(|node| node.reads(visit)),
            Node::Not(node) => node.reads(visit),
            Node::IsMissing { input, .. } | Node::Text { input, .. } | Node::Boolean { input, .. } => {
                visit(Reads::Input(*input))
            }
            Node::Number { input, cut, .. } => visit(Reads::NumberCut(*input, *cut)),
            Node::Day { input, cut, .. } => visit(Reads::DayCut(*input, *cut)),
            Node::Bin { characteristic, .. } => visit(Reads::Characteristic(*characteristic)),
        }
    }
}

/// What a condition reads, and where it cuts it.
pub(crate) enum Reads {
    Input(usize),
    NumberCut(usize, NumberCut),
    DayCut(usize, usize),
    Characteristic(usize),
}
