//! Inputs out of one jsonb object, by name.

use core::cmp::Ordering;

use customer_tiering_engine::grade::Sheet;
use customer_tiering_engine::grade::value::{InputSlot, Value};
use customer_tiering_engine::scheme::InputType;
use customer_tiering_engine::study::Cells;
use customer_tiering_engine::study::cells::{BEYOND, Scale, short_key};
use customer_tiering_engine::time::date::iso_day;
use customer_tiering_engine::{Compiled, Error, ErrorKind, Result};
use pgrx::pg_sys::{self, Datum, jbvType};

use crate::grading::reader;
use crate::pg::call::{payload, utf8};
use crate::pg::memory::prefetch;
use crate::pg::numeric;

// Declared here because the bindings of pgrx set up a `sigsetjmp` for every call, which costs more than
// the work. It raises no error as it is used here: see the call.
unsafe extern "C" {
    fn getKeyJsonValueFromContainer(
        container: *mut pg_sys::JsonbContainer,
        key: *const core::ffi::c_char,
        length: i32,
        result: *mut pg_sys::JsonbValue,
    ) -> *mut pg_sys::JsonbValue;
}

/// The names of the inputs, as an object has its keys: by length, then by their bytes.
pub struct Object(Vec<Name>);

struct Name {
    name: Box<[u8]>,
    input: usize,
    /// The share of an input that is not there.
    missing: u32,
}

// An object: a word with its flags and the number of its pairs; a word for each key, then one for each value, with its
// kind and length; the keys, then the values (src/include/utils/jsonb.h; unchanged from PostgreSQL 9.4 to 18, since
// values on disk have it). Every so many words, there is where the part ends in place of its length.
const COUNT: u32 = pg_sys::JB_CMASK;
const END: u32 = pg_sys::JENTRY_HAS_OFF;
const KIND: u32 = pg_sys::JENTRY_TYPEMASK;
const LENGTH: u32 = pg_sys::JENTRY_OFFLENMASK;

/// The parts of an object, one after the other.
struct Parts<'o> {
    words: &'o [[u8; 4]],
    bytes: &'o [u8],
    at: usize,
}

impl<'o> Parts<'o> {
    /// The kind and the bytes of the next part.
    #[inline(always)]
    fn next(&mut self) -> Option<(u32, &'o [u8])> {
        let (word, rest) = self.words.split_first()?;
        self.words = rest;
        let word = u32::from_ne_bytes(*word);
        let from = self.at;
        self.at = (if word & END == 0 { from } else { 0 }) + (word & LENGTH) as usize;
        Some((word & KIND, self.bytes.get(from..self.at)?))
    }
}

/// As the keys of objects ascend: by length, then by their bytes. Those of most are compared without a call.
#[inline(always)]
fn order(name: &[u8], key: &[u8]) -> Ordering {
    let length = name.len().cmp(&key.len());
    if length != Ordering::Equal {
        return length;
    }
    let word = |chunk: &[u8; 8]| u64::from_be_bytes(*chunk);
    match (name.first_chunk(), key.first_chunk(), name.last_chunk(), key.last_chunk()) {
        (Some(name_begin), Some(key_begin), Some(name_end), Some(key_end)) if name.len() <= 16 => {
            (word(name_begin), word(name_end)).cmp(&(word(key_begin), word(key_end)))
        }
        _ => name.cmp(key),
    }
}

impl Object {
    /// For the inputs of a scheme.
    pub fn new(scheme: &Compiled) -> Self {
        let named = scheme.inputs.iter().enumerate();
        let named =
            named.map(|(input, slot)| Name { name: slot.name.as_bytes().into(), input, missing: BEYOND });
        let mut names: Vec<Name> = named.collect();
        names.sort_unstable_by(|one, other| order(&one.name, &other.name));
        Object(names)
    }

    /// Takes up a table of tiers for [`Object::place`].
    pub fn tabulate(&mut self, cells: &Cells) {
        for name in &mut self.0 {
            name.missing = cells.axis(name.input).missing;
        }
    }

