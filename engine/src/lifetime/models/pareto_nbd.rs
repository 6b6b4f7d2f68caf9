//! Pareto/NBD: gamma-distributed purchase rates, gamma-distributed rates of dropping out, at any time.
//!
//! D. Schmittlein, D. Morrison, R. Colombo, Counting Your Customers: Who Are They and What Will They
//! Do Next?, Management Science 33 (1987); P. Fader, B. Hardie, A Note on Deriving the Pareto/NBD Model
//! and Related Expressions (2005), whose names of the parameters are used.
//!
//! The papers write the likelihood with the difference of two Gauss hypergeometric functions, which
//! cancels when t_x is near T, overflows for many purchases, and needs one form for α > β and another for
//! α < β. That difference is an integral over the time τ of dropping out, between t_x and T:
//!
//! ∫ (α + τ)^-(r + x) (β + τ)^-(s + 1) dτ
//!
//! whose integrand is positive and, in ln(min(α, β) + τ), analytic up to a distance of π and not steeper
//! than r + x + s + 1. So Gauss-Legendre quadrature gives it to rounding with 8 or 16 nodes in all ordinary
//! cases, and the derivatives of its logarithm are means and covariances over the same nodes.

use super::law::{Law, Parameter, PurchaseLaw};
use crate::error::Result;
use crate::lifetime::data::{Cohort, Purchases, Watch};
use crate::lifetime::numerics::newton::Expansion;
use crate::lifetime::numerics::quadrature::{EIGHT, SIXTEEN};
use crate::lifetime::numerics::special::{Rising, Sum, ln_1p, softplus};
use crate::lifetime::past::Past;

/// The parameters as Fader & Hardie name them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::lifetime) struct ParetoNbd {
    pub r: f64,
    pub alpha: f64,
    pub s: f64,
    pub beta: f64,
}

/// Where the parameters stand in gradients and Hessians.
const R: usize = 0;
const ALPHA: usize = 1;
const S: usize = 2;
const BETA: usize = 3;

impl Law<4> for ParetoNbd {
    type Customer = Purchases;

    const PARAMETERS: [Parameter; 4] = [
        Parameter::shape("r").at_infinity(", as if all customers bought at the same rate"),
        Parameter::rate("alpha").at_infinity(", as if all customers bought at the same rate"),
        Parameter::shape("s")
            .at_zero(", as if hardly anybody dropped out")
            .at_infinity(", as if the rate of dropping out were the same for all customers"),
        Parameter::rate("beta")
            .at_infinity(", as if the rate of dropping out were the same for all customers"),
    ];

    fn at([r, alpha, s, beta]: [f64; 4]) -> Self {
        ParetoNbd { r, alpha, s, beta }
    }

    fn parameters(&self) -> [f64; 4] {
        [self.r, self.alpha, self.s, self.beta]
    }

    /// The likelihood of Schmittlein et al. (1987) as Fader & Hardie (2005) derive it, in logarithms and with
    /// the common factor taken out:
    ///
    /// ln L = ln Γ(r + x)/Γ(r) + r ln α + s ln β - (r + x) ln(α + T) - s ln(β + T) + ln(1 + e^u),
    /// e^u = s (α + T)^(r + x) (β + T)^s ∫ (α + τ)^-(r + x) (β + τ)^-(s + 1) dτ.
    fn expansion(&self, population: &Cohort<Purchases>, watch: &mut Watch<'_>) -> Result<Expansion<4>> {
        let &ParetoNbd { r, alpha, s, beta } = self;
        let mut value = Sum::default();
        let (mut g, mut h) = ([0.0; 4], [[0.0; 4]; 4]);
        let mut of_r = Rising::new(r);
        for group in population.customers.chunk_by(|(one, _), (next, _)| one.frequency() == next.frequency())
        {
            let frequency = group[0].0.frequency();
            let x = frequency as f64;
            let m = r + x;
            let mut sum = 0.0;
            let mut weight = 0.0;
            for (customer, count) in group {
                watch.tick()?;
                let (age, count) = (customer.age(), *count as f64);
                weight += count;
                let (buying, living) = (ln_1p(age / alpha), ln_1p(age / beta));
                let (at_alpha, at_beta) = (1.0 / (alpha + age), 1.0 / (beta + age));
                sum -= count * (m * buying + s * living);
                g[R] -= count * buying;
                g[ALPHA] += count * (r / alpha - m * at_alpha);
                g[S] -= count * living;
                g[BETA] += count * s * (1.0 / beta - at_beta);
                h[R][ALPHA] += count * (1.0 / alpha - at_alpha);
                h[ALPHA][ALPHA] += count * (m * at_alpha * at_alpha - r / (alpha * alpha));
                h[S][BETA] += count * (1.0 / beta - at_beta);
                h[BETA][BETA] += count * s * (at_beta * at_beta - 1.0 / (beta * beta));
                let Some(gone) = self.ln_odds_gone(customer) else { continue };
                let (soft, share) = softplus(gone.value);
                sum += count * soft;
                let (first, second) = (count * share, count * share * (1.0 - share));
                for (i, di) in gone.gradient.iter().enumerate() {
                    g[i] += first * di;
                    for (j, dj) in gone.gradient.iter().enumerate().skip(i) {
                        h[i][j] += first * gone.hessian[i][j] + second * di * dj;
                    }
                }
            }
            let [ln_r, first_r, second_r] = of_r.at(frequency);
            value.add(sum);
            value.add(weight * (ln_r - x * alpha.ln()));
            g[R] += weight * first_r;
            h[R][R] += weight * second_r;
        }
        Ok(Expansion { value: value.value(), gradient: g, hessian: h })
    }
}

