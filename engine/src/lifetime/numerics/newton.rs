//! The maximum of a likelihood: Newton's method on the logarithms of the parameters, in a trust region.
//!
//! Own code because the likelihoods have three or four parameters and exact second derivatives that
//! cost little more than the value, so Newton's method needs a handful of passes over the customers
//! where simplex or quasi-Newton methods (what the crates offer without an array library) need dozens
//! to hundreds; and because the answer wanted at the end is not only where, but why not.

use crate::error::Result;

/// A likelihood with its derivatives by the parameters; of the Hessian only `[i][j]` with i ≤ j.
pub(in crate::lifetime) struct Expansion<const N: usize> {
    pub value: f64,
    pub gradient: [f64; N],
    pub hessian: [[f64; N]; N],
}

/// How a search ended.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::lifetime) enum Outcome<const N: usize> {
    /// At a maximum.
    Converged,
    /// The likelihood no longer changes although the parameters still move, by the logarithms given.
    Flat([f64; N]),
    /// Parameter so-and-so came to the end of its range, the upper one if `true`.
    Bound(usize, bool),
    /// Too many iterations, or no ascent where there should be one.
    Stuck,
}

/// Where a search ended.
pub(in crate::lifetime) struct Optimum<const N: usize> {
    pub at: [f64; N],
    pub value: f64,
    pub iterations: u32,
    pub outcome: Outcome<N>,
}

/// Evaluations of the likelihood, at most.
const ITERATIONS: u32 = 150;
/// A step below this (in logarithms) is no step.
const STILL: f64 = 1e-7;
/// A step below this is none if the likelihood is so rounded that it cannot tell.
const NEARLY_STILL: f64 = 1e-3;
/// The part of the likelihood that is lost to rounding.
const ROUNDING: f64 = 1e-13;
/// The longest step of one iteration, in logarithms.
const LONGEST: f64 = 3.0;

/// Climbs from `start` to the maximum within `ranges`.
pub(in crate::lifetime) fn maximise<const N: usize>(
    start: [f64; N],
    ranges: &[(f64, f64); N],
    evaluate: &mut dyn FnMut(&[f64; N]) -> Result<Expansion<N>>,
) -> Result<Optimum<N>> {
    let mut at = start;
    let mut here = in_logarithms(evaluate(&at)?, &at);
    let mut iterations = 1;
    let mut radius = 1.0;
    let outcome = loop {
        let (step, pure) = ascent(&here, radius);
        let predicted = gain(&here, &step);
        let noise = ROUNDING * (1.0 + here.value.abs());
        let length = longest(&step);
        if pure && (length < STILL || predicted < noise && length < NEARLY_STILL) {
            break Outcome::Converged;
        }
        if predicted < noise && (pure || radius > NEARLY_STILL) {
            break Outcome::Flat(step);
        }
        if iterations >= ITERATIONS || !predicted.is_finite() || radius < STILL {
            break Outcome::Stuck;
        }
        let (share, bound) = within(&at, &step, ranges);
        if let Some((parameter, upper)) = bound
            && share * length < STILL
        {
            break Outcome::Bound(parameter, upper);
        }
        let step = step.map(|s| s * share);
        let predicted = gain(&here, &step);
        let next: [f64; N] = std::array::from_fn(|i| at[i] * step[i].exp());
        let there = in_logarithms(evaluate(&next)?, &next);
        iterations += 1;
        let actual = there.value - here.value;
        // A NaN or infinity anywhere is no ascent.
        let ascends = actual > 0.0 || actual.abs() <= noise && predicted <= noise;
        let finite = there.gradient.iter().chain(there.hessian.iter().flatten()).all(|d| d.is_finite());
        if !(ascends && finite) {
            radius = length * share * 0.25;
            continue;
        }
        if actual < 0.25 * predicted {
            radius = (length * share * 0.5).max(STILL);
        } else if actual > 0.75 * predicted {
            radius = (radius * 2.0).min(LONGEST);
        }
        (at, here) = (next, there);
    };
    Ok(Optimum { at, value: here.value, iterations, outcome })
}

