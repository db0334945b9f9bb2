//! What a template is allowed to be: checked on its syntax tree, before anything runs.
//!
//! The engine's fuel bounds time and the size of texts. The tree is checked for what fuel cannot see:
//! lists that hold themselves many times over, constructs that would need a stack, and names nobody asked for.

use std::collections::BTreeSet;

use minijinja::machinery::ast::{BinOpKind, CallArg, Expr, Stmt};
use minijinja::machinery::{Span, Token, parse, parse_expr, tokenize};
use minijinja::syntax::SyntaxConfig;

use super::filters;
use super::sandbox::Fault;
use crate::error::Position;
use crate::model::document::nearest;

/// No template is longer, in bytes.
pub(super) const MAX_SOURCE: usize = 1024 * 1024;
/// No tag or expression has more parts; the tree is no deeper than that.
const MAX_TOKENS: usize = 400;
/// No template has more tags.
const MAX_TAGS: usize = 5_000;
/// A chain of `elif` is as deep as it is long.
const MAX_ELIF: usize = 200;

/// Where a name is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Use {
    /// The name.
    pub(super) name: String,
    /// Where it stands.
    pub(super) at: Position,
    /// Whether it may be missing there: it is tested for that, or has a default.
    pub(super) guarded: bool,
}

/// What a template reads.
#[derive(Clone, Debug, Default)]
pub(super) struct Outline {
    /// Names that the template does not bind itself: answers.
    pub(super) reads: Vec<Use>,
    /// Answers among the parts of a `~`, which joins texts and whole numbers only.
    pub(super) joined: Vec<Use>,
    bound: BTreeSet<String>,
}

impl Outline {
    /// Checks a whole template.
    pub(super) fn of_template(source: &str, syntax: &SyntaxConfig) -> Result<Self, Fault> {
        check_tokens(source, false, syntax)?;
        let tree = parse(source, "template", syntax.clone()).map_err(|error| Fault::syntax(&error, source))?;
        let mut outline = Outline::default();
        outline.bind(&tree);
        outline.statement(&tree)?;
        Ok(outline)
    }

    /// Checks an expression that stands alone.
    pub(super) fn of_expression(source: &str, syntax: &SyntaxConfig) -> Result<Self, Fault> {
        check_tokens(source, true, syntax)?;
        let tree = parse_expr(source).map_err(|error| Fault::syntax(&error, source))?;
        let mut outline = Outline::default();
        outline.expression(&tree, Place::Read)?;
        Ok(outline)
    }

    fn bind(&mut self, statement: &Stmt<'_>) {
        match statement {
            Stmt::Template(s) => self.bind_all(&s.children),
            Stmt::ForLoop(s) => {
                self.bind_target(&s.target);
                self.bind_all(&s.body);
                self.bind_all(&s.else_body);
            }
            Stmt::IfCond(s) => {
                self.bind_all(&s.true_body);
                self.bind_all(&s.false_body);
            }
            Stmt::WithBlock(s) => {
                s.assignments.iter().for_each(|(target, _)| self.bind_target(target));
                self.bind_all(&s.body);
            }
            Stmt::Set(s) => self.bind_target(&s.target),
            _ => {}
        }
    }