/// One node of the integral: τ - t_x, its share of the integral over that of t_x, and the logarithms
/// of (α + τ)/(α + t_x) and (β + τ)/(β + t_x).
struct Node {
    since: f64,
    share: f64,
    alpha: f64,
    beta: f64,
}

/// The decay over which a panel is integrated, in logarithms, and how wide it may be: with 16 nodes,
/// and the gentler ones for which 8 are enough.
const STEEP: (f64, f64) = (24.0, 3.0);
const GENTLE: (f64, f64) = (3.0, 1.8);

/// A decay after which nothing counts, in logarithms.
const NEGLIGIBLE: f64 = 40.0;

/// An end, in logarithms, up to which e^y - 1 is not taken as it stands.
const NEAR: f64 = 0.01;

/// Panels, at most; hardly ever more than one.
const PANELS: usize = 10_000;

impl ParetoNbd {
    /// u of the likelihood, the logarithm of the odds that the customer has dropped out: ln s + ln ∫ …
    pub(in crate::lifetime) fn ln_odds(&self, customer: &Purchases) -> Option<f64> {
        let &ParetoNbd { r, alpha, s, beta } = self;
        let m = r + customer.frequency() as f64;
        let (t, silent) = (customer.recency(), customer.age() - customer.recency());
        let mut integral = 0.0;
        self.nodes(m, t, silent, |node| integral += node.share);
        let growth = m * ln_1p(silent / (alpha + t)) + s * ln_1p(silent / (beta + t));
        (integral > 0.0).then(|| s.ln() + growth + integral.ln())
    }

    /// The same with its derivatives by r, α, s, β, as means and covariances of those of the integrand's
    /// logarithm. None if it is minus infinity: t_x = T.
    pub(in crate::lifetime) fn ln_odds_gone(&self, customer: &Purchases) -> Option<Expansion<4>> {
        let &ParetoNbd { r, alpha, s, beta } = self;
        let m = r + customer.frequency() as f64;
        let (t, silent) = (customer.recency(), customer.age() - customer.recency());
        let (all_alpha, all_beta) = (ln_1p(silent / (alpha + t)), ln_1p(silent / (beta + t)));
        let (end_alpha, end_beta) = (1.0 / (alpha + customer.age()), 1.0 / (beta + customer.age()));
        let mut integral = 0.0;
        let mut mean = [0.0; 4];
        let mut square = [[0.0; 4]; 4];
        let mut own = [[0.0; 4]; 4];
        self.nodes(m, t, silent, |node| {
            let (at_alpha, at_beta) = (1.0 / (alpha + t + node.since), 1.0 / (beta + t + node.since));
            let d = [
                all_alpha - node.alpha,
                m * (end_alpha - at_alpha),
                all_beta - node.beta,
                s * (end_beta - at_beta) - at_beta,
            ];
            integral += node.share;
            for i in 0..4 {
                let part = node.share * d[i];
                mean[i] += part;
                for j in i..4 {
                    square[i][j] += part * d[j];
                }
            }
            own[R][ALPHA] += node.share * (end_alpha - at_alpha);
            own[ALPHA][ALPHA] -= node.share * m * (end_alpha - at_alpha) * (end_alpha + at_alpha);
            own[S][BETA] += node.share * (end_beta - at_beta);
            own[BETA][BETA] +=
                node.share * (at_beta * at_beta - s * (end_beta - at_beta) * (end_beta + at_beta));
        });
        if integral <= 0.0 {
            return None;
        }
        let mut gradient = mean.map(|sum| sum / integral);
        let hessian = std::array::from_fn(|i| {
            std::array::from_fn(|j| (own[i][j] + square[i][j]) / integral - gradient[i] * gradient[j])
        });
        let mut gone =
            Expansion { value: s.ln() + m * all_alpha + s * all_beta + integral.ln(), gradient, hessian };
        // The factor s before the integral.
        gradient[S] += 1.0 / s;
        gone.gradient = gradient;
        gone.hessian[S][S] -= 1.0 / (s * s);
        Some(gone)
    }

