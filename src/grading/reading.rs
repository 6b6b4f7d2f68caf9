//! What a customer has for a scheme, as bytes: the inputs as the scheme reads them, or the error of one that cannot be
//! read. Bytes are of a declared type, so that aggregates over them can be computed by servers that send parts of
//! aggregates, which know nothing of arguments of any type.

use std::rc::Rc;

use customer_tiering_engine::aggregate::codec::{Reader, Writer};
use customer_tiering_engine::grade::Sheet;
use customer_tiering_engine::grade::value::{InputSlot, OTHER_TEXT, Value};
use customer_tiering_engine::outcome::Waiting;
use customer_tiering_engine::{Compiled, Error, ErrorKind, Result};
use pgrx::IntoDatum;
use pgrx::pg_sys::Datum;

use crate::documents::lookup;
use crate::documents::stored::{Seen, Stored};
use crate::grading::binding::Binding;
use crate::pg::call::{Call, pg_function};

const TAG: u8 = b'i';
const WHAT: &str = "reading";

/// The kinds of errors that are of one row, in the order of their codes in bytes.
const OF_ONE_ROW: [ErrorKind; 6] = [
    ErrorKind::InvalidValue,
    ErrorKind::NotJson,
    ErrorKind::NumberOutOfRange,
    ErrorKind::DateOutOfRange,
    ErrorKind::MissingValue,
    ErrorKind::WrongType,
];

/// Beside the code of its kind: an error that is of no input, such as that of a weight.
const NO_INPUT: u8 = 0x80;

/// Whether an error says that a row cannot be graded, so that others can.
pub fn is_of_one_row(error: &Error) -> bool {
    OF_ONE_ROW.contains(&error.kind)
}

/// The error of a row as bytes.
pub fn error_bytes(tag: u8, error: &Error) -> Vec<u8> {
    let mut writer = Writer::new(tag);
    write_error(&mut writer, error);
    writer.finish()
}

/// The error of a row from bytes, and whether it is of an input.
pub fn error_from_bytes(tag: u8, bytes: &[u8]) -> Result<(Error, bool)> {
    let mut reader = Reader::new(bytes, tag, "error")?;
    let error = read_error(&mut reader)?;
    reader.finish()?;
    Ok(error)
}

fn write_error(writer: &mut Writer, error: &Error) {
    let kind = OF_ONE_ROW.iter().position(|kind| *kind == error.kind).unwrap_or(0) as u8;
    writer.byte(if error.finding.is_some() { kind } else { kind | NO_INPUT });
    let parts = [Some(&error.message), error.detail.as_ref(), error.hint.as_ref()];
    parts.into_iter().for_each(|part| writer.bytes(part.map_or(b"", |part| part.as_bytes())));
}

fn read_error(reader: &mut Reader) -> Result<(Error, bool)> {
    let code = reader.byte()?;
    let kind = *OF_ONE_ROW.get(usize::from(code & !NO_INPUT)).unwrap_or(&ErrorKind::InvalidValue);
    let [message, detail, hint] = [reader.text()?, reader.text()?, reader.text()?];
    let error = Error::new(kind, message);
    let error = if detail.is_empty() { error } else { error.detail(detail) };
    let error = if hint.is_empty() { error } else { error.hint(hint) };
    Ok((error, code & NO_INPUT == 0))
}

/// What stands before each value.
mod kind {
    pub const MISSING: u8 = 0;
    pub const EXACT: u8 = 1;
    pub const FLOAT: u8 = 2;
    /// One that the scheme names; any other only where texts are learned.
    pub const TEXT: u8 = 3;
    pub const OTHER_TEXT: u8 = 4;
    pub const FALSE: u8 = 5;
    pub const TRUE: u8 = 6;
    pub const DAY: u8 = 7;
    /// Instead of the values.
    pub const ERROR: u8 = 8;
}

fn write_value(writer: &mut Writer, slot: &InputSlot, value: Value, word: Option<&[u8]>) {
    match value {
        Value::Missing => writer.byte(kind::MISSING),
        Value::Exact(key) => {
            writer.byte(kind::EXACT);
            writer.signed(key);
        }
        Value::Float(value) => {
            writer.byte(kind::FLOAT);
            writer.float(value);
        }
        Value::Text(code) => match slot.known_text(code).map(str::as_bytes).or(word) {
            Some(text) => {
                writer.byte(kind::TEXT);
                writer.bytes(text);
            }
            None => writer.byte(kind::OTHER_TEXT),
        },
        Value::Boolean(value) => writer.byte(if value { kind::TRUE } else { kind::FALSE }),
        Value::Day(day) => {
            writer.byte(kind::DAY);
            writer.signed(i128::from(day));
        }
    }
}

/// A reading, past its head.
fn read(bytes: &[u8]) -> Result<Reader<'_>> {
    Reader::new(bytes, TAG, WHAT).map_err(|error| {
        error.or_hint("Pass what tiering.reading(document, inputs…) has made of the customer.")
    })
}

