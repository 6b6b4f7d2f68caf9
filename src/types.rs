//! Equality and order of the extension's own types, as `sql/35_types/10_types.sql` declares them for each.
//!
//! Values are equal if their bytes are. All else goes by the fingerprint: the order, which says nothing but is the same
//! on every server, and the hash.

use core::cmp::Ordering;

use customer_tiering_engine::Result;
use pgrx::pg_sys::Datum;
use pgrx::{IntoDatum, Uuid};
use sha2::{Digest as _, Sha256};

use crate::documents::stored::{Digest, Stored};
use crate::pg::call::{Call, detoasted, pg_function};

/// Of a document: what is stored with it.
fn document_fingerprint_of(bytes: &[u8]) -> Result<Digest> {
    Stored::digest_of(bytes)
}

/// Of what an aggregate gathers: the first half of the SHA-256.
fn value_fingerprint_of(bytes: &[u8]) -> Result<Digest> {
    let mut half = Digest::default();
    let size = half.len();
    half.copy_from_slice(&Sha256::digest(bytes)[..size]);
    Ok(half)
}

/// The bytes of an argument, for as long as `look` needs them: a sort compares in memory that lives as long as the sort.
fn with<T>(call: &Call, index: usize, look: impl FnOnce(&[u8]) -> Result<T>) -> Result<Option<T>> {
    // SAFETY: the SQL declarations of the functions below say that the argument is of a type that is stored as bytes.
    call.arg(index).map(|datum| unsafe { detoasted(datum, look) }).transpose()
}

fn fingerprint(call: &Call, of: fn(&[u8]) -> Result<Digest>) -> Result<Option<Datum>> {
    Ok(with(call, 0, of)?.and_then(|digest| Uuid::from_bytes(digest).into_datum()))
}

fn hash(call: &Call, of: fn(&[u8]) -> Result<Digest>) -> Result<Option<Datum>> {
    let digest = with(call, 0, of)?;
    Ok(digest.map(|digest| Datum::from(i32::from_le_bytes([digest[0], digest[1], digest[2], digest[3]]))))
}

fn compare(call: &Call, of: fn(&[u8]) -> Result<Digest>) -> Result<Option<Datum>> {
    let (Some(left), Some(right)) = (with(call, 0, of)?, with(call, 1, of)?) else { return Ok(None) };
    Ok(Some(Datum::from(match left.cmp(&right) {
        Ordering::Less => -1_i32,
        Ordering::Equal => 0,
        Ordering::Greater => 1,
    })))
}

/// One symbol for all types: a document begins with its digest, so that two different ones differ soon.
fn value_eq(call: &mut Call) -> Result<Option<Datum>> {
    let same = with(call, 0, |left| with(call, 1, |right| Ok(left == right)))?;
    Ok(same.flatten().map(Datum::from))
}
pg_function!(value_eq);

fn value_fingerprint(call: &mut Call) -> Result<Option<Datum>> {
    fingerprint(call, value_fingerprint_of)
}
pg_function!(value_fingerprint);

fn value_hash(call: &mut Call) -> Result<Option<Datum>> {
    hash(call, value_fingerprint_of)
}
pg_function!(value_hash);

fn value_cmp(call: &mut Call) -> Result<Option<Datum>> {
    compare(call, value_fingerprint_of)
}
pg_function!(value_cmp);

fn document_fingerprint(call: &mut Call) -> Result<Option<Datum>> {
    fingerprint(call, document_fingerprint_of)
}
pg_function!(document_fingerprint);

fn document_hash(call: &mut Call) -> Result<Option<Datum>> {
    hash(call, document_fingerprint_of)
}
pg_function!(document_hash);

fn document_cmp(call: &mut Call) -> Result<Option<Datum>> {
    compare(call, document_fingerprint_of)
}
pg_function!(document_cmp);
