//! What templates and expressions can do to a value: a short list, each of it pure and bounded.

use heck::{ToKebabCase, ToLowerCamelCase, ToPascalCase, ToShoutySnakeCase, ToSnakeCase};
use minijinja::value::ValueKind;
use minijinja::{Environment, Error, ErrorKind, State, Value};

use super::quote::{Language, Scalar};

/// No filter gives a longer text, in bytes.
const MAX_OUTPUT: usize = 1024 * 1024;

/// Filters that always give a text.
const TO_TEXT: [&str; 15] = [
    "kebab",
    "snake",
    "pascal",
    "camel",
    "screaming",
    "upper",
    "lower",
    "trim",
    "replace",
    "join",
    "yaml",
    "json",
    "toml",
    "hcl",
    "shell",
];
/// Filters that give what they are given, or a part of it.
const TO_VALUE: [&str; 5] = ["length", "default", "first", "last", "sort"];
const TESTS: [&str; 12] = [
    "defined",
    "undefined",
    "none",
    "string",
    "integer",
    "boolean",
    "list",
    "startingwith",
    "endingwith",
    "containing",
    "in",
    "empty",
];

/// Every filter's name.
pub(super) fn filter_names() -> impl Iterator<Item = &'static str> + Clone {
    TO_TEXT.into_iter().chain(TO_VALUE)
}

/// Every test's name.
pub(super) fn test_names() -> impl Iterator<Item = &'static str> + Clone {
    TESTS.into_iter()
}

/// Whether what the filter gives is always a text.
pub(super) fn gives_text(filter: &str) -> bool {
    TO_TEXT.contains(&filter)
}

/// Adds the filters and tests to an environment.
pub(super) fn install(env: &mut Environment<'_>) {
    env.add_filter("kebab", |value: &Value| Ok::<_, Error>(text(value)?.to_kebab_case()));
    env.add_filter("snake", |value: &Value| Ok::<_, Error>(text(value)?.to_snake_case()));
    env.add_filter("pascal", |value: &Value| Ok::<_, Error>(text(value)?.to_pascal_case()));
    env.add_filter("camel", |value: &Value| Ok::<_, Error>(text(value)?.to_lower_camel_case()));
    env.add_filter("screaming", |value: &Value| Ok::<_, Error>(text(value)?.to_shouty_snake_case()));
    env.add_filter("upper", |value: &Value| Ok::<_, Error>(text(value)?.to_uppercase()));
    env.add_filter("lower", |value: &Value| Ok::<_, Error>(text(value)?.to_lowercase()));
    env.add_filter("trim", |value: &Value| Ok::<_, Error>(text(value)?.trim().to_owned()));
    env.add_filter("replace", replace);
    env.add_filter("join", join);
    env.add_filter("length", length);
    env.add_filter("default", default);
    env.add_filter("first", |state: &State<'_, '_>, value: &Value| end(state, value, <[Value]>::first));
    env.add_filter("last", |state: &State<'_, '_>, value: &Value| end(state, value, <[Value]>::last));
    env.add_filter("sort", sort);
    for (name, language) in [
        ("yaml", Language::Yaml),
        ("json", Language::Json),
        ("toml", Language::Toml),
        ("hcl", Language::Hcl),
        ("shell", Language::Shell),
    ] {
        env.add_filter(name, move |state: &State<'_, '_>, value: &Value| quoted(state, language, value));
    }

    env.add_test("defined", |value: &Value| !value.is_undefined());
    env.add_test("undefined", |value: &Value| value.is_undefined());
    env.add_test("none", |value: &Value| value.is_none());
    env.add_test("string", |value: &Value| value.kind() == ValueKind::String);
    env.add_test("integer", |value: &Value| value.is_integer());
    env.add_test("boolean", |value: &Value| value.kind() == ValueKind::Bool);
    env.add_test("list", |value: &Value| value.kind() == ValueKind::Seq);
    env.add_test("empty", |state: &State<'_, '_>, value: &Value| Ok::<_, Error>(length(state, value)? == 0));
    env.add_test("startingwith", |value: &Value, other: &Value| {
        Ok::<_, Error>(text(value)?.starts_with(&text(other)?))
    });
    env.add_test("endingwith", |value: &Value, other: &Value| Ok::<_, Error>(text(value)?.ends_with(&text(other)?)));
    env.add_test("containing", |state: &State<'_, '_>, value: &Value, other: &Value| contains(state, value, other));
    env.add_test("in", |state: &State<'_, '_>, value: &Value, other: &Value| contains(state, other, value));
}

