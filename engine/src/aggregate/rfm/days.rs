//! Days, ascending: a few of them beside each other in the value itself, so that nothing else has to be fetched from memory.

use allocator_api2::alloc::Allocator;
use allocator_api2::vec::Vec;

/// How many days after the first the value itself holds: as many as make it as large as a list with its allocator.
const FEW: usize = 27;

/// A set of days since 1970-01-01.
#[derive(Debug, Clone)]
#[repr(C)]
pub struct Days<A: Allocator + Clone> {
    /// Later than the last while there is none.
    first: i32,
    last: i32,
    all: All<A>,
}

#[derive(Debug, Clone)]
enum All<A: Allocator + Clone> {
    /// So many days after the first, by their distance from it.
    Few { memory: A, count: u8, distances: [u16; FEW] },
    /// All of them.
    Many(Vec<i32, A>),
}

impl<A: Allocator + Clone> Days<A> {
    /// No day.
    pub fn new(memory: A) -> Self {
        Days { first: i32::MAX, last: i32::MIN, all: All::Few { memory, count: 0, distances: [0; FEW] } }
    }

    /// Of ascending days; `None` if they do not ascend.
    pub fn ascending(days: impl IntoIterator<Item = i32>, memory: A) -> Option<Self> {
        let mut all = Days::new(memory);
        days.into_iter().all(|day| all.append(day)).then_some(all)
    }

    /// Adds a day after the last; false if it is not later.
    pub fn append(&mut self, day: i32) -> bool {
        let later = self.last().is_none_or(|last| day > last);
        if later {
            self.add(day);
        }
        later
    }

    /// Adds a day, if it is not there.
    #[inline]
    pub fn add(&mut self, day: i32) {
        if day == self.last && !self.is_empty() {
            return;
        }
        match &mut self.all {
            // the next of few
            All::Few { count, distances, .. } if day > self.last && self.first <= self.last => {
                let distance = u16::try_from(day.wrapping_sub(self.first) as u32);
                if let (Ok(distance), Some(place)) = (distance, distances.get_mut(usize::from(*count))) {
                    *place = distance;
                    *count += 1;
                    self.last = day;
                    return;
                }
            }
            All::Many(days) if day > self.last => {
                days.push(day);
                self.last = day;
                return;
            }
            All::Few { .. } | All::Many(_) => {}
        }
        self.insert(day);
    }

    /// Adds the first day, one before the last, or one more than few.
    #[cold]
    fn insert(&mut self, day: i32) {
        if self.is_empty() {
            (self.first, self.last) = (day, day);
            return;
        }
        if let All::Few { memory, count, distances } = &mut self.all {
            let known = &distances[..usize::from(*count)];
            let place = match day.checked_sub(self.first) {
                Some(0) => return,
                Some(distance @ 1..) => {
                    match known.binary_search_by(|known| i32::from(*known).cmp(&distance)) {
                        Ok(_) => return,
                        Err(place) => place,
                    }
                }
                // before the first, from which all distances are then counted
                _ => 0,
            };
            let first = self.first.min(day);
            let shift = self.first.abs_diff(first);
            let farthest = self.last.max(day).abs_diff(first);
            if usize::from(*count) < FEW && farthest <= u32::from(u16::MAX) {
                distances.copy_within(place..usize::from(*count), place + 1);
                // the one that was the first, or the new one, not yet shifted
                distances[place] = if shift > 0 { 0 } else { day.abs_diff(first) as u16 };
                *count += 1;
                for distance in &mut distances[..usize::from(*count)] {
                    *distance += shift as u16;
                }
                (self.first, self.last) = (first, self.last.max(day));
                return;
            }
            let mut days = Vec::with_capacity_in(2 * (FEW + 1), memory.clone());
            days.push(self.first);
            days.extend(known.iter().map(|distance| self.first + i32::from(*distance)));
            self.all = All::Many(days);
        }
        if let All::Many(days) = &mut self.all
            && let Err(place) = days.binary_search(&day)
        {
            days.insert(place, day);
            (self.first, self.last) = (self.first.min(day), self.last.max(day));
        }
    }

    /// The same in other memory.
    pub fn copy(&self, memory: A) -> Self {
        let all = match &self.all {
            All::Few { count, distances, .. } => All::Few { memory, count: *count, distances: *distances },
            All::Many(days) => {
                let mut copy = Vec::with_capacity_in(days.len(), memory);
                copy.extend_from_slice(days);
                All::Many(copy)
            }
        };
        Days { first: self.first, last: self.last, all }
    }

    /// Adds the days of another one.
    pub fn merge(&mut self, other: &Self) {
        match &mut self.all {
            All::Many(days) if other.len() > FEW => {
                // both ascend, which the sort takes advantage of
                days.extend(other.iter());
                days.sort();
                days.dedup();
                (self.first, self.last) = (self.first.min(other.first), self.last.max(other.last));
            }
            // One by one: a pass over many days would be made for a few, mostly of known days.
            All::Few { .. } | All::Many(_) => other.iter().for_each(|day| self.add(day)),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.first > self.last
    }

    /// How many.
    pub fn len(&self) -> usize {
        match &self.all {
            All::Few { count, .. } => usize::from(*count) + usize::from(!self.is_empty()),
            All::Many(days) => days.len(),
        }
    }

    /// The first one.
    #[inline]
    pub fn first(&self) -> Option<i32> {
        (!self.is_empty()).then_some(self.first)
    }

    /// The last one.
    #[inline]
    pub fn last(&self) -> Option<i32> {
        (!self.is_empty()).then_some(self.last)
    }

    /// All of them, ascending.
    pub fn iter(&self) -> impl Iterator<Item = i32> {
        (0..self.len()).map(|place| self.at(place))
    }

    /// The one at a place below [`Days::len`].
    fn at(&self, place: usize) -> i32 {
        match &self.all {
            All::Few { distances, .. } => match place.checked_sub(1) {
                Some(after) => self.first + i32::from(distances[after]),
                None => self.first,
            },
            All::Many(days) => days[place],
        }
    }

    /// How many are not after a day.
    pub fn count_until(&self, day: i32) -> usize {
        match &self.all {
            All::Few { .. } => self.iter().take_while(|known| *known <= day).count(),
            All::Many(days) => days.partition_point(|known| *known <= day),
        }
    }

    /// The last one that is not after a day.
    pub fn last_until(&self, day: i32) -> Option<i32> {
        self.count_until(day).checked_sub(1).map(|place| self.at(place))
    }

    /// Whether there is one from a day to before another.
    pub fn any_between(&self, from: i32, until: i32) -> bool {
        until > i32::MIN && self.last_until(until - 1).is_some_and(|last| last >= from)
    }
}
