//! The scripts of steps: which shell runs them, and what commands they hold.

use std::ops::Range;

use super::workflow::{Step, get, text};
use crate::edit::tree::Node;

/// The shell that a step names, or that its job or workflow names for it.
pub(super) fn named<'f>(step: &Step<'f>) -> Option<&'f str> {
    let default = |node: Option<&'f Node>| {
        let run = get(step.document, node?, "run")?;
        text(get(step.document, run, "shell")?)
    };
    step.text("shell")
        .or_else(|| default(step.job.and_then(|job| job.get("defaults"))))
        .or_else(|| default(step.workflow().and_then(|workflow| workflow.get("defaults"))))
}

/// How a script is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Language {
    /// As `sh` reads it.
    Posix,
    /// As PowerShell reads it.
    PowerShell,
    /// As Windows' `cmd` reads it.
    Cmd,
    /// As nothing here can read it.
    Other,
}

/// How the step's script is written; none where that cannot be told.
pub(super) fn language(step: &Step<'_>) -> Option<Language> {
    if let Some(shell) = named(step) {
        let program = shell.split_whitespace().next().unwrap_or_default();
        let program = program.rsplit('/').next().unwrap_or(program);
        return Some(match program {
            "bash" | "sh" | "zsh" | "dash" => Language::Posix,
            "pwsh" | "powershell" => Language::PowerShell,
            "cmd" => Language::Cmd,
            _ => Language::Other,
        });
    }
    let job = step.job?;
    if job.get("container").is_some() {
        return Some(Language::Posix);
    }
    let runner = job.get("runs-on").and_then(text)?;
    match runner {
        _ if runner.contains("${{") => None,
        _ if runner.starts_with("windows") => Some(Language::PowerShell),
        _ if ["ubuntu", "macos", "linux"].iter().any(|os| runner.starts_with(os)) => Some(Language::Posix),
        _ => None,
    }
}

/// Whether a POSIX shell runs the step's script; none where that cannot be told.
pub(super) fn is_posix(step: &Step<'_>) -> Option<bool> {
    language(step).map(|language| language == Language::Posix)
}

/// Whether the step names a shell whose commands are written like none that this module reads.
pub(super) fn is_foreign(step: &Step<'_>) -> bool {
    named(step).is_some() && matches!(language(step), Some(Language::Cmd | Language::Other))
}

/// A simple command of a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Command {
    /// Its words, without quotes around them; assignments before it, `sudo` and the like are left out.
    pub words: Vec<String>,
    /// Its place in the raw text.
    pub span: Range<usize>,
    /// Whether its output goes into the next command.
    pub piped: bool,
}

impl Command {
    /// The program's name, without its directory.
    pub(super) fn program(&self) -> &str {
        let first = self.words.first().map_or("", String::as_str);
        first.rsplit('/').next().unwrap_or(first)
    }

    /// The words after the program.
    pub(super) fn arguments(&self) -> &[String] {
        self.words.get(1..).unwrap_or_default()
    }
}

/// Programs that run the command that their words name.
const WRAPPERS: [&str; 9] = ["sudo", "env", "time", "exec", "command", "nohup", "nice", "doas", "then"];
/// Words of the shell that stand before a command.
const KEYWORDS: [&str; 9] = ["if", "then", "else", "elif", "do", "while", "until", "!", "{"];

/// The simple commands of a script, as its raw text in the file has them: comments, heredocs and strings are
/// not commands, a backslash at a line's end joins lines.
pub(super) fn commands(raw: &str) -> Vec<Command> {
    let mut all = Vec::new();
    let mut reader = Scan::of(raw);
    let (mut words, mut start): (Vec<String>, Option<usize>) = (Vec::new(), None);
    let mut end = 0;
    let mut close = |words: &mut Vec<String>, start: &mut Option<usize>, end: usize, piped: bool| {
        let taken = strip(std::mem::take(words));
        if let (Some(from), false) = (start.take(), taken.is_empty()) {
            all.push(Command { words: taken, span: from..end, piped });
        }
    };
    loop {
        match reader.next() {
            // A here-document is no word.
            Token::Word(word, span) if word.is_empty() && raw[span.clone()].starts_with("<<") => end = span.end,
            Token::Word(word, span) => {
                start.get_or_insert(span.start);
                end = span.end;
                words.push(word);
            }
            Token::Pipe => close(&mut words, &mut start, end, true),
            Token::Break => close(&mut words, &mut start, end, false),
            Token::End => {
                close(&mut words, &mut start, end, false);
                return all;
            }
        }
    }
}

