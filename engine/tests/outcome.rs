//! Scorecards learned from an outcome: figures of statsmodels, scikit-learn and optbinning, merged states, and data that a fit
//! must not fall over.

use allocator_api2::alloc::Global;
use customer_tiering_engine::aggregate::value_type::Mergeable;
use customer_tiering_engine::grade::Odds;
use customer_tiering_engine::number::Number;
use customer_tiering_engine::outcome::evidence::Split;
use customer_tiering_engine::outcome::judgement::{Scored, judge};
use customer_tiering_engine::outcome::learn::Lesson;
use customer_tiering_engine::outcome::{Census, FineBins, Followed, Learnt, Waiting};
use customer_tiering_engine::scheme::{LearnedCharacteristic, LearnedFinding};
use customer_tiering_engine::{Compiled, Error, ErrorKind, Result, Scheme};
use jiff::civil::date;
use proptest::prelude::*;
use serde_json::{Value as Json, json};

/// A customer: two numbers, a text by its place, and whether the outcome came.
type Row = (Option<i64>, i64, usize, Option<bool>, f64);

const WORDS: [&str; 4] = ["north", "east", "south", "west"];

/// Made up by a linear congruential generator (Knuth's MMIX), as the Python that gave the figures below makes them.
fn rows(n: usize) -> Vec<Row> {
    let mut state = 12_345_u64;
    let mut next = move |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let mut row = || {
        let (a, b, c) = (next(60), next(1000), next(4));
        let likely = 10 + a / 2 + if c == 2 { 25 } else { 0 } + if b >= 700 { 10 } else { 0 };
        (Some(a as i64), b as i64, c as usize, Some(next(100) < likely), 1.0)
    };
    (0..n).map(|_| row()).collect()
}

fn document() -> Json {
    json!({
        "scheme": "made_up",
        "inputs": [
            {"name": "a", "type": "integer", "missing": "null"},
            {"name": "b", "type": "number"},
            {"name": "c", "type": "text", "allowed": WORDS},
        ],
        "characteristics": [
            {"name": "of_a", "input": "a", "fit": {"to": "outcome"}},
            {"name": "of_b", "input": "b", "fit": {"to": "outcome"}},
            {"name": "of_c", "input": "c", "fit": {"to": "outcome"}},
        ],
        "score": {"fit": {"decimals": 6}},
        "decision": {"method": "score", "fit": {"to": "outcome", "probability": [0.5, 0.25]},
            "cuts": [{"tier": "A"}, {"tier": "B"}, {"tier": "C"}]},
        "tiers": [{"code": "A"}, {"code": "B"}, {"code": "C"}],
    })
}

/// The same with bins that are typed, as the Python code has them.
fn typed() -> Json {
    let mut document = document();
    let bins = |cuts: &[i64]| -> Json {
        let ends = |place: usize| {
            let mut bin = json!({"code": place.to_string()});
            if place > 0 {
                bin["gte"] = json!(cuts[place - 1]);
            }
            if place < cuts.len() {
                bin["lt"] = json!(cuts[place]);
            }
            bin
        };
        (0..=cuts.len()).map(ends).collect()
    };
    document["inputs"][0]["missing"] = json!("ungraded");
    document["characteristics"][0]["bins"] = bins(&[10, 30, 45]);
    document["characteristics"][1]["bins"] = bins(&[200, 700]);
    document["characteristics"][2]["bins"] = WORDS.map(|word| json!({"code": word, "in": [word]})).into();
    document
}

fn compiled(document: &Json) -> Compiled {
    Compiled::parse(&document.to_string()).unwrap_or_else(|error| panic!("{error}"))
}

fn fill(scheme: &Compiled, row: &Row) -> customer_tiering_engine::grade::Sheet {
    use customer_tiering_engine::grade::value::Value;
    let mut sheet = scheme.sheet();
    sheet.slots[0] = row.0.map_or(Value::Missing, |a| scheme.inputs[0].integer(a).unwrap());
    sheet.slots[1] = scheme.inputs[1].integer(row.1).unwrap();
    sheet.slots[2] = scheme.inputs[2].text(WORDS[row.2].as_bytes()).unwrap();
    sheet
}

