use crate::error::Problem;
use crate::golden_path::fixture::{MANIFEST, open, with};
use crate::golden_path::open::load;

fn rule(id: &str, title: &str) -> String {
    format!(
        "schema: roadbed/rule/v1\nid: {id}\ntitle: {title}\nseverity: low\nfiles: [x.yaml]\nformat: yaml\nselect: $.a\n\
         assert: value == 1\nmessage: no\n"
    )
}

fn problems(text: &str) -> Vec<Problem> {
    open(&with(&[("rules/x.yaml", text)])).err().map(|error| error.problems).unwrap_or_default()
}

#[test]
fn a_rule_of_the_same_id_is_replaced_whole_wherever_it_lies() {
    let base = with(&[("rules/one.yaml", &rule("acme/one", "Base")), ("rules/two.yaml", &rule("acme/two", "Base"))]);
    let base = open(&base).unwrap();
    let manifest = MANIFEST.replace("version: 1.0.0        # keep", "version: 1.0.0\nextends: builtin@*");
    let own = with(&[("golden-path.yaml", &manifest), ("rules/other.yaml", &rule("acme/one", "Ours"))]);
    let path = load("acme", &own, Some(&base)).unwrap();
    let titles: Vec<(&str, &str)> =
        path.rules.iter().map(|(id, found)| (id.as_str(), found.rule.title.as_str())).collect();
    assert_eq!(titles, [("acme/one", "Ours"), ("acme/two", "Base")]);
}

#[test]
fn mistakes_of_form_and_of_meaning_have_their_line() {
    let good = rule("acme/one", "One");
    assert_eq!(problems(&good), []);
    for (from, to, line, hint) in [
        ("severity", "severty", 4, "`severity`"),
        ("select: $.a", "select: $.a[", 7, ""),
        ("assert: value == 1", "assert: vale == 1", 8, "`value`"),
        ("message: no", "message: no\nfix: {safety: safe}", 10, ""),
        ("message: no", "message: no\nfix: {safety: safe, replace: a, remove: true}", 10, ""),
        ("format: yaml", "format: ymal", 6, "`yaml`"),
    ] {
        let found = problems(&good.replace(from, to));
        let [problem] = found.as_slice() else { panic!("{to}: {found:?}") };
        assert_eq!(problem.position.map(|at| at.line), Some(line), "{to}: {problem:?}");
        assert!(problem.hint.as_deref().unwrap_or_default().contains(hint), "{to}: {problem:?}");
        assert_eq!(problem.path.as_deref(), Some("rules/x.yaml"));
    }
}

#[test]
fn expressions_that_are_too_much_are_refused() {
    let with_select =
        |select: &str| problems(&rule("acme/one", "One").replace("$.a", select).replace("yaml\n", "text\n"));
    assert_eq!(with_select("^a$"), []);
    assert_eq!(with_select("\"((a{1,300}){1,300}){1,300}\"").len(), 1);
    assert_eq!(with_select(&format!("\"{}\"", "a".repeat(3_000))).len(), 1);
    assert_eq!(with_select("\"(\"").len(), 1);
    let long = format!("value == {}1{}", "(".repeat(3_000), ")".repeat(3_000));
    assert_eq!(problems(&rule("acme/one", "One").replace("value == 1", &long)).len(), 1);
}
