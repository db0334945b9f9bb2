use super::shell::{is_posix, script};
use super::workflow::all_steps;
use crate::model::finding::Severity;
use crate::rules::facts::Facts;
use crate::rules::rule::{Offer, Repair, Report, Routing, Rule};
use regex::Regex;
use std::sync::LazyLock;

pub(super) static RULE: Rule = Rule {
    id: "github/deprecated-command",
    title: "A step prints a command that GitHub withdrew",
    gain: "whatever the step prints can be read as such a command, so untrusted text can set outputs",
    severity: Severity::Medium,
    controls: &["GP-CI-04"],
    routing: Routing::Service,
    fix: Offer::Safe,
    page: include_str!("deprecated_command.md"),
    check,
};

static COMMAND: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"::(set-output|save-state)\s+name=|::(set-env|add-path)\b").ok());

/// `echo "::set-output name=NAME::VALUE"`, alone in its line.
static ECHO: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r#"(?m)^(?<head>[ \t]*(?:-?[ \t]*run:[ \t]*)?echo[ \t]+)(?<quote>["'])::(?<command>set-output|save-state) name=(?<name>[A-Za-z_][\w-]*)::(?<value>[^"'\n]*)["'][ \t]*$"#,
    )
    .ok()
});

fn check(facts: &Facts<'_>, report: &mut Report) {
    for step in all_steps(facts) {
        let Some((raw, offset)) = script(&step) else { continue };
        // To make the patterns ready costs more than to look for what all of them begin with.
        if !["::set-", "::save-state", "::add-path"].iter().any(|begin| raw.contains(begin)) {
            continue;
        }
        let (Some(command), Some(echo)) = (COMMAND.as_ref(), ECHO.as_ref()) else { return };
        for found in command.captures_iter(raw) {
            let Some(place) = found.get(0) else { continue };
            let name = found.get(1).or_else(|| found.get(2)).map_or("", |name| name.as_str());
            let line_start = raw[..place.start()].rfind('\n').map_or(0, |at| at + 1);
            let line_end = raw[place.start()..].find('\n').map_or(raw.len(), |at| place.start() + at);
            if raw[line_start..place.start()].trim_start().starts_with('#') {
                continue;
            }
            let line = &raw[line_start..line_end];
            let repair = echo.captures(line).filter(|_| is_posix(&step) == Some(true)).map(|parts| {
                let file = if &parts["command"] == "set-output" { "GITHUB_OUTPUT" } else { "GITHUB_STATE" };
                let quote = &parts["quote"];
                let text =
                    format!("{}{quote}{}={}{quote} >> \"${file}\"", &parts["head"], &parts["name"], &parts["value"]);
                Repair::safe(format!("write to `${file}` instead"))
                    .replace(offset + line_start..offset + line_end, text)
                    .changes(step.way(&["run"]))
            });
            let range = offset + place.start()..offset + line_end;
            let address = format!("{}.run[{}]", step.address(), line.trim());
            report
                .at(step.subject, &range, format!("`::{name}` is withdrawn: steps write to a file instead"))
                .address(address)
                .fix(repair);
        }
    }
}
