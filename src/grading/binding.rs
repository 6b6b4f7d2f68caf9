//! How the arguments of a call bind to the inputs of a scheme: one by one in order, or all of them
//! from one row or one jsonb object by name.

use core::ffi::CStr;

use customer_tiering_engine::grade::Sheet;
use customer_tiering_engine::grade::value::{InputSlot, OTHER_TEXT, Value};
use customer_tiering_engine::scheme::InputType;
use customer_tiering_engine::{Compiled, Error, ErrorKind, Result};
use pgrx::pg_sys::{self, Datum, Oid, jbvType};
use serde_json::Value as Json;

use crate::grading::reader::{self, Reader};
use crate::grading::reading;
use crate::pg::call::{Call, payload, utf8};
use crate::pg::numeric;
use crate::pg::row::{self, RowType};

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

/// The form in which inputs arrive at a call site.
pub enum Binding {
    /// One argument per input.
    Positional(Vec<Reader>),
    /// One row; bound to its columns when the first one comes.
    Row(Option<RowBinding>),
    /// One jsonb object.
    Jsonb,
    /// The bytes that `tiering.reading()` has made of the inputs.
    Reading,
}

impl Binding {
    /// Binds the arguments from `first` on, by their number and types.
    pub fn new(call: &Call, first: usize, scheme: &Compiled) -> Result<Binding> {
        if call.is_variadic_array() {
            return Err(Error::new(ErrorKind::NotSupported, "inputs cannot be passed as a VARIADIC array")
                .detail("The elements of an array are all of one type, inputs are not.")
                .hint("Pass them one by one, as one row, or as one jsonb object."));
        }
        let given = call.count() - first;
        if given == 1 {
            let oid = call.arg_type(first);
            if oid == pg_sys::BYTEAOID {
                return Ok(Binding::Reading);
            }
            // SAFETY: syscache look-ups.
            let base = unsafe { pg_sys::getBaseType(oid) };
            if base == pg_sys::JSONBOID {
                return Ok(Binding::Jsonb);
            }
            if base == pg_sys::JSONOID {
                return Err(Error::new(ErrorKind::WrongType, "inputs cannot be passed as json")
                    .detail("A jsonb object is read in place, a json text would be parsed for every row.")
                    .hint("Cast it: value::jsonb."));
            }
            // SAFETY: as above.
            if unsafe { pg_sys::type_is_rowtype(base) } {
                return Ok(Binding::Row(None));
            }
        }
        if given != scheme.inputs.len() {
            let inputs: Vec<String> =
                scheme.inputs.iter().map(|slot| format!("{} {}", slot.name, slot.kind.name())).collect();
            return Err(Error::invalid(format!(
                "scheme {:?} takes {} input{}, {given} given",
                scheme.name(),
                scheme.inputs.len(),
                if scheme.inputs.len() == 1 { "" } else { "s" }
            ))
            .detail(format!("In this order: {}.", inputs.join(", ")))
            .hint("Pass them all in this order, or one row or one jsonb object that has them by name."));
        }
        let readers = scheme.inputs.iter().enumerate();
        readers
            .map(|(place, slot)| Reader::new(slot, call.arg_type(first + place)))
            .collect::<Result<_>>()
            .map(Binding::Positional)
    }

    /// Whether the binding depends on the definition of a table.
    pub fn is_row(&self) -> bool {
        matches!(self, Binding::Row(_))
    }

    /// Fills the slots from the arguments. False if there is no customer: the row or object is NULL.
    #[inline]
    pub fn fill(&mut self, call: &Call, first: usize, scheme: &Compiled, sheet: &mut Sheet) -> Result<bool> {
        if let Binding::Positional(readers) = self {
            for (place, (slot, reader)) in scheme.inputs.iter().zip(readers).enumerate() {
                let value = &mut sheet.slots[place];
                match call.arg(first + place) {
                    // SAFETY: the reader was made for the type of this argument.
                    Some(datum) => unsafe { reader.read_into(scheme, slot, datum, value) }?,
                    None => *value = Value::Missing,
                }
            }
            return Ok(true);
        }
        let Some(datum) = call.arg(first) else { return Ok(false) };
        match self {
            // SAFETY: the type of the argument was looked at.
            Binding::Row(row) => unsafe {
                RowBinding::bound(row, scheme, datum)?.fill(scheme, sheet, datum)?
            },
            Binding::Reading => reading::fill(call.bytes(first).unwrap_or_default(), scheme, sheet)?,
            // SAFETY: as above.
            _ => unsafe { fill_from_jsonb(scheme, sheet, datum)? },
        }
        Ok(true)
    }

