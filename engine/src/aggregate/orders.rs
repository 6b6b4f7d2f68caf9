//! What one customer ordered, kept so that the figures of any period can be told of it.

mod figures;
pub mod totals;

#[cfg(test)]
mod tests;

use std::cmp::Ordering;

use allocator_api2::alloc::{Allocator, Global};
use allocator_api2::vec::Vec;

use crate::aggregate::codec::{Reader, Writer};
use crate::aggregate::rfm::Rfm;
use crate::aggregate::value_type::{Mergeable, Textual};
use crate::error::Result;
use crate::number::ExactSum;
use crate::time::zone::NamedZone;

pub use figures::Figures;

const TAG: u8 = b'O';

/// The orders of one customer: one by one since a time; of the time before only what later ones are compared with.
///
/// As for [`Rfm`], a negative amount is a refund: it lowers the sums, and is no order. Times are microseconds since any
/// day, the same for all; an item is known by a hash.
///
/// ```
/// use customer_tiering_engine::aggregate::orders::{Order, Orders};
/// use customer_tiering_engine::number::ExactSum;
///
/// # fn main() -> customer_tiering_engine::Result<()> {
/// let order = |at, amount, item| Order { at, amount: Some(ExactSum { mantissa: amount, scale: 2 }), profit: None, item: Some(item) };
/// let mut orders = Orders::default();
/// for order in [order(1, 100, 7), order(12, 150, 7), order(14, 120, 8)] {
///     orders.add(order, 10)?;
/// }
/// let figures = orders.sorted().figures(10, 20)?;
/// assert_eq!((figures.orders, figures.up_sold, figures.cross_sold), (2, 1, 1));
/// assert_eq!(figures.sales.to_string(), "2.70");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Orders<A: Allocator + Clone = Global> {
    before: Before<A>,
    rows: Vec<Row, A>,
    /// The profits of the rows, as far as any is known: beside them, because most sources have none.
    profits: Vec<Option<ExactSum>, A>,
}

/// An order, or a refund.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Order {
    /// When.
    pub at: i64,
    /// How much; `None` if it is not known.
    pub amount: Option<ExactSum>,
    /// What was earned by it.
    pub profit: Option<ExactSum>,
    /// What was bought, as a hash.
    pub item: Option<u64>,
}

/// An order in 40 bytes: hash aggregates hold ten millions of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Row {
    at: i64,
    /// [`UNKNOWN`] in place of the scale says that there is none.
    amount: ExactSum,
    /// 0 if it is not known.
    item: u64,
}

/// No decimal has so many digits.
const UNKNOWN: ExactSum = ExactSum { mantissa: 0, scale: u8::MAX };

/// The time before.
#[derive(Debug, Clone)]
struct Before<A: Allocator + Clone> {
    /// When the first and the last order were.
    bought: Option<(i64, i64)>,
    /// The sum of orders and refunds.
    value: Option<ExactSum>,
    largest: Option<ExactSum>,
    /// Items, ascending.
    items: Vec<u64, A>,
}

impl Row {
    fn amount(&self) -> Option<ExactSum> {
        (self.amount != UNKNOWN).then_some(self.amount)
    }

    fn item(&self) -> Option<u64> {
        (self.item != 0).then_some(self.item)
    }

    fn is_refund(&self) -> bool {
        self.amount.is_negative()
    }
}

impl Default for Orders {
    fn default() -> Self {
        Orders::new(Global)
    }
}

impl<A: Allocator + Clone> Orders<A> {
    /// Without orders.
    pub fn new(memory: A) -> Self {
        Orders {
            before: Before { bought: None, value: None, largest: None, items: Vec::new_in(memory.clone()) },
            rows: Vec::new_in(memory.clone()),
            profits: Vec::new_in(memory),
        }
    }

    /// Takes note of an order. Periods that begin before `since` cannot be told of afterwards.
    ///
    /// # Errors
    ///
    /// `NumberOutOfRange` if a sum has too many digits.
    #[inline]
    pub fn add(&mut self, order: Order, since: i64) -> Result<()> {
        let row = Row {
            at: order.at,
            amount: order.amount.unwrap_or(UNKNOWN),
            // A hash that happens to be 0 is taken for another one.
            item: order.item.map_or(0, |item| item.max(1)),
        };
        if order.at < since {
            return self.before.add(row);
        }
        if order.profit.is_some() && self.profits.len() < self.rows.len() {
            self.profits.resize(self.rows.len(), None);
        }
        if order.profit.is_some() || !self.profits.is_empty() {
            self.profits.push(order.profit);
        }
        self.rows.push(row);
        Ok(())
    }

