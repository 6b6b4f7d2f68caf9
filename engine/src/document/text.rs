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
    /// The language of a code: `en` or `zh`.
    ///
    /// # Errors
    ///
    /// `InvalidValue` for any other code.
    pub fn parse(code: &str) -> Result<Lang> {
        match code {
            "en" => Ok(Lang::En),
            "zh" => Ok(Lang::Zh),
            _ => Err(Error::invalid(format!("unknown language {}", quoted(code)))
                .hint("Use 'en' for English or 'zh' for Chinese.")),
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
        assert!(Lang::parse("EN").is_err());
        assert_eq!(Lang::parse("zh").unwrap().code(), "zh");
    }
}
