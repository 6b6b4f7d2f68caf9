//! Schemes in the formats of others: SQL, DMN, PMML, rows.

use std::collections::BTreeMap;

use customer_tiering_engine::interchange::sql::Names;
use customer_tiering_engine::{Error, Result};
use pgrx::pg_sys::Datum;

use crate::documents::document_type::stored;
use crate::documents::lookup;
use crate::pg::call::{Call, pg_function, text_datum};

fn scheme_case(call: &mut Call) -> Result<Option<Datum>> {
    let (Some(stored), Some(columns), Some(as_of), Some(refused)) =
        (stored(call, 0)?, call.jsonb_text(1), call.text(2), call.text(3))
    else {
        return Ok(None);
    };
    let columns: BTreeMap<String, String> = serde_json::from_str(columns).map_err(|_| {
        Error::invalid("columns are no object of texts")
            .hint("Give the column or expression of each input by its name, such as '{\"annual_value\": \"c.revenue\"}'.")
    })?;
    let names = Names { columns, as_of: as_of.to_owned(), refused: refused.to_owned() };
    Ok(text_datum(&lookup::scheme(stored)?.to_sql(&names)?))
}
pg_function!(scheme_case);
