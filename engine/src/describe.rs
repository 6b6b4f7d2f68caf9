//! The policy of a scheme in words, from the document alone: what a manager would want printed.
//!
//! Everything is in one language. What the document itself defines (codes of tiers and bins, allowed
//! texts, names of inputs) stands as it is; a text that the document has in the other language only is
//! shown in that.

mod decision;
mod inputs;
pub mod messages_zh;
mod phrases;
mod tiers;

use rust_decimal::Decimal;

use crate::calendar::Weekday;
use crate::document::text::{Lang, Text};
use crate::scheme::{Basis, Characteristic, FiscalYear, Input, NumberedBy, Scheme};

/// One line of the description.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The part of the policy: purpose, inputs, …
    pub section: String,
    /// What the line is about.
    pub item: String,
    /// What the policy says of it.
    pub content: String,
    /// Whether the figures are the source's or a default; empty if the document does not say.
    pub basis: String,
}

/// The policy of `scheme`, in sections: purpose, inputs, characteristics, score, decision, tiers,
/// strategy, stability; those that the scheme does not have are left out.
pub fn describe(scheme: &Scheme, lang: Lang) -> Vec<Line> {
    let mut description = Description { scheme, lang, section: "", lines: Vec::new() };
    description.purpose();
    description.inputs();
    description.characteristics();
    description.score();
    description.decision();
    description.tiers();
    description.strategy();
    description.stability();
    description.lines
}

/// The description while it is written.
struct Description<'s> {
    scheme: &'s Scheme,
    lang: Lang,
    section: &'static str,
    lines: Vec<Line>,
}

impl<'s> Description<'s> {
    /// The one of two texts that is in the language asked for.
    fn pick<T>(&self, en: T, zh: T) -> T {
        match self.lang {
            Lang::En => en,
            Lang::Zh => zh,
        }
    }

    /// Opens a section.
    fn open(&mut self, en: &'static str, zh: &'static str) {
        self.section = self.pick(en, zh);
    }

    /// Adds a line to the section.
    fn put(&mut self, item: impl Into<String>, content: impl Into<String>, basis: Option<Basis>) {
        let basis = match basis {
            Some(Basis::Source) => self.pick("source", "来源"),
            Some(Basis::Default) => self.pick("default", "默认"),
            None => "",
        };
        self.lines.push(Line {
            section: self.section.to_owned(),
            item: item.into(),
            content: content.into(),
            basis: basis.to_owned(),
        });
    }

    fn purpose(&mut self) {
        let scheme = self.scheme;
        self.open("Purpose", "用途");
        let title = self.named(scheme.title.as_ref(), &scheme.scheme);
        self.put(self.pick("Scheme", "方案"), title, None);
        for (item, text) in
            [(("Purpose", "用途"), &scheme.purpose), (("Industry", "适用行业"), &scheme.industry)]
        {
            if let Some(text) = text {
                self.put(self.pick(item.0, item.1), text.get(self.lang), None);
            }
        }
        if let Some(source) = &scheme.source {
            self.put(self.pick("Source", "来源"), source, None);
        }
        if scheme.timezone != "UTC" || scheme.inputs.iter().any(|input| input.kind.is_date()) {
            let zone = match scheme.timezone.as_str() {
                // Written or not, it is none of its own: what the database or a program says comes before it.
                "UTC" => self.pick(
                    "that of the program or the database, else UTC",
                    "项目或数据库的时区；均未设定则为UTC",
                ),
                own => own,
            };
            self.put(self.pick("Time zone of all dates", "日期所用时区"), zone, None);
        }
        if let Some(year) = &scheme.fiscal_year {
            let content = self.fiscal_year(year);
            self.put(self.pick("Fiscal year", "财年"), content, None);
        }
    }

