//! Schemes in the formats of others: SQL, DMN, PMML, rows.

use std::collections::BTreeMap;

use customer_tiering_engine::document::text::Lang;
use customer_tiering_engine::interchange::sql::Names;
use customer_tiering_engine::interchange::{dmn, pmml, rows};
use customer_tiering_engine::{Error, Result};
use pgrx::pg_sys::Datum;
use serde_json::{Map, Value, json};

use crate::documents::document_type::{parsed, stored};
use crate::documents::lookup;
use crate::documents::scheme::SchemeType;
use crate::pg::call::{Call, jsonb_datum, pg_function, text_datum};

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

fn scheme_from_dmn(call: &mut Call) -> Result<Option<Datum>> {
    let Some(text) = call.text(0) else { return Ok(None) };
    let choice = dmn::Choice { decision: call.text(1), output: call.text(2), name: call.text(3) };
    parsed::<SchemeType>(&dmn::scheme_from_dmn(text, &choice)?.canonical())
}
pg_function!(scheme_from_dmn);

fn scheme_to_dmn(call: &mut Call) -> Result<Option<Datum>> {
    let (Some(stored), Some(embed)) = (stored(call, 0)?, call.get::<bool>(1)) else { return Ok(None) };
    let scheme = lookup::scheme(stored)?;
    Ok(text_datum(&dmn::scheme_to_dmn(&scheme, embed)?))
}
pg_function!(scheme_to_dmn);

fn scheme_from_pmml(call: &mut Call) -> Result<Option<Datum>> {
    let Some(text) = call.text(0) else { return Ok(None) };
    let choice = pmml::Choice { cuts: call.jsonb_text(1), name: call.text(2) };
    parsed::<SchemeType>(&pmml::scheme_from_pmml(text, &choice)?.canonical())
}
pg_function!(scheme_from_pmml);

fn scheme_to_pmml(call: &mut Call) -> Result<Option<Datum>> {
    let (Some(stored), Some(embed)) = (stored(call, 0)?, call.get::<bool>(1)) else { return Ok(None) };
    let scheme = lookup::scheme(stored)?;
    Ok(text_datum(&pmml::scheme_to_pmml(&scheme, embed)?))
}
pg_function!(scheme_to_pmml);

fn scheme_from_rows(call: &mut Call) -> Result<Option<Datum>> {
    let Some(document) = call.jsonb_text(0) else { return Ok(None) };
    parsed::<SchemeType>(&rows::scheme_from_rows(document)?.canonical())
}
pg_function!(scheme_from_rows);

fn scheme_rows(call: &mut Call) -> Result<Option<Datum>> {
    let (Some(stored), Some(lang)) = (stored(call, 0)?, call.text(1)) else { return Ok(None) };
    let scheme = lookup::scheme(stored)?;
    let written = rows::rows_of(&scheme, Lang::parse(lang)?)?;
    let rows = written.into_iter().map(|row| {
        let tests = row.tests.into_iter().map(|(input, test)| (input, Value::from(test)));
        json!({"tests": tests.collect::<Map<_, _>>(), "tier": row.tier, "annotation": row.annotation})
    });
    Ok(jsonb_datum(rows.collect()))
}
pg_function!(scheme_rows);
