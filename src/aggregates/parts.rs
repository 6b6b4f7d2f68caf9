//! Aggregates in parts, of one argument: a scalar function makes bytes of what an aggregate takes of a customer, of its row and a scheme, and the aggregate
//! gathers these. Neither they nor what is gathered hold the document, only its digest, so that it does not go from server to server with rows and parts: the
//! final function is given it.

use customer_tiering_engine::aggregate::codec::{Reader, Writer};
use customer_tiering_engine::limits::DOCUMENT_BYTES;
use customer_tiering_engine::study::readings::{FromReadings, Word};
use customer_tiering_engine::{Compiled, Result};
use pgrx::IntoDatum;
use pgrx::pg_sys::Datum;

use crate::aggregates::aggregate::{Held, kept, known_state, state_or};
use crate::aggregates::pass::{Pass, Site, another_scheme, aside_bytes, taken};
use crate::documents::stored::HEAD;
use crate::grading::customer::Customer;
use crate::pg::call::{Call, plain_payload};
use crate::pg::memory::Memory;

const WHAT: &str = "reading";

/// For bytes that are something else; readings of both are alike to people.
const FITTING_READINGS: &str = "Pass what tiering.fit_reading(document, as_of, inputs…) has made of each customer to fit_part(), and what population_reading() has made to population_part().";

/// The place of the first input among the arguments of what makes a reading: after scheme and as-of.
const FIRST_INPUT: usize = 2;

/// More figures than any document can ask for: each is of a characteristic, a bin or a tier, `{"code":"A"},` at least. Memory is taken for as many as
/// the first reading says, which may come from anywhere.
const MOST_FIGURES: usize = DOCUMENT_BYTES / 12;

/// What a reading says of the customer.
mod kind {
    /// There is none: a NULL row.
    pub const NOBODY: u8 = 0;
    /// What the aggregate takes.
    pub const READ: u8 = 1;
    /// The error for which the customer is set aside.
    pub const ASIDE: u8 = 2;
}

/// What a call site keeps between rows.
struct Scribe<T> {
    site: Option<Site<T>>,
    as_of: i64,
    writer: Writer,
    /// What all readings of this scheme and as-of begin with, in bytes.
    start: usize,
}

/// (scheme, as_of, inputs…) → bytes. `plan` is made once per scheme; `quick` writes if a look at the arguments does, and says so.
pub fn write<S: FromReadings<Memory>>(
    call: &Call,
    plan: impl FnOnce(&Compiled) -> Result<S::Plan>,
    quick: impl FnOnce(&S::Plan, &mut Customer, &mut Writer) -> bool,
) -> Result<Option<Datum>>
where
    S::Plan: 'static,
{
    let (Some(scheme), Some(as_of)) = (call.arg(0), call.arg(1)) else { return Ok(None) };
    let as_of = as_of.value() as i64;
    let scribe = call.site(|| Scribe { site: None, as_of, writer: Writer::new(S::READING), start: 0 });
    let new = Site::follow(&mut scribe.site, call, FIRST_INPUT, scheme, as_of, plan)?;
    let Some(site) = &mut scribe.site else { return Ok(None) };
    let writer = &mut scribe.writer;
    if new || scribe.as_of != as_of {
        *writer = Writer::new(S::READING);
        writer.bytes(&site.head());
        writer.word(as_of as u64);
        writer.unsigned(S::figures_of(&site.plan) as u128);
        (scribe.as_of, scribe.start) = (as_of, writer.collected().len());
    }
    writer.truncate(scribe.start);
    writer.byte(kind::READ);
    let read = taken(
        call,
        FIRST_INPUT,
        site,
        writer,
        |writer, plan, customer| Ok(quick(plan, customer, writer)),
        |writer, plan, customer| {
            S::write(&customer.compiled, plan, &customer.as_of, &mut customer.sheet, writer)
        },
    );
    match read? {
        Ok(true) => {}
        Ok(false) => {
            writer.truncate(scribe.start);
            writer.byte(kind::NOBODY);
        }
        Err(error) => {
            writer.truncate(scribe.start);
            writer.byte(kind::ASIDE);
            writer.bytes(&aside_bytes(&error));
        }
    }
    Ok(writer.collected().into_datum())
}

/// What a reading says of a customer, if it begins as the last one that the state got.
#[inline(always)]
fn known_words<'b, S>(pass: &Pass<S, Memory>, bytes: &'b [u8]) -> Option<&'b [Word]> {
    match bytes.strip_prefix(pass.beginning()?)? {
        [kind::READ, words @ ..] => words_of(words),
        _ => None,
    }
}

#[inline(always)]
fn words_of(bytes: &[u8]) -> Option<&[Word]> {
    let (words, rest) = bytes.as_chunks();
    rest.is_empty().then_some(words)
}

/// (state, reading) → state.
pub fn add<S: FromReadings<Memory> + 'static>(call: &mut Call) -> Result<Option<Datum>> {
    let call = &*call;
    let Some(bytes) = call.bytes(1) else { return Ok(call.arg(0)) };
    if let Some(mut pass) = known_state::<Pass<S, Memory>>(call)
        && let Some(words) = known_words(&pass, bytes)
        && pass.seen.add_reading(words)?
    {
        return Ok(kept(pass));
    }
    let mut reader = Reader::new(bytes, S::READING, WHAT).map_err(|error| error.or_hint(FITTING_READINGS))?;
    let head = reader.bytes()?;
    let as_of = reader.word()? as i64;
    let figures: usize = reader.fits()?;
    if head.len() != HEAD || figures > MOST_FIGURES {
        return Err(reader.broken("it is of no scheme"));
    }
    let mut pass: Held<'_, Pass<S, Memory>> =
        state_or(call, |memory| Ok(Pass::new(head, as_of, S::nobody(figures, memory), memory)))?;
    if !pass.is_of(head) || pass.seen.figures() != figures {
        return Err(another_scheme());
    }
    pass.saw(as_of);
    let (beginning, said) = bytes.split_at(bytes.len() - reader.left());
    pass.begins(beginning);
    match reader.byte()? {
        kind::NOBODY => {}
        kind::READ => {
            let taken = match words_of(&said[1..]) {
                Some(words) => pass.seen.add_reading(words)?,
                None => false,
            };
            return if taken {
                Ok(kept(pass))
            } else {
                Err(reader.broken("it does not say what its scheme asks for"))
            };
        }
        kind::ASIDE => pass.aside.take(1, reader.bytes()?),
        _ => return Err(reader.broken("it says nothing of a customer")),
    }
    reader.finish()?;
    Ok(kept(pass))
}

/// The same for a reading that begins as the last one, where nothing has to be made for what it says.
#[inline(always)]
pub fn quick_add<S: FromReadings<Memory> + 'static>(call: &Call) -> Option<Datum> {
    // SAFETY: the SQL declaration says that it is a bytea.
    let bytes = unsafe { plain_payload(call.arg(1)?) }?;
    let mut pass = known_state::<Pass<S, Memory>>(call)?;
    let words = known_words(&pass, bytes)?;
    if pass.seen.add_known(words) { kept(pass) } else { None }
}
