//! What a treatment did: the difference between customers who were treated and customers who were held out.
//!
//! A measure is a ratio of sums over customers, such as answers above a threshold over answers; a mean is the ratio whose
//! denominator is 1 for each. Its variance is that of the ratio by the delta method: with z = (value - R per) / mean(per), R being
//! the ratio of the group, var(R) = var(z) / n (W. Cochran, Sampling Techniques, 3rd ed. 1977, section 2.11).
//!
//! CUPED takes away what the period before explains (A. Deng, Y. Xu, R. Kohavi, T. Walker, Improving the Sensitivity of Online
//! Controlled Experiments by Utilizing Pre-Experiment Data, WSDM 2013): the difference less θ times the difference of the
//! period before, θ = cov(z, x) / var(x) over both groups. It is unbiased because customers are drawn by chance.
//!
//! The bootstrap draws customers anew within each group and takes the quantiles of the differences (B. Efron, R. Tibshirani, An
//! Introduction to the Bootstrap, 1993, section 13.3).
//!
//! All of it is computed of parts of the largest figure of each kind, by powers of two, which rounds nothing: no sum and no square of
//! large amounts leaves what a double can hold, or of small ones comes to nothing.

mod bootstrap;
mod scale;

use crate::error::{Error, Result};

use bootstrap::bootstrap;
use scale::Scale;

/// The share of real effects of the size [`Effect::detectable`] that a test at the confidence would find.
pub const POWER: f64 = 0.8;

/// The most times that customers are drawn anew.
pub const MAX_REPLICATES: u32 = 100_000;

/// A customer: what is counted above and below the line, in the period and in the one before.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Unit {
    /// Numerator in the period.
    pub value: f64,
    /// Denominator in the period.
    pub per: f64,
    /// Numerator in the period before.
    pub value_before: f64,
    /// Denominator in the period before.
    pub per_before: f64,
}

/// How an effect is estimated.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// The probability with which the interval is to cover the effect, such as 0.95.
    pub confidence: f64,
    /// How often customers are drawn anew; 0: not at all.
    pub replicates: u32,
    /// What the draws begin with.
    pub seed: u64,
}

/// An estimate with an interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The estimate.
    pub value: f64,
    /// The standard error.
    pub error: f64,
    /// The lower end of the interval.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// The effect of a treatment on a measure.
#[derive(Debug, Clone, PartialEq)]
pub struct Effect {
    /// The measure among the treated; `None` if its denominator is 0.
    pub treated: Option<f64>,
    /// The measure among those held out.
    pub held_out: Option<f64>,
    /// The measure among the treated in the period before.
    pub treated_before: Option<f64>,
    /// Treated less held out, with the normal interval; `None` unless each group has two customers and a denominator.
    pub difference: Option<Estimate>,
    /// The interval of the bootstrap.
    pub bootstrap: Option<(f64, f64)>,
    /// The smallest difference that would be found with a probability of [`POWER`].
    pub detectable: Option<f64>,
    /// The difference adjusted by the period before.
    pub adjusted: Option<Estimate>,
}

/// The sums of a group that estimates need.
struct Group {
    ratio: f64,
    /// The customers, linearised: z, and x of the period before.
    points: Vec<(f64, f64)>,
}

fn group(units: &[Unit], before: Option<(f64, f64)>) -> Option<Group> {
    let per: f64 = units.iter().map(|unit| unit.per).sum();
    if units.len() < 2 || per <= 0.0 {
        return None;
    }
    let ratio = units.iter().map(|unit| unit.value).sum::<f64>() / per;
    let mean = per / units.len() as f64;
    let points = units
        .iter()
        .map(|unit| {
            let x = before.map_or(0.0, |(ratio, mean)| (unit.value_before - ratio * unit.per_before) / mean);
            ((unit.value - ratio * unit.per) / mean, x)
        })
        .collect();
    Some(Group { ratio, points })
}

/// Mean, variance and covariance of (z, x).
struct Moments {
    mean_x: f64,
    var_z: f64,
    var_x: f64,
    cov: f64,
    n: f64,
}

