use super::cases::failures;
use super::judged::Budget;
use super::{Own, Ready, change, judged};
use crate::edit::query::view::View;
use crate::golden_path::OwnRule;
use crate::rules::own::Select;

fn rule(yaml: &str) -> OwnRule {
    let head = "schema: roadbed/rule/v1\nid: acme/x\ntitle: It must be so\nseverity: high\nfiles: ['**']\nmessage: \"<{ value }> is wrong\"\n";
    serde_yaml::from_str(&format!("{head}{yaml}")).unwrap()
}

/// Lines and messages, and the text after the first fix.
fn run(yaml: &str, text: &str) -> (Vec<(usize, String)>, Option<String>) {
    let ready = Ready::new(&rule(yaml), "acme", "rules/x.yaml").unwrap();
    let view = match &ready.select {
        Select::Query(syntax, _) => Some(View::parse(*syntax, text).unwrap()),
        Select::Pattern(_) => None,
    };
    let hits = judged::hits(&ready, text, view.as_ref(), &Budget::new());
    let repairs = change::repairs(&ready, text, view.as_ref(), &hits, &Budget::new());
    let fixed = repairs.into_values().next().map(|repair| {
        let splice = &repair.splices[0];
        format!("{}{}{}", &text[..splice.start], splice.text, &text[splice.end..])
    });
    let line = |at: usize| text[..at].matches('\n').count() + 1;
    let found = hits.into_iter().map(|hit| (hit.shown.map_or(0, |shown| line(shown.start)), hit.message)).collect();
    (found, fixed)
}

fn lines(yaml: &str, text: &str) -> Vec<usize> {
    run(yaml, text).0.into_iter().map(|(line, _)| line).collect()
}

#[test]
fn quantifiers_say_how_many_must_hold() {
    let text = "a: [1, 2, 3]\n";
    let of = |quantifier: &str, assert: &str| {
        let yaml = format!("format: yaml\nselect: $.a[*]\nquantifier: {quantifier}\nassert: {assert}\n");
        lines(&yaml, text).len()
    };
    assert_eq!((of("all", "value > 1"), of("all", "value > 0")), (1, 0));
    assert_eq!((of("any", "value > 2"), of("any", "value > 3")), (0, 1));
    assert_eq!((of("none", "value > 3"), of("none", "value > 1")), (0, 2));
}

#[test]
fn an_assert_that_errs_has_failed_whatever_the_quantifier() {
    for quantifier in ["all", "any", "none"] {
        let yaml = format!("format: yaml\nselect: $.a\nquantifier: {quantifier}\nassert: value.b.c == 1\n");
        let (found, _) = run(&yaml, "a: {}\n");
        assert_eq!(found.len(), 1, "{quantifier}: {found:?}");
        assert!(found[0].1.contains("could not be decided"), "{found:?}");
        let yaml = format!("format: yaml\nselect: $.a\nquantifier: {quantifier}\nassert: value\n");
        assert_eq!(lines(&yaml, "a: yes please\n").len(), 1);
    }
}

#[test]
fn what_is_missing_passes_or_fails() {
    let rule = "format: toml\nselect: $.tool.ruff\nassert: value is defined\n";
    assert!(lines(rule, "a = 1\n").is_empty());
    let (found, fixed) = run(&format!("{rule}on_missing: fail\n"), "a = 1\n");
    assert_eq!(found, [(0, "It must be so: nothing here is what `select` asks for".to_owned())]);
    assert_eq!(fixed, None);
}

#[test]
fn numbers_read_as_they_are_written() {
    let wrong = |assert: &str| lines(&format!("format: yaml\nselect: $.*\nassert: \"{assert}\"\n"), "v: 1.10\n").len();
    assert_eq!(wrong("value == '1.10'"), 0);
    assert_eq!(wrong("value == 1.1"), 1);
}

#[test]
fn values_are_replaced_in_their_own_quotes() {
    let fixed = |format: &str, select: &str, text: &str| {
        let yaml = format!(
            "format: {format}\nselect: \"{select}\"\nassert: value is startingwith 'r/'\nfix: {{safety: unsafe, replace: 'r/<{{ value }}>'}}\n"
        );
        run(&yaml, text).1.unwrap_or_default()
    };
    assert_eq!(fixed("yaml", "$.image", "image: a:1 # keep\n"), "image: r/a:1 # keep\n");
    assert_eq!(fixed("yaml", "$.image", "image: 'a:1'\n"), "image: 'r/a:1'\n");
    assert_eq!(fixed("yaml", "$.a[*]", "a: [x,  \"y\"]\n"), "a: [r/x,  \"y\"]\n");
    assert_eq!(fixed("yaml", "$.image", "---\nb: 1\n---\nimage: a\n"), "---\nb: 1\n---\nimage: r/a\n");
    assert_eq!(fixed("json", "$.image", "{\"image\":  \"a\"}\n"), "{\"image\":  \"r/a\"}\n");
    assert_eq!(fixed("toml", "$.image", "image   = 'a' # x\n"), "image   = 'r/a' # x\n");
    assert_eq!(fixed("hcl", "$..image", "x \"y\" {\n  image = \"a\"\n}\n"), "x \"y\" {\n  image = \"r/a\"\n}\n");
    assert_eq!(fixed("dockerfile", "$.stages[*].from.image", "FROM  a AS b\nFROM b\n"), "FROM  r/a AS b\nFROM b\n");
    assert_eq!(fixed("text", "^image (.*)$", "x\nimage a\n"), "x\nimage r/a\n");
    assert_eq!(fixed("yaml", "$.image", "image: &x a\nother: *x\n"), "", "what is shared is not edited");
    assert_eq!(fixed("dockerfile", "$.stages[*].from.image", "ARG V\nFROM a:$V\n"), "", "nor what is not as written");
}

