//! What the models know of a customer, and the compact form in which a likelihood reads a population.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

use super::census::merge_equal;
use crate::error::{Error, ErrorKind, Result};

/// A customer's purchases after the first, up to now: the x, t_x and T of the papers.
///
/// Only the purchases after the first count: the first one starts the clock. Days (or whatever counts
/// as one occasion) should be merged before, so that two orders on one day are one purchase.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Purchases {
    frequency: u64,
    recency: f64,
    age: f64,
}

impl Purchases {
    /// `frequency` (x) repeat purchases, the last of them `recency` (t_x) after the first purchase,
    /// which was `age` (T) ago.
    ///
    /// An age of zero is allowed: somebody who first bought today. Such a customer has had no time to show
    /// anything and adds nothing to the likelihood of any model.
    ///
    /// # Errors
    ///
    /// `InvalidValue` unless all are finite and not negative, `recency` ≤ `age`, and `recency` is zero
    /// exactly if `frequency` is.
    pub fn new(frequency: i64, recency: f64, age: f64) -> Result<Purchases> {
        let problem = if frequency < 0 {
            "frequency must not be negative"
        } else if !recency.is_finite() {
            "recency must be a finite number"
        } else if !age.is_finite() {
            "age must be a finite number"
        } else if recency < 0.0 {
            "recency must not be negative"
        } else if age < 0.0 {
            "age must not be negative"
        } else if recency > age {
            "recency must not exceed age"
        } else if frequency > 0 && recency == 0.0 {
            "recency must be positive for a customer with repeat purchases"
        } else if frequency == 0 && recency > 0.0 {
            "recency must be zero for a customer without repeat purchases"
        } else {
            // Adding zero turns -0 into 0, so that equal customers have equal bits.
            return Ok(Purchases {
                frequency: frequency.unsigned_abs(),
                recency: recency + 0.0,
                age: age + 0.0,
            });
        };
        Err(Error::invalid(problem)
            .detail(format!("Frequency is {frequency}, recency {recency}, age {age}."))
            .hint(
                "Frequency counts the purchases after the first; recency is the time from the first to the \
                 last purchase, age from the first purchase to now, both in the same unit.",
            ))
    }

    /// x, the number of repeat purchases.
    pub fn frequency(&self) -> u64 {
        self.frequency
    }

    /// t_x, the time from the first to the last purchase.
    pub fn recency(&self) -> f64 {
        self.recency
    }

    /// T, the time from the first purchase to now.
    pub fn age(&self) -> f64 {
        self.age
    }

    /// What tells customers apart, in their order: of floats that are not negative the bits ascend as they do.
    /// Those of one age stand together, since the likelihoods have terms of frequency and age.
    #[inline]
    fn key(&self) -> (u64, u64, u64) {
        (self.frequency, self.age.to_bits(), self.recency.to_bits())
    }

    /// The same in another unit, of which `unit` of this one make one.
    pub(super) fn scaled(self, unit: f64) -> Purchases {
        Purchases { recency: self.recency / unit, age: self.age / unit, ..self }
    }
}

// Neither NaN nor -0 gets in, so equality and order are those of numbers.
impl Eq for Purchases {}

impl Ord for Purchases {
    #[inline]
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key())
    }
}

impl Hash for Purchases {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key().hash(state);
    }
}

impl PartialOrd for Purchases {
    #[inline]
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// What a customer spent: the mean over the repeat purchases, and how many they are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spend {
    frequency: u64,
    mean: f64,
}

