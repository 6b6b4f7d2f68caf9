use proptest::prelude::*;

use super::*;
use crate::aggregate::value_type::Textual;
use crate::limits::DISTRIBUTION_BUCKETS;

const DEFAULT: Limit = Limit::Coarsen(DISTRIBUTION_BUCKETS);

fn built(values: &[f64], bits: u8, limit: Limit) -> Distribution {
    let mut built = Distribution::new(bits, limit, Global);
    for value in values {
        built.add(*value).unwrap();
    }
    built
}

fn sketch(values: &[f64]) -> Distribution {
    built(values, bits_for(0.01).unwrap(), DEFAULT)
}

fn exact(values: &[f64]) -> Distribution {
    built(values, EXACT, Limit::Refuse)
}

/// What percentile_disc gives.
fn percentile_disc(values: &[f64], q: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[((q * values.len() as f64).ceil() as usize).clamp(1, values.len()) - 1]
}

fn number() -> impl Strategy<Value = f64> {
    prop_oneof![
        8 => -1e6..1e6_f64,
        4 => (0_i32..500).prop_map(f64::from),
        2 => prop::num::f64::NORMAL,
        1 => Just(0.0),
    ]
}

fn anything() -> impl Strategy<Value = f64> {
    prop_oneof![8 => number(), 1 => prop::num::f64::ANY, 1 => Just(f64::INFINITY), 1 => Just(f64::NEG_INFINITY)]
}

proptest! {
    #[test]
    fn quantiles_keep_their_bound(values in prop::collection::vec(number(), 1..300), q in 0.0..=1.0_f64, bits in 4_u8..12) {
        let sketch = built(&values, bits, DEFAULT);
        let truth = percentile_disc(&values, q);
        let answer = sketch.sorted().quantile(q).unwrap().unwrap();
        prop_assert!((answer - truth).abs() <= truth.abs() * relative_error_of(bits) * (1.0 + 1e-12), "{answer} for {truth}");
        let exact = exact(&values).sorted().quantile(q).unwrap().unwrap();
        prop_assert!(exact == truth);
    }

    #[test]
    fn split_equals_whole_in_any_order(values in prop::collection::vec(anything(), 0..100), at in 0_usize..100, most in 4092_usize..5000) {
        for limit in [DEFAULT, Limit::Coarsen(most)] {
            let (left, right) = values.split_at(at.min(values.len()));
            let (mut ab, mut ba) = (built(left, 6, limit), built(right, 6, limit));
            let whole = built(&values, 6, limit).encode();
            let first = ab.clone();
            ab.merge(&ba).unwrap();
            ba.merge(&first).unwrap();
            prop_assert_eq!(ab.encode(), whole.clone());
            prop_assert_eq!(ba.encode(), whole);
        }
    }

    #[test]
    fn bytes_and_text_round_trip(values in prop::collection::vec(anything(), 0..100), exactly in any::<bool>()) {
        let value = if exactly { exact(&values) } else { sketch(&values) };
        let bytes = value.encode();
        prop_assert_eq!(Distribution::decode(&bytes, Global).unwrap().encode(), bytes.clone());
        prop_assert_eq!(Distribution::from_text(&value.to_text()).unwrap().encode(), bytes);
    }

    #[test]
    fn a_flipped_byte_is_refused_or_canonical(values in prop::collection::vec(anything(), 0..20), at in any::<usize>(), flip in 1_u8..) {
        let mut bytes = sketch(&values).encode();
        let at = at % bytes.len();
        bytes[at] ^= flip;
        if let Ok(value) = Distribution::decode(&bytes, Global) {
            prop_assert_eq!(value.encode(), bytes);
            value.sorted().quantile(0.5).unwrap();
        }
    }

    #[test]
    fn sums_and_shares_are_those_of_the_values(values in prop::collection::vec(0.01..1e5_f64, 1..200)) {
        let sorted = exact(&values).sorted();
        let sum: f64 = values.iter().sum();
        prop_assert!((sorted.sum().unwrap() - sum).abs() <= sum * 1e-12);
        prop_assert!((sketch(&values).sorted().sum().unwrap() - sum).abs() <= sum * 1e-12);
        // Gini by its other definition, the mean absolute difference.
        let n = values.len() as f64;
        let differences: f64 = values.iter().flat_map(|a| values.iter().map(move |b| (a - b).abs())).sum();
        let gini = differences / (2.0 * n * sum);
        prop_assert!((sorted.gini().unwrap() - gini).abs() < 1e-9);
        prop_assert!((sketch(&values).sorted().gini().unwrap() - gini).abs() < 0.01);
        let cut = sorted.value_share_cut(0.8).unwrap().unwrap();
        let at_least: f64 = values.iter().filter(|value| **value >= cut).sum();
        let more: f64 = values.iter().filter(|value| **value > cut).sum();
        prop_assert!(at_least >= 0.8 * sum * (1.0 - 1e-12) && more <= 0.8 * sum * (1.0 + 1e-12));
        prop_assert!((sorted.share_above(cut).unwrap() - at_least / sum).abs() < 1e-12);
        let rank = values.iter().filter(|value| **value <= cut).count() as f64 / n;
        prop_assert!((sorted.rank(cut).unwrap() - rank).abs() < 1e-12);
    }
}