/// A here-document of a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Heredoc {
    /// Where its `<<` stands.
    pub at: usize,
    /// Its lines.
    pub body: Range<usize>,
    /// Whether the shell takes them as they are: its name is quoted.
    pub literal: bool,
}

/// The here-documents of a script, in order.
pub(super) fn heredocs(raw: &str) -> Vec<Heredoc> {
    let mut reader = Scan::of(raw);
    while !matches!(reader.next(), Token::End) {}
    reader.done
}

/// The words of a command without what stands before it.
fn strip(words: Vec<String>) -> Vec<String> {
    let assigns = |word: &str| {
        word.split_once('=')
            .is_some_and(|(name, _)| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'))
    };
    let mut rest = words.into_iter().peekable();
    while let Some(word) = rest.peek() {
        let wrapper = WRAPPERS.contains(&word.as_str());
        if !(wrapper || KEYWORDS.contains(&word.as_str()) || assigns(word)) {
            break;
        }
        rest.next();
        while wrapper && rest.peek().is_some_and(|word| word.starts_with('-') || assigns(word)) {
            rest.next();
        }
    }
    rest.collect()
}

enum Token {
    Word(String, Range<usize>),
    Pipe,
    Break,
    End,
}

struct Scan<'t> {
    raw: &'t str,
    at: usize,
    /// Those whose lines have not come yet, each with its name.
    heredocs: Vec<(String, Heredoc)>,
    done: Vec<Heredoc>,
}

impl<'t> Scan<'t> {
    fn of(raw: &'t str) -> Self {
        Scan { raw, at: 0, heredocs: Vec::new(), done: Vec::new() }
    }

    fn peek(&self) -> Option<char> {
        self.raw[self.at..].chars().next()
    }

    fn next(&mut self) -> Token {
        loop {
            let Some(c) = self.peek() else { return Token::End };
            let rest = &self.raw[self.at..];
            match c {
                ' ' | '\t' | '\r' => self.at += 1,
                '\\' if rest.starts_with("\\\n") => self.at += 2,
                '\n' => {
                    self.at += 1;
                    self.skip_heredocs();
                    return Token::Break;
                }
                '#' => self.at += rest.find('\n').unwrap_or(rest.len()),
                '|' if rest.starts_with("||") => {
                    self.at += 2;
                    return Token::Break;
                }
                '|' => {
                    self.at += if rest.starts_with("|&") { 2 } else { 1 };
                    return Token::Pipe;
                }
                '&' if rest.starts_with("&&") => {
                    self.at += 2;
                    return Token::Break;
                }
                '&' if rest.starts_with("&>") => return self.word(),
                ';' | '(' | ')' | '&' => {
                    self.at += 1;
                    return Token::Break;
                }
                _ => return self.word(),
            }
        }
    }

