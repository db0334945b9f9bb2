//! Other people's tools judge the cases of our rules' pages: zizmor and roadbed must agree, line by line, on what they share.
//!
//! `tests/run` installs zizmor and names its directory in `ROADBED_VALIDATORS`; without it this test says that it was skipped.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on must fail")]

mod support;

use std::collections::BTreeSet;

use roadbed::rules::{all, docs};
use support::{Bed, validator};

/// What both look for: zizmor's audit, and our rules.
const SHARED: [(&str, &[&str]); 19] = [
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
    ("cache-poisoning", &["github/cache-in-release"]),
    ("secrets-outside-env", &["github/secret-without-environment"]),
    ("use-trusted-publishing", &["github/registry-token-publish"]),
    ("self-hosted-runner", &["github/self-hosted-pr"]),
    ("undocumented-permissions", &["github/undocumented-permission"]),
    (SWITCHED, &["github/self-repo-ref"]),
];

/// A rule of ours that is off unless a repository answers otherwise, as only its own page does.
const SWITCHED: &str = "self-repository";

/// Audits that zizmor shows to auditors alone, and that are rules of ours. Of the others, that persona only adds guesses.
const FOR_AUDITORS: [&str; 2] = ["secrets-outside-env", "self-hosted-runner"];

/// Where we mean to differ: the audit, a word of the case's name, and why.
const DIFFERENCES: &[(&str, &str, &str)] = &[
    ("github-env", "env-file-untrusted bad 2", "it does not look at comments"),
    ("cache-poisoning", "cache-in-release good 3", "only from v5 on does setup-node cache by itself"),
    ("unsound-condition", "unsound-condition bad", "`contains` with a list in one string is an audit of its own there"),
    ("unpinned-uses", "compromised-ref bad", "which commits are bad it asks online, and a whole commit is pinned"),
    ("github-env", "env-file-untrusted good", "a fixed text that PowerShell or cmd writes is nobody else's"),
    ("unpinned-images", "container-image-unpinned good", "a Dockerfile in a directory is built, and is no image"),
    (SWITCHED, "self-repo-ref good", "the rule is off"),
    ("unpinned-uses", "unpinned-action bad 1", "it points into a block, and we at its sign"),
    ("use-trusted-publishing", "registry-token-publish good", "a feed of one's own knows no trusted publishing"),
];

/// How many lines below the one that zizmor names first its finding may reach.
const MAX_REACH: u64 = 12;

/// A finding of either tool: its audit, and the lines that it is about.
#[derive(Debug)]
struct Place {
    audit: String,
    lines: BTreeSet<u64>,
}

#[test]
fn zizmor_agrees_on_the_lines_of_every_page() {
    let Some(program) = validator("zizmor", "zizmor") else { return };
    let mut wrong = Vec::new();
    let (mut compared, mut agreed) = (0, 0);
    let mut needed = BTreeSet::new();
    for rule in all().filter(|rule| rule.id.starts_with("github/") || rule.id.starts_with("repo/")) {
        for (kind, heading) in [("bad", "Bad"), ("good", "Good")] {
            for (n, case) in docs::cases(rule.page, heading).into_iter().enumerate() {
                let name = format!("{} {kind} {n}", rule.id.split('/').nth(1).unwrap());
                let bed = Bed::new();
                for file in &case.files {
                    bed.write(&format!("repo/{}", file.path), &file.text);
                }
                for file in case.files.iter().filter(|file| is_audited(&file.path)) {
                    // A file that is no whole workflow is none of zizmor's.
                    let Some(theirs) = theirs(&bed, &program, &file.path) else { continue };
                    let ours = ours(&bed, &file.path);
                    for (audit, _) in SHARED {
                        if audit == SWITCHED && rule.id != "github/self-repo-ref" {
                            continue;
                        }
                        compared += 1;
                        let of = |places: &[Place]| -> Vec<BTreeSet<u64>> {
                            places
                                .iter()
                                .filter(|place| place.audit == audit)
                                .map(|place| place.lines.clone())
                                .collect()
                        };
                        let (we, they) = (of(&ours), of(&theirs));
                        let meets = |lines: &BTreeSet<u64>, others: &[BTreeSet<u64>]| {
                            others.iter().any(|other| !other.is_disjoint(lines))
                        };
                        agreed += we.iter().filter(|lines| meets(lines, &they)).count();
                        let ours_only =
                            we.iter().filter(|lines| !meets(lines, &they)).map(|lines| ("only we find", lines));
                        let theirs_only =
                            they.iter().filter(|lines| !meets(lines, &we)).map(|lines| ("only zizmor finds", lines));
                        for (who, lines) in ours_only.chain(theirs_only) {
                            let excused = |(a, word, _): &(&str, &str, &str)| *a == audit && name.contains(word);
                            match DIFFERENCES.iter().position(excused) {
                                Some(n) => drop(needed.insert(n)),
                                None => wrong.push(format!("{name}: {}: {audit}: {who} {lines:?}", file.path)),
                            }
                        }
                    }
                }
            }
        }
    }
    let idle: Vec<_> = (0..DIFFERENCES.len()).filter(|n| !needed.contains(n)).map(|n| DIFFERENCES[n]).collect();
    assert!(idle.is_empty(), "these differences are none any more: {idle:?}");
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(compared > 200 && agreed > 50, "only {compared} comparisons, {agreed} agreements");
}

fn is_audited(path: &str) -> bool {
    path.starts_with(".github/") && path.ends_with("yml") || path.ends_with("action.yml")
}

/// What roadbed finds of the shared rules in a file.
fn ours(bed: &Bed, path: &str) -> Vec<Place> {
    let ran = bed.run("repo", &["check", "--pedantic", "--format", "json"]);
    let document = ran.json();
    let rows = document["findings"].as_array().unwrap();
    let place = |row: &serde_json::Value| {
        let rule = row["rule"].as_str().unwrap();
        let (audit, _) = SHARED.iter().find(|(_, rules)| rules.contains(&rule))?;
        let line = row["line"].as_u64().filter(|_| row["path"] == path)?;
        Some(Place { audit: (*audit).to_owned(), lines: BTreeSet::from([line]) })
    };
    rows.iter().filter_map(place).collect()
}

/// What zizmor finds in a file; none if it is no file that it knows.
fn theirs(bed: &Bed, program: &std::path::Path, path: &str) -> Option<Vec<Place>> {
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
        "auditor",
        "--format",
        "json-v1",
        path,
    ];
    let output = bed.command(program, "repo").args(args).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    if said.contains("no inputs collected") || said.contains("failed to load") {
        return None;
    }
    let rows: Vec<serde_json::Value> =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{path}: {error}: {said}"));
    let mut found = Vec::new();
    for row in rows {
        let audit = row["ident"].as_str().unwrap().to_owned();
        let persona = row["determinations"]["persona"].as_str().unwrap();
        let unbent = audit == "template-injection" && persona == "Pedantic";
        if unbent || persona == "Auditor" && !FOR_AUDITORS.contains(&audit.as_str()) {
            continue;
        }
        let mut lines = BTreeSet::new();
        for location in row["locations"].as_array().unwrap() {
            if location["symbolic"]["kind"] == "Hidden" {
                continue;
            }
            let row = |end: &str| location["concrete"]["location"][end]["row"].as_u64().unwrap() + 1;
            let (first, last) = (row("start_point"), row("end_point"));
            lines.extend(first..=last.min(first + MAX_REACH));
        }
        found.push(Place { audit, lines });
    }
    Some(found)
}
