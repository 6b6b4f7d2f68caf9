//! A scorecard learned from what came of customers: bins that tell an outcome apart, points by logistic regression
//! on their weights of evidence, and how well the score tells it.
//!
//! N. Siddiqi, Intelligent Credit Scoring, 2nd ed., Wiley 2017, chapters 9 and 10, is the common account of the
//! method; sources of single formulas stand at them. Customers count by their weights, which are whole numbers of
//! [`WEIGHT_UNIT`]s: sums are exact, and the same in whatever order customers come and states are merged.

mod buckets;
mod census;
mod combinations;
pub mod evidence;
mod fine;
pub mod judgement;
pub mod learn;
mod numbers;
pub mod partition;
mod regression;
mod seen;
mod texts;
pub mod trial;

pub use census::{Census, Learnt};
pub use fine::{FineBins, Waiting};
pub use seen::{Followed, Seen};

/// So many units are a weight of 1: weights have six digits after the point.
pub const WEIGHT_UNIT: u64 = 1_000_000;
