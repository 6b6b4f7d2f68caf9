//! XML in and out: read with limits and without entities of its own, each mistake with its line and element.

use std::borrow::Cow;
use std::fmt::Write;

use roxmltree::{Document, Node, ParsingOptions};

use crate::document::quoted;
use crate::error::{Error, ErrorKind, Result};
use crate::limits::{DOCUMENT_LEVELS, XML_ATTRIBUTES, XML_BYTES, XML_NODES};

/// Reads a file of a format (`DMN`, `PMML`) and hands it over.
///
/// # Errors
///
/// - `TooLarge`: more than [`XML_BYTES`], or nested deeper than [`DOCUMENT_LEVELS`];
/// - `NotSupported`: a document type definition, which alone can declare entities;
/// - `NotXml`: not well-formed; the DETAIL has line and column;
/// - those of `look`.
pub(super) fn read<T>(
    format: &'static str,
    text: &str,
    look: impl FnOnce(&Document<'_>) -> Result<T>,
) -> Result<T> {
    if text.len() > XML_BYTES {
        return Err(Error::new(ErrorKind::TooLarge, format!("{format} file is too large"))
            .detail(format!("It has {} bytes, at most {XML_BYTES} are read.", text.len()))
            .hint("Leave out what does not belong to the table, such as pictures and diagrams."));
    }
    let text = without_blanks_before_declaration(text);
    check_bounds(format, &text)?;
    let options = ParsingOptions { allow_dtd: false, nodes_limit: XML_NODES, ..ParsingOptions::default() };
    let document = Document::parse_with_options(&text, options).map_err(|error| match error {
        roxmltree::Error::DtdDetected => {
            Error::new(ErrorKind::NotSupported, format!("{format} file with a document type definition"))
                .detail("What <!DOCTYPE …> declares, entities among it, is not read.")
                .hint("Remove <!DOCTYPE …> from the file.")
        }
        roxmltree::Error::NodesLimitReached => too_much(format, 0, "elements and texts", XML_NODES as usize),
        error => {
            let position = error.pos();
            Error::new(ErrorKind::NotXml, format!("{format} file is not XML"))
                .detail(format!("At line {} column {}: {}.", position.row, position.col, reason(&error)))
                .hint("Give the whole text of the file, as the tool that wrote it saved it.")
        }
    })?;
    look(&document)
}

fn too_much(format: &str, line: usize, what: &str, most: usize) -> Error {
    let place = if line > 0 { format!("Line {line} has") } else { "It has".to_owned() };
    Error::new(ErrorKind::TooLarge, format!("{format} file is too large"))
        .detail(format!("{place} more than {most} {what}."))
        .hint("Leave out what does not belong to the table, such as pictures and diagrams.")
}

/// Looks over the tags before they are read: the reader compares each attribute of an element with all others, and each
/// prefix with all namespaces in sight, which nobody could wait for if there were many.
fn check_bounds(format: &str, text: &str) -> Result<()> {
    let line = |at: usize| text[..at].bytes().filter(|byte| *byte == b'\n').count() + 1;
    // Of each element that is open, how many namespaces it declares.
    let mut open: Vec<usize> = Vec::new();
    let mut in_sight = 0;
    let mut at = 0;
    while let Some(found) = text[at..].find('<') {
        let start = at + found;
        let rest = &text[start..];
        let passed_over = [("<!--", "-->"), ("<![CDATA[", "]]>"), ("<?", "?>"), ("</", ">")];
        if let Some((begin, end)) = passed_over.into_iter().find(|(begin, _)| rest.starts_with(begin)) {
            if begin == "</" {
                in_sight -= open.pop().unwrap_or(0);
            }
            let Some(length) = rest.find(end) else { return Ok(()) };
            at = start + length + end.len();
            continue;
        }
        let (mut attributes, mut namespaces) = (0, 0);
        let mut place = 1;
        // What is no tag is told by the reader.
        let closes = loop {
            let Some(length) = rest[place..].find(['>', '"', '\'']) else { return Ok(()) };
            let before = &rest[place..place + length];
            let mark = &rest[place + length..place + length + 1];
            place += length + 1;
            if mark == ">" {
                break before.ends_with('/');
            }
            attributes += 1;
            let name = before.trim_end_matches(['=', ' ', '\t', '\r', '\n']);
            if name.rsplit(char::is_whitespace).next().is_some_and(|name| name.starts_with("xmlns")) {
                namespaces += 1;
            }
            if attributes > XML_ATTRIBUTES {
                return Err(too_much(format, line(start), "attributes in one element", XML_ATTRIBUTES));
            }
            let Some(length) = rest[place..].find(mark) else { return Ok(()) };
            place += length + 1;
        };
        at = start + place;
        if in_sight + namespaces > XML_ATTRIBUTES {
            return Err(too_much(format, line(start), "namespaces in sight", XML_ATTRIBUTES));
        }
        if !closes {
            in_sight += namespaces;
            open.push(namespaces);
        }
        if open.len() > DOCUMENT_LEVELS {
            return Err(Error::new(ErrorKind::TooLarge, format!("{format} file is nested too deeply"))
                .detail(format!("Line {} is below {DOCUMENT_LEVELS} levels.", line(start)))
                .hint("Write the file with fewer elements inside each other."));
        }
    }
    Ok(())
}

/// The reason that the reader gives, without the position that it ends in.
fn reason(error: &roxmltree::Error) -> String {
    let message = error.to_string();
    message.split(" at ").next().unwrap_or(&message).to_owned()
}

/// Blank lines before the declaration, as quoting brings them along, are no XML. The declaration itself says nothing that
/// still matters: the text has been decoded.
fn without_blanks_before_declaration(text: &str) -> Cow<'_, str> {
    let trimmed = text.trim_start();
    match trimmed.find("?>") {
        Some(end) if trimmed.len() < text.len() && trimmed.starts_with("<?xml ") => {
            let (before, after) = text.split_at(text.len() - trimmed.len() + end + 2);
            // Lines stay where they are.
            let blanks: String = before.chars().map(|c| if c == '\n' { '\n' } else { ' ' }).collect();
            Cow::Owned(blanks + after)
        }
        _ => Cow::Borrowed(text),
    }
}

