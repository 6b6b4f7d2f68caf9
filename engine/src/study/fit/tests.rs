use jiff::civil::date;
use proptest::prelude::*;
use serde_json::json;

use super::*;

fn scheme(fit: serde_json::Value, codes: &[&str]) -> Compiled {
    let bins: std::vec::Vec<_> = codes.iter().map(|code| json!({"code": code})).collect();
    let tiers = bins.clone();
    let document = json!({
        "scheme": "fitted", "inputs": [{"name": "value", "type": "number"}],
        "characteristics": [{"name": "class", "input": "value", "bins": bins, "fit": fit}],
        "decision": {"method": "bands", "characteristic": "class"}, "tiers": tiers
    });
    Compiled::parse(&document.to_string()).unwrap()
}

fn abc() -> Compiled {
    scheme(json!({"share_of": "customers", "cuts": [0.2, 0.7]}), &["A", "B", "C"])
}

fn seen(scheme: &Compiled, values: &[f64]) -> Fitting {
    let as_of = scheme.as_of_date(date(2026, 1, 1));
    let targets = Targets::of(scheme).unwrap();
    let mut sheet = scheme.sheet();
    let mut fitting = Fitting::new(scheme, Global).unwrap();
    for value in values {
        sheet.slots[0] = Value::Float(*value);
        fitting.add(scheme, &targets, &as_of, &mut sheet).unwrap();
    }
    fitting
}

fn fit(scheme: &Compiled, values: &[f64]) -> Result<(Compiled, std::vec::Vec<Error>)> {
    let outcome = seen(scheme, values).finish(scheme, "2026-01-01T00:00:00Z")?;
    Ok((Compiled::parse(&outcome.scheme.canonical())?, outcome.notices))
}

fn tier(scheme: &Compiled, value: f64) -> usize {
    let mut sheet = scheme.sheet();
    sheet.slots[0] = Value::Float(value);
    scheme.tier(&scheme.as_of_date(date(2026, 1, 1)), &mut sheet).unwrap().unwrap()
}

#[test]
fn abc_takes_its_shares() {
    let values: std::vec::Vec<f64> = (1..=10).map(f64::from).collect();
    let (fitted, notices) = fit(&abc(), &values).unwrap();
    let tiers: std::vec::Vec<usize> = values.iter().map(|value| tier(&fitted, *value)).collect();
    assert_eq!(tiers, [2, 2, 2, 1, 1, 1, 1, 1, 0, 0]);
    assert!(notices.is_empty());
    let note = fitted.scheme.characteristics[0].fitted.as_ref().unwrap();
    let [min, max] = [note.min, note.max].map(|end| end.unwrap().to_string());
    assert_eq!((note.n, min, max), (10, "1".to_owned(), "10".to_owned()));
}

#[test]
fn shares_of_the_value_are_those_of_pareto() {
    let pareto = scheme(json!({"share_of": "value", "cuts": [0.8, 0.95]}), &["A", "B", "C"]);
    // 60 + 20 = 80 %, + 10 + 5 = 95 %, + 3 + 2.
    let (fitted, _) = fit(&pareto, &[5.0, 60.0, 3.0, 20.0, 2.0, 10.0]).unwrap();
    let tiers: std::vec::Vec<usize> =
        [60.0, 20.0, 10.0, 5.0, 3.0, 2.0].iter().map(|v| tier(&fitted, *v)).collect();
    assert_eq!(tiers, [0, 0, 1, 1, 2, 2]);
    // One customer beyond the share still is the best class.
    let (fitted, _) = fit(&pareto, &[1000.0, 1.0, 2.0]).unwrap();
    assert_eq!((tier(&fitted, 1000.0), tier(&fitted, 2.0)), (0, 2));
}

#[test]
fn equal_values_share_a_bin_and_leave_others_empty() {
    let quintiles =
        |best| scheme(json!({"share_of": "customers", "parts": 5, "best": best}), &["5", "4", "3", "2", "1"]);
    let values = [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 2.0, 3.0, 4.0, 5.0];
    let (fitted, notices) = fit(&quintiles("high"), &values).unwrap();
    assert_eq!([5.0, 4.0, 3.0, 2.0, 1.0].map(|value| tier(&fitted, value)), [0, 0, 1, 1, 4]);
    assert_eq!(notices.len(), 1);
    assert!(notices[0].message.contains("\"3\", \"2\""), "{}", notices[0].message);
    // Its own document reads again and can be fitted anew.
    let (again, _) = fit(&fitted, &values).unwrap();
    assert_eq!(again.scheme.canonical(), fitted.scheme.canonical());
    let (fitted, _) = fit(&quintiles("low"), &values).unwrap();
    assert_eq!([5.0, 4.0, 3.0, 2.0, 1.0].map(|value| tier(&fitted, value)), [4, 4, 3, 3, 0]);
}

#[test]
fn what_cannot_be_cut_is_refused() {
    let error = |values: &[f64]| fit(&abc(), values).unwrap_err().message;
    assert!(error(&[]).contains("nothing to fit"));
    let pareto = scheme(json!({"share_of": "value", "cuts": [0.8]}), &["A", "B"]);
    assert!(fit(&pareto, &[-1.0, 2.0]).unwrap_err().message.contains("shares of the value"));
}

