//! Actions that restore a cache: when they do, and what keeps them from it. From the actions' own documentation.

use super::expression::{Expr, fenced};
use super::workflow::{Step, Uses, is_commit, text};
use crate::catalogue;

/// What decides whether an action restores a cache.
#[derive(Clone, Copy, Debug)]
enum Switch {
    /// Nothing: it always does.
    Always,
    /// It does unless this input is true.
    Unless(&'static str),
    /// It does if this input is true; and whether it is where nobody gives it.
    If(&'static str, bool),
    /// It does if this input is one of these words; of none, if it is given at all.
    Named(&'static str, &'static [&'static str]),
    /// It does if this input is true or missing, and the version is below this major one.
    Below(u64, &'static str),
    /// It does if this input is true or missing, and the version is not below this major one.
    From(u64, &'static str),
    /// It does if this input is true or missing, and the other one is given.
    Both(&'static str, &'static str),
}

/// Actions, `owner/name` and the path below it, each with its switches; one that is on is enough.
const ACTIONS: [(&str, &str, &[Switch]); 22] = [
    ("actions/cache", "", &[Switch::Unless("lookup-only")]),
    ("actions/setup-java", "", &[Switch::Named("cache", &[])]),
    ("actions/setup-go", "", &[Switch::If("cache", true)]),
    (
        "actions/setup-node",
        "",
        &[Switch::Named("cache", &["npm", "yarn", "pnpm"]), Switch::From(5, "package-manager-cache")],
    ),
    ("actions/setup-python", "", &[Switch::Named("cache", &[])]),
    ("actions/setup-dotnet", "", &[Switch::If("cache", false)]),
    ("astral-sh/setup-uv", "", &[Switch::Named("enable-cache", &["true"]), Switch::Below(10, "enable-cache")]),
    ("swatinem/rust-cache", "", &[Switch::Unless("lookup-only")]),
    ("ruby/setup-ruby", "", &[Switch::If("bundler-cache", false)]),
    ("pyo3/maturin-action", "", &[Switch::If("sccache", false)]),
    ("mlugg/setup-zig", "", &[Switch::If("use-cache", true)]),
    ("oven-sh/setup-bun", "", &[Switch::Unless("no-cache")]),
    ("determinatesystems/magic-nix-cache-action", "", &[Switch::If("use-gha-cache", true)]),
    ("graalvm/setup-graalvm", "", &[Switch::Named("cache", &[])]),
    ("gradle/actions", "/setup-gradle", &[Switch::Unless("cache-disabled")]),
    ("docker/setup-buildx-action", "", &[Switch::Both("cache-binary", "version")]),
    ("actions-rust-lang/setup-rust-toolchain", "", &[Switch::If("cache", true)]),
    ("mozilla-actions/sccache-action", "", &[Switch::Always]),
    ("nix-community/cache-nix-action", "", &[Switch::Always]),
    ("jdx/mise-action", "", &[Switch::If("cache", true)]),
    ("ramsey/composer-install", "", &[Switch::Unless("ignore-cache")]),
    ("awalsh128/cache-apt-pkgs-action", "", &[Switch::Always]),
];

/// How a step restores a cache.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Cache {
    /// The inputs that would have to say otherwise, and what.
    pub inputs: Vec<(&'static str, &'static str)>,
    /// Whether nothing keeps it from it.
    pub always: bool,
}

/// How a step restores a cache; none if it does not. `tags_only` says that only tags and releases start the workflow.
pub(super) fn cache(step: &Step<'_>, tags_only: bool) -> Option<Cache> {
    let Some(Uses::Action { name, path, .. }) = step.uses() else { return None };
    let (.., switches) =
        ACTIONS.iter().find(|(action, below, _)| name.eq_ignore_ascii_case(action) && path == *below)?;
    let mut found = Cache::default();
    let mut on = false;
    for switch in *switches {
        let given = |input: &str| step.with(input).and_then(text).map(|value| boolean(value, tags_only));
        match switch {
            Switch::Always => (on, found.always) = (true, true),
            Switch::Unless(input) if given(input) != Some(Some(true)) => {
                on = true;
                found.inputs.push((input, "true"));
            }
            Switch::If(input, by_itself) => {
                // An input that is off by itself and not named needs no word.
                let is = given(input).map_or(*by_itself, |value| value != Some(false));
                on |= is;
                found.inputs.extend((is || *by_itself).then_some((*input, "false")));
            }
            Switch::Named(input, words) => {
                let value = step.with(input).and_then(text).unwrap_or_default();
                let known = words.is_empty() || words.contains(&value) || value.contains("${{");
                let off = value.is_empty() || words.is_empty() && value == "false";
                if !off && known {
                    on = true;
                    let nothing = if *words == ["true"] { "false" } else { "\"\"" };
                    found.inputs.push((input, nothing));
                }
            }
            Switch::Below(major, input) => {
                let old = major_of(step).is_none_or(|version| version < *major);
                let is = old && given(input).is_none_or(|value| value != Some(false));
                on |= is;
                if is && !found.inputs.iter().any(|(other, _)| other == input) {
                    found.inputs.push((input, "false"));
                }
            }
            Switch::From(major, input) => {
                let old = major_of(step).is_some_and(|version| version < *major);
                let is = !old && given(input).is_none_or(|value| value != Some(false));
                on |= is;
                found.inputs.extend((!old).then_some((*input, "false")));
            }
            Switch::Both(input, other) => {
                let named = step.with(other).and_then(text).is_some_and(|value| !value.is_empty());
                if named && given(input).is_none_or(|value| value != Some(false)) {
                    on = true;
                    found.inputs.push((input, "false"));
                }
            }
            Switch::Unless(_) => {}
        }
    }
    on.then_some(found)
}

/// What an input comes to: true, false, or unknown until it runs.
fn boolean(value: &str, tags_only: bool) -> Option<bool> {
    let value = value.trim();
    if !value.contains("${{") {
        return Some(!matches!(value.to_lowercase().as_str(), "false" | "" | "0" | "no" | "off"));
    }
    let fences = fenced(value);
    let [fence] = fences.as_slice() else { return None };
    if fence.whole.len() != value.len() {
        return None;
    }
    let expr = Expr::parse(&value[fence.inner.clone()])?;
    of_tag(&expr, tags_only)
}

/// What an expression comes to in a run for a tag.
fn of_tag(expr: &Expr, tags_only: bool) -> Option<bool> {
    let name = |expr: &Expr| if let Expr::Context(context) = expr { context.pattern() } else { None };
    match expr {
        Expr::Literal(word) if word == "true" || word == "false" => Some(word == "true"),
        Expr::Not(inner) => of_tag(inner, tags_only).map(|value| !value),
        Expr::Call(call, arguments, _) if tags_only && call == "startswith" => match arguments.as_slice() {
            [of, Expr::Literal(prefix)] if name(of)? == "github.ref" => {
                prefix.eq_ignore_ascii_case("refs/tags/").then_some(true)
            }
            _ => None,
        },
        Expr::Binary("&&", left, right) if tags_only => {
            let is = |expr: &Expr, context: &str, word: &str| {
                let Expr::Binary("==", a, b) = expr else { return false };
                let pair = |a: &Expr, b: &Expr| {
                    name(a).as_deref() == Some(context) && matches!(b, Expr::Literal(text) if text == word)
                };
                pair(a, b) || pair(b, a)
            };
            let both = |a: &Expr, b: &Expr| is(a, "github.event_name", "push") && is(b, "github.ref_type", "tag");
            (both(left, right) || both(right, left)).then_some(true)
        }
        _ => None,
    }
}

/// The major version that a step asks for, if its tag or the catalogue tells.
fn major_of(step: &Step<'_>) -> Option<u64> {
    let Some(Uses::Action { name, reference: Some(reference), .. }) = step.uses() else { return None };
    let tag = if is_commit(reference) { catalogue::OFFLINE.newest_tag(name, reference)? } else { reference.to_owned() };
    tag.trim_start_matches('v').split('.').next()?.parse().ok()
}