fn fine(scheme: &Compiled, rows: &[Row]) -> FineBins {
    let mut fine = FineBins::new(scheme, Global);
    let waiting = Waiting::of(scheme);
    let as_of = scheme.as_of_date(date(2026, 1, 31));
    for row in rows {
        let followed = Followed { outcome: row.3, weight: row.4 };
        fine.add(scheme, &waiting, &as_of, &mut fill(scheme, row), followed).unwrap();
    }
    fine
}

fn census(scheme: &Compiled, rows: &[Row]) -> Census {
    let mut census = Census::new(scheme, Global).unwrap();
    let learnt = Learnt::of(scheme).unwrap();
    let as_of = scheme.as_of_date(date(2026, 1, 31));
    for row in rows {
        let followed = Followed { outcome: row.3, weight: row.4 };
        census.add(scheme, &learnt, &as_of, &mut fill(scheme, row), followed).unwrap();
    }
    census
}

const AT: &str = "2026-01-31T00:00:00Z";

fn learn_bins(document: &Json, rows: &[Row]) -> Result<Lesson> {
    let scheme = compiled(document);
    fine(&scheme, rows).finish(&scheme, AT, &mut || Ok(()))
}

fn learn_points(scheme: &Scheme, rows: &[Row]) -> Result<Lesson> {
    let scheme = Compiled::parse(&scheme.canonical()).unwrap_or_else(|error| panic!("{error}"));
    census(&scheme, rows).finish(&scheme, AT, &mut || Ok(()))
}

fn learn(document: &Json, rows: &[Row]) -> Lesson {
    let bins = learn_bins(document, rows).unwrap_or_else(|error| panic!("{error}"));
    let points = learn_points(&bins.scheme, rows).unwrap_or_else(|error| panic!("{error}"));
    Compiled::parse(&points.scheme.canonical()).unwrap_or_else(|error| panic!("{error}"));
    points
}

fn note<'s>(scheme: &'s Scheme, name: &str) -> &'s LearnedCharacteristic {
    &scheme.score.as_ref().unwrap().fitted.as_ref().unwrap().characteristics[name]
}

fn near(found: Number, expected: f64, error: f64) {
    let found = found.nearest_f64();
    assert!((found - expected).abs() <= error, "{found} instead of {expected}");
}

/// statsmodels 0.14: `Logit(y, add_constant(X)).fit(tol=1e-14)` over the weights of evidence of the typed bins.
#[test]
fn coefficients_of_statsmodels() {
    let learned = learn(&typed(), &rows(1000)).scheme;
    let fitted = learned.score.as_ref().unwrap().fitted.as_ref().unwrap();
    assert!(fitted.converged);
    near(fitted.n, 1000.0, 0.0);
    near(fitted.events, 344.0, 0.0);
    near(fitted.intercept, -0.645_747_610_959_215_5, 1e-9);
    near(fitted.log_likelihood, -601.293_704_213_376_9, 1e-9);
    let expected = [
        ("of_a", 0.968_664_532_895_304_4, 0.166_524_967_588_759_07),
        ("of_b", 0.955_031_963_287_311_1, 0.402_245_270_031_707_7),
        ("of_c", 1.007_631_125_941_325_3, 0.158_546_384_365_044_04),
    ];
    for (name, coefficient, error) in expected {
        near(note(&learned, name).coefficient, coefficient, 1e-9);
        near(note(&learned, name).standard_error.unwrap(), error, 1e-9);
        assert_eq!(note(&learned, name).finding, None);
    }
}

/// scikit-learn: `LogisticRegression(C=1/2, solver="newton-cholesky", tol=1e-14)`, whose penalty is 1 / 2C times the squares.
#[test]
fn coefficients_of_scikit_learn_with_a_ridge() {
    let mut document = typed();
    document["score"]["fit"]["ridge"] = json!(2);
    let learned = learn(&document, &rows(1000)).scheme;
    near(learned.score.as_ref().unwrap().fitted.as_ref().unwrap().intercept, -0.642_901_579_842_435_5, 1e-6);
    let expected = [
        ("of_a", 0.921_267_799_112_628_3),
        ("of_b", 0.722_419_764_072_155_7),
        ("of_c", 0.954_150_059_009_666_1),
    ];
    for (name, coefficient) in expected {
        near(note(&learned, name).coefficient, coefficient, 1e-6);
    }
}

