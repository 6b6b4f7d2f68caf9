//! The figures of periods, told of the orders of one customer.

use std::cmp::Ordering;

use allocator_api2::alloc::Allocator;

use super::{Orders, Row, add, compare, larger_of, widen};
use crate::error::Result;
use crate::number::ExactSum;

/// What a customer ordered in a period, and before it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Figures {
    /// Orders of the period.
    pub orders: i64,
    /// Their sum, refunds deducted.
    pub sales: ExactSum,
    /// What was earned, as far as it is known.
    pub profit: ExactSum,
    /// The first and the last order of the period.
    pub bought: Option<(i64, i64)>,
    /// The last order before it.
    pub before_to: Option<i64>,
    /// The first and the last order until its end.
    pub ever: Option<(i64, i64)>,
    /// The sum of the time before; `None` if nothing was ordered then.
    pub value_to_date: Option<ExactSum>,
    /// Orders of the period that are larger than each one before. Those of one time are compared with earlier ones only.
    pub up_sold: i64,
    /// Orders of the period of an item that the customer, who had bought before, had not.
    pub cross_sold: i64,
}

impl<A: Allocator + Clone> Orders<A> {
    /// The figures of a period that does not begin before the time since which the orders are known one by one. They must
    /// be [sorted](Self::sorted).
    ///
    /// # Errors
    ///
    /// `NumberOutOfRange` if a sum has too many digits.
    pub fn figures(&self, begins: i64, ends: i64) -> Result<Figures> {
        let mut found = Figures::default();
        self.figures_of_periods(begins, [ends], |_, figures| {
            found = figures;
            Ok(())
        })?;
        Ok(found)
    }

    /// The same of periods that follow each other, in one pass: where the first begins and each ends, and what is done with
    /// the place of each and its figures.
    ///
    /// # Errors
    ///
    /// `NumberOutOfRange` if a sum has too many digits; those of `visit`.
    pub fn figures_of_periods(
        &self,
        begins: i64,
        ends: impl IntoIterator<Item = i64>,
        mut visit: impl FnMut(usize, Figures) -> Result<()>,
    ) -> Result<()> {
        let mut so_far = SoFar {
            figures: Figures { ever: self.before.bought, ..Figures::default() },
            sales: self.before.value,
            largest: self.before.largest,
            new: NewItems { known: &self.before.items, since: Vec::new() },
        };
        let mut rows = self.rows.chunk_by(|one, next| one.at == next.at).peekable();
        let mut place = 0;
        // The time before is a period like any other, but nobody asks for it.
        for (number, end) in [begins].into_iter().chain(ends).enumerate() {
            while let Some(together) = rows.next_if(|together| together[0].at < end) {
                so_far.add(together, self.profits.get(place..).unwrap_or_default())?;
                place += together.len();
            }
            let figures = so_far.close()?;
            if let Some(number) = number.checked_sub(1) {
                visit(number, figures)?;
            }
        }
        Ok(())
    }
}

/// What is known of the orders until some time, while they are read in their order.
struct SoFar<'b> {
    /// Of the period at hand, but for its sales.
    figures: Figures,
    /// `None` as long as no amount of the period is known.
    sales: Option<ExactSum>,
    largest: Option<ExactSum>,
    new: NewItems<'b>,
}

impl SoFar<'_> {
    /// Adds the orders of one time. The profits are theirs, and those of later ones.
    fn add(&mut self, together: &[Row], profits: &[Option<ExactSum>]) -> Result<()> {
        let bought_before = self.figures.ever.is_some();
        let largest_before = self.largest;
        for (place, row) in together.iter().enumerate() {
            if let Some(amount) = row.amount() {
                add(&mut self.sales, amount)?;
            }
            if let Some(profit) = profits.get(place).copied().flatten() {
                self.figures.profit.add(profit)?;
            }
            if row.is_refund() {
                continue;
            }
            self.figures.orders += 1;
            let larger = |(amount, largest)| compare(amount, largest) == Ordering::Greater;
            self.figures.up_sold += i64::from(row.amount().zip(largest_before).is_some_and(larger));
            let is_new = bought_before && row.item().is_some_and(|item| self.new.is_new(item));
            self.figures.cross_sold += i64::from(is_new);
            widen(&mut self.figures.bought, row.at);
            widen(&mut self.figures.ever, row.at);
            self.largest = larger_of(self.largest, row.amount());
        }
        together.iter().filter(|row| !row.is_refund()).for_each(|row| self.new.learn(row.item()));
        Ok(())
    }

    /// Ends the period: its figures, and the next one begins.
    fn close(&mut self) -> Result<Figures> {
        let closed = Figures { sales: self.sales.unwrap_or_default(), ..self.figures };
        let mut value_to_date = closed.value_to_date;
        if let Some(sales) = self.sales.take() {
            add(&mut value_to_date, sales)?;
        }
        self.figures = Figures {
            before_to: closed.ever.map(|(_, last)| last),
            ever: closed.ever,
            value_to_date,
            ..Figures::default()
        };
        Ok(closed)
    }
}

/// Which items are new: those of the time before, and those that came since.
struct NewItems<'b> {
    known: &'b [u64],
    since: Vec<u64>,
}

impl NewItems<'_> {
    fn is_new(&self, item: u64) -> bool {
        self.known.binary_search(&item).is_err() && self.since.binary_search(&item).is_err()
    }

    fn learn(&mut self, item: Option<u64>) {
        if let Some(item) = item
            && self.known.binary_search(&item).is_err()
            && let Err(place) = self.since.binary_search(&item)
        {
            self.since.insert(place, item);
        }
    }
}
