use proptest::prelude::*;

use super::*;

/// A small document as a tree of what both formats can write.
#[derive(Clone, Debug)]
enum Tree {
    Leaf(&'static str),
    Map(Vec<(&'static str, Tree)>),
    List(Vec<Tree>),
}

const KEYS: [&str; 6] = ["a", "b", "steps", "on", "name", "id"];
const LEAVES: [&str; 8] = ["1", "true", "\"x\"", "\"a b\"", "null", "1.10", "\"y # z\"", "\"on\""];

fn tree() -> impl Strategy<Value = Tree> {
    let leaf = prop::sample::select(LEAVES.to_vec()).prop_map(Tree::Leaf);
    leaf.prop_recursive(4, 24, 4, |inner| {
        let map = prop::collection::btree_map(prop::sample::select(KEYS.to_vec()), inner.clone(), 0..4);
        prop_oneof![
            3 => map.prop_map(|map| Tree::Map(map.into_iter().collect())),
            1 => prop::collection::vec(inner, 0..4).prop_map(Tree::List),
        ]
    })
}

fn root() -> impl Strategy<Value = Tree> {
    prop::collection::btree_map(prop::sample::select(KEYS.to_vec()), tree(), 0..5)
        .prop_map(|map| Tree::Map(map.into_iter().collect()))
}

/// Writes a tree as JSON, on one line or on many.
fn json(tree: &Tree, indent: usize, wide: bool) -> String {
    let gap = |n: usize| if wide { format!("\n{}", "  ".repeat(n)) } else { String::new() };
    let join = |parts: Vec<String>| parts.join(if wide { "," } else { ", " });
    match tree {
        Tree::Leaf(text) => (*text).to_owned(),
        Tree::Map(map) if map.is_empty() => "{}".to_owned(),
        Tree::List(list) if list.is_empty() => "[]".to_owned(),
        Tree::Map(map) => {
            let part = |(k, v): &(&str, Tree)| format!("{}\"{k}\": {}", gap(indent + 1), json(v, indent + 1, wide));
            format!("{{{}{}}}", join(map.iter().map(part).collect()), gap(indent))
        }
        Tree::List(list) => {
            let part = |v: &Tree| format!("{}{}", gap(indent + 1), json(v, indent + 1, wide));
            format!("[{}{}]", join(list.iter().map(part).collect()), gap(indent))
        }
    }
}

struct Writer {
    seed: u64,
    out: String,
}

impl Writer {
    fn roll(&mut self, n: u64) -> u64 {
        self.seed = self.seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.seed >> 33) % n
    }

    /// Perhaps a comment or a blank line before a child.
    fn note(&mut self, column: usize) {
        match self.roll(8) {
            0 => self.line(column, "# note"),
            1 => self.out.push('\n'),
            _ => {}
        }
    }

    fn line(&mut self, column: usize, text: &str) {
        self.out.push_str(&" ".repeat(column));
        self.out.push_str(text);
        self.out.push('\n');
    }

    /// A tree on lines of its own.
    fn block(&mut self, tree: &Tree, column: usize) {
        match tree {
            Tree::Map(map) if !map.is_empty() => {
                for (key, value) in map {
                    self.note(column);
                    self.out.extend([" ".repeat(column).as_str(), key, ":"]);
                    self.value(value, column, true);
                }
            }
            Tree::List(list) if !list.is_empty() => {
                for value in list {
                    self.note(column);
                    self.out.extend([" ".repeat(column).as_str(), "-"]);
                    self.value(value, column, false);
                }
            }
            other => self.line(column, &json(other, 0, false)),
        }
    }

    /// What follows a colon or a dash at `column`.
    fn value(&mut self, tree: &Tree, column: usize, in_map: bool) {
        let nested =
            matches!(tree, Tree::Map(map) if !map.is_empty()) || matches!(tree, Tree::List(list) if !list.is_empty());
        if !nested || self.roll(5) == 0 {
            let note = if self.roll(4) == 0 { " # note" } else { "" };
            match (tree, self.roll(3)) {
                (Tree::Leaf("null"), 0) => self.line(0, note),
                (Tree::Leaf("\"x\""), 0) => self.line(1, "|"),
                _ => self.line(1, &format!("{}{note}", json(tree, 0, false))),
            }
            if self.out.ends_with("|\n") {
                self.line(column + 2, "x");
                self.line(column + 2, "# no note");
            }
            return;
        }
        let same_column = in_map && matches!(tree, Tree::List(_)) && self.roll(2) == 0;
        let step = if same_column { 0 } else { 2 + usize::try_from(self.roll(2)).unwrap_or(0) };
        if !in_map && self.roll(2) == 0 {
            let mut inner = Writer { seed: self.seed, out: String::new() };
            inner.block(tree, column + 2);
            self.seed = inner.seed;
            if inner.out.starts_with(&" ".repeat(column + 2)) && !inner.out.trim_start().starts_with('#') {
                self.out.push_str(&inner.out[column + 1..]);
            } else {
                self.out.push('\n');
                self.out.push_str(&inner.out);
            }
            return;
        }
        self.out.push('\n');
        self.block(tree, column + step);
    }
}

fn yaml(tree: &Tree, seed: u64) -> String {
    let mut writer = Writer { seed, out: String::new() };
    writer.block(tree, 0);
    writer.out
}

/// Writes a tree as TOML: maps as tables, dotted keys or inline tables, varied by `seed`.
fn toml(tree: &Tree, seed: u64) -> String {
    let mut writer = Writer { seed, out: String::new() };
    writer.table(tree, "");
    writer.out
}

impl Writer {
    fn table(&mut self, tree: &Tree, header: &str) {
        let Tree::Map(map) = tree else { return };
        let mut tables = Vec::new();
        for (key, value) in map {
            match (value, self.roll(3)) {
                (Tree::Map(inner), 0 | 1) if !inner.is_empty() => tables.push((key, value)),
                (Tree::Map(inner), _) if inner.len() == 1 && !matches!(inner[0].1, Tree::Map(_)) => {
                    let text = format!("{key}.{} = {}", inner[0].0, inline(&inner[0].1));
                    self.line(0, &text);
                }
                _ => {
                    let note = if self.roll(4) == 0 { " # note" } else { "" };
                    let text = format!("{key} = {}{note}", inline(value));
                    self.line(0, &text);
                }
            }
        }
        for (key, value) in tables {
            let header = if header.is_empty() { (*key).to_owned() } else { format!("{header}.{key}") };
            self.note(0);
            self.line(0, &format!("[{header}]"));
            self.table(value, &header);
        }
    }
}

fn inline(tree: &Tree) -> String {
    match tree {
        Tree::Leaf("null") => "0".to_owned(),
        Tree::Leaf(text) => (*text).to_owned(),
        Tree::Map(map) if map.is_empty() => "{}".to_owned(),
        Tree::Map(map) => {
            let parts: Vec<String> = map.iter().map(|(key, value)| format!("{key} = {}", inline(value))).collect();
            format!("{{ {} }}", parts.join(", "))
        }
        Tree::List(list) => format!("[{}]", list.iter().map(inline).collect::<Vec<_>>().join(", ")),
    }
}

fn holds(format: Format, repo: &str, partial: &str) {
    let once = match assert_keys(format, repo, partial, &steps(), &strict) {
        Ok(once) => once,
        Err(error) => unreachable!("{error:?}\n--- repo\n{repo}\n--- partial\n{partial}"),
    };
    let left = compare(format, &once, partial, &steps(), &strict).unwrap();
    assert_eq!(left, [], "\n--- repo\n{repo}\n--- partial\n{partial}\n--- result\n{once}");
    assert_eq!(assert_keys(format, &once, partial, &steps(), &strict).unwrap(), once);
    let notes = |text: &str| text.matches("# note").count();
    let dropped = match drop_keys(format, &once, partial, None, &steps()) {
        Ok(dropped) => dropped,
        Err(error) => unreachable!("{error:?}\n--- repo\n{once}\n--- partial\n{partial}"),
    };
    assert!(notes(&dropped) <= notes(&once));
    // Only what the partial names went: with it, all is there again (but for one of several equal items).
    let again = assert_keys(format, &dropped, partial, &steps(), &strict).unwrap();
    let mut lost = compare(format, &again, &once, &steps(), &strict).unwrap();
    lost.retain(|mismatch| !mismatch.address.contains('['));
    assert_eq!(lost, [], "\n--- before\n{once}\n--- dropped\n{dropped}\n--- partial\n{partial}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn yaml_takes_every_partial(repo in root(), partial in root(), seeds: (u64, u64)) {
        holds(Format::Yaml, &yaml(&repo, seeds.0), &yaml(&partial, seeds.1));
    }

    #[test]
    fn json_takes_every_partial(repo in root(), partial in root(), wide: (bool, bool)) {
        holds(Format::Json, &json(&repo, 0, wide.0), &json(&partial, 0, wide.1));
    }

    #[test]
    fn toml_takes_every_partial(repo in root(), partial in root(), styles: (u64, u64)) {
        holds(Format::Toml, &toml(&repo, styles.0), &toml(&partial, styles.1));
    }

    #[test]
    fn a_file_that_satisfies_stays_as_it_is(repo in root(), seed: u64) {
        let text = yaml(&repo, seed);
        prop_assert_eq!(assert_keys(Format::Yaml, &text, &text, &steps(), &strict).unwrap(), text);
    }
}
