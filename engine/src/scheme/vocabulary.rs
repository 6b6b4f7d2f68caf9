//! The one table of codes that people read: what each is called in English and Chinese, and by which
//! other words it is known.

mod sentences;

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::document::quoted;
use crate::document::text::Lang;
use crate::error::{Error, Result};
use crate::scheme::Area;

use sentences::sentence;
pub use sentences::{finding_message, names};

/// A code and its words.
#[derive(Debug)]
pub struct Term {
    /// What it is one of: `channel`, `outcome`, `reason` …
    pub kind: &'static str,
    /// The code.
    pub code: &'static str,
    /// What it is called in English.
    pub en: &'static str,
    /// What it is called in Chinese.
    pub zh: &'static str,
    /// Other words that mean it.
    pub also: &'static [&'static str],
}

const fn term(kind: &'static str, code: &'static str, en: &'static str, zh: &'static str) -> Term {
    Term { kind, code, en, zh, also: &[] }
}

impl Term {
    const fn also(mut self, also: &'static [&'static str]) -> Term {
        self.also = also;
        self
    }
}

/// Every code that the product itself writes or proposes. A code means the same wherever it stands.
pub const TERMS: &[Term] = &[
    term("area", "contact", "contact", "联系人"),
    term("area", "communication", "communication", "沟通"),
    term("area", "response", "response", "响应"),
    term("area", "offers", "offers", "优惠与产品"),
    term("area", "resources", "resources", "资源"),
    term("area", "training", "training", "培训"),
    term("area", "self_service", "self service", "自助服务"),
    term("area", "review", "review", "评估"),
    term("override", "fixed", "fixed", "固定"),
    term("override", "at_least", "at least", "不低于"),
    term("override", "at_most", "at most", "不高于"),
    term("target", "first_reply", "first reply", "首次回复"),
    term("target", "next_reply", "next reply", "后续回复"),
    term("target", "resolution", "resolution", "解决"),
    term("target", "callback", "callback", "回电"),
    term("role", "account_manager", "account manager", "客户经理"),
    term("role", "senior_management", "senior management", "高层管理者"),
    term("role", "sales_representative", "sales representative", "销售代表"),
    term("role", "service_team", "service team", "服务团队"),
    term("role", "key_account_team", "key account team", "大客户团队"),
    term("role", "marketing", "marketing", "市场部"),
    term("role", "adviser", "adviser", "顾问"),
    term("role", "customer_service", "customer service", "客服"),
    term("role", "system", "system", "系统"),
    term("channel", "visit", "visit", "上门拜访").also(&["拜访", "上门", "登门拜访"]),
    term("channel", "phone", "phone", "电话").also(&[
        "call",
        "telephone",
        "phone call",
        "tel",
        "打电话",
        "致电",
        "电话联系",
    ]),
    term("channel", "email", "email", "电子邮件").also(&["e-mail", "邮件", "电邮", "邮箱"]),
    term("channel", "meeting", "meeting", "会议").also(&["面谈", "会面"]),
    term("channel", "video", "video call", "视频会议").also(&["video meeting", "视频", "线上会议"]),
    term("channel", "wechat", "WeChat", "微信").also(&["企业微信", "weixin"]),
    term("channel", "sms", "text message", "短信").also(&["text", "手机短信"]),
    term("channel", "message", "message", "即时消息").also(&["chat", "instant message", "在线聊天"]),
    term("channel", "online", "online", "线上").also(&["web", "website", "网站", "网上"]),
    term("channel", "store", "in the store", "到店").also(&["walk-in", "进店", "门店"]),
    term("channel", "event", "event", "活动"),
    term("channel", "hotline", "hotline", "热线").also(&["客服热线"]),
    term("channel", "mail", "mail", "邮寄").also(&["letter", "post", "信函"]),
    term("outcome", "reached", "reached", "已联系上").also(&["已接通", "接通"]),
    term("outcome", "no_answer", "no answer", "未联系上").also(&["无人接听", "未接通", "not reached"]),
    term("outcome", "call_back", "wants a later contact", "约定再联系").also(&[
        "callback",
        "稍后联系",
        "改期",
    ]),
    term("outcome", "appointment", "appointment made", "已约见").also(&["已预约"]),
    term("outcome", "interested", "interested", "有意向"),
    term("outcome", "not_interested", "not interested", "无意向").also(&["没有意向"]),
    term("outcome", "offer_sent", "offer sent", "已报价").also(&["quoted", "quotation sent"]),
    term("outcome", "ordered", "ordered", "已下单").also(&["order", "下单"]),
    term("outcome", "won", "won", "已成交").also(&["成交", "赢单", "closed won"]),
    term("outcome", "lost", "lost", "丢单").also(&["输单", "未成交", "closed lost"]),
    term("outcome", "complaint", "complaint", "投诉").also(&["客户投诉"]),
    term("outcome", "resolved", "problem solved", "问题已解决").also(&["solved", "已解决"]),
    term("reason", "first", "first grading", "首次定级"),
    term("reason", "promotion", "moved up", "升级"),
    term("reason", "demotion", "moved down", "降级"),
    term("reason", "graded", "graded again", "恢复定级"),
    term("reason", "ungraded", "no tier any more", "不再定级"),
    term("reason", "criteria", "criteria changed", "标准变更"),
    term("reason", "gone", "gone from the source", "已不在来源中"),
    term("reason", "returned", "back in the source", "重新出现"),
    term("reason", "override", "set by hand", "人工定级"),
    term("reason", "override_ended", "tier set by hand ended", "人工定级结束"),
    term("cause", "retier", "regular grading", "例行定级"),
    term("cause", "followup", "follow-up", "跟进"),
    term("cause", "automatic", "change of the data", "数据变更自动定级"),
    term("cause", "backfill", "graded afterwards", "事后补定"),
    term("cause", "regrade", "correction of the past", "更正以往定级"),
    term("cause", "import", "import of contacts", "批量导入跟进"),
    term("purpose", "input", "input of the scheme", "方案的输入"),
    term("purpose", "last_followup", "last contact", "最近一次跟进"),
    term("purpose", "joined", "day of joining", "加入日期"),
    term("purpose", "owner", "owner", "负责人"),
    term("purpose", "group", "family or group", "家庭或集团"),
    term("cost_share", "customers", "by customers", "按客户数"),
    term("cost_share", "contacts", "by contacts", "按跟进次数"),
    term("cost_share", "sales", "by sales", "按销售额"),
    term("urgency", "urgent", "urgent", "紧急"),
    term("urgency", "soon", "soon", "缓急"),
    term("urgency", "not_urgent", "not urgent", "不紧急"),
    term("urgency", "potential", "potential", "潜在"),
    term("move", "up", "up", "上升"),
    term("move", "down", "down", "下降"),
    term("move", "stayed", "stayed", "未变"),
    term("move", "new", "new", "新增"),
    term("move", "other", "other", "其他"),
    term("promise", "due", "due", "待兑现"),
    term("promise", "kept", "kept on time", "按时兑现"),
    term("promise", "kept_late", "kept late", "逾期兑现"),
    term("promise", "broken", "not kept", "逾期未兑现"),
    term("promise", "lapsed", "lapsed", "已失效"),
    term("promise", "withdrawn", "withdrawn", "已撤回"),
    term("plan", "plan", "planned", "已计划"),
    term("plan", "snooze", "put off", "已推迟"),
    term("complaint", "open", "open", "待处理"),
    term("decision", "keep", "keep", "维持现有等级"),
    term("decision", "part_with", "part with the customer", "终止合作"),
    term("decision", "revise", "revise", "修订"),
    term("decision", "retire", "retire", "停用"),
    term("subject", "customer", "customer", "客户"),
    term("subject", "scheme", "scheme", "方案"),
    term("check", "attention", "attention and care", "重视与关怀"),
    term("check", "confidence", "confidence", "信心"),
    term("check", "reaction", "quick and responsible reaction", "敏捷而负责的反应"),
    term("check", "reliability", "reliability", "可靠度"),
    term("check", "customer_first", "the customer first", "客户为先"),
    term("check", "active_approach", "past our own reluctance", "端正心态"),
    term("check", "active_contact", "active contact", "积极沟通"),
    term("check", "act_at_once", "act as soon as one knows", "知了就做"),
    term("event", "promise", "promise", "承诺"),
    term("event", "attempt", "attempt", "尝试联系"),
    term("event", "contact_stop", "no contact wanted", "不再联系"),
    term("event", "contact_allowed", "contact allowed again", "恢复联系"),
    term("event", "merge", "merged", "合并"),
    term("event", "rename", "key changed", "客户编号变更"),
    term("event", "promise_kept", "promise kept", "承诺已兑现"),
    term("event", "promise_broken", "promise not kept", "承诺逾期未兑现"),
    term("event", "promise_withdrawn", "promise withdrawn", "承诺已撤回"),
    term("event", "complaint_resolved", "complaint resolved", "投诉已解决"),
    term("event", "tier_change", "change of tier", "等级变动"),
    term("signal", "silent", "no contact for more than twice the cadence", "超过两个跟进周期未联系"),
    term("signal", "put_off", "put off twice or more since the last contact", "上次跟进后已推迟两次以上"),
    term("signal", "broken_promise", "promise not kept", "承诺逾期未兑现"),
    term("signal", "open_complaint", "complaint not resolved", "投诉尚未解决"),
    term("log", "daily", "daily log", "追踪日志"),
    term("log", "weekly", "weekly log", "追踪周志"),
    term("log", "half_month", "half-monthly log", "追踪半月志"),
    term("log", "month", "monthly log", "追踪月志"),
    term("log", "year", "yearly log", "追踪年志"),
    term("status", "draft", "draft", "草案"),
    term("status", "approved", "approved", "已审批"),
    term("status", "retired", "retired", "已停用"),
    term("status", "active", "active", "启用中"),
    term("status", "paused", "paused", "已暂停"),
    term("status", "running", "running", "运行中"),
    term("status", "done", "done", "已完成"),
    term("status", "failed", "failed", "失败"),
    term("status", "interrupted", "interrupted", "已中断"),
    term("finding", "missing", "missing", "缺失"),
    term("finding", "not allowed", "not allowed", "不在允许的取值之内"),
    term("finding", "not mapped", "not mapped", "没有对应的取值"),
    term("finding", "not finite", "not finite", "不是有限值"),
    term("finding", "not whole", "not whole", "不是整数"),
    term("finding", "out of range", "out of range", "超出范围"),
    term("finding", "not a date", "not a date", "不是日期"),
    term("finding", "not a number", "not a number", "不是数值"),
    term("finding", "not a boolean", "not a boolean", "不是布尔值"),
    term("finding", "wrong type", "wrong type", "类型不符"),
    term("finding", "not readable", "cannot be read", "无法读取"),
    term("finding", "no owner", "no owner", "没有负责人"),
    term("finding", "in the future", "in the future", "晚于现在"),
    term("finding", "missing key", "missing key", "缺少客户编号"),
    term("finding", "duplicate key", "duplicate key", "客户编号重复"),
    term("finding", "several currencies", "several currencies", "有多种币种"),
    term("finding", "no column resembles it", "no column resembles it", "没有相近的列"),
    term("severity", "error", "error", "错误"),
    term("severity", "warning", "warning", "警告"),
    term("severity", "notice", "notice", "提示"),
    term("scheme_finding", "unfitted", "not fitted yet", "尚待拟合"),
    term("scheme_finding", "bins_out_of_order", "bins out of order", "分档次序颠倒"),
    term("scheme_finding", "gap", "gap", "有空档"),
    term("scheme_finding", "overlap", "overlap", "有重叠"),
    term("scheme_finding", "unreachable_rule", "rule that never applies", "永不生效的规则"),
    term("scheme_finding", "unreachable_cell", "cell that nothing reaches", "无法到达的单元格"),
    term("scheme_finding", "tier_never_given", "tier that is never given", "从不产生的等级"),
    term("scheme_finding", "not_checked", "not checked", "未检查"),
    term("scorecard_finding", "constant", "the same for everybody", "所有客户都一样"),
    term("scorecard_finding", "redundant", "says what others say", "与其他特征重复"),
    term("scorecard_finding", "wrong_sign", "coefficient of the wrong sign", "系数符号相反"),
    term("scorecard_finding", "dropped", "left out for its wrong sign", "因符号相反而去除"),
    term("scorecard_part", "fit", "fitted to", "用于拟合"),
    term("scorecard_part", "holdout", "held out", "留出"),
    term("type", "number", "number", "数值"),
    term("type", "integer", "integer", "整数"),
    term("type", "text", "text", "文本"),
    term("type", "boolean", "boolean", "布尔值"),
    term("type", "date", "date", "日期"),
];

