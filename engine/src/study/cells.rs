//! The tiers of all elementary regions, in a table: within a region every value is graded alike, so that a customer
//! costs a search by input and one look-up, however many rules there are. Worth it only where many customers are
//! graded as of one day.

use crate::grade::as_of::AsOf;
use crate::grade::plan::Compiled;
use crate::grade::value::{InputSlot, NumberCut, OTHER_TEXT, OnMissing, Value};
use crate::number;
use crate::scheme::InputType;
use crate::study::regions::Region;
use crate::study::steps::Steps;
use crate::time::date::{FIRST_DAY, LAST_DAY};

/// The tiers of a scheme by region, as of one day.
#[derive(Debug)]
pub struct Cells {
    /// One per input.
    axes: Box<[Axis]>,
    tiers: Box<[u16]>,
}

/// From how many regions a table is made at most: with so many it stays in the processor's cache.
const MOST: usize = 1 << 12;
/// The share of a value that belongs to no region: it lies beyond every table, and so does any sum with it.
pub const BEYOND: u32 = 1 << 16;
/// The customer stays ungraded.
const UNGRADED: u16 = u16::MAX;
/// Grading says what is wrong.
const REFUSED: u16 = u16::MAX - 1;

/// From a value of one input to its share of the place in the table.
#[derive(Debug)]
pub struct Axis {
    /// The share of a missing value.
    pub missing: u32,
    /// The shares of the others.
    pub scale: Scale,
}

/// The shares of the values of an input, by its type.
#[derive(Debug)]
pub enum Scale {
    /// Numbers.
    Numbers(Numbers),
    /// Days since 1970; beyond the calendar lies nothing.
    Days(Steps<i32>),
    /// Texts.
    Texts(Texts),
    /// Truth values.
    Boolean {
        /// The share of false.
        no: u32,
        /// The share of true.
        yes: u32,
    },
}

/// The shares of numbers, however they come.
#[derive(Debug)]
pub struct Numbers {
    /// By key.
    keys: Steps<i128>,
    /// Whole numbers.
    pub wholes: Steps<i64>,
    /// Numbers as [`short_key`] makes them; beyond all where one has to be read, as it lies near a cut that has more digits. `None` where only
    /// whole numbers are due, or cuts lie too near to each other.
    pub short: Option<Steps<i64>>,
    /// Doubles, finite ones; `None` where only whole numbers are due, or bounds do not differ as doubles.
    pub floats: Option<Steps<f64>>,
    /// Doubles that were found to be whole.
    whole_floats: Option<Steps<f64>>,
}

/// The shares of texts.
#[derive(Debug, Clone)]
pub struct Texts {
    named: Box<[Named]>,
    other: u32,
}

#[derive(Debug, Clone)]
struct Named {
    ends: Ends,
    share: u32,
    text: Box<[u8]>,
}

/// The length of a text and what it begins and ends with: all that is to say of one of up to 16 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Ends {
    length: usize,
    begin: u64,
    end: u64,
}

impl Ends {
    #[inline(always)]
    fn of(text: &[u8]) -> Ends {
        let (begin, end) = match (text.first_chunk(), text.last_chunk()) {
            (Some(begin), Some(end)) => (u64::from_ne_bytes(*begin), u64::from_ne_bytes(*end)),
            _ => match (text.first_chunk(), text.last_chunk()) {
                (Some(begin), Some(end)) => {
                    (u32::from_ne_bytes(*begin).into(), u32::from_ne_bytes(*end).into())
                }
                _ => match (text.first_chunk(), text.last_chunk()) {
                    (Some(begin), Some(end)) => {
                        (u16::from_ne_bytes(*begin).into(), u16::from_ne_bytes(*end).into())
                    }
                    _ => (text.first().copied().unwrap_or_default().into(), 0),
                },
            },
        };
        Ends { length: text.len(), begin, end }
    }

    #[inline(always)]
    fn same(self, other: Ends) -> bool {
        (self.length == other.length) & (self.begin == other.begin) & (self.end == other.end)
    }
}

impl Texts {
    fn new(named: impl Iterator<Item = (Box<[u8]>, u32)>, other: u32) -> Self {
        let named = named.map(|(text, share)| Named { ends: Ends::of(&text), share, text });
        Texts { named: named.collect(), other }
    }

    /// The share of a text.
    #[inline(always)]
    pub fn share(&self, text: &[u8]) -> u32 {
        const SHORT: usize = 16;
        const FEW: usize = 16;
        let ends = Ends::of(text);
        if text.len() <= SHORT && self.named.len() <= FEW {
            // at most one is the same
            let share = |share, named: &Named| if named.ends.same(ends) { named.share } else { share };
            return self.named.iter().fold(self.other, share);
        }
        let named = self.named.iter().find(|named| named.ends.same(ends) && *named.text == *text);
        named.map_or(self.other, |named| named.share)
    }
}

