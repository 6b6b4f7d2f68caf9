use proptest::prelude::*;

use super::*;
use crate::aggregate::value_type::Textual;
use crate::time::date::day_number;

type Order = (i64, i64);

fn rfm(orders: &[Order]) -> Rfm {
    let mut rfm = Rfm::new(None, Global);
    for (at, cents) in orders {
        let day = NamedZone::day(None, *at).unwrap();
        rfm.add(*at, day, ExactSum::new(i128::from(*cents), 2).unwrap()).unwrap();
    }
    rfm
}

/// On few days, or on more than a value itself holds.
fn orders() -> impl Strategy<Value = std::vec::Vec<Order>> {
    prop::collection::vec((0_i64..60 * 86_400_000_000, -500_i64..10_000), 0..90)
}

proptest! {
    #[test]
    fn split_equals_whole(orders in orders(), at in 0_usize..90) {
        let (left, right) = orders.split_at(at.min(orders.len()));
        let mut merged = rfm(left);
        merged.merge(&rfm(right)).unwrap();
        prop_assert_eq!(merged.encode(), rfm(&orders).encode());
    }

    #[test]
    fn merging_commutes(a in orders(), b in orders()) {
        let (mut ab, mut ba) = (rfm(&a), rfm(&b));
        ab.merge(&rfm(&b)).unwrap();
        ba.merge(&rfm(&a)).unwrap();
        prop_assert_eq!(ab.encode(), ba.encode());
    }

    #[test]
    fn order_does_not_matter(orders in orders()) {
        let mut reversed = orders.clone();
        reversed.reverse();
        prop_assert_eq!(rfm(&orders).encode(), rfm(&reversed).encode());
    }

    #[test]
    fn bytes_and_text_round_trip(orders in orders()) {
        let value = rfm(&orders);
        let bytes = value.encode();
        prop_assert_eq!(Rfm::decode(&bytes, Global).unwrap().encode(), bytes.clone());
        prop_assert_eq!(Rfm::from_text(&value.to_text()).unwrap().encode(), bytes);
    }

    #[test]
    fn the_days_are_those_with_a_purchase(orders in orders()) {
        let mut days: std::vec::Vec<i64> =
            orders.iter().filter(|(_, cents)| *cents >= 0).map(|(at, _)| at / 86_400_000_000).collect();
        days.sort_unstable();
        days.dedup();
        let value = rfm(&orders);
        prop_assert_eq!(value.days().iter().map(i64::from).collect::<std::vec::Vec<_>>(), days.clone());
        let first = days.first().copied();
        let of_first: i64 = orders.iter()
            .filter(|(at, cents)| *cents >= 0 && Some(at / 86_400_000_000) == first).map(|(_, cents)| cents).sum();
        let all: i64 = orders.iter().map(|(_, cents)| cents).sum();
        prop_assert_eq!(value.repeat_monetary().unwrap().to_string().parse::<f64>().unwrap(), (all - of_first) as f64 / 100.0);
    }

    #[test]
    fn hostile_bytes_are_refused_or_canonical(mut bytes in any::<std::vec::Vec<u8>>()) {
        bytes.splice(0..0, [1, 0, TAG]);
        if let Ok(value) = Rfm::decode(&bytes, Global) {
            prop_assert_eq!(value.encode(), bytes);
        }
    }

    #[test]
    fn a_flipped_byte_is_refused_or_canonical(orders in orders(), at in any::<usize>(), flip in 1_u8..) {
        let mut bytes = rfm(&orders).encode();
        let at = at % bytes.len();
        bytes[at] ^= flip;
        if let Ok(value) = Rfm::decode(&bytes, Global) {
            prop_assert_eq!(value.encode(), bytes);
        }
    }
}

#[test]
fn refunds_are_no_visits() {
    let value = rfm(&[(0, 1000), (3 * 86_400_000_000, -200)]);
    assert_eq!((value.purchases(), value.refunds()), (1, 1));
    assert_eq!(value.monetary().to_string(), "8.00");
    assert_eq!(value.first_and_last_day(), Some((0, 0)));
}

