//! Raw V1 functions, made safe to write. `VARIADIC "any"` and types of our own need them: pgrx's
//! `#[pg_extern]` has no wrapper for the first and wants CBOR-like machinery for the second.

use customer_tiering_engine::{Error, ErrorKind, Result};
use pgrx::memcxt::PgMemoryContexts;
use pgrx::pg_sys::{self, Datum, Oid};
use pgrx::varlena::{varatt_is_1b, varatt_is_1b_e, varatt_is_4b_u, vardata_any, varsize_any_exhdr};
use pgrx::{FromDatum, IntoDatum, PgLogLevel};

use crate::error::report;

/// Declares a `LANGUAGE c` function: the symbol, its finfo record, and the safe body. The body has the name of
/// the symbol unless another is given; the symbol of one of several alike is the name of what they are of and an end.
///
/// What is called for every row of a query may be tried without a guard first, which takes as long as grading a row does: `quick`
/// gives nothing where more is to be done than to look at what is in memory. It neither panics nor calls what can raise an ERROR.
macro_rules! pg_function {
    ($name:ident) => {
        $crate::pg::call::pg_function!($name, $name);
    };
    ($name:ident, $body:path) => {
        $crate::pg::call::pg_function!($name, $body, quick = $crate::pg::call::nothing);
    };
    ($name:ident $end:literal, $body:path) => {
        $crate::pg::call::pg_function!($name $end, $body, quick = $crate::pg::call::nothing);
    };
    ($name:ident $($end:literal)?, $body:path, quick = $quick:path) => {
        const _: () = {
            // The server looks for the record under this name.
            #[unsafe(export_name = concat!("pg_finfo_", stringify!($name) $(, $end)?))]
            extern "C" fn finfo() -> *const pgrx::pg_sys::Pg_finfo_record {
                static RECORD: pgrx::pg_sys::Pg_finfo_record =
                    pgrx::pg_sys::Pg_finfo_record { api_version: 1 };
                &RECORD
            }

            #[unsafe(export_name = concat!(stringify!($name) $(, $end)?))]
            extern "C-unwind" fn symbol(fcinfo: pgrx::pg_sys::FunctionCallInfo) -> pgrx::pg_sys::Datum {
                // SAFETY: as below.
                let call = unsafe { $crate::pg::call::Call::new(fcinfo) };
                match $quick(&call) {
                    Some(datum) => datum,
                    None => guarded(fcinfo),
                }
            }

            #[pgrx::pg_guard]
            extern "C-unwind" fn guarded(fcinfo: pgrx::pg_sys::FunctionCallInfo) -> pgrx::pg_sys::Datum {
                // SAFETY: only the function manager calls this symbol, with a valid fcinfo.
                let mut call = unsafe { $crate::pg::call::Call::new(fcinfo) };
                let result = $body(&mut call);
                call.finish(result)
            }
        };
    };
}
pub(crate) use pg_function;

/// No quick way.
#[inline(always)]
pub fn nothing(_call: &Call) -> Option<Datum> {
    None
}

/// One call of a C function, as the function manager passes it.
pub struct Call(pg_sys::FunctionCallInfo);

impl Call {
    /// # Safety
    ///
    /// `fcinfo` is valid for as long as this value lives.
    pub unsafe fn new(fcinfo: pg_sys::FunctionCallInfo) -> Self {
        Call(fcinfo)
    }

    /// As the function manager passed it.
    pub fn raw(&self) -> pg_sys::FunctionCallInfo {
        self.0
    }

    /// The number of arguments.
    #[inline]
    pub fn count(&self) -> usize {
        // SAFETY: fcinfo is valid.
        unsafe { (*self.0).nargs as usize }
    }

    /// An argument; `None` is NULL.
    #[inline]
    pub fn arg(&self, index: usize) -> Option<Datum> {
        debug_assert!(index < self.count());
        // SAFETY: fcinfo is valid and has nargs arguments; callers stay below count().
        let argument = unsafe { *(*self.0).args.as_slice(self.count()).get_unchecked(index) };
        (!argument.isnull).then_some(argument.value)
    }

    /// An argument of a Rust type that PostgreSQL's declared type maps to.
    pub fn get<T: FromDatum>(&self, index: usize) -> Option<T> {
        // SAFETY: the SQL declaration of the function has the type that T stands for.
        self.arg(index).and_then(|datum| unsafe { T::from_datum(datum, false) })
    }

