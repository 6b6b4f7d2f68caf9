//! The messages that people meet most, in Chinese: one table, by the English text.

use crate::scheme::vocabulary::names;

/// The English as it is written, with `{}` for what varies, and the Chinese, with `{1}`, `{2}` … for the same in
/// whatever order. A longer sentence stands before its beginning.
const MESSAGES: &[(&str, &str)] = &[
    ("program \"{}\" does not exist", "项目“{1}”不存在"),
    ("program \"{}\" already exists", "项目“{1}”已存在"),
    ("program \"{}\" is paused", "项目“{1}”已暂停"),
    ("program \"{}\" is being retiered by another session", "项目“{1}”正由另一会话重新分级"),
    ("program \"{}\" has no customer \"{}\"", "项目“{1}”中没有客户“{2}”"),
    ("program \"{}\" has graded no customer \"{}\"", "项目“{1}”尚未给客户“{2}”定级"),
    ("nothing is known of customer \"{}\"", "没有客户“{1}”的任何记录"),
    ("nothing promised to customer \"{}\" of program \"{}\" is open", "项目“{2}”中客户“{1}”没有待兑现的承诺"),
    ("no complaint of customer \"{}\" of program \"{}\" is open", "项目“{2}”中客户“{1}”没有待处理的投诉"),
    (
        "customer \"{}\" of program \"{}\" belongs to an owner for whom you do not stand",
        "项目“{2}”的客户“{1}”由他人负责，您无权代办",
    ),
    ("customer \"{}\" of program \"{}\" cannot go {}", "项目“{2}”的客户“{1}”无法按此评估调整等级（{3}）"),
    ("customer \"{}\" still stands in {}", "客户“{1}”仍在 {2} 中"),
    ("\"{}\" cannot name a program", "“{1}”不能用作项目名称"),
    ("a program has no \"{}\" to change", "项目没有可以修改的“{1}”"),
    ("the source of program \"{}\" does not exist any more", "项目“{1}”的来源表已不存在"),
    ("the source of program \"{}\" has rows without a key", "项目“{1}”的来源表中有缺少客户编号的行"),
    (
        "the source of program \"{}\" has more than one row for a customer",
        "项目“{1}”的来源表中同一客户有多行",
    ),
    ("scheme \"{}\" of program \"{}\" has no tier \"{}\"", "项目“{2}”的方案“{1}”没有等级“{3}”"),
    ("scheme \"{}\" version {} is approved and cannot be deleted", "方案“{1}”第 {2} 版已审批，不能删除"),
    ("scheme \"{}\" version {} is not approved", "方案“{1}”第 {2} 版尚未审批"),
    ("scheme \"{}\" version {} is not a draft", "方案“{1}”第 {2} 版不是草案"),
    ("scheme \"{}\" version {} is a draft", "方案“{1}”第 {2} 版是草案"),
    (
        "scheme \"{}\" version {} cannot be approved by its author, {}",
        "方案“{1}”第 {2} 版不能由作者 {3} 本人审批",
    ),
    ("scheme \"{}\" has no version {}", "方案“{1}”没有第 {2} 版"),
    ("scheme \"{}\" has no approved version", "方案“{1}”没有已审批的版本"),
    ("scheme \"{}\" has no tier \"{}\"", "方案“{1}”没有等级“{2}”"),
    ("scheme \"{}\" has no input \"{}\"", "方案“{1}”没有指标“{2}”"),
    ("scheme \"{}\" belongs to the extension", "方案“{1}”是预置方案，不能更改"),
    ("scheme \"{}\" already exists", "方案“{1}”已存在"),
    ("scheme \"{}\" does not exist", "方案“{1}”不存在"),
    ("calendar \"{}\" belongs to the extension", "日历“{1}”是预置日历，不能更改"),
    ("calendar \"{}\" does not exist", "日历“{1}”不存在"),
    ("overlay \"{}\" already exists", "附加策略“{1}”已存在"),
    ("overlay \"{}\" does not exist", "附加策略“{1}”不存在"),
    ("invalid {} document", "{1} 文档无效"),
    ("{} document is not JSON", "{1} 文档不是 JSON"),
    ("value not allowed for input \"{}\"", "指标“{1}”不允许取该值"),
    ("the row has no column \"{}\"", "该行没有列“{1}”"),
    (
        "column \"{}\" of {} is of type {}, but input \"{}\" of scheme \"{}\" is a {}",
        "{2} 的列“{1}”类型为 {3}，而方案“{5}”的指标“{4}”要求 {6}",
    ),
    (
        "{} has no column \"{}\" for the input of that name of scheme \"{}\"",
        "{1} 没有列“{2}”，无法提供方案“{3}”的同名指标",
    ),
    ("{} has no column \"{}\"", "{1} 没有列“{2}”"),
    ("unknown language \"{}\"", "不支持的语言“{1}”"),
    ("unknown time zone \"{}\"", "未知时区“{1}”"),
    ("no check-list has an item \"{}\"", "检查表中没有“{1}”这一项"),
    ("a complaint needs a text", "请填写投诉内容"),
    ("a review needs a reason", "请填写评估理由"),
    ("an override needs a reason", "请填写人工定级的理由"),
    ("a follow-up is put off for a reason", "请填写推迟跟进的理由"),
    ("a promise needs the time for which it is made", "请填写承诺兑现的时间"),
    ("a follow-up at {} lies in the future", "跟进时间 {1} 晚于现在"),
    ("a complaint at {} lies in the future", "投诉时间 {1} 晚于现在"),
    ("until {} lies in the past", "截止时间 {1} 已过"),
    ("{} lies in the past", "{1} 已过"),
    ("There are: {}.", "现有：{1}。"),
    ("There is none yet.", "目前还没有。"),
    ("Its tiers are: {}.", "该方案的等级：{1}。"),
    ("Its inputs are: {}.", "该方案的指标：{1}。"),
    ("SELECT * FROM tiering.catalogue lists the schemes.", "SELECT * FROM tiering.catalogue 列出全部方案。"),
    (
        "SELECT tiering.create_program(name, scheme, source, key) makes one.",
        "用 SELECT tiering.create_program(name, scheme, source, key) 创建项目。",
    ),
    ("Customers are named by their key as text.", "客户按编号（文本）指定。"),
];

