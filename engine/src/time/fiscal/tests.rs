use jiff::civil::date;
use proptest::prelude::*;

use super::*;

fn day(month_day: &str) -> MonthDay {
    MonthDay::parse(month_day).unwrap()
}

fn months(month: i8, day: i8) -> FiscalCalendar {
    FiscalCalendar { division: Division::Months { month, day }, by_first_day: false }
}

fn weeks(months: [u8; 3], ends: Weekday, at: YearEnd) -> FiscalCalendar {
    FiscalCalendar { division: Division::Weeks(Weeks { months, ends, at }), by_first_day: false }
}

/// The calendar of the National Retail Federation, whose fiscal 2025 begins in February 2025.
fn retail() -> FiscalCalendar {
    FiscalCalendar {
        by_first_day: true,
        ..weeks([4, 5, 4], Weekday::Saturday, YearEnd::Nearest(day("01-31")))
    }
}

#[test]
fn years_of_months() {
    let april = months(4, 1);
    assert_eq!(april.around(Unit::Year, date(2026, 3, 31), 0), (date(2025, 4, 1), date(2026, 3, 31)));
    assert_eq!(april.around(Unit::Year, date(2026, 4, 1), 0), (date(2026, 4, 1), date(2027, 3, 31)));
    assert_eq!(april.around(Unit::Quarter, date(2026, 2, 10), 0), (date(2026, 1, 1), date(2026, 3, 31)));
    assert_eq!(april.around(Unit::Quarter, date(2026, 2, 10), 1), (date(2026, 4, 1), date(2026, 6, 30)));
    assert_eq!(april.around(Unit::Month, date(2024, 1, 31), 1), (date(2024, 2, 1), date(2024, 2, 29)));
    assert_eq!(april.label(Unit::Quarter, date(2026, 2, 10)), "2026-Q4");
    assert_eq!(april.label(Unit::Month, date(2026, 4, 1)), "2027-M01");
    // The British tax year, whose months begin on the sixth.
    let sixth = months(4, 6);
    assert_eq!(sixth.around(Unit::Year, date(2026, 4, 5), 0), (date(2025, 4, 6), date(2026, 4, 5)));
    assert_eq!(sixth.around(Unit::Month, date(2026, 4, 6), 0), (date(2026, 4, 6), date(2026, 5, 5)));
    let civil = FiscalCalendar::CIVIL;
    assert_eq!(civil.around(Unit::Quarter, date(2026, 5, 5), -1), (date(2026, 1, 1), date(2026, 3, 31)));
    assert_eq!(civil.label(Unit::Quarter, date(2026, 5, 5)), "2026-Q2");
    let japan = FiscalCalendar { by_first_day: true, ..april };
    assert_eq!(japan.label(Unit::Year, date(2026, 3, 31)), "2025");
}

/// As published: https://nrf.com/resources/4-5-4-calendar. 2023 had 53 weeks.
#[test]
fn the_retail_calendar() {
    let year = |of: Date| retail().around(Unit::Year, of, 0);
    assert_eq!(year(date(2023, 6, 1)), (date(2023, 1, 29), date(2024, 2, 3)));
    assert_eq!(year(date(2024, 6, 1)), (date(2024, 2, 4), date(2025, 2, 1)));
    assert_eq!(year(date(2025, 2, 2)), (date(2025, 2, 2), date(2026, 1, 31)));
    let quarter = |of: Date| retail().around(Unit::Quarter, of, 0);
    assert_eq!(quarter(date(2025, 5, 3)), (date(2025, 2, 2), date(2025, 5, 3)));
    assert_eq!(quarter(date(2025, 5, 4)), (date(2025, 5, 4), date(2025, 8, 2)));
    // The 53rd week is one of the last quarter, and of its last month.
    assert_eq!(quarter(date(2024, 2, 3)), (date(2023, 10, 29), date(2024, 2, 3)));
    let month = |of: Date| retail().around(Unit::Month, of, 0);
    assert_eq!(month(date(2024, 2, 3)), (date(2023, 12, 31), date(2024, 2, 3)));
    assert_eq!(month(date(2025, 2, 2)), (date(2025, 2, 2), date(2025, 3, 1)));
    assert_eq!(month(date(2025, 3, 2)), (date(2025, 3, 2), date(2025, 4, 5)));
    assert_eq!(month(date(2025, 4, 6)), (date(2025, 4, 6), date(2025, 5, 3)));
    assert_eq!(retail().label(Unit::Year, date(2026, 1, 31)), "2025");
    assert_eq!(retail().label(Unit::Month, date(2025, 3, 2)), "2025-M02");
    assert_eq!(retail().label(Unit::Quarter, date(2024, 2, 3)), "2023-Q4");
}

#[test]
fn years_that_end_on_the_last_weekday_of_a_month() {
    let september = weeks([5, 4, 4], Weekday::Saturday, YearEnd::LastOf(9));
    assert_eq!(september.around(Unit::Year, date(2023, 1, 1), 0), (date(2022, 9, 25), date(2023, 9, 30)));
    assert_eq!(september.around(Unit::Year, date(2023, 10, 1), 0), (date(2023, 10, 1), date(2024, 9, 28)));
    assert_eq!(september.around(Unit::Month, date(2022, 9, 25), 0), (date(2022, 9, 25), date(2022, 10, 29)));
    assert_eq!(september.label(Unit::Year, date(2022, 9, 25)), "2023");
    // Near the turn of the year the number does not depend on the side on which the end falls.
    let turn = weeks([4, 4, 5], Weekday::Saturday, YearEnd::Nearest(day("12-31")));
    assert_eq!(turn.around(Unit::Year, date(2021, 6, 1), 0), (date(2021, 1, 3), date(2022, 1, 1)));
    assert_eq!(turn.label(Unit::Year, date(2022, 1, 1)), "2021");
    assert_eq!(turn.label(Unit::Year, date(2022, 1, 2)), "2022");
    let by_first_day = FiscalCalendar { by_first_day: true, ..turn };
    assert_eq!(by_first_day.label(Unit::Year, date(2022, 1, 1)), "2021");
}

