//! How often each number of an input comes with the outcome.
//!
//! Numbers are buckets as those of a distribution: each double one of its own, as long as there are not too many, then as
//! fine ones as fit. How fine they are follows from the numbers alone, and not from the order of the customers.

use allocator_api2::alloc::{Allocator, Global};
use allocator_api2::vec::Vec;
use hashbrown::HashMap;

use super::buckets::{Buckets, Pooled, coarser, pool, sorted, too_fine};
use super::evidence::{Units, add, units};
use crate::aggregate::codec::{Reader, Writer};
use crate::aggregate::distribution::EXACT;
use crate::aggregate::distribution::keys::{coarse, ends, key_of};
use crate::error::Result;
use crate::limits::OUTCOME_VALUES;

/// So many numbers wait before they are put into their buckets, one after the other: then the memory of one input is looked at many
/// times, and not that of all inputs for each customer.
const BATCH: usize = 1 << 9;

/// Customers by number and outcome.
#[derive(Debug, Clone)]
pub(super) struct Numbers<A: Allocator + Clone> {
    buckets: Buckets<Units, A>,
    /// How many bits of the significand divide a power of two into buckets.
    bits: u8,
    /// Of zeros, and of magnitudes below the least normal double.
    zeros: Units,
    /// Of all numbers that are in buckets; meaningless while there is none.
    min: f64,
    max: f64,
    /// Finite numbers that are in no bucket yet, by the outcome with their units.
    waiting: Vec<(f64, u64), A>,
}

/// A run of numbers next to each other: those of a bucket, or equal ones.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Range {
    /// The least number that belongs to it.
    pub low: f64,
    /// The greatest one.
    pub high: f64,
}

impl Pooled for Units {
    #[inline]
    fn pool(&mut self, other: Self) {
        add(self, other);
    }
}

/// The weight of one customer, without the outcome or with it.
#[inline]
fn one(outcome: usize, own: u64) -> Units {
    let mut counts = [0, 0];
    counts[outcome] = own;
    counts
}

impl<A: Allocator + Clone> Numbers<A> {
    pub(super) fn new(memory: A) -> Self {
        Numbers {
            buckets: HashMap::new_in(memory.clone()),
            bits: EXACT,
            zeros: [0, 0],
            min: f64::INFINITY,
            max: f64::NEG_INFINITY,
            waiting: Vec::new_in(memory),
        }
    }

    /// Counts a finite number, with a weight above zero and below 2^63.
    #[inline]
    pub(super) fn add(&mut self, number: f64, outcome: usize, units: u64) {
        self.waiting.push((number, units << 1 | outcome as u64));
        if self.waiting.len() == BATCH {
            self.settle();
        }
    }

    /// Puts what waits into its buckets.
    fn settle(&mut self) {
        let (mut min, mut max) = (self.min, self.max);
        for (number, counted) in &self.waiting {
            let counts = one((counted & 1) as usize, counted >> 1);
            match key_of(*number, self.bits) {
                Some(key) => {
                    (min, max) = (min.min(*number), max.max(*number));
                    pool(&mut self.buckets, key, counts);
                }
                None => {
                    (min, max) = (min.min(0.0), max.max(0.0));
                    add(&mut self.zeros, counts);
                }
            }
        }
        (self.min, self.max) = (min, max);
        self.waiting.clear();
        self.keep_limit();
    }

    fn keep_limit(&mut self) {
        if self.buckets.len() > OUTCOME_VALUES {
            self.reduce(self.bits - too_fine(&self.buckets, self.bits, OUTCOME_VALUES));
        }
    }

    fn reduce(&mut self, bits: u8) {
        if bits < self.bits {
            self.buckets = coarser(&self.buckets, self.bits - bits);
            self.bits = bits;
        }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.settle();
        self.reduce(self.bits.min(other.bits));
        for (key, counts) in &other.buckets {
            pool(&mut self.buckets, coarse(*key, other.bits - self.bits), *counts);
        }
        add(&mut self.zeros, other.zeros);
        (self.min, self.max) = (self.min.min(other.min), self.max.max(other.max));
        self.keep_limit();
        other
            .waiting
            .iter()
            .for_each(|(number, counted)| self.add(*number, (counted & 1) as usize, counted >> 1));
    }

