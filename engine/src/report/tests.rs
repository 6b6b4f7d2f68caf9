use super::*;

const HOSTILE: &str = "<script>alert('\"&\"')</script>";

fn program() -> serde_json::Value {
    serde_json::json!({
        "program": "readiness", "scheme": {"en": "Sales readiness", "zh": "成交意向"}, "version": 2,
        "source": "public.crm", "from": "2026-10-01", "until": "2026-11-01", "made_at": "2026-11-02 09:00", "zone": "Asia/Shanghai",
        "tiers": [
            {"tier": "A", "title": {"en": "Buys within a month", "zh": "一个月内成交"}, "customers": 30, "by_hand": 1, "strategy": {"en": HOSTILE, "zh": HOSTILE}},
            {"tier": "B", "title": {"en": "Buys within three", "zh": "三个月内成交"}, "customers": 9_970, "by_hand": 0},
            {"tier": null, "title": {"en": null, "zh": null}, "customers": 0, "by_hand": 0}],
        "movements": [
            {"from": {"tier": "A"}, "to": {"tier": "A"}, "customers": 20},
            {"from": {"tier": "B"}, "to": {"tier": "A"}, "customers": 10},
            {"from": "not_there", "to": {"tier": "B"}, "customers": 9_970},
            {"from": {"tier": "Z"}, "to": "ungraded", "customers": 3}],
        "owners": [{"owner": null, "customers": 10_000, "overdue": 7, "today": 1, "week": 2, "never": 3, "latest": 40}],
        "due": [{"owner": null, "customer": HOSTILE, "tier": "A", "due": "2026-10-30", "days": 3, "last": null}],
        "due_in_all": 8,
        "scorecard": [
            {"measure": "churned", "title": {"en": "Silent buyers", "zh": "流失率"}, "unit": "share", "tier": "A", "value": 0.25, "previous": 0.5, "target": 0.3, "less_is_better": true},
            {"measure": "churned", "title": {"en": "Silent buyers", "zh": "流失率"}, "unit": "share", "tier": "all", "value": 0.4, "previous": null, "target": 0.3, "less_is_better": true},
            {"measure": "sales", "title": {"en": "Sales", "zh": "销售额"}, "unit": "money", "tier": "all", "value": null, "previous": null, "target": null}],
        "held_out": true,
        "effects": [
            {"title": {"en": "Sales", "zh": "销售额"}, "unit": "money", "tier": "A", "n_treated": 27, "n_held_out": 3, "difference": 12.5, "low": -3.0, "high": 28.0, "detectable": 22.0},
            {"title": {"en": "Sales", "zh": "销售额"}, "unit": "money", "tier": "all", "n_treated": 0, "n_held_out": 0, "difference": null, "low": null, "high": null, "detectable": null}]
    })
}

fn page(document: &serde_json::Value, lang: Lang) -> String {
    let about = if document.get("customer").is_some() { "customer" } else { "program" };
    Report::parse(&serde_json::json!({ about: document }).to_string()).unwrap().html(lang)
}

#[test]
fn what_stands_in_the_data_is_text_wherever_it_is_shown() {
    for lang in [Lang::En, Lang::Zh] {
        let html = page(&program(), lang);
        assert!(!html.contains("<script"), "{html}");
        assert!(html.contains("&lt;script&gt;"), "{html}");
    }
    let mut named = program();
    for key in ["program", "source", "from", "until", "made_at", "zone"] {
        named[key] = HOSTILE.into();
    }
    named["tiers"][0]["tier"] = HOSTILE.into();
    named["scorecard"][0]["tier"] = HOSTILE.into();
    named["effects"][0]["tier"] = HOSTILE.into();
    assert!(!page(&named, Lang::En).contains("<script"));
}

#[test]
fn figures_are_those_of_the_document() {
    let html = page(&program(), Lang::En);
    for shown in [
        "9,970",
        "99.7\u{202f}%",
        "25.0\u{202f}%",
        "✓",
        "✗",
        "▼",
        "+12.50",
        "−3.00 … +28.00",
        "More that are not shown: 7",
        "Not in the program",
    ] {
        assert!(html.contains(shown), "{shown}: {html}");
    }
    // a measure without a value has no row
    assert!(!html.contains(">Sales</th>"), "{html}");
}

#[test]
fn a_page_is_in_one_language_and_says_which() {
    let (en, zh) = (page(&program(), Lang::En), page(&program(), Lang::Zh));
    assert!(en.starts_with("<!DOCTYPE html><html lang=\"en\">"));
    assert!(zh.starts_with("<!DOCTYPE html><html lang=\"zh-Hans\">"));
    assert!(zh.contains("待跟进清单") && zh.contains("流失率") && !zh.contains("Silent buyers"));
    assert!(!en.contains("流失率"));
}

#[test]
fn a_page_asks_for_nothing_from_elsewhere() {
    let html = page(&program(), Lang::En);
    for reference in ["src=", "http:", "https:", "url(", "@import", "<script"] {
        assert!(!html.contains(reference), "{reference}");
    }
}

#[test]
fn an_empty_program_says_what_to_do() {
    let mut empty = program();
    for key in ["tiers", "movements", "owners", "due", "scorecard", "effects"] {
        empty[key] = serde_json::json!([]);
    }
    empty["held_out"] = false.into();
    let html = page(&empty, Lang::En);
    for said in
        ["CALL tiering.retier()", "No follow-up is due", "tiering.register_events()", "tiering.hold_out()"]
    {
        assert!(html.contains(said), "{said}");
    }
    assert!(!html.contains("NaN") && !html.contains("<svg"));
}

#[test]
fn a_customer_has_a_page_too() {
    let document = serde_json::json!({
        "program": "readiness", "customer": HOSTILE, "scheme": {"en": "Sales readiness", "zh": "成交意向"},
        "made_at": "2026-11-02 09:00", "zone": "UTC", "tier": "B", "title": {"en": "Buys within three", "zh": "三个月内成交"}, "since": "2026-10-01",
        "by_hand": null, "owner": null, "last": null, "due": "2026-11-09", "strategy": {"en": "Visit", "zh": "拜访"},
        "explanation": {"inputs": [{"title": {"en": "Demand", "zh": "需求"}, "value": null}], "rule": {"en": "Explicit demand", "zh": "需求明确"}, "score": null, "reasons": [],
            "nearest": {"tier": "A", "title": {"en": "Expected close", "zh": "预计成交日期"}, "now": "2027-01-08", "needs": "≤ 2026-12-29"}},
        "history": [{"since": "2026-10-01", "tier": "B", "rank": 2, "reason": "first", "cause": "retier"}],
        "events": [{"at": "2026-10-02", "kind": {"en": "Contact", "zh": "跟进"}, "content": {"en": HOSTILE, "zh": HOSTILE}, "by_whom": null}],
        "promises": [{"promise": "Send the offer", "promised_for": "2026-10-05", "status": "kept"}]
    });
    let en = page(&document, Lang::En);
    assert!(!en.contains("<script"));
    for shown in ["missing", "≤ 2026-12-29", "first grading", "kept on time", "Nobody"] {
        assert!(en.contains(shown), "{shown}: {en}");
    }
    assert!(page(&document, Lang::Zh).contains("首次定级"));
}

#[test]
fn what_is_no_report_is_refused() {
    let error = Report::parse(r#"{"weather": {}}"#).unwrap_err();
    assert_eq!(error.kind, ErrorKind::InvalidValue);
    assert!(error.detail.unwrap().contains("weather"));
}
