//! Workflows and composite actions, as GitHub reads them: jobs, steps, triggers, and where each stands.

use std::ops::Range;

use crate::edit::tree::{Document, Entry, Node};
use crate::rules::facts::{Facts, Subject};
use crate::rules::kind::Kind;

/// A workflow that parses, and is a mapping.
#[derive(Clone, Copy)]
pub(super) struct Workflow<'f> {
    /// Its file.
    pub subject: &'f Subject<'f>,
    /// Its text, parsed.
    pub document: &'f Document,
    /// Its mapping.
    pub root: &'f Node,
}

/// A job of a workflow.
#[derive(Clone, Copy)]
pub(super) struct Job<'f> {
    /// Its workflow.
    pub workflow: Workflow<'f>,
    /// Its key and value.
    pub entry: &'f Entry,
    /// Its mapping.
    pub node: &'f Node,
}

/// A step of a job, or of a composite action.
#[derive(Clone, Copy)]
pub(super) struct Step<'f> {
    /// Its file.
    pub subject: &'f Subject<'f>,
    /// Its text, parsed.
    pub document: &'f Document,
    /// Its job; none in a composite action.
    pub job: Option<Job<'f>>,
    /// Its place in the list.
    pub index: usize,
    /// Its mapping.
    pub node: &'f Node,
}

/// How many bytes of what a step does stand in its address.
const MAX_NAME: usize = 1000;

/// An event that starts a workflow.
#[derive(Clone, Copy)]
pub(super) struct Trigger<'f> {
    /// Its name.
    pub name: &'f str,
    /// Where the name stands.
    pub place: &'f Range<usize>,
}

/// The value of `key`, through aliases.
pub(super) fn get<'f>(document: &'f Document, node: &'f Node, key: &str) -> Option<&'f Node> {
    document.resolve(node).entry(key).map(|(_, entry)| document.resolve(&entry.value))
}

/// The text of a scalar.
pub(super) fn text(node: &Node) -> Option<&str> {
    node.scalar().map(|scalar| scalar.text.as_str())
}

impl<'f> Workflow<'f> {
    /// Every workflow of the repository.
    pub(super) fn all(facts: &'f Facts<'_>) -> impl Iterator<Item = Workflow<'f>> {
        facts.of_kind(Kind::Workflow).filter_map(|subject| {
            let document = subject.document()?;
            let root = document.root.as_ref()?;
            root.entries()?;
            Some(Workflow { subject, document, root })
        })
    }

    /// The value of a top-level key.
    pub(super) fn get(&self, key: &str) -> Option<&'f Node> {
        get(self.document, self.root, key)
    }

    /// Its jobs that are mappings, in order.
    pub(super) fn jobs(&self) -> Vec<Job<'f>> {
        let entries = self.get("jobs").and_then(Node::entries).unwrap_or_default();
        let job = |entry: &'f Entry| {
            let node = &entry.value;
            node.entries().is_some().then_some(Job { workflow: *self, entry, node })
        };
        entries.iter().filter_map(job).collect()
    }

    /// Its jobs that can run: not those that `if: false` turns off.
    pub(super) fn running_jobs(&self) -> Vec<Job<'f>> {
        self.jobs().into_iter().filter(|job| !is_off(job.get("if"))).collect()
    }

    /// The events that start it.
    pub(super) fn triggers(&self) -> Vec<Trigger<'f>> {
        let Some(on) = self.get("on") else { return Vec::new() };
        if let Some(name) = text(on) {
            return vec![Trigger { name, place: &on.span }];
        }
        let items = on.items().unwrap_or_default().iter();
        let named = items.filter_map(|item| {
            Some(Trigger { name: text(self.document.resolve(&item.value))?, place: &item.value.span })
        });
        let filtered = on.entries().unwrap_or_default().iter();
        let filtered = filtered.map(|entry| Trigger { name: &entry.key, place: &entry.key_span });
        named.chain(filtered).collect()
    }

    /// Whether an event starts it.
    pub(super) fn is_triggered_by(&self, name: &str) -> bool {
        self.triggers().iter().any(|trigger| trigger.name == name)
    }
}

impl<'f> Job<'f> {
    /// Its name among the jobs.
    pub(super) fn id(&self) -> &'f str {
        &self.entry.key
    }

    /// Where it is, by keys.
    pub(super) fn address(&self) -> String {
        format!("jobs.{}", self.id())
    }

    /// The same as a list of keys, and more keys.
    pub(super) fn way(&self, below: &[&str]) -> Vec<String> {
        ["jobs", self.id()].iter().chain(below).map(|key| (*key).to_owned()).collect()
    }

    /// The value of one of its keys.
    pub(super) fn get(&self, key: &str) -> Option<&'f Node> {
        get(self.workflow.document, self.node, key)
    }

    /// Whether it calls a reusable workflow instead of having steps.
    pub(super) fn is_call(&self) -> bool {
        self.get("uses").is_some()
    }

    /// Its steps, in order.
    pub(super) fn steps(&self) -> Vec<Step<'f>> {
        let list = self.get("steps");
        steps(self.workflow.subject, self.workflow.document, list, Some(*self))
    }

    /// Its steps that can run.
    pub(super) fn running_steps(&self) -> Vec<Step<'f>> {
        self.steps().into_iter().filter(|step| !is_off(step.get("if"))).collect()
    }
}