    /// In the order of time.
    #[must_use]
    pub fn sorted(mut self) -> Self {
        if !self.rows.is_sorted_by_key(|row| row.at) {
            let (rows, profits) = self.by_time();
            self.rows.copy_from_slice(&rows);
            if !self.profits.is_empty() {
                self.profits.copy_from_slice(&profits);
            }
        }
        self
    }

    /// The rows in the order of time, those of one time in an order that does not depend on how they came; and their profits.
    fn by_time(&self) -> (std::vec::Vec<Row>, std::vec::Vec<Option<ExactSum>>) {
        let profit = |place: usize| self.profits.get(place).copied().flatten();
        let mut all: std::vec::Vec<(Row, Option<ExactSum>)> =
            self.rows.iter().enumerate().map(|(place, row)| (*row, profit(place))).collect();
        let bytes = |sum: ExactSum| (sum.scale, sum.mantissa);
        all.sort_by_key(|(row, profit)| (row.at, row.item, bytes(row.amount), profit.map(bytes)));
        all.into_iter().unzip()
    }

    /// What was bought before a time, in a zone. Nothing must have been forgotten: all orders must have been added with a `since`
    /// before them.
    ///
    /// # Errors
    ///
    /// `NumberOutOfRange` if a sum has too many digits; `DateOutOfRange` for a time beyond the calendar. `epoch` is what the times
    /// count from, in microseconds since 1970.
    pub fn rfm(&self, until: i64, epoch: i64, zone: Option<&'static NamedZone>) -> Result<Option<Rfm>> {
        let mut rfm = None;
        for row in self.rows.iter().filter(|row| row.at < until) {
            let Some(amount) = row.amount() else { continue };
            let at = row.at.saturating_add(epoch);
            let day = NamedZone::day(zone, at)?;
            rfm.get_or_insert_with(|| Rfm::new(zone, Global)).add(at, day, amount)?;
        }
        Ok(rfm)
    }
}

impl<A: Allocator + Clone> Before<A> {
    #[inline]
    fn add(&mut self, row: Row) -> Result<()> {
        if let Some(amount) = row.amount() {
            add(&mut self.value, amount)?;
        }
        if row.is_refund() {
            return Ok(());
        }
        widen(&mut self.bought, row.at);
        self.largest = larger_of(self.largest, row.amount());
        if let Some(item) = row.item()
            && let Err(place) = self.items.binary_search(&item)
        {
            self.items.insert(place, item);
        }
        Ok(())
    }
}

fn add(sum: &mut Option<ExactSum>, amount: ExactSum) -> Result<()> {
    sum.get_or_insert_default().add(amount)
}

fn widen(bought: &mut Option<(i64, i64)>, at: i64) {
    let (first, last) = bought.unwrap_or((at, at));
    *bought = Some((first.min(at), last.max(at)));
}

fn compare(one: ExactSum, other: ExactSum) -> Ordering {
    if one.scale == other.scale {
        return { one.mantissa }.cmp(&{ other.mantissa });
    }
    match one.minus(other) {
        Ok(difference) => { difference.mantissa }.cmp(&0),
        // More digits than a sum may have between them: far apart.
        Err(_) => one.to_float().total_cmp(&other.to_float()),
    }
}

fn larger_of(one: Option<ExactSum>, other: Option<ExactSum>) -> Option<ExactSum> {
    match (one, other) {
        (Some(one), Some(other)) if compare(one, other) == Ordering::Less => Some(other),
        (Some(one), _) => Some(one),
        (None, other) => other,
    }
}

impl<A: Allocator + Clone> Mergeable<A> for Orders<A> {
    const WHAT: &'static str = "orders";

    fn copy(&self, memory: A) -> Self {
        let mut copy = Orders::new(memory);
        copy.before.bought = self.before.bought;
        copy.before.value = self.before.value;
        copy.before.largest = self.before.largest;
        copy.before.items.extend_from_slice(&self.before.items);
        copy.rows.extend_from_slice(&self.rows);
        copy.profits.extend_from_slice(&self.profits);
        copy
    }

