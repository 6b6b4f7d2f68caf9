//! The models of lifetime value against what is published, and against simulated customers.

#[path = "lifetime/cdnow.rs"]
mod cdnow;
#[path = "lifetime/simulate.rs"]
mod simulate;

use allocator_api2::alloc::Global;
use customer_tiering_engine::aggregate::rfm::Rfm;
use customer_tiering_engine::aggregate::value_type::Mergeable;
use customer_tiering_engine::lifetime::Kind::{BgNbd, MbgNbd, ParetoNbd};
use customer_tiering_engine::lifetime::{
    self, Census, Excluded, Gathered, Horizon, Kind, Model, Purchases, Scorer, Spend, SpendScorer, TimeUnit,
    fit_purchases, judge,
};
use customer_tiering_engine::number::ExactSum;
use customer_tiering_engine::time::date::day_number;
use customer_tiering_engine::{Error, ErrorKind, Result};
use jiff::civil::{Date, date};
use proptest::prelude::*;
use simulate::Random;

/// The last day of the published calibration period.
const CALIBRATION: Date = date(1997, 9, 30);

fn fit(model: Kind, customers: impl IntoIterator<Item = (Purchases, u64)>) -> Model {
    fit_purchases(model, customers, TimeUnit::Week, &mut || Ok(())).unwrap()
}

fn fit_spend(customers: impl IntoIterator<Item = (Spend, u64)>) -> Model {
    lifetime::fit_spend(Kind::GammaGamma, customers, &mut || Ok(())).unwrap()
}

fn customer(frequency: i64, recency: f64, age: f64) -> Purchases {
    Purchases::new(frequency, recency, age).unwrap()
}

fn cdnow_customers() -> Vec<(Purchases, u64)> {
    cdnow::shoppers().iter().map(|shopper| (shopper.purchases(CALIBRATION), 1)).collect()
}

