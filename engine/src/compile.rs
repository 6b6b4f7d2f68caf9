//! From the document to the form that grades: names resolved, constants typed, bins sorted, points
//! weighted. Everything that can be wrong with a document beyond its JSON shape is found here, and
//! reported with the JSON path, what was found and what was expected.

mod bins;
mod conditions;
mod constants;
mod decision;
mod dimension;
mod fit;
mod inputs;
mod score;

use std::collections::HashMap;
use std::fmt::Display;

use jiff::civil::Date;

use crate::document;
use crate::error::{Error, Result};
use crate::grade::as_of::{DateCut, REFERENCE_DAYS};
use crate::grade::binning::Binning;
use crate::grade::plan::Compiled;
use crate::grade::stability::Margins;
use crate::grade::value::InputSlot;
use crate::limits::{INPUTS, SHOWN, TIERS};
use crate::number::Number;
use crate::scheme::vocabulary::code_of;
use crate::scheme::{Contradiction, DemoteOn, Scheme, Term};
use crate::time::fiscal::FiscalCalendar;
use crate::time::zone::zone;

use inputs::input_slot;

/// The error for a place in a scheme document.
pub(crate) fn fault(path: impl Display, found: impl Display, expected: impl Display) -> Error {
    document::fault("scheme", &path.to_string(), format!("found {found}, expected {expected}."))
        .hint("tiering.scheme_json_schema() describes the keys and values of a scheme document.")
}

impl Scheme {
    /// Reads and validates a document.
    ///
    /// ```
    /// use customer_tiering_engine::Scheme;
    ///
    /// let error = Scheme::parse(r#"{"scheme": "Mine"}"#).unwrap_err();
    /// assert_eq!(error.message, "invalid scheme document");
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`document::parse`]; `InvalidValue` with the path for what makes no sense.
    pub fn parse(text: &str) -> Result<Scheme> {
        Ok(Compiled::parse(text)?.scheme)
    }
}

impl Compiled {
    /// Reads, validates and compiles a document.
    ///
    /// # Errors
    ///
    /// Those of [`document::parse`]; `InvalidValue` with the path for what makes no sense.
    pub fn parse(text: &str) -> Result<Compiled> {
        compile(document::parse("scheme", text)?)
    }

    /// Compiles a document as if it named this time zone.
    ///
    /// # Errors
    ///
    /// `InvalidValue` with the path for what makes no sense, such as an unknown zone.
    pub fn in_zone(mut scheme: Scheme, timezone: &str) -> Result<Compiled> {
        timezone.clone_into(&mut scheme.timezone);
        compile(scheme)
    }
}

fn compile(scheme: Scheme) -> Result<Compiled> {
    if !document::is_identifier(&scheme.scheme) {
        let expected = "a name of at most 63 characters: a letter or underscore, then letters, digits and underscores, in lower case";
        return Err(fault("$.scheme", document::quoted(&scheme.scheme), expected));
    }
    let zone = zone(&scheme.timezone).map_err(|_| {
        fault("$.timezone", document::quoted(&scheme.timezone), "an IANA time zone such as \"Asia/Shanghai\"")
    })?;
    let fiscal = fiscal_calendar(&scheme)?;
    let mut builder = Builder::new(&scheme, fiscal)?;
    builder.characteristics()?;
    check_stability(&scheme, fiscal)?;
    check_targets(&scheme)?;
    check_followups(&scheme)?;
    fit::check_population(&scheme)?;
    let (score, decision) = builder.decide()?;
    let dimensions = builder.dimensions(score.as_ref())?;
    let Builder { inputs, binnings, date_cuts, unfitted, .. } = builder;
    let margins = Margins::of(&scheme);
    let fiscal = fiscal.unwrap_or(FiscalCalendar::CIVIL);
    Ok(Compiled {
        inputs,
        zone,
        fiscal,
        binnings,
        date_cuts,
        score,
        dimensions,
        decision,
        margins,
        unfitted,
        scheme,
    })
}

fn fiscal_calendar(scheme: &Scheme) -> Result<Option<FiscalCalendar>> {
    let calendar = scheme.fiscal_year.as_ref().map(|year| year.calendar()).transpose();
    calendar.map_err(|Contradiction { key, found, expected }| {
        fault(format!("$.fiscal_year{key}"), found, expected)
    })
}

/// The error for a word that counts by a fiscal year, in a document that does not say when it begins.
fn no_fiscal_year(path: impl Display, word: impl Display) -> Error {
    fault(path, word, "\"fiscal_year\" in the document, such as {\"begins\": \"04-01\"}")
}

