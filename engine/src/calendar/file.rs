//! Days off from a calendar file: the all-day events of an iCalendar text (RFC 5545).
//!
//! What an office calendar exports is read: `VEVENT` with `DTSTART`, `DTEND` and `RDATE` as dates, and `SUMMARY`.
//! What would make other days of these (a rule of recurrence, a time of day, an exception) is an error with its line,
//! so that no day is lost unseen.

use jiff::civil::{Date, date};

use crate::document::quoted;
use crate::error::{Error, ErrorKind, Result};
use crate::limits::{DOCUMENT_BYTES, FILE_DAYS};
use crate::time::date::{date_of, day_number};

/// A calendar file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CalendarFile {
    /// The name that it gives itself (`X-WR-CALNAME`, or `NAME` of RFC 7986).
    pub name: Option<String>,
    /// The days of its events and what these are called, in ascending order.
    pub days: Vec<(Date, String)>,
}

/// A line of the file, unfolded.
struct Line<'t> {
    number: usize,
    name: String,
    parameters: &'t str,
    value: &'t str,
}

impl Line<'_> {
    fn is(&self, name: &str) -> bool {
        self.name == name
    }

    fn opens(&self, component: &str) -> bool {
        self.is("BEGIN") && self.value.eq_ignore_ascii_case(component)
    }

    /// The dates of a property that may have several.
    fn dates(&self) -> Result<Vec<Date>> {
        self.value.split(',').map(|text| self.date(text)).collect()
    }

    fn date(&self, text: &str) -> Result<Date> {
        let wrong = |what: &str| {
            Err(wrong(self.number, format!("{} {what}", self.name))
                .detail(format!("Found {}, expected a date YYYYMMDD.", quoted(text)))
                .hint("Only all-day events are read: make the event an all-day one, or delete it from the file."))
        };
        if text.as_bytes().get(8) == Some(&b'T') {
            return wrong("has a time of day");
        }
        if text.len() != 8 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return wrong("is no date");
        }
        let number = |range: std::ops::Range<usize>| text[range].parse::<i16>().unwrap_or_default();
        match Date::new(number(0..4), number(4..6) as i8, number(6..8) as i8) {
            Ok(day) if day >= date(1, 1, 1) => Ok(day),
            _ => wrong("is no date"),
        }
    }
}

fn wrong(line: usize, what: impl std::fmt::Display) -> Error {
    Error::invalid(format!("line {line} of the calendar file: {what}"))
}

/// An event while it is read.
struct Event {
    line: usize,
    start: Option<Date>,
    end: Option<(usize, Date)>,
    more: Vec<Date>,
    summary: String,
    cancelled: bool,
}

impl Event {
    fn new(line: usize) -> Event {
        Event { line, start: None, end: None, more: Vec::new(), summary: String::new(), cancelled: false }
    }

    fn take(&mut self, line: &Line) -> Result<()> {
        match line.name.as_str() {
            "DTSTART" => self.start = Some(line.date(line.value)?),
            "DTEND" => self.end = Some((line.number, line.date(line.value)?)),
            "RDATE" => self.more.extend(line.dates()?),
            "SUMMARY" => self.summary = plain_text(line.value),
            "STATUS" => self.cancelled = line.value.eq_ignore_ascii_case("CANCELLED"),
            "RRULE" | "EXRULE" | "EXDATE" | "RECURRENCE-ID" | "DURATION" => {
                return Err(wrong(line.number, format!("{} is not read", line.name))
                    .detail("Events are read by DTSTART, DTEND and RDATE.")
                    .hint(
                        "Export the days one by one, or write them as RDATE;VALUE=DATE:YYYYMMDD,YYYYMMDD.",
                    ));
            }
            _ => {}
        }
        Ok(())
    }

    /// The days of the event, as many from each date on as from the first one to its end.
    fn days(self, to: &mut Vec<(Date, String)>) -> Result<()> {
        let Some(start) = self.start else {
            return Err(wrong(self.line, "the event has no DTSTART")
                .hint("Write DTSTART;VALUE=DATE:YYYYMMDD, the first day of the event."));
        };
        if self.cancelled {
            return Ok(());
        }
        let length = match self.end {
            None => 1,
            Some((line, end)) if end <= start => {
                return Err(wrong(line, "the event ends before it has begun")
                    .detail(format!("It begins on {start}, and {end} is the first day after it."))
                    .hint("Write the day after the last one, or leave DTEND out for an event of one day."));
            }
            Some((_, end)) => i64::from(day_number(end)) - i64::from(day_number(start)),
        };
        for first in std::iter::once(start).chain(self.more) {
            for day in 0..length {
                if to.len() >= FILE_DAYS {
                    return Err(Error::new(
                        ErrorKind::TooLarge,
                        format!("the calendar file has more than {FILE_DAYS} days"),
                    )
                    .detail(format!("The event of line {} goes beyond that.", self.line))
                    .hint("Keep the years that are needed, and look at the DTEND of the event."));
                }
                // A length is no more than the calendar has, so that the sum fits.
                let day = i32::try_from(i64::from(day_number(first)) + day).ok().and_then(date_of);
                to.extend(day.map(|day| (day, self.summary.clone())));
            }
        }
        Ok(())
    }
}

