//! Aggregates: what all share, and one file each.

pub mod aggregate;
pub mod distribution;
pub mod fit;
pub mod measure;
pub mod outcomes;
mod parts;
pub mod pass;
pub mod rfm;
pub mod tally;
