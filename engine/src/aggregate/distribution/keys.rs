//! The keys of buckets: the leading bits of the magnitude of a double. Negative numbers have negative keys, and keys ascend with the numbers.

use super::EXACT;

/// The key of a number, of so many bits; none for zeros, magnitudes below the least normal double, and what is not finite.
#[inline(always)]
pub(crate) fn key_of(number: f64, bits: u8) -> Option<i64> {
    let magnitude = number.to_bits() & (u64::MAX >> 1);
    let exponent = magnitude >> EXACT;
    if exponent == 0 || exponent == 0x7ff {
        return None;
    }
    let key = (magnitude >> (EXACT - bits)) as i64;
    Some(if number < 0.0 { -key } else { key })
}

/// The key of a bucket when so many bits are dropped.
pub(crate) fn coarse(key: i64, drop: u8) -> i64 {
    if key < 0 { -(-key >> drop) } else { key >> drop }
}

/// The ends of a bucket, as magnitudes: from the first to before the second.
pub(crate) fn ends(key: i64, bits: u8) -> (f64, f64) {
    let shift = EXACT - bits;
    let low = key.unsigned_abs() << shift;
    (f64::from_bits(low), f64::from_bits(low + (1 << shift)))
}

/// How many of its bits must be dropped so that of ascending keys at most so many remain, and no more.
pub(crate) fn too_fine(keys: &[i64], bits: u8, most: usize) -> u8 {
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
