//! GitHub's expressions: where they stand in a text, and what they say.
//!
//! The grammar is that of "Evaluate expressions in workflows and actions" in GitHub's documentation.

use std::ops::Range;

/// What an expression says. Names are in lower case: GitHub does not tell cases apart.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Expr {
    /// A string, number, boolean or null, as text.
    Literal(String),
    /// `a.b[0].*`
    Context(Context),
    /// `name(arguments)`, and what is taken out of its result.
    Call(String, Vec<Expr>, Vec<Part>),
    /// `left op right`
    Binary(&'static str, Box<Expr>, Box<Expr>),
    /// `!operand`
    Not(Box<Expr>),
}

/// A value that the runner knows.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Context {
    /// Its parts.
    pub parts: Vec<Part>,
    /// Where it stands in the expression's text.
    pub span: Range<usize>,
}

/// A part of a context.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Part {
    /// `.name`, or `['name']`.
    Name(String),
    /// `.*`, or a number.
    Any,
    /// `[expression]`
    Computed(Box<Expr>),
}

impl Context {
    /// The parts as one text, with `*` for numbers; none where a part is computed.
    pub(super) fn pattern(&self) -> Option<String> {
        let parts: Option<Vec<&str>> = self
            .parts
            .iter()
            .map(|part| match part {
                Part::Name(name) => Some(name.as_str()),
                Part::Any => Some("*"),
                Part::Computed(_) => None,
            })
            .collect();
        parts.map(|parts| parts.join("."))
    }

    /// The first part.
    pub(super) fn head(&self) -> &str {
        match self.parts.first() {
            Some(Part::Name(name)) => name,
            _ => "",
        }
    }
}

impl Expr {
    /// Calls `see` with this expression and with each one in it.
    pub(super) fn walk<'e>(&'e self, see: &mut dyn FnMut(&'e Expr)) {
        see(self);
        let mut within = |parts: &'e [Part]| {
            for part in parts {
                if let Part::Computed(inner) = part {
                    inner.walk(see);
                }
            }
        };
        match self {
            Expr::Literal(_) => {}
            Expr::Context(context) => within(&context.parts),
            Expr::Call(_, arguments, tail) => {
                within(tail);
                for argument in arguments {
                    argument.walk(see);
                }
            }
            Expr::Binary(_, left, right) => {
                left.walk(see);
                right.walk(see);
            }
            Expr::Not(inner) => inner.walk(see),
        }
    }

    /// The contexts whose text can become the text of the whole: a comparison yields only `true` or
    /// `false`, whatever it compares. A call whose result is taken apart counts as unknown: none.
    pub(super) fn flowing(&self) -> Vec<Option<&Context>> {
        match self {
            Expr::Context(context) => vec![Some(context)],
            Expr::Call(_, _, tail) if !tail.is_empty() => vec![None],
            Expr::Call(name, arguments, _)
                if matches!(name.as_str(), "tojson" | "fromjson" | "format" | "join" | "case") =>
            {
                arguments.iter().flat_map(Expr::flowing).collect()
            }
            Expr::Binary("&&", _, right) => right.flowing(),
            Expr::Binary("||", left, right) => [left.flowing(), right.flowing()].concat(),
            _ => Vec::new(),
        }
    }

    /// Reads an expression, without the fence; none if it is none.
    pub(super) fn parse(text: &str) -> Option<Expr> {
        let mut reader = Reader { text, at: 0, depth: 0 };
        let expr = reader.binary(0)?;
        reader.blanks();
        (reader.at == text.len()).then_some(expr)
    }
}

/// An expression in a text: the place with its fence, and the place of what is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fenced {
    /// `${{ … }}`
    pub whole: Range<usize>,
    /// What stands between.
    pub inner: Range<usize>,
}

/// The expressions in a text. A `}}` within a string does not end one.
pub(super) fn fenced(text: &str) -> Vec<Fenced> {
    let mut all = Vec::new();
    let mut from = 0;
    while let Some(open) = text[from..].find("${{").map(|at| from + at) {
        let (mut quoted, mut end) = (false, None);
        let bytes = text.as_bytes();
        for at in open + 3..bytes.len() {
            match bytes[at] {
                b'\'' => quoted = !quoted,
                b'}' if !quoted && bytes.get(at + 1) == Some(&b'}') => {
                    end = Some(at);
                    break;
                }
                _ => {}
            }
        }
        let Some(end) = end else { break };
        all.push(Fenced { whole: open..end + 2, inner: open + 3..end });
        from = end + 2;
    }
    all
}

const OPERATORS: [&[&str]; 4] = [&["||"], &["&&"], &["==", "!="], &["<=", ">=", "<", ">"]];
const MAX_DEPTH: usize = 64;

