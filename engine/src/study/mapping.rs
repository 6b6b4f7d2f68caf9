//! From the columns of a table to the inputs of a scheme, and from the words of a column to the values of an input:
//! proposals, by names and by what people call things in English and Chinese.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::document::text::Lang;
use crate::scheme::{Input, InputType, Scheme};

/// The one table of other words for inputs and for values: `catalogue/synonyms.json`.
#[derive(Deserialize)]
struct Synonyms {
    inputs: BTreeMap<String, Vec<String>>,
    values: BTreeMap<String, Vec<String>>,
}

// A file of ours, and a test reads it.
#[allow(clippy::expect_used)]
static SYNONYMS: LazyLock<Synonyms> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../../catalogue/synonyms.json"))
        .expect("catalogue/synonyms.json is a table of synonyms")
});

/// One of two names has such a word and the other has not: they mean different things, however much they have in
/// common. An expected amount is not one that was closed, the last order not the first.
const TELLING: &[&str] = &[
    "预计",
    "预期",
    "预测",
    "计划",
    "目标",
    "潜在",
    "可",
    "拟",
    "首次",
    "首单",
    "第一",
    "最早",
    "最近",
    "最后",
    "最新",
    "末次",
    "上次",
    "下次",
    "未",
    "非",
    "不",
    "无",
    "已",
    "退",
    "流失",
    "距",
    "expected",
    "estimated",
    "expect",
    "planned",
    "plan",
    "forecast",
    "predicted",
    "projected",
    "target",
    "potential",
    "pipeline",
    "closable",
    "first",
    "last",
    "latest",
    "next",
    "previous",
    "lost",
    "cancel",
    "return",
    "refund",
    "open",
    "past",
    "due",
    "since",
    "won",
    "closed",
    "paid",
];

/// A word that begins like this says that something is not so.
const NOT: &[&str] = &["不", "无", "没", "未", "非", "no ", "not ", "non"];

/// A column of a table, as SQL knows it.
#[derive(Debug, Clone, Deserialize)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its type, as SQL writes it.
    #[serde(rename = "type")]
    pub kind: String,
    /// The types of inputs that it serves without a cast.
    pub serves: Vec<InputType>,
}

/// What is proposed for an input.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Proposal {
    /// The input.
    pub input: String,
    /// The column that resembles it most; none if none does.
    pub column: Option<String>,
    /// How much, from 0 to 1.
    pub confidence: f64,
    /// By which word.
    pub reason: String,
    /// Whether the words of the column may need a map to be values of the input.
    pub mappable: bool,
}

/// A name in the form in which names are compared: small letters and digits of any script.
fn plain(name: &str) -> String {
    name.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// How much two names have in common. A part of a name (three letters, or one Chinese character) counts by how much
/// of the longer it is.
fn likeness(one: &str, other: &str) -> f64 {
    if one == other && !one.is_empty() {
        return 1.0;
    }
    let (short, long) = if one.chars().count() < other.chars().count() { (one, other) } else { (other, one) };
    if short.len() < 3 || !long.contains(short) {
        return 0.0;
    }
    let rest = long.replace(short, " ");
    if TELLING.iter().any(|word| rest.contains(word)) {
        return 0.0;
    }
    0.4 + 0.4 * short.chars().count() as f64 / long.chars().count() as f64
}

/// Whether words of a column may be mapped: where the values of the input are few, whatever the type of the column.
fn is_mapped(input: &Input, column: &Column) -> bool {
    !input.allowed.is_empty() || (input.kind.is_truth() && !column.serves.contains(&input.kind))
}

/// For each input of a scheme the column that resembles it most.
pub fn columns(scheme: &Scheme, columns: &[Column]) -> Vec<Proposal> {
    let plain_columns: Vec<String> = columns.iter().map(|column| plain(&column.name)).collect();
    scheme.inputs.iter().map(|input| column_for(input, columns, &plain_columns)).collect()
}

fn column_for(input: &Input, columns: &[Column], plain_columns: &[String]) -> Proposal {
    let own = input.synonyms.iter();
    let common = SYNONYMS.inputs.get(&input.name).into_iter().flatten();
    let title = input.title.iter().flat_map(|title| title.all());
    let words = std::iter::once(("name", 1.0, plain(&input.name)))
        .chain(own.chain(common).map(|word| ("synonym", 0.95, plain(word))))
        .chain(title.map(|word| ("title", 0.9, plain(word))));
    let mut best: Option<(f64, usize, String)> = None;
    for (how, weight, word) in words {
        for (place, (column, name)) in columns.iter().zip(plain_columns).enumerate() {
            let serves = column.serves.contains(&input.kind) || is_mapped(input, column);
            let penalty = if serves { 1.0 } else { 0.5 };
            let confidence = weight * likeness(name, &word) * penalty;
            let better = match &best {
                None => confidence > 0.0,
                Some((most, first, _)) => confidence > *most || (confidence == *most && place < *first),
            };
            if better {
                let cast = if serves {
                    String::new()
                } else {
                    format!(", but {} needs a cast to {}", column.kind, input.kind.name())
                };
                best = Some((confidence, place, format!("{how} \"{word}\"{cast}")));
            }
        }
    }
    match best {
        None => Proposal {
            input: input.name.clone(),
            column: None,
            confidence: 0.0,
            reason: "no column resembles it".to_owned(),
            mappable: false,
        },
        Some((confidence, place, reason)) => Proposal {
            input: input.name.clone(),
            column: Some(columns[place].name.clone()),
            confidence: (confidence * 100.0).round() / 100.0,
            reason,
            mappable: is_mapped(input, &columns[place]),
        },
    }
}

/// The few values that an input may have, and their codes; none if it may have any.
fn candidates(input: &Input) -> Vec<(Json, String)> {
    match input.kind {
        InputType::Boolean => {
            vec![(Json::Bool(true), "true".to_owned()), (Json::Bool(false), "false".to_owned())]
        }
        InputType::Text | InputType::Number | InputType::Integer | InputType::Date => input
            .allowed
            .iter()
            .map(|value| (serde_json::to_value(value).unwrap_or(Json::Null), value.word()))
            .collect(),
    }
}

/// What people call a value of an input in Chinese.
fn chinese<'i>(input: &'i Input, code: &str) -> Option<&'i str> {
    match (input.kind, code) {
        (InputType::Boolean, "true") => Some("是"),
        (InputType::Boolean, "false") => Some("否"),
        _ => input.value_titles.get(code).and_then(|title| title.exact(Lang::Zh)),
    }
}

