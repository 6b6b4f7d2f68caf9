//! The aggregates `tiering.fit`, which fills in the cut points of a scheme, and `tiering.population`,
//! which counts customers by bin and tier.

use allocator_api2::vec::Vec as MemoryVec;
use customer_tiering_engine::aggregate::codec::{Reader, Writer};
use customer_tiering_engine::aggregate::value_type::Mergeable;
use customer_tiering_engine::study::fit::{Fitting, Targets};
use customer_tiering_engine::study::population::Headcount;
use customer_tiering_engine::time::date::timestamp_out_of_range;
use customer_tiering_engine::{Compiled, Error, Result};
use jiff::Timestamp;
use pgrx::pg_sys::Datum;

use crate::aggregates::aggregate::{kept, state, state_functions, state_or};
use crate::documents::document_type::stored;
use crate::documents::lookup;
use crate::documents::stored::{Digest, Seen, Stored, contents, store};
use crate::error::notice;
use crate::grading::customer::Customer;
use crate::grading::reader::instant;
use crate::pg::call::{Call, jsonb_datum, pg_function, varlena};
use crate::pg::memory::Memory;

/// The place of the first input among the arguments: after state, scheme and as-of.
const FIRST_INPUT: usize = 3;

const TAG: u8 = b'o';

/// A state with the document that it is about, which the final function needs, and the latest as-of.
struct Pass<S> {
    document: MemoryVec<u8, Memory>,
    as_of: i64,
    seen: S,
}

impl<S: Mergeable<Memory>> Mergeable<Memory> for Pass<S> {
    const WHAT: &'static str = S::WHAT;

    fn copy(&self, memory: Memory) -> Self {
        Pass { document: in_memory(&self.document, memory), as_of: self.as_of, seen: self.seen.copy(memory) }
    }

    fn merge(&mut self, other: &Self) -> Result<()> {
        if self.document != other.document {
            return Err(another_scheme());
        }
        self.as_of = self.as_of.max(other.as_of);
        self.seen.merge(&other.seen)
    }

    fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new(TAG);
        writer.bytes(&self.document);
        writer.signed(i128::from(self.as_of));
        writer.bytes(&self.seen.encode());
        writer.finish()
    }

    fn decode(bytes: &[u8], memory: Memory) -> Result<Self> {
        let mut reader = Reader::new(bytes, TAG, S::WHAT)?;
        let document = in_memory(reader.bytes()?, memory);
        let as_of = reader.signed_fits()?;
        let seen = S::decode(reader.bytes()?, memory)?;
        reader.finish()?;
        Ok(Pass { document, as_of, seen })
    }
}

fn in_memory(bytes: &[u8], memory: Memory) -> MemoryVec<u8, Memory> {
    let mut copy = MemoryVec::with_capacity_in(bytes.len(), memory);
    copy.extend_from_slice(bytes);
    copy
}

#[cold]
fn another_scheme() -> Error {
    Error::invalid("the scheme changes within an aggregate")
        .hint("Pass one scheme for all customers, such as tiering.current_scheme('abc_share').")
}

impl<S> Pass<S> {
    fn compiled(&self) -> Result<std::rc::Rc<Compiled>> {
        lookup::scheme(Stored::from_bytes(&self.document)?)
    }

    /// The latest as-of, ISO 8601, to the second.
    fn at(&self) -> Result<String> {
        let second = Timestamp::from_second(instant(self.as_of)?.as_second());
        second.map(|at| at.to_string()).map_err(|_| timestamp_out_of_range())
    }
}

/// What a call site keeps between rows.
struct Site<T> {
    digest: Digest,
    scheme: Seen,
    customer: Customer,
    /// What the aggregate looks up once.
    plan: T,
}

/// (internal, scheme, as_of, inputs…) → internal. `plan` is made once per scheme, `begin` once per group;
/// `add` takes the customer in the sheet.
#[inline]
fn transition<T, S>(
    call: &mut Call,
    plan: impl FnOnce(&Compiled) -> Result<T>,
    begin: impl FnOnce(&Compiled, Memory) -> Result<S>,
    add: impl FnOnce(&mut S, &T, &mut Customer) -> Result<()>,
) -> Result<Option<Datum>> {
    let (Some(scheme), Some(as_of)) = (call.arg(1), call.arg(2)) else { return Ok(call.arg(0)) };
    let as_of = as_of.value() as i64;
    let place = call.site::<Option<Site<T>>>(|| None);
    let known = match place {
        // SAFETY: the SQL declaration says that it is a scheme.
        Some(site) => unsafe { site.scheme.is(scheme) }?,
        None => false,
    };
    let site = match place {
        Some(site) if known => site,
        _ => {
            *place = None;
            // SAFETY: as above.
            let stored = unsafe { Stored::from_datum(scheme) }?;
            let compiled = lookup::scheme(stored)?;
            let plan = plan(&compiled)?;
            let customer = Customer::new(call, FIRST_INPUT, compiled, as_of)?;
            place.insert(Site { digest: stored.digest, scheme: Seen::new(stored.digest), customer, plan })
        }
    };
    let pass = state_or(call, |memory| {
        let document = in_memory(call.bytes(1).unwrap_or_default(), memory);
        Ok(Pass { document, as_of, seen: begin(&site.customer.compiled, memory)? })
    })?;
    if pass.document.get(4..20) != Some(&site.digest[..]) {
        return Err(another_scheme());
    }
    pass.as_of = pass.as_of.max(as_of);
    if site.customer.read(call, FIRST_INPUT, as_of)? {
        add(&mut pass.seen, &site.plan, &mut site.customer)?;
    }
    Ok(kept(pass))
}

