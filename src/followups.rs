//! What lists of follow-ups say of a tier, looked up once a statement: a list has many customers and few tiers.

use customer_tiering_engine::Result;
use pgrx::pg_sys::Datum;

use crate::documents::by_name::ByName;
use crate::documents::lookup;
use crate::pg::call::{Call, pg_function, text_datum};

/// (program, tier, lang, brief) → the actions in one line.
fn strategy_line(call: &mut Call) -> Result<Option<Datum>> {
    let (Some(program), Some(tier), Some(lang)) = (call.text(0), call.text(1), call.text(2)) else {
        return Ok(None);
    };
    let brief = call.get::<bool>(3).unwrap_or_default();
    // No text has a zero byte.
    let name = [program, tier, lang, if brief { "brief" } else { "" }].join("\0");
    let line = call
        .site(ByName::<Option<String>>::default)
        .get(name.as_bytes(), |_| lookup::strategy_line(program, tier, lang, brief))?;
    Ok(line.as_deref().and_then(text_datum))
}
pg_function!(strategy_line);
