//! `numeric` values as comparison keys, read from their digits without a conversion to text, and
//! scores as `numeric`.

use core::ffi::CStr;
use std::ffi::CString;

use customer_tiering_engine::Result;
use customer_tiering_engine::grade::ScoreValue;
use customer_tiering_engine::number::ExactSum;
use customer_tiering_engine::number::{self, FRACTION_DIGITS};
use pgrx::pg_sys::{self, Datum};

use crate::pg::call::payload;

/// What a numeric holds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Numeric {
    /// A finite number, as its key.
    Key(i128),
    /// NaN or an infinity.
    NotFinite(f64),
}

// The header of a numeric (src/backend/utils/adt/numeric.c; unchanged from PostgreSQL 9.1 to 18,
// since values on disk have it): a word whose top bits tell short, long and special values apart,
// then for long ones the weight; then digits of base 10000.
const SIGN_MASK: u16 = 0xC000;
const NEGATIVE: u16 = 0x4000;
const SHORT: u16 = 0x8000;
const SPECIAL: u16 = 0xC000;
const SPECIAL_MASK: u16 = 0xF000;
const POSITIVE_INFINITY: u16 = 0xD000;
const NEGATIVE_INFINITY: u16 = 0xF000;
const SHORT_NEGATIVE: u16 = 0x2000;
const SHORT_WEIGHT_SIGN: u16 = 0x0040;
const SHORT_WEIGHT: u16 = 0x003F;
const SHORT_SCALE: u16 = 0x1F80;
const SHORT_SCALE_SHIFT: u32 = 7;
const LONG_SCALE: u16 = 0x3FFF;

/// The digit groups after the point that a key resolves.
const FRACTION_GROUPS: i32 = FRACTION_DIGITS as i32 / 4;

/// Beyond this weight (28 digits before the point) a number is larger than any cut point.
const MAX_WEIGHT: i32 = 5;

/// Larger than the key of every document number, and the key of a whole number.
const BEYOND: i128 = 2 * 10_i128.pow(37);

/// The parts of a finite numeric: its value is the groups as digits of base 10000, the first of them worth
/// 10000^weight.
struct Parts<'p> {
    negative: bool,
    weight: i32,
    /// Digits after the point that are shown.
    scale: u32,
    groups: core::slice::ChunksExact<'p, u8>,
}

/// Takes the payload of a numeric varlena apart; NaN and the infinities are `Err`.
#[inline]
fn parts(payload: &[u8]) -> core::result::Result<Parts<'_>, f64> {
    let mut words = payload.chunks_exact(2);
    let mut word = || words.next().map_or(0, group);
    let header = word();
    let (negative, weight, scale) = match header & SIGN_MASK {
        SPECIAL => {
            return Err(match header & SPECIAL_MASK {
                POSITIVE_INFINITY => f64::INFINITY,
                NEGATIVE_INFINITY => f64::NEG_INFINITY,
                _ => f64::NAN,
            });
        }
        SHORT => {
            (header & SHORT_NEGATIVE != 0, short_weight(header), (header & SHORT_SCALE) >> SHORT_SCALE_SHIFT)
        }
        sign => (sign == NEGATIVE, i32::from(word() as i16), header & LONG_SCALE),
    };
    Ok(Parts { negative, weight, scale: u32::from(scale), groups: words })
}

/// The header of a numeric, if it is a short one.
#[inline]
fn short_header(payload: &[u8]) -> Option<u16> {
    let header = u16::from_ne_bytes(*payload.first_chunk()?);
    (header & SIGN_MASK == SHORT).then_some(header)
}

#[inline]
fn short_weight(header: u16) -> i32 {
    let low = i32::from(header & SHORT_WEIGHT);
    if header & SHORT_WEIGHT_SIGN == 0 { low } else { low - 64 }
}

#[inline]
fn group(bytes: &[u8]) -> u16 {
    u16::from_ne_bytes([bytes[0], bytes[1]])
}

/// Reads the payload of a numeric varlena.
#[inline]
pub fn read(payload: &[u8]) -> Numeric {
    let Parts { negative, weight, groups, .. } = match parts(payload) {
        Ok(parts) => parts,
        Err(special) => return Numeric::NotFinite(special),
    };
    let mut units: i128 = 0;
    let mut beyond = false;
    // The place of the next group: weight for those before the point, negative after it.
    let mut place = weight;
    let mut any = false;
    for group in groups.map(group) {
        any = true;
        if place > MAX_WEIGHT {
            return Numeric::Key(if negative { -BEYOND } else { BEYOND });
        }
        if place >= -FRACTION_GROUPS {
            units = units * 10_000 + i128::from(group);
        } else {
            beyond |= group != 0;
        }
        place -= 1;
    }
    if !any {
        return Numeric::Key(0);
    }
    // Groups of zeros at the end are not stored. `place` is the last group read, less one.
    for _ in -FRACTION_GROUPS..=place {
        units *= 10_000;
    }
    Numeric::Key(number::key(negative, units, beyond))
}

