//! Rows: what type a composite value has, and what its columns hold.
//!
//! A row says which type it is of, and nothing of that type's columns. A volatile function may alter the type
//! while a statement runs, and rows made before and after then come to the same call site. So the identity
//! that the server's type cache gives to each definition of a type is compared for every row, and a row is
//! walked with its bounds checked: one that does not fit the definition is refused, never read beyond its end.
//! Newer servers write a version into each row and refuse one whose columns have changed their types since;
//! they are asked once for every version that comes.

use core::ffi::CStr;
use std::panic::AssertUnwindSafe;

use customer_tiering_engine::{Error, ErrorKind, Result};
use pgrx::pg_sys::{self, Datum, Oid};
use pgrx::{PgTryBuilder, varlena};

use crate::pg::call::utf8;

/// Which type a row is of, as its header says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Identity {
    type_id: Oid,
    /// Tells types without a name apart, of which one never changes; -1 for named ones.
    modifier: i32,
}

/// How a column lies in a row.
struct Attribute {
    type_id: Oid,
    dropped: bool,
    length: i16,
    alignment: usize,
    by_value: bool,
    /// What a row has that was stored before the column was added.
    missing: Option<Datum>,
}

/// A row type as it was when it was looked up.
pub struct RowType {
    identity: Identity,
    /// The type cache's entry and the identity of the definition in it; entries stay for as long as the backend
    /// lives. None for types without a name.
    definition: Option<(*const pg_sys::TypeCacheEntry, u64)>,
    descriptor: pg_sys::TupleDesc,
    attributes: Vec<Attribute>,
    values: Vec<Option<Datum>>,
    /// The version of rows that the server has taken for this definition.
    taken: Option<u64>,
}

impl Drop for RowType {
    fn drop(&mut self) {
        // SAFETY: the descriptor is a copy of our own in TopMemoryContext.
        unsafe { pg_sys::FreeTupleDesc(self.descriptor) }
    }
}

/// The type of a row.
///
/// # Safety
///
/// `datum` is a composite value.
#[inline]
pub unsafe fn identity(datum: Datum) -> Identity {
    // SAFETY: a composite datum starts with the header that has its type.
    let header = unsafe { &(*header(datum)).t_choice.t_datum };
    // Only rows without a named type have a modifier; others may keep a version in its place.
    match header.datum_typeid {
        pg_sys::RECORDOID => Identity { type_id: pg_sys::RECORDOID, modifier: header.datum_typmod },
        named => Identity { type_id: named, modifier: -1 },
    }
}

impl RowType {
    /// Whether this is the type of the identity, defined as it is now.
    #[inline]
    pub fn is(&self, identity: Identity) -> bool {
        self.identity == identity
            && match self.definition {
                // SAFETY: entries of the type cache are never freed; a change of the type, once this backend has
                // heard of it, puts 0 here.
                Some((entry, identifier)) => unsafe { (*entry).tupDesc_identifier == identifier },
                None => true,
            }
    }

    /// Looks the type up. `before` is what the call site knew of the type: rows of the statement may still be
    /// of that definition, so a column of another type now is an error.
    ///
    /// # Errors
    ///
    /// `WrongType` if a column has changed its type since `before`.
    #[cold]
    pub fn look_up(identity: Identity, before: Option<&RowType>) -> Result<RowType> {
        // SAFETY: the descriptor is copied into TopMemoryContext, so it lives until it is freed by `drop`; the
        // type exists, or the server raises an error.
        let found = unsafe {
            let definition = (identity.type_id != pg_sys::RECORDOID).then(|| {
                pg_sys::lookup_type_cache(identity.type_id, pg_sys::TYPECACHE_TUPDESC as i32).cast_const()
            });
            let previous = pg_sys::CurrentMemoryContext;
            pg_sys::CurrentMemoryContext = pg_sys::TopMemoryContext;
            let descriptor = pg_sys::lookup_rowtype_tupdesc_copy(identity.type_id, identity.modifier);
            pg_sys::CurrentMemoryContext = previous;
            let count = (*descriptor).natts as usize;
            let mut row_type = RowType {
                identity,
                definition: definition.map(|entry| (entry, (*entry).tupDesc_identifier)),
                descriptor,
                attributes: Vec::with_capacity(count),
                values: vec![None; count],
                taken: None,
            };
            for index in 0..count {
                let attribute = &*attribute_of(descriptor, index);
                let mut is_null = true;
                let missing = match attribute.atthasmissing {
                    true => pg_sys::getmissingattr(descriptor, index as i32 + 1, &mut is_null),
                    false => Datum::null(),
                };
                row_type.attributes.push(Attribute {
                    type_id: attribute.atttypid,
                    dropped: attribute.attisdropped,
                    length: attribute.attlen,
                    alignment: match attribute.attalign as u8 {
                        b'c' => 1,
                        b's' => 2,
                        b'i' => 4,
                        _ => 8,
                    },
                    by_value: attribute.attbyval,
                    missing: (!is_null).then_some(missing),
                });
            }
            row_type
        };
        let retyped = |before: &RowType| {
            let mut pairs = before.attributes.iter().zip(&found.attributes);
            before.identity == identity
                && pairs.any(|(was, is)| !was.dropped && !is.dropped && was.type_id != is.type_id)
        };
        if before.is_some_and(retyped) { Err(found.altered()) } else { Ok(found) }
    }

