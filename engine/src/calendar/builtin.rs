//! The calendars that come with the project.

/// Name and document of each built-in calendar.
pub const BUILTIN: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/calendars.rs"));

/// The document of no calendar at all: every day is worked, around the clock.
pub const EVERY_DAY: &str = include_str!("../../../catalogue/calendars/every_day.json");

/// The document of a built-in calendar.
pub fn builtin(name: &str) -> Option<&'static str> {
    BUILTIN.iter().find(|(n, _)| *n == name).map(|(_, text)| *text)
}
