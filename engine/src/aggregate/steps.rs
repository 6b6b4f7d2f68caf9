//! Steps up: orders of something new, and orders larger than any before.

use allocator_api2::alloc::{Allocator, Global};
use allocator_api2::vec::Vec;

use crate::aggregate::codec::{Reader, Writer};
use crate::aggregate::value_type::{Mergeable, Textual};
use crate::error::{Error, Result};

const TAG: u8 = b'O';

/// The orders of one customer: those of a period one by one, of the time before only what they are compared with. Times are in
/// any unit; an item is known by a hash.
///
/// ```
/// use customer_tiering_engine::aggregate::steps::Steps;
///
/// let mut steps = Steps::default();
/// steps.add(1, Some(100.0), Some(7), 10);
/// steps.add(12, Some(150.0), Some(7), 10);
/// steps.add(14, Some(120.0), Some(8), 10);
/// assert_eq!((steps.larger(), steps.new_items()), (1, 1));
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Steps<A: Allocator + Clone = Global> {
    /// Items bought before the period, each once.
    before: Vec<u64, A>,
    /// The largest order before it.
    largest: Option<f64>,
    /// Whether there was any.
    bought_before: bool,
    /// The orders of the period.
    orders: Vec<Order, A>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Order {
    at: i64,
    amount: Option<f64>,
    item: Option<u64>,
}

impl Default for Steps {
    fn default() -> Self {
        Steps::new(Global)
    }
}

impl<A: Allocator + Clone> Steps<A> {
    /// Without orders.
    pub fn new(memory: A) -> Self {
        Steps {
            before: Vec::new_in(memory.clone()),
            largest: None,
            bought_before: false,
            orders: Vec::new_in(memory),
        }
    }

    /// Takes note of an order; the period begins at `from`.
    #[inline]
    pub fn add(&mut self, at: i64, amount: Option<f64>, item: Option<u64>, from: i64) {
        if at >= from {
            self.orders.push(Order { at, amount, item });
            return;
        }
        self.bought_before = true;
        self.largest = larger(self.largest, amount);
        if let Some(item) = item
            && !self.before.contains(&item)
        {
            self.before.push(item);
        }
    }

    /// Orders of the period that are larger than each one before.
    pub fn larger(&self) -> i64 {
        let mut largest = self.largest;
        let mut count = 0;
        for together in self.by_time().chunk_by(|one, next| one.at == next.at) {
            let steps = together
                .iter()
                .filter(|order| order.amount.zip(largest).is_some_and(|(amount, largest)| amount > largest));
            count += steps.count() as i64;
            largest = together.iter().fold(largest, |largest, order| larger(largest, order.amount));
        }
        count
    }

    /// Orders of the period of an item that the customer, who had bought before, had not.
    pub fn new_items(&self) -> i64 {
        let mut known: std::collections::HashSet<u64> = self.before.iter().copied().collect();
        let mut bought = self.bought_before;
        let mut count = 0;
        for together in self.by_time().chunk_by(|one, next| one.at == next.at) {
            if bought {
                count += together
                    .iter()
                    .filter(|order| order.item.is_some_and(|item| !known.contains(&item)))
                    .count() as i64;
            }
            known.extend(together.iter().filter_map(|order| order.item));
            bought = true;
        }
        count
    }

    fn by_time(&self) -> std::vec::Vec<Order> {
        let mut orders: std::vec::Vec<Order> = self.orders.to_vec();
        orders.sort_by_key(|order| order.at);
        orders
    }
}

fn larger(one: Option<f64>, other: Option<f64>) -> Option<f64> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.max(other)),
        (one, other) => one.or(other),
    }
}

impl<A: Allocator + Clone> Mergeable<A> for Steps<A> {
    const WHAT: &'static str = "steps";

    fn copy(&self, memory: A) -> Self {
        let mut copy = Steps::new(memory);
        copy.before.extend_from_slice(&self.before);
        copy.orders.extend_from_slice(&self.orders);
        (copy.largest, copy.bought_before) = (self.largest, self.bought_before);
        copy
    }

    fn merge(&mut self, other: &Self) -> Result<()> {
        self.before.extend_from_slice(&other.before);
        self.before.sort_unstable();
        self.before.dedup();
        self.orders.extend_from_slice(&other.orders);
        self.largest = larger(self.largest, other.largest);
        self.bought_before |= other.bought_before;
        Ok(())
    }

