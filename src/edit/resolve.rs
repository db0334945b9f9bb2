//! What a scalar without quotes means to YAML readers, of 1.2 or of 1.1: where they differ, it is
//! never taken for text.

use super::tree::Type;

/// The type of a plain scalar.
pub(crate) fn plain(text: &str) -> Type {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Type::Null,
        "y" | "Y" | "n" | "N" => return Type::Bool,
        _ => {}
    }
    let one_case = text == text.to_lowercase() || text == text.to_uppercase() || is_title(text);
    if one_case && matches!(text.to_lowercase().as_str(), "true" | "false" | "yes" | "no" | "on" | "off") {
        return Type::Bool;
    }
    if is_number(text) {
        return Type::Number;
    }
    if is_time(text) { Type::Time } else { Type::Text }
}

fn is_title(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(char::is_uppercase) && chars.all(char::is_lowercase)
}

fn is_number(text: &str) -> bool {
    let bare = text.strip_prefix(['-', '+']).unwrap_or(text);
    if matches!(bare, ".inf" | ".Inf" | ".INF" | ".nan" | ".NaN" | ".NAN") {
        return true;
    }
    let all = |digits: &str, ok: fn(char) -> bool| !digits.is_empty() && digits.chars().all(|c| c == '_' || ok(c));
    if let Some(digits) = bare.strip_prefix("0x") {
        return all(digits, |c| c.is_ascii_hexdigit());
    }
    if let Some(digits) = bare.strip_prefix("0o").or_else(|| bare.strip_prefix("0b")) {
        return all(digits, |c| c.is_digit(8));
    }
    if !bare.starts_with(|c: char| c.is_ascii_digit() || c == '.') || !bare.contains(|c: char| c.is_ascii_digit()) {
        return false;
    }
    let digit: fn(char) -> bool = |c| c.is_ascii_digit();
    if let Some((first, rest)) = bare.split_once(':') {
        let (minutes, fraction) = rest.split_once('.').unwrap_or((rest, "0"));
        let sixty = |part: &str| part.len() <= 2 && all(part, digit) && part.parse::<u8>().is_ok_and(|n| n < 60);
        return all(first, digit) && minutes.split(':').all(sixty) && all(fraction, digit);
    }
    let (mantissa, exponent) = bare.split_once(['e', 'E']).unwrap_or((bare, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let exponent = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
    let digits = |part: &str| part.is_empty() || all(part, digit);
    digits(whole) && digits(fraction) && all(exponent, digit)
}

fn is_time(text: &str) -> bool {
    let mut parts = text.splitn(3, '-');
    let (Some(year), Some(month), Some(rest)) = (parts.next(), parts.next(), parts.next()) else { return false };
    let digits = |part: &str, most: usize| (1..=most).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    let day = rest.split(['T', 't', ' ', '\t']).next().unwrap_or_default();
    let clock = rest[day.len()..].chars().all(|c| c.is_ascii_digit() || "TtZz:+-. \t".contains(c));
    year.len() == 4 && digits(year, 4) && digits(month, 2) && digits(day, 2) && clock
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_some_reader_takes_for_more_than_text_is_not_text() {
        for (text, resolved) in [
            ("", Type::Null),
            ("~", Type::Null),
            ("on", Type::Bool),
            ("No", Type::Bool),
            ("nO", Type::Text),
            ("TRUE", Type::Bool),
            ("1.10", Type::Number),
            ("1_000", Type::Number),
            ("0x1F", Type::Number),
            ("0755", Type::Number),
            ("1e3", Type::Number),
            (".5", Type::Number),
            ("-.inf", Type::Number),
            ("22:22", Type::Number),
            ("1.2.3", Type::Text),
            ("v1", Type::Text),
            ("-", Type::Text),
            (".", Type::Text),
            ("80:8080", Type::Text),
            ("2026-11-24", Type::Time),
            ("2026-11-24T10:00:00Z", Type::Time),
            ("2026-11-24-beta", Type::Text),
            ("main", Type::Text),
        ] {
            assert_eq!(plain(text), resolved, "{text:?}");
        }
    }
}
