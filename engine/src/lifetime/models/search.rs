//! The parameters of a law that make the data most likely.
//!
//! Of a large population a sample of some thousand different customers comes first; the whole then only has to
//! move the parameters by the sample's error, which takes Newton's method three or four passes.

use super::law::{Law, Measure, Parameter};
use crate::error::{Error, ErrorKind, Result};
use crate::lifetime::data::{Cohort, Watch};
use crate::lifetime::numerics::newton::{Expansion, Optimum, Outcome, maximise};

/// Different customers in the sample that a large population begins with.
const SAMPLE: usize = 8_000;

/// What a search found.
pub(in crate::lifetime) struct Found<L> {
    pub law: L,
    pub log_likelihood: f64,
    pub iterations: u32,
    pub reason: Option<String>,
}

impl<L> Found<L> {
    pub(in crate::lifetime) fn map<M>(self, wrap: impl FnOnce(L) -> M) -> Found<M> {
        let Found { law, log_likelihood, iterations, reason } = self;
        Found { law: wrap(law), log_likelihood, iterations, reason }
    }
}

/// Customers whose times or amounts were divided by `scale`, and why they say nothing, if so.
pub(in crate::lifetime) struct Scaled<'a, C> {
    pub population: &'a Cohort<C>,
    pub scale: f64,
    pub nothing: Option<&'static str>,
}

/// The parameters that make the customers most likely, searched from `starts`.
pub(super) fn search<L: Law<N>, const N: usize>(
    customers: &Scaled<'_, L::Customer>,
    starts: &[[f64; N]],
    watch: &mut Watch<'_>,
) -> Result<Found<L>> {
    let ranges = L::PARAMETERS.map(|parameter| parameter.measure.range());
    let mut likelihood =
        |at: &[f64; N], population: &Cohort<L::Customer>| L::at(*at).expansion(population, watch);
    let optimum = climb(customers.population, starts, &ranges, &mut likelihood)?;
    let mut parameters = optimum.at;
    for (value, parameter) in parameters.iter_mut().zip(&L::PARAMETERS) {
        if parameter.measure == Measure::Rate {
            *value = unscaled(*value, customers.scale)?;
        }
    }
    Ok(Found {
        law: L::at(parameters),
        log_likelihood: optimum.value,
        iterations: optimum.iterations,
        reason: why_not(&optimum, &L::PARAMETERS, customers.nothing),
    })
}

/// A log-likelihood of a population as a function of the parameters.
type Likelihood<'a, C, const N: usize> = dyn FnMut(&[f64; N], &Cohort<C>) -> Result<Expansion<N>> + 'a;

/// The maximum over the whole population, from the first of `starts` from which one is found.
fn climb<C: Copy + Ord, const N: usize>(
    population: &Cohort<C>,
    starts: &[[f64; N]],
    ranges: &[(f64, f64); N],
    likelihood: &mut Likelihood<'_, C, N>,
) -> Result<Optimum<N>> {
    let step = population.customers.len() / SAMPLE;
    let sample = (step > 1).then(|| population.thinned(step));
    let mut best: Option<Optimum<N>> = None;
    for start in starts {
        let mut from = *start;
        if let Some(sample) = &sample {
            let rough = maximise(from, ranges, &mut |at| likelihood(at, sample))?;
            if rough.outcome == Outcome::Converged {
                from = rough.at;
            }
        }
        let optimum = maximise(from, ranges, &mut |at| likelihood(at, population))?;
        let converged = optimum.outcome == Outcome::Converged;
        if best.as_ref().is_none_or(|best| converged || optimum.value > best.value) {
            best = Some(optimum);
        }
        if converged {
            break;
        }
    }
    best.ok_or_else(|| Error::new(ErrorKind::NotReady, "no start for the fit"))
}

/// Why a search did not find a maximum, if so.
fn why_not<const N: usize>(
    optimum: &Optimum<N>,
    parameters: &[Parameter; N],
    nothing: Option<&str>,
) -> Option<String> {
    let what = match optimum.outcome {
        Outcome::Converged if nothing.is_none() => return None,
        Outcome::Converged => None,
        Outcome::Bound(parameter, upper) => {
            let parameter = &parameters[parameter];
            let (end, meaning) =
                if upper { ("infinity", parameter.at_infinity) } else { ("zero", parameter.at_zero) };
            let meaning = if nothing.is_none() { meaning } else { "" };
            Some(format!("parameter {} runs to {end}{meaning}", parameter.name))
        }
        Outcome::Flat(step) => {
            let longest = step.iter().fold(0.0_f64, |longest, s| longest.max(s.abs()));
            let moving: Vec<_> = (0..N)
                .filter(|i| step[*i].abs() >= 0.3 * longest && longest > 0.0)
                .map(|i| format!("{} {}", parameters[i].name, if step[i] > 0.0 { "grows" } else { "falls" }))
                .collect();
            Some(if moving.is_empty() {
                "the data do not determine all parameters".to_owned()
            } else {
                format!("the likelihood no longer changes while {}", moving.join(", "))
            })
        }
        Outcome::Stuck => Some("the search came to no end".to_owned()),
    };
    Some([nothing.map(str::to_owned), what].into_iter().flatten().collect::<Vec<_>>().join(": "))
}

/// A rate in the unit of the data.
fn unscaled(rate: f64, scale: f64) -> Result<f64> {
    let rate = rate * scale;
    if rate.is_normal() {
        return Ok(rate);
    }
    Err(Error::new(ErrorKind::NumberOutOfRange, "a parameter of the model is out of range")
        .detail(format!("The mean of the data is {scale:e}."))
        .hint("Use a unit in which times and amounts are neither tiny nor huge."))
}