    /// The bytes of an argument of a varlena type.
    #[inline]
    pub fn bytes(&self, index: usize) -> Option<&[u8]> {
        // SAFETY: the SQL declaration says so.
        self.arg(index).map(|datum| unsafe { payload(datum) })
    }

    /// An argument of type text.
    pub fn text(&self, index: usize) -> Option<&str> {
        self.bytes(index).map(utf8)
    }

    /// An argument of type cstring.
    pub fn cstring(&self, index: usize) -> Option<&str> {
        // SAFETY: the SQL declaration says so; the argument outlives the call.
        self.arg(index)
            .map(|datum| utf8(unsafe { core::ffi::CStr::from_ptr(datum.cast_mut_ptr()) }.to_bytes()))
    }

    /// The rest of the message that a receive function gets.
    pub fn message(&self) -> Option<&[u8]> {
        let datum = self.arg(0)?;
        // SAFETY: a receive function gets a StringInfo; the rest of its bytes are ours.
        unsafe {
            let buffer = datum.cast_mut_ptr::<pg_sys::StringInfoData>();
            let left = (*buffer).len - (*buffer).cursor;
            let start = pg_sys::pq_getmsgbytes(buffer, left).cast::<u8>();
            Some(core::slice::from_raw_parts(start, left as usize))
        }
    }

    /// The text of an argument of type jsonb.
    pub fn jsonb_text(&self, index: usize) -> Option<&str> {
        let datum = self.arg(index)?;
        // SAFETY: the SQL declaration says so; jsonb_out gives a C string in the current memory context.
        unsafe {
            let text = pgrx::direct_function_call_as_datum(pg_sys::jsonb_out, &[Some(datum)])?;
            Some(utf8(core::ffi::CStr::from_ptr(text.cast_mut_ptr()).to_bytes()))
        }
    }

    /// An argument of type jsonb. Not by way of `pgrx::JsonB`, which panics on what serde_json does not
    /// read: jsonb nests deeper, and may have the key that serde_json reserves for numbers.
    pub fn jsonb(&self, index: usize) -> Result<Option<serde_json::Value>> {
        let Some(text) = self.jsonb_text(index) else { return Ok(None) };
        serde_json::from_str(text).map(Some).map_err(|error| {
            Error::invalid("jsonb value cannot be read")
                .detail(format!("{error}."))
                .hint("At most 127 levels of arrays and objects inside each other are read.")
        })
    }

    /// The type of an argument, as the parser resolved it; as the function declares it where there is no expression: a server that computes a part of
    /// an aggregate calls its functions without one.
    pub fn arg_type(&self, index: usize) -> Oid {
        // SAFETY: flinfo is set for every call through the function manager; the signature of a function has as many types as it says.
        unsafe {
            let flinfo = (*self.0).flinfo;
            let resolved = pg_sys::get_fn_expr_argtype(flinfo, index as i32);
            if resolved != pg_sys::InvalidOid {
                return resolved;
            }
            let (mut types, mut count) = (core::ptr::null_mut(), 0);
            pg_sys::get_func_signature((*flinfo).fn_oid, &mut types, &mut count);
            if index < count as usize { *types.add(index) } else { pg_sys::InvalidOid }
        }
    }

    /// Whether an argument is the same whenever the call is made: a constant of the query. A parameter of a statement is
    /// not, which PL/pgSQL evaluates again and again.
    pub fn is_constant(&self, index: usize) -> bool {
        // SAFETY: flinfo is set for every call through the function manager; an expression of a function has a list of its arguments,
        // which are nodes.
        unsafe {
            let call = (*(*self.0).flinfo).fn_expr;
            if call.is_null() || !pgrx::is_a(call, pg_sys::NodeTag::T_FuncExpr) {
                return false;
            }
            let arguments = (*call.cast::<pg_sys::FuncExpr>()).args;
            !arguments.is_null()
                && index < (*arguments).length as usize
                && pgrx::is_a((*(*arguments).elements.add(index)).ptr_value.cast(), pg_sys::NodeTag::T_Const)
        }
    }

    /// Whether the call was written with the keyword VARIADIC before an array.
    pub fn is_variadic_array(&self) -> bool {
        // SAFETY: as above.
        unsafe { pg_sys::get_fn_expr_variadic((*self.0).flinfo) }
    }

