//! The type `tiering.scheme` and what can be asked of a document.

use core::ffi::CStr;
use std::ffi::CString;

use customer_tiering_engine::presets::PRESETS;
use customer_tiering_engine::{Error, ErrorKind, Result, Scheme, check, scheme};
use pgrx::pg_sys::{self, Datum};
use serde_json::json;

use crate::call::{Call, jsonb_datum, pg_function, utf8, varlena};
use crate::lookup;
use crate::snapshot::Stamp;
use crate::stored::{Stored, contents, digest_of, store};

/// The version word of the binary wire format: this byte, then the JSON text.
const WIRE_FORMAT: u8 = 1;

/// A scheme argument.
fn stored(call: &Call, index: usize) -> Result<Option<Stored<'_>>> {
    // SAFETY: the SQL declarations of the functions below say that it is a scheme.
    call.arg(index).map(|datum| unsafe { Stored::from_datum(datum) }).transpose()
}

fn parsed(text: &str) -> Result<Option<Datum>> {
    Ok(store(&Scheme::parse(text)?.canonical()))
}

fn scheme_in_body(call: &mut Call) -> Result<Option<Datum>> {
    call.cstring(0).map_or(Ok(None), parsed)
}
pg_function!(scheme_in, pg_finfo_scheme_in, scheme_in_body);

fn scheme_out_body(call: &mut Call) -> Result<Option<Datum>> {
    let Some(stored) = stored(call, 0)? else { return Ok(None) };
    // SAFETY: pstrdup copies the C string into the current memory context.
    let copy = |text: &CStr| Datum::from(unsafe { pg_sys::pstrdup(text.as_ptr()) });
    match CString::new(stored.text) {
        Ok(text) => Ok(Some(copy(&text))),
        Err(_) => Err(Error::invalid("stored document holds a NUL byte")),
    }
}
pg_function!(scheme_out, pg_finfo_scheme_out, scheme_out_body);

fn scheme_recv_body(call: &mut Call) -> Result<Option<Datum>> {
    let Some(datum) = call.arg(0) else { return Ok(None) };
    // SAFETY: a receive function gets a StringInfo; the rest of its bytes are ours.
    let bytes = unsafe {
        let buffer = datum.cast_mut_ptr::<pg_sys::StringInfoData>();
        let left = (*buffer).len - (*buffer).cursor;
        let start = pg_sys::pq_getmsgbytes(buffer, left).cast::<u8>();
        core::slice::from_raw_parts(start, left as usize)
    };
    match bytes.split_first() {
        Some((&WIRE_FORMAT, text)) => match core::str::from_utf8(text) {
            Ok(text) => parsed(text),
            Err(_) => Err(Error::new(ErrorKind::NotJson, "scheme document is not UTF-8")),
        },
        _ => Err(Error::new(ErrorKind::NotSupported, "unknown binary format of a scheme")
            .detail(format!("Expected format byte {WIRE_FORMAT}, then the JSON text."))
            .hint("Send it as text instead.")),
    }
}
pg_function!(scheme_recv, pg_finfo_scheme_recv, scheme_recv_body);

fn scheme_send_body(call: &mut Call) -> Result<Option<Datum>> {
    use pgrx::IntoDatum;
    let Some(stored) = stored(call, 0)? else { return Ok(None) };
    let mut bytes = Vec::with_capacity(1 + stored.text.len());
    bytes.push(WIRE_FORMAT);
    bytes.extend_from_slice(stored.text.as_bytes());
    Ok(bytes.into_datum())
}
pg_function!(scheme_send, pg_finfo_scheme_send, scheme_send_body);

fn scheme_from_jsonb_body(call: &mut Call) -> Result<Option<Datum>> {
    let Some(datum) = call.arg(0) else { return Ok(None) };
    // SAFETY: jsonb_out takes a jsonb and gives a C string.
    let text = unsafe { pgrx::direct_function_call_as_datum(pg_sys::jsonb_out, &[Some(datum)]) };
    let Some(text) = text else { return Ok(None) };
    // SAFETY: as above.
    let text = unsafe { CStr::from_ptr(text.cast_mut_ptr()) };
    parsed(utf8(text.to_bytes()))
}
pg_function!(scheme_from_jsonb, pg_finfo_scheme_from_jsonb, scheme_from_jsonb_body);

fn scheme_to_jsonb_body(call: &mut Call) -> Result<Option<Datum>> {
    let Some(stored) = stored(call, 0)? else { return Ok(None) };
    let text = CString::new(stored.text).map_err(|_| Error::invalid("stored document holds a NUL byte"))?;
    // SAFETY: jsonb_in takes a C string.
    Ok(unsafe { pgrx::direct_function_call_as_datum(pg_sys::jsonb_in, &[Some(Datum::from(text.as_ptr()))]) })
}
pg_function!(scheme_to_jsonb, pg_finfo_scheme_to_jsonb, scheme_to_jsonb_body);

