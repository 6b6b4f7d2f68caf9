//! Every preset in the catalogue: valid, sound, in both languages, and as its sample rows say.

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use customer_tiering_engine::document::text::Lang;
use customer_tiering_engine::scheme::presets::{EARLIER, OVERLAYS, PRESETS};
use customer_tiering_engine::study::check::{Severity, check};
use customer_tiering_engine::study::mapping;
use customer_tiering_engine::{Compiled, Overlay, Scheme};
use serde_json::Value as Json;

use common::languages::{LATIN_IN_CHINESE, languages, none, own_words};

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../catalogue").join(name)
}

fn stems(of: &str) -> Vec<String> {
    let mut stems: Vec<String> = fs::read_dir(folder(of))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    stems.sort_unstable();
    stems
}

#[test]
fn every_file_is_compiled_in_and_has_sample_rows() {
    let names: Vec<String> = PRESETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert!(names.len() >= 5);
    assert_eq!(names, stems("schemes"));
    assert_eq!(names, stems("samples"));
}

/// The install script numbers the versions of a scheme in this order.
#[test]
fn earlier_versions_are_numbered_from_one_and_have_a_newest() {
    let mut last = ("", 0);
    for (stem, document) in EARLIER {
        let (name, number) = stem.split_once('.').unwrap_or_else(|| panic!("{stem} is not NAME.NN"));
        let number: usize = number.parse().unwrap();
        assert_eq!(number, if last.0 == name { last.1 + 1 } else { 1 }, "{stem}");
        assert_eq!(*stem, format!("{name}.{number:02}"));
        assert_eq!(Scheme::parse(document).unwrap().scheme, name);
        assert!(
            PRESETS.iter().any(|(newest, _)| *newest == name),
            "{stem}: no {name}.json in catalogue/schemes"
        );
        last = (name, number);
    }
}

#[test]
fn every_preset_is_valid_under_the_name_of_its_file_and_round_trips() {
    for (name, document) in PRESETS {
        let scheme = Scheme::parse(document).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(scheme.scheme, *name);
        assert_eq!(Scheme::parse(&scheme.canonical()).unwrap(), scheme, "{name}");
    }
}

#[test]
fn the_check_finds_nothing_that_would_surprise() {
    let mut faults = Vec::new();
    for (name, document) in PRESETS {
        let scheme = Compiled::parse(document).unwrap();
        for finding in check(&scheme, &mut || Ok(())).unwrap() {
            if finding.kind.severity() != Severity::Notice {
                faults.push(format!(
                    "{name} {}: {} {}",
                    finding.path,
                    finding.kind.message(Lang::En),
                    finding.example
                ));
            }
        }
        scheme.ensure_fitted().unwrap();
    }
    none(faults);
}

#[test]
fn every_tier_has_title_cadence_and_strategy() {
    let mut faults = Vec::new();
    for (name, document) in PRESETS {
        let scheme = Scheme::parse(document).unwrap();
        if scheme.title.is_none() || scheme.purpose.is_none() || scheme.source.is_none() {
            faults.push(format!("{name}: title, purpose and source belong to a preset"));
        }
        for tier in &scheme.tiers {
            if tier.title.is_none() || tier.followup.is_none() || tier.strategy.is_empty() {
                faults.push(format!("{name}: tier {} lacks title, followup or strategy", tier.code));
            }
        }
        for input in scheme.inputs.iter().filter(|input| input.title.is_none() || input.description.is_none())
        {
            faults.push(format!("{name}: input {} lacks title or description", input.name));
        }
    }
    none(faults);
}

/// What a column in either language says is proposed as a map of values, and shown to who reads the policy.
#[test]
fn every_allowed_value_has_titles_that_mean_it_alone() {
    let mut faults = Vec::new();
    for (name, document) in PRESETS {
        let scheme = Scheme::parse(document).unwrap();
        for input in &scheme.inputs {
            for value in &input.allowed {
                let Some(title) = input.value_titles.get(&value.word()) else {
                    faults.push(format!("{name}: {} of {} has no titles", value.word(), input.name));
                    continue;
                };
                for title in title.all().map(str::to_owned) {
                    let found = mapping::values(input, Some(std::slice::from_ref(&title)));
                    let meant = input.allowed.iter().any(|known| known.word() == title)
                        || found.get(&title) == Some(&serde_json::to_value(value).unwrap());
                    if !meant {
                        faults.push(format!("{name}: {title} of {} is not {}", input.name, value.word()));
                    }
                }
            }
        }
    }
    none(faults);
}

