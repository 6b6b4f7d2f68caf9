//! What an aggregate gathers for a fit: customers, and how many were left out and why.

use std::hash::Hash;

use allocator_api2::alloc::{Allocator, Global};

use super::census::Census;
use super::data::{Purchases, Spend};
use super::fit::{fit_purchases, fit_spend};
use super::model::{Model, TimeUnit};
use super::models::Kind;
use crate::aggregate::codec::{Reader, Writer};
use crate::aggregate::rfm::{Rfm, later_purchases};
use crate::aggregate::value_type::{MAX_COUNT, Mergeable, Textual, sum_of_counts};
use crate::error::{Error, Result};

/// Why a customer is left out of a fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Excluded {
    /// A figure is NULL.
    Missing,
    /// Nothing was ever bought.
    NeverBought,
    /// The first purchase is later than the day as of which the model is fitted.
    NotYet,
    /// Repeat purchases whose sum, refunds deducted, is zero or below.
    NothingSpent,
}

impl Excluded {
    const ALL: [Excluded; 4] =
        [Excluded::Missing, Excluded::NeverBought, Excluded::NotYet, Excluded::NothingSpent];

    /// As the model says it.
    pub fn reason(self) -> &'static str {
        match self {
            Excluded::Missing => "a figure is missing",
            Excluded::NeverBought => "no purchase",
            Excluded::NotYet => "first purchase after the as-of day",
            Excluded::NothingSpent => "repeat purchases without a positive sum",
        }
    }
}

impl Purchases {
    /// What somebody had bought by the end of the day `as_of`: later days do not count.
    ///
    /// # Errors
    ///
    /// Why the models say nothing of this customer.
    pub fn of_rfm<A: Allocator + Clone>(
        rfm: &Rfm<A>,
        as_of: i32,
        unit: TimeUnit,
    ) -> std::result::Result<Purchases, Excluded> {
        let days = rfm.days();
        let first = days.first().ok_or(Excluded::NeverBought)?;
        let last = days.last_until(as_of).ok_or(Excluded::NotYet)?;
        let since_first = |day: i32| (f64::from(day) - f64::from(first)) / unit.days();
        let repeats = i64::try_from(days.count_until(as_of) - 1).unwrap_or(i64::MAX);
        // Days ascend, so nothing of this can be refused.
        Purchases::new(repeats, since_first(last), since_first(as_of)).map_err(|_| Excluded::Missing)
    }
}

impl Spend {
    /// What somebody spent on a day with purchases after the first one, on average; `as_of` is the day at
    /// the end of which that is asked.
    ///
    /// # Errors
    ///
    /// `InvalidValue` if something was bought later: of the amounts only the sum is known. Inside, why
    /// the model says nothing of this customer.
    pub fn of_rfm<A: Allocator + Clone>(
        rfm: &Rfm<A>,
        as_of: Option<i32>,
    ) -> Result<std::result::Result<Spend, Excluded>> {
        let Some((first, last)) = rfm.first_and_last_day() else { return Ok(Err(Excluded::NeverBought)) };
        if let Some(as_of) = as_of {
            if first > as_of {
                return Ok(Err(Excluded::NotYet));
            }
            if last > as_of {
                return Err(later_purchases());
            }
        }
        let repeats = rfm.days().len() - 1;
        if repeats == 0 {
            return Ok(Spend::new(0, 0.0).map_err(|_| Excluded::Missing));
        }
        let mean = rfm.repeat_monetary()?.to_float() / repeats as f64;
        Ok(Spend::new(i64::try_from(repeats).unwrap_or(i64::MAX), mean).map_err(|_| Excluded::NothingSpent))
    }
}

/// What a model is fitted to.
pub trait Figures: Copy + Ord + Hash {
    /// The kind of state in the binary format.
    const TAG: u8;
    /// What errors call it.
    const WHAT: &'static str;
    /// As bytes.
    fn write(&self, writer: &mut Writer);
    /// From bytes.
    ///
    /// # Errors
    ///
    /// Those of the constructor, and of bytes that end too early.
    fn read(reader: &mut Reader<'_>) -> Result<Self>;
    /// The model of `kind` that suits these customers best; `unit` is that of their times.
    ///
    /// # Errors
    ///
    /// Those of [`fit_purchases`] and [`fit_spend`].
    fn fit(
        kind: Kind,
        customers: impl IntoIterator<Item = (Self, u64)>,
        unit: Option<TimeUnit>,
        interrupted: &mut dyn FnMut() -> Result<()>,
    ) -> Result<Model>;
}

impl Figures for Purchases {
    const TAG: u8 = b'L';
    const WHAT: &'static str = "gathering of purchases";

    fn write(&self, writer: &mut Writer) {
        writer.unsigned(u128::from(self.frequency()));
        writer.float(self.recency());
        writer.float(self.age());
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self> {
        Purchases::new(reader.fits()?, reader.float()?, reader.float()?)
    }

    fn fit(
        kind: Kind,
        customers: impl IntoIterator<Item = (Self, u64)>,
        unit: Option<TimeUnit>,
        interrupted: &mut dyn FnMut() -> Result<()>,
    ) -> Result<Model> {
        fit_purchases(kind, customers, unit.unwrap_or(TimeUnit::Day), interrupted)
    }
}

impl Figures for Spend {
    const TAG: u8 = b'G';
    const WHAT: &'static str = "gathering of spend";

