//! Random schemes and rows. Every choice is read from a tape of numbers, so that proptest shrinks the
//! tape: zeros are the simplest choices.

use super::oracle::Cell;
use customer_tiering_engine::Scheme;
use customer_tiering_engine::scheme::InputType;
use jiff::civil::{Date, date};
use rust_decimal::Decimal;
use serde_json::{Map, Value as Json, json};

pub struct Tape {
    choices: Vec<u16>,
    at: usize,
}

impl Tape {
    pub fn new(choices: Vec<u16>) -> Self {
        Tape { choices, at: 0 }
    }

    /// One of `0..n`; 0 when the tape has run out.
    pub fn pick(&mut self, n: usize) -> usize {
        let choice = self.choices.get(self.at).copied().unwrap_or(0);
        self.at += 1;
        usize::from(choice) % n
    }

    fn one<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.pick(of.len())].clone()
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.pick(100) >= 100 - percent
    }

    /// Up to `most` different numbers of `0..n`, ascending.
    fn some(&mut self, n: usize, most: usize) -> Vec<usize> {
        let count = self.pick(most + 1);
        let mut chosen: Vec<usize> = (0..count).map(|_| self.pick(n)).collect();
        chosen.sort_unstable();
        chosen.dedup();
        chosen
    }
}

/// The day from which relative dates are counted in most tests.
pub const AS_OF: Date = date(2024, 2, 29);

const TEXTS: [&str; 5] = ["a", "b", "A", "", "甲"];
const TIERS: usize = 6;

fn json_number(decimal: Decimal) -> Json {
    Json::Number(decimal.to_string().parse().unwrap())
}

/// The points at which numbers are cut, ascending: negative, fractional and tiny ones among them.
fn number_at(place: usize) -> Decimal {
    const POINTS: [&str; 16] = [
        "-1000",
        "-3",
        "-2.5",
        "-0.000000000001",
        "0",
        "0.000000000001",
        "0.1",
        "0.3",
        "1",
        "1.5",
        "2",
        "3",
        "3.14",
        "4",
        "99.99",
        "1234567.89",
    ];
    POINTS[place % POINTS.len()].parse().unwrap()
}

fn date_at(place: usize) -> &'static str {
    [
        "-P1Y",
        "-P3M",
        "-P1M",
        "-P7D",
        "P0D",
        "P1D",
        "P1M",
        "P2M",
        "P1Y",
        "2020-02-29",
        "2024-02-28",
        "2024-02-29",
        "2025-01-01",
    ][place % 13]
}

/// Words for periods: of the calendar and of the fiscal year.
const PERIODS: [&str; 10] = [
    "this_year",
    "last_quarter",
    "this_month",
    "next_2_months",
    "last_2_quarters",
    "this_fiscal_year",
    "last_fiscal_year",
    "this_fiscal_quarter",
    "next_fiscal_month",
    "last_3_fiscal_months",
];

struct Field {
    name: String,
    kind: &'static str,
    allowed: Vec<Json>,
    null: bool,
}

fn field(tape: &mut Tape, index: usize) -> (Field, Json) {
    let kind = tape.one(&["number", "integer", "text", "boolean", "date"]);
    let name = format!("x{index}");
    let mut document = json!({"name": name, "type": kind});
    let mut allowed = Vec::new();
    if matches!(kind, "number" | "integer" | "text") && tape.chance(40) {
        allowed = match kind {
            "number" => vec![json!(1), json_number(number_at(6)), json!(-3)],
            "integer" => vec![json!(1), json!(2), json!(5)],
            _ => vec![json!("a"), json!("b"), json!("甲")],
        };
        document["allowed"] = json!(allowed);
    }
    let missing = tape.pick(6);
    match missing {
        3 => document["missing"] = json!("error"),
        4 => {
            let default = match (allowed.first(), kind) {
                (Some(first), _) => first.clone(),
                (None, "number") => json_number(number_at(tape.pick(16))),
                (None, "integer") => json!(tape.pick(4)),
                (None, "text") => json!(tape.one(&TEXTS)),
                (None, "boolean") => json!(tape.chance(50)),
                (None, _) => json!("2024-02-28"),
            };
            document["missing"] = json!({"default": default});
        }
        1 | 5 => document["missing"] = json!("null"),
        _ => {}
    }
    (Field { name, kind, allowed, null: matches!(missing, 1 | 5) }, document)
}

