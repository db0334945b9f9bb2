//! What must hold for any edit of a team's and any change of a golden path's.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on must fail")]

mod support;

use proptest::prelude::*;
use support::Bed;

/// A change that an author might make to a golden path.
#[derive(Clone, Debug)]
enum Template {
    /// A line more in a merged file.
    Line(usize, String),
    /// Another value at a key of the path's.
    Limit(u16),
    /// Another value in a file of the path's own.
    Timeout(u8),
    /// A step more, at the end or at the start.
    Step(String, bool),
    /// A line more in a block.
    Owner(String),
    New(String),
    Drop,
}

const MERGED: [&str; 2] = ["Makefile", "docs/adr/0001-decisions.md"];

fn template() -> impl Strategy<Value = Template> {
    prop_oneof![
        (0..MERGED.len(), "[a-z]{3,9}").prop_map(|(n, line)| Template::Line(n, line)),
        any::<u16>().prop_map(Template::Limit),
        (11u8..60).prop_map(Template::Timeout),
        ("[A-Z][a-z]{2,6}", any::<bool>()).prop_map(|(name, end)| Template::Step(name, end)),
        "/[a-z]{2,5}/ @[a-z]{2,4}/[a-z]{2,4}".prop_map(Template::Owner),
        "[a-z]{3,8}".prop_map(Template::New),
        Just(Template::Drop),
    ]
}

const BASE: &str = "acme/assets/base/files";

fn change(bed: &Bed, change: &Template) {
    let append = |path: &str, line: &str| {
        let path = format!("{BASE}/{path}");
        if bed.exists(&path) {
            let text = bed.read(&path);
            bed.write(&path, format!("{text}{line}\n"));
        }
    };
    let swap = |path: &str, from: &str, to: &str| bed.replace(&format!("{BASE}/{path}"), from, to);
    match change {
        Template::Line(n, line) => append(MERGED[*n], &format!("# {line}")),
        Template::Limit(limit) => {
            let text = bed.read(&format!("{BASE}/settings.toml.jinja"));
            let old = text.lines().find(|line| line.starts_with("requests")).unwrap();
            swap("settings.toml.jinja", old, &format!("requests = {limit}"));
        }
        Template::Timeout(minutes) => {
            let text = bed.read(&format!("{BASE}/.github/workflows/security.yml"));
            let old = text.lines().find(|line| line.contains("timeout-minutes")).unwrap();
            swap(".github/workflows/security.yml", old, &format!("    timeout-minutes: {minutes}"));
        }
        Template::Step(name, true) => {
            append(".github/workflows/ci.yml.jinja", &format!("      - name: {name}\n        run: make {name}"));
        }
        Template::Step(name, false) => {
            let step = format!("    steps:\n      - name: {name}\n        run: make {name}\n");
            swap(".github/workflows/ci.yml.jinja", "    steps:\n", &step);
        }
        Template::Owner(line) => append(".github/CODEOWNERS.jinja", line),
        Template::New(name) => bed.write(&format!("{BASE}/new/{name}.txt"), format!("{name} is new\n")),
        Template::Drop if bed.exists(&format!("{BASE}/Makefile")) => bed.remove(&format!("{BASE}/Makefile")),
        Template::Drop => {}
    }
}

/// A laid repo, and the golden path at 1.1.0 with `changes`.
fn bed(changes: &[Template]) -> Bed {
    let bed = Bed::laid();
    bed.run(".", &["-C", "acme", "path", "release", "1.0.0"]).ok();
    for one in changes {
        change(&bed, one);
    }
    bed.run(".", &["-C", "acme", "path", "release", "1.1.0"]).ok();
    bed
}

/// An edit that a team might make.
#[derive(Clone, Debug)]
enum Edit {
    Append(usize, String),
    Prepend(usize, String),
    DropLine(usize, usize),
    Delete(usize),
    Own(String, Vec<u8>),
}

/// Files that the team may edit, each with how a line of its own looks there.
const FILES: [(&str, &str, &str); 5] = [
    ("Makefile", "# ", ""),
    ("docs/adr/0001-decisions.md", "", ""),
    (".github/workflows/ci.yml", "# ", ""),
    (".github/CODEOWNERS", "/", " @ours/team"),
    ("settings.toml", "# ", ""),
];

fn edit() -> impl Strategy<Value = Edit> {
    let file = 0..FILES.len();
    prop_oneof![
        3 => (file.clone(), "ours [a-z]{4,9}").prop_map(|(n, text)| Edit::Append(n, text)),
        3 => (file.clone(), "ours [a-z]{4,9}").prop_map(|(n, text)| Edit::Prepend(n, text)),
        2 => (0usize..2, 0usize..8).prop_map(|(n, line)| Edit::DropLine(n, line)),
        1 => file.prop_map(Edit::Delete),
        2 => ("[a-z]{1,8}(/[a-z]{1,8})?\\.(md|bin|yml)", prop::collection::vec(any::<u8>(), 0..40))
            .prop_map(|(name, bytes)| Edit::Own(name, bytes)),
    ]
}