    /// The first input whose argument cannot be read; known for inputs that come one by one.
    #[cold]
    pub fn unreadable(&self, call: &Call, first: usize, scheme: &Compiled) -> Option<usize> {
        let Binding::Positional(readers) = self else { return None };
        scheme.inputs.iter().zip(readers).enumerate().find_map(|(place, (slot, reader))| {
            let datum = call.arg(first + place)?;
            // SAFETY: the reader was made for the type of this argument.
            unsafe { reader.read(scheme, slot, datum) }.is_err().then_some(place)
        })
    }

    /// Reads the texts of some inputs into the words of the sheet, where the scheme does not name them. Called after
    /// [`Binding::fill`].
    pub fn words(
        &self,
        call: &Call,
        first: usize,
        scheme: &Compiled,
        inputs: impl Iterator<Item = usize>,
        sheet: &mut Sheet,
    ) -> Result<()> {
        for place in inputs.filter(|place| sheet.slots[*place] == Value::Text(OTHER_TEXT)) {
            let word = &mut sheet.words[place];
            match self {
                Binding::Positional(readers) => match call.arg(first + place) {
                    // SAFETY: the reader was made for the type of this argument.
                    Some(datum) => unsafe { readers[place].read_text(datum, word) }?,
                    None => word.clear(),
                },
                Binding::Row(row) => {
                    let column = row.as_ref().map(|row| &row.columns[place]);
                    match column.and_then(|column| Some((column, column.value?))) {
                        // SAFETY: the value is of the row that was read just now, by this reader.
                        Some((column, value)) => unsafe { column.reader.read_text(value, word) }?,
                        None => word.clear(),
                    }
                }
                Binding::Reading => {
                    reading::word(call.bytes(first).unwrap_or_default(), scheme, place, word)?;
                }
                Binding::Jsonb => {
                    word.clear();
                    if let Some(datum) = call.arg(first) {
                        // SAFETY: the type of the argument was looked at; a text is a string there.
                        unsafe {
                            let mut found = pg_sys::JsonbValue::default();
                            if !find_in_jsonb(container_of(datum), &scheme.inputs[place], &mut found)
                                .is_null()
                            {
                                word.extend_from_slice(string_of(&found));
                            }
                        }
                    }
                }
            }
        }
        Ok(())
    }

    /// The inputs as they came, for an explanation. Called after [`Binding::fill`].
    pub fn given(&self, call: &Call, first: usize, scheme: &Compiled) -> Result<Vec<Json>> {
        Ok(match self {
            Binding::Positional(_) => (0..scheme.inputs.len())
                // SAFETY: value and type of one argument.
                .map(|place| unsafe { shown(call.arg(first + place), call.arg_type(first + place)) })
                .collect(),
            Binding::Row(row) => row.as_ref().map_or_else(Vec::new, RowBinding::given),
            Binding::Reading => {
                return Err(Error::new(ErrorKind::NotSupported, "a reading cannot be explained")
                    .hint("Pass the inputs themselves."));
            }
            Binding::Jsonb => {
                let object = call.jsonb(first)?.unwrap_or(Json::Null);
                scheme
                    .inputs
                    .iter()
                    .map(|slot| object.get(&slot.name).cloned().unwrap_or(Json::Null))
                    .collect()
            }
        })
    }
}

struct Column {
    attribute: usize,
    oid: Oid,
    reader: Reader,
    /// What the last row has there.
    value: Option<Datum>,
}

/// The columns of a row type that serve the inputs.
pub struct RowBinding {
    row_type: RowType,
    columns: Vec<Column>,
    /// How many columns of a row are walked over to reach the last that serves.
    width: usize,
}

