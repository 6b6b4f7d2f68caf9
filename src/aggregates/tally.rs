//! The aggregates `tiering.tier_mix` and `tiering.migration`: how many customers each tier has, and how
//! many went from one tier to another.

use allocator_api2::alloc::Global;
use customer_tiering_engine::Result;
use customer_tiering_engine::aggregate::tally::Tally;
use pgrx::pg_sys::Datum;
use serde_json::json;

use crate::aggregates::aggregate::{kept, state_or, state_type, value};
use crate::pg::call::{Call, jsonb_datum, pg_function};
use crate::pg::memory::Memory;

type Mix = Tally<1, Memory>;
type Migration = Tally<2, Memory>;

/// Counts a customer by the labels; who has none is not there.
fn add<const N: usize>(call: &mut Call) -> Result<Option<Datum>> {
    let mut labels = [None; N];
    for (place, label) in labels.iter_mut().enumerate() {
        *label = call.bytes(place + 1);
    }
    if labels.iter().all(Option::is_none) {
        return Ok(call.arg(0));
    }
    let mut tally = state_or(call, |memory| Ok(Tally::<N, Memory>::new(memory)))?;
    tally.add(labels)?;
    Ok(kept(tally))
}

/// The counts as a jsonb array of arrays: the labels, then the count.
fn counts<const N: usize>(call: &mut Call) -> Result<Option<Datum>> {
    let Some(tally) = value::<Tally<N, Global>>(call, 0)? else { return Ok(None) };
    let row = |(labels, count): ([Option<&str>; N], u64)| {
        labels.iter().map(|label| json!(label)).chain([json!(count)]).collect::<serde_json::Value>()
    };
    Ok(jsonb_datum(tally.counts().into_iter().map(row).collect()))
}

pg_function!(tier_mix_add, add::<1>);
pg_function!(tier_mix_counts, counts::<1>);
state_type!(tier_tally, Mix, Tally<1>);

pg_function!(migration_add, add::<2>);
pg_function!(migration_counts, counts::<2>);
state_type!(migration, Migration, Tally<2>);
