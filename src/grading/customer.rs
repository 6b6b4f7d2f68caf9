//! The customer at hand: the arguments of a call bound to the inputs of a scheme, and the as-of day, kept
//! from row to row.

use std::rc::Rc;

use customer_tiering_engine::grade::{AsOf, Sheet};
use customer_tiering_engine::study::Cells;
use customer_tiering_engine::{Compiled, Error, Result};
use serde_json::{Value as Json, json};

use crate::error::sqlstate_text;
use crate::grading::binding::Binding;
use crate::grading::probe::Probe;
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
    /// How many rows were graded as of this day, and their table, once they are many.
    graded: u32,
    cells: Option<Cells>,
    /// The same of rows whose bins were asked for.
    binned: u32,
    bins: Option<Bins>,
    /// The numbers of the last row.
    numbers: Vec<f64>,
}

/// What finds bins straight from the arguments.
struct Bins {
    /// By characteristic, then by input that no characteristic reads: the place of the argument, and how a bin is found.
    probes: Vec<(usize, Probe)>,
    /// The bins of the last row.
    bins: Vec<u16>,
}

/// After how many rows of one day a table of all regions is made: about what making it costs at most.
const MANY: u32 = 1000;

impl Customer {
    /// Binds the arguments from `first` on.
    pub fn new(call: &Call, first: usize, compiled: Rc<Compiled>, as_of_at: i64) -> Result<Self> {
        Ok(Customer {
            binding: Binding::new(call, first, &compiled)?,
            as_of: compiled.as_of(instant(as_of_at)?),
            as_of_at,
            sheet: compiled.sheet(),
            numbers: vec![0.0; compiled.inputs.len()],
            compiled,
            graded: 0,
            cells: None,
            binned: 0,
            bins: None,
        })
    }

    /// Grades as of this time from here on.
    #[inline(always)]
    pub fn date(&mut self, as_of_at: i64) -> Result<()> {
        if as_of_at != self.as_of_at {
            self.as_of = self.compiled.as_of(instant(as_of_at)?);
            self.as_of_at = as_of_at;
            (self.graded, self.cells) = (0, None);
            (self.binned, self.bins) = (0, None);
        }
        Ok(())
    }

    /// Reads the arguments of this row. False if there is no customer: a NULL row or object.
    #[inline]
    pub fn fill(&mut self, call: &Call, first: usize) -> Result<bool> {
        self.binding.fill(call, first, &self.compiled, &mut self.sheet)
    }

    /// The index of the tier of the customer in the arguments of this row; `None` if there is none, or it stays
    /// ungraded.
    #[inline]
    pub fn tier(&mut self, call: &Call, first: usize) -> Result<Option<usize>> {
        if let Some(cells) = &self.cells
            && let Some(place) = self.binding.place(call, first, &self.compiled, cells)
            && let Some(tier) = cells.at(place)
        {
            return Ok(tier);
        }
        self.read_tier(call, first)
    }

    /// The same if a look into the table tells, and that of a graded customer. Neither panics nor calls the server.
    #[inline(always)]
    pub fn quick_tier(&self, call: &Call, as_of_at: i64) -> Option<usize> {
        let cells = self.cells.as_ref().filter(|_| as_of_at == self.as_of_at)?;
        cells.at(self.binding.quick_place(call)?)?
    }

    /// The same by reading the values.
    #[inline(never)]
    fn read_tier(&mut self, call: &Call, first: usize) -> Result<Option<usize>> {
        if !self.fill(call, first)? {
            return Ok(None);
        }
        match &self.cells {
            Some(cells) => {
                if let Some(tier) = cells.tier(&self.sheet.slots) {
                    return Ok(tier);
                }
            }
            None => self.count(),
        }
        self.compiled.tier(&self.as_of, &mut self.sheet)
    }

    fn count(&mut self) {
        self.graded = self.graded.saturating_add(1);
        if self.graded == MANY {
            self.cells = self.compiled.cells(&self.as_of);
            if let Some(cells) = &self.cells {
                self.binding.tabulate(cells);
            }
        }
    }

    /// The scheme and the bins of the customer, by characteristic, if a look at the arguments tells them; `None` if they must be read.
    #[inline]
    pub fn bins(&mut self, call: &Call) -> Option<(&Compiled, &[u16])> {
        if self.binned < MANY {
            self.binned += 1;
            if self.binned == MANY {
                let axes = self.compiled.bin_axes(&self.as_of)?;
                let probes = self.binding.probes(&axes)?;
                self.bins = Some(Bins { bins: vec![0; probes.len()], probes });
            }
        }
        let Bins { probes, bins } = self.bins.as_mut()?;
        for (bin, (argument, probe)) in bins.iter_mut().zip(probes) {
            // SAFETY: the probe was made for the type of this argument.
            *bin = unsafe { probe.quick(call.arg(*argument)) }.and_then(|share| u16::try_from(share).ok())?;
        }
        Some((&self.compiled, &bins[..self.compiled.scheme.characteristics.len()]))
    }

    /// The scheme and the inputs as numbers, if a look at the arguments tells them; `None` if they must be read.
    #[inline]
    pub fn numbers(&mut self, call: &Call) -> Option<(&Compiled, &[f64])> {
        let all = self.binding.numbers(call, &self.compiled, &mut self.numbers);
        all.then_some((&*self.compiled, &self.numbers[..]))
    }

    /// Reads the texts of some inputs, where the scheme does not name them. Called after [`Customer::fill`].
    pub fn words(&mut self, call: &Call, first: usize, inputs: impl Iterator<Item = usize>) -> Result<()> {
        self.binding.words(call, first, &self.compiled, inputs, &mut self.sheet)
    }

    /// What an error of grading this row says, with the input that is to blame and its value.
    #[cold]
    pub fn problem(&self, call: &Call, first: usize, error: Error) -> Result<Json> {
        let place = match self.binding.unreadable(call, &self.compiled) {
            Some(place) => Some(place),
            None => self.compiled.unusable(&self.as_of, &self.sheet),
        };
        let value = match place {
            Some(place) => self.binding.given(call, first, &self.compiled)?.get(place).cloned(),
            None => None,
        };
        Ok(json!({
            "input": place.map(|place| &self.compiled.inputs[place].name),
            "value": value,
            "sqlstate": sqlstate_text(&error),
            "message": error.message,
            "detail": error.detail,
            "hint": error.hint,
        }))
    }
}
