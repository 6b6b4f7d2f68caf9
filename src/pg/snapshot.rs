//! What a query can see, in a few words: as long as they stay the same, a look-up in a table by name
//! gives what it gave before. A call site that outlives its statement (a PL/pgSQL loop) notices here
//! that it must look again.

use pgrx::pg_sys;

/// The identity of the active snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    transaction_start: i64,
    subtransaction: pg_sys::SubTransactionId,
    xmin: u32,
    xmax: u32,
    running: u32,
    running_subtransactions: i32,
    command: pg_sys::CommandId,
}

// Declared here because the bindings of pgrx set up a `sigsetjmp` for every call. These five read
// static variables of the backend and cannot raise an error.
unsafe extern "C" {
    fn ActiveSnapshotSet() -> bool;
    fn GetActiveSnapshot() -> pg_sys::Snapshot;
    fn GetCurrentSubTransactionId() -> pg_sys::SubTransactionId;
    fn GetCurrentTransactionStartTimestamp() -> pg_sys::TimestampTz;
    fn GetCurrentStatementStartTimestamp() -> pg_sys::TimestampTz;
}

impl Stamp {
    /// Whether it is that of now.
    #[inline]
    pub fn is_now(&self) -> bool {
        // SAFETY: as in `now`.
        unsafe {
            if !ActiveSnapshotSet() {
                return false;
            }
            let snapshot = &*GetActiveSnapshot();
            (self.command == snapshot.curcid)
                & (self.xmin == u32::from(snapshot.xmin))
                & (self.xmax == u32::from(snapshot.xmax))
                & (self.running == snapshot.xcnt)
                & (self.running_subtransactions == snapshot.subxcnt)
                && self.subtransaction == GetCurrentSubTransactionId()
                && self.transaction_start == GetCurrentTransactionStartTimestamp()
        }
    }

    /// The stamp of now; `None` outside of any snapshot.
    #[inline]
    pub fn now() -> Option<Stamp> {
        // SAFETY: the functions only read; a set active snapshot is a valid pointer.
        unsafe {
            if !ActiveSnapshotSet() {
                return None;
            }
            let snapshot = &*GetActiveSnapshot();
            Some(Stamp {
                transaction_start: GetCurrentTransactionStartTimestamp(),
                subtransaction: GetCurrentSubTransactionId(),
                xmin: snapshot.xmin.into(),
                xmax: snapshot.xmax.into(),
                running: snapshot.xcnt,
                running_subtransactions: snapshot.subxcnt,
                command: snapshot.curcid,
            })
        }
    }
}

/// What `now()` returns: the start of the transaction, in microseconds since 2000-01-01.
#[inline]
pub fn transaction_start() -> i64 {
    // SAFETY: reads a static variable.
    unsafe { GetCurrentTransactionStartTimestamp() }
}

/// What `statement_timestamp()` returns: when the current statement of the client came in. The same in
/// its parallel workers.
#[inline]
pub fn statement_start() -> i64 {
    // SAFETY: reads a static variable.
    unsafe { GetCurrentStatementStartTimestamp() }
}
