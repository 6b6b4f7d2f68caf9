//! What a customer is still worth: how often somebody will buy again, whether somebody still does, and
//! how much is spent, from nothing but the past purchases.
//!
//! ```
//! use customer_tiering_engine::lifetime::{Kind, Purchases, Scorer, TimeUnit, fit_purchases};
//!
//! # fn main() -> customer_tiering_engine::Result<()> {
//! let customers = [(Purchases::new(2, 30.43, 38.86)?, 3), (Purchases::new(0, 0.0, 38.86)?, 5),
//!     (Purchases::new(7, 21.0, 39.0)?, 1), (Purchases::new(1, 1.71, 38.0)?, 4)];
//! let model = fit_purchases(Kind::BgNbd, customers, TimeUnit::Week, &mut || Ok(()))?;
//! let next_year = Scorer::new(&model)?.expected_purchases(52.0, &customers[0].0)?;
//! # assert!(next_year > 0.0);
//! # Ok(())
//! # }
//! ```
//!
//! - [`Purchases`] and [`Spend`] are what is known of a customer, checked; a [`Census`] counts equal ones,
//!   and [`Gathered`] is one with those who were left out, as the state of an aggregate;
//! - [`fit_purchases`] and [`fit_spend`] find the parameters that make the data most likely;
//! - a [`Model`] is what they return, a JSON document that can be stored and compared;
//! - [`Scorer`] and [`SpendScorer`] predict from a model, [`Horizon`] puts both together to a value;
//! - [`judge`] sets the prediction against what happened.
//!
//! # Conventions
//!
//! The published figures for the CDNOW sample come out exactly (`tests/lifetime.rs`) if days are the
//! occasions: orders of one day are one purchase with the sum of their amounts, x leaves out the first
//! day, times are days / 7, T runs to the last day of the calibration period (30 September 1997), and the
//! mean spend is over the x repeat purchases, the first not among them. A day without an amount counts as
//! a purchase: eight customers begin with one, and are among the 2 357.
//!
//! # Numerics
//!
//! The papers' formulas are kept in what they say, not in how they are written: where they take differences
//! of Gauss hypergeometric functions or divide by a - 1 or s - 1, a sum or an integral of positive terms
//! stands here that loses no digits and has no special cases (see the modules of the models). No
//! hypergeometric function remains but in the tests.

mod census;
mod data;
mod fit;
mod gathered;
mod horizon;
pub mod judge;
mod model;
mod models;
mod numerics;
mod past;
mod scorer;
#[cfg(test)]
mod tests;

pub use census::Census;
pub use data::{Purchases, Spend};
pub use fit::{fit_purchases, fit_spend};
pub use gathered::{Excluded, Figures, Gathered, another_unit};
pub use horizon::Horizon;
pub use model::{Exclusion, Model, TimeUnit, json_schema};
pub use models::Kind;
pub use scorer::{Scorer, SpendScorer};
