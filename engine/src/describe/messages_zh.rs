//! The messages that people meet most, in Chinese: one table, by the English text.

use crate::document::text::Lang;
use crate::scheme::vocabulary::names;

/// The English as it is written, with `{}` for what varies, and the Chinese, with `{1}`, `{2}` … for the same in
/// whatever order. A longer sentence stands before its beginning.
pub const MESSAGES: &[(&str, &str)] = &[
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
    ("{} was made anew.", "{1} 已重新建立。"),
    (
        "Inputs may be of any type, so the statement says which a parameter has: $1::numeric, $2::text, $3::date; %s::numeric in psycopg, ?::numeric in JDBC, CAST(:value AS numeric) in SQLAlchemy.",
        "输入可为任意类型，语句须写明参数的类型：$1::numeric、$2::text、$3::date；psycopg 写 %s::numeric，JDBC 写 ?::numeric，SQLAlchemy 写 CAST(:value AS numeric)。",
    ),
    ("{} was dropped, perhaps to be made anew.", "{1} 已被删除，或许正在重建。"),
    ("CALL tiering.retier({}) takes up the new one.", "执行 CALL tiering.retier({1}) 即改用新表。"),
    (
        "scheme \"{}\" stays as it is: the largest drift is {}, of \"{}\"",
        "方案“{1}”保持不变：最大漂移为 {2}（“{3}”）",
    ),
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
    ("scheme \"{}\" has no input \"{}\"", "方案“{1}”没有输入“{2}”"),
    ("scheme \"{}\" belongs to the extension", "方案“{1}”是预置方案，不能更改"),
    ("scheme \"{}\" already exists", "方案“{1}”已存在"),
    ("scheme \"{}\" does not exist", "方案“{1}”不存在"),
    ("calendar \"{}\" belongs to the extension", "日历“{1}”是预置日历，不能更改"),
    ("calendar \"{}\" does not exist", "日历“{1}”不存在"),
    ("overlay \"{}\" already exists", "专项策略“{1}”已存在"),
    ("overlay \"{}\" does not exist", "专项策略“{1}”不存在"),
    ("invalid {} document", "{1} 文档无效"),
    ("invalid {} file", "{1} 文件无效"),
    ("{} document is not JSON", "{1} 文档不是 JSON"),
    ("{} file says more than a scheme can", "{1} 文件中有方案无法表达的内容"),
    ("{} file is not XML", "{1} 文件不是 XML"),
    ("{} file is too large", "{1} 文件过大"),
    ("{} file is nested too deeply", "{1} 文件嵌套过深"),
    ("{} file with a document type definition", "{1} 文件带有文档类型定义（DOCTYPE）"),
    ("DMN file has no decision \"{}\"", "DMN 文件中没有决策“{1}”"),
    ("the decision table has no output \"{}\"", "决策表没有输出列“{1}”"),
    ("scorecard without tiers", "评分卡没有等级"),
    ("a score is no decision table", "按得分定级的方案无法写成决策表"),
    ("a scheme that decides by no score is no scorecard", "不按得分定级的方案无法写成评分卡"),
    ("day that moves with the as-of day", "日期随基准日变动"),
    ("invalid table of rules", "规则表无效"),
    ("table of rules says more than a scheme can", "规则表中有方案无法表达的内容"),
    ("rule without a tier", "规则没有等级"),
    ("rules without an order", "规则没有先后次序"),
    (
        "value not allowed for input \"{}\": Found {}, allowed: {}.",
        "输入“{1}”不允许该值：现为 {2}，允许：{3}。",
    ),
    ("value not allowed for input \"{}\" ({})", "输入“{1}”不允许取该值（{2}）"),
    ("value not allowed for input \"{}\"", "输入“{1}”不允许取该值"),
    ("customer \"{}\": {}", "客户“{1}”：{2}"),
    ("Customer \"{}\" of program \"{}\". {}", "项目“{2}”的客户“{1}”。{3}"),
    (
        "Choose another name, or change it: SELECT tiering.alter_program({}).",
        "请另取名称，或修改已有的项目：SELECT tiering.alter_program({1})。",
    ),
    ("the row has no column \"{}\"", "该行没有列“{1}”"),
    (
        "column \"{}\" of {} is of type {}, but input \"{}\" of scheme \"{}\" is of type {}",
        "{2} 的列“{1}”类型为 {3}，而方案“{5}”的输入“{4}”要求 {6}",
    ),
    (
        "{} has no column \"{}\" for the input of that name of scheme \"{}\"",
        "{1} 没有列“{2}”，无法提供方案“{3}”的同名输入",
    ),
    ("{} has no column \"{}\", which program \"{}\" uses as {}", "{1} 没有列“{2}”，项目“{3}”要用它作{4}"),
    ("input \"{}\"", "输入“{1}”"),
    ("the key", "客户编号"),
    ("the owner", "负责人"),
    ("the family or group", "家庭或群组"),
    ("the name", "名称"),
    ("the last follow-up", "最近跟进时间"),
    ("the day of joining", "加入日期"),
    ("the mark of what is deleted", "删除标记"),
    (
        "{} has no column \"{}\", which events of kind \"{}\" of program \"{}\" use",
        "{1} 没有列“{2}”，项目“{4}”的“{3}”类事件要用它",
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
    (
        "program \"{}\" takes up version {} of the built-in scheme \"{}\" instead of {}: {} customers move",
        "项目“{1}”改用预置方案“{3}”的第 {2} 版（原为第 {4} 版）：{5} 位客户的等级变动",
    ),
    (
        "An update of the extension has brought it. SELECT tiering.alter_program({}, '{\"version\": {}}') goes back, and stays with it.",
        "新版本由扩展的升级带来。执行 SELECT tiering.alter_program({1}, '{\"version\": {2}}') 可改回原版本并不再变动。",
    ),
    (
        "program \"{}\": {} new, {} moved, {} otherwise changed, {} gone",
        "项目“{1}”：新增 {2} 位，等级变动 {3} 位，其他变化 {4} 位，离开 {5} 位",
    ),
    (
        "program \"{}\": {} of {} customers, {} a second, until about {}",
        "项目“{1}”：共 {3} 位客户，已处理 {2} 位，每秒 {4} 位，预计 {5} 完成",
    ),
    ("program \"{}\": {} of {} customers", "项目“{1}”：共 {3} 位客户，已处理 {2} 位"),
    ("program \"{}\": values that cannot be used: {}", "项目“{1}”：有 {2} 个值无法使用"),
    ("program \"{}\": customers whose key is spelt anew: {}", "项目“{1}”：有 {2} 位客户的编号换了写法"),
    ("program \"{}\": contacts that cannot be imported: {}", "项目“{1}”：有 {2} 条跟进记录无法导入"),
    ("{} customers of program \"{}\" cannot be graded", "项目“{2}”有 {1} 位客户无法定级"),
    ("program \"{}\" could not be graded: {}", "项目“{1}”未能定级：{2}"),
    ("{} of {} programs could not be graded", "{2} 个项目中有 {1} 个未能定级"),
    ("{} cannot run inside a transaction block", "{1} 不能在事务块中运行"),
    ("{} of {} customers were set aside", "{2} 位客户中有 {1} 位被搁置"),
    ("{} of {} customers have values that cannot be graded", "{2} 位客户中有 {1} 位的值无法定级"),
    (
        "customers may be hidden from you in {}: nobody is taken for gone",
        "{1} 中可能有您看不到的客户：不会将任何人视为已离开",
    ),
    (
        "in a transaction block, retier() is one transaction: nobody sees its progress, and nothing stays if it breaks off",
        "在事务块中，retier() 是一个整体事务：别人看不到进度，中断则什么都不保留",
    ),
    ("the hold-out of program \"{}\" begins in the past", "项目“{1}”的对照组从过去开始"),
    ("the margins of scheme \"{}\" have no effect", "方案“{1}”的升降幅度不起作用"),
    (
        "scheme \"{}\" version {} is approved, but a later version stays current",
        "方案“{1}”第 {2} 版已审批，但现行版本仍是更新的一版",
    ),
    ("scheme \"{}\", {}: {}", "方案“{1}”，{2}：{3}"),
    ("calendar \"{}\" is not known for {}", "日历“{1}”不含 {2} 的安排"),
    ("calendar \"{}\" lists dates twice; each counts once", "日历“{1}”有重复的日期，各计一次"),
    ("calendar \"{}\" has no hours on some working days", "日历“{1}”有些工作日没有写工作时间"),
    ("the extension contradicts calendar \"{}\"", "补充的日期与日历“{1}”矛盾"),
    ("calendar \"{}\" is known until {} already", "日历“{1}”已收录到 {2}"),
    ("calendar \"{}\" is known for ever", "日历“{1}”没有截止日期"),
    ("{} is a holiday and a working day", "{1} 既列为放假日，又列为上班日"),
    ("\"{}\" cannot stand for \"{}\" of input \"{}\"", "“{1}”不能对应输入“{3}”的值“{2}”"),
    ("Found {}, allowed: {}.", "现为 {1}，允许：{2}。"),
    ("{} What they are called will do, too: {}.", "{1}也可以写值的名称：{2}。"),
    (
        "Give values that the input takes: {}; null stands for a missing one.",
        "请写该输入接受的值：{1}；null 表示缺失。",
    ),
    (
        "Map the value to an allowed one in the query, or derive a scheme that allows it.",
        "请在 values 中写明该值代表哪个允许值，或派生一个允许它的方案。",
    ),
    (
        "Name the columns in the mapping; SELECT * FROM tiering.suggest_mapping({}) proposes one.",
        "请在映射中写明各列；SELECT * FROM tiering.suggest_mapping({1}) 给出建议。",
    ),
    (
        "Say which column serves: inputs => '{}'. SELECT * FROM tiering.suggest_mapping({}) proposes one.",
        "请写明用哪一列：inputs => '{1}'。SELECT * FROM tiering.suggest_mapping({2}) 给出建议。",
    ),
    (
        "SELECT * FROM tiering.suggest_mapping({}) proposes columns for the inputs.",
        "SELECT * FROM tiering.suggest_mapping({1}) 建议各输入用哪一列。",
    ),
    (
        "Say which value its words stand for: inputs => '{}'; \"values\": {} reads the words themselves as type {}.",
        "请写明列中各词代表的值：inputs => '{1}'；\"values\": {2} 把词本身按 {3} 类型读取。",
    ),
    (
        "SELECT * FROM tiering.run_problems WHERE program = {} ORDER BY at DESC lists them. Those customers keep their tier.",
        "SELECT * FROM tiering.run_problems WHERE program = {1} ORDER BY at DESC 列出这些值。这些客户保留现有等级。",
    ),
    (
        "At most {} may be set aside. The first is customer \"{}\": {}.",
        "最多可搁置 {1} 位。第一位是客户“{2}”：{3}。",
    ),
    (
        "SELECT * FROM tiering.check_inputs(…) tells what is wrong with the source; CALL tiering.retier({}) goes on without them.",
        "SELECT * FROM tiering.check_inputs(…) 说明来源表有什么问题；CALL tiering.retier({1}) 则略过这些客户。",
    ),
    (
        "Process {} began at {} and has done {} of {} customers.",
        "进程 {1} 于 {2} 开始，共 {4} 位客户，已处理 {3} 位。",
    ),
    (
        "Wait until it ends (SELECT * FROM tiering.runs), or stop it: SELECT pg_cancel_backend({}).",
        "请等它结束（SELECT * FROM tiering.runs），或将其停止：SELECT pg_cancel_backend({1})。",
    ),
    (
        "SELECT tiering.resume_program({}) lets it grade again.",
        "用 SELECT tiering.resume_program({1}) 恢复。",
    ),
    ("SELECT tiering.approve_scheme({}) approves it.", "用 SELECT tiering.approve_scheme({1}) 审批。"),
    (
        "SELECT tiering.plan_followup({}) plans it.",
        "将来的跟进请用 SELECT tiering.plan_followup({1}) 列入计划。",
    ),
    ("Give the time of the contact, or leave it out for now.", "请写联系的时间；不写即为现在。"),
    ("Pass promised_at => timestamp.", "请写 promised_at => 时间。"),
    (
        "No row of {} that you may see has this value in column \"{}\".",
        "{1} 中您能看到的行里，列“{2}”没有这个值。",
    ),
    (
        "The next retier would grade it again: delete it there as well.",
        "下一次 retier() 又会给该客户定级：请在那里也删除。",
    ),
    (
        "It is known from {} to {}. For other days its weekly pattern answers, without holidays and make-up working days.",
        "收录范围为 {1} 至 {2}。其他日子按每周的固定工作日推算，不含节假日和调休。",
    ),
    (
        "It is known from {} to {}. For other days its weekly pattern and its provisional holidays answer, without make-up working days.",
        "收录范围为 {1} 至 {2}。其他日子按每周的固定工作日和暂定节假日推算，不含调休。",
    ),
    (
        "Add newer days: SELECT tiering.extend_calendar('{}', holidays => {}).",
        "补充新的日期：SELECT tiering.extend_calendar('{1}', holidays => {2})。",
    ),
    (
        "{} would be a holiday, but the calendar is known for it and it is worked.",
        "{1} 要补充为放假日，而日历中已定为上班。",
    ),
    (
        "{} would be a working day, but the calendar is known for it and it is not worked.",
        "{1} 要补充为上班日，而日历中已定为放假。",
    ),
    (
        "Leave the date out, or import a calendar of your own with all its dates.",
        "请去掉该日期，或把全部日期导入为自己的日历。",
    ),
    ("It cannot be extended until {}, which is before.", "不能只补充到更早的 {1}。"),
    ("Give the last day for which the new dates are complete.", "请写新日期完整收录到的最后一天。"),
    ("Give the date in one of the two lists.", "请只在其中一份名单里写这个日期。"),
    (
        "SELECT calendar FROM tiering.calendars lists them; tiering.import_calendar() adds one.",
        "SELECT calendar FROM tiering.calendars 列出全部日历；tiering.import_calendar() 可添加。",
    ),
    (
        "tiering.import_calendar(name, document) adds one.",
        "用 tiering.import_calendar(name, document) 添加。",
    ),
    (
        "Use 'en' for English or 'zh' for Chinese; 'en_US', 'zh_CN', 'zh-Hans' and '中文' will do, too.",
        "中文写 'zh'，英文写 'en'；也可写 'zh_CN'、'zh-Hans'、'中文' 或 'en_US'。",
    ),
    ("Its columns are: {}.", "该表的列：{1}。"),
    ("Such as {}.", "例如 {1}。"),
    ("The working clock stands still on {}.", "以下各天不计工作时间：{1}。"),
    (
        "Write \"other\" in hours for all days that it does not name.",
        "请在 hours 中用 other 写明其余各天的时间。",
    ),
    ("There are: {}.", "现有：{1}。"),
    ("There is none yet.", "目前还没有。"),
    ("Its tiers are: {}.", "该方案的等级：{1}。"),
    ("Its inputs are: {}.", "该方案的输入：{1}。"),
    ("SELECT * FROM tiering.catalogue lists the schemes.", "SELECT * FROM tiering.catalogue 列出全部方案。"),
    (
        "SELECT tiering.create_program(name, scheme, source, key) makes one.",
        "用 SELECT tiering.create_program(name, scheme, source, key) 创建项目。",
    ),
    ("Customers are named by their key as text.", "客户按编号（文本）指定。"),
    (
        "Customers are named by tenant and key, as tiering.tenant_key() writes them: 7/4711.",
        "客户按租户和编号指定，写法同 tiering.tenant_key()：7/4711。",
    ),
    ("{} cannot be the key", "{1} 不能用作客户编号"),
    (
        "A key has one column, or two: the tenant and the key that is unique within it.",
        "客户编号为一列；或为两列：租户，以及租户内唯一的编号。",
    ),
    ("column \"{}\" is both the tenant and the key", "列“{1}”同时被用作租户和客户编号"),
    (
        "column \"{}\" of {} cannot be part of a key of two columns",
        "{2} 的列“{1}”不能与另一列一起用作客户编号",
    ),
];

/// Whether messages are wanted in Chinese: as it is set, or else where the locale of the server's messages is a Chinese one.
///
/// ```
/// use customer_tiering_engine::describe::messages_zh::is_wanted;
/// use customer_tiering_engine::document::text::Lang;
///
/// assert!(is_wanted(None, Some("zh_CN.UTF-8")) && is_wanted(None, Some("zh_TW")));
/// assert!(!is_wanted(None, Some("en_US.UTF-8")) && !is_wanted(None, Some("C")) && !is_wanted(None, None));
/// assert!(is_wanted(Some(Lang::Zh), Some("C")) && !is_wanted(Some(Lang::En), Some("zh_CN.UTF-8")));
/// ```
pub fn is_wanted(set: Option<Lang>, locale: Option<&str>) -> bool {
    set.or_else(|| Lang::parse(locale?).ok()) == Some(Lang::Zh)
}

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
            made.push_str(before);
            let place =
                after.split_once('}').and_then(|(place, after)| Some((place.parse::<usize>().ok()?, after)));
            // a brace of the text itself, such as one of JSON
            let Some((place, after)) = place else {
                made.push('{');
                rest = after;
                continue;
            };
            let name = names.get(place.checked_sub(1)?)?;
            // What varies may be a message itself, such as what is wrong with one of many values.
            made.push_str(&in_chinese(name).unwrap_or_else(|| (*name).to_owned()));
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
        let beyond = "t has no column \"a\", which \"b\" needs";
        for text in [
            "",
            "program",
            "program \"\" does not exist",
            "division by zero",
            beyond,
            "There is none yet. Nor here.",
        ] {
            assert_eq!(in_chinese(text), None, "{text}");
        }
    }
}