/// A TEXT value without its escapes (section 3.3.11). What is longer than a name is cut: it stands beside every day.
fn plain_text(value: &str) -> String {
    const LETTERS: usize = 100;
    let mut plain = String::new();
    let mut letters = value.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => match letters.next() {
                Some('n' | 'N') => plain.push('\n'),
                Some(other) => plain.push(other),
                None => {}
            },
            other => plain.push(other),
        }
    }
    plain.trim().chars().take(LETTERS).collect()
}

/// The file without its folds (section 3.1): each line with the number of its first one.
fn unfolded(text: &str) -> Vec<(usize, String)> {
    let mut lines: Vec<(usize, String)> = Vec::new();
    for (place, line) in text.trim_start_matches('\u{feff}').split('\n').enumerate() {
        let line = line.strip_suffix('\r').unwrap_or(line);
        match (line.strip_prefix([' ', '\t']), lines.last_mut()) {
            (Some(rest), Some((_, before))) => before.push_str(rest),
            _ => lines.push((place + 1, line.to_owned())),
        }
    }
    lines
}

/// Name, parameters and value of a line: the value begins after the first colon that stands in no quotes.
fn taken_apart(number: usize, text: &str) -> Result<Line<'_>> {
    let mut in_quotes = false;
    let colon = text.find(|letter| {
        in_quotes ^= letter == '"';
        letter == ':' && !in_quotes
    });
    let Some((before, value)) = colon.map(|at| (&text[..at], &text[at + 1..])) else {
        return Err(wrong(number, "it has no colon")
            .detail(format!("Found {}, expected a name, a colon and a value.", quoted(text)))
            .hint("Pass the text of an .ics file as it is, with its line breaks."));
    };
    let (name, parameters) = before.split_once(';').unwrap_or((before, ""));
    Ok(Line { number, name: name.to_uppercase(), parameters, value: value.trim() })
}

impl CalendarFile {
    /// Reads the text of an `.ics` file.
    ///
    /// # Errors
    ///
    /// `InvalidValue`, with the line, for a text that is none and for events that are not whole days; `TooLarge`
    /// for a text of more than [`DOCUMENT_BYTES`] and for more than [`FILE_DAYS`] days.
    pub fn parse(text: &str) -> Result<CalendarFile> {
        if text.len() > DOCUMENT_BYTES {
            return Err(Error::new(ErrorKind::TooLarge, "the calendar file is too large")
                .detail(format!("It has {} bytes; at most {DOCUMENT_BYTES} are read.", text.len()))
                .hint("Keep the years that are needed."));
        }
        let mut file = CalendarFile::default();
        // The components that are open, from the outside in.
        let mut open: Vec<(usize, String)> = Vec::new();
        let mut event: Option<Event> = None;
        let mut seen = false;
        for (number, text) in unfolded(text).iter().filter(|(_, text)| !text.trim().is_empty()) {
            let line = taken_apart(*number, text)?;
            if open.is_empty() && !line.opens("VCALENDAR") {
                return Err(wrong(line.number, "it stands outside of a calendar")
                    .detail(format!("Found {}, expected BEGIN:VCALENDAR.", quoted(text)))
                    .hint("Pass the text of an .ics file as it is."));
            }
            seen = true;
            if line.is("BEGIN") {
                if line.opens("VEVENT") {
                    event = Some(Event::new(line.number));
                }
                open.push((line.number, line.value.to_uppercase()));
            } else if line.is("END") {
                let ended = open.pop().map(|(_, name)| name).unwrap_or_default();
                if !ended.eq_ignore_ascii_case(line.value) {
                    return Err(wrong(line.number, format!("END:{} ends {ended}", line.value))
                        .hint("Pass the text of an .ics file as it is, whole."));
                }
                if ended == "VEVENT"
                    && let Some(event) = event.take()
                {
                    event.days(&mut file.days)?;
                }
            } else {
                match (open.last().map(|(_, name)| name.as_str()), &mut event) {
                    (Some("VEVENT"), Some(event)) => {
                        if line.parameters.to_uppercase().split(';').any(|given| given == "VALUE=PERIOD") {
                            return Err(wrong(line.number, format!("{} is a period", line.name))
                                .hint("Write dates: RDATE;VALUE=DATE:YYYYMMDD,YYYYMMDD."));
                        }
                        event.take(&line)?;
                    }
                    (Some("VCALENDAR"), _) if line.is("X-WR-CALNAME") || line.is("NAME") => {
                        file.name = Some(plain_text(line.value)).filter(|name| !name.is_empty());
                    }
                    _ => {}
                }
            }
        }
        match open.last() {
            Some((line, name)) => Err(wrong(*line, format!("{name} has no end"))
                .hint("Pass the text of an .ics file as it is, whole.")),
            None if !seen => Err(Error::invalid("the calendar file is empty")
                .hint("Pass the text of an .ics file, which begins with BEGIN:VCALENDAR.")),
            None => {
                file.days.sort();
                Ok(file)
            }
        }
    }
}
