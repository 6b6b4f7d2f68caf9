//! The policy in words: three schemes to the letter, every preset complete and in one language.

mod common;

use std::collections::BTreeSet;
use std::path::Path;
use std::{env, fs};

use common::languages::{is_cjk, latin_words, none, own_words};
use customer_tiering_engine::Scheme;
use customer_tiering_engine::describe::{Line, describe};
use customer_tiering_engine::document::text::Lang;
use customer_tiering_engine::scheme::presets::PRESETS;
use serde_json::{Value as Json, json};

fn preset(name: &str) -> Scheme {
    let (_, document) = PRESETS.iter().find(|(known, _)| *known == name).unwrap();
    Scheme::parse(document).unwrap()
}

/// A description as text: sections as headings, `item | content | basis` below.
fn written(lines: &[Line]) -> String {
    let mut text = String::new();
    let mut section = "";
    for line in lines {
        if line.section != section {
            section = &line.section;
            text.push_str(&format!("# {section}\n"));
        }
        text.push_str(format!("{} | {} | {}", line.item, line.content, line.basis).trim_end());
        text.push('\n');
    }
    text
}

/// Compares with `tests/describe/<name>.<lang>.txt`; UPDATE=1 writes the file instead.
fn as_recorded(name: &str) {
    for lang in [Lang::En, Lang::Zh] {
        let found = written(&describe(&preset(name), lang));
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/describe")
            .join(format!("{name}.{}.txt", lang.code()));
        if env::var("UPDATE").is_ok_and(|update| update == "1") {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, &found).unwrap();
        }
        let expected = fs::read_to_string(&path).unwrap();
        for (number, (found, expected)) in found.lines().zip(expected.lines()).enumerate() {
            assert_eq!(found, expected, "{name} {} line {}", lang.code(), number + 1);
        }
        assert_eq!(found.lines().count(), expected.lines().count(), "{name} {}", lang.code());
    }
}

#[test]
fn sales_readiness_reads_as_recorded() {
    as_recorded("sales_readiness");
}

#[test]
fn retail_membership_five_reads_as_recorded() {
    as_recorded("retail_membership_five");
}

#[test]
fn scale_by_potential_reads_as_recorded() {
    as_recorded("scale_by_potential");
}

#[test]
fn every_preset_is_described_in_one_language() {
    let mut faults = Vec::new();
    for (name, document) in PRESETS {
        let scheme = Scheme::parse(document).unwrap();
        let mut known = own_words(&scheme);
        known.insert("CRM".to_owned());
        known.insert(scheme.scheme.clone());
        known.extend(scheme.inputs.iter().map(|input| input.name.clone()));
        known.extend(scheme.characteristics.iter().map(|c| c.name.clone()));
        known.extend(scheme.characteristics.iter().filter_map(|c| c.reason.clone()));
        known.extend(latin_words(&scheme.timezone).map(str::to_owned));
        known.extend(scheme.source.iter().flat_map(|source| latin_words(source)).map(str::to_owned));
        for line in describe(&scheme, Lang::En) {
            let text = format!("{} {} {} {}", line.section, line.item, line.content, line.basis);
            if text.chars().any(is_cjk) {
                faults.push(format!("{name} en: {text}"));
            }
        }
        for line in describe(&scheme, Lang::Zh) {
            let text = format!("{} {} {} {}", line.section, line.item, line.content, line.basis);
            if text.contains(['(', ')', ',', ';', '?', '!']) {
                faults.push(format!("{name} zh: English punctuation in {text}"));
            }
            faults.extend(
                latin_words(&text)
                    .filter(|word| !known.contains(*word))
                    .map(|word| format!("{name} zh: {word:?} in {text}")),
            );
        }
    }
    none(faults);
}

