//! How long fits and predictions take: `cargo run --release --example lifetime_speed [customers]`, for the
//! CDNOW sample and for so many simulated customers (a million).

#[allow(dead_code)]
#[path = "../tests/lifetime/cdnow.rs"]
mod cdnow;
#[allow(dead_code)]
#[path = "../tests/lifetime/simulate.rs"]
mod simulate;

use std::hint::black_box;
use std::time::Instant;

use customer_tiering_engine::Result;
use customer_tiering_engine::lifetime::{
    Horizon, PurchaseModel, Scorer, SpendScorer, TimeUnit, fit_gamma_gamma, fit_purchases,
};

fn main() -> Result<()> {
    let n: usize = std::env::args().nth(1).and_then(|n| n.parse().ok()).unwrap_or(1_000_000);
    let last = jiff::civil::date(1997, 9, 30);
    let shoppers = cdnow::shoppers();
    let mut random = simulate::Random(7);
    let bought: Vec<_> =
        (0..n).map(|_| (random.beta_geometric([0.2426, 4.4136, 0.7929, 2.4259], false, 39.0), 1)).collect();
    let bought_pareto: Vec<_> =
        (0..n).map(|_| (random.pareto([0.5533, 10.5777, 0.6062, 11.6687], 39.0), 1)).collect();
    let spent: Vec<_> =
        bought.iter().map(|(c, _)| (random.spend([6.25, 3.74, 15.44], c.frequency()), 1)).collect();

    let sample: Vec<_> = shoppers.iter().map(|s| (s.spend(last), 1)).collect();
    time("gamma_gamma, fit CDNOW", 1e3, "ms", 1, || fit_gamma_gamma(sample.iter().copied(), &mut || Ok(())))?;
    let gg = time("gamma_gamma, fit simulated", 1e3, "ms", 1, || {
        fit_gamma_gamma(spent.iter().copied(), &mut || Ok(()))
    })?;
    let spend = SpendScorer::new(&gg)?;
    time("expected_spend", 1e6, "µs", n, || {
        spent.iter().try_for_each(|(s, _)| spend.expected_spend(s).map(drop))
    })?;

    let sample: Vec<_> = shoppers.iter().map(|s| (s.purchases(last), 1)).collect();
    let horizon = Horizon::new(12.0, 0.01)?;
    for kind in [PurchaseModel::BgNbd, PurchaseModel::MbgNbd, PurchaseModel::ParetoNbd] {
        let name = kind.kind().name();
        let data = if kind == PurchaseModel::ParetoNbd { &bought_pareto } else { &bought };
        let fit = |data: &[_]| fit_purchases(kind, data.iter().copied(), TimeUnit::Week, &mut || Ok(()));
        time(&format!("{name}, fit CDNOW"), 1e3, "ms", 1, || fit(&sample))?;
        let model = time(&format!("{name}, fit simulated"), 1e3, "ms", 1, || fit(data))?;
        println!("    {}", model.canonical());
        let scorer = Scorer::new(&model)?;
        time("    p_alive", 1e6, "µs", n, || {
            bought.iter().try_for_each(|(c, _)| scorer.p_alive(c).map(drop))
        })?;
        time("    expected_purchases, 39 weeks", 1e6, "µs", n, || {
            bought.iter().try_for_each(|(c, _)| scorer.expected_purchases(39.0, c).map(drop))
        })?;
        time("    value, 12 weeks", 1e6, "µs", n, || {
            let mut both = bought.iter().zip(&spent);
            both.try_for_each(|((c, _), (s, _))| horizon.value(&scorer, &spend, c, s).map(drop))
        })?;
    }
    Ok(())
}

/// Runs `what` and prints how long each of `times` took.
fn time<T>(name: &str, factor: f64, unit: &str, times: usize, what: impl FnOnce() -> Result<T>) -> Result<T> {
    let begun = Instant::now();
    let outcome = black_box(what());
    println!("{name}: {:.3} {unit}", begun.elapsed().as_secs_f64() * factor / times as f64);
    outcome
}
