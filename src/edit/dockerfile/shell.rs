//! Shell text split into simple commands, each word with its place in the file.
//!
//! This reads what `sh` and `bash` have in common, to know which programs run with which arguments.
//! It never fails: what it does not understand ends up as a word.

use super::lines::Logical;

pub(crate) use super::command::{Command, Connector, Script, ShellWord};

/// Splits `text`.
pub(crate) fn split(text: &Logical) -> Script {
    let mut reader =
        Reader { logical: text, text: text.text(), at: 0, script: Script::default(), level: 0, ticks: false };
    while reader.at < reader.text.len() {
        reader.list(None, false);
        // A closing bracket without an opening one.
        reader.at += reader.text[reader.at..].chars().next().map_or(0, char::len_utf8);
    }
    reader.script
}

/// Brackets are followed no deeper.
const MAX_LEVELS: usize = 64;

struct Reader<'t> {
    logical: &'t Logical,
    text: &'t str,
    at: usize,
    script: Script,
    level: usize,
    /// Whether a backtick ends what is being read.
    ticks: bool,
}

/// The command that is being read.
#[derive(Default)]
struct Pending {
    assignments: Vec<ShellWord>,
    words: Vec<ShellWord>,
    redirects: Vec<ShellWord>,
    piped: bool,
    /// Words of a `for` or `case` head are no command.
    head: bool,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn starts(&self, text: &str) -> bool {
        self.rest().starts_with(text)
    }

    fn finish(&mut self, pending: &mut Pending, after: Connector, nested: bool) {
        let Pending { assignments, words, redirects, piped, head } = std::mem::take(pending);
        pending.piped = after == Connector::Pipe;
        let nothing = assignments.is_empty() && words.is_empty();
        if !head && !nothing {
            self.script.commands.push(Command { assignments, words, redirects, piped, after, nested });
        }
    }

    /// Reads commands up to an unmatched `close`, which stays to be read.
    fn list(&mut self, close: Option<char>, nested: bool) {
        self.level += 1;
        let mut pending = Pending::default();
        let mut cases = 0usize;
        let mut pattern = false;
        let mut heredocs: Vec<(String, bool)> = Vec::new();
        while let Some(c) = self.rest().chars().next() {
            if Some(c) == close && !(c == ')' && pattern) {
                break;
            }
            match c {
                ' ' | '\t' | '\r' => self.at += 1,
                '\\' if self.starts("\\\n") => self.at += 2,
                '\n' => {
                    self.at += 1;
                    self.finish(&mut pending, Connector::Then, nested);
                    for (name, tabs) in heredocs.drain(..) {
                        self.skip_heredoc(&name, tabs);
                    }
                }
                '#' => self.at = self.rest().find('\n').map_or(self.text.len(), |n| self.at + n),
                ';' => {
                    self.finish(&mut pending, Connector::Then, nested);
                    if self.starts(";;") {
                        pattern = cases > 0;
                        self.at += if self.starts(";;&") { 3 } else { 2 };
                    } else {
                        self.at += 1;
                    }
                }
                '&' if self.starts("&&") => self.operator(2, &mut pending, Connector::And, nested),
                '&' if self.starts("&>") => self.redirect(&mut pending, &mut heredocs),
                '&' => self.operator(1, &mut pending, Connector::Background, nested),
                '|' | '(' if pattern => self.at += 1,
                '|' if self.starts("||") => self.operator(2, &mut pending, Connector::Or, nested),
                '|' => {
                    let place = self.logical.place(self.at);
                    self.script.pipes.push(place);
                    let length = if self.starts("|&") { 2 } else { 1 };
                    self.operator(length, &mut pending, Connector::Pipe, nested);
                }
                '(' if self.starts("((") && pending.words.is_empty() => self.skip_balanced(),
                '(' => {
                    self.at += 1;
                    self.script.compound = true;
                    if pending.words.is_empty() && self.level < MAX_LEVELS {
                        self.list(Some(')'), nested);
                    }
                    self.at += usize::from(self.starts(")"));
                    // The head of a function, or a subshell that came out as commands.
                    pending.words.clear();
                }
                ')' => {
                    self.at += 1;
                    pattern = false;
                    pending = Pending::default();
                }
                '<' | '>' => self.redirect(&mut pending, &mut heredocs),
                _ => {
                    let word = self.word();
                    let Some(word) = word else { continue };
                    if pattern {
                        if word.text == "esac" && !word.quoted {
                            cases = cases.saturating_sub(1);
                            pattern = false;
                        }
                        continue;
                    }
                    self.take(word, &mut pending, &mut cases, &mut pattern);
                }
            }
        }
        self.finish(&mut pending, Connector::End, nested);
        self.level -= 1;
    }

