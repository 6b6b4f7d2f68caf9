//! Logistic regression by Newton's method (iteratively reweighted least squares: P. McCullagh and J. A. Nelder,
//! Generalized Linear Models, 2nd ed. 1989, chapter 4), over the distinct rows of a table with their counts.
//!
//! The equations have as many unknowns as a scheme has characteristics, and one more, so that a Cholesky
//! factorisation of a page does; a crate of linear algebra would be larger than all of this room.

mod sums;

use super::combinations::Packing;
use super::evidence::Split;
use crate::error::Result;
use sums::{Block, ROWS, Sums};

/// What a regression is fitted to: of each row its levels, one a column, and what came of the customers who have
/// them; of each level of a column its number.
#[derive(Debug, Clone, Copy)]
pub(super) struct Design<'d> {
    /// How the levels of a row are packed.
    pub(super) packing: &'d Packing,
    /// The levels, row after row.
    pub(super) words: &'d [u64],
    /// What came of each row.
    pub(super) splits: &'d [Split],
    /// By column, the number of each level.
    pub(super) numbers: &'d [Vec<f64>],
}

impl<'d> Design<'d> {
    /// The first rows, so many at most.
    fn first(self, rows: usize) -> Self {
        let rows = rows.min(self.splits.len());
        Design { words: &self.words[..self.packing.words_of(rows)], splits: &self.splits[..rows], ..self }
    }

    /// The rows in blocks.
    fn blocks(self) -> impl Iterator<Item = Design<'d>> {
        let words = self.words.chunks(self.packing.words_of(ROWS));
        words.zip(self.splits.chunks(ROWS)).map(move |(words, splits)| Design { words, splits, ..self })
    }

    /// What came of all of them.
    pub(super) fn whole(self) -> Split {
        self.splits.iter().fold(Split::default(), |sum, split| sum + *split)
    }
}

/// What a regression found.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Found {
    /// The log-odds where all numbers are zero.
    pub intercept: f64,
    /// By column; `None` for one that the others already tell, which was left out.
    pub coefficients: Vec<Option<Coefficient>>,
    /// The logarithm of the likelihood, without what the ridge costs.
    pub log_likelihood: f64,
    /// Whether the steps came to an end. If not, the coefficients are those after the last step: the rows can be told
    /// apart so well that there is no largest likelihood.
    pub converged: bool,
    /// How many steps were taken.
    pub iterations: u32,
}

/// A coefficient.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Coefficient {
    /// The estimate.
    pub value: f64,
    /// Its standard error, from the inverse of the information matrix.
    pub standard_error: f64,
}

/// The part of its standard error below which the sign of a coefficient is that of rounding, as where the rows are told
/// apart perfectly and the standard errors grow without end.
const NOISE: f64 = 1e-3;

impl Coefficient {
    /// Whether it is negative, and not only by rounding.
    pub fn is_negative(self) -> bool {
        self.value < -NOISE * self.standard_error
    }
}

/// Steps, at most. Where there is a maximum, each doubles the digits, and ten suffice; where there is none, because the
/// outcome can be told perfectly, each adds about 1 to the log-odds, and no number of steps would suffice.
const STEPS: u32 = 20;

/// Half the Newton decrement, per customer, below which the step was the last one. The error left then is of its square.
const STILL: f64 = 1e-12;

/// So many blocks of rows are added up between two looks at whether the fit is cancelled.
const LISTENS: usize = 1 << 6;

/// The shortest part of a step that is tried.
const SHORTEST: f64 = 1e-6;

/// The part of a column, squared, that the columns before it must leave for it to count.
const TELLS: f64 = 1e-9;

/// From so many rows on, the regression of a part of them says where to begin that of all.
const MANY: usize = 1 << 17;

/// That part: every so many-th row, as many as stand first.
const PART: usize = 16;

/// As [`STILL`], for the part: the coefficients of other customers would lie farther off.
const NEAR: f64 = 1e-6;

