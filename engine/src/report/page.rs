//! What every page has: its frame, its style, its tables.

use maud::{DOCTYPE, Markup, PreEscaped, html};
use serde::Deserialize;

use crate::document::text::Lang;

/// A text in both languages, of which one may be missing.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Titles {
    pub en: Option<String>,
    pub zh: Option<String>,
}

impl Titles {
    pub fn get(&self, lang: Lang) -> &str {
        let (first, second) = match lang {
            Lang::En => (&self.en, &self.zh),
            Lang::Zh => (&self.zh, &self.en),
        };
        first.as_deref().or(second.as_deref()).unwrap_or_default()
    }
}

/// Screen of any width, and A4. Text on paper has a contrast of 12 to 1, lesser text 7 to 1.
const STYLE: &str = "
:root{color-scheme:light}
body{font:16px/1.5 system-ui,'Noto Sans','Noto Sans CJK SC','PingFang SC','Microsoft YaHei',sans-serif;color:#1d2328;background:#fff;max-width:62rem;margin:0 auto;padding:1rem}
h1{font-size:1.7rem;line-height:1.2;margin:.2em 0}
h2{font-size:1.25rem;margin:2rem 0 .5rem;border-bottom:2px solid #d4d9dd;padding-bottom:.2rem}
h3{font-size:1.05rem;margin:1.2rem 0 .3rem}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.1rem 1rem;margin:.5rem 0}
dt{color:#4a5257}dd{margin:0;overflow-wrap:anywhere}
p{margin:.5rem 0;max-width:45rem}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.92rem;font-variant-numeric:tabular-nums}
.hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
th,td{padding:.25rem .6rem;border-bottom:1px solid #d4d9dd;text-align:left;vertical-align:top}
th{font-weight:600}td{overflow-wrap:break-word}
.n{text-align:right}td.n,.w{white-space:nowrap}
.tier{display:inline-block;width:.75rem;height:.75rem;margin-right:.4rem}
.less{color:#4a5257;font-size:.85em;white-space:nowrap}
.late{font-weight:600;color:#9c2a12}
svg{width:100%;min-width:30rem;height:auto;display:block;margin:.5rem 0}
svg text{font-size:14px}
@media print{@page{size:A4;margin:15mm}body{padding:0;font-size:10.5pt;max-width:none}h2,h3{break-after:avoid}tr,svg{break-inside:avoid}.scroll{overflow:visible}table{font-size:8.5pt}th,td{padding:.15rem .3rem;overflow-wrap:anywhere}td.n,.w,.less{white-space:normal}svg{min-width:0}}
";

/// A page: its title, its particulars below that, its sections.
pub fn page(lang: Lang, title: &str, particulars: &[(&str, String)], sections: Markup) -> Markup {
    let code = match lang {
        Lang::En => "en",
        Lang::Zh => "zh-Hans",
    };
    html! {
        (DOCTYPE)
        html lang=(code) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                // without it a browser asks the server for /favicon.ico
                link rel="icon" href="data:,";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                main {
                    h1 { (title) }
                    dl {
                        @for (name, value) in particulars {
                            dt { (name) }
                            dd { (value) }
                        }
                    }
                    (sections)
                }
            }
        }
    }
}

/// A section with its heading.
pub fn section(title: &str, content: Markup) -> Markup {
    html! {
        section {
            h2 { (title) }
            (content)
        }
    }
}

/// What a column holds: it decides how it is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// Sentences and names.
    Text,
    /// What is not broken: a date, a code.
    Word,
    /// Numbers.
    Figure,
}

impl Holds {
    fn class(self) -> Option<&'static str> {
        match self {
            Holds::Text => None,
            Holds::Word => Some("w"),
            Holds::Figure => Some("n"),
        }
    }
}

/// A column of a table: its heading, and what it holds.
pub type Column<'a> = (&'a str, Holds);

/// A plot, which scrolls by itself where the page is too narrow to read it.
pub fn plot(title: &str, plot: Markup) -> Markup {
    html! {
        div.scroll tabindex="0" role="group" aria-label=(title) { (plot) }
    }
}

/// A table whose first column names the row. It scrolls by itself where the page is narrower.
pub fn table(caption: &str, columns: &[Column], rows: &[Vec<Markup>]) -> Markup {
    html! {
        div.scroll tabindex="0" role="group" aria-label=(caption) {
            table {
                caption.hidden { (caption) }
                thead {
                    tr {
                        @for (title, holds) in columns {
                            th class=[holds.class()] scope="col" { (title) }
                        }
                    }
                }
                tbody {
                    @for row in rows {
                        tr {
                            @for (place, (cell, (_, holds))) in row.iter().zip(columns).enumerate() {
                                @if place == 0 {
                                    th class=[holds.class()] scope="row" { (cell) }
                                } @else {
                                    td class=[holds.class()] { (cell) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// A text of a cell; nothing for none.
pub fn cell(text: impl std::fmt::Display) -> Markup {
    html! { (text.to_string()) }
}

/// The code of a tier with its colour.
pub fn tier_mark(code: &str, colour: &str) -> Markup {
    html! {
        span.tier style=(format!("background:{colour}")) aria-hidden="true" {}
        (code)
    }
}
