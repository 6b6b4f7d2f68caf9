//! A second, slow reading of scheme documents, to hold the engine against: no compiled form, no sorted
//! bounds, no integer keys. Decimals are compared as decimals, and logic is that of SQL.

use customer_tiering_engine::Scheme;
use customer_tiering_engine::number::Scalar;
use customer_tiering_engine::scheme::{
    Bin, Condition, FiscalYear, HitPolicy, InputType, Method, Missing, Score,
};
use customer_tiering_engine::time::duration::Offset;
use jiff::civil::Date;
use rust_decimal::{Decimal, RoundingStrategy};
use std::cmp::Ordering;

use super::periods;

/// A value of a row.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    Null,
    Number(Decimal),
    Text(String),
    Boolean(bool),
    Date(Date),
    /// From a day to another: never of a row, but of the document.
    Period(Date, Date),
}

/// What grading comes to.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    Ungraded,
    Tier(String),
    /// A missing value that may not be, or rules that contradict each other.
    Error,
}

pub struct Graded {
    pub outcome: Outcome,
    /// In units of 10^-24: products of two document numbers have no further digits.
    pub score: Option<i128>,
    /// Rules that match, from 0.
    pub matching: Vec<usize>,
    pub bins: Vec<String>,
}

impl Graded {
    fn without_bins(outcome: Outcome) -> Self {
        Graded { outcome, score: None, matching: Vec::new(), bins: Vec::new() }
    }
}

fn constant(scalar: &Scalar, kind: InputType, as_of: Date, year: Option<&FiscalYear>) -> Cell {
    match scalar {
        Scalar::Text(text) if kind == InputType::Date && periods::is_word(text) => {
            let (first, last) = periods::resolve(text, as_of, year);
            Cell::Period(first, last)
        }
        Scalar::Number(number) => Cell::Number(number.decimal()),
        Scalar::Boolean(value) => Cell::Boolean(*value),
        Scalar::Text(text) if kind == InputType::Date => Cell::Date(match text.parse() {
            Ok(date) => date,
            Err(_) => Offset::parse(text).unwrap().resolve(as_of),
        }),
        Scalar::Text(text) => Cell::Text(text.clone()),
    }
}

fn compare(left: &Cell, right: &Cell) -> Option<Ordering> {
    match (left, right) {
        (Cell::Number(left), Cell::Number(right)) => Some(left.cmp(right)),
        (Cell::Text(left), Cell::Text(right)) => Some(left.cmp(right)),
        (Cell::Boolean(left), Cell::Boolean(right)) => Some(left.cmp(right)),
        (Cell::Date(left), Cell::Date(right)) => Some(left.cmp(right)),
        // Before, within or after it.
        (Cell::Date(left), Cell::Period(first, last)) => Some(match left {
            _ if left < first => Ordering::Less,
            _ if left > last => Ordering::Greater,
            _ => Ordering::Equal,
        }),
        _ => None,
    }
}

fn and(values: impl IntoIterator<Item = Option<bool>>) -> Option<bool> {
    let values: Vec<_> = values.into_iter().collect();
    if values.contains(&Some(false)) {
        Some(false)
    } else if values.contains(&None) {
        None
    } else {
        Some(true)
    }
}

fn or(values: impl IntoIterator<Item = Option<bool>>) -> Option<bool> {
    and(values.into_iter().map(|value| value.map(|value| !value))).map(|value| !value)
}

/// Units of 10^-12 in one.
const FINE: i128 = 1_000_000_000_000;

/// A document number in units of 10^-12.
fn units(decimal: Decimal) -> i128 {
    decimal.mantissa() * 10_i128.pow(12 - decimal.scale())
}

