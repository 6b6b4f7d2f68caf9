//! Every kind of row that a scheme can tell apart, found without the engine's regions: each constant
//! that the document holds against an input, and a value just below and just above it.

use customer_tiering_engine::Scheme;
use customer_tiering_engine::number::Scalar;
use customer_tiering_engine::scheme::{Condition, InputType, Missing};
use customer_tiering_engine::time::duration::Offset;
use jiff::civil::Date;
use rust_decimal::Decimal;

use super::oracle::Cell;
use super::periods;

fn of_condition(condition: &Condition, input: &str, found: &mut Vec<Scalar>) {
    for inner in condition.all.iter().flatten().chain(condition.any.iter().flatten()) {
        of_condition(inner, input, found);
    }
    if let Some(inner) = &condition.not {
        of_condition(inner, input, found);
    }
    if condition.input.as_deref() == Some(input) {
        let single =
            [&condition.eq, &condition.ne, &condition.lt, &condition.lte, &condition.gt, &condition.gte];
        found.extend(single.into_iter().flatten().cloned());
        found.extend(condition.among.iter().flatten().cloned());
        found.extend(condition.between.iter().flat_map(|(low, high)| [low.clone(), high.clone()]));
        found.extend([&condition.within, &condition.after].into_iter().flatten().cloned().map(Scalar::Text));
    }
}

fn constants(scheme: &Scheme, input: &str) -> Vec<Scalar> {
    let mut found = Vec::new();
    for rule in scheme.decision.rules.iter().flatten() {
        of_condition(&rule.when, input, &mut found);
    }
    for bin in scheme.characteristics.iter().filter(|c| c.input == input).flat_map(|c| &c.bins) {
        found.extend([&bin.lt, &bin.lte, &bin.gt, &bin.gte].into_iter().flatten().cloned());
        found.extend(bin.among.iter().flatten().cloned());
    }
    found
}

/// The values of one input that may be graded differently.
pub fn candidates(scheme: &Scheme, input: usize, as_of: Date) -> Vec<Cell> {
    let input = &scheme.inputs[input];
    let constants = constants(scheme, &input.name);
    let cell = |scalar: &Scalar| match scalar {
        Scalar::Number(number) => Cell::Number(number.decimal()),
        Scalar::Text(text) => Cell::Text(text.clone()),
        Scalar::Boolean(value) => Cell::Boolean(*value),
    };
    let mut cells: Vec<Cell> = Vec::new();
    if !input.allowed.is_empty() {
        cells.extend(input.allowed.iter().map(cell));
    } else {
        match input.kind {
            InputType::Boolean => cells.extend([Cell::Boolean(false), Cell::Boolean(true)]),
            InputType::Text => {
                cells.push(Cell::Text("some other text".to_owned()));
                cells.extend(constants.iter().map(cell));
            }
            InputType::Number => {
                let tiny = Decimal::new(1, 14);
                cells.push(Cell::Number(Decimal::ZERO));
                for scalar in &constants {
                    let Scalar::Number(number) = scalar else { panic!("{scalar}") };
                    let at = number.decimal();
                    cells.extend([at - tiny, at, at + tiny].map(Cell::Number));
                }
            }
            InputType::Integer => {
                cells.push(Cell::Number(Decimal::ZERO));
                for scalar in &constants {
                    let Scalar::Number(number) = scalar else { panic!("{scalar}") };
                    let at = number.decimal();
                    let around = [at.floor() - Decimal::ONE, at.floor(), at.ceil(), at.ceil() + Decimal::ONE];
                    cells.extend(around.map(Cell::Number));
                }
            }
            InputType::Date => {
                cells.push(Cell::Date(as_of));
                for scalar in &constants {
                    let Scalar::Text(text) = scalar else { panic!("{scalar}") };
                    let days = if periods::is_word(text) {
                        let (first, last) = periods::resolve(text, as_of, scheme.fiscal_year.as_ref());
                        vec![first, last]
                    } else {
                        vec![text.parse().unwrap_or_else(|_| Offset::parse(text).unwrap().resolve(as_of))]
                    };
                    for day in days {
                        cells
                            .extend([day.yesterday().unwrap(), day, day.tomorrow().unwrap()].map(Cell::Date));
                    }
                }
            }
        }
    }
    if input.missing == Missing::Null {
        cells.push(Cell::Null);
    }
    let mut different: Vec<Cell> = Vec::new();
    for cell in cells {
        if !different.contains(&cell) {
            different.push(cell);
        }
    }
    different
}

/// Every combination of the candidates; `None` if there are more than `most`.
pub fn rows(scheme: &Scheme, as_of: Date, most: usize) -> Option<Vec<Vec<Cell>>> {
    let mut rows: Vec<Vec<Cell>> = vec![Vec::new()];
    for input in 0..scheme.inputs.len() {
        let candidates = candidates(scheme, input, as_of);
        if rows.len() * candidates.len() > most {
            return None;
        }
        rows = rows
            .iter()
            .flat_map(|row| {
                candidates.iter().map(move |cell| row.iter().cloned().chain([cell.clone()]).collect())
            })
            .collect();
    }
    Some(rows)
}
