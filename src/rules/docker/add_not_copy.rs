use super::copy::sources;
use super::file::files;
use super::same::GUARD;
use crate::model::finding::Severity;
use crate::rules::facts::Facts;
use crate::rules::rule::{Offer, Repair, Report, Routing, Rule};

pub(super) static RULE: Rule = Rule {
    id: "docker/add-not-copy",
    title: "`ADD` where `COPY` would do",
    gain: "`ADD` unpacks whatever archive a file turns out to be, so a swapped file puts others into the image",
    severity: Severity::Low,
    controls: &["GP-DK-02"],
    routing: Routing::Service,
    fix: Offer::Safe,
    page: include_str!("add_not_copy.md"),
    check,
};

/// Ends of names that `ADD` unpacks.
const ARCHIVES: [&str; 15] = [
    ".tar", ".z", ".bz2", ".gz", ".lz", ".lzma", ".tz", ".tb2", ".tbz", ".tbz2", ".tgz", ".tlz", ".tpz", ".txz", ".xz",
];

fn check(facts: &Facts<'_>, report: &mut Report) {
    for file in files(facts) {
        for add in file.docker.all("ADD").filter(|add| !add.onbuild) {
            let sources = sources(&file, add);
            let local = |source: &String| !is_remote(source) && !is_archive(source) && !may_be_either(source);
            let Some(source) = sources.iter().find(|source| local(source)) else { continue };
            let message = format!("`{source}` is a local file or directory: `COPY` says so, `ADD` may do more");
            // A wildcard may match an archive, and a flag may be one that only `ADD` knows.
            let plain = sources.iter().all(|source| local(source) && !source.contains(['*', '?', '[', '$']));
            let flags =
                add.flags.iter().all(|flag| matches!(flag.name.as_str(), "chown" | "chmod" | "link" | "exclude"));
            let repair = Repair::safe("write `COPY`").replace(add.keyword_span.clone(), "COPY").guarded(GUARD);
            report
                .at(file.subject, &file.head(add), message)
                .address(file.address(add))
                .fix((plain && flags).then_some(repair));
        }
    }
}

fn is_archive(source: &str) -> bool {
    let source = source.trim_matches(['"', '\'']).to_lowercase();
    ARCHIVES.iter().any(|end| source.ends_with(end))
}

/// Whether a variable at the start, whose value only the build knows, is an address or an archive by its name.
fn may_be_either(source: &str) -> bool {
    let Some(rest) = source.trim_matches(['"', '\'']).strip_prefix('$') else { return false };
    let name = rest.trim_start_matches('{').split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next();
    let name = name.unwrap_or_default().to_lowercase();
    ["url", "uri", "http", "repo", "mirror", "host", "site", "download", "tar", "tgz", "archive", "rootfs", "pkg"]
        .iter()
        .any(|part| name.contains(part))
}

/// Whether `ADD` fetches it.
pub(super) fn is_remote(source: &str) -> bool {
    let source = source.trim_matches(['"', '\'']);
    ["http://", "https://", "git@", "git://", "ssh://", "ftp://"].iter().any(|scheme| source.starts_with(scheme))
}
