//! From counts to a document: here the bins of the first pass, in `points` the points, baselines and cuts of the second.

mod points;

use allocator_api2::alloc::Allocator;

use super::census::nothing_to_learn;
use super::evidence::{Split, Units, add, information_value, split};
use super::fine::{FineBins, Sorted, Waiting, no_value, too_many_texts};
use super::numbers::Range;
use super::partition::{Terms, partition};
use crate::error::{Error, Result};
use crate::grade::Compiled;
use crate::limits::{FINE_BIN_WORK, FINE_BINS, NAMED_TEXTS};
use crate::number::{Number, Scalar};
use crate::scheme::{Bin, Fit, Fitted, Scheme, Trend};
use crate::study::fit::too_large;

/// A scheme with what a pass has learned.
#[derive(Debug)]
pub struct Lesson {
    /// The scheme.
    pub scheme: Scheme,
    /// What its owner must look at.
    pub warnings: Vec<Error>,
}

/// The bins that a characteristic has at most, if its fit does not say.
const MOST_BINS: u32 = 6;

/// The least share of the customers in a bin, if its fit does not say.
const LEAST_SHARE: f64 = 0.05;

/// A text of an input without `allowed` is told apart from others if this part of the least share of customers in a bin has it.
const NAMED_PART: f64 = 0.2;

impl<A: Allocator + Clone> FineBins<A> {
    /// The scheme with the bins of this pass, still without points; `at` says as of when, ISO 8601.
    ///
    /// `interrupted` is called now and then and may stop the search with an error.
    ///
    /// # Errors
    ///
    /// `InvalidValue` if all customers have the outcome, or nobody, or an input has no values; `NumberOutOfRange` for
    /// a cut point that a document cannot hold; `TooLarge` for an input with too many different texts; those of
    /// `interrupted`.
    pub fn finish(
        &self,
        scheme: &Compiled,
        at: &str,
        interrupted: &mut dyn FnMut() -> Result<()>,
    ) -> Result<Lesson> {
        let mut lesson = Lesson { scheme: scheme.scheme.clone(), warnings: Vec::new() };
        let waiting = Waiting::of(scheme);
        if waiting.is_empty() && !scheme.is_learned() {
            return Err(nothing_to_learn(scheme));
        }
        let whole = self.seen.both()?;
        lesson.scheme.population = None;
        for (place, sorted) in waiting.0.iter().zip(self.sorted()) {
            let input = &scheme.inputs[scheme.binnings[*place].input];
            let characteristic = &mut lesson.scheme.characteristics[*place];
            let Some(fit) = &characteristic.fit else { continue };
            let wishes = wishes(fit, whole);
            let (mut bins, fitted) = match sorted {
                Sorted::Numbers(values) if input.kind.is_date() => {
                    of_numbers(&values, days_from_as_of, whole, wishes, interrupted)?
                        .map(|(bins, fitted)| (bins, Fitted { min: None, max: None, ..fitted }))
                }
                Sorted::Numbers(values) => {
                    let bound = |value: f64| at_most(value).map(Scalar::Number);
                    of_numbers(&values, bound, whole, wishes, interrupted)?
                }
                Sorted::Codes(counts) => {
                    let value = |code: usize| match input.kind.is_truth() {
                        true => Some(Scalar::Boolean(code == 1)),
                        false => Some(Scalar::Text(input.texts[code].to_string())),
                    };
                    of_values(counts, value, whole, wishes, interrupted)?
                }
                Sorted::Texts(texts) => of_texts(&texts, whole, wishes, interrupted)?,
                Sorted::TooManyTexts => return Err(too_many_texts(&characteristic.input)),
            }
            .ok_or_else(|| no_value(&characteristic.input))?;
            // A bin for the missing values that was typed keeps its code.
            let missing = characteristic.bins.iter().find(|bin| bin.missing).cloned();
            if scheme.scheme.inputs[scheme.binnings[*place].input].missing == crate::scheme::Missing::Null {
                bins.push(missing.unwrap_or_else(|| Bin { missing: true, ..bin("missing") }));
            }
            characteristic.bins = bins;
            characteristic.fitted = Some(Fitted { at: at.to_owned(), ..fitted });
        }
        Ok(lesson)
    }
}

/// What the bins of a characteristic are to keep to.
#[derive(Debug, Clone, Copy)]
struct Wishes {
    most: usize,
    least: f64,
    trend: Trend,
}

fn wishes(fit: &Fit, whole: Split) -> Wishes {
    let share = fit.min_share.map_or(LEAST_SHARE, Number::nearest_f64);
    Wishes {
        most: fit.max_bins.unwrap_or(MOST_BINS) as usize,
        least: share * whole.all(),
        trend: fit.trend.unwrap_or_default(),
    }
}

fn bin(code: impl Into<String>) -> Bin {
    Bin { code: code.into(), ..Bin::default() }
}

/// Bins with the note on what they were fitted to; none without values.
type Binned = Option<(Vec<Bin>, Fitted)>;

fn note(customers: f64, min: Option<Number>, max: Option<Number>) -> Fitted {
    Fitted { n: customers.round() as u64, at: String::new(), min, max }
}

