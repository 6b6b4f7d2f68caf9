//! Which types serve inputs, and what is wrong with a value, by the very rules by which rows are read.

use customer_tiering_engine::document::text::Lang;
use customer_tiering_engine::grade::value::Value;
use customer_tiering_engine::number::float_key;
use customer_tiering_engine::scheme::InputType;
use customer_tiering_engine::study::mapping;
use customer_tiering_engine::{Compiled, Error, ErrorKind, Result};
use pgrx::pg_sys::{self, Datum, Oid, SysCacheIdentifier::TYPEOID};
use std::rc::Rc;

use crate::documents::lookup;
use crate::documents::stored::{Seen, Stored};
use crate::grading::reader::Reader;
use crate::pg::call::{Call, jsonb_datum, pg_function, text_datum};

/// (input type, regtype) → boolean; NULL if there is no such type.
fn type_serves(call: &mut Call) -> Result<Option<Datum>> {
    let (Some(kind), Some(oid)) = (call.text(0), call.get::<Oid>(1)) else { return Ok(None) };
    let Some(kind) = InputType::ALL.into_iter().find(|known| known.name() == kind) else {
        let names = InputType::ALL.map(InputType::name).join(", ");
        return Err(Error::invalid(format!("{kind:?} is no type of an input"))
            .hint(format!("The types of inputs are {names}.")));
    };
    // SAFETY: look-ups in the system cache, the second one of a type that exists.
    let base = unsafe {
        let null = Datum::null();
        if !pg_sys::SearchSysCacheExists(TYPEOID as i32, Datum::from(oid), null, null, null) {
            return Ok(None);
        }
        pg_sys::getBaseType(oid)
    };
    Ok(Some(Datum::from(Reader::serving(kind, base).is_some())))
}
pg_function!(type_serves);

/// (scheme, columns) → the column that resembles each input.
fn mapping_proposals(call: &mut Call) -> Result<Option<Datum>> {
    let (Some(document), Some(columns)) = (call.arg(0), call.jsonb(1)?) else { return Ok(None) };
    // SAFETY: the SQL declarations say that it is a scheme.
    let scheme = lookup::scheme(unsafe { Stored::from_datum(document) }?)?;
    let invalid =
        |error: serde_json::Error| Error::invalid("invalid list of columns").detail(format!("{error}."));
    let columns: Vec<mapping::Column> = serde_json::from_value(columns).map_err(invalid)?;
    let proposals = mapping::columns(&scheme.scheme, &columns);
    serde_json::to_value(proposals).map(jsonb_datum).map_err(invalid)
}
pg_function!(mapping_proposals);

/// (scheme, input, words, lang) → the values that the words stand for, as the language calls them; NULL if they stand
/// for none.
fn value_proposals(call: &mut Call) -> Result<Option<Datum>> {
    let (Some(document), Some(input), Some(lang)) = (call.arg(0), call.text(1), call.text(3)) else {
        return Ok(None);
    };
    // SAFETY: the SQL declarations say that it is a scheme.
    let scheme = lookup::scheme(unsafe { Stored::from_datum(document) }?)?;
    let input = &scheme.scheme.inputs[place_of(&scheme, input)?];
    let words: Option<Vec<Option<String>>> = call.get(2);
    let words: Option<Vec<String>> = words.map(|words| words.into_iter().flatten().collect());
    let values = mapping::titled(input, mapping::values(input, words.as_deref()), Lang::parse(lang)?);
    Ok(if values.is_empty() { None } else { jsonb_datum(values.into()) })
}
pg_function!(value_proposals);

/// (scheme, inputs) → the same, with values where the maps say what these are called.
fn coded_inputs(call: &mut Call) -> Result<Option<Datum>> {
    let (Some(document), Some(inputs)) = (call.arg(0), call.jsonb(1)?) else { return Ok(None) };
    // SAFETY: the SQL declarations say that it is a scheme.
    let scheme = lookup::scheme(unsafe { Stored::from_datum(document) }?)?;
    Ok(jsonb_datum(mapping::coded(&scheme.scheme, inputs)))
}
pg_function!(coded_inputs);

/// The place of an input among those of a scheme.
fn place_of(scheme: &Compiled, input: &str) -> Result<usize> {
    scheme.inputs.iter().position(|slot| slot.name == input).ok_or_else(|| {
        let names: Vec<&str> = scheme.inputs.iter().map(|slot| slot.name.as_str()).collect();
        let message = format!("scheme {:?} has no input {input:?}", scheme.name());
        Error::new(ErrorKind::UndefinedObject, message)
            .detail(format!("Its inputs are: {}.", names.join(", ")))
            .hint("Name one of them.")
    })
}

