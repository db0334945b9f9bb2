use std::collections::BTreeSet;

use super::copy::sources;
use super::file::{File, files};
use crate::edit::dockerfile::Instruction;
use crate::model::finding::Severity;
use crate::model::path::RepoPath;
use crate::rules::facts::Facts;
use crate::rules::kind::Kind;
use crate::rules::rule::{Guard, Offer, Repair, Report, Routing, Rule};

pub(super) static RULE: Rule = Rule {
    id: "docker/copy-all",
    title: "Everything is copied into the image, and nothing keeps secrets out",
    gain: "the history of the repository, and whatever `.env` lies about, can be read by everybody who pulls the image",
    severity: Severity::Medium,
    controls: &["GP-SEC-01"],
    routing: Routing::Service,
    fix: Offer::Safe,
    page: include_str!("copy_all.md"),
    check,
};

fn check(facts: &Facts<'_>, report: &mut Report) {
    let mut judged = BTreeSet::new();
    for file in files(facts) {
        let all = |copy: &&Instruction| copies_all(&file, copy);
        if !file.docker.instructions.iter().any(|instruction| all(&instruction)) {
            continue;
        }
        let own = format!("{}.dockerignore", file.subject.path);
        let place = if facts.has(&own) { Some(own) } else { file.beside(facts, ".dockerignore") };
        let Some(place) = place else {
            let place = format!("{}.dockerignore", file.directory());
            if let Ok(path) = RepoPath::new(place.as_str())
                && judged.insert(place)
            {
                let message = format!(
                    "`{}` copies everything, and no `.dockerignore` keeps `.git` and `.env` out",
                    file.subject.path
                );
                report.missing(path, message);
            }
            continue;
        };
        if !judged.insert(place.clone()) {
            continue;
        }
        let Some(subject) = facts.of_kind(Kind::Dockerignore).find(|subject| subject.path.as_str() == place) else {
            continue;
        };
        let lacking: Vec<&str> = [".git", ".env"].into_iter().filter(|name| !ignores(subject.seen(), name)).collect();
        if lacking.is_empty() {
            continue;
        }
        let end = subject.seen().len();
        let lines = format!("{}\n", lacking.join("\n"));
        let repair =
            Repair::safe(format!("ignore {}", lacking.join(" and "))).insert(end, lines).guarded(Guard::Holds(grows));
        let message = format!(
            "`{}` copies everything, and `{place}` does not keep {} out",
            file.subject.path,
            lacking.join(" and ")
        );
        report.file(subject, message).address(format!("{place} {}", lacking.join(" "))).fix(repair);
    }
}

/// Whether the whole build context is copied.
pub(super) fn copies_all(file: &File<'_>, copy: &Instruction) -> bool {
    let from_context = matches!(copy.keyword.as_str(), "COPY" | "ADD") && copy.flag("from").is_none();
    from_context
        && sources(file, copy).iter().any(|source| matches!(source.as_str(), "." | "./" | "/" | "*" | "./*" | "./."))
}

/// Whether the last line that speaks of a name at the root keeps it out.
fn ignores(text: &str, name: &str) -> bool {
    let mut ignored = false;
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (negated, pattern) = line.strip_prefix('!').map_or((false, line), |rest| (true, rest));
        let pattern = pattern.trim_start_matches("./").trim_start_matches('/').trim_end_matches('/');
        let pattern = pattern.strip_suffix("/**").or_else(|| pattern.strip_suffix("/*")).unwrap_or(pattern);
        let pattern = pattern.strip_prefix("**/").unwrap_or(pattern);
        let glob = globset::GlobBuilder::new(pattern).literal_separator(true).build();
        let matches = pattern == "**" || glob.is_ok_and(|glob| glob.compile_matcher().is_match(name));
        if matches {
            ignored = !negated;
        }
    }
    ignored
}

/// Only lines were added at the end.
fn grows(before: &str, after: &str) -> bool {
    after.trim_end().starts_with(before.trim_end()) && [".git", ".env"].iter().all(|name| ignores(after, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_that_speaks_of_a_name_counts() {
        for (text, git) in [
            ("", false),
            (".git\n", true),
            ("/.git/\n", true),
            ("**/.git\n", true),
            (".git*\n", true),
            (".*\n", true),
            ("*\n!src\n", true),
            ("*\n!.git\n", false),
            ("# .git\n", false),
            (".github\n", false),
            (".git/**\n", true),
        ] {
            assert_eq!(ignores(text, ".git"), git, "{text}");
        }
    }
}
