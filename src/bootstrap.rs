//! What stands before all topics: which library this is.

use customer_tiering_engine::Result;
use pgrx::pg_sys::Datum;

use crate::pg::call::{Call, pg_function, text_datum};

/// → the version of the library, which is newer than that of the extension between an upgrade of the package and
/// ALTER EXTENSION.
fn version(_: &mut Call) -> Result<Option<Datum>> {
    Ok(text_datum(env!("CARGO_PKG_VERSION")))
}
pg_function!(library_version, version);
