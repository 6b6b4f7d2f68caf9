//! Decimals as digits and the place of the point: how they are printed, and which double is nearest.

/// The digits with a point before the last `scale` of them.
pub(crate) fn written(negative: bool, digits: u128, scale: u32) -> String {
    let mut text = Vec::new();
    push_decimal(&mut text, negative, digits, scale);
    String::from_utf8(text).unwrap_or_default()
}

/// Adds the same to a text that consists of many of them, without anything between that is allocated.
pub(crate) fn push_decimal(text: &mut Vec<u8>, negative: bool, digits: u128, scale: u32) {
    let mut buffer = itoa::Buffer::new();
    let (written, scale) = (buffer.format(digits).as_bytes(), scale as usize);
    let (whole, fraction) = written.split_at(written.len().saturating_sub(scale));
    if negative {
        text.push(b'-');
    }
    text.extend_from_slice(if whole.is_empty() { b"0" } else { whole });
    if scale > 0 {
        text.push(b'.');
        text.resize(text.len() + scale - fraction.len(), b'0');
        text.extend_from_slice(fraction);
    }
}

/// The same without zeros at the end that say nothing.
pub(crate) fn written_short(negative: bool, digits: u128, scale: u32) -> String {
    let text = written(negative, digits, scale);
    if scale == 0 { text } else { text.trim_end_matches('0').trim_end_matches('.').to_owned() }
}

/// The double nearest to `digits` × 10^-`scale`, if one division gives it: both of its operands are exact
/// doubles then (2^53 is the last whole number below which all are, 10^22 the last such power of ten), and a
/// quotient is rounded once.
#[inline]
pub(crate) fn quotient(digits: u128, scale: u32) -> Option<f64> {
    const EXACT: u128 = 1 << 53;
    (digits <= EXACT && scale <= 22).then(|| digits as u64 as f64 / 10_f64.powi(scale as i32))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn digits_are_those_of_the_number(digits in any::<u128>(), shift in 0_u32..128, scale in 0_u32..39, negative in any::<bool>()) {
            let digits = digits >> shift;
            let text = format!("{digits:0width$}", width = scale as usize + 1);
            let (whole, fraction) = text.split_at(text.len() - scale as usize);
            let (sign, point) = (if negative { "-" } else { "" }, if fraction.is_empty() { "" } else { "." });
            prop_assert_eq!(written(negative, digits, scale), format!("{sign}{whole}{point}{fraction}"));
        }
    }

    #[test]
    fn points_and_zeros() {
        assert_eq!(written(false, 5, 3), "0.005");
        assert_eq!(written(true, 120, 1), "-12.0");
        assert_eq!(written(false, 120, 0), "120");
        assert_eq!(written(false, 0, 0), "0");
        assert_eq!(written(true, 7, 38), format!("-0.{}7", "0".repeat(37)));
        assert_eq!(written(false, u128::MAX, 0), u128::MAX.to_string());
        assert_eq!(written(false, u128::MAX, 38), format!("3.{}", &u128::MAX.to_string()[1..]));
        assert_eq!(written_short(true, 120, 1), "-12");
        assert_eq!(written_short(false, 120, 0), "120");
        assert_eq!(written_short(false, 1250, 3), "1.25");
        assert_eq!(written_short(false, 0, 12), "0");
    }

    proptest! {
        #[test]
        fn a_quotient_is_what_the_text_reads_as(digits in 0_u64..=1 << 53, scale in 0_u32..=22) {
            let text = written(false, digits.into(), scale);
            prop_assert_eq!(quotient(digits.into(), scale), text.parse().ok());
        }
    }
}
