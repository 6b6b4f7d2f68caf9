//! Rust collections in a memory context of the server: freed with it, and counted by it, so that a hash
//! aggregate knows when its states outgrow `work_mem`.

use core::alloc::Layout;
use core::ptr::NonNull;

use allocator_api2::alloc::{AllocError, Allocator};
use pgrx::pg_sys::{self, MemoryContext};

/// What `palloc` aligns to.
const MAX_ALIGN: usize = 8;

/// Memory that the server calls too large to be an honest request, unless asked with "huge".
pub const HUGE: usize = 0x3fff_ffff;

/// An allocator over a memory context. The context must outlive what is allocated.
#[derive(Debug, Clone, Copy)]
pub struct Memory(MemoryContext);

impl Memory {
    /// # Safety
    ///
    /// The context is valid, and outlives all that is allocated in it.
    pub unsafe fn of(context: MemoryContext) -> Self {
        Memory(context)
    }

    /// What a caller of ours may throw away when it likes: its current memory context.
    pub fn current() -> Self {
        // SAFETY: there always is a current context; values made in it are gone before it is.
        Memory(unsafe { pg_sys::CurrentMemoryContext })
    }

    /// Moves a value into the context. It is never dropped: all it owns is in the context as well.
    pub fn place<T>(self, value: T) -> *mut T {
        let layout = Layout::new::<T>();
        match self.allocate(layout) {
            // SAFETY: fresh memory of this very layout.
            Ok(memory) => unsafe {
                let place = memory.cast::<T>().as_ptr();
                place.write(value);
                place
            },
            Err(AllocError) => unreachable!("running out of memory raises an ERROR"),
        }
    }
}

/// Asks the processor to fetch memory while other work is done.
#[inline]
pub fn prefetch(start: *const u8, size: usize) {
    #[cfg(target_arch = "x86_64")]
    for line in (0..size).step_by(64) {
        use core::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // SAFETY: a prefetch reads nothing; any address will do.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(start.cast::<i8>().wrapping_add(line)) }
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (start, size);
}

/// What the server hands out for a layout. It aligns to 8; for 16 (SIMD groups, 128-bit integers), the
/// address that it gave stands in the word before the aligned one.
fn padded(layout: Layout) -> usize {
    if layout.align() <= MAX_ALIGN { layout.size() } else { layout.size() + layout.align() }
}

// SAFETY: memory stays valid until it is deallocated or its context is gone, which all users of `Memory`
// vouch for; copies of it are the same allocator.
unsafe impl Allocator for Memory {
    fn allocate(&self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        let size = padded(layout).max(1);
        // SAFETY: the context is valid. An ERROR (out of memory, SQLSTATE 53200) unwinds as a panic of
        // pgrx, past callers that are consistent at every allocation.
        let raw = unsafe {
            if size > HUGE {
                pg_sys::MemoryContextAllocHuge(self.0, size)
            } else {
                pg_sys::MemoryContextAlloc(self.0, size)
            }
        };
        let raw = raw.cast::<u8>();
        let start = if layout.align() <= MAX_ALIGN {
            raw
        } else {
            // SAFETY: `raw` is aligned to 8, so the next multiple of the alignment after it leaves a word
            // before it and the whole layout behind it.
            unsafe {
                let offset = layout.align() - raw as usize % layout.align();
                let start = raw.add(offset);
                start.cast::<*mut u8>().sub(1).write(raw);
                start
            }
        };
        NonNull::new(start).map(|start| NonNull::slice_from_raw_parts(start, layout.size())).ok_or(AllocError)
    }

    unsafe fn deallocate(&self, start: NonNull<u8>, layout: Layout) {
        // SAFETY: `start` comes from `allocate` with this layout.
        unsafe {
            let raw = if layout.align() <= MAX_ALIGN {
                start.as_ptr()
            } else {
                start.as_ptr().cast::<*mut u8>().sub(1).read()
            };
            pg_sys::pfree(raw.cast());
        }
    }
}
