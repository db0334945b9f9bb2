//! HCL as far as rules ask: blocks, attributes and values, each with its bytes in the text.
//!
//! The reading is `hcl-edit`'s; this keeps rules from its types, and gives every value a place.

mod lenient;

use std::ops::Range;

use hcl_edit::Span;
use hcl_edit::expr::{Expression, ObjectKey};
use hcl_edit::structure::{Body as Parsed, Structure};

use super::error::EditError;

/// What stands in a file or between the braces of a block.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Body {
    /// In order.
    pub attributes: Vec<Attribute>,
    /// In order.
    pub blocks: Vec<Block>,
}

/// `key = value`
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Attribute {
    /// The key.
    pub key: String,
    /// The value.
    pub value: Expr,
    /// Both.
    pub span: Range<usize>,
}

/// `kind "label" { … }`
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Block {
    /// The first word.
    pub kind: String,
    /// What follows it, without quotes.
    pub labels: Vec<String>,
    /// Between the braces.
    pub body: Body,
    /// From the first word to the last label.
    pub head: Range<usize>,
    /// The whole block.
    pub span: Range<usize>,
}

/// A value with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Expr {
    /// What it is.
    pub value: Value,
    /// Its bytes.
    pub span: Range<usize>,
}

/// What a value is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// As written.
    Number(String),
    /// A string or heredoc without interpolation.
    Text(String),
    /// A string or heredoc with interpolation, as written between its quotes.
    Template(String),
    /// A list.
    List(Vec<Expr>),
    /// An object; a key that is an expression has no name.
    Object(Vec<(Option<String>, Expr)>),
    /// A call of a function.
    Call(String, Vec<Expr>),
    /// Anything else: a reference, an operation; as written.
    Other(String),
}

impl Body {
    /// The attribute `key`.
    pub(crate) fn attribute(&self, key: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| attribute.key == key)
    }

    /// The value of `key`.
    pub(crate) fn value(&self, key: &str) -> Option<&Value> {
        self.attribute(key).map(|attribute| &attribute.value.value)
    }

    /// The blocks of this kind, `dynamic` ones by what they make.
    pub(crate) fn all<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Block> {
        self.blocks.iter().filter_map(move |block| {
            if block.kind == kind {
                return Some(block);
            }
            let made = block.kind == "dynamic" && block.labels.first().is_some_and(|label| label == kind);
            made.then(|| block.body.blocks.iter().find(|inner| inner.kind == "content")).flatten()
        })
    }
}

impl Block {
    /// Whether it is `kind "label" …`.
    pub(crate) fn is(&self, kind: &str, label: &str) -> bool {
        self.kind == kind && self.labels.first().is_some_and(|found| found == label)
    }

    /// Its address, as Terraform spells it.
    pub(crate) fn address(&self) -> String {
        let mut parts = Vec::new();
        if self.kind != "resource" {
            parts.push(self.kind.as_str());
        }
        parts.extend(self.labels.iter().map(String::as_str));
        parts.join(".")
    }
}

impl Value {
    /// The text, if it is one without interpolation.
    pub(crate) fn text(&self) -> Option<&str> {
        if let Value::Text(text) = self { Some(text) } else { None }
    }

    /// The text, interpolated parts as written.
    pub(crate) fn words(&self) -> Option<&str> {
        match self {
            Value::Text(text) | Value::Template(text) => Some(text),
            _ => None,
        }
    }

    /// Whether it is `true`, or the text `"true"`, which Terraform converts.
    pub(crate) fn is_true(&self) -> bool {
        matches!(self, Value::Bool(true)) || self.text() == Some("true")
    }

    /// Whether it is `false`, or the text `"false"`.
    pub(crate) fn is_false(&self) -> bool {
        matches!(self, Value::Bool(false)) || self.text() == Some("false")
    }

    /// The items of a list; a single value is a list of one.
    pub(crate) fn items(&self) -> Vec<&Value> {
        match self {
            Value::List(items) => items.iter().map(|item| &item.value).collect(),
            other => vec![other],
        }
    }

    /// The value of an object's key.
    pub(crate) fn get(&self, key: &str) -> Option<&Value> {
        let Value::Object(entries) = self else { return None };
        // As Terraform does: of a key that is given twice, the last.
        entries.iter().rfind(|(name, _)| name.as_deref() == Some(key)).map(|(_, expr)| &expr.value)
    }
}

/// Reads `text`.
pub(crate) fn parse(text: &str) -> Result<Body, EditError> {
    let parsed = hcl_edit::parser::parse_body(text).or_else(|_| parse_leniently(text)).map_err(|error| {
        let words = error.message().replace('\n', "; ");
        EditError::at(format!("this is not HCL: {words}"), text, error.location().offset())
    })?;
    Ok(body(text, &parsed))
}

/// How many keys of objects a file may give twice; each costs one more reading of it.
const TWICE: usize = 20;

/// Reads what Terraform takes and `hcl-edit` refuses. All places stay, so that values are read from `text`.
fn parse_leniently(text: &str) -> Result<Parsed, hcl_edit::parser::Error> {
    let mut text = lenient::joined(text);
    let mut turn = 0;
    loop {
        let error = match hcl_edit::parser::parse_body(&text) {
            Ok(parsed) => return Ok(parsed),
            Err(error) => error,
        };
        let twice = error.message().contains("redefined object key") && turn < TWICE;
        let renamed = twice.then(|| lenient::renamed(&text, error.location().offset(), turn)).flatten();
        text = renamed.ok_or(error)?;
        turn += 1;
    }
}

