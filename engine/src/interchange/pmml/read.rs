//! A file of PMML to a scheme.

use std::collections::HashSet;

use roxmltree::{Document, Node};

use crate::document;
use crate::document::quoted;
use crate::error::{Error, ErrorKind, Result};
use crate::grade::plan::Compiled;
use crate::interchange::embedded::{OURS, Said};
use crate::interchange::pmml::predicate::{PMML, attribute, fault, number, predicates, unsupported};
use crate::interchange::table::{bare_tier, identifier, placed, scheme_name, spoken};
use crate::interchange::xml::{self, child, children};
use crate::limits::{BINS, INPUTS};
use crate::number::Number;
use crate::scheme::{Characteristic, Cut, Decision, Input, Method, Missing, Reasons, Scheme, Score, Tier};

use super::predicate::Subject;

mod bins;
mod field;

use bins::Bins;
use field::Field;

/// What a file leaves open.
#[derive(Debug, Clone, Copy, Default)]
pub struct Choice<'c> {
    /// The cuts of the score, as a scheme document has them, if the file has none: JSON.
    pub cuts: Option<&'c str>,
    /// The name of the scheme; that of the model, if none is given.
    pub name: Option<&'c str>,
}

/// The namespaces of the versions that are read: scorecards came with 4.1.
const NAMESPACES: [&str; 4] = [
    "http://www.dmg.org/PMML-4_1",
    "http://www.dmg.org/PMML-4_2",
    "http://www.dmg.org/PMML-4_3",
    "http://www.dmg.org/PMML-4_4",
];

/// What a file says.
pub(super) fn scheme(text: &str, choice: &Choice<'_>) -> Result<Said> {
    xml::read(PMML, text, |document| {
        let root = root(document)?;
        let card = scorecard(root)?;
        let beside = ours(root)?;
        Ok(Said { by_format: by_format(root, card, choice), beside })
    })
}

fn root<'a, 'i>(document: &'a Document<'i>) -> Result<Node<'a, 'i>> {
    let root = document.root_element();
    let space = root.tag_name().namespace().unwrap_or_default();
    if root.tag_name().name() == "PMML" && NAMESPACES.contains(&space) {
        return Ok(root);
    }
    Err(unsupported(
        root,
        format!("found namespace {}, expected <PMML> of versions 4.1 to 4.4.", quoted(space)),
    )
    .hint(format!("Save the file as a version that is read, such as {}.", NAMESPACES[3])))
}

fn scorecard<'a, 'i>(root: Node<'a, 'i>) -> Result<Node<'a, 'i>> {
    let models: Vec<Node<'a, 'i>> =
        children(root).filter(|node| child(*node, "MiningSchema").is_some()).collect();
    let model = match models[..] {
        [] => return Err(fault(root, "there is no <Scorecard>.").hint("Only scorecards are read.")),
        [only] => only,
        [_, second, ..] => {
            return Err(
                unsupported(second, "it is a second model.").hint("Leave one <Scorecard> in the file.")
            );
        }
    };
    if model.tag_name().name() != "Scorecard" {
        return Err(unsupported(model, "it is no scorecard.").hint("Only <Scorecard> is read."));
    }
    if model.attribute("isScorable") == Some("false") {
        return Err(unsupported(model, "isScorable is false: the model is not to be used."));
    }
    for (element, why) in [
        ("LocalTransformations", "derives fields, while a characteristic reads an input as it is"),
        ("Targets", "changes the score after it is summed up"),
    ] {
        if let Some(node) = child(model, element) {
            return Err(unsupported(node, format!("it {why}."))
                .hint("Compute the value where the input comes from, and leave the element out."));
        }
    }
    Ok(model)
}

/// The scheme that our own export wrote beside the scorecard.
fn ours(root: Node<'_, '_>) -> Result<Option<Scheme>> {
    let is_ours = |node: &Node<'_, '_>| {
        node.attribute("extender") == Some(OURS) && node.attribute("name") == Some("scheme")
    };
    let Some(node) = child(root, "Header").and_then(|header| children(header).find(is_ours)) else {
        return Ok(None);
    };
    Scheme::parse(&xml::text(node)).map(Some).map_err(|error| {
        let detail = error.detail.unwrap_or(error.message);
        fault(node, format!("the scheme inside is invalid. {detail}"))
            .hint("Remove this element to go by the scorecard alone.")
    })
}

