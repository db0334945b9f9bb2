//! What must stay the same when a Dockerfile is mended.

use crate::edit::dockerfile::{Dockerfile, Instruction, parse};
use crate::edit::source::Source;
use crate::rules::rule::Guard;

/// The file builds the same image, but for what the fixes of this family change.
pub(super) const GUARD: Guard = Guard::Holds(holds);

fn holds(before: &str, after: &str) -> bool {
    let meaning = |text: &str| parse(&Source::new(text).text).ok().map(|file| meaning(&file));
    let (before, after) = (meaning(before), meaning(after));
    before.is_some() && before == after
}

/// The instructions in words, without what a fix may change: digests, `ADD` or `COPY`, the user, options of
/// package managers, the form of a command.
fn meaning(file: &Dockerfile) -> Vec<String> {
    file.instructions.iter().filter_map(|instruction| words(file, instruction)).collect()
}

fn words(file: &Dockerfile, instruction: &Instruction) -> Option<String> {
    let flags: Vec<String> = instruction.flags.iter().map(|flag| format!("--{}={:?}", flag.name, flag.value)).collect();
    let rest = match instruction.keyword.as_str() {
        "USER" | "SHELL" => return None,
        "HEALTHCHECK" if instruction.args.text().eq_ignore_ascii_case("none") => return None,
        "FROM" => {
            let words: Vec<String> = instruction.words().into_iter().map(|word| word.raw).collect();
            words.iter().map(|word| word.split('@').next().unwrap_or(word)).collect::<Vec<_>>().join(" ")
        }
        "ADD" | "COPY" => return Some(format!("COPY {flags:?} {}", instruction.args.text())),
        "MAINTAINER" => return Some(format!("LABEL authors {}", bare(instruction.args.text()))),
        "LABEL" => match instruction.pairs().as_slice() {
            [pair] if pair.name == "org.opencontainers.image.authors" => {
                return Some(format!("LABEL authors {}", bare(pair.value.as_deref().unwrap_or_default())));
            }
            _ => instruction.args.text().to_owned(),
        },
        "CMD" | "ENTRYPOINT" | "HEALTHCHECK" => match instruction.exec() {
            Some(words) => format!("{:?}", words.into_iter().map(|word| word.text).collect::<Vec<_>>()),
            None => {
                let script = crate::edit::dockerfile::shell::split(&instruction.command());
                let words = script.commands.iter().flat_map(|command| &command.words);
                format!("{:?}", words.map(|word| word.text.clone()).collect::<Vec<_>>())
            }
        },
        "RUN" => run(instruction),
        _ => instruction.args.text().to_owned(),
    };
    let stage = instruction.stage.and_then(|stage| file.stages.get(stage)).and_then(|stage| stage.name.clone());
    Some(format!("{stage:?} {} {flags:?} {rest}", instruction.keyword))
}

fn bare(text: &str) -> String {
    text.trim().trim_matches('"').replace("\\\"", "\"")
}

/// The commands, without what `docker/apt-hygiene` and `docker/unlocked-install` add.
fn run(instruction: &Instruction) -> String {
    let mut commands = Vec::new();
    for command in &instruction.script.commands {
        let mut words: Vec<&str> = command.words.iter().map(|word| word.text.as_str()).collect();
        if words == ["rm", "-rf", "/var/lib/apt/lists/*"] {
            continue;
        }
        for word in &mut words {
            match *word {
                "apt" => *word = "apt-get",
                "full-upgrade" => *word = "dist-upgrade",
                _ => {}
            }
        }
        words.retain(|word| !matches!(*word, "-y" | "--no-install-recommends"));
        if let ["npm", rest @ ..] = words.as_mut_slice()
            && let Some(install) = rest.iter_mut().find(|word| **word == "install")
        {
            *install = "ci";
        }
        let redirects: Vec<&str> = command.redirects.iter().map(|word| word.text.as_str()).collect();
        let assignments: Vec<&str> = command.assignments.iter().map(|word| word.text.as_str()).collect();
        commands.push(format!("{assignments:?} {words:?} {redirects:?}"));
    }
    commands.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_fixes_change_may_differ() {
        for (before, after, same) in [
            ("FROM a:1\n", "FROM a:1@sha256:0\n", true),
            ("FROM a:1\n", "FROM b:1\n", false),
            ("FROM a:1\nADD x y\n", "FROM a:1\nCOPY x y\n", true),
            ("FROM a:1\nADD x y\n", "FROM a:1\nCOPY x z\n", false),
            ("FROM a:1\nMAINTAINER a <b>\n", "FROM a:1\nLABEL org.opencontainers.image.authors=\"a <b>\"\n", true),
            ("FROM a:1\nRUN apt install x\n", "FROM a:1\nRUN apt-get install -y x\n", true),
            ("FROM a:1\nRUN apt install x\n", "FROM a:1\nRUN apt-get install -y y\n", false),
            ("FROM a:1\nCMD x y\n", "FROM a:1\nCMD [\"x\", \"y\"]\n", true),
            ("FROM a:1\nCMD x y\n", "FROM a:1\n", false),
            ("FROM a:1\nHEALTHCHECK CMD x y\n", "FROM a:1\nHEALTHCHECK CMD [\"x\", \"y\"]\n", true),
            ("FROM a:1\nHEALTHCHECK CMD x y\n", "FROM a:1\nHEALTHCHECK CMD [\"x\", \"z\"]\n", false),
        ] {
            assert_eq!(holds(before, after), same, "{before} -> {after}");
        }
    }
}
