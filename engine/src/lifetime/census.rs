//! Customers that differ, with how many there are of each: all that a fit needs to know.

use std::hash::Hash;

use allocator_api2::alloc::{Allocator, Global};
use allocator_api2::vec::Vec as VecIn;
use hashbrown::{DefaultHashBuilder, HashMap};

/// Counts of equal customers, collected one by one, mergeable with those that others collected. Memory is
/// for as many customers as differ.
///
/// A place in the table of many customers has to be waited for. Some customers are kept back and looked
/// up together, so that the processor waits for all of them at once.
#[derive(Debug, Clone)]
pub struct Census<C, A: Allocator = Global> {
    counts: HashMap<C, u64, DefaultHashBuilder, A>,
    kept_back: VecIn<(C, u64), A>,
}

/// How many customers are kept back.
const TOGETHER: usize = 32;

impl<C: Ord + Copy + Hash> Census<C> {
    /// No customers.
    pub fn new() -> Self {
        Census::new_in(Global)
    }
}

impl<C: Ord + Copy + Hash, A: Allocator + Clone> Census<C, A> {
    /// No customers, to be counted in `memory`.
    pub fn new_in(memory: A) -> Self {
        let kept_back = VecIn::with_capacity_in(TOGETHER, memory.clone());
        Census { counts: HashMap::new_in(memory), kept_back }
    }

    /// Counts `count` more customers like this one. (Beyond 2^64 of one kind the count stays there; the fit
    /// then says that it is too many.)
    #[inline]
    pub fn add(&mut self, customer: C, count: u64) {
        if count > 0 {
            if self.kept_back.len() == TOGETHER {
                self.look_up();
            }
            self.kept_back.push((customer, count));
        }
    }

    /// Counts what `other` has counted.
    pub fn merge<B: Allocator>(&mut self, other: &Census<C, B>) {
        other.iter().for_each(|(customer, count)| self.add(customer, count));
    }

    #[inline(never)]
    fn look_up(&mut self) {
        for (customer, count) in self.kept_back.drain(..) {
            let known = self.counts.entry(customer).or_insert(0);
            *known = known.saturating_add(count);
        }
    }
}

impl<C: Ord + Copy, A: Allocator> Census<C, A> {
    /// Customers in no order, each with its count, none zero. Some come twice.
    pub fn iter(&self) -> impl Iterator<Item = (C, u64)> {
        let counts = self.counts.iter().map(|(customer, count)| (*customer, *count));
        counts.chain(self.kept_back.iter().copied())
    }

    /// Customers that differ, ascending, each with its count, none zero.
    pub fn counts(&self) -> Vec<(C, u64)> {
        let mut counts: Vec<(C, u64)> = self.iter().collect();
        merge_equal(&mut counts);
        counts
    }
}

impl<C: Ord + Copy + Hash> Default for Census<C> {
    fn default() -> Self {
        Census::new()
    }
}

/// Sorts customers and makes one of those that are equal.
pub(super) fn merge_equal<C: Ord + Copy>(customers: &mut Vec<(C, u64)>) {
    customers.sort_unstable_by_key(|(customer, _)| *customer);
    customers.dedup_by(|(customer, count), (kept, sum)| {
        let same = customer == kept;
        if same {
            *sum = sum.saturating_add(*count);
        }
        same
    });
    customers.retain(|(_, count)| *count > 0);
}