/// Fits the regression of the columns that are `chosen`. The counts of `design` hold both outcomes, and the order of its rows tells
/// nothing of them.
///
/// `ridge` / 2 times the sum of squared coefficients, the intercept not among them, is taken off the log-likelihood.
///
/// # Errors
///
/// Those of `interrupted`, which is called now and then.
pub(super) fn fit(
    design: Design<'_>,
    chosen: &[bool],
    ridge: f64,
    interrupted: &mut dyn FnMut() -> Result<()>,
) -> Result<Found> {
    let mut columns: Vec<usize> = (0..chosen.len()).filter(|column| chosen[*column]).collect();
    loop {
        let climb = Climb::new(design, &columns, ridge);
        let mut climbed = None;
        if let Some(near) = near(design, &columns, ridge, interrupted)? {
            climbed = climb.run(near, STILL, interrupted)?.ok().filter(|climbed| climbed.converged);
        }
        let climbed = match climbed {
            Some(climbed) => Ok(climbed),
            None => climb.run(climb.foot(), STILL, interrupted)?,
        };
        match climbed {
            Ok(climbed) => return Ok(climbed.found(chosen.len(), &columns)),
            Err(redundant) => drop(columns.remove(redundant)),
        }
    }
}

/// The coefficients of a part of many rows, if they can be told: those of all are near.
fn near(
    design: Design<'_>,
    columns: &[usize],
    ridge: f64,
    interrupted: &mut dyn FnMut() -> Result<()>,
) -> Result<Option<Vec<f64>>> {
    let rows = design.splits.len();
    let part = design.first(rows / PART);
    if rows < MANY || !part.whole().has_both() {
        return Ok(None);
    }
    let climb = Climb::new(part, columns, ridge / PART as f64);
    let climbed = climb.run(climb.foot(), NEAR, interrupted)?;
    Ok(climbed.ok().filter(|climbed| climbed.converged).map(|climbed| climbed.at))
}

struct Climb<'d> {
    design: Design<'d>,
    columns: &'d [usize],
    ridge: f64,
    whole: Split,
}

struct Climbed {
    at: Vec<f64>,
    log_likelihood: f64,
    converged: bool,
    iterations: u32,
    factor: Triangle,
}

/// The log-likelihood, its gradient, and the negative of its second derivatives.
struct Expansion {
    penalised: f64,
    log_likelihood: f64,
    gradient: Vec<f64>,
    information: Triangle,
}

/// A symmetric matrix, or its factor: the part below the diagonal and the diagonal, row after row.
#[derive(Debug, Clone)]
struct Triangle {
    size: usize,
    cells: Vec<f64>,
}

impl Triangle {
    fn zero(size: usize) -> Triangle {
        Triangle { size, cells: vec![0.0; size * (size + 1) / 2] }
    }

    fn at(&self, row: usize, column: usize) -> f64 {
        self.cells[row * (row + 1) / 2 + column]
    }

    fn set(&mut self, row: usize, column: usize, value: f64) {
        self.cells[row * (row + 1) / 2 + column] = value;
    }

    /// The Cholesky factor: a triangle L with L Lᵀ the matrix. Or the first row that those before it tell.
    fn factor(&self) -> std::result::Result<Triangle, usize> {
        let mut factor = Triangle::zero(self.size);
        for row in 0..self.size {
            for column in 0..=row {
                let known: f64 = (0..column).map(|k| factor.at(row, k) * factor.at(column, k)).sum();
                let rest = self.at(row, column) - known;
                if column < row {
                    factor.set(row, column, rest / factor.at(column, column));
                } else if rest > TELLS * self.at(row, row) {
                    factor.set(row, row, rest.sqrt());
                } else {
                    return Err(row);
                }
            }
        }
        Ok(factor)
    }

    /// x with L x = `right`.
    fn forward(&self, right: &[f64]) -> Vec<f64> {
        let mut x: Vec<f64> = Vec::with_capacity(self.size);
        for (row, right) in right.iter().enumerate() {
            let known: f64 = (0..row).map(|k| self.at(row, k) * x[k]).sum();
            x.push((right - known) / self.at(row, row));
        }
        x
    }