/// Bounds of bins that are a partition, from ascending cuts with random sides.
fn intervals(tape: &mut Tape, field: &Field) -> Vec<Map<String, Json>> {
    let (cuts, whole): (Vec<Json>, bool) = match field.kind {
        "date" if tape.chance(20) => {
            let words = [
                ["last_2_years", "last_year", "this_year", "next_year"],
                ["last_fiscal_year", "this_fiscal_year", "next_fiscal_year", "next_2_fiscal_years"],
            ];
            let words = tape.one(&words);
            (tape.some(3, 3).into_iter().map(|place| json!(words[place])).collect(), false)
        }
        "date" => {
            let chosen = tape.some(9, 4);
            if tape.chance(30) {
                let days = ["2020-02-29", "2024-02-28", "2024-02-29", "2025-01-01"];
                (tape.some(4, 3).into_iter().map(|place| json!(days[place])).collect(), false)
            } else {
                (chosen.into_iter().map(|place| json!(date_at(place))).collect(), false)
            }
        }
        // One unit apart at least, so that no bin is empty.
        "integer" => (tape.some(12, 4).into_iter().map(|place| json!(place as i64 * 2 - 8)).collect(), true),
        _ => (tape.some(16, 4).into_iter().map(|place| json_number(number_at(place))).collect(), false),
    };
    // A day apart is too little for both sides to be open, so dates are cut from below only.
    let mut bins = vec![Map::new()];
    for cut in cuts {
        let below = field.kind == "date" || tape.chance(50);
        let left = bins.last_mut().unwrap();
        let mut right = Map::new();
        if below {
            left.insert("lt".into(), cut.clone());
            right.insert("gte".into(), cut);
        } else {
            left.insert("lte".into(), cut.clone());
            match (whole && tape.chance(50), cut.as_i64()) {
                (true, Some(cut)) => right.insert("gte".into(), json!(cut + 1)),
                _ => right.insert("gt".into(), cut),
            };
        }
        bins.push(right);
    }
    bins
}

/// Bins by values; one of them may take what no other lists, and must where any text may come.
fn sets(tape: &mut Tape, values: &[Json], any: bool) -> Vec<Map<String, Json>> {
    let mut lists: Vec<Vec<Json>> = vec![Vec::new(); values.len()];
    for value in values {
        lists[tape.pick(values.len())].push(value.clone());
    }
    lists.retain(|list| !list.is_empty());
    let mut bins: Vec<Map<String, Json>> =
        lists.into_iter().map(|list| Map::from_iter([("in".to_owned(), json!(list))])).collect();
    if any || tape.chance(20) {
        let place = tape.pick(bins.len());
        if tape.chance(50) {
            bins[place].remove("in");
        }
        bins[place].insert("other".to_owned(), json!(true));
    }
    bins
}

fn characteristic(tape: &mut Tape, index: usize, fields: &[Field]) -> Json {
    let field = &fields[tape.pick(fields.len())];
    let mut bins = match (field.kind, &field.allowed[..]) {
        ("boolean", _) => sets(tape, &[json!(true), json!(false)], false),
        ("text", []) => sets(tape, &TEXTS[..3].iter().map(|text| json!(text)).collect::<Vec<_>>(), true),
        ("text", allowed) => sets(tape, allowed, false),
        (_, allowed) if !allowed.is_empty() && tape.chance(50) => sets(tape, allowed, false),
        _ => intervals(tape, field),
    };
    if field.null {
        bins.push(Map::from_iter([("missing".to_owned(), json!(true))]));
    }
    if tape.chance(30) {
        bins.reverse();
    }
    let turn = tape.pick(TIERS);
    let scored = tape.chance(70);
    for (place, bin) in bins.iter_mut().enumerate() {
        bin.insert("code".into(), json!(format!("T{}", (place + turn) % TIERS + 1)));
        if scored {
            bin.insert("points".into(), json_number(number_at(tape.pick(16))));
        }
    }
    let mut document = json!({"name": format!("c{index}"), "input": field.name, "bins": bins});
    if tape.chance(50) {
        document["baseline"] = json_number(number_at(tape.pick(16)));
    }
    document
}

