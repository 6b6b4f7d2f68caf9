//! Stability: random standings and grades, compared with a naive reading of the rules.

mod common;

use customer_tiering_engine::Compiled;
use customer_tiering_engine::grade::stability::{Grade, Measure, Settled, Standing};
use customer_tiering_engine::number::{Number, integer_key};
use jiff::ToSpan;
use jiff::civil::{Date, date};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

const FIRST: Date = date(2023, 12, 1);

/// The rules as a document has them.
#[derive(Debug, Clone)]
struct Rules {
    promote_margin: Option<i64>,
    demote_margin: Option<i64>,
    demote_after: Option<i64>,
    demote_steps: Option<u32>,
    minimum_stay: Option<i64>,
    term: Option<i64>,
    demote_on: Option<&'static str>,
}

const NO_RULES: Rules = Rules {
    promote_margin: None,
    demote_margin: None,
    demote_after: None,
    demote_steps: None,
    minimum_stay: None,
    term: None,
    demote_on: None,
};

impl Rules {
    fn document(&self) -> Json {
        let days = |days: Option<i64>| days.map(|days| format!("P{days}D"));
        let mut rules = json!({});
        let keys = [
            ("promote_margin", json!(self.promote_margin)),
            ("demote_margin", json!(self.demote_margin)),
            ("demote_after", json!(days(self.demote_after))),
            ("demote_steps", json!(self.demote_steps)),
            ("minimum_stay", json!(days(self.minimum_stay))),
            ("term", json!(days(self.term))),
            ("demote_on", json!(self.demote_on)),
        ];
        for (key, value) in keys {
            if !value.is_null() {
                rules[key] = value;
            }
        }
        rules
    }
}

/// How a scheme of five tiers decides.
#[derive(Debug, Clone, Copy, PartialEq)]
enum By {
    Score,
    RisingBands,
    FallingBands,
    Rules,
}

/// Where the tiers begin, from the best on; the last begins nowhere.
const CUTS: [i64; 4] = [40, 30, 20, 10];
const TIERS: usize = CUTS.len() + 1;

fn scheme(by: By, rules: &Rules) -> Compiled {
    let code = |tier: usize| format!("t{tier}");
    let tiers: Vec<Json> = (0..TIERS).map(|tier| json!({"code": code(tier)})).collect();
    let rising = |tier: usize| {
        let mut bin = json!({"code": code(tier)});
        if tier > 0 {
            bin["lt"] = json!(CUTS[tier - 1]);
        }
        if tier < CUTS.len() {
            bin["gte"] = json!(CUTS[tier]);
        }
        bin
    };
    // Less is better: the best tier lies up to -40, and so on.
    let falling = |tier: usize| {
        let mut bin = json!({"code": code(tier)});
        if tier > 0 {
            bin["gt"] = json!(-CUTS[tier - 1]);
        }
        if tier < CUTS.len() {
            bin["lte"] = json!(-CUTS[tier]);
        }
        bin
    };
    let mut document = json!({"scheme": "s", "inputs": [{"name": "v", "type": "number"}], "tiers": tiers,
        "fiscal_year": {"begins": "04-16"}, "stability": rules.document()});
    match by {
        By::Score => {
            let bins = [
                json!({"code": "low", "lt": 0, "points": 0}),
                json!({"code": "high", "gte": 0, "points": 50}),
            ];
            let cuts: Vec<Json> = (0..TIERS)
                .map(|tier| match CUTS.get(tier) {
                    Some(cut) => json!({"tier": code(tier), "gte": cut}),
                    None => json!({"tier": code(tier)}),
                })
                .collect();
            document["characteristics"] = json!([{"name": "c", "input": "v", "bins": bins}]);
            document["score"] = json!({});
            document["decision"] = json!({"method": "score", "cuts": cuts});
        }
        By::RisingBands | By::FallingBands => {
            let bins: Vec<Json> = (0..TIERS)
                .map(|tier| if by == By::RisingBands { rising(tier) } else { falling(tier) })
                .collect();
            document["characteristics"] = json!([{"name": "c", "input": "v", "bins": bins}]);
            document["decision"] = json!({"method": "bands", "characteristic": "c"});
        }
        By::Rules => {
            document["decision"] = json!({"method": "rules", "rules": [{"when": {"input": "v", "gte": 40}, "tier": "t0"}], "otherwise": "t4"});
        }
    }
    common::compiled(&document)
}

