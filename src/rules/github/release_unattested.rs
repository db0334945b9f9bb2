use super::insert;
use super::publishing::{is_release, pushes_image, uses_any};
use super::shell::{Command, commands, script};
use super::workflow::{Job, Step, Workflow, text};
use crate::model::finding::Severity;
use crate::rules::facts::Facts;
use crate::rules::rule::{Offer, Repair, Report, Routing, Rule};

pub(super) static RULE: Rule = Rule {
    id: "github/release-unattested",
    title: "What is released cannot be traced to its source",
    gain: "an image or archive that somebody swapped, or built elsewhere, passes for yours: nothing proves the difference",
    severity: Severity::Medium,
    controls: &["GP-SC-01", "GP-SC-02"],
    routing: Routing::Service,
    fix: Offer::Unsafe,
    page: include_str!("release_unattested.md"),
    check,
};

/// Actions that make a release of files.
const RELEASES: [&str; 7] = [
    "softprops/action-gh-release",
    "ncipollo/release-action",
    "actions/create-release",
    "actions/upload-release-asset",
    "svenstaro/upload-release-action",
    "goreleaser/goreleaser-action",
    "redhat-actions/push-to-registry",
];

/// Actions and workflows that sign, attest or list what is inside; a name that ends in `/` is an owner.
const PROOFS: [&str; 14] = [
    "actions/attest",
    "actions/attest-build-provenance",
    "actions/attest-sbom",
    "anchore/sbom-action",
    "cyclonedx/",
    "docker/github-builder",
    "microsoft/sbom-action",
    "philips-labs/slsa-provenance-action",
    "sigstore/",
    "slsa-framework/",
    "aquasecurity/cosign-installer",
    "hynek/build-and-inspect-python-package",
    "notaryproject/notation-action",
    "crazy-max/ghaction-import-gpg",
];

/// Programs that do it.
const PROGRAMS: [&str; 11] = [
    "cosign",
    "syft",
    "gpg",
    "gpg2",
    "minisign",
    "notation",
    "slsa-verifier",
    "witness",
    "cyclonedx",
    "cdxgen",
    "signify",
];

fn check(facts: &Facts<'_>, report: &mut Report) {
    for workflow in Workflow::all(facts) {
        let jobs = workflow.jobs();
        let steps: Vec<Step<'_>> = jobs.iter().flat_map(Job::steps).collect();
        let called = jobs.iter().filter_map(|job| job.get("uses").and_then(text)).any(|uses| {
            let uses = uses.to_lowercase();
            PROOFS.iter().any(|proof| uses.starts_with(proof))
                || ["slsa", "attest", "sign", "sbom", "provenance"].iter().any(|word| uses.contains(word))
        });
        if called || steps.iter().any(|step| proves(step)) || configured(facts, &steps) {
            continue;
        }
        for step in &steps {
            let place =
                if pushes_image(step) || RELEASES.iter().any(|action| step.runs_action(action) && releases(step)) {
                    step.get("uses").map(|node| node.span.clone())
                } else {
                    script(step).and_then(|(raw, start)| {
                        let command =
                            commands(raw).into_iter().find(|command| is_release(command) && has_files(command))?;
                        Some(start + command.span.start..start + command.span.end)
                    })
                };
            let Some(place) = place else { continue };
            let message = "released without a signature, provenance or a list of what is inside";
            report.at(step.subject, &place, message).address(step.address()).fix(repair(step));
        }
    }
}

/// Flags of `gh release create` that take a value.
const GH_VALUES: [&str; 9] = ["-t", "--title", "-n", "--notes", "-F", "--notes-file", "--target", "-R", "--repo"];

/// Whether a command that makes a release uploads something; a release of notes alone holds nothing to swap.
fn has_files(command: &Command) -> bool {
    let words = command.arguments();
    if command.program() != "gh" || words.get(1).is_none_or(|verb| verb != "create") {
        return true;
    }
    let mut rest = words.iter().skip(2);
    while let Some(word) = rest.next() {
        if GH_VALUES.contains(&word.as_str()) {
            rest.next();
        } else if !word.starts_with('-') {
            // A variable alone may be the tag, or further flags.
            let mut bare = word.clone();
            while let Some((from, to)) = bare.find("${").and_then(|from| Some((from, from + bare[from..].find('}')?))) {
                bare.replace_range(from..=to, "");
            }
            if bare.contains(['/', '*'])
                || bare.rsplit_once('.').is_some_and(|(_, end)| end.starts_with(char::is_alphabetic))
            {
                return true;
            }
        }
    }
    false
}

/// Whether the action uploads files; one that only writes notes releases nothing that could be swapped.
fn releases(step: &Step<'_>) -> bool {
    let given = |key: &str| step.with(key).and_then(text).is_some_and(|value| !value.trim().is_empty());
    let has_files = ["files", "artifacts", "artifact", "asset_path", "file"].into_iter().any(given);
    let args = step.with("args").and_then(text).unwrap_or_default();
    has_files
        || step.runs_action("redhat-actions/push-to-registry")
        || step.runs_action("goreleaser/goreleaser-action") && args.contains("release") && !args.contains("--snapshot")
}

/// Whether a step signs, attests, or lists what is inside.
fn proves(step: &Step<'_>) -> bool {
    if uses_any(step, &PROOFS) {
        return true;
    }
    let input = |key: &str| step.with(key).and_then(text).unwrap_or_default();
    if pushes_image(step) {
        return ["provenance", "sbom", "attests"].iter().any(|key| !matches!(input(key), "" | "false"));
    }
    if step.runs_action("aquasecurity/trivy-action") {
        return ["cyclonedx", "spdx"].iter().any(|format| input("format").starts_with(format));
    }
    let Some((raw, _)) = script(step) else { return false };
    commands(raw).iter().any(|command| {
        PROGRAMS.contains(&command.program())
            || command
                .arguments()
                .iter()
                .any(|word| ["--provenance", "--sbom", "--attest", "--sign"].iter().any(|flag| word.starts_with(flag)))
            || command.words.iter().any(|word| word == "cosign" || word == "sigstore" || word == "attestation")
    })
}

/// Whether `GoReleaser`'s own configuration signs or lists, where it makes the release.
fn configured(facts: &Facts<'_>, steps: &[Step<'_>]) -> bool {
    let runs = steps.iter().any(|step| {
        step.runs_action("goreleaser/goreleaser-action")
            || script(step).is_some_and(|(raw, _)| commands(raw).iter().any(|c| c.program() == "goreleaser"))
    });
    let is_config = |name: &str| {
        name.trim_start_matches('.').starts_with("goreleaser")
            && name.rsplit_once('.').is_some_and(|(_, end)| matches!(end, "yml" | "yaml"))
    };
    runs && facts.paths().iter().filter(|path| is_config(path.file_name())).any(|path| {
        let text = facts.text(path.as_str()).unwrap_or_default();
        let keys = ["signs:", "sboms:", "docker_signs:", "binary_signs:", "attestations:"];
        text.lines().any(|line| keys.iter().any(|key| line.starts_with(key)))
    })
}

/// The action that builds and pushes can attest by itself.
fn repair(step: &Step<'_>) -> Option<Repair> {
    if !step.runs_action("docker/build-push-action") || !pushes_image(step) {
        return None;
    }
    let repair = Repair::risky("attest how the image was built, and what is inside it");
    insert::inputs(repair, step, &[("provenance", "mode=max"), ("sbom", "true")])
}
