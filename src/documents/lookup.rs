//! Named documents: which version is current, and its compiled form. Compiled forms are kept per
//! backend in small caches keyed by the digest of the document, so they never need invalidation.

use std::cell::{Cell, RefCell};
use std::ffi::CStr;
use std::rc::Rc;
use std::thread::LocalKey;

use customer_tiering_engine::calendar::Calendar;
use customer_tiering_engine::document::nearest;
use customer_tiering_engine::lifetime::Model;
use customer_tiering_engine::{Compiled, Error, ErrorKind, Result};
use pgrx::pg_sys::{self, Datum, Oid};
use pgrx::{FromDatum, IntoDatum};
use sha2::{Digest as _, Sha256};

use crate::documents::stored::{Digest, Stored};
use crate::pg::call::payload;

/// How many compiled documents of a kind a backend keeps.
const CACHE_SIZE: usize = 32;

type Cache<T> = RefCell<Vec<(Digest, Rc<T>)>>;

thread_local! {
    static SCHEMES: Cache<Compiled> = const { RefCell::new(Vec::new()) };
    static CALENDARS: Cache<Calendar> = const { RefCell::new(Vec::new()) };
    static LIFETIME_MODELS: Cache<Model> = const { RefCell::new(Vec::new()) };
    static CURRENT_SCHEME: Cell<pg_sys::SPIPlanPtr> = const { Cell::new(core::ptr::null_mut()) };
    static NEWEST_SCHEME: Cell<pg_sys::SPIPlanPtr> = const { Cell::new(core::ptr::null_mut()) };
    static SCHEME_NAMES: Cell<pg_sys::SPIPlanPtr> = const { Cell::new(core::ptr::null_mut()) };
    static SCHEME_DOCUMENT: Cell<pg_sys::SPIPlanPtr> = const { Cell::new(core::ptr::null_mut()) };
    static CALENDAR: Cell<pg_sys::SPIPlanPtr> = const { Cell::new(core::ptr::null_mut()) };
    static STRATEGY_LINE: Cell<pg_sys::SPIPlanPtr> = const { Cell::new(core::ptr::null_mut()) };
    static DEFAULTS: Cell<pg_sys::SPIPlanPtr> = const { Cell::new(core::ptr::null_mut()) };
}

/// The compiled form of a document, from the cache or made now.
fn cached<T>(
    cache: &'static LocalKey<Cache<T>>,
    digest: Digest,
    make: impl FnOnce() -> Result<T>,
) -> Result<Rc<T>> {
    let known = cache.with_borrow_mut(|entries| {
        let place = entries.iter().position(|(key, _)| *key == digest)?;
        // The most recently used stands last.
        entries[place..].rotate_left(1);
        entries.last().map(|(_, value)| Rc::clone(value))
    });
    if let Some(value) = known {
        return Ok(value);
    }
    // Not under the borrow: `make` may raise a PostgreSQL error.
    let value = Rc::new(make()?);
    cache.with_borrow_mut(|entries| {
        if entries.len() >= CACHE_SIZE {
            entries.remove(0);
        }
        entries.push((digest, Rc::clone(&value)));
    });
    Ok(value)
}

/// The compiled form of a stored scheme.
pub fn scheme(stored: Stored<'_>) -> Result<Rc<Compiled>> {
    cached(&SCHEMES, stored.digest, || Compiled::parse(stored.text))
}

/// The compiled form of a stored calendar.
pub fn calendar(stored: Stored<'_>) -> Result<Rc<Calendar>> {
    cached(&CALENDARS, stored.digest, || Calendar::parse(stored.text))
}

/// The parsed form of a stored lifetime model.
pub fn lifetime_model(stored: Stored<'_>) -> Result<Rc<Model>> {
    cached(&LIFETIME_MODELS, stored.digest, || Model::parse(stored.text))
}

/// A scheme found by name.
pub struct Located {
    /// The current version.
    pub version: i32,
    /// Its compiled form.
    pub compiled: Rc<Compiled>,
    /// The digest of its document.
    digest: Digest,
}

/// The current version of a scheme: the newest approved one.
pub fn current_scheme(name: &str) -> Result<Located> {
    // Read backwards from the primary key, without a sort.
    const BY_NAME: &CStr = c"SELECT version, digest FROM tiering.schemes \
        WHERE scheme OPERATOR(pg_catalog.=) $1 AND status OPERATOR(pg_catalog.=) 'approved' \
        ORDER BY version DESC LIMIT 1";
    let found = query_row(&CURRENT_SCHEME, BY_NAME, &[(pg_sys::TEXTOID, name.into_datum())], |row| {
        let digest = row.bytes(2).and_then(|bytes| Digest::try_from(bytes).ok());
        Some((row.get::<i32>(1)?, digest?))
    })?;
    let Some((version, digest)) = found.flatten() else { return Err(not_current(name)?) };
    let compiled = cached(&SCHEMES, digest, || {
        const DOCUMENT: &CStr = c"SELECT document FROM tiering.schemes \
            WHERE scheme OPERATOR(pg_catalog.=) $1 AND version OPERATOR(pg_catalog.=) $2";
        let arguments = [(pg_sys::TEXTOID, name.into_datum()), (pg_sys::INT4OID, version.into_datum())];
        let text = query_row(&SCHEME_DOCUMENT, DOCUMENT, &arguments, |row| row.document(1))?;
        match text.flatten() {
            Some(text) => Compiled::parse(&text?),
            None => Err(Error::new(ErrorKind::UndefinedObject, format!("scheme {name:?} does not exist"))),
        }
    })?;
    Ok(Located { version, compiled, digest })
}

