//! The preset schemes: the files of `catalogue/schemes`, compiled in.

/// Name and document of each preset, by name.
pub const PRESETS: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/presets.rs"));
