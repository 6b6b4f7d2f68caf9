//! The presets: the files of `catalogue/schemes`, `catalogue/earlier` and `catalogue/overlays`, compiled in.

/// Name and document of each preset scheme, by name.
pub const PRESETS: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/presets.rs"));

/// The versions of preset schemes that newer ones have replaced, such as `NAME.01` and `NAME.02`, in this order.
pub const EARLIER: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/earlier.rs"));

/// Name and document of each preset overlay, by name.
pub const OVERLAYS: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/overlays.rs"));