/// A map of values as people of a language read it: with what they call the values, which [`coded`] turns back.
pub fn titled(
    input: &Input,
    map: serde_json::Map<String, Json>,
    lang: Lang,
) -> serde_json::Map<String, Json> {
    let known = candidates(input);
    let title = |value: Json| {
        let code = known.iter().find(|(known, _)| *known == value).map(|(_, code)| code.as_str());
        match (lang, code.and_then(|code| chinese(input, code))) {
            (Lang::Zh, Some(title)) => Json::String(title.to_owned()),
            _ => value,
        }
    };
    map.into_iter().map(|(word, value)| (word, title(value))).collect()
}

/// The columns and maps of values that a user gives for the inputs of a scheme, with the value itself where the map
/// says what it is called. What is neither a value nor called so stays, for others to refuse.
pub fn coded(scheme: &Scheme, mut inputs: Json) -> Json {
    for input in &scheme.inputs {
        let Some(Json::Object(map)) = inputs.pointer_mut(&format!("/{}/values", input.name)) else {
            continue;
        };
        let known = candidates(input);
        for value in map.values_mut() {
            let Json::String(text) = &*value else { continue };
            let is_called = |code: &str| {
                chinese(input, code) == Some(text.as_str())
                    || input
                        .value_titles
                        .get(code)
                        .is_some_and(|title| title.all().any(|title| title == text))
            };
            if !known.iter().any(|(_, code)| code == text)
                && let Some((meant, _)) = known.iter().find(|(_, code)| is_called(code))
            {
                *value = meant.clone();
            }
        }
    }
    inputs
}

/// The values of an input that words of a column stand for; words that are values themselves, and words that nobody
/// can tell, are left out. Where no word is known, the titles that the scheme gives its values.
pub fn values(input: &Input, found: Option<&[String]>) -> serde_json::Map<String, Json> {
    let candidates = candidates(input);
    let known: Vec<(&Json, Vec<String>)> = candidates
        .iter()
        .map(|(value, code)| {
            let titles = input.value_titles.get(code).into_iter().flat_map(|title| title.all());
            let common = SYNONYMS.values.get(code).into_iter().flatten().map(String::as_str);
            (value, std::iter::once(code.as_str()).chain(titles).chain(common).map(plain).collect())
        })
        .collect();
    let mut map = serde_json::Map::new();
    let Some(found) = found else {
        for (code, title) in &input.value_titles {
            if let Some((value, _)) = candidates.iter().find(|(_, known)| known == code) {
                let other = title.all().filter(|title| *title != code);
                map.extend(other.map(|title| (title.to_owned(), value.clone())));
            }
        }
        return map;
    };
    for word in found {
        if candidates.iter().any(|(_, code)| code == word) {
            continue;
        }
        if let Some(value) = meant(word, &known) {
            map.insert(word.clone(), value.clone());
        }
    }
    map
}

/// The value whose words have the most in common with this one, if it is one value.
fn meant<'v>(found: &str, known: &[(&'v Json, Vec<String>)]) -> Option<&'v Json> {
    let lower = found.trim().to_lowercase();
    let word = plain(found);
    let all =
        || known.iter().flat_map(|(value, words)| words.iter().map(move |word| (*value, word.as_str())));
    if let Some((value, _)) = all().find(|(_, known)| *known == word) {
        return Some(value);
    }
    let says_no = |known: &str| NOT.iter().any(|no| known.starts_with(no.trim()));
    let parts = |word: &str, no: bool| {
        let parts =
            all().filter(|(_, known)| known.len() >= 3 && word.contains(*known) && says_no(known) == no);
        parts.map(|(value, known)| (known.chars().count(), value, known.to_owned())).collect::<Vec<_>>()
    };
    let negated = NOT.iter().any(|no| lower.starts_with(no));
    let found = parts(&word, negated);
    let (longest, value, part) = found.iter().max_by_key(|(length, ..)| *length)?;
    // "No clear demand" says neither that there is none, nor that it is clear.
    let contradicted = negated && !parts(&word.replacen(part, "", 1), false).is_empty();
    let tied = found.iter().any(|(length, other, _)| length == longest && other != value);
    (!contradicted && !tied).then_some(*value)
}
