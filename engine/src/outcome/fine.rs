//! The first pass of a fit: of each input whose bins are to be learned, how many customers with the outcome and
//! without it have each value.

use allocator_api2::alloc::{Allocator, Global};
use allocator_api2::vec::Vec;

use super::evidence::{Units, add, units};
use super::numbers::{Numbers, Range};
use super::seen::{Followed, Seen};
use super::texts::Texts;
use crate::aggregate::codec::{Reader, Writer};
use crate::aggregate::value_type::Mergeable;
use crate::error::{Error, ErrorKind, Result};
use crate::grade::Compiled;
use crate::grade::as_of::{AsOf, Sheet};
use crate::grade::binning::Scale;
use crate::grade::value::{InputSlot, OTHER_TEXT, Value};
use crate::limits::{DURATION_DAYS, OUTCOME_TEXT_BYTES, OUTCOME_TEXTS};
use crate::number::key_float;
use crate::scheme::InputType;
use crate::study::fit::{BEYOND, too_large};
use crate::time::date::day_number;

const TAG: u8 = b'F';

/// How often each value of one input comes with the outcome.
#[derive(Debug, Clone)]
struct Values<A: Allocator + Clone> {
    present: Present<A>,
    missing: Units,
}

/// The values that are there.
#[derive(Debug, Clone)]
enum Present<A: Allocator + Clone> {
    /// Numbers, or dates in days after the as-of day.
    Numbers(Numbers<A>),
    /// Allowed texts by their code, or false and true.
    Codes(Vec<Units, A>),
    /// Texts of any kind.
    Texts(Texts<A>),
}

impl<A: Allocator + Clone> Values<A> {
    fn new(input: &InputSlot, memory: A) -> Self {
        let codes = |codes: usize| {
            let mut counts = Vec::new_in(memory.clone());
            counts.resize(codes, [0, 0]);
            Present::Codes(counts)
        };
        let present = match input.kind {
            InputType::Text if input.restricted => codes(input.texts.len()),
            InputType::Text => Present::Texts(Texts::new(memory)),
            InputType::Boolean => codes(2),
            InputType::Number | InputType::Integer | InputType::Date => {
                Present::Numbers(Numbers::new(memory))
            }
        };
        Values { present, missing: [0, 0] }
    }

    /// Whether the other one is of the same kind, with as many codes.
    fn is_like(&self, other: &Self) -> bool {
        match (&self.present, &other.present) {
            (Present::Codes(own), Present::Codes(other)) => own.len() == other.len(),
            (own, other) => core::mem::discriminant(own) == core::mem::discriminant(other),
        }
    }
}

/// The values of all inputs whose bins are to be learned, by outcome.
#[derive(Debug, Clone)]
pub struct FineBins<A: Allocator + Clone = Global> {
    /// By characteristic that waits, in the order of the scheme.
    values: Vec<Values<A>, A>,
    pub(super) seen: Seen,
    /// The numbers of the customer at hand, by place in `values`.
    own: Vec<f64, A>,
}

/// The characteristics whose bins are to be learned, looked up once.
#[derive(Debug, Clone)]
pub struct Waiting(pub(super) std::vec::Vec<usize>);

impl Waiting {
    /// Of a scheme.
    pub fn of(scheme: &Compiled) -> Self {
        let waits = |place: &usize| {
            scheme.scheme.characteristics[*place].is_learned()
                && matches!(scheme.binnings[*place].scale, Scale::Unfitted)
        };
        Waiting((0..scheme.binnings.len()).filter(waits).collect())
    }