#[test]
fn every_preset_is_described_completely() {
    let mut faults = Vec::new();
    for (name, document) in PRESETS {
        let scheme = Scheme::parse(document).unwrap();
        for (lang, [inputs, characteristics, decision, tiers, strategy]) in [
            (Lang::En, ["Inputs", "Characteristics", "Decision", "Tiers", "Strategy"]),
            (Lang::Zh, ["输入", "特征", "判定", "等级", "服务策略"]),
        ] {
            let lines = describe(&scheme, lang);
            let of =
                |section: &str| -> Vec<&Line> { lines.iter().filter(|l| l.section == section).collect() };
            let mut wanted = |section: &str, title: &str, code: &str| {
                let found = of(section).iter().any(|l| l.item.contains(title) && l.item.contains(code));
                if !found {
                    faults.push(format!("{name}: no {title} {code} in {section}"));
                }
            };
            for input in &scheme.inputs {
                wanted(inputs, input.title.as_ref().unwrap().get(lang), &input.name);
            }
            for tier in &scheme.tiers {
                let title = tier.title.as_ref().unwrap().get(lang);
                wanted(tiers, title, &tier.code);
                wanted(strategy, title, &tier.code);
            }
            for characteristic in &scheme.characteristics {
                wanted(
                    characteristics,
                    characteristic.title.as_ref().unwrap().get(lang),
                    &characteristic.name,
                );
            }
            let bins: usize = scheme.characteristics.iter().map(|c| 1 + c.bins.len()).sum();
            assert!(of(characteristics).len() >= bins, "{name}");
            let rules = scheme.decision.rules.iter().flatten();
            let cells = scheme.decision.cells.iter().flatten().map(|cell| &cell.tier);
            let cuts = scheme.decision.cuts.iter().flatten().map(|cut| &cut.tier);
            let given: Vec<&String> = rules.map(|rule| &rule.tier).chain(cells).chain(cuts).collect();
            // After the method, one line each in the order of the document.
            for (line, tier) in of(decision).iter().skip(1).zip(&given) {
                let title = scheme.tier(tier).unwrap().1.title.as_ref().unwrap().get(lang);
                let leads = line.content.split_once("→").is_some_and(|(_, to)| to.trim().starts_with(title));
                if !leads {
                    faults.push(format!("{name}: {} | {} instead of {title}", line.item, line.content));
                }
            }
            assert!(of(decision).len() > given.len(), "{name}");
            let actions: usize = scheme.tiers.iter().map(|tier| tier.strategy.len()).sum();
            assert!(of(strategy).len() >= actions, "{name}");
        }
    }
    none(faults);
}

/// The contents of a section.
fn section(document: &Json, lang: Lang, name: &str) -> Vec<String> {
    let lines = describe(&Scheme::parse(&document.to_string()).unwrap(), lang);
    lines.into_iter().filter(|line| line.section == name).map(|line| line.content).collect()
}

/// Everything that the recorded presets do not use.
fn rare() -> Json {
    json!({
        "scheme": "rare", "timezone": "Asia/Shanghai",
        "inputs": [
            {"name": "since", "type": "date", "title": {"en": "Customer since", "zh": "开户日期"}, "missing": "null"},
            {"name": "visits", "type": "integer", "missing": "error", "min": 0},
            {"name": "vip", "type": "boolean", "missing": {"default": false}},
            {"name": "region", "type": "text"}
        ],
        "characteristics": [
            {"name": "age", "input": "since", "bins": [
                {"code": "unknown", "missing": true},
                {"code": "old", "lt": "-P1Y"},
                {"code": "mid", "gte": "-P1Y", "lte": "P0D"},
                {"code": "new", "gt": "P0D"}
            ]}
        ],
        "decision": {"method": "rules", "hit_policy": "priority", "rules": [
            {"when": {"all": [
                {"input": "vip", "eq": true},
                {"any": [{"input": "visits", "between": [1000, 2500.5]}, {"not": {"input": "visits", "ne": 7}}]}
            ]}, "tier": "a"},
            {"when": {"input": "since", "gte": "2020-01-01", "lt": "2024-01-01"}, "tier": "b"},
            {"when": {"input": "since", "within": "-P1M"}, "tier": "b"},
            {"when": {"input": "since", "after": "P1M"}, "tier": "b"},
            {"when": {"input": "since", "is_missing": false}, "tier": "b"},
            {"when": {"characteristic": "age", "in": ["old", "mid", "new"]}, "tier": "b"},
            {"when": {"input": "region", "in": ["north", "east"]}, "tier": "b"}
        ]},
        "tiers": [
            {"code": "a", "includes": "b", "followup": {"every": "P1Y2M", "workday": "preceding", "grace": "P1W"},
             "response": {"within": "P1DT2H", "clock": "calendar"},
             "targets": {"resolution": {"within": "PT8H", "clock": "working"}},
             "strategy": [{"area": "self_service", "action": {"en": "Portal"}, "owner": "shop_keeper"}]},
            {"code": "b", "followup": {"every": "P1M", "steps": [{"after": "P1D", "channel": "phone"}, {"after": "P1W"}], "channels": {"visit": "P6M"}}}
        ],
        "stability": {"promote_margin": 5, "demote_margin": 2, "demote_after": "P1M", "demote_steps": 1,
            "minimum_stay": "P3M", "term": "P1Y", "demote_on": "03-01"}
    })
}

