//! Optimisation, integration and special functions.

pub(super) mod newton;
pub(super) mod quadrature;
pub(super) mod special;
