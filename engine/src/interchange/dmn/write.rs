//! A scheme to a file of DMN.

use crate::document::text::Lang;
use crate::error::Result;
use crate::grade::plan::Compiled;
use crate::interchange::embedded::{self, OURS};
use crate::interchange::table::{self, Column};
use crate::interchange::unary::Literal;
use crate::interchange::xml::Writer;
use crate::number::Scalar;
use crate::scheme::{HitPolicy, InputType};

/// The namespace of DMN 1.3, which most tools read.
const NAMESPACE: &str = "https://www.omg.org/spec/DMN/20191111/MODEL/";

pub(super) fn file(scheme: &Compiled, embed: bool) -> Result<String> {
    let table = table::of_scheme(scheme)?;
    let name = scheme.name();
    let mut xml = Writer::new();
    xml.open(
        "definitions",
        &[
            ("xmlns", NAMESPACE),
            ("id", &format!("definitions_{name}")),
            ("name", name),
            ("namespace", embedded::NAMESPACE),
            ("exporter", OURS),
        ],
    )?;
    if embed {
        xml.open("extensionElements", &[])?;
        xml.leaf("ours:scheme", &[("xmlns:ours", embedded::NAMESPACE)], &scheme.scheme.canonical())?;
        xml.close();
    }
    for (number, column) in (1..).zip(&table.columns) {
        xml.open("inputData", &[("id", &format!("data_{number}")), ("name", &column.input)])?;
        let id = format!("data_{number}_variable");
        xml.empty("variable", &[("id", &id), ("name", &column.input), ("typeRef", type_ref(column))])?;
        xml.close();
    }
    let title = table.title.as_ref().map_or(name, |title| title.get(Lang::En));
    xml.open("decision", &[("id", "decision"), ("name", name), ("label", title)])?;
    if let Some(purpose) = &table.purpose {
        xml.leaf("description", &[], purpose.get(Lang::En))?;
    }
    xml.empty("variable", &[("id", "decision_variable"), ("name", name), ("typeRef", "string")])?;
    for number in 1..=table.columns.len() {
        xml.open("informationRequirement", &[("id", &format!("requirement_{number}"))])?;
        xml.empty("requiredInput", &[("href", &format!("#data_{number}"))])?;
        xml.close();
    }
    let policy = match table.hit_policy {
        HitPolicy::First => "FIRST",
        HitPolicy::Unique => "UNIQUE",
        HitPolicy::Any => "ANY",
        HitPolicy::Priority => "PRIORITY",
    };
    xml.open("decisionTable", &[("id", "table"), ("hitPolicy", policy), ("outputLabel", title)])?;
    for (number, column) in (1..).zip(&table.columns) {
        input(&mut xml, number, column)?;
    }
    xml.open("output", &[("id", "output"), ("name", "tier"), ("typeRef", "string")])?;
    let tiers: Vec<String> = table.tiers.iter().map(|tier| Literal::Text(tier.clone()).to_string()).collect();
    text(&mut xml, "outputValues", &[("id", "output_values")], &tiers.join(", "))?;
    if let Some(tier) = &table.otherwise {
        let tier = Literal::Text(tier.clone()).to_string();
        text(&mut xml, "defaultOutputEntry", &[("id", "output_default")], &tier)?;
    }
    xml.close();
    let annotated = table.rows.iter().any(|row| row.annotation.is_some());
    if annotated {
        xml.empty("annotation", &[("name", "en")])?;
        xml.empty("annotation", &[("name", "zh")])?;
    }
    for (number, row) in (1..).zip(&table.rows) {
        xml.open("rule", &[("id", &format!("rule_{number}"))])?;
        for (column, cell) in (1..).zip(&row.cells) {
            text(&mut xml, "inputEntry", &[("id", &format!("rule_{number}_{column}"))], &cell.to_string())?;
        }
        let tier = Literal::Text(row.tier.clone()).to_string();
        text(&mut xml, "outputEntry", &[("id", &format!("rule_{number}_tier"))], &tier)?;
        if annotated {
            for lang in [Lang::En, Lang::Zh] {
                let note = row.annotation.as_ref().and_then(|note| note.exact(lang)).unwrap_or_default();
                text(&mut xml, "annotationEntry", &[], note)?;
            }
        }
        xml.close();
    }
    Ok(xml.end())
}

fn text(xml: &mut Writer, name: &'static str, attributes: &[(&str, &str)], content: &str) -> Result<()> {
    xml.open(name, attributes)?;
    xml.leaf("text", &[], content)?;
    xml.close();
    Ok(())
}

fn type_ref(column: &Column) -> &'static str {
    match column.kind {
        Some(InputType::Number | InputType::Integer) => "number",
        Some(InputType::Boolean) => "boolean",
        Some(InputType::Date) => "date",
        Some(InputType::Text) | None => "string",
    }
}

fn input(xml: &mut Writer, number: usize, column: &Column) -> Result<()> {
    let label = column.title.as_ref().map_or(column.input.as_str(), |title| title.get(Lang::En));
    xml.open("input", &[("id", &format!("input_{number}")), ("label", label)])?;
    let id = format!("input_{number}_expression");
    text(xml, "inputExpression", &[("id", &id), ("typeRef", type_ref(column))], &column.input)?;
    let id = format!("input_{number}_values");
    let allowed: Vec<String> = column
        .allowed
        .iter()
        .map(|value| match value {
            Scalar::Number(number) => Literal::Number(*number).to_string(),
            Scalar::Text(text) => Literal::Text(text.clone()).to_string(),
            Scalar::Boolean(value) => Literal::Boolean(*value).to_string(),
        })
        .collect();
    let values = match (&allowed[..], column.min, column.max) {
        ([], Some(min), Some(max)) => format!("[{min}..{max}]"),
        ([], Some(min), None) => format!(">= {min}"),
        ([], None, Some(max)) => format!("<= {max}"),
        (allowed, ..) => allowed.join(", "),
    };
    if !values.is_empty() {
        text(xml, "inputValues", &[("id", &id)], &values)?;
    }
    xml.close();
    Ok(())
}