/// The same by the logarithms of the parameters, the Hessian filled up.
fn in_logarithms<const N: usize>(by: Expansion<N>, at: &[f64; N]) -> Expansion<N> {
    let gradient: [f64; N] = std::array::from_fn(|i| by.gradient[i] * at[i]);
    let hessian = std::array::from_fn(|i| {
        std::array::from_fn(|j| {
            let second = by.hessian[i.min(j)][i.max(j)] * at[i] * at[j];
            if i == j { second + gradient[i] } else { second }
        })
    });
    Expansion { value: by.value, gradient, hessian }
}

/// The step to the maximum of the quadratic expansion, shortened to `radius`, and whether it is
/// Newton's own. Where the expansion has no maximum, its curvature is damped (Levenberg) until it has.
fn ascent<const N: usize>(here: &Expansion<N>, radius: f64) -> ([f64; N], bool) {
    let size = (0..N).map(|i| here.hessian[i][i].abs()).fold(f64::MIN_POSITIVE, f64::max);
    let mut damping = 0.0;
    for _ in 0..200 {
        if let Some(step) = solve(&here.hessian, damping, size, &here.gradient)
            && longest(&step) <= radius
        {
            return (step, damping == 0.0);
        }
        damping = if damping == 0.0 { 1e-9 * size } else { damping * 2.0 };
    }
    ([0.0; N], false)
}

/// Solves (damping - hessian) step = gradient by Cholesky's method, if that matrix is safely positive
/// definite.
fn solve<const N: usize>(
    hessian: &[[f64; N]; N],
    damping: f64,
    size: f64,
    gradient: &[f64; N],
) -> Option<[f64; N]> {
    let mut l = [[0.0; N]; N];
    let mut y = [0.0; N];
    for i in 0..N {
        for j in 0..=i {
            let known: f64 = (0..j).map(|k| l[i][k] * l[j][k]).sum();
            if i == j {
                let pivot = damping - hessian[i][i] - known;
                // Below this a pivot is what rounding left of zero.
                if pivot.is_nan() || pivot <= 1e-14 * size {
                    return None;
                }
                l[i][i] = pivot.sqrt();
            } else {
                l[i][j] = (-hessian[i][j] - known) / l[j][j];
            }
        }
        let known: f64 = (0..i).map(|k| l[i][k] * y[k]).sum();
        y[i] = (gradient[i] - known) / l[i][i];
    }
    for i in (0..N).rev() {
        let known: f64 = (i + 1..N).map(|k| l[k][i] * y[k]).sum();
        y[i] = (y[i] - known) / l[i][i];
    }
    y.iter().all(|s| s.is_finite()).then_some(y)
}

/// By how much the quadratic expansion rises with `step`.
fn gain<const N: usize>(here: &Expansion<N>, step: &[f64; N]) -> f64 {
    let slope: f64 = (0..N).map(|i| here.gradient[i] * step[i]).sum();
    let curve: f64 =
        (0..N).map(|i| (0..N).map(|j| step[i] * here.hessian[i][j] * step[j]).sum::<f64>()).sum();
    slope + 0.5 * curve
}

fn longest<const N: usize>(step: &[f64; N]) -> f64 {
    step.iter().fold(0.0, |longest, s| longest.max(s.abs()))
}

/// The share of `step` that stays within the ranges, and the parameter that limits it.
fn within<const N: usize>(
    at: &[f64; N],
    step: &[f64; N],
    ranges: &[(f64, f64); N],
) -> (f64, Option<(usize, bool)>) {
    let (mut share, mut bound) = (1.0, None);
    for i in 0..N {
        let upper = step[i] > 0.0;
        let room = if upper { (ranges[i].1 / at[i]).ln() } else { (ranges[i].0 / at[i]).ln() };
        if step[i].abs() * share > room.abs() {
            share = room.abs() / step[i].abs();
            bound = Some((i, upper));
        }
    }
    (share, bound)
}
