//! The states of aggregates: mergeable, storable, and what is read from them.

pub mod codec;
pub mod distribution;
pub mod measure;
pub mod orders;
pub mod rfm;
pub mod tally;
pub mod value_type;
