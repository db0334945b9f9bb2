//! What is well formed in a rule of a path's own and still wrong: found when the path is opened.

use super::globs;
use super::open::GoldenPath;
use super::own_rule::{Fields, OwnRule, RuleFormat, Sourced};
use super::sandbox::{Fault, Sandbox, with_stack};
use super::spot::Spot;
use crate::edit::query::Query;
use crate::error::{Problem, Result};
use crate::model::document::nearest;

/// Families whose rules are roadbed's alone.
const RESERVED: [&str; 3] = ["drift", "parse", "governance"];
/// No regular expression is larger once it is compiled, in bytes.
const MAX_COMPILED: usize = 1024 * 1024;
/// No regular expression is longer, in bytes.
const MAX_PATTERN: usize = 2_000;
/// No rule has more cases of a kind.
const MAX_CASES: usize = 200;

/// Checks the rules that are the path's own.
pub(super) fn rules(path: &GoldenPath) -> Result<Vec<Problem>> {
    let own: Vec<&Sourced> = path.rules.values().filter(|rule| path.tree.get_str(&rule.file).is_some()).collect();
    if own.is_empty() {
        return Ok(Vec::new());
    }
    with_stack(|| {
        let sandbox = Sandbox::new()?;
        let mut problems = Vec::new();
        for Sourced { rule, file } in own {
            let bytes = path.tree.get_str(file).map_or(&[][..], |file| &file.bytes);
            let checker = Checker { rule, spot: Spot::new(file, bytes), sandbox: &sandbox };
            checker.check(&mut problems);
        }
        Ok(problems)
    })?
}

/// The regular expression of a rule for `text`: `^` and `$` are the ends of a line.
pub(crate) fn pattern(text: &str) -> Result<regex::Regex, String> {
    if text.len() > MAX_PATTERN {
        return Err(format!("it has {} bytes; it must have at most {MAX_PATTERN}", text.len()));
    }
    let built = regex::RegexBuilder::new(text).multi_line(true).size_limit(MAX_COMPILED).nest_limit(50).build();
    built.map_err(|error| match error {
        regex::Error::CompiledTooBig(_) => "it is too large once it is compiled; repeat less".to_owned(),
        other => other.to_string().lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned(),
    })
}

struct Checker<'c> {
    rule: &'c OwnRule,
    spot: Spot<'c>,
    sandbox: &'c Sandbox,
}

