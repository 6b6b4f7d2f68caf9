//! Ascending bounds and what lies between them, found without branches, since the values of customers follow no
//! pattern: a mispredicted branch costs more than all the comparisons.

use crate::number;

/// So many bounds are compared at once, the last one again and again where there are fewer.
const BLOCK: usize = 4;

/// Shares of the place in a table, by where a value lies among ascending bounds.
#[derive(Debug, Clone)]
pub struct Steps<T> {
    /// Each belongs to what lies above it.
    bounds: Box<[[T; BLOCK]]>,
    /// By how many bounds a value reaches.
    shares: Box<[u32]>,
}

impl<T: Copy + PartialOrd> Steps<T> {
    /// `shares` has one more than `bounds`, which ascend. A bound with the same share on both sides is left out.
    pub(super) fn new(bounds: &[T], shares: &[u32]) -> Self {
        let sides = shares.windows(2);
        let (mut bounds, above): (Vec<T>, Vec<u32>) = bounds
            .iter()
            .zip(sides)
            .filter(|(_, sides)| sides[0] != sides[1])
            .map(|(bound, sides)| (*bound, sides[1]))
            .unzip();
        let mut shares: Vec<u32> = shares.iter().take(1).copied().chain(above).collect();
        while let (false, Some(bound), Some(share)) =
            (bounds.len().is_multiple_of(BLOCK), bounds.last().copied(), shares.last().copied())
        {
            bounds.push(bound);
            shares.push(share);
        }
        Steps { bounds: bounds.as_chunks().0.into(), shares: shares.into() }
    }

    /// The share of a value.
    #[inline(always)]
    pub fn share(&self, value: T) -> u32 {
        let mut reached = 0;
        // A loop, since the sum of an iterator would stay a function of its own.
        for block in &self.bounds {
            let [a, b, c, d] = block.map(|bound| usize::from(value >= bound));
            reached += (a + b) + (c + d);
        }
        self.shares.get(reached).copied().unwrap_or(u32::MAX)
    }

    /// The same steps over what stands for the values, in the same order.
    pub fn over<U: Copy + PartialOrd>(&self, stands: impl Fn(T) -> U) -> Steps<U> {
        Steps {
            bounds: self.bounds.iter().map(|block| block.map(&stands)).collect(),
            shares: self.shares.clone(),
        }
    }
}

impl Steps<i128> {
    /// Over whole numbers instead of keys.
    pub(super) fn of_wholes(&self) -> Steps<i64> {
        let unit = number::integer_key(1);
        // the least one that reaches the bound; numbers of documents are within i64
        self.over(|bound| (-(-bound).div_euclid(unit)).clamp(i64::MIN.into(), i64::MAX.into()) as i64)
    }
}
