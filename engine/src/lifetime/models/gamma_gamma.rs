//! Gamma-Gamma: what a customer spends on a purchase, from the mean of the purchases seen.
//!
//! P. Fader, B. Hardie, The Gamma-Gamma Model of Monetary Value (2013): each spend ~ Gamma(p, ν), its
//! rate ν ~ Gamma(q, v) over the customers, independent of how often they buy. Only customers with
//! repeat purchases say anything.

use crate::error::{Error, ErrorKind, Result};
use crate::lifetime::data::{Population, Spend, Watch};
use crate::lifetime::numerics::newton::Expansion;
use crate::lifetime::numerics::special::{Sum, digamma, ln_1p, ln_gamma, trigamma};

/// The parameters; the paper's γ is here v, as everywhere else.
#[derive(Debug, Clone, Copy)]
pub(in crate::lifetime) struct GammaGamma {
    pub p: f64,
    pub q: f64,
    pub v: f64,
}

/// The log-likelihood of a population with its derivatives by p, q, v.
///
/// Fader & Hardie (2013), equation (1a), the density of the mean spend z of x purchases, written so
/// that neither large nor small z loses digits:
///
/// ln f = ln Γ(px + q) - ln Γ(px) - ln Γ(q) - q ln(1 + xz/v) - px ln(1 + v/(xz)) - ln z.
pub(in crate::lifetime) fn expansion(
    model: &GammaGamma,
    population: &Population<Spend>,
    watch: &mut Watch<'_>,
) -> Result<Expansion<3>> {
    let &GammaGamma { p, q, v } = model;
    let mut value = Sum::default();
    let (mut g, mut h) = ([0.0; 3], [[0.0; 3]; 3]);
    let (ln_q, first_q, second_q) = (ln_gamma(q), digamma(q), trigamma(q));
    for group in population.customers.chunk_by(|(one, _), (next, _)| one.frequency() == next.frequency()) {
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
            g[0] -= count * x * of_p;
            g[1] -= count * of_q;
            g[2] += count * (q / v - all * by);
            h[0][2] -= count * x * by;
            h[1][2] += count * (1.0 / v - by);
            h[2][2] += count * (all * by * by - q / (v * v));
        }
        value.add(sum);
        value.add(weight * (ln_gamma(all) - ln_gamma(px) - ln_q));
        let (first, second) = (digamma(all), trigamma(all));
        g[0] += weight * x * (first - digamma(px));
        g[1] += weight * (first - first_q);
        h[0][0] += weight * x * x * (second - trigamma(px));
        h[0][1] += weight * x * second;
        h[1][1] += weight * (second - second_q);
    }
    Ok(Expansion { value: value.value(), gradient: g, hessian: h })
}

impl GammaGamma {
    /// The spend to expect of a customer's purchases: Fader & Hardie (2013), equation (5),
    /// p (v + xz) / (px + q - 1).
    pub fn expected_spend(&self, customer: &Spend) -> Result<f64> {
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
