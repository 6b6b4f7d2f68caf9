//! The parts against what is known of them. Long decimal constants are from mpmath with 40 and more digits,
//! by the formulas of the papers, not by those of this crate.

use proptest::prelude::*;

use super::data::{Cohort, Purchases, Spend, Watch};
use crate::lifetime::models::bg_nbd::{BgNbd, MbgNbd, while_alive};
use crate::lifetime::models::gamma_gamma::GammaGamma;
use crate::lifetime::models::law::{Law, PurchaseLaw};
use crate::lifetime::models::pareto_nbd::ParetoNbd;
use crate::lifetime::numerics::newton::Expansion;
use crate::lifetime::numerics::quadrature::{EIGHT, Rule, SIXTEEN, thinned_mean};
use crate::lifetime::numerics::special::{Rising, digamma, ln_1p, ln_gamma, softplus, trigamma};

#[track_caller]
fn assert_near(found: f64, expected: f64, tolerance: f64) {
    let distance = (found - expected).abs();
    assert!(distance <= tolerance * expected.abs().max(1e-300), "found {found:e}, expected {expected:e}");
}

#[test]
fn gamma_function_and_its_derivatives() {
    for (x, psi, psi_1, ln) in [
        (0.001, -1_000.575_571_931_810_3, 1_000_001.642_533_195_9, 6.907_178_885_383_853),
        (0.5, -1.963_510_026_021_423_5, 4.934_802_200_544_679, 0.572_364_942_924_700_1),
        (3.7, 1.167_153_539_361_511_4, 0.310_037_857_670_038_3, 1.428_072_326_665_387_9),
        (25.0, 3.198_742_512_851_974, 0.040_810_663_257_225_58, 54.784_729_398_112_32),
    ] {
        assert_near(digamma(x), psi, 2e-15);
        assert_near(trigamma(x), psi_1, 2e-15);
        assert_near(ln_gamma(x), ln, 2e-15);
    }
}

#[test]
fn logarithm_of_one_and_something() {
    for exponent in -1_000..1_000 {
        let x = f64::from(exponent).mul_add(0.35, 0.1).exp();
        if x.is_finite() {
            assert_near(ln_1p(x), x.ln_1p(), 5.0 * f64::EPSILON);
        }
    }
    assert_eq!([ln_1p(0.0), ln_1p(1e-300), ln_1p(-0.0)], [0.0, 1e-300, 0.0]);
    assert_near(ln_1p(-0.75), -4.0_f64.ln(), 5.0 * f64::EPSILON);
}

#[test]
fn softplus_neither_overflows_nor_rounds_to_nothing() {
    assert_eq!(softplus(1e300), (1e300, 1.0));
    assert_eq!(softplus(-1e300), (0.0, 0.0));
    assert_near(softplus(-40.0).0, (-40.0_f64).exp(), 1e-15);
    assert_near(softplus(0.0).0, std::f64::consts::LN_2, 1e-15);
}

#[test]
fn quadrature_is_exact_for_polynomials() {
    for degree in 0..16 {
        let exact = if degree % 2 == 0 { 2.0 / f64::from(degree + 1) } else { 0.0 };
        let eight: f64 = EIGHT.iter().map(|(x, w)| w * x.powi(degree)).sum();
        let sixteen: f64 = SIXTEEN.iter().map(|(x, w)| w * x.powi(degree)).sum();
        assert!((eight - exact).abs() < 1e-14 && (sixteen - exact).abs() < 1e-14, "degree {degree}");
    }
}

#[test]
fn a_shorter_sum_is_exact_for_polynomials() {
    for (points, rate) in [(5, 0.1_f64), (52, 0.002), (52, 0.5), (366, 0.01), (10_000, 0.001)] {
        let points: Vec<f64> = (1..=points).map(f64::from).collect();
        let weights: Vec<f64> = points.iter().map(|point| (-rate * point).exp()).collect();
        let sum = Rule { points, weights };
        let (first, last) = (sum.points[0], sum.points[sum.points.len() - 1]);
        for size in [1, 2, 4, 16, 32] {
            let shorter = sum.condensed(size);
            assert_eq!(shorter.points.len(), size.min(sum.points.len()));
            assert!(shorter.points.is_sorted() && shorter.weights.iter().all(|weight| *weight > 0.0));
            // Legendre's polynomials, which do not leave [-1, 1].
            let integrals = |rule: &Rule| {
                let mut integrals = vec![0.0; 2 * size];
                for (point, weight) in rule.terms() {
                    let x = (2.0 * point - first - last) / (last - first);
                    let (mut before, mut value) = (0.0, 1.0);
                    for (degree, integral) in integrals.iter_mut().enumerate() {
                        *integral += weight * value;
                        let k = degree as f64 + 1.0;
                        (before, value) = (value, ((2.0 * k - 1.0) * x * value - (k - 1.0) * before) / k);
                    }
                }
                integrals
            };
            let (all, few) = (integrals(&sum), integrals(&shorter));
            for (degree, (all_of_it, by_few)) in all.iter().zip(&few).enumerate() {
                let off = (all_of_it - by_few).abs() / all[0];
                assert!(off < 1e-12, "{} points by {size}, degree {degree}: {off:e}", sum.points.len());
            }
        }
    }
}

