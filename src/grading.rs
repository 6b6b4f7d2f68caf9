//! Grading: `customer_tier`, `grade`, `explain_…`, `…_score`, `…_probability`. One call site serves all; they
//! differ in where the scheme and the as-of come from and in what they give back.

pub mod binding;
pub mod customer;
mod inputs;
mod object;
mod probe;
pub mod reader;
pub mod reading;
mod row_taken_apart;
mod stability;

use customer_tiering_engine::Result;
use pgrx::IntoDatum;
use pgrx::pg_sys::Datum;

use crate::documents::lookup;
use crate::documents::stored::{Seen, Stored};
use crate::grading::customer::Customer;
use crate::pg::call::{Call, jsonb_datum, pg_function, varlena};
use crate::pg::numeric::score_datum;
use crate::pg::snapshot::{Stamp, transaction_start};

/// Where scheme and as-of come from.
#[derive(Clone, Copy)]
enum Source {
    /// (scheme text, VARIADIC inputs): the current version, as of now().
    Name,
    /// (scheme text, as_of timestamptz, VARIADIC inputs).
    NameAsOf,
    /// (scheme tiering.scheme, as_of timestamptz, VARIADIC inputs).
    Document,
}

/// What is given back.
#[derive(Clone, Copy)]
enum Give {
    Tier,
    Score,
    Probability,
    Reasons,
    Explanation,
}

/// What a call site was compiled from.
enum Key {
    Name(Box<[u8]>),
    Document(Seen),
}

/// What a call site keeps between rows.
struct Site {
    key: Key,
    /// Whether the scheme is a constant of the query.
    constant: bool,
    /// The snapshot under which names and row types were looked up.
    stamp: Option<Stamp>,
    version: Option<i32>,
    customer: Customer,
    /// The tier codes as varlenas of type text, ready to be returned.
    tiers: Vec<Box<[u32]>>,
}

fn run(call: &mut Call, from: Source, give: Give) -> Result<Option<Datum>> {
    let call = &*call;
    let Some((site, first, as_of_at)) = site(call, from)? else { return Ok(None) };
    site.customer.date(as_of_at)?;
    site.grade(call, first, give)
}

/// As [`run`], but values that cannot be graded are set aside. What is wrong with the call itself, its scheme
/// or the types of its arguments, is an error all the same.
fn attempt(call: &mut Call, give: Give) -> Result<Option<Datum>> {
    let call = &*call;
    let Some((site, first, as_of_at)) = site(call, Source::Document)? else { return Ok(None) };
    site.customer.date(as_of_at)?;
    Ok(site.grade(call, first, give).unwrap_or(None))
}

/// Why the values of a call cannot be graded.
fn problem(call: &mut Call) -> Result<Option<Datum>> {
    let call = &*call;
    let Some((site, first, as_of_at)) = site(call, Source::Document)? else { return Ok(None) };
    site.customer.date(as_of_at)?;
    match site.grade(call, first, Give::Tier) {
        Ok(_) => Ok(None),
        Err(error) => site.customer.problem(call, first, error).map(jsonb_datum),
    }
}

/// The call site, made for the scheme of this row, with the place of the first input and the as-of.
#[inline(always)]
fn site(call: &Call, from: Source) -> Result<Option<(&mut Site, usize, i64)>> {
    let (first, as_of_at) = match from {
        Source::Name => (1, Some(transaction_start())),
        Source::NameAsOf | Source::Document => (2, call.arg(1).map(|datum| datum.value() as i64)),
    };
    let (Some(scheme), Some(as_of_at)) = (call.arg(0), as_of_at) else { return Ok(None) };
    let place = call.site::<Option<Site>>(|| None);
    let known = match (&mut *place, from) {
        (Some(site), Source::Document) => site.is_document(scheme)?,
        (Some(site), _) => site.is_name(call),
        (None, _) => false,
    };
    if !known {
        *place = None;
        *place = Some(Site::new(call, from, first, scheme, as_of_at)?);
    }
    Ok(place.as_mut().map(|site| (site, first, as_of_at)))
}

impl Site {
    #[cold]
    fn new(call: &Call, from: Source, first: usize, scheme: Datum, as_of_at: i64) -> Result<Site> {
        let (key, version, compiled) = match from {
            Source::Document => {
                // SAFETY: the SQL declaration says that it is a scheme.
                let stored = unsafe { Stored::from_datum(scheme) }?;
                (Key::Document(Seen::new(stored.digest)), None, lookup::scheme(stored)?)
            }
            Source::Name | Source::NameAsOf => {
                let name = call.text(0).unwrap_or_default();
                let located = lookup::scheme_at_home(name)?;
                (Key::Name(name.as_bytes().into()), Some(located.version), located.compiled)
            }
        };
        compiled.ensure_fitted()?;
        Ok(Site {
            key,
            constant: call.is_constant(0),
            stamp: Stamp::now(),
            version,
            tiers: compiled.scheme.tiers.iter().map(|tier| varlena(tier.code.as_bytes())).collect(),
            customer: Customer::new(call, first, compiled, as_of_at)?,
        })
    }

    /// Whether the site was made for this document; rows are bound anew under another snapshot, since
    /// their table may have been altered.
    #[inline]
    fn is_document(&mut self, scheme: Datum) -> Result<bool> {
        let Key::Document(seen) = &mut self.key else { return Ok(false) };
        // SAFETY: the SQL declaration says that the first argument is a scheme.
        Ok((self.constant || unsafe { seen.is(scheme) }?)
            && (!self.customer.binding.is_row() || self.is_of_this_snapshot()))
    }

