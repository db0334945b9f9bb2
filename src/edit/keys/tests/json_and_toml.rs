use super::*;

fn json(repo: &str, partial: &str, result: &str) {
    assert_eq!(asserted(Format::Json, repo, partial, &steps()), result, "\n--- repo\n{repo}\n--- partial\n{partial}");
}

fn toml(repo: &str, partial: &str, result: &str) {
    assert_eq!(asserted(Format::Toml, repo, partial, &steps()), result, "\n--- repo\n{repo}\n--- partial\n{partial}");
}

#[test]
fn json_keeps_its_indentation_commas_and_comments() {
    json(
        "{\n    \"a\": 1,\n    \"b\": {\"c\": 2}\n}\n",
        "{\n  \"a\": 3\n}\n",
        "{\n    \"a\": 3,\n    \"b\": {\"c\": 2}\n}\n",
    );
    json(
        "{\n    \"a\": 1\n}\n",
        "{\n  \"b\": {\n    \"c\": [\n      1\n    ]\n  }\n}\n",
        "{\n    \"a\": 1,\n    \"b\": {\n        \"c\": [\n            1\n        ]\n    }\n}\n",
    );
    json(
        "{\n\t\"a\": 1, // one\n\t/* two */ \"b\": 2, // trailing\n}\n",
        "{\"b\": 2, \"c\": 3}",
        "{\n\t\"a\": 1, // one\n\t/* two */ \"b\": 2, // trailing\n\t\"c\": 3,\n}\n",
    );
    json("{\n  \"a\": 1 // one\n}\n", "{\"a\": 1, \"c\": 3}", "{\n  \"a\": 1, // one\n  \"c\": 3\n}\n");
    json("{\"a\": 1}", "{\"a\": 1, \"b\": [true, null]}", "{\"a\": 1, \"b\": [true, null]}");
    json("", "{\n  \"a\": 1\n}\n", "{\n  \"a\": 1\n}\n");
    json("{}\n", "{\n  \"a\": 1\n}\n", "{\n  \"a\": 1\n}\n");
    json("{\n  \"a\": {}\n}\n", "{\n  \"a\": {\n    \"b\": 1\n  }\n}\n", "{\n  \"a\": {\n    \"b\": 1\n  }\n}\n");
    json("{\n  \"b\": 1\n}\n", "{\"a\": 0, \"b\": 1}", "{\n  \"a\": 0,\n  \"b\": 1\n}\n");
}

#[test]
fn json_keys_are_dropped_with_their_commas() {
    let drop =
        |repo: &str, base: &str, target: Option<&str>| drop_keys(Format::Json, repo, base, target, &steps()).unwrap();
    assert_eq!(drop("{\n  \"a\": 1, // x\n  \"b\": 2\n}\n", "{\"b\": 2}", None), "{\n  \"a\": 1 // x\n}\n");
    assert_eq!(drop("{\n  \"a\": 1, // x\n  \"b\": 2\n}\n", "{\"a\": 1}", None), "{\n  \"b\": 2\n}\n");
    assert_eq!(drop("{\"a\": 1, \"b\": 2, \"c\": 3}", "{\"b\": 2}", None), "{\"a\": 1, \"c\": 3}");
    assert_eq!(drop("{\"a\": 1}\n", "{\"a\": 1}", None), "{}\n");
    assert_eq!(drop("{\"a\": {\"b\": 1}}\n", "{\"a\": {\"b\": 1}}", Some("{\"a\": {}}")), "{\"a\": {}}\n");
}

#[test]
fn what_is_not_json_is_refused() {
    for text in ["{a: 1}", "{\"a\": 1 \"b\": 2}", "{'a': 1}", "{\"a\": 1, \"a\": 2}", "[", "{} {}"] {
        assert!(compare(Format::Json, text, "{}", &steps(), &strict).is_err(), "{text}");
    }
    let nest = "[".repeat(100_000);
    assert!(compare(Format::Json, &nest, "{}", &steps(), &strict).is_err());
}

const CARGO: &str = "\
# top
[package]
name = \"x\" # ours
version = \"1.0\"

