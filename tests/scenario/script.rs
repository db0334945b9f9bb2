//! The format of a scenario. `tests/scenarios/README.md` explains it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;

use super::content::Content;

/// Files by path; null for one that is not there.
pub type Files = BTreeMap<String, Option<Content>>;

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Numbers of the cases it proves.
    pub cases: Vec<u8>,
    /// What it proves, in one sentence.
    pub proves: String,
    /// The golden path's versions; the first is laid.
    pub versions: Vec<Version>,
    /// More words for `roadbed new`.
    #[serde(default)]
    pub new: String,
    /// The directories that are laid, from the repository's root.
    #[serde(default = "root")]
    pub at: Vec<String>,
    pub steps: Vec<Step>,
    #[serde(skip)]
    pub name: String,
}

/// One version of the golden path; what it does not say is as in the version before.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Version {
    /// By default 1.0.0, 1.1.0, 1.2.0 and so on.
    pub version: Option<String>,
    /// What the asset `base` lays; null for what it no longer does.
    #[serde(default)]
    pub files: Files,
    /// Who owns them: `files` of its asset.yaml.
    pub owns: Option<Value>,
    /// What else its asset.yaml says.
    #[serde(default)]
    pub asset: BTreeMap<String, Value>,
    /// The other assets; null for one that goes.
    #[serde(default)]
    pub assets: BTreeMap<String, Option<Other>>,
    /// `questions` of the golden path.
    pub questions: Option<Value>,
    /// The assets of the template; by default all there are.
    pub template: Option<Vec<String>>,
    /// More files of the golden path itself.
    #[serde(default)]
    pub golden_path: Files,
    /// Whether it is packed into `releases/`; the last may lie there as an author left it.
    #[serde(default = "yes")]
    pub released: bool,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Other {
    #[serde(default)]
    pub files: Files,
    pub owns: Option<Value>,
    #[serde(default)]
    pub asset: BTreeMap<String, Value>,
}

/// One thing that happens. Exactly one of the first eight says what.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// The team writes files, and commits them unless `commit: false`.
    pub edit: Option<Files>,
    /// Git commands.
    pub git: Option<Vec<String>>,
    /// Somebody edits the golden path's directory in place.
    pub golden_path: Option<Files>,
    /// Files of the user's home directory.
    pub home: Option<Files>,
    /// The repository is replaced by a clone of itself, made with these words.
    pub clone: Option<String>,
    /// The repository goes on elsewhere: in a directory beside it.
    pub continue_in: Option<String>,
    /// `roadbed …`
    pub run: Option<String>,
    /// The findings of `roadbed check --pedantic` about drift, as `level rule path`.
    pub check: Option<Vec<String>>,

    /// Of `edit`: whether it is committed.
    pub commit: Option<bool>,
    /// Of `git` and `run`: the directory, from the repository's root.
    #[serde(rename = "in")]
    pub dir: Option<String>,

    // What a command must do.
    /// By default 0. -1: it was killed.
    #[serde(default)]
    pub exit: i32,
    /// Files that are other than before. All that is not named must be as it was.
    #[serde(default)]
    pub files: Files,
    /// `action path` or `rename from -> to`, without those below `.roadbed/`.
    pub changes: Option<Vec<String>>,
    /// `kind path`
    #[serde(default)]
    pub conflicts: Vec<String>,
    /// Texts that the conflicts' messages hold, by path.
    #[serde(default)]
    pub because: BTreeMap<String, String>,
    /// The version that the lock names.
    pub version: Option<String>,
    /// The versions that single files are measured against, where the scenario is about that.
    #[serde(default)]
    pub bases: BTreeMap<String, Option<String>>,
    /// Texts that are printed: on stderr or stdout.
    #[serde(default)]
    pub says: Vec<String>,
    /// Texts that are not.
    #[serde(default)]
    pub says_not: Vec<String>,
    /// As a person sees it, without `--format json`.
    #[serde(default)]
    pub text: bool,
    /// More environment.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// Shell commands that come first in the same shell.
    pub shell: Option<String>,
    /// Laws that do not hold here, each with the reason in `proves`.
    #[serde(default)]
    pub lawless: Vec<String>,
}

fn root() -> Vec<String> {
    vec![".".to_owned()]
}

fn yes() -> bool {
    true
}

/// Every scenario, by name: the path of its file below `tests/scenarios/`.
pub fn read_all() -> Vec<Scenario> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios");
    let mut paths = Vec::new();
    below(&root, &mut paths);
    paths.sort();
    paths
        .into_iter()
        .map(|path| {
            let name = path.strip_prefix(&root).unwrap().with_extension("").display().to_string();
            let text = fs::read_to_string(&path).unwrap();
            let mut scenario: Scenario =
                serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("tests/scenarios/{name}.yaml: {error}"));
            scenario.name = name;
            scenario
        })
        .collect()
}

fn below(dir: &Path, paths: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            below(&path, paths);
        } else if path.extension().is_some_and(|extension| extension == "yaml") {
            paths.push(path);
        }
    }
}
