//! Everybody compared with what was written before, in one pass over each side: `compare_statements`. The rows of two statements are not joined by the
//! server but told apart by fingerprints, as they come: nothing of them is kept but 24 bytes each.

use core::ffi::{c_char, c_int};
use std::ffi::CString;

use customer_tiering_engine::Error;
use customer_tiering_engine::grade::fingerprints::{Before, Fingerprints, NO_CONTACT};
use pgrx::pg_guard;
use pgrx::pg_sys::{self, Datum, DestReceiver, FunctionCallInfo, Oid, TupleDesc, TupleTableSlot};

use crate::pg::call::{Call, RowMaker, payload, plain_payload, raise};
use crate::pg::memory::Memory;
use crate::pg::row::column_type;
use crate::statements::unprepared;

/// How many columns there may be to compare.
const COLUMNS: usize = 8;

/// Of how many customers one may differ before it is quicker to compare everybody by a join, and so many always may.
const ONE_IN: usize = 8;
const ALWAYS: usize = 1000;

/// What the rows of the statement that is being run are for.
#[derive(Clone, Copy, PartialEq)]
enum Step {
    /// Those who were graded before: key, whether gone, whether nothing of the assignment changes by itself, last contact, last contact that is known without the source,
    /// and the columns to compare.
    Note,
    /// Those of the source: key, whether it can be graded and used, last contact, and the columns to compare.
    Look,
    /// Those who were graded before again: whom has the source no more?
    Miss,
}

impl Step {
    /// The types of the columns before those to compare.
    fn types(self) -> &'static [Oid] {
        match self {
            Step::Note | Step::Miss => &[
                pg_sys::TEXTOID,
                pg_sys::BOOLOID,
                pg_sys::BOOLOID,
                pg_sys::TIMESTAMPTZOID,
                pg_sys::TIMESTAMPTZOID,
            ],
            Step::Look => &[pg_sys::TEXTOID, pg_sys::BOOLOID, pg_sys::TIMESTAMPTZOID],
        }
    }
}

/// All of a comparison, in memory of SPI.
#[repr(C)]
struct Comparison {
    /// The server hands out its address: it stands first.
    receiver: DestReceiver,
    options: pg_sys::SPIExecuteOptions,
    assigned: *const c_char,
    graded: *const c_char,
    step: Step,
    fingerprints: Fingerprints<Memory>,
    most_bytes: usize,
    /// Everybody is to be compared by other means.
    given_up: bool,
    differing: Customers,
    missing: Customers,
    /// Where values are detoasted to.
    short: pg_sys::MemoryContext,
    caller: pg_sys::MemoryContext,
}

// Declared here for the reason that `src/statements.rs` has.
unsafe extern "C-unwind" {
    fn SPI_execute_extended(statement: *const c_char, options: *const pg_sys::SPIExecuteOptions) -> c_int;
}

/// Connects to SPI and makes ready; null if an argument is NULL.
#[pg_guard]
extern "C-unwind" fn begin(fcinfo: FunctionCallInfo) -> *mut Comparison {
    // SAFETY: the function manager's own fcinfo. Connected once here and closed in `end`, or by the abort of the (sub)transaction; what is allocated after
    // that is freed with it.
    unsafe {
        let call = Call::new(fcinfo);
        let (Some(plan), Some(assigned), Some(graded)) = (call.arg(0), call.text(1), call.text(2)) else {
            return core::ptr::null_mut();
        };
        let caller = pg_sys::CurrentMemoryContext;
        if pg_sys::SPI_connect() < 0 {
            raise(unprepared(pg_sys::SPI_result));
        }
        let own = pg_sys::CurrentMemoryContext;
        let parameters = pg_sys::makeParamList(1);
        (*parameters).params.as_mut_ptr().write(pg_sys::ParamExternData {
            value: plan,
            isnull: false,
            pflags: pg_sys::PARAM_FLAG_CONST as _,
            ptype: call.arg_type(0),
        });
        let statement = |text: &str| match CString::new(text) {
            Ok(text) => pg_sys::pstrdup(text.as_ptr()).cast_const(),
            Err(_) => raise(Error::invalid("a statement has no zero byte")),
        };
        let comparison = Memory::current().place(Comparison {
            receiver: DestReceiver {
                receiveSlot: Some(receive),
                rStartup: Some(start),
                rShutdown: Some(nothing),
                rDestroy: Some(nothing),
                mydest: pg_sys::CommandDest::DestTuplestore,
            },
            options: pg_sys::SPIExecuteOptions { params: parameters, ..Default::default() },
            assigned: statement(assigned),
            graded: statement(graded),
            step: Step::Note,
            fingerprints: Fingerprints::new(Memory::current()),
            most_bytes: pg_sys::maintenance_work_mem as usize * 1024,
            given_up: false,
            differing: Customers { array: core::ptr::null_mut(), count: 0, memory: own },
            missing: Customers { array: core::ptr::null_mut(), count: 0, memory: own },
            short: pg_sys::AllocSetContextCreateInternal(
                own,
                c"comparison".as_ptr(),
                pg_sys::ALLOCSET_DEFAULT_MINSIZE as usize,
                pg_sys::ALLOCSET_DEFAULT_INITSIZE as usize,
                pg_sys::ALLOCSET_DEFAULT_MAXSIZE as usize,
            ),
            caller,
        });
        (*comparison).options.dest = (&raw mut (*comparison).receiver).cast();
        comparison
    }
}

