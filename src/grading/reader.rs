//! From a datum of a column's type to a value of an input. Which types serve which inputs is decided
//! once per call site; reading a row is a `match` and a conversion.

use std::ffi::CStr;

use customer_tiering_engine::document::quoted;
use customer_tiering_engine::grade::value::{InputSlot, Value};
use customer_tiering_engine::number::text_key;
use customer_tiering_engine::scheme::InputType;
use customer_tiering_engine::time::date::{MICROSECONDS_PER_DAY, timestamp_out_of_range};
use customer_tiering_engine::{Compiled, Error, ErrorKind, Result};
use jiff::Timestamp;
use pgrx::pg_sys::{self, Datum, Oid};

use crate::pg::call::{payload, plain_payload, utf8};
use crate::pg::date::POSTGRES_EPOCH_DAYS;
use crate::pg::enums::{Labels, label};
use crate::pg::numeric::{self, Numeric};

const EPOCH_DAYS: i64 = POSTGRES_EPOCH_DAYS as i64;
/// What PostgreSQL counts times from, in microseconds since 1970.
pub const EPOCH_MICROSECONDS: i64 = EPOCH_DAYS * MICROSECONDS_PER_DAY;

/// How the datums of one column are read.
pub enum Reader {
    /// smallint.
    Int2,
    /// integer.
    Int4,
    /// bigint.
    Int8,
    /// real.
    Float4,
    /// double precision.
    Float8,
    /// numeric.
    Numeric,
    /// text, varchar and other varlena types of the string category.
    Text,
    /// char(n), whose trailing blanks do not count.
    BlankPadded,
    /// citext, which ignores case.
    IgnoringCase,
    /// name.
    Name,
    /// An enum, its labels remembered.
    Enum(Labels<Value>),
    /// boolean.
    Boolean,
    /// date.
    Date,
    /// timestamp.
    Timestamp,
    /// timestamptz.
    TimestampTz,
    /// Text of an ISO 8601 date.
    IsoDate,
    /// A quoted literal whose type was left open, a C string.
    Untyped,
    /// tiering.word, a text that is read as such a literal is.
    Word,
}

impl Reader {
    /// The reader for a column of type `oid`, if such a column serves the input.
    pub fn new(slot: &InputSlot, oid: Oid) -> Result<Reader> {
        // SAFETY: syscache look-ups; the type exists.
        let base = unsafe { pg_sys::getBaseType(oid) };
        Reader::serving(slot.kind, base).ok_or_else(|| wrong_type(slot, base))
    }

    /// The reader for a column of a type that is no domain, if it serves inputs of a kind.
    pub fn serving(kind: InputType, base: Oid) -> Option<Reader> {
        if base == pg_sys::UNKNOWNOID {
            return Some(Reader::Untyped);
        }
        if is_word(base) {
            return Some(Reader::Word);
        }
        match kind {
            InputType::Number | InputType::Integer => Reader::of_numbers(base),
            InputType::Boolean => (base == pg_sys::BOOLOID).then_some(Reader::Boolean),
            InputType::Date => Reader::of_dates(base),
            InputType::Text => Reader::of_texts(base),
        }
    }

    fn of_numbers(base: Oid) -> Option<Reader> {
        match base {
            pg_sys::INT2OID => Some(Reader::Int2),
            pg_sys::INT4OID => Some(Reader::Int4),
            pg_sys::INT8OID => Some(Reader::Int8),
            pg_sys::FLOAT4OID => Some(Reader::Float4),
            pg_sys::FLOAT8OID => Some(Reader::Float8),
            pg_sys::NUMERICOID => Some(Reader::Numeric),
            _ => None,
        }
    }

    fn of_dates(base: Oid) -> Option<Reader> {
        match base {
            pg_sys::DATEOID => Some(Reader::Date),
            pg_sys::TIMESTAMPOID => Some(Reader::Timestamp),
            pg_sys::TIMESTAMPTZOID => Some(Reader::TimestampTz),
            _ => is_text(base).then_some(Reader::IsoDate),
        }
    }

    fn of_texts(base: Oid) -> Option<Reader> {
        match base {
            pg_sys::BPCHAROID => Some(Reader::BlankPadded),
            pg_sys::NAMEOID => Some(Reader::Name),
            _ if is_citext(base) => Some(Reader::IgnoringCase),
            _ if is_text(base) => Some(Reader::Text),
            // SAFETY: a syscache look-up.
            _ if unsafe { pg_sys::type_is_enum(base) } => Some(Reader::Enum(Labels::default())),
            _ => None,
        }
    }

