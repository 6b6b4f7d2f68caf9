//! What one customer ordered, and the figures of a period that are told of it.

use customer_tiering_engine::aggregate::orders::{Order, Orders};
use customer_tiering_engine::aggregate::value_type::Mergeable;
use customer_tiering_engine::number::ExactSum;
use customer_tiering_engine::time::zone::NamedZone;
use customer_tiering_engine::{Error, Result};
use pgrx::IntoDatum;
use pgrx::pg_sys::Datum;

use crate::aggregates::aggregate::{kept, prefetch_state, state_or, state_type, value};
use crate::grading::reader::{EPOCH_MICROSECONDS, instant};
use crate::pg::call::{Call, RowMaker, payload, pg_function};
use crate::pg::memory::Memory;
use crate::pg::numeric;

type State = Orders<Memory>;

/// The year 3000: until then a time needs no check.
const LAST_CERTAIN: i64 = 1000 * 365 * 86_400_000_000;

/// (state, at, amount, profit, hash of the item, since) → state. An order without a time does not count. Times are those of
/// PostgreSQL: microseconds since 2000.
fn add(call: &mut Call) -> Result<Option<Datum>> {
    let (Some(at), Some(since)) = (call.get::<i64>(1), call.get::<i64>(5)) else { return Ok(call.arg(0)) };
    // Merging and lifetime values take times of the calendar only.
    if at == i64::MIN || at > LAST_CERTAIN {
        instant(at)?;
    }
    prefetch_state::<State>(call);
    let order = Order {
        at,
        amount: amount(call.arg(2))?,
        profit: amount(call.arg(3))?,
        item: call.get::<i64>(4).map(|item| item as u64),
    };
    let mut orders = state_or(call, |memory| Ok(State::new(memory)))?;
    orders.add(order, since)?;
    Ok(kept(orders))
}
pg_function!(orders_add, add);

state_type!(order_history, State, Orders);

fn amount(datum: Option<Datum>) -> Result<Option<ExactSum>> {
    // SAFETY: the SQL declaration says that the argument is a numeric.
    datum
        .map(|datum| match numeric::decimal(unsafe { payload(datum) }) {
            Ok(amount) => amount.map_err(|error| {
                error.hint("SELECT * FROM tiering.check_events(program) tells of which source; correct it, or register a view that rounds the amounts.")
            }),
            Err(special) => Err(not_finite(special)),
        })
        .transpose()
}

#[cold]
fn not_finite(amount: f64) -> Error {
    Error::invalid(format!("the amount of an event is {}", if amount.is_nan() { "NaN" } else { "infinite" }))
        .detail("Only finite amounts can be summed.")
        .hint("SELECT * FROM tiering.check_events(program) tells of which source; correct it, or leave such rows out: only_where => 'amount < ''Infinity'''.")
}

/// (orders, begins, ends) → the figures of a period.
fn figures(call: &mut Call) -> Result<Option<Datum>> {
    let (Some(orders), Some(begins), Some(ends)) =
        (value::<Orders>(call, 0)?, call.get::<i64>(1), call.get::<i64>(2))
    else {
        return Ok(None);
    };
    let found = orders.sorted().figures(begins, ends)?;
    let time = |at: Option<i64>| at.map(Datum::from);
    let row = [
        found.orders.into_datum(),
        numeric::decimal_datum(found.sales),
        numeric::decimal_datum(found.profit),
        time(found.bought.map(|(first, _)| first)),
        time(found.bought.map(|(_, last)| last)),
        time(found.before_to),
        time(found.ever.map(|(first, _)| first)),
        time(found.ever.map(|(_, last)| last)),
        found.value_to_date.and_then(numeric::decimal_datum),
        found.up_sold.into_datum(),
        found.cross_sold.into_datum(),
    ];
    let maker = call.site::<Option<RowMaker>>(|| None);
    if maker.is_none() {
        *maker = Some(RowMaker::of(call)?.kept(call));
    }
    maker.as_ref().map(|maker| maker.row(&row)).transpose()
}
pg_function!(order_figures, figures);

/// (orders, until, zone) → what was bought before a time.
fn rfm(call: &mut Call) -> Result<Option<Datum>> {
    let (Some(orders), Some(until), Some(zone)) =
        (value::<Orders>(call, 0)?, call.get::<i64>(1), call.text(2))
    else {
        return Ok(None);
    };
    let rfm = orders.sorted().rfm(until, EPOCH_MICROSECONDS, NamedZone::get(zone)?)?;
    Ok(rfm.and_then(|rfm| rfm.encode().into_datum()))
}
pg_function!(order_rfm, rfm);
