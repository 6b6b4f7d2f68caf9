//! Gauss's quadrature for integrals and for sums, and the mean of a function under a beta distribution.

use std::sync::LazyLock;

/// Nodes in (-1, 1) with their weights.
pub(in crate::lifetime) type Nodes<const N: usize> = [(f64, f64); N];

/// Eight nodes: exact to rounding for the gentlest integrands.
pub(in crate::lifetime) static EIGHT: LazyLock<Nodes<8>> = LazyLock::new(legendre);

/// Sixteen nodes: exact to rounding for e^(12 u) on [-1, 1].
pub(in crate::lifetime) static SIXTEEN: LazyLock<Nodes<16>> = LazyLock::new(legendre);

/// The roots of the Legendre polynomial of degree `N` by Newton's method, and their weights (Abramowitz
/// & Stegun 25.4.29).
fn legendre<const N: usize>() -> Nodes<N> {
    let degree = N as f64;
    std::array::from_fn(|i| {
        let mut x = (std::f64::consts::PI * (i as f64 + 0.75) / (degree + 0.5)).cos();
        let mut slope = 1.0;
        for _ in 0..20 {
            let (mut before, mut value) = (1.0, x);
            for k in 2..=N {
                let k = k as f64;
                (before, value) = (value, ((2.0 * k - 1.0) * x * value - (k - 1.0) * before) / k);
            }
            slope = degree * (x * value - before) / (x * x - 1.0);
            let step = value / slope;
            x -= step;
            if step.abs() < 1e-16 {
                break;
            }
        }
        (x, 2.0 / ((1.0 - x * x) * slope * slope))
    })
}

/// Natural logarithm of the share of the density's peak below which it no longer counts.
const NEGLIGIBLE: f64 = 45.0;

/// Panels on each side of the density's peak, at least.
const PANELS: usize = 10;

/// How wide a panel may be: the function changes within about π, whatever its parameters.
const WIDEST: f64 = 2.0;

/// E[(1 - (1 + pτ)^-m) / p] for p ~ Beta(a, b): what a customer, alive now, buys until dropping out.
///
/// In v = ln(p / (1 - p)) the density p^a (1 - p)^b is log-concave with tails e^(av) and e^(-bv). What
/// lies so far out that the function is constant is integrated in closed form, the rest by quadrature.
/// Right for all positive arguments (infinite if m τ overflows), but it costs some hundred nodes.
pub(in crate::lifetime) fn thinned_mean(m: f64, tau: f64, a: f64, b: f64) -> f64 {
    let most = m * tau;
    if !most.is_finite() {
        return f64::INFINITY;
    }
    let ln_density = |v: f64| {
        let (e, large) = ((-v.abs()).exp().ln_1p(), v.abs());
        if v > 0.0 { -a * e - b * (large + e) } else { -a * (large + e) - b * e }
    };
    let value = |v: f64| {
        let p = 1.0 / (1.0 + (-v).exp());
        // Below this the function is at its limit.
        if p * tau < 1e-300 { most } else { -(-m * (p * tau).ln_1p()).exp_m1() / p }
    };
    let peak = a.ln() - b.ln();
    let top = ln_density(peak);
    // The function falls with p, so to the left it may outweigh the density.
    let reserve = (most / value(peak)).ln().max(0.0);
    let flat_left = peak.min(0.0).min(-tau.ln() - m.ln().max(0.0)) - 40.0;
    let flat_right = peak.max(0.0) + 40.0;
    let left = reach(|v| top - ln_density(v) > NEGLIGIBLE + reserve, peak, flat_left);
    let right = reach(|v| top - ln_density(v) > NEGLIGIBLE, peak, flat_right);
    let (mut above, mut below) = (0.0, 0.0);
    for (end, towards) in [(left, -1.0), (right, 1.0)] {
        let length = (end - peak).abs();
        let panels = PANELS.max((length / WIDEST) as usize);
        let half = length / (2 * panels) as f64;
        for panel in 0..panels {
            for &(node, weight) in SIXTEEN.iter() {
                let v = peak + towards * half * ((2 * panel + 1) as f64 + node);
                let share = weight * half * (ln_density(v) - top).exp();
                below += share;
                above += share * value(v);
            }
        }
    }
    let tail_left = (ln_density(left) - top).exp() / a;
    let tail_right = (ln_density(right) - top).exp() / b;
    above += tail_left * value(left) + tail_right * value(right);
    above / (below + tail_left + tail_right)
}

/// How far from `peak` towards `limit` one must go until `done`, which stays true from there on.
fn reach(done: impl Fn(f64) -> bool, peak: f64, limit: f64) -> f64 {
    let (mut short, mut far) = (0.0, 1.0);
    if !done(limit) {
        return limit;
    }
    for _ in 0..30 {
        let middle = 0.5 * (short + far);
        if done(peak + middle * (limit - peak)) { far = middle } else { short = middle }
    }
    peak + far * (limit - peak)
}

