use proptest::prelude::*;

use super::*;
use crate::aggregate::orders::Order;

const UTC: Days = Days { epoch: 0, zone: None };
const DAY: i64 = 86_400_000_000;

fn periods(bounds: &[i64]) -> std::vec::Vec<Period> {
    bounds
        .windows(2)
        .map(|pair| Period {
            begins: pair[0] * DAY,
            ends: pair[1] * DAY,
            before_begins: (2 * pair[0] - pair[1]) * DAY,
            silent_since: (pair[1] - 3) * DAY,
        })
        .collect()
}

fn customers() -> impl Strategy<Value = std::vec::Vec<Orders>> {
    let amount = || {
        prop::option::weighted(
            0.9,
            (-2_i128..9, 0_u8..3).prop_map(|(mantissa, scale)| ExactSum { mantissa, scale }),
        )
    };
    let order = (0_i64..80, amount(), amount(), prop::option::weighted(0.9, 1_u64..5))
        .prop_map(|(at, amount, profit, item)| Order { at: at * DAY / 4, amount, profit, item });
    let customer = prop::collection::vec(order, 0..12).prop_map(|all| {
        let mut orders = Orders::default();
        all.into_iter().for_each(|order| orders.add(order, 5 * DAY).unwrap());
        orders.sorted()
    });
    prop::collection::vec(customer, 0..6)
}

fn total(customers: &[Orders], periods: &[Period]) -> OrderTotals {
    let mut totals = OrderTotals::new(Global);
    customers.iter().for_each(|orders| totals.add(orders, periods, UTC).unwrap());
    totals
}

proptest! {
    #[test]
    fn periods_in_one_pass_are_what_each_gives_by_itself(customers in customers(), steps in prop::collection::vec(1_i64..6, 1..6)) {
        let bounds: std::vec::Vec<i64> = std::iter::once(5)
            .chain(steps.iter().scan(5, |at, step| { *at += step; Some(*at) })).collect();
        let periods = periods(&bounds);
        let found = total(&customers, &periods);
        for (place, period) in periods.iter().enumerate().filter(|_| !customers.is_empty()) {
            let alone: std::vec::Vec<Figures> =
                customers.iter().map(|orders| orders.figures(period.begins, period.ends).unwrap()).collect();
            let count = |is: &dyn Fn(&Figures) -> bool| alone.iter().filter(|figures| is(figures)).count() as i64;
            let day = |at: i64| at.div_euclid(DAY);
            let totals = found.of(place).unwrap();
            prop_assert_eq!(totals.orders, alone.iter().map(|figures| figures.orders).sum::<i64>());
            prop_assert_eq!(totals.up_sold, alone.iter().map(|figures| figures.up_sold).sum::<i64>());
            prop_assert_eq!(totals.cross_sold, alone.iter().map(|figures| figures.cross_sold).sum::<i64>());
            let (mut sales, mut profit, mut value) = (ExactSum::default(), ExactSum::default(), None);
            for figures in &alone {
                sales.add(figures.sales).unwrap();
                profit.add(figures.profit).unwrap();
                figures.value_to_date.into_iter().for_each(|sum| add(&mut value, sum).unwrap());
            }
            prop_assert_eq!((totals.sales, totals.profit, totals.value_to_date), (sales, profit, value));
            prop_assert_eq!(totals.valued, count(&|figures| figures.value_to_date.is_some()));
            prop_assert_eq!(totals.buying, count(&|figures| figures.bought.is_some()));
            let several = |bought: Option<(i64, i64)>| bought.is_some_and(|(first, last)| day(first) < day(last));
            prop_assert_eq!(totals.repeat_buying, count(&|figures| several(figures.bought)));
            prop_assert_eq!(totals.repeated_ever, count(&|figures| several(figures.ever)));
            prop_assert_eq!(totals.bought_ever, count(&|figures| figures.ever.is_some()));
            let before = |figures: &Figures| figures.before_to.is_some_and(|last| last >= period.before_begins);
            prop_assert_eq!(totals.bought_before, count(&before));
            prop_assert_eq!(totals.retained, count(&|figures| before(figures) && figures.bought.is_some()));
            prop_assert_eq!(totals.churned, count(&|figures| figures.ever.is_some_and(|(_, last)| last < period.silent_since)));
        }
    }

    #[test]
    fn parts_merge_to_the_whole(customers in customers(), cut in 0_usize..6) {
        let periods = periods(&[5, 9, 14]);
        let (one, other) = customers.split_at(cut.min(customers.len()));
        let mut merged = OrderTotals::decode(&total(one, &periods).encode(), Global).unwrap();
        merged.merge(&total(other, &periods)).unwrap();
        prop_assert_eq!(merged.encode(), total(&customers, &periods).encode());
    }

    #[test]
    fn bytes_read_back_or_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
        let bytes = [&[1, 0, TAG][..], &bytes].concat();
        if let Ok(totals) = OrderTotals::decode(&bytes, Global) {
            prop_assert!(OrderTotals::decode(&totals.encode(), Global).is_ok());
            let mut twice = totals.clone();
            let _ = twice.merge(&totals);
        }
    }
}

#[test]
fn days_are_those_of_the_zone() {
    let orders = |first: i64| {
        let mut orders = Orders::default();
        for at in [first, first + DAY / 24] {
            orders.add(Order { at, amount: None, profit: None, item: None }, 0).unwrap();
        }
        orders.sorted()
    };
    let zone = NamedZone::get("Asia/Shanghai").unwrap();
    // 15:30 and 16:30 UTC are 23:30 and 0:30 there
    for (zone, expected) in [(None, 0), (zone, 1)] {
        let mut totals = OrderTotals::new(Global);
        totals.add(&orders(31 * DAY / 48), &periods(&[0, 2, 4]), Days { epoch: 0, zone }).unwrap();
        let of = |place: usize| *totals.of(place).unwrap();
        assert_eq!(
            [of(0).repeat_buying, of(0).repeated_ever, of(1).repeat_buying, of(1).repeated_ever],
            [expected, expected, 0, expected]
        );
    }
}

#[test]
fn other_periods_do_not_add_up() {
    let mut totals = total(&[Orders::default()], &periods(&[5, 9]));
    assert!(totals.add(&Orders::default(), &periods(&[5, 9, 10]), UTC).is_err());
    assert!(totals.merge(&total(&[Orders::default()], &periods(&[5, 9, 10]))).is_err());
    totals.merge(&OrderTotals::new(Global)).unwrap();
    assert_eq!(totals.of(1), None);
}
