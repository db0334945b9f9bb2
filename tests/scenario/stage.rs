//! Makes a scenario's golden path and repository real.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use serde_json::{Map, Value, json};

use super::content::{Around, Content};
use super::script::{Files, Scenario, Version};
use super::snapshot::{Entry, Snapshot, put, snapshot};
use crate::support::Bed;

/// Where a scenario plays: a bed with the golden path in `acme` and the repository in `repo`.
pub struct Stage {
    pub bed: Bed,
    /// The repository's directory in the bed.
    pub repo: String,
    /// What the asset `base` lays, by version and path.
    pub pristine: BTreeMap<(String, String), Entry>,
    /// What the files of the next step are held against, if that is not what is there before it.
    pub baseline: RefCell<Option<Snapshot>>,
}

impl Stage {
    /// Lays the first version, then releases the others.
    pub fn set(scenario: &Scenario) -> Result<Self, String> {
        let mut stage =
            Stage { bed: Bed::new(), repo: "repo".to_owned(), pristine: BTreeMap::new(), baseline: RefCell::default() };
        let mut whole = Whole::default();
        for (n, version) in scenario.versions.iter().enumerate() {
            whole.follow(version, &stage.pristine);
            let number = version.version.clone().unwrap_or_else(|| format!("1.{n}.0"));
            stage.write_path(&whole, &number, version);
            if version.released {
                stage.must(".", &["-C", "acme", "path", "release", &number])?;
            }
            if n == 0 {
                stage.lay(scenario)?;
            }
        }
        Ok(stage)
    }

    fn lay(&self, scenario: &Scenario) -> Result<(), String> {
        // At the root `new` makes the repository itself.
        let inside = scenario.at[0] != ".";
        if inside {
            self.bed.git(".", &["init", "-q", "-b", "main", "repo"]);
        }
        for at in &scenario.at {
            let dir = if at == "." { "repo".to_owned() } else { format!("repo/{at}") };
            if let Some(parent) = self.bed.path(&dir).parent() {
                fs::create_dir_all(parent).map_err(|error| error.to_string())?;
            }
            let mut args = vec!["new", "service", &dir, "--defaults", "--golden-path", "acme"];
            let more = words(&scenario.new);
            args.extend(more.iter().map(String::as_str));
            self.must(".", &args)?;
        }
        if inside || scenario.at.len() > 1 {
            self.bed.commit("repo");
        }
        Ok(())
    }

    fn must(&self, dir: &str, args: &[&str]) -> Result<(), String> {
        let ran = self.bed.run(dir, args);
        if ran.code == 0 {
            return Ok(());
        }
        Err(format!("roadbed {} ended with {}:\n{}{}", args.join(" "), ran.code, ran.stdout, ran.stderr))
    }

    /// The repository's files now.
    pub fn files(&self) -> Snapshot {
        snapshot(&self.bed.path(&self.repo))
    }

    pub fn root(&self) -> PathBuf {
        self.bed.path(&self.repo)
    }

    /// `files` as entries, seen from `tree`.
    pub fn entries(&self, files: &Files, tree: &Snapshot) -> Vec<(String, Option<Entry>)> {
        let entry = |(path, content): (&String, &Option<Content>)| {
            let around = Around { path, tree, versions: &self.pristine };
            (path.clone(), content.as_ref().map(|content| content.entry(&around)))
        };
        files.iter().map(entry).collect()
    }

    /// Writes files below `dir` of the bed: first what goes, then what comes.
    pub fn edit(&self, dir: &str, files: &Files) {
        let root = self.bed.path(dir);
        let entries = self.entries(files, &snapshot(&root));
        for (path, entry) in entries.iter().filter(|(_, entry)| entry.is_none()) {
            put(&root, path, entry.as_ref());
        }
        for (path, entry) in entries.iter().filter(|(_, entry)| entry.is_some()) {
            put(&root, path, entry.as_ref());
        }
    }

    /// Writes `acme/`, less its releases, from what all versions so far say.
    fn write_path(&mut self, whole: &Whole, number: &str, newest: &Version) {
        for name in ["golden-path.yaml", "assets"] {
            put(&self.bed.path("acme"), name, None);
        }
        for (id, asset) in &whole.assets {
            let mut yaml = Map::from_iter([
                ("schema".to_owned(), json!("roadbed/asset/v1")),
                ("description".to_owned(), json!("An asset")),
            ]);
            yaml.extend(asset.says.clone());
            self.bed.write(&format!("acme/assets/{id}/asset.yaml"), Value::from(yaml).to_string());
            let dir = self.bed.path(&format!("acme/assets/{id}/files"));
            for (path, entry) in &asset.files {
                put(&dir, path, Some(entry));
                if id == BASE {
                    self.pristine.insert((number.to_owned(), path.clone()), entry.clone());
                }
            }
        }
        let all: Vec<&String> = whole.assets.keys().collect();
        let assets = whole.template.as_ref().map_or_else(|| json!(all), |template| json!(template));
        let manifest = json!({
            "schema": "roadbed/path/v1",
            "name": "acme",
            "version": number,
            "questions": whole.questions.clone().unwrap_or_else(|| json!({})),
            "templates": {"service": {"description": "A service", "assets": assets}},
            "profiles": {"growth": {"levels": {}}},
        });
        self.bed.write("acme/golden-path.yaml", serde_yaml::to_string(&manifest).unwrap());
        self.edit("acme", &newest.golden_path);
    }
}

const BASE: &str = "base";

/// A golden path as all versions so far make it.
#[derive(Default)]
struct Whole {
    assets: BTreeMap<String, Asset>,
    questions: Option<Value>,
    template: Option<Vec<String>>,
}

#[derive(Default)]
struct Asset {
    says: Map<String, Value>,
    files: Snapshot,
}

impl Whole {
    fn follow(&mut self, version: &Version, versions: &BTreeMap<(String, String), Entry>) {
        let asset = &mut self.assets.entry(BASE.to_owned()).or_default();
        asset.follow(&version.files, version.owns.as_ref(), &version.asset, versions);
        for (id, other) in &version.assets {
            match other {
                None => {
                    self.assets.remove(id);
                }
                Some(other) => {
                    let asset = self.assets.entry(id.clone()).or_default();
                    asset.follow(&other.files, other.owns.as_ref(), &other.asset, versions);
                }
            }
        }
        self.questions = version.questions.clone().or(self.questions.take());
        self.template = version.template.clone().or(self.template.take());
    }
}

impl Asset {
    fn follow(
        &mut self,
        files: &Files,
        owns: Option<&Value>,
        says: &BTreeMap<String, Value>,
        versions: &BTreeMap<(String, String), Entry>,
    ) {
        for (path, content) in files {
            match content {
                Some(content) => {
                    let entry = content.entry(&Around { path, tree: &self.files, versions });
                    self.files.insert(path.clone(), entry);
                }
                None => {
                    self.files.remove(path);
                }
            }
        }
        self.says.extend(says.iter().map(|(key, value)| (key.clone(), value.clone())));
        if let Some(owns) = owns {
            self.says.insert("files".to_owned(), owns.clone());
        }
    }
}

/// A command line as words, quotes kept together.
pub fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for c in line.chars() {
        match (quote, c) {
            (Some(q), c) if c == q => quote = None,
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, c) if c.is_whitespace() => words.extend(word.take()),
            (_, c) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}
