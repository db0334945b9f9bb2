//! What may be inserted into a pipeline of the repo's own without changing what its jobs do.
//!
//! Other files take keys one by one. In a pipeline a key at the top is about every job, and a job of the same name is
//! one job: so jobs come beside jobs, and everything that would reach into the repo's own stays out.

use crate::edit::tree::Document;
use crate::edit::{Format, Mismatch, compare, remove_yaml};
use crate::golden_path::Pristine;
use crate::model::path::RepoPath;

/// Words at the top of a `.gitlab-ci.yml` that are no jobs.
const GITLAB_WORDS: [&str; 13] = [
    "default",
    "include",
    "stages",
    "variables",
    "workflow",
    "spec",
    "image",
    "services",
    "before_script",
    "after_script",
    "cache",
    "component",
    "types",
];

/// The text of `part` that may be inserted into `text`; the reason where nothing of it may.
pub(super) fn beside(path: &RepoPath, part: &Pristine, text: &str) -> Result<Option<String>, String> {
    let Some(body) = part.file.text() else { return Ok(None) };
    let is_workflow = path.as_str().starts_with(".github/workflows/");
    if !is_workflow && path.file_name() != ".gitlab-ci.yml" {
        return Ok(None);
    }
    let read = |text: &str| Document::parse(Format::Yaml, text).map_err(|error| error.message);
    let (ours, theirs) = (read(body)?, read(text)?);
    let keys = |document: &Document, below: Option<&str>| -> Vec<String> {
        let root = document.root.as_ref();
        let node = match below {
            Some(key) => root.and_then(|root| root.entry(key)).map(|(_, entry)| &entry.value),
            None => root,
        };
        node.and_then(|node| node.entries()).unwrap_or_default().iter().map(|entry| entry.key.clone()).collect()
    };
    let gaps =
        compare(Format::Yaml, text, body, &part.matching, &super::newer::tolerance(part, &crate::catalogue::OFFLINE))
            .map_err(|e| e.message)?;
    if is_workflow {
        let runs = keys(&theirs, None).contains(&"on".to_owned()) && !keys(&theirs, Some("jobs")).is_empty();
        return if runs { workflow(body, &keys(&ours, None), &keys(&theirs, Some("jobs")), &gaps) } else { Ok(None) };
    }
    let jobs: Vec<String> =
        keys(&theirs, None).into_iter().filter(|key| !GITLAB_WORDS.contains(&key.as_str())).collect();
    let brings = keys(&theirs, None).contains(&"include".to_owned());
    if jobs.is_empty() && !brings {
        return Ok(None);
    }
    for key in keys(&ours, None) {
        if !gaps.iter().any(|gap| is_under(gap, &key)) {
            continue;
        }
        if GITLAB_WORDS.contains(&key.as_str()) {
            return Err(format!("`{key}` is about every job of this pipeline, and the golden path asks for another"));
        }
        if jobs.contains(&key) {
            return Err(same_job(&key));
        }
        if brings {
            return Err(format!("`include` brings jobs from elsewhere, and one of them may be called `{key}` too"));
        }
    }
    Ok(None)
}

fn workflow(body: &str, ours: &[String], jobs: &[String], gaps: &[Mismatch]) -> Result<Option<String>, String> {
    let mut insert = body.to_owned();
    for key in ours.iter().filter(|key| gaps.iter().any(|gap| is_under(gap, key))) {
        match key.as_str() {
            "name" | "run-name" => {}
            "jobs" => {
                let shared = jobs.iter().find(|id| gaps.iter().any(|gap| is_under(gap, &format!("jobs.{id}"))));
                if let Some(id) = shared {
                    return Err(same_job(id));
                }
            }
            // The jobs of the path have their own: what is missing here is said by `check`.
            "permissions" | "concurrency" => {
                insert = remove_yaml(&insert, &[key]).map_err(|error| error.message)?;
            }
            "on" => {
                return Err(
                    "this workflow runs on other events than the golden path's, so its jobs cannot come beside these"
                        .to_owned(),
                );
            }
            _ => {
                return Err(format!(
                    "`{key}` is about every job of this workflow, and the golden path asks for another"
                ));
            }
        }
    }
    Ok(Some(insert))
}

fn same_job(id: &str) -> String {
    format!("the job `{id}` is the repo's own here, and the golden path has one of that name")
}

fn is_under(gap: &Mismatch, key: &str) -> bool {
    gap.address.strip_prefix(key).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}
