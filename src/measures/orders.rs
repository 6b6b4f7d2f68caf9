//! What one customer ordered, and the figures of a period that are told of it.

use allocator_api2::alloc::Global;
use customer_tiering_engine::aggregate::orders::totals::{Days, OrderTotals, Period, Totals};
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

/// (orders, begins, ends, when the period before began, silent since, zone) → the figures of a period.
fn figures(call: &mut Call) -> Result<Option<Datum>> {
    let (Some(orders), Some(begins), Some(ends), Some(before_begins), Some(silent_since), Some(zone)) = (
        value::<Orders>(call, 0)?,
        call.get::<i64>(1),
        call.get::<i64>(2),
        call.get::<i64>(3),
        call.get::<i64>(4),
        call.text(5),
    ) else {
        return Ok(None);
    };
    let mut totals = OrderTotals::new(Global);
    totals.add(&orders.sorted(), &[Period { begins, ends, before_begins, silent_since }], days(zone)?)?;
    totals.of(0).map(|totals| row(call, totals)).transpose()
}
pg_function!(order_figures, figures);

/// (totals, place) → the figures of the period at that place, 1 being the first.
fn figures_of(call: &mut Call) -> Result<Option<Datum>> {
    let (Some(totals), Some(place)) = (value::<OrderTotals>(call, 0)?, call.get::<i32>(1)) else {
        return Ok(None);
    };
    let place = usize::try_from(place).ok().and_then(|place| place.checked_sub(1));
    place.and_then(|place| totals.of(place)).map(|totals| row(call, totals)).transpose()
}
pg_function!(order_totals_figures, figures_of);

fn days(zone: &str) -> Result<Days> {
    Ok(Days { epoch: EPOCH_MICROSECONDS, zone: NamedZone::get(zone)? })
}

fn row(call: &Call, totals: &Totals) -> Result<Datum> {
    let row = [
        totals.orders.into_datum(),
        numeric::decimal_datum(totals.sales),
        numeric::decimal_datum(totals.profit),
        totals.buying.into_datum(),
        totals.repeat_buying.into_datum(),
        totals.bought_before.into_datum(),
        totals.retained.into_datum(),
        totals.bought_ever.into_datum(),
        totals.repeated_ever.into_datum(),
        totals.churned.into_datum(),
        totals.cross_sold.into_datum(),
        totals.up_sold.into_datum(),
        totals.value_to_date.and_then(numeric::decimal_datum),
        totals.valued.into_datum(),
        numeric::decimal_datum(totals.spending),
    ];
    let maker = call.site::<Option<RowMaker>>(|| None);
    if maker.is_none() {
        *maker = Some(RowMaker::of(call)?.kept(call));
    }
    maker.as_ref().map_or_else(|| Err(Error::invalid("no row can be made")), |maker| maker.row(&row))
}

/// What a call site of `order_totals` has read of its arguments, which are the same in most rows.
#[derive(Default)]
struct Frame {
    /// The bytes of the arrays, and the zone.
    read: [Vec<u8>; 4],
    periods: Vec<Period>,
    days: Option<Days>,
}

impl Frame {
    fn of(call: &Call, first: usize) -> Result<&Frame> {
        let frame = call.site(Frame::default);
        let bytes = [0, 1, 2, 3].map(|place| call.bytes(first + place).unwrap_or_default());
        if frame.days.is_none() || frame.read.iter().zip(bytes).any(|(read, bytes)| read != bytes) {
            let times = |place: usize| call.get::<Vec<Option<i64>>>(first + place).unwrap_or_default();
            let (bounds, before, silent) = (times(0), times(1), times(2));
            if bounds.len() != before.len() + 1 || before.len() != silent.len() {
                return Err(Error::invalid(
                    "the arrays that say how periods follow each other do not fit together",
                )
                .detail(format!(
                    "Found {} bounds, {} and {} times.",
                    bounds.len(),
                    before.len(),
                    silent.len()
                ))
                .hint(
                    "Give one bound more than there are periods, and a time of each array for every period.",
                ));
            }
            let known: Option<Vec<Period>> = (0..before.len())
                .map(|place| {
                    Some(Period {
                        begins: bounds[place]?,
                        ends: bounds[place + 1]?,
                        before_begins: before[place]?,
                        silent_since: silent[place]?,
                    })
                })
                .collect();
            frame.periods = known.ok_or_else(|| {
                Error::invalid("a time of a period is NULL").hint("Give each period finite times.")
            })?;
            frame.days = Some(days(call.text(first + 3).unwrap_or_default())?);
            frame.read = bytes.map(<[u8]>::to_vec);
        }
        Ok(frame)
    }
}

/// (state, orders, bounds, when the periods before began, silent since, zone, first, last) → state. Orders of one customer, in the
/// periods from the first to the last, 1 being that of the first two bounds.
fn add_totals(call: &mut Call) -> Result<Option<Datum>> {
    let call = &*call;
    let (Some(orders), Some(first), Some(last)) =
        (value::<Orders>(call, 1)?, call.get::<i32>(6), call.get::<i32>(7))
    else {
        return Ok(call.arg(0));
    };
    if (2..6).any(|place| call.arg(place).is_none()) {
        return Ok(call.arg(0));
    }
    let frame = Frame::of(call, 2)?;
    let chosen = usize::try_from(first)
        .ok()
        .and_then(|first| first.checked_sub(1))
        .zip(usize::try_from(last).ok())
        .and_then(|(first, last)| frame.periods.get(first..last));
    let (Some(chosen), Some(days)) = (chosen, frame.days) else {
        return Err(Error::invalid(format!("there are no periods {first} to {last}"))
            .detail(format!("There are {} periods.", frame.periods.len()))
            .hint("The first is 1."));
    };
    let mut totals = state_or(call, |memory| Ok(OrderTotals::new(memory)))?;
    totals.add(&orders.sorted(), chosen, days)?;
    Ok(kept(totals))
}
pg_function!(order_totals_add, add_totals);

state_type!(order_totals, OrderTotals<Memory>, OrderTotals);

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
