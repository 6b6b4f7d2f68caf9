//! Counts of labels, and of pairs of labels: how many customers each tier has, and how many went from
//! one tier to another.

use allocator_api2::alloc::{Allocator, Global};
use allocator_api2::vec::Vec;
use hashbrown::{DefaultHashBuilder, HashMap};
use serde::{Deserialize, Serialize};

use crate::aggregate::codec::{Reader, Writer};
use crate::aggregate::value_type::{Mergeable, Textual, contradiction, from_json, sum_of_counts};
use crate::error::{Error, ErrorKind, Result};
use crate::limits::TALLY_TIERS;

/// What separates the labels of a key: no UTF-8 text has this byte.
const SEPARATOR: u8 = 0xff;

/// What a missing label is in a key.
const ABSENT: u8 = 0xfe;

/// The labels of a key: one for a mix of tiers, two for a migration. `None` is a customer who was not
/// there before, or is not any more.
pub type Labels<'t, const N: usize> = [Option<&'t str>; N];

/// Counts by `N` labels.
///
/// ```
/// use allocator_api2::alloc::Global;
/// use customer_tiering_engine::aggregate::tally::Tally;
///
/// # fn main() -> customer_tiering_engine::Result<()> {
/// let mut moves = Tally::<2>::new(Global);
/// moves.add([Some(b"gold"), Some(b"silver")])?;
/// moves.add([Some(b"gold"), Some(b"silver")])?;
/// moves.add([None, Some(b"gold")])?;
/// assert_eq!(moves.counts().iter().map(|(_, count)| *count).collect::<Vec<_>>(), [1, 2]);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Tally<const N: usize, A: Allocator + Clone = Global> {
    counts: HashMap<Vec<u8, A>, u64, DefaultHashBuilder, A>,
    /// The key of the customer at hand, its memory used again and again.
    key: Vec<u8, A>,
    /// The sum of the counts. A value of many labels is read label by label: it must not be added up for each.
    total: u64,
}

impl<const N: usize, A: Allocator + Clone> Tally<N, A> {
    const TAG: u8 = b'0' + N as u8;

    /// Nothing counted yet.
    pub fn new(memory: A) -> Self {
        Tally { counts: HashMap::new_in(memory.clone()), key: Vec::new_in(memory), total: 0 }
    }

    /// Counts one customer.
    ///
    /// # Errors
    ///
    /// `TooLarge` beyond [`TALLY_TIERS`] different keys.
    #[inline]
    pub fn add(&mut self, labels: [Option<&[u8]>; N]) -> Result<()> {
        self.key.clear();
        for (place, label) in labels.into_iter().enumerate() {
            if place > 0 {
                self.key.push(SEPARATOR);
            }
            match label {
                Some(label) => self.key.extend_from_slice(label),
                None => self.key.push(ABSENT),
            }
        }
        match self.counts.get_mut(&self.key) {
            Some(count) => *count += 1,
            None => self.insert(1)?,
        }
        self.total += 1;
        Ok(())
    }

    #[cold]
    fn insert(&mut self, count: u64) -> Result<()> {
        if self.counts.len() >= TALLY_TIERS {
            return Err(Error::new(ErrorKind::TooLarge, format!("more than {TALLY_TIERS} different tiers"))
                .detail(format!("The last one was {:?}.", String::from_utf8_lossy(&self.key)))
                .hint("Pass the tier of each customer, not something that each customer has of its own."));
        }
        self.counts.insert(self.key.clone(), count);
        Ok(())
    }

    /// The counts, ordered by their labels.
    pub fn counts(&self) -> std::vec::Vec<(Labels<'_, N>, u64)> {
        let mut counts: std::vec::Vec<(Labels<'_, N>, u64)> =
            self.counts.iter().map(|(key, count)| (labels(key), *count)).collect();
        counts.sort_unstable();
        counts
    }

    /// How many customers.
    pub fn total(&self) -> u64 {
        self.total
    }

    fn put(&mut self, labels: [Option<&str>; N], count: u64) -> std::result::Result<(), &'static str> {
        if count == 0 || labels.iter().all(Option::is_none) {
            return Err("A count is zero, or of nobody");
        }
        let Ok(total) = sum_of_counts(self.total, count) else { return Err("There are too many customers") };
        let before = self.counts.len();
        self.add(labels.map(|label| label.map(str::as_bytes))).map_err(|_| "There are too many labels")?;
        if self.counts.len() == before {
            return Err("Labels are there twice");
        }
        if let Some(own) = self.counts.get_mut(&self.key) {
            *own = count;
        }
        self.total = total;
        Ok(())
    }
}

fn labels<const N: usize>(key: &[u8]) -> Labels<'_, N> {
    let mut parts = key.split(|byte| *byte == SEPARATOR);
    [(); N].map(|()| match parts.next() {
        None | Some([ABSENT]) => None,
        Some(label) => core::str::from_utf8(label).ok(),
    })
}

impl<const N: usize, A: Allocator + Clone> Mergeable<A> for Tally<N, A> {
    const WHAT: &'static str = if N == 1 { "tier mix" } else { "migration" };

