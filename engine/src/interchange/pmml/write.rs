//! A scheme to a file of PMML.

use crate::document::quoted;
use crate::document::text::Lang;
use crate::error::{Error, ErrorKind, Result};
use crate::grade::plan::{Compiled, Plan, ScorePart};
use crate::interchange::embedded::OURS;
use crate::interchange::xml::Writer;
use crate::number::decimal::written_short;
use crate::number::{Number, Scalar};
use crate::scheme::{Bin, Characteristic, Input, InputType, Missing, Reasons, Score};
use crate::time::date::IsoDate;

pub(super) fn file(scheme: &Compiled, embed: bool) -> Result<String> {
    scheme.ensure_fitted()?;
    let document = &scheme.scheme;
    let (Plan::Score { .. }, Some(card), Some(score)) = (&scheme.decision, &scheme.score, &document.score)
    else {
        return Err(refused("a scheme that decides by no score is no scorecard")
            .detail(format!("Scheme {:?} decides by {}.", scheme.name(), document.decision.method.name()))
            .hint("tiering.scheme_to_dmn() writes it as a decision table."));
    };
    if score.missing.is_some() {
        return Err(refused("weights that are spread over what is known")
            .detail("At $.score.missing: a scorecard of PMML adds up points, and nothing else.")
            .hint("Give the bins for missing values points of their own."));
    }
    let characteristic = |part: &ScorePart| &document.characteristics[part.characteristic];
    let read: Vec<&Input> = document
        .inputs
        .iter()
        .filter(|input| card.parts.iter().any(|part| characteristic(part).input == input.name))
        .collect();
    if let Some(idle) = document.inputs.iter().find(|input| {
        matches!(input.missing, Missing::Ungraded | Missing::Error)
            && read.iter().all(|known| known.name != input.name)
    }) {
        return Err(refused("input that counts for nothing but must be there")
            .detail(format!(
                "Customers without {} stay ungraded, though no characteristic reads it.",
                quoted(&idle.name)
            ))
            .hint("Leave the input out, or give it \"missing\": \"null\"."));
    }
    let explained = explained(document.score.as_ref(), card.parts.iter().map(characteristic).collect())?;
    let mut xml = Writer::new();
    xml.open("PMML", &[("xmlns", "http://www.dmg.org/PMML-4_4"), ("version", "4.4")])?;
    let title = document.title.as_ref().map_or(scheme.name(), |title| title.get(Lang::En));
    xml.open("Header", &[("description", title)])?;
    if embed {
        xml.leaf("Extension", &[("extender", OURS), ("name", "scheme")], &document.canonical())?;
    }
    xml.empty("Application", &[("name", OURS)])?;
    xml.close();
    // Names of our own, which no input has.
    let free = |wanted: &str| {
        let mut name = wanted.to_owned();
        while document.inputs.iter().any(|input| input.name == name) {
            name.push('_');
        }
        name
    };
    let (target, points) = (free("score"), free("points"));
    xml.open("DataDictionary", &[("numberOfFields", &(read.len() + 1).to_string())])?;
    for input in &read {
        data_field(&mut xml, input)?;
    }
    xml.empty("DataField", &[("name", &target), ("optype", "continuous"), ("dataType", "double")])?;
    xml.close();
    let initial = score.initial.to_string();
    let mut attributes = vec![
        ("modelName", scheme.name()),
        ("functionName", "regression"),
        ("initialScore", initial.as_str()),
        ("useReasonCodes", if explained.is_some() { "true" } else { "false" }),
    ];
    if let Some(reasons) = explained {
        let algorithm = match reasons {
            Reasons::PointsBelow => "pointsBelow",
            Reasons::PointsAbove => "pointsAbove",
        };
        attributes.extend([("reasonCodeAlgorithm", algorithm), ("baselineMethod", "other")]);
    }
    xml.open("Scorecard", &attributes)?;
    xml.open("MiningSchema", &[])?;
    for input in &read {
        mining_field(&mut xml, input)?;
    }
    xml.empty("MiningField", &[("name", &target), ("usageType", "target")])?;
    xml.close();
    let reasons = if explained.is_some() { card.parts.len() } else { 0 };
    output(&mut xml, scheme, &points, reasons, &free)?;
    xml.open("Characteristics", &[])?;
    for part in &card.parts {
        let of = characteristic(part);
        let input = document.inputs.iter().find(|input| input.name == of.input);
        let baseline = of.baseline.map(|baseline| baseline.to_string());
        let mut attributes = vec![("name", of.name.as_str())];
        if let (Some(_), Some(baseline)) = (explained, &baseline) {
            attributes.push(("reasonCode", of.reason.as_deref().unwrap_or(&of.name)));
            attributes.push(("baselineScore", baseline));
        }
        xml.open("Characteristic", &attributes)?;
        for (bin, weighted) in of.bins.iter().zip(&part.weighted) {
            let points = written_short(*weighted < 0, weighted.unsigned_abs(), card.scale);
            xml.open("Attribute", &[("partialScore", &points)])?;
            xml.empty("Extension", &[("extender", OURS), ("name", "code"), ("value", &bin.code)])?;
            predicate(&mut xml, of, bin, input.map(|input| input.kind))?;
            xml.close();
        }
        xml.close();
    }
    Ok(xml.end())
}

