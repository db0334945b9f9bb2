use std::fmt::Write as _;

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

/// One edit of a list of lines: at a place, take some lines out and put others in.
type LineEdit = (usize, usize, usize);

fn line_edits() -> impl Strategy<Value = Vec<LineEdit>> {
    prop::collection::vec((0_usize..24, 0_usize..3, 0_usize..3), 0..5)
}

/// The lines after `edits`; each line that comes is `who` and a number, so nobody else has it.
fn edited(base: &[String], edits: &[LineEdit], who: &str) -> Vec<String> {
    let mut lines = base.to_vec();
    for (n, (at, gone, come)) in edits.iter().enumerate() {
        let at = at % (lines.len() + 1);
        let end = (at + gone).min(lines.len());
        lines.splice(at..end, (0..*come).map(|line| format!("{who}{n}_{line}")));
    }
    lines
}

/// A text of lines or a document of keys, by the file's name.
fn written(name: &str, lines: &[String]) -> String {
    let line =
        |line: &String| if name.ends_with("txt") { format!("{line}\n") } else { format!("{line}: 1 # {line}\n") };
    lines.iter().map(line).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_one_side_added_is_there_and_what_it_took_is_gone(
        count in 0_usize..12,
        here in line_edits(),
        there in line_edits(),
        crlf in any::<bool>(),
    ) {
        let base: Vec<String> = (0..count).map(|n| format!("b{n}")).collect();
        let (ours, theirs) = (edited(&base, &here, "o"), edited(&base, &there, "t"));
        for name in ["a.txt", "a.yml", "a.toml", "a.json"] {
            let text = |lines: &[String]| match name {
                "a.toml" => written(name, lines).replace(": ", " = "),
                "a.json" => format!("{{\n{}\n}}\n", lines.iter().map(|l| format!("  \"{l}\": 1")).collect::<Vec<_>>().join(",\n")),
                _ => written(name, lines),
            };
            let own = if crlf { text(&ours).replace('\n', "\r\n") } else { text(&ours) };
            let merged = merge_texts(name, &text(&base), &own, &text(&theirs));
            prop_assert_eq!(&merged, &merge_texts(name, &text(&base), &own, &text(&theirs)), "not the same twice");
            let (result, settled) = match &merged {
                Merged::Same => (own.clone(), true),
                Merged::Clean(file) => (file.text().unwrap().to_owned(), true),
                Merged::Conflict { marked, .. } => (marked.as_ref().unwrap().text().unwrap().to_owned(), false),
            };
            let count = |line: &String| {
                let whole = |text: &str| text.trim().trim_matches(['"', ',']).split(['"', ':', ' ']).next() == Some(line);
                result.lines().filter(|text| whole(text)).count()
            };
            for line in &ours {
                let kept = theirs.contains(line) || !base.contains(line);
                prop_assert!(!kept || count(line) >= 1, "{}: {} of ours is lost in\n{}", name, line, result);
            }
            if settled {
                for line in theirs.iter().filter(|line| !base.contains(line)) {
                    prop_assert_eq!(count(line), 1, "{}: {} of theirs in\n{}", name, line, result);
                }
                for line in ours.iter().filter(|line| !base.contains(line)) {
                    prop_assert_eq!(count(line), 1, "{}: {} of ours in\n{}", name, line, result);
                }
                for line in base.iter().filter(|line| !ours.contains(line) || !theirs.contains(line)) {
                    prop_assert_eq!(count(line), 0, "{}: {} is back in\n{}", name, line, result);
                }
                prop_assert!(!crlf || own.is_empty() || result.matches('\n').count() == result.matches("\r\n").count(), "{:?}", result);
            }
        }
    }

    #[test]
    fn who_did_nothing_gives_way_in_every_format(count in 0_usize..12, edits in line_edits()) {
        let base: Vec<String> = (0..count).map(|n| format!("b{n}")).collect();
        let other = edited(&base, &edits, "x");
        for name in ["a.txt", "a.yml", "a.toml"] {
            let text = |lines: &[String]| {
                let text = written(name, lines);
                if name == "a.toml" { text.replace(": ", " = ") } else { text }
            };
            prop_assert_eq!(clean(name, &text(&base), &text(&base), &text(&other)), text(&other));
            prop_assert_eq!(clean(name, &text(&base), &text(&other), &text(&base)), text(&other));
            prop_assert_eq!(clean(name, &text(&base), &text(&other), &text(&other)), text(&other));
        }
    }
}

