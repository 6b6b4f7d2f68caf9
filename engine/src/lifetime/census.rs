//! Customers that differ, with how many there are of each: all that a fit needs to know.

/// Counts of equal customers, collected one by one, mergeable with those that others collected.
///
/// Memory is for at most twice as many customers as differ (and a few): those added are kept as they
/// come, then sorted and merged when they have become twice as many. No hashing, and what comes out is in
/// one order however it came in.
#[derive(Debug, Clone)]
pub struct Census<C> {
    customers: Vec<(C, u64)>,
    /// At how many they are merged next.
    full: usize,
}

/// At how many customers they are merged for the first time.
const FEW: usize = 1_024;

impl<C: Ord + Copy> Census<C> {
    /// No customers.
    pub fn new() -> Self {
        Census { customers: Vec::new(), full: FEW }
    }

    /// Counts `count` more customers like this one. (Beyond 2^64 of one kind the count stays there; the fit
    /// then says that it is too many.)
    pub fn add(&mut self, customer: C, count: u64) {
        if self.customers.len() >= self.full {
            self.merge_equal();
        }
        self.customers.push((customer, count));
    }

    /// Counts what `other` has counted.
    pub fn merge(&mut self, other: &Census<C>) {
        for (customer, count) in &other.customers {
            self.add(*customer, *count);
        }
    }

    /// Customers that differ, ascending, each with its count, none zero.
    pub fn counts(&mut self) -> &[(C, u64)] {
        self.merge_equal();
        &self.customers
    }

    /// The same, handed over.
    pub fn into_counts(mut self) -> Vec<(C, u64)> {
        self.merge_equal();
        self.customers
    }

    fn merge_equal(&mut self) {
        self.customers.retain(|(_, count)| *count > 0);
        self.customers.sort_unstable_by_key(|(customer, _)| *customer);
        self.customers.dedup_by(|(next, more), (kept, count)| {
            let same = next == kept;
            if same {
                *count = count.saturating_add(*more);
            }
            same
        });
        self.full = FEW.max(2 * self.customers.len());
    }
}

impl<C: Ord + Copy> Default for Census<C> {
    fn default() -> Self {
        Census::new()
    }
}

impl<C: Ord + Copy> FromIterator<(C, u64)> for Census<C> {
    fn from_iter<I: IntoIterator<Item = (C, u64)>>(customers: I) -> Self {
        // All at once, without merging in between.
        Census { customers: customers.into_iter().collect(), full: FEW }
    }
}