fn body(text: &str, parsed: &Parsed) -> Body {
    let mut read = Body::default();
    for structure in parsed {
        match structure {
            Structure::Attribute(attribute) => {
                let value = expr(text, &attribute.value);
                let start = attribute.key.span().map_or(value.span.start, |span| span.start);
                let span = start..value.span.end;
                read.attributes.push(Attribute { key: attribute.key.as_str().to_owned(), value, span });
            }
            Structure::Block(block) => {
                let span = block.span().unwrap_or_default();
                let start = block.ident.span().map_or(span.start, |span| span.start);
                let last = block.labels.last().and_then(Span::span).or_else(|| block.ident.span());
                let head = start..last.map_or(span.end, |span| span.end);
                let labels = block.labels.iter().map(|label| label.as_str().to_owned()).collect();
                let kind = block.ident.as_str().to_owned();
                let end = start + text[start..span.end.max(start)].trim_end().len();
                read.blocks.push(Block { kind, labels, body: body(text, &block.body), head, span: start..end });
            }
        }
    }
    read
}

fn expr(text: &str, parsed: &Expression) -> Expr {
    let span = parsed.span().unwrap_or_default();
    let written = || text.get(span.clone()).unwrap_or_default().trim().to_owned();
    let value = match parsed {
        Expression::Null(_) => Value::Null,
        Expression::Bool(value) => Value::Bool(*value.value()),
        Expression::Number(_) => Value::Number(written()),
        Expression::String(value) => Value::Text(value.as_str().to_owned()),
        Expression::StringTemplate(_) => {
            let written = written();
            let inner = written.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
            Value::Template(inner.unwrap_or(&written).to_owned())
        }
        Expression::HeredocTemplate(_) => heredoc(&written()),
        Expression::Array(items) => Value::List(items.iter().map(|item| expr(text, item)).collect()),
        Expression::Object(entries) => {
            Value::Object(entries.iter().map(|(key, value)| (key_name(text, key), expr(text, value.expr()))).collect())
        }
        Expression::FuncCall(call) => {
            Value::Call(call.name.name.as_str().to_owned(), call.args.iter().map(|arg| expr(text, arg)).collect())
        }
        Expression::Parenthesis(inner) => return Expr { value: expr(text, inner.inner()).value, span },
        _ => Value::Other(written()),
    };
    Expr { value, span }
}

/// A key's name as `text` has it: what was parsed may have another for a key that is given twice.
fn key_name(text: &str, key: &ObjectKey) -> Option<String> {
    let written = |span: Option<Range<usize>>| text.get(span?).map(str::trim);
    match key {
        ObjectKey::Ident(ident) => Some(written(ident.span()).unwrap_or(ident.as_str()).to_owned()),
        ObjectKey::Expression(expression) => {
            let name = expression.as_str()?;
            let quoted = written(expression.span()).and_then(|text| text.strip_prefix('"')?.strip_suffix('"'));
            Some(quoted.filter(|text| text.len() == name.len()).unwrap_or(name).to_owned())
        }
    }
}

/// The lines of a heredoc, without its first and last.
fn heredoc(written: &str) -> Value {
    let lines = written.split_once('\n').map_or("", |(_, rest)| rest);
    let body = lines.rsplit_once('\n').map_or("", |(body, _)| body).to_owned();
    if body.contains("${") || body.contains("%{") { Value::Template(body) } else { Value::Text(body) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"# first
resource "aws_x" "y" {
  a = true
  b = ["one", var.two, "t${three}"]
  c = { d = 1, "e" = null, (f) = 2 }
  g = jsonencode({ h = "i" })
  j = <<-EOT
    k ${l}
    m
  EOT
  dynamic "inner" {
    for_each = var.n
    content { o = "p" }
  }
  inner { o = "q" }
}
terraform { required_version = ">= 1" }
"#;

    #[test]
    fn blocks_and_values_have_places() {
        let body = parse(TEXT).unwrap();
        let block = &body.blocks[0];
        assert_eq!(block.address(), "aws_x.y");
        assert_eq!(&TEXT[block.head.clone()], "resource \"aws_x\" \"y\"");
        assert!(TEXT[block.span.clone()].starts_with("resource") && TEXT[block.span.clone()].ends_with('}'));
        assert!(block.body.value("a").unwrap().is_true());
        let list = block.body.attribute("b").unwrap();
        assert_eq!(&TEXT[list.span.clone()], r#"b = ["one", var.two, "t${three}"]"#);
        let items = list.value.value.items();
        assert_eq!(
            items,
            [&Value::Text("one".into()), &Value::Other("var.two".into()), &Value::Template("t${three}".into())]
        );
        let object = block.body.value("c").unwrap();
        assert_eq!(object.get("d"), Some(&Value::Number("1".into())));
        assert_eq!(object.get("e"), Some(&Value::Null));
        let Value::Call(name, args) = block.body.value("g").unwrap() else { panic!("no call") };
        assert_eq!((name.as_str(), args[0].value.get("h").and_then(Value::text)), ("jsonencode", Some("i")));
        assert_eq!(block.body.value("j"), Some(&Value::Template("    k ${l}\n    m".into())));
        let inner: Vec<_> = block.body.all("inner").map(|inner| inner.body.value("o").and_then(Value::text)).collect();
        assert_eq!(inner, [Some("p"), Some("q")]);
        let version = body.blocks[1].body.attribute("required_version").unwrap();
        assert_eq!(&TEXT[version.value.span.clone()], "\">= 1\"");
    }

    #[test]
    fn what_is_not_hcl_is_refused_at_its_place() {
        let error = parse("a = 1\nb = [\n").unwrap_err();
        assert!(error.position.is_some_and(|at| at.line >= 2), "{error:?}");
    }
}