    fn operator(&mut self, length: usize, pending: &mut Pending, after: Connector, nested: bool) {
        self.at += length;
        self.finish(pending, after, nested);
    }

    /// Puts a word where it belongs: reserved words open and close what is not a simple command.
    fn take(&mut self, word: ShellWord, pending: &mut Pending, cases: &mut usize, pattern: &mut bool) {
        if pending.head {
            if word.text == "in" && *cases > 0 && !word.quoted {
                *pattern = pending.words.first().is_some_and(|first| first.text == "case");
                if *pattern {
                    *pending = Pending::default();
                    return;
                }
            }
            pending.words.push(word);
            return;
        }
        if pending.words.is_empty() && pending.assignments.is_empty() && !word.quoted {
            match word.text.as_str() {
                "if" | "then" | "else" | "elif" | "fi" | "while" | "until" | "do" | "done" | "!" | "{" | "}"
                | "time" => {
                    self.script.compound |= word.text != "time";
                    return;
                }
                "for" | "select" | "function" | "case" => {
                    self.script.compound = true;
                    pending.head = true;
                    *cases += usize::from(word.text == "case");
                    if word.text == "function" {
                        // Its name, and brackets that may follow.
                        self.at += self.rest().len() - self.rest().trim_start_matches([' ', '\t']).len();
                        self.word();
                        *pending = Pending::default();
                        return;
                    }
                    pending.words.push(word);
                    return;
                }
                "esac" => {
                    *cases = cases.saturating_sub(1);
                    return;
                }
                "[[" => {
                    self.script.compound = true;
                    let end = self.rest().find("]]").map_or(self.rest().len(), |n| n + 2);
                    self.at += end;
                    pending.words.push(word);
                    return;
                }
                _ => {}
            }
        }
        if pending.words.is_empty() && is_assignment(&word.text) {
            pending.assignments.push(word);
        } else {
            pending.words.push(word);
        }
    }

    fn redirect(&mut self, pending: &mut Pending, heredocs: &mut Vec<(String, bool)>) {
        let rest = self.rest();
        if rest.starts_with("<(") || rest.starts_with(">(") {
            let start = self.at;
            self.at += 2;
            self.script.compound = true;
            self.substitution(')');
            self.at = self.at.min(self.text.len());
            let text = self.text[start..self.at].to_owned();
            pending.words.push(ShellWord { text, span: self.logical.range(start..self.at), quoted: true });
            return;
        }
        let length = rest.find(|c| !matches!(c, '<' | '>' | '&' | '-' | '|')).unwrap_or(rest.len());
        let operator = rest[..length].to_owned();
        self.at += length;
        self.at += self.rest().len() - self.rest().trim_start_matches([' ', '\t']).len();
        let Some(word) = self.word() else { return };
        if operator == "<<" || operator == "<<-" {
            heredocs.push((word.text.clone(), operator == "<<-"));
        }
        pending.redirects.push(word);
    }

    fn skip_heredoc(&mut self, name: &str, tabs: bool) {
        while self.at < self.text.len() {
            let length = self.rest().find('\n').map_or(self.rest().len(), |n| n + 1);
            let line = self.rest()[..length].trim_end_matches(['\n', '\r']);
            let line = if tabs { line.trim_start_matches('\t') } else { line };
            let ends = line == name;
            self.at += length;
            if ends {
                break;
            }
        }
    }

