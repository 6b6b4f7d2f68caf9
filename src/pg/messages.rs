//! Messages in Chinese. What the server is about to send is looked up in the engine's table, whether Rust or
//! PL/pgSQL has raised it; what programs see of it (SQLSTATE, SQLERRM) stays as it is.

use customer_tiering_engine::Result;
use customer_tiering_engine::describe::messages_zh::{in_chinese, is_wanted};
use customer_tiering_engine::document::text::Lang;
use pgrx::pg_sys::Datum;
use pgrx::prelude::*;
use pgrx::{GucContext, GucFlags, GucRegistry, GucSetting, PostgresGucEnum};
use std::borrow::Cow;
use std::ffi::{CStr, CString, c_char};

use crate::pg::call::{Call, pg_function, text_datum};

/// The values of the setting `customer_tiering.lang`.
#[derive(PostgresGucEnum, Clone, Copy)]
enum Language {
    #[name = c"auto"]
    Auto,
    #[name = c"en"]
    English,
    #[name = c"zh"]
    Chinese,
}

static LANGUAGE: GucSetting<Language> = GucSetting::<Language>::new(Language::Auto);
static mut NEXT: pg_sys::emit_log_hook_type = None;

/// Defines the setting `customer_tiering.lang` and hooks into what the server reports.
pub fn install() {
    GucRegistry::define_enum_guc(
        c"customer_tiering.lang",
        c"language of the messages of customer_tiering",
        c"en, zh, or auto: Chinese where lc_messages begins with zh",
        &LANGUAGE,
        GucContext::Userset,
        GucFlags::default(),
    );
    // SAFETY: a backend has one thread, and loads the library once.
    unsafe {
        NEXT = pg_sys::emit_log_hook;
        pg_sys::emit_log_hook = Some(translate);
    }
}

#[pg_guard]
unsafe extern "C-unwind" fn translate(report: *mut pg_sys::ErrorData) {
    // SAFETY: the server passes the report that it is about to send, whose texts are C strings or null; new ones
    // come from the memory in which it keeps those of the report. The hook before ours is as the server left it.
    unsafe {
        if let Some(report) = report.as_mut() {
            hint_at_cast(report);
        }
        if let Some(report) = report.as_mut()
            && is_ours(report)
            && wants_chinese()
        {
            for text in [&mut report.message, &mut report.detail, &mut report.hint] {
                if let Some(chinese) = text_of(*text).and_then(in_chinese)
                    && let Ok(chinese) = CString::new(chinese)
                {
                    *text = pg_sys::pstrdup(chinese.as_ptr());
                }
            }
        }
        if let Some(next) = NEXT {
            next(report);
        }
    }
}

/// The functions that take inputs of any type, by how their names begin.
const OF_ANY_TYPE: [&str; 4] = ["customer_", "grade", "try_grade", "explain_"];

/// Says what to write where a driver sends a parameter without a type: the server, which refuses it before any function
/// of ours is called, says only which parameter it is.
unsafe fn hint_at_cast(report: &mut pg_sys::ErrorData) {
    // SAFETY: as in `translate`; the statement under way is a C string or null.
    unsafe {
        if report.sqlerrcode != PgSqlErrorCode::ERRCODE_INDETERMINATE_DATATYPE as i32
            || !report.hint.is_null()
        {
            return;
        }
        let calls_ours = text_of(pg_sys::debug_query_string).is_some_and(|statement| {
            let statement = statement.to_lowercase();
            OF_ANY_TYPE.iter().any(|name| statement.contains(name))
        });
        if calls_ours
            && let Ok(hint) = CString::new(&*translated(
                "Inputs may be of any type, so the statement says which a parameter has: $1::numeric, $2::text, $3::date; \
                 %s::numeric in psycopg, ?::numeric in JDBC, CAST(:value AS numeric) in SQLAlchemy.",
            ))
        {
            report.hint = pg_sys::pstrdup(hint.as_ptr());
        }
    }
}

/// Whether Rust of ours raised it, or SQL of ours, which stands in the context with its schema.
unsafe fn is_ours(report: &pg_sys::ErrorData) -> bool {
    // SAFETY: as in `translate`.
    unsafe {
        text_of(report.funcname) == Some("customer_tiering")
            || text_of(report.context).is_some_and(|context| context.contains(" tiering."))
    }
}

/// A message in the language in which messages are wanted.
pub fn translated(message: &str) -> Cow<'_, str> {
    let chinese = if wants_chinese() { in_chinese(message) } else { None };
    chinese.map_or(Cow::Borrowed(message), Cow::Owned)
}

/// (message) → the same as [`translated`]: the hook does not see what goes to the client alone, such as a NOTICE.
fn translated_message(call: &mut Call) -> Result<Option<Datum>> {
    let Some(message) = call.text(0) else { return Ok(None) };
    Ok(text_datum(&translated(message)))
}
pg_function!(translated_message);

fn wants_chinese() -> bool {
    // SAFETY: asks for a setting that every server has, and for the encoding of the database, by which the
    // server reads what we write.
    let (messages, encoding) = unsafe {
        (
            text_of(pg_sys::GetConfigOption(c"lc_messages".as_ptr(), true, false)),
            pg_sys::GetDatabaseEncoding(),
        )
    };
    let set = match LANGUAGE.get() {
        Language::Auto => None,
        Language::English => Some(Lang::En),
        Language::Chinese => Some(Lang::Zh),
    };
    is_wanted(set, messages) && encoding == pg_sys::pg_enc::PG_UTF8 as i32
}

/// # Safety
///
/// `text` is null or a C string that outlives the result.
unsafe fn text_of<'t>(text: *const c_char) -> Option<&'t str> {
    if text.is_null() {
        return None;
    }
    // SAFETY: passed on to the caller.
    unsafe { CStr::from_ptr(text) }.to_str().ok()
}
