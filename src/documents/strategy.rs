//! Strategies and overlays: documents that the SQL tables hold as jsonb, validated here.

use customer_tiering_engine::Result;
use customer_tiering_engine::scheme::overlay::{self, Overlay};
use customer_tiering_engine::scheme::presets::OVERLAYS;
use pgrx::pg_sys::Datum;

use crate::pg::call::{Call, documents_datum, json_text_datum, jsonb_datum, pg_function};

fn overlay_document(call: &mut Call) -> Result<Option<Datum>> {
    let Some(text) = call.jsonb_text(0) else { return Ok(None) };
    json_text_datum(&Overlay::parse(text)?.canonical())
}
pg_function!(overlay_document);

fn strategy_document(call: &mut Call) -> Result<Option<Datum>> {
    let Some(text) = call.jsonb_text(0) else { return Ok(None) };
    json_text_datum(&overlay::canonical_strategy(&overlay::parse_strategy(text)?))
}
pg_function!(strategy_document);

fn preset_overlays(_: &mut Call) -> Result<Option<Datum>> {
    documents_datum(OVERLAYS)
}
pg_function!(preset_overlays);

fn overlay_json_schema(_: &mut Call) -> Result<Option<Datum>> {
    Ok(jsonb_datum(overlay::json_schema()))
}
pg_function!(overlay_json_schema);
