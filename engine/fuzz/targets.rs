//! What is fuzzed, and what must hold of it. Each function panics when it does not; it returns whether the input was
//! accepted.

use std::fmt::{Debug, Display};
use std::sync::OnceLock;

use allocator_api2::alloc::Global;
use customer_tiering_engine::aggregate::distribution::Distribution;
use customer_tiering_engine::aggregate::measure::Share;
use customer_tiering_engine::aggregate::rfm::Rfm;
use customer_tiering_engine::aggregate::tally::Tally;
use customer_tiering_engine::aggregate::value_type::{Mergeable, Textual};
use customer_tiering_engine::calendar::ClockTime;
use customer_tiering_engine::calendar::{
    Calendar, CalendarFile, Convention, Pause, response_due, working_time_between,
};
use customer_tiering_engine::describe::describe;
use customer_tiering_engine::document::text::Lang;
use customer_tiering_engine::grade::value::Value;
use customer_tiering_engine::interchange::dmn::{self, scheme_from_dmn, scheme_to_dmn};
use customer_tiering_engine::interchange::pmml::{self, scheme_from_pmml, scheme_to_pmml};
use customer_tiering_engine::interchange::sql::Names;
use customer_tiering_engine::lifetime::Gathered;
use customer_tiering_engine::lifetime::Horizon;
use customer_tiering_engine::lifetime::{Kind, Model};
use customer_tiering_engine::lifetime::{Purchases, Spend};
use customer_tiering_engine::lifetime::{Scorer, SpendScorer};
use customer_tiering_engine::number::ExactSum;
use customer_tiering_engine::number::{Number, Scalar};
use customer_tiering_engine::outcome::learn::Lesson;
use customer_tiering_engine::outcome::trial::Trial;
use customer_tiering_engine::outcome::{Census, FineBins, Followed, Learnt, Waiting};
use customer_tiering_engine::scheme::overlay::{canonical_strategy, parse_strategy};
use customer_tiering_engine::study::check::check;
use customer_tiering_engine::study::fit::{Fitting, Targets};
use customer_tiering_engine::study::population::Headcount;
use customer_tiering_engine::time::clock::Clock;
use customer_tiering_engine::time::date::{IsoDate, date_of};
use customer_tiering_engine::time::duration::{Offset, Period, ServiceTime};
use customer_tiering_engine::time::zone::{NamedZone, zone};
use customer_tiering_engine::{Compiled, Error, Overlay, Result, Scheme};
use jiff::Timestamp;
use serde_json::Value as Json;

use crate::common;
use crate::common::oracle::{self, Outcome};
use crate::common::random::{self as rows, AS_OF, Tape};
use crate::mutate::{Form, Random};

pub struct Target {
    pub name: &'static str,
    pub form: Form,
    /// Directories of seeds besides `fuzz/seeds/NAME`, from that of the engine on.
    pub seeds: &'static [&'static str],
    /// Seeds that are made.
    pub made: fn() -> Vec<Vec<u8>>,
    pub run: fn(&[u8]) -> bool,
}

const fn target(
    name: &'static str,
    form: Form,
    seeds: &'static [&'static str],
    made: fn() -> Vec<Vec<u8>>,
    run: fn(&[u8]) -> bool,
) -> Target {
    Target { name, form, seeds, made, run }
}

