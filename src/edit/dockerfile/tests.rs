//! Tables of Dockerfiles and what they say.

use super::*;

fn read(text: &str) -> Dockerfile {
    parse(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn keywords(file: &Dockerfile) -> Vec<&str> {
    file.instructions.iter().map(|instruction| instruction.keyword.as_str()).collect()
}

#[test]
fn continuations_comments_and_blank_lines_belong_to_one_instruction() {
    let text = "FROM a:1\nrun one \\\n  # a comment\n\n  two \\  \n  && three\n\n# end\nCMD [\"x\"]\n";
    let file = read(text);
    assert_eq!(keywords(&file), ["FROM", "RUN", "CMD"]);
    let run = &file.instructions[1];
    assert_eq!(run.args.text(), "one   two   && three");
    assert_eq!(&text[run.span.clone()], "run one \\\n  # a comment\n\n  two \\  \n  && three");
    let words = run.words();
    assert_eq!(&text[words[1].span.clone()], "two");
}

#[test]
fn the_escape_directive_changes_continuations() {
    let file = read("# escape=`\nFROM a:1\nCOPY a `\n c:\\dir\\\nRUN x\n");
    assert_eq!(keywords(&file), ["FROM", "COPY", "RUN"]);
    assert_eq!(file.instructions[1].escape(), '`');
}

#[test]
fn heredocs_end_where_they_say() {
    let text = "FROM a:1\nRUN <<A cat - <<-'B' && x\none\nFROM not\nA\n\ttwo\n\tB\nCOPY <<EOF /x\nRUN no\nEOF\nRUN echo a<<EOF\nUSER b\n";
    let file = read(text);
    assert_eq!(keywords(&file), ["FROM", "RUN", "COPY", "RUN", "USER"]);
    let run = &file.instructions[1];
    let bodies: Vec<_> = run.heredocs.iter().map(|heredoc| &text[heredoc.body.clone()]).collect();
    assert_eq!(bodies, ["one\nFROM not\n", "\ttwo\n"]);
    assert!(run.heredocs[0].expands && !run.heredocs[1].expands);
    assert!(text[run.span.clone()].ends_with("\tB"));
}

#[test]
fn flags_come_before_the_arguments() {
    let file = read(
        "FROM --platform=$BUILDPLATFORM a:1 AS b\nCOPY --from=b --chown=1:1 [\"x y\", \"/z\"]\nRUN --mount=type=cache,target=/x a --b\n",
    );
    let copy = &file.instructions[1];
    assert_eq!(copy.flag("from").and_then(|flag| flag.value.as_deref()), Some("b"));
    let exec: Vec<_> = copy.exec().unwrap().into_iter().map(|word| word.text).collect();
    assert_eq!(exec, ["x y", "/z"]);
    assert_eq!(file.instructions[2].args.text(), "a --b");
}

#[test]
fn only_json_is_the_exec_form() {
    let file = read("FROM a:1\nCMD [ \"a\", \"b\\\"c\" ]\nCMD ['a']\nCMD [ -f x ]\nCMD [\"a\"] && b\n");
    let forms: Vec<_> = file.all("CMD").map(|cmd| cmd.exec().is_some()).collect();
    assert_eq!(forms, [true, false, false, false]);
}

#[test]
fn bases_are_known_as_far_as_arguments_are() {
    let text = "ARG V=3.20\nARG IMAGE=alpine:${V}\nARG FREE\nFROM ${IMAGE} AS Build\nFROM build\nFROM $FREE\nFROM scratch\nFROM ${FREE:-debian:12}\nFROM --platform=x host:5000/a:1@sha256:0 as last\n";
    let file = read(text);
    let bases: Vec<_> = file.stages.iter().map(|stage| stage.base.clone()).collect();
    let image = |name: &str| Base::Image(name.to_owned());
    assert_eq!(
        bases,
        [
            image("alpine:3.20"),
            Base::Stage(0),
            Base::Unknown,
            Base::Scratch,
            image("debian:12"),
            image("host:5000/a:1@sha256:0")
        ]
    );
    assert_eq!(file.stages[0].name.as_deref(), Some("build"));
    assert_eq!(&text[file.stages[0].base_span.clone()], "${IMAGE}");
}

#[test]
fn a_stage_inherits_what_its_base_sets() {
    let file = read("ARG U=app\nFROM a:1 AS x\nARG U\nENV HOME=/home/$U P=1\nFROM x\nENV Q ${P}2\n");
    assert_eq!(file.stages[1].vars.get("HOME"), Some("/home/app"));
    assert_eq!(file.stages[1].vars.get("Q"), Some("12"));
}

#[test]
fn onbuild_is_the_instruction_that_it_triggers() {
    let file = read("FROM a:1\nONBUILD RUN x\n");
    assert!(file.instructions[1].onbuild);
    assert_eq!(file.instructions[1].keyword, "RUN");
}

#[test]
fn carriage_returns_and_a_mark_are_no_part_of_words() {
    let text = "\u{feff}FROM a:1\r\nRUN a \\\r\n b\r\nUSER x\r\n";
    let file = read(text);
    assert_eq!(file.instructions[1].words().len(), 2);
    assert_eq!(file.instructions[2].args.text(), "x");
}

#[test]
fn what_buildkit_refuses_is_refused_at_its_place() {
    for (text, line) in [
        ("FROM a:1\nRUM x\n", 2),
        ("RUN x\nFROM a\n", 1),
        ("FROM a b\n", 1),
        ("FROM a\nRUN <<EOF\nx\n", 2),
        ("# nothing\n", 1),
    ] {
        let error = parse(text).unwrap_err();
        assert_eq!(error.position.map(|at| at.line), Some(line), "{text}");
    }
}
