//! Text for people, in the languages of the project.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::document::quoted;
use crate::error::{Error, Result};

/// A language that texts may be in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Lang {
    /// English, `en`.
    #[default]
    En,
    /// Chinese, `zh`.
    Zh,
}

impl Lang {
    /// The language that a user means: `en` or `zh`, a locale of it such as `zh_CN`, `zh-Hans` or
    /// `en_US.UTF-8`, or its name: `English`, `Chinese`, `中文`. In upper or lower case.
    ///
    /// # Errors
    ///
    /// `InvalidValue` for any other text.
    pub fn parse(code: &str) -> Result<Lang> {
        let code = code.trim();
        let language = code.split(['_', '-', '.']).next().unwrap_or_default();
        match language.to_lowercase().as_str() {
            "en" | "english" => Ok(Lang::En),
            "zh" | "chinese" | "中文" | "汉语" | "简体中文" => Ok(Lang::Zh),
            _ => Err(Error::invalid(format!("unknown language {}", quoted(code)))
                .hint("Use 'en' for English or 'zh' for Chinese; 'en_US', 'zh_CN', 'zh-Hans' and '中文' will do, too.")),
        }
    }

    /// The code of the language, `en` or `zh`.
    pub fn code(self) -> &'static str {
        match self {
            Lang::En => "en",
            Lang::Zh => "zh",
        }
    }
}

/// A title or sentence in English, Chinese or both; never in neither.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("minProperties" = 1))]
pub struct Text {
    /// The English text.
    #[serde(skip_serializing_if = "Option::is_none")]
    en: Option<String>,
    /// The Chinese text.
    #[serde(skip_serializing_if = "Option::is_none")]
    zh: Option<String>,
}

impl Text {
    /// A text from its languages.
    ///
    /// # Errors
    ///
    /// `InvalidValue` if one is given but blank, or if none is given.
    pub fn new(en: Option<String>, zh: Option<String>) -> Result<Text> {
        for (code, text) in [("en", &en), ("zh", &zh)] {
            if text.as_ref().is_some_and(|t| t.trim().is_empty()) {
                return Err(Error::invalid(format!("the text in \"{code}\" is empty"))
                    .hint(format!("Write the text, or leave \"{code}\" out.")));
            }
        }
        if en.is_none() && zh.is_none() {
            return Err(Error::invalid("a text in no language")
                .hint("Write at least one of \"en\" and \"zh\", such as {\"en\": \"Key account\"}."));
        }
        Ok(Text { en, zh })
    }

    /// The text in `lang`, or in the other language if it is not there.
    pub fn get(&self, lang: Lang) -> &str {
        let (first, second) = match lang {
            Lang::En => (&self.en, &self.zh),
            Lang::Zh => (&self.zh, &self.en),
        };
        first.as_deref().or(second.as_deref()).unwrap_or_default()
    }

    /// The text in each of its languages.
    pub fn all(&self) -> impl Iterator<Item = &str> {
        [&self.en, &self.zh].into_iter().filter_map(|text| text.as_deref())
    }

    /// The text in `lang` only.
    pub fn exact(&self, lang: Lang) -> Option<&str> {
        match lang {
            Lang::En => self.en.as_deref(),
            Lang::Zh => self.zh.as_deref(),
        }
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Languages {
            en: Option<String>,
            zh: Option<String>,
        }
        let Languages { en, zh } = Languages::deserialize(deserializer)?;
        Text::new(en, zh).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{canonical, parse};

    #[test]
    fn falls_back_to_the_other_language() {
        let both: Text = parse("text", r#"{"en":"Key account","zh":"重点客户"}"#).unwrap();
        assert_eq!((both.get(Lang::En), both.get(Lang::Zh)), ("Key account", "重点客户"));
        let one: Text = parse("text", r#"{"zh":"重点客户"}"#).unwrap();
        assert_eq!((one.get(Lang::En), one.exact(Lang::En)), ("重点客户", None));
        assert_eq!(canonical(&one), r#"{"zh":"重点客户"}"#);
    }

    #[test]
    fn refuses_no_language_blank_text_and_other_languages() {
        let detail = |text| parse::<Text>("text", text).unwrap_err().detail.unwrap();
        assert_eq!(detail("{}"), "At $: a text in no language.");
        assert_eq!(detail(r#"{"en":" ","zh":"甲"}"#), "At $: the text in \"en\" is empty.");
        assert_eq!(detail(r#"{"fr":"x"}"#), "At $: unknown key \"fr\", expected \"en\" or \"zh\".");
    }

    #[test]
    fn a_language_has_many_names() {
        for code in [
            "zh",
            "zh_CN",
            "zh-Hans",
            "zh-CN",
            "zh_Hans_CN",
            "zh_CN.UTF-8",
            "中文",
            "简体中文",
            " ZH ",
            "Chinese",
        ] {
            assert_eq!(Lang::parse(code).unwrap(), Lang::Zh, "{code}");
        }
        for code in ["en", "EN", "en_US", "en-GB", "English"] {
            assert_eq!(Lang::parse(code).unwrap(), Lang::En, "{code}");
        }
        for code in ["", "_", "fr", "zhh", "e", "C", "en\0"] {
            assert!(Lang::parse(code).unwrap_err().hint.unwrap().contains("zh-Hans"), "{code:?}");
        }
        assert_eq!(Lang::parse("zh").unwrap().code(), "zh");
    }
}