/// A code, or a sentence that the product makes, as people read it. What is not in the table stays as it
/// is in Chinese, and has blanks for underscores in English.
pub fn label(code: &str, lang: Lang) -> String {
    let known = TERMS.iter().find(|term| term.code == code);
    match (lang, known) {
        (Lang::En, Some(term)) => term.en.to_owned(),
        (Lang::Zh, Some(term)) => term.zh.to_owned(),
        (Lang::En, None) if sentence(code).is_some() => code.to_owned(),
        (Lang::En, None) => code.replace('_', " "),
        (Lang::Zh, None) => sentence(code).unwrap_or_else(|| code.to_owned()),
    }
}

/// The code of a word: of the code itself, of what it is called in either language, or of another word
/// for it, in upper or lower case, with blanks, hyphens or underscores. A word of the user's own stays as
/// it is, without outer blanks.
///
/// # Errors
///
/// `InvalidValue` for a kind that has no code.
pub fn code_of<'w>(kind: &str, word: &'w str) -> Result<&'w str> {
    let Some(codes) = CODES.get(kind) else {
        return Err(Error::invalid(format!("unknown kind of code {}", quoted(kind))).hint(
            "SELECT DISTINCT kind FROM tiering.vocabulary lists the kinds, such as 'channel' and 'outcome'.",
        ));
    };
    Ok(codes.get(plain(word).as_str()).copied().unwrap_or(word.trim()))
}