/// A number of at most twelve digits before the point, as most amounts are, in ten-thousandths: whether it is negative,
/// how many, and whether it has further digits. `None` for all others.
#[inline(always)]
pub fn short(payload: &[u8]) -> Option<(bool, i64, bool)> {
    // No closures, which would stay functions of their own.
    if let Some(known) = few_groups(payload) {
        return Some(known);
    }
    if let Some(known) = many_groups(payload) {
        return Some(known);
    }
    other_groups(payload)
}

/// The same of one to three groups of digits, all of which count. How many they are follows no pattern, so that nothing
/// here branches by it.
#[inline(always)]
fn few_groups(payload: &[u8]) -> Option<(bool, i64, bool)> {
    let header = short_header(payload)?;
    let (weight, stored) = (short_weight(header), payload.len() / 2 - 1);
    let units = POWERS.get((weight + 2 - stored as i32) as usize)?;
    // the first group, and the last two, which the first is one of where they are fewer than three
    let [_, _, first @ ..] = *payload.first_chunk::<4>()?;
    let [before, last] = *payload.last_chunk::<4>()?.as_chunks::<2>().0 else { return None };
    let worth = [[0, 0, 1], [0, 10_000, 1], [100_000_000, 10_000, 1]].get(stored.checked_sub(1)?)?;
    let digits: i64 =
        [first, before, last].iter().zip(worth).map(|(bytes, worth)| i64::from(group(bytes)) * worth).sum();
    (weight <= 2).then_some((header & SHORT_NEGATIVE != 0, digits * units, false))
}

/// The same of four groups or more, as of what was computed: the first of them are read at once, and count as far as the group after the point.
#[inline(always)]
fn many_groups(payload: &[u8]) -> Option<(bool, i64, bool)> {
    const WORTHS: [[i64; 4]; 4] = [
        [POWERS[0], 0, 0, 0],
        [POWERS[1], POWERS[0], 0, 0],
        [POWERS[2], POWERS[1], POWERS[0], 0],
        [POWERS[3], POWERS[2], POWERS[1], POWERS[0]],
    ];
    let header = short_header(payload)?;
    let (weight, stored) = (short_weight(header), payload.len() / 2 - 1);
    let [_, _, a, b, c, d, e, f, g, h] = *payload.first_chunk()?;
    let worth = WORTHS.get((weight + 1) as usize)?;
    let groups = [[a, b], [c, d], [e, f], [g, h]].map(|bytes| i64::from(u16::from_ne_bytes(bytes)));
    let digits = groups[0] * worth[0] + groups[1] * worth[1] + groups[2] * worth[2] + groups[3] * worth[3];
    // Groups of zeros at the end are not stored.
    Some((header & SHORT_NEGATIVE != 0, digits, stored as i32 > weight + 2))
}

const POWERS: [i64; 4] = [1, 10_000, 10_000_i64.pow(2), 10_000_i64.pow(3)];

/// The same of all others.
#[inline(never)]
fn other_groups(payload: &[u8]) -> Option<(bool, i64, bool)> {
    let (header, groups) = (short_header(payload)?, payload.get(2..)?);
    let weight = short_weight(header);
    let stored = (groups.len() / 2) as i32;
    // The group after the point is the last that counts. Groups of zeros at the end are not stored.
    let taken = stored.min(weight + 2);
    if weight > 2 || taken > 4 {
        return None;
    }
    let counted = groups.chunks_exact(2).take(taken.max(0) as usize);
    let digits = counted.fold(0, |digits, bytes| digits * 10_000 + i64::from(group(bytes)));
    let power = if taken <= 0 { 0 } else { (weight + 2 - taken) as usize };
    Some((header & SHORT_NEGATIVE != 0, digits * POWERS.get(power)?, stored > taken.max(0)))
}

/// A numeric with all its digits, to be summed. NaN and the infinities are `Err`.
#[inline]
pub fn decimal(payload: &[u8]) -> core::result::Result<Result<ExactSum>, f64> {
    match short_decimal(payload) {
        Some(sum) => Ok(Ok(sum)),
        None => long_decimal(payload),
    }
}