pub const TARGETS: [Target; 22] = [
    target("scheme", Form::Json, &["../catalogue/schemes"], schemes, scheme),
    target("grade", Form::Bytes, &[], tapes, grade),
    target("calendar", Form::Json, &["../catalogue/calendars"], none, calendar),
    target("calendar_file", Form::Text, &[], none, calendar_file),
    target("overlay", Form::Json, &["../catalogue/overlays"], none, overlay),
    target("strategy", Form::Json, &[], strategies, strategy),
    target("model", Form::Json, &[], none, model),
    target("text", Form::Text, &[], none, text),
    target("rfm", Form::Bytes, &[], || rfms(Mergeable::<Global>::encode), textual::<Rfm>),
    target("rfm_text", Form::Json, &[], || rfms(|rfm| rfm.to_text().into_bytes()), from_text::<Rfm>),
    target(
        "distribution",
        Form::Bytes,
        &[],
        || distributions(Mergeable::<Global>::encode),
        textual::<Distribution>,
    ),
    target(
        "distribution_text",
        Form::Json,
        &[],
        || distributions(|d| d.to_text().into_bytes()),
        from_text::<Distribution>,
    ),
    target("tally", Form::Bytes, &[], || tallies(Mergeable::<Global>::encode), textual::<Tally<2>>),
    target(
        "tally_text",
        Form::Json,
        &[],
        || tallies(|tally| tally.to_text().into_bytes()),
        from_text::<Tally<2>>,
    ),
    target("purchases", Form::Bytes, &[], purchases, bytes::<Gathered<Purchases, Global>>),
    target("spend", Form::Bytes, &[], spends, bytes::<Gathered<Spend, Global>>),
    target("fitting", Form::Bytes, &[], fittings, |input| {
        bytes::<Fitting>(input) | bytes::<Headcount>(input) | bytes::<Share>(input)
    }),
    target("outcome_values", Form::Bytes, &[], values_by_outcome, outcome_values),
    target("outcome_combinations", Form::Bytes, &[], combinations_by_outcome, outcome_combinations),
    target("outcome_scores", Form::Bytes, &[], scores_by_outcome, outcome_scores),
    target(
        "dmn",
        Form::Text,
        &[],
        || files(scheme_to_dmn),
        |input| file(input, |text| scheme_from_dmn(text, &dmn::Choice::default()), scheme_to_dmn),
    ),
    target(
        "pmml",
        Form::Text,
        &[],
        || files(scheme_to_pmml),
        |input| file(input, |text| scheme_from_pmml(text, &pmml::Choice::default()), scheme_to_pmml),
    ),
];

fn none() -> Vec<Vec<u8>> {
    Vec::new()
}

/// A state that depends on the input alone, for what is done with it.
fn random_of(input: &[u8]) -> Random {
    Random::new(
        input.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3)
        }),
    )
}

fn tape(random: &mut Random, length: usize) -> Tape {
    Tape::new((0..length).map(|_| random.next() as u16).collect())
}

/// An error is one that a person can do something with.
fn told<T>(outcome: Result<T>) -> Option<T> {
    match outcome {
        Ok(value) => Some(value),
        Err(error) => {
            assert!(!error.message.is_empty() && error.message.len() < 4000, "{error:?}");
            assert!(error.detail.is_none_or(|detail| detail.len() < 4000));
            None
        }
    }
}

// --- documents ---

fn schemes() -> Vec<Vec<u8>> {
    let mut random = Random::new(3);
    (0..40).map(|_| rows::scheme(&mut tape(&mut random, 400), 4).to_string().into_bytes()).collect()
}

// --- schemes in the formats of others ---

/// Random schemes as files, with the scheme inside and without.
fn files(write: fn(&Compiled, bool) -> Result<String>) -> Vec<Vec<u8>> {
    let mut random = Random::new(9);
    let mut made = Vec::new();
    for _ in 0..200 {
        let mut document = rows::scheme(&mut tape(&mut random, 400), 3);
        if document.get("score").is_some() && random.next().is_multiple_of(2) {
            document["decision"] =
                serde_json::json!({"method": "score", "cuts": [{"tier": "T1", "gte": 1}, {"tier": "T2"}]});
        }
        let compiled = common::compiled(&document);
        made.extend(
            [false, true].iter().filter_map(|embed| write(&compiled, *embed).ok()).map(String::into_bytes),
        );
    }
    made.truncate(60);
    made
}

/// What is read is written again, as a file that says the same, and as SQL.
fn file(
    input: &[u8],
    read: impl Fn(&str) -> Result<Scheme>,
    write: fn(&Compiled, bool) -> Result<String>,
) -> bool {
    let Ok(text) = std::str::from_utf8(input) else { return false };
    let Some(scheme) = told(read(text)) else { return false };
    let compiled = Compiled::parse(&scheme.canonical())
        .unwrap_or_else(|error| panic!("{error}\n{}", scheme.canonical()));
    if compiled.ensure_fitted().is_ok() {
        told(compiled.to_sql(&Names::default()));
    }
    if let Some(written) = told(write(&compiled, true)) {
        assert_eq!(read(&written).unwrap_or_else(|error| panic!("{error}\n{written}")), scheme);
    }
    true
}

