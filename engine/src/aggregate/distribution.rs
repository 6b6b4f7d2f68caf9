//! The distribution of a number over many customers, in bounded memory: a histogram whose buckets grow
//! with the values, so that every quantile is known with a bounded *relative* error.
//!
//! Each power of two is divided into 2^p buckets of equal width, which the bits of a double tell without
//! any logarithm (as in Tene's HdrHistogram). A bucket keeps the count and the exact sum of its values:
//! all of them have one exponent, so that their significands are added as integers. Counts and sums are
//! therefore the same in whatever order values come or parts are merged. Should too many buckets be
//! needed, neighbours are united in pairs (uniform collapse: Epicoco et al., "UDDSketch", IEEE Access 8,
//! 2020), as often as necessary; which precision remains depends on the values alone, not on their order.
//!
//! The crates at hand (`sketches-ddsketch`, `tdigest`, `hdrhistogram`) count, but do not sum: they cannot
//! say where 80 % of the *value* lies. At 52 bits each bucket holds just one double: the exact twin is
//! the same structure.

mod buckets;
pub(crate) mod keys;
mod sorted;
mod stored;
#[cfg(test)]
mod tests;

use allocator_api2::alloc::{Allocator, Global};
use allocator_api2::vec::Vec;

use crate::aggregate::value_type::{Mergeable, sum_of_counts};
use crate::error::{Error, ErrorKind, Result};
use crate::limits::DISTRIBUTION_EXACT_VALUES;

use buckets::{Bucket, Buckets};
use keys::{coarse, key_of, too_fine};
pub use sorted::{Sorted, Span};

/// The bits of the significand of a double: at this precision buckets hold single values.
pub const EXACT: u8 = 52;

/// By which part a share of a sum is taken larger or smaller, for what rounding does to sums of many doubles: far
/// above 2^-53 times the root of a billion terms, far below what anybody asks for.
pub(crate) const HAIR: f64 = 1e-12;

const WHAT: &str = "distribution";

/// What happens when there are more buckets than fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// Neighbours are united: at most so many buckets remain.
    Coarsen(usize),
    /// An error: the distribution is to stay exact.
    Refuse,
}

/// How a number is distributed.
///
/// ```
/// use allocator_api2::alloc::Global;
/// use customer_tiering_engine::aggregate::distribution::{Distribution, Limit, bits_for};
///
/// # fn main() -> customer_tiering_engine::Result<()> {
/// let mut spend = Distribution::new(bits_for(0.01)?, Limit::Coarsen(8192), Global);
/// for amount in [10.0, 20.0, 30.0] {
///     spend.add(amount)?;
/// }
/// assert_eq!(spend.finite_count(), 3);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Distribution<A: Allocator + Clone = Global> {
    /// By the leading bits of the magnitude; negative values have negative keys. Ascends with the value.
    buckets: Buckets<A>,
    /// How many bits of the significand divide a power of two into buckets.
    bits: u8,
    /// How many were asked for, by who made it in this process; no part of the value.
    asked: u8,
    limit: Limit,
    /// Zeros, and magnitudes below the least normal double.
    zeros: u64,
    below: u64,
    above: u64,
    nans: u64,
    /// Of the finite values; meaningless while there is none.
    min: f64,
    max: f64,
}

/// The precision at which quantiles have at most this relative error.
///
/// # Errors
///
/// `InvalidValue` outside of 0.0001 to 0.1.
pub fn bits_for(relative_error: f64) -> Result<u8> {
    if !(0.0001..=0.1).contains(&relative_error) {
        return Err(Error::invalid(format!("relative error {relative_error} is not between 0.0001 and 0.1"))
            .hint("The default is 0.01; exact_distribution() has no error."));
    }
    Ok((0..EXACT).find(|bits| relative_error_of(*bits) <= relative_error).unwrap_or(EXACT))
}

/// The relative error of a quantile at a precision. A bucket from `l` to `l` (1 + 2^-p) at most is
/// represented by the harmonic mean of its ends, which is as far from the one as from the other.
pub fn relative_error_of(bits: u8) -> f64 {
    if bits >= EXACT { 0.0 } else { 1.0 / (2.0 * (1_u64 << bits) as f64 + 1.0) }
}

impl<A: Allocator + Clone> Distribution<A> {
    /// No value yet.
    pub fn new(bits: u8, limit: Limit, memory: A) -> Self {
        Distribution {
            buckets: Buckets::new(memory),
            bits,
            asked: bits,
            limit,
            zeros: 0,
            below: 0,
            above: 0,
            nans: 0,
            min: f64::INFINITY,
            max: f64::NEG_INFINITY,
        }
    }

    /// Counts a value.
    ///
    /// # Errors
    ///
    /// `TooLarge` if an exact distribution has no room for another value.
    #[inline]
    pub fn add(&mut self, value: f64) -> Result<()> {
        self.add_times(value, 1)
    }

    /// Counts a value whose bucket is at hand. False if there is more to do, and nothing was done.
    #[inline(always)]
    pub fn add_known(&mut self, value: f64) -> bool {
        let Some((key, significand)) = self.place(value) else { return false };
        let Some(bucket) = self.buckets.known(key) else { return false };
        bucket.unite(Bucket { count: 1, significands: significand });
        self.min = self.min.min(value);
        self.max = self.max.max(value);
        true
    }

    /// The key of the bucket of a value, and the significand; `None` for zeros, and what is not finite.
    #[inline(always)]
    fn place(&self, value: f64) -> Option<(i64, u128)> {
        Some((key_of(value, self.bits)?, u128::from(value.to_bits() & ((1 << EXACT) - 1) | 1 << EXACT)))
    }

