//! Downloads in a script, and what becomes of them.

use crate::edit::dockerfile::shell::{Command, Connector, Script};

/// Programs that run what they read.
const INTERPRETERS: [&str; 13] =
    ["sh", "bash", "ash", "dash", "zsh", "ksh", "python", "python2", "python3", "perl", "ruby", "node", "php"];

/// Programs that compare what was fetched with what was promised.
const VERIFIERS: [&str; 15] = [
    "sha256sum",
    "sha512sum",
    "sha384sum",
    "sha1sum",
    "shasum",
    "md5sum",
    "b2sum",
    "gpg",
    "gpg2",
    "gpgv",
    "cosign",
    "minisign",
    "slsa-verifier",
    "signify",
    "openssl",
];

/// Whether the command, or the one that it wraps, is `curl` or `wget`.
pub(super) fn downloader(command: &Command) -> Option<Command> {
    let command = command.unwrapped().unwrap_or_else(|| command.clone());
    matches!(command.name(), "curl" | "wget").then_some(command)
}

/// Whether anything in the script is checked against a checksum or a signature.
pub(super) fn verifies(script: &Script) -> bool {
    script.commands.iter().any(|command| {
        let name = command.name();
        let inner = command.unwrapped();
        let is = |command: &Command| match command.name() {
            "gpg" | "gpg2" => {
                command.args().iter().any(|word| word.text.starts_with("--verify") || word.text == "--decrypt")
            }
            "openssl" => command.has_arg("dgst") || command.has_arg("-verify"),
            name => VERIFIERS.contains(&name),
        };
        is(command)
            || inner.as_ref().is_some_and(is)
            || (name == "busybox" && command.args().iter().any(|w| VERIFIERS.contains(&w.text.as_str())))
    })
}

/// The interpreter that runs what a script downloads, if one does.
pub(super) fn interpreter(script: &Script) -> Option<String> {
    let top: Vec<&Command> = script.commands.iter().collect();
    for (at, command) in top.iter().enumerate() {
        if downloader(command).is_some() && command.after == Connector::Pipe {
            // What follows in the pipeline; commands of substitutions in between are not part of it.
            let mut rest = top[at + 1..].iter().filter(|next| next.nested == command.nested);
            for next in rest.by_ref() {
                if !next.piped {
                    break;
                }
                let inner = next.unwrapped().unwrap_or_else(|| (*next).clone());
                if INTERPRETERS.contains(&inner.name()) && reads_input(&inner) {
                    return Some(inner.name().to_owned());
                }
                if next.after != Connector::Pipe {
                    break;
                }
            }
        }
        let inner = command.unwrapped().unwrap_or_else(|| (*command).clone());
        let runs = INTERPRETERS.contains(&inner.name()) || matches!(inner.name(), "eval" | "source" | ".");
        if runs && inner.args().iter().any(|word| fetches(&word.text)) {
            return Some(inner.name().to_owned());
        }
    }
    None
}

/// Whether an interpreter reads its program from standard input.
fn reads_input(command: &Command) -> bool {
    let args: Vec<&str> = command.args().iter().map(|word| word.text.as_str()).collect();
    if args.iter().any(|arg| matches!(*arg, "-c" | "-m" | "-e")) {
        return false;
    }
    let shell = command.name().ends_with("sh");
    args.iter().all(|arg| arg.starts_with('-') || arg.starts_with('/') && *arg == "/dev/stdin")
        || (shell && args.iter().any(|arg| matches!(*arg, "-s" | "-")))
        || args.first() == Some(&"-")
}

/// Whether a word holds the output of a download.
fn fetches(word: &str) -> bool {
    ["$(curl ", "$(wget ", "`curl ", "`wget ", "<(curl ", "<(wget "].iter().any(|start| word.contains(start))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edit::dockerfile::Logical;
    use crate::edit::dockerfile::shell::split;

    #[test]
    fn an_interpreter_that_reads_a_download_is_found() {
        for (text, found) in [
            ("curl -fsSL https://x/y | sh", true),
            ("curl https://x/y | sudo -E bash -", true),
            ("wget -qO- https://x/y | tee z | bash -s -- -b", true),
            ("bash -c \"$(curl -fsSL https://x/y)\"", true),
            ("bash <(curl https://x/y)", true),
            ("curl https://x/y | python3 -", true),
            ("curl https://x/y | tar xz", false),
            ("curl https://x/y | python3 -c 'import json'", false),
            ("curl https://x/y | python3 -m json.tool", false),
            ("curl -o z https://x/y && sh z", false),
            ("echo x | sh", false),
        ] {
            assert_eq!(interpreter(&split(&Logical::of(text, 0))).is_some(), found, "{text}");
        }
    }
}
