//! The trigger of automatic grading. It reads its transition tables by a statement that the session keeps planned: one
//! in PL/pgSQL would have to be made for each table, or planned anew for each statement on it.

use core::ffi::{CStr, c_char, c_int};

use customer_tiering_engine::{Error, ErrorKind, Result};
use pgrx::pg_sys::{self, Datum, FunctionCallInfo, Oid, SPIPlanPtr};
use pgrx::{IntoDatum, pg_guard};

use crate::pg::call::{payload, raise, utf8};
use crate::statements::{SPI_execute_plan, planned, unprepared};

/// Which customers the statement has changed, as the text of a statement of its own.
const ASK: &[u8] = b"SELECT tiering.changed_customers($1, $2, $3)";
/// Grades them.
const GRADE: &[u8] = b"SELECT tiering.grade_found($1, $2)";

/// A statement with its arguments, in memory of SPI. No plan: there is nothing to be done.
#[repr(C)]
struct Ready {
    plan: SPIPlanPtr,
    values: [Datum; 3],
}

impl Ready {
    const NOTHING: Ready = Ready { plan: core::ptr::null_mut(), values: [Datum::null(); 3] };

    fn new(text: &[u8], types: &[Oid], values: [Datum; 3]) -> Ready {
        match planned(text, types) {
            Ok(plan) => Ready { plan, values },
            Err(error) => raise(error),
        }
    }
}

/// # Safety
///
/// The function manager's own fcinfo of a trigger.
unsafe fn trigger(fcinfo: FunctionCallInfo) -> *mut pg_sys::TriggerData {
    // SAFETY: as the caller says.
    unsafe { (*fcinfo).context.cast() }
}

fn not_a_trigger() -> Error {
    Error::new(ErrorKind::NotReady, "grade_changed() is a trigger function")
        .hint("SELECT tiering.enable_automatic(program) makes the triggers of a program.")
}

fn text_datum(text: &str) -> Result<Datum> {
    text.into_datum().ok_or_else(|| unprepared(pg_sys::SPI_ERROR_NOATTRIBUTE))
}

/// Connects to SPI and asks for the statement that finds the customers.
#[pg_guard]
extern "C-unwind" fn begin(fcinfo: FunctionCallInfo) -> Ready {
    // SAFETY: the function manager's own fcinfo, passed on by `grade_changed`; its context is looked at before it is
    // read as that of a trigger. Connected once here and closed in `end`, or by the abort of the (sub)transaction.
    unsafe {
        let data = trigger(fcinfo);
        if data.is_null()
            || (*data).type_ != pg_sys::NodeTag::T_TriggerData
            || (*(*data).tg_trigger).tgnargs != 1
        {
            raise(not_a_trigger());
        }
        let mut code = pg_sys::SPI_connect();
        if code >= 0 {
            code = pg_sys::SPI_register_trigger_data(data);
        }
        if code < 0 {
            raise(unprepared(code));
        }
        let operation = match (*data).tg_event & pg_sys::TRIGGER_EVENT_OPMASK {
            pg_sys::TRIGGER_EVENT_INSERT => "INSERT",
            pg_sys::TRIGGER_EVENT_DELETE => "DELETE",
            pg_sys::TRIGGER_EVENT_UPDATE => "UPDATE",
            _ => "TRUNCATE",
        };
        let program = utf8(CStr::from_ptr(*(*(*data).tg_trigger).tgargs).to_bytes());
        match (text_datum(program), text_datum(operation)) {
            (Ok(program), Ok(operation)) => Ready::new(
                ASK,
                &[pg_sys::TEXTOID, pg_sys::REGCLASSOID, pg_sys::TEXTOID],
                [program, Datum::from((*(*data).tg_relation).rd_id), operation],
            ),
            (Err(error), _) | (_, Err(error)) => raise(error),
        }
    }
}

/// The only value of what SPI has run; `None` is NULL.
///
/// # Safety
///
/// SPI is connected, and has run a statement that gives one row of one column.
unsafe fn answer(code: c_int) -> Option<Datum> {
    if code < 0 {
        raise(unprepared(code));
    }
    // SAFETY: as the caller says; the table of rows is valid until the end of the connection.
    unsafe {
        let table = pg_sys::SPI_tuptable;
        if table.is_null() || pg_sys::SPI_processed != 1 {
            return None;
        }
        let mut is_null = false;
        let value = pg_sys::SPI_getbinval(*(*table).vals, (*table).tupdesc, 1, &mut is_null);
        (!is_null).then_some(value)
    }
}

/// The statement that finds the customers.
#[pg_guard]
extern "C-unwind" fn find(code: c_int) -> Ready {
    // SAFETY: run between `begin` and `end`. The text is planned before anything else runs.
    unsafe {
        match answer(code) {
            Some(text) => Ready::new(payload(text), &[], Ready::NOTHING.values),
            None => Ready::NOTHING,
        }
    }
}

/// The statement that grades them.
#[pg_guard]
extern "C-unwind" fn grade(fcinfo: FunctionCallInfo, code: c_int) -> Ready {
    // SAFETY: run between `begin` and `end`, for a trigger.
    unsafe {
        let Some(customers) = answer(code) else { return Ready::NOTHING };
        let program = utf8(CStr::from_ptr(*(*(*trigger(fcinfo)).tg_trigger).tgargs).to_bytes());
        match text_datum(program) {
            Ok(program) => Ready::new(
                GRADE,
                &[pg_sys::TEXTOID, pg_sys::TEXTARRAYOID],
                [program, customers, Datum::null()],
            ),
            Err(error) => raise(error),
        }
    }
}

#[pg_guard]
extern "C-unwind" fn end(code: c_int) {
    if code < 0 {
        raise(unprepared(code));
    }
    // SAFETY: connected in `begin`.
    unsafe { pg_sys::SPI_finish() };
}

/// Runs what is ready.
///
/// # Safety
///
/// SPI is connected.
unsafe fn run(ready: &mut Ready) -> c_int {
    const GIVEN: [c_char; 3] = [b' ' as c_char; 3];
    // SAFETY: an ERROR of the statement jumps over this frame and that of `grade_changed`, which own nothing that would
    // have to be dropped (`run_kept` in src/statements.rs).
    unsafe { SPI_execute_plan(ready.plan, ready.values.as_mut_ptr(), GIVEN.as_ptr(), false, 0) }
}

/// Trigger: grades the customers whom a statement has added, changed or removed.
#[unsafe(export_name = "grade_changed")]
extern "C-unwind" fn grade_changed(fcinfo: FunctionCallInfo) -> Datum {
    let mut ready = begin(fcinfo);
    // SAFETY: `begin` has connected to SPI.
    let mut code = unsafe { run(&mut ready) };
    ready = find(code);
    if !ready.plan.is_null() {
        // SAFETY: as above.
        code = unsafe { run(&mut ready) };
        ready = grade(fcinfo, code);
        if !ready.plan.is_null() {
            // SAFETY: as above.
            code = unsafe { run(&mut ready) };
        }
    }
    end(code);
    Datum::null()
}

#[unsafe(export_name = "pg_finfo_grade_changed")]
extern "C" fn finfo_grade_changed() -> *const pg_sys::Pg_finfo_record {
    static RECORD: pg_sys::Pg_finfo_record = pg_sys::Pg_finfo_record { api_version: 1 };
    &RECORD
}
