//! Recency, frequency, monetary value: what one customer bought, summed up so that it can be merged.
//!
//! The terms are those of Hughes, *Strategic Database Marketing* (1994), for RFM and of Fader, Hardie and
//! Lee, "Counting Your Customers the Easy Way" (Marketing Science 24, 2005) for lifetime value: repeat
//! purchases are counted per distinct day after the first, the recency of a repeat purchase and the age
//! are counted from the first day.

mod days;
#[cfg(test)]
mod tests;
mod text;

use allocator_api2::alloc::{Allocator, Global};

use crate::aggregate::codec::{Reader, Writer};
use crate::aggregate::value_type::{MAX_COUNT, Mergeable, sum_of_counts};
use crate::document::quoted;
use crate::error::{Error, Result};
use crate::number::ExactSum;
use crate::time::date::{FIRST_DAY, LAST_DAY};
use crate::time::zone::NamedZone;
pub use days::Days;

const TAG: u8 = b'r';
const WHAT: &str = "rfm value";
const NOT_ASCENDING: &str = "the days are not ascending";

/// A currency by its code of three letters, such as `EUR` (ISO 4217).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Currency([u8; 3]);

impl Currency {
    /// The currency of a code, in letters of either case. Any three letters will do: currencies come and go.
    ///
    /// # Errors
    ///
    /// `InvalidValue` for any other text.
    pub fn parse(code: &str) -> Result<Currency> {
        match <[u8; 3]>::try_from(code.as_bytes()) {
            Ok(letters) if letters.iter().all(u8::is_ascii_alphabetic) => {
                Ok(Currency(letters.map(|letter| letter.to_ascii_uppercase())))
            }
            _ => Err(Error::invalid(format!("{} is no code of a currency", quoted(code)))
                .detail("A currency is named by three letters (ISO 4217).")
                .hint("Pass a code such as 'EUR', 'USD' or 'CNY'.")),
        }
    }

