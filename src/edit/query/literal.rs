//! Literals of a query: strings, numbers and words.

use super::Literal;
use super::parse::{Parsed, Reader};

impl Reader<'_> {
    /// A quoted text.
    pub(super) fn string(&mut self) -> Parsed<String> {
        let Some(quote @ ('\'' | '"')) = self.peek() else { return Err(self.error("a quoted text must stand here")) };
        self.place += 1;
        let mut text = String::new();
        loop {
            let Some(c) = self.peek() else { return Err(self.error("the quoted text does not end")) };
            if c < ' ' {
                return Err(self.error("a control character must be written with `\\u`"));
            }
            if c == '\\' {
                text.push(self.escape(quote)?);
                continue;
            }
            self.place += c.len_utf8();
            if c == quote {
                return Ok(text);
            }
            text.push(c);
        }
    }

    fn escape(&mut self, quote: char) -> Parsed<char> {
        self.place += 1;
        let Some(c) = self.peek() else { return Err(self.error("the quoted text does not end")) };
        let plain = match c {
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            '/' | '\\' => c,
            'u' => {
                self.place += 1;
                return self.unicode();
            }
            c if c == quote => c,
            c => return Err(self.error(format!("`\\{}` is no escape", c.escape_debug()))),
        };
        self.place += 1;
        Ok(plain)
    }

    fn unicode(&mut self) -> Parsed<char> {
        let high = self.hexadecimal()?;
        let code = if (0xd800..0xdc00).contains(&high) && self.take("\\u") {
            let low = self.hexadecimal()?;
            if !(0xdc00..0xe000).contains(&low) {
                return Err(self.error("half a character follows another half"));
            }
            0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00)
        } else {
            high
        };
        char::from_u32(code).ok_or_else(|| self.error("half a character stands alone"))
    }

    fn hexadecimal(&mut self) -> Parsed<u32> {
        let digits = self.rest().get(..4).filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()));
        let code = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        let code = code.ok_or_else(|| self.error("four hexadecimal digits must follow `\\u`"))?;
        self.place += 4;
        Ok(code)
    }

    /// A literal, if one stands here.
    pub(super) fn literal(&mut self) -> Parsed<Option<Literal>> {
        match self.peek() {
            Some('\'' | '"') => self.string().map(|text| Some(Literal::Text(text))),
            Some('-' | '0'..='9') => self.number().map(Some),
            _ => {
                for (word, literal) in
                    [("true", Literal::Bool(true)), ("false", Literal::Bool(false)), ("null", Literal::Null)]
                {
                    let rest = self.rest();
                    let ends = rest.strip_prefix(word).is_some_and(|rest| {
                        !rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_' || c == '(')
                    });
                    if ends {
                        self.place += word.len();
                        return Ok(Some(literal));
                    }
                }
                Ok(None)
            }
        }
    }

    fn number(&mut self) -> Parsed<Literal> {
        let rest = self.rest();
        let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
        let sign = usize::from(rest.starts_with('-'));
        let whole = digits(&rest[sign..]);
        let mut end = sign + whole;
        let mut wrong = whole == 0 || (whole > 1 && rest[sign..].starts_with('0'));
        if rest[end..].starts_with('.') {
            let fraction = digits(&rest[end + 1..]);
            wrong |= fraction == 0;
            end += 1 + fraction;
        }
        if rest[end..].starts_with(['e', 'E']) {
            let signs = usize::from(rest[end + 1..].starts_with(['-', '+']));
            let exponent = digits(&rest[end + 1 + signs..]);
            wrong |= exponent == 0;
            end += 1 + signs + exponent;
        }
        if wrong {
            return Err(self.error("this is no number"));
        }
        let text = rest[..end].to_owned();
        self.place += end;
        Ok(Literal::Number(text))
    }
}