proptest! {
    // Thousands of values a case.
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn coarsening_depends_on_the_values_alone(values in prop::collection::vec(1e-3..1e9_f64, 5000..5200), at in 0_usize..5000) {
        let limit = Limit::Coarsen(4092);
        let whole = built(&values, EXACT, limit);
        prop_assert!(whole.buckets.len() <= 4092 && whole.bits > 6);
        // One bit more would not have fitted.
        let finer = built(&values, whole.bits + 1, Limit::Coarsen(DISTRIBUTION_EXACT_VALUES));
        prop_assert!(finer.buckets.len() > 4092);
        let (left, right) = values.split_at(at);
        let mut merged = built(right, EXACT, limit);
        merged.merge(&built(left, EXACT, limit)).unwrap();
        prop_assert_eq!(merged.encode(), whole.encode());
    }
}

#[test]
fn the_default_error_is_below_one_percent() {
    assert_eq!(bits_for(0.01).unwrap(), 6);
    assert!(relative_error_of(6) < 0.0078);
    assert!(bits_for(0.5).is_err() && bits_for(f64::NAN).is_err());
}

#[test]
fn special_values_have_their_places() {
    let sorted = sketch(&[f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 0.0, -0.0, 5.0, -5.0, 1e-320]).sorted();
    let quantile = |q: f64| sorted.quantile(q).unwrap().unwrap();
    assert_eq!(quantile(0.0), f64::NEG_INFINITY);
    assert_eq!(quantile(0.25), -5.0);
    assert_eq!(quantile(0.5), 0.0);
    assert_eq!(quantile(0.75), 5.0);
    assert_eq!(quantile(0.875), f64::INFINITY);
    assert!(quantile(1.0).is_nan());
    assert_eq!(sorted.count(), 8);
    assert!(sorted.sum().unwrap().is_nan() && sorted.gini().is_none());
    assert!(sorted.quantile(1.5).is_err() && sorted.quantile(f64::NAN).is_err());
}

#[test]
fn nothing_gives_nothing() {
    assert!(
        sketch(&[]).sorted().sum().unwrap().is_sign_positive()
            && sketch(&[0.0, -0.0]).sorted().sum().unwrap().is_sign_positive()
    );
    let sorted = sketch(&[]).sorted();
    assert_eq!((sorted.quantile(0.5).unwrap(), sorted.rank(1.0), sorted.gini()), (None, None, None));
    assert_eq!((sorted.min(), sorted.max(), sorted.value_share_cut(0.5).unwrap()), (None, None, None));
}

