//! What a distribution tells, read from its buckets in ascending order.

use allocator_api2::alloc::Allocator;

use super::keys::ends;
use super::{Distribution, EXACT, HAIR};
use crate::error::{Error, ErrorKind, Result};

/// A run of values next to each other: those of a bucket, or equal ones.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Span {
    /// The least value that belongs to it.
    pub low: f64,
    /// The greatest value that belongs to it.
    pub high: f64,
    /// What stands for any of them: within the relative error of each.
    pub middle: f64,
    /// How many values.
    pub count: u64,
    /// Their sum, all sums of a distribution as parts of one power of two: of 1 where doubles can hold them.
    pub sum: f64,
}

/// A distribution in ascending order.
#[derive(Debug, Clone)]
pub struct Sorted {
    /// The finite values.
    pub spans: Vec<Span>,
    /// Of sums that might be larger than any double, parts are added up; 0 wherever they cannot be.
    exponent: i32,
    below: u64,
    above: u64,
    nans: u64,
    finite: u64,
}

impl Sorted {
    pub(super) fn new<A: Allocator + Clone>(of: &Distribution<A>) -> Self {
        let mut spans = Vec::with_capacity(of.buckets.len() + 1);
        let zero = Span { low: 0.0, high: 0.0, middle: 0.0, count: of.zeros, sum: 0.0 };
        let mut zeros = (of.zeros > 0).then_some(zero);
        let largest = libm::frexp(of.min.abs().max(of.max.abs())).1;
        let counted = u64::BITS - of.finite_count().leading_zeros();
        let exponent = if of.buckets.is_empty() { 0 } else { (largest + counted as i32 - 1023).max(0) };
        for (key, bucket) in of.sorted_buckets() {
            if key > 0 {
                spans.extend(zeros.take());
            }
            let (near, far) = ends(key, of.bits);
            // The significands are in units of the last place of the exponent that all have.
            let unit = near / (near.to_bits() & ((1 << EXACT) - 1) | 1 << EXACT) as f64;
            let magnitude = bucket.significands as f64 * libm::scalbn(unit, -exponent);
            let last = f64::from_bits(far.to_bits() - 1);
            let span = if key > 0 {
                Span { low: near, high: last, middle: middle(near, far), count: bucket.count, sum: magnitude }
            } else {
                Span {
                    low: -last,
                    high: -near,
                    middle: -middle(near, far),
                    count: bucket.count,
                    sum: -magnitude,
                }
            };
            spans.push(Span {
                low: span.low.max(of.min),
                high: span.high.min(of.max),
                middle: if of.bits == EXACT { span.low } else { span.middle.clamp(of.min, of.max) },
                ..span
            });
        }
        spans.extend(zeros);
        let finite = of.finite_count();
        Sorted { spans, exponent, below: of.below, above: of.above, nans: of.nans, finite }
    }

    /// How many values, infinities and NaN included.
    pub fn count(&self) -> u64 {
        self.finite + self.below + self.above + self.nans
    }

    /// Whether all values are finite.
    pub fn is_finite(&self) -> bool {
        self.count() == self.finite
    }

    /// The sum; as of floating-point numbers if there are NaN or infinities.
    ///
    /// # Errors
    ///
    /// `NumberOutOfRange` for finite values whose sum is larger than any double.
    pub fn sum(&self) -> Result<f64> {
        let sum = libm::scalbn(self.sum_of_parts(), self.exponent);
        if self.is_finite() && !sum.is_finite() {
            return Err(Error::new(
                ErrorKind::NumberOutOfRange,
                "the sum of the values is larger than any number",
            )
            .hint("tiering.mean() and the shares of the sum are known all the same."));
        }
        Ok(sum)
    }

    /// The mean; `None` if it is empty.
    pub fn mean(&self) -> Option<f64> {
        (self.count() > 0).then(|| libm::scalbn(self.sum_of_parts() / self.count() as f64, self.exponent))
    }

    fn sum_of_parts(&self) -> f64 {
        if self.nans > 0 || (self.below > 0 && self.above > 0) {
            f64::NAN
        } else if self.above > 0 {
            f64::INFINITY
        } else if self.below > 0 {
            f64::NEG_INFINITY
        } else {
            // The small ones first, for what rounding there is.
            let positive: f64 = self.spans.iter().filter(|span| span.sum > 0.0).map(|span| span.sum).sum();
            let negative: f64 =
                self.spans.iter().rev().filter(|span| span.sum < 0.0).map(|span| span.sum).sum();
            // The sum of nothing is -0.
            positive + negative + 0.0
        }
    }

    /// The least value, NaN counting as greatest as everywhere in PostgreSQL.
    pub fn min(&self) -> Option<f64> {
        match self.spans.first() {
            _ if self.below > 0 => Some(f64::NEG_INFINITY),
            Some(first) => Some(first.low),
            None if self.above > 0 => Some(f64::INFINITY),
            None => (self.nans > 0).then_some(f64::NAN),
        }
    }

    /// The greatest value.
    pub fn max(&self) -> Option<f64> {
        match self.spans.last() {
            _ if self.nans > 0 => Some(f64::NAN),
            _ if self.above > 0 => Some(f64::INFINITY),
            Some(last) => Some(last.high),
            None => (self.below > 0).then_some(f64::NEG_INFINITY),
        }
    }