impl Checker<'_> {
    fn check(&self, problems: &mut Vec<Problem>) {
        let rule = self.rule;
        self.id(problems);
        let mut wrong = |keys: &[&str], message: String| problems.push(self.spot.problem(keys, message));
        for (key, text) in [("title", &rule.title), ("message", &rule.message)] {
            if text.trim().is_empty() || text.contains('\n') {
                wrong(&[key], format!("the {key} must be one line"));
            }
        }
        if rule.files.is_empty() {
            wrong(&["files"], "the rule names no files, so it looks into none".to_owned());
        }
        for (n, glob) in rule.files.iter().enumerate() {
            if let Some(why) = globs::of_rule(glob).err().or_else(|| reaches_nothing(glob)) {
                wrong(&["files", &n.to_string()], why);
            }
        }
        if rule.tests.valid.len().max(rule.tests.invalid.len()) > MAX_CASES {
            wrong(&["tests"], format!("a rule must have at most {MAX_CASES} cases of a kind"));
        }
        match rule.format {
            RuleFormat::Text => {
                if let Err(why) = pattern(&rule.select) {
                    wrong(&["select"], format!("`select` is not a regular expression: {why}"));
                }
            }
            _ => {
                if let Err(error) = Query::parse(&rule.select) {
                    let (message, at) = (error.message, error.at);
                    let message = format!("`select` is not a JSONPath at its character {at}: {message}");
                    let problem = self.spot.problem(&["select"], message);
                    problems.push(problem.hint("RFC 9535 says how: `$.jobs.*.steps[*].uses`"));
                }
            }
        }
        let found = self.sandbox.outline_expression(&rule.assert).and_then(|outline| only_value(&outline.reads));
        if let Err(fault) = found {
            problems.push(fault.in_value("`assert`", &rule.assert, |message| self.spot.problem(&["assert"], message)));
        }
        self.template(&["message"], &rule.message, problems);
        self.fix(problems);
    }

    fn id(&self, problems: &mut Vec<Problem>) {
        let id = &self.rule.id;
        let word = |part: &str| {
            part.starts_with(|c: char| c.is_ascii_lowercase())
                && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
        };
        let parts: Vec<&str> = id.split('/').collect();
        match parts.as_slice() {
            [family, name] if word(family) && word(name) && id.len() <= 100 => {
                if RESERVED.contains(family) {
                    let message = format!("the rules of `{family}/` are roadbed's own; `{id}` needs another family");
                    problems.push(self.spot.problem(&["id"], message));
                }
            }
            _ => {
                let message =
                    format!("the rule's id `{id}` must be `family/name`, in lower-case letters, digits and `-`");
                problems.push(self.spot.problem(&["id"], message).hint("such as `acme/registry`"));
            }
        }
    }

    fn fix(&self, problems: &mut Vec<Problem>) {
        let Some(fix) = &self.rule.fix else { return };
        let format = self.rule.format;
        let named = [
            ("replace", fix.replace.is_some()),
            ("set", fix.set.is_some()),
            ("remove", fix.remove.is_some()),
            ("insert", fix.insert.is_some()),
        ];
        let named: Vec<&str> = named.into_iter().filter(|(_, is_named)| *is_named).map(|(key, _)| key).collect();
        let [key] = named.as_slice() else {
            let message = "a fix must name exactly one of `replace`, `set`, `remove` and `insert`";
            let hint = "such as `fix: {safety: unsafe, replace: \"…\"}`; without a fix, leave it out";
            problems.push(self.spot.problem(&["fix"], message).hint(hint));
            return;
        };
        if fix.remove == Some(false) {
            problems.push(self.spot.problem(&["fix", "remove"], "`remove` must be true, or not be there"));
        }
        let possible = match *key {
            "replace" => true,
            "remove" => format.has_keys() || format == RuleFormat::Text,
            _ => format.has_keys(),
        };
        if !possible {
            let message = format!("`{key}` is not for `format: {}`", format.word());
            problems.push(self.spot.problem(&["fix", key], message).hint("use `replace`"));
        }
        if let Some(template) = &fix.replace {
            self.template(&["fix", "replace"], template, problems);
        }
        for (key, fields) in [("set", &fix.set), ("insert", &fix.insert)] {
            if let Some(fields) = fields {
                if fields.is_empty() {
                    problems.push(self.spot.problem(&["fix", key], format!("`{key}` names no keys")));
                }
                self.fields(&["fix", key], fields, problems);
            }
        }
    }

    fn fields(&self, keys: &[&str], fields: &Fields, problems: &mut Vec<Problem>) {
        for (key, value) in fields {
            let keys = [keys, &[key.as_str()]].concat();
            self.texts(&keys, value, problems);
        }
    }

    fn texts(&self, keys: &[&str], value: &serde_json::Value, problems: &mut Vec<Problem>) {
        match value {
            serde_json::Value::String(text) => self.template(keys, text, problems),
            serde_json::Value::Array(items) => items.iter().for_each(|item| self.texts(keys, item, problems)),
            serde_json::Value::Object(fields) => self.fields(keys, fields, problems),
            _ => {}
        }
    }

    fn template(&self, keys: &[&str], text: &str, problems: &mut Vec<Problem>) {
        if let Err(fault) = self.sandbox.outline(text).and_then(|outline| only_value(&outline.reads)) {
            let what = format!("`{}`", keys.join("."));
            problems.push(fault.in_value(&what, text, |message| self.spot.problem(keys, message)));
        }
    }
}

/// Why no file of a repository can match a glob.
fn reaches_nothing(glob: &str) -> Option<String> {
    let why = if glob.is_empty() {
        "it is empty"
    } else if glob.starts_with('/') {
        "it begins with `/`, and paths count from the repository's root"
    } else if glob.split(['/', '{', '}', ',']).any(|part| part == "." || part == "..") {
        "no path in a repository has a part `.` or `..`"
    } else if glob.ends_with('/') || glob.contains("//") {
        "no file's path ends with `/` or holds `//`; `**` stands for what is below a directory"
    } else if glob == ".git" || glob.starts_with(".git/") {
        "nothing in `.git/` is a file of the repository"
    } else {
        return None;
    };
    Some(format!("`{glob}` matches no file: {why}"))
}

/// A rule knows no answers: it judges repositories that never gave any.
fn only_value(reads: &[super::outline::Use]) -> Result<(), Fault> {
    let Some(other) = reads.iter().find(|used| used.name != "value") else { return Ok(()) };
    let fault = Fault::new(format!("`{}` is not known here: a rule reads `value`, and no answers", other.name));
    Err(match nearest(&other.name, ["value"].into_iter()) {
        Some(near) => fault.hint(format!("did you mean `{near}`?")),
        None => fault.hint("name what is selected `value`"),
    })
}
