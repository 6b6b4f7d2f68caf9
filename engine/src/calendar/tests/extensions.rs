//! Calendars to which a notice adds days, and days that are provisional until it comes.

use super::*;

fn extension(text: &str) -> Extension {
    Extension::parse(text).unwrap()
}

const BASE: &str = r#""working_days":["mon","tue","wed","thu","fri"],"holidays":["2026-10-01"],"workdays":["2026-10-10"],
    "known_from":"2026-01-01","known_until":"2026-12-31","provisional":["2027-01-01","2027-10-01","2028-01-03"]"#;

#[test]
fn provisional_holidays_are_free_but_not_known() {
    let base = with(BASE).unwrap();
    assert!(!base.is_workday(date(2027, 1, 1)) && !base.covers(date(2027, 1, 1)));
    assert_eq!(base.add_workdays(date(2026, 12, 31), 1).unwrap(), date(2027, 1, 4));
    fault(
        &BASE.replace("2028-01-03", "2026-05-01"),
        "At $.provisional[2]: \"2026-05-01\" is a date for which the calendar is known.",
    );
    fault(
        r#""working_days":["mon"],"provisional":["2027-01-01"]"#,
        "At $.provisional[0]: \"2027-01-01\" is a date for which the calendar is known.",
    );
}

#[test]
fn an_extension_adds_days_and_ends_what_was_provisional() {
    let base = with(BASE).unwrap();
    let notice = extension(
        r#"{"holidays":["2027-01-01","2026-10-01","2027-02-08"],"workdays":["2027-02-20","2026-10-10"],"known_until":"2027-12-31"}"#,
    );
    let longer = extended(&base, &notice).unwrap();
    assert!(longer.covers(date(2027, 12, 31)) && !longer.covers(date(2028, 1, 1)));
    assert!(!longer.is_workday(date(2027, 2, 8)) && longer.is_workday(date(2027, 2, 20)));
    // Provisional before, and not in the notice.
    assert!(longer.is_workday(date(2027, 10, 1)));
    // Still provisional.
    assert!(!longer.is_workday(date(2028, 1, 3)));
    // Twice is as once.
    assert_eq!(extended(&longer, &notice).unwrap(), longer);
    assert_eq!(extended(&longer, &Extension::default()).unwrap(), longer);
}

#[test]
fn contradictions_are_refused() {
    let base = with(BASE).unwrap();
    for (text, message) in [
        (r#"{"holidays":["2026-10-10"]}"#, "the extension contradicts calendar \"x\""),
        (r#"{"holidays":["2026-10-12"]}"#, "the extension contradicts calendar \"x\""),
        (r#"{"workdays":["2026-10-01"]}"#, "the extension contradicts calendar \"x\""),
        (r#"{"workdays":["2026-10-11"]}"#, "the extension contradicts calendar \"x\""),
        (
            r#"{"holidays":["2027-01-01"],"workdays":["2027-01-01"],"known_until":"2027-12-31"}"#,
            "2027-01-01 is a holiday and a working day",
        ),
        (r#"{"known_until":"2026-11-30"}"#, "calendar \"x\" is known until 2026-12-31 already"),
        (r#"{"holidays":["2027-01-01"]}"#, "2027-01-01 is outside of what calendar \"x\" would know"),
        (
            r#"{"holidays":["2028-01-01"],"known_until":"2027-12-31"}"#,
            "2028-01-01 is outside of what calendar \"x\" would know",
        ),
    ] {
        let error = extended(&base, &extension(text)).unwrap_err();
        assert_eq!((error.kind, error.message.as_str()), (ErrorKind::InvalidValue, message), "{text}");
        assert!(error.hint.is_some(), "{text}");
    }
    assert!(Extension::parse(r#"{"holidays":["infinity"]}"#).is_err());
}

#[test]
fn a_calendar_known_for_ever_takes_dates_but_no_end() {
    let own = with(r#""working_days":["mon","tue"],"workdays":["2026-03-08"]"#).unwrap();
    let longer = extended(&own, &extension(r#"{"holidays":["2026-03-09"]}"#)).unwrap();
    assert!(!longer.is_workday(date(2026, 3, 9)) && longer.covers(date(2100, 1, 1)));
    assert!(extended(&own, &extension(r#"{"known_until":"2027-12-31"}"#)).is_err());
    assert!(extended(&own, &extension(r#"{"holidays":["2026-03-08"]}"#)).is_err());
}
