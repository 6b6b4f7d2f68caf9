//! Customer tiering without a database: schemes, grading, explanations, calendars,
//! and the value of a customer still to come.
//!
//! Nothing here knows PostgreSQL. The extension in the parent crate converts values, calls this
//! crate and converts back.

mod binning;
pub mod calendar;
pub mod check;
pub mod codec;
pub mod compile;
mod condition;
pub mod date;
pub mod decimal;
pub mod describe;
pub mod distribution;
pub mod document;
pub mod duration;
pub mod error;
mod explain;
pub mod fit;
pub mod grade;
pub mod lifetime;
pub mod measure;
pub mod number;
pub mod overlay;
pub mod population;
pub mod presets;
mod regions;
pub mod rfm;
pub mod scheme;
pub mod tally;
pub mod text;
pub mod value;
pub mod value_type;
pub mod vocabulary;
pub mod zone;

pub use compile::Compiled;
pub use error::{Error, ErrorKind, Result};
pub use overlay::Overlay;
pub use scheme::Scheme;
