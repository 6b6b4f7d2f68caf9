//! Service targets: by hand, across clock changes, and against a minute-by-minute count.

use super::*;
use crate::time::clock::Clock;
use crate::time::duration::ServiceTime;
use jiff::SignedDuration;

fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap()
}

fn office() -> Calendar {
    with(r#""working_days":["mon","tue","wed","thu","fri"],"holidays":["2024-03-29"],"hours":[["09:00","12:00"],["13:30","18:00"]]"#)
        .unwrap()
}

/// Opens and answers in local time.
#[track_caller]
fn due(opened: &str, within: &str, clock: Clock, calendar: &Calendar, zone_name: &str) -> String {
    let tz = zone(zone_name);
    let opened = opened.parse::<jiff::civil::DateTime>().unwrap().to_zoned(tz.clone()).unwrap().timestamp();
    let within = ServiceTime::parse(within).unwrap();
    let due = response_due(opened, &within, clock, calendar, &tz, []).unwrap().unwrap();
    tz.to_datetime(due).to_string()
}

#[test]
fn elapsed_time_takes_no_notice_of_calendars() {
    let elapsed = |opened, within, zone| due(opened, within, Clock::Calendar, &office(), zone);
    assert_eq!(elapsed("2024-03-29T17:00", "P1DT4H", "Asia/Shanghai"), "2024-03-30T21:00:00");
    // The night of the change has 23 hours.
    assert_eq!(elapsed("2024-03-30T12:00", "P1D", "Europe/Berlin"), "2024-03-31T13:00:00");
}

#[test]
fn working_hours() {
    let working = |opened, within| due(opened, within, Clock::Working, &office(), "Asia/Shanghai");
    assert_eq!(working("2024-03-04T10:00", "PT1H"), "2024-03-04T11:00:00");
    assert_eq!(working("2024-03-04T11:00", "PT4H"), "2024-03-04T16:30:00");
    // Due when the hours end, not when they begin again.
    assert_eq!(working("2024-03-04T11:00", "PT1H"), "2024-03-04T12:00:00");
    assert_eq!(working("2024-03-04T12:30", "PT30M"), "2024-03-04T14:00:00");
    assert_eq!(working("2024-03-04T17:30", "PT1H"), "2024-03-05T09:30:00");
    assert_eq!(working("2024-03-04T18:00", "PT1S"), "2024-03-05T09:00:01");
    assert_eq!(working("2024-03-01T17:00", "PT4H"), "2024-03-04T12:00:00");
    // A holiday, then a weekend.
    assert_eq!(working("2024-03-28T17:00", "PT2H"), "2024-04-01T10:00:00");
    assert_eq!(working("2024-03-28T17:00", "P1D"), "2024-04-01T17:00:00");
    assert_eq!(working("2024-03-29T11:00", "P1D"), "2024-04-02T09:00:00");
    assert_eq!(working("2024-03-28T17:00", "P1DT2H"), "2024-04-02T10:00:00");
}

#[test]
fn whole_working_days() {
    let working =
        |opened, within, calendar: &Calendar, zone| due(opened, within, Clock::Working, calendar, zone);
    let (weekends, cn) = (weekends(), cn());
    assert_eq!(working("2024-03-01T22:00", "PT4H", &weekends, "Asia/Shanghai"), "2024-03-04T02:00:00");
    assert_eq!(working("2024-03-02T10:00", "PT4H", &weekends, "Asia/Shanghai"), "2024-03-04T04:00:00");
    assert_eq!(working("2024-03-01T20:00", "PT4H", &weekends, "Asia/Shanghai"), "2024-03-02T00:00:00");
    // The make-up Sunday is worked.
    assert_eq!(working("2024-02-09T22:00", "PT4H", &cn, "Asia/Shanghai"), "2024-02-18T02:00:00");
}

#[test]
fn days_are_as_long_as_they_are_where_clocks_change() {
    let all = with(r#""working_days":["mon","tue","wed","thu","fri","sat","sun"]"#).unwrap();
    let early = with(r#""working_days":["sat","sun","mon"],"hours":[["01:00","04:00"]]"#).unwrap();
    let swallowed =
        with(r#""working_days":["sat","sun","mon"],"hours":[["02:15","02:45"],["02:45","03:15"]]"#).unwrap();
    let working =
        |opened, within, calendar: &Calendar, zone| due(opened, within, Clock::Working, calendar, zone);
    // 31 March 2024 in Berlin: 02:00 is 03:00.
    assert_eq!(working("2024-03-30T12:00", "PT24H", &all, "Europe/Berlin"), "2024-03-31T13:00:00");
    assert_eq!(working("2024-03-30T12:00", "P1D", &all, "Europe/Berlin"), "2024-03-31T12:00:00");
    assert_eq!(working("2024-03-30T04:00", "PT3H", &early, "Europe/Berlin"), "2024-04-01T02:00:00");
    assert_eq!(working("2024-03-30T02:30", "P1D", &early, "Europe/Berlin"), "2024-03-31T03:00:00");
    assert_eq!(working("2024-03-30T04:00", "PT15M", &swallowed, "Europe/Berlin"), "2024-03-31T03:15:00");
    assert_eq!(working("2024-03-30T04:00", "PT16M", &swallowed, "Europe/Berlin"), "2024-04-01T02:16:00");
    // 27 October 2024: 02:00 to 03:00 comes twice, so the shift has four hours.
    assert_eq!(working("2024-10-26T04:00", "PT4H", &early, "Europe/Berlin"), "2024-10-27T04:00:00");
    // A day without midnight begins at 01:00 (São Paulo, 4 November 2018).
    assert_eq!(working("2018-11-03T12:00", "PT13H", &all, "America/Sao_Paulo"), "2018-11-04T02:00:00");
    // Samoa had no 30 December 2011 at all.
    assert_eq!(working("2011-12-29T12:00", "PT24H", &all, "Pacific/Apia"), "2011-12-31T12:00:00");
}

#[test]
fn hostile_targets_end_quickly() {
    let watch = Stopwatch::start();
    let minute = with(r#""working_days":["sun"],"hours":[["00:00","00:01"]]"#).unwrap();
    let utc = TimeZone::UTC;
    for within in ["PT876600H", "P36525D", "PT3155760000S"] {
        let within = ServiceTime::parse(within).unwrap();
        for opened in ["2024-01-01T00:00:00Z", "9990-01-01T00:00:00Z"] {
            let opened: Timestamp = opened.parse().unwrap();
            match response_due(opened, &within, Clock::Working, &minute, &utc, []) {
                Ok(due) => assert!(due.unwrap() > opened),
                Err(e) => assert_eq!(e.kind, ErrorKind::DateOutOfRange),
            }
        }
    }
    for (opened, clock) in [(Timestamp::MAX, Clock::Working), (Timestamp::MAX, Clock::Calendar)] {
        let error =
            response_due(opened, &ServiceTime::parse("P1D").unwrap(), clock, &minute, &utc, []).unwrap_err();
        assert_eq!(error.kind, ErrorKind::DateOutOfRange);
    }
    let early =
        response_due(Timestamp::MIN, &ServiceTime::parse("PT1S").unwrap(), Clock::Working, &minute, &utc, []);
    assert!(early.unwrap().unwrap() > Timestamp::MIN);
    // Unoptimized; it is milliseconds otherwise.
    assert!(watch.used() < Duration::from_secs(10));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Around the clock changes of three zones, and in one without, the working minutes between opening and answer are the target.
    #[test]
    fn agrees_with_counting_minutes(
        calendar in any_calendar(),
        hours in 0usize..4,
        zone_name in prop::sample::select(vec!["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Shanghai"]),
        start in 1_696_000_000i64 / 60..1_720_000_000 / 60,
        minutes in 1i64..3000,
    ) {
        let hours = [
            None,
            Some(r#"[["09:00","12:00"],["13:30","18:00"]]"#),
            Some(r#"[["00:00","02:20"],["02:20","06:00"],["23:00","24:00"]]"#),
            Some(r#"[["00:15","01:00"],["02:00","03:00"]]"#),
        ][hours];
        let mut document = calendar.document().clone();
        document.hours = hours.map(|h| serde_json::from_str(h).unwrap());
        let calendar = Calendar::new(document).unwrap();
        let tz = zone(zone_name);
        let opened = Timestamp::from_second(start * 60).unwrap();
        let within = ServiceTime::parse(&format!("PT{minutes}M")).unwrap();
        let due = response_due(opened, &within, Clock::Working, &calendar, &tz, []).unwrap().unwrap();

        let mut counted = 0;
        let mut at = opened;
        let mut last = opened;
        while counted < minutes {
            let local = tz.to_datetime(at);
            let minute = local.hour() as u16 * 60 + local.minute() as u16;
            let inside = |[from, to]: &[ClockTime; 2]| (from.minutes()..to.minutes()).contains(&minute);
            let open = match &calendar.document().hours {
                Some(Hours::EveryDay(hours)) => hours.iter().any(inside),
                _ => true,
            };
            let shut = !open || !naive_workday(&calendar, local.date());
            at += SignedDuration::from_mins(1);
            if !shut {
                counted += 1;
                last = at;
            }
        }
        prop_assert_eq!(due, last);
    }
}