    fn merge(&mut self, other: &Self) -> Result<()> {
        for at in other.before.bought.iter().flat_map(|(first, last)| [*first, *last]) {
            widen(&mut self.before.bought, at);
        }
        if let Some(value) = other.before.value {
            add(&mut self.before.value, value)?;
        }
        self.before.largest = larger_of(self.before.largest, other.before.largest);
        self.before.items.extend_from_slice(&other.before.items);
        self.before.items.sort_unstable();
        self.before.items.dedup();
        if !self.profits.is_empty() || !other.profits.is_empty() {
            self.profits.resize(self.rows.len(), None);
            self.profits.extend_from_slice(&other.profits);
            self.profits.resize(self.rows.len() + other.rows.len(), None);
        }
        self.rows.extend_from_slice(&other.rows);
        Ok(())
    }

    fn encode(&self) -> std::vec::Vec<u8> {
        let mut writer = Writer::new(TAG);
        writer.byte(u8::from(self.before.bought.is_some()));
        if let Some((first, last)) = self.before.bought {
            writer.signed(i128::from(first));
            writer.signed(i128::from(last) - i128::from(first));
        }
        number(&mut writer, self.before.value);
        number(&mut writer, self.before.largest);
        writer.unsigned(self.before.items.len() as u128);
        self.before.items.iter().for_each(|item| writer.unsigned(u128::from(*item)));
        let (rows, profits) = self.by_time();
        writer.unsigned(rows.len() as u128);
        writer.byte(u8::from(!self.profits.is_empty()));
        let mut previous = 0;
        for (row, profit) in rows.iter().zip(&profits) {
            writer.signed(i128::from(row.at) - previous);
            previous = i128::from(row.at);
            writer.unsigned(u128::from(row.item));
            number(&mut writer, row.amount());
            if !self.profits.is_empty() {
                number(&mut writer, *profit);
            }
        }
        writer.finish()
    }

    fn decode(bytes: &[u8], memory: A) -> Result<Self> {
        let mut reader = Reader::new(bytes, TAG, "orders")?;
        let mut orders = Orders::new(memory);
        if flag(&mut reader)? {
            let first: i64 = reader.signed_fits()?;
            let span: i64 = reader.signed_fits()?;
            let last = first.checked_add(span).filter(|_| span >= 0);
            orders.before.bought =
                Some((first, last.ok_or_else(|| reader.broken("a time is out of range"))?));
        }
        orders.before.value = read_number(&mut reader)?;
        orders.before.largest = read_number(&mut reader)?;
        for _ in 0..reader.length()? {
            orders.before.items.push(reader.fits()?);
        }
        if !orders.before.items.is_sorted_by(|one, next| one < next) {
            return Err(reader.broken("the items are not ascending"));
        }
        let rows = reader.length()?;
        let with_profits = flag(&mut reader)?;
        orders.rows.reserve_exact(rows);
        let mut at = 0_i64;
        for _ in 0..rows {
            let step: i128 = reader.signed()?;
            at = step
                .checked_add(i128::from(at))
                .and_then(|at| i64::try_from(at).ok())
                .ok_or_else(|| reader.broken("a time is out of range"))?;
            let item = reader.fits()?;
            let amount = read_number(&mut reader)?.unwrap_or(UNKNOWN);
            orders.rows.push(Row { at, amount, item });
            if with_profits {
                orders.profits.push(read_number(&mut reader)?);
            }
        }
        if !orders.rows.is_sorted_by_key(|row| row.at) {
            return Err(reader.broken("the orders are not in the order of time"));
        }
        reader.finish()?;
        Ok(orders)
    }
}

impl Textual for Orders {}

fn flag(reader: &mut Reader<'_>) -> Result<bool> {
    match reader.byte()? {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(reader.broken("a flag is neither 0 nor 1")),
    }
}

/// The scale and one, which leaves 0 for none.
fn number(writer: &mut Writer, value: Option<ExactSum>) {
    writer.byte(value.map_or(0, |value| value.scale + 1));
    if let Some(value) = value {
        writer.signed(value.mantissa);
    }
}

fn read_number(reader: &mut Reader<'_>) -> Result<Option<ExactSum>> {
    let Some(scale) = reader.byte()?.checked_sub(1) else { return Ok(None) };
    let mantissa = reader.signed()?;
    ExactSum::new(mantissa, u32::from(scale))
        .map(Some)
        .map_err(|_| reader.broken("an amount has too many digits"))
}
