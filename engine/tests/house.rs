//! The house itself: rooms that import downwards only, files without circles, stems as promised, and lists that
//! stand in two places because they must.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use customer_tiering_engine::describe::messages_zh::MESSAGES;
use customer_tiering_engine::document::text::Lang;
use customer_tiering_engine::lifetime::Kind;
use customer_tiering_engine::limits;
use customer_tiering_engine::scheme::vocabulary;
use customer_tiering_engine::study::check::FindingKind;

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: impl AsRef<Path>) -> String {
    let path = repository().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The files below a folder with an extension, as paths from the root of the repository.
fn files(folder: &str, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::from(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(repository().join(&folder)).unwrap() {
            let entry = entry.unwrap();
            let path = folder.join(entry.file_name());
            let name = entry.file_name().to_string_lossy().into_owned();
            if entry.file_type().unwrap().is_dir() {
                // what is released stays as it was
                if path != Path::new("sql/released") {
                    folders.push(path);
                }
            } else if name.starts_with("customer_tiering--") {
                // an update script
            } else if path.extension().is_some_and(|found| found == extension) {
                found.push(path);
            }
        }
    }
    found.sort();
    assert!(!found.is_empty(), "no file in {folder}");
    found
}

fn stem(path: &Path) -> String {
    path.file_stem().unwrap().to_str().unwrap().to_owned()
}

/// A file of Rust without its tests and comments.
fn code(path: &Path) -> String {
    let text = read(path);
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
    text.lines().map(|line| line.split("//").next().unwrap()).collect::<Vec<_>>().join("\n")
}

type Module = Vec<String>;

/// The modules of the engine, by their path, tests left out.
fn modules() -> BTreeMap<Module, PathBuf> {
    let modules = files("engine/src", "rs").into_iter().filter_map(|path| {
        let inside = path.strip_prefix("engine/src").unwrap().with_extension("");
        let module: Module = inside.iter().map(|part| part.to_str().unwrap().to_owned()).collect();
        (!module.iter().any(|part| part == "tests")).then_some((module, path))
    });
    let mut modules: BTreeMap<Module, PathBuf> = modules.collect();
    let root = modules.remove(&vec!["lib".to_owned()]).unwrap();
    modules.insert(Vec::new(), root);
    modules
}

/// The single paths of `a::{b, c::d}`.
fn single_paths(tree: &str) -> Vec<String> {
    let tree: String = tree.split_whitespace().collect();
    let Some((prefix, rest)) = tree.split_once('{') else { return vec![tree] };
    let inside = rest.strip_suffix('}').unwrap_or_else(|| panic!("unbalanced: {tree}"));
    let (mut parts, mut depth) = (vec![String::new()], 0);
    for letter in inside.chars() {
        match letter {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        parts.last_mut().unwrap().push(letter);
    }
    let parts = parts.iter().filter(|part| !part.is_empty());
    parts.flat_map(|part| single_paths(part)).map(|part| format!("{prefix}{part}")).collect()
}

/// The modules whose names a file uses. What a module says of its own children is no use of them: it declares
/// them, or passes their names on.
fn uses(module: &Module, path: &Path, modules: &BTreeMap<Module, PathBuf>) -> BTreeSet<Module> {
    let code = code(path);
    let is_name = |letter: char| letter.is_alphanumeric() || letter == '_' || letter == ':';
    let inline = code.match_indices("crate::").map(|(at, _)| {
        let rest = &code[at..];
        rest[..rest.find(|letter| !is_name(letter)).unwrap_or(rest.len())].to_owned()
    });
    let statements = code.split(';').filter_map(|statement| {
        let at = statement.rfind("\nuse ").map(|at| at + 5).or(statement.strip_prefix("use ").map(|_| 4));
        at.map(|at| &statement[at..])
    });
    let mut used = BTreeSet::new();
    for name in statements.flat_map(single_paths).chain(inline) {
        let mut segments: Module = name.split("::").map(str::to_owned).collect();
        match segments[0].as_str() {
            "crate" => drop(segments.remove(0)),
            "super" => {
                let parent = &module[..module.len() - 1];
                segments.splice(..1, parent.iter().cloned());
            }
            _ => continue,
        }
        while !modules.contains_key(&segments) {
            segments.pop();
        }
        if segments != *module && !segments.is_empty() {
            used.insert(segments);
        }
    }
    used
}

#[test]
fn a_tree_of_imports_is_taken_apart() {
    assert_eq!(single_paths("a::{b, c::{d, e}, self}"), ["a::b", "a::c::d", "a::c::e", "a::self"]);
}

#[test]
fn no_file_of_the_engine_imports_itself_by_way_of_others() {
    let modules = modules();
    let uses: BTreeMap<&Module, BTreeSet<Module>> =
        modules.iter().map(|(module, path)| (module, uses(module, path, &modules))).collect();
    // That imports are seen at all.
    assert!(uses[&vec!["study".to_owned(), "check".to_owned()]].contains(&vec!["limits".to_owned()]));
    let mut circles = Vec::new();
    for module in modules.keys() {
        let (mut seen, mut next) = (BTreeSet::new(), vec![module]);
        while let Some(at) = next.pop() {
            next.extend(uses[at].iter().filter(|used| seen.insert((*used).clone())));
        }
        if seen.contains(module) {
            circles.push(module.join("::"));
        }
    }
    assert!(circles.is_empty(), "in a circle: {}", circles.join(", "));
}

/// The rooms in the order of the list in the documentation of the crate.
fn rooms() -> Vec<String> {
    let text = read("engine/src/lib.rs");
    let entries = text.lines().filter_map(|line| line.strip_prefix("//! - [`"));
    entries.map(|entry| entry.split('`').next().unwrap().to_owned()).collect()
}

#[test]
fn every_room_imports_from_rooms_above_it_in_the_list_only() {
    let (rooms, modules) = (rooms(), modules());
    let there: BTreeSet<&String> = modules.keys().filter_map(|module| module.first()).collect();
    assert_eq!(rooms.iter().collect::<BTreeSet<_>>(), there, "the list in engine/src/lib.rs");
    let place = |room: &String| rooms.iter().position(|known| known == room);
    for (module, path) in modules.iter().filter(|(module, _)| !module.is_empty()) {
        for used in uses(module, path, &modules) {
            assert!(
                place(&used[0]) <= place(&module[0]),
                "{} imports {}, whose room stands below its own in engine/src/lib.rs",
                module.join("::"),
                used.join("::")
            );
        }
    }
}

/// What `src/lib.rs` promises of stems, and the exceptions that it names.
#[test]
fn a_topic_of_sql_with_c_functions_has_its_rust_file_and_its_test() {
    const EXCEPTIONS: [&str; 3] = ["schemes", "presets", "stability"];
    let rust: BTreeSet<String> = files("src", "rs").iter().map(|path| stem(path)).collect();
    let tests: BTreeSet<String> =
        files("tests/pg_regress/sql", "sql").iter().map(|path| stem(path)).collect();
    for path in files("sql", "sql") {
        let numbered = stem(&path);
        let topic = numbered.trim_start_matches(|letter: char| letter.is_ascii_digit() || letter == '_');
        if !read(&path).contains("MODULE_PATHNAME") || EXCEPTIONS.contains(&topic) {
            continue;
        }
        assert!(rust.contains(topic), "{}: no {topic}.rs in src/", path.display());
        assert!(tests.contains(topic), "{}: no tests/pg_regress/sql/{topic}.sql", path.display());
    }
}

/// A new model is a file and an entry in engine/src/lifetime/models.rs, and this.
#[test]
fn every_lifetime_model_has_its_aggregate() {
    let (sql, rust) = (read("sql/30_aggregates/60_lifetime.sql"), read("src/lifetime/fit.rs"));
    let parameters = sql.split("COMMENT ON FUNCTION tiering.parameters").nth(1).unwrap().split(';').take(4);
    let parameters = parameters.collect::<String>();
    for kind in Kind::ALL {
        let name = kind.name();
        assert!(sql.contains(&format!("('{name}', '")), "60_lifetime.sql: no row of {name} in the DO block");
        assert!(parameters.contains(name), "60_lifetime.sql: the comment of parameters() leaves out {name}");
        assert!(rust.contains(&format!("{name}_final ")), "src/lifetime/fit.rs: no line of {name}");
        for page in ["docs/guides/lifetime-value.md", "docs/guides/lifetime-value.zh-CN.md"] {
            assert!(read(page).contains(&format!("fit_{name}")), "{page} says nothing of fit_{name}()");
        }
    }
}

/// What an input type is, it says itself: a comparison elsewhere would take a new type for any of the others.
#[test]
fn types_of_inputs_are_matched_not_compared() {
    let mut compared = Vec::new();
    for path in files("engine/src", "rs").iter().filter(|path| !path.ends_with("scheme/input.rs")) {
        let named = |line: &&str| {
            line.match_indices("InputType::")
                .any(|(at, name)| line[at + name.len()..].starts_with(char::is_uppercase))
        };
        for line in code(path).lines().filter(named) {
            let line = line.trim();
            if ["==", "!=", "matches!", "if let ", "let "].iter().any(|test| line.contains(test)) {
                compared.push(format!("{}: {line}", path.display()));
            }
        }
    }
    assert!(compared.is_empty(), "give InputType a method for it:\n{}", compared.join("\n"));
}

#[test]
fn the_comment_of_check_scheme_lists_what_it_may_find() {
    let sql = read("sql/10_documents/10_scheme.sql");
    let comment = sql.split("COMMENT ON FUNCTION tiering.check_scheme").nth(1).unwrap();
    let comment = comment.split("\n\n").next().unwrap();
    for code in FindingKind::CODES {
        assert!(comment.contains(code), "{code} is not in the comment of check_scheme()");
    }
}

/// The literals after a mark in a text.
fn literals<'t>(text: &'t str, mark: &str, end: char) -> Vec<&'t str> {
    text.match_indices(mark).filter_map(|(at, _)| text[at + mark.len()..].split(end).next()).collect()
}

