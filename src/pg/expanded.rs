//! Values that stay in memory while they grow: expanded objects of the server. To everybody else such a value is a
//! varlena of its type; who stores or sends it asks for the bytes, which are made only then.

use core::any::TypeId;
use core::ffi::{CStr, c_char};
use core::mem::offset_of;
use core::ptr::NonNull;

use customer_tiering_engine::aggregate::value_type::Mergeable;
use customer_tiering_engine::{Error, ErrorKind};
use pgrx::pg_sys::{self, Datum, ExpandedObjectHeader, MemoryContext, Size};
use pgrx::pgrx_extern_c_guard;

use crate::pg::call::raise;
use crate::pg::memory::{HUGE, Memory, prefetch};

unsafe extern "C" {
    // Declared here because the bindings of pgrx set up a `sigsetjmp` for every call. It cannot raise.
    fn EOH_init_header(
        object: *mut ExpandedObjectHeader,
        methods: *const pg_sys::ExpandedObjectMethods,
        context: MemoryContext,
    );
}

/// What stands before the value.
#[repr(C)]
struct Head {
    /// First, since the server knows the object by it.
    header: ExpandedObjectHeader,
    encode: unsafe fn(NonNull<Head>) -> Vec<u8>,
    /// The value as a varlena, from when the server asks how long it is to when it takes it.
    flat: *mut u8,
}

/// What is looked at for every row. It stands right before the value, so that no other part of the memory has to be
/// waited for: hence a varlena of our own beside those in the header.
#[repr(C)]
struct Handle {
    /// The Rust type of the value.
    kind: TypeId,
    /// The context that the object names as its own. Before the varlena, as in the header: PostgreSQL 15 looks there.
    context: MemoryContext,
    /// That its holder may change the object, and where the head is.
    varlena: [u8; POINTER_AT + size_of::<*mut Head>()],
}

/// A value of type `S` in a memory context, with what the server wants to know of it.
#[repr(C)]
pub struct Object<S> {
    head: Head,
    handle: Handle,
    pub value: S,
}

/// The one table of methods of all our objects: by its address we know them.
static METHODS: pg_sys::ExpandedObjectMethods =
    pg_sys::ExpandedObjectMethods { get_flat_size: Some(flat_size), flatten_into: Some(flatten_into) };

const HEADER: usize = 4;

/// How a varlena begins that stands for an object in memory: that it is external, which the server marks at the other
/// end of the byte where the first byte is the highest, and what kind of pointer follows (`varattrib_1b_e`).
const EXTERNAL: u8 = if cfg!(target_endian = "big") { 0x80 } else { 0x01 };
const READ_ONLY: u8 = pg_sys::vartag_external::VARTAG_EXPANDED_RO as u8;
const READ_WRITE: u8 = pg_sys::vartag_external::VARTAG_EXPANDED_RW as u8;
const POINTER_AT: usize = 2;

impl<S: Mergeable<Memory> + 'static> Object<S> {
    /// A value that `make` makes in the memory of `owner`, where the server has just put the group that it is of: an
    /// order comes by a group and its value, which wait in one page of memory, not in two.
    pub fn new<E>(
        owner: MemoryContext,
        make: impl FnOnce(Memory) -> Result<S, E>,
    ) -> Result<NonNull<Self>, E> {
        // SAFETY: the caller's context is valid, and nothing outside of it points to what is made in it.
        let memory = unsafe { Memory::of(owner) };
        let context = context_below(owner);
        let head = Head {
            header: ExpandedObjectHeader::default(),
            encode: Self::encode,
            flat: core::ptr::null_mut(),
        };
        let handle = Handle { kind: TypeId::of::<S>(), context, varlena: Default::default() };
        let object = memory.place(Object { head, handle, value: make(memory)? });
        // SAFETY: fresh memory that begins with a header; the methods live as long as the library.
        unsafe {
            EOH_init_header(object.cast(), &METHODS, context);
            let varlena = &mut (*object).handle.varlena;
            varlena[..POINTER_AT].copy_from_slice(&[EXTERNAL, READ_WRITE]);
            varlena.as_mut_ptr().add(POINTER_AT).cast::<*mut Head>().write_unaligned(object.cast());
            Ok(NonNull::new_unchecked(object))
        }
    }

    /// The object that a varlena stands for, if it is one of ours with a value of this type, and whether its holder
    /// may change it.
    ///
    /// # Safety
    ///
    /// `datum` is a varlena.
    #[inline]
    pub unsafe fn of(datum: Datum) -> Option<(NonNull<Self>, bool)> {
        // SAFETY: a varlena has a byte at least, one that is external two, and such a pointer follows the tag of an
        // expanded object. Only ours has a varlena at this distance from its header; else its methods tell, since all
        // objects begin with the header. Behind a head of ours there is a handle.
        unsafe {
            let start = datum.cast_mut_ptr::<u8>();
            if *start != EXTERNAL {
                return None;
            }
            let tag = *start.add(1);
            if tag != READ_WRITE && tag != READ_ONLY {
                return None;
            }
            let head = start.add(POINTER_AT).cast::<*mut Head>().read_unaligned();
            let ours = head.cast::<u8>().wrapping_add(Self::VARLENA_AT) == start
                || core::ptr::eq((*head).header.eoh_methods, &METHODS);
            let object = head.cast::<Self>();
            (ours && (*object).handle.kind == TypeId::of::<S>())
                .then(|| (NonNull::new_unchecked(object), tag == READ_WRITE))
        }
    }

    unsafe fn encode(head: NonNull<Head>) -> Vec<u8> {
        // SAFETY: an object of this type put this function into its head.
        unsafe { head.cast::<Self>().as_ref().value.encode() }
    }
}

