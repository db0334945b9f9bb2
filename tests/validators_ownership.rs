//! Who owns what, before judges that others wrote: the catalogue's own model, and parsers of CODEOWNERS.
//!
//! Set up and skipped like `tests/validators.rs`.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on must fail")]

mod support;

use support::laid::laid;
use support::{Bed, Ran, validator, validator_if_had};

#[test]
#[ignore = "from npm; `tests/run --validators` runs it"]
fn backstage_takes_the_catalogue_entry() {
    let Some(program) = validator_if_had("backstage", "catalog-model") else { return };
    let judge = |bed: &Bed, files: &[String]| Ran::of(&bed.command(&program, ".").args(files).output().unwrap());
    let bed = Bed::new();
    let good = laid().bed.read("python-service-defaults/catalog-info.yaml");
    for (right, wrong, says) in [
        ("  owner: ", "  keeper: ", "owner"),
        ("kind: Component", "kind: Thing", "no kind that Backstage knows"),
        ("  name: ", "  name: -a b", "metadata.name"),
        ("spec:", "more: 1\nspec:", "additional properties"),
    ] {
        bed.write("catalog-info.yaml", good.replacen(right, wrong, 1));
        judge(&bed, &["catalog-info.yaml".to_owned()]).code(1).says(says);
    }
    let laid = laid();
    let files = laid.files(|path, _| path == "catalog-info.yaml");
    judge(&laid.bed, &files.iter().map(|file| format!("{}/{}", file.dir, file.path)).collect::<Vec<_>>()).ok();
}

/// Prints each rule that has no owner, or a word that is none; then each file that nobody owns.
const READ_OWNERS: &str = r"
import sys, codeowners
text = open(sys.argv[1]).read()
rules = codeowners.CodeOwners(text)
lines = text.splitlines()
for _, path, owners, line, _ in rules.paths:
    if len(owners) == 0 or len(owners) != len(lines[line - 1].split()) - 1:
        print('rule', lines[line - 1])
for path in sys.argv[2:]:
    if not rules.of(path):
        print('file', path)
";

#[test]
fn a_parser_of_code_owners_finds_an_owner_of_every_file() {
    let Some(python) = validator("codeowners", "python") else { return };
    let read = |bed: &Bed, dir: &str, file: &str, paths: &[String]| {
        Ran::of(&bed.command(&python, dir).args(["-c", READ_OWNERS, file]).args(paths).output().unwrap()).ok().stdout
    };
    let bed = Bed::new();
    bed.write("CODEOWNERS", "[Docs]\n/docs/ @acme/docs\n/src/ nobody\n");
    let said = read(&bed, ".", "CODEOWNERS", &["docs/a".to_owned(), "b".to_owned()]);
    assert_eq!(said, "rule /src/ nobody\nfile b\n");
    let laid = laid();
    // Gitea's patterns are regular expressions, which this one does not read.
    let is_read = |path: &str| path == ".github/CODEOWNERS" || path == ".gitlab/CODEOWNERS";
    for file in laid.files(|path, _| is_read(path)) {
        let paths: Vec<String> = laid.bed.files(&file.dir).into_iter().map(|(path, _, _)| path).collect();
        assert_eq!(read(&laid.bed, &file.dir, &file.path, &paths), "", "{}:\n{}", file.dir, file.text);
    }
}

#[test]
#[ignore = "from npm; `tests/run --validators` runs it"]
fn another_parser_finds_an_owner_of_every_file_on_github() {
    let Some(program) = validator_if_had("github-codeowners", "github-codeowners") else { return };
    let unloved = |bed: &Bed, dir: &str| {
        Ran::of(&bed.command(&program, dir).args(["audit", "--unloved"]).output().unwrap()).ok().stdout
    };
    let bed = Bed::new();
    bed.write(".github/CODEOWNERS", "/.github/ @acme/platform\n");
    bed.write("b", "");
    assert_eq!(unloved(&bed, "."), "b\n");
    let laid = laid();
    for dir in laid.with(".github/CODEOWNERS") {
        assert_eq!(unloved(&laid.bed, dir), "", "{dir}");
    }
}
