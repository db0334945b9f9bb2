//! Statements of AWS policies, in whichever of their three forms: blocks, objects, JSON.

use std::ops::Range;

use super::blocks::{blocks, resource};
use crate::edit::hcl::{Block, Expr, Value};
use crate::rules::facts::{Facts, Subject};

/// One statement.
#[derive(Clone)]
pub(super) struct Statement<'f> {
    pub subject: &'f Subject<'f>,
    /// Its place: the block, the object, or the attribute that holds the JSON.
    pub place: Range<usize>,
    /// The block that it belongs to.
    pub address: String,
    pub allows: bool,
    pub actions: Vec<String>,
    pub resources: Vec<String>,
    /// Identity providers that it trusts.
    pub federated: Vec<String>,
    /// Whether it names anybody: then it is about one resource, which `*` stands for.
    pub has_principal: bool,
    /// Whether it names everybody.
    pub everybody: bool,
    pub conditions: Vec<Condition>,
}

/// One condition.
#[derive(Clone)]
pub(super) struct Condition {
    pub test: String,
    pub variable: String,
    pub values: Vec<(String, Range<usize>)>,
}

impl Statement<'_> {
    /// The first line of its place.
    pub(super) fn head(&self) -> Range<usize> {
        let text = &self.subject.seen()[self.place.clone()];
        self.place.start..self.place.start + text.lines().next().unwrap_or_default().trim_end().len()
    }

    /// The conditions on a key of the token, by the end of its name.
    pub(super) fn on(&self, key: &str) -> Vec<&Condition> {
        self.conditions.iter().filter(|condition| condition.variable.to_lowercase().ends_with(key)).collect()
    }
}

/// Every statement in the repository's files.
pub(super) fn statements<'f>(facts: &'f Facts<'_>) -> Vec<Statement<'f>> {
    let mut all = Vec::new();
    for (subject, block) in blocks(facts) {
        if block.is("data", "aws_iam_policy_document") {
            for statement in block.body.all("statement") {
                all.push(from_block(subject, block, statement));
            }
        } else if resource(block).is_some_and(|kind| kind.starts_with("aws_")) {
            let inner = block.body.all("inline_policy").flat_map(|inner| &inner.body.attributes);
            for attribute in block.body.attributes.iter().chain(inner) {
                if attribute.key == "policy"
                    || attribute.key == "assume_role_policy"
                    || attribute.key == "inline_policy"
                {
                    from_value(subject, block, &attribute.value, &mut all);
                }
            }
        }
    }
    all
}

/// Functions that make a list of what the lists they are given hold.
const LISTS: [&str; 8] = ["sort", "distinct", "concat", "flatten", "compact", "tolist", "toset", "setunion"];

/// The texts of a value, or of the list that it is.
pub(super) fn texts(value: Option<&Value>) -> Vec<String> {
    let mut all = Vec::new();
    if let Some(value) = value {
        collect(value, &mut all);
    }
    all
}

fn collect(value: &Value, all: &mut Vec<String>) {
    match value {
        Value::Text(text) | Value::Template(text) | Value::Other(text) if !text.is_empty() => all.push(text.clone()),
        Value::List(items) => {
            for item in items {
                collect(&item.value, all);
            }
        }
        Value::Call(name, args) if LISTS.contains(&name.as_str()) => {
            for arg in args {
                collect(&arg.value, all);
            }
        }
        _ => {}
    }
}

fn placed(expr: &Expr) -> Vec<(String, Range<usize>)> {
    let text = |expr: &Expr| match &expr.value {
        Value::Text(text) | Value::Template(text) | Value::Other(text) => Some((text.clone(), expr.span.clone())),
        _ => None,
    };
    match &expr.value {
        Value::List(items) => items.iter().filter_map(text).collect(),
        _ => text(expr).into_iter().collect(),
    }
}

