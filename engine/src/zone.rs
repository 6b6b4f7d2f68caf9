//! Time zones by name, from the database that is compiled in, so that an answer does not depend on the
//! machine.

use jiff::tz::TimeZone;

use crate::document::quoted;
use crate::error::{Error, Result};

/// The time zone of an IANA name.
///
/// # Errors
///
/// `InvalidValue` for any other text.
pub fn zone(name: &str) -> Result<TimeZone> {
    TimeZone::get(name).map_err(|_| {
        Error::invalid(format!("unknown time zone {}", quoted(name)))
            .hint("Use an IANA name such as 'Asia/Shanghai', 'Europe/Berlin' or 'UTC'.")
    })
}