/// One state of the world.
#[derive(Debug, Clone)]
struct Case {
    tier: usize,
    since: i64,
    pending: Option<i64>,
    graded: usize,
    value: Option<i64>,
    today: i64,
    joined: Option<i64>,
}

fn day(days: i64) -> Date {
    FIRST + days.days()
}

/// Whether the tier may be lowered on a day.
fn lets_go(rules: &Rules, case: &Case, today: i64) -> bool {
    let kept = |period: Option<i64>| period.is_some_and(|days| today - case.since < days);
    let since = day(case.since);
    let joined = case.joined.map_or(since, day);
    let same = |anchor: Date| (day(today).month(), day(today).day()) == (anchor.month(), anchor.day());
    let anchored = match rules.demote_on {
        None => true,
        Some("never") => false,
        Some("tier_anniversary") => today > case.since && same(since),
        Some("customer_anniversary") => today > case.since && same(joined),
        Some("quarter") => today > case.since && day(today).day() == 1 && day(today).month() % 3 == 1,
        Some("fiscal_month") => today > case.since && day(today).day() == 16,
        Some("fiscal_year") => today > case.since && same(date(2024, 4, 16)),
        Some(fixed) => today > case.since && format!("{}", day(today)).ends_with(fixed),
    };
    !kept(rules.minimum_stay) && !kept(rules.term) && anchored
}

/// The rules, read one after the other, tier by tier.
fn expected(by: By, rules: &Rules, case: &Case) -> Settled {
    let measured = case.value.filter(|_| by != By::Rules);
    // A tier counts as reached or held by its cut point, moved by the margin.
    let mut target = case.graded;
    if let (true, Some(margin), Some(value)) = (case.graded < case.tier, rules.promote_margin, measured) {
        target = case.tier;
        for tier in (case.graded..case.tier).rev() {
            if CUTS.get(tier).is_some_and(|cut| value - cut >= margin) {
                target = tier;
            }
        }
    }
    if let (true, Some(margin), Some(value)) = (case.graded > case.tier, rules.demote_margin, measured) {
        target = case.graded;
        for tier in (case.tier..case.graded).rev() {
            if CUTS.get(tier).is_some_and(|cut| cut - value < margin) {
                target = tier;
            }
        }
    }
    let young = rules.minimum_stay.is_some_and(|days| case.today - case.since < days);
    if target <= case.tier {
        return Settled { tier: if young { case.tier } else { target }, pending_since: None };
    }
    let pending = case.pending.unwrap_or(case.today);
    let again = rules.demote_steps.is_some() && case.pending.is_some_and(|since| since >= case.today);
    // Down on some day from that on which the grade has lasted until today, if any of these lets the tier go.
    let lasted = rules.demote_after.map_or(pending.min(case.today), |days| pending + days);
    let falls = (lasted..=case.today).any(|today| lets_go(rules, case, today));
    if again || !falls {
        return Settled { tier: case.tier, pending_since: Some(day(pending)) };
    }
    match rules.demote_steps {
        Some(steps) if case.tier + (steps as usize) < target => {
            Settled { tier: case.tier + steps as usize, pending_since: Some(day(case.today)) }
        }
        _ => Settled { tier: target, pending_since: None },
    }
}

fn settled(compiled: &Compiled, by: By, case: &Case) -> Settled {
    let sign = if by == By::FallingBands { -1 } else { 1 };
    compiled.settle(
        Standing {
            tier: case.tier,
            since: day(case.since),
            pending_since: case.pending.map(day),
            joined: case.joined.map(day),
        },
        Grade { tier: case.graded, measure: case.value.map(|value| sign * integer_key(value)) },
        day(case.today),
    )
}