fn by_format(root: Node<'_, '_>, card: Node<'_, '_>, choice: &Choice<'_>) -> Result<Scheme> {
    let mut fields = field::fields(root, card)?;
    if fields.len() > INPUTS {
        return Err(fault(card, format!("{} active fields, expected at most {INPUTS}.", fields.len())));
    }
    let explained = card.attribute("useReasonCodes") != Some("false");
    let mut characteristics = Vec::new();
    let mut nodes = Vec::new();
    let list = child(card, "Characteristics").ok_or_else(|| fault(card, "no <Characteristics>."))?;
    let mut names = HashSet::new();
    for node in children(list).filter(|node| node.tag_name().name() == "Characteristic") {
        let mut made = characteristic(node, &mut fields, explained.then_some(card))?;
        let base = made.name.clone();
        let mut number = 2;
        while !names.insert(made.name.clone()) {
            made.name = format!("{base}_{number}");
            number += 1;
        }
        characteristics.push(made);
        nodes.push(node);
    }
    let inputs: Vec<Input> = fields.iter().map(Field::input).collect();
    // Missing values that never get as far as the score have no bin.
    for characteristic in &mut characteristics {
        let passes = inputs.iter().any(|i| i.name == characteristic.input && i.missing == Missing::Null);
        characteristic.bins.retain(|bin| !bin.missing || passes);
    }
    let cuts = match choice.cuts {
        Some(cuts) => document::parse::<Vec<Cut>>("cuts", cuts)?,
        None => cuts(card)?,
    };
    let mut tiers: Vec<Tier> = Vec::new();
    for cut in &cuts {
        if tiers.iter().all(|tier| tier.code != cut.tier) {
            tiers.push(bare_tier(&cut.tier));
        }
    }
    let model = card.attribute("modelName").unwrap_or_default();
    let described = child(root, "Header").and_then(|header| header.attribute("description"));
    let initial = card.attribute("initialScore").map_or(Ok(Number::ZERO), |text| number(card, text))?;
    let reasons = match card.attribute("reasonCodeAlgorithm").unwrap_or("pointsBelow") {
        "pointsBelow" => Reasons::PointsBelow,
        "pointsAbove" => Reasons::PointsAbove,
        other => return Err(fault(card, format!("unknown reasonCodeAlgorithm {}.", quoted(other)))),
    };
    let name = choice.name.map_or_else(|| scheme_name(model), str::to_owned);
    let decision = Decision { cuts: Some(cuts), ..Decision::by(Method::Score) };
    let scheme = Scheme {
        title: described.and_then(spoken).or_else(|| spoken(model)),
        characteristics,
        score: Some(Score { initial, reasons: explained.then_some(reasons), ..Score::default() }),
        ..Scheme::bare(name, inputs, decision, tiers)
    };
    let place = |number: usize| match nodes.get(number) {
        Some(node) => format!("line {}", xml::line(*node)),
        None => format!("characteristic {}", number + 1),
    };
    let compiled =
        Compiled::in_zone(scheme, "UTC").map_err(|error| placed(error, "$.characteristics[", place))?;
    Ok(compiled.scheme)
}

