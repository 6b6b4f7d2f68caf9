//! Customer tiering without a database: schemes, grading, explanations, calendars,
//! and the value of a customer still to come.
//!
//! Nothing here knows PostgreSQL. The extension in the parent crate converts values, calls this
//! crate and converts back.

pub mod aggregate;
pub mod calendar;
pub mod compile;
pub mod describe;
pub mod document;
pub mod error;
pub mod grade;
pub mod lifetime;
pub mod number;
pub mod scheme;
pub mod study;
pub mod time;

pub use error::{Error, ErrorKind, Result};
pub use grade::plan::Compiled;
pub use scheme::Scheme;
pub use scheme::overlay::Overlay;
