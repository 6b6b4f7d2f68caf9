use super::*;
use crate::document::{canonical, parse};
use crate::error::ErrorKind;
use jiff::civil::date;
use proptest::prelude::*;

#[test]
fn canonical_texts() {
    for (written, text) in
        [("P1D", "P1D"), ("P015D", "P15D"), ("P0Y1M", "P1M"), ("P14M", "P14M"), ("P1Y2M3W4D", "P1Y2M3W4D")]
    {
        assert_eq!(Period::parse(written).unwrap().to_string(), text);
    }
    for (written, text) in [("-P30D", "-P30D"), ("-P0D", "P0D"), ("P0M", "P0D"), ("P2W", "P2W")] {
        assert_eq!(Offset::parse(written).unwrap().to_string(), text);
    }
    for (written, text) in [("PT4H", "PT4H"), ("P1DT0H", "P1D"), ("P2DT4H", "P2DT4H"), ("P0DT90M", "PT90M")] {
        assert_eq!(ServiceTime::parse(written).unwrap().to_string(), text);
    }
}

#[test]
fn refuses_with_examples() {
    let wrong = [
        "",
        "P",
        "1D",
        "P1",
        "PD",
        "p1d",
        "P1d",
        "P0D",
        "P0Y0M",
        "-P1D",
        "P-1D",
        "+P1D",
        "P1DT1H",
        "PT1H",
        "P1.5D",
        "P1,5D",
        "P1D1Y",
        "P1D1D",
        " P1D",
        "P1D ",
        "P101Y",
        "P100Y1D",
        "P36526D",
        "P99999999999999999999D",
        "P１D",
        "1 month",
        "P1D\0",
    ];
    for text in wrong {
        let error = Period::parse(text).unwrap_err();
        assert_eq!(error.kind, ErrorKind::InvalidValue, "{text}");
        assert!(error.detail.is_some() && error.hint.unwrap().contains("P15D"), "{text}");
    }
    for text in ["--P1D", "P-1D", "-", "-P", "PT1H", "P101Y", "-P101Y", "+P1D"] {
        assert_eq!(Offset::parse(text).unwrap_err().kind, ErrorKind::InvalidValue, "{text}");
    }
    for text in [
        "P",
        "PT",
        "P1DT",
        "T1H",
        "PT0S",
        "P1M",
        "P1W",
        "PT1.5H",
        "-PT1H",
        "PT-1H",
        "PT1HT1M",
        "PT9999999999H",
        "P36525DT1S",
    ] {
        assert_eq!(ServiceTime::parse(text).unwrap_err().kind, ErrorKind::InvalidValue, "{text}");
    }
    assert!(Period::parse("P100Y").is_ok() && ServiceTime::parse("P36525D").is_ok());
    assert_eq!(
        Period::parse("P-1D").unwrap_err().to_string(),
        "invalid period \"P-1D\"\nDETAIL: It has a sign where none may stand.\n\
         HINT: Write whole years, months, weeks or days, such as P1D, P15D, P2W, P1M or P1Y2M."
    );
}

#[test]
fn months_clamp_at_their_end() {
    let month = Period::parse("P1M").unwrap();
    assert_eq!(month.add_to(date(2024, 1, 31)).unwrap(), date(2024, 2, 29));
    assert_eq!(month.add_to(date(2023, 1, 31)).unwrap(), date(2023, 2, 28));
    assert_eq!(Period::parse("P1Y").unwrap().add_to(date(2024, 2, 29)).unwrap(), date(2025, 2, 28));
    // Months first, then days.
    assert_eq!(Period::parse("P1M1D").unwrap().add_to(date(2023, 1, 31)).unwrap(), date(2023, 3, 1));
    assert_eq!(Offset::parse("-P1M").unwrap().resolve(date(2024, 3, 31)), date(2024, 2, 29));
}

#[test]
fn ends_of_the_calendar() {
    let error = Period::parse("P1D").unwrap().add_to(Date::MAX).unwrap_err();
    assert_eq!(error.kind, ErrorKind::DateOutOfRange);
    assert_eq!(Offset::parse("P100Y").unwrap().resolve(date(9950, 1, 1)), Date::MAX);
    assert_eq!(Offset::parse("-P1D").unwrap().resolve(Date::MIN), Date::MIN);
    assert_eq!(Offset::parse("P0D").unwrap().resolve(date(2024, 5, 1)), date(2024, 5, 1));
}

#[test]
fn in_a_document() {
    #[derive(Debug, serde::Deserialize, serde::Serialize)]
    #[allow(dead_code)]
    struct Tier {
        every: Period,
    }
    let error = parse::<Tier>("scheme", r#"{"every":"P1X"}"#).unwrap_err();
    assert_eq!(
        error.to_string(),
        "invalid scheme document\n\
         DETAIL: At $.every: invalid period \"P1X\". It has a unit that is unknown, there twice or out of order.\n\
         HINT: Write whole years, months, weeks or days, such as P1D, P15D, P2W, P1M or P1Y2M."
    );
    let error = parse::<Tier>("scheme", r#"{"every":30}"#).unwrap_err();
    assert_eq!(error.detail.unwrap(), "At $.every: found 30, expected a period such as P1D, P2W or P1M.");
}

prop_compose! {
    fn units()(years in 0u32..40, months in 0u32..300, weeks in 0u32..500, days in 0u32..3000) -> Units {
        Units { years, months, weeks, days }
    }
}

proptest! {
    #[test]
    fn periods_round_trip(units in units().prop_filter("zero", |u| !u.is_zero())) {
        let period = Period { units };
        prop_assert_eq!(Period::parse(&period.to_string()).unwrap(), period);
        prop_assert_eq!(parse::<Period>("period", &canonical(&period)).unwrap(), period);
    }

    #[test]
    fn offsets_round_trip(units in units(), negative: bool) {
        let offset = Offset { negative: negative && !units.is_zero(), units };
        prop_assert_eq!(Offset::parse(&offset.to_string()).unwrap(), offset);
        prop_assert_eq!(parse::<Offset>("offset", &canonical(&offset)).unwrap(), offset);
    }

    #[test]
    fn service_times_round_trip(days in 0u32..9999, hours in 0u32..9999, minutes in 0u32..9999, seconds in 1u32..9999) {
        let time = ServiceTime { days, hours, minutes, seconds };
        prop_assert_eq!(ServiceTime::parse(&time.to_string()).unwrap(), time);
        prop_assert_eq!(parse::<ServiceTime>("time", &canonical(&time)).unwrap(), time);
    }

    #[test]
    fn any_text_is_read_or_refused(text in "-?P?[0-9YMWDTHS.,+-]{0,12}|\\PC{0,8}") {
        if let Ok(period) = Period::parse(&text) {
            prop_assert_eq!(Period::parse(&period.to_string()).unwrap(), period);
            let start = date(2000, 2, 29);
            prop_assert!(period.add_to(start).unwrap() > start);
        }
        if let Ok(offset) = Offset::parse(&text) { offset.resolve(Date::MAX); offset.resolve(Date::MIN); }
        if let Ok(time) = ServiceTime::parse(&text) { prop_assert!(time.elapsed().is_positive()); }
    }
}
