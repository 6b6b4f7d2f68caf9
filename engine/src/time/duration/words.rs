//! Durations in words.

use super::{Offset, Period, ServiceTime, Units};
use crate::document::text::Lang;
use crate::time::clock::Clock;

/// A unit of time: English, Chinese with its measure word, the same in working time.
struct Unit {
    en: &'static str,
    zh: &'static str,
    working_en: &'static str,
    working_zh: &'static str,
}

const fn unit(en: &'static str, zh: &'static str) -> Unit {
    Unit { en, zh, working_en: en, working_zh: zh }
}

const YEAR: Unit = unit("year", "年");
const MONTH: Unit = unit("month", "个月");
const WEEK: Unit = unit("week", "周");
const DAY: Unit = Unit { en: "day", zh: "天", working_en: "working day", working_zh: "个工作日" };
const HOUR: Unit =
    Unit { en: "hour", zh: "小时", working_en: "working hour", working_zh: "个工作小时" };
const MINUTE: Unit = unit("minute", "分钟");
const SECOND: Unit = unit("second", "秒");

/// `1 year, 2 months and 3 days`, `1年2个月3天`; units that are zero are left out.
fn words(parts: &[(u32, Unit)], clock: Clock, lang: Lang) -> String {
    let words: Vec<String> = parts
        .iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, unit)| {
            let (en, zh) = match clock {
                Clock::Calendar => (unit.en, unit.zh),
                Clock::Working => (unit.working_en, unit.working_zh),
            };
            match lang {
                Lang::En => format!("{number} {en}{}", if *number == 1 { "" } else { "s" }),
                Lang::Zh => format!("{number}{zh}"),
            }
        })
        .collect();
    match (lang, words.split_last()) {
        (_, None) => String::new(),
        (Lang::Zh, _) => words.concat(),
        (Lang::En, Some((last, []))) => last.clone(),
        (Lang::En, Some((last, before))) => format!("{} and {last}", before.join(", ")),
    }
}

impl Units {
    fn words(&self, lang: Lang) -> String {
        let parts = [(self.years, YEAR), (self.months, MONTH), (self.weeks, WEEK), (self.days, DAY)];
        words(&parts, Clock::Calendar, lang)
    }
}

impl Period {
    /// The length in words: `15 days`, `15天`.
    pub fn words(&self, lang: Lang) -> String {
        self.units.words(lang)
    }

    /// The cadence in words: `every 15 days`, `每15天`; `every month`, `每月`.
    pub fn every(&self, lang: Lang) -> String {
        let Units { years, months, weeks, days } = self.units;
        let single = match (years, months, weeks, days) {
            (1, 0, 0, 0) => Some(("every year", "每年")),
            (0, 1, 0, 0) => Some(("every month", "每月")),
            (0, 0, 1, 0) => Some(("every week", "每周")),
            (0, 0, 0, 1) => Some(("every day", "每天")),
            _ => None,
        };
        match (lang, single) {
            (Lang::En, Some((en, _))) => en.to_owned(),
            (Lang::Zh, Some((_, zh))) => zh.to_owned(),
            (Lang::En, None) => format!("every {}", self.words(lang)),
            (Lang::Zh, None) => format!("每{}", self.words(lang)),
        }
    }
}

impl Offset {
    /// The day in words: `1 month after the day of grading`, `定级日后1个月`.
    pub fn words(&self, lang: Lang) -> String {
        let length = self.units.words(lang);
        match (lang, self.units.is_zero(), self.negative) {
            (Lang::En, true, _) => "the day of grading".to_owned(),
            (Lang::Zh, true, _) => "定级日".to_owned(),
            (Lang::En, _, false) => format!("{length} after the day of grading"),
            (Lang::En, _, true) => format!("{length} before the day of grading"),
            (Lang::Zh, _, false) => format!("定级日后{length}"),
            (Lang::Zh, _, true) => format!("定级日前{length}"),
        }
    }

    /// The length in words, if it lies after the as-of day.
    pub(crate) fn ahead(&self, lang: Lang) -> Option<String> {
        (!self.negative && !self.units.is_zero()).then(|| self.units.words(lang))
    }
}

impl ServiceTime {
    /// The length in words: `1 day and 2 hours`, `1天2小时`; on the working clock `4 working hours`,
    /// `4个工作小时`.
    pub fn words(&self, clock: Clock, lang: Lang) -> String {
        let parts = [(self.days, DAY), (self.hours, HOUR), (self.minutes, MINUTE), (self.seconds, SECOND)];
        let text = words(&parts, clock, lang);
        if clock == Clock::Calendar || self.days > 0 || self.hours > 0 {
            return text;
        }
        match lang {
            Lang::En => format!("{text} of working time"),
            Lang::Zh => format!("{text}工作时间"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods() {
        for (period, en, zh) in [
            ("P1D", "every day", "每天"),
            ("P7D", "every 7 days", "每7天"),
            ("P15D", "every 15 days", "每15天"),
            ("P1W", "every week", "每周"),
            ("P1M", "every month", "每月"),
            ("P1Y", "every year", "每年"),
            ("P1Y2M3D", "every 1 year, 2 months and 3 days", "每1年2个月3天"),
        ] {
            let period = Period::parse(period).unwrap();
            assert_eq!((&*period.every(Lang::En), &*period.every(Lang::Zh)), (en, zh));
        }
        assert_eq!(Period::parse("P1M").unwrap().words(Lang::Zh), "1个月");
    }

    #[test]
    fn offsets() {
        for (offset, en, zh) in [
            ("P0D", "the day of grading", "定级日"),
            ("P30D", "30 days after the day of grading", "定级日后30天"),
            ("-P1M", "1 month before the day of grading", "定级日前1个月"),
        ] {
            let offset = Offset::parse(offset).unwrap();
            assert_eq!((&*offset.words(Lang::En), &*offset.words(Lang::Zh)), (en, zh));
        }
    }

    #[test]
    fn service_times() {
        use Clock::{Calendar, Working};
        for (time, clock, en, zh) in [
            ("PT4H", Working, "4 working hours", "4个工作小时"),
            ("P1D", Working, "1 working day", "1个工作日"),
            ("P1DT2H", Working, "1 working day and 2 working hours", "1个工作日2个工作小时"),
            ("PT30M", Working, "30 minutes of working time", "30分钟工作时间"),
            ("P1DT2H", Calendar, "1 day and 2 hours", "1天2小时"),
            ("PT1H30M", Calendar, "1 hour and 30 minutes", "1小时30分钟"),
        ] {
            let time = ServiceTime::parse(time).unwrap();
            assert_eq!((&*time.words(clock, Lang::En), &*time.words(clock, Lang::Zh)), (en, zh));
        }
    }
}
