//! The tiers of all elementary regions, in a table: within a region every value is graded alike, so that a customer
//! costs a search by input and one look-up, however many rules there are. Worth it only where many customers are
//! graded as of one day.

use crate::grade::as_of::AsOf;
use crate::grade::plan::Compiled;
use crate::grade::value::{NumberCut, OTHER_TEXT, Value};
use crate::scheme::InputType;
use crate::study::regions::Region;

/// The tiers of a scheme by region, as of one day.
#[derive(Debug)]
pub struct Cells {
    /// One per input.
    axes: Box<[Axis]>,
    tiers: Box<[u16]>,
}

/// How many cells a table has at most: with these it stays in the processor's cache.
const MOST: usize = 1 << 12;
/// The customer stays ungraded.
const UNGRADED: u16 = u16::MAX;
/// Grading says what is wrong.
const REFUSED: u16 = u16::MAX - 1;

/// From a value of one input to its share of the place in the table. A share beyond the table stands for values that
/// belong to no region.
#[derive(Debug)]
struct Axis {
    missing: usize,
    scale: Scale,
}

#[derive(Debug)]
enum Scale {
    /// Ascending cuts; shares by how many of them a value reaches plus how many it passes.
    Numbers {
        cuts: Box<[NumberCut]>,
        shares: Box<[usize]>,
        /// Whether the cuts differ as floats, too.
        floats: bool,
    },
    Days {
        cuts: Box<[i32]>,
        shares: Box<[usize]>,
    },
    /// By code; the last is that of texts that the scheme does not name.
    Texts(Box<[usize]>),
    Boolean {
        no: usize,
        yes: usize,
    },
}

impl Axis {
    #[inline]
    fn share(&self, value: Value) -> Option<usize> {
        match (&self.scale, value) {
            (_, Value::Missing) => Some(self.missing),
            (Scale::Numbers { cuts, shares, .. }, Value::Exact(key)) => {
                shares.get(reached(cuts, |cut| (key >= cut.key, key > cut.key))).copied()
            }
            (Scale::Numbers { cuts, shares, floats: true }, Value::Float(float)) => {
                shares.get(reached(cuts, |cut| (float >= cut.float, float > cut.float))).copied()
            }
            (Scale::Days { cuts, shares }, Value::Day(day)) => {
                shares.get(reached(cuts, |cut| (day >= *cut, day > *cut))).copied()
            }
            (Scale::Texts(shares), Value::Text(code)) => shares.get(code as usize).or(shares.last()).copied(),
            (Scale::Boolean { no, yes }, Value::Boolean(value)) => Some(if value { *yes } else { *no }),
            _ => None,
        }
    }
}

/// The cuts that a value reaches and those that it passes, together: even in the open, odd on a cut. Without
/// branches, since the values of customers follow no pattern.
#[inline]
fn reached<C>(cuts: &[C], compare: impl Fn(&C) -> (bool, bool)) -> usize {
    cuts.iter()
        .map(|cut| {
            let (reaches, passes) = compare(cut);
            usize::from(reaches) + usize::from(passes)
        })
        .sum()
}

impl Cells {
    /// The index of the tier, or that the customer stays ungraded; `None` if grading itself must say.
    #[inline]
    pub fn tier(&self, slots: &[Value]) -> Option<Option<usize>> {
        let mut place = 0;
        for (axis, slot) in self.axes.iter().zip(slots) {
            place += axis.share(*slot)?;
        }
        match *self.tiers.get(place)? {
            UNGRADED => Some(None),
            REFUSED => None,
            tier => Some(Some(usize::from(tier))),
        }
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
        let mut stride = 1;
        let axes = regions.iter().enumerate().map(|(input, regions)| {
            let axis = self.axis(input, as_of, regions, stride, count);
            stride *= regions.len() + 1;
            axis
        });
        let axes: Box<[Axis]> = axes.collect::<Option<_>>()?;
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
        Some(Cells { tiers: tiers.collect::<Option<_>>()?, axes })
    }

    /// `beyond` is a share that lies beyond the table.
    fn axis(
        &self,
        input: usize,
        as_of: &AsOf,
        regions: &[Region],
        stride: usize,
        beyond: usize,
    ) -> Option<Axis> {
        let share_of = |wanted: Value| {
            regions.iter().position(|region| region.value == wanted).map_or(beyond, |place| place * stride)
        };
        let slot = &self.inputs[input];
        let scale = match slot.kind {
            InputType::Text => {
                let codes = (0..slot.texts.len()).map(|code| share_of(Value::Text(code as u32)));
                let other = share_of(Value::Text(OTHER_TEXT));
                Scale::Texts(codes.chain([other]).collect())
            }
            InputType::Boolean => {
                Scale::Boolean { no: share_of(Value::Boolean(false)), yes: share_of(Value::Boolean(true)) }
            }
            InputType::Number | InputType::Integer | InputType::Date => {
                let cuts = self.cuts(input, as_of);
                let mut shares = vec![beyond; 2 * cuts.len() + 1];
                for (place, region) in regions.iter().enumerate() {
                    let at = |edge: i128| cuts.iter().position(|cut| cut.key == edge);
                    let reached = match (region.low, region.high) {
                        (Some((low, true)), Some((high, true))) if low == high => 2 * at(low)? + 1,
                        (_, Some((high, _))) => 2 * at(high)?,
                        (_, None) => 2 * cuts.len(),
                    };
                    shares[reached] = place * stride;
                }
                let shares = shares.into();
                match slot.kind {
                    InputType::Date => {
                        Scale::Days { cuts: cuts.iter().map(|cut| cut.key as i32).collect(), shares }
                    }
                    InputType::Number | InputType::Integer | InputType::Text | InputType::Boolean => {
                        let floats = cuts.windows(2).all(|pair| pair[0].float < pair[1].float);
                        Scale::Numbers { cuts: cuts.into(), shares, floats }
                    }
                }
            }
        };
        Some(Axis { missing: regions.len() * stride, scale })
    }
}
