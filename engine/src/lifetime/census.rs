//! Customers that differ, with how many there are of each: all that a fit needs to know.

use allocator_api2::alloc::{Allocator, Global};
use allocator_api2::vec::Vec;

/// Counts of equal customers, collected one by one, mergeable with those that others collected.
///
/// Memory is for at most twice as many customers as differ (and a few): those added are kept as they
/// come, then sorted and merged when they have become twice as many. No hashing, and what comes out is in
/// one order however it came in.
#[derive(Debug, Clone)]
pub struct Census<C, A: Allocator = Global> {
    customers: Vec<(C, u64), A>,
    /// At how many they are merged next.
    full: usize,
}

/// At how many customers they are merged for the first time.
const FEW: usize = 1_024;

impl<C: Ord + Copy> Census<C> {
    /// No customers.
    pub fn new() -> Self {
        Census::new_in(Global)
    }
}

impl<C: Ord + Copy, A: Allocator> Census<C, A> {
    /// No customers, to be counted in `memory`.
    pub fn new_in(memory: A) -> Self {
        Census { customers: Vec::new_in(memory), full: FEW }
    }

    /// Counts `count` more customers like this one. (Beyond 2^64 of one kind the count stays there; the fit
    /// then says that it is too many.)
    #[inline]
    pub fn add(&mut self, customer: C, count: u64) {
        if self.customers.len() >= self.full {
            self.merge_equal();
        }
        self.customers.push((customer, count));
    }

    /// Counts what `other` has counted.
    pub fn merge<B: Allocator>(&mut self, other: &Census<C, B>) {
        for (customer, count) in &other.customers {
            self.add(*customer, *count);
        }
    }

    /// Customers that differ, ascending, each with its count, none zero.
    pub fn counts(&mut self) -> &[(C, u64)] {
        self.merge_equal();
        &self.customers
    }

    /// What was added, in no order, equal customers perhaps in several entries.
    pub fn entries(&self) -> &[(C, u64)] {
        &self.customers
    }

    #[cold]
    fn merge_equal(&mut self) {
        let differ = merge_equal(&mut self.customers);
        self.customers.truncate(differ);
        self.full = FEW.max(2 * self.customers.len());
    }
}

impl<C: Ord + Copy> Default for Census<C> {
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
