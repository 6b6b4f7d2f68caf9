//! Aggregates: what all share, and one file each.

pub mod aggregate;
pub mod distribution;
pub mod fit;
pub mod measure;
pub mod outcomes;
pub mod pass;
mod readings;
pub mod rfm;
pub mod tally;