fn method() -> impl Strategy<Value = By> {
    prop_oneof![Just(By::Score), Just(By::RisingBands), Just(By::FallingBands), Just(By::Rules)]
}

fn rules() -> impl Strategy<Value = Rules> {
    let days = || prop::option::of(1_i64..40);
    let anchor = prop_oneof![
        4 => Just(None),
        1 => Just(Some("never")),
        2 => Just(Some("tier_anniversary")),
        2 => Just(Some("customer_anniversary")),
        2 => Just(Some("01-15")),
        1 => Just(Some("quarter")),
        1 => Just(Some("fiscal_month")),
        1 => Just(Some("fiscal_year")),
    ];
    (
        prop::option::of(0_i64..15),
        prop::option::of(0_i64..15),
        days(),
        prop::option::of(1_u32..4),
        days(),
        days(),
        anchor,
    )
        .prop_map(
            |(promote_margin, demote_margin, demote_after, demote_steps, minimum_stay, longer, demote_on)| {
                if demote_on == Some("never") {
                    return Rules { promote_margin, minimum_stay, demote_on, ..NO_RULES };
                }
                let term = longer.map(|days| minimum_stay.unwrap_or(0) + days);
                Rules {
                    promote_margin,
                    demote_margin,
                    demote_after,
                    demote_steps,
                    minimum_stay,
                    term,
                    demote_on,
                }
            },
        )
}

fn case() -> impl Strategy<Value = Case> {
    let day = || prop::option::of(-400_i64..60);
    (
        0..TIERS,
        -400_i64..60,
        prop::option::of(0_i64..60),
        0..TIERS,
        prop::option::of(-5_i64..60),
        0_i64..60,
        day(),
    )
        .prop_map(|(tier, since, pending, graded, value, today, joined)| Case {
            tier,
            since,
            pending,
            graded,
            value,
            today,
            joined,
        })
}

proptest! {
    #![proptest_config(common::config(400))]

    #[test]
    fn a_change_settles_as_the_rules_read(by in method(), rules in rules(), cases in prop::collection::vec(case(), 50)) {
        let compiled = scheme(by, &rules);
        for case in &cases {
            prop_assert_eq!(settled(&compiled, by, case), expected(by, &rules, case), "{:?} {:?} {:?}", by, rules, case);
        }
    }

    #[test]
    fn nobody_moves_past_the_grade_or_the_other_way(by in method(), rules in rules(), case in case()) {
        let compiled = scheme(by, &rules);
        let outcome = settled(&compiled, by, &case);
        let (better, worse) = (case.tier.min(case.graded), case.tier.max(case.graded));
        prop_assert!((better..=worse).contains(&outcome.tier), "{:?}", outcome);
        // Only a lower grade waits.
        prop_assert!(outcome.pending_since.is_none() || case.graded > case.tier, "{:?}", outcome);
    }

    #[test]
    fn a_grade_that_lasts_is_reached_in_the_end(by in method(), rules in rules(), case in case()) {
        // Without margins, which may hold somebody back for ever.
        let rules = Rules { promote_margin: None, demote_margin: None, demote_on: None, ..rules };
        let compiled = scheme(by, &rules);
        let mut case = Case { since: 0, pending: None, ..case };
        for today in 0..800 {
            case.today = today;
            let outcome = settled(&compiled, by, &case);
            if outcome.tier != case.tier {
                case.since = today;
            }
            case.tier = outcome.tier;
            case.pending = outcome.pending_since.map(|since| i64::from((since - FIRST).get_days()));
        }
        prop_assert_eq!(case.tier, case.graded);
    }
}