/// The current version of a scheme as it grades in this database: without a time zone of its own, in the default one.
pub fn scheme_at_home(name: &str) -> Result<Located> {
    let located = current_scheme(name)?;
    if located.compiled.scheme.has_timezone() {
        return Ok(located);
    }
    let Some(timezone) = defaults()?.timezone else { return Ok(located) };
    let hash = Sha256::new().chain_update(located.digest).chain_update(&timezone).finalize();
    let mut digest = Digest::default();
    digest.iter_mut().zip(hash).for_each(|(byte, hashed)| *byte = hashed);
    let compiled =
        cached(&SCHEMES, digest, || Compiled::in_zone(located.compiled.scheme.clone(), &timezone))?;
    Ok(Located { compiled, ..located })
}

/// What holds in this database unless something else is said.
#[derive(Default)]
pub struct Defaults {
    /// The time zone of schemes that have none of their own.
    pub timezone: Option<String>,
    /// The name of the calendar where none is named.
    pub calendar: Option<String>,
}

/// The row of `tiering.defaults`, if there is one.
pub fn defaults() -> Result<Defaults> {
    const ROW: &CStr = c"SELECT timezone, calendar FROM tiering.defaults";
    let found =
        query_row(&DEFAULTS, ROW, &[], |row| Defaults { timezone: row.get(1), calendar: row.get(2) })?;
    Ok(found.unwrap_or_default())
}

/// Why no version of a scheme is current.
#[cold]
fn not_current(name: &str) -> Result<Error> {
    const NEWEST: &CStr = c"SELECT version, status FROM tiering.schemes \
        WHERE scheme OPERATOR(pg_catalog.=) $1 ORDER BY version DESC LIMIT 1";
    // The second column: whether this server grades for another one, which may have the scheme. Then that asks, or it has given schemes, or there is the view of a shard.
    const NAMES: &CStr = c"SELECT pg_catalog.string_agg(DISTINCT scheme, ' '), pg_catalog.bool_or(approval_reason OPERATOR(pg_catalog.=) 'approved on another server') IS TRUE \
        OR pg_catalog.current_setting('application_name') OPERATOR(pg_catalog.~) '^(postgres_fdw|citus_internal)' \
        OR EXISTS (SELECT FROM pg_catalog.pg_description WHERE description OPERATOR(pg_catalog.~~) '%made by tiering.create_shard_view()') FROM tiering.schemes";
    let newest = query_row(&NEWEST_SCHEME, NEWEST, &[(pg_sys::TEXTOID, name.into_datum())], |row| {
        Some((row.get::<i32>(1)?, row.get::<String>(2)?))
    })?;
    if let Some((version, status)) = newest.flatten() {
        let error = Error::new(ErrorKind::NotReady, format!("scheme {name:?} has no approved version"))
            .detail(format!("Its newest version is {version}, a {status} one."));
        return Ok(match status.as_str() {
            "draft" => error.hint(format!("SELECT tiering.approve_scheme('{name}', {version}) approves it.")),
            _ => error.hint("tiering.revise_scheme(document) adds a new version, which can be approved."),
        });
    }
    let (names, serves) =
        query_row(&SCHEME_NAMES, NAMES, &[], |row| (row.get::<String>(1), row.get::<bool>(2)))?
            .unwrap_or_default();
    let error = Error::new(ErrorKind::UndefinedObject, format!("scheme {name:?} does not exist"));
    Ok(match nearest(name, names.unwrap_or_default().split(' ')) {
        Some(near) => error.hint(format!("Perhaps you meant '{near}'.")),
        None if serves == Some(true) => error.hint(
            "SELECT * FROM tiering.catalogue lists the schemes of this server. If another server has it, SELECT tiering.node_statements() \
             there writes what is to be run here; on the coordinator of Citus, tiering.sync_nodes() runs it.",
        ),
        None => error.hint("SELECT * FROM tiering.catalogue lists the schemes."),
    })
}