/// The mean of the known points by weight, times the weight of all, as decimals: for schemes of few digits.
fn reweighted(scheme: &Scheme, score: &Score, bins: &[&Bin]) -> Option<i128> {
    let parts: Vec<(Decimal, Option<Decimal>)> = scheme
        .characteristics
        .iter()
        .zip(bins)
        .filter(|(characteristic, _)| characteristic.bins.iter().any(|bin| bin.points.is_some()))
        .map(|(characteristic, bin)| {
            let weight = score.weights.get(&characteristic.name);
            (
                weight.map_or(Decimal::ONE, |weight| weight.decimal()),
                bin.points.map(|points| points.decimal()),
            )
        })
        .collect();
    let all: Decimal = parts.iter().map(|(weight, _)| weight).sum();
    let known: Decimal = parts.iter().filter_map(|(weight, points)| points.map(|_| weight)).sum();
    let least = score.least_weight.map_or(Decimal::ZERO, |least| least.decimal());
    if known.is_zero() || known < least * all {
        return None;
    }
    let sum: Decimal = parts.iter().filter_map(|(weight, points)| Some(weight * (*points)?)).sum();
    // six digits, or more if points, each by its weight, and cuts have more
    let of_points = scheme.characteristics.iter().flat_map(|characteristic| {
        let weight = score.weights.get(&characteristic.name).map_or(0, |weight| weight.decimal().scale());
        characteristic.bins.iter().filter_map(move |bin| Some(weight + bin.points?.decimal().scale()))
    });
    let cuts = scheme.decision.cuts.iter().flatten().filter_map(|cut| cut.gte);
    let of_cuts = cuts.map(|cut| cut.decimal().scale());
    let digits = of_points.chain(of_cuts).chain([6, score.initial.decimal().scale()]).max().unwrap_or(6);
    let rest = (sum * all / known).round_dp_with_strategy(digits, RoundingStrategy::MidpointAwayFromZero);
    Some(units(score.initial.decimal() + rest) * FINE)
}

struct Row<'a> {
    scheme: &'a Scheme,
    values: Vec<Cell>,
    as_of: Date,
    bins: Vec<&'a Bin>,
}

impl Row<'_> {
    fn holds(&self, condition: &Condition) -> Option<bool> {
        if let Some(inner) = &condition.all {
            return and(inner.iter().map(|condition| self.holds(condition)));
        }
        if let Some(inner) = &condition.any {
            return or(inner.iter().map(|condition| self.holds(condition)));
        }
        if let Some(inner) = &condition.not {
            return self.holds(inner).map(|value| !value);
        }
        let (value, kind) = match (&condition.input, &condition.characteristic) {
            (Some(name), _) => {
                let at = self.scheme.inputs.iter().position(|input| input.name == *name).unwrap();
                (self.values[at].clone(), self.scheme.inputs[at].kind)
            }
            (_, Some(name)) => {
                let at = self.scheme.characteristics.iter().position(|c| c.name == *name).unwrap();
                (Cell::Text(self.bins[at].code.clone()), InputType::Text)
            }
            _ => panic!("no subject"),
        };
        let against = |scalar: &Scalar, wanted: &[Ordering]| {
            compare(&value, &constant(scalar, kind, self.as_of, self.scheme.fiscal_year.as_ref()))
                .map(|found| wanted.contains(&found))
        };
        use Ordering::{Equal, Greater, Less};
        let mut tests = Vec::new();
        let simple: [(&Option<Scalar>, &[Ordering]); 6] = [
            (&condition.eq, &[Equal]),
            (&condition.ne, &[Less, Greater]),
            (&condition.lt, &[Less]),
            (&condition.lte, &[Less, Equal]),
            (&condition.gt, &[Greater]),
            (&condition.gte, &[Greater, Equal]),
        ];
        for (scalar, wanted) in simple {
            tests.extend(scalar.as_ref().map(|scalar| against(scalar, wanted)));
        }
        if let Some((low, high)) = &condition.between {
            tests.push(against(low, &[Greater, Equal]));
            tests.push(against(high, &[Less, Equal]));
        }
        if let Some(among) = &condition.among {
            tests.push(or(among.iter().map(|scalar| against(scalar, &[Equal]))));
        }
        if let Some(offset) = &condition.within {
            tests.push(against(&Scalar::Text(offset.clone()), &[Less, Equal]));
        }
        if let Some(offset) = &condition.after {
            tests.push(against(&Scalar::Text(offset.clone()), &[Greater]));
        }
        if let Some(wanted) = condition.is_missing {
            tests.push(Some((value == Cell::Null) == wanted));
        }
        and(tests)
    }
}

fn in_bin(
    bins: &[Bin],
    bin: &Bin,
    value: &Cell,
    kind: InputType,
    as_of: Date,
    year: Option<&FiscalYear>,
) -> bool {
    if *value == Cell::Null {
        return bin.missing;
    }
    if bin.missing {
        return false;
    }
    let order = |scalar: &Scalar| compare(value, &constant(scalar, kind, as_of, year)).unwrap();
    let listed =
        |bin: &Bin| bin.among.as_ref().is_some_and(|among| among.iter().any(|scalar| order(scalar).is_eq()));
    if bin.other {
        return bins.iter().all(|another| another == bin || !listed(another));
    }
    if bin.among.is_some() {
        return listed(bin);
    }
    bin.lt.as_ref().is_none_or(|bound| order(bound).is_lt())
        && bin.lte.as_ref().is_none_or(|bound| order(bound).is_le())
        && bin.gt.as_ref().is_none_or(|bound| order(bound).is_gt())
        && bin.gte.as_ref().is_none_or(|bound| order(bound).is_ge())
}

