//! The fields of a file of PMML: what they are, and what becomes of missing and invalid values.

use std::collections::HashMap;

use roxmltree::Node;

use crate::document::quoted;
use crate::error::Result;
use crate::interchange::pmml::predicate::{attribute, fault, number, unsupported};
use crate::interchange::table::{identifier, spoken};
use crate::interchange::xml::{child, children};
use crate::limits::ALLOWED_VALUES;
use crate::number::{Number, Scalar};
use crate::scheme::{Input, InputType, Missing};

/// An active field.
pub(super) struct Field {
    pub name: String,
    pub kind: InputType,
    label: Option<String>,
    /// The valid values, if the file lists them.
    pub values: Vec<Scalar>,
    /// What other values are: as missing, or refused.
    pub invalid_is_missing: bool,
    min: Option<Number>,
    max: Option<Number>,
    replacement: Option<Scalar>,
    refuses_missing: bool,
    /// Whether each characteristic of it has an attribute for missing values.
    asked: Option<bool>,
}

impl Field {
    /// That a characteristic reads it, which has an attribute for missing values or not.
    pub fn asks(&mut self, missing: bool) {
        self.asked = Some(self.asked.unwrap_or(true) && missing);
    }

    /// As an input. A missing value that one characteristic does not take leaves the model without a result.
    pub fn input(&self) -> Input {
        let missing = match (&self.replacement, self.refuses_missing, self.asked) {
            (Some(value), ..) => Missing::Default(value.clone()),
            (None, true, _) => Missing::Error,
            (None, false, Some(false)) => Missing::Ungraded,
            (None, false, Some(true) | None) => Missing::Null,
        };
        let name = identifier(&self.name);
        let label = self.label.clone().or_else(|| (name != self.name).then(|| self.name.clone()));
        Input {
            title: label.and_then(|label| spoken(&label)),
            name,
            kind: self.kind,
            description: None,
            unit: None,
            synonyms: Vec::new(),
            min: self.min,
            max: self.max,
            allowed: if self.invalid_is_missing { Vec::new() } else { self.values.clone() },
            value_titles: Default::default(),
            missing,
        }
    }
}

/// The active fields, in the order of the mining schema.
pub(super) fn fields(root: Node<'_, '_>, card: Node<'_, '_>) -> Result<Vec<Field>> {
    let dictionary = child(root, "DataDictionary").ok_or_else(|| fault(root, "no <DataDictionary>."))?;
    let mut declared = HashMap::new();
    for node in children(dictionary).filter(|node| node.tag_name().name() == "DataField") {
        let name = attribute(node, "name")?;
        if declared.insert(name, node).is_some() {
            return Err(fault(node, format!("a second field {}.", quoted(name)))
                .hint("Give each field a name of its own."));
        }
    }
    let schema = child(card, "MiningSchema").ok_or_else(|| fault(card, "no <MiningSchema>."))?;
    let mut fields = Vec::new();
    for node in children(schema).filter(|node| node.tag_name().name() == "MiningField") {
        if !matches!(node.attribute("usageType").unwrap_or("active"), "active") {
            continue;
        }
        let name = attribute(node, "name")?;
        let Some(data) = declared.get(name) else {
            return Err(fault(node, format!("field {} is not in the <DataDictionary>.", quoted(name))));
        };
        fields.push(field(name, *data, node)?);
    }
    Ok(fields)
}