impl Axis {
    /// The share of a value.
    #[inline]
    pub fn share(&self, value: Value) -> u32 {
        match (&self.scale, value) {
            (_, Value::Missing) => self.missing,
            (Scale::Numbers(numbers), Value::Exact(key)) => numbers.keys.share(key),
            (Scale::Numbers(Numbers { whole_floats: Some(floats), .. }), Value::Float(float)) => {
                floats.share(float)
            }
            (Scale::Days(days), Value::Day(day)) => days.share(day),
            (Scale::Texts(texts), Value::Text(code)) => {
                texts.named.get(code as usize).map_or(texts.other, |named| named.share)
            }
            (Scale::Boolean { no, yes }, Value::Boolean(value)) => {
                if value {
                    *yes
                } else {
                    *no
                }
            }
            _ => BEYOND,
        }
    }
}

impl Cells {
    /// The index of the tier, or that the customer stays ungraded; `None` if grading itself must say.
    #[inline]
    pub fn tier(&self, slots: &[Value]) -> Option<Option<usize>> {
        self.at(self.axes.iter().zip(slots).map(|(axis, slot)| axis.share(*slot)).sum())
    }

    /// The same at the sum of the shares of all inputs.
    #[inline]
    pub fn at(&self, place: u32) -> Option<Option<usize>> {
        match *self.tiers.get(place as usize)? {
            UNGRADED => Some(None),
            REFUSED => None,
            tier => Some(Some(usize::from(tier))),
        }
    }

    /// The shares of an input.
    pub fn axis(&self, input: usize) -> &Axis {
        &self.axes[input]
    }
}

/// The places of a table along one input: which regions are graded alike, whatever the other inputs hold.
struct Alike {
    /// By region, the missing value last.
    class: Vec<usize>,
    /// A region of each class.
    first: Vec<usize>,
}

impl Alike {
    /// Of the input whose regions lie `stride` places apart.
    fn new(tiers: &[u16], stride: usize, regions: usize) -> Self {
        let block = stride * regions;
        let same = |one: usize, other: usize| {
            tiers.chunks(block).all(|block| {
                block[one * stride..(one + 1) * stride] == block[other * stride..(other + 1) * stride]
            })
        };
        let mut alike = Alike { class: Vec::with_capacity(regions), first: Vec::new() };
        for region in 0..regions {
            let known = alike.first.iter().position(|first| same(*first, region));
            alike.class.push(known.unwrap_or(alike.first.len()));
            if known.is_none() {
                alike.first.push(region);
            }
        }
        alike
    }
}

impl Compiled {
    /// The tiers of all regions as of a day; `None` if they are too many for a table.
    pub fn cells(&self, as_of: &AsOf) -> Option<Cells> {
        let mut regions = Vec::with_capacity(self.inputs.len());
        let mut count = 1;
        for input in 0..self.inputs.len() {
            let mut values: Vec<Region> = self.regions(input, as_of);
            values.retain(|region| region.value != Value::Missing);
            count *= values.len() + 1;
            if count > MOST {
                return None;
            }
            regions.push(values);
        }
        let mut sheet = self.sheet();
        let tiers = (0..count).map(|place| {
            let mut rest = place;
            for (slot, regions) in sheet.slots.iter_mut().zip(&regions) {
                // the last place of an input is that of the missing value
                *slot = regions.get(rest % (regions.len() + 1)).map_or(Value::Missing, |region| region.value);
                rest /= regions.len() + 1;
            }
            match self.tier(as_of, &mut sheet) {
                Ok(Some(tier)) => u16::try_from(tier).ok().filter(|tier| *tier < REFUSED),
                Ok(None) => Some(UNGRADED),
                Err(_) => Some(REFUSED),
            }
        });
        let mut tiers: Vec<u16> = tiers.collect::<Option<_>>()?;
        let (mut axes, mut stride) = (Vec::with_capacity(regions.len()), 1);
        for (input, regions) in regions.iter().enumerate() {
            let alike = Alike::new(&tiers, stride, regions.len() + 1);
            let share = |region: usize| (alike.class[region] * stride) as u32;
            axes.push(Axis {
                missing: share(regions.len()),
                scale: scale(&self.inputs[input], &self.cuts(input, as_of), regions, share)?,
            });
            // what is left has one place for each class
            let blocks = tiers.chunks(stride * (regions.len() + 1));
            let kept = blocks.flat_map(|block| {
                alike.first.iter().flat_map(|first| &block[first * stride..(first + 1) * stride])
            });
            tiers = kept.copied().collect();
            stride *= alike.first.len();
        }
        Some(Cells { axes: axes.into(), tiers: tiers.into() })
    }
}

