//! The report of one customer.

use maud::{Markup, html};
use serde::Deserialize;

use super::page::Holds::{Text, Word};
use super::page::{Titles, cell, page, section, table, tier_mark};
use super::plot::{NO_TIER, colour};
use super::words::Words;
use crate::document::text::Lang;
use crate::scheme::vocabulary::label;

/// What the report of a customer shows.
#[derive(Debug, Deserialize)]
pub struct Customer {
    program: String,
    customer: String,
    scheme: Titles,
    made_at: String,
    zone: String,
    tier: Option<String>,
    title: Titles,
    since: Option<String>,
    by_hand: Option<String>,
    owner: Option<String>,
    last: Option<String>,
    due: Option<String>,
    strategy: Titles,
    /// Missing where the source cannot be read or does not know the customer any more.
    explanation: Option<Explanation>,
    history: Vec<Change>,
    events: Vec<Event>,
    promises: Vec<Promise>,
}

#[derive(Debug, Deserialize)]
struct Explanation {
    inputs: Vec<Input>,
    rule: Option<Titles>,
    score: Option<String>,
    reasons: Vec<Titles>,
    nearest: Option<Nearest>,
}

#[derive(Debug, Deserialize)]
struct Input {
    title: Titles,
    value: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Nearest {
    tier: String,
    title: Titles,
    now: Option<String>,
    needs: String,
}

#[derive(Debug, Deserialize)]
struct Change {
    since: String,
    tier: Option<String>,
    /// Place of the tier among those of the scheme, from 1.
    rank: Option<usize>,
    reason: Option<String>,
    cause: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Event {
    at: String,
    kind: Titles,
    content: Titles,
    by_whom: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Promise {
    promise: String,
    promised_for: String,
    status: String,
}

impl Customer {
    pub(super) fn page(&self, lang: Lang) -> Markup {
        let words = Words::of(lang);
        let or_none = |text: &Option<String>| text.clone().unwrap_or_else(|| "–".to_owned());
        let tier = match &self.tier {
            Some(tier) => format!("{tier} · {}", self.title.get(lang)),
            None => words.ungraded.to_owned(),
        };
        let mut particulars = vec![
            (words.program, format!("{} · {}", self.program, self.scheme.get(lang))),
            (words.in_force, tier),
            (words.since, or_none(&self.since)),
        ];
        if let Some(reason) = &self.by_hand {
            particulars.push((words.by_hand, reason.clone()));
        }
        particulars.extend([
            (words.owner, self.owner.clone().unwrap_or_else(|| words.nobody.to_owned())),
            (words.last_contact, or_none(&self.last)),
            (words.next_due, or_none(&self.due)),
            (words.strategy, self.strategy.get(lang).to_owned()),
            (words.made, format!("{} {}", self.made_at, self.zone)),
        ]);
        particulars.retain(|(_, value)| !value.is_empty());
        let sections = html! {
            @if let Some(explanation) = &self.explanation {
                (section(words.why, explanation.section(lang)))
            }
            (section(words.history, self.history(lang)))
            (section(words.promises, self.promises(lang)))
            (section(words.contacts, self.events(lang)))
        };
        page(lang, &format!("{} · {}", words.customer, self.customer), &particulars, sections)
    }

    fn history(&self, lang: Lang) -> Markup {
        let words = Words::of(lang);
        let rows: Vec<Vec<Markup>> = self
            .history
            .iter()
            .map(|change| {
                let code =
                    |code: &Option<String>| code.as_deref().map(|code| label(code, lang)).unwrap_or_default();
                vec![
                    cell(&change.since),
                    match &change.tier {
                        Some(tier) => tier_mark(
                            tier,
                            change.rank.map_or(NO_TIER, |rank| colour(rank.saturating_sub(1))),
                        ),
                        None => cell("–"),
                    },
                    cell(code(&change.reason)),
                    cell(code(&change.cause)),
                ]
            })
            .collect();
        let columns = [(words.since, Word), (words.tier, Text), (words.reason, Text), (words.cause, Text)];
        table_or_none(words.history, &columns, &rows, words)
    }

    fn promises(&self, lang: Lang) -> Markup {
        let words = Words::of(lang);
        let rows: Vec<Vec<Markup>> = self
            .promises
            .iter()
            .map(|promise| {
                vec![cell(&promise.promise), cell(&promise.promised_for), cell(label(&promise.status, lang))]
            })
            .collect();
        let columns = [(words.promise, Text), (words.promised_for, Word), (words.status, Text)];
        table_or_none(words.promises, &columns, &rows, words)
    }

    fn events(&self, lang: Lang) -> Markup {
        let words = Words::of(lang);
        let rows: Vec<Vec<Markup>> = self
            .events
            .iter()
            .map(|event| {
                vec![
                    cell(&event.at),
                    cell(event.kind.get(lang)),
                    cell(event.content.get(lang)),
                    cell(event.by_whom.as_deref().unwrap_or_default()),
                ]
            })
            .collect();
        let columns = [(words.when, Word), (words.kind, Text), (words.content, Text), (words.by_whom, Text)];
        table_or_none(words.contacts, &columns, &rows, words)
    }
}

impl Explanation {
    fn section(&self, lang: Lang) -> Markup {
        let words = Words::of(lang);
        let rows: Vec<Vec<Markup>> = self
            .inputs
            .iter()
            .map(|input| {
                vec![cell(input.title.get(lang)), cell(input.value.as_deref().unwrap_or(words.missing))]
            })
            .collect();
        html! {
            @if let Some(rule) = &self.rule {
                p { (rule.get(lang)) }
            }
            dl {
                @if let Some(score) = &self.score {
                    dt { (words.score) }
                    dd { (score) }
                }
                @if !self.reasons.is_empty() {
                    dt { (words.reasons) }
                    dd { (self.reasons.iter().map(|reason| reason.get(lang)).collect::<Vec<_>>().join(", ")) }
                }
                @if let Some(nearest) = &self.nearest {
                    dt { (words.nearest_up) }
                    dd {
                        (nearest.tier) ": " (nearest.title.get(lang)) " " (nearest.now.as_deref().unwrap_or(words.missing)) " → " (nearest.needs)
                    }
                }
            }
            (table(words.why, &[(words.input, Text), (words.value, Text)], &rows))
        }
    }
}

fn table_or_none(
    caption: &str,
    columns: &[super::page::Column],
    rows: &[Vec<Markup>],
    words: &Words,
) -> Markup {
    if rows.is_empty() {
        return html! { p { (words.none) } };
    }
    table(caption, columns, rows)
}
