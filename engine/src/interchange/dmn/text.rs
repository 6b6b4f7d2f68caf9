//! What stands in the elements of a file of DMN, and what errors say of them.

use roxmltree::Node;

use crate::document::quoted;
use crate::error::{Error, Result};
use crate::interchange::unary::Problem;
use crate::interchange::xml::{self, child, children};

/// What errors call such a file.
pub(super) const DMN: &str = "DMN";

pub(super) fn fault(node: Node<'_, '_>, sentence: impl AsRef<str>) -> Error {
    xml::fault(DMN, node, sentence)
}

pub(super) fn unsupported(node: Node<'_, '_>, sentence: impl AsRef<str>) -> Error {
    xml::unsupported(DMN, node, sentence)
}

/// Elements of DMN that must not stand here are a mistake, or more than a scheme can say.
pub(super) fn only(node: Node<'_, '_>, known: &[&str]) -> Result<()> {
    match children(node).find(|inside| !known.contains(&inside.tag_name().name())) {
        Some(other) => {
            Err(unsupported(other, format!("it is not read inside <{}>.", node.tag_name().name()))
                .hint("Remove the element, or write the table without it."))
        }
        None => Ok(()),
    }
}

pub(super) fn feel_only(node: Node<'_, '_>, language: &str) -> Result<()> {
    if language.to_lowercase().contains("feel") {
        return Ok(());
    }
    Err(unsupported(node, format!("found expressions in {}.", quoted(language))).hint("Write them in FEEL."))
}

/// What is written in the `<text>` of an element.
pub(super) fn content(node: Node<'_, '_>) -> Result<String> {
    if let Some(language) = node.attribute("expressionLanguage") {
        feel_only(node, language)?;
    }
    only(node, &["text", "extensionElements", "description"])?;
    Ok(child(node, "text").map(xml::text).unwrap_or_default())
}

/// What is wrong with the content of an element.
pub(super) fn told(node: Node<'_, '_>, problem: Problem) -> Error {
    match problem {
        Problem::Wrong(sentence) => fault(node, format!("{sentence}."))
            .hint("Write a simple unary test such as -, >= 18, [5..10), \"a\", \"b\" or not(\"c\")."),
        Problem::Beyond(sentence) => unsupported(node, format!("{sentence}."))
            .hint("A cell is a simple unary test: a comparison, an interval, a list, their negation, or -."),
    }
}
