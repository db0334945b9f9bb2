//! Which answer wins, and what is said when one is missing.

use super::*;
use crate::golden_path::given::AnswerFile;
use crate::golden_path::question::Questions;

const QUESTIONS: &str = r#"
name: {type: string, prompt: Service name, pattern: "^[a-z][a-z0-9-]{1,38}$"}
owner: {type: string, prompt: Owning team, default: "@acme/<{ name }>"}
cloud: {type: choice, choices: [aws, gcp, none], default: none}
region: {type: string, when: "cloud == 'aws'", default: eu-west-1, renamed_from: aws_region, map: {ireland: eu-west-1}, pattern: "^[a-z]+-[a-z]+-[0-9]$"}
ports: {type: list, default: [8080]}
main: {type: choice, choices: ["<{ name }>", server]}
size: {type: integer, default: 3, validate: "size > 0 and size < 10"}
"#;

fn questions() -> Vec<(String, Question)> {
    serde_yaml::from_str::<Questions>(QUESTIONS).unwrap().0
}

fn raw(pairs: &[(&str, &str)]) -> Supplied {
    Supplied::Raw(pairs.iter().map(|(id, word)| ((*id).to_owned(), (*word).to_owned())).collect())
}

fn typed(yaml: &str) -> Supplied {
    Supplied::Typed(serde_yaml::from_str(yaml).unwrap())
}

fn resolved(given: &Given) -> Result<Answers> {
    resolve(&questions(), given, true, &mut Nobody)
}

fn file(name: &str, text: &str) -> AnswerFile {
    AnswerFile { name: name.to_owned(), text: text.to_owned(), within: Vec::new() }
}

fn set(pairs: &[(&str, &str)]) -> Given {
    Given::default().with(Origin::Set, raw(pairs))
}

fn problem(given: &Given) -> Problem {
    let error = resolved(given).unwrap_err();
    assert_eq!((error.kind, error.problems.len()), (Kind::Usage, 1), "{error}");
    error.problems[0].clone()
}

#[test]
fn defaults_are_rendered_over_earlier_answers() {
    let answers = resolved(&set(&[("name", "pay"), ("main", "pay")])).unwrap();
    assert_eq!(answers["owner"], "@acme/pay".into());
    assert_eq!(answers["ports"], Answer::List(vec![Answer::Integer(8080)]));
    assert!(!answers.contains_key("region"));
}

#[test]
fn everything_that_is_missing_is_named_at_once() {
    let error = resolve(&questions(), &Given::default(), false, &mut Nobody).unwrap_err();
    assert_eq!(error.kind, Kind::Usage);
    assert_eq!(error.problems[0].message, "the question `name` (Service name) has no answer");
    assert_eq!(error.problems[0].hint.as_deref(), Some("--set name=…"));
    let strict =
        [("a".to_owned(), serde_yaml::from_str("{type: choice, choices: [x, y]}").unwrap()), questions()[0].clone()];
    let error = resolve(&strict, &Given::default(), false, &mut Nobody).unwrap_err();
    assert_eq!(error.problems.len(), 2);
    assert_eq!(error.problems[0].hint.as_deref(), Some("--set a=x (there are: `x`, `y`)"));
}

#[test]
fn the_nearest_origin_wins() {
    let layers = [
        (Origin::Template, typed("{cloud: gcp, size: 5}")),
        (Origin::Stored, typed("{cloud: aws, name: stored, size: 4, gone: 1}")),
        (Origin::File(file("a.yaml", "")), typed("{name: file, main: server, size: 6}")),
        (Origin::Environment, raw(&[("NAME", "environment")])),
        (Origin::Set, raw(&[("name", "typed")])),
    ];
    let mut given = Given { layers: layers.to_vec() };
    let name = |given: &Given| resolved(given).unwrap()["name"].to_string();
    assert_eq!(name(&given), "typed");
    given.layers.pop();
    assert_eq!(name(&given), "environment");
    given.layers.pop();
    assert_eq!(name(&given), "file");
    let answers = resolved(&given).unwrap();
    assert_eq!((&answers["cloud"], &answers["size"]), (&"aws".into(), &Answer::Integer(6)));
    given.layers.remove(1);
    assert_eq!(resolved(&given).unwrap()["cloud"], "gcp".into());
}

