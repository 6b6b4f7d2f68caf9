//! Numbers of documents: exact decimals, and the integer key by which every exact value is compared
//! with them.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};

use super::decimal::{quotient, written_short};
use crate::document;
pub use crate::limits::FRACTION_DIGITS;
use crate::limits::INTEGER_DIGITS;

/// A number as a document writes it: an exact decimal, up to 16 digits before and 12 after the point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Number(Decimal);

impl Number {
    /// Zero.
    pub const ZERO: Number = Number(Decimal::ZERO);
    /// One, the weight that is left out.
    pub const ONE: Number = Number(Decimal::ONE);

    /// The decimal itself.
    pub fn decimal(self) -> Decimal {
        self.0
    }

    /// The nearest double, with which float columns are compared, as PostgreSQL's own operators do.
    pub fn nearest_f64(self) -> f64 {
        // Through text: rust_decimal's own conversion does not always round to nearest.
        self.0.to_string().parse().unwrap_or(f64::NAN)
    }

    /// The shortest decimal that reads back as this double; if it has too many digits after the point, the
    /// greatest number below. `None` if it has too many before it, or is not finite.
    pub fn at_most(float: f64) -> Option<Number> {
        // -0 is 0
        let float = float + 0.0;
        if let Ok(number) = float.to_string().parse() {
            return Some(number);
        }
        let near: Number = format!("{float:.12}").parse().ok()?;
        let step = Decimal::new(1, FRACTION_DIGITS);
        Some(if near.nearest_f64() > float { Number((near.0 - step).normalize()) } else { near })
    }

    /// The number with so many digits after the point that is nearest to this double. `None` if it has too many digits
    /// before it, or is not finite.
    pub fn rounded(float: f64, digits: u32) -> Option<Number> {
        let digits = digits.min(FRACTION_DIGITS) as usize;
        let number: Number = format!("{float:.digits$}").parse().ok()?;
        // -0 is 0
        Some(if number.0.is_zero() { Number::ZERO } else { Number(number.0.normalize()) })
    }

    /// The least number greater than this double, with which doubles are compared; if a document has none so
    /// near, the next farther one. `None` if it has too many digits before the point, or is not finite.
    pub fn above(float: f64) -> Option<Number> {
        let near = Number::at_most(float)?;
        let steps = (0..=FRACTION_DIGITS).rev().map(|digits| Decimal::new(1, digits));
        let steps = steps.chain((1..=INTEGER_DIGITS).map(|zeros| Decimal::from(10_u64.pow(zeros))));
        let mut greater = steps.map(|step| Number((near.0 + step).normalize()));
        greater
            .find(|number| number.nearest_f64() > float)
            .filter(|number| number.0.abs() < Decimal::from(10_u64.pow(INTEGER_DIGITS)))
    }

    /// The comparison key (see [`key`]) of this number.
    pub fn key(self) -> i128 {
        let scale = self.0.scale();
        2 * self.0.mantissa() * 10_i128.pow(FRACTION_DIGITS - scale.min(FRACTION_DIGITS))
    }
}

/// The comparison key of `units` * 10^-12: twice the units, plus one away from zero if `beyond`, that
/// is when the value has further digits. Document numbers always have even keys, so a value between
/// two neighbouring units compares strictly between them and every comparison is exact.
///
/// Units beyond `i128::MAX / 2` become that: farther than any document number, which is all that counts.
pub fn key(negative: bool, units: i128, beyond: bool) -> i128 {
    let magnitude = 2 * units.min(i128::MAX / 2) + i128::from(beyond);
    if negative { -magnitude } else { magnitude }
}

/// The key of the shortest decimal that reads back as `float`, a finite number.
pub fn float_key(float: f64) -> i128 {
    const DIGITS: usize = FRACTION_DIGITS as usize;
    let text = float.abs().to_string();
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let (near, rest) = fraction.split_at(fraction.len().min(DIGITS));
    let units = format!("{whole}{near:0<DIGITS$}").parse().unwrap_or(i128::MAX);
    key(float < 0.0, units, rest.bytes().any(|digit| digit != b'0'))
}