impl RowBinding {
    /// The binding for rows of the type of this one, as that type is now: it may have been altered since the
    /// last row, by a function that the same statement calls.
    ///
    /// # Safety
    ///
    /// `datum` is a composite value.
    #[inline]
    unsafe fn bound<'b>(
        binding: &'b mut Option<RowBinding>,
        scheme: &Compiled,
        datum: Datum,
    ) -> Result<&'b mut RowBinding> {
        // SAFETY: passed on to the caller.
        let identity = unsafe { row::identity(datum) };
        if !binding.as_ref().is_some_and(|known| known.row_type.is(identity)) {
            let before = binding.take().map(|known| known.row_type);
            *binding = Some(RowBinding::new(scheme, RowType::look_up(identity, before.as_ref())?)?);
        }
        match binding {
            Some(known) => Ok(known),
            None => unreachable!("it was bound just now"),
        }
    }

    #[cold]
    fn new(scheme: &Compiled, row_type: RowType) -> Result<RowBinding> {
        let names = row_type.columns();
        let mut columns = Vec::with_capacity(scheme.inputs.len());
        for slot in &scheme.inputs {
            let mut bearers = (0..names.len()).filter(|&attribute| names[attribute].0 == slot.name);
            let Some(attribute) = bearers.next() else { return Err(no_column(slot, &names)) };
            if bearers.next().is_some() {
                let message = format!("the row has several columns {:?}", slot.name);
                return Err(Error::new(ErrorKind::AmbiguousColumn, message)
                    .hint("Name the columns of the subselect apart; a.* beside a column of its own is a usual cause."));
            }
            let oid = names[attribute].1;
            columns.push(Column { attribute, oid, reader: Reader::new(slot, oid)?, value: None });
        }
        let width = columns.iter().map(|column| column.attribute + 1).max().unwrap_or(0);
        drop(names);
        Ok(RowBinding { row_type, columns, width })
    }

    /// # Safety
    ///
    /// `datum` is a composite value of the type bound.
    unsafe fn fill(&mut self, scheme: &Compiled, sheet: &mut Sheet, datum: Datum) -> Result<()> {
        // SAFETY: passed on to the caller.
        let values = unsafe { self.row_type.values(datum, self.width) }?;
        for (place, (slot, column)) in scheme.inputs.iter().zip(&mut self.columns).enumerate() {
            column.value = values[column.attribute];
            let value = &mut sheet.slots[place];
            match column.value {
                None => *value = Value::Missing,
                // SAFETY: the reader was made for the type that the column has now.
                Some(datum) => unsafe { column.reader.read_into(scheme, slot, datum, value) }?,
            }
        }
        Ok(())
    }

    fn given(&self) -> Vec<Json> {
        // SAFETY: value and type of one column of the row that was read just now.
        self.columns.iter().map(|column| unsafe { shown(column.value, column.oid) }).collect()
    }
}

fn no_column(slot: &InputSlot, names: &[(&str, Oid)]) -> Error {
    let columns: Vec<&str> = names.iter().map(|(name, _)| *name).filter(|name| !name.is_empty()).collect();
    Error::new(ErrorKind::UndefinedColumn, format!("the row has no column {:?}", slot.name))
        .detail(format!("Its columns are {}; the scheme needs {:?} as {}.", columns.join(", "), slot.name, slot.kind.name()))
        .hint(format!(
            "Rename in a subselect: SELECT tiering.customer_tier('…', r) FROM (SELECT your_column AS {}, … FROM …) r.",
            slot.name
        ))
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
unsafe fn fill_from_jsonb(scheme: &Compiled, sheet: &mut Sheet, datum: Datum) -> Result<()> {
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

/// A value as JSON, the way its type prints it.
///
/// # Safety
///
/// `datum` is of type `oid`.
unsafe fn shown(datum: Option<Datum>, oid: Oid) -> Json {
    let Some(datum) = datum else { return Json::Null };
    // SAFETY: value and type belong together.
    unsafe {
        let text = if oid == pg_sys::UNKNOWNOID {
            CStr::from_ptr(datum.cast_mut_ptr()).to_string_lossy().into_owned()
        } else {
            let (mut output, mut is_varlena) = (pg_sys::InvalidOid, false);
            pg_sys::getTypeOutputInfo(oid, &mut output, &mut is_varlena);
            CStr::from_ptr(pg_sys::OidOutputFunctionCall(output, datum)).to_string_lossy().into_owned()
        };
        match pg_sys::getBaseType(oid) {
            pg_sys::BOOLOID => Json::Bool(text == "t"),
            pg_sys::INT2OID
            | pg_sys::INT4OID
            | pg_sys::INT8OID
            | pg_sys::FLOAT4OID
            | pg_sys::FLOAT8OID
            | pg_sys::NUMERICOID => text.parse().map_or(Json::String(text), Json::Number),
            _ => Json::String(text),
        }
    }
}
