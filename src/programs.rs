//! What a program needs of the server itself.

use customer_tiering_engine::Result;
use pgrx::pg_sys::{self, Datum};

use crate::pg::call::{Call, pg_function, text_datum};

/// () → this database, told apart from those of other clusters: an OID says something only where it was written down.
fn here(_: &mut Call) -> Result<Option<Datum>> {
    // SAFETY: both are set as long as a session is connected to a database.
    let (cluster, database) = unsafe { (pg_sys::GetSystemIdentifier(), pg_sys::MyDatabaseId) };
    Ok(text_datum(&format!("{cluster}/{}", database.to_u32())))
}
pg_function!(here);
