//! What must hold for any golden path, any edit and any answer.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on must fail")]

mod support;

use proptest::prelude::*;
use support::Bed;

/// A change that a team might make to its repo.
#[derive(Clone, Debug)]
enum Change {
    Append(usize, String),
    Prepend(usize, String),
    DropLine(usize, usize),
    Delete(usize),
    Own(String, Vec<u8>),
}

const FILES: [&str; 7] = [
    ".github/workflows/ci.yml",
    ".github/workflows/security.yml",
    ".github/CODEOWNERS",
    "settings.toml",
    "package.json",
    "Makefile",
    "README.md",
];

fn change() -> impl Strategy<Value = Change> {
    let file = 0..FILES.len();
    let line = "(# [a-z ]{0,8}|[a-z]{1,6}: [a-z0-9]{1,4}|[a-z]{1,5} = [0-9]{1,3}|/[a-z]{1,5} @[a-z]{1,4}/[a-z]{1,4})";
    prop_oneof![
        (file.clone(), line).prop_map(|(n, text)| Change::Append(n, text)),
        (file.clone(), line).prop_map(|(n, text)| Change::Prepend(n, text)),
        (file.clone(), 0usize..30).prop_map(|(n, line)| Change::DropLine(n, line)),
        file.prop_map(Change::Delete),
        ("[a-z]{1,8}(/[a-z]{1,8})?\\.(md|bin|yml)", prop::collection::vec(any::<u8>(), 0..40))
            .prop_map(|(name, bytes)| Change::Own(name, bytes)),
    ]
}

fn make(bed: &Bed, change: &Change) {
    match change {
        Change::Append(n, line) if bed.exists(&path(*n)) => {
            let text = bed.read(&path(*n));
            bed.write(&path(*n), format!("{text}{line}\n"));
        }
        Change::Prepend(n, line) if bed.exists(&path(*n)) => {
            let text = bed.read(&path(*n));
            bed.write(&path(*n), format!("{line}\n{text}"));
        }
        Change::DropLine(n, line) if bed.exists(&path(*n)) => {
            let text = bed.read(&path(*n));
            let kept: Vec<&str> =
                text.split_inclusive('\n').enumerate().filter(|(i, _)| i != line).map(|(_, l)| l).collect();
            bed.write(&path(*n), kept.concat());
        }
        Change::Delete(n) if bed.exists(&path(*n)) => bed.remove(&path(*n)),
        Change::Own(name, bytes) => bed.write(&format!("repo/own/{name}"), bytes),
        _ => {}
    }
}

fn path(n: usize) -> String {
    format!("repo/{}", FILES[n])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 100, ..ProptestConfig::default() })]

    /// The patch of `diff` yields what `fix` yields; `fix` touches only what the plan names, keeps every line that the path does
    /// not own, is idempotent, and leaves nothing that it could have mended.
    #[test]
    fn diff_is_fix_and_fix_loses_nothing(changes in prop::collection::vec(change(), 1..8)) {
        let bed = Bed::laid();
        for change in &changes {
            make(&bed, change);
        }
        bed.commit("repo");
        let before = bed.files("repo");
        let diff = bed.run("repo", &["diff"]);
        let plan = bed.run("repo", &["diff", "--format", "json"]).json();
        bed.git(".", &["clone", "-q", "repo", "clone"]);
        bed.write("drift.patch", &diff.stdout);
        if !diff.stdout.is_empty() {
            bed.git("clone", &["apply", "--whitespace=nowarn", "../drift.patch"]);
        }
        let fix = bed.run("repo", &["fix"]);
        prop_assert!([0, 1, 3].contains(&fix.code), "{fix:?}");
        prop_assert_eq!(fix.code == 3, diff.code == 3);
        let after = bed.files("repo");
        prop_assert_eq!(&after, &bed.files("clone"));
        let planned: Vec<&str> = plan["changes"].as_array().unwrap().iter().map(|c| c["path"].as_str().unwrap()).collect();
        for (name, bytes, mode) in &before {
            let kept = after.iter().find(|file| file.0 == *name);
            if !planned.contains(&name.as_str()) {
                prop_assert_eq!(kept, Some(&(name.clone(), bytes.clone(), *mode)), "{} is not in the plan", name);
            }
        }
        for change in &changes {
            if let Change::Append(n, line) | Change::Prepend(n, line) = change {
                let owned_whole = FILES[*n].ends_with("security.yml");
                let file = before.iter().find(|file| file.0 == FILES[*n]);
                if let (false, Some(file)) = (owned_whole, file) {
                    let had = String::from_utf8_lossy(&file.1).lines().any(|l| l == line);
                    let has = String::from_utf8_lossy(&after.iter().find(|f| f.0 == FILES[*n]).unwrap().1).lines().any(|l| l == line);
                    prop_assert!(!had || has || line.contains(':') || line.contains('='), "{:?} is lost", line);
                }
            }
        }
        let again = bed.run("repo", &["fix"]);
        prop_assert_eq!(again.code, fix.code);
        prop_assert_eq!(bed.files("repo"), after);
        let left = bed.run("repo", &["check", "--format", "json"]).json();
        for finding in left["findings"].as_array().unwrap() {
            prop_assert!(finding["fix"].is_null(), "{finding} could have been mended");
        }
    }

    /// Any answer that is accepted is rendered as it is, and the repo is on its path.
    #[test]
    fn accepted_answers_round_trip(owner in "@[a-zA-Z0-9 '\"#:{}<>%-]{1,12}/\\PC{1,16}", port in any::<i64>(), public in any::<bool>()) {
        let bed = Bed::new();
        bed.copy_golden_path("acme");
        let set = [format!("owner={owner}"), format!("ports=[{port}]"), format!("public={public}")];
        let args = ["new", "service", "repo", "--defaults", "--golden-path", "acme", "--set", &set[0], "--set", &set[1], "--set", &set[2]];
        let ran = bed.run(".", &args);
        prop_assert!([0, 2].contains(&ran.code), "{ran:?}");
        if ran.code == 0 {
            let read = bed.read("repo/README.md");
            let expected = format!("Owned by {owner}.\n");
            prop_assert!(read.contains(&expected), "{read}");
            bed.run("repo", &["check", "--pedantic", "--fail-on", "warn"]).ok();
        }
    }
}