/// statsmodels: `GLM(y, X, family=Binomial(), freq_weights=1 + b % 3)`.
#[test]
fn coefficients_of_statsmodels_with_weights() {
    let weighted: Vec<Row> =
        rows(1000).into_iter().map(|row| (row.0, row.1, row.2, row.3, (1 + row.1 % 3) as f64)).collect();
    let learned = learn(&typed(), &weighted).scheme;
    let fitted = learned.score.as_ref().unwrap().fitted.as_ref().unwrap();
    near(fitted.intercept, -0.644_398_443_772_831_3, 1e-9);
    near(fitted.log_likelihood, -1_163.736_310_278_217_2, 1e-9);
    let expected = [
        ("of_a", 0.995_604_032_897_929_5),
        ("of_b", 1.008_375_343_382_274_2),
        ("of_c", 1.035_941_511_861_495_2),
    ];
    for (name, coefficient) in expected {
        near(note(&learned, name).coefficient, coefficient, 1e-9);
    }
}

/// The score and its probability, over all customers.
fn judged(scheme: &Scheme, rows: &[Row]) -> customer_tiering_engine::outcome::judgement::Judgement {
    let scheme = Compiled::parse(&scheme.canonical()).unwrap();
    let as_of = scheme.as_of_date(date(2026, 1, 31));
    let mut scored: Vec<Scored> = rows
        .iter()
        .filter_map(|row| {
            let score = scheme.score(&as_of, &mut fill(&scheme, row)).unwrap()?;
            let event = row.3?;
            let split = Split { events: f64::from(event), others: f64::from(!event) };
            Some(Scored { score: score.to_string().parse().unwrap(), split })
        })
        .collect();
    scored.sort_by(|one, other| one.score.total_cmp(&other.score));
    scored.dedup_by(|one, kept| {
        let same = one.score == kept.score;
        if same {
            kept.split += one.split;
        }
        same
    });
    judge(&scored, scheme.odds(), 10)
}

/// scikit-learn: `roc_auc_score`, `roc_curve`, `log_loss` and `brier_score_loss` of statsmodels' probabilities.
#[test]
fn figures_of_scikit_learn() {
    let judged = judged(&learn(&typed(), &rows(1000)).scheme, &rows(1000));
    assert!((judged.auc.unwrap() - 0.672_528_626_630_743_1).abs() < 1e-12);
    assert!((judged.ks.unwrap() - 0.258_082_813_386_273_4).abs() < 1e-12);
    // Points of six digits are as near to the probabilities as they are.
    assert!((judged.log_loss.unwrap() - 0.601_293_704_213_376_8).abs() < 1e-8);
    assert!((judged.brier.unwrap() - 0.206_913_787_932_305_67).abs() < 1e-8);
    assert!((judged.expected_rate.unwrap() - judged.rate).abs() < 1e-7);
}

#[test]
fn points_are_the_log_odds_on_the_scale_of_the_score() {
    let learned = learn(&typed(), &rows(1000)).scheme;
    let score = learned.score.as_ref().unwrap();
    let odds = Odds::from(score.scaling.as_ref().unwrap());
    for characteristic in &learned.characteristics {
        let note = note(&learned, &characteristic.name);
        let mut mean = 0.0;
        for bin in &characteristic.bins {
            let of_bin = &note.bins[&bin.code];
            let log_odds = note.coefficient.nearest_f64() * of_bin.weight_of_evidence.nearest_f64();
            near(bin.points.unwrap(), odds.points(log_odds), 1e-6);
            mean += bin.points.unwrap().nearest_f64() * of_bin.n.nearest_f64() / 1000.0;
        }
        near(characteristic.baseline.unwrap(), mean, 1e-6);
    }
    // A tier begins where the probability does.
    let cuts = learned.decision.cuts.as_ref().unwrap();
    near(cuts[0].gte.unwrap(), 500.0, 0.0);
    near(cuts[1].gte.unwrap(), odds.score((1.0_f64 / 3.0).ln()), 1e-6);
    assert!(cuts[1].gte.unwrap().nearest_f64() >= odds.score((1.0_f64 / 3.0).ln()) - 1e-7);
    // An unfitted copy waits again; typed bins stay.
    let mut unfitted = learned.clone();
    unfitted.unfit();
    assert_eq!(unfitted.canonical(), {
        let mut typed = compiled(&typed()).scheme;
        typed.score.as_mut().unwrap().scaling = score.scaling.clone();
        typed.canonical()
    });
}

