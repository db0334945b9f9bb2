//! The steps of a pipeline that run roadbed: what stands between a change and the branch that it goes to.

mod gitlab;
mod shape;

use std::collections::BTreeSet;

use super::weakened::Weakening;
use crate::edit::Format;
use crate::edit::tree::{Document, Node};
use crate::model::path::RepoPath;
use crate::model::tree::{Node as Entry, Tree};

/// One step that runs roadbed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gate {
    /// The pipeline's file, from the laid directory.
    pub file: String,
    /// Keys of the step, outermost first.
    pub keys: Vec<String>,
    /// What starts the pipeline.
    pub triggers: BTreeSet<String>,
    /// Conditions under which it runs.
    pub conditions: BTreeSet<String>,
    /// Why its failure stops nothing; none if it does.
    pub idle: Option<String>,
    /// All else that decides what it does, each in a few words: its command and what is given to it, what runs before it
    /// in its job, and what keeps the job from running.
    pub shape: BTreeSet<String>,
}

impl Gate {
    /// Whether a text is part of what it does.
    pub(super) fn says(&self, text: &str) -> bool {
        let text = shape::without_version(text);
        !text.is_empty() && self.shape.iter().any(|part| part.contains(&text))
    }
}

/// Every gate of a tree, sorted by file: GitHub's workflows, GitLab's and Jenkins' pipelines.
pub fn gates(tree: &dyn Tree) -> crate::error::Result<Vec<Gate>> {
    let mut found = Vec::new();
    for path in tree.files()? {
        let name = path.as_str();
        let yaml = matches!(name.rsplit('.').next(), Some("yml" | "yaml"));
        let workflow = yaml && name.starts_with(".github/workflows/");
        let jenkins = path.file_name().starts_with("Jenkinsfile");
        if name == gitlab::START {
            found.extend(gitlab::gates(tree, &path)?);
        }
        if !(workflow || jenkins) {
            continue;
        }
        let Entry::File(file) = tree.node(&path) else { continue };
        let Some(text) = file.text().filter(|text| text.contains("roadbed")) else { continue };
        if jenkins {
            found.extend(in_lines(&path, text));
        } else if let Ok(document) = Document::parse(Format::Yaml, text)
            && let Some(root) = &document.root
        {
            of_workflow(&path, root, &mut found);
        }
    }
    Ok(found)
}

/// The triggers for which `before` had a gate that stops a change and `now` has none. `excused` says where another shape
/// is a new version's of the golden path, and nobody's in this repository.
pub(super) fn lost(before: &[Gate], now: &[Gate], excused: &dyn Fn(&Gate) -> bool) -> Vec<Weakening> {
    let mut found: Vec<Weakening> = Vec::new();
    for gate in before.iter().filter(|gate| gate.idle.is_none()) {
        let kept = |trigger: &&String| {
            now.iter().any(|other| {
                other.idle.is_none()
                    && other.triggers.contains(*trigger)
                    && other.conditions.iter().all(|condition| gate.conditions.contains(condition))
                    && (other.shape.is_subset(&gate.shape) || other.file == gate.file && excused(gate))
            })
        };
        let gone: Vec<&str> = gate.triggers.iter().filter(|trigger| !kept(trigger)).map(String::as_str).collect();
        if gone.is_empty() {
            continue;
        }
        // The same step, if it is still there, says best what happened to it.
        let mut here = now.iter().filter(|other| other.file == gate.file);
        let same = here.clone().find(|other| other.keys == gate.keys).or_else(|| here.next());
        let why = match same {
            Some(Gate { idle: Some(why), .. }) => format!("its failure stops nothing any more (`{why}`)"),
            Some(other) if !other.conditions.is_subset(&gate.conditions) => "it runs under a new condition".to_owned(),
            Some(other) if other.triggers.contains(gone[0]) => match other.shape.difference(&gate.shape).next() {
                Some(new) => format!("it was altered (`{}`)", shape::shortened(new)),
                None => "no step runs it any more".to_owned(),
            },
            _ => "no step runs it any more".to_owned(),
        };
        let message = format!("roadbed's own check is weaker for {}: {why}", gone.join(", "));
        if !found.iter().any(|other| other.message == message) {
            found.push(Weakening { file: gate.file.clone(), keys: gate.keys.clone(), message });
        }
    }
    found
}

