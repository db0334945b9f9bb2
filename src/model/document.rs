//! Reading roadbed's own YAML: typed, bounded, and with every mistake at its line and column.
//!
//! Only for files whose format roadbed defines. A repository's own YAML goes through `edit`, because
//! a typed reader would change what it says (`1.10`, `no`).

use granit_parser::{Event, Parser};
use serde::de::DeserializeOwned;

use super::slips;
use crate::error::{Error, Kind, Position, Problem, Result};

/// No file of ours is larger, in bytes.
pub const MAX_BYTES: usize = 4 * 1024 * 1024;
const MAX_DEPTH: usize = 32;

/// The formats that roadbed defines; each file names its own in its `schema` line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schema {
    /// The word in `roadbed/WORD/v1`.
    pub word: &'static str,
    /// Whose mistake a wrong file is.
    pub kind: Kind,
}

/// The schemas of the files that people write.
pub mod schemas {
    use super::{Kind, Schema};

    /// `.roadbed/policy.yaml`
    pub const POLICY: Schema = Schema { word: "policy", kind: Kind::Repository };
    /// `.roadbed/config.yaml`
    pub const CONFIG: Schema = Schema { word: "config", kind: Kind::Repository };
    /// `.roadbed/lock.yaml`
    pub const LOCK: Schema = Schema { word: "lock", kind: Kind::Repository };
    /// `golden-path.yaml`
    pub const PATH: Schema = Schema { word: "path", kind: Kind::GoldenPath };
    /// `asset.yaml`
    pub const ASSET: Schema = Schema { word: "asset", kind: Kind::GoldenPath };
    /// `rules/*.yaml` of a golden path
    pub const RULE: Schema = Schema { word: "rule", kind: Kind::GoldenPath };
    /// `tests/*.yaml` of a golden path
    pub const TEST: Schema = Schema { word: "test", kind: Kind::GoldenPath };
}

impl Schema {
    /// The whole `schema` line's value.
    pub fn line(self) -> String {
        format!("roadbed/{}/v1", self.word)
    }
}

/// Reads `bytes` as a file of `schema`; `path` is how the user would name it.
pub fn read<T: DeserializeOwned>(schema: Schema, path: &str, bytes: &[u8]) -> Result<T> {
    let text = text(schema.kind, path, bytes)?;
    let outline = Outline::of(text).map_err(|problem| Error::new(schema.kind, problem.in_file(path)))?;
    check_schema(schema, path, text, &outline)?;
    typed(schema.kind, path, text, &outline)
}

/// Reads a file that has no `schema` line, such as one of answers.
pub fn read_plain<T: DeserializeOwned>(kind: Kind, path: &str, bytes: &[u8]) -> Result<T> {
    let text = text(kind, path, bytes)?;
    let outline = Outline::of(text).map_err(|problem| Error::new(kind, problem.in_file(path)))?;
    typed(kind, path, text, &outline)
}

fn typed<T: DeserializeOwned>(kind: Kind, path: &str, text: &str, outline: &Outline) -> Result<T> {
    serde_yaml::from_str(text).map_err(|error| Error::new(kind, explain(&error, text, outline).in_file(path)))
}

/// Reads a file that the binary holds, and that a test holds to be sound: it is read once, not looked over first.
pub fn read_own<T: DeserializeOwned>(schema: Schema, path: &str, bytes: &[u8]) -> Result<T> {
    serde_yaml::from_str(text(schema.kind, path, bytes)?).or_else(|_| read(schema, path, bytes))
}

fn text<'a>(kind: Kind, path: &str, bytes: &'a [u8]) -> Result<&'a str> {
    let fail = |message: String| Err(Error::new(kind, Problem::new(message).in_file(path)));
    if bytes.len() > MAX_BYTES {
        return fail(format!("the file has {} bytes; it must have at most {MAX_BYTES}", bytes.len()));
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(text.strip_prefix('\u{feff}').unwrap_or(text)),
        Err(error) => fail(format!("the file is not UTF-8 (byte {})", error.valid_up_to() + 1)),
    }
}

/// Where the keys of a file stand, and what its `schema` line says.
struct Outline {
    schema: Option<(String, Position)>,
    keys: Vec<(String, Position)>,
}