#[test]
fn extremes_of_doubles_are_held() {
    for value in [f64::MAX, f64::MIN, f64::MIN_POSITIVE, -f64::MIN_POSITIVE] {
        assert_eq!(sketch(&[value]).sorted().quantile(0.5).unwrap(), Some(value));
        assert_eq!(sketch(&[value]).sorted().sum().unwrap(), value);
    }
}

#[test]
fn a_sum_beyond_doubles_is_an_error_and_its_mean_and_shares_are_known() {
    let sorted = exact(&[f64::MAX, f64::MAX, 1.0]).sorted();
    assert_eq!(sorted.sum().unwrap_err().kind, ErrorKind::NumberOutOfRange);
    assert_eq!((sorted.mean(), sorted.share_above(2.0)), (Some(f64::MAX / 3.0 * 2.0), Some(1.0)));
    assert!((sorted.gini().unwrap() - 1.0 / 3.0).abs() < 1e-15);
    assert_eq!(sorted.lorenz(3).unwrap().last(), Some(&(1.0, 1.0)));
    assert_eq!(sorted.value_share_cut(0.5).unwrap(), Some(f64::MAX));
    // What is too much on one side may come to little with the other.
    let sorted = exact(&[f64::MAX, f64::MAX, -f64::MAX, -f64::MAX]).sorted();
    assert_eq!((sorted.sum().unwrap(), sorted.mean()), (0.0, Some(0.0)));
}

#[test]
fn the_whole_sum_is_reached_above_zero() {
    for n in 1..200 {
        let values: Vec<f64> = (0..n).map(|place| f64::from(place * 7919 % 1000) / 100.0).collect();
        let least = values.iter().copied().filter(|value| *value > 0.0).reduce(f64::min);
        let sorted = built(&values, EXACT, Limit::Refuse).sorted();
        assert_eq!(sorted.value_share_cut(1.0).unwrap(), least);
    }
}

#[test]
fn counts_are_those_of_a_bigint() {
    let text = |zeros: u64| {
        format!(r#"{{"version":1,"bits":6,"limit":8192,"zeros":{zeros},"min":0,"max":0,"buckets":[]}}"#)
    };
    assert!(Distribution::from_text(&text(i64::MAX as u64)).is_ok());
    assert!(Distribution::from_text(&text(i64::MAX as u64 + 1)).is_err());
    let mut most = Distribution::from_text(&text(i64::MAX as u64)).unwrap();
    assert!(most.merge(&sketch(&[1.0])).is_err());
}

proptest! {
    #[test]
    fn two_distributions_side_by_side(
        one in prop::collection::vec((-40_i32..40, 1_u64..4), 0..60),
        other in prop::collection::vec((-40_i32..40, 1_u64..4), 0..60),
        bits in 1_u8..=EXACT,
    ) {
        let of = |values: &[(i32, u64)], bits| {
            let mut of = Distribution::new(bits, Limit::Coarsen(8192), Global);
            for (value, times) in values {
                of.add_times(f64::from(*value), *times).unwrap();
            }
            of
        };
        let sides = Distribution::side_by_side(&of(&one, bits), &of(&other, EXACT)).unwrap();
        prop_assert!(sides.windows(2).all(|pair| pair[0].0.high < pair[1].0.low));
        let within = |values: &[(i32, u64)], span: &Span| -> u64 {
            let inside = |value: f64| value >= span.low && value <= span.high;
            values.iter().filter(|(value, _)| inside(f64::from(*value))).map(|(_, times)| times).sum()
        };
        for (span, counts) in &sides {
            prop_assert_eq!(*counts, [within(&one, span), within(&other, span)]);
        }
        let total = |values: &[(i32, u64)]| values.iter().map(|(_, times)| times).sum::<u64>();
        prop_assert_eq!(sides.iter().map(|(_, counts)| counts[0]).sum::<u64>(), total(&one));
        prop_assert_eq!(sides.iter().map(|(_, counts)| counts[1]).sum::<u64>(), total(&other));
    }
}