fn scheme(input: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(input) else { return false };
    let Some(compiled) = told(Compiled::parse(text)) else { return false };
    let canonical = compiled.scheme.canonical();
    let again = Compiled::parse(&canonical).unwrap_or_else(|error| panic!("{error}\n{canonical}"));
    assert_eq!(again.scheme, compiled.scheme);
    assert_eq!(again.scheme.canonical(), canonical);

    let mut random = random_of(input);
    // Looking through all regions takes a while: some schemes of many.
    if random.below(16) == 0 {
        let mut steps = 0;
        let outcome = check(&compiled, &mut || {
            steps += 1;
            if steps < 100 { Ok(()) } else { Err(Error::invalid("enough")) }
        });
        told(outcome);
        for lang in [Lang::En, Lang::Zh] {
            assert!(!describe(&compiled.scheme, lang).is_empty());
        }
    }
    if told(compiled.ensure_fitted()).is_none() {
        let mut unfitted = compiled.scheme.clone();
        unfitted.unfit();
        Compiled::parse(&unfitted.canonical()).unwrap_or_else(|error| panic!("{error}\n{canonical}"));
        return true;
    }
    let as_of = compiled.as_of_date(AS_OF);
    for _ in 0..2 {
        let row = rows::row(&mut tape(&mut random, 100), &compiled.scheme);
        let Some(mut sheet) = told(common::fill(&compiled, &row, false)) else { continue };
        let given: Vec<Json> = row.iter().map(|cell| Json::String(format!("{cell:?}"))).collect();
        let tier = told(compiled.tier(&as_of, &mut sheet.clone()));
        let explained = told(compiled.explain(&as_of, &mut sheet.clone(), &given, None));
        assert_eq!(tier.is_some(), explained.is_some(), "{row:?}");
        if let (Some(tier), Some(explained)) = (tier, explained) {
            let code = tier.map(|tier| compiled.scheme.tiers[tier].code.as_str());
            assert_eq!(explained["tier"].as_str(), code, "{row:?}");
        }
        told(compiled.score(&as_of, &mut sheet));
    }
    // Values that no column should have.
    let mut sheet = compiled.sheet();
    for (slot, input) in sheet.slots.iter_mut().zip(&compiled.inputs) {
        let odd = match random.below(7) {
            0 => input
                .float([f64::NAN, f64::INFINITY, f64::MAX, -f64::MAX, 5e-324, -0.0, 1e15][random.below(7)]),
            1 => input
                .exact((i128::from(random.next() as i64) << random.below(64)) + i128::from(random.next())),
            2 => input.integer(random.next() as i64),
            3 => input.text(&random.next().to_le_bytes()[..random.below(9)]),
            4 => input.day(random.next() as i64 >> random.below(64)),
            5 => input.iso_date(random.one(&["2024-02-29", " 2024-02-29 ", "2024-02-30", "", "甲"])),
            _ => Ok(Value::Missing),
        };
        *slot = told(odd).unwrap_or(Value::Missing);
    }
    // The adapter gives each input values of its kind only; others must not do harm either.
    told(compiled.tier(&as_of, &mut sheet));
    true
}

fn tapes() -> Vec<Vec<u8>> {
    let mut random = Random::new(4);
    (0..64).map(|_| (0..800).map(|_| random.next() as u8).collect()).collect()
}

/// Random schemes and rows, against the naive reading of the document.
fn grade(input: &[u8]) -> bool {
    let choices: Vec<u16> =
        input.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
    let (scheme, row) = choices.split_at(choices.len() * 3 / 4);
    let document = rows::scheme(&mut Tape::new(scheme.to_vec()), 4);
    let compiled = common::compiled(&document);
    let row = rows::row(&mut Tape::new(row.to_vec()), &compiled.scheme);
    let expected = oracle::grade(&compiled.scheme, AS_OF, &row);
    let mut sheet = common::fill(&compiled, &row, false).unwrap();
    let outcome = match compiled.tier(&compiled.as_of_date(AS_OF), &mut sheet) {
        Err(_) => Outcome::Error,
        Ok(None) => Outcome::Ungraded,
        Ok(Some(tier)) => Outcome::Tier(compiled.scheme.tiers[tier].code.clone()),
    };
    assert_eq!(outcome, expected.outcome, "{row:?} in {document}");
    true
}

