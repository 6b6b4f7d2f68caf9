//! A file of DMN to a scheme.

use std::collections::HashMap;

use roxmltree::{Document, Node};

use crate::document::quoted;
use crate::document::text::Text;
use crate::error::{Error, ErrorKind, Result};
use crate::interchange::dmn::domain::{Domain, Types, constrain, domain};
use crate::interchange::dmn::text::{DMN, content, fault, feel_only, only, told, unsupported};
use crate::interchange::embedded::{self, Said};
use crate::interchange::table::{Column, Row, Table, identifier, scheme_name, spoken};
use crate::interchange::unary::{self, Cell, Literal, Problem};
use crate::interchange::xml::{self, child, children};
use crate::limits::{INPUTS, TIERS};
use crate::scheme::{HitPolicy, Scheme};

/// The namespaces of the versions that are read.
const NAMESPACES: [(&str, &str); 5] = [
    ("1.1", "http://www.omg.org/spec/DMN/20151101/dmn.xsd"),
    ("1.2", "http://www.omg.org/spec/DMN/20180521/MODEL/"),
    ("1.3", "https://www.omg.org/spec/DMN/20191111/MODEL/"),
    ("1.4", "https://www.omg.org/spec/DMN/20211108/MODEL/"),
    ("1.5", "https://www.omg.org/spec/DMN/20230324/MODEL/"),
];

/// Which table of a file is meant, and what the scheme is called.
#[derive(Debug, Clone, Copy, Default)]
pub struct Choice<'c> {
    /// The decision, by name or id.
    pub decision: Option<&'c str>,
    /// The output that is the tier, by name.
    pub output: Option<&'c str>,
    /// The name of the scheme; that of the decision, if none is given.
    pub name: Option<&'c str>,
}

/// What a file says.
pub(super) fn scheme(text: &str, choice: &Choice<'_>) -> Result<Said> {
    xml::read(DMN, text, |document| {
        let root = definitions(document)?;
        xml::check_ids(DMN, document)?;
        let decision = decision(root, choice.decision)?;
        let by_format = File::of(root).and_then(|file| {
            let (table, nodes) = file.table(decision, choice)?;
            // To count lines takes a look at all of the file: only where something is wrong.
            let place = |row: usize| match nodes.get(row) {
                Some(node) => format!("line {}", xml::line(*node)),
                None => format!("rule {}", row + 1),
            };
            table.into_scheme("DMN file", place)
        });
        Ok(Said { by_format, beside: inside(root)? })
    })
}

fn definitions<'a, 'i>(document: &'a Document<'i>) -> Result<Node<'a, 'i>> {
    let root = document.root_element();
    let space = root.tag_name().namespace().unwrap_or_default();
    if root.tag_name().name() == "definitions" && NAMESPACES.iter().any(|(_, known)| *known == space) {
        return Ok(root);
    }
    let versions = NAMESPACES.map(|(version, known)| format!("{version}: {known}")).join(", ");
    Err(unsupported(
        root,
        format!("found namespace {}, expected <definitions> of a DMN namespace.", quoted(space)),
    )
    .hint(format!("Save the file as a version of DMN that is read: {versions}.")))
}

/// The scheme that our own export wrote beside the table.
fn inside(root: Node<'_, '_>) -> Result<Option<Scheme>> {
    let ours = |node: &Node<'_, '_>| {
        node.tag_name().name() == "scheme" && node.tag_name().namespace() == Some(embedded::NAMESPACE)
    };
    let Some(node) = child(root, "extensionElements").and_then(|inside| inside.children().find(ours)) else {
        return Ok(None);
    };
    Scheme::parse(&xml::text(node)).map(Some).map_err(|error| {
        let detail = error.detail.unwrap_or(error.message);
        fault(node, format!("the scheme inside is invalid. {detail}"))
            .hint("Remove this element to go by the table alone.")
    })
}