/// optbinning 0.21: the information value of `OptimalBinning(max_n_bins=6, min_bin_size=0.05, monotonic_trend=…)`.
#[test]
fn bins_tell_at_least_as_much_as_those_of_optbinning() {
    let expected = [
        ("up", 0.215_235_308_850_929_95, 0.079_723_053_676_230_64),
        ("auto", 0.215_235_308_850_929_95, 0.079_723_053_676_230_64),
        ("free", 0.228_079_055_791_140_35, 0.191_188_092_669_756_67),
    ];
    for (trend, of_a, of_b) in expected {
        let mut document = document();
        for place in 0..2 {
            document["characteristics"][place]["fit"]["trend"] = json!(trend);
        }
        let learned = learn(&document, &rows(1000)).scheme;
        for (name, least) in [("of_a", of_a), ("of_b", of_b)] {
            let value = note(&learned, name).information_value.nearest_f64();
            // Notes have twelve digits.
            assert!(value >= least - 1e-12, "{trend}, {name}: {value} instead of at least {least}");
        }
        for characteristic in &learned.characteristics {
            let bins = characteristic.bins.iter().filter(|bin| !bin.missing).count();
            assert!((2..=6).contains(&bins), "{bins} bins");
            let notes = &note(&learned, &characteristic.name).bins;
            let small = notes.iter().find(|(code, bin)| **code != "missing" && bin.n.nearest_f64() < 50.0);
            assert!(small.is_none(), "{small:?}");
        }
    }
}

#[test]
fn missing_values_are_a_bin_of_their_own() {
    let mut some = rows(1000);
    some.iter_mut().filter(|row| row.1 % 7 == 0).for_each(|row| row.0 = None);
    let learned = learn(&document(), &some).scheme;
    let bins = &learned.characteristics[0].bins;
    assert!(bins.iter().filter(|bin| bin.missing).count() == 1 && bins.last().unwrap().missing);
    let missing = some.iter().filter(|row| row.0.is_none()).count();
    near(note(&learned, "of_a").bins["missing"].n, missing as f64, 0.0);
}

#[test]
fn a_scheme_waits_for_its_outcome() {
    let waiting = compiled(&document());
    assert!(waiting.is_unfitted());
    let error = waiting.ensure_fitted().unwrap_err();
    assert_eq!(error.kind, ErrorKind::NotReady);
    assert!(error.hint.unwrap().contains("tiering.fit_scorecard('made_up'"));
    // Bins that are there wait for their points.
    assert!(compiled(&typed()).is_unfitted());
    let bins = learn_bins(&document(), &rows(100)).unwrap().scheme;
    assert!(Compiled::parse(&bins.canonical()).unwrap().is_unfitted());
    let error = Learnt::of(&waiting).map(|_| ()).unwrap_err();
    assert_eq!(error.kind, ErrorKind::NotReady);
    let error = customer_tiering_engine::study::fit::Targets::of(&waiting).map(|_| ()).unwrap_err();
    assert!(error.hint.unwrap().contains("fit_scorecard"));
}

fn fails(document: &Json, rows: &[Row]) -> Error {
    learn_bins(document, rows).and_then(|bins| learn_points(&bins.scheme, rows)).map(|_| ()).unwrap_err()
}

#[test]
fn an_outcome_that_all_have_or_nobody_tells_nothing() {
    for outcome in [Some(true), Some(false), None] {
        let all: Vec<Row> = rows(100).into_iter().map(|row| (row.0, row.1, row.2, outcome, 1.0)).collect();
        let error = fails(&document(), &all);
        assert_eq!(
            (error.kind, error.message.as_str()),
            (ErrorKind::InvalidValue, "the outcome tells no customers apart")
        );
        assert!(error.hint.is_some());
    }
    let weightless: Vec<Row> = rows(100).into_iter().map(|row| (row.0, row.1, row.2, row.3, 0.0)).collect();
    assert_eq!(fails(&document(), &weightless).message, "the outcome tells no customers apart");
    assert_eq!(fails(&document(), &[]).detail.unwrap(), "No customer counts.");
}