fn calendar_file(input: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(input) else { return false };
    let Some(file) = told(CalendarFile::parse(text)) else { return false };
    assert!(file.days.is_sorted());
    // Ends of lines and folds say nothing.
    let otherwise = text.replace("\r\n", "\n").replace('\n', "\r\n \r\n");
    assert_eq!(CalendarFile::parse(&otherwise).ok().map(|file| file.days), Some(file.days));
    true
}

fn calendar(input: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(input) else { return false };
    let Some(calendar) = told(Calendar::parse(text)) else { return false };
    let canonical = calendar.canonical();
    let again = Calendar::parse(&canonical).unwrap_or_else(|error| panic!("{error}\n{canonical}"));
    assert_eq!(again.canonical(), canonical);

    let mut random = random_of(input);
    let spread = [400, 40_000, 4_000_000][random.below(3)];
    let day = random.below(2 * spread) as i32 - spread as i32 + 19_000;
    let Some(date) = date_of(day) else { return true };
    let step = random.below(600) as i32 - 300;
    if let Some(then) = told(calendar.add_workdays(date, step)) {
        assert!(calendar.is_workday(then), "{date} {step}");
        assert_eq!(calendar.workdays_between(date, then), i64::from(step), "{date} {then}");
    }
    for (_, convention) in Convention::NAMES {
        if let Some(moved) = told(calendar.adjust(date, convention)) {
            assert!(convention == Convention::None || calendar.is_workday(moved), "{date} {convention}");
        }
    }
    let opened = Timestamp::from_second(i64::from(day) * 86_400 + random.below(86_400) as i64);
    if let (Ok(opened), 0) = (opened, random.below(4)) {
        let within =
            ServiceTime::parse(random.one(&["PT4H", "P1D", "P3DT30M", "PT90M", "P30D", "PT1S"])).unwrap();
        let zone = zone(random.one(&[
            "UTC",
            "Asia/Shanghai",
            "America/New_York",
            "Pacific/Apia",
            "Africa/Casablanca",
        ]))
        .unwrap();
        let clock = if random.below(2) == 0 { Clock::Working } else { Clock::Calendar };
        let mut pauses = Vec::new();
        let mut end = opened.as_second();
        for _ in 0..random.below(4) {
            let start = end + random.below(200_000) as i64;
            end = start + 1 + random.below(400_000) as i64;
            if let (Ok(start), Ok(end)) = (Timestamp::from_second(start), Timestamp::from_second(end)) {
                pauses.push(Pause { start: Some(start), end: Some(end) });
            }
        }
        let list = || pauses.iter().copied();
        if let Some(Some(due)) = told(response_due(opened, &within, clock, &calendar, &zone, list())) {
            assert!(due >= opened, "{opened} {within} {due}");
            if clock == Clock::Working
                && within.days() == 0
                && let Some(worked) = told(working_time_between(opened, due, &calendar, &zone, list()))
            {
                assert_eq!(worked, within.elapsed(), "{opened} {due} {pauses:?}");
            }
        }
    }
    true
}

fn overlay(input: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(input) else { return false };
    let Some(overlay) = told(Overlay::parse(text)) else { return false };
    let canonical = overlay.canonical();
    assert_eq!(
        Overlay::parse(&canonical).unwrap_or_else(|error| panic!("{error}\n{canonical}")).canonical(),
        canonical
    );
    true
}

fn strategies() -> Vec<Vec<u8>> {
    customer_tiering_engine::scheme::presets::PRESETS
        .iter()
        .flat_map(|(_, text)| Compiled::parse(text).unwrap().scheme.tiers)
        .map(|tier| canonical_strategy(&tier.strategy).into_bytes())
        .collect()
}

fn strategy(input: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(input) else { return false };
    let Some(actions) = told(parse_strategy(text)) else { return false };
    let canonical = canonical_strategy(&actions);
    let again = parse_strategy(&canonical).unwrap_or_else(|error| panic!("{error}\n{canonical}"));
    assert_eq!(canonical_strategy(&again), canonical);
    true
}