fn alive(m: f64, scale: f64, a: f64, b: f64, time: f64) -> f64 {
    let mut expected = [0.0];
    while_alive(m, scale, a, b, &[time], &mut expected);
    expected[0]
}

#[test]
fn purchases_while_alive_by_the_hypergeometric_formula() {
    for (m, scale, a, b, time, expected) in [
        (2.2426, 43.2736, 0.7929, 4.4259, 39.0, 1.687_171_706_449_664_3),
        (0.2426, 4.4136, 0.7929, 2.4259, 1_000.0, 6.573_266_833_682_082),
        // At a = 1, where the formula is 0/0, and beside it.
        (0.5, 1.0, 1.0, 2.0, 0.001, 0.000_499_875_052_056_006),
        (5.0, 2.0, 1.000_001, 3.0, 10.0, 6.868_327_539_246_127),
        (300.25, 400.0, 0.8, 302.0, 500.0, 264.688_607_596_179_06),
        (0.01, 0.1, 5.0, 0.3, 1e6, 0.159_277_433_661_737_8),
        (50.0, 3.0, 80.0, 2_000.0, 30.0, 26.316_447_650_209_217),
        (1.5, 2.0, 0.001, 0.002, 1e4, 4_956.567_846_220_456),
    ] {
        assert_near(alive(m, scale, a, b, time), expected, 1e-13);
        assert_near(thinned_mean(m, time / scale, a, b), expected, 1e-12);
    }
}

#[test]
fn odds_of_having_dropped_out_by_the_hypergeometric_formula() {
    for (r, alpha, s, beta, x, t, age, expected) in [
        (0.5533, 10.5777, 0.6062, 11.6687, 2, 30.43, 38.86, -1.893_229_080_814_009_7),
        (0.5533, 10.5777, 0.6062, 11.6687, 0, 0.0, 38.86, 0.870_683_138_196_374_9),
        (0.5, 10.0, 0.5, 10.0, 5, 3.0, 39.0, 5.475_970_207_845_447),
        (0.3, 100.0, 2.0, 0.001, 0, 0.0, 50.0, 21.761_233_100_919_48),
        (0.3, 0.001, 2.0, 100.0, 0, 0.0, 50.0, 0.693_704_020_266_454_1),
        (0.3, 0.001, 2.0, 100.0, 3, 0.5, 50.0, 10.539_312_742_270_93),
        (3.0, 7.0, 0.05, 900.0, 400, 380.0, 400.0, 10.118_171_862_213_897),
        (3.0, 700.0, 40.0, 9.0, 400, 3.0, 400.0, 321.417_084_131_160_1),
        (0.01, 1e-6, 0.01, 1e6, 0, 0.0, 1_000.0, -11.503_367_386_928_752),
        (1e3, 1e4, 1e3, 1e5, 7, 1.0, 1_000.0, 103.413_569_763_212_78),
    ] {
        let law = ParetoNbd { r, alpha, s, beta };
        let customer = Purchases::new(x, t, age).unwrap();
        assert_near(law.ln_odds(&customer).unwrap(), expected, 3e-14);
        assert_near(law.ln_odds_gone(&customer).unwrap().value, expected, 3e-14);
    }
}

/// Customers who are all the same buy and drop out at constant rates.
#[test]
fn customers_who_hardly_differ() {
    let customer = Purchases::new(1, 1.0, 2.0).unwrap();
    let expected = 1.0 / (1.0 + 0.5 * 2.0_f64.exp_m1());
    for same in [1e8, 1e10, 1e13, 1e16, 1e100, 1e300] {
        let law = ParetoNbd { r: same, alpha: same, s: same, beta: same };
        assert_near(law.p_alive(&customer), expected, 10.0 / same + 1e-13);
    }
}

/// ₂F₁ by its definition, for the oracle of moderate arguments below z = 1.
fn hypergeometric(a: f64, b: f64, c: f64, z: f64) -> f64 {
    let (mut term, mut sum, mut n) = (1.0, 1.0, 0.0);
    while n < 10.0 || term > 1e-17 * sum {
        term *= (a + n) * (b + n) / ((c + n) * (n + 1.0)) * z;
        sum += term;
        n += 1.0;
    }
    sum
}

