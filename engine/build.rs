//! Lists the files of the folders of `catalogue`, so that adding a preset is adding
//! one JSON file.

use std::error::Error;
use std::fmt::Write;
use std::path::Path;
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    list("schemes", "presets.rs")?;
    list("earlier", "earlier.rs")?;
    list("overlays", "overlays.rs")?;
    list("calendars", "calendars.rs")
}

/// Writes a slice of the names and documents of a folder of the catalogue.
fn list(folder: &str, to: &str) -> Result<(), Box<dyn Error>> {
    let path = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("../catalogue").join(folder);
    println!("cargo::rerun-if-changed={}", path.display());
    let mut names = Vec::new();
    for entry in fs::read_dir(&path)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "json") {
            let stem = path.file_stem().and_then(|stem| stem.to_str());
            names.push(stem.ok_or("a preset whose file name is not UTF-8")?.to_owned());
        }
    }
    names.sort_unstable();
    let mut code = String::from("&[\n");
    for name in names {
        writeln!(
            code,
            "    ({name:?}, include_str!(concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/../catalogue/{folder}/{name}.json\"))),"
        )?;
    }
    code.push_str("]\n");
    fs::write(Path::new(&env::var("OUT_DIR")?).join(to), code)?;
    Ok(())
}
