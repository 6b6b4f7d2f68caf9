//! The scheme that stands in a file beside what the format can say of it.

use crate::error::Result;
use crate::grade::plan::Compiled;
use crate::scheme::{Input, Scheme};

/// Marks what is ours in the files of others.
pub(super) const OURS: &str = "customer_tiering";

/// The same as a namespace.
pub(super) const NAMESPACE: &str = "urn:customer-tiering";

/// What a file says: by its format, and the scheme that was written beside it.
pub(super) struct Said {
    pub by_format: Result<Scheme>,
    pub beside: Option<Scheme>,
}

/// The scheme of a file.
///
/// If what the format says is what the scheme beside it says, that is the scheme, to the letter. If somebody changed the
/// file since, what the format says holds; titles, strategies and what else it has no word for stay as they were.
/// `look` reads the file; `look_again` reads one that `write` made, as a scheme of the name that is given.
pub(super) fn united(
    text: &str,
    look: impl Fn(&str) -> Result<Said>,
    look_again: impl Fn(&str, &str) -> Result<Said>,
    write: impl Fn(&Compiled, bool) -> Result<String>,
) -> Result<Scheme> {
    let Said { by_format, beside } = look(text)?;
    let Some(beside) = beside else { return by_format };
    let timezone = beside.timezone.clone();
    let compiled = Compiled::in_zone(beside, &timezone)?;
    if write(&compiled, true).is_ok_and(|written| written == text) {
        return Ok(compiled.scheme);
    }
    let by_format = by_format?;
    let again =
        write(&compiled, false).and_then(|written| look_again(&written, &by_format.scheme)?.by_format);
    if again.is_ok_and(|again| again == by_format) {
        return Ok(compiled.scheme);
    }
    Ok(merged(by_format, &compiled.scheme))
}

/// What the format says, with all that it has no word for.
fn merged(read: Scheme, beside: &Scheme) -> Scheme {
    let mut merged = Scheme {
        inputs: read.inputs.clone(),
        characteristics: read.characteristics.clone(),
        score: read.score.clone(),
        decision: read.decision.clone(),
        tiers: read.tiers.clone(),
        population: None,
        ..beside.clone()
    };
    for input in &mut merged.inputs {
        let same = |known: &&Input| {
            known.name == input.name
                && (known.kind == input.kind || (known.kind.is_numeric() && input.kind.is_numeric()))
        };
        if let Some(known) = beside.inputs.iter().find(same) {
            let mut value_titles = known.value_titles.clone();
            value_titles.retain(|value, _| input.allowed.iter().any(|allowed| allowed.word() == *value));
            *input = Input { allowed: input.allowed.clone(), value_titles, ..known.clone() };
        }
    }
    for tier in &mut merged.tiers {
        if let Some(known) = beside.tiers.iter().find(|known| known.code == tier.code) {
            tier.clone_from(known);
        }
    }
    // Rules that ask for missing values need inputs that pass them on.
    let mut passing = merged.clone();
    for (input, read) in passing.inputs.iter_mut().zip(&read.inputs) {
        input.missing.clone_from(&read.missing);
    }
    let whole = [merged, passing].into_iter().find_map(|scheme| {
        let timezone = scheme.timezone.clone();
        Compiled::in_zone(scheme, &timezone).ok()
    });
    whole.map_or(read, |compiled| compiled.scheme)
}