    fn copy(&self, memory: A) -> Self {
        let mut copy = Tally::new(memory.clone());
        for (key, count) in &self.counts {
            let mut own = Vec::with_capacity_in(key.len(), memory.clone());
            own.extend_from_slice(key);
            copy.counts.insert(own, *count);
        }
        copy.total = self.total;
        copy
    }

    fn merge(&mut self, other: &Self) -> Result<()> {
        self.total = sum_of_counts(self.total, other.total)?;
        for (key, count) in &other.counts {
            match self.counts.get_mut(key) {
                Some(own) => *own += count,
                None => {
                    self.key.clear();
                    self.key.extend_from_slice(key);
                    self.insert(*count)?;
                }
            }
        }
        Ok(())
    }

    fn encode(&self) -> std::vec::Vec<u8> {
        let mut writer = Writer::new(Self::TAG);
        writer.unsigned(self.counts.len() as u128);
        for (labels, count) in self.counts() {
            for label in labels {
                writer.byte(u8::from(label.is_some()));
                if let Some(label) = label {
                    writer.bytes(label.as_bytes());
                }
            }
            writer.unsigned(u128::from(count));
        }
        writer.finish()
    }

    fn decode(bytes: &[u8], memory: A) -> Result<Self> {
        let mut reader = Reader::new(bytes, Self::TAG, Self::WHAT)?;
        let mut tally = Tally::new(memory);
        let mut previous = None;
        for _ in 0..reader.length()? {
            let mut labels = [None; N];
            for label in &mut labels {
                *label = match reader.byte()? {
                    0 => None,
                    1 => Some(reader.text()?),
                    _ => return Err(reader.broken("a label is neither there nor not")),
                };
            }
            if previous.is_some_and(|previous| previous >= labels) {
                return Err(reader.broken("the labels are not ascending"));
            }
            let count = reader.fits()?;
            tally.put(labels, count).map_err(|why| reader.broken(why))?;
            previous = Some(labels);
        }
        reader.finish()?;
        Ok(tally)
    }
}

/// The text form.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
struct Plain {
    version: u8,
    counts: std::vec::Vec<(std::vec::Vec<Option<String>>, u64)>,
}

impl<const N: usize> Textual for Tally<N> {
    fn to_text(&self) -> String {
        let counts = self.counts().into_iter();
        let counts = counts.map(|(labels, n)| (labels.map(|label| label.map(str::to_owned)).to_vec(), n));
        crate::document::canonical(&Plain { version: 1, counts: counts.collect() })
    }

    fn from_text(text: &str) -> Result<Self> {
        let what = Self::WHAT;
        let plain: Plain = from_json(what, text)?;
        if plain.version != 1 {
            return Err(contradiction(what, "The version is not 1"));
        }
        let mut tally = Tally::new(Global);
        for (labels, count) in &plain.counts {
            let labels: [Option<&str>; N] = labels
                .iter()
                .map(Option::as_deref)
                .collect::<std::vec::Vec<_>>()
                .try_into()
                .map_err(|_| contradiction(what, "An entry has too few or too many labels"))?;
            tally.put(labels, *count).map_err(|why| contradiction(what, why))?;
        }
        Ok(tally)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    type Pair = (Option<String>, Option<String>);

    fn tally(pairs: &[Pair]) -> Tally<2> {
        let mut tally = Tally::new(Global);
        for (from, to) in pairs.iter().filter(|(from, to)| from.is_some() || to.is_some()) {
            tally.add([from.as_deref().map(str::as_bytes), to.as_deref().map(str::as_bytes)]).unwrap();
        }
        tally
    }

    fn pairs() -> impl Strategy<Value = std::vec::Vec<Pair>> {
        prop::collection::vec((prop::option::of("[A-C中]{0,2}"), prop::option::of("[A-C]")), 0..30)
    }

    proptest! {
        #[test]
        fn split_equals_whole(pairs in pairs(), at in 0_usize..30) {
            let (left, right) = pairs.split_at(at.min(pairs.len()));
            let mut merged = tally(left);
            merged.merge(&tally(right)).unwrap();
            prop_assert_eq!(merged.encode(), tally(&pairs).encode());
        }

        #[test]
        fn counts_are_those_of_the_pairs(pairs in pairs()) {
            for (labels, count) in tally(&pairs).counts() {
                let expected = pairs.iter().filter(|(from, to)| [from.as_deref(), to.as_deref()] == labels).count();
                prop_assert_eq!(count, expected as u64);
            }
        }

        #[test]
        fn bytes_and_text_round_trip(pairs in pairs()) {
            let value = tally(&pairs);
            let bytes = value.encode();
            prop_assert_eq!(Tally::<2>::decode(&bytes, Global).unwrap().encode(), bytes.clone());
            prop_assert_eq!(Tally::<2>::from_text(&value.to_text()).unwrap().encode(), bytes);
        }

        #[test]
        fn a_flipped_byte_is_refused_or_canonical(pairs in pairs(), at in any::<usize>(), flip in 1_u8..) {
            let mut bytes = tally(&pairs).encode();
            let at = at % bytes.len();
            bytes[at] ^= flip;
            if let Ok(value) = Tally::<2>::decode(&bytes, Global) {
                prop_assert_eq!(value.encode(), bytes);
            }
        }
    }
}