/// A number as SQL writes it, `-12.5` or `1.25e3`: its key. None if the text is no finite number.
///
/// ```
/// use customer_tiering_engine::number::{integer_key, text_key};
/// assert_eq!(text_key(" 12e1 "), Some(integer_key(120)));
/// assert_eq!(text_key("12,5"), None);
/// ```
pub fn text_key(text: &str) -> Option<i128> {
    const PLACES: i64 = FRACTION_DIGITS as i64;
    let text = text.trim();
    let (negative, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent),
        None => (text, "0"),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = || whole.bytes().chain(fraction.bytes());
    let sign = usize::from(exponent.starts_with(['-', '+']));
    if digits().next().is_none()
        || !digits().all(|digit| digit.is_ascii_digit())
        || sign == exponent.len()
        || !exponent.bytes().skip(sign).all(|digit| digit.is_ascii_digit())
    {
        return None;
    }
    // Farther than any text is long is far enough.
    let exponent = match exponent.parse::<i64>() {
        Ok(exponent) => exponent.clamp(-(1 << 40), 1 << 40),
        Err(_) if exponent.starts_with('-') => -(1 << 40),
        Err(_) => 1 << 40,
    };
    // The digit at place p before the point is worth 10^p units of the key.
    let mut place = whole.len() as i64 + exponent + PLACES;
    let (mut units, mut beyond) = (0_i128, false);
    for digit in digits().map(|digit| i128::from(digit - b'0')) {
        place -= 1;
        if place >= 0 {
            units = units.saturating_mul(10).saturating_add(digit);
        } else {
            beyond |= digit != 0;
        }
    }
    if units != 0 && place > 0 {
        let zeros = u32::try_from(place).unwrap_or(u32::MAX);
        units = 10_i128.checked_pow(zeros).map_or(i128::MAX, |power| units.saturating_mul(power));
    }
    Some(key(negative, units, beyond))
}

/// The double nearest to the number of a key. Digits beyond the twelfth after the point are not in a key.
#[inline]
pub fn key_float(key: i128) -> f64 {
    const ZEROS: [u32; 4] = [0, 6, 10, 12];
    let units = key.unsigned_abs() / 2;
    // Amounts have few digits, and mostly fit in a word, which is divided far faster.
    let magnitude = match u64::try_from(units) {
        Ok(units) => ZEROS.into_iter().find_map(|zeros| {
            let power = 10_u64.pow(zeros);
            let (ones, rest) = (units / power, units % power);
            if rest == 0 { quotient(u128::from(ones), FRACTION_DIGITS - zeros) } else { None }
        }),
        Err(_) => ZEROS.into_iter().find_map(|zeros| {
            let power = 10_u128.pow(zeros);
            let (ones, rest) = (units / power, units % power);
            if rest == 0 { quotient(ones, FRACTION_DIGITS - zeros) } else { None }
        }),
    };
    // Through text: exact for any number of digits.
    let magnitude =
        magnitude.unwrap_or_else(|| format!("{units}e-{FRACTION_DIGITS}").parse().unwrap_or(f64::NAN));
    if key < 0 { -magnitude } else { magnitude }
}

/// A key as a decimal, for messages; digits beyond the twelfth are not in it.
pub(crate) fn describe_key(key: i128) -> String {
    written_short(key < 0, key.unsigned_abs() / 2, FRACTION_DIGITS)
}

/// The key of an integer.
pub fn integer_key(value: i64) -> i128 {
    2 * 10_i128.pow(FRACTION_DIGITS) * i128::from(value)
}

impl FromStr for Number {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let decimal = Decimal::from_str_exact(text)
            .or_else(|_| Decimal::from_scientific(text))
            .map_err(|_| too_long())?
            .normalize();
        if decimal.scale() > FRACTION_DIGITS || decimal.abs() >= Decimal::from(10_u64.pow(INTEGER_DIGITS)) {
            return Err(too_long());
        }
        Ok(Number(decimal))
    }
}

