//! What the built-in golden path lays: one repository for each answer set of `templates/tests/` and of `pairs.yaml`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use serde::Deserialize;

use super::Bed;

#[derive(Deserialize)]
struct Cases {
    template: String,
    sets: Vec<Set>,
}

#[derive(Deserialize)]
struct Set {
    name: String,
    answers: serde_yaml::Value,
}

/// Every repository of the built-in path, in a bed.
pub struct Laid {
    pub bed: Bed,
    pub dirs: Vec<String>,
}

/// A file of a laid repository.
pub struct File {
    pub dir: String,
    pub path: String,
    pub text: String,
}

/// Every repository, laid once for all tests that run at the same time: nobody may write in it.
pub fn laid() -> Arc<Laid> {
    static LAID: Mutex<Weak<Laid>> = Mutex::new(Weak::new());
    // One test that failed to lay must not fail the others by a poisoned lock.
    let mut shared = LAID.lock().unwrap_or_else(PoisonError::into_inner);
    shared.upgrade().unwrap_or_else(|| {
        let laid = Arc::new(Laid::new());
        *shared = Arc::downgrade(&laid);
        laid
    })
}

impl Laid {
    /// Lays every answer set in a bed of its own, for a test that writes in it.
    pub fn new() -> Self {
        let bed = Bed::new();
        let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates/tests");
        let mut files: Vec<PathBuf> = tests.read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        files.push(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/pairs.yaml"));
        let documents: Vec<String> = files.iter().map(|file| std::fs::read_to_string(file).unwrap()).collect();
        let mut dirs = Vec::new();
        for document in documents.iter().flat_map(|text| serde_yaml::Deserializer::from_str(text)) {
            let cases = Cases::deserialize(document).unwrap();
            for set in cases.sets {
                let dir = format!("{}-{}", cases.template, set.name);
                let answers = format!("{dir}.yaml");
                bed.write(&answers, serde_yaml::to_string(&set.answers).unwrap());
                bed.run(".", &["new", &cases.template, &dir, "--answers", &answers, "--defaults", "--no-git"]).ok();
                dirs.push(dir);
            }
        }
        assert!(!dirs.is_empty(), "the built-in path has no answer sets");
        Laid { bed, dirs }
    }

    /// The repositories that hold the file `marker`; at least one must.
    pub fn with(&self, marker: &str) -> Vec<&str> {
        let holds = |dir: &&str| self.bed.exists(&format!("{dir}/{marker}"));
        let dirs: Vec<&str> = self.dirs.iter().map(String::as_str).filter(holds).collect();
        assert!(!dirs.is_empty(), "no repository has {marker}");
        dirs
    }

    /// Each different text that `is_for` wants: most files are the same for most answers, and one verdict is enough.
    pub fn files(&self, is_for: impl Fn(&str, &str) -> bool) -> Vec<File> {
        let mut seen = BTreeSet::new();
        let mut found = Vec::new();
        for dir in &self.dirs {
            for (path, content, _) in self.bed.files(dir) {
                let text = String::from_utf8(content).unwrap_or_else(|_| panic!("{dir}/{path} is no text"));
                if is_for(&path, &text) && seen.insert((path.clone(), text.clone())) {
                    found.push(File { dir: dir.clone(), path, text });
                }
            }
        }
        assert!(!found.is_empty(), "no repository has a file for this test");
        found
    }
}

pub fn has_extension(path: &str, extension: &str) -> bool {
    Path::new(path).extension().is_some_and(|found| found == extension)
}