    pub(super) fn copy<B: Allocator + Clone>(&self, memory: B) -> Numbers<B> {
        let mut buckets = HashMap::with_capacity_in(self.buckets.len(), memory.clone());
        buckets.extend(self.buckets.iter().map(|(key, counts)| (*key, *counts)));
        let mut waiting = Vec::with_capacity_in(self.waiting.len(), memory);
        waiting.extend_from_slice(&self.waiting);
        Numbers { buckets, waiting, bits: self.bits, zeros: self.zeros, min: self.min, max: self.max }
    }

    /// The same with nothing that waits.
    fn settled(&self) -> Numbers<Global> {
        let mut copy = self.copy(Global);
        copy.settle();
        copy
    }

    /// The numbers in ascending order, bucket by bucket, with their customers.
    pub(super) fn sorted(&self) -> std::vec::Vec<(Range, Units)> {
        let own = self.settled();
        let within = |low: f64, high: f64| Range { low: low.max(own.min), high: high.min(own.max) };
        let zero = (Range { low: 0.0, high: 0.0 }, own.zeros);
        let mut zeros = (own.zeros != [0, 0]).then_some(zero);
        let mut ranges = std::vec::Vec::with_capacity(own.buckets.len() + 1);
        for (key, counts) in sorted(&own.buckets) {
            if key > 0 {
                ranges.extend(zeros.take());
            }
            let (near, far) = ends(key, own.bits);
            let last = f64::from_bits(far.to_bits() - 1);
            ranges.push((if key > 0 { within(near, last) } else { within(-last, -near) }, counts));
        }
        ranges.extend(zeros);
        ranges
    }

    /// All that were counted, of an outcome; none if they are more than can be.
    pub(super) fn count(&self, outcome: usize) -> Option<u64> {
        let waiting = self.waiting.iter().map(|(_, counted)| one((counted & 1) as usize, counted >> 1));
        let mut all = self.buckets.values().copied().chain([self.zeros]).chain(waiting);
        all.try_fold(0_u64, |sum, counts| sum.checked_add(counts[outcome]))
    }

    pub(super) fn encode(&self, writer: &mut Writer) {
        let own = self.settled();
        writer.byte(own.bits);
        own.zeros.iter().for_each(|count| writer.unsigned(u128::from(*count)));
        let buckets = sorted(&own.buckets);
        writer.unsigned(buckets.len() as u128);
        if !buckets.is_empty() || own.zeros != [0, 0] {
            writer.float(own.min);
            writer.float(own.max);
        }
        let mut previous = 0_i64;
        for (key, counts) in buckets {
            writer.signed(i128::from(key) - i128::from(previous));
            counts.iter().for_each(|count| writer.unsigned(u128::from(*count)));
            previous = key;
        }
    }