/// Whether a condition is the word `false` alone, with which people turn a job or a step off.
fn is_off(condition: Option<&Node>) -> bool {
    let Some(condition) = condition.and_then(text).map(str::trim) else { return false };
    let inner = condition.strip_prefix("${{").and_then(|rest| rest.strip_suffix("}}"));
    inner.unwrap_or(condition).trim() == "false"
}

fn steps<'f>(
    subject: &'f Subject<'f>,
    document: &'f Document,
    list: Option<&'f Node>,
    job: Option<Job<'f>>,
) -> Vec<Step<'f>> {
    let items = list.and_then(Node::items).unwrap_or_default().iter().enumerate();
    let step = |(index, item): (usize, &'f crate::edit::tree::Item)| {
        // An alias is no place of its own: what is wrong is so where the anchor stands.
        let node = &item.value;
        node.entries().is_some().then_some(Step { subject, document, job, index, node })
    };
    items.filter_map(step).collect()
}

/// The steps of every composite action of the repository that can run.
pub(super) fn action_steps<'f>(facts: &'f Facts<'_>) -> Vec<Step<'f>> {
    let of = |subject: &'f Subject<'f>| {
        let document = subject.document()?;
        let runs = get(document, document.root.as_ref()?, "runs")?;
        Some(steps(subject, document, get(document, runs, "steps"), None))
    };
    facts.of_kind(Kind::Action).filter_map(of).flatten().filter(|step| !is_off(step.get("if"))).collect()
}

/// Every step of the repository that can run: of workflows and of composite actions.
pub(super) fn all_steps<'f>(facts: &'f Facts<'_>) -> Vec<Step<'f>> {
    let mut all: Vec<Step<'f>> =
        Workflow::all(facts).flat_map(|workflow| workflow.running_jobs()).flat_map(|job| job.running_steps()).collect();
    all.extend(action_steps(facts));
    all
}

impl<'f> Step<'f> {
    /// The value of one of its keys.
    pub(super) fn get(&self, key: &str) -> Option<&'f Node> {
        get(self.document, self.node, key)
    }

    /// The text of one of its keys.
    pub(super) fn text(&self, key: &str) -> Option<&'f str> {
        self.get(key).and_then(text)
    }

    /// One of its inputs.
    pub(super) fn with(&self, key: &str) -> Option<&'f Node> {
        let inputs = self.get("with")?.entries()?;
        let entry = inputs.iter().find(|entry| entry.key.eq_ignore_ascii_case(key))?;
        Some(self.document.resolve(&entry.value))
    }

    /// The workflow that it is in; none in a composite action.
    pub(super) fn workflow(&self) -> Option<Workflow<'f>> {
        self.job.map(|job| job.workflow)
    }

    /// Where it is, by keys and by what it does.
    pub(super) fn address(&self) -> String {
        let first_line = |text: &'f str| text.lines().map(str::trim).find(|line| !line.is_empty());
        let own = ["id", "name"].into_iter().find_map(|key| self.text(key));
        let name = own
            .or_else(|| self.text("uses").map(|uses| uses.split('@').next().unwrap_or(uses)))
            .or_else(|| self.text("run").and_then(first_line))
            .unwrap_or_default();
        // A line can be as long as its file, and each finding in it has an address.
        let name = &name[..name.floor_char_boundary(MAX_NAME)];
        match self.job {
            Some(job) => format!("{}.steps[{name}]", job.address()),
            None => format!("runs.steps[{name}]"),
        }
    }

    /// The same as a list of keys and numbers, and more keys.
    pub(super) fn way(&self, below: &[&str]) -> Vec<String> {
        let mut way = match self.job {
            Some(job) => job.way(&["steps"]),
            None => vec!["runs".to_owned(), "steps".to_owned()],
        };
        way.push(self.index.to_string());
        way.extend(below.iter().map(|key| (*key).to_owned()));
        way
    }

    /// What it uses, if anything.
    pub(super) fn uses(&self) -> Option<Uses<'f>> {
        Uses::of(self.text("uses")?)
    }

    /// Whether it uses the action `owner/name`, in any case, at any ref.
    pub(super) fn runs_action(&self, action: &str) -> bool {
        let Some(uses) = self.text("uses").map(str::trim_start) else { return false };
        // Rules ask this about many actions at every step, and nearly always the answer is no.
        uses.get(..action.len()).is_some_and(|head| head.eq_ignore_ascii_case(action))
            && matches!(Uses::of(uses), Some(Uses::Action { name, .. }) if name.eq_ignore_ascii_case(action))
    }
}