#[test]
fn the_rare_forms_in_english() {
    let document = rare();
    let section = |name| section(&document, Lang::En, name);
    assert_eq!(
        section("Decision"),
        [
            "Rules; the best tier of all that hold counts",
            "If vip is yes and (visits is from 1,000 to 2,500.5, both included or it is not so that (visits is not 7)) → a",
            "If customer since is no earlier than 2020-01-01 and is earlier than 2024-01-01 → b",
            "If customer since is no later than 1 month before the day of grading → b",
            "If customer since is more than 1 month ahead → b",
            "If customer since is known → b",
            "If age is in bin old, mid or new → b",
            "If region is north or east → b",
            "no tier",
        ]
    );
    assert_eq!(
        section("Characteristics"),
        [
            "Bins of Customer since (since).",
            "unknown: no value",
            "old: before 1 year before the day of grading",
            "mid: from 1 year before the day of grading and up to the day of grading",
            "new: after the day of grading",
        ]
    );
    assert_eq!(
        section("Tiers")[1..5],
        [
            "Follow-up: every 1 year and 2 months, moved from a day off to the working day before",
            "After a change of tier, first follow-up: not before 1 week",
            "Answer: within 1 day and 2 hours, all hours counted",
            "resolution: within 8 working hours",
        ]
    );
    assert_eq!(
        section("Tiers")[7..],
        ["First contacts in the tier: after 1 day: phone, after 1 week", "Besides, by visit: every 6 months"]
    );
    assert_eq!(
        section("Strategy"),
        ["Self service: Portal (by: shop keeper; internal)", "Also everything owed to b"]
    );
    assert_eq!(section("Stability").len(), 7);
    assert_eq!(section("Inputs")[1], "Whole number; plausible from 0 on. If missing, grading fails.");
}

#[test]
fn periods_and_fiscal_years() {
    let mut document = rare();
    document["fiscal_year"] =
        json!({"weeks": "4-5-4", "ends": "sat", "nearest": "01-31", "numbered_by": "first_day"});
    document["stability"] = json!({"term": "next_fiscal_year", "demote_on": "fiscal_quarter"});
    document["characteristics"][0]["bins"] = json!([{"code": "unknown", "missing": true}, {"code": "old", "lt": "last_year"},
        {"code": "mid", "gte": "last_year", "lt": "this_year"}, {"code": "new", "gte": "this_year"}]);
    document["decision"]["rules"] = json!([
        {"when": {"input": "since", "eq": "this_fiscal_quarter"}, "tier": "a"},
        {"when": {"input": "since", "in": ["last_month", "next_month"]}, "tier": "b"},
        {"when": {"input": "since", "lt": "last_4_quarters"}, "tier": "b"}]);
    let english = |name| section(&document, Lang::En, name);
    let chinese = |name| section(&document, Lang::Zh, name);
    let year = |lines: Vec<String>| lines.last().unwrap().clone();
    assert_eq!(
        year(english("Purpose")),
        "4-5-4 weeks a quarter, to the Saturday nearest to 01-31 (month and day); numbered by its first day"
    );
    assert_eq!(year(chinese("用途")), "每季度4-5-4周，至最接近01-31（月-日）的星期六；按首日所在年份编号");
    assert_eq!(
        english("Decision")[1..4],
        [
            "If customer since is in this fiscal quarter → a",
            "If customer since is in the month before this one or the month after this one → b",
            "If customer since is earlier than the 4 quarters before this one → b",
        ]
    );
    assert_eq!(
        chinese("判定")[1..4],
        ["开户日期在本财季 → a", "开户日期在上一月份或下一月份 → b", "开户日期早于前4个季度 → b",]
    );
    assert_eq!(english("Characteristics")[2], "old: before the year before this one");
    assert_eq!(
        english("Stability"),
        [
            "not before the end of the fiscal year after this one, counted from the day on which the tier was given",
            "only on the first day of each fiscal quarter",
        ]
    );
    assert_eq!(chinese("稳定规则"), ["自获得等级之日起算，下一财年结束后才可降级", "仅在每个财季的第一天"]);
}

