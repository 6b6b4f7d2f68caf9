//! The report of a program.

use std::collections::BTreeMap;

use maud::{Markup, html};
use serde::Deserialize;

use super::figure::{difference, measured, number, percent};
use super::page::Holds::{Figure, Text, Word};
use super::page::{Titles, cell, page, plot, section, table, tier_mark};
use super::plot::{Estimate, Flow, NO_TIER, Part, colour, flows, intervals, stacked_bar};
use super::words::Words;
use crate::document::text::Lang;

/// What the report of a program shows.
#[derive(Debug, Deserialize)]
pub struct Program {
    program: String,
    scheme: Titles,
    version: i64,
    source: String,
    from: String,
    until: String,
    made_at: String,
    zone: String,
    tiers: Vec<Tier>,
    movements: Vec<Movement>,
    owners: Vec<Owner>,
    due: Vec<Due>,
    due_in_all: i64,
    scorecard: Vec<Measured>,
    held_out: bool,
    effects: Vec<Effect>,
}

/// A tier, best first; the ungraded have none.
#[derive(Debug, Deserialize)]
struct Tier {
    tier: Option<String>,
    title: Titles,
    customers: i64,
    by_hand: i64,
    #[serde(default)]
    strategy: Titles,
}

/// How many went from where to where; who was not there has no place.
#[derive(Debug, Deserialize)]
struct Movement {
    from: Place,
    to: Place,
    customers: i64,
}

/// Where a customer is.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Place {
    Tier(String),
    Ungraded,
    NotThere,
}

#[derive(Debug, Deserialize)]
struct Owner {
    owner: Option<String>,
    customers: i64,
    overdue: i64,
    today: i64,
    week: i64,
    never: i64,
    latest: i64,
}

#[derive(Debug, Deserialize)]
struct Due {
    owner: Option<String>,
    customer: String,
    tier: String,
    due: String,
    days: i64,
    last: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Measured {
    measure: String,
    title: Titles,
    unit: String,
    tier: Option<String>,
    value: Option<f64>,
    previous: Option<f64>,
    target: Option<f64>,
    /// Whether more of it is better; nobody says so of most.
    #[serde(default)]
    less_is_better: bool,
}

#[derive(Debug, Deserialize)]
struct Effect {
    title: Titles,
    unit: String,
    tier: String,
    n_treated: i64,
    n_held_out: i64,
    difference: Option<f64>,
    low: Option<f64>,
    high: Option<f64>,
    detectable: Option<f64>,
}

impl Program {
    pub(super) fn page(&self, lang: Lang) -> Markup {
        let words = Words::of(lang);
        let particulars = [
            (words.program, format!("{} · {} ({})", self.program, self.scheme.get(lang), self.version)),
            (words.source, self.source.clone()),
            (words.period, format!("{} – {} ({})", self.from, self.until, words.until_excluded)),
            (words.made, format!("{} {}", self.made_at, self.zone)),
        ];
        let sections = html! {
            (section(words.mix, self.mix(lang)))
            (section(words.movement, self.movement(lang)))
            (section(words.due_lists, self.due_lists(lang)))
            (section(words.scorecard, self.scorecard(lang)))
            (section(words.effect, self.effects(lang)))
        };
        page(lang, &format!("{} · {}", words.program, self.program), &particulars, sections)
    }

    /// The colour of a tier: by its place among those of the scheme.
    fn colour(&self, code: &str) -> &'static str {
        self.tiers.iter().position(|tier| tier.tier.as_deref() == Some(code)).map_or(NO_TIER, colour)
    }

    fn mark(&self, code: Option<&str>, lang: Lang) -> Markup {
        match code {
            Some(code) => tier_mark(code, self.colour(code)),
            None => tier_mark(Words::of(lang).ungraded, NO_TIER),
        }
    }

