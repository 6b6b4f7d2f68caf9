//! Schemes in the formats of others: a CASE expression of SQL, a decision table of DMN, a scorecard of PMML, rows of a
//! spreadsheet.
//!
//! What a file says beyond what a scheme can say is refused with the line and the element; nothing is left out in
//! silence. What a scheme says beyond the format stands in an extension of the file, which others pass over.

pub mod dmn;
mod embedded;
pub mod pmml;
pub mod rows;
mod sets;
pub mod sql;
mod table;
mod unary;
mod xml;
