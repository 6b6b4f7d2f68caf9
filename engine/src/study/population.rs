//! A population counted: how many customers each bin and each tier has. Kept in a fitted scheme, so that
//! one can see later how far the customers have moved from those it was fitted to.

use allocator_api2::alloc::{Allocator, Global};
use allocator_api2::vec::Vec;

use crate::aggregate::codec::{Reader, Writer};
use crate::aggregate::value_type::{MAX_COUNT, Mergeable, sum_of_counts};
use crate::error::{Error, Result};
use crate::grade::Compiled;
use crate::grade::as_of::{AsOf, Bins, Sheet};
use crate::scheme::Population;
use crate::study::readings::{FromReadings, Word};

const TAG: u8 = b'p';

/// Counts by bin and tier.
#[derive(Debug, Clone)]
pub struct Headcount<A: Allocator + Clone = Global> {
    /// The bins of each characteristic, one after the other; the tiers; those without a tier.
    counts: Vec<u64, A>,
    customers: u64,
}

/// How many counts a scheme has.
fn places(scheme: &Compiled) -> usize {
    let bins = scheme.scheme.characteristics.iter().map(|characteristic| characteristic.bins.len());
    bins.sum::<usize>() + scheme.scheme.tiers.len() + 1
}

/// The bins of the customer in the sheet, unless it stays ungraded, and the tier.
#[inline]
fn graded<'s>(
    scheme: &Compiled,
    as_of: &AsOf,
    sheet: &'s mut Sheet,
) -> Result<(Option<&'s Bins>, Option<u16>)> {
    if !scheme.prepare(as_of, sheet)? {
        return Ok((None, None));
    }
    let bins = scheme.bins(sheet);
    let decided = scheme.decide(as_of, &sheet.slots, bins)?;
    Ok((Some(bins), decided.map(|(tier, _)| tier)))
}

/// Where customers with these bins are counted.
#[inline]
fn places_of_bins(scheme: &Compiled, bins: &Bins) -> impl Iterator<Item = usize> {
    let mut first = 0;
    bins.iter().zip(&scheme.scheme.characteristics).map(move |(bin, characteristic)| {
        let place = first + usize::from(*bin);
        first += characteristic.bins.len();
        place
    })
}

/// Where, of so many counts, customers of a tier are counted, or those without one.
#[inline]
fn place_of_tier(scheme: &Compiled, counts: usize, tier: Option<u16>) -> usize {
    let tiers = scheme.scheme.tiers.len();
    counts - tiers - 1 + tier.map_or(tiers, usize::from)
}

/// Writes where a customer is counted.
#[inline]
fn write_places(
    scheme: &Compiled,
    counts: usize,
    bins: Option<&Bins>,
    tier: Option<u16>,
    writer: &mut Writer,
) {
    places_of_bins(scheme, bins.unwrap_or_default()).for_each(|place| writer.word(place as u64));
    writer.word(place_of_tier(scheme, counts, tier) as u64);
}

/// How many counts there are, looked up once.
#[derive(Debug, Clone, Copy)]
pub struct Places(usize);

impl Places {
    /// Of a scheme.
    ///
    /// # Errors
    ///
    /// Those of [`Compiled::ensure_fitted`].
    pub fn of(scheme: &Compiled) -> Result<Self> {
        scheme.ensure_fitted()?;
        Ok(Places(places(scheme)))
    }

    /// Writes what a customer with these bins gives. False, and writes nothing, if the bins do not say which tier that is.
    #[inline]
    pub fn write_like(self, scheme: &Compiled, bins: &[u16], writer: &mut Writer) -> bool {
        let Some(decided) = scheme.decide_by_bins(bins) else { return false };
        write_places(scheme, self.0, Some(bins), decided.map(|(tier, _)| tier), writer);
        true
    }
}

impl<A: Allocator + Clone> FromReadings<A> for Headcount<A> {
    const READING: u8 = b'n';
    type Plan = Places;

    fn figures_of(places: &Places) -> usize {
        places.0
    }

    fn nobody(figures: usize, memory: A) -> Self {
        let mut counts = Vec::new_in(memory);
        counts.resize(figures, 0);
        Headcount { counts, customers: 0 }
    }

    fn figures(&self) -> usize {
        self.counts.len()
    }

    #[inline]
    fn write(
        scheme: &Compiled,
        places: &Places,
        as_of: &AsOf,
        sheet: &mut Sheet,
        writer: &mut Writer,
    ) -> Result<()> {
        let (bins, tier) = graded(scheme, as_of, sheet)?;
        write_places(scheme, places.0, bins, tier, writer);
        Ok(())
    }

    #[inline]
    fn add_reading(&mut self, words: &[Word]) -> Result<bool> {
        Ok(self.add_known(words))
    }