    /// The place of the customer in a table of tiers; `None`, or one beyond the table, if grading must say. Keys and
    /// names ascend, so that one pass over the keys finds all of them.
    ///
    /// # Safety
    ///
    /// `datum` is a jsonb value.
    pub unsafe fn place(&self, scheme: &Compiled, cells: &Cells, datum: Datum) -> Option<u32> {
        // SAFETY: the caller vouches for the type; the container is the payload of the varlena.
        let object = unsafe {
            let container = container_of(datum).cast::<u8>();
            let size = pgrx::varlena::varsize_4b(container.sub(HEADER).cast()).checked_sub(HEADER)?;
            // keys and values are waited for together, not one after the other
            prefetch(container, size.min(PREFETCHED));
            core::slice::from_raw_parts(container, size)
        };
        let (header, rest) = object.split_first_chunk()?;
        let header = u32::from_ne_bytes(*header);
        let count = (header & COUNT) as usize;
        if header & pg_sys::JB_FOBJECT == 0 || count > MANY {
            return None;
        }
        let (words, bytes) = rest.split_at_checked(8 * count)?;
        let mut parts = Parts { words: words.as_chunks().0, bytes, at: 0 };
        let mut found = [u8::MAX; MANY];
        let mut names = self.0.iter().enumerate().peekable();
        let (mut place, mut none) = (0, true);
        for found in &mut found[..count] {
            let (_, key) = parts.next()?;
            while let Some((index, Name { name, missing, .. })) = names.peek() {
                match order(name, key) {
                    Ordering::Less => place += *missing,
                    Ordering::Equal => (*found, none) = (u8::try_from(*index).ok()?, false),
                    Ordering::Greater => break,
                }
                names.next();
            }
        }
        place += names.map(|(_, name)| name.missing).sum::<u32>();
        if none {
            return None;
        }
        for found in &found[..count] {
            let value = parts.next()?;
            if let Some(name) = self.0.get(usize::from(*found)) {
                // SAFETY: the part is that of a value of the object.
                place += unsafe { share(scheme, cells, name.input, value, parts.bytes) }?;
            }
        }
        Some(place)
    }
}

/// Objects of more pairs are searched for each key.
const MANY: usize = 64;

/// So much of an object is asked of memory at once.
const PREFETCHED: usize = 512;

/// The header of a varlena that is not toasted.
const HEADER: usize = 4;

/// The share of a value of an object; `None` if grading must say.
///
/// # Safety
///
/// The kind and the bytes are those of a value of an object, the bytes among `all` of the keys and values.
#[inline(always)]
unsafe fn share(
    scheme: &Compiled,
    cells: &Cells,
    input: usize,
    (kind, bytes): (u32, &[u8]),
    all: &[u8],
) -> Option<u32> {
    let axis = cells.axis(input);
    match (kind, &axis.scale) {
        (pg_sys::JENTRY_ISNULL, _) => Some(axis.missing),
        (pg_sys::JENTRY_ISSTRING, Scale::Texts(texts)) => Some(texts.share(bytes)),
        (pg_sys::JENTRY_ISSTRING, Scale::Days(days)) => iso_day(bytes).map(|day| days.share(day)),
        (pg_sys::JENTRY_ISBOOL_FALSE, Scale::Boolean { no, .. }) => Some(*no),
        (pg_sys::JENTRY_ISBOOL_TRUE, Scale::Boolean { yes, .. }) => Some(*yes),
        (pg_sys::JENTRY_ISNUMERIC, Scale::Numbers(numbers)) => {
            // a numeric is aligned
            let from = bytes.as_ptr() as usize - all.as_ptr() as usize;
            let bytes = bytes.get(from.next_multiple_of(4) - from..)?;
            // SAFETY: a whole numeric, as the server has put it there.
            let payload = unsafe { payload(Datum::from(bytes.as_ptr())) };
            if let (Some(steps), Some((negative, units, beyond))) = (&numbers.short, numeric::short(payload))
            {
                return Some(steps.share(short_key(negative, units, beyond)));
            }
            let value = reader::number(&scheme.inputs[input], numeric::read(payload)).ok()?;
            Some(axis.share(value))
        }
        _ => None,
    }
}

/// The text of an input, if the object has it.
///
/// # Safety
///
/// `datum` is a jsonb object that was read, in which the input is a string.
pub unsafe fn text(datum: Datum, slot: &InputSlot, word: &mut Vec<u8>) {
    // SAFETY: the caller vouches for the type.
    unsafe {
        let mut found = pg_sys::JsonbValue::default();
        if !find_in_jsonb(container_of(datum), slot, &mut found).is_null() {
            word.extend_from_slice(string_of(&found));
        }
    }
}

/// # Safety
///
/// `datum` is a jsonb value.
unsafe fn container_of(datum: Datum) -> *mut pg_sys::JsonbContainer {
    // SAFETY: a jsonb is a varlena whose payload is a container, aligned once it has a four-byte
    // header, which pg_detoast_datum makes sure of.
    unsafe {
        let pointer = datum.cast_mut_ptr::<pg_sys::varlena>();
        let pointer =
            if pgrx::varlena::varatt_is_4b_u(pointer) { pointer } else { pg_sys::pg_detoast_datum(pointer) };
        pgrx::varlena::vardata_any(pointer).cast_mut().cast()
    }
}

