//! Gauss-Legendre quadrature, and the mean of a function under a beta distribution.

use std::sync::LazyLock;

/// Nodes in (-1, 1) with their weights.
pub(super) type Rule<const N: usize> = [(f64, f64); N];

/// Eight nodes: exact to rounding for the gentlest integrands.
pub(super) static EIGHT: LazyLock<Rule<8>> = LazyLock::new(legendre);

/// Sixteen nodes: exact to rounding for e^(12 u) on [-1, 1].
pub(super) static SIXTEEN: LazyLock<Rule<16>> = LazyLock::new(legendre);

/// The roots of the Legendre polynomial of degree `N` by Newton's method, and their weights (Abramowitz
/// & Stegun 25.4.29).
fn legendre<const N: usize>() -> Rule<N> {
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
pub(super) fn thinned_mean(m: f64, tau: f64, a: f64, b: f64) -> f64 {
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
