//! Characteristics: bins that cover every value of their input exactly once.

use crate::error::{Error, Result};
use crate::grade::as_of::{DateCut, PeriodEnd};
use crate::grade::binning::{Binning, PartitionFault, Scale, Upper, partition};
use crate::grade::value::{NumberCut, OnMissing, Value};
use crate::limits::BINS;
use crate::number::{Scalar, describe_key, integer_key};
use crate::scheme::{Bin, Characteristic, InputType};

use super::constants::{constant, number_constant, text_constant};
use super::{Builder, code, fault, index};

impl Builder<'_> {
    pub(super) fn characteristics(&mut self) -> Result<()> {
        for (position, characteristic) in self.scheme.characteristics.iter().enumerate() {
            let path = format!("$.characteristics[{position}]");
            let binning = self.binning(&path, characteristic)?;
            self.binnings.push(binning);
        }
        Ok(())
    }

    fn binning(&mut self, path: &str, characteristic: &Characteristic) -> Result<Binning> {
        let input = self.input(&format!("{path}.input"), &characteristic.input)?;
        let bins = &characteristic.bins;
        let bins_path = format!("{path}.bins");
        let learned = characteristic.is_learned();
        if (bins.is_empty() && !learned) || bins.len() > BINS {
            return Err(fault(&bins_path, format!("{} bins", bins.len()), format!("1 to {BINS} bins")));
        }
        index(&bins_path, "code", bins.iter().map(|bin| bin.code.as_str()), code)?;
        let missing = self.missing_bin(&bins_path, bins, input)?;
        let present: Vec<usize> = (0..bins.len()).filter(|&bin| !bins[bin].missing).collect();
        if let Some(fit) = &characteristic.fit {
            self.check_fit(&format!("{path}.fit"), fit, present.len(), input)?;
        }
        let unbounded = |bin: usize| !bins[bin].is_interval() && !bins[bin].is_set();
        // A share of the customers finds the bounds of bins that are there, an outcome the bins themselves.
        let waits = !learned && characteristic.fit.is_some() && present.iter().all(|&bin| unbounded(bin));
        if characteristic.waits_for_outcome() {
            self.unfitted.get_or_insert_with(|| bins_path.clone());
        }
        let scale = if waits {
            self.unfitted.get_or_insert_with(|| bins_path.clone());
            Scale::Unfitted
        } else if learned && present.is_empty() {
            Scale::Unfitted
        } else if present.is_empty() {
            return Err(fault(&bins_path, "only a bin for missing values", "bins for the values too"));
        } else if present.iter().any(|&bin| bins[bin].is_set()) {
            self.listed(&bins_path, bins, &present, input)?
        } else {
            let fitted = characteristic.fitted.is_some();
            let present: Vec<usize> =
                present.into_iter().filter(|&bin| !(fitted && bins[bin].is_vacant())).collect();
            self.intervals(&bins_path, bins, &present, input)?
        };
        Ok(Binning { input, scale, missing })
    }

    fn missing_bin(&self, path: &str, bins: &[Bin], input: usize) -> Result<Option<u16>> {
        let mut missing = None;
        for (position, bin) in bins.iter().enumerate().filter(|(_, bin)| bin.missing) {
            let path = format!("{path}[{position}]");
            if bin.is_interval() || bin.is_set() {
                return Err(fault(
                    path,
                    "\"missing\" beside bounds",
                    "a bin of its own for the missing values",
                ));
            }
            if self.inputs[input].on_missing != OnMissing::Null {
                return Err(fault(
                    path,
                    format!(
                        "a bin for missing values that input {:?} never passes on",
                        self.inputs[input].name
                    ),
                    "\"missing\": \"null\" at the input",
                ));
            }
            if missing.replace(position as u16).is_some() {
                return Err(fault(path, "a second bin for missing values", "at most one"));
            }
        }
        if missing.is_none() && !bins.is_empty() && self.inputs[input].on_missing == OnMissing::Null {
            return Err(fault(
                path,
                format!("no bin for the missing values that input {:?} passes on", self.inputs[input].name),
                "one bin with \"missing\": true",
            ));
        }
        Ok(missing)
    }

    /// Bins by `in`: every value in exactly one of them. Where any text may come, one bin takes all others.
    fn listed(&mut self, path: &str, bins: &[Bin], present: &[usize], input: usize) -> Result<Scale> {
        let slot = &self.inputs[input];
        let (finite, any_text) = match slot.kind {
            InputType::Boolean => (true, false),
            InputType::Text => (slot.restricted, !slot.restricted),
            InputType::Number | InputType::Integer | InputType::Date => (slot.restricted, false),
        };
        let mut others = present.iter().copied().filter(|&bin| bins[bin].other);
        let other = others.next().map(|bin| bin as u16);
        if let Some(second) = others.next() {
            let found = "a second bin for all other values";
            return Err(fault(format!("{path}[{second}].other"), found, "at most one"));
        }
        if !finite && !any_text {
            return Err(fault(
                path,
                format!("sets of values over input {:?}, which may have any value", slot.name),
                "an input with \"allowed\", so that the bins can cover every value",
            ));
        }
        if any_text && other.is_none() {
            return Err(fault(
                path,
                format!("sets of values over input {:?}, which may have any value", slot.name),
                "\"other\": true in one bin, or an input with \"allowed\", so that the bins cover every value",
            ));
        }
        let mut owner: Vec<(Value, u16)> = Vec::new();
        for &position in present {
            let bin_path = format!("{path}[{position}]");
            if !bins[position].is_set() {
                return Err(fault(
                    bin_path,
                    "a bin without \"in\" among bins with it",
                    "\"in\": [...] in every bin",
                ));
            }
            if bins[position].is_interval() {
                return Err(fault(bin_path, "\"in\" beside bounds", "either a set of values or an interval"));
            }
            let among = bins[position].among.as_deref();
            if among.is_some_and(<[Scalar]>::is_empty) {
                return Err(fault(format!("{bin_path}.in"), "an empty list", "at least one value"));
            }
            let among = among.unwrap_or_default();
            for (place, scalar) in among.iter().enumerate() {
                let path = format!("{bin_path}.in[{place}]");
                if any_text {
                    self.text_code(&path, input, text_constant(&path, scalar, "a text")?)?;
                }
                let value = constant(&path, &self.inputs[input], scalar)?;
                if let Some((_, other)) = owner.iter().find(|(known, _)| *known == value) {
                    let code = &bins[*other as usize].code;
                    return Err(fault(
                        path,
                        format!("{scalar}, which is in bin {code:?} too"),
                        "each value in one bin",
                    ));
                }
                owner.push((value, position as u16));
            }
        }
        let slot = &self.inputs[input];
        let owner_of = |value: Value, name: String| {
            owner.iter().find(|(known, _)| *known == value).map(|(_, bin)| *bin).or(other).ok_or_else(|| {
                fault(path, format!("no bin for {name}"), "every value of the input in exactly one bin")
            })
        };
        match slot.kind {
            InputType::Boolean => Ok(Scale::Boolean {
                no: owner_of(Value::Boolean(false), "false".to_owned())?,
                yes: owner_of(Value::Boolean(true), "true".to_owned())?,
            }),
            InputType::Text => slot
                .texts
                .iter()
                .enumerate()
                .map(|(code, text)| owner_of(Value::Text(code as u32), format!("{text:?}")))
                .collect::<Result<_>>()
                .map(|bins| Scale::Texts { bins, other }),
            InputType::Number | InputType::Integer | InputType::Date => slot
                .allowed
                .iter()
                .map(|cut| Ok((*cut, owner_of(Value::Exact(cut.key), describe_key(cut.key))?)))
                .collect::<Result<_>>()
                .map(Scale::NumberList),
        }
    }

    /// Bins by bounds: together they cover everything exactly once.
    fn intervals(&mut self, path: &str, bins: &[Bin], present: &[usize], input: usize) -> Result<Scale> {
        match self.inputs[input].kind {
            InputType::Number | InputType::Integer => self.number_intervals(path, bins, present, input),
            InputType::Date => self.date_intervals(path, bins, present),
            kind @ (InputType::Text | InputType::Boolean) => {
                let found = format!("intervals over an input of type {}", kind.name());
                Err(fault(path, found, "\"in\": [...] in every bin"))
            }
        }
    }

    fn number_intervals(
        &mut self,
        path: &str,
        bins: &[Bin],
        present: &[usize],
        input: usize,
    ) -> Result<Scale> {
        // On whole numbers, `lte 3` and `gte 4` are neighbours.
        let whole = self.inputs[input].kind.is_whole();
        let unit = integer_key(1);
        let mut intervals = Vec::new();
        for &position in present {
            let bin = &bins[position];
            let path = format!("{path}[{position}]");
            let (lower, upper) = ends(&path, bin)?;
            let low = match lower {
                None => i128::MIN,
                Some((key, bound, exclusive)) => {
                    let key = number_constant(&format!("{path}.{key}"), bound)?.key() + i128::from(exclusive);
                    if whole { -((-key).div_euclid(unit)) * unit } else { key }
                }
            };
            let high = match upper {
                None => i128::MAX,
                Some((key, bound, exclusive)) => {
                    let key = number_constant(&format!("{path}.{key}"), bound)?.key() - i128::from(exclusive);
                    if whole { (key.div_euclid(unit) + 1) * unit - 1 } else { key }
                }
            };
            intervals.push((low, high));
        }
        let order = partition(&intervals).map_err(|error| partition_fault(path, present, bins, error))?;
        let mut uppers = Vec::new();
        for &place in order.iter().take(order.len() - 1) {
            let Some((_, bound, exclusive)) = ends(path, &bins[present[place]])?.1 else { continue };
            uppers.push(Upper { cut: NumberCut::from(number_constant(path, bound)?), inclusive: !exclusive });
        }
        Ok(Scale::Numbers { uppers, bins: order.iter().map(|&place| present[place] as u16).collect() })
    }

    fn date_intervals(&mut self, path: &str, bins: &[Bin], present: &[usize]) -> Result<Scale> {
        let mut found = Vec::new();
        for &position in present {
            let path = format!("{path}[{position}]");
            let (lower, upper) = ends(&path, &bins[position])?;
            let mut cut = |bound: Option<(&'static str, &Scalar, bool)>,
                           [exclusive_end, end]: [PeriodEnd; 2]| {
                bound
                    .map(|(key, bound, exclusive)| -> Result<(usize, bool)> {
                        let path = format!("{path}.{key}");
                        let text = text_constant(&path, bound, "a date or a duration")?;
                        let end = if exclusive { exclusive_end } else { end };
                        Ok((self.date_cut(&path, text, end)?, exclusive))
                    })
                    .transpose()
            };
            // What is later than a period begins after its last day, what is earlier ends before its first.
            found.push((
                cut(lower, [PeriodEnd::Last, PeriodEnd::First])?,
                cut(upper, [PeriodEnd::First, PeriodEnd::Last])?,
            ));
        }
        let kind = |cut: usize| match self.date_cuts[cut] {
            DateCut::Day(_) => "days",
            DateCut::Relative(_) => "durations",
            DateCut::Period(..) => "periods",
        };
        let mut cuts = found.iter().flat_map(|(lower, upper)| [lower, upper]).flatten();
        if let Some((first, _)) = cuts.next()
            && let Some((other, _)) = cuts.find(|(cut, _)| kind(*cut) != kind(*first))
        {
            let mut kinds = [kind(*first), kind(*other)];
            kinds.sort_unstable();
            return Err(fault(
                path,
                format!("{} beside {}, whose order depends on the as-of day", kinds[0], kinds[1]),
                match kinds {
                    ["days", "durations"] => "either days or durations from the as-of day",
                    _ => "either days, durations from the as-of day, or periods",
                },
            ));
        }
        // Relative cuts move with the as-of day; the bins must be a partition, in one order, on all.
        let mut common: Option<Vec<usize>> = None;
        let cuts = found.iter().flat_map(|(lower, upper)| [lower, upper]).flatten();
        let cuts: Vec<DateCut> = cuts.map(|(cut, _)| self.date_cuts[*cut].clone()).collect();
        for reference in DateCut::reference_days(&cuts) {
            let day = |cut: usize| i128::from(self.date_cuts[cut].resolve(reference));
            let intervals: Vec<(i128, i128)> = found
                .iter()
                .map(|(lower, upper)| {
                    let low = lower.map_or(i128::MIN, |(cut, exclusive)| day(cut) + i128::from(exclusive));
                    let high = upper.map_or(i128::MAX, |(cut, exclusive)| day(cut) - i128::from(exclusive));
                    (low, high)
                })
                .collect();
            let order = partition(&intervals).map_err(|error| {
                partition_fault(path, present, bins, error)
                    .hint(format!("Seen with {reference} as the as-of day."))
            })?;
            if *common.get_or_insert_with(|| order.clone()) != order {
                return Err(fault(
                    path,
                    "bins whose order depends on the as-of day",
                    "durations, or periods, of one unit",
                ));
            }
        }
        let order = common.unwrap_or_default();
        let uppers = order
            .iter()
            .filter_map(|&place| found[place].1.map(|(cut, exclusive)| Upper { cut, inclusive: !exclusive }))
            .collect();
        Ok(Scale::Days { uppers, bins: order.iter().map(|&place| present[place] as u16).collect() })
    }
}

