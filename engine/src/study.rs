//! Questions about a scheme or a population: is it sound, why this tier, where do the cut points lie.

mod cells;
pub mod check;
pub mod effect;
mod explain;
pub mod fit;
pub mod mapping;
pub mod population;
mod regions;

pub use cells::Cells;