fn model(input: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(input) else { return false };
    let Some(model) = told(Model::parse(text)) else { return false };
    let canonical = model.canonical();
    let again = Model::parse(&canonical).unwrap_or_else(|error| panic!("{error}\n{canonical}"));
    assert_eq!(again, model);

    let mut random = random_of(input);
    let mut figure = || [0.0, 1.0, 7.5, 30.0, 365.0, 1e4, 1e-6, 1e9][random.below(8)];
    let (recency, age, mean) = (figure(), figure(), figure());
    let repeats = 1 + random.below(20);
    let frequency = if recency == 0.0 { 0 } else { 1 + random.below(1 << repeats) as i64 };
    if model.kind() == Kind::GammaGamma {
        let scorer = SpendScorer::new(&model).unwrap();
        if let Some(spend) = told(Spend::new(frequency, mean).and_then(|spend| scorer.expected_spend(&spend)))
        {
            assert!(spend.is_finite() && spend >= 0.0, "{spend}");
        }
        return true;
    }
    let scorer = Scorer::new(&model).unwrap();
    let Some(customer) = told(Purchases::new(frequency, recency, age)) else { return true };
    if let Some(alive) = told(scorer.p_alive(&customer)) {
        assert!((0.0..=1.0).contains(&alive), "{alive} for {customer:?}");
    }
    if let Some(expected) = told(scorer.expected_purchases(mean, &customer)) {
        assert!(expected >= 0.0, "{expected} for {customer:?}");
    }
    told(Horizon::new(mean, 0.01));
    true
}

// --- small texts ---

fn reads<T: PartialEq + Debug + Display>(text: &str, parse: impl Fn(&str) -> Result<T>) -> bool {
    let Some(value) = told(parse(text)) else { return false };
    let written = value.to_string();
    assert_eq!(parse(&written).unwrap_or_else(|error| panic!("{text:?} as {written:?}: {error}")), value);
    true
}

fn text(input: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(input) else { return false };
    told(zone(text));
    told(NamedZone::get(text));
    if let Ok(number) = text.parse::<Number>() {
        let key = number.key();
        assert!(number.nearest_f64().is_finite(), "{text}");
        assert_eq!(number.to_string().parse::<Number>().unwrap().key(), key, "{text}");
    }
    if let Ok(float) = text.parse::<f64>()
        && float.is_finite()
        && let Some(decimal) = told(ExactSum::from_float(float))
    {
        assert_eq!(decimal.to_float(), float, "{text}");
    }
    told(serde_json::from_str::<Scalar>(text).map_err(|error| Error::invalid(error.to_string())));
    reads(text, IsoDate::parse)
        | reads(text, Period::parse)
        | reads(text, Offset::parse)
        | reads(text, ServiceTime::parse)
        | reads(text, ClockTime::parse)
        | reads(text, Convention::parse)
        | reads(text, |text: &str| text.parse::<ExactSum>())
}

// --- stored values ---

fn bytes<T: Mergeable<Global>>(input: &[u8]) -> bool {
    let Some(value) = told(T::decode(input, Global)) else { return false };
    let encoded = value.encode();
    // What is not refused may be spelt otherwise (a zone in capitals, -0): it is written in one way from then on.
    same(&T::decode(&encoded, Global).unwrap(), &encoded);
    let mut twice = value.copy(Global);
    same(&twice, &encoded);
    if told(twice.merge(&value)).is_some() {
        let encoded = twice.encode();
        same(
            &T::decode(&encoded, Global).unwrap_or_else(|error| panic!("{error}: {error:?} {encoded:?}")),
            &encoded,
        );
    }
    true
}

/// Equal values have equal bytes.
fn same<T: Mergeable<Global>>(value: &T, encoded: &[u8]) {
    assert_eq!(value.encode(), encoded, "{}", T::WHAT);
}

fn textual<T: Textual>(input: &[u8]) -> bool {
    if !bytes::<T>(input) {
        return false;
    }
    let value = T::decode(input, Global).unwrap();
    let text = value.to_text();
    same(&T::from_text(&text).unwrap_or_else(|error| panic!("{error}: {error:?} {text}")), &value.encode());
    true
}

