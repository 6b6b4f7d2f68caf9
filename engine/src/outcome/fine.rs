//! The first pass of a fit: of each input whose bins are to be learned, how many customers with the outcome and
//! without it have each value.

use allocator_api2::alloc::{Allocator, Global};
use allocator_api2::vec::Vec;

use super::WEIGHT_UNIT;
use super::evidence::Split;
use crate::aggregate::codec::{Reader, Writer};
use crate::aggregate::distribution::{Distribution, EXACT, Limit, Span};
use crate::aggregate::value_type::{MAX_COUNT, Mergeable, sum_of_counts};
use crate::error::{Error, ErrorKind, Result};
use crate::grade::Compiled;
use crate::grade::as_of::Sheet;
use crate::grade::binning::Scale;
use crate::grade::value::{InputSlot, Value};
use crate::limits::{CUSTOMER_WEIGHT, OUTCOME_VALUES};
use crate::number::key_float;
use crate::scheme::InputType;
use crate::study::fit::{BEYOND, too_large};

const TAG: u8 = b'F';

/// Units of weight, without the outcome and with it.
pub(super) type Units = [u64; 2];

pub(super) fn split(units: Units) -> Split {
    Split::of_units(units[1], units[0])
}

/// What came of a customer, and how much that counts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Followed {
    /// Whether the outcome came; `None` if that is not known.
    pub outcome: Option<bool>,
    /// The weight, 1 for one customer.
    pub weight: f64,
}

impl Followed {
    /// The weight in units, rounded.
    fn units(self) -> Result<u64> {
        if (0.0..=CUSTOMER_WEIGHT).contains(&self.weight) {
            return Ok((self.weight * WEIGHT_UNIT as f64).round() as u64);
        }
        Err(Error::invalid(format!("the weight of a customer is {}", self.weight))
            .detail(format!("Weights go from 0 to {CUSTOMER_WEIGHT:e}."))
            .hint("Correct the weight, or leave the customer out.")
            .finding("out of range"))
    }
}

/// The customers of a pass.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Seen {
    /// Those that count, by weight, without the outcome and with it.
    pub(super) units: Units,
    /// Rows that count.
    pub customers: u64,
    /// Rows without a known outcome.
    pub without_outcome: u64,
    /// Rows that the scheme leaves ungraded for lack of an input.
    pub ungraded: u64,
}

impl Seen {
    /// Which of the two outcomes a customer has, and the weight; `None` if the customer does not count.
    #[inline]
    pub(super) fn take(
        &mut self,
        scheme: &Compiled,
        sheet: &mut Sheet,
        followed: Followed,
    ) -> Result<Option<(usize, u64)>> {
        let Some(outcome) = followed.outcome else {
            self.without_outcome += 1;
            return Ok(None);
        };
        let units = followed.units()?;
        if !scheme.fill_in(sheet)? {
            self.ungraded += 1;
            return Ok(None);
        }
        sum_of_counts(self.units[0] + self.units[1], units)?;
        Ok(Some((usize::from(outcome), units)))
    }

    #[inline]
    pub(super) fn count(&mut self, outcome: usize, units: u64) {
        self.units[outcome] += units;
        self.customers += 1;
    }

    /// All that count, by weight.
    pub fn whole(&self) -> Split {
        split(self.units)
    }

    pub(super) fn merge(&mut self, other: &Seen) -> Result<()> {
        sum_of_counts(self.units[0] + self.units[1], other.units[0] + other.units[1])?;
        add(&mut self.units, other.units);
        self.customers = sum_of_counts(self.customers, other.customers)?;
        self.without_outcome = sum_of_counts(self.without_outcome, other.without_outcome)?;
        self.ungraded = sum_of_counts(self.ungraded, other.ungraded)?;
        Ok(())
    }

    pub(super) fn encode(&self, writer: &mut Writer) {
        for count in [self.units[0], self.units[1], self.customers, self.without_outcome, self.ungraded] {
            writer.unsigned(u128::from(count));
        }
    }

    pub(super) fn decode(reader: &mut Reader<'_>) -> Result<Seen> {
        let seen = Seen {
            units: units(reader)?,
            customers: reader.fits()?,
            without_outcome: reader.fits()?,
            ungraded: reader.fits()?,
        };
        let [others, events] = seen.units;
        let rows = [seen.customers, seen.without_outcome, seen.ungraded];
        let weights = others.checked_add(events).is_some_and(|sum| sum <= MAX_COUNT);
        match weights && rows.into_iter().all(|count| count <= MAX_COUNT) {
            true => Ok(seen),
            false => Err(reader.broken("there are too many customers")),
        }
    }