/// A value as it prints; `ErrorKind::InvalidOperation` for what does not print.
pub(super) fn text(value: &Value) -> Result<String, Error> {
    match value.kind() {
        ValueKind::Bool => Ok(if value.is_true() { "true" } else { "false" }.to_owned()),
        ValueKind::Number if value.is_integer() => Ok(value.to_string()),
        ValueKind::String => Ok(value.as_str().unwrap_or_default().to_owned()),
        ValueKind::Undefined => Err(Error::from(ErrorKind::UndefinedError)),
        kind => Err(refuse(format!("{} does not print", article(kind)))),
    }
}

fn article(kind: ValueKind) -> &'static str {
    match kind {
        ValueKind::Seq | ValueKind::Iterable => "a list (write it with `join` or a loop)",
        ValueKind::Map => "a mapping",
        ValueKind::None => "none",
        ValueKind::Number => "a number with a fraction",
        _ => "such a value",
    }
}

fn refuse(message: String) -> Error {
    Error::new(ErrorKind::InvalidOperation, message)
}

fn items(state: &State<'_, '_>, value: &Value) -> Result<Vec<Value>, Error> {
    match value.kind() {
        ValueKind::Undefined => return Err(Error::from(ErrorKind::UndefinedError)),
        ValueKind::Seq => {}
        kind => return Err(refuse(format!("this takes a list, and was given a {kind}"))),
    }
    state.consume_fuel(value.len().unwrap_or(0) as u64)?;
    Ok(value.try_iter()?.collect())
}

fn bounded(size: usize) -> Result<(), Error> {
    if size > MAX_OUTPUT {
        return Err(refuse(format!("a filter gave more than {MAX_OUTPUT} bytes")));
    }
    Ok(())
}

fn replace(value: &Value, from: &Value, to: &Value) -> Result<String, Error> {
    let (value, from, to) = (text(value)?, text(from)?, text(to)?);
    if from.is_empty() {
        return Err(refuse("`replace` was asked to replace nothing".to_owned()));
    }
    let found = value.matches(from.as_str()).count();
    bounded(value.len().saturating_add(found.saturating_mul(to.len())))?;
    Ok(value.replace(&from, &to))
}

fn join(state: &State<'_, '_>, value: &Value, separator: Option<&Value>) -> Result<String, Error> {
    let separator = separator.map(text).transpose()?.unwrap_or_default();
    let mut out = String::new();
    for (n, item) in items(state, value)?.iter().enumerate() {
        if n > 0 {
            out.push_str(&separator);
        }
        out.push_str(&text(item)?);
        bounded(out.len())?;
    }
    Ok(out)
}

fn length(state: &State<'_, '_>, value: &Value) -> Result<usize, Error> {
    match value.as_str() {
        Some(text) => Ok(text.chars().count()),
        None => Ok(items(state, value)?.len()),
    }
}

fn default(value: &Value, other: &Value, falsy: Option<bool>) -> Value {
    let gone = value.is_undefined() || value.is_none() || (falsy == Some(true) && !value.is_true());
    if gone { other.clone() } else { value.clone() }
}

fn end(state: &State<'_, '_>, value: &Value, pick: fn(&[Value]) -> Option<&Value>) -> Result<Value, Error> {
    let items = items(state, value)?;
    pick(&items).cloned().ok_or_else(|| refuse("an empty list has no first or last item".to_owned()))
}

fn sort(state: &State<'_, '_>, value: &Value) -> Result<Value, Error> {
    let mut items = items(state, value)?;
    // Twelve comparisons an item are those of the longest list that an answer can be.
    state.consume_fuel(items.len() as u64 * 12)?;
    for item in &items {
        text(item)?;
    }
    items.sort();
    Ok(Value::from(items))
}

fn quoted(state: &State<'_, '_>, language: Language, value: &Value) -> Result<String, Error> {
    let scalar = |value: &Value| -> Result<Scalar, Error> {
        Ok(match value.kind() {
            ValueKind::Bool => Scalar::Boolean(value.is_true()),
            ValueKind::Number => match i64::try_from(value.clone()) {
                Ok(number) if value.is_integer() => Scalar::Integer(number),
                _ => return Err(refuse("only whole numbers are written".to_owned())),
            },
            _ => Scalar::Text(text(value)?),
        })
    };
    let out = if value.kind() == ValueKind::Seq {
        let mut scalars = Vec::new();
        for item in items(state, value)? {
            scalars.push(scalar(&item)?);
        }
        language.list(&scalars)
    } else {
        language.scalar(&scalar(value)?)
    };
    if language == Language::Shell && out.contains('\0') {
        return Err(refuse("a shell word cannot hold a NUL".to_owned()));
    }
    bounded(out.len())?;
    Ok(out)
}

fn contains(state: &State<'_, '_>, value: &Value, other: &Value) -> Result<bool, Error> {
    match value.as_str() {
        Some(value) => Ok(value.contains(&text(other)?)),
        None => Ok(items(state, value)?.contains(other)),
    }
}
