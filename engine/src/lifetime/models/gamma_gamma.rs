//! Gamma-Gamma: what a customer spends on a purchase, from the mean of the purchases seen.
//!
//! P. Fader, B. Hardie, The Gamma-Gamma Model of Monetary Value (2013): each spend ~ Gamma(p, ν), its
//! rate ν ~ Gamma(q, v) over the customers, independent of how often they buy. Only customers with
//! repeat purchases say anything.

use super::law::{Law, Parameter, SpendLaw};
use crate::error::{Error, ErrorKind, Result};
use crate::lifetime::data::{Cohort, Spend, Watch};
use crate::lifetime::numerics::newton::Expansion;
use crate::lifetime::numerics::special::{Sum, digamma, ln_1p, ln_gamma, trigamma};

/// The parameters; the paper's γ is here v, as everywhere else.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::lifetime) struct GammaGamma {
    pub p: f64,
    pub q: f64,
    pub v: f64,
}

/// Where the parameters stand in gradients and Hessians.
const P: usize = 0;
const Q: usize = 1;
const V: usize = 2;

impl Law<3> for GammaGamma {
    type Customer = Spend;

    const PARAMETERS: [Parameter; 3] = [
        Parameter::shape("p").at_infinity(", as if each customer always spent the same"),
        Parameter::shape("q").at_infinity(", as if customers did not differ in what they spend on average"),
        Parameter::rate("v").at_infinity(", as if customers did not differ in what they spend on average"),
    ];

    fn at([p, q, v]: [f64; 3]) -> Self {
        GammaGamma { p, q, v }
    }

    fn parameters(&self) -> [f64; 3] {
        [self.p, self.q, self.v]
    }

    /// Fader & Hardie (2013), equation (1a), the density of the mean spend z of x purchases, written so
    /// that neither large nor small z loses digits:
    ///
    /// ln f = ln Γ(px + q) - ln Γ(px) - ln Γ(q) - q ln(1 + xz/v) - px ln(1 + v/(xz)) - ln z.
    fn expansion(&self, population: &Cohort<Spend>, watch: &mut Watch<'_>) -> Result<Expansion<3>> {
        let &GammaGamma { p, q, v } = self;
        let mut value = Sum::default();
        let (mut g, mut h) = ([0.0; 3], [[0.0; 3]; 3]);
        let (ln_q, first_q, second_q) = (ln_gamma(q), digamma(q), trigamma(q));
        for group in population.customers.chunk_by(|(one, _), (next, _)| one.frequency() == next.frequency())
        {
            let x = group[0].0.frequency() as f64;
            let (px, all) = (p * x, p * x + q);
            let mut sum = 0.0;
            let mut weight = 0.0;
            for (customer, count) in group {
                watch.tick()?;
                let (z, count) = (customer.mean(), *count as f64);
                weight += count;
                let total = x * z;
                let (of_q, of_p) = (ln_1p(total / v), ln_1p(v / total));
                let by = 1.0 / (v + total);
                sum -= count * (q * of_q + px * of_p + z.ln());
                g[P] -= count * x * of_p;
                g[Q] -= count * of_q;
                g[V] += count * (q / v - all * by);
                h[P][V] -= count * x * by;
                h[Q][V] += count * (1.0 / v - by);
                h[V][V] += count * (all * by * by - q / (v * v));
            }
            value.add(sum);
            value.add(weight * (ln_gamma(all) - ln_gamma(px) - ln_q));
            let (first, second) = (digamma(all), trigamma(all));
            g[P] += weight * x * (first - digamma(px));
            g[Q] += weight * (first - first_q);
            h[P][P] += weight * x * x * (second - trigamma(px));
            h[P][Q] += weight * x * second;
            h[Q][Q] += weight * (second - second_q);
        }
        Ok(Expansion { value: value.value(), gradient: g, hessian: h })
    }
}

impl SpendLaw<3> for GammaGamma {
    const STARTS: [[f64; 3]; 2] = [[2.0, 3.0, 1.0], [10.0, 10.0, 1.0]];

    /// With q not above 1 the mean over the population is infinite, and it takes p x above 1 - q to have an
    /// expectation all the same.
    fn has_expectation(&self, customer: &Spend) -> bool {
        self.p * customer.frequency() as f64 + (self.q - 1.0) > 0.0
    }

    /// Fader & Hardie (2013), equation (5),
    /// p (v + xz) / (px + q - 1).
    fn expected_spend(&self, customer: &Spend) -> Result<f64> {
        let &GammaGamma { p, q, v } = self;
        let x = customer.frequency() as f64;
        let below = p * x + (q - 1.0);
        if below <= 0.0 {
            let whom = if x == 0.0 { "a customer without repeat purchases" } else { "the customer" };
            return Err(Error::new(ErrorKind::NumberOutOfRange, format!("expected spend of {whom} is not finite"))
                .detail(format!(
                    "With q = {q} not above 1 the mean over the population is infinite; p x + q is {}, and \
                     must exceed 1.",
                    below + 1.0
                ))
                .hint("Ask only for customers with repeat purchases, or fit the model to data with fewer extreme values."));
        }
        Ok(p * v / below + p * x / below * customer.mean())
    }
}