    fn mix(&self, lang: Lang) -> Markup {
        let words = Words::of(lang);
        let all: i64 = self.tiers.iter().map(|tier| tier.customers).sum();
        if all == 0 {
            return html! { p { (words.nobody_yet) } };
        }
        let share = |customers: i64| customers as f64 / all as f64;
        let parts: Vec<Part> = self
            .tiers
            .iter()
            .map(|tier| Part {
                label: tier.tier.as_deref().unwrap_or(words.ungraded),
                colour: tier.tier.as_deref().map_or(NO_TIER, |code| self.colour(code)),
                size: tier.customers as f64,
            })
            .collect();
        let mut rows: Vec<Vec<Markup>> = self
            .tiers
            .iter()
            .map(|tier| {
                vec![
                    self.mark(tier.tier.as_deref(), lang),
                    cell(tier.title.get(lang)),
                    cell(number(tier.customers as f64, 0)),
                    cell(percent(share(tier.customers), lang)),
                    cell(number(tier.by_hand as f64, 0)),
                ]
            })
            .collect();
        let by_hand: i64 = self.tiers.iter().map(|tier| tier.by_hand).sum();
        rows.push(vec![
            cell(words.all),
            cell(""),
            cell(number(all as f64, 0)),
            cell(percent(1.0, lang)),
            cell(number(by_hand as f64, 0)),
        ]);
        html! {
            (plot(words.mix, stacked_bar(words.mix, &parts)))
            (table(words.mix, &[(words.tier, Text), (words.title, Text), (words.customers, Figure), (words.share, Figure), (words.by_hand, Figure)], &rows))
        }
    }

    fn movement(&self, lang: Lang) -> Markup {
        let words = Words::of(lang);
        if self.movements.is_empty() {
            return html! { p { (words.nothing_moved) } };
        }
        // the tiers in their order, then who has none, then who is not there
        let mut places: Vec<Place> =
            self.tiers.iter().filter_map(|tier| tier.tier.clone()).map(Place::Tier).collect();
        for movement in &self.movements {
            for place in [&movement.from, &movement.to] {
                if matches!(place, Place::Tier(_)) && !places.contains(place) {
                    places.push(place.clone());
                }
            }
        }
        places.extend([Place::Ungraded, Place::NotThere]);
        let find = |place: &Place| places.iter().position(|known| known == place).unwrap_or_default();
        let name = |place: &Place| match place {
            Place::Tier(code) => code.clone(),
            Place::Ungraded => words.ungraded.to_owned(),
            Place::NotThere => words.not_there.to_owned(),
        };
        let sum = |counts: &dyn Fn(&Movement) -> bool| -> f64 {
            self.movements
                .iter()
                .filter(|movement| counts(movement))
                .map(|movement| movement.customers as f64)
                .sum()
        };
        let names: Vec<String> = places.iter().map(name).collect();
        let column = |size: &dyn Fn(&Place) -> f64| -> Vec<Part> {
            places
                .iter()
                .zip(&names)
                .map(|(place, label)| Part {
                    label,
                    colour: match place {
                        Place::Tier(code) => self.colour(code),
                        _ => NO_TIER,
                    },
                    size: size(place),
                })
                .collect()
        };
        let left = column(&|place| sum(&|movement| movement.from == *place));
        let right = column(&|place| sum(&|movement| movement.to == *place));
        let bands: Vec<Flow> = self
            .movements
            .iter()
            .map(|movement| Flow {
                from: find(&movement.from),
                to: find(&movement.to),
                size: movement.customers as f64,
            })
            .collect();
        let mut columns = vec![(words.from, Text)];
        let reached: Vec<usize> = (0..places.len()).filter(|place| right[*place].size > 0.0).collect();
        columns.extend(reached.iter().map(|place| (names[*place].as_str(), Figure)));
        let rows: Vec<Vec<Markup>> = places
            .iter()
            .enumerate()
            .filter(|(place, _)| left[*place].size > 0.0)
            .map(|(_, from)| {
                let mut row = vec![match from {
                    Place::Tier(code) => self.mark(Some(code), lang),
                    other => cell(name(other)),
                }];
                row.extend(reached.iter().map(|to| {
                    let customers = sum(&|movement| movement.from == *from && movement.to == places[*to]);
                    cell(if customers == 0.0 { String::new() } else { number(customers, 0) })
                }));
                row
            })
            .collect();
        html! {
            (plot(words.movement, flows(words.movement, &left, &right, &bands)))
            (table(&format!("{} → {}", words.from, words.to), &columns, &rows))
        }
    }