    /// x with Lᵀ x = `right`.
    fn backward(&self, right: &[f64]) -> Vec<f64> {
        let mut x = right.to_vec();
        for row in (0..self.size).rev() {
            let known: f64 = (row + 1..self.size).map(|k| self.at(k, row) * x[k]).sum();
            x[row] = (x[row] - known) / self.at(row, row);
        }
        x
    }

    /// The diagonal of the inverse of L Lᵀ.
    fn inverse_diagonal(&self) -> Vec<f64> {
        let mut diagonal = vec![0.0; self.size];
        for unit in 0..self.size {
            let mut right = vec![0.0; self.size];
            right[unit] = 1.0;
            diagonal[unit] = self.forward(&right).iter().map(|x| x * x).sum();
        }
        diagonal
    }
}

/// ln(1 + e^x), without overflow.
pub(super) fn softplus(x: f64) -> f64 {
    x.max(0.0) + libm::log1p(libm::exp(-x.abs()))
}

impl<'d> Climb<'d> {
    fn new(design: Design<'d>, columns: &'d [usize], ridge: f64) -> Self {
        Climb { design, columns, ridge, whole: design.whole() }
    }

    /// Where no column says anything.
    fn foot(&self) -> Vec<f64> {
        let mut at = vec![0.0; self.columns.len() + 1];
        at[0] = libm::log(self.whole.events / self.whole.others);
        at
    }

    /// From some coefficients on; `enough` is half the Newton decrement, per customer, below which a step is the last one. `Err` is the
    /// place, among the columns, of one that those before it tell.
    fn run(
        &self,
        mut at: Vec<f64>,
        enough: f64,
        interrupted: &mut dyn FnMut() -> Result<()>,
    ) -> Result<std::result::Result<Climbed, usize>> {
        let mut here = self.expand(&at, interrupted)?;
        let mut iterations = 0;
        loop {
            let factor = match here.information.factor() {
                Ok(factor) => factor,
                // At first all rows weigh by their customers: the columns themselves say the same twice.
                Err(row) if row > 0 && iterations == 0 => return Ok(Err(row - 1)),
                // Later only rows that are not told apart yet have any weight; nothing is left to climb by.
                Err(_) => return Ok(Ok(self.stopped(at, here, false, iterations))),
            };
            let half = factor.forward(&here.gradient);
            let decrement: f64 = half.iter().map(|x| x * x).sum();
            let step = factor.backward(&half);
            let still = decrement / 2.0 <= enough * self.whole.all();
            let Some(next) = self.ascend(&at, &here, &step, interrupted)? else {
                return Ok(Ok(self.stopped(at, here, still, iterations)));
            };
            (at, here) = next;
            iterations += 1;
            if still || iterations == STEPS {
                return Ok(Ok(self.stopped(at, here, still, iterations)));
            }
        }
    }

    fn stopped(&self, mut at: Vec<f64>, here: Expansion, converged: bool, iterations: u32) -> Climbed {
        let mut information = here.information;
        let factor = loop {
            match information.factor() {
                Ok(factor) => break factor,
                // Only where the search did not end: any positive number, so that the error is finite and large.
                Err(row) => {
                    information.set(row, row, information.at(row, row) * 2.0 + f64::MIN_POSITIVE.sqrt())
                }
            }
        };
        if converged {
            // What is left is a step that no expansion has to be made for: the figures do not hang on where the search began.
            let rest = factor.backward(&factor.forward(&here.gradient));
            at.iter_mut().zip(rest).for_each(|(at, rest)| *at += rest);
        }
        Climbed { at, log_likelihood: here.log_likelihood, converged, iterations, factor }
    }

