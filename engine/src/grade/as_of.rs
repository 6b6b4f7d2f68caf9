//! The day as of which is graded, and the working space of a customer.

use jiff::civil::{Date, date};

use crate::grade::value::Value;
use crate::time::date::day_number;
use crate::time::duration::Offset;
use crate::time::fiscal::{FiscalCalendar, RelativePeriod, Unit};

/// As-of days at which the order of relative date cuts is tried: around short and long months.
pub(crate) const REFERENCE_DAYS: [Date; 4] =
    [date(2023, 1, 31), date(2023, 3, 1), date(2024, 2, 29), date(2024, 7, 31)];

/// The bin of each characteristic.
pub(crate) type Bins = [u16];

/// A date that a document names: a day, so long before or after the as-of day, or an end of a year, quarter or month.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum DateCut {
    Day(i32),
    Relative(Offset),
    Period(RelativePeriod, FiscalCalendar, PeriodEnd),
}

/// The first or the last day of a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum PeriodEnd {
    First,
    Last,
}

impl DateCut {
    pub(crate) fn resolve(&self, as_of: Date) -> i32 {
        match self {
            DateCut::Day(day) => *day,
            DateCut::Relative(offset) => day_number(offset.resolve(as_of)),
            DateCut::Period(period, calendar, end) => {
                let (first, last) = period.resolve(*calendar, as_of);
                day_number(match end {
                    PeriodEnd::First => first,
                    PeriodEnd::Last => last,
                })
            }
        }
    }

    /// As-of days among which cuts come in every order that they can have: around short and long months, and where the
    /// years, quarters and months of these cuts begin.
    pub(crate) fn reference_days(cuts: &[DateCut]) -> Vec<Date> {
        let mut days = REFERENCE_DAYS.to_vec();
        for cut in cuts {
            if let DateCut::Period(_, calendar, _) = cut {
                let mut day = calendar.next_beginning(Unit::Year, REFERENCE_DAYS[0]);
                for _ in 0..12 {
                    let Some(first) = day else { break };
                    days.push(first);
                    day = first.tomorrow().ok().and_then(|next| calendar.next_beginning(Unit::Month, next));
                }
            }
        }
        days.sort_unstable();
        days.dedup();
        days
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
