//! The models of lifetime value against what is published, and against simulated customers.

#[path = "lifetime/cdnow.rs"]
mod cdnow;

use customer_tiering_engine::lifetime::{
    Horizon, Model, PurchaseModel, Purchases, Scorer, Spend, SpendScorer, TimeUnit, fit_gamma_gamma,
    fit_purchases,
};
use jiff::civil::{Date, date};

const CALIBRATION: Date = date(1997, 9, 30);

#[test]
fn probe() {
    let shoppers = cdnow::shoppers();
    for kind in [PurchaseModel::BgNbd, PurchaseModel::MbgNbd, PurchaseModel::ParetoNbd] {
        let start = std::time::Instant::now();
        let model = fit_purchases(
            kind,
            shoppers.iter().map(|s| (s.purchases(CALIBRATION), 1)),
            TimeUnit::Week,
            &mut || Ok(()),
        )
        .unwrap();
        println!("{} {:?}", model.canonical(), start.elapsed());
        let s = Scorer::new(&model).unwrap();
        println!("{:?}", s.expected_purchases(39.0, &Purchases::new(2, 30.43, 38.86).unwrap()));
    }
    let start = std::time::Instant::now();
    let model = fit_gamma_gamma(shoppers.iter().map(|s| (s.spend(CALIBRATION), 1)), &mut || Ok(())).unwrap();
    println!("{} {:?}", model.canonical(), start.elapsed());
}