fn from_block<'f>(subject: &'f Subject<'f>, document: &Block, statement: &Block) -> Statement<'f> {
    let body = &statement.body;
    let principals: Vec<&Block> = body.all("principals").collect();
    let federated = principals
        .iter()
        .filter(|block| block.body.value("type").and_then(Value::text) == Some("Federated"))
        .flat_map(|block| texts(block.body.value("identifiers")))
        .collect();
    let conditions = body
        .all("condition")
        .map(|block| Condition {
            test: block.body.value("test").and_then(Value::words).unwrap_or_default().to_owned(),
            variable: block.body.value("variable").and_then(Value::words).unwrap_or_default().to_owned(),
            values: block.body.attribute("values").map(|attribute| placed(&attribute.value)).unwrap_or_default(),
        })
        .collect();
    Statement {
        subject,
        place: statement.span.clone(),
        address: document.address(),
        allows: body.value("effect").and_then(Value::text).is_none_or(|effect| effect == "Allow"),
        actions: texts(body.value("actions")),
        resources: texts(body.value("resources")),
        federated,
        everybody: principals.iter().any(|block| texts(block.body.value("identifiers")).iter().any(|who| who == "*")),
        has_principal: !principals.is_empty() || body.all("not_principals").next().is_some(),
        conditions,
    }
}

fn from_value<'f>(subject: &'f Subject<'f>, block: &Block, expr: &Expr, all: &mut Vec<Statement<'f>>) {
    let parsed;
    let document = match &expr.value {
        Value::Call(name, args) if name == "jsonencode" => match args.first() {
            Some(arg) => arg,
            None => return,
        },
        Value::Text(text) | Value::Template(text) => match serde_json::from_str(text) {
            Ok(json) => {
                parsed = from_json(&json, &expr.span);
                &parsed
            }
            Err(_) => return,
        },
        _ => return,
    };
    let Some(statements) = entry(document, "Statement") else { return };
    let statements: Vec<&Expr> = match &statements.value {
        Value::List(items) => items.iter().collect(),
        _ => vec![statements],
    };
    for statement in statements {
        if !matches!(statement.value, Value::Object(_)) {
            continue;
        }
        let get = |key: &str| entry(statement, key).map(|expr| &expr.value);
        let federated = get("Principal").map(|principal| texts(principal.get("Federated"))).unwrap_or_default();
        all.push(Statement {
            subject,
            place: statement.span.clone(),
            address: block.address(),
            allows: get("Effect").and_then(Value::text) == Some("Allow"),
            actions: texts(get("Action")),
            resources: texts(get("Resource")),
            federated,
            everybody: get("Principal")
                .is_some_and(|who| who.text() == Some("*") || texts(who.get("AWS")).iter().any(|who| who == "*")),
            has_principal: get("Principal").is_some() || get("NotPrincipal").is_some(),
            conditions: entry(statement, "Condition").map(conditions).unwrap_or_default(),
        });
    }
}

fn conditions(expr: &Expr) -> Vec<Condition> {
    let mut all = Vec::new();
    let Value::Object(tests) = &expr.value else { return all };
    for (test, variables) in tests {
        let Value::Object(variables) = &variables.value else { continue };
        for (variable, values) in variables {
            let values = placed(values);
            all.push(Condition {
                test: test.clone().unwrap_or_default(),
                variable: variable.clone().unwrap_or_default(),
                values,
            });
        }
    }
    all
}

fn entry<'e>(expr: &'e Expr, key: &str) -> Option<&'e Expr> {
    let Value::Object(entries) = &expr.value else { return None };
    entries.iter().rfind(|(name, _)| name.as_deref() == Some(key)).map(|(_, expr)| expr)
}

/// JSON as a value whose parts all lie where the JSON does.
fn from_json(json: &serde_json::Value, span: &Range<usize>) -> Expr {
    let value = match json {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::Bool(value) => Value::Bool(*value),
        serde_json::Value::Number(number) => Value::Number(number.to_string()),
        serde_json::Value::String(text) => Value::Text(text.clone()),
        serde_json::Value::Array(items) => Value::List(items.iter().map(|item| from_json(item, span)).collect()),
        serde_json::Value::Object(entries) => {
            Value::Object(entries.iter().map(|(key, value)| (Some(key.clone()), from_json(value, span))).collect())
        }
    };
    Expr { value, span: span.clone() }
}
