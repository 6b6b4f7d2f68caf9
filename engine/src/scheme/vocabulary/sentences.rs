//! Sentences in English and Chinese: those that are made with names, and what each finding means.

use super::{TERMS, label};
use crate::document::text::Lang;

/// Sentences that are made with names: the English as it is written, with `{}` for a name, and the Chinese,
/// with `{}` for a name of the user's and `{type}` for a type, which has a label. A longer sentence stands
/// before its beginning.
const SENTENCES: [(&str, &str); 15] = [
    ("type {}, needs a cast to {}", "类型为{type}，需要转换为{type}"),
    ("name \"{}\", but {} needs a cast to {}", "与输入名“{}”相近，但{type}需要转换为{type}"),
    ("synonym \"{}\", but {} needs a cast to {}", "与同义词“{}”相近，但{type}需要转换为{type}"),
    ("title \"{}\", but {} needs a cast to {}", "与标题“{}”相近，但{type}需要转换为{type}"),
    ("name \"{}\"", "与输入名“{}”相近"),
    ("synonym \"{}\"", "与同义词“{}”相近"),
    ("title \"{}\"", "与标题“{}”相近"),
    ("{} events without a customer", "{}条没有客户编号"),
    ("{} events of customers whom the program does not know", "{}条的客户不在项目中"),
    ("{} events without a time", "{}条没有时间"),
    ("{} events later than now", "{}条的时间晚于现在"),
    ("{} events without an amount that is a number", "{}条没有有效的数值"),
    ("{} answers outside {}", "{}条评分超出范围{}"),
    ("{} events that repeat another one", "{}条与其他记录重复"),
    ("{} currencies, whose amounts are not added up", "有{}种货币，金额不予相加"),
];

/// What a finding of `check_inputs()` says of a value, and what to do about it.
const FINDING_MESSAGES: [(&str, &str, &str); 16] = [
    ("missing", "There is no value; the scheme says what follows.", "没有值；怎样处理由方案规定。"),
    (
        "not allowed",
        "The scheme does not take this value: correct it, or say in values what it stands for.",
        "方案不接受这个值：请更正，或在 values 中写明它代表哪个值。",
    ),
    (
        "not mapped",
        "The map has no value for this word: add it to values; null stands for a missing value.",
        "values 中没有这个词：请补上它代表的值，null 表示视为缺失。",
    ),
    (
        "not readable",
        "Another server could not read the value: correct it there.",
        "另一台服务器无法读取该值：请在那里更正。",
    ),
    (
        "several currencies",
        "Amounts of several currencies compare as if they were of one: convert them in a view, or make a program for each currency.",
        "金额有多种币种，会被当作同一币种比较：请在视图中换算，或为每种币种各建一个项目。",
    ),
    ("not finite", "This is no finite number or date: correct it.", "不是有限的数值或日期：请更正。"),
    ("not whole", "The input takes whole numbers only: round it.", "只接受整数：请取整。"),
    (
        "out of range",
        "This is outside of what is plausible: look at the unit.",
        "超出合理范围：请核对数值和单位。",
    ),
    ("not a date", "This is no date that exists: correct it.", "不是有效的日期：请更正。"),
    (
        "not a number",
        "This is no number: write digits with a point, without separators or a currency.",
        "不是数值：请只写数字和小数点，不带千位分隔符和货币符号。",
    ),
    (
        "not a boolean",
        "This is neither true nor false: say in values what it stands for.",
        "既不是 true 也不是 false：请在 values 中写明它代表哪个值。",
    ),
    ("wrong type", "The type of the value does not serve: cast it.", "值的类型不符：请转换类型。"),
    ("no owner", "Nobody is responsible for these customers.", "这些客户没有负责人。"),
    (
        "in the future",
        "The last contact is still to come; it will not be counted.",
        "最近一次联系的时间晚于现在，不予计入。",
    ),
    ("missing key", "A customer without a key cannot be graded.", "没有客户编号，无法定级。"),
    (
        "duplicate key",
        "Several rows have the same key; a program takes one row a customer.",
        "多行的客户编号相同；分级项目要求每位客户一行。",
    ),
];

