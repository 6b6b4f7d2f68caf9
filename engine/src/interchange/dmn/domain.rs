//! The types of a file of DMN: which values an input may have.

use std::collections::HashMap;

use roxmltree::Node;

use crate::document::quoted;
use crate::error::Result;
use crate::interchange::dmn::text::{content, fault, told, unsupported};
use crate::interchange::unary::{self, Cell, Literal, Test};
use crate::interchange::xml::{self, child};
use crate::number::{Number, Scalar};
use crate::scheme::InputType;

/// The item definitions of a file, by name.
pub(super) type Types<'a, 'i> = HashMap<&'a str, Node<'a, 'i>>;

/// What a column may hold.
#[derive(Default)]
pub(super) struct Domain {
    pub kind: Option<InputType>,
    pub allowed: Vec<Scalar>,
    pub min: Option<Number>,
    pub max: Option<Number>,
}

/// The type that a name stands for.
pub(super) fn domain(types: &Types<'_, '_>, node: Node<'_, '_>, named: &str, depth: usize) -> Result<Domain> {
    let plain = |kind: InputType| Ok(Domain { kind: Some(kind), ..Domain::default() });
    let name = named.trim();
    let name = match name.split_once(':') {
        Some((_, local)) if !types.contains_key(name) => local,
        _ => name,
    };
    if let Some(definition) = types.get(name) {
        if depth > 20 {
            return Err(fault(*definition, "the type is made of itself."));
        }
        let structured = child(*definition, "itemComponent").is_some()
            || definition.attribute("isCollection") == Some("true");
        if structured {
            return Err(unsupported(*definition, format!("type {} is no single value.", quoted(name))));
        }
        let Some(base) = child(*definition, "typeRef") else { return Ok(Domain::default()) };
        let mut found = domain(types, base, &xml::text(base), depth + 1)?;
        if let Some(values) = child(*definition, "allowedValues") {
            constrain(&mut found, values)?;
        }
        return Ok(found);
    }
    match name {
        // Editors of Camunda write their own words for numbers.
        "number" | "double" => plain(InputType::Number),
        "integer" | "long" => plain(InputType::Integer),
        "string" => plain(InputType::Text),
        "boolean" => plain(InputType::Boolean),
        "date" => plain(InputType::Date),
        "Any" => Ok(Domain::default()),
        "time"
        | "dateTime"
        | "date and time"
        | "dayTimeDuration"
        | "yearMonthDuration"
        | "days and time duration"
        | "years and months duration"
        | "context"
        | "list"
        | "function" => {
            Err(unsupported(node, format!("type {} has no counterpart in a scheme.", quoted(name)))
                .hint("Inputs are of type number, string, boolean or date."))
        }
        _ => Err(fault(node, format!("unknown typeRef {}.", quoted(named)))
            .hint("Name number, string, boolean, date, or an <itemDefinition> of the file.")),
    }
}

/// What values a column may have.
pub(super) fn constrain(domain: &mut Domain, node: Node<'_, '_>) -> Result<()> {
    let cell = unary::read(&content(node)?).map_err(|problem| told(node, problem))?;
    let beyond = || {
        unsupported(node, "it is neither a list of values nor a closed interval of numbers.")
            .hint("Write \"a\", \"b\" or [0..100].")
    };
    let tests = match &cell {
        Cell::Any => return Ok(()),
        Cell::OneOf(tests) => tests,
        Cell::NoneOf(_) => return Err(beyond()),
    };
    let number = |literal: &Literal| match literal {
        Literal::Number(number) => Ok(*number),
        Literal::Text(_) | Literal::Boolean(_) | Literal::Date(_) => Err(beyond()),
    };
    if let [Test::Within(low, high)] = &tests[..] {
        for (end, bound) in [(low, &mut domain.min), (high, &mut domain.max)] {
            match end {
                None => {}
                Some((literal, true)) => *bound = Some(number(literal)?),
                Some((_, false)) => return Err(beyond()),
            }
        }
        return Ok(());
    }
    let mut allowed = Vec::new();
    for test in tests {
        match test {
            // Both are always allowed.
            Test::Is(Literal::Boolean(_)) => {}
            Test::Is(literal @ (Literal::Text(_) | Literal::Number(_))) => allowed.push(literal.scalar()),
            Test::Is(Literal::Date(_)) | Test::Within(..) | Test::Missing => return Err(beyond()),
        }
    }
    domain.allowed = allowed;
    Ok(())
}