fn moments(points: &[(f64, f64)]) -> Moments {
    let n = points.len() as f64;
    let mean_z = points.iter().map(|(z, _)| z).sum::<f64>() / n;
    let mean_x = points.iter().map(|(_, x)| x).sum::<f64>() / n;
    let (mut var_z, mut var_x, mut cov) = (0.0, 0.0, 0.0);
    for (z, x) in points {
        let (z, x) = (z - mean_z, x - mean_x);
        var_z += z * z;
        var_x += x * x;
        cov += z * x;
    }
    Moments { mean_x, var_z: var_z / (n - 1.0), var_x: var_x / (n - 1.0), cov: cov / (n - 1.0), n }
}

/// The point below which a share of the standard normal distribution lies.
fn normal_quantile(share: f64) -> f64 {
    let below = |x: f64| 0.5 * libm::erfc(-x / std::f64::consts::SQRT_2);
    let (mut low, mut high) = (-40.0_f64, 40.0_f64);
    while high - low > 1e-14 * low.abs().max(1.0) {
        let middle = f64::midpoint(low, high);
        if middle <= low || middle >= high {
            break;
        }
        if below(middle) < share { low = middle } else { high = middle }
    }
    f64::midpoint(low, high)
}

/// The effect on a measure. `watch` is called now and then, and its error ends the work.
///
/// # Errors
///
/// `InvalidValue` for a confidence that is not between 0 and 1, too many replicates, or a unit that is not finite;
/// `NumberOutOfRange` for an effect that is larger than any number; and what `watch` returns.
pub fn effect(
    treated: &[Unit],
    held_out: &[Unit],
    settings: Settings,
    watch: &mut dyn FnMut() -> Result<()>,
) -> Result<Effect> {
    if !(settings.confidence > 0.0 && settings.confidence < 1.0) {
        return Err(Error::invalid("confidence must lie between 0 and 1")
            .detail(format!("It is {}.", settings.confidence))
            .hint("Give a share such as 0.95."));
    }
    if settings.replicates > MAX_REPLICATES {
        return Err(Error::invalid("the bootstrap draws too often")
            .detail(format!("It is to draw {} times, at most {MAX_REPLICATES}.", settings.replicates))
            .hint("A thousand draws are enough for an interval."));
    }
    let finite = |unit: &Unit| {
        [unit.value, unit.per, unit.value_before, unit.per_before].iter().all(|x| x.is_finite())
    };
    if !treated.iter().chain(held_out).all(finite) {
        return Err(Error::invalid("a figure of a customer is not finite")
            .hint("tiering.check_events() shows amounts that are no numbers."));
    }
    let scale = Scale::of(treated.iter().chain(held_out));
    scale.effect(effect_of_parts(&scale.parts(treated), &scale.parts(held_out), settings, watch)?)
}

fn effect_of_parts(
    treated: &[Unit],
    held_out: &[Unit],
    settings: Settings,
    watch: &mut dyn FnMut() -> Result<()>,
) -> Result<Effect> {
    // The measure of the period before, over both groups: nothing was treated then.
    let all = || treated.iter().chain(held_out);
    let per_before: f64 = all().map(|unit| unit.per_before).sum();
    let before = (per_before > 0.0).then(|| {
        let ratio = all().map(|unit| unit.value_before).sum::<f64>() / per_before;
        (ratio, per_before / (treated.len() + held_out.len()) as f64)
    });
    let ratio = |units: &[Unit], of: fn(&Unit) -> (f64, f64)| {
        let per: f64 = units.iter().map(|unit| of(unit).1).sum();
        (per > 0.0).then(|| units.iter().map(|unit| of(unit).0).sum::<f64>() / per)
    };
    let mut effect = Effect {
        treated: ratio(treated, |unit| (unit.value, unit.per)),
        held_out: ratio(held_out, |unit| (unit.value, unit.per)),
        treated_before: ratio(treated, |unit| (unit.value_before, unit.per_before)),
        difference: None,
        bootstrap: None,
        detectable: None,
        adjusted: None,
    };
    let (Some(one), Some(other)) = (group(treated, before), group(held_out, before)) else {
        return Ok(effect);
    };
    let quantile = normal_quantile(f64::midpoint(1.0, settings.confidence));
    let estimate = |value: f64, variance: f64| {
        let error = variance.max(0.0).sqrt();
        Estimate { value, error, low: value - quantile * error, high: value + quantile * error }
    };
    let (m, k) = (moments(&one.points), moments(&other.points));
    let difference = one.ratio - other.ratio;
    let plain = estimate(difference, m.var_z / m.n + k.var_z / k.n);
    effect.detectable = Some((quantile + normal_quantile(POWER)) * plain.error);
    effect.difference = Some(plain);
    let pooled_x = m.var_x * (m.n - 1.0) + k.var_x * (k.n - 1.0);
    if pooled_x > 0.0 {
        let theta = (m.cov * (m.n - 1.0) + k.cov * (k.n - 1.0)) / pooled_x;
        let rest = |g: &Moments| (g.var_z - 2.0 * theta * g.cov + theta * theta * g.var_x) / g.n;
        effect.adjusted = Some(estimate(difference - theta * (m.mean_x - k.mean_x), rest(&m) + rest(&k)));
    }
    if settings.replicates > 0 {
        effect.bootstrap = bootstrap(treated, held_out, settings, watch)?;
    }
    Ok(effect)
}

