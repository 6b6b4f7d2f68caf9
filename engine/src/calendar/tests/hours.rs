//! Hours by weekday and by date, shifts over midnight, pauses: by hand, and against a minute-by-minute count.

use super::*;
use crate::time::clock::Clock;
use crate::time::duration::ServiceTime;
use jiff::SignedDuration;

fn utc(text: &str) -> Timestamp {
    format!("{text}Z").parse().unwrap()
}

#[track_caller]
fn due(calendar: &Calendar, opened: &str, within: &str) -> String {
    due_paused(calendar, opened, within, Clock::Working, &[]).unwrap()
}

/// Pauses are written `start/end`, with an empty end for one that goes on.
#[track_caller]
fn due_paused(
    calendar: &Calendar,
    opened: &str,
    within: &str,
    clock: Clock,
    pauses: &[&str],
) -> Option<String> {
    let within = ServiceTime::parse(within).unwrap();
    let due = response_due(utc(opened), &within, clock, calendar, &TimeZone::UTC, read(pauses)).unwrap();
    due.map(|due| TimeZone::UTC.to_datetime(due).strftime("%Y-%m-%d %H:%M").to_string())
}

fn read(pauses: &[&str]) -> Vec<Pause> {
    let end = |text: &str| (!text.is_empty()).then(|| utc(text));
    let pair = |text: &&str| text.split_once('/').map(|(a, b)| Pause { start: end(a), end: end(b) }).unwrap();
    pauses.iter().map(pair).collect()
}

#[track_caller]
fn minutes(calendar: &Calendar, from: &str, to: &str, pauses: &[&str]) -> i64 {
    let worked = working_time_between(utc(from), utc(to), calendar, &TimeZone::UTC, read(pauses)).unwrap();
    worked.as_mins()
}

const WEEK: &str = r#""working_days":["mon","tue","wed","thu","fri"]"#;

