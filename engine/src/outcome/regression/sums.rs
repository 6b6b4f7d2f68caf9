//! The sums that a step of a regression needs, over the rows in blocks: within one, one kind of arithmetic is done after the other,
//! several rows at a time. It is plain arithmetic in a fixed order, so that its results are the same on every processor.

use super::{Design, Expansion, Triangle};
use crate::outcome::combinations::Place;
use crate::outcome::evidence::Split;

/// Rows that are added up together.
pub(super) const ROWS: usize = 64;

/// A number of each row of a block.
type Cells = [f64; ROWS];

/// Numbers next to each other, which the processor takes a few at a time.
const LANES: usize = 4;

type Lanes = [f64; LANES];

/// Columns that another one is multiplied by at a time.
const TILE: usize = 4;

/// By column of a tile, what its products with another column add up to.
type Tile = [Lanes; TILE];

/// Some rows, and what is to be added up of them.
pub(super) struct Block<'d> {
    /// By column, where its levels stand in the words of a row, and the number of each level.
    columns: Vec<(Place, &'d [f64])>,
    /// By word.
    words: Vec<[u64; ROWS]>,
    /// 1 and the numbers of the columns, then zeros, in whole tiles.
    cells: Vec<Cells>,
    log_odds: Cells,
    /// By row, how far the outcome is from what was to be expected, how much that weighs, and what it takes from the log-likelihood.
    errors: Cells,
    weights: Cells,
    losses: Cells,
}

impl<'d> Block<'d> {
    pub(super) fn new(design: Design<'d>, chosen: &[usize]) -> Self {
        let column = |column: &usize| (design.packing.place(*column), &design.numbers[*column][..]);
        let words = vec![[0; ROWS]; design.packing.words_of(1)];
        let zeros = [0.0; ROWS];
        let mut cells = vec![zeros; (chosen.len() + 1).next_multiple_of(TILE)];
        cells[0] = [1.0; ROWS];
        Block {
            columns: chosen.iter().map(column).collect(),
            words,
            cells,
            log_odds: zeros,
            errors: zeros,
            weights: zeros,
            losses: zeros,
        }
    }

    /// Takes up some rows, a block at most, and their log-odds. Those beyond them keep the levels of what was there before.
    pub(super) fn fill(&mut self, rows: Design<'_>, at: &[f64]) {
        for (row, words) in rows.words.chunks_exact(self.words.len()).enumerate().take(ROWS) {
            self.words.iter_mut().zip(words).for_each(|(own, word)| own[row] = *word);
        }
        self.log_odds = [at[0]; ROWS];
        for ((cells, (place, numbers)), at) in self.cells[1..].iter_mut().zip(&self.columns).zip(&at[1..]) {
            for (cell, word) in cells.iter_mut().zip(&self.words[place.word]) {
                *cell = numbers[place.bin(*word)];
            }
            for (log_odds, cell) in self.log_odds.iter_mut().zip(cells) {
                *log_odds += at * *cell;
            }
        }
        self.weigh(rows.splits);
    }

    /// What came of the rows beside their log-odds; beyond them there is nobody.
    fn weigh(&mut self, splits: &[Split]) {
        let (mut events, mut others) = ([0.0; ROWS], [0.0; ROWS]);
        for ((split, events), others) in splits.iter().zip(&mut events).zip(&mut others) {
            (*events, *others) = (split.events, split.others);
        }
        for row in 0..ROWS {
            let (log_odds, events, others) = (self.log_odds[row], events[row], others[row]);
            // One exponential serves all three.
            let small = exp_below_zero(-log_odds.abs());
            let near = 1.0 / (1.0 + small);
            let far = small * near;
            let (yes, no) = if log_odds >= 0.0 { (near, far) } else { (far, near) };
            let certain = if log_odds >= 0.0 { others * log_odds } else { -events * log_odds };
            self.losses[row] = certain + (events + others) * log_1p(small);
            self.errors[row] = events * no - others * yes;
            self.weights[row] = (events + others) * near * far;
        }
    }
}

/// e^x of what is not above zero; of what is below -708, where doubles end, that of -708. By the powers of 2 (W. J. Cody and
/// W. Waite, Software Manual for the Elementary Functions, 1980, chapter 6), without a branch, so that it is done for several rows at a time.
#[inline(always)]
fn exp_below_zero(x: f64) -> f64 {
    /// What is added to it becomes a whole number, in the last bits.
    const WHOLE: f64 = 1.5 * (1_u64 << 52) as f64;
    const LN_2: [f64; 2] = [0.693_147_180_369_123_8, 1.908_214_929_270_587_7e-10];
    /// 1 / k!, from 0 on.
    const TERMS: [f64; 14] = {
        let mut terms = [1.0; 14];
        let mut k = 1;
        while k < terms.len() {
            terms[k] = terms[k - 1] / k as f64;
            k += 1;
        }
        terms
    };
    let x = if x < -708.0 { -708.0 } else { x };
    let shifted = x * std::f64::consts::LOG2_E + WHOLE;
    let whole = shifted - WHOLE;
    let rest = (x - whole * LN_2[0]) - whole * LN_2[1];
    series(rest, TERMS) * f64::from_bits(shifted.to_bits().wrapping_add(1023) << 52)
}