#[cfg(test)]
mod tests {
    use rand_pcg::Pcg64;
    use rand_pcg::rand_core::{RngCore, SeedableRng};

    use super::*;
    use crate::error::ErrorKind;

    const SETTINGS: Settings = Settings { confidence: 0.95, replicates: 0, seed: 1 };

    fn uniform(random: &mut Pcg64) -> f64 {
        (random.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn normal(random: &mut Pcg64) -> f64 {
        let (u, v) = (1.0 - uniform(random), uniform(random));
        (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos()
    }

    /// Customers with a habit of their own, of which the treated do `lift` more; skewed, as sales are.
    fn customers(n: usize, lift: f64, random: &mut Pcg64) -> Vec<Unit> {
        (0..n)
            .map(|_| {
                let habit = (0.5 * normal(random)).exp();
                let spent = |random: &mut Pcg64| habit * (0.4 * normal(random)).exp();
                let per = 1.0 + (uniform(random) * 4.0).floor();
                let per_before = 1.0 + (uniform(random) * 4.0).floor();
                Unit {
                    value: spent(random) * per + lift * per,
                    per,
                    value_before: spent(random) * per_before,
                    per_before,
                }
            })
            .collect()
    }

    fn mean(mut units: Vec<Unit>) -> Vec<Unit> {
        for unit in &mut units {
            unit.value /= unit.per;
            unit.value_before /= unit.per_before;
            (unit.per, unit.per_before) = (1.0, 1.0);
        }
        units
    }

    /// By hand: two groups of three and four, a mean.
    #[test]
    fn a_difference_of_means() {
        let units = |values: &[f64]| {
            values.iter().map(|value| Unit { value: *value, per: 1.0, ..Unit::default() }).collect::<Vec<_>>()
        };
        let effect =
            effect(&units(&[1.0, 2.0, 3.0]), &units(&[0.0, 1.0, 1.0, 2.0]), SETTINGS, &mut || Ok(()))
                .unwrap();
        let difference = effect.difference.unwrap();
        assert_eq!(difference.value, 1.0);
        let error = (1.0 / 3.0 + 2.0 / 3.0 / 4.0_f64).sqrt();
        assert!((difference.error - error).abs() < 1e-15);
        assert!((difference.high - (1.0 + 1.959963984540054 * error)).abs() < 1e-12);
        assert!(
            (effect.detectable.unwrap() - (1.959963984540054 + 0.8416212335729143) * error).abs() < 1e-12
        );
        assert_eq!(effect.adjusted, None);
    }

    #[test]
    fn nothing_to_compare_is_none() {
        let one = [Unit { value: 1.0, per: 1.0, ..Unit::default() }];
        let none = [Unit::default(); 5];
        for (treated, held_out) in [(&one[..], &one[..]), (&none[..], &none[..]), (&one[..], &[][..])] {
            let effect =
                effect(treated, held_out, Settings { replicates: 10, ..SETTINGS }, &mut || Ok(())).unwrap();
            assert_eq!((effect.difference, effect.bootstrap), (None, None));
        }
    }

    #[test]
    fn the_same_seed_draws_the_same() {
        let mut random = Pcg64::seed_from_u64(3);
        let (treated, held_out) = (customers(50, 0.1, &mut random), customers(30, 0.0, &mut random));
        let interval = |seed| {
            let settings = Settings { replicates: 200, seed, ..SETTINGS };
            effect(&treated, &held_out, settings, &mut || Ok(())).unwrap().bootstrap.unwrap()
        };
        assert_eq!(interval(7), interval(7));
        assert_ne!(interval(7), interval(8));
    }

    /// What amounts come to does not depend on how large they are, up to the largest that there are.
    #[test]
    fn sums_of_the_largest_amounts_are_finite() {
        let settings = Settings { replicates: 100, ..SETTINGS };
        let of = |scale: f64| {
            let units = |values: &[f64]| {
                let unit = |value: &f64| Unit {
                    value: value * scale,
                    per: 1.0,
                    value_before: value * value / 4.0 * scale,
                    per_before: 1.0,
                };
                values.iter().map(unit).collect::<Vec<_>>()
            };
            let (treated, held_out) = (units(&[1.0, 2.0, 4.0, 2.0]), units(&[2.0, 1.0, 1.0, 2.0]));
            effect(&treated, &held_out, settings, &mut || Ok(())).unwrap()
        };
        let one = of(1.0);
        assert_eq!(one.treated_before, Some(25.0 / 16.0));
        for exponent in [-1060, -500, 500, 1020] {
            let scale = libm::scalbn(1.0, exponent);
            let other = of(scale);
            let same = |one: Estimate, other: Estimate| {
                let parts = [one.value, one.error, one.low, one.high];
                assert_eq!(
                    parts.map(|part| libm::scalbn(part, exponent)),
                    [other.value, other.error, other.low, other.high]
                );
            };
            if exponent > -1000 {
                same(one.difference.unwrap(), other.difference.unwrap());
                same(one.adjusted.unwrap(), other.adjusted.unwrap());
            }
            assert!(other.difference.unwrap().error > 0.0);
        }
        let units = |values: &[f64]| {
            values.iter().map(|value| Unit { value: *value, per: 1.0, ..Unit::default() }).collect::<Vec<_>>()
        };
        let beyond = effect(&units(&[1e308, 1.7e308]), &units(&[-1e308, -1.7e308]), SETTINGS, &mut || Ok(()));
        assert_eq!(beyond.unwrap_err().kind, ErrorKind::NumberOutOfRange);
    }

    #[test]
    fn it_can_be_cancelled() {
        let units = [Unit { value: 1.0, per: 1.0, ..Unit::default() }; 10];
        let settings = Settings { replicates: 10, ..SETTINGS };
        assert!(effect(&units, &units, settings, &mut || Err(Error::invalid("cancelled"))).is_err());
    }

    /// Two thousand experiments whose truth is known: the intervals cover it as often as they say, to 1.5 per cent.
    #[test]
    fn intervals_cover_the_truth() {
        const LIFT: f64 = 0.2;
        let settings = Settings { replicates: 199, ..SETTINGS };
        for ratio in [false, true] {
            let (mut normal, mut adjusted, mut drawn, mut narrower) = (0, 0, 0, 0);
            let mut random = Pcg64::seed_from_u64(2013);
            for seed in 0..2000 {
                let shape = |units| if ratio { units } else { mean(units) };
                let treated = shape(customers(150, LIFT, &mut random));
                let held_out = shape(customers(150, 0.0, &mut random));
                let effect =
                    effect(&treated, &held_out, Settings { seed, ..settings }, &mut || Ok(())).unwrap();
                let covers = |estimate: Estimate| usize::from(estimate.low <= LIFT && LIFT <= estimate.high);
                let (plain, cuped) = (effect.difference.unwrap(), effect.adjusted.unwrap());
                normal += covers(plain);
                adjusted += covers(cuped);
                narrower += usize::from(cuped.error < plain.error);
                drawn += effect.bootstrap.map_or(0, |(low, high)| usize::from(low <= LIFT && LIFT <= high));
            }
            for (what, covered) in [("normal", normal), ("adjusted", adjusted), ("bootstrap", drawn)] {
                let share = covered as f64 / 2000.0;
                assert!((share - 0.95).abs() <= 0.015, "{what} (ratio: {ratio}) covers {share}");
            }
            assert!(narrower > 1900, "the period before explains something: {narrower}");
        }
    }
}
