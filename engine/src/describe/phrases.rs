//! Values, intervals and conditions as phrases.

use super::Description;
use crate::document::text::Lang;
use crate::number::Scalar;
use crate::scheme::{Bin, Condition, Input};
use crate::time::duration::Offset;
use crate::time::fiscal::RelativePeriod;

/// One end of an interval: the value in words, and whether it belongs to it.
pub(super) type End = Option<(String, bool)>;

impl Description<'_> {
    /// A constant of the document, with what people call it if it is a value of an input that says so.
    pub(super) fn value(&self, scalar: &Scalar, of: Option<&Input>) -> String {
        let value = match scalar {
            Scalar::Number(number) => self.number(number.decimal()),
            Scalar::Boolean(true) => self.pick("yes", "是").to_owned(),
            Scalar::Boolean(false) => self.pick("no", "否").to_owned(),
            Scalar::Text(text) if of.is_some_and(|input| input.kind.is_date()) => self.day(text),
            Scalar::Text(text) if text.trim().is_empty() => scalar.to_string(),
            Scalar::Text(text) => text.clone(),
        };
        self.named(of.and_then(|input| input.value_titles.get(&scalar.word())), &value)
    }

    /// A date of the document: a day, one counted from the day of grading, or a period such as this quarter.
    fn day(&self, text: &str) -> String {
        match (RelativePeriod::parse(text), Offset::parse(text)) {
            (Ok(period), _) => period.words(self.lang),
            (_, Ok(offset)) => offset.words(self.lang),
            _ => text.to_owned(),
        }
    }

    /// `a, b or c`, `a、b或c`.
    pub(super) fn choice(&self, values: &[String]) -> String {
        match values.split_last() {
            None => String::new(),
            Some((last, [])) => last.clone(),
            Some((last, before)) => {
                let before = before.join(self.pick(", ", "、"));
                format!("{before}{}{last}", self.pick(" or ", "或"))
            }
        }
    }

    pub(super) fn values(&self, scalars: &[Scalar], of: Option<&Input>) -> String {
        let values: Vec<String> = scalars.iter().map(|scalar| self.value(scalar, of)).collect();
        self.choice(&values)
    }

    /// What falls into a bin.
    pub(super) fn bounds(&self, bin: &Bin, of: Option<&Input>) -> String {
        if bin.missing {
            return self.pick("no value", "缺失").to_owned();
        }
        if bin.is_vacant() {
            return self.pick("nobody, because of equal values", "因数值相同而无客户").to_owned();
        }
        if bin.other {
            let any = self.pick("anything else", "其他取值").to_owned();
            let listed = bin.among.iter().flatten().map(|scalar| self.value(scalar, of));
            return self.choice(&listed.chain([any]).collect::<Vec<_>>());
        }
        if let Some(among) = &bin.among {
            let values = self.values(among, of);
            return if values == bin.code {
                self.pick("this value only", "仅此值").to_owned()
            } else {
                values
            };
        }
        let end = |inclusive: &Option<Scalar>, exclusive: &Option<Scalar>| match (inclusive, exclusive) {
            (Some(scalar), _) => Some((self.value(scalar, of), true)),
            (None, Some(scalar)) => Some((self.value(scalar, of), false)),
            (None, None) => None,
        };
        self.interval(
            end(&bin.gte, &bin.gt),
            end(&bin.lte, &bin.lt),
            of.is_some_and(|input| input.kind.is_date()),
        )
    }

    /// `from 1,000 to below 5,000`, `1000（含）至5000（不含）`.
    pub(super) fn interval(&self, low: End, high: End, days: bool) -> String {
        match self.lang {
            Lang::En => english_interval(low, high, days),
            Lang::Zh => chinese_interval(low, high, days),
        }
    }

    /// A condition as a sentence, and whether it is composed, so that it needs parentheses inside
    /// another.
    pub(super) fn condition(&self, condition: &Condition) -> (String, bool) {
        if let Some(inner) = &condition.all {
            return self.joined(inner, self.pick(" and ", "，且"));
        }
        if let Some(inner) = &condition.any {
            return self.joined(inner, self.pick(" or ", "，或"));
        }
        if let Some(inner) = &condition.not {
            let (text, _) = self.condition(inner);
            return (self.pick(format!("it is not so that ({text})"), format!("并非（{text}）")), false);
        }
        if let Some(name) = &condition.characteristic {
            let title = self.characteristic(name).and_then(|characteristic| characteristic.title.as_ref());
            return self.tested(self.within(title, name), self.bin_tests(condition));
        }
        let name = condition.input.as_deref().unwrap_or_default();
        let input = self.input(name);
        let title = input.and_then(|input| input.title.as_ref());
        self.tested(self.within(title, name), self.input_tests(condition, input))
    }

    fn joined(&self, conditions: &[Condition], with: &str) -> (String, bool) {
        let several = conditions.len() > 1;
        let parts: Vec<String> = conditions
            .iter()
            .map(|inner| match self.condition(inner) {
                (text, true) if several => self.pick(format!("({text})"), format!("（{text}）")),
                (text, _) => text,
            })
            .collect();
        (parts.join(with), several)
    }

    fn tested(&self, subject: String, tests: Vec<String>) -> (String, bool) {
        let tests = tests.join(self.pick(" and ", "且"));
        (self.pick(format!("{subject} {tests}"), format!("{subject}{tests}")), false)
    }

    fn bin_tests(&self, condition: &Condition) -> Vec<String> {
        let mut tests = Vec::new();
        if let Some(bin) = &condition.eq {
            let bin = self.value(bin, None);
            tests.push(self.pick(format!("is in bin {bin}"), format!("属于{bin}档")));
        }
        if let Some(bin) = &condition.ne {
            let bin = self.value(bin, None);
            tests.push(self.pick(format!("is not in bin {bin}"), format!("不属于{bin}档")));
        }
        if let Some(bins) = &condition.among {
            let bins = self.values(bins, None);
            tests.push(self.pick(format!("is in bin {bins}"), format!("属于{bins}档")));
        }
        tests
    }

    fn input_tests(&self, condition: &Condition, input: Option<&Input>) -> Vec<String> {
        let mut tests = Vec::new();
        let days = input.is_some_and(|input| input.kind.is_date());
        match condition.is_missing {
            Some(true) => tests.push(self.pick("is not known", "缺失").to_owned()),
            Some(false) => tests.push(self.pick("is known", "已知").to_owned()),
            None => {}
        }
        let words: [(&Option<Scalar>, (&str, &str)); 6] = if days {
            [
                (&condition.eq, ("is", "为")),
                (&condition.ne, ("is not", "不为")),
                (&condition.gte, ("is no earlier than", "不早于")),
                (&condition.gt, ("is later than", "晚于")),
                (&condition.lte, ("is no later than", "不晚于")),
                (&condition.lt, ("is earlier than", "早于")),
            ]
        } else {
            [
                (&condition.eq, ("is", "为")),
                (&condition.ne, ("is not", "不为")),
                (&condition.gte, ("is at least", "不低于")),
                (&condition.gt, ("is above", "高于")),
                (&condition.lte, ("is at most", "不超过")),
                (&condition.lt, ("is below", "低于")),
            ]
        };
        for (scalar, (en, zh)) in words {
            if let Some(scalar) = scalar {
                let value = self.value(scalar, input);
                let (en, zh) = match (days && is_period(scalar), en) {
                    (true, "is") => ("is in", "在"),
                    (true, "is not") => ("is not in", "不在"),
                    _ => (en, zh),
                };
                tests.push(self.pick(format!("{en} {value}"), format!("{zh}{value}")));
            }
        }
        if let Some((low, high)) = &condition.between {
            let (low, high) = (self.value(low, input), self.value(high, input));
            tests.push(self.pick(
                format!("is from {low} to {high}, both included"),
                format!("在{low}至{high}之间（含两端）"),
            ));
        }
        if let Some(among) = &condition.among {
            let values = self.values(among, input);
            tests.push(match days && among.iter().any(is_period) {
                true => self.pick(format!("is in {values}"), format!("在{values}")),
                false => self.pick(format!("is {values}"), format!("为{values}")),
            });
        }
        if let Some(text) = &condition.within {
            tests.push(match ahead(text, self.lang) {
                Some(length) => self.pick(
                    format!("is within {length} (or already past)"),
                    format!("在{length}以内（含已过的日期）"),
                ),
                None => self.pick(
                    format!("is no later than {}", self.day(text)),
                    format!("不晚于{}", self.day(text)),
                ),
            });
        }
        if let Some(text) = &condition.after {
            tests.push(match ahead(text, self.lang) {
                Some(length) => self.pick(format!("is more than {length} ahead"), format!("在{length}以后")),
                None => {
                    self.pick(format!("is later than {}", self.day(text)), format!("晚于{}", self.day(text)))
                }
            });
        }
        tests
    }
}