type End<'a> = Option<(&'static str, &'a Scalar, bool)>;

/// The lower and the upper end of a bin: key, bound, and whether the bound itself is outside.
fn ends<'a>(path: &str, bin: &'a Bin) -> Result<(End<'a>, End<'a>)> {
    let pick = |exclusive: (&'static str, &'a Option<Scalar>),
                inclusive: (&'static str, &'a Option<Scalar>)| {
        match (exclusive.1, inclusive.1) {
            (Some(_), Some(_)) => {
                Err(fault(path, format!("\"{}\" beside \"{}\"", exclusive.0, inclusive.0), "one of them"))
            }
            (Some(bound), None) => Ok(Some((exclusive.0, bound, true))),
            (None, Some(bound)) => Ok(Some((inclusive.0, bound, false))),
            (None, None) => Ok(None),
        }
    };
    Ok((pick(("gt", &bin.gt), ("gte", &bin.gte))?, pick(("lt", &bin.lt), ("lte", &bin.lte))?))
}

fn partition_fault(path: &str, present: &[usize], bins: &[Bin], error: PartitionFault) -> Error {
    let name = |place: usize| format!("{:?}", bins[present[place]].code);
    let found = match error {
        PartitionFault::Empty(bin) => format!("bin {}, which can hold no value", name(bin)),
        PartitionFault::OpenBelow(bin) => format!("no bin for the values below bin {}", name(bin)),
        PartitionFault::OpenAbove(bin) => format!("no bin for the values above bin {}", name(bin)),
        PartitionFault::Gap(low, high) => format!("a gap between bins {} and {}", name(low), name(high)),
        PartitionFault::Overlap(low, high) => format!("bins {} and {}, which overlap", name(low), name(high)),
    };
    fault(path, found, "bins that cover every value exactly once")
}