impl Compiled {
    /// By characteristic, the input that it reads, with its bins as shares; then each input that none reads. A value that cannot be graded,
    /// or leaves the customer ungraded, has a share beyond all bins. `None` if values have to be read.
    pub fn bin_axes(&self, as_of: &AsOf) -> Option<Vec<(usize, Axis)>> {
        let unread = |input: &usize| self.binnings.iter().all(|binning| binning.input != *input);
        let unread = (0..self.inputs.len()).filter(unread).map(|input| (input, None));
        let read = self.binnings.iter().map(|binning| (binning.input, Some(binning)));
        let axes = read.chain(unread).map(|(input, binning)| {
            let slot = &self.inputs[input];
            let bin = |value: Value| match binning {
                Some(binning) => binning.bin(as_of, value).map_or(BEYOND, u32::from),
                None => 0,
            };
            let mut regions = self.regions(input, as_of);
            regions.retain(|region| region.value != Value::Missing);
            let missing = match slot.on_missing {
                OnMissing::Null => bin(Value::Missing),
                OnMissing::Default(value) => bin(value),
                OnMissing::Error | OnMissing::Ungraded => BEYOND,
            };
            let share = |region: usize| bin(regions[region].value);
            Some((input, Axis { missing, scale: scale(slot, &self.cuts(input, as_of), &regions, share)? }))
        });
        axes.collect()
    }
}

/// The scale of an input that is cut in these places, from the shares of its regions.
fn scale(
    slot: &InputSlot,
    cuts: &[NumberCut],
    regions: &[Region],
    share: impl Fn(usize) -> u32,
) -> Option<Scale> {
    let of = |wanted: Value| regions.iter().position(|region| region.value == wanted).map_or(BEYOND, &share);
    match slot.kind {
        InputType::Text => {
            let named = slot.texts.iter().enumerate();
            let named = named.map(|(code, text)| (text.as_bytes().into(), of(Value::Text(code as u32))));
            Some(Scale::Texts(Texts::new(named, of(Value::Text(OTHER_TEXT)))))
        }
        InputType::Boolean => {
            Some(Scale::Boolean { no: of(Value::Boolean(false)), yes: of(Value::Boolean(true)) })
        }
        InputType::Number | InputType::Integer | InputType::Date => {
            // between the cuts and on them, in turns
            let mut shares = vec![BEYOND; 2 * cuts.len() + 1];
            for (place, region) in regions.iter().enumerate() {
                let at = |edge: i128| cuts.iter().position(|cut| cut.key == edge);
                let between = match (region.low, region.high) {
                    (Some((low, true)), Some((high, true))) if low == high => 2 * at(low)? + 1,
                    (_, Some((high, _))) => 2 * at(high)?,
                    (_, None) => 2 * cuts.len(),
                };
                shares[between] = share(place);
            }
            if slot.kind.is_date() {
                return days(cuts, &shares);
            }
            let keys: Vec<i128> = cuts.iter().flat_map(|cut| [cut.key, cut.key + 1]).collect();
            let keys = Steps::new(&keys, &shares);
            let ascending = cuts.windows(2).all(|pair| pair[0].float < pair[1].float);
            let floats = ascending.then(|| {
                let bounds: Vec<f64> = cuts.iter().flat_map(|cut| [cut.float, cut.float.next_up()]).collect();
                Steps::new(&bounds, &shares)
            });
            let whole = slot.kind.is_whole();
            let short = || {
                let (mut bounds, mut shares) = (Vec::with_capacity(2 * cuts.len()), shares.clone());
                for (place, cut) in cuts.iter().enumerate() {
                    let (bound, on) = short_bound(cut.key)?;
                    bounds.extend([bound, bound + 1]);
                    if !on {
                        shares[2 * place + 1] = BEYOND;
                    }
                }
                bounds.is_sorted().then(|| Steps::new(&bounds, &shares))
            };
            Some(Scale::Numbers(Numbers {
                wholes: keys.of_wholes(),
                short: if whole { None } else { short() },
                floats: floats.clone().filter(|_| !whole),
                whole_floats: floats,
                keys,
            }))
        }
    }
}

/// What stands for a number of at most twelve digits before the point: twice its ten-thousandths, and one more if it
/// has further digits, away from zero. It lies between two others then, as its key does ([`key`](number::key)).
#[inline(always)]
pub fn short_key(negative: bool, ten_thousandths: i64, beyond: bool) -> i64 {
    let magnitude = 2 * ten_thousandths + i64::from(beyond);
    if negative { -magnitude } else { magnitude }
}

/// The least short key that does not lie below a cut, and whether it is that of the cut alone; else it is that of numbers on both sides, which
/// have to be read. `None` if the cut lies too far out.
fn short_bound(key: i128) -> Option<(i64, bool)> {
    let unit = number::integer_key(1) / 10_000;
    let at = i64::try_from(key.div_euclid(unit)).ok().filter(|at| at.unsigned_abs() < 1 << 61)?;
    let on = key.rem_euclid(unit) == 0;
    Some((2 * at + i64::from(!on), on))
}

/// The days of the calendar, cut in these places.
fn days(cuts: &[NumberCut], shares: &[u32]) -> Option<Scale> {
    let cuts = cuts.iter().map(|cut| cut.key as i32);
    let bounds = cuts.flat_map(|cut| [cut, cut + 1]);
    let bounds: Vec<i32> = [FIRST_DAY].into_iter().chain(bounds).chain([LAST_DAY + 1]).collect();
    let shares: Vec<u32> = [BEYOND].iter().chain(shares).chain(&[BEYOND]).copied().collect();
    bounds.is_sorted().then(|| Scale::Days(Steps::new(&bounds, &shares)))
}