    /// The code, in capital letters.
    pub fn code(&self) -> &str {
        // Nothing but ASCII letters gets in.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

/// The error where amounts of two currencies would be added up.
#[cold]
pub fn other_currency(one: Option<Currency>, other: Option<Currency>) -> Error {
    let name = |currency: Option<Currency>| {
        currency.map_or("none".to_owned(), |currency| currency.code().to_owned())
    };
    Error::invalid("amounts of different currencies do not add up")
        .detail(format!("Found {} and {}.", name(one), name(other)))
        .hint("Convert the amounts into one currency first, or sum up each by itself: GROUP BY customer, currency.")
}

/// What one customer bought.
///
/// An amount of zero or more is a purchase. A negative amount is a refund: it lowers the sum, and neither
/// is an order nor tells that the customer was there.
///
/// A hash aggregate comes by hundreds of thousands of these in no order, so that time goes into fetching them
/// from memory: what every order touches stands in front, and the days beside it, unless they are many.
///
/// ```
/// use allocator_api2::alloc::Global;
/// use customer_tiering_engine::aggregate::rfm::Rfm;
/// use customer_tiering_engine::number::ExactSum;
///
/// # fn main() -> customer_tiering_engine::Result<()> {
/// const DAY: i64 = 86_400_000_000;
/// let mut customer = Rfm::new(None, Global);
/// customer.add(20_000 * DAY, 20_000, ExactSum::new(1999, 2)?)?;
/// customer.add(20_031 * DAY, 20_031, ExactSum::new(5, 0)?)?;
/// customer.add(20_040 * DAY, 20_040, ExactSum::new(-1999, 2)?)?;
/// assert_eq!((customer.purchases(), customer.refunds()), (2, 1));
/// assert_eq!(customer.monetary().to_string(), "5.00");
/// assert!(customer.days().iter().eq([20_000, 20_031]));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
#[repr(C)]
pub struct Rfm<A: Allocator + Clone = Global> {
    purchases: u64,
    /// Of purchases; microseconds since 1970. Meaningless while there is none.
    first_at: i64,
    last_at: i64,
    /// The sum of purchases and refunds.
    sum: ExactSum,
    /// The sum of the purchases of the first day, which models of repeat spending leave out.
    first_day: ExactSum,
    currency: Option<Currency>,
    /// The days with a purchase.
    days: Days<A>,
    refunds: u64,
    zone: Option<&'static NamedZone>,
}

impl<A: Allocator + Clone> Rfm<A> {
    /// Nothing bought yet; days are those of `zone`, `None` is UTC.
    pub fn new(zone: Option<&'static NamedZone>, memory: A) -> Self {
        Rfm {
            days: Days::new(memory),
            sum: ExactSum::default(),
            first_day: ExactSum::default(),
            purchases: 0,
            refunds: 0,
            first_at: i64::MAX,
            last_at: i64::MIN,
            zone,
            currency: None,
        }
    }

    /// The same with amounts of a currency.
    pub fn in_currency(self, currency: Option<Currency>) -> Self {
        Rfm { currency, ..self }
    }

    /// Adds an order or a refund, made at `at` (microseconds since 1970) on `day`, a day of this zone.
    ///
    /// # Errors
    ///
    /// `NumberOutOfRange` if the sum has more digits than it may have.
    #[inline]
    pub fn add(&mut self, at: i64, day: i32, amount: ExactSum) -> Result<()> {
        self.sum.add(amount)?;
        if amount.is_negative() {
            self.refunds += 1;
            return Ok(());
        }
        self.purchases += 1;
        self.first_at = self.first_at.min(at);
        self.last_at = self.last_at.max(at);
        match self.days.first() {
            Some(first) if day > first => {}
            Some(first) if day == first => self.first_day.add(amount)?,
            _ => self.first_day = amount,
        }
        self.days.add(day);
        Ok(())
    }

    /// The zone whose days are counted; `None` is UTC.
    pub fn zone(&self) -> Option<&'static NamedZone> {
        self.zone
    }

    /// The currency of the amounts, where it is known.
    pub fn currency(&self) -> Option<Currency> {
        self.currency
    }

    /// How many orders.
    pub fn purchases(&self) -> u64 {
        self.purchases
    }

    /// How many refunds.
    pub fn refunds(&self) -> u64 {
        self.refunds
    }

    /// The sum of all amounts, refunds deducted.
    pub fn monetary(&self) -> ExactSum {
        self.sum
    }

    /// The sum of what came after the first day, refunds deducted.
    ///
    /// # Errors
    ///
    /// `NumberOutOfRange` if it has more digits than a sum may have.
    pub fn repeat_monetary(&self) -> Result<ExactSum> {
        self.sum.minus(self.first_day)
    }

    /// The first and the last purchase, microseconds since 1970.
    pub fn first_and_last_at(&self) -> Option<(i64, i64)> {
        (self.purchases > 0).then_some((self.first_at, self.last_at))
    }

    /// The days with a purchase, since 1970-01-01.
    pub fn days(&self) -> &Days<A> {
        &self.days
    }

    /// The first and the last day with a purchase.
    pub fn first_and_last_day(&self) -> Option<(i32, i32)> {
        self.days.first().zip(self.days.last())
    }

    /// Whether any purchase fell on a day from `from` to before `until`.
    pub fn bought_between(&self, from: i32, until: i32) -> bool {
        self.days.any_between(from, until)
    }

    fn invariants(&self) -> std::result::Result<(), &'static str> {
        if self.days.first().is_some_and(|day| day < FIRST_DAY)
            || self.days.last().is_some_and(|day| day > LAST_DAY)
        {
            return Err("a day is out of range");
        }
        if self.purchases > MAX_COUNT || self.refunds > MAX_COUNT {
            return Err("there are too many orders");
        }
        if self.days.is_empty() != (self.purchases == 0) || (self.days.len() as u64) > self.purchases {
            return Err("the days do not match the number of purchases");
        }
        if self.purchases == 0
            && (self.first_day != ExactSum::default()
                || self.first_at != i64::MAX
                || self.last_at != i64::MIN)
        {
            return Err("there is a first day without a purchase");
        }
        if self.purchases == 0 && self.refunds == 0 && self.sum != ExactSum::default() {
            return Err("there is a sum without an order");
        }
        if self.purchases > 0 && (self.first_at > self.last_at || self.first_day.is_negative()) {
            return Err("the first purchase is not before the last, or of a negative amount");
        }
        if let (Some((first, last)), Some((first_at, last_at))) =
            (self.first_and_last_day(), self.first_and_last_at())
        {
            let day = |at| NamedZone::day(self.zone, at).ok();
            if day(first_at) != Some(first) || day(last_at) != Some(last) {
                return Err("the first or the last day is not that of the first or the last purchase");
            }
        }
        Ok(())
    }
}

/// The error where an as-of day is asked for and something was bought after it.
#[cold]
pub fn later_purchases() -> Error {
    Error::invalid("an rfm value holds purchases after the as-of day")
        .detail(
            "It knows the sum of its amounts, not that of each day, so that later spend cannot be left out.",
        )
        .hint("Leave later orders out before they are summed up: rfm(at, amount) FILTER (WHERE at < …).")
}

