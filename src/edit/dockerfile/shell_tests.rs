//! Tables of shell texts and the commands in them.

use super::*;

fn commands(text: &str) -> Vec<String> {
    let script = split(&Logical::of(text, 0));
    let words = |command: &Command| command.words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join("·");
    script.commands.iter().map(words).collect()
}

#[test]
fn commands_are_found_wherever_they_stand() {
    for (text, expected) in [
        ("a b && c || d; e | f & g", vec!["a·b", "c", "d", "e", "f", "g"]),
        ("a 'b && c' \"d; $(e f)\" g\\ h", vec!["e·f", "a·b && c·d; $(e f)·g h"]),
        ("X=1 Y=$(b) a", vec!["b", "a"]),
        ("if a; then b; elif c; then d; else e; fi", vec!["a", "b", "c", "d", "e"]),
        ("for x in a b; do c $x; done", vec!["c·$x"]),
        ("case \"$x\" in a|b) c d;; (e) f ;; *) g; esac; h", vec!["c·d", "f", "g", "h"]),
        ("(a; b) | { c; }", vec!["a", "b", "c"]),
        ("f() { a; }; f", vec!["a", "f"]),
        ("function f { a; }; f", vec!["a", "f"]),
        ("a > b 2>&1 <c >> d e", vec!["a·e"]),
        ("a # b && c", vec!["a"]),
        ("a#b", vec!["a#b"]),
        ("! a && [ -f x ] && [[ a && b ]] && c", vec!["a", "[·-f·x·]", "[[", "c"]),
        ("a $((1 + (2))) ${X:-b c} `d e`", vec!["d·e", "a·$((1 + (2)))·${X:-b c}·`d e`"]),
        ("cat <<E\nx && y\nE\nb", vec!["cat", "b"]),
        ("while read l; do a; done < <(b c)", vec!["read·l", "a", "b·c"]),
        ("a <(b c)", vec!["b·c", "a·<(b c)"]),
        ("a )b", vec!["b"]),
        ("", vec![]),
    ] {
        assert_eq!(commands(text), expected, "{text}");
    }
}

#[test]
fn words_keep_their_places_over_continuations() {
    let mut logical = Logical::of("a b", 4);
    logical.push("c --d", 20);
    let script = split(&logical);
    assert_eq!(script.commands[0].words[1].span, 6..21);
    assert_eq!(script.commands[0].words[2].span, 22..25);
}

#[test]
fn flags_count_in_both_forms() {
    let script = split(&Logical::of("exec pip -qq install --no-cache-dir -r x --index-url=u --root r y", 0));
    let command = &script.commands[0];
    assert_eq!((command.name(), command.count_flag("q")), ("pip", 2));
    assert!(command.has_flag("no-cache-dir") && command.has_flag("index-url"));
    let operands = command.operands(&["r", "root"]);
    assert_eq!(operands.iter().map(|word| word.text.as_str()).collect::<Vec<_>>(), ["install", "y"]);
}

#[test]
fn pipes_are_seen_in_substitutions_and_not_in_quotes() {
    let pipes = |text: &str| split(&Logical::of(text, 0)).pipes.len();
    assert_eq!(pipes("a || b"), 0);
    assert_eq!(pipes("sh -c 'a | b'"), 0);
    assert_eq!(pipes("x=$(a | b) | c"), 2);
    assert_eq!(pipes("case x in a|b) c;; esac"), 0);
}
