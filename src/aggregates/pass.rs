//! What the aggregates over the customers of a scheme have in common: a state with the document that it is about, the
//! inputs bound and read row by row, and customers set aside whose values cannot be graded.

use std::any::Any;
use std::cell::RefCell;
use std::rc::Rc;

use allocator_api2::alloc::{Allocator, Global};
use allocator_api2::vec::Vec as MemoryVec;
use customer_tiering_engine::aggregate::codec::{Reader, Writer};
use customer_tiering_engine::aggregate::value_type::{Mergeable, Textual, sum_of_counts};
use customer_tiering_engine::time::date::timestamp_out_of_range;
use customer_tiering_engine::{Compiled, Error, Result};
use jiff::Timestamp;
use pgrx::pg_sys::{Datum, Oid};

use crate::aggregates::aggregate::{Held, kept, state_or};
use crate::documents::document_type::stored;
use crate::documents::lookup;
use crate::documents::stored::{Digest, HEAD, Seen, Stored, head};
use crate::error::warn_once;
use crate::grading::customer::Customer;
use crate::grading::reader::instant;
use crate::grading::reading::{error_bytes, error_from_bytes, is_of_one_row};
use crate::pg::call::Call;
use crate::pg::memory::Memory;

const TAG: u8 = b'o';

/// A state with the document that it is about, which the final function needs, and the latest as-of.
pub struct Pass<S, A: Allocator = Global> {
    /// The document; of what was gathered from readings, the head alone.
    document: MemoryVec<u8, A>,
    as_of: i64,
    /// What the aggregate takes note of.
    pub seen: S,
    /// Who was set aside.
    pub aside: Aside<A>,
    /// What a reading of the same scheme and as-of as the last one begins with; empty if there was none.
    beginning: MemoryVec<u8, A>,
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
        self.take(1, &aside_bytes(error));
    }

    /// Counts customers, and takes note of the error of one of them.
    pub fn take(&mut self, customers: u64, example: &[u8]) {
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

/// The error for which a customer is set aside, as bytes.
#[cold]
pub fn aside_bytes(error: &Error) -> Vec<u8> {
    error_bytes(TAG, error)
}

impl<S: Mergeable<A>, A: Allocator + Clone> Mergeable<A> for Pass<S, A> {
    const WHAT: &'static str = S::WHAT;

    fn copy(&self, memory: A) -> Self {
        let mut aside = Aside::none(memory.clone());
        aside.take(self.aside.customers, &self.aside.example);
        let document = in_memory(&self.document, memory.clone());
        let beginning = MemoryVec::new_in(memory.clone());
        Pass { document, as_of: self.as_of, seen: self.seen.copy(memory), aside, beginning, fits: self.fits }
    }

    fn merge(&mut self, other: &Self) -> Result<()> {
        if !self.is_of(&other.document) {
            return Err(another_scheme());
        }
        if self.document.len() < other.document.len() {
            self.document.clear();
            self.document.extend_from_slice(&other.document);
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
        let mut aside = Aside::none(memory.clone());
        let customers = reader.fits()?;
        if sum_of_counts(customers, 0).is_err() {
            return Err(reader.broken("there are too many customers"));
        }
        aside.take(customers, reader.bytes()?);
        reader.finish()?;
        Ok(Pass { document, as_of, seen, aside, beginning: MemoryVec::new_in(memory), fits: false })
    }
}

impl<S: Mergeable<Global>> Textual for Pass<S> {}

fn in_memory<A: Allocator>(bytes: &[u8], memory: A) -> MemoryVec<u8, A> {
    let mut copy = MemoryVec::with_capacity_in(bytes.len(), memory);
    copy.extend_from_slice(bytes);
    copy
}

/// The error for customers of different schemes.
#[cold]
pub fn another_scheme() -> Error {
    Error::invalid("the scheme changes within an aggregate")
        .hint("Pass one scheme for all customers, such as tiering.current_scheme('abc_share').")
}

impl<S> Pass<S, Memory> {
    /// Before the first customer; `document` may be its head.
    pub fn new(document: &[u8], as_of: i64, seen: S, memory: Memory) -> Self {
        let document = in_memory(document, memory);
        let (aside, beginning) = (Aside::none(memory), MemoryVec::new_in(memory));
        Pass { document, as_of, seen, aside, beginning, fits: true }
    }

    /// The scheme: what a final function was given for it, or else that of the state. `fits` says whether what was seen may be of it.
    pub fn compiled(
        &self,
        call: &Call,
        fits: impl FnOnce(&S, &Compiled) -> Result<bool>,
    ) -> Result<Rc<Compiled>> {
        if call.count() == 1 {
            let own = Stored::from_bytes(&self.document)?;
            return if own.text.is_empty() { Err(without_scheme()) } else { lookup::scheme(own) };
        }
        let Some(given) = stored(call, 1)? else { return Err(without_scheme()) };
        let compiled = lookup::scheme(given)?;
        if given.digest != Stored::digest_of(&self.document)? || !fits(&self.seen, &compiled)? {
            return Err(Error::invalid("the part is of another scheme than the one that is given")
                .hint("Pass the same scheme as to the readings: tiering.fit_final(tiering.fit_part(tiering.fit_reading(document, as_of, …)), document)."));
        }
        Ok(compiled)
    }
}

#[cold]
fn without_scheme() -> Error {
    Error::invalid("the part was made of readings, which do not hold their scheme")
        .hint("Pass it, too: tiering.fit_final(part, document).")
}

impl<S, A: Allocator> Pass<S, A> {
    /// Whether it is about this document, of which the head is looked at.
    pub fn is_of(&self, document: &[u8]) -> bool {
        self.document.get(..HEAD) == document.get(..HEAD)
    }

    /// Takes note of what the readings of a scheme and an as-of begin with, which were looked at.
    pub fn begins(&mut self, bytes: &[u8]) {
        if self.beginning != bytes {
            self.beginning.clear();
            self.beginning.extend_from_slice(bytes);
        }
    }

    /// What such a reading begins with.
    pub fn beginning(&self) -> Option<&[u8]> {
        Some(&self.beginning[..]).filter(|bytes| !bytes.is_empty())
    }

    /// Takes note of the as-of of a customer.
    pub fn saw(&mut self, as_of: i64) {
        self.as_of = self.as_of.max(as_of);
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
pub struct Site<T> {
    digest: Digest,
    scheme: Seen,
    /// Whether the scheme is the same for every row. A transition function, whose first argument is the state, does not know.
    constant: bool,
    customer: Customer,
    /// What the aggregate looks up once.
    pub plan: T,
}

impl<T> Site<T> {
    /// Has the site be that of this scheme and as-of, with inputs from `first` on. True if it is a new one.
    #[inline]
    pub fn follow(
        place: &mut Option<Self>,
        call: &Call,
        first: usize,
        scheme: Datum,
        as_of: i64,
        plan: impl FnOnce(&Compiled) -> Result<T>,
    ) -> Result<bool> {
        if let Some(site) = place
            // SAFETY: the SQL declaration says that it is a scheme.
            && (site.constant || unsafe { site.scheme.is(scheme) }?)
        {
            site.customer.date(as_of)?;
            return Ok(false);
        }
        *place = None;
        // SAFETY: as above.
        let stored = unsafe { Stored::from_datum(scheme) }?;
        let compiled = lookup::scheme(stored)?;
        let plan = plan(&compiled)?;
        let customer = Customer::new(call, first, compiled, as_of)?;
        let (digest, constant) = (stored.digest, call.is_constant(0));
        *place = Some(Site { digest, scheme: Seen::new(digest), constant, customer, plan });
        Ok(true)
    }

    /// The head of the document.
    pub fn head(&self) -> [u8; HEAD] {
        head(self.digest)
    }
}

/// Has `quick` or `add` take the customer of this row to `state`; false if there is none. The inner error is one for which the customer is set aside.
#[inline]
pub fn taken<T, X>(
    call: &Call,
    first: usize,
    site: &mut Site<T>,
    state: &mut X,
    quick: impl FnOnce(&mut X, &T, &mut Customer) -> Result<bool>,
    add: impl FnOnce(&mut X, &T, &mut Customer) -> Result<()>,
) -> Result<Result<bool>> {
    let taken = match quick(state, &site.plan, &mut site.customer) {
        Ok(false) => match site.customer.fill(call, first) {
            Ok(true) => add(state, &site.plan, &mut site.customer).map(|()| true),
            Ok(false) => Ok(false),
            // A value, and not the type of a column or a column that is not there.
            Err(error) if error.finding.is_some() => Err(error),
            Err(error) => return Err(error),
        },
        taken => taken,
    };
    match taken {
        Err(error) if !is_of_one_row(&error) => Err(error),
        taken => Ok(taken),
    }
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
    Site::follow(place, call, first, scheme, as_of, plan)?;
    let Some(site) = place else { return Ok(call.arg(0)) };
    let mut pass: Held<'_, Pass<S, Memory>> = state_or(call, |memory| {
        let seen = begin(&site.customer.compiled, memory)?;
        Ok(Pass::new(call.bytes(1).unwrap_or_default(), as_of, seen, memory))
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
    pass.saw(as_of);
    if let Err(error) = taken(call, first, site, &mut pass.seen, quick, add)? {
        pass.aside.add(&error);
    }
    Ok(kept(pass))
}