impl Spend {
    /// `mean` spend of `frequency` (x) repeat purchases. Without repeat purchases there is no mean, and
    /// whatever stands for it (zero, usually) is not looked at.
    ///
    /// # Errors
    ///
    /// `InvalidValue` if `frequency` is negative, or positive and `mean` not positive and finite.
    pub fn new(frequency: i64, mean: f64) -> Result<Spend> {
        let problem = if frequency < 0 {
            "frequency must not be negative"
        } else if frequency == 0 {
            return Ok(Spend { frequency: 0, mean: 0.0 });
        } else if !mean.is_finite() {
            "mean spend must be a finite number"
        } else if mean <= 0.0 {
            "mean spend must be positive for a customer with repeat purchases"
        } else {
            return Ok(Spend { frequency: frequency.unsigned_abs(), mean });
        };
        Err(Error::invalid(problem).detail(format!("Frequency is {frequency}, mean spend {mean}.")).hint(
            "Mean spend is that of the purchases after the first. Leave out purchases without a price, \
                 or customers whose purchases have none.",
        ))
    }

    /// x, the number of repeat purchases.
    pub fn frequency(&self) -> u64 {
        self.frequency
    }

    /// The mean spend of a repeat purchase; 0 if there is none.
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// The same in another currency, of which `unit` of this one make one.
    pub(super) fn scaled(self, unit: f64) -> Spend {
        Spend { mean: self.mean / unit, ..self }
    }
}

// Neither NaN nor -0 gets in, so equality and order are those of numbers.
impl Eq for Spend {}

impl Ord for Spend {
    fn cmp(&self, other: &Self) -> Ordering {
        self.frequency.cmp(&other.frequency).then(self.mean.total_cmp(&other.mean))
    }
}

impl Hash for Spend {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.frequency, self.mean.to_bits()).hash(state);
    }
}

impl PartialOrd for Spend {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Customers that differ, sorted, with how many there are of each.
pub(super) struct Cohort<C> {
    pub customers: Vec<(C, u64)>,
    /// All of them.
    pub n: u64,
}

impl<C: Copy + Ord> Cohort<C> {
    /// The same customers in any order and any division into counts give the same sequence of terms,
    /// hence the same bits.
    pub fn new(customers: impl IntoIterator<Item = (C, u64)>) -> Result<Self> {
        let mut customers: Vec<(C, u64)> = customers.into_iter().collect();
        merge_equal(&mut customers);
        let total = |sum: u64, (_, count): &(C, u64)| sum.checked_add(*count);
        match customers.iter().try_fold(0, total) {
            Some(n) => Ok(Cohort { customers, n }),
            None => Err(Error::new(ErrorKind::NumberOutOfRange, "too many customers to count")
                .detail("There are more than 18446744073709551615.")
                .hint("Look at the counts of equal customers.")),
        }
    }

    /// Every so-manieth of the different customers: enough to see where the maximum is about.
    pub fn thinned(&self, step: usize) -> Self {
        let customers: Vec<_> = self.customers.iter().skip(step / 2).step_by(step).copied().collect();
        let n = customers.iter().map(|(_, count)| count).sum();
        Cohort { customers, n }
    }

    /// The mean of a finite, not negative quantity, safe from overflow.
    pub fn mean(&self, of: impl Fn(&C) -> f64) -> f64 {
        let most = self.customers.iter().map(|(c, _)| of(c)).fold(0.0, f64::max);
        if most == 0.0 {
            return 0.0;
        }
        let shares: f64 = self.customers.iter().map(|(c, count)| of(c) / most * *count as f64).sum();
        shares / self.n as f64 * most
    }
}

/// Likelihood terms between two looks at whether the user has cancelled.
const CHUNK: usize = 10_000;

/// Calls `interrupted` once in [`CHUNK`] terms.
pub(super) struct Watch<'a> {
    left: usize,
    interrupted: &'a mut dyn FnMut() -> Result<()>,
}

impl<'a> Watch<'a> {
    pub fn new(interrupted: &'a mut dyn FnMut() -> Result<()>) -> Self {
        Watch { left: CHUNK, interrupted }
    }

    /// Counts one term.
    #[inline]
    pub fn tick(&mut self) -> Result<()> {
        self.left -= 1;
        if self.left == 0 {
            self.left = CHUNK;
            (self.interrupted)()?;
        }
        Ok(())
    }
}
