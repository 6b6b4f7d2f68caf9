//! BG/NBD and MBG/NBD: gamma-distributed purchase rates, and after a purchase a beta-distributed
//! chance that it was the last.
//!
//! BG/NBD: P. Fader, B. Hardie, K. Lee, "Counting Your Customers" the Easy Way, Marketing Science 24
//! (2005). A customer may drop out after every repeat purchase, so one who has none is alive for sure.
//!
//! MBG/NBD: E. Batislam, M. Denizel, A. Filiztekin, Empirical validation and comparison of models for
//! customer base analysis, International Journal of Research in Marketing 24 (2007), and as CBG/NBD D.
//! Hoppe, U. Wagner, Customer base analysis: the case for a central variant of the BG/NBD model,
//! Marketing ZFP 29 (2007); the mean of a new customer as corrected by U. Wagner, D. Hoppe, Erratum on the
//! MBG/NBD model, IJRM 25 (2008). The first purchase, too, may have been the last.
//!
//! With k (`K`) = 0 for the first and k = 1 for the second, both say, for rate λ ~ Gamma(r, α) and chance of
//! dropping out p ~ Beta(a, b): after x repeat purchases x + k chances to drop out were passed, or
//! x + k - 1 and the last one was taken.

use super::law::{Law, Parameter, PurchaseLaw};
use crate::error::Result;
use crate::lifetime::data::{Cohort, Purchases, Watch};
use crate::lifetime::numerics::newton::Expansion;
use crate::lifetime::numerics::quadrature::thinned_mean;
use crate::lifetime::numerics::special::{Rising, Sum, ln_1p, softplus};
use crate::lifetime::past::Past;

/// The parameters as the papers name them; `K` tells which of the two models it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::lifetime) struct BetaGeometric<const K: u64> {
    pub r: f64,
    pub alpha: f64,
    pub a: f64,
    pub b: f64,
}

/// BG/NBD.
pub(in crate::lifetime) type BgNbd = BetaGeometric<0>;
/// MBG/NBD.
pub(in crate::lifetime) type MbgNbd = BetaGeometric<1>;

/// Where the parameters stand in gradients and Hessians.
const R: usize = 0;
const ALPHA: usize = 1;
const A: usize = 2;
const B: usize = 3;

impl<const K: u64> Law<4> for BetaGeometric<K> {
    type Customer = Purchases;

    const PARAMETERS: [Parameter; 4] = [
        Parameter::shape("r").at_infinity(", as if all customers bought at the same rate"),
        Parameter::rate("alpha").at_infinity(", as if all customers bought at the same rate"),
        Parameter::shape("a")
            .at_zero(", as if hardly anybody dropped out")
            .at_infinity(", as if the chance to drop out were the same for all customers"),
        Parameter::shape("b").at_infinity(", as if the chance to drop out were the same for all customers"),
    ];

    fn at([r, alpha, a, b]: [f64; 4]) -> Self {
        BetaGeometric { r, alpha, a, b }
    }

    fn parameters(&self) -> [f64; 4] {
        [self.r, self.alpha, self.a, self.b]
    }

