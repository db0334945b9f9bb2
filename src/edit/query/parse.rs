//! The text of a query to its steps.

use super::{Query, QueryError, Segment, Selector};

/// No query is longer, in bytes.
const MAX_LENGTH: usize = 2_000;
/// No filter stands in more filters and parentheses.
const MAX_DEPTH: usize = 24;
/// Whole numbers that every reader of JSON keeps exactly.
const MAX_INTEGER: i64 = (1 << 53) - 1;

pub(super) type Parsed<T> = Result<T, QueryError>;

/// Reads a whole query.
pub(super) fn query(text: &str) -> Parsed<Query> {
    if text.len() > MAX_LENGTH {
        let message = format!("the query has {} bytes; it must have at most {MAX_LENGTH}", text.len());
        return Err(QueryError { message, at: 1 });
    }
    let mut reader = Reader { text, place: 0, depth: 0 };
    if !reader.take("$") {
        return Err(reader.error("a query must start with `$`"));
    }
    let segments = reader.segments()?;
    if reader.place < text.len() {
        return Err(reader.error("a query goes on with `.name`, `..` or `[…]`"));
    }
    Ok(Query { segments })
}

pub(super) struct Reader<'t> {
    pub(super) text: &'t str,
    pub(super) place: usize,
    depth: usize,
}

impl Reader<'_> {
    pub(super) fn rest(&self) -> &str {
        &self.text[self.place..]
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(super) fn take(&mut self, word: &str) -> bool {
        let found = self.rest().starts_with(word);
        if found {
            self.place += word.len();
        }
        found
    }

    pub(super) fn expect(&mut self, word: &str) -> Parsed<()> {
        if self.take(word) { Ok(()) } else { Err(self.error(format!("`{word}` must stand here"))) }
    }

    pub(super) fn blanks(&mut self) {
        let rest = self.rest();
        self.place += rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r']).len();
    }

    pub(super) fn error(&self, message: impl Into<String>) -> QueryError {
        QueryError { message: message.into(), at: self.text[..self.place].chars().count() + 1 }
    }

    pub(super) fn deeper(&mut self) -> Parsed<()> {
        self.depth += 1;
        if self.depth > MAX_DEPTH { Err(self.error("the query is nested too deeply")) } else { Ok(()) }
    }

    pub(super) fn back_up(&mut self) {
        self.depth -= 1;
    }

    pub(super) fn segments(&mut self) -> Parsed<Vec<Segment>> {
        let mut segments = Vec::new();
        loop {
            let before = self.place;
            self.blanks();
            if self.take("..") {
                let selectors = match self.peek() {
                    Some('[') => self.bracketed()?,
                    _ => vec![self.dotted()?],
                };
                segments.push(Segment { descends: true, selectors });
            } else if self.take(".") {
                segments.push(Segment { descends: false, selectors: vec![self.dotted()?] });
            } else if self.peek() == Some('[') {
                segments.push(Segment { descends: false, selectors: self.bracketed()? });
            } else {
                self.place = before;
                return Ok(segments);
            }
        }
    }

    /// What may stand behind a dot.
    fn dotted(&mut self) -> Parsed<Selector> {
        if self.take("*") {
            return Ok(Selector::Wildcard);
        }
        let first = |c: char| c.is_ascii_alphabetic() || c == '_' || !c.is_ascii();
        let rest = self.rest();
        if !rest.starts_with(first) {
            return Err(self.error("a name or `*` must follow the dot; write other names as `['name']`"));
        }
        let end = rest.find(|c: char| !first(c) && !c.is_ascii_digit()).unwrap_or(rest.len());
        let name = rest[..end].to_owned();
        self.place += end;
        Ok(Selector::Name(name))
    }

    fn bracketed(&mut self) -> Parsed<Vec<Selector>> {
        self.expect("[")?;
        let mut selectors = Vec::new();
        loop {
            self.blanks();
            selectors.push(self.selector()?);
            self.blanks();
            if self.take("]") {
                return Ok(selectors);
            }
            self.expect(",")?;
        }
    }

    fn selector(&mut self) -> Parsed<Selector> {
        match self.peek() {
            Some('\'' | '"') => self.string().map(Selector::Name),
            Some('*') => {
                self.place += 1;
                Ok(Selector::Wildcard)
            }
            Some('?') => {
                self.place += 1;
                self.blanks();
                let logical = self.logical()?;
                Ok(Selector::Filter(Box::new(logical)))
            }
            Some('-' | '0'..='9' | ':') => self.index_or_slice(),
            _ => Err(self.error("a selector must be a quoted name, a number, a slice, `*` or `?` with a condition")),
        }
    }

    fn index_or_slice(&mut self) -> Parsed<Selector> {
        let start = self.integer()?;
        let after = self.place;
        self.blanks();
        if !self.take(":") {
            self.place = after;
            return start.map(Selector::Index).ok_or_else(|| self.error("a number must stand here"));
        }
        self.blanks();
        let end = self.integer()?;
        let after = self.place;
        self.blanks();
        let mut step = 1;
        if self.take(":") {
            self.blanks();
            step = self.integer()?.unwrap_or(1);
        } else {
            self.place = after;
        }
        Ok(Selector::Slice(start, end, step))
    }

    fn integer(&mut self) -> Parsed<Option<i64>> {
        let rest = self.rest();
        let signs = usize::from(rest.starts_with('-'));
        let digits = rest[signs..].bytes().take_while(u8::is_ascii_digit).count();
        if digits == 0 {
            return if signs == 0 { Ok(None) } else { Err(self.error("a number must follow the sign")) };
        }
        let written = &rest[..signs + digits];
        let odd = written == "-0" || (digits > 1 && written[signs..].starts_with('0'));
        let value = written.parse::<i64>().ok().filter(|n| !odd && n.abs() <= MAX_INTEGER);
        let value = value.ok_or_else(|| self.error(format!("`{written}` is no number that can stand here")))?;
        self.place += signs + digits;
        Ok(Some(value))
    }
}
