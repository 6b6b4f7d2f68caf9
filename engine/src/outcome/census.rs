//! The second pass of a fit: how many customers, with the outcome and without it, have each combination of bins. A
//! regression over combinations is the one over customers, and there are far fewer of them.
//!
//! Memory is bounded: where there are too many combinations, those are kept whose hash begins with a zero, then with
//! two, and so on. Which they are depends on the bins alone and not on the outcome, so that a regression over what
//! is kept estimates the same coefficients; and not on the order of the customers, so that states can be merged.

use allocator_api2::alloc::{Allocator, Global};
use allocator_api2::vec::Vec;

use super::WEIGHT_UNIT;
use super::combinations::Combinations;
use super::evidence::{Split, Units, add, split, units};
use super::seen::{Followed, Seen};
use crate::aggregate::codec::{Reader, Writer};
use crate::aggregate::value_type::Mergeable;
use crate::error::{Error, ErrorKind, Result};
use crate::grade::Compiled;
use crate::grade::as_of::{AsOf, Sheet};
use crate::grade::binning::Scale;
use crate::limits::{COMBINATION_BINS, COMBINATIONS};

const TAG: u8 = b'C';

/// The characteristics whose points are to be learned, looked up once.
#[derive(Debug, Clone)]
pub struct Learnt(pub(super) std::vec::Vec<usize>);

impl Learnt {
    /// Of a scheme whose bins are there.
    ///
    /// # Errors
    ///
    /// `NotReady` if bins are still to be fitted; `InvalidValue` if no characteristic is fitted to an outcome.
    pub fn of(scheme: &Compiled) -> Result<Self> {
        if let Some(place) =
            scheme.binnings.iter().position(|binning| matches!(binning.scale, Scale::Unfitted))
        {
            let name = &scheme.scheme.characteristics[place].name;
            return Err(Error::new(
                ErrorKind::NotReady,
                format!("the bins of characteristic {name:?} are not fitted yet"),
            )
            .hint("tiering.outcome_bins() fits bins to an outcome, tiering.fit() to shares; tiering.fit_scorecard() does all."));
        }
        let learnt = |place: &usize| scheme.scheme.characteristics[*place].is_learned();
        let learnt: std::vec::Vec<usize> = (0..scheme.binnings.len()).filter(learnt).collect();
        if learnt.is_empty() {
            return Err(nothing_to_learn(scheme));
        }
        Ok(Learnt(learnt))
    }
}

/// The error for a scheme that asks for no fit to an outcome.
pub(super) fn nothing_to_learn(scheme: &Compiled) -> Error {
    Error::invalid(format!("scheme {:?} has nothing to fit to an outcome", scheme.name()))
        .detail("None of its characteristics has a \"fit\" to an outcome.")
        .hint("Give characteristics {\"fit\": {\"to\": \"outcome\"}} instead of bins, and the scheme a \"score\": {}.")
}

/// Customers by combination of bins, and by bin.
#[derive(Debug, Clone)]
pub struct Census<A: Allocator + Clone = Global> {
    pub(super) seen: Seen,
    /// How many bins each characteristic has.
    widths: Vec<u16, A>,
    /// By characteristic and bin, of all customers.
    bins: Vec<Units, A>,
    pub(super) combinations: Combinations<A>,
    /// The combination of the customer at hand.
    own: Vec<u16, A>,
}

impl<A: Allocator + Clone> Census<A> {
    /// Nobody yet.
    ///
    /// # Errors
    ///
    /// Those of [`Learnt::of`].
    pub fn new(scheme: &Compiled, memory: A) -> Result<Self> {
        let mut widths = Vec::new_in(memory.clone());
        for place in Learnt::of(scheme)?.0 {
            widths.push(scheme.scheme.characteristics[place].bins.len() as u16);
        }
        Ok(Census::empty(widths, memory))
    }

    fn empty(widths: Vec<u16, A>, memory: A) -> Self {
        let mut bins = Vec::new_in(memory.clone());
        bins.resize(widths.iter().map(|width| usize::from(*width)).sum(), [0, 0]);
        let mut own = Vec::new_in(memory.clone());
        own.resize(widths.len(), 0);
        let most = COMBINATIONS.min(COMBINATION_BINS / widths.len().max(1));
        let combinations = Combinations::new(&widths, most, memory);
        Census { seen: Seen::default(), widths, bins, combinations, own }
    }

    /// The customers of the pass.
    pub fn seen(&self) -> &Seen {
        &self.seen
    }

    /// Whether these are combinations of the bins of what is learned in this scheme: they are as many.
    ///
    /// # Errors
    ///
    /// Those of [`Learnt::of`].
    pub fn is_of(&self, scheme: &Compiled) -> Result<bool> {
        let bins = |place: usize| scheme.scheme.characteristics[place].bins.len();
        let learnt = Learnt::of(scheme)?.0;
        Ok(self.widths.iter().map(|width| usize::from(*width)).eq(learnt.into_iter().map(bins)))
    }