fn from_text<T: Textual>(input: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(input) else { return false };
    let Some(value) = told(T::from_text(text)) else { return false };
    let written = value.to_text();
    let again = T::from_text(&written).unwrap_or_else(|error| panic!("{error}: {error:?} {written}"));
    assert_eq!(again.to_text(), written);
    bytes::<T>(&value.encode())
}

fn rfms(written: fn(&Rfm) -> Vec<u8>) -> Vec<Vec<u8>> {
    let mut random = Random::new(5);
    (0..32)
        .map(|size| {
            let zone = NamedZone::get(random.one(&["UTC", "Asia/Shanghai", "America/New_York"])).unwrap();
            let mut rfm = Rfm::new(zone, Global);
            for _ in 0..size {
                let at = random.below(1 << 51) as i64 - (1 << 49);
                let amount =
                    ExactSum::new(i128::from(random.next() as i32 / 3 + (1 << 29)), random.below(5) as u32)
                        .unwrap();
                rfm.add(at, NamedZone::day(zone, at).unwrap(), amount).unwrap();
            }
            written(&rfm)
        })
        .collect()
}

fn distributions(written: fn(&Distribution) -> Vec<u8>) -> Vec<Vec<u8>> {
    use customer_tiering_engine::aggregate::distribution::{Limit, bits_for};
    let mut random = Random::new(6);
    (0..24)
        .map(|size| {
            let bits = bits_for([0.0, 0.01, 0.05][size % 3]).unwrap_or_else(|_| bits_for(0.02).unwrap());
            let mut distribution = Distribution::new(bits, Limit::Coarsen(4096), Global);
            for _ in 0..size * 4 {
                let value = (random.next() as i32 >> random.below(31)) as f64 / 8.0;
                distribution
                    .add([value, f64::INFINITY, f64::NEG_INFINITY, 0.0][random.below(8).saturating_sub(4)])
                    .unwrap();
            }
            written(&distribution)
        })
        .collect()
}

fn tallies(written: fn(&Tally<2>) -> Vec<u8>) -> Vec<Vec<u8>> {
    let mut random = Random::new(7);
    (0..16)
        .map(|size| {
            let mut tally = Tally::new(Global);
            for _ in 0..size * 3 {
                let mut label =
                    || [None, Some(&b"A"[..]), Some(b"B"), Some(b""), Some("甲".as_bytes())][random.below(5)];
                let labels = [label().or(Some(b"C")), label()];
                tally.add(labels).unwrap();
            }
            written(&tally)
        })
        .collect()
}

fn purchases() -> Vec<Vec<u8>> {
    use customer_tiering_engine::lifetime::TimeUnit;
    let mut random = Random::new(8);
    (0..16)
        .map(|size| {
            let mut gathered = Gathered::new(Some(TimeUnit::Week), Global);
            for _ in 0..size * 2 {
                let frequency = random.below(4) as i64;
                let recency = if frequency == 0 { 0.0 } else { 1.0 + random.below(20) as f64 / 4.0 };
                gathered
                    .add(Ok(Purchases::new(frequency, recency, recency + random.below(9) as f64).unwrap()));
            }
            gathered.encode()
        })
        .collect()
}

fn spends() -> Vec<Vec<u8>> {
    let mut random = Random::new(9);
    (0..16)
        .map(|size| {
            let mut gathered = Gathered::new(None, Global);
            for _ in 0..size * 2 {
                gathered
                    .add(Ok(Spend::new(1 + random.below(5) as i64, 0.5 + random.below(99) as f64).unwrap()));
            }
            gathered.encode()
        })
        .collect()
}

