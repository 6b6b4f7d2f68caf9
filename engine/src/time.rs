//! Days, durations, zones and clocks; nothing here knows a calendar of working days.

pub mod clock;
pub mod date;
pub mod duration;
pub mod zone;
