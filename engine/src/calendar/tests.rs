use super::*;
use crate::error::ErrorKind;
use crate::limits::DOCUMENT_BYTES;
use crate::time::processor::Stopwatch;
use jiff::Timestamp;
use jiff::civil::date;
use jiff::tz::TimeZone;
use proptest::prelude::*;
use std::time::Duration;

mod extensions;
mod files;
mod hours;
mod responses;

fn cn() -> Calendar {
    Calendar::parse(builtin("cn").unwrap()).unwrap()
}

fn weekends() -> Calendar {
    Calendar::parse(builtin("weekends").unwrap()).unwrap()
}

fn with(keys: &str) -> crate::Result<Calendar> {
    Calendar::parse(&format!(r#"{{"calendar":"x","title":{{"en":"X"}},{keys}}}"#))
}

#[test]
fn built_in_calendars_are_valid_and_say_their_names() {
    for (name, text) in BUILTIN {
        let calendar = Calendar::parse(text).unwrap();
        assert_eq!(calendar.name(), *name);
        assert_eq!(Calendar::parse(&calendar.canonical()).unwrap(), calendar);
    }
    assert!(BUILTIN.len() >= 22, "cn, weekends and those of at least 20 other countries");
    assert_eq!(builtin("nowhere"), None);
    assert!(json_schema().contains("\"working_days\""));
}

/// Written down by hand, apart from the package that the file is generated from.
#[test]
fn facts_about_china() {
    let cn = cn();
    let worked = [
        (2004, 1, 17),
        // The State Council's notice of 2005-12-16 (国办发明电〔2005〕35号) moves this Saturday's rest to 3 January.
        (2005, 12, 31),
        (2008, 5, 4),
        (2009, 1, 24),
        (2018, 12, 29),
        (2020, 1, 19),
        (2021, 10, 9),
        (2023, 4, 23),
        (2024, 2, 4),
        (2024, 2, 18),
        (2024, 4, 7),
        (2024, 9, 14),
        (2024, 10, 12),
        (2025, 1, 26),
        (2025, 2, 8),
        (2024, 2, 5),
    ];
    let free = [
        (2004, 1, 22),
        (2008, 4, 4),
        (2009, 1, 26),
        (2018, 12, 31),
        (2020, 1, 31),
        (2021, 10, 7),
        (2023, 5, 1),
        (2024, 2, 12),
        (2024, 2, 16),
        (2024, 2, 17),
        (2024, 5, 1),
        (2024, 10, 1),
        (2024, 10, 7),
        (2025, 2, 4),
        (2026, 1, 1),
        (2026, 10, 1),
        // The day of the 70th anniversary of the victory, once only.
        (2015, 9, 3),
    ];
    for (y, m, d) in worked {
        assert!(cn.is_workday(date(y, m, d)), "{y}-{m}-{d}");
    }
    for (y, m, d) in free {
        assert!(!cn.is_workday(date(y, m, d)), "{y}-{m}-{d}");
    }
    // Days of the year less weekends and public holidays on weekdays: 11 holidays to 2024, 13 since.
    let year = |y: i16| cn.workdays_between(date(y, 1, 1), date(y + 1, 1, 1));
    assert_eq!((year(2023), year(2024), year(2025)), (249, 251, 248));
    assert_eq!(cn.add_workdays(date(2024, 2, 9), 1).unwrap(), date(2024, 2, 18));
    assert_eq!(cn.add_workdays(date(2024, 9, 30), 1).unwrap(), date(2024, 10, 8));
    assert!(cn.covers(date(2004, 1, 1)) && cn.covers(date(2026, 12, 31)));
    assert!(!cn.covers(date(2003, 12, 31)) && !cn.covers(date(2027, 1, 1)));
    // The statutory days of 2027 by law: 13 of them on weekdays. No notice has come, so they are not known.
    let year_2027 = cn.workdays_between(date(2027, 1, 1), date(2028, 1, 1));
    assert_eq!(year_2027, weekends().workdays_between(date(2027, 1, 1), date(2028, 1, 1)) - 13);
    for (m, d) in [
        (1, 1),
        (2, 5),
        (2, 8),
        (2, 9),
        (2, 10),
        (4, 5),
        (5, 3),
        (5, 4),
        (6, 9),
        (9, 15),
        (10, 1),
        (10, 4),
        (10, 5),
    ] {
        assert!(!cn.is_workday(date(2027, m, d)) && !cn.covers(date(2027, m, d)), "2027-{m}-{d}");
    }
    // Beyond what is known the weekly pattern answers.
    assert!(cn.is_workday(date(2030, 10, 1)) && !cn.is_workday(date(2030, 10, 5)));
}

/// Written down by hand from what the countries say themselves.
#[test]
fn facts_about_other_countries() {
    let free = [
        ("us", date(2026, 7, 3)),
        ("us", date(2026, 11, 26)),
        ("gb", date(2022, 9, 19)),
        ("gb", date(2026, 12, 28)),
        ("de", date(2026, 10, 2)),
        ("de", date(2025, 10, 3)),
        ("fr", date(2026, 7, 14)),
        ("jp", date(2026, 9, 22)),
        ("sg", date(2025, 5, 3)),
        ("hk", date(2026, 7, 1)),
    ];
    for (name, day) in free {
        let calendar = Calendar::parse(builtin(name).unwrap()).unwrap();
        // A Friday on which Germany works, and a Saturday that is free everywhere.
        let worked = (name, day) == ("de", date(2026, 10, 2));
        assert_eq!(calendar.is_workday(day), worked, "{name} {day}");
        assert!(calendar.covers(day));
    }
    let ru = Calendar::parse(builtin("ru").unwrap()).unwrap();
    assert!(ru.is_workday(date(2024, 4, 27)) && !ru.is_workday(date(2024, 4, 29)));
}

#[test]
fn weekends_are_known_for_ever() {
    let weekends = weekends();
    assert!(weekends.covers(Date::MIN) && weekends.covers(Date::MAX));
    assert_eq!(weekends.workdays_between(date(2024, 1, 1), date(2025, 1, 1)), 262);
    assert_eq!(weekends.workdays_between(date(2025, 1, 1), date(2024, 1, 1)), -262);
}

#[test]
fn add_workdays_by_hand() {
    let weekends = weekends();
    let (friday, saturday, monday) = (date(2024, 3, 1), date(2024, 3, 2), date(2024, 3, 4));
    let add = |d, n| weekends.add_workdays(d, n).unwrap();
    assert_eq!((add(friday, 0), add(friday, 1), add(monday, -1)), (friday, monday, friday));
    assert_eq!((add(saturday, 0), add(saturday, 1), add(saturday, -1)), (monday, date(2024, 3, 5), friday));
    // 52 000 weeks.
    assert_eq!(add(friday, 260_000), friday.checked_add(jiff::Span::new().weeks(52_000)).unwrap());
}

#[test]
fn hostile_distances_end_quickly() {
    let watch = Stopwatch::start();
    let sparse = with(r#""working_days":["sun"]"#).unwrap();
    for calendar in [&sparse, &cn()] {
        for days in [i32::MAX, i32::MIN, 100_000_000, -100_000_000, 7_400_000] {
            for from in [date(2024, 1, 1), Date::MIN, Date::MAX] {
                assert_eq!(calendar.add_workdays(from, days).unwrap_err().kind, ErrorKind::DateOutOfRange);
            }
        }
        let all = calendar.workdays_between(Date::MIN, Date::MAX);
        assert_eq!(calendar.workdays_between(Date::MAX, Date::MIN), -all);
        let first = calendar.add_workdays(Date::MIN, 0).unwrap();
        assert!(calendar.is_workday(first));
        assert!(calendar.is_workday(calendar.add_workdays(first, all as i32 - 1).unwrap()));
        let last = calendar.adjust(Date::MAX, Convention::Preceding).unwrap();
        assert_eq!(calendar.add_workdays(last, 1).unwrap_err().kind, ErrorKind::DateOutOfRange);
        assert_eq!(calendar.add_workdays(first, -1).unwrap_err().kind, ErrorKind::DateOutOfRange);
    }
    assert!(watch.used() < Duration::from_secs(1));
}

#[test]
fn conventions() {
    let weekends = weekends();
    let at = |d, name| weekends.adjust(d, Convention::parse(name).unwrap()).unwrap();
    let end_of_march = date(2024, 3, 30);
    assert_eq!(at(end_of_march, "none"), end_of_march);
    assert_eq!(at(end_of_march, "following"), date(2024, 4, 1));
    assert_eq!(at(end_of_march, "preceding"), date(2024, 3, 29));
    assert_eq!(at(end_of_march, "modified_following"), date(2024, 3, 29));
    assert_eq!(at(date(2024, 3, 16), "modified_following"), date(2024, 3, 18));
    assert_eq!(Convention::parse("Following").unwrap_err().kind, ErrorKind::InvalidValue);
    for (name, convention) in Convention::NAMES {
        assert_eq!(convention.to_string(), name);
        assert_eq!(crate::document::canonical(&convention), format!("\"{name}\""));
    }
}

#[test]
fn follow_ups() {
    let due = |last, every, workday, calendar| {
        followup_due(last, &Period::parse(every).unwrap(), Convention::parse(workday).unwrap(), calendar)
            .unwrap()
    };
    let (cn, weekends) = (cn(), weekends());
    assert_eq!(due(date(2024, 1, 31), "P1M", "none", &weekends), date(2024, 2, 29));
    assert_eq!(due(date(2024, 9, 30), "P1D", "following", &cn), date(2024, 10, 8));
    assert_eq!(due(date(2024, 2, 3), "P1D", "following", &cn), date(2024, 2, 4));
    assert_eq!(due(date(2024, 9, 17), "P15D", "preceding", &cn), date(2024, 9, 30));
    assert_eq!(due(date(2024, 2, 29), "P1M", "modified_following", &weekends), date(2024, 3, 29));
    // Going back to the day of the contact would make it due for ever.
    assert_eq!(due(date(2024, 3, 1), "P1D", "preceding", &weekends), date(2024, 3, 4));
    assert_eq!(due(date(2024, 3, 29), "P1D", "modified_following", &weekends), date(2024, 4, 1));
    let every = Period::parse("P100Y").unwrap();
    let error = followup_due(date(9990, 1, 1), &every, Convention::None, &cn).unwrap_err();
    assert_eq!(error.kind, ErrorKind::DateOutOfRange);
}

#[track_caller]
fn fault(keys: &str, detail: &str) {
    let error = with(keys).unwrap_err();
    assert_eq!(error.kind, ErrorKind::InvalidValue);
    assert_eq!(error.message, "invalid calendar document");
    assert_eq!(error.detail.as_deref(), Some(detail));
    assert!(error.hint.is_some());
}

#[test]
fn contradictions_are_refused() {
    let week = r#""working_days":["mon"]"#;
    fault(r#""working_days":[]"#, "At $.working_days: found [], expected at least one day.");
    fault(r#""working_days":["mon","tue","mon"]"#, "At $.working_days[2]: \"mon\" is there twice.");
    fault(
        &format!(r#"{week},"holidays":["2024-01-01","2024-02-30"]"#),
        "At $.holidays[1]: found \"2024-02-30\", expected a date YYYY-MM-DD.",
    );
    fault(
        &format!(r#"{week},"holidays":[20240101]"#),
        "At $.holidays[0]: found 20240101, expected a date YYYY-MM-DD.",
    );
    fault(
        &format!(r#"{week},"holidays":["2024-01-01"],"workdays":["2024-01-01"]"#),
        "At $.workdays[0]: \"2024-01-01\" is a holiday too.",
    );
    fault(
        &format!(r#"{week},"workdays":["2024-01-01"],"known_until":"2023-12-31""#),
        "At $.workdays[0]: \"2024-01-01\" is outside known_from and known_until.",
    );
    fault(
        &format!(r#"{week},"known_from":"2024-01-02","known_until":"2024-01-01""#),
        "At $.known_until: found \"2024-01-01\", which is before known_from 2024-01-02.",
    );
    fault(&format!(r#"{week},"hours":[]"#), "At $.hours: found [], expected at least one pair of times.");
    fault(
        &format!(r#"{week},"hours":[["09:00"]]"#),
        "At $.hours[0]: found [\"09:00\"], expected an array of length 2.",
    );
    fault(
        &format!(r#"{week},"hours":[["09:00","12:00"],["11:00","13:00"]]"#),
        "At $.hours[1]: \"11:00\" is before \"12:00\", where the hours above end.",
    );
    fault(
        &format!(r#"{week},"hours":[["9:00","12:00"]]"#),
        "At $.hours[0][0]: found \"9:00\", expected a time of day HH:MM.",
    );
    fault(
        &format!(r#"{week},"hours":[["09:00","24:01"]]"#),
        "At $.hours[0][1]: found \"24:01\", expected a time of day HH:MM.",
    );
    let error = Calendar::parse(r#"{"calendar":"My Calendar","title":{"en":"X"},"working_days":["mon"]}"#)
        .unwrap_err();
    assert_eq!(
        error.detail.as_deref(),
        Some("At $.calendar: found \"My Calendar\", expected a name of lower-case letters, digits and _.")
    );
}

prop_compose! {
    /// Any weekly pattern, with exceptions of both kinds in the years 2023 to 2025.
    fn any_calendar()(
        week in 1u8..128,
        exceptions in prop::collection::btree_map(19_358i32..20_454, any::<bool>(), 0..120),
    ) -> Calendar {
        let days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
        let dates = |worked: bool| -> Vec<String> {
            let chosen = exceptions.iter().filter(|(_, w)| **w == worked);
            chosen.map(|(d, _)| date_of(*d).unwrap().to_string()).collect()
        };
        let week: Vec<&str> = (0..7).filter(|i| week & (1 << i) != 0).map(|i| days[i]).collect();
        Calendar::parse(&serde_json::json!({
            "calendar": "x", "title": {"en": "X"}, "working_days": week, "holidays": dates(false), "workdays": dates(true),
        }).to_string()).unwrap()
    }
}

fn any_day() -> impl Strategy<Value = Date> {
    // 2022-12 to 2026-02: inside and around the exceptions.
    (19_328i32..20_500).prop_map(|d| date_of(d).unwrap())
}

/// Straight from the document, a day at a time.
fn naive_workday(calendar: &Calendar, day: Date) -> bool {
    let d = calendar.document();
    if d.workdays.iter().any(|w| w.0 == day) {
        return true;
    }
    let name =
        ["mon", "tue", "wed", "thu", "fri", "sat", "sun"][day.weekday().to_monday_zero_offset() as usize];
    d.working_days.iter().any(|w| w.to_string() == name) && !d.holidays.iter().any(|h| h.0 == day)
}

proptest! {
    #[test]
    fn agrees_with_counting_day_by_day(calendar in any_calendar(), a in any_day(), b in any_day()) {
        let (from, to) = (a.min(b), a.max(b));
        let mut counted = 0;
        let mut day = from;
        while day < to {
            prop_assert_eq!(calendar.is_workday(day), naive_workday(&calendar, day));
            counted += i64::from(naive_workday(&calendar, day));
            day = day.tomorrow().unwrap();
        }
        prop_assert_eq!(calendar.workdays_between(from, to), counted);
        prop_assert_eq!(calendar.workdays_between(to, from), -counted);
    }

    #[test]
    fn adding_is_the_inverse_of_counting(calendar in any_calendar(), from in any_day(), days in -3000i32..3000) {
        let to = calendar.add_workdays(from, days).unwrap();
        prop_assert!(naive_workday(&calendar, to));
        prop_assert_eq!(calendar.workdays_between(from, to), i64::from(days));
        let start = calendar.adjust(from, Convention::Following).unwrap();
        prop_assert_eq!(calendar.add_workdays(to, -days).unwrap(), start);
    }

    #[test]
    fn adjusting_finds_the_nearest_working_day(calendar in any_calendar(), day in any_day()) {
        let next = std::iter::successors(Some(day), |d| d.tomorrow().ok()).find(|d| naive_workday(&calendar, *d)).unwrap();
        let last = std::iter::successors(Some(day), |d| d.yesterday().ok()).find(|d| naive_workday(&calendar, *d)).unwrap();
        prop_assert_eq!(calendar.adjust(day, Convention::None).unwrap(), day);
        prop_assert_eq!(calendar.adjust(day, Convention::Following).unwrap(), next);
        prop_assert_eq!(calendar.adjust(day, Convention::Preceding).unwrap(), last);
        let modified = if next.first_of_month() == day.first_of_month() { next } else { last };
        prop_assert_eq!(calendar.adjust(day, Convention::ModifiedFollowing).unwrap(), modified);
    }

    #[test]
    fn a_follow_up_is_due_later(calendar in any_calendar(), last in any_day(), n in 1u32..60, convention in 0usize..4) {
        let convention = Convention::NAMES[convention].1;
        let every = Period::parse(&format!("P{n}D")).unwrap();
        let due = followup_due(last, &every, convention, &calendar).unwrap();
        prop_assert!(due > last);
        prop_assert!(convention == Convention::None || calendar.is_workday(due));
    }

    #[test]
    fn canonical_text_round_trips(calendar in any_calendar()) {
        prop_assert_eq!(Calendar::parse(&calendar.canonical()).unwrap(), calendar);
    }
}