#[test]
fn days_are_those_of_the_zone() {
    let shanghai = NamedZone::get("Asia/Shanghai").unwrap();
    // 2026-01-01 17:00 UTC is the second of January there.
    assert_eq!(NamedZone::day(shanghai, 1_767_286_800_000_000).unwrap(), 20_455);
    assert_eq!(NamedZone::day(None, 1_767_286_800_000_000).unwrap(), 20_454);
    let mut value = Rfm::new(shanghai, Global);
    value.add(1_767_286_800_000_000, 20_455, ExactSum::new(5, 0).unwrap()).unwrap();
    assert_eq!(Rfm::from_text(&value.to_text()).unwrap().encode(), value.encode());
    assert!(value.merge(&Rfm::new(None, Global)).is_err());
}

/// E16: euros and rupees.
#[test]
fn currencies_do_not_add_up() {
    let value = |currency: Option<&str>| {
        let currency = currency.map(|code| Currency::parse(code).unwrap());
        let mut value = Rfm::new(NamedZone::get("Asia/Shanghai").unwrap(), Global).in_currency(currency);
        value.add(1_767_286_800_000_000, 20_455, ExactSum::new(5, 0).unwrap()).unwrap();
        value
    };
    let mut euros = value(Some("eur"));
    assert_eq!(euros.currency().unwrap().code(), "EUR");
    assert_eq!(Rfm::from_text(&euros.to_text()).unwrap().encode(), euros.encode());
    assert_eq!(Rfm::decode(&euros.encode(), Global).unwrap().to_text(), euros.to_text());
    euros.merge(&value(Some("EUR"))).unwrap();
    assert_eq!(euros.monetary().to_string(), "10");
    for (other, found) in [(Some("INR"), "Found EUR and INR."), (None, "Found EUR and none.")] {
        assert_eq!(euros.merge(&value(other)).unwrap_err().detail.unwrap(), found);
    }
    // Without a zone, and as nobody writes it.
    let utc = Rfm::new(None, Global).in_currency(euros.currency());
    assert_eq!(Rfm::decode(&utc.encode(), Global).unwrap().to_text(), utc.to_text());
    let mut small = euros.encode();
    let place = small.windows(3).position(|letters| letters == b"EUR").unwrap();
    small[place..place + 3].copy_from_slice(b"eur");
    assert!(Rfm::decode(&small, Global).is_err());
    for code in ["", "EU", "EURO", "€", "E R", "12A"] {
        assert!(Currency::parse(code).is_err(), "{code:?}");
    }
}

#[test]
fn days_before_our_era_are_read_again() {
    let mut value = Rfm::new(None, Global);
    for year in [-4712, 0] {
        let day = day_number(jiff::civil::date(year, 1, 1));
        value.add(i64::from(day) * 86_400_000_000, day, ExactSum::new(5, 0).unwrap()).unwrap();
    }
    assert_eq!(Rfm::from_text(&value.to_text()).unwrap().encode(), value.encode());
    let text = value.to_text();
    assert!(Rfm::from_text(&text.replace("-004712-01-01", "-4712-01-01")).is_err());
    assert!(Rfm::from_text(&text.replace("-004712-01-01", "-004712-01-01T00:00")).is_err());
}

#[test]
fn a_zone_has_one_name() {
    let named = |name| NamedZone::get(name).unwrap().map(|zone| &*zone.name);
    assert_eq!(named("asia/shanghai"), Some("Asia/Shanghai"));
    assert_eq!((named("utc"), named("UTC")), (None, None));
}

#[test]
fn counts_are_those_of_a_bigint() {
    let text = |refunds: u64| {
        format!(r#"{{"version":1,"purchases":0,"refunds":{refunds},"monetary":"-1","days":[]}}"#)
    };
    assert!(Rfm::from_text(&text(i64::MAX as u64)).is_ok());
    assert!(Rfm::from_text(&text(i64::MAX as u64 + 1)).is_err());
}
