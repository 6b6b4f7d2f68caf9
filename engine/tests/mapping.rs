//! Columns of real CRMs find their inputs, and their words the values of these.

use customer_tiering_engine::Scheme;
use customer_tiering_engine::document::text::Lang;
use customer_tiering_engine::scheme::InputType;
use customer_tiering_engine::scheme::presets::PRESETS;
use customer_tiering_engine::study::mapping::{self, Column};

fn preset(name: &str) -> Scheme {
    let (_, document) =
        PRESETS.iter().find(|(known, _)| *known == name).unwrap_or_else(|| panic!("no preset {name}"));
    Scheme::parse(document).unwrap()
}

fn column(name: &str) -> Column {
    Column { name: name.to_owned(), kind: "text".to_owned(), serves: InputType::ALL.to_vec() }
}

/// What every table has, and what is never meant.
const OTHERS: &[&str] = &[
    "id",
    "客户编号",
    "客户名称",
    "name",
    "email",
    "电话",
    "负责人",
    "owner",
    "创建时间",
    "created_at",
    "updated_at",
    "备注",
    "notes",
    "地址",
];

#[test]
fn each_column_is_offered_for_its_input() {
    let table = include_str!("data/crm_columns.tsv");
    let mut wrong = Vec::new();
    let mut tried = 0;
    for line in table.lines().filter(|line| !line.starts_with('#')) {
        let [name, scheme, input] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("{line}") };
        tried += 1;
        let columns: Vec<Column> = OTHERS.iter().chain([&name]).map(|name| column(name)).collect();
        let (wanted, input) = match input.strip_prefix('-') {
            Some(input) => (false, input),
            None => (true, input),
        };
        let proposals = mapping::columns(&preset(scheme), &columns);
        let found =
            proposals.iter().find(|proposal| proposal.input == input).unwrap_or_else(|| panic!("{line}"));
        if (found.column.as_deref() == Some(name)) != wanted {
            wrong.push(format!("{line}: {found:?}"));
        }
    }
    assert!(tried >= 100, "{tried} columns");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn words_of_a_column_stand_for_values_of_the_input() {
    let mapped = |scheme: &str, input: &str, words: &[&str]| {
        let scheme = preset(scheme);
        let input = scheme.inputs.iter().find(|known| known.name == input).unwrap();
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        serde_json::to_string(&mapping::values(input, Some(&words))).unwrap()
    };
    assert_eq!(
        mapped("sales_readiness", "demand", &["明确", "潜在", "无"]),
        r#"{"无":"none","明确":"explicit","潜在":"latent"}"#
    );
    // A part of a word will do, unless one of both says that something is not so.
    assert_eq!(
        mapped("sales_readiness", "demand", &["需求已明确", "无明确需求"]),
        r#"{"需求已明确":"explicit"}"#
    );
    // What is a value already needs no map, and what nobody can tell has none.
    assert_eq!(mapped("sales_readiness", "demand", &["explicit", "再议", ""]), "{}");
    assert_eq!(
        mapped("sales_readiness", "demand", &["Explicit", " LATENT "]),
        r#"{" LATENT ":"latent","Explicit":"explicit"}"#
    );
    assert_eq!(
        mapped("value_need_behaviour", "need", &["高", "较低", "中"]),
        r#"{"中":"medium","较低":"low","高":"high"}"#
    );
    assert_eq!(
        mapped("value_class", "long_term_plan", &["是", "否", "Y", "N", "不详"]),
        r#"{"N":false,"Y":true,"否":false,"是":true}"#
    );
    assert_eq!(mapped("importance_by_size", "importance", &["A级", "B类", "D"]), r#"{"A级":"A","B类":"B"}"#);
}

#[test]
fn titles_of_values_are_those_of_the_document() {
    let document = r#"{"scheme": "mine", "inputs": [{"name": "mood", "type": "text", "allowed": ["1", "2"],
        "value_titles": {"1": {"zh": "心情好", "en": "happy"}, "2": {"zh": "心情差"}}}],
        "decision": {"method": "rules", "rules": [{"when": {"input": "mood", "eq": "1"}, "tier": "A"}], "otherwise": "B"},
        "tiers": [{"code": "A"}, {"code": "B"}]}"#;
    let scheme = Scheme::parse(document).unwrap();
    assert_eq!(Scheme::parse(&scheme.canonical()).unwrap(), scheme);
    let all = mapping::values(&scheme.inputs[0], None);
    assert_eq!(serde_json::to_string(&all).unwrap(), r#"{"happy":"1","心情好":"1","心情差":"2"}"#);
    let found = mapping::values(&scheme.inputs[0], Some(&["Happy".to_owned(), "1".to_owned()]));
    assert_eq!(serde_json::to_string(&found).unwrap(), r#"{"Happy":"1"}"#);
    let error = Scheme::parse(&document.replace(r#""2": {"#, r#""3": {"#)).unwrap_err();
    assert_eq!(
        error.detail.unwrap(),
        r#"At $.inputs[0].value_titles: found "3", expected titles of allowed values."#
    );
}

#[test]
fn a_map_may_say_what_values_are_called() {
    let scheme = preset("value_class");
    let inputs = r#"{"annual_value": "x", "long_term_plan": {"column": "c", "values": {"Y": "是", "N": "否", "?": null, "1": true, "2": "yes"}}}"#;
    let coded = mapping::coded(&scheme, serde_json::from_str(inputs).unwrap());
    assert_eq!(
        coded.to_string(),
        r#"{"annual_value":"x","long_term_plan":{"column":"c","values":{"1":true,"2":"yes","?":null,"N":false,"Y":true}}}"#
    );
    // Back and forth, of every preset; what nobody calls a value stays.
    for (name, _) in PRESETS {
        let scheme = preset(name);
        for input in scheme.inputs.iter().filter(|input| !input.allowed.is_empty() || input.kind.is_truth()) {
            let codes: serde_json::Map<String, serde_json::Value> = match input.kind.is_truth() {
                true => [("a".to_owned(), true.into()), ("b".to_owned(), false.into())].into_iter().collect(),
                false => input.allowed.iter().map(|v| (v.word(), serde_json::to_value(v).unwrap())).collect(),
            };
            let titled = mapping::titled(input, codes.clone(), Lang::Zh);
            assert!(
                titled.values().all(|title| title.as_str().is_some_and(|t| !t.is_ascii())),
                "{name}: {titled:?}"
            );
            let mut given = serde_json::json!({&input.name: {"column": "c", "values": titled}});
            given[&input.name]["values"]["own"] = "哪个都不是".into();
            let coded = mapping::coded(&scheme, given);
            let mut expected = codes.clone();
            expected.insert("own".to_owned(), "哪个都不是".into());
            assert_eq!(coded[&input.name]["values"], serde_json::Value::Object(expected), "{name}");
            assert_eq!(mapping::titled(input, codes.clone(), Lang::En), codes);
        }
    }
}
