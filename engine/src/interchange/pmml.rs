//! Scorecards of PMML (Predictive Model Markup Language), versions 4.1 to 4.4: read, and written as 4.4.
//!
//! A scorecard is characteristics over one field each, whose attributes are intervals, sets of values or missing values, with
//! partial scores, baselines and reason codes. The tier follows from cuts of the score: from the `Discretize` of an output
//! field, as our own files have it, or from those that the caller gives.

mod predicate;
mod read;
mod write;

pub use read::Choice;

use crate::error::Result;
use crate::grade::plan::Compiled;
use crate::interchange::embedded;
use crate::scheme::Scheme;

/// The scheme of a scorecard.
///
/// # Errors
///
/// - `NotXml`, `TooLarge`: no XML, too long, too deep;
/// - `NotSupported`: what a scheme cannot say, with line and element, and a document type definition;
/// - `InvalidValue`: what makes no sense, with line and element; no cuts.
pub fn scheme_from_pmml(text: &str, choice: &Choice<'_>) -> Result<Scheme> {
    embedded::united(
        text,
        |text| read::scheme(text, choice),
        |text, named| read::scheme(text, &Choice { name: Some(named), cuts: choice.cuts }),
        scheme_to_pmml,
    )
}

/// A scheme that decides by a score as a scorecard of PMML 4.4. With `embed`, the whole scheme stands in it as an extension, so
/// that [`scheme_from_pmml`] gives it back to the letter.
///
/// # Errors
///
/// `NotSupported` for another decision, weights that are spread over what is known, days that move with the as-of day, reason
/// codes beside weights, and customers who stay ungraded for an input that no characteristic reads; `NotReady` for a scheme
/// that waits for a fit.
pub fn scheme_to_pmml(scheme: &Compiled, embed: bool) -> Result<String> {
    write::file(scheme, embed)
}
