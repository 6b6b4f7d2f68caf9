//! Time zones by name, from the database that is compiled in, so that an answer does not depend on the
//! machine.

use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::document::quoted;
use crate::error::{Error, Result};
use crate::time::date::timestamp_out_of_range;

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

/// A zone that lives as long as the process, so that aggregate states can refer to it. There are as many
/// as the database has names, and each is made once.
#[derive(Debug)]
pub struct NamedZone {
    /// The name, as the database spells it: names are found in any case, and one zone is to have one name.
    pub name: Box<str>,
    zone: TimeZone,
}

impl NamedZone {
    /// The zone of a name; `None` for UTC, which needs no look-up.
    ///
    /// # Errors
    ///
    /// `InvalidValue` for an unknown name.
    pub fn get(name: &str) -> Result<Option<&'static NamedZone>> {
        static KNOWN: Mutex<Vec<&'static NamedZone>> = Mutex::new(Vec::new());
        if name == "UTC" {
            return Ok(None);
        }
        let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(zone) = known.iter().find(|zone| zone.name.eq_ignore_ascii_case(name)) {
            return Ok(Some(*zone));
        }
        let zone = zone(name)?;
        let name = match zone.iana_name() {
            Some("UTC") => return Ok(None),
            Some(spelt) => spelt.into(),
            None => name.into(),
        };
        let made: &'static NamedZone = Box::leak(Box::new(NamedZone { name, zone }));
        known.push(made);
        Ok(Some(made))
    }

    /// The day of an instant (microseconds since 1970) in the zone, in days since 1970-01-01.
    ///
    /// # Errors
    ///
    /// `DateOutOfRange` for an instant without a day.
    pub fn day(zone: Option<&NamedZone>, at: i64) -> Result<i32> {
        const PER_DAY: i64 = 86_400_000_000;
        let Some(zone) = zone else { return Ok(at.div_euclid(PER_DAY) as i32) };
        let instant = Timestamp::from_microsecond(at).map_err(|_| timestamp_out_of_range())?;
        let offset = i64::from(zone.zone.to_offset(instant).seconds()) * 1_000_000;
        Ok((at + offset).div_euclid(PER_DAY) as i32)
    }
}