/// What a finding of `check_inputs()` means, as a sentence; of one that is a sentence already, its [`label`].
pub fn finding_message(finding: &str, lang: Lang) -> String {
    let known = FINDING_MESSAGES.iter().find(|(code, ..)| *code == finding);
    match (lang, known) {
        (Lang::En, Some((_, en, _))) => (*en).to_owned(),
        (Lang::Zh, Some((.., zh))) => (*zh).to_owned(),
        (_, None) => label(finding, lang),
    }
}

/// The Chinese of a sentence of [`SENTENCES`].
pub(super) fn sentence(text: &str) -> Option<String> {
    SENTENCES.iter().find_map(|(en, zh)| {
        let names = names(text, en)?;
        let mut parts = zh.split('{');
        let mut made = parts.next()?.to_owned();
        for (name, part) in names.into_iter().zip(parts) {
            let (is_type, after) = match part.strip_prefix("type}") {
                Some(after) => (true, after),
                None => (false, part.strip_prefix('}')?),
            };
            let of_type = TERMS.iter().find(|term| is_type && term.kind == "type" && term.code == name);
            made.push_str(of_type.map_or(name, |term| term.zh));
            made.push_str(after);
        }
        Some(made)
    })
}

/// What stands in a text where a pattern has `{}`. What stands between quotation marks there has none itself: else the
/// pattern of a short message would fit a longer one, up to its last name.
pub fn names<'t>(text: &'t str, pattern: &str) -> Option<Vec<&'t str>> {
    let mut parts = pattern.split("{}");
    let mut before = parts.next()?;
    let mut rest = text.strip_prefix(before)?;
    let mut names = Vec::new();
    let mut parts = parts.peekable();
    while let Some(part) = parts.next() {
        let quoted = before.ends_with('"') && part.starts_with('"');
        before = part;
        let (name, after) = match parts.peek() {
            None => (rest.strip_suffix(part)?, ""),
            Some(_) => rest.split_once(part)?,
        };
        if name.is_empty() || quoted && name.contains('"') {
            return None;
        }
        names.push(name);
        rest = after;
    }
    rest.is_empty().then_some(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_are_translated_around_the_names_in_them() {
        for (en, zh) in [
            ("type character varying(3), needs a cast to date", "类型为character varying(3)，需要转换为日期"),
            ("synonym \"年销售额\"", "与同义词“年销售额”相近"),
            ("name \"a_b\", but text needs a cast to number", "与输入名“a_b”相近，但文本需要转换为数值"),
            ("synonym \"date\"", "与同义词“date”相近"),
            ("name \"x\" y", "name \"x\" y"),
            ("name \"\"", "name \"\""),
            ("type ", "type "),
        ] {
            assert_eq!(label(en, Lang::Zh), zh);
        }
        assert_eq!(label("name \"a_b\"", Lang::En), "name \"a_b\"");
    }

    #[test]
    fn every_finding_of_a_value_has_a_message() {
        // What suggest_mapping() says where it has no column, no finding of values.
        let findings = TERMS.iter().filter(|term| term.kind == "finding" && !term.code.contains("resembles"));
        for term in findings {
            let (en, zh) = (finding_message(term.code, Lang::En), finding_message(term.code, Lang::Zh));
            assert!(
                en.ends_with('.') && zh.ends_with('。') && zh.contains(|c| c > '一'),
                "{}: {zh}",
                term.code
            );
        }
        assert_eq!(
            finding_message("type money, needs a cast to number", Lang::Zh),
            "类型为money，需要转换为数值"
        );
        assert_eq!(finding_message("of one's own", Lang::En), "of one's own");
    }
}