impl Outline {
    fn of(text: &str) -> Result<Self, Problem> {
        let mut outline = Outline { schema: None, keys: Vec::new() };
        let mut open: Vec<Level> = Vec::new();
        let mut schema_next = false;
        let mut documents = 0;
        for next in Parser::new_from_str(text) {
            let (event, span) = next.map_err(|error| {
                let at = Position { line: error.marker().line().max(1), column: error.marker().col() + 1 };
                let problem = Problem::new(format!("this is not YAML: {}", error.info())).at(at, text);
                let line = text.lines().nth(at.line - 1).unwrap_or_default();
                let rest: String = line.chars().skip(at.column - 1).collect();
                match slips::syntax_hint(&error.info(), &rest) {
                    Some(hint) => problem.hint(hint),
                    None => problem,
                }
            })?;
            let at = Position { line: span.start.line(), column: span.start.col() + 1 };
            let refuse = |message: &str| Err(Problem::new(message).at(at, text));
            if event.is_alias() || event.anchor_id().is_some_and(|id| id > 0) {
                return refuse("anchors and aliases are not used in roadbed's files; write the value out");
            }
            match event {
                Event::DocumentStart(..) => {
                    documents += 1;
                    if documents > 1 {
                        return refuse("the file holds a second document; it must hold one");
                    }
                }
                Event::MappingStart(..) | Event::SequenceStart(..) => {
                    if let Some(level) = open.last_mut() {
                        level.step();
                    }
                    if open.len() >= MAX_DEPTH {
                        return refuse("the file is nested too deeply");
                    }
                    open.push(Level {
                        mapping: matches!(event, Event::MappingStart(..)),
                        on_key: true,
                        keys: std::collections::BTreeSet::new(),
                    });
                }
                Event::MappingEnd | Event::SequenceEnd => {
                    open.pop();
                }
                Event::Scalar(value, ..) => {
                    let depth = open.len();
                    let Some(level) = open.last_mut() else { continue };
                    if level.mapping && level.on_key {
                        if !level.keys.insert(value.to_string()) {
                            return refuse(&format!("the key `{value}` stands here twice"));
                        }
                        schema_next = depth == 1 && value == "schema";
                        outline.keys.push((value.into_owned(), at));
                    } else if std::mem::take(&mut schema_next) {
                        outline.schema = Some((value.into_owned(), at));
                    }
                    level.step();
                }
                _ => {}
            }
        }
        Ok(outline)
    }
}

struct Level {
    mapping: bool,
    on_key: bool,
    keys: std::collections::BTreeSet<String>,
}

impl Level {
    fn step(&mut self) {
        self.on_key = !self.on_key;
    }
}

fn check_schema(schema: Schema, path: &str, text: &str, outline: &Outline) -> Result<()> {
    let wanted = schema.line();
    let fail = |problem: Problem| Err(Error::new(schema.kind, problem.in_file(path)));
    let Some((found, at)) = &outline.schema else {
        let problem = Problem::new("the file has no `schema` line").at(Position { line: 1, column: 1 }, text);
        return fail(problem.hint(format!("add the line `schema: {wanted}`")));
    };
    if *found == wanted {
        return Ok(());
    }
    let prefix = format!("roadbed/{}/v", schema.word);
    let newer = found.strip_prefix(&prefix).and_then(|n| n.parse::<u32>().ok()).is_some_and(|n| n > 1);
    let problem = if newer {
        Problem::new(format!("the schema `{found}` is newer than this roadbed, which reads `{wanted}`"))
            .hint("install a newer roadbed")
    } else {
        Problem::new(format!("the schema must be `{wanted}`, not `{found}`"))
    };
    fail(problem.at(*at, text))
}

