//! Declarative Jenkinsfiles as far as they go: statements, blocks and strings, each with its place.
//!
//! Groovy is a whole language. This reads only what a pipeline is made of, words, strings and blocks, and
//! leaves the rest alone.

use std::ops::Range;

use super::error::EditError;

/// How a string is quoted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Quote {
    /// `'…'`: nothing in it is replaced.
    Single,
    /// `"…"`: `${}` and `$name` are replaced by Groovy.
    Double,
    /// `'''…'''`
    TripleSingle,
    /// `"""…"""`, replaced too.
    TripleDouble,
    /// `/…/` or `$/…/$`, replaced too.
    Slashy,
}

/// The smallest part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    /// A name or a number, with the dots in it.
    Word(String),
    /// A string: its quotes, and what stands between them as written.
    Text(Quote, String),
    /// Anything else.
    Mark(char),
}

/// A token with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Placed {
    /// It.
    pub token: Token,
    /// Its bytes, quotes included.
    pub span: Range<usize>,
}

/// Tokens up to the end of a line, with the blocks behind them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Statement {
    /// All but what is in blocks.
    pub tokens: Vec<Placed>,
    /// What stands in braces.
    pub blocks: Vec<Block>,
}

/// What stands in braces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Block {
    /// In order.
    pub statements: Vec<Statement>,
    /// From brace to brace.
    pub span: Range<usize>,
}

impl Statement {
    /// The word that it starts with; empty if it starts with none.
    pub(crate) fn name(&self) -> &str {
        match self.tokens.first() {
            Some(Placed { token: Token::Word(word), .. }) => word,
            _ => "",
        }
    }

    /// Where it starts.
    pub(crate) fn start(&self) -> usize {
        self.tokens
            .first()
            .map_or_else(|| self.blocks.first().map_or(0, |block| block.span.start), |first| first.span.start)
    }

    /// The statements in its blocks.
    pub(crate) fn inner(&self) -> impl Iterator<Item = &Statement> {
        self.blocks.iter().flat_map(|block| &block.statements)
    }

    /// Calls `each` for it and everything in it, with the statements around.
    pub(crate) fn walk<'s>(
        &'s self,
        around: &mut Vec<&'s Statement>,
        each: &mut dyn FnMut(&'s Statement, &[&'s Statement]),
    ) {
        each(self, around);
        around.push(self);
        for inner in self.inner() {
            inner.walk(around, each);
        }
        around.pop();
    }
}

/// Blocks are followed no deeper.
const MAX_DEPTH: usize = 100;

/// Reads `text`. An error says where a string or a block has no end.
pub(crate) fn parse(text: &str) -> Result<Vec<Statement>, EditError> {
    let tokens = tokens(text)?;
    let mut reader = Reader { text, tokens: &tokens, at: 0 };
    let statements = reader.statements(0)?;
    if let Some(Some(rest)) = tokens.get(reader.at) {
        return Err(EditError::at("this brace closes nothing", text, rest.span.start));
    }
    Ok(statements)
}

struct Reader<'t> {
    text: &'t str,
    /// None is the end of a line.
    tokens: &'t [Option<Placed>],
    at: usize,
}

impl Reader<'_> {
    /// Statements up to a brace that closes what is around, or the end.
    fn statements(&mut self, depth: usize) -> Result<Vec<Statement>, EditError> {
        let mut all = Vec::new();
        let mut current = Statement::default();
        let mut brackets = 0usize;
        while let Some(next) = self.tokens.get(self.at) {
            let ends = matches!(next, None | Some(Placed { token: Token::Mark(';'), .. })) && brackets == 0;
            match next {
                _ if ends => {
                    // A block may open on the next line; `else` and its like go on after one.
                    if current != Statement::default() {
                        all.push(std::mem::take(&mut current));
                    }
                    self.at += 1;
                }
                Some(Placed { token: Token::Mark('{'), span }) => {
                    let start = span.start;
                    if depth >= MAX_DEPTH {
                        return Err(EditError::at("blocks are nested too deep", self.text, start));
                    }
                    self.at += 1;
                    let statements = self.statements(depth + 1)?;
                    let Some(Some(close)) = self.tokens.get(self.at) else {
                        return Err(EditError::at("this block has no end", self.text, start));
                    };
                    current.blocks.push(Block { statements, span: start..close.span.end });
                    self.at += 1;
                }
                Some(Placed { token: Token::Mark('}'), .. }) => break,
                Some(placed) => {
                    match placed.token {
                        Token::Mark('(' | '[') => brackets += 1,
                        Token::Mark(')' | ']') => brackets = brackets.saturating_sub(1),
                        _ => {}
                    }
                    current.tokens.push(placed.clone());
                    self.at += 1;
                }
                None => self.at += 1,
            }
        }
        if current != Statement::default() {
            all.push(current);
        }
        Ok(all)
    }
}

