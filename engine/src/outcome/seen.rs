//! What came of the customers of a pass: who counts, and by how much.

use super::WEIGHT_UNIT;
use super::evidence::{Split, Units, add, split, units};
use crate::aggregate::codec::{Reader, Writer};
use crate::aggregate::value_type::{MAX_COUNT, sum_of_counts};
use crate::error::{Error, Result};
use crate::grade::Compiled;
use crate::grade::as_of::Sheet;
use crate::limits::CUSTOMER_WEIGHT;

/// What came of a customer, and how much that counts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Followed {
    /// Whether the outcome came; `None` if that is not known.
    pub outcome: Option<bool>,
    /// The weight, 1 for one customer.
    pub weight: f64,
}

impl Followed {
    /// The weight in units, rounded.
    fn units(self) -> Result<u64> {
        if self.weight == 1.0 {
            return Ok(WEIGHT_UNIT);
        }
        if (0.0..=CUSTOMER_WEIGHT).contains(&self.weight) {
            return Ok((self.weight * WEIGHT_UNIT as f64).round() as u64);
        }
        Err(Error::invalid(format!("the weight of a customer is {}", self.weight))
            .detail(format!("Weights go from 0 to {CUSTOMER_WEIGHT:e}."))
            .hint("Correct the weight, or leave the customer out: 0 counts for nothing."))
    }
}

/// The customers of a pass.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Seen {
    /// Those that count, by weight, without the outcome and with it.
    pub(super) units: Units,
    /// Rows that count.
    pub customers: u64,
    /// Rows without a known outcome.
    pub without_outcome: u64,
    /// Rows that the scheme leaves ungraded for lack of an input.
    pub ungraded: u64,
    /// Whether some customer counts for more or less than one.
    pub(super) weighted: bool,
}

impl Seen {
    /// Which of the two outcomes a customer has, and the weight; `None` if the customer does not count.
    #[inline]
    pub(super) fn take(
        &mut self,
        scheme: &Compiled,
        sheet: &mut Sheet,
        followed: Followed,
    ) -> Result<Option<(usize, u64)>> {
        let known = self.take_followed(followed)?;
        if known.is_some() && !scheme.fill_in(sheet)? {
            self.ungraded += 1;
            return Ok(None);
        }
        Ok(known)
    }

    /// The same of one of whom nothing is missing.
    #[inline]
    pub(super) fn take_followed(&mut self, followed: Followed) -> Result<Option<(usize, u64)>> {
        let Some(outcome) = followed.outcome else {
            self.without_outcome += 1;
            return Ok(None);
        };
        let units = followed.units()?;
        sum_of_counts(self.units[0] + self.units[1], units)?;
        Ok(Some((usize::from(outcome), units)))
    }

    #[inline]
    pub(super) fn count(&mut self, outcome: usize, units: u64) {
        self.units[outcome] += units;
        self.customers += 1;
        self.weighted |= units != WEIGHT_UNIT;
    }

    /// Whether all rows that could be read count, each as one customer.
    pub(super) fn are_all(&self) -> bool {
        !self.weighted && self.without_outcome == 0 && self.ungraded == 0
    }

    /// All that count, by weight.
    pub fn whole(&self) -> Split {
        split(self.units)
    }

    pub(super) fn merge(&mut self, other: &Seen) -> Result<()> {
        sum_of_counts(self.units[0] + self.units[1], other.units[0] + other.units[1])?;
        add(&mut self.units, other.units);
        self.customers = sum_of_counts(self.customers, other.customers)?;
        self.without_outcome = sum_of_counts(self.without_outcome, other.without_outcome)?;
        self.ungraded = sum_of_counts(self.ungraded, other.ungraded)?;
        self.weighted |= other.weighted;
        Ok(())
    }

    pub(super) fn encode(&self, writer: &mut Writer) {
        for count in [self.units[0], self.units[1], self.customers, self.without_outcome, self.ungraded] {
            writer.unsigned(u128::from(count));
        }
        writer.byte(u8::from(self.weighted));
    }

    pub(super) fn decode(reader: &mut Reader<'_>) -> Result<Seen> {
        let mut seen = Seen {
            units: units(reader)?,
            customers: reader.fits()?,
            without_outcome: reader.fits()?,
            ungraded: reader.fits()?,
            weighted: false,
        };
        seen.weighted = match reader.byte()? {
            0 => false,
            1 => true,
            _ => return Err(reader.broken("customers are neither weighted nor not")),
        };
        let [others, events] = seen.units;
        let rows = [seen.customers, seen.without_outcome, seen.ungraded];
        let weights = others.checked_add(events).is_some_and(|sum| sum <= MAX_COUNT);
        if !(weights && rows.into_iter().all(|count| count <= MAX_COUNT)) {
            return Err(reader.broken("there are too many customers"));
        }
        if !seen.weighted && Some(others + events) != seen.customers.checked_mul(WEIGHT_UNIT) {
            return Err(reader.broken("its weights are not those of its customers"));
        }
        Ok(seen)
    }

    /// That there is anything to tell apart.
    ///
    /// # Errors
    ///
    /// `InvalidValue` if all customers have the outcome, or nobody has.
    pub(super) fn both(&self) -> Result<Split> {
        let whole = self.whole();
        if whole.has_both() {
            return Ok(whole);
        }
        let detail = match (self.customers, whole.events > 0.0) {
            (0, _) => "No customer counts.".to_owned(),
            (n, false) => format!("It came of none of {n} customers."),
            (n, true) => format!("It came of all {n} customers."),
        };
        let left_out = |n: u64, why: &str| if n == 0 { String::new() } else { format!(" {n} {why}.") };
        Err(Error::invalid("the outcome tells no customers apart")
            .detail(format!(
                "{detail}{}{}",
                left_out(self.without_outcome, "were left out because the outcome is NULL"),
                left_out(self.ungraded, "were left out because an input is missing")
            ))
            .hint("Give customers of whom the outcome came, and others of whom it did not."))
    }
}
