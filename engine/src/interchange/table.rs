//! A decision table, whatever it was written in: columns of unary tests and a tier by row, to a scheme and back.

use std::collections::{BTreeMap, HashSet};

use crate::document::quoted;
use crate::document::text::Text;
use crate::error::{Error, ErrorKind, Result};
use crate::grade::plan::{Compiled, Plan};
use crate::number::{Number, Scalar};
use crate::scheme::{Condition, Decision, HitPolicy, Input, InputType, Method, Missing, Rule, Scheme, Tier};

use super::sets::Rows;
use super::unary::{self, Cell};

/// A decision table.
#[derive(Debug, Default)]
pub(super) struct Table {
    pub name: String,
    pub title: Option<Text>,
    pub purpose: Option<Text>,
    pub columns: Vec<Column>,
    pub hit_policy: HitPolicy,
    pub rows: Vec<Row>,
    pub otherwise: Option<String>,
    /// Best first; those that rows alone name follow in their order.
    pub tiers: Vec<String>,
}

/// The tests of one input.
#[derive(Debug, Default)]
pub(super) struct Column {
    pub input: String,
    pub title: Option<Text>,
    /// None: as the constants of its tests are.
    pub kind: Option<InputType>,
    pub allowed: Vec<Scalar>,
    pub min: Option<Number>,
    pub max: Option<Number>,
}

/// The type of an input that no row tests and no file gives a type.
const UNTESTED: InputType = InputType::Text;

/// One row.
#[derive(Debug)]
pub(super) struct Row {
    pub cells: Vec<Cell>,
    pub tier: String,
    pub annotation: Option<Text>,
}

/// A name that people wrote as one of ours: other characters become underscores.
pub(super) fn identifier(name: &str) -> String {
    let mut made: String = name.trim().chars().map(|c| if c.is_alphanumeric() { c } else { '_' }).collect();
    if !made.starts_with(|c: char| c.is_alphabetic() || c == '_') {
        made.insert(0, '_');
    }
    while made.len() > 63 {
        made.pop();
    }
    made
}

/// The same for the name of a scheme, which has no other letters than those of ASCII.
pub(super) fn scheme_name(name: &str) -> String {
    let lower = name.trim().to_lowercase();
    let ascii: String = lower.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    match ascii.trim_matches('_') {
        "" => "imported".to_owned(),
        _ => identifier(&ascii),
    }
}

/// A text of a file as a text in a language: Chinese if it has a character of it.
pub(super) fn spoken(text: &str) -> Option<Text> {
    let text = text.trim();
    let chinese = text.chars().any(|c| ('\u{3400}'..='\u{9FFF}').contains(&c));
    let text = (!text.is_empty()).then(|| text.to_owned());
    let (en, zh) = if chinese { (None, text) } else { (text, None) };
    Text::new(en, zh).ok()
}

impl Table {
    /// The scheme. `place` says where a row stands: "line 12". `named` is the format, as errors name it.
    ///
    /// # Errors
    ///
    /// `InvalidValue` for a constant of another type than its column, for columns of one name and two types, for what no
    /// scheme may be.
    pub fn into_scheme(mut self, named: &str, place: impl Fn(usize) -> String) -> Result<Scheme> {
        let wrong = |sentence: String| Error::invalid(format!("invalid {named}")).detail(sentence);
        for (at, column) in self.columns.iter_mut().enumerate() {
            for (row, number) in self.rows.iter().zip(0..) {
                let Some(cell) = row.cells.get(at) else { continue };
                for literal in cell.literals() {
                    let kind = *column.kind.get_or_insert(literal.kind());
                    if kind != literal.kind() && !(kind.is_numeric() && literal.kind().is_numeric()) {
                        return Err(wrong(format!(
                            "At {}: found {literal}, while the tests of input {} are of type {}.",
                            place(number),
                            quoted(&column.input),
                            kind.name()
                        ))
                        .hint("Write texts in double quotes, numbers and true and false without, dates as date(\"2026-01-31\")."));
                    }
                }
            }
        }
        let mut inputs: Vec<Input> = Vec::new();
        for column in &self.columns {
            let kind = column.kind.unwrap_or(UNTESTED);
            match inputs.iter_mut().find(|input| input.name == column.input) {
                Some(input) if input.kind != kind => {
                    return Err(wrong(format!(
                        "Two columns test input {}, one as {}, one as {}.",
                        quoted(&column.input),
                        input.kind.name(),
                        kind.name()
                    ))
                    .hint("Give both columns one type, or the inputs different names."));
                }
                Some(input) => {
                    if input.allowed.is_empty() {
                        input.allowed.clone_from(&column.allowed);
                    }
                }
                None => inputs.push(Input {
                    name: column.input.clone(),
                    kind,
                    title: column.title.clone(),
                    description: None,
                    unit: None,
                    synonyms: Vec::new(),
                    min: column.min,
                    max: column.max,
                    allowed: column.allowed.clone(),
                    value_titles: BTreeMap::new(),
                    missing: Missing::Null,
                }),
            }
        }
        let rules = self.rows.iter().map(|row| Rule {
            when: self.condition(row),
            tier: row.tier.clone(),
            annotation: row.annotation.clone(),
            basis: None,
        });
        let rules: Vec<Rule> = rules.collect();
        let mut known: HashSet<String> = self.tiers.iter().cloned().collect();
        for tier in rules.iter().map(|rule| &rule.tier).chain(&self.otherwise) {
            if known.insert(tier.clone()) {
                self.tiers.push(tier.clone());
            }
        }
        let decision = Decision {
            hit_policy: Some(self.hit_policy),
            rules: Some(rules),
            otherwise: self.otherwise,
            ..Decision::by(Method::Rules)
        };
        let tiers = self.tiers.iter().map(|code| bare_tier(code)).collect();
        let scheme = Scheme {
            title: self.title,
            purpose: self.purpose,
            ..Scheme::bare(self.name, inputs, decision, tiers)
        };
        let compiled =
            Compiled::in_zone(scheme, "UTC").map_err(|error| placed(error, "$.decision.rules[", place))?;
        Ok(compiled.scheme)
    }