fn night() -> Calendar {
    with(&format!(r#"{WEEK},"hours":[["22:00","06:00"]]"#)).unwrap()
}

fn office() -> Calendar {
    with(&format!(r#"{WEEK},"hours":[["09:00","17:00"]]"#)).unwrap()
}

#[test]
fn a_shift_over_midnight_belongs_to_the_day_on_which_it_begins() {
    let night = night();
    // 6 March 2026 is a Friday.
    assert_eq!(due(&night, "2026-03-06T23:00", "PT4H"), "2026-03-07 03:00");
    assert_eq!(due(&night, "2026-03-07T03:00", "PT4H"), "2026-03-09 23:00");
    assert_eq!(due(&night, "2026-03-09T00:30", "PT1H"), "2026-03-09 23:00");
    assert_eq!(due(&night, "2026-03-10T00:30", "PT1H"), "2026-03-10 01:30");
    assert_eq!(due(&night, "2026-03-06T23:00", "PT7H"), "2026-03-07 06:00");
    // A working day after the night of Friday is the night of Monday.
    assert_eq!(due(&night, "2026-03-07T03:00", "P1D"), "2026-03-10 03:00");
    assert_eq!(due(&night, "2026-03-06T23:00", "P1DT8H"), "2026-03-10 23:00");
    assert_eq!(minutes(&night, "2026-03-06T12:00", "2026-03-09T12:00", &[]), 480);
    assert_eq!(minutes(&night, "2026-03-07T05:00", "2026-03-09T23:00", &[]), 120);
    // The night before a holiday goes on into it; that of the holiday does not begin.
    let holiday = with(&format!(r#"{WEEK},"hours":[["22:00","06:00"]],"holidays":["2026-03-10"]"#)).unwrap();
    assert_eq!(minutes(&holiday, "2026-03-10T00:00", "2026-03-11T12:00", &[]), 360);
    // An end at midnight is the end of the day.
    let evening = with(&format!(r#"{WEEK},"hours":[["18:00","00:00"]]"#)).unwrap();
    assert_eq!(due(&evening, "2026-03-06T23:00", "PT2H"), "2026-03-09 19:00");
    // Around the clock in two shifts.
    let all = with(
        r#""working_days":["mon","tue","wed","thu","fri","sat","sun"],"hours":[["09:00","21:00"],["21:00","09:00"]]"#,
    );
    assert_eq!(minutes(&all.unwrap(), "2026-03-01T00:00", "2026-03-08T00:00", &[]), 7 * 24 * 60);
}

#[test]
fn hours_by_weekday() {
    let shop = with(
        r#""working_days":["mon","tue","wed","thu","fri","sat"],"hours":{"mon":[["09:00","18:00"]],"sat":[["09:00","13:00"]]}"#,
    )
    .unwrap();
    // Saturday has an hour left, Monday is the next day with hours.
    assert_eq!(due(&shop, "2026-03-07T12:00", "PT2H"), "2026-03-09 10:00");
    assert_eq!(due(&shop, "2026-03-09T17:00", "PT2H"), "2026-03-14 10:00");
    assert!(shop.is_workday(date(2026, 3, 10)));
    let names: Vec<String> = shop.days_without_hours().iter().map(ToString::to_string).collect();
    assert_eq!(names, ["tue", "wed", "thu", "fri"]);
    // On the short day the same time of day is past closing: due when it closes.
    let week = with(
        r#""working_days":["mon","tue","wed","thu","fri","sat"],"hours":{"other":[["09:00","18:00"]],"sat":[["10:00","13:00"]]}"#,
    )
    .unwrap();
    assert_eq!(due(&week, "2026-03-06T17:00", "P1D"), "2026-03-07 13:00");
    assert_eq!(due(&week, "2026-03-06T09:30", "P1D"), "2026-03-07 10:00");
    assert_eq!(due(&week, "2026-03-06T11:00", "P1DT3H"), "2026-03-09 10:00");
    assert_eq!(minutes(&week, "2026-03-02T00:00", "2026-03-09T00:00", &[]), (5 * 9 + 3) * 60);
    assert!(week.days_without_hours().is_empty());
    // A make-up Sunday has the hours of the other days.
    let cn = with(
        r#""working_days":["mon"],"workdays":["2026-03-08"],"hours":{"mon":[["09:00","10:00"]],"other":[["11:00","12:00"]]}"#,
    );
    assert_eq!(due(&cn.unwrap(), "2026-03-07T12:00", "PT30M"), "2026-03-08 11:30");
    // Hours of Sunday serve the make-up day alone.
    assert!(with(r#""working_days":["mon"],"workdays":["2026-03-08"],"hours":{"mon":[["09:00","10:00"]],"sun":[["11:00","12:00"]]}"#).is_ok());
}

#[test]
fn hours_of_single_dates() {
    let half = with(&format!(
        r#"{WEEK},"hours":[["09:00","17:00"]],"hours_on":{{"2026-12-24":[["09:00","12:00"]],"2026-12-31":[["10:00","11:00"],["20:00","02:00"]]}}"#
    ))
    .unwrap();
    assert_eq!(due(&half, "2026-12-24T11:00", "PT2H"), "2026-12-25 10:00");
    assert_eq!(due(&half, "2026-12-23T15:00", "P1D"), "2026-12-24 12:00");
    assert_eq!(minutes(&half, "2026-12-21T00:00", "2026-12-26T00:00", &[]), (4 * 8 + 3) * 60);
    assert_eq!(due(&half, "2026-12-31T12:00", "PT7H"), "2027-01-01 10:00");
    // Without hours of the others, these count whole.
    let whole = with(&format!(r#"{WEEK},"hours_on":{{"2026-12-24":[["09:00","12:00"]]}}"#)).unwrap();
    assert_eq!(minutes(&whole, "2026-12-23T00:00", "2026-12-25T00:00", &[]), (24 + 3) * 60);
    assert_eq!(Calendar::parse(&whole.canonical()).unwrap(), whole);
}

#[test]
fn working_time() {
    let office = office();
    assert_eq!(minutes(&office, "2026-11-20T16:00", "2026-11-23T09:30", &[]), 90);
    assert_eq!(minutes(&office, "2026-11-20T17:30", "2026-11-23T08:00", &[]), 0);
    assert_eq!(minutes(&office, "2026-11-23T09:30", "2026-11-20T16:00", &[]), -90);
    assert_eq!(minutes(&office, "2026-11-20T16:00", "2026-11-20T16:00", &[]), 0);
    assert_eq!(minutes(&office, "1926-01-01T00:00", "2026-01-01T00:00", &[]), 26_089 * 480);
    let far =
        working_time_between(utc("0001-01-01T00:00"), utc("2026-01-01T00:00"), &office, &TimeZone::UTC, []);
    assert_eq!(far.unwrap_err().kind, ErrorKind::DateOutOfRange);
    // With hours on one day ever, the search ends with the question.
    let once =
        with(&format!(r#"{WEEK},"workdays":["2026-03-07"],"hours":{{"sat":[["09:00","10:00"]]}}"#)).unwrap();
    assert_eq!(minutes(&once, "2026-01-01T00:00", "2126-01-01T00:00", &[]), 60);
}

#[test]
fn a_paused_clock() {
    let office = office();
    let working =
        |opened, within, pauses: &[&str]| due_paused(&office, opened, within, Clock::Working, pauses);
    let on_hold = "2026-03-06T17:00/2026-03-09T10:00";
    assert_eq!(working("2026-03-06T16:00", "PT2H", &[on_hold]).as_deref(), Some("2026-03-09 11:00"));
    // Begun when the answer was due already: no matter, even if it goes on.
    assert_eq!(working("2026-03-06T16:00", "PT1H", &[on_hold]).as_deref(), Some("2026-03-06 17:00"));
    assert_eq!(
        working("2026-03-06T16:00", "PT1H", &["2026-03-06T17:00/"]).as_deref(),
        Some("2026-03-06 17:00")
    );
    assert_eq!(working("2026-03-06T16:00", "PT1H", &["2026-03-06T16:30/"]), None);
    // Before the opening, over it, outside the hours.
    assert_eq!(
        working("2026-03-06T16:00", "PT1H", &["/2026-03-06T10:00"]).as_deref(),
        Some("2026-03-06 17:00")
    );
    assert_eq!(
        working("2026-03-06T10:00", "PT1H", &["/2026-03-06T12:00"]).as_deref(),
        Some("2026-03-06 13:00")
    );
    assert_eq!(
        working("2026-03-06T16:00", "PT2H", &["2026-03-06T19:00/2026-03-09T08:00"]).as_deref(),
        Some("2026-03-09 10:00")
    );
    // A pause can move the due time into the next one.
    let two = ["2026-03-05T10:00/2026-03-05T12:00", "2026-03-05T13:00/2026-03-05T14:00"];
    assert_eq!(working("2026-03-05T09:00", "PT2H", &two).as_deref(), Some("2026-03-05 13:00"));
    assert_eq!(working("2026-03-05T09:00", "PT3H", &two).as_deref(), Some("2026-03-05 15:00"));
    // Days: what the pause takes from the working clock comes on top.
    assert_eq!(
        working("2026-03-02T10:00", "P2D", &["2026-03-03T00:00/2026-03-04T00:00"]).as_deref(),
        Some("2026-03-05 10:00")
    );
    assert_eq!(
        due_paused(
            &office,
            "2026-03-06T10:00",
            "P1D",
            Clock::Calendar,
            &["2026-03-06T12:00/2026-03-06T13:30"]
        )
        .as_deref(),
        Some("2026-03-07 11:30")
    );
    assert_eq!(
        minutes(&office, "2026-03-06T16:00", "2026-03-09T10:00", &["2026-03-06T16:30/2026-03-09T09:15"]),
        75
    );
    assert_eq!(minutes(&office, "2026-03-06T16:00", "2026-03-09T10:00", &["2026-03-06T16:30/"]), 30);
    assert_eq!(minutes(&office, "2026-03-09T10:00", "2026-03-06T16:00", &["2026-03-06T16:30/"]), -30);
}

#[test]
fn clock_changes_in_a_night_shift() {
    let berlin = TimeZone::get("Europe/Berlin").unwrap();
    let nights = with(r#""working_days":["sat"],"hours":[["22:00","06:00"]]"#).unwrap();
    let between = |from: &str, to: &str| {
        let at = |t: &str| {
            t.parse::<jiff::civil::DateTime>().unwrap().to_zoned(berlin.clone()).unwrap().timestamp()
        };
        working_time_between(at(from), at(to), &nights, &berlin, []).unwrap().as_hours()
    };
    assert_eq!(between("2026-03-21T12:00", "2026-03-22T12:00"), 8);
    assert_eq!(between("2026-03-28T12:00", "2026-03-29T12:00"), 7);
    assert_eq!(between("2026-10-24T12:00", "2026-10-25T12:00"), 9);
}

#[test]
fn contradictory_hours_are_refused() {
    let day = r#""working_days":["mon","tue"]"#;
    let hours = |hours: &str, detail: &str| fault(&format!(r#"{day},"hours":{hours}"#), detail);
    hours(
        r#"[["09:00","09:00"]]"#,
        "At $.hours[0]: found \"09:00\" to \"09:00\", which may be no time or a whole day.",
    );
    hours(r#"[["24:00","06:00"]]"#, "At $.hours[0]: found \"24:00\", where hours begin.");
    hours(
        r#"[["22:00","06:00"],["23:00","24:00"]]"#,
        "At $.hours[1]: \"23:00\" follows hours that end on the next day.",
    );
    hours(
        r#"[["05:00","09:00"],["22:00","06:00"]]"#,
        "At $.hours: the hours of mon end on tue at 06:00, when those of tue have begun at 05:00.",
    );
    hours(
        r#"{"mon":[["22:00","06:00"]],"tue":[["05:59","09:00"]]}"#,
        "At $.hours: the hours of mon end on tue at 06:00, when those of tue have begun at 05:59.",
    );
    assert!(
        with(&format!(r#"{day},"hours":{{"mon":[["22:00","06:00"]],"tue":[["06:00","09:00"]]}}"#)).is_ok()
    );
    // Sunday and Monday are neighbours too.
    fault(
        r#""working_days":["sun","mon"],"hours":{"sun":[["22:00","06:00"]],"mon":[["05:00","09:00"]]}"#,
        "At $.hours: the hours of sun end on mon at 06:00, when those of mon have begun at 05:00.",
    );
    // Neighbours by a make-up day and by hours of a date: 2026-03-08 is a Sunday, 2026-03-09 a Monday.
    fault(
        &format!(
            r#"{day},"workdays":["2026-03-08"],"hours":{{"mon":[["05:00","09:00"]],"other":[["22:00","06:00"]]}}"#
        ),
        "At $.workdays: the hours of 2026-03-08 end on 2026-03-09 at 06:00, when those of 2026-03-09 have begun at 05:00.",
    );
    fault(
        &format!(r#"{day},"hours":[["08:00","17:00"]],"hours_on":{{"2026-03-09":[["20:00","09:00"]]}}"#),
        "At $.hours_on: the hours of 2026-03-09 end on 2026-03-10 at 09:00, when those of 2026-03-10 have begun at 08:00.",
    );
    hours("{}", "At $.hours: found {}, expected hours of at least one day.");
    hours(r#"{"mon":[]}"#, "At $.hours.mon: found [], expected at least one pair of times.");
    hours(r#"{"wed":[["09:00","10:00"]]}"#, "At $.hours.wed: wed has hours, but is not worked.");
    hours(
        r#"{"mon":[["09:00","25:00"]]}"#,
        "At $.hours.mon[0][1]: found \"25:00\", expected a time of day HH:MM.",
    );
    hours(
        r#"{"monday":[["09:00","10:00"]]}"#,
        "At $.hours: unknown key \"monday\", expected one of \"mon\", \"tue\", \"wed\", \"thu\", \"fri\", \"sat\", \"sun\", \"other\".",
    );
    hours(
        "5",
        "At $.hours: found 5, expected an array of pairs of times, or an object with such arrays by weekday.",
    );
    fault(
        &format!(r#"{day},"hours_on":{{"2026-03-08":[["09:00","10:00"]]}}"#),
        "At $.hours_on[\"2026-03-08\"]: the date is not worked, but has hours.",
    );
    fault(
        &format!(r#"{day},"hours_on":{{"2026-03-09":[]}}"#),
        "At $.hours_on[\"2026-03-09\"]: found [], expected at least one pair of times.",
    );
    fault(
        &format!(
            r#"{day},"workdays":["2026-03-08"],"hours":{{"mon":[["09:00","10:00"]],"tue":[["09:00","10:00"]]}}"#
        ),
        "At $.workdays[0]: \"2026-03-08\" is worked, but has no hours.",
    );
    let error = with(&format!(r#"{day},"hours_on":{{"2026-02-30":[["09:00","10:00"]]}}"#)).unwrap_err();
    assert!(error.detail.unwrap().contains("2026-02-30"));
}

#[test]
fn a_date_twice_in_one_list_says_the_same_twice() {
    let twice = with(&format!(
        r#"{WEEK},"holidays":["2026-10-02","2026-10-01","2026-10-02"],"workdays":["2026-10-10","2026-10-10"]"#
    ))
    .unwrap();
    let once =
        with(&format!(r#"{WEEK},"holidays":["2026-10-01","2026-10-02"],"workdays":["2026-10-10"]"#)).unwrap();
    assert_eq!(twice, once);
    assert_eq!(twice.workdays_between(date(2026, 9, 28), date(2026, 10, 12)), 9);
}

/// Hours of a day that go with any other of them on the next day.
const DAYS: [&str; 7] = [
    r#"[["22:00","06:00"]]"#,
    r#"[["06:00","09:00"],["13:30","18:00"]]"#,
    r#"[["09:00","13:00"]]"#,
    r#"[["12:00","24:00"]]"#,
    r#"[["18:00","00:00"]]"#,
    r#"[["10:00","12:00"],["20:00","05:00"]]"#,
    r#"[["08:15","08:16"]]"#,
];

/// Whether somebody works in the minute, straight from the document.
fn naive_open(calendar: &Calendar, local: jiff::civil::DateTime) -> bool {
    let minute = i32::from(local.hour()) * 60 + i32::from(local.minute());
    let hours_of = |day: Date| -> Vec<Shift> {
        let document = calendar.document();
        if !naive_workday(calendar, day) {
            return Vec::new();
        }
        if let Some(hours) = document.hours_on.get(&crate::time::date::IsoDate(day)) {
            return hours.clone();
        }
        let Some(Hours::ByWeekday(h)) = &document.hours else { panic!("hours by weekday are tested") };
        let own = match day.weekday() {
            jiff::civil::Weekday::Monday => &h.mon,
            jiff::civil::Weekday::Tuesday => &h.tue,
            jiff::civil::Weekday::Wednesday => &h.wed,
            jiff::civil::Weekday::Thursday => &h.thu,
            jiff::civil::Weekday::Friday => &h.fri,
            jiff::civil::Weekday::Saturday => &h.sat,
            jiff::civil::Weekday::Sunday => &h.sun,
        };
        own.as_ref().or(h.other.as_ref()).cloned().unwrap_or_default()
    };
    let at = |t: &ClockTime| i32::from(t.minutes());
    let today = hours_of(local.date());
    let yesterday = hours_of(local.date().yesterday().unwrap());
    today.iter().any(|[s, e]| at(s) <= minute && (minute < at(e) || e < s))
        || yesterday.iter().any(|[s, e]| e < s && minute < at(e))
}

prop_compose! {
    fn any_hours()(
        calendar in any_calendar(),
        week in prop::array::uniform7(0usize..8),
        other in 0usize..8,
        on in prop::collection::btree_map(19_600i32..19_950, 0usize..7, 0..40),
    ) -> Option<Calendar> {
        let days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
        let read = |i: usize| -> serde_json::Value { serde_json::from_str(DAYS[i]).unwrap() };
        let mut document = serde_json::to_value(calendar.document()).unwrap();
        let mut hours = serde_json::Map::new();
        for (day, i) in days.iter().zip(week) {
            let worked = calendar.document().working_days.iter().any(|d| d.to_string() == *day);
            if i < 7 && worked {
                hours.insert((*day).to_string(), read(i));
            }
        }
        // Make-up days must have hours.
        if other < 7 || hours.is_empty() || !calendar.document().workdays.is_empty() {
            hours.insert("other".into(), read(other % 7));
        }
        document["hours"] = hours.into();
        let on: serde_json::Map<String, serde_json::Value> = on.into_iter()
            .map(|(d, i)| (date_of(d).unwrap(), i))
            .filter(|(d, _)| naive_workday(&calendar, *d))
            .map(|(d, i)| (d.to_string(), read(i)))
            .collect();
        document["hours_on"] = on.into();
        Calendar::parse(&document.to_string()).ok()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// Hours by weekday and by date, shifts over midnight and pauses, around the clock changes of three zones and in
    /// one without: every minute is looked at.
    #[test]
    fn hours_and_pauses_agree_with_counting_minutes(
        calendar in any_hours(),
        zone_name in prop::sample::select(vec!["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Shanghai"]),
        start in 1_696_000_000i64 / 60..1_720_000_000 / 60,
        target in 1i64..1500,
        pauses in prop::collection::vec((-500i64..6000, 1i64..900), 0..5),
        span in 0i64..12_000,
    ) {
        prop_assert!(calendar.is_some(), "a calendar that should be valid was refused");
        let calendar = calendar.unwrap();
        let tz = TimeZone::get(zone_name).unwrap();
        let at = |minute: i64| Timestamp::from_second(minute * 60).unwrap();
        let paused = |minute: i64| pauses.iter().any(|(s, n)| (start + s..start + s + n).contains(&minute));
        // Disjoint and ascending, as the caller must give them.
        let mut merged: Vec<(i64, i64)> = Vec::new();
        let mut sorted: Vec<(i64, i64)> = pauses.iter().map(|(s, n)| (start + s, start + s + n)).collect();
        sorted.sort_unstable();
        for (s, e) in sorted {
            match merged.last_mut() {
                Some(last) if s <= last.1 => last.1 = last.1.max(e),
                _ => merged.push((s, e)),
            }
        }
        let list: Vec<Pause> = merged.iter().map(|(s, e)| Pause { start: Some(at(*s)), end: Some(at(*e)) }).collect();
        let counts = |minute: i64| naive_open(&calendar, tz.to_datetime(at(minute))) && !paused(minute);

        let counted = (start..start + span).filter(|m| counts(*m)).count() as i64;
        let between = |a, b| working_time_between(at(a), at(b), &calendar, &tz, list.iter().copied()).unwrap();
        prop_assert_eq!(between(start, start + span), SignedDuration::from_mins(counted));
        prop_assert_eq!(between(start + span, start), SignedDuration::from_mins(-counted));

        let within = |n| ServiceTime::parse(&format!("PT{n}M")).unwrap();
        let due = |n| response_due(at(start), &within(n), Clock::Working, &calendar, &tz, list.iter().copied()).unwrap().unwrap();
        // A week is enough for some calendars only; the rest is left to the inverse below.
        let reached = (start..start + 40_000).filter(|m| counts(*m)).nth(target as usize - 1);
        if let Some(minute) = reached {
            prop_assert_eq!(due(target), at(minute + 1));
        }
        prop_assert_eq!(
            working_time_between(at(start), due(target), &calendar, &tz, list.iter().copied()).unwrap(),
            SignedDuration::from_mins(target)
        );
        if counted > 0 {
            prop_assert!(due(counted) <= at(start + span));
        }
    }
}
