//! `report_page()`: a document of figures as a page.

use customer_tiering_engine::Result;
use customer_tiering_engine::document::text::Lang;
use customer_tiering_engine::report::Report;
use pgrx::pg_sys::Datum;

use crate::pg::call::{Call, pg_function, text_datum};

fn report_page(call: &mut Call) -> Result<Option<Datum>> {
    let (Some(document), Some(lang)) = (call.jsonb_text(0), call.text(1)) else { return Ok(None) };
    Ok(text_datum(&Report::parse(document)?.html(Lang::parse(lang)?)))
}
pg_function!(report_page);
