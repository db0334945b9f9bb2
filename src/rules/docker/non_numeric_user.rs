use super::file::files;
use super::same::GUARD;
use super::user::{created, is_root, named};
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

fn check(facts: &Facts<'_>, report: &mut Report) {
    for file in files(facts) {
        for user in file.docker.all("USER").filter(|user| !user.onbuild) {
            let Some(name) = named(&file, user) else { continue };
            let id = name.split(':').next().unwrap_or(&name);
            if id.is_empty() || id.bytes().all(|b| b.is_ascii_digit()) || is_root(&name) {
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
