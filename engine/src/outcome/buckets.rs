//! Buckets, which hold the numbers whose leading bits are the same: how fine they are, and what they keep.

use allocator_api2::alloc::Allocator;
use allocator_api2::vec::Vec;
use hashbrown::{DefaultHashBuilder, HashMap};

use crate::aggregate::distribution::keys::{self, coarse};

/// What buckets keep, by their keys.
pub(super) type Buckets<B, A> = HashMap<i64, B, DefaultHashBuilder, A>;

/// What a bucket keeps of its numbers, of two united ones as well.
pub(super) trait Pooled: Copy {
    /// Takes up what another bucket keeps.
    fn pool(&mut self, other: Self);
}

/// How many of its bits must be dropped so that at most so many buckets remain, and no more.
pub(super) fn too_fine<B, A: Allocator + Clone>(buckets: &Buckets<B, A>, bits: u8, most: usize) -> u8 {
    let mut keys = Vec::with_capacity_in(buckets.len(), buckets.allocator().clone());
    keys.extend(buckets.keys().copied());
    keys.sort_unstable();
    keys::too_fine(&keys, bits, most)
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
