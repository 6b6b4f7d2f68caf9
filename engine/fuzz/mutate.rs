//! Mutations: of bytes, of the words of a text, and of the tree of a JSON document.

use serde_json::{Map, Value as Json, json};

/// xorshift64*: fast, and the same everywhere.
pub struct Random(u64);

impl Random {
    pub fn new(state: u64) -> Self {
        Random(state.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// One of `0..n`.
    pub fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.next()) * n.max(1) as u128) >> 64) as usize
    }

    pub fn one<'a, T: ?Sized>(&mut self, of: &[&'a T]) -> &'a T {
        of[self.below(of.len())]
    }
}

/// What the inputs of a target look like.
#[derive(Clone, Copy, PartialEq)]
pub enum Form {
    Json,
    Text,
    Bytes,
}

/// Inputs that were accepted, and their trees.
pub struct Corpus {
    inputs: Vec<Vec<u8>>,
    trees: Vec<Json>,
    form: Form,
    seeds: usize,
}

/// How many inputs are kept beyond the seeds: more would only be visited less.
const KEPT: usize = 256;

const NUMBERS: [&str; 24] = [
    "0",
    "-0",
    "1",
    "-1",
    "0.5",
    "0.1",
    "1e-12",
    "0.000000000001",
    "1e12",
    "999999999999999",
    "1000000000000000",
    "-1e15",
    "1e38",
    "1e308",
    "1e-400",
    "123456789012345678901234567890",
    "2147483647",
    "2147483648",
    "-9223372036854775808",
    "9223372036854775808",
    "18446744073709551616",
    "40000",
    "1.50",
    "3",
];
const WORDS: [&str; 36] = [
    "",
    "a",
    "A",
    "null",
    "true",
    "甲",
    "\u{0}",
    "é",
    "\u{200b}",
    "P1M",
    "-P1M",
    "P0D",
    "P9999Y",
    "-P99999D",
    "P1Y2M3DT4H",
    "PT4H",
    "PT0S",
    "P1W",
    "2024-02-29",
    "2023-02-29",
    "0001-01-01",
    "9999-12-31",
    "-9999-01-01",
    "UTC",
    "Asia/Shanghai",
    "America/New_York",
    "Mars/Olympus",
    "24:00",
    "00:00",
    "customers",
    "error",
    "ungraded",
    "default",
    "first",
    "day",
    "infinity",
];

impl Corpus {
    pub fn new(inputs: Vec<Vec<u8>>, form: Form) -> Self {
        let trees = match form {
            Form::Json => inputs.iter().filter_map(|input| serde_json::from_slice(input).ok()).collect(),
            _ => Vec::new(),
        };
        Corpus { seeds: inputs.len(), inputs, trees, form }
    }

    /// Keeps what was accepted, now and then, so that mutations add up.
    pub fn keep(&mut self, random: &mut Random, input: &[u8]) {
        if random.below(16) > 0 || input.len() > 1 << 14 {
            return;
        }
        let tree = if self.form == Form::Json { serde_json::from_slice(input).ok() } else { None };
        if self.inputs.len() < self.seeds + KEPT {
            self.inputs.push(input.to_vec());
            self.trees.extend(tree);
        } else {
            let place = self.seeds + random.below(KEPT);
            self.inputs[place] = input.to_vec();
            if let (Some(tree), false) = (tree, self.trees.is_empty()) {
                let place = random.below(self.trees.len());
                self.trees[place] = tree;
            }
        }
    }

    /// Another input made of those that are known.
    pub fn mutant(&mut self, random: &mut Random, input: &mut Vec<u8>) {
        input.clear();
        if self.form == Form::Json && !self.trees.is_empty() && random.below(4) > 0 {
            let mut tree = self.trees[random.below(self.trees.len())].clone();
            for _ in 0..1 + random.below(3) {
                let other = &self.trees[random.below(self.trees.len())];
                mutate_tree(random, &mut tree, other);
            }
            serde_json::to_writer(&mut *input, &tree).unwrap();
            return;
        }
        input.extend_from_slice(&self.inputs[random.below(self.inputs.len())]);
        for _ in 0..1 + random.below(4) {
            let other = &self.inputs[random.below(self.inputs.len())];
            mutate_bytes(random, input, other, self.form);
        }
    }
}

fn range(random: &mut Random, length: usize) -> std::ops::Range<usize> {
    let from = random.below(length + 1);
    from..from + random.below((length - from).min(32) + 1)
}

