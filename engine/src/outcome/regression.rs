//! Logistic regression by Newton's method (iteratively reweighted least squares: P. McCullagh and J. A. Nelder,
//! Generalized Linear Models, 2nd ed. 1989, chapter 4), over the distinct rows of a table with their counts.
//!
//! The equations have as many unknowns as a scheme has characteristics, and one more, so that a Cholesky
//! factorisation of a page does; a crate of linear algebra would be larger than all of this room.

mod sums;

use super::evidence::Split;
use crate::error::Result;
use sums::{Block, ROWS, Sums};

/// What a regression is fitted to: of each row its levels, one a column, and what came of the customers who have
/// them; of each level of a column its number.
#[derive(Debug, Clone, Copy)]
pub struct Design<'d> {
    /// The levels, row after row.
    pub levels: &'d [u16],
    /// What came of each row.
    pub splits: &'d [Split],
    /// By column, the number of each level.
    pub numbers: &'d [Vec<f64>],
}

/// What a regression found.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
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
pub struct Coefficient {
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

/// Fits the regression of the columns that are `chosen`. The counts of `design` hold both outcomes.
///
/// `ridge` / 2 times the sum of squared coefficients, the intercept not among them, is taken off the log-likelihood.
///
/// # Errors
///
/// Those of `interrupted`, which is called now and then.
pub fn fit(
    design: Design<'_>,
    chosen: &[bool],
    ridge: f64,
    interrupted: &mut dyn FnMut() -> Result<()>,
) -> Result<Found> {
    let mut columns: Vec<usize> = (0..chosen.len()).filter(|column| chosen[*column]).collect();
    loop {
        match Climb::new(design, &columns, ridge).run(interrupted)? {
            Ok(climbed) => return Ok(climbed.found(chosen.len(), &columns)),
            Err(redundant) => drop(columns.remove(redundant)),
        }
    }
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
        let whole = design.splits.iter().fold(Split::default(), |sum, split| sum + *split);
        Climb { design, columns, ridge, whole }
    }

    /// `Err` is the place, among the columns, of one that those before it tell.
    fn run(
        &self,
        interrupted: &mut dyn FnMut() -> Result<()>,
    ) -> Result<std::result::Result<Climbed, usize>> {
        let mut at = vec![0.0; self.columns.len() + 1];
        at[0] = libm::log(self.whole.events / self.whole.others);
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
            let still = decrement / 2.0 <= STILL * self.whole.all();
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

    fn stopped(&self, at: Vec<f64>, here: Expansion, converged: bool, iterations: u32) -> Climbed {
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
        let width = self.design.numbers.len();
        for (place, splits) in self.design.splits.chunks(ROWS).enumerate() {
            if place % LISTENS == 0 {
                interrupted()?;
            }
            block.fill(&self.design.levels[place * ROWS * width..], at, splits.len());
            block.weigh(splits);
            sums.add(&mut block, splits.len());
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
