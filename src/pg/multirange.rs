//! The ranges of a multirange, read one by one.

use pgrx::pg_sys::{self, Datum, RangeBound};

/// What stands before the ranges of a multirange (`MultirangeType` of multirangetypes.h).
#[repr(C)]
struct Header {
    varlena: i32,
    of_type: pg_sys::Oid,
    count: u32,
}

// pgrx does not bind multirangetypes.h.
unsafe extern "C-unwind" {
    fn multirange_get_bounds(
        range_type: *mut pg_sys::TypeCacheEntry,
        multirange: *const Header,
        place: u32,
        lower: *mut RangeBound,
        upper: *mut RangeBound,
    );
}

/// The ranges of a tstzmultirange in ascending order, none touching another, as pairs of PostgreSQL timestamps;
/// `None` is an open end. The smallest and the largest number are the infinite timestamps.
pub struct TimeRanges {
    range_type: *mut pg_sys::TypeCacheEntry,
    multirange: *const Header,
    place: u32,
}

impl TimeRanges {
    /// # Safety
    ///
    /// `datum` is a tstzmultirange, in memory that lives as long as this value.
    pub unsafe fn from_datum(datum: Datum) -> Self {
        // SAFETY: the caller vouches for the varlena; detoasting gives one that is aligned for its header.
        unsafe {
            let range_type =
                pg_sys::lookup_type_cache(pg_sys::TSTZRANGEOID, pg_sys::TYPECACHE_RANGE_INFO as i32);
            let multirange = pg_sys::pg_detoast_datum(datum.cast_mut_ptr()).cast::<Header>();
            TimeRanges { range_type, multirange, place: 0 }
        }
    }
}

impl Iterator for TimeRanges {
    type Item = (Option<i64>, Option<i64>);

    fn next(&mut self) -> Option<Self::Item> {
        let mut lower = RangeBound::default();
        let mut upper = RangeBound::default();
        // SAFETY: `multirange` is one of the type whose ranges `range_type` describes, and `place` is below its count.
        unsafe {
            if self.place >= (*self.multirange).count {
                return None;
            }
            pg_sys::ffi::pg_guard_ffi_boundary(|| {
                multirange_get_bounds(self.range_type, self.multirange, self.place, &mut lower, &mut upper);
            });
        }
        self.place += 1;
        let bound = |bound: RangeBound| (!bound.infinite).then_some(bound.val.value() as i64);
        Some((bound(lower), bound(upper)))
    }
}
