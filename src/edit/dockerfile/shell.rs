//! Shell text split into simple commands, each word with its place in the file.
//!
//! This reads what `sh` and `bash` have in common, to know which programs run with which arguments.
//! It never fails: what it does not understand ends up as a word.

use std::ops::Range;

use super::lines::Logical;

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
mod tests {
    use super::*;

    fn commands(text: &str) -> Vec<String> {
        let script = split(&Logical::of(text, 0));
        let words =
            |command: &Command| command.words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join("·");
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
}
