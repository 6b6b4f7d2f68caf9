//! How the arguments of a call bind to the inputs of a scheme: one by one in order, or all of them
//! from one row or one jsonb object by name.

use core::ffi::CStr;

use customer_tiering_engine::grade::Sheet;
use customer_tiering_engine::grade::value::{InputSlot, OTHER_TEXT, Value};
use customer_tiering_engine::study::Cells;
use customer_tiering_engine::study::cells::Axis;
use customer_tiering_engine::{Compiled, Error, ErrorKind, Result};
use pgrx::pg_sys::{self, Datum, Oid};
use serde_json::Value as Json;

use crate::grading::object::{self, Object};
use crate::grading::probe::Probe;
use crate::grading::reader::Reader;
use crate::grading::reading;
use crate::grading::row_taken_apart;
use crate::pg::call::Call;
use crate::pg::row::{self, RowType};

/// The form in which inputs arrive at a call site.
pub enum Binding {
    /// One argument per input.
    Arguments(Vec<Argument>),
    /// One row; bound to its columns when the first one comes.
    Row(Option<RowBinding>),
    /// One jsonb object.
    Jsonb(Object),
    /// The bytes that `tiering.reading()` has made of the inputs.
    Reading,
}

/// The argument that serves an input.
pub struct Argument {
    /// Its place among the arguments of the call.
    place: usize,
    reader: Reader,
    probe: Probe,
}

impl Argument {
    fn new(call: &Call, place: usize, slot: &InputSlot) -> Result<Argument> {
        Ok(Argument { place, reader: Reader::new(slot, call.arg_type(place))?, probe: Probe::default() })
    }
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
                return Ok(Binding::Jsonb(Object::new(scheme)));
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
        if let Some(names) = row_taken_apart::names(call, first) {
            let names: Vec<(&str, Oid)> = names
                .iter()
                .enumerate()
                .map(|(column, name)| (name.as_str(), call.arg_type(first + 1 + column)))
                .collect();
            let arguments = scheme
                .inputs
                .iter()
                .map(|slot| Argument::new(call, first + 1 + column_of(slot, &names)?, slot));
            return arguments.collect::<Result<_>>().map(Binding::Arguments);
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
        let arguments = scheme.inputs.iter().enumerate();
        arguments
            .map(|(input, slot)| Argument::new(call, first + input, slot))
            .collect::<Result<_>>()
            .map(Binding::Arguments)
    }

    /// Whether the binding depends on the definition of a table.
    pub fn is_row(&self) -> bool {
        matches!(self, Binding::Row(_))
    }