    fn bind_all(&mut self, statements: &[Stmt<'_>]) {
        for statement in statements {
            self.bind(statement);
        }
    }

    fn bind_target(&mut self, target: &Expr<'_>) {
        match target {
            Expr::Var(var) => {
                self.bound.insert(var.id.to_owned());
            }
            Expr::List(list) => list.items.iter().for_each(|item| self.bind_target(item)),
            Expr::Tuple(tuple) => tuple.items.iter().for_each(|item| self.bind_target(item)),
            _ => {}
        }
    }

    fn statements(&mut self, statements: &[Stmt<'_>]) -> Result<(), Fault> {
        statements.iter().try_for_each(|statement| self.statement(statement))
    }

    fn statement(&mut self, statement: &Stmt<'_>) -> Result<(), Fault> {
        match statement {
            Stmt::Template(s) => self.statements(&s.children),
            Stmt::EmitRaw(_) => Ok(()),
            Stmt::EmitExpr(s) => self.expression(&s.expr, Place::Read),
            Stmt::ForLoop(s) => {
                if s.recursive {
                    return Err(refuse(s.span(), "a loop must not be recursive"));
                }
                self.expression(&s.iter, Place::Kept)?;
                if let Some(filter) = &s.filter_expr {
                    self.expression(filter, Place::Read)?;
                }
                self.statements(&s.body)?;
                self.statements(&s.else_body)
            }
            Stmt::IfCond(s) => {
                self.expression(&s.expr, Place::Read)?;
                self.statements(&s.true_body)?;
                self.statements(&s.false_body)
            }
            Stmt::WithBlock(s) => {
                s.assignments.iter().try_for_each(|(_, value)| self.expression(value, Place::Kept))?;
                self.statements(&s.body)
            }
            Stmt::Set(s) => {
                if !matches!(s.target, Expr::Var(_) | Expr::Tuple(_) | Expr::List(_)) {
                    return Err(refuse(s.span(), "`set` must name a variable"));
                }
                self.expression(&s.expr, Place::Kept)
            }
            Stmt::SetBlock(s) => Err(refuse(s.span(), "`set` must have a value; a block cannot be kept")),
            Stmt::AutoEscape(s) => Err(refuse(s.span(), "`autoescape` is not a tag here")),
            Stmt::FilterBlock(s) => Err(refuse(s.span(), "`filter` is not a tag here; filter the value")),
            Stmt::Do(s) => Err(refuse(s.span(), "`do` is not a tag here")),
        }
    }

    fn expression(&mut self, expr: &Expr<'_>, place: Place) -> Result<(), Fault> {
        match expr {
            Expr::Const(_) => Ok(()),
            Expr::Var(var) => self.read(var.id, var.span(), place),
            Expr::Slice(s) => {
                // A slice of a slice of a slice costs the engine more than it charges for.
                let short = match &s.expr {
                    Expr::Var(var) => !self.bound.contains(var.id),
                    Expr::Filter(filter) => filters::gives_text(filter.name),
                    _ => false,
                };
                if !short {
                    return Err(refuse(s.span(), "only an answer or what a text filter gives can be sliced"));
                }
                self.expression(&s.expr, place)?;
                [&s.start, &s.stop, &s.step].into_iter().flatten().try_for_each(|e| self.expression(e, Place::Read))
            }
            Expr::UnaryOp(op) => self.expression(&op.expr, place),
            Expr::BinOp(op) => {
                if matches!(op.op, BinOpKind::Mul) && (repeats(&op.left) || repeats(&op.right)) {
                    return Err(refuse(op.span(), "a text or a list cannot be multiplied"));
                }
                if matches!(op.op, BinOpKind::Concat) {
                    self.joins(&op.left)?;
                    self.joins(&op.right)?;
                }
                self.expression(&op.left, place)?;
                self.expression(&op.right, place)
            }
            Expr::Compare(compare) => {
                self.expression(&compare.expr, Place::Read)?;
                compare.ops.iter().try_for_each(|op| self.expression(&op.expr, Place::Read))
            }
            Expr::IfExpr(choice) => {
                self.expression(&choice.test_expr, Place::Read)?;
                self.expression(&choice.true_expr, place)?;
                choice.false_expr.iter().try_for_each(|e| self.expression(e, place))
            }
            Expr::Filter(filter) => {
                known(filter.name, filters::filter_names(), "filter", filter.span())?;
                let before = self.reads.len();
                filter.expr.iter().try_for_each(|e| self.expression(e, place))?;
                self.guard(before, filter.name == "default");
                self.arguments(&filter.args, filter.span(), place)
            }
            Expr::Test(test) => {
                known(test.name, filters::test_names(), "test", test.span())?;
                let before = self.reads.len();
                self.expression(&test.expr, Place::Read)?;
                self.guard(before, ["defined", "undefined"].contains(&test.name));
                self.arguments(&test.args, test.span(), Place::Read)
            }
            Expr::GetAttr(get) => self.expression(&get.expr, place),
            Expr::GetItem(get) => {
                self.expression(&get.expr, place)?;
                self.expression(&get.subscript_expr, Place::Read)
            }
            Expr::Call(call) => Err(refuse(call.span(), "there are no functions here; use a filter")),
            Expr::List(list) => list.items.iter().try_for_each(|item| self.expression(item, place.inside())),
            Expr::Tuple(tuple) => tuple.items.iter().try_for_each(|item| self.expression(item, place.inside())),
            Expr::Map(map) => {
                map.keys.iter().chain(&map.values).try_for_each(|item| self.expression(item, place.inside()))
            }
        }
    }

    /// What was read since `before` may be missing.
    fn guard(&mut self, before: usize, guarded: bool) {
        self.reads.iter_mut().skip(before).filter(|_| guarded).for_each(|used| used.guarded = true);
    }

    fn arguments(&mut self, args: &[CallArg<'_>], span: Span, place: Place) -> Result<(), Fault> {
        args.iter().try_for_each(|arg| match arg {
            CallArg::Pos(expr) | CallArg::Kwarg(_, expr) => self.expression(expr, place),
            CallArg::PosSplat(_) | CallArg::KwargSplat(_) => Err(refuse(span, "arguments cannot be unpacked here")),
        })
    }

    fn read(&mut self, name: &str, span: Span, place: Place) -> Result<(), Fault> {
        if self.bound.contains(name) {
            if place == Place::KeptInside {
                let message =
                    format!("`{name}` is set by the template and cannot go into a list or mapping that is kept");
                return Err(refuse(span, message));
            }
        } else if name != "loop" {
            self.reads.push(Use { name: name.to_owned(), at: start(span), guarded: false });
        }
        Ok(())
    }

    /// `~` would print a boolean or a list in a way of its own, so each part must be known to print well.
    fn joins(&mut self, part: &Expr<'_>) -> Result<(), Fault> {
        match part {
            Expr::Const(c) if c.value.as_str().is_some() || c.value.is_integer() => Ok(()),
            Expr::BinOp(op) if matches!(op.op, BinOpKind::Concat | BinOpKind::Add) => Ok(()),
            Expr::Filter(filter) if filters::gives_text(filter.name) || filter.name == "length" => Ok(()),
            Expr::Var(var) if !self.bound.contains(var.id) => {
                self.joined.push(Use { name: var.id.to_owned(), at: start(var.span()), guarded: false });
                Ok(())
            }
            Expr::IfExpr(choice) => {
                self.joins(&choice.true_expr)?;
                choice.false_expr.iter().try_for_each(|e| self.joins(e))
            }
            other => Err(refuse(other.span(), "`~` joins answers, texts and what a filter gives; join this with `+`")),
        }
    }
}

/// Where an expression stands: whether its value outlives it, and inside what.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Read,
    Kept,
    KeptInside,
}

impl Place {
    fn inside(self) -> Self {
        if self == Place::Read { Place::Read } else { Place::KeptInside }
    }
}

fn repeats(expr: &Expr<'_>) -> bool {
    match expr {
        Expr::Const(c) => c.value.as_str().is_some(),
        Expr::List(_) | Expr::Tuple(_) => true,
        Expr::Filter(filter) => filters::gives_text(filter.name),
        _ => false,
    }
}

fn known(name: &str, all: impl Iterator<Item = &'static str> + Clone, what: &str, span: Span) -> Result<(), Fault> {
    if all.clone().any(|word| word == name) {
        return Ok(());
    }
    let hint = match nearest(name, all.clone()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("there are: {}", all.collect::<Vec<_>>().join(", ")),
    };
    Err(refuse(span, format!("there is no {what} `{name}`")).hint(hint))
}

fn start(span: Span) -> Position {
    Position { line: usize::from(span.start_line).max(1), column: usize::from(span.start_col) + 1 }
}

fn refuse(span: Span, message: impl Into<String>) -> Fault {
    Fault::new(message).at(start(span))
}

/// The fault of a template that is too long.
pub(super) fn too_long(source: &str) -> Fault {
    Fault::new(format!("the template has {} bytes; it must have at most {MAX_SOURCE}", source.len()))
        .hint("drop `.jinja` from the name of a file that needs no rendering")
}

/// Whether a look at the marks alone shows that a template is within all bounds; most are, and to take one apart costs as much
/// as to run it. What could hide the end of a tag (a quote, a brace, another mark) makes it worth the full look.
fn is_small(source: &str) -> bool {
    const LONGEST: usize = 100;
    let (mut tags, mut rest) = (0, source);
    while let Some(start) = rest.find('<') {
        rest = &rest[start + 1..];
        let closes = match rest.as_bytes().first() {
            Some(b'{') => b"}>",
            Some(b'%') => b"%>",
            _ => continue,
        };
        let inside = &rest.as_bytes()[1..rest.len().min(LONGEST)];
        let end = inside.iter().position(|byte| b"}%".contains(byte));
        let Some(tag) = end.filter(|end| inside[*end..].starts_with(closes)).map(|end| &inside[..end]) else {
            return false;
        };
        tags += 1;
        if tags > MAX_ELIF || tag.iter().any(|byte| b"\"'<{".contains(byte)) {
            return false;
        }
    }
    true
}

/// Bounds what the parser will be given: its tree is as deep as a tag is long.
fn check_tokens(source: &str, expression: bool, syntax: &SyntaxConfig) -> Result<(), Fault> {
    if source.len() > MAX_SOURCE {
        return Err(too_long(source));
    }
    if !expression && is_small(source) {
        return Ok(());
    }
    let (mut tags, mut tokens, mut elifs) = (0, 0, 0);
    for next in tokenize(source, expression, syntax.clone()) {
        let (token, span) = next.map_err(|error| Fault::syntax(&error, source))?;
        match token {
            Token::TemplateData(_) => continue,
            Token::VariableStart | Token::BlockStart => {
                tags += 1;
                tokens = 0;
            }
            Token::Ident("elif") => elifs += 1,
            _ => {}
        }
        tokens += 1;
        if tokens > MAX_TOKENS {
            return Err(refuse(span, format!("one tag or expression must have at most {MAX_TOKENS} parts")));
        }
        if tags > MAX_TAGS || elifs > MAX_ELIF {
            return Err(refuse(span, format!("a template must have at most {MAX_TAGS} tags and {MAX_ELIF} `elif`")));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_hide_the_end_of_a_tag_is_looked_at_in_full() {
        for small in ["", "plain < text <", "<{ name }> and\n  <% if a.b == 3 -%>\nx\n<% endif %>", "<# <b> #>"] {
            assert!(is_small(small), "{small}");
        }
        let long = format!("<{{ a{} }}>", " + a".repeat(MAX_TOKENS));
        let many = "<{ a }>".repeat(MAX_ELIF + 1);
        let others = [
            "<{ '}>' + a }>",
            "<{ \"}>\" }>",
            "<{ {'a': 1}.a }>",
            "<{ a %> + a }>",
            "<% a }> %>",
            "<{ a < b }>",
            "<{ a % b }>",
            "<{ a",
            "<% raw %><{<% endraw %>",
            &long,
            &many,
        ];
        for other in others {
            assert!(!is_small(other), "{other}");
        }
    }
}