#[test]
fn the_hypergeometric_oracle_itself() {
    // ln(1 + z)/z type and geometric special cases (Abramowitz & Stegun 15.1.3, 15.1.8).
    assert_near(hypergeometric(1.0, 1.0, 2.0, 0.5), 2.0 * std::f64::consts::LN_2, 1e-15);
    assert_near(hypergeometric(0.7, 3.0, 3.0, 0.9), 0.1_f64.powf(-0.7), 1e-13);
}

/// A positive number over several orders of magnitude.
fn positive(least: f64, most: f64) -> impl Strategy<Value = f64> {
    (least.ln()..most.ln()).prop_map(f64::exp)
}

fn customers() -> impl Strategy<Value = Vec<(Purchases, u64)>> {
    let customer =
        (0_i64..40, 0.01_f64..1.0, positive(0.01, 10.0), 1_u64..5).prop_map(|(x, share, age, count)| {
            let x = (x - 15).max(0);
            (Purchases::new(x, if x > 0 { share * age } else { 0.0 }, age).unwrap(), count)
        });
    prop::collection::vec(customer, 1..8)
}

fn spenders() -> impl Strategy<Value = Vec<(Spend, u64)>> {
    let customer = (1_i64..40, positive(0.01, 100.0), 1_u64..5)
        .prop_map(|(x, mean, count)| (Spend::new(x, mean).unwrap(), count));
    prop::collection::vec(customer, 1..8)
}

/// Gradient and Hessian against central differences of value and gradient.
fn check_derivatives<const N: usize>(
    at: [f64; N],
    expansion: impl Fn([f64; N]) -> Expansion<N>,
) -> std::result::Result<(), TestCaseError> {
    let here = expansion(at);
    for i in 0..N {
        let h = 1e-4 * at[i];
        let moved = |by: f64| {
            let mut moved = at;
            moved[i] += by;
            expansion(moved)
        };
        let [more, less, much_more, much_less] = [h, -h, 2.0 * h, -2.0 * h].map(moved);
        // Fourth order in h; in units of the logarithm of the parameter.
        let difference = |f: &dyn Fn(&Expansion<N>) -> f64| {
            (8.0 * (f(&more) - f(&less)) - (f(&much_more) - f(&much_less))) / 12e-4
        };
        let near = |found: f64, by_difference: f64, size: f64| {
            (found - by_difference).abs() <= 1e-6 * (size + found.abs())
        };
        let slope = here.gradient[i] * at[i];
        let numeric = difference(&|e| e.value);
        prop_assert!(near(slope, numeric, 1.0 + here.value.abs()), "gradient {i}: {slope} {numeric}");
        for j in i..N {
            let curve = here.hessian[i][j] * at[i] * at[j];
            let numeric = difference(&|e| e.gradient[j] * at[j]);
            let size = 1.0 + here.value.abs() + here.gradient[j].abs() * at[j];
            prop_assert!(near(curve, numeric, size), "hessian {i} {j}: {curve} {numeric}");
        }
    }
    Ok(())
}

fn not_cancelled() -> crate::Result<()> {
    Ok(())
}

