//! A fit of what another server has read of each customer: the value of each figure of the pass, a word each.

use allocator_api2::alloc::Allocator;
use allocator_api2::vec::Vec;

use super::{BEYOND, Fitting, Target, Targets};
use crate::aggregate::codec::Writer;
use crate::aggregate::distribution::{Distribution, EXACT, Limit};
use crate::error::Result;
use crate::grade::Compiled;
use crate::grade::as_of::{AsOf, Sheet};
use crate::limits::FIT_EXACT_VALUES;
use crate::study::readings::{FromReadings, Word};

impl Targets {
    /// Writes the values of a customer whose inputs are these numbers, as [`FromReadings::write`] would. False, and writes nothing, if they do not tell.
    #[inline]
    pub fn write_numbers(&self, scheme: &Compiled, inputs: &[f64], writer: &mut Writer) -> bool {
        if self.0.contains(&Target::Score) || inputs.iter().any(|number| number.abs() >= BEYOND) {
            return false;
        }
        for target in &self.0 {
            if let Target::Characteristic(index) = target {
                writer.float(inputs[scheme.binnings[*index].input]);
            }
        }
        true
    }
}

impl<A: Allocator + Clone> FromReadings<A> for Fitting<A> {
    const READING: u8 = b'v';
    type Plan = Targets;

    fn figures_of(targets: &Targets) -> usize {
        targets.0.len()
    }

    fn nobody(figures: usize, memory: A) -> Self {
        let mut parts = Vec::with_capacity_in(figures, memory.clone());
        for _ in 0..figures {
            parts.push(Distribution::new(EXACT, Limit::Coarsen(FIT_EXACT_VALUES), memory.clone()));
        }
        Fitting { parts, customers: 0, values: Vec::new_in(memory) }
    }

    fn figures(&self) -> usize {
        self.parts.len()
    }

    #[inline]
    fn write(
        scheme: &Compiled,
        targets: &Targets,
        as_of: &AsOf,
        sheet: &mut Sheet,
        writer: &mut Writer,
    ) -> Result<()> {
        // No value is NaN.
        targets.values(scheme, as_of, sheet, |value| writer.float(value.unwrap_or(f64::NAN)))
    }

    #[inline]
    fn add_reading(&mut self, words: &[Word]) -> Result<bool> {
        let values = || words.iter().map(|word| f64::from_le_bytes(*word));
        if words.len() != self.parts.len() || values().any(|value| value.abs() >= BEYOND) {
            return Ok(false);
        }
        for (part, value) in self.parts.iter_mut().zip(values()) {
            if !value.is_nan() {
                part.add(value)?;
            }
        }
        self.customers += 1;
        Ok(true)
    }

    #[inline]
    fn add_known(&mut self, words: &[Word]) -> bool {
        let ([part], [word]) = (&mut self.parts[..], words) else { return false };
        let value = f64::from_le_bytes(*word);
        let known = value.abs() < BEYOND && part.add_known(value);
        self.customers += u64::from(known);
        known
    }
}
