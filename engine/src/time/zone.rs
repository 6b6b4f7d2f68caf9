//! Time zones by name, from the database that is compiled in, so that an answer does not depend on the
//! machine.

use std::sync::{Mutex, PoisonError};

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp};

use crate::document::quoted;
use crate::error::{Error, Result};
use crate::time::date::{MICROSECONDS_PER_DAY, timestamp_out_of_range};

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

    /// The instant so many months, days and microseconds before another (microseconds since 1970), counted as
    /// PostgreSQL counts an interval, but in this zone: months clamp to the end of the month, a day is from one
    /// time of day to the same on the day before, and the rest is elapsed time.
    ///
    /// # Errors
    ///
    /// `DateOutOfRange` before the year -9999 or after 9999.
    pub fn before(zone: Option<&NamedZone>, at: i64, months: i32, days: i32, rest: i64) -> Result<i64> {
        let instant = Timestamp::from_microsecond(at).ok();
        let counted = instant.and_then(|instant| {
            let span = Span::new().try_months(months).ok()?.try_days(days).ok()?;
            let zone = zone.map_or(TimeZone::UTC, |zone| zone.zone.clone());
            let civil = zone.to_datetime(instant).checked_sub(span).ok()?;
            zone.to_timestamp(civil).ok()?.checked_sub(SignedDuration::from_micros(rest)).ok()
        });
        counted.map(|instant| instant.as_microsecond()).ok_or_else(timestamp_out_of_range)
    }

    /// The day of an instant (microseconds since 1970) in the zone, in days since 1970-01-01.
    ///
    /// # Errors
    ///
    /// `DateOutOfRange` for an instant without a day.
    pub fn day(zone: Option<&NamedZone>, at: i64) -> Result<i32> {
        let Some(zone) = zone else { return Ok(at.div_euclid(MICROSECONDS_PER_DAY) as i32) };
        let instant = Timestamp::from_microsecond(at).map_err(|_| timestamp_out_of_range())?;
        let offset = i64::from(zone.zone.to_offset(instant).seconds()) * 1_000_000;
        Ok((at + offset).div_euclid(MICROSECONDS_PER_DAY) as i32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn before(zone: &str, at: &str, months: i32, days: i32, rest: i64) -> String {
        let at = at.parse::<Timestamp>().unwrap().as_microsecond();
        let instant = NamedZone::before(NamedZone::get(zone).unwrap(), at, months, days, rest).unwrap();
        Timestamp::from_microsecond(instant).unwrap().to_string()
    }

    #[test]
    fn an_interval_is_counted_back_in_the_zone() {
        assert_eq!(before("UTC", "2026-05-31T10:00:00Z", 3, 0, 0), "2026-02-28T10:00:00Z");
        assert_eq!(before("UTC", "2026-05-31T10:00:00Z", 3, 1, 1), "2026-02-27T09:59:59.999999Z");
        // The clocks of Berlin went forward on 29 March 2026: a day of 23 hours, but 24 hours are 24 hours.
        assert_eq!(before("Europe/Berlin", "2026-03-29T10:00:00Z", 0, 1, 0), "2026-03-28T11:00:00Z");
        assert_eq!(
            before("Europe/Berlin", "2026-03-29T10:00:00Z", 0, 0, 86_400_000_000),
            "2026-03-28T10:00:00Z"
        );
        // The first of a month in Shanghai is still the month before in UTC.
        assert_eq!(before("Asia/Shanghai", "2026-03-30T16:00:00Z", 1, 0, 0), "2026-02-27T16:00:00Z");
        assert_eq!(before("UTC", "2026-03-30T16:00:00Z", -1, -1, -1), "2026-05-01T16:00:00.000001Z");
    }

    #[test]
    fn beyond_the_calendar_is_an_error() {
        for (months, days, rest) in
            [(i32::MAX, 0, 0), (0, i32::MAX, 0), (0, 0, i64::MAX), (i32::MIN, i32::MIN, i64::MIN)]
        {
            assert!(NamedZone::before(None, 0, months, days, rest).is_err());
        }
    }
}
