//! Decision tables of DMN (Decision Model and Notation), versions 1.1 to 1.5: read, and written as 1.3.
//!
//! A table is one of hit policy UNIQUE, FIRST, PRIORITY or ANY whose cells are simple unary tests over numbers, texts,
//! booleans and dates, and whose output is a constant: the tier.

mod domain;
mod read;
mod text;
mod write;

pub use read::Choice;

use crate::error::Result;
use crate::grade::plan::Compiled;
use crate::interchange::embedded;
use crate::scheme::Scheme;

/// The scheme of a decision table. With `choice` a file of several tables, or a table of several outputs, says which.
///
/// # Errors
///
/// - `NotXml`, `TooLarge`: no XML, too long, too deep;
/// - `NotSupported`: what a scheme cannot say, with line and element, and a document type definition;
/// - `InvalidValue`: what makes no sense, with line and element;
/// - `UndefinedObject`: a decision or an output that the file does not have.
pub fn scheme_from_dmn(text: &str, choice: &Choice<'_>) -> Result<Scheme> {
    embedded::united(
        text,
        |text| read::scheme(text, choice),
        |text, named| read::scheme(text, &Choice { name: Some(named), ..Choice::default() }),
        scheme_to_dmn,
    )
}

/// A scheme as a file of DMN 1.3 with one decision table. With `embed`, the whole scheme stands in it as an extension, so that
/// [`scheme_from_dmn`] gives it back to the letter.
///
/// # Errors
///
/// `NotSupported` for a score, for days that move with the as-of day, and for a rule that would take overlapping rows under
/// hit policy `unique`; `NotReady` for a scheme that waits for a fit.
pub fn scheme_to_dmn(scheme: &Compiled, embed: bool) -> Result<String> {
    write::file(scheme, embed)
}
