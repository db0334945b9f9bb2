//! What `explain` says of a rule of a path's own.

use std::fmt::Write as _;

use crate::golden_path::OwnRule;
use crate::golden_path::own_rule::{OnMissing, Quantifier, RuleFix};
use crate::model::finding::Safety;

/// The page of a rule; `path` is how the golden path calls itself.
pub(super) fn page(rule: &OwnRule, path: &str) -> String {
    let mut page = format!("# {}\n\n{}\n\n", rule.id, rule.title);
    let row = |page: &mut String, what: &str, said: &str| {
        let _ = writeln!(page, "- {what}: {said}");
    };
    row(&mut page, "Of", &format!("the golden path {path}"));
    row(&mut page, "Severity", &format!("{:?}", rule.severity).to_lowercase());
    row(&mut page, "Controls", &some(&rule.controls));
    row(&mut page, "Owner", super::routing(rule.owner).word());
    row(&mut page, "Fix", &rule.fix.as_ref().map_or_else(|| "none".to_owned(), fix));
    let _ = write!(
        page,
        "\n## What\n\nIn {} ({}), of what `{}` selects, ",
        some(&rule.files),
        rule.format.word(),
        rule.select
    );
    page.push_str(match rule.quantifier {
        Quantifier::All => "every value must satisfy",
        Quantifier::Any => "at least one value must satisfy",
        Quantifier::None => "no value may satisfy",
    });
    let _ = write!(page, " `{}`. ", rule.assert);
    page.push_str(match rule.on_missing {
        OnMissing::Pass => "A file without such a value passes.\n",
        OnMissing::Fail => "A file without such a value fails.\n",
    });
    let bad = rule.tests.invalid.iter().map(|case| (case.name.as_str(), case.content.as_str()));
    let good = rule.tests.valid.iter().map(|case| (case.name.as_str(), case.content.as_str()));
    cases(&mut page, "Bad", bad);
    cases(&mut page, "Good", good);
    page
}

fn some(words: &[String]) -> String {
    if words.is_empty() { "none".to_owned() } else { words.join(", ") }
}

fn fix(fix: &RuleFix) -> String {
    let safety = if fix.safety == Safety::Safe { "safe" } else { "unsafe" };
    let keys = |fields: &crate::golden_path::own_rule::Fields| {
        fields.keys().map(String::as_str).collect::<Vec<_>>().join(", ")
    };
    let what = match fix {
        RuleFix { replace: Some(template), .. } => format!("writes `{template}`"),
        RuleFix { set: Some(fields), .. } => format!("sets {}", keys(fields)),
        RuleFix { insert: Some(fields), .. } => format!("inserts {}", keys(fields)),
        _ => "removes the value".to_owned(),
    };
    format!("{safety}, {what}")
}

fn cases<'c>(page: &mut String, heading: &str, cases: impl Iterator<Item = (&'c str, &'c str)>) {
    let _ = write!(page, "\n## {heading}\n");
    for (name, content) in cases {
        // A fence longer than any in the case.
        let longest = content.lines().map(|line| line.trim_start().bytes().take_while(|b| *b == b'`').count()).max();
        let fence = "`".repeat(longest.unwrap_or_default().max(2) + 1);
        let _ = write!(page, "\n{name}:\n\n{fence}\n{}\n{fence}\n", content.trim_end_matches('\n'));
    }
}
