use super::file::files;
use super::same::GUARD;
use crate::model::finding::Severity;
use crate::rules::facts::Facts;
use crate::rules::rule::{Offer, Repair, Report, Routing, Rule};

pub(super) static RULE: Rule = Rule {
    id: "docker/maintainer",
    title: "`MAINTAINER` is long out of use",
    gain: "nobody who looks for the owner of an image finds one",
    severity: Severity::Low,
    controls: &["GP-OWN-01"],
    routing: Routing::Service,
    fix: Offer::Safe,
    page: include_str!("maintainer.md"),
    check,
};

fn check(facts: &Facts<'_>, report: &mut Report) {
    for file in files(facts) {
        for maintainer in file.docker.all("MAINTAINER").filter(|maintainer| !maintainer.onbuild) {
            let text = maintainer.args.text();
            let bare = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(text);
            let quoted = bare.replace('\\', "\\\\").replace('"', "\\\"").replace('$', "\\$");
            let line = format!("LABEL org.opencontainers.image.authors=\"{quoted}\"");
            let whole = maintainer.keyword_span.start..maintainer.args.range(0..text.len()).end;
            let plain = maintainer.escape() == '\\' && !text.contains(['\\', '$', '"'])
                || text.len() == bare.len() + 2 && !bare.contains(['\\', '$', '"']);
            let repair = Repair::safe("say it in a label").replace(whole, line).guarded(GUARD);
            report
                .at(
                    file.subject,
                    &file.head(maintainer),
                    "`MAINTAINER` is deprecated; a label says it where tools look",
                )
                .address(file.address(maintainer))
                .fix(plain.then_some(repair));
        }
    }
}
