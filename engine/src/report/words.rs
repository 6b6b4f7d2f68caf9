//! The words of the pages themselves, each in both languages in one place.

use crate::document::text::Lang;

macro_rules! words {
    ($($(#[$meta:meta])* $name:ident: $en:literal, $zh:literal;)*) => {
        /// What a page says besides what it is told.
        #[derive(Debug, Clone, Copy)]
        pub struct Words {
            $($(#[$meta])* pub $name: &'static str,)*
        }

        const EN: Words = Words { $($name: $en,)* };
        const ZH: Words = Words { $($name: $zh,)* };
    };
}

words! {
    program: "Program", "项目";
    source: "Source", "数据来源";
    period: "Period", "期间";
    until_excluded: "the last day not included", "不含末日";
    made: "Made", "生成时间";
    mix: "Customers by tier", "各等级客户";
    movement: "Movement", "等级变动";
    due_lists: "Due lists", "待跟进清单";
    scorecard: "Scorecard", "成效指标";
    effect: "Effect of the tiering", "分级成效（对照组比较）";
    tier: "Tier", "等级";
    title: "Title", "名称";
    customers: "Customers", "客户数";
    share: "Share", "占比";
    by_hand: "Set by hand", "人工定级";
    all: "All", "合计";
    ungraded: "Ungraded", "未定级";
    not_there: "Not in the program", "不在项目中";
    from: "At the beginning", "期初";
    to: "At the end", "期末";
    owner: "Owner", "负责人";
    nobody: "Nobody", "无负责人";
    overdue: "Overdue", "已逾期";
    today: "Due today", "今日到期";
    week: "Within 7 days", "7天内到期";
    never: "Never contacted", "从未联系";
    latest: "Longest overdue, days", "最长逾期（天）";
    customer: "Customer", "客户";
    due: "Due", "应跟进日";
    days: "Days overdue", "逾期天数";
    last_contact: "Last contact", "最近跟进";
    strategy: "What to do", "服务策略";
    more: "More that are not shown", "另有未列出";
    measure: "Measure", "指标";
    against_previous: "An arrow compares with the period of the same length before; ✓ and ✗ with the target.", "箭头为与上一同长期间相比；✓、✗ 为是否达到目标。";
    no_measures: "No measure has a value in this period. tiering.register_events() adds orders, tickets, surveys and costs.",
        "本期间没有可计算的指标。可用 tiering.register_events() 登记订单、工单、调查与费用。";
    no_hold_out: "Nobody is held out, so that no effect can be told from what would have happened anyway. tiering.hold_out() draws a group to compare with.",
        "没有设置对照组，无法区分分级的成效与自然变化。可用 tiering.hold_out() 随机抽取对照组。";
    with: "With the playbook", "按策略服务";
    without: "Held out", "对照组";
    difference: "Difference", "差异";
    interval: "95 % interval", "95% 置信区间";
    detectable: "Smallest difference that would show", "可检出的最小差异";
    no_difference: "no difference", "无差异";
    nobody_yet: "No customer has been graded yet. CALL tiering.retier() grades them.", "尚无客户定级。请执行 CALL tiering.retier()。";
    nothing_due: "No follow-up is due.", "没有待跟进的客户。";
    nothing_moved: "No customer was in the program at the beginning or at the end.", "期初与期末项目中均无客户。";
    previous: "before", "上期";
    target: "target", "目标";
    reasons: "Reasons", "原因";
    why: "Why this tier", "定级依据";
    input: "Input", "指标项";
    value: "Value", "取值";
    score: "Score", "得分";
    nearest_up: "Nearest change to a better tier", "距升级最近的变动";
    history: "History of tiers", "等级历史";
    since: "Since", "起始";
    cause: "Cause", "起因";
    reason: "Reason", "原因";
    contacts: "What happened", "往来记录";
    when: "When", "时间";
    kind: "Kind", "类型";
    content: "Particulars", "内容";
    by_whom: "By", "经办";
    promises: "Promises", "承诺";
    promise: "Promise", "承诺内容";
    promised_for: "Promised for", "承诺日期";
    status: "Status", "状态";
    missing: "missing", "缺失";
    next_due: "Next follow-up", "下次跟进";
    none: "None.", "无。";
    in_force: "Tier in force", "当前等级";
}

impl Words {
    /// Those of a language.
    pub fn of(lang: Lang) -> &'static Words {
        match lang {
            Lang::En => &EN,
            Lang::Zh => &ZH,
        }
    }
}
