//! Simple commands of a shell, each word with its place in the file.

use std::ops::Range;

/// A word of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ShellWord {
    /// Without quotes and escapes; variables and substitutions stay as written.
    pub text: String,
    /// Its bytes in the file.
    pub span: Range<usize>,
    /// Whether any of it is quoted or escaped.
    pub quoted: bool,
}

/// What stands after a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Connector {
    /// The end of the text, of a substitution or of a subshell.
    End,
    /// `&&`
    And,
    /// `||`
    Or,
    /// `;` or a new line
    Then,
    /// `|`
    Pipe,
    /// `&`
    Background,
}

/// A simple command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Command {
    /// `X=y` before the name.
    pub assignments: Vec<ShellWord>,
    /// The name and its arguments; empty where there are only assignments.
    pub words: Vec<ShellWord>,
    /// Where its output or input is redirected.
    pub redirects: Vec<ShellWord>,
    /// Whether its input is another command's output.
    pub piped: bool,
    /// What stands after it.
    pub after: Connector,
    /// Whether it stands in a substitution.
    pub nested: bool,
}

/// A shell text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Script {
    /// Every simple command in it, those in substitutions included, in the order in which they end.
    pub commands: Vec<Command>,
    /// Where a `|` joins commands, in the file.
    pub pipes: Vec<usize>,
    /// Whether it holds anything but simple commands and what joins them: loops, conditions, functions, subshells.
    pub compound: bool,
}

impl Command {
    /// The name of the program, without directories and without a wrapper that runs it as it is.
    pub(crate) fn name(&self) -> &str {
        let name = self.program().first().map_or("", |word| word.text.as_str());
        name.rsplit('/').next().unwrap_or(name)
    }

    /// The arguments of the program.
    pub(crate) fn args(&self) -> &[ShellWord] {
        self.program().get(1..).unwrap_or_default()
    }

    /// Whether `text` is one of its arguments.
    pub(crate) fn has_arg(&self, text: &str) -> bool {
        self.args().iter().any(|word| word.text == text)
    }

    /// How often the flag occurs: `--name`, `--name=value`, or a letter among those after one dash.
    pub(crate) fn count_flag(&self, name: &str) -> usize {
        self.args().iter().map(|word| flags_of(&word.text).filter(|flag| *flag == name).count()).sum()
    }

    /// Whether the flag occurs.
    pub(crate) fn has_flag(&self, name: &str) -> bool {
        self.count_flag(name) > 0
    }

    /// The arguments that are no flags, without the values of the flags that `valued` names.
    pub(crate) fn operands(&self, valued: &[&str]) -> Vec<&ShellWord> {
        let mut found = Vec::new();
        let mut value = false;
        for word in self.args() {
            let is_flag = flags_of(&word.text).next().is_some();
            if is_flag {
                value = !word.text.contains('=') && flags_of(&word.text).any(|flag| valued.contains(&flag));
            } else if !std::mem::take(&mut value) && word.text != "--" && word.text != "-" {
                found.push(word);
            }
        }
        found
    }

    /// The command that `sudo`, `env` and their like run, if it is one of those.
    pub(crate) fn unwrapped(&self) -> Option<Command> {
        let name = self.name();
        if !matches!(name, "sudo" | "env" | "nice" | "time" | "nohup" | "eatmydata" | "gosu" | "su-exec") {
            return None;
        }
        let args = self.args();
        let mut skip = args.iter().take_while(|word| word.text.starts_with('-') || word.text.contains('=')).count();
        if matches!(name, "gosu" | "su-exec") {
            skip += 1;
        }
        let words = args.get(skip..)?.to_vec();
        (!words.is_empty()).then(|| Command { words, assignments: Vec::new(), ..self.clone() })
    }

    fn program(&self) -> &[ShellWord] {
        let wrapper = self
            .words
            .first()
            .is_some_and(|word| matches!(word.text.as_str(), "exec" | "command" | "builtin" | "busybox"));
        match self.words.get(1) {
            Some(second) if wrapper && !second.text.starts_with('-') => &self.words[1..],
            _ => &self.words,
        }
    }
}

/// The flags that a word stands for.
fn flags_of(word: &str) -> impl Iterator<Item = &str> {
    let (long, short) = match word.strip_prefix("--") {
        Some(rest) => (Some(rest.split('=').next().unwrap_or(rest)).filter(|name| !name.is_empty()), ""),
        None => (None, word.strip_prefix('-').unwrap_or_default()),
    };
    long.into_iter().chain(short.char_indices().map(move |(at, c)| &short[at..at + c.len_utf8()]))
}