    /// Reads a datum that is not NULL.
    ///
    /// # Safety
    ///
    /// The datum is of the type that the reader was made for.
    pub unsafe fn read(&self, scheme: &Compiled, slot: &InputSlot, datum: Datum) -> Result<Value> {
        let mut value = Value::Missing;
        // SAFETY: passed on to the caller.
        unsafe { self.read_into(scheme, slot, datum, &mut value) }?;
        Ok(value)
    }

    /// Reads a datum that is not NULL into its place. Each kind of value is written where it is known: a value that is
    /// handed on inside of a result is copied in pieces that straddle what was written, for which processors wait.
    ///
    /// # Safety
    ///
    /// The datum is of the type that the reader was made for.
    #[inline]
    pub unsafe fn read_into(
        &self,
        scheme: &Compiled,
        slot: &InputSlot,
        datum: Datum,
        value: &mut Value,
    ) -> Result<()> {
        // SAFETY: the caller vouches for the type.
        unsafe {
            match self {
                Reader::Int2 => *value = slot.integer(i64::from(datum.value() as i16))?,
                Reader::Int4 => *value = slot.integer(i64::from(datum.value() as i32))?,
                Reader::Int8 => *value = slot.integer(datum.value() as i64)?,
                Reader::Float4 => *value = slot.float(f64::from(f32::from_bits(datum.value() as u32)))?,
                Reader::Float8 => *value = slot.float(f64::from_bits(datum.value() as u64))?,
                Reader::Numeric => match numeric::read(payload(datum)) {
                    Numeric::Key(key) => *value = slot.exact(key)?,
                    Numeric::NotFinite(found) => return Err(slot.not_finite(found)),
                },
                Reader::Text => *value = slot.text(payload(datum))?,
                Reader::BlankPadded => *value = slot.text(unpadded(payload(datum)))?,
                Reader::IgnoringCase => *value = slot.text_ignoring_case(utf8(payload(datum)))?,
                Reader::Name | Reader::Untyped => {
                    let text = CStr::from_ptr(datum.cast_mut_ptr()).to_bytes();
                    *value = if matches!(self, Reader::Name) {
                        slot.text(text)?
                    } else {
                        literal(scheme, slot, utf8(text))?
                    };
                }
                Reader::Enum(known) => {
                    let found = Oid::from_u32(datum.value() as u32);
                    *value = known.get(found, |label| slot.text(label.as_bytes()))?;
                }
                Reader::Boolean => *value = Value::Boolean(datum.value() as u8 != 0),
                Reader::Date => *value = day(slot, datum.value() as i32)?,
                Reader::Timestamp => match datum.value() as i64 {
                    i64::MIN | i64::MAX => return Err(infinite(slot)),
                    microseconds => {
                        *value = slot.day(microseconds.div_euclid(MICROSECONDS_PER_DAY) + EPOCH_DAYS)?;
                    }
                },
                Reader::TimestampTz => match datum.value() as i64 {
                    i64::MIN | i64::MAX => return Err(infinite(slot)),
                    microseconds => match instant(microseconds) {
                        Ok(instant) => *value = Value::Day(scheme.day_of(instant)),
                        Err(_) => return Err(slot.date_out_of_range()),
                    },
                },
                Reader::Word => *value = literal(scheme, slot, utf8(payload(datum)))?,
                Reader::IsoDate => *value = date_text(scheme, slot, utf8(payload(datum)))?,
            }
        }
        Ok(())
    }
}

impl Reader {
    /// The number of a datum that is not NULL, as the double nearest to it, if it is one that may be and a look tells. Neither panics nor calls
    /// the server.
    ///
    /// # Safety
    ///
    /// The datum is of the type that the reader was made for.
    #[inline(always)]
    pub unsafe fn quick(&self, slot: &InputSlot, datum: Datum) -> Option<f64> {
        match self {
            Reader::Int2 if slot.takes_wholes() => Some(f64::from(datum.value() as i16)),
            Reader::Int4 if slot.takes_wholes() => Some(f64::from(datum.value() as i32)),
            Reader::Int8 if slot.takes_wholes() => Some(datum.value() as i64 as f64),
            Reader::Float8 if slot.takes_numbers() => {
                Some(f64::from_bits(datum.value() as u64)).filter(|number| number.is_finite())
            }
            Reader::Numeric if slot.takes_numbers() => {
                // SAFETY: the caller vouches for the type.
                let (negative, units, beyond) = numeric::short(unsafe { plain_payload(datum) }?)?;
                // Of whole numbers that doubles hold the quotient is the nearest one.
                let magnitude = units as f64 / 1e4;
                (!beyond && units < 1 << 53).then_some(if negative { -magnitude } else { magnitude })
            }
            _ => None,
        }
    }

