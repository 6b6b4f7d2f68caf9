//! The one place where an engine error becomes a PostgreSQL error report.

use customer_tiering_engine::{Error, ErrorKind};
use pgrx::pg_sys::panic::ErrorReport;
use pgrx::prelude::*;
use std::cell::RefCell;

use crate::pg::messages::translated;
use crate::pg::snapshot::statement_start;

/// The PostgreSQL error report of an engine error.
pub fn report(error: Error) -> ErrorReport {
    let mut report = ErrorReport::new(sqlstate(error.kind), error.message, "customer_tiering");
    if let Some(detail) = error.detail {
        report = report.set_detail(detail);
    }
    if let Some(hint) = error.hint {
        report = report.set_hint(hint);
    }
    report
}

/// Keeps backtraces out of the DETAIL of errors that come from the server, where pgrx would append one with
/// `RUST_BACKTRACE` set in the server's environment. The standard library reads the environment once, and
/// each library has its own copy of it, so the variables are hidden for that moment and from us alone.
pub fn without_backtraces() {
    const NAMES: [&str; 2] = ["RUST_BACKTRACE", "RUST_LIB_BACKTRACE"];
    let given = NAMES.map(|name| (name, std::env::var_os(name)));
    // SAFETY: a backend has one thread when it loads a library.
    unsafe {
        NAMES.iter().for_each(|name| std::env::remove_var(name));
        drop(std::backtrace::Backtrace::capture());
        for (name, value) in given {
            if let Some(value) = value {
                std::env::set_var(name, value);
            }
        }
    }
}

/// Sends what an engine error says to the client as a WARNING, SQLSTATE 01000.
#[cold]
pub fn warn(warning: Error) {
    tell(warning, PgSqlErrorCode::ERRCODE_WARNING, PgLogLevel::WARNING);
}

/// As [`warn`], but the same WARNING only once for a statement of the client, whatever queries that runs.
#[cold]
pub fn warn_once(warning: Error) {
    thread_local! {
        static LAST: RefCell<Option<(i64, Error)>> = const { RefCell::new(None) };
    }
    let now = Some((statement_start(), warning));
    if LAST.with_borrow(|last| *last != now)
        && let Some((_, warning)) = &now
    {
        warn(warning.clone());
    }
    LAST.set(now);
}

/// Sends what an engine error says to the client as a NOTICE, SQLSTATE 00000.
#[cold]
pub fn notice(mut notice: Error) {
    for text in
        [Some(&mut notice.message), notice.detail.as_mut(), notice.hint.as_mut()].into_iter().flatten()
    {
        *text = translated(text).into_owned();
    }
    tell(notice, PgSqlErrorCode::ERRCODE_SUCCESSFUL_COMPLETION, PgLogLevel::NOTICE);
}

fn tell(what: Error, code: PgSqlErrorCode, level: PgLogLevel) {
    let mut report = ErrorReport::new(code, what.message, "customer_tiering");
    if let Some(detail) = what.detail {
        report = report.set_detail(detail);
    }
    if let Some(hint) = what.hint {
        report = report.set_hint(hint);
    }
    report.report(level);
}

/// The SQLSTATE of an engine error, as its five characters.
pub fn sqlstate_text(error: &Error) -> String {
    let code = sqlstate(error.kind) as i32;
    (0..5).map(|place| char::from(((code >> (6 * place)) & 0x3F) as u8 + b'0')).collect()
}

fn sqlstate(kind: ErrorKind) -> PgSqlErrorCode {
    match kind {
        ErrorKind::NotJson => PgSqlErrorCode::ERRCODE_INVALID_TEXT_REPRESENTATION,
        ErrorKind::NotXml => PgSqlErrorCode::ERRCODE_INVALID_XML_DOCUMENT,
        ErrorKind::InvalidValue => PgSqlErrorCode::ERRCODE_INVALID_PARAMETER_VALUE,
        ErrorKind::BadBytes => PgSqlErrorCode::ERRCODE_INVALID_BINARY_REPRESENTATION,
        ErrorKind::TooLarge => PgSqlErrorCode::ERRCODE_PROGRAM_LIMIT_EXCEEDED,
        ErrorKind::UndefinedObject => PgSqlErrorCode::ERRCODE_UNDEFINED_OBJECT,
        ErrorKind::UndefinedColumn => PgSqlErrorCode::ERRCODE_UNDEFINED_COLUMN,
        ErrorKind::AmbiguousColumn => PgSqlErrorCode::ERRCODE_AMBIGUOUS_COLUMN,
        ErrorKind::WrongType => PgSqlErrorCode::ERRCODE_DATATYPE_MISMATCH,
        ErrorKind::NumberOutOfRange => PgSqlErrorCode::ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE,
        ErrorKind::DateOutOfRange => PgSqlErrorCode::ERRCODE_DATETIME_FIELD_OVERFLOW,
        ErrorKind::MissingValue => PgSqlErrorCode::ERRCODE_NULL_VALUE_NOT_ALLOWED,
        ErrorKind::NotReady => PgSqlErrorCode::ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE,
        ErrorKind::NotSupported => PgSqlErrorCode::ERRCODE_FEATURE_NOT_SUPPORTED,
    }
}