/// The line in which a node begins.
pub(super) fn line(node: Node<'_, '_>) -> u32 {
    node.document().text_pos_at(node.range().start).row
}

/// An element of a file that makes no sense.
pub(super) fn fault(format: &str, node: Node<'_, '_>, sentence: impl AsRef<str>) -> Error {
    Error::invalid(format!("invalid {format} file")).detail(format!(
        "At line {}, <{}>: {}",
        line(node),
        node.tag_name().name(),
        sentence.as_ref()
    ))
}

/// An element of a file that says what a scheme cannot say.
pub(super) fn unsupported(format: &str, node: Node<'_, '_>, sentence: impl AsRef<str>) -> Error {
    let error = fault(format, node, sentence);
    Error {
        kind: ErrorKind::NotSupported,
        message: format!("{format} file says more than a scheme can"),
        ..error
    }
}

/// The elements inside another one, but those of other namespaces.
pub(super) fn children<'a, 'i>(node: Node<'a, 'i>) -> impl Iterator<Item = Node<'a, 'i>> {
    let space = node.tag_name().namespace();
    node.children().filter(move |child| child.is_element() && child.tag_name().namespace() == space)
}

/// The first element of a name inside another one.
pub(super) fn child<'a, 'i>(node: Node<'a, 'i>, name: &str) -> Option<Node<'a, 'i>> {
    children(node).find(|child| child.tag_name().name() == name)
}

/// All text inside an element, without outer blanks.
pub(super) fn text(node: Node<'_, '_>) -> String {
    let text: String = node.descendants().filter(Node::is_text).filter_map(|part| part.text()).collect();
    text.trim().to_owned()
}

/// An id that the file has twice is none.
pub(super) fn check_ids(format: &str, document: &Document<'_>) -> Result<()> {
    let mut known = std::collections::HashMap::new();
    for node in document.descendants() {
        let Some(id) = node.attribute("id") else { continue };
        if let Some(first) = known.insert(id, node) {
            let sentence = format!("the id {} is that of line {}, too.", quoted(id), line(first));
            return Err(fault(format, node, sentence).hint("Give each element an id of its own."));
        }
    }
    Ok(())
}

/// A file as it grows.
pub(super) struct Writer {
    text: String,
    open: Vec<&'static str>,
}

impl Writer {
    pub fn new() -> Self {
        Writer { text: "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned(), open: Vec::new() }
    }

    fn start(&mut self, name: &str, attributes: &[(&str, &str)]) -> Result<()> {
        let _ = write!(self.text, "{:width$}<{name}", "", width = 2 * self.open.len());
        for (name, value) in attributes {
            let _ = write!(self.text, " {name}=\"{}\"", escaped(value)?);
        }
        Ok(())
    }

    /// Begins an element that has others.
    pub fn open(&mut self, name: &'static str, attributes: &[(&str, &str)]) -> Result<()> {
        self.start(name, attributes)?;
        self.text.push_str(">\n");
        self.open.push(name);
        Ok(())
    }

    /// Ends the element that was begun last.
    pub fn close(&mut self) {
        if let Some(name) = self.open.pop() {
            let _ = writeln!(self.text, "{:width$}</{name}>", "", width = 2 * self.open.len());
        }
    }

    /// An element with nothing inside.
    pub fn empty(&mut self, name: &str, attributes: &[(&str, &str)]) -> Result<()> {
        self.start(name, attributes)?;
        self.text.push_str("/>\n");
        Ok(())
    }

    /// An element with a text.
    pub fn leaf(&mut self, name: &str, attributes: &[(&str, &str)], text: &str) -> Result<()> {
        self.start(name, attributes)?;
        let _ = writeln!(self.text, ">{}</{name}>", escaped(text)?);
        Ok(())
    }

    /// The file, all elements ended.
    pub fn end(mut self) -> String {
        while !self.open.is_empty() {
            self.close();
        }
        self.text
    }
}

/// A text as XML holds it; line breaks and tabs by number, which no reader takes for blanks.
fn escaped(text: &str) -> Result<String> {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\t' | '\n' | '\r' => {
                let _ = write!(escaped, "&#{};", u32::from(letter));
            }
            '\0'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}' => {
                return Err(Error::new(
                    ErrorKind::NotSupported,
                    "text with a character that XML cannot hold",
                )
                .detail(format!("U+{:04X} in {}.", u32::from(letter), quoted(text)))
                .hint("Leave the character out of the scheme."));
            }
            _ => escaped.push(letter),
        }
    }
    Ok(escaped)
}