/// The place of an input that is named by its number, from 1 on.
fn numbered(scheme: &Compiled, number: i32) -> Result<usize> {
    let place = usize::try_from(number).ok().and_then(|number| number.checked_sub(1));
    place.filter(|place| *place < scheme.inputs.len()).ok_or_else(|| {
        Error::new(ErrorKind::UndefinedObject, format!("scheme {:?} has no input {number}", scheme.name()))
            .detail(format!("It has {} inputs.", scheme.inputs.len()))
            .hint("Inputs are numbered from 1 on, in the order of the document.")
    })
}

/// What a call site keeps between rows.
struct Site {
    document: Seen,
    /// The bytes that name the input.
    input: Box<[u8]>,
    scheme: Rc<Compiled>,
    /// The input, and how values of the type of the argument are read; or that they are not.
    place: usize,
    reader: Result<Reader>,
}

impl Site {
    #[cold]
    fn new(
        call: &Call,
        document: Datum,
        input: &[u8],
        place: impl FnOnce(&Compiled) -> Result<usize>,
    ) -> Result<Site> {
        // SAFETY: the SQL declarations say that it is a scheme.
        let stored = unsafe { Stored::from_datum(document) }?;
        let scheme = lookup::scheme(stored)?;
        let place = place(&scheme)?;
        Ok(Site {
            document: Seen::new(stored.digest),
            input: input.into(),
            reader: Reader::new(&scheme.inputs[place], call.arg_type(2)),
            scheme,
            place,
        })
    }

    /// The value, or the error with which grading refuses it.
    fn value(&self, datum: Option<Datum>) -> Result<Value> {
        let slot = &self.scheme.inputs[self.place];
        match (datum, &self.reader) {
            (None, _) if slot.must_be_there() => Err(slot.missing_error()),
            (None, _) => Ok(Value::Missing),
            // SAFETY: the reader was made for the type of the argument.
            (Some(datum), Ok(reader)) => unsafe { reader.read(&self.scheme, slot, datum) },
            (Some(_), Err(error)) => Err(error.clone()),
        }
    }

    /// Whether the value lies outside of what the scheme calls plausible; it is graded all the same.
    fn is_implausible(&self, value: Value) -> bool {
        let input = &self.scheme.scheme.inputs[self.place];
        match value {
            Value::Exact(key) => !input.is_plausible(key),
            Value::Float(value) => !input.is_plausible(float_key(value)),
            Value::Missing | Value::Text(_) | Value::Boolean(_) | Value::Day(_) => false,
        }
    }
}

/// (scheme, input, value) → what `answer` makes of the value of the input that `input` names and `place` finds.
fn of_value(
    call: &Call,
    input: &[u8],
    place: impl FnOnce(&Compiled) -> Result<usize>,
    answer: fn(&Site, Option<Datum>) -> Option<String>,
) -> Result<Option<Datum>> {
    let Some(document) = call.arg(0) else { return Ok(None) };
    let kept = call.site::<Option<Site>>(|| None);
    let known = match kept {
        // SAFETY: the SQL declarations say that it is a scheme.
        Some(site) => *site.input == *input && unsafe { site.document.is(document) }?,
        None => false,
    };
    let site = match kept {
        Some(site) if known => site,
        _ => kept.insert(Site::new(call, document, input, place)?),
    };
    Ok(answer(site, call.arg(2)).and_then(|text| text_datum(&text)))
}

fn input_problem(call: &mut Call) -> Result<Option<Datum>> {
    let call = &*call;
    let Some(input) = call.text(1) else { return Ok(None) };
    of_value(
        call,
        input.as_bytes(),
        |scheme| place_of(scheme, input),
        |site, datum| {
            let error = site.value(datum).err()?;
            Some(match error.detail {
                Some(detail) => format!("{}: {detail}", error.message),
                None => error.message,
            })
        },
    )
}
pg_function!(input_problem);

fn input_finding(call: &mut Call) -> Result<Option<Datum>> {
    let call = &*call;
    let Some(number) = call.get::<i32>(1) else { return Ok(None) };
    let place = |scheme: &Compiled| numbered(scheme, number);
    of_value(call, &number.to_ne_bytes(), place, |site, datum| {
        if datum.is_none() {
            return Some("missing".to_owned());
        }
        match site.value(datum) {
            Ok(value) if site.is_implausible(value) => Some("out of range".to_owned()),
            Ok(_) => None,
            Err(error) => Some(error.finding.map_or(error.message, str::to_owned)),
        }
    })
}
pg_function!(input_finding);