/// Passes over a population of every preset that can be fitted, and counts of every other.
fn fittings() -> Vec<Vec<u8>> {
    let mut random = Random::new(10);
    let mut made = Vec::new();
    for (_, text) in customer_tiering_engine::scheme::presets::PRESETS {
        let compiled = Compiled::parse(text).unwrap();
        let as_of = compiled.as_of_date(AS_OF);
        let mut sheets = Vec::new();
        for _ in 0..40 {
            let row = rows::row(&mut tape(&mut random, 100), &compiled.scheme);
            sheets.extend(common::fill(&compiled, &row, false));
        }
        if let (Ok(mut fitting), Ok(targets)) = (Fitting::new(&compiled, Global), Targets::of(&compiled)) {
            for sheet in &mut sheets {
                let _ = fitting.add(&compiled, &targets, &as_of, sheet);
            }
            made.push(fitting.encode());
        }
        let mut census = Headcount::new(&compiled, Global);
        for sheet in &mut sheets {
            let _ = census.add(&compiled, &as_of, sheet);
        }
        made.push(census.encode());
    }
    let mut share = Share::default();
    share.add(true).unwrap();
    share.add(false).unwrap();
    made.push(Mergeable::<Global>::encode(&share));
    assert!(made.iter().all(|bytes| bytes.len() > 3));
    made
}

// --- what is learned from outcomes ---

/// A scheme that waits for an outcome, with an input of every kind.
fn waiting() -> Compiled {
    Compiled::parse(
        r#"{"scheme": "learned",
        "inputs": [{"name": "number", "type": "number", "missing": "null"}, {"name": "whole", "type": "integer"},
            {"name": "truth", "type": "boolean", "missing": "null"}, {"name": "day", "type": "date", "missing": "null"},
            {"name": "listed", "type": "text", "allowed": ["a", "b", "甲"]}, {"name": "open", "type": "text", "missing": "null"}],
        "characteristics": [
            {"name": "number", "input": "number", "fit": {"to": "outcome", "max_bins": 3}},
            {"name": "whole", "input": "whole", "fit": {"to": "outcome", "trend": "free", "min_share": 0}},
            {"name": "truth", "input": "truth", "fit": {"to": "outcome"}},
            {"name": "day", "input": "day", "fit": {"to": "outcome", "trend": "up"}},
            {"name": "listed", "input": "listed", "fit": {"to": "outcome"}},
            {"name": "open", "input": "open", "fit": {"to": "outcome", "min_share": 0.2}}],
        "score": {},
        "decision": {"method": "score", "fit": {"to": "outcome", "probability": [0.5, 0.1]},
            "cuts": [{"tier": "A"}, {"tier": "B"}, {"tier": "C"}]},
        "tiers": [{"code": "A"}, {"code": "B"}, {"code": "C"}]}"#,
    )
    .unwrap()
}

static LESSONS: OnceLock<(Compiled, Compiled)> = OnceLock::new();

/// The same with the bins, and the same with bins and points, that so many random customers give.
fn lessons() -> &'static (Compiled, Compiled) {
    LESSONS.get_or_init(|| {
        let scheme = waiting();
        let binned =
            gathered(&scheme, &mut Random::new(11), 60).finish(&scheme, "2026-01-31", &mut || Ok(()));
        let binned = Compiled::parse(&binned.unwrap().scheme.canonical()).unwrap();
        let pointed = census(&binned, &mut Random::new(11), 60).finish(&binned, "2026-01-31", &mut || Ok(()));
        let pointed = Compiled::parse(&pointed.unwrap().scheme.canonical()).unwrap();
        (binned, pointed)
    })
}

fn followed(random: &mut Random) -> Followed {
    let outcome = [Some(true), Some(false), Some(false), None][random.below(4)];
    Followed { outcome, weight: [1.0, 1.0, 0.0, 0.5, 1e9][random.below(5)] }
}

fn random_sheet(scheme: &Compiled, random: &mut Random) -> customer_tiering_engine::grade::Sheet {
    let mut sheet = scheme.sheet();
    let numbers = [0.0, -0.5, 3.25, 7.0, 1e12];
    let text = random.one(&["a", "b", "甲"]);
    let word = random.one(&["", "x", "y", "城市", "x"]);
    let values = [
        scheme.inputs[0].float(numbers[random.below(5)]).unwrap(),
        scheme.inputs[1].integer(random.below(9) as i64 - 2).unwrap(),
        Value::Boolean(random.below(2) == 0),
        Value::Day([20_484, 20_400, 0, -700_000][random.below(4)] - random.below(40) as i32),
        scheme.inputs[4].text(text.as_bytes()).unwrap(),
        scheme.inputs[5].text(word.as_bytes()).unwrap(),
    ];
    for (place, value) in values.into_iter().enumerate() {
        let may_be_missing = !matches!(place, 1 | 4);
        sheet.slots[place] = if may_be_missing && random.below(6) == 0 { Value::Missing } else { value };
    }
    sheet.words[5] = word.as_bytes().to_vec();
    sheet
}