/// A message, DETAIL or HINT of the product in Chinese, if the table has it.
///
/// ```
/// use customer_tiering_engine::describe::messages_zh::in_chinese;
///
/// assert_eq!(in_chinese("program \"sales\" does not exist").as_deref(), Some("项目“sales”不存在"));
/// assert_eq!(in_chinese("division by zero"), None);
/// ```
pub fn in_chinese(text: &str) -> Option<String> {
    MESSAGES.iter().find_map(|(english, chinese)| {
        let names = names(text, english)?;
        let mut made = String::new();
        let mut rest = *chinese;
        while let Some((before, after)) = rest.split_once('{') {
            let (place, after) = after.split_once('}')?;
            made.push_str(before);
            made.push_str(names.get(place.parse::<usize>().ok()?.checked_sub(1)?)?);
            rest = after;
        }
        made.push_str(rest);
        Some(made)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// With names put in, every English text finds its own Chinese one, with every name in it once: none is
    /// shadowed by a shorter one before it.
    #[test]
    fn every_message_finds_its_own_translation() {
        for (english, chinese) in MESSAGES {
            let (mut text, mut expected, mut n) = (String::new(), (*chinese).to_owned(), 0);
            for (place, part) in english.split("{}").enumerate() {
                if place > 0 {
                    n = place;
                    text.push_str(&format!("n{n}"));
                }
                text.push_str(part);
            }
            for place in 1..=n {
                let mark = format!("{{{place}}}");
                assert_eq!(expected.matches(&mark).count(), 1, "{english}");
                expected = expected.replace(&mark, &format!("n{place}"));
            }
            assert_eq!(in_chinese(&text), Some(expected), "{english}");
        }
    }

    #[test]
    fn there_are_the_forty_most_frequent_and_the_rest_stays() {
        assert!(MESSAGES.len() >= 40);
        for text in ["", "program", "program \"\" does not exist", "division by zero"] {
            assert_eq!(in_chinese(text), None, "{text}");
        }
    }
}