    fn condition(&self, row: &Row) -> Condition {
        let cells = self.columns.iter().zip(&row.cells);
        let mut parts: Vec<Condition> =
            cells.filter_map(|(column, cell)| unary::condition(cell, &column.input)).collect();
        match (parts.len(), parts.pop()) {
            (1, Some(only)) => only,
            (_, Some(last)) => {
                parts.push(last);
                Condition { all: Some(parts), ..Condition::default() }
            }
            (_, None) => self.always(),
        }
    }

    /// What holds of everybody: an input is missing, or it is not.
    fn always(&self) -> Condition {
        let input = self.columns.first().map(|column| column.input.clone());
        let test = |missing: bool| Condition {
            input: input.clone(),
            is_missing: Some(missing),
            ..Condition::default()
        };
        Condition { any: Some(vec![test(true), test(false)]), ..Condition::default() }
    }
}

/// A tier that has nothing but its code.
pub(super) fn bare_tier(code: &str) -> Tier {
    Tier { code: code.to_owned(), ..Tier::default() }
}

/// What is wrong with a part of the document, with the place where that was written: `list` is what stands before its number.
pub(super) fn placed(error: Error, list: &str, place: impl Fn(usize) -> String) -> Error {
    let number = error.detail.as_deref().and_then(|detail| {
        let after = detail.split(list).nth(1)?;
        after.split(']').next()?.parse().ok()
    });
    match (number, &error.detail) {
        (Some(number), Some(detail)) => {
            Error { detail: Some(format!("{detail} That is {}.", place(number))), ..error }
        }
        _ => error,
    }
}

/// A scheme as a table: the cells of each row in the order of the inputs, and the tier.
pub(super) fn of_scheme(scheme: &Compiled) -> Result<Table> {
    scheme.ensure_fitted()?;
    let document = &scheme.scheme;
    let code = |tier: u16| document.tiers[usize::from(tier)].code.clone();
    let mut rows = Vec::new();
    let (mut hit_policy, mut otherwise) = (HitPolicy::Unique, None);
    match &scheme.decision {
        Plan::Rules { hit_policy: policy, rules, otherwise: other } => {
            hit_policy = *policy;
            otherwise = other.map(code);
            let written = document.decision.rules.as_deref().unwrap_or_default();
            for (number, ((node, tier), rule)) in rules.iter().zip(written).enumerate() {
                let path = format!("$.decision.rules[{number}].when");
                let found = Rows::of(scheme, node, &path)?;
                let cells = found.cells();
                if hit_policy == HitPolicy::Unique && !found.are_apart() {
                    return Err(several_rows(&path, cells.len()));
                }
                rows.extend(cells.into_iter().map(|cells| Row {
                    cells,
                    tier: code(*tier),
                    annotation: rule.annotation.clone(),
                }));
            }
        }
        Plan::Bands { characteristic, tiers } => {
            for (bin, tier) in (0..).zip(tiers) {
                push_bins(&mut rows, scheme, &[(*characteristic, bin)], code(*tier))?;
            }
        }
        Plan::Matrix { characteristics, widths, tiers } => {
            for (place, tier) in tiers.iter().enumerate() {
                let mut rest = place;
                let mut bins = Vec::new();
                for (characteristic, width) in characteristics.iter().zip(widths).rev() {
                    bins.push((*characteristic, (rest % width) as u16));
                    rest /= width;
                }
                bins.reverse();
                push_bins(&mut rows, scheme, &bins, code(*tier))?;
            }
        }
        Plan::Score { .. } => {
            return Err(Error::new(ErrorKind::NotSupported, "a score is no decision table")
                .detail(format!("Scheme {:?} decides by a sum of points.", scheme.name()))
                .hint("tiering.scheme_to_pmml() writes it as a scorecard."));
        }
    }
    if rows.is_empty() {
        return Err(Error::new(ErrorKind::NotSupported, "rules that match nobody are no decision table")
            .detail(format!("No rule of scheme {:?} can match.", scheme.name()))
            .hint("tiering.check_scheme() shows the rules that never apply."));
    }
    Ok(Table {
        name: document.scheme.clone(),
        title: document.title.clone(),
        purpose: document.purpose.clone(),
        columns: document.inputs.iter().map(column).collect(),
        hit_policy,
        rows,
        otherwise,
        tiers: document.tiers.iter().map(|tier| tier.code.clone()).collect(),
    })
}

fn column(input: &Input) -> Column {
    Column {
        input: input.name.clone(),
        title: input.title.clone(),
        kind: Some(input.kind),
        allowed: input.allowed.clone(),
        min: input.min,
        max: input.max,
    }
}

fn push_bins(rows: &mut Vec<Row>, scheme: &Compiled, bins: &[(usize, u16)], tier: String) -> Result<()> {
    let cells = Rows::of_bins(scheme, bins, "$.characteristics")?.cells();
    rows.extend(cells.into_iter().map(|cells| Row { cells, tier: tier.clone(), annotation: None }));
    Ok(())
}

fn several_rows(path: &str, rows: usize) -> Error {
    Error::new(ErrorKind::NotSupported, "rule that takes several rows of a decision table")
        .detail(format!(
            "At {path}: {rows} rows, which overlap, while hit policy \"unique\" lets only one match."
        ))
        .hint("Make several rules of it that do not overlap, or take hit policy \"any\".")
}
