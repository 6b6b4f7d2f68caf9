//! Reports as pages of HTML that stand for themselves: no script, no font, no picture from elsewhere. What a page
//! shows comes as a document of figures and texts that SQL has gathered; here it gets its words, tables and plots.
//! Whatever stands in a document is text: it is escaped where it is written.

pub mod customer;
pub mod figure;
mod page;
pub mod plot;
pub mod program;
mod words;

use serde::Deserialize;

use crate::document::text::Lang;
use crate::error::{Error, ErrorKind, Result};

/// What a report is about: the document that SQL gathers.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Report {
    /// A program: who is in which tier, what moved, what is due, what came of it.
    Program(Box<program::Program>),
    /// One customer: why this tier, and what happened.
    Customer(Box<customer::Customer>),
}

impl Report {
    /// Reads the document of a report.
    ///
    /// # Errors
    ///
    /// The document lacks what a report shows.
    pub fn parse(text: &str) -> Result<Report> {
        serde_json::from_str(text).map_err(|error| {
            Error::new(ErrorKind::InvalidValue, "this is not the document of a report")
                .detail(error.to_string())
                .hint("tiering.report_html() makes the document and the page.")
        })
    }

    /// The page, in a language.
    pub fn html(&self, lang: Lang) -> String {
        match self {
            Report::Program(program) => program.page(lang),
            Report::Customer(customer) => customer.page(lang),
        }
        .into_string()
    }
}

#[cfg(test)]
mod tests;