#[test]
fn perfect_separation_is_told_and_finite() {
    let mut document = typed();
    // The first characteristic tells the outcome wherever it is not in its last bin.
    let told: Vec<Row> =
        rows(500).into_iter().map(|row| (row.0, row.1, row.2, Some(row.0.unwrap() >= 30), 1.0)).collect();
    let lesson = learn(&document, &told);
    let fitted = lesson.scheme.score.as_ref().unwrap().fitted.as_ref().unwrap();
    assert!(!fitted.converged);
    let messages: Vec<&str> = lesson.warnings.iter().map(|warning| warning.message.as_str()).collect();
    assert!(messages.contains(&"the regression did not converge"), "{messages:?}");
    assert!(messages.contains(&"input \"a\" tells the outcome suspiciously well"), "{messages:?}");
    // A ridge makes a maximum.
    document["score"]["fit"]["ridge"] = json!(1);
    assert!(learn(&document, &told).scheme.score.unwrap().fitted.unwrap().converged);
}

#[test]
fn inputs_that_say_nothing_or_the_same_get_no_points() {
    let mut document = typed();
    document["characteristics"][1]["bins"] = json!([{"code": "all", "gte": 0}, {"code": "none", "lt": 0}]);
    let mut twice = document["characteristics"][0].clone();
    twice["name"] = json!("again");
    document["characteristics"].as_array_mut().unwrap().push(twice);
    let learned = learn(&document, &rows(1000)).scheme;
    assert_eq!(note(&learned, "of_b").finding, Some(LearnedFinding::Constant));
    assert_eq!(note(&learned, "again").finding, Some(LearnedFinding::Redundant));
    assert!(learned.score.as_ref().unwrap().fitted.as_ref().unwrap().converged);
    for name in ["of_b", "again"] {
        near(note(&learned, name).coefficient, 0.0, 0.0);
        assert_eq!(note(&learned, name).standard_error, None);
    }
}

#[test]
fn a_wrong_sign_is_told_and_can_be_dropped() {
    // What b says is in a already, and a little more than all of it.
    let mut state = 0_u64;
    let crossed: Vec<Row> = rows(3000)
        .into_iter()
        .map(|row| {
            state += 1;
            let a = row.0.unwrap();
            let b = if state.is_multiple_of(3) {
                row.1
            } else if a >= 30 {
                800
            } else {
                300
            };
            let against = i64::from(b >= 700) * 12;
            (row.0, b, row.2, Some((row.1 + 17 * a) % 97 < 10 + a - against), 1.0)
        })
        .collect();
    let lesson = learn(&typed(), &crossed);
    assert_eq!(note(&lesson.scheme, "of_b").finding, Some(LearnedFinding::WrongSign));
    assert!(lesson.warnings.iter().any(|warning| warning.message == "coefficients of the wrong sign: of_b"));
    let mut document = typed();
    document["score"]["fit"]["wrong_sign"] = json!("drop");
    let dropped = learn(&document, &crossed);
    assert_eq!(note(&dropped.scheme, "of_b").finding, Some(LearnedFinding::Dropped));
    assert!(dropped.scheme.characteristics[1].bins.iter().all(|bin| bin.points == Some(Number::ZERO)));
    assert!(dropped.warnings.is_empty());
}

#[test]
fn rare_events_and_a_bin_without_any() {
    let rare: Vec<Row> = rows(5000)
        .into_iter()
        .enumerate()
        .map(|(place, row)| (row.0, row.1, row.2, Some(place % 100 == 0 && row.2 != 1), 1.0))
        .collect();
    let learned = learn(&typed(), &rare).scheme;
    let none = &note(&learned, "of_c").bins["east"];
    near(none.events, 0.0, 0.0);
    assert!(none.weight_of_evidence.nearest_f64() < -2.0);
    assert!(learned.canonical().len() < 20_000);
}

