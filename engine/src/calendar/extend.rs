//! More days for a calendar: what a new yearly notice adds.

use serde::{Deserialize, Serialize};

use super::Calendar;
use crate::document::quoted;
use crate::error::{Error, Result};
use crate::time::date::IsoDate;

/// The days that a notice adds, and until when the calendar is known with them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Extension {
    /// Dates that are not worked.
    #[serde(default)]
    pub holidays: Vec<IsoDate>,
    /// Make-up working days.
    #[serde(default)]
    pub workdays: Vec<IsoDate>,
    /// The last day for which the calendar is then known; as before if left out.
    #[serde(default)]
    pub known_until: Option<IsoDate>,
}

impl Extension {
    /// Reads an extension.
    ///
    /// # Errors
    ///
    /// Those of [`crate::document::parse`].
    pub fn parse(text: &str) -> Result<Extension> {
        crate::document::parse("calendar extension", text)
    }
}

/// The calendar with the days of an extension. For days for which it is known already, the two must agree;
/// provisional holidays give way to what is now known.
///
/// # Errors
///
/// `InvalidValue` if the two contradict each other, and those of [`Calendar::new`].
pub fn extended(calendar: &Calendar, extension: &Extension) -> Result<Calendar> {
    let mut document = calendar.document().clone();
    let name = quoted(calendar.name());
    if let Some(until) = extension.known_until {
        match document.known_until {
            None => {
                return Err(Error::invalid(format!("calendar {name} is known for ever"))
                    .detail(format!("It cannot be extended until {until}."))
                    .hint("Leave the last day out (NULL), or import the calendar anew with known_until."));
            }
            Some(known) if until < known => {
                return Err(Error::invalid(format!("calendar {name} is known until {known} already"))
                    .detail(format!("It cannot be extended until {until}, which is before."))
                    .hint("Give the last day for which the new dates are complete."));
            }
            Some(_) => {}
        }
    }
    let ever = document.known_until.is_none();
    let until = extension.known_until.or(document.known_until);
    for (dates, worked) in [(&extension.holidays, false), (&extension.workdays, true)] {
        for date in dates {
            let opposite = if worked { &extension.holidays } else { &extension.workdays };
            if opposite.contains(date) {
                return Err(Error::invalid(format!("{date} is a holiday and a working day"))
                    .hint("Give the date in one of the two lists."));
            }
            if until.is_some_and(|until| *date > until)
                || document.known_from.is_some_and(|from| *date < from)
            {
                let known = until.map_or_else(String::new, |until| format!(" until {until}"));
                return Err(Error::invalid(format!("{date} is outside of what calendar {name} would know"))
                    .detail(format!("With the extension it is known{known}."))
                    .hint("Give the last day for which the new dates are complete, or leave the date out."));
            }
            // Where the calendar is known, the new list may repeat it, but not contradict it. One's own calendar
            // that is known for ever says nothing of dates that it does not list.
            let listed = if worked { &document.holidays } else { &document.workdays };
            let contradicts = if ever {
                listed.contains(date)
            } else {
                calendar.covers(date.0) && calendar.is_workday(date.0) != worked
            };
            if contradicts {
                let detail = if worked {
                    format!(
                        "{date} would be a working day, but the calendar is known for it and it is not worked."
                    )
                } else {
                    format!("{date} would be a holiday, but the calendar is known for it and it is worked.")
                };
                return Err(Error::invalid(format!("the extension contradicts calendar {name}"))
                    .detail(detail)
                    .hint("Leave the date out, or import a calendar of your own with all its dates."));
            }
            let list = if worked { &mut document.workdays } else { &mut document.holidays };
            if !list.contains(date) {
                list.push(*date);
            }
        }
    }
    if extension.known_until.is_some() {
        document.known_until = extension.known_until;
    }
    let (from, until) = (document.known_from, document.known_until);
    document.provisional.retain(|d| from.is_some_and(|f| *d < f) || until.is_some_and(|u| u < *d));
    Calendar::new(document)
}
