//! Figures as people read them.

use crate::document::text::Lang;

/// A number with separators between thousands and so many digits after the point.
pub fn number(value: f64, digits: usize) -> String {
    let text = format!("{:.digits$}", value.abs());
    let (whole, fraction) = text.split_once('.').map_or((text.as_str(), None), |(w, f)| (w, Some(f)));
    let mut grouped = String::with_capacity(text.len() + whole.len() / 3 + 1);
    // what is rounded to nothing has no sign
    if value < 0.0 && text.bytes().any(|byte| byte.is_ascii_digit() && byte != b'0') {
        grouped.push('−');
    }
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    if let Some(fraction) = fraction {
        grouped.push('.');
        grouped.push_str(fraction);
    }
    grouped
}

/// A share of one as percent.
pub fn percent(share: f64, lang: Lang) -> String {
    let gap = match lang {
        Lang::En => "\u{202f}",
        Lang::Zh => "",
    };
    format!("{}{gap}%", number(100.0 * share, 1))
}

/// The value of a measure in its unit.
pub fn measured(value: f64, unit: &str, lang: Lang) -> String {
    match unit {
        "share" => percent(value, lang),
        "money" if value.abs() < 1000.0 => number(value, 2),
        "hours" | "points" => number(value, 1),
        _ if value.fract() != 0.0 && value.abs() < 1000.0 => number(value, 2),
        _ => number(value, 0),
    }
}

/// The difference between two values of a measure, with its sign.
pub fn difference(value: f64, unit: &str, lang: Lang) -> String {
    let text = measured(value, unit, lang);
    if value > 0.0 { format!("+{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_separated_and_nothing_has_no_sign() {
        assert_eq!(number(0.0, 0), "0");
        assert_eq!(number(999.0, 0), "999");
        assert_eq!(number(1000.0, 0), "1,000");
        assert_eq!(number(-1234567.891, 2), "−1,234,567.89");
        assert_eq!(number(-0.004, 2), "0.00");
    }

    #[test]
    fn units_are_read_as_people_write_them() {
        assert_eq!(measured(0.1234, "share", Lang::En), "12.3\u{202f}%");
        assert_eq!(measured(0.1234, "share", Lang::Zh), "12.3%");
        assert_eq!(measured(12.5, "money", Lang::En), "12.50");
        assert_eq!(measured(1250.4, "money", Lang::En), "1,250");
        assert_eq!(measured(3.0, "customers", Lang::En), "3");
        assert_eq!(measured(0.25, "contacts", Lang::En), "0.25");
        assert_eq!(difference(0.02, "share", Lang::Zh), "+2.0%");
    }
}
