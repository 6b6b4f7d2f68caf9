//! What all aggregates have in common: a state of a type of its own, held as an expanded object while it grows,
//! combined between parallel workers and servers, and the text and binary I/O of that type.

use core::marker::PhantomData;
use core::ops::{Deref, DerefMut};
use core::ptr::NonNull;

use allocator_api2::alloc::Global;
use customer_tiering_engine::aggregate::value_type::{Mergeable, Textual};
use customer_tiering_engine::{Error, ErrorKind, Result};
use pgrx::IntoDatum;
use pgrx::pg_sys::{self, Datum, MemoryContext};

use crate::pg::call::{Call, payload};
use crate::pg::expanded::Object;
use crate::pg::memory::Memory;

unsafe extern "C" {
    // Declared here because the bindings of pgrx set up a `sigsetjmp` for every call. It cannot raise.
    fn AggCheckCallContext(call: pg_sys::FunctionCallInfo, context: *mut pg_sys::MemoryContext) -> i32;
}

/// What an aggregate gathers: a value that lives where the server counts and frees it, as long as the group.
pub trait State: Mergeable<Memory> + 'static {}

impl<S: Mergeable<Memory> + 'static> State for S {}

/// The context that lives as long as the group.
#[inline]
fn group(call: &Call) -> Result<MemoryContext> {
    let mut context = core::ptr::null_mut();
    // SAFETY: fcinfo is valid; if it is a call of an aggregate, the context is, and outlives the state.
    match unsafe { AggCheckCallContext(call.raw(), &mut context) } {
        0 => Err(Error::new(ErrorKind::NotSupported, "function called outside of an aggregate")
            .hint("Call the aggregate that it belongs to; the comment of the function names it.")),
        _ => Ok(context),
    }
}

/// The state of a group, which its transition function alone may change.
pub struct Held<'c, S> {
    object: NonNull<Object<S>>,
    of: PhantomData<&'c Call>,
}

impl<S> Deref for Held<'_, S> {
    type Target = S;

    #[inline]
    fn deref(&self) -> &S {
        // SAFETY: see `known_state`.
        unsafe { &self.object.as_ref().value }
    }
}

impl<S> DerefMut for Held<'_, S> {
    #[inline]
    fn deref_mut(&mut self) -> &mut S {
        // SAFETY: see `known_state`.
        unsafe { &mut self.object.as_mut().value }
    }
}

/// The state so far, made now if this is the first value of the group. It is changed in place if it is the object that this aggregate has made for this group: the
/// pointer says that its holder may, and it lives below the context of the group. Whatever else comes, such as a
/// value with which somebody else's aggregate begins, is read as bytes; then, or if there is none, the object is made.
#[inline]
pub fn state_or<'c, S: State>(call: &'c Call, make: impl FnOnce(Memory) -> Result<S>) -> Result<Held<'c, S>> {
    match known_state(call) {
        Some(known) => Ok(known),
        None => begin(call, group(call)?, make),
    }
}

/// The state so far, if it is an object that may be changed in place. Neither panics nor calls what can raise.
#[inline(always)]
pub fn known_state<S: State>(call: &Call) -> Option<Held<'_, S>> {
    let owner = group(call).ok()?;
    // SAFETY: the SQL declarations say that it is of the type of the state, a varlena.
    match unsafe { Object::of(call.arg(0)?) } {
        // Nobody else reads or changes it while this call goes on: the server hands such a pointer to the functions of
        // one aggregate only, which none but the extension can have made of ours (sql/50_measures/90_aggregate_rights.sql),
        // and calls one function of a node at a time.
        Some((object, true)) if Object::owner(object) == owner => Some(Held { object, of: PhantomData }),
        _ => None,
    }
}

#[cold]
fn begin<'c, S: State>(
    call: &'c Call,
    owner: MemoryContext,
    make: impl FnOnce(Memory) -> Result<S>,
) -> Result<Held<'c, S>> {
    let object = Object::new(owner, |memory| match call.bytes(0) {
        Some(bytes) => S::decode(bytes, memory),
        None => make(memory),
    })?;
    Ok(Held { object, of: PhantomData })
}

/// Asks the processor to fetch the state so far while other work is done: a hash aggregate comes by its states in
/// no order, and waits for most of them.
#[inline]
pub fn prefetch_state<S: State>(call: &Call) {
    if let Some(datum) = call.arg(0) {
        Object::<S>::prefetch(datum);
    }
}

