//! Exact numbers: those of documents, and sums of many.

pub(crate) mod decimal;
mod exact_sum;
mod key;

pub use exact_sum::ExactSum;
pub use key::*;
