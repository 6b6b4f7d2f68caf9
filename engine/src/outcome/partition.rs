//! The bins that tell most of an outcome: of all ways to take neighbouring fine bins together, one with the largest
//! information value, exactly, by dynamic programming.

use super::evidence::Split;
use crate::error::Result;

/// What a partition must keep to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Terms {
    /// At most so many bins.
    pub most: usize,
    /// At least so many customers in each, by weight.
    pub least: f64,
    /// Whether the rate of the outcome never falls from bin to bin, or never rises; `None`: it goes as it will.
    pub rising: Option<bool>,
}

/// What is less than this is no gain: what rounding does to sums of many terms.
const NO_GAIN: f64 = 1e-12;

/// Where each bin ends: how many fine bins it and those before it have; the last has all. Fine bins are given in the
/// order of their values, and every one has customers. Each bin has customers with the outcome and others, and `least`
/// of them, unless it is the only one. Of partitions that tell the same, it is one with the fewest bins.
///
/// `interrupted` is called now and then and may stop the search with an error.
///
/// # Errors
///
/// Those of `interrupted`.
pub fn partition(
    fine: &[Split],
    whole: Split,
    terms: Terms,
    interrupted: &mut dyn FnMut() -> Result<()>,
) -> Result<Vec<usize>> {
    let found = Search::new(fine, whole, terms).run(interrupted)?;
    Ok(found.unwrap_or_else(|| vec![fine.len()]))
}

/// A bin that ends somewhere: what it and the best bins before it tell, and where it begins.
#[derive(Debug, Clone, Copy)]
struct Last {
    rate: f64,
    value: f64,
    begins: u32,
    /// Which of the bins that end where this one begins stands before it.
    before: u32,
}

struct Search {
    /// The customers of the first so many fine bins.
    sums: Vec<Split>,
    whole: Split,
    terms: Terms,
}

impl Search {
    fn new(fine: &[Split], whole: Split, terms: Terms) -> Search {
        let mut sums = vec![Split::default()];
        for bin in fine {
            sums.push(sums[sums.len() - 1] + *bin);
        }
        Search { sums, whole, terms }
    }

    /// A bin of the fine bins from one to before another, if that may be one.
    fn bin(&self, from: usize, to: usize) -> Option<Split> {
        let bin = self.sums[to] - self.sums[from];
        // A hair, for what rounding does to a share of a sum.
        (bin.has_both() && bin.all() >= self.terms.least * (1.0 - NO_GAIN)).then_some(bin)
    }

    /// The ends of the best partition, if there is any.
    fn run(&self, interrupted: &mut dyn FnMut() -> Result<()>) -> Result<Option<Vec<usize>>> {
        let n = self.sums.len() - 1;
        // Of falling rates the negatives rise; without a trend all count as equal.
        let rate = |bin: Split| match self.terms.rising {
            Some(true) => bin.rate(),
            Some(false) => -bin.rate(),
            None => 0.0,
        };
        // By number of bins and end, the last bins in the order of their rates, each of which tells more than those before it.
        let mut layers: Vec<Vec<Vec<Last>>> = vec![vec![Vec::new(); n + 1]; self.terms.most.min(n)];
        // By end, the lowest rate of a bin that another one may stand behind; the first one stands behind none.
        let mut lowest = vec![f64::INFINITY; n + 1];
        lowest[0] = f64::NEG_INFINITY;
        let mut bins: Vec<(f64, f64, usize)> = Vec::new();
        for end in 1..=n {
            interrupted()?;
            // All that may end here, however many there are before them.
            bins.clear();
            bins.extend((0..end).rev().filter_map(|begins| {
                let bin = self.bin(begins, end)?;
                let rate = rate(bin);
                (lowest[begins] <= rate).then(|| (rate, bin.information(self.whole), begins))
            }));
            bins.sort_by(|one, other| one.0.total_cmp(&other.0));
            for count in 0..layers.len() {
                let mut lasts: Vec<Last> = Vec::new();
                for (rate, information, begins) in &bins {
                    let (before, so_far) = match count.checked_sub(1) {
                        None if *begins == 0 => (0, 0.0),
                        None => continue,
                        Some(fewer) => {
                            let previous = &layers[fewer][*begins];
                            let up_to = previous.partition_point(|last| last.rate <= *rate);
                            let Some(up_to) = up_to.checked_sub(1) else { continue };
                            (up_to, previous[up_to].value)
                        }
                    };
                    let last = Last {
                        rate: *rate,
                        value: so_far + information,
                        begins: *begins as u32,
                        before: before as u32,
                    };
                    // One that tells no more than one with a lower rate is never the best.
                    if lasts.last().is_none_or(|before| last.value > before.value) {
                        lasts.push(last);
                    }
                }
                if let Some(first) = lasts.first()
                    && count + 1 < layers.len()
                {
                    lowest[end] = lowest[end].min(first.rate);
                }
                layers[count][end] = lasts;
            }
        }
        let mut best: Option<(f64, usize)> = None;
        for (count, layer) in layers.iter().enumerate() {
            if let Some(last) = layer[n].last()
                && best.is_none_or(|(value, _)| last.value > value + NO_GAIN)
            {
                best = Some((last.value, count));
            }
        }
        Ok(best.map(|(_, count)| ends(&layers, n, count)))
    }
}

