use super::file::files;
use crate::edit::dockerfile::shell::Command;
use crate::model::finding::Severity;
use crate::rules::facts::Facts;
use crate::rules::rule::{Offer, Report, Routing, Rule};

pub(super) static RULE: Rule = Rule {
    id: "docker/untrusted-packages",
    title: "Packages are installed without a check of who signed them",
    gain: "whoever controls a mirror, or the way to it, installs packages of their own as root",
    severity: Severity::High,
    controls: &["GP-DK-02"],
    routing: Routing::Service,
    fix: Offer::Nothing,
    page: include_str!("untrusted_packages.md"),
    check,
};

fn check(facts: &Facts<'_>, report: &mut Report) {
    for file in files(facts) {
        for run in file.runs() {
            let commands =
                run.script.commands.iter().map(|command| command.unwrapped().unwrap_or_else(|| command.clone()));
            if let Some(what) = commands.into_iter().find_map(|command| unsigned(&command)) {
                let message = format!("`{what}` installs packages whoever signed them");
                report.at(file.subject, &file.head(run), message).address(file.address(run));
            }
        }
    }
}

fn unsigned(command: &Command) -> Option<String> {
    let options: &[&str] = match command.name() {
        "apk" => &["--allow-untrusted"],
        "apt-get" | "apt" | "aptitude" => &["--allow-unauthenticated", "--force-yes", "--allow-insecure-repositories"],
        "yum" | "dnf" | "tdnf" | "microdnf" => &["--nogpgcheck", "--no-gpgchecks"],
        "rpm" => &["--nosignature", "--nodigest", "--noverify", "--nofiledigest"],
        "zypper" => &["--no-gpg-checks", "--allow-unsigned-rpm"],
        _ => return None,
    };
    let found = command.args().iter().find(|word| options.contains(&word.text.as_str()))?;
    Some(format!("{} {}", command.name(), found.text))
}