#[test]
fn the_rare_forms_in_chinese() {
    let document = rare();
    let section = |name| section(&document, Lang::Zh, name);
    assert_eq!(
        section("判定"),
        [
            "规则表；取所有符合的规则中最高的等级",
            "vip为是，且（visits在1000至2500.5之间（含两端），或并非（visits不为7）） → a",
            "开户日期不早于2020-01-01且早于2024-01-01 → b",
            "开户日期不晚于定级日前1个月 → b",
            "开户日期在1个月以后 → b",
            "开户日期已知 → b",
            "age属于old、mid或new档 → b",
            "region为north或east → b",
            "不定级",
        ]
    );
    assert_eq!(
        section("特征")[2..],
        ["old：早于定级日前1年", "mid：定级日前1年（含）至定级日（含）", "new：晚于定级日"]
    );
    assert_eq!(
        section("等级")[1..5],
        [
            "跟进：每1年2个月，遇非工作日提前至上一工作日",
            "等级变动后首次跟进：不早于1周",
            "响应：1天2小时内，按自然时间计",
            "解决：8个工作小时内",
        ]
    );
    assert_eq!(section("稳定规则").len(), 7);
    assert_eq!(section("用途"), ["rare", "Asia/Shanghai"]);
}

#[test]
fn what_a_score_makes_of_missing_values_is_said() {
    let mut document = json!({
        "scheme": "spread", "inputs": [{"name": "usage", "type": "number", "missing": "null"}],
        "characteristics": [{"name": "u", "input": "usage", "bins": [
            {"code": "hi", "gte": 50, "points": 100}, {"code": "lo", "lt": 50, "points": 0}, {"code": "m", "missing": true}]}],
        "score": {"missing": "reweight", "least_weight": 0.6},
        "decision": {"method": "score", "cuts": [{"tier": "a", "gte": 80}, {"tier": "b"}]},
        "tiers": [{"code": "a"}, {"code": "b"}]
    });
    let said = |document: &Json, lang, name| section(document, lang, name).pop().unwrap();
    assert_eq!(
        said(&document, Lang::En, "Score"),
        "The weight of what is missing is spread over the rest; no score if less than 60% of the weight is known"
    );
    assert_eq!(
        said(&document, Lang::Zh, "评分"),
        "缺失项的权重按比例分给其余各项；已知项的权重不足60%时不计分"
    );
    document["score"].as_object_mut().unwrap().remove("least_weight");
    assert_eq!(
        said(&document, Lang::En, "Score"),
        "The weight of what is missing is spread over the rest; no score if nothing is known"
    );
    assert_eq!(said(&document, Lang::Zh, "评分"), "缺失项的权重按比例分给其余各项；全部缺失时不计分");
}

#[test]
fn items_are_those_of_the_section() {
    let lines = describe(&preset("rfm"), Lang::En);
    let sections: BTreeSet<&str> = lines.iter().map(|line| line.section.as_str()).collect();
    let expected = ["Characteristics", "Decision", "Inputs", "Purpose", "Score", "Strategy", "Tiers"];
    assert_eq!(sections.into_iter().collect::<Vec<_>>(), expected);
}
