use super::file::{File, files};
use super::same::GUARD;
use super::user::{created, is_root, named};
use crate::edit::dockerfile::Instruction;
use crate::model::finding::Severity;
use crate::rules::facts::Facts;
use crate::rules::rule::{Offer, Repair, Report, Routing, Rule};

pub(super) static RULE: Rule = Rule {
    id: "docker/non-numeric-user",
    title: "The user is a name, which a cluster cannot tell from root",
    gain: "a name may stand for root: Kubernetes refuses the image under `runAsNonRoot`, so the check gets switched off",
    severity: Severity::Low,
    controls: &["GP-DK-01"],
    routing: Routing::Service,
    fix: Offer::Safe,
    page: include_str!("non_numeric_user.md"),
    check,
};

const ROOT: &str = "`root` is a name; its number is 0 in every image";

/// Whom a `USER` names: a variable by its value, else by itself.
fn whom(file: &File<'_>, user: &Instruction) -> Option<String> {
    let written = user.args.text();
    named(file, user).or_else(|| {
        let name =
            written.split_whitespace().next()?.trim_start_matches('"').strip_prefix('$')?.trim_start_matches('{');
        let end = name.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(name.len());
        let name = &name[..end];
        (!name.is_empty()).then(|| format!("${name}"))
    })
}

/// Whether a variable that the file does not set is called after a number.
fn sounds_numeric(id: &str) -> bool {
    let Some(name) = id.strip_prefix('$') else { return false };
    name.split('_').any(|word| ["ID", "UID", "PUID"].iter().any(|id| word.eq_ignore_ascii_case(id)))
        || name.to_uppercase().ends_with("UID")
}

/// Whether an `ARG` decides who it is: whoever builds may say a number.
fn by_argument(file: &File<'_>, user: &Instruction) -> bool {
    let text = user.args.text();
    let names = |arg: &Instruction| {
        arg.pairs().iter().any(|pair| {
            text.contains(&format!("${{{}}}", pair.name))
                || text.match_indices(&format!("${}", pair.name)).any(|(at, found)| {
                    !text[at + found.len()..].starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
                })
        })
    };
    text.contains('$') && file.docker.all("ARG").any(names)
}

/// `root` as its number.
fn zero(user: &Instruction) -> Option<Repair> {
    let plain = user.args.text() == "root";
    plain.then(|| {
        Repair::safe("write `root` as 0").replace(user.args.range(0..user.args.text().len()), "0").guarded(GUARD)
    })
}

fn check(facts: &Facts<'_>, report: &mut Report) {
    for file in files(facts) {
        let effective = file.inherited(file.last(), "USER").map(|user| user.span.start);
        for user in file.docker.all("USER").filter(|user| !user.onbuild) {
            let Some(name) = whom(&file, user).filter(|_| !by_argument(&file, user)) else { continue };
            let id = name.split(':').next().unwrap_or(&name);
            if id.is_empty() || id.bytes().all(|b| b.is_ascii_digit()) {
                continue;
            }
            if sounds_numeric(id) {
                let message = format!("whether `{id}` is a number, only the image below says");
                report.at(file.subject, &file.head(user), message).address(file.address(user)).only_informs();
                continue;
            }
            // Root at the end is another rule's: what mends that mends this.
            if effective == Some(user.span.start) && is_root(&name) {
                report.at(file.subject, &file.head(user), ROOT).address(file.address(user)).only_informs();
                continue;
            }
            if id == "root" {
                report.at(file.subject, &file.head(user), ROOT).address(file.address(user)).fix(zero(user));
                continue;
            }
            let known = created(&file, user.stage.unwrap_or_default()).into_iter().rfind(|created| created.name == id);
            let numbers = known.and_then(|created| created.numbers).filter(|_| name == user.args.text() && name == id);
            let repair = numbers.map(|numbers| {
                let range = user.args.range(0..user.args.text().len());
                Repair::safe(format!("write `{id}` as {numbers}")).replace(range, numbers).guarded(GUARD)
            });
            let message = format!("`{id}` is a name; a cluster can check only a number");
            report.at(file.subject, &file.head(user), message).address(file.address(user)).fix(repair);
        }
    }
}