/// A workflow of jobs with steps, as data.
#[derive(Clone, Debug, PartialEq)]
struct Flow(Vec<(String, Vec<(String, u8)>)>);

impl Flow {
    fn yaml(&self, pad: usize) -> String {
        let mut out = String::from("jobs:\n");
        let indent = " ".repeat(pad);
        for (job, steps) in &self.0 {
            let _ = writeln!(out, "{indent}{job}:\n{indent}{indent}steps:");
            for (name, n) in steps {
                let _ = writeln!(out, "{indent}{indent}{indent}- name: {name}\n{indent}{indent}{indent}  run: x{n}");
            }
        }
        out
    }

    fn toml(&self) -> String {
        let mut out = String::new();
        for (job, steps) in &self.0 {
            for (name, n) in steps {
                let _ = writeln!(out, "[[jobs.{job}.steps]]\nname = \"{name}\"\nrun = {n}\n");
            }
        }
        out
    }

    fn json(&self) -> String {
        let job = |(job, steps): &(String, Vec<(String, u8)>)| {
            let step = |(name, n): &(String, u8)| format!("      {{\"name\": \"{name}\", \"run\": {n}}}");
            format!("    \"{job}\": [\n{}\n    ]", steps.iter().map(step).collect::<Vec<_>>().join(",\n"))
        };
        format!("{{\n  \"jobs\": {{\n{}\n  }}\n}}\n", self.0.iter().map(job).collect::<Vec<_>>().join(",\n"))
    }
}

#[derive(Clone, Debug)]
enum Change {
    Value(usize, usize, u8),
    Add(usize, usize, u8),
    Drop(usize, usize),
    Swap(usize, usize),
    Job(usize, u8),
    SwapJobs(usize),
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        4 => (0_usize..4, 0_usize..4, 0_u8..9).prop_map(|(j, s, n)| Change::Value(j, s, n)),
        3 => (0_usize..4, 0_usize..5, 0_u8..9).prop_map(|(j, s, n)| Change::Add(j, s, n)),
        2 => (0_usize..4, 0_usize..4).prop_map(|(j, s)| Change::Drop(j, s)),
        1 => (0_usize..4, 0_usize..4).prop_map(|(j, s)| Change::Swap(j, s)),
        1 => (0_usize..4, 0_u8..9).prop_map(|(j, n)| Change::Job(j, n)),
        1 => (0_usize..4).prop_map(Change::SwapJobs),
    ]
}

fn base() -> Flow {
    let steps = |n: usize| (0..n).map(|s| (format!("s{s}"), 0)).collect();
    Flow((0..3).map(|j| (format!("j{j}"), steps(j + 2))).collect())
}

fn changed(mut flow: Flow, changes: &[Change], who: &str) -> Flow {
    for change in changes {
        let jobs = flow.0.len();
        match *change {
            Change::Value(j, s, n) => {
                let steps = &mut flow.0[j % jobs].1;
                let count = steps.len();
                steps[s % count].1 = n;
            }
            Change::Add(j, s, n) => {
                let steps = &mut flow.0[j % jobs].1;
                let name = format!("{who}{n}");
                if !steps.iter().any(|step| step.0 == name) {
                    steps.insert(s % (steps.len() + 1), (name, n));
                }
            }
            Change::Drop(j, s) => {
                let steps = &mut flow.0[j % jobs].1;
                if steps.len() > 1 {
                    steps.remove(s % steps.len());
                }
            }
            Change::Swap(j, s) => {
                let steps = &mut flow.0[j % jobs].1;
                let count = steps.len();
                steps.swap(s % count, (s + 1) % count);
            }
            Change::Job(j, n) => {
                let name = format!("{who}job{n}");
                if !flow.0.iter().any(|job| job.0 == name) {
                    flow.0.insert(j % (jobs + 1), (name, vec![("s0".to_owned(), n)]));
                }
            }
            Change::SwapJobs(j) => flow.0.swap(j % jobs, (j + 1) % jobs),
        }
    }
    flow
}

