//! The text form of an rfm value: JSON. Servers that compute parts of an aggregate send them so, one a customer, so that
//! what is written here is read without a document between.

use allocator_api2::alloc::Global;
use jiff::civil::Date;
use serde::Deserialize;

use super::{Currency, Days, NOT_ASCENDING, Rfm, WHAT};
use crate::aggregate::value_type::{Textual, contradiction, from_json};
use crate::document::canonical;
use crate::error::Result;
use crate::number::ExactSum;
use crate::number::decimal::push_decimal;
use crate::time::date::{IsoDate, date_of, day_number, iso_day};
use crate::time::zone::NamedZone;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
struct Plain {
    version: u8,
    #[serde(default)]
    zone: Option<String>,
    #[serde(default)]
    currency: Option<String>,
    purchases: u64,
    refunds: u64,
    monetary: String,
    #[serde(default)]
    first_day_monetary: Option<String>,
    /// Microseconds since 1970-01-01 00:00 UTC.
    #[serde(default)]
    first_at: Option<i64>,
    #[serde(default)]
    last_at: Option<i64>,
    days: Vec<String>,
}

/// A day as the text form has it: `YYYY-MM-DD`; years before 1 BC, which is 0, with a sign and six digits.
fn any_day(text: &str) -> Result<Date> {
    match text.parse::<Date>() {
        Ok(day) if day.year() <= 0 && day.to_string() == text => Ok(day),
        _ => Ok(IsoDate::parse(text)?.0),
    }
}

impl Textual for Rfm {
    fn to_text(&self) -> String {
        let mut text = Vec::with_capacity(192 + 13 * self.days.len());
        text.extend_from_slice(b"{\"version\":1");
        if let Some(zone) = self.zone {
            text.extend_from_slice(format!(",\"zone\":{}", canonical(&*zone.name)).as_bytes());
        }
        if let Some(currency) = &self.currency {
            text.extend_from_slice(b",\"currency\":\"");
            text.extend_from_slice(currency.code().as_bytes());
            text.push(b'"');
        }
        text.extend_from_slice(b",\"purchases\":");
        push_integer(&mut text, self.purchases.into());
        text.extend_from_slice(b",\"refunds\":");
        push_integer(&mut text, self.refunds.into());
        text.extend_from_slice(b",\"monetary\":\"");
        self.sum.push_to(&mut text);
        text.push(b'"');
        if let Some((first, last)) = self.first_and_last_at() {
            text.extend_from_slice(b",\"first_day_monetary\":\"");
            self.first_day.push_to(&mut text);
            text.extend_from_slice(b"\",\"first_at\":");
            push_integer(&mut text, first.into());
            text.extend_from_slice(b",\"last_at\":");
            push_integer(&mut text, last.into());
        }
        text.extend_from_slice(b",\"days\":[");
        for (place, day) in self.days.iter().filter_map(date_of).enumerate() {
            if place > 0 {
                text.push(b',');
            }
            push_day(&mut text, day);
        }
        text.extend_from_slice(b"]}");
        // Nothing else than UTF-8 was written.
        String::from_utf8(text).unwrap_or_default()
    }

    fn from_text(text: &str) -> Result<Self> {
        let rfm = match (Written { left: text.as_bytes() }).rfm() {
            Some(rfm) => rfm,
            None => from_document(text)?,
        };
        rfm.invariants().map_err(|why| contradiction(WHAT, why))?;
        Ok(rfm)
    }
}

fn push_integer(text: &mut Vec<u8>, number: i128) {
    push_decimal(text, number < 0, number.unsigned_abs(), 0);
}

/// A day in quotation marks, as [`any_day`] reads it.
fn push_day(text: &mut Vec<u8>, day: Date) {
    let Ok(year @ 1..) = u16::try_from(day.year()) else {
        text.extend_from_slice(format!("\"{day}\"").as_bytes());
        return;
    };
    let digit = |number: u16| b'0' + (number % 10) as u8;
    let (month, of_month) = (day.month() as u16, day.day() as u16);
    text.extend_from_slice(&[
        b'"',
        digit(year / 1000),
        digit(year / 100),
        digit(year / 10),
        digit(year),
        b'-',
        digit(month / 10),
        digit(month),
        b'-',
        digit(of_month / 10),
        digit(of_month),
        b'"',
    ]);
}

/// From any JSON that has the parts.
fn from_document(text: &str) -> Result<Rfm> {
    let plain: Plain = from_json(WHAT, text)?;
    if plain.version != 1 {
        return Err(contradiction(WHAT, "The version is not 1"));
    }
    let mut rfm = Rfm::new(plain.zone.as_deref().map(NamedZone::get).transpose()?.flatten(), Global)
        .in_currency(plain.currency.as_deref().map(Currency::parse).transpose()?);
    rfm.purchases = plain.purchases;
    rfm.refunds = plain.refunds;
    rfm.sum = plain.monetary.parse()?;
    if let (Some(first_day), Some(first_at), Some(last_at)) =
        (plain.first_day_monetary, plain.first_at, plain.last_at)
    {
        rfm.first_day = first_day.parse()?;
        (rfm.first_at, rfm.last_at) = (first_at, last_at);
    }
    let days = plain.days.iter().map(|day| Ok(day_number(any_day(day)?)));
    let days = days.collect::<Result<Vec<i32>>>()?;
    rfm.days = Days::ascending(days, Global).ok_or_else(|| contradiction(WHAT, NOT_ASCENDING))?;
    Ok(rfm)
}

