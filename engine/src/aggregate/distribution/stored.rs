//! A distribution as bytes and as text.

use allocator_api2::alloc::{Allocator, Global};
use serde::{Deserialize, Serialize};

use super::keys::ends;
use super::{Bucket, Distribution, EXACT, Limit, WHAT};
use crate::aggregate::codec::{Reader, Writer};
use crate::aggregate::value_type::{MAX_COUNT, Textual, contradiction, from_json, sum_of_counts};
use crate::error::Result;
use crate::limits::DISTRIBUTION_EXACT_VALUES;

const TAG: u8 = b'd';

pub(super) fn encode<A: Allocator + Clone>(value: &Distribution<A>) -> Vec<u8> {
    let mut writer = Writer::new(TAG);
    writer.byte(value.bits);
    writer.unsigned(limit_number(value.limit));
    for count in [value.zeros, value.below, value.above, value.nans] {
        writer.unsigned(u128::from(count));
    }
    let buckets = value.sorted_buckets();
    writer.unsigned(buckets.len() as u128);
    if value.finite_count() > 0 {
        writer.float(value.min);
        writer.float(value.max);
    }
    let mut previous = 0_i64;
    for (key, bucket) in buckets {
        writer.signed(i128::from(key) - i128::from(previous));
        writer.unsigned(u128::from(bucket.count));
        if value.bits < EXACT {
            // What is above the least that so many values of the bucket can have.
            writer.unsigned(bucket.significands - least(key, value.bits, bucket.count));
        }
        previous = key;
    }
    writer.finish()
}

pub(super) fn decode<A: Allocator + Clone>(bytes: &[u8], memory: A) -> Result<Distribution<A>> {
    let mut reader = Reader::new(bytes, TAG, WHAT)?;
    let bits = reader.byte()?;
    let limit = limit_of(reader.fits()?).ok_or_else(|| reader.broken("its limit is out of range"))?;
    let mut value = Distribution::new(bits.min(EXACT), limit, memory);
    for count in [&mut value.zeros, &mut value.below, &mut value.above, &mut value.nans] {
        *count = reader.fits()?;
    }
    let length = reader.length()?;
    if length > 0 || value.zeros > 0 {
        (value.min, value.max) = (reader.float()?, reader.float()?);
    }
    value.buckets.reserve(length.min(DISTRIBUTION_EXACT_VALUES));
    let mut previous = 0_i64;
    for place in 0..length {
        let step = reader.signed()?;
        let key = i128::from(previous).checked_add(step).and_then(|key| i64::try_from(key).ok());
        let key = key.ok_or_else(|| reader.broken("a bucket is out of range"))?;
        if place > 0 && key <= previous {
            return Err(reader.broken("the buckets are not ascending"));
        }
        let count = reader.fits()?;
        let check = |found: Option<Bucket>| found.ok_or_else(|| reader.broken("a bucket is out of range"));
        let lowest = check(bucket(key, value.bits, count, 0))?;
        let above = if bits < EXACT { reader.unsigned()? } else { 0 };
        let found = bucket(key, value.bits, count, above)
            .filter(|found| found.significands >= lowest.significands)
            .ok_or_else(|| reader.broken("a sum does not fit its bucket"))?;
        value.buckets.add(key, found);
        previous = key;
    }
    invariants(&value, bits).map_err(|why| reader.broken(why))?;
    reader.finish()?;
    Ok(value)
}

fn limit_number(limit: Limit) -> u128 {
    match limit {
        Limit::Coarsen(most) => most as u128,
        Limit::Refuse => 0,
    }
}

fn limit_of(number: usize) -> Option<Limit> {
    match number {
        0 => Some(Limit::Refuse),
        // 4092 buckets hold every double at the coarsest precision.
        4092..=DISTRIBUTION_EXACT_VALUES => Some(Limit::Coarsen(number)),
        _ => None,
    }
}

/// The least sum of significands that `count` values of a bucket can have.
fn least(key: i64, bits: u8, count: u64) -> u128 {
    let low = ends(key, bits).0.to_bits();
    u128::from(low & ((1 << EXACT) - 1) | 1 << EXACT) * u128::from(count)
}

/// A bucket whose values come to `above` more than the least they can; `None` if it cannot be.
fn bucket(key: i64, bits: u8, count: u64, above: u128) -> Option<Bucket> {
    let magnitude = key.unsigned_abs();
    // From the least normal exponent to the greatest. One that is there twice is united before it is refused: the sum is a count, too.
    if magnitude >> bits == 0 || magnitude >> bits >= 0x7ff || count == 0 || count > MAX_COUNT {
        return None;
    }
    let most = u128::from((1_u64 << (EXACT - bits)) - 1) * u128::from(count);
    (above <= most).then(|| Bucket { count, significands: least(key, bits, count) + above })
}

