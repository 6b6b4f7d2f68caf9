//! The sums that a step of a regression needs, over the rows in blocks: within one, one kind of arithmetic is done after the other,
//! several numbers at a time. Each sum is added up in the order of the rows.

use super::{Design, Expansion, Triangle};
use crate::outcome::evidence::Split;

/// Rows that are added up together.
pub(super) const ROWS: usize = 64;

/// Numbers next to each other, which the processor takes a few at a time.
const LANES: usize = 4;

type Lanes = [f64; LANES];

/// Some rows, and what is to be added up of them.
pub(super) struct Block {
    /// By column, where its numbers begin in all of them, and the column.
    columns: Vec<(usize, usize)>,
    numbers: Vec<f64>,
    width: usize,
    /// 1 and the numbers of the columns, then zeros: by so many columns, of each row.
    cells: Vec<[Lanes; ROWS]>,
    log_odds: [f64; ROWS],
    /// By row, how far the outcome is from what was to be expected, how much that weighs, and what it takes from the log-likelihood.
    errors: [f64; ROWS],
    weights: [f64; ROWS],
    losses: [f64; ROWS],
    /// The cells by their weights.
    weighted: [Lanes; ROWS],
}

impl Block {
    pub(super) fn new(design: Design<'_>, chosen: &[usize]) -> Self {
        let (mut columns, mut numbers) = (Vec::new(), Vec::new());
        for column in chosen {
            columns.push((numbers.len(), *column));
            numbers.extend_from_slice(&design.numbers[*column]);
        }
        let mut cells = vec![[[0.0; LANES]; ROWS]; (chosen.len() + 1).div_ceil(LANES)];
        cells[0].iter_mut().for_each(|cells| cells[0] = 1.0);
        let zeros = [0.0; ROWS];
        Block {
            columns,
            numbers,
            width: design.numbers.len(),
            cells,
            log_odds: zeros,
            errors: zeros,
            weights: zeros,
            losses: zeros,
            weighted: [[0.0; LANES]; ROWS],
        }
    }

    /// Takes up so many rows, of which these are the levels, and their log-odds.
    pub(super) fn fill(&mut self, levels: &[u16], at: &[f64], rows: usize) {
        for (row, levels) in levels.chunks_exact(self.width).enumerate().take(rows) {
            let mut log_odds = at[0];
            for (k, ((first, column), at)) in self.columns.iter().zip(&at[1..]).enumerate() {
                let number = self.numbers[first + usize::from(levels[*column])];
                self.cells[(k + 1) / LANES][row][(k + 1) % LANES] = number;
                log_odds += at * number;
            }
            self.log_odds[row] = log_odds;
        }
    }

    /// What came of the rows beside their log-odds.
    pub(super) fn weigh(&mut self, splits: &[Split]) {
        for (row, split) in splits.iter().enumerate() {
            let log_odds = self.log_odds[row];
            // One exponential serves all three.
            let small = libm::exp(-log_odds.abs());
            let (near, far) = (1.0 / (1.0 + small), small / (1.0 + small));
            let (yes, no) = if log_odds >= 0.0 { (near, far) } else { (far, near) };
            self.losses[row] = split.events * (-log_odds).max(0.0)
                + split.others * log_odds.max(0.0)
                + split.all() * libm::log1p(small);
            self.errors[row] = split.events * no - split.others * yes;
            self.weights[row] = split.all() * near * far;
        }
    }
}

/// What blocks add up to.
pub(super) struct Sums {
    size: usize,
    log_likelihood: f64,
    gradient: Vec<Lanes>,
    /// The part below the diagonal of a matrix, in squares: row by row of squares, those on the diagonal as well.
    squares: Vec<[Lanes; LANES]>,
}

impl Sums {
    pub(super) fn zero(size: usize) -> Sums {
        let groups = size.div_ceil(LANES);
        let squares = vec![[[0.0; LANES]; LANES]; groups * (groups + 1) / 2];
        Sums { size, log_likelihood: 0.0, gradient: vec![[0.0; LANES]; groups], squares }
    }

    pub(super) fn add(&mut self, block: &mut Block, rows: usize) {
        for loss in &block.losses[..rows] {
            self.log_likelihood -= loss;
        }
        let mut squares = self.squares.iter_mut();
        for (group, gradient) in self.gradient.iter_mut().enumerate() {
            let cells = &block.cells[group][..rows];
            let mut own = *gradient;
            for (error, cells) in block.errors.iter().zip(cells) {
                own.iter_mut().zip(cells).for_each(|(own, cell)| *own += error * cell);
            }
            *gradient = own;
            for ((weighted, weight), cells) in block.weighted.iter_mut().zip(&block.weights).zip(cells) {
                weighted.iter_mut().zip(cells).for_each(|(weighted, cell)| *weighted = weight * cell);
            }
            for (others, square) in block.cells[..=group].iter().zip(squares.by_ref()) {
                add_products(square, &block.weighted[..rows], &others[..rows]);
            }
        }
    }

    /// What they say at some coefficients.
    pub(super) fn expansion(&self, at: &[f64], ridge: f64) -> Expansion {
        let mut information = Triangle::zero(self.size);
        for row in 0..self.size {
            let first = row / LANES * (row / LANES + 1) / 2;
            for column in 0..=row {
                let square = &self.squares[first + column / LANES];
                information.set(row, column, square[row % LANES][column % LANES]);
            }
        }
        let mut gradient: Vec<f64> = self.gradient.iter().flatten().take(self.size).copied().collect();
        let mut penalised = self.log_likelihood;
        for (k, at) in at.iter().enumerate().skip(1) {
            penalised -= ridge / 2.0 * at * at;
            gradient[k] -= ridge * at;
            information.set(k, k, information.at(k, k) + ridge);
        }
        Expansion { penalised, log_likelihood: self.log_likelihood, gradient, information }
    }
}

/// Adds the products of some columns with others to their sums.
#[inline]
fn add_products(square: &mut [Lanes; LANES], weighted: &[Lanes], others: &[Lanes]) {
    let mut own = *square;
    for (weighted, others) in weighted.iter().zip(others) {
        for (own, weighted) in own.iter_mut().zip(weighted) {
            own.iter_mut().zip(others).for_each(|(own, other)| *own += weighted * other);
        }
    }
    *square = own;
}
