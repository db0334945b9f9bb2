//! Comments that one side alone wrote are there after a merge by keys, once.

use super::*;

/// One team's key and one of the golden path's, next to each other: lines alone cannot merge that.
#[track_caller]
fn merged(path: &str, base: &str, ours: (&str, &str), theirs: &[(&str, &str)], result: &[(&str, &str)]) {
    let edit = |text: &str, edits: &[(&str, &str)]| {
        edits.iter().fold(text.to_owned(), |text, (from, to)| {
            assert!(text.contains(from), "{from} in {text}");
            text.replacen(from, to, 1)
        })
    };
    let own = edit(base, &[ours]);
    assert_eq!(clean(path, base, &own, &edit(base, theirs)), edit(&own, result));
}

#[test]
fn before_a_closing_bracket() {
    let base = "{\n  \"a\": 1,\n  \"b\": [\n    1\n  ],\n  \"c\": {}\n}\n";
    let ours = ("\"a\": 1", "\"a\": 2");
    let theirs = [
        ("  \"b\": [\n    1\n", "  \"b\": [\n    1\n    // one\n"),
        ("\"c\": {}\n}", "\"c\": {}\n  // last\n  /* of\n     all */\n}"),
    ];
    merged("a.jsonc", base, ours, &theirs, &theirs);
    let base = "a = 1\nb = [\n  1,\n]\n";
    let theirs = [("  1,\n", "  1,\n  # one\n")];
    merged("a.toml", base, ("a = 1\n", "a = 2\n"), &theirs, &theirs);
    merged("a.yml", "a: 1\nb: [\n  1,\n]\n", ("a: 1\n", "a: 2\n"), &theirs, &theirs);
}

#[test]
fn before_a_closing_bracket_of_both_sides() {
    let base = "{\n  \"a\": 1\n  // old\n}\n";
    let ours = "{\n\t\"a\": 1,\n\t\"mine\": 1\n\t// old\n\t// ours\n}\n";
    let theirs = "{\n  \"a\": 2\n  // new\n}\n";
    assert_eq!(clean("a.json", base, ours, theirs), "{\n\t\"a\": 2,\n\t\"mine\": 1\n\t// ours\n\t// new\n}\n");
    let short = "{\"a\": 1, \"mine\": 1}\n";
    assert_eq!(
        clean("a.json", "{\"a\": 1}\n", short, "{\n  \"a\": 2\n  // new\n}\n"),
        "{\"a\": 2, \"mine\": 1\n  // new\n}\n"
    );
}

#[test]
fn at_keys_that_come() {
    let base = "{\n  \"a\": 1\n}\n";
    let ours = ("\"a\": 1", "\"a\": 2");
    let theirs = [("\"a\": 1\n", "\"a\": 1,\n  // why\n  \"b\": 2 // and how\n")];
    merged("a.json", base, ours, &theirs, &[("\"a\": 2\n", "\"a\": 2,\n  // why\n  \"b\": 2 // and how\n")]);
    let base = "{\n  // of a\n  \"a\": 1\n}\n";
    let ours = ("// of a", "// of a, here");
    let theirs = [("  // of a", "  // of n\n  \"n\": 1,\n  // of a")];
    merged("a.json", base, ours, &theirs, &theirs);
}

#[test]
fn apart_from_keys_that_come() {
    let base = "a: 1\nb: 1\n";
    let theirs = [("b: 1\n", "\n# A part.\n\n# c.\nc: 3\nb: 1\n")];
    merged("a.yml", base, ("a: 1\n", "a: 2\n"), &theirs, &theirs);
    let base = "a = 1\nb = 1\n";
    let theirs = [("b = 1\n", "\n# A part.\n\n# c.\nc = 3\nb = 1\n")];
    merged("a.toml", base, ("a = 1\n", "a = 2\n"), &theirs, &theirs);
}

#[test]
fn around_a_document() {
    let theirs = [("---\n", "# The path's.\n---\n"), ("...\n", "...\n# The end.\n")];
    merged("a.yml", "---\na: 1\nb: 1\n...\n", ("a: 1\n", "a: 2\n"), &theirs, &theirs);
    let (base, theirs) = ("---\na: 1\nb: 1\n", "---\na: 1\nb: 2\n...\n# The end.\n");
    assert_eq!(clean("a.yml", base, "---\na: 2\nb: 1\n", theirs), "---\na: 2\nb: 2\n# The end.\n");
    let theirs = "# The path's.\n---\na: 1\nb: 2\n";
    assert_eq!(clean("a.yml", base, "# Ours.\n---\na: 2\nb: 1\n", theirs), "# Ours.\n# The path's.\n---\na: 2\nb: 2\n");
    assert_eq!(clean("a.yml", "a: 1\nb: 1\n", "a: 2\nb: 1\n", theirs), "# The path's.\n\na: 2\nb: 2\n");
}