    /// The step, or the part of it that does not lower what is to be made large; none if it would lower it at once.
    fn ascend(
        &self,
        at: &[f64],
        here: &Expansion,
        step: &[f64],
        interrupted: &mut dyn FnMut() -> Result<()>,
    ) -> Result<Option<(Vec<f64>, Expansion)>> {
        let mut part = 1.0;
        loop {
            let next: Vec<f64> = at.iter().zip(step).map(|(at, step)| at + part * step).collect();
            let there = self.expand(&next, interrupted)?;
            // A hair, for what rounding does to sums of many terms.
            let hair = 1e-12 * here.penalised.abs();
            if there.penalised >= here.penalised - hair {
                return Ok(Some((next, there)));
            }
            part /= 2.0;
            if part < SHORTEST {
                return Ok(None);
            }
        }
    }

    fn expand(&self, at: &[f64], interrupted: &mut dyn FnMut() -> Result<()>) -> Result<Expansion> {
        let mut sums = Sums::zero(at.len());
        let mut block = Block::new(self.design, self.columns);
        for (place, rows) in self.design.blocks().enumerate() {
            if place % LISTENS == 0 {
                interrupted()?;
            }
            block.fill(rows, at);
            sums.add(&block);
        }
        Ok(sums.expansion(at, self.ridge))
    }
}

impl Climbed {
    fn found(self, width: usize, columns: &[usize]) -> Found {
        let variances = self.factor.inverse_diagonal();
        let mut coefficients = vec![None; width];
        for (k, column) in columns.iter().enumerate() {
            coefficients[*column] =
                Some(Coefficient { value: self.at[k + 1], standard_error: variances[k + 1].sqrt() });
        }
        Found {
            intercept: self.at[0],
            coefficients,
            log_likelihood: self.log_likelihood,
            converged: self.converged,
            iterations: self.iterations,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_rows_begin_where_a_part_of_them_ends_and_end_where_they_would_without() {
        let (widths, rows) = ([6, 5, 3], MANY + 777);
        let packing = Packing::new(&widths);
        let numbers: Vec<Vec<f64>> = widths
            .iter()
            .map(|width| (0..*width).map(|level| f64::from(level) * 0.4 - 0.7).collect())
            .collect();
        let (mut words, mut splits) = (vec![0; packing.words_of(rows)], Vec::with_capacity(rows));
        let mut state = 5_u64;
        let mut next = |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % below
        };
        for words in words.chunks_mut(packing.words_of(1)) {
            let levels = widths.map(|width| next(width.into()) as u16);
            packing.pack(&levels, words);
            let event = next(40) < 3 + u64::from(levels[0]) + u64::from(levels[1]);
            splits.push(Split { events: f64::from(event), others: f64::from(!event) });
        }
        let design = Design { packing: &packing, words: &words, splits: &splits, numbers: &numbers };
        let columns = [0, 1, 2];
        let climb = Climb::new(design, &columns, 2.0);
        let slow = climb.run(climb.foot(), STILL, &mut || Ok(())).unwrap();
        let slow = slow.unwrap_or_else(|column| panic!("column {column}")).found(3, &columns);
        let found = fit(design, &[true; 3], 2.0, &mut || Ok(())).unwrap();
        assert!(found.converged && found.iterations < slow.iterations, "{found:?}, {slow:?}");
        let close = |one: f64, other: f64| (one - other).abs() <= 1e-12 * one.abs();
        assert!(close(found.log_likelihood, slow.log_likelihood) && close(found.intercept, slow.intercept));
        for (one, other) in found.coefficients.iter().flatten().zip(slow.coefficients.iter().flatten()) {
            assert!(close(one.value, other.value) && close(one.standard_error, other.standard_error));
        }
        // One column that another tells already is left out, as it is of few rows.
        let twice = [numbers[0].clone(), vec![1.0; 5], numbers[2].clone()];
        let found = fit(Design { numbers: &twice, ..design }, &[true; 3], 0.0, &mut || Ok(())).unwrap();
        assert!(found.converged && found.coefficients[1].is_none(), "{found:?}");
    }
}
