use super::*;

fn exec(text: &str) -> File {
    File { mode: FileMode::Executable, bytes: text.into() }
}

fn link(target: &str) -> File {
    File { mode: FileMode::Symlink, bytes: target.into() }
}

#[test]
fn who_changed_nothing_gives_way() {
    assert_eq!(merge_texts("a.txt", "a\n", "b\n", "a\n"), Merged::Same);
    assert_eq!(merge_texts("a.txt", "a\n", "a\n", "b\n"), Merged::Clean(File::regular("b\n")));
    assert_eq!(merge_texts("a.txt", "a\n", "b\n", "b\n"), Merged::Same);
    assert_eq!(merge_texts("a.txt", "a\n", "b\n", "a\r\n"), Merged::Same, "line ends alone are no change");
}

#[test]
fn the_frame_of_the_repo_stays() {
    for (base, ours, theirs, result) in [
        ("a\nb\n", "a\r\nb\r\n", "a\nc\n", "a\r\nc\r\n"),
        ("a\nb\n", "\u{feff}a\nb\n", "a\nc\n", "\u{feff}a\nc\n"),
        ("a\r\nb\r\n", "a\nb\n", "a\r\nc\r\n", "a\nc\n"),
        ("a\n1\nb\n", "x\r\n1\r\nb\r\n", "a\n1\nc\n", "x\r\n1\r\nc\r\n"),
        ("a\n1\nb\n", "x\n1\nb", "a\n1\nb\nc\n", "x\n1\nb\nc"),
        ("a\n1\nb", "x\n1\nb", "a\n1\nb\n", "x\n1\nb\n"),
        ("a\n1\nb\n2\nc\n", "x\r\n1\nb\n2\r\nc", "a\n1\nb\n2\nc\nd\n", "x\r\n1\nb\n2\r\nc\nd"),
    ] {
        assert_eq!(clean("a.txt", base, ours, theirs), result, "{ours:?}");
    }
}

#[test]
fn modes_merge_on_their_own() {
    let plain = |text: &str| File::regular(text);
    assert_eq!(merge_files("a", Some(&plain("a\n")), &plain("b\n"), &exec("a\n")), Merged::Clean(exec("b\n")));
    assert_eq!(merge_files("a", Some(&plain("a\n")), &exec("a\n"), &plain("b\n")), Merged::Clean(exec("b\n")));
    assert_eq!(merge_files("a", Some(&exec("a\n")), &plain("a\n"), &exec("a\n")), Merged::Same);
}

#[test]
fn links_and_binaries_are_never_mixed() {
    let kind = |merged: Merged| match merged {
        Merged::Conflict { kind, marked: None, .. } => Some(kind),
        _ => None,
    };
    let (a, b, c) = (link("a"), link("b"), link("c"));
    assert_eq!(merge_files("x", Some(&a), &b, &a), Merged::Same);
    assert_eq!(merge_files("x", Some(&a), &a, &b), Merged::Clean(b.clone()));
    assert_eq!(kind(merge_files("x", Some(&a), &b, &c)), Some(ConflictKind::Content));
    assert_eq!(kind(merge_files("x", Some(&File::regular("a")), &b, &File::regular("c"))), Some(ConflictKind::Type));
    let binary = |n: u8| File::regular(vec![0, n]);
    assert_eq!(merge_files("x", Some(&binary(1)), &binary(1), &binary(2)), Merged::Clean(binary(2)));
    assert_eq!(kind(merge_files("x", Some(&binary(1)), &binary(2), &binary(3))), Some(ConflictKind::Binary));
}

#[test]
fn bytes_that_are_not_utf8_merge_line_by_line() {
    let file = |text: &[u8]| File::regular(text);
    let merged =
        merge_files("a", Some(&file(b"a\xe4\n1\nb\n")), &file(b"x\xe4\r\n1\r\nb\r\n"), &file(b"a\xe4\n1\n\xf6\n"));
    assert_eq!(merged, Merged::Clean(file(b"x\xe4\r\n1\r\n\xf6\r\n")));
}

#[test]
fn without_a_base_only_equal_files_agree() {
    assert_eq!(merge_files("a.txt", None, &File::regular("a\r\n"), &File::regular("a\n")), Merged::Same);
    let merged = merge_files("a.txt", None, &File::regular("x\na\ny\n"), &File::regular("x\nb\ny\n"));
    let Merged::Conflict { kind: ConflictKind::NoBase, marked: Some(marked), .. } = merged else { unreachable!() };
    assert_eq!(marked.text(), Some("x\n<<<<<<< ours\na\n=======\nb\n>>>>>>> golden path 2.0.0\ny\n"));
}

#[test]
fn a_conflict_names_its_lines_and_marks_them() {
    let merged = merge_texts("a.txt", "a\r\nb\r\nc", "a\r\nx\r\nc", "a\ny\nz\nc\n");
    let Merged::Conflict { message, marked: Some(marked), .. } = merged else { unreachable!() };
    assert_eq!(message, "both sides changed the same place: line 2 here, lines 2-3 of the golden path's");
    let expected = "a\r\n<<<<<<< ours\r\nx\r\n=======\r\ny\r\nz\r\n>>>>>>> golden path 2.0.0\r\nc\r\n";
    assert_eq!(marked.text(), Some(expected));
    let again = conflict("a.txt", "a\n", "<<<<<<< a\nb\n=======\nc\n>>>>>>> d\n", "d\n");
    assert_eq!(again, "an earlier conflict is not settled: line 1 here");
    let gone = conflict("a.txt", "a\nb\nc\n", "a\nc\n", "a\nx\nc\n");
    assert_eq!(gone, "both sides changed the same place: after line 1 here, line 2 of the golden path's");
}