    pub(super) fn decode(reader: &mut Reader<'_>, memory: A) -> Result<Self> {
        let mut numbers = Numbers::new(memory);
        numbers.bits = reader.byte()?;
        if numbers.bits > EXACT {
            return Err(reader.broken("its precision is out of range"));
        }
        numbers.zeros = units(reader)?;
        let length = reader.length()?;
        if length > OUTCOME_VALUES {
            return Err(reader.broken("it has too many buckets"));
        }
        let any = length > 0 || numbers.zeros != [0, 0];
        if any {
            (numbers.min, numbers.max) = (reader.float()?, reader.float()?);
        }
        numbers.buckets.reserve(length);
        let (mut first, mut previous) = (0_i64, 0_i64);
        for place in 0..length {
            let key = i128::from(previous).checked_add(reader.signed()?);
            let key = key.and_then(|key| i64::try_from(key).ok()).filter(|key| {
                let exponent = key.unsigned_abs() >> numbers.bits;
                exponent > 0 && exponent < 0x7ff
            });
            let key = key.ok_or_else(|| reader.broken("a bucket is out of range"))?;
            if place == 0 {
                first = key;
            } else if key <= previous {
                return Err(reader.broken("the buckets are not ascending"));
            }
            let counts = units(reader)?;
            if counts == [0, 0] {
                return Err(reader.broken("nobody has a number of a bucket"));
            }
            numbers.buckets.insert(key, counts);
            previous = key;
        }
        let zeros = numbers.zeros != [0, 0];
        let end = |number: f64, key: i64, zero: bool| match zero {
            true => number.to_bits() == 0,
            false => key_of(number, numbers.bits) == Some(key),
        };
        let least = end(numbers.min, first, zeros && (length == 0 || first > 0));
        let most = end(numbers.max, previous, zeros && (length == 0 || previous < 0));
        if any && !(least && most && numbers.min <= numbers.max) {
            return Err(reader.broken("the least or the greatest value does not fit its bucket"));
        }
        Ok(numbers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aggregate::distribution::{Distribution, Limit};
    use proptest::prelude::*;

    fn counted(rows: &[(f64, usize, u64)]) -> Numbers<Global> {
        let mut numbers = Numbers::new(Global);
        rows.iter().for_each(|(number, outcome, units)| numbers.add(*number, *outcome, *units));
        numbers
    }

    fn bytes(numbers: &Numbers<Global>) -> std::vec::Vec<u8> {
        let mut writer = Writer::new(b'n');
        numbers.encode(&mut writer);
        writer.finish()
    }

    fn read(bytes: &[u8]) -> Numbers<Global> {
        Numbers::decode(&mut Reader::new(bytes, b'n', "numbers").unwrap(), Global).unwrap()
    }

    /// What two distributions give, one of those without the outcome and one of those with it.
    fn by_distributions(rows: &[(f64, usize, u64)]) -> std::vec::Vec<(f64, f64, Units)> {
        let new = || Distribution::new(EXACT, Limit::Coarsen(OUTCOME_VALUES), Global);
        let mut both = [new(), new()];
        for (number, outcome, units) in rows {
            both[*outcome].add_times(*number, *units).unwrap();
        }
        let sides = Distribution::side_by_side(&both[0], &both[1]).unwrap();
        sides.into_iter().map(|(span, counts)| (span.low, span.high, counts)).collect()
    }

    fn agree(rows: &[(f64, usize, u64)], cut: usize) -> std::result::Result<(), TestCaseError> {
        let whole = counted(rows);
        let found: std::vec::Vec<_> =
            whole.sorted().into_iter().map(|(range, counts)| (range.low, range.high, counts)).collect();
        prop_assert_eq!(found, by_distributions(rows));
        let (one, other) = rows.split_at(cut.min(rows.len()));
        for (first, second) in [(one, other), (other, one)] {
            let mut merged = counted(first);
            merged.merge(&read(&bytes(&counted(second))));
            prop_assert_eq!(bytes(&merged), bytes(&whole));
            let mut merged = counted(first);
            merged.merge(&counted(second));
            prop_assert_eq!(bytes(&merged.copy(Global)), bytes(&whole));
        }
        Ok(())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]

        #[test]
        fn few_numbers_are_told_apart(
            rows in prop::collection::vec((prop_oneof![
                -1e6..1e6_f64,
                (-9_i32..9).prop_map(f64::from),
                prop::num::f64::NORMAL,
                Just(-0.0),
                Just(f64::MIN_POSITIVE / 2.0),
            ], 0_usize..2, 1_u64..5_000_000), 0..2000),
            cut in 0_usize..1200,
        ) {
            agree(&rows, cut)?;
        }
    }

    #[test]
    fn many_numbers_share_buckets_that_are_as_fine_as_fit() {
        let mut state = 99_u64;
        let mut next = move || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as f64 / (1_u64 << 31) as f64
        };
        let mut row = || {
            let number = match (next() * 5.0) as u32 {
                0 => (next() * 50.0).floor(),
                1 => -1e3 * next(),
                _ => libm::exp(20.0 * next() - 10.0),
            };
            (number, usize::from(next() < 0.1), 1 + (next() * 3e6) as u64)
        };
        let rows: std::vec::Vec<_> = (0..60_000).map(|_| row()).collect();
        agree(&rows, 25_000).unwrap();
        let numbers = counted(&rows);
        let buckets = numbers.settled().buckets.len();
        assert!((OUTCOME_VALUES / 4..=OUTCOME_VALUES).contains(&buckets), "{buckets}");
    }
}
