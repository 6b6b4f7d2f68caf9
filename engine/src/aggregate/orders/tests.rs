use proptest::prelude::*;

use super::*;

const SINCE: i64 = 5;

fn orders(all: &[Order], since: i64) -> Orders {
    let mut orders = Orders::default();
    all.iter().for_each(|order| orders.add(*order, since).unwrap());
    orders
}

/// As the queries by hand say it: each order against all earlier ones.
fn by_hand(all: &[Order], begins: i64, ends: i64) -> Figures {
    let cents = |sum: Option<ExactSum>| sum.map_or(0, |sum| sum.mantissa);
    let total = |of: fn(&Order) -> Option<ExactSum>, inside: &dyn Fn(&Order) -> bool| {
        let amounts: std::vec::Vec<i128> = all
            .iter()
            .filter(|order| inside(order))
            .filter_map(|order| of(order).map(|sum| cents(Some(sum))))
            .collect();
        (!amounts.is_empty()).then(|| amounts.iter().sum::<i128>())
    };
    let is_order = |order: &&Order| cents(order.amount) >= 0;
    let times = |from: i64, until: i64| {
        let times =
            || all.iter().filter(is_order).map(|order| order.at).filter(|at| *at >= from && *at < until);
        times().min().zip(times().max())
    };
    let earlier = |at: i64| all.iter().filter(is_order).filter(move |order| order.at < at);
    let inside = || all.iter().filter(is_order).filter(|order| order.at >= begins && order.at < ends);
    let up_sold = inside().filter(|order| {
        let most = earlier(order.at).filter_map(|order| order.amount).map(|sum| cents(Some(sum))).max();
        order.amount.zip(most).is_some_and(|(amount, most)| cents(Some(amount)) > most)
    });
    let cross_sold = inside().filter(|order| {
        order.item.is_some()
            && earlier(order.at).next().is_some()
            && earlier(order.at).all(|before| before.item != order.item)
    });
    let sum = |mantissa: Option<i128>| mantissa.map(|mantissa| ExactSum { mantissa, scale: 2 });
    Figures {
        orders: inside().count() as i64,
        sales: sum(total(|order| order.amount, &|order| order.at >= begins && order.at < ends))
            .unwrap_or_default(),
        profit: sum(total(|order| order.profit, &|order| order.at >= begins && order.at < ends))
            .unwrap_or_default(),
        bought: times(begins, ends),
        before_to: times(i64::MIN, begins).map(|(_, last)| last),
        ever: times(i64::MIN, ends),
        value_to_date: sum(total(|order| order.amount, &|order| order.at < begins)),
        up_sold: up_sold.count() as i64,
        cross_sold: cross_sold.count() as i64,
    }
}

fn some_orders() -> impl Strategy<Value = std::vec::Vec<Order>> {
    let amount = |least: i128| {
        prop::option::weighted(0.9, (least..6).prop_map(|mantissa| ExactSum { mantissa, scale: 2 }))
    };
    let order = (
        0_i64..12,
        amount(-1),
        prop::option::weighted(0.3, (-2_i128..6).prop_map(|mantissa| ExactSum { mantissa, scale: 2 })),
        prop::option::weighted(0.9, 1_u64..5),
    );
    let order = order.prop_map(|(at, amount, profit, item)| Order { at, amount, profit, item });
    prop::collection::vec(order, 0..25)
}

proptest! {
    #[test]
    fn figures_are_what_the_definitions_say(all in some_orders(), begins in SINCE..10, length in 1_i64..8) {
        let found = orders(&all, SINCE).sorted().figures(begins, begins + length).unwrap();
        prop_assert_eq!(found, by_hand(&all, begins, begins + length));
    }

    #[test]
    fn parts_merge_to_the_whole(all in some_orders(), cut in 0_usize..25) {
        let (one, other) = all.split_at(cut.min(all.len()));
        let mut merged = Orders::decode(&orders(one, SINCE).encode(), Global).unwrap();
        merged.merge(&orders(other, SINCE)).unwrap();
        prop_assert_eq!(merged.encode(), orders(&all, SINCE).encode());
        prop_assert_eq!(merged.sorted().figures(SINCE, 20).unwrap(), by_hand(&all, SINCE, 20));
    }

    #[test]
    fn bytes_read_back_or_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
        let bytes = [&[1, 0, TAG][..], &bytes].concat();
        if let Ok(orders) = Orders::decode(&bytes, Global) {
            prop_assert!(Orders::decode(&orders.encode(), Global).is_ok());
            let _ = orders.sorted().figures(0, 10);
        }
    }

    #[test]
    fn what_was_bought_before_is_the_rfm_value_of_it(all in some_orders(), until in 0_i64..12) {
        let mut expected: Option<Rfm> = None;
        for order in all.iter().filter(|order| order.at < until) {
            if let Some(amount) = order.amount {
                expected.get_or_insert_with(|| Rfm::new(None, Global)).add(order.at, 0, amount).unwrap();
            }
        }
        let found = orders(&all, i64::MIN).sorted().rfm(until, 0, None).unwrap();
        prop_assert_eq!(found.map(|rfm| rfm.encode()), expected.map(|rfm| rfm.encode()));
    }
}

#[test]
fn amounts_of_different_scales_compare_by_value() {
    let amount = |mantissa, scale| Some(ExactSum { mantissa, scale });
    let order = |at, amount| Order { at, amount, profit: None, item: None };
    let figures = |all: &[Order]| orders(all, 0).sorted().figures(0, 10).unwrap().up_sold;
    assert_eq!(figures(&[order(1, amount(100, 2)), order(2, amount(1, 0))]), 0);
    assert_eq!(figures(&[order(1, amount(100, 2)), order(2, amount(10001, 4))]), 1);
    let huge = 10_i128.pow(37);
    assert_eq!(
        compare(ExactSum { mantissa: huge, scale: 20 }, ExactSum { mantissa: huge, scale: 0 }),
        Ordering::Less
    );
}
