//! The type `tiering.lifetime_model`, the aggregates that fit one, and what it predicts.

mod fit;
mod judge;
mod score;

use customer_tiering_engine::Result;
use customer_tiering_engine::lifetime::{Model, Scorer, TimeUnit, json_schema};
use pgrx::IntoDatum;
use pgrx::pg_sys::Datum;

use crate::documents::document_type::{self, DocumentType, stored};
use crate::documents::lookup;
use crate::pg::call::{Call, jsonb_datum, pg_function};
use crate::pg::name_type::{self, Name};

/// The documents of type `tiering.lifetime_model`.
struct ModelType;

impl DocumentType for ModelType {
    const WHAT: &'static str = "lifetime model";

    fn canonical(text: &str) -> Result<String> {
        Ok(Model::parse(text)?.canonical())
    }
}

pg_function!(lifetime_model_in, document_type::input::<ModelType>);
pg_function!(lifetime_model_recv, document_type::receive::<ModelType>);
pg_function!(lifetime_model_from_jsonb, document_type::from_jsonb::<ModelType>);

/// The type `tiering.time_unit`.
struct UnitName;

impl Name for UnitName {
    const WHAT: &'static str = "unit of time";

    fn checked(name: &str) -> Result<String> {
        Ok(TimeUnit::parse(name)?.name().to_owned())
    }
}
pg_function!(time_unit_in, name_type::input::<UnitName>);
pg_function!(time_unit_recv, name_type::receive::<UnitName>);

fn schema(_: &mut Call) -> Result<Option<Datum>> {
    Ok(jsonb_datum(json_schema()))
}
pg_function!(lifetime_model_json_schema, schema);

fn unit_days(call: &mut Call) -> Result<Option<Datum>> {
    let Some(stored) = stored(call, 0)? else { return Ok(None) };
    let unit = Scorer::new(&*lookup::lifetime_model(stored)?)?.unit();
    Ok(unit.and_then(|unit| unit.days().into_datum()))
}
pg_function!(lifetime_unit_days, unit_days);
