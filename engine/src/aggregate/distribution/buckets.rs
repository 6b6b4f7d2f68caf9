//! The buckets of a distribution: side by side where most keys of a range have values, as those of customers do; else by a hash of the key.

use allocator_api2::alloc::Allocator;
use allocator_api2::vec::Vec;
use hashbrown::{DefaultHashBuilder, HashMap};

/// Aligned to 8 bytes rather than 16, so that two buckets with their keys share a cache line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(C, packed(8))]
pub struct Bucket {
    /// How many values; never 0.
    pub count: u64,
    /// The sum of the significands, each from 2^52 to 2^53: in units of 2^(exponent - 52).
    pub significands: u128,
}

const NONE: Bucket = Bucket { count: 0, significands: 0 };

impl Bucket {
    /// Adds what another one holds.
    #[inline]
    pub fn unite(&mut self, other: Bucket) {
        self.count += other.count;
        self.significands += other.significands;
    }
}

/// From how many buckets on they are put side by side, if they lie close enough.
const MANY: usize = 64;
/// What share of a range must have values: as many as make it no larger than a hash table.
const SHARE: usize = 3;

#[derive(Debug, Clone)]
pub struct Buckets<A: Allocator + Clone> {
    len: usize,
    kept: Kept<A>,
}

#[derive(Debug, Clone)]
enum Kept<A: Allocator + Clone> {
    Hashed(HashMap<i64, Bucket, DefaultHashBuilder, A>),
    /// From a key on; those without a value have no count.
    Range(i64, Vec<Bucket, A>),
}

impl<A: Allocator + Clone> Buckets<A> {
    /// None yet.
    pub fn new(memory: A) -> Self {
        Buckets { len: 0, kept: Kept::Hashed(HashMap::new_in(memory)) }
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Makes room for so many.
    pub fn reserve(&mut self, more: usize) {
        if let Kept::Hashed(map) = &mut self.kept {
            map.reserve(more);
        }
    }

    /// Where they are.
    pub fn memory(&self) -> A {
        match &self.kept {
            Kept::Hashed(map) => map.allocator().clone(),
            Kept::Range(_, range) => range.allocator().clone(),
        }
    }

    /// The one of a key, if it is one of a range.
    #[inline(always)]
    pub fn known(&mut self, key: i64) -> Option<&mut Bucket> {
        let Kept::Range(first, range) = &mut self.kept else { return None };
        range.get_mut(key.wrapping_sub(*first) as usize).filter(|bucket| bucket.count > 0)
    }

    /// Adds what a bucket is to hold, at least one value, to that of a key. True if it is a new one.
    #[inline]
    pub fn add(&mut self, key: i64, more: Bucket) -> bool {
        if let Kept::Range(first, range) = &mut self.kept
            && let Some(bucket) = range.get_mut(key.wrapping_sub(*first) as usize)
        {
            let new = bucket.count == 0;
            bucket.unite(more);
            self.len += usize::from(new);
            return new;
        }
        self.add_elsewhere(key, more)
    }

    fn add_elsewhere(&mut self, key: i64, more: Bucket) -> bool {
        if let Kept::Range(first, range) = &self.kept {
            // with room for more of them on that side
            let (last, room) = (*first + range.len() as i64 - 1, range.len() as i64 / 8);
            match key < *first {
                true => self.keep(key.saturating_sub(room), last, self.len + 1),
                false => self.keep(*first, key.saturating_add(room), self.len + 1),
            }
        }
        match &mut self.kept {
            Kept::Hashed(map) => {
                map.entry(key).or_insert(NONE).unite(more);
                let new = map.len() > self.len;
                self.len = map.len();
                if new && self.len >= MANY && self.len.is_power_of_two() {
                    let keys = || map.keys().copied();
                    if let (Some(first), Some(last)) = (keys().min(), keys().max()) {
                        self.keep(first, last, self.len);
                    }
                }
                new
            }
            Kept::Range(first, range) => {
                let bucket = &mut range[(key - *first) as usize];
                let new = bucket.count == 0;
                bucket.unite(more);
                self.len += usize::from(new);
                new
            }
        }
    }

    /// Keeps so many of these keys in the way that suits them.
    #[cold]
    fn keep(&mut self, first: i64, last: i64, len: usize) {
        let keys = last.abs_diff(first).saturating_add(1);
        if keys <= (SHARE * len) as u64 {
            let mut range = Vec::with_capacity_in(keys as usize, self.memory());
            range.resize(keys as usize, NONE);
            for (key, bucket) in self.iter() {
                range[(key - first) as usize] = bucket;
            }
            self.kept = Kept::Range(first, range);
        } else if let Kept::Range(..) = self.kept {
            let mut map = HashMap::with_capacity_in(len, self.memory());
            map.extend(self.iter());
            self.kept = Kept::Hashed(map);
        }
    }

    /// The one of a key.
    pub fn get(&self, key: i64) -> Option<Bucket> {
        match &self.kept {
            Kept::Hashed(map) => map.get(&key).copied(),
            Kept::Range(first, range) => {
                range.get(key.wrapping_sub(*first) as usize).copied().filter(|bucket| bucket.count > 0)
            }
        }
    }

    /// All of them with their keys, in no order.
    pub fn iter(&self) -> impl Iterator<Item = (i64, Bucket)> {
        let (map, range) = match &self.kept {
            Kept::Hashed(map) => (Some(map), None),
            Kept::Range(first, range) => (None, Some((*first, range))),
        };
        let hashed = map.into_iter().flatten().map(|(key, bucket)| (*key, *bucket));
        let ranged = range.into_iter().flat_map(|(first, range)| (first..).zip(range.iter().copied()));
        hashed.chain(ranged.filter(|(_, bucket)| bucket.count > 0))
    }

    /// The same in other memory, with other keys, of which some may be the same.
    pub fn with_keys(&self, memory: A, key_of: impl Fn(i64) -> i64) -> Self {
        let mut others = Buckets::new(memory);
        others.reserve(self.len);
        for (key, bucket) in self.iter() {
            others.add(key_of(key), bucket);
        }
        others
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use allocator_api2::alloc::Global;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn whatever_the_keys_each_has_what_was_added(near in prop::collection::vec(-300_i64..300, 0..900), far in prop::collection::vec(any::<i64>(), 0..4)) {
            let mut expected = BTreeMap::<i64, Bucket>::new();
            let mut buckets = Buckets::new(Global);
            let (before, after) = near.split_at(near.len() / 2);
            for key in before.iter().chain(&far).chain(after) {
                let more = Bucket { count: 1, significands: u128::from(key.unsigned_abs()) };
                let new = !expected.contains_key(key);
                expected.entry(*key).or_insert(NONE).unite(more);
                prop_assert_eq!(buckets.add(*key, more), new);
            }
            prop_assert_eq!(buckets.len(), expected.len());
            prop_assert!(expected.iter().all(|(key, bucket)| buckets.get(*key) == Some(*bucket)));
            prop_assert_eq!(buckets.iter().collect::<BTreeMap<_, _>>(), expected.clone());
            prop_assert_eq!(buckets.with_keys(Global, |key| key >> 1).len(), expected.keys().map(|key| key >> 1).collect::<std::collections::BTreeSet<_>>().len());
            prop_assert_eq!(buckets.get(301).is_some(), expected.contains_key(&301));
        }
    }
}