impl<A: Allocator + Clone> Mergeable<A> for Rfm<A> {
    const WHAT: &'static str = WHAT;

    fn copy(&self, memory: A) -> Self {
        Rfm { days: self.days.copy(memory), ..*self }
    }

    fn merge(&mut self, other: &Self) -> Result<()> {
        let name = |zone: Option<&'static NamedZone>| zone.map_or("UTC", |zone| &*zone.name);
        if name(self.zone) != name(other.zone) {
            return Err(Error::invalid("rfm values count their days in different time zones")
                .detail(format!("Found {} and {}.", name(self.zone), name(other.zone)))
                .hint("Aggregate all of them with the same zone."));
        }
        if self.currency != other.currency {
            return Err(other_currency(self.currency, other.currency));
        }
        self.purchases = sum_of_counts(self.purchases, other.purchases)?;
        self.refunds = sum_of_counts(self.refunds, other.refunds)?;
        self.sum.add(other.sum)?;
        match (self.days.first(), other.days.first()) {
            (Some(own), Some(others)) if own == others => self.first_day.add(other.first_day)?,
            (None, Some(_)) => self.first_day = other.first_day,
            (Some(own), Some(others)) if others < own => self.first_day = other.first_day,
            _ => {}
        }
        self.first_at = self.first_at.min(other.first_at);
        self.last_at = self.last_at.max(other.last_at);
        self.days.merge(&other.days);
        Ok(())
    }

    fn encode(&self) -> std::vec::Vec<u8> {
        let mut writer = Writer::new(TAG);
        let zone = self.zone.map_or("", |zone| &*zone.name);
        // No name of a zone has a blank.
        match &self.currency {
            None => writer.bytes(zone.as_bytes()),
            Some(currency) => writer.bytes(format!("{zone} {}", currency.code()).as_bytes()),
        }
        writer.unsigned(u128::from(self.purchases));
        writer.unsigned(u128::from(self.refunds));
        writer.byte(self.sum.scale);
        writer.signed(self.sum.mantissa);
        writer.unsigned(self.days.len() as u128);
        if let Some((first_at, last_at)) = self.first_and_last_at() {
            writer.signed(i128::from(first_at));
            writer.unsigned((i128::from(last_at) - i128::from(first_at)) as u128);
            writer.byte(self.first_day.scale);
            writer.signed(self.first_day.mantissa);
            let mut previous = 0;
            for day in self.days.iter() {
                writer.signed(i128::from(day) - previous);
                previous = i128::from(day);
            }
        }
        writer.finish()
    }

    fn decode(bytes: &[u8], memory: A) -> Result<Self> {
        let mut reader = Reader::new(bytes, TAG, WHAT)?;
        let text = reader.text()?;
        let (zone, currency) = match text.split_once(' ') {
            None => (text, None),
            Some((zone, code)) => (zone, Some(Currency::parse(code)?)),
        };
        if currency.is_some_and(|currency| !text.ends_with(currency.code())) {
            return Err(reader.broken("its currency is not in capital letters"));
        }
        let zone = match zone {
            "" => None,
            "UTC" => return Err(reader.broken("its zone is spelt out")),
            name => NamedZone::get(name)?,
        };
        let mut rfm = Rfm::new(zone, memory).in_currency(currency);
        rfm.purchases = reader.fits()?;
        rfm.refunds = reader.fits()?;
        rfm.sum = decimal(&mut reader)?;
        let days = reader.length()?;
        if rfm.purchases > 0 {
            rfm.first_at = reader.signed_fits()?;
            let span: i64 = reader.fits()?;
            rfm.last_at =
                rfm.first_at.checked_add(span).ok_or_else(|| reader.broken("a time is out of range"))?;
            rfm.first_day = decimal(&mut reader)?;
            let mut previous = 0_i32;
            for _ in 0..days {
                let step: i32 = reader.signed_fits()?;
                previous =
                    previous.checked_add(step).ok_or_else(|| reader.broken("a day is out of range"))?;
                if !rfm.days.append(previous) {
                    return Err(reader.broken(NOT_ASCENDING));
                }
            }
        }
        rfm.invariants().map_err(|why| reader.broken(why))?;
        reader.finish()?;
        Ok(rfm)
    }
}

fn decimal(reader: &mut Reader<'_>) -> Result<ExactSum> {
    let scale = reader.byte()?;
    ExactSum::new(reader.signed()?, u32::from(scale))
        .map_err(|_| reader.broken("an amount has too many digits"))
}
