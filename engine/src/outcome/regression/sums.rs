//! The sums that a step of a regression needs, over the rows in blocks: within one, one kind of arithmetic is done after the other,
//! several rows at a time. It is plain arithmetic in a fixed order, so that its results are the same on every processor.

use super::{Design, Expansion, Triangle};
use crate::outcome::combinations::Place;
use crate::outcome::evidence::Split;
use wide::f64x4;

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
        let lanes = |cells: &Cells, first: usize| f64x4::new(std::array::from_fn(|lane| cells[first + lane]));
        for first in (0..ROWS).step_by(LANES) {
            let (log_odds, events, others) =
                (lanes(&self.log_odds, first), lanes(&events, first), lanes(&others, first));
            // One exponential serves all three.
            let small = (-log_odds.abs()).exp();
            let near = f64x4::ONE / (f64x4::ONE + small);
            let far = small * near;
            let positive = log_odds.simd_ge(f64x4::ZERO);
            let (yes, no) = (positive.select(near, far), positive.select(far, near));
            let certain = positive.select(others * log_odds, -events * log_odds);
            let mut put = |cells: fn(&mut Self) -> &mut Cells, value: f64x4| {
                cells(self)[first..first + LANES].copy_from_slice(&value.to_array());
            };
            put(|block| &mut block.losses, certain + (events + others) * ln_1p(small));
            put(|block| &mut block.errors, events * no - others * yes);
            put(|block| &mut block.weights, (events + others) * near * far);
        }
    }
}

/// ln(1 + x) of what is from 0 to 1. What the sum rounds off is made good for (W. Kahan, as in D. Goldberg, "What every computer
/// scientist should know about floating-point arithmetic", 1991, theorem 4).
#[inline(always)]
fn ln_1p(x: f64x4) -> f64x4 {
    let sum = f64x4::ONE + x;
    sum.simd_eq(f64x4::ONE).select(x, sum.ln() * x / (sum - f64x4::ONE))
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
    fn exponential_and_logarithm_are_those_of_one_at_a_time() {
        let close = |found: f64, known: f64| (found - known).abs() <= 4.0 * f64::EPSILON * known;
        for step in 0..=200_000 {
            let x = -700.0 * (f64::from(step) / 200_000.0).powi(3);
            let (found, known) = (f64x4::splat(x).exp().to_array()[0], libm::exp(x));
            assert!(close(found, known), "e^{x}: {found}, {known}");
            let (found, known) = (ln_1p(f64x4::splat(known)).to_array()[0], libm::log1p(known));
            assert!(close(found, known), "ln(1 + e^{x}): {found}, {known}");
        }
        assert_eq!(ln_1p(f64x4::new([0.0, 1.0, 1e-300, 1e-17])).to_array(), [0.0, 2_f64.ln(), 1e-300, 1e-17]);
        assert!(f64x4::splat(f64::NAN).exp().to_array()[0].is_nan());
        assert_eq!(f64x4::splat(-1e300).exp().to_array()[0], 0.0);
    }
}
