//! How fine buckets are, which hold the numbers whose leading bits are the same.

use allocator_api2::alloc::Allocator;
use allocator_api2::vec::Vec;
use hashbrown::{DefaultHashBuilder, HashMap};

use crate::aggregate::distribution::EXACT;

/// What buckets keep, by the leading bits of the magnitude; negative numbers have negative keys. Keys ascend with the numbers.
pub(super) type Buckets<B, A> = HashMap<i64, B, DefaultHashBuilder, A>;

/// What a bucket keeps of its numbers, of two united ones as well.
pub(super) trait Pooled: Copy {
    /// Takes up what another bucket keeps.
    fn pool(&mut self, other: Self);
}

/// The key of a number, of so many bits; none for zeros, and magnitudes below the least normal double, and for what is not finite.
#[inline]
pub(super) fn key_of(number: f64, bits: u8) -> Option<i64> {
    let magnitude = number.to_bits() & (u64::MAX >> 1);
    let exponent = magnitude >> EXACT;
    if exponent == 0 || exponent == 0x7ff {
        return None;
    }
    let key = (magnitude >> (EXACT - bits)) as i64;
    Some(if number < 0.0 { -key } else { key })
}

/// The key of a bucket when so many bits are dropped.
pub(super) fn coarse(key: i64, drop: u8) -> i64 {
    if key < 0 { -(-key >> drop) } else { key >> drop }
}

/// The ends of a bucket, as magnitudes: from the first to before the second.
pub(super) fn ends(key: i64, bits: u8) -> (f64, f64) {
    let shift = EXACT - bits;
    let low = key.unsigned_abs() << shift;
    (f64::from_bits(low), f64::from_bits(low + (1 << shift)))
}

/// How many of its bits must be dropped so that at most so many buckets remain, and no more.
pub(super) fn too_fine<B, A: Allocator + Clone>(buckets: &Buckets<B, A>, bits: u8, most: usize) -> u8 {
    let mut keys = Vec::with_capacity_in(buckets.len(), buckets.allocator().clone());
    keys.extend(buckets.keys().copied());
    keys.sort_unstable();
    // Neighbours fall into one bucket when as many bits go as the highest in which they differ.
    let mut unite = [0_usize; 65];
    for pair in keys.windows(2) {
        let differ = if (pair[0] < 0) == (pair[1] < 0) {
            64 - (pair[0].unsigned_abs() ^ pair[1].unsigned_abs()).leading_zeros()
        } else {
            64
        };
        unite[differ as usize] += 1;
    }
    let mut left = keys.len();
    let mut drop = 0;
    while left > most && drop < bits {
        drop += 1;
        left -= unite[usize::from(drop)];
    }
    drop
}

/// The buckets when so many bits are dropped.
pub(super) fn coarser<B: Pooled, A: Allocator + Clone>(buckets: &Buckets<B, A>, drop: u8) -> Buckets<B, A> {
    let mut coarser = HashMap::new_in(buckets.allocator().clone());
    for (key, bucket) in buckets {
        pool(&mut coarser, coarse(*key, drop), *bucket);
    }
    coarser
}

/// Adds to a bucket.
#[inline]
pub(super) fn pool<B: Pooled, A: Allocator + Clone>(buckets: &mut Buckets<B, A>, key: i64, more: B) {
    match buckets.get_mut(&key) {
        Some(known) => known.pool(more),
        None => drop(buckets.insert(key, more)),
    }
}

/// The buckets in ascending order.
pub(super) fn sorted<B: Copy, A: Allocator + Clone>(buckets: &Buckets<B, A>) -> std::vec::Vec<(i64, B)> {
    let mut sorted: std::vec::Vec<(i64, B)> = buckets.iter().map(|(key, bucket)| (*key, *bucket)).collect();
    sorted.sort_unstable_by_key(|(key, _)| *key);
    sorted
}