    /// Counts the customer in the sheet; nowhere if there is an error.
    ///
    /// # Errors
    ///
    /// Those of [`Compiled::tier`]; `InvalidValue` for a weight that is negative or not finite.
    #[inline]
    pub fn add(
        &mut self,
        scheme: &Compiled,
        learnt: &Learnt,
        as_of: &AsOf,
        sheet: &mut Sheet,
        followed: Followed,
    ) -> Result<()> {
        let Some((outcome, units)) = self.seen.take(scheme, sheet, followed)? else { return Ok(()) };
        if scheme.prepare(as_of, sheet)? {
            self.count(learnt, scheme.bins(sheet), outcome, units);
        }
        Ok(())
    }

    /// Counts the customer whose bins these are.
    ///
    /// # Errors
    ///
    /// `InvalidValue` for a weight that is negative or not finite.
    #[inline]
    pub fn add_bins(&mut self, learnt: &Learnt, bins: &[u16], followed: Followed) -> Result<()> {
        if let Some((outcome, units)) = self.seen.take_followed(followed)? {
            self.count(learnt, bins, outcome, units);
        }
        Ok(())
    }

    #[inline]
    fn count(&mut self, learnt: &Learnt, bins: &[u16], outcome: usize, units: u64) {
        self.seen.count(outcome, units);
        if units == 0 {
            return;
        }
        let mut first = 0;
        for ((own, width), place) in self.own.iter_mut().zip(&self.widths).zip(&learnt.0) {
            *own = bins[*place];
            self.bins[first + usize::from(*own)][outcome] += units;
            first += usize::from(*width);
        }
        self.combinations.add(&self.own, outcome, units);
    }

    /// By characteristic that is learned, what came of the customers in each bin.
    pub(super) fn bins(&self) -> std::vec::Vec<std::vec::Vec<Split>> {
        let mut rest = &self.bins[..];
        let of = |width: &u16| {
            let (own, others) = rest.split_at(usize::from(*width));
            rest = others;
            own.iter().map(|counts| split(*counts)).collect()
        };
        self.widths.iter().map(of).collect()
    }
}

impl<A: Allocator + Clone> Mergeable<A> for Census<A> {
    const WHAT: &'static str = "census by outcome";

    fn copy(&self, memory: A) -> Self {
        let mut widths = Vec::with_capacity_in(self.widths.len(), memory.clone());
        widths.extend_from_slice(&self.widths);
        let mut copy = Census::empty(widths, memory.clone());
        copy.bins.copy_from_slice(&self.bins);
        Census { seen: self.seen, combinations: self.combinations.copy(memory), ..copy }
    }

    fn merge(&mut self, other: &Self) -> Result<()> {
        if self.widths != other.widths {
            return Err(Error::invalid("fits of different schemes cannot be merged"));
        }
        self.seen.merge(&other.seen)?;
        self.bins.iter_mut().zip(&other.bins).for_each(|(own, other)| add(own, *other));
        self.combinations.merge(&other.combinations);
        Ok(())
    }

    fn encode(&self) -> std::vec::Vec<u8> {
        let mut writer = Writer::new(TAG);
        self.seen.encode(&mut writer);
        writer.unsigned(self.widths.len() as u128);
        self.widths.iter().for_each(|width| writer.unsigned(u128::from(*width)));
        self.bins.iter().flatten().for_each(|count| writer.unsigned(u128::from(*count)));
        let (table, zeros) = self.combinations.united(Global);
        writer.unsigned(u128::from(zeros));
        writer.unsigned(table.len() as u128);
        for row in table.rows() {
            row.words.iter().for_each(|word| writer.word(*word));
            row.counts.iter().for_each(|count| writer.unsigned(u128::from(*count)));
        }
        writer.finish()
    }

