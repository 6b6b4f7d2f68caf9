//! Inputs: which values they may have, and what stands for a missing one.

use crate::document;
use crate::error::Result;
use crate::grade::value::{InputSlot, NumberCut, OnMissing};
use crate::limits::ALLOWED_VALUES;
use crate::number::Scalar;
use crate::scheme::{Input, InputType, Missing};

use super::constants::{constant, number_constant, text_constant};
use super::fault;

pub(super) fn input_slot(path: &str, input: &Input) -> Result<InputSlot> {
    let mut slot = InputSlot {
        name: input.name.clone(),
        kind: input.kind,
        on_missing: OnMissing::Ungraded,
        texts: Vec::new(),
        allowed: Vec::new(),
        restricted: false,
    };
    if input.allowed.len() > ALLOWED_VALUES {
        let found = format!("{} allowed values", input.allowed.len());
        return Err(fault(format!("{path}.allowed"), found, format!("at most {ALLOWED_VALUES}")));
    }
    for (place, scalar) in input.allowed.iter().enumerate() {
        let path = format!("{path}.allowed[{place}]");
        let twice = match input.kind {
            InputType::Text => {
                let text = text_constant(&path, scalar, "a text")?;
                let twice = slot.texts.iter().any(|known| **known == *text);
                slot.texts.push(text.into());
                twice
            }
            InputType::Number | InputType::Integer => {
                let number = number_constant(&path, scalar)?;
                if input.kind.is_whole() && !number.decimal().fract().is_zero() {
                    return Err(fault(path, scalar, "a whole number"));
                }
                let cut = NumberCut::from(number);
                let twice = slot.allowed.contains(&cut);
                slot.allowed.push(cut);
                twice
            }
            InputType::Boolean | InputType::Date => {
                let found = format!("allowed values of a {} input", input.kind.name());
                return Err(fault(path, found, "none"));
            }
        };
        if twice {
            return Err(fault(path, format!("{scalar} again"), "each value once"));
        }
    }
    slot.restricted = !input.allowed.is_empty();
    let titled = |value: &&String| input.allowed.iter().any(|allowed| allowed.word() == **value);
    if let Some(value) = input.value_titles.keys().find(|value| !titled(value)) {
        return Err(fault(
            format!("{path}.value_titles"),
            document::quoted(value),
            "titles of allowed values",
        ));
    }
    if input.min.or(input.max).is_some() && !input.kind.is_numeric() {
        let found = format!("bounds of a {} input", input.kind.name());
        return Err(fault(format!("{path}.min"), found, "\"min\" and \"max\" at numbers only"));
    }
    if let (Some(min), Some(max)) = (input.min, input.max)
        && min > max
    {
        return Err(fault(format!("{path}.max"), max, format!("at least {min}, the \"min\"")));
    }
    slot.on_missing = match &input.missing {
        Missing::Ungraded => OnMissing::Ungraded,
        Missing::Error => OnMissing::Error,
        Missing::Null => OnMissing::Null,
        Missing::Default(scalar) => {
            let path = format!("{path}.missing.default");
            // An unrestricted text default must be known, so that rules on it match.
            match input.kind {
                InputType::Text => {
                    if let (false, Scalar::Text(text)) = (slot.restricted, scalar) {
                        slot.texts.push(text.as_str().into());
                    }
                }
                InputType::Number | InputType::Integer | InputType::Boolean | InputType::Date => {}
            }
            OnMissing::Default(constant(&path, &slot, scalar)?)
        }
    };
    Ok(slot)
}