/// Whether a constant of a date input has more than one day.
fn is_period(scalar: &Scalar) -> bool {
    matches!(scalar, Scalar::Text(text) if RelativePeriod::parse(text).is_ok())
}

/// The length of an offset into the future.
fn ahead(text: &str, lang: Lang) -> Option<String> {
    Offset::parse(text).ok()?.ahead(lang)
}

fn english_interval(low: End, high: End, days: bool) -> String {
    match (low, high, days) {
        (None, None, _) => "not fitted yet".to_owned(),
        (Some((low, true)), None, false) => format!("{low} or more"),
        (Some((low, true)), None, true) => format!("from {low} on"),
        (Some((low, false)), None, false) => format!("above {low}"),
        (Some((low, false)), None, true) => format!("after {low}"),
        (None, Some((high, true)), _) => format!("up to {high}"),
        (None, Some((high, false)), false) => format!("below {high}"),
        (None, Some((high, false)), true) => format!("before {high}"),
        (Some((low, included)), Some((high, to)), _) => {
            let low = match (included, days) {
                (true, _) => format!("from {low}"),
                (false, false) => format!("above {low}"),
                (false, true) => format!("after {low}"),
            };
            match (to, days) {
                (true, false) => format!("{low} up to {high}"),
                (false, false) => format!("{low} to below {high}"),
                (true, true) => format!("{low} and up to {high}"),
                (false, true) => format!("{low} and before {high}"),
            }
        }
    }
}

fn chinese_interval(low: End, high: End, days: bool) -> String {
    let included = |included: bool| if included { "（含）" } else { "（不含）" };
    match (low, high, days) {
        (None, None, _) => "尚待拟合".to_owned(),
        (Some((low, true)), None, false) => format!("{low}及以上"),
        (Some((low, true)), None, true) => format!("不早于{low}"),
        (Some((low, false)), None, false) => format!("高于{low}"),
        (Some((low, false)), None, true) => format!("晚于{low}"),
        (None, Some((high, true)), false) => format!("不超过{high}"),
        (None, Some((high, true)), true) => format!("不晚于{high}"),
        (None, Some((high, false)), false) => format!("低于{high}"),
        (None, Some((high, false)), true) => format!("早于{high}"),
        (Some((low, from)), Some((high, to)), _) => {
            format!("{low}{}至{high}{}", included(from), included(to))
        }
    }
}