    /// The value below or at which a share `q` of the values lies: what `percentile_disc` gives, with at
    /// most the relative error of the distribution. `None` if it is empty.
    ///
    /// # Errors
    ///
    /// `NumberOutOfRange` unless 0 <= q <= 1.
    pub fn quantile(&self, q: f64) -> Result<Option<f64>> {
        share(q, "quantile")?;
        let count = self.count();
        if count == 0 {
            return Ok(None);
        }
        let rank = ((q * count as f64).ceil() as u64).clamp(1, count);
        if rank <= self.below {
            return Ok(Some(f64::NEG_INFINITY));
        }
        let mut seen = self.below;
        for span in &self.spans {
            seen += span.count;
            if rank <= seen {
                return Ok(Some(span.middle));
            }
        }
        Ok(Some(if rank <= seen + self.above { f64::INFINITY } else { f64::NAN }))
    }

    /// The share of the values that are at most `value`. Within a bucket it is taken to grow evenly.
    pub fn rank(&self, value: f64) -> Option<f64> {
        let count = self.count();
        if count == 0 {
            return None;
        }
        if value.is_nan() {
            return Some(1.0);
        }
        let mut at_most = if value == f64::NEG_INFINITY { self.below as f64 } else { 0.0 };
        if value > f64::NEG_INFINITY {
            at_most = self.below as f64
                + self.spans.iter().map(|span| span.count as f64 * part_up_to(span, value)).sum::<f64>();
        }
        if value == f64::INFINITY {
            at_most += self.above as f64;
        }
        Some(at_most / count as f64)
    }

    /// The value from which on upwards the values make up a `share` of the sum: the Pareto cut. `None`
    /// where shares of the sum mean nothing (see [`Sorted::shares_have_meaning`]).
    ///
    /// # Errors
    ///
    /// `NumberOutOfRange` unless 0 <= share <= 1.
    pub fn value_share_cut(&self, of_sum: f64) -> Result<Option<f64>> {
        share(of_sum, "share")?;
        if !self.shares_have_meaning() {
            return Ok(None);
        }
        // The whole sum is reached with the least positive value, not with the zeros below it.
        let wanted = of_sum * self.sum_of_parts() * (1.0 - HAIR);
        let mut reached = 0.0;
        for span in self.spans.iter().rev() {
            reached += span.sum;
            if reached >= wanted {
                return Ok(Some(span.middle));
            }
        }
        Ok(self.min())
    }

    /// The share of the sum that the values from `value` on upwards make up.
    pub fn share_above(&self, value: f64) -> Option<f64> {
        if !self.shares_have_meaning() || value.is_nan() {
            return None;
        }
        let above: f64 = self
            .spans
            .iter()
            .map(|span| match span {
                span if span.low >= value => span.sum,
                span if span.high < value => 0.0,
                span => span.sum * (1.0 - part_up_to(span, value)),
            })
            .sum();
        Some(above / self.sum_of_parts())
    }

    /// The Gini coefficient: 0 if all values are equal, towards 1 if one of many has everything. The
    /// area between the Lorenz curve and the diagonal, by the trapezoidal rule (Gini, *Variabilità e
    /// mutabilità*, 1912); values within a bucket count as equal.
    pub fn gini(&self) -> Option<f64> {
        let points = self.lorenz_points()?;
        let area: f64 = points.windows(2).map(|pair| (pair[1].0 - pair[0].0) * (pair[0].1 + pair[1].1)).sum();
        Some((1.0 - area).max(0.0))
    }

    /// The Lorenz curve at `steps` equal steps of the population, from the poorest up: share of the
    /// values, share of the sum (Lorenz, Publications of the American Statistical Association 9, 1905).
    pub fn lorenz(&self, steps: u32) -> Option<Vec<(f64, f64)>> {
        let points = self.lorenz_points()?;
        let mut place = 0;
        let at = (0..=steps).map(|step| {
            let population = f64::from(step) / f64::from(steps);
            while place + 2 < points.len() && points[place + 1].0 < population {
                place += 1;
            }
            let (from, to) = (points[place], points[place + 1]);
            let part = ((population - from.0) / (to.0 - from.0)).clamp(0.0, 1.0);
            (population, if step == steps { 1.0 } else { from.1 + part * (to.1 - from.1) })
        });
        Some(at.collect())
    }

    /// Whether shares of the sum mean something: there are values, none of them is negative, infinite or
    /// NaN, and not all are zero.
    pub fn shares_have_meaning(&self) -> bool {
        self.is_finite()
            && self.min().is_some_and(|min| min >= 0.0)
            && self.max().is_some_and(|max| max > 0.0)
    }

    fn lorenz_points(&self) -> Option<Vec<(f64, f64)>> {
        if !self.shares_have_meaning() {
            return None;
        }
        let (count, sum) = (self.finite as f64, self.sum_of_parts());
        let mut points = Vec::with_capacity(self.spans.len() + 1);
        points.push((0.0, 0.0));
        let (mut values, mut reached) = (0.0, 0.0);
        for span in &self.spans {
            values += span.count as f64;
            reached += span.sum;
            points.push((values / count, reached / sum));
        }
        Some(points)
    }
}

/// How much of a span is at most `value`.
fn part_up_to(span: &Span, value: f64) -> f64 {
    if value >= span.high {
        1.0
    } else if value < span.low {
        0.0
    } else {
        (value - span.low) / (span.high - span.low)
    }
}

/// The harmonic mean of the ends of a bucket.
fn middle(near: f64, far: f64) -> f64 {
    if far.is_finite() { near * (2.0 / (near / far + 1.0)) } else { near }
}

fn share(value: f64, what: &str) -> Result<()> {
    if (0.0..=1.0).contains(&value) {
        return Ok(());
    }
    Err(Error::new(ErrorKind::NumberOutOfRange, format!("{what} {value} is not between 0 and 1"))
        .hint("Give a part of one, such as 0.5 for a half."))
}