fn too_long() -> String {
    format!("a number of at most {INTEGER_DIGITS} digits before and {FRACTION_DIGITS} after the point")
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl From<i64> for Number {
    fn from(value: i64) -> Self {
        Number(Decimal::from(value))
    }
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        json_number(self.0).map_err(ser::Error::custom)?.serialize(serializer)
    }
}

/// A decimal as an exact JSON number.
///
/// # Errors
///
/// Those of serde_json, which reads every decimal.
pub fn json_number(decimal: Decimal) -> Result<serde_json::Number, serde_json::Error> {
    decimal.to_string().parse()
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Of an object in its place serde_json's number would tell the name of a key that is its own.
        match serde_json::Value::deserialize(deserializer)? {
            serde_json::Value::Number(number) => of_json(&number),
            other => Err(de::Error::invalid_type(kind_of(&other), &"a number")),
        }
    }
}

fn of_json<E: de::Error>(number: &serde_json::Number) -> Result<Number, E> {
    let text = number.to_string();
    text.parse()
        .map_err(|expected: String| E::invalid_value(de::Unexpected::Other(&text), &expected.as_str()))
}

fn kind_of(value: &serde_json::Value) -> de::Unexpected<'_> {
    match value {
        serde_json::Value::Null => de::Unexpected::Other("null"),
        serde_json::Value::Bool(value) => de::Unexpected::Bool(*value),
        serde_json::Value::Number(_) => de::Unexpected::Other("a number"),
        serde_json::Value::String(text) => de::Unexpected::Str(text),
        serde_json::Value::Array(_) => de::Unexpected::Seq,
        serde_json::Value::Object(_) => de::Unexpected::Map,
    }
}

impl JsonSchema for Number {
    fn schema_name() -> Cow<'static, str> {
        "Number".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "number"})
    }
}

/// A constant of a document: a number, a text (dates and durations too) or a truth value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Scalar {
    /// A number.
    Number(Number),
    /// A text.
    Text(String),
    /// A truth value.
    Boolean(bool),
}

impl Scalar {
    /// The text of the value, as somebody would write it into a column.
    pub fn word(&self) -> String {
        match self {
            Scalar::Text(text) => text.clone(),
            Scalar::Number(_) | Scalar::Boolean(_) => self.to_string(),
        }
    }

    /// The number, if it is one.
    pub fn number(&self) -> Option<Number> {
        match self {
            Scalar::Number(number) => Some(*number),
            Scalar::Text(_) | Scalar::Boolean(_) => None,
        }
    }
}

impl fmt::Display for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Scalar::Number(number) => number.fmt(f),
            Scalar::Text(text) => f.write_str(&document::quoted(text)),
            Scalar::Boolean(value) => value.fmt(f),
        }
    }
}

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match serde_json::Value::deserialize(deserializer)? {
            serde_json::Value::Number(number) => of_json(&number).map(Scalar::Number),
            serde_json::Value::String(text) => Ok(Scalar::Text(text)),
            serde_json::Value::Bool(value) => Ok(Scalar::Boolean(value)),
            other => Err(de::Error::invalid_type(kind_of(&other), &"a number, a text or a boolean")),
        }
    }
}

impl JsonSchema for Scalar {
    fn schema_name() -> Cow<'static, str> {
        "Scalar".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": ["number", "string", "boolean"]})
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn number(text: &str) -> Number {
        text.parse().unwrap()
    }

    #[test]
    fn limits_are_enforced() {
        assert!("9999999999999999.999999999999".parse::<Number>().is_ok());
        assert!("10000000000000000".parse::<Number>().is_err());
        assert!("0.0000000000001".parse::<Number>().is_err());
        assert!("1e400".parse::<Number>().is_err());
        assert_eq!(number("1.50").to_string(), "1.5");
        assert_eq!(number("1e3").to_string(), "1000");
    }

