//! Rust's own heap, for what is made and gone within a call.
//!
//! When the system gives no more memory, Rust would abort: the server takes that for a crash, ends every
//! session and recovers. An allocator may neither unwind nor jump away, but it may end the process in
//! good order, so that it is only this session that is lost.

use core::alloc::{GlobalAlloc, Layout};
use core::ffi::{c_char, c_int};
use std::alloc::System;

use pgrx::pg_sys::{self, errcodes::PgSqlErrorCode};

struct Heap;

#[global_allocator]
static HEAP: Heap = Heap;

// SAFETY: memory is the system's, and it does not return without.
unsafe impl GlobalAlloc for Heap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promises are those that the system's allocator wants.
        given(unsafe { System.alloc(layout) }, layout.size())
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as above.
        given(unsafe { System.alloc_zeroed(layout) }, layout.size())
    }

    unsafe fn realloc(&self, start: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: as above.
        given(unsafe { System.realloc(start, layout, size) }, size)
    }

    unsafe fn dealloc(&self, start: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(start, layout) }
    }
}

#[inline]
fn given(start: *mut u8, size: usize) -> *mut u8 {
    if start.is_null() {
        out_of_memory(size);
    }
    start
}

// Not among pgrx's bindings, since its users have `ereport!`, which allocates.
unsafe extern "C-unwind" {
    fn errstart(level: c_int, domain: *const c_char) -> bool;
    fn errcode(code: c_int) -> c_int;
    fn errfinish(file: *const c_char, line: c_int, function: *const c_char);
}

/// The server reports it from memory that it keeps for that, and ends this session.
#[cold]
fn out_of_memory(size: usize) -> ! {
    // SAFETY: an ereport() as in C; with FATAL it does not return.
    unsafe {
        if errstart(pg_sys::FATAL as c_int, core::ptr::null()) {
            errcode(PgSqlErrorCode::ERRCODE_OUT_OF_MEMORY as c_int);
            pg_sys::errmsg_internal(c"out of memory".as_ptr());
            pg_sys::errdetail_internal(c"Failed on request of size %zu of customer_tiering.".as_ptr(), size);
            errfinish(c"heap.rs".as_ptr(), line!() as c_int, c"out_of_memory".as_ptr());
        }
    }
    std::process::abort()
}