    fn due_lists(&self, lang: Lang) -> Markup {
        let words = Words::of(lang);
        if self.owners.is_empty() {
            return html! { p { (words.nothing_due) } };
        }
        let owner_name = |owner: &Option<String>| owner.clone().unwrap_or_else(|| words.nobody.to_owned());
        let rows: Vec<Vec<Markup>> = self
            .owners
            .iter()
            .map(|owner| {
                let mut row = vec![cell(owner_name(&owner.owner))];
                row.extend(
                    [owner.customers, owner.overdue, owner.today, owner.week, owner.never, owner.latest]
                        .map(|count| cell(number(count as f64, 0))),
                );
                row
            })
            .collect();
        let mut lists: Vec<(&Option<String>, Vec<&Due>)> = Vec::new();
        for due in &self.due {
            match lists.last_mut() {
                Some((owner, list)) if **owner == due.owner => list.push(due),
                _ => lists.push((&due.owner, vec![due])),
            }
        }
        let left_out = self.due_in_all - self.due.len() as i64;
        let strategies: Vec<Vec<Markup>> = self
            .tiers
            .iter()
            .filter(|tier| !tier.strategy.get(lang).is_empty())
            .map(|tier| vec![self.mark(tier.tier.as_deref(), lang), cell(tier.strategy.get(lang))])
            .collect();
        html! {
            (table(words.due_lists, &[(words.owner, Text), (words.customers, Figure), (words.overdue, Figure), (words.today, Figure), (words.week, Figure), (words.never, Figure), (words.latest, Figure)], &rows))
            @for (owner, list) in lists {
                h3 { (owner_name(owner)) }
                (table(&format!("{}: {}", words.due_lists, owner_name(owner)),
                    &[(words.customer, Text), (words.tier, Word), (words.due, Word), (words.days, Figure), (words.last_contact, Word)],
                    &list.iter().map(|due| vec![
                        cell(&due.customer),
                        self.mark(Some(&due.tier), lang),
                        cell(&due.due),
                        html! { span.late[due.days > 0] { (due.days) } },
                        cell(due.last.as_deref().unwrap_or("–")),
                    ]).collect::<Vec<_>>()))
            }
            @if left_out > 0 {
                p { (words.more) ": " (number(left_out as f64, 0)) }
            }
            @if !strategies.is_empty() {
                h3 { (words.strategy) }
                (table(words.strategy, &[(words.tier, Word), (words.strategy, Text)], &strategies))
            }
        }
    }

    fn scorecard(&self, lang: Lang) -> Markup {
        let words = Words::of(lang);
        // one row a measure, in the order in which they come; one column a tier
        let mut measures: Vec<&Measured> = Vec::new();
        let mut cells: BTreeMap<(&str, Option<&str>), &Measured> = BTreeMap::new();
        for measured in &self.scorecard {
            if measured.value.is_none() {
                continue;
            }
            if !measures.iter().any(|known| known.measure == measured.measure) {
                measures.push(measured);
            }
            cells.insert((&measured.measure, measured.tier.as_deref()), measured);
        }
        if measures.is_empty() {
            return html! { p { (words.no_measures) } };
        }
        let mut tiers: Vec<Option<&str>> = self.tiers.iter().map(|tier| tier.tier.as_deref()).collect();
        tiers.push(Some("all"));
        tiers.retain(|tier| cells.keys().any(|(_, known)| known == tier));
        let mut columns = vec![(words.measure, Text)];
        columns.extend(tiers.iter().map(|tier| match tier {
            Some("all") => (words.all, Figure),
            Some(code) => (*code, Figure),
            None => (words.ungraded, Figure),
        }));
        let rows: Vec<Vec<Markup>> = measures
            .iter()
            .map(|measure| {
                let mut row = vec![cell(measure.title.get(lang))];
                row.extend(tiers.iter().map(|tier| {
                    cells
                        .get(&(measure.measure.as_str(), *tier))
                        .map_or_else(|| cell("–"), |found| found.cell(lang))
                }));
                row
            })
            .collect();
        html! {
            p { (words.against_previous) }
            (table(words.scorecard, &columns, &rows))
        }
    }