fn refused(message: &str) -> Error {
    Error::new(ErrorKind::NotSupported, message)
}

/// How reason codes are measured, if there are any: a scorecard has baselines for all of its characteristics or for none.
fn explained(score: Option<&Score>, counted: Vec<&Characteristic>) -> Result<Option<Reasons>> {
    let with = counted.iter().find(|characteristic| characteristic.baseline.is_some());
    let without = counted.iter().find(|characteristic| characteristic.baseline.is_none());
    let (Some(with), Some(score)) = (with, score) else { return Ok(None) };
    if let Some(without) = without {
        return Err(refused("reason codes of some characteristics")
            .detail(format!(
                "Characteristic {} has a baseline, {} has none.",
                quoted(&with.name),
                quoted(&without.name)
            ))
            .hint("Give all characteristics that have points a \"baseline\", or none."));
    }
    let weighted = |characteristic: &&&Characteristic| {
        score.weights.get(&characteristic.name).is_some_and(|weight| *weight != Number::ONE)
    };
    if let Some(weighted) = counted.iter().find(weighted) {
        return Err(refused("reason codes beside weights")
            .detail(format!(
                "Reason codes compare the points of {} before weighting, a scorecard of PMML those that count.",
                quoted(&weighted.name)
            ))
            .hint("Multiply points and baselines by the weights, and leave the weights out."));
    }
    Ok(Some(score.reasons.unwrap_or(Reasons::PointsBelow)))
}

fn data_field(xml: &mut Writer, input: &Input) -> Result<()> {
    let (optype, kind) = match input.kind {
        InputType::Number => ("continuous", "double"),
        InputType::Integer => ("continuous", "integer"),
        InputType::Text => ("categorical", "string"),
        InputType::Boolean => ("categorical", "boolean"),
        InputType::Date => ("continuous", "date"),
    };
    let optype = if input.allowed.is_empty() { optype } else { "categorical" };
    let mut attributes = vec![("name", input.name.as_str()), ("optype", optype), ("dataType", kind)];
    if let Some(title) = &input.title {
        attributes.push(("displayName", title.get(Lang::En)));
    }
    if input.allowed.is_empty() {
        return xml.empty("DataField", &attributes);
    }
    xml.open("DataField", &attributes)?;
    for value in &input.allowed {
        xml.empty("Value", &[("value", &value.word())])?;
    }
    xml.close();
    Ok(())
}

fn mining_field(xml: &mut Writer, input: &Input) -> Result<()> {
    let invalid = if input.allowed.is_empty() { "asIs" } else { "returnInvalid" };
    let mut attributes = vec![("name", input.name.as_str()), ("invalidValueTreatment", invalid)];
    let replacement;
    match &input.missing {
        Missing::Default(value) => {
            replacement = value.word();
            attributes.extend([
                ("missingValueReplacement", replacement.as_str()),
                ("missingValueTreatment", "asValue"),
            ]);
        }
        Missing::Error => attributes.push(("missingValueTreatment", "returnInvalid")),
        Missing::Ungraded | Missing::Null => {}
    }
    xml.empty("MiningField", &attributes)
}

