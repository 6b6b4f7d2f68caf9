//! The few special functions that the likelihoods need and `libm` does not have.
//!
//! `libm` gives the logarithm of the gamma function. Its first two derivatives are short enough to
//! stand here; the crates that offer them bring linear algebra and random numbers along, and most have
//! no trigamma function.

/// The argument from which the asymptotic series below are exact to the last digit.
const ASYMPTOTIC: f64 = 10.0;

/// Steps of a rising factorial that are multiplied out before Stirling's series takes over.
const MULTIPLIED: u64 = 256;

/// The logarithm of the gamma function, for positive `x`.
pub(in crate::lifetime) fn ln_gamma(x: f64) -> f64 {
    libm::lgamma(x)
}

/// The first derivative of [`ln_gamma`] (Abramowitz & Stegun 6.3.5 and 6.3.18), for positive `x`.
pub(in crate::lifetime) fn digamma(mut x: f64) -> f64 {
    let mut below = 0.0;
    while x < ASYMPTOTIC {
        below += 1.0 / x;
        x += 1.0;
    }
    let i = 1.0 / (x * x);
    let series = i
        * (1.0 / 12.0
            - i * (1.0 / 120.0
                - i * (1.0 / 252.0
                    - i * (1.0 / 240.0 - i * (1.0 / 132.0 - i * (691.0 / 32_760.0 - i / 12.0))))));
    x.ln() - 0.5 / x - series - below
}

/// The second derivative of [`ln_gamma`] (Abramowitz & Stegun 6.4.6 and 6.4.12), for positive `x`.
pub(in crate::lifetime) fn trigamma(mut x: f64) -> f64 {
    let mut below = 0.0;
    while x < ASYMPTOTIC {
        below += 1.0 / (x * x);
        x += 1.0;
    }
    let i = 1.0 / (x * x);
    let series = i
        * (1.0 / 6.0
            - i * (1.0 / 30.0
                - i * (1.0 / 42.0
                    - i * (1.0 / 30.0 - i * (5.0 / 66.0 - i * (691.0 / 2_730.0 - i * 7.0 / 6.0))))));
    (1.0 + 0.5 / x + series) / x + below
}

/// ln Γ(z + n) - ln Γ(z) with its first two derivatives by z, for ascending whole n.
///
/// As ln z(z + 1)…(z + n - 1) it loses no digits where two logarithms of the gamma function would
/// cancel, and a population's few different n cost one division each instead of six series.
pub(in crate::lifetime) struct Rising {
    z: f64,
    n: u64,
    /// The logarithm of the factors before those in `product`.
    ln: f64,
    product: f64,
    first: f64,
    second: f64,
}

impl Rising {
    pub fn new(z: f64) -> Self {
        Rising { z, n: 0, ln: 0.0, product: 1.0, first: 0.0, second: 0.0 }
    }

    /// Value and derivatives for `n`, which is not below that of the call before.
    pub fn at(&mut self, n: u64) -> [f64; 3] {
        if n - self.n > MULTIPLIED {
            let (from, to) = (self.z + self.n as f64, self.z + n as f64);
            self.ln += ln_gamma(to) - ln_gamma(from);
            self.first += digamma(to) - digamma(from);
            self.second += trigamma(to) - trigamma(from);
            self.n = n;
        }
        while self.n < n {
            let factor = self.z + self.n as f64;
            self.product *= factor;
            if !(1e-200..1e200).contains(&self.product) {
                self.ln += self.product.ln();
                self.product = 1.0;
            }
            self.first += 1.0 / factor;
            self.second -= 1.0 / (factor * factor);
            self.n += 1;
        }
        [self.ln + self.product.ln(), self.first, self.second]
    }
}

/// ln(1 + x) for finite x > -1, with a relative error of at most five roundings, also for small x (D.
/// Goldberg, What every computer scientist should know about floating-point arithmetic, ACM Computing Surveys
/// 23 (1991), theorem 4). The system's own is exact to the last digit, but takes three times as long, and this
/// is most of what a likelihood computes.
#[inline]
pub(in crate::lifetime) fn ln_1p(x: f64) -> f64 {
    let sum = 1.0 + x;
    if sum == 1.0 { x } else { sum.ln() * (x / (sum - 1.0)) }
}

/// ln(1 + e^u) and its derivative 1 / (1 + e^-u), without overflow: log-sum-exp of two terms, one
/// factored out.
pub(in crate::lifetime) fn softplus(u: f64) -> (f64, f64) {
    let e = (-u.abs()).exp();
    let small = ln_1p(e);
    if u > 0.0 { (u + small, 1.0 / (1.0 + e)) } else { (small, e / (1.0 + e)) }
}

/// A sum that keeps what rounding would drop (Neumaier 1974), so that a million terms of a likelihood
/// can still be compared near its maximum.
#[derive(Default, Clone, Copy)]
pub(in crate::lifetime) struct Sum {
    sum: f64,
    lost: f64,
}

impl Sum {
    pub fn add(&mut self, term: f64) {
        let sum = self.sum + term;
        self.lost +=
            if self.sum.abs() >= term.abs() { (self.sum - sum) + term } else { (term - sum) + self.sum };
        self.sum = sum;
    }

    pub fn value(self) -> f64 {
        self.sum + self.lost
    }
}
