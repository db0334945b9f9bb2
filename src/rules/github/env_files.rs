//! What a script writes to the files that carry variables to later steps, in each shell's own way.

use super::shell::{Command, Heredoc, commands, heredocs};

/// The files, by the variable that names each.
const FILES: [&str; 2] = ["GITHUB_ENV", "GITHUB_PATH"];

/// What writes something to such a file that is not plainly fixed, and the file.
pub(super) struct Write {
    /// The command, as people read it.
    pub(super) command: String,
    /// The variable that names the file.
    pub(super) file: &'static str,
}

/// The first such command of a POSIX shell's script.
pub(super) fn posix(script: &str) -> Option<Write> {
    let heredocs = heredocs(script);
    let commands = commands(script);
    commands.iter().enumerate().find_map(|(n, command)| {
        let file = posix_target(command)?;
        let piped = n.checked_sub(1).map(|before| &commands[before]).filter(|before| before.piped);
        let fixed = match (command.program(), piped) {
            // It writes what the command before it says.
            ("tee", Some(before)) => is_fixed(script, before, &heredocs),
            _ => is_fixed(script, command, &heredocs),
        };
        (!fixed).then(|| Write { command: command.words.join(" "), file })
    })
}

fn posix_target(command: &Command) -> Option<&'static str> {
    FILES.into_iter().find(|file| {
        let named = [format!("${file}"), format!("${{{file}}}")];
        command.words.iter().enumerate().any(|(n, word)| {
            let target = word.trim_start_matches('>');
            named.iter().any(|name| target == name)
                && (target.len() < word.len()
                    || n.checked_sub(1).is_some_and(|before| command.words[before].ends_with('>'))
                    || command.program() == "tee")
        })
    })
}

/// Whether a command says the same in every run: it prints a fixed text, or copies a here-document of one.
fn is_fixed(script: &str, command: &Command, heredocs: &[Heredoc]) -> bool {
    let mut own = heredocs.iter().filter(|heredoc| command.span.contains(&heredoc.at)).peekable();
    match command.program() {
        "echo" | "printf" => command
            .arguments()
            .iter()
            .filter(|word| !FILES.iter().any(|file| word.contains(file)) && !word.starts_with('>'))
            .all(|word| !word.contains('$') && !word.contains('`')),
        "cat" | "tee" if own.peek().is_some() => own.all(|heredoc| {
            let body = &script[heredoc.body.clone()];
            !body.contains("${{") && (heredoc.literal || !body.contains(['$', '`']))
        }),
        _ => false,
    }
}

/// The first such statement of a PowerShell script.
pub(super) fn powershell(script: &str) -> Option<Write> {
    powershell_statements(script).into_iter().find_map(|statement| {
        // ASCII alone changes, so that places in both texts are the same.
        let lower = statement.to_ascii_lowercase();
        let (file, at, end) = FILES.into_iter().find_map(|file| {
            let name = file.to_ascii_lowercase();
            [format!("$env:{name}"), format!("${{env:{name}}}")]
                .iter()
                .find_map(|named| lower.find(named.as_str()).map(|at| (file, at, at + named.len())))
        })?;
        let before = lower[..at].trim_end_matches(['"', '\'', ' ']);
        let last = lower[..at].rsplit('|').next().unwrap_or_default();
        let writer = |word: &str| ["out-file", "add-content", "set-content", "tee-object"].contains(&word);
        if !(before.ends_with('>') || last.split_whitespace().any(writer)) {
            return None;
        }
        let rest = format!("{}{}", &lower[..at], &lower[end..]);
        let first = rest.split_whitespace().next().unwrap_or_default();
        let prints = first.starts_with(['"', '\'']) || matches!(first, "echo" | "write-output") || writer(first);
        let fixed = prints && !rest.contains(['$', '(']);
        (!fixed).then(|| Write { command: joined(statement), file })
    })
}

/// The first such line of a script for Windows' `cmd`.
pub(super) fn cmd(script: &str) -> Option<Write> {
    script.lines().find_map(|line| {
        let file = FILES.into_iter().find(|file| {
            line.to_ascii_uppercase()
                .split_once(&format!("%{file}%"))
                .is_some_and(|(before, _)| before.trim_end_matches(['"', ' ']).ends_with('>'))
        })?;
        let before = line.rsplit_once('>').map_or("", |(before, _)| before);
        let first = before.split_whitespace().next().unwrap_or_default();
        let prints = first.trim_start_matches(['@', '(']).to_ascii_lowercase().starts_with("echo");
        let fixed = prints && !before.contains(['%', '!', '$']);
        (!fixed).then(|| Write { command: joined(line), file })
    })
}

