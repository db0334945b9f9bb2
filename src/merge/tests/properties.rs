use proptest::prelude::*;

use super::*;

fn lines() -> impl Strategy<Value = Vec<&'static str>> {
    prop::collection::vec(prop::sample::select(vec!["a", "b", "c", "d", "e"]), 0..12)
}

fn text(lines: &[&str]) -> String {
    lines.iter().flat_map(|line| [*line, "\n"]).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn who_did_nothing_gives_way(base in lines(), other in lines()) {
        let (base, other) = (text(&base), text(&other));
        for name in ["a.txt", "a.yml"] {
            prop_assert_eq!(clean(name, &base, &base, &other), other.clone());
            prop_assert_eq!(clean(name, &base, &other, &base), other.clone());
        }
    }

    #[test]
    fn lines_added_here_survive(base in lines(), theirs in lines(), at in 0_usize..12) {
        let mut ours = base.clone();
        ours.insert(at.min(base.len()), "mine");
        match merge_texts("a.txt", &text(&base), &text(&ours), &text(&theirs)) {
            Merged::Clean(file) => prop_assert!(file.text().unwrap().lines().filter(|line| *line == "mine").count() == 1),
            Merged::Same => {}
            Merged::Conflict { marked, .. } => {
                prop_assert!(marked.unwrap().text().unwrap().lines().any(|line| line == "mine"));
            }
        }
    }
}
