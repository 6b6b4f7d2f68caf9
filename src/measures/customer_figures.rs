//! Orders of a customer compared with earlier ones.

use customer_tiering_engine::Result;
use customer_tiering_engine::aggregate::steps::{Steps, comparable};
use pgrx::IntoDatum;
use pgrx::pg_sys::Datum;

use crate::aggregates::aggregate::{kept, state, state_or, state_type};
use crate::pg::call::{Call, pg_function};
use crate::pg::memory::Memory;

type State = Steps<Memory>;

/// (state, at, amount, hash of the item, beginning of the period) → state.
fn add(call: &mut Call) -> Result<Option<Datum>> {
    // Times as microseconds of PostgreSQL's own count: only their order matters.
    let (Some(at), Some(from)) = (call.get::<i64>(1), call.get::<i64>(4)) else { return Ok(call.arg(0)) };
    let amount = call.get::<f64>(2).map(comparable).transpose()?;
    let item = call.get::<i64>(3).map(|item| item as u64);
    let mut steps = state_or(call, |memory| Ok(State::new(memory)))?;
    steps.add(at, amount, item, from);
    Ok(kept(steps))
}
pg_function!(steps_add, add);

state_type!(order_history, State, Steps);

/// (state) → orders larger than any before, orders of something new.
fn final_steps(call: &mut Call) -> Result<Option<Datum>> {
    Ok(state::<State>(call, 0)?.and_then(|steps| vec![steps.larger(), steps.new_items()].into_datum()))
}
pg_function!(steps_final, final_steps);