/// The decision that is meant: it has a decision table.
fn decision<'a, 'i>(root: Node<'a, 'i>, wanted: Option<&str>) -> Result<Node<'a, 'i>> {
    let decisions: Vec<Node<'a, 'i>> =
        children(root).filter(|node| node.tag_name().name() == "decision").collect();
    let name = |node: &Node<'a, 'i>| node.attribute("name").unwrap_or_default();
    let has_table = |node: &Node<'a, 'i>| child(*node, "decisionTable").is_some();
    let tables: Vec<String> =
        decisions.iter().filter(|node| has_table(node)).map(|node| quoted(name(node))).collect();
    if let Some(wanted) = wanted {
        let by_name =
            decisions.iter().find(|node| name(node) == wanted || node.attribute("id") == Some(wanted));
        return match by_name {
            Some(node) if has_table(node) => Ok(*node),
            Some(node) => {
                Err(unsupported(*node, format!("decision {} has no <decisionTable>.", quoted(wanted))).hint(
                    if tables.is_empty() {
                        "Only decision tables are read.".to_owned()
                    } else {
                        format!("Decisions that have one: {}.", tables.join(", "))
                    },
                ))
            }
            None => Err(Error::new(
                ErrorKind::UndefinedObject,
                format!("DMN file has no decision {}", quoted(wanted)),
            )
            .hint(format!("Decisions that have a table: {}.", tables.join(", ")))),
        };
    }
    let mut with_table = decisions.iter().filter(|node| has_table(node));
    match (with_table.next(), with_table.next()) {
        (Some(only), None) => Ok(*only),
        (Some(_), Some(second)) => Err(fault(
            *second,
            format!("the file has {} decisions that have a table: {}.", tables.len(), tables.join(", ")),
        )
        .hint(format!("Say which: decision => {}.", tables[0].replace('"', "'")))),
        (None, _) => {
            let at = decisions.first().copied().unwrap_or(root);
            Err(unsupported(at, "there is no <decisionTable>.").hint("Only decision tables are read."))
        }
    }
}

/// What the file says beside its tables.
struct File<'a, 'i> {
    /// Types by name.
    types: Types<'a, 'i>,
    /// Variables of input data and decisions, by name.
    variables: HashMap<&'a str, Option<Node<'a, 'i>>>,
}

impl<'a, 'i> File<'a, 'i> {
    fn of(root: Node<'a, 'i>) -> Result<Self> {
        let (mut types, mut variables) = (HashMap::new(), HashMap::new());
        if let Some(language) = root.attribute("expressionLanguage") {
            feel_only(root, language)?;
        }
        for node in children(root) {
            let Some(name) = node.attribute("name") else { continue };
            match node.tag_name().name() {
                "itemDefinition" if types.insert(name, node).is_some() => {
                    return Err(fault(node, format!("a second type {}.", quoted(name)))
                        .hint("Give each type a name of its own."));
                }
                "inputData" | "decision" => {
                    variables.insert(name, child(node, "variable"));
                }
                _ => {}
            }
        }
        Ok(File { types, variables })
    }

    /// The table of a decision, and the element of each of its rows.
    fn table(&self, decision: Node<'a, 'i>, choice: &Choice<'_>) -> Result<(Table, Vec<Node<'a, 'i>>)> {
        let Some(node) = child(decision, "decisionTable") else { return Err(fault(decision, "no table.")) };
        only(node, &["input", "output", "annotation", "rule", "extensionElements", "description"])?;
        let policy = hit_policy(node)?;
        let named =
            |name: &'static str| children(node).filter(move |inside| inside.tag_name().name() == name);
        let columns = named("input").map(|input| self.column(input)).collect::<Result<Vec<Column>>>()?;
        if columns.len() > INPUTS {
            return Err(fault(node, format!("{} <input>, expected at most {INPUTS}.", columns.len())));
        }
        if columns.is_empty() {
            return Err(
                fault(node, "the table has no <input>.").hint("A tier follows from at least one input.")
            );
        }
        let outputs = named("output").map(Output::of).collect::<Result<Vec<Output<'_, '_>>>>()?;
        let chosen = chosen(node, &outputs, choice.output)?;
        let annotations: Vec<&str> =
            named("annotation").map(|note| note.attribute("name").unwrap_or_default()).collect();
        let mut rules = named("rule")
            .map(|rule| self.rule(rule, &columns, &outputs, &annotations))
            .collect::<Result<Vec<Rule<'_, '_>>>>()?;
        if policy == HitPolicy::Priority {
            if outputs.iter().all(|output| output.values.is_empty()) {
                return Err(fault(
                    node,
                    "hit policy PRIORITY without <outputValues>, whose order is the priority.",
                )
                .hint("List the tiers in <outputValues>, the best first."));
            }
            for rule in &mut rules {
                rule.rank =
                    outputs.iter().zip(&rule.outputs).map(|(output, value)| output.rank(value)).collect();
            }
        }
        let hit_policy = if policy == HitPolicy::Priority && outputs.len() > 1 {
            // The outputs before it come first in the order.
            rules.sort_by(|one, other| one.rank.cmp(&other.rank));
            HitPolicy::First
        } else {
            policy
        };
        let output = &outputs[chosen];
        let name = decision.attribute("name").unwrap_or_default();
        let described = child(decision, "description").map(xml::text);
        let nodes = rules.iter().map(|rule| rule.node).collect();
        let table = Table {
            name: choice.name.map_or_else(|| scheme_name(name), str::to_owned),
            title: spoken(decision.attribute("label").unwrap_or(name)),
            purpose: described.and_then(|text| spoken(&text)),
            columns,
            hit_policy,
            rows: rules.into_iter().map(|rule| rule.into_row(chosen)).collect(),
            otherwise: output.default.clone(),
            tiers: output.values.clone(),
        };
        Ok((table, nodes))
    }

