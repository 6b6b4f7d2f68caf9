//! One file a law: how often customers buy, and how much they spend.

pub(super) mod bg_nbd;
pub(super) mod gamma_gamma;
pub(super) mod pareto_nbd;