    /// The text of a datum that is not NULL, as [`Reader::read`] compares it with those that the scheme names.
    ///
    /// # Safety
    ///
    /// The datum is of the type that the reader was made for.
    pub unsafe fn read_text(&self, datum: Datum, into: &mut Vec<u8>) -> Result<()> {
        into.clear();
        // SAFETY: the caller vouches for the type.
        unsafe {
            match self {
                Reader::Text | Reader::Word => into.extend_from_slice(payload(datum)),
                Reader::BlankPadded => into.extend_from_slice(unpadded(payload(datum))),
                Reader::IgnoringCase => {
                    into.extend_from_slice(utf8(payload(datum)).to_lowercase().as_bytes())
                }
                Reader::Name | Reader::Untyped => {
                    into.extend_from_slice(CStr::from_ptr(datum.cast_mut_ptr()).to_bytes());
                }
                Reader::Enum(_) => {
                    into.extend_from_slice(label(Oid::from_u32(datum.value() as u32))?.as_bytes());
                }
                // They serve no texts.
                Reader::Int2
                | Reader::Int4
                | Reader::Int8
                | Reader::Float4
                | Reader::Float8
                | Reader::Numeric
                | Reader::Boolean
                | Reader::Date
                | Reader::Timestamp
                | Reader::TimestampTz
                | Reader::IsoDate => {}
            }
        }
        Ok(())
    }
}

/// Text of the type char(n) without the blanks at its end, which do not count.
fn unpadded(bytes: &[u8]) -> &[u8] {
    let end = bytes.iter().rposition(|byte| *byte != b' ').map_or(0, |last| last + 1);
    &bytes[..end]
}

/// A numeric as a value.
pub fn number(slot: &InputSlot, numeric: Numeric) -> Result<Value> {
    match numeric {
        Numeric::Key(key) => slot.exact(key),
        Numeric::NotFinite(value) => Err(slot.not_finite(value)),
    }
}

/// An untyped literal takes the type of the input, as it would that of a function parameter.
fn literal(scheme: &Compiled, slot: &InputSlot, text: &str) -> Result<Value> {
    match slot.kind {
        InputType::Text => slot.text(text.as_bytes()),
        InputType::Date => date_text(scheme, slot, text),
        InputType::Number | InputType::Integer => {
            let number =
                if text.contains(['n', 'N']) { special(text) } else { text_key(text).map(Numeric::Key) };
            self::number(slot, number.ok_or_else(|| no_number(slot, text))?)
        }
        InputType::Boolean => match text.trim().to_ascii_lowercase().as_str() {
            "t" | "true" | "yes" | "on" | "1" => Ok(Value::Boolean(true)),
            "f" | "false" | "no" | "off" | "0" => Ok(Value::Boolean(false)),
            _ => Err(Error::new(
                ErrorKind::NotJson,
                format!("invalid boolean {} for input {:?}", quoted(text), slot.name),
            )
            .hint("Write true or false.")
            .finding("not a boolean")),
        },
    }
}

/// NaN or an infinity, as SQL writes it.
fn special(text: &str) -> Option<Numeric> {
    let value = match text.trim().to_ascii_lowercase().as_str() {
        "nan" => f64::NAN,
        "infinity" | "+infinity" | "inf" | "+inf" => f64::INFINITY,
        "-infinity" | "-inf" => f64::NEG_INFINITY,
        _ => return None,
    };
    Some(Numeric::NotFinite(value))
}

#[cold]
fn no_number(slot: &InputSlot, text: &str) -> Error {
    let message = format!("invalid number {} for input {:?}", quoted(text), slot.name);
    Error::new(ErrorKind::NotJson, message)
        .detail(format!("The input is of type {}.", slot.kind.name()))
        .hint("Write digits with a point, such as 1234.5, and without separators or a currency.")
        .finding("not a number")
}

/// Text of an ISO 8601 date, or of a date and time, as `to_jsonb` writes timestamps: with an offset it
/// becomes a day in the zone of the scheme.
pub fn date_text(scheme: &Compiled, slot: &InputSlot, text: &str) -> Result<Value> {
    let trimmed = text.trim();
    if trimmed.len() > 10 {
        if let Ok(instant) = trimmed.parse::<Timestamp>() {
            return Ok(Value::Day(scheme.day_of(instant)));
        }
        if let Ok(civil) = trimmed.parse::<jiff::civil::DateTime>() {
            return slot.iso_date(&civil.date().to_string());
        }
    }
    slot.iso_date(trimmed)
}

#[inline(always)]
fn day(slot: &InputSlot, days: i32) -> Result<Value> {
    match days {
        i32::MIN | i32::MAX => Err(infinite(slot)),
        days => slot.day(i64::from(days) + EPOCH_DAYS),
    }
}