/// The state as what a transition function returns: the pointer that it got, so that the server copies nothing.
#[inline]
pub fn kept<S>(state: Held<'_, S>) -> Option<Datum> {
    Some(Object::datum(state.object))
}

/// A state that is looked at.
pub enum Shown<'c, S> {
    Object(&'c S),
    Read(S),
}

impl<S> Deref for Shown<'_, S> {
    type Target = S;

    fn deref(&self) -> &S {
        match self {
            Shown::Object(state) => state,
            Shown::Read(state) => state,
        }
    }
}

/// An argument that is a state, as it is in memory or read from its bytes.
#[inline]
pub fn state<S: State>(call: &Call, index: usize) -> Result<Option<Shown<'_, S>>> {
    let Some(datum) = call.arg(index) else { return Ok(None) };
    // SAFETY: the SQL declarations say that it is of the type of the state, a varlena; it outlives the call.
    unsafe {
        if let Some((object, _)) = Object::<S>::of(datum) {
            return Ok(Some(Shown::Object(&object.as_ref().value)));
        }
        Ok(Some(Shown::Read(S::decode(payload(datum), Memory::current())?)))
    }
}

/// (state, state) → state, strict: the combine function, and the transition function of `rollup`. The first state is
/// taken by the server as it comes.
pub fn combine<S: State>(call: &mut Call) -> Result<Option<Datum>> {
    let call = &*call;
    let mut own = state_or(call, |_| Err(Error::invalid("there is no state")))?;
    // SAFETY: as in `state`.
    let same = call.arg(1).and_then(|datum| unsafe { Object::<S>::of(datum) });
    if same.is_some_and(|(object, _)| object == own.object) {
        return Err(Error::invalid("a state cannot be merged with itself"));
    }
    if let Some(other) = state::<S>(call, 1)? {
        own.merge(&other)?;
    }
    Ok(kept(own))
}

/// (state) → value, strict: the bytes. Where the value is of the type of the state, this is the final function, so that
/// no pointer to an object leaves the aggregate.
pub fn finish<S: State>(call: &mut Call) -> Result<Option<Datum>> {
    let Some(datum) = call.arg(0) else { return Ok(None) };
    // SAFETY: as in `state`.
    match unsafe { Object::<S>::of(datum) } {
        // SAFETY: as above; an object is valid as long as there is a pointer to it.
        Some((object, _)) => Ok(unsafe { object.as_ref() }.value.encode().into_datum()),
        None => Ok(Some(datum)),
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
    let text = value.to_text();
    if text.as_bytes().contains(&0) {
        return Err(Error::invalid("value holds a NUL byte"));
    }
    // SAFETY: pnstrdup copies so many bytes into the current memory context, and ends them.
    Ok(Some(Datum::from(unsafe { pg_sys::pnstrdup(text.as_ptr().cast(), text.len()) })))
}

/// (internal) → value: the receive function.
pub fn receive<V: Textual>(call: &mut Call) -> Result<Option<Datum>> {
    let Some(bytes) = call.message() else { return Ok(None) };
    Ok(V::decode(bytes, Global)?.encode().into_datum())
}

/// (value) → bytea: the send function of all of them.
fn send(call: &mut Call) -> Result<Option<Datum>> {
    Ok(call.bytes(0).and_then(IntoDatum::into_datum))
}
crate::pg::call::pg_function!(value_send, send);

/// Declares the C functions of a type that aggregates gather: its I/O, and how two of its values become one. The name
/// is that of the SQL type, whose functions `sql/30_aggregates/05_aggregate.sql` declares; then the value as an
/// aggregate holds it, and as all others read it.
macro_rules! state_type {
    ($name:ident, $state:ty, $value:ty) => {
        $crate::pg::call::pg_function!($name "_in", $crate::aggregates::aggregate::input::<$value>);
        $crate::pg::call::pg_function!($name "_out", $crate::aggregates::aggregate::output::<$value>);
        $crate::pg::call::pg_function!($name "_recv", $crate::aggregates::aggregate::receive::<$value>);
        $crate::pg::call::pg_function!($name "_combine", $crate::aggregates::aggregate::combine::<$state>);
        $crate::pg::call::pg_function!($name "_final", $crate::aggregates::aggregate::finish::<$state>);
    };
}
pub(crate) use state_type;
