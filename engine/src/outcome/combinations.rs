//! How often each combination of bins comes with the outcome.
//!
//! Combinations are kept in the order of a hash of their bins, and so are written and added up. Those of customers who came since
//! are put among them by a sort, now and then: memory is passed from one end to the other, where a table would be looked up at a
//! place that is in no cache, for each customer.

use allocator_api2::alloc::{Allocator, Global};
use allocator_api2::vec::Vec;

use super::evidence::{Units, add};

/// So many customers are put among the combinations at a time, at least.
const BATCH: usize = 1 << 14;

/// The bins of a combination in few words: those of the first characteristic in the highest bits of the first one. Words compare as
/// the bins do.
#[derive(Debug, Clone)]
pub(super) struct Packing {
    /// By characteristic, the word, and how far the bin is shifted in it.
    places: std::vec::Vec<(usize, u32)>,
    /// By characteristic, the bits of a bin.
    masks: std::vec::Vec<u16>,
    words: usize,
}

impl Packing {
    /// For characteristics with so many bins, each one at least.
    pub(super) fn new(widths: &[u16]) -> Self {
        let (mut places, mut masks) = (std::vec::Vec::new(), std::vec::Vec::new());
        let (mut word, mut left) = (0, u64::BITS);
        for width in widths {
            let bits = u16::BITS - (width - 1).leading_zeros();
            if bits > left {
                (word, left) = (word + 1, u64::BITS);
            }
            left -= bits;
            places.push((word, left.min(u64::BITS - 1)));
            masks.push(((1_u32 << bits) - 1) as u16);
        }
        Packing { places, masks, words: word + 1 }
    }

    /// How many words so many combinations have.
    pub(super) fn words_of(&self, combinations: usize) -> usize {
        self.words * combinations
    }

    /// Which word the bin of a characteristic is in, how far it is shifted there, and its bits.
    pub(super) fn place(&self, characteristic: usize) -> (usize, u32, u64) {
        let (word, shift) = self.places[characteristic];
        (word, shift, u64::from(self.masks[characteristic]))
    }

    #[inline]
    pub(super) fn pack(&self, levels: &[u16], into: &mut [u64]) {
        into.fill(0);
        for ((word, shift), level) in self.places.iter().zip(levels) {
            into[*word] |= u64::from(*level) << shift;
        }
    }

    /// The bins of a combination.
    #[inline]
    pub(super) fn unpack<'p>(&'p self, words: &'p [u64]) -> impl Iterator<Item = u16> + 'p {
        let places = self.places.iter().zip(&self.masks);
        places.map(|((word, shift), mask)| (words[*word] >> shift) as u16 & mask)
    }
}

/// A hash that is the same everywhere, as combinations are kept by it (the finaliser of SplitMix64: G. L. Steele, D. Lea and
/// C. H. Flood, OOPSLA 2014, over each word).
#[inline]
fn hash(levels: &[u16]) -> u64 {
    levels.chunks(4).fold(0x9e37_79b9_7f4a_7c15, |hash, four| {
        let word = four.iter().fold(1_u64, |word, level| word << 16 | u64::from(*level));
        let mixed = (hash ^ word).wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    })
}

/// Combinations with their customers.
#[derive(Debug, Clone)]
pub(super) struct Table<A: Allocator + Clone> {
    /// How many words a combination has.
    stride: usize,
    hashes: Vec<u64, A>,
    pub(super) words: Vec<u64, A>,
    pub(super) counts: Vec<Units, A>,
}

/// A combination of a table.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row<'t> {
    hash: u64,
    pub(super) words: &'t [u64],
    pub(super) counts: Units,
}

impl<'t> Row<'t> {
    fn key(&self) -> (u64, &'t [u64]) {
        (self.hash, self.words)
    }
}

impl<A: Allocator + Clone> Table<A> {
    fn new(rows: usize, stride: usize, memory: A) -> Self {
        Table {
            stride,
            hashes: Vec::with_capacity_in(rows, memory.clone()),
            words: Vec::with_capacity_in(rows * stride, memory.clone()),
            counts: Vec::with_capacity_in(rows, memory),
        }
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.counts.len()
    }

    fn row(&self, place: usize) -> Row<'_> {
        Row {
            hash: self.hashes[place],
            words: &self.words[place * self.stride..(place + 1) * self.stride],
            counts: self.counts[place],
        }
    }

    /// The combinations in the order of the table.
    pub(super) fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        (0..self.len()).map(|place| self.row(place))
    }

    /// Adds a combination that is not before the last one.
    #[inline]
    fn unite(&mut self, row: Row<'_>) {
        if self.len() > 0 && self.row(self.len() - 1).key() == row.key() {
            let last = self.len() - 1;
            return add(&mut self.counts[last], row.counts);
        }
        self.hashes.push(row.hash);
        self.words.extend_from_slice(row.words);
        self.counts.push(row.counts);
    }

    fn truncate(&mut self, rows: usize) {
        self.hashes.truncate(rows);
        self.words.truncate(rows * self.stride);
        self.counts.truncate(rows);
    }

    fn clear(&mut self) {
        self.hashes.clear();
        self.words.clear();
        self.counts.clear();
    }

    fn copy<B: Allocator + Clone>(&self, memory: B) -> Table<B> {
        let mut copy = Table::new(self.len(), self.stride, memory);
        copy.hashes.extend_from_slice(&self.hashes);
        copy.words.extend_from_slice(&self.words);
        copy.counts.extend_from_slice(&self.counts);
        copy
    }
}