    /// Fills the slots from the arguments. False if there is no customer: the row or object is NULL.
    #[inline]
    pub fn fill(&mut self, call: &Call, first: usize, scheme: &Compiled, sheet: &mut Sheet) -> Result<bool> {
        if let Binding::Arguments(arguments) = self {
            for ((slot, argument), value) in scheme.inputs.iter().zip(arguments).zip(&mut sheet.slots) {
                match call.arg(argument.place) {
                    // SAFETY: the reader was made for the type of this argument.
                    Some(datum) => unsafe { argument.reader.read_into(scheme, slot, datum, value) }?,
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
            _ => unsafe { object::fill(scheme, sheet, datum)? },
        }
        Ok(true)
    }

    /// Takes up a table of tiers for [`Binding::place`].
    pub fn tabulate(&mut self, cells: &Cells) {
        match self {
            Binding::Arguments(arguments) => {
                for (input, argument) in arguments.iter_mut().enumerate() {
                    argument.probe = Probe::new(&argument.reader, cells.axis(input));
                }
            }
            Binding::Row(Some(row)) => {
                for (input, column) in row.columns.iter_mut().enumerate() {
                    column.probe = Probe::new(&column.reader, cells.axis(input));
                }
            }
            Binding::Jsonb(object) => object.tabulate(cells),
            Binding::Row(None) | Binding::Reading => {}
        }
    }

    /// The place of the customer in a table of tiers; `None`, or one beyond the table, if grading must say.
    #[inline]
    pub fn place(&mut self, call: &Call, first: usize, scheme: &Compiled, cells: &Cells) -> Option<u32> {
        match self {
            Binding::Arguments(arguments) => {
                let mut place = 0;
                for (input, Argument { place: argument, reader, probe }) in arguments.iter().enumerate() {
                    // SAFETY: reader and probe were made for the type of this argument.
                    place += unsafe { probe.share(call.arg(*argument), reader, scheme, cells, input) };
                }
                Some(place)
            }
            // SAFETY: the type of the argument was looked at.
            Binding::Row(Some(row)) => unsafe { row.place(scheme, cells, call.arg(first)?) },
            // SAFETY: as above.
            Binding::Jsonb(object) => unsafe { object.place(scheme, cells, call.arg(first)?) },
            Binding::Row(None) | Binding::Reading => None,
        }
    }

    /// The same for inputs that come one by one, straight from their datums.
    #[inline(always)]
    pub fn quick_place(&self, call: &Call) -> Option<u32> {
        let Binding::Arguments(arguments) = self else { return None };
        let mut place = 0;
        for argument in arguments {
            // SAFETY: the probe was made for the type of this argument.
            place += unsafe { argument.probe.quick(call.arg(argument.place)) }?;
        }
        Some(place)
    }

    /// What finds bins straight from arguments that come one by one, with their places; `None` if some values have to be read anyway.
    pub fn probes(&self, axes: &[(usize, Axis)]) -> Option<Vec<(usize, Probe)>> {
        let Binding::Arguments(arguments) = self else { return None };
        let probe = |(input, axis): &(usize, Axis)| {
            let argument = &arguments[*input];
            (argument.place, Probe::new(&argument.reader, axis))
        };
        let probes: Vec<(usize, Probe)> = axes.iter().map(probe).collect();
        probes.iter().all(|(_, probe)| probe.is_quick()).then_some(probes)
    }

    /// The inputs as numbers straight from arguments that come one by one; false if a value is missing, or has to be read, or looked at.
    #[inline]
    pub fn numbers(&self, call: &Call, scheme: &Compiled, numbers: &mut [f64]) -> bool {
        let Binding::Arguments(arguments) = self else { return false };
        let mut all = scheme.inputs.iter().zip(arguments).zip(numbers);
        all.all(|((slot, argument), number)| {
            // SAFETY: the reader was made for the type of this argument.
            let known =
                call.arg(argument.place).and_then(|datum| unsafe { argument.reader.quick(slot, datum) });
            known.is_some_and(|known| {
                *number = known;
                true
            })
        })
    }

    /// The first input whose argument cannot be read; known for inputs that come one by one.
    #[cold]
    pub fn unreadable(&self, call: &Call, scheme: &Compiled) -> Option<usize> {
        let Binding::Arguments(arguments) = self else { return None };
        scheme.inputs.iter().zip(arguments).position(|(slot, argument)| {
            // SAFETY: the reader was made for the type of this argument.
            call.arg(argument.place)
                .is_some_and(|datum| unsafe { argument.reader.read(scheme, slot, datum) }.is_err())
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
                Binding::Arguments(arguments) => match call.arg(arguments[place].place) {
                    // SAFETY: the reader was made for the type of this argument.
                    Some(datum) => unsafe { arguments[place].reader.read_text(datum, word) }?,
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
                Binding::Jsonb(_) => {
                    word.clear();
                    if let Some(datum) = call.arg(first) {
                        // SAFETY: the type of the argument was looked at; a text is a string there.
                        unsafe { object::text(datum, &scheme.inputs[place], word) };
                    }
                }
            }
        }
        Ok(())
    }

    /// The inputs as they came, for an explanation. Called after [`Binding::fill`].
    pub fn given(&self, call: &Call, first: usize, scheme: &Compiled) -> Result<Vec<Json>> {
        Ok(match self {
            Binding::Arguments(arguments) => arguments
                .iter()
                // SAFETY: value and type of one argument.
                .map(|argument| unsafe { shown(call.arg(argument.place), call.arg_type(argument.place)) })
                .collect(),
            Binding::Row(row) => row.as_ref().map_or_else(Vec::new, RowBinding::given),
            Binding::Reading => {
                return Err(Error::new(ErrorKind::NotSupported, "a reading cannot be explained")
                    .hint("Pass the inputs themselves."));
            }
            Binding::Jsonb(_) => {
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
    probe: Probe,
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
            let attribute = column_of(slot, &names)?;
            let oid = names[attribute].1;
            columns.push(Column {
                attribute,
                oid,
                reader: Reader::new(slot, oid)?,
                probe: Probe::default(),
                value: None,
            });
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

    /// As [`Binding::place`].
    ///
    /// # Safety
    ///
    /// `datum` is a composite value.
    #[inline]
    unsafe fn place(&mut self, scheme: &Compiled, cells: &Cells, datum: Datum) -> Option<u32> {
        // SAFETY: passed on to the caller; a row of another type than the one that is bound is not looked at.
        unsafe {
            if !self.row_type.is(row::identity(datum)) {
                return None;
            }
            let values = self.row_type.values(datum, self.width).ok()?;
            let mut place = 0;
            for (input, Column { attribute, reader, probe, .. }) in self.columns.iter().enumerate() {
                place += probe.share(values[*attribute], reader, scheme, cells, input);
            }
            Some(place)
        }
    }

    fn given(&self) -> Vec<Json> {
        // SAFETY: value and type of one column of the row that was read just now.
        self.columns.iter().map(|column| unsafe { shown(column.value, column.oid) }).collect()
    }
}

/// Which of the columns of a row serves an input.
fn column_of(slot: &InputSlot, names: &[(&str, Oid)]) -> Result<usize> {
    let mut bearers = (0..names.len()).filter(|&column| names[column].0 == slot.name);
    let Some(column) = bearers.next() else { return Err(no_column(slot, names)) };
    match bearers.next() {
        None => Ok(column),
        Some(_) => {
            let message = format!("the row has several columns {:?}", slot.name);
            Err(Error::new(ErrorKind::AmbiguousColumn, message).hint(
                "Name the columns of the subselect apart; a.* beside a column of its own is a usual cause.",
            ))
        }
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
