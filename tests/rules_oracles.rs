//! Other people's tools judge the cases of our rules' pages: zizmor and roadbed must agree on what they share.
//!
//! `tests/run` installs zizmor and names its directory in `ROADBED_VALIDATORS`; without it this test says that it was skipped.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on must fail")]

mod support;

use std::collections::{BTreeMap, BTreeSet};

use roadbed::rules::{all, docs};
use support::{Bed, validator};

/// What both look for: zizmor's audit, and our rules.
const SHARED: [(&str, &[&str]); 13] = [
    ("unpinned-uses", &["github/unpinned-action", "github/compromised-ref"]),
    ("artipacked", &["github/persist-credentials"]),
    ("template-injection", &["github/template-injection"]),
    ("dangerous-triggers", &["github/dangerous-trigger"]),
    ("github-env", &["github/env-file-untrusted"]),
    ("insecure-commands", &["github/insecure-commands"]),
    ("secrets-inherit", &["github/secrets-inherit"]),
    ("overprovisioned-secrets", &["github/secrets-dump"]),
    ("unpinned-images", &["github/container-image-unpinned"]),
    ("bot-conditions", &["github/spoofable-bot"]),
    ("unsound-condition", &["github/unsound-condition"]),
    ("dependabot-cooldown", &["repo/cooldown"]),
    ("dependabot-execution", &["repo/bot-code-execution"]),
];

/// Where we mean to differ: the audit, a word of the case's name, and why.
const DIFFERENCES: [(&str, &str, &str); 4] = [
    ("artipacked", "persist-credentials good", "a later `git push` needs the token that checkout leaves"),
    ("unsound-condition", "unsound-condition bad", "`contains` with a list in one string is an audit of its own there"),
    ("template-injection", "template-injection good", "an expression that nobody can bend is left alone"),
    ("dependabot-cooldown", "", "it stops at the first entry that waits long enough"),
];

type Places = BTreeSet<(String, &'static str, usize)>;

#[test]
fn zizmor_agrees_on_the_cases_of_every_page() {
    let Some(program) = validator("zizmor", "zizmor") else { return };
    let mut wrong = Vec::new();
    let mut compared = 0;
    for rule in all().filter(|rule| rule.id.starts_with("github/") || rule.id.starts_with("repo/")) {
        for (kind, heading) in [("bad", "Bad"), ("good", "Good")] {
            for (n, case) in docs::cases(rule.page, heading).into_iter().enumerate() {
                let name = format!("{} {kind} {n}", rule.id.split('/').nth(1).unwrap());
                let bed = Bed::new();
                for file in &case.files {
                    bed.write(&format!("repo/{}", file.path), &file.text);
                }
                let ours = ours(&bed);
                for file in case.files.iter().filter(|file| is_audited(&file.path)) {
                    // A file that is no whole workflow is none of zizmor's.
                    let Some(theirs) = theirs(&bed, &program, &file.path) else { continue };
                    for (audit, _) in SHARED {
                        compared += 1;
                        let of = |places: &Places| places.iter().filter(|p| p.0 == file.path && p.1 == audit).count();
                        let differs = DIFFERENCES.iter().any(|(a, word, _)| *a == audit && name.contains(word));
                        let (we, they) = (of(&ours), theirs.get(audit).map_or(0, BTreeSet::len));
                        if (we > 0) != (they > 0) && !differs {
                            wrong.push(format!("{name}: {}: {audit}: we find {we}, zizmor {they}", file.path));
                        }
                    }
                }
            }
        }
    }
    assert!(compared > 200, "only {compared} comparisons");
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn is_audited(path: &str) -> bool {
    path.starts_with(".github/") && path.ends_with("yml") || path.ends_with("action.yml")
}

/// What roadbed finds of the shared rules: file, audit, line.
fn ours(bed: &Bed) -> Places {
    let ran = bed.run("repo", &["check", "--pedantic", "--format", "json"]);
    let document = ran.json();
    let rows = document["findings"].as_array().unwrap();
    let place = |row: &serde_json::Value| {
        let rule = row["rule"].as_str().unwrap();
        let (audit, _) = SHARED.iter().find(|(_, rules)| rules.contains(&rule))?;
        let line = usize::try_from(row["line"].as_u64()?).unwrap();
        Some((row["path"].as_str().unwrap().to_owned(), *audit, line))
    };
    rows.iter().filter_map(place).collect()
}

/// The lines that zizmor names for each audit.
fn theirs(bed: &Bed, program: &std::path::Path, path: &str) -> Option<BTreeMap<String, BTreeSet<u64>>> {
    let args = [
        "--offline",
        "--no-progress",
        "--no-config",
        "--collect",
        "workflows",
        "--collect",
        "actions",
        "--collect",
        "dependabot",
        "--persona",
        "pedantic",
        "--format",
        "json-v1",
        path,
    ];
    let output = bed.command(program, "repo").args(args).output().unwrap();
    if String::from_utf8_lossy(&output.stderr).contains("no inputs collected") {
        return None;
    }
    let rows: Vec<serde_json::Value> = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{path}: {error}: {}", String::from_utf8_lossy(&output.stderr)));
    let mut found: BTreeMap<String, BTreeSet<u64>> = BTreeMap::new();
    for row in rows {
        let audit = row["ident"].as_str().unwrap().to_owned();
        let unbent = audit == "template-injection" && row["determinations"]["persona"] == "Pedantic";
        if unbent {
            continue;
        }
        let location = &row["locations"][0]["concrete"]["location"]["start_point"]["row"];
        found.entry(audit).or_default().insert(location.as_u64().unwrap_or_default());
    }
    Some(found)
}