fn condition(tape: &mut Tape, fields: &[Field], characteristics: &[Json], depth: usize) -> Json {
    if depth > 0 && tape.chance(40) {
        let mut inner = || condition(tape, fields, characteristics, depth - 1);
        let (first, second) = (inner(), inner());
        return match tape.pick(3) {
            0 => json!({"all": [first, second]}),
            1 => json!({"any": [first, second]}),
            _ => json!({"not": first}),
        };
    }
    if !characteristics.is_empty() && tape.chance(20) {
        let subject = &characteristics[tape.pick(characteristics.len())];
        let bins = subject["bins"].as_array().unwrap();
        let mut code = || bins[tape.pick(bins.len())]["code"].clone();
        let (one, other) = (code(), code());
        let mut document = json!({"characteristic": subject["name"]});
        match tape.pick(3) {
            0 => document["eq"] = one,
            1 => document["ne"] = one,
            _ => document["in"] = json!([one, other]),
        }
        return document;
    }
    let field = &fields[tape.pick(fields.len())];
    let mut document = json!({"input": field.name});
    if field.null && tape.chance(25) {
        document["is_missing"] = json!(tape.chance(70));
        return document;
    }
    let equality = matches!(field.kind, "text" | "boolean") || tape.chance(20);
    let mut value = |whole: bool| match (field.kind, &field.allowed[..]) {
        (_, allowed) if whole && !allowed.is_empty() => allowed[tape.pick(allowed.len())].clone(),
        ("text", _) => json!(tape.one(&TEXTS)),
        ("boolean", _) => json!(tape.chance(50)),
        ("date", _) if tape.chance(30) => json!(tape.one(&PERIODS)),
        ("date", _) => json!(date_at(tape.pick(13))),
        ("integer", _) if whole => json!(tape.pick(12) as i64 - 4),
        _ => json_number(number_at(tape.pick(16))),
    };
    if equality {
        let (one, other) = (value(true), value(true));
        match tape.pick(3) {
            0 => document["eq"] = one,
            1 => document["ne"] = one,
            _ => document["in"] = json!([one, other]),
        }
        return document;
    }
    let (one, other) = (value(false), value(false));
    match tape.pick(7) {
        0 => document["lt"] = one,
        1 => document["lte"] = one,
        2 => document["gt"] = one,
        3 => document["gte"] = one,
        4 if field.kind == "date" => document["within"] = json!(date_at(tape.pick(9))),
        5 if field.kind == "date" => document["after"] = json!(date_at(tape.pick(9))),
        6 if field.kind == "date" => document["between"] = json!(["2020-02-29", "P1M"]),
        _ => {
            let as_decimal = |json: &Json| json.to_string().parse::<Decimal>().ok();
            let pair = if as_decimal(&one) > as_decimal(&other) { [other, one] } else { [one, other] };
            if field.kind == "date" {
                document["gt"] = pair[0].clone();
                document["lte"] = pair[1].clone();
            } else {
                document["between"] = json!(pair);
            }
        }
    }
    document
}

/// Missing values leave their weight to the others: positive weights and points of few digits, so that a slow reading
/// can divide them; points that missing values keep here and there.
fn spread_weights(tape: &mut Tape, document: &mut Json) {
    let mut weights = Map::new();
    let mut unknown = 0;
    for entry in document["characteristics"].as_array_mut().unwrap() {
        if entry["bins"][0].get("points").is_none() {
            continue;
        }
        if tape.chance(80) {
            weights.insert(entry["name"].as_str().unwrap().into(), json!(tape.one(&[0.5, 0.3, 2.0, 7.0])));
        }
        for bin in entry["bins"].as_array_mut().unwrap() {
            bin["points"] = json!(tape.one(&[-40.5, -1.0, 0.0, 0.1, 1.0, 60.0, 100.0]));
            if bin.get("missing").is_some() && (unknown == 0 || tape.chance(80)) {
                bin.as_object_mut().unwrap().remove("points");
                unknown += 1;
            }
        }
    }
    if unknown > 0 {
        document["score"] = json!({"weights": weights, "initial": 0.25, "missing": "reweight"});
        if tape.chance(50) {
            document["score"]["least_weight"] = json!(tape.one(&[0.1, 0.5, 0.7, 1.0]));
        }
    }
}