    fn effects(&self, lang: Lang) -> Markup {
        let words = Words::of(lang);
        if !self.held_out {
            return html! { p { (words.no_hold_out) } };
        }
        let mut groups: Vec<(&Titles, Vec<&Effect>)> = Vec::new();
        for effect in &self.effects {
            match groups.last_mut() {
                Some((title, group)) if title.en == effect.title.en => group.push(effect),
                _ => groups.push((&effect.title, vec![effect])),
            }
        }
        html! {
            @for (title, group) in groups {
                h3 { (title.get(lang)) }
                @let plotted: Vec<Estimate> = group.iter().filter_map(|effect| Some(Estimate {
                    label: if effect.tier == "all" { words.all } else { &effect.tier },
                    colour: self.colour(&effect.tier),
                    value: effect.difference?,
                    low: effect.low?,
                    high: effect.high?,
                })).collect();
                @if !plotted.is_empty() {
                    @let caption = format!("{}: {}", words.difference, title.get(lang));
                    (plot(&caption, intervals(&caption, words.no_difference, &plotted)))
                }
                (table(title.get(lang),
                    &[(words.tier, Text), (words.with, Figure), (words.without, Figure), (words.difference, Figure), (words.interval, Figure), (words.detectable, Figure)],
                    &group.iter().map(|effect| effect.row(self, lang)).collect::<Vec<_>>()))
            }
        }
    }
}

impl Measured {
    fn cell(&self, lang: Lang) -> Markup {
        let words = Words::of(lang);
        let Some(value) = self.value else { return cell("–") };
        html! {
            (measured(value, &self.unit, lang))
            @if let Some(target) = self.target {
                @let met = if self.less_is_better { value <= target } else { value >= target };
                " "
                span title=(format!("{} {}", words.target, measured(target, &self.unit, lang))) { (if met { "✓" } else { "✗" }) }
            }
            @if let Some(previous) = self.previous {
                br;
                span.less {
                    (match value.total_cmp(&previous) {
                        std::cmp::Ordering::Greater => "▲",
                        std::cmp::Ordering::Less => "▼",
                        std::cmp::Ordering::Equal => "=",
                    })
                    " " (words.previous) " " (measured(previous, &self.unit, lang))
                }
            }
        }
    }
}

impl Effect {
    fn row(&self, program: &Program, lang: Lang) -> Vec<Markup> {
        let words = Words::of(lang);
        let shown = |value: Option<f64>| {
            value.map_or_else(|| "–".to_owned(), |value| difference(value, &self.unit, lang))
        };
        vec![
            if self.tier == "all" { cell(words.all) } else { program.mark(Some(&self.tier), lang) },
            cell(number(self.n_treated as f64, 0)),
            cell(number(self.n_held_out as f64, 0)),
            cell(shown(self.difference)),
            cell(match (self.low, self.high) {
                (Some(_), Some(_)) => format!("{} … {}", shown(self.low), shown(self.high)),
                _ => "–".to_owned(),
            }),
            cell(self.detectable.map_or_else(|| "–".to_owned(), |value| measured(value, &self.unit, lang))),
        ]
    }
}
