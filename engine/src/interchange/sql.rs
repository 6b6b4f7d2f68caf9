//! A scheme as one CASE expression of SQL, for a warehouse that does not have this extension.
//!
//! Written is what PostgreSQL, Redshift, DuckDB, DataFusion, Trino and Databricks read alike: CASE, COALESCE, FLOOR,
//! CAST, comparisons, IN, DATE literals, `INTERVAL '1' MONTH`; texts are quoted so that dialects with and without
//! backslash escapes read the same. Scores are whole numbers of their last digit, so that no sum depends on how a
//! warehouse adds up fractions.

mod parts;

use std::collections::BTreeMap;
use std::fmt::Write;

use jiff::civil::Date;

use crate::document::quoted;
use crate::error::{Error, ErrorKind, Result};
use crate::grade::as_of::DateCut;
use crate::grade::binning::{Scale, Upper};
use crate::grade::condition::Node;
use crate::grade::plan::{Compiled, Plan, Reweight, ScoreCard};
use crate::grade::value::{InputSlot, OnMissing, Value};
use crate::number::describe_key;
use crate::scheme::HitPolicy;
use crate::time::date::{IsoDate, date_of};

use parts::{
    BREAK, Case, NEVER, Room, added, among, date_literal, interval, number, reach, room, sign, text_literal,
    truth,
};

/// How the expression names what is not in the scheme.
#[derive(Debug, Clone)]
pub struct Names {
    /// By input: the column, or any expression. An input that is not there has the column of its name.
    pub columns: BTreeMap<String, String>,
    /// The as-of day: a date `YYYY-MM-DD`, which is worked in, or an expression of type date.
    pub as_of: String,
    /// The expression for what grading refuses with an error: portable SQL cannot raise one.
    pub refused: String,
}

impl Default for Names {
    fn default() -> Self {
        Names { columns: BTreeMap::new(), as_of: "CURRENT_DATE".to_owned(), refused: "NULL".to_owned() }
    }
}

impl Compiled {
    /// The tier of a row as a CASE expression: what grading gives, NULL for who stays ungraded.
    ///
    /// # Errors
    ///
    /// `NotReady` for a scheme that waits for a fit; `UndefinedObject` for the column of an input that is not there;
    /// `InvalidValue` for an empty expression; `NotSupported` for a date before the year 1, and for a period such as
    /// `this_quarter` unless the as-of day is a date.
    pub fn to_sql(&self, names: &Names) -> Result<String> {
        self.ensure_fitted()?;
        if let Some(unknown) = names.columns.keys().find(|name| self.inputs.iter().all(|i| i.name != **name))
        {
            let known: Vec<&str> = self.inputs.iter().map(|input| input.name.as_str()).collect();
            let message = format!("scheme {:?} has no input {}", self.name(), quoted(unknown));
            return Err(Error::new(ErrorKind::UndefinedObject, message)
                .hint(format!("Its inputs: {}.", known.join(", "))));
        }
        let given = names.columns.iter().map(|(name, text)| (name.as_str(), text));
        for (what, text) in given.chain([("as_of", &names.as_of), ("refused", &names.refused)]) {
            if text.trim().is_empty() {
                return Err(Error::invalid(format!("the expression for {} is empty", quoted(what)))
                    .hint("Give a column or an expression of SQL, such as 'c.revenue'."));
            }
        }
        Writer {
            scheme: self,
            refused: &names.refused,
            columns: self.inputs.iter().map(|input| column(input, names)).collect(),
            days: self.date_cuts.iter().map(|cut| day(cut, &names.as_of)).collect::<Result<_>>()?,
        }
        .tier()
    }
}

/// The column of an input; quoted, so that any name will do.
fn column(input: &InputSlot, names: &Names) -> String {
    match names.columns.get(&input.name) {
        Some(given) if given.chars().all(|c| c.is_alphanumeric() || "_.\"".contains(c)) => given.clone(),
        Some(given) => format!("({given})"),
        None => format!("\"{}\"", input.name),
    }
}