/// ln(1 + x) of what is from 0 to 1: twice the inverse hyperbolic tangent of x / (2 + x), by its series.
#[inline(always)]
fn log_1p(x: f64) -> f64 {
    /// 2 / (2 k + 1), from 0 on.
    const TERMS: [f64; 16] = {
        let mut terms = [2.0; 16];
        let mut k = 1;
        while k < terms.len() {
            terms[k] = 2.0 / (2 * k + 1) as f64;
            k += 1;
        }
        terms
    };
    let ratio = x / (2.0 + x);
    ratio * series(ratio * ratio, TERMS)
}

/// A polynomial, its coefficients from the constant on: the even powers and the odd ones, for which the processor need not wait on each other.
#[inline(always)]
fn series<const TERMS: usize>(x: f64, terms: [f64; TERMS]) -> f64 {
    let square = x * x;
    let (mut even, mut odd) = (0.0, 0.0);
    for two in terms.as_chunks::<2>().0.iter().rev() {
        even = even * square + two[0];
        odd = odd * square + two[1];
    }
    even + odd * x
}

/// What blocks add up to.
pub(super) struct Sums {
    size: usize,
    log_likelihood: f64,
    gradient: Vec<Tile>,
    /// The part below the diagonal of a matrix, and the diagonal, row by row of tiles.
    information: Vec<Tile>,
    /// A column by the weights of the rows.
    weighted: Cells,
}

impl Sums {
    pub(super) fn zero(size: usize) -> Sums {
        let tiles = (0..size).map(|row| row / TILE + 1).sum();
        Sums {
            size,
            log_likelihood: 0.0,
            gradient: vec![Tile::default(); size.div_ceil(TILE)],
            information: vec![Tile::default(); tiles],
            weighted: [0.0; ROWS],
        }
    }

    pub(super) fn add(&mut self, block: &Block<'_>) {
        self.log_likelihood -= block.losses.iter().sum::<f64>();
        let (tiles, _) = block.cells.as_chunks::<TILE>();
        for (own, tile) in self.gradient.iter_mut().zip(tiles) {
            add_products(own, &block.errors, tile);
        }
        let mut information = self.information.iter_mut();
        for (row, cells) in block.cells[..self.size].iter().enumerate() {
            for ((weighted, weight), cell) in self.weighted.iter_mut().zip(&block.weights).zip(cells) {
                *weighted = weight * cell;
            }
            for (tile, own) in tiles[..=row / TILE].iter().zip(information.by_ref()) {
                add_products(own, &self.weighted, tile);
            }
        }
    }

    /// What they say at some coefficients.
    pub(super) fn expansion(&self, at: &[f64], ridge: f64) -> Expansion {
        let sum = |lanes: &Lanes| lanes.iter().sum::<f64>();
        let mut information = Triangle::zero(self.size);
        let mut tiles = self.information.iter();
        for row in 0..self.size {
            let sums = tiles.by_ref().take(row / TILE + 1).flatten().take(row + 1);
            sums.enumerate().for_each(|(column, lanes)| information.set(row, column, sum(lanes)));
        }
        let mut gradient: Vec<f64> = self.gradient.iter().flatten().take(self.size).map(sum).collect();
        let mut penalised = self.log_likelihood;
        for (k, at) in at.iter().enumerate().skip(1) {
            penalised -= ridge / 2.0 * at * at;
            gradient[k] -= ridge * at;
            information.set(k, k, information.at(k, k) + ridge);
        }
        Expansion { penalised, log_likelihood: self.log_likelihood, gradient, information }
    }
}

/// Adds the products of a column with those of a tile to their sums.
#[inline]
fn add_products(own: &mut Tile, one: &Cells, tile: &[Cells; TILE]) {
    let mut sums = *own;
    let [first, second, third, fourth] = tile.each_ref().map(|cells| cells.as_chunks::<LANES>().0);
    for (place, one) in one.as_chunks::<LANES>().0.iter().enumerate() {
        for (sum, other) in sums.iter_mut().zip([first, second, third, fourth]) {
            sum.iter_mut().zip(one).zip(&other[place]).for_each(|((sum, one), other)| *sum += one * other);
        }
    }
    *own = sums;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exponential_and_logarithm_are_those_of_the_library() {
        let close = |found: f64, known: f64| (found - known).abs() <= 4.0 * f64::EPSILON * known;
        for step in 0..=200_000 {
            let x = -709.0 * (f64::from(step) / 200_000.0).powi(3);
            let (found, known) = (exp_below_zero(x), libm::exp(x.max(-708.0)));
            assert!(close(found, known), "e^{x}: {found}, {known}");
            let (found, known) = (log_1p(known), libm::log1p(known));
            assert!(close(found, known), "ln(1 + e^{x}): {found}, {known}");
        }
        assert_eq!((exp_below_zero(0.0), log_1p(0.0)), (1.0, 0.0));
        assert!(exp_below_zero(f64::NAN).is_nan());
    }
}