    /// Fader, Hardie & Lee (2005), equation (6), in logarithms and with the common factor taken out:
    ///
    /// ln L = ln Γ(r + x)/Γ(r) + ln B(a, b + y)/B(a, b) + r ln α - (r + x) ln(α + T) + ln(1 + e^u),
    /// u = (r + x) ln((α + T)/(α + t_x)) + ln(a / (b + y - 1)), y = x + k,
    ///
    /// where the last term is there only if y > 0; for k = 1 it is that of Hoppe & Wagner
    /// (2007).
    fn expansion(&self, population: &Cohort<Purchases>, watch: &mut Watch<'_>) -> Result<Expansion<4>> {
        let &BetaGeometric { r, alpha, a, b } = self;
        let mut value = Sum::default();
        let (mut g, mut h) = ([0.0; 4], [[0.0; 4]; 4]);
        let (mut of_r, mut of_b, mut of_ab) = (Rising::new(r), Rising::new(b), Rising::new(a + b));
        for group in population.customers.chunk_by(|(one, _), (next, _)| one.frequency() == next.frequency())
        {
            let frequency = group[0].0.frequency();
            // At most i64::MAX, so one more fits.
            let (x, y) = (frequency as f64, frequency + K);
            let m = r + x;
            let drop = (y > 0).then(|| {
                let before = b + (y as f64 - 1.0);
                (a.ln() - before.ln(), 1.0 / before)
            });
            let mut sum = 0.0;
            let mut weight = 0.0;
            let (mut last_age, mut since_start, mut at_age) = (0.0, 0.0, 1.0 / alpha);
            for (customer, count) in group {
                watch.tick()?;
                let (t, age, count) = (customer.recency(), customer.age(), *count as f64);
                weight += count;
                if age != last_age {
                    (last_age, since_start, at_age) = (age, ln_1p(age / alpha), 1.0 / (alpha + age));
                }
                sum -= count * m * since_start;
                g[R] -= count * since_start;
                let slope = r / alpha - m * at_age;
                g[ALPHA] += count * slope;
                h[R][ALPHA] += count * (1.0 / alpha - at_age);
                h[ALPHA][ALPHA] += count * (m * at_age * at_age - r / (alpha * alpha));
                if let Some((ln_odds, by_before)) = drop {
                    let at_last = 1.0 / (alpha + t);
                    let silent = ln_1p((age - t) * at_last);
                    let (soft, share) = softplus(m * silent + ln_odds);
                    sum += count * soft;
                    let by_alpha = at_age - at_last;
                    let du = [silent, m * by_alpha, 1.0 / a, -by_before];
                    let first = count * share;
                    let second = first * (1.0 - share);
                    for i in 0..4 {
                        g[i] += first * du[i];
                        for j in i..4 {
                            h[i][j] += second * du[i] * du[j];
                        }
                    }
                    h[R][ALPHA] += first * by_alpha;
                    h[ALPHA][ALPHA] -= first * m * by_alpha * (at_age + at_last);
                    h[A][A] -= first / (a * a);
                    h[B][B] += first * by_before * by_before;
                }
            }
            let [ln_r, first_r, second_r] = of_r.at(frequency);
            let [ln_b, first_b, second_b] = of_b.at(y);
            let [ln_ab, first_ab, second_ab] = of_ab.at(y);
            value.add(sum);
            value.add(weight * (ln_r + ln_b - ln_ab - x * alpha.ln()));
            g[R] += weight * first_r;
            h[R][R] += weight * second_r;
            g[A] -= weight * first_ab;
            g[B] += weight * (first_b - first_ab);
            h[A][A] -= weight * second_ab;
            h[A][B] -= weight * second_ab;
            h[B][B] += weight * (second_b - second_ab);
        }
        Ok(Expansion { value: value.value(), gradient: g, hessian: h })
    }
}

/// Terms of the series below, at most; beyond, quadrature costs less.
const TERMS: f64 = 2_000.0;
/// Terms after which the series ends in any case: it takes some [`TERMS`], and no odd number may go round for ever.
const LAST_TERM: f64 = 100.0 * TERMS;
/// How far the terms must have fallen, in logarithms, until those to come are lost in rounding: e^-37 < 2^-53.
const LOST: f64 = 37.0;
/// Up to here the first weight, e to its minus, keeps all its digits: well clear of the smallest normal number,
/// which is about e^-708, so that the weights after it do too.
const FIRST_WEIGHT: f64 = 600.0;
/// How many standard deviations above its mean the negative binomial distribution has what counts of its mass.
const DEVIATIONS: f64 = 8.0;
/// The part of the sum that the terms to come may be: less than half a unit in its last place.
const REST: f64 = 1e-16;
/// Time points that go through the series side by side.
const LANES: usize = 4;

impl<const K: u64> BetaGeometric<K> {
    fn passed(&self, customer: &Purchases) -> f64 {
        customer.frequency() as f64 + K as f64
    }
}

impl<const K: u64> PurchaseLaw<4> for BetaGeometric<K> {
    fn start(shape: f64, rate: f64) -> [f64; 4] {
        [shape, shape / rate, 1.0, 3.0]
    }

    /// P(alive), Fader, Hardie & Lee, Computing P(alive) Using the BG/NBD Model (2008); with k = 1
    /// Hoppe & Wagner (2007): 1 / (1 + e^u) with the u of the likelihood.
    fn p_alive(&self, customer: &Purchases) -> f64 {
        let y = self.passed(customer);
        if y == 0.0 {
            return 1.0;
        }
        let m = self.r + customer.frequency() as f64;
        let silent = ln_1p((customer.age() - customer.recency()) / (self.alpha + customer.recency()));
        let odds = (m * silent).exp() * self.a / (self.b + (y - 1.0));
        1.0 / (1.0 + odds)
    }

    /// Expected purchases after now until each of `times`, into `expected`.
    ///
    /// Fader, Hardie & Lee (2005), equation (10), which is P(alive) times what a customer buys who is
    /// alive, with the posterior λ ~ Gamma(r + x, α + T), p ~ Beta(a, b + x + k).
    fn expected_purchases(&self, customer: &Purchases, times: &[f64], expected: &mut [f64]) {
        let m = self.r + customer.frequency() as f64;
        let scale = self.alpha + customer.age();
        let alive = self.p_alive(customer);
        while_alive(m, scale, self.a, self.b + self.passed(customer), times, expected);
        expected.iter_mut().for_each(|e| *e *= alive);
    }

