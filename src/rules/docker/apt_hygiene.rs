use super::apt;
use super::file::{File, files};
use super::same::GUARD;
use crate::edit::dockerfile::{Base, Instruction};
use crate::edit::source::Splice;
use crate::model::finding::Severity;
use crate::rules::facts::Facts;
use crate::rules::rule::{Offer, Repair, Report, Routing, Rule};

pub(super) static RULE: Rule = Rule {
    id: "docker/apt-hygiene",
    title: "apt is used in a way that stalls builds or bloats images",
    gain: "packages that nobody asked for, and lists of what is outdated, are in the image for an intruder to use",
    severity: Severity::Low,
    controls: &["GP-DK-02"],
    routing: Routing::Service,
    fix: Offer::Either,
    page: include_str!("apt_hygiene.md"),
    check,
};

/// What `apt` can be asked to do that `apt-get` does under the same name.
const SHARED: [&str; 9] =
    ["install", "update", "upgrade", "remove", "purge", "autoremove", "clean", "autoclean", "build-dep"];

fn check(facts: &Facts<'_>, report: &mut Report) {
    for file in files(facts) {
        for run in file.runs() {
            let mut wrong = Vec::new();
            let mut safe: Vec<Splice> = Vec::new();
            let mut risky: Vec<Splice> = Vec::new();
            for command in apt::commands(run) {
                let name = command.words.iter().find(|word| matches!(word.text.as_str(), "apt" | "apt-get"));
                let Some(name) = name.filter(|_| matches!(command.name(), "apt" | "apt-get")) else { continue };
                if name.text == "apt" {
                    note(&mut wrong, "`apt` is for people; scripts use `apt-get`");
                    if let Some(sub) = command.args().iter().find(|word| !word.text.starts_with('-')) {
                        let known = SHARED.contains(&sub.text.as_str());
                        if known || sub.text == "full-upgrade" {
                            safe.push(Splice::replace(name.span.start, name.span.end, "apt-get"));
                        }
                        if sub.text == "full-upgrade" {
                            safe.push(Splice::replace(sub.span.start, sub.span.end, "dist-upgrade"));
                        }
                    }
                }
                let Some(install) = command.args().iter().find(|word| word.text == "install") else { continue };
                let after = install.span.end;
                if apt::asks(&command) {
                    note(&mut wrong, "without `-y` it waits for an answer that never comes");
                    safe.push(Splice::insert(after, " -y"));
                }
                if apt::takes_recommended(&command) {
                    note(&mut wrong, "without `--no-install-recommends` it installs what nobody asked for");
                    risky.push(Splice::insert(after, " --no-install-recommends"));
                }
            }
            if ships(&file, run) && apt::updates(run) && !apt::removes_lists(run) && !apt::lists_are_mounted(run) {
                note(&mut wrong, "the package lists stay in the layer");
                // What follows an update alone needs its lists.
                safe.extend(removal(&file, run).filter(|_| apt::installs(run)));
            }
            if wrong.is_empty() {
                continue;
            }
            let repair = if safe.is_empty() {
                (!risky.is_empty()).then(|| Repair::risky("add `--no-install-recommends`")).map(|r| with(r, risky))
            } else {
                Some(with(Repair::safe("use `apt-get -y`, and leave no package lists"), safe))
            };
            report
                .at(file.subject, &file.head(run), wrong.join("; "))
                .address(file.address(run))
                .fix(repair.map(|repair| repair.guarded(GUARD)));
        }
    }
}

/// Whether the layer of a step is one of the image's, or of another stage's: what is only copied from leaves nothing.
fn ships(file: &File<'_>, run: &Instruction) -> bool {
    let Some(stage) = run.stage else { return true };
    stage == file.last() || file.docker.stages.iter().any(|other| other.base == Base::Stage(stage))
}

fn note(wrong: &mut Vec<&'static str>, what: &'static str) {
    if !wrong.contains(&what) {
        wrong.push(what);
    }
}

fn with(mut repair: Repair, splices: Vec<Splice>) -> Repair {
    repair.splices.extend(splices);
    repair
}

/// `&& rm -rf /var/lib/apt/lists/*` at the end, where that is the end of a list of commands and no later
/// step counts on the lists.
fn removal(file: &File<'_>, run: &Instruction) -> Option<Splice> {
    let text = run.args.text();
    let plain = run.heredocs.is_empty() && run.exec().is_none() && !text.contains('#');
    if !plain || text.ends_with([';', '&', '|', '\\']) || run.onbuild {
        return None;
    }
    let stage = run.stage?;
    let later = (stage..file.docker.stages.len()).filter(|other| file.chain(*other).contains(&stage));
    let needs = later.flat_map(|stage| file.docker.stage(stage)).filter(|next| next.span.start > run.span.start);
    if needs.filter(|next| next.keyword == "RUN").any(|next| apt::installs(next) && !apt::updates(next)) {
        return None;
    }
    let end = run.args.range(0..text.len()).end;
    let source = file.subject.source();
    let own_line = source.line_start(end) > run.span.start;
    let indent = " ".repeat(source.skip_blanks(source.line_start(end)) - source.line_start(end));
    let glue = if own_line { format!(" {}\n{indent}&& ", run.escape()) } else { " && ".to_owned() };
    Some(Splice::insert(end, format!("{glue}rm -rf /var/lib/apt/lists/*")))
}
