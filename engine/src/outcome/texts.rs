//! How often each text of an input comes with the outcome, where any text may come.
//!
//! Counts are exact as long as there are not too many different texts. Beyond, nothing of them is kept but that there were:
//! what is too much follows from the texts alone, and not from the order of the customers, so that states can be merged.

use allocator_api2::alloc::Allocator;
use allocator_api2::vec::Vec;
use core::hash::BuildHasher;
use hashbrown::{DefaultHashBuilder, HashTable};

use super::evidence::{Units, add, units};
use crate::aggregate::codec::{Reader, Writer};
use crate::error::Result;
use crate::limits::{OUTCOME_TEXT_BYTES, OUTCOME_TEXTS};

/// Customers by text and outcome.
#[derive(Debug, Clone)]
pub(super) struct Texts<A: Allocator + Clone> {
    hasher: DefaultHashBuilder,
    /// Where texts stand in `ends` and `counts`, by their hash.
    places: HashTable<u32, A>,
    /// The texts, one after the other.
    bytes: Vec<u8, A>,
    ends: Vec<usize, A>,
    counts: Vec<Units, A>,
    /// Customers whose texts are not told apart, since there are too many.
    beyond: Units,
}

impl<A: Allocator + Clone> Texts<A> {
    pub(super) fn new(memory: A) -> Self {
        Texts {
            hasher: DefaultHashBuilder::default(),
            places: HashTable::new_in(memory.clone()),
            bytes: Vec::new_in(memory.clone()),
            ends: Vec::new_in(memory.clone()),
            counts: Vec::new_in(memory),
            beyond: [0, 0],
        }
    }

    /// Whether there are too many different texts.
    pub(super) fn are_too_many(&self) -> bool {
        self.beyond != [0, 0]
    }

    /// Counts a text, with a weight above zero.
    #[inline]
    pub(super) fn add(&mut self, text: &[u8], units: Units) {
        if self.are_too_many() {
            return add(&mut self.beyond, units);
        }
        let hash = self.hasher.hash_one(text);
        match self.places.find(hash, |place| text_at(&self.bytes, &self.ends, *place as usize) == text) {
            Some(place) => add(&mut self.counts[*place as usize], units),
            None => self.insert(hash, text, units),
        }
    }

    #[cold]
    fn insert(&mut self, hash: u64, text: &[u8], units: Units) {
        if self.counts.len() == OUTCOME_TEXTS || self.bytes.len() + text.len() > OUTCOME_TEXT_BYTES {
            self.give_up();
            return add(&mut self.beyond, units);
        }
        let place = self.counts.len() as u32;
        self.bytes.extend_from_slice(text);
        self.ends.push(self.bytes.len());
        self.counts.push(units);
        let (hasher, bytes, ends) = (&self.hasher, &self.bytes, &self.ends);
        self.places
            .insert_unique(hash, place, |place| hasher.hash_one(text_at(bytes, ends, *place as usize)));
    }

    fn give_up(&mut self) {
        let memory = self.counts.allocator().clone();
        let mut beyond = self.beyond;
        self.counts.iter().for_each(|units| add(&mut beyond, *units));
        *self = Texts { beyond, ..Texts::new(memory) };
    }

    pub(super) fn merge(&mut self, other: &Self) {
        if other.are_too_many() && !self.are_too_many() {
            self.give_up();
        }
        add(&mut self.beyond, other.beyond);
        for (place, units) in other.counts.iter().enumerate() {
            self.add(text_at(&other.bytes, &other.ends, place), *units);
        }
    }

    pub(super) fn copy(&self, memory: A) -> Self {
        let mut copy = Texts { beyond: self.beyond, ..Texts::new(memory) };
        for (place, units) in self.counts.iter().enumerate() {
            copy.add(text_at(&self.bytes, &self.ends, place), *units);
        }
        copy
    }

    /// The texts in ascending order, with their customers.
    pub(super) fn sorted(&self) -> std::vec::Vec<(&str, Units)> {
        let counts = self.counts.iter().enumerate();
        // What is no text was refused when it came, see `add_text` and `decode`.
        let texts = counts.map(|(place, units)| {
            (core::str::from_utf8(text_at(&self.bytes, &self.ends, place)).unwrap_or_default(), *units)
        });
        let mut texts: std::vec::Vec<(&str, Units)> = texts.collect();
        texts.sort_unstable();
        texts
    }

    /// All that were counted.
    pub(super) fn all(&self) -> impl Iterator<Item = &Units> {
        self.counts.iter().chain([&self.beyond])
    }

    pub(super) fn encode(&self, writer: &mut Writer) {
        self.beyond.iter().for_each(|count| writer.unsigned(u128::from(*count)));
        writer.unsigned(self.counts.len() as u128);
        for (text, units) in self.sorted() {
            writer.bytes(text.as_bytes());
            units.iter().for_each(|count| writer.unsigned(u128::from(*count)));
        }
    }

    pub(super) fn decode(reader: &mut Reader<'_>, memory: A) -> Result<Self> {
        let mut texts = Texts { beyond: units(reader)?, ..Texts::new(memory) };
        let beyond = texts.are_too_many();
        let mut previous = None;
        for _ in 0..reader.length()? {
            let (text, counts) = (reader.text()?, units(reader)?);
            if previous.is_some_and(|previous| previous >= text) || counts == [0, 0] {
                return Err(reader.broken("the texts are not ascending, or nobody has one"));
            }
            texts.add(text.as_bytes(), counts);
            if beyond || texts.are_too_many() {
                return Err(reader.broken("there are too many texts"));
            }
            previous = Some(text);
        }
        Ok(texts)
    }
}

fn text_at<'t>(bytes: &'t [u8], ends: &[usize], place: usize) -> &'t [u8] {
    let from = place.checked_sub(1).map_or(0, |before| ends[before]);
    &bytes[from..ends[place]]
}