/// What a `uses` names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Uses<'f> {
    /// `./path`, `$/path`
    Local(&'f str),
    /// `docker://image`
    Image(&'f str),
    /// `owner/name/path@ref`
    Action {
        /// `owner/name`
        name: &'f str,
        /// `/path`, or empty.
        path: &'f str,
        /// Tag, branch or commit; none where it is missing.
        reference: Option<&'f str>,
    },
}

impl<'f> Uses<'f> {
    /// Reads a `uses` value; none if it is none that GitHub knows.
    pub(super) fn of(text: &'f str) -> Option<Self> {
        let text = text.trim();
        if text.starts_with("./") || text.starts_with("$/") {
            return Some(Uses::Local(text));
        }
        if let Some(image) = text.strip_prefix("docker://") {
            return Some(Uses::Image(image));
        }
        let (whole, reference) = match text.split_once('@') {
            Some((whole, reference)) => (whole, Some(reference)),
            None => (text, None),
        };
        let slash = whole.find('/')?;
        let end = whole[slash + 1..].find('/').map_or(whole.len(), |at| slash + 1 + at);
        (slash > 0 && end > slash + 1).then_some(Uses::Action { name: &whole[..end], path: &whole[end..], reference })
    }
}

/// Whether a ref is a whole commit.
pub(super) fn is_commit(reference: &str) -> bool {
    reference.len() == 40 && reference.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// A place that names an action or a reusable workflow.
#[derive(Clone, Copy)]
pub(super) struct Pin<'f> {
    /// Its file.
    pub subject: &'f Subject<'f>,
    /// Its text, parsed.
    pub document: &'f Document,
    /// The value.
    pub node: &'f Node,
    /// What it names.
    pub uses: Uses<'f>,
    /// The step; none for a job that calls a reusable workflow.
    pub step: Option<Step<'f>>,
    /// The job that calls; none in a composite action.
    pub job: Option<Job<'f>>,
}

impl Pin<'_> {
    /// Where it is, by keys and identities.
    pub(super) fn address(&self) -> String {
        let value = text(self.node).unwrap_or_default();
        match (&self.step, &self.job) {
            (Some(step), _) => format!("{}@{}", step.address(), value.split('@').nth(1).unwrap_or_default()),
            (None, Some(job)) => format!("{}.uses[{value}]", job.address()),
            (None, None) => value.to_owned(),
        }
    }

    /// The way to the value.
    pub(super) fn way(&self) -> Vec<String> {
        match (&self.step, &self.job) {
            (Some(step), _) => step.way(&["uses"]),
            (None, Some(job)) => job.way(&["uses"]),
            (None, None) => Vec::new(),
        }
    }

    /// The comment behind the value: its range, and its words without `#`.
    pub(super) fn comment(&self) -> Option<(Range<usize>, &str)> {
        let range = self.document.comment_after(self.node.span.end)?;
        Some((range.clone(), self.document.text()[range.clone()].trim_start_matches('#').trim()))
    }
}

/// Every `uses` of the repository that can run: of steps, of jobs, and of composite actions.
pub(super) fn pins<'f>(facts: &'f Facts<'_>) -> Vec<Pin<'f>> {
    let mut all = Vec::new();
    let of_step = |step: Step<'f>| {
        let node = step.get("uses")?;
        let uses = Uses::of(text(node)?)?;
        Some(Pin { subject: step.subject, document: step.document, node, uses, step: Some(step), job: step.job })
    };
    for workflow in Workflow::all(facts) {
        for job in workflow.running_jobs() {
            if let Some(node) = job.get("uses")
                && let Some(uses) = text(node).and_then(Uses::of)
            {
                let (subject, document) = (workflow.subject, workflow.document);
                all.push(Pin { subject, document, node, uses, step: None, job: Some(job) });
            }
            all.extend(job.running_steps().into_iter().filter_map(of_step));
        }
    }
    all.extend(action_steps(facts).into_iter().filter_map(of_step));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uses_value_names_one_of_three_things() {
        let action = |name, path, reference| Some(Uses::Action { name, path, reference });
        assert_eq!(Uses::of("a/b@v1"), action("a/b", "", Some("v1")));
        assert_eq!(Uses::of("a/b/c/d@v1"), action("a/b", "/c/d", Some("v1")));
        assert_eq!(Uses::of("a/b"), action("a/b", "", None));
        assert_eq!(Uses::of("./x"), Some(Uses::Local("./x")));
        assert_eq!(Uses::of("docker://alpine:3"), Some(Uses::Image("alpine:3")));
        assert_eq!(Uses::of("ab"), None);
    }
}
