//! Periods in words.

use super::{RelativePeriod, Unit};
use crate::document::text::Lang;

impl Unit {
    /// What one of them is called: `fiscal quarter`, `财季`.
    pub fn every(self, fiscal: bool, lang: Lang) -> &'static str {
        match (self, fiscal, lang) {
            (Unit::Year, false, Lang::En) => "year",
            (Unit::Quarter, false, Lang::En) => "quarter",
            (Unit::Month, false, Lang::En) => "month",
            (Unit::Year, true, Lang::En) => "fiscal year",
            (Unit::Quarter, true, Lang::En) => "fiscal quarter",
            (Unit::Month, true, Lang::En) => "fiscal month",
            (Unit::Year, false, Lang::Zh) => "年度",
            (Unit::Quarter, false, Lang::Zh) => "季度",
            (Unit::Month, false, Lang::Zh) => "月份",
            (Unit::Year, true, Lang::Zh) => "财年",
            (Unit::Quarter, true, Lang::Zh) => "财季",
            (Unit::Month, true, Lang::Zh) => "财月",
        }
    }
}

impl RelativePeriod {
    /// The period in words: `this fiscal quarter`, `本财季`; `the 4 quarters before this one`, `前4个季度`.
    pub fn words(&self, lang: Lang) -> String {
        let unit = self.unit.every(self.fiscal, lang);
        let number = self.number();
        match (lang, self.side(), number) {
            (Lang::En, std::cmp::Ordering::Equal, _) => format!("this {unit}"),
            (Lang::En, std::cmp::Ordering::Less, 1) => format!("the {unit} before this one"),
            (Lang::En, std::cmp::Ordering::Less, _) => format!("the {number} {unit}s before this one"),
            (Lang::En, std::cmp::Ordering::Greater, 1) => format!("the {unit} after this one"),
            (Lang::En, std::cmp::Ordering::Greater, _) => format!("the {number} {unit}s after this one"),
            (Lang::Zh, std::cmp::Ordering::Equal, _) => format!("本{unit}"),
            (Lang::Zh, std::cmp::Ordering::Less, 1) => format!("上一{unit}"),
            (Lang::Zh, std::cmp::Ordering::Less, _) => format!("前{number}个{unit}"),
            (Lang::Zh, std::cmp::Ordering::Greater, 1) => format!("下一{unit}"),
            (Lang::Zh, std::cmp::Ordering::Greater, _) => format!("后{number}个{unit}"),
        }
    }
}