fn scheme_eq_body(call: &mut Call) -> Result<Option<Datum>> {
    let (Some(left), Some(right)) = (stored(call, 0)?, stored(call, 1)?) else { return Ok(None) };
    Ok(Some(Datum::from(left.digest == right.digest && left.text == right.text)))
}
pg_function!(scheme_eq, pg_finfo_scheme_eq, scheme_eq_body);

fn scheme_hash_body(call: &mut Call) -> Result<Option<Datum>> {
    let Some(datum) = call.arg(0) else { return Ok(None) };
    // SAFETY: the SQL declaration says that it is a scheme.
    let digest = unsafe { digest_of(datum) }?;
    Ok(Some(Datum::from(i32::from_le_bytes([digest[0], digest[1], digest[2], digest[3]]))))
}
pg_function!(scheme_hash, pg_finfo_scheme_hash, scheme_hash_body);

fn scheme_digest_body(call: &mut Call) -> Result<Option<Datum>> {
    use pgrx::IntoDatum;
    let Some(datum) = call.arg(0) else { return Ok(None) };
    // SAFETY: the SQL declaration says that it is a scheme.
    let digest = unsafe { digest_of(datum) }?;
    Ok(digest.as_slice().into_datum())
}
pg_function!(scheme_digest, pg_finfo_scheme_digest, scheme_digest_body);

fn scheme_name_body(call: &mut Call) -> Result<Option<Datum>> {
    let Some(stored) = stored(call, 0)? else { return Ok(None) };
    Ok(crate::call::text_datum(&lookup::scheme(stored)?.scheme.scheme))
}
pg_function!(scheme_name, pg_finfo_scheme_name, scheme_name_body);

fn scheme_json_schema_body(_: &mut Call) -> Result<Option<Datum>> {
    Ok(jsonb_datum(scheme::json_schema()))
}
pg_function!(scheme_json_schema, pg_finfo_scheme_json_schema, scheme_json_schema_body);

fn scheme_findings_body(call: &mut Call) -> Result<Option<Datum>> {
    let Some(stored) = stored(call, 0)? else { return Ok(None) };
    let compiled = lookup::scheme(stored)?;
    let mut interrupted = || {
        pgrx::check_for_interrupts!();
        Ok(())
    };
    let findings = check::check(&compiled, &mut interrupted)?;
    let rows = findings.into_iter().map(|finding| {
        json!({
            "severity": finding.severity.name(),
            "finding": finding.finding,
            "path": finding.path,
            "message": finding.message,
            "example": finding.example,
        })
    });
    Ok(jsonb_datum(rows.collect()))
}
pg_function!(scheme_findings, pg_finfo_scheme_findings, scheme_findings_body);

fn merge_patch_body(call: &mut Call) -> Result<Option<Datum>> {
    let (Some(mut target), Some(patch)) = (call.get::<pgrx::JsonB>(0), call.get::<pgrx::JsonB>(1)) else {
        return Ok(None);
    };
    json_patch::merge(&mut target.0, &patch.0);
    Ok(jsonb_datum(target.0))
}
pg_function!(merge_patch, pg_finfo_merge_patch, merge_patch_body);

/// What a call site of `current_scheme` keeps: written as an argument of `grade()`, it is called for
/// every row.
struct CurrentScheme {
    name: String,
    stamp: Option<Stamp>,
    stored: Box<[u32]>,
}

fn current_scheme_body(call: &mut Call) -> Result<Option<Datum>> {
    let Some(name) = call.text(0) else { return Ok(None) };
    let site = call.site::<Option<CurrentScheme>>(|| None);
    let stamp = Stamp::now();
    match site {
        Some(known) if stamp.is_some() && known.stamp == stamp && known.name == name => {}
        _ => {
            let compiled = lookup::current_scheme(name)?.compiled;
            let stored = varlena(&contents(&compiled.scheme.canonical()));
            *site = Some(CurrentScheme { name: name.to_owned(), stamp, stored });
        }
    }
    Ok(site.as_ref().map(|known| Datum::from(known.stored.as_ptr())))
}
pg_function!(current_scheme, pg_finfo_current_scheme, current_scheme_body);

fn preset_schemes_body(_: &mut Call) -> Result<Option<Datum>> {
    let documents = PRESETS.iter().map(|(_, document)| serde_json::from_str::<serde_json::Value>(document));
    let documents = documents.collect::<std::result::Result<serde_json::Value, _>>();
    documents.map(jsonb_datum).map_err(|error| Error::new(ErrorKind::NotJson, error.to_string()))
}
pg_function!(preset_schemes, pg_finfo_preset_schemes, preset_schemes_body);