    /// That there is anything to tell apart.
    ///
    /// # Errors
    ///
    /// `InvalidValue` if all customers have the outcome, or nobody has.
    pub(super) fn both(&self) -> Result<Split> {
        let whole = self.whole();
        if whole.has_both() {
            return Ok(whole);
        }
        let detail = match (self.customers, whole.events > 0.0) {
            (0, _) => "No customer counts.".to_owned(),
            (n, false) => format!("It came of none of {n} customers."),
            (n, true) => format!("It came of all {n} customers."),
        };
        let left_out = |n: u64, why: &str| if n == 0 { String::new() } else { format!(" {n} {why}.") };
        Err(Error::invalid("the outcome tells no customers apart")
            .detail(format!(
                "{detail}{}{}",
                left_out(self.without_outcome, "were left out because the outcome is NULL"),
                left_out(self.ungraded, "were left out because an input is missing")
            ))
            .hint("Give customers of whom the outcome came, and others of whom it did not."))
    }
}

pub(super) fn add(own: &mut Units, other: Units) {
    own.iter_mut().zip(other).for_each(|(own, other)| *own += other);
}

pub(super) fn units(reader: &mut Reader<'_>) -> Result<Units> {
    Ok([reader.fits()?, reader.fits()?])
}

/// How often each value of one input comes with the outcome.
#[derive(Debug, Clone)]
struct Values<A: Allocator + Clone> {
    /// Numbers, of those without the outcome and those with it.
    numbers: [Distribution<A>; 2],
    /// Texts by their code, or false and true.
    codes: Vec<Units, A>,
    missing: Units,
}

impl<A: Allocator + Clone> Values<A> {
    fn new(codes: usize, memory: A) -> Self {
        let numbers = || Distribution::new(EXACT, Limit::Coarsen(OUTCOME_VALUES), memory.clone());
        let (numbers, mut counts) = ([numbers(), numbers()], Vec::new_in(memory));
        counts.resize(codes, [0, 0]);
        Values { numbers, codes: counts, missing: [0, 0] }
    }
}

/// The values of all inputs whose bins are to be learned, by outcome.
#[derive(Debug, Clone)]
pub struct FineBins<A: Allocator + Clone = Global> {
    /// By characteristic that waits, in the order of the scheme.
    values: Vec<Values<A>, A>,
    pub(super) seen: Seen,
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

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The values of one input, as they come out: in ascending order of numbers, by code of texts and truth values.
pub(super) enum Sorted<'f> {
    Numbers(std::vec::Vec<(Span, Units)>),
    Codes(&'f [Units]),
}

/// How many values an input has that are no numbers.
fn codes(input: &InputSlot) -> usize {
    match input.kind {
        InputType::Text => input.texts.len(),
        InputType::Boolean => 2,
        InputType::Number | InputType::Integer | InputType::Date => 0,
    }
}

impl<A: Allocator + Clone> FineBins<A> {
    /// Before the first customer.
    pub fn new(scheme: &Compiled, memory: A) -> Self {
        let mut values = Vec::new_in(memory.clone());
        for place in Waiting::of(scheme).0 {
            let input = &scheme.inputs[scheme.binnings[place].input];
            values.push(Values::new(codes(input), memory.clone()));
        }
        FineBins { values, seen: Seen::default() }
    }

    /// The customers of the pass.
    pub fn seen(&self) -> &Seen {
        &self.seen
    }

    /// Whether these are values of what waits in this scheme: they are as many, and of the same kinds.
    pub fn is_of(&self, scheme: &Compiled) -> bool {
        let waiting = Waiting::of(scheme).0;
        let codes = waiting.iter().map(|place| codes(&scheme.inputs[scheme.binnings[*place].input]));
        self.values.iter().map(|values| values.codes.len()).eq(codes)
    }

    /// Takes note of the customer in the sheet; of none of its values if there is an error.
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
        sheet: &mut Sheet,
        followed: Followed,
    ) -> Result<()> {
        let Some((outcome, units)) = self.seen.take(scheme, sheet, followed)? else { return Ok(()) };
        for place in &waiting.0 {
            let number = match sheet.slots[scheme.binnings[*place].input] {
                Value::Float(number) => number,
                Value::Exact(key) => key_float(key),
                _ => continue,
            };
            if number.abs() >= BEYOND {
                return Err(too_large(Some(number)).finding("out of range"));
            }
        }
        self.seen.count(outcome, units);
        if units == 0 {
            return Ok(());
        }
        for (values, place) in self.values.iter_mut().zip(&waiting.0) {
            match sheet.slots[scheme.binnings[*place].input] {
                Value::Exact(key) => values.numbers[outcome].add_times(key_float(key), units)?,
                Value::Float(number) => values.numbers[outcome].add_times(number, units)?,
                Value::Text(code) => values.codes[code as usize][outcome] += units,
                Value::Boolean(value) => values.codes[usize::from(value)][outcome] += units,
                // No bins are learned over dates.
                Value::Day(_) | Value::Missing => values.missing[outcome] += units,
            }
        }
        Ok(())
    }

