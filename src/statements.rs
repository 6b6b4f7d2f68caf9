//! Statements that grade a few customers: made once for a program, planned once for a session. Every contact that
//! is logged and every row that is changed would otherwise pay for that anew, many times what the work costs.
//!
//! What is kept is found by all that it follows from. A plan of the server is found by the whole text of its
//! statement and the types of its parameters; that the tables, the rights or the search_path have changed is noticed
//! by the server, which plans anew. What a statement was made from is found by a revision that its maker gives, and
//! for the user who made it: nobody can slip a statement to somebody with other rights.

use std::cell::RefCell;
use std::ffi::CString;

use customer_tiering_engine::{Error, ErrorKind, Result};
use pgrx::pg_sys::{self, Datum, FunctionCallInfo, Oid, SPIPlanPtr};
use pgrx::{IntoDatum, pg_guard};

use crate::pg::call::{Call, pg_function, raise};
use crate::pg::snapshot::transaction_start;

/// How many plans of the server a session keeps between transactions, and how many plans of programs.
const CACHE_SIZE: usize = 32;

/// The arguments of `run_kept` after the statement: they are the parameters of the statement.
const PARAMETERS: usize = 3;

struct Statement {
    text: Box<[u8]>,
    types: Box<[Oid]>,
    plan: SPIPlanPtr,
    /// The start of the transaction that used it last.
    used: i64,
}

struct Revision {
    user: Oid,
    program: Box<[u8]>,
    revision: Box<[u8]>,
    /// A composite value without pointers to elsewhere, aligned as the server wants it.
    plan: Box<[u64]>,
}

thread_local! {
    static STATEMENTS: RefCell<Vec<Statement>> = const { RefCell::new(Vec::new()) };
    static REVISIONS: RefCell<Vec<Revision>> = const { RefCell::new(Vec::new()) };
}

/// Puts the entry at a place behind the others: the most recently used stands last.
fn refresh<T>(entries: &mut [T], place: usize) {
    entries[place..].rotate_left(1);
}

/// What the server needs to run a statement, in memory of SPI.
#[repr(C)]
struct Ready {
    plan: SPIPlanPtr,
    values: [Datum; PARAMETERS],
    nulls: [core::ffi::c_char; PARAMETERS],
}

/// The plan of a statement, from the cache or made now, while SPI is connected.
pub fn planned(text: &[u8], types: &[Oid]) -> Result<SPIPlanPtr> {
    let now = transaction_start();
    let known = STATEMENTS.with_borrow_mut(|entries| {
        let place = entries.iter().rposition(|entry| *entry.types == *types && *entry.text == *text)?;
        refresh(entries, place);
        entries.last_mut().map(|entry| {
            entry.used = now;
            entry.plan
        })
    });
    if let Some(plan) = known {
        return Ok(plan);
    }
    let query = CString::new(text).map_err(|_| Error::invalid("a statement has no zero byte"))?;
    let mut parameters = types.to_vec();
    // SAFETY: SPI is connected. The plan must serve whatever the parameters are: what it costs to plan again for
    // those of each call is what is to be saved. An ERROR leaves the cache as it was.
    let plan = unsafe {
        let options = pg_sys::CURSOR_OPT_GENERIC_PLAN as i32;
        let plan =
            pg_sys::SPI_prepare_cursor(query.as_ptr(), types.len() as i32, parameters.as_mut_ptr(), options);
        if plan.is_null() || pg_sys::SPI_keepplan(plan) != 0 {
            return Err(unprepared(pg_sys::SPI_result));
        }
        plan
    };
    // One of this transaction may be running at the moment, further up: it stays, and goes in a later transaction.
    let oldest = STATEMENTS.with_borrow_mut(|entries| {
        let spare = (entries.len() + 1).saturating_sub(CACHE_SIZE);
        let over = entries.iter().take(spare).take_while(|entry| entry.used != now).count();
        let oldest: Vec<Statement> = entries.drain(..over).collect();
        entries.push(Statement { text: text.into(), types: types.into(), plan, used: now });
        oldest
    });
    for statement in oldest {
        // SAFETY: a kept plan that nobody else knows, and nobody runs.
        unsafe { pg_sys::SPI_freeplan(statement.plan) };
    }
    Ok(plan)
}

#[cold]
pub fn unprepared(code: i32) -> Error {
    Error::new(ErrorKind::NotReady, format!("the statement cannot be run: SPI gave {code}"))
}

/// Connects to SPI and finds the plan; null if an argument that must be there is NULL.
#[pg_guard]
extern "C-unwind" fn make_ready(fcinfo: FunctionCallInfo) -> *mut Ready {
    // SAFETY: the function manager's own fcinfo, passed on by `run_kept`.
    let call = unsafe { Call::new(fcinfo) };
    let Some(text) = call.bytes(0) else { return core::ptr::null_mut() };
    let types: [Oid; PARAMETERS] = std::array::from_fn(|index| call.arg_type(index + 1));
    // SAFETY: connected once here and closed in `take_result`, or by the abort of the (sub)transaction. What is
    // allocated after that is freed with it.
    unsafe {
        if pg_sys::SPI_connect() < 0 {
            raise(unprepared(pg_sys::SPI_result));
        }
        let plan = match planned(text, &types) {
            Ok(plan) => plan,
            Err(error) => raise(error),
        };
        let ready = pg_sys::palloc(size_of::<Ready>()).cast::<Ready>();
        let arguments: [Option<Datum>; PARAMETERS] = std::array::from_fn(|index| call.arg(index + 1));
        ready.write(Ready {
            plan,
            values: arguments.map(|argument| argument.unwrap_or(Datum::null())),
            nulls: arguments.map(|argument| if argument.is_some() { b' ' } else { b'n' } as _),
        });
        ready
    }
}

