//! What a document says of fits: how bins and cuts are to be found, and of which population they were.

use crate::error::Result;
use crate::limits::LEARNED_BINS;
use crate::number::Number;
use crate::scheme::{Best, Fit, Scheme};

use super::{Builder, fault};

impl Builder<'_> {
    /// That a fit can be made of the values of an input.
    pub(super) fn check_fit(&self, path: &str, fit: &Fit, bins: usize, input: usize) -> Result<()> {
        let slot = &self.inputs[input];
        if !fit.is_to_outcome() {
            check_fit(path, fit, bins, "bins")?;
            return match slot.kind.is_numeric() {
                true => Ok(()),
                false => Err(fault(path, "a fit over an input that is no number", "a numeric input")),
            };
        }
        check_fit_to_outcome(path, fit)?;
        Ok(())
    }
}

/// The keys of the one kind of fit are none of the other.
fn check_keys(path: &str, fit: &Fit) -> Result<()> {
    let to_outcome = [
        ("to", fit.to.is_some()),
        ("max_bins", fit.max_bins.is_some()),
        ("min_share", fit.min_share.is_some()),
        ("trend", fit.trend.is_some()),
        ("probability", fit.probability.is_some()),
    ];
    let of_shares = [
        ("share_of", fit.share_of.is_some()),
        ("parts", fit.parts.is_some()),
        ("cuts", fit.cuts.is_some()),
        ("best", fit.best != Best::High),
    ];
    let (other, expected) = match fit.is_to_outcome() {
        true => (&of_shares[..], "only keys of a fit to an outcome"),
        false => (&to_outcome[..], "\"to\": \"outcome\" beside it"),
    };
    match other.iter().find(|(_, given)| *given) {
        None => Ok(()),
        Some((key, _)) => Err(fault(format!("{path}.{key}"), format!("{key:?} in this fit"), expected)),
    }
}

/// A fit of a characteristic to an outcome.
fn check_fit_to_outcome(path: &str, fit: &Fit) -> Result<()> {
    check_keys(path, fit)?;
    if fit.probability.is_some() {
        let expected = "no such key; the cuts of the score have it";
        return Err(fault(format!("{path}.probability"), "probabilities of a characteristic", expected));
    }
    if let Some(most) = fit.max_bins
        && !(1..=LEARNED_BINS).contains(&most)
    {
        return Err(fault(format!("{path}.max_bins"), most, format!("1 to {LEARNED_BINS} bins")));
    }
    if let Some(least) = fit.min_share
        && (least < Number::ZERO || least > Number::ONE)
    {
        return Err(fault(format!("{path}.min_share"), least, "a share from 0 to 1"));
    }
    Ok(())
}

/// Cuts of a score at probabilities of an outcome.
pub(super) fn check_probabilities(path: &str, fit: &Fit, cuts: usize) -> Result<()> {
    check_keys(path, fit)?;
    let of_bins = [
        ("max_bins", fit.max_bins.is_some()),
        ("min_share", fit.min_share.is_some()),
        ("trend", fit.trend.is_some()),
    ];
    if let Some((key, _)) = of_bins.iter().find(|(_, given)| *given) {
        return Err(fault(format!("{path}.{key}"), format!("{key:?} for a score"), "\"probability\""));
    }
    let path = format!("{path}.probability");
    let probabilities = fit.probability.as_deref().unwrap_or_default();
    let mut above = Number::ONE;
    for (place, probability) in probabilities.iter().enumerate() {
        if *probability <= Number::ZERO || *probability >= above {
            let expected = format!("a probability above 0 and below {above}");
            return Err(fault(format!("{path}[{place}]"), probability, expected));
        }
        above = *probability;
    }
    if probabilities.len() + 1 != cuts {
        let found = format!("{} probabilities for {cuts} cuts", probabilities.len());
        return Err(fault(path, found, "one for each tier but the last"));
    }
    Ok(())
}

pub(super) fn check_fit(path: &str, fit: &Fit, count: usize, what: &str) -> Result<()> {
    check_keys(path, fit)?;
    if fit.share_of.is_none() {
        let expected = "\"share_of\" or \"to\"";
        return Err(fault(path, "a fit that says neither of what nor to what", expected));
    }
    let parts = match (&fit.parts, &fit.cuts) {
        (Some(parts), None) => *parts as usize,
        (None, Some(cuts)) => {
            let mut previous = Number::ZERO;
            for (position, cut) in cuts.iter().enumerate() {
                if *cut <= previous || *cut >= Number::ONE {
                    let path = format!("{path}.cuts[{position}]");
                    return Err(fault(path, cut, format!("a share above {previous} and below 1")));
                }
                previous = *cut;
            }
            cuts.len() + 1
        }
        (parts, _) => {
            let found =
                if parts.is_some() { "\"parts\" beside \"cuts\"" } else { "neither \"parts\" nor \"cuts\"" };
            return Err(fault(path, found, "exactly one of them"));
        }
    };
    if parts < 2 {
        return Err(fault(
            path,
            format!("{parts} parts"),
            "at least 2 parts, between which there is a cut point",
        ));
    }
    if parts != count {
        let found = format!("{parts} parts for {count} {what}");
        return Err(fault(path, found, format!("as many parts as {what}")));
    }
    Ok(())
}

/// What stands in a note on a fitted population must stand in the scheme, too.
pub(super) fn check_population(scheme: &Scheme) -> Result<()> {
    let Some(population) = &scheme.population else { return Ok(()) };
    let hint = "Leave \"population\" out (null in a merge patch): the next fit counts anew.";
    for (name, counts) in &population.bins {
        let characteristic =
            scheme.characteristics.iter().find(|characteristic| characteristic.name == *name);
        let known =
            |code: &String| characteristic.is_some_and(|c| c.bins.iter().any(|bin| bin.code == *code));
        if let Some(code) = counts.keys().find(|code| !known(code)) {
            let found = format!("bin {code:?} of characteristic {name:?}, which is not there");
            return Err(fault("$.population.bins", found, "bins of the scheme").hint(hint));
        }
    }
    if let Some(code) =
        population.tiers.keys().find(|code| !scheme.tiers.iter().any(|tier| tier.code == **code))
    {
        let found = format!("tier {code:?}, which is not there");
        return Err(fault("$.population.tiers", found, "tiers of the scheme").hint(hint));
    }
    Ok(())
}