/// Fills the slots from the bytes of a reading.
pub fn fill(bytes: &[u8], scheme: &Compiled, sheet: &mut Sheet) -> Result<()> {
    let mut reader = read(bytes)?;
    let length = reader.length()?;
    for place in 0..length {
        let found = reader.byte()?;
        if found == kind::ERROR {
            // Told apart from an error of the bytes, which ends the query.
            return Err(read_error(&mut reader)?.0.finding("not readable"));
        }
        let slot = match scheme.inputs.get(place) {
            Some(slot) if length == scheme.inputs.len() => slot,
            _ => return Err(of_another_scheme(scheme)),
        };
        let value = match found {
            kind::MISSING => Value::Missing,
            kind::EXACT => slot.exact(reader.signed()?)?,
            kind::FLOAT => slot.float(reader.float()?)?,
            kind::TEXT => slot.text(reader.bytes()?)?,
            kind::OTHER_TEXT => Value::Text(OTHER_TEXT),
            kind::FALSE => Value::Boolean(false),
            kind::TRUE => Value::Boolean(true),
            kind::DAY => slot.day(reader.signed_fits()?)?,
            _ => return Err(reader.broken("a value is of no known kind")),
        };
        if !slot.takes(value) {
            return Err(of_another_scheme(scheme));
        }
        sheet.slots[place] = value;
    }
    if length != scheme.inputs.len() {
        return Err(of_another_scheme(scheme));
    }
    reader.finish()
}

/// The text of one input, which the scheme does not name. Called after [`fill`].
pub fn word(bytes: &[u8], scheme: &Compiled, place: usize, word: &mut Vec<u8>) -> Result<()> {
    let mut reader = read(bytes)?;
    reader.length()?;
    for _ in 0..place {
        match reader.byte()? {
            kind::EXACT | kind::DAY => drop(reader.signed()?),
            kind::FLOAT => drop(reader.float()?),
            kind::TEXT => drop(reader.bytes()?),
            _ => {}
        }
    }
    if reader.byte()? != kind::TEXT {
        return Err(of_another_scheme(scheme));
    }
    word.clear();
    word.extend_from_slice(reader.bytes()?);
    Ok(())
}

#[cold]
fn of_another_scheme(scheme: &Compiled) -> Error {
    Error::new(ErrorKind::BadBytes, format!("the reading is not one of scheme {:?}", scheme.name()))
        .detail("Number and types of its values are not those of the inputs.")
        .hint(
            "Pass the same scheme to both: tiering.fit_part(document, as_of, tiering.reading(document, …)).",
        )
}

/// What a call site that writes readings keeps between rows.
struct Writing {
    seen: Seen,
    compiled: Rc<Compiled>,
    binding: Binding,
    sheet: Sheet,
    /// The inputs whose texts are learned, so that each is told apart.
    learned: Vec<usize>,
}

/// (scheme, inputs…) → bytes.
fn reading(call: &mut Call) -> Result<Option<Datum>> {
    const FIRST_INPUT: usize = 1;
    let call = &*call;
    let Some(scheme) = call.arg(0) else { return Ok(None) };
    let place = call.site::<Option<Writing>>(|| None);
    let known = match place {
        // SAFETY: the SQL declaration says that it is a scheme.
        Some(site) => unsafe { site.seen.is(scheme) }?,
        None => false,
    };
    let site = match place {
        Some(site) if known => site,
        _ => {
            // SAFETY: as above.
            let stored = unsafe { Stored::from_datum(scheme) }?;
            let compiled = lookup::scheme(stored)?;
            place.insert(Writing {
                seen: Seen::new(stored.digest),
                binding: Binding::new(call, FIRST_INPUT, &compiled)?,
                sheet: compiled.sheet(),
                learned: Waiting::of(&compiled).texts(&compiled).collect(),
                compiled,
            })
        }
    };
    let mut writer = Writer::new(TAG);
    match site.binding.fill(call, FIRST_INPUT, &site.compiled, &mut site.sheet) {
        Ok(false) => return Ok(None),
        Ok(true) => {
            let learned = site.learned.iter().copied();
            site.binding.words(call, FIRST_INPUT, &site.compiled, learned, &mut site.sheet)?;
            writer.unsigned(site.compiled.inputs.len() as u128);
            for (place, slot) in site.compiled.inputs.iter().enumerate() {
                let word = site.learned.contains(&place).then(|| &site.sheet.words[place][..]);
                write_value(&mut writer, slot, site.sheet.slots[place], word);
            }
        }
        Err(error) if error.finding.is_some() && is_of_one_row(&error) => {
            writer.unsigned(1);
            writer.byte(kind::ERROR);
            write_error(&mut writer, &error);
        }
        Err(error) => return Err(error),
    }
    Ok(writer.finish().into_datum())
}
pg_function!(reading_of_customer, reading);