/// `card` is the scorecard, if reason codes are used.
fn characteristic(
    node: Node<'_, '_>,
    fields: &mut [Field],
    card: Option<Node<'_, '_>>,
) -> Result<Characteristic> {
    let attributes: Vec<Node<'_, '_>> =
        children(node).filter(|inside| inside.tag_name().name() == "Attribute").collect();
    if attributes.is_empty() || attributes.len() > BINS {
        return Err(fault(node, format!("{} <Attribute>, expected 1 to {BINS}.", attributes.len())));
    }
    let field = field::of_predicates(node, fields)?;
    let mut subject = Subject::new(&field.name, field.kind);
    let mut bins = Bins::new(field, &mut subject, node)?;
    let mut reason = node.attribute("reasonCode");
    for attribute_node in attributes {
        if child(attribute_node, "ComplexPartialScore").is_some() {
            return Err(unsupported(attribute_node, "its points are computed (<ComplexPartialScore>).")
                .hint("Give each attribute a partialScore."));
        }
        if let (Some(of_attribute), Some(_)) = (attribute_node.attribute("reasonCode"), card)
            && *reason.get_or_insert(of_attribute) != of_attribute
        {
            return Err(unsupported(
                attribute_node,
                format!(
                    "reasonCode {} of an attribute, while a scheme has one for each characteristic.",
                    quoted(of_attribute)
                ),
            )
            .hint("Give the <Characteristic> its reasonCode, and leave those of its attributes out."));
        }
        let score = number(attribute_node, attribute(attribute_node, "partialScore")?)?;
        let predicate = predicates(attribute_node).next();
        let predicate = predicate.ok_or_else(|| fault(attribute_node, "no predicate."))?;
        let taken = subject.taken(predicate)?;
        bins.take(&subject, attribute_node, taken, score)?;
    }
    let (made, allowed) = bins.end(&subject, node)?;
    if !allowed.is_empty() {
        field.values = allowed;
    }
    field.asks(made.iter().any(|bin| bin.missing));
    let baseline = match card {
        None => None,
        Some(card) => {
            let found = node.attribute("baselineScore").or(card.attribute("baselineScore"));
            found.map(|text| number(node, text)).transpose()?
        }
    };
    let name = node.attribute("name").unwrap_or(&field.name);
    let made_name = identifier(name);
    let reason = reason.filter(|reason| card.is_some() && *reason != made_name);
    Ok(Characteristic {
        title: (name != made_name).then(|| spoken(name)).flatten(),
        name: made_name,
        input: identifier(&field.name),
        bins: made,
        fit: None,
        fitted: None,
        baseline,
        reason: reason.map(str::to_owned),
    })
}

/// The cuts of the score: an output field that is made discrete.
fn cuts(card: Node<'_, '_>) -> Result<Vec<Cut>> {
    let mut found = None;
    for node in child(card, "Output").into_iter().flat_map(children) {
        match node.attribute("feature").unwrap_or("predictedValue") {
            "predictedValue" | "reasonCode" => {}
            _ => match child(node, "Discretize") {
                Some(discretize) if found.is_none() => found = Some(discretize),
                _ => {
                    return Err(unsupported(
                        node,
                        "it is an output other than score, reason codes and one <Discretize>.",
                    )
                    .hint(NO_CUTS));
                }
            },
        }
    }
    let Some(node) = found else {
        return Err(Error::new(ErrorKind::InvalidValue, "scorecard without tiers")
            .detail("The file says what a customer scores, not which tier that is.")
            .hint(NO_CUTS));
    };
    // Descending: the lower end of each bin is the upper end of the next.
    let mut bins: Vec<(Option<Number>, Option<Number>, String)> = Vec::new();
    for bin in children(node).filter(|bin| bin.tag_name().name() == "DiscretizeBin") {
        let tier = attribute(bin, "binValue")?.to_owned();
        let interval = child(bin, "Interval").ok_or_else(|| fault(bin, "no <Interval>."))?;
        let margin = |name: &str| interval.attribute(name).map(|text| number(interval, text)).transpose();
        let (left, right) = (margin("leftMargin")?, margin("rightMargin")?);
        let closure = attribute(interval, "closure")?;
        if (left.is_some() && !closure.starts_with("closed"))
            || (right.is_some() && !closure.ends_with("Open"))
        {
            return Err(unsupported(
                interval,
                format!("found closure {}, expected \"closedOpen\".", quoted(closure)),
            )
            .hint("A tier is from a score on, up to the next one."));
        }
        bins.push((left, right, tier));
    }
    bins.sort_by_key(|bin| std::cmp::Reverse(bin.0));
    let meets = bins.windows(2).all(|pair| pair[0].0 == pair[1].1 && pair[0].0.is_some());
    let open =
        bins.first().is_some_and(|top| top.1.is_none()) && bins.last().is_some_and(|last| last.0.is_none());
    if !meets || !open {
        return Err(fault(node, "its intervals leave a gap or overlap.")
            .hint("From the lowest score to the highest, let each interval begin where another ends."));
    }
    Ok(bins.into_iter().map(|(gte, _, tier)| Cut { tier, gte, basis: None }).collect())
}

const NO_CUTS: &str =
    "Say from which score on which tier is: cuts => '[{\"tier\": \"A\", \"gte\": 500}, {\"tier\": \"B\"}]'.";
