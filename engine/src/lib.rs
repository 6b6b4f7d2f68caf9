//! Customer tiering without a database: schemes, grading, explanations, calendars,
//! and the value of a customer still to come.
//!
//! Nothing here knows PostgreSQL. The extension in the parent crate converts values, calls this
//! crate and converts back.
//!
//! ```
//! use customer_tiering_engine::calendar::{Calendar, builtin};
//! use jiff::civil::date;
//!
//! # fn main() -> customer_tiering_engine::Result<()> {
//! let weekends = Calendar::parse(builtin("weekends").unwrap())?;
//! assert!(!weekends.is_workday(date(2026, 1, 31)));
//! assert_eq!(weekends.add_workdays(date(2026, 1, 30), 1)?, date(2026, 2, 2));
//! # Ok(())
//! # }
//! ```
//!
//! # Rooms
//!
//! Each imports from rooms above it in this list only, and no file imports itself by way of others;
//! `tests/house.rs` sees to both.
//!
//! - [`error`]: the one error of all;
//! - [`limits`]: how much there may be of anything;
//! - [`document`]: JSON documents read and written, each mistake reported in the same way;
//! - [`time`]: days, durations, zones;
//! - [`number`]: exact numbers;
//! - [`calendar`]: working days, follow-up and response dates;
//! - [`scheme`]: the scheme document as it is typed;
//! - [`grade`]: a row to a tier, by a plan that knows no document;
//! - [`compile`]: a scheme to a plan;
//! - [`describe`]: a scheme in words;
//! - [`aggregate`]: the state of aggregates, and values of many rows;
//! - [`lifetime`]: what a customer is still worth;
//! - [`study`]: questions about a plan or a population;
//! - [`outcome`]: a scorecard learned from what came of customers;
//! - [`interchange`]: schemes in the formats of others;
//! - [`report`]: pages of HTML for those who look rather than query.

pub mod aggregate;
pub mod calendar;
pub mod compile;
pub mod describe;
pub mod document;
pub mod error;
pub mod grade;
pub mod interchange;
pub mod lifetime;
pub mod limits;
pub mod number;
pub mod outcome;
pub mod report;
pub mod scheme;
pub mod study;
pub mod time;

pub use error::{Error, ErrorKind, Result};
pub use grade::plan::Compiled;
pub use scheme::Scheme;
pub use scheme::overlay::Overlay;
