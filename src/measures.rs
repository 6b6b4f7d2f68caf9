//! Measures by tier: where the events are, and what tiering brings.

mod customer_figures;
mod effect;
mod event_sources;