/// The calendar of a name, and the digest of its document.
pub fn named_calendar(name: &str) -> Result<(Digest, Rc<Calendar>)> {
    const BY_NAME: &CStr = c"SELECT document FROM tiering.calendars WHERE calendar OPERATOR(pg_catalog.=) $1";
    let found = query_row(&CALENDAR, BY_NAME, &[(pg_sys::TEXTOID, name.into_datum())], |row| {
        // SAFETY: the column has our document type, and compiling copies all it needs.
        let stored = row.datum(1).map(|datum| unsafe { Stored::from_datum(datum) });
        stored.map(|stored| stored.and_then(|stored| Ok((stored.digest, calendar(stored)?))))
    })?;
    match found.flatten() {
        Some(calendar) => calendar,
        None => Err(Error::new(ErrorKind::UndefinedObject, format!("calendar {name:?} does not exist"))
            .hint("SELECT calendar FROM tiering.calendars lists them; tiering.import_calendar() adds one.")),
    }
}

/// The actions of a tier of a program in one line, all of them or the first.
pub fn strategy_line(program: &str, tier: &str, lang: &str, brief: bool) -> Result<Option<String>> {
    const LINE: &CStr = c"SELECT CASE WHEN $4 THEN tiering.strategy_brief(o.strategy, $3) ELSE tiering.strategy_summary(o.strategy, $3) END \
        FROM (SELECT tiering.own_strategy($1, $2) AS strategy OFFSET 0) o";
    let arguments = [
        (pg_sys::TEXTOID, program.into_datum()),
        (pg_sys::TEXTOID, tier.into_datum()),
        (pg_sys::TEXTOID, lang.into_datum()),
        (pg_sys::BOOLOID, brief.into_datum()),
    ];
    Ok(query_row(&STRATEGY_LINE, LINE, &arguments, |row| row.get::<String>(1))?.flatten())
}

/// One row of a result, while SPI is connected.
struct Row {
    tuple: pg_sys::HeapTuple,
    descriptor: pg_sys::TupleDesc,
}

impl Row {
    fn datum(&self, column: i32) -> Option<Datum> {
        let mut null = false;
        // SAFETY: tuple and descriptor belong together and live until SPI_finish.
        let datum = unsafe { pg_sys::SPI_getbinval(self.tuple, self.descriptor, column, &mut null) };
        (!null).then_some(datum)
    }

    fn get<T: FromDatum>(&self, column: i32) -> Option<T> {
        // SAFETY: the queries above select columns of the types that are asked for.
        self.datum(column).and_then(|datum| unsafe { T::from_datum(datum, false) })
    }

    fn bytes(&self, column: i32) -> Option<&[u8]> {
        // SAFETY: as above; a varlena.
        self.datum(column).map(|datum| unsafe { payload(datum) })
    }

    fn document(&self, column: i32) -> Option<Result<String>> {
        // SAFETY: as above; a document type.
        self.datum(column)
            .map(|datum| unsafe { Stored::from_datum(datum) }.map(|stored| stored.text.to_owned()))
    }
}

/// Runs a query of at most one row, with a plan that is kept for the backend, under the snapshot of
/// the caller: read-only, so it works on standbys and in parallel workers and assigns no transaction
/// id. `read` must copy what it wants to keep.
fn query_row<R>(
    plan: &'static LocalKey<Cell<pg_sys::SPIPlanPtr>>,
    query: &CStr,
    arguments: &[(Oid, Option<Datum>)],
    read: impl FnOnce(Row) -> R,
) -> Result<Option<R>> {
    let mut types: Vec<Oid> = arguments.iter().map(|(oid, _)| *oid).collect();
    let mut values: Vec<Datum> = arguments.iter().map(|(_, datum)| datum.unwrap_or(Datum::null())).collect();
    let failed = |what: &str, code: i32| {
        Err(Error::new(ErrorKind::NotReady, format!("cannot read the catalogue tables: {what} gave {code}")))
    };
    // SAFETY: SPI used as documented: connect, prepare once and keep, execute, read, finish. If
    // PostgreSQL raises an error in between, the abort of the (sub)transaction closes SPI.
    unsafe {
        match pg_sys::SPI_connect() {
            code if code < 0 => return failed("SPI_connect", code),
            _ => {}
        }
        let mut prepared = plan.get();
        if prepared.is_null() {
            prepared = pg_sys::SPI_prepare(query.as_ptr(), types.len() as i32, types.as_mut_ptr());
            if prepared.is_null() || pg_sys::SPI_keepplan(prepared) != 0 {
                return failed("SPI_prepare", pg_sys::SPI_result);
            }
            plan.set(prepared);
        }
        let code = pg_sys::SPI_execute_plan(prepared, values.as_mut_ptr(), core::ptr::null(), true, 1);
        if code < 0 {
            return failed("SPI_execute_plan", code);
        }
        let table = pg_sys::SPI_tuptable;
        let result = (pg_sys::SPI_processed > 0 && !table.is_null())
            .then(|| read(Row { tuple: *(*table).vals, descriptor: (*table).tupdesc }));
        pg_sys::SPI_finish();
        Ok(result)
    }
}
