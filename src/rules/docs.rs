//! A rule's documentation: what stands under which heading, the cases in it, and the page of all rules.

use std::fmt::Write as _;

use super::rule::Rule;

/// The headings that every rule's page has, in this order.
pub const HEADINGS: [&str; 5] = ["What", "Why", "Bad", "Good", "Fix"];

/// Files that a rule must judge.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Case {
    /// The heading above it, if it has one.
    pub name: String,
    /// Its files.
    pub files: Vec<CaseFile>,
}

/// A file of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseFile {
    /// Where it lies.
    pub path: String,
    /// What it holds.
    pub text: String,
    /// The lines that must be found, where the case names them.
    pub lines: Option<Vec<usize>>,
    /// What it holds after the fixes, where the case says so.
    pub fixed: Option<String>,
}

/// The text under a heading of a page; empty if there is none.
pub fn section<'p>(page: &'p str, heading: &str) -> &'p str {
    let Some((_, rest)) = page.split_once(&format!("\n## {heading}\n")) else { return "" };
    let end = outside_fences(rest).find(|(_, line)| line.starts_with("## ")).map_or(rest.len(), |(at, _)| at);
    rest[..end].trim_matches('\n')
}

/// The headings of a page, in order.
pub fn headings(page: &str) -> Vec<&str> {
    outside_fences(page).filter_map(|(_, line)| line.strip_prefix("## ")).map(str::trim_end).collect()
}

fn outside_fences(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let (mut at, mut fenced) = (0, false);
    text.split_inclusive('\n').filter_map(move |line| {
        let start = at;
        at += line.len();
        if line.starts_with("```") {
            fenced = !fenced;
            return None;
        }
        (!fenced).then_some((start, line))
    })
}

/// The cases under a heading.
pub fn cases(page: &str, heading: &str) -> Vec<Case> {
    let mut cases: Vec<Case> = vec![Case::default()];
    let mut lines = section(page, heading).lines();
    while let Some(line) = lines.next() {
        if let Some(name) = line.strip_prefix("### ") {
            cases.push(Case { name: name.to_owned(), files: Vec::new() });
            continue;
        }
        let Some(info) = line.strip_prefix("```") else { continue };
        let mut text = String::new();
        for line in lines.by_ref().take_while(|line| !line.starts_with("```")) {
            text.push_str(line);
            text.push('\n');
        }
        let mut words = info.split_whitespace();
        let (language, path) = (words.next().unwrap_or_default(), words.next());
        let Some(case) = cases.last_mut() else { break };
        match (language, path) {
            ("fixed", _) => {
                let named = |file: &&mut CaseFile| path.is_none_or(|path| file.path == path);
                if let Some(file) = case.files.iter_mut().rev().find(named) {
                    file.fixed = Some(text);
                }
            }
            (_, Some(path)) => {
                let numbers = |list: &str| list.split(',').filter_map(|n| n.parse().ok()).collect();
                let found = words.find_map(|word| word.strip_prefix("lines=")).map(numbers);
                let file = CaseFile { path: path.to_owned(), text, lines: found, fixed: None };
                if case.files.iter().any(|other| other.path == path) {
                    cases.push(Case { name: String::new(), files: vec![file] });
                } else {
                    case.files.push(file);
                }
            }
            (_, None) => {}
        }
    }
    cases.retain(|case| !case.files.is_empty());
    cases
}

/// The lines of facts that stand on top of a page, as the rule itself has them.
pub fn facts(rule: &Rule) -> String {
    let mut text = format!("# {}\n\n{}.\n\n", rule.id, rule.title);
    let severity = format!("{:?}", rule.severity).to_lowercase();
    let _ = write!(
        text,
        "- severity: {severity}\n- controls: {}\n- owner: {}\n- fix: {}\n",
        rule.controls.join(", "),
        rule.routing.word(),
        rule.fix.word()
    );
    text
}

/// The page of all rules.
pub fn page() -> String {
    let mut text = String::from(
        "# Rules\n\nGenerated from the rules' own pages; a test says how to refresh it. `roadbed explain ID` prints one of them.\n\n\
         | rule | what is wrong | severity | fix | controls |\n| --- | --- | --- | --- | --- |\n",
    );
    for rule in super::all() {
        let severity = format!("{:?}", rule.severity).to_lowercase();
        let (family, name) = rule.id.split_once('/').unwrap_or_default();
        let file = format!("{family}/{}.md", name.replace('-', "_"));
        let controls = rule.controls.join(", ");
        let _ = writeln!(
            text,
            "| [`{}`]({file}) | {} | {severity} | {} | {controls} |",
            rule.id,
            rule.title,
            rule.fix.word()
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_gives_its_cases() {
        let page = "# x\n\n## Bad\n\n```yaml a.yml lines=2,3\n## no heading\nb\n```\n\n```fixed\nc\n```\n\n### other\n\n```yaml a.yml\nd\n```\n\n```text b\ne\n```\n\n## Good\n";
        let found = cases(page, "Bad");
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].files[0].text, "## no heading\nb\n");
        assert_eq!(found[0].files[0].lines, Some(vec![2, 3]));
        assert_eq!(found[0].files[0].fixed.as_deref(), Some("c\n"));
        assert_eq!((found[1].name.as_str(), found[1].files.len()), ("other", 2));
        assert_eq!(headings(page), ["Bad", "Good"]);
    }
}
