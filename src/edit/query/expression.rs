//! The conditions of filters.

use super::parse::{Parsed, Reader};
use super::regexp;
use super::{Comparable, Inner, Literal, Logical, Operator, Pattern, Selector};

/// The functions of RFC 9535.
const FUNCTIONS: [&str; 5] = ["length", "count", "match", "search", "value"];

/// What a function gives, or a query is, before it is known what is wanted.
enum Operand {
    Comparable(Comparable),
    /// A query that may select several nodes.
    Query(Inner),
    Logical(Logical),
}

impl Reader<'_> {
    pub(super) fn logical(&mut self) -> Parsed<Logical> {
        self.deeper()?;
        let mut any = vec![self.all()?];
        loop {
            let before = self.place;
            self.blanks();
            if !self.take("||") {
                self.place = before;
                break;
            }
            self.blanks();
            any.push(self.all()?);
        }
        self.back_up();
        Ok(match any.len() {
            1 => any.remove(0),
            _ => Logical::Or(any),
        })
    }

    fn all(&mut self) -> Parsed<Logical> {
        let mut all = vec![self.basic()?];
        loop {
            let before = self.place;
            self.blanks();
            if !self.take("&&") {
                self.place = before;
                break;
            }
            self.blanks();
            all.push(self.basic()?);
        }
        Ok(match all.len() {
            1 => all.remove(0),
            _ => Logical::And(all),
        })
    }

    fn basic(&mut self) -> Parsed<Logical> {
        if self.take("!") {
            self.blanks();
            let inner = if self.peek() == Some('(') { self.parenthesis()? } else { self.test()? };
            return Ok(Logical::Not(Box::new(inner)));
        }
        if self.peek() == Some('(') {
            return self.parenthesis();
        }
        let left = self.operand()?;
        let after = self.place;
        self.blanks();
        let Some(operator) = self.operator() else {
            self.place = after;
            return self.as_test(left);
        };
        let left = self.as_comparable(left)?;
        self.blanks();
        let right = self.operand()?;
        let right = self.as_comparable(right)?;
        Ok(Logical::Compare(left, operator, right))
    }

    fn parenthesis(&mut self) -> Parsed<Logical> {
        self.expect("(")?;
        self.blanks();
        let inner = self.logical()?;
        self.blanks();
        self.expect(")")?;
        Ok(inner)
    }

    fn test(&mut self) -> Parsed<Logical> {
        let operand = self.operand()?;
        self.as_test(operand)
    }

    fn as_test(&self, operand: Operand) -> Parsed<Logical> {
        match operand {
            Operand::Query(inner) | Operand::Comparable(Comparable::Query(inner)) => Ok(Logical::Exists(inner)),
            Operand::Logical(logical) => Ok(logical),
            Operand::Comparable(_) => Err(self.error("this is a value; compare it with `==`, `<` or the like")),
        }
    }

    fn as_comparable(&self, operand: Operand) -> Parsed<Comparable> {
        match operand {
            Operand::Comparable(comparable) => Ok(comparable),
            Operand::Query(_) => {
                Err(self.error("a query that is compared must select one node: names and numbers only"))
            }
            Operand::Logical(_) => Err(self.error("what is true or false cannot be compared")),
        }
    }

    fn operator(&mut self) -> Option<Operator> {
        let all = [
            ("==", Operator::Equal),
            ("!=", Operator::Unequal),
            ("<=", Operator::LessOrEqual),
            (">=", Operator::GreaterOrEqual),
            ("<", Operator::Less),
            (">", Operator::Greater),
        ];
        all.into_iter().find(|(word, _)| self.take(word)).map(|(_, operator)| operator)
    }

    fn operand(&mut self) -> Parsed<Operand> {
        if let Some(literal) = self.literal()? {
            return Ok(Operand::Comparable(Comparable::Literal(literal)));
        }
        if let Some(inner) = self.inner()? {
            let single = inner.segments.iter().all(|segment| {
                !segment.descends && matches!(segment.selectors.as_slice(), [Selector::Name(_) | Selector::Index(_)])
            });
            return Ok(if single { Operand::Comparable(Comparable::Query(inner)) } else { Operand::Query(inner) });
        }
        self.function()
    }

    /// A query that stands in a filter, if one does.
    fn inner(&mut self) -> Parsed<Option<Inner>> {
        let absolute = self.take("$");
        if !absolute && !self.take("@") {
            return Ok(None);
        }
        self.deeper()?;
        let segments = self.segments()?;
        self.back_up();
        Ok(Some(Inner { absolute, segments }))
    }

    fn function(&mut self) -> Parsed<Operand> {
        let rest = self.rest();
        let end =
            rest.find(|c: char| !(c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')).unwrap_or(rest.len());
        let name = rest[..end].to_owned();
        if !FUNCTIONS.contains(&name.as_str()) {
            let known = FUNCTIONS.join(", ");
            return Err(self.error(format!("a value, a query (`@…`, `$…`) or a function ({known}) must stand here")));
        }
        self.place += end;
        self.deeper()?;
        self.expect("(")?;
        self.blanks();
        let operand = match name.as_str() {
            "length" => {
                let of = self.argument()?;
                Operand::Comparable(Comparable::Length(Box::new(of)))
            }
            "count" => Operand::Comparable(Comparable::Count(self.nodes()?)),
            "value" => Operand::Comparable(Comparable::Value(self.nodes()?)),
            _ => {
                let text = self.argument()?;
                self.blanks();
                self.expect(",")?;
                self.blanks();
                let whole = name == "match";
                let pattern = match self.argument()? {
                    Comparable::Literal(Literal::Text(pattern)) => Pattern::Fixed(regexp::compile(&pattern, whole)),
                    Comparable::Literal(_) => Pattern::Fixed(None),
                    other => Pattern::Of(other),
                };
                Operand::Logical(Logical::Matches { whole, text, pattern })
            }
        };
        self.blanks();
        self.expect(")")?;
        self.back_up();
        Ok(operand)
    }

    fn argument(&mut self) -> Parsed<Comparable> {
        let operand = self.operand()?;
        self.as_comparable(operand)
    }

    fn nodes(&mut self) -> Parsed<Inner> {
        self.inner()?.ok_or_else(|| self.error("a query (`@…` or `$…`) must stand here"))
    }
}