/// What must hold beyond each bucket: `bits` is the precision as it was read.
fn invariants<A: Allocator + Clone>(
    value: &Distribution<A>,
    bits: u8,
) -> std::result::Result<(), &'static str> {
    if bits > EXACT || (value.limit == Limit::Refuse && bits < EXACT) {
        return Err("its precision is out of range");
    }
    let most = match value.limit {
        Limit::Coarsen(most) => most,
        Limit::Refuse => DISTRIBUTION_EXACT_VALUES,
    };
    if value.buckets.len() > most {
        return Err("it has too many buckets");
    }
    let counts = [value.zeros, value.below, value.above, value.nans];
    if value
        .buckets
        .iter()
        .map(|(_, bucket)| bucket.count)
        .chain(counts)
        .try_fold(0_u64, sum_of_counts)
        .is_err()
    {
        return Err("it has too many values");
    }
    let sorted = value.sorted_buckets();
    let within = |extreme: f64, first: Option<&(i64, Bucket)>, zero_at_end: bool| match first {
        Some((key, _)) if !zero_at_end => {
            let (low, high) = ends(*key, bits);
            let magnitude = extreme.abs();
            (extreme < 0.0) == (*key < 0) && magnitude >= low && magnitude < high
        }
        _ => extreme == 0.0,
    };
    let (first, last) = (sorted.first(), sorted.last());
    let zeros = value.zeros > 0;
    let empty = first.is_none() && !zeros;
    let min_is_zero = zeros && first.is_none_or(|(key, _)| *key > 0);
    let max_is_zero = zeros && last.is_none_or(|(key, _)| *key < 0);
    if !empty {
        if value.min > value.max {
            return Err("the least value is greater than the greatest");
        }
        if !within(value.min, first, min_is_zero) || !within(value.max, last, max_is_zero) {
            return Err("the least or the greatest value does not fit its bucket");
        }
    }
    // -0 and 0 are one value, which has one form.
    if [value.min, value.max].iter().any(|extreme| *extreme == 0.0 && extreme.is_sign_negative()) {
        return Err("a zero is negative");
    }
    Ok(())
}

/// The text form.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
struct Plain {
    version: u8,
    /// Bits of the significand that tell buckets apart; 52: each value has its own.
    bits: u8,
    /// At most so many buckets; 0: exact, never coarsened.
    limit: usize,
    #[serde(default, skip_serializing_if = "is_zero")]
    zeros: u64,
    #[serde(default, skip_serializing_if = "is_zero")]
    minus_infinity: u64,
    #[serde(default, skip_serializing_if = "is_zero")]
    infinity: u64,
    #[serde(default, skip_serializing_if = "is_zero")]
    nan: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    min: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    max: Option<f64>,
    /// Leading bits of the magnitude with the sign of the value, count, and the sum of the significands
    /// above the least possible.
    buckets: Vec<(i64, u64, u128)>,
}

fn is_zero(count: &u64) -> bool {
    *count == 0
}

impl Textual for Distribution {
    fn to_text(&self) -> String {
        let finite = self.finite_count() > 0;
        crate::document::canonical(&Plain {
            version: 1,
            bits: self.bits,
            limit: limit_number(self.limit) as usize,
            zeros: self.zeros,
            minus_infinity: self.below,
            infinity: self.above,
            nan: self.nans,
            min: finite.then_some(self.min),
            max: finite.then_some(self.max),
            buckets: self
                .sorted_buckets()
                .into_iter()
                .map(|(key, bucket)| {
                    (key, bucket.count, bucket.significands - least(key, self.bits, bucket.count))
                })
                .collect(),
        })
    }

    fn from_text(text: &str) -> Result<Self> {
        let plain: Plain = from_json(WHAT, text)?;
        let wrong = |why: &str| contradiction(WHAT, why);
        if plain.version != 1 {
            return Err(wrong("The version is not 1"));
        }
        let limit = limit_of(plain.limit).ok_or_else(|| wrong("The limit is out of range"))?;
        let mut value = Distribution::new(plain.bits.min(EXACT), limit, Global);
        (value.zeros, value.nans) = (plain.zeros, plain.nan);
        (value.below, value.above) = (plain.minus_infinity, plain.infinity);
        for (key, count, above) in plain.buckets {
            let found =
                bucket(key, value.bits, count, above).ok_or_else(|| wrong("A bucket is out of range"))?;
            if !value.buckets.add(key, found) {
                return Err(wrong("A bucket is there twice"));
            }
        }
        if let (Some(min), Some(max)) = (plain.min, plain.max) {
            (value.min, value.max) = (min, max);
        }
        invariants(&value, plain.bits).map_err(wrong)?;
        Ok(value)
    }
}
