//! Questions about a scheme or a population: is it sound, why this tier, where do the cut points lie.

pub mod cells;
pub mod check;
pub mod effect;
mod explain;
pub mod fit;
pub mod mapping;
pub mod population;
pub mod readings;
mod regions;
mod steps;

pub use cells::Cells;
pub use steps::Steps;