#[test]
fn a_weight_out_of_range_is_an_error_of_its_row() {
    let scheme = compiled(&typed());
    let mut census = Census::new(&scheme, Global).unwrap();
    let learnt = Learnt::of(&scheme).unwrap();
    let as_of = scheme.as_of_date(date(2026, 1, 31));
    for weight in [-1.0, f64::NAN, f64::INFINITY, 2e9] {
        let followed = Followed { outcome: Some(true), weight };
        let row = rows(1)[0];
        let error = census.add(&scheme, &learnt, &as_of, &mut fill(&scheme, &row), followed).unwrap_err();
        assert_eq!(error.kind, ErrorKind::InvalidValue);
        assert!(error.message.starts_with("the weight of a customer is "), "{error}");
    }
    assert_eq!(census.seen().customers, 0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn states_merge_and_travel(cut in 0_usize..300, seed in 0_usize..700) {
        let all: Vec<Row> = rows(1000)[seed..seed + 300].iter().enumerate()
            .map(|(place, row)| {
                let outcome = if place % 11 == 0 { None } else { row.3 };
                let weight = [1.0, 0.5, 2.25][place % 3];
                (if place % 5 == 0 { None } else { row.0 }, row.1, row.2, outcome, weight)
            })
            .collect();
        let scheme = compiled(&document());
        let whole = fine(&scheme, &all);
        let mut merged = fine(&scheme, &all[cut..]);
        let other = FineBins::decode(&fine(&scheme, &all[..cut]).encode(), Global).unwrap();
        merged.merge(&other).unwrap();
        prop_assert_eq!(merged.encode(), whole.encode());
        prop_assert_eq!(merged.copy(Global).encode(), whole.encode());
        let bins = whole.finish(&scheme, AT, &mut || Ok(())).unwrap().scheme;
        let scheme = Compiled::parse(&bins.canonical()).unwrap();
        let whole = census(&scheme, &all);
        let mut merged = census(&scheme, &all[cut..]);
        merged.merge(&Census::decode(&census(&scheme, &all[..cut]).encode(), Global).unwrap()).unwrap();
        prop_assert_eq!(merged.encode(), whole.encode());
        prop_assert_eq!(merged.copy(Global).encode(), whole.encode());
        let points = |census: &Census| census.finish(&scheme, AT, &mut || Ok(())).unwrap().scheme.canonical();
        prop_assert_eq!(points(&merged), points(&whole));
    }

    #[test]
    fn bytes_from_anywhere_make_a_state_or_an_error(place in 0_usize..2000, byte in 0_u8..=255) {
        let scheme = compiled(&typed());
        for mut bytes in [census(&scheme, &rows(50)).encode(), fine(&compiled(&document()), &rows(50)).encode()] {
            let place = place % bytes.len();
            bytes[place] = byte;
            if let Ok(census) = Census::<Global>::decode(&bytes, Global) {
                let _ = census.finish(&scheme, AT, &mut || Ok(()));
            }
            if let Ok(fine) = FineBins::<Global>::decode(&bytes, Global) {
                prop_assert_eq!(fine.encode(), bytes);
            }
        }
    }
}

#[test]
fn documents_that_make_no_sense_are_refused() {
    let shares = |fit: Json| {
        json!({"name": "of_a", "input": "a", "fit": fit, "bins": [{"code": "1"}, {"code": "2"},
        {"code": "none", "missing": true}]})
    };
    let cases: [(&str, Json, &str); 13] = [
        ("/characteristics/0/fit", json!({"to": "outcome", "parts": 3}), "$.characteristics[0].fit.parts"),
        ("/characteristics/0/fit", json!({"to": "outcome", "best": "low"}), "$.characteristics[0].fit.best"),
        (
            "/characteristics/0/fit",
            json!({"to": "outcome", "max_bins": 0}),
            "$.characteristics[0].fit.max_bins",
        ),
        (
            "/characteristics/0/fit",
            json!({"to": "outcome", "min_share": 1.5}),
            "$.characteristics[0].fit.min_share",
        ),
        (
            "/characteristics/0/fit",
            json!({"to": "outcome", "probability": [0.5]}),
            "$.characteristics[0].fit.probability",
        ),
        (
            "/characteristics/0",
            shares(json!({"trend": "up", "share_of": "customers", "parts": 2})),
            "$.characteristics[0].fit.trend",
        ),
        ("/characteristics/0", shares(json!({"parts": 2})), "$.characteristics[0].fit"),
        (
            "/characteristics/0",
            json!({"name": "of_a", "input": "a", "fit": {"to": "outcome"}, "bins": [{"code": "1", "other": true}]}),
            "$.characteristics[0].bins",
        ),
        (
            "/characteristics/2",
            json!({"name": "of_c", "input": "c", "fit": {"to": "outcome"},
                "bins": [{"code": "1", "other": true}, {"code": "2", "in": ["north"], "other": true}]}),
            "$.characteristics[2].bins[1].other",
        ),
        (
            "/decision/fit",
            json!({"to": "outcome", "probability": [0.25, 0.5]}),
            "$.decision.fit.probability[1]",
        ),
        ("/decision/fit", json!({"to": "outcome", "probability": [0.5]}), "$.decision.fit.probability"),
        ("/score", json!({"weights": {"of_a": 2}}), "$.score.weights.of_a"),
        (
            "/score",
            json!({"scaling": {"points_to_double_odds": 0, "base_points": 500, "base_odds": 1}}),
            "$.score.scaling.points_to_double_odds",
        ),
    ];
    for (pointer, value, path) in cases {
        let mut document = document();
        *document.pointer_mut(pointer).unwrap() = value.clone();
        let error = Compiled::parse(&document.to_string()).map(|_| ()).expect_err(&value.to_string());
        let detail = error.detail.unwrap();
        assert!(detail.contains(&format!("At {path}: ")), "{value}: {detail}");
        assert_eq!(error.kind, ErrorKind::InvalidValue);
    }
}

/// Customers by text, each with so many that had the outcome and so many that had not.
fn of_words(document: &Json, words: &[(String, u32, u32)]) -> Result<Lesson> {
    let scheme = compiled(document);
    let waiting = Waiting::of(&scheme);
    let as_of = scheme.as_of_date(date(2026, 1, 31));
    let mut parts: Vec<FineBins> = Vec::new();
    for chunk in words.chunks(words.len().div_ceil(3)) {
        let mut fine = FineBins::new(&scheme, Global);
        for (word, events, others) in chunk {
            for (outcome, customers) in [(true, *events), (false, *others)] {
                let mut sheet = scheme.sheet();
                sheet.slots[0] = scheme.inputs[0].text(word.as_bytes()).unwrap();
                sheet.words[0] = word.clone().into_bytes();
                let followed = Followed { outcome: Some(outcome), weight: f64::from(customers) };
                fine.add(&scheme, &waiting, &as_of, &mut sheet, followed).unwrap();
            }
        }
        parts.push(FineBins::decode(&fine.encode(), Global).unwrap());
    }
    // In whatever order they are merged, they say the same.
    let merged = |parts: &[FineBins]| {
        let mut all = parts[0].copy(Global);
        parts[1..].iter().for_each(|part| all.merge(part).unwrap());
        all
    };
    let all = merged(&parts);
    parts.reverse();
    assert_eq!(all.encode(), merged(&parts).encode());
    assert_eq!(FineBins::<Global>::decode(&all.encode(), Global).unwrap().encode(), all.encode());
    all.finish(&scheme, AT, &mut || Ok(()))
}

fn any_text() -> Json {
    json!({
        "scheme": "of_texts",
        "inputs": [{"name": "city", "type": "text"}],
        "characteristics": [{"name": "of_city", "input": "city", "fit": {"to": "outcome"}}],
        "score": {},
        "decision": {"method": "score", "cuts": [{"tier": "A"}]},
        "tiers": [{"code": "A"}],
    })
}

/// Texts that one customer in a hundred has are named; the others, and what comes later, are one value more.
#[test]
fn texts_of_which_any_may_come_are_grouped_by_their_rate() {
    let mut words: Vec<(String, u32, u32)> = vec![
        ("north".to_owned(), 950, 1050),
        ("south".to_owned(), 950, 1050),
        ("east".to_owned(), 100, 1900),
        ("少".to_owned(), 5, 95),
        (String::new(), 30, 69),
    ];
    // 10 000 texts of which each has one customer or two; their rate is near that of the east.
    words.extend((0..10_000).map(|place| (format!("city {place}"), u32::from(place % 12 == 0), 1)));
    let lesson = of_words(&any_text(), &words).unwrap();
    let bins = &lesson.scheme.characteristics[0].bins;
    let listed = |place: usize| -> Vec<String> {
        let values = bins[place].among.iter().flatten();
        values.map(|value| value.word()).collect()
    };
    // 17 033 customers, of whom 170.33 make one in a hundred: neither 少 nor the empty text has so many.
    assert_eq!(bins.len(), 3, "{bins:?}");
    assert_eq!((listed(0), bins[0].other), (vec!["east".to_owned()], false));
    assert_eq!((listed(1), bins[1].other), (vec![], true));
    assert_eq!((listed(2), bins[2].other), (vec!["north".to_owned(), "south".to_owned()], false));
    // A text that nobody had is graded as the others are.
    let fitted = compiled(&serde_json::from_str(&lesson.scheme.canonical()).unwrap());
    assert!(fitted.inputs[0].text("新城".as_bytes()).is_ok());
    // Where every text is named, those that come later go where customers are most like all customers.
    let lesson = of_words(&any_text(), &words[..3]).unwrap();
    let others: Vec<bool> = lesson.scheme.characteristics[0].bins.iter().map(|bin| bin.other).collect();
    assert_eq!(others.iter().filter(|other| **other).count(), 1, "{others:?}");
}

#[test]
fn too_many_texts_are_an_error_that_names_the_input() {
    let words = |n: usize| -> Vec<(String, u32, u32)> {
        (0..n)
            .map(|place| (place.to_string(), u32::from(place % 2 == 0), u32::from(place % 2 == 1)))
            .collect()
    };
    assert!(of_words(&any_text(), &words(65_536)).is_ok());
    let error = of_words(&any_text(), &words(65_537)).unwrap_err();
    assert_eq!(error.kind, ErrorKind::TooLarge);
    assert_eq!(error.message, "input \"city\" has too many different texts to fit bins to");
    assert!(error.hint.is_some());
    let long = vec![("x".repeat(9 << 20), 1, 0), ("y".to_owned(), 0, 1)];
    assert_eq!(of_words(&any_text(), &long).unwrap_err().kind, ErrorKind::TooLarge);
    // Nobody's texts do not count.
    let mut weightless = words(65_536);
    weightless.push(("more".to_owned(), 0, 0));
    assert!(of_words(&any_text(), &weightless).is_ok());
}

/// A date is fitted as so many days from the as-of day, the bounds as a document writes them.
#[test]
fn dates_are_fitted_from_the_as_of_day() {
    use customer_tiering_engine::grade::value::Value;
    let document = json!({
        "scheme": "of_dates",
        "inputs": [{"name": "last_order", "type": "date"}],
        "characteristics": [{"name": "recency", "input": "last_order", "fit": {"to": "outcome", "max_bins": 3}}],
        "score": {},
        "decision": {"method": "score", "cuts": [{"tier": "A"}]},
        "tiers": [{"code": "A"}],
    });
    let scheme = compiled(&document);
    let waiting = Waiting::of(&scheme);
    let mut fine = FineBins::new(&scheme, Global);
    // Seen on two days, as of each: within 30 days 8 of 10 buy, within 90 days 4, before that 1; some in 1850 and in 9000.
    for (as_of, shift) in [(date(2026, 1, 31), 0), (date(2025, 6, 30), -215)] {
        let as_of = scheme.as_of_date(as_of);
        for (ago, buyers) in
            [(1, 8), (30, 8), (31, 4), (90, 4), (91, 1), (200, 1), (64_000, 1), (-2_500_000, 8)]
        {
            for customer in 0..10 {
                let mut sheet = scheme.sheet();
                // 2026-01-31 is day 20 484.
                sheet.slots[0] = Value::Day(20_484 + shift - ago);
                let followed = Followed { outcome: Some(customer < buyers), weight: 1.0 };
                fine.add(&scheme, &waiting, &as_of, &mut sheet, followed).unwrap();
            }
        }
    }
    let lesson = fine.finish(&scheme, AT, &mut || Ok(())).unwrap();
    let bins = serde_json::to_value(&lesson.scheme.characteristics[0].bins).unwrap();
    assert_eq!(
        bins,
        json!([{"code": "1", "lt": "-P90D"}, {"code": "2", "gte": "-P90D", "lt": "-P30D"}, {"code": "3", "gte": "-P30D"}])
    );
    Compiled::parse(&lesson.scheme.canonical()).unwrap_or_else(|error| panic!("{error}"));
}