    /// Whether the site was made for this name and what is current has not changed since.
    #[inline]
    fn is_name(&self, call: &Call) -> bool {
        let same = |known: &[u8]| self.constant || call.bytes(0).is_some_and(|name| *known == *name);
        matches!(&self.key, Key::Name(known) if same(known)) && self.is_of_this_snapshot()
    }

    #[inline]
    fn is_of_this_snapshot(&self) -> bool {
        self.stamp.as_ref().is_some_and(Stamp::is_now)
    }

    #[inline]
    fn grade(&mut self, call: &Call, first: usize, give: Give) -> Result<Option<Datum>> {
        let customer = &mut self.customer;
        match give {
            Give::Tier => Ok(customer.tier(call, first)?.map(|tier| Datum::from(self.tiers[tier].as_ptr()))),
            _ if !customer.fill(call, first)? => Ok(None),
            Give::Score => {
                let score = customer.compiled.score(&customer.as_of, &mut customer.sheet)?;
                Ok(score.and_then(score_datum))
            }
            Give::Probability => {
                Ok(customer.compiled.probability(&customer.as_of, &mut customer.sheet)?.into_datum())
            }
            Give::Reasons => {
                Ok(customer.compiled.reason_codes(&customer.as_of, &mut customer.sheet)?.into_datum())
            }
            Give::Explanation => {
                let Customer { compiled: scheme, binding, as_of, sheet, .. } = customer;
                let given = binding.given(call, first, scheme)?;
                let explanation = scheme.explain(as_of, sheet, &given, self.version)?;
                Ok(jsonb_datum(explanation))
            }
        }
    }
}

/// The tier, if nothing has changed at the call site and a look into its table tells it.
#[inline(always)]
fn quick(call: &Call, from: Source) -> Option<Datum> {
    let site = call.known_site::<Option<Site>>()?.as_ref().filter(|site| site.constant)?;
    let as_of_at = match from {
        Source::Name | Source::NameAsOf if !site.is_of_this_snapshot() => return None,
        Source::Name => transaction_start(),
        Source::NameAsOf | Source::Document => call.arg(1)?.value() as i64,
    };
    site.tiers.get(site.customer.quick_tier(call, as_of_at)?).map(|tier| Datum::from(tier.as_ptr()))
}

fn quick_by_name(call: &Call) -> Option<Datum> {
    quick(call, Source::Name)
}

fn quick_by_name_asof(call: &Call) -> Option<Datum> {
    quick(call, Source::NameAsOf)
}

fn quick_by_document(call: &Call) -> Option<Datum> {
    quick(call, Source::Document)
}

fn customer_tier(call: &mut Call) -> Result<Option<Datum>> {
    run(call, Source::Name, Give::Tier)
}
pg_function!(customer_tier, customer_tier, quick = quick_by_name);

fn customer_tier_asof(call: &mut Call) -> Result<Option<Datum>> {
    run(call, Source::NameAsOf, Give::Tier)
}
pg_function!(customer_tier_asof, customer_tier_asof, quick = quick_by_name_asof);

fn grade(call: &mut Call) -> Result<Option<Datum>> {
    run(call, Source::Document, Give::Tier)
}
pg_function!(grade, grade, quick = quick_by_document);

fn customer_score(call: &mut Call) -> Result<Option<Datum>> {
    run(call, Source::Name, Give::Score)
}
pg_function!(customer_score);

fn customer_score_asof(call: &mut Call) -> Result<Option<Datum>> {
    run(call, Source::NameAsOf, Give::Score)
}
pg_function!(customer_score_asof);

fn grade_score(call: &mut Call) -> Result<Option<Datum>> {
    run(call, Source::Document, Give::Score)
}
pg_function!(grade_score);

fn customer_probability(call: &mut Call) -> Result<Option<Datum>> {
    run(call, Source::Name, Give::Probability)
}
pg_function!(customer_probability);

fn customer_probability_asof(call: &mut Call) -> Result<Option<Datum>> {
    run(call, Source::NameAsOf, Give::Probability)
}
pg_function!(customer_probability_asof);

fn grade_probability(call: &mut Call) -> Result<Option<Datum>> {
    run(call, Source::Document, Give::Probability)
}
pg_function!(grade_probability);

fn grade_reasons(call: &mut Call) -> Result<Option<Datum>> {
    run(call, Source::Document, Give::Reasons)
}
pg_function!(grade_reasons);

fn try_grade(call: &mut Call) -> Result<Option<Datum>> {
    attempt(call, Give::Tier)
}
pg_function!(try_grade, try_grade, quick = quick_by_document);

fn try_grade_score(call: &mut Call) -> Result<Option<Datum>> {
    attempt(call, Give::Score)
}
pg_function!(try_grade_score);

pg_function!(grading_problem, problem);

fn explain_tier(call: &mut Call) -> Result<Option<Datum>> {
    run(call, Source::Name, Give::Explanation)
}
pg_function!(explain_tier);

fn explain_tier_asof(call: &mut Call) -> Result<Option<Datum>> {
    run(call, Source::NameAsOf, Give::Explanation)
}
pg_function!(explain_tier_asof);

fn explain_grade(call: &mut Call) -> Result<Option<Datum>> {
    run(call, Source::Document, Give::Explanation)
}
pg_function!(explain_grade);