    /// By characteristic that waits, its values with their customers.
    pub(super) fn sorted(&self) -> Result<std::vec::Vec<Sorted<'_>>> {
        let mut sorted = std::vec::Vec::new();
        for values in &self.values {
            sorted.push(match values.codes.is_empty() {
                true => Sorted::Numbers(Distribution::side_by_side(&values.numbers[0], &values.numbers[1])?),
                false => Sorted::Codes(&values.codes),
            });
        }
        Ok(sorted)
    }
}

impl<A: Allocator + Clone> Mergeable<A> for FineBins<A> {
    const WHAT: &'static str = "values by outcome";

    fn copy(&self, memory: A) -> Self {
        let mut values = Vec::with_capacity_in(self.values.len(), memory.clone());
        for own in &self.values {
            let mut codes = Vec::with_capacity_in(own.codes.len(), memory.clone());
            codes.extend_from_slice(&own.codes);
            let numbers = [own.numbers[0].copy(memory.clone()), own.numbers[1].copy(memory.clone())];
            values.push(Values { numbers, codes, missing: own.missing });
        }
        FineBins { values, seen: self.seen }
    }

    fn merge(&mut self, other: &Self) -> Result<()> {
        let shape = |values: &Values<A>| values.codes.len();
        if !self.values.iter().map(shape).eq(other.values.iter().map(shape)) {
            return Err(Error::invalid("fits of different schemes cannot be merged"));
        }
        self.seen.merge(&other.seen)?;
        for (own, other) in self.values.iter_mut().zip(&other.values) {
            for (own, other) in own.numbers.iter_mut().zip(&other.numbers) {
                own.merge(other)?;
            }
            own.codes.iter_mut().zip(&other.codes).for_each(|(own, other)| add(own, *other));
            add(&mut own.missing, other.missing);
        }
        Ok(())
    }

    fn encode(&self) -> std::vec::Vec<u8> {
        let mut writer = Writer::new(TAG);
        self.seen.encode(&mut writer);
        writer.unsigned(self.values.len() as u128);
        for values in &self.values {
            values.numbers.iter().for_each(|numbers| writer.bytes(&numbers.encode()));
            writer.unsigned(values.codes.len() as u128);
            for count in values.codes.iter().chain([&values.missing]).flatten() {
                writer.unsigned(u128::from(*count));
            }
        }
        writer.finish()
    }

    fn decode(bytes: &[u8], memory: A) -> Result<Self> {
        let mut reader = Reader::new(bytes, TAG, Self::WHAT)?;
        let seen = Seen::decode(&mut reader)?;
        let mut values = Vec::new_in(memory.clone());
        for _ in 0..reader.length()? {
            let mut numbers = || Distribution::decode(reader.bytes()?, memory.clone());
            let numbers = [numbers()?, numbers()?];
            let mut codes = Vec::new_in(memory.clone());
            for _ in 0..reader.length()? {
                codes.push(units(&mut reader)?);
            }
            let missing = units(&mut reader)?;
            let known = Values { numbers, codes, missing };
            if !known.adds_up_to(seen.units) || !known.is_limited() {
                return Err(reader.broken("its counts are not those of its customers"));
            }
            values.push(known);
        }
        reader.finish()?;
        Ok(FineBins { values, seen })
    }
}

impl<A: Allocator + Clone> Values<A> {
    /// Whether the numbers were made as [`Values::new`] makes them.
    fn is_limited(&self) -> bool {
        self.numbers.iter().all(|numbers| numbers.limit() == Limit::Coarsen(OUTCOME_VALUES))
    }

    /// Whether every customer is counted once.
    fn adds_up_to(&self, units: Units) -> bool {
        (0..2).all(|outcome| {
            let counts = self.codes.iter().chain([&self.missing]).map(|units| units[outcome]);
            let numbers = self.numbers[outcome].count();
            counts.chain([numbers]).try_fold(0_u64, u64::checked_add) == Some(units[outcome])
        })
    }
}

/// The error for values of an input that nothing can be learned of.
pub(super) fn no_value(input: &str) -> Error {
    Error::new(ErrorKind::InvalidValue, format!("nothing to fit input {input:?} to"))
        .detail("None of the customers that count has a value.")
        .hint("tiering.check_inputs() shows what is missing; leave the characteristic out, or map another column.")
}
