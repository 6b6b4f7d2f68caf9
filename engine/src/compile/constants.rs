//! Constants of a document, as the values that they stand for.

use jiff::civil::Date;

use crate::document;
use crate::error::Result;
use crate::grade::as_of::{DateCut, PeriodEnd};
use crate::grade::value::{InputSlot, Value};
use crate::number::{Number, Scalar};
use crate::scheme::InputType;
use crate::time::date::{IsoDate, day_number};
use crate::time::duration::Offset;
use crate::time::fiscal::{FiscalCalendar, RelativePeriod};

use super::{Builder, fault, no_fiscal_year, one_of};

impl Builder<'_> {
    /// The place of a text among those of its input; a new one where any text may come.
    pub(super) fn text_code(&mut self, path: &str, input: usize, text: &str) -> Result<u32> {
        let slot = &mut self.inputs[input];
        let key = (input, text.to_owned());
        if let Some(code) = self.text_index.get(&key) {
            return Ok(*code);
        }
        if slot.restricted {
            let allowed = one_of(slot.texts.iter().map(|text| &**text));
            let expected = format!("an allowed value of input {:?}: {allowed}", slot.name);
            return Err(fault(path, document::quoted(text), expected));
        }
        let code = slot.texts.len() as u32;
        slot.texts.push(text.into());
        self.text_index.insert(key, code);
        Ok(code)
    }

    /// A date constant: a day, a duration counted from the as-of day, or an end of a period such as `this_fiscal_quarter`.
    pub(super) fn date_cut(&mut self, path: &str, text: &str, end: PeriodEnd) -> Result<usize> {
        let cut = if RelativePeriod::is_meant(text) {
            let (period, calendar) = self.relative_period(path, text)?;
            DateCut::Period(period, calendar, end)
        } else if text.trim_start_matches('-').starts_with('P') {
            DateCut::Relative(Offset::parse(text).map_err(|error| {
                fault(
                    path,
                    document::quoted(text),
                    "a duration from the as-of day such as \"P30D\" or \"-P1M\"",
                )
                .hint(error.hint.unwrap_or(error.message))
            })?)
        } else {
            let expected = "a date such as \"2026-01-31\", a duration such as \"P30D\" or a period such as \"this_quarter\"";
            DateCut::Day(day_number(parse_date(path, text, expected)?))
        };
        let next = self.date_cuts.len();
        let position = *self.date_cut_index.entry(cut.clone()).or_insert(next);
        if position == next {
            self.date_cuts.push(cut);
        }
        Ok(position)
    }

    /// A word such as `this_fiscal_quarter`, and what it counts by.
    pub(super) fn relative_period(&self, path: &str, text: &str) -> Result<(RelativePeriod, FiscalCalendar)> {
        let period = RelativePeriod::parse(text).map_err(|error| {
            let expected = "a period such as \"this_fiscal_quarter\", \"last_year\" or \"next_2_quarters\"";
            fault(path, document::quoted(text), expected).hint(error.hint.unwrap_or(error.message))
        })?;
        match self.fiscal {
            None if period.fiscal => Err(no_fiscal_year(path, document::quoted(text))),
            fiscal => Ok((period, period.calendar(fiscal.unwrap_or(FiscalCalendar::CIVIL)))),
        }
    }
}

/// A constant of the document as a value of the input, by the very checks that rows pass.
pub(super) fn constant(path: &str, slot: &InputSlot, scalar: &Scalar) -> Result<Value> {
    let other = || fault(path, scalar, format!("a value of type {}", slot.kind.name()));
    let value = match slot.kind {
        InputType::Number | InputType::Integer => match scalar {
            Scalar::Number(number) => slot.exact(number.key()),
            Scalar::Text(_) | Scalar::Boolean(_) => return Err(other()),
        },
        InputType::Text => match scalar {
            Scalar::Text(text) => slot.text(text.as_bytes()),
            Scalar::Number(_) | Scalar::Boolean(_) => return Err(other()),
        },
        InputType::Boolean => match scalar {
            Scalar::Boolean(value) => Ok(Value::Boolean(*value)),
            Scalar::Number(_) | Scalar::Text(_) => return Err(other()),
        },
        InputType::Date => match scalar {
            Scalar::Text(text) => {
                Ok(Value::Day(day_number(parse_date(path, text, "a date such as \"2026-01-31\"")?)))
            }
            Scalar::Number(_) | Scalar::Boolean(_) => return Err(other()),
        },
    };
    value.map_err(|error| {
        fault(path, scalar, format!("a value that input {:?} may have", slot.name))
            .hint(error.detail.unwrap_or(error.message))
    })
}

fn parse_date(path: &str, text: &str, expected: &str) -> Result<Date> {
    IsoDate::parse(text).map(|date| date.0).map_err(|_| fault(path, document::quoted(text), expected))
}

pub(super) fn number_constant(path: &str, scalar: &Scalar) -> Result<Number> {
    match scalar {
        Scalar::Number(number) => Ok(*number),
        other => Err(fault(path, other, "a number")),
    }
}

pub(super) fn text_constant<'a>(path: &str, scalar: &'a Scalar, expected: &str) -> Result<&'a str> {
    match scalar {
        Scalar::Text(text) => Ok(text),
        other => Err(fault(path, other, expected)),
    }
}
