//! What the types over documents (`tiering.scheme`, `tiering.calendar`) have in common: text and
//! binary I/O, casts from and to jsonb, digest. What does not look inside the document
//! is one symbol, which the SQL declares once for each type.

use std::ffi::CString;

use customer_tiering_engine::limits::DOCUMENT_BYTES;
use customer_tiering_engine::{Error, ErrorKind, Result};
use pgrx::IntoDatum;
use pgrx::pg_sys::{self, Datum};

use crate::documents::stored::{Stored, digest_of, store};
use crate::pg::call::{Call, pg_function};

/// The version word of the binary wire format: this byte, then the JSON text.
const WIRE_FORMAT: u8 = 1;

/// A kind of document.
pub trait DocumentType {
    /// What errors call it.
    const WHAT: &'static str;

    /// Reads and validates a document, and gives its canonical text.
    fn canonical(text: &str) -> Result<String>;
}

/// A document that was read, as it is stored.
pub fn parsed<T: DocumentType>(text: &str) -> Result<Option<Datum>> {
    let canonical = T::canonical(text)?;
    // It may be longer than the text, since some defaults are written out. What is stored is read again,
    // by a restore at the latest.
    if canonical.len() > DOCUMENT_BYTES {
        let detail = format!(
            "The document has {} bytes in its canonical form, at most {DOCUMENT_BYTES} are read.",
            canonical.len()
        );
        return Err(
            Error::new(ErrorKind::TooLarge, format!("{} document is too large", T::WHAT)).detail(detail)
        );
    }
    Ok(store(&canonical))
}

/// An argument of a document type.
pub fn stored(call: &Call, index: usize) -> Result<Option<Stored<'_>>> {
    // SAFETY: the SQL declarations of the functions that ask say that it is a document.
    call.arg(index).map(|datum| unsafe { Stored::from_datum(datum) }).transpose()
}

/// (cstring) → document: the input function.
pub fn input<T: DocumentType>(call: &mut Call) -> Result<Option<Datum>> {
    call.cstring(0).map_or(Ok(None), parsed::<T>)
}

/// (internal) → document: the receive function.
pub fn receive<T: DocumentType>(call: &mut Call) -> Result<Option<Datum>> {
    let Some(bytes) = call.message() else { return Ok(None) };
    match bytes.split_first() {
        Some((&WIRE_FORMAT, text)) => match core::str::from_utf8(text) {
            Ok(text) => parsed::<T>(text),
            Err(_) => Err(Error::new(ErrorKind::NotJson, format!("{} document is not UTF-8", T::WHAT))
                .hint("Send it as UTF-8.")),
        },
        _ => {
            let message = format!("unknown binary format of a {}", T::WHAT);
            Err(Error::new(ErrorKind::NotSupported, message)
                .detail(format!("Expected format byte {WIRE_FORMAT}, then the JSON text."))
                .hint("Send it as text instead."))
        }
    }
}

/// (jsonb) → document.
pub fn from_jsonb<T: DocumentType>(call: &mut Call) -> Result<Option<Datum>> {
    call.jsonb_text(0).map_or(Ok(None), parsed::<T>)
}

fn c_string(stored: Stored<'_>) -> Result<CString> {
    CString::new(stored.text).map_err(|_| Error::invalid("stored document holds a NUL byte"))
}

fn document_out(call: &mut Call) -> Result<Option<Datum>> {
    let Some(stored) = stored(call, 0)? else { return Ok(None) };
    let text = c_string(stored)?;
    // SAFETY: pstrdup copies the C string into the current memory context.
    Ok(Some(Datum::from(unsafe { pg_sys::pstrdup(text.as_ptr()) })))
}
pg_function!(document_out);

fn document_send(call: &mut Call) -> Result<Option<Datum>> {
    let Some(stored) = stored(call, 0)? else { return Ok(None) };
    let mut bytes = Vec::with_capacity(1 + stored.text.len());
    bytes.push(WIRE_FORMAT);
    bytes.extend_from_slice(stored.text.as_bytes());
    Ok(bytes.into_datum())
}
pg_function!(document_send);

fn document_to_jsonb(call: &mut Call) -> Result<Option<Datum>> {
    let Some(stored) = stored(call, 0)? else { return Ok(None) };
    let text = c_string(stored)?;
    // SAFETY: jsonb_in takes a C string.
    Ok(unsafe { pgrx::direct_function_call_as_datum(pg_sys::jsonb_in, &[Some(Datum::from(text.as_ptr()))]) })
}
pg_function!(document_to_jsonb);

fn document_digest(call: &mut Call) -> Result<Option<Datum>> {
    let Some(datum) = call.arg(0) else { return Ok(None) };
    // SAFETY: the SQL declarations say that it is a document.
    let digest = unsafe { digest_of(datum) }?;
    Ok(digest.as_slice().into_datum())
}
pg_function!(document_digest);
