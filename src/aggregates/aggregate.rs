//! What all aggregates have in common: a state in the memory of the aggregate, combined between parallel
//! workers, and the type of the value that it becomes, with text and binary I/O.

use std::ffi::CString;

use allocator_api2::alloc::Global;
use customer_tiering_engine::aggregate::value_type::{Mergeable, Textual};
use customer_tiering_engine::{Error, ErrorKind, Result};
use pgrx::IntoDatum;
use pgrx::pg_sys::{self, Datum};

use crate::pg::call::{Call, payload};
use crate::pg::memory::Memory;

unsafe extern "C" {
    // Declared here because the bindings of pgrx set up a `sigsetjmp` for every call. It cannot raise.
    fn AggCheckCallContext(call: pg_sys::FunctionCallInfo, context: *mut pg_sys::MemoryContext) -> i32;
}

/// The memory that lives as long as the group.
pub fn memory(call: &Call) -> Result<Memory> {
    let mut context = core::ptr::null_mut();
    // SAFETY: fcinfo is valid; if it is a call of an aggregate, the context is, and outlives the state.
    unsafe {
        match AggCheckCallContext(call.raw(), &mut context) {
            0 => Err(Error::new(ErrorKind::NotSupported, "function called outside of an aggregate")),
            _ => Ok(Memory::of(context)),
        }
    }
}

/// The state so far, an argument of type internal.
#[inline]
#[expect(
    clippy::mut_from_ref,
    reason = "the state is behind a pointer that the call carries, not in the call"
)]
pub fn state<S>(call: &Call, index: usize) -> Option<&mut S> {
    // SAFETY: only the functions of one aggregate get its state (SQL cannot make an internal value), and
    // each holds it alone while it runs.
    call.arg(index).map(|datum| unsafe { &mut *datum.cast_mut_ptr::<S>() })
}

/// The state so far, made now if this is the first value of the group.
#[inline]
#[expect(clippy::mut_from_ref, reason = "as above")]
pub fn state_or<'c, S: 'c>(call: &'c Call, make: impl FnOnce(Memory) -> Result<S>) -> Result<&'c mut S> {
    match state(call, 0) {
        Some(state) => Ok(state),
        None => {
            let memory = memory(call)?;
            // SAFETY: fresh memory that lives as long as the group.
            Ok(unsafe { &mut *memory.place(make(memory)?) })
        }
    }
}

/// The state as what a transition function returns.
#[inline]
pub fn kept<S>(state: &mut S) -> Option<Datum> {
    Some(Datum::from(core::ptr::from_mut(state)))
}

/// (internal, internal) → internal.
pub fn combine<S: Mergeable<Memory>>(call: &mut Call) -> Result<Option<Datum>> {
    let (own, other) = (state::<S>(call, 0), state::<S>(call, 1));
    match (own, other) {
        (Some(own), Some(other)) => {
            own.merge(other)?;
            Ok(kept(own))
        }
        (None, Some(other)) => {
            let memory = memory(call)?;
            Ok(Some(Datum::from(memory.place(other.copy(memory)))))
        }
        (own, None) => Ok(own.and_then(kept)),
    }
}

/// (internal) → bytea.
pub fn serialize<S: Mergeable<Memory>>(call: &mut Call) -> Result<Option<Datum>> {
    Ok(state::<S>(call, 0).and_then(|state| state.encode().into_datum()))
}

/// (bytea, internal) → internal. The result is combined and thrown away.
pub fn deserialize<S: Mergeable<Memory>>(call: &mut Call) -> Result<Option<Datum>> {
    memory(call)?;
    let Some(bytes) = call.bytes(0) else { return Ok(None) };
    let memory = Memory::current();
    Ok(Some(Datum::from(memory.place(S::decode(bytes, memory)?))))
}

/// (internal) → value.
pub fn finish<S: Mergeable<Memory>>(call: &mut Call) -> Result<Option<Datum>> {
    serialize::<S>(call)
}

/// (internal, value) → internal: the transition function of `rollup`.
pub fn rollup<S: Mergeable<Memory>>(call: &mut Call) -> Result<Option<Datum>> {
    let Some(bytes) = call.bytes(1) else { return Ok(call.arg(0)) };
    match state::<S>(call, 0) {
        Some(own) => {
            own.merge(&S::decode(bytes, Memory::current())?)?;
            Ok(kept(own))
        }
        None => {
            let memory = memory(call)?;
            Ok(Some(Datum::from(memory.place(S::decode(bytes, memory)?))))
        }
    }
}

/// A value that an accessor reads.
pub fn value<V: Mergeable<Global>>(call: &Call, index: usize) -> Result<Option<V>> {
    call.bytes(index).map(|bytes| V::decode(bytes, Global)).transpose()
}

/// (cstring) → value: the input function.
pub fn input<V: Textual>(call: &mut Call) -> Result<Option<Datum>> {
    let Some(text) = call.cstring(0) else { return Ok(None) };
    Ok(V::from_text(text)?.encode().into_datum())
}

/// (value) → cstring: the output function.
pub fn output<V: Textual>(call: &mut Call) -> Result<Option<Datum>> {
    let Some(value) = value::<V>(call, 0)? else { return Ok(None) };
    let text = CString::new(value.to_text()).map_err(|_| Error::invalid("value holds a NUL byte"))?;
    // SAFETY: pstrdup copies the C string into the current memory context.
    Ok(Some(Datum::from(unsafe { pg_sys::pstrdup(text.as_ptr()) })))
}

/// (internal) → value: the receive function.
pub fn receive<V: Textual>(call: &mut Call) -> Result<Option<Datum>> {
    let Some(bytes) = call.message() else { return Ok(None) };
    Ok(V::decode(bytes, Global)?.encode().into_datum())
}

/// (value) → bytea: the send function.
pub fn send(call: &mut Call) -> Result<Option<Datum>> {
    // SAFETY: the SQL declarations say that it is a value of ours.
    Ok(call.arg(0).and_then(|datum| unsafe { payload(datum) }.into_datum()))
}

/// Declares the C functions that every aggregate needs: to combine, serialize and deserialize its state.
macro_rules! state_functions {
    ($state:ty: $($name:ident $kind:ident),* $(,)?) => {
        $($crate::pg::call::pg_function!($name, $crate::aggregates::aggregate::$kind::<$state>);)*
    };
}
pub(crate) use state_functions;