#[test]
fn margins_are_measured_on_the_score_or_on_a_banded_number_in_the_order_of_the_tiers() {
    let none = NO_RULES;
    assert_eq!(scheme(By::Score, &none).measure(), Some(Measure::Score));
    assert_eq!(scheme(By::RisingBands, &none).measure(), Some(Measure::Input(0)));
    assert_eq!(scheme(By::FallingBands, &none).measure(), Some(Measure::Input(0)));
    assert_eq!(scheme(By::Rules, &none).measure(), None);
    let jumbled = common::compiled(&json!({"scheme": "s", "inputs": [{"name": "v", "type": "number"}],
        "characteristics": [{"name": "c", "input": "v", "bins": [
            {"code": "a", "gte": 0, "lt": 10}, {"code": "b", "gte": 10}, {"code": "c", "lt": 0}]}],
        "decision": {"method": "bands", "characteristic": "c"},
        "tiers": [{"code": "a"}, {"code": "b"}, {"code": "c"}]}));
    assert_eq!(jumbled.measure(), None);
}

#[test]
fn a_margin_is_exact_to_the_last_digit() {
    let rules = Rules { promote_margin: Some(2), demote_margin: Some(2), ..NO_RULES };
    let compiled = scheme(By::Score, &rules);
    let standing = |tier| Standing { tier, since: FIRST, pending_since: None, joined: None };
    let graded = |tier, value: &str| Grade { tier, measure: Some(value.parse::<Number>().unwrap().key()) };
    assert_eq!(compiled.settle(standing(1), graded(0, "42"), FIRST).tier, 0);
    assert_eq!(compiled.settle(standing(1), graded(0, "41.999999999999"), FIRST).tier, 1);
    assert_eq!(compiled.settle(standing(0), graded(1, "38"), FIRST).tier, 1);
    assert_eq!(compiled.settle(standing(0), graded(1, "38.000000000001"), FIRST).tier, 0);
}

#[test]
fn a_period_that_ends_after_the_last_day_does_not_end() {
    let rules = Rules { minimum_stay: Some(30), ..NO_RULES };
    let compiled = scheme(By::Score, &rules);
    let standing = Standing { tier: 0, since: Date::MAX, pending_since: None, joined: None };
    let outcome = compiled.settle(standing, Grade { tier: 3, measure: None }, Date::MAX);
    assert_eq!(outcome, Settled { tier: 0, pending_since: Some(Date::MAX) });
}

#[test]
fn a_tier_is_valid_until_the_day_on_which_it_can_be_lowered_next() {
    let joined = Some(date(2019, 2, 10));
    let kept =
        |rules: Rules, since: Date, today: Date| scheme(By::Score, &rules).kept_until(since, joined, today);
    let term = Rules { term: Some(365), ..NO_RULES };
    assert_eq!(kept(term.clone(), date(2024, 3, 1), date(2024, 12, 1)), Some(date(2025, 3, 1)));
    assert_eq!(kept(term.clone(), date(2024, 3, 1), date(2025, 2, 28)), Some(date(2025, 3, 1)));
    assert_eq!(kept(term.clone(), date(2024, 3, 1), date(2025, 3, 1)), None);
    assert_eq!(kept(NO_RULES, date(2024, 3, 1), date(2024, 12, 1)), None);
    let on = |demote_on| Rules { demote_on: Some(demote_on), ..NO_RULES };
    assert_eq!(kept(on("never"), date(2024, 3, 1), date(2024, 12, 1)), None);
    assert_eq!(kept(on("01-01"), date(2024, 3, 1), date(2024, 12, 1)), Some(date(2025, 1, 1)));
    assert_eq!(kept(on("01-01"), date(2024, 3, 1), date(2025, 1, 1)), Some(date(2026, 1, 1)));
    assert_eq!(
        kept(Rules { term: Some(365), ..on("01-01") }, date(2024, 3, 1), date(2024, 12, 1)),
        Some(date(2026, 1, 1))
    );
    assert_eq!(kept(on("tier_anniversary"), date(2024, 2, 29), date(2024, 12, 1)), Some(date(2025, 2, 28)));
    assert_eq!(kept(on("tier_anniversary"), date(2024, 2, 29), date(2028, 2, 28)), Some(date(2028, 2, 29)));
    assert_eq!(
        kept(on("customer_anniversary"), date(2024, 3, 1), date(2024, 12, 1)),
        Some(date(2025, 2, 10))
    );
}

