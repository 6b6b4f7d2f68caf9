//! The customer at hand: the arguments of a call bound to the inputs of a scheme, and the as-of day, kept
//! from row to row.

use std::rc::Rc;

use customer_tiering_engine::grade::{AsOf, Sheet};
use customer_tiering_engine::{Compiled, Result};

use crate::grading::binding::Binding;
use crate::grading::reader::instant;
use crate::pg::call::Call;

/// A scheme bound to the arguments of a call site.
pub struct Customer {
    /// The scheme.
    pub compiled: Rc<Compiled>,
    /// How the arguments bind to its inputs.
    pub binding: Binding,
    /// The as-of day of the last row.
    pub as_of: AsOf,
    as_of_at: i64,
    /// The inputs of the last row.
    pub sheet: Sheet,
}

impl Customer {
    /// Binds the arguments from `first` on.
    pub fn new(call: &Call, first: usize, compiled: Rc<Compiled>, as_of_at: i64) -> Result<Self> {
        Ok(Customer {
            binding: Binding::new(call, first, &compiled)?,
            as_of: compiled.as_of(instant(as_of_at)?),
            as_of_at,
            sheet: compiled.sheet(),
            compiled,
        })
    }

    /// Grades as of this time from here on.
    #[inline]
    pub fn date(&mut self, as_of_at: i64) -> Result<()> {
        if as_of_at != self.as_of_at {
            self.as_of = self.compiled.as_of(instant(as_of_at)?);
            self.as_of_at = as_of_at;
        }
        Ok(())
    }

    /// Reads the arguments of this row. False if there is no customer: a NULL row or object.
    #[inline]
    pub fn fill(&mut self, call: &Call, first: usize) -> Result<bool> {
        self.binding.fill(call, first, &self.compiled, &mut self.sheet)
    }

    /// As [`Customer::fill`], to be graded as of this time.
    #[inline]
    pub fn read(&mut self, call: &Call, first: usize, as_of_at: i64) -> Result<bool> {
        self.date(as_of_at)?;
        self.fill(call, first)
    }
}
