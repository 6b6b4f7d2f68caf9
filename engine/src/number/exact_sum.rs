//! Sums of amounts, exact whatever the order: a whole number of up to 38 digits and a scale. (A sum of
//! doubles depends on the order in which parallel workers come by; `rust_decimal` ends at 28 digits.)

use std::fmt;
use std::str::FromStr;

use super::decimal::{push_decimal, quotient, written};
use crate::error::{Error, ErrorKind, Result};
use crate::limits::SUM_DIGITS;

/// An exact decimal: `mantissa` × 10^-`scale`. The scale is that of the most precise amount summed, as
/// `sum(numeric)` shows it.
///
/// ```
/// use customer_tiering_engine::number::ExactSum;
///
/// # fn main() -> customer_tiering_engine::Result<()> {
/// let mut sum = ExactSum::from_float(0.1)?;
/// sum.add(ExactSum::from_float(0.2)?)?;
/// assert_eq!(sum.to_string(), "0.3");
/// # Ok(())
/// # }
/// ```
///
/// Packed: 17 bytes instead of 32, nothing that holds it needs an alignment beyond that of the server, and no byte of it is padding, which would be copied along.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[repr(C, packed)]
pub struct ExactSum {
    /// The digits.
    pub mantissa: i128,
    /// How many of them stand after the point.
    pub scale: u8,
}

impl ExactSum {
    /// A decimal of this many digits after the point.
    ///
    /// # Errors
    ///
    /// `NumberOutOfRange` for more digits than a sum may have.
    pub fn new(mantissa: i128, scale: u32) -> Result<Self> {
        match u8::try_from(scale) {
            Ok(scale) if scale <= SUM_DIGITS && mantissa != i128::MIN => Ok(ExactSum { mantissa, scale }),
            _ => Err(too_long()),
        }
    }

    /// A double as the shortest decimal that reads back as it: 0.1 counts as 0.1. It must be finite.
    ///
    /// # Errors
    ///
    /// `NumberOutOfRange` for a number so large or small that it has too many digits.
    #[inline]
    pub fn from_float(value: f64) -> Result<Self> {
        match ExactSum::of_hundredths(value) {
            Some(sum) => Ok(sum),
            None => ExactSum::from_shortest(value),
        }
    }

    /// A double that is the nearest to a number of at most two digits after the point, and of no more than fifteen in
    /// all, as most amounts are: no other number of so few digits reads back as it, and none of fewer digits.
    #[inline]
    fn of_hundredths(value: f64) -> Option<Self> {
        let hundredths = (value * 100.0 + 0.5_f64.copysign(value)) as i64;
        if hundredths.unsigned_abs() >= 10_u64.pow(15) || hundredths as f64 / 100.0 != value {
            return None;
        }
        let (mantissa, scale) = match hundredths {
            whole if whole % 100 == 0 => (whole / 100, 0),
            tenths if tenths % 10 == 0 => (tenths / 10, 1),
            hundredths => (hundredths, 2),
        };
        Some(ExactSum { mantissa: mantissa.into(), scale })
    }

    fn from_shortest(value: f64) -> Result<Self> {
        let mut buffer = zmij::Buffer::new();
        let text = buffer.format_finite(value).as_bytes();
        // Digits, a point among them or none, and an exponent if the number is large or small.
        let (mut mantissa, mut scale, mut exponent) = (0_i64, 0_i32, 0_i32);
        let mut after_point = false;
        for (place, byte) in text.iter().enumerate() {
            match byte {
                b'0'..=b'9' => {
                    mantissa = 10 * mantissa + i64::from(byte - b'0');
                    scale += i32::from(after_point);
                }
                b'.' => after_point = true,
                b'e' => {
                    let text = core::str::from_utf8(&text[place + 1..]).unwrap_or_default();
                    exponent = text.parse().map_err(|_| too_long())?;
                    break;
                }
                // the sign
                _ => {}
            }
        }
        scale -= exponent;
        // "20.0", which is a whole number
        while scale > 0 && mantissa % 10 == 0 && mantissa != 0 {
            (mantissa, scale) = (mantissa / 10, scale - 1);
        }
        let mantissa = i128::from(if value < 0.0 { -mantissa } else { mantissa });
        if mantissa == 0 {
            return Ok(ExactSum::default());
        }
        match u32::try_from(scale) {
            Ok(scale) => ExactSum::new(mantissa, scale),
            Err(_) => {
                let power = 10_i128.checked_pow(scale.unsigned_abs()).ok_or_else(too_long)?;
                ExactSum::new(mantissa.checked_mul(power).ok_or_else(too_long)?, 0)
            }
        }
    }

    /// Adds another one.
    ///
    /// # Errors
    ///
    /// `NumberOutOfRange` if the sum has too many digits.
    #[inline]
    pub fn add(&mut self, other: ExactSum) -> Result<()> {
        let scale = self.scale.max(other.scale);
        let sum = if self.scale == other.scale {
            self.mantissa.checked_add(other.mantissa)
        } else {
            let (left, right) = (self.rescaled(scale), other.rescaled(scale));
            left.zip(right).and_then(|(left, right)| left.checked_add(right))
        };
        *self = ExactSum { mantissa: sum.ok_or_else(too_long)?, scale };
        Ok(())
    }