    #[inline]
    fn add_known(&mut self, words: &[Word]) -> bool {
        let places = || words.iter().map(|word| u64::from_le_bytes(*word) as usize);
        // One of each characteristic and of the tiers, in this order: nobody is counted twice in a place, or in none.
        let ascend = !words.is_empty() && places().is_sorted_by(|one, next| one < next);
        if !ascend || !places().all(|place| place < self.counts.len()) {
            return false;
        }
        places().for_each(|place| self.counts[place] += 1);
        self.customers += 1;
        true
    }
}

impl<A: Allocator + Clone> Headcount<A> {
    /// Nobody yet.
    pub fn new(scheme: &Compiled, memory: A) -> Self {
        Headcount::nobody(places(scheme), memory)
    }

    /// Whether these are counts of this scheme: they have as many places.
    pub fn is_of(&self, scheme: &Compiled) -> bool {
        self.counts.len() == places(scheme)
    }

    /// How many customers were counted.
    pub fn customers(&self) -> u64 {
        self.customers
    }

    /// Counts the customer in the sheet; nowhere if there is an error.
    ///
    /// # Errors
    ///
    /// Those of [`Compiled::tier`].
    #[inline]
    pub fn add(&mut self, scheme: &Compiled, as_of: &AsOf, sheet: &mut Sheet) -> Result<()> {
        let (bins, tier) = graded(scheme, as_of, sheet)?;
        if let Some(bins) = bins {
            self.add_bins(scheme, bins, 1);
        }
        self.add_tier(scheme, tier, 1);
        Ok(())
    }

    /// Counts customers with these bins. False, and counts them nowhere, if the bins do not say which tier they have.
    #[inline]
    pub fn add_like(&mut self, scheme: &Compiled, bins: &[u16], customers: u64) -> bool {
        let Some(decided) = scheme.decide_by_bins(bins) else { return false };
        self.add_bins(scheme, bins, customers);
        self.add_tier(scheme, decided.map(|(tier, _)| tier), customers);
        true
    }

    #[inline]
    fn add_bins(&mut self, scheme: &Compiled, bins: &Bins, customers: u64) {
        places_of_bins(scheme, bins).for_each(|place| self.counts[place] += customers);
    }

    #[inline]
    fn add_tier(&mut self, scheme: &Compiled, tier: Option<u16>, customers: u64) {
        let place = place_of_tier(scheme, self.counts.len(), tier);
        self.counts[place] += customers;
        self.customers += customers;
    }

    /// The counts by name; `at` says as of when, ISO 8601.
    pub fn finish(&self, scheme: &Compiled, at: &str) -> Population {
        let mut counts = self.counts.iter().copied();
        let bins = scheme.scheme.characteristics.iter().map(|characteristic| {
            let codes = characteristic.bins.iter().map(|bin| bin.code.clone());
            (characteristic.name.clone(), codes.zip(&mut counts).collect())
        });
        let bins = bins.collect();
        let tiers = scheme.scheme.tiers.iter().map(|tier| tier.code.clone()).zip(&mut counts).collect();
        let ungraded = counts.next().unwrap_or(0);
        Population { n: self.customers, at: at.to_owned(), ungraded, bins, tiers }
    }
}

impl<A: Allocator + Clone> Mergeable<A> for Headcount<A> {
    const WHAT: &'static str = "census";

    fn copy(&self, memory: A) -> Self {
        let mut counts = Vec::with_capacity_in(self.counts.len(), memory);
        counts.extend_from_slice(&self.counts);
        Headcount { counts, customers: self.customers }
    }

    fn merge(&mut self, other: &Self) -> Result<()> {
        if self.counts.len() != other.counts.len() {
            return Err(Error::invalid("censuses of different schemes cannot be merged"));
        }
        self.customers = sum_of_counts(self.customers, other.customers)?;
        self.counts.iter_mut().zip(&other.counts).for_each(|(own, other)| *own += other);
        Ok(())
    }

    fn encode(&self) -> std::vec::Vec<u8> {
        let mut writer = Writer::new(TAG);
        writer.unsigned(u128::from(self.customers));
        writer.unsigned(self.counts.len() as u128);
        self.counts.iter().for_each(|count| writer.unsigned(u128::from(*count)));
        writer.finish()
    }

    fn decode(bytes: &[u8], memory: A) -> Result<Self> {
        let mut reader = Reader::new(bytes, TAG, Self::WHAT)?;
        let customers = reader.fits()?;
        if customers > MAX_COUNT {
            return Err(reader.broken("there are too many customers"));
        }
        let mut counts = Vec::new_in(memory);
        for _ in 0..reader.length()? {
            let count: u64 = reader.fits()?;
            if count > customers {
                return Err(reader.broken("a count is greater than the number of customers"));
            }
            counts.push(count);
        }
        reader.finish()?;
        Ok(Headcount { counts, customers })
    }
}