fn check_stability(scheme: &Scheme, fiscal: Option<FiscalCalendar>) -> Result<()> {
    let Some(stability) = &scheme.stability else { return Ok(()) };
    let margins = [("promote_margin", stability.promote_margin), ("demote_margin", stability.demote_margin)];
    for (key, margin) in margins {
        if let Some(margin) = margin.filter(|margin| *margin < Number::ZERO) {
            return Err(fault(format!("$.stability.{key}"), margin, "a margin of at least 0"));
        }
    }
    if stability.demote_steps == Some(0) {
        return Err(fault("$.stability.demote_steps", 0, "at least 1 step, or no such key for no limit"));
    }
    if stability.demote_on == Some(DemoteOn::Never) {
        let idle = [
            ("demote_margin", stability.demote_margin.is_some()),
            ("demote_after", stability.demote_after.is_some()),
            ("demote_steps", stability.demote_steps.is_some()),
            ("term", stability.term.is_some()),
        ];
        if let Some((key, _)) = idle.iter().find(|(_, given)| *given) {
            let expected = "no such key, since \"demote_on\" says that nobody goes down";
            return Err(fault(format!("$.stability.{key}"), "a rule for going down", expected));
        }
    }
    if let (Some(Term::Until(until)), None) = (&stability.term, fiscal)
        && until.fiscal
    {
        return Err(no_fiscal_year("$.stability.term", until));
    }
    if let (Some(on @ DemoteOn::Beginning { fiscal: true, .. }), None) = (&stability.demote_on, fiscal) {
        return Err(no_fiscal_year("$.stability.demote_on", on));
    }
    if let (Some(term), Some(stay)) = (&stability.term, &stability.minimum_stay) {
        let fiscal = fiscal.unwrap_or(FiscalCalendar::CIVIL);
        let within = |day: &Date| matches!((term.end(*day, fiscal), stay.add_to(*day)), (Ok(term), Ok(stay)) if term <= stay);
        if REFERENCE_DAYS.iter().all(within) {
            let expected =
                format!("a longer time than \"minimum_stay\", {stay}, within which nobody moves at all");
            return Err(fault("$.stability.term", term, expected));
        }
    }
    Ok(())
}

fn check_targets(scheme: &Scheme) -> Result<()> {
    for (index, tier) in scheme.tiers.iter().enumerate() {
        for name in tier.targets.keys() {
            let path = format!("$.tiers[{index}].targets");
            code(&path, name)?;
            if name == "response" {
                let expected = "another name, since \"response\" of the tier is the target of that name";
                return Err(fault(path, document::quoted(name), expected));
            }
        }
    }
    Ok(())
}

/// The first step and a grace would both say when the first contact after a change of tier is due.
fn check_followups(scheme: &Scheme) -> Result<()> {
    for (index, tier) in scheme.tiers.iter().enumerate() {
        let Some(followup) = &tier.followup else { continue };
        let path = format!("$.tiers[{index}].followup");
        if let (Some(grace), false) = (&followup.grace, followup.steps.is_empty()) {
            let expected = "no such key, since the first of \"steps\" says when the first contact is due";
            return Err(fault(format!("{path}.grace"), grace, expected));
        }
        for (position, step) in followup.steps.iter().enumerate() {
            if let Some(channel) = &step.channel {
                code(format!("{path}.steps[{position}].channel"), channel)?;
            }
        }
        for (position, pair) in followup.steps.windows(2).enumerate() {
            let [earlier, step] = pair else { continue };
            let later = |day: &Date| matches!((earlier.after.add_to(*day), step.after.add_to(*day)), (Ok(earlier), Ok(step)) if earlier < step);
            if !REFERENCE_DAYS.iter().all(later) {
                let expected = format!("a longer time than that of the step before, {}", earlier.after);
                return Err(fault(format!("{path}.steps[{}].after", position + 1), step.after, expected));
            }
        }
        let mut codes = HashMap::new();
        for channel in followup.channels.keys() {
            let path = format!("{path}.channels");
            code(&path, channel)?;
            if let Some(other) = codes.insert(code_of("channel", channel)?, channel) {
                let expected = format!("each channel once, which {} names as well", document::quoted(other));
                return Err(fault(path, document::quoted(channel), expected));
            }
        }
    }
    Ok(())
}

fn identifier(path: impl Display, name: &str) -> Result<()> {
    let mut characters = name.chars();
    let starts = characters.next().is_some_and(|first| first.is_alphabetic() || first == '_');
    if starts && name.len() <= 63 && characters.all(|c| c.is_alphanumeric() || c == '_') {
        return Ok(());
    }
    Err(fault(
        path,
        document::quoted(name),
        "a name of at most 63 bytes: a letter or underscore, then letters, digits and underscores",
    ))
}

fn code(path: impl Display, code: &str) -> Result<()> {
    if !code.is_empty() && code.len() <= 63 && !code.chars().any(char::is_control) && code.trim() == code {
        return Ok(());
    }
    Err(fault(
        path,
        document::quoted(code),
        "a code of 1 to 63 bytes without control characters or outer blanks",
    ))
}

