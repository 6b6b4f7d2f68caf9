//! The calendars that come with the project.

/// Name and document of each built-in calendar.
pub const BUILTIN: [(&str, &str); 2] = [
    ("cn", include_str!("../../../catalogue/calendars/cn.json")),
    ("weekends", include_str!("../../../catalogue/calendars/weekends.json")),
];

/// The document of a built-in calendar.
pub fn builtin(name: &str) -> Option<&'static str> {
    BUILTIN.iter().find(|(n, _)| *n == name).map(|(_, text)| *text)
}