fn text<'n>(node: &'n Node, key: &str) -> Option<&'n str> {
    node.entry(key).and_then(|(_, entry)| entry.value.scalar()).map(|scalar| scalar.text.as_str())
}

fn of_workflow(path: &RepoPath, root: &Node, found: &mut Vec<Gate>) {
    // YAML 1.1 reads the key `on` as true, so both may stand there.
    let on = root.entry("on").or_else(|| root.entry("true")).map(|(_, entry)| &entry.value);
    let triggers: BTreeSet<String> = match on {
        Some(node) if node.scalar().is_some() => node.scalar().map(|scalar| scalar.text.clone()).into_iter().collect(),
        Some(node) => {
            let names = node.entries().into_iter().flatten().map(|entry| entry.key.clone());
            let items = node.items().into_iter().flatten();
            names.chain(items.filter_map(|item| item.value.scalar().map(|s| s.text.clone()))).collect()
        }
        None => BTreeSet::new(),
    };
    let Some((_, jobs)) = root.entry("jobs") else { return };
    let (filters, around) = (shape::filters(on), shape::surroundings(root));
    for job in jobs.value.entries().into_iter().flatten() {
        let steps = job.value.entry("steps").and_then(|(_, entry)| entry.value.items());
        let mut job_shape: BTreeSet<String> = around.iter().chain(&filters).cloned().collect();
        job_shape.extend(shape::surroundings(&job.value));
        job_shape.extend(shape::job(&job.value));
        for (n, step) in steps.into_iter().flatten().enumerate() {
            let run = text(&step.value, "run").filter(|run| runs_check(run));
            let action = text(&step.value, "uses").filter(|uses| names_roadbed(uses));
            if run.is_none() && action.is_none() {
                job_shape.extend(shape::earlier(&step.value));
                continue;
            }
            let soft = |node: &Node| text(node, "continue-on-error").is_some_and(|value| value != "false");
            let never = step.value.entry("with").and_then(|(_, with)| text(&with.value, "fail-on"));
            let idle = if soft(&step.value) || soft(&job.value) {
                Some("continue-on-error".to_owned())
            } else if never == Some("never") {
                Some("fail-on: never".to_owned())
            } else {
                run.and_then(ignores_failure)
            };
            let conditions = [text(&step.value, "if"), text(&job.value, "if")];
            found.push(Gate {
                file: path.to_string(),
                keys: ["jobs", &job.key, "steps", &n.to_string()].map(str::to_owned).to_vec(),
                triggers: triggers.clone(),
                conditions: conditions.into_iter().flatten().map(str::to_owned).collect(),
                idle,
                shape: job_shape.iter().cloned().chain(shape::step(&step.value)).collect(),
            });
        }
    }
}

/// What a value says, on one line, to compare.
fn outline(node: &Node) -> String {
    let entries = node.entries().into_iter().flatten().map(|entry| format!("{}: {}", entry.key, outline(&entry.value)));
    let items = node.items().into_iter().flatten().map(|item| outline(&item.value));
    let scalar = node.scalar().map(|scalar| scalar.text.clone());
    scalar.into_iter().chain(entries).chain(items).collect::<Vec<_>>().join(", ")
}