    /// Reads what a substitution holds, and its closing character.
    fn substitution(&mut self, close: char) {
        let outer = std::mem::replace(&mut self.ticks, close == '`');
        if self.level < MAX_LEVELS {
            self.list(Some(close), true);
        }
        self.ticks = outer;
        self.at += usize::from(self.rest().starts_with(close));
    }

    /// Skips brackets with all that is between them; used for arithmetic and `${}`.
    fn skip_balanced(&mut self) {
        let mut depth = 0usize;
        for (at, c) in self.rest().char_indices() {
            match c {
                '(' | '{' => depth += 1,
                ')' | '}' if depth <= 1 => {
                    self.at += at + 1;
                    return;
                }
                ')' | '}' => depth -= 1,
                _ => {}
            }
        }
        self.at = self.text.len();
    }

    /// Reads a word; none if it was a number before a redirection.
    fn word(&mut self) -> Option<ShellWord> {
        let start = self.at;
        let mut text = String::new();
        let mut quoted = false;
        while let Some(c) = self.rest().chars().next() {
            match c {
                ' ' | '\t' | '\n' | '\r' | ';' | '&' | '|' | '(' | ')' => break,
                '`' if self.ticks => break,
                '<' | '>' => {
                    if !quoted && !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
                        return None;
                    }
                    break;
                }
                '\\' => {
                    self.at += 1;
                    let Some(next) = self.rest().chars().next() else { break };
                    self.at += next.len_utf8();
                    if next != '\n' {
                        quoted = true;
                        text.push(next);
                    }
                }
                '\'' => {
                    quoted = true;
                    self.at += 1;
                    let length = self.rest().find('\'').unwrap_or(self.rest().len());
                    text.push_str(&self.text[self.at..self.at + length]);
                    self.at = (self.at + length + 1).min(self.text.len());
                }
                '"' => {
                    quoted = true;
                    self.at += 1;
                    self.double_quoted(&mut text);
                }
                '$' | '`' => self.expansion(&mut text),
                c => {
                    self.at += c.len_utf8();
                    text.push(c);
                }
            }
        }
        if self.at == start {
            // A closing bracket where none is due.
            self.at += self.rest().chars().next().map_or(0, char::len_utf8);
            return None;
        }
        Some(ShellWord { text, span: self.logical.range(start..self.at), quoted })
    }

    fn double_quoted(&mut self, text: &mut String) {
        while let Some(c) = self.rest().chars().next() {
            match c {
                '"' => {
                    self.at += 1;
                    return;
                }
                '\\' => {
                    self.at += 1;
                    let Some(next) = self.rest().chars().next() else { return };
                    if !matches!(next, '"' | '\\' | '$' | '`' | '\n') {
                        text.push('\\');
                    }
                    if next != '\n' {
                        text.push(next);
                    }
                    self.at += next.len_utf8();
                }
                '$' | '`' => self.expansion(text),
                c => {
                    self.at += c.len_utf8();
                    text.push(c);
                }
            }
        }
    }

    /// Reads what starts with `$` or a backtick; its text is kept as written.
    fn expansion(&mut self, text: &mut String) {
        let start = self.at;
        if self.starts("$((") {
            self.at += 1;
            self.skip_balanced();
        } else if self.starts("$(") {
            self.at += 2;
            self.substitution(')');
        } else if self.starts("${") {
            self.at += 1;
            self.skip_balanced();
        } else if self.starts("`") {
            self.at += 1;
            self.substitution('`');
        } else {
            self.at += 1;
        }
        self.at = self.at.min(self.text.len());
        text.push_str(&self.text[start..self.at]);
    }
}

/// Whether a word before the name sets a variable.
fn is_assignment(text: &str) -> bool {
    let Some((name, _)) = text.split_once('=') else { return false };
    let name = name.strip_suffix('+').unwrap_or(name);
    !name.is_empty()
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

#[cfg(test)]
#[path = "shell_tests.rs"]
mod tests;