/// Looks at the columns of a statement.
#[pg_guard]
unsafe extern "C-unwind" fn start(this: *mut DestReceiver, _operation: c_int, descriptor: TupleDesc) {
    // SAFETY: called by the server with the receiver of a comparison, and the columns of what it will get.
    unsafe {
        let types = (*this.cast::<Comparison>()).step.types();
        let count = (*descriptor).natts as usize;
        let fits = (types.len()..=types.len() + COLUMNS).contains(&count)
            && (0..count).all(|place| match types.get(place) {
                Some(expected) => column_type(descriptor, place).0 == *expected,
                None => column_type(descriptor, place).1 == -1,
            });
        if !fits {
            let expected = "text, whether gone, whether nothing changes, two times; or text, whether it can be used, a time; then what is compared";
            raise(
                Error::invalid("the statement has other columns than are compared")
                    .detail(format!("They are: {expected}.")),
            );
        }
    }
}

#[pg_guard]
unsafe extern "C-unwind" fn nothing(_this: *mut DestReceiver) {}

/// Takes a row; no more are wanted if that is false.
#[pg_guard]
unsafe extern "C-unwind" fn receive(slot: *mut TupleTableSlot, this: *mut DestReceiver) -> bool {
    // SAFETY: called by the server with the receiver of a comparison, and a row with the columns that `start` has seen.
    unsafe {
        let comparison = &mut *this.cast::<Comparison>();
        let count = (*(*slot).tts_tupleDescriptor).natts as usize;
        if ((*slot).tts_nvalid as usize) < count {
            pg_sys::slot_getsomeattrs_int(slot, count as c_int);
        }
        let (values, nulls) = (
            core::slice::from_raw_parts((*slot).tts_values, count),
            core::slice::from_raw_parts((*slot).tts_isnull, count),
        );
        comparison.take(values, nulls);
        !comparison.given_up
    }
}

impl Comparison {
    /// # Safety
    ///
    /// The values are of the types that `start` has seen, and live for the length of the call.
    #[inline]
    unsafe fn take(&mut self, values: &[Datum], nulls: &[bool]) {
        if nulls[0] {
            self.given_up = true;
            return;
        }
        let mut detoasted = false;
        let mut bytes = |place: usize| -> Option<&[u8]> {
            // SAFETY: a varlena that lives for the length of the call; a copy lives until `short` is reset.
            (!nulls[place]).then(|| unsafe {
                plain_payload(values[place]).unwrap_or_else(|| {
                    detoasted = true;
                    let before = pg_sys::MemoryContextSwitchTo(self.short);
                    let copy = payload(values[place]);
                    pg_sys::MemoryContextSwitchTo(before);
                    copy
                })
            })
        };
        let is = |place: usize| !nulls[place] && values[place].value() & 0xff != 0;
        let time = |place: usize| if nulls[place] { NO_CONTACT } else { values[place].value() as i64 };
        let customer = bytes(0).unwrap_or_default();
        let first = self.step.types().len();
        let mut columns = [None; COLUMNS];
        for place in first..values.len() {
            columns[place - first] = bytes(place);
        }
        let columns = &columns[..values.len() - first];
        match self.step {
            Step::Note => {
                let (contact, known) = (time(3), time(4));
                let before = if is(1) {
                    Before::Gone
                } else if !is(2) || known > contact {
                    Before::Changes
                } else if known != NO_CONTACT && known == contact {
                    Before::ContactUntil(contact)
                } else {
                    Before::Contact(contact)
                };
                self.fingerprints.note(customer, before, columns);
                self.given_up = self.fingerprints.outgrow(self.most_bytes);
            }
            Step::Look => {
                let (found, usable) = (&mut self.differing, is(1));
                self.fingerprints.look(customer, time(2), columns, usable, |customer| found.push(customer));
                self.given_up = self.differing.count > ALWAYS + self.fingerprints.count() / ONE_IN;
            }
            Step::Miss => {
                if self.fingerprints.is_missing(customer) {
                    self.missing.push(customer);
                    self.given_up = self.missing.count > ALWAYS + self.fingerprints.count() / ONE_IN;
                }
            }
        }
        if detoasted {
            // SAFETY: nothing of it is in use any more.
            unsafe { pg_sys::MemoryContextReset(self.short) };
        }
    }