    /// This less another one.
    ///
    /// # Errors
    ///
    /// `NumberOutOfRange` if the difference has too many digits.
    pub fn minus(mut self, other: ExactSum) -> Result<ExactSum> {
        self.add(ExactSum { mantissa: other.mantissa.checked_neg().ok_or_else(too_long)?, ..other })?;
        Ok(self)
    }

    /// The double nearest to it.
    #[inline]
    pub fn to_float(self) -> f64 {
        let digits = self.mantissa.unsigned_abs();
        match quotient(digits, u32::from(self.scale)) {
            Some(magnitude) if self.mantissa < 0 => -magnitude,
            Some(magnitude) => magnitude,
            // At most 38 digits: every such text is a finite double.
            None => self.to_string().parse().unwrap_or(f64::NAN),
        }
    }

    /// Adds it as [`fmt::Display`] writes it to a text that consists of many values.
    pub(crate) fn push_to(self, text: &mut Vec<u8>) {
        push_decimal(text, self.mantissa < 0, self.mantissa.unsigned_abs(), u32::from(self.scale));
    }

    fn rescaled(self, scale: u8) -> Option<i128> {
        self.mantissa.checked_mul(10_i128.checked_pow(u32::from(scale - self.scale))?)
    }

    /// Whether it is below zero.
    #[inline]
    pub fn is_negative(self) -> bool {
        self.mantissa < 0
    }
}

#[cold]
fn too_long() -> Error {
    Error::new(ErrorKind::NumberOutOfRange, "amounts have too many digits to be summed exactly")
        .detail(format!("A sum has at most {SUM_DIGITS} digits, those of the most precise amount after the point included."))
        .hint("Round the amounts: round(amount, 2).")
}

impl fmt::Display for ExactSum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&written(self.mantissa < 0, self.mantissa.unsigned_abs(), u32::from(self.scale)))
    }
}

impl FromStr for ExactSum {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let bad = || {
            Error::invalid(format!("{text:?} is no decimal number"))
                .hint("Write digits with a point and no exponent, such as 1234.5.")
        };
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        if whole.is_empty() || !whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit()) {
            return Err(bad());
        }
        let mut mantissa = 0_i128;
        for byte in whole.bytes().chain(fraction.bytes()) {
            mantissa = mantissa
                .checked_mul(10)
                .and_then(|tens| tens.checked_add(i128::from(byte - b'0')))
                .ok_or_else(too_long)?;
        }
        ExactSum::new(if negative { -mantissa } else { mantissa }, fraction.len() as u32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn doubles_count_as_they_print() {
        for (value, text) in [
            (0.1, "0.1"),
            (19.99, "19.99"),
            (-3.0, "-3"),
            (1e15, "1000000000000000"),
            (0.125, "0.125"),
            (1e20, "100000000000000000000"),
            (-1.5e-7, "-0.00000015"),
            (0.0, "0"),
            (-0.0, "0"),
            (123456.789, "123456.789"),
        ] {
            assert_eq!(ExactSum::from_float(value).unwrap().to_string(), text);
        }
        assert!(ExactSum::from_float(1e300).is_err());
        assert!(ExactSum::from_float(1e-300).is_err());
    }

    proptest! {
        #[test]
        fn two_digits_after_the_point_make_no_difference(cents in -10_i64.pow(17)..10_i64.pow(17), small in -100_000_i64..100_000, ulps in -2_i64..3) {
            for cents in [cents, small, small * 10, small * 100] {
                let value = f64::from_bits((cents as f64 / 100.0).to_bits().wrapping_add_signed(ulps));
                if value.is_finite() {
                    prop_assert_eq!(ExactSum::from_float(value).ok(), ExactSum::from_shortest(value).ok());
                }
            }
        }

        #[test]
        fn the_decimal_of_a_double_reads_back_as_it(cents in -1_000_000_000_000_i64..1_000_000_000_000, scale in 0_i32..6) {
            let value = cents as f64 / 10_f64.powi(scale);
            let decimal = ExactSum::from_float(value).unwrap();
            prop_assert_eq!(decimal.to_string().parse::<f64>().unwrap(), value);
        }

        #[test]
        fn so_does_that_of_any_double(value in -1e20..1e20_f64, small in -1.0..1.0_f64) {
            for value in [value, small] {
                if let Ok(decimal) = ExactSum::from_float(value) {
                    prop_assert_eq!(decimal.to_string().parse::<f64>().unwrap(), value);
                }
            }
        }

        #[test]
        fn sums_do_not_depend_on_order(parts in prop::collection::vec((any::<i64>(), 0_u32..8), 0..20)) {
            let sum = |parts: &mut dyn Iterator<Item = &(i64, u32)>| {
                let mut sum = ExactSum::default();
                for (mantissa, scale) in parts {
                    sum.add(ExactSum::new(i128::from(*mantissa), *scale).unwrap()).unwrap();
                }
                sum
            };
            prop_assert_eq!(sum(&mut parts.iter()), sum(&mut parts.iter().rev()));
        }

        #[test]
        fn text_round_trips(mantissa in any::<i64>(), scale in 0_u32..38) {
            let decimal = ExactSum::new(i128::from(mantissa), scale).unwrap();
            prop_assert_eq!(decimal.to_string().parse::<ExactSum>().unwrap(), decimal);
        }
    }
}
