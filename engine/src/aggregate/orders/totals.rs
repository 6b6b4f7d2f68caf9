//! What customers ordered in periods that follow each other, added up over the customers.

#[cfg(test)]
mod tests;

use allocator_api2::alloc::{Allocator, Global};
use allocator_api2::vec::Vec;

use super::{Figures, Orders, add, number, read_number};
use crate::aggregate::codec::{Reader, Writer};
use crate::aggregate::value_type::{Mergeable, Textual};
use crate::error::{Error, Result};
use crate::number::ExactSum;
use crate::time::zone::NamedZone;

const TAG: u8 = b'P';

/// A period, which ends where the next one begins. Times are microseconds since any day, the same for all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// When it begins.
    pub begins: i64,
    /// When it ends.
    pub ends: i64,
    /// When the period before it began, whose buyers may come back.
    pub before_begins: i64,
    /// Who has ordered nothing since then is silent at its end.
    pub silent_since: i64,
}

/// How days are told: what times count from, in microseconds since 1970, and the zone.
#[derive(Debug, Clone, Copy)]
pub struct Days {
    /// Microseconds since 1970.
    pub epoch: i64,
    /// `None` is UTC.
    pub zone: Option<&'static NamedZone>,
}

impl Days {
    fn differ(self, (first, last): (i64, i64)) -> Result<bool> {
        let day = |at: i64| NamedZone::day(self.zone, at.saturating_add(self.epoch));
        Ok(first != last && day(first)? < day(last)?)
    }
}

/// What customers ordered in a period, added up; what is counted in customers is 0 or 1 of a single one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// Orders.
    pub orders: i64,
    /// Their sum, refunds deducted.
    pub sales: ExactSum,
    /// What was earned, as far as it is known.
    pub profit: ExactSum,
    /// Customers who ordered.
    pub buying: i64,
    /// Those who did on several days.
    pub repeat_buying: i64,
    /// Customers who ordered in the period before.
    pub bought_before: i64,
    /// Those of them who ordered in this one as well.
    pub retained: i64,
    /// Customers who have ever ordered.
    pub bought_ever: i64,
    /// Those who have on several days.
    pub repeated_ever: i64,
    /// Those who are silent at the end.
    pub churned: i64,
    /// Orders of something that the customer had not bought before.
    pub cross_sold: i64,
    /// Orders that are larger than each one of the customer before.
    pub up_sold: i64,
    /// The sum of what was ordered before the period; `None` if nothing was.
    pub value_to_date: Option<ExactSum>,
    /// Customers of whom that is known.
    pub valued: i64,
    /// The sales of those alone whose refunds do not outweigh them.
    pub spending: ExactSum,
}

impl Totals {
    fn counts(&mut self) -> [&mut i64; 11] {
        [
            &mut self.orders,
            &mut self.buying,
            &mut self.repeat_buying,
            &mut self.bought_before,
            &mut self.retained,
            &mut self.bought_ever,
            &mut self.repeated_ever,
            &mut self.churned,
            &mut self.cross_sold,
            &mut self.up_sold,
            &mut self.valued,
        ]
    }

    /// Counts a customer. `several_days` tells whether the first and the last order ever are of different days.
    fn count(&mut self, figures: &Figures, period: &Period, days: Days, several_days: bool) -> Result<()> {
        self.orders += figures.orders;
        self.cross_sold += figures.cross_sold;
        self.up_sold += figures.up_sold;
        self.sales.add(figures.sales)?;
        if !figures.sales.is_negative() {
            self.spending.add(figures.sales)?;
        }
        self.profit.add(figures.profit)?;
        let bought_before = figures.before_to.is_some_and(|last| last >= period.before_begins);
        self.bought_before += i64::from(bought_before);
        if let Some(bought) = figures.bought {
            self.buying += 1;
            self.repeat_buying += i64::from(days.differ(bought)?);
            self.retained += i64::from(bought_before);
        }
        if let Some((_, last)) = figures.ever {
            self.bought_ever += 1;
            self.repeated_ever += i64::from(several_days);
            self.churned += i64::from(last < period.silent_since);
        }
        if let Some(value) = figures.value_to_date {
            add(&mut self.value_to_date, value)?;
            self.valued += 1;
        }
        Ok(())
    }

    fn merge(&mut self, mut other: Totals) -> Result<()> {
        for (own, other) in self.counts().into_iter().zip(other.counts()) {
            *own = own.checked_add(*other).ok_or_else(too_many)?;
        }
        self.sales.add(other.sales)?;
        self.spending.add(other.spending)?;
        self.profit.add(other.profit)?;
        if let Some(value) = other.value_to_date {
            add(&mut self.value_to_date, value)?;
        }
        Ok(())
    }
}

#[cold]
fn too_many() -> Error {
    Error::invalid("the counts add up to more than there can be").hint("Merge each value once.")
}