/// A day that the scheme names, seen from the as-of day.
fn day(cut: &DateCut, as_of: &str) -> Result<String> {
    let of_number = |day: i32| date_literal(date_of(day).unwrap_or(Date::MAX));
    let offset = match (cut, IsoDate::parse(as_of.trim())) {
        (DateCut::Day(day), _) => return of_number(*day),
        (_, Ok(IsoDate(day))) => return of_number(cut.resolve(day)),
        (DateCut::Relative(offset), Err(_)) => offset,
        (DateCut::Period(period, ..), Err(_)) => {
            let message = format!("{period} of a day that is not known yet, in portable SQL");
            return Err(Error::new(ErrorKind::NotSupported, message)
                .detail("Warehouses agree on no expression for the first day of a quarter, or of a fiscal year.")
                .hint("Write the expression as of a day, and write it anew when the period ends: as_of => '2026-12-31'."));
        }
    };
    let (negative, months, days) = offset.months_and_days();
    let mut text = as_of.to_owned();
    for (count, unit) in [(months, "MONTH"), (days, "DAY")] {
        if count > 0 {
            let sign = if negative { '-' } else { '+' };
            let _ = write!(text, " {sign} INTERVAL '{count}' {unit}");
        }
    }
    // Months are added to a date as a timestamp by some.
    Ok(format!("CAST({text} AS DATE)"))
}

struct Writer<'s> {
    scheme: &'s Compiled,
    refused: &'s str,
    columns: Vec<String>,
    days: Vec<String>,
}