fn fit_add(call: &mut Call) -> Result<Option<Datum>> {
    transition(call, Targets::of, Fitting::new, |fitting, targets, customer| {
        fitting.add(&customer.compiled, targets, &customer.as_of, &mut customer.sheet)
    })
}
pg_function!(fit_add_customer, pg_finfo_fit_add_customer, fit_add);

fn fit_final(call: &mut Call) -> Result<Option<Datum>> {
    let Some(pass) = state::<Pass<Fitting<Memory>>>(call, 0) else { return Ok(None) };
    let outcome = pass.seen.finish(&*pass.compiled()?, &pass.at()?)?;
    let canonical = outcome.scheme.canonical();
    // Cut points that lie too close together for a document would not make a valid one.
    Compiled::parse(&canonical)?;
    outcome.notices.into_iter().for_each(notice);
    Ok(store(&canonical))
}
pg_function!(fit_finish, pg_finfo_fit_finish, fit_final);

state_functions! { Pass<Fitting<Memory>>:
    fit_combine pg_finfo_fit_combine combine,
    fit_serialize pg_finfo_fit_serialize serialize,
    fit_deserialize pg_finfo_fit_deserialize deserialize,
}

fn population_add(call: &mut Call) -> Result<Option<Datum>> {
    let begin = |scheme: &Compiled, memory| Ok(Headcount::new(scheme, memory));
    transition(call, Compiled::ensure_fitted, begin, |census, (), customer| {
        census.add(&customer.compiled, &customer.as_of, &mut customer.sheet)
    })
}
pg_function!(population_add_customer, pg_finfo_population_add_customer, population_add);

fn population_final(call: &mut Call) -> Result<Option<Datum>> {
    let Some(pass) = state::<Pass<Headcount<Memory>>>(call, 0) else { return Ok(None) };
    let population = pass.seen.finish(&*pass.compiled()?, &pass.at()?);
    let json = serde_json::to_value(population);
    json.map(jsonb_datum).map_err(|error| Error::invalid(error.to_string()))
}
pg_function!(population_finish, pg_finfo_population_finish, population_final);

state_functions! { Pass<Headcount<Memory>>:
    population_combine pg_finfo_population_combine combine,
    population_serialize pg_finfo_population_serialize serialize,
    population_deserialize pg_finfo_population_deserialize deserialize,
}

/// Written as an argument of `fit()`, it is called for every row: the call site keeps the document.
fn unfitted(call: &mut Call) -> Result<Option<Datum>> {
    let Some(datum) = call.arg(0) else { return Ok(None) };
    let known = call.site::<Option<(Seen, Box<[u32]>)>>(|| None);
    if let Some((seen, document)) = known
        // SAFETY: the SQL declaration says that it is a scheme.
        && unsafe { seen.is(datum) }?
    {
        return Ok(Some(Datum::from(document.as_ptr())));
    }
    // SAFETY: as above.
    let stored = unsafe { Stored::from_datum(datum) }?;
    let mut scheme = lookup::scheme(stored)?.scheme.clone();
    scheme.unfit();
    let canonical = scheme.canonical();
    Compiled::parse(&canonical)?;
    let (_, document) = known.insert((Seen::new(stored.digest), varlena(&contents(&canonical))));
    Ok(Some(Datum::from(document.as_ptr())))
}
pg_function!(unfitted_scheme, pg_finfo_unfitted_scheme, unfitted);

fn is_unfitted(call: &mut Call) -> Result<Option<Datum>> {
    let Some(stored) = stored(call, 0)? else { return Ok(None) };
    Ok(Some(Datum::from(lookup::scheme(stored)?.is_unfitted())))
}
pg_function!(scheme_is_unfitted, pg_finfo_scheme_is_unfitted, is_unfitted);