#[test]
fn a_value_beyond_all_cut_points_is_of_one_customer() {
    let scheme = abc();
    let as_of = scheme.as_of_date(date(2026, 1, 1));
    let targets = Targets::of(&scheme).unwrap();
    let mut sheet = scheme.sheet();
    let mut fitting = seen(&scheme, &[1.0, 2.0, 3.0]);
    for value in [1e16, -1e17, f64::MAX] {
        sheet.slots[0] = Value::Float(value);
        let error = fitting.add(&scheme, &targets, &as_of, &mut sheet).unwrap_err();
        assert_eq!((error.kind, error.finding), (ErrorKind::NumberOutOfRange, Some("out of range")));
    }
    assert_eq!(fitting.encode(), seen(&scheme, &[1.0, 2.0, 3.0]).encode());
    assert_eq!(fitting.customers(), 3);
}

#[test]
fn equal_values_share_the_worst_bin() {
    let quintiles = |share, best| {
        scheme(json!({"share_of": share, "parts": 5, "best": best}), &["5", "4", "3", "2", "1"])
    };
    for share in ["customers", "value"] {
        for value in [7.0, 0.1, 0.0, -3.5, 123_456_789.125, -1e12] {
            for best in ["high", "low"] {
                let (fitted, notices) = fit(&quintiles(share, best), &[value; 9]).unwrap();
                assert_eq!(tier(&fitted, value), 4, "{share} {best} {value}");
                // What is better than all that were seen is in the best bin.
                let better = if best == "high" { value + 1.0 } else { value - 1.0 };
                assert_eq!(tier(&fitted, better), 0, "{share} {best} {value}");
                assert!(notices[0].message.contains("\"5\", \"4\", \"3\", \"2\""), "{}", notices[0].message);
                let (again, _) = fit(&fitted, &[value; 9]).unwrap();
                assert_eq!(again.scheme.canonical(), fitted.scheme.canonical());
            }
        }
    }
}

#[test]
fn a_score_is_fitted_after_its_bins() {
    let document = json!({
        "scheme": "scored", "inputs": [{"name": "value", "type": "number"}],
        "characteristics": [{"name": "class", "input": "value", "fit": {"share_of": "customers", "parts": 4},
            "bins": [{"code": "4", "points": 4}, {"code": "3", "points": 3}, {"code": "2", "points": 2}, {"code": "1", "points": 1}]}],
        "score": {}, "decision": {"method": "score", "cuts": [{"tier": "up"}, {"tier": "down"}], "fit": {"share_of": "customers", "cuts": [0.5]}},
        "tiers": [{"code": "up"}, {"code": "down"}]
    });
    let values: std::vec::Vec<f64> = (1..=8).map(f64::from).collect();
    let unfitted = Compiled::parse(&document.to_string()).unwrap();
    let (bins, _) = fit(&unfitted, &values).unwrap();
    assert!(bins.is_unfitted());
    let (fitted, _) = fit(&bins, &values).unwrap();
    assert!(!fitted.is_unfitted());
    assert_eq!([4.0, 5.0].map(|value| tier(&fitted, value)), [1, 0]);
    // Once more: all anew, the bins first.
    assert!(fit(&fitted, &values).unwrap().0.is_unfitted());
}

proptest! {
    #[test]
    fn no_class_exceeds_its_share_but_by_the_best_value(values in prop::collection::vec(0_i32..60, 2..200), percent in 5_u8..95) {
        let values: std::vec::Vec<f64> = values.into_iter().map(f64::from).collect();
        let cut = f64::from(percent) / 100.0;
        prop_assume!(values.iter().any(|value| *value != values[0]));
        let two = scheme(json!({"share_of": "customers", "cuts": [cut]}), &["A", "B"]);
        let (fitted, _) = fit(&two, &values).unwrap();
        let best = values.iter().copied().fold(0.0, f64::max);
        let of_class = values.iter().filter(|value| tier(&fitted, **value) == 0).count() as f64;
        let of_best = values.iter().filter(|value| **value == best).count() as f64;
        prop_assert!(of_class <= (cut * values.len() as f64 * (1.0 + 1e-9)).max(of_best));
        // And the next value would not fit in.
        let next = values.iter().copied().filter(|value| tier(&fitted, *value) == 1).fold(-1.0, f64::max);
        let with_next = of_class + values.iter().filter(|value| **value == next).count() as f64;
        prop_assert!(with_next > cut * values.len() as f64 || with_next == values.len() as f64);
    }

    #[test]
    fn split_equals_whole(values in prop::collection::vec(0.0..1e6_f64, 2..100), at in 0_usize..100) {
        let scheme = abc();
        let (left, right) = values.split_at(at.min(values.len()));
        let mut merged = seen(&scheme, left);
        merged.merge(&Fitting::decode(&seen(&scheme, right).encode(), Global).unwrap()).unwrap();
        prop_assert_eq!(merged.encode(), seen(&scheme, &values).encode());
    }
}