/// The score, the tier and so many reason codes.
fn output(
    xml: &mut Writer,
    scheme: &Compiled,
    points: &str,
    reasons: usize,
    free: &impl Fn(&str) -> String,
) -> Result<()> {
    xml.open("Output", &[])?;
    xml.empty(
        "OutputField",
        &[("name", points), ("optype", "continuous"), ("dataType", "double"), ("feature", "predictedValue")],
    )?;
    let tier = free("tier");
    xml.open(
        "OutputField",
        &[
            ("name", &tier),
            ("optype", "categorical"),
            ("dataType", "string"),
            ("feature", "transformedValue"),
        ],
    )?;
    xml.open("Discretize", &[("field", points)])?;
    let mut above: Option<Number> = None;
    for cut in scheme.scheme.decision.cuts.iter().flatten() {
        // Equal cuts: a fit found nobody for the tier.
        if cut.gte.is_some() && cut.gte == above {
            continue;
        }
        xml.open("DiscretizeBin", &[("binValue", &cut.tier)])?;
        let margins = [("leftMargin", cut.gte), ("rightMargin", above)];
        let margins = margins.map(|(name, margin)| (name, margin.map(|margin| margin.to_string())));
        let mut attributes = vec![("closure", "closedOpen")];
        for (name, margin) in &margins {
            attributes.extend(margin.as_ref().map(|margin| (*name, margin.as_str())));
        }
        xml.empty("Interval", &attributes)?;
        xml.close();
        above = cut.gte;
    }
    xml.close();
    xml.close();
    for rank in 1..=reasons {
        let name = free(&format!("reason_code_{rank}"));
        let rank = rank.to_string();
        xml.empty(
            "OutputField",
            &[
                ("name", &name),
                ("optype", "categorical"),
                ("dataType", "string"),
                ("feature", "reasonCode"),
                ("rank", &rank),
            ],
        )?;
    }
    xml.close();
    Ok(())
}

/// Which values a bin has.
fn predicate(xml: &mut Writer, of: &Characteristic, bin: &Bin, kind: Option<InputType>) -> Result<()> {
    let field = of.input.as_str();
    let simple = |xml: &mut Writer, operator: &str, value: Option<&str>| {
        let mut attributes = vec![("field", field), ("operator", operator)];
        attributes.extend(value.map(|value| ("value", value)));
        xml.empty("SimplePredicate", &attributes)
    };
    if bin.missing {
        return simple(xml, "isMissing", None);
    }
    if bin.is_vacant() {
        return xml.empty("False", &[]);
    }
    if bin.is_set() {
        // Values of other bins are not of the one that takes the rest.
        let values: Vec<&Scalar> = match bin.other {
            false => bin.among.iter().flatten().collect(),
            true => {
                of.bins.iter().filter(|other| !other.other).flat_map(|other| &other.among).flatten().collect()
            }
        };
        if values.is_empty() {
            return simple(xml, "isNotMissing", None);
        }
        let operator = if bin.other { "isNotIn" } else { "isIn" };
        xml.open("SimpleSetPredicate", &[("field", field), ("booleanOperator", operator)])?;
        let words: Vec<String> = values.iter().map(|value| quoted_word(&value.word())).collect();
        let array = match kind {
            Some(InputType::Number) => "real",
            Some(InputType::Integer) => "int",
            Some(InputType::Text | InputType::Boolean | InputType::Date) | None => "string",
        };
        let numeric = array != "string";
        let plain: Vec<String> = values.iter().map(|value| value.word()).collect();
        let content = if numeric { plain.join(" ") } else { words.join(" ") };
        xml.leaf("Array", &[("n", &values.len().to_string()), ("type", array)], &content)?;
        xml.close();
        return Ok(());
    }
    let ends = [
        ("greaterThan", &bin.gt),
        ("greaterOrEqual", &bin.gte),
        ("lessThan", &bin.lt),
        ("lessOrEqual", &bin.lte),
    ];
    let mut bounds = Vec::new();
    for (operator, bound) in ends {
        let Some(bound) = bound else { continue };
        let word = bound.word();
        // Durations, and periods such as this_quarter.
        if kind.is_some_and(InputType::is_date) && IsoDate::parse(&word).is_err() {
            return Err(refused("day that moves with the as-of day")
                .detail(format!(
                    "Bin {} of {} is bounded by {word}, seen from the as-of day, for which the format has no word.",
                    quoted(&bin.code),
                    quoted(&of.name)
                ))
                .hint("Make the number of days an input of its own, or write a date."));
        }
        bounds.push((operator, word));
    }
    match &bounds[..] {
        [] => simple(xml, "isNotMissing", None),
        [(operator, value)] => simple(xml, operator, Some(value)),
        several => {
            xml.open("CompoundPredicate", &[("booleanOperator", "and")])?;
            for (operator, value) in several {
                simple(xml, operator, Some(value))?;
            }
            xml.close();
            Ok(())
        }
    }
}

/// A word of an array of texts.
fn quoted_word(word: &str) -> String {
    format!("\"{}\"", word.replace('\\', "\\\\").replace('"', "\\\""))
}