/// What each job's steps must be after the merge: each of them from the side that changed it.
fn checks(base: &Flow, ours: &Flow, theirs: &Flow, result: &Flow) {
    let find = |flow: &Flow, job: &str, step: &str| {
        let steps = &flow.0.iter().find(|(name, _)| name == job)?.1;
        steps.iter().find(|(name, _)| name == step).map(|(_, n)| *n)
    };
    let mut places: Vec<(String, String)> = Vec::new();
    for flow in [base, ours, theirs, result] {
        places.extend(flow.0.iter().flat_map(|(job, steps)| steps.iter().map(|step| (job.clone(), step.0.clone()))));
    }
    for (job, step) in places {
        let [b, o, t, r] = [base, ours, theirs, result].map(|flow| find(flow, &job, &step));
        let expected = if t == b {
            o
        } else if o == b {
            t
        } else {
            assert_eq!(o, t);
            o
        };
        assert_eq!(r, expected, "{job}.{step}");
    }
    // Where one side alone touched a job's order, that order holds.
    for (job, steps) in &result.0 {
        let of = |flow: &Flow| {
            flow.0
                .iter()
                .find(|(name, _)| name == job)
                .map(|(_, steps)| steps.iter().map(|s| s.0.clone()).collect::<Vec<_>>())
        };
        let here: Option<Vec<String>> = Some(steps.iter().map(|s| s.0.clone()).collect());
        if of(theirs) == of(base) {
            assert_eq!(here, of(ours), "{job}");
        } else if of(ours) == of(base) {
            assert_eq!(here, of(theirs), "{job}");
        }
    }
}

fn read(text: &str, format: crate::edit::Format) -> Flow {
    let document = crate::edit::tree::Document::parse(format, text).unwrap();
    let root = document.root.as_ref().unwrap();
    let jobs = root.entry("jobs").unwrap().1.value.entries().unwrap();
    Flow(
        jobs.iter()
            .map(|job| {
                let steps = job.value.entry("steps").map_or(&job.value, |(_, steps)| &steps.value);
                let text = |node: &crate::edit::tree::Node, key: &str| {
                    node.entry(key).unwrap().1.value.scalar().unwrap().text.clone()
                };
                let step = |item: &crate::edit::tree::Item| {
                    (text(&item.value, "name"), text(&item.value, "run").trim_start_matches('x').parse().unwrap())
                };
                (job.key.clone(), steps.items().unwrap().iter().map(step).collect())
            })
            .collect(),
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_merges_is_what_both_sides_meant(
        here in prop::collection::vec(change(), 0..4),
        there in prop::collection::vec(change(), 0..4),
        pad in 2_usize..4,
    ) {
        use crate::edit::Format;
        let (ours, theirs) = (changed(base(), &here, "o"), changed(base(), &there, "t"));
        let yaml = [base().yaml(2), ours.yaml(pad), theirs.yaml(2)];
        let json = [base().json(), ours.json(), theirs.json()];
        let toml = [base().toml(), ours.toml(), theirs.toml()];
        for (name, format, [old, own, new]) in
            [("a.yml", Format::Yaml, yaml), ("a.json", Format::Json, json), ("a.toml", Format::Toml, toml)]
        {
            match merge_texts(name, &old, &own, &new) {
                Merged::Same => checks(&base(), &ours, &theirs, &read(&own, format)),
                Merged::Clean(file) => checks(&base(), &ours, &theirs, &read(file.text().unwrap(), format)),
                Merged::Conflict { message, marked, .. } => {
                    prop_assert!(marked.is_some());
                    prop_assert!(!message.contains("cannot be edited in place"), "{name}: {message}\n{own}\n---\n{new}");
                }
            }
        }
    }
}
