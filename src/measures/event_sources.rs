//! A condition that a user hands over as text, to stand in a generated query: parsed, never pasted.

use customer_tiering_engine::{Error, Result};
use pgrx::pg_sys::{self, Datum};

use crate::pg::call::{Call, pg_function};

/// The condition, if it is one expression and nothing else.
fn condition(call: &mut Call) -> Result<Option<Datum>> {
    let Some(condition) = call.text(0) else { return Ok(None) };
    // Alone it must be an expression, and in parentheses no more than that. A comment at its end must not swallow
    // what follows.
    let alone = format!("SELECT WHERE {condition}\n");
    let enclosed = format!("SELECT WHERE ({condition}\n)");
    let refused = || {
        Error::invalid("the condition is more than one expression")
            .detail(format!("Found {}.", customer_tiering_engine::document::quoted(condition)))
            .hint("Give what would stand after WHERE, such as kind = 'csat'; for more, make a view.")
    };
    let [alone, enclosed] =
        [alone, enclosed].map(|query| std::ffi::CString::new(query).map_err(|_| refused()));
    let (alone, enclosed) = (alone?, enclosed?);
    // SAFETY: the parser reads a C string; what it cannot read is an ERROR of its own, 42601. What it returns
    // lives in the current memory context.
    let single = unsafe {
        pg_sys::raw_parser(alone.as_ptr(), pg_sys::RawParseMode::RAW_PARSE_DEFAULT);
        let statements = pg_sys::raw_parser(enclosed.as_ptr(), pg_sys::RawParseMode::RAW_PARSE_DEFAULT);
        let first = if statements.is_null() || (*statements).length != 1 {
            core::ptr::null_mut()
        } else {
            (*(*(*statements).elements).ptr_value.cast::<pg_sys::RawStmt>()).stmt
        };
        match first.as_ref() {
            Some(statement) if statement.type_ == pg_sys::NodeTag::T_SelectStmt => {
                let select = &*first.cast::<pg_sys::SelectStmt>();
                !select.whereClause.is_null()
                    && select.op == pg_sys::SetOperation::SETOP_NONE
                    && select.intoClause.is_null()
                    && select.limitCount.is_null()
                    && select.limitOffset.is_null()
                    && select.havingClause.is_null()
                    && [
                        select.targetList,
                        select.fromClause,
                        select.groupClause,
                        select.windowClause,
                        select.sortClause,
                        select.lockingClause,
                    ]
                    .iter()
                    .all(|list| list.is_null())
            }
            _ => false,
        }
    };
    if single { Ok(call.arg(0)) } else { Err(refused()) }
}
pg_function!(parse_condition, condition);
