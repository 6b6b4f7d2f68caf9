//! Days, durations, zones and clocks; nothing here knows a calendar of working days.

pub mod clock;
pub mod date;
pub mod duration;
pub mod fiscal;
#[cfg(test)]
pub(crate) mod processor;
pub mod zone;
