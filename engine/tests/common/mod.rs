//! What several test files need: rows as JSON, put into sheets.
#![allow(dead_code, missing_docs)] // each test file uses its part

use customer_tiering_engine::grade::value::Value;
use customer_tiering_engine::grade::{AsOf, Sheet};
use customer_tiering_engine::number::Number;
use customer_tiering_engine::scheme::InputType;
use customer_tiering_engine::{Compiled, Error, Result};
use jiff::civil::{Date, date};
use serde_json::Value as Json;

pub fn compiled(document: &Json) -> Compiled {
    Compiled::parse(&document.to_string()).unwrap_or_else(|error| panic!("{error}\n{document}"))
}

/// Days since 1970-01-01.
pub fn day(date_: Date) -> i32 {
    date(1970, 1, 1).until(date_).unwrap().get_days()
}

pub fn as_of(scheme: &Compiled, day: &str) -> AsOf {
    scheme.as_of_date(day.parse().unwrap())
}

/// A row of JSON values by input name; what is not there is missing. With `floats`, numbers go the
/// way of `double precision` columns.
pub fn sheet(scheme: &Compiled, row: &Json, floats: bool) -> Result<Sheet> {
    let mut sheet = scheme.sheet();
    for (slot, input) in sheet.slots.iter_mut().zip(&scheme.inputs) {
        *slot = match (input.kind, row.get(&input.name).unwrap_or(&Json::Null)) {
            (_, Json::Null) => Value::Missing,
            (InputType::Number | InputType::Integer, Json::Number(number)) if floats => {
                input.float(number.to_string().parse().unwrap())?
            }
            (InputType::Number | InputType::Integer, Json::Number(number)) => {
                let number: Number =
                    number.to_string().parse().map_err(|text: String| Error::invalid(text))?;
                input.exact(number.key())?
            }
            (InputType::Text, Json::String(text)) => input.text(text.as_bytes())?,
            (InputType::Boolean, Json::Bool(value)) => Value::Boolean(*value),
            (InputType::Date, Json::String(text)) => Value::Day(day(text.parse().unwrap())),
            (kind, other) => panic!("{other} for an input of type {}", kind.name()),
        };
    }
    if let Some(unknown) =
        row.as_object().unwrap().keys().find(|key| scheme.inputs.iter().all(|i| i.name != **key))
    {
        panic!("a row with {unknown}, which is no input");
    }
    Ok(sheet)
}

/// The code of the tier.
pub fn tier(scheme: &Compiled, as_of: &AsOf, row: &Json, floats: bool) -> Result<Option<String>> {
    let tier = scheme.tier(as_of, &mut sheet(scheme, row, floats)?)?;
    Ok(tier.map(|tier| scheme.scheme.tiers[tier].code.clone()))
}

/// The explanation, with the row itself as the given values.
pub fn explain(scheme: &Compiled, day: &str, row: &Json) -> Json {
    let given: Vec<Json> =
        scheme.inputs.iter().map(|input| row.get(&input.name).cloned().unwrap_or(Json::Null)).collect();
    scheme.explain(&as_of(scheme, day), &mut sheet(scheme, row, false).unwrap(), &given, None).unwrap()
}

#[path = "../../src/time/processor.rs"]
pub mod processor;

pub mod brute;
pub mod languages;
pub mod oracle;
pub mod periods;
pub mod random;

use oracle::Cell;
use rust_decimal::Decimal;

/// A decimal of any length as a comparison key, as a `numeric` column comes.
pub fn key(decimal: Decimal) -> i128 {
    let fine = decimal.abs() * Decimal::from(1_000_000_000_000_i64);
    let units = fine.trunc();
    customer_tiering_engine::number::key(
        decimal.is_sign_negative(),
        units.to_string().parse().unwrap(),
        units != fine,
    )
}

/// The cells of a row in the slots of a sheet.
pub fn fill(scheme: &Compiled, row: &[Cell], floats: bool) -> Result<Sheet> {
    let mut sheet = scheme.sheet();
    for ((slot, input), cell) in sheet.slots.iter_mut().zip(&scheme.inputs).zip(row) {
        *slot = match cell {
            Cell::Null => Value::Missing,
            Cell::Number(decimal) if floats => input.float(decimal.to_string().parse().unwrap())?,
            Cell::Number(decimal) => input.exact(key(*decimal))?,
            Cell::Text(text) => input.text(text.as_bytes())?,
            Cell::Boolean(value) => Value::Boolean(*value),
            Cell::Date(date) => Value::Day(day(*date)),
            Cell::Period(..) => panic!("no row has a period"),
        };
    }
    Ok(sheet)
}

/// So many cases, unless the environment says otherwise.
pub fn config(cases: u32) -> proptest::prelude::ProptestConfig {
    let default = proptest::prelude::ProptestConfig { failure_persistence: None, ..Default::default() };
    if std::env::var_os("PROPTEST_CASES").is_some() {
        default
    } else {
        proptest::prelude::ProptestConfig { cases, ..default }
    }
}