/// A valid scheme.
pub fn scheme(tape: &mut Tape, most_inputs: usize) -> Json {
    let count = 1 + tape.pick(most_inputs);
    let (fields, inputs): (Vec<Field>, Vec<Json>) = (0..count).map(|index| field(tape, index)).unzip();
    let mut characteristics = Vec::new();
    for index in 0..tape.pick(4) {
        characteristics.push(characteristic(tape, index, &fields));
    }
    let scored: Vec<&Json> =
        characteristics.iter().filter(|entry| entry["bins"][0].get("points").is_some()).collect();
    let mut document = json!({"scheme": "random", "inputs": inputs, "characteristics": characteristics});
    document["fiscal_year"] = match tape.pick(3) {
        0 => json!({"begins": "04-01"}),
        1 => json!({"begins": "10-06", "numbered_by": "first_day"}),
        _ => {
            json!({"weeks": tape.one(&["4-5-4", "4-4-5"]), "ends": "sat", "nearest": tape.one(&["01-31", "12-31"])})
        }
    };
    document["tiers"] = (1..=TIERS).map(|code| json!({"code": format!("T{code}")})).collect();
    let has_score = !scored.is_empty();
    if has_score {
        let mut weights = Map::new();
        for entry in &scored {
            if tape.chance(60) {
                weights.insert(entry["name"].as_str().unwrap().into(), json_number(number_at(tape.pick(16))));
            }
        }
        document["score"] = json!({"weights": weights, "initial": json_number(number_at(tape.pick(16)))});
        if tape.chance(40)
            && document["inputs"].as_array().unwrap().iter().any(|input| input["missing"] == "null")
        {
            spread_weights(tape, &mut document);
        }
        if tape.chance(50) {
            document["score"]["reasons"] = json!(tape.one(&["points_below", "points_above"]));
        }
    }
    document["decision"] = match tape.pick(5) {
        1 if !characteristics.is_empty() => {
            json!({"method": "bands", "characteristic": characteristics[0]["name"]})
        }
        2 if has_score => {
            let mut cuts: Vec<Json> = tape
                .some(16, 4)
                .into_iter()
                .rev()
                .map(|place| json!({"tier": format!("T{}", tape.pick(TIERS) + 1), "gte": json_number(number_at(place))}))
                .collect();
            cuts.push(json!({"tier": "T6"}));
            json!({"method": "score", "cuts": cuts})
        }
        3 if characteristics.len() >= 2 => {
            let mut cells = vec![Vec::new()];
            for entry in &characteristics {
                cells = cells
                    .iter()
                    .flat_map(|cell: &Vec<Json>| {
                        entry["bins"]
                            .as_array()
                            .unwrap()
                            .iter()
                            .map(move |bin| cell.iter().cloned().chain([bin["code"].clone()]).collect())
                    })
                    .collect();
            }
            let names: Vec<&Json> = characteristics.iter().map(|entry| &entry["name"]).collect();
            let cells: Vec<Json> = cells
                .into_iter()
                .map(|at| json!({"at": at, "tier": format!("T{}", tape.pick(TIERS) + 1)}))
                .collect();
            json!({"method": "matrix", "characteristics": names, "cells": cells})
        }
        _ => {
            let rules: Vec<Json> = (0..1 + tape.pick(5))
                .map(|_| {
                    let when = condition(tape, &fields, &characteristics, 3);
                    json!({"when": when, "tier": format!("T{}", tape.pick(TIERS) + 1)})
                })
                .collect();
            let policy = tape.one(&["first", "unique", "any", "priority"]);
            let mut decision = json!({"method": "rules", "hit_policy": policy, "rules": rules});
            if tape.chance(50) {
                decision["otherwise"] = json!("T6");
            }
            decision
        }
    };
    document
}

/// A value for each input: on the cuts, beside them, between them, or missing.
pub fn row(tape: &mut Tape, scheme: &Scheme) -> Vec<Cell> {
    scheme
        .inputs
        .iter()
        .map(|input| {
            if tape.chance(15) {
                return Cell::Null;
            }
            if !input.allowed.is_empty() {
                let value = &input.allowed[tape.pick(input.allowed.len())];
                return match value {
                    customer_tiering_engine::number::Scalar::Number(number) => Cell::Number(number.decimal()),
                    customer_tiering_engine::number::Scalar::Text(text) => Cell::Text(text.clone()),
                    customer_tiering_engine::number::Scalar::Boolean(value) => Cell::Boolean(*value),
                };
            }
            match input.kind {
                InputType::Number => {
                    let beside = tape.one(&[
                        "0",
                        "0.000000000001",
                        "-0.000000000001",
                        "0.5",
                        "-0.5",
                        "0.00000000000001",
                        "-0.00000000000001",
                    ]);
                    Cell::Number(number_at(tape.pick(16)) + beside.parse::<Decimal>().unwrap())
                }
                InputType::Integer => Cell::Number(Decimal::from(tape.pick(30) as i64 - 10)),
                InputType::Text => Cell::Text(tape.one(&["a", "b", "A", "", "甲", "other"]).to_owned()),
                InputType::Boolean => Cell::Boolean(tape.chance(50)),
                InputType::Date => {
                    let cut = date_at(tape.pick(13));
                    let day = match cut.parse::<Date>() {
                        Ok(day) => day,
                        Err(_) => customer_tiering_engine::time::duration::Offset::parse(cut)
                            .unwrap()
                            .resolve(AS_OF),
                    };
                    Cell::Date(match tape.pick(3) {
                        0 => day,
                        1 => day.tomorrow().unwrap(),
                        _ => day.yesterday().unwrap(),
                    })
                }
            }
        })
        .collect()
}