/// By kind, the code of each word that stands for one: the first that does.
static CODES: LazyLock<HashMap<&str, HashMap<String, &str>>> = LazyLock::new(|| {
    let mut codes: HashMap<&str, HashMap<String, &str>> = HashMap::new();
    for term in TERMS.iter() {
        let of_kind = codes.entry(term.kind).or_default();
        for known in [term.code, term.en, term.zh].iter().chain(term.also) {
            of_kind.entry(plain(known)).or_insert(term.code);
        }
    }
    codes
});

/// A word without what two people write differently.
fn plain(word: &str) -> String {
    word.trim().to_lowercase().replace(['_', '-'], " ")
}

impl Area {
    /// The JSON name, which [`label`] translates.
    pub fn code(self) -> &'static str {
        match self {
            Area::Contact => "contact",
            Area::Communication => "communication",
            Area::Response => "response",
            Area::Offers => "offers",
            Area::Resources => "resources",
            Area::Training => "training",
            Area::SelfService => "self_service",
            Area::Review => "review",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;
    use crate::scheme::overlay::Overlay;
    use crate::scheme::presets::{OVERLAYS, PRESETS};
    use crate::scheme::{Action, Scheme};

    fn known(code: &str) -> bool {
        TERMS.iter().any(|term| term.code == code)
    }

    #[test]
    fn known_codes_are_translated_and_others_stay() {
        assert_eq!(label("account_manager", Lang::En), "account manager");
        assert_eq!(label("account_manager", Lang::Zh), "客户经理");
        assert_eq!((&*label("promotion", Lang::En), &*label("promotion", Lang::Zh)), ("moved up", "升级"));
        assert_eq!(label("店长", Lang::Zh), "店长");
        assert_eq!(
            (&*label("shop_keeper", Lang::Zh), &*label("shop_keeper", Lang::En)),
            ("shop_keeper", "shop keeper")
        );
    }

    #[test]
    fn words_of_either_language_find_their_code_and_own_words_stay() {
        for word in ["phone", " Phone ", "电话", "PHONE CALL", "phone-call", "致电"] {
            assert_eq!(code_of("channel", word).unwrap(), "phone", "{word}");
        }
        assert_eq!(code_of("channel", " 传真 ").unwrap(), "传真");
        assert_eq!(code_of("channel", "").unwrap(), "");
        assert_eq!(code_of("outcome", "电话").unwrap(), "电话");
        assert_eq!(code_of("outcome", "无人接听").unwrap(), "no_answer");
        assert!(code_of("colour", "red").unwrap_err().hint.unwrap().contains("tiering.vocabulary"));
    }

    #[test]
    fn a_code_means_one_thing_and_a_word_of_a_kind_one_code() {
        let mut codes = HashMap::new();
        let mut words = HashMap::new();
        for term in TERMS.iter() {
            assert_eq!(codes.insert(term.code, term.kind), None, "{} twice", term.code);
            let of_term: std::collections::HashSet<String> =
                [term.code, term.en, term.zh].iter().chain(term.also).map(|word| plain(word)).collect();
            for word in of_term {
                let before = words.insert((term.kind, word.clone()), term.code);
                assert_eq!(before, None, "{word} of {}", term.code);
            }
        }
    }

    #[test]
    fn the_codes_of_areas_are_their_json_names() {
        for area in [Area::Contact, Area::SelfService, Area::Review] {
            assert_eq!(serde_json::to_value(area).unwrap(), area.code());
            assert!(known(area.code()));
        }
    }

    #[test]
    fn every_code_of_the_presets_has_a_label() {
        let mut without = Vec::new();
        let mut judge = |place: &str, actions: &[Action]| {
            for code in actions.iter().flat_map(|action| [&action.owner, &action.channel]).flatten() {
                if !known(code) {
                    without.push(format!("{place}: {code}"));
                }
            }
        };
        for (name, document) in PRESETS {
            Scheme::parse(document).unwrap().tiers.iter().for_each(|tier| judge(name, &tier.strategy));
        }
        for (name, document) in OVERLAYS {
            judge(name, &Overlay::parse(document).unwrap().strategy);
        }
        assert!(without.is_empty(), "{without:?}");
    }

    /// The names of findings are literals of the check, as are the severities.
    #[test]
    fn every_finding_of_the_check_has_a_label() {
        let source = include_str!("../study/check/finding.rs");
        let mut found = 0;
        for literal in source.split('"').skip(1).step_by(2) {
            if !literal.is_empty() && literal.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_') {
                found += 1;
                assert!(known(literal), "{literal}");
            }
        }
        assert!(found > 10);
    }
}