/// The value of an input, if the object has it.
///
/// # Safety
///
/// The container is that of a jsonb object.
unsafe fn find_in_jsonb(
    container: *mut pg_sys::JsonbContainer,
    slot: &InputSlot,
    found: &mut pg_sys::JsonbValue,
) -> *mut pg_sys::JsonbValue {
    // SAFETY: given room for the result, it searches in place and raises nothing.
    unsafe {
        getKeyJsonValueFromContainer(container, slot.name.as_ptr().cast(), slot.name.len() as i32, found)
    }
}

/// # Safety
///
/// `found` is a string of a container that is still there.
unsafe fn string_of(found: &pg_sys::JsonbValue) -> &[u8] {
    // SAFETY: the caller vouches for the member of the union.
    unsafe {
        let string = found.val.string;
        core::slice::from_raw_parts(string.val.cast::<u8>(), string.len as usize)
    }
}

/// # Safety
///
/// `datum` is a jsonb value.
pub unsafe fn fill(scheme: &Compiled, sheet: &mut Sheet, datum: Datum) -> Result<()> {
    // SAFETY: the caller vouches for the type.
    unsafe {
        let container = container_of(datum);
        if (*container).header & pg_sys::JB_FOBJECT == 0 {
            return Err(Error::invalid("inputs are not a jsonb object")
                .hint("Pass an object with the inputs by name, such as {\"demand\": \"explicit\"}."));
        }
        let mut none = true;
        for (place, slot) in scheme.inputs.iter().enumerate() {
            let mut found = pg_sys::JsonbValue::default();
            let value = find_in_jsonb(container, slot, &mut found);
            none &= value.is_null();
            sheet.slots[place] =
                if value.is_null() { Value::Missing } else { json_value(scheme, slot, &found)? };
        }
        // A key left out is a missing value, but an object that has something, and none of it ours, is
        // a mistake.
        if none && (*container).header & pg_sys::JB_CMASK != 0 {
            let names: Vec<&str> = scheme.inputs.iter().map(|slot| slot.name.as_str()).collect();
            return Err(Error::new(ErrorKind::UndefinedColumn, "the jsonb object has none of the inputs")
                .detail(format!("The scheme takes: {}.", names.join(", ")))
                .hint("Keys are compared letter by letter; rename them with jsonb_build_object()."));
        }
    }
    Ok(())
}

/// # Safety
///
/// `found` was filled by a jsonb function, from a container that is still there.
unsafe fn json_value(scheme: &Compiled, slot: &InputSlot, found: &pg_sys::JsonbValue) -> Result<Value> {
    // SAFETY: the tag says which member of the union is set.
    unsafe {
        if found.type_ == jbvType::jbvNull {
            return Ok(Value::Missing);
        }
        let string = || string_of(found);
        match slot.kind {
            InputType::Number | InputType::Integer if found.type_ == jbvType::jbvNumeric => {
                reader::number(slot, numeric::read(payload(Datum::from(found.val.numeric))))
            }
            InputType::Boolean if found.type_ == jbvType::jbvBool => Ok(Value::Boolean(found.val.boolean)),
            InputType::Text if found.type_ == jbvType::jbvString => slot.text(string()),
            InputType::Date if found.type_ == jbvType::jbvString => {
                reader::date_text(scheme, slot, utf8(string()))
            }
            // Every type by its name, so that the compiler asks about a new one.
            InputType::Number
            | InputType::Integer
            | InputType::Boolean
            | InputType::Text
            | InputType::Date => Err(wrong_json(slot, found.type_)),
        }
    }
}

fn wrong_json(slot: &InputSlot, found: jbvType::Type) -> Error {
    let found = match found {
        jbvType::jbvString => "a JSON string",
        jbvType::jbvNumeric => "a JSON number",
        jbvType::jbvBool => "a JSON boolean",
        _ => "a JSON array or object",
    };
    let (expected, example) = match slot.kind {
        InputType::Number => ("a JSON number", "12.5"),
        InputType::Integer => ("a JSON number", "12"),
        InputType::Boolean => ("a JSON boolean", "true"),
        InputType::Text => ("a JSON string", "\"explicit\""),
        InputType::Date => ("a JSON string with an ISO 8601 date", "\"2026-01-31\""),
    };
    Error::new(ErrorKind::WrongType, format!("{found} does not serve input {:?}", slot.name))
        .detail(format!("The input is of type {} and takes {expected}.", slot.kind.name()))
        .hint(format!("Write {{\"{}\": {example}}}.", slot.name))
        .finding("wrong type")
}