/// Grades a row, value by value in the order of the inputs.
pub fn grade(scheme: &Scheme, as_of: Date, row: &[Cell]) -> Graded {
    let mut values = row.to_vec();
    for (value, input) in values.iter_mut().zip(&scheme.inputs) {
        if let (Cell::Null, Missing::Default(default)) = (&value, &input.missing) {
            *value = constant(default, input.kind, as_of, None);
        }
    }
    let missing = |how: &Missing| {
        values.iter().zip(&scheme.inputs).any(|(value, input)| *value == Cell::Null && input.missing == *how)
    };
    if missing(&Missing::Error) {
        return Graded::without_bins(Outcome::Error);
    }
    if missing(&Missing::Ungraded) {
        return Graded::without_bins(Outcome::Ungraded);
    }
    let bins: Vec<&Bin> = scheme
        .characteristics
        .iter()
        .map(|characteristic| {
            let at = scheme.inputs.iter().position(|input| input.name == characteristic.input).unwrap();
            let kind = scheme.inputs[at].kind;
            let fitting: Vec<&Bin> = characteristic
                .bins
                .iter()
                .filter(|bin| {
                    in_bin(&characteristic.bins, bin, &values[at], kind, as_of, scheme.fiscal_year.as_ref())
                })
                .collect();
            assert_eq!(fitting.len(), 1, "{:?} in {characteristic:?}", values[at]);
            fitting[0]
        })
        .collect();
    let score = scheme.score.as_ref().and_then(|score| {
        if score.missing.is_some() {
            return reweighted(scheme, score, &bins);
        }
        let parts = bins.iter().zip(&scheme.characteristics).filter_map(|(bin, characteristic)| {
            let weight =
                score.weights.get(&characteristic.name).map_or(Decimal::ONE, |weight| weight.decimal());
            Some(units(weight) * units(bin.points?.decimal()))
        });
        Some(units(score.initial.decimal()) * FINE + parts.sum::<i128>())
    });
    let code = |bin: &&Bin| bin.code.clone();
    let decision = &scheme.decision;
    let row = Row { scheme, values, as_of, bins };
    let mut matching = Vec::new();
    let outcome = match decision.method {
        Method::Rules => {
            let rules = decision.rules.as_ref().unwrap();
            matching = (0..rules.len()).filter(|&rule| row.holds(&rules[rule].when) == Some(true)).collect();
            let tiers: Vec<&str> = matching.iter().map(|&rule| rules[rule].tier.as_str()).collect();
            let rank = |code: &&&str| scheme.tier(code).unwrap().0;
            match (decision.hit_policy.unwrap_or_default(), &tiers[..]) {
                (_, []) => decision.otherwise.clone().map_or(Outcome::Ungraded, Outcome::Tier),
                (HitPolicy::First, [first, ..]) => Outcome::Tier((*first).to_owned()),
                (HitPolicy::Priority, tiers) => {
                    Outcome::Tier((*tiers.iter().min_by_key(rank).unwrap()).to_owned())
                }
                (HitPolicy::Unique, [only]) => Outcome::Tier((*only).to_owned()),
                (HitPolicy::Any, [first, rest @ ..]) if rest.iter().all(|tier| tier == first) => {
                    Outcome::Tier((*first).to_owned())
                }
                _ => Outcome::Error,
            }
        }
        Method::Bands => {
            let name = decision.characteristic.as_ref().unwrap();
            let at = scheme.characteristics.iter().position(|c| c.name == *name).unwrap();
            Outcome::Tier(row.bins[at].code.clone())
        }
        Method::Score if score.is_none() => Outcome::Ungraded,
        Method::Score => {
            let cuts = decision.cuts.as_ref().unwrap();
            let reached = |cut: &&customer_tiering_engine::scheme::Cut| {
                cut.gte.is_none_or(|bound| score >= Some(units(bound.decimal()) * FINE))
            };
            Outcome::Tier(cuts.iter().find(reached).unwrap().tier.clone())
        }
        Method::Matrix => {
            let at: Vec<String> = decision
                .characteristics
                .iter()
                .flatten()
                .map(|name| {
                    let at = scheme.characteristics.iter().position(|c| c.name == *name).unwrap();
                    row.bins[at].code.clone()
                })
                .collect();
            let cell = decision.cells.iter().flatten().find(|cell| cell.at == at).unwrap();
            Outcome::Tier(cell.tier.clone())
        }
    };
    Graded { outcome, score, matching, bins: row.bins.iter().map(code).collect() }
}