/// Where fine bins end: such of equally many customers, about, and those of the isotonic regression of the outcome (M. Ayer
/// and others, Annals of Mathematical Statistics 26, 1955), which alone would be the best bins with a trend if there
/// could be as many as one likes and as small.
fn fine_ends(splits: &[Split], rising: Option<bool>, most: usize) -> Vec<usize> {
    let work = splits.len().saturating_mul(splits.len()).saturating_mul(most);
    if splits.len() <= FINE_BINS || work <= FINE_BIN_WORK {
        return (1..=splits.len()).collect();
    }
    let total: f64 = splits.iter().map(|split| split.all()).sum();
    let mut ends = in_parts(splits, (1..=splits.len()).collect(), total / FINE_BINS as f64);
    if let Some(rising) = rising {
        let blocks = blocks(splits, rising);
        ends.extend(match blocks.len() <= FINE_BINS {
            true => blocks,
            false => in_parts(splits, blocks, total / FINE_BINS as f64),
        });
    }
    ends.sort_unstable();
    ends.dedup();
    ends
}

/// Ends between the fine bins on both sides of each of some ends, a few of each: where bins end may be told finer.
fn around(ends: &[usize], fine: &[usize]) -> Vec<usize> {
    const A_FEW: usize = 40;
    let mut finer = ends.to_vec();
    for end in ends {
        let at = fine.partition_point(|other| other < end);
        let from = at.checked_sub(1).map_or(0, |before| fine[before]) + 1;
        let to = fine.get(at + 1).copied().unwrap_or(*end);
        finer.extend((from..to).step_by((to - from.min(to)).div_ceil(A_FEW).max(1)));
    }
    finer.sort_unstable();
    finer.dedup();
    finer
}

/// Of ascending ends, those between which there are so many customers at least. The last one is among them.
fn in_parts(splits: &[Split], ends: Vec<usize>, least: f64) -> Vec<usize> {
    let (mut kept, mut from, mut own) = (Vec::new(), 0, 0.0);
    for end in ends {
        own += splits[from..end].iter().map(|split| split.all()).sum::<f64>();
        from = end;
        if own >= least || end == splits.len() {
            kept.push(end);
            own = 0.0;
        }
    }
    kept
}

/// Where the blocks end over which the rate never falls, or never rises: neighbours that go against it are united.
fn blocks(splits: &[Split], rising: bool) -> Vec<usize> {
    let mut blocks: Vec<(usize, Split)> = Vec::new();
    for (place, split) in splits.iter().enumerate() {
        let mut own = *split;
        while let Some((_, before)) = blocks.last()
            && before.rate() != own.rate()
            && (before.rate() > own.rate()) == rising
        {
            own += *before;
            blocks.pop();
        }
        blocks.push((place + 1, own));
    }
    blocks.into_iter().map(|(end, _)| end).collect()
}

/// Where the bins of neighbouring values end. All values have customers.
fn ends(
    splits: &[Split],
    whole: Split,
    wishes: Wishes,
    interrupted: &mut dyn FnMut() -> Result<()>,
) -> Result<Vec<usize>> {
    let directions: &[Option<bool>] = match wishes.trend {
        Trend::Auto => &[Some(true), Some(false)],
        Trend::Up => &[Some(true)],
        Trend::Down => &[Some(false)],
        Trend::Free => &[None],
    };
    let mut best: Option<(f64, Vec<usize>)> = None;
    for rising in directions {
        let terms = Terms { most: wishes.most, least: wishes.least, rising: *rising };
        let mut of_fine = |fine: &[usize]| -> Result<Vec<usize>> {
            let ends = partition(&sums(splits, fine), whole, terms, interrupted)?;
            Ok(ends.into_iter().map(|end| fine[end - 1]).collect())
        };
        let fine = fine_ends(splits, *rising, wishes.most);
        let mut ends = of_fine(&fine)?;
        if fine.len() < splits.len() {
            ends = of_fine(&around(&ends, &fine))?;
        }
        let value = information_value(&sums(splits, &ends), whole);
        if best.as_ref().is_none_or(|(known, _)| value > *known) {
            best = Some((value, ends));
        }
    }
    Ok(best.map_or_else(|| vec![splits.len()], |(_, ends)| ends))
}

/// The customers between each end and the one before it.
fn sums(splits: &[Split], ends: &[usize]) -> Vec<Split> {
    let mut from = 0;
    ends.iter()
        .map(|end| {
            let sum = splits[from..*end].iter().fold(Split::default(), |sum, split| sum + *split);
            from = *end;
            sum
        })
        .collect()
}

/// A cut point as the document holds it.
fn at_most(value: f64) -> Result<Number> {
    Number::at_most(value).ok_or_else(|| too_large(Some(value)))
}

/// A day as the document writes one that moves with the as-of day: `-P40D`. A bin of close days begins with the first whole one.
fn days_from_as_of(days: f64) -> Result<Scalar> {
    let days = days.ceil() as i64;
    Ok(Scalar::Text(format!("{}P{}D", if days < 0 { "-" } else { "" }, days.unsigned_abs())))
}