    /// Whether it is a call of an expression, whose site keeps something from row to row. A server that computes a part of an aggregate looks up its
    /// functions for each row, without an expression.
    #[inline]
    pub fn has_site(&self) -> bool {
        // SAFETY: flinfo is set for every call through the function manager.
        unsafe { !(*(*self.0).flinfo).fn_expr.is_null() }
    }

    /// Which function is called.
    pub fn function(&self) -> Oid {
        // SAFETY: as above.
        unsafe { (*(*self.0).flinfo).fn_oid }
    }

    /// What this call site keeps between calls (`fn_extra`), made at the first call.
    #[inline]
    #[expect(clippy::mut_from_ref, reason = "a body asks once a call, while it still reads its arguments")]
    pub fn site<T>(&self, make: impl FnOnce() -> T) -> &mut T {
        // SAFETY: fn_extra of a C function belongs to the function; it only ever holds a `T` of this
        // very function, which lives as long as fn_mcxt and is dropped with it.
        unsafe {
            let flinfo = (*self.0).flinfo;
            if (*flinfo).fn_extra.is_null() {
                let leaked = PgMemoryContexts::For((*flinfo).fn_mcxt).leak_and_drop_on_delete(make());
                (*flinfo).fn_extra = leaked.cast();
            }
            &mut *(*flinfo).fn_extra.cast::<T>()
        }
    }

    /// What this call site has kept, if it has.
    #[inline(always)]
    pub fn known_site<T>(&self) -> Option<&T> {
        // SAFETY: as in `site`.
        unsafe { (*(*self.0).flinfo).fn_extra.cast::<T>().as_ref() }
    }

    /// Hands the result to the function manager; an error becomes an ERROR.
    #[inline]
    pub fn finish(&mut self, result: Result<Option<Datum>>) -> Datum {
        match result {
            Ok(Some(datum)) => datum,
            Ok(None) => {
                // SAFETY: fcinfo is valid.
                unsafe { (*self.0).isnull = true };
                Datum::null()
            }
            Err(error) => raise(error),
        }
    }
}

/// Lets the server cancel the query, or end the session: for loops of the engine over what a user may make
/// large.
pub fn interrupted() -> Result<()> {
    pgrx::check_for_interrupts!();
    Ok(())
}

/// Raises an engine error as a PostgreSQL ERROR.
#[cold]
pub fn raise(error: Error) -> ! {
    report(error).report(PgLogLevel::ERROR);
    unreachable!("ERROR does not return");
}

/// The bytes of a varlena, detoasted into the current memory context where need be.
///
/// # Safety
///
/// `datum` is a varlena that outlives `'a`, or is detoasted into a context that does.
#[inline(always)]
pub unsafe fn payload<'a>(datum: Datum) -> &'a [u8] {
    // SAFETY: the caller vouches for the varlena; plain and short ones are read in place.
    unsafe {
        match plain_payload(datum) {
            Some(bytes) => bytes,
            None => {
                let pointer = pg_sys::pg_detoast_datum_packed(datum.cast_mut_ptr());
                core::slice::from_raw_parts(vardata_any(pointer).cast(), varsize_any_exhdr(pointer))
            }
        }
    }
}

/// The bytes of a varlena that is not toasted.
///
/// # Safety
///
/// `datum` is a varlena that outlives `'a`.
#[inline(always)]
pub unsafe fn plain_payload<'a>(datum: Datum) -> Option<&'a [u8]> {
    // SAFETY: the caller vouches for the varlena.
    unsafe {
        let pointer = datum.cast_mut_ptr::<pg_sys::varlena>();
        let plain = varatt_is_4b_u(pointer) || (varatt_is_1b(pointer) && !varatt_is_1b_e(pointer));
        // No closure, which would stay a function of its own.
        if plain {
            Some(core::slice::from_raw_parts(vardata_any(pointer).cast(), varsize_any_exhdr(pointer)))
        } else {
            None
        }
    }
}

