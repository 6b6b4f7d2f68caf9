//! What the aggregates over the customers of a scheme have in common: a state with the document that it is about, the
//! inputs bound and read row by row, and customers set aside whose values cannot be graded.

use std::any::Any;
use std::cell::RefCell;

use allocator_api2::alloc::{Allocator, Global};
use allocator_api2::vec::Vec as MemoryVec;
use customer_tiering_engine::aggregate::codec::{Reader, Writer};
use customer_tiering_engine::aggregate::value_type::{Mergeable, Textual, sum_of_counts};
use customer_tiering_engine::time::date::timestamp_out_of_range;
use customer_tiering_engine::{Compiled, Error, Result};
use jiff::Timestamp;
use pgrx::pg_sys::{Datum, Oid};

use crate::aggregates::aggregate::{Held, kept, state_or};
use crate::documents::lookup;
use crate::documents::stored::{Digest, Seen, Stored};
use crate::error::warn_once;
use crate::grading::customer::Customer;
use crate::grading::reader::instant;
use crate::grading::reading::{error_bytes, error_from_bytes, is_of_one_row};
use crate::pg::call::Call;
use crate::pg::memory::Memory;

const TAG: u8 = b'o';

/// A state with the document that it is about, which the final function needs, and the latest as-of.
pub struct Pass<S, A: Allocator = Global> {
    document: MemoryVec<u8, A>,
    as_of: i64,
    /// What the aggregate takes note of.
    pub seen: S,
    /// Who was set aside.
    pub aside: Aside<A>,
    /// Whether what was seen is known to fit the scheme: it was begun here, or looked at. What is read from bytes may come from anywhere.
    fits: bool,
}

/// Customers whose inputs cannot be read or graded: how many, and the error of one of them. Of all errors it is
/// the first by its bytes, so that it is the same in whatever order the rows come.
pub struct Aside<A: Allocator> {
    customers: u64,
    example: MemoryVec<u8, A>,
}

impl<A: Allocator> Aside<A> {
    fn none(memory: A) -> Self {
        Aside { customers: 0, example: MemoryVec::new_in(memory) }
    }

    /// Counts a customer whose error this is.
    #[cold]
    fn add(&mut self, error: &Error) {
        self.take(1, &error_bytes(TAG, error));
    }

    fn take(&mut self, customers: u64, example: &[u8]) {
        if customers > 0 && (self.customers == 0 || example < &self.example[..]) {
            self.example.clear();
            self.example.extend_from_slice(example);
        }
        self.customers += customers;
    }

    /// Tells of them, if there are any; if there is nobody else, it is an error.
    pub fn report(&self, others: u64) -> Result<()> {
        if self.customers == 0 {
            return Ok(());
        }
        let (example, of_input) = error_from_bytes(TAG, &self.example)?;
        if others == 0 {
            return Err(example);
        }
        let (plural, of) = if self.customers == 1 { (" was", "") } else { ("s were", "One of them: ") };
        let detail = example.detail.map_or_else(String::new, |detail| format!(": {detail}"));
        warn_once(
            Error::invalid(format!(
                "{} customer{plural} set aside because of values that cannot be graded",
                self.customers
            ))
            .detail(format!("{of}{}{detail}", example.message))
            .hint(match example.hint {
                Some(hint) if !of_input => hint,
                _ => "SELECT * FROM tiering.check_inputs(scheme, source) lists what is wrong.".to_owned(),
            }),
        );
        Ok(())
    }
}

impl<S: Mergeable<A>, A: Allocator + Clone> Mergeable<A> for Pass<S, A> {
    const WHAT: &'static str = S::WHAT;

    fn copy(&self, memory: A) -> Self {
        let mut aside = Aside::none(memory.clone());
        aside.take(self.aside.customers, &self.aside.example);
        let document = in_memory(&self.document, memory.clone());
        Pass { document, as_of: self.as_of, seen: self.seen.copy(memory), aside, fits: self.fits }
    }

    fn merge(&mut self, other: &Self) -> Result<()> {
        if self.document != other.document {
            return Err(another_scheme());
        }
        sum_of_counts(self.aside.customers, other.aside.customers)?;
        self.as_of = self.as_of.max(other.as_of);
        self.aside.take(other.aside.customers, &other.aside.example);
        self.seen.merge(&other.seen)
    }

    fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new(TAG);
        writer.bytes(&self.document);
        writer.signed(i128::from(self.as_of));
        writer.bytes(&self.seen.encode());
        writer.unsigned(u128::from(self.aside.customers));
        writer.bytes(&self.aside.example);
        writer.finish()
    }

    fn decode(bytes: &[u8], memory: A) -> Result<Self> {
        let mut reader = Reader::new(bytes, TAG, S::WHAT)?;
        let document = in_memory(reader.bytes()?, memory.clone());
        let as_of = reader.signed_fits()?;
        let seen = S::decode(reader.bytes()?, memory.clone())?;
        let mut aside = Aside::none(memory);
        let customers = reader.fits()?;
        if sum_of_counts(customers, 0).is_err() {
            return Err(reader.broken("there are too many customers"));
        }
        aside.take(customers, reader.bytes()?);
        reader.finish()?;
        Ok(Pass { document, as_of, seen, aside, fits: false })
    }
}

impl<S: Mergeable<Global>> Textual for Pass<S> {}

fn in_memory<A: Allocator>(bytes: &[u8], memory: A) -> MemoryVec<u8, A> {
    let mut copy = MemoryVec::with_capacity_in(bytes.len(), memory);
    copy.extend_from_slice(bytes);
    copy
}

