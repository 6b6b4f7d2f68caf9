//! Measures by tier: where the events are, and what tiering brings.

mod effect;
mod event_sources;
mod orders;