/// The statements of a PowerShell script: comments are none, a string holds no end, a `|` and a backtick go on below.
fn powershell_statements(script: &str) -> Vec<&str> {
    let mut all = Vec::new();
    let (mut start, mut quote, mut comment, mut goes_on) = (0, None, false, false);
    for (at, letter) in script.char_indices() {
        match (quote, letter) {
            (_, '\n') if comment => {
                comment = false;
                start = at + 1;
            }
            _ if comment => {}
            (Some(open), _) if open == letter => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => (quote, goes_on) = (Some(letter), false),
            (None, '#') if script[..at].ends_with([' ', '\t', '\n']) || at == 0 => {
                all.push(&script[start..at]);
                comment = true;
            }
            (None, ';' | '\n') if !(letter == '\n' && goes_on) => {
                all.push(&script[start..at]);
                start = at + 1;
            }
            (None, _) if letter.is_whitespace() => {}
            (None, _) => goes_on = matches!(letter, '|' | '`'),
        }
    }
    if !comment {
        all.push(&script[start..]);
    }
    all
}

fn joined(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(write: Option<Write>) -> Option<&'static str> {
        write.map(|write| write.file)
    }

    #[test]
    fn a_here_document_is_as_fixed_as_its_lines() {
        for script in [
            "cat <<EOF >> $GITHUB_ENV\nX=$(cat x)\nEOF",
            "cat <<'EOF' | tee -a \"$GITHUB_ENV\"\nX=${{ inputs.x }}\nEOF",
            "cat x >> $GITHUB_ENV",
            "echo $x | tee -a $GITHUB_ENV",
            "tee -a $GITHUB_ENV < x",
        ] {
            assert_eq!(file(posix(script)), Some("GITHUB_ENV"), "{script}");
        }
        for script in [
            "cat <<EOF >> $GITHUB_ENV\nX=1\nEOF",
            "cat >> \"$GITHUB_ENV\" <<'EOF'\nX=$x\nEOF",
            "cat << EOF | tee -a $GITHUB_ENV\nX=1\nEOF",
            "echo X=1 | tee -a $GITHUB_ENV",
        ] {
            assert_eq!(file(posix(script)), None, "{script}");
        }
    }

    #[test]
    fn powershell_writes_in_many_ways() {
        for script in [
            "echo \"X=$x\" >> $env:GITHUB_ENV",
            "\"X=$(Get-Version)\" >> $Env:GITHUB_ENV",
            "\"X=$x\" | Out-File -FilePath $env:GITHUB_ENV -Encoding utf8 -Append",
            "Get-Content x.txt |\n  Out-File \"$env:GITHUB_ENV\" -Append",
            "Add-Content -Path ${env:GITHUB_ENV} -Value \"X=$x\"",
            "# first\nWrite-Output \"X=$x\" | Tee-Object $env:GITHUB_ENV",
        ] {
            assert_eq!(file(powershell(script)), Some("GITHUB_ENV"), "{script}");
        }
        assert_eq!(file(powershell("$dir >> $env:GITHUB_PATH")), Some("GITHUB_PATH"));
    }

    #[test]
    fn fixed_texts_reading_and_comments_are_no_danger_in_powershell() {
        for script in [
            "echo 'X=1' >> $env:GITHUB_ENV",
            "\"X=1\" | Out-File -FilePath $env:GITHUB_ENV -Append",
            "Add-Content $env:GITHUB_ENV 'X=1'",
            "Get-Content $env:GITHUB_ENV",
            "# echo $x >> $env:GITHUB_ENV",
            "echo $x; 'X=1' >> $env:GITHUB_ENV",
        ] {
            assert_eq!(file(powershell(script)), None, "{script}");
        }
    }

    #[test]
    fn cmd_writes_with_percent_signs() {
        assert_eq!(file(cmd("echo X=%x%>> %GITHUB_ENV%")), Some("GITHUB_ENV"));
        assert_eq!(file(cmd("type x.txt >> \"%github_path%\"")), Some("GITHUB_PATH"));
        assert_eq!(file(cmd("echo X=1 >> %GITHUB_ENV%\r\necho %GITHUB_ENV%")), None);
    }
}