/// The ends of the best partition of so many bins after the first.
fn ends(layers: &[Vec<Vec<Last>>], n: usize, count: usize) -> Vec<usize> {
    let (mut end, mut ends) = (n, Vec::new());
    let mut place = layers[count][n].len() - 1;
    for layer in layers[..=count].iter().rev() {
        let last = layer[end][place];
        ends.push(end);
        (end, place) = (last.begins as usize, last.before as usize);
    }
    ends.reverse();
    ends
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::evidence::information_value;
    use proptest::prelude::*;

    fn bins(fine: &[Split], ends: &[usize]) -> Vec<Split> {
        let mut from = 0;
        ends.iter()
            .map(|end| {
                let bin = fine[from..*end].iter().fold(Split::default(), |sum, bin| sum + *bin);
                from = *end;
                bin
            })
            .collect()
    }

    fn may_be(bins: &[Split], terms: Terms) -> bool {
        let rates: Vec<f64> = bins.iter().map(|bin| bin.rate()).collect();
        let up = rates.windows(2).all(|pair| pair[0] <= pair[1]);
        let down = rates.windows(2).all(|pair| pair[0] >= pair[1]);
        let trend = match terms.rising {
            Some(true) => up,
            Some(false) => down,
            None => true,
        };
        bins.len() <= terms.most && trend && bins.iter().all(|bin| bin.has_both() && bin.all() >= terms.least)
    }

    /// The best of all partitions, tried one after the other.
    fn by_enumeration(fine: &[Split], whole: Split, terms: Terms) -> f64 {
        let mut best = information_value(&bins(fine, &[fine.len()]), whole);
        for cuts in 0..1_u32 << (fine.len() - 1) {
            let mut ends: Vec<usize> = (1..fine.len()).filter(|end| cuts & 1 << (end - 1) != 0).collect();
            ends.push(fine.len());
            let bins = bins(fine, &ends);
            if may_be(&bins, terms) {
                best = best.max(information_value(&bins, whole));
            }
        }
        best
    }

    proptest! {
        #[test]
        fn no_partition_tells_more(
            counts in prop::collection::vec((0_u32..12, 0_u32..12), 1..11),
            most in 1_usize..6,
            least in 0_u32..20,
            rising in prop::option::of(prop::bool::ANY),
        ) {
            let fine: Vec<Split> = counts.iter()
                .map(|(events, others)| Split { events: f64::from(*events), others: f64::from(*others) })
                .filter(|bin| bin.all() > 0.0)
                .collect();
            let whole = fine.iter().fold(Split::default(), |sum, bin| sum + *bin);
            prop_assume!(whole.has_both());
            let terms = Terms { most, least: f64::from(least), rising };
            let ends = partition(&fine, whole, terms, &mut || Ok(())).unwrap();
            let found = bins(&fine, &ends);
            prop_assert!(found.len() == 1 || may_be(&found, terms), "{ends:?}");
            let value = information_value(&found, whole);
            let expected = by_enumeration(&fine, whole, terms);
            prop_assert!((value - expected).abs() < 1e-9, "{ends:?}: {value} instead of {expected}");
        }
    }

    #[test]
    fn a_cancelled_search_stops() {
        let fine = vec![Split { events: 1.0, others: 2.0 }; 4];
        let whole = Split { events: 4.0, others: 8.0 };
        let terms = Terms { most: 3, least: 0.0, rising: None };
        let stop = &mut || Err(crate::Error::invalid("cancelled"));
        assert_eq!(partition(&fine, whole, terms, stop).unwrap_err().message, "cancelled");
        // Equal rates tell nothing apart: one bin.
        assert_eq!(partition(&fine, whole, terms, &mut || Ok(())).unwrap(), [4]);
    }
}
