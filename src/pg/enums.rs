//! Labels of enums, which `ALTER TYPE … RENAME VALUE` may change while a call site remembers them.

use core::cell::{Cell, RefCell};
use core::ffi::{CStr, c_int};
use std::collections::HashMap;

use customer_tiering_engine::{Error, ErrorKind, Result};
use pgrx::pg_sys::{self, Datum, Oid, SysCacheIdentifier::ENUMOID};

thread_local! {
    /// How often this backend has heard that labels changed; None until it is told of changes at all.
    static CHANGES: Cell<Option<u64>> = const { Cell::new(None) };
}

#[pgrx::pg_guard]
unsafe extern "C-unwind" fn labels_changed(_argument: Datum, _cache: c_int, _hash: u32) {
    CHANGES.set(CHANGES.get().map(|changes| changes.wrapping_add(1)));
}

/// The number of changes so far.
fn changes() -> u64 {
    CHANGES.get().unwrap_or_else(|| {
        // SAFETY: once a backend; the function lives as long as the library, which is never unloaded.
        unsafe {
            pg_sys::CacheRegisterSyscacheCallback(ENUMOID as c_int, Some(labels_changed), Datum::null())
        };
        CHANGES.set(Some(0));
        0
    })
}

/// What was made of the labels of an enum, by the OIDs of its values.
pub struct Labels<T>(RefCell<(u64, HashMap<Oid, T>)>);

impl<T> Default for Labels<T> {
    fn default() -> Self {
        Labels(RefCell::new((changes(), HashMap::new())))
    }
}

impl<T: Copy> Labels<T> {
    /// What is made of the label of a value, made again once labels have changed.
    #[inline]
    pub fn get(&self, value: Oid, make: impl FnOnce(&str) -> Result<T>) -> Result<T> {
        let changes = changes();
        {
            let (of, known) = &mut *self.0.borrow_mut();
            if *of != changes {
                *of = changes;
                known.clear();
            }
            if let Some(made) = known.get(&value) {
                return Ok(*made);
            }
        }
        // Not under the borrow: a look-up may raise a PostgreSQL error, or hear of changes.
        let made = make(&label(value)?)?;
        self.0.borrow_mut().1.insert(value, made);
        Ok(made)
    }
}

/// The label of a value now.
#[cold]
pub fn label(value: Oid) -> Result<String> {
    // SAFETY: a look-up in the system cache, released once the label is copied.
    let label = unsafe {
        let tuple = pg_sys::SearchSysCache1(ENUMOID as c_int, Datum::from(value));
        (!tuple.is_null()).then(|| {
            let row = pg_sys::GETSTRUCT(tuple).cast::<pg_sys::FormData_pg_enum>();
            let label = CStr::from_ptr((*row).enumlabel.data.as_ptr()).to_string_lossy().into_owned();
            pg_sys::ReleaseSysCache(tuple);
            label
        })
    };
    label.ok_or_else(|| {
        Error::new(ErrorKind::WrongType, format!("no enum has a value with OID {value}"))
            .detail("The type was altered while its values were read.")
            .hint("Run the statement again.")
    })
}