fn line(n: usize, text: &str) -> String {
    let (_, before, after) = FILES[n];
    format!("{before}{}{after}", if before == "/" { text.replace(' ', "-") } else { text.to_owned() })
}

fn make(bed: &Bed, edit: &Edit) {
    let path = |n: usize| format!("repo/{}", FILES[n].0);
    match edit {
        // The block of CODEOWNERS stands at the end: what is behind it would be drift, and is put in order.
        Edit::Append(n, text) if bed.exists(&path(*n)) && FILES[*n].1 != "/" => {
            let now = bed.read(&path(*n));
            bed.write(&path(*n), format!("{now}{}\n", line(*n, text)));
        }
        Edit::Prepend(n, text) if bed.exists(&path(*n)) => {
            let now = bed.read(&path(*n));
            bed.write(&path(*n), format!("{}\n{now}", line(*n, text)));
        }
        Edit::DropLine(n, at) if bed.exists(&path(*n)) => {
            let now = bed.read(&path(*n));
            let kept = now.split_inclusive('\n').enumerate().filter(|(i, _)| i != at).map(|(_, line)| line);
            bed.write(&path(*n), kept.collect::<String>());
        }
        Edit::Delete(n) if bed.exists(&path(*n)) => bed.remove(&path(*n)),
        Edit::Own(name, bytes) => bed.write(&format!("repo/own/{name}"), bytes),
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, max_shrink_iters: 60, failure_persistence: None, ..ProptestConfig::default() })]

    /// Where nobody edited, an upgrade makes what `new` lays at the target, and going back restores every byte.
    #[test]
    fn without_edits_an_upgrade_is_the_target_and_there_is_a_way_back(changes in prop::collection::vec(template(), 0..6)) {
        let bed = bed(&changes);
        let before = bed.files("repo");
        bed.run("repo", &["upgrade"]).ok();
        bed.run(".", &["new", "service", "fresh", "--defaults", "--golden-path", "acme", "--set", "name=repo"]).ok();
        prop_assert_eq!(bed.files("repo"), bed.files("fresh"));
        bed.run("repo", &["upgrade", "--to", "1.0.0"]).ok();
        prop_assert_eq!(bed.files("repo"), before);
    }

    /// Where the golden path changed nothing, nothing changes but the version on record.
    #[test]
    fn without_changes_an_upgrade_does_nothing(edits in prop::collection::vec(edit(), 0..6)) {
        let bed = bed(&[]);
        for one in &edits {
            make(&bed, one);
        }
        bed.commit("repo");
        let before = bed.files("repo");
        bed.run("repo", &["upgrade"]).ok();
        let after = bed.files("repo");
        let other: Vec<_> = after.iter().filter(|file| !before.contains(file)).map(|file| file.0.as_str()).collect();
        prop_assert_eq!(other, [".roadbed/lock.yaml"]);
        prop_assert_eq!(after.len(), before.len());
    }

    /// What the team wrote is there afterwards; the same upgrade gives the same bytes; a second one has nothing to do.
    #[test]
    fn whatever_both_sides_did_the_teams_lines_are_there(
        changes in prop::collection::vec(template(), 0..6),
        edits in prop::collection::vec(edit(), 0..6),
    ) {
        let bed = bed(&changes);
        for one in &edits {
            make(&bed, one);
        }
        bed.commit("repo");
        bed.git(".", &["clone", "-q", "repo", "again"]);
        let before = bed.files("repo");
        let ran = bed.run("repo", &["upgrade", "--format", "json"]);
        prop_assert!([0, 3].contains(&ran.code), "{ran:?}");
        let after = bed.files("repo");
        prop_assert_eq!(bed.run("again", &["upgrade", "--format", "json"]).stdout, ran.stdout.clone());
        prop_assert_eq!(&bed.files("again"), &after);
        let plan = ran.json();
        let rows = |key: &str| plan[key].as_array().cloned().unwrap();
        let named = |key: &str, path: &str| rows(key).iter().any(|row| row["path"] == path || row["from"] == path);
        for (path, bytes, mode) in &before {
            let now = after.iter().find(|file| file.0 == *path);
            if !named("changes", path) || named("conflicts", path) {
                prop_assert_eq!(now, Some(&(path.clone(), bytes.clone(), *mode)), "{} is not in the plan", path);
            }
            let Some(n) = FILES.iter().position(|file| file.0 == path) else { continue };
            for one in &edits {
                let (Edit::Append(m, text) | Edit::Prepend(m, text)) = one else { continue };
                let own = line(n, text);
                let holds = |bytes: &[u8]| String::from_utf8_lossy(bytes).lines().any(|line| line == own);
                prop_assert!(*m != n || !holds(bytes) || now.is_some_and(|now| holds(&now.1)), "{:?} is lost", own);
            }
        }
        let second = bed.run("repo", &["upgrade", "--format", "json"]);
        prop_assert_eq!(second.code, ran.code);
        prop_assert_eq!(bed.files("repo"), after);
    }
}