#[test]
fn a_term_may_end_with_a_fiscal_year_or_a_quarter() {
    let with = |stability: Json, year: Json| {
        common::compiled(&json!({"scheme": "s", "inputs": [{"name": "v", "type": "number"}],
            "characteristics": [{"name": "c", "input": "v", "bins": [{"code": "a", "gte": 0}, {"code": "b", "lt": 0}]}],
            "decision": {"method": "bands", "characteristic": "c"}, "tiers": [{"code": "a"}, {"code": "b"}],
            "fiscal_year": year, "stability": stability}))
    };
    let april = || json!({"begins": "04-01"});
    let kept =
        |stability: Json, year: Json, since: Date| with(stability, year).kept_until(since, None, since);
    // Until the end of the fiscal year of the day, or of the next one.
    let since = date(2026, 3, 31);
    assert_eq!(kept(json!({"term": "this_fiscal_year"}), april(), since), Some(date(2026, 4, 1)));
    assert_eq!(kept(json!({"term": "next_fiscal_year"}), april(), since), Some(date(2027, 4, 1)));
    assert_eq!(kept(json!({"term": "next_fiscal_year"}), april(), date(2026, 4, 1)), Some(date(2028, 4, 1)));
    assert_eq!(kept(json!({"term": "next_2_quarters"}), april(), date(2026, 2, 10)), Some(date(2026, 10, 1)));
    let retail = || json!({"weeks": "4-5-4", "ends": "sat", "nearest": "01-31"});
    assert_eq!(kept(json!({"term": "this_fiscal_year"}), retail(), date(2025, 6, 1)), Some(date(2026, 2, 1)));
    assert_eq!(
        kept(json!({"demote_on": "fiscal_quarter"}), retail(), date(2025, 6, 1)),
        Some(date(2025, 8, 3))
    );
    // Who came to the tier on such a day has it until the next one.
    assert_eq!(kept(json!({"demote_on": "fiscal_year"}), april(), date(2026, 4, 1)), Some(date(2027, 4, 1)));
    // A year at least, and then until the next quarter begins.
    let both = json!({"term": "P1Y", "demote_on": "quarter"});
    assert_eq!(kept(both, april(), date(2025, 5, 10)), Some(date(2026, 7, 1)));
    let compiled = with(json!({"term": "next_fiscal_year"}), april());
    let settle = |today: Date| {
        let standing = Standing { tier: 0, since: date(2025, 5, 10), pending_since: None, joined: None };
        compiled.settle(standing, Grade { tier: 1, measure: None }, today).tier
    };
    assert_eq!((settle(date(2027, 3, 31)), settle(date(2027, 4, 1))), (0, 1));
    // What would end after the last day of the calendar does not end.
    assert_eq!(kept(json!({"term": "next_fiscal_year"}), april(), Date::MAX), None);
}

#[test]
fn a_step_down_on_a_fixed_day_is_one_a_year() {
    let rules = Rules { demote_steps: Some(1), demote_on: Some("03-01"), ..NO_RULES };
    let compiled = scheme(By::Score, &rules);
    let mut standing = Standing { tier: 0, since: date(2023, 7, 1), pending_since: None, joined: None };
    let mut moves = Vec::new();
    for days in 0..1100 {
        let today = date(2024, 1, 1) + days.days();
        let settled = compiled.settle(standing, Grade { tier: 3, measure: None }, today);
        if settled.tier != standing.tier {
            moves.push((today, settled.tier));
            standing.since = today;
        }
        (standing.tier, standing.pending_since) = (settled.tier, settled.pending_since);
        if standing.tier == 3 {
            break;
        }
    }
    assert_eq!(moves, [(date(2024, 3, 1), 1), (date(2025, 3, 1), 2), (date(2026, 3, 1), 3)]);
}