    fn write(&self, writer: &mut Writer) {
        writer.unsigned(u128::from(self.frequency()));
        writer.float(self.mean());
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self> {
        Spend::new(reader.fits()?, reader.float()?)
    }

    fn fit(
        kind: Kind,
        customers: impl IntoIterator<Item = (Self, u64)>,
        _: Option<TimeUnit>,
        interrupted: &mut dyn FnMut() -> Result<()>,
    ) -> Result<Model> {
        fit_spend(kind, customers, interrupted)
    }
}

/// Customers to fit a model to. Memory grows with how many of them differ, not with how many they are.
#[derive(Debug, Clone)]
pub struct Gathered<C, A: Allocator> {
    /// That of the times; spend has none.
    unit: Option<TimeUnit>,
    census: Census<C, A>,
    /// In the order of [`Excluded::ALL`].
    excluded: [u64; Excluded::ALL.len()],
}

impl<C: Figures, A: Allocator + Clone> Gathered<C, A> {
    /// Nobody yet.
    pub fn new(unit: Option<TimeUnit>, memory: A) -> Self {
        Gathered { unit, census: Census::new_in(memory), excluded: Default::default() }
    }

    /// The unit of the times.
    pub fn unit(&self) -> Option<TimeUnit> {
        self.unit
    }

    /// Takes one customer in, or counts who is left out.
    #[inline]
    pub fn add(&mut self, customer: std::result::Result<C, Excluded>) {
        match customer {
            Ok(customer) => self.census.add(customer, 1),
            Err(why) => self.excluded[why as usize] += 1,
        }
    }

    /// Who was left out: the reason and how many.
    pub fn excluded(&self) -> impl Iterator<Item = (&'static str, u64)> {
        let reasons = Excluded::ALL.map(Excluded::reason).into_iter();
        reasons.zip(self.excluded).filter(|(_, customers)| *customers > 0)
    }

    /// The model of `kind` that suits these customers best.
    ///
    /// # Errors
    ///
    /// Those of [`fit_purchases`] and [`fit_spend`].
    pub fn fit(&self, kind: Kind, interrupted: &mut dyn FnMut() -> Result<()>) -> Result<Model> {
        let mut model = C::fit(kind, self.census.iter(), self.unit, interrupted)?;
        self.excluded().for_each(|(reason, customers)| model.exclude(reason, customers));
        Ok(model)
    }
}

impl<C: Figures, A: Allocator + Clone> Mergeable<A> for Gathered<C, A> {
    const WHAT: &'static str = C::WHAT;

    fn copy(&self, memory: A) -> Self {
        let mut census = Census::new_in(memory);
        census.merge(&self.census);
        Gathered { census, ..*self }
    }

    fn merge(&mut self, other: &Self) -> Result<()> {
        if self.unit != other.unit {
            return Err(another_unit());
        }
        for (own, others) in self.excluded.iter_mut().zip(other.excluded) {
            *own = sum_of_counts(*own, others)?;
        }
        self.census.merge(&other.census);
        Ok(())
    }

    fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new(C::TAG);
        writer.bytes(self.unit.map_or("", TimeUnit::name).as_bytes());
        for customers in self.excluded {
            writer.unsigned(u128::from(customers));
        }
        let counts = self.census.counts();
        writer.unsigned(counts.len() as u128);
        for (customer, count) in counts {
            customer.write(&mut writer);
            writer.unsigned(u128::from(count));
        }
        writer.finish()
    }

    fn decode(bytes: &[u8], memory: A) -> Result<Self> {
        let mut reader = Reader::new(bytes, C::TAG, C::WHAT)?;
        let unit = match reader.text()? {
            "" => None,
            name => Some(TimeUnit::parse(name).map_err(|_| reader.broken("its unit of time is unknown"))?),
        };
        let mut gathered = Gathered::new(unit, memory);
        for customers in &mut gathered.excluded {
            *customers = reader.fits()?;
            if *customers > MAX_COUNT {
                return Err(reader.broken("there are too many customers"));
            }
        }
        let mut previous = None;
        for _ in 0..reader.length()? {
            let customer = C::read(&mut reader).map_err(|_| reader.broken("a customer cannot be"))?;
            let count = reader.fits()?;
            if count == 0 || previous.is_some_and(|previous| previous >= customer) {
                return Err(reader.broken("the customers are not ascending, or one is nobody"));
            }
            gathered.census.add(customer, count);
            previous = Some(customer);
        }
        reader.finish()?;
        Ok(gathered)
    }
}

impl<C: Figures> Textual for Gathered<C, Global> {}

/// The error for times in different units.
#[cold]
pub fn another_unit() -> Error {
    Error::invalid("the unit of time changes within an aggregate")
        .hint("Pass one unit for all customers: 'day', 'week', 'month', 'quarter' or 'year'.")
}