fn gathered(scheme: &Compiled, random: &mut Random, customers: usize) -> FineBins {
    let (mut fine, waiting) = (FineBins::new(scheme, Global), Waiting::of(scheme));
    let as_of = scheme.as_of_date(AS_OF);
    for _ in 0..customers {
        let (mut sheet, followed) = (random_sheet(scheme, random), followed(random));
        fine.add(scheme, &waiting, &as_of, &mut sheet, followed).unwrap();
    }
    fine
}

fn census(scheme: &Compiled, random: &mut Random, customers: usize) -> Census {
    let (mut census, learnt) = (Census::new(scheme, Global).unwrap(), Learnt::of(scheme).unwrap());
    let as_of = scheme.as_of_date(AS_OF);
    for _ in 0..customers {
        let (mut sheet, followed) = (random_sheet(scheme, random), followed(random));
        census.add(scheme, &learnt, &as_of, &mut sheet, followed).unwrap();
    }
    census
}

fn values_by_outcome() -> Vec<Vec<u8>> {
    let (scheme, mut random) = (waiting(), Random::new(12));
    (0..16).map(|size| gathered(&scheme, &mut random, size * 4).encode()).collect()
}

fn combinations_by_outcome() -> Vec<Vec<u8>> {
    let mut random = Random::new(13);
    (0..16).map(|size| census(&lessons().0, &mut random, size * 4).encode()).collect()
}

fn scores_by_outcome() -> Vec<Vec<u8>> {
    let (scheme, mut random) = (&lessons().1, Random::new(14));
    let as_of = scheme.as_of_date(AS_OF);
    let trial = |size| {
        let mut trial = Trial::new(scheme, Global);
        for _ in 0..size * 4 {
            let (mut sheet, followed) = (random_sheet(scheme, &mut random), followed(&mut random));
            trial.add(scheme, &as_of, &mut sheet, followed, random.below(3) == 0).unwrap();
        }
        trial.encode()
    };
    (0..16).map(trial).collect()
}

/// What is learned is a document that compiles, without NaN in it; or an error.
fn learns(lesson: Result<Lesson>) {
    if let Some(lesson) = told(lesson) {
        let canonical = lesson.scheme.canonical();
        told(Compiled::parse(&canonical));
        assert!(!canonical.contains("NaN") && !canonical.contains(":null"), "{canonical}");
    }
}

fn outcome_values(input: &[u8]) -> bool {
    if !bytes::<FineBins>(input) {
        return false;
    }
    let (fine, scheme) = (FineBins::<Global>::decode(input, Global).unwrap(), waiting());
    if fine.is_of(&scheme) {
        learns(fine.finish(&scheme, "2026-01-31", &mut || Ok(())));
    }
    true
}

fn outcome_combinations(input: &[u8]) -> bool {
    if !bytes::<Census>(input) {
        return false;
    }
    let (census, (scheme, _)) = (Census::<Global>::decode(input, Global).unwrap(), lessons());
    if census.is_of(scheme).unwrap() {
        learns(census.finish(scheme, "2026-01-31", &mut || Ok(())));
    }
    true
}

fn outcome_scores(input: &[u8]) -> bool {
    if !bytes::<Trial>(input) {
        return false;
    }
    let (trial, (_, scheme)) = (Trial::<Global>::decode(input, Global).unwrap(), lessons());
    if trial.is_of(scheme)
        && let Some(verdicts) = told(trial.finish(scheme, 10))
    {
        for verdict in verdicts {
            let judgement = &verdict.judgement;
            let shares = [judgement.auc, judgement.ks, judgement.brier, judgement.expected_rate];
            for share in shares.into_iter().flatten() {
                assert!((0.0..=1.0 + 1e-9).contains(&share), "{judgement:?}");
            }
        }
    }
    true
}
