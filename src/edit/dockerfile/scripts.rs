//! What each `RUN` runs, read as a shell would.

use super::instruction::Instruction;
use super::lines::Logical;
use super::shell::{Command, Connector, Script, ShellWord, split};
use super::stages::{Base, Stage};

/// Shells whose language this does not read.
const FOREIGN: [&str; 4] = ["pwsh", "powershell", "cmd", "cmd.exe"];

/// Shells that take a script after `-c` or from standard input.
const SHELLS: [&str; 6] = ["sh", "bash", "ash", "dash", "zsh", "ksh"];

/// Gives every `RUN` its script.
pub(super) fn scripts(text: &str, instructions: &mut [Instruction], stages: &[Stage]) {
    let mut foreign = vec![false; stages.len()];
    let mut current = None;
    for instruction in instructions {
        let Some(stage) = instruction.stage else { continue };
        if current != Some(stage) {
            current = Some(stage);
            foreign[stage] = match stages[stage].base {
                Base::Stage(parent) => foreign[parent],
                _ => false,
            };
        }
        match instruction.keyword.as_str() {
            "SHELL" => foreign[stage] = is_foreign(instruction),
            "RUN" if !foreign[stage] => instruction.script = script(text, instruction),
            _ => {}
        }
    }
}

fn is_foreign(shell: &Instruction) -> bool {
    let program = shell.exec().and_then(|words| words.into_iter().next()).map(|word| word.text.to_lowercase());
    program.is_some_and(|program| {
        let name = program.rsplit(['/', '\\']).next().unwrap_or_default().trim_end_matches(".exe");
        FOREIGN.contains(&name)
    })
}

fn script(text: &str, run: &Instruction) -> Script {
    if let Some(words) = run.exec() {
        let word =
            |word: &super::ExecWord| ShellWord { text: word.text.clone(), span: word.span.clone(), quoted: true };
        if let [program, option, inner, ..] = words.as_slice()
            && is_shell(&program.text)
            && option.text.starts_with('-')
            && option.text.ends_with('c')
        {
            return split(&Logical::of(&inner.text, inner.span.start + 1));
        }
        let command = Command {
            assignments: Vec::new(),
            words: words.iter().map(word).collect(),
            redirects: Vec::new(),
            piped: false,
            after: Connector::End,
            nested: false,
        };
        return Script { commands: vec![command], ..Script::default() };
    }
    let mut script = split(&run.args);
    let takes_script = match script.commands.as_slice() {
        [] => true,
        [only] => is_shell(only.name()) && only.operands(&[]).is_empty(),
        _ => false,
    };
    for heredoc in run.heredocs.iter().filter(|_| takes_script) {
        let body = &text[heredoc.body.clone()];
        let shebang = body.trim_start().lines().next().filter(|line| line.starts_with("#!"));
        if shebang.is_some_and(|line| !line.split(['/', ' ']).any(is_shell)) {
            continue;
        }
        let inner = split(&Logical::of(body, heredoc.body.start));
        script.commands.extend(inner.commands);
        script.pipes.extend(inner.pipes);
        script.compound = true;
    }
    script
}

fn is_shell(name: &str) -> bool {
    SHELLS.contains(&name.rsplit('/').next().unwrap_or(name))
}

#[cfg(test)]
mod tests {
    use crate::edit::dockerfile::parse;

    #[test]
    fn a_script_is_found_in_every_form() {
        for (run, names) in [
            ("RUN a && b", vec!["a", "b"]),
            ("RUN [\"a\", \"b\"]", vec!["a"]),
            ("RUN [\"/bin/bash\", \"-exc\", \"a | b\"]", vec!["a", "b"]),
            ("RUN <<EOF\na\nb\nEOF", vec!["a", "b"]),
            ("RUN <<EOF\n#!/usr/bin/env python\nimport a\nEOF", vec![]),
            ("RUN cat <<EOF > /x\na\nEOF", vec!["cat"]),
            ("RUN bash -e <<EOF\na\nEOF", vec!["bash", "a"]),
            ("SHELL [\"powershell.exe\", \"-Command\"]\nRUN a", vec![]),
        ] {
            let file = parse(&format!("FROM x:1\n{run}\n")).unwrap();
            let last = file.instructions.last().unwrap();
            let found: Vec<_> = last.script.commands.iter().map(|command| command.name().to_owned()).collect();
            assert_eq!(found, names, "{run}");
        }
    }
}
