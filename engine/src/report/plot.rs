//! Plots as SVG, made of the few shapes that the reports need. Each has a title for those who do not see it, and stands
//! beside a table of the same figures.

use maud::{Markup, html};

/// One colour a tier, by its place: dark enough to be told from paper (WCAG 2.2, 1.4.11: 3 to 1).
/// Dashboards take them from here, see `integrations/superset/source/write.py`.
const COLOURS: [&str; 12] = [
    "#1b5e8c", "#2e7d4f", "#a8760c", "#b8502a", "#7a4fa3", "#3b7f7f", "#a33a5e", "#5b6b73", "#4b5fc0",
    "#6b7d1e", "#b0479e", "#8a5a3c",
];

/// The colour of whoever has no tier.
pub const NO_TIER: &str = "#7d8287";

/// The colour of the tier at a place, counted from 0, in every plot and table.
pub fn colour(place: usize) -> &'static str {
    COLOURS[place % COLOURS.len()]
}

/// A part of a whole.
#[derive(Debug, Clone)]
pub struct Part<'a> {
    /// What it is called.
    pub label: &'a str,
    /// Its colour.
    pub colour: &'static str,
    /// How large it is; not negative.
    pub size: f64,
}

const WIDTH: f64 = 720.0;

/// Parts beside each other, as long as they are large.
pub fn stacked_bar(title: &str, parts: &[Part]) -> Markup {
    const HEIGHT: f64 = 34.0;
    /// A part that is narrower has no room for a label.
    const LABELLED: f64 = 34.0;
    let total: f64 = parts.iter().map(|part| part.size).sum();
    let mut left = 0.0;
    let placed: Vec<(f64, f64, &Part)> = parts
        .iter()
        .filter(|part| part.size > 0.0)
        .map(|part| {
            let width = WIDTH * part.size / total;
            left += width;
            (left - width, width, part)
        })
        .collect();
    html! {
        svg viewBox=(format!("0 0 {WIDTH} {HEIGHT}")) role="img" aria-label=(title) {
            @for (left, width, part) in placed {
                rect x=(round(left)) y="0" width=(round(width)) height=(HEIGHT) fill=(part.colour) {}
                @if width >= LABELLED.max(9.0 * part.label.chars().count() as f64) {
                    text x=(round(left + width / 2.0)) y="22" text-anchor="middle" fill="#fff" { (part.label) }
                }
            }
        }
    }
}

/// A flow from one part of the left column to one of the right.
#[derive(Debug, Clone, Copy)]
pub struct Flow {
    /// Place in the left column.
    pub from: usize,
    /// Place in the right column.
    pub to: usize,
    /// How much; positive.
    pub size: f64,
}

/// Two columns of parts, and bands between them as wide as what went from one to the other.
pub fn flows(title: &str, left: &[Part], right: &[Part], flows: &[Flow]) -> Markup {
    const HEIGHT: f64 = 320.0;
    const GAP: f64 = 8.0;
    const COLUMN: f64 = 16.0;
    const MARGIN: f64 = 150.0;
    let total: f64 =
        left.iter().map(|part| part.size).sum::<f64>().max(right.iter().map(|part| part.size).sum());
    let gaps = GAP * left.len().max(right.len()) as f64;
    let scale = (HEIGHT - gaps) / total;
    let tops = |parts: &[Part]| -> Vec<f64> {
        let mut top = GAP / 2.0;
        parts
            .iter()
            .map(|part| {
                let at = top;
                top += part.size * scale + if part.size > 0.0 { GAP } else { 0.0 };
                at
            })
            .collect()
    };
    let (left_tops, right_tops) = (tops(left), tops(right));
    let (mut left_used, mut right_used) = (left_tops.clone(), right_tops.clone());
    let (start, end) = (MARGIN + COLUMN, WIDTH - MARGIN - COLUMN);
    let middle = (start + end) / 2.0;
    let mut sorted = flows.to_vec();
    sorted.sort_by_key(|flow| (flow.from, flow.to));
    let bands: Vec<(String, &'static str)> = sorted
        .iter()
        .map(|flow| {
            let width = flow.size * scale;
            let (from, to) = (left_used[flow.from], right_used[flow.to]);
            left_used[flow.from] += width;
            right_used[flow.to] += width;
            let path = format!(
                "M{start} {} C{middle} {} {middle} {} {end} {} L{end} {} C{middle} {} {middle} {} {start} {} Z",
                round(from),
                round(from),
                round(to),
                round(to),
                round(to + width),
                round(to + width),
                round(from + width),
                round(from + width)
            );
            (path, left[flow.from].colour)
        })
        .collect();
    let column = |parts: &[Part], tops: &[f64], x: f64, text: f64, anchor: &'static str| -> Markup {
        html! {
            @for (part, top) in parts.iter().zip(tops) {
                @if part.size > 0.0 {
                    rect x=(x) y=(round(*top)) width=(COLUMN) height=(round((part.size * scale).max(1.0))) fill=(part.colour) {}
                    text x=(text) y=(round(top + part.size * scale / 2.0 + 5.0)) text-anchor=(anchor) { (part.label) }
                }
            }
        }
    };
    html! {
        svg viewBox=(format!("0 0 {WIDTH} {HEIGHT}")) role="img" aria-label=(title) {
            @for (path, colour) in bands {
                path d=(path) fill=(colour) fill-opacity="0.35" {}
            }
            (column(left, &left_tops, MARGIN, MARGIN - 8.0, "end"))
            (column(right, &right_tops, WIDTH - MARGIN - COLUMN, WIDTH - MARGIN + 8.0, "start"))
        }
    }
}

/// An estimate with its interval.
#[derive(Debug, Clone)]
pub struct Estimate<'a> {
    /// Of what.
    pub label: &'a str,
    /// Its colour.
    pub colour: &'static str,
    /// The estimate.
    pub value: f64,
    /// The lower end of its interval.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// Estimates below each other, with their intervals, on one scale on which nothing (0) is a line.
pub fn intervals(title: &str, nothing: &str, estimates: &[Estimate]) -> Markup {
    const ROW: f64 = 30.0;
    const MARGIN: f64 = 130.0;
    let least = estimates.iter().fold(0.0_f64, |least, estimate| least.min(estimate.low));
    let most = estimates.iter().fold(0.0_f64, |most, estimate| most.max(estimate.high));
    // Halves: between the largest numbers of both signs there is more than any number.
    let span = if most > least { most / 2.0 - least / 2.0 } else { 1.0 };
    let x = |value: f64| round(MARGIN + (WIDTH - MARGIN - 20.0) * ((value / 2.0 - least / 2.0) / span));
    let height = ROW * estimates.len() as f64 + 24.0;
    html! {
        svg viewBox=(format!("0 0 {WIDTH} {height}")) role="img" aria-label=(title) {
            line x1=(x(0.0)) x2=(x(0.0)) y1="0" y2=(height - 20.0) stroke="#444" stroke-dasharray="3 3" {}
            text x=(x(0.0)) y=(height - 5.0) text-anchor="middle" { (nothing) }
            @for (place, estimate) in estimates.iter().enumerate() {
                @let y = ROW * place as f64 + ROW / 2.0;
                text x=(MARGIN - 12.0) y=(y + 5.0) text-anchor="end" { (estimate.label) }
                line x1=(x(estimate.low)) x2=(x(estimate.high)) y1=(y) y2=(y) stroke=(estimate.colour) stroke-width="3" {}
                circle cx=(x(estimate.value)) cy=(y) r="6" fill=(estimate.colour) {}
            }
        }
    }
}

/// Coordinates need no more digits.
fn round(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}
