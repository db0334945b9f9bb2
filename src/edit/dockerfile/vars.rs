//! `$X`, `${X}`, `${X:-default}` and their kin, as far as values are known.

use std::collections::BTreeMap;

/// What is known of variables: a name with no value is declared, and its value is not known here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Vars(BTreeMap<String, Option<String>>);

impl Vars {
    /// Sets `name`; none says that only the build will know.
    pub(crate) fn set(&mut self, name: &str, value: Option<String>) {
        self.0.insert(name.to_owned(), value);
    }

    /// What is known of `name`.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_deref()
    }

    /// `raw` without quotes and with its variables replaced; none where a value is not known.
    pub(crate) fn expand(&self, raw: &str, escape: char) -> Option<String> {
        self.expand_within(raw, escape, 16)
    }

    fn expand_within(&self, raw: &str, escape: char, levels: usize) -> Option<String> {
        let levels = levels.checked_sub(1)?;
        let mut text = String::with_capacity(raw.len());
        let mut chars = raw.char_indices().peekable();
        let mut double = false;
        while let Some((at, c)) = chars.next() {
            match c {
                '\'' if !double => {
                    for (_, c) in chars.by_ref().take_while(|(_, c)| *c != '\'') {
                        text.push(c);
                    }
                }
                '"' => double = !double,
                '$' => {
                    let (value, length) = self.variable(&raw[at + 1..], escape, levels)?;
                    text.push_str(&value);
                    let end = at + 1 + length;
                    while chars.peek().is_some_and(|(next, _)| *next < end) {
                        chars.next();
                    }
                }
                c if c == escape => match chars.next() {
                    Some((_, next)) => {
                        if double && !matches!(next, '"' | '$') && next != escape {
                            text.push(escape);
                        }
                        text.push(next);
                    }
                    None => text.push(c),
                },
                c => text.push(c),
            }
        }
        Some(text)
    }

    /// The value of the variable at the start of `rest`, which follows a `$`, and the bytes it took.
    fn variable(&self, rest: &str, escape: char, levels: usize) -> Option<(String, usize)> {
        let Some(inner) = rest.strip_prefix('{') else {
            let length = name_length(rest);
            if length == 0 {
                return Some(("$".to_owned(), 0));
            }
            return Some((self.get(&rest[..length])?.to_owned(), length));
        };
        let length = name_length(inner);
        let name = &inner[..length];
        let close = closing(inner)?;
        let taken = close + 2;
        let operation = &inner[length..close];
        let known = self.0.get(name);
        let value = known.and_then(Option::as_deref);
        // A declared name whose value only the build knows may be set or not.
        let decided = known.is_none_or(Option::is_some);
        let (colon, operation) = match operation.strip_prefix(':') {
            Some(rest) => (true, rest),
            None => (false, operation),
        };
        let set = value.is_some_and(|value| !colon || !value.is_empty());
        let other = |text: &str| self.expand_within(text, escape, levels);
        let value = match operation.chars().next() {
            None if !colon => value?.to_owned(),
            Some('-' | '?') if set => value?.to_owned(),
            // The default of an undeclared or empty name, and the best guess for one that the build may set.
            Some('-') => other(&operation[1..])?,
            Some('+') if decided => {
                if set {
                    other(&operation[1..])?
                } else {
                    String::new()
                }
            }
            _ => return None,
        };
        Some((value, taken))
    }
}

/// The length of a variable's name at the start of `text`.
fn name_length(text: &str) -> usize {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.find(|c: char| !word(c)).unwrap_or(text.len())
}

/// Where the brace that closes a `${` stands in what follows it.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0usize;
    for (at, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => return Some(at),
            '}' => depth -= 1,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_replaced_where_they_are_known() {
        let mut vars = Vars::default();
        vars.set("A", Some("one".into()));
        vars.set("E", Some(String::new()));
        vars.set("U", None);
        for (raw, expanded) in [
            ("plain", Some("plain")),
            ("$A-x", Some("one-x")),
            ("${A}x", Some("onex")),
            ("${A:-d}", Some("one")),
            ("${E:-d}", Some("d")),
            ("${E-d}", Some("")),
            ("${N:-d}", Some("d")),
            ("${U:-${A}}", Some("one")),
            ("${A:+y}", Some("y")),
            ("${N:+y}", Some("")),
            ("${U:+y}", None),
            ("$N", None),
            ("$U", None),
            ("${A#o}", None),
            ("'$A'", Some("$A")),
            ("\"$A b\"", Some("one b")),
            (r"\$A", Some("$A")),
            ("a$", Some("a$")),
            ("${A", None),
        ] {
            assert_eq!(vars.expand(raw, '\\').as_deref(), expanded, "{raw}");
        }
    }
}