    /// Name and type of each column; no name for those that were dropped.
    pub fn columns(&self) -> Vec<(&str, Oid)> {
        let column = |(index, attribute): (usize, &Attribute)| {
            if attribute.dropped {
                return ("", pg_sys::InvalidOid);
            }
            // SAFETY: the descriptor has as many attributes as were read from it, and lives as long as we.
            let name =
                unsafe { CStr::from_ptr((*attribute_of(self.descriptor, index)).attname.data.as_ptr()) };
            (utf8(name.to_bytes()), attribute.type_id)
        };
        self.attributes.iter().enumerate().map(column).collect()
    }

    /// The first `count` values of a row; those by reference lie within it. They are valid until the next call.
    ///
    /// # Errors
    ///
    /// `WrongType` if the row does not fit the type, as it may if it was made before the type was altered.
    ///
    /// # Safety
    ///
    /// `datum` is a composite value of the type.
    #[inline]
    pub unsafe fn values(&mut self, datum: Datum, count: usize) -> Result<&[Option<Datum>]> {
        // SAFETY: a composite value is a varlena that begins with a tuple header, aligned as the server does.
        let (row, header) = unsafe {
            let header = header(datum);
            let size = varlena::varsize_4b(header.cast());
            (core::slice::from_raw_parts(header.cast::<u8>(), size), &*header)
        };
        let stored = usize::from(header.t_infomask2) & pg_sys::HEAP_NATTS_MASK as usize;
        let nulls = match u32::from(header.t_infomask) & pg_sys::HEAP_HASNULL {
            0 => None,
            _ => Some(core::mem::offset_of!(pg_sys::HeapTupleHeaderData, t_bits)),
        };
        if self.walk(row, usize::from(header.t_hoff), nulls, stored, count).is_none() {
            return Err(self.altered());
        }
        // SAFETY: a composite datum; its place for a TID holds half of the version, or anything at all.
        let version = unsafe { version(header) };
        if self.definition.is_some() && self.taken != Some(version) {
            // SAFETY: passed on to the caller; the walk has found the row to be whole.
            unsafe { self.ask_server(row) }?;
            self.taken = Some(version);
        }
        Ok(&self.values)
    }

    /// Lets the server take a row apart, which looks at its version if it knows of versions.
    ///
    /// # Safety
    ///
    /// `row` is a composite value of the type.
    #[cold]
    unsafe fn ask_server(&self, row: &[u8]) -> Result<()> {
        let mut tuple = pg_sys::HeapTupleData {
            t_len: row.len() as u32,
            t_data: row.as_ptr().cast_mut().cast(),
            ..Default::default()
        };
        let mut values = vec![Datum::null(); self.attributes.len()];
        let mut nulls = vec![true; self.attributes.len()];
        let taken = PgTryBuilder::new(AssertUnwindSafe(|| {
            // SAFETY: the caller vouches for the row; the arrays are as long as the descriptor is wide.
            unsafe {
                let (values, nulls) = (values.as_mut_ptr(), nulls.as_mut_ptr());
                pg_sys::heap_deform_tuple(&mut tuple, self.descriptor, values, nulls);
            }
            true
        }))
        // It changes nothing, so that there is nothing to undo.
        .catch_others(|_| false)
        .execute();
        if taken { Ok(()) } else { Err(self.altered()) }
    }

    /// Finds the values in the bytes of a row: data from `start` on, the bitmap of the columns that are there
    /// at `nulls`, `stored` columns. None if they do not fit.
    #[inline]
    fn walk(
        &mut self,
        row: &[u8],
        start: usize,
        nulls: Option<usize>,
        stored: usize,
        count: usize,
    ) -> Option<()> {
        let mut at = start;
        for (index, (attribute, value)) in
            self.attributes.iter().zip(&mut self.values).take(count).enumerate()
        {
            if index >= stored {
                *value = attribute.missing;
                continue;
            }
            if let Some(bitmap) = nulls
                && row.get(bitmap + index / 8)? & (1 << (index % 8)) == 0
            {
                *value = None;
                continue;
            }
            // A value with a header of one byte is not aligned, and no padding looks like one.
            if attribute.length != -1 || *row.get(at)? == 0 {
                at = at.next_multiple_of(attribute.alignment);
            }
            let rest = row.get(at..)?;
            let length = match attribute.length {
                -1 => varlena_length(rest)?,
                -2 => rest.iter().position(|byte| *byte == 0)? + 1,
                length => usize::try_from(length).ok()?,
            };
            let bytes = rest.get(..length)?;
            *value = Some(if attribute.by_value {
                // As fetch_att(): sign-extended like the integers they are.
                match *bytes {
                    [one] => Datum::from(i8::from_ne_bytes([one])),
                    [a, b] => Datum::from(i16::from_ne_bytes([a, b])),
                    [a, b, c, d] => Datum::from(i32::from_ne_bytes([a, b, c, d])),
                    _ => Datum::from(i64::from_ne_bytes(bytes.try_into().ok()?)),
                }
            } else {
                Datum::from(bytes.as_ptr())
            });
            at += length;
        }
        Some(())
    }