    fn decode(bytes: &[u8], memory: A) -> Result<Self> {
        let mut reader = Reader::new(bytes, TAG, Self::WHAT)?;
        let seen = Seen::decode(&mut reader)?;
        let mut widths: Vec<u16, A> = Vec::new_in(memory.clone());
        for _ in 0..reader.length()? {
            widths.push(reader.fits()?);
        }
        if widths.is_empty() || widths.contains(&0) {
            return Err(reader.broken("a characteristic has no bins"));
        }
        let mut bins = Vec::new_in(memory.clone());
        for own in &widths {
            let mut left = seen.units;
            for _ in 0..*own {
                let counts = whole_unless(seen.weighted, units(&mut reader)?, &reader)?;
                for (left, count) in left.iter_mut().zip(counts) {
                    let rest = left.checked_sub(count);
                    *left = rest.ok_or_else(|| reader.broken("its counts are not those of its customers"))?;
                }
                bins.push(counts);
            }
            if left != [0, 0] {
                return Err(reader.broken("its counts are not those of its customers"));
            }
        }
        let mut census = Census::empty(widths, memory);
        (census.seen, census.bins) = (seen, bins);
        let zeros = reader.fits()?;
        census.combinations.begin(zeros);
        let mut words = vec![0; census.combinations.packing.words_of(1)];
        let mut left = seen.units;
        for _ in 0..reader.length()? {
            for word in &mut words {
                *word = reader.word()?;
            }
            let levels = census.combinations.packing.unpack(&words);
            census.own.iter_mut().zip(levels).for_each(|(own, level)| *own = level);
            if census.own.iter().zip(&census.widths).any(|(own, width)| own >= width) {
                return Err(reader.broken("a bin is not there"));
            }
            let counts = whole_unless(seen.weighted, units(&mut reader)?, &reader)?;
            for (left, count) in left.iter_mut().zip(counts) {
                let rest = left.checked_sub(count);
                *left = rest.ok_or_else(|| reader.broken("its counts are not those of its customers"))?;
            }
            census.combinations.take(&census.own, &words, counts).map_err(|why| reader.broken(why))?;
        }
        if zeros == 0 && left != [0, 0] {
            return Err(reader.broken("its counts are not those of its customers"));
        }
        reader.finish()?;
        Ok(census)
    }
}

/// Counts from bytes: of whole customers, unless they are weighted.
fn whole_unless(weighted: bool, counts: Units, reader: &Reader<'_>) -> Result<Units> {
    match weighted || counts.iter().all(|count| count % WEIGHT_UNIT == 0) {
        true => Ok(counts),
        false => Err(reader.broken("its weights are not those of its customers")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value as Json, json};

    /// Eight inputs of eight bins each.
    fn wide() -> Compiled {
        let names: std::vec::Vec<String> = (0..8).map(|place| format!("i{place}")).collect();
        let ends = |bin: i32| match bin {
            0 => json!({"code": "0", "lt": 1}),
            7 => json!({"code": "7", "gte": 7}),
            bin => json!({"code": bin.to_string(), "gte": bin, "lt": bin + 1}),
        };
        let bins: Json = (0..8).map(ends).collect();
        let input = |name: &String| json!({"name": name, "type": "integer"});
        let characteristic =
            |name: &String| json!({"name": name, "input": name, "bins": bins, "fit": {"to": "outcome"}});
        let document = json!({
            "scheme": "wide",
            "inputs": names.iter().map(input).collect::<Json>(),
            "characteristics": names.iter().map(characteristic).collect::<Json>(),
            "score": {},
            "decision": {"method": "score", "cuts": [{"tier": "A"}]},
            "tiers": [{"code": "A"}],
        });
        Compiled::parse(&document.to_string()).unwrap()
    }

    #[test]
    fn too_many_combinations_are_thinned_by_their_bins_alone() {
        const ROWS: u32 = 30_000;
        let scheme = wide();
        let learnt = Learnt::of(&scheme).unwrap();
        let as_of = scheme.as_of_date(jiff::civil::date(2026, 1, 31));
        let mut state = 7_u64;
        let mut next = move || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            state >> 28
        };
        let small = || {
            let mut census = Census::new(&scheme, Global).unwrap();
            census.combinations.most = 20_000;
            census
        };
        let (mut whole, mut halves) = (small(), [small(), small()]);
        let mut sheet = scheme.sheet();
        for row in 0..ROWS {
            let of_row = next();
            for (place, slot) in sheet.slots.iter_mut().enumerate() {
                *slot = scheme.inputs[place].integer((of_row >> (3 * place) & 7) as i64).unwrap();
            }
            let log_odds = 0.3 * ((of_row & 7) as f64 - 3.5) - 1.0;
            let likely = 1e6 / (1.0 + libm::exp(-log_odds));
            let followed = Followed { outcome: Some(((next() % 1_000_000) as f64) < likely), weight: 1.0 };
            for census in [&mut whole, &mut halves[row as usize % 2]] {
                census.add(&scheme, &learnt, &as_of, &mut sheet, followed).unwrap();
            }
        }
        let [mut one, other] = halves;
        one.merge(&other).unwrap();
        assert_eq!(one.encode(), whole.encode());
        assert_eq!(one.combinations.united(Global).1, 1);
        let learned = whole.finish(&scheme, "2026-01-31T00:00:00Z", &mut || Ok(())).unwrap();
        let fitted = learned.scheme.score.unwrap().fitted.unwrap();
        assert!(fitted.converged);
        assert!((0.45..0.55).contains(&fitted.sampled.nearest_f64()), "{}", fitted.sampled);
        assert_eq!(fitted.n.nearest_f64(), f64::from(ROWS));
        // What is kept tells what all tell: the weight of evidence of the one input that matters has coefficient 1.
        let told = &fitted.characteristics["i0"];
        let error = told.standard_error.unwrap().nearest_f64();
        assert!((told.coefficient.nearest_f64() - 1.0).abs() < 4.0 * error && error < 0.05, "{told:?}");
    }
}
