//! Which language a text is in.

use std::collections::BTreeSet;

use customer_tiering_engine::Scheme;
use serde_json::Value as Json;

/// One failure that lists all faults.
pub fn none(faults: Vec<String>) {
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

/// The keys whose values are texts in both languages.
const BILINGUAL: [&str; 7] =
    ["title", "purpose", "description", "unit", "annotation", "action", "service_target"];

/// Latin words that Chinese texts use as they are.
pub const LATIN_IN_CHINESE: [&str; 12] = ["VIP", "ABC", "RFM", "4S", "A", "B", "C", "D", "E", "R", "F", "M"];

/// Whether it belongs to Chinese writing, its punctuation included.
pub fn is_cjk(c: char) -> bool {
    matches!(c, '\u{2E80}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{FF00}'..='\u{FFEF}' | '\u{20000}'..='\u{3FFFF}')
}

/// Every text of the document that the scheme itself defines as a value or a code.
pub fn own_words(scheme: &Scheme) -> BTreeSet<String> {
    let mut words: BTreeSet<String> = LATIN_IN_CHINESE.map(str::to_owned).into();
    words.extend(
        scheme.inputs.iter().flat_map(|i| &i.allowed).map(|v| v.to_string().trim_matches('"').to_owned()),
    );
    words.extend(scheme.tiers.iter().map(|tier| tier.code.clone()));
    words.extend(scheme.characteristics.iter().flat_map(|c| c.bins.iter().map(|bin| bin.code.clone())));
    let dimensions = scheme.score.iter().flat_map(|score| &score.dimensions);
    words.extend(dimensions.flat_map(|dimension| {
        let codes = dimension.classes.iter().map(|class| class.code.clone());
        codes.chain([dimension.name.clone()])
    }));
    words
}

/// The words of Latin letters, digits and underscores that hold a letter.
pub fn latin_words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .filter(|word| word.chars().any(|c| c.is_ascii_alphabetic()))
}

/// Lists the texts below `json` that are not in both languages or leak from one into the other; `known`
/// are the Latin words that Chinese texts may use.
pub fn languages(path: &str, json: &Json, known: &BTreeSet<String>, faults: &mut Vec<String>) {
    match json {
        Json::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                languages(&format!("{path}[{index}]"), item, known, faults);
            }
        }
        Json::Object(members) => {
            if members.contains_key("en") != members.contains_key("zh") {
                faults.push(format!("{path}: one language without the other"));
            }
            if let (Some(Json::String(en)), Some(Json::String(zh))) = (members.get("en"), members.get("zh")) {
                if let Some(c) = en.chars().find(|c| is_cjk(*c)) {
                    faults.push(format!("{path}.en: {c} in {en:?}"));
                }
                if !zh.chars().any(is_cjk) && zh.chars().any(char::is_alphabetic) {
                    faults.push(format!("{path}.zh: no Chinese in {zh:?}"));
                }
                for word in latin_words(zh) {
                    if !known.contains(word) {
                        faults.push(format!("{path}.zh: {word:?} in {zh:?}"));
                    }
                }
            }
            for (key, value) in members {
                let path = format!("{path}.{key}");
                if BILINGUAL.contains(&key.as_str()) && !value.is_object() {
                    faults.push(format!("{path}: not a text in two languages"));
                }
                languages(&path, value, known, faults);
            }
        }
        _ => {}
    }
}