fn infinite(slot: &InputSlot) -> Error {
    Error::new(ErrorKind::DateOutOfRange, format!("input {:?} is an infinite date", slot.name))
        .detail("Only days of the calendar can be graded.")
        .hint("Turn it into NULL, for example with nullif(value, 'infinity').")
        .finding("not finite")
}

/// A PostgreSQL timestamp as an instant.
pub fn instant(microseconds: i64) -> Result<Timestamp> {
    Timestamp::from_microsecond(since_1970(microseconds)?).map_err(|_| timestamp_out_of_range())
}

/// A PostgreSQL timestamp in microseconds since 1970, if it is an instant.
#[inline]
pub fn since_1970(microseconds: i64) -> Result<i64> {
    let instants = Timestamp::MIN.as_microsecond()..=Timestamp::MAX.as_microsecond();
    // the infinite ones lie beyond
    let at = microseconds.checked_add(EPOCH_MICROSECONDS).filter(|at| instants.contains(at));
    at.ok_or_else(timestamp_out_of_range)
}

/// An instant as a PostgreSQL timestamp.
pub fn microseconds(instant: Timestamp) -> i64 {
    instant.as_microsecond() - EPOCH_MICROSECONDS
}

/// The error for a type that does not serve an input.
fn wrong_type(slot: &InputSlot, found: Oid) -> Error {
    let accepted = match slot.kind {
        InputType::Number | InputType::Integer => {
            "smallint, integer, bigint, numeric, real or double precision"
        }
        InputType::Text => "text, varchar, char, citext or an enum",
        InputType::Boolean => "boolean",
        InputType::Date => "date, timestamp, timestamptz or text of an ISO 8601 date",
    };
    let name = &slot.name;
    let hint = match (slot.kind, category(found)) {
        (InputType::Number | InputType::Integer, _) if found == pg_sys::INTERVALOID => {
            format!("Count in a unit: extract(epoch FROM {name}) / 86400 gives days.")
        }
        (InputType::Number, _) if found == pg_sys::MONEYOID => format!("Cast it: {name}::numeric."),
        (InputType::Number, b'S') => format!("Cast it: {name}::numeric."),
        (InputType::Integer, b'S' | b'B') => format!("Cast it: {name}::integer."),
        (InputType::Boolean, b'S') => format!("Cast it: {name}::boolean."),
        (InputType::Boolean, _) if found == pg_sys::INT4OID => format!("Cast it: {name}::boolean."),
        (InputType::Date, b'N') => format!("Convert it: to_date({name}::text, 'YYYYMMDD')."),
        (InputType::Text, b'N' | b'B' | b'D' | b'U') => format!("Cast it: {name}::text."),
        // Every type by its name, so that the compiler asks about a new one.
        (
            InputType::Number | InputType::Integer | InputType::Boolean | InputType::Date | InputType::Text,
            _,
        ) => "Pass a column of such a type, or the whole row or jsonb object as the only input.".to_owned(),
    };
    Error::new(ErrorKind::WrongType, format!("type {} does not serve input {name:?}", type_name(found)))
        .detail(format!("The input is of type {} and takes {accepted}.", slot.kind.name()))
        .hint(hint)
}

/// The category of a type: N numeric, S string, B boolean, D date and time …
fn category(oid: Oid) -> u8 {
    let (mut category, mut preferred) = (0, false);
    // SAFETY: `oid` comes from the parser or a row descriptor, so the type exists.
    unsafe { pg_sys::get_type_category_preferred(oid, &mut category, &mut preferred) };
    category as u8
}

/// Whether values of the type are text in a varlena. (Others of the string category need not be.)
fn is_text(oid: Oid) -> bool {
    matches!(oid, pg_sys::TEXTOID | pg_sys::VARCHAROID | pg_sys::BPCHAROID) || is_citext(oid)
}

/// Whether it is the type of the extension citext, in whatever schema.
fn is_citext(oid: Oid) -> bool {
    category(oid) == b'S' && matches!(type_name(oid).rsplit('.').next(), Some("citext"))
}

/// Whether it is the extension's type of words: only the extension makes types in its schema.
fn is_word(oid: Oid) -> bool {
    // SAFETY: gives a palloc'ed C string, "???" for an unknown type.
    let name = unsafe {
        CStr::from_ptr(pg_sys::format_type_extended(oid, -1, pg_sys::FORMAT_TYPE_FORCE_QUALIFY as u16))
    };
    name == c"tiering.word"
}

/// The name of a type as SQL writes it.
fn type_name(oid: Oid) -> String {
    // SAFETY: format_type_be gives a palloc'ed C string, "???" for an unknown type.
    unsafe { CStr::from_ptr(pg_sys::format_type_be(oid)) }.to_string_lossy().into_owned()
}