#[test]
fn every_text_is_in_both_languages_and_neither_leaks_into_the_other() {
    let mut faults = Vec::new();
    for (name, document) in PRESETS {
        let known = own_words(&Scheme::parse(document).unwrap());
        let json: Json = serde_json::from_str(document).unwrap();
        languages(name, &json, &known, &mut faults);
    }
    none(faults);
}

#[test]
fn every_overlay_is_valid_under_the_name_of_its_file_and_in_both_languages() {
    let names: Vec<String> = OVERLAYS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert!(names.len() >= 20);
    assert_eq!(names, stems("overlays"));
    let known = LATIN_IN_CHINESE.map(str::to_owned).into();
    let mut faults = Vec::new();
    for (name, document) in OVERLAYS {
        let overlay = Overlay::parse(document).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(overlay.overlay, *name);
        assert_eq!(Overlay::parse(&overlay.canonical()).unwrap(), overlay, "{name}");
        if overlay.source.is_none() || overlay.description.is_none() {
            faults.push(format!("{name}: source and description belong to a preset"));
        }
        languages(name, &serde_json::from_str(document).unwrap(), &known, &mut faults);
    }
    none(faults);
}

#[test]
fn all_sample_rows_get_their_tier() {
    let mut tables = 0;
    let mut faults = Vec::new();
    for (name, document) in PRESETS {
        let scheme = Compiled::parse(document).unwrap();
        let text = fs::read_to_string(folder("samples").join(format!("{name}.json"))).unwrap();
        let sample: Json = serde_json::from_str(&text).unwrap();
        assert_eq!(sample["scheme"], *name);
        let mut seen = BTreeSet::new();
        let (mut cells_of, mut cells) = (None, None);
        for (index, row) in sample["rows"].as_array().unwrap().iter().enumerate() {
            let day = row.get("as_of").unwrap_or(&sample["as_of"]).as_str().unwrap();
            let as_of = common::as_of(&scheme, day);
            let expected = row["tier"].as_str().map(str::to_owned);
            if cells_of != Some(day) {
                (cells_of, cells) = (Some(day), scheme.cells(&as_of));
            }
            for floats in [false, true] {
                let found = common::tier(&scheme, &as_of, &row["inputs"], floats);
                if found.as_ref() != Ok(&expected) {
                    faults.push(format!("{name} row {index} (floats: {floats}): {found:?} instead of {row}"));
                }
                if let Some(cells) = &cells {
                    tables += 1;
                    let sheet = common::sheet(&scheme, &row["inputs"], floats).unwrap();
                    let code = |tier: usize| scheme.scheme.tiers[tier].code.clone();
                    let tabled = cells.tier(&sheet.slots).map(|tier| tier.map(code));
                    if tabled.as_ref() != Some(&expected) {
                        faults
                            .push(format!("{name} row {index} (floats: {floats}): {tabled:?} by the table"));
                    }
                }
            }
            let explanation = common::explain(&scheme, day, &row["inputs"]);
            let found = explanation.get("dimensions").and_then(Json::as_array).map(|dimensions| {
                let class =
                    |entry: &Json| (entry["name"].as_str().unwrap().to_owned(), entry["class"].clone());
                Json::Object(dimensions.iter().map(class).collect())
            });
            if found.as_ref() != row.get("dimensions") {
                faults.push(format!("{name} row {index}: dimensions {found:?} instead of {row}"));
            }
            seen.extend(expected);
        }
        for tier in scheme.scheme.tiers.iter().filter(|tier| !seen.contains(&tier.code)) {
            faults.push(format!("{name}: no sample row for tier {}", tier.code));
        }
    }
    assert!(tables > 500, "{tables} rows graded by a table");
    none(faults);
}
