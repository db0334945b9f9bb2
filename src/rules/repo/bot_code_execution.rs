use super::dependabot::updates;
use crate::model::finding::Severity;
use crate::rules::facts::Facts;
use crate::rules::rule::{Offer, Repair, Report, Routing, Rule};

pub(super) static RULE: Rule = Rule {
    id: "repo/bot-code-execution",
    title: "The update bot may run code of what it updates",
    gain: "a package runs code in the bot's job, and can read the credentials of your registries",
    severity: Severity::High,
    controls: &["GP-SEC-04", "GP-CI-04"],
    routing: Routing::Security,
    fix: Offer::Unsafe,
    page: include_str!("bot_code_execution.md"),
    check,
};

const KEY: &str = "insecure-external-code-execution";

fn check(facts: &Facts<'_>, report: &mut Report) {
    for update in updates(facts) {
        let Some((_, entry)) = update.node.entry(KEY) else { continue };
        if update.text(KEY) != Some("allow") {
            continue;
        }
        let source = &update.document.source;
        let line = source.line_start(entry.span.start);
        let own_line = source.starts_line(entry.span.start);
        let repair = own_line.then(|| {
            Repair::risky(format!("take `{KEY}` out"))
                .replace(line..source.line_end(entry.span.end) + 1, "")
                .changes(update.way(&[KEY]))
        });
        let ecosystem = update.text("package-ecosystem").unwrap_or("?");
        let message = format!("Dependabot runs code of {ecosystem} packages to find their versions");
        report
            .at(update.subject, &entry.value.span, message)
            .address(format!("updates[{ecosystem}].{KEY}"))
            .fix(repair);
    }
}
