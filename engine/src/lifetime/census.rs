//! Customers that differ, with how many there are of each: all that a fit needs to know.

use std::hash::Hash;

use allocator_api2::alloc::{Allocator, Global};
use hashbrown::{DefaultHashBuilder, HashMap};

/// Counts of equal customers, collected one by one, mergeable with those that others collected. Memory is
/// for as many customers as differ.
#[derive(Debug, Clone)]
pub struct Census<C, A: Allocator = Global> {
    counts: HashMap<C, u64, DefaultHashBuilder, A>,
}

impl<C: Ord + Copy + Hash> Census<C> {
    /// No customers.
    pub fn new() -> Self {
        Census::new_in(Global)
    }
}

impl<C: Ord + Copy + Hash, A: Allocator> Census<C, A> {
    /// No customers, to be counted in `memory`.
    pub fn new_in(memory: A) -> Self {
        Census { counts: HashMap::new_in(memory) }
    }

    /// Counts `count` more customers like this one. (Beyond 2^64 of one kind the count stays there; the fit
    /// then says that it is too many.)
    #[inline]
    pub fn add(&mut self, customer: C, count: u64) {
        if count > 0 {
            let known = self.counts.entry(customer).or_insert(0);
            *known = known.saturating_add(count);
        }
    }

    /// Counts what `other` has counted.
    pub fn merge<B: Allocator>(&mut self, other: &Census<C, B>) {
        other.iter().for_each(|(customer, count)| self.add(customer, count));
    }

    /// Customers that differ, in no order, each with its count, none zero.
    pub fn iter(&self) -> impl Iterator<Item = (C, u64)> {
        self.counts.iter().map(|(customer, count)| (*customer, *count))
    }

    /// The same, ascending.
    pub fn counts(&self) -> Vec<(C, u64)> {
        let mut counts: Vec<(C, u64)> = self.iter().collect();
        counts.sort_unstable_by_key(|(customer, _)| *customer);
        counts
    }
}

impl<C: Ord + Copy + Hash> Default for Census<C> {
    fn default() -> Self {
        Census::new()
    }
}

/// Sorts customers and brings together those that are equal, at the front; returns how many differ.
pub(super) fn merge_equal<C: Ord + Copy>(customers: &mut [(C, u64)]) -> usize {
    customers.sort_unstable_by_key(|(customer, _)| *customer);
    let mut kept = 0;
    for i in 0..customers.len() {
        let (customer, count) = customers[i];
        if count == 0 {
            continue;
        }
        if kept > 0 && customers[kept - 1].0 == customer {
            customers[kept - 1].1 = customers[kept - 1].1.saturating_add(count);
        } else {
            customers[kept] = (customer, count);
            kept += 1;
        }
    }
    kept
}