#[test]
fn every_finding_of_values_has_a_label_and_a_message() {
    let sql = read("sql/20_grading/20_inputs.sql");
    let decided = sql.split("CREATE FUNCTION tiering.source_findings").nth(1).unwrap().replace("''", "'");
    let mut found: BTreeSet<String> = BTreeSet::new();
    for (mark, end) in [("THEN '", '\''), ("$1, '", '\'')] {
        found.extend(literals(&decided, mark, end).into_iter().map(str::to_owned));
    }
    for path in files("engine/src", "rs").into_iter().chain(files("src", "rs")) {
        found.extend(literals(&code(&path), ".finding(\"", '"').into_iter().map(str::to_owned));
    }
    assert!(
        ["not mapped", "duplicate key", "no owner", "not a date"].iter().all(|known| found.contains(*known)),
        "{found:?}"
    );
    for finding in found {
        assert!(
            vocabulary::TERMS.iter().any(|term| term.kind == "finding" && term.code == finding),
            "{finding}: no label"
        );
        assert!(vocabulary::finding_message(&finding, Lang::En).ends_with('.'), "{finding}: no message");
    }
}

/// A message that is written anew must not lose its Chinese unseen.
#[test]
fn every_message_that_has_a_translation_is_written_somewhere() {
    let mut written = String::new();
    for path in files("sql", "sql").into_iter().chain(files("src", "rs")).chain(files("engine/src", "rs")) {
        if !path.ends_with("messages_zh.rs") {
            written.push_str(&read(&path));
        }
    }
    // Texts over several lines, and quotes as SQL and Rust write them.
    let mut text = String::new();
    let mut rest = written.as_str();
    while let Some((before, after)) = rest.split_once('\'') {
        text.push_str(before);
        let next = after.trim_start();
        rest = match next.strip_prefix('\'') {
            Some(joined) if next.len() < after.len() => joined,
            _ => {
                text.push('\'');
                after
            }
        };
    }
    text.push_str(rest);
    let text = text.replace("''", "'").replace("\\\"", "\"");
    let text = text.replace("\\\n", "").split_whitespace().collect::<Vec<_>>().join(" ");
    let mut gone = Vec::new();
    for (message, _) in MESSAGES {
        let parts =
            message.split("{}").map(|part| part.trim_matches(['"', '\'', ' ', '(', ')', '.', ',', ':', ';']));
        for part in parts.filter(|part| part.chars().count() > 6 && !text.contains(part)) {
            gone.push(format!("{part:?} of {message:?}"));
        }
    }
    assert!(gone.is_empty(), "nothing says\n{}", gone.join("\n"));
}

