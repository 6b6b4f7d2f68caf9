//! Calendar files: which days their events are, and what is refused with its line.

use super::*;

fn days(text: &str) -> Vec<(String, String)> {
    let file = CalendarFile::parse(text).unwrap();
    file.days.into_iter().map(|(day, title)| (day.to_string(), title)).collect()
}

fn event(lines: &str) -> String {
    format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\n{lines}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n")
}

fn of(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(day, title)| ((*day).to_owned(), (*title).to_owned())).collect()
}

#[test]
fn an_event_is_its_days() {
    let one = event("DTSTART;VALUE=DATE:20260101\r\nSUMMARY:New Year");
    assert_eq!(days(&one), of(&[("2026-01-01", "New Year")]));
    // The end is the day after the last one; each RDATE begins an event as long.
    let more = event(
        "RDATE;VALUE=DATE:20261001,20270228\nSUMMARY:a\\, b\\;\\nc\\\\\nDTEND;VALUE=DATE:20260103\nDTSTART;VALUE=DATE:20260101",
    );
    let title = "a, b;\nc\\";
    let expected = ["2026-01-01", "2026-01-02", "2026-10-01", "2026-10-02", "2027-02-28", "2027-03-01"];
    assert_eq!(days(&more), of(&expected.map(|day| (day, title))));
    // In any case of letters, without VALUE, with parameters in quotes, folded within a letter's neighbours.
    let odd = event("dtstart:20240229\r\nSummary;LANGUAGE=\"zh:CN\":元\r\n 旦\r\n\t节");
    assert_eq!(days(&odd), of(&[("2024-02-29", "元旦节")]));
    assert_eq!(days(&event("DTSTART:20260101\nSTATUS:CANCELLED")), []);
}

#[test]
fn what_is_no_event_says_nothing() {
    let text = "\u{feff}BEGIN:VCALENDAR\nX-WR-CALNAME:公司日历\nBEGIN:VTIMEZONE\nBEGIN:STANDARD\nDTSTART:19700101T000000\nRRULE:FREQ=YEARLY\nEND:STANDARD\nEND:VTIMEZONE\n\
        BEGIN:VTODO\nDUE:20260101T090000\nEND:VTODO\n\
        BEGIN:VEVENT\nDTSTART:20260501\nBEGIN:VALARM\nTRIGGER:-P1D\nDURATION:PT5M\nEND:VALARM\nTRANSP:TRANSPARENT\nEND:VEVENT\nEND:VCALENDAR";
    assert_eq!(days(text), of(&[("2026-05-01", "")]));
    assert_eq!(CalendarFile::parse(text).unwrap().name.unwrap(), "公司日历");
    assert_eq!(CalendarFile::parse("BEGIN:VCALENDAR\nEND:VCALENDAR\n").unwrap(), CalendarFile::default());
}

#[test]
fn what_would_change_the_days_is_refused_with_its_line() {
    let at = |line: usize, what: &str| format!("line {line} of the calendar file: {what}");
    for (text, message) in [
        (event("DTSTART:20260101T090000Z"), at(4, "DTSTART has a time of day")),
        (event("DTSTART;VALUE=DATE:2026-01-01"), at(4, "DTSTART is no date")),
        (event("DTSTART:20260229"), at(4, "DTSTART is no date")),
        (event("DTSTART:00000101"), at(4, "DTSTART is no date")),
        (event("DTSTART:２０２６０１０１"), at(4, "DTSTART is no date")),
        (event("DTSTART:20260101\nRRULE:FREQ=YEARLY"), at(5, "RRULE is not read")),
        (event("DTSTART:20260101\nEXDATE:20260101"), at(5, "EXDATE is not read")),
        (event("DTSTART:20260101\nDURATION:P2D"), at(5, "DURATION is not read")),
        (event("DTSTART:20260101\nRECURRENCE-ID:20260101"), at(5, "RECURRENCE-ID is not read")),
        (event("DTSTART:20260101\nRDATE;VALUE=PERIOD:20260101T0/P1D"), at(5, "RDATE is a period")),
        (event("DTSTART:20260101\nRDATE:20260102,"), at(5, "RDATE is no date")),
        (
            event("DTSTART:20260101\nSUMMARY:x\n y\nDTEND:20260101"),
            at(7, "the event ends before it has begun"),
        ),
        (event("SUMMARY:x"), at(3, "the event has no DTSTART")),
        (event("nothing"), at(4, "it has no colon")),
        (event("X;Y=\"a:b"), at(4, "it has no colon")),
        (event("END:VCALENDAR"), at(4, "END:VCALENDAR ends VEVENT")),
        ("BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20260101".to_owned(), at(2, "VEVENT has no end")),
        ("{}".to_owned(), at(1, "it has no colon")),
        ("\n\nSUMMARY:x".to_owned(), at(3, "it stands outside of a calendar")),
        (event("DTSTART:20260101") + "X:1", at(7, "it stands outside of a calendar")),
        (String::new(), "the calendar file is empty".to_owned()),
        (" \n \n".to_owned(), "the calendar file is empty".to_owned()),
    ] {
        let error = CalendarFile::parse(&text).unwrap_err();
        assert_eq!((error.kind, &error.message), (ErrorKind::InvalidValue, &message), "{text}");
        assert!(error.hint.is_some(), "{text}");
    }
}

#[test]
fn a_file_has_so_many_days_and_no_more() {
    let error = CalendarFile::parse(&event("DTSTART:00010101\nDTEND:99991231")).unwrap_err();
    assert_eq!(
        (error.kind, error.message.as_str()),
        (ErrorKind::TooLarge, "the calendar file has more than 40000 days")
    );
    // Beyond the calendar there are no days.
    assert_eq!(days(&event("DTSTART:20260101\nDTEND:20260104\nRDATE:99991230")).len(), 5);
    let long = event(&format!("DTSTART:20260101\nDTEND:20260201\nSUMMARY:{}", "长".repeat(300_000)));
    assert!(days(&long).iter().all(|(_, title)| title.chars().count() == 100));
    assert_eq!(CalendarFile::parse(&" ".repeat(DOCUMENT_BYTES + 1)).unwrap_err().kind, ErrorKind::TooLarge);
}
