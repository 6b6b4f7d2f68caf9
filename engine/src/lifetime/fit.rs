//! From customers to a model: scale, find the maximum, say how it went.
//!
//! Times and amounts are divided by their mean, so that the search is the same whatever the unit. Of a large
//! population a sample of some thousand different customers comes first; the whole then only has to
//! move the parameters by the sample's error, which takes Newton's method three or four passes.

use super::data::{Population, Purchases, Spend, Watch};
use super::model::{Exclusion, Kind, Model, NO_REPEAT, Parameters, TimeUnit};
use crate::error::{Error, ErrorKind, Result};
use crate::lifetime::models::bg_nbd::{self, BetaGeometric};
use crate::lifetime::models::gamma_gamma::{self, GammaGamma};
use crate::lifetime::models::pareto_nbd::{self, ParetoNbd};
use crate::lifetime::numerics::newton::{Expansion, Optimum, Outcome, maximise};

/// A model of purchases, that is any but Gamma-Gamma.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PurchaseModel {
    /// BG/NBD.
    BgNbd,
    /// MBG/NBD.
    MbgNbd,
    /// Pareto/NBD.
    ParetoNbd,
}

impl PurchaseModel {
    /// The same among all models.
    pub fn kind(self) -> Kind {
        match self {
            PurchaseModel::BgNbd => Kind::BgNbd,
            PurchaseModel::MbgNbd => Kind::MbgNbd,
            PurchaseModel::ParetoNbd => Kind::ParetoNbd,
        }
    }
}

/// The range of a shape. Beyond, the distribution is a point or has all its mass at the ends, for all
/// that data can tell.
const SHAPE: (f64, f64) = (1e-7, 1e5);
/// The range of a rate, in mean ages or mean spends.
const RATE: (f64, f64) = (1e-10, 1e10);

/// Different customers in the sample that a large population begins with.
const SAMPLE: usize = 8_000;

/// The parameters of `model` that make the purchases of `customers`, each with how many there are
/// of them, most likely; `unit` is that of their recency and age.
///
/// Equal data give equal bits, in any order and division into counts. `interrupted` is called once in ten
/// thousand terms and may stop the fit with an error.
///
/// Data that do not determine the parameters are no error: the result then has `converged` false, the
/// reason, and the best parameters that were found, which are finite and positive.
///
/// # Errors
///
/// `MissingValue` without customers; `NumberOutOfRange` for counts beyond 2^64 or times so large or small
/// that a parameter cannot be represented; whatever `interrupted` returns.
pub fn fit_purchases(
    model: PurchaseModel,
    customers: impl IntoIterator<Item = (Purchases, u64)>,
    unit: TimeUnit,
    interrupted: &mut dyn FnMut() -> Result<()>,
) -> Result<Model> {
    let mut population = Population::new(customers)?;
    let n = some(population.n)?;
    let scale = positive_or_one(population.mean(Purchases::age));
    let repeats = population.mean(|customer| customer.frequency() as f64);
    for (customer, _) in &mut population.customers {
        *customer = customer.scaled(scale);
    }
    let nothing = if population.customers.iter().all(|(customer, _)| customer.age() == 0.0) {
        Some("every age is zero, so nothing has been observed")
    } else if repeats == 0.0 {
        Some("no customer has a repeat purchase")
    } else {
        None
    };
    // A rate of purchases twice the mean, since many have dropped out.
    let rate = 2.0 * repeats.clamp(1e-3, 1e3);
    let shapes = [0.5, 1.5];
    let mut watch = Watch::new(interrupted);
    let (names, optimum) = match model {
        PurchaseModel::BgNbd | PurchaseModel::MbgNbd => {
            let from_the_first = model == PurchaseModel::MbgNbd;
            let starts = shapes.map(|r| [r, r / rate, 1.0, 3.0]);
            let ranges = [SHAPE, RATE, SHAPE, SHAPE];
            let mut likelihood = |at: &[f64; 4], population: &Population<Purchases>| {
                let [r, alpha, a, b] = *at;
                bg_nbd::expansion(&BetaGeometric { r, alpha, a, b, from_the_first }, population, &mut watch)
            };
            (["r", "alpha", "a", "b"], climb(&population, &starts, &ranges, &mut likelihood)?)
        }
        PurchaseModel::ParetoNbd => {
            let starts = shapes.map(|r| [r, r / rate, r, r]);
            let ranges = [SHAPE, RATE, SHAPE, RATE];
            let mut likelihood = |at: &[f64; 4], population: &Population<Purchases>| {
                let [r, alpha, s, beta] = *at;
                pareto_nbd::expansion(&ParetoNbd { r, alpha, s, beta }, population, &mut watch)
            };
            (["r", "alpha", "s", "beta"], climb(&population, &starts, &ranges, &mut likelihood)?)
        }
    };
    let parameters = match (model, optimum.at) {
        (PurchaseModel::BgNbd, [r, alpha, a, b]) => {
            Parameters::BgNbd { r, alpha: unscaled(alpha, scale)?, a, b }
        }
        (PurchaseModel::MbgNbd, [r, alpha, a, b]) => {
            Parameters::MbgNbd { r, alpha: unscaled(alpha, scale)?, a, b }
        }
        (PurchaseModel::ParetoNbd, [r, alpha, s, beta]) => {
            Parameters::ParetoNbd { r, alpha: unscaled(alpha, scale)?, s, beta: unscaled(beta, scale)? }
        }
    };
    // Each repeat purchase is a density in time.
    let log_likelihood = optimum.value - repeats * n * scale.ln();
    let reason = why_not(&optimum, &names, nothing);
    Ok(Model {
        parameters,
        unit: Some(unit),
        log_likelihood: Some(log_likelihood),
        customers: population.n,
        excluded: Vec::new(),
        converged: reason.is_none(),
        iterations: optimum.iterations,
        reason,
    })
}

