//! The type `tiering.scheme` and what can be asked of a document.

use customer_tiering_engine::describe::describe;
use customer_tiering_engine::document::is_identifier;
use customer_tiering_engine::document::text::Lang;
use customer_tiering_engine::scheme::presets::{EARLIER, PRESETS};
use customer_tiering_engine::scheme::vocabulary;
use customer_tiering_engine::study::check;
use customer_tiering_engine::{ErrorKind, Result, Scheme, scheme};
use pgrx::pg_sys::Datum;
use serde_json::json;

use crate::documents::by_name::ByName;
use crate::documents::document_type::{self, DocumentType, stored};
use crate::documents::lookup;
use crate::documents::stored::contents;
use crate::pg::call::{Call, documents_datum, interrupted, jsonb_datum, pg_function, text_datum, varlena};

/// The documents of type `tiering.scheme`.
pub struct SchemeType;

impl DocumentType for SchemeType {
    const WHAT: &'static str = "scheme";

    fn canonical(text: &str) -> Result<String> {
        let scheme = Scheme::parse(text).map_err(|error| match error.kind {
            ErrorKind::NotJson if is_identifier(text) => {
                error.hint(format!("If you mean the scheme of that name: tiering.current_scheme('{text}')."))
            }
            _ => error,
        });
        Ok(scheme?.canonical())
    }
}

pg_function!(scheme_in, document_type::input::<SchemeType>);
pg_function!(scheme_recv, document_type::receive::<SchemeType>);
pg_function!(scheme_from_jsonb, document_type::from_jsonb::<SchemeType>);

fn scheme_name(call: &mut Call) -> Result<Option<Datum>> {
    let Some(stored) = stored(call, 0)? else { return Ok(None) };
    Ok(text_datum(lookup::scheme(stored)?.name()))
}
pg_function!(scheme_name);

fn scheme_json_schema(_: &mut Call) -> Result<Option<Datum>> {
    Ok(jsonb_datum(scheme::json_schema()))
}
pg_function!(scheme_json_schema);

fn scheme_findings(call: &mut Call) -> Result<Option<Datum>> {
    let (Some(stored), Some(lang)) = (stored(call, 0)?, call.text(1)) else { return Ok(None) };
    let lang = Lang::parse(lang)?;
    let compiled = lookup::scheme(stored)?;
    let findings = check::check(&compiled, &mut interrupted)?;
    let rows = findings.into_iter().map(|finding| {
        json!({
            "severity": finding.kind.severity().name(),
            "finding": finding.kind.code(),
            "path": finding.path,
            "message": finding.kind.message(lang),
            "example": finding.example,
        })
    });
    Ok(jsonb_datum(rows.collect()))
}
pg_function!(scheme_findings);

fn merge_patch(call: &mut Call) -> Result<Option<Datum>> {
    let (Some(mut target), Some(patch)) = (call.jsonb(0)?, call.jsonb(1)?) else { return Ok(None) };
    json_patch::merge(&mut target, &patch);
    Ok(jsonb_datum(target))
}
pg_function!(merge_patch);

/// Written as an argument of `grade()`, it is called for every row: the call site keeps the documents.
fn current_scheme(call: &mut Call) -> Result<Option<Datum>> {
    let Some(name) = call.bytes(0) else { return Ok(None) };
    let document = call.site(ByName::<Box<[u32]>>::default).get(name, |name| {
        Ok(varlena(&contents(&lookup::current_scheme(name)?.compiled.scheme.canonical())))
    })?;
    Ok(Some(Datum::from(document.as_ptr())))
}
pg_function!(current_scheme);

fn preset_schemes(_: &mut Call) -> Result<Option<Datum>> {
    documents_datum(&[EARLIER, PRESETS].concat())
}
pg_function!(preset_schemes);

fn scheme_description(call: &mut Call) -> Result<Option<Datum>> {
    let (Some(stored), Some(lang)) = (stored(call, 0)?, call.text(1)) else { return Ok(None) };
    let lines = describe(&lookup::scheme(stored)?.scheme, Lang::parse(lang)?);
    let rows = lines.into_iter().map(|line| {
        json!({"section": line.section, "item": line.item, "content": line.content, "basis": line.basis})
    });
    Ok(jsonb_datum(rows.collect()))
}
pg_function!(scheme_description);

fn label(call: &mut Call) -> Result<Option<Datum>> {
    let (Some(code), Some(lang)) = (call.text(0), call.text(1)) else { return Ok(None) };
    Ok(text_datum(&vocabulary::label(code, Lang::parse(lang)?)))
}
pg_function!(label);

fn finding_message(call: &mut Call) -> Result<Option<Datum>> {
    let (Some(finding), Some(lang)) = (call.text(0), call.text(1)) else { return Ok(None) };
    Ok(text_datum(&vocabulary::finding_message(finding, Lang::parse(lang)?)))
}
pg_function!(finding_message);

fn language(call: &mut Call) -> Result<Option<Datum>> {
    let Some(lang) = call.text(0) else { return Ok(None) };
    Ok(text_datum(Lang::parse(lang)?.code()))
}
pg_function!(language);

fn code_of(call: &mut Call) -> Result<Option<Datum>> {
    let (Some(kind), Some(word)) = (call.text(0), call.text(1)) else { return Ok(None) };
    Ok(text_datum(vocabulary::code_of(kind, word)?))
}
pg_function!(code_of);

fn terms(_: &mut Call) -> Result<Option<Datum>> {
    let rows = vocabulary::TERMS.iter().map(|term| {
        json!({"kind": term.kind, "code": term.code, "title_en": term.en, "title_zh": term.zh, "also": term.also})
    });
    Ok(jsonb_datum(rows.collect()))
}
pg_function!(terms);
