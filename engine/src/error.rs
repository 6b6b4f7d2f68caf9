//! The one error of the engine: what kind it is (so that the face can choose an SQLSTATE), what
//! happened, the particulars, and what to type instead.

use std::fmt;

/// The kinds of failure that a caller can tell apart. Each maps to one SQLSTATE.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// The text is not JSON at all.
    NotJson,
    /// The text is not XML at all.
    NotXml,
    /// JSON, but no valid document; or a value that an option, duration or input may not have.
    InvalidValue,
    /// Bytes that no version has written.
    BadBytes,
    /// A document beyond the size or depth that is read.
    TooLarge,
    /// A name that nothing bears.
    UndefinedObject,
    /// A row has no column of the needed name.
    UndefinedColumn,
    /// A row has several columns of the needed name.
    AmbiguousColumn,
    /// A value of a type that does not serve.
    WrongType,
    /// A number beyond what can be represented.
    NumberOutOfRange,
    /// A date or time beyond what can be represented.
    DateOutOfRange,
    /// A value is missing where the document forbids it.
    MissingValue,
    /// The object exists but is not in a state to do this.
    NotReady,
    /// Something that is deliberately not offered.
    NotSupported,
}

/// An error with the parts PostgreSQL shows: message, DETAIL and HINT.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// Which SQLSTATE it becomes.
    pub kind: ErrorKind,
    /// One line, lower case, no full stop.
    pub message: String,
    /// Full sentences on what was found.
    pub detail: Option<String>,
    /// Full sentences on what to do.
    pub hint: Option<String>,
    /// What is wrong with a value, in two or three words, for those who count such values.
    pub finding: Option<&'static str>,
}

/// What engine functions return.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// An error of `kind` with its primary message.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Error { kind, message: message.into(), detail: None, hint: None, finding: None }
    }

    /// Shorthand for the most common kind.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::InvalidValue, message)
    }

    /// Adds the DETAIL.
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// Says in two or three words what is wrong with a value.
    pub fn finding(mut self, finding: &'static str) -> Self {
        self.finding = Some(finding);
        self
    }

    /// Adds the HINT.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds the HINT, unless there is one.
    pub fn or_hint(self, hint: &str) -> Self {
        if self.hint.is_some() { self } else { self.hint(hint) }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        if let Some(detail) = &self.detail {
            write!(f, "\nDETAIL: {detail}")?;
        }
        if let Some(hint) = &self.hint {
            write!(f, "\nHINT: {hint}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}

/// A clause as a sentence of its own, for a DETAIL.
pub fn sentence(clause: &str) -> String {
    let mut letters = clause.chars();
    letters.next().map_or_else(String::new, |first| format!("{}{}.", first.to_uppercase(), letters.as_str()))
}