[dependencies]
# json
serde = { version = \"1\", features = [\"derive\"] }

[lints.rust]
unsafe_code = \"warn\" # why
";

#[test]
fn toml_keeps_tables_comments_and_order() {
    toml(CARGO, "[lints.rust]\nunsafe_code = \"forbid\"\n", &CARGO.replace("\"warn\"", "\"forbid\""));
    toml(
        CARGO,
        "[package]\nname = \"x\"\n# edition\nedition = '2024' # e\n",
        &CARGO.replace("# ours\n", "# ours\n# edition\nedition = '2024' # e\n"),
    );
    toml(
        CARGO,
        "[dependencies]\nserde = { version = \"2\", optional = true }\n",
        &CARGO.replace("version = \"1\", ", "version = \"2\", optional = true, "),
    );
    toml(
        CARGO,
        "[lints.rust]\nunsafe_code = \"warn\"\n\n# more\n[lints.clippy]\npedantic = \"warn\"\n",
        &format!("{CARGO}\n# more\n[lints.clippy]\npedantic = \"warn\"\n"),
    );
    toml("", "a = 1\n", "a = 1\n");
    toml("a = 1\n[b]\nc = 2\n", "a = 1\nd = 4\n", "a = 1\nd = 4\n[b]\nc = 2\n");
    toml("a.b = 1\n", "a.b = 2\na.c = 3\n", "a.b = 2\na.c = 3\n");
    toml("a = [\n  1,\n  2, # two\n]\n", "a = [1]\n", "a = [1]\n");
    toml("[a.b]\nc = 1\n", "[a]\nd = 1\n", "[a]\nd = 1\n[a.b]\nc = 1\n");
}

#[test]
fn toml_tables_in_lists_are_matched() {
    let by = matching(&[("bin", &["name"])]);
    let repo = "[[bin]]\nname = \"a\"\npath = \"a.rs\"\n\n[x]\ny = 1\n";
    let partial = "[[bin]]\nname = \"a\"\npath = \"b.rs\"\n\n[[bin]]\nname = \"c\"\n";
    let result = assert_keys(Format::Toml, repo, partial, &by, &strict).unwrap();
    assert_eq!(result, "[[bin]]\nname = \"a\"\npath = \"b.rs\"\n\n[[bin]]\nname = \"c\"\n\n[x]\ny = 1\n");
}

#[test]
fn toml_keys_are_dropped() {
    let drop = |repo: &str, base: &str| drop_keys(Format::Toml, repo, base, None, &Match::new()).unwrap();
    assert_eq!(drop(CARGO, "[package]\nversion = \"1.0\"\n"), CARGO.replace("version = \"1.0\"\n", ""));
    assert_eq!(drop("a = 1\r\nb = 2\r\n", "b = 2\n"), "a = 1\r\n");
    let tables = "[x]\na = 1\n\n# theirs\n[b.c]\nd = 1\n\n[b.e]\nf = 1\n\n# of y\n[y]\nz = 1\n";
    let left = "[x]\na = 1\n\n# theirs\n# of y\n[y]\nz = 1\n";
    assert_eq!(drop(tables, "b.c.d = 1\nb.e.f = 1\n"), left);
    assert_eq!(drop(tables, "# theirs\n[b.c]\nd = 1\n[b.e]\nf = 1\n"), left);
    assert_eq!(drop(tables, "[y]\nz = 1\n"), tables.replace("\n[y]\nz = 1\n", "\n"));
    assert_eq!(drop("a = { b = 1, c = 2 }\n", "a.b = 1\n"), "a = { c = 2 }\n");
    assert_eq!(
        drop(CARGO, "[lints.rust]\nunsafe_code = \"warn\"\n"),
        CARGO.replace("\n[lints.rust]\nunsafe_code = \"warn\" # why\n", "")
    );
}

#[test]
fn mixed_line_ends_of_toml_stay_where_nothing_changed() {
    let repo = "[a.b]\r\nc = 1\n[z]\r\n";
    let result = assert_keys(Format::Toml, repo, "[a.d]\ne = 1\n", &Match::new(), &strict).unwrap();
    assert_eq!(result, "[a.b]\r\nc = 1\n\r\n[a.d]\r\ne = 1\r\n[z]\r\n");
}

#[test]
fn what_is_inserted_into_json_brings_its_comments_and_takes_none() {
    let repo = "{\n  // ours\n  \"a\": 1\n}\n";
    let partial = "{\n    // first\n    \"f\": 1,\n    \"a\": 1,\n    /* last\n       of all */\n    \"z\": 2\n}\n";
    let result = "{\n  // first\n  \"f\": 1,\n  // ours\n  \"a\": 1,\n  /* last\n     of all */\n  \"z\": 2\n}\n";
    assert_eq!(asserted(Format::Json, repo, partial, &matching(&[])), result);
}
