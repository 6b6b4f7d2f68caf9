//! Characteristics, compiled: the bin of a value by a short scan over sorted bounds, or a search among many.

use crate::grade::as_of::AsOf;
use crate::grade::value::{NumberCut, Value};

/// The upper end of a bin.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Upper<C> {
    pub cut: C,
    pub inclusive: bool,
}

/// How many of the ascending upper ends a value lies beyond. A customer's bins follow no pattern, so a
/// short scan does without branches: a mispredicted one costs more than all the comparisons.
#[inline]
fn passed<C>(uppers: &[Upper<C>], beyond: impl Fn(&Upper<C>) -> bool) -> usize {
    const SHORT: usize = 16;
    if uppers.len() <= SHORT {
        uppers.iter().map(|upper| usize::from(beyond(upper))).sum()
    } else {
        uppers.partition_point(beyond)
    }
}

/// How values fall into bins. The bins of an interval scale stand in ascending order; the last has no
/// upper end.
#[derive(Debug)]
pub(crate) enum Scale {
    Numbers {
        uppers: Vec<Upper<NumberCut>>,
        bins: Vec<u16>,
    },
    Days {
        uppers: Vec<Upper<usize>>,
        bins: Vec<u16>,
    },
    NumberList(Vec<(NumberCut, u16)>),
    /// By the code of the text; texts without one of these go into the other bin.
    Texts {
        bins: Vec<u16>,
        other: Option<u16>,
    },
    Boolean {
        no: u16,
        yes: u16,
    },
    /// The cut points wait for `fit_scheme`.
    Unfitted,
}

/// A compiled characteristic.
#[derive(Debug)]
pub(crate) struct Binning {
    pub input: usize,
    pub scale: Scale,
    pub missing: Option<u16>,
}

impl Binning {
    /// The bin of a value. `None` only where validation has made sure that it cannot happen: a value
    /// of another type, an unfitted scale.
    #[inline]
    pub(crate) fn bin(&self, as_of: &AsOf, value: Value) -> Option<u16> {
        match (&self.scale, value) {
            (Scale::Numbers { uppers, bins }, Value::Exact(key)) => {
                bins.get(passed(uppers, |upper| key >= upper.cut.key + i128::from(upper.inclusive))).copied()
            }
            (Scale::Numbers { uppers, bins }, Value::Float(float)) => {
                let beyond = |upper: &Upper<NumberCut>| {
                    (float > upper.cut.float) | ((float == upper.cut.float) & !upper.inclusive)
                };
                bins.get(passed(uppers, beyond)).copied()
            }
            (Scale::Days { uppers, bins }, Value::Day(day)) => {
                let beyond = |upper: &Upper<usize>| day >= as_of.cuts[upper.cut] + i32::from(upper.inclusive);
                bins.get(passed(uppers, beyond)).copied()
            }
            (Scale::NumberList(list), Value::Exact(key)) => {
                list.iter().find(|(cut, _)| cut.key == key).map(|(_, bin)| *bin)
            }
            (Scale::NumberList(list), Value::Float(float)) => {
                list.iter().find(|(cut, _)| cut.float == float).map(|(_, bin)| *bin)
            }
            (Scale::Texts { bins, other }, Value::Text(code)) => bins.get(code as usize).copied().or(*other),
            (Scale::Boolean { no, yes }, Value::Boolean(value)) => Some(if value { *yes } else { *no }),
            (_, Value::Missing) => self.missing,
            _ => None,
        }
    }
}

/// What is wrong with a set of intervals that should cover everything exactly once.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum PartitionFault {
    /// The interval holds nothing.
    Empty(usize),
    /// Nothing below the first interval.
    OpenBelow(usize),
    /// Nothing above the last interval.
    OpenAbove(usize),
    /// Values between the two belong to neither.
    Gap(usize, usize),
    /// Values belong to both.
    Overlap(usize, usize),
}

/// Whether the closed intervals `[low, high]` over the integers cover everything from `i128::MIN` to
/// `i128::MAX` exactly once; if so, their ascending order.
pub(crate) fn partition(intervals: &[(i128, i128)]) -> Result<Vec<usize>, PartitionFault> {
    if let Some(empty) = intervals.iter().position(|(low, high)| low > high) {
        return Err(PartitionFault::Empty(empty));
    }
    let mut order: Vec<usize> = (0..intervals.len()).collect();
    order.sort_by_key(|&index| intervals[index]);
    let (Some(&first), Some(&last)) = (order.first(), order.last()) else { return Ok(order) };
    if intervals[first].0 != i128::MIN {
        return Err(PartitionFault::OpenBelow(first));
    }
    for pair in order.windows(2) {
        let (left, right) = (intervals[pair[0]], intervals[pair[1]]);
        if right.0 <= left.1 {
            return Err(PartitionFault::Overlap(pair[0], pair[1]));
        }
        if right.0 != left.1 + 1 {
            return Err(PartitionFault::Gap(pair[0], pair[1]));
        }
    }
    if intervals[last].1 != i128::MAX {
        return Err(PartitionFault::OpenAbove(last));
    }
    Ok(order)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIN: i128 = i128::MIN;
    const MAX: i128 = i128::MAX;

    #[test]
    fn partitions_are_told_from_gaps_and_overlaps() {
        assert_eq!(partition(&[(10, MAX), (MIN, 9)]), Ok(vec![1, 0]));
        assert_eq!(partition(&[(MIN, MAX)]), Ok(vec![0]));
        assert_eq!(partition(&[(MIN, 9), (11, MAX)]), Err(PartitionFault::Gap(0, 1)));
        assert_eq!(partition(&[(MIN, 10), (10, MAX)]), Err(PartitionFault::Overlap(0, 1)));
        assert_eq!(partition(&[(MIN, MAX), (3, 4)]), Err(PartitionFault::Overlap(0, 1)));
        assert_eq!(partition(&[(0, MAX)]), Err(PartitionFault::OpenBelow(0)));
        assert_eq!(partition(&[(MIN, 0)]), Err(PartitionFault::OpenAbove(0)));
        assert_eq!(partition(&[(5, 4)]), Err(PartitionFault::Empty(0)));
    }
}