    /// Of [`while_alive`], the integral of m / scale times F(-t / scale), F = ₂F₁(m + 1, a; a + b; ·), which
    /// is E[(1 + p t / scale)^-(m + 1)].
    ///
    /// F(z) ≤ (1 - z)^-a if m + 1 ≤ a + b, since its terms are then below that one's. Otherwise F(z) ≤
    /// (1 - z)^-(m + 1 - b), by Euler's transformation (Abramowitz & Stegun 15.3.3). And it is at most what p = 1
    /// gives. Its integral is at least what the mean of p gives, by Jensen's inequality.
    fn past(&self, customer: &Purchases) -> Past {
        let m = self.r + customer.frequency() as f64;
        let b = self.b + self.passed(customer);
        Past {
            distance: self.alpha + customer.age(),
            order: self.a.max(m + 1.0 - b).min(m + 1.0),
            fall: m.max(1.0) * self.a / (self.a + b),
        }
    }

    /// Expected repeat purchases of somebody within `time` after the first purchase: Fader, Hardie &
    /// Lee (2005), equation (9); for k = 1 the customer must first pass the chance to drop out at once.
    fn expected_purchases_new(&self, time: f64) -> f64 {
        let &BetaGeometric { r, alpha, a, b } = self;
        let mut expected = [0.0];
        if K > 0 {
            while_alive(r, alpha, a, b + 1.0, &[time], &mut expected);
            b / (a + b) * expected[0]
        } else {
            while_alive(r, alpha, a, b, &[time], &mut expected);
            expected[0]
        }
    }
}

/// What a customer buys within each of `times`, who is alive with λ ~ Gamma(m, scale), p ~ Beta(a, b).
///
/// The papers write this as
/// (a + b - 1)/(a - 1) · [1 - (scale/(scale + t))^m ₂F₁(m, b; a + b - 1; z)], z = t/(scale + t),
/// which is 0/0 at a = 1 and loses digits near it and for small t. Multiplying the bracket out term by
/// term cancels a - 1 and leaves only positive terms:
///
/// Σ_n NB(n; m, z) S_n, S_n = Σ_{j<n} (b)_j / (a + b)_j
///
/// (n purchases if nobody dropped out, of which on average S_n come to pass), with NB the negative
/// binomial distribution. It converges like z^n from n = m t / scale on.
pub(in crate::lifetime) fn while_alive(
    m: f64,
    scale: f64,
    a: f64,
    b: f64,
    times: &[f64],
    expected: &mut [f64],
) {
    for (times, expected) in times.chunks(LANES).zip(expected.chunks_mut(LANES)) {
        let longest = times.iter().fold(0.0_f64, |longest, t| longest.max(*t)) / scale;
        let none = m * longest.ln_1p();
        let spread = (m * longest * (1.0 + longest)).sqrt();
        let tail = LOST / (1.0 / longest).ln_1p();
        if none < FIRST_WEIGHT && m * longest + DEVIATIONS * spread + tail < TERMS {
            match times {
                [_] => series::<1>(m, scale, a, b, times, expected),
                _ => series::<LANES>(m, scale, a, b, times, expected),
            }
        } else {
            for (time, expected) in times.iter().zip(expected) {
                *expected = if *time > 0.0 { thinned_mean(m, time / scale, a, b) } else { 0.0 };
            }
        }
    }
}

/// The series of [`while_alive`] for at most `L` times, which [`while_alive`] sees to. (With iterators instead of
/// the indices the compiler does not find the vectors: half as fast.)
fn series<const L: usize>(m: f64, scale: f64, a: f64, b: f64, times: &[f64], expected: &mut [f64]) {
    let (mut z, mut weight) = ([0.0; L], [0.0; L]);
    for (l, time) in times.iter().enumerate() {
        let relative = time / scale;
        z[l] = relative / (1.0 + relative);
        weight[l] = (-m * ln_1p(relative)).exp();
    }
    let last = (0..L).fold(0, |last, l| if z[l] > z[last] { l } else { last });
    let mut sum = [0.0; L];
    let (mut passed, mut bought) = (1.0, 0.0);
    let mut n = 0.0;
    while n < LAST_TERM {
        // Some terms between two looks at whether they still count.
        for _ in 0..4 {
            // One division for (m + n) / (n + 1) and (b + n) / (a + b + n).
            let by = 1.0 / ((n + 1.0) * (a + b + n));
            let step = (m + n) * (a + b + n) * by;
            bought += passed;
            passed *= (b + n) * (n + 1.0) * by;
            for l in 0..L {
                weight[l] *= step * z[l];
                sum[l] += weight[l] * bought;
            }
            n += 1.0;
        }
        // The terms to come fall at least as fast as a geometric series with this ratio.
        let ratio = z[last] * ((m + n) / (n + 1.0)).max(1.0) * (1.0 + 1.0 / n);
        if ratio < 1.0 && weight[last] * bought * ratio <= REST * sum[last] * (1.0 - ratio) {
            break;
        }
    }
    expected.copy_from_slice(&sum[..times.len()]);
}