/// Names to indices; a name that occurs twice is a fault.
fn index<'a>(
    list: &str,
    key: &str,
    names: impl Iterator<Item = &'a str>,
    check: impl Fn(String, &str) -> Result<()>,
) -> Result<HashMap<String, usize>> {
    let mut map = HashMap::new();
    for (position, name) in names.enumerate() {
        let path = format!("{list}[{position}].{key}");
        check(path.clone(), name)?;
        if let Some(first) = map.insert(name.to_owned(), position) {
            return Err(fault(
                path,
                format!("{name:?}"),
                format!("a {key} other than that of {list}[{first}]"),
            ));
        }
    }
    Ok(map)
}

struct Builder<'s> {
    scheme: &'s Scheme,
    fiscal: Option<FiscalCalendar>,
    input_index: HashMap<String, usize>,
    characteristic_index: HashMap<String, usize>,
    tier_index: HashMap<String, usize>,
    inputs: Vec<InputSlot>,
    binnings: Vec<Binning>,
    date_cuts: Vec<DateCut>,
    date_cut_index: HashMap<DateCut, usize>,
    /// By input and text: the place among the texts of the slot.
    text_index: HashMap<(usize, String), u32>,
    unfitted: Option<String>,
}

impl<'s> Builder<'s> {
    fn new(scheme: &'s Scheme, fiscal: Option<FiscalCalendar>) -> Result<Self> {
        if scheme.inputs.is_empty() || scheme.inputs.len() > INPUTS {
            let found = format!("{} inputs", scheme.inputs.len());
            return Err(fault("$.inputs", found, format!("1 to {INPUTS} inputs")));
        }
        if scheme.tiers.is_empty() || scheme.tiers.len() > TIERS {
            return Err(fault(
                "$.tiers",
                format!("{} tiers", scheme.tiers.len()),
                format!("1 to {TIERS} tiers"),
            ));
        }
        let input_index =
            index("$.inputs", "name", scheme.inputs.iter().map(|input| input.name.as_str()), identifier)?;
        let characteristic_index = index(
            "$.characteristics",
            "name",
            scheme.characteristics.iter().map(|c| c.name.as_str()),
            identifier,
        )?;
        let tier_index = index("$.tiers", "code", scheme.tiers.iter().map(|tier| tier.code.as_str()), code)?;
        for (position, tier) in scheme.tiers.iter().enumerate() {
            let Some(includes) = &tier.includes else { continue };
            let path = format!("$.tiers[{position}].includes");
            match tier_index.get(includes) {
                None => return Err(unknown(&path, "tier", includes, &tier_index)),
                Some(&below) if below <= position => {
                    return Err(fault(path, format!("{includes:?}"), "a tier further down the list"));
                }
                Some(_) => {}
            }
        }
        let inputs = scheme
            .inputs
            .iter()
            .enumerate()
            .map(|(position, input)| input_slot(&format!("$.inputs[{position}]"), input))
            .collect::<Result<Vec<InputSlot>>>()?;
        let text_index = inputs
            .iter()
            .enumerate()
            .flat_map(|(input, slot)| {
                (0_u32..).zip(&slot.texts).map(move |(code, text)| ((input, text.to_string()), code))
            })
            .collect();
        Ok(Builder {
            scheme,
            fiscal,
            input_index,
            characteristic_index,
            tier_index,
            inputs,
            binnings: Vec::new(),
            date_cuts: Vec::new(),
            date_cut_index: HashMap::new(),
            text_index,
            unfitted: None,
        })
    }

    fn input(&self, path: &str, name: &str) -> Result<usize> {
        self.input_index.get(name).copied().ok_or_else(|| unknown(path, "input", name, &self.input_index))
    }

    fn characteristic(&self, path: &str, name: &str) -> Result<usize> {
        self.characteristic_index
            .get(name)
            .copied()
            .ok_or_else(|| unknown(path, "characteristic", name, &self.characteristic_index))
    }

    fn tier(&self, path: &str, code: &str) -> Result<u16> {
        match self.tier_index.get(code) {
            Some(&tier) => Ok(tier as u16),
            None => Err(unknown(path, "tier", code, &self.tier_index)),
        }
    }
}

/// Names to choose from, the first of them.
fn one_of<'n>(names: impl Iterator<Item = &'n str>) -> String {
    let mut names = names.map(document::quoted);
    let shown: Vec<String> = names.by_ref().take(SHOWN).collect();
    let rest = names.count();
    if rest > 0 { format!("{} or {rest} others", shown.join(", ")) } else { shown.join(", ") }
}

fn unknown(path: &str, what: &str, name: &str, known: &HashMap<String, usize>) -> Error {
    let mut names: Vec<(&usize, &str)> = known.iter().map(|(name, index)| (index, name.as_str())).collect();
    names.sort_unstable();
    let expected = if names.is_empty() {
        format!("the name of a declared {what}, but there is none")
    } else {
        format!("a declared {what}: {}", one_of(names.into_iter().map(|(_, name)| name)))
    };
    fault(path, document::quoted(name), expected)
}