#[cold]
fn another_scheme() -> Error {
    Error::invalid("the scheme changes within an aggregate")
        .hint("Pass one scheme for all customers, such as tiering.current_scheme('abc_share').")
}

impl<S, A: Allocator> Pass<S, A> {
    /// The scheme.
    pub fn compiled(&self) -> Result<std::rc::Rc<Compiled>> {
        lookup::scheme(Stored::from_bytes(&self.document)?)
    }

    /// The latest as-of, ISO 8601, to the second.
    pub fn at(&self) -> Result<String> {
        let second = Timestamp::from_second(instant(self.as_of)?.as_second());
        second.map(|at| at.to_string()).map_err(|_| timestamp_out_of_range())
    }
}

/// No quick way.
#[inline]
pub fn read<S, T>(_seen: &mut S, _plan: &T, _customer: &mut Customer) -> Result<bool> {
    Ok(false)
}

/// What a call site keeps between rows.
struct Site<T> {
    digest: Digest,
    scheme: Seen,
    customer: Customer,
    /// What the aggregate looks up once.
    plan: T,
}

thread_local! {
    /// What calls without a site keep, by function, whose declaration then says of which types the inputs are.
    static KEPT: RefCell<Vec<(Oid, Box<dyn Any>)>> = const { RefCell::new(Vec::new()) };
}

/// What calls of a function without a site have kept; it is gone from there until [`keep`] puts it back, also if an ERROR comes between.
fn take_kept<T: 'static>(function: Oid) -> Option<Site<T>> {
    let kept = KEPT.with_borrow_mut(|kept| {
        let place = kept.iter().position(|(of, _)| *of == function)?;
        Some(kept.swap_remove(place).1)
    });
    let mut site = *kept?.downcast::<Site<T>>().ok()?;
    // A pointer to a document on disk says nothing in another query.
    site.scheme = Seen::new(site.digest);
    Some(site)
}

fn keep<T: 'static>(function: Oid, site: Option<Site<T>>) {
    if let Some(site) = site {
        KEPT.with_borrow_mut(|kept| kept.push((function, Box::new(site))));
    }
}

/// (state, scheme, as_of, …, inputs…) → state; `first` is the place of the first input. `plan` is made once per scheme, `begin` once per group. If what was seen so
/// far `fits` the scheme, which is looked at where it was read from bytes, `quick` takes the customer if a look at the arguments does, and says so;
/// else `add` takes it from the sheet.
#[inline]
pub fn transition<T, S>(
    call: &Call,
    first: usize,
    plan: impl FnOnce(&Compiled) -> Result<T>,
    begin: impl FnOnce(&Compiled, Memory) -> Result<S>,
    fits: impl FnOnce(&S, &Compiled) -> Result<bool>,
    quick: impl FnOnce(&mut S, &T, &mut Customer) -> Result<bool>,
    add: impl FnOnce(&mut S, &T, &mut Customer) -> Result<()>,
) -> Result<Option<Datum>>
where
    T: 'static,
    S: Mergeable<Memory> + 'static,
{
    if call.has_site() {
        return of_site(call, first, call.site(|| None), plan, begin, fits, quick, add);
    }
    let mut site = take_kept(call.function());
    let state = of_site(call, first, &mut site, plan, begin, fits, quick, add);
    keep(call.function(), site);
    state
}

#[inline]
#[expect(clippy::too_many_arguments, reason = "those of `transition`, and the site")]
fn of_site<T, S>(
    call: &Call,
    first: usize,
    place: &mut Option<Site<T>>,
    plan: impl FnOnce(&Compiled) -> Result<T>,
    begin: impl FnOnce(&Compiled, Memory) -> Result<S>,
    fits: impl FnOnce(&S, &Compiled) -> Result<bool>,
    quick: impl FnOnce(&mut S, &T, &mut Customer) -> Result<bool>,
    add: impl FnOnce(&mut S, &T, &mut Customer) -> Result<()>,
) -> Result<Option<Datum>>
where
    S: Mergeable<Memory> + 'static,
{
    let (Some(scheme), Some(as_of)) = (call.arg(1), call.arg(2)) else { return Ok(call.arg(0)) };
    let as_of = as_of.value() as i64;
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
            let customer = Customer::new(call, first, compiled, as_of)?;
            place.insert(Site { digest: stored.digest, scheme: Seen::new(stored.digest), customer, plan })
        }
    };
    let mut pass: Held<'_, Pass<S, Memory>> = state_or(call, |memory| {
        let document = in_memory(call.bytes(1).unwrap_or_default(), memory);
        let seen = begin(&site.customer.compiled, memory)?;
        Ok(Pass { document, as_of, seen, aside: Aside::none(memory), fits: true })
    })?;
    if Stored::digest_of(&pass.document)? != site.digest {
        return Err(another_scheme());
    }
    if !pass.fits {
        if !fits(&pass.seen, &site.customer.compiled)? {
            return Err(another_scheme());
        }
        pass.fits = true;
    }
    site.customer.date(as_of)?;
    pass.as_of = pass.as_of.max(as_of);
    let added = match quick(&mut pass.seen, &site.plan, &mut site.customer) {
        Ok(true) => Ok(()),
        Ok(false) => match site.customer.fill(call, first) {
            Ok(true) => add(&mut pass.seen, &site.plan, &mut site.customer),
            Ok(false) => Ok(()),
            // A value, and not the type of a column or a column that is not there.
            Err(error) if error.finding.is_some() => Err(error),
            Err(error) => return Err(error),
        },
        Err(error) => Err(error),
    };
    match added {
        Ok(()) => {}
        Err(error) if is_of_one_row(&error) => pass.aside.add(&error),
        Err(error) => return Err(error),
    }
    Ok(kept(pass))
}
