//! A decision table kept in rows, as it comes from a spreadsheet: a column of unary tests for each input, and the tier.

use serde::Deserialize;

use crate::document::quoted;
use crate::document::text::Lang;
use crate::error::{Error, ErrorKind, Result};
use crate::grade::plan::Compiled;
use crate::interchange::table::{self, Column, Row, Table, identifier, spoken};
use crate::interchange::unary::{self, Cell, Problem};
use crate::limits::{INPUTS, RULES};
use crate::scheme::{HitPolicy, InputType, Scheme};

/// The rows of a table, as the server hands them over.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rows {
    /// The name of the scheme.
    name: String,
    /// What happens when several rules match.
    hit_policy: HitPolicy,
    /// The tier when none matches.
    otherwise: Option<String>,
    /// The tiers, best first; empty: as the rows name them.
    tiers: Vec<String>,
    /// The columns that have tests, and the type that each has by itself.
    columns: Vec<Titled>,
    rows: Vec<Written>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Titled {
    name: String,
    kind: Option<InputType>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    /// One a column; none is anything.
    cells: Vec<Option<String>>,
    tier: Option<String>,
    annotation: Option<String>,
}

/// One rule of a scheme, for a table of rules.
#[derive(Debug, PartialEq, Eq)]
pub struct RuleRow {
    /// By input, what stands in its cell.
    pub tests: Vec<(String, String)>,
    /// The tier.
    pub tier: String,
    /// Why.
    pub annotation: Option<String>,
}

/// The scheme of a table of rules, from the document that the server makes of it.
///
/// # Errors
///
/// `InvalidValue` for a cell that is no unary test, with row and column; `NotSupported` for one that says more than a scheme
/// can; those of a scheme.
pub fn scheme_from_rows(document: &str) -> Result<Scheme> {
    let rows: Rows = serde_json::from_str(document)
        .map_err(|error| Error::invalid("invalid table of rules").detail(format!("{error}.")))?;
    if rows.columns.is_empty() || rows.columns.len() > INPUTS {
        return Err(Error::invalid("invalid table of rules")
            .detail(format!("{} columns of tests, expected 1 to {INPUTS}.", rows.columns.len()))
            .hint(
                "Each column that is not tier, order or annotation has the tests of the input of its name.",
            ));
    }
    if rows.rows.len() > RULES {
        return Err(Error::new(ErrorKind::TooLarge, "table of rules is too long")
            .detail(format!("It has {} rows, at most {RULES} are read.", rows.rows.len()))
            .hint("Let one rule stand for several: a cell may list values and intervals."));
    }
    let mut table = Table {
        name: rows.name,
        hit_policy: rows.hit_policy,
        otherwise: rows.otherwise,
        tiers: rows.tiers,
        ..Table::default()
    };
    for column in &rows.columns {
        let input = identifier(&column.name);
        let title = (input != column.name).then(|| spoken(&column.name)).flatten();
        table.columns.push(Column { input, title, kind: column.kind, ..Column::default() });
    }
    for (number, row) in (1..).zip(&rows.rows) {
        let cells = rows
            .columns
            .iter()
            .zip(&row.cells)
            .map(|(column, cell)| read(number, column, cell.as_deref()))
            .collect::<Result<Vec<Cell>>>()?;
        let Some(tier) = row.tier.as_deref().map(str::trim).filter(|tier| !tier.is_empty()) else {
            return Err(Error::new(ErrorKind::MissingValue, "rule without a tier")
                .detail(format!("Row {number} has none."))
                .hint("Name the tier in each row."));
        };
        let annotation = row.annotation.as_deref().and_then(spoken);
        table.rows.push(Row { cells, tier: tier.to_owned(), annotation });
    }
    table.into_scheme("table of rules", |row| format!("row {}", row + 1))
}

/// What stands in a cell. A value that is no text needs no quotes, nor its column: it comes as one of its own type.
fn read(number: usize, column: &Titled, cell: Option<&str>) -> Result<Cell> {
    let Some(cell) = cell else { return Ok(Cell::Any) };
    unary::read(cell).map_err(|problem| {
        let place = |sentence: String| format!("Row {number}, column {}: {sentence}.", quoted(&column.name));
        match problem {
            Problem::Wrong(sentence) => Error::invalid("invalid table of rules")
                .detail(place(sentence))
                .hint("Write a simple unary test such as -, >= 18, [5..10), \"a\", \"b\" or not(\"c\")."),
            Problem::Beyond(sentence) => {
                Error::new(ErrorKind::NotSupported, "table of rules says more than a scheme can")
                    .detail(place(sentence))
                    .hint("A text stands in double quotes: \"gold\". A cell is a comparison, an interval, a list, their negation, or -.")
            }
        }
    })
}

/// The rules of a scheme as rows: what [`scheme_from_rows`] makes the same rules of.
///
/// # Errors
///
/// Those of [`scheme_to_dmn`](crate::interchange::dmn::scheme_to_dmn).
pub fn rows_of(scheme: &Compiled, lang: Lang) -> Result<Vec<RuleRow>> {
    let table = table::of_scheme(scheme)?;
    let names: Vec<&str> = table.columns.iter().map(|column| column.input.as_str()).collect();
    Ok(table
        .rows
        .iter()
        .map(|row| RuleRow {
            tests: names
                .iter()
                .zip(&row.cells)
                .map(|(name, cell)| ((*name).to_owned(), cell.to_string()))
                .collect(),
            tier: row.tier.clone(),
            annotation: row.annotation.as_ref().map(|text| text.get(lang).to_owned()),
        })
        .collect())
}