/// A model as published.
fn typed(kind: &str, parameters: &str) -> Model {
    Model::parse(&format!(r#"{{"kind": "{kind}", "unit": "week", "parameters": {parameters}}}"#)).unwrap()
}

#[track_caller]
fn assert_parameters(model: &Model, expected: &[(&str, f64)], tolerance: f64) {
    assert!(model.converged(), "{}", model.canonical());
    for ((name, value), (expected_name, expected)) in model.parameters().iter().zip(expected) {
        assert_eq!(name, expected_name);
        assert!((value - expected).abs() < tolerance, "{}", model.canonical());
    }
}

#[track_caller]
fn assert_near(found: f64, expected: f64, tolerance: f64) {
    assert!((found - expected).abs() <= tolerance, "found {found}, expected {expected}");
}

#[test]
fn cdnow_purchases_as_published() {
    let customers = cdnow_customers();
    assert_eq!(customers.len(), 2_357);
    assert_eq!(customers.iter().filter(|(c, _)| c.frequency() > 0).count(), 946);
    assert_eq!(customers.iter().map(|(c, _)| c.frequency()).sum::<u64>(), 2_457);

    // Fader, Hardie & Lee (2005), for both models.
    let bg = fit(BgNbd, customers.iter().copied());
    assert_parameters(&bg, &[("r", 0.2426), ("alpha", 4.4136), ("a", 0.7929), ("b", 2.4259)], 1e-4);
    assert_near(bg.log_likelihood().unwrap(), -9_582.429, 1e-3);
    let pareto = fit(ParetoNbd, customers.iter().copied());
    let expected = [("r", 0.5533), ("alpha", 10.5777), ("s", 0.6062), ("beta", 11.6687)];
    assert_parameters(&pareto, &expected, 1e-4);
    assert_near(pareto.log_likelihood().unwrap(), -9_594.976, 1e-3);
    // As the Python package Lifetimes 0.11.3 finds them.
    let mbg = fit(MbgNbd, customers.iter().copied());
    assert_parameters(&mbg, &[("r", 0.5248), ("alpha", 6.1830), ("a", 0.8914), ("b", 1.6140)], 2e-4);

    for model in [bg, pareto, mbg] {
        assert_eq!((model.customers(), model.unit()), (2_357, Some(TimeUnit::Week)));
        let again = judge::log_likelihood(&model, customers.iter().copied(), &mut || Ok(())).unwrap();
        assert_near(again, model.log_likelihood().unwrap(), 1e-8);
    }
}

/// The mean is over the repeat purchases; with the first one in it p would be 14.3. (Eight customers paid
/// nothing the first time, nobody later.)
#[test]
fn cdnow_spend_as_published() {
    let spend: Vec<_> = cdnow::shoppers().iter().map(|shopper| (shopper.spend(CALIBRATION), 1)).collect();
    let model = fit_spend(spend.iter().copied());
    // Fader & Hardie (2013), where v is called γ.
    assert_parameters(&model, &[("p", 6.25), ("q", 3.744), ("v", 15.444)], 1e-3);
    assert_near(model.log_likelihood().unwrap(), -4_055.918, 1e-3);
    assert_eq!(model.customers(), 946);
    assert_eq!(
        (model.excluded()[0].reason.as_str(), model.excluded()[0].customers),
        ("no repeat purchase", 1_411)
    );
    let again = judge::spend_log_likelihood(&model, spend, &mut || Ok(())).unwrap();
    assert_near(again, model.log_likelihood().unwrap(), 1e-8);
    // The population's mean, p v / (q - 1).
    let scorer = SpendScorer::new(&model).unwrap();
    assert_near(scorer.expected_spend(&Spend::new(0, 0.0).unwrap()).unwrap(), 35.17, 0.01);
}

#[test]
fn predictions_as_published_and_as_lifetimes_makes_them() {
    let regular = customer(2, 30.43, 38.86);
    let once = customer(0, 0.0, 38.86);
    for (model, next_39, new_39, alive, alive_once) in [
        // Fader, Hardie & Lee (2005): 1.226.
        (fit(BgNbd, cdnow_customers()), 1.2259, 1.1950, 0.7266, 1.0),
        (fit(MbgNbd, cdnow_customers()), 1.2627, 1.1823, 0.7061, 0.3897),
        (fit(ParetoNbd, cdnow_customers()), 1.4551, 1.2134, 0.8691, 0.2951),
    ] {
        let scorer = Scorer::new(&model).unwrap();
        assert_near(scorer.expected_purchases(39.0, &regular).unwrap(), next_39, 1e-4);
        assert_near(scorer.expected_purchases_new(39.0).unwrap(), new_39, 1e-4);
        assert_near(scorer.p_alive(&regular).unwrap(), alive, 1e-4);
        assert_near(scorer.p_alive(&once).unwrap(), alive_once, 1e-4);
    }
}

#[test]
fn the_population_buys_as_expected() {
    // Each customer's expectation over the calibration period adds up to about what was bought in it.
    let shoppers = cdnow::shoppers();
    let start = date(1997, 1, 1);
    let weeks = |day: Date| f64::from((day - start).get_days()) / 7.0;
    let births: Vec<(f64, u64)> = shoppers.iter().map(|shopper| (weeks(shopper.first()), 1)).collect();
    let at = [0.0, 20.0, weeks(CALIBRATION)];
    for kind in [BgNbd, MbgNbd, ParetoNbd] {
        let model = fit(kind, cdnow_customers());
        let scorer = Scorer::new(&model).unwrap();
        let expected = judge::expected_repeat_purchases(&scorer, &births, &at, &mut || Ok(())).unwrap();
        assert_eq!(expected[0], 0.0);
        assert!(expected[1] < expected[2]);
        assert!((expected[2] / 2_457.0 - 1.0).abs() < 0.05, "{kind:?}: {expected:?}");
        let one = scorer.expected_purchases_new(20.0 - births[7].0).unwrap();
        let alone = judge::expected_repeat_purchases(&scorer, &births[7..8], &at, &mut || Ok(())).unwrap();
        assert_eq!(alone[1], one);
    }
}

#[test]
fn simulated_customers_give_their_parameters_back() {
    let n = 20_000;
    let close = |model: &Model, truth: &[f64]| {
        assert!(model.converged(), "{}", model.canonical());
        for ((name, found), truth) in model.parameters().iter().zip(truth) {
            assert!((found / truth).ln().abs() < 0.25, "{name} {truth}: {}", model.canonical());
        }
    };
    let mut random = Random(20_250_101);
    let truth = [0.8, 6.0, 0.9, 2.5];
    for (kind, from_the_first) in [(BgNbd, false), (MbgNbd, true)] {
        close(&fit(kind, (0..n).map(|_| (random.beta_geometric(truth, from_the_first, 60.0), 1))), &truth);
    }
    let truth = [0.8, 9.0, 0.7, 12.0];
    close(&fit(ParetoNbd, (0..n).map(|_| (random.pareto(truth, 80.0), 1))), &truth);
    // Hundreds of purchases each.
    let truth = [2.0, 0.5, 0.9, 90.0];
    close(&fit(BgNbd, (0..2_000).map(|_| (random.beta_geometric(truth, false, 100.0), 1))), &truth);
    let truth = [6.25, 3.74, 15.44];
    close(&fit_spend((0..n).map(|i| (random.spend(truth, i % 6), 1))), &truth);
}

/// What customers buy later, against what the model with the true parameters expects of them.
#[test]
fn simulated_customers_buy_as_expected() {
    let (horizon, n) = (30.0, 40_000);
    let truth = [1.2, 6.0, 0.9, 2.5];
    let model = typed("bg_nbd", r#"{"r": 1.2, "alpha": 6, "a": 0.9, "b": 2.5}"#);
    let scorer = Scorer::new(&model).unwrap();
    let mut random = Random(3);
    let (mut bought, mut expected) = (0.0, 0.0);
    for _ in 0..n {
        let (rate, chance) = (random.gamma(truth[0]) / truth[1], random.beta(truth[2], truth[3]));
        let age = 20.0;
        let (mut now, mut x, mut last, mut later) = (0.0, 0, 0.0, 0);
        loop {
            now += random.exponential() / rate;
            if now > age + horizon {
                break;
            } else if now > age {
                later += 1;
            } else {
                (x, last) = (x + 1, now);
            }
            if random.uniform() < chance {
                break;
            }
        }
        bought += f64::from(later);
        expected += scorer.expected_purchases(horizon, &customer(x, last, age)).unwrap();
    }
    assert!((expected / bought - 1.0).abs() < 0.03, "expected {expected}, bought {bought}");
}

/// Period by period, as documented.
fn discounted_purchases(scorer: &Scorer, who: &Purchases, horizon: f64, rate: f64) -> f64 {
    let (mut sum, mut before) = (0.0, 0.0);
    for k in 1..=horizon.ceil() as i32 {
        let end = horizon.min(f64::from(k));
        let until = scorer.expected_purchases(end, who).unwrap();
        sum += (until - before) / (1.0_f64 + rate).powf(end);
        before = until;
    }
    sum
}

#[test]
fn value_is_the_discounted_sum() {
    let spend_model = typed("gamma_gamma", r#"{"p": 6.25, "q": 3.74, "v": 15.44}"#);
    let spend_scorer = SpendScorer::new(&spend_model).unwrap();
    for model in [
        typed("bg_nbd", r#"{"r": 0.24, "alpha": 4.41, "a": 0.79, "b": 2.43}"#),
        typed("mbg_nbd", r#"{"r": 0.52, "alpha": 6.18, "a": 0.89, "b": 1.61}"#),
        typed("pareto_nbd", r#"{"r": 0.55, "alpha": 10.58, "s": 0.61, "beta": 11.67}"#),
    ] {
        let scorer = Scorer::new(&model).unwrap();
        let (who, spend) = (customer(2, 30.43, 38.86), Spend::new(2, 22.5).unwrap());
        for (horizon, rate) in
            [(12.0, 0.01), (12.0, 0.0), (7.5, 0.1), (0.25, 0.05), (0.0, 0.1), (100.0, 0.002)]
        {
            let expected = discounted_purchases(&scorer, &who, horizon, rate)
                * spend_scorer.expected_spend(&spend).unwrap();
            let found = Horizon::new(horizon, rate)
                .unwrap()
                .value(&scorer, &spend_scorer, &who, &spend, &mut || Ok(()))
                .unwrap();
            assert_near(found, expected, 1e-12 * (1.0 + expected));
        }
    }
}

#[test]
fn what_data_do_not_determine_is_said() {
    let everyone = |kind, customers: &[(Purchases, u64)]| {
        let model = fit(kind, customers.iter().copied());
        assert!(!model.converged() && model.reason().is_some(), "{}", model.canonical());
        assert!(model.iterations() < 200);
        assert_eq!(Model::parse(&model.canonical()).unwrap(), model);
        let scorer = Scorer::new(&model).unwrap();
        for (who, _) in customers {
            assert!((0.0..=1.0).contains(&scorer.p_alive(who).unwrap()));
            assert!(scorer.expected_purchases(52.0, who).unwrap() >= 0.0);
        }
        assert!(scorer.expected_purchases_new(52.0).unwrap() >= 0.0);
        model
    };
    for kind in [BgNbd, MbgNbd, ParetoNbd] {
        let model = everyone(kind, &[(customer(0, 0.0, 10.0), 7), (customer(0, 0.0, 3.0), 5)]);
        assert!(model.reason().unwrap().starts_with("no customer has a repeat purchase"), "{model:?}");
        let model = everyone(kind, &[(customer(0, 0.0, 0.0), 7)]);
        assert!(model.reason().unwrap().starts_with("every age is zero"), "{model:?}");
        everyone(kind, &[(customer(0, 0.0, 10.0), 1)]);
        everyone(kind, &[(customer(3, 5.0, 10.0), 1)]);
        everyone(kind, &[(customer(1, 10.0, 10.0), 1)]);
        everyone(kind, &[(customer(4, 9.0, 10.0), 500)]);
        everyone(kind, &[(customer(0, 0.0, 30.0), 999_999), (customer(1, 3.0, 30.0), 1)]);
        everyone(kind, &[(customer(i64::MAX, 9.0, 10.0), 5), (customer(0, 0.0, 10.0), u64::MAX / 2)]);
    }
    for spends in [vec![(1, 10.0), (3, 10.0)], vec![(2, 10.0)], vec![(400, 10.0), (400, 11.0), (400, 10.5)]] {
        let model = fit_spend(spends.iter().map(|(x, mean)| (Spend::new(*x, *mean).unwrap(), 5)));
        assert!(!model.converged() && model.reason().is_some(), "{}", model.canonical());
    }
}

#[test]
fn the_unit_does_not_matter() {
    let mut random = Random(11);
    let customers: Vec<_> = (0..3_000).map(|_| random.pareto([0.8, 9.0, 0.7, 12.0], 80.0)).collect();
    for kind in [BgNbd, MbgNbd, ParetoNbd] {
        let plain = fit(kind, customers.iter().map(|c| (*c, 1)));
        assert!(plain.converged());
        for unit in [1e-150, 1e-6, 1e6, 1e150] {
            let scaled = customers
                .iter()
                .map(|c| (customer(c.frequency() as i64, c.recency() * unit, c.age() * unit), 1));
            let model = fit(kind, scaled);
            assert!(model.converged());
            for ((name, one), (_, other)) in plain.parameters().iter().zip(model.parameters()) {
                let other = if matches!(*name, "alpha" | "beta") { other / unit } else { other };
                assert!((one / other - 1.0).abs() < 1e-5, "{name}: {one} {other}");
            }
        }
    }
    // So small that alpha has no digits.
    let tiny = [(customer(2, 3e-320, 5e-320), 3), (customer(0, 0.0, 9e-320), 4)];
    let outcome = fit_purchases(BgNbd, tiny, TimeUnit::Week, &mut || Ok(()));
    assert_eq!(outcome.unwrap_err().kind, ErrorKind::NumberOutOfRange);
}

#[test]
fn a_fit_can_be_cancelled() {
    let mut random = Random(5);
    let customers: Vec<_> =
        (0..30_000).map(|_| (random.beta_geometric([0.8, 6.0, 0.9, 2.5], false, 60.0), 1)).collect();
    for kind in [BgNbd, MbgNbd, ParetoNbd] {
        let mut looks = 0;
        let outcome = fit_purchases(kind, customers.iter().copied(), TimeUnit::Day, &mut || {
            looks += 1;
            if looks == 3 { Err(Error::new(ErrorKind::NotReady, "cancelled")) } else { Ok(()) }
        });
        assert_eq!(outcome.unwrap_err().message, "cancelled");
        assert_eq!(looks, 3);
    }
}

#[test]
fn customers_that_cannot_be_are_refused() {
    for (frequency, recency, age, message) in [
        (-1, 0.0, 1.0, "frequency must not be negative"),
        (1, f64::NAN, 1.0, "recency must be a finite number"),
        (1, 1.0, f64::INFINITY, "age must be a finite number"),
        (1, -1.0, 1.0, "recency must not be negative"),
        (0, 0.0, -1.0, "age must not be negative"),
        (1, 2.0, 1.0, "recency must not exceed age"),
        (1, 0.0, 1.0, "recency must be positive for a customer with repeat purchases"),
        (0, 1.0, 1.0, "recency must be zero for a customer without repeat purchases"),
    ] {
        let error = Purchases::new(frequency, recency, age).unwrap_err();
        assert_eq!((error.kind, error.message.as_str()), (ErrorKind::InvalidValue, message));
        assert!(error.detail.is_some() && error.hint.is_some());
    }
    for (frequency, mean, message) in [
        (-1, 1.0, "frequency must not be negative"),
        (1, 0.0, "mean spend must be positive for a customer with repeat purchases"),
        (1, -2.0, "mean spend must be positive for a customer with repeat purchases"),
        (1, f64::NAN, "mean spend must be a finite number"),
    ] {
        assert_eq!(Spend::new(frequency, mean).unwrap_err().message, message);
    }
    assert_eq!(Spend::new(0, f64::NAN).unwrap().mean(), 0.0);
    assert_eq!(Purchases::new(0, -0.0, 0.0).unwrap().recency().to_bits(), 0);

    let kind = |outcome: Result<Model>| outcome.unwrap_err().kind;
    assert_eq!(kind(fit_purchases(BgNbd, [], TimeUnit::Week, &mut || Ok(()))), ErrorKind::MissingValue);
    let once = [(Spend::new(0, 0.0).unwrap(), 9)];
    assert_eq!(kind(lifetime::fit_spend(Kind::GammaGamma, once, &mut || Ok(()))), ErrorKind::MissingValue);
    let many = [(customer(0, 0.0, 1.0), u64::MAX), (customer(0, 0.0, 2.0), 1)];
    assert_eq!(kind(fit_purchases(BgNbd, many, TimeUnit::Week, &mut || Ok(()))), ErrorKind::NumberOutOfRange);
}

/// In any division between workers, through their bytes, the same model; and forged bytes make none.
#[test]
fn what_was_gathered_merges_and_travels() {
    let mut random = Random(8);
    let all: Vec<Purchases> = (0..3_000).map(|_| random.pareto([0.8, 9.0, 0.7, 12.0], 80.0)).collect();
    let week = Some(TimeUnit::Week);
    let mut serial = Gathered::new(week, Global);
    let mut workers = [0; 3].map(|_| Gathered::new(week, Global));
    for (i, customer) in all.iter().chain(&all).enumerate() {
        serial.add(Ok(*customer));
        workers[i * 7 % 3].add(Ok(*customer));
        if i % 100 == 0 {
            serial.add(Err(Excluded::NotYet));
            workers[i % 3].add(Err(Excluded::NotYet));
        }
    }
    let mut merged = Gathered::new(week, Global);
    for worker in &workers {
        let bytes = worker.encode();
        let back: Gathered<Purchases, Global> = Gathered::decode(&bytes, Global).unwrap();
        assert_eq!(back.encode(), bytes);
        merged.merge(&back.copy(Global)).unwrap();
        for end in 0..bytes.len().min(200) {
            assert!(Gathered::<Purchases, Global>::decode(&bytes[..end], Global).is_err());
        }
        assert!(Gathered::<Spend, Global>::decode(&bytes, Global).is_err());
    }
    assert_eq!(merged.encode(), serial.encode());
    let model = merged.fit(BgNbd, &mut || Ok(())).unwrap();
    assert_eq!(model, serial.fit(BgNbd, &mut || Ok(())).unwrap());
    assert_eq!(model.customers(), 6_000);
    assert_eq!(model.excluded()[0].reason, Excluded::NotYet.reason());
    assert_eq!(model.excluded()[0].customers, 60);
    assert!(merged.merge(&Gathered::new(Some(TimeUnit::Day), Global)).is_err());

    let mut spend = Gathered::new(None, Global);
    for x in 0..50 {
        spend.add(Ok(Spend::new(x % 4, 10.0 + (x * x % 13) as f64).unwrap()));
    }
    let back: Gathered<Spend, Global> = Gathered::decode(&spend.encode(), Global).unwrap();
    assert_eq!(back.encode(), spend.encode());
    // A customer twice, or out of order, is not what was written.
    let mut bytes = spend.encode();
    let last = bytes.len() - 1;
    bytes[last] = 0;
    assert!(Gathered::<Spend, Global>::decode(&bytes, Global).is_err());
}

#[test]
fn an_rfm_value_is_cut_at_its_as_of_day() {
    let day = |text: &str| day_number(text.parse().unwrap());
    let mut rfm = Rfm::new(None, Global);
    for (at, cents) in
        [("2026-01-10", 1_050), ("2026-01-24", 2_000), ("2026-01-24", 500), ("2026-03-07", 3_000)]
    {
        let day = day(at);
        rfm.add(i64::from(day) * 86_400_000_000, day, ExactSum::new(cents, 2).unwrap()).unwrap();
    }
    let of = |as_of: &str| Purchases::of_rfm(&rfm, day(as_of), TimeUnit::Week);
    assert_eq!(of("2026-01-09"), Err(Excluded::NotYet));
    assert_eq!(of("2026-01-10"), Ok(customer(0, 0.0, 0.0)));
    assert_eq!(of("2026-01-23"), Ok(customer(0, 0.0, 13.0 / 7.0)));
    assert_eq!(of("2026-01-24"), Ok(customer(1, 2.0, 2.0)));
    assert_eq!(of("2026-03-14"), Ok(customer(2, 8.0, 9.0)));
    assert_eq!(Purchases::of_rfm(&Rfm::new(None, Global), 0, TimeUnit::Day), Err(Excluded::NeverBought));

    let spend = |as_of: Option<&str>| Spend::of_rfm(&rfm, as_of.map(day));
    assert_eq!(spend(None).unwrap(), Ok(Spend::new(2, 27.5).unwrap()));
    assert_eq!(spend(Some("2026-03-07")).unwrap(), spend(None).unwrap());
    assert_eq!(spend(Some("2026-01-09")).unwrap(), Err(Excluded::NotYet));
    assert_eq!(spend(Some("2026-03-06")).unwrap_err().kind, ErrorKind::InvalidValue);
    let refund = day("2026-04-01");
    rfm.add(i64::from(refund) * 86_400_000_000, refund, ExactSum::new(-5_500, 2).unwrap()).unwrap();
    assert_eq!(Spend::of_rfm(&rfm, None).unwrap(), Err(Excluded::NothingSpent));
}

#[test]
fn a_census_stays_as_small_as_its_customers_differ() {
    let mut census = Census::new();
    for i in 0..100_000_i64 {
        census.add(customer(i % 7, if i % 7 > 0 { 1.0 } else { 0.0 }, 2.0), 2);
    }
    let counts = census.counts();
    assert!(counts.is_sorted() && counts.len() == 7);
    assert_eq!(counts.iter().map(|(_, count)| count).sum::<u64>(), 200_000);
}

#[test]
fn questions_that_have_no_answer_are_refused() {
    let bg = typed("bg_nbd", r#"{"r": 0.24, "alpha": 4.41, "a": 0.79, "b": 2.43}"#);
    let heavy = typed("gamma_gamma", r#"{"p": 1.5, "q": 0.5, "v": 15}"#);
    let scorer = Scorer::new(&bg).unwrap();
    let who = customer(2, 3.0, 4.0);
    for horizon in [-1.0, f64::NAN, f64::INFINITY] {
        assert_eq!(scorer.expected_purchases(horizon, &who).unwrap_err().kind, ErrorKind::InvalidValue);
        assert_eq!(scorer.expected_purchases_new(horizon).unwrap_err().kind, ErrorKind::InvalidValue);
        assert!(Horizon::new(horizon, 0.1).is_err() && Horizon::new(1.0, horizon).is_err());
    }
    assert!(Horizon::new(1e9, 0.1).is_err());
    assert!(Scorer::new(&heavy).is_err() && SpendScorer::new(&bg).is_err());
    assert!(judge::log_likelihood(&heavy, [], &mut || Ok(())).is_err());
    assert!(judge::spend_log_likelihood(&bg, [], &mut || Ok(())).is_err());
    assert!(judge::expected_repeat_purchases(&scorer, &[(f64::NAN, 1)], &[1.0], &mut || Ok(())).is_err());
    // No mean of the population; a customer's own is there.
    let heavy = SpendScorer::new(&heavy).unwrap();
    let error = heavy.expected_spend(&Spend::new(0, 0.0).unwrap()).unwrap_err();
    assert_eq!(error.kind, ErrorKind::NumberOutOfRange);
    assert!(heavy.expected_spend(&Spend::new(1, 3.0).unwrap()).is_ok());
}

#[test]
fn documents_of_models() {
    let text = r#"{"kind":"bg_nbd","unit":"week","parameters":{"r":0.1,"alpha":1e300,"a":2.0,"b":5e-300},"log_likelihood":-9582.429206673987,"n":2357,"excluded":[{"reason":"no first purchase","customers":3}],"converged":false,"iterations":5,"reason":"why"}"#;
    let model = Model::parse(text).unwrap();
    assert_eq!(model.canonical().replace("1e+300", "1e300"), text);
    assert!(model.parameter("a") == Some(2.0) && model.parameter("s").is_none());
    let of = |parameters: &str| format!(r#"{{"kind": "bg_nbd", "unit": "day", "parameters": {parameters}}}"#);
    for (text, part) in [
        (of(r#"{"r": 0, "alpha": 1, "a": 1, "b": 1}"#), "At $.parameters.r: found 0"),
        (of(r#"{"r": 1, "alpha": 1, "a": 1}"#), "At $.parameters: the key \"b\" is missing"),
        (of(r#"{"r": 1, "alpha": 1, "a": 1, "b": 1, "s": 2}"#), "At $.parameters.s: bg_nbd has no such"),
        (of(r#"{"r": 1, "alpha": 1, "a": "x", "b": 1}"#), "At $.parameters.a: found \"x\""),
        (of(r#"{"r": 1, "alpha": 1, "a": 1, "b": 1e999}"#), "At $.parameters.b"),
        (of(r#"{"r": 1, "alpha": -1, "a": 1, "b": 1}"#), "At $.parameters.alpha: found -1"),
        (
            r#"{"kind": "pareto_nbd", "parameters": {"r":1,"alpha":1,"s":1,"beta":1}}"#.to_owned(),
            "\"unit\" is missing",
        ),
        (r#"{"kind": "bgnbd", "parameters": {}}"#.to_owned(), "At $.kind"),
        (
            r#"{"kind": "gamma_gamma", "parameters": {"p":1,"q":1,"v":1}, "note": 1}"#.to_owned(),
            "At $: unknown key \"note\"",
        ),
    ] {
        let error = Model::parse(&text).unwrap_err();
        assert_eq!(error.kind, ErrorKind::InvalidValue, "{text}");
        assert!(error.detail.as_ref().unwrap().contains(part), "{error}");
    }
    assert_eq!(Model::parse("{").unwrap_err().kind, ErrorKind::NotJson);
    assert_eq!(TimeUnit::parse("month").unwrap().days(), 30.4375);
    assert!(TimeUnit::parse("weeks").unwrap_err().hint.unwrap().contains("week"));
}

/// Any customer that may be.
fn any_customer() -> impl Strategy<Value = Purchases> {
    (0_i64..300, 0.001_f64..=1.0, -3.0_f64..6.0).prop_map(|(x, share, digits)| {
        let (x, age) = ((x - 100).max(0), 10_f64.powf(digits));
        customer(x, if x > 0 { share * age } else { 0.0 }, age)
    })
}

/// Any model of purchases, within reason and beyond.
fn any_model() -> impl Strategy<Value = Model> {
    let parameter = || (-4.0_f64..4.0).prop_map(|digits| 10_f64.powf(digits));
    (0..3_usize, parameter(), parameter(), parameter(), parameter()).prop_map(
        |(kind, one, two, three, four)| {
            let (kind, third, fourth) =
                [("bg_nbd", "a", "b"), ("mbg_nbd", "a", "b"), ("pareto_nbd", "s", "beta")][kind];
            typed(kind, &format!(r#"{{"r": {one}, "alpha": {two}, "{third}": {three}, "{fourth}": {four}}}"#))
        },
    )
}

proptest! {
    #[test]
    fn the_same_customers_give_the_same_bits(seed: u64, kind in 0..3_usize) {
        let kind = [BgNbd, MbgNbd, ParetoNbd][kind];
        let mut random = Random(seed);
        let mut customers: Vec<_> = (0..60).map(|i| {
            let who = random.pareto([0.8, 9.0, 0.7, 12.0], 80.0);
            (customer(who.frequency() as i64, who.recency(), who.age()), 1 + i % 4)
        }).collect();
        let one = fit(kind, customers.iter().copied());
        // Each by itself, in another order.
        let mut each: Vec<_> = customers.iter().flat_map(|(c, n)| (0..*n).map(|_| (*c, 1))).collect();
        each.reverse();
        customers.rotate_left(17);
        // And counted by two.
        let (mut census, mut other) = (Census::new(), Census::new());
        for (i, (customer, count)) in each.iter().enumerate() {
            if i % 3 == 0 { census.add(*customer, *count) } else { other.add(*customer, *count) }
        }
        census.merge(&other);
        prop_assert_eq!(census.counts().len(), 60);
        prop_assert_eq!(&fit(kind, census.counts().iter().copied()), &one);
        prop_assert_eq!(&fit(kind, each), &one);
        prop_assert_eq!(&fit(kind, customers), &one);
        prop_assert_eq!(&Model::parse(&one.canonical()).unwrap(), &one);
        prop_assert_eq!(&serde_json::from_str::<Model>(&one.canonical()).unwrap(), &one);
    }

    /// Whatever the parameters, the terms and the customer: few terms stand for all periods.
    #[test]
    fn long_horizons_are_summed_up_in_short(
        kind in 0..3_usize, parameters in prop::array::uniform4(-6.0_f64..6.0), x in 0_i64..200,
        share in 0.01_f64..1.0, age in -3.0_f64..6.0, horizon in 1.6_f64..7.6, rate in -12.0_f64..2.0,
    ) {
        let [one, two, three, four] = parameters.map(f64::exp);
        let (kind, third, fourth) =
            [("bg_nbd", "a", "b"), ("mbg_nbd", "a", "b"), ("pareto_nbd", "s", "beta")][kind];
        let model = typed(
            kind, &format!(r#"{{"r": {one}, "alpha": {two}, "{third}": {three}, "{fourth}": {four}}}"#),
        );
        let age = age.exp();
        let who = customer(x, if x > 0 { share * age } else { 0.0 }, age);
        let horizon = horizon.exp().min(2000.0 * rate.exp().recip());
        let scorer = Scorer::new(&model).unwrap();
        let spend_scorer = SpendScorer::new(&typed("gamma_gamma", r#"{"p": 6, "q": 4, "v": 15}"#)).unwrap();
        let nothing = Spend::new(0, 0.0).unwrap();
        let expected = discounted_purchases(&scorer, &who, horizon, rate.exp())
            * spend_scorer.expected_spend(&nothing).unwrap();
        let terms = Horizon::new(horizon, rate.exp()).unwrap();
        let found = terms.value(&scorer, &spend_scorer, &who, &nothing, &mut || Ok(())).unwrap();
        prop_assert!((found - expected).abs() <= 1e-11 * expected + f64::MIN_POSITIVE, "{found} {expected}");
    }

    /// Nothing near is better, and the truth is not either.
    #[test]
    fn a_fit_is_a_maximum(seed: u64, kind in 0..3_usize) {
        let (kind, third, fourth) =
            [(BgNbd, "a", "b"), (MbgNbd, "a", "b"), (ParetoNbd, "s", "beta")][kind];
        let mut random = Random(seed);
        let truth = [0.7, 7.0, 1.1, 4.0];
        let customers: Vec<_> = (0..150).map(|_| match kind {
            ParetoNbd => (random.pareto(truth, 60.0), 1),
            _ => (random.beta_geometric(truth, kind == MbgNbd, 60.0), 1),
        }).collect();
        let model = fit(kind, customers.iter().copied());
        let best = model.log_likelihood().unwrap();
        let at = |p: [f64; 4]| {
            let [one, two, three, four] = p;
            let other = typed(
                kind.name(),
                &format!(r#"{{"r": {one}, "alpha": {two}, "{third}": {three}, "{fourth}": {four}}}"#),
            );
            judge::log_likelihood(&other, customers.iter().copied(), &mut || Ok(())).unwrap()
        };
        prop_assert!(best >= at(truth) - 1e-6, "{} < {}", model.canonical(), at(truth));
        let found: Vec<f64> = model.parameters().iter().map(|(_, value)| *value).collect();
        let slack = if model.converged() { 1e-9 } else { 1e-2 };
        for i in 0..4 {
            for factor in [0.99, 1.01] {
                let mut near = [found[0], found[1], found[2], found[3]];
                near[i] *= factor;
                prop_assert!(at(near) <= best + slack, "{} {i} {factor}", model.canonical());
            }
        }
    }

    #[test]
    fn predictions_are_sane(model in any_model(), who in any_customer(), time in 0.001_f64..500.0) {
        let scorer = Scorer::new(&model).unwrap();
        let alive = scorer.p_alive(&who).unwrap();
        prop_assert!((0.0..=1.0).contains(&alive));
        // Less likely alive the longer nothing was bought.
        let later = customer(who.frequency() as i64, who.recency(), who.age() * 1.5);
        prop_assert!(scorer.p_alive(&later).unwrap() <= alive + 1e-12);
        // More the longer one waits, nothing at once.
        let expected = scorer.expected_purchases(time, &who).unwrap();
        let more = scorer.expected_purchases(time * 2.0, &who).unwrap();
        prop_assert!(expected >= 0.0 && more >= expected * (1.0 - 1e-11) && more <= 2.0 * expected * (1.0 + 1e-11));
        prop_assert_eq!(scorer.expected_purchases(0.0, &who).unwrap(), 0.0);
        // No more than somebody who is alive and stays it.
        let (r, alpha) = (model.parameter("r").unwrap(), model.parameter("alpha").unwrap());
        let most = alive * (r + who.frequency() as f64) / (alpha + who.age()) * time;
        prop_assert!(expected <= most * (1.0 + 1e-11), "{expected} {most}");
        let new = scorer.expected_purchases_new(time).unwrap();
        prop_assert!(new >= 0.0 && new <= r / alpha * time * (1.0 + 1e-11));
    }

    #[test]
    fn extreme_numbers_give_an_error_or_a_number(
        digits in prop::array::uniform4(-300.0_f64..300.0), kind in 0..3_usize, who in any_customer(), time in -300.0_f64..300.0,
    ) {
        let [one, two, three, four] = digits.map(|d| 10_f64.powf(d));
        let (kind, third, fourth) =
            [("bg_nbd", "a", "b"), ("mbg_nbd", "a", "b"), ("pareto_nbd", "s", "beta")][kind];
        let model =
            typed(kind, &format!(r#"{{"r": {one:e}, "alpha": {two:e}, "{third}": {three:e}, "{fourth}": {four:e}}}"#));
        let scorer = Scorer::new(&model).unwrap();
        let time = 10_f64.powf(time);
        for outcome in [scorer.p_alive(&who), scorer.expected_purchases(time, &who), scorer.expected_purchases_new(time)] {
            match outcome {
                Ok(value) => prop_assert!(value.is_finite() && value >= 0.0),
                Err(error) => prop_assert_eq!(error.kind, ErrorKind::NumberOutOfRange),
            }
        }
    }
}