#[test]
fn keys_are_set_inserted_and_removed() {
    let set = "format: yaml\nselect: $.jobs.*\nassert: value.t is defined\nfix: {safety: safe, set: {t: 5}}\n";
    let text = "jobs:\n  a:\n    x: 1 # one\n  b:\n    t: 3\n";
    assert_eq!(run(set, text).1.unwrap(), "jobs:\n  a:\n    x: 1 # one\n    t: 5\n  b:\n    t: 3\n");
    let over = "format: toml\nselect: $.a\nassert: value.b == 2\nfix: {safety: safe, set: {b: 2}}\n";
    assert_eq!(run(over, "# x\n[a]\nb = 1 # y\n").1.unwrap(), "# x\n[a]\nb = 2 # y\n");
    let insert = "format: json\nselect: $.list\nassert: \"value | length > 1\"\nfix: {safety: safe, insert: {n: 1}}\n";
    let fixed = run(insert, "{\n  \"list\": [\n    {\"n\": 0}\n  ]\n}\n").1.unwrap();
    assert_eq!(
        serde_json::from_str::<serde_json::Value>(&fixed).unwrap(),
        serde_json::json!({"list": [{"n": 0}, {"n": 1}]})
    );
    let remove = "format: yaml\nselect: $..privileged\nassert: value == false\nfix: {safety: unsafe, remove: true}\n";
    assert_eq!(run(remove, "a:\n  privileged: true\n  b: 1\n").1.unwrap(), "a:\n  b: 1\n");
    let line = "format: text\nselect: ^debug=.*$\nassert: false\nfix: {safety: safe, remove: true}\n";
    assert_eq!(run(line, "a=1\ndebug=1\nb=2\n").1.unwrap(), "a=1\nb=2\n");
}

#[test]
fn a_fix_that_does_not_help_is_not_offered() {
    let yaml = "format: yaml\nselect: $.a\nassert: value == 'b'\nfix: {safety: safe, replace: \"x<{ value }>\"}\n";
    let (found, fixed) = run(yaml, "a: c\n");
    assert_eq!((found.len(), fixed), (1, None));
}

#[test]
fn hostile_files_and_queries_end_in_a_finding() {
    let many = "x\n".repeat(100_000);
    let (found, _) = run("format: text\nselect: ^x$\nassert: false\n", &many);
    assert!(found.len() == 1 && found[0].1.contains("too many"), "{found:?}");
    let (found, _) = run("format: text\nselect: ^x$\nassert: false\n", &many[..4_000]);
    assert_eq!(found.len(), 501);
    assert!(found[500].1.contains("1500 more places"), "{:?}", found[500]);
    let deep = format!("{}1{}\n", "[".repeat(100), "]".repeat(100));
    let wide = format!("[{}1]\n", "[[[1]]],".repeat(3_000));
    let (found, _) = run("format: json\nselect: $..*..*..*..*\nassert: true\n", &deep);
    assert_eq!(found.len(), 1, "{found:?}");
    let (found, _) = run("format: json\nselect: \"$..[?count($..*) == 1]\"\nassert: true\n", &wide);
    assert!(found[0].1.contains("too many steps"), "{found:?}");
    let quadratic = format!("{}\n", "a".repeat(1_000_000));
    let (found, _) = run("format: text\nselect: a[^z]*z|a\nassert: true\n", &quadratic);
    assert!(found[0].1.contains("too many steps"), "{found:?}");
    let bomb = "format: text\nselect: (a{1,200}){1,200}{1,200}\nassert: true\n";
    assert!(Ready::new(&rule(bomb), "acme", "rules/x.yaml").is_err());
    let slow = "format: text\nselect: (a*)*b\nassert: true\n";
    assert!(run(slow, &"a".repeat(50_000)).0.is_empty());
}

#[test]
fn cases_are_run_to_the_byte() {
    let yaml = "format: dockerfile\nselect: '$.stages[*].from.image'\nassert: value is startingwith 'r/'\nfix: {safety: unsafe, replace: 'r/<{ value }>'}\n";
    let with = |tests: &str| failures(&rule(&format!("{yaml}tests: {tests}\n")), "acme", "rules/x.yaml").unwrap();
    let good = "{valid: [{name: a, content: \"FROM r/a\\n\"}], invalid: [{name: b, content: \"FROM a\\r\\nFROM b\", line: 2, fixed: \"FROM r/a\\r\\nFROM r/b\"}]}";
    assert_eq!(with(good), []);
    let messages = |tests: &str| with(tests).into_iter().map(|failure| failure.message).collect::<Vec<_>>();
    assert!(messages("{valid: [{name: a, content: \"FROM a\\n\"}]}")[0].contains("line 1: a is wrong"));
    assert_eq!(messages("{invalid: [{name: a, content: \"FROM r/a\\n\"}]}"), ["nothing is found"]);
    assert!(
        messages("{invalid: [{name: a, content: \"FROM a\\n\", line: 7, fixed: \"FROM r/a\\n\"}]}")[0]
            .contains("line 7")
    );
    assert_eq!(
        with("{invalid: [{name: a, content: \"FROM a\\n\", fixed: \"FROM a\\n\"}]}")[0].texts,
        Some(("FROM a\n".to_owned(), "FROM r/a\n".to_owned()))
    );
    assert!(messages("{invalid: [{name: a, content: \"nonsense\\n\"}]}")[0].contains("line 1"));
}

#[test]
fn no_rules_find_nothing() {
    assert_eq!(Own::default().ids().count(), 0);
}