    /// After the last row of a statement.
    fn finish(&mut self) {
        let found = &mut self.differing;
        self.fingerprints.finish(|customer| found.push(customer));
    }
}

/// Customers that were found, in memory of SPI.
struct Customers {
    array: *mut pg_sys::ArrayBuildState,
    count: usize,
    memory: pg_sys::MemoryContext,
}

impl Customers {
    fn push(&mut self, customer: &[u8]) {
        // SAFETY: the memory is that of SPI, and outlives this. The array has a copy of the text.
        unsafe {
            let text = pg_sys::cstring_to_text_with_len(customer.as_ptr().cast(), customer.len() as c_int);
            self.array =
                pg_sys::accumArrayResult(self.array, Datum::from(text), false, pg_sys::TEXTOID, self.memory);
            pg_sys::pfree(text.cast());
        }
        self.count += 1;
    }

    /// As an array, in the memory of whoever called the function.
    fn array(&self, caller: pg_sys::MemoryContext) -> Datum {
        // SAFETY: the caller's memory outlives the call.
        unsafe {
            if self.array.is_null() {
                let before = pg_sys::MemoryContextSwitchTo(caller);
                let empty = pg_sys::construct_empty_array(pg_sys::TEXTOID);
                pg_sys::MemoryContextSwitchTo(before);
                return Datum::from(empty);
            }
            pg_sys::makeArrayResult(self.array, caller)
        }
    }
}

/// Which statement is run next, if any.
#[pg_guard]
extern "C-unwind" fn next(comparison: *mut Comparison, code: c_int) -> *const c_char {
    if code < 0 {
        raise(unprepared(code));
    }
    // SAFETY: run between `begin` and `end`.
    let comparison = unsafe { &mut *comparison };
    comparison.finish();
    let next = match comparison.step {
        _ if comparison.given_up => None,
        Step::Note => Some((Step::Look, comparison.graded)),
        Step::Look if comparison.fingerprints.some_are_missing() => Some((Step::Miss, comparison.assigned)),
        Step::Look | Step::Miss => None,
    };
    let Some((step, statement)) = next else { return core::ptr::null() };
    comparison.step = step;
    statement
}

/// The customers, in the memory of the caller, and the end of the connection.
#[pg_guard]
extern "C-unwind" fn end(fcinfo: FunctionCallInfo, comparison: *mut Comparison) -> Datum {
    // SAFETY: the function manager's own fcinfo; run once, after `begin`.
    unsafe {
        let call = Call::new(fcinfo);
        let comparison = &*comparison;
        let found = (!comparison.given_up).then(|| {
            [&comparison.differing, &comparison.missing].map(|found| Some(found.array(comparison.caller)))
        });
        pg_sys::SPI_finish();
        let row = found.map(|found| RowMaker::of(&call).and_then(|maker| maker.row(&found)));
        match row {
            Some(Ok(row)) => row,
            Some(Err(error)) => raise(error),
            None => null(fcinfo),
        }
    }
}

fn null(fcinfo: FunctionCallInfo) -> Datum {
    // SAFETY: the function manager's own fcinfo.
    unsafe { (*fcinfo).isnull = true };
    Datum::null()
}

/// Compares the rows of two statements.
#[unsafe(export_name = "compare_statements")]
extern "C-unwind" fn compare_statements(fcinfo: FunctionCallInfo) -> Datum {
    let comparison = begin(fcinfo);
    if comparison.is_null() {
        return null(fcinfo);
    }
    // SAFETY: an ERROR of a statement jumps over this frame, which owns nothing that would have to be dropped; the comparison is in memory of SPI.
    unsafe {
        let mut statement = (*comparison).assigned;
        while !statement.is_null() {
            let code = SPI_execute_extended(statement, &raw const (*comparison).options);
            statement = next(comparison, code);
        }
    }
    end(fcinfo, comparison)
}

#[unsafe(export_name = "pg_finfo_compare_statements")]
extern "C" fn finfo() -> *const pg_sys::Pg_finfo_record {
    static RECORD: pg_sys::Pg_finfo_record = pg_sys::Pg_finfo_record { api_version: 1 };
    &RECORD
}