/// The totals of periods that follow each other.
///
/// ```
/// use allocator_api2::alloc::Global;
/// use customer_tiering_engine::aggregate::orders::totals::{Days, OrderTotals, Period};
/// use customer_tiering_engine::aggregate::orders::{Order, Orders};
/// use customer_tiering_engine::number::ExactSum;
///
/// # fn main() -> customer_tiering_engine::Result<()> {
/// let mut orders = Orders::default();
/// orders.add(Order { at: 12, amount: Some(ExactSum { mantissa: 150, scale: 2 }), profit: None, item: None }, 10)?;
/// let periods = [(10, 20), (20, 30)].map(|(begins, ends)| Period { begins, ends, before_begins: begins - 10, silent_since: begins });
/// let mut totals = OrderTotals::new(Global);
/// totals.add(&orders.sorted(), &periods, Days { epoch: 0, zone: None })?;
/// assert_eq!(totals.of(0).unwrap().buying, 1);
/// assert_eq!(totals.of(1).unwrap().churned, 1);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct OrderTotals<A: Allocator + Clone = Global> {
    periods: Vec<Totals, A>,
}

impl<A: Allocator + Clone> OrderTotals<A> {
    /// Of nobody.
    pub fn new(memory: A) -> Self {
        OrderTotals { periods: Vec::new_in(memory) }
    }

    /// Adds a customer, whose orders must be [sorted](Orders::sorted).
    ///
    /// # Errors
    ///
    /// `InvalidValue` if there are other periods than those of customers before; `NumberOutOfRange` if a sum has too many digits;
    /// `DateOutOfRange` for an order beyond the calendar.
    pub fn add<B: Allocator + Clone>(
        &mut self,
        orders: &Orders<B>,
        periods: &[Period],
        days: Days,
    ) -> Result<()> {
        let Some(first) = periods.first() else { return Ok(()) };
        self.fit(periods.len())?;
        // Most of the time nothing has been ordered since the last period.
        let mut known = (None, false);
        orders.figures_of_periods(first.begins, periods.iter().map(|period| period.ends), |place, figures| {
            if known.0 != figures.ever {
                known = (figures.ever, figures.ever.map_or(Ok(false), |ever| days.differ(ever))?);
            }
            self.periods[place].count(&figures, &periods[place], days, known.1)
        })
    }

    fn fit(&mut self, periods: usize) -> Result<()> {
        if self.periods.is_empty() {
            self.periods.resize(periods, Totals::default());
        }
        if self.periods.len() == periods {
            return Ok(());
        }
        Err(Error::invalid("totals of different periods do not add up")
            .detail(format!("Found {} and {periods} periods.", self.periods.len()))
            .hint("Group by the periods."))
    }

    /// The totals of a period, 0 being the first.
    #[must_use]
    pub fn of(&self, place: usize) -> Option<&Totals> {
        self.periods.get(place)
    }
}

impl<A: Allocator + Clone> Mergeable<A> for OrderTotals<A> {
    const WHAT: &'static str = "totals of orders";

    fn copy(&self, memory: A) -> Self {
        let mut copy = OrderTotals::new(memory);
        copy.periods.extend_from_slice(&self.periods);
        copy
    }

    fn merge(&mut self, other: &Self) -> Result<()> {
        if other.periods.is_empty() {
            return Ok(());
        }
        self.fit(other.periods.len())?;
        self.periods.iter_mut().zip(&other.periods).try_for_each(|(own, other)| own.merge(*other))
    }

    fn encode(&self) -> std::vec::Vec<u8> {
        let mut writer = Writer::new(TAG);
        writer.unsigned(self.periods.len() as u128);
        for mut totals in self.periods.iter().copied() {
            totals.counts().into_iter().for_each(|count| writer.unsigned(*count as u128));
            [Some(totals.sales), Some(totals.spending), Some(totals.profit), totals.value_to_date]
                .into_iter()
                .for_each(|sum| number(&mut writer, sum));
        }
        writer.finish()
    }

    fn decode(bytes: &[u8], memory: A) -> Result<Self> {
        let mut reader = Reader::new(bytes, TAG, Self::WHAT)?;
        let mut all = OrderTotals::new(memory);
        for _ in 0..reader.length()? {
            let mut totals = Totals::default();
            for count in totals.counts() {
                *count = reader.fits()?;
            }
            totals.sales = read_number(&mut reader)?.ok_or_else(|| reader.broken("a sum is missing"))?;
            totals.spending = read_number(&mut reader)?.ok_or_else(|| reader.broken("a sum is missing"))?;
            totals.profit = read_number(&mut reader)?.ok_or_else(|| reader.broken("a sum is missing"))?;
            totals.value_to_date = read_number(&mut reader)?;
            all.periods.push(totals);
        }
        reader.finish()?;
        Ok(all)
    }
}

impl Textual for OrderTotals {}