    #[test]
    fn a_value_with_further_digits_lies_strictly_between() {
        let cut = number("0.1").key();
        let above = key(false, 100_000_000_000, true);
        assert!(above > cut && above < number("0.100000000001").key());
        let below = key(true, 100_000_000_000, true);
        assert!(below < number("-0.1").key());
    }

    #[test]
    fn texts_that_are_no_numbers_have_no_key() {
        for text in [
            "", " ", "-", ".", "e5", "1e", "1e+", "1e5.5", "--1", "1 2", "12,5", "0x1F", "1_000", "NaN",
            "inf", "１２",
        ] {
            assert_eq!(text_key(text), None, "{text:?}");
        }
    }

    #[test]
    fn the_key_of_a_text_sees_all_its_digits() {
        assert_eq!(text_key("+.5"), Some(number("0.5").key()));
        assert_eq!(text_key("5."), Some(integer_key(5)));
        assert_eq!(text_key("-0.0000000000001"), Some(-1));
        assert_eq!(text_key("1e-99999999999999999999"), Some(1));
        assert_eq!(text_key("0e99999999999999999999"), Some(0));
        assert_eq!(text_key("1e99999999999999999999"), Some(key(false, i128::MAX, false)));
        assert_eq!(text_key(&format!("1{}e-60", "0".repeat(60))), Some(integer_key(1)));
    }

    proptest! {
        #[test]
        fn the_key_of_a_text_is_that_of_the_number(mantissa in -9_999_999_999_999_999_i64..9_999_999_999_999_999, scale in 0_u32..13, shift in -9_i32..9) {
            let number = Number(Decimal::new(mantissa, scale).normalize());
            prop_assert_eq!(text_key(&number.to_string()), Some(number.key()));
            let scientific = format!("{}e{}", Decimal::new(mantissa, 0), -(scale as i32));
            prop_assert_eq!(text_key(&scientific), Some(number.key()));
            let shifted = format!("{mantissa}e{shift}");
            prop_assert_eq!(text_key(&shifted).is_some(), true);
        }

        #[test]
        fn keys_order_like_the_decimals(a in -1_000_000_i64..1_000_000, b in -1_000_000_i64..1_000_000, s in 0_u32..6) {
            let (x, y) = (Number(Decimal::new(a, s)), Number(Decimal::new(b, s)));
            prop_assert_eq!(x.cmp(&y), x.key().cmp(&y.key()));
        }

        #[test]
        fn the_float_of_a_key_is_the_nearest(mantissa in -9_999_999_999_999_999_i64..9_999_999_999_999_999, scale in 0_u32..13) {
            let number = Number(Decimal::new(mantissa, scale).normalize());
            prop_assert_eq!(key_float(number.key()), number.nearest_f64());
        }

        #[test]
        fn a_cut_is_not_above_its_value(value in -1e9..1e9_f64, tiny in -1e-9..1e-9_f64) {
            for value in [value, tiny, (value * 100.0).round() / 100.0] {
                let cut = Number::at_most(value).unwrap().nearest_f64();
                prop_assert!(cut <= value && value - cut <= 1e-12 + value.abs() * 1e-15);
            }
        }

        #[test]
        fn above_is_above_and_near(value in -9e15..9e15_f64, near in -1e4..1e4_f64) {
            for value in [value, near, value.round()] {
                let above = Number::above(value).unwrap().nearest_f64();
                prop_assert!(above > value && above - value <= 1e-11 + value.abs() * 1e-14);
            }
        }

        #[test]
        fn json_round_trips(mantissa in any::<i32>(), scale in 0_u32..9) {
            let number = Number(Decimal::new(mantissa.into(), scale).normalize());
            let text = serde_json::to_string(&number).unwrap();
            prop_assert_eq!(serde_json::from_str::<Number>(&text).unwrap(), number);
        }
    }
}