    /// Visits the nodes of ∫ ((α + τ)/(α + t_x))^-m ((β + τ)/(β + t_x))^-s dτ/(β + τ) from t_x until `silent`
    /// later, in y = ln((c + τ)/(c + t_x)) with c the smaller of α and β.
    #[inline]
    fn nodes(&self, m: f64, t: f64, silent: f64, mut visit: impl FnMut(Node)) {
        let &ParetoNbd { alpha, s, beta, .. } = self;
        let near = alpha.min(beta) + t;
        let far = alpha.max(beta) + t;
        let end = ln_1p(silent / near);
        let (alpha_is_near, far_power) = if alpha < beta { (true, s + 1.0) } else { (false, m) };
        let near_power = if alpha_is_near { m } else { s };
        // How steeply the logarithm of the integrand falls at most up to `since`. It may rise by `rising`
        // first, if α is the near one and m below 1.
        let steepness = |since: f64| near_power + far_power * ((near + since) / (far + since));
        let rising = if alpha_is_near && m < 1.0 { (1.0 - m) * end } else { 0.0 };
        let mut begin = 0.0;
        for _ in 0..PANELS {
            if begin >= end {
                return;
            }
            let mut length = (end - begin).min(STEEP.1);
            length = length.min(STEEP.0 / steepness(near * (begin.exp() - 1.0)));
            let steep = steepness(near * ((begin + length).exp() - 1.0));
            length = length.min(STEEP.0 / steep);
            let mut decay = 0.0;
            let mut node = |(u, weight): (f64, f64)| {
                let y = begin + 0.5 * length * (1.0 + u);
                // What exp_m1 and ln_1p, twice as slow, would save is below the rounding of the exponent,
                // unless the end is near.
                let since = near * if end < NEAR { y.exp_m1() } else { y.exp() - 1.0 };
                let other = if end < NEAR { ln_1p(since / far) } else { (1.0 + since / far).ln() };
                let (alpha_log, beta_log) = if alpha_is_near { (y, other) } else { (other, y) };
                let fall = m * alpha_log + s * beta_log;
                let by_beta = if alpha_is_near { (alpha + t + since) / (beta + t + since) } else { 1.0 };
                decay = fall;
                let share = 0.5 * length * weight * by_beta * (-fall).exp();
                visit(Node { since, share, alpha: alpha_log, beta: beta_log });
            };
            if steep * length <= GENTLE.0 && length <= GENTLE.1 {
                EIGHT.iter().rev().copied().for_each(&mut node);
            } else {
                SIXTEEN.iter().rev().copied().for_each(&mut node);
            }
            if decay > NEGLIGIBLE + rising {
                return;
            }
            begin += length;
        }
    }
}

impl PurchaseLaw<4> for ParetoNbd {
    fn start(shape: f64, rate: f64) -> [f64; 4] {
        [shape, shape / rate, shape, shape]
    }

    /// P(alive) of Schmittlein et al. (1987), with the u of the likelihood: 1 / (1 + e^u).
    fn p_alive(&self, customer: &Purchases) -> f64 {
        self.ln_odds(customer).map_or(1.0, |u| softplus(-u).1)
    }

    /// Expected purchases after now until each of `times`, into `expected`: P(alive), times the posterior
    /// mean rate, times how long somebody alive now lives (Schmittlein et al. 1987, Fader & Hardie 2005).
    fn expected_purchases(&self, customer: &Purchases, times: &[f64], expected: &mut [f64]) {
        let &ParetoNbd { r, alpha, s, beta } = self;
        let rate = (r + customer.frequency() as f64) / (alpha + customer.age());
        let alive = self.p_alive(customer);
        for (expected, time) in expected.iter_mut().zip(times) {
            *expected = alive * rate * mean_lifetime(s, beta + customer.age(), *time);
        }
    }

    /// Of [`mean_lifetime`], the integral of (1 + t / (β + T))^-s.
    fn past(&self, customer: &Purchases) -> Past {
        Past { distance: self.beta + customer.age(), order: self.s, fall: self.s.max(1.0) }
    }

    fn expected_purchases_new(&self, time: f64) -> f64 {
        self.r / self.alpha * mean_lifetime(self.s, self.beta, time)
    }
}

/// A power of the scale below which it is as good as none: (1 - e^-p) / p is 1 to rounding.
const NO_POWER: f64 = 1e-16;

/// How long of the next `time` somebody lives on average, whose rate of dropping out is Gamma(s, scale):
/// scale/(s - 1) · [1 - (scale/(scale + t))^(s - 1)], which is scale · ln((scale + t)/scale) at s = 1.
fn mean_lifetime(s: f64, scale: f64, time: f64) -> f64 {
    let log = ln_1p(time / scale);
    let power = (s - 1.0) * log;
    let mean = if power.abs() < NO_POWER { log } else { log * (-(-power).exp_m1() / power) };
    scale * mean
}