impl Writer<'_> {
    fn tier(&self) -> Result<String> {
        let mut case = Case::default();
        let refused = self.refusals();
        if !refused.is_empty() {
            case.when(&refused.join(" OR "), self.refused);
        }
        let lacking: Vec<String> = self.missing(OnMissing::Ungraded);
        if !lacking.is_empty() {
            case.when(&lacking.join(" OR "), "NULL");
        }
        match &self.scheme.decision {
            Plan::Rules { hit_policy, rules, otherwise } => {
                self.rules(&mut case, *hit_policy, rules, *otherwise)
            }
            Plan::Bands { characteristic, tiers } => {
                for (bin, tier) in tiers.iter().enumerate() {
                    case.when(&self.branch(*characteristic, bin as u16), &self.code(*tier));
                }
            }
            Plan::Matrix { characteristics, widths, tiers } => {
                self.cells(&mut case, characteristics, widths, tiers);
            }
            Plan::Score { cuts, last } => self.cuts(&mut case, cuts, *last),
        }
        Ok(case.end().replace(BREAK, "\n"))
    }

    fn code(&self, tier: u16) -> String {
        text_literal(&self.scheme.scheme.tiers[usize::from(tier)].code)
    }

    /// The raw values of inputs whose absence means this.
    fn missing(&self, what: OnMissing) -> Vec<String> {
        let inputs = self.scheme.inputs.iter().zip(&self.columns);
        inputs
            .filter(|(input, _)| input.on_missing == what)
            .map(|(_, column)| format!("{column} IS NULL"))
            .collect()
    }

    /// What grading refuses of a single value.
    fn refusals(&self) -> Vec<String> {
        let mut refusals = self.missing(OnMissing::Error);
        for (input, column) in self.scheme.inputs.iter().zip(&self.columns) {
            if input.kind.is_whole() {
                refusals.push(format!("{column} <> FLOOR({column})"));
            }
            if input.restricted {
                let allowed: Vec<String> = if input.kind.is_text() {
                    input.texts.iter().map(|text| text_literal(text)).collect()
                } else {
                    input.allowed.iter().map(|cut| number(*cut)).collect()
                };
                refusals.push(format!("{column} NOT IN ({})", allowed.join(", ")));
            }
        }
        refusals
    }

    /// The value of an input, with its default.
    fn value(&self, input: usize) -> String {
        let slot = &self.scheme.inputs[input];
        let OnMissing::Default(default) = slot.on_missing else { return self.columns[input].clone() };
        let default = match default {
            Value::Exact(key) => describe_key(key),
            Value::Float(float) => float.to_string(),
            Value::Text(code) => text_literal(slot.known_text(code).unwrap_or_default()),
            Value::Boolean(value) => truth(value).to_owned(),
            // The document has it as a date of the years 1 to 9999.
            Value::Day(day) => format!("DATE '{}'", date_of(day).unwrap_or(Date::MAX)),
            Value::Missing => "NULL".to_owned(),
        };
        format!("COALESCE({}, {default})", self.columns[input])
    }

    fn rules(&self, case: &mut Case, hit_policy: HitPolicy, rules: &[(Node, u16)], otherwise: Option<u16>) {
        let mut order: Vec<usize> = (0..rules.len()).collect();
        match hit_policy {
            HitPolicy::First => {}
            HitPolicy::Priority => order.sort_by_key(|rule| rules[*rule].1),
            HitPolicy::Unique => {
                let each = rules.iter().map(|(node, _)| self.condition(node)).collect();
                self.refuse_several(case, each);
            }
            HitPolicy::Any => {
                let mut by_tier: BTreeMap<u16, Vec<String>> = BTreeMap::new();
                for (node, tier) in rules {
                    by_tier.entry(*tier).or_default().push(self.operand(node));
                }
                self.refuse_several(case, by_tier.into_values().map(|of| of.join(" OR ")).collect());
            }
        }
        for rule in order {
            case.when(&self.condition(&rules[rule].0), &self.code(rules[rule].1));
        }
        if let Some(tier) = otherwise {
            case.otherwise(&self.code(tier));
        }
    }

    /// Refuses a row of which more than one of these holds.
    fn refuse_several(&self, case: &mut Case, conditions: Vec<String>) {
        if conditions.len() > 1 {
            let counted: Vec<String> =
                conditions.iter().map(|one| format!("CASE WHEN {one} THEN 1 ELSE 0 END")).collect();
            case.when(&format!("{} > 1", counted.join(" + ")), self.refused);
        }
    }

    fn condition(&self, node: &Node) -> String {
        let list = |nodes: &[Node], word: &str| {
            nodes.iter().map(|node| self.operand(node)).collect::<Vec<_>>().join(word)
        };
        match node {
            Node::All(nodes) => list(nodes, " AND "),
            Node::Any(nodes) => list(nodes, " OR "),
            Node::Not(node) => format!("NOT {}", self.operand(node)),
            Node::IsMissing { input, expected } => {
                format!("{} IS {}NULL", self.columns[*input], if *expected { "" } else { "NOT " })
            }
            Node::Number { input, compare, cut } => {
                format!("{} {} {}", self.value(*input), sign(*compare), number(*cut))
            }
            Node::Day { input, compare, cut } => {
                format!("{} {} {}", self.value(*input), sign(*compare), self.days[*cut])
            }
            Node::Text { input, codes, expected } => {
                let texts: Vec<&str> =
                    codes.iter().filter_map(|code| self.scheme.inputs[*input].known_text(*code)).collect();
                among(&self.value(*input), texts.into_iter().map(text_literal).collect(), *expected)
            }
            Node::Boolean { input, value } => format!("{} = {}", self.value(*input), truth(*value)),
            Node::Bin { characteristic, bins, expected: true } => self.bins(*characteristic, bins),
            Node::Bin { characteristic, bins, expected: false } => {
                format!("NOT ({})", self.bins(*characteristic, bins))
            }
        }
    }

    /// A condition as part of a longer one.
    fn operand(&self, node: &Node) -> String {
        match node {
            Node::IsMissing { .. }
            | Node::Number { .. }
            | Node::Day { .. }
            | Node::Text { .. }
            | Node::Boolean { .. } => self.condition(node),
            Node::All(_) | Node::Any(_) | Node::Not(_) | Node::Bin { .. } => {
                format!("({})", self.condition(node))
            }
        }
    }

    /// Whether a customer is in one of these bins of a characteristic. Never unknown: a missing value is in a bin, too.
    fn bins(&self, characteristic: usize, bins: &[u16]) -> String {
        let binning = &self.scheme.binnings[characteristic];
        let value = self.value(binning.input);
        let passes_null = self.scheme.inputs[binning.input].on_missing == OnMissing::Null;
        let missing = binning.missing.is_some_and(|missing| bins.contains(&missing));
        let known: Vec<String> = bins
            .iter()
            .filter(|bin| binning.missing != Some(**bin))
            .filter_map(|bin| self.bin(&binning.scale, &value, binning.input, *bin))
            .collect();
        let several = known.len() > 1 && known.iter().any(|bin| bin.contains(" AND "));
        let known = match &known[..] {
            [] if missing => return format!("{value} IS NULL"),
            [] => return NEVER.to_owned(),
            known if several => known.iter().map(|bin| format!("({bin})")).collect::<Vec<_>>().join(" OR "),
            known => known.join(" OR "),
        };
        match (passes_null, missing) {
            (false, _) => known,
            (true, true) => format!("{value} IS NULL OR {known}"),
            (true, false) if known.contains(" OR ") => format!("{value} IS NOT NULL AND ({known})"),
            (true, false) if known == format!("{value} IS NOT NULL") => known,
            (true, false) => format!("{value} IS NOT NULL AND {known}"),
        }
    }

    /// Whether a customer is in a bin, as a branch of a CASE, where unknown is as good as false.
    fn branch(&self, characteristic: usize, bin: u16) -> String {
        let binning = &self.scheme.binnings[characteristic];
        if binning.missing == Some(bin) {
            return self.bins(characteristic, &[bin]);
        }
        let value = self.value(binning.input);
        self.bin(&binning.scale, &value, binning.input, bin).unwrap_or_else(|| NEVER.to_owned())
    }

    /// Whether a known value is in a bin; none if no value is.
    fn bin(&self, scale: &Scale, value: &str, input: usize, bin: u16) -> Option<String> {
        let everything = || format!("{value} IS NOT NULL");
        match scale {
            Scale::Numbers { uppers, bins } => {
                let cuts: Vec<(String, bool)> =
                    uppers.iter().map(|Upper { cut, inclusive }| (number(*cut), *inclusive)).collect();
                interval(value, &cuts, bins, bin)
            }
            Scale::Days { uppers, bins } => {
                let cuts: Vec<(String, bool)> = uppers
                    .iter()
                    .map(|Upper { cut, inclusive }| (self.days[*cut].clone(), *inclusive))
                    .collect();
                interval(value, &cuts, bins, bin)
            }
            Scale::NumberList(list) => {
                let numbers: Vec<String> =
                    list.iter().filter(|(_, of)| *of == bin).map(|(cut, _)| number(*cut)).collect();
                (!numbers.is_empty()).then(|| among(value, numbers, true))
            }
            Scale::Texts { bins, other } => {
                let is_other = *other == Some(bin);
                let texts: Vec<String> = bins
                    .iter()
                    .zip(&self.scheme.inputs[input].texts)
                    .filter(|(of, _)| (**of == bin) != is_other)
                    .map(|(_, text)| text_literal(text))
                    .collect();
                match (texts.is_empty(), is_other) {
                    (true, false) => None,
                    (true, true) => Some(everything()),
                    (false, _) => Some(among(value, texts, !is_other)),
                }
            }
            Scale::Boolean { no, yes } => match (*no == bin, *yes == bin) {
                (true, true) => Some(everything()),
                (false, true) => Some(format!("{value} = TRUE")),
                (true, false) => Some(format!("{value} = FALSE")),
                (false, false) => None,
            },
            Scale::Unfitted => None,
        }
    }

    /// The tiers of a matrix, axis by axis.
    fn cells(&self, case: &mut Case, axes: &[usize], widths: &[usize], tiers: &[u16]) {
        let (Some((axis, axes)), Some((_, widths))) = (axes.split_first(), widths.split_first()) else {
            return;
        };
        let below: usize = widths.iter().product();
        for (bin, tiers) in tiers.chunks(below).enumerate() {
            let condition = self.branch(*axis, bin as u16);
            if condition == NEVER {
                continue;
            }
            if tiers.iter().all(|tier| *tier == tiers[0]) {
                case.when(&condition, &self.code(tiers[0]));
            } else {
                let mut inner = Case::default();
                self.cells(&mut inner, axes, widths, tiers);
                case.when(&condition, &inner.end());
            }
        }
    }

    fn cuts(&self, case: &mut Case, cuts: &[(i128, u16)], last: u16) {
        if let Some(card) = &self.scheme.score {
            match &card.reweight {
                None => self.plain_cuts(case, card, cuts),
                Some(reweight) => self.reweighted_cuts(case, card, reweight, cuts),
            }
        }
        case.otherwise(&self.code(last));
    }

    fn plain_cuts(&self, case: &mut Case, card: &ScoreCard, cuts: &[(i128, u16)]) {
        let farthest = cuts.iter().map(|(cut, _)| cut.unsigned_abs()).max().unwrap_or(0);
        let sum = self.sum(card, card.initial, room(reach(card).max(farthest)));
        for (cut, tier) in cuts {
            case.when(&format!("{sum} >= {cut}"), &self.code(*tier));
        }
    }

    /// The score is `initial` + round(S × T / K): of the weighted points S of what is known, times the weight T of all by
    /// the weight K of what is known, halves away from zero. It reaches a cut where twice S × T reaches twice the distance
    /// less one, times K: no quotient, so no question of how one is rounded.
    fn reweighted_cuts(&self, case: &mut Case, card: &ScoreCard, reweight: &Reweight, cuts: &[(i128, u16)]) {
        let bounds = cuts.iter().map(|(cut, tier)| (2 * (cut - card.initial) - 1, *tier));
        let total = reweight.total.unsigned_abs();
        let farthest = bounds.clone().map(|(bound, _)| bound.unsigned_abs()).max().unwrap_or(0);
        let room = room((2 * reach(card)).max(farthest).saturating_mul(total));
        let sum = self.sum(card, 0, room);
        let parts = card.parts.iter().map(|part| match part.unknown {
            None => part.weight.to_string(),
            Some(bin) => {
                let unknown = self.bins(part.characteristic, &[bin]);
                format!("CASE WHEN {unknown} THEN 0 ELSE {} END", part.weight)
            }
        });
        let known = added(room, 0, parts.collect());
        case.when(&format!("{known} < {}", reweight.least), "NULL");
        for (bound, tier) in bounds {
            // A half goes away from zero: up from 0.5, down from -0.5.
            let reaches = if bound > 0 { ">=" } else { ">" };
            let twice = 2 * reweight.total;
            case.when(&format!("{sum} * {twice} {reaches} {known} * {bound}"), &self.code(tier));
        }
    }

    /// The weighted points of a customer, in units of the last digit of the score.
    fn sum(&self, card: &ScoreCard, initial: i128, room: Room) -> String {
        let mut parts = Vec::new();
        for part in card.parts.iter().filter(|part| part.weighted.iter().any(|points| *points != 0)) {
            let mut case = Case::on_one_line();
            let bins = || (0..).zip(&part.weighted);
            let mut there: Vec<(String, i128)> = bins()
                .map(|(bin, points)| (self.branch(part.characteristic, bin), *points))
                .filter(|(condition, _)| condition != NEVER)
                .collect();
            let last = there.pop();
            for (condition, points) in there {
                case.when(&condition, &points.to_string());
            }
            match last {
                Some((_, points)) if case.is_empty() => parts.push(points.to_string()),
                Some((_, points)) => {
                    case.otherwise(&points.to_string());
                    parts.push(case.end());
                }
                None => {}
            }
        }
        added(room, initial, parts)
    }
}