/// Reads what [`Rfm::to_text`] has written for most customers, byte by byte. Of all else, whether it is JSON in another
/// order or no rfm value at all, it says nothing: that is for [`from_document`].
struct Written<'t> {
    left: &'t [u8],
}

impl<'t> Written<'t> {
    fn rfm(mut self) -> Option<Rfm> {
        self.skip(b"{\"version\":1,")?;
        let zone = match self.skip(b"\"zone\":\"") {
            Some(()) => {
                let zone = NamedZone::get(self.until(b"\",")?).ok()?;
                Some(zone?)
            }
            None => None,
        };
        let currency = match self.skip(b"\"currency\":\"") {
            Some(()) => Some(Currency::parse(self.until(b"\",")?).ok()?),
            None => None,
        };
        let mut rfm = Rfm::new(zone, Global).in_currency(currency);
        self.skip(b"\"purchases\":")?;
        rfm.purchases = u64::try_from(self.integer()?).ok()?;
        self.skip(b",\"refunds\":")?;
        rfm.refunds = u64::try_from(self.integer()?).ok()?;
        self.skip(b",\"monetary\":\"")?;
        rfm.sum = self.until(b"\"")?.parse::<ExactSum>().ok()?;
        if self.skip(b",\"first_day_monetary\":\"").is_some() {
            rfm.first_day = self.until(b"\"")?.parse::<ExactSum>().ok()?;
            self.skip(b",\"first_at\":")?;
            rfm.first_at = self.integer()?;
            self.skip(b",\"last_at\":")?;
            rfm.last_at = self.integer()?;
        }
        self.skip(b",\"days\":[")?;
        while self.skip(b"\"").is_some() {
            let day = self.day()?;
            if rfm.days.last().is_some_and(|last| day <= last) {
                return None;
            }
            rfm.days.add(day);
            if self.skip(b",").is_some() && self.left.first() != Some(&b'"') {
                return None;
            }
        }
        self.skip(b"]}")?;
        self.left.is_empty().then_some(rfm)
    }

    fn skip(&mut self, expected: &[u8]) -> Option<()> {
        self.left = self.left.strip_prefix(expected)?;
        Some(())
    }

    /// A text without escapes, up to an end that is skipped.
    fn until(&mut self, end: &[u8]) -> Option<&'t str> {
        let length = self.left.iter().position(|byte| *byte == b'"' || *byte == b'\\')?;
        let (text, rest) = self.left.split_at(length);
        self.left = rest.strip_prefix(end)?;
        std::str::from_utf8(text).ok().filter(|text| text.bytes().all(|byte| byte >= b' '))
    }

    /// An integer as JSON writes it, of so few digits that it fits.
    fn integer(&mut self) -> Option<i64> {
        let negative = self.skip(b"-").is_some();
        let length = self.left.iter().position(|byte| !byte.is_ascii_digit())?;
        let (digits, rest) = self.left.split_at(length);
        if !(1..=18).contains(&length) || (digits[0] == b'0' && (length > 1 || negative)) {
            return None;
        }
        self.left = rest;
        let number = digits.iter().fold(0, |number: i64, digit| number * 10 + i64::from(digit - b'0'));
        Some(if negative { -number } else { number })
    }

    /// A day of the years 1 to 9999, and the quotation mark behind it.
    fn day(&mut self) -> Option<i32> {
        let (day, rest) = self.left.split_first_chunk::<10>()?;
        self.left = rest.strip_prefix(b"\"")?;
        iso_day(day)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::aggregate::value_type::Mergeable;

    const DAY: i64 = 86_400_000_000;

    fn rfm(zone: Option<&str>, currency: Option<&str>, orders: &[(i64, i64)]) -> Rfm {
        let zone = zone.and_then(|name| NamedZone::get(name).unwrap());
        let mut rfm = Rfm::new(zone, Global).in_currency(currency.map(|code| Currency::parse(code).unwrap()));
        for (at, cents) in orders {
            let day = NamedZone::day(zone, *at).unwrap();
            rfm.add(*at, day, ExactSum::new(i128::from(*cents), 2).unwrap()).unwrap();
        }
        rfm
    }

    fn values() -> impl Strategy<Value = Rfm> {
        let zones = prop::sample::select(vec![None, Some("Asia/Shanghai"), Some("America/St_Johns")]);
        let currencies = prop::sample::select(vec![None, Some("EUR")]);
        let orders = prop::collection::vec((-800_000 * DAY..400_000 * DAY, -500_i64..10_000), 0..9);
        (zones, currencies, orders).prop_map(|(zone, currency, orders)| rfm(zone, currency, &orders))
    }

    proptest! {
        #[test]
        fn what_was_written_is_read_as_any_document_is(rfm in values()) {
            let text = rfm.to_text();
            prop_assert_eq!(from_document(&text).unwrap().encode(), rfm.encode());
            let early = rfm.days.first().is_some_and(|day| date_of(day).unwrap().year() < 1);
            let written = (Written { left: text.as_bytes() }).rfm();
            prop_assert_eq!(written.map(|read| read.encode()), (!early).then(|| rfm.encode()));
        }

        #[test]
        fn what_is_read_so_is_a_document(rfm in values(), at in any::<prop::sample::Index>(), byte in prop::sample::select(b"0129-.\"\\,:[]{} eE".to_vec())) {
            let mut text = rfm.to_text().into_bytes();
            let at = at.index(text.len());
            text[at] = byte;
            let text = String::from_utf8(text).unwrap();
            if let Some(read) = (Written { left: text.as_bytes() }).rfm() {
                prop_assert_eq!(from_document(&text).unwrap().encode(), read.encode());
            }
        }
    }
}
