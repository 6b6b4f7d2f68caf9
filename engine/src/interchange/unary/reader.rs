//! A cell of a decision table, read from its text.

use super::{Cell, Literal, Test};
use crate::document::quoted;
use crate::time::date::IsoDate;

/// Why a cell cannot be read.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::interchange) enum Problem {
    /// It is no unary test.
    Wrong(String),
    /// It may be one, but says more than a scheme can.
    Beyond(String),
}

type Outcome<T> = std::result::Result<T, Problem>;

struct Reader<'t> {
    rest: &'t str,
}

/// What stands in a cell; an empty one is as good as `-`, which is how editors save it.
pub(in crate::interchange) fn read(text: &str) -> Outcome<Cell> {
    let mut reader = Reader { rest: text };
    if reader.at_end() || text.trim() == "-" {
        return Ok(Cell::Any);
    }
    let cell = match reader.word("not").filter(|after| after.trim_start().starts_with('(')) {
        Some(after) => {
            reader.rest = after;
            reader.sign("(");
            let tests = reader.tests()?;
            if !reader.sign(")") {
                return Err(reader.unexpected("\",\" or \")\""));
            }
            Cell::NoneOf(tests)
        }
        None => Cell::OneOf(reader.tests()?),
    };
    if reader.at_end() { Ok(cell) } else { Err(reader.unexpected("\",\" or the end")) }
}

/// A constant, and nothing else.
pub(in crate::interchange) fn read_literal(text: &str) -> Outcome<Literal> {
    let mut reader = Reader { rest: text };
    let literal = reader.literal()?;
    if reader.at_end() { Ok(literal) } else { Err(reader.unexpected("the end")) }
}

/// Constants with commas between them.
pub(in crate::interchange) fn read_literals(text: &str) -> Outcome<Vec<Literal>> {
    let mut reader = Reader { rest: text };
    let mut literals = vec![reader.literal()?];
    while reader.sign(",") {
        literals.push(reader.literal()?);
    }
    if reader.at_end() { Ok(literals) } else { Err(reader.unexpected("\",\" or the end")) }
}

impl<'t> Reader<'t> {
    fn at_end(&mut self) -> bool {
        self.rest = self.rest.trim_start();
        self.rest.is_empty()
    }

    /// Goes past a sign, if it is next.
    fn sign(&mut self, sign: &str) -> bool {
        let trimmed = self.rest.trim_start();
        match trimmed.strip_prefix(sign) {
            Some(after) => {
                self.rest = after;
                true
            }
            None => false,
        }
    }