/// The parameters of Gamma-Gamma that make the spend of `customers`, each with how many there are of
/// them, most likely. Customers without repeat purchases are left out and counted as excluded.
///
/// Otherwise as [`fit_purchases`].
///
/// # Errors
///
/// `MissingValue` if no customer has a repeat purchase; otherwise as [`fit_purchases`].
pub fn fit_gamma_gamma(
    customers: impl IntoIterator<Item = (Spend, u64)>,
    interrupted: &mut dyn FnMut() -> Result<()>,
) -> Result<Model> {
    let mut population = Population::new(customers)?;
    let mut excluded = 0;
    population.customers.retain(|(customer, count)| {
        let out = customer.frequency() == 0;
        excluded += if out { *count } else { 0 };
        !out
    });
    population.n -= excluded;
    if population.n == 0 && excluded > 0 {
        return Err(Error::new(ErrorKind::MissingValue, "no customers to fit a model to")
            .detail(format!("None of {excluded} customers has a repeat purchase."))
            .hint("Gamma-Gamma looks at the spend of the purchases after the first."));
    }
    let n = some(population.n)?;
    let scale = positive_or_one(population.mean(Spend::mean));
    for (customer, _) in &mut population.customers {
        *customer = customer.scaled(scale);
    }
    let first = population.customers.first().map(|(customer, _)| customer.mean());
    let same = population.customers.iter().all(|(customer, _)| Some(customer.mean()) == first);
    let nothing = same.then_some("the mean spend of all customers is the same");
    let mut watch = Watch::new(interrupted);
    let starts = [[2.0, 3.0, 1.0], [10.0, 10.0, 1.0]];
    let ranges = [SHAPE, SHAPE, RATE];
    let mut likelihood = |at: &[f64; 3], population: &Population<Spend>| {
        let [p, q, v] = *at;
        gamma_gamma::expansion(&GammaGamma { p, q, v }, population, &mut watch)
    };
    let optimum = climb(&population, &starts, &ranges, &mut likelihood)?;
    let [p, q, v] = optimum.at;
    let reason = why_not(&optimum, &["p", "q", "v"], nothing);
    let mut model = Model {
        parameters: Parameters::GammaGamma { p, q, v: unscaled(v, scale)? },
        unit: None,
        // Each mean is a density in money.
        log_likelihood: Some(optimum.value - n * scale.ln()),
        customers: population.n,
        excluded: Vec::new(),
        converged: reason.is_none(),
        iterations: optimum.iterations,
        reason,
    };
    if excluded > 0 {
        model.excluded.push(Exclusion { reason: NO_REPEAT.to_owned(), customers: excluded });
    }
    Ok(model)
}

/// A log-likelihood of a population as a function of the parameters.
type Likelihood<'a, C, const N: usize> = dyn FnMut(&[f64; N], &Population<C>) -> Result<Expansion<N>> + 'a;

/// The maximum over the whole population, from the first of `starts` from which one is found.
fn climb<C: Copy + Ord, const N: usize>(
    population: &Population<C>,
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
fn why_not<const N: usize>(optimum: &Optimum<N>, names: &[&str; N], nothing: Option<&str>) -> Option<String> {
    let what = match optimum.outcome {
        Outcome::Converged if nothing.is_none() => return None,
        Outcome::Converged => None,
        Outcome::Bound(parameter, upper) => {
            let end = if upper { "infinity" } else { "zero" };
            let name = names[parameter];
            let meaning = if nothing.is_none() { meaning(name, upper) } else { "" };
            Some(format!("parameter {name} runs to {end}{meaning}"))
        }
        Outcome::Flat(step) => {
            let longest = step.iter().fold(0.0_f64, |longest, s| longest.max(s.abs()));
            let moving: Vec<_> = (0..N)
                .filter(|i| step[*i].abs() >= 0.3 * longest && longest > 0.0)
                .map(|i| format!("{} {}", names[i], if step[i] > 0.0 { "grows" } else { "falls" }))
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

/// What it says of the customers that a parameter has no finite, positive value.
fn meaning(name: &str, upper: bool) -> &'static str {
    match (name, upper) {
        ("r" | "alpha", true) => ", as if all customers bought at the same rate",
        ("a" | "b", true) => ", as if the chance to drop out were the same for all customers",
        ("s" | "beta", true) => ", as if the rate of dropping out were the same for all customers",
        ("a" | "s", false) => ", as if hardly anybody dropped out",
        ("p", true) => ", as if each customer always spent the same",
        ("q" | "v", true) => ", as if customers did not differ in what they spend on average",
        _ => "",
    }
}

/// How many customers, of which there must be some.
fn some(n: u64) -> Result<f64> {
    if n > 0 {
        return Ok(n as f64);
    }
    Err(Error::new(ErrorKind::MissingValue, "no customers to fit a model to")
        .detail("The data have no row.")
        .hint("Look at the condition that selects the customers."))
}

fn positive_or_one(scale: f64) -> f64 {
    if scale > 0.0 { scale } else { 1.0 }
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