#[test]
fn above_and_below_all_brackets() {
    let (ours, theirs) =
        (("\"a\": 1", "\"a\": 2"), [("{\n", "// The path's.\n/* Of\n   it. */\n{\n"), ("}\n", "}\n// The end.\n")]);
    merged("a.json", "{\n  \"a\": 1,\n  \"b\": 1\n}\n", ours, &theirs, &theirs);
}

#[test]
fn behind_a_header() {
    let base = "a = 1\n\n[b]\nn = 1\n\n[[c]]\nn = 1\n";
    let theirs = [("[b]", "[b] # what"), ("[[c]]", "[[c]] # why"), ("[[c]] # why\nn = 1", "[[c]] # why\nn = 2")];
    merged("a.toml", base, ("[b]\nn = 1", "[b]\nn = 3"), &theirs, &theirs);
    assert!(
        conflict("a.toml", base, &base.replace("[b]", "[b] # ours"), &base.replace("[b]", "[b] # theirs"))
            .contains("comment")
    );
}

#[test]
fn of_both_sides_at_one_key() {
    assert_eq!(
        clean("a.yml", "a: 1\nb: 1\n", "# ours\na: 2\nb: 1\n", "# theirs\na: 1\nb: 2\n"),
        "# ours\n# theirs\na: 2\nb: 2\n"
    );
    assert_eq!(
        clean("a.yml", "# 1\n# 2\na: 1\nb: 1\n", "# 0\n# 1\n# 2\na: 2\nb: 1\n", "# 1\n# 2\n# 3\na: 1\nb: 2\n"),
        "# 0\n# 1\n# 2\n# 3\na: 2\nb: 2\n"
    );
    let behind = conflict("a.yml", "a: 1\nb: 1\n", "a: 1 # ours\nb: 2\n", "a: 1 # theirs\nb: 1\n");
    assert_eq!(behind, "`a` got another comment after it on both sides: line 1 here, line 1 of the golden path's");
}

#[test]
fn are_never_there_twice() {
    let base = "# Top.\n\na: 1\nb: 1\n";
    let (ours, theirs) = ("# Top.\n# Ours.\n\na: 2\nb: 1\n", "# Top.\n\nb: 1\na: 1\nc: 1\n");
    let result = clean("a.yml", base, ours, theirs);
    assert_eq!(result.matches("# Top.").count(), 1, "{result}");
    let result = clean("a.yml", "a: 1\nb: 1\n", "# Ours.\na: 2\nb: 1\n", "# New.\nn: 1\na: 1\nb: 1\n");
    assert_eq!(result, "# Ours.\n# New.\nn: 1\na: 2\nb: 1\n");
    let base = "[[a]]\nname = \"x\"\nn = 1\n";
    let ours = "# ours\n[[a]]\nname = \"x\"\nn = 2\n";
    let theirs = "[[a]]\nname = \"w\"\n\n[[a]]\nname = \"x\"\nn = 1\nm = 1\n";
    let result = clean("a.toml", base, ours, theirs);
    assert_eq!(result.matches("# ours").count(), 1, "{result}");
}

#[test]
fn that_nobody_took_out_stay() {
    let base = "a = 1\n\n[b]\nn = 1\n\n# The end.\n";
    let ours = "a = 2\n\n# ours\n[b]\nn = 1\n\n# The end.\n";
    let result = clean("a.toml", base, ours, "a = 1\nc = 1\n\n# The end.\n");
    assert!(result.contains("# The end.") && result.contains("# ours"), "{result}");
}

#[test]
fn the_lines_of_one_comment_keep_their_places_to_each_other() {
    let item = |id: &str| format!("    {{\"id\": \"{id}\"}}");
    let list = |items: [&str; 3]| format!("{{\n  \"l\": [\n{}\n  ]\n}}\n", items.map(item).join(",\n"));
    let comment = "    /* why\n     * and how\n     */\n";
    let with_comment = |text: String| text.replace(&item("c"), &format!("{comment}{}", item("c")));
    let (base, theirs) = (list(["a", "b", "c"]), list(["c", "a", "b"]));
    assert_eq!(clean("a.json", &base, &with_comment(base.clone()), &theirs), with_comment(theirs));
}