struct Reader<'t> {
    text: &'t str,
    at: usize,
    depth: usize,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn blanks(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    fn take(&mut self, token: &str) -> bool {
        self.blanks();
        let found = self.rest().starts_with(token);
        self.at += if found { token.len() } else { 0 };
        found
    }

    fn binary(&mut self, rank: usize) -> Option<Expr> {
        let Some(operators) = OPERATORS.get(rank) else { return self.unary() };
        self.depth += 1;
        if self.depth > MAX_DEPTH * OPERATORS.len() {
            return None;
        }
        let mut left = self.binary(rank + 1)?;
        while let Some(operator) = operators.iter().find(|operator| self.take(operator)) {
            let right = self.binary(rank + 1)?;
            left = Expr::Binary(operator, Box::new(left), Box::new(right));
        }
        self.depth -= 1;
        Some(left)
    }

    fn unary(&mut self) -> Option<Expr> {
        self.blanks();
        if self.rest().starts_with('!') && !self.rest().starts_with("!=") {
            self.at += 1;
            self.depth += 1;
            let inner = if self.depth > MAX_DEPTH * OPERATORS.len() { None } else { self.unary() };
            self.depth = self.depth.saturating_sub(1);
            return Some(Expr::Not(Box::new(inner?)));
        }
        self.primary()
    }

    fn primary(&mut self) -> Option<Expr> {
        self.blanks();
        let start = self.at;
        let first = self.rest().chars().next()?;
        if first == '(' {
            self.at += 1;
            let inner = self.binary(0)?;
            if !self.take(")") {
                return None;
            }
            let tail = self.parts()?;
            // What is taken out of a choice is as unknown as what is taken out of a call.
            return Some(if tail.is_empty() { inner } else { Expr::Call(String::new(), vec![inner], tail) });
        }
        if first == '\'' {
            return self.string().map(Expr::Literal);
        }
        if first.is_ascii_digit() || matches!(first, '-' | '+' | '.') {
            let end = self.rest().find(|c: char| !(c.is_ascii_alphanumeric() || "+-.".contains(c)));
            self.at += end.unwrap_or(self.rest().len());
            return Some(Expr::Literal(self.text[start..self.at].to_owned()));
        }
        let name = self.name()?;
        if self.take("(") {
            let mut arguments = Vec::new();
            while !self.take(")") {
                if !arguments.is_empty() && !self.take(",") {
                    return None;
                }
                arguments.push(self.binary(0)?);
            }
            let tail = self.parts()?;
            return Some(Expr::Call(name, arguments, tail));
        }
        if matches!(name.as_str(), "true" | "false" | "null") {
            return Some(Expr::Literal(name));
        }
        let mut parts = vec![Part::Name(name)];
        parts.extend(self.parts()?);
        let end = start + self.text[start..self.at].trim_end().len();
        Some(Expr::Context(Context { parts, span: start..end }))
    }

    fn parts(&mut self) -> Option<Vec<Part>> {
        let mut parts = Vec::new();
        loop {
            if self.take(".") {
                parts.push(if self.take("*") { Part::Any } else { Part::Name(self.name()?) });
            } else if self.take("[") {
                let part = if self.take("*") {
                    Part::Any
                } else {
                    match self.binary(0)? {
                        Expr::Literal(text) if text.parse::<f64>().is_ok() => Part::Any,
                        Expr::Literal(text) => Part::Name(text.to_lowercase()),
                        other => Part::Computed(Box::new(other)),
                    }
                };
                parts.push(part);
                if !self.take("]") {
                    return None;
                }
            } else {
                return Some(parts);
            }
        }
    }

    fn name(&mut self) -> Option<String> {
        self.blanks();
        let start = self.at;
        let end = self.rest().find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '-'));
        self.at += end.unwrap_or(self.rest().len());
        let name = &self.text[start..self.at];
        let fit = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        fit.then(|| name.to_lowercase())
    }

    fn string(&mut self) -> Option<String> {
        let mut text = String::new();
        let mut chars = self.text[self.at..].char_indices().skip(1).peekable();
        while let Some((at, c)) = chars.next() {
            if c != '\'' {
                text.push(c);
            } else if chars.peek().is_some_and(|(_, next)| *next == '\'') {
                text.push('\'');
                chars.next();
            } else {
                self.at += at + 1;
                return Some(text);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flowing(text: &str) -> Vec<String> {
        let expr = Expr::parse(text).unwrap_or_else(|| panic!("{text} does not parse"));
        let name = |context: Option<&Context>| context.map_or("?".to_owned(), |c| c.pattern().unwrap_or("?".into()));
        expr.flowing().into_iter().map(name).collect()
    }

    #[test]
    fn only_what_can_become_the_text_flows() {
        for (text, wanted) in [
            ("github.head_ref", vec!["github.head_ref"]),
            (" github.event.commits[0].message ", vec!["github.event.commits.*.message"]),
            ("github['head_ref']", vec!["github.head_ref"]),
            ("github.event_name == 'push' && inputs.a || env.b", vec!["inputs.a", "env.b"]),
            ("a.b == 'x'", vec![]),
            ("!a.b", vec![]),
            ("contains(a.b, 'x')", vec![]),
            ("format('{0} {1}', a.b, c.d)", vec!["a.b", "c.d"]),
            ("toJSON(github.event)", vec!["github.event"]),
            ("fromJSON(a.b).c", vec!["?"]),
            ("steps.x.outputs[matrix.y]", vec!["?"]),
            ("(a.b || 'c') ", vec!["a.b"]),
            ("(a.b || c.d).e", vec!["?"]),
            ("fromJSON(a.b)", vec!["a.b"]),
            ("'it''s }}' || 1.5", vec![]),
            ("a.b.*.c", vec!["a.b.*.c"]),
        ] {
            assert_eq!(flowing(text), wanted, "{text}");
        }
    }

    #[test]
    fn what_is_no_expression_does_not_parse() {
        for text in ["", "a ||", "(a", "a b", "'x", "a[", "f(a,)", &"(".repeat(1000), &"!".repeat(5000)] {
            assert_eq!(Expr::parse(text), None, "{text}");
        }
    }

    #[test]
    fn fences_end_outside_strings() {
        let text = "a ${{ x }} b ${{ '}}' }} ${{ open";
        let found: Vec<&str> = fenced(text).into_iter().map(|f| &text[f.inner]).collect();
        assert_eq!(found, [" x ", " '}}' "]);
    }
}