/// The digits of a number in threes, if there are more than four: `1000`, `10 000`.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    if digits.len() <= 4 {
        return digits;
    }
    let (first, rest) = digits.split_at(digits.len() % 3);
    let rest = rest.as_bytes().chunks(3).map(|three| std::str::from_utf8(three).unwrap());
    let groups: Vec<&str> = [first].into_iter().filter(|first| !first.is_empty()).chain(rest).collect();
    groups.join(" ")
}

#[test]
fn the_pages_tell_the_limits() {
    let words = |text: String| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let (inputs, tiers) = (limits::INPUTS, limits::TIERS);
    let (levels, rules) = (limits::DOCUMENT_LEVELS, grouped(limits::RULES));
    let mib = limits::DOCUMENT_BYTES >> 20;
    assert_eq!(mib << 20, limits::DOCUMENT_BYTES);
    let (before, after) = (limits::INTEGER_DIGITS, limits::FRACTION_DIGITS);
    let (first, last) = limits::YEARS;
    let (values, buckets) = (grouped(limits::FIT_EXACT_VALUES), limits::DISTRIBUTION_BUCKETS);
    let digits = limits::SUM_DIGITS;
    let (texts, text_mib) = (grouped(limits::OUTCOME_TEXTS), limits::OUTCOME_TEXT_BYTES >> 20);
    let (years, working_days) =
        (limits::DURATION_DAYS * 4 / 1461, grouped(limits::RESPONSE_WORKING_DAYS as usize));
    let english = [
        format!("Documents: {mib} MiB, {levels} levels deep, {inputs} inputs, {tiers} tiers, {rules} rules;"),
        format!("numbers of {before} digits before and {after} after the point"),
        format!("durations of {years} years. An answer is due within {working_days} working days."),
        format!("Dates from year {first} to {last}"),
        format!("exact up to {values} different values of an input"),
        format!("at most {buckets} buckets"),
        format!("Sums of `rfm` have at most {digits} digits"),
        format!("A text without `allowed` may have {texts} different values of {text_mib} MiB together"),
    ];
    let chinese = [
        format!("文档：{mib} MiB，嵌套 {levels} 层，{inputs} 个输入，{tiers} 个等级，{rules} 条规则"),
        format!("数值小数点前 {before} 位、后 {after} 位"),
        format!("时长最多 {years} 年；答复期限最多跨 {working_days} 个工作日"),
        format!("日期从 {first} 年到 {last} 年"),
        format!("不同取值不超过 {values} 个时是精确的"),
        format!("最多 {buckets} 个分档"),
        format!("最多 {digits} 位数字"),
        format!("未设 `allowed` 的文本最多 {texts} 个不同取值、合计 {text_mib} MiB"),
    ];
    for (page, sentences) in [("docs/limits.md", english), ("docs/limits.zh-CN.md", chinese)] {
        let text = words(read(page));
        for sentence in sentences {
            assert!(text.contains(&sentence), "{page}: {sentence:?} is not there");
        }
    }
    // the short lists of the READMEs, which name a few
    for readme in ["README.md", "README.zh-CN.md"] {
        for figure in [format!("{mib} MiB"), inputs.to_string(), grouped(limits::RULES)] {
            assert!(read(readme).contains(&figure), "{readme}: {figure} is not there");
        }
    }
}
