//! A row that a query makes only to pass it on is not made: the planner hands over its columns one by one, and in front
//! of them an array of their names. Which of them serve the inputs is looked up by name when the query runs, as for a
//! row: a plan that is kept may see another version of the scheme.

use core::ffi::{CStr, c_void};

use customer_tiering_engine::Result;
use pgrx::pg_sys::{self, Datum, FuncExpr, List, NodeTag, RowExpr};
use pgrx::{FromDatum, IntoDatum, is_a};

use crate::pg::call::{Call, pg_function};
use crate::pg::row::column_names;

/// How many arguments a function has at most: `FUNC_MAX_ARGS` of the server.
const ARGUMENTS: usize = 100;

/// (internal) → internal: what the planner asks of the functions that take inputs.
fn row_inputs(call: &mut Call) -> Result<Option<Datum>> {
    let Some(request) = call.arg(0) else { return Ok(None) };
    let request = request.cast_mut_ptr::<pg_sys::Node>();
    // SAFETY: the planner passes a request, whose tag tells what it is of; others than this one stay unanswered.
    let instead = unsafe {
        match is_a(request, NodeTag::T_SupportRequestSimplify) {
            true => taken_apart((*request.cast::<pg_sys::SupportRequestSimplify>()).fcall),
            false => None,
        }
    };
    Ok(Some(instead.map_or(Datum::null(), Datum::from)))
}
pg_function!(row_inputs);

/// The same call with the columns of its row as arguments; None if the row is not made in the query.
///
/// # Safety
///
/// `given` is a valid call of a function that takes inputs.
unsafe fn taken_apart(given: *mut FuncExpr) -> Option<*mut FuncExpr> {
    // SAFETY: nodes of the planner's, of the types that their tags say. What is made is made in its memory context.
    unsafe {
        let (row, before) = elements((*given).args).split_last()?;
        let declared = usize::try_from(pg_sys::get_func_nargs((*given).funcid));
        if (*given).funcvariadic || declared != Ok(before.len() + 1) || !is_a(row.cast(), NodeTag::T_RowExpr)
        {
            return None;
        }
        let row = row.cast::<RowExpr>();
        let names = names_of(&*row)?;
        let columns = elements((*row).args);
        if columns.len() != names.len() || before.len() + 1 + columns.len() > ARGUMENTS {
            return None;
        }
        let names = names.into_datum()?;
        let names = pg_sys::makeConst(
            pg_sys::TEXTARRAYOID,
            -1,
            pg_sys::DEFAULT_COLLATION_OID,
            -1,
            names,
            false,
            false,
        );
        let mut arguments = core::ptr::null_mut();
        for argument in before.iter().chain([&names.cast::<c_void>()]).chain(columns) {
            arguments = pg_sys::lappend(arguments, *argument);
        }
        let call = pg_sys::palloc(size_of::<FuncExpr>()).cast::<FuncExpr>();
        call.copy_from_nonoverlapping(given, 1);
        (*call).args = arguments;
        Some(call)
    }
}

/// The names of the columns of a row, none for those that were dropped: of a subselect they stand in it, of a view in
/// its type. A row of another named type may outlive a change of that type in a plan that is kept.
///
/// # Safety
///
/// The row is a node of the planner's.
unsafe fn names_of(row: &RowExpr) -> Option<Vec<String>> {
    // SAFETY: the names of columns are nodes of C strings; the type exists.
    unsafe {
        if row.row_typeid == pg_sys::RECORDOID {
            let name = |node: &*mut c_void| {
                let name = (*node.cast::<pg_sys::String>()).sval;
                Some(CStr::from_ptr(name).to_str().ok()?.to_owned())
            };
            return elements(row.colnames).iter().map(name).collect();
        }
        let relation = pg_sys::get_typ_typrelid(row.row_typeid);
        (row.row_format == pg_sys::CoercionForm::COERCE_IMPLICIT_CAST
            && pg_sys::get_rel_relkind(relation) as u8 == pg_sys::RELKIND_VIEW)
            .then(|| column_names(row.row_typeid))
    }
}

/// The names of the columns that follow `first`, if it is an array of names as [`row_inputs`] makes it.
pub fn names(call: &Call, first: usize) -> Option<Vec<String>> {
    if first >= call.count() || call.arg_type(first) != pg_sys::TEXTARRAYOID {
        return None;
    }
    if !call.is_constant(first) {
        return None;
    }
    // SAFETY: the argument is an array of texts.
    let names = unsafe { Vec::<Option<String>>::from_datum(call.arg(first)?, false) }?;
    let names: Vec<String> = names.into_iter().collect::<Option<_>>()?;
    (names.len() == call.count() - first - 1).then_some(names)
}

/// # Safety
///
/// The list is one of pointers, or null, and lives as long as the slice is used.
unsafe fn elements<'l>(list: *const List) -> &'l [*mut c_void] {
    if list.is_null() {
        return &[];
    }
    // SAFETY: so many cells follow each other, each of which is a union as large as a pointer.
    unsafe { core::slice::from_raw_parts((*list).elements.cast::<*mut c_void>(), (*list).length as usize) }
}
