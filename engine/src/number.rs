//! Exact numbers: those of documents, and sums of many.

pub mod exact_sum;
mod key;

pub use key::*;