#[test]
fn unknown_ids_are_refused_with_the_nearest_one() {
    let found = problem(&set(&[("name", "pay"), ("main", "pay"), ("ownr", "x")]));
    assert_eq!(found.hint.as_deref(), Some("did you mean `owner`?"));
}

#[test]
fn an_answer_that_does_not_fit_names_the_rule() {
    let found = problem(&set(&[("name", "pay"), ("main", "pay"), ("size", "12")]));
    assert_eq!(found.message, "the answer to `size` does not fit: `12` must fulfil `size > 0 and size < 10`");
    let found = problem(&set(&[("name", "pay"), ("main", "other")]));
    assert!(found.message.ends_with("`other` must be one of `pay`, `server`"), "{}", found.message);
}

#[test]
fn stored_answers_are_renamed_and_mapped_but_never_replaced_in_silence() {
    let stored = |yaml: &str| set(&[("main", "server")]).with(Origin::Stored, typed(yaml));
    let answers = resolved(&stored("{name: pay, cloud: aws, aws_region: ireland}")).unwrap();
    assert_eq!(answers["region"], "eu-west-1".into());
    let found = problem(&stored("{name: pay, cloud: azure}"));
    assert!(found.message.contains("no longer fits"), "{}", found.message);
    assert!(found.hint.is_some_and(|hint| hint.starts_with("--set cloud=aws")));
}

#[test]
fn answers_are_data_and_never_rendered() {
    let answers = resolved(&set(&[("name", "pay"), ("main", "pay"), ("owner", "<{ name }>${{ x }}")])).unwrap();
    assert_eq!(answers["owner"], "<{ name }>${{ x }}".into());
}

#[test]
fn whoever_asks_is_given_the_rendered_question_and_its_check() {
    struct Person(Vec<String>);
    impl Asker for Person {
        fn ask(&mut self, prompt: &Prompt<'_>) -> Result<Option<Answer>> {
            self.0.push(prompt.id.to_owned());
            assert!((prompt.check)(&Answer::Boolean(true)).is_err());
            Ok(Some(match prompt.id {
                "name" => "pay".into(),
                "main" => prompt.choices[0].clone(),
                _ => prompt.default.clone().unwrap(),
            }))
        }
    }
    let mut person = Person(Vec::new());
    let answers = resolve(&questions(), &Given::default(), false, &mut person).unwrap();
    assert_eq!(person.0, ["name", "owner", "cloud", "ports", "main", "size"]);
    assert_eq!((&answers["main"], &answers["owner"]), (&"pay".into(), &"@acme/pay".into()));
    let mut person = Person(Vec::new());
    resolve(&questions(), &Given::default(), true, &mut person).unwrap();
    assert_eq!(person.0, ["name", "main"]);
}

#[test]
fn a_question_that_does_not_work_is_the_paths_mistake() {
    let broken = [("a".to_owned(), serde_yaml::from_str("{type: string, when: 'nosuch == 1'}").unwrap())];
    assert_eq!(resolve(&broken, &Given::default(), true, &mut Nobody).unwrap_err().kind, Kind::GoldenPath);
}

#[test]
fn what_is_wrong_in_a_file_of_answers_has_its_place() {
    let text = "name: payments\nsise: 3\nsize: 30\nmain: server\n";
    let layer = (Origin::File(file("a.yaml", text)), typed(text));
    let error = resolved(&Given { layers: vec![layer] }).unwrap_err();
    let places: Vec<_> = error.problems.iter().map(|p| p.position.map(|at| (at.line, at.column))).collect();
    assert_eq!(places, [Some((2, 1)), Some((3, 7))]);
    assert_eq!(error.problems[0].path.as_deref(), Some("a.yaml"));
    assert_eq!(error.problems[0].hint.as_deref(), Some("did you mean `size`?"));
}
