use super::*;

const HASH: CommentStyle = CommentStyle { open: "#", close: "" };
const MARKUP: CommentStyle = CommentStyle { open: "<!--", close: "-->" };

fn laid(text: &str, at: At, body: &str) -> String {
    lay(text, "own", HASH, at, body).unwrap()
}

#[test]
fn a_block_goes_to_its_end_and_the_rest_stays() {
    for (text, at, result) in [
        ("", At::End, "# roadbed:begin own\nx\n# roadbed:end own\n"),
        ("a\n", At::End, "a\n\n# roadbed:begin own\nx\n# roadbed:end own\n"),
        ("a\n\n", At::End, "a\n\n# roadbed:begin own\nx\n# roadbed:end own\n"),
        ("a", At::End, "a\n\n# roadbed:begin own\nx\n# roadbed:end own"),
        ("a\n", At::Start, "# roadbed:begin own\nx\n# roadbed:end own\n\na\n"),
        ("#!/bin/sh\na\n", At::Start, "#!/bin/sh\n# roadbed:begin own\nx\n# roadbed:end own\n\na\n"),
        ("\u{feff}a\r\n", At::Start, "\u{feff}# roadbed:begin own\r\nx\r\n# roadbed:end own\r\n\r\na\r\n"),
        ("\u{feff}a\r\n", At::End, "\u{feff}a\r\n\r\n# roadbed:begin own\r\nx\r\n# roadbed:end own\r\n"),
    ] {
        let once = laid(text, at, "x");
        assert_eq!(once, result, "{text:?}");
        assert_eq!(laid(&once, at, "x\n"), once, "{text:?} again");
        if text != "a\n\n" {
            assert_eq!(remove(&once, "own", HASH).unwrap(), text, "{text:?} and back");
        }
    }
}

#[test]
fn an_edited_block_is_replaced_where_it_stands() {
    let text = "a\r\n# roadbed:begin own  \r\nedited\r\n#roadbed:end own\r\n\r\n";
    let BlockState::Present { body, first_line, last_line, placed } = find(text, "own", HASH, At::End) else {
        unreachable!()
    };
    assert_eq!((body.as_str(), first_line, last_line, placed), ("edited\n", 2, 4, true));
    assert_eq!(laid(text, At::End, "x"), "a\r\n# roadbed:begin own\r\nx\r\n# roadbed:end own\r\n\r\n");
}

#[test]
fn a_block_that_moved_goes_back_to_its_end() {
    let text = "# roadbed:begin own\nx\n# roadbed:end own\na\n";
    assert!(matches!(find(text, "own", HASH, At::End), BlockState::Present { placed: false, .. }));
    assert!(matches!(find(text, "own", HASH, At::Start), BlockState::Present { placed: true, .. }));
    assert_eq!(laid(text, At::End, "x\n"), "a\n\n# roadbed:begin own\nx\n# roadbed:end own\n");
}

#[test]
fn several_blocks_share_an_end() {
    let one = laid("a\n", At::End, "x");
    let two = lay(&one, "other", HASH, At::End, "y").unwrap();
    assert!(matches!(find(&two, "own", HASH, At::End), BlockState::Present { placed: true, .. }));
    assert_eq!(laid(&two, At::End, "x"), two);
    assert_eq!(unwrap_all(&two, HASH), "a\n\nx\n\ny\n");
    assert_eq!(remove(&two, "own", HASH).unwrap(), "a\n\n# roadbed:begin other\ny\n# roadbed:end other\n");
}

#[test]
fn markers_that_make_no_block_are_named() {
    let (b, e) = ("# roadbed:begin own\n", "# roadbed:end own\n");
    let (ob, oe) = ("# roadbed:begin other\n", "# roadbed:end other\n");
    for (text, line) in [
        (b.to_owned(), 1),
        (format!("a\n{e}"), 2),
        (format!("{e}{b}"), 1),
        (format!("{b}{b}{e}"), 2),
        (format!("{b}{e}{b}{e}"), 2),
        (format!("{b}{ob}{e}{oe}"), 2),
        (format!("{b}{ob}{oe}{e}"), 2),
        (format!("{ob}{b}{e}{oe}"), 2),
    ] {
        let found = find(&text, "own", HASH, At::End);
        assert!(matches!(found, BlockState::Broken { line: l, .. } if l == line), "{text:?}: {found:?}");
        assert!(lay(&text, "own", HASH, At::End, "x").is_err());
        assert!(remove(&text, "own", HASH).is_err());
    }
    assert!(lay("", "own", HASH, At::End, "# roadbed:end own\n").is_err());
}

#[test]
fn closing_comments_are_written_and_read() {
    let text = lay("# Title\n", "own", MARKUP, At::End, "text").unwrap();
    assert_eq!(text, "# Title\n\n<!-- roadbed:begin own -->\ntext\n<!-- roadbed:end own -->\n");
    assert!(matches!(find(&text, "own", MARKUP, At::End), BlockState::Present { placed: true, .. }));
    assert_eq!(find(&text, "ow", MARKUP, At::End), BlockState::Absent);
}

#[test]
fn a_first_line_that_must_stay_first_does() {
    let front = "---\ntitle: x\n---\ntext\n";
    let result = lay(front, "own", MARKUP, At::Start, "note").unwrap();
    assert!(result.starts_with("---\ntitle: x\n---\n<!-- roadbed:begin own -->\n"), "{result}");
    let docker = laid("# syntax=docker/dockerfile:1\nFROM a\n", At::Start, "x");
    assert!(docker.starts_with("# syntax=docker/dockerfile:1\n# roadbed:begin own\n"));
}