#[test]
fn words() {
    let resolve = |word: &str, of: Date| RelativePeriod::parse(word).unwrap().resolve(months(4, 1), of);
    let of = date(2026, 5, 20);
    assert_eq!(resolve("this_fiscal_quarter", of), (date(2026, 4, 1), date(2026, 6, 30)));
    assert_eq!(resolve("last_fiscal_year", of), (date(2025, 4, 1), date(2026, 3, 31)));
    assert_eq!(resolve("last_4_fiscal_quarters", of), (date(2025, 4, 1), date(2026, 3, 31)));
    assert_eq!(resolve("next_2_fiscal_months", of), (date(2026, 6, 1), date(2026, 7, 31)));
    for word in ["this_year", "last_month", "next_fiscal_quarter", "last_36_fiscal_months", "next_100_years"]
    {
        assert_eq!(RelativePeriod::parse(word).unwrap().to_string(), word);
    }
    for wrong in [
        "",
        "this",
        "this_",
        "this_week",
        "This_year",
        "this_years",
        "this_2_years",
        "last_1_years",
        "last_0_years",
        "last_02_years",
        "last_2_year",
        "last_101_years",
        "last_99999999999_years",
        "last_-2_years",
        "fiscal_quarter",
        "last_fiscal_fiscal_year",
        "last_2_fiscal_",
        "next_２_years",
    ] {
        assert_eq!(
            RelativePeriod::parse(wrong).unwrap_err().kind,
            crate::error::ErrorKind::InvalidValue,
            "{wrong}"
        );
    }
}

#[test]
fn nothing_lies_beyond_the_calendar() {
    for calendar in [
        FiscalCalendar::CIVIL,
        months(12, 28),
        retail(),
        weeks([4, 4, 5], Weekday::Monday, YearEnd::LastOf(1)),
    ] {
        for unit in [Unit::Year, Unit::Quarter, Unit::Month] {
            for of in [Date::MIN, Date::MAX, date(9999, 1, 1), date(-9999, 12, 1)] {
                for ahead in [-1200, -1, 0, 1, 1200] {
                    let (first, last) = calendar.around(unit, of, ahead);
                    assert!(first <= last, "{calendar:?} {unit:?} {of} {ahead}");
                }
                calendar.label(unit, of);
            }
        }
        assert_eq!(calendar.next_beginning(Unit::Year, Date::MAX), None);
    }
}

#[test]
fn a_year_that_ends_near_to_new_year_may_end_before_it() {
    let at = YearEnd::Nearest(MonthDay::of(date(2024, 1, 1)));
    let calendar = weeks([4, 4, 5], Weekday::Tuesday, at);
    // 30 December 1986 is the Tuesday nearest to 1 January 1987.
    assert_eq!(calendar.around(Unit::Year, date(1986, 12, 30), 0), (date(1986, 1, 1), date(1986, 12, 30)));
    assert_eq!(calendar.around(Unit::Year, date(1986, 12, 31), 0), (date(1986, 12, 31), date(1987, 12, 29)));
    assert_eq!(calendar.label(Unit::Year, date(1986, 12, 31)), "1988");
}

fn calendars() -> impl Strategy<Value = FiscalCalendar> {
    let weekday = (0_i8..7).prop_map(|offset| Weekday::from_monday_zero_offset(offset).unwrap());
    let at = prop_oneof![
        (1_i8..=12).prop_map(YearEnd::LastOf),
        (0_i32..366)
            .prop_map(|days| YearEnd::Nearest(MonthDay::of(date(2024, 1, 1).saturating_add(days.days())))),
    ];
    let pattern = prop_oneof![Just([4, 4, 5]), Just([4, 5, 4]), Just([5, 4, 4])];
    prop_oneof![
        (1_i8..=12, 1_i8..=28).prop_map(|(month, day)| months(month, day)),
        (pattern, weekday, at).prop_map(|(pattern, weekday, at)| weeks(pattern, weekday, at)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Days one by one: each is in the period that is given for it, and periods follow each other without a gap.
    #[test]
    fn periods_divide_the_days(calendar in calendars(), start in -4000_i32..40_000) {
        let start = date(1970, 1, 1).saturating_add(start.days());
        for unit in [Unit::Year, Unit::Quarter, Unit::Month] {
            let mut known = calendar.around(unit, start, 0);
            for days in 0..500 {
                let today = start.saturating_add(days.days());
                let now = calendar.around(unit, today, 0);
                prop_assert!(now.0 <= today && today <= now.1, "{today} {now:?}");
                if now != known {
                    prop_assert_eq!(following(known.1), now.0);
                    prop_assert_eq!(calendar.around(unit, today, -1), known);
                    prop_assert_eq!(today, now.0);
                    known = now;
                }
                let next = calendar.next_beginning(unit, today).unwrap();
                prop_assert_eq!(next, if now.0 == today { today } else { following(now.1) });
                if let (Division::Weeks(_), Unit::Year) = (calendar.division, unit) {
                    let length = now.0.until(now.1).unwrap().get_days() + 1;
                    prop_assert!(length == 364 || length == 371, "{length}");
                }
            }
        }
    }
}
