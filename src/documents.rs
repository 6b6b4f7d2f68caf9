//! Documents as types and as stored values: schemes, strategies, calendars; and finding them by name.

pub mod by_name;
pub mod calendar;
pub mod document_type;
pub mod fiscal;
pub mod interchange;
pub mod lookup;
pub mod scheme;
pub mod stored;
pub mod strategy;