/// Jenkins' pipelines are programs: what a line says is all that is read of them.
fn in_lines(path: &RepoPath, text: &str) -> Option<Gate> {
    let line = text.lines().find(|line| runs_check(line) && !line.trim_start().starts_with("//"))?;
    let status = line.contains("returnStatus").then(|| "returnStatus".to_owned());
    Some(Gate {
        file: path.to_string(),
        keys: Vec::new(),
        triggers: BTreeSet::from(["the pipeline".to_owned()]),
        conditions: BTreeSet::new(),
        idle: status.or_else(|| ignores_failure(line)),
        shape: shape::script(line)
            .chain(text.lines().filter(|line| line.contains("ROADBED_")).map(|l| l.trim().to_owned()))
            .collect(),
    })
}

fn runs_check(script: &str) -> bool {
    script.lines().any(|line| {
        let line = line.trim_start();
        !line.starts_with('#') && line.contains("roadbed") && line.contains("check")
    })
}

fn names_roadbed(name: &str) -> bool {
    let name = name.split('@').next().unwrap_or(name);
    name.split('/').any(|part| part == "roadbed" || part == "roadbed.yml")
}

/// Why a script goes on whatever roadbed says.
fn ignores_failure(script: &str) -> Option<String> {
    let lines = script.lines().filter(|line| line.contains("roadbed"));
    let signs = ["|| true", "|| :", "|| exit 0", "--fail-on never", "--fail-on=never", "set +e"];
    let found = lines.flat_map(|line| signs.iter().filter(move |sign| line.contains(**sign))).next();
    found.map(|sign| (*sign).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::file::File;
    use crate::model::tree::MemoryTree;

    fn of(path: &str, text: &str) -> Vec<Gate> {
        let tree: MemoryTree = [(RepoPath::new(path).unwrap(), File::regular(text))].into_iter().collect();
        gates(&tree).unwrap()
    }

    const WORKFLOW: &str = "on: {pull_request: {}, push: {branches: [main]}}\njobs:\n  a:\n    steps:\n      - run: make\n      - run: roadbed check --since auto\n";

    fn after(from: &str, to: &str) -> Vec<String> {
        let path = ".github/workflows/ci.yml";
        assert!(WORKFLOW.contains(from));
        let now = of(path, &WORKFLOW.replacen(from, to, 1));
        lost(&of(path, WORKFLOW), &now, &|_| false).into_iter().map(|weakening| weakening.message).collect()
    }

    #[test]
    fn a_gate_that_stops_nothing_any_more_is_weaker() {
        assert_eq!(after("on:", "# x\non:"), Vec::<String>::new());
        for harmless in ["--since auto --pedantic", "--since=auto --fail-on warn --output x --format sarif -q"] {
            assert_eq!(after("--since auto", harmless), Vec::<String>::new(), "{harmless}");
        }
        for harmless in ["- name: x", "- uses: actions/setup-node@v6\n      - run: npm ci"] {
            assert_eq!(after("- run: make", harmless), Vec::<String>::new(), "{harmless}");
        }
        for (from, to, why) in [
            ("--since auto", "|| true", "its failure stops nothing any more (`|| true`)"),
            ("- run: roadbed", "- continue-on-error: true\n        run: roadbed", "(`continue-on-error`)"),
            ("    steps", "    continue-on-error: true\n    steps", "(`continue-on-error`)"),
            ("    steps", "    if: false\n    steps", "it runs under a new condition"),
            ("roadbed check --since auto", "true", "no step runs it any more"),
            ("pull_request: {}, ", "", "for pull_request: no step"),
            ("--since auto", "--since auto --rule x", "it was altered (`--rule x`)"),
            ("--since auto", "--since HEAD", "(`--since HEAD`)"),
            ("roadbed check", "echo roadbed check", "(`echo roadbed check`)"),
            ("roadbed check", "roadbed -C docs check", "(`-C docs`)"),
            ("jobs:", "env: {ROADBED_FAIL_ON: never}\njobs:", "(`env ROADBED_FAIL_ON=never`)"),
            ("- run: roadbed", "- shell: 'true {0}'\n        run: roadbed", "(`shell true {0}`)"),
            ("- run: roadbed", "- working-directory: x\n        run: roadbed", "(`working-directory x`)"),
            ("- run: roadbed", "- run: |\n          set +u\n          roadbed", "(`set +u`)"),
            ("- run: make", "- run: echo /x >> $GITHUB_PATH", "(`before it: echo /x >> $GITHUB_PATH`)"),
            ("- run: make", "- run: cp x /usr/local/bin/roadbed", "(`before it: cp x /usr/local/bin/roadbed`)"),
            ("    steps", "    needs: b\n    steps", "(`needs b`)"),
            ("    steps", "    strategy: {matrix: {x: []}}\n    steps", "(`strategy matrix: x: `)"),
            ("pull_request: {}", "pull_request: {types: [labeled]}", "(`on.pull_request: types: labeled`)"),
        ] {
            let found = after(from, to);
            assert!(found.len() == 1 && found[0].contains(why), "{to}: {found:?}");
        }
    }

    #[test]
    fn a_gate_may_move_to_another_file() {
        let before = of(".github/workflows/ci.yml", WORKFLOW);
        assert_eq!(lost(&before, &of(".github/workflows/drift.yml", WORKFLOW), &|_| false), []);
    }

    #[test]
    fn what_reaches_into_an_included_gate_of_gitlab_is_an_alteration() {
        let gate = "drift:\n  script:\n    - roadbed check --since auto\n";
        let tree = |start: &str| -> Vec<Gate> {
            let files = [(".gitlab-ci.yml", start), ("ci/gate.yml", gate)];
            let tree: MemoryTree =
                files.into_iter().map(|(path, text)| (RepoPath::new(path).unwrap(), File::regular(text))).collect();
            gates(&tree).unwrap()
        };
        let start = "include:\n  - local: /ci/*.yml\nbuild: {script: make}\n";
        let before = tree(start);
        assert_eq!(before.len(), 1);
        let after = |more: &str| -> Vec<String> {
            let found = lost(&before, &tree(&format!("{start}{more}")), &|_| false);
            found.into_iter().map(|weakening| weakening.message).collect()
        };
        assert_eq!(after("test: {script: make test}\nvariables: {A: b}\n"), Vec::<String>::new());
        for more in [
            "drift: {allow_failure: true}\n",
            "variables: {ROADBED_FAIL_ON: never}\n",
            "variables: {ROADBED_FAIL_ON: {value: never}}\n",
            "default: {before_script: [alias roadbed=true]}\n",
            "before_script: [alias roadbed=true]\n",
            "workflow: {rules: [{when: never}]}\n",
        ] {
            let found = after(more);
            assert!(found.len() == 1 && found[0].contains("it was altered"), "{more}: {found:?}");
        }
        let none = lost(&before, &tree("build: {script: make}\n"), &|_| false);
        assert!(none[0].message.contains("no step runs it any more"), "{none:?}");
    }

    #[test]
    fn the_pipelines_of_gitlab_and_jenkins_have_gates_too() {
        let gitlab = "roadbed:\n  script:\n    - roadbed check --since auto\n";
        let before = of(".gitlab-ci.yml", gitlab);
        assert_eq!(before.len(), 1);
        assert_eq!(
            lost(&before, &of(".gitlab-ci.yml", &format!("{gitlab}  allow_failure: true\n")), &|_| false).len(),
            1
        );
        assert_eq!(lost(&before, &of(".gitlab-ci.yml", &format!("{gitlab}  when: manual\n")), &|_| false).len(), 1);
        assert_eq!(of(".gitlab-ci.yml", "include:\n  - {project: acme/ci, file: roadbed.yml}\n").len(), 1);
        let jenkins = of("Jenkinsfile", "sh 'roadbed check --since auto'\n");
        assert_eq!(lost(&jenkins, &of("Jenkinsfile", "sh 'roadbed check || true'\n"), &|_| false).len(), 1);
    }
}