    fn column(&self, node: Node<'a, 'i>) -> Result<Column> {
        only(node, &["inputExpression", "inputValues", "extensionElements", "description"])?;
        let Some(expression) = child(node, "inputExpression") else {
            return Err(
                fault(node, "no <inputExpression>.").hint("Name the input in <inputExpression><text>.")
            );
        };
        let written = content(expression)?;
        let input = self.name(expression, &written)?;
        let variable = self.variables.get(written.as_str()).copied().flatten();
        let type_of = |node: Node<'a, 'i>| node.attribute("typeRef").map(|named| (node, named));
        let mut found = match type_of(expression).or_else(|| variable.and_then(type_of)) {
            Some((node, named)) => domain(&self.types, node, named, 0)?,
            None => Domain::default(),
        };
        if let Some(values) = child(node, "inputValues") {
            constrain(&mut found, values)?;
        }
        let label = node.attribute("label").filter(|label| *label != input).map(str::to_owned);
        let title = label.or_else(|| (written != input).then(|| written.clone()));
        Ok(Column {
            title: title.and_then(|title| spoken(&title)),
            input,
            kind: found.kind,
            allowed: found.allowed,
            min: found.min,
            max: found.max,
        })
    }

    /// The name of an input: that of input data, or one word or a path of words.
    fn name(&self, node: Node<'a, 'i>, written: &str) -> Result<String> {
        let is_word = |word: &str| {
            word.starts_with(|c: char| c.is_alphabetic() || c == '_')
                && word.chars().all(|c| c.is_alphanumeric() || c == '_')
        };
        if self.variables.contains_key(written) || written.split('.').all(|word| is_word(word.trim())) {
            return Ok(identifier(written));
        }
        Err(unsupported(node, format!("found {}, expected the name of an input.", quoted(written)))
            .hint("Compute the value where the input comes from, and name it here."))
    }

    fn rule(
        &self,
        node: Node<'a, 'i>,
        columns: &[Column],
        outputs: &[Output<'a, 'i>],
        annotations: &[&str],
    ) -> Result<Rule<'a, 'i>> {
        only(node, &["inputEntry", "outputEntry", "annotationEntry", "extensionElements", "description"])?;
        let entries =
            |name: &'static str| children(node).filter(move |entry| entry.tag_name().name() == name);
        let cells = entries("inputEntry")
            .map(|entry| unary::read(&content(entry)?).map_err(|problem| told(entry, problem)))
            .collect::<Result<Vec<Cell>>>()?;
        let values = entries("outputEntry").map(constant).collect::<Result<Vec<String>>>()?;
        for (found, expected, what) in
            [(cells.len(), columns.len(), "input"), (values.len(), outputs.len(), "output")]
        {
            if found != expected {
                return Err(fault(
                    node,
                    format!("{found} <{what}Entry>, expected {expected}, one of each <{what}>."),
                )
                .hint("Where any value will do, write an entry with -."));
            }
        }
        if let Some((entry, (value, output))) = entries("outputEntry")
            .zip(values.iter().zip(outputs))
            .find(|(_, (value, output))| !output.values.is_empty() && !output.values.contains(value))
        {
            let known: Vec<String> = output.values.iter().map(|value| quoted(value)).collect();
            return Err(fault(
                entry,
                format!("{} is not among <outputValues>: {}.", quoted(value), known.join(", ")),
            )
            .hint("Add it to <outputValues>, in its order."));
        }
        let notes: Vec<String> = entries("annotationEntry").map(xml::text).collect();
        let described = child(node, "description").map(xml::text);
        Ok(Rule {
            cells,
            outputs: values,
            rank: Vec::new(),
            annotation: annotation(annotations, &notes, described.as_deref()),
            node,
        })
    }
}

struct Rule<'a, 'i> {
    cells: Vec<Cell>,
    outputs: Vec<String>,
    /// By output, its place in the order of priority.
    rank: Vec<usize>,
    annotation: Option<Text>,
    node: Node<'a, 'i>,
}

