//! Types for names of one kind, such as time zones: text that is checked when it is typed. Unlike text they have no
//! collation, so that `postgres_fdw` sends a constant of them to the other server. Stored as text is.

use customer_tiering_engine::{Error, ErrorKind, Result};
use pgrx::pg_sys::Datum;

use crate::pg::call::{Call, text_datum};

/// A kind of name.
pub trait Name {
    /// What errors call it.
    const WHAT: &'static str;

    /// The name as it is stored; an error if there is none such.
    fn checked(name: &str) -> Result<String>;
}

/// (cstring) → name: the input function.
pub fn input<N: Name>(call: &mut Call) -> Result<Option<Datum>> {
    let Some(name) = call.cstring(0) else { return Ok(None) };
    Ok(text_datum(&N::checked(name)?))
}

/// (internal) → name: the receive function.
pub fn receive<N: Name>(call: &mut Call) -> Result<Option<Datum>> {
    let Some(bytes) = call.message() else { return Ok(None) };
    let name = core::str::from_utf8(bytes)
        .map_err(|_| Error::new(ErrorKind::BadBytes, format!("binary {} is not UTF-8", N::WHAT)))?;
    Ok(text_datum(&N::checked(name)?))
}