    /// The inputs whose texts must be in the `words` of a sheet, if the scheme does not name them.
    pub fn texts<'w>(&'w self, scheme: &'w Compiled) -> impl Iterator<Item = usize> + 'w {
        let inputs = self.0.iter().map(|place| scheme.binnings[*place].input);
        inputs.filter(|input| match scheme.inputs[*input].kind {
            InputType::Text => !scheme.inputs[*input].restricted,
            InputType::Number | InputType::Integer | InputType::Boolean | InputType::Date => false,
        })
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The values of one input, as they come out: in ascending order of numbers and texts, by code of allowed texts and truth values.
pub(super) enum Sorted<'f> {
    Numbers(std::vec::Vec<(Range, Units)>),
    Codes(&'f [Units]),
    Texts(std::vec::Vec<(&'f str, Units)>),
    TooManyTexts,
}

/// How far a date lies from the as-of day. What is farther than the longest duration counts as that far: no bound of a bin could tell.
fn days_after(day: i32, as_of: &AsOf) -> f64 {
    let farthest = f64::from(DURATION_DAYS);
    (f64::from(day) - f64::from(day_number(as_of.date))).clamp(-farthest, farthest)
}

impl<A: Allocator + Clone> FineBins<A> {
    /// Before the first customer.
    pub fn new(scheme: &Compiled, memory: A) -> Self {
        let mut values = Vec::new_in(memory.clone());
        for place in Waiting::of(scheme).0 {
            values.push(Values::new(&scheme.inputs[scheme.binnings[place].input], memory.clone()));
        }
        FineBins::of(values, Seen::default())
    }

    fn of(values: Vec<Values<A>, A>, seen: Seen) -> Self {
        let mut own = Vec::new_in(values.allocator().clone());
        own.resize(values.len(), 0.0);
        FineBins { values, seen, own }
    }

    /// The customers of the pass.
    pub fn seen(&self) -> &Seen {
        &self.seen
    }

    /// Whether these are values of what waits in this scheme: they are as many, and of the same kinds.
    pub fn is_of(&self, scheme: &Compiled) -> bool {
        let waiting = Waiting::of(scheme).0;
        let like = |(values, place): (&Values<A>, &usize)| {
            let memory = self.values.allocator().clone();
            values.is_like(&Values::new(&scheme.inputs[scheme.binnings[*place].input], memory))
        };
        self.values.len() == waiting.len() && self.values.iter().zip(&waiting).all(like)
    }

    /// Takes note of the customer in the sheet, with the words of [`Waiting::texts`]; of none of its values if there is an error.
    ///
    /// # Errors
    ///
    /// `MissingValue` where the scheme wants a value; `NumberOutOfRange` for one beyond all cut points, and for too many
    /// customers; `InvalidValue` for a weight that is negative or not finite.
    #[inline]
    pub fn add(
        &mut self,
        scheme: &Compiled,
        waiting: &Waiting,
        as_of: &AsOf,
        sheet: &mut Sheet,
        followed: Followed,
    ) -> Result<()> {
        let Some((outcome, units)) = self.seen.take(scheme, sheet, followed)? else { return Ok(()) };
        for (own, place) in self.own.iter_mut().zip(&waiting.0) {
            *own = match sheet.slots[scheme.binnings[*place].input] {
                Value::Float(number) => number,
                Value::Exact(key) => key_float(key),
                Value::Day(day) => days_after(day, as_of),
                Value::Missing | Value::Boolean(_) | Value::Text(_) => continue,
            };
            if own.abs() >= BEYOND {
                return Err(too_large(Some(*own)).finding("out of range"));
            }
        }
        self.seen.count(outcome, units);
        if units == 0 {
            return Ok(());
        }
        for ((values, own), place) in self.values.iter_mut().zip(&self.own).zip(&waiting.0) {
            let input = scheme.binnings[*place].input;
            match sheet.slots[input] {
                Value::Exact(_) | Value::Float(_) | Value::Day(_) => match &mut values.present {
                    Present::Numbers(numbers) => numbers.add(*own, outcome, units),
                    Present::Codes(_) | Present::Texts(_) => {}
                },
                Value::Boolean(value) => values.count_code(usize::from(value), outcome, units),
                Value::Text(OTHER_TEXT) => values.count_text(&sheet.words[input], outcome, units),
                Value::Text(code) => match &values.present {
                    Present::Texts(_) => {
                        values.count_text(
                            scheme.inputs[input].texts[code as usize].as_bytes(),
                            outcome,
                            units,
                        );
                    }
                    Present::Numbers(_) | Present::Codes(_) => {
                        values.count_code(code as usize, outcome, units)
                    }
                },
                Value::Missing => values.missing[outcome] += units,
            }
        }
        Ok(())
    }

    /// Takes note of the customer whose inputs are these numbers, as [`FineBins::add`] would. False, and takes no note, if one is beyond all
    /// cut points.
    ///
    /// # Errors
    ///
    /// Those of [`FineBins::add`].
    #[inline]
    pub fn add_numbers(
        &mut self,
        scheme: &Compiled,
        waiting: &Waiting,
        inputs: &[f64],
        followed: Followed,
    ) -> Result<bool> {
        if inputs.iter().any(|number| number.abs() >= BEYOND) {
            return Ok(false);
        }
        let Some((outcome, units)) = self.seen.take_followed(followed)? else { return Ok(true) };
        self.seen.count(outcome, units);
        if units > 0 {
            for (values, place) in self.values.iter_mut().zip(&waiting.0) {
                if let Present::Numbers(numbers) = &mut values.present {
                    numbers.add(inputs[scheme.binnings[*place].input], outcome, units);
                }
            }
        }
        Ok(true)
    }

    /// By characteristic that waits, its values with their customers.
    pub(super) fn sorted(&self) -> std::vec::Vec<Sorted<'_>> {
        let mut sorted = std::vec::Vec::new();
        for values in &self.values {
            sorted.push(match &values.present {
                Present::Numbers(numbers) => Sorted::Numbers(numbers.sorted()),
                Present::Codes(codes) => Sorted::Codes(codes),
                Present::Texts(texts) if texts.are_too_many() => Sorted::TooManyTexts,
                Present::Texts(texts) => Sorted::Texts(texts.sorted()),
            });
        }
        sorted
    }
}

impl<A: Allocator + Clone> Mergeable<A> for FineBins<A> {
    const WHAT: &'static str = "values by outcome";

    fn copy(&self, memory: A) -> Self {
        let mut values = Vec::with_capacity_in(self.values.len(), memory.clone());
        for own in &self.values {
            let present = match &own.present {
                Present::Numbers(numbers) => Present::Numbers(numbers.copy(memory.clone())),
                Present::Codes(codes) => {
                    let mut copy = Vec::with_capacity_in(codes.len(), memory.clone());
                    copy.extend_from_slice(codes);
                    Present::Codes(copy)
                }
                Present::Texts(texts) => Present::Texts(texts.copy(memory.clone())),
            };
            values.push(Values { present, missing: own.missing });
        }
        FineBins::of(values, self.seen)
    }

    fn merge(&mut self, other: &Self) -> Result<()> {
        let alike = |(own, other): (&Values<A>, &Values<A>)| own.is_like(other);
        if self.values.len() != other.values.len() || !self.values.iter().zip(&other.values).all(alike) {
            return Err(Error::invalid("fits of different schemes cannot be merged"));
        }
        self.seen.merge(&other.seen)?;
        for (own, other) in self.values.iter_mut().zip(&other.values) {
            match (&mut own.present, &other.present) {
                (Present::Numbers(own), Present::Numbers(other)) => own.merge(other),
                (Present::Codes(own), Present::Codes(other)) => {
                    own.iter_mut().zip(other).for_each(|(own, other)| add(own, *other));
                }
                (Present::Texts(own), Present::Texts(other)) => own.merge(other),
                // They are alike.
                (Present::Numbers(_) | Present::Codes(_) | Present::Texts(_), _) => {}
            }
            add(&mut own.missing, other.missing);
        }
        Ok(())
    }

    fn encode(&self) -> std::vec::Vec<u8> {
        let mut writer = Writer::new(TAG);
        self.seen.encode(&mut writer);
        writer.unsigned(self.values.len() as u128);
        for values in &self.values {
            match &values.present {
                Present::Numbers(numbers) => {
                    writer.byte(NUMBERS);
                    numbers.encode(&mut writer);
                }
                Present::Codes(codes) => {
                    writer.byte(CODES);
                    writer.unsigned(codes.len() as u128);
                    codes.iter().flatten().for_each(|count| writer.unsigned(u128::from(*count)));
                }
                Present::Texts(texts) => {
                    writer.byte(TEXTS);
                    texts.encode(&mut writer);
                }
            }
            values.missing.iter().for_each(|count| writer.unsigned(u128::from(*count)));
        }
        writer.finish()
    }

    fn decode(bytes: &[u8], memory: A) -> Result<Self> {
        let mut reader = Reader::new(bytes, TAG, Self::WHAT)?;
        let seen = Seen::decode(&mut reader)?;
        let mut values = Vec::new_in(memory.clone());
        for _ in 0..reader.length()? {
            let present = match reader.byte()? {
                NUMBERS => Present::Numbers(Numbers::decode(&mut reader, memory.clone())?),
                CODES => {
                    let mut codes = Vec::new_in(memory.clone());
                    for _ in 0..reader.length()? {
                        codes.push(units(&mut reader)?);
                    }
                    Present::Codes(codes)
                }
                TEXTS => Present::Texts(Texts::decode(&mut reader, memory.clone())?),
                _ => return Err(reader.broken("its values are of no known kind")),
            };
            let missing = units(&mut reader)?;
            let known = Values { present, missing };
            if !known.adds_up_to(seen.units) {
                return Err(reader.broken("its counts are not those of its customers"));
            }
            values.push(known);
        }
        reader.finish()?;
        Ok(FineBins::of(values, seen))
    }
}

/// The kinds of values in bytes.
const NUMBERS: u8 = b'n';
const CODES: u8 = b'c';
const TEXTS: u8 = b't';

impl<A: Allocator + Clone> Values<A> {
    fn count_code(&mut self, code: usize, outcome: usize, units: u64) {
        match &mut self.present {
            Present::Codes(codes) => codes[code][outcome] += units,
            Present::Numbers(_) | Present::Texts(_) => {}
        }
    }

    fn count_text(&mut self, text: &[u8], outcome: usize, units: u64) {
        let mut counts = [0, 0];
        counts[outcome] = units;
        match &mut self.present {
            Present::Texts(texts) => texts.add(text, counts),
            Present::Numbers(_) | Present::Codes(_) => {}
        }
    }

    /// Whether every customer is counted once.
    fn adds_up_to(&self, units: Units) -> bool {
        (0..2).all(|outcome| {
            let present = match &self.present {
                Present::Numbers(numbers) => numbers.count(outcome),
                Present::Codes(codes) => sum(codes.iter(), outcome),
                Present::Texts(texts) => sum(texts.all(), outcome),
            };
            present.and_then(|present| present.checked_add(self.missing[outcome])) == Some(units[outcome])
        })
    }
}

/// The customers with the outcome, or of those without it; none if they are more than can be.
fn sum<'u>(mut counts: impl Iterator<Item = &'u Units>, outcome: usize) -> Option<u64> {
    counts.try_fold(0_u64, |sum, units| sum.checked_add(units[outcome]))
}

/// The error for an input that has a text of its own for too many customers.
#[cold]
pub(super) fn too_many_texts(input: &str) -> Error {
    Error::new(ErrorKind::TooLarge, format!("input {input:?} has too many different texts to fit bins to"))
        .detail(format!(
            "Up to {OUTCOME_TEXTS} texts of {} MiB together are told apart.",
            OUTCOME_TEXT_BYTES >> 20
        ))
        .hint("Texts that nearly every customer has for itself, such as names, tell nothing of others: leave the characteristic out, or map a column that groups them.")
}

/// The error for values of an input that nothing can be learned of.
pub(super) fn no_value(input: &str) -> Error {
    Error::new(ErrorKind::InvalidValue, format!("nothing to fit input {input:?} to"))
        .detail("None of the customers that count has a value.")
        .hint("tiering.check_inputs() shows what is missing; leave the characteristic out, or map another column.")
}