/// The first row of what SPI has run, in the memory of the caller, and the end of the connection.
#[pg_guard]
extern "C-unwind" fn take_result(fcinfo: FunctionCallInfo, code: core::ffi::c_int) -> Datum {
    // SAFETY: as in `make_ready`; SPI is connected, and its table of rows is valid until the end.
    unsafe {
        if code < 0 {
            raise(unprepared(code));
        }
        let table = pg_sys::SPI_tuptable;
        let row = if pg_sys::SPI_processed > 0 && !table.is_null() {
            Datum::from(pg_sys::SPI_returntuple(*(*table).vals, (*table).tupdesc))
        } else {
            (*fcinfo).isnull = true;
            Datum::null()
        };
        pg_sys::SPI_finish();
        row
    }
}

// Declared here because the bindings of pgrx catch an ERROR and raise another one like it, without the names of
// constraint, table and column and without the context, in which the user's own functions stand.
unsafe extern "C-unwind" {
    pub fn SPI_execute_plan(
        plan: SPIPlanPtr,
        values: *mut Datum,
        nulls: *const core::ffi::c_char,
        read_only: bool,
        count: core::ffi::c_long,
    ) -> core::ffi::c_int;
}

/// Runs a statement by a kept plan, and returns its first row.
#[unsafe(export_name = "run_kept")]
extern "C-unwind" fn run_kept(fcinfo: FunctionCallInfo) -> Datum {
    let ready = make_ready(fcinfo);
    if ready.is_null() {
        // SAFETY: the function manager's own fcinfo.
        unsafe { (*fcinfo).isnull = true };
        return Datum::null();
    }
    // SAFETY: an ERROR of the statement jumps over this frame to whoever called the function, as it would over one of
    // C. That is sound since the frame owns nothing that would have to be dropped; what was allocated for the call
    // is in memory of SPI.
    let code = unsafe {
        SPI_execute_plan((*ready).plan, (*ready).values.as_mut_ptr(), (*ready).nulls.as_ptr(), false, 0)
    };
    take_result(fcinfo, code)
}

#[unsafe(export_name = "pg_finfo_run_kept")]
extern "C" fn finfo_run_kept() -> *const pg_sys::Pg_finfo_record {
    static RECORD: pg_sys::Pg_finfo_record = pg_sys::Pg_finfo_record { api_version: 1 };
    &RECORD
}

/// The plan of a program that was kept for this user under this revision.
fn kept_plan(call: &mut Call) -> Result<Option<Datum>> {
    let (Some(program), Some(revision)) = (call.bytes(0), call.bytes(1)) else { return Ok(None) };
    // SAFETY: reads a static variable.
    let user = unsafe { pg_sys::GetUserId() };
    Ok(REVISIONS.with_borrow_mut(|entries| {
        let place = entries.iter().rposition(|entry| entry.user == user && *entry.program == *program)?;
        if *entries[place].revision != *revision {
            return None;
        }
        refresh(entries, place);
        // SAFETY: the copy is as long as the value, which begins with its length. Running out of memory unwinds past
        // a borrow that ends with it.
        entries.last().map(|entry| unsafe {
            let bytes = size_of_val(&*entry.plan);
            let copy = pg_sys::palloc(bytes);
            core::ptr::copy_nonoverlapping(entry.plan.as_ptr().cast::<u8>(), copy.cast(), bytes);
            Datum::from(copy)
        })
    }))
}
pg_function!(kept_plan);

/// Keeps the plan of a program for this user under a revision, in place of the one before.
fn keep_plan(call: &mut Call) -> Result<Option<Datum>> {
    let (Some(program), Some(revision), Some(plan)) = (call.bytes(0), call.bytes(1), call.arg(2)) else {
        return Ok(None);
    };
    // SAFETY: a composite value; detoasting makes it flat, and one that is flat is read where it is.
    let (user, plan) = unsafe {
        let flat = pg_sys::pg_detoast_datum(plan.cast_mut_ptr());
        let bytes = pgrx::varlena::varsize_any(flat);
        let mut kept = vec![0_u64; bytes.div_ceil(8)].into_boxed_slice();
        core::ptr::copy_nonoverlapping(flat.cast::<u8>(), kept.as_mut_ptr().cast(), bytes);
        (pg_sys::GetUserId(), kept)
    };
    let kept = Revision { user, program: program.into(), revision: revision.into(), plan };
    REVISIONS.with_borrow_mut(|entries| {
        entries.retain(|entry| entry.user != user || *entry.program != *kept.program);
        if entries.len() >= CACHE_SIZE {
            entries.remove(0);
        }
        entries.push(kept);
    });
    Ok(None)
}
pg_function!(keep_plan);

/// What the server calls the present definition of the columns of a table or view: another number after every change.
fn row_type_revision(call: &mut Call) -> Result<Option<Datum>> {
    let Some(relation) = call.get::<Oid>(0) else { return Ok(None) };
    // SAFETY: both look into caches of the server; a relation that is gone has no type.
    unsafe {
        let row_type = pg_sys::get_rel_type_id(relation);
        if row_type == Oid::INVALID {
            return Ok(None);
        }
        Ok((pg_sys::assign_record_type_identifier(row_type, -1) as i64).into_datum())
    }
}
pg_function!(row_type_revision);