    /// What follows a word, if that is next.
    fn word(&mut self, word: &str) -> Option<&'t str> {
        let after = self.rest.trim_start().strip_prefix(word)?;
        (!after.starts_with(|c: char| c.is_alphanumeric() || c == '_')).then_some(after)
    }

    fn unexpected(&self, expected: &str) -> Problem {
        let rest = self.rest.trim();
        match rest.is_empty() {
            true => Problem::Wrong(format!("found the end, expected {expected}")),
            false => Problem::Wrong(format!("found {}, expected {expected}", quoted(rest))),
        }
    }

    fn tests(&mut self) -> Outcome<Vec<Test>> {
        let mut tests = vec![self.test()?];
        while self.sign(",") {
            tests.push(self.test()?);
        }
        Ok(tests)
    }

    fn test(&mut self) -> Outcome<Test> {
        if let Some(after) = self.word("null") {
            self.rest = after;
            return Ok(Test::Missing);
        }
        for (sign, inclusive, below) in
            [("<=", true, true), (">=", true, false), ("<", false, true), (">", false, false)]
        {
            if self.sign(sign) {
                let end = Some((self.ordered()?, inclusive));
                return Ok(if below { Test::Within(None, end) } else { Test::Within(end, None) });
            }
        }
        for (sign, inclusive) in [("[", true), ("(", false), ("]", false)] {
            if self.sign(sign) {
                return self.interval(inclusive);
            }
        }
        let literal = self.literal()?;
        if self.sign("..") {
            return Err(Problem::Wrong(format!(
                "found an interval without brackets, expected \"[{literal}..\" and \"]\" at its end"
            )));
        }
        Ok(Test::Is(literal))
    }

    fn interval(&mut self, low_inclusive: bool) -> Outcome<Test> {
        let low = self.ordered()?;
        if !self.sign("..") {
            return Err(self.unexpected("\"..\""));
        }
        let high = self.ordered()?;
        let high_inclusive = match (self.sign("]"), self.sign(")") || self.sign("[")) {
            (true, _) => true,
            (false, true) => false,
            (false, false) => return Err(self.unexpected("\"]\" or \")\"")),
        };
        if low.kind() != high.kind() {
            return Err(Problem::Wrong(format!("found {low} and {high}, expected two ends of one type")));
        }
        let reversed = match (&low, &high) {
            (Literal::Number(low), Literal::Number(high)) => low > high,
            (Literal::Date(low), Literal::Date(high)) => low > high,
            _ => false,
        };
        if reversed {
            return Err(Problem::Wrong(format!("found {low} to {high}, expected the lower end first")));
        }
        Ok(Test::Within(Some((low, low_inclusive)), Some((high, high_inclusive))))
    }

    /// A constant that has an order.
    fn ordered(&mut self) -> Outcome<Literal> {
        match self.literal()? {
            literal @ Literal::Text(_) => Err(Problem::Beyond(format!(
                "found an order over texts ({literal}), which a scheme compares by their letters only"
            ))),
            literal @ Literal::Boolean(_) => {
                Err(Problem::Wrong(format!("found an order over {literal}, expected a number or a date")))
            }
            literal => Ok(literal),
        }
    }

    fn literal(&mut self) -> Outcome<Literal> {
        self.rest = self.rest.trim_start();
        if self.rest.starts_with('"') {
            return self.text().map(Literal::Text);
        }
        for (word, value) in [("true", true), ("false", false)] {
            if let Some(after) = self.word(word) {
                self.rest = after;
                return Ok(Literal::Boolean(value));
            }
        }
        let written = self.rest;
        if let Some(after) = self.word("date") {
            self.rest = after;
            if self.sign("(") && self.rest.trim_start().starts_with('"') {
                self.rest = self.rest.trim_start();
                let day = self.date()?;
                return if self.sign(")") { Ok(day) } else { Err(self.unexpected("\")\"")) };
            }
            self.rest = written;
            return Err(self.no_literal());
        }
        if self.rest.starts_with("@\"") {
            self.rest = &self.rest[1..];
            return self.date();
        }
        self.number()
    }

    fn date(&mut self) -> Outcome<Literal> {
        let text = self.text()?;
        match IsoDate::parse(&text) {
            Ok(date) => Ok(Literal::Date(date.0)),
            Err(_) if text.contains(['T', 'P', ':']) => Err(Problem::Beyond(format!(
                "found {}, while the values of a scheme have no time of day and no duration",
                quoted(&text)
            ))),
            Err(_) => Err(Problem::Wrong(format!("found {}, expected a date YYYY-MM-DD", quoted(&text)))),
        }
    }

    fn number(&mut self) -> Outcome<Literal> {
        let (sign, unsigned) = match self.rest.strip_prefix('-') {
            Some(rest) => ("-", rest.trim_start()),
            None => ("", self.rest),
        };
        let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
        let whole = digits(unsigned);
        let mut length = whole;
        if unsigned[whole..].starts_with('.') && !unsigned[whole..].starts_with("..") {
            let fraction = digits(&unsigned[whole + 1..]);
            length = if fraction > 0 { whole + 1 + fraction } else { whole };
        }
        if length > 0 && unsigned[length..].starts_with(['e', 'E']) {
            let exponent = unsigned[length + 1..].trim_start_matches(['+', '-']);
            let before = unsigned.len() - exponent.len();
            if digits(exponent) > 0 && before <= length + 2 {
                length = before + digits(exponent);
            }
        }
        if length == 0 {
            return Err(self.no_literal());
        }
        let text = format!("{sign}{}{}", if whole == 0 { "0" } else { "" }, &unsigned[..length]);
        self.rest = &unsigned[length..];
        if self.rest.starts_with(|c: char| c.is_alphanumeric() || c == '_') {
            return Err(self.unexpected("a number"));
        }
        text.parse()
            .map(Literal::Number)
            .map_err(|expected| Problem::Beyond(format!("found {}, expected {expected}", quoted(&text))))
    }

    /// A name, a computation, or nothing that makes sense.
    fn no_literal(&self) -> Problem {
        let rest = self.rest.trim();
        match rest.chars().next() {
            Some(letter) if letter.is_alphabetic() || "_?-".contains(letter) => Problem::Beyond(format!(
                "found {}, expected a constant: a number, a text in double quotes, true, false or date(\"2026-01-31\")",
                quoted(rest)
            )),
            _ => self.unexpected("a number, a text in double quotes, true, false or date(\"2026-01-31\")"),
        }
    }

    /// What stands between double quotes.
    fn text(&mut self) -> Outcome<String> {
        let open = || Problem::Wrong(format!("found {}, expected a closing double quote", quoted(self.rest)));
        let mut text = String::new();
        let mut letters = self.rest[1..].chars();
        // A character beyond U+FFFF may be escaped as the two halves of UTF-16.
        let mut half: Option<u16> = None;
        loop {
            let letter = letters.next().ok_or_else(open)?;
            let escape = if letter == '\\' { Some(letters.next().ok_or_else(open)?) } else { None };
            let unit = match escape {
                Some(kind @ ('u' | 'U')) => {
                    let digits = if kind == 'u' { 4 } else { 6 };
                    let code: String = letters.by_ref().take(digits).collect();
                    let code = u32::from_str_radix(&code, 16).ok().filter(|_| code.len() == digits);
                    Some(code.ok_or_else(|| {
                        Problem::Wrong("found \"\\u\" without four hexadecimal digits".to_owned())
                    })?)
                }
                _ => None,
            };
            let next = match (letter, escape, unit) {
                (_, _, Some(code @ 0xD800..=0xDBFF)) if half.is_none() => {
                    half = Some(code as u16);
                    continue;
                }
                (_, _, Some(code @ 0xDC00..=0xDFFF)) => {
                    let pair = half.take().map(|high| char::decode_utf16([high, code as u16]).next());
                    pair.and_then(|decoded| decoded?.ok())
                }
                (_, _, Some(code)) => char::from_u32(code),
                ('"', None, _) => break,
                (letter, None, _) => Some(letter),
                (_, Some('n'), _) => Some('\n'),
                (_, Some('r'), _) => Some('\r'),
                (_, Some('t'), _) => Some('\t'),
                (_, Some(letter), _) => Some(letter),
            };
            match next {
                Some('\0') | None => {
                    return Err(Problem::Wrong(
                        "found an escape of no character that a text can have".to_owned(),
                    ));
                }
                Some(letter) if half.is_none() => text.push(letter),
                Some(_) => return Err(Problem::Wrong("found half of a character after \"\\u\"".to_owned())),
            }
        }
        if half.is_some() {
            return Err(Problem::Wrong("found half of a character after \"\\u\"".to_owned()));
        }
        self.rest = letters.as_str();
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_test_is_told_from_what_says_more() {
        for text in [
            "5,",
            ",5",
            "<",
            "[1..2",
            "1..2",
            "[2..1]",
            "[1..date(\"2024-01-01\")]",
            "\"a",
            "not(5",
            "not()",
            "5 6",
            "<= true",
            "5x",
            "date(\"2024-02-30\")",
            "\"\\uD83D\"",
            "\"\\u12\"",
        ] {
            assert!(matches!(read(text), Err(Problem::Wrong(_))), "{text}: {:?}", read(text));
        }
        for text in [
            "limit",
            "< limit",
            "? > 5",
            "sum(1)",
            "> \"a\"",
            "date(year)",
            "@\"P1D\"",
            "if a then b else c",
            "12345678901234567",
            "- x",
        ] {
            assert!(matches!(read(text), Err(Problem::Beyond(_))), "{text}: {:?}", read(text));
        }
    }
}