fn tokens(text: &str) -> Result<Vec<Option<Placed>>, EditError> {
    let mut all: Vec<Option<Placed>> = Vec::new();
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let rest = &text[at..];
        if c == '\n' {
            all.push(None);
            at += 1;
        } else if c.is_whitespace() || c == '\u{feff}' {
            at += c.len_utf8();
        } else if rest.starts_with("//") || rest.starts_with("#!") && at == 0 {
            at += rest.find('\n').unwrap_or(rest.len());
        } else if rest.starts_with("/*") {
            let end = rest.find("*/").ok_or_else(|| EditError::at("this comment has no end", text, at))?;
            at += end + 2;
        } else if let Some((open, close, quote)) = opening(rest, all.last()) {
            let body = at + open;
            let length =
                closing(&text[body..], close).ok_or_else(|| EditError::at("this string has no end", text, at))?;
            let end = body + length + close.len();
            all.push(Some(Placed { token: Token::Text(quote, text[body..body + length].to_owned()), span: at..end }));
            at = end;
        } else if c.is_alphanumeric() || c == '_' || c == '@' || c == '$' {
            let word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$' | '.' | '@');
            let length = rest.find(|c: char| !word(c)).unwrap_or(rest.len());
            all.push(Some(Placed { token: Token::Word(rest[..length].to_owned()), span: at..at + length }));
            at += length;
        } else {
            all.push(Some(Placed { token: Token::Mark(c), span: at..at + c.len_utf8() }));
            at += c.len_utf8();
        }
    }
    Ok(all)
}

/// The length of what opens a string, what closes it, and its kind.
fn opening(rest: &str, before: Option<&Option<Placed>>) -> Option<(usize, &'static str, Quote)> {
    for (open, quote) in
        [("'''", Quote::TripleSingle), ("\"\"\"", Quote::TripleDouble), ("'", Quote::Single), ("\"", Quote::Double)]
    {
        if rest.starts_with(open) {
            return Some((open.len(), open, quote));
        }
    }
    if rest.starts_with("$/") {
        return Some((2, "/$", Quote::Slashy));
    }
    // Behind a value a slash divides; a slashy string ends in its line.
    let value =
        matches!(before, Some(Some(Placed { token: Token::Word(_) | Token::Text(..) | Token::Mark(')' | ']'), .. })));
    let line = rest.lines().next().unwrap_or_default();
    (rest.starts_with('/') && !value && line[1..].contains('/')).then_some((1, "/", Quote::Slashy))
}

/// Where `close` stands, outside escapes and `${}`.
fn closing(text: &str, close: &str) -> Option<usize> {
    let mut escaped = false;
    let mut depth = 0usize;
    let expands = !close.starts_with('\'');
    let mut previous = ' ';
    for (at, c) in text.char_indices() {
        if escaped {
            escaped = false;
        } else if c == '\\' {
            escaped = true;
        } else if expands && c == '{' && (previous == '$' || depth > 0) {
            depth += 1;
        } else if depth > 0 {
            depth -= usize::from(c == '}');
        } else if text[at..].starts_with(close) {
            return Some(at);
        } else if c == '\n' && close.len() == 1 {
            return None;
        }
        previous = c;
    }
    None
}

/// What Groovy replaces in a string: the expression, and its place in the text between the quotes.
pub(crate) fn replaced(body: &str) -> Vec<(String, Range<usize>)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(next) = body[at..].find(['$', '\\']) {
        let start = at + next;
        if body[start..].starts_with('\\') {
            at = start + 1 + body[start + 1..].chars().next().map_or(0, char::len_utf8);
            continue;
        }
        let rest = &body[start + 1..];
        if let Some(inner) = rest.strip_prefix('{') {
            let length = inner.find('}').unwrap_or(inner.len());
            let end = (start + 2 + length + 1).min(body.len());
            found.push((inner[..length].trim().to_owned(), start..end));
            at = end;
        } else {
            let word = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
            let name = rest[..rest.find(|c: char| !word(c)).unwrap_or(rest.len())].trim_end_matches('.');
            if name.starts_with(|c: char| c.is_alphabetic() || c == '_') {
                found.push((name.to_owned(), start..start + 1 + name.len()));
            }
            at = start + 1 + name.len();
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_blocks_and_strings_have_places() {
        let text = "// top\n@Library('x') _\npipeline {\n  agent { label 'a' }\n  options { timeout(time: 1,\n    unit: 'HOURS') }\n  stages { stage(\"b ${c}\") { steps { sh '''d\n}''' } } }\n}\n";
        let all = parse(text).unwrap();
        assert_eq!(all[0].name(), "@Library");
        let pipeline = &all[1];
        assert_eq!((pipeline.name(), &text[pipeline.blocks[0].span.clone()][..1]), ("pipeline", "{"));
        let names: Vec<_> = pipeline.inner().map(Statement::name).collect();
        assert_eq!(names, ["agent", "options", "stages"]);
        let mut steps = Vec::new();
        pipeline.walk(&mut Vec::new(), &mut |statement, around| {
            if statement.name() == "sh" {
                steps.push((statement.tokens[1].token.clone(), around.len()));
            }
        });
        assert_eq!(steps, [(Token::Text(Quote::TripleSingle, "d\n}".into()), 4)]);
    }

    #[test]
    fn what_has_no_end_is_refused_at_its_place() {
        for (text, line) in [("a {\n", 1), ("a\n'b\n'", 2), ("}\n", 1), ("/* x", 1)] {
            assert_eq!(parse(text).unwrap_err().position.map(|at| at.line), Some(line), "{text}");
        }
        assert!(parse("x = a / b\ny = ~/c {/\nz = \"${a.b { it }}\"\n").is_ok());
    }

    #[test]
    fn what_is_replaced_is_found() {
        let found: Vec<_> = replaced(r"a ${B} $c.d. \$E $1 ${f('x')}").into_iter().map(|(text, _)| text).collect();
        assert_eq!(found, ["B", "c.d", "f('x')"]);
    }
}