    fn fiscal_year(&self, year: &FiscalYear) -> String {
        let ends = |ends: Option<Weekday>| {
            let name = |weekday: Weekday| self.pick(weekday.name().0, weekday.name().1);
            ends.map_or("", name)
        };
        let what = match (year.begins, year.weeks) {
            (Some(begins), _) => {
                self.pick(format!("from {begins} (month and day) on"), format!("自每年{begins}（月-日）起"))
            }
            (None, Some(weeks)) => {
                let (ends, weeks) = (ends(year.ends), weeks.name());
                match (year.nearest, year.last_of_month) {
                    (Some(day), _) => self.pick(
                        format!("{weeks} weeks a quarter, to the {ends} nearest to {day} (month and day)"),
                        format!("每季度{weeks}周，至最接近{day}（月-日）的{ends}"),
                    ),
                    (None, month) => {
                        let month = month.unwrap_or_default();
                        self.pick(
                            format!("{weeks} weeks a quarter, to the last {ends} of month {month}"),
                            format!("每季度{weeks}周，至{month}月的最后一个{ends}"),
                        )
                    }
                }
            }
            (None, None) => String::new(),
        };
        match year.numbered_by {
            NumberedBy::LastDay => what,
            NumberedBy::FirstDay => {
                self.pick(format!("{what}; numbered by its first day"), format!("{what}；按首日所在年份编号"))
            }
        }
    }

    /// A title with its code in parentheses, or the code alone if there is no title of its own.
    fn named(&self, title: Option<&Text>, code: &str) -> String {
        match title.map(|title| title.get(self.lang)).filter(|title| *title != code) {
            Some(title) => match self.lang {
                Lang::En => format!("{title} ({code})"),
                Lang::Zh => format!("{title}（{code}）"),
            },
            None => code.to_owned(),
        }
    }

    /// A title as it stands within a sentence, or the code if there is none.
    fn within(&self, title: Option<&Text>, code: &str) -> String {
        let Some(title) = title.map(|title| title.get(self.lang)) else { return code.to_owned() };
        let mut characters = title.chars();
        match (characters.next(), characters.clone().next()) {
            (Some(first), Some(second)) if first.is_ascii_uppercase() && second.is_ascii_lowercase() => {
                format!("{}{}", first.to_ascii_lowercase(), characters.as_str())
            }
            _ => title.to_owned(),
        }
    }

    /// A tier by its title and code.
    fn tier_name(&self, code: &str) -> String {
        let tier = self.scheme.tier(code).map(|(_, tier)| tier);
        self.named(tier.and_then(|tier| tier.title.as_ref()), code)
    }

    fn input(&self, name: &str) -> Option<&'s Input> {
        self.scheme.inputs.iter().find(|input| input.name == name)
    }

    fn characteristic(&self, name: &str) -> Option<&'s Characteristic> {
        self.scheme.characteristics.iter().find(|characteristic| characteristic.name == name)
    }

    /// A number: in English with commas between thousands.
    fn number(&self, decimal: Decimal) -> String {
        let text = decimal.normalize().to_string();
        if self.lang == Lang::Zh {
            return text;
        }
        let (sign, digits) = match text.strip_prefix('-') {
            Some(digits) => ("-", digits),
            None => ("", &*text),
        };
        let (whole, fraction) = match digits.split_once('.') {
            Some((whole, fraction)) => (whole, format!(".{fraction}")),
            None => (digits, String::new()),
        };
        let mut grouped = String::new();
        for (position, digit) in whole.chars().enumerate() {
            if position > 0 && (whole.len() - position).is_multiple_of(3) {
                grouped.push(',');
            }
            grouped.push(digit);
        }
        format!("{sign}{grouped}{fraction}")
    }

    /// So many points.
    fn points(&self, points: Decimal) -> String {
        let number = self.number(points);
        match self.lang {
            Lang::En if points.abs() == Decimal::ONE => format!("{number} point"),
            Lang::En => format!("{number} points"),
            Lang::Zh => format!("{number}分"),
        }
    }

    /// Sentences in a row, each with its full stop; empty ones are left out.
    fn sentences(&self, sentences: &[String]) -> String {
        let ends = |text: &str| text.ends_with(['.', '!', '?', '。', '！', '？', '…']);
        let stop = self.pick(".", "。");
        let ended: Vec<String> = sentences
            .iter()
            .filter(|sentence| !sentence.is_empty())
            .map(|sentence| if ends(sentence) { sentence.clone() } else { format!("{sentence}{stop}") })
            .collect();
        ended.join(self.pick(" ", ""))
    }
}