    /// The error for a row of another definition.
    #[cold]
    fn altered(&self) -> Error {
        // SAFETY: format_type_be gives a C string, "???" for an unknown type.
        let name = unsafe { CStr::from_ptr(pg_sys::format_type_be(self.identity.type_id)) };
        let name = name.to_string_lossy();
        Error::new(ErrorKind::WrongType, format!("type {name} was altered while its rows were read"))
            .detail("Rows that were made before and after cannot be told apart.")
            .hint("Alter the type in a statement of its own, then run this one again.")
    }
}

/// The names of the columns of a named type, empty for those that were dropped.
pub fn column_names(type_id: Oid) -> Vec<String> {
    // SAFETY: the type exists, or the server raises an error; the copy of its descriptor is of this function alone.
    unsafe {
        let descriptor = pg_sys::lookup_rowtype_tupdesc_copy(type_id, -1);
        let names = (0..(*descriptor).natts as usize).map(|index| {
            let attribute = attribute_of(descriptor, index);
            match (*attribute).attisdropped {
                true => String::new(),
                false => CStr::from_ptr((*attribute).attname.data.as_ptr()).to_string_lossy().into_owned(),
            }
        });
        let names = names.collect();
        pg_sys::FreeTupleDesc(descriptor);
        names
    }
}

/// The version of a row of a named type.
///
/// # Safety
///
/// The header is that of a composite value.
#[inline]
unsafe fn version(header: &pg_sys::HeapTupleHeaderData) -> u64 {
    // SAFETY: the caller vouches for the kind of header.
    let low = unsafe { header.t_choice.t_datum.datum_typmod } as u32;
    let high = header.t_ctid.ip_blkid;
    u64::from(high.bi_hi) << 48 | u64::from(high.bi_lo) << 32 | u64::from(low)
}

/// How long the varlena at the start of the bytes is; None if it is longer than they, or of a kind that no row
/// holds.
#[inline]
fn varlena_length(bytes: &[u8]) -> Option<usize> {
    let start = bytes.as_ptr().cast::<pg_sys::varlena>();
    // SAFETY: the first byte is there, and tells which header it is; a long one is read once its four bytes are
    // there. A pointer says in its second byte where to.
    unsafe {
        bytes.first()?;
        if varlena::varatt_is_1b_e(start) {
            let on_disk = pg_sys::vartag_external::VARTAG_ONDISK;
            return (u32::from(*bytes.get(1)?) == on_disk).then(|| varlena::varsize_external(start));
        }
        if varlena::varatt_is_1b(start) {
            return Some(varlena::varsize_1b(start));
        }
        bytes.get(..4)?;
        let length = varlena::varsize_4b(start);
        (length >= 4).then_some(length)
    }
}

/// # Safety
///
/// `datum` is a composite value.
#[inline]
unsafe fn header(datum: Datum) -> pg_sys::HeapTupleHeader {
    // SAFETY: a composite value is a varlena with a four-byte header unless it is toasted.
    unsafe {
        let pointer = datum.cast_mut_ptr::<pg_sys::varlena>();
        if varlena::varatt_is_4b_u(pointer) {
            pointer.cast()
        } else {
            pg_sys::pg_detoast_datum(pointer).cast()
        }
    }
}

/// The type of a column and the length of its values, -1 for a varlena.
///
/// # Safety
///
/// `descriptor` is valid and has more than `index` attributes.
pub unsafe fn column_type(descriptor: pg_sys::TupleDesc, index: usize) -> (Oid, i16) {
    // SAFETY: as the caller says.
    unsafe {
        let attribute = attribute_of(descriptor, index);
        ((*attribute).atttypid, (*attribute).attlen)
    }
}

/// # Safety
///
/// `descriptor` is valid and has more than `index` attributes.
unsafe fn attribute_of(descriptor: pg_sys::TupleDesc, index: usize) -> pg_sys::Form_pg_attribute {
    #[cfg(not(any(feature = "pg15", feature = "pg16", feature = "pg17")))]
    // SAFETY: as documented; since 18 the attributes stand behind as many compact ones.
    unsafe {
        let compact = (*descriptor).compact_attrs.as_ptr();
        let first = compact.add((*descriptor).natts as usize).cast::<pg_sys::FormData_pg_attribute>();
        first.add(index).cast_mut()
    }
    #[cfg(any(feature = "pg15", feature = "pg16", feature = "pg17"))]
    // SAFETY: as documented.
    unsafe {
        (*descriptor).attrs.as_mut_ptr().add(index)
    }
}
