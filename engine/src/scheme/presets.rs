//! The presets: the files of `catalogue/schemes` and `catalogue/overlays`, compiled in.

/// Name and document of each preset scheme, by name.
pub const PRESETS: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/presets.rs"));

/// Name and document of each preset overlay, by name.
pub const OVERLAYS: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/overlays.rs"));