/// Turns serde's words into ours: the key at fault, its place, and the nearest known one.
fn explain(error: &serde_yaml::Error, text: &str, outline: &Outline) -> Problem {
    let message = error.to_string();
    let near = error.location().map(|l| Position { line: l.line().max(1), column: l.column().max(1) });
    let tail = message.find(" at line ").unwrap_or(message.len());
    let bare = message[..tail].trim_end_matches('.');
    let quoted: Vec<&str> = bare.split('`').skip(1).step_by(2).collect();
    let place = |name: &str| {
        let line = near.map_or(1, |n| n.line);
        let keys = || outline.keys.iter().filter(|(key, _)| key == name).map(|(_, at)| *at);
        keys().min_by_key(|at| at.line.abs_diff(line)).or(near)
    };
    let (problem, at) = match quoted.as_slice() {
        [unknown, known @ ..] if bare.contains("unknown field") => {
            let at = place(unknown);
            (Problem::new(format!("`{unknown}` is not a key here")).hint(suggest(unknown, known)), at)
        }
        [unknown, known @ ..] if bare.contains("unknown variant") => {
            (Problem::new(format!("`{unknown}` is not a value here")).hint(suggest(unknown, known)), near)
        }
        [missing, ..] if bare.contains("missing field") => {
            (Problem::new(format!("the key `{missing}` is missing")), near)
        }
        _ => match slips::type_slip(bare) {
            Some(said) => {
                let problem = Problem::new(said.message);
                (Problem { hint: said.hint.map(str::to_owned), ..problem }, near)
            }
            None => (Problem::new(bare.to_owned()), near),
        },
    };
    match at {
        Some(at) => problem.at(at, text),
        None => problem,
    }
}

/// The nearest of `known`, or all of them.
pub fn suggest(unknown: &str, known: &[&str]) -> String {
    match nearest(unknown, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if known.is_empty() => "no key is known here".to_owned(),
        None => format!("known here: {}", known.join(", ")),
    }
}

/// The word of `known` that `unknown` most likely stands for.
pub fn nearest<'a>(unknown: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    known
        .map(|word| (strsim::damerau_levenshtein(unknown, word), word))
        .filter(|(distance, word)| *distance <= (word.len().max(unknown.len()) / 3).max(1))
        .min()
        .map(|(_, word)| word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::repo_files::{Config, Policy};

    fn problem<T: DeserializeOwned + std::fmt::Debug>(schema: Schema, text: &str) -> Problem {
        match read::<T>(schema, "f.yaml", text.as_bytes()) {
            Ok(value) => unreachable!("{value:?}"),
            Err(mut error) => error.problems.remove(0),
        }
    }

    fn place(problem: &Problem) -> Option<(usize, usize)> {
        problem.position.map(|at| (at.line, at.column))
    }

    #[test]
    fn an_unknown_key_is_named_at_its_place_with_the_nearest_known_one() {
        let found = problem::<Config>(schemas::CONFIG, "schema: roadbed/config/v1\ntemplate: x\nanwsers: {a: 1}\n");
        assert_eq!(found.message, "`anwsers` is not a key here");
        assert_eq!(place(&found), Some((3, 1)));
        assert_eq!(found.hint.as_deref(), Some("did you mean `answers`?"));
    }

    #[test]
    fn a_wrong_type_is_named_at_its_place() {
        let text = "schema: roadbed/policy/v1\ngolden_path: {source: builtin}\ntier: high\n";
        assert_eq!(place(&problem::<Policy>(schemas::POLICY, text)), Some((3, 7)));
    }

    #[test]
    fn a_newer_schema_says_what_to_upgrade() {
        let found = problem::<Config>(schemas::CONFIG, "schema: roadbed/config/v2\n");
        assert_eq!(found.hint.as_deref(), Some("install a newer roadbed"));
    }

    #[test]
    fn alias_bombs_and_deep_nests_are_refused_at_once() {
        let bomb = "schema: roadbed/config/v1\na: &a [x, x]\nb: &b [*a, *a]\n";
        assert_eq!(place(&problem::<Config>(schemas::CONFIG, bomb)).map(|p| p.0), Some(2));
        let nest = format!("schema: roadbed/config/v1\nanswers: {}\n", "[".repeat(5000));
        assert_eq!(place(&problem::<Config>(schemas::CONFIG, &nest)).map(|p| p.0), Some(2));
    }

    #[test]
    fn a_key_twice_is_refused() {
        let found = problem::<Config>(schemas::CONFIG, "schema: roadbed/config/v1\nanswers:\n  a: 1\n  a: 2\n");
        assert_eq!(place(&found), Some((4, 3)));
    }
}
