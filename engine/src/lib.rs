//! Customer tiering without a database: schemes, grading, explanations, calendars.
//!
//! Nothing here knows PostgreSQL. The extension in the parent crate converts values, calls this
//! crate and converts back.

pub mod calendar;
pub mod date;
pub mod document;
pub mod duration;
pub mod error;
pub mod text;

pub use error::{Error, ErrorKind, Result};