/// Customers by combination.
#[derive(Debug, Clone)]
pub(super) struct Combinations<A: Allocator + Clone> {
    pub(super) packing: Packing,
    /// Ascending by hash and bins, each once.
    known: Table<A>,
    /// Those of customers who came since, as they came.
    recent: Table<A>,
    /// How many are kept.
    pub(super) most: usize,
    /// How many zeros the hashes of all that are kept begin with.
    zeros: u32,
}

impl<A: Allocator + Clone> Combinations<A> {
    pub(super) fn new(widths: &[u16], most: usize, memory: A) -> Self {
        let packing = Packing::new(widths);
        let none = |memory: A| Table::new(0, packing.words, memory);
        Combinations { known: none(memory.clone()), recent: none(memory), packing, most, zeros: 0 }
    }

    /// Counts customers with these bins.
    #[inline]
    pub(super) fn add(&mut self, levels: &[u16], counts: Units) {
        let hash = hash(levels);
        if hash.leading_zeros() < self.zeros {
            return;
        }
        let words = self.recent.words.len();
        self.recent.words.resize(words + self.packing.words, 0);
        self.packing.pack(levels, &mut self.recent.words[words..]);
        self.recent.hashes.push(hash);
        self.recent.counts.push(counts);
        if self.recent.len() >= BATCH.max(self.known.len()) {
            self.settle();
        }
    }

    /// Puts the recent ones among the known ones.
    fn settle(&mut self) {
        if self.recent.len() == 0 {
            return;
        }
        let memory = self.known.counts.allocator().clone();
        (self.known, self.zeros) = self.united(memory);
        self.recent.clear();
    }

    /// All that are kept, ascending, and how many zeros their hashes begin with.
    pub(super) fn united<B: Allocator + Clone>(&self, memory: B) -> (Table<B>, u32) {
        let mut order: std::vec::Vec<(u64, u32)> = self.recent.hashes.iter().copied().zip(0..).collect();
        order.retain(|(hash, _)| hash.leading_zeros() >= self.zeros);
        let recent = |place: u32| self.recent.row(place as usize);
        // Hashes are compared far faster than bins, which tell apart the few that have the same one.
        order.sort_unstable_by(|one, other| {
            one.0.cmp(&other.0).then_with(|| recent(one.1).words.cmp(recent(other.1).words))
        });
        let rows = order.into_iter().map(|(_, place)| recent(place));
        let most = self.known.len() + self.recent.len();
        let mut united = merged(self.known.rows(), rows, Table::new(most, self.packing.words, memory));
        let zeros = thinned(&mut united, self.zeros, self.most);
        (united, zeros)
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.settle();
        let (others, zeros) = other.united(Global);
        self.zeros = self.zeros.max(zeros);
        let memory = self.known.counts.allocator().clone();
        let most = self.known.len() + others.len();
        let mut united =
            merged(self.known.rows(), others.rows(), Table::new(most, self.packing.words, memory));
        self.zeros = thinned(&mut united, self.zeros, self.most);
        self.known = united;
    }

    pub(super) fn copy(&self, memory: A) -> Self {
        Combinations {
            packing: self.packing.clone(),
            known: self.known.copy(memory.clone()),
            recent: self.recent.copy(memory),
            most: self.most,
            zeros: self.zeros,
        }
    }

    /// Keeps those whose hashes begin with so many zeros, while there is none.
    pub(super) fn begin(&mut self, zeros: u32) {
        self.zeros = zeros;
    }

    /// Takes the next one of those that ascend, as they are written; or says what is wrong with it.
    pub(super) fn take(&mut self, levels: &[u16], counts: Units) -> Result<(), &'static str> {
        let hash = hash(levels);
        if hash.leading_zeros() < self.zeros || counts == [0, 0] {
            return Err("a combination is not one of those that are kept");
        }
        if self.known.len() >= self.most {
            return Err("there are too many combinations");
        }
        let from = self.known.words.len();
        self.known.words.resize(from + self.packing.words, 0);
        self.packing.pack(levels, &mut self.known.words[from..]);
        self.known.hashes.push(hash);
        self.known.counts.push(counts);
        let last = self.known.len() - 1;
        if last > 0 && self.known.row(last - 1).key() >= self.known.row(last).key() {
            return Err("the combinations are not ascending");
        }
        Ok(())
    }
}

/// The combinations of two ascending sequences, ascending, in a table that is empty.
fn merged<'t, A: Allocator + Clone>(
    one: impl Iterator<Item = Row<'t>>,
    other: impl Iterator<Item = Row<'t>>,
    mut merged: Table<A>,
) -> Table<A> {
    let (mut one, mut other) = (one.peekable(), other.peekable());
    loop {
        let next = match (one.peek(), other.peek()) {
            (Some(first), Some(second)) if second.key() < first.key() => other.next(),
            (Some(_), _) => one.next(),
            (None, _) => other.next(),
        };
        match next {
            Some(row) => merged.unite(row),
            None => return merged,
        }
    }
}

/// Leaves those whose hashes begin with so many zeros, with more where there are too many. They are the first ones. How many zeros those have.
fn thinned<A: Allocator + Clone>(table: &mut Table<A>, mut zeros: u32, most: usize) -> u32 {
    loop {
        table.truncate(table.hashes.partition_point(|hash| hash.leading_zeros() >= zeros));
        if table.len() <= most {
            return zeros;
        }
        zeros += 1;
    }
}