proptest! {
    #[test]
    fn rising_factorials(z in positive(1e-6, 1e5), steps in prop::collection::vec(0_u64..700, 1..4)) {
        let mut rising = Rising::new(z);
        let mut n = 0;
        for step in steps {
            n += step;
            let [value, first, second] = rising.at(n);
            let to = z + n as f64;
            let scale = 1e-13 * (1.0 + ln_gamma(to).abs());
            prop_assert!((value - (ln_gamma(to) - ln_gamma(z))).abs() <= scale);
            prop_assert!((first - (digamma(to) - digamma(z))).abs() <= 1e-13 * (1.0 + first.abs() + to.ln().abs()));
            prop_assert!((second - (trigamma(to) - trigamma(z))).abs() <= 1e-13 * (1.0 + second.abs()));
        }
    }

    #[test]
    fn series_quadrature_and_the_papers_formula_agree(
        m in positive(0.05, 50.0), a in positive(0.1, 20.0), b in positive(0.1, 50.0), tau in positive(0.01, 5.0),
    ) {
        prop_assume!((a - 1.0).abs() > 0.01 && a + b > 1.05);
        let z = tau / (1.0 + tau);
        let bracket = 1.0 - (-m * tau.ln_1p()).exp() * hypergeometric(m, b, a + b - 1.0, z);
        let formula = (a + b - 1.0) / (a - 1.0) * bracket;
        let found = alive(m, 1.0, a, b, tau);
        let lost = 1e-13 * (a + b) / (a - 1.0).abs();
        prop_assert!((found - formula).abs() <= 1e-11 * found + lost, "{found} {formula}");
        let quadrature = thinned_mean(m, tau, a, b);
        prop_assert!((found - quadrature).abs() <= 1e-12 * found, "{found} {quadrature}");
    }

    #[test]
    fn quadrature_meets_the_series_where_they_part(
        m in positive(0.01, 2000.0), a in positive(1e-3, 1e4), b in positive(1e-3, 1e4), tau in positive(1e-4, 30.0),
    ) {
        // Left to itself, the series is exact wherever it is used.
        let quadrature = thinned_mean(m, tau, a, b);
        let found = alive(m, 1.0, a, b, tau);
        prop_assert!((found - quadrature).abs() <= 1e-11 * found, "{found} {quadrature}");
    }

    #[test]
    fn several_times_at_once_are_the_same(
        m in positive(0.05, 50.0), a in positive(0.1, 20.0), b in positive(0.1, 50.0), step in positive(0.001, 3.0),
    ) {
        let times: Vec<f64> = (1..=7).map(|k| step * f64::from(k)).collect();
        let mut expected = [0.0; 7];
        while_alive(m, 1.0, a, b, &times, &mut expected);
        for (time, expected) in times.iter().zip(expected) {
            let one = alive(m, 1.0, a, b, *time);
            prop_assert!((one - expected).abs() <= 1e-13 * one);
        }
    }

    /// Against composite Simpson's rule in ln τ-like steps.
    #[test]
    fn the_integral_over_the_time_of_dropping_out(
        r in positive(0.01, 20.0), alpha in positive(1e-3, 1e3), s in positive(0.01, 20.0), beta in positive(1e-3, 1e3),
        x in 0_i64..60, share in 0.001_f64..0.999, age in positive(0.1, 100.0),
    ) {
        let t = if x > 0 { share * age } else { 0.0 };
        let customer = Purchases::new(x, t, age).unwrap();
        let m = r + x as f64;
        let (from, to) = ((alpha.min(beta) + t).ln(), (alpha.min(beta) + age).ln());
        let panels = 4000;
        let h = (to - from) / f64::from(panels);
        let integrand = |k: i32| {
            let tau = (from + h * f64::from(k)).exp() - alpha.min(beta);
            let log = -m * ((alpha + tau) / (alpha + t)).ln() - (s + 1.0) * ((beta + tau) / (beta + t)).ln();
            log.exp() * (alpha.min(beta) + tau) / (beta + t)
        };
        let sum: f64 = (0..=panels).map(|k| {
            let weight = if k == 0 || k == panels { 1.0 } else if k % 2 == 1 { 4.0 } else { 2.0 };
            weight * integrand(k)
        }).sum();
        let growth = m * ((alpha + age) / (alpha + t)).ln() + s * ((beta + age) / (beta + t)).ln();
        let simpson = s.ln() + growth + (sum * h / 3.0).ln();
        let found = ParetoNbd { r, alpha, s, beta }.ln_odds(&customer).unwrap();
        prop_assert!((found - simpson).abs() <= 1e-9 * (1.0 + simpson.abs()), "{found} {simpson}");
    }

    #[test]
    fn derivatives_of_the_beta_geometric_likelihoods(
        at in [positive(0.1, 10.0), positive(0.1, 10.0), positive(0.1, 10.0), positive(0.1, 10.0)],
        from_the_first: bool, customers in customers(),
    ) {
        let population = Cohort::new(customers).unwrap();
        check_derivatives(at, |at| {
            let cancelled = &mut not_cancelled;
            let watch = &mut Watch::new(cancelled);
            let expansion = if from_the_first {
                MbgNbd::at(at).expansion(&population, watch)
            } else {
                BgNbd::at(at).expansion(&population, watch)
            };
            expansion.unwrap()
        })?;
    }

    #[test]
    fn derivatives_of_the_pareto_likelihood(
        at in [positive(0.1, 10.0), positive(0.1, 10.0), positive(0.1, 10.0), positive(0.1, 10.0)],
        customers in customers(),
    ) {
        let population = Cohort::new(customers).unwrap();
        check_derivatives(at, |at| {
            ParetoNbd::at(at).expansion(&population, &mut Watch::new(&mut not_cancelled)).unwrap()
        })?;
    }

    #[test]
    fn derivatives_of_the_gamma_gamma_likelihood(
        at in [positive(0.1, 10.0), positive(0.1, 10.0), positive(0.1, 10.0)], customers in spenders(),
    ) {
        let population = Cohort::new(customers).unwrap();
        check_derivatives(at, |at| {
            GammaGamma::at(at).expansion(&population, &mut Watch::new(&mut not_cancelled)).unwrap()
        })?;
    }
}