fn field(name: &str, data: Node<'_, '_>, mining: Node<'_, '_>) -> Result<Field> {
    let kind = match attribute(data, "dataType")? {
        "string" => InputType::Text,
        "integer" => InputType::Integer,
        "float" | "double" => InputType::Number,
        "boolean" => InputType::Boolean,
        "date" => InputType::Date,
        other => {
            return Err(unsupported(
                data,
                format!("dataType {} has no counterpart in a scheme.", quoted(other)),
            )
            .hint("Fields are of dataType string, integer, float, double, boolean or date."));
        }
    };
    if let Some(treatment) = mining.attribute("outliers").filter(|treatment| *treatment != "asIs") {
        return Err(unsupported(
            mining,
            format!("outliers are {}, while a scheme takes numbers as they are.", quoted(treatment)),
        )
        .hint("Compute the value where the input comes from."));
    }
    let treatment = mining.attribute("invalidValueTreatment").unwrap_or("returnInvalid");
    let mut values = Vec::new();
    for node in children(data).filter(|node| node.tag_name().name() == "Value") {
        if node.attribute("property").unwrap_or("valid") == "valid" {
            if values.len() == ALLOWED_VALUES {
                return Err(fault(data, format!("more than {ALLOWED_VALUES} values.")));
            }
            values.push(scalar(node, kind, attribute(node, "value")?)?);
        } else {
            return Err(unsupported(node, "it stands for a missing or an invalid value.")
                .hint("Turn such values into NULL where the input comes from."));
        }
    }
    match treatment {
        "returnInvalid" | "asMissing" => {}
        "asIs" => values.clear(),
        other => {
            return Err(unsupported(mining, format!("invalidValueTreatment {} is not read.", quoted(other))));
        }
    }
    if kind.is_truth() || kind.is_date() {
        values.clear();
    }
    let invalid_is_missing = treatment == "asMissing" && !values.is_empty();
    if invalid_is_missing && !kind.is_text() {
        return Err(unsupported(mining, "numbers that are not listed count as missing.")
            .hint("Turn such values into NULL where the input comes from, and write invalidValueTreatment=\"asIs\"."));
    }
    let (mut min, mut max) = (None, None);
    let mut intervals = children(data).filter(|node| node.tag_name().name() == "Interval");
    if let (Some(interval), None, true) = (intervals.next(), intervals.next(), kind.is_numeric()) {
        let margin = |name: &str| interval.attribute(name).and_then(|text| text.trim().parse().ok());
        (min, max) = (margin("leftMargin"), margin("rightMargin"));
    }
    let replacement = mining.attribute("missingValueReplacement");
    Ok(Field {
        name: name.to_owned(),
        kind,
        label: data.attribute("displayName").filter(|label| *label != name).map(str::to_owned),
        values,
        invalid_is_missing,
        min,
        max,
        replacement: replacement.map(|text| scalar(mining, kind, text)).transpose()?,
        refuses_missing: mining.attribute("missingValueTreatment") == Some("returnInvalid"),
        asked: None,
    })
}

/// A value of a field.
fn scalar(node: Node<'_, '_>, kind: InputType, text: &str) -> Result<Scalar> {
    let wrong = || fault(node, format!("found {}, expected a value of type {}.", quoted(text), kind.name()));
    Ok(match kind {
        InputType::Number | InputType::Integer => Scalar::Number(number(node, text)?),
        InputType::Boolean => Scalar::Boolean(match text.trim() {
            "true" | "1" => true,
            "false" | "0" => false,
            _ => return Err(wrong()),
        }),
        InputType::Text | InputType::Date => Scalar::Text(text.to_owned()),
    })
}

/// The one field that the predicates of a characteristic read.
pub(super) fn of_predicates<'f>(node: Node<'_, '_>, fields: &'f mut [Field]) -> Result<&'f mut Field> {
    let mut read = node.descendants().filter_map(|part| Some((part, part.attribute("field")?)));
    let Some((first, name)) = read.next() else {
        return Err(unsupported(node, "its predicates read no field."));
    };
    if let Some((other, second)) = read.find(|(_, other)| *other != name) {
        return Err(unsupported(other, format!("it reads {} beside {}.", quoted(second), quoted(name)))
            .hint("A characteristic is over one field."));
    }
    let known = fields.iter_mut().find(|field| field.name == name);
    known.ok_or_else(|| {
        unsupported(first, format!("{} is no active field of the <DataDictionary>.", quoted(name)))
            .hint("A characteristic reads an input as it is, no derived field.")
    })
}
