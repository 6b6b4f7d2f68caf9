//! How the share of a column in a table of tiers is found (`engine/src/study/cells.rs`): straight from the datum, for
//! types that come in great numbers; by reading the value, for all others.

use core::hint::select_unpredictable;

use customer_tiering_engine::Compiled;
use customer_tiering_engine::study::cells::{Axis, BEYOND, Scale, Texts, short_key};
use customer_tiering_engine::study::{Cells, Steps};
use customer_tiering_engine::time::date::MICROSECONDS_PER_DAY;
use pgrx::pg_sys::Datum;

use crate::grading::reader::Reader;
use crate::pg::call::plain_payload;
use crate::pg::date::POSTGRES_EPOCH_DAYS;
use crate::pg::numeric;

/// Finds the share of a value of one column.
pub struct Probe {
    missing: u32,
    how: How,
}

enum How {
    /// Of a datum, shifted to the left and back, so that the bits of its type alone count.
    Integer(u32, Steps<i64>),
    Float8(Steps<f64>),
    Numeric(Steps<i64>),
    Text(Texts),
    Boolean(u32, u32),
    /// By reading the value.
    Read,
}

impl Default for Probe {
    /// Without a table nothing is found.
    fn default() -> Self {
        Probe { missing: BEYOND, how: How::Read }
    }
}

impl Probe {
    /// For what a reader reads.
    pub fn new(reader: &Reader, axis: &Axis) -> Probe {
        let how = match (reader, &axis.scale) {
            (Reader::Int2, Scale::Numbers(numbers)) => How::Integer(48, numbers.wholes.clone()),
            (Reader::Int4, Scale::Numbers(numbers)) => How::Integer(32, numbers.wholes.clone()),
            (Reader::Int8, Scale::Numbers(numbers)) => How::Integer(0, numbers.wholes.clone()),
            (Reader::Float8, Scale::Numbers(numbers)) => {
                numbers.floats.clone().map_or(How::Read, How::Float8)
            }
            (Reader::Numeric, Scale::Numbers(numbers)) => {
                numbers.short.clone().map_or(How::Read, How::Numeric)
            }
            (Reader::Text, Scale::Texts(texts)) => How::Text(texts.clone()),
            (Reader::Boolean, Scale::Boolean { no, yes }) => How::Boolean(*no, *yes),
            // infinite ones stay beyond the calendar
            (Reader::Date, Scale::Days(days)) => {
                How::Integer(32, days.over(|day| i64::from(day - POSTGRES_EPOCH_DAYS)))
            }
            (Reader::Timestamp, Scale::Days(days)) => {
                How::Integer(0, days.over(|day| i64::from(day - POSTGRES_EPOCH_DAYS) * MICROSECONDS_PER_DAY))
            }
            (_, Scale::Numbers(_) | Scale::Texts(_) | Scale::Boolean { .. } | Scale::Days(_)) => How::Read,
        };
        Probe { missing: axis.missing, how }
    }

    /// Whether there are datums that need not be read.
    pub fn is_quick(&self) -> bool {
        !matches!(self.how, How::Read)
    }

    /// The share of a datum, or of NULL; `None` if it has to be read. Neither panics nor calls the server.
    ///
    /// # Safety
    ///
    /// The datum is of the type that the reader was made for, which is that of [`Probe::new`].
    #[inline(always)]
    pub unsafe fn quick(&self, datum: Option<Datum>) -> Option<u32> {
        // A day that is missing follows no pattern either, so that there is no branch for it where the share of any bits is soon found.
        let or_missing = |share| Some(select_unpredictable(datum.is_some(), share, self.missing));
        let bits = datum.map_or(0, |datum| datum.value());
        match &self.how {
            How::Integer(shift, steps) => {
                return or_missing(steps.share(((bits as i64) << (shift & 63)) >> (shift & 63)));
            }
            How::Float8(steps) => {
                let value = f64::from_bits(bits as u64);
                return or_missing(if value.is_finite() { steps.share(value) } else { BEYOND });
            }
            How::Numeric(_) | How::Text(_) | How::Boolean(..) | How::Read => {}
        }
        let Some(datum) = datum else { return Some(self.missing) };
        match &self.how {
            // SAFETY: the caller vouches for the type.
            How::Numeric(steps) => numeric::short(unsafe { plain_payload(datum) }?)
                .map(|(negative, units, beyond)| steps.share(short_key(negative, units, beyond))),
            // SAFETY: as above.
            How::Text(texts) => Some(texts.share(unsafe { plain_payload(datum) }?)),
            How::Boolean(no, yes) => Some(if datum.value() as u8 == 0 { *no } else { *yes }),
            How::Integer(..) | How::Float8(_) | How::Read => None,
        }
    }

    /// The same of any datum. A value that cannot be graded has a share beyond the table.
    ///
    /// # Safety
    ///
    /// As for [`Probe::quick`].
    #[inline(always)]
    pub unsafe fn share(
        &self,
        datum: Option<Datum>,
        reader: &Reader,
        scheme: &Compiled,
        cells: &Cells,
        input: usize,
    ) -> u32 {
        // SAFETY: passed on to the caller.
        match (unsafe { self.quick(datum) }, datum) {
            (Some(share), _) => share,
            // SAFETY: as above.
            (None, Some(datum)) => unsafe { read(reader, scheme, cells, input, datum) },
            (None, None) => self.missing,
        }
    }
}

/// The share of a value that has to be read.
///
/// # Safety
///
/// The datum is of the type that the reader was made for.
#[inline(never)]
unsafe fn read(reader: &Reader, scheme: &Compiled, cells: &Cells, input: usize, datum: Datum) -> u32 {
    // SAFETY: passed on to the caller.
    let value = unsafe { reader.read(scheme, &scheme.inputs[input], datum) };
    value.map_or(BEYOND, |value| cells.axis(input).share(value))
}