impl<S> Object<S> {
    /// Where the varlena of the handle lies in the object.
    const VARLENA_AT: usize = offset_of!(Object<S>, handle) + offset_of!(Handle, varlena);

    /// Asks the processor for what a row touches, before the varlena is looked at: from the handle on.
    #[inline]
    pub fn prefetch(varlena: Datum) {
        let before = offset_of!(Handle, varlena);
        let size = size_of::<Self>() - offset_of!(Object<S>, handle);
        prefetch(varlena.cast_mut_ptr::<u8>().wrapping_sub(before), size);
    }

    /// The varlena with which its holder may change it.
    #[inline]
    pub fn datum(object: NonNull<Self>) -> Datum {
        // SAFETY: the object is valid; the varlena is part of it.
        Datum::from(unsafe { object.cast::<u8>().add(Self::VARLENA_AT).as_ptr() })
    }

    /// The context that owns the one in which it lives.
    #[inline]
    pub fn owner(object: NonNull<Self>) -> MemoryContext {
        // SAFETY: the object is valid, and so is its context.
        unsafe { (*object.as_ref().handle.context).parent }
    }
}

/// How many bytes the varlena has. It is made now, in the context of the object, and kept for [`flatten_into`].
unsafe extern "C-unwind" fn flat_size(object: *mut ExpandedObjectHeader) -> Size {
    // SAFETY: the server calls it for objects of ours, which are valid as long as somebody has a pointer to them.
    unsafe {
        pgrx_extern_c_guard(|| {
            let head = object.cast::<Head>();
            let bytes = ((*head).encode)(NonNull::new_unchecked(head));
            let size = HEADER + bytes.len();
            if size > HUGE {
                raise(
                    Error::new(ErrorKind::TooLarge, "a value is too large to be stored or sent")
                        .detail(format!("It has {size} bytes, at most {HUGE} can be.")),
                );
            }
            drop_flat(head);
            let flat = pg_sys::MemoryContextAlloc((*head).header.eoh_context, size).cast::<u8>();
            pgrx::varlena::set_varsize_4b(flat.cast(), size as i32);
            core::ptr::copy_nonoverlapping(bytes.as_ptr(), flat.add(HEADER), bytes.len());
            (*head).flat = flat;
            size
        })
    }
}

/// Hands the varlena over that [`flat_size`] has made: the server asks for the length first.
unsafe extern "C-unwind" fn flatten_into(
    object: *mut ExpandedObjectHeader,
    result: *mut core::ffi::c_void,
    size: Size,
) {
    // SAFETY: as above; there is room for `size` bytes, which is what the length was.
    unsafe {
        pgrx_extern_c_guard(|| {
            let head = object.cast::<Head>();
            let flat = (*head).flat;
            if flat.is_null() || pgrx::varlena::varsize_any(flat.cast()) != size {
                raise(Error::invalid("a value changed while it was copied"));
            }
            core::ptr::copy_nonoverlapping(flat, result.cast(), size);
            drop_flat(head);
        });
    }
}

unsafe fn drop_flat(head: *mut Head) {
    // SAFETY: `flat` is null or what `flat_size` allocated.
    unsafe {
        let flat = core::mem::replace(&mut (*head).flat, core::ptr::null_mut());
        if !flat.is_null() {
            pg_sys::pfree(flat.cast());
        }
    }
}

/// The name of contexts for objects; they are known by its address.
static NAME: &CStr = c"customer_tiering values";

/// The context below `owner` that all objects there name as theirs, since the server takes an object as it is only from
/// such a one. Nothing stays in it but the bytes that the server is about to take: a context for each of them would be a kilobyte for each group of a hash aggregate, which
/// walks over all contexts to see how much memory it has used.
fn context_below(owner: MemoryContext) -> MemoryContext {
    let name: *const c_char = NAME.as_ptr();
    // SAFETY: the owner and its children are valid. No context is deleted here, and the list of children is as the
    // server leaves it.
    unsafe {
        let first = (*owner).firstchild;
        let mut child = first;
        while !child.is_null() && (*child).name != name {
            child = (*child).nextchild;
        }
        if child.is_null() {
            return pg_sys::AllocSetContextCreateInternal(
                owner,
                name,
                pg_sys::ALLOCSET_SMALL_MINSIZE as usize,
                pg_sys::ALLOCSET_SMALL_INITSIZE as usize,
                pg_sys::ALLOCSET_SMALL_MAXSIZE as usize,
            );
        }
        if child != first {
            // Others make contexts as well. It moves to the front, so that each of theirs is passed once.
            pg_sys::MemoryContextSetParent(child, core::ptr::null_mut());
            pg_sys::MemoryContextSetParent(child, owner);
        }
        child
    }
}