/// Points where a function is asked, with the weights of what it says there.
#[derive(Debug, Clone)]
pub(in crate::lifetime) struct Rule {
    pub points: Vec<f64>,
    pub weights: Vec<f64>,
}

impl Rule {
    /// Point and weight.
    pub fn terms(&self) -> impl Iterator<Item = (f64, f64)> {
        self.points.iter().copied().zip(self.weights.iter().copied())
    }

    /// Gauss's rule for the sum that this one is: `size` points, ascending, and positive weights, which give
    /// the same for every polynomial of degree below twice `size`. Takes at least one point, all distinct, and positive weights.
    ///
    /// Of the sum to its Jacobi matrix by W. Gragg, W. Harwood, The numerically stable reconstruction of
    /// Jacobi matrices from spectral data, Numerische Mathematik 44 (1984), as given by W. Gautschi,
    /// Orthogonal Polynomials (2004), section 2.2.3.2; from there to the rule by G. Golub, J. Welsch, Calculation of
    /// Gauss quadrature rules, Mathematics of Computation 23 (1969).
    pub fn condensed(&self, size: usize) -> Rule {
        let size = size.min(self.points.len());
        let mut diagonal = self.points[..size].to_vec();
        let mut squares = vec![0.0; size];
        squares[0] = self.weights[0];
        for (n, (point, weight)) in self.points.iter().zip(&self.weights).enumerate().skip(1) {
            let (mut pi, mut gamma, mut sigma, mut t) = (*weight, 1.0, 0.0, 0.0);
            for (diagonal, square) in diagonal.iter_mut().zip(&mut squares).take(n + 1) {
                let rho = *square + pi;
                let (next, before) = (gamma * rho, sigma);
                (gamma, sigma) = if rho > 0.0 { (*square / rho, pi / rho) } else { (1.0, 0.0) };
                let shift = sigma * (*diagonal - point) - gamma * t;
                *diagonal -= shift - t;
                t = shift;
                pi = if sigma > 0.0 { t * t / sigma } else { before * *square };
                *square = next;
            }
        }
        let total = squares[0];
        let mut off: Vec<f64> = squares[1..].iter().map(|square| square.sqrt()).chain([0.0]).collect();
        let first = eigenvalues(&mut diagonal, &mut off);
        let mut rule: Vec<_> = diagonal.into_iter().zip(first.into_iter().map(|z| total * z * z)).collect();
        rule.sort_unstable_by(|(one, _), (other, _)| one.total_cmp(other));
        let (points, weights) = rule.into_iter().unzip();
        Rule { points, weights }
    }
}

/// Leaves in `diagonal` the eigenvalues of a symmetric tridiagonal matrix, and returns the first components of its
/// normalised eigenvectors: QL with implicit shifts (A. Dubrulle, R. Martin, J. Wilkinson, The implicit QL
/// algorithm, Numerische Mathematik 12, 1968). `off` are the entries beside the diagonal and a zero.
fn eigenvalues(diagonal: &mut [f64], off: &mut [f64]) -> Vec<f64> {
    let size = diagonal.len();
    let mut first = vec![0.0; size];
    first[0] = 1.0;
    for low in 0..size {
        // Two or three rounds are enough, the bound only makes sure that no odd number goes round for ever.
        for _ in 0..60 {
            let apart =
                |i: &usize| off[*i].abs() <= f64::EPSILON * (diagonal[*i].abs() + diagonal[*i + 1].abs());
            let high = (low..size - 1).find(apart).unwrap_or(size - 1);
            if high == low {
                break;
            }
            let half = (diagonal[low + 1] - diagonal[low]) / (2.0 * off[low]);
            let mut g = diagonal[high] - diagonal[low]
                + off[low] / (half + (half * half + 1.0).sqrt().copysign(half));
            let (mut sine, mut cosine, mut shift) = (1.0, 1.0, 0.0);
            for i in (low..high).rev() {
                let (f, b) = (sine * off[i], cosine * off[i]);
                let length = (f * f + g * g).sqrt();
                off[i + 1] = length;
                (sine, cosine) = if length > 0.0 { (f / length, g / length) } else { (0.0, 1.0) };
                g = diagonal[i + 1] - shift;
                let r = (diagonal[i] - g) * sine + 2.0 * cosine * b;
                shift = sine * r;
                diagonal[i + 1] = g + shift;
                g = cosine * r - b;
                (first[i], first[i + 1]) =
                    (cosine * first[i] - sine * first[i + 1], sine * first[i] + cosine * first[i + 1]);
            }
            diagonal[low] -= shift;
            off[low] = g;
            off[high] = 0.0;
        }
    }
    first
}
