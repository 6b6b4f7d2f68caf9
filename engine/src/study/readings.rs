//! What an aggregate over customers takes of one of them, as bytes: who has the scheme makes them, and who gathers them need not have it.

use allocator_api2::alloc::Allocator;

use crate::aggregate::codec::Writer;
use crate::aggregate::value_type::Mergeable;
use crate::error::Result;
use crate::grade::Compiled;
use crate::grade::as_of::{AsOf, Sheet};

/// Eight bytes, as [`Writer::word`] writes them.
pub type Word = [u8; 8];

/// A state that gathers readings of customers.
pub trait FromReadings<A: Allocator + Clone>: Mergeable<A> {
    /// What the bytes of its readings begin with.
    const READING: u8;

    /// What is looked up once per scheme.
    type Plan;

    /// How many figures the state has of a scheme.
    fn figures_of(plan: &Self::Plan) -> usize;

    /// Before the first customer, with so many figures.
    fn nobody(figures: usize, memory: A) -> Self;

    /// How many figures it has.
    fn figures(&self) -> usize;

    /// Writes what the customer in the sheet gives, as words. What was written does not count if there is an error.
    ///
    /// # Errors
    ///
    /// Those of the aggregate.
    fn write(
        scheme: &Compiled,
        plan: &Self::Plan,
        as_of: &AsOf,
        sheet: &mut Sheet,
        writer: &mut Writer,
    ) -> Result<()>;

    /// Takes note of the customer of whom this was written for as many figures. False for anything else, which may come from anywhere.
    ///
    /// # Errors
    ///
    /// Those of the state.
    fn add_reading(&mut self, words: &[Word]) -> Result<bool>;

    /// The same where nothing is to be made for it. False if there is more to do, and nothing was done. It does not panic.
    fn add_known(&mut self, words: &[Word]) -> bool;
}

#[cfg(test)]
mod tests {
    use allocator_api2::alloc::Global;
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;
    use crate::grade::value::Value;
    use crate::study::fit::{Fitting, Targets};
    use crate::study::population::{Headcount, Places};

    fn scheme() -> Compiled {
        Compiled::parse(
            r#"{"scheme": "two", "inputs": [{"name": "value", "type": "number"}],
            "characteristics": [{"name": "class", "input": "value", "bins": [{"code": "A", "gte": 3}, {"code": "B", "lt": 3}], "fit": {"share_of": "customers", "cuts": [0.2]}},
                {"name": "half", "input": "value", "bins": [{"code": "1", "gte": 5}, {"code": "0", "lt": 5}], "fit": {"share_of": "customers", "parts": 2}}],
            "decision": {"method": "bands", "characteristic": "class"}, "tiers": [{"code": "A"}, {"code": "B"}]}"#,
        )
        .unwrap()
    }

    /// What is gathered of customers by their readings, every second time in the quick way, and what `add` makes of them.
    fn both<S: FromReadings<Global>>(
        plan: &S::Plan,
        mut whole: S,
        values: &[Option<f64>],
        add: impl Fn(&mut S, &AsOf, &mut Sheet) -> Result<()>,
    ) -> [Vec<u8>; 2] {
        let scheme = scheme();
        let (as_of, mut sheet) = (scheme.as_of_date(date(2026, 1, 1)), scheme.sheet());
        let mut gathered = S::nobody(S::figures_of(plan), Global);
        for (place, value) in values.iter().enumerate() {
            sheet.slots[0] = value.map_or(Value::Missing, Value::Float);
            let mut writer = Writer::new(S::READING);
            let start = writer.collected().len();
            S::write(&scheme, plan, &as_of, &mut sheet, &mut writer).unwrap();
            let (words, rest) = writer.collected()[start..].as_chunks();
            assert!(rest.is_empty());
            assert!((place % 2 == 0 && gathered.add_known(words)) || gathered.add_reading(words).unwrap());
            sheet.slots[0] = value.map_or(Value::Missing, Value::Float);
            add(&mut whole, &as_of, &mut sheet).unwrap();
        }
        assert_eq!(gathered.figures(), whole.figures());
        [gathered.encode(), whole.encode()]
    }

    proptest! {
        #[test]
        fn readings_give_what_customers_give(values in prop::collection::vec(prop::option::of(-9.0..9.0), 0..200)) {
            let scheme = scheme();
            let targets = Targets::of(&scheme).unwrap();
            let fits = Fitting::new(&scheme, Global).unwrap();
            let [gathered, whole] = both(&targets, fits, &values, |fitting, as_of, sheet| fitting.add(&scheme, &targets, as_of, sheet));
            prop_assert_eq!(gathered, whole);
            let counts = Headcount::new(&scheme, Global);
            let [gathered, whole] = both(&Places::of(&scheme).unwrap(), counts, &values, |census, as_of, sheet| census.add(&scheme, as_of, sheet));
            prop_assert_eq!(gathered, whole);
        }

        #[test]
        fn any_words_are_taken_whole_or_refused(words in prop::collection::vec(prop::array::uniform8(any::<u8>()), 0..4), figures in 0_usize..4) {
            let mut fitting = Fitting::nobody(figures, Global);
            let before = fitting.encode();
            let taken = fitting.add_known(&words) || fitting.add_reading(&words).unwrap();
            prop_assert_eq!(fitting.customers(), u64::from(taken));
            prop_assert!(taken || fitting.encode() == before);
            let mut census = Headcount::nobody(figures, Global);
            let before = census.encode();
            let taken = census.add_known(&words) || census.add_reading(&words).unwrap();
            prop_assert_eq!(census.customers(), u64::from(taken));
            prop_assert!(taken || census.encode() == before);
            prop_assert!(Headcount::decode(&census.encode(), Global).is_ok());
        }

        #[test]
        fn nobody_is_counted_twice_in_a_place(places in prop::collection::vec(0_u64..4, 0..4)) {
            let words: Vec<Word> = places.iter().map(|place| place.to_le_bytes()).collect();
            let mut census = Headcount::nobody(4, Global);
            let ascend = !places.is_empty() && places.is_sorted_by(|one, next| one < next);
            prop_assert_eq!(census.add_known(&words), ascend);
            prop_assert!(Headcount::decode(&census.encode(), Global).is_ok());
        }
    }
}
