//! Strategies and overlays: documents that the SQL tables hold as jsonb, validated here.

use customer_tiering_engine::scheme::overlay::{self, Overlay};
use customer_tiering_engine::scheme::presets::OVERLAYS;
use customer_tiering_engine::{Error, ErrorKind, Result};
use pgrx::pg_sys::Datum;
use serde_json::Value as Json;

use crate::pg::call::{Call, jsonb_datum, pg_function};

fn json(value: std::result::Result<Json, serde_json::Error>) -> Result<Option<Datum>> {
    value.map(jsonb_datum).map_err(|error| Error::new(ErrorKind::NotJson, error.to_string()))
}

fn overlay_document_body(call: &mut Call) -> Result<Option<Datum>> {
    let Some(text) = call.jsonb_text(0) else { return Ok(None) };
    json(serde_json::from_str(&Overlay::parse(text)?.canonical()))
}
pg_function!(overlay_document, pg_finfo_overlay_document, overlay_document_body);

fn strategy_document_body(call: &mut Call) -> Result<Option<Datum>> {
    let Some(text) = call.jsonb_text(0) else { return Ok(None) };
    json(serde_json::from_str(&overlay::canonical_strategy(&overlay::parse_strategy(text)?)))
}
pg_function!(strategy_document, pg_finfo_strategy_document, strategy_document_body);

fn preset_overlays_body(_: &mut Call) -> Result<Option<Datum>> {
    json(OVERLAYS.iter().map(|(_, document)| serde_json::from_str::<Json>(document)).collect())
}
pg_function!(preset_overlays, pg_finfo_preset_overlays, preset_overlays_body);

fn overlay_json_schema_body(_: &mut Call) -> Result<Option<Datum>> {
    Ok(jsonb_datum(overlay::json_schema()))
}
pg_function!(overlay_json_schema, pg_finfo_overlay_json_schema, overlay_json_schema_body);
