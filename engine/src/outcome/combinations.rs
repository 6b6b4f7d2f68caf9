//! How often each combination of bins comes with the outcome.
//!
//! Combinations are kept in the order of a hash of their bins, and so are written and added up. Those of customers who came since
//! are put among them by a sort, now and then: memory is passed from one end to the other, where a table would be looked up at a
//! place that is in no cache, for each customer.

use allocator_api2::alloc::{Allocator, Global};
use allocator_api2::vec::Vec;

use super::evidence::{Units, add};

/// So many customers are put among the combinations at a time, at least; where there are many of these, so many times as many.
const BATCH: usize = 1 << 14;
const GROWTH: usize = 4;

/// The bins of a combination in few words: those of the first characteristic in the highest bits of the first one. Words compare as
/// the bins do.
#[derive(Debug, Clone)]
pub(super) struct Packing {
    /// By characteristic.
    places: std::vec::Vec<Place>,
    words: usize,
}

/// Where the bin of a characteristic stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) word: usize,
    shift: u32,
    mask: u64,
}

impl Place {
    /// The bin in its word.
    #[inline]
    pub(super) fn bin(self, word: u64) -> usize {
        (word >> self.shift & self.mask) as usize
    }
}

impl Packing {
    /// For characteristics with so many bins, each one at least.
    pub(super) fn new(widths: &[u16]) -> Self {
        let mut places = std::vec::Vec::new();
        let (mut word, mut left) = (0, u64::BITS);
        for width in widths {
            let bits = u16::BITS - (width - 1).leading_zeros();
            if bits > left {
                (word, left) = (word + 1, u64::BITS);
            }
            left -= bits;
            places.push(Place { word, shift: left.min(u64::BITS - 1), mask: (1 << bits) - 1 });
        }
        Packing { places, words: word + 1 }
    }

    /// How many words so many combinations have.
    pub(super) fn words_of(&self, combinations: usize) -> usize {
        self.words * combinations
    }

    /// Where the bin of a characteristic stands.
    pub(super) fn place(&self, characteristic: usize) -> Place {
        self.places[characteristic]
    }

    #[inline]
    pub(super) fn pack(&self, levels: &[u16], into: &mut [u64]) {
        into.fill(0);
        for (place, level) in self.places.iter().zip(levels) {
            into[place.word] |= u64::from(*level) << place.shift;
        }
    }

    /// The bins of a combination.
    #[inline]
    pub(super) fn unpack<'p>(&'p self, words: &'p [u64]) -> impl Iterator<Item = u16> + 'p {
        self.places.iter().map(|place| place.bin(words[place.word]) as u16)
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
    recent: Recent<A>,
    /// How many are kept.
    pub(super) most: usize,
    /// How many zeros the hashes of all that are kept begin with.
    zeros: u32,
}

/// The combinations of customers, one after the other.
#[derive(Debug, Clone)]
struct Recent<A: Allocator + Clone> {
    hashes: Vec<u64, A>,
    words: Vec<u64, A>,
    /// Twice the weight of the customer, and one more with the outcome.
    counted: Vec<u64, A>,
}

impl<A: Allocator + Clone> Recent<A> {
    fn new(memory: A) -> Self {
        let none = || Vec::new_in(memory.clone());
        Recent { hashes: none(), words: none(), counted: none() }
    }

    fn clear(&mut self) {
        self.hashes.clear();
        self.words.clear();
        self.counted.clear();
    }

    fn copy(&self, memory: A) -> Self {
        let mut copy = Recent::new(memory);
        copy.hashes.extend_from_slice(&self.hashes);
        copy.words.extend_from_slice(&self.words);
        copy.counted.extend_from_slice(&self.counted);
        copy
    }

    /// In the order of a table.
    fn sorted(&self, zeros: u32, stride: usize) -> Table<Global> {
        let words = |place: u32| &self.words[place as usize * stride..(place as usize + 1) * stride];
        let mut order = ascending(&self.hashes, zeros);
        // Few have the hash of another one and other bins.
        for same in order.chunk_by_mut(|one, other| one.0 == other.0) {
            if same.iter().any(|(_, place)| words(*place) != words(same[0].1)) {
                same.sort_unstable_by(|one, other| words(one.1).cmp(words(other.1)));
            }
        }
        let mut sorted = Table::new(order.len(), stride, Global);
        for (hash, place) in order {
            let counted = self.counted[place as usize];
            let mut counts = [0, 0];
            counts[(counted & 1) as usize] = counted >> 1;
            sorted.unite(Row { hash, words: words(place), counts });
        }
        sorted
    }
}

impl<A: Allocator + Clone> Combinations<A> {
    pub(super) fn new(widths: &[u16], most: usize, memory: A) -> Self {
        let packing = Packing::new(widths);
        let known = Table::new(0, packing.words, memory.clone());
        Combinations { known, recent: Recent::new(memory), packing, most, zeros: 0 }
    }