    fn word(&mut self) -> Token {
        let start = self.at;
        let (mut word, mut quote) = (String::new(), None);
        let mut depth = 0_usize;
        while let Some(c) = self.peek() {
            let rest = &self.raw[self.at..];
            match (quote, c) {
                (None, '\'' | '"') => quote = Some(c),
                (Some(q), _) if q == c => quote = None,
                (None | Some('"'), '\\') => {
                    self.at += 1;
                    match self.peek() {
                        Some('\n') | None => {}
                        Some(next) => word.push(next),
                    }
                    self.at += self.peek().map_or(0, char::len_utf8);
                    continue;
                }
                // An expression or a substitution is one word, whatever is in it.
                (None, '$' | '<' | '>') if ["$(", "${", "<(", ">("].iter().any(|open| rest.starts_with(open)) => {
                    depth += 1;
                    word.push(c);
                    self.at += 1;
                    word.push_str(&self.raw[self.at..=self.at]);
                    self.at += 1;
                    continue;
                }
                (None, '(' | '{') if depth > 0 => {
                    depth += 1;
                    word.push(c);
                }
                (None, ')' | '}') if depth > 0 => {
                    depth -= 1;
                    word.push(c);
                }
                (None, _) if depth > 0 => word.push(c),
                (None, '<') if rest.starts_with("<<") && !rest.starts_with("<<<") => {
                    self.heredoc();
                    continue;
                }
                (None, ' ' | '\t' | '\r' | '\n' | '|' | ';' | ')' | '(') => break,
                (None, '&') if !word.ends_with('>') && !rest.starts_with("&>") => break,
                _ => word.push(c),
            }
            self.at += c.len_utf8();
        }
        Token::Word(word, start..self.at)
    }

    fn heredoc(&mut self) {
        let rest = &self.raw[self.at + 2..];
        let name = rest.trim_start_matches('-').trim_start();
        let end = name.find(|c: char| c.is_whitespace() || ";|&)<>".contains(c)).unwrap_or(name.len());
        let literal = name[..end].contains(['\'', '"', '\\']);
        let word = name[..end].trim_matches(['\'', '"', '\\']).to_owned();
        self.heredocs.push((word, Heredoc { at: self.at, body: 0..0, literal }));
        self.at = self.raw.len() - name.len() + end;
    }

    fn skip_heredocs(&mut self) {
        for (name, heredoc) in std::mem::take(&mut self.heredocs) {
            let (start, mut end) = (self.at, self.at);
            for line in self.raw[start..].split_inclusive('\n') {
                self.at += line.len();
                if line.trim() == name {
                    break;
                }
                end = self.at;
            }
            self.done.push(Heredoc { body: start..end, ..heredoc });
        }
    }
}

/// The scripts of a step that a POSIX shell runs (or may), as raw text with its place in the file.
pub(super) fn script<'f>(step: &Step<'f>) -> Option<(&'f str, usize)> {
    let run = step.get("run")?;
    run.scalar()?;
    let raw = step.document.text().get(run.span.clone())?;
    // The header of a block scalar is none of the script's.
    let header = match raw.chars().next() {
        Some('|' | '>') => raw.find('\n').map_or(raw.len(), |at| at + 1),
        _ => 0,
    };
    Some((&raw[header..], run.span.start + header))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_falls_apart_into_its_commands() {
        let words = |text: &str| -> Vec<String> {
            commands(text)
                .into_iter()
                .map(|c| format!("{}{}", c.words.join(" "), if c.piped { " |" } else { "" }))
                .collect()
        };
        assert_eq!(words("a b # c\nd | e"), ["a b", "d |", "e"]);
        assert_eq!(words("bash <(curl -s a | b) c; d"), ["bash <(curl -s a | b) c", "d"]);
        assert_eq!(words("sudo -E X=1 apt-get install 'x y' && z"), ["apt-get install x y", "z"]);
        assert_eq!(words("a \\\n  b; c & d"), ["a b", "c", "d"]);
        assert_eq!(words("cat <<EOF > x\ncurl y | sh\nEOF\nls"), ["cat > x", "ls"]);
        assert_eq!(words("x=$(curl a | b) c"), ["c"]);
        assert_eq!(
            words("if ! grep -q \"${{ a || b }}\" f; then exit 1; fi"),
            ["grep -q ${{ a || b }} f", "exit 1", "fi"]
        );
        assert_eq!(words("a 2>&1 | b &> c"), ["a 2>&1 |", "b &> c"]);
    }

    #[test]
    fn a_here_document_is_told_with_its_lines() {
        let text = "cat <<EOF >> a\nx=$y\nEOF\ncat >> b <<-'END'\n  z\n  END\nls";
        let found: Vec<(&str, bool)> =
            heredocs(text).into_iter().map(|heredoc| (&text[heredoc.body], heredoc.literal)).collect();
        assert_eq!(found, [("x=$y\n", false), ("  z\n", true)]);
    }
}