fn of_numbers(
    values: &[(Range, Units)],
    bound: impl Fn(f64) -> Result<Scalar>,
    whole: Split,
    wishes: Wishes,
    interrupted: &mut dyn FnMut() -> Result<()>,
) -> Result<Binned> {
    let (Some((first, _)), Some((last, _))) = (values.first(), values.last()) else { return Ok(None) };
    let splits: Vec<Split> = values.iter().map(|(_, units)| split(*units)).collect();
    let customers = splits.iter().map(|split| split.all()).sum();
    let ends = ends(&splits, whole, wishes, interrupted)?;
    let mut bins: Vec<Bin> = Vec::new();
    for (place, _) in ends.iter().enumerate() {
        let mut own = bin((place + 1).to_string());
        if let Some(begins) = place.checked_sub(1).map(|before| ends[before]) {
            own.gte = Some(bound(values[begins].0.low)?);
        }
        if let Some(before) = bins.last_mut() {
            before.lt = own.gte.clone();
        }
        bins.push(own);
    }
    Ok(Some((bins, note(customers, Some(at_most(first.low)?), Some(at_most(last.high)?)))))
}

/// Values without an order, in that of their rates: no other order has better bins of neighbours (W. D. Fisher, Journal of the
/// American Statistical Association 53, 1958; L. Breiman and others, Classification and Regression Trees, 1984, 4.2.2).
///
/// `value` says what a value is in a document; none is all that no bin lists.
fn of_values(
    counts: &[Units],
    value: impl Fn(usize) -> Option<Scalar>,
    whole: Split,
    wishes: Wishes,
    interrupted: &mut dyn FnMut() -> Result<()>,
) -> Result<Binned> {
    let splits: Vec<Split> = counts.iter().map(|units| split(*units)).collect();
    let mut order: Vec<usize> = (0..counts.len()).filter(|code| splits[*code].all() > 0.0).collect();
    order.sort_by(|one, other| splits[*one].rate().total_cmp(&splits[*other].rate()).then(one.cmp(other)));
    if order.is_empty() {
        return Ok(None);
    }
    let sorted: Vec<Split> = order.iter().map(|code| splits[*code]).collect();
    let customers = sorted.iter().map(|split| split.all()).sum();
    // In the order of their rates, any bins of neighbours rise.
    let ends = ends(&sorted, whole, Wishes { trend: Trend::Free, ..wishes }, interrupted)?;
    let mut groups: Vec<(Vec<usize>, Split)> = Vec::new();
    let mut from = 0;
    for (end, sum) in ends.iter().zip(sums(&sorted, &ends)) {
        groups.push((order[from..*end].to_vec(), sum));
        from = *end;
    }
    // Values that nobody has go where customers are most like all customers.
    let distance = |group: &(Vec<usize>, Split)| (group.1.rate() - whole.rate()).abs();
    let middle = (0..groups.len())
        .min_by(|one, other| distance(&groups[*one]).total_cmp(&distance(&groups[*other])))
        .unwrap_or(0);
    groups[middle].0.extend((0..counts.len()).filter(|code| splits[*code].all() == 0.0));
    let bins = groups.into_iter().enumerate().map(|(place, (mut codes, _))| {
        codes.sort_unstable();
        let values: Vec<Option<Scalar>> = codes.into_iter().map(&value).collect();
        let other = values.contains(&None);
        let listed: Vec<Scalar> = values.into_iter().flatten().collect();
        Bin { among: (!listed.is_empty()).then_some(listed), other, ..bin((place + 1).to_string()) }
    });
    Ok(Some((bins.collect(), note(customers, None, None))))
}

/// Texts of which any may come, in ascending order: those that enough customers have are told apart; the others, and all that
/// come later, are one value more, which is in the bin that its rate fits. Rates of a few customers would tell of
/// these customers only.
fn of_texts(
    texts: &[(&str, Units)],
    whole: Split,
    wishes: Wishes,
    interrupted: &mut dyn FnMut() -> Result<()>,
) -> Result<Binned> {
    let customers = |units: Units| split(units).all();
    if texts.is_empty() {
        return Ok(None);
    }
    let mut named: Vec<(&str, Units)> =
        texts.iter().copied().filter(|(_, units)| customers(*units) >= wishes.least * NAMED_PART).collect();
    named.sort_by(|one, other| customers(other.1).total_cmp(&customers(one.1)).then(one.0.cmp(other.0)));
    named.truncate(NAMED_TEXTS);
    named.sort_unstable();
    let mut counts: Vec<Units> = named.iter().map(|(_, units)| *units).collect();
    let mut others = [0, 0];
    texts.iter().for_each(|(_, units)| add(&mut others, *units));
    for own in &counts {
        others.iter_mut().zip(own).for_each(|(others, own)| *others -= own);
    }
    counts.push(others);
    let value = |code: usize| named.get(code).map(|(text, _)| Scalar::Text((*text).to_owned()));
    of_values(&counts, value, whole, wishes, interrupted)
}