/// What `look` sees in the bytes of a varlena; if they had to be detoasted, the copy is given back at once.
///
/// # Safety
///
/// `datum` is a varlena.
pub unsafe fn detoasted<T>(datum: Datum, look: impl FnOnce(&[u8]) -> T) -> T {
    // SAFETY: the caller vouches for the varlena. A copy is of this function alone, and nothing of it leaves `look`.
    unsafe {
        let given = datum.cast_mut_ptr::<pg_sys::varlena>();
        let plain = pg_sys::pg_detoast_datum_packed(given);
        let seen = look(core::slice::from_raw_parts(vardata_any(plain).cast(), varsize_any_exhdr(plain)));
        if plain != given {
            pg_sys::pfree(plain.cast());
        }
        seen
    }
}

/// Bytes of the server's encoding as text. The extension installs only into UTF8 databases.
pub fn utf8(bytes: &[u8]) -> &str {
    match core::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(_) => raise(Error::invalid("text is not valid UTF-8")),
    }
}

/// A varlena in memory of our own, aligned for its header. A call site that owns it can return it for
/// every row without an allocation.
pub fn varlena(contents: &[u8]) -> Box<[u32]> {
    let size = 4 + contents.len();
    let mut words = vec![0_u32; size.div_ceil(4)].into_boxed_slice();
    // SAFETY: the box has room for header and contents, which are a tier code or a document of at most
    // 1 MiB, so that the size fits the header.
    unsafe {
        let pointer = words.as_mut_ptr().cast::<u8>();
        pgrx::varlena::set_varsize_4b(pointer.cast(), size as i32);
        core::ptr::copy_nonoverlapping(contents.as_ptr(), pointer.add(4), contents.len());
    }
    words
}

/// Text as a datum in the current memory context.
pub fn text_datum(text: &str) -> Option<Datum> {
    text.into_datum()
}

/// Makes rows of the composite type that a function is declared to return. To look the type up takes longer than to make
/// a row: a call site keeps it.
pub struct RowMaker(pg_sys::TupleDesc);

impl RowMaker {
    /// For the function of a call.
    pub fn of(call: &Call) -> Result<Self> {
        // SAFETY: fcinfo is valid; the descriptor is that of the declared type.
        unsafe {
            let mut descriptor = core::ptr::null_mut();
            let class = pg_sys::get_call_result_type(call.raw(), core::ptr::null_mut(), &mut descriptor);
            if class != pg_sys::TypeFuncClass::TYPEFUNC_COMPOSITE {
                return Err(Error::invalid("the function is not declared to return a row"));
            }
            Ok(RowMaker(pg_sys::BlessTupleDesc(descriptor)))
        }
    }

    /// A copy that lives as long as the call site.
    pub fn kept(&self, call: &Call) -> Self {
        // SAFETY: the descriptor is valid; flinfo is set for every call through the function manager.
        unsafe {
            let mut site = PgMemoryContexts::For((*(*call.raw()).flinfo).fn_mcxt);
            RowMaker(site.switch_to(|_| pg_sys::CreateTupleDescCopy(self.0)))
        }
    }

    /// A row, in the current memory context.
    pub fn row<const N: usize>(&self, values: &[Option<Datum>; N]) -> Result<Datum> {
        let mut datums = values.map(|value| value.unwrap_or(Datum::null()));
        let mut nulls = values.map(|value| value.is_none());
        // SAFETY: the descriptor is valid for the call, or for the site that keeps it; its columns are compared in number.
        unsafe {
            if (*self.0).natts as usize != N {
                return Err(Error::invalid("the function is not declared to return such a row"));
            }
            let tuple = pg_sys::heap_form_tuple(self.0, datums.as_mut_ptr(), nulls.as_mut_ptr());
            Ok(pg_sys::HeapTupleHeaderGetDatum((*tuple).t_data))
        }
    }
}

/// JSON text, such as the canonical text of a document, as a jsonb datum in the current memory context.
pub fn json_text_datum(text: &str) -> Result<Option<Datum>> {
    let value = serde_json::from_str(text);
    value.map(jsonb_datum).map_err(|error| Error::new(ErrorKind::NotJson, error.to_string()))
}

/// Documents that the engine has compiled in, as one jsonb array.
pub fn documents_datum(documents: &[(&str, &str)]) -> Result<Option<Datum>> {
    let documents: Vec<&str> = documents.iter().map(|(_, document)| *document).collect();
    json_text_datum(&format!("[{}]", documents.join(",")))
}

/// JSON as a jsonb datum in the current memory context.
pub fn jsonb_datum(value: serde_json::Value) -> Option<Datum> {
    pgrx::JsonB(value).into_datum()
}