impl Rule<'_, '_> {
    fn into_row(mut self, output: usize) -> Row {
        Row { cells: self.cells, tier: self.outputs.swap_remove(output), annotation: self.annotation }
    }
}

struct Output<'a, 'i> {
    node: Node<'a, 'i>,
    name: &'a str,
    values: Vec<String>,
    default: Option<String>,
}

impl<'a, 'i> Output<'a, 'i> {
    fn of(node: Node<'a, 'i>) -> Result<Self> {
        only(node, &["outputValues", "defaultOutputEntry", "extensionElements", "description"])?;
        let values = match child(node, "outputValues") {
            Some(values) => {
                let literals = unary::read_literals(&content(values)?);
                literals.map_err(|problem| told(values, problem))?.iter().map(code).collect()
            }
            None => Vec::<String>::new(),
        };
        if values.len() > TIERS {
            return Err(fault(node, format!("{} values, expected at most {TIERS} tiers.", values.len())));
        }
        let default = child(node, "defaultOutputEntry").map(constant).transpose()?;
        let name = node.attribute("name").or(node.attribute("label")).unwrap_or_default();
        Ok(Output { node, name, values, default })
    }

    /// The place of a value in the order of priority; all are alike where there is none.
    fn rank(&self, value: &str) -> usize {
        self.values.iter().position(|known| known == value).unwrap_or(0)
    }
}

/// The place of the output that is the tier.
fn chosen(node: Node<'_, '_>, outputs: &[Output<'_, '_>], wanted: Option<&str>) -> Result<usize> {
    let names: Vec<String> = outputs.iter().map(|output| quoted(output.name)).collect();
    match (wanted, outputs) {
        (_, []) => Err(fault(node, "the table has no <output>.").hint("The output is the tier.")),
        (None, [_]) => Ok(0),
        (None, [_, second, ..]) => {
            Err(fault(second.node, format!("the table has several outputs: {}.", names.join(", ")))
                .hint(format!("Say which is the tier: output => {}.", names[0].replace('"', "'"))))
        }
        (Some(wanted), outputs) => outputs.iter().position(|output| output.name == wanted).ok_or_else(|| {
            let message = format!("the decision table has no output {}", quoted(wanted));
            Error::new(ErrorKind::UndefinedObject, message)
                .hint(format!("Its outputs: {}.", names.join(", ")))
        }),
    }
}

fn hit_policy(node: Node<'_, '_>) -> Result<HitPolicy> {
    match node.attribute("hitPolicy").unwrap_or("UNIQUE") {
        "UNIQUE" => Ok(HitPolicy::Unique),
        "FIRST" => Ok(HitPolicy::First),
        "PRIORITY" => Ok(HitPolicy::Priority),
        "ANY" => Ok(HitPolicy::Any),
        other @ ("COLLECT" | "RULE ORDER" | "OUTPUT ORDER") => Err(unsupported(
            node,
            format!("hit policy {other} gives several results, a customer has one tier."),
        )
        .hint("Take UNIQUE, FIRST, PRIORITY or ANY.")),
        other => Err(fault(node, format!("unknown hit policy {}.", quoted(other)))
            .hint("Take UNIQUE, FIRST, PRIORITY or ANY.")),
    }
}

/// A constant as a tier.
fn code(literal: &Literal) -> String {
    match literal {
        Literal::Text(text) => text.clone(),
        Literal::Date(date) => date.to_string(),
        Literal::Number(_) | Literal::Boolean(_) => literal.to_string(),
    }
}

fn constant(node: Node<'_, '_>) -> Result<String> {
    let written = content(node)?;
    unary::read_literal(&written).map(|literal| code(&literal)).map_err(|problem| {
        match problem {
            Problem::Wrong(sentence) => fault(node, format!("{sentence}.")),
            Problem::Beyond(sentence) => unsupported(node, format!("{sentence}.")),
        }
        .hint("The output of a rule is a constant, such as \"gold\": the tier.")
    })
}

/// Why a rule is there: by language where the columns say so, else all that is said.
fn annotation(names: &[&str], notes: &[String], described: Option<&str>) -> Option<Text> {
    let note = |wanted: &str| {
        let at = names.iter().position(|name| *name == wanted)?;
        notes.get(at).filter(|note| !note.is_empty()).cloned()
    };
    if let Ok(text) = Text::new(note("en"), note("zh")) {
        return Some(text);
    }
    let all: Vec<&str> =
        notes.iter().map(String::as_str).chain(described).filter(|note| !note.is_empty()).collect();
    spoken(&all.join("; "))
}
