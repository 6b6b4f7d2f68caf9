//! The CDNOW sample: 2 357 customers who first bought in early 1997, their purchases until mid 1998.
//! The log is B. Hardie's (www.brucehardie.com/datasets), the figures are those published with the papers.

use std::collections::BTreeMap;

use customer_tiering_engine::lifetime::{Purchases, Spend};
use jiff::civil::Date;

/// A customer's days with purchases, and what was spent on each: orders of one day are one purchase,
/// and orders of no amount are orders.
pub struct Shopper {
    days: BTreeMap<Date, f64>,
}

/// All customers of the sample.
pub fn shoppers() -> Vec<Shopper> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../demo/data/cdnow_sample.txt");
    let log = std::fs::read_to_string(path).unwrap();
    let mut shoppers: BTreeMap<u32, Shopper> = BTreeMap::new();
    for line in log.lines() {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let [_, id, day, _, amount] = fields[..] else { panic!("{line}") };
        let day = Date::strptime("%Y%m%d", day).unwrap();
        let shopper =
            shoppers.entry(id.parse().unwrap()).or_insert_with(|| Shopper { days: BTreeMap::new() });
        *shopper.days.entry(day).or_default() += amount.parse::<f64>().unwrap();
    }
    shoppers.into_values().collect()
}

impl Shopper {
    pub fn first(&self) -> Date {
        *self.days.keys().next().unwrap()
    }

    /// x, t_x and T in weeks, as of the end of `last`.
    pub fn purchases(&self, last: Date) -> Purchases {
        let repeats: Vec<Date> = self.days.keys().skip(1).filter(|day| **day <= last).copied().collect();
        let weeks = |day: Date| f64::from((day - self.first()).get_days()) / 7.0;
        let recency = repeats.last().map_or(0.0, |day| weeks(*day));
        Purchases::new(repeats.len() as i64, recency, weeks(last)).unwrap()
    }

    /// The mean spend of the repeat purchases until the end of `last`.
    pub fn spend(&self, last: Date) -> Spend {
        let spends: Vec<f64> =
            self.days.iter().skip(1).filter(|(day, _)| **day <= last).map(|(_, s)| *s).collect();
        let n = spends.len();
        Spend::new(n as i64, if n == 0 { 0.0 } else { spends.iter().sum::<f64>() / n as f64 }).unwrap()
    }
}