    /// Counts a value so many times.
    ///
    /// # Errors
    ///
    /// As [`Distribution::add`]. That the counts of all values add up to no more than a bigint holds is the caller's to see to.
    #[inline]
    pub fn add_times(&mut self, value: f64, times: u64) -> Result<()> {
        if times == 0 {
            return Ok(());
        }
        let Some((key, significand)) = self.place(value) else {
            self.add_special(value, times);
            return Ok(());
        };
        self.min = self.min.min(value);
        self.max = self.max.max(value);
        let more = Bucket { count: times, significands: significand * u128::from(times) };
        if self.buckets.add(key, more) { self.keep_limit() } else { Ok(()) }
    }

    #[cold]
    fn add_special(&mut self, value: f64, times: u64) {
        if value.is_nan() {
            self.nans += times;
        } else if value == f64::INFINITY {
            self.above += times;
        } else if value == f64::NEG_INFINITY {
            self.below += times;
        } else {
            self.zeros += times;
            self.min = self.min.min(0.0);
            self.max = self.max.max(0.0);
        }
    }

    fn keep_limit(&mut self) -> Result<()> {
        match self.limit {
            Limit::Coarsen(most) if self.buckets.len() > most => self.coarsen(most),
            Limit::Refuse if self.buckets.len() > DISTRIBUTION_EXACT_VALUES => Err(too_many()),
            _ => Ok(()),
        }
    }

    /// Gives up as many bits as needed, and no more.
    #[cold]
    fn coarsen(&mut self, most: usize) -> Result<()> {
        let mut keys = Vec::with_capacity_in(self.buckets.len(), self.buckets.memory());
        keys.extend(self.buckets.iter().map(|(key, _)| key));
        keys.sort_unstable();
        self.reduce(self.bits - too_fine(&keys, self.bits, most));
        Ok(())
    }

    /// Goes down to so many bits.
    fn reduce(&mut self, bits: u8) {
        let drop = self.bits - bits;
        if drop == 0 {
            return;
        }
        self.buckets = self.buckets.with_keys(self.buckets.memory(), |key| coarse(key, drop));
        self.bits = bits;
    }

    /// What happens when there are more buckets than fit.
    pub fn limit(&self) -> Limit {
        self.limit
    }

    /// The bits that it was made with.
    pub fn asked(&self) -> u8 {
        self.asked
    }

    /// The relative error that quantiles have at most, now.
    pub fn relative_error(&self) -> f64 {
        relative_error_of(self.bits)
    }

    /// How many values, NaN and infinities included.
    pub fn count(&self) -> u64 {
        self.finite_count() + self.below + self.above + self.nans
    }

    /// How many finite values.
    pub fn finite_count(&self) -> u64 {
        self.zeros + self.buckets.iter().map(|(_, bucket)| bucket.count).sum::<u64>()
    }

    /// The values in ascending order, bucket by bucket.
    pub fn sorted(&self) -> Sorted {
        Sorted::new(self)
    }

    /// The finite values of two distributions in ascending order: each run of values of either, and how many each has.
    ///
    /// # Errors
    ///
    /// `NumberOutOfRange` if they are too many together; `TooLarge` if they are to stay exact, and cannot.
    pub fn side_by_side(one: &Self, other: &Self) -> Result<std::vec::Vec<(Span, [u64; 2])>> {
        let mut both = one.clone();
        both.merge(other)?;
        let mut first = one.clone();
        first.reduce(both.bits);
        let mut keys = both.sorted_buckets().into_iter().map(|(key, _)| key);
        let count = |key: i64| first.buckets.get(key).map_or(0, |bucket| bucket.count);
        let beside = |span: Span| {
            let own = if span.low == 0.0 { one.zeros } else { keys.next().map_or(0, count) };
            (span, [own, span.count - own])
        };
        Ok(both.sorted().spans.into_iter().map(beside).collect())
    }

    fn sorted_buckets(&self) -> std::vec::Vec<(i64, Bucket)> {
        let mut buckets: std::vec::Vec<(i64, Bucket)> = self.buckets.iter().collect();
        buckets.sort_unstable_by_key(|(key, _)| *key);
        buckets
    }
}

#[cold]
fn too_many() -> Error {
    Error::new(
        ErrorKind::TooLarge,
        format!("more than {DISTRIBUTION_EXACT_VALUES} different values for an exact distribution"),
    )
    .hint("Use tiering.distribution(value): its error is bounded, and so is its memory.")
}

impl<A: Allocator + Clone> Mergeable<A> for Distribution<A> {
    const WHAT: &'static str = WHAT;

    fn copy(&self, memory: A) -> Self {
        Distribution { buckets: self.buckets.with_keys(memory, |key| key), ..*self }
    }

    fn merge(&mut self, other: &Self) -> Result<()> {
        sum_of_counts(self.count(), other.count())?;
        self.limit = match (self.limit, other.limit) {
            (Limit::Refuse, limit) | (limit, Limit::Refuse) => limit,
            (Limit::Coarsen(a), Limit::Coarsen(b)) => Limit::Coarsen(a.min(b)),
        };
        self.reduce(self.bits.min(other.bits));
        let drop = other.bits - self.bits;
        for (key, bucket) in other.buckets.iter() {
            self.buckets.add(coarse(key, drop), bucket);
        }
        self.zeros += other.zeros;
        self.below += other.below;
        self.above += other.above;
        self.nans += other.nans;
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
        self.keep_limit()
    }

    fn encode(&self) -> std::vec::Vec<u8> {
        stored::encode(self)
    }

    fn decode(bytes: &[u8], memory: A) -> Result<Self> {
        stored::decode(bytes, memory)
    }
}