    /// Counts a customer with these bins, of a weight below 2^63.
    #[inline]
    pub(super) fn add(&mut self, levels: &[u16], outcome: usize, units: u64) {
        let hash = hash(levels);
        if hash.leading_zeros() < self.zeros {
            return;
        }
        let words = self.recent.words.len();
        self.recent.words.resize(words + self.packing.words, 0);
        self.packing.pack(levels, &mut self.recent.words[words..]);
        self.recent.hashes.push(hash);
        self.recent.counted.push(units << 1 | outcome as u64);
        if self.recent.hashes.len() >= BATCH.max(GROWTH * self.known.len()).min(self.most.max(BATCH)) {
            self.settle();
        }
    }

    /// Puts the recent ones among the known ones.
    fn settle(&mut self) {
        if !self.recent.hashes.is_empty() {
            let memory = self.known.counts.allocator().clone();
            (self.known, self.zeros) = self.united(memory);
            self.recent.clear();
        }
    }

    /// All that are kept, ascending, and how many zeros their hashes begin with.
    pub(super) fn united<B: Allocator + Clone>(&self, memory: B) -> (Table<B>, u32) {
        if self.recent.hashes.is_empty() {
            return (self.known.copy(memory), self.zeros);
        }
        let mut united = merged(&self.known, &self.recent.sorted(self.zeros, self.packing.words), memory);
        let zeros = thinned(&mut united, self.zeros, self.most);
        (united, zeros)
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.settle();
        let memory = self.known.counts.allocator().clone();
        let mut united = match other.recent.hashes.is_empty() {
            true => merged(&self.known, &other.known, memory),
            false => merged(&self.known, &other.united(Global).0, memory),
        };
        self.zeros = thinned(&mut united, self.zeros.max(other.zeros), self.most);
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

    /// Takes the next one of those that ascend, its bins and the words of these as they are written; or says what is wrong with it.
    pub(super) fn take(&mut self, levels: &[u16], words: &[u64], counts: Units) -> Result<(), &'static str> {
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
        if self.known.words[from..] != *words {
            return Err("there is more than its bins in a combination");
        }
        self.known.hashes.push(hash);
        self.known.counts.push(counts);
        let last = self.known.len() - 1;
        if last > 0 && self.known.row(last - 1).key() >= self.known.row(last).key() {
            return Err("the combinations are not ascending");
        }
        Ok(())
    }
}

/// Hashes in ascending order, with their places. They are spread evenly, so that each goes at once to about where it belongs.
fn ascending(hashes: &[u64], zeros: u32) -> std::vec::Vec<(u64, u32)> {
    const TOGETHER: usize = 32;
    let bits = (hashes.len() / TOGETHER).max(1).ilog2();
    let part = |hash: u64| (hash.unbounded_shl(zeros) >> 1 >> (u64::BITS - 1 - bits)) as usize;
    let mut ends = vec![0_usize; 1 << bits];
    hashes.iter().for_each(|hash| ends[part(*hash)] += 1);
    let mut so_far = 0;
    for end in &mut ends {
        (so_far, *end) = (so_far + *end, so_far);
    }
    let mut order = vec![(0, 0); hashes.len()];
    for (hash, place) in hashes.iter().zip(0..) {
        let end = &mut ends[part(*hash)];
        order[*end] = (*hash, place);
        *end += 1;
    }
    let mut from = 0;
    for end in ends {
        order[from..end].sort_unstable();
        from = end;
    }
    order
}

/// The combinations of two tables, ascending.
fn merged<A: Allocator + Clone, B: Allocator + Clone, C: Allocator + Clone>(
    one: &Table<A>,
    other: &Table<B>,
    memory: C,
) -> Table<C> {
    let mut merged = Table::new(one.len() + other.len(), one.stride, memory);
    let (mut first, mut second) = (0, 0);
    while first < one.len() && second < other.len() {
        let (row, beside) = (one.row(first), other.row(second));
        if row.hash == beside.hash {
            // Seldom; of equal ones the second is added to the first.
            let before = row.words <= beside.words;
            merged.unite(if before { row } else { beside });
            first += usize::from(before);
            second += usize::from(!before);
        } else {
            // Which one comes first follows no pattern: a mispredicted branch would cost more than the rest.
            let before = row.hash < beside.hash;
            first += usize::from(before);
            second += usize::from(!before);
            merged.unite(std::hint::select_unpredictable(before, row, beside));
        }
    }
    (first..one.len()).for_each(|place| merged.unite(one.row(place)));
    (second..other.len()).for_each(|place| merged.unite(other.row(place)));
    merged
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