/// A number of at most four groups of digits, no more than four digits after the point, as most amounts are.
#[inline]
fn short_decimal(payload: &[u8]) -> Option<ExactSum> {
    let scale = (short_header(payload)? & SHORT_SCALE) >> SHORT_SCALE_SHIFT;
    let (negative, units, beyond) = short(payload)?;
    let magnitude = match scale {
        0 => units / 10_000,
        1 => units / 1000,
        2 => units / 100,
        3 => units / 10,
        4 if !beyond => units,
        _ => return None,
    };
    Some(ExactSum { mantissa: (if negative { -magnitude } else { magnitude }).into(), scale: scale as u8 })
}

fn long_decimal(payload: &[u8]) -> core::result::Result<Result<ExactSum>, f64> {
    let Parts { negative, weight, scale, groups } = parts(payload)?;
    let stored = groups.len() as i32;
    let mut mantissa = Some(0_i128);
    for group in groups.map(group) {
        mantissa = mantissa.and_then(|value| value.checked_mul(10_000)?.checked_add(i128::from(group)));
    }
    // Groups of zeros at either end are not stored: the last group read is worth 10000^place.
    let place = weight - stored + 1;
    let shift = 4 * place + scale as i32;
    let mantissa = mantissa.and_then(|value| match value {
        0 => Some(0),
        value if shift >= 0 => value.checked_mul(10_i128.checked_pow(shift as u32)?),
        // The last group has digits beyond the scale, all of them zero. (Amounts fit the fast division.)
        value => Some(match u64::try_from(value) {
            Ok(small) => i128::from(small / 10_u64.pow(shift.unsigned_abs())),
            Err(_) => value / 10_i128.pow(shift.unsigned_abs()),
        }),
    });
    Ok(match mantissa {
        Some(mantissa) => ExactSum::new(if negative { -mantissa } else { mantissa }, scale),
        None => ExactSum::new(0, u32::MAX),
    })
}

/// The double nearest to a numeric datum, NaN and the infinities as they are.
///
/// # Safety
///
/// `datum` is a numeric.
#[inline]
pub unsafe fn float(datum: Datum) -> f64 {
    // SAFETY: the caller vouches for the type.
    match read(unsafe { payload(datum) }) {
        Numeric::Key(key) if key % 2 == 0 && key.abs() < BEYOND => number::key_float(key),
        Numeric::NotFinite(value) => value,
        // More digits than a key holds: the server's own conversion.
        // SAFETY: as above.
        Numeric::Key(_) => unsafe {
            let value =
                pgrx::direct_function_call_as_datum(pg_sys::numeric_float8_no_overflow, &[Some(datum)]);
            f64::from_bits(value.map_or(f64::NAN.to_bits(), |datum| datum.value() as u64))
        },
    }
}

/// A decimal as a numeric datum in the current memory context.
pub fn decimal_datum(decimal: ExactSum) -> Option<Datum> {
    if let Ok(digits) = i64::try_from(decimal.mantissa) {
        // SAFETY: takes every integer, and divides it by a power of ten.
        return Some(Datum::from(unsafe {
            pg_sys::int64_div_fast_to_numeric(digits, i32::from(decimal.scale))
        }));
    }
    let text = CString::new(decimal.to_string()).ok()?;
    // SAFETY: the text is a decimal.
    Some(unsafe { numeric_in(&text) })
}

/// A score as a numeric datum in the current memory context.
pub fn score_datum(score: ScoreValue) -> Option<Datum> {
    // SAFETY: numeric_in takes a cstring and accepts every decimal; int64_to_numeric any int8.
    unsafe {
        if let (0, Ok(whole)) = (score.scale, i64::try_from(score.mantissa)) {
            return Some(Datum::from(pg_sys::int64_to_numeric(whole)));
        }
        let text = CString::new(score.to_string()).ok()?;
        Some(numeric_in(&text))
    }
}

/// # Safety
///
/// `text` is a decimal.
unsafe fn numeric_in(text: &CStr) -> Datum {
    // SAFETY: numeric_in takes cstring, typioparam and typmod.
    unsafe {
        let arguments = [Some(Datum::from(text.as_ptr())), Some(Datum::null()), Some(Datum::from(-1_i32))];
        pgrx::direct_function_call_as_datum(pg_sys::numeric_in, &arguments).unwrap_or(Datum::null())
    }
}