    fn encode(&self) -> std::vec::Vec<u8> {
        let mut before: std::vec::Vec<u64> = self.before.to_vec();
        before.sort_unstable();
        let mut writer = Writer::new(TAG);
        writer.byte(u8::from(self.bought_before));
        writer.unsigned(before.len() as u128);
        before.iter().for_each(|item| writer.unsigned(u128::from(*item)));
        number(&mut writer, self.largest);
        let mut orders = self.by_time();
        orders.sort_by(|one, other| {
            (one.at, one.item)
                .cmp(&(other.at, other.item))
                .then(one.amount.partial_cmp(&other.amount).unwrap_or(std::cmp::Ordering::Equal))
        });
        writer.unsigned(orders.len() as u128);
        for order in orders {
            writer.signed(i128::from(order.at));
            number(&mut writer, order.amount);
            writer.unsigned(order.item.map_or(0, |item| u128::from(item) + 1));
        }
        writer.finish()
    }

    fn decode(bytes: &[u8], memory: A) -> Result<Self> {
        let mut reader = Reader::new(bytes, TAG, "steps")?;
        let mut steps = Steps::new(memory);
        steps.bought_before = reader.byte()? != 0;
        for _ in 0..reader.length()? {
            steps.before.push(reader.fits()?);
        }
        steps.largest = read_number(&mut reader)?;
        for _ in 0..reader.length()? {
            let at = reader.signed_fits()?;
            let amount = read_number(&mut reader)?;
            let item = match reader.unsigned()? {
                0 => None,
                item => Some(u64::try_from(item - 1).map_err(|_| reader.broken("an item is no hash"))?),
            };
            steps.orders.push(Order { at, amount, item });
        }
        reader.finish()?;
        Ok(steps)
    }
}

impl Textual for Steps {}

fn number(writer: &mut Writer, value: Option<f64>) {
    writer.byte(u8::from(value.is_some()));
    if let Some(value) = value {
        writer.float(value);
    }
}

fn read_number(reader: &mut Reader<'_>) -> Result<Option<f64>> {
    if reader.byte()? == 0 {
        return Ok(None);
    }
    reader.float().map(Some)
}

/// The error for an amount that cannot be compared.
///
/// # Errors
///
/// `InvalidValue` if it is not finite.
pub fn comparable(amount: f64) -> Result<f64> {
    if amount.is_finite() {
        return Ok(amount);
    }
    Err(Error::invalid("an amount is not finite")
        .detail(format!("It is {amount}."))
        .hint("Leave it out, or turn it into NULL."))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    type Bought = (i64, Option<f64>, Option<u64>);

    const FROM: i64 = 5;

    fn steps(orders: &[Bought]) -> Steps {
        let mut steps = Steps::default();
        orders.iter().for_each(|(at, amount, item)| steps.add(*at, *amount, *item, FROM));
        steps
    }

    /// As the queries by hand say it: each order against all earlier ones.
    fn by_hand(orders: &[Bought]) -> (i64, i64) {
        let earlier = |at: i64| orders.iter().filter(move |order| order.0 < at);
        let inside = || orders.iter().filter(|order| order.0 >= FROM);
        let larger = inside().filter(|order| {
            let most = earlier(order.0)
                .filter_map(|order| order.1)
                .fold(None, |most, amount| larger(most, Some(amount)));
            order.1.zip(most).is_some_and(|(amount, most)| amount > most)
        });
        let new = inside().filter(|order| {
            order.2.is_some()
                && earlier(order.0).next().is_some()
                && earlier(order.0).all(|before| before.2 != order.2)
        });
        (larger.count() as i64, new.count() as i64)
    }

    fn orders() -> impl Strategy<Value = std::vec::Vec<Bought>> {
        let amount = prop::option::weighted(0.9, (0_u8..6).prop_map(f64::from));
        prop::collection::vec((0_i64..12, amount, prop::option::weighted(0.9, 0_u64..5)), 0..25)
    }

    proptest! {
        #[test]
        fn counts_what_the_definition_says(orders in orders()) {
            let steps = steps(&orders);
            prop_assert_eq!((steps.larger(), steps.new_items()), by_hand(&orders));
        }

        #[test]
        fn parts_merge_to_the_whole(orders in orders(), cut in 0_usize..25) {
            let (one, other) = orders.split_at(cut.min(orders.len()));
            let mut merged = Steps::decode(&steps(one).encode(), Global).unwrap();
            merged.merge(&steps(other)).unwrap();
            prop_assert_eq!((merged.larger(), merged.new_items()), by_hand(&orders));
            prop_assert_eq!(merged.encode(), steps(&orders).encode());
        }

        #[test]
        fn bytes_read_back_or_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
            if let Ok(steps) = Steps::decode(&bytes, Global) {
                prop_assert!(Steps::decode(&steps.encode(), Global).is_ok());
            }
        }
    }
}
