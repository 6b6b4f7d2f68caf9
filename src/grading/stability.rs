//! Stability at the SQL face: `settle_tier`, `kept_until`, and what margins are measured on.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use customer_tiering_engine::grade::stability::{Grade, Measure, Settled, Standing};
use customer_tiering_engine::time::date::{date_of, timestamp_out_of_range};
use customer_tiering_engine::{Compiled, Error, Result};
use jiff::civil::Date;
use pgrx::IntoDatum;
use pgrx::pg_sys::Datum;
use serde_json::json;

use crate::documents::document_type::stored;
use crate::documents::lookup;
use crate::documents::stored::{Seen, Stored};
use crate::grading::reader::instant;
use crate::pg::call::{Call, RowMaker, jsonb_datum, pg_function};
use crate::pg::date::{date, date_datum};
use crate::pg::numeric::{self, Numeric};

/// What a call site of `settle_tier` or `kept_until` keeps between rows.
struct Site {
    seen: Seen,
    compiled: Rc<Compiled>,
    kept: RefCell<HashMap<Kept, Option<Date>>>,
}

/// What the day until which a tier is kept follows from: since when the customer has it, has been one, and the day of asking. Many have the same.
type Kept = (Date, Option<Date>, Date);

/// How many of these answers are kept: more than there are days on which customers of one program came to their tiers, in most.
const KEPT: usize = 4_096;

fn settle_tier(call: &mut Call) -> Result<Option<Datum>> {
    let call = &*call;
    let (Some(scheme), Some(as_of), Some(rank), Some(since), Some(computed_rank)) =
        (call.arg(0), call.arg(1), call.get::<i32>(2), call.arg(3), call.get::<i32>(5))
    else {
        return Ok(None);
    };
    let compiled = &*site(call, scheme)?.compiled;
    let measure = match call.bytes(6).map(numeric::read) {
        Some(Numeric::Key(key)) => Some(key),
        Some(Numeric::NotFinite(_)) | None => None,
    };
    let standing = Standing {
        tier: tier(compiled, rank)?,
        since: day(compiled, since)?,
        pending_since: call.arg(4).map(date).transpose()?,
        joined: call.arg(7).map(date).transpose()?,
    };
    let grade = Grade { tier: tier(compiled, computed_rank)?, measure };
    let Settled { tier, pending_since } = compiled.settle(standing, grade, day(compiled, as_of)?);
    let pending_since = pending_since.map(date_datum).transpose()?.flatten();
    RowMaker::of(call)?.row(&[(tier as i32 + 1).into_datum(), pending_since]).map(Some)
}
pg_function!(settle_tier);

fn kept_until(call: &mut Call) -> Result<Option<Datum>> {
    let call = &*call;
    let (Some(scheme), Some(as_of), Some(since)) = (call.arg(0), call.arg(1), call.arg(2)) else {
        return Ok(None);
    };
    let Site { compiled, kept, .. } = site(call, scheme)?;
    let asked = (day(compiled, since)?, call.arg(3).map(date).transpose()?, day(compiled, as_of)?);
    let mut kept = kept.borrow_mut();
    if kept.len() >= KEPT {
        kept.clear();
    }
    let (since, joined, today) = asked;
    let until = *kept.entry(asked).or_insert_with(|| compiled.kept_until(since, joined, today));
    Ok(until.map(date_datum).transpose()?.flatten())
}
pg_function!(kept_until);

/// What is kept at the call site, for the document.
fn site(call: &Call, scheme: Datum) -> Result<&Site> {
    let place = call.site::<Option<Site>>(|| None);
    let known = match place {
        // SAFETY: the SQL declaration says that it is a scheme.
        Some(site) => unsafe { site.seen.is(scheme) }?,
        None => false,
    };
    if !known {
        *place = None;
        // SAFETY: as above; compiling copies all it needs.
        let stored = unsafe { Stored::from_datum(scheme) }?;
        *place = Some(Site {
            seen: Seen::new(stored.digest),
            compiled: lookup::scheme(stored)?,
            kept: RefCell::default(),
        });
    }
    match place {
        Some(site) => Ok(site),
        None => Err(Error::invalid("no scheme")),
    }
}

/// The place of the tier of a rank.
fn tier(compiled: &Compiled, rank: i32) -> Result<usize> {
    let tiers = compiled.scheme.tiers.len();
    usize::try_from(rank).ok().filter(|rank| (1..=tiers).contains(rank)).map(|rank| rank - 1).ok_or_else(
        || {
            Error::invalid(format!("rank {rank} is none of scheme {:?}", compiled.scheme.scheme))
                .detail(format!("Its tiers have the ranks 1 to {tiers}."))
                .hint("The best tier has rank 1.")
        },
    )
}

/// The day of a timestamptz in the zone of the scheme.
fn day(compiled: &Compiled, at: Datum) -> Result<Date> {
    date_of(compiled.day_of(instant(at.value() as i64)?)).ok_or_else(timestamp_out_of_range)
}

fn margin_measure(call: &mut Call) -> Result<Option<Datum>> {
    let Some(stored) = stored(call, 0)? else { return Ok(None) };
    let compiled = lookup::scheme(stored)?;
    Ok(compiled.measure().and_then(|measure| {
        jsonb_datum(match measure {
            Measure::Score => json!({"measure": "score"}),
            Measure::Input(place) => json!({"measure": "input", "input": compiled.inputs[place].name}),
        })
    }))
}
pg_function!(margin_measure);
