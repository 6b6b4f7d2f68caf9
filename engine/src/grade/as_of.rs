//! The day as of which is graded, and the working space of a customer.

use jiff::civil::Date;

use crate::grade::value::Value;
use crate::time::date::day_number;
use crate::time::duration::Offset;

/// The bin of each characteristic.
pub(crate) type Bins = [u16];

/// A date that a document names: a day, or so long before or after the as-of day.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum DateCut {
    Day(i32),
    Relative(Offset),
}

impl DateCut {
    pub(crate) fn resolve(&self, as_of: Date) -> i32 {
        match self {
            DateCut::Day(day) => *day,
            DateCut::Relative(offset) => day_number(offset.resolve(as_of)),
        }
    }
}

/// The as-of day with the date cuts of one scheme resolved against it.
#[derive(Debug, Clone)]
pub struct AsOf {
    /// The day, in the zone of the scheme.
    pub date: Date,
    pub(crate) cuts: Vec<i32>,
}

/// The working space for one customer: fill [`Sheet::slots`] and grade. Reused from row to row.
#[derive(Debug, Clone)]
pub struct Sheet {
    /// One value per input, in the order of the scheme.
    pub slots: Vec<Value>,
    pub(crate) bins: Vec<u16>,
    /// By input, a text that the scheme does not name: of inputs whose texts are still to be learned, see
    /// [`Waiting::texts`](crate::outcome::Waiting::texts).
    pub words: Vec<Vec<u8>>,
}