fn mutate_bytes(random: &mut Random, input: &mut Vec<u8>, other: &[u8], form: Form) {
    let place = random.below(input.len());
    match random.below(10) {
        0 if !input.is_empty() => input[place] ^= 1 << random.below(8),
        1 if !input.is_empty() => input[place] = random.next() as u8,
        2 => input.insert(place, random.next() as u8),
        3 if !input.is_empty() => {
            input.remove(place);
        }
        4 => input.truncate(random.below(input.len() + 1)),
        5 => {
            let cut = range(random, input.len());
            input.drain(cut);
        }
        6 => {
            let (at, copied) = (range(random, input.len()), range(random, other.len()));
            input.splice(at, other[copied].iter().copied());
        }
        7 if form == Form::Bytes => {
            // numbers of variable length at their ends
            let number: &[u8] = random.one(&[
                &[0][..],
                &[1],
                &[0x7f],
                &[0x80, 1],
                &[0xff, 0xff, 0xff, 0xff, 0x0f],
                &[0xff; 9],
                &[0x80, 0],
            ]);
            let at = range(random, input.len());
            input.splice(at, number.iter().copied());
        }
        8 if form == Form::Bytes => {
            let float = [0.0, -0.0, 1.0, f64::NAN, f64::INFINITY, f64::MAX, f64::MIN_POSITIVE, 5e-324]
                [random.below(8)];
            let end = (place + 8).min(input.len());
            input.splice(place..end, float.to_le_bytes());
        }
        _ => {
            let word = if random.below(2) == 0 { random.one(&NUMBERS) } else { random.one(&WORDS) };
            let at = range(random, input.len());
            input.splice(at, word.bytes());
        }
    }
}

fn size(tree: &Json) -> usize {
    1 + match tree {
        Json::Array(items) => items.iter().map(size).sum(),
        Json::Object(members) => members.values().map(size).sum(),
        _ => 0,
    }
}

/// The node with that number, counted from the root.
fn node<'t>(tree: &'t mut Json, number: &mut usize) -> Option<&'t mut Json> {
    if *number == 0 {
        return Some(tree);
    }
    *number -= 1;
    match tree {
        Json::Array(items) => items.iter_mut().find_map(|item| node(item, number)),
        Json::Object(members) => members.values_mut().find_map(|member| node(member, number)),
        _ => None,
    }
}

fn part(random: &mut Random, tree: &Json) -> Json {
    let mut tree = tree.clone();
    let mut number = random.below(size(&tree));
    node(&mut tree, &mut number).map_or(Json::Null, Json::take)
}

fn scalar(random: &mut Random) -> Json {
    match random.below(6) {
        0 => Json::Null,
        1 => json!(random.below(2) == 0),
        2 | 3 => serde_json::from_str(random.one(&NUMBERS)).unwrap_or(Json::Null),
        _ => json!(random.one(&WORDS)),
    }
}

fn mutate_tree(random: &mut Random, tree: &mut Json, other: &Json) {
    let mut number = random.below(size(tree));
    let whole = part(random, tree);
    let Some(node) = node(tree, &mut number) else { return };
    let choice = random.below(12);
    match node {
        // Most change a little, so that most are still read.
        Json::Object(members) if choice < 8 => mutate_members(random, members, other, &whole),
        Json::Array(items) if choice < 8 => mutate_items(random, items, other, whole),
        Json::Number(_) if choice < 8 => {
            *node = serde_json::from_str(random.one(&NUMBERS)).unwrap_or(Json::Null)
        }
        Json::String(_) if choice < 6 => *node = whole,
        Json::Bool(value) if choice < 8 => *value = !*value,
        _ if choice < 10 => *node = scalar(random),
        _ => *node = part(random, other),
    }
}

fn mutate_members(random: &mut Random, members: &mut Map<String, Json>, other: &Json, whole: &Json) {
    let key = members.keys().nth(random.below(members.len())).cloned();
    match (random.below(4), key) {
        (0, Some(key)) => {
            members.remove(&key);
        }
        (1, Some(key)) => {
            members.insert(key, scalar(random));
        }
        (2, Some(key)) => {
            // a member that is called so elsewhere
            let source = part(random, other);
            if let Some(found) = source.get(&key).or_else(|| other.get(&key)) {
                members.insert(key, found.clone());
            }
        }
        _ => {
            for source in [&part(random, other), whole] {
                if let Json::Object(others) = source
                    && let Some((key, value)) = others.iter().nth(random.below(others.len()))
                {
                    members.insert(key.clone(), value.clone());
                }
            }
        }
    }
}

fn mutate_items(random: &mut Random, items: &mut Vec<Json>, other: &Json, whole: Json) {
    let place = random.below(items.len());
    match random.below(5) {
        0 if !items.is_empty() => {
            items.remove(place);
        }
        1 if !items.is_empty() => {
            let copy = items[place].clone();
            items.push(copy);
        }
        2 if !items.is_empty() => {
            let last = items.len() - 1;
            items.swap(place, last);
        }
        3 => items.insert(place, part(random, other)),
        _ => items.insert(place, whole),
    }
}
